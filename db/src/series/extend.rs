//! More dates of a series, by its rule and in its rhythm. What was changed by hand stays; the new
//! dates are as the last one that was not.

use super::book::{Preview, lock, one_mail, work};
use crate::appointments::{self, Booked};
use crate::time::Zone;
use crate::{Actor, Error, PgPool, Result, audit};
use chrono::{NaiveDate, NaiveTime};
use shared::appointments::Modality;
use shared::series::{DateChoice, End, Frequency, Rule, Series, SeriesBooking, SeriesMore, SeriesMoreForm};
use shared::{AppointmentId, ClientId, Conflict, Refusal, RoomId, SeriesId, ServiceId, StaffId};
use sqlx::PgConnection;
use uuid::Uuid;

/// How often a transaction that met a deadlock is tried in all.
const TRIES: u32 = 4;

/// The series, and what its next appointments are.
struct Known {
    id: SeriesId,
    rule: Rule,
    end: End,
    zone: String,
    time: NaiveTime,
    service: ServiceId,
    practitioner: StaffId,
    room: Option<RoomId>,
    modality: Modality,
    client: ClientId,
    /// Dates that were left out before.
    skipped: Vec<NaiveDate>,
}

impl Known {
    fn last(&self) -> Option<NaiveDate> {
        self.rule.until(self.end).last().copied()
    }
}

/// What more dates would come to at this moment. Nothing is stored.
pub async fn preview_more(pool: &PgPool, actor: &Actor, form: &SeriesMoreForm) -> Result<Preview> {
    let mut tx = pool.begin().await?;
    let (known, wanted) = authorised(&mut tx, actor, form).await?;
    let zone = Zone::stored(&known.zone);
    let booking = booking(&known, &wanted)?;
    lock(&mut tx, &booking, &zone).await?;
    let (dates, _) = work(&mut tx, actor, &booking, &form.reason, &zone, known.id).await?;
    tx.rollback().await?;
    Ok(Preview { words: booking.series.words(), place: zone.place(), dates })
}

/// Books more dates, all that are not left out or none; answers the first. The same form sent
/// twice books once; one that was shown before others were added is [`Refusal::Stale`].
pub async fn book_more(pool: &PgPool, actor: &Actor, form: &SeriesMoreForm) -> Result<AppointmentId> {
    let mut tries = 1;
    loop {
        match book_once(pool, actor, form).await {
            Err(error) if error.is_transient() && tries < TRIES => tries += 1,
            answer => return answer,
        }
    }
}

async fn book_once(pool: &PgPool, actor: &Actor, form: &SeriesMoreForm) -> Result<AppointmentId> {
    let mut tx = pool.begin().await?;
    let (known, wanted) = authorised(&mut tx, actor, form).await?;
    let reason = appointments::reason(&form.reason)?;
    let zone = Zone::stored(&known.zone);
    let booking = booking(&known, &wanted)?;
    lock(&mut tx, &booking, &zone).await?;
    sqlx::query!("select 1 as one from appointment_series where id = $1 for update", known.id.0)
        .fetch_one(&mut *tx)
        .await?;
    let now = read(&mut tx, wanted.appointment).await?;
    let (dates, booked) = work(&mut tx, actor, &booking, &reason, &zone, known.id).await?;
    if now.last() != Some(wanted.after) {
        // Perhaps by an earlier submit of the same form.
        let first = booked.first().filter(|_| booked.iter().all(|one| !one.is_new));
        return first.map(|one| one.id).ok_or(Refusal::Stale.into());
    }
    if !dates.iter().all(|date| date.outcome.is_possible()) {
        return Err(Refusal::Conflict(Conflict::SeriesDates).into());
    }
    let Some((first, others)) = booked.split_first() else {
        return Err(Refusal::Conflict(Conflict::SeriesEmpty).into());
    };
    prolong(&mut tx, &known, &booking).await?;
    let ids: Vec<Uuid> = others.iter().map(|one: &Booked| one.id.0).collect();
    one_mail(&mut tx, first.id, &ids).await?;
    for one in &booked {
        audit::append(&mut tx, actor, "book", "appointment", one.id, &["series"]).await?;
    }
    tx.commit().await?;
    Ok(first.id)
}

/// Reads the form once the actor may manage the series.
async fn authorised(conn: &mut PgConnection, actor: &Actor, form: &SeriesMoreForm) -> Result<(Known, SeriesMore)> {
    actor.staff()?;
    let id: AppointmentId = form.appointment.trim().parse().map_err(|_| Refusal::NotFound)?;
    appointments::managed(&mut *conn, actor, id).await?;
    let known = read(conn, id).await?;
    Ok((known, form.parse()?))
}

async fn read(conn: &mut PgConnection, id: AppointmentId) -> Result<Known> {
    let row = sqlx::query!(
        r#"select s.id as "id: SeriesId", s.zone, s.frequency as "frequency: Frequency", s.every, s.weekdays, s.first_on,
                  s.last_on, s.count, s.local_time,
                  array(select on_date from appointment_series_skip where series_id = s.id) as "skipped!",
                  l.service_id as "service: ServiceId", l.practitioner_id as "practitioner: StaffId", l.room_id as "room: RoomId",
                  l.modality as "modality: Modality", l.client as "client!: ClientId"
             from appointment a
             join appointment_series s on s.id = a.series_id
            cross join lateral (
                  -- Where the service needs a room any of its rooms will do.
                  select b.service_id, b.practitioner_id, case when v.needs_room then null else b.room_id end as room_id,
                         b.modality, coalesce(p.party_id, p.client_id) as client
                    from appointment b join appointment_participant p on p.appointment_id = b.id
                    join service v on v.id = b.service_id
                   where b.series_id = s.id
                   -- As the last one that stands and was not changed by hand.
                   order by b.detached, b.status = 'cancelled', p.status <> 'booked', b.series_date desc, p.booked_at, p.id
                   limit 1) l
            where a.id = $1"#,
        id.0
    )
    .fetch_optional(conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    let weekday = |day: &i16| chrono::Weekday::try_from((day - 1) as u8).ok();
    Ok(Known {
        id: row.id,
        rule: Rule {
            frequency: row.frequency,
            every: row.every as u8,
            weekdays: row.weekdays.iter().filter_map(weekday).collect(),
            first_on: row.first_on,
        },
        end: match (row.last_on, row.count) {
            (Some(day), _) => End::On(day),
            (None, count) => End::After(count.unwrap_or(2) as u8),
        },
        zone: row.zone,
        time: row.local_time,
        service: row.service,
        practitioner: row.practitioner,
        room: row.room,
        modality: row.modality,
        client: row.client,
        skipped: row.skipped,
    })
}

/// What the new dates are booked as. One that was left out before stays so, unless it is chosen.
fn booking(known: &Known, wanted: &SeriesMore) -> Result<SeriesBooking> {
    let dates = known.rule.more(wanted.after, wanted.end)?;
    let mut choices = wanted.choices.clone();
    for date in &known.skipped {
        choices.entry(*date).or_insert(DateChoice { skip: true, ..DateChoice::default() });
    }
    Ok(SeriesBooking {
        client: known.client,
        service: known.service,
        practitioner: known.practitioner,
        room: known.room,
        modality: known.modality,
        time: known.time,
        series: Series { rule: known.rule.clone(), end: wanted.end, dates },
        choices,
        request_key: wanted.request_key,
    })
}

/// The rule lasts until the last of the new dates.
async fn prolong(conn: &mut PgConnection, known: &Known, booking: &SeriesBooking) -> Result<()> {
    let dates = &booking.series.dates;
    let (last_on, count) = match (known.end, booking.series.end) {
        (End::After(count), End::After(_)) => (None, Some(i16::from(count) + dates.len() as i16)),
        (_, End::On(day)) => (Some(day), None),
        (End::On(_), End::After(_)) => (dates.last().copied(), None),
    };
    sqlx::query!(
        "update appointment_series set last_on = $2, count = $3, version = version + 1 where id = $1",
        known.id.0,
        last_on,
        count
    )
    .execute(&mut *conn)
    .await?;
    let booked: Vec<NaiveDate> =
        dates.iter().copied().filter(|date| booking.choices.get(date).is_none_or(|choice| !choice.skip)).collect();
    sqlx::query!(
        "delete from appointment_series_skip where series_id = $1 and on_date = any ($2)",
        known.id.0,
        &booked
    )
    .execute(conn)
    .await?;
    Ok(())
}
