//! A file's rows, stored as they are read.

use super::targets::not_kept;
use super::view::State;
use crate::clients::content_key;
use crate::{Actor, Error, Result, new_id};
use sha2::{Digest, Sha256};
use shared::import::{COLUMNS_MAX, DateLook, FileFault, ROWS_MAX, Row};
use shared::{ImportId, Refusal, StaffId};
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use uuid::Uuid;

/// The number of rows stored by one statement.
const CHUNK: usize = 1_000;

/// What is known of a file beside its rows.
#[derive(Debug, Clone)]
pub struct FileInfo {
    /// Made when the page was shown: a double submit carries the same.
    pub request_key: Uuid,
    pub name: String,
    /// As people call it, such as `Windows-1252`.
    pub encoding: String,
    /// What is in the file.
    pub contents: ContentHash,
}

/// The hash of a file, seen piece by piece.
#[derive(Debug, Clone, Default)]
pub struct ContentHash(Sha256);

impl ContentHash {
    pub fn see(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    fn digest(&self) -> Vec<u8> {
        self.0.clone().finalize().to_vec()
    }
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
        let staff = actor.front_desk()?.staff().id();
        let mut tx = pool.begin().await?;
        // Of two submits the second waits for the first's rows.
        sqlx::query!("select set_config('lock_timeout', '60s', true)").fetch_one(&mut *tx).await?;
        // The form that the browser went back to may bring another file.
        let key = content_key(file.request_key, &(staff, &file.name, file.contents.digest()));
        let mut id = begin(&mut tx, staff, key, file).await?;
        if id.is_none() {
            let before = sqlx::query!(
                r#"select id as "id: ImportId", state from import where request_key = $1 and staff_id = $2"#,
                key,
                staff.0
            )
            .fetch_one(&mut *tx)
            .await?;
            if ![State::Discarded, State::Undone].iter().any(|gone| before.state == gone.as_str()) {
                return Ok(Begun::Before(before.id));
            }
            // What was discarded since is no answer.
            id = begin(&mut tx, staff, new_id(), file).await?;
        }
        let id = id.ok_or(Refusal::Internal)?;
        let upload =
            Upload { tx, id, headings: None, not_kept: None, looks: Vec::new(), waiting: Vec::new(), count: 0 };
        Ok(Begun::Now(Box::new(upload)))
    }

    /// The next rows; the first of all are the headings.
    pub async fn rows(&mut self, rows: &mut Vec<Row>) -> Result<std::result::Result<(), FileFault>> {
        for mut row in rows.drain(..) {
            if self.headings.is_none() {
                // What is kept stays so until the rows are stored: the practice first, then what
                // the switch to codes alone locks.
                sqlx::query!("select 1 as one from practice for key share").fetch_one(&mut *self.tx).await?;
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

/// `None` when there is an import with this key.
async fn begin(conn: &mut PgConnection, staff: StaffId, key: Uuid, file: &FileInfo) -> Result<Option<ImportId>> {
    Ok(sqlx::query_scalar!(
        r#"insert into import (id, staff_id, request_key, file_name, encoding, headings, looks, row_count)
           values ($1, $2, $3, $4, $5, '{}', '[]', 0) on conflict (request_key) do nothing
           returning id as "id: ImportId""#,
        new_id(),
        staff.0,
        key,
        file.name,
        file.encoding
    )
    .fetch_optional(conn)
    .await?)
}
