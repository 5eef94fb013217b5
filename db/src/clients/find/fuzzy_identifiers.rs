//! A typo in what is no name: a code, an e-mail address, a telephone number, a
//! word of an information field. Keys are too many to be reduced by their letters
//! as the words of names are ([`super::fuzzy_names`]); what was typed is varied instead,
//! by one letter too many, too few, wrong or swapped, and each is looked up. Once
//! few begin as what was typed does, those few are read instead of looking up
//! every variant of what follows.

use super::typed::Read;
use crate::Result;
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// Of shorter ones most others are one typo away; of longer ones there are too
/// many variants.
const LETTERS: std::ops::RangeInclusive<usize> = 4..=40;
/// The number read of each variant.
const EACH: i64 = 20;
/// Keys with the same beginning are read in one step if they are fewer than that.
const FEW: i64 = 200;
/// A typo in an identifier of this length is hardly another person: the typo is
/// looked for where it is the cheapest first, and elsewhere if that finds no one.
const LONG: usize = 12;
/// Where what was typed stops being the beginning of many, the typo is rarely
/// more letters before.
const NEARBY: usize = 3;
/// The number looked at of all, in the order of keys.
const LOOKED_AT: i64 = 2_000;

/// The longest of what was typed, and which it is: the others are as they should be.
pub fn longest(read: &Read) -> Option<(usize, &str)> {
    let all = read.tokens.iter().map(String::as_str).enumerate();
    let longest = all.max_by_key(|(at, text)| (text.chars().count(), std::cmp::Reverse(*at)));
    longest.filter(|(_, text)| LETTERS.contains(&text.chars().count()))
}

/// The words of all but that one.
pub fn others(read: &Read, longest: usize) -> Vec<&str> {
    read.words.iter().filter(|word| word.token as usize != longest + 1).map(|word| word.word.as_str()).collect()
}

/// Whose keys begin as the longest of what was typed would with one typo corrected.
pub async fn find(
    conn: &mut PgConnection,
    read: &Read,
    dialled: bool,
    patterns: &[String],
    limit: i64,
) -> Result<Vec<i64>> {
    let Some((at, text)) = longest(read) else { return Ok(Vec::new()) };
    let others: Vec<String> = others(read, at).into_iter().map(str::to_owned).collect();
    let read = beginnings(&mut *conn, text).await?;
    for step in steps(text) {
        let tried = Tried::of(text, dialled, &read, *step);
        if tried.is_empty() {
            continue;
        }
        let found = holders(&mut *conn, &tried, patterns, &others, limit).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// Who has one of these.
async fn holders(
    conn: &mut PgConnection,
    tried: &Tried,
    patterns: &[String],
    others: &[String],
    limit: i64,
) -> Result<Vec<i64>> {
    let numbers = sqlx::query_scalar!(
        r#"with key as materialized (
               select k.number, k.key
                 from unnest((select $1::text[])) v (text) cross join lateral (
                      select number, key from client_key where key >= v.text and key < search_end(v.text)
                       order by key, number limit (select $2::bigint)) k
               union all
               select k.number, k.key
                 from unnest((select $3::text[])) v (text) cross join lateral (
                      select number, key from client_key where key = v.text order by number limit (select $2::bigint)) k
           ), word as materialized (
               select w.number, w.word
                 from unnest((select $4::text[])) v (text) cross join lateral (
                      select number, word from client_field_word w
                       where w.word >= v.text and w.word < search_end(v.text)
                         and exists (select from client_field f where f.id = w.field_id and f.in_search and f.active)
                       order by word, number limit (select $2::bigint)) w
               union all
               select w.number, w.word
                 from unnest((select $5::text[])) v (text) cross join lateral (
                      select number, word from client_field_word w
                       where w.word = v.text
                         and exists (select from client_field f where f.id = w.field_id and f.in_search and f.active)
                       order by number limit (select $2::bigint)) w
           ), label as materialized (
               select c.number, l.word, search_words(o.label) as words
                 from client_field f join client_field_choice o on o.field_id = f.id
                cross join unnest(search_words(o.label)) l (word)
                cross join lateral (select client_id from client_field_value where choice_id = o.id
                                     order by client_id limit (select $2::bigint)) x
                 join client c on c.id = x.client_id
                where f.in_search and f.active and l.word = any ((select $6::text[])::text[])
           ), hit as materialized (
               select number, key, '{}'::text[] as words from key
               union all
               select number, word, '{}' from word
               union all
               select number, word, words from label
           )
           select s.number
             from (select * from hit order by key, number limit (select $7::bigint)) hit
             -- These are few: nobody else is asked.
            cross join lateral (select number, line, keys from client_search where number = hit.number offset 0) s
            where s.line like all ((select $8::text[])::text[])
              and not exists (
                  select from unnest((select $9::text[])) other (text)
                   where s.line not like '% ' || other.text || '%'
                     and not exists (select from unnest(s.keys) k where starts_with(k, other.text))
                     and not exists (select from unnest(hit.words) w where starts_with(w, other.text))
                     and not exists (
                         select from client_field_word o join client_field f on f.id = o.field_id and f.in_search and f.active
                          where o.number = s.number and starts_with(o.word, other.text)))
            group by s.number order by min(hit.key), s.number limit (select $10::bigint)"#,
        &tried.key_starts,
        EACH,
        &tried.keys,
        &tried.word_starts,
        &tried.words,
        &tried.labels,
        LOOKED_AT,
        patterns,
        others,
        limit
    );
    Ok(numbers.fetch_all(conn).await?)
}

/// What is looked for: what begins as a variant does; and keys and words as they
/// are, of those that were read.
#[derive(Default)]
struct Tried {
    key_starts: Vec<String>,
    keys: Vec<String>,
    word_starts: Vec<String>,
    words: Vec<String>,
    labels: Vec<String>,
}

/// Where a typo is looked for.
#[derive(Debug, Clone, Copy)]
enum Step {
    Everywhere,
    /// Where few begin as what was typed does.
    Behind,
    /// In the letters before that.
    Nearby,
    /// At the beginning.
    Before,
}

fn steps(text: &str) -> &'static [Step] {
    match text.chars().count() {
        ..LONG => &[Step::Everywhere],
        _ => &[Step::Behind, Step::Nearby, Step::Before],
    }
}

impl Tried {
    fn of(text: &str, dialled: bool, read: &Beginnings, step: Step) -> Tried {
        let starts = |begins: usize| -> Vec<String> {
            let nearby = begins.saturating_sub(NEARBY);
            let places = match step {
                Step::Everywhere => 0..begins,
                Step::Behind => return Vec::new(),
                Step::Nearby => nearby..begins,
                Step::Before => 0..nearby,
            };
            variants(text, dialled, places).into_iter().collect()
        };
        let mut tried =
            Tried { key_starts: starts(read.keys_begin), word_starts: starts(read.words_begin), ..Tried::default() };
        if matches!(step, Step::Everywhere | Step::Behind) {
            let typo = Typo::of(text);
            let meant = |read: &[String]| read.iter().filter(|one| typo.is(one)).cloned().collect();
            (tried.keys, tried.words, tried.labels) = (meant(&read.keys), meant(&read.words), meant(&read.labels));
        }
        tried
    }

    fn is_empty(&self) -> bool {
        [&self.key_starts, &self.keys, &self.word_starts, &self.words, &self.labels].iter().all(|all| all.is_empty())
    }
}

/// Tells which keys begin as a text would with one typo corrected.
pub struct Typo<'a> {
    text: &'a str,
    letters: usize,
    before: &'a str,
    behind: &'a str,
}

impl<'a> Typo<'a> {
    pub fn of(text: &'a str) -> Typo<'a> {
        let letters = text.chars().count();
        let at = |letter: usize| text.char_indices().nth(letter).map_or(text.len(), |(at, _)| at);
        Typo { text, letters, before: &text[..at(letters / 2)], behind: &text[at(letters / 2 + 1)..] }
    }

    pub fn is(&self, key: &str) -> bool {
        // One typo leaves what is before it or what is behind it as it was: a
        // comparison that most others do not pass.
        (key.starts_with(self.before) || key.contains(self.behind))
            && (self.letters - 1..=self.letters + 1).any(|length| {
                let mut ends = key.char_indices().map(|(at, _)| at).chain([key.len()]);
                ends.nth(length).is_some_and(|end| strsim::osa_distance(self.text, &key[..end]) == 1)
            })
    }
}

/// Those that begin as what was typed does, where they are only few; and all the
/// words of choices.
struct Beginnings {
    /// The length of the beginning, in letters: as short as possible.
    keys_begin: usize,
    keys: Vec<String>,
    words_begin: usize,
    words: Vec<String>,
    labels: Vec<String>,
}

async fn beginnings(conn: &mut PgConnection, text: &str) -> Result<Beginnings> {
    let letters = text.chars().count() as i32;
    let row = sqlx::query!(
        r#"with n as materialized (
               select coalesce((
                          select n from generate_series(1, $2::int) n cross join lateral (select left($1, n) as text) b
                           where (select count(*) from (select from client_key
                                                         where key >= b.text and key < search_end(b.text) limit $3) k) < $3
                           limit 1), $2) as keys,
                      coalesce((
                          select n from generate_series(0, $2::int) n cross join lateral (select left($1, n) as text) b
                           where (select count(*) from (select from client_field_word
                                                         where word >= b.text and word < search_end(b.text) limit $3) w) < $3
                           limit 1), $2) as words
           )
           select n.keys as "keys_begin!", n.words as "words_begin!",
                  array(select key from client_key where key >= left($1, n.keys) and key < search_end(left($1, n.keys))
                         order by key, number limit $3) as "keys!",
                  array(select word from client_field_word where word >= left($1, n.words) and word < search_end(left($1, n.words))
                         order by word, number limit $3) as "words!",
                  array(select l.word
                          from client_field f join client_field_choice o on o.field_id = f.id
                         cross join unnest(search_words(o.label)) l (word)
                         where f.in_search and f.active) as "labels!"
             from n"#,
        text,
        letters,
        FEW
    );
    let row = row.fetch_one(conn).await?;
    let unique = |mut all: Vec<String>| {
        all.sort_unstable();
        all.dedup();
        all
    };
    Ok(Beginnings {
        keys_begin: row.keys_begin as usize,
        keys: unique(row.keys),
        words_begin: row.words_begin as usize,
        words: unique(row.words),
        labels: unique(row.labels),
    })
}

/// All that are one typo away, which is in or before one of these letters.
fn variants(text: &str, dialled: bool, places: std::ops::Range<usize>) -> BTreeSet<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut alphabet: BTreeSet<char> = match dialled {
        true => ('0'..='9').collect(),
        // Of another script the letters at hand.
        false => ('a'..='z').chain('0'..='9').chain(letters.iter().copied()).collect(),
    };
    if text.contains('@') {
        alphabet.extend(['.', '-', '_']);
    }
    let mut all = BTreeSet::new();
    let mut add = |letters: Vec<char>| _ = all.insert(letters.into_iter().collect());
    for at in (0..=letters.len()).filter(|at| places.contains(at)) {
        let (before, behind) = letters.split_at(at);
        let with = |middle: &[char], rest: &[char]| [before, middle, rest].concat();
        for letter in &alphabet {
            add(with(&[*letter], behind));
            if !behind.is_empty() {
                add(with(&[*letter], &behind[1..]));
            }
        }
        match behind {
            [one, other, rest @ ..] => {
                add(with(&[*other, *one], rest));
                add(with(&[], &behind[1..]));
            }
            [_] => add(before.to_vec()),
            [] => {}
        }
    }
    all.remove(text);
    all
}

#[cfg(test)]
mod tests {
    use super::{Beginnings, Tried, Typo, steps, variants};
    use std::collections::BTreeSet;

    #[test]
    fn the_steps_together_look_everywhere() {
        assert_eq!((steps("clp1").len(), steps("mia@exmaple.com").len()), (1, 3));
        for text in ["clp1", "mia@exmaple.com"] {
            let all = variants(text, false, 0..99);
            for begins in [0, 2, 4, text.len()] {
                // All of the world, of which those that begin so are read.
                let read = all.iter().filter(|one| one.starts_with(&text[..begins])).cloned().collect();
                let read = Beginnings { keys_begin: begins, keys: read, words_begin: 0, words: vec![], labels: vec![] };
                let tried = steps(text).iter().map(|step| Tried::of(text, false, &read, *step));
                let tried: BTreeSet<String> = tried.flat_map(|tried| [tried.key_starts, tried.keys].concat()).collect();
                assert_eq!(tried, all, "{text} {begins}");
            }
        }
    }

    #[test]
    fn every_typo_is_among_the_variants() {
        let all = variants("clp1", false, 0..9);
        for typo in ["cpl1", "lp1", "cp1", "clp", "cl1", "cxlp1", "clp1x", "aclp1", "clp2", "xlp1", "clx1"] {
            assert!(all.contains(typo), "{typo}");
        }
        assert!(!all.contains("clp1") && !all.contains("cpl2"));
        assert!(all.iter().all(|variant| strsim::osa_distance(variant, "clp1") == 1));
        for text in ["clp1", "4165550411", "a.b@x.ca", "王小明李"] {
            let all = variants(text, false, 0..99);
            let typo = Typo::of(text);
            assert!(all.iter().all(|variant| typo.is(variant) && typo.is(&format!("{variant}-and-more"))));
            assert!(!typo.is("") && !typo.is(&text.chars().rev().collect::<String>()));
        }
        assert!(!Typo::of("clp1").is("cpl") && !Typo::of("clp1").is("xxp1"), "two typos");
        assert!(variants("4165550411", true, 0..99).contains("4165550141"));
        assert!(variants("mia@exmaple.com", false, 0..99).contains("mia@example.com"));
        assert!(variants("a.b@x.ca", false, 0..99).contains("a_b@x.ca"));
        assert!(variants("王小明李", false, 0..99).contains("王明小李"));
    }
}
