//! Documents and reports that practitioners write for a client, in plain text with headings, lists
//! and tables and nothing of HTML, or attach as a file.

mod blocks;

pub use blocks::{Block, blocks};

use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{Problem, Refusal};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const TITLE_MAX: usize = 120;
const BODY_MAX: usize = 50_000;

vocabulary! {
    DocumentState {
        /// Only the team sees it.
        Draft = "draft", "Draft";
        Shared = "shared", "Shared";
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

/// A document, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DocumentForm {
    pub title: String,
    pub body: String,
    /// The version that the form was made from.
    pub version: String,
    /// A double submit carries the same.
    pub request_key: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewDocument {
    pub title: String,
    pub body: String,
    pub version: Option<i32>,
    pub key: Option<Uuid>,
}

impl DocumentForm {
    /// Of one that is written.
    pub fn parse(&self) -> Result<NewDocument, Refusal> {
        self.with_body(match parse::lines(&self.body, BODY_MAX) {
            Ok(body) if body.is_empty() => Err(Problem::Required),
            body => body,
        })
    }

    /// Of a file, which has a title and no text.
    pub fn parse_attached(&self) -> Result<NewDocument, Refusal> {
        self.with_body(Ok(String::new()))
    }

    fn with_body(&self, body: Result<String, Problem>) -> Result<NewDocument, Refusal> {
        let mut fields = Fields::default();
        let title = fields.take("title", parse::required(&self.title, TITLE_MAX));
        let body = fields.take("body", body);
        let version = parse::version(&mut fields, &self.version);
        let key = fields.take("request_key", parse::optional(&self.request_key, parse::id::<Uuid>));
        fields.finish()?;
        Ok(NewDocument { title, body, version, key })
    }
}
