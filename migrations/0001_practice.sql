-- The practice, its places and its people who work there.
-- One database holds one practice; many practices are many databases.

create extension if not exists citext;
create extension if not exists pg_trgm;
create extension if not exists btree_gist;
create extension if not exists unaccent;

-- What searching compares: no case, no accents. unaccent() is only STABLE
-- because its dictionary can be swapped; we name the dictionary, so this may
-- be IMMUTABLE and stand in generated columns and indexes.
create function searchable(value text) returns text
    language sql immutable parallel safe strict
    return lower(public.unaccent('public.unaccent'::regdictionary, value));

create table practice (
    only_row            boolean primary key default true,
    name                text not null,
    -- IANA zone of the practice; appointments keep the zone they were booked in.
    zone                text not null,
    currency            char(3) not null default 'CAD',
    -- B14: the practice's own word for a client.
    client_word         text not null default 'client',
    client_word_plural  text not null default 'clients',
    -- Off: no client may log in, whatever their own settings say.
    client_login        boolean not null default true,
    -- Free times are offered every so many minutes from the start of a working period.
    slot_step_minutes   smallint not null default 15,
    -- B17: editable; {first_name}, {practice}, {link} are filled in when sent.
    welcome_subject     text not null,
    welcome_body        text not null,
    version             integer not null default 1,
    constraint practice_one_row check (only_row),
    constraint practice_step check (slot_step_minutes between 5 and 120)
);

insert into practice (name, zone, welcome_subject, welcome_body) values (
    'My practice', 'America/Toronto',
    'Welcome to {practice}',
    E'Hello {first_name},\n\n{practice} has opened an account for you. Choose a password with the link below; it works once, within 72 hours:\n\n{link}\n\nIf you did not expect this message you may ignore it.\n'
);

create table location (
    id       uuid primary key,
    name     text not null,
    address  text not null default '',
    zone     text not null,
    active   boolean not null default true
);

create table staff_member (
    id          uuid primary key,
    first_name  text not null,
    last_name   text not null,
    email       citext not null,
    roles       text[] not null,
    -- B15: a practitioner books at all only with this permission.
    may_book    boolean not null default false,
    active      boolean not null default true,
    version     integer not null default 1,
    created_at  timestamptz not null default now(),
    constraint staff_member_email_key unique (email),
    constraint staff_member_roles check (
        cardinality(roles) > 0 and roles <@ array['administrator', 'staff', 'practitioner']
    )
);

create table service (
    id                uuid primary key,
    name              text not null,
    description       text not null default '',
    duration_minutes  integer not null,
    -- Minutes kept free between this and the practitioner's neighbouring
    -- appointment; between two neighbours the larger buffer holds.
    buffer_minutes    integer not null default 0,
    price_cents       bigint not null default 0,
    -- Whether clients may book it themselves.
    in_portal         boolean not null default true,
    active            boolean not null default true,
    version           integer not null default 1,
    constraint service_name_key unique (name),
    constraint service_duration check (duration_minutes between 5 and 720),
    constraint service_buffer check (buffer_minutes between 0 and 240),
    constraint service_price check (price_cents >= 0)
);

create table service_practitioner (
    service_id       uuid not null references service on delete cascade,
    practitioner_id  uuid not null references staff_member on delete cascade,
    primary key (service_id, practitioner_id)
);
create index service_practitioner_practitioner on service_practitioner (practitioner_id);

-- Weekly hours are local times at the location; 1 is Monday, 7 is Sunday.
create table weekly_hours (
    id               uuid primary key,
    practitioner_id  uuid not null references staff_member on delete cascade,
    location_id      uuid not null references location,
    weekday          smallint not null,
    starts           time not null,
    ends             time not null,
    constraint weekly_hours_weekday check (weekday between 1 and 7),
    constraint weekly_hours_order check (ends > starts)
);
create index weekly_hours_practitioner on weekly_hours (practitioner_id, weekday);
