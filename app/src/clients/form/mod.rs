//! The client form's fields: the same on the create page, in the edit page and
//! inside a new appointment, and when someone registers. What everyone is asked stands first, the rest in
//! sections that open; a section is open when anything in it is filled in or wrong.

mod contact;
mod coverage;
mod details;
mod differences;
mod more;

pub use differences::differences;
pub use more::row_input;

use crate::ui::page::Page;
use crate::ui::{CheckField, FormState, SelectField, TextField, capital};
use db::Actor;
use db::clients::Choices;
use leptos::prelude::*;
use serde_json::Value;
use shared::accounts::Role;
use shared::clients::columns::Column;
use shared::clients::{ClientForm, ClientProfile, Status};
use shared::fields::FieldValue;
use shared::practice::{Practice, Section};
use shared::terms::Vocabulary;

/// What decides which fields there are, and what they offer.
#[derive(Clone)]
pub struct Fields {
    choices: Choices,
    /// Languages and other words that the client has, though retired.
    kept: Vec<(Vocabulary, String, String)>,
    /// Status of an existing client, assignments, notes and invitations are theirs.
    front_desk: bool,
    creating: bool,
    /// Someone registers: what staff alone decide is not asked.
    own: bool,
    /// Neither names nor contact details are asked for.
    code_only: bool,
    /// The practice has the section of coverage. Without it, it shows where something is stored in it.
    coverage: bool,
    /// Clients can be given a log-in.
    invites: bool,
    /// The practice's word for a client.
    word: String,
}

/// The label of a field of the form, by its name.
fn label_of(field: &str) -> &'static str {
    field.parse().map_or("", Column::form_label)
}

/// Value and words of each option.
type Options = Vec<(String, String)>;

impl Fields {
    pub async fn new(page: &Page, creating: bool) -> db::Result<Fields> {
        let choices = db::clients::choices(page.pool(), &page.actor).await?;
        let front_desk = page.actor.front_desk().is_ok();
        let practice = &page.practice;
        Ok(Fields {
            choices,
            kept: Vec::new(),
            front_desk,
            creating,
            own: false,
            code_only: practice.code_only,
            coverage: practice.shows(Section::Coverage),
            invites: practice.invites(),
            word: practice.client_word.clone(),
        })
    }

    /// For someone who registers.
    pub fn own(practice: &Practice, choices: Choices) -> Fields {
        Fields {
            choices,
            kept: Vec::new(),
            front_desk: false,
            creating: true,
            own: true,
            code_only: false,
            coverage: false,
            invites: false,
            word: practice.client_word.clone(),
        }
    }

    /// What is retired stays on offer where the client has it already.
    pub fn keeping(mut self, client: &ClientProfile) -> Fields {
        fn keep<T: Clone + PartialEq>(offered: &mut Vec<(T, String)>, had: impl IntoIterator<Item = (T, String)>) {
            for one in had {
                if !offered.iter().any(|(id, _)| *id == one.0) {
                    offered.push(one);
                }
            }
        }
        keep(&mut self.choices.practitioners, client.practitioners.iter().cloned());
        keep(&mut self.choices.providers, client.referring_provider.clone());
        keep(&mut self.choices.locations, client.location.clone());
        if !self.choices.zones.contains(&client.zone) {
            self.choices.zones.push(client.zone.clone());
        }
        for (definition, value) in &client.fields {
            let field = self.choices.fields.iter_mut().find(|field| field.id == definition.id);
            if let (Some(field), FieldValue::Choice(chosen)) = (field, value) {
                for (id, _, active) in &mut field.choices {
                    *active |= id == chosen;
                }
            }
        }
        let terms = [
            (Vocabulary::Salutation, &client.salutation),
            (Vocabulary::Gender, &client.gender),
            (Vocabulary::AgeRange, &client.age_range),
            (Vocabulary::FeeProgramme, &client.fee_programme),
        ];
        self.kept = terms
            .into_iter()
            .filter_map(|(vocabulary, term)| term.clone().map(|(id, label)| (vocabulary, id.to_string(), label)))
            .collect();
        self.kept.push((Vocabulary::Language, client.language.clone(), client.language_label.clone()));
        self
    }

    /// The words for fields whose names are none: client information fields.
    pub fn label(&self, state: FormState) -> FormState {
        let own = self.choices.fields.iter().map(|field| (field.name(), field.label.clone()));
        let columns = Column::ALL.iter().map(|column| (column.as_str().to_owned(), column.form_label().to_owned()));
        state.labelled(columns.chain(own))
    }

    /// A vocabulary's terms, with the one that the client has already.
    fn terms(&self, vocabulary: Vocabulary) -> Options {
        let value = |term: &shared::terms::Term| match vocabulary {
            Vocabulary::Language => term.tag.clone(),
            _ => term.id.to_string(),
        };
        let mut options: Options =
            self.choices.terms.of(vocabulary).map(|term| (value(term), term.label.clone())).collect();
        for (_, value, label) in self.kept.iter().filter(|(kept, ..)| *kept == vocabulary) {
            if !options.iter().any(|(offered, _)| offered == value) {
                options.push((value.clone(), label.clone()));
            }
        }
        options
    }

    /// The words that a list offers beside own words.
    fn words(&self, vocabulary: Vocabulary) -> Vec<String> {
        self.choices.terms.of(vocabulary).map(|term| term.label.clone()).collect()
    }
}

/// The form of a client still to be made.
pub fn blank(page: &Page) -> ClientForm {
    let own = match &page.actor {
        Actor::Staff(staff) if staff.is(Role::Practitioner) => vec![staff.id().to_string()],
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

/// A form's typed and stored values, for its sections.
#[derive(Clone)]
struct Values {
    state: FormState,
    /// The stored form, by the names of its fields.
    stored: Value,
}

impl Values {
    fn new(state: FormState, stored: &ClientForm) -> Values {
        Values { state, stored: serde_json::to_value(stored).unwrap_or_default() }
    }

    fn stored(&self, name: &str) -> String {
        let path = format!("/{}", name.replace('.', "/"));
        self.stored.pointer(&path).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    fn stored_tick(&self, name: &str) -> bool {
        self.stored.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    fn stored_list(&self, name: &str) -> Vec<String> {
        let list = self.stored.get(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    fn stored_rows(&self, name: &str) -> usize {
        self.stored.get(name).and_then(Value::as_array).map_or(0, Vec::len)
    }

    /// How many rows of a list were sent, or else are stored.
    fn rows(&self, list: &str) -> usize {
        if self.state.was_posted() { self.state.rows(list) } else { self.stored_rows(list) }
    }

    /// What was typed, or else is stored.
    fn value(&self, name: &str) -> String {
        self.state.value(name, &self.stored(name))
    }

    /// Whether any of these is filled in, ticked or wrong.
    fn any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| {
            !self.value(name).is_empty()
                || self.state.checked(name, self.stored_tick(name))
                || self.state.problem(name).is_some()
        })
    }
}

/// Nothing chosen, before the options.
fn or_none(options: Options) -> Options {
    std::iter::once((String::new(), "–".to_owned())).chain(options).collect()
}

/// A text field, by its name alone.
#[component]
fn Text(
    values: Values,
    #[prop(into)] field: String,
    #[prop(into)] label: String,
    #[prop(optional)] kind: &'static str,
    #[prop(optional)] inputmode: &'static str,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] class: String,
    /// Words to choose from, beside own words.
    #[prop(optional)]
    words: Vec<String>,
    #[prop(optional)] required: bool,
) -> impl IntoView {
    let value = values.stored(&field);
    let list = (!words.is_empty()).then(|| format!("{}-list", crate::ui::field_id(&field)));
    let options = words.into_iter().map(|word| view! { <option value=word></option> }).collect_view();
    view! {
        <TextField field label kind inputmode hint class state=values.state value autocomplete="off" list=list.clone() required optional=!required/>
        {list.map(|id| view! { <datalist id=id>{options}</datalist> })}
    }
}

/// A choice that may be left open, by its name alone.
#[component]
fn Select(
    values: Values,
    #[prop(into)] field: String,
    #[prop(into)] label: String,
    options: Options,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] class: String,
    #[prop(optional)] required: bool,
) -> impl IntoView {
    let value = values.stored(&field);
    view! { <SelectField field label hint class state=values.state options=or_none(options) value optional=!required/> }
}

#[component]
pub fn ClientFields(state: FormState, stored: ClientForm, fields: Fields) -> impl IntoView {
    let values = Values::new(state.clone(), &stored);
    let zones: Options = fields.choices.zones.iter().map(|zone| (zone.clone(), zone.replace('_', " "))).collect();
    let statuses: Options =
        Status::ALL.iter().map(|status| (status.as_str().to_owned(), status.label().to_owned())).collect();
    let code_hint = match (fields.creating, fields.code_only) {
        (true, true) => "Up to 6 letters and digits. Leave it blank and one is made.",
        (true, false) => "Up to 6 letters and digits. Leave it blank and one is made from the initials.",
        _ => "Up to 6 letters and digits.",
    };
    let (front_desk, creating, code_only, own) = (fields.front_desk, fields.creating, fields.code_only, fields.own);
    // Browsers fill in their own user's name and number, not a client's.
    let complete = move |own_name: &'static str| if own { own_name } else { "off" };
    let prospect = !creating && stored.status == Status::Prospect.as_str();
    view! {
        {code_only.then(|| view! {
            <p class="notice">"This practice keeps codes only: neither names nor contact details are asked for or stored. "<a href="/clients/code-sheet">"Code sheet"</a></p>
        })}
        {(!code_only).then(|| view! {
            <div class="field-row">
                <TextField field="first_name" label=label_of("first_name") state=state.clone() value=stored.first_name autocomplete=complete("given-name")/>
                <TextField field="last_name" label=label_of("last_name") state=state.clone() value=stored.last_name autocomplete=complete("family-name")/>
                <Text values=values.clone() field="birth_date" label=label_of("birth_date") kind="date" class="short"/>
            </div>
            // Anyone who registers is reached where the link came.
            {(!own).then(|| view! {
                <TextField field="email" label=label_of("email") kind="email" state=state.clone() value=stored.email autocomplete="off"/>
            })}
            <CheckField field="email_consent" label=label_of("email_consent") state=state.clone() checked=stored.email_consent
                hint="Needed for confirmations, video links and access codes."/>
            <TextField field="mobile" label=label_of("mobile") kind="tel" state=state.clone() value=stored.mobile autocomplete=complete("tel")/>
            <div class="check-row">
                <CheckField field="sms_consent" label=label_of("sms_consent") state=state.clone() checked=stored.sms_consent/>
                <CheckField field="mobile_is_primary" label=label_of("mobile_is_primary") state=state.clone() checked=stored.mobile_is_primary/>
            </div>
        })}
        {code_only.then(|| view! {
            <Text values=values.clone() field="birth_date" label=label_of("birth_date") kind="date" class="short"/>
        })}
        <div class="field-row">
            <SelectField field="language" label=label_of("language") state=state.clone() options=fields.terms(Vocabulary::Language) value=stored.language/>
            <SelectField field="zone" label=label_of("zone") state=state.clone() options=zones value=stored.zone/>
        </div>
        {(!own).then(|| view! {
        <div class="field-row">
            <TextField field="code" label=format!("{} code", capital(&fields.word)) hint=code_hint state=state.clone() value=stored.code autocomplete="off" optional=creating/>
            {(creating || front_desk).then(|| view! {
                <SelectField field="status" label=label_of("status") state=state.clone() options=statuses value=stored.status class="short"/>
            })}
        </div>
        })}
        {(creating && front_desk && fields.invites).then(|| view! {
            <CheckField field="invite" label="Send portal invitation" state=state.clone() checked=stored.invite
                hint="The invitation link expires in 72 hours."/>
        })}
        {more::quick(&values, &fields)}
        {prospect.then(|| more::prospect(&values))}
        {details::section(&values, &fields)}
        {(!code_only).then(|| contact::section(&values, own))}
        {(!own && (fields.coverage || coverage::is_used(&values))).then(|| coverage::section(&values, &fields))}
        {more::information(&values, &fields)}
        {(!own).then(|| more::tags(&values, &fields))}
        {front_desk.then(|| more::practitioners(&values, &fields))}
        {front_desk.then(|| more::notes(&values))}
    }
}
