//! The text of the welcome e-mail.

use super::{paragraphs, saved_now, version_input};
use crate::ui::page::{Shown, page};
use crate::ui::{FormState, PostForm, TextArea, TextField};
use leptos::prelude::*;
use shared::practice::fill_welcome;

const SAVE: &str = "/fn/settings/save_welcome";

#[component]
pub fn WelcomePage() -> impl IntoView {
    page(|page| async move {
        let state = FormState::of(SAVE);
        page.actor.administrator()?;
        let stored = page.practice;
        let off = (!stored.invites()).then(|| {
            let word = &stored.client_word;
            let words = format!("Invitations are off because {word} login is off or names aren’t stored.");
            view! { <p class="notice info">{words}</p> }
        });
        let link = format!("{}/claim/0123456789abcdef", page.app.settings.base_url);
        let fill = |text: &str, link: &str| fill_welcome(text, "Mia", &stored.name, link);
        // A subject shows where a body does not: no link there.
        let subject = fill(&state.value("subject", &stored.welcome_subject), "{link}");
        let body = fill(&state.value("body", &stored.welcome_body), &link);
        let other = vec![("Subject", stored.welcome_subject.clone()), ("Text", stored.welcome_body.clone())];
        let other = saved_now(&state, "/settings/welcome", other);
        Ok(Shown::new(
            "Welcome email",
            view! {
                <div class="page-head">
                    <div><a class="back" href="/settings">"Settings"</a><h1>"Welcome email"</h1>
                        <p class="sub">
                            {format!("Sent when you invite an active {}. The link works once and expires in 72 hours.", stored.client_word)}
                        </p>
                    </div>
                </div>
                {off}
                <div class="split">
                    <PostForm action=SAVE page="/settings/welcome" state=state.clone() class="panel form" long=true>
                        {version_input(&state, stored.version)}
                        <TextField field="subject" label="Subject" state=state.clone() value=stored.welcome_subject required=true/>
                        <TextArea field="body" label="Text" state=state value=stored.welcome_body rows=14
                            hint="{first_name}, {practice} and {link} are replaced automatically. {link} is required."/>
                        <div class="form-actions">
                            <button class="button primary" type="submit">"Save welcome email"</button>
                            <a class="button quiet" href="/settings/welcome">"Undo changes"</a>
                        </div>
                    </PostForm>
                    <div class="stack">
                        {other}
                        <section class="panel" aria-labelledby="preview">
                            <div class="panel-head">
                                <h2 id="preview">"Preview"</h2>
                                <span class="muted small">"Example. Updates when you save."</span>
                            </div>
                            <p class="strong">{subject}</p>
                            {paragraphs(&body)}
                        </section>
                    </div>
                </div>
            },
        ))
    })
}
