-- The words of messages as practices write them, in which language, and text messages.

-- For everyone whose own language there are no words for.
alter table practice
    add column mail_language text not null default 'en',
    add constraint practice_mail_language check (mail_language in ('en', 'fr'));

-- The words that a practice wrote instead of the built-in ones: the newest row counts, the
-- others are earlier versions. Of a row that goes back to the built-in words `original` is true.
create table message_text (
    id        bigint generated always as identity primary key,
    text      text not null,
    channel   text not null,
    language  text not null,
    original  boolean not null default false,
    subject   text not null default '',
    body      text not null default '',
    made_by   uuid not null references staff_member,
    made_at   timestamptz not null default now(),
    constraint message_text_channel check (channel in ('email', 'sms')),
    constraint message_text_language check (language in ('en', 'fr')),
    constraint message_text_words check (original = (body = '')),
    constraint message_text_subject check (original or (channel = 'email') = (subject <> ''))
);
create index message_text_newest on message_text (text, channel, language, id desc);
create function message_text_stays() returns trigger language plpgsql as $$
begin
    raise exception 'a version of a text stays as it is'
        using errcode = 'restrict_violation', constraint = 'message_text_append_only';
end $$;
create trigger message_text_append_only before update on message_text
    for each row execute function message_text_stays();

-- How text messages are sent: one row. `sealed_*` are secrets, sealed with the server's key.
create table sms_setting (
    singleton      boolean primary key default true,
    sender         text not null default 'none',
    -- http: where to, the name of the header with the secret, and the body with placeholders.
    url            text not null default '',
    header         text not null default '',
    template       text not null default '',
    -- twilio: the account, and the number or service that it sends from.
    account        text not null default '',
    from_number    text not null default '',
    -- The header's value, or the account's token.
    sealed_secret  bytea,
    -- Parts of text messages in 24 hours; what is above waits.
    daily_cap      integer not null default 500,
    version        integer not null default 1,
    constraint sms_setting_one check (singleton),
    constraint sms_setting_sender check (sender in ('none', 'http', 'twilio')),
    constraint sms_setting_cap check (daily_cap between 1 and 100000),
    constraint sms_setting_whole check (
        case sender when 'http' then url <> '' and template <> ''
                    when 'twilio' then account <> '' and from_number <> '' and sealed_secret is not null
                    else true end)
);
insert into sms_setting default values;

alter table message_copy
    add column channel text not null default 'email',
    -- Of a text message: in how many parts it is sent, what the sender calls it, and what it
    -- reported of the delivery.
    add column parts smallint not null default 0,
    add column reference text,
    add column report text not null default '',
    -- The secret of the link that ends such mail, until the mail is sent; and its SHA-256.
    add column unsubscribe text,
    add column unsubscribe_hash bytea,
    add constraint message_copy_channel check (channel in ('email', 'sms')),
    add constraint message_copy_report check (report in ('', 'delivered', 'undelivered')),
    add constraint message_copy_unsubscribe unique (unsubscribe_hash);
create index message_copy_reference on message_copy (reference) where reference is not null;
create index message_copy_sms on message_copy (sent_at) where channel = 'sms';

-- Answers to text messages, each once: a gateway may report one twice. Nothing of their words
-- is kept but what they ask for.
create table sms_answer (
    reference  text primary key,
    keyword    text not null,
    at         timestamptz not null default now(),
    constraint sms_answer_keyword check (keyword in ('stop', 'start', ''))
);

-- A mobile number as networks dial it: ten digits are North American. Null for what is none.
create function sms_number(mobile text) returns text
    language sql immutable parallel safe
    return (select case when mobile ~* 'x' then null
                        when trim(mobile) like '+%' then case when length(d) between 8 and 15 then '+' || d end
                        when length(d) = 10 then '+1' || d
                        when length(d) = 11 and d like '1%' then '+' || d end
              from regexp_replace(mobile, '\D', '', 'g') d);
create index client_sms_number on client (sms_number(mobile)) where mobile is not null;

-- Who gets text messages about a client's appointments; the same people as of mail, by their
-- own consent and number.
create function appointment_texted(subject uuid) returns table (client_id uuid, linked boolean)
language sql stable as $$
    select c.id, may.linked
      from (select subject as id, false as linked
            union all
            select g.holder, true from client_grant g where g.subject = $1 and g.gets_copies) may
      join client c on c.id = may.id
     where sms_number(c.mobile) is not null and c.sms_consent and (not may.linked or c.status = 'active')
$$;

-- Calls about appointments: whether the person was reached, of the appointment at this time.
create table appointment_call (
    participant_id  uuid not null references appointment_participant on delete cascade,
    starts_at       timestamptz not null,
    reached         boolean not null,
    called_by       uuid not null references staff_member,
    called_at       timestamptz not null default now(),
    primary key (participant_id, starts_at)
);

-- What was noted of, said to or written to a prospect.
create table prospect_entry (
    id           uuid primary key,
    client_id    uuid not null references client on delete cascade,
    kind         text not null,
    -- Of an email.
    subject      text not null default '',
    words        text not null,
    author_id    uuid not null references staff_member,
    at           timestamptz not null default now(),
    -- A double submit carries the same.
    request_key  uuid not null,
    constraint prospect_entry_kind check (kind in ('note', 'call', 'email')),
    constraint prospect_entry_subject check ((kind = 'email') = (subject <> '')),
    constraint prospect_entry_once unique (request_key)
);
create index prospect_entry_client on prospect_entry (client_id, at desc);

-- `test`: a text as staff see it before clients do. `letter`: words to one client.
-- `answer`: to STOP and START.
do $$
declare known text;
begin
    select pg_get_constraintdef(oid) into known from pg_constraint
     where conrelid = 'message'::regclass and conname = 'message_kind';
    alter table message drop constraint message_kind;
    execute 'alter table message add constraint message_kind check (kind in (''test'', ''letter'', ''answer'') or ' || substr(known, 7) || ')';
end $$;
