//! How text messages are sent.

use super::version_input;
use crate::ui::page::{Shown, page};
use crate::ui::{FormState, PostForm, SelectField, TextArea, TextField};
use db::messages::sms_setting::SmsSetting;
use leptos::prelude::*;
use shared::sms::SenderKind;

const SAVE: &str = "/fn/settings/save_sms";
const HERE: &str = "/settings/text-messages";

#[component]
pub fn SmsPage() -> impl IntoView {
    page(|page| async move {
        let stored = db::messages::sms_setting::settings(page.pool(), &page.actor).await?;
        let state = FormState::of(SAVE);
        let base_url = page.app.settings.base_url.clone();
        let used = format!("{} of {} parts in the last 24 hours.", stored.sent, stored.daily_cap);
        let kept = (stored.sender == SenderKind::None).then(|| {
            view! { <p class="notice info">"Text messages aren’t sent yet. They are kept in the "<a href="/settings/outbox">"outbox"</a>"."</p> }
        });
        Ok(Shown::new(
            "Text messages",
            view! {
                <div class="page-head"><div><a class="back" href="/settings">"Settings"</a><h1>"Text messages"</h1>
                    <p class="sub">"Confirmations, changes, cancellations and reminders, to everyone who agreed to them. One number gets one text."</p>
                </div></div>
                {kept}
                <div class="split">
                    <div class="stack">{form(state, stored)}</div>
                    <div class="stack">{addresses(&base_url)}<section class="panel"><h2>"Sent"</h2><p>{used}</p></section></div>
                </div>
            },
        ))
    })
}

fn form(state: FormState, stored: SmsSetting) -> AnyView {
    let senders = SenderKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind.label().to_owned())).collect();
    let template = if stored.template.is_empty() {
        "{\"to\": \"{to}\", \"text\": \"{text}\"}".to_owned()
    } else {
        stored.template.clone()
    };
    let secret =
        if stored.has_secret { "Stored. Leave empty to keep it." } else { "Stored encrypted, and never shown again." };
    let secret_id = "sms-secret";
    let problem = state.problem("secret").map(|words| view! { <p class="error" id="sms-secret-error">{words}</p> });
    let invalid = problem.is_some();
    view! {
        <PostForm action=SAVE page=HERE state=state.clone() class="panel form" long=true>
            {version_input(&state, stored.version)}
            <SelectField field="sender" label="Sent by" state=state.clone() options=senders value=stored.sender.as_str()/>
            <TextField field="daily_cap" label="Most parts in 24 hours" state=state.clone() inputmode="numeric" class="short"
                value=stored.daily_cap.to_string() required=true hint="A long text is sent in several parts. What is above waits."/>
            <div class=if invalid { "field invalid" } else { "field" }>
                <label for=secret_id>"Secret"</label>
                <p class="hint" id="sms-secret-hint">{format!("The Twilio auth token, or the value of the gateway’s header. {secret}")}</p>
                <input id=secret_id type="password" name=FormState::name("secret") autocomplete="off"
                    aria-invalid=invalid.then_some("true")
                    aria-describedby=if invalid { "sms-secret-hint sms-secret-error" } else { "sms-secret-hint" }/>
                {problem}
            </div>
            <fieldset class="group"><legend>"Twilio"</legend>
                <TextField field="account" label="Account SID" state=state.clone() value=stored.account.clone() optional=true/>
                <TextField field="from_number" label="Number or messaging service SID" state=state.clone() value=stored.from_number.clone() optional=true/>
            </fieldset>
            <fieldset class="group"><legend>"Gateway"</legend>
                <TextField field="url" label="Address" state=state.clone() value=stored.url.clone() optional=true
                    hint="Like https://gateway.example.com/send. Leave empty for Twilio."/>
                <TextField field="header" label="Header with the secret" state=state.clone() value=stored.header.clone() optional=true hint="Like Authorization."/>
                <TextArea field="template" label="Body" state=state value=template rows=4
                    hint="JSON. {to}, {text} and {id} are replaced automatically."/>
            </fieldset>
            <div class="form-actions"><button type="submit" class="button primary">"Save"</button></div>
        </PostForm>
    }
    .into_any()
}

/// Where answers and reports go.
fn addresses(base_url: &str) -> AnyView {
    let line = |name: &'static str, path: &'static str| {
        view! { <div><dt>{name}</dt><dd><code>{format!("{base_url}{path}")}</code></dd></div> }
    };
    view! {
        <section class="panel" aria-labelledby="addresses">
            <h2 id="addresses">"Answers and reports"</h2>
            <p class="muted">"Enter these where your sender asks for a webhook, so that STOP and START work."</p>
            <dl class="facts">{line("Twilio", "/hooks/sms/twilio")}{line("Gateway", "/hooks/sms/gateway")}</dl>
        </section>
    }
    .into_any()
}
