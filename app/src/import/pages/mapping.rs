//! What each column becomes, and what holds for all rows.

use super::parts::{failure, may_add_terms};
use crate::error::AppError;
use crate::import::{MAP, PAGE};
use crate::ui::page::Page;
use crate::ui::{CheckField, FormState, PostForm, SelectField, TextField, capital, field_id};
use chrono::Utc;
use db::import::{Import, Targets};
use db::time::Zone;
use leptos::prelude::*;
use shared::clients::Status;
use shared::import::{Choice, DateFormat, DateGuess, ImportForm, Parents, consent_column, numbered};
use shared::links::{Label, Permission};

/// The number of different values shown of a column.
const SAMPLES: usize = 3;
/// And so much of each, in characters.
const SAMPLE_MAX: usize = 60;

/// The form of the mapping page.
pub async fn form(page: &Page, import: &Import) -> Result<AnyView, AppError> {
    let state = FormState::of(MAP);
    let targets = db::import::targets(page.pool(), &page.actor).await?;
    let samples = db::import::samples(page.pool(), &page.actor, import, SAMPLES).await?;
    let (form, origin) = match &import.setup {
        Some(setup) => (setup.clone(), ""),
        None => match db::import::remembered(page.pool(), &page.actor, import, &targets).await? {
            (form, true) => (form, "The columns are mapped as in the last file with these headings."),
            (form, false) => (form, "We matched your columns automatically. Check them below."),
        },
    };
    let here = format!("{PAGE}/{}", import.id);
    let version = import.version.to_string();
    let dates = db::import::dates(page.pool(), &page.actor, import, &form).await?;
    let id = import.id.to_string();
    let (failure, notices) = (failure(import), notices(import, origin));
    let codes = page.practice.code_only.then(|| {
        view! {
            <p class="notice info">
                "This practice keeps codes only. What columns with names, addresses or numbers of cards held was not stored; nor will be what you leave out here."
            </p>
        }
    });
    let columns = columns(import, &targets, &form, &samples, &state);
    let (date_field, options) = (date_field(dates, &form, &state), options(page, import, &form, &state));
    let parents = (!page.practice.code_only).then(|| parents(&form, &state, &page.practice.client_word_plural));
    Ok(view! {
        <PostForm action=MAP page=here state=state.clone() class="stack">
            <input type="hidden" name="id" value=id/>
            <input type="hidden" name=FormState::name("version") value=version autocomplete="off"/>
            {failure}
            {notices}
            {codes}
            {columns}
            <section class="panel form" aria-labelledby="all-rows">
                <h2 id="all-rows">"For all rows"</h2>
                {date_field}
                {options}
            </section>
            {parents}
            <div class="form-actions">
                <button class="button primary" type="submit">"Check all rows"</button>
                <a class="button quiet" href=PAGE>"Later"</a>
            </div>
            <p class="hint">"Nothing is imported yet. You’ll review the results first."</p>
        </PostForm>
    }
    .into_any())
}

/// How the file was read, where that is not plain.
fn notices(import: &Import, origin: &'static str) -> impl IntoView + use<> {
    let assumed = (import.encoding == "Windows-1252").then(|| {
        view! {
            <p class="notice warn">
                "The file is not in UTF-8. It was read as Windows-1252, which spreadsheet programs in the West write: check the \
                 accents in the samples. If they are wrong, save the file again as “CSV UTF-8” and upload that."
            </p>
        }
    });
    let twice = import.headings.iter().enumerate().any(|(index, heading)| {
        !heading.trim().is_empty() && import.headings[..index].iter().any(|other| other.trim() == heading.trim())
    });
    let twice = twice.then(|| {
        view! { <p class="notice warn">"Some headings occur more than once. They are numbered here, and each column can be something else."</p> }
    });
    let origin = (!origin.is_empty()).then(|| view! { <p class="notice info">{origin}</p> });
    view! { {assumed} {twice} {origin} }
}

fn columns(
    import: &Import,
    targets: &Targets,
    form: &ImportForm,
    samples: &[Vec<String>],
    state: &FormState,
) -> impl IntoView + use<> {
    let problem = state.problem("columns");
    let rows = numbered(&import.headings).into_iter().enumerate().map(|(index, heading)| {
        let chosen = form.columns.get(index).cloned().unwrap_or_default();
        let sample = samples.get(index).cloned().unwrap_or_default();
        column(index, heading, &sample, targets, &chosen, state)
    });
    view! {
        <section class="panel flush" id="f-columns" tabindex="-1" aria-labelledby="columns-title">
            <div class="panel-head"><h2 id="columns-title">"Columns of the file"</h2></div>
            {problem.map(|problem| view! { <p class="notice error">{problem}</p> })}
            <div class="table-wrap">
                <table class="table cards import-columns">
                    <thead>
                        <tr>
                            <th scope="col">"Heading"</th>
                            <th scope="col">"For example"</th>
                            <th scope="col">"Import as"</th>
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
}

fn column(
    index: usize,
    heading: String,
    sample: &[String],
    targets: &Targets,
    chosen: &str,
    state: &FormState,
) -> impl IntoView + use<> {
    let field = format!("columns.{index}");
    let id = field_id(&field);
    let (chosen, problem) = (state.value(&field, chosen), state.problem(&field));
    let option = |choice: &Choice| {
        let value = choice.target.to_string();
        let selected = value == chosen;
        view! { <option value=value selected=selected>{choice.label.clone()}</option> }
    };
    let groups = targets.groups.iter().map(|(name, choices)| {
        view! { <optgroup label=*name>{choices.iter().map(option).collect_view()}</optgroup> }
    });
    let groups = groups.collect_view();
    let sample = sample.iter().map(|value| shorten(value)).collect::<Vec<_>>().join(" · ");
    let empty = sample.is_empty().then(|| view! { <span class="muted">"Empty"</span> });
    let invalid = problem.is_some();
    let error_id = format!("{id}-error");
    view! {
        <tr>
            <th scope="row"><label for=id.clone()>{heading}</label></th>
            <td data-label="For example" class="sample">{sample}{empty}</td>
            <td data-label="Import as">
                <div class=if invalid { "field invalid" } else { "field" }>
                    <select id=id.clone() name=FormState::name(&field) aria-invalid=invalid.then_some("true")
                        aria-describedby=invalid.then(|| error_id.clone())>
                        <option value="">"Don’t import"</option>
                        {groups}
                    </select>
                    {problem.map(|problem| view! { <p class="error" id=error_id>{problem}</p> })}
                </div>
            </td>
        </tr>
    }
}

fn shorten(value: &str) -> String {
    let line = value.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SAMPLE_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn date_field(dates: DateGuess, form: &ImportForm, state: &FormState) -> impl IntoView + use<> {
    // What the dates leave open is not chosen for anyone.
    let chosen = match form.date_format.as_str() {
        "" if dates.is_open() => String::new(),
        "" => dates.format.as_str().to_owned(),
        chosen => chosen.to_owned(),
    };
    let unchosen = chosen.is_empty().then(|| (String::new(), "Choose…".to_owned()));
    let formats = DateFormat::ALL.iter().map(|format| (format.as_str().to_owned(), format.label().to_owned()));
    let options: Vec<_> = unchosen.into_iter().chain(formats).collect();
    let hint = match dates {
        DateGuess { ambiguous: true, .. } => {
            "We can’t tell day from month in these dates. Choose the format.".to_owned()
        }
        DateGuess { mixed: true, .. } => {
            "Choose the order that most of the file has. Dates in the other order become problems.".to_owned()
        }
        DateGuess { misfits: 0, .. } => "Detected from your file.".to_owned(),
        DateGuess { misfits, .. } => {
            format!("Detected from your file. {misfits} of the filled cells are not dates in this order.")
        }
    };
    let warn = match dates {
        DateGuess { ambiguous: true, .. } => {
            Some("The dates are ambiguous: 3/4/2010 can be the third of April or the fourth of March.")
        }
        DateGuess { mixed: true, .. } => Some(
            "The file has dates in two orders: some only make sense with the day first, others only with the month first. Check the file before importing.",
        ),
        _ => None,
    };
    let warn = warn.map(|words| view! { <p class="notice warn">{words}</p> });
    view! {
        {warn}
        <SelectField field="date_format" label="Order of dates" hint options value=chosen state=state.clone()/>
    }
}

/// Columns that look like consents, beside the choice that holds for rows without one.
fn consents(import: &Import, form: &ImportForm) -> Option<impl IntoView + use<>> {
    let items: Vec<_> = numbered(&import.headings)
        .into_iter()
        .enumerate()
        .filter_map(|(index, heading)| {
            let consent = consent_column(&import.headings[index])?;
            let left_out = form.columns.get(index).is_none_or(String::is_empty);
            let meaning = match (consent.opts_out, left_out) {
                (true, _) => "a yes there means no consent",
                (false, true) => "left out, but a no there still means no consent",
                (false, false) => "a no there means no consent",
            };
            Some(view! { <li><span class="strong">{heading}</span>{format!(": {meaning}")}</li> })
        })
        .collect();
    (!items.is_empty()).then(|| {
        view! {
            <div class="notice info">
                <p>"These columns look like consent. A no in the file always counts, whatever you choose here:"</p>
                <ul class="list">{items}</ul>
            </div>
        }
    })
}

fn options(page: &Page, import: &Import, form: &ImportForm, state: &FormState) -> impl IntoView + use<> {
    let statuses = Status::ALL.iter().map(|status| (status.as_str().to_owned(), status.label().to_owned()));
    let statuses: Vec<_> = statuses.collect();
    let status = if form.status.is_empty() { Status::Active.as_str().to_owned() } else { form.status.clone() };
    let today = Zone::stored(&page.practice.zone).date(Utc::now()).format("%-d %B %Y");
    let tag = if form.tag.is_empty() { format!("Imported {today}") } else { form.tag.clone() };
    let consents = consents(import, form);
    let mail = (!page.practice.code_only).then(|| {
        view! {
            {consents}
            <CheckField field="email_consent" label="Everyone with an email address has agreed to receive email" state=state.clone()
                checked=form.email_consent hint="Applies to rows without a value. Importing doesn’t send any email."/>
        }
    });
    let terms = may_add_terms(page).then(|| {
        view! {
            <CheckField field="new_terms" label="Add new values to your lists" state=state.clone() checked=form.new_terms
                hint="For genders, salutations and fee programmes. If off, rows with unknown values need fixing. New tags are always added."/>
        }
    });
    view! {
        <SelectField field="status" label="Status" hint="For rows without a value." class="short" options=statuses
            value=status state=state.clone()/>
        {mail}
        {terms}
        <CheckField field="tagged" label=format!("Tag imported {}", page.practice.client_word_plural) state=state.clone() checked=form.tagged
            hint="The easy way to find them again."/>
        <TextField field="tag" label="Tag" state=state.clone() value=tag/>
    }
}

/// A parent who is named in a row.
fn parents(form: &ImportForm, state: &FormState, plural: &str) -> impl IntoView + use<> {
    let chosen = if form.parents.is_empty() { Parents::Contact.as_str().to_owned() } else { form.parents.clone() };
    let ways = Parents::ALL.iter().map(|way| (way.as_str().to_owned(), way.label().to_owned()));
    let ways: Vec<_> = ways.collect();
    let labels =
        || Label::ALL.iter().map(|label| (label.as_str().to_owned(), label.label().to_owned())).collect::<Vec<_>>();
    let or = |value: &str, usual: Label| if value.is_empty() { usual.as_str().to_owned() } else { value.to_owned() };
    let grants = Permission::ALL.iter().map(|permission| {
        let name = format!("parent_may.{}", permission.as_str());
        let checked = state.checked(&name, form.parent_may.has(*permission));
        view! {
            <label class="check">
                <input type="checkbox" name=FormState::name(&name) value="true" checked=checked/>
                <span>{capital(permission.label())}</span>
            </label>
        }
    });
    let grants = grants.collect_view();
    view! {
        <section class="panel form" aria-labelledby="parents-title">
            <div>
                <h2 id="parents-title">"Parents"</h2>
                <p class="hint">
                    {format!("Parents with the same name and the same email or phone are treated as one person, including existing {plural}. \
                              For adults and unknown ages, parents become emergency contacts only.")}
                </p>
            </div>
            <SelectField field="parents" label="How to import parents" options=ways value=chosen state=state.clone()/>
            <details class="section" open=state.value("parents", &form.parents) == "link">
                <summary>"Relationship (if parents get their own record)"</summary>
                <div class="form">
                    <div class="field-row">
                        <SelectField field="parent_label" label="The parent is the child's" options=labels()
                            value=or(&form.parent_label, Label::Parent) state=state.clone()/>
                        <SelectField field="child_label" label="The child is the parent's" options=labels()
                            value=or(&form.child_label, Label::Child) state=state.clone()/>
                    </div>
                    <fieldset class="group">
                        <legend>"What parents may do for their children"</legend>
                        {grants}
                        <p class="hint">"Nothing, unless you tick it. It holds for all of them, and can be changed one by one later."</p>
                    </fieldset>
                </div>
            </details>
        </section>
    }
}
