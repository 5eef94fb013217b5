//! The second factor: an authenticator app and passkeys, with recovery codes for the day on which they are
//! lost.
//!
//! Who has one is no one until both factors were given: the session of a half-finished login knows no
//! account. Each operation holds the account's row, so that a code works once.

mod ceremony;
mod passkey_login;
mod passkeys;
mod policy;
mod recovery;
mod relying;
mod removal;
mod second;
mod totp;

pub use passkey_login::{
    begin_passkey_login, begin_passkey_proof, begin_passkey_step, confirm_passkey, passkey_login, passkey_step,
};
pub use passkeys::{
    OwnPasskey, add_passkey, begin_passkey, passkeys, passkeys_elsewhere, remove_passkey, rename_passkey,
};
pub use policy::{FactorPolicy, factor_policy, save_factor_policy};
pub use recovery::{codes_are_own, new_codes};
pub use relying::{NoPasskeys, RelyingParty};
pub use removal::{FactorRemoval, last_removal, remove_client_factors, remove_member_factors, reset_factor};
pub use second::{Half, begin_second_factor, forget_ceremonies, give_second_factor, half};
pub use totp::{TotpSetup, begin_totp, confirm_totp, remove_totp, totp_setup, unopened_secrets};

pub(super) use totp::check as check_totp;

use crate::{Actor, Error, Result, new_id};
use chrono::{DateTime, Utc};
use shared::{AccountId, Problem, Refusal};
use sqlx::{PgConnection, PgPool};

/// What one's own account has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factors {
    /// Since when there is an authenticator app.
    pub app_since: Option<DateTime<Utc>>,
    /// Recovery codes that still work.
    pub codes_left: i64,
    /// An app, or a passkey.
    pub any: bool,
    /// Until when one has to be set up, where there is none and the practice asks for it.
    pub due: Option<DateTime<Utc>>,
}

/// One's own.
pub async fn factors(pool: &PgPool, actor: &Actor) -> Result<Factors> {
    sqlx::query_as!(
        Factors,
        r#"select t.confirmed_at as "app_since?",
                  (select count(*) from account_recovery_code c where c.account_id = a.id and c.used_at is null) as "codes_left!",
                  account_has_factor(a.id) as "any!",
                  case when not account_has_factor(a.id)
                       then a.factor_since + make_interval(days => p.factor_days) end as due
             from account a cross join practice p
             left join account_totp t on t.account_id = a.id
            where a.staff_id = $1 or a.client_id = $1"#,
        actor.id()
    )
    .fetch_optional(pool)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))
}

/// One's own account, held until the transaction ends.
async fn held(conn: &mut PgConnection, actor: &Actor) -> Result<AccountId> {
    sqlx::query_scalar!(
        r#"select id as "id: AccountId" from account where staff_id = $1 or client_id = $1 for no key update"#,
        actor.id()
    )
    .fetch_optional(conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))
}

/// [`Problem::FactorNeeded`] when the account has no factor left, and its owner must have one. Without any
/// its recovery codes go, too.
async fn one_left(conn: &mut PgConnection, account: AccountId, field: &str) -> Result<()> {
    let left = sqlx::query!(
        r#"select account_has_factor(a.id) as "any!", coalesce(s.roles && p.factor_roles, false) as "needed!"
             from account a cross join practice p left join staff_member s on s.id = a.staff_id where a.id = $1"#,
        account.0
    )
    .fetch_one(&mut *conn)
    .await?;
    if left.any {
        return Ok(());
    }
    if left.needed {
        return Err(Refusal::field(field, Problem::FactorNeeded).into());
    }
    sqlx::query!("delete from account_recovery_code where account_id = $1", account.0).execute(conn).await?;
    Ok(())
}

/// [`Problem::LastWayIn`] when nothing opens the account any more: no password, no passkey, and no link that was
/// mailed and would set one.
async fn way_in_left(conn: &mut PgConnection, account: AccountId, field: &str) -> Result<()> {
    let left = sqlx::query_scalar!(
        r#"select a.password_hash is not null
                  or exists (select from account_passkey k where k.account_id = a.id)
                  or exists (select from account_link l
                              where (l.account_id = a.id or l.staff_id = a.staff_id or l.client_id = a.client_id)
                                and l.kind in ('claim', 'reset')
                                and l.used_at is null and l.voided_at is null and l.expires_at > now()) as "left!"
             from account a where a.id = $1"#,
        account.0
    )
    .fetch_one(conn)
    .await?;
    if left { Ok(()) } else { Err(Refusal::field(field, Problem::LastWayIn).into()) }
}

/// What the owner is told by mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    AppAdded,
    AppRemoved,
    CodesMade,
    CodeUsed {
        left: i64,
    },
    FactorsRemoved,
    /// Someone has the password, and guessed at the code.
    WrongCodes,
    PasswordChanged,
    PasswordReset,
    PasskeyAdded,
    PasskeyRemoved,
    /// Someone has the password, and gave no second factor.
    HalfLogin,
}

impl Notice {
    fn word(self) -> String {
        match self {
            Notice::AppAdded => "app_added".to_owned(),
            Notice::AppRemoved => "app_removed".to_owned(),
            Notice::CodesMade => "codes_made".to_owned(),
            Notice::CodeUsed { left } => format!("code_used {left}"),
            Notice::FactorsRemoved => "factors_removed".to_owned(),
            Notice::WrongCodes => "wrong_codes".to_owned(),
            Notice::PasswordChanged => "password_changed".to_owned(),
            Notice::PasswordReset => "password_reset".to_owned(),
            Notice::PasskeyAdded => "passkey_added".to_owned(),
            Notice::PasskeyRemoved => "passkey_removed".to_owned(),
            Notice::HalfLogin => "half_login".to_owned(),
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Notice> {
        Some(match word.split_once(' ').unwrap_or((word, "")) {
            ("app_added", _) => Notice::AppAdded,
            ("app_removed", _) => Notice::AppRemoved,
            ("codes_made", _) => Notice::CodesMade,
            ("code_used", left) => Notice::CodeUsed { left: left.parse().ok()? },
            ("factors_removed", _) => Notice::FactorsRemoved,
            ("wrong_codes", _) => Notice::WrongCodes,
            ("password_changed", _) => Notice::PasswordChanged,
            ("password_reset", _) => Notice::PasswordReset,
            ("passkey_added", _) => Notice::PasskeyAdded,
            ("passkey_removed", _) => Notice::PasskeyRemoved,
            ("half_login", _) => Notice::HalfLogin,
            _ => return None,
        })
    }
}

/// Tells the owner of the account, at the address on their record; of wrong codes at most once in an hour, of
/// half a login at most once a day and not beside those.
pub(super) async fn tell(conn: &mut PgConnection, account: AccountId, notice: Notice) -> Result<()> {
    sqlx::query!(
        "insert into message (id, kind, account_id, note, subject_version)
         select $1, 'security_notice', $2, $3, nextval('address_change_number')::integer
          where not exists (select from message
                             where kind = 'security_notice' and account_id = $2
                               and ($3 = 'wrong_codes' and note = $3 and created_at > now() - interval '1 hour'
                                    or $3 = 'half_login' and note in ('half_login', 'wrong_codes')
                                       and created_at > now() - interval '1 day'))",
        new_id(),
        account.0,
        notice.word()
    )
    .execute(conn)
    .await?;
    Ok(())
}
