//! A client edits their own record, as far as the practice lets them.

use crate::settings::pages::{columns, saved_now};
use crate::ui::page::{Shown, page};
use crate::ui::stale::version_input;
use crate::ui::{FormState, PostForm, SelectField, TextArea, TextField, field_id};
use db::clients::OwnDetails;
use leptos::prelude::*;
use shared::Refusal;
use shared::clients::PHONES_MAX;
use shared::clients::columns::Column;
use shared::clients::own::OwnRecordForm;
use shared::permissions::Detail;
use shared::practice::phone_words;

const SAVE: &str = "/fn/portal/save_details";
const HERE: &str = "/my/details/edit";
/// Blank rows below the further numbers that are filled in.
const SPARE: usize = 2;

#[component]
pub fn EditMyDetailsPage() -> impl IntoView {
    page(|page| async move {
        let own = db::clients::own(page.pool(), &page.actor).await?;
        if page.practice.code_only || !own.settings.edits_any() {
            return Err(Refusal::Forbidden.into());
        }
        let languages = db::clients::own_languages(page.pool(), &own.record.language).await?;
        let state = FormState::of(SAVE);
        let beside = saved_now(&state, HERE, facts(&own));
        let columns = columns(&state);
        let form = form(&own, &state, languages);
        Ok(Shown::new(
            "Edit my details",
            view! {
                <div class="page-head"><div><a class="back" href="/my/details">"My details"</a><h1>"Edit my details"</h1></div></div>
                <div class=columns>{form}{beside}</div>
            },
        )
        .narrow())
    })
}

fn form(own: &OwnDetails, state: &FormState, languages: Vec<(String, String)>) -> AnyView {
    let stored = own.record.form(own.version);
    // What was refused is shown again as it was sent: without what became editable meanwhile.
    let edits = |detail: Detail| own.settings.edits(detail) && state.includes("edits", detail.as_str(), true);
    let shown = Detail::ALL.iter().filter(|detail| **detail != Detail::Email && edits(**detail));
    let shown =
        shown.map(|detail| view! { <input type="hidden" name="form[edits][]" value=detail.as_str()/> }).collect_view();
    let field = |field: &'static str, label: &'static str, value: String, autocomplete: &'static str| {
        view! { <TextField field=field label=label state=state.clone() value=value autocomplete=autocomplete/> }
            .into_any()
    };
    let mut fields: Vec<AnyView> = Vec::new();
    if edits(Detail::Name) {
        fields.push(field("first_name", "First name", stored.first_name.clone(), "given-name"));
        fields.push(field("last_name", "Last name", stored.last_name.clone(), "family-name"));
    }
    if edits(Detail::PreferredName) {
        fields.push(field("preferred_name", "Preferred name", stored.preferred_name.clone(), "nickname"));
    }
    if edits(Detail::Mobile) {
        let value = phone_words(&stored.mobile);
        fields.push(
            view! {
                <TextField field="mobile" label=Column::Mobile.label() kind="tel" state=state.clone() value=value autocomplete="tel"
                    hint="For text messages and calls."/>
            }
            .into_any(),
        );
    }
    if edits(Detail::Phones) {
        fields.push(phones(&stored, state));
    }
    if edits(Detail::Address) {
        fields.push(
            view! { <TextArea field="address" label="Address" state=state.clone() value=stored.address.clone() rows=3/> }.into_any(),
        );
        fields.push(field("address_unit", "Unit", stored.address_unit.clone(), "address-line2"));
    }
    if edits(Detail::Language) {
        fields.push(
            view! { <SelectField field="language" label="Language" state=state.clone() options=languages value=stored.language.clone()/> }
                .into_any(),
        );
    }
    if edits(Detail::Zone) {
        let mut zones = db::time::zones();
        if !zones.contains(&stored.zone) {
            zones.push(stored.zone.clone());
        }
        let zones = zones.into_iter().map(|zone| (zone.clone(), zone.replace('_', " "))).collect();
        fields.push(
            view! {
                <SelectField field="zone" label="Time zone" state=state.clone() options=zones value=stored.zone.clone()
                    hint="Your availability is in this time zone."/>
            }
            .into_any(),
        );
    }
    let version = version_input(state, own.version);
    view! {
        <PostForm action=SAVE page=HERE state=state.clone() class="panel form" long=true>
            {version}
            {shown}
            {fields}
            <div class="form-actions">
                <button class="button primary" type="submit">"Save"</button>
                <a class="button quiet" href="/my/details">"Cancel"</a>
            </div>
        </PostForm>
    }
    .into_any()
}

fn phones(stored: &OwnRecordForm, state: &FormState) -> AnyView {
    let (filled, spare) = match state.was_posted() {
        true => (state.rows("phones"), 0),
        false => (stored.phones.len(), SPARE),
    };
    let row = |at: usize| {
        let one = stored.phones.get(at).cloned().unwrap_or_default();
        let name = |part: &str| format!("phones.{at}.{part}");
        let nth = at + 1;
        view! {
            <div class="field-row">
                <TextField field=name("label") label=format!("Type {nth}") state=state.clone() value=one.label class="short"/>
                <TextField field=name("number") label=format!("Number {nth}") kind="tel" state=state.clone() value=phone_words(&one.number)/>
            </div>
        }
    };
    let rows = (0..(filled + spare).min(PHONES_MAX).max(filled)).map(row).collect_view();
    let problem = state.problem("phones");
    view! {
        <fieldset class="group">
            <legend>"Further phone numbers"</legend>
            <p class="hint">"Like Home or Work. Clear a row to remove it."</p>
            {problem.map(|problem| view! { <p class="error" id=field_id("phones") tabindex="-1">{problem}</p> })}
            {rows}
        </fieldset>
    }
    .into_any()
}

/// What is saved now, beside a form that was refused as stale.
fn facts(own: &OwnDetails) -> Vec<(&'static str, String)> {
    let record = &own.record;
    let phones = record.phones.iter().map(|one| format!("{} {}", one.label, phone_words(&one.number)));
    let all = [
        (Detail::Name, "Name", format!("{} {}", record.first_name, record.last_name)),
        (Detail::PreferredName, "Preferred name", record.preferred_name.clone()),
        (Detail::Mobile, Column::Mobile.label(), phone_words(record.mobile.as_deref().unwrap_or_default())),
        (Detail::Phones, "Further phone numbers", phones.collect::<Vec<_>>().join("\n")),
        (Detail::Address, "Address", format!("{}\n{}", record.address_unit, record.address)),
        (Detail::Language, "Language", own.language.clone()),
        (Detail::Zone, "Time zone", record.zone.replace('_', " ")),
    ];
    let edited = all.into_iter().filter(|(detail, ..)| own.settings.edits(*detail));
    edited
        .map(|(_, name, text)| (name, if text.trim().is_empty() { "–".to_owned() } else { text.trim().to_owned() }))
        .collect()
}
