//! Appointments: the booking form, free times, and the views of each audience.

use crate::clients::Colour;
use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{AppointmentId, ClientId, ClientNumber, Refusal, ServiceId, StaffId};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

vocabulary! {
    AppointmentStatus {
        Confirmed = "confirmed", "Confirmed";
        Cancelled = "cancelled", "Cancelled";
    }
}

/// A booking, as sent by the portal and by staff.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BookingForm {
    pub service: String,
    pub practitioner: String,
    /// The instant, RFC 3339 in UTC: local times are resolved by the server alone.
    pub starts_at: String,
    /// Staff only: instant and practitioner of a free time, in one value.
    pub slot: String,
    /// Staff only: a local time at the venue, typed instead of chosen, such as
    /// `2026-03-09T09:30`. Resolved by the server.
    pub local: String,
    /// Who attends.
    pub client: String,
    /// Staff only: the linked client assigned to the booking (D9).
    pub proxy: String,
    /// Staff only: book although something is in the way.
    pub overbook: bool,
    /// Made when the form was shown; the same key is answered with the first result.
    pub request_key: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booking {
    pub service: ServiceId,
    pub practitioner: StaffId,
    pub starts_at: DateTime<Utc>,
    pub client: ClientId,
    pub proxy: Option<ClientId>,
    pub overbook: bool,
    pub request_key: Uuid,
}

impl BookingForm {
    pub fn parse(&self) -> Result<Booking, Refusal> {
        let mut fields = Fields::default();
        let nobody = Uuid::nil;
        let booking = Booking {
            service: fields.take_or("service", parse::id(&self.service), || ServiceId(nobody())),
            practitioner: fields.take_or("practitioner", parse::id(&self.practitioner), || StaffId(nobody())),
            starts_at: fields.take_or("starts_at", instant(&self.starts_at), DateTime::default),
            client: fields.take_or("client", parse::id(&self.client), || ClientId(nobody())),
            proxy: fields.take("proxy", parse::optional(&self.proxy, parse::id)),
            overbook: self.overbook,
            request_key: fields.take_or("request_key", parse::id(&self.request_key), nobody),
        };
        fields.finish()?;
        Ok(booking)
    }
}

/// An instant as the pages send it, RFC 3339.
pub fn instant(text: &str) -> Result<DateTime<Utc>, crate::Problem> {
    match text.trim() {
        "" => Err(crate::Problem::Required),
        text => DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()).map_err(|_| crate::Problem::NotATime),
    }
}

/// A free time, with the words to show: the browser never formats times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreeTime {
    /// RFC 3339 in UTC, always `2026-03-09T14:00:00Z`, so that text order is time order.
    pub starts_at: String,
    pub ends_at: String,
    /// In the venue's zone, such as `9:30 am`.
    pub label: String,
    pub practitioner: StaffId,
    pub practitioner_name: String,
}

/// The free times of one day in the venue's zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreeDay {
    pub date: NaiveDate,
    /// Such as `Mon 9 Mar`.
    pub label: String,
    pub times: Vec<FreeTime>,
}

/// An appointment in the staff's lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffAppointment {
    pub id: AppointmentId,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub zone: String,
    pub status: AppointmentStatus,
    pub overbooked: bool,
    pub client_id: ClientId,
    pub client_number: ClientNumber,
    pub client_name: String,
    /// The person has been erased: nothing more is booked for them.
    pub client_erased: bool,
    /// The client's alert (B4).
    pub alert: String,
    /// The viewer's own colour of the client (B10).
    pub colour: Option<Colour>,
    pub proxy_name: Option<String>,
    pub practitioner_id: StaffId,
    pub practitioner_name: String,
    pub service_id: ServiceId,
    pub service_name: String,
    pub price_cents: i64,
    pub version: i32,
}

/// An appointment as the client, or one who may manage it for them, sees it.
/// Who booked it is not told: another guardian may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalAppointment {
    pub id: AppointmentId,
    /// Who attends.
    pub client_id: ClientId,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub zone: String,
    pub status: AppointmentStatus,
    /// Set when it is another person's: "For Mia Okafor".
    pub for_name: Option<String>,
    pub practitioner_name: String,
    pub service_id: ServiceId,
    pub service_name: String,
    pub location_name: String,
    pub location_address: String,
}

/// An instant in the one form that [`FreeTime`] and [`Engaged`] use.
pub fn instant_text(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A time at which somebody whom the viewer may book is engaged already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engaged {
    pub client: ClientId,
    /// As in [`FreeTime`].
    pub starts_at: String,
    pub ends_at: String,
}

impl Engaged {
    pub fn hinders(&self, client: ClientId, time: &FreeTime) -> bool {
        self.client == client && self.starts_at < time.ends_at && time.starts_at < self.ends_at
    }
}

/// A week of free times, as the booking pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreeWeek {
    /// Such as `9–15 March 2026`.
    pub heading: String,
    pub days: Vec<FreeDay>,
    /// First days of the weeks beside it; none before today's.
    pub previous: Option<NaiveDate>,
    pub next: Option<NaiveDate>,
    /// The first day with a free time, when this week has none.
    pub first_free: Option<(NaiveDate, String)>,
    /// Such as `Times are in America/Toronto (EDT).`
    pub zone_note: String,
}
