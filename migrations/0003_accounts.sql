-- Logging in: accounts, sessions, single-use links.

-- A log-in belongs to one staff member or one client. Deleting the row ends
-- it, its sessions and its links at once.
create table account (
    id             uuid primary key,
    username       citext not null,
    -- argon2id; null until the owner has chosen one.
    password_hash  text,
    staff_id       uuid references staff_member on delete cascade,
    client_id      uuid references client on delete cascade,
    created_at     timestamptz not null default now(),
    constraint account_username_key unique (username),
    constraint account_staff_key unique (staff_id),
    constraint account_client_key unique (client_id),
    constraint account_one_owner check (num_nonnulls(staff_id, client_id) = 1)
);

create table session (
    -- SHA-256 of the id in the cookie: the table alone lets nobody in.
    id_hash     bytea primary key,
    account_id  uuid references account on delete cascade,
    data        jsonb not null,
    expires_at  timestamptz not null
);
create index session_expires on session (expires_at);
create index session_account on session (account_id);

-- Links in mail: claim (72 hours), reset (2 hours). Hashed, single use, acted
-- on by POST only.
create table account_link (
    id           uuid primary key,
    kind         text not null,
    secret_hash  bytea not null,
    -- claim: the client who may claim; reset: the account.
    client_id    uuid references client on delete cascade,
    account_id   uuid references account on delete cascade,
    created_at   timestamptz not null default now(),
    expires_at   timestamptz not null,
    used_at      timestamptz,
    voided_at    timestamptz,
    constraint account_link_secret_key unique (secret_hash),
    constraint account_link_kind check (kind in ('claim', 'reset')),
    constraint account_link_subject check (
        case kind when 'claim' then client_id is not null else account_id is not null end
    )
);
create index account_link_client on account_link (client_id);
create index account_link_account on account_link (account_id);
