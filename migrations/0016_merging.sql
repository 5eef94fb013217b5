-- Duplicates and merging (C5): which two records are not the same person, and
-- what was merged into what, with all that is needed to undo it.

-- "Not a duplicate", said by the front desk.
create table client_not_duplicate (
    client_low   uuid not null references client on delete cascade,
    client_high  uuid not null references client on delete cascade,
    said_by      uuid not null,
    said_at      timestamptz not null default now(),
    primary key (client_low, client_high),
    constraint client_not_duplicate_order check (client_low < client_high)
);
create index client_not_duplicate_high on client_not_duplicate (client_high);

-- A record that was merged into another and is gone: its number and code lead
-- to the one that was kept.
create table client_merge (
    id              uuid primary key,
    kept_id         uuid not null references client on delete cascade,
    dropped_id      uuid not null,
    dropped_number  bigint not null,
    -- Of the two codes the one that was given up.
    dropped_code    citext not null,
    merged_by       uuid not null,
    merged_at       timestamptz not null default now(),
    -- The rows as they were before; null once the merge is final.
    journal         jsonb,
    constraint client_merge_dropped_key unique (dropped_id),
    constraint client_merge_number_key unique (dropped_number)
);
create index client_merge_kept on client_merge (kept_id, merged_at);
create index client_merge_code on client_merge (dropped_code);

-- The keys by which two records may be one person's.
create index client_birth_date on client (birth_date, sort_name) where birth_date is not null;
create index client_phone_digits on client_phone (phone_key(number));
create index client_card_number on client (card_number) where card_number <> '';
