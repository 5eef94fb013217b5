//! The client form's fields: the same on the create page, in the edit page and
//! inside a new appointment.

use crate::ui::page::Page;
use crate::ui::{CheckField, FormState, ListCheck, SelectField, TextArea, TextField, field_id};
use db::Actor;
use db::clients::Choices;
use leptos::prelude::*;
use shared::accounts::Role;
use shared::clients::{ClientForm, ClientProfile, Status};

/// What decides which fields there are, and what they offer.
#[derive(Clone)]
pub struct Fields {
    choices: Choices,
    /// Status of an existing client, assignments, notes and invitations are theirs (B9, B15).
    front_desk: bool,
    creating: bool,
}

impl Fields {
    pub async fn new(page: &Page, creating: bool) -> db::Result<Fields> {
        let choices = db::clients::choices(page.pool(), &page.actor).await?;
        Ok(Fields { choices, front_desk: page.actor.front_desk().is_ok(), creating })
    }

    /// Whoever has left stays on offer where they are already assigned.
    pub fn keeping(mut self, client: &ClientProfile) -> Fields {
        for assigned in &client.practitioners {
            if !self.choices.practitioners.contains(assigned) {
                self.choices.practitioners.push(assigned.clone());
            }
        }
        if !self.choices.zones.contains(&client.zone) {
            self.choices.zones.push(client.zone.clone());
        }
        self
    }
}

/// The form of a client still to be made.
pub fn blank(page: &Page) -> ClientForm {
    let own = match &page.actor {
        Actor::Staff(staff) if staff.is(Role::Practitioner) => vec![staff.id.to_string()],
        _ => Vec::new(),
    };
    ClientForm {
        status: Status::Active.as_str().to_owned(),
        zone: page.practice.zone.clone(),
        email_consent: true,
        practitioners: own,
        ..ClientForm::default()
    }
}

fn options<T: Copy>(all: &[T], word: fn(T) -> &'static str, label: fn(T) -> &'static str) -> Vec<(String, String)> {
    all.iter().map(|one| (word(*one).to_owned(), label(*one).to_owned())).collect()
}

#[component]
pub fn ClientFields(state: FormState, stored: ClientForm, fields: Fields) -> impl IntoView {
    let Fields { choices, front_desk, creating } = fields;
    let zones = choices.zones.iter().map(|zone| (zone.clone(), zone.replace('_', " "))).collect::<Vec<_>>();
    let languages = choices.terms("language").map(|term| (term.tag.clone(), term.label.clone())).collect::<Vec<_>>();
    let statuses = options(Status::ALL, Status::as_str, Status::label);
    let code_hint = if creating {
        "Up to 6 letters and digits. Leave it blank and one is made from the initials."
    } else {
        "Up to 6 letters and digits."
    };
    // A section is open when anything in it is filled in, or wrong.
    let used = |name: &str, stored: &str| !state.value(name, stored).is_empty() || state.problem(name).is_some();
    let details_open = used("preferred_name", &stored.preferred_name)
        || used("pronouns", &stored.pronouns)
        || used("birth_date", &stored.birth_date)
        || used("alert", &stored.alert);
    let notes_open = used("notes", &stored.notes);
    view! {
        <div class="field-row">
            <TextField field="first_name" label="First name" state=state.clone() value=stored.first_name autocomplete="off"/>
            <TextField field="last_name" label="Last name" state=state.clone() value=stored.last_name autocomplete="off"/>
        </div>
        <TextField field="email" label="E-mail" kind="email" state=state.clone() value=stored.email autocomplete="off"/>
        <CheckField field="email_consent" label="E-mail communication" state=state.clone() checked=stored.email_consent
            hint="Clients need this to receive appointment links and access codes by e-mail."/>
        <TextField field="mobile" label="Mobile number" kind="tel" state=state.clone() value=stored.mobile autocomplete="off"/>
        <CheckField field="sms_consent" label="SMS communication" state=state.clone() checked=stored.sms_consent/>
        <CheckField field="mobile_is_primary" label="The mobile number is the primary number" state=state.clone() checked=stored.mobile_is_primary/>
        <div class="field-row">
            <SelectField field="language" label="Preferred language" state=state.clone() options=languages value=stored.language/>
            <SelectField field="zone" label="Time zone" state=state.clone() options=zones value=stored.zone/>
        </div>
        <div class="field-row">
            <TextField field="code" label="Client code" hint=code_hint state=state.clone() value=stored.code autocomplete="off" optional=creating/>
            {(creating || front_desk).then(|| view! {
                <SelectField field="status" label="Status" state=state.clone() options=statuses value=stored.status class="short"/>
            })}
        </div>
        {(creating && front_desk).then(|| view! {
            <CheckField field="invite" label="Send a welcome e-mail with a claim link" state=state.clone() checked=stored.invite
                hint="The link lets the client choose a password. It works once, within 72 hours."/>
        })}
        <details class="section" open=details_open>
            <summary>"Client details"</summary>
            <div class="field-row">
                <TextField field="preferred_name" label="Preferred name" state=state.clone() value=stored.preferred_name autocomplete="off" optional=true/>
                <TextField field="pronouns" label="Pronouns" state=state.clone() value=stored.pronouns autocomplete="off" optional=true/>
            </div>
            <TextField field="birth_date" label="Date of birth" kind="date" state=state.clone() value=stored.birth_date autocomplete="off" class="short" optional=true/>
            <TextField field="alert" label="Alert" state=state.clone() value=stored.alert autocomplete="off" optional=true
                hint="Shown on the profile and on every appointment."/>
        </details>
        {front_desk.then(|| view! { <Practitioners state=state.clone() assigned=stored.practitioners people=choices.practitioners creating/> })}
        {front_desk.then(|| view! {
            <details class="section" open=notes_open>
                <summary>"Notes"</summary>
                <TextArea field="notes" label="Additional information" state=state.clone() value=stored.notes rows=6 optional=true
                    hint="Only administrators and staff see this; practitioners and clients never do."/>
            </details>
        })}
    }
}

#[component]
fn Practitioners(
    state: FormState,
    assigned: Vec<String>,
    people: Vec<(shared::StaffId, String)>,
    creating: bool,
) -> impl IntoView {
    let problem = state.problem("practitioners");
    let open = problem.is_some() || (!creating && !assigned.is_empty());
    let id = field_id("practitioners");
    let boxes = if people.is_empty() {
        view! { <p class="muted">"Nobody at the practice is a practitioner yet."</p> }.into_any()
    } else {
        let tick = |(staff, name): (shared::StaffId, String)| {
            let value = staff.to_string();
            let checked = assigned.contains(&value);
            view! { <ListCheck field="practitioners" value label=name state=state.clone() checked/> }
        };
        people.into_iter().map(tick).collect_view().into_any()
    };
    view! {
        <details class="section" open=open>
            <summary>"Practitioners"</summary>
            <fieldset class="group" id=id.clone() tabindex="-1">
                <legend>"Assigned practitioners"</legend>
                <p class="hint">"They see this client and may book them. The first appointment assigns its practitioner too."</p>
                {boxes}
                {problem.map(|problem| view! { <p class="error" id=format!("{id}-error")>{problem}</p> })}
            </fieldset>
        </details>
    }
}

/// After a stale save: each field whose stored value is not what was typed,
/// with the stored value in words.
pub fn differences(state: &FormState, client: &ClientProfile, fields: &Fields) -> Vec<(&'static str, String)> {
    let stored = client.form();
    let text = |name: &str, stored: &str| {
        let typed = state.value(name, "").replace("\r\n", "\n");
        (typed.trim() != stored.trim())
            .then(|| if stored.is_empty() { "(blank)".to_owned() } else { stored.to_owned() })
    };
    let tick = |name: &str, stored: bool| {
        (state.checked(name, stored) != stored).then(|| if stored { "On" } else { "Off" }.to_owned())
    };
    let worded = |name: &str, stored: &str, label: &str| text(name, stored).map(|_| label.to_owned());
    let mut all = vec![
        ("First name", text("first_name", &stored.first_name)),
        ("Last name", text("last_name", &stored.last_name)),
        ("E-mail", text("email", &stored.email)),
        ("E-mail communication", tick("email_consent", stored.email_consent)),
        ("Mobile number", text("mobile", &stored.mobile)),
        ("SMS communication", tick("sms_consent", stored.sms_consent)),
        ("Mobile is primary", tick("mobile_is_primary", stored.mobile_is_primary)),
        ("Preferred language", worded("language", &stored.language, &client.language_label)),
        ("Time zone", text("zone", &stored.zone)),
        ("Client code", text("code", &stored.code)),
        ("Preferred name", text("preferred_name", &stored.preferred_name)),
        ("Pronouns", text("pronouns", &stored.pronouns)),
        ("Date of birth", text("birth_date", &stored.birth_date)),
        ("Alert", text("alert", &stored.alert)),
    ];
    if fields.front_desk {
        all.push(("Status", worded("status", &stored.status, client.status.label())));
        let moved = |(id, _): &(shared::StaffId, String)| {
            let id = id.to_string();
            let is_assigned = stored.practitioners.contains(&id);
            state.includes("practitioners", &id, false) != is_assigned
        };
        if fields.choices.practitioners.iter().any(moved) {
            let names: Vec<_> = client.practitioners.iter().map(|(_, name)| name.as_str()).collect();
            all.push(("Practitioners", Some(if names.is_empty() { "(nobody)".to_owned() } else { names.join(", ") })));
        }
        all.push(("Notes", text("notes", &stored.notes)));
    }
    all.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}
