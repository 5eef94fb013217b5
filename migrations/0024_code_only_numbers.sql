-- A9: by the numbers that an insurer gives, somebody is known as by a health card.

create or replace function client_is_named(c client) returns boolean
    language sql immutable parallel safe
    return c.first_name <> '' or c.last_name <> '' or c.preferred_name <> '' or c.group_name <> ''
        or c.email is not null or c.mobile is not null or c.address <> '' or c.address_unit <> ''
        or c.veteran_id <> '' or c.card_number <> '' or c.card_version <> ''
        or c.fee_programme_number <> '' or c.billing_authorisation <> '';

create or replace function client_code_only() returns trigger language plpgsql as $$
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

-- Where the mode is on already: nobody of theirs logs in, and these numbers go, also
-- from files that wait to be imported and from merges that could be undone.
delete from account a using practice p where p.code_only and a.client_id is not null;
delete from import_row r using practice p where p.code_only;
update client_merge m set journal = null from practice p where p.code_only and m.journal is not null;
update client c set version = c.version + 1, updated_at = now()
  from practice p
 where p.code_only and client_is_named(c);
