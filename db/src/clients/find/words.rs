//! A search: the best first. Whose very code or number it is; who has all the
//! words, or words that begin so, in the order of words and names; whose code,
//! address, telephone number or information field it is; who has words like it.

use super::filter::Filter;
use super::near;
use crate::Result;
use sqlx::PgConnection;
use std::collections::HashSet;

/// A search counts up to so many.
pub const COUNTED: u32 = 500;
/// The same of several words.
const COUNTED_FEW: u32 = 200;
/// The same where few of those who have the words are wanted.
const COUNTED_SPARSE: u32 = 100;
/// An order of one's own puts so many of the best in order.
const SORTED_MAX: u32 = 5_000;
/// To tell which word is the rarest, so many of each are counted.
const RARE_MAX: i64 = 2_000;
/// Of what many have and few are found by, so many are looked at.
const KEYS_MAX: i64 = 2_000;
/// With fewer found, those who have similar words follow.
const FEW: usize = 5;

/// Whom a search found, the best first.
#[derive(Default)]
pub struct Found {
    pub numbers: Vec<i64>,
    /// There are more than these.
    pub more: bool,
    /// From here on they have similar words only.
    pub near_from: Option<usize>,
    seen: HashSet<i64>,
}

impl Found {
    /// How many of them are what was searched, not only close to it.
    pub fn exactly(&self) -> usize {
        self.near_from.unwrap_or(self.numbers.len())
    }

    fn add(&mut self, numbers: Vec<i64>) {
        for number in numbers {
            if self.seen.insert(number) {
                self.numbers.push(number);
            }
        }
    }
}

/// A word that was typed, as it is compared.
pub struct Word {
    /// Of which token.
    pub token: i64,
    pub word: String,
    /// How many words begin so, up to a limit.
    pub count: i64,
}

/// What was typed, as it is compared.
struct Read {
    /// Each token whole: `maria.silva@`.
    tokens: Vec<String>,
    words: Vec<Word>,
    /// The rarest of the marks asked for.
    mark: Option<(String, i64)>,
}

/// At most `max` clients, of whom the first `need` are wanted now: the others
/// are for counting. With an order of its own the list is in that order.
pub async fn find(conn: &mut PgConnection, filter: &Filter, need: u32, max: u32) -> Result<Found> {
    let (typed, patterns) = (&filter.typed, filter.patterns());
    let mut found = Found::default();
    // What is shown in an order of its own must be known before its first page is.
    let (need, max) = match filter.sort {
        Some(_) => (max.max(SORTED_MAX), max.max(SORTED_MAX)),
        None => (need, max),
    };
    let limit = i64::from(max) + 1;
    if let Some(token) = typed.single() {
        found.add(exact(conn, token, &patterns).await?);
    }
    let read = read(conn, filter).await?;
    if !read.words.is_empty() && read.words.iter().all(|word| word.count > 0) {
        found.add(skim(conn, &read, &patterns, need).await?);
        found.more = found.numbers.len() >= need as usize;
        if !found.more {
            let (names, more) = names(conn, &read, &patterns, need, limit).await?;
            found.more = more;
            found.add(names);
        }
    }
    let named = found.numbers.len();
    if !found.more && (read.tokens.len() == 1 || named == 0) {
        found.add(keys(conn, typed.dialled, &read, &patterns, limit).await?);
    }
    let forgiving = !typed.dialled && !typed.tokens.iter().any(|token| token.contains('@'));
    let is_odd = found.numbers.is_empty() || read.words.iter().all(|word| word.word.chars().count() > 2);
    if forgiving && is_odd && found.numbers.len() < FEW {
        let exactly = found.numbers.len();
        let mark = read.mark.as_ref().filter(|(_, count)| *count <= RARE_MAX).map(|(mark, _)| mark.as_str());
        found.add(near::find(conn, &read.words, near::Among { patterns: &patterns, mark }, limit).await?);
        found.near_from = (found.numbers.len() > exactly).then_some(exactly);
    }
    found.more |= found.numbers.len() > max as usize;
    found.numbers.truncate(max as usize);
    if let Some(sort) = filter.sort {
        // Those who are only close have no place among the others.
        if found.exactly() > 0 {
            found.numbers.truncate(found.exactly());
            found.near_from = None;
        }
        found.numbers = super::walk::sorted(conn, &found.numbers, sort).await?;
    }
    Ok(found)
}

/// Whose very number or code it is, or was before two records became one.
async fn exact(conn: &mut PgConnection, token: &str, patterns: &[String]) -> Result<Vec<i64>> {
    let numbers = sqlx::query_scalar!(
        "select s.number
           from (select c.number, 1 from client c where c.number = $2
                 union all
                 select c.number, 2 from client c where c.code = $1::text::citext
                 union all
                 select c.number, 3 from client_merge m join client c on c.id = m.kept_id
                  where m.dropped_number = $2 or m.dropped_code = $1::text::citext) found (number, place)
           join client_search s on s.number = found.number
          where s.line like all ($3)
          order by found.place, s.number",
        token,
        token.parse().unwrap_or(0_i64),
        patterns
    );
    Ok(numbers.fetch_all(conn).await?)
}

async fn read(conn: &mut PgConnection, filter: &Filter) -> Result<Read> {
    let (tokens, marks) = (&filter.typed.tokens, filter.rare_marks());
    // Counting tells which is the rarest: of one alone it is only asked whether it is there.
    let rivals = tokens.len() + marks.len() > 1 || tokens.iter().any(|token| !token.chars().all(char::is_alphanumeric));
    let rows = sqlx::query!(
        r#"select t.at as "token!", search_fold(t.token) as "text!", w.word as "word?",
                  (select count(*) from (select from client_word p
                    where p.word >= w.word and p.word < search_end(w.word) limit (select $3::bigint)) n) as "count!"
             from unnest((select $1::text[])) with ordinality t (token, at)
             left join lateral unnest(search_words(t.token)) w (word) on true
            union all
           select 0, m.mark, m.mark,
                  (select count(*) from (select from client_word p where p.word = m.mark limit (select $3::bigint)) n)
             from unnest((select $2::text[])) m (mark)"#,
        tokens,
        &marks,
        if rivals { RARE_MAX + 1 } else { 1 }
    );
    let mut read = Read { tokens: vec![String::new(); tokens.len()], words: Vec::new(), mark: None };
    for row in rows.fetch_all(conn).await? {
        match row.word {
            Some(mark) if row.token == 0 => {
                if read.mark.as_ref().is_none_or(|(_, count)| row.count < *count) {
                    read.mark = Some((mark, row.count));
                }
            }
            word => {
                if let Some(word) = word {
                    read.words.push(Word { token: row.token, word, count: row.count });
                }
                if let Some(token) = read.tokens.get_mut(row.token as usize - 1) {
                    *token = row.text;
                }
            }
        }
    }
    Ok(read)
}

/// Of two words and more that are all common, the first ones: lines begin with
/// the last name and the first, so whoever has two of the words there is found
/// by both. The first of them are the same however many are asked for, so that
/// nobody comes twice from page to page.
async fn skim(conn: &mut PgConnection, read: &Read, patterns: &[String], need: u32) -> Result<Vec<i64>> {
    let is_common = read.words.len() > 1
        && read.words.iter().map(|word| word.count).chain(read.mark.as_ref().map(|(_, count)| *count)).min()
            > Some(RARE_MAX);
    if !is_common {
        return Ok(Vec::new());
    }
    let words: Vec<String> = read.words.iter().map(|word| word.word.clone()).collect();
    let mut all = patterns.to_vec();
    all.extend(words.iter().map(|word| format!("% {word}%")));
    let numbers = sqlx::query_scalar!(
        r#"select array(
               select l.number
                 from (select distinct ' ' || last.word || ' ' || first.word as start
                         from unnest((select $1::text[])) with ordinality typed (word, at)
                        cross join lateral (
                              select s.word from client_spelling s
                               where s.word >= typed.word and s.word < search_end(typed.word)
                               order by s.word limit 40) last
                         join unnest((select $1::text[])) with ordinality first (word, at) on first.at <> typed.at) t
                cross join lateral (
                      select s.number, s.line from client_search s
                       where s.line >= t.start and s.line < search_end(t.start)
                         and s.line like all ((select $2::text[])::text[])
                       order by s.line, s.number limit (select $3::bigint)) l
                group by l.number, l.line
                order by l.line, l.number limit (select $3::bigint)) as "numbers!""#,
        &words,
        &all,
        i64::from(need)
    );
    Ok(numbers.fetch_one(conn).await?)
}

/// Who has all the words, or words that begin so: the postings of the rarest,
/// each with a line that tells of the others. And whether there may be more.
async fn names(
    conn: &mut PgConnection,
    read: &Read,
    patterns: &[String],
    need: u32,
    limit: i64,
) -> Result<(Vec<i64>, bool)> {
    let rarest = read.words.iter().min_by_key(|word| (word.count, std::cmp::Reverse(word.word.len())));
    let Some(rarest) = rarest else { return Ok((Vec::new(), false)) };
    let mut patterns = patterns.to_vec();
    let driver = match &read.mark {
        Some((mark, count)) if *count < rarest.count => mark,
        _ => &rarest.word,
    };
    patterns.extend(read.words.iter().filter(|word| word.word != *driver).map(|word| format!("% {}%", word.word)));
    // Who has what is filtered by may be far between: so many lines are looked at for each.
    let is_sparse = read.mark.as_ref().is_some_and(|(mark, _)| driver != mark);
    let limit = match read.words.len() {
        _ if is_sparse => limit.min(i64::from(need.max(COUNTED_SPARSE)) + 1),
        // Who has two words that begin so comes twice.
        1 => limit + limit / 4,
        // Of several words counting on costs more.
        _ => limit.min(i64::from(need.max(COUNTED_FEW)) + 1),
    };
    let numbers = sqlx::query_scalar!(
        r#"select array(
               select number from client_word
                where word >= $1 and word < search_end($1) and line like all ((select $2::text[])::text[])
                order by word, line, number limit (select $3::bigint)) as "numbers!""#,
        driver,
        &patterns,
        limit
    );
    let numbers = numbers.fetch_one(conn).await?;
    let more = numbers.len() as i64 >= limit;
    Ok((numbers, more))
}

/// Whose code, number, e-mail, telephone number or information field begins
/// so. Of several words each is among these or in the line.
async fn keys(
    conn: &mut PgConnection,
    dialled: bool,
    read: &Read,
    patterns: &[String],
    limit: i64,
) -> Result<Vec<i64>> {
    let mut starts: Vec<(i64, String)> = (1..).zip(read.tokens.iter().cloned()).collect();
    if let (true, Some(digits)) = (dialled, read.tokens.first().filter(|digits| digits.len() > 2)) {
        starts.push((1, format!("-{}", digits.chars().rev().collect::<String>())));
    }
    // Words that are in no name can only be here.
    let strange: Vec<i64> = read.words.iter().filter(|word| word.count == 0).map(|word| word.token).collect();
    let first: Vec<i64> = if strange.is_empty() { (1..=read.tokens.len() as i64).collect() } else { strange };
    let (tokens, texts): (Vec<i64>, Vec<String>) = starts.into_iter().unzip();
    let (of, words): (Vec<i64>, Vec<String>) =
        read.words.iter().map(|word| (word.token, format!("% {}%", word.word))).unzip();
    let each = if read.tokens.len() == 1 { limit } else { KEYS_MAX };
    let numbers = sqlx::query_scalar!(
        r#"with hit as materialized (
               select t.token, h.number, h.key
                 from unnest((select $1::bigint[]), (select $2::text[])) t (token, text) cross join lateral (
                      (select k.number, k.key from client_key k
                        where k.key >= t.text and k.key < search_end(t.text) order by k.key, k.number limit (select $3::bigint))
                      union all
                      (select w.number, w.word from client_field_word w
                        where w.word >= t.text and w.word < search_end(t.text)
                          and exists (select from client_field f where f.id = w.field_id and f.in_search and f.active)
                        order by w.word limit (select $3::bigint))
                      union all
                      (select c.number, o.label
                         from client_field f
                         join client_field_choice o on o.field_id = f.id
                         join client_field_value v on v.choice_id = o.id
                         join client c on c.id = v.client_id
                        where f.in_search and f.active
                          and exists (select from unnest(search_words(o.label) || search_fold(o.label)) l
                                       where starts_with(l, t.text))
                        limit (select $3::bigint))) h
                where t.text <> ''
           ), best as materialized (
               select number, min(key) as key from hit where token = any ((select $4::bigint[])::bigint[]) group by number
           )
           select array(
               select s.number
                 from best join client_search s on s.number = best.number
                where s.line like all ((select $5::text[])::text[])
                  and not exists (
                      select from unnest((select $6::bigint[]), (select $7::text[])) w (token, pattern)
                       where s.line not like w.pattern
                         and not ((w.token, s.number) in (select hit.token, hit.number from hit)))
                order by best.key, s.line, s.number limit (select $8::bigint)) as "numbers!""#,
        &tokens,
        &texts,
        each,
        &first,
        patterns,
        &of,
        &words,
        limit
    );
    Ok(numbers.fetch_one(conn).await?)
}
