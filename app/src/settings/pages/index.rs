//! The start of the settings: everything that can be decided, by what it is about.

use crate::ui::page::{Shown, page};
use leptos::prelude::*;

/// Address, title, what it is for.
type Card = (&'static str, &'static str, &'static str);

const PRACTICE: &[Card] = &[
    (
        "/settings/practice",
        "Practice details",
        "Name, contact, time zone, currency, terminology, portal, code-only mode.",
    ),
    ("/settings/locations", "Locations", "Where you work: address and time zone."),
    ("/settings/rooms", "Rooms", "The rooms of each location."),
    ("/settings/team", "Team", "Team members, roles and private notes."),
    ("/settings/sections", "Sections", "Parts of Kindred that you use, like coverage, activities and reports."),
    ("/settings/about", "About", "Versions, and the time zone database in use."),
];

const CLIENTS: &[Card] = &[
    ("/settings/fields", "Custom fields", "Add your own questions to records."),
    ("/settings/forms", "Forms", "Intake forms and consents that are filled in online."),
    ("/requests", "Requests", "What you’ve asked for, and who hasn’t done it yet."),
    (
        "/settings/vocabularies",
        "Lists",
        "Choices for gender, pronouns, language, age range, fee programme and activity type.",
    ),
    ("/settings/tags", "Tags", "Rename, merge or remove tags."),
    ("/settings/permissions", "Portal permissions", "What can be seen and done in the portal."),
    ("/clients/code-sheet", "Code sheet", "Printable sheet matching codes to names, kept offline."),
    ("/settings/providers", "Referring providers", "People and agencies who refer to you."),
];

const SCHEDULE: &[Card] = &[
    ("/settings/services", "Services", "What can be booked: duration, buffer, price, and who offers it."),
    ("/settings/requests", "Automatic requests", "Forms that a service asks for when it’s booked."),
    ("/settings/practitioners", "Practitioners", "The hours that each practitioner works in a week."),
    ("/settings/time-off", "Time off", "Time off, closed days and extra hours."),
];

/// For administrators alone.
const MAIL: &[Card] = &[
    ("/settings/messages", "Message texts", "What emails and text messages say, in English and French."),
    ("/settings/welcome", "Welcome email", "The invitation to the portal."),
    ("/settings/text-messages", "Text messages", "Who sends them, and how many a day."),
    ("/settings/reminders", "Reminders", "Emails before an appointment, and when they are sent."),
    ("/settings/waiting-list", "Waiting list", "How free times are offered to those who wait."),
    ("/settings/linked-clients", "Linked people", "When permissions that others have for a minor end."),
    ("/settings/visits", "Video visits", "Where they are held, and when their links open."),
    ("/settings/outbox", "Outbox", "All emails and their delivery status."),
];

/// For administrators alone.
const SECURITY: &[Card] = &[("/settings/security", "Login security", "Which roles need a second factor to log in.")];

#[component]
pub fn SettingsPage() -> impl IntoView {
    page(|page| async move {
        page.actor.front_desk()?;
        let word = &page.practice.client_word_plural;
        let mail = page.actor.administrator().is_ok().then(|| section("Mail".to_owned(), "mail", MAIL));
        let security = page.actor.administrator().is_ok().then(|| section("Login".to_owned(), "login", SECURITY));
        Ok(Shown::new(
            "Settings",
            view! {
                <div class="page-head"><h1>"Settings"</h1></div>
                {section("Practice".to_owned(), "practice", PRACTICE)}
                {section(format!("About {word}"), "about-clients", CLIENTS)}
                {section("Appointments".to_owned(), "appointments", SCHEDULE)}
                {mail}
                {security}
            },
        ))
    })
}

fn section(title: String, id: &'static str, cards: &'static [Card]) -> impl IntoView {
    let card = |(href, title, note): &Card| {
        view! { <li><a class="service-card" href=*href><span>{*title}</span><span>{*note}</span></a></li> }
    };
    view! {
        <section class="stack tight" aria-labelledby=id>
            <h2 id=id>{title}</h2>
            <ul class="service-list roomy">{cards.iter().map(card).collect_view()}</ul>
        </section>
    }
}
