//! A form that was sent after the login had ended, or under another login: the page holds all that was typed,
//! and sends it once the person who filled it in is logged in again. Nothing of it is stored meanwhile.

use crate::context;
use crate::error::AppError;
use crate::forms::{SAVE_DRAFT, SUBMIT};
use crate::ui::Posted;
use crate::ui::page::{Shown, public_page};
use leptos::prelude::*;
use shared::{Conflict, Refusal};

/// By itself it has nothing to send.
#[component]
pub fn LogInAgainPage() -> impl IntoView {
    public_page(|_, _| async {
        let Some(posted) = context::extension::<Posted>() else {
            leptos_axum::redirect("/login");
            return Ok(Shown::new("Log in", ()));
        };
        let other = posted.error == AppError::Refused(Refusal::Conflict(Conflict::OtherLogin));
        let (why, first) = match other {
            true => {
                (Conflict::OtherLogin.to_string(), "Log out there, and log in as the person who filled in this form.")
            }
            false => ("You were logged out before this was sent.".to_owned(), "Log in there."),
        };
        let kept =
            posted.values.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
        let view = view! {
            <div class="auth">
                <h1>"Your answers aren’t sent yet"</h1>
                <p class="notice info" role="status">{why}" Your answers are still on this page. Keep it open."</p>
                <ol>
                    <li><a href=if other { "/my" } else { "/login" } target="_blank" rel="noopener">"Open the portal in a new tab"</a>". "{first}</li>
                    <li>"Come back to this tab and choose Send."</li>
                </ol>
                <form method="post" action=SUBMIT class="form">
                    {kept.collect_view()}
                    <div class="form-actions">
                        <button class="button primary" type="submit">"Send"</button>
                        <button class="button" type="submit" formaction=SAVE_DRAFT>"Save for later"</button>
                    </div>
                </form>
            </div>
        };
        Ok(Shown::new("Your answers aren’t sent yet", view).narrow())
    })
}
