-- Appointments. The database itself refuses a double booking.

create table appointment (
    id               uuid primary key,
    service_id       uuid not null references service,
    practitioner_id  uuid not null references staff_member,
    location_id      uuid not null references location,
    -- Who attends.
    client_id        uuid not null references client,
    -- The linked client who books or manages it; null when it is the person's
    -- own. What they may do is asked of the link each time.
    proxy_id         uuid references client,
    -- The end is stored: `starts_at + interval` is not immutable, so it could
    -- not stand in the constraints below.
    starts_at        timestamptz not null,
    ends_at          timestamptz not null,
    -- IANA zone of the venue when booked.
    zone             text not null,
    -- As they were when booked: minutes, cents.
    buffer_minutes   integer not null,
    price_cents      bigint not null,
    status           text not null default 'confirmed',
    -- Staff knowingly booked over something; such rows are outside EXCLUDE.
    overbooked       boolean not null default false,
    -- A double submit carries the same key and answers with the first result.
    request_key      uuid not null,
    booked_by        uuid not null,
    booked_at        timestamptz not null default now(),
    cancelled_by     uuid,
    cancelled_at     timestamptz,
    version          integer not null default 1,
    constraint appointment_request_key unique (request_key),
    -- An empty range would pass EXCLUDE.
    constraint appointment_order check (ends_at > starts_at),
    constraint appointment_status check (status in ('confirmed', 'cancelled')),
    constraint appointment_cancelled check ((status = 'cancelled') = (cancelled_at is not null)),
    constraint appointment_not_own_proxy check (proxy_id <> client_id),
    constraint appointment_practitioner_free exclude using gist (
        practitioner_id with =, tstzrange(starts_at, ends_at, '[)') with &&
    ) where (status = 'confirmed' and not overbooked),
    constraint appointment_client_free exclude using gist (
        client_id with =, tstzrange(starts_at, ends_at, '[)') with &&
    ) where (status = 'confirmed' and not overbooked)
);
create index appointment_practitioner on appointment (practitioner_id, starts_at);
create index appointment_client on appointment (client_id, starts_at);
create index appointment_proxy on appointment (proxy_id, starts_at) where proxy_id is not null;
create index appointment_day on appointment (starts_at);
