-- Outgoing mail, written in the transaction of the change that it reports.

-- The subject_version of messages about a change of address.
create sequence address_change_number as integer;

-- When clients are reminded of an appointment: elapsed hours before its start, or a
-- time of the day before on the venue's clocks.
create table reminder_rule (
    id      uuid primary key,
    kind    text not null,
    hours   smallint,
    at      time,
    constraint reminder_rule_kind check (
        case kind when 'hours_before' then hours between 1 and 168 and at is null
                  when 'day_before' then at is not null and hours is null
                  else false end
    ),
    constraint reminder_rule_once unique nulls not distinct (kind, hours, at)
);
insert into reminder_rule (id, kind, hours) values ('00000000-0000-7000-8000-000000000002', 'hours_before', 24);

-- One row says that something is to be reported. The recipients are decided when
-- it is sent, from the grants, consents and statuses at that moment.
create table message (
    id               uuid primary key,
    kind             text not null,
    appointment_id   uuid references appointment on delete cascade,
    -- Of an appointment: the one of its participants whom the message is about.
    participant_id   uuid references appointment_participant on delete cascade,
    client_id        uuid references client on delete cascade,
    staff_id         uuid references staff_member on delete cascade,
    account_id       uuid references account on delete cascade,
    link_id          uuid references account_link on delete cascade,
    registration_id  uuid references registration on delete cascade,
    subject_version  integer not null default 0,
    -- Of a reminder: the rule that it follows, and the start that it reminds of.
    rule_id          uuid references reminder_rule on delete cascade,
    about_starts_at  timestamptz,
    -- address_change: the previous address, which the mail goes to. The client's
    -- record no longer holds it.
    old_address      citext,
    -- Of a message with a link: the link's secret, erased once the copies are made.
    secret           text,
    state            text not null default 'queued',
    attempts         integer not null default 0,
    due_at           timestamptz not null default now(),
    created_at       timestamptz not null default now(),
    finished_at      timestamptz,
    constraint message_kind check (
        kind = any ('{confirmation,change,reminder,welcome,address_change,cancellation,reset,registration,invitation,address_confirmation}'::text[])
    ),
    constraint message_state check (state in ('queued', 'done', 'failed')),
    constraint message_reminder check ((kind = 'reminder') = (about_starts_at is not null)
        and (kind = 'reminder') = (rule_id is not null)),
    constraint message_participant check ((appointment_id is null) = (participant_id is null)),
    constraint message_old_address check ((kind = 'address_change') = (old_address is not null)),
    constraint message_once unique nulls not distinct
        (kind, appointment_id, participant_id, client_id, account_id, subject_version, link_id, registration_id, rule_id, about_starts_at)
);
comment on column message.subject_version is
    'The version of the appointment it tells of. Of a change of address its own number, so that each is told. Otherwise 0.';
create index message_due on message (due_at) where state = 'queued';
create index message_participant on message (participant_id) where participant_id is not null;
create index message_newest on message (created_at desc);

-- One row per recipient address; one normalised address gets one copy.
create table message_copy (
    id             uuid primary key,
    message_id     uuid not null references message on delete cascade,
    address        citext not null,
    -- The client whose address it is; null for staff.
    client_id      uuid references client on delete cascade,
    -- Set on a linked client's copy: the client that the mail is about.
    about_id       uuid references client on delete cascade,
    subject        text not null,
    body           text not null,
    state          text not null default 'queued',
    error          text not null default '',
    attempts       integer not null default 0,
    -- Not tried before this time. A server that tries moves it on, so that another
    -- server may try if the first one stops half-way.
    due_at         timestamptz not null default now(),
    -- Until when a server has claimed the copy. Kept apart from due_at, so that two
    -- copies to one address are never under way together: a cancellation does not
    -- overtake its confirmation.
    claimed_until  timestamptz,
    created_at     timestamptz not null default now(),
    sent_at        timestamptz,
    constraint message_copy_once unique (message_id, address),
    -- kept: there is no SMTP; administrators read it on the outbox page.
    -- withdrawn: the recipient may no longer get it.
    constraint message_copy_state check (state in ('queued', 'sent', 'kept', 'withdrawn', 'failed'))
);
create index message_copy_newest on message_copy (created_at desc, id);
create index message_copy_queued on message_copy (due_at) where state = 'queued';
create index message_copy_address on message_copy (address) where state = 'queued';
-- The mails to or about one client.
create index message_copy_client on message_copy (client_id, created_at) where client_id is not null;
create index message_copy_about on message_copy (about_id, created_at) where about_id is not null;

-- Who gets mail about a client's appointments: asked when the mail is sent, and before
-- that by pages that say who will be told. The client, whatever their status, because
-- the cancelled appointments of an inactive client still concern them; and active linked
-- clients who get copies. All with an email address and consent.
create function appointment_recipient(subject uuid) returns table (client_id uuid, linked boolean)
language sql stable as $$
    select c.id, may.linked
      from (select subject as id, false as linked
            union all
            select g.holder, true from client_grant g where g.subject = $1 and g.gets_copies) may
      join client c on c.id = may.id
     where c.email is not null and c.email_consent and (not may.linked or c.status = 'active')
$$;
