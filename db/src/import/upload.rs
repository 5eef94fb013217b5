//! A file's rows, stored as they are read.

use super::offered::not_kept;
use super::view::State;
use crate::{Actor, Error, Result, new_id};
use shared::import::{COLUMNS_MAX, DateLook, FileFault, ROWS_MAX, Row};
use shared::{ImportId, Refusal};
use sqlx::types::Json;
use sqlx::{PgPool, Postgres, Transaction};
use uuid::Uuid;

/// So many rows are stored by one statement.
const CHUNK: usize = 1_000;

/// What is known of a file beside its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileInfo {
    /// Made when the page was shown: a double submit carries the same.
    pub request_key: Uuid,
    pub name: String,
    /// As people call it, such as `Windows-1252`.
    pub encoding: String,
}

/// An upload under way; nothing of it is stored before [`Upload::finish`].
pub struct Upload {
    tx: Transaction<'static, Postgres>,
    id: ImportId,
    headings: Option<Vec<String>>,
    /// Columns whose cells are left blank: see [`not_kept`].
    not_kept: Option<Vec<bool>>,
    looks: Vec<DateLook>,
    waiting: Vec<Row>,
    count: u32,
}

/// Begun, or the same file has been uploaded by this very form.
pub enum Begun {
    Now(Box<Upload>),
    Before(ImportId),
}

impl Upload {
    /// Front desk only.
    pub async fn begin(pool: &PgPool, actor: &Actor, file: &FileInfo) -> Result<Begun> {
        let staff = actor.front_desk()?.id;
        let mut tx = pool.begin().await?;
        // Of two submits the second waits for the first's rows.
        sqlx::query!("select set_config('lock_timeout', '60s', true)").fetch_one(&mut *tx).await?;
        let id = ImportId(new_id());
        let begun = sqlx::query!(
            "insert into import (id, staff_id, request_key, file_name, encoding, headings, looks, row_count)
             values ($1, $2, $3, $4, $5, '{}', '[]', 0) on conflict (request_key) do nothing",
            id.0,
            staff.0,
            file.request_key,
            file.name,
            file.encoding
        )
        .execute(&mut *tx)
        .await?;
        if begun.rows_affected() == 0 {
            let before = sqlx::query_scalar!(
                r#"select id as "id: ImportId" from import where request_key = $1 and staff_id = $2"#,
                file.request_key,
                staff.0
            )
            .fetch_optional(&mut *tx)
            .await?;
            return before.map(Begun::Before).ok_or(Error::Refused(Refusal::NotFound));
        }
        let upload =
            Upload { tx, id, headings: None, not_kept: None, looks: Vec::new(), waiting: Vec::new(), count: 0 };
        Ok(Begun::Now(Box::new(upload)))
    }

    /// The next rows; the first of all are the headings.
    pub async fn rows(&mut self, rows: &mut Vec<Row>) -> Result<std::result::Result<(), FileFault>> {
        for mut row in rows.drain(..) {
            if self.headings.is_none() {
                self.not_kept = not_kept(&mut self.tx, &row.cells).await?;
                self.headings = Some(row.cells);
                continue;
            }
            if let Some(not_kept) = &self.not_kept {
                // A cell beyond the headings may be anything.
                let kept = |index: usize| not_kept.get(index) == Some(&false);
                row.cells.iter_mut().enumerate().filter(|(index, _)| !kept(*index)).for_each(|(_, cell)| cell.clear());
            }
            self.count += 1;
            if self.count > ROWS_MAX {
                return Ok(Err(FileFault::TooManyRows));
            }
            let seen = row.cells.len().min(COLUMNS_MAX);
            if self.looks.len() < seen {
                self.looks.resize(seen, DateLook::default());
            }
            self.looks.iter_mut().zip(&row.cells).for_each(|(look, cell)| look.see(cell));
            self.waiting.push(row);
            if self.waiting.len() >= CHUNK {
                self.store().await?;
            }
        }
        Ok(Ok(()))
    }

    async fn store(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.waiting);
        let lines: Vec<i32> = rows.iter().map(|row| row.line as i32).collect();
        let cells: Vec<String> = rows
            .into_iter()
            .map(|row| serde_json::to_string(&row.cells))
            .collect::<std::result::Result<_, _>>()
            .map_err(
                // Texts always make JSON.
                |error| Error::Database(sqlx::Error::Encode(error.into())),
            )?;
        sqlx::query!(
            "insert into import_row (import_id, line, cells)
             select $1, line, cells::json from unnest($2::int[], $3::text[]) as rows (line, cells)",
            self.id.0,
            &lines,
            &cells
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Stores what was read; a file without rows is a fault.
    pub async fn finish(mut self) -> Result<std::result::Result<ImportId, FileFault>> {
        let Some(headings) = self.headings.take() else { return Ok(Err(FileFault::Empty)) };
        if self.count == 0 {
            return Ok(Err(FileFault::NoRows));
        }
        self.store().await?;
        // The practice may have turned to codes alone since the headings were read.
        let code_only =
            sqlx::query_scalar!("select code_only from practice for share").fetch_one(&mut *self.tx).await?;
        if code_only && self.not_kept.is_none() {
            return Err(Refusal::Stale.into());
        }
        self.looks.resize(headings.len(), DateLook::default());
        sqlx::query!(
            "update import set headings = $2, looks = $3, row_count = $4, state = $5 where id = $1",
            self.id.0,
            &headings,
            Json(&self.looks) as _,
            self.count as i32,
            State::Mapping.as_str()
        )
        .execute(&mut *self.tx)
        .await?;
        self.tx.commit().await?;
        Ok(Ok(self.id))
    }
}
