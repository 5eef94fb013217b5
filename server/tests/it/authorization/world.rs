//! Mia, and everyone whose business she is or is not, in a practice that can
//! be put back as it was.

use crate::support::site_at;
use axum::Router;
use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE, COOKIE};
use axum::http::{Method, Request, StatusCode};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Timelike, Utc};
use db::PgPool;
use sqlx::{AssertSqlSafe, query_as, raw_sql};
use std::collections::BTreeSet;
use testkit::{Answer, Session};
use tower::ServiceExt;

/// Usernames, in the order of the table's columns; no one is logged in as "".
pub const ACTORS: [&str; 10] =
    ["", "unlinked", "linked", "granted", "former", "mia", "unassigned", "assigned", "staff", "admin"];

/// Not a column: the second of Mia's parents, and a practitioner who may not book.
const OTHERS: [&str; 2] = ["other", "watcher"];

/// Of all that the site stores; not the audit, which also tells of reading, and not when a session was last used:
/// that is noted every five minutes, and on a slow machine the whole table takes longer.
// Looking at a record is noted in `recent_client`, for the viewer alone.
const FINGERPRINT: &str =
    "select tablename::text, md5(query_to_xml(case tablename
                when 'session' then 'select id_hash, account_id, proved_at, data - ''seen'' as data from session order by id_hash'
                else format('select * from %I t order by t::text', tablename) end, true, false, '')::text)
      from pg_tables where schemaname = 'public' and tablename not like 'audit%' and tablename <> 'recent_client'
      order by tablename";

pub struct World {
    pub pool: PgPool,
    pub site: Router,
    /// What stands for each word in braces.
    words: Vec<(&'static str, String)>,
    sessions: Vec<(&'static str, Session<Router>)>,
}

/// Clients by their numbers, and whatever else has an id that ends in one.
const NUMBERS: [(&str, u32); 10] = [
    ("mia", 1001),
    ("unlinked", 1002),
    ("linked", 1003),
    ("granted", 1004),
    ("former", 1005),
    ("other", 1006),
    ("new", 1007),
    ("prospect", 1008),
    ("family", 1021),
    ("circle", 1022),
];
const IDS: &[(&str, u32)] = &[
    ("bulk", 8101),
    ("draft", 8102),
    ("view", 8103),
    ("import", 7101),
    ("checked", 7102),
    ("working", 7103),
    ("imported", 7104),
    ("merge", 7201),
    ("granted_link", 7701),
    ("asked_link", 7702),
    ("mia_id", 1001),
    ("unlinked_id", 1002),
    ("linked_id", 1003),
    ("granted_id", 1004),
    ("former_id", 1005),
    ("other_id", 1006),
    ("new_id", 1007),
    ("prospect_id", 1008),
    ("unassigned_id", 2001),
    ("assigned_id", 2002),
    ("watcher_id", 2003),
    ("staff_id", 2004),
    ("admin_id", 2005),
    ("invited_id", 2006),
    ("talk", 3001),
    ("desk", 3002),
    ("visit", 4001),
    ("former_visit", 4002),
    ("other_visit", 4003),
    ("grantedsown", 4004),
    ("othersown", 4005),
    ("past_visit", 4006),
    ("cancelled_visit", 4007),
    ("asked_visit", 4077),
    ("repeated", 4008),
    ("series", 4009),
    ("activity", 8001),
    ("removed", 8101),
    ("deed", 8003),
    ("message", 5001),
    ("copy", 6001),
    ("family_id", 1021),
    ("circle_id", 1022),
    ("belongs", 7501),
    ("belonged", 7502),
    ("feed", 8201),
    ("session", 8211),
    ("wait", 8301),
    ("offered_wait", 8302),
    ("offer", 8303),
    ("kept", 8304),
    ("form", 8401),
    ("form_version", 8402),
    ("form_draft", 8403),
    ("asked_form", 8404),
    ("asked_more", 8405),
    ("response", 8406),
    ("asking_rule", 8407),
    ("document", 8408),
    ("draft_document", 8409),
    ("asked_file", 8410),
    ("file", 8411),
    ("attached", 8412),
    ("draft_file", 8413),
    ("draft_attached", 8414),
];

/// What administrators arrange: `settings.sql`.
const SETTINGS: &[(&str, u32)] = &[
    ("term", 7001),
    ("other_term", 7002),
    ("tag", 7003),
    ("other_tag", 7004),
    ("removed_tag", 7005),
    ("field", 7006),
    ("other_field", 7007),
    ("choice", 7008),
    ("other_choice", 7009),
    ("provider", 7010),
    ("annex", 7011),
    ("rule", 2),
    ("room", 7041),
    ("leave", 7042),
    ("own_leave", 7043),
];

/// Stands in Mia's notes.
pub const CANARY: &str = "canary-for-the-front-desk";

/// A whole hour in the next day at which practitioners in Toronto work: at such times offers are
/// made at night too.
fn nearby() -> String {
    let zone = db::time::Zone::parse("America/Toronto").unwrap();
    let hour = zone.local(Utc::now()).date().and_hms_opt(0, 0, 0).unwrap();
    let hours = (0..48).map(|n| zone.instant(hour + TimeDelta::hours(n)));
    let works = |at: &DateTime<Utc>| (9..=17).contains(&zone.local(*at).hour());
    let ahead = Utc::now() + TimeDelta::hours(2);
    let at = hours.filter(works).find(|at| *at > ahead).unwrap();
    shared::appointments::instant_text(at)
}

fn words() -> Vec<(&'static str, String)> {
    let today = Utc::now().date_naive();
    // Mid-morning or noon in Toronto, whatever the season.
    let at = |days| (today + Days::new(days)).and_time(NaiveTime::MIN).format("%Y-%m-%dT15:00:00Z").to_string();
    let mut words = vec![
        ("day", (today + Days::new(2)).to_string()),
        ("past", (today - Days::new(9)).to_string()),
        ("soon", at(2)),
        ("free", at(3)),
        ("free_local", (today + Days::new(3)).format("%Y-%m-%dT09:00").to_string()),
        ("later_local", (today + Days::new(6)).format("%Y-%m-%dT09:00").to_string()),
        ("nearby", nearby()),
        ("series_last", (today + Days::new(9)).to_string()),
        ("offer_token", "the-secret-of-an-offer".to_owned()),
        ("mia_mail", "mia.okafor@kin.test".to_owned()),
        ("canary", CANARY.to_owned()),
        ("claim", "the-secret-of-a-claim".to_owned()),
        ("reset", "the-secret-of-a-reset".to_owned()),
        ("address", "the-secret-of-an-address".to_owned()),
        ("not_me", "the-secret-of-an-old-address".to_owned()),
        ("setup", "the-secret-of-a-set-up".to_owned()),
        ("register", "the-secret-of-a-registration".to_owned()),
        ("unsubscribe", "the-secret-that-ends-mail".to_owned()),
        ("form_link", "the-secret-of-a-form".to_owned()),
        ("reply", "the-secret-of-a-mail".to_owned()),
        ("granted_reply", "the-secret-of-a-copy".to_owned()),
        ("former_reply", "the-secret-of-an-old-copy".to_owned()),
        ("linked_reply", "the-secret-of-a-mere-copy".to_owned()),
        ("password", demo::PASSWORD.to_owned()),
        ("hash", db::accounts::hash_password(demo::PASSWORD).unwrap()),
    ];
    words.extend(NUMBERS.map(|(word, number)| (word, number.to_string())));
    let ids = IDS.iter().chain(SETTINGS);
    words.extend(ids.map(|(word, number)| (*word, format!("00000000-0000-7000-8000-{number:012}"))));
    words
}

impl World {
    pub async fn new(pool: &PgPool) -> World {
        World::with_site(pool, site_at(pool.clone(), "http://kindred.localhost")).await
    }

    pub async fn with_site(pool: &PgPool, site: Router) -> World {
        raw_sql("create schema kept; create table kept.session (like session)").execute(pool).await.unwrap();
        let mut world = World { pool: pool.clone(), site, words: words(), sessions: Vec::new() };
        world.insert().await;
        for username in ACTORS.into_iter().chain(OTHERS) {
            let session = match username {
                "" => Session::new(&world.site, ""),
                username => Session::log_in(&world.site, "", username).await,
            };
            world.sessions.push((username, session));
        }
        raw_sql("insert into kept.session select * from session").execute(pool).await.unwrap();
        world.unlink("former").await;
        world.add_factors().await;
        // The password is fresh, however long the run takes.
        raw_sql("update session set proved_at = now() + interval '1 hour'").execute(pool).await.unwrap();
        world
    }

    async fn insert(&self) {
        for sql in [include_str!("people.sql"), include_str!("settings.sql")] {
            raw_sql(AssertSqlSafe(self.fill(sql))).execute(&self.pool).await.unwrap();
        }
    }

    /// Everything as it was at first; everyone still logged in.
    pub async fn put_back(&self) {
        self.insert().await;
        self.unlink("former").await;
        self.add_factors().await;
    }

    /// Two who are no column have a second factor, once they are logged in.
    async fn add_factors(&self) {
        let sql = "insert into account_totp (account_id, sealed_secret, confirmed_at)
                   values ('{other_id}', 'sealed', now()), ('{watcher_id}', 'sealed', now())";
        raw_sql(AssertSqlSafe(self.fill(sql))).execute(&self.pool).await.unwrap();
    }

    /// Staff remove someone's link to Mia.
    pub async fn unlink(&self, whom: &str) {
        let fields = format!("_page=/clients/{{mia}}&number={{mia}}&other={{{whom}}}");
        let answer = self.post("staff", "/fn/links/remove", &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }

    /// The text with its `{words}` filled in.
    pub fn fill(&self, text: &str) -> String {
        self.words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(&format!("{{{word}}}"), value))
    }

    /// Each table with what stands in it, but for the audit and the list of opened records: the same for as long as nothing is written.
    pub async fn fingerprint(&self) -> BTreeSet<(String, String)> {
        query_as(FINGERPRINT).fetch_all(&self.pool).await.unwrap().into_iter().collect()
    }

    pub fn session(&self, actor: &str) -> &Session<Router> {
        &self.sessions.iter().find(|(username, _)| *username == actor).expect("an actor").1
    }

    pub async fn get(&self, actor: &str, path: &str) -> Answer {
        whole(self.session(actor).get(&self.fill(path)).await)
    }

    /// Posts a form as a browser without JavaScript does; `fields` as in
    /// `number={mia}&form[code]=A`, not encoded.
    pub async fn post(&self, actor: &str, path: &str, fields: &str) -> Answer {
        whole(self.session(actor).post(path, &self.fields(fields)).await)
    }

    pub fn fields(&self, fields: &str) -> Vec<(String, String)> {
        let pairs = fields.split('&').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), self.fill(value))).collect()
    }

    /// Sends a form with files as a browser does: each with the name that it has there.
    pub async fn upload(&self, actor: &str, path: &str, fields: &str, files: &[(&str, &[u8])]) -> Answer {
        self.upload_from(actor, path, fields, files, "same-origin").await
    }

    /// As [`World::upload`], from a page of `site`.
    pub async fn upload_from(
        &self,
        actor: &str,
        path: &str,
        fields: &str,
        files: &[(&str, &[u8])],
        site: &str,
    ) -> Answer {
        const EDGE: &str = "----edge";
        let mut body = Vec::new();
        for (name, value) in self.fields(fields) {
            let part = format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        for (name, bytes) in files {
            let name = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
            let head = format!(
                "--{EDGE}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                 Content-Type: text/html\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{EDGE}--\r\n").as_bytes());
        let pieces = body.chunks(1 << 16).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect::<Vec<_>>();
        let request = Request::builder()
            .method(Method::POST)
            .uri(self.fill(path))
            .header(ACCEPT, "text/html")
            .header(CONTENT_TYPE, format!("multipart/form-data; boundary={EDGE}"))
            .header("sec-fetch-site", site)
            .header(COOKIE, &self.session(actor).cookie)
            // As it comes over a network: piece by piece.
            .body(Body::from_stream(futures_util::stream::iter(pieces)))
            .unwrap();
        let (parts, body) = self.site.clone().oneshot(request).await.unwrap().into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        whole(Answer { status: parts.status, headers: parts.headers, body })
    }

    /// A request of any kind; what is not said is as a script of ours sends it.
    pub async fn ask(&self, actor: &str, method: Method, path: &str, fields: &str, headers: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(self.fields(fields)).finish();
        let mut request = Request::builder()
            .method(method)
            .uri(self.fill(path))
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(COOKIE, &self.session(actor).cookie)
            .body(Body::from(body))
            .unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(name.parse::<axum::http::HeaderName>().unwrap(), value.parse().unwrap());
        }
        let (parts, body) = self.site.clone().oneshot(request).await.unwrap().into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        whole(Answer { status: parts.status, headers: parts.headers, body })
    }
}

/// Without the marks that Leptos puts between the parts of a text.
fn whole(answer: Answer) -> Answer {
    Answer { body: answer.body.replace("<!>", ""), ..answer }
}

/// Of a page what stands between bar and footer; of anything else all.
pub fn main_part(body: &str) -> &str {
    let from = body.find("<main").unwrap_or(0);
    let to = body.find("</main>").unwrap_or(body.len());
    &body[from..to]
}
