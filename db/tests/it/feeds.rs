//! Calendar feeds: who reads what by an address, and when it opens nothing any more.

use crate::appointments::{Practice, at, grant_booking, practice, unlink};
use chrono::TimeDelta;
use db::feeds::{self, FeedFile};
use db::{Actor, PgPool, appointments};
use shared::accounts::{Role, Secret};
use shared::appointments::Move;
use shared::feeds::{FEEDS_MAX, FeedWish, Names};
use shared::{AppointmentId, Problem, Refusal};
use testkit::{client_actor, refusal, staff_actor};

const CODES: FeedWish = FeedWish { names: Names::Codes, others: false };
const OTHERS: FeedWish = FeedWish { names: Names::Codes, others: true };

async fn account(pool: &PgPool, actor: &Actor) {
    let column = if matches!(actor, Actor::Staff(_)) { "staff_id" } else { "client_id" };
    let sql = format!("insert into account (id, username, {column}) values ($1, $1::text, $1)");
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(actor.id()).execute(pool).await.unwrap();
}

async fn run(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

async fn feed(pool: &PgPool, actor: &Actor, wish: FeedWish) -> Secret {
    feeds::create(pool, &actor.clone().confirmed_now(true), wish).await.unwrap()
}

async fn read(pool: &PgPool, secret: &Secret) -> FeedFile {
    feeds::read(pool, secret, "kin.example").await.unwrap()
}

/// The values of a property, in the order of the events.
fn values<'a>(file: &'a FeedFile, name: &str) -> Vec<&'a str> {
    file.body.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim_end).collect()
}

struct World {
    practice: Practice,
    mia: Actor,
    ana: Actor,
    visit: AppointmentId,
}

/// Ana may book for Mia, who has an appointment; both have accounts.
async fn world(pool: &PgPool) -> World {
    let practice = practice(pool).await;
    let (mia, ana) = (client_actor(pool, "Mia").await, client_actor(pool, "Ana").await);
    account(pool, &mia).await;
    account(pool, &ana).await;
    grant_booking(pool, &ana, &mia).await;
    run(pool, "update practice set name = 'Elm'; update client set notes = 'canary', alert = 'canary'").await;
    let visit = appointments::book(pool, &mia, practice.booking(&mia, at(2))).await.unwrap();
    World { practice, mia, ana, visit }
}

#[testkit::test]
async fn a_feed_holds_ones_own_appointments_and_nothing_more_of_them(pool: PgPool) {
    let World { practice, mia, ana, .. } = world(&pool).await;
    appointments::book(&pool, &ana, practice.booking(&ana, at(3))).await.unwrap();
    let secret = feed(&pool, &mia, CODES).await;
    let file = read(&pool, &secret).await;
    assert_eq!(values(&file, "SUMMARY"), ["Appointment\\, Elm"]);
    assert_eq!(values(&file, "LOCATION"), ["Main"]);
    assert_eq!(values(&file, "SEQUENCE"), ["2"]);
    assert_eq!(values(&file, "STATUS"), ["CONFIRMED"]);
    for hidden in ["canary", "Mia", "Priya", "ATTENDEE", "VALARM"] {
        assert!(!file.body.contains(hidden), "{hidden}");
    }
    // The address itself is nowhere in the database.
    let stored = sqlx::query_scalar::<_, String>("select f::text from feed f").fetch_one(&pool).await.unwrap();
    assert!(!stored.contains(&secret.0));
    assert_eq!(refusal(feeds::read(&pool, &Secret("x".repeat(43)), "k").await), Refusal::NotFound);
}

#[testkit::test]
async fn a_revoked_feed_opens_nothing_and_only_its_owner_revokes_it(pool: PgPool) {
    let World { mia, ana, .. } = world(&pool).await;
    let secret = feed(&pool, &mia, CODES).await;
    let id = feeds::list(&pool, &mia).await.unwrap()[0].id;
    assert!(feeds::list(&pool, &ana).await.unwrap().is_empty());
    assert!(feeds::is_own(&pool, &mia, &secret).await.unwrap() && !feeds::is_own(&pool, &ana, &secret).await.unwrap());
    assert_eq!(refusal(feeds::revoke(&pool, &ana, id).await), Refusal::NotFound);
    read(&pool, &secret).await;
    // Pressed twice, it is revoked once.
    feeds::revoke(&pool, &mia, id).await.unwrap();
    feeds::revoke(&pool, &mia, id).await.unwrap();
    assert_eq!(refusal(feeds::read(&pool, &secret, "k").await), Refusal::NotFound);
    assert!(feeds::list(&pool, &mia).await.unwrap().is_empty());
    assert!(db::audit::verify(&mut pool.acquire().await.unwrap()).await.unwrap());
}

#[testkit::test]
async fn a_grant_that_ends_ends_in_the_feed(pool: PgPool) {
    let World { ana, .. } = world(&pool).await;
    let (with, without) = (feed(&pool, &ana, OTHERS).await, feed(&pool, &ana, CODES).await);
    let file = read(&pool, &with).await;
    assert_eq!(values(&file, "SUMMARY"), ["Appointment for Mia\\, Elm"]);
    assert!(!file.body.contains("Mia Test"));
    assert!(values(&read(&pool, &without).await, "SUMMARY").is_empty());
    // Of an appointment for which no one's permissions count, no one else is told.
    run(&pool, "update appointment_participant set assigned = 'none'").await;
    assert!(values(&read(&pool, &with).await, "SUMMARY").is_empty());
    run(&pool, "update appointment_participant set assigned = 'everyone'").await;
    assert_eq!(values(&read(&pool, &with).await, "SUMMARY").len(), 1);
    unlink(&pool).await;
    let ended = read(&pool, &with).await;
    assert!(values(&ended, "SUMMARY").is_empty());
    assert!(ended.mark != file.mark && ended.changed_at > file.changed_at);
}

#[testkit::test]
async fn a_feed_opens_nothing_while_its_owner_may_not_log_in(pool: PgPool) {
    let World { mia, practice, .. } = world(&pool).await;
    account(&pool, &practice.staff).await;
    let (own, staff) = (feed(&pool, &mia, CODES).await, feed(&pool, &practice.staff, CODES).await);
    for (off, on, secret) in [
        ("update client set status = 'inactive'", "update client set status = 'active'", &own),
        ("update practice set client_login = false", "update practice set client_login = true", &own),
        ("update staff_member set active = false", "update staff_member set active = true", &staff),
    ] {
        read(&pool, secret).await;
        run(&pool, off).await;
        assert_eq!(refusal(feeds::read(&pool, secret, "k").await), Refusal::NotFound, "{off}");
        run(&pool, on).await;
    }
    run(&pool, "delete from account").await;
    assert_eq!(refusal(feeds::read(&pool, &own, "k").await), Refusal::NotFound);
}

#[testkit::test]
async fn an_unchanged_feed_is_the_same_file_and_a_move_raises_its_sequence(pool: PgPool) {
    let World { mia, practice, visit, .. } = world(&pool).await;
    let secret = feed(&pool, &mia, CODES).await;
    let first = read(&pool, &secret).await;
    assert_eq!(read(&pool, &secret).await, first);
    let to = at(4) + TimeDelta::minutes(30);
    let wanted = Move { appointment: visit, version: 1, starts_at: to, practitioner: None, room: None, over: None };
    appointments::reschedule(&pool, &practice.staff, wanted, "").await.unwrap();
    let moved = read(&pool, &secret).await;
    assert_eq!(values(&moved, "UID"), values(&first, "UID"));
    assert_eq!((values(&first, "SEQUENCE"), values(&moved, "SEQUENCE")), (vec!["2"], vec!["4"]));
    assert!(moved.mark != first.mark && moved.changed_at > first.changed_at);
    assert!(values(&moved, "LAST-MODIFIED") >= values(&first, "LAST-MODIFIED"));
    assert!(moved.body.contains("T103000"));
}

#[testkit::test]
async fn a_cancelled_appointment_stays_for_thirty_days_as_cancelled(pool: PgPool) {
    let World { mia, visit, .. } = world(&pool).await;
    let secret = feed(&pool, &mia, CODES).await;
    appointments::cancel(&pool, &mia, visit).await.unwrap();
    let file = read(&pool, &secret).await;
    assert_eq!((values(&file, "STATUS"), values(&file, "SEQUENCE")), (vec!["CANCELLED"], vec!["5"]));
    run(
        &pool,
        "update appointment set cancelled_at = now() - interval '31 days';
         update appointment_participant set cancelled_at = now() - interval '31 days'",
    )
    .await;
    assert!(values(&read(&pool, &secret).await, "STATUS").is_empty());
}

#[testkit::test]
async fn staff_see_codes_or_names_of_their_own_clients_and_busy_for_others(pool: PgPool) {
    let World { practice, mia, ana, .. } = world(&pool).await;
    appointments::book(&pool, &ana, practice.booking(&ana, at(3))).await.unwrap();
    run(
        &pool,
        "update service set name = 'Talk'; update client set code = upper(first_name); delete from client_practitioner",
    )
    .await;
    let priya =
        Actor::Staff(db::actor::StaffActor::new(practice.practitioner, "Priya", vec![Role::Practitioner], false));
    account(&pool, &priya).await;
    let assign = "insert into client_practitioner (client_id, practitioner_id) values ($1, $2)";
    sqlx::query(assign).bind(mia.id()).bind(practice.practitioner.0).execute(&pool).await.unwrap();
    let codes = feed(&pool, &priya, OTHERS).await;
    let names = feed(&pool, &priya, FeedWish { names: Names::Names, others: false }).await;
    assert_eq!(values(&read(&pool, &codes).await, "SUMMARY"), ["MIA\\, Talk", "Busy"]);
    assert_eq!(values(&read(&pool, &names).await, "SUMMARY"), ["Mia Test\\, Talk", "Busy"]);
    assert!(!read(&pool, &names).await.body.contains("canary"));
    // Of others' appointments nothing.
    let sam = staff_actor(&pool, "Sam", &[Role::Administrator]).await;
    account(&pool, &sam).await;
    let own = feed(&pool, &sam, CODES).await;
    assert!(values(&read(&pool, &own).await, "SUMMARY").is_empty());
}

/// Whatever a page of lists shows: nothing ends at a page, and nothing changes by reading.
#[testkit::test]
async fn a_feed_of_four_hundred_appointments_holds_its_whole_window(pool: PgPool) {
    let World { practice, mia, .. } = world(&pool).await;
    let priya =
        Actor::Staff(db::actor::StaffActor::new(practice.practitioner, "Priya", vec![Role::Practitioner], false));
    account(&pool, &priya).await;
    run(
        &pool,
        "delete from appointment;
         insert into visit (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone, buffer_minutes,
                            price_cents, request_key, booked_by)
         select gen_random_uuid(), s.id, o.practitioner_id, l.id, c.id, t, t + interval '50 minutes', 'America/Toronto', 0,
                0, gen_random_uuid(), c.id
           from service s join service_practitioner o on o.service_id = s.id cross join location l,
                (select id from client where first_name = 'Mia') c,
                generate_series(now() - interval '40 days', now() + interval '385 days', interval '25.5 hours') t",
    )
    .await;
    let window = "select count(*) from appointment where starts_at > now() - interval '30 days'
                                                     and starts_at < now() + interval '12 months'";
    let count = sqlx::query_scalar::<_, i64>(window).fetch_one(&pool).await.unwrap();
    assert!(count > 360);
    for owner in [&priya, &mia] {
        let secret = feed(&pool, owner, CODES).await;
        let file = read(&pool, &secret).await;
        let mut uids = values(&file, "UID");
        assert_eq!(uids.len() as i64, count);
        let again = read(&pool, &secret).await;
        assert_eq!((values(&again, "UID"), &again.mark), (uids.clone(), &file.mark));
        uids.sort_unstable();
        uids.dedup();
        assert_eq!(uids.len() as i64, count);
    }
}

#[testkit::test]
async fn a_client_who_is_no_longer_assigned_is_busy_at_the_next_reading(pool: PgPool) {
    let World { practice, .. } = world(&pool).await;
    let priya =
        Actor::Staff(db::actor::StaffActor::new(practice.practitioner, "Priya", vec![Role::Practitioner], false));
    account(&pool, &priya).await;
    let names = feed(&pool, &priya, FeedWish { names: Names::Names, others: false }).await;
    assert!(values(&read(&pool, &names).await, "SUMMARY")[0].starts_with("Mia Test"));
    run(&pool, "delete from client_practitioner").await;
    assert_eq!(values(&read(&pool, &names).await, "SUMMARY"), ["Busy"]);
}

#[testkit::test]
async fn an_account_has_ten_feeds_at_most(pool: PgPool) {
    let World { mia, .. } = world(&pool).await;
    for _ in 0..FEEDS_MAX {
        feed(&pool, &mia, CODES).await;
    }
    let full = Refusal::field("others", Problem::TooManyFeeds { max: FEEDS_MAX });
    assert_eq!(refusal(feeds::create(&pool, &mia.clone().confirmed_now(true), CODES).await), full);
    let id = feeds::list(&pool, &mia).await.unwrap()[0].id;
    feeds::revoke(&pool, &mia, id).await.unwrap();
    feed(&pool, &mia, CODES).await;
}
