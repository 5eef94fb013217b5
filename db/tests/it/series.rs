//! Repeating appointments: every date is an appointment; a series is booked whole or not
//! at all, and changed from one of its dates on.

use crate::appointments::{Practice, at, offer, practice};
use crate::support::activities::{client, member};
use chrono::{NaiveDateTime, TimeDelta, Utc};
use db::series::{Outcome, Preview};
use db::time::Zone;
use db::{Actor, PgPool, appointments, series};
use shared::accounts::Role;
use shared::appointments::{Booking, CancelForm, Move};
use shared::series::{DateForm, SeriesBookingForm, SeriesForm, SeriesMoreForm, SeriesMoveForm, SeriesScope};
use shared::{AppointmentId, Conflict, Refusal};
use sqlx::AssertSqlSafe;
use testkit::{client_actor, refusal, staff_actor};

fn zone() -> Zone {
    Zone::parse("America/Toronto").unwrap()
}

/// The local time of the first date, in two days at 10.
fn first() -> NaiveDateTime {
    zone().local(at(2))
}

pub fn weekly(practice: &Practice, client: &Actor, count: u8) -> SeriesBookingForm {
    SeriesBookingForm {
        client: client.id().to_string(),
        service: practice.service.to_string(),
        practitioner: practice.practitioner.to_string(),
        starts: first().format("%Y-%m-%dT%H:%M").to_string(),
        rule: SeriesForm { frequency: "weekly".into(), count: count.to_string(), ..SeriesForm::default() },
        request_key: db::new_id().to_string(),
        ..SeriesBookingForm::default()
    }
}

async fn text(pool: &PgPool, sql: &str) -> String {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.unwrap()
}

/// In order of time.
async fn ids(pool: &PgPool) -> Vec<AppointmentId> {
    sqlx::query_scalar("select id from appointment where series_id is not null order by starts_at")
        .fetch_all(pool)
        .await
        .unwrap()
}

fn blocked(found: &Preview) -> Vec<usize> {
    (0..found.dates.len()).filter(|index| !found.dates[*index].outcome.is_possible()).collect()
}

/// Twelve weeks, five of which are taken: by another client, by the couple that the client belongs
/// to, by time off, by a time that someone keeps, and between the preview and the booking.
#[testkit::test]
async fn a_series_over_times_that_are_taken_says_why_of_each_and_books_none_by_halves(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    let date = |index: u64| at(2 + 7 * index);
    appointments::book(&pool, &leo, practice.booking(&leo, date(2))).await.unwrap();
    let omar = shared::StaffId(testkit::staff_actor(&pool, "Omar", &[shared::accounts::Role::Practitioner]).await.id());
    offer(&pool, practice.service, omar).await;
    let (couple, _) = client(&pool, "couple", "Mia and Leo").await;
    member(&pool, couple, shared::ClientId(mia.id()), (Utc::now() - TimeDelta::days(9)).date_naive(), None).await;
    let booking = Booking { practitioner: omar, client: couple, ..practice.booking(&mia, date(4)) };
    let Refusal::Conflicts(outside) = refusal(appointments::book(&pool, &practice.staff, booking).await) else {
        panic!()
    };
    let booking = Booking { over: Some(outside.seen), ..booking };
    appointments::book(&pool, &practice.staff, booking).await.unwrap();
    let off = shared::availability::ExceptionForm {
        kind: "off".into(),
        practitioner: practice.practitioner.to_string(),
        first_day: zone().date(date(6)).to_string(),
        ..Default::default()
    };
    db::availability::add(&pool, &practice.staff, &off).await.unwrap();
    appointments::hold(&pool, &leo, practice.booking(&leo, date(8))).await.unwrap();

    let mut form = weekly(&practice, &mia, 12);
    let found = series::preview(&pool, &practice.staff, &form).await.unwrap();
    assert_eq!(blocked(&found), [2, 4, 6, 8]);
    let why = |found: &Preview, index: usize| match &found.dates[index].outcome {
        Outcome::Conflicts(found) => found.all.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(" "),
        other => panic!("{other:?}"),
    };
    assert!(why(&found, 2).contains("Leo Test"), "{}", why(&found, 2));
    assert!(why(&found, 4).contains("Mia"), "{}", why(&found, 4));
    assert!(why(&found, 6).contains("Priya"), "{}", why(&found, 6));
    let held = why(&found, 8);
    assert!(!held.is_empty() && !held.contains("Leo"), "who keeps a time is no one's business: {held}");

    let chosen = |found: &Preview| {
        let leave_out = |index: &usize| DateForm {
            date: found.dates[*index].date.to_string(),
            choice: "skip".into(),
            ..DateForm::default()
        };
        blocked(found).iter().map(leave_out).collect::<Vec<_>>()
    };
    form.dates = chosen(&found);
    appointments::book(&pool, &leo, practice.booking(&leo, date(10))).await.unwrap();
    assert_eq!(refusal(series::book(&pool, &practice.staff, &form).await), Refusal::Conflict(Conflict::SeriesDates));
    assert!(ids(&pool).await.is_empty(), "nothing is booked by halves");
    let found = series::preview(&pool, &practice.staff, &SeriesBookingForm { dates: Vec::new(), ..form.clone() }).await;
    form.dates = chosen(&found.unwrap());
    assert_eq!(form.dates.len(), 5);
    series::book(&pool, &practice.staff, &form).await.unwrap();
    assert_eq!(ids(&pool).await.len(), 7, "of twelve");
}

/// Thirty weeks pass a change of the clocks, whenever this runs.
#[testkit::test]
async fn a_series_keeps_its_wall_clock_and_tells_in_one_mail(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let form = weekly(&practice, &mia, 30);
    let found = series::preview(&pool, &practice.staff, &form).await.unwrap();
    assert_eq!((found.dates.len(), blocked(&found)), (30, vec![]));
    assert_eq!(text(&pool, "select count(*)::text from appointment").await, "0");
    let id = series::book(&pool, &practice.staff, &form).await.unwrap();
    // The same form again is the same series.
    assert_eq!(series::book(&pool, &practice.staff, &form).await.unwrap(), id);
    let rows = "select count(*) || ' ' || count(distinct series_id) || ' ' || string_agg(distinct starts_local::time::text, ',')
                       || ' ' || count(distinct starts_at at time zone 'UTC' - starts_local) from appointment";
    assert_eq!(text(&pool, rows).await, "30 1 10:00:00 2");
    let mails = "select count(*) || ' ' || bool_and(appointment_id = (select id from appointment order by starts_at limit 1)) from message";
    assert_eq!(text(&pool, mails).await, "1 true");
    sqlx::raw_sql("update client set email = 'mia@kin.test', email_consent = true").execute(&pool).await.unwrap();
    while db::messages::expand_next(&pool, "https://kin.test").await.unwrap() {}
    let mail = text(&pool, "select subject || body from message_copy").await;
    assert!(mail.contains(" and 29 more") && mail.matches("\n- ").count() == 29, "{mail}");
    assert!(db::audit::verify(&mut pool.acquire().await.unwrap()).await.unwrap());
    let view = series::of(&pool, &practice.staff, id).await.unwrap().unwrap();
    assert_eq!(view.occurrences.len(), 30);
    assert!(view.words.ends_with(", 30 times"), "{}", view.words);
}

#[testkit::test]
async fn a_date_in_conflict_is_left_out_booked_at_another_time_or_booked_anyway(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    for days in [9, 16, 23] {
        appointments::book(&pool, &leo, practice.booking(&leo, at(days))).await.unwrap();
    }
    let mut form = weekly(&practice, &mia, 5);
    let found = series::preview(&pool, &practice.staff, &form).await.unwrap();
    assert_eq!(blocked(&found), [1, 2, 3]);
    assert_eq!(refusal(series::book(&pool, &practice.staff, &form).await), Refusal::Conflict(Conflict::SeriesDates));
    assert!(ids(&pool).await.is_empty(), "nothing is booked by halves");
    assert_eq!(text(&pool, "select count(*)::text from appointment_series").await, "0");

    let seen = |index: usize| match &found.dates[index].outcome {
        Outcome::Conflicts(conflicts) => conflicts.seen.to_string(),
        other => panic!("{other:?}"),
    };
    let date = |index: usize| found.dates[index].date.to_string();
    form.dates = vec![
        DateForm { date: date(1), choice: "skip".into(), ..DateForm::default() },
        DateForm { date: date(2), choice: "book".into(), time: "13:00".into(), ..DateForm::default() },
        DateForm { date: date(3), choice: "over".into(), seen: seen(3), ..DateForm::default() },
    ];
    form.reason = "Agreed with both".into();
    let id = series::book(&pool, &practice.staff, &form).await.unwrap();
    let rows = "select string_agg(to_char(starts_local, 'HH24:MI') || ' ' || detached::int || practitioner_overbooked::int, ', ' order by starts_at)
                  from appointment where series_id is not null";
    assert_eq!(text(&pool, rows).await, "10:00 00, 13:00 10, 10:00 01, 10:00 00");
    let view = series::of(&pool, &practice.staff, id).await.unwrap().unwrap();
    assert_eq!(view.skipped, [found.dates[1].date]);
    assert_eq!(
        text(&pool, "select overbook_reason from appointment where practitioner_overbooked").await,
        "Agreed with both"
    );
}

fn later(id: AppointmentId, version: i32, scope: SeriesScope, local: NaiveDateTime) -> SeriesMoveForm {
    SeriesMoveForm {
        appointment: id.to_string(),
        version: version.to_string(),
        scope: scope.as_str().to_owned(),
        local: local.format("%Y-%m-%dT%H:%M").to_string(),
        ..SeriesMoveForm::default()
    }
}

#[testkit::test]
async fn this_and_later_move_together_and_what_was_changed_by_hand_stays(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    series::book(&pool, &practice.staff, &weekly(&practice, &mia, 6)).await.unwrap();
    let all = ids(&pool).await;
    let by_hand = Move {
        appointment: all[3],
        version: 1,
        starts_at: at(23) + TimeDelta::hours(3),
        practitioner: None,
        room: None,
        over: None,
    };
    appointments::reschedule(&pool, &practice.staff, by_hand, "").await.unwrap();
    sqlx::raw_sql("delete from message").execute(&pool).await.unwrap();

    // The third, a day and half an hour later.
    let wanted = zone().local(at(16)) + TimeDelta::days(1) + TimeDelta::minutes(30);
    let moved =
        series::reschedule(&pool, &practice.staff, &later(all[2], 1, SeriesScope::Later, wanted)).await.unwrap();
    assert_eq!(moved, 3);
    assert_eq!(ids(&pool).await, all, "they keep their ids and order");
    let rows = "select string_agg(to_char(starts_local, 'HH24:MI') || ' ' || (starts_local::date - $$DAY$$::date) || ' ' || detached::int, ', ' order by starts_at)
                  from appointment";
    let rows = rows.replace("DAY", &first().date().to_string());
    assert_eq!(text(&pool, &rows).await, "10:00 0 0, 10:00 7 0, 10:30 15 0, 13:00 21 1, 10:30 29 0, 10:30 36 0");
    assert_eq!(text(&pool, "select count(*)::text from message").await, "1");
    let old = series::of(&pool, &practice.staff, all[0]).await.unwrap().unwrap();
    let new = series::of(&pool, &practice.staff, all[4]).await.unwrap().unwrap();
    assert_eq!((old.occurrences.len(), new.occurrences.len()), (2, 4));
    // The hand-made one belongs to the later part, and moves with none of them again.
    assert!(new.occurrences.iter().any(|one| one.id == all[3] && one.detached));
    assert_eq!(
        refusal(series::reschedule(&pool, &practice.staff, &later(all[2], 1, SeriesScope::Later, wanted)).await),
        Refusal::Stale
    );
}

/// Each date's new time is another's old time.
#[testkit::test]
async fn a_daily_series_moves_by_a_day_without_being_in_its_own_way(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let mut form = weekly(&practice, &mia, 5);
    form.rule.frequency = "daily".into();
    series::book(&pool, &practice.staff, &form).await.unwrap();
    let all = ids(&pool).await;
    let next = first() + TimeDelta::days(1);
    series::reschedule(&pool, &practice.staff, &later(all[0], 1, SeriesScope::All, next)).await.unwrap();
    let back = first();
    series::reschedule(&pool, &practice.staff, &later(all[0], 2, SeriesScope::All, back)).await.unwrap();
    assert_eq!(ids(&pool).await, all);
    assert_eq!(text(&pool, "select count(*)::text from appointment where version = 3").await, "5");
}

#[testkit::test]
async fn conflicts_of_a_move_name_their_dates_and_nothing_is_moved(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    series::book(&pool, &practice.staff, &weekly(&practice, &mia, 3)).await.unwrap();
    appointments::book(&pool, &leo, practice.booking(&leo, at(9) + TimeDelta::hours(3))).await.unwrap();
    let all = ids(&pool).await;
    let whole = "select md5(string_agg(t::text, '|' order by t.id)) from appointment t";
    let before = text(&pool, whole).await;
    let mut form = later(all[0], 1, SeriesScope::All, first() + TimeDelta::hours(3));
    let Refusal::Conflicts(found) = refusal(series::reschedule(&pool, &practice.staff, &form).await) else { panic!() };
    assert_eq!(found.all.len(), 1);
    let said = found.all[0].to_string();
    assert!(said.starts_with(&zone().short_date(at(9))) && said.contains("Leo"), "{said}");
    assert_eq!(text(&pool, whole).await, before);
    form.overbook = true;
    form.seen = found.seen.to_string();
    assert_eq!(series::reschedule(&pool, &practice.staff, &form).await.unwrap(), 3);
    assert_eq!(text(&pool, "select count(*)::text from appointment where practitioner_overbooked").await, "1");
}

/// Each date's new time, outside of the hours, overlaps the old time of the next.
#[testkit::test]
async fn a_series_moved_over_conflicts_is_not_in_its_own_way(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let evening = first().date().and_hms_opt(22, 0, 0).unwrap();
    let mut form = weekly(&practice, &mia, 5);
    form.rule.frequency = "daily".into();
    form.starts = evening.format("%Y-%m-%dT%H:%M").to_string();
    series::book(&pool, &practice.staff, &form).await.unwrap();
    let wanted = evening + TimeDelta::days(1) + TimeDelta::minutes(35);
    let mut form = later(ids(&pool).await[0], 1, SeriesScope::All, wanted);
    let Refusal::Conflicts(found) = refusal(series::reschedule(&pool, &practice.staff, &form).await) else { panic!() };
    assert_eq!(found.all.len(), 5, "{:?}", found.all);
    assert!(found.all.iter().all(|one| one.to_string().contains("doesn’t work")), "{:?}", found.all);
    form.overbook = true;
    form.seen = found.seen.to_string();
    assert_eq!(series::reschedule(&pool, &practice.staff, &form).await.unwrap(), 5);
    let times = "select string_agg(distinct starts_local::time::text, ',') from appointment";
    assert_eq!(text(&pool, times).await, "22:35:00");
    assert_eq!(text(&pool, "select count(*)::text from appointment where practitioner_overbooked").await, "0");
}

#[testkit::test]
async fn cancelling_from_a_date_on_leaves_what_is_before_and_tells_once(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    series::book(&pool, &practice.staff, &weekly(&practice, &mia, 5)).await.unwrap();
    let all = ids(&pool).await;
    sqlx::raw_sql("delete from message").execute(&pool).await.unwrap();
    let form = CancelForm { reason: "Moved away".into(), ..CancelForm::default() };
    assert_eq!(refusal(series::cancel(&pool, &leo, all[2], SeriesScope::Later, &form).await), Refusal::NotFound);
    // One person attends the last alone: they are told of it by themselves.
    sqlx::query(
        "insert into appointment_participant (id, appointment_id, client_id, starts_at, ends_at, blocks, booked_by)
         select gen_random_uuid(), id, $2, starts_at, ends_at, blocks, booked_by from appointment where id = $1",
    )
    .bind(all[4].0)
    .bind(leo.id())
    .execute(&pool)
    .await
    .unwrap();
    assert_eq!(series::cancel(&pool, &practice.staff, all[2], SeriesScope::Later, &form).await.unwrap(), 3);
    let rows = "select string_agg(status, ',' order by starts_at) from appointment";
    assert_eq!(text(&pool, rows).await, "confirmed,confirmed,cancelled,cancelled,cancelled");
    assert_eq!(text(&pool, "select count(*) || ' ' || min(kind) from message").await, "2 cancellation");
    let told = "select count(*)::text from message m join appointment_participant p on p.id = m.participant_id
                  join client c on c.id = p.client_id where c.first_name = 'Leo'";
    assert_eq!(text(&pool, told).await, "1");
    let view = series::of(&pool, &practice.staff, all[0]).await.unwrap().unwrap();
    assert_eq!(view.skipped.len(), 3);
    // Free for others right away.
    appointments::book(&pool, &leo, practice.booking(&leo, at(16))).await.unwrap();
    assert!(Utc::now() < at(2));
}

fn more(id: AppointmentId, after: NaiveDateTime, count: u8) -> SeriesMoreForm {
    SeriesMoreForm {
        appointment: id.to_string(),
        after: after.date().to_string(),
        count: count.to_string(),
        request_key: db::new_id().to_string(),
        ..SeriesMoreForm::default()
    }
}

#[testkit::test]
async fn a_series_goes_on_in_its_rhythm_and_what_was_changed_by_hand_stays(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let id = series::book(&pool, &practice.staff, &weekly(&practice, &mia, 3)).await.unwrap();
    let all = ids(&pool).await;
    // The second was moved by hand; so is the last, which says nothing about the time of the new ones.
    for (nth, hours) in [(1, 3), (2, 4)] {
        let local = first() + TimeDelta::weeks(nth) + TimeDelta::hours(hours);
        let moved = later(all[nth as usize], 1, SeriesScope::This, local);
        series::reschedule(&pool, &practice.staff, &moved).await.unwrap();
    }
    let last = first() + TimeDelta::weeks(2);
    let form = more(id, last, 2);
    let found = series::preview_more(&pool, &practice.staff, &form).await.unwrap();
    let expected: Vec<_> = (3..5).map(|week| (first() + TimeDelta::weeks(week)).date()).collect();
    assert_eq!(found.dates.iter().map(|date| date.date).collect::<Vec<_>>(), expected);
    assert_eq!(ids(&pool).await.len(), 3, "a preview books nothing");
    let new = series::book_more(&pool, &practice.staff, &form).await.unwrap();
    assert_eq!(series::book_more(&pool, &practice.staff, &form).await.unwrap(), new, "sent twice it is once");
    let clocks = "select string_agg(starts_local::time::text || case when detached then '*' else '' end, ' ' order by series_date) from appointment";
    assert_eq!(text(&pool, clocks).await, "10:00:00 13:00:00* 14:00:00* 10:00:00 10:00:00");
    let view = series::of(&pool, &practice.staff, new).await.unwrap().unwrap();
    assert!(view.words.ends_with(", 5 times"), "{}", view.words);
    // Another person's form from before is told, and books nothing.
    let stale = more(id, last, 2);
    assert_eq!(refusal(series::book_more(&pool, &practice.staff, &stale).await), Refusal::Stale);
    assert_eq!(ids(&pool).await.len(), 5);
    // Until a date: the next weeks, and the rule ends there.
    let after = first() + TimeDelta::weeks(4);
    let until = SeriesMoreForm {
        ends: "date".into(),
        last_on: (after + TimeDelta::weeks(2)).date().to_string(),
        ..more(id, after, 1)
    };
    series::book_more(&pool, &practice.staff, &until).await.unwrap();
    assert_eq!(ids(&pool).await.len(), 7);
    let mails = "select count(*)::text from message where kind = 'confirmation'";
    assert_eq!(text(&pool, mails).await, "3", "one for each time that dates were booked");
    let nadia = staff_actor(&pool, "Nadia", &[Role::Practitioner]).await;
    assert_eq!(refusal(series::book_more(&pool, &nadia, &more(id, after, 1)).await), Refusal::NotFound);
}

#[testkit::test]
async fn dates_that_were_left_out_come_back_only_when_they_are_chosen(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    let id = series::book(&pool, &practice.staff, &weekly(&practice, &mia, 5)).await.unwrap();
    let all = ids(&pool).await;
    series::cancel(&pool, &practice.staff, all[2], SeriesScope::Later, &CancelForm::default()).await.unwrap();
    let after = first() + TimeDelta::weeks(1);
    let found = series::preview_more(&pool, &practice.staff, &more(id, after, 4)).await.unwrap();
    let left_out: Vec<bool> = found.dates.iter().map(|date| matches!(date.outcome, Outcome::Skipped)).collect();
    assert_eq!(left_out, [true, true, true, false]);
    // One is chosen, and the last is taken by now: all of it or nothing.
    let week = |nth| first() + TimeDelta::weeks(nth);
    let taken = zone().instant(week(5));
    db::appointments::book(&pool, &practice.staff, practice.booking(&leo, taken)).await.unwrap();
    let chosen = DateForm { date: week(3).date().to_string(), choice: "book".into(), ..DateForm::default() };
    let form = SeriesMoreForm { dates: vec![chosen.clone()], ..more(id, after, 4) };
    let refused = refusal(series::book_more(&pool, &practice.staff, &form).await);
    assert_eq!(refused, Refusal::Conflict(Conflict::SeriesDates));
    let skip = DateForm { date: week(5).date().to_string(), choice: "skip".into(), ..DateForm::default() };
    let form = SeriesMoreForm { dates: vec![chosen, skip], ..form };
    series::book_more(&pool, &practice.staff, &form).await.unwrap();
    let stands = "select string_agg(((series_date - (select min(series_date) from appointment)) / 7)::text, ' ' order by series_date)
                    from appointment where series_id is not null and status = 'confirmed'";
    assert_eq!(text(&pool, stands).await, "0 1 3");
    let view = series::of(&pool, &practice.staff, id).await.unwrap().unwrap();
    assert_eq!(view.skipped, [week(2).date(), week(4).date(), week(5).date()]);
}
