-- Clients who wait for a time, the times that become free, and the offers of one to the other.

-- How long a client has to answer an offer; whether offers are made without staff.
alter table practice
    add column offer_minutes      smallint not null default 60,
    add column offers_by_itself   boolean  not null default false,
    add constraint practice_offer_minutes check (offer_minutes between 10 and 1440);

create table waitlist_entry (
    id               uuid primary key,
    client_id        uuid not null references client on delete cascade,
    service_id       uuid not null references service,
    -- Null: any who offers the service.
    practitioner_id  uuid references staff_member,
    -- Null: anywhere.
    location_id      uuid references location,
    -- Has this time already, and would like an earlier one.
    appointment_id   uuid references appointment on delete set null,
    -- Days at the venue, both included.
    first_on         date not null,
    last_on          date not null,
    urgent           boolean not null default false,
    -- For staff alone.
    note             text not null default '',
    state            text not null default 'waiting',
    entered_by       uuid not null,
    entered_at       timestamptz not null default now(),
    ended_at         timestamptz,
    -- A double submit carries the same.
    request_key      uuid not null,
    version          integer not null default 1,
    constraint waitlist_dates check (last_on >= first_on),
    constraint waitlist_state check (state in ('waiting', 'offered', 'booked', 'withdrawn', 'lapsed')),
    constraint waitlist_ended check ((state in ('waiting', 'offered')) = (ended_at is null)),
    constraint waitlist_once unique (request_key)
);
create index waitlist_entry_client on waitlist_entry (client_id);
create index waitlist_entry_waiting on waitlist_entry (service_id, entered_at) where ended_at is null;
create index waitlist_entry_appointment on waitlist_entry (appointment_id) where appointment_id is not null;

-- When they can come, in minutes of the day at the venue; 1 is Monday. No rows: as their
-- weekly availability says, or at any time.
create table waitlist_window (
    entry_id  uuid not null references waitlist_entry on delete cascade,
    weekday   smallint not null,
    starts    smallint not null,
    ends      smallint not null,
    primary key (entry_id, weekday, starts),
    constraint waitlist_window_weekday check (weekday between 1 and 7),
    constraint waitlist_window_order check (starts >= 0 and ends > starts and ends <= 1440)
);

-- One time offered to one entry. The time is held by an appointment meanwhile; of a group
-- session a seat is.
create table waitlist_offer (
    id               uuid primary key,
    entry_id         uuid not null references waitlist_entry on delete cascade,
    appointment_id   uuid references appointment on delete set null,
    practitioner_id  uuid not null references staff_member,
    starts_at        timestamptz not null,
    ends_at          timestamptz not null,
    lapses_at        timestamptz not null,
    state            text not null default 'open',
    -- Null: by itself.
    offered_by       uuid,
    offered_at       timestamptz not null default now(),
    ended_at         timestamptz,
    answered_by      uuid,
    constraint waitlist_offer_order check (ends_at > starts_at),
    constraint waitlist_offer_state check (state in ('open', 'accepted', 'declined', 'lapsed', 'withdrawn')),
    constraint waitlist_offer_ended check ((state = 'open') = (ended_at is null))
);
create unique index waitlist_offer_one_open on waitlist_offer (entry_id) where state = 'open';
create index waitlist_offer_entry on waitlist_offer (entry_id, starts_at);
create index waitlist_offer_lapses on waitlist_offer (lapses_at) where state = 'open';
create index waitlist_offer_appointment on waitlist_offer (appointment_id) where appointment_id is not null;

-- The seats of a group session that are offered and not yet answered.
create function seats_offered(session uuid) returns integer language sql stable as $$
    select count(*)::integer from waitlist_offer
     where appointment_id = $1 and state = 'open' and lapses_at > now()
$$;

-- The link in each one's mail: who has it acts as themself, with the permissions of that moment.
create table waitlist_link (
    id           uuid primary key,
    offer_id     uuid not null references waitlist_offer on delete cascade,
    client_id    uuid not null references client on delete cascade,
    secret_hash  bytea not null,
    message_id   uuid references message on delete set null,
    constraint waitlist_link_secret_key unique (secret_hash),
    constraint waitlist_link_once unique (offer_id, client_id)
);
create index waitlist_link_client on waitlist_link (client_id);
create index waitlist_link_message on waitlist_link (message_id) where message_id is not null;
-- The subject_version of the mails of an offer.
create sequence waitlist_offer_number as integer;

-- What became free while someone waited. Noted by the database, in the transaction that frees it.
create table waitlist_freed (
    id               bigint generated always as identity primary key,
    -- The appointment that had the time; it may be deleted.
    appointment_id   uuid,
    -- Null: everyone's.
    practitioner_id  uuid references staff_member on delete cascade,
    starts_at        timestamptz not null,
    ends_at          timestamptz not null,
    freed_at         timestamptz not null default now(),
    -- When it is looked at next, for what staff just did may be undone; null: it was.
    due_at           timestamptz default now() + interval '3 minutes'
);
create index waitlist_freed_due on waitlist_freed (due_at) where due_at is not null;
create index waitlist_freed_appointment on waitlist_freed (appointment_id);
create index waitlist_freed_starts on waitlist_freed (starts_at);

create function waitlist_note_freed(appointment uuid, practitioner uuid, starts timestamptz, ends timestamptz)
    returns void language sql as $$
    insert into waitlist_freed (appointment_id, practitioner_id, starts_at, ends_at)
    select $1, $2, $3, $4
     where $4 > now() and exists (select from waitlist_entry where ended_at is null)
$$;

create function waitlist_appointment_freed() returns trigger language plpgsql as $$
begin
    if old.starts_at > now() then
        perform waitlist_note_freed(old.id, old.practitioner_id, old.starts_at, old.ends_at);
    end if;
    return null;
end $$;
create trigger appointment_freed after update on appointment for each row
    when (old.blocks and (not new.blocks or old.practitioner_id <> new.practitioner_id or old.starts_at <> new.starts_at
                          or old.ends_at <> new.ends_at or old.seats_taken > new.seats_taken))
    execute function waitlist_appointment_freed();
-- A hold is deleted by the client who books its time, too: then it has not lapsed.
create trigger appointment_gone after delete on appointment for each row
    when (old.blocks and (old.held_until is null or old.held_until <= now())) execute function waitlist_appointment_freed();

create function waitlist_hours_opened() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        perform waitlist_note_freed(null, old.practitioner_id, old.starts_at, old.ends_at);
    else
        perform waitlist_note_freed(null, new.practitioner_id, new.starts_at, new.ends_at);
    end if;
    return null;
end $$;
create trigger time_off_removed after delete on availability_exception for each row
    when (old.kind = 'off') execute function waitlist_hours_opened();
create trigger extra_hours_added after insert on availability_exception for each row
    when (new.kind = 'open') execute function waitlist_hours_opened();

-- Mail of an offer, beside the kinds that there are.
do $$
declare known text;
begin
    select pg_get_constraintdef(oid) into known from pg_constraint
     where conrelid = 'message'::regclass and conname = 'message_kind';
    alter table message drop constraint message_kind;
    execute 'alter table message add constraint message_kind check (kind = ''offer'' or ' || substr(known, 7) || ')';
end $$;
