//! Private notes on a team member (B9).

use super::version_input;
use crate::ui::{FormState, PostForm, TextArea};
use leptos::prelude::*;
use shared::StaffId;

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
