//! The page of a change: asked first where it must be, followed while it is
//! under way, every row answered at the end.

use super::follow::{BAR, Follow};
use super::{CONFIRM, UNDO};
use crate::clients::selection::ForgetSelection;
use crate::context;
use crate::error::AppError;
use crate::ui::page::{Page as Visit, Shown, page};
use crate::ui::parts::{pager, thousands};
use crate::ui::{ErrorSummary, FormState, capital};
use db::bulk::{BulkRow, BulkView};
use db::time::Zone;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::bulk::{BulkAction, BulkState, Outcome};
use shared::clients::Status;
use shared::{BulkId, Refusal};

#[component]
pub fn BulkPage() -> impl IntoView {
    let id = use_params_map().get_untracked().get("id").and_then(|text| text.parse::<BulkId>().ok());
    page(move |visit| async move {
        let id = id.ok_or(AppError::Refused(Refusal::NotFound))?;
        let outcome: Option<Outcome> = context::query("outcome").parse().ok();
        let number = context::query("page").parse().unwrap_or(1);
        let bulk = db::bulk::show(visit.pool(), &visit.actor, id, outcome, number).await?;
        let (confirm, undo) = (FormState::of(CONFIRM), FormState::of(UNDO));
        let title = title(&bulk, &visit);
        Ok(Shown::new(
            title.clone(),
            view! {
                <div class="page-head">
                    <div>
                        <a class="back" href=bulk.back.clone()>"Back to the list"</a>
                        <h1>{title}</h1>
                        <p class="sub">{began(&bulk, &visit)}</p>
                    </div>
                </div>
                <ErrorSummary state=confirm/>
                <ErrorSummary state=undo/>
                {state(&bulk, &visit)}
                {rows(&bulk, outcome, &visit)}
                // Until it begins someone may turn back, with the same ticks.
                {(bulk.state != BulkState::Draft).then(|| view! { <ForgetSelection/> })}
            },
        ))
    })
}

/// `Make 12 clients inactive`.
fn title(bulk: &BulkView, visit: &Visit) -> String {
    let word = match bulk.counts.total {
        1 => format!("1 {}", visit.practice.client_word),
        total => format!("{} {}", thousands(total), visit.practice.client_word_plural),
    };
    let label = &bulk.label;
    match bulk.action {
        BulkAction::Status if label == Status::Prospect.label() => match bulk.counts.total {
            1 => format!("Make {word} a prospect"),
            _ => format!("Make {word} prospects"),
        },
        BulkAction::Status => format!("Make {word} {}", label.to_lowercase()),
        BulkAction::AddTag => format!("Add the tag {label} to {word}"),
        BulkAction::RemoveTag => format!("Remove the tag {label} from {word}"),
        BulkAction::Assign => format!("Assign {label} to {word}"),
        BulkAction::Unassign => format!("Unassign {label} from {word}"),
        BulkAction::SendReset => format!("Send password reset links to {word}"),
        BulkAction::Delete => format!("Delete {word}"),
    }
}

fn began(bulk: &BulkView, visit: &Visit) -> String {
    let zone = Zone::stored(&visit.practice.zone);
    let at = |at| format!("{}, {}", zone.short_date(at), zone.clock(at));
    let by = if bulk.own { "you".to_owned() } else { bulk.by.clone() };
    match bulk.finished_at {
        Some(end) => format!("{} by {by}, finished {}", at(bulk.created_at), at(end)),
        None => format!("{} by {by}", at(bulk.created_at)),
    }
}

/// What is to be known and done at this point.
fn state(bulk: &BulkView, visit: &Visit) -> AnyView {
    let page = format!("/bulk/{}", bulk.id);
    match bulk.state {
        BulkState::Draft => draft(bulk, visit, page).into_any(),
        BulkState::Running | BulkState::Undoing => under_way(bulk, page).into_any(),
        BulkState::Done => {
            let counts = bulk.counts;
            let undo = (bulk.action.can_be_undone() && counts.done > 0).then(|| undo_form(bulk, page));
            let class = if counts.refused > 0 { "notice warn" } else { "notice ok" };
            let words = [(counts.done, "done"), (counts.nothing, "had nothing to do"), (counts.refused, "refused")];
            view! { <div class=class><strong>{told(&words)}</strong>{undo}</div> }.into_any()
        }
        BulkState::Undone => {
            let words = [(bulk.counts.undone, "put back as they were"), (bulk.counts.kept, "left as they are")];
            let class = if bulk.counts.kept > 0 { "notice warn" } else { "notice ok" };
            view! { <div class=class><strong>{format!("Undone: {}", told(&words))}</strong></div> }.into_any()
        }
    }
}

/// `12 done, 3 refused.`
fn told(words: &[(u32, &str)]) -> String {
    let parts: Vec<_> = words
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{} {words}", thousands(*count)))
        .collect();
    if parts.is_empty() { "No changes needed.".to_owned() } else { format!("{}.", parts.join(", ")) }
}

fn draft(bulk: &BulkView, visit: &Visit, page: String) -> impl IntoView + use<> {
    let plural = &visit.practice.client_word_plural;
    let these = match bulk.counts.total {
        1 => format!("this {}", visit.practice.client_word),
        _ => format!("these {plural}"),
    };
    let (warning, button, class) = match bulk.action {
        BulkAction::Delete => (
            format!(
                "Deleting can’t be undone. {} with linked data are skipped and listed with the reason.",
                capital(plural)
            ),
            format!("Delete {these}"),
            "button danger primary",
        ),
        BulkAction::SendReset => (
            "Everyone with an account and an email address gets a reset link. Earlier links end when one is used."
                .to_owned(),
            "Send the links".to_owned(),
            "button primary",
        ),
        _ => ("This can be undone afterwards.".to_owned(), format!("Change {these}"), "button primary"),
    };
    let own = bulk.own;
    let cannot = (bulk.cannot > 0).then(|| {
        let (cannot, total) = (thousands(bulk.cannot), thousands(bulk.counts.total));
        let words = format!("{cannot} of {total} can’t be made prospects, because of their appointments or activities. They stay as they are.");
        view! { <p><strong>{words}</strong></p> }
    });
    let found = match bulk.counts.total {
        1 => format!("1 {} was", visit.practice.client_word),
        total => format!("{} {plural} were", thousands(total)),
    };
    view! {
        <div class="notice warn">
            <strong>{format!("{found} selected. Nothing has changed yet.")}</strong>
            <p>{warning}</p>
            {cannot}
            {own.then(|| view! {
                <form class="actions" method="post" action=CONFIRM data-once="">
                    <input type="hidden" name="_page" value=page/>
                    <input type="hidden" name="bulk" value=bulk.id.to_string()/>
                    <button type="submit" class=class>{button}</button>
                    <a class="button" href=bulk.back.clone()>"Cancel"</a>
                </form>
            })}
        </div>
    }
}

fn under_way(bulk: &BulkView, page: String) -> impl IntoView + use<> {
    let progress = bulk.counts.progress(bulk.state);
    let words = format!("{} of {}", progress.answered, progress.total);
    let label = if bulk.state == BulkState::Undoing { "Being undone" } else { "Under way" };
    view! {
        <div class="panel bulk-progress">
            <label for=BAR>{label}</label>
            <progress id=BAR value=progress.answered.to_string() max=progress.total.to_string()>{words}</progress>
            <p class="hint">"You can leave this page; it keeps running."</p>
            <noscript><a class="button" href=page>"See how far it is"</a></noscript>
            <Follow bulk=bulk.id.to_string()/>
        </div>
    }
}

fn undo_form(bulk: &BulkView, page: String) -> impl IntoView + use<> {
    view! {
        <form class="actions" method="post" action=UNDO data-once="">
            <input type="hidden" name="_page" value=page/>
            <input type="hidden" name="bulk" value=bulk.id.to_string()/>
            <button type="submit" class="button">"Undo"</button>
            <span class="hint">"Records changed since then are left alone."</span>
        </form>
    }
}

/// Every row's answer, by outcome.
fn rows(bulk: &BulkView, outcome: Option<Outcome>, visit: &Visit) -> impl IntoView + use<> {
    let page = format!("/bulk/{}", bulk.id);
    let counts = bulk.counts;
    let heading = capital(&visit.practice.client_word);
    let tabs = [
        (None, "All", counts.total),
        (Some(Outcome::Refused), "Refused", counts.refused),
        (Some(Outcome::Nothing), "Nothing to do", counts.nothing),
        (Some(Outcome::Done), "Done", counts.done),
    ];
    let tab = |(of, words, count): (Option<Outcome>, &'static str, u32)| {
        let href = of.map_or_else(|| page.clone(), |of| format!("{page}?outcome={}", of.as_str()));
        (count > 0 || of.is_none()).then(|| {
            view! { <a href=href aria-current=(of == outcome).then_some("page")>{words}<span class="count">{thousands(count)}</span></a> }
        })
    };
    let foot = (bulk.rows.total > bulk.rows.page_size).then(|| {
        pager(&bulk.rows, |number| match outcome {
            Some(of) => format!("{page}?outcome={}&page={number}", of.as_str()),
            None => format!("{page}?page={number}"),
        })
    });
    view! {
        <div class="panel flush">
            <nav class="tabs" aria-label="Answers">{tabs.map(tab).into_iter().collect_view()}</nav>
            <div class="table-wrap">
                <table class="table">
                    <thead><tr><th scope="col">{heading}</th><th scope="col" class="num">"No."</th><th scope="col">"Answer"</th></tr></thead>
                    <tbody>{bulk.rows.rows.iter().map(|one| row(bulk.action, one)).collect_view()}</tbody>
                </table>
            </div>
            {foot}
        </div>
    }
}

fn row(action: BulkAction, row: &BulkRow) -> impl IntoView + use<> {
    let name = match &row.name {
        Some(name) => {
            view! { <a class="row-link" href=format!("/clients/{}", row.number)>{name.clone()}</a> }.into_any()
        }
        None if action == BulkAction::Delete && row.outcome == Some(Outcome::Done) => {
            view! { <span class="muted">"Deleted"</span> }.into_any()
        }
        None => view! { <span class="muted">"Not there any more"</span> }.into_any(),
    };
    let (class, words, reason) = match (row.undo_outcome, row.outcome) {
        (Some(Outcome::Done), _) => ("badge inactive", "Put back", &row.undo_reason),
        (Some(_), _) => ("badge warn", "Left", &row.undo_reason),
        (None, Some(Outcome::Done)) => ("badge completed", "Done", &row.reason),
        (None, Some(Outcome::Nothing)) => ("badge", "Nothing to do", &row.reason),
        (None, Some(Outcome::Refused)) => ("badge failed", "Refused", &row.reason),
        (None, None) if row.cannot => ("badge warn", "Can’t", &row.reason),
        (None, None) => ("badge pending", "Waiting", &row.reason),
    };
    let reason = reason.clone();
    let kept = action == BulkAction::Delete && row.outcome == Some(Outcome::Refused) && row.name.is_some();
    let number = row.number;
    let clear = kept.then(|| view! { " "<a href=format!("/clients/{number}/delete")>"See what can be cleared"</a> });
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td class="num">{row.number.to_string()}</td>
            <td><span class=class>{words}</span>" "{reason}{clear}</td>
        </tr>
    }
}
