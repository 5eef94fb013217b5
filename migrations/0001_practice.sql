-- The practice: its settings, its locations and the staff members.
-- One database holds one practice; several practices are several databases.

create extension if not exists citext;
create extension if not exists pg_trgm;
create extension if not exists btree_gist;
create extension if not exists unaccent;

-- Text as it is compared and sorted: lower case, without accents. unaccent()
-- is only STABLE because its dictionary can be swapped; this function names the
-- dictionary, so it may be IMMUTABLE and stand in generated columns and indexes.
create function searchable(value text) returns text
    language sql immutable parallel safe strict
    return lower(public.unaccent('public.unaccent'::regdictionary, value));

create table practice (
    only_row               boolean primary key default true,
    name                   text not null,
    -- How clients reach the practice. Empty: not given.
    phone                  text not null default '',
    email                  text not null default '',
    website                text not null default '',
    address                text not null default '',
    -- IANA zone of the practice; appointments keep the zone they were booked in.
    zone                   text not null,
    currency               char(3) not null default 'CAD',
    -- The practice's own word for a client.
    client_word            text not null default 'client',
    client_word_plural     text not null default 'clients',
    -- Clients are known by their codes alone: names and contact details are
    -- neither asked for, stored, sent nor exported.
    code_only              boolean not null default false,
    -- Off: no client can log in, whatever the client's own settings say.
    client_login           boolean not null default true,
    -- Clients may register themselves while booking.
    client_registration    boolean not null default false,
    -- Free times are offered in steps of this length from the start of a working period.
    slot_step_minutes      smallint not null default 15,
    -- The most upcoming appointments of one attendee that can be booked online.
    portal_bookings_max    smallint not null default 10,
    -- {first_name}, {practice} and {link} are filled in when the mail is sent.
    welcome_subject        text not null,
    welcome_body           text not null,
    -- Sections of a client's record that forms leave out. Stored values stay and are shown.
    sections_off           text[] not null default '{}',
    -- The staff, clients and appointments are those of the demo.
    demo                   boolean not null default false,
    -- The first-run page was answered or skipped.
    first_run_done         boolean not null default false,
    -- The checklist was dismissed.
    checklist_off          boolean not null default false,
    version                integer not null default 1,
    constraint practice_one_row check (only_row),
    constraint practice_step check (slot_step_minutes between 5 and 120),
    constraint practice_portal_bookings check (portal_bookings_max between 1 and 200),
    constraint practice_sections check (
        sections_off <@ array['coverage', 'availability', 'prospects', 'activities', 'reports']
    )
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
    -- Where staff work and appointments are held. At most one location; while
    -- none is set, the first active one by name.
    main     boolean not null default false,
    active   boolean not null default true,
    version  integer not null default 1,
    constraint location_main_active check (active or not main)
);
create unique index location_main on location (main) where main;
create unique index location_name_key on location (lower(name)) where active;

create table staff_member (
    id          uuid primary key,
    first_name  text not null,
    last_name   text not null,
    email       citext not null,
    roles       text[] not null,
    -- A practitioner may book appointments only with this permission.
    may_book    boolean not null default false,
    -- Read and written by administrators and the front desk alone.
    notes       text not null default '',
    active      boolean not null default true,
    version     integer not null default 1,
    created_at  timestamptz not null default now(),
    constraint staff_member_email_key unique (email),
    constraint staff_member_roles check (
        cardinality(roles) > 0 and roles <@ array['administrator', 'front_desk', 'practitioner']
    )
);
