//! A staff member's own account: name, address, password, theme, shortcuts, and the sessions.

use super::{Owner, address_changed, password, reach, sessions};
use crate::{Actor, Error, OnConstraint, Result, audit};
use shared::accounts::{OwnAccount, OwnDetails, OwnPasswordForm, Preferences, Secret};
use shared::{AccountId, Problem, Refusal, StaffId};
use sqlx::PgPool;

/// One's own account. Staff only.
pub async fn own(pool: &PgPool, actor: &Actor) -> Result<OwnAccount> {
    let staff = actor.staff()?.id;
    sqlx::query_as!(
        OwnAccount,
        r#"select s.first_name, s.last_name, s.email::text as "email!", a.theme, a.single_keys, s.version
             from staff_member s join account a on a.staff_id = s.id where s.id = $1"#,
        staff.0
    )
    .fetch_optional(pool)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))
}

/// Changes one's own name and address. The current password is asked for a new address, of which the
/// old one is told. Staff only.
pub async fn save_own(pool: &PgPool, actor: &Actor, details: &OwnDetails) -> Result<()> {
    let staff = actor.staff()?.id;
    let now = own(pool, actor).await?;
    let moves = now.email != details.email;
    if !moves && now.first_name == details.first_name && now.last_name == details.last_name {
        return Ok(());
    }
    if moves {
        check_password(pool, staff, &details.current).await?;
    }
    let taken = || Refusal::field("email", Problem::Taken);
    let mut tx = pool.begin().await?;
    let stored = sqlx::query!(
        r#"select email::text as "email!", version from staff_member where id = $1 and active for no key update"#,
        staff.0
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    crate::practice::same_version(stored.version, details.version)?;
    let others = sqlx::query_scalar!(
        r#"select exists (select from account where username = $2::text::citext and staff_id is distinct from $1) as "others!""#,
        staff.0,
        details.email
    )
    .fetch_one(&mut *tx)
    .await?;
    if others {
        return Err(taken().into());
    }
    let before = reach(&mut tx, Owner::Staff(staff)).await?;
    sqlx::query!(
        "update staff_member set first_name = $2, last_name = $3, email = $4::text::citext, version = version + 1 where id = $1",
        staff.0,
        details.first_name,
        details.last_name,
        details.email
    )
    .execute(&mut *tx)
    .await
    .on_constraint("staff_member_email_key", taken)?;
    if moves {
        address_changed(&mut tx, before, Owner::Staff(staff)).await?;
        sqlx::query!(
            "update account set username = $2::text::citext where staff_id = $1 and username = $3::text::citext",
            staff.0,
            details.email,
            stored.email
        )
        .execute(&mut *tx)
        .await
        .on_constraint("account_username_key", taken)?;
    }
    let fields: &[&str] = if moves { &["name", "email"] } else { &["name"] };
    audit::append(&mut tx, actor, "change", "staff_member", staff, fields).await?;
    tx.commit().await?;
    Ok(())
}

/// Changes one's own password; every session ends, and links that were sent. Staff only.
pub async fn change_password(pool: &PgPool, actor: &Actor, form: &OwnPasswordForm) -> Result<AccountId> {
    let staff = actor.staff()?.id;
    let new = form.parse()?;
    check_password(pool, staff, &form.current).await?;
    let hash = password::hash(new).await?;
    let mut tx = pool.begin().await?;
    let account = sqlx::query_scalar!(
        r#"update account set password_hash = $2 where staff_id = $1 returning id as "id: AccountId""#,
        staff.0,
        hash
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    super::void_staff_links(&mut tx, staff).await?;
    sessions::end_all(&mut tx, account).await?;
    audit::append(&mut tx, actor, "change", "account", staff, &["password"]).await?;
    tx.commit().await?;
    Ok(account)
}

/// Saves what one chose for oneself. Staff only.
pub async fn save_preferences(pool: &PgPool, actor: &Actor, preferences: &Preferences) -> Result<()> {
    let staff = actor.staff()?.id;
    let mut tx = pool.begin().await?;
    let changed = sqlx::query!(
        "update account set theme = $2, single_keys = $3 where staff_id = $1 and (theme, single_keys) <> ($2, $3)",
        staff.0,
        preferences.theme.as_str(),
        preferences.single_keys
    )
    .execute(&mut *tx)
    .await?;
    if changed.rows_affected() > 0 {
        audit::append(&mut tx, actor, "change", "account", staff, &["theme", "single_keys"]).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Ends every session of one's own account, this one too. Staff only.
pub async fn log_out_everywhere(pool: &PgPool, actor: &Actor) -> Result<()> {
    let staff = actor.staff()?.id;
    let mut tx = pool.begin().await?;
    sqlx::query!("delete from session s using account a where a.id = s.account_id and a.staff_id = $1", staff.0)
        .execute(&mut *tx)
        .await?;
    audit::append(&mut tx, actor, "log-out-everywhere", "account", staff, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// [`Problem::WrongPassword`] at `current` unless it is the staff member's password.
async fn check_password(pool: &PgPool, staff: StaffId, typed: &Secret) -> Result<()> {
    let hash = sqlx::query_scalar!("select password_hash from account where staff_id = $1", staff.0)
        .fetch_optional(pool)
        .await?
        .flatten();
    match password::verify(typed.clone(), hash).await? {
        password::Fits::No => Err(Refusal::field("current", Problem::WrongPassword).into()),
        _ => Ok(()),
    }
}
