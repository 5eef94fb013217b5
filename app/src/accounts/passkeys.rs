//! Passkeys: the panel of *Login security*, the page that makes one, and the buttons that log in with one.
//! What needs the browser is `passkey.js`, which only these pages have; without it there is the password.

use super::security::SECURITY;
use crate::context;
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{ErrorSummary, FormState};
use axum::http::HeaderValue;
use axum::http::header::{SET_COOKIE, USER_AGENT};
use db::accounts::{NoPasskeys, OwnPasskey, RelyingParty};
use db::time::Zone;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use shared::accounts::{PASSKEY_NAME_MAX, Secret};
use shared::{Problem, Refusal};

pub const REMOVE: &str = "/fn/account/remove_passkey";
pub const RENAME: &str = "/fn/account/rename_passkey";
const ADD: &str = "/fn/account/add_passkey";
const BEGIN: &str = "/fn/account/begin_passkey";
pub const BEGIN_PROOF: &str = "/fn/account/begin_proof";
const LOGIN: &str = "/fn/accounts/passkey_login";
const BEGIN_LOGIN: &str = "/fn/accounts/begin_passkey";
const PAGE: &str = "/account/passkey";

const SCRIPT: &str = include_str!("passkey.js");

/// This site, as passkeys know it.
pub fn site() -> Result<RelyingParty, AppError> {
    let site = RelyingParty::of(&context::app().settings.base_url);
    site.map_err(|_| Refusal::field("name", Problem::NoPasskeys).into())
}

fn is_https() -> bool {
    context::app().settings.base_url.starts_with("https://")
}

fn cookie() -> &'static str {
    if is_https() { "__Host-kindred-passkey" } else { "kindred-passkey" }
}

/// What a browser in which no one is logged in is known by, from the question to the answer.
pub fn browser() -> Option<Secret> {
    context::cookie(cookie()).filter(|value| !value.is_empty()).map(Secret)
}

/// Gives the browser this secret for five minutes.
pub fn remember(browser: &Secret) {
    let secure = if is_https() { "; Secure" } else { "" };
    let cookie = format!("{}={}; Path=/; Max-Age=300; HttpOnly; SameSite=Lax{secure}", cookie(), browser.0);
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        expect_context::<ResponseOptions>().append_header(SET_COOKIE, cookie);
    }
}

/// Why there are none here, in words.
fn none_here() -> Option<&'static str> {
    Some(match RelyingParty::of(&context::app().settings.base_url).err()? {
        NoPasskeys::IpAddress => {
            "Passkeys need a site with a name, and this one is opened by its IP address. Use an authenticator app."
        }
        NoPasskeys::NotEncrypted => "Passkeys need a site that is opened by HTTPS. Use an authenticator app.",
    })
}

/// The panel of the account that asks for the page.
pub async fn panel(page: &Page) -> Result<AnyView, AppError> {
    let own = db::accounts::passkeys(page.pool(), &page.actor).await?;
    let (zone, none) = (Zone::stored(&page.practice.zone), none_here());
    let host = site().map(|site| site.id().to_owned()).unwrap_or_default();
    let rows = own.iter().map(|passkey| row(passkey, &host, &zone)).collect_view();
    let list = (!own.is_empty()).then(|| view! { <ul class="plain stack">{rows}</ul> });
    let class = if own.is_empty() { "button primary" } else { "button" };
    let add = match none {
        Some(words) => view! { <p class="hint">{words}</p> }.into_any(),
        None => view! { <div class="row"><a class=class href=PAGE>"Add a passkey"</a></div> }.into_any(),
    };
    Ok(view! {
        <section class="panel" aria-labelledby="passkeys">
            <h2 id="passkeys">"Passkeys"</h2>
            <p>"Log in with your fingerprint, face or PIN, without your password."</p>
            {list}
            {add}
        </section>
    }
    .into_any())
}

fn row(passkey: &OwnPasskey, host: &str, zone: &Zone) -> impl IntoView + use<> {
    let OwnPasskey { id, name, since, last_used, rp_id } = passkey.clone();
    let used = last_used.map_or_else(|| "not used yet".to_owned(), |at| format!("last used {}", zone.short_date(at)));
    let words = format!("Added {}, {used}", zone.short_date(since));
    let elsewhere = (rp_id != host).then(|| {
        view! { <p class="notice warn">{format!("This passkey works at {rp_id} only.")}</p> }
    });
    let state = FormState::of(RENAME);
    let is_this = state.plain("id") == Some(id.to_string().as_str());
    let (problem, typed) = match is_this {
        true => (state.problem("name"), state.value("name", &name)),
        false => (None, name.clone()),
    };
    let input = if is_this { "f-name".to_owned() } else { format!("f-name-{id}") };
    let error = format!("{input}-error");
    let (label, invalid) = (format!("Remove {name}"), problem.is_some());
    view! {
        <li class="stack tight">
            <p><span class="strong">{name}</span>" "<span class="small muted">{words}</span></p>
            {elsewhere}
            <div class="row">
                <details class="section" open=is_this>
                    <summary>"Rename"</summary>
                    <form method="post" action=RENAME class="form" novalidate=true data-once="">
                        <input type="hidden" name="_page" value=SECURITY/>
                        <input type="hidden" name="id" value=id.to_string()/>
                        <div class=if invalid { "field invalid" } else { "field" }>
                            <label for=input.clone()>"Name"</label>
                            <input id=input name=FormState::name("name") type="text" value=typed maxlength=PASSKEY_NAME_MAX
                                aria-invalid=invalid.then_some("true") aria-describedby=invalid.then(|| error.clone())/>
                            {problem.map(|problem| view! { <p class="error" id=error>{problem}</p> })}
                        </div>
                        <div class="row"><button class="button small" type="submit">"Save"</button></div>
                    </form>
                </details>
                <form method="post" action=REMOVE data-once="">
                    <input type="hidden" name="_page" value=SECURITY/>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <button class="button small danger" type="submit" aria-label=label>"Remove"</button>
                </form>
            </div>
        </li>
    }
}

/// Makes one.
#[component]
pub fn PasskeyPage() -> impl IntoView {
    page(|page| async move {
        if page.actor.confirmed().is_err() {
            leptos_axum::redirect(&format!("/account/confirm?next={}", context::url_encode(PAGE)));
            return Ok(Shown::new("Add a passkey", ()));
        }
        let contents = match none_here() {
            Some(words) => view! {
                <p class="notice warn">{words}</p>
                <div class="form-actions"><a class="button primary" href=SECURITY>"Login security"</a></div>
            }
            .into_any(),
            None => form(page.here.clone()).into_any(),
        };
        let view = view! {
            <div class="auth">
                <a class="back" href=SECURITY>"Login security"</a>
                <h1>"Add a passkey"</h1>
                {contents}
            </div>
        };
        Ok(Shown::new("Add a passkey", view).narrow())
    })
}

fn form(here: String) -> impl IntoView {
    let state = FormState::of(ADD).labelled([("name".to_owned(), "Passkey".to_owned())]);
    let agent = context::of_request(|parts| {
        parts.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).map(ToOwned::to_owned)
    });
    let name = state.value("name", &shared::accounts::browser(&agent.unwrap_or_default()));
    view! {
        <p>"Your device asks for your fingerprint, face or PIN. It keeps the passkey; we never see it."</p>
        <noscript><p class="notice warn">"Passkeys need JavaScript. Turn it on, or use an authenticator app."</p></noscript>
        <form method="post" action=ADD class="form" novalidate=true data-passkey="create" data-begin=BEGIN>
            <input type="hidden" name="_page" value=here/>
            <ErrorSummary state/>
            {answer_fields(FormState::name("ceremony"), FormState::name("credential"))}
            <div class="field">
                <label for="f-name">"Name"</label>
                <p class="hint" id="f-name-hint">"So that you know it again, like “My phone”. You’ll be logged out everywhere else."</p>
                <input id="f-name" name=FormState::name("name") type="text" value=name maxlength=PASSKEY_NAME_MAX aria-describedby="f-name-hint"/>
            </div>
            {says("The passkey wasn’t created. Try again, or use an authenticator app.")}
            <div class="form-actions">
                <button class="button primary" type="submit">"Create passkey"</button>
                <a class="button" href=SECURITY>"Cancel"</a>
            </div>
        </form>
        {script()}
    }
}

/// The button of the login page. It is shown where the browser has passkeys.
pub fn login_form(next: &str) -> Option<AnyView> {
    none_here().is_none().then(|| button(next, false, "button"))
}

/// The button after the password.
pub fn step_form(next: &str) -> AnyView {
    button(next, true, "button primary")
}

fn button(next: &str, second: bool, class: &'static str) -> AnyView {
    let state = FormState::of(LOGIN).labelled([("credential".to_owned(), "Passkey".to_owned())]);
    let next = next.to_owned();
    let hidden = !state.was_posted();
    view! {
        <form method="post" action=LOGIN class="form" novalidate=true hidden=hidden data-passkey="get" data-begin=BEGIN_LOGIN
            data-second=second.then_some("true")>
            <input type="hidden" name="_page" value=context::here()/>
            <input type="hidden" name="form[next]" value=next/>
            {second.then(|| view! { <input type="hidden" name="second" value="true"/> })}
            <ErrorSummary state/>
            {answer_fields(FormState::name("ceremony"), FormState::name("credential"))}
            {says("No passkey was used. Try again, or log in another way.")}
            <div class="form-actions"><button class=class type="submit" id="f-credential">"Use a passkey"</button></div>
        </form>
        {script()}
    }
    .into_any()
}

/// What the script fills in.
fn answer_fields(ceremony: String, credential: String) -> impl IntoView {
    view! {
        <input type="hidden" name=ceremony data-ceremony=""/>
        <input type="hidden" name=credential data-credential=""/>
    }
}

/// The names beside the fields of any form of what a passkey answered, in place of the password.
pub const PROOF: [&str; 2] = ["_ceremony", "_credential"];

/// What a form that asks for the password has besides, for someone with a passkey that works here.
pub async fn proof(page: &Page) -> Result<Option<AnyView>, AppError> {
    let Ok(site) = site() else { return Ok(None) };
    let own = db::accounts::passkeys(page.pool(), &page.actor).await?;
    let [ceremony, credential] = PROOF.map(str::to_owned);
    Ok(own.iter().any(|passkey| passkey.rp_id == site.id()).then(|| {
        view! {
            {answer_fields(ceremony, credential)}
            {says("No passkey was used. Try again, or enter your password.")}
            <div><button class="button" type="button" hidden=true data-ask="">"Use a passkey"</button></div>
        }
        .into_any()
    }))
}

/// What the script shows when nothing came of it.
fn says(words: &'static str) -> impl IntoView {
    view! { <p class="notice warn" role="status" hidden=true data-failed="">{words}</p> }
}

pub fn script() -> impl IntoView {
    view! { <script nonce=leptos::nonce::use_nonce() inner_html=SCRIPT></script> }
}
