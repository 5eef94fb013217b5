-- Coming of age: what it was found out from, how often it was announced, and whether it was seen late.
alter table coming_of_age
    -- The date of birth that the day follows from: what ended comes back only if this was corrected.
    add column birth_date     date,
    add column announcements  integer not null default 0,
    -- The day was long past when it was seen: the practice decides, nothing ended by itself.
    add column is_late        boolean not null default false;

alter table client_link_event
    drop constraint client_link_event_kind,
    -- resumed: the date of birth was corrected, and what had ended is given back.
    add constraint client_link_event_kind
        check (kind in ('created', 'changed', 'removed', 'restored', 'suspended', 'resumed'));

-- How someone may be reached without danger to them, and invitations to be linked.

-- One row for each thing that they have asked for.
create table safe_contact (
    client_id  uuid not null references client on delete cascade,
    rule       text not null,
    set_by     uuid not null,
    set_at     timestamptz not null default now(),
    primary key (client_id, rule),
    -- no_writing: no mail and no text messages. no_messages: nothing on an answering machine, and nothing
    -- left with others. discreet: subjects of mail say nothing.
    constraint safe_contact_rule check (rule in ('no_writing', 'no_messages', 'discreet'))
);

create function may_be_written_to(who uuid) returns boolean language sql stable as $$
    select not exists (select from safe_contact where client_id = who and rule = 'no_writing')
$$;

-- Whether mail about someone's link to `other` goes to them: not into a mailbox that a third person
-- linked to them reads, such as the other parent's.
create function link_is_told_to(who uuid, other uuid) returns boolean language sql stable as $$
    select c.email is not null and c.email_consent and c.erased_at is null and may_be_written_to(c.id)
       and not exists (select from client_link l
                         join client t on t.id in (l.client_low, l.client_high) and t.id not in ($1, $2)
                        where $1 in (l.client_low, l.client_high) and t.email = c.email)
      from client c where c.id = $1
$$;

-- As before, and never someone who is not to be written to.
create or replace function appointment_recipient(subject uuid) returns table (client_id uuid, linked boolean)
language sql stable as $$
    select c.id, may.linked
      from (select subject as id, false as linked
            union all
            select g.holder, true from client_grant g where g.subject = $1 and g.gets_copies) may
      join client c on c.id = may.id
     where c.email is not null and c.email_consent and (not may.linked or c.status = 'active')
       and may_be_written_to(c.id)
$$;

-- A client asks to be linked with whoever reads the mail at an address. That the address is a client's is
-- neither asked nor stored: the link of the mail is opened by someone who logs in, or by no one.
create table link_invitation (
    id            uuid primary key,
    client_id     uuid not null references client on delete cascade,
    email         citext not null,
    secret_hash   bytea not null,
    -- What the one who accepts may do for the one who asks.
    may_book      boolean not null default false,
    may_forms     boolean not null default false,
    gets_copies   boolean not null default false,
    may_packages  boolean not null default false,
    created_at    timestamptz not null default now(),
    expires_at    timestamptz not null,
    revoked_at    timestamptz,
    accepted_at   timestamptz,
    constraint link_invitation_secret_key unique (secret_hash),
    constraint link_invitation_ended check (revoked_at is null or accepted_at is null)
);
create index link_invitation_client on link_invitation (client_id, created_at);
create index link_invitation_email on link_invitation (email, created_at);
create index link_invitation_expires on link_invitation (expires_at);

do $$
declare known text;
begin
    select pg_get_constraintdef(oid) into known from pg_constraint
     where conrelid = 'message'::regclass and conname = 'message_kind';
    alter table message drop constraint message_kind;
    execute 'alter table message add constraint message_kind check (kind = ''link_invitation'' or ' || substr(known, 7) || ')';
end $$;
