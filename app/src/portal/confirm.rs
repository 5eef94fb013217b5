//! The last step of booking: *who is this appointment for?*, in the dialog and
//! on the page that stands in for it without JavaScript.

use crate::error::AppError;
use crate::ui::FormState;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use shared::Refusal;
use shared::appointments::{Engaged, FreeTime};
use shared::links::BookableClient;

/// What the last step knows before a time is chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmProps {
    /// The id, and in words: name, minutes and price.
    pub service: String,
    pub service_name: String,
    pub service_facts: String,
    pub location: String,
    /// Everybody this may be for; oneself first.
    pub who: Vec<BookableClient>,
    /// When they are engaged already.
    pub engaged: Vec<Engaged>,
    /// The page to come back to when it is refused.
    pub page: String,
    pub request_key: String,
    pub state: FormState,
}

/// The heading: the question is asked only when there is more than one answer.
pub fn heading(who: &[BookableClient]) -> &'static str {
    if who.len() > 1 { "Who is this appointment for?" } else { "Confirm your appointment" }
}

/// The fields of the form and what is about to be booked.
#[component]
pub fn ConfirmFields(
    props: ConfirmProps,
    /// The chosen time, with its day in words.
    #[prop(into)]
    time: Signal<Option<(FreeTime, String)>>,
) -> impl IntoView {
    let ConfirmProps { service, service_name, service_facts, location, who, engaged, page, request_key, state } = props;
    let starts_at = move || time.get().map(|(time, _)| time.starts_at).unwrap_or_default();
    let practitioner = move || time.get().map(|(time, _)| time.practitioner.to_string()).unwrap_or_default();
    let practitioner_name = move || time.get().map(|(time, _)| time.practitioner_name).unwrap_or_default();
    let when = move || time.get().map(|(time, day)| format!("{day}, {}", time.label)).unwrap_or_default();
    let chosen = state.value("client", "");
    let choices = who.len() > 1;
    let options = who
        .into_iter()
        .enumerate()
        .map(|(index, person)| {
            let (id, engaged) = (person.id, engaged.clone());
            let busy = Memo::new(move |_| time.get().is_some_and(|(time, _)| engaged.iter().any(|taken| taken.hinders(id, &time))));
            let is_chosen = if chosen.is_empty() { !choices && index == 0 } else { chosen == id.to_string() };
            let note = if person.is_self { "You" } else { "You book and manage appointments for them" };
            if choices {
                view! {
                    <label class="choice">
                        <input type="radio" name="form[client]" value=id.to_string() checked=is_chosen
                            required=true disabled=move || busy.get()/>
                        <span class="choice-title">{person.name}</span>
                        <span class="choice-note">
                            {move || if busy.get() { "Already has an appointment at that time" } else { note }}
                        </span>
                    </label>
                }
                .into_any()
            } else {
                view! {
                    <input type="hidden" name="form[client]" value=id.to_string()/>
                    <p class="notice warn" hidden=move || !busy.get()>"You already have an appointment at that time."</p>
                }
                .into_any()
            }
        })
        .collect_view();
    let refused = state.error().map(|error| match error {
        AppError::Refused(Refusal::Invalid(errors)) if errors.get("client").is_some() => {
            "Please choose who it is for.".to_owned()
        }
        other => other.to_string(),
    });
    view! {
        <input type="hidden" name="_page" value=page/>
        <input type="hidden" name="form[service]" value=service/>
        <input type="hidden" name="form[practitioner]" value=practitioner/>
        <input type="hidden" name="form[starts_at]" value=starts_at/>
        <input type="hidden" name="form[request_key]" value=request_key/>
        {refused.map(|words| view! { <div class="error-summary" role="alert"><h2>{words}</h2></div> })}
        <dl class="summary facts">
            <dt>"What"</dt>
            <dd>{service_name}<span class="muted">" · "{service_facts}</span></dd>
            <dt>"When"</dt>
            <dd class="tnum">{when}</dd>
            <dt>"With"</dt>
            <dd>{practitioner_name}</dd>
            <dt>"Where"</dt>
            <dd>{location}</dd>
        </dl>
        {if choices {
            view! {
                <fieldset class="group">
                    <legend>"This appointment is for"</legend>
                    <div class="choices">{options}</div>
                </fieldset>
            }
            .into_any()
        } else {
            options.into_any()
        }}
    }
}
