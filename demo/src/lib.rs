//! The demo practice: invented people who are the same every time, with a
//! diary around the day it is loaded.

mod activities;
mod details;
mod diary;
mod dice;
mod families;
mod forms;
mod groups;
mod names;
mod people;
mod person;
mod prospects;
mod sessions;
mod team;
mod visits;

use chrono::{DateTime, Utc};
use db::audit::{self, By};
use db::time::Zone;
use db::{Result, accounts, new_id};
use dice::Dice;
use person::Person;
use sqlx::{PgConnection, PgPool};
use team::Team;
use uuid::Uuid;

/// The password of every log-in of the demo.
pub const PASSWORD: &str = "kindred-demo-1";

/// Who can log in: address, and what they are.
pub const LOGINS: &[(&str, &str)] = &[
    ("admin@demo.test", "administrator"),
    ("staff@demo.test", "front desk"),
    ("practitioner@demo.test", "practitioner who may book"),
    ("trainee@demo.test", "practitioner in training, who logs hours"),
    ("parent@demo.test", "parent of two, books for them"),
    ("partner@demo.test", "partner of the parent"),
    ("unlinked@demo.test", "somebody who books for themself alone"),
];

const ZONE: &str = "America/Toronto";

/// Loads the demo practice. `false`, and nothing written, when there are
/// clients, accounts or staff members already: its passwords are published.
pub async fn seed(pool: &PgPool, now: DateTime<Utc>) -> Result<bool> {
    let mut tx = pool.begin().await?;
    sqlx::query!("set local statement_timeout = 0").execute(&mut *tx).await?;
    // Of two at the same time the second waits here, then finds the clients of the first.
    sqlx::query_scalar!("select only_row from practice for update").fetch_all(&mut *tx).await?;
    let taken = sqlx::query_scalar!(
        r#"select exists (select from client) or exists (select from account) or exists (select from staff_member) as "taken!""#
    )
    .fetch_one(&mut *tx)
    .await?;
    if taken {
        return Ok(false);
    }

    let zone = Zone::stored(ZONE);
    let mut dice = Dice::new();
    let team = Team::new();
    let people = people::all(zone.date(now), now, &mut dice);
    let links = families::links(&people);
    let (visits, sessions) = diary::visits(&team, &people, &zone, now, &mut dice);

    team::insert(&mut tx, &team, &zone, zone.date(now)).await?;
    people::insert(&mut tx, &people).await?;
    prospects::insert(&mut tx, zone.date(now)).await?;
    details::insert(&mut tx, zone.date(now)).await?;
    insert_accounts(&mut tx, &team, &people).await?;
    families::insert(&mut tx, &links, &team).await?;
    groups::insert(&mut tx, &people, &team, zone.date(now), now).await?;
    visits::insert(&mut tx, &team, &zone, now, &visits).await?;
    visits::assign(&mut tx, &team, &people, &visits).await?;
    sessions::insert(&mut tx, &team, &people, &zone, now, &sessions).await?;
    activities::insert(&mut tx, &team, &people, zone.date(now)).await?;
    forms::insert(&mut tx, &team, &people, now).await?;
    audit::append(&mut tx, By::System, "seed", "practice", Uuid::nil(), &[]).await?;
    tx.commit().await?;
    Ok(true)
}

/// The log-ins, with one hash for all: they have one password anyway.
async fn insert_accounts(conn: &mut PgConnection, team: &Team, people: &[Person]) -> Result<()> {
    let staff = LOGINS.iter().filter_map(|(address, _)| {
        let member = team.staff.iter().find(|member| member.email == *address)?;
        Some((*address, Some(member.id), None))
    });
    let clients = people.iter().filter_map(|person| Some((person.login?, None, Some(person.id))));
    let owners: Vec<_> = staff.chain(clients).collect();
    sqlx::query!(
        "insert into account (id, username, staff_id, client_id, password_hash)
         select a.*, $5 from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[]) a",
        &column(&owners, |_| new_id()),
        &column(&owners, |(address, ..)| (*address).to_owned()),
        &column(&owners, |(_, staff, _)| *staff) as &[Option<Uuid>],
        &column(&owners, |(.., client)| *client) as &[Option<Uuid>],
        accounts::hash_password(PASSWORD)?
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// One column of many rows, for `unnest`.
fn column<R, T>(rows: &[R], value: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

/// Whether the demo practice is what the database holds.
pub async fn is_loaded(pool: &PgPool) -> Result<bool> {
    Ok(sqlx::query_scalar!("select demo from practice").fetch_one(pool).await?)
}
