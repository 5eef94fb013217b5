//! What lies within some days.

use super::{Entry, Filter, entries};
use crate::appointments::BusySpan;
use crate::{Actor, Result};
use shared::StaffId;
use shared::slots::Span;
use sqlx::PgConnection;
use uuid::Uuid;

/// More than anyone reads; what lies behind is told, not left out in silence.
const MOST: usize = 3_000;

#[derive(Debug, Clone, Default)]
pub struct Range {
    pub entries: Vec<Entry>,
    /// Of colleagues, with clients that the viewer may not see, and of clients who are booking
    /// just now: when, and nothing else.
    pub busy: Vec<BusySpan>,
    /// There are more than could be shown.
    pub more: bool,
}

/// The appointments that reach into a span, by time. A practitioner sees those of assigned
/// clients, and of the others that a colleague is busy: free times reveal as much.
pub async fn range(conn: &mut PgConnection, actor: &Actor, span: Span, filter: &Filter) -> Result<Range> {
    let staff = actor.staff()?;
    let (scope, people) = (staff.scope(), filter.people());
    let mut ids: Vec<Uuid> = sqlx::query_scalar!(
        r#"select a.id
             from appointment a
            where a.starts_at > $1::timestamptz - interval '1 day' and a.starts_at < $2 and a.ends_at > $1
              and ($3::uuid[] is null or a.practitioner_id = any ($3))
              and ($4::uuid is null or a.location_id = $4)
              and ($7::uuid is null or a.room_id = $7)
              and a.status <> 'held' and ($5 or a.status <> 'cancelled')
              and ($6::uuid is null or exists (
                   select from appointment_participant v
                     join client_practitioner x on x.client_id = v.client_id and x.practitioner_id = $6
                    where v.appointment_id = a.id))
            order by a.starts_at, a.id
            limit $8"#,
        span.starts,
        span.ends,
        people.as_deref(),
        filter.location.map(|id| id.0),
        filter.cancelled,
        scope,
        filter.room.map(|id| id.0),
        MOST as i64 + 1
    )
    .fetch_all(&mut *conn)
    .await?;
    let more = ids.len() > MOST;
    ids.truncate(MOST);
    let entries = entries(conn, &ids, staff.id(), scope).await?;
    let busy = busy(conn, scope, span, filter).await?;
    Ok(Range { entries, busy, more })
}

async fn busy(conn: &mut PgConnection, scope: Option<Uuid>, span: Span, filter: &Filter) -> Result<Vec<BusySpan>> {
    let people = filter.people();
    Ok(sqlx::query_as!(
        BusySpan,
        r#"select distinct a.practitioner_id as "practitioner_id: StaffId", a.starts_at, a.ends_at
             from appointment a
            where a.blocks and (a.held_until is null or a.held_until > now())
              and a.starts_at > $2::timestamptz - interval '1 day' and a.starts_at < $3 and a.ends_at > $2
              and ($4::uuid[] is null or a.practitioner_id = any ($4))
              and ($5::uuid is null or a.location_id = $5)
              and ($6::uuid is null or a.room_id = $6)
              and (a.status = 'held' or $1::uuid is not null and not exists (
                   select from appointment_participant v
                     join client_practitioner x on x.client_id = v.client_id and x.practitioner_id = $1
                    where v.appointment_id = a.id))
            order by a.starts_at, a.ends_at"#,
        scope,
        span.starts,
        span.ends,
        people.as_deref(),
        filter.location.map(|id| id.0),
        filter.room.map(|id| id.0)
    )
    .fetch_all(conn)
    .await?)
}
