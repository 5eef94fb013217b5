//! The log-in on a profile: whether there is one, and what the front desk may
//! do about it.

use crate::ui::page::Page;
use crate::ui::{ErrorSummary, FormState, PostForm};
use db::time::Zone;
use leptos::prelude::*;
use shared::clients::{ClientProfile, Status};

const INVITE: &str = "/fn/accounts/invite";
const SEND_RESET: &str = "/fn/accounts/send_reset";
const REMOVE: &str = "/fn/accounts/remove_login";

/// `factors`: of their second factor, for the front desk.
pub fn panel(page: &Page, client: &ClientProfile, factors: Option<AnyView>) -> impl IntoView + use<> {
    let zone = Zone::stored(&page.practice.zone);
    let invited = client.invited_until.map(|at| format!("{}, {}", zone.long_date(at), zone.clock(at)));
    let username = client.username.clone();
    let actions = page.actor.front_desk().is_ok().then(|| actions(page, client));
    view! {
        <section class="panel" aria-labelledby="login">
            <div class="panel-head"><h2 id="login">"Portal"</h2></div>
            {match username {
                Some(username) => view! { <dl class="facts"><div><dt>"Username"</dt><dd>{username}</dd></div></dl> }.into_any(),
                None => view! { <p class="muted">"No portal account"</p> }.into_any(),
            }}
            {invited.filter(|_| page.practice.invites()).map(|until| view! { <p class="small">{format!("Invited. The link expires {until}.")}</p> })}
            {factors}
            {actions}
        </section>
    }
}

/// A form of one button.
fn post(
    action: &'static str,
    page: &Page,
    client: &ClientProfile,
    class: &'static str,
    words: &'static str,
) -> AnyView {
    let number = client.number.to_string();
    view! {
        <PostForm action page=page.here.clone() state=FormState::of(action) class="row">
            <input type="hidden" name="number" value=number/>
            <button type="submit" class=class>{words}</button>
        </PostForm>
    }
    .into_any()
}

fn switched_off(page: &Page) -> String {
    format!("Portal login is off for all {}.", page.practice.client_word_plural)
}

fn actions(page: &Page, client: &ClientProfile) -> AnyView {
    if client.username.is_some() {
        let reset = match page.practice.invites() {
            true => post(SEND_RESET, page, client, "button small", "Send a reset link"),
            false => view! { <p class="small muted">{switched_off(page)}</p> }.into_any(),
        };
        let remove = post(REMOVE, page, client, "button small danger primary", "Remove portal account");
        return view! {
            {reset}
            <details class="section">
                <summary>"Remove account"</summary>
                <p>{format!("The {} is logged out now and can’t log in. Appointments and relationships stay. You can invite them again later.", page.practice.client_word)}</p>
                {remove}
            </details>
        }
        .into_any();
    }
    let reason = if page.practice.code_only {
        Some("Code-only mode: no emails or logins.".to_owned())
    } else if client.status != Status::Active {
        Some(format!("Only active {} can be sent a welcome email.", page.practice.client_word_plural))
    } else if client.email.is_none() {
        Some("To send a welcome email, add an email address first.".to_owned())
    } else if !page.practice.client_login {
        Some(switched_off(page))
    } else {
        None
    };
    match reason {
        // The button is gone that someone has just pressed.
        Some(reason) => view! {
            <ErrorSummary state=FormState::of(INVITE)/>
            <ErrorSummary state=FormState::of(SEND_RESET)/>
            <p class="small muted">{reason}</p>
        }
        .into_any(),
        None if client.invited_until.is_some() => {
            let again = post(INVITE, page, client, "button small", "Send the welcome email again");
            let withdraw = post(REMOVE, page, client, "button small danger primary", "Withdraw the invitation");
            view! {
                {again}
                <details class="section">
                    <summary>"Withdraw invitation"</summary>
                    <p>"The link that was sent stops working right away. You can send a new invitation later."</p>
                    {withdraw}
                </details>
            }
            .into_any()
        }
        None => post(INVITE, page, client, "button small", "Send welcome email"),
    }
}
