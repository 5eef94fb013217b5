//! Add relationship: the other person. The picker finds them while one types;
//! without JavaScript the same form lists the matches.

use super::number;
use crate::clients::picker::{ClientPicker, note};
use crate::context;
use crate::ui::page::{Shown, page};
use crate::ui::parts::{Avatar, StatusBadge};
use leptos::prelude::*;
use shared::clients::{ClientSummary, Kind, Status};
use shared::{ClientNumber, Problem};

/// The number shown; others are found by typing more.
const FOUND_MAX: u32 = 20;

#[component]
pub fn AddLinkPage() -> impl IntoView {
    page(|page| async move {
        let number = number("number")?;
        // Chosen in the picker, or only typed.
        let (chosen, typed, q) = (context::query("other"), context::query("other_q"), context::query("q"));
        let q = if typed.is_empty() { q } else { typed };
        // Or made for this: a minor's parent, say.
        let chosen = if chosen.is_empty() { context::query("client") } else { chosen };
        let new = format!("/clients/new?next=/clients/{number}/links/new");
        let own = db::links::person(page.pool(), &page.actor, number).await?;
        let myself = chosen == number.to_string();
        if let Ok(other) = chosen.parse::<ClientNumber>()
            && !myself
        {
            leptos_axum::redirect(&format!("/clients/{number}/links/new/{other}"));
            return Ok(Shown::new("Set up relationship", ()));
        }
        let links = {
            let mut conn = page.connection().await?;
            let client = db::authz::readable(&mut conn, &page.actor, number).await?;
            db::links::of_client(&mut conn, &page.actor, &client).await?
        };
        let mut found = db::clients::search(page.pool(), &page.actor, &q, FOUND_MAX).await?;
        let many = found.len() == FOUND_MAX as usize;
        found.retain(|client| client.number != number);
        let results = match (q.trim().is_empty(), found.is_empty()) {
            (true, _) => ().into_any(),
            (false, true) => nobody(&q, &page.practice.client_word, &new),
            (false, false) => {
                let linked = |client: &ClientSummary| links.iter().any(|link| link.other == client.id);
                let rows = found.into_iter().map(|client| row(number, linked(&client), client)).collect_view();
                view! {
                    <h2>{format!("Found for “{}”", q.trim())}</h2>
                    <ul class="list" aria-label="Found">{rows}</ul>
                    {many.then(|| view! { <p class="hint">"There may be more: type more of the name to narrow the search."</p> })}
                }
                .into_any()
            }
        };
        let contents = if own.kind == Kind::Individual {
            view! {
                <form class="form" method="get" action=format!("/clients/{number}/links/new") role="search">
                    {myself.then(|| view! { <p class="notice error" role="alert">{Problem::Same.to_string()}</p> })}
                    <ClientPicker
                        name="other".to_owned() label=format!("Who is related to {}?", own.name)
                        hint=page.practice.found_by().to_owned() focus=true
                    />
                    <div class="form-actions">
                        <button class="button primary" type="submit">"Continue"</button>
                        <a class="button quiet" href=format!("/clients/{number}")>"Cancel"</a>
                    </div>
                </form>
                {results}
            }
            .into_any()
        } else {
            view! { <p class="notice">"Only individuals can be linked. Open the profile of one of the members."</p> }
                .into_any()
        };
        Ok(Shown::new(
            format!("Add relationship for {}", own.name),
            view! {
                <div class="page-head">
                    <div>
                        <a class="back" href=format!("/clients/{number}")>{own.name.clone()}</a>
                        <h1>"Add relationship"</h1>
                        <p class="sub">"Step 1 of 2: choose the other person."</p>
                    </div>
                    {(own.kind == Kind::Individual).then(|| view! {
                        <div class="actions"><a class="button" href=new data-window="">{format!("New {}", page.practice.client_word)}</a></div>
                    })}
                </div>
                <section class="panel stack">{contents}</section>
            },
        )
        .narrow())
    })
}

/// What tells two of one name apart stands beside the name.
fn row(number: ClientNumber, linked: bool, client: ClientSummary) -> impl IntoView {
    let notes = note(&client);
    let href = match linked {
        true => format!("/clients/{number}/links/{}", client.number),
        false => format!("/clients/{number}/links/new/{}", client.number),
    };
    view! {
        <li>
            <Avatar name=client.name.clone()/>
            <div>
                <a class="strong" href=href>{client.name}</a>
                <p class="small muted">{notes}</p>
            </div>
            <div class="actions">
                {(client.status != Status::Active).then(|| view! { <StatusBadge status=client.status/> })}
                {linked.then(|| view! { <span class="badge for">"Linked already"</span> })}
            </div>
        </li>
    }
}

fn nobody(q: &str, word: &str, new: &str) -> AnyView {
    view! {
        <div class="empty">
            <h2>{format!("No one found for “{}”", q.trim())}</h2>
            <p>{format!("Check the spelling or try the {word} number. Or add them as a new {word}.")}</p>
            <a class="button" href=new.to_owned() data-window="">{format!("New {word}")}</a>
        </div>
    }
    .into_any()
}
