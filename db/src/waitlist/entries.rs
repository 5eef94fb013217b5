//! Entering, changing and withdrawing.

use super::offers;
use crate::appointments::free_times::venue_zone;
use crate::clients::content_key;
use crate::locks::{self, Purpose};
use crate::{Actor, Error, PgPool, Result, appointments, audit, authz, new_id};
use chrono::Utc;
use shared::clients::{Kind, Status};
use shared::waitlist::{OWN_MAX, OfferState, Wait, WaitForm, WaitState};
use shared::{AppointmentId, ClientId, Conflict, OfferId, Problem, Refusal, WaitId, parse};
use sqlx::PgConnection;
use uuid::Uuid;

/// Enters a client: anyone who may book them. Clients enter for services that are offered
/// online, a few at a time, and never as urgent. The same form sent twice is one entry.
pub async fn enter(pool: &PgPool, actor: &Actor, form: &WaitForm) -> Result<WaitId> {
    let mut tx = pool.begin().await?;
    // What is wrong in the form is not said of a client that the actor may not book.
    if let Ok(client) = form.client.trim().parse::<ClientId>() {
        authz::bookable(&mut tx, actor, client).await?;
    }
    let wait = parsed(&mut tx, actor, form).await?;
    let key = parse::id::<Uuid>(&form.request_key).map_err(|problem| Refusal::field("request_key", problem))?;
    let key = content_key(key, &(actor.id(), &wait));
    locks::lock(&mut tx, Purpose::Form, [key]).await?;
    let made = sqlx::query_scalar!(r#"select id as "id: WaitId" from waitlist_entry where request_key = $1"#, key);
    if let Some(id) = made.fetch_optional(&mut *tx).await? {
        return Ok(id);
    }
    may_wait(&mut tx, actor, wait.client).await?;
    known(&mut tx, actor, &wait).await?;
    let id = WaitId(new_id());
    sqlx::query!(
        "insert into waitlist_entry (id, client_id, service_id, practitioner_id, location_id, appointment_id, first_on, last_on,
                urgent, note, entered_by, request_key)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        id.0,
        wait.client.0,
        wait.service.0,
        wait.practitioner.map(|id| id.0),
        wait.location.map(|id| id.0),
        wait.appointment.map(|id| id.0),
        wait.first_on,
        wait.last_on,
        wait.urgent,
        wait.note,
        actor.id(),
        key
    )
    .execute(&mut *tx)
    .await?;
    write_windows(&mut tx, id, &wait).await?;
    audit::append(&mut tx, actor, "create", "waitlist", id, &[]).await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes when and for what someone waits, for staff; [`Refusal::Stale`] when it was changed since.
pub async fn change(pool: &PgPool, actor: &Actor, id: WaitId, form: &WaitForm) -> Result<()> {
    actor.staff()?;
    let mut tx = pool.begin().await?;
    let client = owner(&mut tx, actor, id).await?;
    let form = WaitForm { client: client.to_string(), appointment: String::new(), ..form.clone() };
    let wait = parsed(&mut tx, actor, &form).await?;
    let row = sqlx::query!(
        r#"select version, state as "state: WaitState", appointment_id as "appointment: AppointmentId"
             from waitlist_entry where id = $1 for update"#,
        id.0
    )
    .fetch_one(&mut *tx)
    .await?;
    // For an earlier time than that of an appointment it stays one of its service.
    let wait = Wait { appointment: row.appointment, ..wait };
    known(&mut tx, actor, &wait).await?;
    if !row.state.is_open() {
        return Err(Refusal::Conflict(Conflict::NotWaiting).into());
    }
    if form.version.trim().parse() != Ok(row.version) {
        return Err(Refusal::Stale.into());
    }
    sqlx::query!(
        "update waitlist_entry
            set service_id = $2, practitioner_id = $3, location_id = $4, first_on = $5, last_on = $6, urgent = $7, note = $8,
                version = version + 1
          where id = $1",
        id.0,
        wait.service.0,
        wait.practitioner.map(|id| id.0),
        wait.location.map(|id| id.0),
        wait.first_on,
        wait.last_on,
        wait.urgent,
        wait.note
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("delete from waitlist_window where entry_id = $1", id.0).execute(&mut *tx).await?;
    write_windows(&mut tx, id, &wait).await?;
    audit::append(&mut tx, actor, "update", "waitlist", id, &["dates", "windows"]).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes someone off the list, with the offer that is open. Twice is as once.
pub async fn withdraw(pool: &PgPool, actor: &Actor, id: WaitId) -> Result<()> {
    let mut tx = pool.begin().await?;
    let keys = sqlx::query_scalar!(
        r#"select client_id as "id!" from waitlist_entry where id = $1
           union select practitioner_id from waitlist_offer where entry_id = $1 and state = 'open'"#,
        id.0
    )
    .fetch_all(&mut *tx)
    .await?;
    // Bookings before links.
    appointments::lock(&mut tx, &keys).await?;
    owner(&mut tx, actor, id).await?;
    if withdraw_in(&mut tx, actor, id).await? {
        audit::append(&mut tx, actor, "withdraw", "waitlist", id, &["state"]).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// [`withdraw`] within a transaction that has locked what an offer takes: `false` when they wait no
/// more. The audit is the caller's.
pub(crate) async fn withdraw_in(conn: &mut PgConnection, actor: &Actor, id: WaitId) -> Result<bool> {
    let state =
        sqlx::query_scalar!(r#"select state as "state: WaitState" from waitlist_entry where id = $1 for update"#, id.0)
            .fetch_one(&mut *conn)
            .await?;
    if !state.is_open() {
        return Ok(false);
    }
    let open = sqlx::query_scalar!(
        r#"select id as "id: OfferId" from waitlist_offer where entry_id = $1 and state = 'open'"#,
        id.0
    );
    if let Some(open) = open.fetch_optional(&mut *conn).await? {
        offers::end(&mut *conn, open, OfferState::Withdrawn, Some(actor.id())).await?;
    }
    sqlx::query!(
        "update waitlist_entry set state = 'withdrawn', ended_at = now(), version = version + 1 where id = $1",
        id.0
    )
    .execute(&mut *conn)
    .await?;
    Ok(true)
}

/// Whose entry it is, if the actor may act for them. A client leaves the list even where they may
/// not book any more.
pub(super) async fn owner(conn: &mut PgConnection, actor: &Actor, id: WaitId) -> Result<ClientId> {
    let client = sqlx::query_scalar!(r#"select client_id as "id: ClientId" from waitlist_entry where id = $1"#, id.0)
        .fetch_optional(&mut *conn)
        .await?
        .ok_or(Error::Refused(Refusal::NotFound))?;
    authz::acting(conn, actor, client).await?;
    Ok(client)
}

async fn parsed(conn: &mut PgConnection, actor: &Actor, form: &WaitForm) -> Result<Wait> {
    let today = venue_zone(conn).await?.date(Utc::now());
    let wait = form.parse(today)?;
    Ok(match actor {
        Actor::Staff(_) => wait,
        Actor::Client(_) => Wait { urgent: false, ..wait },
    })
}

/// Holds the client against erasing. Only those wait who may be booked.
async fn may_wait(conn: &mut PgConnection, actor: &Actor, client: ClientId) -> Result<()> {
    let row = sqlx::query!(
        r#"select status as "status: Status", kind as "kind: Kind",
                  (select count(*) from waitlist_entry w where w.client_id = c.id and w.ended_at is null) as "waiting!"
             from client c where id = $1 and erased_at is null for no key update"#,
        client.0
    )
    .fetch_optional(conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    let conflict = match (row.status, actor) {
        (status, Actor::Client(_)) if !status.may_be_booked() => Conflict::ClientNotOnline,
        (Status::Prospect, _) => Conflict::ClientProspect,
        (status, _) if !status.may_be_booked() => Conflict::ClientInactive,
        (_, Actor::Client(_)) if row.kind != Kind::Individual => Conflict::NotAPerson,
        (_, Actor::Client(_)) if row.waiting >= OWN_MAX => Conflict::TooManyWaiting { max: OWN_MAX },
        _ => return Ok(()),
    };
    Err(Refusal::Conflict(conflict).into())
}

/// # Errors
/// At the field of what there is not, or is not offered.
async fn known(conn: &mut PgConnection, actor: &Actor, wait: &Wait) -> Result<()> {
    if let Some(appointment) = wait.appointment {
        appointments::managed(&mut *conn, actor, appointment).await?;
    }
    let row = sqlx::query!(
        r#"select s.waitlist and s.active and (s.in_portal or not $5) as "listed!",
                  $3::uuid is null or exists (
                      select from service_practitioner o join staff_member m on m.id = o.practitioner_id
                       where o.service_id = s.id and m.id = $3 and m.active) as "practitioner!",
                  $4::uuid is null or exists (select from location where id = $4 and active) as "location!",
                  $2::uuid is null or exists (
                      select from appointment a join appointment_participant p on p.appointment_id = a.id
                       where a.id = $2 and a.service_id = s.id and a.status in ('requested', 'confirmed') and a.starts_at > now()
                         and a.seats = 1 and p.client_id = $6 and p.status = 'booked') as "appointment!"
             from service s where s.id = $1"#,
        wait.service.0,
        wait.appointment.map(|id| id.0),
        wait.practitioner.map(|id| id.0),
        wait.location.map(|id| id.0),
        matches!(actor, Actor::Client(_)),
        wait.client.0
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Err(Refusal::field("service", Problem::Unknown).into()) };
    if !row.listed {
        return Err(Refusal::Conflict(Conflict::NoWaitlist).into());
    }
    let known = [("practitioner", row.practitioner), ("location", row.location), ("appointment", row.appointment)];
    match known.into_iter().find(|(_, known)| !known) {
        Some((field, _)) => Err(Refusal::field(field, Problem::Unknown).into()),
        None => Ok(()),
    }
}

async fn write_windows(conn: &mut PgConnection, id: WaitId, wait: &Wait) -> Result<()> {
    sqlx::query!(
        "insert into waitlist_window (entry_id, weekday, starts, ends)
         select $1, * from unnest($2::smallint[], $3::smallint[], $4::smallint[])",
        id.0,
        &wait.windows.iter().map(|one| one.weekday).collect::<Vec<i16>>(),
        &wait.windows.iter().map(|one| one.starts).collect::<Vec<i16>>(),
        &wait.windows.iter().map(|one| one.ends).collect::<Vec<i16>>()
    )
    .execute(conn)
    .await?;
    Ok(())
}
