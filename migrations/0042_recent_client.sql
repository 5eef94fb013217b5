-- The records that a staff member opened last, for the search in the top bar. Kept
-- here and not in the browser: names of clients do not stay on a shared machine. At
-- most eight rows for each staff member.
create table recent_client (
    staff_id   uuid not null references staff_member on delete cascade,
    client_id  uuid not null references client on delete cascade,
    opened_at  timestamptz not null default now(),
    primary key (staff_id, client_id)
);
create index recent_client_client on recent_client (client_id);
