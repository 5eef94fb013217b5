-- Time off, closed days and extra hours: as typed, on the clocks of the place, and as
-- resolved. A newer zone database resolves them again.

create table availability_exception (
    id               uuid primary key,
    -- off: nothing is offered. open: as if the weekly hours were these too.
    kind             text not null,
    -- Null: everyone.
    practitioner_id  uuid references staff_member on delete cascade,
    -- Null: everywhere.
    location_id      uuid references location on delete cascade,
    zone             text not null,
    local_starts     timestamp not null,
    local_ends       timestamp not null,
    starts_at        timestamptz not null,
    ends_at          timestamptz not null,
    -- The version of the zone database that resolved it.
    tzdb             text not null,
    reason           text not null default '',
    created_by       uuid not null,
    version          integer not null default 1,
    constraint availability_exception_kind check (kind in ('off', 'open')),
    constraint availability_exception_order check (local_ends > local_starts and ends_at > starts_at),
    -- Extra hours are someone's.
    constraint availability_exception_open check (kind = 'off' or practitioner_id is not null)
);
create index availability_exception_time on availability_exception (ends_at);
create index availability_exception_practitioner on availability_exception (practitioner_id, ends_at);
create index availability_exception_location on availability_exception (location_id) where location_id is not null;
