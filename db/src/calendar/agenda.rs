//! One appointment after the other, a page at a time.

use super::{Entry, Filter, entries};
use crate::{Actor, Result};
use chrono::{DateTime, Utc};
use shared::AppointmentId;
use shared::calendar::AgendaCursor;
use sqlx::PgConnection;
use uuid::Uuid;

const PAGE: usize = 50;

#[derive(Debug, Clone, Default)]
pub struct AgendaPage {
    pub entries: Vec<Entry>,
    pub previous: Option<AgendaCursor>,
    pub next: Option<AgendaCursor>,
}

/// The appointments that begin from `from` on, as the viewer may see them, or the page at
/// the cursor. Those of clients that they may not see are left out.
pub async fn agenda(
    conn: &mut PgConnection,
    actor: &Actor,
    from: DateTime<Utc>,
    cursor: Option<AgendaCursor>,
    filter: &Filter,
) -> Result<AgendaPage> {
    let staff = actor.staff()?;
    let (scope, people) = (staff.scope(), filter.people());
    let (location, room) = (filter.location.map(|id| id.0), filter.room.map(|id| id.0));
    let (after, after_id) = match cursor {
        Some(cursor) => (cursor.starts_at, cursor.id.0),
        // Before every id of that instant.
        None => (from, Uuid::nil()),
    };
    let backwards = cursor.is_some_and(|cursor| cursor.before);
    let limit = PAGE as i64 + 1;
    let mut ids: Vec<Uuid> = if backwards {
        sqlx::query_scalar!(
            r#"select a.id from appointment a
                where (a.starts_at, a.id) < ($1, $2)
                  and ($3::uuid[] is null or a.practitioner_id = any ($3))
                  and ($4::uuid is null or a.location_id = $4)
                  and ($8::uuid is null or a.room_id = $8)
                  and a.status <> 'held' and ($5 or a.status <> 'cancelled')
                  and ($6::uuid is null or exists (
                       select from appointment_participant v
                         join client_practitioner x on x.client_id = v.client_id and x.practitioner_id = $6
                        where v.appointment_id = a.id))
                order by a.starts_at desc, a.id desc
                limit $7"#,
            after,
            after_id,
            people.as_deref(),
            location,
            filter.cancelled,
            scope,
            limit,
            room
        )
        .fetch_all(&mut *conn)
        .await?
    } else {
        sqlx::query_scalar!(
            r#"select a.id from appointment a
                where (a.starts_at, a.id) > ($1, $2)
                  and ($3::uuid[] is null or a.practitioner_id = any ($3))
                  and ($4::uuid is null or a.location_id = $4)
                  and ($8::uuid is null or a.room_id = $8)
                  and a.status <> 'held' and ($5 or a.status <> 'cancelled')
                  and ($6::uuid is null or exists (
                       select from appointment_participant v
                         join client_practitioner x on x.client_id = v.client_id and x.practitioner_id = $6
                        where v.appointment_id = a.id))
                order by a.starts_at, a.id
                limit $7"#,
            after,
            after_id,
            people.as_deref(),
            location,
            filter.cancelled,
            scope,
            limit,
            room
        )
        .fetch_all(&mut *conn)
        .await?
    };
    let more = ids.len() > PAGE;
    ids.truncate(PAGE);
    let entries = entries(conn, &ids, staff.id(), scope).await?;
    // An empty page leads back to where it was asked from.
    let at = |entry: Option<&Entry>, before| match entry {
        Some(entry) => AgendaCursor { starts_at: entry.starts_at, id: entry.id, before },
        None => AgendaCursor { starts_at: after, id: AppointmentId(after_id), before },
    };
    let (previous, next) = (at(entries.first(), true), at(entries.last(), false));
    // Where one came from there may be something; the other way only if more was found.
    let (has_previous, has_next) = if backwards { (more, true) } else { (true, more) };
    Ok(AgendaPage { previous: has_previous.then_some(previous), next: has_next.then_some(next), entries })
}
