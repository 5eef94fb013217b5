//! Changing a series: one date, that and the later ones, or all that were not changed by
//! hand. All of it or nothing, with every lock taken first.

use super::book::{one_mail, skip};
use crate::appointments::{self, cancel_in, move_in, move_keys};
use crate::clients::content_key;
use crate::time::Zone;
use crate::{Actor, Error, PgPool, Result, audit, new_id};
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use shared::appointments::{CancelForm, Conflicts, Move, TimeConflict};
use shared::series::{Frequency, Rule, SeriesMove, SeriesMoveForm, SeriesScope};
use shared::{AppointmentId, Refusal, SeriesId};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

/// How often a transaction that met a deadlock is tried in all.
const TRIES: u32 = 4;

/// An appointment of a series that a change is for.
struct Member {
    id: AppointmentId,
    series: SeriesId,
    date: NaiveDate,
    starts_at: DateTime<Utc>,
    starts_local: NaiveDateTime,
    zone: String,
    version: i32,
    detached: bool,
}

/// The one that was chosen first, and then the others that the scope names, by time.
/// Past and cancelled ones are none of them.
async fn members(conn: &mut PgConnection, id: AppointmentId, scope: SeriesScope) -> Result<Vec<Member>> {
    Ok(sqlx::query_as!(
        Member,
        r#"select b.id as "id: AppointmentId", b.series_id as "series!: SeriesId", b.series_date as "date!", b.starts_at,
                  b.starts_local, b.zone, b.version, b.detached
             from appointment a join appointment b on b.series_id = a.series_id
            where a.id = $1 and b.status in ('requested', 'confirmed')
              and (b.id = a.id
                   or b.starts_at > now() and case $2 when 'later' then b.series_date > a.series_date when 'all' then true else false end)
            order by b.id <> a.id, b.starts_at, b.id"#,
        id.0,
        scope.as_str()
    )
    .fetch_all(conn)
    .await?)
}

/// Cancels appointments of a series; answers how many. One mail tells of all.
pub async fn cancel(
    pool: &PgPool,
    actor: &Actor,
    id: AppointmentId,
    scope: SeriesScope,
    form: &CancelForm,
) -> Result<usize> {
    actor.staff()?;
    let mut tries = 1;
    loop {
        match cancel_once(pool, actor, id, scope, form).await {
            Err(error) if error.is_transient() && tries < TRIES => tries += 1,
            answer => return answer,
        }
    }
}

async fn cancel_once(
    pool: &PgPool,
    actor: &Actor,
    id: AppointmentId,
    scope: SeriesScope,
    form: &CancelForm,
) -> Result<usize> {
    let mut tx = pool.begin().await?;
    // What may not be seen is not found, whatever the scope.
    appointments::managed(&mut tx, actor, id).await?;
    let mut members = members(&mut tx, id, scope).await?;
    if scope == SeriesScope::All {
        members.retain(|one| one.id == id || !one.detached);
    }
    let Some(first) = members.first() else { return Err(Refusal::NotFound.into()) };
    let (series, from) = (first.series, first.date);
    members.sort_by_key(|one| (one.starts_at, one.id));
    for one in &members {
        cancel_in(&mut tx, actor, one.id, form).await?;
        skip(&mut tx, series, one.date, "removed").await?;
    }
    if scope == SeriesScope::Later {
        end_before(&mut tx, series, from).await?;
    }
    if let Some((first, others)) = members.split_first() {
        let others: Vec<Uuid> = others.iter().map(|one| one.id.0).collect();
        one_mail(&mut tx, first.id, &others).await?;
    }
    for one in &members {
        audit::append(&mut tx, actor, "cancel", "appointment", one.id, &["status"]).await?;
    }
    tx.commit().await?;
    Ok(members.len())
}

/// The series takes place no more from this date on.
async fn end_before(conn: &mut PgConnection, series: SeriesId, date: NaiveDate) -> Result<()> {
    sqlx::query!(
        "update appointment_series set last_on = $2, count = null, version = version + 1 where id = $1",
        series.0,
        date - Days::new(1)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Moves appointments of a series by as much as the chosen one moves; answers how many.
/// What was changed by hand stays. Conflicts of all dates are told together, and may be
/// passed over together.
pub async fn reschedule(pool: &PgPool, actor: &Actor, form: &SeriesMoveForm) -> Result<usize> {
    actor.staff()?;
    let id: AppointmentId = form.appointment.trim().parse().map_err(|_| Refusal::NotFound)?;
    appointments::managed(&mut *pool.begin().await?, actor, id).await?;
    let wanted = form.parse()?;
    let reason = appointments::reason(&form.reason)?;
    let mut tries = 1;
    loop {
        match move_once(pool, actor, wanted, &reason).await {
            Err(error) if error.is_transient() && tries < TRIES => tries += 1,
            answer => return answer,
        }
    }
}

async fn move_once(pool: &PgPool, actor: &Actor, wanted: SeriesMove, reason: &str) -> Result<usize> {
    let mut tx = pool.begin().await?;
    let mut members = members(&mut tx, wanted.appointment, wanted.scope).await?;
    let Some(chosen) = members.first() else { return Err(Refusal::NotFound.into()) };
    if chosen.version != wanted.version {
        return Err(Refusal::Stale.into());
    }
    Zone::stored(&chosen.zone).typed(wanted.local).map_err(|problem| Refusal::field("local", problem))?;
    let (series, from) = (chosen.series, chosen.date);
    let by = wanted.local - chosen.starts_local;
    let days = (wanted.local.date() - chosen.starts_local.date()).num_days();
    members.retain(|one| one.id == wanted.appointment || !one.detached);
    // None steps on the next one's old time.
    members.sort_by_key(|one| (one.starts_at, one.id));
    if by > TimeDelta::zero() {
        members.reverse();
    }
    let moves: Vec<Move> = members.iter().map(|one| one.moved(by, wanted)).collect();
    let mut keys = Vec::new();
    for one in &moves {
        keys.extend(move_keys(&mut tx, *one).await?);
    }
    appointments::lock(&mut tx, &keys).await?;

    let (mut conflicts, mut moved) = (Vec::new(), Vec::new());
    for (member, one) in members.iter().zip(&moves) {
        match move_at_point(&mut tx, actor, *one, reason).await {
            Ok(true) => moved.push(member.id),
            Ok(false) => {}
            Err(Error::Refused(Refusal::Conflicts(found))) => {
                // Moved all the same: at its old time it would be in the way of the next one.
                // Unless these conflicts were shown, nothing of it is kept.
                move_in(&mut tx, actor, Move { over: Some(found.seen), ..*one }, reason).await?;
                moved.push(member.id);
                conflicts.push((member, *one, found));
            }
            Err(error) => return Err(error),
        }
    }
    if !conflicts.is_empty() {
        let seen: Vec<Uuid> = conflicts.iter().map(|(.., found)| found.seen).collect();
        let seen = content_key(wanted.appointment.0, &seen);
        if wanted.over != Some(seen) {
            return Err(Refusal::Conflicts(Conflicts { seen, all: on_dates(&conflicts) }).into());
        }
    }
    if wanted.scope != SeriesScope::This {
        split(&mut tx, series, from, days, wanted.local.time(), &moved).await?;
    }
    let first = members.iter().min_by_key(|one| one.starts_at).map(|one| one.id);
    if let Some(first) = first {
        let others: Vec<Uuid> = moved.iter().filter(|id| **id != first).map(|id| id.0).collect();
        one_mail(&mut tx, first, &others).await?;
    }
    for id in &moved {
        audit::append(&mut tx, actor, "move", "appointment", *id, &["starts_at"]).await?;
    }
    tx.commit().await?;
    Ok(moved.len())
}

impl Member {
    fn moved(&self, by: TimeDelta, wanted: SeriesMove) -> Move {
        Move {
            appointment: self.id,
            version: self.version,
            starts_at: Zone::stored(&self.zone).instant(self.starts_local + by),
            practitioner: wanted.practitioner,
            room: None,
            over: None,
        }
    }
}

/// A move that is refused leaves nothing behind.
async fn move_at_point(conn: &mut PgConnection, actor: &Actor, one: Move, reason: &str) -> Result<bool> {
    let mut point = conn.begin().await?;
    let answer = move_in(&mut point, actor, one, reason).await;
    match answer {
        Ok(_) => point.commit().await?,
        Err(_) => point.rollback().await?,
    }
    answer
}

fn on_dates(conflicts: &[(&Member, Move, Conflicts)]) -> Vec<TimeConflict> {
    let mut dated: Vec<(DateTime<Utc>, TimeConflict)> = Vec::new();
    for (member, one, found) in conflicts {
        let date = Zone::stored(&member.zone).short_date(one.starts_at);
        for what in &found.all {
            dated.push((one.starts_at, TimeConflict::OnDate { date: date.clone(), what: Box::new(what.clone()) }));
        }
    }
    dated.sort_by_key(|(at, _)| *at);
    dated.into_iter().map(|(_, conflict)| conflict).collect()
}

/// From this date on a series of its own, with the rhythm at its new time. The rows keep
/// their ids: calendars see them move.
async fn split(
    conn: &mut PgConnection,
    series: SeriesId,
    from: NaiveDate,
    days: i64,
    time: NaiveTime,
    moved: &[AppointmentId],
) -> Result<()> {
    let row = sqlx::query!(
        r#"select zone, frequency as "frequency: Frequency", every, weekdays, first_on, duration_minutes, last_on, count
             from appointment_series where id = $1 for update"#,
        series.0
    )
    .fetch_one(&mut *conn)
    .await?;
    let weekday = |day: &i16| chrono::Weekday::try_from((day - 1) as u8).ok();
    let rule = Rule {
        frequency: row.frequency,
        every: row.every as u8,
        weekdays: row.weekdays.iter().filter_map(weekday).collect(),
        first_on: row.first_on,
    };
    let later: i64 = sqlx::query_scalar!(
        r#"select count(*) as "n!" from appointment where series_id = $1 and series_date >= $2 and status <> 'cancelled'"#,
        series.0,
        from
    )
    .fetch_one(&mut *conn)
    .await?;
    let shift = TimeDelta::days(days);
    // Anchored where it was, so that every second week stays every second week.
    let rule = rule.from(rule.first_on + shift);
    let first_on = from + shift;
    let anchored = Rule { first_on, ..rule };
    let id = SeriesId(new_id());
    let last_on = row.last_on.map(|day| day + shift);
    sqlx::query!(
        "insert into appointment_series (id, split_from, zone, frequency, every, weekdays, first_on, local_time, duration_minutes, last_on, count)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        id.0,
        series.0,
        row.zone,
        anchored.frequency.as_str(),
        row.every,
        &anchored.weekdays.iter().map(|day| day.number_from_monday() as i16).collect::<Vec<_>>(),
        first_on,
        time,
        row.duration_minutes,
        last_on,
        if last_on.is_none() { Some((later as i16).clamp(2, 200)) } else { None }
    )
    .execute(&mut *conn)
    .await?;
    let moved: Vec<Uuid> = moved.iter().map(|id| id.0).collect();
    sqlx::query!(
        "update appointment set series_id = $2, series_date = series_date + $4::int,
                detached = detached and not (id = any ($5))
          where series_id = $1 and series_date >= $3",
        series.0,
        id.0,
        from,
        days as i32,
        &moved
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update appointment_series_skip set series_id = $2, on_date = on_date + $4::int where series_id = $1 and on_date >= $3",
        series.0,
        id.0,
        from,
        days as i32
    )
    .execute(&mut *conn)
    .await?;
    end_before(conn, series, from).await
}
