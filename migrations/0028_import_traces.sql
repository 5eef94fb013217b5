-- C4: an import is not undone while somebody whom it made has become part of another
-- record; and which parents, that a dry run would make, are called as clients are.

alter table client_merge
    add column dropped_import_id uuid references import on delete set null;
create index client_merge_import on client_merge (dropped_import_id) where dropped_import_id is not null;

update client_merge m
   set dropped_import_id = (
       select i.id
         from jsonb_array_elements(m.journal) t
        cross join jsonb_array_elements(t -> 'removed') r
         join import i on i.id = (r ->> 'import_id')::uuid
        where t ->> 'table' = 'client' and (r ->> 'id')::uuid = m.dropped_id)
 where journal is not null;

-- Arrays of a row's line and a client's number; no names.
alter table import
    add column parents_like jsonb not null default '[]';
