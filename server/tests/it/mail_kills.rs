//! Mail while workers are killed: nothing is lost, and nothing is told twice.

use crate::mail::{Behavior, mail_server, mailer};
use crate::support::sealer;
use db::PgPool;
use server::{health::Health, jobs};
use sqlx::postgres::PgPoolOptions;
use sqlx::{query, query_scalar};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use testkit::{Dice, rounds, seed};
use tokio::sync::watch;

/// One client and one confirmation for each number, in both languages.
async fn queue(pool: &PgPool, total: i32) {
    for sql in [
        "delete from reminder_rule",
        "insert into service (id, name, duration_minutes) values (gen_random_uuid(), 'Physio', 50)",
        "insert into staff_member (id, first_name, last_name, email, roles) values (gen_random_uuid(), 'Sam', 'Chen', 'sam@elm.test', '{practitioner}')",
        "insert into location (id, name, zone) values (gen_random_uuid(), 'Main', 'America/Toronto')",
    ] {
        query(sql).execute(pool).await.unwrap();
    }
    query(
        "insert into client (id, kind, code, first_name, last_name, zone, email, email_consent, language)
         select gen_random_uuid(), 'individual', 'C' || n, 'Person', n::text, 'America/Toronto', 'c' || n || '@kin.test', true,
                case n % 2 when 0 then 'en' else 'fr' end
           from generate_series(1, $1) n",
    )
    .bind(total)
    .execute(pool)
    .await
    .unwrap();
    query(
        "insert into visit (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone, buffer_minutes,
                            price_cents, request_key, booked_by)
         select x.id, s.id, p.id, l.id, c.id, now() + make_interval(hours => 48 + substr(c.code, 2)::int),
                now() + make_interval(hours => 48 + substr(c.code, 2)::int, mins => 50), 'America/Toronto', 0, 0, x.id, c.id
           from client c cross join lateral (select gen_random_uuid() as id where c.id is not null) x
          cross join service s cross join staff_member p cross join location l",
    )
    .execute(pool)
    .await
    .unwrap();
    query(
        "insert into message (id, kind, appointment_id, participant_id, subject_version)
         select gen_random_uuid(), 'confirmation', v.appointment_id, v.id, 1 from appointment_participant v",
    )
    .execute(pool)
    .await
    .unwrap();
}

/// 100 mails; 10,000 in `make soak`. Each worker has a runtime and connections of its own, and both
/// go in the middle of whatever it does.
#[testkit::test]
async fn no_mail_is_lost_or_told_twice_when_workers_are_killed(pool: PgPool) {
    let total = rounds(100, 10_000);
    queue(&pool, total as i32).await;
    let mut server = mail_server(Behavior::default()).await;
    let mailer = mailer(&server, "mail@elm.test");
    let mut dice = Dice::new(seed());
    let mut kills = 0;
    loop {
        let options = Arc::unwrap_or_clone(pool.connect_options());
        let (mailer, wait) = (mailer.clone(), Duration::from_millis(40 + dice.roll(400) as u64));
        let last = kills > 0 && dice.roll(3) == 0 || kills > 400;
        let worker = tokio::task::spawn_blocking(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let (_stop, stopped) = watch::channel(false);
            runtime.spawn(async move {
                let pool = PgPoolOptions::new().max_connections(6).connect_with(options).await.unwrap();
                let jobs = jobs::start(
                    &pool,
                    "https://k.test",
                    mailer,
                    std::sync::Arc::new(sealer()),
                    Health::default(),
                    stopped,
                );
                jobs.ended().await;
            });
            std::thread::sleep(if last { wait * 4 } else { wait });
            runtime.shutdown_background();
        });
        worker.await.unwrap();
        kills += 1;
        // What a killed worker had claimed is free when its claim ends: here right away.
        query("update message_copy set due_at = now(), claimed_until = null where state = 'queued'")
            .execute(&pool)
            .await
            .unwrap();
        let left: i64 = query_scalar(
            "select (select count(*) from message where state = 'queued') + (select count(*) from message_copy where state = 'queued')",
        )
        .fetch_one(&pool)
        .await
        .unwrap();
        if left == 0 {
            break;
        }
        assert!(kills < 4_000, "{left} are left");
    }
    // Which mails an address got, by their Message-ID: one that was sent and not yet noted is sent
    // again under the same.
    let mut came: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut sent = 0;
    while let Ok(mail) = server.mails.try_recv() {
        let of =
            |name: &str| mail.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned();
        came.entry(of("To: ")).or_default().insert(of("Message-ID: "));
        sent += 1;
    }
    assert_eq!(came.len(), total, "lost, after {kills} kills");
    assert!(came.values().all(|ids| ids.len() == 1), "told twice");
    assert!(sent <= total + kills * 4, "{sent} mails, {kills} kills");
    let copies: i64 =
        query_scalar("select count(*) from message_copy where state = 'sent'").fetch_one(&pool).await.unwrap();
    assert_eq!(copies, total as i64);
}
