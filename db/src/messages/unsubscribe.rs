//! The link in the head of mail that needs consent: with one click its reader gets no more of
//! it (RFC 8058). It works for as long as the mail is known, and stands for the client whose
//! address it went to.

use crate::accounts::secret;
use crate::audit::{self, By};
use crate::consents::{self, Consent};
use crate::{PgPool, Result, clients};
use shared::accounts::Secret;
use shared::consents::{Channel, ConsentSource};
use shared::{ClientId, Refusal};

const WORDS: &str = "Unsubscribe";

/// Whether the link is one. It says nothing of whose it is.
pub async fn is_known(pool: &PgPool, token: &Secret) -> Result<bool> {
    let known = sqlx::query_scalar!(
        r#"select exists (select from message_copy where unsubscribe_hash = $1) as "is!""#,
        secret::hash(token)
    );
    Ok(known.fetch_one(pool).await?)
}

/// Whether mail to the address that the link went to has ended: whose it was has given no consent for it.
pub async fn has_ended(pool: &PgPool, token: &Secret) -> Result<bool> {
    let ended = sqlx::query_scalar!(
        r#"select not exists (select from message_copy y join client c on c.email = y.address
                               where y.unsubscribe_hash = $1 and c.email_consent and c.erased_at is null) as "ended!""#,
        secret::hash(token)
    );
    Ok(ended.fetch_one(pool).await?)
}

/// Withdraws the consent to email of every client whose address it is now: a family that shares
/// a mailbox reads no more in it. Twice is as once; [`Refusal::DeadLink`] for a link that is none.
/// An address that is no longer that of the client it was sent to ends nothing.
pub async fn unsubscribe(pool: &PgPool, token: &Secret) -> Result<()> {
    let mut tx = pool.begin().await?;
    let known = sqlx::query_scalar!(
        r#"select coalesce(c.email = y.address, false) as "is_theirs!"
             from message_copy y left join client c on c.id = y.client_id
            where y.unsubscribe_hash = $1"#,
        secret::hash(token)
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Refusal::DeadLink)?;
    if !known {
        return Ok(());
    }
    let clients = sqlx::query_scalar!(
        r#"select c.id as "id: ClientId" from message_copy y join client c on c.email = y.address
            where y.unsubscribe_hash = $1 and c.email_consent and c.erased_at is null
            order by c.id"#,
        secret::hash(token)
    )
    .fetch_all(&mut *tx)
    .await?;
    for client in &clients {
        clients::lock(&mut tx, *client).await?;
        let withdrawn =
            Consent { channel: Channel::Email, given: false, source: ConsentSource::Unsubscribe, words: WORDS };
        consents::record(&mut tx, By::Link(client.0), *client, withdrawn).await?;
    }
    for client in &clients {
        audit::append(&mut tx, By::Link(client.0), "update", "client", *client, &["email_consent"]).await?;
    }
    Ok(tx.commit().await?)
}
