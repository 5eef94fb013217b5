//! The activity form. Whatever is done with its clients, such as looking for
//! one or making one, posts the whole form to [`KEEP`], which comes back with
//! all that was typed.
//!
//! With JavaScript a new client is made in the create window; that and the
//! picker press the hidden button `data-add-client` with their number.

use crate::activities::{KEEP, SAVE};
use crate::clients::picker::ClientPicker;
use crate::error::AppError;
use crate::ui::page::Page;
use crate::ui::{FormState, PostForm, SelectField, TextArea, TextField, capital, field_id};
use db::Actor;
use db::activities::{ChosenClient, Draft, Member};
use leptos::prelude::*;
use shared::accounts::Role;
use shared::activities::{ActivityClient, ActivityForm, ActivityView, Attendee};
use shared::clients::{ClientSummary, Kind};

pub struct Form {
    /// The activity, unless it is new.
    pub stored: Option<ActivityView>,
    /// What the form shows: what is stored, or was typed before a step aside.
    pub draft: Draft,
}

type Options = Vec<(String, String)>;

fn options<T: ToString>(none: Option<&str>, all: &[(T, String)]) -> Options {
    let none = none.map(|words| (String::new(), words.to_owned()));
    none.into_iter().chain(all.iter().map(|(id, words)| (id.to_string(), words.clone()))).collect()
}

pub async fn activity_form(page: &Page, state: FormState, form: Form) -> Result<AnyView, AppError> {
    let Form { stored, draft: Draft { form: shown, q } } = form;
    let offered = db::activities::choices(page.pool(), &page.actor, stored.as_ref()).await?;
    let id = stored.as_ref().map(|one| one.id);
    // What was just refused comes before what is stored.
    let typed = ActivityForm {
        date: state.value("date", &shown.date),
        clients: state.list("clients", &shown.clients),
        members: state.list("members", &shown.members),
        attended: state.list("attended", &shown.attended),
        unseen_asked: state.list("unseen_asked", &shown.unseen_asked),
        unseen: state.list("unseen", &shown.unseen),
        ..ActivityForm::default()
    };
    let chosen = db::activities::chosen(page.pool(), &page.actor, &typed, id).await?;
    let found = match q.trim() {
        "" => None,
        q => Some(db::clients::search_all_kinds(page.pool(), &page.actor, q, 20).await?),
    };
    let hidden = stored.as_ref().map_or(0, |one| one.hidden);
    let clients = clients(page, &state, chosen, hidden, &q, found);

    let administrator = matches!(&page.actor, Actor::Staff(staff) if staff.is(Role::Administrator));
    let owner = state.value("staff", &shown.staff);
    let others: Vec<_> =
        offered.staff.iter().filter(|(id, _)| id.to_string() != owner || administrator).cloned().collect();
    let whose = (administrator && shown.appointment.is_empty()).then(|| {
        let options = options(None, &offered.staff);
        view! { <SelectField field="staff" label="Staff member" state=state.clone() options value=shown.staff.clone()/> }
    });
    let version = match &stored {
        Some(one) if state.is_stale() => one.version.to_string(),
        _ => state.value("version", &shown.version),
    };
    let more_open = [("title", &shown.title), ("description", &shown.description)]
        .into_iter()
        .any(|(name, stored)| !state.value(name, stored).is_empty() || state.problem(name).is_some());
    let types = options(shown.activity_type.is_empty().then_some("Choose a type"), &offered.types);
    let appointment = state.value("appointment", &shown.appointment);
    let key = state.value("request_key", &shown.request_key);
    let recorded = state.problem("appointment").map(|_| {
        view! { <p class="error" id=field_id("appointment")>"This appointment is recorded already, or cannot be."</p> }
    });
    let word = &page.practice.client_word;
    let private = format!("Visible to you, your supervisor and the front desk. Not part of the {word}’s record.");
    Ok(view! {
        <PostForm action=SAVE page=page.here.clone() state=state.clone() class="panel form activity-form" long=true>
            // The first button is the one that Enter presses.
            <button type="submit" class="sr-only" tabindex="-1" aria-hidden="true">"Save activity"</button>
            <input type="hidden" name="id" value=id.map(|id| id.to_string()).unwrap_or_default()/>
            <input type="hidden" name=FormState::name("version") value=version/>
            <input type="hidden" name=FormState::name("request_key") value=key/>
            <input type="hidden" name=FormState::name("appointment") value=appointment/>
            <input type="hidden" name=FormState::name("lists_members") value="true"/>
            {recorded}
            {whose}
            <div class="field-row">
                <SelectField field="activity_type" label="Type" state=state.clone() options=types value=shown.activity_type/>
                <TextField field="date" label="Date" kind="date" class="short" state=state.clone() value=shown.date/>
                <TextField field="hours" label="Hours" class="short" autocomplete="off" hint="2, 1:30 or 50 min"
                    state=state.clone() value=shown.hours/>
            </div>
            <div class="field-row">
                <SelectField field="setting" label="Setting" optional=true state=state.clone()
                    options=options(Some("Not specified"), &offered.settings) value=shown.setting/>
                <SelectField field="supervisor" label="Supervisor" optional=true state=state.clone()
                    options=options(Some("No one"), &others) value=shown.supervisor/>
            </div>
            {clients}
            <details class="section" open=more_open>
                <summary>"Title and description"</summary>
                <TextField field="title" label="Title" optional=true autocomplete="off" state=state.clone() value=shown.title/>
                <TextArea field="description" label="Description" optional=true rows=4 state=state.clone() value=shown.description
                    hint=private/>
            </details>
            <div class="form-actions">
                <button type="submit" class="button primary">"Save activity"</button>
                <a class="button quiet" href="/activities">"Cancel"</a>
            </div>
        </PostForm>
    }
    .into_any())
}

/// The chosen clients, each with a button to remove them, and of
/// groups who was there; the picker; and *Add a client*.
fn clients(
    page: &Page,
    state: &FormState,
    chosen: Vec<ChosenClient>,
    hidden: u32,
    q: &str,
    found: Option<Vec<ClientSummary>>,
) -> AnyView {
    let (one, many) = (page.practice.client_word.clone(), &page.practice.client_word_plural);
    let problem = state.problem("clients");
    let described_by = problem.is_some().then_some("f-clients-error");
    let no_one_chosen = chosen.is_empty() && hidden == 0;
    let unseen = match hidden {
        0 => None,
        1 => Some(format!("And 1 {one} you don’t have access to.")),
        more => Some(format!("And {more} {many} you don’t have access to.")),
    };
    let matches = found.map(|found| matches(q, found, &one, many));
    let label = format!("Find {}", crate::ui::a(&one));
    view! {
        <fieldset class="group activity-clients" id="clients" aria-describedby=described_by>
            <legend>{capital(many)}</legend>
            {no_one_chosen.then(|| view! { <p class="hint">{format!("No {many} added. Supervision and preparation don’t need any.")}</p> })}
            <ul class="list" id="f-clients">{chosen.into_iter().map(client).collect_view()}</ul>
            {unseen.map(|words| view! { <p class="hint">{words}</p> })}
            {problem.map(|problem| view! { <p class="error" id="f-clients-error">{problem}</p> })}
            <ClientPicker name="client".to_owned() label all_kinds=true at_once=true
                hint=page.practice.found_by().to_owned()/>
            {matches}
            <div class="row">
                <button type="submit" class="button" formaction=KEEP name="step" value="add">"Add"</button>
                <button type="submit" class="button" formaction=KEEP name="step" value="new"
                    data-window="here" data-href="/clients/new">{format!("Add a new {one}")}</button>
                <button type="submit" hidden=true formaction=KEEP name="step" value="" data-add-client="">"Add"</button>
            </div>
        </fieldset>
    }
    .into_any()
}

fn client(chosen: ChosenClient) -> impl IntoView {
    let ChosenClient { client, members, hidden, unseen } = chosen;
    let number = client.number.to_string();
    let called = client.called().to_owned();
    let kind = (client.kind != Kind::Individual).then(|| format!(" · {}", client.kind.label().to_lowercase()));
    let note =
        if client.name.is_empty() { format!("no. {number}") } else { format!("{} · no. {number}", client.code) };
    let there = (client.kind != Kind::Individual).then(|| attendance(&client, members, hidden, unseen));
    view! {
        <li data-client=number.clone()>
            <input type="hidden" name="form[clients][]" value=number.clone()/>
            <span class="strong">{called.clone()}</span>
            <span class="muted small tnum">{note}{kind}</span>
            <span class="actions">
                <button type="submit" class="button small" formaction=KEEP name="step" value=format!("remove:{number}")
                    aria-label=format!("Remove {called}")>"Remove"</button>
            </span>
            {there}
        </li>
    }
}

/// Who was there.
fn attendance(client: &ActivityClient, members: Vec<Member>, hidden: u32, unseen: bool) -> AnyView {
    let group = client.number;
    let words = match hidden {
        1 => "1 member you don’t have access to".to_owned(),
        more => format!("{more} members you don’t have access to"),
    };
    let others = (hidden > 0).then(|| view! {
        <input type="hidden" name="form[unseen_asked][]" value=group.to_string()/>
        <label class="check"><input type="checkbox" name="form[unseen][]" value=group.to_string() checked=unseen/><span>{words}</span></label>
    });
    let body = if members.is_empty() && hidden > 0 {
        ().into_any()
    } else if members.is_empty() {
        view! { <p class="hint">"No members on this date."</p> }.into_any()
    } else {
        let tick = |member: Member| {
            let value = Attendee { group, member: member.number }.to_string();
            let words = if member.name.is_empty() { member.code } else { member.name };
            view! {
                <input type="hidden" name="form[members][]" value=value.clone()/>
                <label class="check"><input type="checkbox" name="form[attended][]" value=value checked=member.ticked/><span>{words}</span></label>
            }
        };
        members.into_iter().map(tick).collect_view().into_any()
    };
    view! {
        <fieldset class="group attendance">
            <legend>{format!("Who attended {}?", client.called())}</legend>
            {body}
            {others}
        </fieldset>
    }
    .into_any()
}

/// The clients that the words in the picker may mean, each with a button to add them.
fn matches(q: &str, found: Vec<ClientSummary>, word: &str, many: &str) -> AnyView {
    if found.is_empty() {
        let words = format!("No {many} found for “{q}”. Check the spelling or try the {word} number.");
        return view! { <p class="notice warn">{words}</p> }.into_any();
    }
    let item = |client: ClientSummary| {
        let row = crate::clients::picker::row(&client);
        view! {
            <li>
                <span class="strong">{row.name.clone()}</span>
                <span class="muted small">{row.note}</span>
                <span class="actions">
                    <button type="submit" class="button small" formaction=KEEP name="step" value=format!("add:{}", row.number)
                        aria-label=format!("Add {}", row.name)>"Add"</button>
                </span>
            </li>
        }
    };
    view! { <ul class="list" aria-label="Found">{found.into_iter().map(item).collect_view()}</ul> }.into_any()
}
