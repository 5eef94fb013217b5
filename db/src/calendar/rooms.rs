//! The rooms that appointments are held in.

use crate::{Actor, Result};
use shared::{AppointmentId, LocationId, RoomId};
use sqlx::PgConnection;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    pub id: RoomId,
    pub location_id: LocationId,
    pub name: String,
}

/// The rooms in use, by the name of their location and their own.
pub async fn rooms(conn: &mut PgConnection, actor: &Actor) -> Result<Vec<Room>> {
    actor.staff()?;
    Ok(sqlx::query_as!(
        Room,
        r#"select r.id as "id: RoomId", r.location_id as "location_id: LocationId", r.name
             from room r join location l on l.id = r.location_id
            where r.active and l.active
            order by l.main desc, l.name, searchable(r.name), r.id"#
    )
    .fetch_all(conn)
    .await?)
}

/// The rooms in use where an appointment takes place, by name.
pub async fn rooms_of(conn: &mut PgConnection, actor: &Actor, id: AppointmentId) -> Result<Vec<Room>> {
    actor.staff()?;
    Ok(sqlx::query_as!(
        Room,
        r#"select r.id as "id: RoomId", r.location_id as "location_id: LocationId", r.name
             from appointment a join room r on r.location_id = a.location_id
            where a.id = $1 and r.active
            order by searchable(r.name), r.id"#,
        id.0
    )
    .fetch_all(conn)
    .await?)
}
