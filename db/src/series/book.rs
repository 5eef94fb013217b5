//! Booking a series, and its preview: the same work, which the preview takes back.

use crate::appointments::free_times::venue_zone;
use crate::appointments::{self, book_in, booking_keys};
use crate::clients::content_key;
use crate::time::Zone;
use crate::{Actor, Error, PgPool, Result, audit};
use chrono::{DateTime, NaiveDate, Utc};
use shared::appointments::{Assigning, Booking, Conflicts};
use shared::series::{DateChoice, End, SeriesBooking, SeriesBookingForm};
use shared::{AppointmentId, Conflict, Refusal, SeriesId, StaffId};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

/// How often a transaction that met a deadlock is tried in all.
const TRIES: u32 = 4;

/// What each date would come to.
#[derive(Debug, Clone)]
pub struct Preview {
    /// Such as `Every week on Monday, 10 times`.
    pub words: String,
    /// Such as `Toronto`.
    pub place: String,
    pub dates: Vec<Planned>,
}

/// One date of a series that is to be booked.
#[derive(Debug, Clone)]
pub struct Planned {
    pub date: NaiveDate,
    pub starts_at: DateTime<Utc>,
    /// Such as `Monday 7 December 2026`.
    pub day: String,
    /// Such as `3:00 pm`, of the choice that was made.
    pub clock: String,
    pub outcome: Outcome,
}

#[derive(Debug, Clone)]
pub enum Outcome {
    /// It is booked, or can be.
    Free,
    Skipped,
    /// It may be booked over these.
    Conflicts(Conflicts),
    /// Not even over conflicts.
    Refused(Conflict),
}

impl Outcome {
    pub fn is_possible(&self) -> bool {
        matches!(self, Outcome::Free | Outcome::Skipped)
    }
}

/// What booking the series would come to at this moment, date by date. Nothing is stored.
pub async fn preview(pool: &PgPool, actor: &Actor, form: &SeriesBookingForm) -> Result<Preview> {
    let mut tx = pool.begin().await?;
    let booking = authorised(&mut tx, actor, form).await?;
    let zone = venue_zone(&mut *tx).await?;
    let series = begin(&mut tx, actor, &booking, &zone).await?;
    let (dates, _) = work(&mut tx, actor, &booking, &form.reason, &zone, series).await?;
    tx.rollback().await?;
    Ok(Preview { words: booking.series.words(), place: zone.place(), dates })
}

/// Books every date that is not left out, or nothing: then [`preview`] says which dates
/// are in the way. The same form sent twice books once.
pub async fn book(pool: &PgPool, actor: &Actor, form: &SeriesBookingForm) -> Result<AppointmentId> {
    let mut tries = 1;
    loop {
        match book_once(pool, actor, form).await {
            Err(error) if error.is_transient() && tries < TRIES => tries += 1,
            answer => return answer,
        }
    }
}

async fn book_once(pool: &PgPool, actor: &Actor, form: &SeriesBookingForm) -> Result<AppointmentId> {
    let mut tx = pool.begin().await?;
    let booking = authorised(&mut tx, actor, form).await?;
    let reason = appointments::reason(&form.reason)?;
    let zone = venue_zone(&mut *tx).await?;
    let series = begin(&mut tx, actor, &booking, &zone).await?;
    let (dates, booked) = work(&mut tx, actor, &booking, &reason, &zone, series).await?;
    if !dates.iter().all(|date| date.outcome.is_possible()) {
        return Err(Refusal::Conflict(Conflict::SeriesDates).into());
    }
    let Some((first, others)) = booked.split_first() else {
        return Err(Refusal::Conflict(Conflict::SeriesEmpty).into());
    };
    if !first.is_new {
        return Ok(first.id);
    }
    let ids: Vec<Uuid> = others.iter().map(|one| one.id.0).collect();
    one_mail(&mut tx, first.id, &ids).await?;
    for one in &booked {
        audit::append(&mut tx, actor, "book", "appointment", one.id, &["series"]).await?;
    }
    tx.commit().await?;
    Ok(first.id)
}

/// Reads the form once the actor may book this client.
async fn authorised(conn: &mut PgConnection, actor: &Actor, form: &SeriesBookingForm) -> Result<SeriesBooking> {
    actor.staff()?;
    if let Ok(client) = form.client.trim().parse() {
        crate::authz::bookable(conn, actor, client).await?;
    }
    Ok(form.parse()?)
}

/// The row of the series.
async fn begin(conn: &mut PgConnection, actor: &Actor, booking: &SeriesBooking, zone: &Zone) -> Result<SeriesId> {
    if let Some(first) = booking.series.dates.first() {
        // It was typed; a later date in a skipped hour is moved, and shown so.
        zone.typed(first.and_time(booking.time)).map_err(|problem| Refusal::field("starts", problem))?;
    }
    let series = SeriesId(content_key(booking.request_key, &(actor.id(), "series")));
    lock(&mut *conn, booking, zone).await?;
    insert(conn, series, booking, zone).await?;
    Ok(series)
}

/// What all dates that are booked lock.
pub(super) async fn lock(conn: &mut PgConnection, booking: &SeriesBooking, zone: &Zone) -> Result<()> {
    let mut keys = Vec::new();
    for date in &booking.series.dates {
        let choice = booking.choices.get(date).copied().unwrap_or_default();
        if !choice.skip {
            keys.extend(booking_keys(&mut *conn, on(booking, *date, &choice, zone)).await?);
        }
    }
    appointments::lock(conn, &keys).await
}

/// Books all dates, with every lock taken first; a date that cannot be booked is left out
/// and says why.
pub(super) async fn work(
    conn: &mut PgConnection,
    actor: &Actor,
    booking: &SeriesBooking,
    reason: &str,
    zone: &Zone,
    series: SeriesId,
) -> Result<(Vec<Planned>, Vec<appointments::Booked>)> {
    let choices: Vec<(NaiveDate, DateChoice)> = booking
        .series
        .dates
        .iter()
        .map(|date| (*date, booking.choices.get(date).copied().unwrap_or_default()))
        .collect();
    let wanted: Vec<Booking> = choices.iter().map(|(date, choice)| on(booking, *date, choice, zone)).collect();
    let (mut dates, mut booked) = (Vec::new(), Vec::new());
    for ((date, choice), one) in choices.into_iter().zip(wanted) {
        let outcome = if choice.skip {
            skip(&mut *conn, series, date, "removed").await?;
            Outcome::Skipped
        } else {
            // A date that is refused leaves nothing behind.
            let mut point = conn.begin().await?;
            match book_in(&mut point, actor, one, reason).await {
                Ok(made) => {
                    join(&mut point, series, date, &made, choice).await?;
                    point.commit().await?;
                    booked.push(made);
                    Outcome::Free
                }
                Err(Error::Refused(Refusal::Conflicts(conflicts))) => {
                    point.rollback().await?;
                    Outcome::Conflicts(conflicts)
                }
                Err(Error::Refused(Refusal::Conflict(conflict))) => {
                    point.rollback().await?;
                    Outcome::Refused(conflict)
                }
                Err(error) => return Err(error),
            }
        };
        let (day, clock) = (zone.long_date(one.starts_at), zone.exact_clock(one.starts_at));
        dates.push(Planned { date, starts_at: one.starts_at, day, clock, outcome });
    }
    Ok((dates, booked))
}

/// The booking of one date.
fn on(booking: &SeriesBooking, date: NaiveDate, choice: &DateChoice, zone: &Zone) -> Booking {
    let time = choice.time.unwrap_or(booking.time);
    Booking {
        service: booking.service,
        practitioner: choice.practitioner.unwrap_or(booking.practitioner),
        anyone: false,
        starts_at: zone.instant(date.and_time(time)),
        client: booking.client,
        proxy: None,
        assigned: Assigning::Everyone,
        room: booking.room,
        modality: booking.modality,
        over: choice.over,
        hold: None,
        request_key: content_key(booking.request_key, &date),
    }
}

async fn insert(conn: &mut PgConnection, id: SeriesId, booking: &SeriesBooking, zone: &Zone) -> Result<()> {
    let rule = &booking.series.rule;
    let (last_on, count) = match booking.series.end {
        End::On(day) => (Some(day), None),
        End::After(count) => (None, Some(i16::from(count))),
    };
    let duration = duration(&mut *conn, booking.service, booking.practitioner).await?;
    sqlx::query!(
        "insert into appointment_series (id, zone, frequency, every, weekdays, first_on, local_time, duration_minutes, last_on, count)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (id) do nothing",
        id.0,
        zone.name(),
        rule.frequency.as_str(),
        i16::from(rule.every),
        &rule.weekdays.iter().map(|day| day.number_from_monday() as i16).collect::<Vec<_>>(),
        rule.first_on,
        booking.time,
        duration,
        last_on,
        count
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The service's minutes, or those of this practitioner.
async fn duration(conn: &mut PgConnection, service: shared::ServiceId, practitioner: StaffId) -> Result<i32> {
    let minutes = sqlx::query_scalar!(
        r#"select coalesce(o.duration_minutes, s.duration_minutes) as "minutes!"
             from service s left join service_practitioner o on o.service_id = s.id and o.practitioner_id = $2
            where s.id = $1"#,
        service.0,
        practitioner.0
    )
    .fetch_optional(conn)
    .await?;
    minutes.ok_or(Error::Refused(Refusal::NotFound))
}

async fn join(
    conn: &mut PgConnection,
    series: SeriesId,
    date: NaiveDate,
    made: &appointments::Booked,
    choice: DateChoice,
) -> Result<()> {
    if !made.is_new {
        return Ok(());
    }
    sqlx::query!(
        "update appointment set series_id = $2, series_date = $3, detached = $4 where id = $1",
        made.id.0,
        series.0,
        date,
        choice.time.is_some() || choice.practitioner.is_some()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Remembers a date that is left out, so that nothing brings it back.
pub(super) async fn skip(conn: &mut PgConnection, series: SeriesId, date: NaiveDate, why: &str) -> Result<()> {
    sqlx::query!(
        "insert into appointment_series_skip (series_id, on_date, why) values ($1, $2, $3) on conflict do nothing",
        series.0,
        date,
        why
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Of several appointments of one series one mail is sent: that of the first lists the
/// others, whose own are taken back before anyone sees them. A person who is told nothing
/// of the first, who attends a later one alone, keeps theirs.
pub(super) async fn one_mail(conn: &mut PgConnection, first: AppointmentId, others: &[Uuid]) -> Result<()> {
    sqlx::query!(
        "delete from message m using appointment_participant p
          where m.appointment_id = any ($1) and m.state = 'queued' and m.created_at = now() and p.id = m.participant_id
            and exists (select from message f join appointment_participant q on q.id = f.participant_id
                         where f.appointment_id = $2 and f.kind = m.kind and f.created_at = now()
                           and q.client_id = p.client_id)",
        others,
        first.0
    )
    .execute(conn)
    .await?;
    Ok(())
}
