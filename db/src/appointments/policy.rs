//! The policy that an appointment was booked under.

use super::facts::zone_of;
use crate::time::Zone;
use crate::{Error, Result};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use shared::appointments::Modality;
use shared::policy::{Cutoff, LateRule, Policy};
use shared::{AppointmentId, Conflict, Refusal, ServiceId};
use sqlx::{PgConnection, PgExecutor, PgPool};
use std::collections::HashMap;
use uuid::Uuid;

/// A policy, and what it means for one appointment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub policy: Policy,
    /// From this instant on cancelling and moving are late.
    pub deadline: DateTime<Utc>,
    pub starts_at: DateTime<Utc>,
}

impl Terms {
    fn new(policy: Policy, starts_at: DateTime<Utc>, zone: &Zone) -> Terms {
        let deadline = match policy.cutoff {
            // Elapsed hours, whatever the clocks do in between.
            Cutoff::Hours(hours) => starts_at - TimeDelta::hours(hours.into()),
            Cutoff::DayBefore(at) => zone.instant((zone.date(starts_at) - Days::new(1)).and_time(at)),
        };
        Terms { policy, deadline, starts_at }
    }

    /// Whether a client may cancel at `now`; `true`: it counts as late.
    pub fn cancelling(&self, now: DateTime<Utc>) -> std::result::Result<bool, Conflict> {
        match self.policy.late {
            _ if now >= self.starts_at => Err(Conflict::AlreadyStarted),
            _ if !self.policy.client_may_cancel => Err(Conflict::NotChangedOnline),
            _ if now < self.deadline => Ok(false),
            LateRule::Refused => Err(Conflict::TooLate),
            LateRule::AllowedAsLate => Ok(true),
        }
    }

    /// Whether a client may move it at `now`; a late move would be a late cancellation
    /// without its consequences.
    pub fn moving(&self, now: DateTime<Utc>) -> std::result::Result<(), Conflict> {
        if now >= self.starts_at {
            Err(Conflict::AlreadyStarted)
        } else if !self.policy.client_may_move {
            Err(Conflict::NotChangedOnline)
        } else if now >= self.deadline {
            Err(Conflict::TooLate)
        } else {
            Ok(())
        }
    }
}

/// Refuses what the policy does not let a client move online at this moment.
pub(crate) async fn may_be_moved(conn: &mut PgConnection, id: AppointmentId) -> Result<()> {
    Ok(of(conn, id).await?.moving(Utc::now()).map_err(Refusal::Conflict)?)
}

/// A policy as it is stored, with the time and zone that it is asked for.
struct Row {
    cutoff_hours: Option<i16>,
    cutoff_at: Option<NaiveTime>,
    late: LateRule,
    client_may_cancel: bool,
    client_may_move: bool,
    late_fee_cents: i64,
    no_show_fee_cents: i64,
    words: String,
    starts_at: DateTime<Utc>,
    zone: String,
    /// The appointment or the service.
    about: Uuid,
}

impl Row {
    fn terms(self) -> Terms {
        let cutoff = match (self.cutoff_at, self.cutoff_hours) {
            (Some(at), _) => Cutoff::DayBefore(at),
            (None, hours) => Cutoff::Hours(hours.unwrap_or(0)),
        };
        let policy = Policy {
            cutoff,
            late: self.late,
            client_may_cancel: self.client_may_cancel,
            client_may_move: self.client_may_move,
            late_fee_cents: self.late_fee_cents,
            no_show_fee_cents: self.no_show_fee_cents,
            words: self.words,
        };
        Terms::new(policy, self.starts_at, &zone_of(&self.zone))
    }
}

pub(super) async fn of(conn: &mut PgConnection, id: AppointmentId) -> Result<Terms> {
    terms_of(&mut *conn, &[id]).await?.remove(&id).ok_or(Error::Refused(Refusal::NotFound))
}

/// The terms under which a service would be booked now.
pub async fn terms_of_service(pool: &PgPool, id: ServiceId, starts_at: DateTime<Utc>, zone: &Zone) -> Result<Terms> {
    let row = sqlx::query_as!(
        Row,
        r#"select p.cutoff_hours, p.cutoff_at, p.late as "late: LateRule", p.client_may_cancel, p.client_may_move,
                  p.late_fee_cents, p.no_show_fee_cents, p.words, s.id as "about!", $2::timestamptz as "starts_at!", $3::text as "zone!"
             from service s join policy p on p.id = s.policy_id where s.id = $1"#,
        id.0,
        starts_at,
        zone.name()
    )
    .fetch_optional(pool)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    Ok(row.terms())
}

/// How clients may meet the practitioner of a service, in person first.
pub async fn modalities_of(pool: &PgPool, id: ServiceId) -> Result<Vec<Modality>> {
    let words = sqlx::query_scalar!("select modalities from service where id = $1", id.0);
    let words = words.fetch_optional(pool).await?.unwrap_or_default();
    let mut modalities: Vec<Modality> = words.iter().filter_map(|word| word.parse().ok()).collect();
    modalities.sort_unstable();
    Ok(modalities)
}

/// The terms of several appointments that the caller has been shown, in one statement.
pub async fn terms_of(conn: impl PgExecutor<'_>, ids: &[AppointmentId]) -> Result<HashMap<AppointmentId, Terms>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select a.id as "about!", p.cutoff_hours, p.cutoff_at, p.late as "late: LateRule", p.client_may_cancel,
                  p.client_may_move, p.late_fee_cents, p.no_show_fee_cents, p.words, a.starts_at, a.zone
             from appointment a join policy p on p.id = a.policy_id where a.id = any ($1)"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (AppointmentId(row.about), row.terms())).collect())
}

/// The terms of an appointment that the caller has been shown.
pub async fn terms(pool: &PgPool, id: AppointmentId) -> Result<Terms> {
    of(&mut *pool.acquire().await?, id).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn terms(cutoff: Cutoff, zone: &str) -> Terms {
        let policy = Policy {
            cutoff,
            late: LateRule::Refused,
            client_may_cancel: true,
            client_may_move: true,
            late_fee_cents: 0,
            no_show_fee_cents: 0,
            words: String::new(),
        };
        Terms::new(policy, at("2027-03-14T15:00:00Z"), &Zone::parse(zone).unwrap())
    }

    /// Sunday 10:00 in Chicago, the day on which clocks go forward: 24 elapsed hours
    /// before it is Saturday 09:00, although clocks show 25 hours between.
    #[test]
    fn hours_of_a_policy_are_elapsed_hours_across_a_clock_change() {
        for zone in ["America/Chicago", "Pacific/Auckland", "UTC"] {
            let terms = terms(Cutoff::Hours(24), zone);
            assert_eq!(terms.moving(at("2027-03-13T14:59:00Z")), Ok(()), "{zone}: 08:59 in Chicago");
            assert_eq!(terms.moving(at("2027-03-13T15:01:00Z")), Err(Conflict::TooLate), "{zone}: 09:01 in Chicago");
            assert_eq!(terms.cancelling(at("2027-03-13T15:01:00Z")), Err(Conflict::TooLate), "{zone}");
        }
    }

    #[test]
    fn the_day_before_is_a_day_of_the_venue() {
        let terms = terms(Cutoff::DayBefore(NaiveTime::from_hms_opt(17, 0, 0).unwrap()), "America/Chicago");
        assert_eq!(terms.deadline, at("2027-03-13T23:00:00Z"));
    }

    #[test]
    fn what_has_started_is_not_changed_online_whatever_the_policy() {
        let mut terms = terms(Cutoff::Hours(0), "UTC");
        terms.policy.late = LateRule::AllowedAsLate;
        assert_eq!(terms.cancelling(at("2027-03-14T14:59:00Z")), Ok(false));
        assert_eq!(terms.cancelling(at("2027-03-14T15:00:00Z")), Err(Conflict::AlreadyStarted));
    }
}
