//! The words of every mail; values come in as they are and are made
//! safe here, by [`one_line`].

use super::phrases::{self, phrases};
use super::recipients::Recipient;
use super::text::{one_line, subject};
use super::texts::{Texts, fallback};
use crate::Result;
use crate::time::{Beside, Zone};
use crate::visits::Invitation;
use chrono::{DateTime, Utc};
use shared::sms::Keyword;
use shared::texts::{Language, Placeholder, Text, TextChannel, fill};
use sqlx::PgConnection;

/// Subject and plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mail {
    pub subject: String,
    pub body: String,
}

/// What mail needs of the practice.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    pub name: String,
    /// The words that it writes.
    pub texts: Texts,
    /// How the practice is reached; empty for what was not given.
    pub phone: String,
    pub email: String,
    pub website: String,
    pub address: String,
}

impl Sender {
    pub(super) async fn load(conn: &mut PgConnection) -> Result<Sender> {
        let row =
            sqlx::query!("select name, phone, email, website, address from practice").fetch_one(&mut *conn).await?;
        Ok(Sender {
            name: row.name,
            texts: Texts::load(conn).await?,
            phone: row.phone,
            email: row.email,
            website: row.website,
            address: row.address,
        })
    }

    /// The foot of every mail: who writes, and how they are reached.
    fn foot(&self) -> String {
        let mut lines = vec![one_line(&self.name)];
        lines.extend([&self.phone, &self.email, &self.website, &self.address].map(|text| one_line(text)));
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }

    /// The text, and the foot below it.
    pub(super) fn signed(&self, text: &str) -> String {
        format!("{}\n\n-- \n{}\n", text.trim_end(), self.foot())
    }
}

/// What is told of an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// It waits for the practice's answer.
    Requested,
    Declined,
    Confirmed,
    Changed,
    Cancelled,
    Reminder,
}

impl News {
    /// Nothing takes place.
    pub(super) fn is_over(self) -> bool {
        matches!(self, News::Cancelled | News::Declined)
    }
}

/// An appointment, as far as mail tells of it.
#[derive(Debug, Clone)]
pub(super) struct AppointmentNotice {
    pub news: News,
    pub service: String,
    /// Of the service; empty if there is none.
    pub description: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    /// The venue's IANA zone when it was booked.
    pub zone: String,
    pub practitioner: String,
    pub location: String,
    pub address: String,
    /// How the person who attends is called.
    pub first_name: String,
    /// Their whole name: for themself only.
    pub name: String,
    /// The later ones of its series, which are told of together with it.
    pub later: Vec<DateTime<Utc>>,
}

/// About an appointment. A linked client's copy names the person by first
/// name and reveals nothing else: not who booked, nor who else is told.
/// `link` leads to what its reader may do about it.
pub(super) fn appointment(
    practice: &Sender,
    notice: &AppointmentNotice,
    to: &Recipient,
    base_url: &str,
    link: Option<&str>,
) -> Mail {
    let first_name = one_line(&notice.first_name);
    let when = date_and_time(notice, to.language);
    let values = [
        (Placeholder::FirstName, to.first_name.as_str()),
        (Placeholder::Person, &first_name),
        (Placeholder::When, &when),
        (Placeholder::Service, &notice.service),
        (Placeholder::Practitioner, &notice.practitioner),
        (Placeholder::Place, &notice.location),
    ];
    let mail = of(practice, text_of(notice.news, to.linked), to.language, &values);
    let mut lines: Vec<String> = mail.body.split('\n').map(str::to_owned).collect();
    facts(&mut lines, notice, to, to.language, link);
    foot(&mut lines, &[first_name], to.linked, to.has_login, to.language, base_url);
    Mail { body: lines.join("\n") + "\n", ..mail }
}

/// `Monday 9 March 2026, 9:30 am`, and how many more there are.
pub(super) fn date_and_time(notice: &AppointmentNotice, language: Language) -> String {
    let venue = Zone::stored(&notice.zone);
    let (date, clock) = (venue.date_in(language, notice.starts_at), venue.exact_clock_in(language, notice.starts_at));
    format!("{date}, {clock}{}", phrases::more(language, notice.later.len()))
}

/// Of one appointment: to the person, or to someone linked.
pub(super) const fn text_of(news: News, linked: bool) -> Text {
    match (news, linked) {
        (News::Requested, false) => Text::Requested,
        (News::Declined, false) => Text::Declined,
        (News::Confirmed, false) => Text::Confirmed,
        (News::Changed, false) => Text::Changed,
        (News::Cancelled, false) => Text::Cancelled,
        (News::Reminder, false) => Text::Reminder,
        (News::Requested, true) => Text::RequestedFor,
        (News::Declined, true) => Text::DeclinedFor,
        (News::Confirmed, true) => Text::ConfirmedFor,
        (News::Changed, true) => Text::ChangedFor,
        (News::Cancelled, true) => Text::CancelledFor,
        (News::Reminder, true) => Text::ReminderFor,
    }
}

/// Of several.
pub(super) const fn text_of_all(news: News) -> Text {
    match news {
        News::Requested => Text::AllRequested,
        News::Declined => Text::AllDeclined,
        News::Confirmed => Text::AllConfirmed,
        News::Changed => Text::AllChanged,
        News::Cancelled => Text::AllCancelled,
        News::Reminder => Text::AllReminder,
    }
}

/// Several appointments of one day, which one address is told of together; each as in its
/// own mail. There are at least two.
pub(super) fn family(
    practice: &Sender,
    parts: &[(&AppointmentNotice, &Recipient, Option<String>)],
    base_url: &str,
) -> Mail {
    let Some((notice, to, _)) = parts.first() else { return Mail { subject: String::new(), body: String::new() } };
    let language = to.language;
    let mut names: Vec<String> = Vec::new();
    let mut copies: Vec<String> = Vec::new();
    let mut lines = Vec::new();
    for (notice, to, link) in parts {
        let first_name = one_line(&notice.first_name);
        facts(&mut lines, notice, to, language, link.as_deref());
        if to.linked && !copies.contains(&first_name) {
            copies.push(first_name.clone());
        }
        if !names.contains(&first_name) {
            names.push(first_name);
        }
    }
    let has_login = parts.iter().any(|(_, to, _)| !to.linked && to.has_login);
    foot(&mut lines, &copies, !copies.is_empty(), has_login, language, base_url);
    let day = Zone::stored(&notice.zone).date_in(language, notice.starts_at);
    let (person, count) = (and(&names, language), phrases::appointments(language, parts.len()));
    let values = [
        (Placeholder::FirstName, to.first_name.as_str()),
        (Placeholder::Person, &person),
        (Placeholder::When, &day),
        (Placeholder::Count, &count),
    ];
    let mail = of(practice, text_of_all(notice.news), language, &values);
    Mail { body: format!("{}\n{}\n", mail.body, lines.join("\n")), ..mail }
}

/// `Ana, Leo and Mia`.
pub(super) fn and(names: &[String], language: Language) -> String {
    match names {
        [all @ .., last] if !all.is_empty() => format!("{}{}{last}", all.join(", "), phrases(language).and),
        names => names.concat(),
    }
}

/// The facts of the appointment and the link; an empty line at the end.
fn facts(lines: &mut Vec<String>, notice: &AppointmentNotice, to: &Recipient, language: Language, link: Option<&str>) {
    let venue = Zone::stored(&notice.zone);
    let cancelled = notice.news.is_over();
    let place: Vec<String> = [&notice.location, &notice.address]
        .into_iter()
        .map(|part| one_line(part))
        .filter(|part| !part.is_empty())
        .collect();
    let words = phrases(language);
    let minutes = (notice.ends_at - notice.starts_at).num_minutes();
    lines.push(format!("{}{}, {minutes} {}", words.what, one_line(&notice.service), words.minutes));
    let description = one_line(&notice.description);
    if !cancelled && !description.is_empty() {
        lines.push(format!("{}{description}", words.about));
    }
    lines.push(format!("{}{}", words.when, span(&venue, notice, language, Beside::Venue)));
    lines.extend(to.zone.as_deref().and_then(|zone| elsewhere(&venue, zone, notice, language)));
    if !notice.later.is_empty() {
        lines.push(if cancelled { words.also_cancelled } else { words.repeats }.to_owned());
        let date =
            |at: &DateTime<Utc>| format!("- {}, {}", venue.date_in(language, *at), venue.exact_clock_in(language, *at));
        lines.extend(notice.later.iter().map(date));
    }
    lines.push(venue.note_in(language));
    lines.push(format!("{}{}", words.with, one_line(&notice.practitioner)));
    lines.push(format!("{}{}", words.place, place.join(", ")));
    lines.push(format!("{}{}", words.person, one_line(if to.linked { &notice.first_name } else { &notice.name })));
    if let Some(link) = link {
        lines.push(String::new());
        lines.push(format!("{}{link}", words.act));
    }
    lines.push(String::new());
}

/// Why its reader gets it, and where they find all of theirs.
fn foot(lines: &mut Vec<String>, names: &[String], linked: bool, has_login: bool, language: Language, base_url: &str) {
    if linked {
        lines.push(phrases::copy_for(language, &and(names, language)));
        lines.push(String::new());
    } else if has_login {
        lines.push(format!("{}{base_url}/my/appointments", phrases(language).all_appointments));
        lines.push(String::new());
    }
}

/// How a visit by video is joined: by a link of ours, never by the address of its room.
pub(super) fn visit(visit: &Invitation, language: Language, base_url: &str) -> String {
    let (Invitation { secret, code }, words) = (visit, phrases(language));
    format!("{}\n{base_url}/visit/{}\n{}{code}\n\n", words.visit, secret.0, words.code)
}

/// `Monday 9 March 2026, 9:30 am to 10:20 am`; with offsets where [`Zone::span_words`] has them.
fn span(zone: &Zone, notice: &AppointmentNotice, language: Language, beside: Beside<'_>) -> String {
    format!(
        "{}, {}",
        zone.date_in(language, notice.starts_at),
        zone.span_in(language, notice.starts_at, notice.ends_at, beside)
    )
}

/// The same in the recipient's own zone, if their clocks then show another time.
fn elsewhere(venue: &Zone, own: &str, notice: &AppointmentNotice, language: Language) -> Option<String> {
    let own = Zone::parse(own).ok()?;
    let differs = |at| own.local(at) != venue.local(at);
    (differs(notice.starts_at) || differs(notice.ends_at))
        .then(|| format!("{}{}", phrases(language).own_zone, span(&own, notice, language, Beside::Other(venue))))
}

/// A text message about appointments of one day that are told in the same way: time, place,
/// practice and link, and no names.
pub(super) fn sms(
    practice: &Sender,
    text: Text,
    notices: &[&AppointmentNotice],
    language: Language,
    link: Option<&str>,
) -> String {
    let Some(first) = notices.first() else { return String::new() };
    let venue = Zone::stored(&first.zone);
    let mut clocks: Vec<String> = Vec::new();
    for notice in notices {
        let clock = venue.exact_clock_in(language, notice.starts_at);
        if !clocks.contains(&clock) {
            clocks.push(clock);
        }
    }
    let more = phrases::more(language, if notices.len() == 1 { first.later.len() } else { 0 });
    let when = format!("{}, {}{more}", venue.short_date_in(language, first.starts_at), and(&clocks, language));
    sms_of(practice, text, language, &when, &first.location, notices.len(), link)
}

/// A text message, in letters that do not make it longer where they can be avoided.
pub(super) fn sms_of(
    practice: &Sender,
    text: Text,
    language: Language,
    when: &str,
    place: &str,
    count: usize,
    link: Option<&str>,
) -> String {
    let count = phrases::appointments(language, count);
    let values = [
        (Placeholder::When, when),
        (Placeholder::Place, place),
        (Placeholder::Count, &count),
        (Placeholder::Link, link.unwrap_or_default()),
    ];
    let (_, body) = written(practice, text, TextChannel::Sms, language, &values);
    shared::sms::plain(&one_line(&body))
}

/// What STOP and START are answered with.
pub(super) fn sms_answer(practice: &str, asks: Keyword, language: Language) -> String {
    let practice = one_line(practice);
    let words = match (asks, language) {
        (Keyword::Stop, Language::English) => {
            format!(
                "{practice}: you won’t get more text messages. Your appointments stay booked. Reply START to get texts again."
            )
        }
        (Keyword::Stop, Language::French) => {
            format!(
                "{practice} : vous ne recevrez plus de messages texte. Vos rendez-vous restent pris. Répondez START pour les recevoir de nouveau."
            )
        }
        (Keyword::Start, Language::English) => {
            format!("{practice}: you get text messages again. Reply STOP to end them.")
        }
        (Keyword::Start, Language::French) => {
            format!("{practice} : vous recevez de nouveau des messages texte. Répondez STOP pour ne plus en recevoir.")
        }
    };
    shared::sms::plain(&words)
}

/// A time that is offered to someone who waits.
#[derive(Debug, Clone)]
pub(super) struct OfferNotice {
    pub service: String,
    pub practitioner: String,
    pub location: String,
    pub address: String,
    /// The venue's IANA zone.
    pub zone: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub lapses_at: DateTime<Utc>,
    /// How the person who waits is called.
    pub first_name: String,
    /// The start of the appointment that would be moved.
    pub moves: Option<DateTime<Utc>>,
    pub link: String,
}

/// With the link that answers it. To a linked client it names the person by first name.
pub(super) fn offer(practice: &Sender, notice: &OfferNotice, to: &Recipient) -> Mail {
    let (venue, language) = (Zone::stored(&notice.zone), to.language);
    let words = phrases(language);
    let date = |at| format!("{}, {}", venue.date_in(language, at), venue.exact_clock_in(language, at));
    let when = date(notice.starts_at);
    let values = [
        (Placeholder::FirstName, to.first_name.as_str()),
        (Placeholder::Person, &notice.first_name),
        (Placeholder::When, &when),
        (Placeholder::Service, &notice.service),
        (Placeholder::Practitioner, &notice.practitioner),
        (Placeholder::Place, &notice.location),
    ];
    let mail = of(practice, if to.linked { Text::OfferFor } else { Text::Offer }, language, &values);
    let place = [&notice.location, &notice.address].map(|part| one_line(part));
    let place: Vec<String> = place.into_iter().filter(|part| !part.is_empty()).collect();
    let span = venue.span_in(language, notice.starts_at, notice.ends_at, Beside::Venue);
    let mut lines = vec![
        format!("{}{}", words.what, one_line(&notice.service)),
        format!("{}{}, {span}", words.when, venue.date_in(language, notice.starts_at)),
        venue.note_in(language),
        format!("{}{}", words.with, one_line(&notice.practitioner)),
        format!("{}{}", words.place, place.join(", ")),
        String::new(),
    ];
    lines.extend(notice.moves.map(|at| phrases::moves(language, &date(at))));
    lines.push(format!("{}{}:", words.answer_by, date(notice.lapses_at)));
    lines.extend([String::new(), notice.link.clone(), String::new(), words.kept.to_owned()]);
    Mail { body: format!("{}\n{}\n", mail.body, lines.join("\n")), ..mail }
}

/// The practice's own words, with the claim link in the body alone: a
/// subject shows where a body does not.
pub(super) fn welcome(to: &Recipient, practice: &Sender, link: &str) -> Mail {
    let values = |link| [(Placeholder::FirstName, to.first_name.as_str()), (Placeholder::Link, link)];
    let (title, _) = written(practice, Text::Welcome, TextChannel::Email, to.language, &values("{link}"));
    let (_, body) = written(practice, Text::Welcome, TextChannel::Email, to.language, &values(link));
    Mail { subject: subject(&title), body }
}

pub(super) fn reset(to: &Recipient, practice: &Sender, username: &str, link: &str) -> Mail {
    let values = [
        (Placeholder::FirstName, to.first_name.as_str()),
        (Placeholder::Username, username),
        (Placeholder::Link, link),
    ];
    of(practice, Text::Reset, to.language, &values)
}

/// To the address from before. It says neither whose account it is nor what the
/// address is now: the old one may have been mistyped, or the new one a thief's.
/// `link` undoes it, where the client made it themselves.
pub(super) fn address_change(to: &Recipient, practice: &Sender, link: Option<&str>) -> Mail {
    let mail = of(practice, Text::AddressChange, to.language, &[]);
    let Some(link) = link else { return mail };
    let words = match to.language {
        Language::English => "This was not me: within 7 days this link brings your address back and ends every login.",
        Language::French => {
            "Ce n’était pas moi : pendant 7 jours, ce lien rétablit votre adresse et ferme toutes les sessions."
        }
    };
    Mail { body: format!("{}\n\n{words}\n{link}\n", mail.body.trim_end()), ..mail }
}

/// To the new address. Whose account it is it does not say: the address may be mistyped.
pub(super) fn address_confirmation(to: &Recipient, practice: &Sender, link: &str) -> Mail {
    of(practice, Text::AddressConfirmation, to.language, &[(Placeholder::Link, link)])
}

/// That something is there for the reader, or about `person`, and where: never what.
pub(super) fn to_open(practice: &Sender, text: Text, to: &Recipient, person: &str, link: &str) -> Mail {
    let values =
        [(Placeholder::FirstName, to.first_name.as_str()), (Placeholder::Person, person), (Placeholder::Link, link)];
    of(practice, text, to.language, &values)
}

/// To a staff member, with the link that lets them choose a password.
pub(super) fn invitation(to: &Recipient, practice: &Sender, link: &str) -> Mail {
    let values = [(Placeholder::FirstName, to.first_name.as_str()), (Placeholder::Link, link)];
    of(practice, Text::Invitation, to.language, &values)
}

/// Without the name that was typed: until the link is followed it is a stranger's
/// words, and this goes to whatever address they typed.
pub(super) fn registration(to: &Recipient, practice: &Sender, link: &str) -> Mail {
    of(practice, Text::Registration, to.language, &[(Placeholder::Link, link)])
}

/// Mail about a login, between the greeting and the signature of [`Text::Login`]: what stands between
/// is not the practice's to write.
pub(super) fn framed(practice: &Sender, mail: Mail, to: &Recipient) -> Mail {
    let values = [(Placeholder::FirstName, to.first_name.as_str())];
    let (greeting, signature) = written(practice, Text::Login, TextChannel::Email, to.language, &values);
    let words = mail.body.split_once("\n\n").map_or(mail.body.as_str(), |(_, words)| words);
    Mail { body: format!("{greeting}\n\n{}\n\n{signature}", words.trim_end()), ..mail }
}

/// A text with its values, each made safe as one line; the practice's name is always there.
pub(super) fn of(practice: &Sender, text: Text, language: Language, values: &[(Placeholder, &str)]) -> Mail {
    let (title, body) = written(practice, text, TextChannel::Email, language, values);
    Mail { subject: subject(&title), body }
}

/// Subject and text of a channel, filled in; the text ends with a line end.
pub(super) fn written(
    practice: &Sender,
    text: Text,
    channel: TextChannel,
    language: Language,
    values: &[(Placeholder, &str)],
) -> (String, String) {
    let practice_name = (Placeholder::Practice, practice.name.as_str());
    let safe: Vec<(Placeholder, String)> =
        values.iter().chain(Some(&practice_name)).map(|(of, value)| (*of, one_line(value))).collect();
    let safe: Vec<(Placeholder, &str)> = safe.iter().map(|(of, value)| (*of, value.as_str())).collect();
    let (title, body) = practice.texts.words(text, channel, language);
    let filled = |words| fill(words, &safe, fallback(language));
    (filled(title), filled(body).trim_end().to_owned() + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::texts::Words;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn notice() -> AppointmentNotice {
        AppointmentNotice {
            news: News::Confirmed,
            service: "Physiotherapy".into(),
            description: String::new(),
            starts_at: at("2026-03-09T13:30:00Z"),
            ends_at: at("2026-03-09T14:20:00Z"),
            zone: "America/Toronto".into(),
            practitioner: "Sam Chen".into(),
            location: "Main clinic".into(),
            address: "12 King Street\nToronto".into(),
            first_name: "Mia".into(),
            name: "Mia Okafor".into(),
            later: Vec::new(),
        }
    }

    fn to(linked: bool, zone: &str) -> Recipient {
        Recipient {
            address: "a@example.com".into(),
            client: None,
            linked,
            first_name: "Ana".into(),
            zone: Some(zone.into()),
            has_login: true,
            language: Language::English,
        }
    }

    fn practice() -> Sender {
        Sender {
            name: "Elm".into(),
            texts: Texts::with(vec![(
                Text::Welcome,
                TextChannel::Email,
                Language::English,
                Words { subject: "Welcome to {practice} {link}".into(), body: "Hello {first_name}: {link}".into() },
            )]),
            phone: "416 555 0123".into(),
            email: String::new(),
            website: "https://elm.example".into(),
            address: "12 King Street\nToronto".into(),
        }
    }

    #[test]
    fn every_mail_says_who_writes_and_how_they_are_reached() {
        assert_eq!(
            practice().signed("Hello\n\n"),
            "Hello\n\n-- \nElm\n416 555 0123\nhttps://elm.example\n12 King Street Toronto\n"
        );
        let silent = Sender { phone: String::new(), website: String::new(), address: String::new(), ..practice() };
        assert_eq!(silent.signed("Hello"), "Hello\n\n-- \nElm\n");
    }

    #[test]
    fn the_time_is_the_venues_and_the_recipients() {
        let mail = appointment(&practice(), &notice(), &to(false, "America/Toronto"), "https://k.test", None);
        assert_eq!(mail.subject, "Appointment confirmed: Monday 9 March 2026, 9:30 am");
        assert!(mail.body.contains("When: Monday 9 March 2026, 9:30 am to 10:20 am\nTimes are in Toronto time.\nWith: Sam Chen\nWhere: Main clinic, 12 King Street Toronto\nFor: Mia Okafor\n"));
        let mail = appointment(&practice(), &notice(), &to(false, "Asia/Tokyo"), "https://k.test", None);
        assert!(mail.body.contains("In your time zone: Monday 9 March 2026, 10:30 pm to 11:20 pm (UTC+9)\n"));
        // Other names of the same time say nothing new.
        assert!(
            !appointment(&practice(), &notice(), &to(false, "America/New_York"), "", None)
                .body
                .contains("In your time zone")
        );
    }

    #[test]
    fn a_clock_change_in_between_shows() {
        let notice = AppointmentNotice {
            starts_at: at("2026-11-01T05:30:00Z"),
            ends_at: at("2026-11-01T06:30:00Z"),
            ..notice()
        };
        let mail = appointment(&practice(), &notice, &to(false, "America/Toronto"), "", None);
        assert!(mail.body.contains("1:30 am (UTC−4) to 1:30 am (UTC−5)"), "{}", mail.body);
    }

    #[test]
    fn a_confirmation_describes_the_service_on_one_line() {
        let notice = AppointmentNotice { description: "Bring <shoes>.\nNo food.".into(), ..notice() };
        let mail = appointment(&practice(), &notice, &to(false, "America/Toronto"), "", None);
        assert!(mail.body.contains("50 minutes\nAbout it: Bring <shoes>. No food.\nWhen: "), "{}", mail.body);
        let cancelled = appointment(
            &practice(),
            &AppointmentNotice { news: News::Cancelled, ..notice },
            &to(false, "America/Toronto"),
            "",
            None,
        );
        assert!(!cancelled.body.contains("About it"));
    }

    #[test]
    fn a_copy_names_the_client_and_nothing_more() {
        let mail = appointment(
            &practice(),
            &AppointmentNotice { news: News::Cancelled, ..notice() },
            &to(true, "America/Toronto"),
            "https://k.test",
            None,
        );
        assert!(mail.subject.starts_with("Appointment cancelled for Mia: "));
        assert!(mail.body.contains("An appointment for Mia is cancelled.") && !mail.body.contains("Okafor"));
        assert!(!mail.body.contains("https://"));
    }

    #[test]
    fn no_value_forges_a_line_or_a_header() {
        let evil = "Mia\r\nBcc: x@example.com\r\n\r\nPay at https://evil.test";
        let notice = AppointmentNotice { first_name: evil.into(), name: evil.into(), service: evil.into(), ..notice() };
        for linked in [false, true] {
            let mail = appointment(&practice(), &notice, &to(linked, "America/Toronto"), "", None);
            assert!(
                !mail.subject.contains(['\r', '\n']) && !mail.body.contains("\nBcc") && !mail.body.contains("\nPay")
            );
        }
        let mail = welcome(
            &Recipient { first_name: "{link}\r\nBcc: x".into(), ..to(false, "UTC") },
            &practice(),
            "https://k.test/claim/s",
        );
        assert_eq!(mail.subject, "Welcome to Elm {link}");
        assert_eq!(mail.body, "Hello {link} Bcc: x: https://k.test/claim/s\n");
    }
}
