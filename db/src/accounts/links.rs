//! Links that are mailed to people: made with their mail, ended together.
//!
//! A link is single use and stored as its SHA-256. A claim link lives 72 hours, a reset link
//! 2; a younger link ends an older one only when it is used.

use super::{Owner, secret};
use crate::{Result, new_id};
use shared::AccountId;
use shared::messages::MessageKind;
use sqlx::PgConnection;
use uuid::Uuid;

/// What a link lets its reader do.
#[derive(Debug, Clone, Copy)]
pub(super) enum Link<'a> {
    /// Choose a password for an account that is not there yet, or again.
    Claim(Owner),
    /// Choose a new password.
    Reset(AccountId),
    /// Confirm a client's new address, which the link goes to.
    Address { account: AccountId, email: &'a str },
}

impl Link<'_> {
    /// The word for it, how many hours it lives, and the mail that carries it.
    fn kind(self) -> (&'static str, i32, MessageKind) {
        match self {
            Link::Claim(Owner::Client(_)) => ("claim", 72, MessageKind::Welcome),
            Link::Claim(Owner::Staff(_)) => ("claim", 72, MessageKind::Invitation),
            Link::Reset(_) => ("reset", 2, MessageKind::Reset),
            Link::Address { .. } => ("address", 2, MessageKind::AddressConfirmation),
        }
    }

    /// Client, staff member and account that it is for.
    fn subject(self) -> (Option<Uuid>, Option<Uuid>, Option<Uuid>) {
        match self {
            Link::Claim(owner) => {
                let (client, staff) = owner.ids();
                (client, staff, None)
            }
            Link::Reset(account) | Link::Address { account, .. } => (None, None, Some(account.0)),
        }
    }

    fn email(self) -> Option<String> {
        match self {
            Link::Address { email, .. } => Some(email.to_owned()),
            _ => None,
        }
    }
}

/// Makes the link and queues its mail. Whether this may be done was asked before.
pub(super) async fn send(conn: &mut PgConnection, link: Link<'_>) -> Result<()> {
    let (id, secret) = (new_id(), secret::new());
    let (kind, hours, mail) = link.kind();
    let (client, staff, account) = link.subject();
    sqlx::query!(
        "insert into account_link (id, kind, secret_hash, client_id, staff_id, account_id, new_email, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7::text::citext, now() + make_interval(hours => $8))",
        id,
        kind,
        secret::hash(&secret),
        client,
        staff,
        account,
        link.email(),
        hours
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into message (id, kind, client_id, staff_id, account_id, link_id, secret)
         values ($1, $2, $3, $4, $5, $6, $7)",
        new_id(),
        mail.as_str(),
        client,
        staff,
        account,
        id,
        secret.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends every link that has been sent to the owner: for a new invitation, for
/// an owner who may not log in any more, and with a new password. Whether there
/// were any.
pub(crate) async fn void_links(conn: &mut PgConnection, owner: Owner) -> Result<bool> {
    let (client, staff) = owner.ids();
    let ended = sqlx::query!(
        "update account_link set voided_at = now()
          where (client_id = $1 or staff_id = $2
                 or account_id = (select id from account where client_id = $1 or staff_id = $2))
            and used_at is null and voided_at is null",
        client,
        staff
    )
    .execute(conn)
    .await?;
    Ok(ended.rows_affected() > 0)
}
