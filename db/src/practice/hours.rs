//! Practitioners and the hours they work each week (E2).

use super::locations::workplace;
use super::same_version;
use crate::{Actor, Error, Result, audit};
use chrono::NaiveTime;
use shared::practice::{Hours, StaffView};
use shared::{FieldErrors, Problem, Refusal, StaffId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// The active practitioners, by name: for pickers and filters. Anybody who works here.
pub async fn practitioners(pool: &PgPool, actor: &Actor) -> Result<Vec<StaffView>> {
    actor.staff()?;
    select(&mut *pool.acquire().await?, None, true).await
}

/// A practitioner and their week, in order. The front desk, and they themself.
pub async fn practitioner_hours(pool: &PgPool, actor: &Actor, id: StaffId) -> Result<(StaffView, Vec<Hours>)> {
    may_manage(actor, id)?;
    let mut conn = pool.acquire().await?;
    let practitioner = select(&mut conn, Some(id), true).await?.pop().ok_or(Error::Refused(Refusal::NotFound))?;
    let week = week(&mut conn, id).await?;
    Ok((practitioner, week))
}

/// Gives a practitioner permission to book, or takes it (B15): it counts with
/// their next click. Administrators only.
pub async fn save_may_book(pool: &PgPool, actor: &Actor, id: StaffId, may_book: bool) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    let stored = sqlx::query_scalar!(
        "select may_book from staff_member where id = $1 and active and 'practitioner' = any(roles) for no key update",
        id.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    if stored.ok_or(Error::Refused(Refusal::NotFound))? != may_book {
        sqlx::query!("update staff_member set may_book = $2 where id = $1", id.0, may_book).execute(&mut *tx).await?;
        audit::append(&mut tx, actor, "change", "staff_member", id, &["may_book"]).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Replaces a practitioner's whole week. The front desk, and they themself.
/// Appointments that are booked stay as they are.
pub async fn save_hours(
    pool: &PgPool,
    actor: &Actor,
    id: StaffId,
    mut hours: Vec<Hours>,
    version: Option<i32>,
) -> Result<()> {
    may_manage(actor, id)?;
    hours.sort_by_key(|period| (period.weekday, period.starts));
    apart(&hours)?;
    let mut tx = pool.begin().await?;
    let stored = sqlx::query_scalar!(
        "select version from staff_member where id = $1 and active and 'practitioner' = any(roles) for update",
        id.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    let stored = stored.ok_or(Error::Refused(Refusal::NotFound))?;
    if week(&mut tx, id).await? == hours {
        return Ok(());
    }
    same_version(stored, version)?;

    let location = workplace(&mut tx).await?;
    sqlx::query!("delete from weekly_hours where practitioner_id = $1", id.0).execute(&mut *tx).await?;
    sqlx::query!(
        "insert into weekly_hours (id, practitioner_id, location_id, weekday, starts, ends)
         select period.id, $1, $2, period.weekday, period.starts, period.ends
           from unnest($3::uuid[], $4::smallint[], $5::time[], $6::time[]) period (id, weekday, starts, ends)",
        id.0,
        location.0,
        &hours.iter().map(|_| crate::new_id()).collect::<Vec<Uuid>>(),
        &hours.iter().map(|period| period.weekday).collect::<Vec<i16>>(),
        &hours.iter().map(|period| period.starts).collect::<Vec<NaiveTime>>(),
        &hours.iter().map(|period| period.ends).collect::<Vec<NaiveTime>>()
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("update staff_member set version = version + 1 where id = $1", id.0).execute(&mut *tx).await?;
    audit::append(&mut tx, actor, "change", "staff_member", id, &["weekly_hours"]).await?;
    tx.commit().await?;
    Ok(())
}

fn may_manage(actor: &Actor, id: StaffId) -> Result<()> {
    match actor.staff()? {
        staff if staff.sees_all_clients() || staff.id == id => Ok(()),
        _ => Err(Error::Refused(Refusal::Forbidden)),
    }
}

/// Sorted periods, each of a day that exists, ending after it starts, none
/// reaching into the next. Whoever calls, overlapping hours are not stored.
pub(crate) fn apart(hours: &[Hours]) -> Result<()> {
    let mut errors = FieldErrors::default();
    let mut before: Option<Hours> = None;
    for period in hours {
        if !(1..=7).contains(&period.weekday) {
            errors.push("days", Problem::Unknown);
        } else if period.ends <= period.starts {
            errors.push(&format!("days.{}.ends", period.weekday - 1), Problem::EndBeforeStart);
        } else if before.is_some_and(|before| before.weekday == period.weekday && period.starts < before.ends) {
            errors.push(&format!("days.{}.starts", period.weekday - 1), Problem::Overlaps);
        }
        before = Some(*period);
    }
    Ok(errors.check()?)
}

async fn week(conn: &mut PgConnection, id: StaffId) -> Result<Vec<Hours>> {
    Ok(sqlx::query_as!(
        Hours,
        "select weekday, starts, ends from weekly_hours where practitioner_id = $1 order by weekday, starts",
        id.0
    )
    .fetch_all(conn)
    .await?)
}

/// Those who work here, by name; only this one; only practitioners.
pub(super) async fn select(
    conn: &mut PgConnection,
    id: Option<StaffId>,
    practitioners: bool,
) -> Result<Vec<StaffView>> {
    let rows = sqlx::query!(
        r#"select id as "id: StaffId", first_name || ' ' || last_name as "name!", email as "email!: String", roles, may_book, active, version
             from staff_member
            where active and (not $2::bool or 'practitioner' = any(roles)) and ($1::uuid is null or id = $1)
            order by searchable(first_name || ' ' || last_name), id"#,
        id.map(Uuid::from),
        practitioners
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| StaffView {
            id: row.id,
            name: row.name,
            email: row.email,
            roles: row.roles.iter().filter_map(|role| role.parse().ok()).collect(),
            may_book: row.may_book,
            active: row.active,
            version: row.version,
        })
        .collect())
}
