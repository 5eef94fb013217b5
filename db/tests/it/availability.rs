//! Open times: weekly hours with dates and offers, time off, closed days and extra hours.

use chrono::{DateTime, NaiveDate, Utc};
use db::appointments::free_times::{FreeQuery, free_days};
use db::availability::{add, affected, exceptions, remove};
use db::practice::{practitioner_hours, rooms, save_week};
use db::{Actor, PgPool};
use shared::accounts::Role;
use shared::availability::ExceptionForm;
use shared::practice::{DayForm, Pattern, RoomForm, WeekForm};
use shared::{Problem, Refusal, ServiceId, StaffId};
use testkit::{client_actor, refusal, staff_actor};

/// A Monday in winter, far enough ahead to be free and within the portal's horizon.
fn monday() -> NaiveDate {
    use chrono::Datelike;
    let soon = Utc::now().date_naive() + chrono::TimeDelta::days(30);
    soon + chrono::TimeDelta::days((7 - soon.weekday().num_days_from_monday() as i64) % 7)
}

fn now() -> DateTime<Utc> {
    Utc::now()
}

struct Practice {
    desk: Actor,
    own: Actor,
    practitioner: StaffId,
    service: ServiceId,
}

/// One practitioner, who offers one hour in Toronto.
async fn practice(pool: &PgPool) -> Practice {
    let desk = staff_actor(pool, "Desk", &[Role::FrontDesk]).await;
    let own = staff_actor(pool, "Asta", &[Role::Practitioner]).await;
    let practitioner = own.staff().unwrap().id();
    let service = ServiceId(db::new_id());
    sqlx::query("update practice set zone = 'America/Toronto', slot_step_minutes = 60").execute(pool).await.unwrap();
    sqlx::query(
        "insert into location (id, name, zone, main) values (gen_random_uuid(), 'Main', 'America/Toronto', true)",
    )
    .execute(pool)
    .await
    .unwrap();
    sqlx::query("insert into service (id, name, duration_minutes) values ($1, 'Talk', 60)")
        .bind(service.0)
        .execute(pool)
        .await
        .unwrap();
    sqlx::query("insert into service_practitioner (service_id, practitioner_id) values ($1, $2)")
        .bind(service.0)
        .bind(practitioner.0)
        .execute(pool)
        .await
        .unwrap();
    Practice { desk, own, practitioner, service }
}

impl Practice {
    /// Mondays from and to, as typed.
    async fn work(&self, pool: &PgPool, day: (&str, &str), rule: WeekForm) {
        let (_, week) = practitioner_hours(pool, &self.desk, self.practitioner).await.unwrap();
        let (staff, _) = practitioner_hours(pool, &self.desk, self.practitioner).await.unwrap();
        let mut days = vec![DayForm::default(); 7];
        (days[0].starts, days[0].ends) = (day.0.into(), day.1.into());
        let form = WeekForm { days, version: staff.version.to_string(), ..rule };
        save_week(pool, &self.desk, self.practitioner, &form).await.unwrap();
        let (_, more) = practitioner_hours(pool, &self.desk, self.practitioner).await.unwrap();
        assert_eq!(more.len(), week.len() + 1);
    }

    /// The local clock times that are free on each of the days.
    async fn free(&self, pool: &PgPool, first: NaiveDate, days: u64, portal: bool) -> Vec<Vec<String>> {
        let last = first + chrono::Days::new(days - 1);
        let query = FreeQuery { service: self.service, practitioner: None, client: None, first, last, portal };
        let found = free_days(pool, query, now()).await.unwrap();
        found.into_iter().map(|day| day.times.into_iter().map(|time| time.label).collect()).collect()
    }

    fn off(&self, first: NaiveDate, starts: &str, ends: &str) -> ExceptionForm {
        ExceptionForm {
            kind: "off".into(),
            practitioner: self.practitioner.to_string(),
            first_day: first.to_string(),
            starts: starts.into(),
            ends: ends.into(),
            ..ExceptionForm::default()
        }
    }
}

#[testkit::test]
async fn hours_until_midnight_offer_the_last_hour_of_the_day(pool: PgPool) {
    let practice = practice(&pool).await;
    practice.work(&pool, ("22:00", "00:00"), WeekForm::default()).await;
    let free = practice.free(&pool, monday(), 2, true).await;
    assert_eq!(free, [vec!["10:00 pm", "11:00 pm"], vec![]]);
}

#[testkit::test]
async fn hours_of_every_other_week_are_offered_every_other_week(pool: PgPool) {
    let practice = practice(&pool).await;
    let first = monday();
    let last = first + chrono::Days::new(28);
    let rule = WeekForm {
        every_weeks: "2".into(),
        valid_from: first.to_string(),
        valid_until: last.to_string(),
        ..WeekForm::default()
    };
    practice.work(&pool, ("09:00", "10:00"), rule).await;
    let free = practice.free(&pool, first - chrono::Days::new(14), 62, true).await;
    let days: Vec<usize> = free.iter().enumerate().filter(|(_, day)| !day.is_empty()).map(|(day, _)| day).collect();
    assert_eq!(days, [14, 28, 42]);
}

#[testkit::test]
async fn hours_of_the_team_are_offered_to_staff_alone(pool: PgPool) {
    let practice = practice(&pool).await;
    practice.work(&pool, ("09:00", "10:00"), WeekForm::default()).await;
    let rule = WeekForm { offered: "staff".into(), ..WeekForm::default() };
    practice.work(&pool, ("14:00", "15:00"), rule).await;
    assert_eq!(practice.free(&pool, monday(), 1, true).await, [["9:00 am"]]);
    assert_eq!(practice.free(&pool, monday(), 1, false).await, [["9:00 am", "2:00 pm"]]);
}

#[testkit::test]
async fn a_pattern_is_changed_in_place_and_never_twice(pool: PgPool) {
    let practice = practice(&pool).await;
    practice.work(&pool, ("09:00", "10:00"), WeekForm::default()).await;
    let staff = WeekForm { offered: "staff".into(), ..WeekForm::default() };
    practice.work(&pool, ("14:00", "15:00"), staff.clone()).await;
    let version = |pool: PgPool, practice: &Practice| {
        let (desk, id) = (practice.desk.clone(), practice.practitioner);
        async move { practitioner_hours(&pool, &desk, id).await.unwrap().0.version.to_string() }
    };
    let mut days = vec![DayForm::default(); 7];
    (days[1].starts, days[1].ends) = ("11:00".into(), "12:00".into());
    // The first becomes what the second is already.
    let taken = WeekForm {
        days: days.clone(),
        pattern: Pattern::always().key(),
        version: version(pool.clone(), &practice).await,
        ..staff
    };
    let answer = save_week(&pool, &practice.desk, practice.practitioner, &taken).await;
    assert_eq!(refusal(answer), Refusal::field("valid_from", Problem::Taken));
    let moved = WeekForm { offered: "ask".into(), ..taken };
    save_week(&pool, &practice.desk, practice.practitioner, &moved).await.unwrap();
    let (_, week) = practitioner_hours(&pool, &practice.desk, practice.practitioner).await.unwrap();
    let offers: Vec<_> = week.iter().map(|one| (one.pattern.offered.as_str(), one.hours.weekday)).collect();
    assert_eq!(offers, [("ask", 2), ("staff", 1)]);
}

#[testkit::test]
async fn time_off_takes_its_hours_away_and_gives_them_back(pool: PgPool) {
    let practice = practice(&pool).await;
    practice.work(&pool, ("09:00", "13:00"), WeekForm::default()).await;
    let id = add(&pool, &practice.desk, &practice.off(monday(), "10:00", "12:00")).await.unwrap();
    assert_eq!(practice.free(&pool, monday(), 1, true).await, [["9:00 am", "12:00 pm"]]);
    assert_eq!(practice.free(&pool, monday(), 1, false).await, [["9:00 am", "12:00 pm"]]);
    remove(&pool, &practice.desk, id).await.unwrap();
    remove(&pool, &practice.desk, id).await.unwrap();
    assert_eq!(practice.free(&pool, monday(), 1, true).await[0].len(), 4);
    // A closed day is everyone's.
    let closed = ExceptionForm { practitioner: String::new(), ..practice.off(monday(), "", "") };
    add(&pool, &practice.desk, &closed).await.unwrap();
    let free = practice.free(&pool, monday(), 8, true).await;
    assert_eq!((free[0].len(), free[7].len()), (0, 4));
}

#[testkit::test]
async fn the_calendar_tells_time_off_by_its_name_and_what_clients_ask_for(pool: PgPool) {
    let practice = practice(&pool).await;
    practice.work(&pool, ("09:00", "12:00"), WeekForm::default()).await;
    let ask = WeekForm { offered: "ask".into(), ..WeekForm::default() };
    practice.work(&pool, ("13:00", "15:00"), ask).await;
    let lunch = ExceptionForm { reason: "Dentist".into(), ..practice.off(monday(), "10:00", "11:00") };
    add(&pool, &practice.desk, &lunch).await.unwrap();
    let zone = db::time::Zone::parse("America/Toronto").unwrap();
    let mut conn = pool.acquire().await.unwrap();
    let people = [practice.practitioner];
    let seen = db::calendar::open(&mut conn, &practice.own, &zone, (monday(), monday()), &people).await.unwrap();
    let hours = |all: &[db::calendar::Open]| -> Vec<String> {
        all.iter().map(|one| zone.clock_span(one.span.starts, one.span.ends)).collect()
    };
    assert_eq!(hours(&seen.open).len(), 3);
    assert_eq!(hours(&seen.ask), [hours(&seen.open)[2].clone()]);
    assert_eq!(seen.off.iter().map(|off| off.reason.as_str()).collect::<Vec<_>>(), ["Dentist"]);
    // Of other people's absence a column of theirs says nothing.
    let other = staff_actor(&pool, "Bo", &[Role::Practitioner]).await.staff().unwrap().id();
    let seen = db::calendar::open(&mut conn, &practice.own, &zone, (monday(), monday()), &[other]).await.unwrap();
    assert_eq!(seen, db::calendar::Opening::default());
}

#[testkit::test]
async fn extra_hours_are_offered_beside_the_weekly_ones(pool: PgPool) {
    let practice = practice(&pool).await;
    practice.work(&pool, ("09:00", "10:00"), WeekForm::default()).await;
    let tuesday = monday() + chrono::Days::new(1);
    let extra = ExceptionForm { kind: "open".into(), ..practice.off(tuesday, "18:00", "20:00") };
    add(&pool, &practice.desk, &extra).await.unwrap();
    assert_eq!(practice.free(&pool, monday(), 2, true).await, [vec!["9:00 am"], vec!["6:00 pm", "7:00 pm"]]);
    // Time off wins over them.
    add(&pool, &practice.desk, &practice.off(tuesday, "19:00", "20:00")).await.unwrap();
    assert_eq!(practice.free(&pool, tuesday, 1, true).await, [["6:00 pm"]]);
}

#[testkit::test]
async fn time_off_is_ones_own_or_the_front_desks(pool: PgPool) {
    let practice = practice(&pool).await;
    let other = staff_actor(&pool, "Ben", &[Role::Practitioner]).await;
    let form = ExceptionForm { request_key: db::new_id().to_string(), ..practice.off(monday(), "", "") };
    assert_eq!(refusal(add(&pool, &other, &form).await), Refusal::Forbidden);
    let everyone = ExceptionForm { practitioner: String::new(), ..form.clone() };
    assert_eq!(refusal(add(&pool, &practice.own, &everyone).await), Refusal::Forbidden);
    let id = add(&pool, &practice.own, &form).await.unwrap();
    assert_eq!(add(&pool, &practice.own, &form).await.unwrap(), id, "a double submit");
    assert_eq!(exceptions(&pool, &other, None, now()).await.unwrap().len(), 1, "all may see who is away");
    assert_eq!(refusal(remove(&pool, &other, id).await), Refusal::Forbidden);
    remove(&pool, &practice.own, id).await.unwrap();
    assert!(exceptions(&pool, &other, None, now()).await.unwrap().is_empty());
}

#[testkit::test]
async fn time_off_in_an_hour_that_the_clocks_skip_is_refused_at_its_field(pool: PgPool) {
    let practice = practice(&pool).await;
    let form = practice.off("2027-03-14".parse().unwrap(), "02:30", "12:00");
    let skipped = Problem::SkippedTime { next: "3:00 am".into() };
    assert_eq!(refusal(add(&pool, &practice.desk, &form).await), Refusal::field("starts", skipped));
}

#[testkit::test]
async fn time_off_added_later_names_the_appointments_in_it(pool: PgPool) {
    let practice = practice(&pool).await;
    practice.work(&pool, ("09:00", "13:00"), WeekForm::default()).await;
    let mia = client_actor(&pool, "Mia").await;
    let mia = mia.client().unwrap().id();
    let zone = db::time::Zone::stored("America/Toronto");
    let at = |hour| zone.instant(monday().and_hms_opt(hour, 0, 0).unwrap());
    let mut booked = Vec::new();
    for hour in [9, 11] {
        let booking = shared::appointments::BookingForm {
            service: practice.service.to_string(),
            practitioner: practice.practitioner.to_string(),
            client: mia.to_string(),
            slot: format!("{} {}", shared::appointments::instant_text(at(hour)), practice.practitioner),
            request_key: db::new_id().to_string(),
            ..Default::default()
        };
        booked.push(db::appointments::submit(&pool, &practice.desk, booking).await.unwrap());
    }
    let id = add(&pool, &practice.desk, &practice.off(monday(), "10:00", "12:00")).await.unwrap();
    let (_, found) = affected(&pool, &practice.desk, id, now()).await.unwrap();
    let found: Vec<_> = found.iter().map(|one| (one.id, one.client.as_ref().unwrap().1.as_str())).collect();
    assert_eq!(found, [(booked[1], "Mia Test")]);
    // Another practitioner does not see what colleagues have booked with clients of theirs.
    let other = staff_actor(&pool, "Ben", &[Role::Practitioner]).await;
    assert_eq!(affected(&pool, &other, id, now()).await.unwrap().1, []);
}

#[testkit::test]
async fn a_room_with_upcoming_appointments_is_not_archived(pool: PgPool) {
    let practice = practice(&pool).await;
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let location: uuid::Uuid = sqlx::query_scalar("select id from location").fetch_one(&pool).await.unwrap();
    let form = |name: &str| RoomForm { name: name.into(), location: location.to_string(), ..RoomForm::default() };
    let blue = rooms::save(&pool, &admin, None, &form("Blue").parse().unwrap()).await.unwrap();
    let again = rooms::save(&pool, &admin, None, &form("blue").parse().unwrap()).await;
    assert_eq!(refusal(again), Refusal::field("name", Problem::Taken));
    assert_eq!(
        refusal(rooms::save(&pool, &practice.desk, None, &form("Red").parse().unwrap()).await),
        Refusal::Forbidden
    );
    let mia = client_actor(&pool, "Mia").await;
    practice.work(&pool, ("09:00", "13:00"), WeekForm::default()).await;
    let zone = db::time::Zone::stored("America/Toronto");
    let starts = shared::appointments::instant_text(zone.instant(monday().and_hms_opt(9, 0, 0).unwrap()));
    let booking = shared::appointments::BookingForm {
        service: practice.service.to_string(),
        practitioner: practice.practitioner.to_string(),
        client: mia.client().unwrap().id().to_string(),
        slot: format!("{starts} {}", practice.practitioner),
        request_key: db::new_id().to_string(),
        ..Default::default()
    };
    let visit = db::appointments::submit(&pool, &practice.desk, booking).await.unwrap();
    sqlx::query("update appointment set room_id = $1 where id = $2")
        .bind(blue.0)
        .bind(visit.0)
        .execute(&pool)
        .await
        .unwrap();
    let refused = Refusal::field("active", Problem::BookedIn { appointments: 1 });
    assert_eq!(refusal(rooms::set_active(&pool, &admin, blue, false).await), refused);
    db::appointments::cancel(&pool, &practice.desk, visit).await.unwrap();
    rooms::set_active(&pool, &admin, blue, false).await.unwrap();
    assert!(!rooms::list(&pool, &practice.desk).await.unwrap()[0].active);
}

/// An appointment of an hour as a server with older zone data stored it: `hours` off.
async fn stored_wrong(pool: &PgPool, practice: &Practice, client: &Actor, hour: u32, hours: i64) -> uuid::Uuid {
    let zone = db::time::Zone::stored("America/Vancouver");
    let local = monday().and_hms_opt(hour, 0, 0).unwrap();
    let starts = zone.instant(local) + chrono::TimeDelta::hours(hours);
    let id = db::new_id();
    sqlx::query(
        "insert into appointment (id, service_id, practitioner_id, location_id, starts_at, ends_at, starts_local, zone, tzdb,
                                  buffer_minutes, price_cents, request_key, booked_by)
         select $1, $2, $3, l.id, $4, $4 + interval '1 hour', $5, 'America/Vancouver', '2025b', 0, 0, $1, $3 from location l",
    )
    .bind(id)
    .bind(practice.service.0)
    .bind(practice.practitioner.0)
    .bind(starts)
    .bind(local)
    .execute(pool)
    .await
    .unwrap();
    sqlx::query(
        "insert into appointment_participant (id, appointment_id, client_id, starts_at, ends_at, blocks, booked_by)
         select $1, id, $2, starts_at, ends_at, blocks, $3 from appointment where id = $4",
    )
    .bind(db::new_id())
    .bind(client.client().unwrap().id().0)
    .bind(practice.practitioner.0)
    .bind(id)
    .execute(pool)
    .await
    .unwrap();
    id
}

#[testkit::test]
async fn a_newer_zone_database_keeps_each_wall_clock(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    // Hours one after the other, an hour late and an hour early on two halves of the day.
    let mut all = Vec::new();
    for hour in 8..12 {
        all.push(stored_wrong(&pool, &practice, &mia, hour, 1).await);
    }
    for hour in 14..18 {
        all.push(stored_wrong(&pool, &practice, &mia, hour, -1).await);
    }
    all.push(stored_wrong(&pool, &practice, &mia, 20, 0).await);
    let off = add(&pool, &practice.desk, &practice.off(monday(), "10:00", "12:00")).await.unwrap();
    sqlx::query("update availability_exception set starts_at = starts_at + interval '1 hour', ends_at = ends_at + interval '1 hour', tzdb = '2025b'")
        .execute(&pool)
        .await
        .unwrap();

    let settled = db::appointments::settle(&pool, now()).await.unwrap();
    assert_eq!(settled, db::appointments::Settled { kept: 1, moved: 8, clashes: 0 });
    let zone = db::time::Zone::stored("America/Vancouver");
    for id in &all {
        let (starts, local, person, tzdb): (DateTime<Utc>, chrono::NaiveDateTime, DateTime<Utc>, String) =
            sqlx::query_as(
                "select a.starts_at, a.starts_local, p.starts_at, a.tzdb
               from appointment a join appointment_participant p on p.appointment_id = a.id where a.id = $1",
            )
            .bind(id)
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!((zone.local(starts), person), (local, starts), "the participant follows");
        assert_eq!(tzdb, db::time::version());
    }
    let (exception, _) = affected(&pool, &practice.desk, off, now()).await.unwrap();
    let toronto = db::time::Zone::stored("America/Toronto");
    assert_eq!(toronto.local(exception.starts_at), exception.local_starts);
    let told: i64 = sqlx::query_scalar("select count(*) from message").fetch_one(&pool).await.unwrap();
    assert_eq!(told, 0, "the clock at the place shows what was agreed: nothing is new");
    let moves: i64 =
        sqlx::query_scalar("select count(*) from audit where action = 'move'").fetch_one(&pool).await.unwrap();
    assert_eq!(moves, 8);
    let again = db::appointments::settle(&pool, now()).await.unwrap();
    assert_eq!(again, db::appointments::Settled::default());
}

#[testkit::test]
async fn an_appointment_whose_time_is_taken_is_listed_and_stays(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    let wrong = stored_wrong(&pool, &practice, &mia, 9, 1).await;
    // Booked since, with the right clocks.
    let right = stored_wrong(&pool, &practice, &leo, 9, 0).await;
    let settled = db::appointments::settle(&pool, now()).await.unwrap();
    assert_eq!(settled, db::appointments::Settled { kept: 1, moved: 0, clashes: 1 });
    let listed = db::appointments::clashes(&pool, &practice.desk, now()).await.unwrap();
    assert_eq!(listed.iter().map(|one| one.id.0).collect::<Vec<_>>(), [wrong]);
    assert_eq!(refusal(db::appointments::clashes(&pool, &practice.own, now()).await), Refusal::Forbidden);
    // Once the other is gone it goes to its time.
    db::appointments::cancel(&pool, &practice.desk, shared::AppointmentId(right)).await.unwrap();
    assert_eq!(db::appointments::settle(&pool, now()).await.unwrap().moved, 1);
    assert!(db::appointments::clashes(&pool, &practice.desk, now()).await.unwrap().is_empty());
}
