//! Linked clients: who may change what, both directions, and removal.

use chrono::{DateTime, TimeDelta, Utc};
use db::actor::{ClientActor, StaffActor};
use db::{Actor, Error, Result, authz, links};
use shared::accounts::Role;
use shared::links::{Grants, LinkForm, Permission, RemovalForm};
use shared::{AppointmentId, ClientId, ClientNumber, Problem, Refusal, StaffId};
use sqlx::PgPool;
use std::time::Duration;
use uuid::Uuid;

/// A practice with a front desk, a practitioner, and a family.
struct House {
    pool: PgPool,
    desk: Actor,
    practitioner: Actor,
    mia: Someone,
    ana: Someone,
}

#[derive(Clone, Copy)]
struct Someone {
    id: ClientId,
    number: ClientNumber,
}

impl House {
    async fn new(pool: PgPool) -> House {
        let staff = async |first: &'static str, role: Role| {
            let id = Uuid::now_v7();
            sqlx::query("insert into staff_member (id, first_name, last_name, email, roles) values ($1, $2, 'Desk', $2 || '@example.com', array[$3])")
                .bind(id)
                .bind(first)
                .bind(role.as_str())
                .execute(&pool)
                .await
                .unwrap();
            Actor::Staff(StaffActor::new(StaffId(id), format!("{first} Desk"), vec![role], true)).confirmed_now(true)
        };
        let (desk, practitioner) = (staff("Dora", Role::FrontDesk).await, staff("Paul", Role::Practitioner).await);
        sqlx::query("insert into location (id, name, zone) values ($1, 'Here', 'America/Toronto')")
            .bind(Uuid::nil())
            .execute(&pool)
            .await
            .unwrap();
        sqlx::query("insert into service (id, name, duration_minutes) values ($1, 'Talk', 30)")
            .bind(Uuid::nil())
            .execute(&pool)
            .await
            .unwrap();
        // Mia comes first by id, Ana after her: the editor's "own" is the low side.
        let mia = individual(&pool, "Mia").await;
        let ana = individual(&pool, "Ana").await;
        House { pool, desk, practitioner, mia, ana }
    }

    async fn assign(&self, client: Someone) {
        sqlx::query("insert into client_practitioner values ($1, $2)")
            .bind(client.id.0)
            .bind(self.practitioner.id())
            .execute(&self.pool)
            .await
            .unwrap();
    }

    /// Ana, Mia's parent, may do this for her; Mia nothing for Ana.
    async fn link(&self, ana_may: Grants) {
        links::create(&self.pool, &self.desk, self.mia.number, self.ana.number, form(ana_may, Grants::default()))
            .await
            .unwrap();
    }

    /// An appointment in `days` days, booked by `proxy`.
    async fn appointment(&self, client: Someone, proxy: Someone, days: i64) -> AppointmentId {
        let id = Uuid::now_v7();
        insert_appointment(&self.pool, id, client, proxy, Utc::now() + TimeDelta::days(days), self.practitioner.id())
            .await;
        AppointmentId(id)
    }

    async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.pool).await.unwrap()
    }

    /// Status, proxy and version.
    async fn state(&self, id: AppointmentId) -> (String, Option<Uuid>, i32) {
        sqlx::query_as("select status, proxy_id, version from visit where id = $1")
            .bind(id.0)
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    async fn remove(&self, cancel: Vec<AppointmentId>) -> Result<()> {
        let form =
            RemovalForm { choices: cancel.iter().map(|id| format!("end:{id}")).collect(), version: String::new() };
        links::remove(&self.pool, &self.desk, self.mia.number, self.ana.number, &form).await.map(|_| ())
    }

    async fn bookable_by(&self, client: Someone) -> Vec<String> {
        let actor = ClientActor::new(client.id, "x");
        links::bookable_by(&self.pool, &actor).await.unwrap().into_iter().map(|client| client.name).collect()
    }
}

async fn insert_appointment<'c>(
    conn: impl sqlx::PgExecutor<'c>,
    id: Uuid,
    client: Someone,
    proxy: Someone,
    at: DateTime<Utc>,
    practitioner: Uuid,
) {
    sqlx::query(
        "insert into visit (id, service_id, practitioner_id, location_id, client_id, proxy_id, starts_at, ends_at, zone,
                buffer_minutes, price_cents, request_key, booked_by)
         values ($1, $2, $3, $2, $4, $5, $6, $6 + interval '30 minutes', 'America/Toronto', 0, 0, $1, $5)",
    )
    .bind(id)
    .bind(Uuid::nil())
    .bind(practitioner)
    .bind(client.id.0)
    .bind(proxy.id.0)
    .bind(at)
    .execute(conn)
    .await
    .unwrap();
}

async fn individual(pool: &PgPool, first: &'static str) -> Someone {
    let id = Uuid::now_v7();
    let number = sqlx::query_scalar(
        "insert into client (id, kind, code, first_name, last_name, zone) values ($1, 'individual', left($2, 6), $2, 'Okafor', 'America/Toronto') returning number",
    )
    .bind(id)
    .bind(first)
    .fetch_one(pool)
    .await
    .unwrap();
    Someone { id: ClientId(id), number: ClientNumber::new(number) }
}

fn form(other_may: Grants, own_may: Grants) -> LinkForm {
    LinkForm { other_label: "parent".into(), own_label: "child".into(), other_may, own_may, version: String::new() }
}

fn grants(bits: u8) -> Grants {
    Grants { book: bits & 1 != 0, forms: bits & 2 != 0, copies: bits & 4 != 0, packages: bits & 8 != 0 }
}

const BOOK: Grants = Grants { book: true, forms: false, copies: false, packages: false };

fn refusal<T>(answer: Result<T>) -> Refusal {
    match answer {
        Err(Error::Refused(refusal)) => refusal,
        Err(Error::Database(error)) => panic!("{error}"),
        Ok(_) => panic!("not refused"),
    }
}

fn field(problem: Problem) -> Refusal {
    Refusal::field("other", problem)
}

#[testkit::test]
async fn a_client_is_not_linked_to_themself(pool: PgPool) {
    let house = House::new(pool).await;
    let number = house.mia.number;
    let answer = links::create(&house.pool, &house.desk, number, number, form(BOOK, BOOK)).await;
    assert_eq!(refusal(answer), field(Problem::Same));
    assert_eq!(refusal(links::pair(&house.pool, &house.desk, number, number).await), Refusal::NotFound);
    let forged = "insert into client_link (id, client_low, client_high, low_label, high_label) select id, id, id, 'other', 'other' from client";
    assert!(sqlx::query(forged).execute(&house.pool).await.is_err());
}

#[testkit::test]
async fn two_clients_have_one_link_from_either_side(pool: PgPool) {
    let house = House::new(pool).await;
    house.link(BOOK).await;
    for (own, other) in [(house.mia, house.ana), (house.ana, house.mia)] {
        let answer = links::create(&house.pool, &house.desk, own.number, other.number, form(BOOK, BOOK)).await;
        assert_eq!(refusal(answer), field(Problem::AlreadyLinked));
    }
    assert_eq!(house.count("select count(*) from client_link").await, 1);
    assert_eq!(house.count("select count(*) from client_link_event").await, 1);
}

#[testkit::test]
async fn of_two_who_link_at_once_one_is_refused(pool: PgPool) {
    let house = House::new(pool).await;
    let (one, other) = tokio::join!(
        links::create(&house.pool, &house.desk, house.mia.number, house.ana.number, form(BOOK, BOOK)),
        links::create(&house.pool, &house.desk, house.ana.number, house.mia.number, form(BOOK, BOOK)),
    );
    assert!(one.is_ok() ^ other.is_ok());
    assert_eq!(refusal(if one.is_ok() { other } else { one }), field(Problem::AlreadyLinked));
    assert_eq!(house.count("select count(*) from client_link").await, 1);
}

#[testkit::test]
async fn only_individuals_are_linked(pool: PgPool) {
    let house = House::new(pool).await;
    let number = sqlx::query_scalar("insert into client (id, kind, code, group_name, zone) values ($1, 'family', 'FAM', 'Okafor', 'UTC') returning number")
        .bind(Uuid::now_v7())
        .fetch_one(&house.pool)
        .await
        .map(ClientNumber::new)
        .unwrap();
    for (own, other) in [(house.mia.number, number), (number, house.mia.number)] {
        let answer = links::create(&house.pool, &house.desk, own, other, form(BOOK, BOOK)).await;
        assert_eq!(refusal(answer), field(Problem::OnlyIndividuals));
    }
}

/// Every set of grants in each direction, written from either side, comes back
/// to both sides, and the view that portal and mail read says the same.
#[testkit::test]
async fn every_grant_goes_to_its_holder(pool: PgPool) {
    let house = House::new(pool).await;
    house.link(Grants::default()).await;
    for bits in 0..=255u8 {
        let (own_may, other_may) = (grants(bits & 15), grants(bits >> 4));
        let (own, other) = if bits % 2 == 0 { (house.mia, house.ana) } else { (house.ana, house.mia) };
        let read = async |own: Someone, other: Someone| {
            links::one(&house.pool, &house.desk, own.number, other.number).await.unwrap()
        };
        let version = read(own, other).await.version.to_string();
        let form = LinkForm { version, ..form(other_may, own_may) };
        links::update(&house.pool, &house.desk, own.number, other.number, form).await.unwrap();

        let seen = read(own, other).await;
        assert_eq!((seen.own_may, seen.other_may), (own_may, other_may));
        assert_eq!((seen.own_label.as_str(), seen.other_label.as_str()), ("child", "parent"));
        let reverse = read(other, own).await;
        assert_eq!((reverse.own_may, reverse.other_may), (other_may, own_may));
        assert_eq!((reverse.own_label.as_str(), reverse.other_label.as_str()), ("parent", "child"));

        for (holder, subject, may) in [(own, other, own_may), (other, own, other_may)] {
            let row: (bool, bool, bool, bool) =
                sqlx::query_as("select may_book, may_forms, gets_copies, may_packages from client_grant where holder = $1 and subject = $2")
                    .bind(holder.id.0)
                    .bind(subject.id.0)
                    .fetch_one(&house.pool)
                    .await
                    .unwrap();
            assert_eq!(Grants { book: row.0, forms: row.1, copies: row.2, packages: row.3 }, may);
        }
        assert_eq!(house.bookable_by(own).await.len(), if own_may.book { 2 } else { 1 });
        assert_eq!(house.bookable_by(other).await.len(), if other_may.book { 2 } else { 1 });
    }
}

#[testkit::test]
async fn labels_and_other_permissions_do_not_allow_booking(pool: PgPool) {
    let house = House::new(pool).await;
    house.link(Grants { book: false, ..grants(15) }).await;
    assert_eq!(house.bookable_by(house.ana).await, ["Ana Okafor"]);
    let ana = Actor::Client(ClientActor::new(house.ana.id, "Ana")).confirmed_now(true);
    let mut conn = house.pool.acquire().await.unwrap();
    assert_eq!(refusal(authz::bookable(&mut conn, &ana, house.mia.id).await), Refusal::NotFound);
}

#[testkit::test]
async fn grants_are_not_transitive(pool: PgPool) {
    let house = House::new(pool).await;
    let bruno = individual(&house.pool, "Bruno").await;
    house.link(BOOK).await;
    links::create(&house.pool, &house.desk, house.ana.number, bruno.number, form(BOOK, BOOK)).await.unwrap();
    assert_eq!(house.bookable_by(bruno).await, ["Bruno Okafor", "Ana Okafor"]);
    assert_eq!(house.bookable_by(house.ana).await, ["Ana Okafor", "Bruno Okafor", "Mia Okafor"]);
    assert_eq!(house.bookable_by(house.mia).await, ["Mia Okafor"]);
}

#[testkit::test]
async fn only_the_active_can_be_booked(pool: PgPool) {
    let house = House::new(pool).await;
    house.link(BOOK).await;
    for status in ["inactive", "prospect"] {
        sqlx::query("update client set status = $2 where id = $1")
            .bind(house.mia.id.0)
            .bind(status)
            .execute(&house.pool)
            .await
            .unwrap();
        assert_eq!(house.bookable_by(house.ana).await, ["Ana Okafor"]);
    }
}

#[testkit::test]
async fn a_practitioner_sees_links_between_their_clients_and_changes_none(pool: PgPool) {
    let house = House::new(pool).await;
    house.link(BOOK).await;
    let (pool, paul, mia, ana) = (&house.pool, &house.practitioner, house.mia.number, house.ana.number);
    assert_eq!(refusal(testkit::reads::links(pool, paul, mia).await), Refusal::NotFound);
    assert_eq!(refusal(links::update(pool, paul, mia, ana, form(BOOK, BOOK)).await), Refusal::NotFound);

    house.assign(house.mia).await;
    assert!(testkit::reads::links(pool, paul, mia).await.unwrap().is_empty());
    assert!(testkit::reads::link_history(pool, paul, mia).await.unwrap().is_empty());
    assert!(links::proxies_of(pool, paul, house.mia.id).await.unwrap().is_empty());
    assert_eq!(refusal(links::one(pool, paul, mia, ana).await), Refusal::NotFound);

    house.assign(house.ana).await;
    assert_eq!(testkit::reads::links(pool, paul, mia).await.unwrap()[0].other, house.ana.id);
    assert_eq!(testkit::reads::link_history(pool, paul, mia).await.unwrap().len(), 1);
    assert_eq!(links::proxies_of(pool, paul, house.mia.id).await.unwrap()[0].0, house.ana.id);
    assert!(links::one(pool, paul, mia, ana).await.is_ok());

    assert_eq!(refusal(links::person(pool, paul, mia).await), Refusal::Forbidden);
    assert_eq!(refusal(links::pair(pool, paul, mia, ana).await), Refusal::Forbidden);
    assert_eq!(refusal(links::create(pool, paul, mia, ana, form(BOOK, BOOK)).await), Refusal::Forbidden);
    assert_eq!(refusal(links::update(pool, paul, mia, ana, form(BOOK, BOOK)).await), Refusal::Forbidden);
    assert_eq!(refusal(links::open_matters(pool, paul, mia, ana).await), Refusal::Forbidden);
    assert_eq!(refusal(links::remove(pool, paul, mia, ana, &RemovalForm::default()).await), Refusal::Forbidden);
    assert_eq!(house.count("select count(*) from client_link where version = 1").await, 1);
}

#[testkit::test]
async fn for_a_client_there_is_nothing_here(pool: PgPool) {
    let house = House::new(pool).await;
    house.link(grants(15)).await;
    let ana = &Actor::Client(ClientActor::new(house.ana.id, "Ana")).confirmed_now(true);
    let (pool, own, other) = (&house.pool, house.ana.number, house.mia.number);
    assert_eq!(refusal(testkit::reads::links(pool, ana, own).await), Refusal::NotFound);
    assert_eq!(refusal(links::one(pool, ana, own, other).await), Refusal::NotFound);
    assert_eq!(refusal(links::person(pool, ana, own).await), Refusal::NotFound);
    assert_eq!(refusal(links::pair(pool, ana, own, other).await), Refusal::NotFound);
    assert_eq!(refusal(testkit::reads::link_history(pool, ana, own).await), Refusal::NotFound);
    assert_eq!(refusal(links::proxies_of(pool, ana, house.ana.id).await), Refusal::NotFound);
    assert_eq!(refusal(links::open_matters(pool, ana, own, other).await), Refusal::NotFound);
    assert_eq!(refusal(links::create(pool, ana, own, other, form(BOOK, BOOK)).await), Refusal::NotFound);
    assert_eq!(refusal(links::update(pool, ana, own, other, form(BOOK, BOOK)).await), Refusal::NotFound);
    assert_eq!(refusal(links::remove(pool, ana, own, other, &RemovalForm::default()).await), Refusal::NotFound);
}

#[testkit::test]
async fn a_save_never_overwrites_what_was_not_seen(pool: PgPool) {
    let house = House::new(pool).await;
    house.link(BOOK).await;
    let save = |may: Grants, version: &str| {
        links::update(
            &house.pool,
            &house.desk,
            house.mia.number,
            house.ana.number,
            LinkForm { version: version.into(), ..form(may, Grants::default()) },
        )
    };
    save(grants(15), "1").await.unwrap();
    assert_eq!(refusal(save(Grants::default(), "1").await), Refusal::Stale);
    assert_eq!(refusal(save(Grants::default(), "").await), Refusal::Stale);
    // The same form sent twice: it already stands.
    save(grants(15), "1").await.unwrap();
    let seen = links::one(&house.pool, &house.desk, house.mia.number, house.ana.number).await.unwrap();
    assert_eq!((seen.other_may, seen.version), (grants(15), 2));
    assert_eq!(house.count("select count(*) from client_link_event").await, 2);
    let fields: Vec<String> = sqlx::query_scalar("select unnest(fields) from audit where action = 'update' order by 1")
        .fetch_all(&house.pool)
        .await
        .unwrap();
    assert_eq!(fields, ["high_gets_copies", "high_may_forms", "high_may_packages"]);
}

#[testkit::test]
async fn both_sides_read_the_history(pool: PgPool) {
    let house = House::new(pool).await;
    house.link(BOOK).await;
    let save = LinkForm { version: "1".into(), ..form(Grants::default(), Grants::default()) };
    links::update(&house.pool, &house.desk, house.mia.number, house.ana.number, save).await.unwrap();
    house.remove(vec![]).await.unwrap();
    for (own, other) in [(house.mia, "Ana Okafor"), (house.ana, "Mia Okafor")] {
        let history = testkit::reads::link_history(&house.pool, &house.desk, own.number).await.unwrap();
        let kinds: Vec<&str> = history.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(kinds, ["removed", "changed", "created"]);
        assert!(history.iter().all(|event| event.other_name == other && event.actor_name == "Dora Desk"));
        assert!(history[0].changes.is_empty());
        assert_eq!(history[1].changes, ["Ana Okafor may no longer book and manage appointments for Mia Okafor."]);
        let mut created = history[2].changes.clone();
        created.sort();
        assert_eq!(
            created,
            [
                "Ana Okafor is Mia Okafor’s parent.",
                "Ana Okafor may book and manage appointments for Mia Okafor.",
                "Mia Okafor is Ana Okafor’s child."
            ]
        );
    }
    let actions: Vec<String> = sqlx::query_scalar("select action from audit where record_kind = 'link' order by at")
        .fetch_all(&house.pool)
        .await
        .unwrap();
    assert_eq!(actions, ["create", "update", "remove"]);
}

/// However much there was with others before.
#[testkit::test]
async fn a_busy_link_that_is_gone_hides_nothing_of_the_one_that_stands(pool: PgPool) {
    let house = House::new(pool).await;
    house.link(BOOK).await;
    let bruno = individual(&house.pool, "Bruno").await;
    sqlx::query(
        "insert into client_link_event (id, client_low, client_high, kind, state, actor_id, actor_name)
         select gen_random_uuid(), least($1, $2), greatest($1, $2), 'changed', state, actor_id, actor_name
           from client_link_event, generate_series(1, 120)",
    )
    .bind(house.mia.id.0)
    .bind(bruno.id.0)
    .execute(&house.pool)
    .await
    .unwrap();
    let mine = links::mine(&house.pool, &ClientActor::new(house.mia.id, "Mia")).await.unwrap();
    assert_eq!(mine.history.iter().map(|entry| entry.other_name.as_str()).collect::<Vec<_>>(), ["Ana Okafor"]);
}

#[testkit::test]
async fn staff_see_what_a_grant_rests_on(pool: PgPool) {
    let house = House::new(pool).await;
    house.link(grants(15)).await;
    let standing =
        async || testkit::reads::links(&house.pool, &house.desk, house.mia.number).await.unwrap()[0].other_standing;
    assert!(!standing().await.has_login && !standing().await.gets_mail);
    sqlx::query("insert into account (id, username, client_id) values ($1, 'ana', $1)")
        .bind(house.ana.id.0)
        .execute(&house.pool)
        .await
        .unwrap();
    assert!(!standing().await.has_login, "nothing can be done with a log-in that has no password yet");
    sqlx::query("update account set password_hash = 'x'").execute(&house.pool).await.unwrap();
    sqlx::query("update client set email = 'ana@example.com' where id = $1")
        .bind(house.ana.id.0)
        .execute(&house.pool)
        .await
        .unwrap();
    assert!(standing().await.has_login && standing().await.gets_mail);
    sqlx::query("update client set email_consent = false").execute(&house.pool).await.unwrap();
    assert!(!standing().await.gets_mail);
}

#[testkit::test]
async fn a_removal_cancels_the_named_and_keeps_the_rest_as_their_own(pool: PgPool) {
    let house = House::new(pool).await;
    house.link(BOOK).await;
    let past = house.appointment(house.mia, house.ana, -3).await;
    let keep = house.appointment(house.mia, house.ana, 2).await;
    let cancel = house.appointment(house.mia, house.ana, 3).await;
    let reverse = house.appointment(house.ana, house.mia, 4).await;

    let open = links::open_matters(&house.pool, &house.desk, house.mia.number, house.ana.number).await.unwrap();
    assert_eq!(open.iter().map(|matter| matter.id).collect::<Vec<_>>(), [keep.0, cancel.0, reverse.0]);
    assert_eq!((open[0].attendee.as_str(), open[0].proxy.as_str()), ("Mia Okafor", "Ana Okafor"));
    assert_eq!((open[2].attendee.as_str(), open[2].proxy.as_str()), ("Ana Okafor", "Mia Okafor"));

    house.remove(vec![cancel, cancel]).await.unwrap();
    assert_eq!(house.state(keep).await, ("confirmed".into(), None, 1));
    assert_eq!(house.state(reverse).await, ("confirmed".into(), None, 1));
    assert_eq!(house.state(cancel).await, ("cancelled".into(), Some(house.ana.id.0), 2));
    assert_eq!(house.state(past).await, ("confirmed".into(), Some(house.ana.id.0), 1));
    let told: Vec<(Uuid, String, i32)> =
        sqlx::query_as("select appointment_id, kind, subject_version from message where kind <> 'link_change'")
            .fetch_all(&house.pool)
            .await
            .unwrap();
    assert_eq!(told, [(cancel.0, "cancellation".into(), 2)]);
    let by: Option<Uuid> = sqlx::query_scalar("select cancelled_by from appointment where id = $1")
        .bind(cancel.0)
        .fetch_one(&house.pool)
        .await
        .unwrap();
    assert_eq!(by, Some(house.desk.id()));

    assert_eq!(house.bookable_by(house.ana).await, ["Ana Okafor"]);
    let ana = Actor::Client(ClientActor::new(house.ana.id, "Ana")).confirmed_now(true);
    let mut conn = house.pool.acquire().await.unwrap();
    assert_eq!(refusal(authz::bookable(&mut conn, &ana, house.mia.id).await), Refusal::LinkEnded);
    assert_eq!(refusal(house.remove(vec![]).await), Refusal::NotFound);
    assert!(db::audit::verify(&mut conn).await.unwrap());
}

#[testkit::test]
async fn a_removal_touches_only_what_is_open_between_the_two(pool: PgPool) {
    let house = House::new(pool).await;
    let bruno = individual(&house.pool, "Bruno").await;
    house.link(BOOK).await;
    let ours = house.appointment(house.mia, house.ana, 2).await;
    let by_another = house.appointment(house.mia, bruno, 3).await;
    let past = house.appointment(house.mia, house.ana, -3).await;
    let cancelled = house.appointment(house.mia, house.ana, 5).await;
    sqlx::query("update appointment set status = 'cancelled', cancelled_at = now() where id = $1")
        .bind(cancelled.0)
        .execute(&house.pool)
        .await
        .unwrap();

    for forged in [by_another, past, cancelled, AppointmentId(Uuid::now_v7())] {
        assert_eq!(refusal(house.remove(vec![ours, forged]).await), Refusal::NotFound);
    }
    assert_eq!(house.state(ours).await, ("confirmed".into(), Some(house.ana.id.0), 1));
    assert_eq!(house.state(by_another).await, ("confirmed".into(), Some(bruno.id.0), 1));
    assert_eq!(house.count("select count(*) from client_link").await, 1);
    assert_eq!(house.count("select count(*) from message where kind <> 'link_change'").await, 0);
    assert_eq!(house.count("select count(*) from client_link_event").await, 1);

    house.remove(vec![]).await.unwrap();
    assert_eq!(house.state(by_another).await, ("confirmed".into(), Some(bruno.id.0), 1));
}

#[testkit::test]
async fn a_removal_waits_for_a_booking_under_way(pool: PgPool) {
    let house = House::new(pool).await;
    house.link(BOOK).await;
    let ana = Actor::Client(ClientActor::new(house.ana.id, "Ana")).confirmed_now(true);
    let mut booking = house.pool.begin().await.unwrap();
    assert_eq!(authz::bookable(&mut booking, &ana, house.mia.id).await.unwrap().proxy(), Some(house.ana.id));

    let mut removal = Box::pin(house.remove(vec![]));
    assert!(tokio::time::timeout(Duration::from_millis(300), &mut removal).await.is_err(), "it did not wait");
    let id = Uuid::now_v7();
    insert_appointment(
        &mut *booking,
        id,
        house.mia,
        house.ana,
        Utc::now() + TimeDelta::days(1),
        house.practitioner.id(),
    )
    .await;
    booking.commit().await.unwrap();
    removal.await.unwrap();
    // Booked under the grant, and then decided on by the removal like any other.
    assert_eq!(house.state(AppointmentId(id)).await, ("confirmed".into(), None, 1));
}

#[testkit::test]
async fn a_booking_waits_for_a_removal_and_is_then_refused(pool: PgPool) {
    let house = House::new(pool).await;
    house.link(BOOK).await;
    let ana = Actor::Client(ClientActor::new(house.ana.id, "Ana")).confirmed_now(true);
    let mut removal = house.pool.begin().await.unwrap();
    sqlx::query("delete from client_link").execute(&mut *removal).await.unwrap();
    let mut conn = house.pool.acquire().await.unwrap();
    let mut booking = Box::pin(authz::bookable(&mut conn, &ana, house.mia.id));
    assert!(tokio::time::timeout(Duration::from_millis(300), &mut booking).await.is_err(), "it did not wait");
    removal.commit().await.unwrap();
    assert_eq!(refusal(booking.await), Refusal::LinkEnded);
}

#[testkit::test]
async fn an_open_page_learns_that_the_link_ended_and_strangers_do_not(pool: PgPool) {
    let house = House::new(pool).await;
    house.link(BOOK).await;
    let bruno = individual(&house.pool, "Bruno").await;
    let visit = house.appointment(house.mia, house.ana, 2).await;
    let past = house.appointment(house.mia, house.ana, -2).await;
    house.remove(vec![]).await.unwrap();

    let ana = Actor::Client(ClientActor::new(house.ana.id, "Ana")).confirmed_now(true);
    let bruno = Actor::Client(ClientActor::new(bruno.id, "Bruno")).confirmed_now(true);
    for (actor, answer) in [(&ana, Refusal::LinkEnded), (&bruno, Refusal::NotFound)] {
        let me = actor.client().unwrap();
        assert_eq!(refusal(db::appointments::mine_one(&house.pool, me, visit).await), answer);
        assert_eq!(refusal(db::appointments::cancel(&house.pool, actor, visit).await), answer);
        // What they never saw stays unseen.
        assert_eq!(refusal(db::appointments::mine_one(&house.pool, me, past).await), Refusal::NotFound);
    }
    // Mia was never allowed to act for Ana.
    let mia = Actor::Client(ClientActor::new(house.mia.id, "Mia")).confirmed_now(true);
    let mut conn = house.pool.acquire().await.unwrap();
    assert_eq!(refusal(authz::bookable(&mut conn, &mia, house.ana.id).await), Refusal::NotFound);
}

#[testkit::test]
async fn the_editor_knows_all_four_permissions(pool: PgPool) {
    let house = House::new(pool).await;
    house.link(grants(15)).await;
    let pair = links::pair(&house.pool, &house.desk, house.mia.number, house.ana.number).await.unwrap();
    assert_eq!((pair.own.name.as_str(), pair.other.name.as_str()), ("Mia Okafor", "Ana Okafor"));
    let link = pair.link.unwrap();
    assert!(Permission::ALL.iter().all(|permission| link.other_may.has(*permission) && !link.own_may.has(*permission)));
    assert_eq!(link.form().parse().unwrap().version, Some(1));
}
