//! The rooms that an appointment may take: the one that is wanted, or, where the service
//! needs one, those that it may be held in.

use crate::Result;
use shared::slots::{RoomTimes, Span};
use shared::{AppointmentId, LocationId, RoomId, ServiceId};
use sqlx::PgConnection;
use uuid::Uuid;

/// A room, and what takes it around a time.
#[derive(Debug)]
pub(super) struct Room {
    pub id: RoomId,
    pub name: String,
    pub times: RoomTimes,
    /// Of each of the taken times, in their order.
    by: Vec<AppointmentId>,
}

impl Room {
    /// What takes it at the time.
    pub fn taken_by(&self, span: Span) -> Option<AppointmentId> {
        let mut taken = self.times.taken.iter().zip(&self.by);
        taken.find(|(taken, _)| taken.overlaps(span)).map(|(_, id)| *id)
    }
}

/// Which rooms it might take: read before they are locked, and again behind the lock.
pub(super) async fn candidates(
    conn: &mut PgConnection,
    service: ServiceId,
    wanted: Option<RoomId>,
) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(r#"select room_candidates($1, $2) as "id!""#, service.0, wanted.map(|id| id.0))
        .fetch_all(conn)
        .await?)
}

/// The rooms and what takes them around a time, the preferred one first. A hold that
/// lapsed takes none, and one that is moved is not in its own way.
pub(super) async fn around(
    conn: &mut PgConnection,
    rooms: &[Uuid],
    around: Span,
    preferred: Option<RoomId>,
    moved: Option<AppointmentId>,
) -> Result<Vec<Room>> {
    if rooms.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        r#"select r.id as "id: RoomId", r.name, r.location_id as "place: LocationId",
                  a.id as "taken_by?: AppointmentId", a.starts_at as "starts_at?", a.ends_at as "ends_at?"
             from room r left join appointment a
               on a.room_id = r.id and a.blocks and a.starts_at < $3 and a.ends_at > $2 and a.starts_at > $2 - interval '1 day'
              and a.id is distinct from $4 and (a.held_until is null or a.held_until > now())
            where r.id = any ($1) order by r.id = $5 desc nulls last, r.name, r.id, a.starts_at"#,
        rooms,
        around.starts,
        around.ends,
        moved.map(|id| id.0),
        preferred.map(|id| id.0)
    )
    .fetch_all(conn)
    .await?;
    let mut found: Vec<Room> = Vec::new();
    for row in rows {
        if found.last().is_none_or(|room| room.id != row.id) {
            let times = RoomTimes { place: row.place, taken: Vec::new() };
            found.push(Room { id: row.id, name: row.name, times, by: Vec::new() });
        }
        if let (Some(room), Some(id), Some(starts), Some(ends)) =
            (found.last_mut(), row.taken_by, row.starts_at, row.ends_at)
        {
            room.times.taken.push(Span { starts, ends });
            room.by.push(id);
        }
    }
    Ok(found)
}

/// Deletes lapsed holds of a room that is to be taken; it is locked.
pub(super) async fn clear(conn: &mut PgConnection, room: RoomId, span: Span) -> Result<()> {
    sqlx::query!(
        "delete from appointment
          where room_id = $1 and status = 'held' and held_until <= now() and starts_at < $3 and ends_at > $2",
        room.0,
        span.starts,
        span.ends
    )
    .execute(conn)
    .await?;
    Ok(())
}
