//! The server is killed while it books. What it said was booked is booked,
//! nothing is there by halves, and no mail is lost.

use axum::body::Body;
use axum::http::StatusCode;
use db::PgPool;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use testkit::{Demo, Wish, apart, database_url, free_times, others, rounds};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;

type Http = Client<HttpConnector, Body>;
type Session = testkit::Session<Http>;

/// Who books at the same time.
const TASKS: usize = 8;

/// A server process, and how to reach it.
struct Server {
    process: Child,
    base: String,
}

impl Server {
    /// Starts the server and waits until it answers.
    async fn start(database: &str, port: u16) -> Server {
        let process = Command::new(env!("CARGO_BIN_EXE_kindred"))
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--site-root", "none"])
            .env("DATABASE_URL", database)
            .env("KINDRED_LOGIN_BURST", "0")
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let server = Server { process, base: format!("http://127.0.0.1:{port}") };
        let (http, asked) = (client(), Instant::now());
        let ready = format!("{}/readyz", server.base);
        while !http.get(ready.parse().unwrap()).await.is_ok_and(|answer| answer.status() == StatusCode::OK) {
            assert!(asked.elapsed() < Duration::from_secs(60), "the server does not start");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        server
    }

    /// As a service manager stops it.
    async fn stop(mut self) {
        let id = self.process.id().expect("it runs");
        let stopped = Command::new("kill").args(["-TERM", &id.to_string()]).status().await.unwrap();
        assert!(stopped.success());
        assert!(self.process.wait().await.unwrap().success());
    }
}

fn client() -> Http {
    Client::builder(TokioExecutor::new()).build_http()
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Bookings that can all be had: of the front desk for many people, and every
/// sixth of a parent for her child.
async fn wishes(pool: &PgPool, count: usize) -> Vec<Wish> {
    let demo = Demo::load(pool).await;
    let wish = |staff, service, practitioner, client, starts_at| Wish {
        staff,
        service,
        practitioner,
        client,
        starts_at,
        key: db::new_id(),
    };
    let mut wishes = Vec::new();
    let family = free_times(pool, demo.family_session, demo.tomas).await;
    for time in apart(&family, 90).into_iter().take(count / 6) {
        wishes.push(wish(false, demo.family_session, demo.tomas, demo.mia, time));
    }
    let people = others(pool).await;
    let (one, other) = people.split_at(people.len() / 2);
    let rest = count - wishes.len();
    for (practitioner, people, count) in [(demo.priya, one, rest / 2), (demo.grace, other, rest - rest / 2)] {
        let times = apart(&free_times(pool, demo.check_in, practitioner).await, 20);
        let booked = times.into_iter().take(count).zip(people.iter().cycle());
        wishes.extend(booked.map(|(time, person)| wish(true, demo.check_in, practitioner, *person, time)));
    }
    assert_eq!(wishes.len(), count, "not enough free times");
    wishes
}

/// Asks for all of them, several at the same time; answers the keys of those that the
/// server said were booked. Stops when it is gone.
async fn book(desk: &Session, parent: &Session, wishes: &[Wish], booked: &Arc<AtomicUsize>) -> Vec<String> {
    let mut tasks = JoinSet::new();
    for which in 0..TASKS {
        let mine: Vec<Wish> = wishes.iter().skip(which).step_by(TASKS).copied().collect();
        let (desk, parent, booked) = (desk.clone(), parent.clone(), booked.clone());
        tasks.spawn(async move {
            let mut keys = Vec::new();
            for wish in mine {
                let session = if wish.staff { &desk } else { &parent };
                let Ok(answer) = session.try_post(wish.action(), &wish.fields()).await else { break };
                assert_eq!(answer.status, StatusCode::SEE_OTHER, "{wish:?}");
                booked.fetch_add(1, Ordering::Relaxed);
                keys.push(place(&wish));
            }
            keys
        });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}

async fn count(pool: &PgPool, sql: &'static str, keys: &[String]) -> usize {
    sqlx::query_scalar::<_, i64>(sql).bind(keys).fetch_one(pool).await.unwrap() as usize
}

/// Names a booking: the practitioner, and the second at which it begins.
fn place(wish: &Wish) -> String {
    format!("{}@{}", wish.practitioner, wish.starts_at.timestamp())
}

const APPOINTMENTS: &str = "
    select count(*) from appointment a
     where a.practitioner_id::text || '@' || extract(epoch from a.starts_at)::bigint = any($1)
       and status = 'confirmed'";

/// Appointments that lack something of what belongs to them.
const HALVES: &str = "
    select count(*) from visit a
     where a.practitioner_id::text || '@' || extract(epoch from a.starts_at)::bigint = any($1)
       and not (exists (select from audit where record_id = a.id and action = 'book')
            and exists (select from message m where m.participant_id = a.participant_id and m.kind = 'confirmation')
            and exists (select from client_practitioner p
                         where p.client_id = a.client_id and p.practitioner_id = a.practitioner_id))";

/// Messages that are not done, their unfinished copies, and messages whose
/// person may be written to but was not. Reminders are due later,
/// and at night notices to staff.
const UNTOLD: &str = "
    select (select count(*) from message where state <> 'done' and kind <> 'reminder' and kind not like 'staff%')
         + (select count(*) from message_copy where state not in ('kept', 'joined'))
         + (select count(*) from message m
              join visit a on a.participant_id = m.participant_id join client c on c.id = a.client_id
             where a.practitioner_id::text || '@' || extract(epoch from a.starts_at)::bigint = any($1) and m.kind <> 'reminder'
               and c.email is not null and c.email_consent
               and not exists (select from message_copy y where y.message_id = m.id and y.client_id = c.id))";

#[testkit::test]
async fn what_is_acknowledged_survives_a_kill(pool: PgPool) {
    let total = rounds(200, 1_200);
    let (database, port) = (database_url(&pool), free_port());
    let wishes = wishes(&pool, total).await;
    let keys: Vec<String> = wishes.iter().map(place).collect();
    let mut server = Server::start(&database, port).await;
    let http = client();
    let desk = Session::log_in(&http, &server.base, "staff@demo.test").await;
    let parent = Session::log_in(&http, &server.base, "parent@demo.test").await;

    let booked = Arc::new(AtomicUsize::new(0));
    let killing = async {
        while booked.load(Ordering::Relaxed) < total / 2 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        // SIGKILL.
        server.process.kill().await.unwrap();
    };
    let (acknowledged, ()) = tokio::join!(book(&desk, &parent, &wishes, &booked), killing);
    assert!(acknowledged.len() < total, "it was killed too late");

    let server = Server::start(&database, port).await;
    assert_eq!(count(&pool, APPOINTMENTS, &acknowledged).await, acknowledged.len(), "a booking was lost");
    assert_eq!(count(&pool, HALVES, &keys).await, 0, "a booking is there by halves");

    // Everyone sends again what they sent: first results and new bookings, each once.
    let again = book(&desk, &parent, &wishes, &booked).await;
    assert_eq!((again.len(), count(&pool, APPOINTMENTS, &keys).await), (total, total));
    assert_eq!(count(&pool, HALVES, &keys).await, 0, "a booking is there by halves");

    // A copy that the dead server had claimed is tried again two minutes later: let them pass.
    sqlx::query("update message_copy set due_at = now() where state = 'queued'").execute(&pool).await.unwrap();
    let asked = Instant::now();
    while count(&pool, UNTOLD, &keys).await > 0 {
        assert!(asked.elapsed() < Duration::from_secs(60), "mail was lost");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let mut conn = pool.acquire().await.unwrap();
    assert!(db::audit::verify(&mut conn).await.unwrap());
    server.stop().await;
}
