//! Linked clients on a profile: who, what each may do for the other, and what
//! has changed.

use super::words::{GrantList, RestingNotice, at_rest, standing};
use crate::error::AppError;
use crate::ui::page::Page;
use crate::ui::parts::Avatar;
use crate::ui::{FormState, PostForm};
use db::links::{Household, Undoable};
use db::time::Zone;
use leptos::prelude::*;
use shared::ClientNumber;
use shared::links::{EventKind, LinkEvent, LinkView, relation};

const UNDO: &str = "/fn/links/undo";

/// A profile's section on linked clients.
pub async fn panel(
    page: &Page,
    conn: &mut db::PgConnection,
    client: &db::authz::ReadableClient,
    number: ClientNumber,
) -> Result<AnyView, AppError> {
    let links = db::links::of_client(conn, &page.actor, client).await?;
    let history = db::links::history(conn, &page.actor, client).await?;
    let removed = db::links::undoable(conn, &page.actor, client).await?;
    let together = db::links::of_household(conn, &page.actor, client).await?;
    Ok(show(page, number, links, history, removed, together))
}

fn show(
    page: &Page,
    number: ClientNumber,
    links: Vec<LinkView>,
    history: Vec<LinkEvent>,
    removed: Vec<Undoable>,
    together: Vec<Household>,
) -> AnyView {
    let may_change = page.actor.front_desk().is_ok();
    let add = may_change
        .then(|| view! { <a class="button" href=format!("/clients/{number}/links/new")>"Add relationship"</a> });
    let (add, contents) = if links.is_empty() {
        (None, empty(may_change, &page.practice.client_word_plural, add.into_any()).into_any())
    } else {
        let cards = links.into_iter().map(|mut link| {
            link.other_standing = standing(&page.practice, link.other_standing);
            link.own_standing = standing(&page.practice, link.own_standing);
            card(number, link, may_change)
        });
        let rests = at_rest(&page.practice).map(|words| view! { <p class="notice info">{words}</p> });
        (add, view! { {rests} {cards.collect_view()} {super::household::households(together)} }.into_any())
    };
    let zone = Zone::stored(&page.practice.zone);
    view! {
        <section class="panel" aria-labelledby="linked">
            <div class="panel-head">
                <h2 id="linked">{format!("Linked {}", page.practice.client_word_plural)}</h2>
                <div class="actions">{add}</div>
            </div>
            {removed.into_iter().map(|one| undo(page, number, one)).collect_view()}
            {contents}
            {(!history.is_empty()).then(|| changes(history, &zone))}
        </section>
    }
    .into_any()
}

/// A link that was removed a moment ago, to be put back.
fn undo(page: &Page, number: ClientNumber, removed: Undoable) -> AnyView {
    let Undoable { other, other_name, minutes } = removed;
    let left = if minutes == 1 { "1 minute".to_owned() } else { format!("{minutes} minutes") };
    view! {
        <PostForm action=UNDO page=page.here.clone() state=FormState::of(UNDO) class="notice info">
            <input type="hidden" name="number" value=number.to_string()/>
            <input type="hidden" name="other" value=other.to_string()/>
            <p>{format!(
                "The relationship with {other_name} was removed. You can restore it with its permissions for {left}. \
                 Cancelled appointments stay cancelled."
            )}</p>
            <button type="submit" class="button small">"Restore relationship"<span class="sr-only">" with "{other_name}</span></button>
        </PostForm>
    }
    .into_any()
}

fn empty(may_change: bool, clients: &str, add: AnyView) -> impl IntoView {
    // Practitioners read the same whether or not there are relationships that they may not see.
    let (title, words) = if may_change {
        (
            "No relationships yet".to_owned(),
            "Add a parent, partner or someone else, and choose what each can do for the other: book appointments or get \
             copies of emails."
                .to_owned(),
        )
    } else {
        (
            format!("No relationships with your {clients}"),
            format!("The front desk sets up relationships. You see those with {clients} assigned to you."),
        )
    };
    view! {
        <div class="empty">
            <h3>{title}</h3>
            <p>{words}</p>
            {add}
        </div>
    }
}

fn card(number: ClientNumber, link: LinkView, may_change: bool) -> impl IntoView {
    let LinkView { other_name, own_name, other_number, .. } = link;
    let sentence = format!(
        "{}; {}.",
        relation(&other_name, link.other_label, &own_name),
        relation(&own_name, link.own_label, &other_name)
    );
    let with = format!(" {other_name}");
    let actions = may_change.then(|| {
        let edit = format!("/clients/{number}/links/{other_number}");
        let with = with.clone();
        view! {
            <div class="actions">
                <a class="button small" href=edit.clone()>"Edit"<span class="sr-only">" the relationship with"{with.clone()}</span></a>
                <a class="button small quiet danger" href=format!("{edit}/remove")>"Remove"<span class="sr-only">" the relationship with"{with}</span></a>
            </div>
        }
    });
    view! {
        <article class="linked-card">
            <Avatar name=other_name.clone()/>
            <div>
                <h3>
                    <a href=format!("/clients/{other_number}")>{other_name.clone()}</a>
                    <span class="badge for">{link.other_label.label()}</span>
                </h3>
                <p class="small muted">{sentence}</p>
            </div>
            {actions}
            <RestingNotice holder=other_name.clone() standing=link.other_standing may=link.other_may/>
            <RestingNotice holder=own_name.clone() standing=link.own_standing may=link.own_may/>
            <div class="cols-2">
                <GrantList holder=other_name.clone() subject=own_name.clone() may=link.other_may level=4/>
                <GrantList holder=own_name subject=other_name may=link.own_may level=4/>
            </div>
        </article>
    }
}

fn changes(history: Vec<LinkEvent>, zone: &Zone) -> AnyView {
    let entries = history
        .into_iter()
        .map(|event| {
            let (who, other) = (&event.actor_name, &event.other_name);
            let what = match event.kind {
                EventKind::Created => format!("{who} added the relationship with {other}."),
                EventKind::Removed => format!("{who} removed the relationship with {other}."),
                EventKind::Restored => format!("{who} restored the relationship with {other}."),
                EventKind::Resumed => format!("Permissions are back in the relationship with {other}: the birth date was corrected."),
                EventKind::Suspended => format!("Permissions ended at coming of age, in the relationship with {other}."),
                EventKind::Changed => format!("{who} changed the relationship with {other}."),
            };
            let when = zone.local(event.at).format("%-d %b %Y, %-I:%M %P").to_string();
            view! {
                <li>
                    <time datetime=event.at.to_rfc3339()>{when}</time>
                    <div>
                        {what}
                        {event.changes.into_iter().map(|words| view! { <p class="small muted">{words}</p> }).collect_view()}
                    </div>
                </li>
            }
        })
        .collect_view();
    view! {
        <details class="section">
            <summary>"History of relationships"</summary>
            <ul class="timeline">{entries}</ul>
        </details>
    }
    .into_any()
}
