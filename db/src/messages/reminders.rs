//! Reminders: rules that administrators set, and the sweep that queues what they come to.
//!
//! A reminder is queued within nine days before the appointment, once for each participant,
//! rule and start: a million appointments further ahead cost nothing, a moved appointment gets
//! another reminder, and any number of servers may sweep. A reminder whose time had passed
//! when the appointment was booked or moved is not made. None is sent at night: it comes
//! earlier, between 8 am and 8 pm of the person's own zone.

use crate::time::Zone;
use crate::{Actor, OnConstraint, PgPool, Result, audit, new_id};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use shared::reminders::{Reminder, ReminderForm, ReminderRule};
use shared::{Problem, Refusal, RuleId};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// How far ahead reminders are queued: the longest rule, and a night.
const AHEAD_DAYS: i32 = 9;
/// How many are queued at a time.
const BATCH: i64 = 500;
const MORNING: NaiveTime = NaiveTime::from_hms_opt(8, 0, 0).unwrap();
const EVENING: NaiveTime = NaiveTime::from_hms_opt(20, 0, 0).unwrap();

/// The rules, the earliest reminder first.
pub async fn list(pool: &PgPool, actor: &Actor) -> Result<Vec<ReminderRule>> {
    actor.administrator()?;
    let rows = sqlx::query!(
        r#"select id as "id: RuleId", hours, at from reminder_rule order by kind desc, hours desc nulls last, at"#
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| ReminderRule { id: row.id, when: when(row.hours, row.at) }).collect())
}

fn when(hours: Option<i16>, at: Option<NaiveTime>) -> Reminder {
    match (hours, at) {
        (_, Some(at)) => Reminder::DayBefore(at),
        (hours, None) => Reminder::HoursBefore(hours.unwrap_or(24)),
    }
}

/// Adds a rule: it holds for everything that is not yet queued by it. Administrators only.
pub async fn add(pool: &PgPool, actor: &Actor, form: &ReminderForm) -> Result<()> {
    actor.administrator()?;
    let (kind, hours, at) = match form.parse()? {
        Reminder::HoursBefore(hours) => ("hours_before", Some(hours), None),
        Reminder::DayBefore(at) => ("day_before", None, Some(at)),
    };
    let mut tx = pool.begin().await?;
    let id = RuleId(new_id());
    sqlx::query!("insert into reminder_rule (id, kind, hours, at) values ($1, $2, $3, $4)", id.0, kind, hours, at)
        .execute(&mut *tx)
        .await
        .on_constraint("reminder_rule_once", || {
            Refusal::field(if at.is_some() { "at" } else { "hours" }, Problem::Taken)
        })?;
    audit::append(&mut tx, actor, "create", "reminder_rule", id, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// Removes a rule with its reminders that are still queued. Twice is as once.
pub async fn remove(pool: &PgPool, actor: &Actor, id: RuleId) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    let gone = sqlx::query!("delete from reminder_rule where id = $1", id.0).execute(&mut *tx).await?;
    if gone.rows_affected() > 0 {
        audit::append(&mut tx, actor, "delete", "reminder_rule", id, &[]).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Queues what is to be reminded of; answers how many were looked at. Called each minute.
pub async fn enqueue(pool: &PgPool) -> Result<usize> {
    let mut looked_at = 0;
    loop {
        let mut tx = pool.begin().await?;
        let found = batch(&mut tx).await?;
        tx.commit().await?;
        looked_at += found;
        if (found as i64) < BATCH {
            return Ok(looked_at);
        }
    }
}

async fn batch(conn: &mut PgConnection) -> Result<usize> {
    let rows = sqlx::query!(
        r#"select a.id as appointment, p.id as participant, a.version, a.starts_at, a.zone, a.timed_at,
                  c.zone as own_zone, r.id as rule, r.hours, r.at
             from appointment a
             join appointment_participant p on p.appointment_id = a.id and p.status = 'booked'
             join client c on c.id = p.client_id
            cross join reminder_rule r
            where a.status = 'confirmed' and a.starts_at > now() and a.starts_at < now() + make_interval(days => $1)
              and not exists (select from message m
                               where m.participant_id = p.id and m.rule_id = r.id and m.about_starts_at = a.starts_at)
            order by a.starts_at, p.id, r.id limit $2"#,
        AHEAD_DAYS,
        BATCH
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut zones: HashMap<String, Zone> = HashMap::new();
    let mut zone = |name: &str| zones.entry(name.to_owned()).or_insert_with(|| Zone::stored(name)).clone();
    let now = Utc::now();
    let due: Vec<DateTime<Utc>> = rows
        .iter()
        .map(|row| due_at(when(row.hours, row.at), row.starts_at, &zone(&row.zone), &zone(&row.own_zone)))
        .collect();
    // What is not to be made is noted as done, so that it is not looked at again.
    let made: Vec<bool> = rows.iter().zip(&due).map(|(row, due)| *due > row.timed_at && row.starts_at > now).collect();
    sqlx::query!(
        "insert into message (id, kind, appointment_id, participant_id, subject_version, rule_id, about_starts_at, due_at, state, finished_at)
         select id, 'reminder', appointment, participant, version, rule, starts_at, due,
                case when made then 'queued' else 'done' end, case when made then null else now() end
           from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::uuid[], $6::timestamptz[], $7::timestamptz[], $8::bool[])
                r (id, appointment, participant, version, rule, starts_at, due, made)
         on conflict on constraint message_once do nothing",
        &rows.iter().map(|_| new_id()).collect::<Vec<Uuid>>(),
        &rows.iter().map(|row| row.appointment).collect::<Vec<Uuid>>(),
        &rows.iter().map(|row| row.participant).collect::<Vec<Uuid>>(),
        &rows.iter().map(|row| row.version).collect::<Vec<i32>>(),
        &rows.iter().map(|row| row.rule).collect::<Vec<Uuid>>(),
        &rows.iter().map(|row| row.starts_at).collect::<Vec<DateTime<Utc>>>(),
        &due,
        &made
    )
    .execute(conn)
    .await?;
    Ok(rows.len())
}

/// When a reminder is sent: as the rule says, and never at night where the person lives.
fn due_at(rule: Reminder, starts_at: DateTime<Utc>, venue: &Zone, own: &Zone) -> DateTime<Utc> {
    let due = match rule {
        Reminder::HoursBefore(hours) => starts_at - TimeDelta::hours(hours.into()),
        Reminder::DayBefore(at) => venue.instant((venue.date(starts_at) - Days::new(1)).and_time(at)),
    };
    let local = own.local(due);
    if local.time() < MORNING {
        own.instant((local.date() - Days::new(1)).and_time(EVENING))
    } else if local.time() > EVENING {
        own.instant(local.date().and_time(EVENING))
    } else {
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_reminder_is_never_at_night_where_the_person_lives() {
        let toronto = Zone::parse("America/Toronto").unwrap();
        let paris = Zone::parse("Europe/Paris").unwrap();
        let hours = |hours, starts, own: &Zone| due_at(Reminder::HoursBefore(hours), at(starts), &toronto, own);
        // Monday 3 pm in Toronto: Sunday 3 pm, or 9 pm in Paris, which is 8 pm.
        assert_eq!(hours(24, "2026-12-07T20:00:00Z", &toronto), at("2026-12-06T20:00:00Z"));
        assert_eq!(hours(24, "2026-12-07T20:00:00Z", &paris), at("2026-12-06T19:00:00Z"));
        // Two hours before 9 am is 7 am: the evening before.
        assert_eq!(hours(2, "2026-12-07T14:00:00Z", &toronto), at("2026-12-07T01:00:00Z"));
        let day = |starts| {
            due_at(Reminder::DayBefore(NaiveTime::from_hms_opt(17, 0, 0).unwrap()), at(starts), &toronto, &toronto)
        };
        assert_eq!(day("2026-12-07T14:00:00Z"), at("2026-12-06T22:00:00Z"));
        // The day before a change of the clocks has its own offset.
        assert_eq!(day("2027-03-14T14:00:00Z"), at("2027-03-13T22:00:00Z"));
    }
}
