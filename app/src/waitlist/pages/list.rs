//! `/waiting-list`: who waits, urgent ones first; and what became free for them.

use super::freed::fits;
use super::{age, dates, left, urgent_badge, windows};
use crate::context::query;
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::ui::parts::Description;
use crate::ui::{ErrorSummary, FormState, PostForm};
use crate::waitlist::{OFFER, WITHDRAW, WITHDRAW_OFFER};
use chrono::{DateTime, Utc};
use db::PgConnection;
use db::time::Zone;
use db::waitlist::{Filter, OfferView, Waiting};
use leptos::prelude::*;
use shared::practice::{ServiceView, StaffView};
use shared::{ClientId, ClientNumber, Refusal, ServiceId, StaffId};

#[component]
pub fn WaitingListPage() -> impl IntoView {
    let (service, practitioner) = (query("service").parse().ok(), query("practitioner").parse().ok());
    let refused = [OFFER, WITHDRAW, WITHDRAW_OFFER].map(FormState::of);
    page(move |page| async move {
        if !page.actor.staff()?.books() {
            return Err(Refusal::Forbidden.into());
        }
        let filter = Filter { service, practitioner, ..Filter::default() };
        let entries = db::waitlist::list(page.pool(), &page.actor, filter).await?;
        let zone = db::appointments::free_times::venue_zone(page.pool()).await?;
        let freed = freed_times(&page, &zone).await?;
        let services = db::practice::active_services(page.pool()).await?;
        let people = db::practice::practitioners(page.pool(), &page.actor).await?;
        let filtered = service.is_some() || practitioner.is_some();
        let count = match entries.len() {
            0 => "No one is waiting.".to_owned(),
            1 => "1 waiting.".to_owned(),
            count => format!("{count} waiting."),
        };
        let filters = (filtered || entries.len() > 1).then(|| filters(&services, &people, service, practitioner));
        let body = if entries.is_empty() { empty(&page, filtered) } else { table(&page, entries, &zone) };
        let summaries = refused.into_iter().map(|state| view! { <ErrorSummary state/> }).collect_view();
        let settings = page.actor.administrator().is_ok().then(|| {
            view! { <a class="button" href="/settings/waiting-list">"Settings"</a> }
        });
        Ok(Shown::new(
            "Waiting list",
            view! {
                <div class="page-head">
                    <div><a class="back" href="/calendar">"Calendar"</a><h1>"Waiting list"</h1>
                        <p class="sub">{count}" "{zone.note()}</p></div>
                    <div class="actions">{settings}<a class="button primary" href="/waiting-list/new">"Add to waiting list"</a></div>
                </div>
                {summaries}
                {freed}
                {filters}
                {body}
            },
        ))
    })
}

/// Times that became free lately and suit someone.
async fn freed_times(page: &Page, zone: &Zone) -> Result<Option<AnyView>, AppError> {
    let mut found = Vec::new();
    for gap in db::waitlist::recently_freed(page.pool(), &page.actor).await? {
        let all = db::waitlist::fitting(page.pool(), &page.actor, gap, 5).await?;
        // The same time may have become free in several ways.
        for fit in all {
            let same = |other: &db::waitlist::Fit| (other.entry, other.starts_at) == (fit.entry, fit.starts_at);
            if !found.iter().any(same) {
                found.push(fit);
            }
        }
        if found.len() >= 20 {
            break;
        }
    }
    Ok((!found.is_empty()).then(|| {
        view! {
            <section class="panel" aria-labelledby="freed">
                <h2 id="freed">"Times that became free"</h2>
                {fits(page, found, zone, "/waiting-list")}
            </section>
        }
        .into_any()
    }))
}

fn filters(
    services: &[ServiceView],
    people: &[StaffView],
    service: Option<ServiceId>,
    practitioner: Option<StaffId>,
) -> AnyView {
    let services = services.iter().map(|one| {
        view! { <option value=one.id.to_string() selected=service == Some(one.id)>{one.name.clone()}</option> }
    });
    let people = people.iter().filter(|one| one.active).map(|one| {
        view! { <option value=one.id.to_string() selected=practitioner == Some(one.id)>{one.name.clone()}</option> }
    });
    view! {
        <form class="filters" method="get" action="/waiting-list" data-submits="">
            <div class="field"><label for="service">"Service"</label><select id="service" name="service">
                <option value="">"All services"</option>{services.collect_view()}</select></div>
            <div class="field"><label for="practitioner">"Practitioner"</label><select id="practitioner" name="practitioner">
                <option value="">"All practitioners"</option>{people.collect_view()}</select></div>
            <button type="submit" class="button">"Filter"</button>
        </form>
    }
    .into_any()
}

fn empty(page: &Page, filtered: bool) -> AnyView {
    if filtered {
        return view! {
            <div class="panel empty"><h2>"No one is waiting for this"</h2><p><a href="/waiting-list">"Show everyone"</a></p></div>
        }
        .into_any();
    }
    let words = format!(
        "Add anyone who can’t find a time, or who would like an earlier one. When a time that suits them becomes free, you can offer it here with one press. {plural} can also join the list when they book online.",
        plural = crate::ui::capital(&page.practice.client_word_plural)
    );
    view! { <div class="panel empty"><h2>"No one is waiting"</h2><p>{words}</p></div> }.into_any()
}

fn table(page: &Page, entries: Vec<Waiting>, zone: &Zone) -> AnyView {
    let now = Utc::now();
    let rows = entries.into_iter().map(|entry| row(page, entry, zone, now)).collect_view();
    let client = crate::ui::capital(&page.practice.client_word);
    view! {
        <div class="panel flush"><div class="table-wrap"><table class="table cards">
            <caption class="sr-only">"Waiting list"</caption>
            <thead><tr>
                <th scope="col">{client}</th><th scope="col">"Waits for"</th><th scope="col">"When"</th>
                <th scope="col">"Waiting"</th><th scope="col"><span class="sr-only">"Actions"</span></th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table></div></div>
    }
    .into_any()
}

/// What they wait for: the service, the practitioner, and the time that they have already.
fn wish(entry: &Waiting) -> AnyView {
    let with = entry.practitioner.as_ref().map_or_else(|| "anyone".to_owned(), |(_, name)| name.clone());
    let earlier = entry.appointment.as_ref().map(|(id, at, zone)| {
        let zone = Zone::stored(zone);
        let words = format!("{}, {}", zone.short_date(*at), zone.exact_clock(*at));
        view! { <p class="small muted">"Earlier than "<a href=format!("/appointments/{id}")>{words}</a></p> }
    });
    view! {
        <span>{entry.service_name.clone()}<span class="muted">" with "{with}</span></span>{earlier}
        <Description words=entry.note.clone()/>
    }
    .into_any()
}

fn row(page: &Page, entry: Waiting, zone: &Zone, now: DateTime<Utc>) -> impl IntoView + use<> {
    let Waiting { id, number, .. } = entry;
    let mut find = format!("/appointments/new?client={number}&service={}", entry.service);
    if let Some((practitioner, _)) = &entry.practitioner {
        find.push_str(&format!("&practitioner={practitioner}"));
    }
    let wish = wish(&entry);
    let when = windows(&entry.windows, "Any time");
    let offer = entry.offer.map(|offer| open_offer(page, offer, zone, now));
    let name = entry.name;
    let by = entry.entered_by.unwrap_or_else(|| "Online".to_owned());
    view! {
        <tr>
            <th scope="row">{urgent_badge(entry.urgent)}<a href=format!("/clients/{number}")>{name.clone()}</a></th>
            <td data-label="Waits for">{wish}</td>
            <td data-label="When"><span class="tnum nowrap">{dates(entry.first_on, entry.last_on)}</span><p class="small muted">{when}</p></td>
            <td data-label="Waiting"><span class="tnum nowrap">{age(entry.entered_at, now)}</span><p class="small muted">{by}</p>{offer}</td>
            <td><div class="actions">
                <a class="button small" href=find>"Find a time"<span class="sr-only">" for "{name.clone()}</span></a>
                <a class="button small" href=format!("/waiting-list/{id}")>"Edit"<span class="sr-only">" entry of "{name}</span></a>
            </div></td>
        </tr>
    }
}

/// The offer that runs, and how long it does.
fn open_offer(page: &Page, offer: OfferView, zone: &Zone, now: DateTime<Utc>) -> AnyView {
    let words = format!(
        "Offered {}, {}, with {}.",
        zone.short_date(offer.starts_at),
        zone.clock_span(offer.starts_at, offer.ends_at),
        offer.practitioner
    );
    let until = format!("{} left to answer, until {}.", left(offer.lapses_at, now), zone.exact_clock(offer.lapses_at));
    let (until, id, next) = (crate::ui::capital(&until), offer.id.to_string(), page.here.clone());
    view! {
        <div class="notice info stack tight">
            <p>{words}" "<strong>{until}</strong></p>
            <PostForm action=WITHDRAW_OFFER page=page.here.clone() state=FormState::default() class="row">
                <input type="hidden" name="offer" value=id/>
                <input type="hidden" name="next" value=next/>
                <button type="submit" class="button small">"Withdraw offer"</button>
            </PostForm>
        </div>
    }
    .into_any()
}

/// On a client's profile: what they wait for, and the way onto the list.
pub async fn client_panel(
    page: &Page,
    conn: &mut PgConnection,
    client: ClientId,
    number: ClientNumber,
    may_add: bool,
) -> Result<AnyView, AppError> {
    let may_add = may_add && page.actor.staff()?.books();
    let filter = Filter { client: Some(client), ..Filter::default() };
    let entries = db::waitlist::list_in(conn, &page.actor, filter).await?;
    if entries.is_empty() && !may_add {
        return Ok(().into_any());
    }
    let now = Utc::now();
    let none = entries.is_empty().then(|| view! { <p class="muted">"Not waiting for a time."</p> });
    let rows = entries.into_iter().map(|entry| {
        let (id, since) = (entry.id, age(entry.entered_at, now));
        let edit = may_add.then(|| view! { <a class="button small" href=format!("/waiting-list/{id}")>"Edit"<span class="sr-only">" waiting list entry"</span></a> });
        view! {
            <li><div class="grow">{urgent_badge(entry.urgent)}{wish(&entry)}
                <p class="small muted tnum">{dates(entry.first_on, entry.last_on)}" · waiting: "{since}</p></div>
                <div class="actions">{edit}</div></li>
        }
    });
    let rows = rows.collect_view();
    Ok(view! {
        <section class="panel" aria-labelledby="waiting-list">
            <div class="panel-head">
                <h2 id="waiting-list">"Waiting list"</h2>
                {may_add.then(|| view! { <a class="button small" href=format!("/waiting-list/new?client={number}")>"Add"<span class="sr-only">" to waiting list"</span></a> })}
            </div>
            {none}
            <ul class="list arranged">{rows}</ul>
        </section>
    }
    .into_any())
}
