//! Several bookings or moves as one act: all of them, or none.

use super::book::{self, book_in, booking_keys};
use super::managed;
use super::moving::{move_in, move_keys};
use crate::clients::{self, content_key};
use crate::{Actor, Error, Result, audit};
use shared::appointments::{Booking, BookingForm, Conflicts, Move, MovesForm, TimeConflict, is_bookable};
use shared::clients::Status;
use shared::{AppointmentId, ClientNumber, Problem, Refusal};
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

/// How often a transaction that met a deadlock is tried in all.
const TRIES: u32 = 4;
/// The most that one act changes.
pub const SEVERAL_MAX: usize = 200;

/// Books each of the forms by staff, for two who come together. Sent twice, it is one act.
pub async fn book_several(pool: &PgPool, actor: &Actor, forms: Vec<BookingForm>) -> Result<Vec<AppointmentId>> {
    actor.staff()?;
    if forms.is_empty() || forms.len() > SEVERAL_MAX {
        return Err(Refusal::field("starts_at", Problem::Required).into());
    }
    let mut bookings: Vec<Booking> = Vec::new();
    for form in forms {
        if let Ok(client) = form.client.parse() {
            crate::authz::bookable(&mut *pool.begin().await?, actor, client).await?;
        }
        let booking = book::with_instant(pool, form).await?.parse()?;
        if !is_bookable(booking.starts_at) {
            return Err(Refusal::field("starts_at", Problem::NotATime).into());
        }
        bookings.push(booking);
    }
    let mut tries = 1;
    loop {
        match book_all(pool, actor, &bookings).await {
            Err(error) if error.is_transient() && tries < TRIES => tries += 1,
            answer => return answer,
        }
    }
}

async fn book_all(pool: &PgPool, actor: &Actor, bookings: &[Booking]) -> Result<Vec<AppointmentId>> {
    let mut tx = pool.begin().await?;
    let mut keys = Vec::new();
    for booking in bookings {
        keys.extend(booking_keys(&mut tx, *booking).await?);
    }
    book::lock(&mut tx, &keys).await?;
    let mut booked = Vec::new();
    for booking in bookings {
        booked.push(book_in(&mut tx, actor, *booking, "").await?);
    }
    for one in booked.iter().filter(|one| one.is_new) {
        audit::append(&mut tx, actor, "book", "appointment", one.id, &[]).await?;
    }
    tx.commit().await?;
    Ok(booked.into_iter().map(|one| one.id).collect())
}

/// Books a prospect's first appointment: they become active with it, or nothing happens.
/// For the front desk. Of anyone else it is a booking.
pub async fn book_first(pool: &PgPool, actor: &Actor, form: BookingForm) -> Result<AppointmentId> {
    actor.staff()?;
    let client = form.client.parse().map_err(|_| Refusal::field("client", Problem::Required))?;
    crate::authz::bookable(&mut *pool.begin().await?, actor, client).await?;
    let prospect = sqlx::query_scalar!(
        r#"select number as "number: ClientNumber" from client where id = $1 and status = 'prospect'"#,
        client.0
    );
    let Some(number) = prospect.fetch_optional(pool).await? else { return book::submit(pool, actor, form).await };
    let booking: Booking = book::with_instant(pool, form).await?.parse()?;
    if !is_bookable(booking.starts_at) {
        return Err(Refusal::field("starts_at", Problem::NotATime).into());
    }
    let mut tx = pool.begin().await?;
    let keys = booking_keys(&mut tx, booking).await?;
    book::lock(&mut tx, &keys).await?;
    clients::set_status_in(&mut tx, actor, number, Status::Active).await?;
    let booked = book_in(&mut tx, actor, booking, "").await?;
    if booked.is_new {
        audit::append(&mut tx, actor, "book", "appointment", booked.id, &[]).await?;
    }
    tx.commit().await?;
    Ok(booked.id)
}

/// [`move_several`], of a form: those that have a time or practitioner to go to. What is wrong
/// in it is not said of appointments that the actor may not manage.
pub async fn submit_moves(pool: &PgPool, actor: &Actor, form: &MovesForm) -> Result<usize> {
    if !actor.staff()?.books() {
        return Err(Refusal::Forbidden.into());
    }
    let mut tx = pool.begin().await?;
    for one in form.moves.iter().take(SEVERAL_MAX) {
        let id = one.appointment.trim().parse().map_err(|_| Refusal::NotFound)?;
        managed(&mut tx, actor, id).await?;
    }
    tx.rollback().await?;
    let (moves, over) = form.parse()?;
    if moves.is_empty() {
        return Ok(0);
    }
    move_several(pool, actor, &moves, over, &form.reason).await
}

/// Moves all of these, or none, by staff; answers how many were moved. Conflicts of all are
/// told together, and may be passed over together.
pub async fn move_several(
    pool: &PgPool,
    actor: &Actor,
    moves: &[Move],
    over: Option<Uuid>,
    reason: &str,
) -> Result<usize> {
    actor.staff()?;
    if moves.is_empty() || moves.len() > SEVERAL_MAX {
        return Err(Refusal::field("moves", Problem::Required).into());
    }
    let reason = book::reason(reason)?;
    let mut tries = 1;
    loop {
        match move_all(pool, actor, moves, over, &reason).await {
            Err(error) if error.is_transient() && tries < TRIES => tries += 1,
            answer => return answer,
        }
    }
}

async fn move_all(pool: &PgPool, actor: &Actor, moves: &[Move], over: Option<Uuid>, reason: &str) -> Result<usize> {
    let mut tx = pool.begin().await?;
    let mut moved = Vec::new();
    let mut found = Vec::new();
    let mut keys = Vec::new();
    for one in moves {
        keys.extend(move_keys(&mut tx, *one).await?);
    }
    book::lock(&mut tx, &keys).await?;
    for one in moves {
        let wanted = match move_at_point(&mut tx, actor, *one, reason).await {
            Err(Error::Refused(Refusal::Conflicts(conflicts))) => {
                // Those after it meet it where it goes.
                let over = Move { over: Some(conflicts.seen), ..*one };
                found.push(conflicts);
                move_in(&mut tx, actor, over, reason).await
            }
            answer => answer,
        };
        if wanted? {
            moved.push(one.appointment);
        }
    }
    if !found.is_empty() {
        let seen: Vec<Uuid> = found.iter().map(|conflicts| conflicts.seen).collect();
        let seen = content_key(actor.id(), &seen);
        if over != Some(seen) {
            let all: Vec<TimeConflict> = found.into_iter().flat_map(|conflicts| conflicts.all).collect();
            return Err(Refusal::Conflicts(Conflicts { seen, all }).into());
        }
    }
    for id in &moved {
        audit::append(&mut tx, actor, "move", "appointment", *id, &["starts_at"]).await?;
    }
    tx.commit().await?;
    Ok(moved.len())
}

/// A move that is refused leaves nothing behind.
async fn move_at_point(conn: &mut PgConnection, actor: &Actor, one: Move, reason: &str) -> Result<bool> {
    let mut point = conn.begin().await?;
    let answer = move_in(&mut point, actor, one, reason).await;
    match answer {
        Ok(_) => point.commit().await?,
        Err(_) => point.rollback().await?,
    }
    answer
}
