-- Clients from a file, and duplicates.

-- The rows of a file wait here while its columns are mapped, a dry run checks them,
-- and they are imported or discarded; then they are deleted, at the latest after
-- seven days.
create table import (
    id              uuid primary key,
    staff_id        uuid not null references staff_member,
    -- Generated when the page was shown: a double submit carries the same key.
    request_key     uuid not null,
    file_name       text not null,
    encoding        text not null,
    -- As in the file; empty once the rows are deleted.
    headings        text[] not null,
    -- For each column, how many cells are dates in which order.
    looks           jsonb not null,
    row_count       integer not null,
    -- mapping: the columns are being mapped. checking, importing, undoing: a server
    -- works on it. checked: the dry run is done.
    state           text not null default 'mapping',
    -- The column mapping as it was saved last.
    setup           jsonb,
    -- What happens to rows that look like an existing client.
    duplicates      text not null default 'skip',
    -- What happens to rows whose household exists already.
    families        text not null default 'join',
    -- The existing households that the dry run found: how many, and for each the
    -- household as the rows write it, the family's id and the number of rows.
    families_here   integer not null default 0,
    families_found  jsonb not null default '[]',
    -- Parents that the dry run would make and that have the name of a client: arrays
    -- of a row's line and a client's number, without names.
    parents_like    jsonb not null default '[]',
    -- Clients made after this time are unknown to the dry run and to the choices made
    -- on its result.
    checked_at      timestamptz,
    done_rows       integer not null default 0,
    -- How often a server has started the current work.
    attempts        integer not null default 0,
    -- A stop was requested while a server works on it.
    stopping        boolean not null default false,
    -- A word for why the last work failed; otherwise empty.
    trouble         text not null default '',
    client_count    integer not null default 0,
    parent_count    integer not null default 0,
    family_count    integer not null default 0,
    tag_id          uuid references tag on delete set null,
    version         integer not null default 1,
    -- Who requested the import, or its undo.
    started_by      uuid references staff_member,
    created_at      timestamptz not null default now(),
    finished_at     timestamptz,
    constraint import_request_key unique (request_key),
    constraint import_state check (state in (
        'mapping', 'checking', 'checked', 'importing', 'done', 'undoing', 'undone', 'discarded'
    )),
    constraint import_duplicates check (duplicates in ('skip', 'import')),
    constraint import_families check (families in ('join', 'new'))
);
create index import_newest on import (created_at desc);
create index import_work on import (created_at) where state in ('checking', 'importing', 'undoing');

-- What the file says about households is deleted with its rows.
create function import_forgets() returns trigger language plpgsql as $$
begin
    new.families_found := '[]';
    return new;
end $$;
create trigger import_forgets before update on import
    for each row when (new.state in ('done', 'discarded', 'undone')) execute function import_forgets();

create table import_row (
    import_id   uuid not null references import on delete cascade,
    -- The line of the file on which the row begins.
    line        integer not null,
    -- An array of texts.
    cells       json not null,
    -- Whether the row was ticked or unticked by hand; null: as decided for all rows.
    wanted      boolean,
    -- The result of the dry run; null before it. here: its code is a client's already.
    outcome     text,
    -- What is wrong: arrays of column (from 0, or null) and words.
    problems    json,
    -- Client numbers, and earlier lines, that are probably the same person, with the
    -- reasons.
    matches     json,
    -- The keys that duplicates within the file share. The card is the number of the
    -- health card with its province.
    same_name   text,
    same_email  text,
    same_phone  text,
    same_card   text,
    born        date,
    -- The client code in the row.
    code        citext,
    primary key (import_id, line),
    constraint import_row_outcome check (outcome in ('ok', 'bad', 'here', 'duplicate'))
);
create index import_row_outcome on import_row (import_id, outcome, line);
create index import_row_code on import_row (code) where code is not null;

-- Codes that a running import has taken, before it is committed.
create table import_code (
    code       citext primary key,
    import_id  uuid not null references import on delete cascade
);

-- The last mapping of files with these headings. The key is a hash, and the columns
-- are in the alphabetical order of the headings: no word of a file is kept.
create table import_memory (
    headings  bytea primary key,
    setup     jsonb not null,
    used_at   timestamptz not null default now()
);

alter table client add constraint client_import_id_fkey foreign key (import_id) references import;
create index client_import on client (import_id) where import_id is not null;

-- Pairs that the front desk has marked "Not a duplicate".
create table client_not_duplicate (
    client_low   uuid not null references client on delete cascade,
    client_high  uuid not null references client on delete cascade,
    said_by      uuid not null,
    said_at      timestamptz not null default now(),
    primary key (client_low, client_high),
    constraint client_not_duplicate_order check (client_low < client_high)
);
create index client_not_duplicate_high on client_not_duplicate (client_high);

-- A record that was merged into another and no longer exists: its number and code
-- lead to the record that was kept. The journal holds what an undo needs.
create table client_merge (
    id                 uuid primary key,
    kept_id            uuid not null references client on delete cascade,
    dropped_id         uuid not null,
    dropped_number     bigint not null,
    -- The code of the two that is no longer in use.
    dropped_code       citext not null,
    -- The import that made the dropped record. That import is not undone while the
    -- record is part of another one.
    dropped_import_id  uuid references import on delete set null,
    merged_by          uuid not null,
    merged_at          timestamptz not null default now(),
    -- The rows as they were before; null once the merge is final.
    journal            jsonb,
    constraint client_merge_dropped_key unique (dropped_id),
    constraint client_merge_number_key unique (dropped_number)
);
create index client_merge_kept on client_merge (kept_id, merged_at);
create index client_merge_code on client_merge (dropped_code);
create index client_merge_import on client_merge (dropped_import_id) where dropped_import_id is not null;
