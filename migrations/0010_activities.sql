-- Activities: what staff members did, for how long and with which clients. Trainees
-- log their hours this way; reports count them.

create table activity (
    id              uuid primary key,
    -- The staff member whose hours they are.
    staff_id        uuid not null references staff_member,
    -- A term of `activity_type`.
    type_id         uuid not null references term,
    -- A term of `setting`.
    setting_id      uuid references term,
    supervisor_id   uuid references staff_member,
    -- The appointment that the activity records.
    appointment_id  uuid references appointment,
    -- A local date of the practice.
    held_on         date not null,
    minutes         integer not null,
    title           text not null default '',
    description     text not null default '',
    -- A double submit carries the same key and is answered with the first result.
    request_key     uuid not null,
    version         integer not null default 1,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    constraint activity_appointment_key unique (appointment_id),
    constraint activity_request_key unique (request_key),
    constraint activity_minutes check (minutes between 5 and 1440),
    constraint activity_supervisor_is_another check (supervisor_id <> staff_id)
);
-- The orders of the lists: of one staff member, of a supervisor, of the practice.
create index activity_staff on activity (staff_id, held_on desc, id desc);
create index activity_supervisor on activity (supervisor_id, held_on desc, id desc) where supervisor_id is not null;
create index activity_held_on on activity (held_on desc, id desc);
create index activity_type on activity (type_id);
create index activity_setting on activity (setting_id) where setting_id is not null;

-- The clients of an activity, of any kind. Names and codes are not copied: they are
-- shown as the client's record has them now. A client with activities cannot be
-- deleted.
create table activity_client (
    activity_id  uuid not null references activity on delete cascade,
    client_id    uuid not null references client,
    primary key (activity_id, client_id)
);
create index activity_client_client on activity_client (client_id, activity_id);

-- The attendees from a couple, family or group. The row stays when the attendee
-- leaves the group.
create table activity_attendee (
    activity_id  uuid not null,
    group_id     uuid not null,
    member_id    uuid not null references client,
    primary key (activity_id, group_id, member_id),
    constraint activity_attendee_group foreign key (activity_id, group_id)
        references activity_client (activity_id, client_id) on delete cascade on update cascade
);
create index activity_attendee_member on activity_attendee (member_id, activity_id);

-- Whether a client has had an appointment or an activity. Such a client cannot become a
-- prospect: lists say so before the change is tried, and the same rule refuses it.
create function client_was_used(client uuid) returns boolean
    language sql stable parallel safe
    return exists (select from visit a
                    where a.client_id = client and (a.status <> 'cancelled' or a.cancelled_at >= a.starts_at))
        or exists (select from visit a
                    where a.party_id = client and (a.status <> 'cancelled' or a.cancelled_at >= a.starts_at))
        or exists (select from activity_client a where a.client_id = client)
        or exists (select from activity_attendee a where a.member_id = client);

-- An erased client has no date of birth. For each activity that the client attended,
-- this keeps the age range at that time: reports use the age at the date of each
-- activity, also of clients erased since.
create table erased_age (
    client_id     uuid not null references client on delete cascade,
    activity_id   uuid not null references activity on delete cascade,
    age_range_id  uuid not null references term,
    primary key (client_id, activity_id)
);
create index erased_age_activity on erased_age (activity_id);

-- A form that was left to make a client or to look for one. Its id is the form's
-- request key. It is deleted when the activity is saved, or when it is old.
create table activity_draft (
    id        uuid primary key,
    staff_id  uuid not null references staff_member on delete cascade,
    form      jsonb not null,
    -- The text typed into the client picker without a choice.
    q         text not null default '',
    kept_at   timestamptz not null default now()
);
create index activity_draft_age on activity_draft (kept_at);

-- Deleted activities: a deletion can be undone for a day.
create table activity_removal (
    id          uuid primary key,
    -- The staff member whose hours they were.
    staff_id    uuid not null references staff_member,
    -- The row, the ids of its clients, and its groups with their attendees.
    record      jsonb not null,
    removed_at  timestamptz not null default now()
);
create index activity_removal_age on activity_removal (removed_at);
