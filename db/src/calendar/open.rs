//! When practitioners work, when clients have to ask for it, and when they are away.

use crate::availability::{Audience, opening};
use crate::time::Zone;
use crate::{Actor, Result};
use chrono::NaiveDate;
use shared::practice::without;
use shared::slots::Span;
use shared::{LocationId, StaffId};
use sqlx::PgConnection;
use uuid::Uuid;

/// A period of a practitioner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    pub practitioner: StaffId,
    pub span: Span,
}

/// Time off or a closed day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Off {
    /// `None`: everyone.
    pub practitioner: Option<StaffId>,
    /// `None`: everywhere.
    pub location: Option<LocationId>,
    pub span: Span,
    /// What it is called; may be empty.
    pub reason: String,
}

/// What is known of some days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opening {
    /// When they work.
    pub open: Vec<Open>,
    /// Of that, what is not offered online.
    pub ask: Vec<Open>,
    pub off: Vec<Off>,
}

/// The periods of these practitioners from the first day to the last. All who work here may see
/// who is away.
pub async fn open(
    conn: &mut PgConnection,
    actor: &Actor,
    zone: &Zone,
    (first, last): (NaiveDate, NaiveDate),
    people: &[StaffId],
) -> Result<Opening> {
    actor.staff()?;
    let ids: Vec<Uuid> = people.iter().map(|id| id.0).collect();
    let days = zone.days(first, last);
    let hours = opening(&mut *conn, &ids, days).await?;
    let off = sqlx::query!(
        r#"select practitioner_id as "practitioner: StaffId", location_id as "location: LocationId", starts_at, ends_at, reason
             from availability_exception
            where kind = 'off' and ends_at > $2 and starts_at < $3
              and (practitioner_id is null or practitioner_id = any ($1))
            order by starts_at, id"#,
        &ids,
        days.starts,
        days.ends
    )
    .fetch_all(conn)
    .await?;
    let mut all = Opening {
        off: off
            .into_iter()
            .map(|row| Off {
                practitioner: row.practitioner,
                location: row.location,
                span: Span { starts: row.starts_at, ends: row.ends_at },
                reason: row.reason,
            })
            .collect(),
        ..Opening::default()
    };
    for practitioner in people {
        let spans = hours.spans(zone, *practitioner, first, last, Audience::Staff);
        // Wherever it is: only when counts.
        let online = hours.periods(zone, *practitioner, (first, last), Audience::Portal, LocationId(Uuid::nil()));
        let online: Vec<Span> = online.into_iter().filter(|period| !period.ask).map(|period| period.span).collect();
        let mine = |span: Span| Open { practitioner: *practitioner, span };
        all.ask.extend(without(&spans, &online).into_iter().map(mine));
        all.open.extend(spans.into_iter().map(mine));
    }
    Ok(all)
}
