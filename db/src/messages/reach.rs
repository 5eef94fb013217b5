//! Who gets mail about a person's appointments at this moment, and who does not and why: what pages
//! say before it is sent. The rule is that of sending, `appointment_reader`.

use crate::Result;
use shared::messages::WhyNot;
use shared::{AppointmentId, ClientId, ClientNumber};
use sqlx::PgConnection;
use uuid::Uuid;

/// Who gets mail about one person's appointments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    pub client: ClientId,
    pub name: String,
    /// Why mail does not reach the person themself; `None`: it does.
    pub person: Option<WhyNot>,
    /// They see and cancel their appointments online.
    pub has_login: bool,
    /// Linked clients who get copies, by name; only those that the viewer may see.
    pub copies: Vec<String>,
    /// Those of all who get a text message, where the practice sends any.
    pub texts: Vec<String>,
    /// Those who are to hear of it and get nothing: the person first.
    pub withheld: Vec<Unwritten>,
}

/// Someone who is to hear of something and gets no copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwritten {
    pub number: ClientNumber,
    pub name: String,
    pub email: WhyNot,
    /// Where the practice sends text messages.
    pub text: Option<WhyNot>,
}

impl Reach {
    fn of(client: ClientId) -> Reach {
        Reach {
            client,
            name: String::new(),
            person: None,
            has_login: false,
            copies: Vec::new(),
            texts: Vec::new(),
            withheld: Vec::new(),
        }
    }
}

impl Unwritten {
    /// `email is off, no mobile number`
    pub fn why(&self) -> String {
        match self.text.filter(|text| *text != self.email) {
            Some(text) => format!("{}, {}", self.email, text),
            None => self.email.to_string(),
        }
    }
}

/// For a viewer with this scope ([`crate::actor::StaffActor::scope`]). `without`
/// is a linked client whose link is about to end; `of` an appointment to which not all of them
/// may be assigned.
pub(crate) async fn reach(
    conn: &mut PgConnection,
    client: ClientId,
    without: Option<ClientId>,
    scope: Option<Uuid>,
    of: Option<AppointmentId>,
) -> Result<Reach> {
    Ok(reach_of(conn, &[client], without, scope, of).await?.remove(0))
}

/// [`reach`] of each of these, in one statement.
pub(crate) async fn reach_of(
    conn: &mut PgConnection,
    clients: &[ClientId],
    without: Option<ClientId>,
    scope: Option<Uuid>,
    of: Option<AppointmentId>,
) -> Result<Vec<Reach>> {
    let ids: Vec<Uuid> = clients.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select p.id as "subject!: ClientId", c.number as "number: ClientNumber", client_name(c) as "name!",
                  c.sort_name as "sort_name!", may.linked as "linked!",
                  lower(trim(c.email::text)) as "address?", sms_number(c.mobile) as "mobile?",
                  coalesce(n.why, may.no_email) as "no_email?: WhyNot", coalesce(n.why, may.no_text) as "no_text?: WhyNot",
                  s.sender <> 'none' as "texts!", may.linked and not exists (select from client_in_scope(c.id, $3)) as "hidden!",
                  (select client_login from practice) and c.status = 'active'
                      and exists (select from account a where a.client_id = c.id) as "has_login!"
             from unnest($1::uuid[]) with ordinality p (id, place)
            cross join lateral appointment_reader(p.id) may
             join client c on c.id = may.client_id
            cross join sms_setting s
            cross join lateral (
                  select case when may.linked and $4::uuid is not null and not exists (
                                   select from appointment_participant v
                                    where v.appointment_id = $4 and v.client_id = p.id
                                      and (v.assigned = 'everyone' or v.assigned_to = c.id))
                              then 'not_assigned' end as why) n
            where not may.linked or c.id is distinct from $2
            order by p.place, may.linked, c.id"#,
        &ids,
        without.map(|id| id.0),
        scope,
        of.map(|id| id.0)
    )
    .fetch_all(conn)
    .await?;
    let mut all = Vec::new();
    for client in clients {
        let (mut reach, mut found) = (Reach::of(*client), Vec::new());
        let (mut addresses, mut numbers) = (Vec::new(), Vec::new());
        for row in rows.iter().filter(|row| row.subject == *client) {
            let email = first_there(&mut addresses, row.no_email, row.address.as_deref());
            let text = row.texts.then(|| first_there(&mut numbers, row.no_text, row.mobile.as_deref()));
            if !row.linked {
                (reach.name, reach.has_login, reach.person) = (row.name.clone(), row.has_login, email);
            }
            if !row.hidden {
                found.push((row.linked, row.sort_name.as_str(), row.number, row.name.as_str(), email, text));
            }
        }
        found.sort();
        for (linked, _, number, name, email, text) in found {
            let name = name.to_owned();
            if text == Some(None) {
                reach.texts.push(name.clone());
            }
            match email {
                None if linked => reach.copies.push(name),
                Some(email) if text != Some(None) => {
                    reach.withheld.push(Unwritten { number, name, email, text: text.flatten() });
                }
                None | Some(_) => {}
            }
        }
        all.push(reach);
    }
    Ok(all)
}

/// The first reader of an address gets what goes there.
fn first_there<'a>(seen: &mut Vec<Option<&'a str>>, why: Option<WhyNot>, at: Option<&'a str>) -> Option<WhyNot> {
    match why {
        None if seen.contains(&at) => Some(WhyNot::SameAddress),
        None => {
            seen.push(at);
            None
        }
        why => why,
    }
}

/// Whether mail about a person's appointments goes to this client's address: their
/// own, or one that they share.
pub(crate) async fn reaches(conn: &mut PgConnection, client: ClientId, me: ClientId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from appointment_recipient($1) r
                 join client c on c.id = r.client_id
                 join client me on me.id = $2 and me.email = c.email) as "reaches!""#,
        client.0,
        me.0
    )
    .fetch_one(conn)
    .await?)
}
