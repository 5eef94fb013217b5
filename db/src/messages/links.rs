//! Mail about a link: both are told what changed, in one message, each with the same words. It
//! waits the practice's quiet minutes, and tells what is then otherwise than what was told last:
//! a change that was taken back meanwhile is told to no one.

use super::Message;
use super::compose::{Mail, Sender, and, of};
use super::recipients::{Recipient, Row};
use super::text::one_line;
use crate::links::sides::{Side, Stored};
use crate::time::Zone;
use crate::{Result, new_id};
use chrono::NaiveDate;
use shared::ClientId;
use shared::links::{EventKind, Grants, LinkDetails, Permission};
use shared::messages::WhyNot;
use shared::texts::{Language, Placeholder, Text};
use sqlx::PgConnection;
use uuid::Uuid;

/// Queues that both are told of an entry in the history of their link, unless an earlier one of the
/// same two waits still: then that tells this too.
pub(crate) async fn queue_change(conn: &mut PgConnection, event: Uuid) -> Result<()> {
    // One that is being made into copies at this moment is waited for: it does not tell this.
    let waits = sqlx::query!(
        "select 1 as one from message m
          where m.subject_kind = 'link_event' and m.state = 'queued' and m.kind = 'link_change'
            and m.subject_id in (select w.id from client_link_event w
                                   join client_link_event e on (w.client_low, w.client_high) = (e.client_low, e.client_high)
                                  where e.id = $1)
            for update",
        event
    );
    if !waits.fetch_all(&mut *conn).await?.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into message (id, kind, subject_kind, subject_id, due_at)
         select $1, 'link_change', 'link_event', e.id, now() + make_interval(mins => p.quiet_minutes)
           from client_link_event e cross join practice p
          where e.id = $2",
        new_id(),
        event
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Each of the two of a link, with their name, and why mail about it does not reach them.
pub(crate) async fn told(
    conn: &mut PgConnection,
    one: ClientId,
    other: ClientId,
) -> Result<Vec<(ClientId, String, Option<WhyNot>)>> {
    let rows = sqlx::query!(
        r#"select id as "id: ClientId", client_name(c) as "name!",
                  link_is_withheld_from(c.id, case when c.id = $1 then $2 else $1 end) as "why?: WhyNot"
             from client c where id in ($1, $2)"#,
        one.0,
        other.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name, row.why)).collect())
}

/// A permission that was given or has ended, or will.
struct Step {
    holder: String,
    subject: String,
    permission: Permission,
    news: News,
}

#[derive(Clone, Copy)]
enum News {
    Given,
    Ended,
    WillEnd,
}

impl Step {
    fn sentence(&self, language: Language) -> String {
        let Step { holder, subject, permission, news } = self;
        match language {
            Language::English => {
                let may = match news {
                    News::Given => "may",
                    News::Ended => "may no longer",
                    News::WillEnd => "will no longer",
                };
                format!("{holder} {may} {} for {subject}.", permission.label())
            }
            Language::French => {
                let act = match permission {
                    Permission::Book => "prendre et gérer des rendez-vous",
                    Permission::Forms => "remplir des formulaires",
                    Permission::Copies => "recevoir des copies des courriels de rendez-vous",
                    Permission::Packages => "utiliser des séances de forfaits",
                };
                let may = match news {
                    News::Given => "peut",
                    News::Ended => "ne peut plus",
                    News::WillEnd => "ne pourra plus",
                };
                format!("{holder} {may} {act} pour {subject}.")
            }
        }
    }
}

/// What differs, first for the one and then for the other of the two.
fn steps(before: Option<&LinkDetails>, after: Option<&LinkDetails>, own: &str, other: &str) -> Vec<Step> {
    let grants =
        |of: fn(&LinkDetails) -> Grants| (before.map(of).unwrap_or_default(), after.map(of).unwrap_or_default());
    let sides = [(grants(|link| link.other_may), other, own), (grants(|link| link.own_may), own, other)];
    let mut all = Vec::new();
    for ((before, after), holder, subject) in sides {
        for permission in Permission::ALL {
            let news = match (before.has(*permission), after.has(*permission)) {
                (false, true) => News::Given,
                (true, false) => News::Ended,
                _ => continue,
            };
            all.push(Step { holder: holder.to_owned(), subject: subject.to_owned(), permission: *permission, news });
        }
    }
    all
}

/// What is told of a link.
pub(super) struct LinkNotice {
    text: Text,
    /// How the two are called, or the one who comes of age.
    people: Vec<String>,
    /// When someone comes of age, and the practice's zone.
    day: Option<(NaiveDate, Zone)>,
    steps: Vec<Step>,
}

impl LinkNotice {
    pub(super) fn mail(&self, practice: &Sender, to: &Recipient) -> Mail {
        let language = to.language;
        let person = and(&self.people, language);
        let day =
            self.day.as_ref().map(|(day, zone)| zone.date_in(language, zone.day(*day).starts)).unwrap_or_default();
        let values = [
            (Placeholder::FirstName, to.first_name.as_str()),
            (Placeholder::Person, &person),
            (Placeholder::When, &day),
        ];
        let mail = of(practice, self.text, language, &values);
        let lines: String = self.steps.iter().map(|step| format!("- {}\n", step.sentence(language))).collect();
        let lines = if lines.is_empty() { lines } else { format!("\n{lines}") };
        let name = one_line(&practice.name);
        let ask = match language {
            Language::English => format!("Not what you expected? Contact {name}."),
            Language::French => format!("Ce n’est pas ce que vous attendiez ? Communiquez avec {name}."),
        };
        Mail { body: format!("{}{lines}\n{ask}\n", mail.body), ..mail }
    }
}

/// What a queued message tells at this moment: how the link stands against how it stood before the
/// first change that was not told. `None`: there is nothing to tell.
pub(super) async fn change(conn: &mut PgConnection, message: &Message) -> Result<Option<LinkNotice>> {
    let row = sqlx::query!(
        r#"select client_short_name(l) as "low!", client_short_name(h) as "high!",
                  e.kind as "first: EventKind", e.state as first_state, b.kind as "before_kind?: EventKind", b.state as "before?", n.kind as "kind: EventKind", n.state
             from client_link_event e
             join client l on l.id = e.client_low
             join client h on h.id = e.client_high
             left join lateral (select kind, state from client_link_event o
                                 where (o.client_low, o.client_high) = (e.client_low, e.client_high)
                                   and (o.at, o.id) < (e.at, e.id)
                                 order by o.at desc, o.id desc limit 1) b on true
            cross join lateral (select kind, state from client_link_event o
                                 where (o.client_low, o.client_high) = (e.client_low, e.client_high)
                                 order by o.at desc, o.id desc limit 1) n
            where e.id = $1"#,
        message.subject
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let linked = |kind: Option<EventKind>, state: Option<serde_json::Value>| {
        let state = state.filter(|_| kind != Some(EventKind::Removed))?;
        let stored: Stored = serde_json::from_value(state).ok()?;
        Some(stored.seen_from(Side::Low, None))
    };
    let before = match row.first {
        // Of a removal the state is that of before.
        EventKind::Removed => linked(None, row.first_state),
        _ => linked(row.before_kind, row.before),
    };
    let after = linked(Some(row.kind), row.state);
    let (low, high) = (one_line(&row.low), one_line(&row.high));
    let steps = steps(before.as_ref(), after.as_ref(), &low, &high);
    let text = match (&before, &after) {
        (None, None) => return Ok(None),
        (None, Some(_)) => Text::LinkAdded,
        (Some(_), None) => Text::LinkRemoved,
        (Some(_), Some(_)) if steps.is_empty() => return Ok(None),
        (Some(_), Some(_)) if row.kind == EventKind::Suspended => Text::LinkSuspended,
        (Some(_), Some(_)) => Text::LinkChanged,
    };
    Ok(Some(LinkNotice { text, people: vec![low, high], day: None, steps }))
}

/// An invitation to be linked, with the link that answers it.
pub(super) struct InvitationNotice {
    name: String,
    link: String,
}

impl InvitationNotice {
    pub(super) fn mail(&self, practice: &Sender, to: &Recipient) -> Mail {
        let values = [(Placeholder::Person, self.name.as_str()), (Placeholder::Link, self.link.as_str())];
        of(practice, Text::LinkInvitation, to.language, &values)
    }
}

/// `None` once it can no longer be answered.
pub(super) async fn invitation(
    conn: &mut PgConnection,
    message: &Message,
    link: String,
) -> Result<Option<InvitationNotice>> {
    let name = sqlx::query_scalar!(
        r#"select client_short_name(c) as "name!" from link_invitation i join client c on c.id = i.client_id
            where i.id = $1 and i.accepted_at is null and i.revoked_at is null and i.expires_at > now()"#,
        message.subject
    );
    Ok(name.fetch_optional(conn).await?.map(|name| InvitationNotice { name: one_line(&name), link }))
}

/// The address that was typed, while the invitation is open. Whose it is is not asked.
pub(super) async fn of_invitation(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select null::uuid as "client?: ClientId", false as "linked!", i.email::text as "address!",
                  '' as "first_name!", null::text as "zone?", false as "has_login!", null::text as "language?", null::text as "withheld?: WhyNot"
             from link_invitation i join client c on c.id = i.client_id
            where i.id = $1 and i.accepted_at is null and i.revoked_at is null and i.expires_at > now() and c.status = 'active'"#,
        message.subject
    )
    .fetch_all(conn)
    .await?)
}

/// The two of a link, each with an address and consent to mail.
pub(super) async fn of_change(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select c.id as "client?: ClientId", false as "linked!", coalesce(c.email::text, '') as "address!",
                  client_short_name(c) as "first_name!", c.zone as "zone?",
                  (select client_login from practice) and exists (select from account where client_id = c.id) as "has_login!",
                  c.language as "language?",
                  link_is_withheld_from(c.id, case when c.id = e.client_low then e.client_high else e.client_low end)
                      as "withheld?: WhyNot"
             from client_link_event e
             join client c on c.id in (e.client_low, e.client_high)
            where e.id = $1 and c.erased_at is null
            order by c.id"#,
        message.subject
    )
    .fetch_all(conn)
    .await?)
}

/// That someone comes of age: the message is about the entry of the link's history that stood then.
/// `None` once the day has passed or is another, or the other may do nothing for them any more.
pub(super) async fn coming_of_age(conn: &mut PgConnection, message: &Message) -> Result<Option<LinkNotice>> {
    let row = sqlx::query!(
        r#"select client_short_name(c) as "name!", o.on_day, client_short_name(h) as "holder!",
                  g.may_book, g.may_forms, g.gets_copies, g.may_packages,
                  (select zone from practice) as "zone!"
             from client_link_event e
             join coming_of_age o on o.client_id = $3 and o.client_id in (e.client_low, e.client_high)
             join client c on c.id = o.client_id
             join client_grant g on g.subject = c.id
                                and g.holder = case when e.client_low = c.id then e.client_high else e.client_low end
             join client h on h.id = g.holder
            where e.id = $1 and o.done_at is null and o.announcements = $2
              and c.birth_date is not null
              and of_age_on(c.birth_date, (select age_of_majority from practice)) = o.on_day"#,
        message.subject,
        message.version,
        message.client.map(|id| id.0)
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let may = Grants {
        book: row.may_book.unwrap_or_default(),
        forms: row.may_forms.unwrap_or_default(),
        copies: row.gets_copies.unwrap_or_default(),
        packages: row.may_packages.unwrap_or_default(),
    };
    let (name, holder) = (one_line(&row.name), one_line(&row.holder));
    let steps: Vec<Step> = Permission::ALL
        .iter()
        .filter(|permission| may.has(**permission))
        .map(|permission| Step {
            holder: holder.clone(),
            subject: name.clone(),
            permission: *permission,
            news: News::WillEnd,
        })
        .collect();
    if steps.is_empty() {
        return Ok(None);
    }
    let day = Some((row.on_day, Zone::stored(&row.zone)));
    Ok(Some(LinkNotice { text: Text::ComingOfAge, people: vec![name], day, steps }))
}
