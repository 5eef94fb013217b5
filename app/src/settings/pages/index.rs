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
    ("/settings/team", "Team", "Team members, roles and private notes."),
];

const CLIENTS: &[Card] = &[
    ("/settings/fields", "Custom fields", "Add your own questions to records."),
    (
        "/settings/vocabularies",
        "Lists",
        "Choices for gender, pronouns, language, age range, fee programme and activity type.",
    ),
    ("/settings/tags", "Tags", "Rename, merge or remove tags."),
    ("/clients/code-sheet", "Code sheet", "Printable sheet matching codes to names, kept offline."),
    ("/settings/providers", "Referring providers", "People and agencies who refer to you."),
];

const SCHEDULE: &[Card] = &[
    ("/settings/services", "Services", "What can be booked: duration, buffer, price, and who offers it."),
    ("/settings/practitioners", "Practitioners", "The hours that each practitioner works in a week."),
];

/// For administrators alone.
const MAIL: &[Card] = &[
    ("/settings/welcome", "Welcome email", "The invitation to the portal."),
    ("/settings/outbox", "Outbox", "All emails and their delivery status."),
];

#[component]
pub fn SettingsPage() -> impl IntoView {
    page(|page| async move {
        page.actor.front_desk()?;
        let word = &page.practice.client_word_plural;
        let mail = page.actor.administrator().is_ok().then(|| section("Mail".to_owned(), "mail", MAIL));
        Ok(Shown::new(
            "Settings",
            view! {
                <div class="page-head"><h1>"Settings"</h1></div>
                {section("Practice".to_owned(), "practice", PRACTICE)}
                {section(format!("About {word}"), "about-clients", CLIENTS)}
                {section("Appointments".to_owned(), "appointments", SCHEDULE)}
                {mail}
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
