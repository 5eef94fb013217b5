//! The rules of a service that free times and bookings share.

use crate::availability::{Audience, Opening};
use crate::time::Zone;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use shared::slots::{Period, Wanted};
use shared::{LocationId, StaffId};

/// What free times and bookings take from a service, and from the places where it is held.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub buffer_minutes: i32,
    pub step_minutes: i16,
    /// Online: so long before the start at the latest.
    pub notice_minutes: i32,
    /// Online: the last day, from today on.
    pub horizon_days: i16,
    /// Online bookings are requests.
    pub by_request: bool,
    /// The venue's: it says what day it is.
    pub zone: Zone,
    /// Where it is offered, the main place first.
    pub places: Vec<Place>,
    /// Its sessions have seats.
    pub in_group: bool,
    pub needs_room: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub id: LocationId,
    pub zone: String,
}

/// A practitioner who offers a service, on their own terms.
#[derive(Debug, Clone)]
pub(crate) struct Offering {
    pub id: StaffId,
    pub name: String,
    pub minutes: i32,
    pub buffer_minutes: i32,
    pub price_cents: i64,
}

impl Service {
    /// The question for an appointment with this practitioner, from this instant on.
    pub fn wanted(&self, by: &Offering, audience: Audience, now: DateTime<Utc>) -> Wanted {
        let until = match audience {
            Audience::Staff => DateTime::<Utc>::MAX_UTC,
            Audience::Portal => self.zone.day(self.last_day(now)).ends,
        };
        Wanted {
            duration_minutes: by.minutes,
            buffer_minutes: by.buffer_minutes,
            step_minutes: self.step_minutes,
            not_before: self.not_before(audience, now),
            until,
        }
    }

    /// The earliest start.
    pub fn not_before(&self, audience: Audience, now: DateTime<Utc>) -> DateTime<Utc> {
        match audience {
            Audience::Staff => now,
            Audience::Portal => now + TimeDelta::minutes(self.notice_minutes.into()),
        }
    }

    /// The last day that clients book.
    pub fn last_day(&self, now: DateTime<Utc>) -> NaiveDate {
        self.zone.date(now) + Days::new(self.horizon_days.max(0) as u64)
    }

    /// When a practitioner is open at the places of the service.
    pub fn open(
        &self,
        opening: &Opening,
        practitioner: StaffId,
        days: (NaiveDate, NaiveDate),
        audience: Audience,
    ) -> Vec<Period> {
        let mut open = opening.periods(&self.zone, practitioner, days, audience, self.place());
        open.retain(|period| self.places.iter().any(|place| place.id == period.place));
        open
    }

    /// Where it is held unless the practitioner works elsewhere.
    pub fn place(&self) -> LocationId {
        self.places.first().map_or(LocationId(uuid::Uuid::nil()), |place| place.id)
    }

    pub fn zone_at(&self, place: LocationId) -> String {
        let known = self.places.iter().find(|known| known.id == place);
        known.map_or_else(|| self.zone.name().to_owned(), |known| known.zone.clone())
    }
}
