//! The page that asks for the password again, before what matters; and on to where one was.

use super::passkeys;
use crate::context;
use crate::error::AppError;
use crate::ui::Posted;
use crate::ui::page::{Shown, page};
use leptos::prelude::*;
use shared::refusal::FieldErrors;
use shared::{Problem, Refusal};

/// The password's name beside the fields of any form. The server takes it before the form's own function.
pub const FIELD: &str = "_confirm";

const HERE: &str = "/account/confirm";
const ACTION: &str = "/fn/account/confirm";

/// Of a form that was refused: the form itself, hidden, with a field for the password. Else only the
/// password, and on to the page or file that the address names.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    page(|page| async move {
        let posted = context::extension::<Posted>();
        let problem = posted.as_ref().and_then(|posted| problem(&posted.error));
        let (action, values) = match posted {
            Some(posted) => (posted.action, posted.values),
            None => {
                (ACTION.to_owned(), vec![("_page".into(), page.here.clone()), ("next".into(), context::next_page())])
            }
        };
        let back = values.iter().find(|(name, _)| name == "_page").and_then(|(_, page)| context::local_path(page));
        let back = back.filter(|page| !page.starts_with(HERE)).unwrap_or_else(|| "/".to_owned());
        let kept = values.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
        let invalid = problem.is_some();
        let passkey = passkeys::proof(&page).await?;
        let script = passkey.is_some().then(passkeys::script);
        let view = view! {
            <div class="auth">
                <h1>"Confirm that it’s you"</h1>
                <p>"Enter your password, or a code from your authenticator app. We won’t ask again for five minutes."</p>
                <form method="post" action=action class="form" novalidate=true data-passkey="proof" data-begin=passkeys::BEGIN_PROOF>
                    {kept.collect_view()}
                    <div class=if invalid { "field invalid" } else { "field" }>
                        <label for="f-confirm">"Password or code"</label>
                        <input id="f-confirm" name=FIELD type="password" required=true autofocus=true autocomplete="current-password"
                            aria-invalid=invalid.then_some("true") aria-describedby=invalid.then_some("f-confirm-error")/>
                        {problem.map(|problem| view! { <p class="error" id="f-confirm-error">{problem}</p> })}
                    </div>
                    {passkey}
                    <div class="form-actions">
                        <button class="button primary" type="submit">"Confirm"</button>
                        <a class="button" href=back>"Cancel"</a>
                    </div>
                </form>
            </div>
            {script}
        };
        Ok(Shown::new("Confirm that it’s you", view).narrow())
    })
}

/// What was wrong with the password that was given.
fn problem(error: &AppError) -> Option<String> {
    match error {
        AppError::ShowAgain => None,
        AppError::Refused(Refusal::Invalid(errors)) => Some(words(errors)),
        error => Some(error.to_string()),
    }
}

fn words(errors: &FieldErrors) -> String {
    match errors.get("confirm") {
        Some(Problem::Required) | None => "Enter your password.".to_owned(),
        Some(problem) => problem.to_string(),
    }
}
