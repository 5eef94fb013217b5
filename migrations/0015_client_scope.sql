-- Whether a viewer sees a client: everyone does whose scope is null, a practitioner only
-- those assigned to them. A row is yes, none is no:
--
--   exists (select from client_in_scope(c.id, $1))
--
-- It is a set of rows and not a boolean because Postgres never inlines a scalar function
-- whose body has a subquery: called for each row, it costs twenty times as much. A set is
-- inlined, becomes one probe of an index, and nothing at all where the scope is null.
-- Statements over all clients at once (reports, duplicates, prospects, bulk changes) say
-- it in full, for there Postgres hashes the practitioner's clients once.
create function client_in_scope(client uuid, scope uuid) returns setof boolean
    language sql stable parallel safe as $$
    select true
     where scope is null
        or exists (select from client_practitioner a where a.client_id = client and a.practitioner_id = scope)
$$;
