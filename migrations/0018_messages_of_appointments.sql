-- When mail about an appointment goes, what it told last, and what staff are told.

-- How long mail waits for a further change by staff; 0: it goes at once.
alter table practice
    add column quiet_minutes smallint not null default 3,
    add constraint practice_quiet check (quiet_minutes between 0 and 15);

-- What the owner is mailed of, if they are staff.
alter table account
    add column mail_booked boolean not null default true,
    add column mail_moved boolean not null default true,
    add column mail_cancelled boolean not null default true,
    add column mail_day boolean not null default true;

-- When a reader of a link in mail said that they come: to the appointment at this time.
alter table appointment_participant
    drop column told_version,
    drop column told_starts_at,
    add column confirmed_start timestamptz;

-- What was mailed last of a participant's appointment: what is equal to it sends nothing.
-- A table of its own, which mail alone writes: no booking waits for it.
create table appointment_told (
    participant_id   uuid primary key references appointment_participant on delete cascade,
    status           text not null,
    starts_at        timestamptz not null,
    ends_at          timestamptz not null,
    practitioner_id  uuid not null,
    location_id      uuid not null,
    told_at          timestamptz not null default now(),
    constraint told_status check (status in ('requested', 'booked', 'cancelled'))
);

alter table message
    drop constraint message_kind,
    drop constraint message_once,
    drop constraint message_reminder,
    add column channel text not null default 'email',
    -- Of the built-in texts.
    add column language text not null default 'en',
    -- What else it is about: the kind of thing, and its id.
    add column subject_kind text,
    add column subject_id uuid,
    -- day_ahead: the day, at the practice.
    add column about_on date,
    -- When the first of the changes happened that it tells of.
    add column first_at timestamptz not null default now(),
    add constraint message_kind check (
        kind = any ('{confirmation,change,reminder,welcome,address_change,cancellation,reset,registration,invitation,address_confirmation,staff_booked,staff_moved,staff_cancelled,day_ahead}'::text[])
    ),
    -- A reminder's start; of what was moved online, the start before.
    add constraint message_reminder check (
        case kind when 'reminder' then about_starts_at is not null and rule_id is not null
                  when 'staff_moved' then about_starts_at is not null and rule_id is null
                  else about_starts_at is null and rule_id is null end
    ),
    add constraint message_channel check (channel in ('email', 'sms')),
    add constraint message_language check (language in ('en', 'fr')),
    add constraint message_subject check ((subject_kind is null) = (subject_id is null)),
    add constraint message_day_ahead check ((kind = 'day_ahead') = (about_on is not null)),
    add constraint message_once unique nulls not distinct
        (kind, appointment_id, participant_id, client_id, account_id, subject_version, link_id, registration_id, rule_id,
         about_starts_at, staff_id, about_on, subject_kind, subject_id, channel);

alter table message_copy
    drop constraint message_copy_state,
    -- SHA-256 of the secret in its link to the appointment.
    add column link_hash bytea,
    -- The copy to the same address that tells this too: one mail for a family.
    add column joined_to uuid references message_copy on delete cascade,
    add constraint message_copy_link unique (link_hash),
    add constraint message_copy_joined check ((state = 'joined') = (joined_to is not null)),
    add constraint message_copy_state check (state in ('queued', 'sent', 'kept', 'withdrawn', 'failed', 'joined'));
create index message_copy_parts on message_copy (joined_to) where joined_to is not null;

-- The later ones of its series, which one mail tells of together with it: while it stands
-- those that stand, and of a cancelled one those that were cancelled with it.
create function told_together(participant uuid) returns table (
    participant_id uuid, starts_at timestamptz, ends_at timestamptz, practitioner_id uuid, location_id uuid
) language sql stable as $$
    select w.id, b.starts_at, b.ends_at, b.practitioner_id, b.location_id
      from appointment_participant v
      join appointment a on a.id = v.appointment_id
      join appointment b on b.series_id = a.series_id and b.starts_at > a.starts_at
      join appointment_participant w on w.appointment_id = b.id and w.client_id = v.client_id
     where v.id = $1
       and case when v.status = 'booked' and a.status <> 'cancelled'
                then w.status = 'booked' and b.status in ('requested', 'confirmed')
                else w.cancelled_at = v.cancelled_at end
$$;
