//! The places where the practice works. Appointments are held at the main one;
//! the others are where clients are treated, and what lists filter by.

use super::{changed, id_of, same_version};
use crate::locks::{self, Purpose};
use crate::time::Zone;
use crate::{Actor, Error, OnConstraint, Result, audit};
use shared::practice::LocationDetails;
use shared::{LocationId, Problem, Refusal};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// A place where the practice works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    pub id: LocationId,
    pub name: String,
    pub address: String,
    /// IANA zone.
    pub zone: String,
}

/// The places in use, the main one first, then by name; nothing in them is private.
pub async fn locations(pool: &PgPool) -> Result<Vec<Location>> {
    Ok(sqlx::query_as!(
        Location,
        r#"select id as "id: LocationId", name, address, zone from location where active order by main desc, name, id"#
    )
    .fetch_all(pool)
    .await?)
}

/// The one place where people work. A new practice gets one of its own name.
pub(super) async fn workplace(conn: &mut PgConnection) -> Result<LocationId> {
    let first = sqlx::query_scalar!(
        r#"select id as "id: LocationId" from location where active order by main desc, name, id limit 1 for share"#
    )
    .fetch_optional(&mut *conn)
    .await?;
    if let Some(first) = first {
        return Ok(first);
    }
    // Two at the same time make one place: the second waits here, then finds the first's.
    sqlx::query!("select 1 as one from practice for update").fetch_one(&mut *conn).await?;
    sqlx::query!(
        "insert into location (id, name, zone, main)
         select $1, name, zone, true from practice where not exists (select 1 from location where active)",
        crate::new_id()
    )
    .execute(&mut *conn)
    .await?;
    Ok(sqlx::query_scalar!(
        r#"select id as "id: LocationId" from location where active order by main desc, name, id limit 1"#
    )
    .fetch_one(conn)
    .await?)
}

/// A location as its settings show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocationUse {
    pub location: Location,
    /// Where appointments are held.
    pub main: bool,
    pub active: bool,
    pub version: i32,
    /// How many clients are treated here.
    pub clients: i64,
}

/// Every location: those in use first, the main one at the top. Administrators and staff.
pub async fn list_locations(pool: &PgPool, actor: &Actor) -> Result<Vec<LocationUse>> {
    actor.front_desk()?;
    let rows = sqlx::query!(
        r#"select l.id as "id: LocationId", l.name, l.address, l.zone, l.active, l.version,
                  l.active and l.id = (select id from location where active order by main desc, name, id limit 1) as "main!",
                  (select count(*) from client c where c.location_id = l.id) as "clients!"
             from location l order by l.active desc, l.main desc, l.name, l.id"#
    )
    .fetch_all(pool)
    .await?;
    let view = rows.into_iter().map(|row| LocationUse {
        location: Location { id: row.id, name: row.name, address: row.address, zone: row.zone },
        main: row.main,
        active: row.active,
        version: row.version,
        clients: row.clients,
    });
    Ok(view.collect())
}

/// Adds a location, or changes one. Administrators only. A double submit
/// carries the same `request_key` and adds nothing more.
pub async fn save_location(
    pool: &PgPool,
    actor: &Actor,
    id: Option<LocationId>,
    details: &LocationDetails,
) -> Result<LocationId> {
    actor.administrator()?;
    Zone::parse(&details.zone).map_err(|problem| Refusal::field("zone", problem))?;
    let mut tx = pool.begin().await?;
    lock(&mut tx).await?;
    let made_by_form = id_of(details.request_key, actor, details);
    let wanted = id.map(Uuid::from).or(made_by_form);
    let stored = sqlx::query!(
        r#"select id as "id: LocationId", name, address, zone, active, version from location where id = $1 for update"#,
        wanted
    )
    .fetch_optional(&mut *tx)
    .await?;
    let (id, action, fields) = match (id, stored) {
        (Some(_), None) => return Err(Refusal::NotFound.into()),
        (None, Some(again)) if again.active => return Ok(again.id),
        (None, again) => {
            let id = made_by_form.filter(|_| again.is_none()).unwrap_or_else(crate::new_id);
            (insert(&mut tx, id, details).await?, "create", Vec::new())
        }
        (Some(id), Some(stored)) => {
            let fields = changed(&[
                ("name", stored.name != details.name),
                ("address", stored.address != details.address),
                ("zone", stored.zone != details.zone),
            ]);
            if fields.is_empty() {
                return Ok(id);
            }
            same_version(stored.version, details.version)?;
            sqlx::query!(
                "update location set name = $2, address = $3, zone = $4, version = version + 1 where id = $1",
                id.0,
                details.name,
                details.address,
                details.zone
            )
            .execute(&mut *tx)
            .await
            .on_constraint("location_name_key", name_taken)?;
            (id, "change", fields)
        }
    };
    audit::append(&mut tx, actor, action, "location", id, &fields).await?;
    tx.commit().await?;
    Ok(id)
}

async fn insert(conn: &mut PgConnection, id: Uuid, details: &LocationDetails) -> Result<LocationId> {
    // Whichever has been the first by name until now stays where appointments are held.
    sqlx::query!(
        "update location set main = true
          where not exists (select from location where main)
            and id = (select id from location where active order by name, id limit 1)"
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into location (id, name, address, zone, main)
         values ($1, $2, $3, $4, not exists (select from location where active))",
        id,
        details.name,
        details.address,
        details.zone
    )
    .execute(conn)
    .await
    .on_constraint("location_name_key", name_taken)?;
    Ok(LocationId(id))
}

/// Retires a location, or brings it back. Administrators only. One where
/// someone works, or where appointments are upcoming, is refused at `active`.
pub async fn set_location_active(pool: &PgPool, actor: &Actor, id: LocationId, active: bool) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    lock(&mut tx).await?;
    // The person who books here, or saves hours, holds the row: they come first.
    let stored = sqlx::query_scalar!("select active from location where id = $1 for update", id.0)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::Refused(Refusal::NotFound))?;
    if stored == active {
        return Ok(());
    }
    if !active {
        let busy = sqlx::query!(
            r#"select (select count(distinct practitioner_id) from weekly_hours where location_id = $1) as "practitioners!",
                      (select count(*) from appointment
                        where location_id = $1 and status = 'confirmed' and starts_at > now()) as "appointments!""#,
            id.0
        )
        .fetch_one(&mut *tx)
        .await?;
        if busy.practitioners + busy.appointments > 0 {
            let problem = Problem::WorkedAt { practitioners: busy.practitioners, appointments: busy.appointments };
            return Err(Refusal::field("active", problem).into());
        }
    }
    sqlx::query!(
        "update location set active = $2, main = main and $2, version = version + 1 where id = $1",
        id.0,
        active
    )
    .execute(&mut *tx)
    .await
    .on_constraint("location_name_key", || Refusal::field("active", Problem::Taken))?;
    audit::append(&mut tx, actor, if active { "bring-back" } else { "retire" }, "location", id, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// From now on appointments are held here, and everyone's hours are this
/// place's. What is booked stays where it is. Administrators only.
pub async fn set_main_location(pool: &PgPool, actor: &Actor, id: LocationId) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    lock(&mut tx).await?;
    let main = sqlx::query_scalar!("select main from location where id = $1 and active for update", id.0)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::Refused(Refusal::NotFound))?;
    if main {
        return Ok(());
    }
    sqlx::query!("update location set main = false where main").execute(&mut *tx).await?;
    sqlx::query!("update location set main = true, version = version + 1 where id = $1", id.0)
        .execute(&mut *tx)
        .await?;
    sqlx::query!("update weekly_hours set location_id = $1 where location_id <> $1", id.0).execute(&mut *tx).await?;
    audit::append(&mut tx, actor, "change", "location", id, &["main"]).await?;
    tx.commit().await?;
    Ok(())
}

fn name_taken() -> Refusal {
    Refusal::field("name", Problem::Taken)
}

/// Anyone who changes locations waits here for anyone who is changing them.
async fn lock(conn: &mut PgConnection) -> Result<()> {
    locks::lock(conn, Purpose::Settings, ["location"]).await
}
