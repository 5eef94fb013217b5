//! Which roles need a second factor, and how long they have to set it up.

use crate::{Actor, Result, audit};
use shared::accounts::{FactorPolicyDetails, Role};
use sqlx::PgPool;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorPolicy {
    pub roles: Vec<Role>,
    pub days: i16,
    pub version: i32,
    /// The team, with who has a second factor.
    pub without: Vec<String>,
}

/// Administrators only.
pub async fn factor_policy(pool: &PgPool, actor: &Actor) -> Result<FactorPolicy> {
    actor.administrator()?;
    let row = sqlx::query!(
        r#"select factor_roles, factor_days, version,
                  array(select s.first_name || ' ' || s.last_name
                          from staff_member s join account a on a.staff_id = s.id
                         where s.active and s.roles && factor_roles and not account_has_factor(a.id)
                         order by s.last_name, s.first_name, s.id) as "without!"
             from practice"#
    )
    .fetch_one(pool)
    .await?;
    let roles = row.factor_roles.iter().filter_map(|role| role.parse().ok()).collect();
    Ok(FactorPolicy { roles, days: row.factor_days, version: row.version, without: row.without })
}

/// Saves it; the days of those whose role is added are counted from now on. Administrators only.
pub async fn save_factor_policy(pool: &PgPool, actor: &Actor, details: &FactorPolicyDetails) -> Result<()> {
    actor.administrator()?;
    actor.confirmed()?;
    let mut tx = pool.begin().await?;
    let stored =
        sqlx::query!("select factor_roles, factor_days, version from practice for update").fetch_one(&mut *tx).await?;
    let roles: Vec<String> = details.roles.iter().map(|role| role.as_str().to_owned()).collect();
    if stored.factor_roles == roles && stored.factor_days == details.days {
        return Ok(());
    }
    crate::practice::same_version(stored.version, details.version)?;
    sqlx::query!(
        "update practice
            set factor_roles = $1, factor_days = $2, version = version + 1",
        &roles,
        details.days
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, actor, "change", "practice", Uuid::nil(), &["second_factor"]).await?;
    Ok(tx.commit().await?)
}
