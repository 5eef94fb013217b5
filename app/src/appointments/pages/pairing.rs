//! Pairing: for one client the practitioners who offer a service, by hours in common, with
//! their next times. One press books; a prospect becomes active with it.

use crate::context::query;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm};
use chrono::Utc;
use db::appointments::Pair;
use db::time::Zone;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::appointments::instant_text;
use shared::clients::{ClientProfile, Status};
use shared::{ClientNumber, Refusal, ServiceId};

const BOOK: &str = "/fn/appointments/book_first";

#[component]
pub fn PairingPage() -> impl IntoView {
    let number = use_params_map().read_untracked().get("number").unwrap_or_default();
    let service = query("service");
    let state = FormState::of(BOOK);
    page(move |page| async move {
        let number: ClientNumber = number.parse().map_err(|_| Refusal::NotFound)?;
        let client = crate::clients::pages::record(&page, number).await?;
        if !page.actor.staff()?.books() {
            return Err(Refusal::Forbidden.into());
        }
        let services = db::practice::active_services(page.pool()).await?;
        let chosen: Option<ServiceId> = service.parse().ok().or(match services.as_slice() {
            [only] => Some(only.id),
            _ => None,
        });
        let chosen = chosen.filter(|id| services.iter().any(|service| service.id == *id));
        let bookable = client.status.may_be_booked() || may_begin(&page, &client);
        let pairs = match chosen {
            Some(service) if bookable => {
                let (pairs, known, zone) =
                    db::appointments::pairing(page.pool(), &page.actor, client.id, service, Utc::now()).await?;
                Some(list(&page, &client, service, pairs, known, &zone))
            }
            _ => None,
        };
        let options = services.into_iter().map(|service| {
            let selected = chosen == Some(service.id);
            view! { <option value=service.id.to_string() selected=selected>{service.name}</option> }
        });
        let refused = state.error().map(|error| {
            view! { <div class="error-summary" role="alert"><h2>{error.to_string()}</h2></div> }
        });
        let closed = (!bookable).then(|| {
            let words = format!("{} isn’t active, so you can’t book them.", client.name);
            view! { <p class="notice warn">{words}</p> }
        });
        let (here, options) = (format!("/clients/{number}/pairing"), options.collect_view());
        let title = format!("Find a practitioner – {}", client.name);
        Ok(Shown::new(
            title,
            view! {
                <div class="page-head"><div>
                    <a class="back" href=format!("/clients/{number}")>{client.name.clone()}</a>
                    <h1>"Find a practitioner"</h1>
                    <p class="sub">"Practitioners by the hours that they and the "{page.practice.client_word.clone()}" have in common."</p>
                </div></div>
                {refused}
                {closed}
                <form class="filters" method="get" action=here>
                    <div class="field grow"><label for="service">"Service"</label><select id="service" name="service" required=true>
                        {chosen.is_none().then(|| view! { <option value="" selected=true>"Choose a service"</option> })}{options}</select></div>
                    <button type="submit" class="button">"Show practitioners"</button>
                </form>
                {pairs}
            },
        )
        .narrow())
    })
}

/// The front desk makes a prospect active by booking them.
fn may_begin(page: &Page, client: &ClientProfile) -> bool {
    client.status == Status::Prospect && !client.erased && page.actor.front_desk().is_ok()
}

fn list(
    page: &Page,
    client: &ClientProfile,
    service: ServiceId,
    pairs: Vec<Pair>,
    known: bool,
    zone: &Zone,
) -> AnyView {
    if pairs.is_empty() {
        return view! { <div class="panel empty"><h2>"No practitioners"</h2><p>"No one offers this service."</p></div> }.into_any();
    }
    let unknown = (!known).then(|| {
        let href = format!("/clients/{}/availability", client.number);
        let words = format!("{} gave no availability, so all working hours count. ", client.name);
        view! { <p class="notice info">{words}<a href=href>"Add availability"</a></p> }
    });
    let begins = (client.status == Status::Prospect).then(|| {
        let words = format!("Booking makes {} active.", client.name);
        view! { <p class="hint">{words}</p> }
    });
    let key = db::new_id().to_string();
    let (here, id) = (page.here.clone(), client.id.to_string());
    let rows = pairs.into_iter().map(|pair| {
        let (hours, minutes) = (pair.minutes / 60, pair.minutes % 60);
        let common = match (hours, minutes) {
            (0, 0) => "No hours in common".to_owned(),
            (hours, 0) => format!("{hours} h a week in common"),
            (hours, minutes) => format!("{hours} h {minutes} min a week in common"),
        };
        let none = pair.times.is_empty().then(|| view! { <span class="muted small">"No free times in the next 4 weeks"</span> });
        let name = pair.name.clone();
        let times = pair.times.into_iter().map(|visit| {
            let words = format!("{}, {}", zone.short_date(visit.starts_at), zone.exact_clock(visit.starts_at));
            let slot = format!("{} {}", instant_text(visit.starts_at), visit.practitioner);
            let label = format!("Book {words} with {name}");
            view! { <button type="submit" class="button small" name="form[slot]" value=slot aria-label=label>{words}</button> }
        });
        let times = times.collect_view();
        view! {
            <li>
                <div class="grow"><span class="strong">{pair.name}</span><span class="muted small">{common}</span>{none}</div>
                <div class="actions">{times}</div>
            </li>
        }
    });
    let rows = rows.collect_view();
    view! {
        {unknown}
        {begins}
        <PostForm action=BOOK page=here state=FormState::default() class="stack">
            <input type="hidden" name="form[client]" value=id/>
            <input type="hidden" name="form[service]" value=service.to_string()/>
            <input type="hidden" name="form[request_key]" value=key/>
            <div class="panel flush"><ul class="list arranged" id="pairs">{rows}</ul></div>
        </PostForm>
        <p class="zone-note">{zone.note()}</p>
    }
    .into_any()
}
