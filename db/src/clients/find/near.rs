//! Misspelt words. A word and each known word are both reduced by every one of
//! their letters: one letter too many, too few, wrong or swapped meet so, by
//! exact look-ups. What that does not find is looked for by trigrams.

use super::words::Word;
use crate::Result;
use sqlx::PgConnection;
use std::collections::{BTreeMap, HashSet};

/// So many known words are tried for each that was typed.
const TRIED: usize = 24;
/// The same of each of three words and more.
const TRIED_OF_MANY: usize = 5;
/// Of words that stand elsewhere, so many postings are read.
const READ_MAX: i64 = 3_000;

/// Words that one typed may have meant, the nearest first.
type Meant = Vec<(String, usize)>;

/// Whom a search may find.
pub struct Among<'a> {
    /// What their lines have.
    pub patterns: &'a [String],
    /// What all of them have, if those are few.
    pub mark: Option<&'a str>,
}

/// Who has words similar to all of these, the nearest first.
pub async fn find(conn: &mut PgConnection, words: &[Word], among: Among<'_>, limit: i64) -> Result<Vec<i64>> {
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let typed: Vec<String> = words.iter().map(|word| word.word.clone()).collect();
    // Of a few the lines are read once, whatever was meant.
    let few = match among.mark {
        Some(mark) => Some(marked(conn, mark, among.patterns).await?),
        None => None,
    };
    let known = slips(conn, &typed).await?;
    if known.iter().all(|meant| !meant.is_empty()) {
        let found = match &few {
            Some(lines) => rank(lines, &known, limit),
            None => holders(conn, &known, among.patterns, limit).await?,
        };
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let mut similar = similar(conn, &typed).await?;
    for (meant, slips) in similar.iter_mut().zip(known) {
        meant.extend(slips);
        tidy(meant);
    }
    if similar.iter().any(Vec::is_empty) {
        return Ok(Vec::new());
    }
    match &few {
        Some(lines) => Ok(rank(lines, &similar, limit)),
        None => holders(conn, &similar, among.patterns, limit).await,
    }
}

/// The nearest once each.
fn tidy(meant: &mut Meant) {
    meant.sort_by(|(one, near), (other, far)| (near, one).cmp(&(far, other)));
    let mut seen = HashSet::new();
    meant.retain(|(word, _)| seen.insert(word.clone()));
    meant.truncate(TRIED);
}

/// Known words one slip away, and those that begin so.
async fn slips(conn: &mut PgConnection, typed: &[String]) -> Result<Vec<Meant>> {
    let rows = sqlx::query!(
        r#"select t.at as "at!", k.word as "word!"
             from unnest((select $1::text[])) with ordinality t (word, at) cross join lateral (
                  (select distinct m.word from client_misspelling m where m.key = any (search_misspellings(t.word)) limit 400)
                  union
                  (select s.word from client_spelling s
                    where s.word >= t.word and s.word < search_end(t.word) order by s.word limit 12)) k"#,
        typed
    );
    let mut known = vec![Meant::new(); typed.len()];
    for row in rows.fetch_all(conn).await? {
        let at = row.at as usize - 1;
        let (Some(meant), Some(word)) = (known.get_mut(at), typed.get(at)) else { continue };
        let begins = row.word.starts_with(word.as_str());
        let distance = strsim::osa_distance(word, &row.word);
        if distance <= 1 || begins {
            // A slip at the first letter is the least likely.
            let other_first = word.chars().next() != row.word.chars().next();
            meant.push((row.word, 2 * distance.min(2) + usize::from(other_first)));
        }
    }
    known.iter_mut().for_each(tidy);
    Ok(known)
}

/// Known words that share many trigrams, or hold the word inside.
async fn similar(conn: &mut PgConnection, typed: &[String]) -> Result<Vec<Meant>> {
    let rows = sqlx::query!(
        r#"select t.at as "at!", k.word as "word!"
             from unnest((select $1::text[])) with ordinality t (word, at) cross join lateral (
                  (select s.word from client_spelling s where s.word % t.word order by similarity(s.word, t.word) desc, s.word limit 12)
                  union
                  (select s.word from client_spelling s
                    where length(t.word) > 2 and s.word like '%' || t.word || '%' order by s.word limit 12)) k"#,
        typed
    );
    let mut known = vec![Meant::new(); typed.len()];
    for row in rows.fetch_all(conn).await? {
        let at = row.at as usize - 1;
        if let (Some(meant), Some(word)) = (known.get_mut(at), typed.get(at)) {
            let distance = strsim::osa_distance(word, &row.word);
            meant.push((row.word, 2 * distance));
        }
    }
    known.iter_mut().for_each(tidy);
    Ok(known)
}

/// Who has one of the words meant by each. Of equally near names each comes
/// once before any comes twice.
async fn holders(conn: &mut PgConnection, meant: &[Meant], patterns: &[String], limit: i64) -> Result<Vec<i64>> {
    let found = match meant {
        [only] => {
            let starts = only.iter().map(|(word, near)| (word.clone(), String::new(), *near));
            return postings(conn, starts.collect(), patterns, limit).await;
        }
        [_, _] => postings(conn, beginnings(meant, TRIED), patterns, limit).await?,
        _ => {
            let starts = beginnings(meant, TRIED_OF_MANY);
            rank(&lines(conn, starts, patterns).await?, meant, limit)
        }
    };
    if found.is_empty() { read_lines(conn, meant, patterns, limit).await } else { Ok(found) }
}

/// Lines begin with the last name and the first: both are looked up together,
/// whichever of the words they are.
fn beginnings(meant: &[Meant], tried: usize) -> Vec<(String, String, usize)> {
    let mut starts = Vec::new();
    for (at, last) in meant.iter().enumerate() {
        for first in meant.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, first)| first) {
            for (last, near) in last.iter().take(tried) {
                for (first, far) in first.iter().take(tried) {
                    starts.push((last.clone(), format!(" {last} {first} "), near + far));
                }
            }
        }
    }
    starts
}

/// Those who have one of the words meant by each, the nearest first.
fn rank(lines: &[(i64, String)], meant: &[Meant], limit: i64) -> Vec<i64> {
    let mut ranked = BTreeMap::new();
    for (number, line) in lines {
        let has = |meant: &Meant| {
            meant.iter().filter(|(word, _)| line.contains(&format!(" {word} "))).map(|(_, near)| *near).min()
        };
        if let Some(near) = meant.iter().map(has).sum::<Option<usize>>() {
            ranked.insert((near, line, *number), *number);
        }
    }
    ranked.into_values().take(limit as usize).collect()
}

/// The lines of those who have a mark.
async fn marked(conn: &mut PgConnection, mark: &str, patterns: &[String]) -> Result<Vec<(i64, String)>> {
    let rows = sqlx::query!(
        "select number, line from client_word where word = $1 and line like all ($2) order by line, number",
        mark,
        patterns
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(|row| (row.number, row.line)).collect())
}

/// The lines that begin so.
async fn lines(
    conn: &mut PgConnection,
    starts: Vec<(String, String, usize)>,
    patterns: &[String],
) -> Result<Vec<(i64, String)>> {
    let (words, begins): (Vec<String>, Vec<String>) = starts.into_iter().map(|(word, line, _)| (word, line)).unzip();
    let rows = sqlx::query!(
        r#"select distinct w.number, w.line
             from unnest((select $1::text[]), (select $2::text[])) m (word, line) cross join lateral (
                  select number, line from client_word
                   where word = m.word and line >= m.line and line < search_end(m.line)
                     and line like all ((select $3::text[])::text[])
                   order by line, number limit 200) w"#,
        &words,
        &begins,
        patterns
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(|row| (row.number, row.line)).collect())
}

/// Postings of words whose lines begin so.
async fn postings(
    conn: &mut PgConnection,
    starts: Vec<(String, String, usize)>,
    patterns: &[String],
    limit: i64,
) -> Result<Vec<i64>> {
    let near: Vec<i64> = starts.iter().map(|(_, _, near)| *near as i64).collect();
    let (words, lines): (Vec<String>, Vec<String>) = starts.into_iter().map(|(word, line, _)| (word, line)).unzip();
    let numbers = sqlx::query_scalar!(
        r#"select w.number
             from unnest((select $1::text[]), (select $2::text[]), (select $3::bigint[])) m (word, line, near) cross join lateral (
                  select number, line, row_number() over (order by line, number) as nth
                    from client_word
                   where word = m.word and line >= m.line and line < search_end(m.line)
                     and line like all ((select $4::text[])::text[])
                   order by line, number limit 20) w
            order by m.near, w.nth, w.line, w.number limit (select $5::bigint)"#,
        &words,
        &lines,
        &near,
        patterns,
        limit
    );
    Ok(numbers.fetch_all(conn).await?)
}

/// The lines of the words with the fewest postings, and what else is in them.
async fn read_lines(conn: &mut PgConnection, meant: &[Meant], patterns: &[String], limit: i64) -> Result<Vec<i64>> {
    let (of, words): (Vec<i64>, Vec<String>) = meant
        .iter()
        .enumerate()
        .flat_map(|(at, meant)| meant.iter().map(move |(word, _)| (at as i64, word.clone())))
        .unzip();
    let lines = sqlx::query!(
        r#"with m as materialized (
               select at, word, (select count(*) from (select from client_word p where p.word = u.word limit 1000) n) as count
                 from unnest((select $1::bigint[]), (select $2::text[])) u (at, word)
           )
           select distinct w.number, w.line
             from (select p.number, p.line from client_word p
                    where p.word in (select word from m
                                      where at = (select at from m group by at order by sum(count), at limit 1))
                    limit (select $4::bigint)) w
            where w.line like all ((select $3::text[])::text[])"#,
        &of,
        &words,
        patterns,
        READ_MAX
    );
    let lines: Vec<_> = lines.fetch_all(conn).await?.into_iter().map(|row| (row.number, row.line)).collect();
    Ok(rank(&lines, meant, limit))
}
