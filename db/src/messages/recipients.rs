//! Whom a message may go to, as grants, consent and status are at the moment
//! of asking.

use super::Message;
use crate::Result;
use shared::ClientId;
use shared::messages::MessageKind;
use sqlx::PgConnection;

/// Somebody who may get a message, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recipient {
    /// Normalised: no white space around it, lower case.
    pub address: String,
    /// `None` for staff.
    pub client: Option<ClientId>,
    /// A linked client, who gets a copy about somebody else.
    pub linked: bool,
    /// How they are called.
    pub first_name: String,
    /// Their own IANA zone; `None` for staff.
    pub zone: Option<String>,
    pub has_login: bool,
}

struct Row {
    client: Option<ClientId>,
    linked: bool,
    address: String,
    first_name: String,
    zone: Option<String>,
    has_login: bool,
}

impl From<Row> for Recipient {
    fn from(row: Row) -> Recipient {
        Recipient {
            address: row.address.trim().to_lowercase(),
            client: row.client,
            linked: row.linked,
            first_name: row.first_name,
            zone: row.zone,
            has_login: row.has_login,
        }
    }
}

/// Everybody who may get it; one address may stand here twice, the person's
/// own before a linked client's. Nobody, once what it tells is no longer so.
pub(super) async fn permitted(conn: &mut PgConnection, message: &Message) -> Result<Vec<Recipient>> {
    let rows = match message.kind {
        MessageKind::Confirmation | MessageKind::Cancellation => of_appointment(conn, message).await?,
        MessageKind::Welcome => of_welcome(conn, message).await?,
        MessageKind::Reset => of_reset(conn, message).await?,
        MessageKind::Registration => of_registration(conn, message).await?,
        MessageKind::Invitation => of_invitation(conn, message).await?,
        MessageKind::AddressChange => of_address_change(conn, message).await?,
    };
    Ok(rows.into_iter().map(Recipient::from).filter(|recipient| !recipient.address.is_empty()).collect())
}

/// One for each address.
pub(super) fn one_each(permitted: Vec<Recipient>) -> Vec<Recipient> {
    let mut chosen: Vec<Recipient> = Vec::new();
    for recipient in permitted {
        if chosen.iter().all(|other| other.address != recipient.address) {
            chosen.push(recipient);
        }
    }
    chosen
}

/// The person, whatever their status, for an inactive client's cancelled
/// appointments concern them still; and active linked clients with *copies*.
/// All with consent. A confirmation only while the appointment stands as told.
async fn of_appointment(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select c.id as "client?: ClientId", may.linked as "linked!", c.email::text as "address!",
                  client_short_name(c) as "first_name!", c.zone as "zone?",
                  (select client_login from practice) and c.status = 'active'
                      and exists (select 1 from account where client_id = c.id) as "has_login!"
             from appointment a
            cross join lateral (
                  select a.client_id as id, false as linked
                  union all
                  select holder, true from client_grant where subject = a.client_id and gets_copies) may
             join client c on c.id = may.id
            where a.id = $1
              and c.email is not null and c.email_consent
              and (not may.linked or c.status = 'active')
              and case when $2 then a.status = 'confirmed' and a.version = $3 else a.status = 'cancelled' end
            order by may.linked, c.id"#,
        message.appointment.map(|id| id.0),
        message.kind == MessageKind::Confirmation,
        message.version
    )
    .fetch_all(conn)
    .await?)
}

/// An active client whose claim link still works. Consent is not asked: the
/// invitation was, and is not an appointment mail. Never copied.
async fn of_welcome(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select c.id as "client?: ClientId", false as "linked!", c.email::text as "address!",
                  client_short_name(c) as "first_name!", c.zone as "zone?", false as "has_login!"
             from client c join account_link l on l.client_id = c.id
            where c.id = $1 and l.id = $2 and l.kind = 'claim'
              and l.used_at is null and l.voided_at is null and l.expires_at > now()
              and c.status = 'active' and c.email is not null"#,
        message.client.map(|id| id.0),
        message.link
    )
    .fetch_all(conn)
    .await?)
}

/// The address on the owner's record alone, while the link works. A username
/// that looks like an address gets nothing: staff may have taken that address
/// off the record on purpose. Never copied.
async fn of_reset(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select c.id as "client?: ClientId", false as "linked!", coalesce(s.email, c.email)::text as "address!",
                  coalesce(s.first_name, client_short_name(c)) as "first_name!", c.zone as "zone?", true as "has_login!"
             from account a join account_link l on l.account_id = a.id
             left join staff_member s on s.id = a.staff_id and s.active
             left join client c on c.id = a.client_id and c.status = 'active'
            where a.id = $1 and l.id = $2 and l.kind = 'reset'
              and l.used_at is null and l.voided_at is null and l.expires_at > now()
              and coalesce(s.email, c.email) is not null"#,
        message.account.map(|id| id.0),
        message.link
    )
    .fetch_all(conn)
    .await?)
}

/// The address typed, while the link works. Nobody is a client yet.
async fn of_registration(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select null::uuid as "client?: ClientId", false as "linked!", email::text as "address!",
                  coalesce(nullif(first_name, ''), last_name) as "first_name!", null::text as "zone?", false as "has_login!"
             from registration where id = $1 and expires_at > now()"#,
        message.registration
    )
    .fetch_all(conn)
    .await?)
}

/// The work email of an active staff member whose claim link still works.
async fn of_invitation(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select null::uuid as "client?: ClientId", false as "linked!", s.email::text as "address!", s.first_name,
                  null::text as "zone?", false as "has_login!"
             from staff_member s join account_link l on l.staff_id = s.id
            where s.id = $1 and l.id = $2 and l.kind = 'claim' and s.active
              and l.used_at is null and l.voided_at is null and l.expires_at > now()"#,
        message.staff,
        message.link
    )
    .fetch_all(conn)
    .await?)
}

/// The address from before, and nobody else. Consent is not asked: it is a warning.
/// Without a name, for an address that was mistyped is a stranger's. Never copied.
async fn of_address_change(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select client_id as "client?: ClientId", false as "linked!", old_address::text as "address!",
                  '' as "first_name!", null::text as "zone?", false as "has_login!"
             from message where id = $1 and old_address is not null"#,
        message.id.0
    )
    .fetch_all(conn)
    .await?)
}
