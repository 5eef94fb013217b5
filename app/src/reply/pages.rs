//! The pages of a link in a mail: the appointment with what can be done, and its free times.

use crate::appointments::pages::book::free_choices;
use crate::context;
use crate::error::AppError;
use crate::portal::confirm::refused_words;
use crate::ui::page::{Shown, public_page};
use crate::ui::parts::Description;
use crate::ui::{FormState, PostForm};
use chrono::{NaiveDate, Utc};
use db::PgPool;
use db::appointments::Terms;
use db::appointments::free_times::FreeQuery;
use db::messages::reply::{Opened, open};
use db::time::Zone;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::Refusal;
use shared::accounts::Secret;
use shared::appointments::{AppointmentStatus, PortalAppointment, instant_text};
use shared::practice::Practice;

const CONFIRM: &str = "/fn/reply/confirm";
const CANCEL: &str = "/fn/reply/cancel";
const MOVE: &str = "/fn/reply/move";

/// Where a link leads, and what is behind it.
pub fn address(token: &Secret, more: &str) -> String {
    format!("/m/{}{more}", context::url_encode(&token.0))
}

fn token() -> Secret {
    Secret(use_params_map().with_untracked(|params| params.get("token")).unwrap_or_default())
}

/// What the link opens, as the portal shows it to its reader.
async fn shown(pool: &PgPool, token: &Secret) -> Result<(Opened, PortalAppointment, Terms), AppError> {
    let opened = open(pool, token).await?;
    let me = opened.reader.client()?;
    let one = db::appointments::mine_of(pool, me, opened.appointment, opened.person).await?;
    let terms = db::appointments::terms(pool, opened.appointment).await?;
    Ok((opened, one, terms))
}

fn facts(one: &PortalAppointment, terms: &Terms) -> AnyView {
    let zone = Zone::stored(&one.zone);
    let place: Vec<String> = [&one.location_name, &one.location_address]
        .into_iter()
        .filter(|part| !part.trim().is_empty())
        .cloned()
        .collect();
    view! {
        <dl class="facts">
            {one.for_name.clone().map(|name| view! { <dt>"For"</dt><dd><span class="badge for">{name}</span></dd> })}
            <dt>"What"</dt><dd>{one.service_name.clone()}</dd>
            <dt>"When"</dt><dd class="tnum">{zone.long_date(one.starts_at)}", "<span class="nowrap">{zone.clock_span(one.starts_at, one.ends_at)}</span><p class="zone-note">{zone.note()}</p></dd>
            <dt>"With"</dt><dd>{one.practitioner_name.clone()}</dd>
            <dt>"Where"</dt><dd>{place.join(", ")}</dd>
            <dt>"Policy"</dt><dd>{terms.policy.sentence()}<Description words=terms.policy.words.clone()/></dd>
        </dl>
    }
    .into_any()
}

/// The appointment, with what can be done about it.
#[component]
pub fn ReplyPage() -> impl IntoView {
    let token = token();
    let (confirm, cancel) = (FormState::of(CONFIRM), FormState::of(CANCEL));
    public_page(|app, practice| async move {
        let (opened, one, terms) = shown(&app.pool, &token).await?;
        let refused = confirm.error().or(cancel.error()).map(|error| {
            view! { <div class="error-summary" role="alert"><h2>{refused_words(error, &practice)}</h2></div> }
        });
        let is_cancelled = one.status == AppointmentStatus::Cancelled;
        let news = if is_cancelled {
            Some("This appointment is cancelled.")
        } else if opened.is_confirmed {
            Some("Confirmed. Thank you for letting us know.")
        } else if context::query("moved") == "1" {
            Some("Moved. This is the new time.")
        } else {
            None
        };
        let acts = match is_cancelled {
            true => ().into_any(),
            false => acts(&token, opened.is_confirmed, &one, &terms, &practice),
        };
        let title = if is_cancelled { "Appointment cancelled" } else { "Your appointment" };
        Ok(Shown::new(
            title,
            view! {
                <div class="page-head"><div><h1>{title}</h1></div></div>
                {refused}
                <div class="panel">
                    {news.map(|words| view! { <p class="notice info" role="status">{words}</p> })}
                    {facts(&one, &terms)}
                    {acts}
                </div>
            },
        )
        .narrow())
    })
}

/// The forms; of what cannot be done any more, why.
fn acts(token: &Secret, is_confirmed: bool, one: &PortalAppointment, terms: &Terms, practice: &Practice) -> AnyView {
    let (now, here) = (Utc::now(), address(token, ""));
    if now >= terms.starts_at {
        return view! { <p class="notice info">"This appointment has begun."</p> }.into_any();
    }
    let form = |action: &'static str, class: &'static str, words: &'static str| {
        view! {
            <form method="post" action=action data-once="">
                <input type="hidden" name="_page" value=here.clone()/>
                <input type="hidden" name="token" value=token.0.clone()/>
                <button type="submit" class=class>{words}</button>
            </form>
        }
    };
    let (cancelling, moving) = (one.cancelling(terms.cancelling(now)), one.moving(terms.moving(now)));
    let late = cancelling == Ok(true);
    let why = cancelling.err().or(moving.err());
    let why = why.map(|why| refused_words(&Refusal::Conflict(why).into(), practice));
    view! {
        {late.then(|| view! {
            <p class="notice warn">"It’s past the time for cancelling: this counts as a late cancellation."</p>
        })}
        {why.map(|words| view! { <p class="notice info">{words}</p> })}
        <div class="actions">
            {(!is_confirmed).then(|| form(CONFIRM, "button primary", "Confirm appointment"))}
            {moving.is_ok().then(|| view! { <a class="button" href=address(token, "/move")>"Move appointment"</a> })}
            {cancelling.is_ok().then(|| form(CANCEL, "button danger", "Cancel appointment"))}
        </div>
    }
    .into_any()
}

/// Other times, of which one is chosen.
#[component]
pub fn ReplyMovePage() -> impl IntoView {
    let (token, from, state) = (token(), context::query("from"), FormState::of(MOVE));
    public_page(move |app, practice| async move {
        let (_, one, terms) = shown(&app.pool, &token).await?;
        let refused = match one.status {
            AppointmentStatus::Cancelled => Some(shared::Conflict::AlreadyCancelled),
            _ => one.moving(terms.moving(Utc::now())).err(),
        };
        let body = match refused {
            Some(why) => {
                view! { <p class="notice info">{refused_words(&Refusal::Conflict(why).into(), &practice)}</p> }
                    .into_any()
            }
            None => times(&app.pool, &practice, &token, &one, &from, state).await?,
        };
        let back = address(&token, "");
        Ok(Shown::new("Move appointment", view! {
            <div class="page-head"><div><a class="back" href=back>"Your appointment"</a><h1>"Move appointment"</h1></div></div>
            <div class="panel">{facts(&one, &terms)}{body}</div>
        }).narrow())
    })
}

async fn times(
    pool: &PgPool,
    practice: &Practice,
    token: &Secret,
    one: &PortalAppointment,
    from: &str,
    state: FormState,
) -> Result<AnyView, AppError> {
    let (now, zone) = (Utc::now(), Zone::stored(&one.zone));
    let first: NaiveDate = from.parse().unwrap_or(zone.date(one.starts_at).max(zone.date(now)));
    let query = FreeQuery {
        service: one.service_id,
        practitioner: Some(one.practitioner_id),
        client: Some(one.client_id),
        first,
        last: first,
        portal: true,
    };
    let mut week = db::appointments::free_times::free_week_without(pool, query, Some(one.id), now).await?;
    // Where it is already is no other time.
    for day in &mut week.days {
        day.times.retain(|time| time.starts_at != instant_text(one.starts_at));
    }
    let link = |from: NaiveDate| address(token, &format!("/move?from={from}"));
    let (previous, next) = (week.previous.map(link), week.next.map(link));
    let first_free = week.first_free.clone().map(|(date, label)| (link(date), label));
    let none = week.none_for_weeks.map(|weeks| {
        let call = crate::ui::contact::call(practice, "Call");
        view! { <div class="notice info">{format!("No free times in the next {weeks} weeks. ")}{call}"."</div> }
    });
    let (heading, zone_note) = (week.heading.clone(), week.zone_note.clone());
    let refused = state.error().map(|error| {
        view! { <div class="error-summary" role="alert"><h2>{refused_words(error, practice)}</h2></div> }
    });
    let choices = free_choices(week, false, &state.value("slot", ""));
    let (secret, version) = (token.0.clone(), one.version.to_string());
    Ok(view! {
        <div class="week-head">
            <h2>{heading}</h2>
            <div class="actions">
                {previous.map(|href| view! { <a class="button small" rel="prev" href=href>"Earlier"</a> })}
                {next.map(|href| view! { <a class="button small" rel="next" href=href>"Later"</a> })}
            </div>
        </div>
        <p class="zone-note">{zone_note}</p>
        {first_free.map(|(href, label)| view! {
            <div class="notice info">"No times this week. Next available: "<a href=href>{label}</a>"."</div>
        })}
        {none}
        <PostForm action=MOVE page=context::here() state=state.without_error()>
            {refused}
            <input type="hidden" name="token" value=secret/>
            <input type="hidden" name="form[version]" value=version/>
            {choices}
            <div class="form-actions"><button type="submit" class="button primary">"Move appointment"</button></div>
        </PostForm>
    }
    .into_any())
}
