-- A request key is answered with the first result while that stands: a form
-- that is sent again after its appointment was cancelled books again.
alter table appointment drop constraint appointment_request_key;
create unique index appointment_request_key on appointment (request_key) where status = 'confirmed';

-- At most so many upcoming appointments per person who attends are booked online.
alter table practice
    add portal_bookings_max smallint not null default 10,
    add constraint practice_portal_bookings check (portal_bookings_max between 1 and 200);

-- Practitioners who were taken off a client: a booking does not bring them back,
-- for whoever is assigned sees the record.
create table client_practitioner_ended (
    client_id        uuid not null references client on delete cascade,
    practitioner_id  uuid not null references staff_member on delete cascade,
    ended_at         timestamptz not null default now(),
    primary key (client_id, practitioner_id)
);
create index client_practitioner_ended_practitioner on client_practitioner_ended (practitioner_id);
