//! The settings, and the outbox.

mod about;
mod arranged;
mod fields;
mod first_run;
mod hours;
mod index;
mod locations;
mod outbox;
mod practice;
mod providers;
mod reminders;
mod rooms;
mod sections;
mod security;
mod services;
mod sms;
mod staff;
mod tags;
mod team;
mod texts;
mod time_off;
mod vocabularies;
mod welcome;

pub use about::AboutPage;
pub use fields::{FieldPage, FieldsPage};
pub use first_run::{FirstRunPage, SetupPage, checklist};
pub use hours::{HoursPage, PractitionersPage};
pub use index::SettingsPage;
pub use locations::LocationsPage;
pub use outbox::{OutboxMessagePage, OutboxPage};
pub use practice::PracticePage;
pub use providers::ProvidersPage;
pub use reminders::RemindersPage;
pub use rooms::RoomsPage;
pub use sections::SectionsPage;
pub use security::LoginSecurityPage;
pub use services::{ServicePage, ServicesPage};
pub use sms::SmsPage;
pub use tags::TagsPage;
pub use team::{NewMemberPage, TeamMemberPage, TeamPage};
pub use texts::{TextPage, TextsPage};
pub use time_off::{AffectedPage, TimeOffPage};
pub use vocabularies::{VocabulariesPage, VocabularyPage};
pub use welcome::WelcomePage;

use crate::ui::parts::thousands;
use crate::ui::stale::version_input;
use crate::ui::{FormState, SelectField};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::practice::Practice;

/// A part of the page's address. Call it before the first await.
fn param(name: &str) -> String {
    use_params_map().get_untracked().get(name).unwrap_or_default()
}

/// The key of a form that makes something new: a double submit carries the same.
fn key_input(state: &FormState) -> impl IntoView + use<> {
    let key = state.value("request_key", &db::new_id().to_string());
    view! { <input type="hidden" name=FormState::name("request_key") value=key autocomplete="off"/> }
}

/// `12 clients`, in the practice's own word.
fn clients(count: i64, practice: &Practice) -> String {
    match count {
        0 => format!("No {}", practice.client_word_plural),
        1 => format!("1 {}", practice.client_word),
        count => format!("{} {}", thousands(count.try_into().unwrap_or(u32::MAX)), practice.client_word_plural),
    }
}

/// The time zone, from the list.
fn zone_field(state: &FormState, zone: &str, hint: &'static str) -> impl IntoView + use<> {
    let mut zones = db::time::zones();
    if !zones.iter().any(|other| other == zone) {
        zones.push(zone.to_owned());
    }
    let options = zones.into_iter().map(|zone| (zone.clone(), zone.replace('_', " "))).collect();
    view! { <SelectField field="zone" label="Time zone" state=state.clone() options value=zone hint/> }
}

/// One column, or two when there is another version to show.
pub(crate) fn columns(state: &FormState) -> &'static str {
    if state.is_stale() { "split" } else { "stack" }
}

/// Beside a form that was refused as stale: what is saved now.
pub(crate) fn saved_now(state: &FormState, reload: &str, facts: Vec<(&'static str, String)>) -> Option<AnyView> {
    let reload = reload.to_owned();
    state.is_stale().then(|| {
        view! {
            <section class="panel" aria-labelledby="saved-now">
                <h2 id="saved-now">"What is saved now"</h2>
                <p class="muted">
                    "Someone else saved this while you were writing. What you typed is kept in the form: save again to replace what is here, or "
                    <a href=reload>"keep this version"</a> "."
                </p>
                <dl class="facts">
                    {facts
                        .into_iter()
                        .map(|(name, text)| view! { <div><dt>{name}</dt><dd>{paragraphs(&text)}</dd></div> })
                        .collect_view()}
                </dl>
            </section>
        }
        .into_any()
    })
}

/// Plain text with its paragraphs and line breaks.
fn paragraphs(text: &str) -> impl IntoView + use<> {
    let text = text.replace("\r\n", "\n");
    let paragraph = |paragraph: &str| {
        let lines = paragraph.lines().map(|line| view! { {line.to_owned()}<br/> }).collect_view();
        view! { <p>{lines}</p> }
    };
    view! { <div class="stack tight">{text.split("\n\n").map(paragraph).collect_view()}</div> }
}
