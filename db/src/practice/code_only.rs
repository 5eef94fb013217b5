//! Code-only mode: clients are known by their codes. While it is on, the database
//! itself keeps names and contact details out (`client_code_only`); turning it
//! on removes those that are there.

use crate::{Actor, Result, audit};
use shared::practice::CodeOnlyForm;
use shared::{Problem, Refusal};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// What turning code-only mode on would remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// Clients with a name, a contact detail or the number of a card.
    pub clients: i64,
    /// Log-ins: a username is an e-mail address, or what its owner is called.
    pub logins: i64,
    /// Mails to clients and about them, sent or waiting.
    pub mails: i64,
    /// Imports whose rows are still here.
    pub imports: i64,
    /// Merges that could be undone, with the records as they were.
    pub merges: i64,
}

impl Named {
    pub fn is_nothing(self) -> bool {
        self == Named { clients: 0, logins: 0, mails: 0, imports: 0, merges: 0 }
    }
}

/// What turning it on would remove now. Administrators only.
pub async fn named(pool: &PgPool, actor: &Actor) -> Result<Named> {
    actor.administrator()?;
    count(&mut *pool.acquire().await?).await
}

async fn count(conn: &mut PgConnection) -> Result<Named> {
    Ok(sqlx::query_as!(
        Named,
        r#"select (select count(*) from client c
                    where client_is_named(c) or exists (select from client_phone p where p.client_id = c.id)
                       or exists (select from client_contact o where o.client_id = c.id)) as "clients!",
                  (select count(*) from account where client_id is not null) as "logins!",
                  (select count(*) from message m
                    where m.appointment_id is not null or m.client_id is not null or m.registration_id is not null
                       or m.account_id in (select id from account where client_id is not null)) as "mails!",
                  (select count(distinct import_id) from import_row) as "imports!",
                  (select count(*) from client_merge where journal is not null) as "merges!""#
    )
    .fetch_one(conn)
    .await?)
}

/// Turns code-only mode on or off. Administrators only. While anything names a
/// client it is refused at `remove`, unless removing it is ticked: then all of
/// it goes in this one transaction, for good.
pub async fn set_code_only(pool: &PgPool, actor: &Actor, form: &CodeOnlyForm) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    // A large practice takes its time; so do those who are saving a client.
    sqlx::query!("set local statement_timeout = '300s'").execute(&mut *tx).await?;
    sqlx::query!("set local lock_timeout = '10s'").execute(&mut *tx).await?;
    let stored = sqlx::query_scalar!("select code_only from practice for update").fetch_one(&mut *tx).await?;
    if stored == form.on {
        return Ok(());
    }
    // Registering asks for a name and an address.
    sqlx::query!(
        "update practice
            set code_only = $1, client_registration = client_registration and not $1, version = version + 1",
        form.on
    )
    .execute(&mut *tx)
    .await?;
    if form.on {
        // No one saves a client between the removal and the mode's being on.
        sqlx::query!("lock table client, client_phone, client_contact, account, registration, message, import_row in share row exclusive mode")
            .execute(&mut *tx)
            .await?;
        if !form.remove && !count(&mut tx).await?.is_nothing() {
            return Err(Refusal::field("remove", Problem::TickToConfirm).into());
        }
        remove(&mut tx).await?;
    }
    let fields: &[&str] = if form.on { &["code_only", "names", "contact_details"] } else { &["code_only"] };
    audit::append(&mut tx, actor, "change", "practice", Uuid::nil(), fields).await?;
    tx.commit().await?;
    Ok(())
}

/// Everything that names a client or reaches them.
async fn remove(conn: &mut PgConnection) -> Result<()> {
    // Their copies go with them.
    sqlx::query!(
        "delete from message m
          where m.appointment_id is not null or m.client_id is not null or m.registration_id is not null
             or m.account_id in (select id from account where client_id is not null) or m.kind = 'day_ahead'"
    )
    .execute(&mut *conn)
    .await?;
    // Their sessions and links go with them; links in mail lead nowhere any more.
    sqlx::query!("delete from account where client_id is not null").execute(&mut *conn).await?;
    sqlx::query!("update account_link set voided_at = now() where client_id is not null and voided_at is null")
        .execute(&mut *conn)
        .await?;
    sqlx::query!("update client_link_event e set actor_name = c.code::text from client c where c.id = e.actor_id")
        .execute(&mut *conn)
        .await?;
    sqlx::query!("delete from registration").execute(&mut *conn).await?;
    sqlx::query!("delete from import_row").execute(&mut *conn).await?;
    sqlx::query!("update import set families_found = '[]' where families_found <> '[]'").execute(&mut *conn).await?;
    sqlx::query!("update client_merge set journal = null where journal is not null").execute(&mut *conn).await?;
    sqlx::query!("delete from client_phone").execute(&mut *conn).await?;
    sqlx::query!("delete from client_contact").execute(&mut *conn).await?;
    // What was searched for may be a name.
    sqlx::query!(
        "update client_view set query = regexp_replace(query, '(^|&)q=[^&]*', '', 'g') where query ~ '(^|&)q='"
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("update activity_draft set q = '' where q <> ''").execute(&mut *conn).await?;
    sqlx::query!(
        "update bulk_change set back = regexp_replace(back, '([?&])q=[^&]*', '\\1', 'g') where back ~ '[?&]q='"
    )
    .execute(&mut *conn)
    .await?;
    // The trigger `client_code_only` blanks each row that is written.
    sqlx::query!("update client c set version = version + 1, updated_at = now() where client_is_named(c)")
        .execute(&mut *conn)
        .await?;
    // Whose address it was, a digest would still tell.
    sqlx::query!("delete from consent_event").execute(conn).await?;
    Ok(())
}
