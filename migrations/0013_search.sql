-- Finding clients, designed for a million. Every client has one line with the words
-- it is found by, and an index leads from each word to the line, in the order of the
-- client list: the first page of the clients whose name begins with "mar" is read from
-- an index, however many there are. Statement triggers keep these tables up to date in
-- the transaction of the change.

-- Text as searches compare it: lower case, no accents, one spelling of characters that
-- can be written in several ways. plpgsql, because it is planned once per connection
-- and not once per statement.
create function search_fold(value text) returns text
    language plpgsql immutable parallel safe strict as $$
begin
    return translate(
        regexp_replace(
            lower(public.unaccent('public.unaccent'::regdictionary, normalize(value, nfkc))),
            -- Combining marks, Arabic vowel signs, invisible joiners.
            '[\u0300-\u036f\u064b-\u0652\u0640\u200b-\u200f]', '', 'g'),
        'أإآىة', 'ااايه');
end $$;

-- The words of a text, split at every character that is neither a letter nor a digit.
create function search_words(value text) returns text[]
    language plpgsql immutable parallel safe as $$
begin
    return array_remove(string_to_array(translate(search_fold(left(value, 200)),
        E'\t\n\r!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~¡¦§¨«¬¯°±´¶·¸»¿×÷،؛؟।॥‐‑‒–—―‘’‚‛“”„•′″、。〈〉「」・',
        rpad(' ', 80)), ' '), '');
end $$;

-- The upper bound of all texts that begin with `value`.
create function search_end(value text) returns text
    language sql immutable parallel safe strict
    return value || U&'\+10FFFF';

-- A mark: a sign for what it refers to, and the end of its id.
create function search_mark(sign text, id uuid) returns text
    language sql immutable parallel safe strict
    return sign || right(id::text, 12);

create function search_is_mark(word text) returns boolean
    language sql immutable parallel safe strict
    return left(word, 1) = any (array['#', '~', '@', ':', '=']);

-- The words of a name, and the name without its spaces, such as `almasri`.
create function search_name(words text[]) returns text[]
    language sql immutable parallel safe
    return words || case when cardinality(words) between 2 and 4 then array[array_to_string(words, '')] else '{}' end;

-- Two words of one name, each by its first three letters, such as `+gar mar`. A search
-- for Maria Garcia reads the lines that have both, not those of all Marias.
create function search_pair(one text, other text) returns text
    language sql immutable parallel safe strict
    return '+' || least(left(one, 3) collate "C", left(other, 3) collate "C")
        || ' ' || greatest(left(one, 3) collate "C", left(other, 3) collate "C");

-- A word, and the word without any one of its letters.
create function search_misspellings(word text) returns text[]
    language sql immutable parallel safe strict
    return array(
        select word union
        select overlay(word placing '' from at for 1) from generate_series(1, length(word)) at where length(word) > 1);

-- One row per client; erased clients have none.
create table client_search (
    number  bigint primary key,
    -- Such as ` okafor mia :active =individual #0123456789ab`: names in the order of the
    -- client list, then marks of status, kind, tags, practitioners and location.
    line    text collate "C" not null,
    -- What leads to the line: its words, pairs of words, marks, and each word with each
    -- tag and practitioner, such as `+#0123456789ab garcia`.
    words   text[] collate "C" not null,
    -- What else leads to the client: code, number, email address, telephone numbers.
    keys    text[] collate "C" not null
);
create index client_search_line on client_search (line, number);

-- One row per word of client_search.words.
create table client_word (
    word    text collate "C" not null,
    line    text collate "C" not null,
    number  bigint not null,
    -- Of a mark: the client's keys, one on each line, so that everything by which the
    -- clients of a practitioner or tag are found is read at once. Null for other words.
    keys    text
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02,
        autovacuum_analyze_scale_factor = 0.02);
create index client_word_walk on client_word (word, line, number);

-- One row per key of client_search.keys.
create table client_key (
    key     text collate "C" not null,
    number  bigint not null
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);
create index client_key_walk on client_key (key, number);

-- The words in information fields. Whether a field is included is decided by the search;
-- so are the labels of choices.
create table client_field_word (
    word      text collate "C" not null,
    field_id  uuid not null,
    number    bigint not null
);
create index client_field_word_walk on client_field_word (word, field_id, number);
create index client_field_word_number on client_field_word (number);

-- The words of names, each once or, after a race, more than once; and each word without
-- one of its letters, by which a misspelt word finds it.
create table client_spelling (
    word  text collate "C" not null
);
create index client_spelling_word on client_spelling (word);
create index client_spelling_near on client_spelling using gin (word gin_trgm_ops);

create table client_misspelling (
    key   text collate "C" not null,
    word  text collate "C" not null
);
create index client_misspelling_key on client_misspelling (key, word);
create index client_misspelling_word on client_misspelling (word);

-- What these clients are found by, from their records as they are now; nulls for erased
-- clients. A couple, family or group without a name is listed by its code.
create function client_search_text(ids uuid[])
returns table (number bigint, line text, words text[], keys text[])
language sql stable as $$
    select c.number,
           case when c.erased_at is null
               then left(' ' || array_to_string(n.words, ' '), 160) || ' ' || array_to_string(m.marks || m.dense, ' ') end,
           case when c.erased_at is null then n.words || two.words || of_mark.words || m.marks end,
           case when c.erased_at is null then k.keys end
      from client c
     cross join lateral (
         select case c.kind when 'individual' then search_words(c.last_name)
                    else search_words(coalesce(nullif(trim(c.group_name), ''), c.code::text)) end as last,
                case c.kind when 'individual' then search_words(c.first_name) else '{}' end as first,
                case c.kind when 'individual' then search_words(c.preferred_name) else '{}' end as preferred
         offset 0) parts
     cross join lateral (
         -- Chinese, Japanese and Korean names are written without a gap, and
         -- found by any part.
         select case when array_to_string(last || first, '') ~ '[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]' then array(
                    select substr(whole, at)
                      from (select left(array_to_string(last || first, ''), 12)) joined (whole), generate_series(1, length(whole)) at)
                else '{}' end as tails offset 0) t
     cross join lateral (
         select array(
             select left(word, 60)
               from unnest(last || first || preferred || search_name(last) || search_name(first) || search_name(preferred) || tails)
                    with ordinality all_words (word, at)
              group by word order by min(at)) as words offset 0) n
     cross join lateral (
         select array(select search_mark('#', tag_id) from client_tag g where g.client_id = c.id order by 1 limit 60)
             || array(select search_mark('~', practitioner_id) from client_practitioner a where a.client_id = c.id order by 1 limit 40)
             || case when c.location_id is null then '{}' else array[search_mark('@', c.location_id)] end
             || case c.status when 'active' then '{}' else array[':' || c.status] end
             || case c.kind when 'individual' then '{}' else array['=' || c.kind] end as marks,
                -- Most have these: nobody is looked for by them alone.
                case c.status when 'active' then array[':active'] else '{}' end
             || case c.kind when 'individual' then array['=individual'] else '{}' end as dense offset 0) m
     cross join lateral (
         -- Of a name of more words, the first.
         select array(
             select distinct search_pair(one, other)
               from unnest(long.words[:24]) one, unnest(long.words[:24]) other
              where one < other and left(one, 3) <> left(other, 3)) as words
           from (select array(select word from unnest(n.words) word where length(word) > 2) as words) long offset 0) two
     cross join lateral (
         select array(
             select '+' || mark || ' ' || word from unnest(m.marks) mark, unnest(n.words) word
              where mark ~ '^[#~]') as words offset 0) of_mark
     cross join lateral (
         select array(
             select distinct left(key, 200) collate "C"
               from (select search_fold(c.code::text)
                     union all select c.number::text
                     union all select search_fold(c.email::text)
                     union all select search_fold(split_part(c.email::text, '@', 2))
                     union all select part from unnest(search_words(split_part(c.email::text, '@', 1))) part
                                where length(part) > 2 and part <> all (n.words)
                     union all select key
                       from (select c.mobile union all select p.number from client_phone p where p.client_id = c.id) phones (dialled),
                            lateral (select right(regexp_replace(dialled, '[^0-9]', '', 'g'), 10)) d (digits),
                            -- As dialled, without its area code, and from its end.
                            unnest(array[digits, right(digits, 7), '-' || reverse(digits)]) key
                      where length(digits) > 2) found (key)
              where key <> '') as keys offset 0) k
     where c.id = any (ids)
$$;

-- Brings the search tables up to date for these clients, writing only what has changed.
-- An import turns the triggers off with `set local kindred.search = 'later'` and calls
-- this once for all its clients.
create function client_search_refresh(ids uuid[]) returns void language plpgsql as $$
declare
    added  text[];
    gone   text[];
begin
    -- Of two who change one client the second waits, and sees what the first did.
    perform s.number
       from unnest(ids) wanted (id) join client c using (id) join client_search s using (number)
      order by s.number for update of s;
    with fresh as materialized (
        select f.number, f.line, f.words, f.keys, s.line as old_line, s.words as old_words, s.keys as old_keys,
               s.line is distinct from f.line as moves, s.keys is distinct from f.keys as is_found_anew
          from client_search_text(ids) f left join client_search s using (number)
    ), no_words as (
        delete from client_word w
         using (select number, moves, old_line, unnest(old_words) as word from fresh where moves or is_found_anew) o
         where w.word = o.word and w.line = o.old_line and w.number = o.number and (o.moves or search_is_mark(o.word))
    ), no_keys as (
        delete from client_key k
         using (select number, unnest(old_keys) as key from fresh where is_found_anew) o
         where k.key = o.key and k.number = o.number
    ), nobody as (
        delete from client_search s using fresh f where s.number = f.number and f.line is null
    ), put_words as (
        insert into client_word (word, line, number, keys)
        select word, line, number, case when search_is_mark(word) then array_to_string(keys, E'\n') end
          from fresh, unnest(words) word
         where moves or (is_found_anew and search_is_mark(word))
    ), put_keys as (
        insert into client_key (key, number)
        select unnest(keys), number from fresh where is_found_anew
    ), put as (
        insert into client_search (number, line, words, keys)
        select number, line, words, keys from fresh where line is not null and (moves or is_found_anew)
        on conflict (number) do update set line = excluded.line, words = excluded.words, keys = excluded.keys
    )
    select array(select distinct unnest(words) from fresh where moves),
           array(select distinct unnest(old_words) from fresh where moves)
      into added, gone;
    perform client_spelling_refresh(added, gone);
end $$;

-- Adds new words, and removes words that no client has any more.
create function client_spelling_refresh(added text[], gone text[]) returns void language plpgsql as $$
begin
    if gone <> '{}' then
        gone := array(select word from unnest(gone) word
                       where not exists (select from client_word w where w.word = word.word));
        delete from client_spelling where word = any (gone);
        delete from client_misspelling where word = any (gone);
    end if;
    with learnt as (
        insert into client_spelling (word)
        select word from unnest(added) word
         where word !~ '^[#~@:=+]' and length(word) between 2 and 30
           and not exists (select from client_spelling s where s.word = word.word)
        returning word)
    insert into client_misspelling (key, word) select unnest(search_misspellings(word)), word from learnt;
end $$;

-- Brings the words in the information fields of these clients up to date.
create function client_field_words_refresh(ids uuid[]) returns void language plpgsql as $$
begin
    delete from client_field_word w using client c where c.id = any (ids) and w.number = c.number;
    insert into client_field_word (word, field_id, number)
    select distinct left(word, 100), v.field_id, c.number
      from client_field_value v join client c on c.id = v.client_id,
           lateral unnest(case
               when v.words is not null then search_words(left(v.words, 10000)) || regexp_split_to_array(search_fold(left(v.words, 300)), '\s+')
               when v.number is not null then array[trim_scale(v.number)::text]
               when v.day is not null then array[to_char(v.day, 'YYYY-MM-DD')]
               else '{}' end) word
     where v.client_id = any (ids) and c.erased_at is null and word <> '';
end $$;

create function client_search_later() returns boolean language sql stable
    return coalesce(current_setting('kindred.search', true), '') = 'later';

create function client_search_inserted() returns trigger language plpgsql as $$
begin
    if not client_search_later() then
        perform client_search_refresh(array(select id from new_rows));
    end if;
    return null;
end $$;

create function client_search_updated() returns trigger language plpgsql as $$
declare
    ids uuid[];
begin
    if client_search_later() then return null; end if;
    ids := array(
        select n.id from new_rows n join old_rows o using (id)
         where (n.kind, n.status, n.first_name, n.last_name, n.preferred_name, n.group_name, n.code::text, n.email::text,
                n.mobile, n.location_id, n.erased_at)
               is distinct from
               (o.kind, o.status, o.first_name, o.last_name, o.preferred_name, o.group_name, o.code::text, o.email::text,
                o.mobile, o.location_id, o.erased_at));
    if ids <> '{}' then
        perform client_search_refresh(ids);
    end if;
    ids := array(select n.id from new_rows n join old_rows o using (id) where n.erased_at is distinct from o.erased_at);
    if ids <> '{}' then
        perform client_field_words_refresh(ids);
    end if;
    return null;
end $$;

create function client_search_deleted() returns trigger language plpgsql as $$
declare
    gone text[];
begin
    with old as materialized (
        delete from client_search s using old_rows o where s.number = o.number returning s.*
    ), no_words as (
        delete from client_word w using (select number, line, unnest(words) as word from old) o
         where w.word = o.word and w.line = o.line and w.number = o.number
    ), no_keys as (
        delete from client_key k using (select number, unnest(keys) as key from old) o
         where k.key = o.key and k.number = o.number
    ), no_fields as (
        delete from client_field_word w using old_rows o where w.number = o.number
    )
    select array(select distinct unnest(words) from old) into gone;
    perform client_spelling_refresh('{}', gone);
    return null;
end $$;

create trigger client_search_inserted after insert on client
    referencing new table as new_rows for each statement execute function client_search_inserted();
create trigger client_search_updated after update on client
    referencing old table as old_rows new table as new_rows for each statement execute function client_search_updated();
create trigger client_search_deleted after delete on client
    referencing old table as old_rows for each statement execute function client_search_deleted();

-- The same for telephone numbers, tags, assignments and information fields.
create function client_search_part() returns trigger language plpgsql as $$
declare
    ids uuid[];
begin
    if client_search_later() then return null; end if;
    case tg_op
        when 'INSERT' then ids := array(select distinct client_id from new_rows);
        when 'DELETE' then ids := array(select distinct client_id from old_rows);
        else ids := array(select client_id from new_rows union select client_id from old_rows);
    end case;
    if ids = '{}' then
        return null;
    elsif tg_table_name = 'client_field_value' then
        perform client_field_words_refresh(ids);
    else
        perform client_search_refresh(ids);
    end if;
    return null;
end $$;

-- Three triggers for each of these tables.
do $$
declare
    part text;
begin
    foreach part in array array['client_phone', 'client_tag', 'client_practitioner', 'client_field_value'] loop
        execute format('create trigger %1$s_search_inserted after insert on %1$s
            referencing new table as new_rows for each statement execute function client_search_part()', part);
        execute format('create trigger %1$s_search_updated after update on %1$s
            referencing old table as old_rows new table as new_rows for each statement execute function client_search_part()', part);
        execute format('create trigger %1$s_search_deleted after delete on %1$s
            referencing old table as old_rows for each statement execute function client_search_part()', part);
    end loop;
end $$;
