//! A form that is filled in without a login, by the link in an email.

use super::fill::{Target, fill};
use super::param;
use crate::context::query;
use crate::error::AppError;
use crate::forms::{SAVE_BY_LINK, SUBMIT_BY_LINK, UNLOCK_LINK};
use crate::ui::page::{Shown, public_page};
use crate::ui::{FormState, PostForm, TextField};
use crate::visits::pass;
use axum::http::HeaderValue;
use axum::http::header::REFERRER_POLICY;
use db::forms::LinkStep;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use shared::accounts::Secret;

/// In place of a secret: the form was sent, and its link is no more.
const SENT: &str = "sent";

#[component]
pub fn FormLinkPage() -> impl IntoView {
    let (secret, more) = (Secret(param("token")), !query("more").is_empty());
    let unlock = FormState::of(UNLOCK_LINK);
    let state = match FormState::of(SUBMIT_BY_LINK) {
        state if state.was_posted() => state,
        _ => FormState::of(SAVE_BY_LINK),
    };
    public_page(move |app, practice| async move {
        if let Some(response) = use_context::<ResponseOptions>() {
            // The address is a secret: no other site learns of it.
            response.insert_header(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        }
        if secret.0 == SENT {
            return Ok(sent());
        }
        let pass = pass::pass(&secret);
        let here = format!("/form-links/{}", secret.0);
        Ok::<_, AppError>(match db::forms::look_at_link(&app.pool, &secret, pass.as_ref()).await? {
            LinkStep::Open => {
                let open = db::forms::open_by_link(&app.pool, &secret, pass.as_ref(), None).await?;
                let hidden = view! { <input type="hidden" name="secret" value=secret.0.clone()/> }.into_any();
                let back = ().into_any();
                let target = Target { submit: SUBMIT_BY_LINK, save: SAVE_BY_LINK, here, hidden, back };
                fill(target, open, state, more, "")
            }
            step => ask(step, &secret, here, unlock, &practice.name),
        })
    })
}

fn ask(step: LinkStep, secret: &Secret, here: String, state: FormState, practice: &str) -> Shown {
    let (lead, field) = match step {
        LinkStep::BirthDate => {
            let field = view! { <TextField field="birth_date" label="Date of birth" kind="date" state=state.clone() class="short" required=true/> };
            ("To keep it private, enter the date of birth of the person it’s about.", Some(field))
        }
        LinkStep::Button | LinkStep::Open => ("You can fill it in without logging in.", None),
    };
    let (title, secret) = (format!("A form from {practice}"), secret.0.clone());
    Shown::new(
        title.clone(),
        view! {
            <div class="auth"><h1>{title}</h1><p>{lead}</p>
                <PostForm action=UNLOCK_LINK page=here state=state>
                    <input type="hidden" name="form[secret]" value=secret/>
                    {field}
                    <div class="form-actions"><button type="submit" class="button primary">"Open the form"</button></div>
                </PostForm>
            </div>
        },
    )
    .narrow()
}

fn sent() -> Shown {
    Shown::new(
        "Sent",
        view! { <div class="auth"><h1>"Sent. Thank you."</h1><p>"The practice can see it now. You can close this page."</p></div> },
    )
    .narrow()
}
