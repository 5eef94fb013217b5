//! What the client list is asked for. The address bar holds it all, and so do
//! saved views, the forms of bulk actions and exports.

use super::{Kind, Status};
use crate::vocabulary::vocabulary;
use crate::{LocationId, StaffId, TagId};
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::str::FromStr;

vocabulary! {
    /// The orders of the list. A search without one shows the best matches first.
    Sort {
        Name = "name", "Name, A to Z";
        NameDown = "-name", "Name, Z to A";
        Code = "code", "Code, A to Z";
        CodeDown = "-code", "Code, Z to A";
        Number = "number", "Oldest first";
        NumberDown = "-number", "Newest first";
        /// The person who was never contacted comes first.
        Contact = "contact", "Longest without contact";
        ContactDown = "-contact", "Last contact first";
    }
}

/// What the client list is asked for. What is empty asks for nothing; so does
/// what is not understood.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientQuery {
    /// Parts of a name, e-mail, code, client number, telephone number or
    /// searchable field, in any order; typos are forgiven.
    pub q: String,
    /// A [`Kind`].
    pub kind: String,
    /// A [`Status`].
    pub status: String,
    /// A [`TagId`].
    pub tag: String,
    /// Assigned to this one: a [`StaffId`].
    pub practitioner: String,
    /// Treated there: a [`LocationId`].
    pub location: String,
    /// A [`Sort`].
    pub sort: String,
    /// The columns shown, separated by commas; the list knows what they mean.
    pub columns: String,
    /// The page behind this [`Cursor`].
    pub after: String,
    /// The page before this [`Cursor`]; [`ClientQuery::END`]: the last page.
    pub before: String,
}

impl ClientQuery {
    /// As `before`: the last page.
    pub const END: &str = "end";
    /// Longest search, in characters.
    pub const Q_MAX: usize = 200;

    /// From the decoded pairs of a query string. Other names are not ours, and
    /// values that mean nothing are dropped.
    pub fn from_pairs<K: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (K, V)>) -> ClientQuery {
        let mut query = ClientQuery::default();
        for (name, value) in pairs {
            let value = value.as_ref().trim();
            match name.as_ref() {
                "q" => query.q = plain(value, ClientQuery::Q_MAX),
                "kind" => query.kind = known::<Kind>(value),
                "status" => query.status = known::<Status>(value),
                "tag" => query.tag = known::<TagId>(value),
                "practitioner" => query.practitioner = known::<StaffId>(value),
                "location" => query.location = known::<LocationId>(value),
                "sort" => query.sort = known::<Sort>(value),
                // One checkbox each without JavaScript.
                "columns" if !query.columns.is_empty() => {
                    query.columns = plain(&format!("{},{value}", query.columns), 4_000)
                }
                "columns" => query.columns = plain(value, 4_000),
                "after" => query.after = known::<Cursor>(value),
                "before" if value == ClientQuery::END => query.before = value.to_owned(),
                "before" => query.before = known::<Cursor>(value),
                _ => {}
            }
        }
        query
    }

    /// From what [`ClientQuery::query_string`] makes.
    pub fn from_query_string(text: &str) -> ClientQuery {
        ClientQuery::from_pairs(form_urlencoded::parse(text.as_bytes()))
    }

    /// `q=mia&status=active`, encoded, without what is empty.
    pub fn query_string(&self) -> String {
        let pairs = [
            ("q", &self.q),
            ("kind", &self.kind),
            ("status", &self.status),
            ("tag", &self.tag),
            ("practitioner", &self.practitioner),
            ("location", &self.location),
            ("sort", &self.sort),
            ("columns", &self.columns),
            ("after", &self.after),
            ("before", &self.before),
        ];
        let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    }

    /// The address of this list under `path`.
    pub fn address(&self, path: &str) -> String {
        let query = self.query_string();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// The same, from its first page.
    pub fn first_page(&self) -> ClientQuery {
        ClientQuery { after: String::new(), before: String::new(), ..self.clone() }
    }

    /// The page behind the cursor.
    pub fn after(&self, cursor: Cursor) -> ClientQuery {
        ClientQuery { after: cursor.to_string(), ..self.first_page() }
    }

    /// The page before the cursor.
    pub fn before(&self, cursor: Cursor) -> ClientQuery {
        ClientQuery { before: cursor.to_string(), ..self.first_page() }
    }

    pub fn last_page(&self) -> ClientQuery {
        ClientQuery { before: ClientQuery::END.to_owned(), ..self.first_page() }
    }

    /// Whether it asks for some of the clients only.
    pub fn is_filtered(&self) -> bool {
        [&self.q, &self.kind, &self.status, &self.tag, &self.practitioner, &self.location]
            .iter()
            .any(|value| !value.is_empty())
    }

    pub fn kind(&self) -> Option<Kind> {
        self.kind.parse().ok()
    }

    pub fn status(&self) -> Option<Status> {
        self.status.parse().ok()
    }

    pub fn tag(&self) -> Option<TagId> {
        self.tag.parse().ok()
    }

    pub fn practitioner(&self) -> Option<StaffId> {
        self.practitioner.parse().ok()
    }

    pub fn location(&self) -> Option<LocationId> {
        self.location.parse().ok()
    }

    pub fn sort(&self) -> Option<Sort> {
        self.sort.parse().ok()
    }
}

/// A place in the list: the client at the edge of a page, by number, and if it
/// is known how many stand before the place. It holds nothing personal, so
/// that it may stand in an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    pub number: i64,
    pub place: Option<u32>,
}

impl Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.place {
            Some(place) => write!(f, "{}.{place}", self.number),
            None => self.number.fmt(f),
        }
    }
}

impl FromStr for Cursor {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.split_once('.') {
            Some((number, place)) => Cursor { number: number.parse()?, place: Some(place.parse()?) },
            None => Cursor { number: text.parse()?, place: None },
        })
    }
}

/// The number of characters kept of a line.
fn plain(text: &str, max: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(max).collect()
}

/// The text, if it is a `T`.
fn known<T: FromStr>(text: &str) -> String {
    text.parse::<T>().map(|_| text.to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_means_nothing_is_dropped() {
        let query = ClientQuery::from_pairs([
            ("q", "  Zoé\tNguyễn "),
            ("kind", "crowd"),
            ("status", "active"),
            ("tag", "1; drop table client"),
            ("sort", "-number"),
            ("after", "1001.50"),
            ("before", "x"),
            ("done", "client-saved"),
        ]);
        let wanted = ClientQuery {
            q: "Zoé Nguyễn".into(),
            status: "active".into(),
            sort: "-number".into(),
            after: "1001.50".into(),
            ..Default::default()
        };
        assert_eq!(query, wanted);
        assert_eq!(query.query_string(), "q=Zo%C3%A9+Nguy%E1%BB%85n&status=active&sort=-number&after=1001.50");
        assert_eq!(ClientQuery::default().address("/clients"), "/clients");
        assert!(query.is_filtered() && !ClientQuery { sort: "name".into(), ..Default::default() }.is_filtered());
    }

    proptest! {
        #[test]
        fn an_address_holds_the_query(q in "\\PC{0,40}", sort in prop::sample::select(Sort::ALL), status in prop::sample::select(Status::ALL),
            number in any::<i64>(), place in any::<Option<u32>>()) {
            let query = ClientQuery::from_pairs([
                ("q", q), ("sort", sort.as_str().to_owned()), ("status", status.as_str().to_owned()),
                ("before", Cursor { number, place }.to_string()),
            ]);
            prop_assert_eq!(query.before.parse(), Ok(Cursor { number, place }));
            let text = query.query_string();
            prop_assert_eq!(ClientQuery::from_query_string(&text), query);
        }

        #[test]
        fn nothing_makes_reading_panic(text in "[%&=+a-f0-9é]{0,20}") {
            let _ = ClientQuery::from_query_string(&text);
        }
    }
}
