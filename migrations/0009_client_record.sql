-- The whole record of a client (B4 to B6, B13, B18), and who belongs to which
-- couple, family or group, and since when (A6).

alter table client
    add column salutation_id          uuid references term,
    add column gender_id              uuid references term,
    -- From the list or in own words.
    add column sex_at_birth           text not null default '',
    -- An individual's, where the date of birth is not known; a group's members'.
    add column age_range_id           uuid references term,
    add column voice_consent          boolean not null default false,
    add column address                text not null default '',
    add column address_unit           text not null default '',
    add column referring_provider_id  uuid references referring_provider,
    -- Null: nobody has said.
    add column qualified              boolean,
    add column veteran_id             text not null default '',
    -- Where they are treated.
    add column location_id            uuid references location,
    -- Coverage. The province that issued the health card; two letters.
    add column card_province          text not null default '',
    add column card_number            text not null default '',
    add column card_version           text not null default '',
    add column card_expires           date,
    add column fee_programme_id       uuid references term,
    add column fee_programme_number   text not null default '',
    add column province               text not null default '',
    add column billing_authorisation  text not null default '',
    add column case_number            text not null default '',
    add column sessions_needed        integer,
    add column billing_notes          text not null default '',
    -- B18: prospects.
    add column prospect_stage         text not null default 'new',
    add column last_contact           date,
    add column next_step              text not null default '',
    add column next_step_on           date,
    -- A8: blanked in place at the person's wish; the row stays for the history of others.
    add column erased_at              timestamptz,
    add constraint client_sessions_needed check (sessions_needed between 0 and 9999),
    add constraint client_prospect_stage check (prospect_stage in ('new', 'contacted', 'meeting', 'waiting', 'declined')),
    -- A person known by a code alone (A9), or erased, has no name.
    drop constraint client_named;

create index client_location on client (location_id) where location_id is not null;
create index client_referring_provider on client (referring_provider_id) where referring_provider_id is not null;
create index client_prospects on client (prospect_stage, next_step_on, id) where status = 'prospect';

-- B5: further telephone numbers.
create table client_phone (
    id         uuid primary key,
    client_id  uuid not null references client on delete cascade,
    -- As `Home`, `Work`.
    label      text not null default '',
    number     text not null,
    position   smallint not null default 0
);
create index client_phone_client on client_phone (client_id, position);

-- B5, B11: whom to call; a minor's parent who has no record of their own.
create table client_contact (
    id            uuid primary key,
    client_id     uuid not null references client on delete cascade,
    name          text not null,
    -- As `Mother`, in free words: it grants nothing.
    relationship  text not null default '',
    phone         text not null default '',
    email         text not null default '',
    position      smallint not null default 0
);
create index client_contact_client on client_contact (client_id, position);

-- B13: one row per client and field that is filled in; the column is the field's kind.
create table client_field_value (
    client_id  uuid not null references client on delete cascade,
    field_id   uuid not null references client_field on delete cascade,
    -- `text` and `long_text`.
    words      text,
    number     numeric,
    day        date,
    choice_id  uuid references client_field_choice,
    ticked     boolean,
    primary key (client_id, field_id),
    constraint client_field_value_one check (num_nonnulls(words, number, day, choice_id, ticked) = 1)
);
create index client_field_value_field on client_field_value (field_id, client_id);

create table client_tag (
    client_id  uuid not null references client on delete cascade,
    tag_id     uuid not null references tag on delete cascade,
    primary key (client_id, tag_id)
);
create index client_tag_tag on client_tag (tag_id, client_id);

-- A6: an individual's time in a couple, family or group. Local dates of the
-- practice; `left_on` is the first day on which they do not belong any more.
create table client_membership (
    id         uuid primary key,
    group_id   uuid not null references client on delete cascade,
    member_id  uuid not null references client on delete cascade,
    joined_on  date not null,
    left_on    date,
    constraint client_membership_order check (left_on >= joined_on),
    constraint client_membership_not_self check (group_id <> member_id),
    -- Nobody is in one couple, family or group twice at a time.
    constraint client_membership_once exclude using gist (
        group_id with =, member_id with =, daterange(joined_on, left_on, '[)') with &&
    )
);
create unique index client_membership_open on client_membership (group_id, member_id) where left_on is null;
create index client_membership_member on client_membership (member_id, group_id);
