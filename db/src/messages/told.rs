//! What was told last of a participant's appointment, and what there is to tell now.

use super::Message;
use super::compose::News;
use crate::Result;
use chrono::{DateTime, Utc};
use shared::messages::MessageKind;
use sqlx::PgConnection;
use uuid::Uuid;

/// What a confirmation, change or cancellation has to tell at this moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tidings {
    participant: Uuid,
    pub news: News,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    practitioner: Uuid,
    location: Uuid,
}

/// `None` when it is no longer so, or is what was told last.
pub(super) async fn tidings(conn: &mut PgConnection, message: &Message) -> Result<Option<Tidings>> {
    let Some(participant) = message.participant else { return Ok(None) };
    let row = sqlx::query!(
        r#"select v.status = 'booked' and a.status in ('requested', 'confirmed') and a.version = $2 as "stands!",
                  v.status <> 'booked' or a.status = 'cancelled' as "is_cancelled!",
                  a.status = 'requested' as "is_requested!", a.declined,
                  a.starts_at, a.ends_at, a.practitioner_id as practitioner, a.location_id as location, t.status as "told?",
                  coalesce((t.starts_at, t.ends_at, t.practitioner_id, t.location_id)
                         = (a.starts_at, a.ends_at, a.practitioner_id, a.location_id), false) as "is_same!"
             from appointment_participant v
             join appointment a on a.id = v.appointment_id
             left join appointment_told t on t.participant_id = v.id
            where v.id = $1"#,
        participant,
        message.version
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (told, same) = (row.told.as_deref(), row.is_same);
    let news = match message.kind {
        MessageKind::Cancellation if !row.is_cancelled || told == Some("cancelled") => return Ok(None),
        MessageKind::Cancellation if row.declined => News::Declined,
        MessageKind::Cancellation => News::Cancelled,
        _ if !row.stands => return Ok(None),
        _ if row.is_requested && told == Some("requested") && same => return Ok(None),
        _ if row.is_requested => News::Requested,
        _ if told == Some("booked") && same => return Ok(None),
        MessageKind::Confirmation if told != Some("booked") => News::Confirmed,
        _ => News::Changed,
    };
    Ok(Some(Tidings {
        participant,
        news,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        practitioner: row.practitioner,
        location: row.location,
    }))
}

/// Notes that it was told, with what one mail told together with it.
pub(super) async fn note(conn: &mut PgConnection, told: Tidings) -> Result<()> {
    sqlx::query!(
        "insert into appointment_told (participant_id, status, starts_at, ends_at, practitioner_id, location_id)
         select $1, $2, $3, $4, $5, $6
         union all
         select participant_id, $2, starts_at, ends_at, practitioner_id, location_id from told_together($1)
         on conflict (participant_id) do update
            set status = excluded.status, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
                practitioner_id = excluded.practitioner_id, location_id = excluded.location_id, told_at = now()",
        told.participant,
        match told.news {
            news if news.is_over() => "cancelled",
            News::Requested => "requested",
            _ => "booked",
        },
        told.starts_at,
        told.ends_at,
        told.practitioner,
        told.location
    )
    .execute(conn)
    .await?;
    Ok(())
}
