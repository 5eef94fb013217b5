//! A client's record as staff see it, and what its form offers.

use super::find::name;
use crate::audit::{self, AuditLine};
use crate::authz::{self, ReadableClient};
use crate::{Actor, Result};
use shared::clients::{ClientProfile, Kind, Language, Status};
use shared::{ClientId, ClientNumber, StaffId};
use sqlx::{PgConnection, PgPool};

/// The profile, to staff and assigned practitioners; notes only to those who may see them.
pub async fn profile(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<ClientProfile> {
    let mut conn = pool.acquire().await?;
    let client = authz::readable(&mut conn, actor, number).await?;
    load(&mut conn, client, actor.staff()?.sees_notes()).await
}

/// The newest changes of a client's record.
pub async fn history(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<Vec<AuditLine>> {
    let mut conn = pool.acquire().await?;
    let client = authz::readable(&mut conn, actor, number).await?;
    audit::of_client(&mut conn, &client).await
}

/// What the client form offers to choose from.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    /// Practitioners who work here, by name.
    pub practitioners: Vec<(StaffId, String)>,
    /// IANA zones, by name.
    pub zones: Vec<String>,
}

pub async fn choices(pool: &PgPool, actor: &Actor) -> Result<Choices> {
    actor.staff()?;
    let mut conn = pool.acquire().await?;
    let practitioners = sqlx::query!(
        r#"select id as "id: StaffId", first_name || ' ' || last_name as "name!"
             from staff_member
            where active and 'practitioner' = any (roles)
            order by last_name, first_name, id"#
    )
    .fetch_all(&mut *conn)
    .await?;
    let practitioners = practitioners.into_iter().map(|row| (row.id, row.name)).collect();
    Ok(Choices { practitioners, zones: zones() })
}

/// The zones named after places; the database has old aliases and offsets too.
fn zones() -> Vec<String> {
    const AREAS: [&str; 10] = [
        "Africa/",
        "America/",
        "Antarctica/",
        "Arctic/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    ];
    let names = jiff::tz::db().available().map(|name| name.to_string());
    let mut zones: Vec<String> = names.filter(|name| AREAS.iter().any(|area| name.starts_with(area))).collect();
    zones.push("UTC".to_owned());
    zones.sort();
    zones.dedup();
    zones
}

/// The whole record; `notes` says whether they are read at all.
pub(super) async fn load(conn: &mut PgConnection, client: ReadableClient, notes: bool) -> Result<ClientProfile> {
    let id = client.id();
    let row = sqlx::query!(
        r#"select c.id as "id: ClientId", c.number as "number: ClientNumber", c.kind as "kind: Kind", c.code::text as "code!",
                  c.status as "status: Status", c.first_name, c.last_name, c.preferred_name, c.group_name, c.pronouns,
                  c.birth_date, c.language as "language: Language", c.zone, c.email::text as email, c.email_consent, c.mobile,
                  c.sms_consent, c.mobile_is_primary, c.alert, c.version, c.created_at, a.username::text as "username?",
                  (select max(l.expires_at) from account_link l
                    where l.client_id = c.id and l.kind = 'claim' and l.used_at is null and l.voided_at is null
                      and l.expires_at > now()) as invited_until
             from client c left join account a on a.client_id = c.id
            where c.id = $1"#,
        id.0
    )
    .fetch_one(&mut *conn)
    .await?;
    let practitioners = sqlx::query!(
        r#"select s.id as "id: StaffId", s.first_name || ' ' || s.last_name as "name!"
             from client_practitioner p join staff_member s on s.id = p.practitioner_id
            where p.client_id = $1
            order by s.last_name, s.first_name, s.id"#,
        id.0
    )
    .fetch_all(&mut *conn)
    .await?;
    let notes = match notes {
        true => Some(sqlx::query_scalar!("select notes from client where id = $1", id.0).fetch_one(conn).await?),
        false => None,
    };
    Ok(ClientProfile {
        id: row.id,
        number: row.number,
        kind: row.kind,
        code: row.code,
        status: row.status,
        name: name(row.kind, &row.first_name, &row.preferred_name, &row.last_name, row.group_name),
        first_name: row.first_name,
        last_name: row.last_name,
        preferred_name: row.preferred_name,
        pronouns: row.pronouns,
        birth_date: row.birth_date,
        language: row.language,
        zone: row.zone,
        email: row.email,
        email_consent: row.email_consent,
        mobile: row.mobile,
        sms_consent: row.sms_consent,
        mobile_is_primary: row.mobile_is_primary,
        alert: row.alert,
        notes,
        username: row.username,
        invited_until: row.invited_until,
        practitioners: practitioners.into_iter().map(|row| (row.id, row.name)).collect(),
        version: row.version,
        created_at: row.created_at,
    })
}
