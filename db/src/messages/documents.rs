//! Mail that a document is shared. It says that something is there, never what.

use super::Message;
use super::compose::{self, Mail, Sender};
use super::recipients::{Recipient, Row};
use crate::Result;
use shared::ClientId;
use shared::messages::WhyNot;
use shared::texts::Text;
use sqlx::PgConnection;

/// What is told.
#[derive(Debug, Clone)]
pub(super) struct DocumentNotice {
    /// How the person that it is about is called.
    first_name: String,
}

/// While it is shared, those who may read it: `document_reader_of` has the rule.
pub(super) async fn of_document(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select c.id as "client?: ClientId", may.linked as "linked!", coalesce(c.email::text, '') as "address!",
                  client_short_name(c) as "first_name!", c.zone as "zone?",
                  (select client_login from practice) and exists (select from account where client_id = c.id) as "has_login!",
                  c.language as "language?",
                  case when c.email is null then 'no_address' when not c.email_consent then 'no_consent' end as "withheld?: WhyNot"
             from message m
            cross join lateral document_reader_of(m.subject_id) may
             join client c on c.id = may.client_id
            where m.id = $1 and m.subject_kind = 'document'
            order by may.linked, c.id"#,
        message.id.0
    )
    .fetch_all(conn)
    .await?)
}

pub(super) async fn notice(conn: &mut PgConnection, message: &Message) -> Result<Option<DocumentNotice>> {
    let first_name = sqlx::query_scalar!(
        r#"select client_short_name(c) as "first_name!"
             from message m join document d on d.id = m.subject_id join client c on c.id = d.client_id
            where m.id = $1 and m.subject_kind = 'document'"#,
        message.id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(first_name.map(|first_name| DocumentNotice { first_name }))
}

impl DocumentNotice {
    pub(super) fn mail(&self, practice: &Sender, to: &Recipient, base_url: &str) -> Mail {
        let text = if to.linked { Text::DocumentFor } else { Text::Document };
        compose::to_open(practice, text, to, &self.first_name, &format!("{base_url}/my/documents"))
    }
}
