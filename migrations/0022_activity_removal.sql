-- Activities deleted within a day: all that is needed to put one back.
create table activity_removal (
    id          uuid primary key,
    -- Whose hours they were.
    staff_id    uuid not null references staff_member,
    -- The row, the ids of its clients, and of its groups with who was there.
    record      jsonb not null,
    removed_at  timestamptz not null default now()
);
create index activity_removal_age on activity_removal (removed_at);
