-- An information field that was made after a file was mapped is not one that somebody
-- chose to leave out: see db::import::setup. Those of before count as known.

alter table client_field add column created_at timestamptz not null default '-infinity';
alter table client_field alter column created_at set default now();
