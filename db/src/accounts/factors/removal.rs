//! Factors that others take away: of someone who has lost them, after a check of who asks; and on the
//! command line of the last administrator. No one sets a factor for another.

use super::{Notice, tell, way_in_left};
use crate::accounts::{sessions, typed_name};
use crate::audit::{self, By};
use crate::{Actor, Result, authz, new_id};
use chrono::{DateTime, Utc};
use shared::accounts::RemoveFactorsForm;
use shared::{AccountId, ClientNumber, Problem, Refusal, StaffId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Takes away all factors of a client's login. Front desk only.
pub async fn remove_client_factors(
    pool: &PgPool,
    actor: &Actor,
    number: ClientNumber,
    form: &RemoveFactorsForm,
) -> Result<()> {
    let mut tx = pool.begin().await?;
    let client = authz::administrable(&mut tx, actor, number).await?.id();
    remove(&mut tx, actor, client.0, form).await?;
    audit::append(&mut tx, actor, "remove-factors", "client", client, &["factors"]).await?;
    Ok(tx.commit().await?)
}

/// Takes away all factors of a colleague's login. Administrators only.
pub async fn remove_member_factors(pool: &PgPool, actor: &Actor, id: StaffId, form: &RemoveFactorsForm) -> Result<()> {
    actor.administrator()?;
    if actor.id() == id.0 {
        return Err(Refusal::field("checked", Problem::OwnFactor).into());
    }
    let mut tx = pool.begin().await?;
    remove(&mut tx, actor, id.0, form).await?;
    audit::append(&mut tx, actor, "remove-factors", "staff_member", id, &["factors"]).await?;
    Ok(tx.commit().await?)
}

async fn remove(conn: &mut PgConnection, actor: &Actor, owner: Uuid, form: &RemoveFactorsForm) -> Result<()> {
    let staff = actor.staff()?.id();
    actor.confirmed()?;
    let checked = form.parse()?;
    let account = sqlx::query_scalar!(
        r#"select id as "id: AccountId" from account where staff_id = $1 or client_id = $1 for no key update"#,
        owner
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or(Refusal::NotFound)?;
    if !take(conn, account).await? {
        return Err(Refusal::field("checked", Problem::NoFactor).into());
    }
    sqlx::query!(
        "insert into account_factor_removal (id, account_id, removed_by, checked) values ($1, $2, $3, $4)",
        new_id(),
        account.0,
        staff.0,
        checked
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether there were any. Every session ends; the owner is told.
async fn take(conn: &mut PgConnection, account: AccountId) -> Result<bool> {
    let had =
        sqlx::query_scalar!(r#"select account_has_factor($1) as "had!""#, account.0).fetch_one(&mut *conn).await?;
    if !had {
        return Ok(false);
    }
    sqlx::query!("delete from account_totp where account_id = $1", account.0).execute(&mut *conn).await?;
    sqlx::query!("delete from account_passkey where account_id = $1", account.0).execute(&mut *conn).await?;
    sqlx::query!("delete from account_recovery_code where account_id = $1", account.0).execute(&mut *conn).await?;
    way_in_left(conn, account, "checked").await?;
    sessions::end_all(conn, account).await?;
    tell(conn, account, Notice::FactorsRemoved).await?;
    Ok(true)
}

/// For the command line: the account with this username keeps its password alone.
pub async fn reset_factor(pool: &PgPool, username: &str) -> Result<()> {
    let mut tx = pool.begin().await?;
    let row = sqlx::query!(
        r#"select id as "id: AccountId", coalesce(staff_id, client_id) as "owner!" from account
            where username = $1::text::citext for no key update"#,
        typed_name(username)
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Refusal::NotFound)?;
    if !take(&mut tx, row.id).await? {
        return Err(Refusal::field("username", Problem::NoFactor).into());
    }
    audit::append(&mut tx, By::System, "remove-factors", "account", row.owner, &["factors"]).await?;
    Ok(tx.commit().await?)
}

/// What the front desk sees of the second factor of another's login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorRemoval {
    pub has_factor: bool,
    /// The newest removal: when, by which colleague, and what they checked.
    pub last: Option<(DateTime<Utc>, String, String)>,
}

/// Of a client's login, or of a staff member's, by the owner's id. Front desk only; `None` without a login.
pub async fn last_removal(conn: &mut PgConnection, actor: &Actor, owner: Uuid) -> Result<Option<FactorRemoval>> {
    actor.front_desk()?;
    let row = sqlx::query!(
        r#"select account_has_factor(a.id) as "has!", r.at as "at?", r.checked as "checked?",
                  s.first_name || ' ' || s.last_name as "by?"
             from account a
             left join lateral (select * from account_factor_removal r where r.account_id = a.id order by at desc limit 1) r on true
             left join staff_member s on s.id = r.removed_by
            where a.client_id = $1 or a.staff_id = $1"#,
        owner
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| FactorRemoval {
        has_factor: row.has,
        last: match (row.at, row.by, row.checked) {
            (Some(at), Some(by), Some(checked)) => Some((at, by, checked)),
            _ => None,
        },
    }))
}
