//! Private notes on a team member, and what clients see of a practitioner.

use super::version_input;
use crate::ui::{CheckField, FormState, PostForm, TextArea, TextField};
use db::portal::StaffPublic;
use leptos::prelude::*;
use shared::StaffId;

const PUBLIC: &str = "/fn/settings/save_staff_public";
const NOTES: &str = "/fn/settings/save_staff_notes";

/// For administrators and the front desk alone.
pub(super) fn notes(here: &str, id: StaffId, version: i32, stored: String) -> impl IntoView + use<> {
    let state = FormState::of(NOTES);
    let (id, version) = (id.to_string(), version_input(&state, version));
    let now = state.is_stale().then(|| {
        view! {
            <div class="notice warn" role="alert">
                <p>"Someone else saved changes. Current version:"</p>
                <p class="pre">{stored.clone()}</p>
            </div>
        }
    });
    view! {
        <section class="panel" aria-labelledby="notes">
            <div class="panel-head"><h2 id="notes">"Notes"</h2></div>
            <PostForm action=NOTES page=here.to_owned() state=state.clone()>
                <input type="hidden" name="id" value=id/>
                {version}
                {now}
                <TextArea field="notes" label="Additional information" state value=stored rows=4 optional=true
                    hint="Visible to administrators and front desk only."/>
                <div class="form-actions"><button class="button primary" type="submit">"Save notes"</button></div>
            </PostForm>
        </section>
    }
}

/// What clients see in the portal, while the practitioner is assigned to them or has an
/// appointment with them.
pub(super) fn public(here: &str, id: StaffId, stored: StaffPublic, plural: &str) -> impl IntoView + use<> {
    let state = FormState::of(PUBLIC);
    let (id, version) = (id.to_string(), version_input(&state, stored.version));
    let now = state.is_stale().then(|| {
        let shown = [stored.title.clone(), stored.phone.clone(), stored.languages.clone()];
        let ticks = [
            (stored.shows_phone, "work phone shown"),
            (stored.shows_email, "work email shown"),
            (stored.shows_languages, "languages shown"),
        ];
        let ticks = ticks.into_iter().filter(|(ticked, _)| *ticked).map(|(_, words)| words.to_owned());
        let shown: Vec<_> = shown.into_iter().filter(|text| !text.is_empty()).chain(ticks).collect();
        view! { <div class="notice warn" role="alert"><p>{format!("Someone else saved changes. Current version: {}", shown.join(" · "))}</p></div> }
    });
    let sub = format!("In the portal, for {plural} assigned to them or with an upcoming appointment.");
    view! {
        <section class="panel" aria-labelledby="public">
            <div class="panel-head"><h2 id="public">{format!("Shown to {plural}")}</h2></div>
            <p class="muted small">{sub}</p>
            <PostForm action=PUBLIC page=here.to_owned() state=state.clone()>
                <input type="hidden" name="id" value=id/>
                {version}
                {now}
                <TextField field="title" label="Job title" state=state.clone() value=stored.title optional=true hint="Such as Psychologist."/>
                <TextField field="phone" label="Work phone" kind="tel" state=state.clone() value=stored.phone optional=true/>
                <TextField field="languages" label="Languages" state=state.clone() value=stored.languages optional=true hint="Such as English, French."/>
                <CheckField field="shows_phone" label="Show work phone" state=state.clone() checked=stored.shows_phone/>
                <CheckField field="shows_email" label="Show work email" state=state.clone() checked=stored.shows_email/>
                <CheckField field="shows_languages" label="Show languages" state checked=stored.shows_languages/>
                <div class="row"><button class="button" type="submit">"Save what is shown"</button></div>
            </PostForm>
        </section>
    }
}
