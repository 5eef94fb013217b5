//! Who gets no copy, and why: each reason, said by what decides who does.

use crate::appointments::{Practice, at, practice};
use crate::support::deletion::link;
use db::messages::{Reach, claim_copy, expand_next, outbox, outbox_copy};
use db::{Actor, PgPool, appointments};
use shared::accounts::Role;
use shared::messages::{CopyState, WhyNot};
use shared::{AppointmentId, ClientId};
use sqlx::{AssertSqlSafe, raw_sql};
use testkit::{client_actor, staff_actor};
use uuid::Uuid;

struct House {
    pool: PgPool,
    practice: Practice,
    admin: Actor,
    mia: Actor,
    ana: Actor,
}

impl House {
    /// Ana gets copies of Mia's mail. Both have an address and consent, and text messages are sent.
    async fn new(pool: &PgPool) -> House {
        let practice = practice(pool).await;
        let admin = staff_actor(pool, "Ada", &[Role::Administrator]).await;
        let (mia, ana) = (client_actor(pool, "Mia").await, client_actor(pool, "Ana").await);
        link(pool, mia.id(), ana.id()).await;
        let house = House { pool: pool.clone(), practice, admin, mia, ana };
        house
            .run(
                "update client set email = lower(first_name) || '@kin.test', email_consent = true;
                 update practice set quiet_minutes = 0;
                 update sms_setting set sender = 'http', url = 'https://sms.test', template = '{}'",
            )
            .await;
        house
    }

    async fn run(&self, sql: &str) {
        raw_sql(AssertSqlSafe(sql)).execute(&self.pool).await.unwrap();
    }

    /// Of Ana or of Mia.
    async fn set(&self, who: &Actor, set: &str) {
        self.run(&format!("update client set {set} where id = '{}'", who.id())).await;
    }

    async fn book(&self) -> AppointmentId {
        let booking = self.practice.booking(&self.mia, at(3));
        appointments::book(&self.pool, &self.practice.staff, booking).await.unwrap()
    }

    async fn expand(&self) {
        while expand_next(&self.pool, "https://kin.test").await.unwrap() {}
    }

    /// What was noted when the copies were made: who, and why no mail and no text message.
    async fn noted(&self) -> Vec<(String, WhyNot, Option<WhyNot>)> {
        let rows = outbox(&self.pool, &self.admin, Some(CopyState::Withheld), None, 1).await.unwrap().rows;
        let row = |row: db::messages::OutboxRow| (row.address, row.withheld.unwrap(), row.no_text);
        rows.into_iter().map(row).collect()
    }

    /// What the page of the appointment says.
    async fn shown(&self, id: AppointmentId) -> Reach {
        appointments::audience(&self.pool, &self.practice.staff, id).await.unwrap().remove(0)
    }
}

#[testkit::test]
async fn each_reason_for_no_copy_is_noted_and_shown_before(pool: PgPool) {
    use WhyNot::*;
    let house = House::new(&pool).await;
    let safe = "insert into safe_contact (client_id, rule, set_by) select id, 'no_writing', id from client where first_name = 'Ana'";
    let stopped = "insert into sms_stopped (digest) values (consent_digest('sms', '416 555 0100'))";
    let unassigned = "update appointment_participant set assigned = 'none'";
    for (set, sql, email, text) in [
        ("email = null, email_consent = false", "", NoAddress, NoNumber),
        ("email_consent = false", "", NoConsent, NoNumber),
        ("email_consent = false, mobile = '416 555 0100'", "", NoConsent, TextsOff),
        ("email_consent = false, mobile = '416 555 0100', sms_consent = true", stopped, NoConsent, Stopped),
        ("status = 'inactive'", "", Inactive, Inactive),
        ("email = 'mia@kin.test'", "", SameAddress, NoNumber),
        ("status = 'active'", safe, NoWriting, NoWriting),
        ("status = 'active'", unassigned, NotAssigned, NotAssigned),
    ] {
        house
            .run(
                "delete from message; delete from appointment; delete from safe_contact; delete from sms_stopped;
                 update client set email = lower(first_name) || '@kin.test', email_consent = true, mobile = null,
                        sms_consent = false, status = 'active'",
            )
            .await;
        let id = house.book().await;
        house.set(&house.ana, set).await;
        if !sql.is_empty() {
            house.run(sql).await;
        }
        let reach = house.shown(id).await;
        let shown: Vec<_> = reach.withheld.iter().map(|one| (one.name.clone(), one.email, one.text)).collect();
        assert_eq!(shown, [("Ana Test".to_owned(), email, Some(text))], "{set} {sql}");
        assert!(reach.person.is_none() && reach.copies.is_empty(), "{set}");
        house.expand().await;
        assert_eq!(house.noted().await, shown, "{set} {sql}");
        let copy = claim_copy(&pool).await.unwrap().expect("Mia has her own");
        assert_eq!(copy.address, "mia@kin.test");
        let without = db::messages::outbox_withheld(&pool, &house.admin, copy.id).await.unwrap();
        assert_eq!(without, reach.withheld);
    }
}

#[testkit::test]
async fn a_text_message_alone_is_a_copy_and_no_reason_of_texts_is_given_where_none_are_sent(pool: PgPool) {
    let house = House::new(&pool).await;
    house.set(&house.ana, "email_consent = false, mobile = '416 555 0100', sms_consent = true").await;
    let id = house.book().await;
    let reach = house.shown(id).await;
    assert_eq!((reach.texts.as_slice(), reach.withheld.len()), (["Ana Test".to_owned()].as_slice(), 0));
    house.expand().await;
    assert!(house.noted().await.is_empty(), "she reads it on her phone");
    house.set(&house.ana, "sms_consent = false").await;
    house.run("update sms_setting set sender = 'none'; delete from message").await;
    let id = house.practice.booking(&house.mia, at(4));
    let id = appointments::book(&house.pool, &house.practice.staff, id).await.unwrap();
    assert_eq!(house.shown(id).await.withheld[0].text, None);
    house.expand().await;
    assert_eq!(house.noted().await, [("Ana Test".to_owned(), WhyNot::NoConsent, None)]);
}

/// Why the copy for this address was withdrawn as it was to be sent.
async fn withdrawn(house: &House, address: &str) -> WhyNot {
    while claim_copy(&house.pool).await.unwrap().is_some() {}
    let rows = outbox(&house.pool, &house.admin, Some(CopyState::Withdrawn), None, 1).await.unwrap().rows;
    let row = rows.into_iter().find(|row| row.address == address).expect("it is withdrawn");
    let copy = outbox_copy(&house.pool, &house.admin, row.id.unwrap()).await.unwrap();
    assert_eq!(copy.withheld, row.withheld);
    row.withheld.unwrap()
}

#[testkit::test]
async fn a_copy_that_may_not_leave_any_more_says_why(pool: PgPool) {
    let house = House::new(&pool).await;
    let link = "client_link";
    for (sql, address, why) in [
        ("update client set email_consent = false where first_name = 'Ana'", "ana@kin.test", WhyNot::NoConsent),
        ("update client set email = 'new@kin.test' where first_name = 'Ana'", "ana@kin.test", WhyNot::AddressChanged),
        ("update client set status = 'inactive' where first_name = 'Ana'", "ana@kin.test", WhyNot::Inactive),
        (
            "update client_link set low_gets_copies = false, high_gets_copies = false",
            "ana@kin.test",
            WhyNot::GrantEnded,
        ),
        ("update appointment set version = version + 1", "mia@kin.test", WhyNot::Outdated),
        ("delete from client_link", "ana@kin.test", WhyNot::LinkEnded),
    ] {
        house
            .run(&format!(
                "delete from message; delete from appointment;
                 update client set email = lower(first_name) || '@kin.test', email_consent = true, status = 'active';
                 update {link} set low_gets_copies = true, high_gets_copies = true"
            ))
            .await;
        house.book().await;
        house.expand().await;
        house.run(sql).await;
        assert_eq!(withdrawn(&house, address).await, why, "{sql}");
    }
}

#[testkit::test]
async fn mail_of_requests_and_links_says_whom_it_did_not_reach(pool: PgPool) {
    let house = House::new(&pool).await;
    house.run("update client_link set low_may_forms = true, high_may_forms = true").await;
    house.set(&house.ana, "email_consent = false").await;
    let ask = |id: Uuid| {
        format!(
            "insert into request (id, kind, subject_id, title, request_key) values ('{id}', 'other', '{}', 'Card', '{id}');
             insert into message (id, kind, subject_kind, subject_id) values ('{id}', 'form_request', 'request', '{id}')",
            house.mia.id()
        )
    };
    house.run(&ask(db::new_id())).await;
    house.expand().await;
    assert_eq!(house.noted().await, [("Ana Test".to_owned(), WhyNot::NoConsent, None)]);
    house.run("delete from message; delete from request").await;
    for (sql, why) in [
        ("update practice set client_login = false", WhyNot::NoLogin),
        ("update portal_permission set setting = 'never' where permission = 'see_forms'", WhyNot::NotPermitted),
    ] {
        house.run(sql).await;
        house.run(&ask(db::new_id())).await;
        house.expand().await;
        let noted: Vec<WhyNot> = house.noted().await.iter().map(|one| one.1).collect();
        assert_eq!(noted, [why; 2], "{sql}");
        house.run("delete from message; delete from request").await;
    }

    // A third person of the family reads Ana's mailbox.
    let ben = client_actor(&pool, "Ben").await;
    link(&pool, house.ana.id(), ben.id()).await;
    house
        .run("update client set email = 'ana@kin.test', email_consent = true where first_name in ('Ana', 'Ben')")
        .await;
    let told = db::links::told_of_removal(
        &pool,
        &house.practice.staff,
        testkit::number(&pool, ClientId(house.mia.id())).await,
        testkit::number(&pool, ClientId(house.ana.id())).await,
    );
    assert_eq!(told.await.unwrap().map(|one| one.why_not), [None, Some(WhyNot::SharedMailbox)]);
}
