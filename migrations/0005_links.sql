-- Linked clients: one row per unordered pair, with a label and four grants for
-- each side.

create table client_link (
    id                 uuid primary key,
    client_low         uuid not null references client on delete cascade,
    client_high        uuid not null references client on delete cascade,
    -- What each is to the other. A label never grants anything.
    low_label          text not null,
    high_label         text not null,
    -- low_may_*: what the low client may do for the high one, granted by the high
    -- one; high_may_*: the reverse.
    low_may_book       boolean not null default false,
    low_may_forms      boolean not null default false,
    low_gets_copies    boolean not null default false,
    low_may_packages   boolean not null default false,
    high_may_book      boolean not null default false,
    high_may_forms     boolean not null default false,
    high_gets_copies   boolean not null default false,
    high_may_packages  boolean not null default false,
    version            integer not null default 1,
    created_at         timestamptz not null default now(),
    constraint client_link_pair_key unique (client_low, client_high),
    -- No link of a client to itself, and no second row for the same pair.
    constraint client_link_order check (client_low < client_high),
    constraint client_link_labels check (
        low_label in ('parent', 'child', 'partner', 'guardian', 'sibling', 'grandparent', 'other')
        and high_label in ('parent', 'child', 'partner', 'guardian', 'sibling', 'grandparent', 'other')
    )
);
create index client_link_high on client_link (client_high);

-- The same rows, one per direction: what `holder` may do for `subject`.
create view client_grant as
    select id as link_id, version, client_low as holder, client_high as subject,
           low_label as holder_label, high_label as subject_label,
           low_may_book as may_book, low_may_forms as may_forms,
           low_gets_copies as gets_copies, low_may_packages as may_packages
      from client_link
    union all
    select id, version, client_high, client_low, high_label, low_label,
           high_may_book, high_may_forms, high_gets_copies, high_may_packages
      from client_link;

-- Every change of a link, readable by both sides; it outlives the link.
create table client_link_event (
    id           uuid primary key,
    client_low   uuid not null references client on delete cascade,
    client_high  uuid not null references client on delete cascade,
    kind         text not null,
    -- The labels and grants after the change; null once the link is removed.
    state        jsonb,
    actor_id     uuid not null,
    actor_name   text not null,
    at           timestamptz not null default now(),
    constraint client_link_event_kind check (kind in ('created', 'changed', 'removed'))
);
create index client_link_event_low on client_link_event (client_low, at);
create index client_link_event_high on client_link_event (client_high, at);
