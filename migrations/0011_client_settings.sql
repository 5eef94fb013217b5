-- What the lists of the settings rely on, whoever writes.

-- Editing a location: a stale save shows both versions. At most one is where
-- people work and appointments are held; before anybody says so, the first by name.
alter table location
    add column version integer not null default 1,
    add column main boolean not null default false,
    add constraint location_main_active check (active or not main);
create unique index location_main on location (main) where main;
create unique index location_name_key on location (lower(name)) where active;
update location set main = true where id = (select id from location where active order by name, id limit 1);

-- Every age belongs to at most one of the age ranges in use.
alter table term add constraint term_ages_apart exclude using gist (
    int4range(age_from, age_to, '[]') with &&
) where (vocabulary = 'age_range' and active);

-- A tag that was removed, and from whom: for a day it can be put back.
create table tag_removal (
    -- The tag's own, which it gets again.
    id          uuid primary key,
    name        citext not null,
    clients     uuid[] not null,
    removed_at  timestamptz not null default now()
);

-- A9: where clients are known by their codes alone, names and contact details
-- are not stored, nor numbers of cards, whichever way they come: forms, imports,
-- merges undone.
create function client_is_named(c client) returns boolean
    language sql immutable parallel safe
    return c.first_name <> '' or c.last_name <> '' or c.preferred_name <> '' or c.group_name <> ''
        or c.email is not null or c.mobile is not null or c.address <> '' or c.address_unit <> ''
        or c.veteran_id <> '' or c.card_number <> '' or c.card_version <> '';

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
