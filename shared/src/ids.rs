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
    /// A client of any kind.
    ClientId,
    /// The link between two clients.
    LinkId,
    /// Someone who works at the practice.
    StaffId,
    ServiceId,
    LocationId,
    AppointmentId,
    /// Something to be told by mail.
    MessageId,
    /// Its copy to one address.
    MessageCopyId,
    /// A word of a vocabulary that administrators edit.
    TermId,
    /// Somebody who sends clients here.
    ProviderId,
    /// A client information field.
    FieldId,
    /// What a choice field offers.
    ChoiceId,
    TagId,
    /// Somebody's time in a couple, family or group.
    MembershipId,
    /// A view of the client list that somebody saved.
    ViewId,
    /// A change of many clients at once.
    BulkId,
    ImportId,
    MergeId,
    ActivityId,
}

/// The short client number used on the telephone (B12) and in addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
#[serde(transparent)]
pub struct ClientNumber(pub i64);

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
