//! The link in a mail about an appointment, with which its reader confirms, moves or cancels
//! it without logging in.
//!
//! One secret for each reader, kept as SHA-256 on their copy. It stands for the reader:
//! what they may do is asked at every opening by the operations of the portal. It opens
//! nothing any more once the reader's address is another, the appointment is over, or
//! the permission has gone.

use crate::accounts::secret;
use crate::actor::ClientActor;
use crate::appointments::managed_of;
use crate::{Actor, Error, PgPool, Result, audit};
use chrono::{DateTime, Utc};
use shared::accounts::Secret;
use shared::clients::Status;
use shared::{AppointmentId, ClientId, Conflict, Refusal};
use sqlx::PgConnection;
use uuid::Uuid;

/// What a link opens.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The client it was mailed to, as in the portal.
    pub reader: Actor,
    pub appointment: AppointmentId,
    /// Who attends.
    pub person: ClientId,
    /// They come: said of the time that it has now.
    pub is_confirmed: bool,
    participant: Uuid,
    starts_at: DateTime<Utc>,
    stands: bool,
}

/// Whether the reader of a copy may manage the appointment: then it carries a link.
pub(super) async fn may_reply(conn: &mut PgConnection, participant: Uuid, reader: ClientId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from appointment_participant v join client c on c.id = $2 and c.status = 'active'
                where v.id = $1 and (select client_login from practice) and portal_may(v.client_id, 'see_appointments')
                  and (v.client_id = c.id
                       or exists (select from client_grant g
                                   where g.holder = c.id and g.subject = v.client_id and g.may_book))) as "may!""#,
        participant,
        reader.0
    )
    .fetch_one(conn)
    .await?)
}

/// What a link opens at this moment; [`Refusal::DeadLink`] for one that opens nothing, and
/// [`Refusal::LinkEnded`] where the reader may not act for the person any more.
pub async fn open(pool: &PgPool, secret: &Secret) -> Result<Opened> {
    open_in(&mut *pool.begin().await?, secret).await
}

async fn open_in(conn: &mut PgConnection, secret: &Secret) -> Result<Opened> {
    let row = sqlx::query!(
        r#"select c.id as "reader: ClientId", client_name(c) as "name!", c.status as "status: Status",
                  v.id as participant, v.client_id as "person: ClientId", a.id as "appointment: AppointmentId", a.starts_at,
                  v.status = 'booked' and a.status in ('requested', 'confirmed') as "stands!",
                  coalesce(v.confirmed_start = a.starts_at, false) as "is_confirmed!"
             from message_copy y
             join message m on m.id = y.message_id
             join appointment_participant v on v.id = m.participant_id
             join appointment a on a.id = v.appointment_id
             join client c on c.id = y.client_id
              and case y.channel when 'sms' then sms_number(c.mobile) = y.address::text else c.email = y.address end
            where y.link_hash = $1 and y.state <> 'withdrawn' and a.ends_at > now() and (select client_login from practice)"#,
        secret::hash(secret)
    )
    .fetch_optional(&mut *conn)
    .await?
    .filter(|row| row.status.may_log_in())
    .ok_or(Refusal::DeadLink)?;
    let reader = Actor::Client(ClientActor::new(row.reader, row.name));
    let opened = Opened {
        appointment: row.appointment,
        person: row.person,
        is_confirmed: row.is_confirmed,
        participant: row.participant,
        starts_at: row.starts_at,
        stands: row.stands,
        reader,
    };
    match managed_of(conn, &opened.reader, opened.appointment, opened.person).await {
        Ok(()) => Ok(opened),
        Err(Error::Refused(Refusal::NotFound)) => Err(Refusal::DeadLink.into()),
        Err(error) => Err(error),
    }
}

/// The person comes. Twice is as once; said of the time that it has now: moved, it is not
/// confirmed any more.
pub async fn confirm(pool: &PgPool, secret: &Secret) -> Result<()> {
    let mut tx = pool.begin().await?;
    let opened = open_in(&mut tx, secret).await?;
    if !opened.stands {
        return Err(Refusal::Conflict(Conflict::AlreadyCancelled).into());
    }
    if opened.starts_at <= Utc::now() {
        return Err(Refusal::Conflict(Conflict::AlreadyStarted).into());
    }
    if opened.is_confirmed {
        return Ok(());
    }
    sqlx::query!(
        "update appointment_participant set confirmed_start = starts_at where id = $1 and starts_at = $2",
        opened.participant,
        opened.starts_at
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, &opened.reader, "confirm", "appointment", opened.appointment, &["confirmed_start"]).await?;
    tx.commit().await?;
    Ok(())
}
