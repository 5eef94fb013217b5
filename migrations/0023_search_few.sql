-- Of few people, a practitioner's or a tag's, everything that they are found by
-- is read at once: with the posting of a mark stand the keys of whoever has it,
-- one on each line. Other postings have none.

alter table client_word add column keys text;

create function search_is_mark(word text) returns boolean
    language sql immutable parallel safe strict
    return left(word, 1) = any (array['#', '~', '@', ':', '=']);

create or replace function client_search_refresh(ids uuid[]) returns void language plpgsql as $$
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

-- Whoever is here already.
update client_word w set keys = array_to_string(s.keys, E'\n')
  from client_search s
 where s.number = w.number and search_is_mark(w.word);
