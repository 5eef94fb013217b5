//! Who is to belong: picked among those who are here, or made in place. Without
//! JavaScript the form shows itself again with what was found, or more rows.

use crate::clients::form::row_input;
use crate::clients::picker::{ClientPicker, note};
use crate::error::AppError;
use crate::ui::page::Page;
use crate::ui::{FormState, TextField, field_id};
use chrono::Utc;
use db::time::Zone;
use leptos::prelude::*;
use shared::clients::ClientSummary;
use shared::fields::FieldDefinition;

/// The number found; others are found by typing more.
const FOUND_MAX: u32 = 20;
/// New rows that a form begins with, and that each press of the button adds.
const ROWS: usize = 1;

/// What the fields show beyond what is typed.
pub struct Choosing {
    /// Ticked before: client number, name and code.
    ticked: Vec<(String, String)>,
    /// What was searched for, and who was found.
    found: Option<(String, Vec<ClientSummary>)>,
    rows: usize,
    more: bool,
    code_only: bool,
    found_by: &'static str,
    word: String,
    /// Asked of everyone new.
    required: Vec<FieldDefinition>,
    today: String,
}

impl Choosing {
    pub async fn new(page: &Page, state: &FormState) -> Result<Choosing, AppError> {
        let numbers = state.list("members", &[]);
        let ticked = db::memberships::selected(page.pool(), &page.actor, &numbers).await?;
        let find = state.value("find", "").trim().to_owned();
        let found = match find.is_empty() {
            true => None,
            false => {
                let mut found = db::clients::search(page.pool(), &page.actor, &find, FOUND_MAX).await?;
                found.retain(|client| ticked.iter().all(|one| one.number != client.number));
                Some((find, found))
            }
        };
        let more = !state.value("more", "").is_empty();
        Ok(Choosing {
            ticked: ticked
                .into_iter()
                .map(|one| (one.number.to_string(), format!("{} · {}", one.name, one.code)))
                .collect(),
            found,
            rows: state.rows("new_members").max(ROWS) + if more { ROWS } else { 0 },
            more,
            code_only: page.practice.code_only,
            found_by: page.practice.found_by(),
            word: page.practice.client_word.clone(),
            required: db::memberships::required_fields(page.pool(), &page.actor).await?,
            today: Zone::stored(&page.practice.zone).date(Utc::now()).to_string(),
        })
    }
}

impl Choosing {
    /// The form's state, with words for the information fields of its rows.
    pub fn labelled(&self, state: FormState) -> FormState {
        let rows = 0..self.rows;
        let labels = rows.flat_map(|row| {
            let label = move |field: &FieldDefinition| {
                (format!("new_members.{row}.{}", field.name()), format!("{} {}", field.label, row + 1))
            };
            self.required.iter().map(label)
        });
        state.labelled(labels.collect::<Vec<_>>())
    }
}

/// The fields of [`MembersForm`](shared::memberships::MembersForm). The form's
/// first button must be the one that sends it: see [`SendsByEnter`].
#[component]
pub fn MemberFields(state: FormState, choosing: Choosing) -> impl IntoView {
    let Choosing { ticked, found, rows, more, code_only, found_by, word, required, today } = choosing;
    let problem = state.problem("members");
    let described = problem.is_some().then_some("f-members-error");
    let tick = |number: String, words: String, checked: bool, first: bool| {
        view! {
            <label class="check">
                <input type="checkbox" name="form[members][]" value=number checked=checked autofocus=first/>
                <span>{words}</span>
            </label>
        }
    };
    let ticked = ticked.into_iter().map(|(number, words)| tick(number, words, true, false)).collect_view();
    let found = found.map(|(find, clients)| {
        let nobody = clients.is_empty().then(|| {
            view! { <p class="muted" role="status">{format!("No other matches for “{find}”.")}</p> }
        });
        let boxes = clients.into_iter().enumerate().map(|(index, client)| {
            tick(client.number.to_string(), format!("{} · {}", client.name, note(&client)), false, index == 0)
        });
        view! {
            <p class="strong">{format!("Found for “{find}”: select the members")}</p>
            {nobody}
            {boxes.collect_view()}
        }
    });
    let new_row = |row| {
        let own = required.iter().map(|field| row_input(&state, field, &format!("new_members.{row}"))).collect_view();
        new_row(&state, row, &word, code_only, more && row + 1 == rows, own.into_any())
    };
    let new_rows = (0..rows).map(new_row).collect_view();
    let joined = state.value("joined_on", &today);
    view! {
        <fieldset class="group" id="f-members" tabindex="-1" aria-describedby=described>
            <legend>"Members"</legend>
            {problem.map(|problem| view! { <p class="error" id="f-members-error">{problem}</p> })}
            {ticked}
            {found}
            <ClientPicker name="members".to_owned() many=true label=format!("Find {a_word} to add", a_word = crate::ui::a(&word))
                hint=found_by.to_owned()/>
            <noscript><button type="submit" class="button small">"Find"</button></noscript>
        </fieldset>
        <div class="stack" id="f-new-members">
            {new_rows}
            <div><button type="submit" class="button small" name=FormState::name("more") value="1">{format!("Add another new {word}")}</button></div>
        </div>
        <TextField field="joined_on" label="Members from" kind="date" state=state.clone() value=joined class="short"
            hint="First day of membership."/>
    }
}

/// Enter in any field does what the form is for, not what its first visible
/// button does. The first thing in the form.
#[component]
pub fn SendsByEnter() -> impl IntoView {
    view! { <button type="submit" class="sr-only" tabindex="-1" aria-hidden="true">"Save"</button> }
}

/// Someone to be made; a blank row is no one.
fn new_row(
    state: &FormState,
    row: usize,
    word: &str,
    code_only: bool,
    focus: bool,
    required: AnyView,
) -> impl IntoView + use<> {
    let cell = |part: &str, label: &str, kind: &'static str, short: bool, focus: bool| {
        let field = format!("new_members.{row}.{part}");
        let (id, problem) = (field_id(&field), state.problem(&field));
        let error = format!("{id}-error");
        let class = match (short, problem.is_some()) {
            (true, true) => "field short invalid",
            (true, false) => "field short",
            (false, true) => "field invalid",
            (false, false) => "field",
        };
        view! {
            <div class=class>
                <label for=id.clone()>{label.to_owned()}</label>
                <input id=id type=kind name=FormState::name(&field) value=state.value(&field, "") autocomplete="off" autofocus=focus
                    aria-invalid=problem.is_some().then_some("true") aria-describedby=problem.is_some().then(|| error.clone())/>
                {problem.map(|problem| view! { <p class="error" id=error>{problem}</p> })}
            </div>
        }
    };
    let names = (!code_only).then(|| {
        view! { {cell("first_name", "First name", "text", false, focus)} {cell("last_name", "Last name", "text", false, false)} }
    });
    view! {
        <fieldset class="group">
            <legend>{format!("New {word} {}", row + 1)}</legend>
            {(row == 0).then(|| view! { <p class="hint">{format!("Add a new {word}. You can complete their record later. Leave blank to skip.")}</p> })}
            {names.map(|names| view! { <div class="field-row">{names}</div> })}
            <div class="field-row">
                {cell("birth_date", "Date of birth", "date", true, false)}
                {cell("code", "Code", "text", true, code_only && focus)}
            </div>
            {required}
        </fieldset>
    }
}
