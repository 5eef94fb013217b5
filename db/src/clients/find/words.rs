//! A search: the best first. Whose very code or number it is; who has all the
//! words, or words that begin so, in the order of words and names; whose code,
//! address, telephone number or information field it is; who has words like it.

use super::filter::Filter;
use super::{few, keys, near, slips};
use crate::Result;
use sqlx::PgConnection;
use std::collections::HashSet;

/// A search counts up to so many.
pub const COUNTED: u32 = 200;
/// The same of several words.
const COUNTED_OF_SEVERAL: u32 = 100;
/// An order of one's own puts so many of the best in order.
pub const SORTED_MAX: u32 = 5_000;
/// To tell which word is the rarest, so many of each are counted.
const RARE_MAX: i64 = 500;
/// Of a word and a mark that many have, the word is followed if so many of its
/// first lines have the mark.
const SAMPLE: i64 = 8;
const SAMPLED: i64 = 1_600;
/// With fewer found, those who have similar words follow.
const ENOUGH: usize = 5;

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
pub struct Read {
    /// Whose very number or code the only token is, or was before two records
    /// became one.
    exact: Vec<i64>,
    /// Each token whole: `maria.silva@`.
    pub tokens: Vec<String>,
    pub words: Vec<Word>,
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
    let mut read = read(conn, filter, &patterns).await?;
    found.add(std::mem::take(&mut read.exact));
    let few = match read.rare_mark() {
        Some(mark) => Some(few::read(conn, mark, &patterns, &read.tokens).await?),
        None => None,
    };
    if let Some(rarest) = read.rarest() {
        let (names, more) = match &few {
            Some(few) => (few.names(&read, &rarest.word), false),
            None => names(conn, &read, rarest, &patterns, need, limit).await?,
        };
        found.more = more;
        found.add(names);
    }
    let named = found.numbers.len();
    if !found.more && (read.tokens.len() == 1 || named == 0) {
        let (keys, more) = match &few {
            Some(few) => (few.keys(&read, typed.dialled, &found.numbers), false),
            None => keys::find(conn, &read, typed.dialled, &patterns, &found.numbers, need).await?,
        };
        found.more = more;
        found.add(keys);
    }
    let forgiving = !typed.dialled && !typed.tokens.iter().any(|token| token.contains('@'));
    let is_odd = found.numbers.is_empty() || read.words.iter().all(|word| word.word.chars().count() > 2);
    if forgiving && is_odd && !found.more && found.numbers.len() < ENOUGH {
        let exactly = found.numbers.len();
        found.add(match &few {
            Some(few) => few.near(&read, limit),
            None => near::find(conn, &read.words, &patterns, limit).await?,
        });
        found.near_from = (found.numbers.len() > exactly).then_some(exactly);
    }
    if found.numbers.is_empty() && !typed.is_empty() {
        found.add(match few {
            Some(few) => few.slips(conn, &read, i64::from(need)).await?,
            None => slips::find(conn, &read, typed.dialled, &patterns, i64::from(need)).await?,
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
        found.numbers = super::walk::sorted(conn, &found.numbers, sort).await?;
    }
    Ok(found)
}

impl Read {
    /// The word that the fewest have, if there are names with each of the words.
    fn rarest(&self) -> Option<&Word> {
        let rarest = self.words.iter().min_by_key(|word| (word.count, std::cmp::Reverse(word.word.len())));
        rarest.filter(|word| word.count > 0)
    }

    /// The word that the fewest have of those that are in names.
    pub fn rarest_name(&self) -> Option<&Word> {
        self.words.iter().filter(|word| word.count > 0).min_by_key(|word| word.count)
    }

    /// A mark that few have.
    fn rare_mark(&self) -> Option<&str> {
        self.mark.as_ref().filter(|(_, count)| *count <= RARE_MAX).map(|(mark, _)| mark.as_str())
    }
}

async fn read(conn: &mut PgConnection, filter: &Filter, patterns: &[String]) -> Result<Read> {
    let (tokens, marks) = (&filter.typed.tokens, filter.rare_marks());
    let single = filter.typed.single();
    // Counting tells which is the rarest: of one alone, and of two that stand
    // together, it is only asked whether it is there.
    let typed: Vec<String> = tokens.iter().map(|token| token.to_lowercase()).collect();
    let typed: Vec<&str> = typed.iter().map(String::as_str).collect();
    let is_plain = tokens.iter().all(|token| token.chars().all(char::is_alphanumeric));
    let rivals = !marks.is_empty() || !is_plain || (tokens.len() > 1 && pair(&typed).is_none());
    let rows = sqlx::query!(
        r#"with m as materialized (
               select m.mark, (select count(*) from (select from client_word p where p.word = m.mark limit (select $3::bigint)) n) as count
                 from unnest((select $2::text[])) m (mark)
           )
           select t.at as "token!", t.text as "text!", w.word as "word?",
                  (select count(*) from (select from client_word p
                    where p.word >= w.word and p.word < search_end(w.word)
                    -- Of few, whom a mark tells, it is only asked whether anybody has the word.
                    limit (select case when min(m.count) < $3 then 1 else $3 end from m)) n) as "count!",
                  array(
                      select s.number
                        from (select c.number, 1 from client c where c.number = (select $5::bigint)
                              union all
                              select c.number, 2 from client c where c.code = (select $4::text::citext)
                              union all
                              select c.number, 3 from client_merge m join client c on c.id = m.kept_id
                               where m.dropped_number = (select $5::bigint) or m.dropped_code = (select $4::text::citext)) found (number, place)
                        join client_search s on s.number = found.number
                       where s.line like all ((select $6::text[])::text[])
                       order by found.place, s.number) as "exact!"
             from (select at, token, search_fold(token) as text
                     from unnest((select $1::text[])) with ordinality u (token, at) offset 0) t
             left join lateral unnest(search_words(t.token)) w (word) on true
            union all
           select 0, mark, mark, count, '{}' from m"#,
        tokens,
        &marks,
        if rivals { RARE_MAX + 1 } else { 1 },
        single,
        single.and_then(|token| token.parse::<i64>().ok()),
        patterns
    );
    let mut read = Read { exact: Vec::new(), tokens: vec![String::new(); tokens.len()], words: Vec::new(), mark: None };
    for row in rows.fetch_all(conn).await? {
        match row.word {
            Some(mark) if row.token == 0 => {
                if read.mark.as_ref().is_none_or(|(_, count)| row.count < *count) {
                    read.mark = Some((mark, row.count));
                }
            }
            word => {
                read.exact = row.exact;
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

/// What leads to the lines that have two of these words (migration 0021), if
/// two are long enough for it and do not begin alike.
pub fn pair(words: &[&str]) -> Option<String> {
    let start = |word: &&str| {
        let start: String = word.chars().take(3).collect();
        (start.chars().count() == 3).then_some(start)
    };
    let mut starts = words.iter().filter_map(start);
    let one = starts.next()?;
    let other = starts.find(|other| *other != one)?;
    Some(if one < other { format!("+{one} {other}") } else { format!("+{other} {one}") })
}

/// Who has all the words, or words that begin so: the postings of two of them,
/// of one with a tag or a practitioner, or of the rarest (migration 0021), each
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
