//! The sections that the practice has, to turn on and off.

use super::{columns, saved_now, version_input};
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, ListCheck, PostForm};
use leptos::prelude::*;
use shared::practice::{Practice, Section};

const SAVE: &str = "/fn/settings/save_sections";
const HERE: &str = "/settings/sections";

#[component]
pub fn SectionsPage() -> impl IntoView {
    page(|page| async move {
        page.actor.front_desk()?;
        let state = FormState::of(SAVE);
        Ok(Shown::new(
            "Sections",
            view! {
                <div class="page-head">
                    <div><a class="back" href="/settings">"Settings"</a><h1>"Sections"</h1>
                        <p class="sub">"Turn off what your practice doesn’t use. Nothing is deleted: turn it on again and everything is back."</p>
                    </div>
                </div>
                {form(&page, state)}
            },
        )
        .narrow())
    })
}

/// The form for administrators; the same fields to read for the front desk.
fn form(page: &Page, state: FormState) -> AnyView {
    let stored = &page.practice;
    let checks = Section::ALL.iter().map(|section| check(*section, stored, &state)).collect_view();
    if page.actor.administrator().is_err() {
        return view! {
            <div class="stack">
                <p class="notice info">"Only administrators change these."</p>
                <div class="panel"><fieldset class="form" disabled=true aria-label="Sections">{checks}</fieldset></div>
            </div>
        }
        .into_any();
    }
    let (columns, beside) = (columns(&state), saved_now(&state, HERE, facts(stored)));
    let version = version_input(&state, stored.version);
    view! {
        <div class=columns>
            <PostForm action=SAVE page=HERE state=state class="panel form">
                {version}
                <fieldset class="group" id="f-shown">
                    <legend>"Sections in use"</legend>
                    {checks}
                </fieldset>
                <div class="form-actions">
                    <button class="button primary" type="submit">"Save"</button>
                    <a class="button quiet" href=HERE>"Undo changes"</a>
                </div>
            </PostForm>
            {beside}
        </div>
    }
    .into_any()
}

fn check(section: Section, stored: &Practice, state: &FormState) -> impl IntoView + use<> {
    let hint = hint(section, stored);
    view! {
        <div class="field">
            <ListCheck field="shown" value=section.as_str() label=section.label() state=state.clone() checked=stored.shows(section)/>
            <p class="hint">{hint}</p>
        </div>
    }
}

fn hint(section: Section, stored: &Practice) -> String {
    let (one, many) = (&stored.client_word, &stored.client_word_plural);
    match section {
        Section::Coverage => {
            format!("Health cards, fee programmes and billing on {one} records. What is already entered stays visible.")
        }
        Section::Availability => format!("When {many} can usually come, on profiles and in the portal."),
        Section::Prospects => "A board of people who enquired, with stages and next steps.".to_owned(),
        Section::Activities => "Hours your team logs, with or without an appointment.".to_owned(),
        Section::Reports => format!("Totals of activities, hours and {many} seen, to print or download."),
    }
}

fn facts(stored: &Practice) -> Vec<(&'static str, String)> {
    let word = |section: &Section| if stored.shows(*section) { "On" } else { "Off" }.to_owned();
    Section::ALL.iter().map(|section| (section.label(), word(section))).collect()
}
