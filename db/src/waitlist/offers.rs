//! Making an offer and ending it.
//!
//! The time is kept by an appointment that is held until the offer lapses; of a group session
//! it is a seat, which free times and bookings count as taken. The person who waits and those
//! who may book for them each get a link of their own.

use super::settings;
use crate::accounts::secret;
use crate::actor::ClientActor;
use crate::appointments::free_times::venue_zone;
use crate::appointments::{self, booking_keys, keep_for, may_be_moved, remove_holds, session_at};
use crate::audit::{self, By};
use crate::time::Zone;
use crate::{Actor, Error, PgPool, Result, authz, new_id};
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use shared::appointments::{Assigning, Booking, Modality, instant, is_bookable};
use shared::messages::MessageKind;
use shared::waitlist::{OfferState, WaitState};
use shared::{AppointmentId, ClientId, Conflict, OfferId, Problem, Refusal, ServiceId, StaffId, WaitId};
use sqlx::PgConnection;
use uuid::Uuid;

/// The shortest time to answer.
const ANSWER_MIN: TimeDelta = TimeDelta::minutes(5);
/// No offers from this hour of the evening to that of the morning, at the venue.
pub(super) const EVENING: u32 = 21;
pub(super) const MORNING: u32 = 8;
/// How often a transaction that met a deadlock is tried in all.
const TRIES: u32 = 4;

/// Offers a time to someone who waits: anyone who may book them. `slot` is the instant and the
/// practitioner, as in [`shared::appointments::BookingForm`].
pub async fn offer(pool: &PgPool, actor: &Actor, id: WaitId, slot: &str) -> Result<OfferId> {
    actor.staff()?;
    super::entries::owner(&mut *pool.begin().await?, actor, id).await?;
    let mut parts = slot.split(' ');
    let starts_at = instant(parts.next().unwrap_or_default()).map_err(|problem| Refusal::field("slot", problem))?;
    let practitioner = parts.next().unwrap_or_default().parse();
    let practitioner = practitioner.map_err(|_| Refusal::field("slot", Problem::Unknown))?;
    make(pool, Some(actor), id, starts_at, practitioner).await
}

/// `actor`: who offers it; without one the time is offered by itself, as one that the client
/// could book online.
pub(super) async fn make(
    pool: &PgPool,
    actor: Option<&Actor>,
    id: WaitId,
    starts_at: DateTime<Utc>,
    practitioner: StaffId,
) -> Result<OfferId> {
    let mut tries = 1;
    loop {
        match make_once(pool, actor, id, starts_at, practitioner).await {
            Err(error) if error.is_transient() && tries < TRIES => tries += 1,
            answer => return answer,
        }
    }
}

async fn make_once(
    pool: &PgPool,
    actor: Option<&Actor>,
    id: WaitId,
    starts_at: DateTime<Utc>,
    practitioner: StaffId,
) -> Result<OfferId> {
    if !is_bookable(starts_at) {
        return Err(Refusal::field("slot", Problem::NotATime).into());
    }
    let mut tx = pool.begin().await?;
    let entry = sqlx::query!(
        r#"select client_id as "client: ClientId", service_id as "service: ServiceId", appointment_id as "appointment: AppointmentId"
             from waitlist_entry where id = $1"#,
        id.0
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    let offer = OfferId(new_id());
    let booking = Booking {
        service: entry.service,
        practitioner,
        anyone: false,
        starts_at,
        client: entry.client,
        proxy: None,
        assigned: Assigning::Everyone,
        room: None,
        modality: Modality::InPerson,
        over: None,
        hold: None,
        request_key: offer.0,
    };
    let keys = booking_keys(&mut tx, booking).await?;
    appointments::lock(&mut tx, &keys).await?;
    if let Some(actor) = actor {
        authz::bookable(&mut tx, actor, entry.client).await?;
    }
    let state =
        sqlx::query_scalar!(r#"select state as "state: WaitState" from waitlist_entry where id = $1 for update"#, id.0);
    match state.fetch_one(&mut *tx).await? {
        WaitState::Waiting => {}
        WaitState::Offered => return Err(Refusal::Conflict(Conflict::AlreadyOffered).into()),
        WaitState::Booked | WaitState::Withdrawn | WaitState::Lapsed => {
            return Err(Refusal::Conflict(Conflict::NotWaiting).into());
        }
    }
    if let (None, Some(earlier)) = (actor, entry.appointment) {
        may_be_moved(&mut tx, earlier).await?;
    }
    let lapses_at = lapses_at(&mut tx, entry.service, starts_at).await?;
    let client = Actor::Client(ClientActor::new(entry.client, ""));
    let asks = actor.unwrap_or(&client);
    let kept = match session_at(&mut tx, booking).await? {
        Some(session) if session.left > 0 => session.id,
        Some(_) => return Err(Refusal::Conflict(Conflict::SessionFull).into()),
        None => {
            let kept = keep_for(&mut tx, asks, booking, (offer.0, lapses_at), entry.appointment).await?;
            // What the practice would be asked about is not offered without it.
            if actor.is_none() && kept.ask {
                return Err(Refusal::Conflict(Conflict::NotChangedOnline).into());
            }
            kept.id
        }
    };
    sqlx::query!(
        "insert into waitlist_offer (id, entry_id, appointment_id, practitioner_id, starts_at, ends_at, lapses_at, offered_by)
         select $1, $2, a.id, a.practitioner_id, a.starts_at, a.ends_at, $4, $5 from appointment a where a.id = $3",
        offer.0,
        id.0,
        kept.0,
        lapses_at,
        actor.map(Actor::id)
    )
    .execute(&mut *tx)
    .await?;
    mail(&mut tx, offer, entry.client).await?;
    sqlx::query!("update waitlist_entry set state = 'offered', version = version + 1 where id = $1", id.0)
        .execute(&mut *tx)
        .await?;
    audit::append(&mut tx, actor.map_or(By::System, By::Actor), "offer", "waitlist", id, &["state"]).await?;
    tx.commit().await?;
    Ok(offer)
}

/// When the offer ends: after the practice's time to answer, and no later than the service's
/// notice before the start.
async fn lapses_at(conn: &mut PgConnection, service: ServiceId, starts_at: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let minutes = settings::read(&mut *conn).await?.minutes;
    let notice = sqlx::query_scalar!("select notice_minutes from service where id = $1", service.0);
    let notice = TimeDelta::minutes(notice.fetch_one(&mut *conn).await?.into());
    let now = Utc::now();
    let lapses_at = (now + TimeDelta::minutes(minutes.into())).min(starts_at - notice);
    if lapses_at < now + ANSWER_MIN {
        return Err(Refusal::Conflict(Conflict::TooSoonToOffer).into());
    }
    if !may_offer_at(now, starts_at, &venue_zone(conn).await?) {
        return Err(Refusal::Conflict(Conflict::OfferAtNight).into());
    }
    Ok(lapses_at)
}

/// No one is woken for a time that is more than a day ahead.
fn may_offer_at(now: DateTime<Utc>, starts_at: DateTime<Utc>, venue: &Zone) -> bool {
    (MORNING..EVENING).contains(&venue.local(now).hour()) || starts_at - now <= TimeDelta::hours(24)
}

/// A link and a mail for each address: the person's own, and those of the linked clients who
/// may book for them.
async fn mail(conn: &mut PgConnection, offer: OfferId, client: ClientId) -> Result<()> {
    let readers = sqlx::query_scalar!(
        r#"select distinct on (lower(trim(c.email::text))) c.id as "id!"
             from (select $1::uuid as id, 0 as rank
                   union all
                   select g.holder, 1 from client_grant g where g.subject = $1 and g.may_book) may
             join client c on c.id = may.id
            where portal_may($1, 'book')
              and ((select w.appointment_id from waitlist_offer o join waitlist_entry w on w.id = o.entry_id where o.id = $2) is null
                   or portal_may($1, 'move'))
              and c.status = 'active' and c.erased_at is null and c.email is not null and c.email_consent
            order by lower(trim(c.email::text)), may.rank, c.id"#,
        client.0,
        offer.0
    )
    .fetch_all(&mut *conn)
    .await?;
    if readers.is_empty() {
        return Err(Refusal::Conflict(Conflict::NoOneToOffer).into());
    }
    for reader in readers {
        let (message, secret) = (new_id(), secret::new());
        sqlx::query!(
            "insert into message (id, kind, client_id, subject_version, secret)
             values ($1, $2, $3, nextval('waitlist_offer_number')::integer, $4)",
            message,
            MessageKind::Offer.as_str(),
            reader,
            secret.0
        )
        .execute(&mut *conn)
        .await?;
        sqlx::query!(
            "insert into waitlist_link (id, offer_id, client_id, secret_hash, message_id) values ($1, $2, $3, $4, $5)",
            new_id(),
            offer.0,
            reader,
            secret::hash(&secret),
            message
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Takes an offer back, for staff. One that has ended stays as it is.
pub async fn withdraw_offer(pool: &PgPool, actor: &Actor, id: OfferId) -> Result<()> {
    actor.staff()?;
    let mut tx = pool.begin().await?;
    let Some(place) = place(&mut tx, id).await? else { return Err(Refusal::NotFound.into()) };
    appointments::lock(&mut tx, &place.keys()).await?;
    authz::bookable(&mut tx, actor, place.client).await?;
    if end(&mut tx, id, OfferState::Withdrawn, Some(actor.id())).await? {
        audit::append(&mut tx, actor, "withdraw-offer", "waitlist", place.entry, &["state"]).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Whose an offer is, and what is locked while it is answered.
pub(super) struct Place {
    pub entry: WaitId,
    pub client: ClientId,
    pub practitioner: StaffId,
    /// What they would move.
    pub earlier: Option<AppointmentId>,
}

impl Place {
    pub fn keys(&self) -> Vec<Uuid> {
        vec![self.client.0, self.practitioner.0]
    }
}

pub(super) async fn place(conn: &mut PgConnection, id: OfferId) -> Result<Option<Place>> {
    Ok(sqlx::query_as!(
        Place,
        r#"select w.id as "entry: WaitId", w.client_id as "client: ClientId", o.practitioner_id as "practitioner: StaffId",
                  w.appointment_id as "earlier: AppointmentId"
             from waitlist_offer o join waitlist_entry w on w.id = o.entry_id where o.id = $1"#,
        id.0
    )
    .fetch_optional(conn)
    .await?)
}

/// Ends an open offer without its being taken: what was held is free again, and its client
/// waits on. `false`: it has ended already. The audit is the caller's.
pub(super) async fn end(conn: &mut PgConnection, id: OfferId, state: OfferState, by: Option<Uuid>) -> Result<bool> {
    // The entry before the offer, as everywhere.
    sqlx::query!(
        "select 1 as one from waitlist_entry where id = (select entry_id from waitlist_offer where id = $1) for update",
        id.0
    )
    .fetch_optional(&mut *conn)
    .await?;
    let ended = sqlx::query!(
        r#"update waitlist_offer set state = $2, ended_at = now(), answered_by = $3
            where id = $1 and state = 'open'
           returning entry_id, practitioner_id, appointment_id, starts_at, ends_at"#,
        id.0,
        state.as_str(),
        by
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(ended) = ended else { return Ok(false) };
    sqlx::query!(
        "update waitlist_entry set state = 'waiting', version = version + 1 where id = $1 and state = 'offered'",
        ended.entry_id
    )
    .execute(&mut *conn)
    .await?;
    remove_holds(&mut *conn, &ended.appointment_id.into_iter().collect::<Vec<_>>()).await?;
    // The next one need not wait: nothing here is undone.
    sqlx::query!(
        "insert into waitlist_freed (appointment_id, practitioner_id, starts_at, ends_at, due_at)
         select $1, $2, $3, $4, now() where $3 > now()",
        ended.appointment_id,
        ended.practitioner_id,
        ended.starts_at,
        ended.ends_at
    )
    .execute(conn)
    .await?;
    Ok(true)
}

/// Locks the two and what the offers to either of them take, before the link between them is.
pub(crate) async fn lock_between(conn: &mut PgConnection, one: ClientId, other: ClientId) -> Result<()> {
    let keys = sqlx::query_scalar!(
        r#"select w.client_id as "id!" from waitlist_offer o join waitlist_entry w on w.id = o.entry_id
            where o.state = 'open' and w.client_id in ($1, $2)
           union values ($1::uuid), ($2)
           union
           select o.practitioner_id from waitlist_offer o join waitlist_entry w on w.id = o.entry_id
            where o.state = 'open' and w.client_id in ($1, $2)"#,
        one.0,
        other.0
    )
    .fetch_all(&mut *conn)
    .await?;
    appointments::lock(conn, &keys).await
}

/// Neither of the two acts for the other any more: their links to each other's offers go, and
/// with the last link the offer. Answers whose offers ended, for the audit.
pub(crate) async fn without_link(conn: &mut PgConnection, one: ClientId, other: ClientId) -> Result<Vec<WaitId>> {
    let mut ended = without_reader(&mut *conn, one, other).await?;
    ended.extend(without_reader(conn, other, one).await?);
    Ok(ended)
}

/// As [`without_link`], where the one alone may no longer book for the other.
pub(crate) async fn without_reader(
    conn: &mut PgConnection,
    reader: ClientId,
    subject: ClientId,
) -> Result<Vec<WaitId>> {
    sqlx::query!(
        "delete from waitlist_link l using waitlist_offer o, waitlist_entry w
          where o.id = l.offer_id and w.id = o.entry_id and o.state = 'open'
            and l.client_id = $1 and w.client_id = $2",
        reader.0,
        subject.0
    )
    .execute(&mut *conn)
    .await?;
    let left = sqlx::query!(
        r#"select o.id as "id: OfferId", w.id as "entry: WaitId" from waitlist_offer o join waitlist_entry w on w.id = o.entry_id
            where o.state = 'open' and w.client_id = $1
              and not exists (select from waitlist_link l where l.offer_id = o.id)
            order by o.id"#,
        subject.0
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut ended = Vec::new();
    for row in left {
        end(&mut *conn, row.id, OfferState::Withdrawn, None).await?;
        ended.push(row.entry);
    }
    Ok(ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_one_is_woken_for_a_time_that_is_far_ahead() {
        let toronto = Zone::parse("America/Toronto").unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let far = at("2026-12-20T15:00:00Z");
        // 7:59, 8:00, 20:59 and 21:00 in Toronto.
        assert!(!may_offer_at(at("2026-12-07T12:59:00Z"), far, &toronto));
        assert!(may_offer_at(at("2026-12-07T13:00:00Z"), far, &toronto));
        assert!(may_offer_at(at("2026-12-08T01:59:00Z"), far, &toronto));
        assert!(!may_offer_at(at("2026-12-08T02:00:00Z"), far, &toronto));
        assert!(may_offer_at(at("2026-12-08T02:00:00Z"), at("2026-12-08T15:00:00Z"), &toronto), "today");
    }
}
