//! The first start: the page of the set-up link, what the practice begins with, and the checklist
//! that leads to the first booking.

use super::{param, zone_field};
use crate::context;
use crate::ui::page::{Page, Shown, page, public_page};
use crate::ui::{CheckField, FormState, PostForm, SelectField, TextField};
use leptos::prelude::*;
use shared::accounts::{PASSWORD_MIN, Secret};
use shared::practice::{CURRENCIES, Checklist, PracticeKind};

const SET_UP: &str = "/fn/setup/create";
const BEGIN: &str = "/fn/setup/begin";
const SKIP: &str = "/fn/setup/skip";
const DISMISS: &str = "/fn/setup/dismiss_checklist";

/// The page of the set-up link: makes the first administrator.
#[component]
pub fn SetupPage() -> impl IntoView {
    let token = Secret(param("token"));
    public_page(|app, _| async move {
        db::accounts::setup_open(&app.pool, &token).await?;
        let state = FormState::of(SET_UP);
        let here = context::here();
        let view = view! {
            <div class="auth">
                <h1>"Set up Kindred"</h1>
                <p>"Create the first administrator. You can add the rest of your team afterwards."</p>
                <PostForm action=SET_UP page=here state=state.clone()>
                    <input type="hidden" name=FormState::name("token") value=token.0/>
                    <TextField field="first_name" label="First name" state=state.clone() autocomplete="given-name" required=true/>
                    <TextField field="last_name" label="Last name" state=state.clone() autocomplete="family-name" required=true/>
                    <TextField field="email" label="Work email" kind="email" state=state.clone() autocomplete="username" required=true
                        hint="You log in with it."/>
                    <TextField field="password" label="Password" kind="password" state=state.clone() autocomplete="new-password" required=true
                        hint=format!("At least {PASSWORD_MIN} characters. A few random words work well.")/>
                    <TextField field="again" label="Confirm password" kind="password" state autocomplete="new-password" required=true/>
                    <div class="form-actions"><button class="button primary" type="submit">"Create administrator"</button></div>
                </PostForm>
            </div>
        };
        Ok(Shown::new("Set up Kindred", view).narrow())
    })
}

/// What the practice begins with.
#[component]
pub fn FirstRunPage() -> impl IntoView {
    page(|page| async move {
        if !db::practice::first_run_pending(page.pool(), &page.actor).await? {
            leptos_axum::redirect("/settings/practice");
            return Ok(Shown::new("Set up your practice", ()));
        }
        let state = FormState::of(BEGIN);
        let problem = state.problem("kind");
        let described_by = problem.is_some().then_some("f-kind-error");
        let chosen = state.value("kind", "");
        let kind = |kind: &PracticeKind| {
            view! {
                <label class="choice">
                    <input type="radio" name=FormState::name("kind") value=kind.as_str() checked=chosen == kind.as_str()/>
                    <span class="choice-title">{kind.label()}</span>
                    <span class="choice-note">{kind.note()}</span>
                </label>
            }
        };
        let kinds = PracticeKind::ALL.iter().map(kind).collect_view();
        let stored = page.practice;
        let currencies = CURRENCIES.iter().map(|code| ((*code).to_owned(), (*code).to_owned())).collect();
        // A practice has a name that no one gave it.
        let name = if stored.name == "My practice" { String::new() } else { stored.name };
        let zone = zone_field(&state, &stored.zone, "Default for calendars and reports.");
        let view = view! {
            <div class="page-head"><div><h1>"Set up your practice"</h1>
                <p class="sub">"This sets your words and a few services to start with. You can change everything later in Settings."</p>
            </div></div>
            <PostForm action=BEGIN page="/settings/first-run" state=state.clone() class="panel form">
                <fieldset class="group" id="f-kind" tabindex="-1" aria-describedby=described_by>
                    <legend>"What kind of practice is it?"</legend>
                    <div class="choices">{kinds}</div>
                    {problem.map(|problem| view! { <p class="error" id="f-kind-error">{problem}</p> })}
                </fieldset>
                <TextField field="name" label="Practice name" state=state.clone() value=name required=true autocomplete="organization"/>
                {zone}
                <SelectField field="currency" label="Currency" class="short" state=state.clone() options=currencies value=stored.currency/>
                <CheckField field="practitioner" label=format!("I see {} myself", stored.client_word_plural) state=state.clone()
                    hint="Adds the practitioner role to your account. You offer the first services."/>
                <div class="form-actions"><button class="button primary" type="submit">"Continue"</button></div>
            </PostForm>
            <form method="post" action=SKIP data-once="">
                <input type="hidden" name="_page" value="/settings/first-run"/>
                <button class="button quiet" type="submit">"Skip for now"</button>
            </form>
        };
        Ok(Shown::new("Set up your practice", view).narrow())
    })
}

/// What is left to do before the first booking; each step ticks itself from the data.
pub async fn checklist(page: &Page) -> Result<Option<AnyView>, crate::error::AppError> {
    if page.actor.administrator().is_err() {
        return Ok(None);
    }
    let list = db::practice::checklist(&mut *page.connection().await?, &page.actor).await?;
    Ok(list.map(|list| steps(page, list)))
}

fn steps(page: &Page, list: Checklist) -> AnyView {
    let one = &page.practice.client_word;
    let steps = [
        (list.details, "/settings/practice", "Add how to reach your practice".to_owned(), None),
        (list.location, "/settings/locations", "Add your location’s address".to_owned(), None),
        (
            list.practitioner,
            "/settings/team/new",
            "Add a practitioner".to_owned(),
            Some(("/settings/team", "Open the team")),
        ),
        (list.hours, "/settings/practitioners", "Set working hours".to_owned(), None),
        (list.services, "/settings/services", "Check services and who offers them".to_owned(), None),
        (list.client, "/clients/new", format!("Add your first {one}"), Some(("/clients/import", "or import a file"))),
        (list.invited, "/clients", format!("Invite {} to the portal", crate::ui::a(one)), None),
        (list.booked, "/appointments/new", "Book the first appointment".to_owned(), None),
    ];
    let done = steps.iter().filter(|step| step.0).count();
    let total = steps.len();
    let item = |(done, href, words, more): (bool, &'static str, String, Option<(&'static str, &'static str)>)| {
        let more = more.filter(|_| !done).map(|(href, words)| view! { " "<a class="small" href=href>{words}</a> });
        let (mark, state) = if done { ("✓", "Done: ") } else { ("", "To do: ") };
        view! {
            <li class:done=done>
                <span class="mark" aria-hidden="true">{mark}</span>
                <span><span class="sr-only">{state}</span>
                    {if done { view! { <span>{words}</span> }.into_any() } else { view! { <a href=href>{words}</a> }.into_any() }}
                    {more}
                </span>
            </li>
        }
    };
    view! {
        <section class="panel checklist" aria-labelledby="checklist">
            <div class="panel-head">
                <h2 id="checklist">"Get ready for your first booking"</h2>
                <span class="muted small">{format!("{done} of {total} done")}</span>
            </div>
            <ol>{steps.into_iter().map(item).collect_view()}</ol>
            <form method="post" action=DISMISS data-once="">
                <input type="hidden" name="_page" value="/calendar"/>
                <button class="button small quiet" type="submit">"Hide this list"</button>
            </form>
        </section>
    }
    .into_any()
}
