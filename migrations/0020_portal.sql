-- People who book before they log in: a browser that keeps a time, by the hash of the secret in
-- its cookie. The time that it keeps is an appointment with status held and this id in booked_by.
create table visitor (
    id           uuid primary key,
    secret_hash  bytea not null,
    -- A keyed hash of the network that asks: one network keeps few times.
    network      bytea not null,
    seen_at      timestamptz not null default now(),
    constraint visitor_secret_key unique (secret_hash)
);
-- Who registers after choosing a time: the link of the mail may be opened in another browser.
alter table registration add column visitor_id uuid;
create index visitor_seen on visitor (seen_at);
-- What a client or visitor keeps is looked for on each page of booking.
create index appointment_held_by on appointment (booked_by) where status = 'held';

-- Video visits. Minutes before the start and after the end in which links are open.
alter table practice
    add column visit_before_minutes smallint not null default 10,
    add column visit_after_minutes smallint not null default 15,
    add constraint practice_visit_window check (
        visit_before_minutes between 0 and 120 and visit_after_minutes between 0 and 120
    );
-- Where they are held, like https://meet.example.org/{room}; empty: the practitioner's, or nowhere.
alter table service add column visit_template text not null default '';
alter table staff_member add column visit_template text not null default '';

-- The room of one appointment: 128 random bits. Opened by staff; before that clients wait. One that
-- was opened before the appointment got its time is not open.
create table visit_room (
    appointment_id  uuid primary key references appointment on delete cascade,
    room            text not null,
    opened_at       timestamptz,
    opened_by       uuid
);

-- The link of one mail to its reader. Whether they may come in is asked at each opening.
create table visit_link (
    id              uuid primary key,
    participant_id  uuid not null references appointment_participant on delete cascade,
    reader_id       uuid not null references client on delete cascade,
    secret_hash     bytea not null,
    -- Of the access code and the secret; wrong codes are counted.
    code_hash       bytea not null,
    tries           smallint not null default 0,
    tried_at        timestamptz not null default now(),
    -- Of what the browser keeps that gave the code last.
    pass_hash       bytea,
    pass_at         timestamptz,
    -- Where it was mailed: a reader with another address by now has no use of it.
    address         text not null,
    made_at         timestamptz not null default now(),
    constraint visit_link_secret_key unique (secret_hash),
    constraint visit_link_tries check (tries between 0 and 5)
);
create index visit_link_participant on visit_link (participant_id);
create index visit_link_reader on visit_link (reader_id);
