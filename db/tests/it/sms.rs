//! Text messages: who gets one, once for each number; STOP and START; reports of delivery.

use crate::support::deletion::visit;
use db::messages::sms::{Inbound, answered, reported};
use db::messages::{Outgoing, claim_copy, expand_next, sent_as};
use db::{PgPool, consents};
use shared::ClientId;
use shared::consents::ConsentSource;
use shared::texts::TextChannel;
use sqlx::{query, query_as, query_scalar};
use testkit::client_actor;
use uuid::Uuid;

const BASE: &str = "https://k.test";

/// A client who gets text messages, and no mail.
async fn texted(pool: &PgPool, first: &str, mobile: &str) -> Uuid {
    let id = client_actor(pool, first).await.id();
    query("update client set mobile = $2, sms_consent = true, email_consent = false where id = $1")
        .bind(id)
        .bind(mobile)
        .execute(pool)
        .await
        .unwrap();
    id
}

async fn confirm(pool: &PgPool, client: Uuid, days: i32) -> Uuid {
    let appointment = visit(pool, client, days).await;
    query(
        "insert into message (id, kind, appointment_id, participant_id, subject_version)
         select $1, 'confirmation', $2, id, 1 from appointment_participant where appointment_id = $2",
    )
    .bind(db::new_id())
    .bind(appointment)
    .execute(pool)
    .await
    .unwrap();
    appointment
}

async fn all(pool: &PgPool) -> Vec<Outgoing> {
    while expand_next(pool, BASE).await.unwrap() {}
    let mut copies = Vec::new();
    while let Some(copy) = claim_copy(pool).await.unwrap() {
        sent_as(pool, &copy, Some(&format!("SM-{}", copy.id))).await.unwrap();
        copies.push(copy);
    }
    copies
}

async fn consent(pool: &PgPool, client: Uuid) -> bool {
    query_scalar("select sms_consent from client where id = $1").bind(client).fetch_one(pool).await.unwrap()
}

async fn link(pool: &PgPool, subject: Uuid, holder: Uuid) {
    query(
        "insert into client_link (id, client_low, client_high, low_label, high_label, low_gets_copies, high_gets_copies)
         values ($1, least($2, $3), greatest($2, $3), 'other', 'other', $3 < $2, $3 > $2)",
    )
    .bind(db::new_id())
    .bind(subject)
    .bind(holder)
    .execute(pool)
    .await
    .unwrap();
}

#[testkit::test]
async fn one_number_gets_one_text_without_names(pool: PgPool) {
    let mia = texted(&pool, "Mia", "416 555 0100").await;
    // The mother has the same number, written in another way.
    let ana = texted(&pool, "Ana", "+1 (416) 555-0100").await;
    let leo = texted(&pool, "Leo", "416 555 0102").await;
    link(&pool, mia, ana).await;
    link(&pool, mia, leo).await;
    confirm(&pool, mia, 3).await;
    let mut copies = all(&pool).await;
    copies.sort_by(|one, other| one.address.cmp(&other.address));
    let numbers: Vec<&str> = copies.iter().map(|copy| copy.address.as_str()).collect();
    assert_eq!(numbers, ["+14165550100", "+14165550102"]);
    for copy in &copies {
        assert_eq!((copy.channel, copy.subject.as_str()), (TextChannel::Sms, ""));
        assert!(copy.body.starts_with("My practice: appointment ") && copy.unsubscribe.is_none(), "{}", copy.body);
        for name in ["Mia", "Ana", "Physio", "Sam"] {
            assert!(!copy.body.contains(name), "{name} in {}", copy.body);
        }
    }
    let parts: Vec<i16> =
        query_scalar("select parts from message_copy where channel = 'sms'").fetch_all(&pool).await.unwrap();
    assert!(parts.iter().all(|parts| (1..=3).contains(parts)), "{parts:?}");
}

#[testkit::test]
async fn one_number_is_told_of_a_family_in_one_text(pool: PgPool) {
    let ana = texted(&pool, "Ana", "416 555 0100").await;
    let day = "date_trunc('day', now()) + interval '4 days 15 hours'";
    for (place, first) in ["Mia", "Leo"].iter().enumerate() {
        let child = client_actor(&pool, first).await.id();
        query("update client set email_consent = false where id = $1").bind(child).execute(&pool).await.unwrap();
        link(&pool, child, ana).await;
        let appointment = confirm(&pool, child, 3).await;
        for table in ["appointment", "appointment_participant"] {
            let id = if table == "appointment" { "id" } else { "appointment_id" };
            let sql = format!(
                "update {table} set starts_at = {day} + make_interval(hours => $2), ends_at = {day} + make_interval(hours => $2, mins => 50) where {id} = $1"
            );
            query(sqlx::AssertSqlSafe(sql)).bind(appointment).bind(place as i32).execute(&pool).await.unwrap();
        }
    }
    let copies = all(&pool).await;
    assert_eq!(copies.len(), 1, "{:?}", copies.iter().map(|copy| &copy.body).collect::<Vec<_>>());
    assert!(copies[0].body.starts_with("My practice: 2 appointments on "), "{}", copies[0].body);
}

#[testkit::test]
async fn without_consent_number_or_grant_there_is_no_text(pool: PgPool) {
    let mia = texted(&pool, "Mia", "416 555 0100").await;
    let ana = texted(&pool, "Ana", "416 555 0101").await;
    link(&pool, mia, ana).await;
    confirm(&pool, mia, 3).await;
    while expand_next(&pool, BASE).await.unwrap() {}
    // Both copies wait, and then neither may go.
    query("update client set sms_consent = false where id = $1").bind(mia).execute(&pool).await.unwrap();
    query("delete from client_link").execute(&pool).await.unwrap();
    assert!(claim_copy(&pool).await.unwrap().is_none());
    let states: Vec<String> = query_scalar("select state from message_copy").fetch_all(&pool).await.unwrap();
    assert_eq!(states, ["withdrawn", "withdrawn"]);
    let short = texted(&pool, "Short", "555 0100").await;
    confirm(&pool, short, 3).await;
    assert!(all(&pool).await.is_empty(), "it cannot be dialled");
}

#[testkit::test]
async fn stop_withdraws_for_every_client_with_the_number_and_answers_once(pool: PgPool) {
    let mia = texted(&pool, "Mia", "416 555 0100").await;
    let ana = texted(&pool, "Ana", "+14165550100").await;
    let leo = texted(&pool, "Leo", "416 555 0102").await;
    query("update client set language = 'fr-CA'").execute(&pool).await.unwrap();
    let said = |text, reference| Inbound { from: "+14165550100", text, reference };
    for reference in ["SM1", "SM1"] {
        answered(&pool, said("Arrêt", reference)).await.unwrap();
    }
    assert_eq!((consent(&pool, mia).await, consent(&pool, ana).await, consent(&pool, leo).await), (false, false, true));
    let logged: Vec<(Uuid, bool, String)> =
        query_as("select client_id, given, source from consent_event where source = 'stop_reply' order by client_id")
            .fetch_all(&pool)
            .await
            .unwrap();
    let mut expected = [(mia, false, "stop_reply".to_owned()), (ana, false, "stop_reply".to_owned())];
    expected.sort();
    assert_eq!(logged, expected);
    // Said again, there is nothing to say.
    answered(&pool, said("STOP", "SM2")).await.unwrap();
    let answers = all(&pool).await;
    assert_eq!(answers.len(), 1);
    assert!(answers[0].address == "+14165550100" && answers[0].body.contains("START"), "{:?}", answers[0].body);
    assert!(answers[0].body.contains("vous ne recevrez plus"), "{}", answers[0].body);

    // START gives back what STOP withdrew, and nothing else.
    let eve = texted(&pool, "Eve", "416 555 0100").await;
    query("update client set sms_consent = false where id = $1").bind(eve).execute(&pool).await.unwrap();
    answered(&pool, said("START", "SM3")).await.unwrap();
    assert_eq!((consent(&pool, mia).await, consent(&pool, ana).await, consent(&pool, eve).await), (true, true, false));
    let mia = ClientId(mia);
    let log = consents::own(&pool, &db::Actor::Client(db::actor::ClientActor::new(mia, "Mia"))).await.unwrap();
    assert_eq!((log[0].source, log[0].given, log[1].source), (ConsentSource::Start, true, ConsentSource::Stop));
    // A client who gets the number after STOP gets no texts, until START.
    answered(&pool, said("STOP", "SM5")).await.unwrap();
    all(&pool).await;
    let noor = texted(&pool, "Noor", "1 416 555 0100").await;
    confirm(&pool, noor, 5).await;
    assert!(all(&pool).await.is_empty());
    answered(&pool, said("START", "SM6")).await.unwrap();
    // Words that ask for nothing change nothing, and are not kept.
    answered(&pool, said("stop by at noon, my knee hurts", "SM4")).await.unwrap();
    assert!(consent(&pool, mia.0).await);
    let kept: String = query_scalar("select to_jsonb(a)::text from sms_answer a where reference = 'SM4'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert!(!kept.contains("knee"));
}

#[testkit::test]
async fn a_report_tells_what_became_of_a_text(pool: PgPool) {
    let mia = texted(&pool, "Mia", "416 555 0100").await;
    confirm(&pool, mia, 3).await;
    let copy = all(&pool).await.remove(0);
    let reference = format!("SM-{}", copy.id);
    let report = async || {
        query_as::<_, (String, String)>("select report, error from message_copy where reference = $1")
            .bind(&reference)
            .fetch_one(&pool)
            .await
            .unwrap()
    };
    reported(&pool, "someone else's", false, "30003").await.unwrap();
    assert_eq!(report().await, (String::new(), String::new()));
    reported(&pool, &reference, false, "30003\r\n").await.unwrap();
    assert_eq!(report().await, ("undelivered".to_owned(), "30003".to_owned()));
    reported(&pool, &reference, true, "").await.unwrap();
    // Reports may come in any order: what was delivered stays so.
    reported(&pool, &reference, false, "30003").await.unwrap();
    assert_eq!(report().await, ("delivered".to_owned(), String::new()));
}

#[testkit::test]
async fn what_is_above_the_cap_of_a_day_waits(pool: PgPool) {
    query("update sms_setting set daily_cap = 2").execute(&pool).await.unwrap();
    for number in 0..4 {
        let client = texted(&pool, "Mia", &format!("416 555 010{number}")).await;
        confirm(&pool, client, 3).await;
    }
    while expand_next(&pool, BASE).await.unwrap() {}
    query("update message_copy set parts = 1").execute(&pool).await.unwrap();
    assert_eq!(all(&pool).await.len(), 2);
    query("update message_copy set sent_at = now() - interval '25 hours' where sent_at is not null")
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(all(&pool).await.len(), 2);
}

#[testkit::test]
async fn a_text_whose_sending_broke_off_is_not_sent_twice(pool: PgPool) {
    let mia = texted(&pool, "Mia", "416 555 0100").await;
    confirm(&pool, mia, 3).await;
    while expand_next(&pool, BASE).await.unwrap() {}
    let copy = claim_copy(&pool).await.unwrap().unwrap();
    // It was refused for the moment: it is tried again.
    db::messages::failed(&pool, &copy, false, "429: too many").await.unwrap();
    query("update message_copy set due_at = now()").execute(&pool).await.unwrap();
    claim_copy(&pool).await.unwrap().unwrap();
    query("update message_copy set due_at = now(), claimed_until = null").execute(&pool).await.unwrap();
    assert!(claim_copy(&pool).await.unwrap().is_none());
    let state: String = query_scalar("select state from message_copy").fetch_one(&pool).await.unwrap();
    assert_eq!(state, "failed");
}

#[testkit::test]
async fn numbers_are_dialled_alike_in_the_database_and_elsewhere(pool: PgPool) {
    for number in [
        "416 555 0123",
        "(416) 555-0123",
        "1 416 555 0123",
        "+44 20 7946 0018",
        "555 0123",
        "416 555 0123 x5",
        "",
        "+1",
    ] {
        let there: Option<String> = query_scalar("select sms_number($1)").bind(number).fetch_one(&pool).await.unwrap();
        assert_eq!(there, shared::sms::dialled(number), "{number}");
    }
}
