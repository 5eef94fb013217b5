//! The answer to an offer: from the portal, or by the link in its mail.

use super::offers::{self, Place, place};
use crate::accounts::secret;
use crate::actor::ClientActor;
use crate::appointments::{self, book_kept, may_be_moved, move_keys, move_to_kept, seat_of};
use crate::audit;
use crate::{Actor, Error, PgPool, Result, authz};
use chrono::{DateTime, Utc};
use shared::accounts::Secret;
use shared::appointments::Move;
use shared::permissions::Permission;
use shared::slots::Span;
use shared::waitlist::OfferState;
use shared::{AppointmentId, ClientId, Conflict, OfferId, Refusal};
use sqlx::PgConnection;
use uuid::Uuid;

/// How often a transaction that met a deadlock is tried in all.
const TRIES: u32 = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    Booked(AppointmentId),
    /// The appointment that they had is at the new time.
    Moved(AppointmentId),
    Declined,
}

/// An offer as the reader of its mail sees it.
#[derive(Debug, Clone)]
pub struct Offered {
    pub state: OfferState,
    /// Set when it is for another person.
    pub for_name: Option<String>,
    pub service: String,
    pub practitioner: String,
    pub location: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub zone: String,
    pub lapses_at: DateTime<Utc>,
    /// The start of the appointment that would be moved.
    pub moves: Option<DateTime<Utc>>,
    /// The portal's permissions let it be taken; declined it is in any case.
    pub may_take: bool,
}

/// Takes or declines an offer: the person it is for, or one who may book for them at this
/// moment. Of several answers the first counts; the same answer again is answered alike.
pub async fn answer(pool: &PgPool, actor: &Actor, id: OfferId, accept: bool) -> Result<Answered> {
    actor.client()?;
    let mut tries = 1;
    loop {
        match answer_once(pool, actor, id, accept).await {
            Err(error) if error.is_transient() && tries < TRIES => tries += 1,
            answer => return answer,
        }
    }
}

/// [`answer`], by the link in the mail; [`Refusal::DeadLink`] if it is none.
pub async fn answer_by_link(pool: &PgPool, secret: &Secret, accept: bool) -> Result<Answered> {
    let (id, reader) = reader(&mut *pool.acquire().await?, secret).await?;
    answer(pool, &reader, id, accept).await
}

/// What the link in the mail is about. Looking at it answers nothing.
pub async fn offered_by_link(pool: &PgPool, secret: &Secret) -> Result<Offered> {
    let mut conn = pool.begin().await?;
    let (id, reader) = reader(&mut conn, secret).await?;
    let Some(place) = place(&mut conn, id).await? else { return Err(Refusal::DeadLink.into()) };
    authz::acting(&mut conn, &reader, place.client).await?;
    let row = sqlx::query!(
        r#"select case when o.state = 'open' and o.lapses_at <= now() then 'lapsed' else o.state end as "state!: OfferState",
                  case when c.id <> $2 then client_short_name(c) end as for_name, s.name as service,
                  m.first_name || ' ' || m.last_name as "practitioner!", l.name as location, l.zone,
                  o.starts_at, o.ends_at, o.lapses_at,
                  case when portal_may(c.id, 'see_appointments') then b.starts_at end as "moves?",
                  portal_may(c.id, 'book') and (w.appointment_id is null or portal_may(c.id, 'move')) as "may_take!"
             from waitlist_offer o
             join waitlist_entry w on w.id = o.entry_id
             join client c on c.id = w.client_id
             join service s on s.id = w.service_id
             join staff_member m on m.id = o.practitioner_id
             left join appointment b on b.id = w.appointment_id and b.status in ('requested', 'confirmed')
            cross join lateral (select name, zone from location where active order by main desc, name limit 1) l
            where o.id = $1"#,
        id.0,
        reader.id()
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or(Error::Refused(Refusal::DeadLink))?;
    Ok(Offered {
        state: row.state,
        for_name: row.for_name,
        service: row.service,
        practitioner: row.practitioner,
        location: row.location,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        zone: row.zone,
        lapses_at: row.lapses_at,
        moves: row.moves,
        may_take: row.may_take,
    })
}

/// Whose link it is: they act as themselves.
async fn reader(conn: &mut PgConnection, secret: &Secret) -> Result<(OfferId, Actor)> {
    let row = sqlx::query!(
        r#"select l.offer_id as "offer: OfferId", c.id as "client: ClientId", client_name(c) as "name!"
             from waitlist_link l join client c on c.id = l.client_id
            where l.secret_hash = $1 and c.status = 'active' and c.erased_at is null"#,
        secret::hash(secret)
    )
    .fetch_optional(conn)
    .await?
    .ok_or(Error::Refused(Refusal::DeadLink))?;
    Ok((row.offer, Actor::Client(ClientActor::new(row.client, row.name))))
}

async fn answer_once(pool: &PgPool, actor: &Actor, id: OfferId, accept: bool) -> Result<Answered> {
    let mut tx = pool.begin().await?;
    let Some(place) = place(&mut tx, id).await? else { return Err(Refusal::NotFound.into()) };
    let mut keys = place.keys();
    if let Some(earlier) = place.earlier {
        keys.extend(keys_of_move(&mut tx, earlier).await?);
    }
    appointments::lock(&mut tx, &keys).await?;
    let client = match accept {
        true => authz::bookable(&mut tx, actor, place.client).await?,
        false => authz::acting(&mut tx, actor, place.client).await?,
    };
    sqlx::query!("select 1 as one from waitlist_entry where id = $1 for update", place.entry.0)
        .fetch_one(&mut *tx)
        .await?;
    let row = sqlx::query!(
        r#"select state as "state: OfferState", appointment_id as "kept: AppointmentId", answered_by, lapses_at,
                  starts_at, ends_at, offered_by
             from waitlist_offer where id = $1 for update"#,
        id.0
    )
    .fetch_one(&mut *tx)
    .await?;
    match (row.state, row.answered_by == Some(actor.id())) {
        (OfferState::Open, _) => {}
        (OfferState::Declined, true) if !accept => return Ok(Answered::Declined),
        (OfferState::Accepted, true) if accept => return taken(&place, row.kept),
        _ => return Err(Refusal::Conflict(Conflict::OfferEnded).into()),
    }
    if !accept {
        offers::end(&mut tx, id, OfferState::Declined, Some(actor.id())).await?;
        audit::append(&mut tx, actor, "decline", "waitlist", place.entry, &["state"]).await?;
        tx.commit().await?;
        return Ok(Answered::Declined);
    }
    let Some(kept) = row.kept.filter(|_| row.lapses_at > Utc::now()) else {
        return Err(Refusal::Conflict(Conflict::OfferEnded).into());
    };
    let (answered, word) = match stands(&mut tx, place.earlier).await? {
        Some(earlier) => {
            authz::permitted(&mut tx, actor, place.client, Permission::Move).await?;
            if row.offered_by.is_none() {
                may_be_moved(&mut tx, earlier).await?;
            }
            move_to_kept(&mut tx, actor, earlier, kept).await?;
            (Answered::Moved(earlier), "move")
        }
        None if is_session(&mut tx, kept).await? => {
            let span = Span { starts: row.starts_at, ends: row.ends_at };
            seat_of(&mut tx, actor, client, kept, (place.practitioner, span)).await?;
            (Answered::Booked(kept), "book")
        }
        None => {
            book_kept(&mut tx, actor, client, kept).await?;
            (Answered::Booked(kept), "book")
        }
    };
    let (Answered::Booked(booked) | Answered::Moved(booked)) = answered else { return Ok(answered) };
    sqlx::query!(
        "update waitlist_offer set state = 'accepted', ended_at = now(), answered_by = $2, appointment_id = $3 where id = $1",
        id.0,
        actor.id(),
        booked.0
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update waitlist_entry set state = 'booked', ended_at = now(), version = version + 1 where id = $1",
        place.entry.0
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, actor, word, "appointment", booked, &["waitlist"]).await?;
    audit::append(&mut tx, actor, "accept", "waitlist", place.entry, &["state"]).await?;
    tx.commit().await?;
    Ok(answered)
}

/// The answer that was given before.
fn taken(place: &Place, booked: Option<AppointmentId>) -> Result<Answered> {
    match booked {
        Some(id) if place.earlier == Some(id) => Ok(Answered::Moved(id)),
        Some(id) => Ok(Answered::Booked(id)),
        None => Err(Refusal::Conflict(Conflict::OfferEnded).into()),
    }
}

async fn keys_of_move(conn: &mut PgConnection, id: AppointmentId) -> Result<Vec<Uuid>> {
    let moved = Move { appointment: id, version: 0, starts_at: Utc::now(), practitioner: None, room: None, over: None };
    move_keys(conn, moved).await
}

/// The appointment that would be moved, while it is upcoming.
async fn stands(conn: &mut PgConnection, id: Option<AppointmentId>) -> Result<Option<AppointmentId>> {
    Ok(sqlx::query_scalar!(
        r#"select id as "id: AppointmentId" from appointment
            where id = $1 and status in ('requested', 'confirmed') and starts_at > now() for update"#,
        id.map(|id| id.0)
    )
    .fetch_optional(conn)
    .await?)
}

async fn is_session(conn: &mut PgConnection, kept: AppointmentId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from appointment where id = $1 and seats > 1 and status in ('requested', 'confirmed')) as "is!""#,
        kept.0
    )
    .fetch_one(conn)
    .await?)
}
