//! How text messages are sent: the setting of administrators, with its secret sealed.

use crate::practice::same_version;
use crate::sealing::Sealer;
use crate::{Actor, PgPool, Result, audit};
use shared::accounts::Secret;
use shared::sms::{SenderKind, SmsForm, dialled};
use shared::{Problem, Refusal};
use sqlx::PgConnection;
use uuid::Uuid;

/// Whose the sealed secret is: the practice's.
const OWNER: Uuid = Uuid::from_u128(0x736d73);

/// What administrators see: whether there is a secret, and never which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsSetting {
    pub sender: SenderKind,
    pub url: String,
    pub header: String,
    pub template: String,
    pub account: String,
    pub from_number: String,
    pub has_secret: bool,
    pub daily_cap: i32,
    pub version: i32,
    /// Parts of messages that were sent in the last 24 hours.
    pub sent: i64,
}

/// What a server needs to send.
#[derive(Clone)]
pub enum Via {
    None,
    Http { url: String, header: String, secret: Option<String>, template: String },
    Twilio { api: String, account: String, from: String, token: String },
}

/// Administrators only.
pub async fn settings(pool: &PgPool, actor: &Actor) -> Result<SmsSetting> {
    actor.administrator()?;
    setting(&mut *pool.acquire().await?).await
}

async fn setting(conn: &mut PgConnection) -> Result<SmsSetting> {
    Ok(sqlx::query_as!(
        SmsSetting,
        r#"select sender as "sender: SenderKind", url, header, template, account, from_number,
                  sealed_secret is not null as "has_secret!", daily_cap, version,
                  (select coalesce(sum(parts), 0) from message_copy
                    where channel = 'sms' and state = 'sent' and sent_at > now() - interval '24 hours') as "sent!"
             from sms_setting"#
    )
    .fetch_one(conn)
    .await?)
}

/// Saves how they are sent; an empty secret keeps the stored one, unless it would go to another
/// address. Administrators only.
pub async fn save(pool: &PgPool, actor: &Actor, sealer: &Sealer, form: &SmsForm) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    sqlx::query!("select singleton from sms_setting for update").fetch_one(&mut *tx).await?;
    let stored = setting(&mut tx).await?;
    // Another receiver gets no secret that was meant for the one before.
    let sender = form.sender.parse().unwrap_or(SenderKind::None);
    let keeps = stored.has_secret && sender == stored.sender && form.url.trim() == stored.url;
    let details = form.parse(keeps)?;
    let sample = filled(&details.template, "+14165550100", "\"quoted\"\n", "id");
    if details.sender == SenderKind::Http && serde_json::from_str::<serde_json::Value>(&sample).is_err() {
        return Err(Refusal::field("template", Problem::NotJson).into());
    }
    same_version(stored.version, Some(details.version))?;
    let sealed = match &details.secret {
        Some(Secret(secret)) => Some(sealer.seal(OWNER, secret.trim().as_bytes())?),
        None => None,
    };
    sqlx::query!(
        "update sms_setting
            set sender = $1, url = $2, header = $3, template = $4, account = $5, from_number = $6,
                sealed_secret = coalesce($7, case when $8 then sealed_secret end), daily_cap = $9, version = version + 1",
        details.sender.as_str(),
        details.url,
        details.header,
        details.template,
        details.account,
        dialled(&details.from_number).unwrap_or(details.from_number),
        sealed,
        keeps,
        details.daily_cap
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, actor, "change", "sms_setting", Uuid::nil(), &["sender"]).await?;
    Ok(tx.commit().await?)
}

/// How they are sent at this moment.
pub async fn via(pool: &PgPool, sealer: &Sealer) -> Result<Via> {
    let row = sqlx::query!(
        r#"select sender as "sender: SenderKind", url, header, template, account, from_number, sealed_secret from sms_setting"#
    )
    .fetch_one(pool)
    .await?;
    let secret = match row.sealed_secret.filter(|_| row.sender != SenderKind::None) {
        Some(sealed) => String::from_utf8(sealer.open(OWNER, &sealed)?).ok(),
        None => None,
    };
    Ok(match (row.sender, secret) {
        (SenderKind::Http, secret) => Via::Http { url: row.url, header: row.header, secret, template: row.template },
        (SenderKind::Twilio, Some(token)) => {
            Via::Twilio { api: row.url, account: row.account, from: row.from_number, token }
        }
        _ => Via::None,
    })
}

/// The body of a gateway's request: `{to}`, `{text}` and `{id}` filled in once, as they are
/// written within a string of JSON.
pub fn filled(template: &str, to: &str, text: &str, id: &str) -> String {
    let within = |value: &str| {
        let quoted = serde_json::Value::String(value.to_owned()).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    };
    let values = [("{to}", within(to)), ("{text}", within(text)), ("{id}", within(id))];
    let (mut whole, mut rest) = (String::new(), template);
    while let Some(at) = rest.find('{') {
        whole.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = values.iter().find(|(word, _)| rest.starts_with(word));
        let (word, value) = known.map_or(("{", "{"), |(word, value)| (*word, value.as_str()));
        whole.push_str(value);
        rest = &rest[word.len()..];
    }
    whole + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_json_whatever_is_filled_in() {
        let template = r#"{"to": "{to}", "text": "{text}", "ref": "{id}"}"#;
        let whole = filled(template, "+1", "Say \"hi\"\n{to} \\ é", "x");
        let read: serde_json::Value = serde_json::from_str(&whole).unwrap();
        assert_eq!(read["text"], "Say \"hi\"\n{to} \\ é", "a value is filled in once");
    }
}
