//! Both records side by side, and what will follow from merging them.

use super::fields::GROUPS;
use super::{Two, both, links};
use crate::deletion::REFERENCES;
use crate::{Actor, Result};
use chrono::{DateTime, Utc};
use shared::merge::{ended, joined};
use shared::{ClientId, ClientNumber};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use std::collections::BTreeMap;
use uuid::Uuid;

/// One of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    pub number: ClientNumber,
    pub name: String,
    pub code: String,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub username: Option<String>,
}

/// A field that at least one has something in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The name of the choice, `choices.email` or `fields.{id}`.
    pub name: String,
    pub label: String,
    pub keep: String,
    pub drop: String,
    pub both: bool,
}

impl Compared {
    pub fn differs(&self) -> bool {
        self.keep != self.drop
    }
}

/// A third person linked to either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkOutcome {
    pub name: String,
    pub number: ClientNumber,
    /// What ends, a sentence each.
    pub ended: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    pub keep: Side,
    pub drop: Side,
    pub fields: Vec<Compared>,
    /// What follows to the record that stays, with how many.
    pub follows: Vec<(&'static str, i64)>,
    pub links: Vec<LinkOutcome>,
    /// A link between the two themselves.
    pub linked: bool,
    /// Appointments of both at one time: when each of the two begins, and the
    /// venue's zone.
    pub clashes: Vec<(DateTime<Utc>, DateTime<Utc>, String)>,
}

/// What the page shows before two records are merged. Front desk only.
pub async fn preview(pool: &PgPool, actor: &Actor, keep: ClientNumber, drop: ClientNumber) -> Result<Preview> {
    let mut conn = pool.acquire().await?;
    let two = both(&mut conn, actor, keep, drop).await?;
    let (kept, dropped) = (side(&mut conn, two.keep).await?, side(&mut conn, two.drop).await?);
    let mut fields = fields(&mut conn, two).await?;
    fields.extend(information(&mut conn, two).await?);
    let linked = sqlx::query_scalar!(
        r#"select exists (select from client_link
            where client_low = least($1::uuid, $2) and client_high = greatest($1::uuid, $2)) as "linked!""#,
        two.keep.0,
        two.drop.0
    )
    .fetch_one(&mut *conn)
    .await?;
    Ok(Preview {
        links: outcomes(&mut conn, two, &kept.name).await?,
        follows: follows(&mut conn, two).await?,
        clashes: clashes(&mut conn, two).await?,
        keep: kept,
        drop: dropped,
        fields,
        linked,
    })
}

async fn side(conn: &mut PgConnection, id: ClientId) -> Result<Side> {
    Ok(sqlx::query_as!(
        Side,
        r#"select c.number as "number: ClientNumber", client_name(c) as "name!", c.code::text as "code!", c.version,
                  c.created_at, a.username::text as "username?"
             from client c left join account a on a.client_id = c.id where c.id = $1"#,
        id.0
    )
    .fetch_one(conn)
    .await?)
}

async fn fields(conn: &mut PgConnection, two: Two) -> Result<Vec<Compared>> {
    let shown: Vec<_> = GROUPS.iter().map(|group| format!("coalesce(({})::text, '')", group.shown)).collect();
    let sql = format!("select array[{}] from client c where c.id = $1", shown.join(", "));
    let keep: Vec<String> =
        sqlx::query_scalar(AssertSqlSafe(sql.clone())).bind(two.keep.0).fetch_one(&mut *conn).await?;
    let drop: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).bind(two.drop.0).fetch_one(conn).await?;
    let rows = GROUPS.iter().zip(keep.into_iter().zip(drop)).map(|(group, (keep, drop))| Compared {
        name: format!("choices.{}", group.name),
        label: group.label.to_owned(),
        both: group.both && !keep.is_empty() && !drop.is_empty(),
        keep,
        drop,
    });
    Ok(rows.filter(|row| !(row.keep.is_empty() && row.drop.is_empty())).collect())
}

/// Client information fields; what only one has stays without asking.
async fn information(conn: &mut PgConnection, two: Two) -> Result<Vec<Compared>> {
    let rows = sqlx::query!(
        r#"select f.id, f.label, v.client_id = $1 as "kept!",
                  coalesce(v.words, v.number::text, to_char(v.day, 'FMDD FMMonth YYYY'),
                           (select label from client_field_choice where id = v.choice_id),
                           case when v.ticked then 'Yes' else 'No' end, '') as "value!"
             from client_field_value v join client_field f on f.id = v.field_id
            where v.client_id in ($1, $2)
            order by f.position, f.label, f.id"#,
        two.keep.0,
        two.drop.0
    )
    .fetch_all(conn)
    .await?;
    let mut places: BTreeMap<Uuid, usize> = BTreeMap::new();
    let mut found: Vec<(Uuid, String, Option<String>, Option<String>)> = Vec::new();
    for row in rows {
        let place = *places.entry(row.id).or_insert_with(|| {
            found.push((row.id, row.label.clone(), None, None));
            found.len() - 1
        });
        if row.kept { found[place].2 = Some(row.value) } else { found[place].3 = Some(row.value) }
    }
    let compared = found.into_iter().map(|(id, label, keep, drop)| {
        let either = keep.clone().or(drop.clone()).unwrap_or_default();
        Compared {
            name: format!("fields.{id}"),
            label,
            keep: keep.unwrap_or_else(|| either.clone()),
            drop: drop.unwrap_or(either),
            both: false,
        }
    });
    Ok(compared.collect())
}

/// What is moved, in the words of the page.
fn words(table: &str, column: &str) -> Option<&'static str> {
    Some(match (table, column) {
        ("appointment_participant", "client_id") => "appointments",
        ("appointment_participant", "proxy_id") => "appointments booked for others",
        ("activity_client" | "activity_attendee", _) => "activities",
        ("client_membership", _) => "memberships",
        ("client_link", _) => "relationships",
        ("client_phone", _) => "further phone numbers",
        ("client_contact", _) => "emergency contacts",
        ("client_tag", _) => "tags",
        ("client_practitioner", _) => "assigned practitioners",
        ("message" | "message_copy", "client_id") => "emails",
        ("client_merge", _) => "earlier merges",
        _ => return None,
    })
}

async fn follows(conn: &mut PgConnection, two: Two) -> Result<Vec<(&'static str, i64)>> {
    let mut counted: Vec<(&'static str, i64)> = Vec::new();
    for reference in REFERENCES {
        let Some(words) = words(reference.table, reference.column) else { continue };
        let sql = format!("select count(*) from {} where {} = $1", reference.table, reference.column);
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).bind(two.drop.0).fetch_one(&mut *conn).await?;
        match counted.iter_mut().find(|(name, _)| *name == words) {
            Some(there) => there.1 += count,
            None => counted.push((words, count)),
        }
    }
    counted.retain(|(_, count)| *count > 0);
    Ok(counted)
}

async fn outcomes(conn: &mut PgConnection, two: Two, own: &str) -> Result<Vec<LinkOutcome>> {
    let ties = links::ties(conn, two).await?;
    let thirds: Vec<Uuid> = ties.keys().map(|third| third.0).collect();
    let names = sqlx::query!(
        r#"select c.id as "id: ClientId", c.number as "number: ClientNumber", client_name(c) as "name!"
             from client c where c.id = any($1) order by c.sort_name, c.id"#,
        &thirds
    )
    .fetch_all(conn)
    .await?;
    let outcome = names.into_iter().filter_map(|person| {
        let (keep, drop) = ties.get(&person.id)?;
        let (keep, drop) = (keep.map(|tie| tie.details), drop.map(|tie| tie.details));
        let after = joined(keep.as_ref(), drop.as_ref())?;
        let mut words: Vec<String> = Vec::new();
        for before in [keep, drop].into_iter().flatten() {
            words.extend(ended(before.other_may, after.other_may, &person.name, own));
            words.extend(ended(before.own_may, after.own_may, own, &person.name));
        }
        words.sort();
        words.dedup();
        Some(LinkOutcome { name: person.name, number: person.number, ended: words })
    });
    Ok(outcome.collect())
}

async fn clashes(conn: &mut PgConnection, two: Two) -> Result<Vec<(DateTime<Utc>, DateTime<Utc>, String)>> {
    let rows = sqlx::query!(
        r#"select a.starts_at as "keep!", b.starts_at as "drop!", a.zone as "zone!"
           from visit a join visit b on a.id <> b.id and tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)
          where a.client_id = $1 and b.client_id = $2 and a.blocks and b.blocks
            and not a.overbooked and not b.overbooked
          order by a.starts_at limit 20"#,
        two.keep.0,
        two.drop.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.keep, row.drop, row.zone)).collect())
}
