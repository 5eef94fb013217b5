//! Appointments: the booking form, free times, and the views of each audience.

mod conflicts;

pub use conflicts::{Conflicts, Engagement, TimeConflict};

use crate::clients::Colour;
use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{AppointmentId, ClientId, ClientNumber, Conflict, Problem, Refusal, RoomId, ServiceId, StaffId};
use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How many days ahead staff are shown free times; clients as far as the service says.
pub const HORIZON_DAYS: u64 = 366;

vocabulary! {
    AppointmentStatus {
        /// Kept for a client who is booking, for some minutes.
        Held = "held", "Held";
        /// Booked online where staff confirm.
        Requested = "requested", "Requested";
        Confirmed = "confirmed", "Confirmed";
        Cancelled = "cancelled", "Cancelled";
    }
}

vocabulary! {
    /// How client and practitioner meet.
    Modality {
        InPerson = "in_person", "In person";
        Phone = "phone", "Phone";
        Video = "video", "Video";
    }
}

vocabulary! {
    /// What became of an appointment that is over, as its client sees it.
    Outcome {
        Attended = "attended", "Attended";
        Missed = "missed", "Missed";
        Cancelled = "cancelled", "Cancelled";
        LateCancelled = "late_cancelled", "Cancelled late";
        /// No one noted who came.
        NotRecorded = "not_recorded", "Past";
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
    /// Staff only: the linked client who asked for the booking.
    pub proxy: String,
    /// Staff only: the linked client with permissions for it. Empty or `everyone`, `none`, or the
    /// id of a linked client.
    pub assigned: String,
    /// Staff only: the room; empty: the service's rooms decide.
    pub room: String,
    /// Empty: in person.
    pub modality: String,
    /// Staff only: why it is booked over conflicts.
    pub reason: String,
    /// Staff only: book although there are conflicts.
    pub overbook: bool,
    /// Staff only: which conflicts were shown, see [`Conflicts::seen`].
    pub seen: String,
    /// Made when the form was shown; the same key with the same contents is
    /// answered with the first result.
    pub request_key: String,
    /// In the portal: what keeps the time, if something does.
    pub hold: String,
}

/// Whose permissions count for an appointment: those of others do not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Assigning {
    /// All linked clients who have them.
    #[default]
    Everyone,
    One(ClientId),
    Nobody,
}

impl Assigning {
    /// The word stored, and who it is.
    pub fn stored(self) -> (&'static str, Option<ClientId>) {
        match self {
            Assigning::Everyone => ("everyone", None),
            Assigning::One(client) => ("one", Some(client)),
            Assigning::Nobody => ("none", None),
        }
    }
}

fn assigning(text: &str) -> Result<Assigning, Problem> {
    match text.trim() {
        "" | "everyone" => Ok(Assigning::Everyone),
        "none" => Ok(Assigning::Nobody),
        id => parse::id(id).map(Assigning::One),
    }
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
    pub assigned: Assigning,
    /// Staff only: a room; without one the service's rooms decide.
    pub room: Option<RoomId>,
    pub modality: Modality,
    /// Book over exactly these conflicts: [`Conflicts::seen`].
    pub over: Option<Uuid>,
    /// In the portal: the time was held for the client meanwhile.
    pub hold: Option<AppointmentId>,
    pub request_key: Uuid,
}

/// Another time, practitioner or room for an appointment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MoveForm {
    pub appointment: String,
    pub version: String,
    /// The instant, as in [`BookingForm`].
    pub starts_at: String,
    /// A free time in one value, as in [`BookingForm`].
    pub slot: String,
    /// Staff only: a local time at the venue, typed instead of chosen.
    pub local: String,
    /// Empty: as it was.
    pub practitioner: String,
    /// Staff only. Empty: as it was, or another of the service's rooms.
    pub room: String,
    /// Staff only: how long it is to be. Empty: as it was.
    pub minutes: String,
    /// Staff only: see [`BookingForm`].
    pub overbook: bool,
    pub seen: String,
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    pub appointment: AppointmentId,
    /// The version that was shown.
    pub version: i32,
    pub starts_at: DateTime<Utc>,
    pub practitioner: Option<StaffId>,
    pub room: Option<RoomId>,
    /// Move over exactly these conflicts: [`Conflicts::seen`].
    pub over: Option<Uuid>,
}

impl MoveForm {
    pub fn parse(&self) -> Result<Move, Refusal> {
        let mut fields = Fields::default();
        let moved = Move {
            appointment: fields.take_or("appointment", parse::id(&self.appointment), || AppointmentId(Uuid::nil())),
            version: parse::version(&mut fields, &self.version).unwrap_or_default(),
            starts_at: fields.take_or("starts_at", instant(&self.starts_at), DateTime::default),
            practitioner: fields.take("practitioner", parse::optional(&self.practitioner, parse::id)),
            room: fields.take("room", parse::optional(&self.room, parse::id)),
            over: if self.overbook { self.seen.trim().parse().ok() } else { None },
        };
        fields.finish()?;
        Ok(moved)
    }

    /// How many minutes it is to last; `None`: as it does.
    pub fn minutes(&self) -> Result<Option<i32>, Refusal> {
        let (min, max) = (i64::from(*MINUTES.start()), i64::from(*MINUTES.end()));
        let minutes = parse::optional(&self.minutes, |text| parse::whole(text, min, max).map(|minutes| minutes as i32));
        minutes.map_err(|problem| Refusal::field("minutes", problem))
    }
}

/// How long staff may make an appointment.
pub const MINUTES: std::ops::RangeInclusive<i32> = 5..=12 * 60;

/// Why an appointment is cancelled, and whose part in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CancelForm {
    /// One of those who attend; empty: staff mean everyone, a client themself.
    pub client: String,
    pub reason: String,
    /// Staff only: it counts as a late cancellation.
    pub late: bool,
}

/// Several bookings that are one act.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VisitsForm {
    pub visits: Vec<BookingForm>,
}

/// Several moves that are one act. What has neither another time nor another practitioner
/// is left alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MovesForm {
    pub moves: Vec<MoveForm>,
    /// Move over the conflicts that were shown, of all of them.
    pub overbook: bool,
    pub seen: String,
    pub reason: String,
}

impl MovesForm {
    pub fn parse(&self) -> Result<(Vec<Move>, Option<Uuid>), Refusal> {
        let mut moves = Vec::new();
        for form in self.moves.iter().filter(|form| !form.slot.trim().is_empty()) {
            let mut parts = form.slot.split(' ').map(str::to_owned);
            let (starts_at, practitioner) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            moves.push(MoveForm { starts_at, practitioner, ..form.clone() }.parse()?);
        }
        let over = if self.overbook { self.seen.trim().parse().ok() } else { None };
        Ok((moves, over))
    }
}

/// The answer to a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AnswerForm {
    /// The version that was shown.
    pub version: String,
    /// Accept although there are conflicts, and which ones were shown.
    pub overbook: bool,
    pub seen: String,
    /// For the team.
    pub reason: String,
}

impl AnswerForm {
    pub fn version(&self) -> Result<i32, Refusal> {
        let mut fields = Fields::default();
        let version = parse::version(&mut fields, &self.version);
        fields.finish()?;
        version.ok_or(Refusal::Stale)
    }

    pub fn over(&self) -> Option<Uuid> {
        if self.overbook { self.seen.trim().parse().ok() } else { None }
    }
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
            assigned: fields.take_or("assigned", assigning(&self.assigned), Assigning::default),
            room: fields.take("room", parse::optional(&self.room, parse::id)),
            modality: fields.take_or("modality", modality(&self.modality), || Modality::InPerson),
            // Of a box that was ticked without conflicts having been shown nothing is passed over.
            over: if self.overbook { self.seen.trim().parse().ok() } else { None },
            hold: self.hold.trim().parse().ok(),
            request_key: fields.take_or("request_key", parse::id(&self.request_key), nobody),
        };
        fields.finish()?;
        Ok(booking)
    }
}

fn modality(text: &str) -> Result<Modality, Problem> {
    match text.trim() {
        "" => Ok(Modality::InPerson),
        text => text.parse().map_err(|_| Problem::Unknown),
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
    /// A booking of it is a request, which the practice answers.
    #[serde(default)]
    pub ask: bool,
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
    /// The client's alert.
    pub alert: String,
    /// The viewer's own colour of the client.
    pub colour: Option<Colour>,
    pub proxy_name: Option<String>,
    pub practitioner_id: StaffId,
    pub practitioner_name: String,
    pub service_id: ServiceId,
    pub service_name: String,
    /// Empty if there is none; may have several lines.
    pub service_description: String,
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
    pub version: i32,
    pub practitioner_id: StaffId,
    pub practitioner_name: String,
    pub service_id: ServiceId,
    pub service_name: String,
    /// Empty if there is none; may have several lines.
    pub service_description: String,
    pub modality: Modality,
    pub location_name: String,
    pub location_address: String,
    /// The portal's permissions of who attends; the policy comes on top.
    pub may_move: bool,
    pub may_cancel: bool,
}

impl PortalAppointment {
    /// What the policy answers, where the portal's permissions let this one be moved.
    pub fn moving(&self, policy: Result<(), Conflict>) -> Result<(), Conflict> {
        if self.may_move { policy } else { Err(Conflict::NotChangedOnline) }
    }

    /// What the policy answers, where the portal's permissions let this one be cancelled.
    pub fn cancelling(&self, policy: Result<bool, Conflict>) -> Result<bool, Conflict> {
        if self.may_cancel { policy } else { Err(Conflict::NotChangedOnline) }
    }
}

/// An instant in the one form that [`FreeTime`] uses.
pub fn instant_text(at: DateTime<Utc>) -> String {
    let Ok(year @ 0..=9999) = u32::try_from(at.year()) else { return at.format("%Y-%m-%dT%H:%M:%SZ").to_string() };
    // A week of free times has hundreds: digit by digit it takes a tenth of the time.
    let parts = [(at.month(), '-'), (at.day(), 'T'), (at.hour(), ':'), (at.minute(), ':'), (at.second(), 'Z')];
    let mut text = String::with_capacity(20);
    let mut two = |number: u32, end: Option<char>| {
        text.extend([number / 10, number % 10].into_iter().filter_map(|digit| char::from_digit(digit, 10)));
        text.extend(end);
    };
    two(year / 100, None);
    two(year % 100, Some('-'));
    for (number, end) in parts {
        two(number, Some(end));
    }
    text
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
    /// How many weeks from this one on were searched, when none of them has a free time.
    pub none_for_weeks: Option<u64>,
    /// Like `Times are in Toronto time.`
    pub zone_note: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_like_its_format() {
        for seconds in [0, -1, 1_772_962_800, 253_402_300_799, 253_402_300_800, -62_167_219_200, -62_167_219_201] {
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            assert_eq!(instant_text(at), at.format("%Y-%m-%dT%H:%M:%SZ").to_string());
        }
    }

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
