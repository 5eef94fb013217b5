//! From a message to its copies.

use super::compose::{self, AppointmentNotice, Mail, News, OfferNotice, Sender};
use super::day::{self, Day};
use super::documents::DocumentNotice;
use super::links::{self, InvitationNotice, LinkNotice};
use super::recipients::{Readers, Recipient, mailed, note_withheld};
use super::requests::RequestNotice;
use super::retry::{ATTEMPTS_MAX, wait};
use super::staff::{self, StaffNotice};
use super::told::{self, Tidings};
use super::{Message, documents, family, requests, security};
use crate::accounts::{Notice, secret};
use crate::audit::{self, By};
use crate::{PgPool, Result};
use chrono::Utc;
use shared::messages::MessageKind;
use shared::{AccountId, ClientId, MessageId};
use sqlx::PgConnection;

/// What a message tells, besides who gets it.
enum Contents {
    Appointment(AppointmentNotice, Option<Tidings>),
    Offer(OfferNotice),
    Welcome(String),
    Reset {
        username: String,
        link: String,
    },
    Registration(String),
    Invitation(String),
    /// With the link that undoes it, where the client made it.
    AddressChange(Option<String>),
    AddressConfirmation(String),
    Staff(StaffNotice),
    Day(Day),
    Link(LinkNotice),
    Security {
        notice: Notice,
        username: String,
    },
    LinkInvitation(InvitationNotice),
    Request(RequestNotice),
    Document(DocumentNotice),
}

/// Makes the copies of one message that is due and forgets its secret, in one
/// transaction; `false` when none is due. What is no longer so is told to
/// no one. Any number of workers may call it at the same time. A message that fails is
/// logged and tried again later, and the next one has its turn. `base_url` has no
/// slash at its end.
pub async fn expand_next(pool: &PgPool, base_url: &str) -> Result<bool> {
    let mut tx = pool.begin().await?;
    // One at a time, of all servers: else two would tell a family in two mails.
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('message', 0))").execute(&mut *tx).await?;
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
        r#"select id as "id: MessageId", kind as "kind: MessageKind", participant_id,
                  subject_version, about_starts_at, client_id as "client: ClientId", account_id as "account: AccountId", link_id, registration_id, staff_id, subject_id, secret
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
            participant: row.participant_id,
            version: row.subject_version,
            starts_at: row.about_starts_at,
            client: row.client,
            account: row.account,
            link: row.link_id,
            registration: row.registration_id,
            staff: row.staff_id,
            subject: row.subject_id,
        };
        (message, row.secret)
    }))
}

async fn expand(conn: &mut PgConnection, message: &Message, secret: Option<String>, base_url: &str) -> Result<()> {
    let contents = contents(conn, message, secret, base_url).await?;
    if let Some(Contents::Staff(notice)) = &contents
        && let Some(morning) = notice.waits_until(Utc::now())
    {
        sqlx::query!("update message set due_at = $2 where id = $1", message.id.0, morning).execute(conn).await?;
        return Ok(());
    }
    if let Some(contents) = contents {
        let practice = Sender::load(&mut *conn).await?;
        if let Contents::Appointment(notice, tidings) = contents {
            return family::expand(conn, message.clone(), notice, tidings, &practice, base_url).await;
        }
        let readers = mailed(conn, message).await?.one_each();
        for recipient in &readers.told {
            let mut mail = contents.mail(recipient, &practice, base_url);
            if let Contents::Request(_) = contents {
                mail.body += &requests::by_link(conn, message, recipient, base_url).await?;
            }
            insert(conn, message, recipient, &mail).await?;
        }
        note_withheld(conn, message.id, &readers, &Readers::default()).await?;
    }
    sqlx::query!("update message set state = 'done', secret = null, finished_at = now() where id = $1", message.id.0)
        .execute(&mut *conn)
        .await?;
    audit::append(conn, By::System, "mail", "message", message.id, &[]).await
}

impl Contents {
    fn mail(&self, to: &Recipient, practice: &Sender, base_url: &str) -> Mail {
        let login = |mail: Mail| compose::framed(practice, mail, to);
        let mail = match self {
            Contents::Appointment(notice, _) => compose::appointment(practice, notice, to, base_url, None),
            Contents::Offer(notice) => compose::offer(practice, notice, to),
            Contents::Welcome(link) => compose::welcome(to, practice, link),
            Contents::Reset { username, link } => login(compose::reset(to, practice, username, link)),
            Contents::Registration(link) => login(compose::registration(to, practice, link)),
            Contents::Invitation(link) => login(compose::invitation(to, practice, link)),
            Contents::AddressChange(link) => login(compose::address_change(to, practice, link.as_deref())),
            Contents::AddressConfirmation(link) => login(compose::address_confirmation(to, practice, link)),
            Contents::Staff(notice) => notice.mail(practice, to, base_url),
            Contents::Day(day) => day.mail(practice, to, base_url),
            Contents::Link(notice) => notice.mail(practice, to),
            Contents::Security { notice, username } => login(security::mail(*notice, to, practice, username, base_url)),
            Contents::LinkInvitation(notice) => login(notice.mail(practice, to)),
            Contents::Request(notice) => notice.mail(practice, to, base_url),
            Contents::Document(notice) => notice.mail(practice, to, base_url),
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
        MessageKind::Confirmation | MessageKind::Change | MessageKind::Cancellation | MessageKind::Reminder => {
            let told = contents_of_appointment(conn, message).await?;
            told.map(|(notice, tidings)| Contents::Appointment(notice, tidings))
        }
        MessageKind::Offer => match secret {
            Some(secret) => offer(conn, message, format!("{base_url}/offers/{secret}")).await?.map(Contents::Offer),
            None => None,
        },
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
        MessageKind::AddressChange => {
            Some(Contents::AddressChange(secret.map(|secret| format!("{base_url}/not-me/{secret}"))))
        }
        MessageKind::AddressConfirmation => {
            secret.map(|secret| Contents::AddressConfirmation(format!("{base_url}/confirm-email/{secret}")))
        }
        MessageKind::StaffBooked | MessageKind::StaffMoved | MessageKind::StaffCancelled => {
            staff::notice(conn, message).await?.map(Contents::Staff)
        }
        MessageKind::DayAhead => day::day(conn, message, Utc::now()).await?.map(Contents::Day),
        MessageKind::FormRequest | MessageKind::RequestReminder => {
            requests::notice(conn, message).await?.map(Contents::Request)
        }
        MessageKind::Document => documents::notice(conn, message).await?.map(Contents::Document),
        // Their copies are made with them.
        MessageKind::Test | MessageKind::Letter | MessageKind::Answer => None,
        MessageKind::LinkChange => links::change(conn, message).await?.map(Contents::Link),
        MessageKind::LinkInvitation => match secret {
            Some(secret) => links::invitation(conn, message, format!("{base_url}/invitations/{secret}"))
                .await?
                .map(Contents::LinkInvitation),
            None => None,
        },
        MessageKind::ComingOfAge => links::coming_of_age(conn, message).await?.map(Contents::Link),
        MessageKind::SecurityNotice => match (security::notice(conn, message).await?, username(conn, message).await?) {
            (Some(notice), Some(username)) => Some(Contents::Security { notice, username }),
            _ => None,
        },
    })
}

async fn offer(conn: &mut PgConnection, message: &Message, link: String) -> Result<Option<OfferNotice>> {
    let row = sqlx::query!(
        r#"select s.name as service, m.first_name || ' ' || m.last_name as "practitioner!", l.name as location, l.address, l.zone,
                  o.starts_at, o.ends_at, o.lapses_at, client_short_name(c) as "first_name!", b.starts_at as "moves?"
             from waitlist_link k
             join waitlist_offer o on o.id = k.offer_id
             join waitlist_entry w on w.id = o.entry_id
             join client c on c.id = w.client_id
             join service s on s.id = w.service_id
             join staff_member m on m.id = o.practitioner_id
             left join appointment b on b.id = w.appointment_id and b.status in ('requested', 'confirmed')
            cross join lateral (select name, address, zone from location where active order by main desc, name limit 1) l
            where k.message_id = $1"#,
        message.id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| OfferNotice {
        service: row.service,
        practitioner: row.practitioner,
        location: row.location,
        address: row.address,
        zone: row.zone,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        lapses_at: row.lapses_at,
        first_name: row.first_name,
        moves: row.moves,
        link,
    }))
}

/// `None` when there is nothing new to tell.
pub(super) async fn contents_of_appointment(
    conn: &mut PgConnection,
    message: &Message,
) -> Result<Option<(AppointmentNotice, Option<Tidings>)>> {
    if message.kind == MessageKind::Reminder {
        return Ok(notice(conn, message, News::Reminder).await?.map(|notice| (notice, None)));
    }
    let Some(tidings) = told::tidings(conn, message).await? else { return Ok(None) };
    let notice = notice(conn, message, tidings.news).await?;
    Ok(notice.map(|notice| (notice, Some(tidings))))
}

/// Several accounts may share a mailbox: their mails say whose they are.
async fn username(conn: &mut PgConnection, message: &Message) -> Result<Option<String>> {
    let account = message.account.map(|id| id.0);
    Ok(sqlx::query_scalar!(r#"select username::text as "username!" from account where id = $1"#, account)
        .fetch_optional(conn)
        .await?)
}

async fn notice(conn: &mut PgConnection, message: &Message, news: News) -> Result<Option<AppointmentNotice>> {
    let row = sqlx::query!(
        r#"select a.starts_at, a.ends_at, a.zone, s.name as service, s.description,
                  p.first_name as practitioner_first, p.last_name as practitioner_last, l.name as location, l.address,
                  client_name(c) as "name!", client_short_name(c) as "first_name!",
                  array(select starts_at from told_together(v.id) order by starts_at) as "later!"
             from appointment_participant v
             join appointment a on a.id = v.appointment_id
             join service s on s.id = a.service_id
             join staff_member p on p.id = a.practitioner_id
             join location l on l.id = a.location_id
             join client c on c.id = v.client_id
            where v.id = $1"#,
        message.participant
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| AppointmentNotice {
        news,
        service: row.service,
        description: row.description,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        zone: row.zone,
        practitioner: format!("{} {}", row.practitioner_first, row.practitioner_last).trim().to_owned(),
        location: row.location,
        address: row.address,
        first_name: row.first_name,
        name: row.name,
        // A reminder is of one.
        later: if news == News::Reminder { Vec::new() } else { row.later },
    }))
}

/// A copy; what needs consent carries a link that ends it.
async fn insert(conn: &mut PgConnection, message: &Message, to: &Recipient, mail: &Mail) -> Result<()> {
    let ends = (matches!(message.kind, MessageKind::Offer | MessageKind::LinkChange | MessageKind::ComingOfAge)
        && to.client.is_some())
    .then(secret::new);
    sqlx::query!(
        "insert into message_copy (id, message_id, address, client_id, about_id, subject, body, unsubscribe, unsubscribe_hash)
         select $1, $2, $3, $4,
                coalesce((select w.client_id from waitlist_link l join waitlist_offer o on o.id = l.offer_id
                            join waitlist_entry w on w.id = o.entry_id where l.message_id = $2 and $5),
                         (select case when e.client_low = $4 then e.client_high else e.client_low end
                            from message m join client_link_event e on e.id = m.subject_id
                           where m.id = $2 and m.subject_kind = 'link_event'),
                         (select coalesce(r.subject_id, d.client_id) from message m
                            left join request r on m.subject_kind = 'request' and r.id = m.subject_id
                            left join document d on m.subject_kind = 'document' and d.id = m.subject_id
                           where m.id = $2 and $5)), $6, $7, $8, $9
         on conflict on constraint message_copy_once do nothing",
        crate::new_id(),
        message.id.0,
        to.address.as_str() as _,
        to.client.map(|id| id.0),
        to.linked,
        mail.subject,
        mail.body,
        ends.as_ref().map(|secret| secret.0.as_str()),
        ends.as_ref().map(secret::hash)
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
