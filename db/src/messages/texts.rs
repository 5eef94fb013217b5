//! The words of every message, by kind, channel and language: those that the practice wrote,
//! or else the built-in ones.

use super::french;
use crate::Result;
use shared::texts::{Language, Placeholder, Text, TextChannel, Words};
use sqlx::PgConnection;

pub(super) const fn built_in(text: Text, channel: TextChannel, language: Language) -> (&'static str, &'static str) {
    match (channel, language) {
        (TextChannel::Email, Language::English) => english(text),
        (TextChannel::Email, Language::French) => french::words(text),
        (TextChannel::Sms, Language::English) => ("", english_sms(text)),
        (TextChannel::Sms, Language::French) => ("", french::sms(text)),
    }
}

/// What stands for a value that there is none of.
pub(super) const fn fallback(language: Language) -> fn(Placeholder) -> &'static str {
    match language {
        Language::English => |of| match of {
            Placeholder::FirstName => "there",
            Placeholder::Person => "you",
            Placeholder::Practice => "the practice",
            Placeholder::When => "the time below",
            Placeholder::Service => "the appointment",
            Placeholder::Practitioner => "the practitioner",
            Placeholder::Place => "the practice",
            Placeholder::Count => "your appointments",
            Placeholder::Username => "your username",
            Placeholder::Link => "",
        },
        Language::French => |of| match of {
            Placeholder::FirstName => "à vous",
            Placeholder::Person => "vous",
            Placeholder::Practice => "la clinique",
            Placeholder::When => "l’heure ci-dessous",
            Placeholder::Service => "le rendez-vous",
            Placeholder::Practitioner => "le praticien",
            Placeholder::Place => "la clinique",
            Placeholder::Count => "vos rendez-vous",
            Placeholder::Username => "votre nom d’utilisateur",
            Placeholder::Link => "",
        },
    }
}

/// What the practice wrote itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts(Vec<(Text, TextChannel, Language, Words)>);

impl Texts {
    pub(super) async fn load(conn: &mut PgConnection) -> Result<Texts> {
        let rows = sqlx::query!(
            r#"select text as "text!", channel as "channel!: TextChannel", language as "language!: Language", subject as "subject!", body as "body!"
                 from (select distinct on (text, channel, language) text, channel, language, subject, body, original
                         from message_text order by text, channel, language, id desc) newest
                where not original
               union all
               select 'welcome', 'email', 'en', welcome_subject, welcome_body from practice"#
        )
        .fetch_all(conn)
        .await?;
        // A text that this version does not know stops none of the others.
        let known = rows.into_iter().filter_map(|row| {
            Some((row.text.parse().ok()?, row.channel, row.language, Words { subject: row.subject, body: row.body }))
        });
        Ok(Texts(known.collect()))
    }

    /// Subject and text.
    pub(super) fn words(&self, text: Text, channel: TextChannel, language: Language) -> (&str, &str) {
        let own = self.0.iter().find(|(of, by, within, _)| (*of, *by, *within) == (text, channel, language));
        own.map_or_else(|| built_in(text, channel, language), |(.., words)| (&words.subject, &words.body))
    }

    /// With these in place of what is sent.
    pub(super) fn put(&mut self, text: Text, channel: TextChannel, language: Language, words: Words) {
        self.0.insert(0, (text, channel, language, words));
    }

    #[cfg(test)]
    pub(super) fn with(written: Vec<(Text, TextChannel, Language, Words)>) -> Texts {
        Texts(written)
    }
}

const fn english(text: Text) -> (&'static str, &'static str) {
    match text {
        Text::Requested => (
            "Appointment requested: {when}",
            "Hello {first_name},\n\nYour appointment is requested. We’ll email you once it’s answered.\n",
        ),
        Text::Declined => (
            "Appointment declined: {when}",
            "Hello {first_name},\n\nYour appointment isn’t possible, so the request was declined.\n",
        ),
        Text::RequestedFor => (
            "Appointment requested for {person}: {when}",
            "Hello {first_name},\n\nAn appointment for {person} is requested. We’ll email you once it’s answered.\n",
        ),
        Text::DeclinedFor => (
            "Appointment declined for {person}: {when}",
            "Hello {first_name},\n\nAn appointment for {person} isn’t possible, so the request was declined.\n",
        ),
        Text::AllRequested => (
            "Appointments requested for {person}: {when}",
            "Hello {first_name},\n\nThese appointments are requested. We’ll email you once they’re answered.\n",
        ),
        Text::AllDeclined => (
            "Appointments declined for {person}: {when}",
            "Hello {first_name},\n\nThese appointments aren’t possible, so the requests were declined.\n",
        ),
        Text::StaffRequested => {
            ("Requested online: {when}", "Hello {first_name},\n\nAn appointment was requested online.\n")
        }
        Text::Confirmed => ("Appointment confirmed: {when}", "Hello {first_name},\n\nYour appointment is confirmed.\n"),
        Text::Changed => (
            "Appointment changed: {when}",
            "Hello {first_name},\n\nYour appointment has changed. This is how it stands now.\n",
        ),
        Text::Cancelled => ("Appointment cancelled: {when}", "Hello {first_name},\n\nYour appointment is cancelled.\n"),
        Text::Reminder => ("Appointment reminder: {when}", "Hello {first_name},\n\nYour appointment is coming up.\n"),
        Text::ConfirmedFor => (
            "Appointment confirmed for {person}: {when}",
            "Hello {first_name},\n\nAn appointment for {person} is confirmed.\n",
        ),
        Text::ChangedFor => (
            "Appointment changed for {person}: {when}",
            "Hello {first_name},\n\nAn appointment for {person} has changed. This is how it stands now.\n",
        ),
        Text::CancelledFor => (
            "Appointment cancelled for {person}: {when}",
            "Hello {first_name},\n\nAn appointment for {person} is cancelled.\n",
        ),
        Text::ReminderFor => (
            "Appointment reminder for {person}: {when}",
            "Hello {first_name},\n\nAn appointment for {person} is coming up.\n",
        ),
        Text::AllConfirmed => (
            "Appointments confirmed for {person}: {when}",
            "Hello {first_name},\n\nThese appointments are confirmed.\n",
        ),
        Text::AllChanged => (
            "Appointments changed for {person}: {when}",
            "Hello {first_name},\n\nThese appointments have changed. This is how they stand now.\n",
        ),
        Text::AllCancelled => (
            "Appointments cancelled for {person}: {when}",
            "Hello {first_name},\n\nThese appointments are cancelled.\n",
        ),
        Text::AllReminder => {
            ("Appointment reminders for {person}: {when}", "Hello {first_name},\n\nThese appointments are coming up.\n")
        }
        Text::Offer => ("A time is free: {when}", "Hello {first_name},\n\nA time from the waiting list is free:\n"),
        Text::OfferFor => (
            "A time is free for {person}: {when}",
            "Hello {first_name},\n\nA time from the waiting list for {person} is free:\n",
        ),
        Text::Welcome => (
            "Welcome to {practice}",
            "Hello {first_name},\n\n\
             {practice} invites you to its portal. Choose a password with this link. It works once and expires in 72 hours:\n\n\
             {link}\n\n\
             If you did not expect this email, you can ignore it.\n",
        ),
        Text::StaffBooked => ("Booked online: {when}", "Hello {first_name},\n\nAn appointment was booked online.\n"),
        Text::StaffMoved => ("Moved online: {when}", "Hello {first_name},\n\nAn appointment was moved online.\n"),
        Text::StaffCancelled => {
            ("Cancelled online: {when}", "Hello {first_name},\n\nAn appointment was cancelled online.\n")
        }
        Text::DayAhead => {
            ("Your day tomorrow: {count}", "Hello {first_name},\n\nYour day tomorrow, {when}: {count}.\n")
        }
        Text::Reset => (
            "Reset your {practice} password",
            "Hi {first_name},\n\n\
             We got a request to reset your {practice} password for the username {username}. \
             Set a new one here (expires in 2 hours):\n\n\
             {link}\n\n\
             Didn’t ask for this? Ignore this email. Your password won’t change.\n",
        ),
        Text::Registration => (
            "Your account at {practice}",
            "Hi,\n\n\
             Finish setting up your {practice} account. The link expires in 72 hours:\n\n\
             {link}\n\n\
             Didn’t request this? Ignore this email. No account is created.\n",
        ),
        Text::Invitation => (
            "You’re invited to {practice}",
            "Hello {first_name},\n\n\
             {practice} has added you to its team. Choose a password with the link below. \
             It works once and expires in 72 hours:\n\n\
             {link}\n\n\
             If you did not expect this email, you can ignore it.\n",
        ),
        Text::AddressChange => (
            "Your email address at {practice} was changed",
            "Hi,\n\n\
             Your email address at {practice} was changed. Messages and password links no longer come to this address.\n\n\
             Didn’t ask for this? Contact {practice} right away.\n",
        ),
        Text::Request => (
            "{practice} needs something from you",
            "Hello {first_name},\n\nThere’s something for you to fill in or to do at {practice}. See it here:\n\n{link}\n",
        ),
        Text::RequestFor => (
            "{practice} needs something from you for {person}",
            "Hello {first_name},\n\nThere’s something to fill in or to do for {person} at {practice}. See it here:\n\n{link}\n",
        ),
        Text::RequestReminder => (
            "Reminder: {practice} still needs something from you",
            "Hello {first_name},\n\nThis is still open at {practice}. See it here:\n\n{link}\n",
        ),
        Text::RequestReminderFor => (
            "Reminder: {practice} still needs something from you for {person}",
            "Hello {first_name},\n\nThis is still open for {person} at {practice}. See it here:\n\n{link}\n",
        ),
        Text::Document => (
            "{practice} has shared something with you",
            "Hello {first_name},\n\nThere’s something for you to read at {practice}. See it here:\n\n{link}\n",
        ),
        Text::DocumentFor => (
            "{practice} has shared something with you about {person}",
            "Hello {first_name},\n\nThere’s something about {person} for you to read at {practice}. See it here:\n\n{link}\n",
        ),
        Text::Login => ("Hi {first_name},", "Kind regards\n"),
        Text::AddressConfirmation => (
            "Confirm your email address at {practice}",
            "Hi,\n\n\
             Confirm this email address for your {practice} account. The link expires in 2 hours:\n\n\
             {link}\n\n\
             Didn’t ask for this? Ignore this email. Nothing changes.\n",
        ),
        Text::LinkAdded => {
            ("{person} are linked at {practice}", "Hello {first_name},\n\n{person} are now linked at {practice}.\n")
        }
        Text::LinkChanged => (
            "What {person} can do for each other has changed",
            "Hello {first_name},\n\nWhat {person} can do for each other at {practice} has changed.\n",
        ),
        Text::LinkRemoved => (
            "{person} are no longer linked at {practice}",
            "Hello {first_name},\n\n\
             {person} are no longer linked at {practice}. They can’t act for each other or see each other’s appointments.\n",
        ),
        Text::LinkSuspended => (
            "Permissions between {person} have ended",
            "Hello {first_name},\n\n\
             One of {person} has come of age, so these permissions at {practice} have ended. \
             The person who came of age can give them again.\n",
        ),
        Text::ComingOfAge => (
            "{person} comes of age on {when}",
            "Hello {first_name},\n\n\
             {person} comes of age on {when}. On that day these permissions at {practice} end. \
             {person} can give them again afterwards.\n",
        ),
        Text::LinkInvitation => (
            "{person} would like to be linked with you at {practice}",
            "Hi,\n\n\
             {person} would like to be linked with you at {practice}, so that you can act for each other in the ways you each allow. \
             Log in and answer here (expires in 7 days):\n\n\
             {link}\n\n\
             Don’t know {person}? Ignore this email. Nothing is shared.\n",
        ),
    }
}

/// Of a text message.
const fn english_sms(text: Text) -> &'static str {
    match text {
        Text::Requested => "{practice}: we got your appointment request for {when}. {link}",
        Text::Declined => "{practice}: your appointment request for {when} was declined.",
        Text::Confirmed => "{practice}: appointment {when}, {place}. {link}",
        Text::Changed => "{practice}: your appointment has changed: {when}, {place}. {link}",
        Text::Cancelled => "{practice}: the appointment on {when} is cancelled.",
        Text::Reminder => "{practice}: reminder of your appointment {when}, {place}. {link}",
        Text::AllRequested => "{practice}: we got your appointment requests: {when}.",
        Text::AllDeclined => "{practice}: your appointment requests were declined: {when}.",
        Text::AllConfirmed => "{practice}: {count} on {when}, {place}.",
        Text::AllChanged => "{practice}: your appointments have changed: {when}, {place}.",
        Text::AllCancelled => "{practice}: these appointments are cancelled: {when}.",
        Text::AllReminder => "{practice}: reminder of your appointments {when}, {place}.",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::texts::{TextForm, fill};

    #[test]
    fn every_text_has_words_in_every_language_and_channel_that_a_practice_could_have_written() {
        for (text, language) in
            Text::ALL.iter().flat_map(|text| Language::ALL.iter().map(move |language| (*text, *language)))
        {
            for channel in text.channels() {
                let (subject, body) = built_in(text, *channel, language);
                assert!(
                    !body.is_empty() && subject.is_empty() == (*channel == TextChannel::Sms),
                    "{text:?} {language:?}"
                );
                let form = TextForm { subject: subject.into(), body: body.into(), version: String::new() };
                assert!(
                    form.parse(text, *channel).is_ok(),
                    "{text:?} {language:?} {channel:?}: {:?}",
                    form.parse(text, *channel)
                );
            }
        }
    }

    #[test]
    fn nothing_is_left_of_a_placeholder_without_a_value() {
        for language in Language::ALL {
            for text in Text::ALL {
                for channel in text.channels() {
                    let (subject, body) = built_in(*text, *channel, *language);
                    for part in [subject, body] {
                        let filled = fill(part, &[], fallback(*language));
                        assert!(!filled.contains(['{', '}']), "{text:?} {language:?}: {filled}");
                    }
                }
            }
        }
    }

    #[test]
    fn no_letter_of_a_text_message_halves_what_a_part_holds() {
        for (text, language) in Text::ALL.iter().flat_map(|text| Language::ALL.iter().map(move |one| (*text, *one))) {
            let (_, body) = built_in(text, TextChannel::Sms, language);
            let body = shared::sms::plain(body);
            let words: String = body.chars().filter(|c| !matches!(c, '{' | '}')).collect();
            assert!(shared::sms::segments(&words).is_gsm, "{body}");
        }
    }

    #[test]
    fn the_two_languages_differ() {
        for text in Text::ALL {
            for channel in text.channels() {
                let of = |language| built_in(*text, *channel, language).1;
                assert_ne!(of(Language::English), of(Language::French), "{text:?}");
            }
        }
    }
}
