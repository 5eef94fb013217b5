//! Video visits: a link for each reader, and everything asked again at each opening.

use crate::appointments::{Practice, at, grant_booking, practice, unlink};
use chrono::{DateTime, TimeDelta, Utc};
use db::visits::{self, State};
use db::{Actor, PgPool, appointments};
use shared::accounts::{Role, Secret};
use shared::visits::{PlaceForm, TRIES_MAX, Window};
use shared::{AppointmentId, Conflict, Problem, Refusal};
use sqlx::AssertSqlSafe;
use testkit::{client_actor, refusal, staff_actor};

const PLACE: &str = "https://meet.example.org/{room}?name={name}";

/// A child's visit by video that begins in five minutes, and the links of the mails about it.
struct Call {
    practice: Practice,
    admin: Actor,
    mia: Actor,
    ana: Actor,
    id: AppointmentId,
}

async fn run(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

/// Secret and code of the newest mail to this address.
async fn mailed(pool: &PgPool, address: &str) -> (Secret, String) {
    while db::messages::expand_next(pool, "https://kin.test").await.unwrap() {}
    let body: String = sqlx::query_scalar("select body from message_copy where address = $1 order by id desc limit 1")
        .bind(address)
        .fetch_one(pool)
        .await
        .unwrap();
    let after = |word: &str| body.split_once(word).map(|(_, rest)| rest.lines().next().unwrap().trim().to_owned());
    assert!(!body.contains("meet.example.org"), "{body}");
    (Secret(after("https://kin.test/visit/").expect(&body)), after("Access code: ").expect(&body))
}

impl Call {
    async fn new(pool: &PgPool) -> Call {
        let practice = practice(pool).await;
        let admin = staff_actor(pool, "Ada", &[Role::Administrator]).await;
        let (mia, ana) = (client_actor(pool, "Mia").await, client_actor(pool, "Ana").await);
        grant_booking(pool, &ana, &mia).await;
        run(pool, "update client_link set low_gets_copies = low_may_book, high_gets_copies = high_may_book").await;
        run(pool, "update client set email = lower(first_name) || '@kin.test', email_consent = true").await;
        run(pool, "update service set modalities = '{in_person,phone,video}'").await;
        let of = PlaceForm { of: "service".into(), id: practice.service.to_string(), template: PLACE.into() };
        visits::save_place(pool, &admin, &of).await.unwrap();
        let booking = shared::appointments::Booking {
            modality: shared::appointments::Modality::Video,
            ..practice.booking(&mia, at(2))
        };
        let id = appointments::book(pool, &practice.staff, booking).await.unwrap();
        Call { practice, admin, mia, ana, id }
    }

    /// Begins this many minutes from now.
    async fn begins_in(&self, pool: &PgPool, minutes: i64) {
        let starts: DateTime<Utc> = Utc::now() + TimeDelta::minutes(minutes);
        sqlx::query("update appointment set starts_at = $2, ends_at = $2 + interval '1 hour' where id = $1")
            .bind(self.id.0)
            .bind(starts)
            .execute(pool)
            .await
            .unwrap();
    }
}

async fn state(pool: &PgPool, secret: &Secret, actor: Option<&Actor>, pass: Option<&Secret>) -> State {
    visits::look(pool, secret, actor, pass).await.unwrap().state
}

#[testkit::test]
async fn each_reader_has_a_link_of_their_own_that_asks_for_a_code(pool: PgPool) {
    let call = Call::new(&pool).await;
    let (mias, code) = mailed(&pool, "mia@kin.test").await;
    let (anas, anas_code) = mailed(&pool, "ana@kin.test").await;
    assert_ne!(mias, anas);
    call.begins_in(&pool, 5).await;
    assert_eq!(state(&pool, &mias, None, None).await, State::Code);
    assert_eq!(visits::room(&pool, &mias, None, None).await.unwrap(), None, "the room is not told without the code");
    // The code of another link is none of this one.
    assert!(anas_code == code || visits::enter(&pool, &mias, &anas_code).await.is_err());
    let pass = visits::enter(&pool, &mias, &format!(" {} {} ", &code[..3], &code[3..])).await.unwrap();
    assert_eq!(state(&pool, &mias, None, Some(&pass)).await, State::Waiting);
    assert_eq!(state(&pool, &anas, None, Some(&pass)).await, State::Code, "a pass is for one link");
    assert_eq!(state(&pool, &mias, None, Some(&Secret("made up".into()))).await, State::Code);
    // Those who are logged in as its reader are not asked; anyone else is.
    assert_eq!(state(&pool, &anas, Some(&call.ana), None).await, State::Waiting);
    assert_eq!(state(&pool, &mias, Some(&call.ana), None).await, State::Code);
    assert_eq!(state(&pool, &mias, Some(&call.practice.staff), None).await, State::Code);
    let kept: Vec<String> =
        sqlx::query_scalar("select encode(secret_hash, 'escape') from visit_link").fetch_all(&pool).await.unwrap();
    assert!(kept.iter().all(|hash| !hash.contains(&mias.0)));
    let made_up = visits::look(&pool, &Secret("no such link".into()), None, None).await;
    assert_eq!(refusal(made_up), Refusal::DeadLink);
}

#[testkit::test]
async fn five_wrong_codes_lock_the_link_for_all_but_the_logged_in(pool: PgPool) {
    let call = Call::new(&pool).await;
    let (secret, code) = mailed(&pool, "mia@kin.test").await;
    call.begins_in(&pool, 5).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for left in (1..TRIES_MAX).rev() {
        let refused = refusal(visits::enter(&pool, &secret, wrong).await);
        assert_eq!(refused, Refusal::field("code", Problem::WrongCode { left: left as u8 }));
    }
    for code in [wrong, code.as_str()] {
        let refused = refusal(visits::enter(&pool, &secret, code).await);
        assert_eq!(refused, Refusal::Conflict(Conflict::VisitLocked), "the right code comes too late");
    }
    assert_eq!(state(&pool, &secret, None, None).await, State::Locked);
    assert_eq!(state(&pool, &secret, Some(&call.mia), None).await, State::Waiting);
    // An hour later the code is taken again; a pass counts for half a day.
    run(&pool, "update visit_link set tried_at = now() - interval '61 minutes'").await;
    let pass = visits::enter(&pool, &secret, &code).await.unwrap();
    assert_eq!(state(&pool, &secret, None, Some(&pass)).await, State::Waiting);
    run(&pool, "update visit_link set pass_at = now() - interval '13 hours'").await;
    assert_eq!(state(&pool, &secret, None, Some(&pass)).await, State::Code);
    // The other link is another.
    let (anas, code) = mailed(&pool, "ana@kin.test").await;
    assert!(visits::enter(&pool, &anas, &code).await.is_ok());
}

#[testkit::test]
async fn wrong_codes_at_the_same_time_are_counted_one_by_one(pool: PgPool) {
    let call = Call::new(&pool).await;
    let (secret, code) = mailed(&pool, "mia@kin.test").await;
    call.begins_in(&pool, 5).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let tries: Vec<_> = (0..20).map(|_| visits::enter(&pool, &secret, wrong)).collect();
    let mut told = 0;
    for answer in futures_join(tries).await {
        told += usize::from(matches!(refusal(answer), Refusal::Invalid(_)));
    }
    assert_eq!(told, TRIES_MAX as usize - 1);
    assert_eq!(state(&pool, &secret, None, None).await, State::Locked);
}

async fn futures_join<T>(all: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut all: Vec<_> = all.into_iter().map(|one| Box::pin(one)).collect();
    let mut done: Vec<Option<T>> = all.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (one, done) in all.iter_mut().zip(done.iter_mut()) {
            if done.is_none()
                && let std::task::Poll::Ready(answer) = one.as_mut().poll(context)
            {
                *done = Some(answer);
            }
        }
        match done.iter().all(Option::is_some) {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[testkit::test]
async fn the_room_is_told_only_in_its_minutes_and_once_staff_opened_it(pool: PgPool) {
    let call = Call::new(&pool).await;
    let (secret, _) = mailed(&pool, "mia@kin.test").await;
    let mia = Some(&call.mia);
    assert!(matches!(state(&pool, &secret, mia, None).await, State::Early(_)));
    call.begins_in(&pool, 11).await;
    assert!(matches!(state(&pool, &secret, mia, None).await, State::Early(_)));
    call.begins_in(&pool, 9).await;
    assert_eq!(state(&pool, &secret, mia, None).await, State::Waiting);
    assert_eq!(visits::room_of_staff(&pool, &call.practice.staff, call.id).await.unwrap(), None);
    visits::open(&pool, &call.practice.staff, call.id).await.unwrap();
    visits::open(&pool, &call.practice.staff, call.id).await.unwrap();
    let opened: i64 =
        sqlx::query_scalar("select count(*) from audit where action = 'open_visit'").fetch_one(&pool).await.unwrap();
    assert_eq!(opened, 1, "twice is once");

    let room = visits::room(&pool, &secret, mia, None).await.unwrap().unwrap();
    let staffs = visits::room_of_staff(&pool, &call.practice.staff, call.id).await.unwrap().unwrap();
    let own = visits::room_of_mine(&pool, call.mia.client().unwrap(), call.id).await.unwrap().unwrap();
    let of = |address: &str| address.split('?').next().unwrap().to_owned();
    assert_eq!([of(&room), of(&own)], [of(&staffs), of(&staffs)], "all meet in one room");
    let name = of(&room).rsplit('/').next().unwrap().to_owned();
    assert!(name.len() == 22 && !name.contains(&call.id.to_string()));
    assert!(visits::open(&pool, &call.mia, call.id).await.is_err());

    call.begins_in(&pool, -74).await;
    assert_eq!(state(&pool, &secret, mia, None).await, State::Ready);
    call.begins_in(&pool, -76).await;
    assert_eq!(state(&pool, &secret, mia, None).await, State::Over);
    assert_eq!(visits::room(&pool, &secret, mia, None).await.unwrap(), None);
    assert_eq!(visits::room_of_mine(&pool, call.mia.client().unwrap(), call.id).await.unwrap(), None);
    // The minutes are the practice's to set.
    visits::save_window(&pool, &call.admin, Window { before: 10, after: 30 }).await.unwrap();
    assert_eq!(state(&pool, &secret, mia, None).await, State::Ready);
    assert!(visits::save_window(&pool, &call.practice.staff, Window { before: 10, after: 30 }).await.is_err());
}

#[testkit::test]
async fn a_link_dies_with_the_permission_and_with_the_visit(pool: PgPool) {
    let call = Call::new(&pool).await;
    let (mias, _) = mailed(&pool, "mia@kin.test").await;
    let (anas, code) = mailed(&pool, "ana@kin.test").await;
    call.begins_in(&pool, 5).await;
    visits::open(&pool, &call.practice.staff, call.id).await.unwrap();
    let pass = visits::enter(&pool, &anas, &code).await.unwrap();
    assert!(visits::room(&pool, &anas, None, Some(&pass)).await.unwrap().is_some());
    unlink(&pool).await;
    assert_eq!(refusal(visits::room(&pool, &anas, None, Some(&pass)).await), Refusal::DeadLink);
    assert_eq!(refusal(visits::enter(&pool, &anas, &code).await), Refusal::DeadLink);
    assert!(visits::of_mine(&pool, call.ana.client().unwrap(), call.id).await.is_err());
    // Mia's own goes on, until the visit is by phone, or cancelled.
    assert!(visits::room(&pool, &mias, Some(&call.mia), None).await.unwrap().is_some());
    run(&pool, "update appointment set modality = 'phone'").await;
    assert_eq!(refusal(visits::look(&pool, &mias, None, None).await), Refusal::DeadLink);
    run(&pool, "update appointment set modality = 'video'").await;
    // So does an address that is another by now: the mail went to someone else.
    run(&pool, "update client set email = 'other@kin.test' where first_name = 'Mia'").await;
    assert_eq!(refusal(visits::look(&pool, &mias, None, None).await), Refusal::DeadLink);
    run(&pool, "update client set email = 'Mia@kin.test' where first_name = 'Mia'").await;
    assert!(visits::room(&pool, &mias, Some(&call.mia), None).await.unwrap().is_some());
    appointments::cancel(&pool, &call.practice.staff, call.id).await.unwrap();
    assert_eq!(refusal(visits::look(&pool, &mias, Some(&call.mia), None).await), Refusal::DeadLink);
    assert!(visits::open(&pool, &call.practice.staff, call.id).await.is_err());
}

#[testkit::test]
async fn a_visit_that_is_moved_keeps_its_link_and_is_opened_again(pool: PgPool) {
    let call = Call::new(&pool).await;
    let (secret, _) = mailed(&pool, "mia@kin.test").await;
    visits::open(&pool, &call.practice.staff, call.id).await.unwrap();
    assert!(visits::room_of_staff(&pool, &call.practice.staff, call.id).await.unwrap().is_some());
    let to = shared::appointments::Move {
        appointment: call.id,
        version: 1,
        starts_at: at(4),
        practitioner: None,
        room: None,
        over: None,
    };
    appointments::reschedule(&pool, &call.practice.staff, to, "").await.unwrap();
    assert!(matches!(state(&pool, &secret, Some(&call.mia), None).await, State::Early(_)));
    call.begins_in(&pool, 5).await;
    assert_eq!(state(&pool, &secret, Some(&call.mia), None).await, State::Waiting);
    assert_eq!(visits::room_of_staff(&pool, &call.practice.staff, call.id).await.unwrap(), None);
    visits::open(&pool, &call.practice.staff, call.id).await.unwrap();
    assert_eq!(state(&pool, &secret, Some(&call.mia), None).await, State::Ready);
}

#[testkit::test]
async fn an_address_is_of_the_service_or_else_of_the_practitioner(pool: PgPool) {
    let call = Call::new(&pool).await;
    let place = |of: &str, id: String, template: &str| PlaceForm { of: of.into(), id, template: template.into() };
    let service = call.practice.service.to_string();
    visits::save_place(&pool, &call.admin, &place("service", service.clone(), "")).await.unwrap();
    let nowhere = visits::of_staff(&pool, &call.practice.staff, call.id).await.unwrap().unwrap();
    assert!(!nowhere.has_place);
    let own = place("practitioner", call.practice.practitioner.to_string(), "https://doxy.example/dr-raman");
    visits::save_place(&pool, &call.admin, &own).await.unwrap();
    visits::open(&pool, &call.practice.staff, call.id).await.unwrap();
    let room = visits::room_of_staff(&pool, &call.practice.staff, call.id).await.unwrap();
    assert_eq!(room.as_deref(), Some("https://doxy.example/dr-raman"));
    let http =
        visits::save_place(&pool, &call.admin, &place("service", service.clone(), "http://x.example/{room}")).await;
    assert_eq!(refusal(http), Refusal::field("template", Problem::NotAVisitAddress));
    assert_eq!(refusal(visits::save_place(&pool, &call.practice.staff, &own).await), Refusal::Forbidden);
    let unknown = place("service", db::new_id().to_string(), "");
    assert_eq!(refusal(visits::save_place(&pool, &call.admin, &unknown).await), Refusal::NotFound);
}
