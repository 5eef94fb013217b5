//! The last step of booking: who it is for, everything that was chosen, and what one agrees to.

use super::booking::{HOLD, Viewer, booking_page, facts, link};
use crate::context::{query, url_encode};
use crate::error::AppError;
use crate::ui::FormState;
use crate::ui::page::Shown;
use crate::ui::parts::Description;
use chrono::{DateTime, TimeDelta, Utc};
use db::appointments::{HOLD_MINUTES, HeldTime, Terms};
use db::time::Zone;
use leptos::prelude::*;
use shared::appointments::{AppointmentStatus, Modality, instant_text};
use shared::links::BookingSubject;
use shared::policy::LateRule;
use shared::practice::{Practice, price};
use shared::{ClientId, Refusal, StaffId};

pub const BOOK: &str = "/fn/portal/book";

/// What the address says has been chosen.
struct Asked {
    person: String,
    service: String,
    /// Who was asked for; empty: anyone.
    practitioner: String,
    /// Whose time it is.
    with: String,
    start: String,
    hold: String,
}

/// *Who is this appointment for?*, and all that is about to be booked.
#[component]
pub fn ConfirmBookingPage() -> impl IntoView {
    let asked = Asked {
        person: query("for"),
        service: query("service"),
        practitioner: query("practitioner"),
        with: query("with"),
        start: query("start"),
        hold: query("hold"),
    };
    let (state, keeping) = (FormState::of(BOOK), FormState::of(HOLD));
    booking_page(move |viewer| async move { confirm(viewer, asked, state, keeping).await })
}

async fn confirm(viewer: Viewer, asked: Asked, state: FormState, keeping: FormState) -> Result<Shown, AppError> {
    let services = viewer.services().await?;
    let service = services.into_iter().find(|offer| offer.id.to_string() == asked.service).ok_or(Refusal::NotFound)?;
    let start: DateTime<Utc> = shared::appointments::instant(&asked.start).map_err(|_| Refusal::NotFound)?;
    let (with, with_name): (StaffId, String) =
        service.practitioners.iter().find(|(id, _)| id.to_string() == asked.with).cloned().ok_or(Refusal::NotFound)?;
    let zone = db::appointments::free_times::venue_zone(viewer.pool()).await?;
    let terms = db::appointments::terms_of_service(viewer.pool(), service.id, start, &zone).await?;
    let place = db::practice::locations(viewer.pool()).await?.into_iter().next();
    let modalities = db::appointments::modalities_of(viewer.pool(), service.id).await?;
    let place = match modalities.as_slice() {
        [Modality::InPerson, ..] | [] => {
            place.map(|place| format!("{}, {}", place.name, place.address)).unwrap_or_default()
        }
        [other, ..] => other.label().to_owned(),
    };
    let held = viewer.held().await?.filter(|held| held.service == service.id && held.starts_at == start);

    let end = match &held {
        // As long as it is with this practitioner.
        Some(held) => held.ends_at,
        None => start + TimeDelta::minutes(service.duration_minutes.into()),
    };

    let (id, from) = (service.id.to_string(), zone.date(start).to_string());
    let choices =
        [("for", &*asked.person), ("service", &*id), ("practitioner", &*asked.practitioner), ("from", &*from)];
    let back = link("/book", &choices);
    let other = |error: &&AppError| !matches!(error, AppError::ShowAgain | AppError::Refused(Refusal::Invalid(_)));
    let conflict = [&state, &keeping].into_iter().filter_map(|state| state.error()).find(other);
    let conflict = conflict.map(|error| {
        let (words, back) = (refused_words(error, &viewer.practice), back.clone());
        view! { <div class="error-summary" role="alert"><h2>{words}</h2><p><a href=back>"Choose another time"</a></p></div> }
    });
    // That a time was refused is said above; the person it was for is kept.
    let state = if state.is_conflict() { state.without_error() } else { state };
    let lapsed = conflict.is_none() && !state.was_posted() && held.is_none() && !asked.hold.is_empty();
    let keeping = keeping_notice(held.as_ref(), lapsed, &zone, &back);
    let summary = view! {
        <dl class="summary facts">
            <dt>"What"</dt>
            <dd>
                {service.name.clone()}<span class="muted">" · "{facts(&service, &viewer.practice.currency)}</span>
                <Description words=service.description.clone()/>
            </dd>
            <dt>"When"</dt>
            <dd class="tnum">{zone.long_date(start)}", "<span class="nowrap">{zone.clock_span(start, end)}</span><p class="zone-note">{zone.note()}</p></dd>
            <dt>"With"</dt>
            <dd>{with_name}</dd>
            <dt>"Where"</dt>
            <dd>{place}</dd>
            <dt>"Changes"</dt>
            <dd>{policy_words(&terms, &zone, &viewer.practice)}</dd>
        </dl>
    };
    let (title, step) = match &viewer.me {
        None => ("Book this time", visitor_step(&viewer)),
        Some(me) => {
            let who = viewer.who().await?;
            let upcoming = db::appointments::upcoming_of(viewer.pool(), me, Utc::now()).await?;
            let upcoming = upcoming.into_iter().filter(|taken| taken.status != AppointmentStatus::Cancelled);
            let busy: Vec<ClientId> = upcoming
                .filter(|taken| taken.starts_at < end && start < taken.ends_at)
                .map(|taken| taken.client_id)
                .collect();
            let title = if who.len() > 1 { "Who is this appointment for?" } else { "Confirm your appointment" };
            let key = match state.was_posted() {
                true => state.value("request_key", ""),
                false => db::new_id().to_string(),
            };
            let hidden = [
                ("_page", viewer.here.clone()),
                ("form[service]", id),
                ("form[practitioner]", with.to_string()),
                ("form[starts_at]", instant_text(start)),
                ("form[anyone]", if asked.practitioner.is_empty() { "true".to_owned() } else { String::new() }),
                ("form[request_key]", key),
                ("form[hold]", held.map(|held| held.id.to_string()).unwrap_or_default()),
            ];
            let hidden = hidden.into_iter().filter(|(_, value)| !value.is_empty());
            let hidden = hidden.map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
            let step = view! {
                <form class="form" method="post" action=BOOK data-once="">
                    {hidden.collect_view()}
                    {ways(&modalities, &state)}
                    {people(who, &busy, &asked.person, &state)}
                    <div class="form-actions">
                        <button type="submit" class="button primary">"Book appointment"</button>
                        {lapsed.then(|| view! {
                            <button type="submit" class="button" formaction=HOLD formnovalidate=true>{format!("Keep this time for {HOLD_MINUTES} minutes")}</button>
                        })}
                        <a class="button quiet" href=back.clone()>"Choose another time"</a>
                    </div>
                </form>
            };
            (title, step.into_any())
        }
    };
    Ok(Shown::new(
        title,
        view! {
            <div class="page-head"><div><a class="back" href=back>"Other times"</a><h1>{title}</h1></div></div>
            {conflict}
            <div class="panel stack">
                {keeping}
                {summary}
                {step}
            </div>
        },
    )
    .narrow())
}

/// Until when the time is kept; or that it no longer is, and the way back.
fn keeping_notice(held: Option<&HeldTime>, lapsed: bool, zone: &Zone, back: &str) -> Option<AnyView> {
    if let Some(held) = held {
        let until = zone.exact_clock(held.until);
        return Some(
            view! { <p class="notice info">"We’re keeping this time for you until "{until}"."</p> }.into_any(),
        );
    }
    let back = back.to_owned();
    lapsed.then(|| {
        view! {
            <p class="notice warn">
                {format!("We kept this time for {HOLD_MINUTES} minutes and have let it go. It may still be free: book it now, or ")}
                <a href=back>"choose another time"</a>"."
            </p>
        }
        .into_any()
    })
}

/// What one agrees to by booking, with the last moment for changes.
pub fn policy_words(terms: &Terms, zone: &Zone, practice: &Practice) -> AnyView {
    let policy = &terms.policy;
    let online = policy.client_may_cancel || policy.client_may_move;
    let until = (online && terms.deadline < terms.starts_at).then(|| {
        let deadline = format!("{}, {}", zone.long_date(terms.deadline), zone.exact_clock(terms.deadline));
        match terms.deadline > Utc::now() {
            true => format!(" That is until {deadline}."),
            false if policy.late == LateRule::Refused => {
                " That time has passed: once booked, it can’t be changed online.".to_owned()
            }
            false => format!(" That was until {deadline}."),
        }
    });
    let fee = |what: &str, cents: i64| (cents > 0).then(|| format!(" {what}: {} {}.", price(cents), practice.currency));
    let late = match policy.late {
        LateRule::AllowedAsLate => fee("Fee for a late cancellation", policy.late_fee_cents),
        LateRule::Refused => None,
    };
    let missed = fee("Fee for a missed appointment", policy.no_show_fee_cents);
    view! { {policy.sentence()}{until}{late}{missed}<Description words=policy.words.clone()/> }.into_any()
}

/// Someone who is not logged in goes on by logging in or registering.
fn visitor_step(viewer: &Viewer) -> AnyView {
    let next = url_encode(&viewer.here);
    view! {
        <p>"Log in or register to book this time. We keep it while you do."</p>
        <div class="form-actions">
            <a class="button primary" href=format!("/register?next={next}")>"Register"</a>
            <a class="button" href=format!("/login?next={next}")>"Log in"</a>
        </div>
    }
    .into_any()
}

/// How they meet: the only way there is, or a choice.
fn ways(modalities: &[Modality], state: &FormState) -> AnyView {
    if let [one] = modalities {
        return view! { <input type="hidden" name="form[modality]" value=one.as_str()/> }.into_any();
    }
    let first = modalities.first().map_or("", |one| one.as_str());
    let chosen = state.value("modality", first);
    let choices = modalities.iter().map(|one| {
        let checked = chosen == one.as_str();
        view! {
            <label class="choice">
                <input type="radio" name="form[modality]" value=one.as_str() checked=checked/>
                <span class="choice-title">{one.label()}</span>
            </label>
        }
    });
    view! {
        <fieldset class="group" hidden=modalities.is_empty()>
            <legend>"How would you like to meet?"</legend>
            <div class="choices">{choices.collect_view()}</div>
        </fieldset>
    }
    .into_any()
}

/// Who it is for: the only one it may be for, or a choice.
fn people(who: Vec<BookingSubject>, busy: &[ClientId], asked: &str, state: &FormState) -> AnyView {
    const ENGAGED: &str = "You already have an appointment at this time.";
    let refused = state.problem("client").map(|_| view! { <p class="error" id="f-client">"Choose who it’s for."</p> });
    if let [one] = who.as_slice() {
        let is_busy = busy.contains(&one.id);
        return view! {
            <input type="hidden" name="form[client]" value=one.id.to_string()/>
            {is_busy.then(|| view! { <p class="notice warn">{ENGAGED}</p> })}
        }
        .into_any();
    }
    let chosen = state.value("client", asked);
    let choices = who.into_iter().map(|one| {
        let is_busy = busy.contains(&one.id);
        choice(one, &chosen, is_busy)
    });
    view! {
        <fieldset class="group">
            <legend>"This appointment is for"</legend>
            {refused}
            <div class="choices">{choices.collect_view()}</div>
        </fieldset>
    }
    .into_any()
}

/// Why it was refused; where only the practice can help, with how to reach it.
pub fn refused_words(error: &AppError, practice: &Practice) -> AnyView {
    let words = error.to_string();
    match error {
        AppError::Refused(Refusal::Conflict(conflict)) if conflict.needs_practice() => {
            view! { {words}" "{crate::ui::contact::call(practice, "Call")}"." }.into_any()
        }
        AppError::Refused(Refusal::LinkEnded) => {
            view! { {words}" Questions? "{crate::ui::contact::call(practice, "Call")}"." }.into_any()
        }
        _ => words.into_any(),
    }
}

fn choice(person: BookingSubject, chosen: &str, busy: bool) -> AnyView {
    const ENGAGED: &str = "Already booked at this time";
    let free = if person.is_self { "You".to_owned() } else { format!("You can book for {}", person.first_name) };
    let id = person.id.to_string();
    let checked = chosen == id;
    view! {
        <label class="choice">
            <input type="radio" name="form[client]" value=id.clone() checked=checked required=true disabled=busy/>
            <span class="choice-title">{person.name}</span>
            <span class="choice-note">{if busy { ENGAGED.to_owned() } else { free }}</span>
        </label>
    }
    .into_any()
}
