//! Many reminders due together: each is sent once, by two servers and over the death of one.

use crate::mail::{Behavior, Server, mail_server, mailer};
use crate::support::sealer;
use db::PgPool;
use server::{health::Health, jobs};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;
use std::time::{Duration, Instant};
use testkit::{database_url, rounds};
use tokio::process::{Child, Command};
use tokio::sync::watch;

/// That many people with an appointment each, whose reminders are due now.
async fn all_due(pool: &PgPool, count: usize) {
    let people = i32::try_from(count).unwrap();
    sqlx::raw_sql(
        "insert into location (id, name, zone) values ('00000000-0000-7000-8000-000000000001', 'Main', 'America/Toronto');
         insert into service (id, name, duration_minutes) values ('00000000-0000-7000-8000-000000000002', 'Talk', 5);
         insert into staff_member (id, first_name, last_name, email, roles)
             select ('00000000-0000-7000-8000-0000000010' || lpad(n::text, 2, '0'))::uuid, 'P', n::text, n || '@elm.test', '{practitioner}'
               from generate_series(0, 9) n",
    )
    .execute(pool)
    .await
    .unwrap();
    sqlx::query(
        "insert into client (id, kind, code, first_name, last_name, zone, email, email_consent)
         select ('00000000-0000-7000-8000-0001' || lpad(n::text, 8, '0'))::uuid, 'individual', 'C' || n, 'Mia', n::text, 'UTC',
                'c' || n || '@example.com', true
           from generate_series(1, $1) n",
    )
    .bind(people)
    .execute(pool)
    .await
    .unwrap();
    sqlx::query(
        "insert into visit (service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone, buffer_minutes, price_cents,
                            request_key, booked_by)
         select '00000000-0000-7000-8000-000000000002', ('00000000-0000-7000-8000-0000000010' || lpad((n % 10)::text, 2, '0'))::uuid,
                '00000000-0000-7000-8000-000000000001', ('00000000-0000-7000-8000-0001' || lpad(n::text, 8, '0'))::uuid,
                t.at, t.at + interval '5 minutes', 'America/Toronto', 0, 0, gen_random_uuid(), '00000000-0000-7000-8000-000000001000'
           from generate_series(1, $1) n
          cross join lateral (select date_trunc('hour', now()) + interval '3 days' + (n / 10) * interval '5 minutes' as at) t",
    )
    .bind(people)
    .execute(pool)
    .await
    .unwrap();
    db::messages::reminders::enqueue(pool).await.unwrap();
    let due = sqlx::query("update message set due_at = now() where state = 'queued'").execute(pool).await.unwrap();
    assert_eq!(due.rows_affected(), count as u64);
}

async fn left(pool: &PgPool) -> i64 {
    let sql = "select (select count(*) from message where state = 'queued')
                    + (select count(*) from message_copy where state <> 'sent')";
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

async fn sent_so_far(pool: &PgPool) -> i64 {
    sqlx::query_scalar("select count(*) from message_copy where state = 'sent'").fetch_one(pool).await.unwrap()
}

async fn until_all_is_sent(pool: &PgPool, count: usize) {
    let asked = Instant::now();
    while left(pool).await > 0 {
        assert!(asked.elapsed() < Duration::from_secs(60 + count as u64 / 10), "{} are left", left(pool).await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// What has arrived: for each address the ids of its mails, as often as they came.
fn arrived(server: &mut Server) -> BTreeMap<String, Vec<String>> {
    let mut arrived: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while let Ok(mail) = server.mails.try_recv() {
        let line = |start: &str| {
            let found =
                mail.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start} in {mail}"));
            found.to_owned()
        };
        arrived.entry(line("RCPT")).or_default().push(line("Message-ID"));
    }
    arrived
}

#[testkit::test]
async fn reminders_that_are_due_at_once_are_each_sent_once_by_two_servers(pool: PgPool) {
    let count = rounds(100, 10_000);
    all_due(&pool, count).await;
    let mut server = mail_server(Behavior::default()).await;
    let (stop, stopped) = watch::channel(false);
    let jobs: Vec<_> = (0..2)
        .map(|_| {
            let mailer = mailer(&server, "mail@elm.test");
            jobs::start(
                &pool,
                "https://k.test",
                mailer,
                std::sync::Arc::new(sealer()),
                Health::default(),
                stopped.clone(),
            )
        })
        .collect();
    until_all_is_sent(&pool, count).await;
    stop.send(true).unwrap();
    for jobs in jobs {
        jobs.ended().await;
    }
    let arrived = arrived(&mut server);
    assert_eq!(arrived.len(), count, "some got none");
    assert!(arrived.values().all(|ids| ids.len() == 1), "some got two");
}

fn start(database: &str, smtp: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_kindred"))
        .args(["serve", "--listen", "127.0.0.1:0", "--site-root", "none"])
        .env("DATABASE_URL", database)
        .env("KINDRED_SMTP_URL", smtp)
        .env("KINDRED_MAIL_FROM", "mail@elm.test")
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// A mail that had left when the server died before it could note so is sent again under the
/// same id, which mail programs show once: at most those that were on their way.
#[testkit::test]
async fn a_killed_server_doubles_and_loses_no_reminder(pool: PgPool) {
    let count = rounds(100, 2_000);
    all_due(&pool, count).await;
    let mut server = mail_server(Behavior::default()).await;
    let kills = rounds(1, 20);
    for kill in 1..=kills {
        let mut process = start(&database_url(&pool), &server.url);
        let asked = Instant::now();
        let sent = i64::try_from(count * kill / (kills + 1)).unwrap();
        while sent_so_far(&pool).await < sent {
            assert!(asked.elapsed() < Duration::from_secs(60), "nothing is sent");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // SIGKILL.
        process.kill().await.unwrap();
        // A copy that the dead server had claimed is tried again two minutes later: let them pass.
        sqlx::query("update message_copy set due_at = now(), claimed_until = null where state = 'queued'")
            .execute(&pool)
            .await
            .unwrap();
    }
    let process = start(&database_url(&pool), &server.url);
    until_all_is_sent(&pool, count).await;
    drop(process);
    let arrived = arrived(&mut server);
    assert_eq!(arrived.len(), count, "some got none");
    let distinct = |ids: &Vec<String>| ids.iter().collect::<BTreeSet<_>>().len();
    assert!(arrived.values().all(|ids| distinct(ids) == 1), "some got two");
    let again: usize = arrived.values().map(|ids| ids.len() - 1).sum();
    assert!(again <= 4 * kills, "{again} were sent again");
}
