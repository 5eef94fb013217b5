//! *Login security*: one's own second factor; and the page that asks for it at the login.

use super::recovery::{left_words, new_codes_form};
use super::session;
use crate::context;
use crate::ui::page::{Page, Shown, page, public_page};
use crate::ui::{ErrorSummary, FormState, PostForm, TextField};
use db::accounts::{Factors, TotpSetup};
use db::time::Zone;
use leptos::prelude::*;
use qrcode::QrCode;
use qrcode::render::svg;

pub const SECURITY: &str = "/account/security";
pub const NEW_CODES: &str = "/fn/account/new_codes";
const BEGIN: &str = "/fn/account/begin_totp";
const CONFIRM: &str = "/fn/account/confirm_totp";
const REMOVE: &str = "/fn/account/remove_totp";
const SECOND: &str = "/fn/accounts/second_factor";
const APP: &str = "/account/authenticator";

#[component]
pub fn SecurityPage() -> impl IntoView {
    page(|page| async move {
        let factors = db::accounts::factors(page.pool(), &page.actor).await?;
        let zone = Zone::stored(&page.practice.zone);
        let due = factors.due.map(|at| match at > chrono::Utc::now() {
            true => format!("Your role needs a second factor. Set one up by {}.", zone.long_date(at)),
            false => "Your role needs a second factor. Set one up now to go on.".to_owned(),
        });
        let has_factor = factors.any;
        let passkeys = super::passkeys::panel(&page).await?;
        let (app, codes) = (app(&factors, &zone), left_words(factors.codes_left));
        let view = view! {
            <div class="page-head"><div>
                <a class="back" href="/account">"My account"</a>
                <h1>"Login security"</h1>
                <p class="sub">"A second factor keeps your account safe if someone learns your password."</p>
            </div></div>
            {due.map(|words| view! { <p class="notice warn">{words}</p> })}
            <ErrorSummary state=FormState::of(REMOVE)/>
            <ErrorSummary state=FormState::of(super::passkeys::REMOVE)/>
            <ErrorSummary state=FormState::of(super::passkeys::RENAME)/>
            <div class="cols-2">
                {passkeys}
                {app}
                {has_factor.then(|| view! {
                    <section class="panel" aria-labelledby="codes">
                        <h2 id="codes">"Recovery codes"</h2>
                        <p>{codes}</p>
                        <p class="hint">"They let you in when your phone or passkey is lost. New codes replace the old ones."</p>
                        {new_codes_form()}
                    </section>
                })}
            </div>
        };
        Ok(Shown::new("Login security", view))
    })
}

fn app(factors: &Factors, zone: &Zone) -> impl IntoView + use<> {
    let since = factors.app_since.map(|at| zone.long_date(at));
    let begin = |words: &'static str, class: &'static str| {
        view! {
            <form method="post" action=BEGIN data-once="">
                <input type="hidden" name="_page" value=SECURITY/>
                <button class=class type="submit">{words}</button>
            </form>
        }
    };
    let contents = match since {
        None => view! {
            <p>"Your phone shows a new code every 30 seconds. You type it after your password."</p>
            {begin("Set up an app", "button primary")}
        }
        .into_any(),
        Some(day) => view! {
            <p>{format!("On since {day}.")}</p>
            <div class="row">
                {begin("Move to a new phone", "button")}
                <form method="post" action=REMOVE data-once="">
                    <input type="hidden" name="_page" value=SECURITY/>
                    <button class="button danger" type="submit">"Remove"</button>
                </form>
            </div>
        }
        .into_any(),
    };
    view! {
        <section class="panel" aria-labelledby="app">
            <h2 id="app">"Authenticator app"</h2>
            {contents}
        </section>
    }
}

/// The app that is being set up.
#[component]
pub fn AuthenticatorPage() -> impl IntoView {
    page(|page| async move {
        if page.actor.confirmed().is_err() {
            leptos_axum::redirect(&format!("/account/confirm?next={}", context::url_encode(APP)));
            return Ok(Shown::new("Set up an app", ()));
        }
        let setup = db::accounts::totp_setup(page.pool(), &page.actor, &page.app.sealer).await?;
        let contents = match setup {
            Some(setup) => set_up(&page, setup).into_any(),
            None => view! {
                <p>"Start over from Login security. An app has to be set up within 30 minutes."</p>
                <div class="form-actions"><a class="button primary" href=SECURITY>"Login security"</a></div>
            }
            .into_any(),
        };
        let view = view! {
            <div class="auth">
                <a class="back" href=SECURITY>"Login security"</a>
                <h1>"Set up an app"</h1>
                {contents}
            </div>
        };
        Ok(Shown::new("Set up an app", view).narrow())
    })
}

fn set_up(page: &Page, setup: TotpSetup) -> impl IntoView + use<> {
    let state = FormState::of(CONFIRM);
    let groups: Vec<String> =
        setup.secret.as_bytes().chunks(4).map(|part| String::from_utf8_lossy(part).into_owned()).collect();
    let here = page.here.clone();
    view! {
        <p>"Scan this with an authenticator app, like the one in your password manager."</p>
        <div class="qr" role="img" aria-label="QR code for your authenticator app" inner_html=picture(&setup.url)></div>
        <p>"Can’t scan it? Type this key into the app: "<code class="secret">{groups.join(" ")}</code></p>
        <PostForm action=CONFIRM page=here state=state.clone()>
            <TextField field="code" label="Code from the app" state autocomplete="one-time-code" inputmode="numeric" required=true
                hint="Six digits. You’ll be logged out everywhere else."/>
            <div class="form-actions"><button class="button primary" type="submit">"Turn on"</button></div>
        </PostForm>
    }
}

/// Black on white whatever the theme: scanners want it so. Empty for what does not fit.
fn picture(url: &str) -> String {
    let Ok(code) = QrCode::new(url.as_bytes()) else { return String::new() };
    let svg = code
        .render::<svg::Color<'_>>()
        .min_dimensions(220, 220)
        .dark_color(svg::Color("#000"))
        .light_color(svg::Color("#fff"))
        .build();
    svg.find("<svg").map(|at| svg[at..].to_owned()).unwrap_or_default()
}

/// Half way through a login: the password was right. To everyone else it is the login page.
#[component]
pub fn SecondFactorPage() -> impl IntoView {
    public_page(|app, practice| async move {
        let site = super::passkeys::site().ok();
        let half = match session::half().await {
            Some(half) => db::accounts::half(&app.pool, &half, site.as_ref()).await?,
            None => None,
        };
        let Some(half) = half else {
            leptos_axum::redirect("/login");
            return Ok(Shown::new("Log in", ()));
        };
        let state = FormState::of(SECOND);
        let next = context::next_page();
        let passkey = half.passkey.then(|| super::passkeys::step_form(&next));
        let (words, hint) = match half.app {
            true => (
                "Your account has a second factor. Open your authenticator app, or use a recovery code.",
                "Six digits from the app, or one of your recovery codes.",
            ),
            false => (
                "Your account has a second factor. Use your passkey, or a recovery code.",
                "One of your recovery codes.",
            ),
        };
        let view = view! {
            <div class="auth">
                <h1>"Enter your code"</h1>
                <p>{words}</p>
                {passkey}
                <PostForm action=SECOND page=context::here() state=state.clone()>
                    <input type="hidden" name="form[next]" value=next/>
                    <TextField field="code" label="Code" state autocomplete="one-time-code" required=true hint=hint/>
                    <div class="form-actions"><button class="button primary" type="submit">"Log in"</button></div>
                </PostForm>
                <p>"Lost both? "{crate::ui::contact::call(&practice, "Contact")}"."</p>
                <p><a href="/login">"Back to login"</a></p>
            </div>
        };
        Ok(Shown::new("Enter your code", view).narrow())
    })
}

#[cfg(test)]
mod tests {
    use super::picture;

    #[test]
    fn the_picture_is_an_element_of_the_page() {
        let svg = picture("otpauth://totp/Elm:ana@example.com?secret=JBSWY3DPEHPK3PXP&issuer=Elm");
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>") && svg.contains("#000"), "{svg}");
        assert!(!svg.contains("style=") && !svg.contains("<script"));
    }
}
