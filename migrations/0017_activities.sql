-- H5: what the people who work here did, for how long and with whom. Trainees
-- log their hours so; reports (H6) count them.

create table activity (
    id              uuid primary key,
    -- Whose hours they are.
    staff_id        uuid not null references staff_member,
    -- A term of `activity_type`.
    type_id         uuid not null references term,
    -- A term of `setting`.
    setting_id      uuid references term,
    supervisor_id   uuid references staff_member,
    -- The appointment that it records.
    appointment_id  uuid references appointment,
    -- A local date of the practice.
    held_on         date not null,
    minutes         integer not null,
    title           text not null default '',
    description     text not null default '',
    -- A double submit carries the same key and answers with the first result.
    request_key     uuid not null,
    version         integer not null default 1,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    constraint activity_appointment_key unique (appointment_id),
    constraint activity_request_key unique (request_key),
    constraint activity_minutes check (minutes between 5 and 1440),
    constraint activity_supervisor_is_another check (supervisor_id <> staff_id)
);
-- The lists' orders: of one person, of whom somebody supervises, of everybody.
create index activity_staff on activity (staff_id, held_on desc, id desc);
create index activity_supervisor on activity (supervisor_id, held_on desc, id desc) where supervisor_id is not null;
create index activity_held_on on activity (held_on desc, id desc);
create index activity_type on activity (type_id);
create index activity_setting on activity (setting_id) where setting_id is not null;

-- With whom: clients of any kind. Names and codes are read where they are
-- shown, so that an edited client shows as they are now (A7). A client with
-- activities is not deleted.
create table activity_client (
    activity_id  uuid not null references activity on delete cascade,
    client_id    uuid not null references client,
    primary key (activity_id, client_id)
);
create index activity_client_client on activity_client (client_id, activity_id);

-- A6: who was there of a couple, family or group. It stays when somebody
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

-- A form that was left to make a client or to look for one. Its id is the
-- form's request key. It goes when the activity is saved, or grows old.
create table activity_draft (
    id        uuid primary key,
    staff_id  uuid not null references staff_member on delete cascade,
    form      jsonb not null,
    -- What was typed into the picker and not chosen.
    q         text not null default '',
    kept_at   timestamptz not null default now()
);
create index activity_draft_age on activity_draft (kept_at);
