//! What stands in the way of a time, in words.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

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
        /// When they are there again on that day.
        #[serde(default)]
        again: Option<String>,
    },
    /// Time off, or a closed day.
    Away {
        practitioner: String,
        until: String,
    },
    ClientBusy {
        client: String,
        practitioner: String,
        from: String,
        to: String,
    },
    /// A person who attends and whose record the viewer does not see.
    SomeoneBusy,
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
    RoomBusy {
        room: String,
    },
    /// The service needs a room, and none of its rooms is free.
    NoRoom,
    /// Of one date of a series.
    OnDate {
        date: String,
        what: Box<TimeConflict>,
    },
}

/// Of which client, and from when to when a practitioner is busy.
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
            TimeConflict::OutsideHours { practitioner, again: None } => {
                write!(f, "{practitioner} doesn’t work at this time.")
            }
            TimeConflict::OutsideHours { practitioner, again: Some(again) } => {
                write!(f, "{practitioner} doesn’t work at this time. They’re in at {again}.")
            }
            TimeConflict::Away { practitioner, until } => write!(f, "{practitioner} is off until {until}."),
            TimeConflict::SomeoneBusy => f.write_str("Someone who attends isn’t free at this time."),
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
            TimeConflict::RoomBusy { room } => write!(f, "{room} is taken at this time."),
            TimeConflict::OnDate { date, what } => write!(f, "{date}: {what}"),
            TimeConflict::NoRoom => f.write_str("No room is free at this time."),
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
