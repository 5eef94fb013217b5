//! A row with problems that someone puts right in the create window: the
//! form as the row fills it in, and the row once the client is there.
//!
//! The client is no part of the import, and its undoing leaves them.

use super::review::{self, Stored};
use super::setup::lock;
use super::validator::RowValidator;
use super::view::{self, State};
use crate::clients::{NewClient, create_once};
use crate::{Actor, Error, PgPool, Result};
use shared::clients::ClientForm;
use shared::import::{CellProblem, numbered};
use shared::{ImportId, Refusal};
use sqlx::types::Json;

/// A row of a couple, family or group has no such form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFix {
    /// What could be read of the row; a parent is someone to call.
    pub form: ClientForm,
    /// The household that the row names, or empty: it is not made.
    pub family: String,
    pub problems: Vec<RowProblem>,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    /// Of the cell, where it is one cell's.
    pub heading: Option<String>,
    /// The field of the form that is left blank for it, where there is one.
    pub field: Option<String>,
    pub words: String,
}

/// The front desk's. [`Refusal::NotFound`] unless the dry run found problems in
/// the row and no one has put them right since.
pub async fn fix_row(pool: &PgPool, actor: &Actor, id: ImportId, line: i32) -> Result<RowFix> {
    actor.front_desk()?;
    let import = view::find(pool, id).await?;
    let row = sqlx::query!(
        r#"select cells as "cells: Json<Vec<String>>", problems as "problems: Json<Stored>"
             from import_row where import_id = $1 and line = $2 and outcome = 'bad'"#,
        id.0,
        line
    )
    .fetch_optional(pool)
    .await?;
    let row = row.filter(|_| import.state == State::Checked).ok_or(Error::Refused(Refusal::NotFound))?;
    let mut validator = RowValidator::load(pool, &import).await?;
    let reading = validator.read(&row.cells.0);
    // What the form would say, and what the dry run found besides: a code twice.
    let validated = validator.validate(reading.clone()).err().unwrap_or_default();
    let problems = if validated.is_empty() { review::problems(row.problems) } else { validated };
    let (mut form, family) = reading.into_form().ok_or(Error::Refused(Refusal::NotFound))?;
    if let Some(setup) = import.setup.as_ref().filter(|setup| setup.tagged) {
        // As an imported client gets it.
        let tags = [form.new_tags.as_str(), setup.tag.as_str()].into_iter().filter(|tag| !tag.trim().is_empty());
        form.new_tags = tags.collect::<Vec<_>>().join(", ");
    }
    let headings = numbered(&import.headings);
    let named = |problem: CellProblem| {
        let heading = problem.column.and_then(|column| headings.get(column)).cloned();
        let field = problem.column.and_then(|column| validator.mapping.field_of(column));
        RowProblem { heading, field, words: problem.words }
    };
    Ok(RowFix { form, family, problems: problems.into_iter().map(named).collect() })
}

/// Makes the client; the row is then someone's who is here, and the import
/// leaves it out. [`Refusal::Stale`] where a colleague has done so already, or
/// the import has begun. The same form again is the same client.
pub async fn create_from_row(
    pool: &PgPool,
    actor: &Actor,
    id: ImportId,
    line: i32,
    form: ClientForm,
) -> Result<NewClient> {
    actor.front_desk()?;
    let mut tx = pool.begin().await?;
    let import = lock(&mut tx, id).await?;
    let made = create_once(&mut tx, actor, form).await?;
    let client = made.client;
    let matches = Json(vec![("made", client.number.get(), None::<i32>)]);
    let changed = sqlx::query!(
        "update import_row set outcome = 'here', problems = null, matches = $3, code = null
          where import_id = $1 and line = $2 and $4 and (outcome = 'bad' or outcome = 'here' and matches::jsonb = $3::json::jsonb)",
        id.0,
        line,
        matches as _,
        import.state == State::Checked
    )
    .execute(&mut *tx)
    .await?;
    if changed.rows_affected() == 0 {
        return Err(Refusal::Stale.into());
    }
    made.note(&mut tx, actor).await?;
    tx.commit().await?;
    Ok(client)
}
