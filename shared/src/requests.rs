//! What the practice asks of clients: to fill in a form, to read and accept a document, to check
//! their details, to send a file, or anything else that is ticked as done.

use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{ClientNumber, FormId, Problem, Refusal, ServiceId};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const TITLE_MAX: usize = 120;
const BODY_MAX: usize = 20_000;
/// The most that are asked by one form.
pub const PEOPLE_MAX: usize = 500;
/// The most reminders of one request.
pub const REMINDERS_MAX: i16 = 3;

vocabulary! {
    RequestKind {
        Form = "form", "Fill in a form";
        Document = "document", "Read and accept a document";
        Details = "details", "Check your details";
        Other = "other", "Something else";
        File = "file", "Send a file";
    }
}

impl RequestKind {
    /// Whether linked clients with *forms* may do it: someone's details are their own.
    pub const fn for_linked(self) -> bool {
        !matches!(self, RequestKind::Details)
    }
}

vocabulary! {
    RequestState {
        Open = "open", "Open";
        Done = "done", "Done";
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

vocabulary! {
    /// When a service asks for a form by itself.
    Occasion {
        First = "first", "Before the first appointment";
        Every = "every", "Before every appointment";
        Yearly = "yearly", "Once a year";
    }
}

/// What staff ask of one or several clients, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestForm {
    /// Numbers of clients, with commas between.
    pub people: String,
    pub kind: String,
    pub form: String,
    pub title: String,
    pub body: String,
    pub due_on: String,
    pub reminders: String,
    /// A double submit carries the same.
    pub request_key: String,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Asks {
    Form(FormId),
    Document { title: String, body: String },
    Details,
    Other { title: String, body: String },
    File { title: String, body: String },
}

impl Asks {
    pub const fn kind(&self) -> RequestKind {
        match self {
            Asks::Form(_) => RequestKind::Form,
            Asks::Document { .. } => RequestKind::Document,
            Asks::Details => RequestKind::Details,
            Asks::Other { .. } => RequestKind::Other,
            Asks::File { .. } => RequestKind::File,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewRequest {
    pub people: Vec<ClientNumber>,
    pub asks: Asks,
    pub due_on: Option<NaiveDate>,
    pub reminders: i16,
    pub key: Uuid,
}

impl RequestForm {
    /// `today` is the day at the practice.
    ///
    /// # Errors
    /// At each field.
    pub fn parse(&self, today: NaiveDate) -> Result<NewRequest, Refusal> {
        let mut fields = Fields::default();
        let people = fields.take("people", people(&self.people));
        let kind = fields.take_or("kind", parse::id::<RequestKind>(&self.kind), || RequestKind::Details);
        let texts = |fields: &mut Fields, needs_body: bool| {
            let title = fields.take("title", parse::required(&self.title, TITLE_MAX));
            let body = match parse::lines(&self.body, BODY_MAX) {
                Ok(body) if body.is_empty() && needs_body => Err(Problem::Required),
                body => body,
            };
            (title, fields.take("body", body))
        };
        let asks = match kind {
            RequestKind::Form => {
                Asks::Form(fields.take_or("form", parse::id::<FormId>(&self.form), || FormId(Uuid::nil())))
            }
            RequestKind::Document => {
                let (title, body) = texts(&mut fields, true);
                Asks::Document { title, body }
            }
            RequestKind::Details => Asks::Details,
            RequestKind::Other => {
                let (title, body) = texts(&mut fields, false);
                Asks::Other { title, body }
            }
            RequestKind::File => {
                let (title, body) = texts(&mut fields, false);
                Asks::File { title, body }
            }
        };
        let due_on = fields.take("due_on", parse::optional(&self.due_on, parse::date));
        if due_on.is_some_and(|due| due < today) {
            fields.note("due_on", Problem::InThePast);
        }
        let reminders = match self.reminders.trim() {
            "" => 0,
            text => fields.take("reminders", parse::whole(text, 0, REMINDERS_MAX.into())) as i16,
        };
        let key = fields.take_or("request_key", parse::id::<Uuid>(&self.request_key), Uuid::nil);
        fields.finish()?;
        Ok(NewRequest { people, asks, due_on, reminders, key })
    }
}

fn people(text: &str) -> Result<Vec<ClientNumber>, Problem> {
    let mut all: Vec<ClientNumber> = Vec::new();
    for number in text.split(',').map(str::trim).filter(|number| !number.is_empty()) {
        let number = number.parse().map_err(|_| Problem::Unknown)?;
        if !all.contains(&number) {
            all.push(number);
        }
    }
    match all.len() {
        0 => Err(Problem::Nobody),
        count if count > PEOPLE_MAX => Err(Problem::TooMany { max: PEOPLE_MAX }),
        _ => Ok(all),
    }
}

/// A form that a service asks for by itself, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleForm {
    pub service: String,
    pub form: String,
    pub occasion: String,
}

impl RuleForm {
    pub fn parse(&self) -> Result<(ServiceId, FormId, Occasion), Refusal> {
        let mut fields = Fields::default();
        let service = fields.take_or("service", parse::id(&self.service), || ServiceId(Uuid::nil()));
        let form = fields.take_or("form", parse::id(&self.form), || FormId(Uuid::nil()));
        let occasion = fields.take_or("occasion", parse::id(&self.occasion), || Occasion::First);
        fields.finish()?;
        Ok((service, form, occasion))
    }
}

/// The days on which reminders go: with a due date a week and two days before it and the day after,
/// otherwise a week, two and four weeks after it was asked. Only days after that one.
pub fn reminder_days(asked: NaiveDate, due: Option<NaiveDate>) -> Vec<NaiveDate> {
    let days = match due {
        Some(due) => vec![due - Days::new(7), due - Days::new(2), due + Days::new(1)],
        None => vec![asked + Days::new(7), asked + Days::new(14), asked + Days::new(28)],
    };
    days.into_iter().filter(|day| *day > asked).collect()
}

/// The day of the next reminder, once `gone` of at most `most` went.
pub fn next_reminder(asked: NaiveDate, due: Option<NaiveDate>, most: i16, gone: i16) -> Option<NaiveDate> {
    let days = reminder_days(asked, due);
    usize::try_from(gone).ok().filter(|_| gone < most).and_then(|gone| days.get(gone).copied())
}

/// How many reminders should have gone by `today`, of at most `most`.
pub fn reminders_due(asked: NaiveDate, due: Option<NaiveDate>, most: i16, today: NaiveDate) -> i16 {
    let past = reminder_days(asked, due).into_iter().filter(|day| *day <= today).count();
    most.min(past as i16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn form(kind: &str) -> RequestForm {
        RequestForm {
            people: "12, 13,12".into(),
            kind: kind.into(),
            form: Uuid::from_u128(1).to_string(),
            title: "Bring your card".into(),
            body: "Please read this.".into(),
            request_key: Uuid::from_u128(2).to_string(),
            ..RequestForm::default()
        }
    }

    #[test]
    fn each_person_is_asked_once() {
        let parsed = form("form").parse(day("2026-05-01")).unwrap();
        assert_eq!(parsed.people, [ClientNumber::new(12), ClientNumber::new(13)]);
        assert_eq!(parsed.asks.kind(), RequestKind::Form);
    }

    #[test]
    fn each_fault_stands_at_its_field() {
        let fault = |form: RequestForm, field: &str| match form.parse(day("2026-05-01")) {
            Err(Refusal::Invalid(errors)) => errors.get(field).cloned(),
            other => panic!("{other:?}"),
        };
        assert_eq!(fault(RequestForm { people: " ,".into(), ..form("form") }, "people"), Some(Problem::Nobody));
        assert_eq!(fault(RequestForm { form: String::new(), ..form("form") }, "form"), Some(Problem::Required));
        assert_eq!(fault(RequestForm { title: " ".into(), ..form("other") }, "title"), Some(Problem::Required));
        assert_eq!(fault(RequestForm { body: String::new(), ..form("document") }, "body"), Some(Problem::Required));
        assert_eq!(
            fault(RequestForm { due_on: "2026-04-30".into(), ..form("other") }, "due_on"),
            Some(Problem::InThePast)
        );
        let many = RequestForm { reminders: "4".into(), ..form("other") };
        assert_eq!(fault(many, "reminders"), Some(Problem::OutOfRange { min: 0, max: 3 }));
        assert_eq!(fault(form("pay"), "kind"), Some(Problem::Unknown));
    }

    #[test]
    fn reminders_go_around_the_due_date_and_never_on_the_day_of_asking() {
        let asked = day("2026-05-01");
        let due = Some(day("2026-05-08"));
        // A week before would be the day of asking itself.
        assert_eq!(reminder_days(asked, due), [day("2026-05-06"), day("2026-05-09")]);
        assert_eq!(reminders_due(asked, due, 3, day("2026-05-05")), 0);
        assert_eq!(reminders_due(asked, due, 3, day("2026-05-06")), 1);
        assert_eq!(reminders_due(asked, due, 1, day("2026-06-06")), 1);
        assert_eq!(reminders_due(asked, None, 3, day("2026-05-15")), 2);
        assert_eq!(reminders_due(asked, None, 0, day("2027-05-15")), 0);
        // The next one is the first day that did not pass.
        let next = |most, gone| next_reminder(asked, due, most, gone);
        assert_eq!([next(3, 0), next(3, 1), next(3, 2)], [Some(day("2026-05-06")), Some(day("2026-05-09")), None]);
        assert_eq!([next(1, 0), next(1, 1), next(0, 0)], [Some(day("2026-05-06")), None, None]);
    }
}
