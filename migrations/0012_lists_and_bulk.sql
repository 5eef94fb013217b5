-- The client list: saved views, and bulk changes.

create table client_view (
    id          uuid primary key,
    owner_id    uuid not null references staff_member on delete cascade,
    -- A view of `/clients/mine`, which shows each viewer their own clients;
    -- otherwise of `/clients`.
    mine        boolean not null default false,
    name        text not null,
    -- The query string of the list's address.
    query       text not null default '',
    -- Visible to all staff members; only administrators change it.
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

-- A change of many clients. Servers process it row by row, each row in its own
-- transaction; all that is needed is stored here, so that any server can continue.
create table bulk_change (
    id               uuid primary key,
    -- Who started it: their permissions are checked again for each row.
    staff_id         uuid not null references staff_member,
    action           text not null,
    -- Which status, tag or practitioner; `label` is its name when it was chosen.
    status           text,
    tag_id           uuid references tag on delete set null,
    practitioner_id  uuid references staff_member on delete set null,
    label            text not null default '',
    -- The list it was started from.
    back             text not null default '/clients',
    -- Generated when the list was shown: a double submit carries the same key. The
    -- digest is that of the action and the selection.
    request_key      uuid not null,
    digest           bytea not null,
    -- draft: waiting for confirmation. undoing, undone: reverted row by row.
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
    -- done, nothing (no change was needed), refused.
    outcome       text,
    -- Why it was refused, without personal data.
    reason        text not null default '',
    -- Of a change of status: the previous status.
    before        text not null default '',
    attempts      smallint not null default 0,
    undo_outcome  text,
    undo_reason   text not null default '',
    -- When the row was changed and when the change was undone: an undo leaves every
    -- decision made since, even one with the same result.
    done_at       timestamptz,
    undone_at     timestamptz,
    primary key (bulk_id, position),
    constraint bulk_target_once unique (bulk_id, number),
    constraint bulk_target_outcome check (outcome in ('done', 'nothing', 'refused')),
    constraint bulk_target_undo check (undo_outcome in ('done', 'refused'))
);
create index bulk_target_waiting on bulk_target (bulk_id, position) where outcome is null;
create index bulk_target_undoing on bulk_target (bulk_id, position) where outcome = 'done' and undo_outcome is null;
create index bulk_target_client on bulk_target (number, done_at) where outcome = 'done';
