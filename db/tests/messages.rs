//! Mail: who gets it, decided when it is sent; and that it is sent once.

mod support;

use chrono::{DateTime, Utc};
use db::PgPool;
use db::messages::{Outgoing, claim_copy, expand_next, failed, kept, outbox, outbox_copy, sent};
use shared::accounts::Role;
use shared::messages::CopyState;
use shared::{MessageCopyId, Refusal};
use sqlx::{AssertSqlSafe, query, query_as, query_scalar};
use support::{client_actor, refusal, staff_actor};
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
        "insert into appointment (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone,
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
    query("insert into message (id, kind, appointment_id, subject_version) values ($1, $2, $3, $4)")
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

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn a_child_without_an_address_is_told_through_those_with_copies(pool: PgPool) {
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
    assert_eq!(sent[0].subject, "Appointment confirmed for Mia: Monday 11 March 2030, 9:30 am EDT");
    for (copy, other) in [(&sent[0], "Ben"), (&sent[1], "Ana")] {
        assert!(copy.body.contains("For: Mia\n") && copy.body.contains("Where: Main clinic"), "{}", copy.body);
        assert!(!copy.body.to_lowercase().contains(&other.to_lowercase()), "one parent sees the other: {}", copy.body);
    }
    let about: Vec<Uuid> = query_scalar("select about_id from message_copy").fetch_all(&pool).await.unwrap();
    assert_eq!(about, [mia, mia]);
}

#[sqlx::test(migrator = "db::MIGRATOR")]
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

#[sqlx::test(migrator = "db::MIGRATOR")]
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

#[sqlx::test(migrator = "db::MIGRATOR")]
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

#[sqlx::test(migrator = "db::MIGRATOR")]
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

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn what_is_no_longer_so_is_not_told(pool: PgPool) {
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

#[sqlx::test(migrator = "db::MIGRATOR")]
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

    // Waiting: administrators do not see the link. Sent: nobody does.
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    assert!(!outbox_copy(&pool, &admin, due[0].id).await.unwrap().body.contains("s3cret"));
    sent(&pool, &due[0]).await.unwrap();
    let (state, body, _) = stored(&pool, due[0].id).await;
    assert_eq!(state, "sent");
    assert!(body.contains("\n(link removed after sending)\n") && !body.contains("s3cret"), "{body}");
}

#[sqlx::test(migrator = "db::MIGRATOR")]
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

#[sqlx::test(migrator = "db::MIGRATOR")]
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

#[sqlx::test(migrator = "db::MIGRATOR")]
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

#[sqlx::test(migrator = "db::MIGRATOR")]
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

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn one_thing_is_queued_once(pool: PgPool) {
    let booked = appointment(&pool, client(&pool, "Mia", None).await).await;
    queue(&pool, "confirmation", booked, 1).await;
    let again =
        query("insert into message (id, kind, appointment_id, subject_version) values ($1, 'confirmation', $2, 1)")
            .bind(db::new_id())
            .bind(booked)
            .execute(&pool)
            .await;
    assert_eq!(again.unwrap_err().as_database_error().unwrap().constraint(), Some("message_once"));
}

#[sqlx::test(migrator = "db::MIGRATOR")]
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

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn a_server_that_stops_while_sending_loses_nothing(pool: PgPool) {
    let mia = client(&pool, "Mia", Some("mia@example.com")).await;
    queue(&pool, "confirmation", appointment(&pool, mia).await, 1).await;
    let copy = all_due(&pool).await.remove(0);
    assert!(all_due(&pool).await.is_empty());
    query("update message_copy set due_at = due_at - interval '2 minutes'").execute(&pool).await.unwrap();
    assert_eq!(all_due(&pool).await.remove(0).id, copy.id);
}

#[sqlx::test(migrator = "db::MIGRATOR")]
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
#[sqlx::test(migrator = "db::MIGRATOR")]
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

#[sqlx::test(migrator = "db::MIGRATOR")]
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

#[sqlx::test(migrator = "db::MIGRATOR")]
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
