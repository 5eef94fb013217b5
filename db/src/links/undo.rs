//! Undoing a removal for some minutes: the link, its permissions, and what the two had in the
//! appointments that were kept. What was cancelled stays so.

use super::history::record;
use super::sides::{Pair, Stored};
use super::{both, coming_of_age, insert};
use crate::authz::ReadableClient;
use crate::{Actor, Error, Result, appointments, audit, messages};
use shared::links::EventKind;
use shared::{ClientNumber, Refusal};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// For how long a removal can be undone.
pub const UNDO_MINUTES: i32 = 10;

/// A link of a client that was removed some minutes ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undoable {
    pub other: ClientNumber,
    pub other_name: String,
    /// How many minutes are left, at least one.
    pub minutes: i64,
}

/// The removals of a client's links that can be undone at this moment, for the front desk.
pub async fn undoable(conn: &mut PgConnection, actor: &Actor, own: &ReadableClient) -> Result<Vec<Undoable>> {
    if actor.front_desk().is_err() {
        return Ok(Vec::new());
    }
    Ok(sqlx::query_as!(
        Undoable,
        r#"select c.number as "other: ClientNumber", client_name(c) as "other_name!",
                  greatest(1, ceil(extract(epoch from e.at + make_interval(mins => $2) - now()) / 60))::bigint as "minutes!"
             from client_link_event e
             join client c on c.id = case when e.client_low = $1 then e.client_high else e.client_low end
            where (e.client_low = $1 or e.client_high = $1) and e.kind = 'removed'
              and e.at > now() - make_interval(mins => $2) and e.state is not null
              and not exists (select from client_link_event later
                               where (later.client_low, later.client_high) = (e.client_low, e.client_high) and later.at > e.at)
            order by e.at desc"#,
        own.id().0,
        UNDO_MINUTES
    )
    .fetch_all(conn)
    .await?)
}

/// Puts back the link that was removed, with its labels and permissions, for some minutes after:
/// [`Refusal::NotUndoable`] later, or once the two are linked again. Pressed twice it is as once.
pub async fn undo(pool: &PgPool, actor: &Actor, number: ClientNumber, other: ClientNumber) -> Result<()> {
    let mut tx = pool.begin().await?;
    let (own, other) = both(&mut tx, actor, number, other).await?;
    let pair = Pair::of(own.id(), other.id()).ok_or(Error::Refused(Refusal::NotFound))?;
    // Of two at the same time the second finds it done.
    appointments::lock(&mut tx, &[pair.low.0, pair.high.0]).await?;
    let newest = sqlx::query!(
        r#"select kind as "kind: EventKind", state, at > now() - make_interval(mins => $3) as "is_recent!"
             from client_link_event where client_low = $1 and client_high = $2 order by at desc, id desc limit 1"#,
        pair.low.0,
        pair.high.0,
        UNDO_MINUTES
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    match newest.kind {
        EventKind::Restored => return Ok(()),
        EventKind::Removed if newest.is_recent => {}
        _ => return Err(Refusal::NotUndoable.into()),
    }
    let state = newest.state.ok_or(Error::Refused(Refusal::NotUndoable))?;
    let Ok(stored) = serde_json::from_value::<Stored>(state.clone()) else { return Err(Refusal::NotUndoable.into()) };
    let link = insert(&mut tx, pair, stored).await.map_err(Error::or_not_undoable)?;
    // As old as it was, and another version than any that a page may still show.
    sqlx::query!(
        "update client_link set created_at = coalesce(($2::jsonb ->> 'made_at')::timestamptz, created_at),
                version = coalesce(($2::jsonb ->> 'made_version')::integer + 1, version)
          where id = $1",
        link.0,
        state
    )
    .execute(&mut *tx)
    .await?;
    let event = record(&mut tx, actor, link, EventKind::Restored).await?;
    let back = give_back(&mut tx, pair, &state).await.map_err(Error::or_not_undoable)?;
    // Someone may have come of age meanwhile.
    coming_of_age::settle(&mut tx, pair).await?;
    messages::queue_link_change(&mut tx, event).await?;
    for appointment in back {
        audit::append(&mut tx, actor, "update", "appointment", appointment, &["proxy_id"]).await?;
    }
    audit::append(&mut tx, actor, "restore", "link", link, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// What the one had in upcoming appointments of the other, where nothing took its place.
async fn give_back(conn: &mut PgConnection, pair: Pair, state: &serde_json::Value) -> Result<Vec<Uuid>> {
    #[derive(serde::Deserialize)]
    struct Kept {
        id: Uuid,
        booked: Option<bool>,
        pays: Option<bool>,
        assigned_to: Option<Uuid>,
        was: String,
    }
    let kept = state.get("kept").cloned().unwrap_or_default();
    let kept: Vec<Kept> = serde_json::from_value(kept).unwrap_or_default();
    let mut back = Vec::new();
    for one in kept {
        let appointment = sqlx::query_scalar!(
            "update appointment_participant v
                set proxy_id = case when $4 and proxy_id is null then other.id else proxy_id end,
                    payer_id = case when $5 and payer_id is null then other.id else payer_id end,
                    assigned = case when assigned = 'none' and ($7 <> 'one' or they.may) then $7 else assigned end,
                    assigned_to = case when assigned = 'none' and $7 = 'one' and they.may then $6 else assigned_to end
               from (select case when client_id = $2 then $3::uuid else $2 end as id from appointment_participant where id = $1) other,
                    -- Whoever was assigned, if they are linked still.
                    (select exists (select from client_grant g join appointment_participant p on p.id = $1 and p.client_id = g.subject
                                     where g.holder = $6) as may) they
              where v.id = $1 and v.client_id in ($2, $3) and v.status = 'booked' and v.starts_at > now()
             returning v.appointment_id",
            one.id,
            pair.low.0,
            pair.high.0,
            one.booked.unwrap_or_default(),
            one.pays.unwrap_or_default(),
            one.assigned_to as Option<Uuid>,
            one.was
        )
        .fetch_optional(&mut *conn)
        .await?;
        back.extend(appointment);
    }
    Ok(back)
}
