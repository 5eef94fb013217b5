//! Typos in names. A word and each known word are both reduced by every one of
//! their letters: one letter too many, too few, wrong or swapped meet so, by
//! exact look-ups. What that does not find is looked for by trigrams.

use super::typed::{Word, pair};
use crate::Result;
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The number of known words tried for each that was typed.
const TRIED: usize = 24;
/// The same of each of three words and more.
const TRIED_OF_MANY: usize = 5;
/// Where neither begins the line, this number of each is tried, of that many two
/// beginnings, and this number of lines of each is read.
const TRIED_ELSEWHERE: usize = 8;
const PAIRS_MAX: usize = 12;
const READ_MAX: i64 = 1_000;

/// The [`nearness`] of two words one of which is as it was typed and the other
/// one typo away.
const ONE_TYPO: usize = 3;

/// What the marks in a line begin with; no word does.
const MARKS: [char; 5] = ['#', '~', '@', ':', '='];

/// Words that one typed may have meant, the nearest first.
pub type Meant = Vec<(String, usize)>;

/// A person's line, and their number.
struct Line {
    number: i64,
    line: String,
}

/// Who has words similar to all of these, the nearest first.
pub async fn find(conn: &mut PgConnection, words: &[Word], patterns: &[String], limit: i64) -> Result<Vec<i64>> {
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let typed: Vec<String> = words.iter().map(|word| word.word.clone()).collect();
    let mut known = typos(conn, &typed).await?;
    // Words of one letter are not among those that may have a typo.
    for (meant, word) in known.iter_mut().zip(words) {
        if word.count > 0 && word.word.chars().count() == 1 {
            meant.insert(0, (word.word.clone(), 0));
        }
    }
    if known.iter().all(|meant| !meant.is_empty()) {
        let found = holders(conn, &known, patterns, limit).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let mut similar = similar(conn, &typed).await?;
    for (meant, typos) in similar.iter_mut().zip(known) {
        meant.extend(typos);
        tidy(meant);
    }
    if similar.iter().any(Vec::is_empty) {
        return Ok(Vec::new());
    }
    holders(conn, &similar, patterns, limit).await
}

/// How far a known word is from what was typed.
fn nearness(typed: &str, word: &str) -> usize {
    // A typo at the first letter is the least likely.
    let other_first = typed.chars().next() != word.chars().next();
    2 * strsim::osa_distance(typed, word).min(2) + usize::from(other_first)
}

/// A bit for each letter of a word; letters may share one.
fn letters_of(word: &str) -> u32 {
    word.chars().fold(0, |bits, letter| bits | 1 << (letter as u32 % 32))
}

/// Whether it is a word of a line, and no mark.
pub fn is_word(word: &str) -> bool {
    !word.starts_with(MARKS)
}

/// Which of these words one typed may have meant.
pub fn resembling(typed: &str, words: &HashSet<&str>) -> Meant {
    let letters = typed.chars().count();
    let typos = match letters {
        ..5 => 1,
        5..8 => 2,
        _ => 3,
    };
    let own = letters_of(typed);
    let is_close = |word: &&&str| {
        let inside = || word.starts_with(typed) || (letters > 2 && word.contains(typed));
        // One typo adds a letter, takes one away, or does both: most words have too many others.
        let theirs = letters_of(word);
        let others = (own & !theirs).count_ones().max((theirs & !own).count_ones()) as usize;
        let is_typo = || word.chars().count().abs_diff(letters) <= typos && strsim::osa_distance(typed, word) <= typos;
        others <= typos && is_typo() || inside()
    };
    words.iter().filter(is_close).map(|word| ((*word).to_owned(), nearness(typed, word))).collect()
}

/// The nearest once each.
fn tidy(meant: &mut Meant) {
    meant.sort_by(|(one, near), (other, far)| (near, one).cmp(&(far, other)));
    let mut seen = HashSet::new();
    meant.retain(|(word, _)| seen.insert(word.clone()));
    meant.truncate(TRIED);
}

/// A word, and what is left of it without any one letter: as the database's
/// `search_misspellings`.
fn variants(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let without = |gone: usize| letters.iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, c)| *c).collect();
    let mut all: Vec<String> = vec![word.to_owned()];
    if letters.len() > 1 {
        all.extend((0..letters.len()).map(without));
    }
    all.sort();
    all.dedup();
    all
}

/// Known words one typo away, and those that begin so.
async fn typos(conn: &mut PgConnection, typed: &[String]) -> Result<Vec<Meant>> {
    let keys = (1_i64..).zip(typed).flat_map(|(at, word)| variants(word).into_iter().map(move |key| (at, key)));
    let (of, keys): (Vec<i64>, Vec<String>) = keys.unzip();
    let rows = sqlx::query!(
        r#"select k.at as "at!", m.word as "word!"
             from unnest((select $2::bigint[]), (select $3::text[])) k (at, key) cross join lateral (
                  select word from client_misspelling where key = k.key limit 100) m
            union
           select t.at, s.word
             from unnest((select $1::text[])) with ordinality t (word, at) cross join lateral (
                  select word from client_spelling where word >= t.word and word < search_end(t.word)
                   order by word limit 12) s"#,
        typed,
        &of,
        &keys
    );
    let mut known = vec![Meant::new(); typed.len()];
    for row in rows.fetch_all(conn).await? {
        let at = row.at as usize - 1;
        let (Some(meant), Some(word)) = (known.get_mut(at), typed.get(at)) else { continue };
        let begins = row.word.starts_with(word.as_str());
        let distance = strsim::osa_distance(word, &row.word);
        if distance <= 1 || begins {
            let near = nearness(word, &row.word);
            meant.push((row.word, near));
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
        [_, _] => {
            // Most often one of the two is as it should be: few of many pairs.
            let starts = beginnings(meant, TRIED);
            let (near, far): (Vec<_>, Vec<_>) = starts.into_iter().partition(|(_, _, near)| *near <= ONE_TYPO);
            let found = postings(conn, near, patterns, limit).await?;
            if found.is_empty() { postings(conn, far, patterns, limit).await? } else { found }
        }
        _ => {
            let starts = beginnings(meant, TRIED_OF_MANY);
            ranked(&lines(conn, starts, patterns).await?, meant, limit)
        }
    };
    if found.is_empty() { Ok(ranked(&beside(conn, meant, patterns).await?, meant, limit)) } else { Ok(found) }
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

fn ranked(lines: &[Line], meant: &[Meant], limit: i64) -> Vec<i64> {
    rank(lines.iter().map(|of| (of.number, of.line.as_str())), meant, limit)
}

/// Those who have one of the words meant by each, the nearest first.
pub fn rank<'a>(lines: impl Iterator<Item = (i64, &'a str)>, meant: &[Meant], limit: i64) -> Vec<i64> {
    let meant: Vec<HashMap<&str, usize>> =
        meant.iter().map(|meant| meant.iter().map(|(word, near)| (word.as_str(), *near)).collect()).collect();
    let mut ranked = BTreeSet::new();
    for (number, line) in lines {
        let has = |meant: &HashMap<&str, usize>| line.split(' ').filter_map(|word| meant.get(word).copied()).min();
        if let Some(near) = meant.iter().map(has).sum::<Option<usize>>() {
            ranked.insert((near, line, number));
        }
    }
    ranked.into_iter().map(|(_, _, number)| number).take(limit as usize).collect()
}

/// The lines that begin so.
async fn lines(
    conn: &mut PgConnection,
    starts: Vec<(String, String, usize)>,
    patterns: &[String],
) -> Result<Vec<Line>> {
    let (words, begins): (Vec<String>, Vec<String>) = starts.into_iter().map(|(word, line, _)| (word, line)).unzip();
    let rows = sqlx::query_as!(
        Line,
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
    Ok(rows.fetch_all(conn).await?)
}

/// Postings of words whose lines begin so.
async fn postings(
    conn: &mut PgConnection,
    starts: Vec<(String, String, usize)>,
    patterns: &[String],
    limit: i64,
) -> Result<Vec<i64>> {
    if starts.is_empty() {
        return Ok(Vec::new());
    }
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

/// The lines that have a word meant by one and a word meant by another, wherever
/// they stand. Many of those meant begin alike: the lines of each two beginnings
/// are read once.
async fn beside(conn: &mut PgConnection, meant: &[Meant], patterns: &[String]) -> Result<Vec<Line>> {
    let tried = if meant.len() > 2 { TRIED_OF_MANY } else { TRIED_ELSEWHERE };
    let mut pairs: BTreeMap<String, (usize, BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for (at, one) in meant.iter().enumerate() {
        for other in &meant[at + 1..] {
            for (one, near) in one.iter().take(tried) {
                for (other, far) in other.iter().take(tried) {
                    if let Some(pair) = pair(&[one, other]) {
                        let (nearest, ones, others) =
                            pairs.entry(pair).or_insert((usize::MAX, Default::default(), Default::default()));
                        *nearest = (*nearest).min(near + far);
                        ones.insert(one);
                        others.insert(other);
                    }
                }
            }
        }
    }
    if pairs.is_empty() {
        return longest(conn, meant, patterns).await;
    }
    let mut pairs: Vec<_> = pairs.into_iter().collect();
    pairs.sort_by_key(|(_, (near, ..))| *near);
    pairs.truncate(PAIRS_MAX);
    // No word has a bar: what is compared are letters and digits.
    let any = |words: &BTreeSet<&str>| words.iter().map(|word| format!("% {word} %")).collect::<Vec<_>>().join("|");
    let (mut names, mut ones, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for (pair, (_, one, other)) in &pairs {
        names.push(pair.clone());
        ones.push(any(one));
        others.push(any(other));
    }
    let rows = sqlx::query_as!(
        Line,
        r#"select distinct w.number, w.line
             from unnest((select $1::text[]), (select $2::text[]), (select $3::text[])) m (pair, one, other)
            cross join lateral (
                  select number, line
                    from (select number, line from client_word where word = m.pair order by line, number limit (select $5::bigint)) l
                   where line like any (string_to_array(m.one, '|')) and line like any (string_to_array(m.other, '|'))
                     and line like all ((select $4::text[])::text[])) w"#,
        &names,
        &ones,
        &others,
        patterns,
        READ_MAX
    );
    Ok(rows.fetch_all(conn).await?)
}

/// Where no two are long enough to stand together: the lines of the longest.
async fn longest(conn: &mut PgConnection, meant: &[Meant], patterns: &[String]) -> Result<Vec<Line>> {
    let letters = |meant: &&Meant| meant.first().map_or(0, |(word, _)| word.chars().count());
    let words = meant.iter().max_by_key(letters).into_iter().flatten();
    let words: Vec<String> = words.take(TRIED_OF_MANY).map(|(word, _)| word.clone()).collect();
    let rows = sqlx::query_as!(
        Line,
        r#"select distinct l.number, l.line
             from unnest((select $1::text[])) m (word) cross join lateral (
                  select number, line from client_word
                   where word = m.word and line like all ((select $2::text[])::text[])
                   order by line, number limit (select $3::bigint)) l"#,
        &words,
        patterns,
        READ_MAX
    );
    Ok(rows.fetch_all(conn).await?)
}
