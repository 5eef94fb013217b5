-- Documents and reports that the team writes for a client.

create table document (
    id              uuid primary key,
    client_id       uuid not null references client,
    state           text not null default 'draft',
    -- The version that is shared; of a draft and of what was withdrawn the newest.
    current_number  integer not null default 1,
    author_id       uuid not null references staff_member,
    created_at      timestamptz not null default now(),
    shared_at       timestamptz,
    withdrawn_at    timestamptz,
    -- When the client, or someone it is shared with, opened it first.
    opened_at       timestamptz,
    opened_by       uuid references client,
    version         integer not null default 1,
    constraint document_state check (state in ('draft', 'shared', 'withdrawn')),
    constraint document_shared check ((state = 'draft') or shared_at is not null),
    constraint document_withdrawn check ((state = 'withdrawn') = (withdrawn_at is not null)),
    constraint document_opened check (opened_at is not null or opened_by is null)
);
create index document_client on document (client_id, created_at desc);
create index document_opened_by on document (opened_by) where opened_by is not null;

-- Earlier texts stay for the team. What was shared stays as it is.
create table document_version (
    document_id  uuid not null references document on delete cascade,
    number       integer not null,
    title        text not null,
    body         text not null,
    written_by   uuid not null references staff_member,
    written_at   timestamptz not null default now(),
    was_shared   boolean not null default false,
    primary key (document_id, number)
);

-- Linked clients that staff chose, for this document alone; it ends with the link.
create table document_reader (
    document_id  uuid not null references document on delete cascade,
    client_id    uuid not null references client on delete cascade,
    added_by     uuid not null references staff_member,
    added_at     timestamptz not null default now(),
    primary key (document_id, client_id)
);
create index document_reader_client on document_reader (client_id);

create function document_version_sealed() returns trigger language plpgsql as $$
begin
    if old.was_shared and (new.title, new.body, new.number) is distinct from (old.title, old.body, old.number)
       and coalesce(current_setting('kindred.erasing', true), '') <> 'on' then
        raise exception 'a shared version stays as it is'
            using errcode = 'restrict_violation', constraint = 'document_version_shared';
    end if;
    return new;
end $$;
create trigger document_version_sealed before update on document_version
    for each row execute function document_version_sealed();

-- Who may read a document, and is told that it is there: the client, and those chosen who are
-- linked to them still; all active.
create function document_reader_of(document uuid) returns table (client_id uuid, linked boolean)
language sql stable as $$
    select c.id, may.linked
      from document d
      join client s on s.id = d.client_id and s.status = 'active'
     cross join lateral (select d.client_id as id, false as linked
                         union all
                         select r.client_id, true from document_reader r
                          where r.document_id = d.id
                            and exists (select from client_link l
                                         where l.client_low = least(r.client_id, d.client_id)
                                           and l.client_high = greatest(r.client_id, d.client_id))) may
      join client c on c.id = may.id and c.status = 'active'
     where d.id = $1 and d.state = 'shared' and portal_may(d.client_id, 'see_documents')
$$;

-- Unlinking ends what was chosen: linked again, they are not chosen by that.
create function document_readers_unlinked() returns trigger language plpgsql as $$
begin
    delete from document_reader r using document d
     where d.id = r.document_id
       and (r.client_id, d.client_id) in ((old.client_low, old.client_high), (old.client_high, old.client_low));
    return null;
end $$;
create trigger client_link_ended after delete on client_link for each row execute function document_readers_unlinked();

do $$
declare known text;
begin
    select pg_get_constraintdef(oid) into known from pg_constraint
     where conrelid = 'message'::regclass and conname = 'message_kind';
    alter table message drop constraint message_kind;
    execute 'alter table message add constraint message_kind check (kind = ''document'' or ' || substr(known, 7) || ')';
end $$;
