//! Who may be one person twice.

use crate::context;
use crate::merge::NOT_APART;
use crate::ui::page::{Page as Visit, Shown, page};
use crate::ui::parts::pager;
use crate::ui::{ErrorSummary, FormState};
use db::merge::Duplicate;
use leptos::prelude::*;
use shared::clients::ClientSummary;

const TELL_APART: &str = "/fn/merge/not_duplicate";

#[component]
pub fn DuplicatesPage() -> impl IntoView {
    page(|visit| async move {
        let number = context::query("page").parse().unwrap_or(1);
        let found = db::merge::duplicates(visit.pool(), &visit.actor, number).await?;
        let pages = (!found.rows.is_empty()).then(|| pager(&found, |page| format!("/clients/duplicates?page={page}")));
        let contents = match found.rows.is_empty() {
            true => nothing(number).into_any(),
            false => {
                let rows = found.rows.into_iter().map(|pair| row(&visit, pair, number)).collect_view();
                view! { <ul class="list pairs" aria-label="Possible duplicates">{rows}</ul> }.into_any()
            }
        };
        Ok(Shown::new(
            "Possible duplicates",
            view! {
                <div class="page-head">
                    <div>
                        <a class="back" href="/clients">{format!("All {}", visit.practice.client_word_plural)}</a>
                        <h1>"Possible duplicates"</h1>
                        <p class="sub">"Records that may be the same person, most likely first. Compare before merging."</p>
                    </div>
                </div>
                <ErrorSummary state=FormState::of(TELL_APART)/>
                <ErrorSummary state=FormState::of(NOT_APART)/>
                <div class="panel flush">{contents}{pages}</div>
            },
        ))
    })
}

fn nothing(number: u32) -> impl IntoView {
    let (title, words) = if number > 1 {
        ("Nothing on this page", "This page doesn’t exist any more.")
    } else {
        (
            "No duplicates found",
            "Records with the same name, date of birth, phone or email appear here. You can also merge from a profile.",
        )
    };
    let back = (number > 1).then(|| view! { <a class="button" href="/clients/duplicates">"Go to the first page"</a> });
    view! { <div class="empty"><h2>{title}</h2><p>{words}</p>{back}</div> }
}

fn row(visit: &Visit, pair: Duplicate, number: u32) -> impl IntoView + use<> {
    let (one, other) = (&pair.one, &pair.other);
    let names = format!("{} (no. {}) and {} (no. {})", one.name, one.number, other.name, other.number);
    let compare = format!("/clients/merge?keep={}&drop={}", one.number, other.number);
    let reasons = pair.reasons.iter().map(|reason| view! { <li><span class="badge info">{reason.label()}</span></li> });
    let likely = likeliness(pair.points);
    view! {
        <li>
            <div class="pair">
                {person(one)}
                {person(other)}
                <div>
                    <p class="small strong tnum">{likely}</p>
                    <ul class="reasons" aria-label="In common">{reasons.collect_view()}</ul>
                </div>
            </div>
            <div class="actions">
                <form method="post" action=TELL_APART data-once="">
                    <input type="hidden" name="_page" value=visit.here.clone()/>
                    <input type="hidden" name="one" value=one.number.to_string()/>
                    <input type="hidden" name="other" value=other.number.to_string()/>
                    <input type="hidden" name="page" value=number.to_string()/>
                    <button type="submit" class="button small">"Not a duplicate"<span class="sr-only">{format!(": {names}")}</span></button>
                </form>
                <a class="button small primary" href=compare>"Compare"<span class="sr-only">{format!(" {names}")}</span></a>
            </div>
        </li>
    }
}

/// A name with a date of birth is ninety points.
fn likeliness(points: i32) -> &'static str {
    match points {
        ..70 => "Possible",
        70..110 => "Likely",
        _ => "Very likely",
    }
}

fn person(client: &ClientSummary) -> impl IntoView + use<> {
    let born = client.birth_date.map(|date| format!("born {}", date.format("%-d %B %Y")));
    let notes = [Some(format!("No. {}", client.number)), Some(client.code.clone()), born, client.email.clone()];
    let notes = notes.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    view! {
        <div>
            <a class="strong" href=format!("/clients/{}", client.number)>{client.name.clone()}</a>
            <p class="small muted">{notes}</p>
        </div>
    }
}
