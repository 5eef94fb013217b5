//! The readers of a message, as grants, consent and status are at the moment of asking: those who
//! get it, and those who are to hear of it and get nothing, with the reason. One statement for each
//! kind says both.

use super::{Message, day, documents, links, requests, security, staff};
use crate::Result;
use shared::messages::{MessageKind, WhyNot};
use shared::texts::{Language, TextChannel};
use shared::{ClientId, MessageId};
use sqlx::PgConnection;
use uuid::Uuid;

/// A person who may get a message, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recipient {
    /// Normalised: no white space around it, lower case.
    pub address: String,
    /// `None` for staff.
    pub client: Option<ClientId>,
    /// A linked client, who gets a copy about another person.
    pub linked: bool,
    /// How they are called.
    pub first_name: String,
    /// Their own IANA zone; `None` for staff.
    pub zone: Option<String>,
    pub has_login: bool,
    pub language: Language,
}

/// A client who is to hear of it, and gets nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unread {
    pub client: ClientId,
    pub why: WhyNot,
}

/// Those who get it, one address perhaps twice, the person's own before a linked client's; and those
/// who do not.
#[derive(Debug, Default)]
pub(super) struct Readers {
    pub told: Vec<Recipient>,
    pub withheld: Vec<Unread>,
}

impl Readers {
    /// One for each address; whose mail another gets there is withheld from them.
    pub fn one_each(self) -> Readers {
        let Readers { told, mut withheld } = self;
        let mut chosen: Vec<Recipient> = Vec::new();
        for recipient in told {
            match chosen.iter().any(|other| other.address == recipient.address) {
                false => chosen.push(recipient),
                true => withheld.extend(recipient.client.map(|client| Unread { client, why: WhyNot::SameAddress })),
            }
        }
        Readers { told: chosen, withheld }
    }

    /// Why a copy that was made for this reader, at this address, may not go now; `None`: it may.
    pub async fn why_not(
        &self,
        conn: &mut PgConnection,
        to: Option<ClientId>,
        address: &str,
        about: Option<ClientId>,
    ) -> Result<Option<WhyNot>> {
        if self.told.iter().any(|may| may.address == address && may.client == to) {
            return Ok(None);
        }
        let known = to.and_then(|to| self.withheld.iter().find(|one| one.client == to)).map(|one| one.why);
        if let Some(why) = known {
            return Ok(Some(why));
        }
        if self.told.iter().any(|may| to.is_some() && may.client == to) {
            return Ok(Some(WhyNot::AddressChanged));
        }
        // They are not among its readers, and others are: the grant or the link has gone.
        let is_over = self.told.is_empty() && self.withheld.is_empty();
        let (Some(to), Some(about), false) = (to, about, is_over) else { return Ok(Some(WhyNot::Outdated)) };
        let linked = sqlx::query_scalar!(
            r#"select exists (select from client_grant where holder = $1 and subject = $2) as "linked!""#,
            to.0,
            about.0
        );
        Ok(Some(if linked.fetch_one(conn).await? { WhyNot::GrantEnded } else { WhyNot::LinkEnded }))
    }
}

pub(super) struct Row {
    pub client: Option<ClientId>,
    pub linked: bool,
    pub address: String,
    pub first_name: String,
    pub zone: Option<String>,
    pub has_login: bool,
    /// The tag on their record; `None` for staff.
    pub language: Option<String>,
    pub withheld: Option<WhyNot>,
}

impl Row {
    /// `usual` is the tag of the practice's language.
    fn recipient(self, usual: &str) -> Recipient {
        let row = self;
        Recipient {
            language: Language::first_of(row.language.as_deref().into_iter().chain([usual])),
            address: row.address.trim().to_lowercase(),
            client: row.client,
            linked: row.linked,
            first_name: row.first_name,
            zone: row.zone,
            has_login: row.has_login,
        }
    }
}

/// The readers by this channel. No one, once what it tells is no longer so.
pub(super) async fn readers(conn: &mut PgConnection, channel: TextChannel, message: &Message) -> Result<Readers> {
    match channel {
        TextChannel::Email => mailed(conn, message).await,
        TextChannel::Sms => texted(conn, message).await,
    }
}

/// Those of mail.
pub(super) async fn mailed(conn: &mut PgConnection, message: &Message) -> Result<Readers> {
    let rows = match message.kind {
        MessageKind::Confirmation | MessageKind::Change | MessageKind::Cancellation | MessageKind::Reminder => {
            of_appointment(conn, message).await?
        }
        MessageKind::Offer => of_offer(conn, message).await?,
        MessageKind::Welcome => of_welcome(conn, message).await?,
        MessageKind::Reset => of_reset(conn, message).await?,
        MessageKind::Registration => of_registration(conn, message).await?,
        MessageKind::Invitation => of_invitation(conn, message).await?,
        MessageKind::AddressChange => of_address_change(conn, message).await?,
        MessageKind::AddressConfirmation => of_address_confirmation(conn, message).await?,
        MessageKind::StaffBooked | MessageKind::StaffMoved | MessageKind::StaffCancelled => {
            staff::of_notice(conn, message).await?
        }
        MessageKind::DayAhead => day::of_day(conn, message).await?,
        MessageKind::Test => of_test(conn, message).await?,
        MessageKind::Letter => of_letter(conn, message).await?,
        MessageKind::Answer => of_answer(conn, message).await?,
        MessageKind::LinkInvitation => links::of_invitation(conn, message).await?,
        MessageKind::LinkChange | MessageKind::ComingOfAge => links::of_change(conn, message).await?,
        MessageKind::SecurityNotice => security::of_notice(conn, message).await?,
        MessageKind::FormRequest | MessageKind::RequestReminder => requests::of_request(conn, message).await?,
        MessageKind::Document => documents::of_document(conn, message).await?,
    };
    sorted(conn, message.kind, rows).await
}

async fn sorted(conn: &mut PgConnection, kind: MessageKind, rows: Vec<Row>) -> Result<Readers> {
    if rows.is_empty() {
        return Ok(Readers::default());
    }
    let unsafe_for = match kind {
        // What they ask for themselves, and the warning that another has.
        MessageKind::Reset | MessageKind::AddressConfirmation | MessageKind::AddressChange => Vec::new(),
        _ => {
            let ids: Vec<Uuid> = rows.iter().filter_map(|row| Some(row.client?.0)).collect();
            crate::safe_contact::not_to_be_written_to(&mut *conn, &ids).await?
        }
    };
    let usual = sqlx::query_scalar!("select mail_language from practice").fetch_one(conn).await?;
    let mut readers = Readers::default();
    for row in rows {
        let asked = row.client.filter(|id| unsafe_for.contains(id)).map(|_| WhyNot::NoWriting);
        let empty = row.address.trim().is_empty().then_some(WhyNot::NoAddress);
        match row.withheld.or(asked).or(empty) {
            Some(why) => readers.withheld.extend(row.client.map(|client| Unread { client, why })),
            None => readers.told.push(row.recipient(&usual)),
        }
    }
    Ok(readers)
}

/// Notes on a message who was to hear of it and gets no copy by mail or as a text message. Why no text
/// message goes is said where the practice sends any.
pub(super) async fn note_withheld(
    conn: &mut PgConnection,
    id: MessageId,
    mailed: &Readers,
    texted: &Readers,
) -> Result<()> {
    let told = |client: ClientId| mailed.told.iter().chain(&texted.told).any(|to| to.client == Some(client));
    let without: Vec<&Unread> = mailed.withheld.iter().filter(|one| !told(one.client)).collect();
    if without.is_empty() {
        return Ok(());
    }
    let clients: Vec<Uuid> = without.iter().map(|one| one.client.0).collect();
    let email: Vec<String> = without.iter().map(|one| one.why.as_str().to_owned()).collect();
    let text: Vec<Option<String>> = without
        .iter()
        .map(|one| texted.withheld.iter().find(|other| other.client == one.client))
        .map(|one| one.map(|one| one.why.as_str().to_owned()))
        .collect();
    sqlx::query!(
        "update message
            set withheld = (select jsonb_agg(jsonb_build_object('client', w.client, 'email', w.email, 'text',
                                             case when s.sender <> 'none' then w.text end))
                              from unnest($2::uuid[], $3::text[], $4::text[]) w (client, email, text)
                             cross join sms_setting s)
          where id = $1",
        id.0,
        &clients,
        &email,
        &text as &[Option<String>]
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The person, and linked clients with *copies*: `appointment_reader` has the
/// rule, also for pages that say who will be told; of linked clients only those who are
/// assigned to the appointment. A confirmation or
/// change only while the appointment stands as told, a reminder while it is upcoming at that time.
async fn of_appointment(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select c.id as "client?: ClientId", may.linked as "linked!", coalesce(c.email::text, '') as "address!",
                  client_short_name(c) as "first_name!", c.zone as "zone?",
                  (select client_login from practice) and c.status = 'active'
                      and exists (select 1 from account where client_id = c.id) as "has_login!", c.language as "language?",
                  coalesce(case when may.linked and v.assigned <> 'everyone' and v.assigned_to is distinct from c.id
                                then 'not_assigned' end, may.no_email) as "withheld?: WhyNot"
             from visit a
             join appointment_participant v on v.id = a.participant_id
            cross join lateral appointment_reader(a.client_id) may
             join client c on c.id = may.client_id
            where a.participant_id = $1
              and case when $4::timestamptz is not null
                       then a.status = 'confirmed' and a.starts_at = $4 and a.starts_at > now()
                       when $2 then a.status in ('requested', 'confirmed') and a.version = $3 else a.status = 'cancelled' end
            order by may.linked, c.id"#,
        message.participant,
        matches!(message.kind, MessageKind::Confirmation | MessageKind::Change),
        message.version,
        message.starts_at
    )
    .fetch_all(conn)
    .await?)
}

/// The reader whose link is in it, while the offer is open and they may book the person.
async fn of_offer(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select c.id as "client?: ClientId", w.client_id <> c.id as "linked!", coalesce(c.email::text, '') as "address!",
                  client_short_name(c) as "first_name!", c.zone as "zone?",
                  (select client_login from practice) and exists (select from account where client_id = c.id) as "has_login!", c.language as "language?",
                  case when c.status <> 'active' then 'inactive'
                       when not portal_may(w.client_id, 'book') or w.appointment_id is not null and not portal_may(w.client_id, 'move')
                           then 'not_permitted'
                       when c.email is null then 'no_address'
                       when not c.email_consent then 'no_consent' end as "withheld?: WhyNot"
             from waitlist_link l
             join waitlist_offer o on o.id = l.offer_id and o.state = 'open' and o.lapses_at > now()
             join waitlist_entry w on w.id = o.entry_id
             join client c on c.id = l.client_id
            where l.message_id = $1
              and (w.client_id = c.id
                   or exists (select from client_grant g where g.holder = c.id and g.subject = w.client_id and g.may_book))"#,
        message.id.0
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
                  client_short_name(c) as "first_name!", c.zone as "zone?", false as "has_login!", c.language as "language?", null::text as "withheld?: WhyNot"
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
                  coalesce(s.first_name, client_short_name(c)) as "first_name!", c.zone as "zone?", true as "has_login!", c.language as "language?", null::text as "withheld?: WhyNot"
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

/// The address typed, while the link works. No one is a client yet.
async fn of_registration(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select null::uuid as "client?: ClientId", false as "linked!", email::text as "address!",
                  coalesce(nullif(first_name, ''), last_name) as "first_name!", null::text as "zone?", false as "has_login!", null::text as "language?", null::text as "withheld?: WhyNot"
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
                  null::text as "zone?", false as "has_login!", null::text as "language?", null::text as "withheld?: WhyNot"
             from staff_member s join account_link l on l.staff_id = s.id
            where s.id = $1 and l.id = $2 and l.kind = 'claim' and s.active
              and l.used_at is null and l.voided_at is null and l.expires_at > now()"#,
        message.staff,
        message.link
    )
    .fetch_all(conn)
    .await?)
}

/// The address from before, and no one else. Consent is not asked: it is a warning.
/// Without a name, for an address that was mistyped is a stranger's. Never copied.
async fn of_address_change(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select client_id as "client?: ClientId", false as "linked!", old_address::text as "address!",
                  '' as "first_name!", null::text as "zone?", false as "has_login!", null::text as "language?", null::text as "withheld?: WhyNot"
             from message where id = $1 and old_address is not null"#,
        message.id.0
    )
    .fetch_all(conn)
    .await?)
}

/// The new address alone, while the link works. Consent is not asked: the owner asked
/// for this mail. Without a name, for the address may be mistyped. Never copied.
async fn of_address_confirmation(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select c.id as "client?: ClientId", false as "linked!", l.new_email::text as "address!",
                  '' as "first_name!", null::text as "zone?", true as "has_login!", null::text as "language?", null::text as "withheld?: WhyNot"
             from account a join account_link l on l.account_id = a.id
             join client c on c.id = a.client_id and c.status = 'active'
            where a.id = $1 and l.id = $2 and l.kind = 'address' and l.new_email is not null
              and l.used_at is null and l.voided_at is null and l.expires_at > now()"#,
        message.account.map(|id| id.0),
        message.link
    )
    .fetch_all(conn)
    .await?)
}

/// The active staff member who asked for it.
async fn of_test(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select null::uuid as "client?: ClientId", false as "linked!", s.email::text as "address!", s.first_name,
                  null::text as "zone?", true as "has_login!", null::text as "language?", null::text as "withheld?: WhyNot"
             from staff_member s where s.id = $1 and s.active"#,
        message.staff
    )
    .fetch_all(conn)
    .await?)
}

/// The client that it was written to, while they have consent to mail. Never copied.
async fn of_letter(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select c.id as "client?: ClientId", false as "linked!", coalesce(c.email::text, '') as "address!",
                  client_short_name(c) as "first_name!", c.zone as "zone?", false as "has_login!", c.language as "language?",
                  case when c.email is null then 'no_address' when not c.email_consent then 'no_consent' end as "withheld?: WhyNot"
             from client c where c.id = $1"#,
        message.client.map(|id| id.0)
    )
    .fetch_all(conn)
    .await?)
}

/// The number that asked. Consent is not: it tells what became of it.
async fn of_answer(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select null::uuid as "client?: ClientId", false as "linked!", y.address::text as "address!", '' as "first_name!",
                  null::text as "zone?", false as "has_login!", null::text as "language?", null::text as "withheld?: WhyNot"
             from message_copy y where y.message_id = $1"#,
        message.id.0
    )
    .fetch_all(conn)
    .await?)
}

/// Those of text messages, by the number that is dialled; the person before linked clients.
pub(super) async fn texted(conn: &mut PgConnection, message: &Message) -> Result<Readers> {
    let rows = match message.kind {
        MessageKind::Confirmation | MessageKind::Change | MessageKind::Cancellation | MessageKind::Reminder => {
            texted_of_appointment(conn, message).await?
        }
        MessageKind::Answer => of_answer(conn, message).await?,
        _ => Vec::new(),
    };
    sorted(conn, message.kind, rows).await
}

/// As [`of_appointment`], by the consent to text messages.
async fn texted_of_appointment(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select c.id as "client?: ClientId", may.linked as "linked!", coalesce(sms_number(c.mobile), '') as "address!",
                  client_short_name(c) as "first_name!", c.zone as "zone?", false as "has_login!", c.language as "language?",
                  coalesce(case when may.linked and v.assigned <> 'everyone' and v.assigned_to is distinct from c.id
                                then 'not_assigned' end, may.no_text) as "withheld?: WhyNot"
             from visit a
             join appointment_participant v on v.id = a.participant_id
            cross join lateral appointment_reader(a.client_id) may
             join client c on c.id = may.client_id
            where a.participant_id = $1
              and case when $4::timestamptz is not null
                       then a.status = 'confirmed' and a.starts_at = $4 and a.starts_at > now()
                       when $2 then a.status in ('requested', 'confirmed') and a.version = $3 else a.status = 'cancelled' end
            order by may.linked, c.id"#,
        message.participant,
        matches!(message.kind, MessageKind::Confirmation | MessageKind::Change),
        message.version,
        message.starts_at
    )
    .fetch_all(conn)
    .await?)
}
