//! Counts by the day.

use super::Filter;
use crate::time::Zone;
use crate::{Actor, Result};
use chrono::{DateTime, NaiveDate, Utc};
use shared::StaffId;
use sqlx::PgConnection;

/// How many appointments of a practitioner begin on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayCount {
    pub date: NaiveDate,
    pub practitioner_id: StaffId,
    pub practitioner_name: String,
    /// Those that the viewer may see.
    pub booked: i64,
    /// And those of which they know that the practitioner is busy.
    pub busy: i64,
}

/// Of each day from the first to the last, and each practitioner who has any. What is
/// cancelled does not count.
pub async fn month(
    conn: &mut PgConnection,
    actor: &Actor,
    zone: &Zone,
    (first, last): (NaiveDate, NaiveDate),
    filter: &Filter,
) -> Result<Vec<DayCount>> {
    let scope = actor.staff()?.scope();
    let dates: Vec<NaiveDate> = first.iter_days().take_while(|date| *date <= last).collect();
    let people = filter.people();
    let days: Vec<_> = dates.iter().map(|date| zone.day(*date)).collect();
    Ok(sqlx::query_as!(
        DayCount,
        r#"select d.date as "date!", a.practitioner_id as "practitioner_id: StaffId",
                  m.first_name || ' ' || m.last_name as "practitioner_name!",
                  count(*) filter (where a.seen) as "booked!", count(*) filter (where not a.seen) as "busy!"
             from unnest($1::date[], $2::timestamptz[], $3::timestamptz[]) d (date, starts, ends)
             cross join lateral (
                   select a.practitioner_id,
                          $4::uuid is null or exists (
                          select from appointment_participant v
                            join client_practitioner x on x.client_id = v.client_id and x.practitioner_id = $4
                           where v.appointment_id = a.id) as seen
                     from appointment a
                    where a.starts_at >= d.starts and a.starts_at < d.ends and a.status in ('requested', 'confirmed')
                      and ($5::uuid[] is null or a.practitioner_id = any ($5))
                      and ($6::uuid is null or a.location_id = $6)
                      and ($7::uuid is null or a.room_id = $7)
                   -- Day by day: as a join it would read all appointments.
                   offset 0) a
             join staff_member m on m.id = a.practitioner_id
            group by d.date, a.practitioner_id, m.first_name, m.last_name
            order by d.date, m.last_name, m.first_name, a.practitioner_id"#,
        &dates,
        &days.iter().map(|day| day.starts).collect::<Vec<DateTime<Utc>>>(),
        &days.iter().map(|day| day.ends).collect::<Vec<DateTime<Utc>>>(),
        scope,
        people.as_deref(),
        filter.location.map(|id| id.0),
        filter.room.map(|id| id.0)
    )
    .fetch_all(conn)
    .await?)
}
