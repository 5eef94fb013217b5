//! The portal's home: what to do next, the next appointments, and ways to everything else.

use crate::ui::page::{Page, Shown, page};
use chrono::Utc;
use db::time::Zone;
use leptos::prelude::*;
use shared::appointments::{AppointmentStatus, Modality, PortalAppointment, instant_text};
use shared::permissions::Permission;
use shared::portal::TodoItem;
use shared::practice::Section;

/// How many of the upcoming appointments are shown.
const NEXT: usize = 3;

#[component]
pub fn HomePage() -> impl IntoView {
    page(|page| async move {
        let me = page.actor.client()?.clone();
        let todo = db::portal::todo(page.pool(), &me).await?;
        let now = Utc::now();
        let mut upcoming = db::appointments::upcoming_of(page.pool(), &me, now).await?;
        upcoming.retain(|one| one.status != AppointmentStatus::Cancelled);
        upcoming.reverse();
        let first = db::clients::own_first_name(page.pool(), &me).await?;
        let title = format!("Hello, {first}");
        let more = upcoming.len().saturating_sub(NEXT);
        let next = upcoming.iter().take(NEXT).map(appointment).collect_view();
        let books = page.offered.any(Permission::Book);
        let empty = todo.is_empty() && upcoming.is_empty();
        let appointments = match upcoming.is_empty() {
            true => nothing_booked(&page, books),
            false => view! {
                <ul class="list links">{next}</ul>
                <p><a href="/my/appointments">{match more {
                    0 => "All appointments".to_owned(),
                    more => format!("All appointments ({more} more)"),
                }}</a></p>
            }
            .into_any(),
        };
        let shows = page.offered.any(Permission::SeeAppointments);
        let tasks = todo_list(todo);
        Ok(Shown::new(
            "Home",
            view! {
                <div class="page-head">
                    <div><h1>{title}</h1></div>
                    {books.then(|| view! { <div class="actions"><a class="button primary" href="/book">"Book an appointment"</a></div> })}
                </div>
                <section class="panel" aria-labelledby="todo">
                    <h2 id="todo">"To do"</h2>
                    {tasks}
                </section>
                {(shows || empty).then(|| view! {
                    <section class="panel" aria-labelledby="next">
                        <h2 id="next">"Next appointments"</h2>
                        {appointments}
                    </section>
                })}
                {quick_links(&page)}
            },
        )
        .narrow())
    })
}

fn todo_list(items: Vec<TodoItem>) -> AnyView {
    if items.is_empty() {
        return view! { <p class="muted">"Nothing to do right now. What the practice asks of you appears here."</p> }
            .into_any();
    }
    let item = |item: TodoItem| {
        let due = item.due.map(|(at, zone)| {
            let zone = Zone::stored(&zone);
            view! {
                <span class="muted small">"Until "<time datetime=instant_text(at)>{format!("{}, {}", zone.long_date(at), zone.exact_clock(at))}</time></span>
            }
        });
        let about = (!item.about.is_empty()).then(|| format!(": {}", item.about));
        view! {
            <li>
                <a class="todo-item" href=item.href>
                    <span>{item.kind.label()}{about}</span>
                    {item.for_name.map(|name| view! { <span class="badge for">"For "{name}</span> })}
                    {due}
                </a>
            </li>
        }
    };
    view! { <ul class="list links">{items.into_iter().map(item).collect_view()}</ul> }.into_any()
}

fn appointment(one: &PortalAppointment) -> AnyView {
    let zone = Zone::stored(&one.zone);
    let href = format!("/my/appointments/{}?for={}", one.id, one.client_id);
    let place = match one.modality {
        Modality::InPerson => one.location_name.clone(),
        other => other.label().to_owned(),
    };
    let when = format!("{}, {}", zone.long_date(one.starts_at), zone.clock_span(one.starts_at, one.ends_at));
    let requested =
        (one.status == AppointmentStatus::Requested).then(|| view! { <span class="badge">"Requested"</span> });
    view! {
        <li>
            <a class="todo-item" href=href>
                <span class="tnum"><time datetime=instant_text(one.starts_at)>{when}</time></span>
                <span class="muted small">{format!("{} with {} · {place}", one.service_name, one.practitioner_name)}</span>
                {one.for_name.clone().map(|name| view! { <span class="badge for">"For "{name}</span> })}
                {requested}
            </a>
        </li>
    }
    .into_any()
}

/// Without appointments: how one comes to have one.
fn nothing_booked(page: &Page, books: bool) -> AnyView {
    match (books, page.offered.own(Permission::SeeAppointments)) {
        (true, true) => view! {
            <p>"You have no upcoming appointments. Choose a service, then a time that suits you."</p>
            <p><a class="button" href="/book">"See free times"</a></p>
        }
        .into_any(),
        (false, true) => view! {
            <p>"You have no upcoming appointments. To book one: "{crate::ui::contact::call(&page.practice, "Call")}"."</p>
        }
        .into_any(),
        (_, false) => view! {
            <p>"Your appointments aren’t shown online. Questions? "{crate::ui::contact::call(&page.practice, "Call")}"."</p>
        }
        .into_any(),
    }
}

/// What the portal has besides.
fn quick_links(page: &Page) -> AnyView {
    let all = [
        ("/my/availability", "Availability", "When you can usually come.", {
            page.practice.shows(Section::Availability) && page.offered.own(Permission::EditAvailability)
        }),
        ("/my/practitioners", "Practitioners", "Who works with you, and how to reach them.", {
            page.offered.any(Permission::SeePractitioners)
        }),
        ("/my/requests", "Forms and requests", "What the practice asks of you, and what you sent.", {
            page.offered.any(Permission::SeeForms)
        }),
        ("/my/documents", "Documents", "Reports and other documents that were shared with you.", {
            page.offered.any(Permission::SeeDocuments)
        }),
        ("/my/history", "Past appointments", "What took place, by year.", page.offered.own(Permission::SeeHistory)),
        ("/my/details", "My details", "How we reach you, and what you agreed to.", true),
        ("/account", "Login and security", "Your username, password and email address.", true),
    ];
    let card = |(href, title, note, _): (&'static str, &'static str, &'static str, bool)| {
        view! { <li><a class="service-card" href=href><span>{title}</span><span>{note}</span></a></li> }
    };
    view! {
        <nav aria-label="More"><ul class="service-list roomy">{all.into_iter().filter(|(.., shown)| *shown).map(card).collect_view()}</ul></nav>
    }
    .into_any()
}
