//! The pages around logging in: one card each. Looking at a link of a mail
//! never uses it; posting its form does.

use super::session::home;
use crate::clients::form::{ClientFields, Fields};
use crate::context;
use crate::error::AppError;
use crate::ui::page::{Shown, public_page};
use crate::ui::{FormState, PostForm, TextField};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::Refusal;
use shared::accounts::{PASSWORD_MIN, Secret};
use shared::clients::ClientForm;
use shared::practice::Practice;

#[component]
pub fn LoginPage() -> impl IntoView {
    public_page(|app, practice| async move {
        if let Some(actor) = context::maybe_actor() {
            leptos_axum::redirect(home(&actor));
            return Ok(Shown::new("Log in", ()));
        }
        let first_start = db::accounts::needs_admin(&app.pool).await?.then(first_start);
        let state = FormState::of("/fn/accounts/login");
        let next = context::next_page();
        let passkey = super::passkeys::login_form(&next);
        let register = match next.as_str() {
            "" => "/register".to_owned(),
            next => format!("/register?next={}", context::url_encode(next)),
        };
        let view = view! {
            <div class="auth">
                <h1>"Log in"</h1>
                {first_start}
                {(!practice.client_login).then(|| view! {
                    <p class="notice info">
                        {format!("Only staff can log in right now. If you’re {}, ", crate::ui::a(&practice.client_word))}
                        {crate::ui::contact::call(&practice, "call")}"."
                    </p>
                })}
                <PostForm action="/fn/accounts/login" page=context::here() state=state.clone()>
                    <input type="hidden" name="form[next]" value=next/>
                    <TextField field="username" label="Email or username" state=state.clone() autocomplete="username webauthn" required=true/>
                    <TextField field="password" label="Password" kind="password" state autocomplete="current-password" required=true/>
                    <div class="form-actions"><button class="button primary" type="submit">"Log in"</button></div>
                </PostForm>
                {passkey}
                <p><a href="/reset">"Forgot your password?"</a></p>
                {practice.may_register().then(|| view! { <p>"New here? "<a href=register>"Register"</a>" or "<a href="/book">"see available times"</a></p> })}
            </div>
            {app.settings.demo.then(demo_logins)}
        };
        Ok(Shown::new("Log in", view).narrow())
    })
}

/// What to do while no one can log in as an administrator.
fn first_start() -> impl IntoView {
    view! {
        <div class="notice info">
            <p class="strong">"Kindred isn’t set up yet"</p>
            <p>"Open the set-up link that the server printed when it started. Every start prints a new one."</p>
            <p>"You can also run "<code>"kindred create-admin"</code>" on the server."</p>
        </div>
    }
}

/// The log-ins of the demo practice, for the person who tries it.
fn demo_logins() -> impl IntoView {
    let rows = demo::LOGINS.iter().map(|(username, role)| {
        view! { <tr><th scope="row">{*username}</th><td>{*role}</td></tr> }
    });
    view! {
        <section class="auth">
            <h2>"Demo practice"</h2>
            <p>"All people are fictional. Everyone’s password is " <code>{demo::PASSWORD}</code> "."</p>
            <table class="demo-logins">
                <thead><tr><th scope="col">"Email"</th><th scope="col">"Logs in as"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </section>
    }
}

/// Asks for a reset link. The answer is the same for names that no one has.
#[component]
pub fn ResetRequestPage() -> impl IntoView {
    public_page(|app, practice| async move {
        let state = FormState::of("/fn/accounts/request_reset");
        if context::query("sent") == "1" && !state.was_posted() && !app.settings.smtp {
            return Ok(not_sent(&practice));
        }
        if context::query("sent") == "1" && !state.was_posted() {
            let view = view! {
                <div class="auth">
                    <h1>"Check your email"</h1>
                    <p class="notice info">
                        "If there’s an account for that email or username, a link to set a new password is on its way."
                    </p>
                    <p>"The link works once and expires in 2 hours. Nothing after a few minutes? Check your spam folder. "{crate::ui::contact::call(&practice, "Contact")}" if it doesn’t arrive."</p>
                    <p><a href="/login">"Back to login"</a></p>
                </div>
            };
            return Ok(Shown::new("Check your email", view).narrow());
        }
        let view = view! {
            <div class="auth">
                <h1>"Reset your password"</h1>
                <p>"We’ll email you a link to set a new password."</p>
                <PostForm action="/fn/accounts/request_reset" page="/reset" state=state.clone()>
                    <TextField field="username" label="Email or username" state autocomplete="username" required=true/>
                    <div class="form-actions"><button class="button primary" type="submit">"Send the link"</button></div>
                </PostForm>
                <p><a href="/login">"Back to login"</a></p>
            </div>
        };
        Ok(Shown::new("Reset your password", view).narrow())
    })
}

/// Without a mail server the link waits in the outbox. The same for every name and
/// address, known or not.
fn not_sent(practice: &Practice) -> Shown {
    let view = view! {
        <div class="auth">
            <h1>"We can’t send emails right now"</h1>
            <p class="notice info">"Your request is saved, but no email was sent. "{crate::ui::contact::call(practice, "Contact")}" to get your link."</p>
            <p><a href="/login">"Back to login"</a></p>
        </div>
    };
    Shown::new("Request saved", view).narrow()
}

/// Becoming a client: name and address. The answer is the same for everyone.
#[component]
pub fn RegisterPage() -> impl IntoView {
    public_page(|app, practice| async move {
        if !practice.may_register() {
            return Err(AppError::Refused(Refusal::NotFound));
        }
        let state = FormState::of("/fn/accounts/register");
        let next = context::next_page();
        if context::query("sent") == "1" && !state.was_posted() && !app.settings.smtp {
            return Ok(not_sent(&practice));
        }
        if context::query("sent") == "1" && !state.was_posted() {
            let view = view! {
                <div class="auth">
                    <h1>"Check your email"</h1>
                    <p class="notice info">"A link to set your password is on its way. It works once and expires in 72 hours."</p>
                    <p>"Nothing after a few minutes? Check your spam folder. "{crate::ui::contact::call(&practice, "Contact")}" if it doesn’t arrive."</p>
                    <p><a href="/login">"Back to login"</a></p>
                </div>
            };
            return Ok(Shown::new("Check your email", view).narrow());
        }
        let view = view! {
            <div class="auth">
                <h1>"Register"</h1>
                <p>{format!("Create an account to book online. Already {}? Ask us for an invitation so your past appointments are included.", crate::ui::a(&practice.client_word))}</p>
                <PostForm action="/fn/accounts/register" page=context::here() state=state.clone()>
                    <input type="hidden" name="form[next]" value=next/>
                    <TextField field="first_name" label="First name" state=state.clone() autocomplete="given-name" required=true/>
                    <TextField field="last_name" label="Last name" state=state.clone() autocomplete="family-name" required=true/>
                    <TextField field="email" label="Email" kind="email" state autocomplete="email" required=true
                        hint="We’ll email you a link to set a password."/>
                    <div class="form-actions"><button class="button primary" type="submit">"Send the link"</button></div>
                </PostForm>
                <p><a href="/login">"Back to login"</a></p>
            </div>
        };
        Ok(Shown::new("Register", view).narrow())
    })
}

/// The page of a registration's link.
#[component]
pub fn FinishRegistrationPage() -> impl IntoView {
    let token = token();
    public_page(|app, practice| async move {
        let here = context::here();
        let link = db::accounts::registrable(&app.pool, &token).await?;
        let fields = Fields::own(&practice, link.choices);
        let state = fields.label(FormState::of("/fn/accounts/finish_registration"));
        let stored = ClientForm {
            first_name: link.first_name.clone(),
            last_name: link.last_name,
            zone: practice.zone.clone(),
            // What they agree to is their own act: no box is ticked for them.
            ..ClientForm::default()
        };
        let hint = if link.username.is_empty() {
            "This email is already someone’s username, maybe a family member’s. Choose a different username."
        } else {
            "Your email address, or a name you choose."
        };
        let view = view! {
            <div class="auth">
                <h1>{format!("Welcome, {}", link.first_name)}</h1>
                <p>"Set a password for your account at " {practice.name} "."</p>
                <PostForm action="/fn/accounts/finish_registration" page=here state=state.clone()>
                    <TextField field="username" label="Username" hint state=state.clone() value=link.username autocomplete="username"/>
                    {password_fields(token, state.clone())}
                    <h2>"About you"</h2>
                    <ClientFields state stored fields/>
                    <div class="form-actions"><button class="button primary" type="submit">"Save and log in"</button></div>
                </PostForm>
            </div>
        };
        Ok::<_, AppError>(Shown::new("Welcome", view).narrow())
    })
}

/// The page of a reset link.
#[component]
pub fn ResetPage() -> impl IntoView {
    let token = token();
    public_page(|app, _| async move {
        let state = FormState::of("/fn/accounts/reset");
        let here = context::here();
        let link = db::accounts::resettable(&app.pool, &token).await?;
        let view = view! {
            <div class="auth">
                <h1>"Choose a new password"</h1>
                <p>"For the username " <strong>{link.username.clone()}</strong> ". You will be logged out everywhere else."</p>
                <PostForm action="/fn/accounts/reset" page=here state=state.clone()>
                    // Tells password managers whose password this is.
                    <input type="text" autocomplete="username" value=link.username hidden=true readonly=true/>
                    {password_fields(token, state)}
                    <div class="form-actions"><button class="button primary" type="submit">"Save password"</button></div>
                </PostForm>
            </div>
        };
        Ok::<_, AppError>(Shown::new("Choose a new password", view).narrow())
    })
}

/// The page of the link that went to a client's new address.
#[component]
pub fn ConfirmAddressPage() -> impl IntoView {
    let token = token();
    public_page(|app, practice| async move {
        let state = FormState::of("/fn/account/confirm_address");
        let here = context::here();
        let link = db::accounts::confirmable_address(&app.pool, &token).await?;
        let hint = "This email is already someone’s username, maybe a family member’s. Choose a different username.";
        let username = link.needs_username.then(|| {
            view! { <TextField field="username" label="Username" hint state=state.clone() autocomplete="username" required=true/> }
        });
        let view = view! {
            <div class="auth">
                <h1>"Confirm your email address"</h1>
                <p>{format!("Your email address at {} becomes ", practice.name)}<strong>{link.email}</strong>"."</p>
                <PostForm action="/fn/account/confirm_address" page=here state=state.clone()>
                    <input type="hidden" name="form[token]" value=token.0/>
                    {username}
                    <TextField field="current" label="Password" kind="password" hint="The password of your account here." state
                        autocomplete="current-password" required=true/>
                    <div class="form-actions"><button class="button primary" type="submit">"Confirm email address"</button></div>
                </PostForm>
            </div>
        };
        Ok::<_, AppError>(Shown::new("Confirm your email address", view).narrow())
    })
}

/// The page of the link that went to the address from before a change.
#[component]
pub fn NotMePage() -> impl IntoView {
    let token = token();
    public_page(|app, practice| async move {
        let state = FormState::of("/fn/account/undo_address");
        let here = context::here();
        db::accounts::undoable_address(&app.pool, &token).await?;
        let view = view! {
            <div class="auth">
                <h1>"This was not me"</h1>
                <p>{format!("Your email address at {} was changed. If you didn’t do this, bring your address back.", practice.name)}</p>
                <p>"Everyone who is logged in to your account is logged out, and your password stops working. We email you a link to choose a new one."</p>
                <PostForm action="/fn/account/undo_address" page=here state=state>
                    <input type="hidden" name="token" value=token.0/>
                    <div class="form-actions"><button class="button primary" type="submit">"Bring my address back"</button></div>
                </PostForm>
            </div>
        };
        Ok::<_, AppError>(Shown::new("This was not me", view).narrow())
    })
}

/// The page of a claim link, from the welcome e-mail.
#[component]
pub fn ClaimPage() -> impl IntoView {
    let token = token();
    public_page(|app, practice| async move {
        let state = FormState::of("/fn/accounts/claim");
        let here = context::here();
        let link = db::accounts::claimable(&app.pool, &token).await?;
        let greeting = match link.first_name.as_str() {
            "" => "Welcome".to_owned(),
            name => format!("Welcome, {name}"),
        };
        let hint = if link.address_taken {
            "This email is already someone’s username, maybe a family member’s. Choose a different username."
        } else {
            "Your email address, or a name you choose. If your family shares one address, each of you needs a different username."
        };
        let (intro, username) = if link.team {
            (
                format!(
                    "{} has added you to its team. Choose a password to log in as {}.",
                    practice.name, link.username
                ),
                // Tells password managers whose password this is.
                view! { <input type="text" autocomplete="username" value=link.username hidden=true readonly=true/> }
                    .into_any(),
            )
        } else {
            (
                format!("{} has opened an account for you. Choose a password to see and book your appointments.", practice.name),
                view! { <TextField field="username" label="Username" hint state=state.clone() value=link.username autocomplete="username"/> }
                    .into_any(),
            )
        };
        let view = view! {
            <div class="auth">
                <h1>{greeting}</h1>
                <p>{intro}</p>
                <PostForm action="/fn/accounts/claim" page=here state=state.clone()>
                    {username}
                    {password_fields(token, state)}
                    <div class="form-actions"><button class="button primary" type="submit">"Save and log in"</button></div>
                </PostForm>
            </div>
        };
        Ok::<_, AppError>(Shown::new("Welcome", view).narrow())
    })
}

/// The secret in the page's address.
fn token() -> Secret {
    Secret(use_params_map().with_untracked(|params| params.get("token")).unwrap_or_default())
}

/// A new password, typed twice, and the link's secret.
fn password_fields(token: Secret, state: FormState) -> impl IntoView {
    view! {
        <input type="hidden" name="form[token]" value=token.0/>
        <TextField field="password" label="Password" kind="password" state=state.clone() autocomplete="new-password" required=true
            hint=format!("At least {PASSWORD_MIN} characters. A few random words work well.")/>
        <TextField field="again" label="Confirm password" kind="password" state autocomplete="new-password" required=true/>
    }
}
