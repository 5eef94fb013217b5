//! What happened to a login, told to its owner: at the address on their record, never copied, whatever
//! their consent, for it may not have been them.

use super::Message;
use super::compose::{Mail, Sender};
use super::recipients::{Recipient, Row};
use super::text::{one_line, subject};
use crate::Result;
use crate::accounts::Notice;
use shared::messages::WhyNot;
use shared::texts::Language;
use sqlx::PgConnection;

/// What it tells.
pub(super) async fn notice(conn: &mut PgConnection, message: &Message) -> Result<Option<Notice>> {
    let note = sqlx::query_scalar!("select note from message where id = $1", message.id.0).fetch_one(conn).await?;
    Ok(note.as_deref().and_then(Notice::parse))
}

/// The owner of the account.
pub(super) async fn of_notice(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select c.id as "client?: shared::ClientId", false as "linked!", coalesce(s.email, c.email)::text as "address!",
                  coalesce(s.first_name, client_short_name(c)) as "first_name!", c.zone as "zone?", true as "has_login!",
                  c.language as "language?", null::text as "withheld?: WhyNot"
             from account a
             left join staff_member s on s.id = a.staff_id and s.active
             left join client c on c.id = a.client_id and c.status = 'active'
            where a.id = $1 and coalesce(s.email, c.email) is not null"#,
        message.account.map(|id| id.0)
    )
    .fetch_all(conn)
    .await?)
}

pub(super) fn mail(notice: Notice, to: &Recipient, practice: &Sender, username: &str, base_url: &str) -> Mail {
    let (name, first_name, username) = (one_line(&practice.name), one_line(&to.first_name), one_line(username));
    let page = format!("{base_url}/account");
    match to.language {
        Language::English => {
            let (title, words) = english(notice);
            let body = format!(
                "Hi {first_name},\n\n\
                 {words} This is about your {name} account {username}.\n\n\
                 Wasn’t this you? Contact {name} right away, change your password and end the other sessions at {page}.\n"
            );
            Mail { subject: subject(&format!("{title} at {name}")), body }
        }
        Language::French => {
            let (title, words) = french(notice);
            let body = format!(
                "Bonjour {first_name},\n\n\
                 {words} Il s’agit de votre compte {username} chez {name}.\n\n\
                 Ce n’était pas vous? Changez votre mot de passe et fermez les autres sessions ici : {page}. \
                 Communiquez tout de suite avec {name}.\n"
            );
            Mail { subject: subject(&format!("{title} chez {name}")), body }
        }
    }
}

fn english(notice: Notice) -> (&'static str, String) {
    let (title, words) = match notice {
        Notice::AppAdded => {
            ("Authenticator app set up", "An authenticator app was set up. Logging in now needs a code from it.")
        }
        Notice::AppRemoved => ("Authenticator app removed", "Your authenticator app was removed."),
        Notice::CodesMade => {
            ("New recovery codes", "New recovery codes were made. The codes from before no longer work.")
        }
        Notice::CodeUsed { left: 0 } => {
            ("Recovery code used", "Someone logged in with your last recovery code. Make new ones.")
        }
        Notice::CodeUsed { left: 1 } => {
            ("Recovery code used", "Someone logged in with one of your recovery codes. 1 is left.")
        }
        Notice::CodeUsed { left } => {
            let words = format!("Someone logged in with one of your recovery codes. {left} are left.");
            return ("Recovery code used", words);
        }
        Notice::PasswordChanged => ("Password changed", "Your password was changed. All other sessions ended."),
        Notice::PasswordReset => {
            ("Password reset", "A new password was set with the link in an email. All sessions before it ended.")
        }
        Notice::FactorsRemoved => (
            "Second factor removed",
            "Your second factor was removed by the practice. Your password alone logs you in.",
        ),
        Notice::PasskeyAdded => ("Passkey added", "A passkey was added. It logs in without your password."),
        Notice::PasskeyRemoved => ("Passkey removed", "A passkey was removed. It no longer logs in."),
        Notice::HalfLogin => (
            "Login attempt with your password",
            "Someone entered your password, and then no code or passkey. They were not logged in.",
        ),
        Notice::WrongCodes => (
            "Login attempts with your password",
            "Someone entered your password, and then five wrong codes. Logging in is blocked for 15 minutes.",
        ),
    };
    (title, words.to_owned())
}

fn french(notice: Notice) -> (&'static str, String) {
    let (title, words) = match notice {
        Notice::AppAdded => (
            "Application d’authentification ajoutée",
            "Une application d’authentification a été ajoutée. La connexion demande maintenant un code.",
        ),
        Notice::AppRemoved => {
            ("Application d’authentification retirée", "Votre application d’authentification a été retirée.")
        }
        Notice::CodesMade => (
            "Nouveaux codes de secours",
            "De nouveaux codes de secours ont été créés. Les anciens ne fonctionnent plus.",
        ),
        Notice::CodeUsed { left: 0 } => (
            "Code de secours utilisé",
            "Une connexion a été faite avec votre dernier code de secours. Créez-en de nouveaux.",
        ),
        Notice::CodeUsed { left: 1 } => {
            ("Code de secours utilisé", "Une connexion a été faite avec un de vos codes de secours. Il en reste 1.")
        }
        Notice::CodeUsed { left } => {
            let words = format!("Une connexion a été faite avec un de vos codes de secours. Il en reste {left}.");
            return ("Code de secours utilisé", words);
        }
        Notice::PasswordChanged => {
            ("Mot de passe modifié", "Votre mot de passe a été modifié. Toutes les autres sessions ont été fermées.")
        }
        Notice::PasswordReset => (
            "Mot de passe réinitialisé",
            "Un nouveau mot de passe a été choisi avec le lien d’un courriel. Les sessions d’avant ont été fermées.",
        ),
        Notice::FactorsRemoved => (
            "Second facteur retiré",
            "Votre second facteur a été retiré. Votre mot de passe suffit pour vous connecter.",
        ),
        Notice::PasskeyAdded => (
            "Clé d’accès ajoutée",
            "Une clé d’accès a été ajoutée. Elle permet de se connecter sans votre mot de passe.",
        ),
        Notice::PasskeyRemoved => {
            ("Clé d’accès retirée", "Une clé d’accès a été retirée. Elle ne permet plus de se connecter.")
        }
        Notice::HalfLogin => (
            "Tentative de connexion avec votre mot de passe",
            "Quelqu’un a entré votre mot de passe, puis ni code ni clé d’accès. La connexion n’a pas eu lieu.",
        ),
        Notice::WrongCodes => (
            "Tentatives de connexion avec votre mot de passe",
            "Quelqu’un a entré votre mot de passe, puis cinq mauvais codes. La connexion est bloquée pendant 15 minutes.",
        ),
    };
    (title, words.to_owned())
}
