//! The texts of messages: which there are, what is filled into them, and what a practice may
//! write instead of the built-in words.

use crate::messages::MessageKind;
use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{Problem, Refusal};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// A language that there are built-in words for, by its tag.
    Language {
        English = "en", "English";
        French = "fr", "Français";
    }
}

impl Language {
    /// The first of the tags with words: each as it is, then its base (`fr-CA` is `fr`);
    /// English if none has any.
    pub fn first_of<'a>(tags: impl IntoIterator<Item = &'a str>) -> Language {
        let known = |tag: &str| {
            let base = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
            tag.parse().or_else(|_| base.parse()).ok()
        };
        tags.into_iter().find_map(known).unwrap_or(Language::English)
    }
}

vocabulary! {
    /// How a text is sent.
    TextChannel {
        Email = "email", "Email";
        Sms = "sms", "Text message";
    }
}

vocabulary! {
    /// What is told, and to which reader.
    Text {
        Requested = "requested", "Appointment requested";
        Declined = "declined", "Request declined";
        Confirmed = "confirmed", "Appointment confirmed";
        Changed = "changed", "Appointment changed";
        Cancelled = "cancelled", "Appointment cancelled";
        Reminder = "reminder", "Reminder";
        /// The copies for someone linked to the person.
        RequestedFor = "requested_for", "Appointment requested: copy";
        DeclinedFor = "declined_for", "Request declined: copy";
        ConfirmedFor = "confirmed_for", "Appointment confirmed: copy";
        ChangedFor = "changed_for", "Appointment changed: copy";
        CancelledFor = "cancelled_for", "Appointment cancelled: copy";
        ReminderFor = "reminder_for", "Reminder: copy";
        /// Several of one day.
        AllRequested = "all_requested", "Appointment requested: several";
        AllDeclined = "all_declined", "Request declined: several";
        AllConfirmed = "all_confirmed", "Appointment confirmed: several";
        AllChanged = "all_changed", "Appointment changed: several";
        AllCancelled = "all_cancelled", "Appointment cancelled: several";
        AllReminder = "all_reminder", "Reminder: several";
        Offer = "offer", "Waiting list offer";
        OfferFor = "offer_for", "Waiting list offer: copy";
        Welcome = "welcome", "Welcome";
        StaffRequested = "staff_requested", "To the team: requested online";
        StaffBooked = "staff_booked", "To the team: booked online";
        StaffMoved = "staff_moved", "To the team: moved online";
        StaffCancelled = "staff_cancelled", "To the team: cancelled online";
        DayAhead = "day_ahead", "To practitioners: your day tomorrow";
        Reset = "reset", "Password reset";
        Registration = "registration", "Registration";
        Invitation = "invitation", "Team invitation";
        AddressChange = "address_change", "Email changed";
        AddressConfirmation = "address_confirmation", "Confirm email";
        LinkAdded = "link_added", "Linked: the two are told";
        LinkChanged = "link_changed", "Linked: permissions changed";
        LinkRemoved = "link_removed", "Linked: link removed";
        LinkSuspended = "link_suspended", "Linked: ended at coming of age";
        ComingOfAge = "coming_of_age", "Linked: coming of age in 30 days";
        LinkInvitation = "link_invitation", "Linked: invitation";
        Request = "request", "Form or other request";
        RequestFor = "request_for", "Form or other request: copy";
        RequestReminder = "request_reminder", "Reminder of a request";
        RequestReminderFor = "request_reminder_for", "Reminder of a request: copy";
        Document = "document", "Document shared";
        DocumentFor = "document_for", "Document shared: copy";
        /// How every mail about a login begins and ends: its greeting stands as the subject.
        Login = "login", "Emails about logins: greeting and signature";
    }
}

vocabulary! {
    /// What is filled in.
    Placeholder {
        /// How the reader is called.
        FirstName = "first_name", "The reader’s first name";
        /// The person or persons it is about.
        Person = "person", "Who the appointment is for";
        Practice = "practice", "The practice’s name";
        /// Date and time, or the date alone.
        When = "when", "Date and time";
        Service = "service", "The service";
        Practitioner = "practitioner", "The practitioner";
        /// The venue by name.
        Place = "place", "The location";
        Count = "count", "How many appointments";
        Username = "username", "The username";
        Link = "link", "The link";
    }
}

use Placeholder::*;

impl Text {
    /// Whether a practice may write its own words. What is about logging in stays as it is, but for
    /// [`Text::Login`].
    pub const fn is_editable(self) -> bool {
        !matches!(
            self,
            Text::Reset
                | Text::Registration
                | Text::Invitation
                | Text::AddressChange
                | Text::AddressConfirmation
                | Text::LinkInvitation
        )
    }

    /// Whether it is also sent to mobile phones: a copy is worded there as what it is a copy of.
    pub const fn has_sms(self) -> bool {
        self.sms_placeholders().len() > 1
    }

    /// How it is sent.
    pub fn channels(self) -> &'static [TextChannel] {
        if self.has_sms() { &[TextChannel::Email, TextChannel::Sms] } else { &[TextChannel::Email] }
    }

    /// The kind of message that it is the text of.
    pub const fn kind(self) -> MessageKind {
        match self {
            Text::Requested | Text::RequestedFor | Text::AllRequested => MessageKind::Confirmation,
            Text::Confirmed | Text::ConfirmedFor | Text::AllConfirmed => MessageKind::Confirmation,
            Text::Changed | Text::ChangedFor | Text::AllChanged => MessageKind::Change,
            Text::Declined | Text::DeclinedFor | Text::AllDeclined => MessageKind::Cancellation,
            Text::Cancelled | Text::CancelledFor | Text::AllCancelled => MessageKind::Cancellation,
            Text::Reminder | Text::ReminderFor | Text::AllReminder => MessageKind::Reminder,
            Text::Offer | Text::OfferFor => MessageKind::Offer,
            Text::Welcome => MessageKind::Welcome,
            Text::StaffRequested | Text::StaffBooked => MessageKind::StaffBooked,
            Text::StaffMoved => MessageKind::StaffMoved,
            Text::StaffCancelled => MessageKind::StaffCancelled,
            Text::DayAhead => MessageKind::DayAhead,
            Text::Reset => MessageKind::Reset,
            Text::Registration => MessageKind::Registration,
            Text::Invitation => MessageKind::Invitation,
            Text::AddressChange => MessageKind::AddressChange,
            Text::AddressConfirmation => MessageKind::AddressConfirmation,
            Text::LinkAdded | Text::LinkChanged | Text::LinkRemoved | Text::LinkSuspended => MessageKind::LinkChange,
            Text::ComingOfAge => MessageKind::ComingOfAge,
            Text::LinkInvitation => MessageKind::LinkInvitation,
            Text::Request | Text::RequestFor => MessageKind::FormRequest,
            Text::RequestReminder | Text::RequestReminderFor => MessageKind::RequestReminder,
            Text::Document | Text::DocumentFor => MessageKind::Document,
            Text::Login => MessageKind::SecurityNotice,
        }
    }

    /// What may be filled in.
    pub const fn placeholders(self, channel: TextChannel) -> &'static [Placeholder] {
        match channel {
            TextChannel::Email => self.email_placeholders(),
            TextChannel::Sms => self.sms_placeholders(),
        }
    }

    const fn email_placeholders(self) -> &'static [Placeholder] {
        match self {
            Text::Requested
            | Text::Declined
            | Text::Confirmed
            | Text::Changed
            | Text::Cancelled
            | Text::Reminder
            | Text::RequestedFor
            | Text::DeclinedFor
            | Text::ConfirmedFor
            | Text::ChangedFor
            | Text::CancelledFor
            | Text::ReminderFor
            | Text::Offer
            | Text::OfferFor => &[FirstName, Person, When, Service, Practitioner, Place, Practice],
            Text::AllRequested
            | Text::AllDeclined
            | Text::AllConfirmed
            | Text::AllChanged
            | Text::AllCancelled
            | Text::AllReminder => &[FirstName, Person, When, Count, Practice],
            Text::StaffRequested | Text::StaffBooked | Text::StaffMoved | Text::StaffCancelled => {
                &[FirstName, When, Practice]
            }
            Text::DayAhead => &[FirstName, When, Count, Practice],
            Text::Welcome | Text::Invitation => &[FirstName, Practice, Link],
            Text::Reset => &[FirstName, Practice, Username, Link],
            Text::Registration | Text::AddressConfirmation => &[Practice, Link],
            Text::AddressChange => &[Practice],
            Text::LinkAdded | Text::LinkChanged | Text::LinkRemoved | Text::LinkSuspended => {
                &[FirstName, Person, Practice]
            }
            Text::ComingOfAge => &[FirstName, Person, When, Practice],
            Text::LinkInvitation => &[Person, Practice, Link],
            Text::Request
            | Text::RequestFor
            | Text::RequestReminder
            | Text::RequestReminderFor
            | Text::Document
            | Text::DocumentFor => &[FirstName, Person, Practice, Link],
            Text::Login => &[FirstName, Practice],
        }
    }

    /// Time, place, practice and link: nothing about anyone's health goes by text message.
    const fn sms_placeholders(self) -> &'static [Placeholder] {
        match self {
            Text::Requested | Text::Declined | Text::Confirmed | Text::Changed | Text::Cancelled | Text::Reminder => {
                &[When, Place, Practice, Link]
            }
            Text::AllRequested
            | Text::AllDeclined
            | Text::AllConfirmed
            | Text::AllChanged
            | Text::AllCancelled
            | Text::AllReminder => &[When, Count, Place, Practice, Link],
            _ => &[],
        }
    }

    /// What the words must hold, or the message is of no use.
    pub const fn required(self, channel: TextChannel) -> Option<Placeholder> {
        match (self, channel) {
            (
                Text::Welcome
                | Text::Request
                | Text::RequestFor
                | Text::RequestReminder
                | Text::RequestReminderFor
                | Text::Document
                | Text::DocumentFor,
                _,
            ) => Some(Link),
            _ => None,
        }
    }
}

/// Longest subject and body of mail, and longest text message, in characters.
const SUBJECT_MAX: usize = 150;
const BODY_MAX: usize = 5_000;
const SMS_MAX: usize = 480;

/// Words of a practice, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextForm {
    pub subject: String,
    pub body: String,
    /// The version that was shown; 0 for the built-in words.
    pub version: String,
}

/// Words that may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Empty of a text message.
    pub subject: String,
    pub body: String,
}

impl TextForm {
    /// Placeholders that are none, or that this text has no value for, are named at their field.
    pub fn parse(&self, text: Text, channel: TextChannel) -> Result<(Words, i64), Refusal> {
        let mut fields = Fields::default();
        let (subject, body) = match channel {
            TextChannel::Email => (
                fields.take("subject", parse::required(&self.subject, SUBJECT_MAX)),
                fields.take("body", parse::lines(&self.body, BODY_MAX).and_then(filled_in)),
            ),
            TextChannel::Sms => (String::new(), fields.take("body", parse::required(&self.body, SMS_MAX))),
        };
        for (field, words) in [("subject", &subject), ("body", &body)] {
            let allowed = |one: Placeholder| {
                text.placeholders(channel).contains(&one) && (field == "body" || one != Placeholder::Link)
            };
            if let Some(word) = unknown(words, allowed) {
                fields.note(field, Problem::UnknownPlaceholder { word });
            }
        }
        if text.required(channel).is_some_and(|needed| !body.contains(&format!("{{{}}}", needed.as_str()))) {
            fields.note("body", Problem::LinkMissing);
        }
        let version = fields.take("version", parse::optional(&self.version, |text| parse::whole(text, 0, i64::MAX)));
        fields.finish()?;
        Ok((Words { subject, body }, version.unwrap_or_default()))
    }
}

fn filled_in(text: String) -> Result<String, Problem> {
    if text.is_empty() { Err(Problem::Required) } else { Ok(text) }
}

/// The first that stands in braces on one line and that nothing is filled in for.
fn unknown(text: &str, allowed: impl Fn(Placeholder) -> bool) -> Option<String> {
    text.match_indices('{').find_map(|(at, _)| {
        let rest = &text[at + 1..];
        let end = rest.find(['{', '}', '\n'])?;
        let inner = rest[..end].to_owned();
        let is_closed = rest[end..].starts_with('}');
        let is_known = inner.parse::<Placeholder>().is_ok_and(&allowed);
        (is_closed && !is_known).then(|| format!("{{{}}}", inner.chars().take(38).collect::<String>()))
    })
}

/// The words with the values filled in, once: a value that looks like a placeholder stays as
/// it is. What has no value gets `fallback`.
pub fn fill(template: &str, values: &[(Placeholder, &str)], fallback: impl Fn(Placeholder) -> &'static str) -> String {
    let (mut filled, mut rest) = (String::new(), template);
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let known = behind.split_once('}').and_then(|(word, after)| Some((word.parse::<Placeholder>().ok()?, after)));
        let Some((placeholder, after)) = known else {
            filled.push('{');
            rest = behind;
            continue;
        };
        let value = values.iter().find(|(of, _)| *of == placeholder).map_or("", |(_, value)| value);
        filled.push_str(if value.is_empty() { fallback(placeholder) } else { value });
        rest = after;
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(subject: &str, body: &str) -> TextForm {
        TextForm { subject: subject.into(), body: body.into(), version: String::new() }
    }

    fn problem(form: &TextForm, text: Text, channel: TextChannel, field: &str) -> Option<Problem> {
        match form.parse(text, channel) {
            Err(Refusal::Invalid(errors)) => errors.get(field).cloned(),
            _ => None,
        }
    }

    #[test]
    fn a_placeholder_that_is_none_is_named_at_its_field() {
        let unknown = |word: &str| Some(Problem::UnknownPlaceholder { word: word.to_owned() });
        let email = TextChannel::Email;
        let at = |form: &TextForm, field| problem(form, Text::Confirmed, email, field);
        assert_eq!(at(&form("Yes {wen}", "Hello {first_name}"), "subject"), unknown("{wen}"));
        assert_eq!(at(&form("Yes {when}", "Hello {first name}"), "body"), unknown("{first name}"));
        assert_eq!(at(&form("Yes", "Your {username}"), "body"), unknown("{username}"), "it has no value here");
        assert_eq!(problem(&form("{link}", "{link}"), Text::Welcome, email, "subject"), unknown("{link}"));
        assert_eq!(problem(&form("Hello", "Welcome"), Text::Welcome, email, "body"), Some(Problem::LinkMissing));
        assert!(form("Yes { when }", "{} { and {when}").parse(Text::Confirmed, email).is_err());
        for word in ["{}", "{first.name}", "{client’s name}", "{prénom/nom}", "{first_name?}"] {
            assert_eq!(at(&form("Yes", &format!("Hello {word}")), "body"), unknown(word));
        }
        assert!(form("Yes", ":-{ and {when}").parse(Text::Confirmed, email).is_ok());
    }

    #[test]
    fn a_text_message_holds_nothing_about_health_or_names() {
        for text in Text::ALL.iter().filter(|text| text.has_sms()) {
            for word in ["{service}", "{first_name}", "{person}", "{practitioner}"] {
                let typed = form("", &format!("{word} {{link}}"));
                let refused = problem(&typed, *text, TextChannel::Sms, "body");
                assert_eq!(refused, Some(Problem::UnknownPlaceholder { word: word.to_owned() }), "{text:?}");
            }
        }
    }

    #[test]
    fn the_language_is_the_first_that_there_are_words_for() {
        for (tags, language) in [
            (vec!["fr-CA", "en"], Language::French),
            (vec!["FR", "en"], Language::French),
            (vec!["pt", "fr"], Language::French),
            (vec!["pt", "zh"], Language::English),
            (vec![], Language::English),
            (vec!["frr"], Language::English),
        ] {
            assert_eq!(Language::first_of(tags.iter().copied()), language, "{tags:?}");
        }
    }

    #[test]
    fn a_value_that_looks_like_a_placeholder_stays_as_it_is() {
        let values = [(Placeholder::FirstName, "{link} {"), (Placeholder::Person, "🙂")];
        let filled = fill("Hello {first_name}, {person} {when} {x}", &values, |_| "soon");
        assert_eq!(filled, "Hello {link} {, 🙂 soon {x}");
    }
}
