//! Booking in the order in which people think: who it is for, what, which practitioner, when. Every
//! choice is an address, so that each step is a page of its own and Back goes one step back.

use super::confirm::{BOOK, refused_words};
use super::week::Week;
use crate::accounts::visitor;
use crate::context::{self, AppContext, query, url_encode};
use crate::error::AppError;
use crate::ui::FormState;
use crate::ui::page::{Shown, page, public_page};
use chrono::{NaiveDate, Utc};
use db::actor::ClientActor;
use db::appointments::HeldTime;
use db::appointments::free_times::FreeQuery;
use db::time::Zone;
use leptos::prelude::*;
use shared::appointments::instant_text;
use shared::links::BookingSubject;
use shared::permissions::Permission;
use shared::practice::{Practice, ServiceView, price};
use shared::{Refusal, StaffId};
use std::future::Future;

pub const HOLD: &str = "/fn/portal/hold";

/// Who books.
pub struct Viewer {
    pub app: AppContext,
    pub practice: Practice,
    /// Path and query of this page.
    pub here: String,
    /// `None`: someone who is not logged in, where people may register while they book.
    pub me: Option<ClientActor>,
}

impl Viewer {
    pub fn pool(&self) -> &db::PgPool {
        &self.app.pool
    }

    /// Everyone it may be for, oneself first.
    pub async fn who(&self) -> Result<Vec<BookingSubject>, AppError> {
        Ok(match &self.me {
            Some(me) => db::links::bookable_by(self.pool(), me).await?,
            None => Vec::new(),
        })
    }

    /// The time that is kept for them.
    pub async fn held(&self) -> Result<Option<HeldTime>, AppError> {
        Ok(match (&self.me, visitor::secret()) {
            (Some(me), _) => db::appointments::held(self.pool(), me).await?,
            (None, Some(secret)) => db::appointments::held_by_visitor(self.pool(), &secret).await?,
            (None, None) => None,
        })
    }

    /// What can be booked online.
    pub async fn services(&self) -> Result<Vec<ServiceView>, AppError> {
        let services = db::practice::active_services(self.pool()).await?;
        Ok(services.into_iter().filter(|service| service.in_portal && !service.practitioners.is_empty()).collect())
    }
}

/// A page of booking: for clients, and for people who may register while they book.
pub fn booking_page<F>(contents: impl FnOnce(Viewer) -> F + Send + 'static) -> AnyView
where
    F: Future<Output = Result<Shown, AppError>> + Send + 'static,
{
    if context::maybe_actor().is_some() {
        return page(move |page| async move {
            let me = Some(page.actor.client()?.clone());
            contents(Viewer { app: page.app, practice: page.practice, here: page.here, me }).await
        })
        .into_any();
    }
    public_page(move |app, practice| async move {
        if !practice.may_register() || !db::permissions::to_visitors(&app.pool, Permission::Book).await? {
            return Err(Refusal::SignedOut.into());
        }
        crate::accounts::session::not_too_often()?;
        let here = context::here();
        contents(Viewer { app, practice, here, me: None }).await
    })
    .into_any()
}

/// The address of a booking page with these choices; empty ones are left out.
pub fn link(path: &str, choices: &[(&str, &str)]) -> String {
    let pairs = choices.iter().filter(|(_, value)| !value.is_empty());
    let pairs: Vec<_> = pairs.map(|(name, value)| format!("{name}={}", url_encode(value))).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

/// What the address says has been chosen.
struct Asked {
    person: String,
    service: String,
    practitioner: String,
    from: String,
}

/// Choose who it is for, the service, the practitioner, the time.
#[component]
pub fn BookPage() -> impl IntoView {
    let asked = Asked {
        person: query("for"),
        service: query("service"),
        practitioner: query("practitioner"),
        from: query("from"),
    };
    // Of a time that is kept, or of a booking that was sent from here.
    let state = [HOLD, BOOK].map(FormState::of).into_iter().find(FormState::was_posted).unwrap_or_default();
    booking_page(move |viewer| async move { choose(viewer, asked, state).await })
}

async fn choose(viewer: Viewer, asked: Asked, state: FormState) -> Result<Shown, AppError> {
    let who = viewer.who().await?;
    let person = match who.as_slice() {
        [one] => Some(one),
        all => all.iter().find(|one| one.id.to_string() == asked.person),
    };
    // Who it is for is asked before anything else.
    let asks_person = viewer.me.is_some() && person.is_none() && !who.is_empty();
    let services = if asks_person { Vec::new() } else { viewer.services().await? };
    let service = services.iter().find(|service| service.id.to_string() == asked.service);
    let kept = viewer.held().await?.map(kept_notice);
    let refused = state
        .error()
        .map(|error| view! { <div class="error-summary" role="alert"><h2>{refused_words(error, &viewer.practice)}</h2></div> });
    let person_id = person.map(|one| one.id.to_string()).unwrap_or_default();
    let chosen_person = person.filter(|_| who.len() > 1).map(|one| {
        let words = if one.is_self { format!("{} (you)", one.name) } else { one.name.clone() };
        chosen("For", words, link("/book", &[("service", &asked.service), ("practitioner", &asked.practitioner)]))
    });
    let step = if asks_person {
        who_step(&who, &asked)
    } else if services.is_empty() || viewer.me.is_some() && who.is_empty() {
        let call = crate::ui::contact::call(&viewer.practice, "Call");
        view! { <p class="muted">"Online booking isn’t available right now. "{call}"."</p> }.into_any()
    } else {
        match service {
            None => service_step(&services, &person_id, &viewer.practice),
            Some(service) => {
                let change = link("/book", &[("for", &asked.person)]);
                let words = format!("{} · {}", service.name, facts(service, &viewer.practice.currency));
                let times = times(&viewer, service, person, &asked).await?;
                view! {
                    <dl class="chosen">{chosen("What", words, change)}</dl>
                    {practitioner_choice(service, &asked)}
                    {times}
                }
                .into_any()
            }
        }
    };
    Ok(Shown::new(
        "Book an appointment",
        view! {
            <div class="page-head"><div><h1>"Book an appointment"</h1></div></div>
            {refused}
            {kept}
            <div class="stack booking">
                {chosen_person.map(|person| view! { <dl class="chosen">{person}</dl> })}
                {step}
            </div>
        },
    ))
}

/// A choice that was made, and the way back to it.
fn chosen(label: &'static str, words: String, change: String) -> AnyView {
    view! {
        <div>
            <dt>{label}</dt>
            <dd>{words}</dd>
            <dd><a class="button small" href=change>"Change"<span class="sr-only">" "{label.to_lowercase()}</span></a></dd>
        </div>
    }
    .into_any()
}

/// What is kept already, and the way on with it.
fn kept_notice(held: HeldTime) -> AnyView {
    let zone = Zone::stored(&held.zone);
    let when =
        format!("{}, {}, {}", held.service_name, zone.long_date(held.starts_at), zone.exact_clock(held.starts_at));
    let until = zone.exact_clock(held.until);
    let (start, id) = (instant_text(held.starts_at), held.id.to_string());
    let (service, with) = (held.service.to_string(), held.practitioner.to_string());
    let href = link(
        "/book/confirm",
        &[("service", &service), ("with", &with), ("start", &start), ("for", &query("for")), ("hold", &id)],
    );
    view! {
        <p class="notice info">"We’re keeping "{when}" for you until "{until}". "<a href=href>"Finish booking"</a>"."</p>
    }
    .into_any()
}

fn who_step(who: &[BookingSubject], asked: &Asked) -> AnyView {
    let cards = who.iter().map(|one| {
        let id = one.id.to_string();
        let href = link("/book", &[("for", &id), ("service", &asked.service), ("practitioner", &asked.practitioner)]);
        let note = if one.is_self { "You".to_owned() } else { format!("You can book for {}", one.first_name) };
        view! { <li><a class="service-card large" href=href><span>{one.name.clone()}</span><span>{note}</span></a></li> }
    });
    view! { <section class="stack"><h2>"Who is it for?"</h2><ul class="service-list">{cards.collect_view()}</ul></section> }
        .into_any()
}

/// `50 min · 120 CAD`.
pub fn facts(service: &ServiceView, currency: &str) -> String {
    format!("{} min · {} {}", service.duration_minutes, price(service.price_cents), currency)
}

fn service_step(services: &[ServiceView], person: &str, practice: &Practice) -> AnyView {
    let cards = services.iter().map(|service| {
        let href = link("/book", &[("for", person), ("service", &service.id.to_string())]);
        view! {
            <li><a class="service-card large" href=href>
                <span>{service.name.clone()}</span>
                <span>{service.duration_minutes}" min"</span>
                <span>{price(service.price_cents)}" "{practice.currency.clone()}</span>
                {(!service.description.is_empty()).then(|| view! { <span class="description">{service.description.clone()}</span> })}
            </a></li>
        }
    });
    view! { <section class="stack"><h2>"Choose a service"</h2><ul class="service-list">{cards.collect_view()}</ul></section> }
        .into_any()
}

/// Anyone, or one of those who offer it; nothing to choose where one person does.
fn practitioner_choice(service: &ServiceView, asked: &Asked) -> Option<AnyView> {
    if service.practitioners.len() < 2 {
        return None;
    }
    let id = service.id.to_string();
    let choice = |practitioner: &str, name: String| {
        let href = link("/book", &[("for", &asked.person), ("service", &id), ("practitioner", practitioner)]);
        let current = (asked.practitioner == practitioner).then_some("true");
        view! { <li><a class="pick" href=href aria-current=current>{name}</a></li> }
    };
    let each = service.practitioners.iter().map(|(id, name)| choice(&id.to_string(), name.clone())).collect_view();
    Some(
        view! {
            <section aria-labelledby="with">
                <h2 id="with" class="small">"Choose a practitioner"</h2>
                <ul class="picks">{choice("", "Anyone".to_owned())}{each}</ul>
            </section>
        }
        .into_any(),
    )
}

/// The week of free times.
async fn times(
    viewer: &Viewer,
    service: &ServiceView,
    person: Option<&BookingSubject>,
    asked: &Asked,
) -> Result<AnyView, AppError> {
    let now = Utc::now();
    let practitioner: Option<StaffId> = asked.practitioner.parse().ok();
    let first: NaiveDate = asked.from.parse().unwrap_or(now.date_naive() - chrono::Days::new(1));
    let client = person.map(|one| one.id);
    let query = FreeQuery { service: service.id, practitioner, client, first, last: first, portal: true };
    let week = db::appointments::free_times::free_week(viewer.pool(), query, now).await?;
    let id = service.id.to_string();
    let from = |from: NaiveDate| {
        let from = from.to_string();
        let choices =
            [("for", &*asked.person), ("service", &*id), ("practitioner", &*asked.practitioner), ("from", &*from)];
        link("/book", &choices)
    };
    let (previous, next) = (week.previous.map(from), week.next.map(from));
    let first_free = week.first_free.clone().map(|(date, label)| (from(date), label));
    let hidden = [
        ("_page", viewer.here.clone()),
        ("form[service]", id.clone()),
        ("form[client]", client.map(|id| id.to_string()).unwrap_or_default()),
        ("form[anyone]", if practitioner.is_none() { "true".to_owned() } else { String::new() }),
    ];
    let call = crate::ui::contact::call(&viewer.practice, "Call");
    let join =
        viewer.me.as_ref().map(|_| crate::waitlist::pages::join_link(&id, practitioner.map(|id| id.to_string())));
    Ok(view! { <Week week previous next first_free hidden=hidden.to_vec() call/>{join} }.into_any())
}
