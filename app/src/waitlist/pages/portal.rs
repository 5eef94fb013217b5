//! In the portal: joining when no time suits, and what one waits for.

use super::form::{Fields, earlier_note, inputs};
use super::{dates, windows};
use crate::context::query;
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{ErrorSummary, FormState, PostForm};
use crate::waitlist::{ANSWER, JOIN, LEAVE};
use chrono::Utc;
use db::actor::ClientActor;
use db::time::Zone;
use db::waitlist::{MyWait, OfferView};
use leptos::prelude::*;
use shared::{AppointmentId, Refusal};

/// The way onto the list, below the times of the booking page.
pub fn join_link(service: &str, practitioner: Option<String>) -> AnyView {
    let mut href = format!("/book/waiting-list?service={service}");
    if let Some(practitioner) = practitioner {
        href.push_str(&format!("&practitioner={practitioner}"));
    }
    view! { <p class="muted">"No time that suits? "<a href=href>"Join the waiting list"</a>"."</p> }.into_any()
}

#[component]
pub fn JoinWaitlistPage() -> impl IntoView {
    let (service, practitioner, appointment) = (query("service"), query("practitioner"), query("appointment"));
    let state = FormState::of(JOIN);
    page(move |page| async move {
        let me = page.actor.client()?.clone();
        let mut services = db::practice::active_services(page.pool()).await?;
        services.retain(|one| one.in_portal && !one.practitioners.is_empty());
        let zone = db::appointments::free_times::venue_zone(page.pool()).await?;
        let mut fields = Fields { service, practitioner, ..Fields::new(zone.date(Utc::now())) };
        let earlier = match appointment.parse::<AppointmentId>() {
            Ok(id) => Some(db::appointments::mine_one(page.pool(), &me, id).await?),
            Err(_) => None,
        };
        let mut who = db::links::bookable_by(page.pool(), &me).await?;
        if let Some(one) = &earlier {
            fields.service = one.service_id.to_string();
            fields.last_on = zone.date(one.starts_at).to_string();
            who.retain(|person| person.id == one.client_id);
            services.retain(|service| service.id == one.service_id);
        }
        if who.is_empty() || services.is_empty() {
            return Err(Refusal::NotFound.into());
        }
        let earlier = earlier.map(|one| earlier_note(one.id, one.starts_at, &Zone::stored(&one.zone)));
        let key = if state.was_posted() { state.value("request_key", "") } else { db::new_id().to_string() };
        let chosen = state.value("client", &who[0].id.to_string());
        let people: Vec<_> = who.iter().map(|one| (one.id.to_string(), one.name.clone())).collect();
        let person = match people.len() {
            1 => view! { <input type="hidden" name="form[client]" value=people[0].0.clone()/> }.into_any(),
            _ => view! { <crate::ui::SelectField field="client" label="Who is it for?" state=state.clone() options=people value=chosen/> }.into_any(),
        };
        Ok(Shown::new(
            "Join the waiting list",
            view! {
                <div class="page-head"><div><a class="back" href="/book">"Book"</a><h1>"Join the waiting list"</h1>
                    <p class="sub">"We’ll email you when a time that suits becomes free. "{zone.note()}</p></div></div>
                <PostForm action=JOIN page=page.here.clone() state=state.clone() class="panel form">
                    {earlier}
                    {person}
                    <input type="hidden" name="form[request_key]" value=key/>
                    {inputs(&state, &fields, &services, false, "any time".to_owned())}
                    <div class="form-actions">
                        <button type="submit" class="button primary">"Join the waiting list"</button>
                        <a class="button quiet" href="/book">"Back"</a>
                    </div>
                </PostForm>
            },
        )
        .narrow())
    })
}

/// Part of *My appointments*: what the client and those they act for wait for.
pub async fn mine(page: &Page, me: &ClientActor) -> Result<Option<AnyView>, AppError> {
    let entries = db::waitlist::mine(page.pool(), me).await?;
    let refused = [LEAVE, ANSWER].map(FormState::of);
    if entries.is_empty() && refused.iter().all(|state| !state.was_posted()) {
        return Ok(None);
    }
    let zone = db::appointments::free_times::venue_zone(page.pool()).await?;
    let summaries = refused.into_iter().map(|state| view! { <ErrorSummary state/> }).collect_view();
    let cards = entries.into_iter().map(|one| card(page, one, &zone)).collect_view();
    Ok(Some(
        view! {
            <section class="stack" aria-labelledby="waiting">
                <h2 id="waiting">"Waiting list"</h2>
                {summaries}
                {cards}
            </section>
        }
        .into_any(),
    ))
}

fn card(page: &Page, one: MyWait, zone: &Zone) -> AnyView {
    let with = one.practitioner.map(|name| format!("with {name}")).unwrap_or_else(|| "with anyone".to_owned());
    let earlier = one.appointment.map(|(at, own)| {
        let own = Zone::stored(&own);
        format!("Earlier than {}, {}", own.long_date(at), own.exact_clock(at))
    });
    let offer = one.offer.map(|offer| open_offer(page, offer, one.may_take, zone));
    let service = one.service_name;
    view! {
        <article class="panel">
            <h3>{service.clone()}</h3>
            <p class="meta muted small">
                <span>{with}</span><span class="tnum">{dates(one.first_on, one.last_on)}</span>
                <span>{windows(&one.windows, "any time")}</span>{earlier.map(|words| view! { <span>{words}</span> })}
            </p>
            {one.for_name.map(|name| view! { <p><span class="badge for">"For "{name}</span></p> })}
            {offer}
            <PostForm action=LEAVE page=page.here.clone() state=FormState::default() class="row">
                <input type="hidden" name="id" value=one.id.to_string()/>
                <button type="submit" class="button small quiet">"Leave the waiting list"<span class="sr-only">" for "{service}</span></button>
            </PostForm>
        </article>
    }
    .into_any()
}

fn open_offer(page: &Page, offer: OfferView, may_take: bool, zone: &Zone) -> AnyView {
    let words = format!(
        "A time is free: {}, {}, with {}. We’re keeping it for you until {}.",
        zone.long_date(offer.starts_at),
        zone.clock_span(offer.starts_at, offer.ends_at),
        offer.practitioner,
        zone.exact_clock(offer.lapses_at)
    );
    view! {
        <div class="notice info">
            <p>{words}</p>
            <PostForm action=ANSWER page=page.here.clone() state=FormState::default() class="row">
                <input type="hidden" name="offer" value=offer.id.to_string()/>
                {may_take.then(|| view! { <button type="submit" class="button small primary" name="accept" value="true">"Take this time"</button> })}
                <button type="submit" class="button small" name="accept" value="false">"Decline"</button>
            </PostForm>
        </div>
    }
    .into_any()
}
