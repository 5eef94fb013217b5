//! Prospects: the stages of the pipeline and the form of one of its cards.

use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{ClientNumber, Problem, Refusal};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

vocabulary! {
    /// How far a prospect has come.
    Stage {
        New = "new", "New";
        Contacted = "contacted", "Contacted";
        Meeting = "meeting", "Meeting arranged";
        Waiting = "waiting", "Waiting for them";
        Declined = "declined", "Declined";
    }
}

/// A card of the pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prospect {
    pub number: ClientNumber,
    pub code: String,
    pub name: String,
    pub stage: Stage,
    /// Local dates of the practice.
    pub last_contact: Option<NaiveDate>,
    pub next_step: String,
    pub next_step_on: Option<NaiveDate>,
    pub version: i32,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProspectForm {
    pub stage: String,
    pub last_contact: String,
    pub next_step: String,
    pub next_step_on: String,
    pub version: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProspectDetails {
    pub stage: Stage,
    pub last_contact: Option<NaiveDate>,
    pub next_step: String,
    pub next_step_on: Option<NaiveDate>,
    pub version: Option<i32>,
}

impl ProspectForm {
    /// `today` is the practice's: a contact lies behind it.
    pub fn parse(&self, today: NaiveDate) -> Result<ProspectDetails, Refusal> {
        let mut fields = Fields::default();
        let past = |text: &str| match parse::date(text)? {
            date if date > today => Err(Problem::InTheFuture),
            date => Ok(date),
        };
        let details = ProspectDetails {
            stage: fields.take_or("stage", self.stage.parse(), || Stage::New),
            last_contact: fields.take("last_contact", parse::optional(&self.last_contact, past)),
            next_step: fields.take("next_step", parse::line(&self.next_step, 200)),
            next_step_on: fields.take("next_step_on", parse::optional(&self.next_step_on, parse::date)),
            version: fields
                .take("version", parse::optional(&self.version, |text| parse::whole(text, 1, i32::MAX.into())))
                .map(|version| version as i32),
        };
        fields.finish()?;
        Ok(details)
    }
}

vocabulary! {
    /// What is kept of a prospect.
    EntryKind {
        Note = "note", "Note";
        Call = "call", "Call";
        Email = "email", "Email";
    }
}

/// A note, a call or an email, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EntryForm {
    pub kind: String,
    /// Of an email.
    pub subject: String,
    pub words: String,
    pub request_key: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryDetails {
    pub kind: EntryKind,
    pub subject: String,
    pub words: String,
    pub request_key: Uuid,
}

impl EntryForm {
    pub fn parse(&self) -> Result<EntryDetails, Refusal> {
        let mut fields = Fields::default();
        let kind = fields.take_or("kind", self.kind.parse(), || EntryKind::Note);
        let subject = match kind {
            EntryKind::Email => fields.take("subject", parse::required(&self.subject, 150)),
            EntryKind::Note | EntryKind::Call => String::new(),
        };
        let words = fields.take(
            "words",
            parse::lines(&self.words, 5_000).and_then(|text| match text.is_empty() {
                true => Err(Problem::Required),
                false => Ok(text),
            }),
        );
        let request_key =
            fields.take_or("request_key", self.request_key.parse().map_err(|_| Problem::Unknown), Uuid::nil);
        fields.finish()?;
        Ok(EntryDetails { kind, subject, words, request_key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_lies_in_the_past_and_a_step_anywhere() {
        let today = NaiveDate::from_ymd_opt(2026, 3, 8).unwrap();
        let form = |last: &str, next: &str| ProspectForm {
            stage: "contacted".into(),
            last_contact: last.into(),
            next_step_on: next.into(),
            ..Default::default()
        };
        assert!(form("2026-03-08", "2026-03-01").parse(today).is_ok());
        assert!(form("2026-03-09", "").parse(today).is_err());
        assert!(ProspectForm { stage: "won".into(), ..form("", "") }.parse(today).is_err());
    }
}
