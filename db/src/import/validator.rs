//! A row validated as it is now, the same in the dry run and in the import.

use super::view::Import;
use super::words;
use crate::time::Zone;
use crate::{Error, PgPool, Result};
use shared::Refusal;
use shared::clients::columns::Column;
use shared::clients::{ClientDetails, ClientForm, ClientFormRules};
use shared::import::{CellProblem, Mapping, Person, Reading, Target, Words};
use std::collections::HashMap;

pub(super) struct RowValidator {
    pub mapping: Mapping,
    pub words: Words,
    pub rules: ClientFormRules,
    zones: HashMap<String, bool>,
}

impl RowValidator {
    pub async fn load(pool: &PgPool, import: &Import) -> Result<RowValidator> {
        let setup = import.setup.as_ref().ok_or(Error::Refused(Refusal::NotFound))?;
        let form = setup.clone();
        let targets = super::targets::all(pool).await?;
        let details = form.parse(import.headings.len(), &targets.all())?;
        let (words, rules) = words::load(pool).await?;
        Ok(RowValidator {
            mapping: Mapping::new(import.headings.clone(), details),
            words,
            rules,
            zones: HashMap::new(),
        })
    }

    pub fn read(&mut self, cells: &[String]) -> Reading {
        let mut reading = self.mapping.read(cells, &self.words);
        let zone = reading.form.zone.trim();
        let known = self.zones.entry(zone.to_owned()).or_insert_with(|| Zone::parse(zone).is_ok());
        if !*known {
            let column = self.mapping.column(&[Target::of(Column::Zone)]);
            reading.note(column, "This is not the name of a time zone, such as America/Toronto.");
        }
        reading
    }

    /// A person without any details yet.
    pub fn nobody(&self) -> Result<ClientDetails> {
        let form = ClientForm { zone: self.words.zone.clone(), ..ClientForm::default() };
        Ok(form.parse(&ClientFormRules { code_only: true, fields: Vec::new(), ..self.rules.clone() })?)
    }

    pub fn validate(&self, reading: Reading) -> std::result::Result<Person, Vec<CellProblem>> {
        self.mapping.validate(reading, &self.rules)
    }
}

/// Problems as they are stored: arrays of column and words.
pub(super) fn stored(problems: &[CellProblem]) -> serde_json::Value {
    problems.iter().map(|problem| serde_json::json!([problem.column, problem.words])).collect()
}
