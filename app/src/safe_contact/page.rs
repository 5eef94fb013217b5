//! The page on which staff keep it, and the note on the profile.

use crate::error::AppError;
use crate::ui::page::{Shown, page};
use crate::ui::{FormState, PostForm};
use leptos::prelude::*;
use shared::safe_contact::{DISCREET_SUBJECT, SafeRule};
use shared::{ClientNumber, Refusal};

const SAVE: &str = "/fn/safe_contact/save";

/// What is kept, at the head of the profile.
pub fn note(number: ClientNumber, rules: &[SafeRule], may_change: bool) -> Option<AnyView> {
    if rules.is_empty() {
        return None;
    }
    let words: Vec<String> = rules.iter().map(|rule| format!("{rule}.")).collect();
    let edit =
        may_change.then(|| view! { " "<a href=format!("/clients/{number}/safe-contact")>"Edit safe contact"</a> });
    Some(
        view! { <div class="alert" role="note"><strong>"Safe contact: "</strong>{words.join(" ")}{edit}</div> }
            .into_any(),
    )
}

#[component]
pub fn SafeContactPage() -> impl IntoView {
    page(|page| async move {
        let params = leptos_router::hooks::use_params_map().get_untracked();
        let number: ClientNumber =
            params.get("number").and_then(|text| text.parse().ok()).ok_or(AppError::Refused(Refusal::NotFound))?;
        let (name, rules) = db::safe_contact::one(page.pool(), &page.actor, number).await?;
        let state = FormState::of(SAVE);
        let checks = SafeRule::ALL
            .iter()
            .map(|rule| {
                let ticked = state.includes("rules", rule.as_str(), rules.contains(rule));
                view! {
                    <label class="check">
                        <input type="checkbox" name="form[rules][]" value=rule.as_str() checked=ticked/>
                        <span><span class="strong">{rule.label()}</span><br/><span class="small muted">{hint(*rule)}</span></span>
                    </label>
                }
            })
            .collect_view();
        Ok(Shown::new(
            format!("Safe contact: {name}"),
            view! {
                <div class="page-head">
                    <div>
                        <a class="back" href=format!("/clients/{number}")>{name.clone()}</a>
                        <h1>"Safe contact"</h1>
                        <p class="sub">{format!("How to reach {name} without putting them at risk.")}</p>
                    </div>
                </div>
                <PostForm action=SAVE page=page.here.clone() state=state class="panel form">
                    <input type="hidden" name="number" value=number.to_string()/>
                    <fieldset class="group"><legend>{format!("{name} has asked for this")}</legend>{checks}</fieldset>
                    <div class="form-actions">
                        <button class="button primary" type="submit">"Save"</button>
                        <a class="button quiet" href=format!("/clients/{number}")>"Cancel"</a>
                    </div>
                </PostForm>
            },
        )
        .narrow())
    })
}

fn hint(rule: SafeRule) -> String {
    match rule {
        SafeRule::NoWriting => {
            "No emails or texts, except password and address emails they ask for themselves. Linked people still get their copies.".to_owned()
        }
        SafeRule::NoMessages => "No voicemail, and no messages with other people.".to_owned(),
        SafeRule::Discreet => format!("Every email to their address has the subject “{DISCREET_SUBJECT}”."),
    }
}
