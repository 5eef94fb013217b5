-- What the lists of the settings rely on, whoever writes.

-- Editing a location: a stale save shows both versions.
alter table location add column version integer not null default 1;

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
-- are not stored, whichever way they come: forms, imports, merges undone.
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
