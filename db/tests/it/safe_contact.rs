//! Safe contact is honoured in every mail, and two guardians of a child learn nothing of each other.

use crate::appointments::{Practice, at, practice};
use db::messages::{claim_copy, expand_next};
use db::{Actor, PgPool, accounts, appointments, links, safe_contact};
use shared::accounts::Role;
use shared::appointments::Booking;
use shared::feeds::{FeedWish, Names};
use shared::links::{Grants, LinkForm};
use shared::safe_contact::{DISCREET_SUBJECT, SafeContactForm, SafeRule};
use shared::{ClientId, ClientNumber, Refusal};
use sqlx::AssertSqlSafe;
use testkit::{client_actor, number, refusal, staff_actor};

struct House {
    pool: PgPool,
    practice: Practice,
    mia: Actor,
    ana: Actor,
    ben: Actor,
}

impl House {
    /// Ana and Ben, who are not linked, may each do everything for Mia. All get mail right away.
    async fn new(pool: &PgPool) -> House {
        let practice = practice(pool).await;
        let (mia, ana, ben) =
            (client_actor(pool, "Mia").await, client_actor(pool, "Ana").await, client_actor(pool, "Ben").await);
        let house = House { pool: pool.clone(), practice, mia, ana, ben };
        let all = Grants { book: true, forms: true, copies: true, packages: true };
        for guardian in [&house.ana, &house.ben] {
            let form = LinkForm {
                other_label: "parent".into(),
                own_label: "child".into(),
                other_may: all,
                ..LinkForm::default()
            };
            let (own, other) = (house.number(&house.mia).await, house.number(guardian).await);
            links::create(pool, &house.practice.staff, own, other, form).await.unwrap();
        }
        house
            .run(
                "delete from message; update practice set quiet_minutes = 0;
                 update client set email = lower(first_name) || '@kin.test', email_consent = true",
            )
            .await;
        house
    }

    async fn run(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&self.pool).await.unwrap();
    }

    async fn number(&self, client: &Actor) -> ClientNumber {
        number(&self.pool, ClientId(client.id())).await
    }

    async fn keep(&self, client: &Actor, rules: &[SafeRule]) {
        let form = SafeContactForm { rules: rules.iter().map(|rule| rule.as_str().to_owned()).collect() };
        safe_contact::save(&self.pool, &self.practice.staff, self.number(client).await, &form).await.unwrap();
    }

    async fn book(&self, by: &Actor, days: u64) {
        let booking = Booking { client: ClientId(self.mia.id()), ..self.practice.booking(by, at(days)) };
        appointments::book(&self.pool, by, booking).await.unwrap();
    }

    /// Address, subject and text of all that is sent now.
    async fn mails(&self) -> Vec<(String, String, String)> {
        while expand_next(&self.pool, "https://kin.test").await.unwrap() {}
        let mut told = Vec::new();
        while let Some(copy) = claim_copy(&self.pool).await.unwrap() {
            self.run(&format!("update message_copy set state = 'sent' where id = '{}'", copy.id)).await;
            told.push((copy.address.clone(), copy.subject.clone(), copy.body.clone()));
        }
        told.sort();
        told
    }
}

fn addresses(mails: &[(String, String, String)]) -> Vec<&str> {
    mails.iter().map(|(to, _, _)| to.as_str()).collect()
}

#[testkit::test]
async fn someone_who_is_not_to_be_written_to_gets_no_mail_and_others_still_do(pool: PgPool) {
    let house = House::new(&pool).await;
    house.keep(&house.ana, &[SafeRule::NoWriting]).await;
    house.book(&house.ben, 3).await;
    assert_eq!(addresses(&house.mails().await), ["ben@kin.test", "mia@kin.test"]);
    // The same that the page says before.
    let form = LinkForm { other_label: "other".into(), own_label: "other".into(), ..LinkForm::default() };
    let (own, other) = (house.number(&house.ana).await, house.number(&house.ben).await);
    links::create(&pool, &house.practice.staff, own, other, form).await.unwrap();
    let told = links::told_of_removal(&pool, &house.practice.staff, own, other).await.unwrap();
    assert_eq!(told.map(|one| one.why_not.is_none()), [false, true]);
    assert_eq!(addresses(&house.mails().await), ["ben@kin.test"]);
    // It is taken off, while a copy waits.
    house.book(&house.ben, 4).await;
    while expand_next(&pool, "https://kin.test").await.unwrap() {}
    house.keep(&house.ben, &[SafeRule::NoWriting]).await;
    assert_eq!(addresses(&house.mails().await), ["mia@kin.test"]);
    // A new password they ask for themselves.
    house
        .run(&format!(
            "insert into account (id, username, password_hash, client_id) values ('{0}', 'ana', 'x', '{0}')",
            house.ana.id()
        ))
        .await;
    accounts::request_reset(&pool, "ana").await.unwrap();
    assert_eq!(addresses(&house.mails().await), ["ana@kin.test"]);
}

#[testkit::test]
async fn a_discreet_subject_says_nothing(pool: PgPool) {
    let house = House::new(&pool).await;
    house.keep(&house.ana, &[SafeRule::Discreet]).await;
    house.book(&house.ben, 3).await;
    for (to, subject, _) in house.mails().await {
        assert_eq!(subject == DISCREET_SUBJECT, to == "ana@kin.test", "{to}: {subject}");
    }
}

#[testkit::test]
async fn safe_contact_is_kept_by_those_who_may_change_the_record(pool: PgPool) {
    let house = House::new(&pool).await;
    let mia = house.number(&house.mia).await;
    let form = SafeContactForm { rules: vec!["discreet".into(), "no_messages".into()] };
    let stranger = staff_actor(&pool, "Paul", &[Role::Practitioner]).await;
    for actor in [&stranger, &house.ana, &house.mia] {
        assert_eq!(refusal(safe_contact::save(&pool, actor, mia, &form).await), Refusal::NotFound);
    }
    safe_contact::save(&pool, &house.practice.staff, mia, &form).await.unwrap();
    safe_contact::save(&pool, &house.practice.staff, mia, &form).await.unwrap();
    let (_, rules) = safe_contact::one(&pool, &house.practice.staff, mia).await.unwrap();
    assert_eq!(rules, [SafeRule::NoMessages, SafeRule::Discreet]);
    safe_contact::save(&pool, &house.practice.staff, mia, &SafeContactForm::default()).await.unwrap();
    assert!(safe_contact::one(&pool, &house.practice.staff, mia).await.unwrap().1.is_empty());
}

#[testkit::test]
async fn two_guardians_are_invisible_to_each_other_in_lists_mails_calendars_and_errors(pool: PgPool) {
    let house = House::new(&pool).await;
    house.book(&house.ben, 3).await;
    house
        .run(&format!("insert into account (id, username, client_id) values ('{0}', 'ana', '{0}')", house.ana.id()))
        .await;
    let me = house.ana.client().unwrap();
    // Ben's own appointment, beside the one that he booked for Mia.
    appointments::book(&pool, &house.ben, house.practice.booking(&house.ben, at(5))).await.unwrap();
    let said = format!("{:?}", appointments::mine(&pool, me).await.unwrap());
    assert!(said.contains("Mia") && !said.contains("Ben") && !said.contains(&house.ben.id().to_string()), "{said}");
    let said = format!("{:?}", links::mine(&pool, me).await.unwrap());
    assert!(said.contains("Mia") && !said.contains("Ben") && !said.contains(&house.ben.id().to_string()), "{said}");
    for (to, subject, body) in house.mails().await.into_iter().filter(|(to, ..)| to == "ana@kin.test") {
        assert!(!subject.contains("Ben") && !body.contains("Ben"), "{to}: {subject}\n{body}");
    }
    let wish = FeedWish { names: Names::Codes, others: true };
    let secret = db::feeds::create(&pool, &house.ana, wish).await.unwrap();
    let feed = db::feeds::read(&pool, &secret, "kin.test").await.unwrap().body;
    assert_eq!((feed.matches("BEGIN:VEVENT").count(), feed.contains("Ben")), (1, false), "{feed}");
    // To book Ben is what it is to book someone who does not exist.
    let for_ben = Booking { client: ClientId(house.ben.id()), ..house.practice.booking(&house.ana, at(6)) };
    let for_no_one = Booking { client: ClientId(db::new_id()), ..for_ben };
    let answer = async |booking| refusal(appointments::book(&pool, &house.ana, booking).await);
    assert_eq!(answer(for_ben).await, answer(for_no_one).await);
    // Where Ben is busy himself, Ana is refused as for any time that is taken.
    let taken = Booking { client: ClientId(house.mia.id()), ..house.practice.booking(&house.ana, at(5)) };
    assert!(!format!("{:?}", answer(taken).await).contains("Ben"));
    // After Ben's link is removed Ana is told nothing.
    let (own, other) = (house.number(&house.mia).await, house.number(&house.ben).await);
    links::remove(&pool, &house.practice.staff, own, other, &shared::links::RemovalForm::default()).await.unwrap();
    assert!(!addresses(&house.mails().await).contains(&"ana@kin.test"));
}

/// Of every kind: booked, moved and cancelled by the one, forms that the one fills in, and what changes between
/// the child and the one.
#[testkit::test]
async fn no_mail_of_any_kind_names_one_guardian_to_the_other(pool: PgPool) {
    let house = House::new(&pool).await;
    let office = crate::support::forms::Office::new(&pool).await;
    let mut told = Vec::new();
    for guardian in [&house.ana, &house.ben] {
        let days = if guardian.id() == house.ana.id() { 3 } else { 6 };
        house.book(guardian, days).await;
        told.extend(house.mails().await);
        let newest = "select id, version from appointment order by booked_at desc limit 1";
        let (id, version): (uuid::Uuid, i32) = sqlx::query_as(newest).fetch_one(&pool).await.unwrap();
        let appointment = shared::AppointmentId(id);
        let starts_at = at(days + 1);
        let to =
            shared::appointments::Move { appointment, version, starts_at, practitioner: None, room: None, over: None };
        appointments::reschedule(&pool, guardian, to, "").await.unwrap();
        told.extend(house.mails().await);
        appointments::cancel(&pool, guardian, appointment).await.unwrap();
        told.extend(house.mails().await);
        let request = office.ask("form", &house.mia).await;
        told.extend(house.mails().await);
        office.send(guardian, request, "Well").await.unwrap();
        office.ask("document", &house.mia).await;
        told.extend(house.mails().await);
    }
    // She comes of age in some days, which both are told of for themselves.
    house.run("update client set birth_date = now()::date + 20 - interval '18 years' where first_name = 'Mia'").await;
    house.run("update client_link set created_at = now() - interval '2 days'").await;
    links::coming_of_age::work(&pool, chrono::Utc::now()).await.unwrap();
    told.extend(house.mails().await);
    for guardian in [&house.ana, &house.ben] {
        let (own, other) = (house.number(&house.mia).await, house.number(guardian).await);
        let link = links::one(&pool, &house.practice.staff, own, other).await.unwrap();
        let form = LinkForm { other_may: Grants { book: true, ..Grants::default() }, ..link.form() };
        links::update(&pool, &house.practice.staff, own, other, form).await.unwrap();
        told.extend(house.mails().await);
        links::remove(&pool, &house.practice.staff, own, other, &shared::links::RemovalForm::default()).await.unwrap();
        told.extend(house.mails().await);
    }
    for (me, other) in [("Ana", "Ben"), ("Ben", "Ana")] {
        let address = format!("{}@kin.test", me.to_lowercase());
        let mine: Vec<_> = told.iter().filter(|(to, ..)| *to == address).collect();
        assert!(mine.len() >= 10, "{me}: {}", mine.len());
        for (_, subject, body) in mine {
            let theirs = format!("{}@kin.test", other.to_lowercase());
            let named = |text: &str| text.contains(other) || text.contains(&theirs);
            assert!(!named(subject) && !named(body), "{me}: {subject}\n{body}");
        }
    }
}
