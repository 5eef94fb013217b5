//! What happens without anyone asking: offers lapse, entries end with their last day, and,
//! where the practice wants it, times that became free are offered.

use super::matching::{Gap, find};
use super::offers::{self, MORNING};
use super::{offers::place, settings};
use crate::appointments::free_times::venue_zone;
use crate::audit::{self, By};
use crate::{Error, PgPool, Result, appointments};
use chrono::{DateTime, Days, NaiveTime, Utc};
use shared::slots::Span;
use shared::waitlist::OfferState;
use shared::{Conflict, OfferId, Refusal, StaffId, WaitId};

/// How many of those who fit are asked for one time.
const ASKED_MAX: usize = 20;

/// Does what is due; answers how many offers were ended or made. Any number of servers may.
pub async fn work(pool: &PgPool) -> Result<usize> {
    let mut done = lapse(pool).await?;
    end_entries(pool).await?;
    if settings::read(&mut *pool.acquire().await?).await?.by_itself {
        while let Some(made) = offer_next(pool).await? {
            done += usize::from(made);
        }
    }
    Ok(done)
}

async fn lapse(pool: &PgPool) -> Result<usize> {
    let due = sqlx::query_scalar!(
        r#"select id as "id: OfferId" from waitlist_offer where state = 'open' and lapses_at <= now() order by lapses_at limit 100"#
    )
    .fetch_all(pool)
    .await?;
    let mut lapsed = 0;
    for id in due {
        let mut tx = pool.begin().await?;
        let Some(place) = place(&mut tx, id).await? else { continue };
        appointments::lock(&mut tx, &place.keys()).await?;
        if offers::end(&mut tx, id, OfferState::Lapsed, None).await? {
            audit::append(&mut tx, By::System, "lapse", "waitlist", place.entry, &["state"]).await?;
            tx.commit().await?;
            lapsed += 1;
        }
    }
    Ok(lapsed)
}

/// Entries whose last day is over, and those for an earlier time whose appointment has begun or
/// is cancelled; what became free in the past is forgotten.
async fn end_entries(pool: &PgPool) -> Result<()> {
    let today = venue_zone(pool).await?.date(Utc::now());
    let ended = sqlx::query_scalar!(
        r#"update waitlist_entry w set state = 'lapsed', ended_at = now(), version = version + 1
            where w.state = 'waiting'
              and (w.last_on < $1
                   or exists (select from appointment a where a.id = w.appointment_id
                               and (a.status not in ('requested', 'confirmed') or a.starts_at <= now())))
           returning w.id as "id: WaitId""#,
        today
    );
    let mut tx = pool.begin().await?;
    for id in ended.fetch_all(&mut *tx).await? {
        audit::append(&mut tx, By::System, "lapse", "waitlist", id, &["state"]).await?;
    }
    sqlx::query!("delete from waitlist_freed where ends_at < now()").execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Looks at one time that became free: whether it was offered; `None` when none is due.
async fn offer_next(pool: &PgPool) -> Result<Option<bool>> {
    // Taken out of the queue first: should this server stop half-way, staff still see it.
    let row = sqlx::query!(
        r#"update waitlist_freed set due_at = null
            where id = (select id from waitlist_freed where due_at <= now() and ends_at > now()
                         order by due_at, id limit 1 for update skip locked)
           returning id, practitioner_id as "practitioner: StaffId", starts_at, ends_at"#
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let gap = Gap { practitioner: row.practitioner, span: Span { starts: row.starts_at, ends: row.ends_at } };
    for fit in find(pool, gap, None, true, ASKED_MAX).await? {
        match offers::make(pool, None, fit.entry, fit.starts_at, fit.practitioner).await {
            Ok(_) => {
                // Perhaps it is long enough for another one.
                look_again(pool, row.id, Utc::now()).await?;
                return Ok(Some(true));
            }
            Err(Error::Refused(Refusal::Conflict(Conflict::OfferAtNight))) => {
                look_again(pool, row.id, morning(pool).await?).await?;
                return Ok(Some(false));
            }
            // It is the next one's turn.
            Err(Error::Refused(refusal)) => tracing::debug!(entry = %fit.entry, ?refusal, "not offered"),
            Err(error) => return Err(error),
        }
    }
    Ok(Some(false))
}

async fn look_again(pool: &PgPool, freed: i64, at: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update waitlist_freed set due_at = $2 where id = $1", freed, at).execute(pool).await?;
    Ok(())
}

/// The next 8 am at the venue.
async fn morning(pool: &PgPool) -> Result<DateTime<Utc>> {
    let zone = venue_zone(pool).await?;
    let now = Utc::now();
    let at = NaiveTime::from_hms_opt(MORNING, 0, 0).unwrap_or_default();
    let today = zone.instant(zone.date(now).and_time(at));
    Ok(if today > now { today } else { zone.instant((zone.date(now) + Days::new(1)).and_time(at)) })
}
