//! *Your day tomorrow*: one mail to each practitioner in the evening, with the appointments
//! of the next day, if there are any.

use super::Message;
use super::compose::{self, Mail, Sender};
use super::phrases::{self, phrases};
use super::recipients::{Recipient, Row};
use super::staff::{EVENING, off};
use super::text::one_line;
use crate::practice::practice_zone;
use crate::time::{Beside, Zone};
use crate::{PgPool, Result, new_id};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use shared::messages::WhyNot;
use shared::texts::{Placeholder, Text};
use sqlx::PgConnection;
use uuid::Uuid;

/// From when it is sent, on the practice's clocks.
const FROM: NaiveTime = NaiveTime::from_hms_opt(18, 0, 0).unwrap();

/// Queues it for everyone who gives appointments tomorrow; answers for how many. Called
/// each minute: before the evening and at night nothing happens, and any number of servers
/// may ask.
pub async fn enqueue(pool: &PgPool, now: DateTime<Utc>) -> Result<u64> {
    let mut conn = pool.acquire().await?;
    let zone = practice_zone(&mut conn).await?;
    let local = zone.local(now);
    if local.time() < FROM || local.time() > EVENING {
        return Ok(0);
    }
    let date = local.date() + Days::new(1);
    let day = zone.day(date);
    let staff = sqlx::query_scalar!(
        "select s.id from staff_member s join account c on c.staff_id = s.id and c.mail_day
          where s.active
            and exists (select from appointment a where a.practitioner_id = s.id and a.status = 'confirmed'
                           and a.starts_at >= $1 and a.starts_at < $2)
            and not exists (select from message m where m.staff_id = s.id and m.about_on = $3)",
        day.starts,
        day.ends,
        date
    )
    .fetch_all(&mut *conn)
    .await?;
    let ids: Vec<Uuid> = staff.iter().map(|_| new_id()).collect();
    let queued = sqlx::query!(
        "insert into message (id, kind, staff_id, about_on)
         select x.id, 'day_ahead', x.staff, $3 from unnest($1::uuid[], $2::uuid[]) x (id, staff)
         on conflict on constraint message_once do nothing",
        &ids,
        &staff,
        date
    )
    .execute(&mut *conn)
    .await?;
    Ok(queued.rows_affected())
}

/// The practitioner, while they want it.
pub(super) async fn of_day(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select null::uuid as "client?: _", false as "linked!", s.email::text as "address!", s.first_name,
                  null::text as "zone?", true as "has_login!", null::text as "language?", null::text as "withheld?: WhyNot"
             from staff_member s join account c on c.staff_id = s.id and c.mail_day
            where s.id = $1 and s.active"#,
        message.staff
    )
    .fetch_all(conn)
    .await?)
}

struct Line {
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    zone: String,
    service: String,
    place: String,
    /// `None`: those who attend may not be known to the practitioner.
    who: Option<String>,
}

/// A day with appointments.
pub(super) struct Day {
    date: NaiveDate,
    zone: Zone,
    lines: Vec<Line>,
}

/// `None` if nothing is left of the day, or it has begun.
pub(super) async fn day(conn: &mut PgConnection, message: &Message, now: DateTime<Utc>) -> Result<Option<Day>> {
    let on =
        sqlx::query_scalar!("select about_on from message where id = $1", message.id.0).fetch_one(&mut *conn).await?;
    let zone = practice_zone(&mut *conn).await?;
    let Some(date) = on.filter(|date| zone.date(now) < *date) else { return Ok(None) };
    let span = zone.day(date);
    let lines = sqlx::query_as!(
        Line,
        r#"select a.starts_at, a.ends_at, a.zone, s.name as service, l.name || coalesce(', ' || r.name, '') as "place!",
                  (select string_agg(client_name(c), ', ' order by v.booked_at, v.id)
                     from appointment_participant v join client c on c.id = v.client_id
                    where v.appointment_id = a.id and v.status = 'booked'
                      and exists (select from client_in_scope(c.id,
                              case when m.roles && '{administrator,front_desk}' then null else m.id end))) as who
             from appointment a
             join staff_member m on m.id = a.practitioner_id
             join service s on s.id = a.service_id
             join location l on l.id = a.location_id
             left join room r on r.id = a.room_id
            where a.practitioner_id = $1 and a.status = 'confirmed' and a.starts_at >= $2 and a.starts_at < $3
            order by a.starts_at, a.id"#,
        message.staff,
        span.starts,
        span.ends
    )
    .fetch_all(conn)
    .await?;
    Ok((!lines.is_empty()).then_some(Day { date, zone, lines }))
}

impl Day {
    pub(super) fn mail(&self, practice: &Sender, to: &Recipient, base_url: &str) -> Mail {
        let (language, words) = (to.language, phrases(to.language));
        let count = phrases::appointments(language, self.lines.len());
        let day = self.zone.date_in(language, self.zone.day(self.date).starts);
        let values =
            [(Placeholder::FirstName, to.first_name.as_str()), (Placeholder::When, &day), (Placeholder::Count, &count)];
        let mail = compose::of(practice, Text::DayAhead, language, &values);
        let mut lines = Vec::new();
        for line in &self.lines {
            let venue = Zone::stored(&line.zone);
            let when = venue.span_in(language, line.starts_at, line.ends_at, Beside::Venue);
            let note = if venue.name() == self.zone.name() { String::new() } else { format!(" ({})", venue.place()) };
            let who = line.who.as_deref().unwrap_or(words.busy);
            let (who, service, place) = (one_line(who), one_line(&line.service), one_line(&line.place));
            lines.push(format!("{when}{note}: {who}. {service}. {place}"));
        }
        lines.push(self.zone.note_in(language));
        lines.push(String::new());
        lines.push(format!("{}{base_url}/calendar?date={}", words.open_day, self.date));
        lines.push(off(language, base_url));
        Mail { body: format!("{}\n{}\n", mail.body, lines.join("\n")), ..mail }
    }
}
