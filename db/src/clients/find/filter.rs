//! Who is asked for: of a page, and of all that match.

use crate::{Actor, Result};
use shared::clients::{ClientQuery, Kind, Sort, Status};
use shared::parse::searched;
use shared::{ClientId, LocationId, StaffId, TagId};
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

/// Each token costs an index search; more than these tell nothing.
const TOKENS_MAX: usize = 6;
/// Longest token, in characters.
const TOKEN_MAX: usize = 60;

/// What was typed into a search box: what stands between its spaces.
#[derive(Debug, Default)]
pub struct Typed {
    pub tokens: Vec<String>,
    /// There is one token, the digits of a number or a telephone number.
    pub dialled: bool,
}

impl Typed {
    pub fn read(text: &str) -> Typed {
        let tokens: Vec<String> = text
            .split(|c: char| c.is_whitespace() || c.is_control())
            .map(|token| searched(token).trim_start_matches('#').chars().take(TOKEN_MAX).collect())
            .filter(|token: &String| !token.is_empty())
            .take(TOKENS_MAX)
            .collect();
        let joined = tokens.concat();
        let dialled = !is_decimal(&joined)
            && joined.parse::<chrono::NaiveDate>().is_err()
            && joined.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | '.' | '/'));
        let mut digits: String = joined.chars().filter(char::is_ascii_digit).collect();
        if !dialled || digits.is_empty() {
            return Typed { tokens, dialled: false };
        }
        // North American numbers are stored with and without their country's 1.
        if digits.len() == 11 && digits.starts_with('1') {
            digits.remove(0);
        }
        Typed { tokens: vec![digits], dialled: true }
    }

    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// One token may be the very code, or the number: that client comes first.
    pub fn single(&self) -> Option<&str> {
        match self.tokens.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

/// A number as `12.5`, which may stand in an information field; no one's
/// telephone number is written so.
fn is_decimal(text: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    text.split_once('.')
        .is_some_and(|(whole, part)| is_number(whole) && whole.len() != 3 && is_number(part) && part.len() < 3)
}

/// What a line with the mark is like.
pub fn pattern(mark: &str) -> String {
    format!("% {mark}%")
}

/// Who is asked for.
#[derive(Debug, Default)]
pub struct Filter {
    /// Only those assigned to this practitioner may be seen, or are wanted.
    pub scope: Option<Uuid>,
    pub practitioner: Option<StaffId>,
    pub kind: Option<Kind>,
    pub status: Option<Status>,
    pub tag: Option<TagId>,
    pub location: Option<LocationId>,
    pub typed: Typed,
    pub sort: Option<Sort>,
}

impl Filter {
    pub fn of(actor: &Actor, query: &ClientQuery, mine: bool) -> Result<Filter> {
        let staff = actor.staff()?;
        Ok(Filter {
            scope: if mine { Some(staff.id().0) } else { staff.scope() },
            practitioner: query.practitioner(),
            kind: query.kind(),
            status: query.status(),
            tag: query.tag(),
            location: query.location(),
            typed: Typed::read(&query.q),
            sort: query.sort(),
        })
    }

    pub fn picker(actor: &Actor, q: &str, kind: Option<Kind>) -> Result<Filter> {
        Ok(Filter { scope: actor.staff()?.scope(), kind, typed: Typed::read(q), ..Filter::default() })
    }

    /// Marks that few have, so that a list may start from them.
    pub fn rare_marks(&self) -> Vec<String> {
        let mark = |sign: char, id: Uuid| {
            let id = id.to_string();
            format!("{sign}{}", &id[id.len() - 12..])
        };
        let mut marks: Vec<String> = [self.scope, self.practitioner.map(Uuid::from)]
            .into_iter()
            .flatten()
            .map(|id| mark('~', id))
            .chain(self.tag.map(|id| mark('#', id.0)))
            .chain(self.location.map(|id| mark('@', id.0)))
            .chain(self.status.filter(|status| *status != Status::Active).map(|status| format!(":{}", status.as_str())))
            .chain(self.kind.filter(|kind| *kind != Kind::Individual).map(|kind| format!("={}", kind.as_str())))
            .collect();
        marks.dedup();
        marks
    }

    /// All marks that the line of everyone asked for has.
    pub fn marks(&self) -> Vec<String> {
        let mut marks = self.rare_marks();
        marks.extend(self.status.filter(|status| *status == Status::Active).map(|_| ":active".to_owned()));
        marks.extend(self.kind.filter(|kind| *kind == Kind::Individual).map(|_| "=individual".to_owned()));
        marks
    }

    /// [`Filter::marks`] as patterns.
    pub fn patterns(&self) -> Vec<String> {
        self.marks().iter().map(|mark| pattern(mark)).collect()
    }

    pub fn is_everybody(&self) -> bool {
        self.patterns().is_empty()
    }

    /// The ids of these numbers, in their order. Marks are tails of ids: who may
    /// be seen is asked once more of the record itself.
    pub async fn ids(&self, conn: &mut PgConnection, numbers: &[i64]) -> Result<Vec<ClientId>> {
        let ids = sqlx::query_scalar!(
            r#"select c.id as "id: ClientId"
                 from unnest($1::bigint[]) with ordinality wanted (number, place)
                 join client c on c.number = wanted.number
                where (select $2::uuid) is null or exists (
                      select from client_practitioner a where a.client_id = c.id and a.practitioner_id = (select $2::uuid))
                order by wanted.place"#,
            numbers,
            self.scope
        );
        Ok(ids.fetch_all(conn).await?)
    }

    /// Appends what a row of `client c` must be, ` where …`.
    pub fn push_where(&self, sql: &mut QueryBuilder<Postgres>) {
        sql.push(" where c.erased_at is null");
        if let Some(status) = self.status {
            sql.push(" and c.status = ").push_bind(status.as_str());
        }
        if let Some(kind) = self.kind {
            sql.push(" and c.kind = ").push_bind(kind.as_str());
        }
        if let Some(location) = self.location {
            sql.push(" and c.location_id = ").push_bind(location.0);
        }
        if let Some(tag) = self.tag {
            sql.push(" and exists (select from client_tag t where t.client_id = c.id and t.tag_id = ")
                .push_bind(tag.0)
                .push(")");
        }
        for practitioner in [self.scope, self.practitioner.map(Uuid::from)].into_iter().flatten() {
            sql.push(
                " and exists (select from client_practitioner a where a.client_id = c.id and a.practitioner_id = ",
            )
            .push_bind(practitioner)
            .push(")");
        }
    }
}
