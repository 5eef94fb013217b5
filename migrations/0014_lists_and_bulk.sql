-- The client list: views that people save, and changes of many clients at once.

create table client_view (
    id          uuid primary key,
    owner_id    uuid not null references staff_member on delete cascade,
    -- Of `/clients`, or of `/clients/mine`, where it shows whoever looks their own.
    mine        boolean not null default false,
    name        text not null,
    -- The part of the address behind the question mark.
    query       text not null default '',
    -- Seen by everybody who works here; an administrator's to change.
    shared      boolean not null default false,
    created_at  timestamptz not null default now(),
    constraint client_view_name check (name <> '')
);
create unique index client_view_name_key on client_view (owner_id, mine, lower(name)) where not shared;
create unique index client_view_shared_name_key on client_view (mine, lower(name)) where shared;

-- The view that a list opens with.
create table client_view_default (
    staff_id  uuid not null references staff_member on delete cascade,
    mine      boolean not null,
    view_id   uuid not null references client_view on delete cascade,
    primary key (staff_id, mine)
);
create index client_view_default_view on client_view_default (view_id);

-- C3. Servers work through a change row by row, each row in a transaction of
-- its own; what it needs stands here, so that any server may go on with it.
create table bulk_change (
    id               uuid primary key,
    -- Who started it: each row asks anew what they may do.
    staff_id         uuid not null references staff_member,
    action           text not null,
    -- Which status, tag or practitioner; `label` is its name when it was chosen.
    status           text,
    tag_id           uuid references tag on delete set null,
    practitioner_id  uuid references staff_member on delete set null,
    label            text not null default '',
    -- The list it was started from.
    back             text not null default '/clients',
    -- Made when the list was shown: a double submit carries the same, and the
    -- same order.
    request_key      uuid not null,
    digest           bytea not null,
    -- draft: shown to be confirmed. undoing, undone: taken back row by row.
    state            text not null default 'draft',
    undo_by          uuid references staff_member,
    created_at       timestamptz not null default now(),
    started_at       timestamptz,
    finished_at      timestamptz,
    constraint bulk_change_once unique (staff_id, request_key, digest),
    constraint bulk_change_state check (state in ('draft', 'running', 'done', 'undoing', 'undone')),
    constraint bulk_change_action check (action in (
        'status', 'add_tag', 'remove_tag', 'assign', 'unassign', 'send_reset', 'delete'
    ))
);
create index bulk_change_work on bulk_change (created_at) where state in ('running', 'undoing');
create index bulk_change_tag on bulk_change (tag_id) where tag_id is not null;
create index bulk_change_practitioner on bulk_change (practitioner_id) where practitioner_id is not null;

-- A client's number is never reused and outlives the client.
create table bulk_target (
    bulk_id       uuid not null references bulk_change on delete cascade,
    position      integer not null,
    number        bigint not null,
    -- done, nothing (it was so already), refused.
    outcome       text,
    -- Why it was refused, in words without anything personal.
    reason        text not null default '',
    -- Of a change of status: what it was.
    before        text not null default '',
    attempts      smallint not null default 0,
    undo_outcome  text,
    undo_reason   text not null default '',
    primary key (bulk_id, position),
    constraint bulk_target_once unique (bulk_id, number),
    constraint bulk_target_outcome check (outcome in ('done', 'nothing', 'refused')),
    constraint bulk_target_undo check (undo_outcome in ('done', 'refused'))
);
create index bulk_target_waiting on bulk_target (bulk_id, position) where outcome is null;
create index bulk_target_undoing on bulk_target (bulk_id, position) where outcome = 'done' and undo_outcome is null;
