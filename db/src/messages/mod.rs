//! Mail: the messages, their recipients and their delivery.
//!
//! An operation queues a `message` in its own transaction. A worker turns it
//! into copies ([`expand_next`]), one for each address that may get it then,
//! and sends copy by copy ([`claim_copy`]). Whether the address may still get
//! it is asked again each time a copy is claimed, so between the last look at
//! the grants and the mail's leaving there is nothing but the sending itself.

mod compose;
pub mod day;
mod delivery;
mod documents;
pub mod edit;
mod expand;
mod family;
mod french;
mod letter;
mod links;
mod outbox;
mod phrases;
mod queue;
mod reach;
mod recipients;
pub mod reminders;
pub mod reply;
mod requests;
mod retry;
mod security;
pub mod sms;
pub mod sms_setting;
mod staff;
mod text;
mod texts;
mod told;
pub mod unsubscribe;

pub use delivery::{Invitation, Outgoing, claim_copy, failed, kept, sent, sent_as};
pub use expand::expand_next;
pub(crate) use letter::write_letter;
pub(crate) use links::{queue_change as queue_link_change, told as told_of_link};
pub use outbox::{OutboxCopy, OutboxRow, outbox, outbox_copy, outbox_withheld};
pub(crate) use queue::{queue_appointment, queue_move};
pub use queue::{quiet_minutes, save_quiet};
pub use reach::{Reach, Unwritten};
pub(crate) use reach::{reach, reach_of, reaches};
pub(crate) use staff::Before;
pub use text::{Part, one_line, split_links};

use chrono::{DateTime, Utc};
use shared::messages::MessageKind;
use shared::{AccountId, ClientId, MessageId};
use uuid::Uuid;

/// A row of `message`: what is to be told.
#[derive(Debug, Clone)]
struct Message {
    id: MessageId,
    kind: MessageKind,
    /// Of an appointment: which of its participants it is about.
    participant: Option<Uuid>,
    /// The version of the appointment that it tells of.
    version: i32,
    /// Reminder: the start that it reminds of. Moved online: the one before.
    starts_at: Option<DateTime<Utc>>,
    /// Welcome: who is welcomed.
    client: Option<ClientId>,
    /// Reset: whose password.
    account: Option<AccountId>,
    link: Option<Uuid>,
    /// Registration: whose.
    registration: Option<Uuid>,
    /// Invitation: who is invited. Day: whose. Notice: the practitioner it was moved away from.
    staff: Option<Uuid>,
    /// What else it is about, such as an entry in the history of a link.
    subject: Option<Uuid>,
}
