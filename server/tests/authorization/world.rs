//! Mia, and everybody whose business she is or is not, in a practice that can
//! be put back as it was.

use crate::support::{Answer, Session, site};
use axum::Router;
use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE, COOKIE};
use axum::http::{Method, Request, StatusCode};
use chrono::{Days, NaiveTime, Utc};
use db::PgPool;
use sqlx::{AssertSqlSafe, query_as, raw_sql};
use std::collections::BTreeSet;
use tower::ServiceExt;

/// Usernames, in the order of the table's columns; nobody is logged in as "".
pub const ACTORS: [&str; 10] =
    ["", "unlinked", "linked", "granted", "former", "mia", "unassigned", "assigned", "staff", "admin"];

/// Not a column: the second of Mia's parents, and a practitioner who may not book.
const OTHERS: [&str; 2] = ["other", "watcher"];

/// Of all that the site stores; not the audit, which also tells of reading.
// Looking at a record is noted in `recent_client`, for the viewer alone.
const FINGERPRINT: &str =
    "select tablename::text, md5(query_to_xml(format('select * from %I t order by t::text', tablename), true, false, '')::text)
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
    ("activity", 8001),
    ("removed", 8101),
    ("deed", 8003),
    ("message", 5001),
    ("copy", 6001),
    ("family_id", 1021),
    ("circle_id", 1022),
    ("belongs", 7501),
    ("belonged", 7502),
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
];

/// Stands in Mia's notes.
pub const CANARY: &str = "canary-for-the-front-desk";

fn words() -> Vec<(&'static str, String)> {
    let today = Utc::now().date_naive();
    // Mid-morning or noon in Toronto, whatever the season.
    let at = |days| (today + Days::new(days)).and_time(NaiveTime::MIN).format("%Y-%m-%dT15:00:00Z").to_string();
    let mut words = vec![
        ("day", (today + Days::new(2)).to_string()),
        ("past", (today - Days::new(9)).to_string()),
        ("soon", at(2)),
        ("free", at(3)),
        ("mia_mail", "mia.okafor@kin.test".to_owned()),
        ("canary", CANARY.to_owned()),
        ("claim", "the-secret-of-a-claim".to_owned()),
        ("reset", "the-secret-of-a-reset".to_owned()),
        ("setup", "the-secret-of-a-set-up".to_owned()),
        ("register", "the-secret-of-a-registration".to_owned()),
        ("password", db::demo::PASSWORD.to_owned()),
        ("hash", db::accounts::hash_password(db::demo::PASSWORD).unwrap()),
    ];
    words.extend(NUMBERS.map(|(word, number)| (word, number.to_string())));
    let ids = IDS.iter().chain(SETTINGS);
    words.extend(ids.map(|(word, number)| (*word, format!("00000000-0000-7000-8000-{number:012}"))));
    words
}

impl World {
    pub async fn new(pool: &PgPool) -> World {
        World::with_site(pool, site(pool.clone())).await
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
        world
    }

    async fn insert(&self) {
        for sql in [include_str!("people.sql"), include_str!("settings.sql")] {
            raw_sql(AssertSqlSafe(self.fill(sql))).execute(&self.pool).await.unwrap();
        }
    }

    /// Everything as it was at first; everybody still logged in.
    pub async fn put_back(&self) {
        self.insert().await;
        self.unlink("former").await;
    }

    /// Staff remove somebody's link to Mia.
    pub async fn unlink(&self, whom: &str) {
        let fields = format!("_page=/clients/{{mia}}&number={{mia}}&other={{{whom}}}");
        let answer = self.post("staff", "/fn/links/remove", &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }

    /// The text with its `{words}` filled in.
    pub fn fill(&self, text: &str) -> String {
        self.words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(&format!("{{{word}}}"), value))
    }

    /// Each table with what stands in it, but for the audit and who looked at whom: the same for as long as nothing is written.
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
