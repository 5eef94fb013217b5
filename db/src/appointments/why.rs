//! Why a time is not possible, asked before it is booked: the same rules, and nothing stored.

use super::book::Attempt;
use super::conflicts::obstacles;
use super::facts::{Asked, facts};
use super::moving;
use crate::{Actor, Result, authz};
use shared::appointments::{Booking, Move, TimeConflict, is_bookable};
use shared::{Conflict, Problem, Refusal};
use sqlx::PgPool;

/// Everything that is in the way of a booking by staff, as they may see it; nothing: it is free.
pub async fn why_not(pool: &PgPool, actor: &Actor, booking: Booking) -> Result<Vec<TimeConflict>> {
    let staff = actor.staff()?;
    if !is_bookable(booking.starts_at) {
        return Err(Refusal::field("local", Problem::NotATime).into());
    }
    let mut tx = pool.begin().await?;
    let client = authz::bookable(&mut tx, actor, booking.client).await?;
    let Attempt { candidates, people, .. } = Attempt::read(&mut tx, booking).await?;
    let asked = Asked {
        service: booking.service,
        client: client.id(),
        people: &people,
        candidates: &candidates,
        room: booking.room,
        visitor: false,
        key: None,
    };
    let facts = facts(&mut tx, actor, asked).await?.facts?;
    if !facts.offers(booking.practitioner) {
        return Err(Refusal::Conflict(Conflict::NotOffered).into());
    }
    let found = obstacles(&mut tx, staff, actor, booking, &facts, None).await;
    tx.rollback().await?;
    found
}

/// [`why_not`] of an appointment that is moved: it is not in its own way.
pub async fn why_not_there(pool: &PgPool, actor: &Actor, wanted: Move) -> Result<Vec<TimeConflict>> {
    let (staff, id) = (actor.staff()?, wanted.appointment);
    if !is_bookable(wanted.starts_at) {
        return Err(Refusal::field("local", Problem::NotATime).into());
    }
    let mut tx = pool.begin().await?;
    super::managed(&mut tx, actor, id).await?;
    let stands = moving::stands(&mut tx, id, false).await?;
    let people = moving::people(&mut tx, actor, &stands).await?;
    let practitioner = wanted.practitioner.unwrap_or(stands.practitioner);
    let facts = moving::facts(&mut tx, &stands, practitioner, people, wanted.room).await?;
    let stood = moving::booking_of(&stands, id, None)?;
    let booking = Booking { practitioner, starts_at: wanted.starts_at, room: wanted.room, ..stood };
    let found = obstacles(&mut tx, staff, actor, booking, &facts, Some(id)).await;
    tx.rollback().await?;
    found
}
