//! `/todo`: what waits for the front desk, each line with the page where it is done.

use super::TICK;
use crate::appointments::notice;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm};
use chrono::Utc;
use db::links::coming_of_age::{Task, Why};
use db::time::Zone;
use db::todo::{Cancelled, Counts, FailedMail, Minor, Person};
use leptos::prelude::*;
use shared::practice::phone_link;
use shared::todo::TodoKind;

/// How many of a kind stand open.
const FIRST: usize = 5;

#[component]
pub fn TodoPage() -> impl IntoView {
    page(|page| async move {
        let now = Utc::now();
        let todo = db::todo::todo(page.pool(), &page.actor, now).await?;
        let requests = match todo.counts.requests {
            0 => Vec::new(),
            _ => db::appointments::requests(page.pool(), &page.actor, now).await?,
        };
        let counts = todo.counts;
        let sub = match counts.total() {
            0 => "Nothing is waiting.".to_owned(),
            1 => "1 thing is waiting.".to_owned(),
            count => format!("{count} things are waiting."),
        };
        let requests = requests.into_iter().take(20).map(|one| {
            let zone = Zone::stored(&one.zone);
            let when = format!("{}, {}", zone.short_date(one.starts_at), zone.exact_clock(one.starts_at));
            line(
                Some(view! { <a class="strong" href=format!("/clients/{}", one.client_number)>{one.client_name.clone()}</a> }.into_any()),
                format!("{} with {}", one.service_name, one.practitioner_name),
                when,
                view! { <a class="button small" href=format!("/appointments/{}", one.id)>"Answer"<span class="sr-only">" "{one.client_name}</span></a> }.into_any(),
            )
        });
        let requests = requests.collect::<Vec<_>>();
        let not_told = todo.not_told.into_iter().map(|one| cancelled(&page, one)).collect::<Vec<_>>();
        let administrator = page.actor.administrator().is_ok();
        let practice_zone = Zone::stored(&page.practice.zone);
        let failed =
            todo.failed_mail.into_iter().map(|one| failed(one, administrator, &practice_zone)).collect::<Vec<_>>();
        let minors = todo.minors.into_iter().map(|one| minor(&page, one)).collect::<Vec<_>>();
        let of_age = todo.of_age.into_iter().map(|one| of_age(&page, one)).collect::<Vec<_>>();
        let empty = (counts.total() == 0).then(|| {
            view! {
                <div class="panel empty"><h2>"All done"</h2>
                    <p>"Booking requests, cancellations that no email told, undelivered email, freed times and records to check appear here."</p>
                </div>
            }
        });
        let nothing = Vec::new;
        let parts = [
            part(
                counts,
                TodoKind::Requests,
                "Each keeps its time until it’s answered.",
                requests,
                Some("/appointments/requests"),
            ),
            part(counts, TodoKind::NotTold, "Call them, then tick the line off.", not_told, None),
            part(
                counts,
                TodoKind::FailedMail,
                "Of the last two weeks. Correct the address, or call.",
                failed,
                administrator.then_some("/settings/outbox?state=failed"),
            ),
            part(
                counts,
                TodoKind::Overdue,
                "Remind them, or withdraw what is no longer needed.",
                nothing(),
                Some("/requests?show=overdue"),
            ),
            part(counts, TodoKind::OfAge, "What others may do for them ends at that age.", of_age, None),
            part(counts, TodoKind::Calls, "Those who agreed to phone calls.", nothing(), Some("/calendar/calls")),
            part(counts, TodoKind::Freed, "Offer them before they’re gone.", nothing(), Some("/waiting-list")),
            part(
                counts,
                TodoKind::MinorAlone,
                "Link a parent or guardian, or tick the line off if they come by themselves.",
                minors,
                None,
            ),
            part(
                counts,
                TodoKind::Doubles,
                "The same name and birth date as another record.",
                nothing(),
                Some("/clients/duplicates"),
            ),
        ];
        Ok(Shown::new(
            "To do",
            view! {
                <div class="page-head"><div>
                    <a class="back" href="/calendar">"Calendar"</a>
                    <h1>"To do"</h1>
                    <p class="sub">{sub}</p>
                </div></div>
                <div class="stack">
                    {empty}
                    {parts.into_iter().flatten().collect_view()}
                </div>
            },
        )
        .narrow())
    })
}

/// One kind, where there is anything of it.
fn part(
    counts: Counts,
    kind: TodoKind,
    words: &'static str,
    rows: Vec<AnyView>,
    all: Option<&'static str>,
) -> Option<AnyView> {
    let count = counts.of(kind);
    let id = kind.as_str();
    let open =
        all.map(|href| view! { <a class="button" href=href>"Open"<span class="sr-only">" "{kind.label()}</span></a> });
    let shown = rows.len() as i64;
    let mut rows = rows.into_iter();
    let first = rows.by_ref().take(FIRST).collect_view();
    let others: Vec<_> = rows.collect();
    let more = (!others.is_empty()).then(|| {
        let words = match shown < count {
            true => format!("Show {} more of {}", others.len(), count - FIRST as i64),
            false => format!("Show {} more", others.len()),
        };
        view! {
            <details class="section"><summary>{words}</summary><ul class="list arranged">{others}</ul></details>
        }
    });
    (count > 0).then(|| {
        view! {
            <section class="panel flush" aria-labelledby=id>
                <div class="panel-head">
                    <div><h2 id=id>{kind.label()}" "<span class="badge">{count}</span></h2><p class="muted small">{words}</p></div>
                    {open}
                </div>
                <ul class="list arranged">{first}</ul>
                {more}
            </section>
        }
        .into_any()
    })
}

fn line(name: Option<AnyView>, what: String, more: String, actions: AnyView) -> AnyView {
    view! {
        <li>
            <div class="grow">
                {name}
                <span class="small">{what}</span>
                <span class="muted small tnum">{more}</span>
            </div>
            <div class="actions">{actions}</div>
        </li>
    }
    .into_any()
}

fn profile(person: &Person) -> AnyView {
    view! { <a class="strong" href=format!("/clients/{}", person.number)>{person.name.clone()}</a> }.into_any()
}

fn call(person: &Person) -> Option<AnyView> {
    (!person.phone.is_empty()).then(|| {
        let words = format!("Call {}", person.phone);
        view! { <a class="button small" href=phone_link(&person.phone)>{words}</a> }.into_any()
    })
}

fn cancelled(page: &Page, one: Cancelled) -> AnyView {
    let zone = Zone::stored(&one.zone);
    let when = format!("{}, {}", zone.short_date(one.starts_at), zone.exact_clock(one.starts_at));
    let why = match notice::names(&one.reach) {
        names if names.is_empty() => format!("No email went: {}.", notice::reason(&one.reach)),
        _ => "Their email could not be delivered.".to_owned(),
    };
    let (record, name) = (one.participant.to_string(), one.person.name.clone());
    let actions = view! {
        {call(&one.person)}
        <a class="button small" href=format!("/appointments/{}", one.appointment)>"Open"<span class="sr-only">" the appointment of "{name.clone()}</span></a>
        {tick(page, TodoKind::NotTold, record, "Told", name)}
    };
    line(Some(profile(&one.person)), format!("{}, {when}", one.service), why, actions.into_any())
}

fn failed(one: FailedMail, administrator: bool, zone: &Zone) -> AnyView {
    let when = format!("{}, {}: {}", zone.short_date(one.at), zone.exact_clock(one.at), one.error);
    let call = one.person.as_ref().and_then(call);
    let open = administrator.then(|| {
        view! { <a class="button small" href=format!("/settings/outbox/{}", one.copy)>"Open"<span class="sr-only">" the email"</span></a> }
    });
    line(one.person.as_ref().map(profile), one.subject, when, view! { {call}{open} }.into_any())
}

fn minor(page: &Page, one: Minor) -> AnyView {
    let name = one.person.name.clone();
    let actions = view! {
        <a class="button small" href=format!("/clients/{}/links/new", one.person.number)>"Link an adult"<span class="sr-only">" to "{name.clone()}</span></a>
        {tick(page, TodoKind::MinorAlone, one.id.to_string(), "Not needed", name)}
    };
    let born = format!("Born {}", one.birth_date.format("%-d %b %Y"));
    line(Some(profile(&one.person)), born, String::new(), actions.into_any())
}

fn of_age(page: &Page, one: Task) -> AnyView {
    let name = one.name.clone();
    let when = match one.is_over {
        true => format!("Of age since {}", one.on_day.format("%-d %b %Y")),
        false => format!("Of age on {}", one.on_day.format("%-d %b %Y")),
    };
    let what = match one.why {
        Why::NotTold => "No email can tell them or those who act for them: call.",
        Why::NotInvited => "They have no login yet: check their address and invite them.",
        Why::Check => "Others may still act for them: ask them, and change or keep it.",
    };
    let number = one.number;
    let actions = view! {
        <a class="button small" href=format!("/clients/{number}")>"Open"<span class="sr-only">" "{name.clone()}</span></a>
        {tick(page, TodoKind::OfAge, one.id.to_string(), "Done", name.clone())}
    };
    let profile = view! { <a class="strong" href=format!("/clients/{number}")>{name.clone()}</a> }.into_any();
    line(Some(profile), what.to_owned(), when, actions.into_any())
}

fn tick(page: &Page, kind: TodoKind, record: String, words: &'static str, name: String) -> AnyView {
    view! {
        <PostForm action=TICK page=page.here.clone() state=FormState::default() class="row">
            <input type="hidden" name="kind" value=kind.as_str()/>
            <input type="hidden" name="record" value=record/>
            <button type="submit" class="button small">{words}<span class="sr-only">": "{name}</span></button>
        </PostForm>
    }
    .into_any()
}
