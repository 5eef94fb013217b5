//! Words of a member of the team to one client.

use super::compose::Sender;
use super::text::subject;
use crate::accounts::secret;
use crate::{Result, new_id};
use shared::ClientId;
use sqlx::PgConnection;

/// Queues it, with the foot of the practice and the link that ends such mail. Whether the
/// client may get it is asked when it is sent, too.
pub(crate) async fn write_letter(conn: &mut PgConnection, client: ClientId, title: &str, words: &str) -> Result<()> {
    let practice = Sender::load(&mut *conn).await?;
    let (id, ends) = (new_id(), secret::new());
    sqlx::query!(
        "insert into message (id, kind, client_id, subject_kind, subject_id, state, finished_at)
         values ($1, 'letter', $2, 'letter', $1, 'done', now())",
        id,
        client.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into message_copy (id, message_id, address, client_id, subject, body, unsubscribe, unsubscribe_hash)
         select $1, $2, lower(trim(c.email::text))::citext, c.id, $4, $5, $6, $7 from client c where c.id = $3",
        new_id(),
        id,
        client.0,
        subject(title),
        practice.signed(words),
        ends.0,
        secret::hash(&ends)
    )
    .execute(conn)
    .await?;
    Ok(())
}
