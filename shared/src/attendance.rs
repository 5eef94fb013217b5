//! Who came: for each participant of an appointment, never set by a timer.

use crate::ParticipantId;
use crate::appointments::{AppointmentStatus, Modality};
use crate::vocabulary::vocabulary;
use crate::{ClientId, ClientNumber, RoomId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

vocabulary! {
    Attendance {
        Expected = "expected", "Expected";
        Arrived = "arrived", "Arrived";
        InSession = "in_session", "In session";
        Attended = "attended", "Attended";
        NoShow = "no_show", "No show";
    }
}

vocabulary! {
    /// Whether someone still takes part.
    Part {
        Booked = "booked", "Booked";
        Cancelled = "cancelled", "Cancelled";
        LateCancelled = "late_cancelled", "Late cancelled";
    }
}

vocabulary! {
    /// Whose permissions count for an appointment.
    Assigned {
        Everyone = "everyone", "Everyone with permission";
        One = "one", "One linked person";
        Nobody = "none", "No one";
    }
}

/// One who attends, for staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    pub id: ParticipantId,
    /// For forms; not for who it is.
    pub client: ClientId,
    /// `None`: the viewer may not see who it is.
    pub person: Option<Person>,
    /// The couple, family or group, if the viewer sees it.
    pub party: Option<Person>,
    pub part: Part,
    pub attendance: Attendance,
    pub arrived_at: Option<DateTime<Utc>>,
    pub seen_at: Option<DateTime<Utc>>,
    pub left_at: Option<DateTime<Utc>>,
    pub overbooked: bool,
    /// They or someone who acts for them said that they come, to the time that it has now.
    pub confirmed: bool,
    pub price_cents: i64,
    /// Who pays, if not the participant.
    pub payer: Option<String>,
    /// The linked client who booked, if the viewer sees them.
    pub proxy: Option<String>,
    pub assigned: Assigned,
    pub assigned_to: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub number: ClientNumber,
    pub name: String,
    pub alert: String,
}

/// What staff see of an appointment beside its line in lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppointmentFacts {
    pub status: AppointmentStatus,
    pub modality: Modality,
    pub room: Option<(RoomId, String)>,
    pub seats: i16,
    pub seats_taken: i16,
    pub staff_note: String,
    pub overbook_reason: String,
    pub cancel_reason: String,
    /// Who booked it: a staff member or a client.
    pub booked_by: String,
    pub booked_at: DateTime<Utc>,
}

/// What staff note about an appointment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DetailsForm {
    pub note: String,
    pub modality: String,
}

/// A line of an appointment's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLine {
    pub at: DateTime<Utc>,
    pub actor: String,
    pub words: String,
}
