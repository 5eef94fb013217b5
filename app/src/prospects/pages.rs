//! The pipeline: a column for each stage, what is due first on top. A card
//! opens to be edited; a select moves it, so nothing needs to be dragged.

use super::{ADD_ENTRY, SAVE, entries};
use crate::clients::SET_STATUS;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{ErrorSummary, FormState, PostForm};
use chrono::{NaiveDate, Utc};
use db::clients::Entry;
use db::time::Zone;
use leptos::prelude::*;
use shared::ClientNumber;
use shared::clients::columns::Column;
use shared::clients::{Prospect, Stage, Status, StatusChange};

#[component]
pub fn ProspectsPage() -> impl IntoView {
    page(|page| async move {
        let (prospects, counts) = db::clients::prospects(page.pool(), &page.actor).await?;
        let today = Zone::stored(&page.practice.zone).date(Utc::now());
        let state = FormState::of(SAVE);
        let shown: Vec<_> = prospects.iter().map(|one| one.number).collect();
        let entries = db::clients::entries(page.pool(), &page.actor, &shown).await?;
        let written = Written { state: FormState::of(ADD_ENTRY), entries };
        let back = match page.actor.front_desk() {
            Ok(_) => ("/clients", format!("All {}", page.practice.client_word_plural)),
            Err(_) => ("/clients/mine", format!("My {}", page.practice.client_word_plural)),
        };
        let column = |stage: Stage| {
            let total = counts.iter().find(|(of, _)| *of == stage).map_or(0, |(_, count)| *count);
            let cards: Vec<_> = prospects.iter().filter(|one| one.stage == stage).cloned().collect();
            column(&page, &state, &written, stage, cards, total, today)
        };
        let board = if prospects.is_empty() {
            view! {
                <div class="panel empty">
                    <h2>"No prospects"</h2>
                    <p>"Prospects are people who enquired but haven’t started. Track the next step here until they become active."</p>
                    <a class="button primary" href="/clients/new?status=prospect" data-window="">"New prospect"</a>
                </div>
            }
            .into_any()
        } else {
            view! { <div class="board">{Stage::ALL.iter().map(|stage| column(*stage)).collect_view()}</div> }.into_any()
        };
        Ok(Shown::new(
            "Prospects",
            view! {
                <div class="page-head">
                    <div><a class="back" href=back.0>{back.1}</a><h1>"Prospects"</h1></div>
                    <div class="actions"><a class="button" href="/clients/new?status=prospect" data-window="">"New prospect"</a></div>
                </div>
                <ErrorSummary state=FormState::of(SET_STATUS)/>
                {board}
            },
        )
        .wide())
    })
}

/// What was noted and written, and the form of more.
struct Written {
    state: FormState,
    entries: Vec<Entry>,
}

fn column(
    page: &Page,
    state: &FormState,
    written: &Written,
    stage: Stage,
    cards: Vec<Prospect>,
    total: i64,
    today: NaiveDate,
) -> AnyView {
    let hidden = total - cards.len() as i64;
    let id = format!("stage-{}", stage.as_str());
    let cards = cards.into_iter().map(|one| card(page, state, written, one, today)).collect_view();
    view! {
        <section class="lane" aria-labelledby=id.clone()>
            <h2 id=id.clone()>{stage.label()}<span class="muted">{total}</span></h2>
            {(total == 0).then(|| view! { <p class="muted small">"None"</p> })}
            <ul class="board-cards">{cards}</ul>
            {(hidden > 0).then(|| view! { <p class="muted small">{format!("{hidden} more are due later.")}</p> })}
        </section>
    }
    .into_any()
}

fn card(page: &Page, state: &FormState, written: &Written, one: Prospect, today: NaiveDate) -> AnyView {
    let number = one.number.to_string();
    // The form that was refused is this card's, or another's.
    let refused = state.plain("number") == Some(number.as_str());
    let state = if refused { state.clone() } else { FormState::default() };
    let name = if one.name.is_empty() { one.code.clone() } else { one.name.clone() };
    let contact = match one.last_contact {
        Some(date) => format!("Last contact {}", spoken(date, today)),
        None => "No contact yet".to_owned(),
    };
    let due = one.next_step_on.map(|date| {
        let late = date < today;
        let words =
            if late { format!("was due {}", spoken(date, today)) } else { format!("due {}", spoken(date, today)) };
        view! { " "<span class=if late { "badge warn" } else { "badge" }>{words}</span> }
    });
    let step = match (one.next_step.is_empty(), one.next_step_on) {
        (true, None) => view! { <p class="small muted">"No next step"</p> }.into_any(),
        (true, Some(_)) => view! { <p class="small">"Next step"{due}</p> }.into_any(),
        (false, _) => view! { <p class="small"><strong>"Next: "</strong>{one.next_step.clone()}{due}</p> }.into_any(),
    };
    let notes = entries::section(page, &written.state, &written.entries, one.number, &name);
    let may_convert = page.actor.front_desk().is_ok();
    view! {
        <li class="board-card">
            <a class="strong" href=format!("/clients/{number}")>{name.clone()}</a>
            <p class="small muted">{contact}</p>
            {step}
            <div class="row">
                <details class="section" open=refused>
                    <summary>"Edit"<span class="sr-only">" "{name.clone()}</span></summary>
                    {editor(&page.here, state, &one, &number)}
                </details>
                {notes}
                {may_convert.then(|| view! {
                    <a class="button small" href=format!("/clients/{}/pairing", one.number)>
                        "Find a practitioner"<span class="sr-only">{format!(": {name}")}</span>
                    </a>
                })}
                {may_convert.then(|| convert(&page.here, one.number, &name))}
            </div>
        </li>
    }
    .into_any()
}

fn editor(here: &str, state: FormState, one: &Prospect, number: &str) -> impl IntoView + use<> {
    let stages: Vec<_> = Stage::ALL.iter().map(|stage| (stage.as_str(), stage.label())).collect();
    let chosen = state.value("stage", one.stage.as_str());
    let version =
        if state.is_stale() { one.version.to_string() } else { state.value("version", &one.version.to_string()) };
    let date = |date: Option<NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
    let input = |field: &str, label: &'static str, kind: &'static str, stored: &str| {
        let id = format!("p{number}-{field}");
        let problem = state.problem(field);
        let invalid = problem.is_some();
        let error_id = format!("{id}-error");
        view! {
            <div class=if invalid { "field invalid" } else { "field" }>
                <label for=id.clone()>{label}</label>
                <input id=id type=kind name=FormState::name(field) value=state.value(field, stored) autocomplete="off"
                    aria-invalid=invalid.then_some("true") aria-describedby=invalid.then(|| error_id.clone())/>
                {problem.map(|problem| view! { <p class="error" id=error_id>{problem}</p> })}
            </div>
        }
    };
    let (stage_id, number) = (format!("p{number}-stage"), number.to_owned());
    let fields = (
        input("last_contact", Column::LastContact.label(), "date", &date(one.last_contact)),
        input("next_step", Column::NextStep.label(), "text", &one.next_step),
        input("next_step_on", Column::NextStepOn.label(), "date", &date(one.next_step_on)),
    );
    let stale = state.is_stale().then(|| {
        view! { <p class="notice warn small">"Someone else just changed this card. The current version is above. Saving again keeps what you typed."</p> }
    });
    view! {
        <PostForm action=SAVE page=here.to_owned() state=state class="form">
            {stale}
            <input type="hidden" name="number" value=number/>
            <input type="hidden" name=FormState::name("version") value=version autocomplete="off"/>
            <div class="field">
                <label for=stage_id.clone()>{Column::ProspectStage.label()}</label>
                <select id=stage_id name=FormState::name("stage")>
                    {stages.into_iter().map(|(word, label)| view! { <option value=word selected=word == chosen>{label}</option> }).collect_view()}
                </select>
            </div>
            {fields.0}{fields.1}{fields.2}
            <div class="form-actions"><button type="submit" class="button small primary">"Save"</button></div>
        </PostForm>
    }
}

/// A prospect becomes a client by becoming active.
fn convert(here: &str, number: ClientNumber, name: &str) -> impl IntoView + use<> {
    let change = StatusChange { number, status: Status::Active };
    view! {
        <form method="post" action=SET_STATUS data-once="">
            <input type="hidden" name="_page" value=here.to_owned()/>
            <input type="hidden" name="next" value="/clients/prospects"/>
            <button type="submit" class="button small" name="change" value=change.to_string()>
                "Make active"<span class="sr-only">{format!(": {name}")}</span>
            </button>
        </form>
    }
}

/// `today`, `yesterday`, `in 3 days`, or the date.
fn spoken(date: NaiveDate, today: NaiveDate) -> String {
    match (date - today).num_days() {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        days @ 2..=6 => format!("in {days} days"),
        days @ -6..=-2 => format!("{} days ago", -days),
        _ => date.format("%-d %b %Y").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::spoken;

    #[test]
    fn near_dates_are_shown_in_days() {
        let spoken = |date: &str| spoken(date.parse().unwrap(), "2026-03-08".parse().unwrap());
        assert_eq!(spoken("2026-03-08"), "today");
        assert_eq!(spoken("2026-03-05"), "3 days ago");
        assert_eq!(spoken("2026-03-14"), "in 6 days");
        assert_eq!(spoken("2026-03-15"), "15 Mar 2026");
    }
}
