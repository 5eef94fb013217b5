//! A search among few: those of a practitioner, those of a tag that few have.
//! What they are found by is read and compared here.

use super::typed::{Read, Word};
use super::{fuzzy_identifiers, fuzzy_names, identifiers};
use crate::Result;
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};

/// Those who may be found, in the order of the list.
pub struct SmallSet(Vec<Person>);

/// What someone is found by.
struct Person {
    number: i64,
    line: String,
    /// A key on each line.
    keys: String,
    /// Words of information fields that begin as one of the tokens does.
    written: Vec<String>,
}

/// Those who have this mark, and whose lines have all of the patterns.
pub async fn read(conn: &mut PgConnection, mark: &str, patterns: &[String], tokens: &[String]) -> Result<SmallSet> {
    // Anyone who has the mark has it in the line.
    let own = format!("% {mark}%");
    let others: Vec<String> = patterns.iter().filter(|pattern| **pattern != own).cloned().collect();
    let rows = sqlx::query!(
        r#"with mine as materialized (
               select number, line, keys from client_word
                where word = (select $1::text) and line like all ((select $2::text[])::text[])
           ), t as materialized (
               select text from unnest((select $3::text[])) t (text) where text <> ''
           ), field as materialized (
               select id from client_field where in_search and active
           ), label as materialized (
               select distinct o.id, l.word
                 from field f join client_field_choice o on o.field_id = f.id
                cross join unnest(search_words(o.label) || search_fold(o.label)) l (word)
                 join t on starts_with(l.word, t.text)
           )
           select number as "number!", line, keys, null as word from mine
            union all
           select o.number, null, null, o.word
             from mine join client_field_word o using (number)
             join field f on f.id = o.field_id join t on starts_with(o.word, t.text)
            where exists (select from field)
            union all
           -- Without a label nobody is looked at.
           select p.number, null, null, l.word
             from label l cross join lateral (
                  select c.number
                    from mine cross join lateral (select id, number from client where number = mine.number offset 0) c
                   where exists (select from client_field_value v where v.choice_id = l.id and v.client_id = c.id)
                  offset 0) p"#,
        mark,
        &others,
        tokens
    );
    let (mut people, mut written) = (Vec::new(), Vec::new());
    for row in rows.fetch_all(conn).await? {
        match row.line {
            Some(line) => {
                let keys = row.keys.unwrap_or_default();
                people.push(Person { number: row.number, line, keys, written: Vec::new() });
            }
            None => written.extend(row.word.map(|word| (row.number, word))),
        }
    }
    for (number, word) in written {
        let holder = people.iter_mut().find(|person| person.number == number);
        holder.into_iter().for_each(|person| person.written.push(word.clone()));
    }
    people.sort_unstable_by(|one, other| (&one.line, one.number).cmp(&(&other.line, other.number)));
    Ok(SmallSet(people))
}

impl SmallSet {
    /// Who has all the words, or words that begin so: in the order of `first`
    /// and of names.
    pub fn names(&self, read: &Read, first: &str) -> Vec<i64> {
        let mut found: Vec<(&str, i64)> = Vec::new();
        for person in &self.0 {
            let begins = |word: &str| person.line.split(' ').filter(move |own| own.starts_with(word)).min();
            if let Some(word) = begins(first).filter(|_| read.words.iter().all(|word| begins(&word.word).is_some())) {
                found.push((word, person.number));
            }
        }
        // Those who have the same word stay in the order of the list.
        found.sort_by_key(|(word, _)| *word);
        found.into_iter().map(|(_, number)| number).collect()
    }

    /// Whose keys begin so, but for those `found` already; of several words each
    /// is among these or in the line.
    pub fn identifiers(&self, read: &Read, dialled: bool, found: &[i64]) -> Vec<i64> {
        let others = self.0.iter().filter(|person| !found.contains(&person.number));
        let mut hits: Vec<(u8, &str, i64)> = Vec::new();
        match read.tokens.as_slice() {
            [text] if !text.is_empty() => {
                let reversed = (dialled && text.len() > 2).then(|| identifiers::reversed(text));
                for person in others {
                    let hit = person
                        .key(text)
                        .map(|key| (1, key))
                        .or_else(|| reversed.as_deref().and_then(|digits| person.key(digits)).map(|key| (2, key)))
                        .or_else(|| person.written(text).map(|word| (3, word)));
                    hits.extend(hit.map(|(source, key)| (source, key, person.number)));
                }
            }
            [_, _, ..] => {
                for person in others {
                    let key = |token: usize| {
                        let text = read.tokens.get(token).filter(|text| !text.is_empty())?;
                        person.key(text).or_else(|| person.written(text))
                    };
                    let is_there = |word: &Word| {
                        person.line.contains(&format!(" {}", word.word)) || key(word.token as usize - 1).is_some()
                    };
                    let least = (0..read.tokens.len()).filter_map(key).min();
                    if let Some(key) = least.filter(|_| read.words.iter().all(is_there)) {
                        hits.push((1, key, person.number));
                    }
                }
            }
            _ => {}
        }
        hits.sort_unstable();
        hits.into_iter().map(|(_, _, number)| number).collect()
    }

    /// Who has words similar to all of these, the nearest first.
    pub fn fuzzy_names(&self, read: &Read, limit: i64) -> Vec<i64> {
        let known: HashSet<&str> =
            self.0.iter().flat_map(|person| person.line.split(' ')).filter(|word| fuzzy_names::is_word(word)).collect();
        let meant: Vec<_> = read.words.iter().map(|word| fuzzy_names::resembling(&word.word, &known)).collect();
        let lines = self.0.iter().map(|person| (person.number, person.line.as_str()));
        if meant.is_empty() { Vec::new() } else { fuzzy_names::rank(lines, &meant, limit) }
    }

    /// Whose keys begin as the longest of what was typed would without one
    /// typo; each of the others is among these or in the line.
    pub async fn fuzzy_identifiers(mut self, conn: &mut PgConnection, read: &Read, limit: i64) -> Result<Vec<i64>> {
        let Some((at, text)) = fuzzy_identifiers::longest(read) else { return Ok(Vec::new()) };
        self.read_written(conn).await?;
        let (others, typo) = (fuzzy_identifiers::others(read, at), fuzzy_identifiers::Typo::of(text));
        let mut hits: Vec<(&str, i64)> = Vec::new();
        for person in &self.0 {
            let is_there = |word: &&str| {
                let in_line = || person.line.split(' ').any(|own| own.starts_with(*word));
                in_line() || person.key(word).is_some() || person.written(word).is_some()
            };
            let known = person.keys.lines().chain(person.written.iter().map(String::as_str));
            let key = known.filter(|key| typo.is(key)).min();
            hits.extend(key.filter(|_| others.iter().all(is_there)).map(|key| (key, person.number)));
        }
        hits.sort_unstable();
        Ok(hits.into_iter().map(|(_, number)| number).take(limit as usize).collect())
    }

    /// All their words of information fields.
    async fn read_written(&mut self, conn: &mut PgConnection) -> Result<()> {
        let numbers: Vec<i64> = self.0.iter().map(|person| person.number).collect();
        let rows = sqlx::query!(
            r#"with field as materialized (
                   select id from client_field where in_search and active
               ), choice as materialized (
                   select o.id, o.label from field f join client_field_choice o on o.field_id = f.id
               ), mine as materialized (
                   select number from unnest((select $1::bigint[])) m (number) where exists (select from field)
               ), person as materialized (
                   select c.id, c.number
                     from mine m cross join lateral (select id, number from client where number = m.number offset 0) c
                    -- Without a choice nobody is looked at.
                    where exists (select from choice)
               )
               select m.number as "number!", o.word as "word!"
                 from mine m join client_field_word o using (number) join field f on f.id = o.field_id
                union all
               select p.number, l.word
                 from person p join client_field_value v on v.client_id = p.id
                 join choice o on o.id = v.choice_id
                cross join unnest(search_words(o.label)) l (word)"#,
            &numbers
        );
        let mut written: HashMap<i64, Vec<String>> = HashMap::new();
        for row in rows.fetch_all(conn).await? {
            written.entry(row.number).or_default().push(row.word);
        }
        for person in &mut self.0 {
            person.written = written.remove(&person.number).unwrap_or_default();
        }
        Ok(())
    }
}

impl Person {
    /// The first of the keys that begins so.
    fn key(&self, start: &str) -> Option<&str> {
        self.keys.lines().filter(|key| key.starts_with(start)).min()
    }

    fn written(&self, start: &str) -> Option<&str> {
        self.written.iter().map(String::as_str).filter(|word| word.starts_with(start)).min()
    }
}
