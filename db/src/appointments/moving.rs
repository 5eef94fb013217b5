//! Moving an appointment to another time, practitioner or room: one update of its row,
//! which is never in its own way; what is refused leaves the old time as it was.

use super::book::TRIES;
use super::conflicts::choose;
use super::facts::{Facts, Person, places, zone_of};
use super::participants::manageable;
use super::service::{Offering, Place, Service};
use super::{book, policy, rooms};
use crate::time::Zone;
use crate::{Actor, Error, OnConstraint, Result, audit, messages, pool};
use chrono::{DateTime, TimeDelta, Utc};
use shared::appointments::{
    AppointmentStatus, Assigning, Booking, BookingForm, Modality, Move, MoveForm, instant_text, is_bookable,
};
use shared::clients::Status;
use shared::permissions::Permission;
use shared::{AppointmentId, ClientId, Conflict, LocationId, Problem, Refusal, RoomId, ServiceId, StaffId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// [`reschedule`], of a form; staff may also make it longer or shorter.
pub async fn submit_move(pool: &PgPool, actor: &Actor, form: MoveForm) -> Result<AppointmentId> {
    let (wanted, minutes, reason) = read(pool, actor, form, None).await?;
    moved(pool, actor, wanted, minutes, &reason).await
}

/// [`submit_move`], of a time by the clocks of `zone`: the calendar's of a location.
pub async fn submit_move_by(pool: &PgPool, actor: &Actor, form: MoveForm, zone: &Zone) -> Result<AppointmentId> {
    let (wanted, minutes, reason) = read(pool, actor, form, Some(zone)).await?;
    moved(pool, actor, wanted, minutes, &reason).await
}

/// What [`submit_move_by`] would answer now; nothing is changed and no one is told.
pub async fn check_move(pool: &PgPool, actor: &Actor, form: MoveForm, zone: &Zone) -> Result<()> {
    let (wanted, minutes, reason) = read(pool, actor, form, Some(zone)).await?;
    let mut tx = pool.begin().await?;
    let answer = shape_in(&mut tx, actor, wanted, minutes, &reason).await;
    tx.rollback().await?;
    answer.map(|_| ())
}

/// What a form asks for, with its reason; local times are those of `zone`, or of the practice.
async fn read(
    pool: &PgPool,
    actor: &Actor,
    form: MoveForm,
    zone: Option<&Zone>,
) -> Result<(Move, Option<i32>, String)> {
    let id: AppointmentId = form.appointment.parse().map_err(|_| Refusal::NotFound)?;
    // What is wrong in it is not said of an appointment that the actor may not manage.
    manageable(&mut *pool.begin().await?, actor, id, None, Permission::Move).await?;
    let form = match (actor, zone) {
        // The calendar's: a time by its clocks, or an instant.
        (Actor::Staff(_), Some(_)) if form.local.trim().is_empty() => form,
        (Actor::Staff(_), Some(zone)) => {
            let starts_at = instant_text(book::instant_of(zone, &form.local)?);
            MoveForm { starts_at, ..form }
        }
        (Actor::Staff(_), None) => {
            let MoveForm { starts_at, slot, local, practitioner, .. } = form.clone();
            let asked = BookingForm { starts_at, slot, local, practitioner, ..BookingForm::default() };
            let BookingForm { starts_at, practitioner, .. } = book::with_instant(pool, asked).await?;
            MoveForm { starts_at, practitioner, ..form }
        }
        (Actor::Client(_), _) => {
            let mut parts = form.slot.split(' ').map(str::to_owned);
            let (slot_starts, slot_with) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            match slot_starts.is_empty() {
                true => MoveForm { room: String::new(), minutes: String::new(), overbook: false, ..form },
                false => MoveForm {
                    starts_at: slot_starts,
                    practitioner: slot_with,
                    room: String::new(),
                    minutes: String::new(),
                    overbook: false,
                    ..form
                },
            }
        }
    };
    let reason = book::reason(&form.reason)?;
    Ok((form.parse()?, form.minutes()?, reason))
}

/// Moves an appointment. Staff may move over conflicts that they were shown; clients move
/// what is theirs to a time that is offered online, as the policy allows. Of two who move
/// the same version the second is told ([`Refusal::Stale`]). What is already so changes
/// nothing, and no one is told.
pub async fn reschedule(pool: &PgPool, actor: &Actor, wanted: Move, reason: &str) -> Result<AppointmentId> {
    moved(pool, actor, wanted, None, reason).await
}

/// [`reschedule`], and to how many minutes; `None`: as long as it was.
async fn moved(
    pool: &PgPool,
    actor: &Actor,
    wanted: Move,
    minutes: Option<i32>,
    reason: &str,
) -> Result<AppointmentId> {
    let mut tries = 1;
    loop {
        match move_once(pool, actor, wanted, minutes, reason).await {
            Err(error) if error.is_transient() && tries < TRIES => tries += 1,
            answer => return answer,
        }
    }
}

async fn move_once(
    pool: &PgPool,
    actor: &Actor,
    wanted: Move,
    minutes: Option<i32>,
    reason: &str,
) -> Result<AppointmentId> {
    let mut tx = pool::begin(pool).await?;
    if shape_in(&mut tx, actor, wanted, minutes, reason).await? {
        let fields: &[&str] = if minutes.is_some() { &["starts_at", "ends_at"] } else { &["starts_at"] };
        audit::append(&mut tx, actor, "move", "appointment", wanted.appointment, fields).await?;
        tx.commit().await?;
    }
    Ok(wanted.appointment)
}

/// As it stands before the move.
pub(super) struct Stands {
    pub service: ServiceId,
    pub practitioner: StaffId,
    pub room: Option<RoomId>,
    pub location: LocationId,
    pub zone: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub buffer_minutes: i32,
    price_cents: i64,
    policy: Uuid,
    seats: i16,
    pub status: AppointmentStatus,
    pub version: i32,
    /// Who attends, in the order of their rows, and whose session it is.
    pub people: Vec<Uuid>,
    lead: Option<ClientId>,
}

impl Stands {
    /// The move that leaves it where it is.
    pub fn at_its_place(&self, appointment: AppointmentId) -> Move {
        let Stands { version, starts_at, .. } = *self;
        Move { appointment, version, starts_at, practitioner: None, room: None, over: None }
    }
}

pub(super) async fn stands(conn: &mut PgConnection, id: AppointmentId, locked: bool) -> Result<Stands> {
    if locked {
        sqlx::query_scalar!("select 1 from appointment where id = $1 for update", id.0)
            .fetch_optional(&mut *conn)
            .await?;
    }
    sqlx::query_as!(
        Stands,
        r#"select a.service_id as "service: ServiceId", a.practitioner_id as "practitioner: StaffId",
                  a.room_id as "room: RoomId", a.location_id as "location: LocationId", a.zone, a.starts_at, a.ends_at,
                  a.buffer_minutes, a.price_cents, a.policy_id as policy, a.seats,
                  a.status as "status: AppointmentStatus", a.version,
                  array(select p.client_id from appointment_participant p
                         where p.appointment_id = a.id and p.status = 'booked' order by p.booked_at, p.id) as "people!",
                  (select coalesce(p.party_id, p.client_id) from appointment_participant p
                    where p.appointment_id = a.id and p.status = 'booked' order by p.booked_at, p.id limit 1) as "lead: ClientId"
             from appointment a where a.id = $1"#,
        id.0
    )
    .fetch_optional(conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))
}

/// The keys that a move locks, in the order of [`book::lock`]: of several moves in one
/// transaction all are locked together.
pub async fn move_keys(conn: &mut PgConnection, wanted: Move) -> Result<Vec<Uuid>> {
    let stands = stands(&mut *conn, wanted.appointment, false).await?;
    keys(conn, &stands, wanted).await
}

pub(super) async fn keys(conn: &mut PgConnection, stands: &Stands, wanted: Move) -> Result<Vec<Uuid>> {
    let rooms = rooms::candidates(conn, stands.service, wanted.room).await?;
    let practitioners = [stands.practitioner.0, wanted.practitioner.unwrap_or(stands.practitioner).0];
    let room: Vec<Uuid> = stands.room.iter().map(|id| id.0).collect();
    Ok([&practitioners[..], &stands.people, &rooms, &room].concat())
}

/// [`reschedule`] within a transaction: `false` when it was so already. The audit is the
/// caller's, behind everything else.
pub async fn move_in(conn: &mut PgConnection, actor: &Actor, wanted: Move, reason: &str) -> Result<bool> {
    shape_in(conn, actor, wanted, None, reason).await
}

async fn shape_in(
    conn: &mut PgConnection,
    actor: &Actor,
    wanted: Move,
    minutes: Option<i32>,
    reason: &str,
) -> Result<bool> {
    let id = wanted.appointment;
    if !is_bookable(wanted.starts_at) {
        return Err(Refusal::field("starts_at", Problem::NotATime).into());
    }
    let before = stands(&mut *conn, id, false).await?;
    let locked = keys(&mut *conn, &before, wanted).await?;
    book::lock(&mut *conn, &locked).await?;
    let parts = manageable(&mut *conn, actor, id, None, Permission::Move).await?;
    let people = people(&mut *conn, actor, &before).await?;
    let stands = stands(&mut *conn, id, true).await?;
    let practitioner = wanted.practitioner.unwrap_or(stands.practitioner);
    let room = wanted.room.or(stands.room);
    // Sent twice, a move is one: whatever version the second had seen.
    let length = minutes.map_or(stands.ends_at - stands.starts_at, |minutes| TimeDelta::minutes(minutes.into()));
    let is_there = (wanted.starts_at, practitioner, room) == (stands.starts_at, stands.practitioner, stands.room)
        && stands.starts_at + length == stands.ends_at;
    if is_there && stands.status != AppointmentStatus::Cancelled {
        return Ok(false);
    }
    if stands.version != wanted.version || keys(&mut *conn, &stands, wanted).await? != locked {
        return Err(Refusal::Stale.into());
    }
    if !matches!(stands.status, AppointmentStatus::Requested | AppointmentStatus::Confirmed) {
        return Err(Refusal::Conflict(Conflict::AlreadyCancelled).into());
    }
    if let Actor::Client(_) = actor {
        policy::of(&mut *conn, id).await?.moving(Utc::now()).map_err(Refusal::Conflict)?;
        // A session of several is moved by the practice, unless all of them are theirs.
        for person in &stands.people {
            if parts.iter().any(|part| part.client.0 == *person) {
                continue;
            }
            let theirs = crate::authz::permitted(&mut *conn, actor, ClientId(*person), Permission::Move).await;
            theirs.map_err(|_| Refusal::Conflict(Conflict::NotChangedOnline))?;
        }
    }
    let mut facts = facts(&mut *conn, &stands, practitioner, people, wanted.room).await?;
    if let Some(minutes) = minutes {
        facts.practitioners.iter_mut().for_each(|one| one.minutes = minutes);
    }
    let booking = Booking {
        practitioner,
        starts_at: wanted.starts_at,
        room: wanted.room,
        ..booking_of(&stands, id, wanted.over)?
    };
    let chosen = choose(&mut *conn, actor, booking, &facts, Some(id)).await?;
    let span = chosen.span;
    let busy: Vec<Uuid> = chosen.busy.iter().map(|id| id.0).collect();
    // Outside the constraint before the time changes, inside it again only at the new time.
    sqlx::query!(
        "update appointment_participant set overbooked = true where appointment_id = $1 and client_id = any ($2)",
        id.0,
        &busy
    )
    .execute(&mut *conn)
    .await?;
    let overbooked = chosen.practitioner_overbooked || chosen.room_overbooked || !busy.is_empty();
    let version = sqlx::query_scalar!(
        "update appointment
            set starts_at = $2, ends_at = $3, timed_at = now(), starts_local = $4, tzdb = $5, practitioner_id = $6, room_id = $7,
                practitioner_overbooked = $8, room_overbooked = $9, overbook_reason = case when $10 then $11 else '' end,
                location_id = $12, zone = $13, status = case when $14 then 'requested' else status end,
                detached = series_id is not null, version = version + 1
          where id = $1 returning version",
        id.0,
        span.starts,
        span.ends,
        chosen.zone.local(span.starts),
        crate::time::version(),
        chosen.practitioner.0,
        chosen.room.map(|id| id.0),
        chosen.practitioner_overbooked,
        chosen.room_overbooked,
        overbooked,
        reason,
        chosen.place.0,
        chosen.zone.name(),
        // A client who moves to where they may only ask, asks.
        chosen.ask
    )
    .fetch_one(&mut *conn)
    .await
    .on_constraint("appointment_practitioner_free", || Refusal::Conflict(Conflict::PractitionerBusy))
    .on_constraint("appointment_room_free", || Refusal::Conflict(Conflict::PractitionerBusy))
    .on_constraint("appointment_client_free", || Refusal::Conflict(Conflict::ClientBusy))?;
    let participants = sqlx::query_scalar!(
        "update appointment_participant set overbooked = client_id = any ($2)
          where appointment_id = $1 and status = 'booked' returning id",
        id.0,
        &busy
    )
    .fetch_all(&mut *conn)
    .await
    .on_constraint("appointment_client_free", || Refusal::Conflict(Conflict::ClientBusy))?;
    if practitioner != stands.practitioner {
        let assigned: Vec<Uuid> = [&stands.people[..], &[booking.client.0]].concat();
        book::assign_first(&mut *conn, id, &assigned, practitioner).await?;
    }
    if span.starts > Utc::now() {
        let before = messages::Before { starts_at: stands.starts_at, practitioner: stands.practitioner };
        messages::queue_move(&mut *conn, actor, id, &participants, version, before, chosen.practitioner).await?;
    }
    Ok(true)
}

/// It, as if it were to be booked as it stands.
pub(super) fn booking_of(stands: &Stands, id: AppointmentId, over: Option<Uuid>) -> Result<Booking> {
    Ok(Booking {
        service: stands.service,
        practitioner: stands.practitioner,
        anyone: false,
        starts_at: stands.starts_at,
        client: stands.lead.ok_or(Refusal::NotFound)?,
        proxy: None,
        assigned: Assigning::Everyone,
        room: None,
        modality: Modality::InPerson,
        over,
        hold: None,
        request_key: id.0,
    })
}

/// Those who attend, held against erasing. A client moves only those who can be booked
/// online; staff move whatever stands.
pub(super) async fn people(conn: &mut PgConnection, actor: &Actor, stands: &Stands) -> Result<Vec<Person>> {
    let rows = sqlx::query!(
        r#"select id as "id: ClientId", client_name(c) as "name!", status as "status: Status" from client c
            where id = any ($1) order by id for no key update"#,
        &stands.people
    )
    .fetch_all(conn)
    .await?;
    if matches!(actor, Actor::Client(_)) && !rows.iter().all(|row| row.status.may_be_booked()) {
        return Err(Refusal::Conflict(Conflict::ClientNotOnline).into());
    }
    Ok(rows.into_iter().map(|row| Person { id: row.id, name: row.name }).collect())
}

/// What was agreed stays: duration, buffer, price and policy are the appointment's own.
pub(super) async fn facts(
    conn: &mut PgConnection,
    stands: &Stands,
    practitioner: StaffId,
    people: Vec<Person>,
    room: Option<RoomId>,
) -> Result<Facts> {
    let known = sqlx::query!(
        r#"select m.first_name || ' ' || m.last_name as "name!", s.needs_room, s.notice_minutes, s.horizon_days, s.by_request, s.modalities,
                  coalesce(s.step_minutes, p.slot_step_minutes) as "step!",
                  coalesce((select zone from location where active order by main desc, name limit 1), p.zone) as "zone!"
             from staff_member m cross join practice p join service s on s.id = $2
            where m.id = $1 and m.active
              and (m.id = $3 or exists (select from service_practitioner o
                                         where o.service_id = $2 and o.practitioner_id = m.id))
              for share of m"#,
        practitioner.0,
        stands.service.0,
        stands.practitioner.0
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or(Refusal::Conflict(Conflict::NotOffered))?;
    let mut rooms = rooms::candidates(&mut *conn, stands.service, room).await?;
    if room.is_none() {
        // The room that it has comes first.
        rooms.extend(stands.room.map(|id| id.0));
    }
    // It stays at its place where nothing else is known.
    let mut places = places(conn, stands.service).await?;
    places.retain(|place| place.id != stands.location);
    places.insert(0, Place { id: stands.location, zone: stands.zone.clone() });
    let minutes = (stands.ends_at - stands.starts_at).num_minutes() as i32;
    debug_assert!(stands.starts_at + TimeDelta::minutes(minutes.into()) == stands.ends_at);
    Ok(Facts {
        service: Service {
            buffer_minutes: stands.buffer_minutes,
            step_minutes: known.step,
            notice_minutes: known.notice_minutes,
            horizon_days: known.horizon_days,
            by_request: known.by_request,
            zone: zone_of(&known.zone),
            places,
            in_group: stands.seats > 1,
            needs_room: known.needs_room || !rooms.is_empty(),
        },
        policy_id: stands.policy,
        practitioners: vec![Offering {
            id: practitioner,
            name: known.name,
            minutes,
            buffer_minutes: stands.buffer_minutes,
            price_cents: stands.price_cents,
        }],
        people,
        rooms,
        preferred_room: stands.room,
        seats: stands.seats,
        assigned: Vec::new(),
        online: None,
        stands: false,
        modalities: known.modalities,
    })
}
