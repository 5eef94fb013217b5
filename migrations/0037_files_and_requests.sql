-- Files, and the days of reminders.

-- Files that the team attaches and that clients send: what each is, and apart from that its bytes,
-- which nothing but a download reads.

create table file (
    id                  uuid primary key,
    -- Whose record it belongs to.
    client_id           uuid not null references client,
    -- Told by its first bytes, never by a name.
    kind                text not null,
    size                integer not null,
    sha256              bytea not null,
    uploaded_by_client  uuid references client,
    uploaded_by_staff   uuid references staff_member,
    uploaded_at         timestamptz not null default now(),
    constraint file_kind check (kind in ('pdf', 'png', 'jpeg')),
    constraint file_size check (size between 1 and 10485760),
    constraint file_sha256 check (octet_length(sha256) = 32),
    constraint file_uploader check (num_nonnulls(uploaded_by_client, uploaded_by_staff) = 1)
);
create index file_client on file (client_id);
create index file_uploaded_by_client on file (uploaded_by_client) where uploaded_by_client is not null;

create table file_content (
    file_id  uuid primary key references file on delete cascade,
    bytes    bytea not null
);
-- They are compressed already.
alter table file_content alter column bytes set storage external;

-- The bytes are those that the file says, and stay.
create function file_content_sealed() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' or not exists (select from file f where f.id = new.file_id
                                          and f.size = octet_length(new.bytes) and f.sha256 = sha256(new.bytes)) then
        raise exception 'the bytes of a file stay as they are'
            using errcode = 'restrict_violation', constraint = 'file_content_sealed';
    end if;
    return new;
end $$;
create trigger file_content_sealed before insert or update on file_content
    for each row execute function file_content_sealed();

create function file_sealed() returns trigger language plpgsql as $$
begin
    if (new.kind, new.size, new.sha256, new.uploaded_at) is distinct from (old.kind, old.size, old.sha256, old.uploaded_at) then
        raise exception 'a file stays as it is' using errcode = 'restrict_violation', constraint = 'file_sealed';
    end if;
    return new;
end $$;
create trigger file_sealed before update on file for each row execute function file_sealed();

-- A version of a document is written, or a file.
alter table document_version
    add column file_id uuid references file,
    add constraint document_version_content check (file_id is null or body = '');
create index document_version_file on document_version (file_id) where file_id is not null;

create or replace function document_version_sealed() returns trigger language plpgsql as $$
begin
    if old.was_shared and ((new.title, new.body) is distinct from (old.title, old.body)
                               and coalesce(current_setting('kindred.erasing', true), '') <> 'on'
                           or (new.number, new.file_id) is distinct from (old.number, old.file_id)) then
        raise exception 'a shared version stays as it is'
            using errcode = 'restrict_violation', constraint = 'document_version_shared';
    end if;
    return new;
end $$;

-- What a client sent because they were asked for it.
create table request_file (
    request_id  uuid not null references request on delete cascade,
    position    smallint not null,
    file_id     uuid not null references file on delete cascade,
    primary key (request_id, position),
    constraint request_file_key unique (file_id)
);
alter table request drop constraint request_kind;
alter table request add constraint request_kind check (kind in ('form', 'document', 'details', 'other', 'file'));

-- The day of the next reminder; of open requests, while any is left.
alter table request add column remind_on date;
-- The job looks at each once, and says which day it is.
update request set remind_on = '2000-01-01' where state = 'open' and reminded < reminders;
create index request_remind on request (remind_on) where state = 'open' and remind_on is not null;

-- As before; and while the practice has client login switched off, no one: they could not open it.
create or replace function request_recipient(request uuid) returns table (client_id uuid, linked boolean)
language sql stable as $$
    select c.id, may.linked
      from request r
      join client s on s.id = r.subject_id and s.status = 'active'
     cross join lateral (select r.subject_id as id, false as linked
                         union all
                         select g.holder, true from client_grant g
                          where g.subject = r.subject_id and g.may_forms and r.kind <> 'details') may
      join client c on c.id = may.id and c.status = 'active'
     where r.id = $1 and r.state = 'open' and portal_may(r.subject_id, 'see_forms') and c.email is not null and c.email_consent
       and (select client_login from practice)
$$;

-- Whether anyone who may do what is asked can log in to do it.
create function request_can_be_done(request uuid) returns boolean
language sql stable as $$
    select (select client_login from practice)
       and exists (select from request r join account a on a.client_id = r.subject_id
                        or r.kind <> 'details' and a.client_id in (select g.holder from client_grant g
                                                                    where g.subject = r.subject_id and g.may_forms)
                    where r.id = $1)
$$;
