//! One's own account: the password; of a staff member also name, address, theme and shortcuts.

use super::{Owner, address_changed, factors, password, reach, sessions};
use crate::{Actor, Error, OnConstraint, Result, audit};
use shared::accounts::{MailChoices, OwnAccount, OwnDetails, OwnPasswordForm, Preferences, Secret};
use shared::{AccountId, Problem, Refusal};
use sqlx::PgPool;
use uuid::Uuid;

/// One's own account. Staff only.
pub async fn own(pool: &PgPool, actor: &Actor) -> Result<OwnAccount> {
    let staff = actor.staff()?.id();
    let row = sqlx::query!(
        r#"select s.first_name, s.last_name, s.email::text as "email!", a.theme, a.single_keys, s.version,
                  a.mail_booked, a.mail_moved, a.mail_cancelled, a.mail_day
             from staff_member s join account a on a.staff_id = s.id where s.id = $1"#,
        staff.0
    )
    .fetch_optional(pool)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    Ok(OwnAccount {
        first_name: row.first_name,
        last_name: row.last_name,
        email: row.email,
        theme: row.theme,
        single_keys: row.single_keys,
        mail: MailChoices {
            booked: row.mail_booked,
            moved: row.mail_moved,
            cancelled: row.mail_cancelled,
            day: row.mail_day,
        },
        version: row.version,
    })
}

/// Changes one's own name and address. The current password is asked for a new address, of which the
/// old one is told. Staff only.
pub async fn save_own(pool: &PgPool, actor: &Actor, details: &OwnDetails) -> Result<()> {
    let staff = actor.staff()?.id();
    let now = own(pool, actor).await?;
    let moves = now.email != details.email;
    if !moves && now.first_name == details.first_name && now.last_name == details.last_name {
        return Ok(());
    }
    if moves {
        check_password(pool, staff.0, &details.current).await?;
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

/// Changes one's own password; every session ends, and links that were sent.
pub async fn change_password(pool: &PgPool, actor: &Actor, form: &OwnPasswordForm) -> Result<AccountId> {
    let new = form.parse()?;
    let fits = check_password(pool, actor.id(), &form.current).await?;
    let hash = password::hash(new).await?;
    let mut tx = pool.begin().await?;
    let account = sqlx::query_scalar!(
        r#"update account set password_hash = $2 where (staff_id = $1 or client_id = $1) and password_hash = $3
           returning id as "id: AccountId""#,
        actor.id(),
        hash,
        fits
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or_else(wrong_password)?;
    super::void_links(&mut tx, Owner::of(actor)).await?;
    sessions::end_all(&mut tx, account).await?;
    factors::tell(&mut tx, account, factors::Notice::PasswordChanged).await?;
    audit::append(&mut tx, actor, "change", "account", actor.id(), &["password"]).await?;
    tx.commit().await?;
    Ok(account)
}

/// Saves what one chose for oneself. Staff only.
pub async fn save_preferences(pool: &PgPool, actor: &Actor, preferences: &Preferences) -> Result<()> {
    let staff = actor.staff()?.id();
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

/// Saves what one is mailed of. Staff only.
pub async fn save_mail(pool: &PgPool, actor: &Actor, mail: MailChoices) -> Result<()> {
    let staff = actor.staff()?.id();
    let mut tx = pool.begin().await?;
    let changed = sqlx::query!(
        "update account set mail_booked = $2, mail_moved = $3, mail_cancelled = $4, mail_day = $5
          where staff_id = $1 and (mail_booked, mail_moved, mail_cancelled, mail_day) <> ($2, $3, $4, $5)",
        staff.0,
        mail.booked,
        mail.moved,
        mail.cancelled,
        mail.day
    )
    .execute(&mut *tx)
    .await?;
    if changed.rows_affected() > 0 {
        audit::append(&mut tx, actor, "change", "account", staff, &["mail"]).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The hash that the password fits. [`Problem::WrongPassword`] at `current` unless it is
/// the password of the owner's account: a staff member's or a client's. What relies on
/// it compares the hash again under the account's lock.
pub(super) async fn check_password(pool: &PgPool, owner: Uuid, typed: &Secret) -> Result<String> {
    let hash = sqlx::query_scalar!("select password_hash from account where staff_id = $1 or client_id = $1", owner)
        .fetch_optional(pool)
        .await?
        .flatten();
    match password::verify(typed.clone(), hash.clone()).await? {
        password::Fits::No => Err(wrong_password()),
        _ => hash.ok_or_else(wrong_password),
    }
}

pub(super) fn wrong_password() -> Error {
    Refusal::field("current", Problem::WrongPassword).into()
}
