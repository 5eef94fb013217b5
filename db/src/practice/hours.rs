//! Practitioners and the hours they work each week.

use super::locations::workplace;
use super::same_version;
use crate::{Actor, Error, Result, audit};
use shared::practice::{Hours, Offered, Pattern, StaffView, Week, WeekForm, WorkingHours};
use shared::{LocationId, Problem, Refusal, StaffId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// The active practitioners, by name: for pickers and filters. Anyone who works here.
pub async fn practitioners(pool: &PgPool, actor: &Actor) -> Result<Vec<StaffView>> {
    actor.staff()?;
    select(&mut *pool.acquire().await?, None, true).await
}

/// A practitioner and their week, in order. The front desk, and they themself.
pub async fn practitioner_hours(pool: &PgPool, actor: &Actor, id: StaffId) -> Result<(StaffView, Vec<WorkingHours>)> {
    may_manage(actor, id)?;
    let mut conn = pool.acquire().await?;
    let practitioner = select(&mut conn, Some(id), true).await?.pop().ok_or(Error::Refused(Refusal::NotFound))?;
    let week = week(&mut conn, id).await?;
    Ok((practitioner, week))
}

/// Gives a practitioner permission to book, or takes it: it counts with
/// their next click. Administrators only.
pub async fn save_may_book(pool: &PgPool, actor: &Actor, id: StaffId, may_book: bool) -> Result<()> {
    actor.administrator()?;
    actor.confirmed()?;
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

/// Replaces one weekly pattern of a practitioner, or adds one; without hours it goes. The front
/// desk, and they themself. Appointments that are booked stay as they are. Refused at
/// `valid_from` if the practitioner has another pattern of the same dates, weeks and offer.
pub async fn save_week(pool: &PgPool, actor: &Actor, id: StaffId, form: &WeekForm) -> Result<()> {
    may_manage(actor, id)?;
    let mut tx = pool.begin().await?;
    let stored = sqlx::query_scalar!(
        "select version from staff_member where id = $1 and active and 'practitioner' = any(roles) for update",
        id.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    let stored = stored.ok_or(Error::Refused(Refusal::NotFound))?;
    let Week { replaces, pattern, hours } = form.parse()?;
    let all = week(&mut tx, id).await?;
    let of = |pattern: Pattern| all.iter().filter(move |one| one.pattern == pattern).map(|one| one.hours);
    if of(pattern).eq(hours.iter().copied()) && replaces.is_none_or(|old| old == pattern || of(old).next().is_none()) {
        return Ok(());
    }
    same_version(stored, form.version.parse().ok())?;
    if replaces != Some(pattern) && of(pattern).next().is_some() {
        return Err(Refusal::field("valid_from", Problem::Taken).into());
    }

    let location = workplace(&mut tx).await?;
    for old in replaces.into_iter().chain([pattern]) {
        sqlx::query!(
            "delete from weekly_hours where practitioner_id = $1 and valid_from = $2
                and valid_until is not distinct from $3 and every_weeks = $4 and offered = $5",
            id.0,
            old.valid_from,
            old.valid_until,
            old.every_weeks,
            old.offered.as_str()
        )
        .execute(&mut *tx)
        .await?;
    }
    sqlx::query!(
        "insert into weekly_hours (id, practitioner_id, location_id, weekday, starts, ends, valid_from, valid_until, every_weeks, offered)
         select period.id, $1, $2, period.weekday, period.starts, period.ends, $7, $8, $9, $10
           from unnest($3::uuid[], $4::smallint[], $5::smallint[], $6::smallint[]) period (id, weekday, starts, ends)",
        id.0,
        location.0,
        &hours.iter().map(|_| crate::new_id()).collect::<Vec<Uuid>>(),
        &hours.iter().map(|period| period.weekday).collect::<Vec<i16>>(),
        &hours.iter().map(|period| period.starts).collect::<Vec<i16>>(),
        &hours.iter().map(|period| period.ends).collect::<Vec<i16>>(),
        pattern.valid_from,
        pattern.valid_until,
        pattern.every_weeks,
        pattern.offered.as_str()
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
        staff if staff.sees_all_clients() || staff.id() == id => Ok(()),
        _ => Err(Error::Refused(Refusal::Forbidden)),
    }
}

/// All patterns, each with its hours in order.
async fn week(conn: &mut PgConnection, id: StaffId) -> Result<Vec<WorkingHours>> {
    let rows = sqlx::query!(
        r#"select location_id as "location: LocationId", weekday, starts, ends, valid_from, valid_until, every_weeks,
                  offered as "offered: Offered"
             from weekly_hours where practitioner_id = $1
            order by valid_from, valid_until nulls first, every_weeks, offered, weekday, starts"#,
        id.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| WorkingHours {
            hours: Hours { weekday: row.weekday, starts: row.starts, ends: row.ends },
            location: row.location,
            pattern: Pattern {
                valid_from: row.valid_from,
                valid_until: row.valid_until,
                every_weeks: row.every_weeks,
                offered: row.offered,
            },
        })
        .collect())
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
