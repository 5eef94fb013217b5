-- C1: a couple, family or group without a name stands in every list by its code, as in
-- the list of all; until now it stood before all names where a mark led to it.

-- What clients are found by, as their records are now; nulls for the erased.
create or replace function client_search_text(ids uuid[])
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

-- Those who are here already.
select client_search_refresh(array(
    select id from client where kind <> 'individual' and trim(group_name) = '' and erased_at is null));
