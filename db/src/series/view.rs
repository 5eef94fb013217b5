//! A series as staff see it.

use crate::{Actor, PgPool, Result, appointments};
use chrono::{DateTime, NaiveDate, Utc};
use shared::appointments::AppointmentStatus;
use shared::series::{End, Frequency, Rule, Series};
use shared::{AppointmentId, SeriesId};

/// The rule, and its appointments by date.
#[derive(Debug, Clone)]
pub struct SeriesView {
    pub id: SeriesId,
    /// Such as `Every week on Monday, 10 times`.
    pub words: String,
    pub zone: String,
    pub occurrences: Vec<Occurrence>,
    /// Dates that were left out.
    pub skipped: Vec<NaiveDate>,
    /// The last date of the rule: more of it would begin after it.
    pub last: Option<NaiveDate>,
}

#[derive(Debug, Clone)]
pub struct Occurrence {
    pub id: AppointmentId,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub status: AppointmentStatus,
    pub practitioner: String,
    pub overbooked: bool,
    /// Changed by itself.
    pub detached: bool,
}

/// The series of an appointment that the actor may see; `None` if it is single.
pub async fn of(pool: &PgPool, actor: &Actor, id: AppointmentId) -> Result<Option<SeriesView>> {
    appointments::one(pool, actor, id).await?;
    let mut conn = pool.acquire().await?;
    let Some(row) = sqlx::query!(
        r#"select s.id as "id: SeriesId", s.zone, s.frequency as "frequency: Frequency", s.every, s.weekdays, s.first_on,
                  s.last_on, s.count, array(select on_date from appointment_series_skip where series_id = s.id order by on_date) as "skipped!"
             from appointment a join appointment_series s on s.id = a.series_id where a.id = $1"#,
        id.0
    )
    .fetch_optional(&mut *conn)
    .await?
    else {
        return Ok(None);
    };
    let occurrences = sqlx::query_as!(
        Occurrence,
        r#"select a.id as "id: AppointmentId", a.starts_at, a.ends_at, a.status as "status: AppointmentStatus",
                  m.first_name || ' ' || m.last_name as "practitioner!",
                  a.practitioner_overbooked or a.room_overbooked as "overbooked!", a.detached
             from appointment a join staff_member m on m.id = a.practitioner_id
            where a.series_id = $1 order by a.starts_at, a.id"#,
        row.id.0
    )
    .fetch_all(&mut *conn)
    .await?;
    let weekday = |day: &i16| chrono::Weekday::try_from((day - 1) as u8).ok();
    let rule = Rule {
        frequency: row.frequency,
        every: row.every as u8,
        weekdays: row.weekdays.iter().filter_map(weekday).collect(),
        first_on: row.first_on,
    };
    let end = match (row.last_on, row.count) {
        (Some(day), _) => End::On(day),
        (None, count) => End::After(count.unwrap_or(2) as u8),
    };
    let dates = rule.until(end);
    let last = dates.last().copied();
    let words = Series { rule, end, dates }.words();
    Ok(Some(SeriesView { id: row.id, words, zone: row.zone, occurrences, skipped: row.skipped, last }))
}
