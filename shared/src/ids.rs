//! Identifiers, one type each, so that they cannot be mixed up.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map($name)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Uuid {
                id.0
            }
        }
    )*};
}

ids! {
    /// A log-in.
    AccountId,
    /// A file that was attached or sent.
    FileId,
    /// An open session of an account, as its owner names it.
    SessionId,
    /// A passkey of an account, as its owner names it.
    PasskeyId,
    /// A client of any kind.
    ClientId,
    /// The link between two clients.
    LinkId,
    /// Someone who works at the practice.
    StaffId,
    ServiceId,
    LocationId,
    /// A room of a location.
    RoomId,
    AppointmentId,
    /// A repeating appointment.
    SeriesId,
    /// When clients are reminded.
    RuleId,
    /// Time off, a closed day or extra hours.
    ExceptionId,
    /// One who attends an appointment.
    ParticipantId,
    /// A calendar feed.
    FeedId,
    /// Something to be told by mail.
    MessageId,
    /// Its copy to one address.
    MessageCopyId,
    /// A word of a vocabulary that administrators edit.
    TermId,
    /// A person who sends clients here.
    ProviderId,
    /// A client information field.
    FieldId,
    /// What a choice field offers.
    ChoiceId,
    TagId,
    /// A person's time in a couple, family or group.
    MembershipId,
    /// A view of the client list that someone saved.
    ViewId,
    /// A bulk change of clients.
    BulkId,
    ImportId,
    MergeId,
    ActivityId,
    /// Someone who waits for a time.
    WaitId,
    /// A time offered to someone who waits.
    OfferId,
    /// What a line of the To do page is ticked off for: a participant or a client.
    TodoId,
    /// A form that clients fill in.
    FormId,
    /// One version of a form.
    FormVersionId,
    /// What someone is asked for.
    RequestId,
    /// A form as it was filled in.
    ResponseId,
    /// A document or report about a client.
    DocumentId,
}

/// The short client number used on the telephone and in addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
#[serde(transparent)]
pub struct ClientNumber(i64);

impl ClientNumber {
    pub const fn new(number: i64) -> ClientNumber {
        ClientNumber(number)
    }

    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for ClientNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ClientNumber {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(ClientNumber)
    }
}
