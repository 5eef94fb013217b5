//! Rooms of the locations.

use super::{changed, id_of, same_version};
use crate::{Actor, Error, OnConstraint, Result, audit};
use shared::practice::RoomDetails;
use shared::{LocationId, Problem, Refusal, RoomId};
use sqlx::PgPool;

/// A room as the settings show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    pub id: RoomId,
    pub name: String,
    pub location_id: LocationId,
    pub location: String,
    /// One that is archived is not offered; appointments keep it.
    pub active: bool,
    pub version: i32,
    /// How many appointments are booked in it from now on.
    pub upcoming: i64,
}

/// Every room by location and name, archived ones last. Administrators and the front desk.
pub async fn list(pool: &PgPool, actor: &Actor) -> Result<Vec<Room>> {
    actor.front_desk()?;
    Ok(sqlx::query_as!(
        Room,
        r#"select r.id as "id: RoomId", r.name, r.location_id as "location_id: LocationId", l.name as location,
                  r.active, r.version,
                  (select count(*) from appointment a where a.room_id = r.id and a.blocks and a.ends_at > now()) as "upcoming!"
             from room r join location l on l.id = r.location_id
            order by r.active desc, l.main desc, searchable(l.name), searchable(r.name), r.id"#
    )
    .fetch_all(pool)
    .await?)
}

/// Adds a room to a location, or renames one. Administrators only. A double submit carries the
/// same `request_key` and adds nothing more. Refused at `name` when the location has it.
pub async fn save(pool: &PgPool, actor: &Actor, id: Option<RoomId>, details: &RoomDetails) -> Result<RoomId> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    let (id, action, fields) = match id {
        None => {
            let id = id_of(details.request_key, actor, details).unwrap_or_else(crate::new_id);
            let location = details.location.ok_or(Refusal::field("location", Problem::Required))?;
            let found = sqlx::query!("select id from location where id = $1 and active for share", location.0);
            if found.fetch_optional(&mut *tx).await?.is_none() {
                return Err(Refusal::field("location", Problem::Unknown).into());
            }
            let made = sqlx::query!(
                "insert into room (id, location_id, name) values ($1, $2, $3) on conflict (id) do nothing",
                id,
                location.0,
                details.name
            )
            .execute(&mut *tx)
            .await
            .on_constraint("room_name_key", name_taken)?;
            if made.rows_affected() == 0 {
                return Ok(RoomId(id));
            }
            (RoomId(id), "create", Vec::new())
        }
        Some(id) => {
            let stored = sqlx::query!("select name, version from room where id = $1 for update", id.0)
                .fetch_optional(&mut *tx)
                .await?
                .ok_or(Error::Refused(Refusal::NotFound))?;
            let fields = changed(&[("name", stored.name != details.name)]);
            if fields.is_empty() {
                return Ok(id);
            }
            same_version(stored.version, details.version)?;
            sqlx::query!("update room set name = $2, version = version + 1 where id = $1", id.0, details.name)
                .execute(&mut *tx)
                .await
                .on_constraint("room_name_key", name_taken)?;
            (id, "change", fields)
        }
    };
    audit::append(&mut tx, actor, action, "room", id, &fields).await?;
    tx.commit().await?;
    Ok(id)
}

/// Archives a room, or restores it. Administrators only. One with upcoming appointments is
/// refused at `active`.
pub async fn set_active(pool: &PgPool, actor: &Actor, id: RoomId, active: bool) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    // Those who book in it hold the row: they come first.
    let stored = sqlx::query_scalar!("select active from room where id = $1 for update", id.0)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::Refused(Refusal::NotFound))?;
    if stored == active {
        return Ok(());
    }
    if !active {
        let appointments = sqlx::query_scalar!(
            r#"select count(*) as "count!" from appointment where room_id = $1 and blocks and ends_at > now()"#,
            id.0
        )
        .fetch_one(&mut *tx)
        .await?;
        if appointments > 0 {
            return Err(Refusal::field("active", Problem::BookedIn { appointments }).into());
        }
    }
    sqlx::query!("update room set active = $2, version = version + 1 where id = $1", id.0, active)
        .execute(&mut *tx)
        .await
        .on_constraint("room_name_key", || Refusal::field("active", Problem::Taken))?;
    audit::append(&mut tx, actor, if active { "bring-back" } else { "retire" }, "room", id, &[]).await?;
    tx.commit().await?;
    Ok(())
}

fn name_taken() -> Refusal {
    Refusal::field("name", Problem::Taken)
}
