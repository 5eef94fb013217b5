-- Append-only record of every write, chained by hash in 16 chains: one chain would
-- serialise all writers, 16 carry thousands of writes a second. It names record and
-- fields, never values.

create table audit_chain (
    chain   smallint primary key,
    -- The hash of the last row, and the number of rows: verifying compares them with
    -- the rows, so that a row removed from the end is noticed.
    head    bytea not null,
    length  bigint not null default 0
);
insert into audit_chain (chain, head) select n, '\x00'::bytea from generate_series(0, 15) n;

create table audit (
    chain        smallint not null references audit_chain,
    position     bigint not null,
    at           timestamptz not null default clock_timestamp(),
    actor_kind   text not null,
    actor_id     uuid,
    action       text not null,
    record_kind  text not null,
    record_id    uuid,
    fields       text[] not null default '{}',
    hash         bytea not null,
    -- Which function made the hash: 1 is audit_hash, 2 is audit_hash_in_full.
    version      smallint not null default 2,
    primary key (chain, position)
);
create index audit_record on audit (record_id, at desc);

-- Version 1: fields joined into one text.
create function audit_hash(head bytea, at timestamptz, actor_kind text, actor_id uuid,
    action text, record_kind text, record_id uuid, fields text[]) returns bytea
    language sql stable parallel safe
    return sha256(head || convert_to(concat_ws('|', extract(epoch from at), actor_kind, actor_id,
        action, record_kind, record_id, array_to_string(fields, ',')), 'UTF8'));

-- Version 2: the hash covers the row's place and delimits each field. A row cannot be
-- moved to another chain, and different fields never give the same text.
create function audit_hash_in_full(head bytea, chain smallint, place bigint, at timestamptz, actor_kind text,
    actor_id uuid, action text, record_kind text, record_id uuid, fields text[]) returns bytea
    language sql stable parallel safe
    return sha256(head || convert_to(jsonb_build_array(chain, place, extract(epoch from at)::text, actor_kind,
        actor_id, action, record_kind, record_id, to_jsonb(fields))::text, 'UTF8'));

-- Each connection keeps to one chain, so that writers rarely wait for each other. Call
-- it last in a transaction: the chain's row stays locked until commit.
create function audit_append(actor_kind text, actor_id uuid, action text, record_kind text,
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

create function audit_refuse() returns trigger language plpgsql as $$
begin
    raise exception 'the audit is append-only';
end $$;
create trigger audit_append_only before update or delete or truncate on audit
    for each statement execute function audit_refuse();
