//! Coming of age: what others may do for someone ends at midnight of the practice, once.

use chrono::{DateTime, NaiveDate, Utc};
use db::actor::ClientActor;
use db::links::coming_of_age::{Why, tasks, work};
use db::messages::{claim_copy, expand_next};
use db::{Actor, PgPool, links};
use shared::accounts::Role;
use shared::links::{EventKind, Grants, GrantsForm, LinkForm};
use shared::{ClientId, Refusal};
use sqlx::AssertSqlSafe;
use testkit::{client_actor, number, on_threads, refusal, staff_actor};

struct House {
    pool: PgPool,
    desk: Actor,
    mia: Actor,
    ana: Actor,
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

impl House {
    /// Mia, born on that day, and Ana, who may do everything for her since long ago. Toronto; no quiet minutes.
    async fn new(pool: &PgPool, born: &str) -> House {
        let desk = staff_actor(pool, "Dora", &[Role::FrontDesk]).await;
        let (mia, ana) = (client_actor(pool, "Mia").await, client_actor(pool, "Ana").await);
        let house = House { pool: pool.clone(), desk, mia, ana };
        house
            .run(&format!(
                "update practice set zone = 'America/Toronto', quiet_minutes = 0;
                 update client set email = lower(first_name) || '@kin.test', email_consent = true;
                 update client set birth_date = '{born}' where first_name = 'Mia'"
            ))
            .await;
        house.link(&house.ana).await;
        house
    }

    async fn link(&self, guardian: &Actor) {
        let all = Grants { book: true, forms: true, copies: true, packages: true };
        let form =
            LinkForm { other_label: "parent".into(), own_label: "child".into(), other_may: all, ..LinkForm::default() };
        let numbers =
            (number(&self.pool, ClientId(self.mia.id())).await, number(&self.pool, ClientId(guardian.id())).await);
        links::create(&self.pool, &self.desk, numbers.0, numbers.1, form).await.unwrap();
        self.run("update client_link set created_at = '2020-01-01'; update client_link_event set at = '2020-01-01'; delete from message").await;
    }

    async fn run(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&self.pool).await.unwrap();
    }

    async fn text(&self, sql: &str) -> String {
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&self.pool).await.unwrap()
    }

    async fn granted(&self) -> String {
        self.text("select count(*)::text from client_grant where may_book").await
    }

    /// Address and subject of all that is sent now.
    async fn mails(&self) -> Vec<String> {
        while expand_next(&self.pool, "https://kin.test").await.unwrap() {}
        let mut told = Vec::new();
        while let Some(copy) = claim_copy(&self.pool).await.unwrap() {
            self.run(&format!("update message_copy set state = 'sent' where id = '{}'", copy.id)).await;
            told.push(format!("{} {}", copy.address, copy.subject));
        }
        told.sort();
        told
    }
}

#[testkit::test]
async fn permissions_end_at_midnight_of_the_practice_and_both_are_told(pool: PgPool) {
    let house = House::new(&pool, "2009-03-10").await;
    // In Toronto it is still the day before.
    assert_eq!(work(&pool, at("2027-02-07T04:59:00Z")).await.unwrap(), 0, "31 days before");
    assert_eq!(work(&pool, at("2027-02-08T05:00:00Z")).await.unwrap(), 1);
    assert_eq!(work(&pool, at("2027-02-08T05:01:00Z")).await.unwrap(), 0, "announced once");
    assert_eq!(
        house.mails().await,
        [
            "ana@kin.test Mia comes of age on Wednesday 10 March 2027",
            "mia@kin.test Mia comes of age on Wednesday 10 March 2027"
        ]
    );
    assert_eq!(work(&pool, at("2027-03-10T04:59:59Z")).await.unwrap(), 0);
    assert_eq!(house.granted().await, "1");
    assert_eq!(work(&pool, at("2027-03-10T05:00:00Z")).await.unwrap(), 1);
    assert_eq!(house.granted().await, "0");
    assert_eq!(work(&pool, at("2027-03-10T05:00:01Z")).await.unwrap(), 0);
    let told = house.mails().await;
    assert!(told.contains(&"ana@kin.test Permissions between Mia and Ana have ended".to_owned()), "{told:?}");
    assert!(told.contains(&"mia@kin.test Permissions between Mia and Ana have ended".to_owned()), "{told:?}");
    // Mia had no login: she is invited.
    assert_eq!(told.iter().filter(|mail| mail.starts_with("mia@kin.test Welcome")).count(), 1, "{told:?}");
    let history =
        testkit::reads::link_history(&pool, &house.desk, number(&pool, ClientId(house.mia.id())).await).await.unwrap();
    assert_eq!(history.iter().map(|event| event.kind).collect::<Vec<_>>(), [EventKind::Suspended, EventKind::Created]);

    // The new adult decides, and what they decide stays.
    let me = ClientActor::new(ClientId(house.mia.id()), "Mia");
    house.run("update client set birth_date = '2000-03-10' where first_name = 'Mia'").await;
    let link = links::mine(&pool, &me).await.unwrap().links.remove(0);
    let form = GrantsForm { may: Grants { book: true, ..Grants::default() }, version: link.version.to_string() };
    links::decide(&pool, &house.mia, link.id, &form).await.unwrap();
    work(&pool, at("2027-04-01T12:00:00Z")).await.unwrap();
    assert_eq!(house.granted().await, "1");
}

/// A guardian who is linked after it was announced hears of the day, too; the others not a second time.
#[testkit::test]
async fn someone_linked_after_the_announcement_is_told_of_the_day_too(pool: PgPool) {
    let house = House::new(&pool, "2009-03-10").await;
    let ben = client_actor(&pool, "Ben").await;
    house.run("update client set email = 'ben@kin.test', email_consent = true where first_name = 'Ben'").await;
    work(&pool, at("2027-02-10T12:00:00Z")).await.unwrap();
    assert_eq!(house.mails().await.len(), 2);
    let numbers = (number(&pool, ClientId(house.mia.id())).await, number(&pool, ClientId(ben.id())).await);
    let may = Grants { book: true, ..Grants::default() };
    let form =
        LinkForm { other_label: "other".into(), own_label: "other".into(), other_may: may, ..LinkForm::default() };
    links::create(&pool, &house.desk, numbers.0, numbers.1, form).await.unwrap();
    house.mails().await;
    assert_eq!(work(&pool, at("2027-02-11T12:00:00Z")).await.unwrap(), 1);
    assert_eq!(
        house.mails().await,
        [
            "ben@kin.test Mia comes of age on Wednesday 10 March 2027",
            "mia@kin.test Mia comes of age on Wednesday 10 March 2027"
        ]
    );
    assert_eq!(work(&pool, at("2027-02-12T12:00:00Z")).await.unwrap(), 0);
    // Both end on the day.
    house.run("update client_link set created_at = '2020-01-01'; update client_link_event set at = '2020-01-01'").await;
    work(&pool, at("2027-03-10T12:00:00Z")).await.unwrap();
    assert_eq!(house.granted().await, "0");
}

#[testkit::test]
async fn born_on_29_february_comes_of_age_on_1_march(pool: PgPool) {
    let house = House::new(&pool, "2008-02-29").await;
    work(&pool, at("2026-03-01T04:59:00Z")).await.unwrap();
    assert_eq!(house.granted().await, "1");
    work(&pool, at("2026-03-01T05:00:00Z")).await.unwrap();
    assert_eq!(house.granted().await, "0");
    for (born, years, day) in [
        ("2008-02-29", 20, "2028-02-29"),
        ("2008-02-29", 18, "2026-03-01"),
        ("2008-02-28", 18, "2026-02-28"),
        ("2007-12-31", 19, "2026-12-31"),
    ] {
        let found: NaiveDate = sqlx::query_scalar("select of_age_on($1::date, $2)")
            .bind(born.parse::<NaiveDate>().unwrap())
            .bind(years)
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(found.to_string(), day, "{born} {years}");
    }
}

#[testkit::test]
async fn a_corrected_birth_date_is_asked_for_again(pool: PgPool) {
    let house = House::new(&pool, "2009-03-10").await;
    work(&pool, at("2027-02-20T12:00:00Z")).await.unwrap();
    assert_eq!(house.mails().await.len(), 2);
    // Two days later than thought: announced again, and nothing ends before.
    house.run("update client set birth_date = '2009-03-12' where first_name = 'Mia'").await;
    work(&pool, at("2027-02-20T12:01:00Z")).await.unwrap();
    assert!(house.mails().await.iter().all(|mail| mail.ends_with("Friday 12 March 2027")));
    work(&pool, at("2027-03-11T12:00:00Z")).await.unwrap();
    assert_eq!(house.granted().await, "1");
    work(&pool, at("2027-03-12T05:00:00Z")).await.unwrap();
    assert_eq!(house.granted().await, "0");
    // A year later than thought: given back, for no one has decided anything.
    house.run("update client set birth_date = '2010-03-12' where first_name = 'Mia'").await;
    assert_eq!(work(&pool, at("2027-03-13T12:00:00Z")).await.unwrap(), 1);
    assert_eq!(house.granted().await, "1");
    assert_eq!(work(&pool, at("2027-03-13T12:01:00Z")).await.unwrap(), 0);
    work(&pool, at("2028-03-12T12:00:00Z")).await.unwrap();
    assert_eq!(house.granted().await, "0");
}

#[testkit::test]
async fn the_practice_says_at_what_age_and_what_was_granted_by_an_adult_stays(pool: PgPool) {
    let house = House::new(&pool, "2009-03-10").await;
    house.run("update practice set age_of_majority = 19").await;
    work(&pool, at("2027-06-01T12:00:00Z")).await.unwrap();
    assert_eq!(house.granted().await, "1");
    // Linked when she was an adult already, or decided about then.
    house.run("update client_link set created_at = '2028-03-10T05:00:00Z'").await;
    work(&pool, at("2028-03-10T12:00:00Z")).await.unwrap();
    assert_eq!(house.granted().await, "1");
    house.run("update client_link set created_at = '2020-01-01'; delete from coming_of_age; update client_link_event set at = '2028-03-10T06:00:00Z'").await;
    work(&pool, at("2028-03-10T12:00:00Z")).await.unwrap();
    assert_eq!(house.granted().await, "1");
    house.run("delete from coming_of_age; update client_link_event set at = '2020-01-01'").await;
    work(&pool, at("2028-03-10T12:00:01Z")).await.unwrap();
    assert_eq!(house.granted().await, "0");
}

/// A mistake in the settings gives no one access to adults, and takes nothing that was decided.
#[testkit::test]
async fn another_age_of_majority_gives_back_nothing_and_ends_nothing_a_second_time(pool: PgPool) {
    let house = House::new(&pool, "2009-03-10").await;
    work(&pool, at("2027-03-10T12:00:00Z")).await.unwrap();
    assert_eq!(house.granted().await, "0");
    house.run("update practice set age_of_majority = 25").await;
    work(&pool, at("2027-03-11T12:00:00Z")).await.unwrap();
    assert_eq!(house.granted().await, "0");
    house.run("update client_link set low_may_book = true; update practice set age_of_majority = 17").await;
    work(&pool, at("2027-03-12T12:00:00Z")).await.unwrap();
    assert_eq!(house.granted().await, "1");
}

#[testkit::test]
async fn a_birth_date_typed_years_late_ends_nothing_and_is_a_task(pool: PgPool) {
    let house = House::new(&pool, "2009-03-10").await;
    assert_eq!(work(&pool, at("2027-09-01T12:00:00Z")).await.unwrap(), 1);
    assert_eq!(house.granted().await, "1");
    let mut conn = pool.acquire().await.unwrap();
    let due: Vec<_> = tasks(&mut conn).await.unwrap().into_iter().map(|task| (task.name, task.why)).collect();
    assert_eq!(due, [("Mia Test".to_owned(), Why::Check)]);
    assert!(house.mails().await.is_empty());
}

/// A child's record often has a parent's address: a link to a login is not sent there.
#[testkit::test]
async fn the_new_adults_claim_link_does_not_go_to_a_guardians_mailbox(pool: PgPool) {
    let house = House::new(&pool, "2009-03-10").await;
    house.run("update client set email = 'home@kin.test'").await;
    work(&pool, at("2027-03-10T12:00:00Z")).await.unwrap();
    assert_eq!(house.granted().await, "0");
    assert_eq!(house.text("select count(*)::text from account_link").await, "0");
    let mut conn = pool.acquire().await.unwrap();
    let due: Vec<_> = tasks(&mut conn).await.unwrap().into_iter().map(|task| task.why).collect();
    assert_eq!(due, [Why::NotInvited]);
}

#[testkit::test]
async fn a_removal_undone_after_midnight_gives_nothing_back_over_an_adult(pool: PgPool) {
    let house = House::new(&pool, "2009-03-10").await;
    let numbers = (number(&pool, ClientId(house.mia.id())).await, number(&pool, ClientId(house.ana.id())).await);
    work(&pool, at("2027-03-09T12:00:00Z")).await.unwrap();
    links::remove(&pool, &house.desk, numbers.0, numbers.1, &shared::links::RemovalForm::default()).await.unwrap();
    // Announced by way of a link that is gone at midnight.
    house.run("update coming_of_age set done_at = now(), on_day = '2027-03-10'").await;
    links::undo(&pool, &house.desk, numbers.0, numbers.1).await.unwrap();
    assert_eq!(house.text("select count(*)::text from client_link where created_at < '2021-01-01'").await, "1");
    assert_eq!(house.granted().await, "0");
}

/// The other parent reads the child's mailbox: nothing of this parent is written there.
#[testkit::test]
async fn two_guardians_do_not_meet_in_the_childs_mailbox(pool: PgPool) {
    let house = House::new(&pool, "2009-03-10").await;
    let ben = client_actor(&pool, "Ben").await;
    house
        .run("update client set email = 'ben@kin.test', email_consent = true where first_name in ('Ben', 'Mia')")
        .await;
    house.link(&ben).await;
    let numbers = (number(&pool, ClientId(house.mia.id())).await, number(&pool, ClientId(house.ana.id())).await);
    let told = links::told_of_removal(&pool, &house.desk, numbers.0, numbers.1).await.unwrap();
    assert_eq!(told.map(|one| one.why_not.is_none()), [false, true], "and the page says so");
    links::remove(&pool, &house.desk, numbers.0, numbers.1, &shared::links::RemovalForm::default()).await.unwrap();
    assert_eq!(house.mails().await, ["ana@kin.test Mia and Ana are no longer linked at My practice"]);
}

#[testkit::test]
async fn several_servers_end_it_once(pool: PgPool) {
    let house = House::new(&pool, "2009-03-10").await;
    on_threads(&pool, |pool| async move {
        let now = at("2027-03-10T12:00:00Z");
        let servers: Vec<_> = (0..8)
            .map(|_| {
                tokio::spawn({
                    let pool = pool.clone();
                    async move { work(&pool, now).await }
                })
            })
            .collect();
        let mut done = 0;
        for server in servers {
            done += server.await.unwrap().unwrap();
        }
        assert_eq!(done, 1);
    })
    .await;
    assert_eq!(house.text("select count(*)::text from client_link_event where kind = 'suspended'").await, "1");
    assert_eq!(house.text("select count(*)::text from message where kind = 'link_change'").await, "1");
}

#[testkit::test]
async fn if_neither_can_be_told_the_desk_has_a_task(pool: PgPool) {
    let house = House::new(&pool, "2009-03-10").await;
    let list = async || {
        let mut conn = pool.acquire().await.unwrap();
        tasks(&mut conn).await.unwrap().into_iter().map(|task| (task.name, task.is_over)).collect::<Vec<_>>()
    };
    work(&pool, at("2027-03-01T12:00:00Z")).await.unwrap();
    assert!(list().await.is_empty(), "both were told");
    house.run("update client set email_consent = false").await;
    assert_eq!(list().await, [("Mia Test".to_owned(), false)]);
    // A brother without permissions is no one to be told.
    house
        .run("insert into account (id, username, client_id) select id, 'mia', id from client where first_name = 'Mia'")
        .await;
    work(&pool, at("2027-03-10T12:00:00Z")).await.unwrap();
    assert_eq!(list().await, [("Mia Test".to_owned(), true)]);
    // The desk reaches Ana by telephone, and she has an address.
    house.run("update client set email_consent = true where first_name = 'Ana'").await;
    assert!(list().await.is_empty());
    house.run("update client set email_consent = false").await;
    // Or they decide with Mia what Ana may do.
    let numbers = (number(&pool, ClientId(house.mia.id())).await, number(&pool, ClientId(house.ana.id())).await);
    let link = links::one(&pool, &house.desk, numbers.0, numbers.1).await.unwrap();
    let form = LinkForm { other_may: Grants { copies: true, ..Grants::default() }, ..link.form() };
    links::update(&pool, &house.desk, numbers.0, numbers.1, form).await.unwrap();
    assert!(list().await.is_empty());
}

#[testkit::test]
async fn two_guardians_are_each_told_of_their_own_link(pool: PgPool) {
    let house = House::new(&pool, "2009-03-10").await;
    let ben = client_actor(&pool, "Ben").await;
    house.run("update client set email = 'ben@kin.test', email_consent = true where first_name = 'Ben'").await;
    house.link(&ben).await;
    work(&pool, at("2027-03-10T12:00:00Z")).await.unwrap();
    while expand_next(&pool, "https://kin.test").await.unwrap() {}
    for (address, other) in [("ana@kin.test", "Ben"), ("ben@kin.test", "Ana")] {
        let sql = format!("select string_agg(subject || body, '') from message_copy where address = '{address}'");
        let all = house.text(&sql).await;
        assert!(all.contains("Mia") && !all.contains(other), "{address}: {all}");
    }
}

#[testkit::test]
async fn a_minor_does_not_decide_and_an_adult_decides_over_their_own_side_alone(pool: PgPool) {
    let house = House::new(&pool, "2020-03-10").await;
    let me = ClientActor::new(ClientId(house.mia.id()), "Mia");
    let mine = links::mine(&pool, &me).await.unwrap();
    assert!(!mine.decides);
    assert_eq!(mine.history[0].changes[0], "Ana Test may book and manage appointments for you.");
    let link = mine.links[0].id;
    let form = GrantsForm { version: "1".into(), ..GrantsForm::default() };
    assert_eq!(refusal(links::decide(&pool, &house.mia, link, &form).await), Refusal::Forbidden);
    assert_eq!(refusal(links::my_link(&pool, &me, link).await), Refusal::Forbidden);
    // Ana says what Mia may do for her, and not what she may do for Mia.
    let form = GrantsForm { may: Grants { copies: true, ..Grants::default() }, version: "1".into() };
    links::decide(&pool, &house.ana, link, &form).await.unwrap();
    let seen = links::mine(&pool, &me).await.unwrap();
    assert_eq!((seen.links[0].other_may.book, seen.links[0].own_may), (true, form.may));
    assert_eq!(seen.history[0].by, links::Hand::Other);
    assert_eq!(
        refusal(
            links::decide(&pool, &house.ana, link, &GrantsForm { version: "1".into(), ..GrantsForm::default() }).await
        ),
        Refusal::Stale
    );
    let stranger = client_actor(&pool, "Sam").await;
    assert_eq!(refusal(links::decide(&pool, &stranger, link, &form).await), Refusal::NotFound);
    assert_eq!(refusal(links::decide(&pool, &house.desk, link, &form).await), Refusal::NotFound);
}

#[testkit::test]
async fn a_household_is_those_who_are_linked_to_one_another(pool: PgPool) {
    let house = House::new(&pool, "2015-03-10").await;
    let ben = client_actor(&pool, "Ben").await;
    house.link(&ben).await;
    let households = async |of: &Actor| {
        let mut conn = pool.acquire().await.unwrap();
        let own = db::authz::readable(&mut conn, &house.desk, number(&pool, ClientId(of.id())).await).await.unwrap();
        let all = links::of_household(&mut conn, &house.desk, &own).await.unwrap();
        all.into_iter()
            .map(|one| one.people.into_iter().map(|member| member.name).collect::<Vec<_>>().join(", "))
            .collect::<Vec<_>>()
    };
    assert_eq!(households(&house.mia).await, ["Mia Test, Ana Test", "Mia Test, Ben Test"]);
    assert_eq!(households(&ben).await, ["Ben Test, Mia Test"], "nothing of the other guardian");
}
