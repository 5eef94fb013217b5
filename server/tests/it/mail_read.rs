//! Mail as it leaves, kept for parsers of others: `scripts/read-mails` reads it with two that
//! know nothing of each other and compares with what is expected here.

use crate::mail::{Behavior, mail_server, mailer};
use crate::support::sealer;
use db::PgPool;
use server::{health::Health, jobs};
use sqlx::{query, query_scalar};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::watch;

/// Clients by their number: language, address, consent.
const READERS: [(&str, &str, bool); 6] = [
    ("en", "mia@kin.test", true),
    ("fr", "zoe@kin.test", true),
    ("fr-CA", "famille@kin.test", true),
    // The same mailbox: one mail tells of both.
    ("fr", "famille@kin.test", true),
    ("en", "no@kin.test", false),
    ("pt", "rui@kin.test", true),
];

#[testkit::test]
async fn mails_of_both_languages_are_written_for_other_parsers(pool: PgPool) {
    query("update practice set name = 'Clinique Érable «été»', phone = '416 555 0123'").execute(&pool).await.unwrap();
    query("insert into service (id, name, duration_minutes) values (gen_random_uuid(), 'Évaluation – première', 50)")
        .execute(&pool)
        .await
        .unwrap();
    query("insert into staff_member (id, first_name, last_name, email, roles) values (gen_random_uuid(), 'Zoë', 'Chênevert', 'sam@elm.test', '{practitioner}')").execute(&pool).await.unwrap();
    query("insert into location (id, name, address, zone) values (gen_random_uuid(), 'Main', E'12, rue de l’Église', 'America/Toronto')").execute(&pool).await.unwrap();
    for (number, (language, email, consent)) in READERS.iter().enumerate() {
        query(
            "insert into client (id, kind, code, first_name, last_name, zone, email, email_consent, language)
             values (gen_random_uuid(), 'individual', 'C' || $1, 'Anaïs' || $1, 'Ng', 'America/Toronto', $2, $3, $4)",
        )
        .bind(number as i32)
        .bind(email)
        .bind(consent)
        .bind(language)
        .execute(&pool)
        .await
        .unwrap();
    }
    // All on one day.
    query(
        "insert into visit (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone, buffer_minutes,
                            price_cents, request_key, booked_by)
         select x.id, s.id, p.id, l.id, c.id, t.at, t.at + interval '50 minutes', 'America/Toronto', 0, 0, x.id, c.id
           from client c cross join lateral (select gen_random_uuid() as id where c.id is not null) x
          cross join lateral (select date_trunc('day', now()) + interval '3 days 15 hours' + make_interval(hours => substr(c.code, 2)::int) as at) t
          cross join service s cross join staff_member p cross join location l",
    )
    .execute(&pool)
    .await
    .unwrap();
    query(
        "insert into message (id, kind, appointment_id, participant_id, subject_version)
         select gen_random_uuid(), 'confirmation', v.appointment_id, v.id, 1 from appointment_participant v",
    )
    .execute(&pool)
    .await
    .unwrap();
    let mut server = mail_server(Behavior { smtp_utf8: true, ..Behavior::default() }).await;
    let (stop, stopped) = watch::channel(false);
    let jobs = jobs::start(
        &pool,
        "https://k.test",
        mailer(&server, "Clinique <mail@elm.test>"),
        std::sync::Arc::new(sealer()),
        Health::default(),
        stopped,
    );
    let mut mails = BTreeMap::new();
    while mails.len() < 4 {
        let mail = tokio::time::timeout(Duration::from_secs(20), server.mails.recv()).await.unwrap().unwrap();
        let (envelope, text) = mail.split_once("\r\n").unwrap();
        let to = envelope.split(['<', '>']).nth(1).unwrap().to_owned();
        mails.insert(to, text.trim_end_matches(".\r\n").to_owned());
    }
    stop.send(true).unwrap();
    jobs.ended().await;
    assert!(server.mails.try_recv().is_err(), "one address gets one mail, and no one without consent");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("mails");
    fs::create_dir_all(&folder).unwrap();
    let mut expected = Vec::new();
    for (place, (address, mail)) in mails.iter().enumerate() {
        fs::write(folder.join(format!("{place}.eml")), mail.replace("\r\n..", "\r\n.")).unwrap();
        let (subject, body): (String, String) =
            sqlx::query_as("select subject, body from message_copy where address = $1::citext and joined_to is null")
                .bind(address)
                .fetch_one(&pool)
                .await
                .unwrap();
        let parts: i64 = query_scalar("select count(*) from message_copy where address = $1::citext")
            .bind(address)
            .fetch_one(&pool)
            .await
            .unwrap();
        // Links are removed from what is stored once the mail is sent.
        let lines: Vec<&str> =
            body.lines().filter(|line| !line.trim().is_empty() && !line.contains("(link removed")).collect();
        expected.push(serde_json::json!({
            "file": format!("{place}.eml"), "to": address, "subject": subject, "lines": lines, "calendars": parts,
        }));
    }
    let french = expected.iter().filter(|one| one["subject"].as_str().unwrap().starts_with("Rendez-vous")).count();
    assert_eq!((expected.len(), french), (4, 2));
    fs::write(folder.join("expected.json"), serde_json::to_string_pretty(&expected).unwrap()).unwrap();
}
