//! *My account*: one's password and sessions; what staff change of their own, and a client's email address.

use super::security::SECURITY;
use crate::ui::page::{Shown, page};
use crate::ui::stale::version_input;
use crate::ui::{CheckField, FormState, PostForm, SelectField, TextField};
use db::Actor;
use db::accounts::OwnAddress;
use leptos::prelude::*;
use shared::accounts::{MailChoices, OwnAccount, PASSWORD_MIN, Theme};

const DETAILS: &str = "/fn/account/save_details";
const PASSWORD: &str = "/fn/account/change_password";
const ADDRESS: &str = "/fn/account/request_address";
const PREFERENCES: &str = "/fn/account/save_preferences";
const MAIL: &str = "/fn/account/save_mail";
const HERE: &str = "/account";

#[component]
pub fn AccountPage() -> impl IntoView {
    page(|page| async move {
        let sessions = super::sessions::panel(&page).await?;
        if let Actor::Client(_) = page.actor {
            let own = db::accounts::own_address(page.pool(), &page.actor).await?;
            return Ok(Shown::new("My account", client(own, sessions)));
        }
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
                    {mail(own.mail, &page.practice.client_word_plural)}
                    {security()}
                    {feeds()}
                </div>
                {sessions}
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
                <TextField field="again" label="Confirm password" kind="password" state autocomplete="new-password" required=true/>
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

fn client(own: OwnAddress, sessions: AnyView) -> impl IntoView {
    let state = FormState::of(ADDRESS);
    let OwnAddress { email, is_shown, may_change, username, pending } = own;
    let name = username.clone();
    let now = match email.as_str() {
        "" if !is_shown => String::new(),
        "" => "The practice has no email address for you.".to_owned(),
        email => format!("Your email address is {email}."),
    };
    let pending = pending
        .map(|address| format!("Waiting for confirmation: {address}. Open the link in the email we sent there."));
    view! {
        <div class="page-head"><div><h1>"My account"</h1><p class="sub">{format!("Username: {username}")}</p></div></div>
        {(is_shown || may_change).then(|| view! { <section class="panel" aria-labelledby="email">
            <h2 id="email">"Email address"</h2>
            <p>{now}</p>
            {pending.map(|words| view! { <p class="notice info">{words}</p> })}
            {(!may_change).then(|| view! { <p class="muted">"The practice changes it for you."</p> })}
            {may_change.then(|| view! { <PostForm action=ADDRESS page=HERE state=state.clone()>
                // Tells password managers whose password is asked for.
                <input type="text" autocomplete="username" value=username hidden=true readonly=true/>
                <TextField field="email" label="New email" kind="email" state=state.clone() autocomplete="email" required=true
                    hint="We’ll email a link there. Your address changes when you open the link and confirm."/>
                <TextField field="current" label="Current password" kind="password" state autocomplete="current-password" required=true/>
                <div class="row"><button class="button primary" type="submit">"Send the link"</button></div>
            </PostForm> })}
        </section> })}
        {password(name)}
        {security()}
        {feeds()}
        {sessions}
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
                <SelectField field="theme" label="Theme" state=state.clone() options=themes value=theme/>
                <CheckField field="single_keys" label="Single-key shortcuts" state checked=single_keys
                    hint=hint/>
                <div class="row"><button class="button primary" type="submit">"Save preferences"</button></div>
            </PostForm>
        </section>
    }
}

/// What is emailed of appointments; the practitioner and the front desk get them.
fn mail(choices: MailChoices, many: &str) -> impl IntoView + use<> {
    let state = FormState::of(MAIL);
    let MailChoices { booked, moved, cancelled, day } = choices;
    let sub = format!("What {many} do online, with you or, at the front desk, with anyone.");
    view! {
        <section class="panel" aria-labelledby="mail">
            <h2 id="mail">"Emails to you"</h2>
            <p class="hint">{sub}</p>
            <PostForm action=MAIL page=HERE state=state.clone()>
                <CheckField field="booked" label="Booked online" state=state.clone() checked=booked/>
                <CheckField field="moved" label="Moved online" state=state.clone() checked=moved/>
                <CheckField field="cancelled" label="Cancelled online" state=state.clone() checked=cancelled/>
                <CheckField field="day" label="Your day tomorrow" state checked=day
                    hint="In the evening, if you have appointments the next day."/>
                <div class="row"><button class="button primary" type="submit">"Save emails"</button></div>
            </PostForm>
        </section>
    }
}

fn security() -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="security">
            <h2 id="security">"Login security"</h2>
            <p>"Add a second factor, so that your password alone doesn’t log anyone in."</p>
            <div class="row"><a class="button" href=SECURITY>"Login security"</a></div>
        </section>
    }
}

fn feeds() -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="feeds">
            <h2 id="feeds">"Calendar feeds"</h2>
            <p>"Show your appointments in Google Calendar, Outlook or Apple Calendar."</p>
            <div class="row"><a class="button" href="/account/feeds">"Calendar feeds"</a></div>
        </section>
    }
}
