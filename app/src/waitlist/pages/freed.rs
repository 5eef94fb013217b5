//! Who fits a time that became free: after a cancellation or a move; and the list beside the
//! calendar.

use super::{age, urgent_badge};
use crate::context::url_encode;
use crate::error::AppError;
use crate::ui::page::Page;
use crate::ui::{ErrorSummary, FormState, PostForm};
use crate::waitlist::OFFER;
use chrono::{NaiveDate, Utc};
use db::time::Zone;
use db::waitlist::{Filter, Fit};
use leptos::prelude::*;
use shared::AppointmentId;
use shared::appointments::instant_text;

/// How many are shown for one time.
const SHOWN: usize = 5;
/// How many are shown beside the calendar.
const BESIDE: usize = 8;

/// "2 waiting fit this", on the page of an appointment that was cancelled or moved away.
pub async fn freed_panel(page: &Page, appointment: AppointmentId) -> Result<Option<AnyView>, AppError> {
    if !page.actor.staff()?.books() {
        return Ok(None);
    }
    let mut found = Vec::new();
    for gap in db::waitlist::freed_by(page.pool(), &page.actor, appointment).await? {
        found.extend(db::waitlist::fitting(page.pool(), &page.actor, gap, SHOWN).await?);
    }
    if found.is_empty() {
        return Ok(None);
    }
    let zone = db::appointments::free_times::venue_zone(page.pool()).await?;
    let heading = match found.len() {
        1 => "1 waiting fits the time that became free".to_owned(),
        count => format!("{count} waiting fit the time that became free"),
    };
    let refused = FormState::of(OFFER);
    let rows = fits(page, found, &zone, &format!("/appointments/{appointment}"));
    Ok(Some(
        view! {
            <section class="panel" aria-labelledby="freed">
                <h2 id="freed">{heading}</h2>
                <ErrorSummary state=refused/>
                {rows}
            </section>
        }
        .into_any(),
    ))
}

/// Each with the time that suits them, to be offered in one press or booked.
pub(super) fn fits(page: &Page, found: Vec<Fit>, zone: &Zone, next: &str) -> AnyView {
    let now = Utc::now();
    let row = |fit: Fit| {
        let slot = format!("{} {}", instant_text(fit.starts_at), fit.practitioner);
        let local = zone.local(fit.starts_at);
        let book = format!(
            "/appointments/new?client={}&practitioner={}&from={}&at={}",
            fit.number,
            fit.practitioner,
            local.date(),
            url_encode(&local.format("%H:%M").to_string())
        );
        let when = format!(
            "{}, {}, with {}",
            zone.short_date(fit.starts_at),
            zone.clock_span(fit.starts_at, fit.ends_at),
            fit.practitioner_name
        );
        let (name, next) = (fit.name, next.to_owned());
        let (to, for_name) = (name.clone(), name.clone());
        view! {
            <li>
                <div class="grow">
                    {urgent_badge(fit.urgent)}<a class="strong" href=format!("/clients/{}", fit.number)>{name}</a>
                    <span class="muted small tnum">{when}" · "{fit.service_name}" · waiting: "{age(fit.entered_at, now)}</span>
                </div>
                <div class="actions">
                    <PostForm action=OFFER page=page.here.clone() state=FormState::default() class="row">
                        <input type="hidden" name="id" value=fit.entry.to_string()/>
                        <input type="hidden" name="slot" value=slot/>
                        <input type="hidden" name="next" value=next/>
                        <button type="submit" class="button small primary">"Offer"<span class="sr-only">" to "{to}</span></button>
                    </PostForm>
                    <a class="button small" href=book>"Book"<span class="sr-only">" for "{for_name}</span></a>
                </div>
            </li>
        }
    };
    view! { <ul class="list arranged">{found.into_iter().map(row).collect_view()}</ul> }.into_any()
}

/// Beside the calendar: who could come on these days, with their number and how long they wait.
pub async fn waiting_panel(page: &Page, first: NaiveDate, last: NaiveDate) -> Result<Option<AnyView>, AppError> {
    if !page.actor.staff()?.books() {
        return Ok(None);
    }
    let filter = Filter { days: Some((first, last)), ..Filter::default() };
    let entries = db::waitlist::list(page.pool(), &page.actor, filter).await?;
    if entries.is_empty() {
        return Ok(None);
    }
    let (now, count) = (Utc::now(), entries.len());
    let rows = entries.into_iter().take(BESIDE).map(|entry| {
        let with = entry.practitioner.map(|(_, name)| format!(" with {name}")).unwrap_or_default();
        let offered = entry.offer.map(|offer| {
            view! { <span class="badge">{format!("Offered, {} left", super::left(offer.lapses_at, now))}</span> }
        });
        view! {
            <li>{urgent_badge(entry.urgent)}<a href=format!("/clients/{}", entry.number)>{entry.name}</a>
                <span class="muted small">{entry.service_name}{with}" · "{age(entry.entered_at, now)}</span>{offered}</li>
        }
    });
    let rows = rows.collect_view();
    Ok(Some(
        view! {
            <details class="section" id="waiting">
                <summary>"Waiting list ("{count}")"</summary>
                <ul class="list">{rows}</ul>
                <p><a href="/waiting-list">"Open the waiting list"</a></p>
            </details>
        }
        .into_any(),
    ))
}
