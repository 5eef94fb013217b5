//! What was merged into a record, and undoing it.

use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{ErrorSummary, FormState};
use db::merge::Merged;
use db::time::Zone;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::{ClientNumber, Refusal};

const UNDO: &str = "/fn/merge/undo";

#[component]
pub fn MergesPage() -> impl IntoView {
    page(|page| async move {
        let params = use_params_map().get_untracked();
        let number = params.get("number").and_then(|text| text.parse().ok());
        let number: ClientNumber = number.ok_or(AppError::Refused(Refusal::NotFound))?;
        let client = db::deletion::deletion_summary(page.pool(), &page.actor, number).await?;
        let merges = db::merge::merges_of(page.pool(), &page.actor, number).await?;
        let zone = Zone::stored(&page.practice.zone);
        let contents = if merges.is_empty() {
            view! {
                <div class="empty">
                    <h2>"Nothing was merged into this record"</h2>
                    <p>"When another record of the same person is merged into this one, it is listed here and can be undone."</p>
                </div>
            }
            .into_any()
        } else {
            let rows = merges.into_iter().map(|merged| row(&page, &zone, number, merged)).collect_view();
            view! { <ul class="list" aria-label="Merges">{rows}</ul> }.into_any()
        };
        Ok(Shown::new(
            format!("Merges into {}", client.name),
            view! {
                <div class="page-head">
                    <div>
                        <a class="back" href=format!("/clients/{number}")>{client.name.clone()}</a>
                        <h1>{format!("Merges into {}", client.name)}</h1>
                        <p class="sub">"Numbers and codes that were given up lead to this record. Relationships that only one of the two had grant nothing now: look at them on the profile."</p>
                    </div>
                    <div class="actions"><a class="button primary" href=format!("/clients/{number}")>"Go to the profile"</a></div>
                </div>
                <ErrorSummary state=FormState::of(UNDO)/>
                <section class="panel">{contents}</section>
            },
        )
        .narrow())
    })
}

fn row(page: &Page, zone: &Zone, number: ClientNumber, merged: Merged) -> impl IntoView + use<> {
    let title = format!("No. {}, code {}", merged.number, merged.code);
    let when = format!("Merged on {}, {}, by {}.", zone.long_date(merged.at), zone.clock(merged.at), merged.by);
    let undo = merged.reasons.is_empty().then(|| {
        view! {
            <form method="post" action=UNDO data-once="">
                <input type="hidden" name="_page" value=page.here.clone()/>
                <input type="hidden" name="number" value=number.to_string()/>
                <input type="hidden" name="id" value=merged.id.to_string()/>
                <button type="submit" class="button">"Undo this merge"<span class="sr-only">{format!(": {title}")}</span></button>
            </form>
        }
    });
    let stays = (merged.reasons.is_empty() && merged.saved_since).then(|| {
        view! { <p class="small">"The record was edited since, in what the merge did not touch: undoing leaves that with this record."</p> }
    });
    let booked = (merged.reasons.is_empty() && merged.booked_since > 0).then(|| {
        let words = match merged.booked_since {
            1 => "1 appointment was booked since the merge: it stays with this record.".to_owned(),
            some => format!("{some} appointments were booked since the merge: they stay with this record."),
        };
        view! { <p class="small">{words}</p> }
    });
    let stuck = !merged.reasons.is_empty();
    let reasons = merged.reasons.into_iter().map(|reason| view! { <li>{reason}</li> }).collect_view();
    view! {
        <li>
            <div>
                <span class="strong tnum">{title.clone()}</span>
                <p class="small muted">{when}</p>
                {stays}
                {booked}
                {stuck.then(|| view! {
                    <p class="small">"It cannot be undone:"</p>
                    <ul class="small">{reasons}</ul>
                })}
            </div>
            <div class="actions">{undo}</div>
        </li>
    }
}
