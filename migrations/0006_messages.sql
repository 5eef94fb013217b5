-- Mail, written in the transaction of what it tells.

-- One row says that something is to be told. Whom it goes to is decided when
-- it is sent, from grants, consent and status as they are then.
create table message (
    id              uuid primary key,
    kind            text not null,
    appointment_id  uuid references appointment on delete cascade,
    client_id       uuid references client on delete cascade,
    account_id      uuid references account on delete cascade,
    -- The version of the appointment it tells of; 0 for the others.
    subject_version integer not null default 0,
    -- For claim and reset: the link's secret, erased once sent.
    secret          text,
    link_id         uuid references account_link on delete cascade,
    state           text not null default 'queued',
    attempts        integer not null default 0,
    due_at          timestamptz not null default now(),
    created_at      timestamptz not null default now(),
    finished_at     timestamptz,
    constraint message_kind check (kind in ('confirmation', 'cancellation', 'welcome', 'reset')),
    constraint message_state check (state in ('queued', 'done', 'failed')),
    constraint message_once unique nulls not distinct (kind, appointment_id, client_id, account_id, subject_version, link_id)
);
create index message_due on message (due_at) where state = 'queued';
create index message_newest on message (created_at desc);

-- One row per address it went to; one normalised address gets one copy.
create table message_copy (
    id           uuid primary key,
    message_id   uuid not null references message on delete cascade,
    address      citext not null,
    -- Whose address it is; null for staff.
    client_id    uuid references client on delete cascade,
    -- Set on a linked client's copy: who it is about.
    about_id     uuid references client on delete cascade,
    subject      text not null,
    body         text not null,
    state        text not null default 'queued',
    error        text not null default '',
    attempts     integer not null default 0,
    -- Not tried before. A server that tries moves it on, so that another may
    -- try should the first one stop half-way.
    due_at       timestamptz not null default now(),
    created_at   timestamptz not null default now(),
    sent_at      timestamptz,
    constraint message_copy_once unique (message_id, address),
    -- kept: there is no SMTP; administrators read it on the outbox page.
    -- withdrawn: whoever it was for may no longer get it.
    constraint message_copy_state check (state in ('queued', 'sent', 'kept', 'withdrawn', 'failed'))
);
create index message_copy_newest on message_copy (created_at desc, id);
create index message_copy_queued on message_copy (due_at) where state = 'queued';
