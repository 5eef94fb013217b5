-- Two statements instead of three: the chain's row is locked by the update that moves its head.
create or replace function audit_append(actor_kind text, actor_id uuid, action text, record_kind text,
    record_id uuid, fields text[]) returns void
    language plpgsql as $$
declare
    link audit_chain;
    now_at timestamptz := clock_timestamp();
begin
    update audit_chain c
       set length = c.length + 1,
           head = audit_hash_in_full(c.head, c.chain, c.length + 1, now_at, audit_append.actor_kind, audit_append.actor_id,
               audit_append.action, audit_append.record_kind, audit_append.record_id, audit_append.fields)
     where c.chain = pg_backend_pid() % 16 returning c.* into strict link;
    insert into audit (chain, position, at, actor_kind, actor_id, action, record_kind, record_id, fields, hash, version)
        values (link.chain, link.length, now_at, actor_kind, actor_id, action, record_kind, record_id, fields, link.head, 2);
end $$;
