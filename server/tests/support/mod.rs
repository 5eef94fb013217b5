//! What tests of the whole site share: the site without a socket, somebody
//! who uses it, and the people of the demo practice.

use app::context::Settings;
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{ACCEPT, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request, Response, StatusCode};
use chrono::{DateTime, Days, TimeDelta, Utc};
use db::PgPool;
use db::slots::FreeQuery;
use http_body_util::BodyExt;
use leptos::prelude::LeptosOptions;
use server::AppState;
use shared::appointments::instant_text;
use shared::{ClientId, ClientNumber, ServiceId, StaffId};
use sqlx::ConnectOptions;
use std::fmt::Debug;
use tower::{Service, ServiceExt};
use uuid::Uuid;

/// Everything that the server answers, without a socket, built files or a
/// limit on log-ins.
pub fn site(pool: PgPool) -> Router {
    let settings = Settings { base_url: "http://kindred.test".to_owned(), demo: false, smtp: false, login_burst: 0 };
    let leptos = LeptosOptions::builder().output_name("kindred").site_root("none").hash_files(false).build();
    server::router(AppState::new(pool, settings, leptos))
}

/// Runs a test on several threads, with the connections and time limits that
/// the server has; `#[sqlx::test]` itself has one thread and five connections.
pub async fn on_threads<F: Future<Output = ()>>(pool: &PgPool, test: impl FnOnce(PgPool) -> F + Send + 'static) {
    let url = database_url(pool);
    let done = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
        runtime.block_on(async {
            let pool = db::connect(&url, 24).await.unwrap();
            test(pool.clone()).await;
            // The database is dropped afterwards, which it is not while in use.
            pool.close().await;
        });
    });
    if let Err(failed) = done.await {
        std::panic::resume_unwind(failed.into_panic());
    }
}

/// The address of the database that the test was given.
pub fn database_url(pool: &PgPool) -> String {
    pool.connect_options().to_url_lossy().to_string()
}

/// A browser without JavaScript: keeps its cookie and follows nothing.
#[derive(Clone)]
pub struct Session<S> {
    site: S,
    /// Stands before each path: empty without a socket.
    base: String,
    /// `name=value`, or empty: nobody is logged in.
    pub cookie: String,
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// Where a redirect leads; empty if it is none.
    pub fn location(&self) -> &str {
        self.headers.get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default()
    }
}

impl<S, B> Session<S>
where
    S: Service<Request<Body>, Response = Response<B>> + Clone,
    S::Error: Debug,
    B: HttpBody<Data = Bytes>,
    B::Error: Debug,
{
    /// Nobody is logged in. `site` is a router, or a client of HTTP with the
    /// `base` of all addresses.
    pub fn new(site: &S, base: &str) -> Self {
        Session { site: site.clone(), base: base.to_owned(), cookie: String::new() }
    }

    /// Somebody with the demo's password.
    pub async fn log_in(site: &S, base: &str, username: &str) -> Self {
        let mut session = Self::new(site, base);
        let fields = [("form[username]", username), ("form[password]", db::demo::PASSWORD)];
        let answer = session.post("/fn/accounts/login", &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{username} cannot log in: {}", answer.body);
        let cookie = answer.headers.get(SET_COOKIE).expect("a cookie").to_str().unwrap();
        session.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        session
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.try_get(path).await.unwrap()
    }

    /// As [`Session::get`]; `Err` when the connection was closed without an answer.
    pub async fn try_get(&self, path: &str) -> Result<Answer, String> {
        self.send(Method::GET, path, String::new()).await
    }

    /// Posts a form as a page of the site would.
    pub async fn post<K: AsRef<str>, V: AsRef<str>>(&self, path: &str, fields: &[(K, V)]) -> Answer {
        self.try_post(path, fields).await.unwrap()
    }

    /// As [`Session::post`]; `Err` when the site went away before it answered.
    pub async fn try_post<K: AsRef<str>, V: AsRef<str>>(
        &self,
        path: &str,
        fields: &[(K, V)],
    ) -> Result<Answer, String> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(Method::POST, path, body).await
    }

    async fn send(&self, method: Method, path: &str, body: String) -> Result<Answer, String> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(ACCEPT, "text/html")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(COOKIE, &self.cookie)
            .header("sec-fetch-site", "same-origin");
        let request = request.body(Body::from(body)).unwrap();
        let response = self.site.clone().oneshot(request).await.map_err(|error| format!("{error:?}"))?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| format!("{error:?}"))?.to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }
}

/// What somebody asks to book.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    /// By the front desk's form, or the portal's.
    pub staff: bool,
    pub service: ServiceId,
    pub practitioner: StaffId,
    pub client: ClientId,
    pub starts_at: DateTime<Utc>,
    pub key: Uuid,
}

impl Wish {
    pub fn action(&self) -> &'static str {
        if self.staff { "/fn/appointments/book" } else { "/fn/portal/book" }
    }

    /// What the form sends.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let starts_at = instant_text(self.starts_at);
        let mut fields = vec![
            ("form[service]", self.service.to_string()),
            ("form[client]", self.client.to_string()),
            ("form[request_key]", self.key.to_string()),
        ];
        if self.staff {
            fields.push(("_page", "/calendar".to_owned()));
            fields.push(("form[slot]", format!("{starts_at} {}", self.practitioner)));
        } else {
            fields.push(("_page", "/book".to_owned()));
            fields.push(("form[starts_at]", starts_at));
            fields.push(("form[practitioner]", self.practitioner.to_string()));
        }
        fields
    }
}

/// The demo practice, with the ids of those whom tests name.
#[derive(Debug, Clone, Copy)]
pub struct Demo {
    pub priya: StaffId,
    pub tomas: StaffId,
    pub grace: StaffId,
    /// 80 minutes and 10 between; with all three, in the portal too.
    pub family_session: ServiceId,
    /// 20 minutes; with all three, but by the front desk only.
    pub check_in: ServiceId,
    /// `parent@demo.test`: may book for Mia and Leo.
    pub ana: ClientId,
    /// `partner@demo.test`: may book for Leo.
    pub daniel: ClientId,
    /// `unlinked@demo.test`.
    pub sam: ClientId,
    pub mia: ClientId,
    pub leo: ClientId,
}

impl Demo {
    pub async fn load(pool: &PgPool) -> Demo {
        assert!(db::demo::seed(pool, Utc::now()).await.unwrap());
        // Tests book more for one person than clients usually may.
        sqlx::query("update practice set portal_bookings_max = 200").execute(pool).await.unwrap();
        let staff = async |name: &str| {
            let id = sqlx::query_scalar("select id from staff_member where first_name = $1").bind(name.to_owned());
            StaffId(id.fetch_one(pool).await.unwrap())
        };
        let service = async |name: &str| {
            let id = sqlx::query_scalar("select id from service where name = $1").bind(name.to_owned());
            ServiceId(id.fetch_one(pool).await.unwrap())
        };
        Demo {
            priya: staff("Dr. Priya").await,
            tomas: staff("Tomás").await,
            grace: staff("Grace").await,
            family_session: service("Family session").await,
            check_in: service("Telephone check-in").await,
            ana: client(pool, "Ana", "Okafor").await,
            daniel: client(pool, "Daniel", "Okafor").await,
            sam: client(pool, "Sam", "Whitfield").await,
            mia: client(pool, "Mia", "Okafor").await,
            leo: client(pool, "Leo", "Okafor").await,
        }
    }
}

pub async fn client(pool: &PgPool, first: &str, last: &str) -> ClientId {
    let id =
        sqlx::query_scalar("select id from client where first_name = $1 and last_name = $2 order by number limit 1");
    ClientId(id.bind(first).bind(last).fetch_one(pool).await.unwrap())
}

pub async fn number(pool: &PgPool, client: ClientId) -> ClientNumber {
    let number = sqlx::query_scalar("select number from client where id = $1").bind(client.0);
    ClientNumber(number.fetch_one(pool).await.unwrap())
}

/// Active clients of the demo without a log-in or a linked client.
pub async fn others(pool: &PgPool) -> Vec<ClientId> {
    let sql = "select id from client c where status = 'active' and kind = 'individual'
                  and not exists (select from account a where a.client_id = c.id)
                  and not exists (select from client_grant g where g.holder = c.id) order by number";
    sqlx::query_scalar(sql).fetch_all(pool).await.unwrap().into_iter().map(ClientId).collect()
}

/// A log-in with the demo's password.
pub async fn give_login(pool: &PgPool, client: ClientId, username: &str) {
    let sql = "insert into account (id, username, client_id, password_hash)
               select $1, $2, $3, password_hash from account where username = 'parent@demo.test'";
    sqlx::query(sql).bind(db::new_id()).bind(username).bind(client.0).execute(pool).await.unwrap();
}

/// The free times of the two months after the demo's own appointments.
pub async fn free_times(pool: &PgPool, service: ServiceId, practitioner: StaffId) -> Vec<DateTime<Utc>> {
    let now = Utc::now();
    let first = now.date_naive() + Days::new(16);
    let last = first + Days::new(db::slots::DAYS_MAX);
    let query = FreeQuery { service, practitioner: Some(practitioner), client: None, first, last, portal: false };
    let days = db::slots::free_days(pool, query, now).await.unwrap();
    days.iter().flat_map(|day| &day.times).map(|time| shared::appointments::instant(&time.starts_at).unwrap()).collect()
}

/// Of sorted times those that are at least so many minutes apart.
pub fn apart(times: &[DateTime<Utc>], minutes: i64) -> Vec<DateTime<Utc>> {
    let mut chosen: Vec<DateTime<Utc>> = Vec::new();
    for time in times {
        if chosen.last().is_none_or(|last| *time >= *last + TimeDelta::minutes(minutes)) {
            chosen.push(*time);
        }
    }
    chosen
}
