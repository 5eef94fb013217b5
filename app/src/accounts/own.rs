//! *My account*: what staff change of their own.

use crate::settings::pages::version_input;
use crate::ui::page::{Shown, page};
use crate::ui::{CheckField, FormState, PostForm, SelectField, TextField};
use leptos::prelude::*;
use shared::accounts::{OwnAccount, PASSWORD_MIN, Theme};

const DETAILS: &str = "/fn/account/save_details";
const PASSWORD: &str = "/fn/account/change_password";
const PREFERENCES: &str = "/fn/account/save_preferences";
const EVERYWHERE: &str = "/fn/account/log_out_everywhere";
const HERE: &str = "/account";

#[component]
pub fn AccountPage() -> impl IntoView {
    page(|page| async move {
        let own = db::accounts::own(page.pool(), &page.actor).await?;
        let email = own.email.clone();
        Ok(Shown::new(
            "My account",
            view! {
                <div class="page-head"><div><h1>"My account"</h1></div></div>
                <div class="cols-2">
                    {details(&own)}
                    {password(email)}
                    {preferences(&own, &page.practice.client_word)}
                    {everywhere()}
                </div>
            },
        ))
    })
}

fn details(own: &OwnAccount) -> impl IntoView + use<> {
    let state = FormState::of(DETAILS);
    let version = version_input(&state, own.version);
    let OwnAccount { first_name, last_name, email, .. } = own.clone();
    view! {
        <section class="panel" aria-labelledby="details">
            <h2 id="details">"Name and email"</h2>
            <PostForm action=DETAILS page=HERE state=state.clone()>
                {version}
                <TextField field="first_name" label="First name" state=state.clone() value=first_name autocomplete="given-name"/>
                <TextField field="last_name" label="Last name" state=state.clone() value=last_name autocomplete="family-name" required=true/>
                <TextField field="email" label="Work email" kind="email" state=state.clone() value=email autocomplete="email" required=true
                    hint="You log in with it. We email your old address about a change."/>
                <TextField field="current" label="Current password" kind="password" state autocomplete="current-password" optional=true
                    hint="Needed to change your email."/>
                <div class="row"><button class="button primary" type="submit">"Save"</button></div>
            </PostForm>
        </section>
    }
}

fn password(email: String) -> impl IntoView {
    let state = FormState::of(PASSWORD);
    // The form beside has a field of this name too.
    view! {
        <section class="panel" aria-labelledby="password">
            <h2 id="password">"Password"</h2>
            <PostForm action=PASSWORD page=HERE state=state.clone()>
                <input type="text" autocomplete="username" value=email hidden=true readonly=true/>
                <CurrentPassword state=state.clone()/>
                <TextField field="password" label="New password" kind="password" state=state.clone() autocomplete="new-password" required=true
                    hint=format!("At least {PASSWORD_MIN} characters. You’ll be logged out everywhere else.")/>
                <TextField field="again" label="New password again" kind="password" state autocomplete="new-password" required=true/>
                <div class="row"><button class="button primary" type="submit">"Change password"</button></div>
            </PostForm>
        </section>
    }
}

/// The current password, under an id of its own: the form beside asks for it too.
#[component]
fn CurrentPassword(state: FormState) -> impl IntoView {
    let problem = state.problem("current");
    let invalid = problem.is_some();
    view! {
        <div class=if invalid { "field invalid" } else { "field" }>
            <label for="f-password-current">"Current password"</label>
            <input id="f-password-current" name=FormState::name("current") type="password" required=true
                autocomplete="current-password" aria-invalid=invalid.then_some("true")
                aria-describedby=invalid.then_some("f-password-current-error")/>
            {problem.map(|problem| view! { <p class="error" id="f-password-current-error">{problem}</p> })}
        </div>
    }
}

fn preferences(own: &OwnAccount, word: &str) -> impl IntoView + use<> {
    let state = FormState::of(PREFERENCES);
    let themes = Theme::ALL.iter().map(|theme| (theme.as_str().to_owned(), theme.label().to_owned())).collect();
    let hint = format!("Press n for a new {word} or / to search. Turn this off if you use speech input.");
    let (theme, single_keys) = (own.theme.clone(), own.single_keys);
    view! {
        <section class="panel" aria-labelledby="preferences">
            <h2 id="preferences">"Preferences"</h2>
            <PostForm action=PREFERENCES page=HERE state=state.clone()>
                <SelectField field="theme" label="Theme" class="short" state=state.clone() options=themes value=theme/>
                <CheckField field="single_keys" label="Single-key shortcuts" state checked=single_keys
                    hint=hint/>
                <div class="row"><button class="button primary" type="submit">"Save preferences"</button></div>
            </PostForm>
        </section>
    }
}

fn everywhere() -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="sessions">
            <h2 id="sessions">"Log out everywhere"</h2>
            <p>"Ends your sessions on every device, including this one."</p>
            <form method="post" action=EVERYWHERE data-once="">
                <input type="hidden" name="_page" value=HERE/>
                <button class="button" type="submit">"Log out everywhere"</button>
            </form>
        </section>
    }
}
