//! What the practice decides about linked clients.

use crate::ui::page::{Shown, page};
use crate::ui::{FormState, PostForm, TextField};
use leptos::prelude::*;

const SAVE_SETTINGS: &str = "/fn/links/save_settings";

#[component]
pub fn LinkSettingsPage() -> impl IntoView {
    page(|page| async move {
        let (age, version) = db::links::settings(page.pool(), &page.actor).await?;
        let state = FormState::of(SAVE_SETTINGS);
        let stale = state.is_stale();
        let title = format!("Linked {}", page.practice.client_word_plural);
        let version = if stale { version.to_string() } else { state.value("version", &version.to_string()) };
        Ok(Shown::new(
            title.clone(),
            view! {
                <div class="page-head"><div><a class="back" href="/settings">"Settings"</a><h1>{title}</h1>
                    <p class="sub">"What others can do for a minor ends when they come of age."</p></div></div>
                <PostForm action=SAVE_SETTINGS page=page.here.clone() state=state.clone() class="panel form">
                    <input type="hidden" name="form[version]" value=version/>
                    <TextField field="age_of_majority" label="Age of majority" kind="number" state value=age.to_string()
                        hint="14 to 25. On that birthday their permissions for others end, at midnight in the practice’s time zone." required=true/>
                    <p class="hint">"Both people are emailed 30 days before and on the day. The new adult, or the front desk with them, can give permissions again."</p>
                    <div class="form-actions"><button type="submit" class="button primary">"Save"</button></div>
                </PostForm>
            },
        )
        .narrow())
    })
}
