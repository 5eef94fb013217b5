-- Clients: the record, the tables that belong to it, and what staff members keep
-- about clients. All four kinds (individual, couple, family, group) are one table.

-- The last ten digits of a telephone number: numbers are compared by this key.
create function phone_key(number text) returns text
    language sql immutable parallel safe strict
    return right(regexp_replace(number, '[^0-9]', '', 'g'), 10);

create table client (
    id                     uuid primary key,
    -- What people say on the telephone; never reused.
    number                 bigint generated always as identity (start with 1001),
    kind                   text not null,
    code                   citext not null,
    status                 text not null default 'active',

    -- Individuals have first and last names; the other kinds have a group name.
    -- A client known by code alone, or erased, has no name.
    salutation_id          uuid references term,
    first_name             text not null default '',
    last_name              text not null default '',
    preferred_name         text not null default '',
    group_name             text not null default '',
    pronouns               text not null default '',
    gender_id              uuid references term,
    -- A label of the vocabulary or free text.
    sex_at_birth           text not null default '',
    birth_date             date,
    -- Of an individual, when the date of birth is not known; of a group, its members'.
    age_range_id           uuid references term,
    -- A tag of the vocabulary of languages.
    language               text not null default 'en',
    zone                   text not null,

    email                  citext,
    email_consent          boolean not null default true,
    mobile                 text,
    sms_consent            boolean not null default false,
    mobile_is_primary      boolean not null default false,
    voice_consent          boolean not null default false,
    address                text not null default '',
    address_unit           text not null default '',

    referring_provider_id  uuid references referring_provider,
    -- Null: not known.
    qualified              boolean,
    -- Where the client is treated.
    location_id            uuid references location,

    -- Coverage. The province that issued the health card; two letters.
    card_province          text not null default '',
    card_number            text not null default '',
    card_version           text not null default '',
    card_expires           date,
    veteran_id             text not null default '',
    fee_programme_id       uuid references term,
    fee_programme_number   text not null default '',
    province               text not null default '',
    billing_authorisation  text not null default '',
    case_number            text not null default '',
    sessions_needed        integer,
    billing_notes          text not null default '',

    -- Shown on the profile and on every appointment.
    alert                  text not null default '',
    -- Administrators and the front desk only. Never select it with the other columns.
    notes                  text not null default '',

    -- Prospects: the place in the pipeline.
    prospect_stage         text not null default 'new',
    last_contact           date,
    next_step              text not null default '',
    next_step_on           date,

    -- Generated when the create form is shown: a double submit carries the same key.
    request_key            uuid,
    -- The import that made the client: for the history, and to undo the import.
    import_id              uuid,
    -- Staff and the client edit the availability, each over the version shown to them.
    availability_version   integer not null default 1,
    version                integer not null default 1,
    created_at             timestamptz not null default now(),
    updated_at             timestamptz not null default now(),
    -- The record was blanked in place at the client's request; the row stays
    -- because the history of other clients refers to it.
    erased_at              timestamptz,
    -- The order of the client list; the code of a client without a name.
    sort_name              text generated always as (
        searchable(coalesce(
            nullif(trim(case when kind = 'individual' then last_name || ' ' || first_name else group_name end), ''),
            code::text
        ))
    ) stored,

    constraint client_number_key unique (number),
    constraint client_code_key unique (code),
    constraint client_request_key unique (request_key),
    constraint client_kind check (kind in ('individual', 'couple', 'family', 'group')),
    constraint client_status check (status in ('active', 'inactive', 'prospect')),
    constraint client_code_form check (
        code ~ '^[A-Za-z0-9]+$' and length(code) <= case kind when 'group' then 30 else 6 end
    ),
    constraint client_mobile_for_sms check (mobile is not null or not sms_consent),
    constraint client_sessions_needed check (sessions_needed between 0 and 9999),
    constraint client_prospect_stage check (prospect_stage in ('new', 'contacted', 'meeting', 'waiting', 'declined'))
);

-- The client list and its filters. A client who was never contacted sorts as
-- contacted the longest time ago.
create index client_sort on client (sort_name, id);
create index client_status_sort on client (status, sort_name, id);
create index client_last_contact on client (coalesce(last_contact, date '-infinity'), number);
create index client_location on client (location_id) where location_id is not null;
create index client_referring_provider on client (referring_provider_id) where referring_provider_id is not null;
-- Counts the clients of a status or kind without reading their rows.
create index client_counted on client (status, kind) where erased_at is null;
-- All couples, families and groups, by name.
create index client_groups on client (sort_name, id) where kind <> 'individual';
-- The pipeline: within a stage, the next step that is due first.
create index client_prospects on client (prospect_stage, next_step_on nulls last, sort_name, id) where status = 'prospect';
-- The keys by which two records may be the same person.
create index client_email on client (email);
create index client_phone_key on client (phone_key(mobile)) where mobile is not null;
create index client_birth_date on client (birth_date, sort_name) where birth_date is not null;
create index client_card_number on client (card_number) where card_number <> '';

-- The displayed name of a client, defined once: the preferred name instead of the
-- first name; the code of a client without a name.
create function client_name(c client) returns text
    language sql immutable parallel safe
    return coalesce(
        nullif(trim(case c.kind
            when 'individual' then coalesce(nullif(c.preferred_name, ''), c.first_name) || ' ' || c.last_name
            else c.group_name end), ''),
        c.code::text
    );

-- How a mail addresses a client.
create function client_short_name(c client) returns text
    language sql immutable parallel safe
    return coalesce(nullif(c.preferred_name, ''), nullif(c.first_name, ''), nullif(c.last_name, ''), client_name(c));

-- Further telephone numbers.
create table client_phone (
    id         uuid primary key,
    client_id  uuid not null references client on delete cascade,
    -- Such as `Home` or `Work`.
    label      text not null default '',
    number     text not null,
    position   smallint not null default 0
);
create index client_phone_client on client_phone (client_id, position);
create index client_phone_digits on client_phone (phone_key(number));

-- People to call, such as emergency contacts, or a minor's parent without a record
-- of their own.
create table client_contact (
    id            uuid primary key,
    client_id     uuid not null references client on delete cascade,
    name          text not null,
    -- Free text, such as `Mother`: it grants nothing.
    relationship  text not null default '',
    phone         text not null default '',
    email         text not null default '',
    position      smallint not null default 0
);
create index client_contact_client on client_contact (client_id, position);

-- One row per client and information field with a value; the field's kind says
-- which column holds the value.
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
create index client_field_value_choice on client_field_value (choice_id, client_id) where choice_id is not null;

create table client_tag (
    client_id  uuid not null references client on delete cascade,
    tag_id     uuid not null references tag on delete cascade,
    -- Undoing a bulk change leaves a tag that was added again since.
    added_at   timestamptz not null default now(),
    primary key (client_id, tag_id)
);
create index client_tag_tag on client_tag (tag_id, client_id);

-- When a client can come, in the client's own zone; 1 is Monday. A weekday without
-- rows is unavailable.
create table client_availability (
    client_id  uuid not null references client on delete cascade,
    weekday    smallint not null,
    -- Minutes of the day on the client's clocks, 0 to 1440.
    starts     smallint not null,
    ends       smallint not null,
    primary key (client_id, weekday, starts),
    constraint client_availability_weekday check (weekday between 1 and 7),
    constraint client_availability_order check (0 <= starts and starts < ends and ends <= 1440)
);

-- Assignments: a practitioner sees assigned clients only. The first appointment
-- with a client also assigns.
create table client_practitioner (
    client_id        uuid not null references client on delete cascade,
    practitioner_id  uuid not null references staff_member on delete cascade,
    assigned_at      timestamptz not null default now(),
    primary key (client_id, practitioner_id)
);
create index client_practitioner_practitioner on client_practitioner (practitioner_id, client_id);

-- Assignments that were ended. A booking does not restore them, because an
-- assigned practitioner sees the record.
create table client_practitioner_ended (
    client_id        uuid not null references client on delete cascade,
    practitioner_id  uuid not null references staff_member on delete cascade,
    ended_at         timestamptz not null default now(),
    primary key (client_id, practitioner_id)
);
create index client_practitioner_ended_practitioner on client_practitioner_ended (practitioner_id);

-- The colour of a client in a staff member's own calendar.
create table client_colour (
    staff_id   uuid not null references staff_member on delete cascade,
    client_id  uuid not null references client on delete cascade,
    colour     text not null,
    primary key (staff_id, client_id),
    constraint client_colour_known check (colour in ('red', 'orange', 'yellow', 'green', 'teal', 'blue', 'purple', 'pink'))
);
create index client_colour_client on client_colour (client_id);

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

-- Code-only mode: names, contact details and the numbers of health cards and
-- insurers are not stored, whether they come from a form, an import or an undone merge.

-- Whether the record holds anything that code-only mode forbids.
create function client_is_named(c client) returns boolean
    language sql immutable parallel safe
    return c.first_name <> '' or c.last_name <> '' or c.preferred_name <> '' or c.group_name <> ''
        or c.email is not null or c.mobile is not null or c.address <> '' or c.address_unit <> ''
        or c.veteran_id <> '' or c.card_number <> '' or c.card_version <> ''
        or c.fee_programme_number <> '' or c.billing_authorisation <> '';

create function client_code_only() returns trigger language plpgsql as $$
begin
    if (select code_only from practice) then
        new.first_name := '';
        new.last_name := '';
        new.preferred_name := '';
        new.group_name := '';
        new.email := null;
        new.email_consent := false;
        new.mobile := null;
        new.sms_consent := false;
        new.mobile_is_primary := false;
        new.voice_consent := false;
        new.address := '';
        new.address_unit := '';
        new.veteran_id := '';
        new.card_province := '';
        new.card_number := '';
        new.card_version := '';
        new.card_expires := null;
        new.fee_programme_number := '';
        new.billing_authorisation := '';
    end if;
    return new;
end $$;
create trigger client_code_only before insert or update on client
    for each row execute function client_code_only();

create function code_only_skips() returns trigger language plpgsql as $$
begin
    if (select code_only from practice) then
        return null;
    end if;
    return new;
end $$;
create trigger client_phone_code_only before insert or update on client_phone
    for each row execute function code_only_skips();
create trigger client_contact_code_only before insert or update on client_contact
    for each row execute function code_only_skips();

-- Erasing also removes free text that mentions the client.

-- Whether a text mentions the client: by the code or a name as a word that begins
-- with a capital (Will is also a verb), by a last name of four letters or more in any
-- case, by a name that is not in Latin letters anywhere in the text; a couple, family
-- or group by its whole name.
create function text_mentions_client(c client, said text) returns boolean
    language sql stable parallel safe
    return (with texts as (
                select searchable(said) as text, regexp_split_to_array(searchable(said), '[^[:alnum:]]+') as folded,
                       regexp_split_to_array(unaccent(said), '[^[:alnum:]]+') as written),
            words as (
                select word, false as is_last
                  from regexp_split_to_table(searchable(c.first_name || ' ' || c.preferred_name || ' ' || c.code::text), '[^[:alnum:]]+') word
                union all
                select word, true from regexp_split_to_table(searchable(c.last_name), '[^[:alnum:]]+') word)
            select c.group_name ~ '[[:alnum:]]'
                   and exists (select from texts
                                where position(regexp_replace(' ' || searchable(c.group_name) || ' ', '[^[:alnum:]]+', ' ', 'g')
                                               in ' ' || array_to_string(folded, ' ') || ' ') > 0)
                or exists (select from texts, words
                            where case when word = '' then false
                                       when word !~ '^[a-z0-9]+$' then position(word in text) > 0
                                       else length(word) > 1 and (initcap(word) = any (written) or upper(word) = any (written))
                                         or is_last and length(word) > 3 and word = any (folded) end));

-- Whether a text holds the client's whole name, first or last name first.
create function client_is_named_in(c client, said text) returns boolean
    language sql stable parallel safe
    return c.first_name <> '' and c.last_name <> ''
       and (position(searchable(c.first_name || ' ' || c.last_name) in searchable(said)) > 0
         or position(searchable(c.last_name || ' ' || c.first_name) in searchable(said)) > 0
         or position(searchable(c.last_name || ', ' || c.first_name) in searchable(said)) > 0);
