//! The program: people of one sequence, and who acts for staff.

use super::PEOPLE;
use crate::appointments::{Practice, at, offer};
use crate::support::forms::Office;
use db::{Actor, PgPool, appointments, feeds};
use shared::accounts::{Role, Secret};
use shared::appointments::Booking;
use shared::feeds::{FeedWish, Names};
use shared::links::{Grants, LinkForm};
use shared::{AppointmentId, ClientNumber, StaffId};
use std::rc::Rc;
use testkit::{Dice, client_actor, staff_actor};
use uuid::Uuid;

pub(super) struct World {
    pub(super) pool: PgPool,
    pub(super) practice: Practice,
    pub(super) admin: Actor,
    /// A colleague without clients.
    pub(super) other: Actor,
    pub(super) people: Vec<Actor>,
    pub(super) numbers: Vec<ClientNumber>,
    pub(super) feeds: Vec<Secret>,
    /// Has the form that is asked for.
    pub(super) office: Rc<Office>,
}

pub(super) async fn column<T>(pool: &PgPool, sql: &str, id: Uuid) -> T
where
    T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
{
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned())).bind(id).fetch_one(pool).await.unwrap()
}

impl World {
    /// A practitioner and people of its own, beside those of the sequences before.
    pub(super) async fn new(
        pool: &PgPool,
        practice: Practice,
        admin: Actor,
        other: Actor,
        office: Rc<Office>,
    ) -> World {
        sqlx::query("update portal_permission set setting = 'on'").execute(pool).await.unwrap();
        let practitioner = StaffId(staff_actor(pool, "Priya", &[Role::Practitioner]).await.id());
        offer(pool, practice.service, practitioner).await;
        sqlx::query(
            "insert into weekly_hours (id, practitioner_id, location_id, weekday, starts, ends)
             select gen_random_uuid(), $1, location_id, weekday, starts, ends from weekly_hours where practitioner_id = $2",
        )
        .bind(practitioner.0)
        .bind(practice.practitioner.0)
        .execute(pool)
        .await
        .unwrap();
        let practice = Practice { practitioner, ..practice };
        let (mut people, mut numbers, mut secrets) = (Vec::new(), Vec::new(), Vec::new());
        for who in 0..PEOPLE {
            let actor = client_actor(pool, &format!("P{who}")).await;
            let sql = "update client set email = $1::text || '@kin.test', email_consent = true, birth_date = now()::date - 4000
                        where id = $1::uuid";
            sqlx::query(sql).bind(actor.id()).execute(pool).await.unwrap();
            let account = "insert into account (id, username, client_id) values ($1, $1::text, $1)";
            sqlx::query(account).bind(actor.id()).execute(pool).await.unwrap();
            let wish = FeedWish { names: Names::Codes, others: true };
            secrets.push(feeds::create(pool, &actor, wish).await.unwrap());
            numbers.push(ClientNumber::new(column(pool, "select number from client where id = $1", actor.id()).await));
            people.push(actor);
        }
        World { pool: pool.clone(), practice, admin, other, people, numbers, feeds: secrets, office }
    }

    pub(super) async fn version(&self, id: AppointmentId) -> i32 {
        column(&self.pool, "select version from appointment where id = $1", id.0).await
    }

    pub(super) fn booking(&self, subject: usize, slot: usize, hold: Option<AppointmentId>) -> Booking {
        Booking { hold, ..self.practice.booking(&self.people[subject], at(2 + slot as u64)) }
    }

    /// What staff run in the database.
    pub(super) async fn run(&self, sql: &str, who: usize) {
        sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())).bind(self.people[who].id()).execute(&self.pool).await.unwrap();
    }

    pub(super) async fn held_by(&self, who: usize) -> Option<AppointmentId> {
        let held = appointments::held(&self.pool, self.people[who].client().unwrap()).await.unwrap();
        held.map(|held| held.id)
    }
}

pub(super) fn grants(dice: &mut Dice) -> Grants {
    Grants { book: dice.coin(), copies: dice.coin(), forms: dice.coin(), packages: false }
}

pub(super) fn form(other_may: Grants, own_may: Grants, version: &str) -> LinkForm {
    LinkForm { other_label: "other".into(), own_label: "other".into(), other_may, own_may, version: version.to_owned() }
}
