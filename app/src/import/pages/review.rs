//! After the dry run: how many rows are what, each of them by its outcome, and
//! the decision.

use super::parts::{count, failure, thousands};
use crate::context;
use crate::error::AppError;
use crate::import::{CHOOSE, DISCARD, PAGE, REMAP, START};
use crate::ui::page::Page;
use crate::ui::parts::pager;
use crate::ui::{CheckField, ErrorSummary, FormState, PostForm, SelectField};
use db::import::{Counts, FamilyHere, Import, Outcome, ParentLike, Review, ReviewRow, Same};
use leptos::prelude::*;
use shared::ImportId;
use shared::import::{Duplicates, Households, numbered};

/// Of the households that are here already.
const FAMILIES: &str = "What becomes of those rows";
/// The number of cells shown of a row, those with problems first.
const CELLS: usize = 4;

/// Which rows someone looks at.
#[derive(Debug, Clone, Copy)]
pub struct ReviewParams {
    outcome: Option<Outcome>,
    page: u32,
}

impl ReviewParams {
    /// Call it before the first await.
    pub fn from_address() -> ReviewParams {
        let word = context::query("rows");
        ReviewParams { outcome: Outcome::parse(&word), page: context::query("page").parse().unwrap_or(1) }
    }
}

fn label(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Bad => "With problems",
        Outcome::Duplicate => "Likely duplicates",
        Outcome::Here => "Already here",
        Outcome::Ok => "Ready",
    }
}

fn number(counts: Counts, outcome: Outcome) -> i64 {
    match outcome {
        Outcome::Bad => counts.bad,
        Outcome::Duplicate => counts.duplicate,
        Outcome::Here => counts.here,
        Outcome::Ok => counts.ok,
    }
}

pub async fn review(page: &Page, import: &Import, params: ReviewParams) -> Result<AnyView, AppError> {
    let first =
        db::import::review(page.pool(), &page.actor, import, params.outcome.unwrap_or(Outcome::Bad), params.page);
    let mut found = first.await?;
    let mut outcome = params.outcome.unwrap_or(Outcome::Bad);
    // Unless asked for, the first kind of rows that there are.
    if params.outcome.is_none()
        && let Some(other) = Outcome::ALL.into_iter().find(|outcome| number(found.counts, *outcome) > 0)
        && other != outcome
    {
        outcome = other;
        found = db::import::review(page.pool(), &page.actor, import, outcome, params.page).await?;
    }
    let counts = found.counts;
    let tabs = tabs(import, counts, outcome);
    let families = match import.families_here {
        0 => Vec::new(),
        _ => db::import::families_here(page.pool(), &page.actor, import).await?,
    };
    let like = db::import::parents_like(page.pool(), &page.actor, import).await?;
    let decide = decide(page, import, counts, families, like);
    let rows = rows(page, import, found, outcome);
    Ok(view! {
        <div class="stack">
            {failure(import)}
            {decide}
            <section class="panel flush" aria-labelledby="rows-title">
                <div class="panel-head"><h2 id="rows-title">"The rows"</h2></div>
                {tabs}
                {rows}
            </section>
        </div>
    }
    .into_any())
}

fn tabs(import: &Import, counts: Counts, shown: Outcome) -> impl IntoView + use<> {
    let id = import.id;
    let tab = move |outcome: Outcome| {
        let words = format!("{} ({})", label(outcome), thousands(number(counts, outcome) as i32));
        let current = (outcome == shown).then_some("page");
        view! { <a href=format!("{PAGE}/{id}?rows={}", outcome.as_str()) aria-current=current>{words}</a> }
    };
    view! { <nav class="tabs" aria-label="Rows by outcome">{Outcome::ALL.map(tab).collect_view()}</nav> }
}

/// The address of the file of all rows with an outcome.
fn file(import: ImportId, outcome: Outcome) -> String {
    format!("{PAGE}/{import}/rows.csv?rows={}", outcome.as_str())
}

/// What would be imported, and the ways on.
fn decide(
    page: &Page,
    import: &Import,
    counts: Counts,
    families: Vec<FamilyHere>,
    like: Vec<ParentLike>,
) -> impl IntoView + use<> {
    let without = format!("Leave out the {} with problems", count(counts.bad as i32, "row", "rows"));
    let labels = [("without_bad".to_owned(), without.clone()), ("families".to_owned(), FAMILIES.to_owned())];
    let state = FormState::of(START).labelled(labels);
    let here = format!("{PAGE}/{}", import.id);
    let id = import.id.to_string();
    let people = count(counts.wanted as i32, &page.practice.client_word, &page.practice.client_word_plural);
    let bad = (counts.bad > 0).then(|| {
        view! {
            <CheckField field="without_bad" label=without.clone() state=state.clone()
                hint="Or fix them below, or fix the file and upload it again."/>
        }
    });
    let here_notice = (counts.here > 0).then(|| {
        let rows = count(counts.here as i32, "row matches", "rows match");
        view! { <p class="hint">{format!("{rows} an existing record. Existing records don’t change.")}</p> }
    });
    let besides: Vec<String> =
        [(import.family_count, "family", "families"), (import.parent_count, "parent", "parents")]
            .into_iter()
            .filter(|(some, ..)| *some > 0)
            .map(|(some, one, many)| count(some, one, many))
            .collect();
    let besides = (!besides.is_empty() && counts.wanted > 0).then(|| {
        let words = format!("All rows together name {}: new ones are created too.", besides.join(" and "));
        view! { <p class="hint">{words}</p> }
    });
    let none_wanted = counts.wanted == 0;
    let like = if none_wanted { None } else { parents_like(like, &page.practice.client_word) };
    let families = (!families.is_empty() && !none_wanted).then(|| families_here(import, &state, families));
    let small = |action: &'static str, words: &'static str| {
        view! {
            <form method="post" action=action data-once="">
                <input type="hidden" name="_page" value=here.clone()/>
                <input type="hidden" name="id" value=id.clone()/>
                <button class="button quiet" type="submit">{words}</button>
            </form>
        }
    };
    let (remap, discard) = (small(REMAP, "Map the columns again"), small(DISCARD, "Discard this file"));
    let heading =
        if none_wanted { "No row is left to be imported".to_owned() } else { format!("{people} ready to import") };
    view! {
        <section class="panel form" aria-labelledby="decide-title">
            <h2 id="decide-title">{heading}</h2>
            <PostForm action=START page=here.clone() state=state.clone() class="form">
                <input type="hidden" name="id" value=id.clone()/>
                <input type="hidden" name=FormState::name("sure") value="1"/>
                {here_notice}
                {besides}
                {families}
                {like}
                {bad}
                <p class="hint">"All or nothing: if anything fails, nothing is imported. No emails are sent."</p>
                <div class="form-actions">
                    <button class="button primary" type="submit" disabled=none_wanted>{format!("Import {people}")}</button>
                </div>
            </PostForm>
            <div class="actions">{remap} {discard}</div>
        </section>
    }
}

/// Households whose words are the code or the name of a couple, family or group here:
/// whether they are the same only someone who knows them can say.
fn families_here(import: &Import, state: &FormState, families: Vec<FamilyHere>) -> impl IntoView + use<> {
    let more = import.families_here - families.len() as i32;
    let one = |family: FamilyHere| {
        let FamilyHere { kind, words, rows, number, name, members } = family;
        let facts = format!(
            " ({}, no. {number}, {}), for {} with “{words}”",
            kind.label().to_lowercase(),
            count(members as i32, "member", "members"),
            count(rows as i32, "row", "rows")
        );
        view! { <li><a href=format!("/clients/{number}")>{name}</a>{facts}</li> }
    };
    let listed = families.into_iter().map(one).collect_view();
    let rest = (more > 0).then(|| view! { <li>{format!("and {} more", thousands(more))}</li> });
    let mut options = vec![(String::new(), "Choose…".to_owned())];
    options.extend(Households::ALL.iter().map(|way| (way.as_str().to_owned(), way.label().to_owned())));
    let heading = match import.families_here {
        1 => "A household of this file is here already, by its name or code:".to_owned(),
        some => {
            format!("{} households of this file are here already, by their names or codes:", thousands(some))
        }
    };
    view! {
        <div class="notice warn stack tight">
            <p>{heading}</p>
            <ul class="scrolls" tabindex="0">{listed}{rest}</ul>
            <SelectField field="families" label=FAMILIES options value=String::new() state=state.clone()/>
        </div>
    }
}

/// Parents who would get records of their own: whether a client of that name is the
/// same person only someone who knows them can say.
fn parents_like(like: Vec<ParentLike>, word: &str) -> Option<AnyView> {
    if like.is_empty() {
        return None;
    }
    let heading = match like.len() {
        1 => format!("A parent has the same name as an existing {word}:"),
        some => format!("{some} parents have the same name as an existing {word}:"),
    };
    let one = |ParentLike { line, number, name }: ParentLike| {
        view! { <li>{format!("Line {line}: ")}<a href=format!("/clients/{number}")>{name}</a>{format!(" (no. {number})")}</li> }
    };
    Some(
        view! {
            <div class="notice warn stack tight">
                <p>{heading}</p>
                <ul class="scrolls" tabindex="0">{like.into_iter().map(one).collect_view()}</ul>
                <p>"With the same email address or mobile number in the file they would be linked to that record. Two records of one person can be merged afterwards."</p>
            </div>
        }
        .into_any(),
    )
}

fn rows(page: &Page, import: &Import, found: Review, outcome: Outcome) -> AnyView {
    let state = FormState::of(CHOOSE);
    let link = |page: u32| format!("{PAGE}/{}?rows={}&page={page}", import.id, outcome.as_str());
    if found.rows.rows.is_empty() {
        let words = match outcome {
            Outcome::Bad => "No problems found.",
            Outcome::Duplicate => "No row looks like an existing record or another row.",
            Outcome::Here => "No row has the code of an existing record.",
            Outcome::Ok => "No row is ready to be imported.",
        };
        return view! { <div class="empty"><h3>"None"</h3><p>{words}</p></div> }.into_any();
    }
    let here = link(found.rows.page);
    let pages = pager(&found.rows, link);
    let download = (outcome != Outcome::Ok).then(|| {
        let words = match outcome {
            Outcome::Bad => "with a column that says what is wrong",
            _ => "with a column that says who each looks like",
        };
        view! {
            <p class="panel-foot">
                <a href=file(import.id, outcome) download="">"Download these rows"</a> " "
                <span class="hint">{format!("(CSV, {words})")}</span>
            </p>
        }
    });
    let ticks = matches!(outcome, Outcome::Ok | Outcome::Duplicate);
    let shown: Vec<String> = found.rows.rows.iter().map(|row| row.line.to_string()).collect();
    let headings = numbered(&import.headings);
    let word = page.practice.client_word.clone();
    let names = names(import);
    let rows = found
        .rows
        .rows
        .into_iter()
        .map(|row| line(import.id, row, &headings, &names, ticks, outcome, &word))
        .collect_view();
    let why = match outcome {
        Outcome::Bad => Some("Problem"),
        Outcome::Duplicate | Outcome::Here => Some("Looks like"),
        Outcome::Ok => None,
    };
    let table = view! {
        <div class="table-wrap sticky">
            <table class="table cards import-rows">
                <thead>
                    <tr>
                        {ticks.then(|| view! { <th scope="col"><span class="sr-only">"Import"</span></th> })}
                        <th scope="col" class="num">"Line"</th>
                        <th scope="col">"Row"</th>
                        {why.map(|why| view! { <th scope="col">{why}</th> })}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    };
    if !ticks {
        return view! { {table} {pages} {download} }.into_any();
    }
    let all = (outcome == Outcome::Duplicate).then(|| {
        let option = |choice: &Duplicates| {
            let selected = *choice == import.duplicates;
            view! { <option value=choice.as_str() selected=selected>{choice.label()}</option> }
        };
        view! {
            <div class="field">
                <label for="f-duplicates">"All likely duplicates"</label>
                <select id="f-duplicates" name=FormState::name("duplicates")>{Duplicates::ALL.iter().map(option).collect_view()}</select>
            </div>
        }
    });
    view! {
        <form method="post" action=CHOOSE data-once="">
            <ErrorSummary state/>
            <input type="hidden" name="_page" value=here.clone()/>
            <input type="hidden" name="next" value=here/>
            <input type="hidden" name="id" value=import.id.to_string()/>
            <input type="hidden" name=FormState::name("shown") value=shown.join(",")/>
            <div class="filters">
                {all}
                <button class="button" type="submit">"Keep these choices"</button>
            </div>
            {table}
        </form>
        {pages}
        {download}
    }
    .into_any()
}

fn line(
    import: ImportId,
    row: ReviewRow,
    headings: &[String],
    names: &[usize],
    ticks: bool,
    outcome: Outcome,
    word: &str,
) -> impl IntoView + use<> {
    let id = format!("row-{}", row.line);
    let tick = ticks.then(|| {
        view! {
            <td>
                <input type="checkbox" id=id.clone() name="form[ticked][]" value=row.line.to_string() checked=row.wanted
                    aria-label=format!("Import line {}", row.line)/>
            </td>
        }
    });
    let cells = cells(&row, headings, names);
    let problems = row.problems.iter().map(|problem| {
        let heading = problem.column.and_then(|column| headings.get(column)).map(|heading| format!("{heading}: "));
        view! { <li>{heading.map(|heading| view! { <span class="strong">{heading}</span> })}{problem.words.clone()}</li> }
    });
    let same = row.same.iter().map(|same| match same {
        Same::Client { number, name, .. } => {
            let reason = same.reason();
            view! { <li><a href=format!("/clients/{number}")>{name.clone()}</a>{format!(" ({word} no. {number}): {reason}")}</li> }
                .into_any()
        }
        Same::Line { line, .. } => view! { <li>{format!("line {line}: {}", same.reason())}</li> }.into_any(),
    });
    let fix = row.is_fixable.then(|| {
        let href = format!("/clients/new?import={import}&line={}", row.line);
        let label = format!("Fix line {}", row.line);
        view! { <div><a href=href class="button small" data-window="" aria-label=label>"Fix"</a></div> }
    });
    let why = match outcome {
        Outcome::Ok => None,
        Outcome::Bad => Some(
            view! {
                        <td data-label="Problem">
                            <div class="stack tight">
                            <ul>{problems.collect_view()}</ul>
            {fix}
                            </div>
                        </td>
                    }
            .into_any(),
        ),
        _ => Some(view! { <td data-label="Looks like"><ul>{same.collect_view()}</ul></td> }.into_any()),
    };
    view! {
        <tr>
            {tick}
            <td class="num" data-label="Line">{row.line.to_string()}</td>
            <td data-label="Row">{cells}</td>
            {why}
        </tr>
    }
}

/// The columns that say who a row is of.
fn names(import: &Import) -> Vec<usize> {
    const NAMES: [&str; 4] = ["full_name", "first_name", "last_name", "group_name"];
    let columns = import.setup.as_ref().map(|setup| setup.columns.as_slice()).unwrap_or_default();
    (0..columns.len()).filter(|place| NAMES.contains(&columns[*place].as_str())).collect()
}

/// The cells that name someone and those with problems, and the first that are filled.
fn cells(row: &ReviewRow, headings: &[String], names: &[usize]) -> String {
    let wrong: Vec<usize> = row.problems.iter().filter_map(|problem| problem.column).collect();
    let filled = row.cells.iter().enumerate().filter(|(_, cell)| !cell.trim().is_empty()).map(|(place, _)| place);
    let mut places: Vec<usize> = filled.clone().filter(|place| names.contains(place)).collect();
    places.extend(filled.filter(|place| !names.contains(place)).take(CELLS.saturating_sub(places.len())));
    places.extend(wrong.into_iter().filter(|place| row.cells.get(*place).is_some_and(|cell| !cell.trim().is_empty())));
    places.sort_unstable();
    places.dedup();
    let cell = |place: usize| {
        let cell =
            row.cells.get(place).map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default();
        let short: String = cell.chars().take(40).collect();
        let heading = headings.get(place).cloned().unwrap_or_default();
        format!("{heading}: {short}{}", if short.len() < cell.len() { "…" } else { "" })
    };
    places.into_iter().map(cell).collect::<Vec<_>>().join(" · ")
}
