//! The words of messages as a practice writes them: versions, each with who and when, and
//! what a reader would get.

use super::compose::{self, AppointmentNotice, Mail, News, OfferNotice, Sender};
use super::phrases;
use super::recipients::Recipient;
use super::texts::built_in;
use crate::practice::practice_zone;
use crate::time::Zone;
use crate::{Actor, PgPool, Result, audit, authz, new_id};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use shared::texts::{Language, Placeholder, Text, TextChannel, TextForm, Words};
use shared::{ClientNumber, Refusal};
use sqlx::PgConnection;
use uuid::Uuid;

/// Earlier versions that are shown.
const VERSIONS: i64 = 30;

/// A text of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextRow {
    pub text: Text,
    pub channel: TextChannel,
    pub language: Language,
    /// When the practice wrote its own words, and who did; `None`: the built-in ones are sent.
    pub own: Option<(DateTime<Utc>, String)>,
}

/// A version of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextVersion {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub by: String,
    /// `None`: back to the built-in words.
    pub words: Option<Words>,
}

/// One text with its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextShown {
    /// Those that are sent.
    pub words: Words,
    pub original: Words,
    pub is_own: bool,
    /// The newest first.
    pub versions: Vec<TextVersion>,
}

impl TextShown {
    /// What a save is made from: 0 if nothing was ever saved.
    pub fn version(&self) -> i64 {
        self.versions.first().map_or(0, |version| version.id)
    }
}

/// Every text that may be edited, in order. The English welcome is written in its own place.
/// Administrators only.
pub async fn texts(pool: &PgPool, actor: &Actor) -> Result<Vec<TextRow>> {
    actor.administrator()?;
    let rows = sqlx::query!(
        r#"select distinct on (t.text, t.channel, t.language) t.text as "text: Text", t.channel as "channel: TextChannel",
                  t.language as "language: Language", t.original, t.made_at, s.first_name || ' ' || s.last_name as "by!"
             from message_text t join staff_member s on s.id = t.made_by
            order by t.text, t.channel, t.language, t.id desc"#
    )
    .fetch_all(pool)
    .await?;
    let mut all = Vec::new();
    for text in Text::ALL.iter().copied().filter(|text| text.is_editable()) {
        for channel in text.channels().iter().copied() {
            for language in Language::ALL.iter().copied() {
                let newest = rows.iter().find(|row| (row.text, row.channel, row.language) == (text, channel, language));
                let own = newest.filter(|row| !row.original).map(|row| (row.made_at, row.by.clone()));
                all.push(TextRow { text, channel, language, own });
            }
        }
    }
    Ok(all)
}

/// [`Refusal::NotFound`] for what is not written here.
fn check(text: Text, channel: TextChannel, language: Language) -> Result<()> {
    let elsewhere = text == Text::Welcome && language == Language::English;
    match text.is_editable() && text.channels().contains(&channel) && !elsewhere {
        true => Ok(()),
        false => Err(Refusal::NotFound.into()),
    }
}

/// One text. Administrators only.
pub async fn text(
    pool: &PgPool,
    actor: &Actor,
    text: Text,
    channel: TextChannel,
    language: Language,
) -> Result<TextShown> {
    actor.administrator()?;
    check(text, channel, language)?;
    shown(&mut *pool.acquire().await?, text, channel, language).await
}

async fn shown(conn: &mut PgConnection, text: Text, channel: TextChannel, language: Language) -> Result<TextShown> {
    let rows = sqlx::query!(
        r#"select t.id, t.made_at, t.original, t.subject, t.body, s.first_name || ' ' || s.last_name as "by!"
             from message_text t join staff_member s on s.id = t.made_by
            where t.text = $1 and t.channel = $2 and t.language = $3
            order by t.id desc limit $4"#,
        text.as_str(),
        channel.as_str(),
        language.as_str(),
        VERSIONS
    )
    .fetch_all(conn)
    .await?;
    let versions: Vec<TextVersion> = rows
        .into_iter()
        .map(|row| TextVersion {
            id: row.id,
            at: row.made_at,
            by: row.by,
            words: (!row.original).then_some(Words { subject: row.subject, body: row.body }),
        })
        .collect();
    let (subject, body) = built_in(text, channel, language);
    let original = Words { subject: subject.to_owned(), body: body.trim_end().to_owned() };
    let own = versions.first().and_then(|version| version.words.clone());
    Ok(TextShown { is_own: own.is_some(), words: own.unwrap_or_else(|| original.clone()), original, versions })
}

/// Saves words as the newest version; [`Refusal::Stale`] when another was saved since the
/// form was shown. Administrators only.
pub async fn save_text(
    pool: &PgPool,
    actor: &Actor,
    text: Text,
    channel: TextChannel,
    language: Language,
    form: &TextForm,
) -> Result<()> {
    actor.administrator()?;
    check(text, channel, language)?;
    let (words, seen) = form.parse(text, channel)?;
    let mut tx = pool.begin().await?;
    let stored = lock(&mut tx, text, channel, language).await?;
    if stored.words == words {
        return Ok(());
    }
    if stored.version() != seen {
        return Err(Refusal::Stale.into());
    }
    let words = (words != stored.original).then_some(words);
    insert(&mut tx, actor, text, channel, language, words).await?;
    Ok(tx.commit().await?)
}

/// Makes an earlier version the newest again; the built-in words if `version` is 0.
/// [`Refusal::Stale`] when another was saved since `seen`; at `body` and `subject` what this
/// version of the program does not fill in. Administrators only.
pub async fn restore_text(
    pool: &PgPool,
    actor: &Actor,
    text: Text,
    channel: TextChannel,
    language: Language,
    version: i64,
    seen: i64,
) -> Result<()> {
    actor.administrator()?;
    check(text, channel, language)?;
    let mut tx = pool.begin().await?;
    let stored = lock(&mut tx, text, channel, language).await?;
    let words = match version {
        0 => None,
        id => stored.versions.iter().find(|one| one.id == id).ok_or(Refusal::NotFound)?.words.clone(),
    };
    if words.as_ref().unwrap_or(&stored.original) == &stored.words {
        return Ok(());
    }
    if stored.version() != seen {
        return Err(Refusal::Stale.into());
    }
    if let Some(Words { subject, body }) = words.clone() {
        TextForm { subject, body, version: String::new() }.parse(text, channel)?;
    }
    insert(&mut tx, actor, text, channel, language, words).await?;
    Ok(tx.commit().await?)
}

/// The text as it is, held until the transaction ends.
async fn lock(conn: &mut PgConnection, text: Text, channel: TextChannel, language: Language) -> Result<TextShown> {
    sqlx::query!("lock table message_text in share row exclusive mode").execute(&mut *conn).await?;
    shown(conn, text, channel, language).await
}

async fn insert(
    conn: &mut PgConnection,
    actor: &Actor,
    text: Text,
    channel: TextChannel,
    language: Language,
    words: Option<Words>,
) -> Result<()> {
    let original = words.is_none();
    let words = words.unwrap_or(Words { subject: String::new(), body: String::new() });
    sqlx::query!(
        "insert into message_text (text, channel, language, original, subject, body, made_by)
         values ($1, $2, $3, $4, $5, $6, $7)",
        text.as_str(),
        channel.as_str(),
        language.as_str(),
        original,
        words.subject,
        words.body,
        actor.id()
    )
    .execute(&mut *conn)
    .await?;
    let field = format!("{} {} {}", text.as_str(), channel.as_str(), language.as_str());
    audit::append(conn, actor, "change", "message_text", Uuid::nil(), &[&field]).await
}

/// The language for everyone whose own there are no words for.
pub async fn mail_language(pool: &PgPool) -> Result<Language> {
    Ok(sqlx::query_scalar!(r#"select mail_language as "language: Language" from practice"#).fetch_one(pool).await?)
}

/// Saves it. Administrators only.
pub async fn save_mail_language(pool: &PgPool, actor: &Actor, language: Language) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    let changed = sqlx::query!(
        "update practice set mail_language = $1, version = version + 1 where mail_language <> $1",
        language.as_str()
    )
    .execute(&mut *tx)
    .await?;
    if changed.rows_affected() > 0 {
        audit::append(&mut tx, actor, "change", "practice", Uuid::nil(), &["mail_language"]).await?;
    }
    Ok(tx.commit().await?)
}

/// What is previewed.
#[derive(Debug, Clone)]
pub struct Previewed {
    pub text: Text,
    pub channel: TextChannel,
    pub language: Language,
    /// Also those that are not saved.
    pub words: Words,
    /// A client that the administrator may see; `None`: one who is made up.
    pub client: Option<ClientNumber>,
}

/// What a reader would get: subject and text of mail, or a text message without subject.
pub async fn preview(pool: &PgPool, actor: &Actor, of: &Previewed, base_url: &str) -> Result<(String, String)> {
    actor.administrator()?;
    check(of.text, of.channel, of.language)?;
    let mut conn = pool.acquire().await?;
    let mail = sample(&mut conn, actor, of, base_url).await?;
    Ok((mail.subject, mail.body))
}

/// Mails a text, filled in for someone made up, to the administrator who asks.
pub async fn send_test(pool: &PgPool, actor: &Actor, text: Text, language: Language, base_url: &str) -> Result<()> {
    let staff = actor.administrator()?.staff().id();
    check(text, TextChannel::Email, language)?;
    let mut tx = pool.begin().await?;
    let words = shown(&mut tx, text, TextChannel::Email, language).await?.words;
    let of = Previewed { text, channel: TextChannel::Email, language, words, client: None };
    let mail = sample(&mut tx, actor, &of, base_url).await?;
    let id = new_id();
    sqlx::query!(
        "insert into message (id, kind, staff_id, subject_kind, subject_id, state, finished_at)
         values ($1, 'test', $2, 'test', $1, 'done', now())",
        id,
        staff.0
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into message_copy (id, message_id, address, subject, body)
         select $1, $2, lower(trim(email::text))::citext, $4, $5 from staff_member where id = $3",
        new_id(),
        id,
        staff.0,
        mail.subject,
        mail.body
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, actor, "test", "message_text", Uuid::nil(), &[text.as_str()]).await?;
    Ok(tx.commit().await?)
}

struct Person {
    first_name: String,
    name: String,
    zone: String,
}

async fn sample(conn: &mut PgConnection, actor: &Actor, of: &Previewed, base_url: &str) -> Result<Mail> {
    let mut practice = Sender::load(&mut *conn).await?;
    practice.texts.put(of.text, of.channel, of.language, of.words.clone());
    let zone = practice_zone(&mut *conn).await?;
    let person = match of.client {
        Some(number) => person(conn, actor, number).await?,
        None => Person { first_name: "Mia".into(), name: "Mia Okafor".into(), zone: zone.name().to_owned() },
    };
    let notice = appointment(conn, &person, &zone).await?;
    let linked = matches!(
        of.text,
        Text::RequestedFor
            | Text::DeclinedFor
            | Text::ConfirmedFor
            | Text::ChangedFor
            | Text::CancelledFor
            | Text::ReminderFor
            | Text::OfferFor
            | Text::RequestFor
            | Text::RequestReminderFor
            | Text::DocumentFor
    );
    let to = Recipient {
        address: String::new(),
        client: None,
        linked,
        first_name: if linked { "Ana".to_owned() } else { person.first_name.clone() },
        zone: Some(person.zone.clone()),
        has_login: true,
        language: of.language,
    };
    let link = |path: &str| format!("{base_url}/{path}/0123456789abcdef");
    if of.channel == TextChannel::Sms {
        let several = news(of.text) && compose::text_of_all(notice_news(of.text)) == of.text;
        let notices = if several { vec![&notice, &notice] } else { vec![&notice] };
        let body = compose::sms(&practice, of.text, &notices, of.language, Some(&link("m")));
        return Ok(Mail { subject: String::new(), body });
    }
    let mail = match of.text {
        Text::Welcome => compose::welcome(&to, &practice, &link("claim")),
        Text::Login => compose::framed(&practice, compose::reset(&to, &practice, "mia", &link("reset")), &to),
        Text::Offer | Text::OfferFor => compose::offer(&practice, &offered(&notice, link("offers")), &to),
        Text::Request | Text::RequestFor | Text::RequestReminder | Text::RequestReminderFor => {
            compose::to_open(&practice, of.text, &to, &person.first_name, &format!("{base_url}/my/requests"))
        }
        Text::Document | Text::DocumentFor => {
            compose::to_open(&practice, of.text, &to, &person.first_name, &format!("{base_url}/my/documents"))
        }
        text if news(text) => {
            let notice = AppointmentNotice { news: notice_news(text), ..notice };
            let open = (!notice.news.is_over()).then(|| link("m"));
            match compose::text_of_all(notice.news) == text {
                true => {
                    let other = AppointmentNotice {
                        starts_at: notice.starts_at + TimeDelta::hours(1),
                        ends_at: notice.ends_at + TimeDelta::hours(1),
                        first_name: "Leo".into(),
                        name: "Leo Okafor".into(),
                        ..notice.clone()
                    };
                    compose::family(&practice, &[(&notice, &to, open.clone()), (&other, &to, open)], base_url)
                }
                false => compose::appointment(&practice, &notice, &to, base_url, open.as_deref()),
            }
        }
        // To staff: the words before the list.
        text => {
            let (when, count) = (compose::date_and_time(&notice, of.language), phrases::appointments(of.language, 3));
            let values = [
                (Placeholder::FirstName, actor.name().split(' ').next().unwrap_or_default()),
                (Placeholder::When, &when),
                (Placeholder::Count, &count),
            ];
            compose::of(&practice, text, of.language, &values)
        }
    };
    Ok(Mail { body: practice.signed(&mail.body), ..mail })
}

/// Whether it is about a client's appointment.
const fn news(text: Text) -> bool {
    use shared::messages::MessageKind::{Cancellation, Change, Confirmation, Reminder};
    matches!(text.kind(), Confirmation | Change | Cancellation | Reminder)
}

const fn notice_news(text: Text) -> News {
    match text {
        Text::Requested | Text::RequestedFor | Text::AllRequested => News::Requested,
        Text::Declined | Text::DeclinedFor | Text::AllDeclined => News::Declined,
        Text::Changed | Text::ChangedFor | Text::AllChanged => News::Changed,
        Text::Cancelled | Text::CancelledFor | Text::AllCancelled => News::Cancelled,
        Text::Reminder | Text::ReminderFor | Text::AllReminder => News::Reminder,
        _ => News::Confirmed,
    }
}

async fn person(conn: &mut PgConnection, actor: &Actor, number: ClientNumber) -> Result<Person> {
    let client = match authz::readable(conn, actor, number).await {
        Err(crate::Error::Refused(Refusal::NotFound)) => {
            return Err(Refusal::field("client", shared::Problem::Unknown).into());
        }
        found => found?,
    };
    let row = sqlx::query!(
        r#"select client_short_name(c) as "first_name!", client_name(c) as "name!", zone from client c where id = $1"#,
        client.id().0
    )
    .fetch_one(conn)
    .await?;
    Ok(Person { first_name: row.first_name, name: row.name, zone: row.zone })
}

/// Tomorrow, with what the practice has.
async fn appointment(conn: &mut PgConnection, person: &Person, zone: &Zone) -> Result<AppointmentNotice> {
    let row = sqlx::query!(
        r#"select (select name from service where active order by name limit 1) as service,
                  (select first_name || ' ' || last_name from staff_member
                    where active and 'practitioner' = any (roles) order by last_name limit 1) as practitioner,
                  l.name as "location?", l.address as "address?"
             from (select 1) one
             left join lateral (select name, address from location where active order by main desc, name limit 1) l on true"#
    )
    .fetch_one(conn)
    .await?;
    let tomorrow = zone.date(Utc::now()) + Days::new(1);
    let starts_at = zone.instant(tomorrow.and_time(NaiveTime::from_hms_opt(9, 30, 0).unwrap_or_default()));
    Ok(AppointmentNotice {
        news: News::Confirmed,
        service: row.service.unwrap_or_else(|| "Counselling".to_owned()),
        description: String::new(),
        starts_at,
        ends_at: starts_at + TimeDelta::minutes(50),
        zone: zone.name().to_owned(),
        practitioner: row.practitioner.unwrap_or_else(|| "Sam Chen".to_owned()),
        location: row.location.unwrap_or_else(|| "Main clinic".to_owned()),
        address: row.address.unwrap_or_default(),
        first_name: person.first_name.clone(),
        name: person.name.clone(),
        later: Vec::new(),
    })
}

fn offered(notice: &AppointmentNotice, link: String) -> OfferNotice {
    OfferNotice {
        service: notice.service.clone(),
        practitioner: notice.practitioner.clone(),
        location: notice.location.clone(),
        address: notice.address.clone(),
        zone: notice.zone.clone(),
        starts_at: notice.starts_at,
        ends_at: notice.ends_at,
        lapses_at: notice.starts_at - TimeDelta::hours(18),
        first_name: notice.first_name.clone(),
        moves: None,
        link,
    }
}
