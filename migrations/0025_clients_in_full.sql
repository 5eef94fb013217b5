-- A7: reports use the age at the date of each activity, whoever was erased since.

-- The age range in use that somebody born on a day is in on another; the first of its
-- list where two would do.
create function age_range_on(born date, day date) returns uuid
    language sql stable parallel safe
    return (select id from term
             where vocabulary = 'age_range' and active and born <= day
               and extract(year from age(day, born)) between age_from and coalesce(age_to, 999)
             order by position, label limit 1);

-- Of somebody who was erased no date of birth is left: for each activity they were at,
-- the range they were in then.
create table erased_age (
    client_id     uuid not null references client on delete cascade,
    activity_id   uuid not null references activity on delete cascade,
    age_range_id  uuid not null references term,
    primary key (client_id, activity_id)
);
create index erased_age_activity on erased_age (activity_id);

-- C4: since when the dry run, or what was done after it, does not know who is new.
alter table import add column checked_at timestamptz;
update import set checked_at = created_at where state in ('checked', 'checking', 'importing');

-- A8: whether a text names somebody: by the code or a name as a word that begins with a
-- capital (Will is also a verb), by a last name of four letters or more however it is
-- written, by a name that is not of latin letters anywhere; a group by its whole name.
create function client_is_said(c client, said text) returns boolean
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

-- Whether a text holds somebody's whole name, first or last name first.
create function client_is_named_in(c client, said text) returns boolean
    language sql stable parallel safe
    return c.first_name <> '' and c.last_name <> ''
       and (position(searchable(c.first_name || ' ' || c.last_name) in searchable(said)) > 0
         or position(searchable(c.last_name || ' ' || c.first_name) in searchable(said)) > 0
         or position(searchable(c.last_name || ', ' || c.first_name) in searchable(said)) > 0);

-- C4: the number of the health card that a row brings, with its province.
alter table import_row add column same_card text;

-- B9: what administrators and staff note of those who work here, for each other alone.
alter table staff_member add column notes text not null default '';

-- B1: where somebody was going who registers on the way, such as a time to be booked.
alter table registration add column next text not null default '';

-- A9: lists that were searched for a name, where the mode is on already.
update bulk_change set back = regexp_replace(back, '([?&])q=[^&]*', '\1', 'g') from practice p
 where p.code_only and back ~ '[?&]q=';
