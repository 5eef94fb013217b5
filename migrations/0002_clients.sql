-- Clients of all four kinds in one table, and who is assigned to whom.

create table client (
    id                uuid primary key,
    -- B12: for people on the telephone; never reused.
    number            bigint generated always as identity (start with 1001),
    kind              text not null,
    code              citext not null,
    status            text not null default 'active',
    -- Individuals have first and last names; the other kinds a name.
    first_name        text not null default '',
    last_name         text not null default '',
    preferred_name    text not null default '',
    group_name        text not null default '',
    language          text not null default 'en',
    zone              text not null,
    email             citext,
    email_consent     boolean not null default true,
    mobile            text,
    sms_consent       boolean not null default false,
    mobile_is_primary boolean not null default false,
    pronouns          text not null default '',
    birth_date        date,
    -- B4: shows on the profile and on every appointment.
    alert             text not null default '',
    -- B9: administrators and staff only. Never select this with the rest.
    notes             text not null default '',
    -- Made when the create form was shown: a double submit carries the same.
    request_key       uuid,
    version           integer not null default 1,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),
    sort_name         text generated always as (
        searchable(case when kind = 'individual' then last_name || ' ' || first_name else group_name end)
    ) stored,
    search            text generated always as (
        searchable(first_name || ' ' || preferred_name || ' ' || last_name || ' ' || group_name || ' ' || code::text
            || ' ' || coalesce(email::text, '') || ' ' || coalesce(regexp_replace(mobile, '[^0-9]', '', 'g'), ''))
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
    constraint client_named check (
        case kind when 'individual' then first_name <> '' or last_name <> '' else true end
    )
);
create index client_sort on client (sort_name, id);
create index client_status_sort on client (status, sort_name, id);
create index client_search on client using gin (search gin_trgm_ops);
create index client_email on client (email);

-- B15: a practitioner sees assigned clients only. The first appointment with
-- a client assigns too.
create table client_practitioner (
    client_id        uuid not null references client on delete cascade,
    practitioner_id  uuid not null references staff_member on delete cascade,
    assigned_at      timestamptz not null default now(),
    primary key (client_id, practitioner_id)
);
create index client_practitioner_practitioner on client_practitioner (practitioner_id, client_id);
