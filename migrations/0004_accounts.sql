-- Accounts, sessions, and the single-use links in mail.

-- An account belongs to one staff member or one client. Deleting the row ends the
-- account with its sessions and links at once.
create table account (
    id             uuid primary key,
    username       citext not null,
    -- argon2id; null until the owner has chosen a password.
    password_hash  text,
    staff_id       uuid references staff_member on delete cascade,
    client_id      uuid references client on delete cascade,
    -- Preferences.
    theme          text not null default 'system',
    -- Off: shortcuts of a single key do nothing (WCAG 2.1.4).
    single_keys    boolean not null default true,
    created_at     timestamptz not null default now(),
    constraint account_username_key unique (username),
    constraint account_staff_key unique (staff_id),
    constraint account_client_key unique (client_id),
    constraint account_one_owner check (num_nonnulls(staff_id, client_id) = 1),
    constraint account_theme check (theme in ('system', 'light', 'dark'))
);

create table session (
    -- SHA-256 of the id in the cookie: reading the table does not open a session.
    id_hash     bytea primary key,
    account_id  uuid references account on delete cascade,
    data        jsonb not null,
    -- A session ends some days after its login, however much it is used.
    created_at  timestamptz not null default now(),
    expires_at  timestamptz not null
);
create index session_expires on session (expires_at);
create index session_account on session (account_id);

-- Links in mail: claim (72 hours), reset (2 hours), and address (2 hours), which goes
-- to a client's new email address: nothing changes before it is confirmed. Stored as
-- a hash, single use, acted on by POST only.
create table account_link (
    id           uuid primary key,
    kind         text not null,
    secret_hash  bytea not null,
    -- claim: the client or staff member who may claim an account; reset and address:
    -- the account.
    client_id    uuid references client on delete cascade,
    staff_id     uuid references staff_member on delete cascade,
    account_id   uuid references account on delete cascade,
    -- address: the new address, which the link was sent to. Erased once it is used.
    new_email    citext,
    created_at   timestamptz not null default now(),
    expires_at   timestamptz not null,
    used_at      timestamptz,
    voided_at    timestamptz,
    constraint account_link_secret_key unique (secret_hash),
    constraint account_link_kind check (kind in ('claim', 'reset', 'address')),
    constraint account_link_subject check (
        case kind when 'claim' then num_nonnulls(client_id, staff_id) = 1 else account_id is not null end
    ),
    constraint account_link_new_email check (new_email is null or kind = 'address')
);
create index account_link_client on account_link (client_id);
create index account_link_staff on account_link (staff_id);
create index account_link_account on account_link (account_id);
-- The number of links per new address is limited.
create index account_link_new_email on account_link (new_email) where new_email is not null;

-- The link with which the first administrator is made. A newer link replaces the
-- older one; no link works once there is an administrator.
create table setup_link (
    only_row     boolean primary key default true,
    secret_hash  bytea not null,
    created_at   timestamptz not null default now(),
    constraint setup_link_one_row check (only_row)
);

-- A client registers with name and email; the record and the account are made
-- when the link in the mail is followed, within 72 hours. Until then only this row
-- exists, and it does not say whether the address belongs to a client: an address is
-- not an identity.
create table registration (
    id           uuid primary key,
    secret_hash  bytea not null,
    first_name   text not null,
    last_name    text not null,
    email        citext not null,
    -- Where to go after registering, such as a time to book.
    next         text not null default '',
    created_at   timestamptz not null default now(),
    expires_at   timestamptz not null,
    constraint registration_secret_key unique (secret_hash)
);
create index registration_expires on registration (expires_at);
-- The number of links per address is limited.
create index registration_email on registration (email);
