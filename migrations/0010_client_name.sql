-- How a client is called, in one place: the preferred name instead of the
-- first; the code of whoever has no name (A9). And the list's order says the same.

create function client_name(c client) returns text
    language sql immutable parallel safe
    return coalesce(
        nullif(trim(case c.kind
            when 'individual' then coalesce(nullif(c.preferred_name, ''), c.first_name) || ' ' || c.last_name
            else c.group_name end), ''),
        c.code::text
    );

alter table client drop column sort_name;
alter table client add column sort_name text generated always as (
    searchable(coalesce(
        nullif(trim(case when kind = 'individual' then last_name || ' ' || first_name else group_name end), ''),
        code::text
    ))
) stored;
create index client_sort on client (sort_name, id);
create index client_status_sort on client (status, sort_name, id);

-- How they are addressed in a mail.
create function client_short_name(c client) returns text
    language sql immutable parallel safe
    return coalesce(nullif(c.preferred_name, ''), nullif(c.first_name, ''), nullif(c.last_name, ''), client_name(c));
