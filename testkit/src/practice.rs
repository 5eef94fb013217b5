//! The demo practice, and what tests book in it.

use chrono::{DateTime, Days, TimeDelta, Utc};
use db::PgPool;
use db::appointments::free_times::FreeQuery;
use shared::appointments::instant_text;
use shared::{ClientId, ClientNumber, ServiceId, StaffId};
use uuid::Uuid;

/// What someone asks to book.
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

/// The demo practice, with the ids of the people tests name.
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
        assert!(demo::seed(pool, Utc::now()).await.unwrap());
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
    ClientNumber::new(number.fetch_one(pool).await.unwrap())
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
    let last = first + Days::new(db::appointments::free_times::DAYS_MAX);
    let query = FreeQuery { service, practitioner: Some(practitioner), client: None, first, last, portal: false };
    let days = db::appointments::free_times::free_days(pool, query, now).await.unwrap();
    days.iter().flat_map(|day| &day.times).map(|time| shared::appointments::instant(&time.starts_at).unwrap()).collect()
}

/// Of sorted times those that are at least the given number of minutes apart.
pub fn apart(times: &[DateTime<Utc>], minutes: i64) -> Vec<DateTime<Utc>> {
    let mut chosen: Vec<DateTime<Utc>> = Vec::new();
    for time in times {
        if chosen.last().is_none_or(|last| *time >= *last + TimeDelta::minutes(minutes)) {
            chosen.push(*time);
        }
    }
    chosen
}
