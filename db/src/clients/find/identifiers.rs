//! What else leads to someone: code, number, e-mail, telephone number, what is
//! written in information fields that are searched.

use super::typed::{Read, Word};
use crate::Result;
use sqlx::PgConnection;
use std::collections::HashSet;

/// The number of identifiers looked at under a filter; what begins no name is rather an
/// address, and there may be more.
const LOOKED_AT: i64 = 500;
const LOOKED_AT_MOST: i64 = 16_000;
/// Of several words.
const LOOKED_AT_OF_MANY: i64 = 2_000;
/// The same where each of them begins a name: they are rather names with a typo.
const LOOKED_AT_OF_NAMES: i64 = 100;

/// Whose identifiers begin so, but for those `found` already; of several words each is
/// among these or in the line. And whether there may be more: at least one more
/// than are needed is found, if not too many had to be looked at.
pub async fn find(
    conn: &mut PgConnection,
    read: &Read,
    dialled: bool,
    patterns: &[String],
    found: &[i64],
    need: u32,
) -> Result<(Vec<i64>, bool)> {
    let limit = i64::from(need) + 1;
    match read.tokens.as_slice() {
        [text] if !text.is_empty() => of_one(conn, text, dialled, patterns, found, limit).await,
        [_, _, ..] => of_many(conn, read, patterns, limit).await,
        _ => Ok((Vec::new(), false)),
    }
}

/// As telephone numbers are found from their end.
pub fn reversed(digits: &str) -> String {
    format!("-{}", digits.chars().rev().collect::<String>())
}

/// The sources come one after another, each in its own order; of those behind
/// one that was cut no one is taken, so that a longer list begins as a shorter
/// one does.
async fn of_one(
    conn: &mut PgConnection,
    text: &str,
    dialled: bool,
    patterns: &[String],
    found: &[i64],
    limit: i64,
) -> Result<(Vec<i64>, bool)> {
    let reversed = (dialled && text.len() > 2).then(|| reversed(text));
    // Anyone who is found by name has an address that begins so.
    let mut each = 2 * (limit + found.len() as i64);
    if !patterns.is_empty() {
        each = each.max(LOOKED_AT);
    }
    loop {
        let row = sqlx::query!(
            r#"with hit as materialized (
                   (select 1 as source, number, key from client_key
                     where key >= (select $1::text) and key < (select search_end($1::text))
                     order by key, number limit (select $5::bigint))
                   union all
                   (select 2, number, key from client_key
                     where key >= (select $2::text) and key < (select search_end($2::text))
                     order by key, number limit (select $5::bigint))
                   union all
                   (select 3, w.number, w.word from client_field_word w
                     where w.word >= (select $1::text) and w.word < (select search_end($1::text))
                       and exists (select from client_field f where f.id = w.field_id and f.in_search and f.active)
                     order by w.word, w.number limit (select $5::bigint))
                   union all
                   (select 4, c.number, o.label
                      from client_field f
                      join client_field_choice o on o.field_id = f.id
                     cross join lateral (select client_id from client_field_value where choice_id = o.id
                                          order by client_id limit (select $5::bigint)) v
                      join client c on c.id = v.client_id
                     where f.in_search and f.active
                       and exists (select from unnest(search_words(o.label) || search_fold(o.label)) l
                                    where starts_with(l, (select $1::text))))
               ), cut as materialized (
                   select min(source) as source
                     from (select source from hit group by source having count(*) >= (select $5::bigint)) s
               ), best as materialized (
                   select distinct on (number) number, source, key
                     from hit
                    where source <= coalesce((select source from cut), 4) and number <> all ((select $4::bigint[])::bigint[])
                    order by number, source, key
               )
               select array(
                          select s.number
                            from best join client_search s on s.number = best.number
                           where s.line like all ((select $3::text[])::text[])
                           order by best.source, best.key, s.number limit (select $6::bigint)) as "numbers!",
                      (select source is not null from cut) as "is_cut!""#,
            text,
            reversed.as_deref(),
            patterns,
            found,
            each,
            limit
        )
        .fetch_one(&mut *conn)
        .await?;
        let is_enough = row.numbers.len() as i64 >= limit;
        // Who has many identifiers that begin so is as many hits.
        let is_all = !patterns.is_empty() && (!found.is_empty() || each >= LOOKED_AT_MOST);
        if is_enough || !row.is_cut || is_all {
            let may_be_more = is_enough || (row.is_cut && !row.numbers.is_empty());
            return Ok((row.numbers, may_be_more));
        }
        each *= 4;
    }
}

/// The same identifiers are looked at for every page: those of the words that are in no
/// name, for the clients they lead to must be found by them. What the other words lead
/// to is asked of these few.
async fn of_many(conn: &mut PgConnection, read: &Read, patterns: &[String], limit: i64) -> Result<(Vec<i64>, bool)> {
    let strange: Vec<i64> = read.words.iter().filter(|word| word.count == 0).map(|word| word.token).collect();
    let each = match strange.is_empty() {
        _ if limit > i64::from(super::DEPTH_MAX) => 2 * limit,
        true => LOOKED_AT_OF_NAMES,
        false => LOOKED_AT_OF_MANY,
    };
    let tokens: Vec<i64> = (1..=read.tokens.len() as i64).collect();
    let first = if strange.is_empty() { &tokens } else { &strange };
    let (of, words): (Vec<i64>, Vec<String>) =
        read.words.iter().map(|word| (word.token, format!("% {}%", word.word))).unzip();
    let row = sqlx::query!(
        r#"with t as materialized (
               select * from unnest((select $1::bigint[]), (select $2::text[])) t (token, text) where text <> ''
           ), label as materialized (
               select t.token, o.id, o.label
                 from client_field f join client_field_choice o on o.field_id = f.id cross join t
                where f.in_search and f.active
                  and exists (select from unnest(search_words(o.label) || search_fold(o.label)) l
                               where starts_with(l, t.text))
           ), hit as materialized (
               select t.token, h.source, h.number, h.key
                 from t cross join lateral (
                      (select 1 as source, k.number, k.key from client_key k
                        where k.key >= t.text and k.key < search_end(t.text)
                        order by k.key, k.number limit (select $3::bigint))
                      union all
                      (select 2, w.number, w.word from client_field_word w
                        where w.word >= t.text and w.word < search_end(t.text)
                          and exists (select from client_field f where f.id = w.field_id and f.in_search and f.active)
                        order by w.word, w.number limit (select $3::bigint))
                      union all
                      (select 3, c.number, l.label
                         from label l
                        cross join lateral (select client_id from client_field_value where choice_id = l.id
                                             order by client_id limit (select $3::bigint)) v
                         join client c on c.id = v.client_id
                        where l.token = t.token)) h
                where t.token = any ((select $4::bigint[])::bigint[])
           ), best as materialized (
               select number, min(key) as key from hit group by number
           ), also as materialized (
               select number, token from hit
               union all
               select o.number, t.token
                 from best join client_field_word o using (number)
                 join client_field f on f.id = o.field_id and f.in_search and f.active join t on starts_with(o.word, t.text)
               union all
               -- Without a label nobody is looked at.
               select p.number, l.token
                 from label l cross join lateral (
                      select c.number
                        from best cross join lateral (select id, number from client where number = best.number offset 0) c
                       where exists (select from client_field_value v where v.choice_id = l.id and v.client_id = c.id)
                      offset 0) p
           )
           select array(
                      select s.number
                        from best
                       -- These are few: nobody else is asked.
                       cross join lateral (select number, line, keys from client_search where number = best.number offset 0) s
                       where s.line like all ((select $5::text[])::text[])
                         and not exists (
                             select from unnest((select $6::bigint[]), (select $7::text[])) w (token, pattern) join t using (token)
                              where s.line not like w.pattern
                                and (s.number, w.token) not in (select number, token from also)
                                and not exists (select from unnest(s.keys) k where starts_with(k, t.text)))
                       order by best.key, s.number limit (select $8::bigint)) as "numbers!",
                  exists (select from hit
                           group by token, source having count(*) >= (select $3::bigint)) as "is_cut!""#,
        &tokens,
        &read.tokens,
        each,
        first,
        patterns,
        &of,
        &words,
        limit
    )
    .fetch_one(&mut *conn)
    .await?;
    let numbers = match read.rarest_name() {
        // More lead there than were looked at: those are asked who have the name.
        Some(name) if row.is_cut && !strange.is_empty() => named(conn, read, name, patterns, limit).await?,
        _ => row.numbers,
    };
    let may_be_more = numbers.len() as i64 >= limit || (row.is_cut && !numbers.is_empty());
    Ok((numbers, may_be_more))
}

/// Of those who have this name, in its order, whose line or identifiers have the rest.
async fn named(conn: &mut PgConnection, read: &Read, name: &Word, patterns: &[String], limit: i64) -> Result<Vec<i64>> {
    let (texts, words): (Vec<&str>, Vec<String>) = (read.words.iter())
        .filter_map(|word| Some((read.tokens.get(word.token as usize - 1)?.as_str(), format!("% {}%", word.word))))
        .unzip();
    let numbers = sqlx::query_scalar!(
        r#"with t as materialized (
               select * from unnest((select $3::text[]), (select $4::text[])) t (text, pattern)
           ), label as materialized (
               select t.text, o.id
                 from client_field f join client_field_choice o on o.field_id = f.id cross join t
                where f.in_search and f.active
                  and exists (select from unnest(search_words(o.label) || search_fold(o.label)) l
                               where starts_with(l, t.text))
           )
           select array(
               select s.number
                 from (select word, line, number from client_word
                        where word >= (select $1::text) and word < search_end((select $1::text))
                          and line like all ((select $2::text[])::text[])
                        order by word, line, number limit (select $6::bigint)) w
                 join client_search s using (number)
                where not exists (
                      select from t
                       where s.line not like t.pattern
                         and not exists (select from unnest(s.keys) k where starts_with(k, t.text))
                         and not exists (
                             select from client_field_word o join client_field f on f.id = o.field_id and f.in_search and f.active
                              where o.number = s.number and starts_with(o.word, t.text))
                         and not (exists (select from label) and exists (
                             select from label l join client c on c.number = s.number
                               join client_field_value v on v.choice_id = l.id and v.client_id = c.id
                              where l.text = t.text)))
                order by w.word, w.line, w.number limit (select $5::bigint)) as "numbers!""#,
        name.word,
        patterns,
        &texts as &[&str],
        &words,
        limit,
        LOOKED_AT_MOST
    );
    let mut numbers = numbers.fetch_one(conn).await?;
    let mut seen = HashSet::new();
    numbers.retain(|number| seen.insert(*number));
    Ok(numbers)
}
