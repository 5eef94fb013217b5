//! Many people after the same times: one gets it, the others are told, and
//! no one is in two places.

use crate::support::site;
use axum::Router;
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use db::PgPool;
use shared::{ClientId, StaffId};
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use testkit::{Demo, Session, Wish, apart, free_times, give_login, number, on_threads, others};
use tokio::sync::Notify;
use tokio::task::JoinSet;

const TIMES: usize = 12;
const ATTEMPTS_EACH: usize = 38;

/// A person who tries: how they are logged in, and the client they book.
#[derive(Clone)]
struct Racer {
    session: Session<Router>,
    staff: bool,
    client: ClientId,
}

impl Racer {
    async fn new(site: &Router, username: &str, client: ClientId) -> Racer {
        let staff = matches!(username, "staff@demo.test" | "admin@demo.test" | "practitioner@demo.test");
        Racer { session: Session::log_in(site, "", username).await, staff, client }
    }

    async fn try_for(&self, demo: &Demo, practitioner: StaffId, starts_at: DateTime<Utc>) -> StatusCode {
        let (service, client, staff) = (demo.family_session, self.client, self.staff);
        let wish = Wish { staff, service, practitioner, client, starts_at, key: db::new_id() };
        self.session.post(wish.action(), &wish.fields()).await.status
    }
}

/// Sixteen who race: parents for the same child, the front desk for anyone,
/// people for themselves.
async fn racers(pool: &PgPool, site: &Router, demo: &Demo) -> Vec<Racer> {
    let others = others(pool).await;
    let mut racers = vec![
        Racer::new(site, "parent@demo.test", demo.leo).await,
        Racer::new(site, "partner@demo.test", demo.leo).await,
        Racer::new(site, "parent@demo.test", demo.mia).await,
        Racer::new(site, "parent@demo.test", demo.ana).await,
        Racer::new(site, "partner@demo.test", demo.daniel).await,
        Racer::new(site, "unlinked@demo.test", demo.sam).await,
        Racer::new(site, "practitioner@demo.test", demo.mia).await,
        Racer::new(site, "staff@demo.test", demo.leo).await,
        Racer::new(site, "staff@demo.test", others[0]).await,
        Racer::new(site, "admin@demo.test", others[1]).await,
    ];
    for (n, client) in others.into_iter().skip(1).take(6).enumerate() {
        let username = format!("racer{n}@demo.test");
        give_login(pool, client, &username).await;
        racers.push(Racer::new(site, &username, client).await);
    }
    racers
}

/// Pairs of confirmed appointments at the same time: of a practitioner, of a person.
async fn overlaps(pool: &PgPool) -> (i64, i64) {
    // The demo has a time that staff overbooked knowingly.
    let sql = "select count(*) filter (where a.practitioner_id = b.practitioner_id and not exists (
                          select from appointment known where known.id in (a.id, b.id) and known.practitioner_overbooked)),
                      count(*) filter (where a.client_id = b.client_id)
                 from visit a join visit b on a.id < b.id
                  and (a.practitioner_id = b.practitioner_id or a.client_id = b.client_id)
                  and a.starts_at < b.ends_at and b.starts_at < a.ends_at
                where a.status = 'confirmed' and b.status = 'confirmed'";
    sqlx::query_as(sql).fetch_one(pool).await.unwrap()
}

async fn booked_between(pool: &PgPool, from: DateTime<Utc>, minutes: i64) -> i64 {
    let sql = "select count(*) from appointment where status = 'confirmed' and starts_at between $1 and $2";
    sqlx::query_scalar(sql).bind(from).bind(from + TimeDelta::minutes(minutes)).fetch_one(pool).await.unwrap()
}

fn lost(status: StatusCode) -> bool {
    matches!(status, StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY)
}

#[testkit::test]
async fn a_time_has_one_winner(pool: PgPool) {
    on_threads(&pool, |pool| async move {
        let demo = Demo::load(&pool).await;
        let site = site(pool.clone());
        let offered = free_times(&pool, demo.family_session, demo.priya).await;
        // Some want it a quarter of an hour later, which also overlaps.
        let later = |time: DateTime<Utc>| time + TimeDelta::minutes(15);
        let both: Vec<_> = offered.iter().copied().filter(|time| offered.contains(&later(*time))).collect();
        let times: Arc<[_]> = apart(&both, 80 + 10 + 15).into_iter().take(TIMES).collect();
        assert_eq!(times.len(), TIMES);
        let racers = racers(&pool, &site, &demo).await;
        assert_eq!(racers.len(), 16);

        let mut tasks = JoinSet::new();
        for (which, racer) in racers.into_iter().enumerate() {
            let times = times.clone();
            tasks.spawn(async move {
                let mut answers = Vec::new();
                for n in 0..ATTEMPTS_EACH {
                    // All go for the first time, then all for the second …
                    let aim = n * TIMES / ATTEMPTS_EACH;
                    let starts_at = if (n + which) % 3 == 0 { later(times[aim]) } else { times[aim] };
                    answers.push((aim, racer.try_for(&demo, demo.priya, starts_at).await));
                }
                answers
            });
        }
        let answers: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
        assert_eq!(answers.len(), 16 * ATTEMPTS_EACH);
        let odd: Vec<_> = answers.iter().filter(|(_, s)| *s != StatusCode::SEE_OTHER && !lost(*s)).collect();
        assert!(odd.is_empty(), "neither booked nor told why: {odd:?}");
        for (aim, time) in times.iter().enumerate() {
            let won = answers.iter().filter(|answer| **answer == (aim, StatusCode::SEE_OTHER)).count();
            assert_eq!((won, booked_between(&pool, *time, 15).await), (1, 1), "{time}");
        }
        assert_eq!(overlaps(&pool).await, (0, 0));
        let mut conn = pool.acquire().await.unwrap();
        assert!(db::audit::verify(&mut conn).await.unwrap());
    })
    .await;
}

#[testkit::test]
async fn no_client_is_in_two_places(pool: PgPool) {
    on_threads(&pool, |pool| async move {
        let demo = Demo::load(&pool).await;
        let site = site(pool.clone());
        let mut racers = Vec::new();
        for username in ["parent@demo.test", "partner@demo.test", "staff@demo.test", "admin@demo.test"] {
            racers.push(Racer::new(&site, username, demo.leo).await);
        }
        let mut times = HashSet::new();
        for practitioner in [demo.priya, demo.tomas, demo.grace] {
            let free: HashSet<_> = free_times(&pool, demo.family_session, practitioner).await.into_iter().collect();
            times = if times.is_empty() { free } else { &times & &free };
        }
        let mut times = Vec::from_iter(times);
        times.sort();
        for time in apart(&times, 90).into_iter().take(8) {
            let mut tasks = JoinSet::new();
            for racer in &racers {
                for practitioner in [demo.priya, demo.tomas, demo.grace] {
                    let racer = racer.clone();
                    tasks.spawn(async move { racer.try_for(&demo, practitioner, time).await });
                }
            }
            let answers = tasks.join_all().await;
            let won = answers.iter().filter(|status| **status == StatusCode::SEE_OTHER).count();
            assert_eq!(won, 1, "{time}: {answers:?}");
            assert_eq!(answers.iter().filter(|status| lost(**status)).count(), 11, "{time}: {answers:?}");
        }
        assert_eq!(overlaps(&pool).await, (0, 0));
    })
    .await;
}

#[testkit::test]
async fn a_double_submit_books_once(pool: PgPool) {
    on_threads(&pool, |pool| async move {
        let demo = Demo::load(&pool).await;
        let site = site(pool.clone());
        let parent = Session::log_in(&site, "", "parent@demo.test").await;
        let desk = Session::log_in(&site, "", "staff@demo.test").await;
        let times = free_times(&pool, demo.family_session, demo.priya).await;
        for (n, starts_at) in apart(&times, 90).into_iter().take(10).enumerate() {
            let staff = n % 2 == 1;
            let session = if staff { &desk } else { &parent };
            let service = if staff { demo.check_in } else { demo.family_session };
            let (practitioner, client) = (demo.priya, demo.mia);
            let wish = Wish { staff, service, practitioner, client, starts_at, key: db::new_id() };
            let fields = wish.fields();
            let posts = (session.post(wish.action(), &fields), session.post(wish.action(), &fields));
            let (one, other) = tokio::join!(posts.0, posts.1);
            assert_eq!((one.status, other.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
            assert_eq!(one.location(), other.location());
            let rows = sqlx::query_scalar::<_, i64>("select count(*) from appointment where starts_at = $1");
            assert_eq!(rows.bind(wish.starts_at).fetch_one(&pool).await.unwrap(), 1);
        }
    })
    .await;
}

#[testkit::test]
async fn a_removed_link_books_nothing_more(pool: PgPool) {
    on_threads(&pool, |pool| async move {
        let demo = Demo::load(&pool).await;
        let site = site(pool.clone());
        let parent = Session::log_in(&site, "", "parent@demo.test").await;
        let desk = Session::log_in(&site, "", "staff@demo.test").await;
        let times = apart(&free_times(&pool, demo.family_session, demo.priya).await, 90);
        let (booked, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let removed = Arc::new(OnceLock::new());

        let mut tasks = JoinSet::new();
        for which in 0..8 {
            let (times, parent) = (times.clone(), parent.clone());
            let (booked, enough, removed) = (booked.clone(), enough.clone(), removed.clone());
            tasks.spawn(async move {
                let racer = Racer { session: parent, staff: false, client: demo.mia };
                let (mut answers, mut late) = (Vec::new(), 0);
                for time in times.iter().cycle().skip(which * 5).take(500) {
                    let after = removed.get().is_some();
                    let status = racer.try_for(&demo, demo.priya, *time).await;
                    if status == StatusCode::SEE_OTHER && booked.fetch_add(1, Ordering::Relaxed) == 10 {
                        enough.notify_one();
                    }
                    answers.push((after, status));
                    late += usize::from(after);
                    if late == 5 {
                        break;
                    }
                }
                answers
            });
        }
        enough.notified().await;
        let (mia, ana) = (number(&pool, demo.mia).await, number(&pool, demo.ana).await);
        let fields = [("number", mia.to_string()), ("other", ana.to_string()), ("_page", format!("/clients/{mia}"))];
        let removal = desk.post("/fn/links/remove", &fields).await;
        assert_eq!(removal.status, StatusCode::SEE_OTHER, "the link was not removed");
        removed.set(()).unwrap();

        let answers: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
        let before = |status| status == StatusCode::NOT_FOUND || status == StatusCode::SEE_OTHER || lost(status);
        assert!(answers.iter().all(|(_, status)| before(*status)), "{answers:?}");
        let late: Vec<_> = answers.iter().filter(|(after, _)| *after).collect();
        assert!(!late.is_empty(), "the removal came too late to be tested");
        assert!(late.iter().all(|(_, status)| *status == StatusCode::NOT_FOUND), "{late:?}");

        // What was booked before stays, as Mia's own.
        let count = "select count(*), count(proxy_id) from visit
                      where client_id = $1 and booked_by = $2 and booked_at > now() - interval '1 hour'";
        let (kept, managed): (i64, i64) =
            sqlx::query_as(count).bind(demo.mia.0).bind(demo.ana.0).fetch_one(&pool).await.unwrap();
        let won = answers.iter().filter(|(_, status)| *status == StatusCode::SEE_OTHER).count();
        assert_eq!((kept, managed), (won as i64, 0));
        let mine = parent.get("/my/appointments").await;
        assert_eq!(mine.status, StatusCode::OK);
        assert!(mine.body.contains("Leo Okafor") && !mine.body.contains("Mia Okafor"), "she still sees Mia's");
    })
    .await;
}
