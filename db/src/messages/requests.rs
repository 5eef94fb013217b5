//! Mail about what the practice asks of someone. It says that there is something to do, never what.

use super::Message;
use super::compose::{self, Mail, Sender};
use super::recipients::{Recipient, Row};
use crate::{Result, forms};
use shared::ClientId;
use shared::messages::{MessageKind, WhyNot};
use shared::texts::{Language, Text};
use sqlx::PgConnection;

/// What is told.
#[derive(Debug, Clone)]
pub(super) struct RequestNotice {
    kind: MessageKind,
    /// How the person is called.
    first_name: String,
}

/// While the request is open: `request_reader` has the rule.
pub(super) async fn of_request(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select c.id as "client?: ClientId", may.linked as "linked!", coalesce(c.email::text, '') as "address!",
                  client_short_name(c) as "first_name!", c.zone as "zone?",
                  (select client_login from practice) and exists (select from account where client_id = c.id) as "has_login!", c.language as "language?", may.no_email as "withheld?: WhyNot"
             from message m
            cross join lateral request_reader(m.subject_id) may
             join client c on c.id = may.client_id
            where m.id = $1 and m.subject_kind = 'request'
            order by may.linked, c.id"#,
        message.id.0
    )
    .fetch_all(conn)
    .await?)
}

pub(super) async fn notice(conn: &mut PgConnection, message: &Message) -> Result<Option<RequestNotice>> {
    let first_name = sqlx::query_scalar!(
        r#"select client_short_name(c) as "first_name!"
             from message m join request r on r.id = m.subject_id join client c on c.id = r.subject_id
            where m.id = $1 and m.subject_kind = 'request'"#,
        message.id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(first_name.map(|first_name| RequestNotice { kind: message.kind, first_name }))
}

impl RequestNotice {
    pub(super) fn mail(&self, practice: &Sender, to: &Recipient, base_url: &str) -> Mail {
        let text = match (self.kind, to.linked) {
            (MessageKind::RequestReminder, false) => Text::RequestReminder,
            (MessageKind::RequestReminder, true) => Text::RequestReminderFor,
            (_, false) => Text::Request,
            (_, true) => Text::RequestFor,
        };
        let mail = compose::to_open(practice, text, to, &self.first_name, &format!("{base_url}/my/requests"));
        let words = match (to.has_login, to.language) {
            (true, _) => "",
            (false, Language::English) => {
                "\nYou need a portal account to see it. Ask us for an invitation, or call us.\n"
            }
            (false, Language::French) => {
                "\nIl vous faut un compte du portail pour le voir. Demandez-nous une invitation, ou appelez-nous.\n"
            }
        };
        Mail { body: mail.body + words, ..mail }
    }
}

/// Where the practice wants it: how to fill in a form without logging in.
pub(super) async fn by_link(
    conn: &mut PgConnection,
    message: &Message,
    to: &Recipient,
    base_url: &str,
) -> Result<String> {
    let (Some(request), Some(reader)) = (message.subject, to.client) else { return Ok(String::new()) };
    let made = forms::links::make(conn, request, reader, to.address.as_str()).await?;
    Ok(made.map_or_else(String::new, |secret| {
        let lead = match to.language {
            Language::English => "Without logging in, for 14 days:",
            Language::French => "Sans ouvrir de session, pendant 14 jours :",
        };
        format!("\n{lead} {base_url}/form-links/{}\n", secret.0)
    }))
}
