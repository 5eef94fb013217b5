//! The practice's answers, and the exceptions of single clients.

use crate::authz::{self, ReadableClient};
use crate::{Actor, Error, Result, audit};
use chrono::{DateTime, Utc};
use shared::permissions::{Permission, Setting, Wanted, effective};
use shared::{ClientNumber, Refusal};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// A row of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingView {
    pub permission: Permission,
    pub setting: Setting,
    /// How many clients have an exception.
    pub exceptions: i64,
}

/// The practice's answers, in the order of the list. For the front desk.
pub async fn settings(pool: &PgPool, actor: &Actor) -> Result<Vec<SettingView>> {
    actor.front_desk()?;
    let mut rows = sqlx::query_as!(
        SettingView,
        r#"select p.permission as "permission: Permission", p.setting as "setting: Setting",
                  (select count(*) from client_portal_permission e where e.permission = p.permission) as "exceptions!"
             from portal_permission p"#
    )
    .fetch_all(pool)
    .await?;
    rows.sort_by_key(|row| row.permission);
    Ok(rows)
}

/// Saves the practice's answers. [`Refusal::Stale`] if one of them is no longer what was seen. For
/// administrators.
pub async fn save_settings(pool: &PgPool, actor: &Actor, wanted: &Wanted) -> Result<()> {
    actor.administrator()?;
    actor.confirmed()?;
    let mut tx = pool.begin().await?;
    let stored = sqlx::query!(
        r#"select permission as "permission: Permission", setting as "setting: Setting"
             from portal_permission order by permission for update"#
    )
    .fetch_all(&mut *tx)
    .await?;
    let of = |pairs: &[(Permission, Setting)], wanted: Permission| {
        pairs.iter().find(|(permission, _)| *permission == wanted).map(|(_, setting)| *setting)
    };
    let mut changed = Vec::new();
    for row in stored {
        let Some(new) = of(&wanted.settings, row.permission) else { continue };
        if of(&wanted.seen, row.permission).is_some_and(|seen| seen != row.setting) {
            return Err(Refusal::Stale.into());
        }
        if new == row.setting {
            continue;
        }
        sqlx::query!(
            "update portal_permission set setting = $2 where permission = $1",
            row.permission.as_str(),
            new.as_str()
        )
        .execute(&mut *tx)
        .await?;
        changed.push(row.permission.as_str());
    }
    if !changed.is_empty() {
        audit::append(&mut tx, actor, "change", "portal_permission", Uuid::nil(), &changed).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// A permission of one client, with the exception that they have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientPermission {
    pub permission: Permission,
    pub setting: Setting,
    pub exception: Option<bool>,
    pub set_by: Option<String>,
    pub set_at: Option<DateTime<Utc>>,
}

impl ClientPermission {
    /// What it comes to.
    pub fn allows(&self) -> bool {
        effective(self.setting, self.exception)
    }
}

/// All permissions of a client, in the order of the list.
pub async fn of_client(conn: &mut PgConnection, client: &ReadableClient) -> Result<Vec<ClientPermission>> {
    let mut rows = sqlx::query_as!(
        ClientPermission,
        r#"select p.permission as "permission: Permission", p.setting as "setting: Setting",
                  e.allowed as "exception?", s.first_name || ' ' || s.last_name as set_by, e.set_at as "set_at?"
             from portal_permission p
             left join client_portal_permission e on e.permission = p.permission and e.client_id = $1
             left join staff_member s on s.id = e.set_by"#,
        client.id().0
    )
    .fetch_all(conn)
    .await?;
    rows.sort_by_key(|row| row.permission);
    Ok(rows)
}

/// Makes an exception for a client, or goes back to the practice's answer with `None`. For the
/// front desk.
pub async fn set_exception(
    pool: &PgPool,
    actor: &Actor,
    number: ClientNumber,
    permission: Permission,
    allowed: Option<bool>,
) -> Result<()> {
    let mut tx = pool.begin().await?;
    let client = authz::administrable(&mut tx, actor, number).await?.id();
    actor.confirmed()?;
    // An erased or merged record gets none meanwhile.
    sqlx::query_scalar!("select 1 from client where id = $1 and erased_at is null for no key update", client.0)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::Refused(Refusal::NotFound))?;
    let changed = match allowed {
        Some(may) => sqlx::query!(
            "insert into client_portal_permission as e (client_id, permission, allowed, set_by) values ($1, $2, $3, $4)
             on conflict (client_id, permission) do update set allowed = $3, set_by = $4, set_at = now()
              where e.allowed <> $3",
            client.0,
            permission.as_str(),
            may,
            actor.id()
        )
        .execute(&mut *tx)
        .await?
        .rows_affected(),
        None => sqlx::query!(
            "delete from client_portal_permission where client_id = $1 and permission = $2",
            client.0,
            permission.as_str()
        )
        .execute(&mut *tx)
        .await?
        .rows_affected(),
    };
    if changed > 0 {
        audit::append(&mut tx, actor, "portal-permission", "client", client, &[permission.as_str()]).await?;
    }
    tx.commit().await?;
    Ok(())
}
