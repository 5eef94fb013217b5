-- C3: when a row of a change was done and taken back, and since when somebody has a
-- tag: whatever was decided since, be it the same again, is not taken back.
alter table bulk_target add column done_at timestamptz, add column undone_at timestamptz;
create index bulk_target_client on bulk_target (number, done_at) where outcome = 'done';
alter table client_tag add column added_at timestamptz not null default now();

-- C4: what becomes of rows whose household is here already.
alter table import add column families text not null default 'join'
    constraint import_families check (families in ('join', 'new'));
alter table import add column families_here integer not null default 0;
-- Each of them: the rows' words, the family's id, and how many rows.
alter table import add column families_found jsonb not null default '[]';

-- G1: the e-mails to or about one client.
create index message_copy_client on message_copy (client_id, created_at) where client_id is not null;
create index message_copy_about on message_copy (about_id, created_at) where about_id is not null;

-- What a file said of households goes with its rows.
create function import_forgets() returns trigger language plpgsql as $$
begin
    new.families_found := '[]';
    return new;
end $$;
create trigger import_forgets before update on import
    for each row when (new.state in ('done', 'discarded', 'undone')) execute function import_forgets();
