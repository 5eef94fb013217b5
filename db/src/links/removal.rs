//! Removing a link, with what is open between the two.

use super::history::record;
use super::matters::matters;
use super::sides::Pair;
use super::{both, lock};
use crate::appointments::{self, Ending};
use crate::{Actor, Error, Result, audit, messages, requests, waitlist};
use shared::links::{Choice, Decisions, EventKind, MatterKind, OpenMatter, RemovalForm};
use shared::messages::WhyNot;
use shared::{AppointmentId, ClientId, ClientNumber, Refusal, RequestId, WaitId};
use sqlx::{PgConnection, PgPool};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Who gets mail about the appointments of each of the two once the link is
/// gone: first the client's, then the other's.
pub async fn reach_without(
    pool: &PgPool,
    actor: &Actor,
    number: ClientNumber,
    other: ClientNumber,
) -> Result<[messages::Reach; 2]> {
    let mut conn = pool.acquire().await?;
    let (own, other) = both(&mut conn, actor, number, other).await?;
    let scope = actor.staff()?.scope();
    Ok([
        messages::reach(&mut conn, own.id(), Some(other.id()), scope, None).await?,
        messages::reach(&mut conn, other.id(), Some(own.id()), scope, None).await?,
    ])
}

/// Whether one of the two is told by mail that the link is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub name: String,
    /// Why not; `None`: they are.
    pub why_not: Option<WhyNot>,
}

/// Who is told of the removal itself: first the client, then the other.
pub async fn told_of_removal(
    pool: &PgPool,
    actor: &Actor,
    number: ClientNumber,
    other: ClientNumber,
) -> Result<[Told; 2]> {
    let mut conn = pool.acquire().await?;
    let (own, other) = both(&mut conn, actor, number, other).await?;
    let told = messages::told_of_link(&mut conn, own.id(), other.id()).await?;
    let one =
        |id: ClientId| told.iter().find(|told| told.0 == id).map(|told| Told { name: told.1.clone(), why_not: told.2 });
    one(own.id()).zip(one(other.id())).map(Into::into).ok_or(Error::Refused(Refusal::NotFound))
}

/// Ends, right away, what either may do for the other, and does with each matter that is open
/// between them what the form decides. One that is not open between them is
/// [`Refusal::NotFound`]; one that the form leaves open, or a link that was changed since it was
/// shown, is [`Refusal::Stale`]: nothing is done. Answers which appointments were cancelled.
///
/// Past appointments keep who booked them: lists ask the grant each time, so
/// the former linked client sees none of them.
pub async fn remove(
    pool: &PgPool,
    actor: &Actor,
    number: ClientNumber,
    other: ClientNumber,
    form: &RemovalForm,
) -> Result<Vec<AppointmentId>> {
    let mut tx = pool.begin().await?;
    let (own, other) = both(&mut tx, actor, number, other).await?;
    let pair = Pair::of(own.id(), other.id()).ok_or(Error::Refused(Refusal::NotFound))?;
    waitlist::lock_between(&mut tx, pair.low, pair.high).await?;
    // Bookings by way of this link share this lock: none slips in behind.
    let (link, version, _) = lock(&mut tx, pair).await?;
    sqlx::query!(
        "select 1 as one from appointment a
          where a.status in ('requested', 'confirmed') and a.starts_at > now()
            and exists (select from appointment_participant v
                         where v.appointment_id = a.id and v.status = 'booked' and v.client_id in ($1, $2)
                           and (v.proxy_id in ($1, $2) or v.assigned_to in ($1, $2) or v.payer_id in ($1, $2)))
          order by a.id for update",
        pair.low.0,
        pair.high.0
    )
    .fetch_all(&mut *tx)
    .await?;
    let decided = form.parse()?;
    if decided.version.is_some_and(|shown| shown != version) {
        return Err(Refusal::Stale.into());
    }
    let decided = sorted(matters(&mut tx, pair.low, pair.high).await?, &decided)?;

    // The notices read the link's grants when they are sent: they go to the
    // person alone.
    for id in &decided.cancel {
        let ending = sqlx::query_scalar!(
            "select id from appointment_participant
              where appointment_id = $1 and status = 'booked' and client_id in ($2, $3)
                and (case when client_id = $2 then $3 else $2 end) in (proxy_id, assigned_to, payer_id)
              order by id",
            id,
            pair.low.0,
            pair.high.0
        )
        .fetch_all(&mut *tx)
        .await?;
        appointments::end(&mut tx, actor, AppointmentId(*id), &ending, Ending::default()).await?;
    }
    let event = record(&mut tx, actor, link, EventKind::Removed).await?;
    part(&mut tx, event, pair, &decided).await?;
    for id in &decided.leave {
        waitlist::withdraw_in(&mut tx, actor, WaitId(*id)).await?;
    }
    appointments::remove_holds(&mut tx, &decided.release).await?;
    for id in &decided.unasked {
        requests::withdraw_in(&mut tx, RequestId(*id)).await?;
    }
    sqlx::query!("delete from client_link where id = $1", link.0).execute(&mut *tx).await?;
    requests::forget_drafts_between(&mut tx, pair.low, pair.high).await?;
    let unoffered = waitlist::without_link(&mut tx, pair.low, pair.high).await?;
    messages::queue_link_change(&mut tx, event).await?;

    for id in &decided.cancel {
        audit::append(&mut tx, actor, "cancel", "appointment", *id, &["status"]).await?;
    }
    for id in decided.keep.iter().chain(&decided.own) {
        audit::append(&mut tx, actor, "update", "appointment", *id, &["proxy_id"]).await?;
    }
    for id in decided.leave {
        audit::append(&mut tx, actor, "withdraw", "waitlist", id, &["state"]).await?;
    }
    for id in decided.unasked {
        audit::append(&mut tx, actor, "withdraw", "request", id, &["state"]).await?;
    }
    for entry in unoffered {
        audit::append(&mut tx, actor, "withdraw-offer", "waitlist", entry, &["state"]).await?;
    }
    audit::append(&mut tx, actor, "remove", "link", link, &[]).await?;
    tx.commit().await?;
    Ok(decided.cancel.into_iter().map(AppointmentId).collect())
}

/// The open matters by what is decided.
#[derive(Default)]
struct Sorted {
    cancel: Vec<Uuid>,
    keep: Vec<Uuid>,
    own: Vec<Uuid>,
    /// Places on the waiting list to give up.
    leave: Vec<Uuid>,
    /// Holds to let go.
    release: Vec<Uuid>,
    /// Requests to withdraw.
    unasked: Vec<Uuid>,
}

fn sorted(open: Vec<OpenMatter>, decided: &Decisions) -> Result<Sorted> {
    let known: BTreeSet<Uuid> = open.iter().map(|matter| matter.id).collect();
    if decided.choices.keys().any(|id| !known.contains(id)) {
        return Err(Refusal::NotFound.into());
    }
    let mut sorted = Sorted::default();
    for matter in open {
        let Some(choice) = decided.about(matter.kind, matter.id, matter.version) else {
            return Err(Refusal::Stale.into());
        };
        match (matter.kind, choice) {
            (MatterKind::Appointment, Choice::Keep) => sorted.keep.push(matter.id),
            (MatterKind::Appointment, Choice::Own) => sorted.own.push(matter.id),
            (MatterKind::Appointment, Choice::End) => sorted.cancel.push(matter.id),
            (MatterKind::Waiting, Choice::End) => sorted.leave.push(matter.id),
            (MatterKind::Hold, Choice::End) => sorted.release.push(matter.id),
            (MatterKind::Request, Choice::End) => sorted.unasked.push(matter.id),
            (MatterKind::Waiting | MatterKind::Hold | MatterKind::Request, _) => {}
        }
    }
    Ok(sorted)
}

/// Of the appointments that stay neither is assigned any more nor pays. An appointment that staff
/// assigned to the other alone becomes no one else's. What the two lose stands beside the removal, so
/// that undoing it gives it back.
async fn part(conn: &mut PgConnection, event: Uuid, pair: Pair, decided: &Sorted) -> Result<()> {
    let kept = [&decided.keep[..], &decided.own].concat();
    sqlx::query!(
        "update client_link_event e
            set state = e.state || (select jsonb_build_object('made_at', l.created_at, 'made_version', l.version)
                                      from client_link l where (l.client_low, l.client_high) = ($3, $4))
                      || jsonb_build_object('kept', coalesce((
                select jsonb_agg(jsonb_build_object(
                           'id', v.id, 'booked', v.proxy_id in ($3, $4), 'pays', v.payer_id in ($3, $4),
                           'assigned_to', v.assigned_to, 'was', v.assigned))
                  from appointment_participant v
                 where v.appointment_id = any ($2) and v.client_id in ($3, $4)
                   and (v.proxy_id in ($3, $4) or v.payer_id in ($3, $4) or v.assigned_to in ($3, $4))), '[]'))
          where e.id = $1",
        event,
        &kept,
        pair.low.0,
        pair.high.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update appointment_participant v
            set proxy_id = nullif(nullif(proxy_id, $1), $2), payer_id = nullif(nullif(payer_id, $1), $2),
                assigned = case when v.appointment_id = any ($4) or assigned_to in ($1, $2) then 'none' else assigned end,
                assigned_to = case when v.appointment_id = any ($4) or assigned_to in ($1, $2) then null else assigned_to end
          where appointment_id = any ($3) and client_id in ($1, $2)
            and (proxy_id in ($1, $2) or payer_id in ($1, $2) or assigned_to in ($1, $2))",
        pair.low.0,
        pair.high.0,
        &kept,
        &decided.own
    )
    .execute(conn)
    .await?;
    Ok(())
}
