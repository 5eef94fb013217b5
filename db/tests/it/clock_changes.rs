//! Days on which the clocks change, at midnight too, and zones whose laws have changed: what is
//! offered, what a day holds, what moves over the change and what a series makes of it.

use crate::appointments::{Practice, practice};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use db::appointments::free_times::{FreeQuery, free_days};
use db::calendar::{Filter, month, range};
use db::time::Zone;
use db::{PgPool, appointments, series};
use shared::Refusal;
use shared::appointments::{Booking, Move};
use shared::series::{SeriesBookingForm, SeriesForm};
use std::collections::BTreeSet;
use testkit::{client_actor, refusal, rounds};

async fn run(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

/// The practice, moved to this zone: one service of 60 minutes, offered every 30.
async fn practice_in(pool: &PgPool, zone: &str) -> Practice {
    let practice = practice(pool).await;
    settle_in(pool, zone).await;
    practice
}

async fn settle_in(pool: &PgPool, zone: &str) {
    run(
        pool,
        &format!(
            "update location set zone = '{zone}'; delete from weekly_hours;
             update practice set zone = '{zone}', slot_step_minutes = 30; update service set buffer_minutes = 0"
        ),
    )
    .await;
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The free times of a day whose practitioner works then from and to these minutes: what is said
/// of each, and the instants.
async fn free(pool: &PgPool, practice: &Practice, date: &str, hours: (i16, i16)) -> (Vec<String>, Vec<String>) {
    let date = day(date);
    sqlx::query(
        "insert into weekly_hours (id, practitioner_id, location_id, weekday, starts, ends)
         select gen_random_uuid(), $1, id, extract(isodow from $2::date), $3, $4 from location",
    )
    .bind(practice.practitioner.0)
    .bind(date)
    .bind(hours.0)
    .bind(hours.1)
    .execute(pool)
    .await
    .unwrap();
    let query = FreeQuery {
        service: practice.service,
        practitioner: None,
        client: None,
        first: date - TimeDelta::days(1),
        last: date + TimeDelta::days(1),
        portal: true,
    };
    let now = date.and_hms_opt(12, 0, 0).unwrap().and_utc() - TimeDelta::days(20);
    let days = free_days(pool, query, now).await.unwrap();
    let counts: Vec<usize> = days.iter().map(|day| day.times.len()).collect();
    assert_eq!((counts[0], counts[2]), (0, 0), "nothing stands under the day before or after: {days:?}");
    days[1].times.iter().map(|time| (time.label.clone(), time.starts_at.clone())).unzip()
}

#[testkit::test]
async fn a_day_that_begins_at_one_offers_nothing_before_and_no_instant_twice(pool: PgPool) {
    let practice = practice_in(&pool, "UTC").await;
    for (zone, date, hours, expected) in [
        // From midnight to one, there and in Cairo.
        ("America/Santiago", "2027-09-05", (0, 240), &["1:00 am", "1:30 am", "2:00 am", "2:30 am", "3:00 am"][..]),
        ("Africa/Cairo", "2027-04-30", (0, 180), &["1:00 am", "1:30 am", "2:00 am"]),
        // The hour before midnight comes twice.
        (
            "America/Santiago",
            "2027-04-03",
            (1260, 1440),
            &["9:00 pm", "9:30 pm", "10:00 pm", "10:30 pm", "11:00 pm (UTC−3)", "11:30 pm (UTC−3)", "11:00 pm (UTC−4)"],
        ),
        (
            "Africa/Cairo",
            "2027-10-28",
            (1320, 1440),
            &["10:00 pm", "10:30 pm", "11:00 pm (UTC+3)", "11:30 pm (UTC+3)", "11:00 pm (UTC+2)"],
        ),
        (
            "America/Toronto",
            "2027-11-07",
            (0, 180),
            &[
                "12:00 am",
                "12:30 am",
                "1:00 am (UTC−4)",
                "1:30 am (UTC−4)",
                "1:00 am (UTC−5)",
                "1:30 am (UTC−5)",
                "2:00 am",
            ],
        ),
        ("America/Toronto", "2027-03-14", (60, 300), &["1:00 am", "1:30 am", "3:00 am", "3:30 am", "4:00 am"]),
        (
            "America/Havana",
            "2027-11-07",
            (0, 120),
            &["12:00 am (UTC−4)", "12:30 am (UTC−4)", "12:00 am (UTC−5)", "12:30 am (UTC−5)", "1:00 am"],
        ),
    ] {
        settle_in(&pool, zone).await;
        let (said, instants) = free(&pool, &practice, date, hours).await;
        assert_eq!(said, expected, "{zone} {date}");
        assert_eq!(instants.iter().collect::<BTreeSet<_>>().len(), said.len());
        assert_eq!(said.iter().collect::<BTreeSet<_>>().len(), said.len(), "two times have the same words");
    }
}

/// An hour off on a server with the zone data of Debian 12.
#[testkit::test]
async fn zones_whose_laws_changed_are_offered_on_their_new_clocks(pool: PgPool) {
    let practice = practice_in(&pool, "UTC").await;
    for (zone, first) in [
        ("America/Vancouver", "2026-12-08T16:00:00Z"),
        ("America/Edmonton", "2026-12-08T15:00:00Z"),
        ("America/Winnipeg", "2026-12-08T14:00:00Z"),
        ("America/Inuvik", "2026-12-08T15:00:00Z"),
        ("America/Havana", "2026-12-08T13:00:00Z"),
        ("Africa/Casablanca", "2026-12-08T09:00:00Z"),
        ("Africa/El_Aaiun", "2026-12-08T09:00:00Z"),
    ] {
        settle_in(&pool, zone).await;
        let (said, instants) = free(&pool, &practice, "2026-12-08", (540, 660)).await;
        assert_eq!(said, ["9:00 am", "9:30 am", "10:00 am"], "{zone}");
        assert_eq!(instants[0], first, "{zone}");
    }
}

/// Books it as staff, over whatever is in the way.
async fn book(pool: &PgPool, practice: &Practice, starts_at: DateTime<Utc>) -> shared::AppointmentId {
    let mia = client_actor(pool, "Mia").await;
    let booking = practice.booking(&mia, starts_at);
    match appointments::book(pool, &practice.staff, booking).await {
        Err(db::Error::Refused(Refusal::Conflicts(found))) => {
            let booking = Booking { over: Some(found.seen), ..booking };
            appointments::book(pool, &practice.staff, booking).await.unwrap()
        }
        answer => answer.unwrap(),
    }
}

#[testkit::test]
async fn a_day_of_23_or_25_hours_has_all_of_its_appointments_and_no_others(pool: PgPool) {
    let practice = practice_in(&pool, "America/Santiago").await;
    let zone = Zone::parse("America/Santiago").unwrap();
    // 2037, so that all of it is upcoming: the clocks go to 23:00 at the end of 4 April, and
    // from 24:00 to 1:00 before 6 September.
    let (long, short) = (day("2037-04-04"), day("2037-09-06"));
    for starts_at in [
        "2037-04-04T03:00:00Z", // midnight: its first hour
        "2037-04-05T02:00:00Z", // 11 pm
        "2037-04-05T03:00:00Z", // 11 pm again
        "2037-04-05T04:00:00Z", // the next midnight
        "2037-09-06T03:00:00Z", // 11 pm of the day before
        "2037-09-06T04:00:00Z", // 1 am: its first hour
        "2037-09-07T02:00:00Z", // 11 pm: its last hour
        "2037-09-07T03:00:00Z", // the next midnight
    ] {
        book(&pool, &practice, at(starts_at)).await;
    }
    let mut conn = pool.acquire().await.unwrap();
    for (date, hours, count) in [(long, 25, 3), (short, 23, 2)] {
        let span = zone.day(date);
        assert_eq!((span.ends - span.starts).num_hours(), hours);
        assert_eq!(zone.day_note(date), Some(format!("{hours}-hour day")));
        let found = range(&mut conn, &practice.staff, span, &Filter::default()).await.unwrap();
        assert_eq!(found.entries.len(), count, "{date}");
        assert!(found.entries.iter().all(|one| zone.date(one.starts_at) == date));
        let days = (date, date + TimeDelta::days(1));
        let counts = month(&mut conn, &practice.staff, &zone, days, &Filter::default()).await.unwrap();
        let booked: Vec<_> = counts.iter().map(|one| (one.date, one.booked)).collect();
        assert_eq!(booked[0], (date, count as i64));
    }
    let next = range(&mut conn, &practice.staff, zone.day(long + TimeDelta::days(1)), &Filter::default()).await;
    assert_eq!(next.unwrap().entries.len(), 1, "its own midnight begins the next day");
}

/// The local times of an appointment and its length; what its participant has is the same.
async fn stands(pool: &PgPool, id: shared::AppointmentId) -> (DateTime<Utc>, NaiveDateTime, i64) {
    let (starts, local, minutes, same): (DateTime<Utc>, NaiveDateTime, i64, bool) = sqlx::query_as(
        "select a.starts_at, a.starts_local, (extract(epoch from a.ends_at - a.starts_at) / 60)::bigint,
                (p.starts_at, p.ends_at) = (a.starts_at, a.ends_at)
           from appointment a join appointment_participant p on p.appointment_id = a.id where a.id = $1",
    )
    .bind(id.0)
    .fetch_one(pool)
    .await
    .unwrap();
    assert!(same);
    (starts, local, minutes)
}

#[testkit::test]
async fn moved_over_a_clock_change_an_appointment_keeps_its_length_and_back_its_time(pool: PgPool) {
    let practice = practice_in(&pool, "America/Toronto").await;
    run(&pool, "update service set duration_minutes = 50").await;
    // 9:00 on the Friday before the clocks go forward.
    let friday = at("2037-03-06T14:00:00Z");
    let id = book(&pool, &practice, friday).await;
    let local = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
    assert_eq!(stands(&pool, id).await, (friday, local("2037-03-06 09:00"), 50));
    for (version, (typed, starts_at)) in (1..).zip([
        ("2037-03-09T09:00", "2037-03-09T13:00:00Z"),
        ("2037-03-08T09:00", "2037-03-08T13:00:00Z"),
        ("2037-03-07T09:00", "2037-03-07T14:00:00Z"),
        ("2037-03-06T09:00", "2037-03-06T14:00:00Z"),
    ]) {
        let form = shared::appointments::BookingForm { local: typed.into(), ..Default::default() };
        let resolved = appointments::with_instant(&pool, form).await.unwrap().starts_at;
        assert_eq!(resolved, starts_at);
        let wanted =
            |over| Move { appointment: id, version, starts_at: at(starts_at), practitioner: None, room: None, over };
        if let Err(db::Error::Refused(Refusal::Conflicts(found))) =
            appointments::reschedule(&pool, &practice.staff, wanted(None), "").await
        {
            appointments::reschedule(&pool, &practice.staff, wanted(Some(found.seen)), "As wished").await.unwrap();
        }
        assert_eq!(stands(&pool, id).await, (at(starts_at), local(&typed.replace('T', " ")), 50));
    }
}

/// The dates of a series in UTC, as its preview has them.
async fn dates(pool: &PgPool, zone: &str, starts: &str, until: &str) -> Vec<String> {
    let practice = practice_in(pool, zone).await;
    let mia = client_actor(pool, "Mia").await;
    let form = SeriesBookingForm {
        client: mia.id().to_string(),
        service: practice.service.to_string(),
        practitioner: practice.practitioner.to_string(),
        starts: starts.into(),
        rule: SeriesForm {
            frequency: "weekly".into(),
            ends: "date".into(),
            last_on: until.into(),
            ..SeriesForm::default()
        },
        request_key: db::new_id().to_string(),
        ..SeriesBookingForm::default()
    };
    let found = series::preview(pool, &practice.staff, &form).await.unwrap();
    found.dates.iter().map(|date| date.starts_at.format("%m-%d %H:%MZ").to_string()).collect()
}

#[testkit::test]
async fn a_series_in_toronto_includes_its_last_evening(pool: PgPool) {
    let found = dates(&pool, "America/Toronto", "2037-02-17T18:30", "2037-03-17").await;
    assert_eq!(found, ["02-17 23:30Z", "02-24 23:30Z", "03-03 23:30Z", "03-10 22:30Z", "03-17 22:30Z"]);
}

/// There it is the day after by UTC.
#[testkit::test]
async fn a_series_in_auckland_includes_its_last_morning(pool: PgPool) {
    let found = dates(&pool, "Pacific/Auckland", "2037-03-10T08:00", "2037-04-14").await;
    let expected = ["03-09 19:00Z", "03-16 19:00Z", "03-23 19:00Z", "03-30 19:00Z", "04-06 20:00Z", "04-13 20:00Z"];
    assert_eq!(found, expected);
}

#[testkit::test]
async fn a_series_that_begins_in_a_skipped_hour_says_so(pool: PgPool) {
    let practice = practice_in(&pool, "America/Toronto").await;
    let mia = client_actor(&pool, "Mia").await;
    let form = SeriesBookingForm {
        client: mia.id().to_string(),
        service: practice.service.to_string(),
        practitioner: practice.practitioner.to_string(),
        starts: "2037-03-08T02:30".into(),
        rule: SeriesForm { frequency: "weekly".into(), ..SeriesForm::default() },
        request_key: db::new_id().to_string(),
        ..SeriesBookingForm::default()
    };
    let skipped = Refusal::field("starts", shared::Problem::SkippedTime { next: "3:00 am".into() });
    assert_eq!(refusal(series::preview(&pool, &practice.staff, &form).await), skipped);
}

/// As a server with older zone data stored them: in two zones an hour late from a day on, in one
/// right. All of it is upcoming whenever this runs.
#[testkit::test]
async fn a_zone_update_keeps_the_wall_clock_of_each_upcoming_appointment(pool: PgPool) {
    let practice = practice_in(&pool, "America/Vancouver").await;
    let days = rounds(1, 250) as i32;
    // Fifty practitioners, eight hours in a row each day, another client in each of them.
    run(
        &pool,
        "insert into staff_member (id, first_name, last_name, email, roles)
         select gen_random_uuid(), 'P' || n, 'Many', 'many' || n || '@kin.test', '{practitioner}' from generate_series(1, 50) n;
         insert into client (id, kind, code, first_name, zone)
         select gen_random_uuid(), 'individual', 'MA' || n, 'C' || n, 'America/Vancouver' from generate_series(1, 400) n",
    )
    .await;
    let inserted = sqlx::query(
        "with p as (select id, row_number() over (order by id) - 1 as n from staff_member where last_name = 'Many'),
              c as (select id, row_number() over (order by id) - 1 as n from client where code like 'MA%'),
              t as (select p.id as practitioner, c.id as client, p.n,
                           (now() at time zone 'UTC')::date + 400 + d + make_interval(hours => 9 + h) as local,
                           (array['America/Vancouver', 'America/Edmonton', 'America/Toronto'])[1 + p.n % 3] as zone,
                           gen_random_uuid() as id
                      from p, generate_series(0, 7) h, generate_series(1, $1) d, c where c.n = p.n * 8 + h),
              a as (insert into appointment (id, service_id, practitioner_id, location_id, starts_at, ends_at, starts_local,
                                             zone, tzdb, buffer_minutes, price_cents, seats_taken, request_key, booked_by)
                    select t.id, s.id, t.practitioner, l.id, i.at, i.at + interval '1 hour', t.local, t.zone, '2025b', 0, 0, 1,
                           t.id, t.practitioner
                      from t cross join service s cross join location l
                     cross join lateral (select t.local at time zone 'UTC' + make_interval(hours => case t.zone
                           when 'America/Vancouver' then 8 when 'America/Edmonton' then 7 else 4 end) as at) i
                    returning id, starts_at, ends_at, blocks)
         insert into appointment_participant (id, appointment_id, client_id, starts_at, ends_at, blocks, booked_by)
         select gen_random_uuid(), a.id, t.client, a.starts_at, a.ends_at, a.blocks, t.practitioner
           from a join t on t.id = a.id",
    )
    .bind(days)
    .execute(&pool)
    .await
    .unwrap()
    .rows_affected();
    assert_eq!(inserted, 400 * days as u64);
    let rows = "select zone, starts_local, starts_at from appointment order by id";
    let before: Vec<(String, NaiveDateTime, DateTime<Utc>)> = sqlx::query_as(rows).fetch_all(&pool).await.unwrap();
    let wrong = before.iter().filter(|(zone, local, at)| Zone::stored(zone).local(*at) != *local).count();
    assert!(wrong * 2 > before.len());

    let settled = appointments::settle(&pool, Utc::now()).await.unwrap();
    assert_eq!((settled.moved, settled.kept, settled.clashes), (wrong, before.len() - wrong, 0));
    let after: Vec<(String, NaiveDateTime, DateTime<Utc>)> = sqlx::query_as(rows).fetch_all(&pool).await.unwrap();
    for ((zone, agreed, _), (_, local, at)) in before.iter().zip(&after) {
        assert_eq!((local, Zone::stored(zone).local(*at)), (agreed, *agreed), "{zone}");
    }
    let left = "select count(*) from appointment a join appointment_participant p on p.appointment_id = a.id
                 where a.tzdb = '2025b' or (p.starts_at, p.ends_at) <> (a.starts_at, a.ends_at)";
    assert_eq!(sqlx::query_scalar::<_, i64>(left).fetch_one(&pool).await.unwrap(), 0);
    let told = sqlx::query_scalar::<_, i64>("select count(*) from message").fetch_one(&pool).await.unwrap();
    assert_eq!(told, 0, "the clock at the place shows what was agreed");
    drop(practice);
}
