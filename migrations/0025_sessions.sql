-- Sessions that their owner sees and ends, and the proof that sensitive changes ask for.

alter table session
    -- What a form names it by: the hash of the cookie's id stays here.
    add column id uuid not null default gen_random_uuid(),
    -- When the password or another factor was last given in it.
    add column proved_at timestamptz not null default now(),
    add constraint session_id_key unique (id);

-- Wrong passwords and codes of an account, counted for all servers together. Cleared after a day.
create table account_failure (
    id          uuid primary key default gen_random_uuid(),
    account_id  uuid not null references account on delete cascade,
    kind        text not null,
    at          timestamptz not null default now(),
    -- confirm: asked of someone logged in; code: of someone who has given the password.
    constraint account_failure_kind check (kind in ('confirm', 'code'))
);
create index account_failure_account on account_failure (account_id, kind, at);
