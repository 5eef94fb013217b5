//! What is made once all rows are in, as the dry run and the import both work it out: households,
//! the groups they may belong to, parents.

use crate::Result;
use shared::ClientId;
use shared::clients::Kind;
use shared::import::{Parent, Person};
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};

/// The number of rows judged at a time.
pub(super) const CHUNK: i64 = 1_000;

/// A household, in the file's words, and who belongs to it, with their lines.
pub(super) struct Family {
    pub name: String,
    /// The name folded: whichever row comes first, and however it writes it.
    pub key: String,
    pub members: Vec<(ClientId, i32)>,
    /// The couple, family or group that is a row of the same file.
    pub within: Option<Within>,
}

/// A row of the file that has members.
#[derive(Clone, Copy)]
pub(super) struct Within {
    pub id: ClientId,
    pub line: i32,
    pub kind: Kind,
}

/// What households may call it; empty: nothing.
pub(super) struct Group {
    pub row: Within,
    pub code: String,
    pub name: String,
}

/// A row that names a parent.
pub(super) struct Child {
    pub id: ClientId,
    pub line: i32,
    pub parent: Parent,
    /// The same for all children of one parent.
    pub key: String,
}

/// The names of households and parents as the search folds them, by the words of the
/// file: O'Malley and O’Malley are one family, whatever the case, accents and spacing.
pub(super) struct Folded(HashMap<String, String>);

impl Folded {
    pub(super) async fn of(conn: &mut PgConnection, people: impl Iterator<Item = &Person>) -> Result<Folded> {
        let mut words: Vec<String> = people
            .flat_map(|person| {
                let parent = person.parent.as_ref();
                let parent = parent.map(|parent| sort_name(&parent.first_name, &parent.last_name));
                person.family.clone().into_iter().chain(parent)
            })
            .collect();
        words.sort();
        words.dedup();
        let rows = sqlx::query!(
            r#"select word as "word!", searchable(normalize(word, nfkc)) as "folded!" from unnest($1::text[]) as w (word)"#,
            &words
        );
        Ok(Folded(rows.fetch_all(conn).await?.into_iter().map(|row| (row.word, row.folded)).collect()))
    }

    fn get(&self, words: &str) -> String {
        self.0.get(words).map_or_else(|| words.to_lowercase(), Clone::clone)
    }
}

/// What is made once all rows are in.
#[derive(Default)]
pub(super) struct Plan {
    pub families: Vec<Family>,
    /// By the folded name: see [`Folded`].
    known: HashMap<String, usize>,
    /// Rows that are couples, families or groups.
    pub groups: Vec<Group>,
    pub parents: Vec<Child>,
}

impl Plan {
    /// How many different parents the rows name.
    pub(super) fn parents_named(&self) -> usize {
        self.parents.iter().map(|child| &child.key).collect::<HashSet<_>>().len()
    }

    /// Only what may be imported: `aside` says of rows whether they are likely
    /// duplicates, and else they have problems. Nothing is noted after this.
    pub(super) fn without(&mut self, aside: &HashMap<i32, bool>) {
        self.groups.retain(|group| !aside.contains_key(&group.row.line));
        for family in &mut self.families {
            family.members.retain(|(_, line)| aside.get(line) != Some(&false));
        }
        self.families.retain(|family| !family.members.is_empty());
    }

    /// Remembers the household and the parent of a row, and who has members.
    pub(super) fn note(&mut self, client: ClientId, line: i32, person: &Person, folded: &Folded) {
        if person.kind.has_members() {
            let code = person.code.as_ref().map(|code| code.as_str().to_owned()).unwrap_or_default();
            let row = Within { id: client, line, kind: person.kind };
            self.groups.push(Group { row, code, name: person.group_name.clone() });
        }
        let family = person.family.as_deref().unwrap_or_default();
        if !family.is_empty() {
            let key = folded.get(family);
            let place = *self.known.entry(key.clone()).or_insert_with(|| {
                self.families.push(Family { name: family.to_owned(), key, members: vec![], within: None });
                self.families.len() - 1
            });
            self.families[place].members.push((client, line));
        }
        if let Some(parent) = &person.parent {
            // Without an address or number only the household, or else the row, says who it is.
            let who = match (&parent.email, &parent.mobile) {
                (Some(email), _) => email.to_lowercase(),
                (None, Some(mobile)) => digits(mobile),
                (None, None) if !family.is_empty() => format!("in {}", folded.get(family)),
                (None, None) => format!("line {line}"),
            };
            let name = folded.get(&sort_name(&parent.first_name, &parent.last_name));
            let key = format!("{name}\u{1f}{who}");
            self.parents.push(Child { id: client, line, parent: parent.clone(), key });
        }
    }
}

/// The name in the order of the list.
pub(super) fn sort_name(first: &str, last: &str) -> String {
    format!("{last} {first}").trim().to_owned()
}

/// The last ten digits.
pub(super) fn digits(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(10)..].to_owned()
}
