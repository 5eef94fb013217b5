//! A row judged as it is now, the same in the dry run and in the import.

use super::view::Import;
use super::words;
use crate::time::Zone;
use crate::{Error, PgPool, Result};
use shared::Refusal;
use shared::clients::columns::Column;
use shared::clients::{Asked, ClientDetails, ClientForm};
use shared::import::{CellProblem, Mapping, Person, Reading, Target, Words};
use std::collections::HashMap;

pub(super) struct Judge {
    pub mapping: Mapping,
    pub words: Words,
    pub asked: Asked,
    zones: HashMap<String, bool>,
}

impl Judge {
    pub async fn load(pool: &PgPool, import: &Import) -> Result<Judge> {
        let setup = import.setup.as_ref().ok_or(Error::Refused(Refusal::NotFound))?;
        let form = setup.clone();
        let offered = super::offered::all(pool).await?;
        let details = form.parse(import.headings.len(), &offered.targets())?;
        let (words, asked) = words::load(pool).await?;
        Ok(Judge { mapping: Mapping::new(import.headings.clone(), details), words, asked, zones: HashMap::new() })
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

    /// Somebody of whom nothing is known yet.
    pub fn nobody(&self) -> Result<ClientDetails> {
        let form = ClientForm { zone: self.words.zone.clone(), ..ClientForm::default() };
        Ok(form.parse(&Asked { code_only: true, fields: Vec::new(), ..self.asked.clone() })?)
    }

    pub fn judge(&self, reading: Reading) -> std::result::Result<Person, Vec<CellProblem>> {
        self.mapping.judge(reading, &self.asked)
    }
}

/// Problems as they are stored: arrays of column and words.
pub(super) fn stored(problems: &[CellProblem]) -> serde_json::Value {
    problems.iter().map(|problem| serde_json::json!([problem.column, problem.words])).collect()
}
