//! Appointments: the booking form, free times, and the views of each audience.

use crate::clients::Colour;
use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{AppointmentId, ClientId, ClientNumber, Problem, Refusal, ServiceId, StaffId};
use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// How many days ahead clients book: the last day that the booking page shows.
pub const HORIZON_DAYS: u64 = 366;

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
    /// Any practitioner who is free then will do; `practitioner` is the one who
    /// was shown and gets it if they still can.
    pub anyone: bool,
    /// Staff only: a free time in one value, `{instant} {practitioner}`, with
    /// ` anyone` behind it if any practitioner will do.
    pub slot: String,
    /// Staff only: a local time at the venue, typed instead of chosen, such as
    /// `2026-03-09T09:30`. Resolved by the server.
    pub local: String,
    /// Who attends.
    pub client: String,
    /// Staff only: the linked client assigned to the booking (D9).
    pub proxy: String,
    /// Staff only: book although there are conflicts.
    pub overbook: bool,
    /// Staff only: which conflicts were shown, see [`Conflicts::seen`].
    pub seen: String,
    /// Made when the form was shown; the same key with the same contents is
    /// answered with the first result.
    pub request_key: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booking {
    pub service: ServiceId,
    pub practitioner: StaffId,
    /// See [`BookingForm::anyone`].
    pub anyone: bool,
    pub starts_at: DateTime<Utc>,
    pub client: ClientId,
    pub proxy: Option<ClientId>,
    /// Book over exactly these conflicts: [`Conflicts::seen`].
    pub over: Option<Uuid>,
    pub request_key: Uuid,
}

impl BookingForm {
    pub fn parse(&self) -> Result<Booking, Refusal> {
        let mut fields = Fields::default();
        let nobody = Uuid::nil;
        let booking = Booking {
            service: fields.take_or("service", parse::id(&self.service), || ServiceId(nobody())),
            practitioner: fields.take_or("practitioner", parse::id(&self.practitioner), || StaffId(nobody())),
            anyone: self.anyone,
            starts_at: fields.take_or("starts_at", instant(&self.starts_at), DateTime::default),
            client: fields.take_or("client", parse::id(&self.client), || ClientId(nobody())),
            proxy: fields.take("proxy", parse::optional(&self.proxy, parse::id)),
            // Of a box that was ticked without conflicts having been shown nothing is passed over.
            over: if self.overbook { self.seen.trim().parse().ok() } else { None },
            request_key: fields.take_or("request_key", parse::id(&self.request_key), nobody),
        };
        fields.finish()?;
        Ok(booking)
    }
}

/// An instant as the pages send it, RFC 3339: a whole minute of the years 1900
/// to 2199.
pub fn instant(text: &str) -> Result<DateTime<Utc>, Problem> {
    match text.trim() {
        "" => Err(Problem::Required),
        text => DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|at| at.to_utc())
            .filter(|at| is_bookable(*at))
            .ok_or(Problem::NotATime),
    }
}

/// Whether an appointment may begin then: on a whole minute, in a year that
/// every zone can place.
pub fn is_bookable(at: DateTime<Utc>) -> bool {
    (1900..2200).contains(&at.year()) && at.second() == 0 && at.nanosecond() == 0
}

/// All that stands in the way of a time that staff want, as they may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflicts {
    /// Stands for exactly these conflicts of exactly this booking. The form
    /// carries it: what was not shown is not passed over.
    pub seen: Uuid,
    pub all: Vec<TimeConflict>,
}

/// One thing that stands in the way of a time. Times are words, in the venue's
/// zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeConflict {
    Past,
    OutsideHours {
        practitioner: String,
    },
    ClientBusy {
        client: String,
        practitioner: String,
        from: String,
        to: String,
    },
    PractitionerBusy {
        practitioner: String,
        /// `None` when the viewer may not see that appointment.
        with: Option<Engagement>,
    },
    /// Nothing overlaps, but the buffer would not be kept.
    TooClose {
        practitioner: String,
        buffer_minutes: i32,
        with: Option<Engagement>,
    },
}

/// With whom and from when to when a practitioner is busy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engagement {
    pub client: String,
    pub from: String,
    pub to: String,
}

impl fmt::Display for TimeConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TimeConflict::Past => f.write_str("This time is in the past."),
            TimeConflict::OutsideHours { practitioner } => write!(f, "{practitioner} doesn’t work at this time."),
            TimeConflict::ClientBusy { client, practitioner, from, to } => {
                write!(f, "{client} already has an appointment with {practitioner} from {from} to {to}.")
            }
            TimeConflict::PractitionerBusy { practitioner, with: Some(with) } => {
                let Engagement { client, from, to } = with;
                write!(f, "{practitioner} already has an appointment with {client} from {from} to {to}.")
            }
            TimeConflict::PractitionerBusy { practitioner, with: None } => {
                write!(f, "{practitioner} is busy at this time.")
            }
            TimeConflict::TooClose { practitioner, buffer_minutes, with: Some(with) } => {
                let Engagement { client, from, to } = with;
                write!(
                    f,
                    "{practitioner} has an appointment with {client} from {from} to {to}. \
                     {buffer_minutes} minutes between them should stay free."
                )
            }
            TimeConflict::TooClose { practitioner, buffer_minutes, with: None } => write!(
                f,
                "{practitioner} is busy shortly before or after. {buffer_minutes} minutes between should stay free."
            ),
        }
    }
}

impl fmt::Display for Conflicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for conflict in &self.all {
            write!(f, "{conflict} ")?;
        }
        f.write_str("Choose another time.")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_a_whole_minute_of_a_year_that_zones_know() {
        assert!(instant("2026-03-09T14:00:00Z").is_ok());
        for text in [
            "2026-03-09T14:00:33Z",
            "2026-03-09T14:00:00.5Z",
            "2026-03-09T13:59:60Z",
            "9999-12-31T23:59:59-12:00",
            "9999-12-31T23:59:00-12:00",
            "9999-01-04T10:00:00Z",
            "0001-01-01T00:00:00+14:00",
            "tomorrow",
        ] {
            assert_eq!(instant(text), Err(Problem::NotATime), "{text}");
        }
    }

    #[test]
    fn a_tick_without_shown_conflicts_passes_over_nothing() {
        let id = Uuid::from_u128(1).to_string();
        let form = BookingForm {
            service: id.clone(),
            practitioner: id.clone(),
            starts_at: "2026-03-09T14:00:00Z".into(),
            client: id.clone(),
            overbook: true,
            request_key: id.clone(),
            ..BookingForm::default()
        };
        assert_eq!(form.parse().unwrap().over, None);
        let seen = BookingForm { seen: id, ..form.clone() };
        assert_eq!(seen.parse().unwrap().over, Some(Uuid::from_u128(1)));
        assert_eq!(BookingForm { overbook: false, ..seen }.parse().unwrap().over, None);
    }
}
