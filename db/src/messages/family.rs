//! Mail about appointments: each address gets one mail, also of several appointments of one
//! day that are told in the same way: a parent reads of all children together. In it each is
//! a copy of its own, joined to the one that is sent: whether the address may still get it
//! is asked of each.

use super::Message;
use super::compose::{self, AppointmentNotice, Mail, Sender};
use super::expand::contents_of_appointment;
use super::recipients::{Readers, Recipient, mailed, note_withheld, texted};
use super::told::{self, Tidings};
use super::{queue, reply};
use crate::accounts::secret;
use crate::audit::{self, By};
use crate::time::Zone;
use crate::{Result, new_id, visits};
use chrono::{DateTime, TimeDelta, Utc};
use shared::accounts::Secret;
use shared::messages::MessageKind;
use shared::sms::segments;
use shared::texts::TextChannel;
use shared::{AccountId, ClientId, MessageCopyId, MessageId};
use sqlx::PgConnection;
use uuid::Uuid;

/// A message with its contents and recipients.
pub(super) struct Part {
    pub message: Message,
    pub notice: AppointmentNotice,
    /// `None` of a reminder.
    pub tidings: Option<Tidings>,
    pub mailed: Readers,
    /// Those of text messages, by number.
    pub texted: Readers,
}

/// Those who get it by one channel.
type Told = fn(&Part) -> &[Recipient];

impl Part {
    /// Drops the addresses that have a copy of it.
    async fn new(
        conn: &mut PgConnection,
        message: Message,
        notice: AppointmentNotice,
        tidings: Option<Tidings>,
    ) -> Result<Part> {
        let told = sqlx::query_scalar!(
            r#"select address::text as "address!" from message_copy where message_id = $1"#,
            message.id.0
        )
        .fetch_all(&mut *conn)
        .await?;
        let mut mailed = mailed(conn, &message).await?.one_each();
        mailed.told.retain(|to| !told.contains(&to.address));
        let mut texted = texted(conn, &message).await?.one_each();
        texted.told.retain(|to| !told.contains(&to.address));
        Ok(Part { message, notice, tidings, mailed, texted })
    }
}

/// Makes the copies of a message about an appointment, and of those that are told with it.
/// A message that waited waits for those of the family that wait still, as long as its own
/// further changes could have held it back.
pub(super) async fn expand(
    conn: &mut PgConnection,
    message: Message,
    notice: AppointmentNotice,
    tidings: Option<Tidings>,
    practice: &Sender,
    base_url: &str,
) -> Result<()> {
    let main = Part::new(conn, message, notice, tidings).await?;
    let (is_reminder, now) = (main.message.kind == MessageKind::Reminder, Utc::now());
    let siblings = siblings(conn, &main).await?;
    if !is_reminder
        && let Some(latest) = siblings.iter().map(|(_, due)| *due).max().filter(|latest| *latest > now)
        && let Some(limit) = may_wait(conn, main.message.id).await?.filter(|limit| *limit > now)
    {
        let due = latest.min(limit);
        sqlx::query!("update message set due_at = $2 where id = $1", main.message.id.0, due).execute(conn).await?;
        return Ok(());
    }
    let news = main.notice.news;
    let mut parts = vec![main];
    for (message, due) in siblings {
        if !is_reminder && due > now {
            continue;
        }
        if let Some((notice, tidings)) = contents_of_appointment(conn, &message).await?
            && notice.news == news
        {
            parts.push(Part::new(conn, message, notice, tidings).await?);
        }
    }
    // A reminder that comes early here is sent to others when it is due.
    let of = if is_reminder { 1 } else { parts.len() };
    let channels: [(TextChannel, Told); 2] =
        [(TextChannel::Email, |part| &part.mailed.told), (TextChannel::Sms, |part| &part.texted.told)];
    for (channel, readers) in channels {
        let mut addresses: Vec<&str> = Vec::new();
        for to in parts.iter().take(of).flat_map(readers) {
            if !addresses.contains(&to.address.as_str()) {
                addresses.push(&to.address);
            }
        }
        for address in addresses {
            let mut told: Vec<(&Part, &Recipient)> = parts
                .iter()
                .filter_map(|part| Some((part, readers(part).iter().find(|to| to.address == address)?)))
                .collect();
            told.sort_by_key(|(part, _)| (part.notice.starts_at, part.message.id.0));
            write(conn, channel, &told, practice, base_url).await?;
        }
    }
    for part in parts.into_iter().take(of) {
        note_withheld(&mut *conn, part.message.id, &part.mailed, &part.texted).await?;
        if let Some(tidings) = part.tidings {
            told::note(conn, tidings).await?;
        }
        sqlx::query!("update message set state = 'done', finished_at = now() where id = $1", part.message.id.0)
            .execute(&mut *conn)
            .await?;
        audit::append(conn, By::System, "mail", "message", part.message.id, &[]).await?;
    }
    Ok(())
}

/// Until when it may wait, if it waited for further changes.
async fn may_wait(conn: &mut PgConnection, id: MessageId) -> Result<Option<DateTime<Utc>>> {
    let row =
        sqlx::query!("select due_at, created_at, first_at from message where id = $1", id.0).fetch_one(conn).await?;
    Ok((row.due_at > row.created_at).then(|| row.first_at + TimeDelta::minutes(queue::LONGEST.into())))
}

/// The messages that wait and tell the same of another appointment of that day, where one of
/// the readers may get mail; with the time when each is due.
async fn siblings(conn: &mut PgConnection, main: &Part) -> Result<Vec<(Message, DateTime<Utc>)>> {
    let readers: Vec<Uuid> =
        main.mailed.told.iter().chain(&main.texted.told).filter_map(|to| to.client.map(|id| id.0)).collect();
    let day = Zone::stored(&main.notice.zone).day_of(main.notice.starts_at);
    let rows = sqlx::query!(
        r#"with reader as (select id from client where email in (select email from client where id = any ($2))
                           union
                           select id from client
                            where mobile is not null
                              and sms_number(mobile) in (select sms_number(mobile) from client where id = any ($2))),
                subject as (select id from reader
                            union select g.subject from reader r join client_grant g on g.holder = r.id and g.gets_copies)
           select m.id as "id: MessageId", m.kind as "kind: MessageKind", m.participant_id, m.subject_version,
                  m.about_starts_at, m.client_id as "client: ClientId", m.account_id as "account: AccountId", m.due_at
             from subject s
             join appointment_participant v on v.client_id = s.id and v.starts_at >= $3 and v.starts_at < $4
             join message m on m.participant_id = v.id
            where m.state = 'queued' and m.id <> $1 and m.kind = $5
              and m.rule_id is not distinct from (select rule_id from message where id = $1)
            order by v.starts_at, m.id
              for update of m skip locked"#,
        main.message.id.0,
        &readers,
        day.starts,
        day.ends,
        main.message.kind.as_str()
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let message = Message {
                id: row.id,
                kind: row.kind,
                participant: row.participant_id,
                version: row.subject_version,
                starts_at: row.about_starts_at,
                client: row.client,
                account: row.account,
                link: None,
                registration: None,
                staff: None,
                subject: None,
            };
            (message, row.due_at)
        })
        .collect())
}

/// One mail to one address, or one text message to one number, of all that it is told.
async fn write(
    conn: &mut PgConnection,
    channel: TextChannel,
    told: &[(&Part, &Recipient)],
    practice: &Sender,
    base_url: &str,
) -> Result<()> {
    // A text message has room for one link: of several appointments it leads to the list.
    let to_the_list = channel == TextChannel::Sms && told.len() > 1;
    let mut links = Vec::new();
    for (part, to) in told {
        let secret = match (part.message.participant, to.client) {
            (Some(participant), Some(reader))
                if !to_the_list
                    && !part.notice.news.is_over()
                    && reply::may_reply(conn, participant, reader).await? =>
            {
                Some(secret::new())
            }
            _ => None,
        };
        links.push(secret);
    }
    let address = |secret: &Option<Secret>| secret.as_ref().map(|secret| format!("{base_url}/m/{}", secret.0));
    let mail = match channel {
        TextChannel::Email => {
            let parts: Vec<(&AppointmentNotice, &Recipient, Option<String>)> =
                told.iter().zip(&links).map(|((part, to), secret)| (&part.notice, *to, address(secret))).collect();
            let mail = match parts.as_slice() {
                [(notice, to, link)] => compose::appointment(practice, notice, to, base_url, link.as_deref()),
                parts => compose::family(practice, parts, base_url),
            };
            let mut joining = String::new();
            for (part, to) in told {
                if let (Some(participant), Some(reader), false) =
                    (part.message.participant, to.client, part.notice.news.is_over())
                    && let Some(visit) = visits::invite(&mut *conn, participant, reader, &to.address).await?
                {
                    joining.push_str(&compose::visit(&visit, to.language, base_url));
                }
            }
            Mail { body: practice.signed(&(mail.body + &joining)), subject: mail.subject }
        }
        TextChannel::Sms => {
            let Some((first, to)) = told.first() else { return Ok(()) };
            let notices: Vec<&AppointmentNotice> = told.iter().map(|(part, _)| &part.notice).collect();
            // A copy names no one: its words are those to the person.
            let text = match told.len() {
                1 => compose::text_of(first.notice.news, false),
                _ => compose::text_of_all(first.notice.news),
            };
            let link = match to_the_list {
                true => Some(format!("{base_url}/my/appointments")),
                false => links.first().and_then(address),
            };
            let body = compose::sms(practice, text, &notices, to.language, link.as_deref());
            Mail { subject: String::new(), body }
        }
    };
    let mut first = None;
    for ((part, to), secret) in told.iter().zip(&links) {
        let id = insert(conn, channel, &part.message, to, &mail, secret.as_ref(), first).await?;
        first = first.or(Some(id));
    }
    Ok(())
}

/// A copy; one that is joined to another has no text of its own. Mail carries a link that
/// ends it in its head.
async fn insert(
    conn: &mut PgConnection,
    channel: TextChannel,
    message: &Message,
    to: &Recipient,
    mail: &Mail,
    secret: Option<&Secret>,
    joined_to: Option<Uuid>,
) -> Result<Uuid> {
    let id = new_id();
    let ends = (channel == TextChannel::Email && joined_to.is_none() && to.client.is_some()).then(secret::new);
    let parts = if channel == TextChannel::Sms { segments(&mail.body).parts } else { 0 };
    // The person the copy is about is the one who attends.
    sqlx::query!(
        "insert into message_copy (id, message_id, address, client_id, about_id, subject, body, link_hash, joined_to, channel,
                                   parts, unsubscribe, unsubscribe_hash, state)
         select $1, $2, $3, $4, (select client_id from appointment_participant where id = $5 and $6), $7, $8, $9, $10, $11,
                $12, $13, $14, case when $10::uuid is null then 'queued' else 'joined' end",
        id,
        message.id.0,
        to.address.as_str() as _,
        to.client.map(|id| id.0),
        message.participant,
        to.linked,
        mail.subject,
        if joined_to.is_some() { "" } else { &mail.body },
        secret.map(secret::hash),
        joined_to,
        channel.as_str(),
        parts as i16,
        ends.as_ref().map(|secret| secret.0.as_str()),
        ends.as_ref().map(secret::hash)
    )
    .execute(conn)
    .await?;
    Ok(id)
}

/// The messages that one copy tells together with its own, with the recipient of each.
pub(super) async fn joined(
    conn: &mut PgConnection,
    copy: MessageCopyId,
) -> Result<Vec<(Message, Option<ClientId>, bool)>> {
    let rows = sqlx::query!(
        r#"select m.id as "id: MessageId", m.kind as "kind: MessageKind", m.participant_id, m.subject_version, m.about_starts_at,
                  y.client_id as "to: ClientId", y.about_id is not null as "linked!"
             from message_copy y join message m on m.id = y.message_id
            where y.joined_to = $1 order by y.id"#,
        copy.0
    )
    .fetch_all(conn)
    .await?;
    let message = |id, kind, participant, version, starts_at| Message {
        id,
        kind,
        participant,
        version,
        starts_at,
        client: None,
        account: None,
        link: None,
        registration: None,
        staff: None,
        subject: None,
    };
    Ok(rows
        .into_iter()
        .map(|row| {
            let of = message(row.id, row.kind, row.participant_id, row.subject_version, row.about_starts_at);
            (of, row.to, row.linked)
        })
        .collect())
}

/// Takes a mail of several back: of one of them its reader may get no mail any more. The
/// others are told again.
pub(super) async fn split(conn: &mut PgConnection, copy: MessageCopyId) -> Result<()> {
    sqlx::query!(
        "delete from appointment_told where participant_id in (
             select m.participant_id from message_copy y join message m on m.id = y.message_id
              where $1 in (y.id, y.joined_to))",
        copy.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "with again as (delete from message_copy where $1 in (id, joined_to) returning message_id)
         update message set state = 'queued', due_at = now(), finished_at = null, withheld = '[]'
           from again where again.message_id = message.id",
        copy.0
    )
    .execute(conn)
    .await?;
    Ok(())
}
