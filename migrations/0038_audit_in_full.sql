-- The hash of an audit row covers its place and each field by its own length: a
-- row cannot be moved to another chain, and no two rows of different fields have
-- one text. Rows of before keep their hash; from here on each says which it has.
-- Verifying compares the last row with the chain's head as well, so that rows
-- taken from the end are missed.

alter table audit add column version smallint not null default 1;
alter table audit alter column version set default 2;

create function audit_hash_in_full(head bytea, chain smallint, place bigint, at timestamptz, actor_kind text,
    actor_id uuid, action text, record_kind text, record_id uuid, fields text[]) returns bytea
    language sql stable parallel safe
    return sha256(head || convert_to(jsonb_build_array(chain, place, extract(epoch from at)::text, actor_kind,
        actor_id, action, record_kind, record_id, to_jsonb(fields))::text, 'UTF8'));

create or replace function audit_append(actor_kind text, actor_id uuid, action text, record_kind text,
    record_id uuid, fields text[]) returns void
    language plpgsql as $$
declare
    link audit_chain;
    now_at timestamptz := clock_timestamp();
    new_hash bytea;
begin
    select * into strict link from audit_chain c where c.chain = pg_backend_pid() % 16 for update;
    new_hash := audit_hash_in_full(link.head, link.chain, link.length + 1, now_at, actor_kind, actor_id, action,
        record_kind, record_id, fields);
    insert into audit (chain, position, at, actor_kind, actor_id, action, record_kind, record_id, fields, hash, version)
        values (link.chain, link.length + 1, now_at, actor_kind, actor_id, action, record_kind, record_id, fields, new_hash, 2);
    update audit_chain c set head = new_hash, length = link.length + 1 where c.chain = link.chain;
end $$;
