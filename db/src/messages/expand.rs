//! From a message to its copies.

use super::Message;
use super::compose::{self, Mail, Sender, Told};
use super::recipients::{Recipient, one_each, permitted};
use super::retry::{ATTEMPTS_MAX, wait};
use crate::audit::{self, By};
use crate::{PgPool, Result};
use shared::appointments::AppointmentStatus;
use shared::messages::MessageKind;
use shared::{AccountId, AppointmentId, ClientId, MessageId};
use sqlx::PgConnection;

/// What a message tells, besides who gets it.
enum Contents {
    Appointment(Told),
    Welcome(String),
    Reset { username: String, link: String },
    Registration(String),
    Invitation(String),
    AddressChange,
}

/// Makes the copies of one message that is due and forgets its secret, in one
/// transaction; `false` when none is due. What is no longer so is told to
/// nobody. Any number of workers may call it at once. A message that fails is
/// logged and tried again later, and the next one has its turn. `base_url` has no
/// slash at its end.
pub async fn expand_next(pool: &PgPool, base_url: &str) -> Result<bool> {
    let mut tx = pool.begin().await?;
    let Some((message, secret)) = claim(&mut tx).await? else { return Ok(false) };
    let (id, base_url) = (message.id, base_url.to_owned());
    // A task of its own: should it panic, that is this message's failure alone.
    let done = tokio::spawn(async move {
        match expand(&mut tx, &message, secret, &base_url).await {
            Ok(()) => tx.commit().await?,
            Err(error) => {
                tx.rollback().await?;
                return Err(error);
            }
        }
        Ok(())
    });
    match done.await {
        Ok(Ok(())) => return Ok(true),
        Ok(Err(error)) => tracing::error!(message = %id, %error, "a message got no copies"),
        Err(error) => tracing::error!(message = %id, %error, "a message got no copies"),
    }
    postpone(pool, id).await?;
    Ok(true)
}

async fn claim(conn: &mut PgConnection) -> Result<Option<(Message, Option<String>)>> {
    let row = sqlx::query!(
        r#"select id as "id: MessageId", kind as "kind: MessageKind", appointment_id as "appointment: AppointmentId",
                  subject_version, client_id as "client: ClientId", account_id as "account: AccountId", link_id, registration_id, staff_id, secret
             from message
            where state = 'queued' and due_at <= now()
            order by due_at limit 1
              for update skip locked"#
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| {
        let message = Message {
            id: row.id,
            kind: row.kind,
            appointment: row.appointment,
            version: row.subject_version,
            client: row.client,
            account: row.account,
            link: row.link_id,
            registration: row.registration_id,
            staff: row.staff_id,
        };
        (message, row.secret)
    }))
}

async fn expand(conn: &mut PgConnection, message: &Message, secret: Option<String>, base_url: &str) -> Result<()> {
    let recipients = one_each(permitted(conn, message).await?);
    if let Some(contents) = contents(conn, message, secret, base_url).await? {
        let practice = sqlx::query_as!(
            Sender,
            "select name, welcome_subject, welcome_body, phone, email, website, address from practice"
        )
        .fetch_one(&mut *conn)
        .await?;
        for recipient in &recipients {
            insert(conn, message, recipient, &contents.mail(recipient, &practice, base_url)).await?;
        }
    }
    sqlx::query!("update message set state = 'done', secret = null, finished_at = now() where id = $1", message.id.0)
        .execute(&mut *conn)
        .await?;
    audit::append(conn, By::System, "mail", "message", message.id, &[]).await
}

impl Contents {
    fn mail(&self, to: &Recipient, practice: &Sender, base_url: &str) -> Mail {
        let mail = match self {
            Contents::Appointment(told) => compose::appointment(told, to, base_url),
            Contents::Welcome(link) => compose::welcome(to, practice, link),
            Contents::Reset { username, link } => compose::reset(to, practice, username, link),
            Contents::Registration(link) => compose::registration(practice, link),
            Contents::Invitation(link) => compose::invitation(to, practice, link),
            Contents::AddressChange => compose::address_change(practice),
        };
        Mail { body: practice.signed(&mail.body), ..mail }
    }
}

async fn contents(
    conn: &mut PgConnection,
    message: &Message,
    secret: Option<String>,
    base_url: &str,
) -> Result<Option<Contents>> {
    Ok(match message.kind {
        MessageKind::Confirmation | MessageKind::Cancellation => told(conn, message).await?.map(Contents::Appointment),
        MessageKind::Welcome => secret.map(|secret| Contents::Welcome(format!("{base_url}/claim/{secret}"))),
        MessageKind::Invitation => secret.map(|secret| Contents::Invitation(format!("{base_url}/claim/{secret}"))),
        MessageKind::Registration => {
            secret.map(|secret| Contents::Registration(format!("{base_url}/register/{secret}")))
        }
        MessageKind::Reset => match (secret, username(conn, message).await?) {
            (Some(secret), Some(username)) => {
                Some(Contents::Reset { username, link: format!("{base_url}/reset/{secret}") })
            }
            _ => None,
        },
        MessageKind::AddressChange => Some(Contents::AddressChange),
    })
}

/// Several accounts may share a mailbox: their mails say whose they are.
async fn username(conn: &mut PgConnection, message: &Message) -> Result<Option<String>> {
    let account = message.account.map(|id| id.0);
    Ok(sqlx::query_scalar!(r#"select username::text as "username!" from account where id = $1"#, account)
        .fetch_optional(conn)
        .await?)
}

async fn told(conn: &mut PgConnection, message: &Message) -> Result<Option<Told>> {
    let row = sqlx::query!(
        r#"select a.status as "status: AppointmentStatus", a.starts_at, a.ends_at, a.zone, s.name as service,
                  p.first_name as practitioner_first, p.last_name as practitioner_last, l.name as location, l.address,
                  client_name(c) as "name!", client_short_name(c) as "first_name!"
             from appointment a
             join service s on s.id = a.service_id
             join staff_member p on p.id = a.practitioner_id
             join location l on l.id = a.location_id
             join client c on c.id = a.client_id
            where a.id = $1"#,
        message.appointment.map(|id| id.0)
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Told {
        cancelled: row.status == AppointmentStatus::Cancelled,
        service: row.service,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        zone: row.zone,
        practitioner: format!("{} {}", row.practitioner_first, row.practitioner_last).trim().to_owned(),
        location: row.location,
        address: row.address,
        first_name: row.first_name,
        name: row.name,
    }))
}

async fn insert(conn: &mut PgConnection, message: &Message, to: &Recipient, mail: &Mail) -> Result<()> {
    // The person the copy is about is the one who attends.
    sqlx::query!(
        "insert into message_copy (id, message_id, address, client_id, about_id, subject, body)
         select $1, $2, $3, $4, (select client_id from appointment where id = $5 and $6), $7, $8
         on conflict on constraint message_copy_once do nothing",
        crate::new_id(),
        message.id.0,
        to.address.as_str() as _,
        to.client.map(|id| id.0),
        message.appointment.map(|id| id.0),
        to.linked,
        mail.subject,
        mail.body
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// So that one message that fails does not hold up the others.
async fn postpone(pool: &PgPool, id: MessageId) -> Result<()> {
    let waits: Vec<f64> = (1..=ATTEMPTS_MAX).map(|attempts| f64::from(wait(attempts))).collect();
    sqlx::query!(
        "update message
            set attempts = attempts + 1, due_at = now() + make_interval(secs => ($3::float8[])[least(attempts + 1, $2)]),
                state = case when attempts + 1 >= $2 then 'failed' else state end,
                secret = case when attempts + 1 >= $2 then null else secret end
          where id = $1 and state = 'queued'",
        id.0,
        ATTEMPTS_MAX,
        &waits
    )
    .execute(pool)
    .await?;
    Ok(())
}
