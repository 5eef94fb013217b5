//! Mail: who gets it, decided when it is sent; and that it is sent once.

use chrono::{DateTime, Utc};
use db::PgPool;
use db::messages::{Outgoing, claim_copy, expand_next, failed, kept, outbox, outbox_copy, sent};
use shared::accounts::Role;
use shared::messages::CopyState;
use shared::{MessageCopyId, Refusal};
use sqlx::{AssertSqlSafe, query, query_as, query_scalar};
use testkit::{client_actor, refusal, staff_actor};
use uuid::Uuid;

const BASE: &str = "https://k.test";
const STARTS: &str = "2030-03-11T13:30:00Z";

/// A client, with consent to mail if there is an address.
async fn client(pool: &PgPool, first: &str, email: Option<&str>) -> Uuid {
    let id = client_actor(pool, first).await.id();
    query("update client set email = $2, email_consent = $2 is not null where id = $1")
        .bind(id)
        .bind(email)
        .execute(pool)
        .await
        .unwrap();
    id
}

/// Links `holder` to `subject`, with *copies* of the subject's mail and nothing else.
async fn copies(pool: &PgPool, subject: Uuid, holder: Uuid) {
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

/// An appointment, booked at version 1.
async fn appointment(pool: &PgPool, client: Uuid) -> Uuid {
    let practitioner = staff_actor(pool, "Sam", &[Role::Practitioner]).await.id();
    let (id, service, location) = (db::new_id(), db::new_id(), db::new_id());
    query("insert into service (id, name, duration_minutes) values ($1, 'Physio ' || $1, 50)")
        .bind(service)
        .execute(pool)
        .await
        .unwrap();
    query("insert into location (id, name, address, zone) values ($1, 'Main clinic ' || $1::text, '12 King Street', 'America/Toronto')")
        .bind(location)
        .execute(pool)
        .await
        .unwrap();
    query(
        "insert into visit (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone,
                                  buffer_minutes, price_cents, request_key, booked_by)
         values ($1, $2, $3, $4, $5, $6, $6 + interval '50 minutes', 'America/Toronto', 0, 0, $1, $5)",
    )
    .bind(id)
    .bind(service)
    .bind(practitioner)
    .bind(location)
    .bind(client)
    .bind(STARTS.parse::<DateTime<Utc>>().unwrap())
    .execute(pool)
    .await
    .unwrap();
    id
}

async fn queue(pool: &PgPool, kind: &str, appointment: Uuid, version: i32) {
    query(
        "insert into message (id, kind, appointment_id, participant_id, subject_version)
         select $1, $2, $3, id, $4 from appointment_participant where appointment_id = $3",
    )
    .bind(db::new_id())
    .bind(kind)
    .bind(appointment)
    .bind(version)
    .execute(pool)
    .await
    .unwrap();
}

async fn run(pool: &PgPool, sql: &'static str, id: Uuid) {
    query(AssertSqlSafe(sql)).bind(id).execute(pool).await.unwrap();
}

async fn cancel(pool: &PgPool, appointment: Uuid) {
    run(
        pool,
        "update appointment set status = 'cancelled', cancelled_at = now(), version = version + 1 where id = $1",
        appointment,
    )
    .await;
}

/// Makes all copies, then takes all that may be sent, in the order of their addresses.
async fn all_due(pool: &PgPool) -> Vec<Outgoing> {
    while expand_next(pool, BASE).await.unwrap() {}
    let mut copies = Vec::new();
    while let Some(copy) = claim_copy(pool).await.unwrap() {
        copies.push(copy);
    }
    // As if none were on its way any more: the next to the same address may go.
    query("update message_copy set claimed_until = null").execute(pool).await.unwrap();
    copies.sort_by(|a, b| a.address.cmp(&b.address));
    copies
}

fn addresses(copies: &[Outgoing]) -> Vec<&str> {
    copies.iter().map(|copy| copy.address.as_str()).collect()
}

async fn stored(pool: &PgPool, id: MessageCopyId) -> (String, String, String) {
    query_as("select state, body, error from message_copy where id = $1").bind(id.0).fetch_one(pool).await.unwrap()
}

/// A link of the kind and the message that carries it.
async fn link(pool: &PgPool, kind: &str, owner: Uuid) -> Uuid {
    let id = db::new_id();
    let (column, link) = if kind == "welcome" { ("client_id", "claim") } else { ("account_id", "reset") };
    query(AssertSqlSafe(format!(
        "insert into account_link (id, kind, secret_hash, {column}, expires_at)
         values ($1, '{link}', sha256($1::text::bytea), $2, now() + interval '1 hour')"
    )))
    .bind(id)
    .bind(owner)
    .execute(pool)
    .await
    .unwrap();
    query(AssertSqlSafe(format!(
        "insert into message (id, kind, {column}, link_id, secret) values ($1, '{kind}', $2, $3, 's3cret')"
    )))
    .bind(db::new_id())
    .bind(owner)
    .bind(id)
    .execute(pool)
    .await
    .unwrap();
    id
}

#[testkit::test]
async fn a_child_without_an_address_is_notified_through_those_with_copies(pool: PgPool) {
    let mia = client(&pool, "Mia", None).await;
    let (ana, ben, cleo) = (
        client(&pool, "Ana", Some("ana@example.com")).await,
        client(&pool, "Ben", Some("ben@example.com")).await,
        client(&pool, "Cleo", Some("cleo@example.com")).await,
    );
    copies(&pool, mia, ana).await;
    copies(&pool, mia, ben).await;
    // Cleo's copies of Ana's mail reach no further, and Mia gets none of Cleo's.
    copies(&pool, ana, cleo).await;
    copies(&pool, cleo, mia).await;
    queue(&pool, "confirmation", appointment(&pool, mia).await, 1).await;

    let sent = all_due(&pool).await;
    assert_eq!(addresses(&sent), ["ana@example.com", "ben@example.com"]);
    assert_eq!(sent[0].subject, "Appointment confirmed for Mia: Monday 11 March 2030, 9:30 am");
    for (copy, other) in [(&sent[0], "Ben"), (&sent[1], "Ana")] {
        assert!(copy.body.contains("For: Mia\n") && copy.body.contains("Where: Main clinic"), "{}", copy.body);
        assert!(!copy.body.to_lowercase().contains(&other.to_lowercase()), "one parent sees the other: {}", copy.body);
    }
    let about: Vec<Uuid> = query_scalar("select about_id from message_copy").fetch_all(&pool).await.unwrap();
    assert_eq!(about, [mia, mia]);
}

/// Of two with *copies* the one who is assigned to the appointment gets one; with no one
/// assigned neither does.
#[testkit::test]
async fn copies_go_to_those_who_are_assigned(pool: PgPool) {
    let mia = client(&pool, "Mia", Some("mia@example.com")).await;
    let (ana, dan) =
        (client(&pool, "Ana", Some("ana@example.com")).await, client(&pool, "Dan", Some("dan@example.com")).await);
    copies(&pool, mia, ana).await;
    copies(&pool, mia, dan).await;
    let visit = appointment(&pool, mia).await;
    let one = "update appointment_participant set assigned = 'one',
                      assigned_to = (select id from client where first_name = 'Ana') where appointment_id = $1";
    run(&pool, one, visit).await;
    queue(&pool, "confirmation", visit, 1).await;
    let due = all_due(&pool).await;
    assert_eq!(addresses(&due), ["ana@example.com", "mia@example.com"]);
    for copy in &due {
        sent(&pool, copy).await.unwrap();
    }
    cancel(&pool, visit).await;
    let visit = appointment(&pool, mia).await;
    run(&pool, "update appointment_participant set assigned = 'none' where appointment_id = $1", visit).await;
    queue(&pool, "confirmation", visit, 1).await;
    assert_eq!(addresses(&all_due(&pool).await), ["mia@example.com"]);
}

#[testkit::test]
async fn what_is_queued_is_lost_to_those_unlinked_since(pool: PgPool) {
    let (mia, ana) =
        (client(&pool, "Mia", Some("mia@example.com")).await, client(&pool, "Ana", Some("ana@example.com")).await);
    copies(&pool, mia, ana).await;
    let (first, second) = (appointment(&pool, mia).await, client(&pool, "Zoe", None).await);
    queue(&pool, "confirmation", first, 1).await;
    run(&pool, "delete from client_link where client_low = $1 or client_high = $1", mia).await;
    assert_eq!(addresses(&all_due(&pool).await), ["mia@example.com"]);

    // And when the copy was already made, or is tried again.
    copies(&pool, second, ana).await;
    queue(&pool, "confirmation", appointment(&pool, second).await, 1).await;
    let copy = all_due(&pool).await.remove(0);
    failed(&pool, &copy, false, "busy").await.unwrap();
    run(&pool, "update client_link set low_gets_copies = false, high_gets_copies = false where $1 in (client_low, client_high)", ana).await;
    query("update message_copy set due_at = now()").execute(&pool).await.unwrap();
    assert!(all_due(&pool).await.iter().all(|due| due.address != "ana@example.com"));
    assert_eq!(stored(&pool, copy.id).await.0, "withdrawn");
}

#[testkit::test]
async fn a_cancellation_after_unlinking_goes_to_the_person_alone(pool: PgPool) {
    let (mia, ana) =
        (client(&pool, "Mia", Some("mia@example.com")).await, client(&pool, "Ana", Some("ana@example.com")).await);
    copies(&pool, mia, ana).await;
    let booked = appointment(&pool, mia).await;
    queue(&pool, "confirmation", booked, 1).await;
    assert_eq!(all_due(&pool).await.len(), 2);
    run(&pool, "delete from client_link where $1 in (client_low, client_high)", mia).await;
    cancel(&pool, booked).await;
    queue(&pool, "cancellation", booked, 2).await;
    let told = all_due(&pool).await;
    assert_eq!(addresses(&told), ["mia@example.com"]);
    assert!(told[0].subject.starts_with("Appointment cancelled: "));
}

#[testkit::test]
async fn one_address_gets_one_copy_the_persons_own(pool: PgPool) {
    let (mia, ana) = (
        client(&pool, "Mia", Some(" Family@Example.com")).await,
        client(&pool, "Ana", Some("family@example.com ")).await,
    );
    let ben = client(&pool, "Ben", Some("FAMILY@example.com")).await;
    copies(&pool, mia, ana).await;
    copies(&pool, mia, ben).await;
    queue(&pool, "confirmation", appointment(&pool, mia).await, 1).await;
    let sent = all_due(&pool).await;
    assert_eq!(addresses(&sent), ["family@example.com"]);
    assert!(sent[0].body.starts_with("Hello Mia,\n\nYour appointment is confirmed."), "{}", sent[0].body);
}

#[testkit::test]
async fn consent_and_status_decide(pool: PgPool) {
    let mia = client(&pool, "Mia", Some("mia@example.com")).await;
    let (ana, ben) =
        (client(&pool, "Ana", Some("ana@example.com")).await, client(&pool, "Ben", Some("ben@example.com")).await);
    copies(&pool, mia, ana).await;
    copies(&pool, mia, ben).await;
    run(&pool, "update client set email_consent = false where id = $1", ana).await;
    run(&pool, "update client set status = 'inactive' where id = $1", ben).await;
    // Her own appointments concern a client who has become inactive still.
    run(&pool, "update client set status = 'inactive' where id = $1", mia).await;
    queue(&pool, "confirmation", appointment(&pool, mia).await, 1).await;
    assert_eq!(addresses(&all_due(&pool).await), ["mia@example.com"]);

    run(&pool, "update client set email_consent = false where id = $1", mia).await;
    queue(&pool, "confirmation", appointment(&pool, ana).await, 1).await;
    assert!(all_due(&pool).await.is_empty());
    let states: Vec<String> = query_scalar("select distinct state from message").fetch_all(&pool).await.unwrap();
    assert_eq!(states, ["done"]);
}

#[testkit::test]
async fn outdated_messages_are_not_sent(pool: PgPool) {
    let mia = client(&pool, "Mia", Some("mia@example.com")).await;
    let (moved, cancelled, told) = (
        appointment(&pool, mia).await,
        client(&pool, "Ana", Some("ana@example.com")).await,
        client(&pool, "Ben", Some("ben@example.com")).await,
    );
    let (cancelled, told) = (appointment(&pool, cancelled).await, appointment(&pool, told).await);
    for id in [moved, cancelled, told] {
        queue(&pool, "confirmation", id, 1).await;
    }
    run(&pool, "update appointment set version = 2 where id = $1", moved).await;
    cancel(&pool, cancelled).await;
    queue(&pool, "cancellation", told, 2).await;
    let due = all_due(&pool).await;
    assert_eq!(addresses(&due), ["ben@example.com"]);
    assert!(due[0].subject.starts_with("Appointment confirmed: "));

    // Cancelled between two attempts.
    failed(&pool, &due[0], false, "busy").await.unwrap();
    cancel(&pool, told).await;
    query("update message_copy set due_at = now()").execute(&pool).await.unwrap();
    assert!(all_due(&pool).await.is_empty());
}

#[testkit::test]
async fn a_secret_is_forgotten(pool: PgPool) {
    let (mia, ana) =
        (client(&pool, "Mia", Some("mia@example.com")).await, client(&pool, "Ana", Some("ana@example.com")).await);
    copies(&pool, mia, ana).await;
    link(&pool, "welcome", mia).await;
    let due = all_due(&pool).await;
    assert_eq!(addresses(&due), ["mia@example.com"], "welcome mail is never copied");
    assert!(due[0].body.contains("https://k.test/claim/s3cret\n") && due[0].body.contains("Hello Mia,"));
    let secrets: i64 = query_scalar("select count(secret) from message").fetch_one(&pool).await.unwrap();
    assert_eq!(secrets, 0);
    assert!(!format!("{:?}", due[0]).contains("s3cret"));

    // Waiting: administrators do not see the link. Sent: no one does.
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    assert!(!outbox_copy(&pool, &admin, due[0].id).await.unwrap().body.contains("s3cret"));
    sent(&pool, &due[0]).await.unwrap();
    let (state, body, _) = stored(&pool, due[0].id).await;
    assert_eq!(state, "sent");
    assert!(body.contains("\n(link removed after sending)\n") && !body.contains("s3cret"), "{body}");
}

#[testkit::test]
async fn without_smtp_administrators_hand_the_link_over(pool: PgPool) {
    let mia = client(&pool, "Mia", Some("mia@example.com")).await;
    link(&pool, "welcome", mia).await;
    let due = all_due(&pool).await;
    kept(&pool, &due[0]).await.unwrap();
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let copy = outbox_copy(&pool, &admin, due[0].id).await.unwrap();
    assert_eq!(copy.state, CopyState::Kept);
    assert!(copy.body.contains("https://k.test/claim/s3cret"));
    assert!(all_due(&pool).await.is_empty());
}

#[testkit::test]
async fn dead_links_are_not_sent(pool: PgPool) {
    for (first, sql) in [
        ("Ana", "update account_link set voided_at = now() where client_id = $1"),
        ("Ben", "update account_link set used_at = now() where client_id = $1"),
        ("Cleo", "update account_link set expires_at = now() where client_id = $1"),
        ("Dan", "update client set status = 'inactive' where id = $1"),
        ("Eve", "update client set email = null, email_consent = false where id = $1"),
    ] {
        let id = client(&pool, first, Some("x@example.com")).await;
        link(&pool, "welcome", id).await;
        run(&pool, sql, id).await;
    }
    assert!(all_due(&pool).await.is_empty());
    let secrets: i64 = query_scalar("select count(secret) from message").fetch_one(&pool).await.unwrap();
    assert_eq!(secrets, 0);

    // Replaced by a newer one while it waits for another attempt.
    let mia = client(&pool, "Mia", Some("mia@example.com")).await;
    let old = link(&pool, "welcome", mia).await;
    let copy = all_due(&pool).await.remove(0);
    failed(&pool, &copy, false, "busy").await.unwrap();
    run(&pool, "update account_link set voided_at = now() where id = $1", old).await;
    query("update message_copy set due_at = now()").execute(&pool).await.unwrap();
    assert!(all_due(&pool).await.is_empty());
    let (state, body, _) = stored(&pool, copy.id).await;
    assert!(state == "withdrawn" && !body.contains("s3cret"), "{state}: {body}");
}

#[testkit::test]
async fn a_reset_goes_to_the_address_on_record(pool: PgPool) {
    let (mia, ana) =
        (client(&pool, "Mia", Some("mia@example.com")).await, client(&pool, "Ana", Some("ana@example.com")).await);
    copies(&pool, mia, ana).await;
    let sam = staff_actor(&pool, "Sam", &[Role::FrontDesk]).await.id();
    let old = client(&pool, "Olga", None).await;
    for (column, owner) in [("client_id", mia), ("staff_id", sam), ("client_id", old)] {
        let account = db::new_id();
        query(AssertSqlSafe(format!(
            "insert into account (id, username, {column}) values ($1, $2 || '@old.test', $2::uuid)"
        )))
        .bind(account)
        .bind(owner.to_string())
        .execute(&pool)
        .await
        .unwrap();
        link(&pool, "reset", account).await;
    }
    let due = all_due(&pool).await;
    let mut expected = vec!["mia@example.com".to_owned(), format!("{sam}@example.com")];
    expected.sort();
    assert_eq!(addresses(&due), expected);
    assert!(due.iter().all(|copy| copy.body.contains("https://k.test/reset/s3cret\n")));
}

#[testkit::test]
async fn two_workers_at_once_make_and_take_each_copy_once(pool: PgPool) {
    for n in 0..20 {
        let id = client(&pool, "Mia", Some(&format!("c{n}@example.com"))).await;
        queue(&pool, "confirmation", appointment(&pool, id).await, 1).await;
    }
    let (mut one, two) = tokio::join!(all_due(&pool), all_due(&pool));
    one.extend(all_due(&pool).await);
    one.extend(two);
    one.sort_by(|a, b| a.address.cmp(&b.address));
    let all = one.len();
    one.dedup_by(|a, b| a.address == b.address);
    assert_eq!((all, one.len()), (20, 20));
}

#[testkit::test]
async fn one_thing_is_queued_once(pool: PgPool) {
    let booked = appointment(&pool, client(&pool, "Mia", None).await).await;
    queue(&pool, "confirmation", booked, 1).await;
    let again =
        query("insert into message (id, kind, appointment_id, participant_id, subject_version) values ($1, 'confirmation', $2, $2, 1)")
            .bind(db::new_id())
            .bind(booked)
            .execute(&pool)
            .await;
    assert_eq!(again.unwrap_err().as_database_error().unwrap().constraint(), Some("message_once"));
}

#[testkit::test]
async fn what_fails_is_tried_again_and_given_up_at_last(pool: PgPool) {
    let mia = client(&pool, "Mia", Some("mia@example.com")).await;
    queue(&pool, "confirmation", appointment(&pool, mia).await, 1).await;
    let mut waits = Vec::new();
    let mut copy = all_due(&pool).await.remove(0);
    let id = copy.id;
    for _ in 0..9 {
        assert!(claim_copy(&pool).await.unwrap().is_none(), "claimed by two");
        failed(&pool, &copy, false, "no route\r\nto host").await.unwrap();
        let wait: i32 = query_scalar("select round(extract(epoch from due_at - now()))::int from message_copy")
            .fetch_one(&pool)
            .await
            .unwrap();
        waits.push(wait);
        query("update message_copy set due_at = now()").execute(&pool).await.unwrap();
        let again = claim_copy(&pool).await.unwrap().unwrap();
        assert_eq!(again.id, id, "the same Message-ID");
        // What an attempt that was given up says in the end does not count.
        failed(&pool, &copy, true, "late").await.unwrap();
        copy = again;
    }
    assert_eq!(waits, [5, 30, 120, 600, 3_600, 7_200, 14_400, 28_800, 28_800]);
    failed(&pool, &copy, false, "no route\r\nto host").await.unwrap();
    let (state, _, error) = stored(&pool, id).await;
    assert_eq!((state.as_str(), error.as_str()), ("failed", "no route to host"));
}

#[testkit::test]
async fn a_server_that_stops_while_sending_loses_nothing(pool: PgPool) {
    let mia = client(&pool, "Mia", Some("mia@example.com")).await;
    queue(&pool, "confirmation", appointment(&pool, mia).await, 1).await;
    let copy = all_due(&pool).await.remove(0);
    assert!(all_due(&pool).await.is_empty());
    query("update message_copy set due_at = due_at - interval '2 minutes'").execute(&pool).await.unwrap();
    assert_eq!(all_due(&pool).await.remove(0).id, copy.id);
}

#[testkit::test]
async fn a_cancellation_does_not_overtake_its_confirmation(pool: PgPool) {
    let mia = client(&pool, "Mia", Some("mia@example.com")).await;
    let booked = appointment(&pool, mia).await;
    queue(&pool, "confirmation", booked, 1).await;
    while expand_next(&pool, BASE).await.unwrap() {}
    let confirmation = claim_copy(&pool).await.unwrap().unwrap();
    cancel(&pool, booked).await;
    queue(&pool, "cancellation", booked, 2).await;
    while expand_next(&pool, BASE).await.unwrap() {}
    assert!(claim_copy(&pool).await.unwrap().is_none(), "the confirmation is still on its way");
    sent(&pool, &confirmation).await.unwrap();
    let cancellation = claim_copy(&pool).await.unwrap().unwrap();
    assert!(cancellation.subject.starts_with("Appointment cancelled"), "{}", cancellation.subject);
}

/// One message whose copies the database refuses, before one that is fine.
#[testkit::test]
async fn a_message_that_fails_does_not_stop_the_others(pool: PgPool) {
    let (bad, good) =
        (client(&pool, "Mia", Some("poison@example.com")).await, client(&pool, "Leo", Some("leo@example.com")).await);
    sqlx::raw_sql(
        "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
         create trigger refuse before insert on message_copy for each row
             when (new.address = 'poison@example.com') execute function refuse()",
    )
    .execute(&pool)
    .await
    .unwrap();
    for of in [bad, good] {
        queue(&pool, "confirmation", appointment(&pool, of).await, 1).await;
    }
    assert_eq!(addresses(&all_due(&pool).await), ["leo@example.com"]);
    let (attempts, wait): (i32, i32) =
        query_as("select attempts, round(extract(epoch from due_at - now()))::int from message where state = 'queued'")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!((attempts, wait), (1, 5), "tried again within seconds");
    for _ in 0..9 {
        query("update message set due_at = now() where state = 'queued'").execute(&pool).await.unwrap();
        assert!(expand_next(&pool, BASE).await.unwrap());
    }
    assert!(!expand_next(&pool, BASE).await.unwrap(), "given up");
    let failed: i64 =
        query_scalar("select count(*) from message where state = 'failed'").fetch_one(&pool).await.unwrap();
    assert_eq!(failed, 1);
}

#[testkit::test]
async fn no_name_adds_a_header_or_a_line(pool: PgPool) {
    let mia = client(&pool, "Mia", None).await;
    let ana = client(&pool, "Ana", Some("ana@example.com")).await;
    copies(&pool, mia, ana).await;
    run(&pool, "update client set first_name = E'Mia\\r\\nBcc: all@evil.test\\r\\n\\r\\nPay here 🙂</textarea><script>' where id = $1", mia).await;
    queue(&pool, "confirmation", appointment(&pool, mia).await, 1).await;
    let due = all_due(&pool).await;
    assert_eq!(addresses(&due), ["ana@example.com"]);
    assert!(!due[0].subject.contains(['\r', '\n']));
    assert!(!due[0].body.contains("\nBcc") && !due[0].body.contains("\nPay") && due[0].body.contains("🙂"));
}

#[testkit::test]
async fn the_outbox_is_the_administrators(pool: PgPool) {
    let mia = client(&pool, "Mia", Some("mia@example.com")).await;
    queue(&pool, "confirmation", appointment(&pool, mia).await, 1).await;
    let id = all_due(&pool).await[0].id;
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let page = outbox(&pool, &admin, None, None, 1).await.unwrap();
    assert_eq!(
        (page.total, page.rows[0].address.as_str(), page.rows[0].state),
        (1, "mia@example.com", CopyState::Queued)
    );
    assert_eq!(outbox(&pool, &admin, Some(CopyState::Sent), None, 1).await.unwrap().total, 0);
    assert!(outbox(&pool, &admin, None, None, u32::MAX).await.unwrap().rows.is_empty());
    assert_eq!(outbox_copy(&pool, &admin, id).await.unwrap().address, "mia@example.com");
    assert_eq!(refusal(outbox_copy(&pool, &admin, MessageCopyId(db::new_id())).await), Refusal::NotFound);

    let others = [
        (staff_actor(&pool, "Fred", &[Role::FrontDesk]).await, Refusal::Forbidden),
        (staff_actor(&pool, "Pia", &[Role::Practitioner]).await, Refusal::Forbidden),
        (client_actor(&pool, "Cleo").await, Refusal::NotFound),
    ];
    for (actor, answer) in others {
        assert_eq!(refusal(outbox(&pool, &actor, None, None, 1).await), answer);
        assert_eq!(refusal(outbox_copy(&pool, &actor, id).await), answer);
    }
}

/// The words that no text of ours uses: the list of the script that checks the interface.
fn dialect() -> Vec<&'static str> {
    let script = include_str!("../../../scripts/check-words");
    let list = script.lines().find_map(|line| line.strip_prefix("words='")).expect("the script has its list");
    list.trim_end_matches('\'').split('|').collect()
}

/// Whether `text` has the words, and not only as a part of others.
fn has_words(text: &str, words: &str) -> bool {
    let text = text.to_lowercase();
    let edge = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
    text.match_indices(words)
        .any(|(at, _)| edge(text[..at].chars().next_back()) && edge(text[at + words.len()..].chars().next()))
}

/// What is wrong with a mail, whatever it tells.
fn faults(subject: &str, body: &str) -> Vec<String> {
    const LABELS: [&str; 6] = ["What:", "About it:", "When:", "With:", "Where:", "For:"];
    let text = format!("{subject}\n{body}");
    let mut faults: Vec<String> =
        dialect().into_iter().filter(|words| has_words(&text, words)).map(str::to_owned).collect();
    faults.extend(
        ["{", "}", "for :", "Hello ,", "Hi ,", "  "].into_iter().filter(|part| text.contains(part)).map(str::to_owned),
    );
    faults.extend(text.lines().filter(|line| LABELS.contains(&line.trim())).map(str::to_owned));
    for known in ["Maple & Birch Family Practice", "416 555 0142", "desk@maple-birch.test"] {
        if !body.contains(known) {
            faults.push(format!("no {known}"));
        }
    }
    faults
}

#[test]
fn faults_of_a_mail_are_found() {
    let foot = "Maple & Birch Family Practice 416 555 0142 desk@maple-birch.test";
    assert_eq!(faults("Hi", foot), Vec::<String>::new());
    assert_eq!(faults("Whoever you are", foot), ["whoever"]);
    assert_eq!(faults("{practice} for : ", &format!("{foot}\nFor: ")), ["{", "}", "for :", "For: "]);
    assert_eq!(faults("Hi", "").len(), 3);
}

#[testkit::test]
async fn every_built_in_mail_is_plain_complete_and_says_who_writes(pool: PgPool) {
    assert!(demo::seed(&pool, Utc::now()).await.unwrap());
    let desk = staff_actor(&pool, "Dana", &[Role::FrontDesk]).await;
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let upcoming = "select a.id from visit a join client c on c.id = a.client_id
                     where c.first_name = $1 and c.last_name = 'Okafor' and a.status = 'confirmed' and a.starts_at > now()
                     order by a.starts_at limit 1";
    let mut visits: Vec<Uuid> = Vec::new();
    // Her own, and one of which she gets a copy.
    for name in ["Ana", "Mia"] {
        visits.push(query_scalar(upcoming).bind(name).fetch_one(&pool).await.unwrap());
    }
    for visit in &visits {
        let version: i32 =
            query_scalar("select version from appointment where id = $1").bind(visit).fetch_one(&pool).await.unwrap();
        queue(&pool, "confirmation", *visit, version).await;
        while expand_next(&pool, BASE).await.unwrap() {}
        // As if another time had been told: of what is equal there is no mail.
        run(&pool, "update appointment_told set starts_at = now() where participant_id in (select id from appointment_participant where appointment_id = $1)", *visit).await;
        queue(&pool, "change", *visit, version).await;
        let reminder =
            "insert into message (id, kind, appointment_id, participant_id, subject_version, rule_id, about_starts_at)
                        select gen_random_uuid(), 'reminder', a.id, p.id, a.version, r.id, a.starts_at
                          from appointment a join appointment_participant p on p.appointment_id = a.id, reminder_rule r
                         where a.id = $1";
        run(&pool, reminder, *visit).await;
    }
    while expand_next(&pool, BASE).await.unwrap() {}
    for visit in &visits {
        db::appointments::cancel(&pool, &desk, shared::AppointmentId(*visit)).await.unwrap();
    }
    let uninvited = "select number from client c where status = 'active' and email is not null and kind = 'individual'
                        and not exists (select from account a where a.client_id = c.id) order by number limit 1";
    let uninvited: i64 = query_scalar(uninvited).fetch_one(&pool).await.unwrap();
    db::accounts::invite(&pool, &desk, shared::ClientNumber::new(uninvited)).await.unwrap();
    db::accounts::request_reset(&pool, "parent@demo.test").await.unwrap();
    let ana = "select id from client where first_name = 'Ana' and last_name = 'Okafor'";
    let ana = shared::ClientId(query_scalar(ana).fetch_one(&pool).await.unwrap());
    let ana = db::Actor::Client(db::actor::ClientActor::new(ana, "Ana Okafor"));
    let password = shared::accounts::Secret(demo::PASSWORD.into());
    let wish = shared::accounts::OwnAddressForm { email: "ana.okafor@example.com".into(), current: password };
    db::accounts::request_address(&pool, &ana, &wish).await.unwrap();
    let form = shared::accounts::RegistrationForm {
        first_name: "Zoë".into(),
        last_name: "Roy".into(),
        email: "zoe.roy@example.com".into(),
        next: String::new(),
    };
    db::accounts::register(&pool, &form).await.unwrap();
    let newcomer = "select id from staff_member s where not exists (select from account a where a.staff_id = s.id) and first_name = 'Tomás'";
    let newcomer: Uuid = query_scalar(newcomer).fetch_one(&pool).await.unwrap();
    db::practice::invite_member(&pool, &admin, shared::StaffId(newcomer)).await.unwrap();
    run(
        &pool,
        "insert into message (id, kind, client_id, old_address, subject_version)
         select $1, 'address_change', id, 'old@example.com', 1 from client where number = (select min(number) from client)",
        db::new_id(),
    )
    .await;
    // Of the link between Ana and Mia.
    let link = "from client_link_event e join client c on c.id in (e.client_low, e.client_high) and c.first_name = 'Mia'
                 where exists (select from client a where a.id in (e.client_low, e.client_high) and a.first_name = 'Ana') limit 1";
    let on = "update portal_permission set setting = 'on' where permission = 'invite_links'";
    sqlx::query(on).execute(&pool).await.unwrap();
    let may = shared::links::InvitationForm { email: "zoe.roy@example.com".into(), ..Default::default() };
    db::links::invite(&pool, &ana, &may).await.unwrap();
    let changed = format!(
        "insert into message (id, kind, subject_kind, subject_id) select $1, 'link_change', 'link_event', e.id {link}"
    );
    sqlx::query(sqlx::AssertSqlSafe(changed)).bind(db::new_id()).execute(&pool).await.unwrap();
    let ages = "insert into coming_of_age (client_id, on_day, announcements) select id, of_age_on(birth_date, 18), 1 from client
                 where first_name = 'Mia' and last_name = 'Okafor'";
    sqlx::query(ages).execute(&pool).await.unwrap();
    let comes = format!(
        "insert into message (id, kind, client_id, subject_kind, subject_id, subject_version)
         select $1, 'coming_of_age', c.id, 'link_event', e.id, 1 {link}"
    );
    sqlx::query(sqlx::AssertSqlSafe(comes)).bind(db::new_id()).execute(&pool).await.unwrap();
    while expand_next(&pool, BASE).await.unwrap() {}

    let mails: Vec<(String, String, String, Option<Uuid>)> = query_as(
        "select m.kind, y.subject, y.body, m.appointment_id from message_copy y join message m on m.id = y.message_id
          where y.channel = 'email'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    // Mail to staff about appointments goes by day alone, and offers need someone who waits: they
    // are looked at where they are made.
    let elsewhere = [
        "staff_booked",
        "staff_moved",
        "staff_cancelled",
        "day_ahead",
        "offer",
        "security_notice",
        "test",
        "letter",
        "answer",
        "form_request",
        "request_reminder",
        "document",
    ];
    for kind in shared::messages::MessageKind::ALL.iter().filter(|kind| !elsewhere.contains(&kind.as_str())) {
        let of_kind: Vec<_> = mails.iter().filter(|mail| mail.0 == kind.as_str()).collect();
        assert!(!of_kind.is_empty(), "no mail of the kind {}", kind.as_str());
        for (_, subject, body, visit) in of_kind {
            assert_eq!(faults(subject, body), Vec::<String>::new(), "{subject}\n\n{body}");
            let Some(visit) = visit else { continue };
            let (starts, ends, zone): (DateTime<Utc>, DateTime<Utc>, String) =
                query_as("select starts_at, ends_at, zone from appointment where id = $1")
                    .bind(visit)
                    .fetch_one(&pool)
                    .await
                    .unwrap();
            let zone = db::time::Zone::stored(&zone);
            let day = zone.long_date(starts);
            let when = format!("When: {day}, {} to {}\n{}\n", zone.clock(starts), zone.clock(ends), zone.note());
            assert!(body.contains(&when), "{when}{body}");
            assert!(subject.ends_with(&format!("{day}, {}", zone.clock(starts))), "{subject}");
        }
    }
}
