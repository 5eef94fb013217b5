//! The outbox: what became of every mail; without SMTP, the mail itself.
//! Administrators only.

use super::param;
use crate::context;
use crate::ui::page::{Page, Shown, page};
use crate::ui::parts::pager;
use chrono::{DateTime, Utc};
use db::messages::{OutboxCopy, OutboxRow, Part, Unwritten, split_links};
use db::time::Zone;
use leptos::prelude::*;
use shared::messages::CopyState;
use shared::texts::TextChannel;
use shared::{ClientNumber, Refusal};

#[component]
pub fn OutboxPage() -> impl IntoView {
    page(|page| async move {
        let state = context::query("state").parse::<CopyState>().ok();
        let number = context::query("page").parse().unwrap_or(1);
        let client: Option<ClientNumber> = context::query("client").parse().ok();
        let copies = db::messages::outbox(page.pool(), &page.actor, state, client, number).await?;
        let of = client.map(|number| format!("&client={number}")).unwrap_or_default();
        let link =
            |number: u32| format!("/settings/outbox?state={}{of}&page={number}", state.map_or("", CopyState::as_str));
        let sub = match client {
            Some(number) => {
                format!("Every email to or about {} no. {number}, the newest first.", page.practice.client_word)
            }
            None => "Every email that was written, the newest first.".to_owned(),
        };
        let pages = (copies.total > 0).then(|| pager(&copies, link));
        let contents = match copies.rows.is_empty() {
            true => empty(state, client, number).into_any(),
            false => table(&copies.rows, &Zone::stored(&page.practice.zone)).into_any(),
        };
        Ok(Shown::new(
            "Outbox",
            view! {
                <div class="page-head">
                    <div>
                        <a class="back" href="/settings">"Settings"</a>
                        <h1>"Outbox"</h1>
                        <p class="sub">{sub}</p>
                    </div>
                </div>
                <div class="stack">
                    {(!page.app.settings.smtp).then(no_smtp)}
                    <div class="panel flush">
                        {filters(state, client)}
                        {contents}
                        {pages}
                    </div>
                </div>
            },
        ))
    })
}

fn no_smtp() -> impl IntoView {
    view! {
        <div class="notice info">
            <p class="strong">"Email sending isn’t set up. Messages are kept here."</p>
            <p>
                "To have it sent, start the server with the settings " <code>"KINDRED_SMTP_URL"</code> ", like "
                <code>"smtps://user:password@mail.example.com"</code> ", and " <code>"KINDRED_MAIL_FROM"</code> ", like "
                <code>"Maple Clinic <desk@maple.example>"</code> ". Until then, open a message to copy its link."
            </p>
        </div>
    }
}

fn filters(state: Option<CopyState>, client: Option<ClientNumber>) -> impl IntoView {
    let option = |choice: CopyState| {
        view! { <option value=choice.as_str() selected=state == Some(choice)>{choice.label()}</option> }
    };
    view! {
        <form class="filters" method="get" action="/settings/outbox">
            <div class="field">
                <label for="state">"State"</label>
                <select id="state" name="state">
                    <option value="">"All"</option>
                    {CopyState::ALL.iter().copied().filter(|state| *state != CopyState::Joined).map(option).collect_view()}
                </select>
            </div>
            {client.map(|number| view! { <input type="hidden" name="client" value=number.to_string()/> })}
            <button class="button" type="submit">"Show"</button>
            {client.map(|_| view! { <a class="button quiet" href="/settings/outbox">"Everyone’s"</a> })}
        </form>
    }
}

fn empty(state: Option<CopyState>, client: Option<ClientNumber>, number: u32) -> impl IntoView {
    let (title, words) = if number > 1 {
        ("Nothing on this page", "This page doesn’t exist any more.")
    } else if state.is_some() {
        ("No email in this state", "Choose another state above, or all.")
    } else if client.is_some() {
        ("No email", "Nothing that is kept here was written to or about this person.")
    } else {
        (
            "No email yet",
            "Confirmations, cancellations, invitations and password resets appear here with their delivery status.",
        )
    };
    let back = (number > 1 || state.is_some() || client.is_some())
        .then(|| view! { <a class="button" href="/settings/outbox">"Show all email"</a> });
    view! { <div class="empty"><h2>{title}</h2><p>{words}</p>{back}</div> }
}

fn table(rows: &[OutboxRow], zone: &Zone) -> impl IntoView + use<> {
    let row = |row: &OutboxRow| {
        let why = row.withheld.map(|why| {
            let text = row.no_text.map(|text| format!("; {text}")).unwrap_or_default();
            view! { <br/><span class="small muted">{format!("{why}{text}")}</span> }
        });
        let error =
            (!row.error.is_empty()).then(|| view! { <br/><span class="small muted">{row.error.clone()}</span> });
        view! {
            <tr>
                <td data-label="State">{badge(row.state)}</td>
                <td data-label="When" class="nowrap tnum">{short(zone, row.sent_at.unwrap_or(row.created_at))}</td>
                <td data-label="To">{match row.client {
                    Some(number) => view! { <a href=format!("/clients/{number}")>{or_erased(&row.address)}</a> }.into_any(),
                    None => or_erased(&row.address).into_any(),
                }}</td>
                <td data-label="Subject">{subject(row)}{why}{error}</td>
            </tr>
        }
    };
    view! {
        <div class="table-wrap">
            <table class="table cards">
                <thead>
                    <tr>
                        <th scope="col">"State"</th>
                        <th scope="col">"When"</th>
                        <th scope="col">"To"</th>
                        <th scope="col">"Subject"</th>
                    </tr>
                </thead>
                <tbody>{rows.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

/// What it says, or what it was to be of.
fn subject(row: &OutboxRow) -> AnyView {
    match (row.id, row.appointment) {
        (Some(id), _) => view! { <a href=format!("/settings/outbox/{id}")>{or_erased(&row.subject)}</a> }.into_any(),
        (None, Some(id)) => view! { <a href=format!("/appointments/{id}")>{row.kind.label()}</a> }.into_any(),
        (None, None) => row.kind.label().into_any(),
    }
}

/// What was written to or about someone who was erased is gone with them.
fn or_erased(words: &str) -> String {
    if words.is_empty() { "Erased" } else { words }.to_owned()
}

fn badge(state: CopyState) -> impl IntoView {
    let look = match state {
        CopyState::Queued => "pending",
        CopyState::Sent => "completed",
        CopyState::Kept => "info",
        CopyState::Withdrawn | CopyState::Joined | CopyState::Withheld => "inactive",
        CopyState::Failed => "failed",
    };
    view! { <span class=format!("badge {look}")>{state.label()}</span> }
}

fn short(zone: &Zone, at: DateTime<Utc>) -> impl IntoView + use<> {
    view! { <time datetime=at.to_rfc3339()>{format!("{}, {}", zone.short_date(at), zone.clock(at))}</time> }
}

fn long(zone: &Zone, at: DateTime<Utc>) -> impl IntoView + use<> {
    let words = format!("{}, {}", zone.long_date(at), zone.exact_clock(at));
    view! { <time datetime=at.to_rfc3339()>{words}</time> }
}

#[component]
pub fn OutboxMessagePage() -> impl IntoView {
    page(|page| async move {
        page.actor.administrator()?;
        let id = param("id").parse().map_err(|_| Refusal::NotFound)?;
        let copy = db::messages::outbox_copy(page.pool(), &page.actor, id).await?;
        let without = db::messages::outbox_withheld(page.pool(), &page.actor, id).await?;
        Ok(Shown::new(or_erased(&copy.subject), message(&page, &copy, without)).narrow())
    })
}

fn message(page: &Page, copy: &OutboxCopy, without: Vec<Unwritten>) -> impl IntoView + use<> {
    let zone = Zone::stored(&page.practice.zone);
    let fact = |name: &'static str, value: AnyView| view! { <div><dt>{name}</dt><dd>{value}</dd></div> };
    let tried = (copy.attempts > 0 && copy.state != CopyState::Kept)
        .then(|| fact("Attempts", copy.attempts.to_string().into_any()));
    let next = (copy.state == CopyState::Queued).then(|| fact("Next attempt", long(&zone, copy.due_at).into_any()));
    let explained = match copy.state {
        CopyState::Kept if copy.kind.is_security() => Some(
            "This was not sent, as the server has no SMTP. Hand the link over only to the person it is for: it lets them in."
                .to_owned(),
        ),
        CopyState::Kept if copy.channel == TextChannel::Sms => {
            Some("This was not sent: text messages have no sender yet.".to_owned())
        }
        CopyState::Kept => Some("This was not sent, as the server has no SMTP.".to_owned()),
        CopyState::Withdrawn => Some(match copy.withheld {
            Some(why) => format!("Not sent: {why}."),
            None => "Not sent: the appointment changed, or the recipient may no longer receive it.".to_owned(),
        }),
        CopyState::Failed => Some("This could not be sent, and is not tried again.".to_owned()),
        CopyState::Queued | CopyState::Sent | CopyState::Joined | CopyState::Withheld => None,
    };
    let others = (!without.is_empty()).then(|| {
        let one = |one: Unwritten| {
            let why = one.why();
            view! { <li><a href=format!("/clients/{}", one.number)>{or_erased(&one.name)}</a>" "<span class="muted small">{why}</span></li> }
        };
        view! {
            <section class="panel" aria-labelledby="without">
                <h2 id="without">"Who got no copy"</h2>
                <ul class="plain stack tight">{without.into_iter().map(one).collect_view()}</ul>
            </section>
        }
    });
    view! {
        <div class="page-head">
            <div>
                <a class="back" href="/settings/outbox">"Outbox"</a>
                <h1>{or_erased(&copy.subject)}</h1>
            </div>
        </div>
        <div class="stack">
            {explained.map(|words| view! { <p class="notice info">{words}</p> })}
            <section class="panel" aria-label="About this email">
                <dl class="facts">
                    {fact("State", badge(copy.state).into_any())}
                    {fact("To", or_erased(&copy.address).into_any())}
                    {fact("Type", copy.kind.label().into_any())}
                    {fact("Made", long(&zone, copy.created_at).into_any())}
                    {copy.sent_at.map(|at| fact("Sent", long(&zone, at).into_any()))}
                    {tried}
                    {(!copy.report.is_empty()).then(|| fact("Delivery", if copy.report == "delivered" { "Delivered" } else { "Not delivered" }.into_any()))}
                    {next}
                    {(!copy.error.is_empty()).then(|| fact("Last error", copy.error.clone().into_any()))}
                </dl>
            </section>
            {others}
            {copy.subject.is_empty().then(|| view! {
                <p class="notice info">"The person was erased, so this message’s content was removed."</p>
            })}
            {(!copy.body.is_empty()).then(|| view! {
                <section class="panel" aria-label="Text">{body(&copy.body, &page.app.settings.base_url)}</section>
            })}
        </div>
    }
}

/// The text in its paragraphs and lines; links to this server can be followed.
fn body(text: &str, base_url: &str) -> impl IntoView + use<> {
    let line = |line: &str| {
        let parts = split_links(line, base_url).into_iter().map(|part| match part {
            Part::Text(text) => text.to_owned().into_any(),
            Part::Link(link) => view! { <a href=link.to_owned()>{link.to_owned()}</a> }.into_any(),
        });
        view! { {parts.collect_view()}<br/> }
    };
    let text = text.replace("\r\n", "\n");
    text.split("\n\n").map(|paragraph| view! { <p>{paragraph.lines().map(line).collect_view()}</p> }).collect_view()
}
