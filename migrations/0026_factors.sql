-- The second factor of a login: an authenticator app, passkeys, and the recovery codes that come
-- with the first of them.

create table account_totp (
    account_id      uuid primary key references account on delete cascade,
    -- Sealed with the server's key; null until a code was given.
    sealed_secret   bytea,
    confirmed_at    timestamptz,
    -- The newest step of which a code was taken: each works once.
    last_step       bigint not null default 0,
    -- Of an app that is being set up; the one before counts until then.
    pending_secret  bytea,
    pending_at      timestamptz,
    constraint account_totp_confirmed check ((sealed_secret is null) = (confirmed_at is null)),
    constraint account_totp_pending check ((pending_secret is null) = (pending_at is null))
);

create table account_passkey (
    id             uuid primary key,
    account_id     uuid not null references account on delete cascade,
    credential_id  bytea not null,
    passkey        jsonb not null,
    name           text not null,
    created_at     timestamptz not null default now(),
    last_used_at   timestamptz,
    constraint account_passkey_credential_key unique (credential_id)
);
create index account_passkey_account on account_passkey (account_id);

-- Ten; those of before end when new ones are made.
create table account_recovery_code (
    account_id  uuid not null references account on delete cascade,
    slot        smallint not null,
    -- argon2id.
    code_hash   text not null,
    used_at     timestamptz,
    primary key (account_id, slot),
    constraint account_recovery_code_slot check (slot between 0 and 9)
);

-- What takes two steps, between them. Only the browser that began it has its secret.
create table account_ceremony (
    id           uuid primary key,
    kind         text not null,
    secret_hash  bytea not null,
    account_id   uuid references account on delete cascade,
    state        jsonb not null default '{}',
    created_at   timestamptz not null default now(),
    expires_at   timestamptz not null,
    used_at      timestamptz,
    constraint account_ceremony_kind check (kind in ('second_factor', 'passkey_register', 'passkey_login')),
    constraint account_ceremony_secret_key unique (secret_hash)
);
create index account_ceremony_expires on account_ceremony (expires_at);
create index account_ceremony_account on account_ceremony (account_id);

-- A colleague took someone's factors away, and how they checked whose they were.
create table account_factor_removal (
    id          uuid primary key,
    account_id  uuid not null references account on delete cascade,
    removed_by  uuid not null references staff_member,
    checked     text not null,
    at          timestamptz not null default now()
);
create index account_factor_removal_account on account_factor_removal (account_id, at);
create index account_factor_removal_by on account_factor_removal (removed_by);

-- What authenticators know an account by: it says nothing of its owner.
alter table account
    add column passkey_handle uuid not null default gen_random_uuid(),
    add constraint account_passkey_handle_key unique (passkey_handle);

create function account_has_factor(account uuid) returns boolean language sql stable as $$
    select exists (select from account_totp t where t.account_id = $1 and t.confirmed_at is not null)
        or exists (select from account_passkey p where p.account_id = $1)
$$;

-- Which roles need a second factor, and how long a new account has to set it up.
alter table practice
    add column factor_roles text[] not null default '{administrator}',
    add column factor_days smallint not null default 7,
    add column factor_since timestamptz not null default now(),
    add constraint practice_factor_roles check (factor_roles <@ '{administrator,front_desk,practitioner}'::text[]),
    add constraint practice_factor_days check (factor_days between 0 and 90);

-- security_notice: what happened to a login, told to its owner.
alter table message add column note text;
do $$
declare known text;
begin
    select pg_get_constraintdef(oid) into known from pg_constraint
     where conrelid = 'message'::regclass and conname = 'message_kind';
    alter table message drop constraint message_kind;
    execute 'alter table message add constraint message_kind check (kind = ''security_notice'' or ' || substr(known, 7) || ')';
end $$;
