-- C4: clients from a file. The file's rows wait here while somebody says what
-- its columns are, a dry run judges them, and they are imported or discarded;
-- then they are deleted, at the latest after seven days.

create table import (
    id              uuid primary key,
    staff_id        uuid not null references staff_member,
    -- Made when the page was shown: a double submit carries the same.
    request_key     uuid not null,
    file_name       text not null,
    encoding        text not null,
    -- As the file has them; empty once the rows are deleted.
    headings        text[] not null,
    -- Of each column, how many cells are dates in which order.
    looks           jsonb not null,
    row_count       integer not null,
    -- mapping: somebody is saying what the columns are. checking, importing,
    -- undoing: a server works on it. checked: the dry run is done.
    state           text not null default 'mapping',
    -- The page that maps columns, as it was saved last.
    setup           jsonb,
    -- What becomes of rows that look like somebody who is here.
    duplicates      text not null default 'skip',
    done_rows       integer not null default 0,
    -- How often a server has begun the work that it is in.
    attempts        integer not null default 0,
    -- Asked for while a server works on it.
    stopping        boolean not null default false,
    -- A word for why the last work ended without success; else empty.
    trouble         text not null default '',
    client_count    integer not null default 0,
    parent_count    integer not null default 0,
    family_count    integer not null default 0,
    tag_id          uuid references tag on delete set null,
    version         integer not null default 1,
    -- Who asked for the import, or to undo it.
    started_by      uuid references staff_member,
    created_at      timestamptz not null default now(),
    finished_at     timestamptz,
    constraint import_request_key unique (request_key),
    constraint import_state check (state in (
        'mapping', 'checking', 'checked', 'importing', 'done', 'undoing', 'undone', 'discarded'
    )),
    constraint import_duplicates check (duplicates in ('skip', 'import'))
);
create index import_newest on import (created_at desc);
create index import_work on import (created_at) where state in ('checking', 'importing', 'undoing');

create table import_row (
    import_id   uuid not null references import on delete cascade,
    -- The line of the file on which the row begins.
    line        integer not null,
    -- An array of texts.
    cells       json not null,
    -- Whether somebody ticked or unticked it; null: as the rest.
    wanted      boolean,
    -- What the dry run found; null before. here: its code is a client's already.
    outcome     text,
    -- What is wrong: arrays of column (from 0, or null) and words.
    problems    json,
    -- Client numbers, and lines above, that are probably the same person: with why.
    matches     json,
    -- What duplicates within the file share.
    same_name   text,
    same_email  text,
    same_phone  text,
    born        date,
    -- The code that it brings.
    code        citext,
    primary key (import_id, line),
    constraint import_row_outcome check (outcome in ('ok', 'bad', 'here', 'duplicate'))
);
create index import_row_outcome on import_row (import_id, outcome, line);
create index import_row_code on import_row (code) where code is not null;

-- Codes that an import under way has taken, before it is committed.
create table import_code (
    code       citext primary key,
    import_id  uuid not null references import on delete cascade
);

-- How files with these headings were mapped last. The key is a hash, and the
-- columns stand in the headings' alphabetical order: no word of a file is kept.
create table import_memory (
    headings  bytea primary key,
    setup     jsonb not null,
    used_at   timestamptz not null default now()
);

-- Which import made a client: for the history, and to undo it.
alter table client add column import_id uuid references import;
create index client_import on client (import_id) where import_id is not null;

-- Duplicates by telephone: the last ten digits.
create function phone_key(number text) returns text
    language sql immutable parallel safe strict
    return right(regexp_replace(number, '[^0-9]', '', 'g'), 10);
create index client_phone_key on client (phone_key(mobile)) where mobile is not null;
