-- Rooms, policies, services, the practitioners who offer them, and the practitioners'
-- weekly hours.

create table room (
    id           uuid primary key,
    location_id  uuid not null references location,
    name         text not null,
    active       boolean not null default true,
    version      integer not null default 1
);
create unique index room_name_key on room (location_id, lower(name)) where active;

-- What a client agrees to by booking. A row never changes: an edit of a service's policy
-- is a new row, and appointments keep the one that they were booked under.
create table policy (
    id                 uuid primary key,
    -- Until when cancelling and moving are in time: elapsed hours before the start, or a
    -- local time of the day before.
    cutoff_kind        text not null default 'hours',
    cutoff_hours       smallint,
    cutoff_at          time,
    -- Behind the cutoff: refused shows how to reach the practice.
    late               text not null default 'refused',
    client_may_cancel  boolean not null default true,
    client_may_move    boolean not null default true,
    late_fee_cents     bigint not null default 0,
    no_show_fee_cents  bigint not null default 0,
    -- The practice's own words about it, shown before booking and cancelling.
    words              text not null default '',
    created_at         timestamptz not null default now(),
    constraint policy_cutoff check (
        case cutoff_kind when 'hours' then cutoff_hours between 0 and 720 and cutoff_at is null
                         when 'day_before' then cutoff_at is not null and cutoff_hours is null
                         else false end
    ),
    constraint policy_late check (late in ('refused', 'allowed_as_late')),
    constraint policy_fees check (late_fee_cents >= 0 and no_show_fee_cents >= 0)
);
-- The policy of services that have none of their own: until the appointment starts.
insert into policy (id, cutoff_hours) values ('00000000-0000-7000-8000-000000000001', 0);

create table service (
    id                uuid primary key,
    name              text not null,
    description       text not null default '',
    duration_minutes  integer not null,
    -- Minutes kept free between this and the practitioner's neighbouring
    -- appointments; between two neighbours the larger buffer applies.
    buffer_minutes    integer not null default 0,
    price_cents       bigint not null default 0,
    -- Whether clients may book it themselves.
    in_portal         boolean not null default true,
    -- How many may attend one session. 1: a client of any kind has the session to
    -- themself; more: a group session, whose seats are booked one by one.
    seats             smallint not null default 1,
    modalities        text[] not null default '{in_person}',
    needs_room        boolean not null default false,
    -- Online: at least so long before, and at most so far ahead.
    notice_minutes    integer not null default 0,
    horizon_days      smallint not null default 366,
    -- Null: the practice's.
    step_minutes      smallint,
    -- Online bookings are requests that staff confirm.
    by_request        boolean not null default false,
    waitlist          boolean not null default true,
    policy_id         uuid not null default '00000000-0000-7000-8000-000000000001' references policy,
    -- Null: the calendar's neutral colour.
    colour            text,
    active            boolean not null default true,
    version           integer not null default 1,
    constraint service_name_key unique (name),
    constraint service_duration check (duration_minutes between 5 and 720),
    constraint service_buffer check (buffer_minutes between 0 and 240),
    constraint service_price check (price_cents >= 0),
    constraint service_seats check (seats between 1 and 200),
    constraint service_modalities check (
        cardinality(modalities) > 0 and modalities <@ array['in_person', 'phone', 'video']
    ),
    constraint service_notice check (notice_minutes between 0 and 525600),
    constraint service_horizon check (horizon_days between 1 and 1000),
    constraint service_step check (step_minutes between 5 and 720)
);

-- Where it is offered and in which rooms; no rows: everywhere, in any room.
create table service_location (
    service_id   uuid not null references service on delete cascade,
    location_id  uuid not null references location on delete cascade,
    primary key (service_id, location_id)
);
create table service_room (
    service_id  uuid not null references service on delete cascade,
    room_id     uuid not null references room on delete cascade,
    primary key (service_id, room_id)
);

create table service_practitioner (
    service_id        uuid not null references service on delete cascade,
    practitioner_id   uuid not null references staff_member on delete cascade,
    -- Null: as the service has it.
    duration_minutes  integer,
    price_cents       bigint,
    primary key (service_id, practitioner_id),
    constraint service_practitioner_duration check (duration_minutes between 5 and 720),
    constraint service_practitioner_price check (price_cents >= 0)
);
create index service_practitioner_practitioner on service_practitioner (practitioner_id);

-- Weekly hours are local times at the location; 1 is Monday, 7 is Sunday.
create table weekly_hours (
    id               uuid primary key,
    practitioner_id  uuid not null references staff_member on delete cascade,
    location_id      uuid not null references location,
    weekday          smallint not null,
    -- Minutes of the day on the clocks, 0 to 1440: the end of a day is the next midnight.
    starts           smallint not null,
    ends             smallint not null,
    -- The first day, and the last if there is one. Hours of every n weeks are counted from
    -- the Monday of the first day.
    valid_from       date not null default '2000-01-03',
    valid_until      date,
    every_weeks      smallint not null default 1,
    -- portal: clients book online. ask: they ask the practice. staff: the team alone.
    offered          text not null default 'portal',
    constraint weekly_hours_weekday check (weekday between 1 and 7),
    constraint weekly_hours_order check (0 <= starts and starts < ends and ends <= 1440),
    constraint weekly_hours_dates check (valid_until >= valid_from),
    constraint weekly_hours_every check (every_weeks between 1 and 12),
    constraint weekly_hours_offered check (offered in ('portal', 'ask', 'staff'))
);
create index weekly_hours_practitioner on weekly_hours (practitioner_id, weekday);
