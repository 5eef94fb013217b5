-- Appointments. The database itself refuses a double booking: of a practitioner and a
-- room on the appointment, of each person on their row of appointment_participant.

-- A repeating series: the rule, kept for editing. Every occurrence is an appointment.
create table appointment_series (
    id                uuid primary key,
    split_from        uuid references appointment_series,
    zone              text not null,
    -- A monthly rule takes its day of the month, or its weekday, from first_on.
    frequency         text not null,
    every             smallint not null,
    -- Of a weekly rule: 1 is Monday, 7 is Sunday.
    weekdays          smallint[] not null default '{}',
    first_on          date not null,
    local_time        time not null,
    duration_minutes  integer not null,
    last_on           date,
    count             smallint,
    created_at        timestamptz not null default now(),
    version           integer not null default 1,
    constraint series_frequency check (
        frequency in ('daily', 'weekly', 'monthly_day', 'monthly_weekday', 'monthly_last_weekday')
    ),
    constraint series_every check (every between 1 and 99),
    constraint series_weekdays check (
        weekdays <@ array[1, 2, 3, 4, 5, 6, 7]::smallint[] and (cardinality(weekdays) > 0) = (frequency = 'weekly')
    ),
    constraint series_count check (count between 2 and 200),
    constraint series_bounded check (num_nonnulls(last_on, count) = 1)
);
create index appointment_series_split on appointment_series (split_from) where split_from is not null;

-- Dates that the rule gives and that are left out: extending does not bring them back.
create table appointment_series_skip (
    series_id  uuid not null references appointment_series on delete cascade,
    on_date    date not null,
    why        text not null,
    primary key (series_id, on_date),
    constraint series_skip_why check (why in ('conflict', 'holiday', 'removed'))
);

create table appointment (
    id                       uuid primary key,
    service_id               uuid not null references service,
    practitioner_id          uuid not null references staff_member,
    location_id              uuid not null references location,
    room_id                  uuid references room,
    modality                 text not null default 'in_person',
    -- The end is stored: `starts_at + interval` is not immutable, so it could
    -- not stand in the constraints below.
    starts_at                timestamptz not null,
    ends_at                  timestamptz not null,
    -- What was agreed: the time on the clocks at the location, its IANA zone, and the
    -- version of the zone database that made an instant of it.
    starts_local             timestamp not null,
    zone                     text not null,
    tzdb                     text not null,
    -- Copied when it was booked. The price is of the session, with seats of one seat.
    buffer_minutes           integer not null,
    price_cents              bigint not null,
    policy_id                uuid not null default '00000000-0000-7000-8000-000000000001' references policy,
    -- Persons: how many may attend, and how many are booked.
    seats                    smallint not null default 1,
    seats_taken              smallint not null default 1,
    -- held: kept for a client who is booking, until held_until.
    status                   text not null default 'confirmed',
    held_until               timestamptz,
    blocks                   boolean not null generated always as (status in ('held', 'requested', 'confirmed')) stored,
    -- Staff booked it over a known conflict; such rows are outside EXCLUDE.
    practitioner_overbooked  boolean not null default false,
    room_overbooked          boolean not null default false,
    overbook_reason          text not null default '',
    -- For staff alone.
    staff_note               text not null default '',
    series_id                uuid references appointment_series,
    -- The date that the series gave, wherever the appointment was moved to.
    series_date              date,
    -- Changed by itself: edits of the whole series leave it alone.
    detached                 boolean not null default false,
    -- A double submit carries the same key and is answered with the first result.
    request_key              uuid not null,
    booked_by                uuid not null,
    booked_at                timestamptz not null default now(),
    -- Since when it has its time: booked, moved or restored.
    timed_at                 timestamptz not null default now(),
    cancelled_by             uuid,
    cancelled_at             timestamptz,
    cancel_reason            text not null default '',
    version                  integer not null default 1,
    -- When the version rose last.
    changed_at               timestamptz not null default now(),
    -- What the participants' rows follow.
    constraint appointment_time_key unique (id, starts_at, ends_at, blocks),
    -- An empty range would pass EXCLUDE.
    constraint appointment_order check (ends_at > starts_at),
    constraint appointment_status check (status in ('held', 'requested', 'confirmed', 'cancelled')),
    constraint appointment_held check ((status = 'held') = (held_until is not null)),
    constraint appointment_cancelled check ((status = 'cancelled') = (cancelled_at is not null)),
    constraint appointment_modality check (modality in ('in_person', 'phone', 'video')),
    constraint appointment_seats check (seats >= 1 and seats_taken between 0 and seats),
    constraint appointment_series_date check ((series_id is null) = (series_date is null)),
    constraint appointment_practitioner_free exclude using gist (
        practitioner_id with =, tstzrange(starts_at, ends_at, '[)') with &&
    ) where (blocks and not practitioner_overbooked),
    constraint appointment_room_free exclude using gist (
        room_id with =, tstzrange(starts_at, ends_at, '[)') with &&
    ) where (blocks and not room_overbooked)
);
-- A request key counts only while its appointment stands: a form that is sent
-- again after the appointment was cancelled books again.
create unique index appointment_request_key on appointment (request_key) where status <> 'cancelled';
create unique index appointment_series_key on appointment (series_id, series_date) where status <> 'cancelled';
-- Free times and conflicts read what is taken from this index alone.
create index appointment_busy on appointment (practitioner_id, starts_at) include (ends_at, buffer_minutes) where blocks;
create index appointment_practitioner on appointment (practitioner_id, starts_at);
create index appointment_room on appointment (room_id, starts_at) where room_id is not null;
create index appointment_day on appointment (starts_at);
create index appointment_held on appointment (held_until) where status = 'held';

create function appointment_changed() returns trigger language plpgsql as $$
begin
    new.changed_at := now();
    return new;
end $$;
create trigger appointment_changed before update on appointment
    for each row when (old.version <> new.version) execute function appointment_changed();

-- Who attends. The time and whether it is taken follow the appointment by the foreign
-- key, so that one constraint keeps each person from being in two places.
create table appointment_participant (
    id               uuid primary key,
    appointment_id   uuid not null,
    client_id        uuid not null references client,
    -- The couple, family or group whose session it is.
    party_id         uuid references client,
    -- The linked client who booked it; null if staff or the participant did. What the
    -- linked client may do is read from the link each time.
    proxy_id         uuid references client,
    -- Whose grants count for this appointment: those of everyone linked, of one, of no one.
    assigned         text not null default 'everyone',
    assigned_to      uuid references client,
    -- Who pays; null: the participant. One of a party pays for all of it.
    payer_id         uuid references client,
    price_cents      bigint not null default 0,
    starts_at        timestamptz not null,
    ends_at          timestamptz not null,
    blocks           boolean not null,
    -- Staff booked it although the person is elsewhere.
    overbooked       boolean not null default false,
    status           text not null default 'booked',
    cancelled_by     uuid,
    cancelled_at     timestamptz,
    attendance       text not null default 'expected',
    arrived_at       timestamptz,
    seen_at          timestamptz,
    left_at          timestamptz,
    -- What was mailed last: moved and moved back tells nothing.
    told_version     integer not null default 0,
    told_starts_at   timestamptz,
    booked_by        uuid not null,
    booked_at        timestamptz not null default now(),
    constraint appointment_participant_key unique (appointment_id, client_id),
    constraint participant_not_own_proxy check (proxy_id <> client_id),
    constraint participant_not_own_payer check (payer_id <> client_id),
    constraint participant_assigned check (assigned in ('everyone', 'one', 'none')),
    constraint participant_assigned_to check ((assigned = 'one') = (assigned_to is not null)),
    constraint participant_status check (status in ('booked', 'cancelled', 'late_cancelled')),
    constraint participant_cancelled check ((status = 'booked') = (cancelled_at is null)),
    constraint participant_attendance check (attendance in ('expected', 'arrived', 'in_session', 'attended', 'no_show')),
    constraint participant_price check (price_cents >= 0),
    constraint participant_appointment foreign key (appointment_id, starts_at, ends_at, blocks)
        references appointment (id, starts_at, ends_at, blocks) on update cascade on delete cascade,
    constraint appointment_client_free exclude using gist (
        client_id with =, tstzrange(starts_at, ends_at, '[)') with &&
    ) where (blocks and status = 'booked' and not overbooked)
);
create index participant_client on appointment_participant (client_id, starts_at);
-- Whom a staff member booked last.
create index participant_booked_by on appointment_participant (booked_by, booked_at);
create index participant_proxy on appointment_participant (proxy_id, starts_at) where proxy_id is not null;
create index participant_party on appointment_participant (party_id, starts_at) where party_id is not null;
create index participant_assigned_to on appointment_participant (assigned_to) where assigned_to is not null;
create index participant_payer on appointment_participant (payer_id) where payer_id is not null;

-- The rooms that an appointment of a service may take: the one that is wanted, or, where
-- the service needs one, those of the service, or any.
create function room_candidates(service uuid, wanted uuid) returns setof uuid
    language sql stable as $$
    select r.id from room r join service s on s.id = $1
     where r.active
       and case when wanted is not null then r.id = wanted
                else s.needs_room
                 and (not exists (select from service_room o where o.service_id = s.id)
                      or exists (select from service_room o where o.service_id = s.id and o.room_id = r.id)) end
     order by r.id
$$;

-- An appointment as one participant has it: cancelled when they no longer attend.
create view visit as
select a.id, p.id as participant_id, p.client_id, p.party_id, p.proxy_id, a.service_id, a.practitioner_id,
       a.location_id, a.room_id, a.modality, p.starts_at, p.ends_at, a.zone, a.buffer_minutes, a.price_cents,
       case when p.status <> 'booked' then 'cancelled' else a.status end as status,
       case when p.status <> 'booked' then false else p.blocks end as blocks,
       a.practitioner_overbooked or a.room_overbooked or p.overbooked as overbooked,
       a.request_key, p.booked_by, p.booked_at,
       coalesce(p.cancelled_by, a.cancelled_by) as cancelled_by,
       coalesce(p.cancelled_at, a.cancelled_at) as cancelled_at,
       p.attendance, a.version
  from appointment a join appointment_participant p on p.appointment_id = a.id;
