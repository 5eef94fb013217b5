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
    (
        "/settings/fields",
        "Information fields",
        "What else you want to know: text, numbers, dates, choices. Who sees them, and where they are asked for.",
    ),
    (
        "/settings/vocabularies",
        "Vocabularies",
        "Genders, pronouns, languages, age ranges, fee programmes, activity types: the words to choose from.",
    ),
    ("/settings/tags", "Tags", "Every tag and how many have it. Rename, merge, remove."),
    ("/clients/code-sheet", "Code sheet", "A blank sheet for codes and whom they stand for, to be kept outside."),
    ("/settings/providers", "Referring providers", "Who sends people to you, and how to reach them."),
];

const SCHEDULE: &[Card] = &[
    ("/settings/services", "Services", "What can be booked: duration, buffer, price, and who offers it."),
    ("/settings/practitioners", "Practitioners", "The hours that each practitioner works in a week."),
];

/// For administrators alone.
const MAIL: &[Card] = &[
    ("/settings/welcome", "Welcome e-mail", "The text that invites somebody to claim their account."),
    ("/settings/outbox", "Outbox", "Every e-mail that was written, and what became of it."),
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
