//! Operations that meet: the order of locks, the audit last, and what was asked too early.

use crate::support::activities::{client, form, member, today};
use chrono::{DateTime, Days, Utc};
use db::import::{Begun, ContentHash, FileInfo, Upload};
use db::{Actor, PgPool, accounts, activities, appointments, clients, deletion, memberships, merge, practice};
use shared::accounts::{FinishForm, RegistrationForm, Role, Secret};
use shared::activities::ActivityForm;
use shared::appointments::{Assigning, Booking, Modality};
use shared::clients::ClientForm;
use shared::deletion::EraseForm;
use shared::fields::{FieldDetails, FieldForm};
use shared::import::{Reader, sniff_separator};
use shared::memberships::{GroupForm, MembersForm, NewMemberForm};
use shared::merge::MergeForm;
use shared::practice::CodeOnlyForm;
use shared::{ClientId, ClientNumber, MembershipId, Refusal, ServiceId, StaffId};
use sqlx::AssertSqlSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use testkit::{client_actor, refusal, staff_actor};
use tokio::sync::Barrier;

const ROUNDS: usize = 30;

type Task<T> = Pin<Box<dyn Future<Output = db::Result<T>> + Send>>;

/// All of them begin at one moment; their answers, in order. None of them met a deadlock.
async fn at_once<T: Send + 'static>(tasks: Vec<Task<T>>) -> Vec<Result<T, Refusal>> {
    let barrier = Arc::new(Barrier::new(tasks.len()));
    let begun: Vec<_> = tasks
        .into_iter()
        .map(|task| {
            let barrier = barrier.clone();
            tokio::spawn(async move {
                barrier.wait().await;
                task.await
            })
        })
        .collect();
    let mut answers = Vec::new();
    for task in begun {
        answers.push(match task.await.unwrap() {
            Ok(done) => Ok(done),
            Err(db::Error::Refused(refusal)) => Err(refusal),
            Err(db::Error::Database(error)) => panic!("{error}"),
        });
    }
    answers
}

async fn count(pool: &PgPool, what: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {what}"))).fetch_one(pool).await.unwrap()
}

async fn code(pool: &PgPool, id: ClientId) -> EraseForm {
    let code = sqlx::query_scalar("select code::text from client where id = $1").bind(id.0);
    EraseForm { code: code.fetch_one(pool).await.unwrap() }
}

async fn admin(pool: &PgPool) -> Actor {
    staff_actor(pool, "Ada", &[Role::Administrator]).await
}

/// Long enough for what was begun to wait for a lock that is held.
async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(300)).await;
}

#[testkit::test]
async fn erasing_and_saving_an_activity_wait_for_each_other(pool: PgPool) {
    let ada = admin(&pool).await;
    for _ in 0..ROUNDS {
        let (mia, number) = client(&pool, "individual", "Mia").await;
        let first = form(&pool, &[number]).await;
        let activity = activities::save(&pool, &ada, None, &first).await.unwrap();
        let change = ActivityForm { version: "1".into(), title: "Changed".into(), ..first };
        let code = code(&pool, mia).await;
        let (erases, saves) = ((pool.clone(), ada.clone()), (pool.clone(), ada.clone()));
        let answers = at_once(vec![
            Box::pin(async move { deletion::erase(&erases.0, &erases.1, number, &code).await }) as Task<()>,
            Box::pin(async move { activities::save(&saves.0, &saves.1, Some(activity), &change).await.map(drop) }),
        ])
        .await;
        assert_eq!(answers[0], Ok(()));
    }
    assert_eq!(count(&pool, "activity where title <> ''").await, 0, "words about an erased client alone");
}

#[testkit::test]
async fn merging_and_adding_a_member_wait_for_each_other(pool: PgPool) {
    let ada = admin(&pool).await;
    for _ in 0..ROUNDS {
        let (family, to) = client(&pool, "family", "Kin").await;
        let (_, keep) = client(&pool, "individual", "Mia").await;
        let (drop_id, drop) = client(&pool, "individual", "Mia").await;
        member(&pool, family, drop_id, today(), None).await;
        let choices = MergeForm { keep_version: "1".into(), drop_version: "1".into(), ..MergeForm::default() };
        let adding = MembersForm { members: vec![keep.to_string()], ..MembersForm::default() };
        let (merges, adds) = ((pool.clone(), ada.clone()), (pool.clone(), ada.clone()));
        let answers = at_once(vec![
            Box::pin(async move { merge::merge(&merges.0, &merges.1, keep, drop, &choices).await.map(|_| ()) })
                as Task<()>,
            Box::pin(async move { memberships::add(&adds.0, &adds.1, to, adding).await.map(|_| ()) }),
        ])
        .await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    }
}

/// Every table but the audit refuses what comes behind an audit row in its transaction.
async fn refuse_behind_the_audit(pool: &PgPool) {
    sqlx::raw_sql(
        "create function test_audited() returns trigger language plpgsql as $$
         begin perform set_config('test.audited', txid_current()::text, true); return null; end $$;
         create trigger test_audited after insert on audit for each statement execute function test_audited();
         create function test_late() returns trigger language plpgsql as $$
         begin
             if current_setting('test.audited', true) = txid_current()::text then
                 raise exception '% is written behind the audit', tg_table_name;
             end if;
             return null;
         end $$;
         do $$ declare name text; begin
             for name in select tablename from pg_tables where schemaname = 'public' and tablename not like 'audit%'
             loop execute format('create trigger test_late before insert or update or delete on %I
                                  for each statement execute function test_late()', name);
             end loop;
         end $$",
    )
    .execute(pool)
    .await
    .unwrap();
}

#[testkit::test]
async fn nothing_is_written_behind_the_audit(pool: PgPool) {
    let ada = admin(&pool).await;
    sqlx::query("update practice set client_login = true, client_registration = true").execute(&pool).await.unwrap();
    refuse_behind_the_audit(&pool).await;
    let new = ClientForm {
        first_name: "Mia".into(),
        zone: "America/Toronto".into(),
        email: "mia@kin.test".into(),
        new_tags: "Waiting".into(),
        invite: true,
        ..ClientForm::default()
    };
    let mia = clients::create(&pool, &ada, new).await.unwrap();
    assert_eq!(count(&pool, "audit").await, 3, "the tag, the client and the invitation");
    let person = |first: &str| NewMemberForm { first_name: first.into(), ..NewMemberForm::default() };
    let family = GroupForm {
        kind: "family".into(),
        members: vec![mia.number.to_string()],
        new_members: vec![person("Leo"), person("Noor")],
        ..GroupForm::default()
    };
    let family = memberships::create(&pool, &ada, family).await.unwrap();
    let more = MembersForm { new_members: vec![person("Ana"), person("Ben")], ..MembersForm::default() };
    assert_eq!(memberships::add(&pool, &ada, family.number, more).await.unwrap(), 2);
    accounts::invite(&pool, &ada, mia.number).await.unwrap();

    let (first_name, last_name, email) = ("Rex".into(), "New".into(), "rex@kin.test".into());
    let form = RegistrationForm { first_name, last_name, email, ..RegistrationForm::default() };
    accounts::register(&pool, &form).await.unwrap();
    let token: String =
        sqlx::query_scalar("select secret from message where kind = 'registration'").fetch_one(&pool).await.unwrap();
    let password = Secret("correct horse".into());
    let form = FinishForm {
        token: Secret(token),
        first_name: "Rex".into(),
        last_name: "New".into(),
        zone: "America/Toronto".into(),
        password: password.clone(),
        again: password,
        ..FinishForm::default()
    };
    accounts::finish_registration(&pool, form).await.unwrap();
}

/// A service with practitioners who work every day but for its last hour.
async fn practice_of(pool: &PgPool, practitioners: usize) -> (ServiceId, Vec<StaffId>) {
    let (service, location) = (ServiceId(db::new_id()), db::new_id());
    sqlx::query(
        "with place as (insert into location (id, name, zone) values ($1, 'Main', 'America/Toronto'))
         insert into service (id, name, duration_minutes, in_portal) values ($2, 'Talk', 60, true)",
    )
    .bind(location)
    .bind(service.0)
    .execute(pool)
    .await
    .unwrap();
    let mut all = Vec::new();
    for _ in 0..practitioners {
        let id = staff_actor(pool, "Priya", &[Role::Practitioner]).await.id();
        sqlx::query(
            "with offered as (insert into service_practitioner values ($3, $1))
             insert into weekly_hours (id, practitioner_id, location_id, weekday, starts, ends)
             select gen_random_uuid(), $1, $2, day, 0, 1380 from generate_series(1, 7) day",
        )
        .bind(id)
        .bind(location)
        .bind(service.0)
        .execute(pool)
        .await
        .unwrap();
        all.push(StaffId(id));
    }
    (service, all)
}

/// 10:00 in Toronto, a number of days from now.
fn at(days: u64) -> DateTime<Utc> {
    let zone = db::time::Zone::parse("America/Toronto").unwrap();
    zone.instant((zone.date(Utc::now()) + Days::new(days)).and_hms_opt(10, 0, 0).unwrap())
}

fn booking(service: ServiceId, practitioner: StaffId, client: &Actor, starts_at: DateTime<Utc>) -> Booking {
    let (client, request_key) = (ClientId(client.id()), db::new_id());
    Booking {
        service,
        practitioner,
        starts_at,
        client,
        proxy: None,
        assigned: Assigning::Everyone,
        room: None,
        modality: Modality::InPerson,
        anyone: false,
        over: None,
        hold: None,
        request_key,
    }
}

#[testkit::test]
async fn losing_the_race_for_any_practitioner_books_another_free_one(pool: PgPool) {
    let (service, practitioners) = practice_of(&pool, 3).await;
    let mut people = Vec::new();
    for first in ["Ana", "Mia", "Leo", "Noor"] {
        people.push(client_actor(&pool, first).await);
    }
    // All of them are under way, and were shown the same one, before the first gets on.
    let mut hold = pool.begin().await.unwrap();
    sqlx::query("select 1 from location for update").execute(&mut *hold).await.unwrap();
    let begun: Vec<_> = people
        .into_iter()
        .map(|person| {
            let wanted = Booking { anyone: true, ..booking(service, practitioners[0], &person, at(2)) };
            let pool = pool.clone();
            tokio::spawn(async move { appointments::book(&pool, &person, wanted).await })
        })
        .collect();
    a_moment().await;
    hold.rollback().await.unwrap();
    let mut refused = 0;
    for one in begun {
        refused += usize::from(one.await.unwrap().is_err());
    }
    assert_eq!(refused, 1, "three are free");
    assert_eq!(count(&pool, "(select distinct practitioner_id from appointment) as who").await, 3);
}

#[testkit::test]
async fn a_booking_under_way_is_seen_by_an_erasure(pool: PgPool) {
    let (service, practitioners) = practice_of(&pool, 1).await;
    let (ada, mia) = (admin(&pool).await, client_actor(&pool, "Mia").await);
    let (number, code) = (number(&pool, &mia).await, code(&pool, ClientId(mia.id())).await);
    let mut hold = pool.begin().await.unwrap();
    sqlx::query("select 1 from location for update").execute(&mut *hold).await.unwrap();
    let wanted = booking(service, practitioners[0], &mia, at(2));
    let (books, erases) = (pool.clone(), pool.clone());
    let booked = tokio::spawn(async move { appointments::book(&books, &mia, wanted).await });
    a_moment().await;
    let erased = tokio::spawn(async move { deletion::erase(&erases, &ada, number, &code).await });
    a_moment().await;
    hold.rollback().await.unwrap();
    booked.await.unwrap().unwrap();
    assert_eq!(refusal(erased.await.unwrap()), Refusal::InUse);
    assert_eq!(count(&pool, "client where erased_at is not null").await, 0);
}

#[testkit::test]
async fn an_erasure_under_way_leaves_no_client_to_book(pool: PgPool) {
    let (service, practitioners) = practice_of(&pool, 1).await;
    let (ada, mia) = (admin(&pool).await, client_actor(&pool, "Mia").await);
    let (number, code) = (number(&pool, &mia).await, code(&pool, ClientId(mia.id())).await);
    let mut hold = pool.begin().await.unwrap();
    sqlx::query("select 1 from client where id = $1 for key share").bind(mia.id()).execute(&mut *hold).await.unwrap();
    let wanted = booking(service, practitioners[0], &mia, at(2));
    let (books, erases, desk) = (pool.clone(), pool.clone(), ada.clone());
    let erased = tokio::spawn(async move { deletion::erase(&erases, &ada, number, &code).await });
    a_moment().await;
    let booked = tokio::spawn(async move { appointments::book(&books, &desk, wanted).await });
    a_moment().await;
    hold.rollback().await.unwrap();
    erased.await.unwrap().unwrap();
    assert!(matches!(booked.await.unwrap(), Err(db::Error::Refused(_))));
    for left in ["appointment", "message", "client_practitioner", "client where first_name <> '' or erased_at is null"]
    {
        assert_eq!(count(&pool, left).await, 0, "{left}");
    }
}

async fn number(pool: &PgPool, client: &Actor) -> ClientNumber {
    let number = sqlx::query_scalar("select number from client where id = $1").bind(client.id());
    ClientNumber::new(number.fetch_one(pool).await.unwrap())
}

#[testkit::test]
async fn a_practitioner_who_was_taken_off_stays_off_with_the_next_booking(pool: PgPool) {
    let (service, practitioners) = practice_of(&pool, 1).await;
    let (ada, mia) = (admin(&pool).await, client_actor(&pool, "Mia").await);
    let book = async |days| appointments::book(&pool, &mia, booking(service, practitioners[0], &mia, at(days))).await;
    book(2).await.unwrap();
    assert_eq!(count(&pool, "client_practitioner").await, 1, "the first assigns");
    clients::set_practitioner(&pool, &ada, number(&pool, &mia).await, practitioners[0], false).await.unwrap();
    book(3).await.unwrap();
    assert_eq!(count(&pool, "client_practitioner").await, 0);
    // Nor where nothing that was booked is left.
    sqlx::query("delete from appointment").execute(&pool).await.unwrap();
    book(4).await.unwrap();
    assert_eq!(count(&pool, "client_practitioner").await, 0);
}

#[testkit::test]
async fn no_value_is_of_a_kind_that_its_field_had_before(pool: PgPool) {
    let ada = admin(&pool).await;
    let field = |label: &str, kind: &str, version: &str| -> FieldDetails {
        let (label, kind, version) = (label.into(), kind.into(), version.into());
        FieldForm { label, kind, version, ..FieldForm::default() }.parse().unwrap()
    };
    for round in 0..ROUNDS / 3 {
        let label = format!("Size {round}");
        let id = practice::fields::save(&pool, &ada, None, &field(&label, "text", "")).await.unwrap();
        let mut tasks: Vec<Task<()>> = Vec::new();
        for _ in 0..7 {
            let form = ClientForm {
                first_name: "Mia".into(),
                zone: "America/Toronto".into(),
                fields: [(id.to_string(), "forty-two".to_owned())].into(),
                ..ClientForm::default()
            };
            let (pool, ada) = (pool.clone(), ada.clone());
            tasks.push(Box::pin(async move { clients::create(&pool, &ada, form).await.map(drop) }));
        }
        let (changes, actor, change) = (pool.clone(), ada.clone(), field(&label, "number", "1"));
        tasks
            .push(Box::pin(async move { practice::fields::save(&changes, &actor, Some(id), &change).await.map(drop) }));
        at_once(tasks).await;
    }
    let wrong =
        "client_field_value v join client_field f on f.id = v.field_id where f.kind = 'number' and v.number is null";
    assert_eq!(count(&pool, wrong).await, 0);
}

#[testkit::test]
async fn views_saved_at_once_are_no_more_than_anyone_may_keep(pool: PgPool) {
    let ada = admin(&pool).await;
    let kept = "insert into client_view (id, owner_id, name) select gen_random_uuid(), $1, 'View ' || n from generate_series(1, 46) n";
    sqlx::query(kept).bind(ada.id()).execute(&pool).await.unwrap();
    let tasks = (0..8).map(|n| {
        let (pool, ada) = (pool.clone(), ada.clone());
        Box::pin(async move {
            clients::saved_views::save(&pool, &ada, false, &format!("New {n}"), "", false).await.map(drop)
        }) as Task<()>
    });
    let answers = at_once(tasks.collect()).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 4);
    assert_eq!(count(&pool, "client_view").await, 50);
}

#[testkit::test]
async fn a_membership_is_not_removed_while_attendance_is_recorded(pool: PgPool) {
    let ada = admin(&pool).await;
    for _ in 0..ROUNDS / 3 {
        let (family, number) = client(&pool, "family", "Kin").await;
        let (mia, _) = client(&pool, "individual", "Mia").await;
        member(&pool, family, mia, today() - Days::new(1), None).await;
        let id = sqlx::query_scalar("select id from client_membership where member_id = $1").bind(mia.0);
        let id = MembershipId(id.fetch_one(&pool).await.unwrap());
        let mut tasks: Vec<Task<()>> = Vec::new();
        for _ in 0..4 {
            let (first, pool, ada) = (form(&pool, &[number]).await, pool.clone(), ada.clone());
            tasks.push(Box::pin(async move { activities::save(&pool, &ada, None, &first).await.map(drop) }));
        }
        for _ in 0..4 {
            let (pool, ada) = (pool.clone(), ada.clone());
            tasks.push(Box::pin(async move { memberships::remove(&pool, &ada, id).await.map(drop) }));
        }
        at_once(tasks).await;
        let alone = "activity_attendee t where not exists (select from client_membership m
                      where m.group_id = t.group_id and m.member_id = t.member_id)";
        assert_eq!(count(&pool, alone).await, 0);
    }
}

#[testkit::test]
async fn an_upload_keeps_no_names_past_the_switch_to_codes_alone(pool: PgPool) {
    let ada = admin(&pool).await;
    // More rows than are stored by one statement: some are before the switch, some behind it.
    let lines: String = (0..1_500).map(|n| format!("Mia{n},Okafor\n")).collect();
    let text = format!("First name,Last name\n{lines}");
    let (mut reader, mut rows) = (Reader::new(sniff_separator(&text)), Vec::new());
    reader.push(&text, &mut rows).and_then(|()| reader.finish(&mut rows)).unwrap();
    let (name, encoding, contents) = ("people.csv".into(), "UTF-8".into(), ContentHash::default());
    let file = FileInfo { request_key: db::new_id(), name, encoding, contents };
    let Begun::Now(mut upload) = Upload::begin(&pool, &ada, &file).await.unwrap() else { panic!("begun before") };
    upload.rows(&mut rows).await.unwrap().unwrap();
    let (switches, actor) = (pool.clone(), ada.clone());
    let switched = tokio::spawn(async move {
        practice::set_code_only(&switches, &actor, &CodeOnlyForm { on: true, remove: true }).await
    });
    a_moment().await;
    upload.finish().await.unwrap().unwrap();
    switched.await.unwrap().unwrap();
    assert_eq!(count(&pool, "practice where code_only").await, 1);
    assert_eq!(count(&pool, "import_row").await, 0);
}

#[testkit::test]
async fn uploads_that_meet_the_switch_keep_no_names(pool: PgPool) {
    let ada = admin(&pool).await;
    let mut tasks: Vec<Task<()>> = Vec::new();
    for _ in 0..7 {
        let (pool, ada) = (pool.clone(), ada.clone());
        tasks.push(Box::pin(async move {
            let text = "First name,Last name\nMia,Okafor\n";
            let (mut reader, mut rows) = (Reader::new(sniff_separator(text)), Vec::new());
            reader.push(text, &mut rows).and_then(|()| reader.finish(&mut rows)).unwrap();
            let (name, encoding, contents) = ("people.csv".into(), "UTF-8".into(), ContentHash::default());
            let file = FileInfo { request_key: db::new_id(), name, encoding, contents };
            let Begun::Now(mut upload) = Upload::begin(&pool, &ada, &file).await? else { panic!("begun before") };
            upload.rows(&mut rows).await?.unwrap();
            upload.finish().await?.unwrap();
            Ok(())
        }));
    }
    let (switches, actor) = (pool.clone(), ada.clone());
    tasks.push(Box::pin(async move {
        practice::set_code_only(&switches, &actor, &CodeOnlyForm { on: true, remove: true }).await
    }));
    at_once(tasks).await;
    assert_eq!(count(&pool, "import_row where cells::text like '%Okafor%'").await, 0);
}
