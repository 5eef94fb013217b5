//! The fields of a couple, family or group beside its kind and its members.

use crate::error::AppError;
use crate::ui::page::Page;
use crate::ui::{FormState, ListCheck, SelectField, TextArea, TextField};
use db::memberships::Choices;
use leptos::prelude::*;
use shared::clients::{Kind, Status};
use shared::memberships::{GroupForm, GroupProfile};

/// What decides which fields there are, and what they offer.
#[derive(Clone)]
pub struct Fields {
    choices: Choices,
    front_desk: bool,
    code_only: bool,
    /// `None`: chosen in the form itself.
    kind: Option<Kind>,
    creating: bool,
}

impl Fields {
    pub async fn creating(page: &Page, kind: Kind) -> Result<Fields, AppError> {
        Ok(Fields { kind: Some(kind), creating: true, ..Fields::editing(page).await? })
    }

    pub async fn editing(page: &Page) -> Result<Fields, AppError> {
        Ok(Fields {
            choices: db::memberships::choices(page.pool(), &page.actor).await?,
            front_desk: page.actor.front_desk().is_ok(),
            code_only: page.practice.code_only,
            kind: None,
            creating: false,
        })
    }

    /// Anyone who has left, and what is retired, stays on offer where it is already.
    pub fn keeping(mut self, group: &GroupProfile) -> Fields {
        for assigned in group
            .practitioners
            .iter()
            .filter(|one| !self.choices.practitioners.contains(one))
            .cloned()
            .collect::<Vec<_>>()
        {
            self.choices.practitioners.push(assigned);
        }
        if let Some(age) = group.age_range.clone().filter(|age| !self.choices.age_ranges.contains(age)) {
            self.choices.age_ranges.push(age);
        }
        self
    }

    pub fn suggested(&self, kind: Kind) -> Option<&str> {
        self.choices.codes.iter().find(|(of, _)| *of == kind).map(|(_, code)| code.as_str())
    }
}

#[component]
pub fn GroupFields(
    state: FormState,
    stored: GroupForm,
    fields: Fields,
    /// Between name and details: who belongs, where that is asked for.
    #[prop(optional)]
    members: Option<AnyView>,
) -> impl IntoView {
    let suggested = fields.kind.and_then(|kind| fields.suggested(kind)).unwrap_or_default().to_owned();
    let Fields { choices, front_desk, code_only, kind, creating } = fields;
    let code_hint = match kind {
        Some(kind) if code_only => {
            format!("Up to {} letters and digits. Leave blank to create one, like {suggested}.", kind.code_max())
        }
        Some(kind) => format!(
            "Up to {} letters and digits. Leave it blank and one is made of the initials of the name, or {suggested}.",
            kind.code_max()
        ),
        None => "Up to 6 letters and digits; of a group up to 30.".to_owned(),
    };
    let statuses = Status::ALL.iter().map(|one| (one.as_str().to_owned(), one.label().to_owned())).collect::<Vec<_>>();
    let ages = [(String::new(), "Not specified".to_owned())]
        .into_iter()
        .chain(choices.age_ranges.into_iter().map(|(id, label)| (id.to_string(), label)))
        .collect::<Vec<_>>();
    let has_ages = kind.is_none_or(|kind| kind == Kind::Group);
    let age_hint = if creating { "" } else { "Kept for groups only." };
    let tags = choices.tags.into_iter().map(|(id, name)| {
        let value = id.to_string();
        let checked = stored.tags.contains(&value);
        view! { <ListCheck field="tags" value label=name state=state.clone() checked/> }
    });
    let tags = tags.collect_view();
    let people = choices.practitioners.into_iter().map(|(id, name)| {
        let value = id.to_string();
        let checked = stored.practitioners.contains(&value);
        view! { <ListCheck field="practitioners" value label=name state=state.clone() checked/> }
    });
    let people = people.collect_view();
    let used = |name: &str, stored: &str| !state.value(name, stored).is_empty() || state.problem(name).is_some();
    let details_open = used("alert", &stored.alert)
        || used("new_tags", "")
        || used("age_range", &stored.age_range)
        || !stored.tags.is_empty()
        || !state.list("tags", &[]).is_empty();
    let people_open = !stored.practitioners.is_empty() || state.problem("practitioners").is_some();
    let notes_open = used("notes", &stored.notes);
    let practitioners_problem = state.problem("practitioners");
    let tags_problem = state.problem("tags");
    view! {
        <div class="field-row">
            {(!code_only).then(|| view! {
                <TextField field="group_name" label="Name" state=state.clone() value=stored.group_name.clone() autocomplete="off" optional=true
                    hint="If blank, the code is used as the name."/>
            })}
            <TextField field="code" label="Code" hint=code_hint state=state.clone() value=stored.code.clone() autocomplete="off" optional=creating/>
        </div>
        {members}
        {(front_desk && !creating).then(|| view! {
            <SelectField field="status" label="Status" state=state.clone() options=statuses value=stored.status.clone() class="short"/>
        })}
        <details class="section" open=details_open>
            <summary>"Details"</summary>
            {has_ages.then(|| view! {
                <SelectField field="age_range" label="Age range of the members" state=state.clone() options=ages value=stored.age_range.clone()
                    class="short" optional=true hint=age_hint/>
            })}
            <fieldset class="group" id="f-tags" tabindex="-1">
                <legend>"Tags"</legend>
                {tags}
                {tags_problem.map(|problem| view! { <p class="error">{problem}</p> })}
            </fieldset>
            <TextField field="new_tags" label="New tags" state=state.clone() value=stored.new_tags.clone() autocomplete="off" optional=true
                hint="Separated by commas."/>
            <TextField field="alert" label="Alert" state=state.clone() value=stored.alert.clone() autocomplete="off" optional=true
                hint="Shown at the head of the profile."/>
        </details>
        {front_desk.then(|| view! {
            <details class="section" open=people_open>
                <summary>"Practitioners"</summary>
                <fieldset class="group" id="f-practitioners" tabindex="-1">
                    <legend>"Assigned practitioners"</legend>
                    <p class="hint">"They see it, and of its members those who are assigned to them."</p>
                    {people}
                    {practitioners_problem.map(|problem| view! { <p class="error">{problem}</p> })}
                </fieldset>
            </details>
            <details class="section" open=notes_open>
                <summary>"Notes"</summary>
                <TextArea field="notes" label="Additional information" state=state.clone() value=stored.notes.clone() rows=6 optional=true
                    hint="Visible to administrators and front desk only."/>
            </details>
        })}
    }
}

/// After a stale save: each field whose stored value is not what was typed,
/// with the stored value in words.
pub fn differences(state: &FormState, group: &GroupProfile) -> Vec<(&'static str, String)> {
    let stored = group.form();
    let blank = |text: &str| if text.is_empty() { "(blank)".to_owned() } else { text.to_owned() };
    let differs = |name: &str, stored: &str| state.value(name, "").replace("\r\n", "\n").trim() != stored.trim();
    let ticked = |name: &str, stored: &[String]| {
        let (mut now, mut then) = (state.list(name, &[]), stored.to_vec());
        now.sort();
        then.sort();
        now != then
    };
    let names = |all: Vec<&str>| blank(&all.join(", "));
    let mut all = vec![
        ("Type", differs("kind", &stored.kind), group.kind.label().to_owned()),
        ("Name", differs("group_name", &stored.group_name), blank(&stored.group_name)),
        ("Code", differs("code", &stored.code), stored.code.clone()),
        (
            "Age range",
            differs("age_range", &stored.age_range),
            blank(group.age_range.as_ref().map_or("", |(_, label)| label)),
        ),
        ("Tags", ticked("tags", &stored.tags), names(group.tags.iter().map(|(_, name)| name.as_str()).collect())),
        ("Alert", differs("alert", &stored.alert), blank(&stored.alert)),
    ];
    if group.notes.is_some() {
        let people = group.practitioners.iter().map(|(_, name)| name.as_str()).collect();
        all.push(("Status", differs("status", &stored.status), group.status.label().to_owned()));
        all.push(("Practitioners", ticked("practitioners", &stored.practitioners), names(people)));
        all.push(("Notes", differs("notes", &stored.notes), blank(&stored.notes)));
    }
    all.into_iter().filter(|(_, differs, _)| *differs).map(|(label, _, value)| (label, value)).collect()
}
