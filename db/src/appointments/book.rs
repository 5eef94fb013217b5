//! Booking: locks, checks, insert, message, audit, in one transaction.
//!
//! Advisory locks on practitioner and person come first, in sorted order, so
//! that rivals queue up instead of deadlocking; the EXCLUDE constraints stand
//! behind them and refuse what no check saw.

use crate::actor::StaffActor;
use crate::authz::{self, BookableClient};
use crate::time::Zone;
use crate::{Actor, Error, OnConstraint, Result, audit, messages, new_id, slots};
use chrono::{DateTime, Days, NaiveDateTime, TimeDelta, Utc};
use shared::appointments::{Booking, BookingForm, instant_text};
use shared::clients::{Kind, Status};
use shared::slots::Span;
use shared::{AppointmentId, ClientId, Conflict, Problem, Refusal, parse};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// How often a transaction that met a deadlock is tried in all.
const TRIES: u32 = 4;

/// Turns what staff chose into an instant and a practitioner: a local time
/// that was typed, at the venue, or else a free time from the list.
pub async fn with_instant(pool: &PgPool, form: BookingForm) -> Result<BookingForm> {
    if form.local.trim().is_empty() {
        let (starts_at, practitioner) = form.slot.split_once(' ').unwrap_or_default();
        return Ok(BookingForm { starts_at: starts_at.to_owned(), practitioner: practitioner.to_owned(), ..form });
    }
    let local = NaiveDateTime::parse_from_str(form.local.trim(), "%Y-%m-%dT%H:%M")
        .ok()
        .filter(|local| parse::date(&local.date().to_string()).is_ok())
        .ok_or(Refusal::field("local", Problem::NotATime))?;
    let zone = slots::venue_zone(pool).await?;
    Ok(BookingForm { starts_at: instant_text(zone.instant(local)), ..form })
}

/// Books, and answers the appointment's id. The same request key by the same
/// actor answers the first result again. Staff may pass over conflicts with
/// `overbook`; the portal never.
pub async fn book(pool: &PgPool, actor: &Actor, booking: Booking) -> Result<AppointmentId> {
    let mut tries = 1;
    loop {
        match book_once(pool, actor, booking).await {
            Err(error) if error.is_transient() && tries < TRIES => tries += 1,
            answer => return answer,
        }
    }
}

async fn book_once(pool: &PgPool, actor: &Actor, booking: Booking) -> Result<AppointmentId> {
    let mut tx = pool.begin().await?;
    // Before the link is shared: bookings for one person then hold it one at a
    // time, and whoever removes it gets their turn.
    lock(&mut tx, &[booking.practitioner.0, booking.client.0]).await?;
    let client = authz::bookable(&mut tx, actor, booking.client).await?;
    let proxy = proxy(&mut tx, actor, client, booking.proxy).await?;
    // Behind the lock, so that of two submits at once the second sees the first.
    if let Some(first) = already_booked(&mut tx, actor, booking.request_key).await? {
        return Ok(first);
    }

    let staff = actor.staff().ok();
    let overbook = staff.is_some() && booking.overbook;
    let facts = facts(&mut tx, booking, client.id()).await?;
    let span =
        Span { starts: booking.starts_at, ends: booking.starts_at + TimeDelta::minutes(facts.duration_minutes.into()) };
    check_parties(&facts, staff)?;
    let conflict = find_conflict(&mut tx, booking, client.id(), &facts, span).await?;
    if let Some(conflict) = conflict
        && !overbook
    {
        return Err(Refusal::Conflict(conflict).into());
    }

    let id = AppointmentId(new_id());
    insert(&mut tx, id, actor, booking, client.id(), proxy, &facts, span, conflict.is_some()).await?;
    // A form that was opened before does not take the practitioner off again.
    sqlx::query!(
        "with assigned as (
             insert into client_practitioner (client_id, practitioner_id) values ($1, $2) on conflict do nothing
             returning client_id)
         update client set version = version + 1 where id in (select client_id from assigned)",
        client.id().0,
        booking.practitioner.0
    )
    .execute(&mut *tx)
    .await?;
    messages::queue_appointment(&mut tx, "confirmation", id, 1).await?;
    audit::append(&mut tx, actor, "book", "appointment", id, &[]).await?;
    tx.commit().await?;
    Ok(id)
}

/// The result of an earlier submit of the same form.
async fn already_booked(conn: &mut PgConnection, actor: &Actor, key: Uuid) -> Result<Option<AppointmentId>> {
    Ok(sqlx::query_scalar!(
        r#"select id as "id: AppointmentId" from appointment where request_key = $1 and booked_by = $2"#,
        key,
        actor.id()
    )
    .fetch_optional(conn)
    .await?)
}

/// The linked client assigned to the booking: in the portal whoever books, for
/// staff the one chosen, who must be linked to the person (D9).
async fn proxy(
    conn: &mut PgConnection,
    actor: &Actor,
    client: BookableClient,
    chosen: Option<ClientId>,
) -> Result<Option<ClientId>> {
    let Some(chosen) = chosen.filter(|_| matches!(actor, Actor::Staff(_))) else {
        return Ok(client.proxy());
    };
    // A practitioner names nobody whom they do not see.
    authz::readable_by_id(&mut *conn, actor, chosen).await?;
    let linked = sqlx::query_scalar!(
        "select 1 from client_link where client_low = least($1::uuid, $2) and client_high = greatest($1, $2) for share",
        chosen.0,
        client.id().0
    )
    .fetch_optional(conn)
    .await?;
    match linked {
        Some(_) => Ok(Some(chosen)),
        None => Err(Refusal::field("proxy", Problem::Unknown).into()),
    }
}

/// Waits for everybody else who books these, until commit.
pub(crate) async fn lock(conn: &mut PgConnection, ids: &[Uuid]) -> Result<()> {
    let mut keys: Vec<i64> = ids.iter().map(|id| id.as_u64_pair().1 as i64).collect();
    keys.sort_unstable();
    sqlx::query!("select pg_advisory_xact_lock(key) from unnest($1::bigint[]) as key", &keys).execute(conn).await?;
    Ok(())
}

/// All that the checks ask of service, practitioner and person.
struct Facts {
    duration_minutes: i32,
    buffer_minutes: i32,
    price_cents: i64,
    offered: bool,
    in_portal: bool,
    client_status: Status,
    client_kind: Kind,
    location_id: Uuid,
    zone: String,
}

async fn facts(conn: &mut PgConnection, booking: Booking, client: ClientId) -> Result<Facts> {
    sqlx::query_as!(
        Facts,
        r#"select s.duration_minutes, s.buffer_minutes, s.price_cents, s.in_portal,
                  (s.active and m.active and o.service_id is not null) as "offered!",
                  c.status as "client_status: Status", c.kind as "client_kind: Kind",
                  l.id as location_id, l.zone
             from service s
             join staff_member m on m.id = $2
             join client c on c.id = $3
             left join service_practitioner o on o.service_id = s.id and o.practitioner_id = m.id
             cross join lateral (select id, zone from location where active order by main desc, name limit 1) l
            where s.id = $1"#,
        booking.service.0,
        booking.practitioner.0,
        client.0
    )
    .fetch_optional(conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))
}

/// What no overbooking passes over.
fn check_parties(facts: &Facts, staff: Option<&StaffActor>) -> Result<()> {
    let refuse = |conflict| Err(Error::Refused(Refusal::Conflict(conflict)));
    if facts.client_kind != Kind::Individual {
        return refuse(Conflict::NotAPerson);
    }
    if !facts.client_status.may_be_booked() {
        return refuse(match facts.client_status {
            _ if staff.is_none() => Conflict::ClientNotOnline,
            Status::Prospect => Conflict::ClientProspect,
            _ => Conflict::ClientInactive,
        });
    }
    if !facts.offered || (staff.is_none() && !facts.in_portal) {
        return refuse(Conflict::NotOffered);
    }
    Ok(())
}

async fn find_conflict(
    conn: &mut PgConnection,
    booking: Booking,
    client: ClientId,
    facts: &Facts,
    span: Span,
) -> Result<Option<Conflict>> {
    if span.starts <= Utc::now() {
        return Ok(Some(Conflict::Past));
    }
    let zone = Zone::stored(&facts.zone);
    let hours = slots::weekly_hours(conn, &[booking.practitioner.0]).await?;
    let hours: Vec<_> = hours.into_iter().map(|(_, hours)| hours).collect();
    let date = zone.date(span.starts);
    // Hours do not pass midnight, but the day before costs nothing to look at.
    let open = slots::open_spans(&zone, &hours, date - Days::new(1), date);
    if !open.iter().any(|period| period.starts <= span.starts && span.ends <= period.ends) {
        return Ok(Some(Conflict::OutsideHours));
    }
    // Between two neighbours the larger buffer is kept free; no appointment is
    // longer than 12 hours and no buffer than 4, which bounds the index scan.
    let busy = sqlx::query!(
        r#"select exists (
                select 1 from appointment a
                 where a.practitioner_id = $1 and a.status = 'confirmed'
                   and a.starts_at between $3::timestamptz - interval '1 day' and $4::timestamptz + interval '1 day'
                   and a.starts_at < $4 + make_interval(mins => greatest(a.buffer_minutes, $5))
                   and $3 < a.ends_at + make_interval(mins => greatest(a.buffer_minutes, $5))) as "practitioner!",
              exists (
                select 1 from appointment a
                 where a.client_id = $2 and a.status = 'confirmed'
                   and a.starts_at > $3::timestamptz - interval '1 day' and a.starts_at < $4 and a.ends_at > $3) as "client!""#,
        booking.practitioner.0,
        client.0,
        span.starts,
        span.ends,
        facts.buffer_minutes
    )
    .fetch_one(conn)
    .await?;
    Ok(match (busy.client, busy.practitioner) {
        (true, _) => Some(Conflict::ClientBusy),
        (_, true) => Some(Conflict::PractitionerBusy),
        _ => None,
    })
}

#[expect(clippy::too_many_arguments, reason = "one row, written in one place")]
async fn insert(
    conn: &mut PgConnection,
    id: AppointmentId,
    actor: &Actor,
    booking: Booking,
    client: ClientId,
    proxy: Option<ClientId>,
    facts: &Facts,
    span: Span,
    overbooked: bool,
) -> Result<DateTime<Utc>> {
    sqlx::query_scalar!(
        "insert into appointment (id, service_id, practitioner_id, location_id, client_id, proxy_id, starts_at, ends_at, zone,
                buffer_minutes, price_cents, overbooked, request_key, booked_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning booked_at",
        id.0,
        booking.service.0,
        booking.practitioner.0,
        facts.location_id,
        client.0,
        proxy.map(|id| id.0),
        span.starts,
        span.ends,
        facts.zone,
        facts.buffer_minutes,
        facts.price_cents,
        overbooked,
        booking.request_key,
        actor.id()
    )
    .fetch_one(conn)
    .await
    .on_constraint("appointment_practitioner_free", || Refusal::Conflict(Conflict::PractitionerBusy))
    .on_constraint("appointment_client_free", || Refusal::Conflict(Conflict::ClientBusy))
    // Somebody else's key, or two submits at the very same moment: either way
    // the form is to be sent again.
    .on_constraint("appointment_request_key", || Refusal::Conflict(Conflict::PractitionerBusy))
}
