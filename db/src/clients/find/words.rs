//! A search: the best first. Whose very code or number it is; who has all the
//! words, or words that begin so, in the order of words and names; whose code,
//! address, telephone number or information field it is; who has words like it.

use super::filter::Filter;
use super::typed::{RARE_MAX, Read, Word, pair, read};
use super::{fuzzy_identifiers, fuzzy_names, identifiers, small_set};
use crate::Result;
use sqlx::PgConnection;
use std::collections::HashSet;

/// The limit up to which a search counts.
pub const COUNTED: u32 = 200;
/// The same of several words.
const COUNTED_OF_SEVERAL: u32 = 100;
/// The number of best matches that a chosen order sorts.
pub const SORTED_MAX: u32 = 5_000;
/// Of a word and a mark that many have, the word is followed if this many of its
/// first lines have the mark.
const SAMPLE: i64 = 8;
const SAMPLED: i64 = 1_600;
/// With fewer found, those who have similar words follow.
const ENOUGH: usize = 5;

/// The clients a search found, the best first.
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

/// At most `max` clients; the first `need` of them are wanted now: the others
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
    let mut read = read(conn, filter, &patterns).await?;
    found.add(std::mem::take(&mut read.exact));
    let small = match read.rare_mark() {
        Some(mark) => Some(small_set::read(conn, mark, &patterns, &read.tokens).await?),
        None => None,
    };
    if let Some(rarest) = read.rarest() {
        let (names, more) = match &small {
            Some(small) => (small.names(&read, &rarest.word), false),
            None => names(conn, &read, rarest, &patterns, need, limit).await?,
        };
        found.more = more;
        found.add(names);
    }
    let named = found.numbers.len();
    if !found.more && (read.tokens.len() == 1 || named == 0) {
        let (identified, more) = match &small {
            Some(small) => (small.identifiers(&read, typed.dialled, &found.numbers), false),
            None => identifiers::find(conn, &read, typed.dialled, &patterns, &found.numbers, need).await?,
        };
        found.more = more;
        found.add(identified);
    }
    let forgiving = !typed.dialled && !typed.tokens.iter().any(|token| token.contains('@'));
    let is_odd = found.numbers.is_empty() || read.words.iter().all(|word| word.word.chars().count() > 2);
    if forgiving && is_odd && !found.more && found.numbers.len() < ENOUGH {
        let exactly = found.numbers.len();
        found.add(match &small {
            Some(small) => small.fuzzy_names(&read, limit),
            None => fuzzy_names::find(conn, &read.words, &patterns, limit).await?,
        });
        found.near_from = (found.numbers.len() > exactly).then_some(exactly);
    }
    if found.numbers.is_empty() && !typed.is_empty() {
        found.add(match small {
            Some(small) => small.fuzzy_identifiers(conn, &read, i64::from(need)).await?,
            None => fuzzy_identifiers::find(conn, &read, typed.dialled, &patterns, i64::from(need)).await?,
        });
        found.near_from = (!found.numbers.is_empty()).then_some(0);
    }
    found.more |= found.numbers.len() > max as usize;
    found.numbers.truncate(max as usize);
    if let Some(sort) = filter.sort {
        // Those who are only close have no place among the others.
        if found.exactly() > 0 {
            found.numbers.truncate(found.exactly());
            found.near_from = None;
        }
        found.numbers = super::keyset::sorted(conn, &found.numbers, sort).await?;
    }
    Ok(found)
}

/// Who has all the words, or words that begin so: the postings of two of them,
/// of one with a tag or a practitioner, or of the rarest (migration 0013), each
/// with a line that tells of the others. And whether there may be more.
async fn names(
    conn: &mut PgConnection,
    read: &Read,
    rarest: &Word,
    patterns: &[String],
    need: u32,
    limit: i64,
) -> Result<(Vec<i64>, bool)> {
    let words: Vec<&str> = read.words.iter().map(|word| word.word.as_str()).collect();
    let pair = pair(&words);
    let driver = match (&read.mark, &pair) {
        (_, Some(pair)) => pair,
        (Some((mark, _)), _) if mark.starts_with(['#', '~']) => &format!("+{mark} {}", rarest.word),
        (Some((mark, _)), _) if rarest.count > RARE_MAX && is_far_between(conn, &rarest.word, patterns).await? => mark,
        _ => &rarest.word,
    };
    let mut patterns = patterns.to_vec();
    patterns.extend(words.iter().filter(|word| *word != driver).map(|word| format!("% {word}%")));
    // Who has the rest as well may be far between: counting on is looking at all.
    let wanted = match (read.words.len(), &read.mark) {
        (1, None) => limit,
        (_, None) if pair.is_some() => limit.min(i64::from(need.max(COUNTED_OF_SEVERAL)) + 1),
        _ => limit.min(i64::from(need) + 1),
    };
    // Who has two words that begin so comes twice.
    let mut limit = if read.words.len() == 1 && read.mark.is_none() { wanted + wanted / 4 } else { wanted + 4 };
    loop {
        let numbers = sqlx::query_scalar!(
            r#"select array(
                   select number from client_word
                    where word >= $1 and word < search_end($1) and line like all ((select $2::text[])::text[])
                    order by word, line, number limit (select $3::bigint)) as "numbers!""#,
            driver,
            &patterns,
            limit
        );
        let mut numbers = numbers.fetch_one(&mut *conn).await?;
        let is_all = (numbers.len() as i64) < limit;
        let mut seen = HashSet::new();
        numbers.retain(|number| seen.insert(*number));
        if is_all || numbers.len() as i64 >= wanted {
            return Ok((numbers, !is_all));
        }
        limit *= 2;
    }
}

/// Whether few of those who have this word have the marks asked for as well.
async fn is_far_between(conn: &mut PgConnection, word: &str, patterns: &[String]) -> Result<bool> {
    let found = sqlx::query_scalar!(
        r#"select case
                      when (select count(*)
                              from (select from (select line from client_word where word >= $1 and word < search_end($1)
                                                  order by word, line, number limit (select $3::bigint)) w
                                     where line like all ((select $2::text[])::text[]) limit (select $4::bigint)) n) = $4 then false
                      else (select count(*) from (select from client_word where word >= $1 and word < search_end($1)
                                                   limit (select $3::bigint)) n) = $3
                  end as "far!""#,
        word,
        patterns,
        SAMPLED,
        SAMPLE
    );
    Ok(found.fetch_one(conn).await?)
}
