//! Forms: plain posts to a server function. When the post is refused the
//! server answers with the page itself, status 4xx, and hands what was typed
//! and what was wrong to the form that sent it, as [`FormState`].

use crate::error::AppError;
use leptos::prelude::*;
use shared::appointments::Conflicts;
use shared::{Problem, Refusal};

/// No form has more rows of a list than these.
const ROWS_MAX: usize = 200;

/// What a form shows beyond what is stored: the values that were just refused,
/// and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormState {
    values: Option<Vec<(String, String)>>,
    error: Option<AppError>,
    /// Of fields whose names are not words.
    labels: Vec<(String, String)>,
    /// What is wrong with fields before anything was posted.
    notes: Vec<(String, String)>,
    /// What to do about a field that was left out, where its label does not say it.
    acts: Vec<(String, String)>,
}

impl FormState {
    /// The name an input of field `field` has: every server function that
    /// takes a form calls the argument `form`. `days.0.starts` is
    /// `form[days][0][starts]`. An id that begins with a digit would be read as
    /// a place in a list: it gets the letter that `shared::fields::by_id` takes off.
    pub fn name(field: &str) -> String {
        let is_id = |part: &str| part.len() == 36 && part.starts_with(|c: char| c.is_ascii_digit());
        field.split('.').fold("form".to_owned(), |name, part| match is_id(part) {
            true => format!("{name}[{}{part}]", shared::fields::ID_PREFIX),
            false => format!("{name}[{part}]"),
        })
    }

    /// What was typed, or else what is stored.
    pub fn value(&self, field: &str, stored: &str) -> String {
        match &self.values {
            Some(values) => {
                let name = Self::name(field);
                values.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone()).unwrap_or_default()
            }
            None => stored.to_owned(),
        }
    }

    /// Whether a checkbox was ticked, or else is stored so. Browsers leave out
    /// what is not ticked.
    pub fn checked(&self, field: &str, stored: bool) -> bool {
        match &self.values {
            Some(_) => !self.value(field, "").is_empty(),
            None => stored,
        }
    }

    /// Whether `value` was among those ticked under `field[]`.
    pub fn includes(&self, field: &str, value: &str, stored: bool) -> bool {
        match &self.values {
            Some(values) => {
                let name = format!("{}[]", Self::name(field));
                values.iter().any(|(key, ticked)| *key == name && ticked == value)
            }
            None => stored,
        }
    }

    /// All that was sent under `field[]`, or else what is stored.
    pub fn list(&self, field: &str, stored: &[String]) -> Vec<String> {
        match &self.values {
            Some(values) => {
                let name = format!("{}[]", Self::name(field));
                values.iter().filter(|(key, _)| *key == name).map(|(_, value)| value.clone()).collect()
            }
            None => stored.to_vec(),
        }
    }

    /// How many rows `list.0`, `list.1` and so on were posted.
    pub fn rows(&self, list: &str) -> usize {
        let prefix = format!("{}[", Self::name(list));
        let index = |key: &str| key.strip_prefix(&prefix)?.split(']').next()?.parse::<usize>().ok();
        let rows = self.values.iter().flatten().filter_map(|(key, _)| index(key));
        rows.max().map_or(0, |last| last.min(ROWS_MAX) + 1)
    }

    /// With `values` in place of all that was sent as `name`, or within it.
    pub(crate) fn replace(&mut self, name: &str, values: Vec<(String, String)>) {
        let sent = self.values.get_or_insert_default();
        sent.retain(|(key, _)| key.strip_prefix(name).is_none_or(|rest| !rest.is_empty() && !rest.starts_with('[')));
        sent.extend(values);
    }

    /// A value that is not part of `form`, such as an id beside it.
    pub fn plain(&self, name: &str) -> Option<&str> {
        let values = self.values.as_ref()?;
        values.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// What is wrong with a field, in words that name it.
    pub fn problem(&self, field: &str) -> Option<String> {
        self.problem_of(field, &self.label(field))
    }

    /// With what is wrong with fields that were filled in from elsewhere. Once the
    /// form was posted, its own problems are told instead.
    pub fn noted(self, notes: impl IntoIterator<Item = (String, String)>) -> FormState {
        match self.was_posted() {
            true => self,
            false => FormState { notes: notes.into_iter().collect(), ..self },
        }
    }

    /// As [`FormState::problem`], of a field with this label.
    pub fn problem_of(&self, field: &str, label: &str) -> Option<String> {
        let note = || self.notes.iter().find(|(name, _)| name == field).map(|(_, words)| words.clone());
        self.problem_code(field).map(|problem| self.words(field, label, problem)).or_else(note)
    }

    fn words(&self, field: &str, label: &str, problem: &Problem) -> String {
        match problem {
            Problem::Required => match self.acts.iter().find(|(name, _)| name == field) {
                Some((_, act)) => act.clone(),
                None => required_words(field, label),
            },
            other => match crate::context::extension::<crate::context::CurrentPractice>() {
                Some(crate::context::CurrentPractice(practice)) => {
                    other.for_practice(&practice.client_word, &practice.client_word_plural)
                }
                None => other.to_string(),
            },
        }
    }

    /// With what to do about a field that was left out: "Choose how Tunde is related
    /// to Keyla."
    pub fn asking(mut self, field: &str, act: impl Into<String>) -> FormState {
        self.acts.push((field.to_owned(), act.into()));
        self
    }

    fn problem_code(&self, field: &str) -> Option<&Problem> {
        match &self.error {
            Some(AppError::Refused(Refusal::Invalid(errors))) => errors.get(field),
            _ => None,
        }
    }

    /// With the words for fields whose names are none.
    pub fn labelled(self, labels: impl IntoIterator<Item = (String, String)>) -> FormState {
        FormState { labels: labels.into_iter().collect(), ..self }
    }

    fn label(&self, field: &str) -> String {
        let label = self.labels.iter().find(|(name, _)| name == field).map(|(_, label)| label.clone());
        label.unwrap_or_else(|| field_label(field))
    }

    pub fn error(&self) -> Option<&AppError> {
        self.error.as_ref()
    }

    pub fn is_stale(&self) -> bool {
        self.error == Some(AppError::Refused(Refusal::Stale))
    }

    pub fn is_conflict(&self) -> bool {
        matches!(self.error, Some(AppError::Refused(Refusal::Conflict(_))))
    }

    /// What stands in the way of a time that staff chose.
    pub fn conflicts(&self) -> Option<&Conflicts> {
        match &self.error {
            Some(AppError::Refused(Refusal::Conflicts(conflicts))) => Some(conflicts),
            _ => None,
        }
    }

    /// What was typed, when the page says elsewhere what was wrong.
    pub fn without_error(self) -> FormState {
        FormState { error: None, ..self }
    }

    pub fn was_posted(&self) -> bool {
        self.values.is_some()
    }

    /// What was refused, if it was this action's.
    pub fn of(action: &str) -> FormState {
        match crate::context::extension::<Posted>() {
            Some(posted) if posted.action == action => {
                FormState { values: Some(posted.values), error: Some(posted.error), ..FormState::default() }
            }
            _ => FormState::default(),
        }
    }
}

/// A refused post, in the extensions of the request that shows its page again.
#[derive(Debug, Clone)]
pub struct Posted {
    /// The server function's path.
    pub action: String,
    /// Name and value of every input but passwords.
    pub values: Vec<(String, String)>,
    pub error: AppError,
}

/// A form that posts to the server function at `action` and comes back to
/// `page` when refused. With the error summary at its head.
#[component]
pub fn PostForm(
    action: &'static str,
    /// Path and query of the page that shows this form.
    #[prop(into)]
    page: String,
    state: FormState,
    #[prop(optional, into)] class: String,
    #[prop(optional, into)] id: Option<String>,
    /// A long form: the browser asks before it is left with changes that were not saved.
    #[prop(optional)]
    long: bool,
    /// It sends files.
    #[prop(optional)]
    files: bool,
    children: Children,
) -> impl IntoView {
    let class = if class.is_empty() { "form".to_owned() } else { class };
    let enctype = files.then_some("multipart/form-data");
    let unsaved = long.then(|| if state.was_posted() { "refused" } else { "" });
    view! {
        <form method="post" action=action enctype=enctype class=class id=id novalidate=true data-once="" data-unsaved=unsaved>
            <input type="hidden" name="_page" value=page/>
            <ErrorSummary state/>
            {children()}
        </form>
    }
}

/// Everything that is wrong, at the head of the form, each linked to its field.
#[component]
pub fn ErrorSummary(state: FormState) -> impl IntoView {
    let error = state.error().filter(|error| **error != AppError::ShowAgain).cloned();
    error.map(|error| {
        let items = match &error {
            AppError::Refused(Refusal::Invalid(errors)) => errors
                .0
                .iter()
                .map(|(field, problem)| {
                    let label = state.label(field);
                    let words = state.words(field, &label, problem);
                    // What was left out is named in its own words.
                    let label = (*problem != Problem::Required).then(|| format!("{label}: "));
                    view! { <li><a href=format!("#{}", field_id(field))>{label}{words}</a></li> }
                })
                .collect_view()
                .into_any(),
            _ => ().into_any(),
        };
        let lead =
            (!matches!(error, AppError::Refused(Refusal::Invalid(_)))).then(|| view! { <p>{error.to_string()}</p> });
        view! {
            <div class="error-summary" role="alert" tabindex="-1" autofocus=true>
                <h2>"There’s a problem"</h2>
                {lead}
                <ul>{items}</ul>
            </div>
        }
    })
}

/// Fields whose value is chosen rather than typed.
const CHOSEN: [&str; 23] = [
    "action",
    "activity_type",
    "age_range",
    "associated_practitioner",
    "client",
    "clients",
    "field",
    "gender",
    "group",
    "kind",
    "language",
    "location",
    "members",
    "other_label",
    "own_label",
    "practitioner",
    "practitioners",
    "province",
    "service",
    "slot",
    "status",
    "tag",
    "zone",
];

/// Of a field that was left out: what to do, and which field it is.
fn required_words(field: &str, label: &str) -> String {
    let name = field.rsplit('.').next().unwrap_or(field);
    let act = if CHOSEN.contains(&name) || name.ends_with("_province") { "Choose" } else { "Enter" };
    format!("{act} {}.", in_sentence(label))
}

/// A label within a sentence: without its capital, unless it is an abbreviation.
fn in_sentence(label: &str) -> String {
    if shared::practice::WEEKDAYS.iter().any(|day| label.starts_with(day)) {
        return label.to_owned();
    }
    let mut chars = label.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(label.chars().skip(1)).collect()
        }
        _ => label.to_owned(),
    }
}

/// The id of a field's input: letters, digits and hyphens.
pub fn field_id(field: &str) -> String {
    format!("f-{}", field.replace(['.', '_'], "-"))
}

/// `first_name` as people read it, "First name"; `days.0.starts` is "Monday
/// starts", `phones.0.number` "Telephone 1: number".
fn field_label(field: &str) -> String {
    let mut parts = field.split('.');
    let mut words = parts.next_back().unwrap_or(field).replace('_', " ");
    // As the labels of the forms say it.
    let known = match words.as_str() {
        "again" => "Confirm password",
        "email" => "Email",
        "birth date" => "Date of birth",
        "joined on" => "Members from",
        "zone" => "Time zone",
        "veteran id" => "Veteran ID",
        "client login" => "Login",
        "client registration" => "Registration",
        "own word" => "For one",
        "own word plural" => "For many",
        _ => "",
    };
    if !known.is_empty() {
        words = known.to_owned();
    }
    let list = match field.split('.').next() {
        Some("phones") => "Phone ",
        Some("contacts") => "Contact ",
        _ => "",
    };
    if let Some(index) =
        parts.clone().next_back().and_then(|index| index.parse::<usize>().ok()).filter(|_| !list.is_empty())
    {
        return format!("{list}{}: {words}", index.saturating_add(1));
    }
    if let (Some("columns"), Ok(index)) = (parts.clone().next_back(), words.parse::<usize>()) {
        return format!("Column {}", index + 1);
    }
    if let Some(index) = parts.next_back().and_then(|index| index.parse::<usize>().ok()) {
        match shared::practice::WEEKDAYS.get(index) {
            Some(day) if field.starts_with("days.") => return format!("{day} {words}"),
            _ => words = format!("{words} {}", index.saturating_add(1)),
        }
    }
    capital(&words)
}

/// The practice's word with its article: `a client`, `an athlete`.
pub fn a(word: &str) -> String {
    shared::refusal::with_article(word)
}

/// With a capital at the start of a sentence.
pub fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::refusal::FieldErrors;

    fn refused(field: &str, problem: Problem) -> FormState {
        let error = AppError::Refused(Refusal::Invalid(FieldErrors::of(field, problem)));
        FormState { values: Some(Vec::new()), error: Some(error), ..FormState::default() }
    }

    #[test]
    fn a_field_that_was_left_out_is_named_with_what_to_do() {
        let words = |field: &str| refused(field, Problem::Required).problem(field).unwrap();
        assert_eq!(words("first_name"), "Enter first name.");
        assert_eq!(words("birth_date"), "Enter date of birth.");
        assert_eq!(words("activity_type"), "Choose activity type.");
        let labelled = refused("hours", Problem::Required).problem_of("hours", "Hours worked");
        assert_eq!(labelled.as_deref(), Some("Enter hours worked."));
        let own =
            refused("other_label", Problem::Required).asking("other_label", "Choose how Tunde is related to Keyla.");
        assert_eq!(own.problem("other_label").as_deref(), Some("Choose how Tunde is related to Keyla."));
        assert_eq!(in_sentence("ID of the card"), "ID of the card");
    }

    #[test]
    fn the_summary_says_that_there_is_a_problem_and_names_the_field_once() {
        let owner = Owner::new();
        owner.with(|| {
            let html = view! { <ErrorSummary state=refused("last_name", Problem::Required)/> }.to_html();
            assert!(html.contains("There’s a problem"), "{html}");
            assert!(html.contains("Enter last name."), "{html}");
            assert!(!html.contains("Last name:"), "{html}");
            let html = view! { <ErrorSummary state=refused("email", Problem::NotAnEmail)/> }.to_html();
            assert!(html.contains(": "), "{html}");
            let html = view! { <ErrorSummary state=refused("again", Problem::PasswordsDiffer)/> }.to_html();
            assert!(html.contains("Confirm password: "), "{html}");
        });
    }
}
