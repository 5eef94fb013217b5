//! Time off, closed days and extra hours: what was typed, and what it means in instants.

use crate::appointments::free_times::venue_zone;
use crate::clients::content_key;
use crate::time::{self, Zone};
use crate::{Actor, Error, Result, audit};
use chrono::{DateTime, NaiveDateTime, NaiveTime, Utc};
use shared::availability::{ExceptionDetails, ExceptionForm, Kind};
use shared::slots::Span;
use shared::{AppointmentId, ClientNumber, ExceptionId, Problem, Refusal, StaffId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Time off, a closed day or extra hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    pub id: ExceptionId,
    pub kind: Kind,
    /// `None`: everyone.
    pub practitioner: Option<(StaffId, String)>,
    /// `None`: everywhere.
    pub location: Option<String>,
    /// IANA zone of its clocks.
    pub zone: String,
    pub local_starts: NaiveDateTime,
    /// Exclusive.
    pub local_ends: NaiveDateTime,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub reason: String,
}

/// An appointment in the time of an exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affected {
    pub id: AppointmentId,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub zone: String,
    pub service: String,
    pub practitioner: String,
    /// The names of those who attend; `None` for a client that the actor may not see.
    pub client: Option<(ClientNumber, String)>,
}

/// What is not over yet, by time; of one practitioner with what is everyone's. All who work here
/// may see who is away.
pub async fn exceptions(
    pool: &PgPool,
    actor: &Actor,
    practitioner: Option<StaffId>,
    now: DateTime<Utc>,
) -> Result<Vec<Exception>> {
    actor.staff()?;
    load(&mut *pool.acquire().await?, None, practitioner, now).await
}

/// Adds time off, a closed day or extra hours: the front desk for everyone, a practitioner for
/// themself. A double submit carries the same key and adds nothing more. Appointments that are
/// booked stay: [`affected`] names them.
pub async fn add(pool: &PgPool, actor: &Actor, form: &ExceptionForm) -> Result<ExceptionId> {
    let practitioner = form.practitioner.trim().parse().ok();
    may_change(actor, practitioner)?;
    let details = form.parse()?;
    let mut tx = pool.begin().await?;
    known(&mut tx, &details).await?;
    let zone = match details.location {
        Some(location) => {
            let name = sqlx::query_scalar!("select zone from location where id = $1", location.0);
            Zone::stored(&name.fetch_one(&mut *tx).await?)
        }
        None => venue_zone(pool).await?,
    };
    let span = resolve(&zone, &details)?;
    let id = details.request_key.map(|key| content_key(key, &(actor.id(), form))).unwrap_or_else(crate::new_id);
    let added = sqlx::query!(
        "insert into availability_exception
             (id, kind, practitioner_id, location_id, zone, local_starts, local_ends, starts_at, ends_at, tzdb, reason, created_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (id) do nothing",
        id,
        details.kind.as_str(),
        details.practitioner.map(|id| id.0),
        details.location.map(|id| id.0),
        zone.name(),
        details.starts,
        details.ends,
        span.starts,
        span.ends,
        time::version(),
        details.reason,
        actor.id()
    )
    .execute(&mut *tx)
    .await?;
    if added.rows_affected() == 1 {
        audit::append(&mut tx, actor, "create", "availability_exception", id, &[]).await?;
        tx.commit().await?;
    }
    Ok(ExceptionId(id))
}

/// Takes one away again, by those who may add it. One that is gone already is gone.
pub async fn remove(pool: &PgPool, actor: &Actor, id: ExceptionId) -> Result<()> {
    actor.staff()?;
    let mut tx = pool.begin().await?;
    let stored = sqlx::query_scalar!(
        r#"select practitioner_id as "id: StaffId" from availability_exception where id = $1 for update"#,
        id.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(practitioner) = stored else { return Ok(()) };
    may_change(actor, practitioner)?;
    sqlx::query!("delete from availability_exception where id = $1", id.0).execute(&mut *tx).await?;
    audit::append(&mut tx, actor, "delete", "availability_exception", id, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// An exception, and the upcoming appointments that are booked in time that it takes away: for a
/// practitioner their own and those of assigned clients.
pub async fn affected(
    pool: &PgPool,
    actor: &Actor,
    id: ExceptionId,
    now: DateTime<Utc>,
) -> Result<(Exception, Vec<Affected>)> {
    let staff = actor.staff()?;
    let mut conn = pool.acquire().await?;
    let exception = load(&mut conn, Some(id), None, now).await?.pop().ok_or(Error::Refused(Refusal::NotFound))?;
    let rows = sqlx::query!(
        r#"select a.id as "id: AppointmentId", a.starts_at, a.ends_at, a.zone, s.name as service,
                  m.first_name || ' ' || m.last_name as "practitioner!",
                  who.number as "number?: ClientNumber", who.name as "client?"
             from appointment a
             join availability_exception e on e.id = $1 and e.kind = 'off'
             join service s on s.id = a.service_id
             join staff_member m on m.id = a.practitioner_id
             left join lateral (
                 select c.number, client_name(c) as name
                   from visit v join client c on c.id = coalesce(v.party_id, v.client_id)
                  where v.id = a.id and v.blocks and exists (select from client_in_scope(c.id, $2))
                  order by c.number limit 1) who on true
            where a.blocks and a.status <> 'held' and a.starts_at < e.ends_at and a.ends_at > greatest(e.starts_at, $3)
              and (e.practitioner_id is null or e.practitioner_id = a.practitioner_id)
              and (e.location_id is null or e.location_id = a.location_id)
              and ($2::uuid is null or a.practitioner_id = $2 or who.number is not null)
            order by a.starts_at, a.id"#,
        id.0,
        staff.scope(),
        now
    )
    .fetch_all(&mut *conn)
    .await?;
    let affected = rows.into_iter().map(|row| Affected {
        id: row.id,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        zone: row.zone,
        service: row.service,
        practitioner: row.practitioner,
        client: row.number.zip(row.client),
    });
    Ok((exception, affected.collect()))
}

fn may_change(actor: &Actor, practitioner: Option<StaffId>) -> Result<()> {
    match actor.staff()? {
        staff if staff.sees_all_clients() || practitioner == Some(staff.id()) => Ok(()),
        _ => Err(Error::Refused(Refusal::Forbidden)),
    }
}

/// # Errors
/// At `practitioner` or `location`, for what is no practitioner or place in use.
async fn known(conn: &mut PgConnection, details: &ExceptionDetails) -> Result<()> {
    let row = sqlx::query!(
        r#"select $1::uuid is null or exists (
                      select from staff_member where id = $1 and active and 'practitioner' = any (roles)) as "practitioner!",
                  $2::uuid is null or exists (select from location where id = $2 and active) as "location!""#,
        details.practitioner.map(|id| id.0),
        details.location.map(|id| id.0)
    )
    .fetch_one(conn)
    .await?;
    match (row.practitioner, row.location) {
        (false, _) => Err(Refusal::field("practitioner", Problem::Unknown).into()),
        (_, false) => Err(Refusal::field("location", Problem::Unknown).into()),
        _ => Ok(()),
    }
}

/// # Errors
/// At `starts` or `ends`, for a typed time that the clocks skip.
fn resolve(zone: &Zone, details: &ExceptionDetails) -> Result<Span> {
    // Midnight stands for the whole day, also where the clocks skip it.
    let instant = |field: &str, local: NaiveDateTime| match local.time() == NaiveTime::MIN {
        true => Ok(zone.instant(local)),
        false => zone.typed(local).map_err(|problem| Refusal::field(field, problem)),
    };
    Ok(Span { starts: instant("starts", details.starts)?, ends: instant("ends", details.ends)? })
}

async fn load(
    conn: &mut PgConnection,
    id: Option<ExceptionId>,
    practitioner: Option<StaffId>,
    now: DateTime<Utc>,
) -> Result<Vec<Exception>> {
    let rows = sqlx::query!(
        r#"select e.id as "id: ExceptionId", e.kind as "kind: Kind", e.practitioner_id as "practitioner_id: StaffId",
                  m.first_name || ' ' || m.last_name as practitioner, l.name as "location?", e.zone,
                  e.local_starts, e.local_ends, e.starts_at, e.ends_at, e.reason
             from availability_exception e
             left join staff_member m on m.id = e.practitioner_id
             left join location l on l.id = e.location_id
            where case when $1::uuid is null then e.ends_at > $3 else e.id = $1 end
              and ($2::uuid is null or e.practitioner_id is null or e.practitioner_id = $2)
            order by e.starts_at, e.id"#,
        id.map(Uuid::from),
        practitioner.map(Uuid::from),
        now
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Exception {
            id: row.id,
            kind: row.kind,
            practitioner: row.practitioner_id.zip(row.practitioner),
            location: row.location,
            zone: row.zone,
            local_starts: row.local_starts,
            local_ends: row.local_ends,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            reason: row.reason,
        })
        .collect())
}
