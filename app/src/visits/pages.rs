//! The page of a video visit's link, and the settings.

use super::pass;
use crate::context;
use crate::error::AppError;
use crate::ui::page::{Shown, page, public_page};
use crate::ui::{FormState, PostForm, TextField};
use axum::http::header::REFERRER_POLICY;
use axum::http::{HeaderName, HeaderValue};
use chrono::{TimeDelta, Utc};
use db::time::Zone;
use db::visits::{State, Visit};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::hooks::use_params_map;
use shared::accounts::Secret;
use shared::visits::CODE_DIGITS;

const ENTER: &str = "/fn/visits/enter";
const SAVE_WINDOW: &str = "/fn/visits/save_window";
const SAVE_PLACE: &str = "/fn/visits/save_place";
const SETTINGS: &str = "/settings/visits";
/// Seconds after which a page that waits is loaded again.
const AGAIN: &str = "10";

/// What a link shows at this moment. Looking at it changes nothing.
#[component]
pub fn VisitPage() -> impl IntoView {
    let secret = Secret(use_params_map().with_untracked(|params| params.get("secret")).unwrap_or_default());
    let state = FormState::of(ENTER);
    public_page(move |app, practice| async move {
        // The address is a secret: no other site learns of it.
        set_header(REFERRER_POLICY, "no-referrer");
        let actor = context::maybe_actor();
        let visit = db::visits::look(&app.pool, &secret, actor.as_ref(), pass::pass(&secret).as_ref()).await?;
        let room = format!("/visit/{}/room", secret.0);
        let call = crate::ui::contact::call(&practice, "call");
        let step = match visit.state {
            State::Code | State::Locked => code_step(&visit, &secret, state, call),
            _ => steps(&visit, &room, call),
        };
        Ok::<_, AppError>(
            Shown::new("Video visit", view! { <div class="auth"><h1>"Video visit"</h1>{step}</div> }).narrow(),
        )
    })
}

fn set_header(name: HeaderName, value: &'static str) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.insert_header(name, HeaderValue::from_static(value));
    }
}

fn code_step(visit: &Visit, secret: &Secret, state: FormState, call: AnyView) -> AnyView {
    let here = format!("/visit/{}", secret.0);
    let login = format!("/login?next={}", context::url_encode(&here));
    if visit.state == State::Locked {
        return view! {
            <p class="notice warn">"Too many wrong codes. Log in to join the visit, try again in an hour, or "{call}"."</p>
            <p><a class="button primary" href=login>"Log in"</a></p>
        }
        .into_any();
    }
    let secret = secret.0.clone();
    view! {
        <p>"Enter the access code from the email. It keeps the visit private if the link is passed on."</p>
        <PostForm action=ENTER page=here state=state.clone()>
            <input type="hidden" name="form[secret]" value=secret/>
            <TextField field="code" label="Access code" state kind="text" autocomplete="one-time-code" required=true
                hint=format!("{CODE_DIGITS} digits.")/>
            <div class="form-actions"><button type="submit" class="button primary">"Continue"</button></div>
        </PostForm>
        <p><a href=login>"Log in instead"</a></p>
    }
    .into_any()
}

/// What someone sees who has shown that they may come in; the link leads to the room.
pub fn steps(visit: &Visit, room: &str, call: AnyView) -> AnyView {
    let zone = Zone::stored(&visit.zone);
    let when = format!("{}, {}", zone.long_date(visit.starts_at), zone.exact_clock(visit.starts_at));
    let with = visit.practitioner.clone();
    match visit.state {
        State::Early(opens) => {
            if opens - Utc::now() < TimeDelta::hours(1) {
                set_header(HeaderName::from_static("refresh"), "60");
            }
            let opens = format!("{}, {}", zone.short_date(opens), zone.exact_clock(opens));
            view! { <p class="notice info">"Your visit with "{with}" is on "{when}". You can join from "{opens}"."</p><p class="zone-note">{zone.note()}</p> }
                .into_any()
        }
        State::Waiting => {
            set_header(HeaderName::from_static("refresh"), AGAIN);
            view! {
                <p class="notice info" role="status">{with}" hasn’t opened the visit yet. This page checks again by itself."</p>
                <p><a class="button" href="">"Check now"</a></p>
            }
            .into_any()
        }
        State::Ready => view! {
            <p>"Your visit with "{with}" is open."</p>
            <p><a class="button primary" href=room.to_owned() rel="noreferrer">"Join the visit"</a></p>
        }
        .into_any(),
        State::Over => {
            view! { <p class="notice info">"This visit is over. Questions? Please "{call}"."</p> }.into_any()
        }
        State::Code | State::Locked => ().into_any(),
    }
}

/// Where video visits are held, and when their links open.
#[component]
pub fn VisitSettingsPage() -> impl IntoView {
    page(|page| async move {
        let (window, place) = (FormState::of(SAVE_WINDOW), FormState::of(SAVE_PLACE));
        let stored = db::visits::settings(page.pool(), &page.actor).await?;
        let services = stored
            .services
            .into_iter()
            .map(|(id, name, template)| row("service", &id.to_string(), name, template, &place));
        let services = services.collect_view();
        let people = stored.practitioners.into_iter();
        let people = people
            .map(|(id, name, template)| row("practitioner", &id.to_string(), name, template, &place))
            .collect_view();
        Ok(Shown::new(
            "Video visits",
            view! {
                <div class="page-head"><div><a class="back" href="/settings">"Settings"</a><h1>"Video visits"</h1>
                    <p class="sub">"Where visits by video are held. Emails carry a link of ours and an access code, never this address."</p>
                </div></div>
                <section class="panel" aria-labelledby="window">
                    <h2 id="window">"When links open"</h2>
                    <PostForm action=SAVE_WINDOW page=SETTINGS state=window.clone()>
                        <TextField field="before" label="Minutes before the start" kind="number" value=stored.window.before.to_string() state=window.clone()/>
                        <TextField field="after" label="Minutes after the end" kind="number" value=stored.window.after.to_string() state=window/>
                        <div class="form-actions"><button type="submit" class="button primary">"Save"</button></div>
                    </PostForm>
                </section>
                <section class="panel stack" aria-labelledby="of-services">
                    <h2 id="of-services">"Services"</h2>
                    <p class="hint">"Like https://meet.example.org/{room}. {room} is different for each appointment, {name} is who joins, {lang} their language. Leave blank to use the practitioner’s."</p>
                    {services}
                </section>
                <section class="panel stack" aria-labelledby="of-people">
                    <h2 id="of-people">"Practitioners"</h2>
                    {people}
                </section>
            },
        ))
    })
}

fn row(of: &'static str, id: &str, name: String, template: String, state: &FormState) -> AnyView {
    // Of many forms the one that was refused shows what was typed.
    let state = if state.value("id", "") == id { state.clone() } else { FormState::default() };
    let (field_id, save) = (format!("place-{id}"), name.clone());
    let value = state.value("template", &template);
    let problem = state.problem("template");
    let described = problem.is_some().then(|| format!("{field_id}-error"));
    view! {
        <form method="post" action=SAVE_PLACE class="row visit-place" data-once="">
            <input type="hidden" name="_page" value=SETTINGS/>
            <input type="hidden" name="form[of]" value=of/>
            <input type="hidden" name="form[id]" value=id.to_owned()/>
            <div class="field">
                <label for=field_id.clone()>{name}</label>
                {problem.map(|words| view! { <p class="error" id=format!("{field_id}-error")>{words}</p> })}
                <input id=field_id.clone() type="text" inputmode="url" name="form[template]" value=value spellcheck="false" autocomplete="off"
                    aria-invalid=described.is_some().then_some("true") aria-describedby=described/>
            </div>
            <button type="submit" class="button">"Save"<span class="sr-only">" "{save}</span></button>
        </form>
    }
    .into_any()
}
