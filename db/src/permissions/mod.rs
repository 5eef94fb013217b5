//! What clients may see and do in the portal. The one function that answers is `portal_may` of the
//! database: the operations ask it in their transaction by [`allows`] and [`require`], the lists and
//! mails in their statements, and pages show what the same function says.

mod details;
mod settings;

pub use details::{details, save_details};
pub use settings::{ClientPermission, SettingView, of_client, save_settings, set_exception, settings};

use crate::actor::ClientActor;
use crate::{Error, Result};
use shared::permissions::{Detail, Permission};
use shared::{ClientId, Refusal};
use sqlx::{PgConnection, PgExecutor};

/// Whether the record of this client is open to this, for themselves and for everyone who acts
/// for them. Of someone who acts for them it says nothing: they need the client's grant too
/// (`authz::permitted`).
pub async fn allows(conn: &mut PgConnection, client: ClientId, permission: Permission) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"select portal_may($1, $2) as "may!""#, client.0, permission.as_str())
        .fetch_one(conn)
        .await?)
}

/// [`Refusal::Forbidden`] unless [`allows`] it.
pub async fn require(conn: &mut PgConnection, client: ClientId, permission: Permission) -> Result<()> {
    match allows(conn, client, permission).await? {
        true => Ok(()),
        false => Err(Error::Refused(Refusal::Forbidden)),
    }
}

/// [`Refusal::Forbidden`] unless the client may edit this part of their own record.
pub async fn require_edits(conn: &mut PgConnection, client: ClientId, detail: Detail) -> Result<()> {
    let edits = sqlx::query_scalar!(r#"select portal_edits($1, $2) as "edits!""#, client.0, detail.as_str());
    match edits.fetch_one(conn).await? {
        true => Ok(()),
        false => Err(Error::Refused(Refusal::Forbidden)),
    }
}

/// Whether the practice opens this to people without a record.
pub async fn to_visitors(conn: impl PgExecutor<'_>, permission: Permission) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select setting = 'on' as "on!" from portal_permission where permission = $1"#,
        permission.as_str()
    )
    .fetch_optional(conn)
    .await?
    .unwrap_or_default())
}

/// What the portal offers an account at this moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offered {
    own: Vec<Permission>,
    others: Vec<Permission>,
}

impl Offered {
    /// For the account's own client.
    pub fn own(&self, permission: Permission) -> bool {
        self.own.contains(&permission)
    }

    /// For the account's own client, or someone who grants it.
    pub fn any(&self, permission: Permission) -> bool {
        self.own(permission) || self.others.contains(&permission)
    }
}

/// [`Offered`] to a client.
pub async fn offered(conn: impl PgExecutor<'_>, me: &ClientActor) -> Result<Offered> {
    let rows = sqlx::query!(
        r#"select p.permission as "permission: Permission", portal_may($1, p.permission) as "own!",
                  exists (select from client_grant g
                           where g.holder = $1 and portal_may(g.subject, p.permission)
                             and case when p.permission in ('see_forms', 'complete_forms') then g.may_forms
                                      when p.permission in ('see_appointments', 'book', 'move', 'cancel', 'see_practitioners')
                                          then g.may_book
                                      -- No grant covers the rest.
                                      else false end) as "others!"
             from portal_permission p"#,
        me.id().0
    )
    .fetch_all(conn)
    .await?;
    let mut offered = Offered::default();
    for row in rows {
        if row.own {
            offered.own.push(row.permission);
        }
        if row.others {
            offered.others.push(row.permission);
        }
    }
    Ok(offered)
}
