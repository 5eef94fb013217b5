//! How offers are made.

use crate::ui::page::{Shown, page};
use crate::ui::{CheckField, FormState, PostForm, TextField};
use crate::waitlist::SAVE_SETTINGS;
use leptos::prelude::*;

#[component]
pub fn OfferSettingsPage() -> impl IntoView {
    page(|page| async move {
        page.actor.administrator()?;
        let settings = db::waitlist::settings(page.pool(), &page.actor).await?;
        let state = FormState::of(SAVE_SETTINGS);
        Ok(Shown::new(
            "Waiting list",
            view! {
                <div class="page-head"><div><a class="back" href="/settings">"Settings"</a><h1>"Waiting list"</h1>
                    <p class="sub">"How times that become free are offered to those who wait."</p></div></div>
                <PostForm action=SAVE_SETTINGS page=page.here.clone() state=state.clone() class="panel form">
                    <TextField field="minutes" label="Time to answer, in minutes" kind="number" state=state.clone()
                        value=settings.minutes.to_string() hint="10 to 1440. The time is held for them meanwhile." required=true/>
                    <CheckField field="by_itself" label="Offer free times by itself" state=state checked=settings.by_itself
                        hint="One person at a time, and the next one when the first declines or doesn’t answer. Only times that could be booked online."/>
                    <p class="hint">"Offers aren’t sent between 9 pm and 8 am unless the time is within 24 hours."</p>
                    <div class="form-actions"><button type="submit" class="button primary">"Save"</button></div>
                </PostForm>
            },
        )
        .narrow())
    })
}
