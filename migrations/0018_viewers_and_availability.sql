-- B10: how each staff member colours a client in their own calendar.
create table client_colour (
    staff_id   uuid not null references staff_member on delete cascade,
    client_id  uuid not null references client on delete cascade,
    colour     text not null,
    primary key (staff_id, client_id),
    constraint client_colour_known check (colour in ('red', 'orange', 'yellow', 'green', 'teal', 'blue', 'purple', 'pink'))
);
create index client_colour_client on client_colour (client_id);

-- B16: when a client can come, in the client's own zone; 1 is Monday. Nothing
-- for a day is unavailable.
create table client_availability (
    client_id  uuid not null references client on delete cascade,
    weekday    smallint not null,
    starts     time not null,
    ends       time not null,
    primary key (client_id, weekday, starts),
    constraint client_availability_weekday check (weekday between 1 and 7),
    constraint client_availability_order check (ends > starts)
);
-- Staff and the client edit it, each over the version they were shown.
alter table client add column availability_version integer not null default 1;

-- B18: the pipeline's order, within a stage: what is due first.
drop index client_prospects;
create index client_prospects on client (prospect_stage, next_step_on nulls last, sort_name, id) where status = 'prospect';
