//! Mail: what is to be told, whom it goes to, and what became of it.
//!
//! An operation queues a `message` in its own transaction. A worker turns it
//! into copies ([`expand_next`]), one for each address that may get it then,
//! and sends copy by copy ([`claim_copy`]). Whether the address may still get
//! it is asked again each time a copy is claimed, so between the last look at
//! the grants and the mail's leaving there is nothing but the sending itself.

mod compose;
mod delivery;
mod expand;
mod outbox;
mod recipients;
mod retry;
mod text;

pub use delivery::{Outgoing, claim_copy, failed, kept, sent};
pub use expand::expand_next;
pub use outbox::{OutboxCopy, OutboxRow, outbox, outbox_copy};
pub use text::{Part, one_line, split_links};

use crate::Result;
use shared::messages::MessageKind;
use shared::{AccountId, AppointmentId, ClientId, MessageId};
use sqlx::PgConnection;
use uuid::Uuid;

/// A row of `message`: what is to be told.
#[derive(Debug, Clone)]
struct Message {
    id: MessageId,
    kind: MessageKind,
    appointment: Option<AppointmentId>,
    /// The version of the appointment that it tells of.
    version: i32,
    /// Welcome: who is welcomed.
    client: Option<ClientId>,
    /// Reset: whose password.
    account: Option<AccountId>,
    link: Option<Uuid>,
    /// Registration: whose.
    registration: Option<Uuid>,
    /// Invitation: who is invited.
    staff: Option<Uuid>,
}

/// Queues mail about an appointment: `confirmation` or `cancellation`, as it
/// stands at `version`. Part of the caller's transaction; asking twice for the
/// same queues it once.
pub(crate) async fn queue_appointment(
    conn: &mut PgConnection,
    kind: &str,
    appointment: AppointmentId,
    version: i32,
) -> Result<()> {
    sqlx::query!(
        "insert into message (id, kind, appointment_id, subject_version) values ($1, $2, $3, $4)
         on conflict on constraint message_once do nothing",
        crate::new_id(),
        kind,
        appointment.0,
        version
    )
    .execute(conn)
    .await?;
    Ok(())
}
