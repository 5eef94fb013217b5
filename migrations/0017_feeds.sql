-- Calendar feeds: addresses that calendar programs read without a login.

create table feed (
    id           uuid primary key,
    account_id   uuid not null references account on delete cascade,
    -- SHA-256 of the secret in the address.
    secret_hash  bytea not null,
    -- Of staff: what stands for their clients.
    names        text not null default 'codes',
    -- Of clients: also the appointments of those whom they may book for.
    others       boolean not null default false,
    made_at      timestamptz not null default now(),
    read_at      timestamptz,
    -- SHA-256 of the file that was read last, and since when it is the same.
    digest       bytea,
    changed_at   timestamptz not null default now(),
    revoked_at   timestamptz,
    constraint feed_secret_key unique (secret_hash),
    constraint feed_names check (names in ('codes', 'names'))
);
create index feed_account on feed (account_id);
