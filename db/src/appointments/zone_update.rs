//! After an update of the zone database: when a government changes the clocks, 3 pm stays 3 pm.
//!
//! An appointment has its local time beside its instant, and the version of the zone database
//! that joined the two. Upcoming ones of another version are joined again: under the locks,
//! constraints and audit of a move.

use super::book;
use super::moving::move_keys;
use crate::audit::{self, By};
use crate::time::{self, Zone};
use crate::{Actor, Error, OnConstraint, Result, messages};
use chrono::{DateTime, NaiveDateTime, Utc};
use shared::appointments::{Modality, Move};
use shared::{AppointmentId, Conflict, Refusal};
use sqlx::PgPool;
use uuid::Uuid;

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    /// Whose instant was right.
    pub kept: usize,
    /// Moved to the instant at which clocks show the agreed time.
    pub moved: usize,
    /// Left where they are, because something else is at that instant.
    pub clashes: usize,
}

/// An upcoming appointment that another version of the zone database resolved.
#[derive(Debug, Clone, Copy)]
struct Unsettled {
    id: AppointmentId,
    version: i32,
    starts_at: DateTime<Utc>,
    /// The instant of its local time now.
    target: DateTime<Utc>,
}

/// An appointment whose agreed time is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    pub id: AppointmentId,
    /// When it begins now.
    pub starts_at: DateTime<Utc>,
    /// What was agreed, on the clocks of the place.
    pub agreed: NaiveDateTime,
    pub zone: String,
    pub service: String,
    pub practitioner: String,
}

/// How many rows a statement marks.
const CHUNK: usize = 1_000;

/// Settles whatever is upcoming, and the time off. Safe to run again, and by two servers.
pub async fn settle(pool: &PgPool, now: DateTime<Utc>) -> Result<Settled> {
    settle_exceptions(pool, now).await?;
    let (right, mut wrong): (Vec<_>, Vec<_>) =
        unsettled(pool, now).await?.into_iter().partition(|one| one.starts_at == one.target);
    for some in right.chunks(CHUNK) {
        let ids: Vec<Uuid> = some.iter().map(|one| one.id.0).collect();
        sqlx::query!("update appointment set tzdb = $2 where id = any ($1)", &ids, time::version())
            .execute(pool)
            .await?;
    }
    let mut settled = Settled { kept: right.len(), ..Settled::default() };
    // Neighbours make room for each other: of those that go later the last goes first.
    wrong.sort_by_key(|one| one.starts_at);
    let (mut later, earlier): (Vec<_>, Vec<_>) = wrong.into_iter().partition(|one| one.target > one.starts_at);
    later.reverse();
    let mut left: Vec<Unsettled> = later.into_iter().chain(earlier).collect();
    loop {
        let before = left.len();
        let mut still = Vec::new();
        for one in left {
            match settle_one(pool, one).await {
                Ok(()) => settled.moved += 1,
                Err(Error::Refused(Refusal::Conflict(_))) => still.push(one),
                // It was moved or cancelled in the meantime.
                Err(Error::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        left = still;
        if left.is_empty() || left.len() == before {
            break;
        }
    }
    settled.clashes = left.len();
    Ok(settled)
}

/// The upcoming appointments that could not keep their time. The front desk.
pub async fn clashes(pool: &PgPool, actor: &Actor, now: DateTime<Utc>) -> Result<Vec<Clash>> {
    actor.front_desk()?;
    let rows = sqlx::query_as!(
        Clash,
        r#"select a.id as "id: AppointmentId", a.starts_at, a.starts_local as agreed, a.zone, s.name as service,
                  m.first_name || ' ' || m.last_name as "practitioner!"
             from appointment a join service s on s.id = a.service_id join staff_member m on m.id = a.practitioner_id
            where a.blocks and a.status <> 'held' and a.tzdb <> $1 and a.ends_at > $2
            order by a.starts_at, a.id"#,
        time::version(),
        now
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().filter(|one| Zone::stored(&one.zone).local(one.starts_at) != one.agreed).collect())
}

async fn unsettled(pool: &PgPool, now: DateTime<Utc>) -> Result<Vec<Unsettled>> {
    let rows = sqlx::query!(
        r#"select id as "id: AppointmentId", version, starts_at, starts_local, zone from appointment
            where blocks and status <> 'held' and tzdb <> $1 and ends_at > $2"#,
        time::version(),
        now
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (zone, starts_at) = (Zone::stored(&row.zone), row.starts_at);
            // Of an hour that happens twice it may be the second.
            let right = zone.local(starts_at) == row.starts_local;
            let target = if right { starts_at } else { zone.instant(row.starts_local) };
            Unsettled { id: row.id, version: row.version, starts_at, target }
        })
        .collect())
}

async fn settle_one(pool: &PgPool, one: Unsettled) -> Result<()> {
    let mut tx = pool.begin().await?;
    let wanted = Move {
        appointment: one.id,
        version: one.version,
        starts_at: one.target,
        practitioner: None,
        room: None,
        over: None,
    };
    let keys = move_keys(&mut tx, wanted).await?;
    book::lock(&mut tx, &keys).await?;
    let moved = sqlx::query!(
        r#"update appointment set starts_at = $3::timestamptz, ends_at = $3::timestamptz + (ends_at - starts_at), tzdb = $4, version = version + 1
            where id = $1 and version = $2 and blocks returning version, modality as "modality: Modality""#,
        one.id.0,
        one.version,
        one.target,
        time::version()
    )
    .fetch_optional(&mut *tx)
    .await
    .on_constraint("appointment_practitioner_free", || Refusal::Conflict(Conflict::PractitionerBusy))
    .on_constraint("appointment_room_free", || Refusal::Conflict(Conflict::PractitionerBusy))
    .on_constraint("appointment_client_free", || Refusal::Conflict(Conflict::ClientBusy))?
    .ok_or(Error::Refused(Refusal::Stale))?;
    // What is to be mailed of it and was not yet tells of this version.
    sqlx::query!(
        "update message set subject_version = $3 where appointment_id = $1 and subject_version = $2",
        one.id.0,
        one.version,
        moved.version
    )
    .execute(&mut *tx)
    .await?;
    // They said that they come to this time of the clocks.
    sqlx::query!(
        "update appointment_participant set confirmed_start = $3 where appointment_id = $1 and confirmed_start = $2",
        one.id.0,
        one.starts_at,
        one.target
    )
    .execute(&mut *tx)
    .await?;
    // Those who come to the place find the same time on its clocks: nothing is new to them. A client
    // who calls from elsewhere may have another hour now.
    if moved.modality == Modality::InPerson {
        sqlx::query!(
            "update appointment_told set starts_at = $3::timestamptz, ends_at = $3::timestamptz + (ends_at - starts_at)
              where starts_at = $2 and participant_id in (select id from appointment_participant where appointment_id = $1)",
            one.id.0,
            one.starts_at,
            one.target
        )
        .execute(&mut *tx)
        .await?;
    } else {
        let participants = sqlx::query_scalar!(
            "select id from appointment_participant where appointment_id = $1 and status = 'booked'",
            one.id.0
        )
        .fetch_all(&mut *tx)
        .await?;
        messages::queue_appointment(&mut tx, By::System, "confirmation", one.id, &participants, moved.version).await?;
    }
    audit::append(&mut tx, By::System, "move", "appointment", one.id, &["starts_at"]).await?;
    tx.commit().await?;
    Ok(())
}

/// Time off, closed days and extra hours keep their local times too; nothing is in their way.
async fn settle_exceptions(pool: &PgPool, now: DateTime<Utc>) -> Result<()> {
    let rows = sqlx::query!(
        "select id, zone, local_starts, local_ends from availability_exception where tzdb <> $1 and ends_at > $2",
        time::version(),
        now
    )
    .fetch_all(pool)
    .await?;
    for row in rows {
        let zone = Zone::stored(&row.zone);
        let (starts, ends) = (zone.instant(row.local_starts), zone.instant(row.local_ends));
        sqlx::query!(
            "update availability_exception set starts_at = $2, ends_at = $3, tzdb = $4, version = version + 1 where id = $1",
            row.id,
            starts,
            ends,
            time::version()
        )
        .execute(pool)
        .await?;
    }
    Ok(())
}
