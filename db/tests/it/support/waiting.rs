//! People on the waiting list.

use crate::appointments::{Practice, practice};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Timelike, Utc};
use db::waitlist::{Filter, Gap, Waiting};
use db::{Actor, PgPool, appointments, waitlist};
use shared::slots::Span;
use shared::waitlist::WaitForm;
use shared::{AppointmentId, OfferId, WaitId};
use sqlx::AssertSqlSafe;
use std::sync::OnceLock;

pub struct List {
    pub pool: PgPool,
    pub practice: Practice,
}

/// A whole hour of the venue within the next day: at such times offers are made at night too.
pub fn soon() -> DateTime<Utc> {
    // The same for all of a test, whatever hour begins meanwhile.
    static SOON: OnceLock<DateTime<Utc>> = OnceLock::new();
    *SOON.get_or_init(in_the_next_day)
}

fn in_the_next_day() -> DateTime<Utc> {
    let zone = db::time::Zone::parse("America/Toronto").unwrap();
    let local = zone.local(Utc::now() + TimeDelta::hours(20));
    let hour = if local.hour() >= 20 { 18 } else { local.hour() };
    zone.instant(local.date().and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap()))
}

/// How many days ahead that is.
pub fn days_ahead() -> u64 {
    let zone = db::time::Zone::parse("America/Toronto").unwrap();
    (zone.date(soon()) - zone.date(Utc::now())).num_days() as u64
}

impl List {
    pub async fn new(pool: &PgPool) -> List {
        sqlx::query("update practice set slot_step_minutes = 30").execute(pool).await.unwrap();
        List { pool: pool.clone(), practice: practice(pool).await }
    }

    /// What a client fills in: the practice's service, anyone, from today on.
    pub fn form(&self, client: &Actor) -> WaitForm {
        WaitForm {
            client: client.id().to_string(),
            service: self.practice.service.to_string(),
            last_on: (Utc::now().date_naive() + Days::new(30)).to_string(),
            request_key: db::new_id().to_string(),
            ..WaitForm::default()
        }
    }

    pub async fn enter(&self, client: &Actor) -> WaitId {
        self.enter_with(client, |form| form).await
    }

    pub async fn enter_with(&self, client: &Actor, change: impl FnOnce(WaitForm) -> WaitForm) -> WaitId {
        waitlist::enter(&self.pool, &self.practice.staff, &change(self.form(client))).await.unwrap()
    }

    pub async fn book(&self, client: &Actor, at: DateTime<Utc>) -> AppointmentId {
        let booking = self.practice.booking(client, at);
        appointments::book(&self.pool, &self.practice.staff, booking).await.unwrap()
    }

    /// The hour that became free.
    pub fn gap(&self, starts: DateTime<Utc>) -> Gap {
        let span = Span { starts, ends: starts + TimeDelta::hours(1) };
        Gap { practitioner: Some(self.practice.practitioner), span }
    }

    /// Who fits the hour, by their entries.
    pub async fn fitting(&self, starts: DateTime<Utc>) -> Vec<WaitId> {
        let found = waitlist::fitting(&self.pool, &self.practice.staff, self.gap(starts), 10).await.unwrap();
        found.into_iter().map(|fit| fit.entry).collect()
    }

    pub async fn offer(&self, entry: WaitId, at: DateTime<Utc>) -> db::Result<OfferId> {
        let slot = format!("{} {}", shared::appointments::instant_text(at), self.practice.practitioner);
        waitlist::offer(&self.pool, &self.practice.staff, entry, &slot).await
    }

    pub async fn one(&self, id: WaitId) -> Waiting {
        let filter = Filter { id: Some(id), ended: true, ..Filter::default() };
        waitlist::list(&self.pool, &self.practice.staff, filter).await.unwrap().pop().unwrap()
    }

    pub async fn text(&self, sql: &str) -> String {
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&self.pool).await.unwrap()
    }

    pub async fn run(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&self.pool).await.unwrap();
    }

    /// Gives a client an address that may be used.
    pub async fn reachable(&self, client: &Actor) {
        sqlx::query("update client set email = $2::text::citext, email_consent = true where id = $1")
            .bind(client.id())
            .bind(format!("{}@kin.test", client.id()))
            .execute(&self.pool)
            .await
            .unwrap();
    }

    /// Sends all mail that is due; the secrets of the links in it, by address.
    pub async fn mails(&self) -> Vec<(String, String)> {
        while db::messages::expand_next(&self.pool, "https://k.test").await.unwrap() {}
        let sql = "select address::text, body from message_copy y join message m on m.id = y.message_id
                    where m.kind = 'offer' order by y.created_at, y.id";
        let all: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(&self.pool).await.unwrap();
        let secret =
            |body: String| body.split("/offers/").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        all.into_iter().map(|(address, body)| (address, secret(body))).collect()
    }
}
