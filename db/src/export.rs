//! Exporting clients: who is asked for, by number or by the list's query, read
//! in pieces, so that a file of any length takes the memory of a few.
//!
//! Each piece of a thousand clients is a short statement: the length of a file costs neither
//! memory nor a long transaction, and each client is as they are when their piece is read.
//! Finding out who is in the file has a time limit of its own, 60 s.

use crate::clients::list::{Wanted, Who, heads, records, select};
use crate::{Actor, Result, audit};
use shared::bulk::Selection;
use shared::clients::columns::{self, ClientRecord, ColumnHead};
use shared::{ClientId, Problem, Refusal};
use sqlx::PgPool;
use tokio::task::JoinSet;
use uuid::Uuid;

/// Clients in a piece: a few milliseconds' reading.
const PIECE: usize = 1_000;

/// Finding out who matches may take longer than a page does.
const PATIENCE: &str = "60s";

/// A file under way: a piece is read while the one before it is written.
#[derive(Debug)]
pub struct Export {
    pub heads: Vec<ColumnHead>,
    pool: PgPool,
    actor: Actor,
    ids: std::vec::IntoIter<ClientId>,
    wanted: Wanted,
    /// The next piece; broken off when no one waits for it any more.
    ahead: JoinSet<Result<Vec<ClientRecord>>>,
}

/// Begins a file with the columns named in `keys` (see [`columns::chosen`]);
/// all that there are for `all` and for nothing. Without a column that is known
/// [`Problem::Unknown`]: a link to a field that is gone does not lead to
/// everything. Of a selection by number the people
/// the actor does not see are left out. That it was done is on record: `format`
/// and the columns.
pub async fn begin(pool: &PgPool, actor: &Actor, selection: &Selection, keys: &str, format: &str) -> Result<Export> {
    let known = heads(pool, actor).await?;
    actor.confirmed()?;
    let heads = match columns::chosen(&known.all, keys) {
        none if none.is_empty() && matches!(keys, "" | "all") => known.all.clone(),
        none if none.is_empty() => return Err(Refusal::field("columns", Problem::Unknown).into()),
        some => some,
    };
    let mut tx = pool.begin().await?;
    sqlx::query_scalar!("select set_config('statement_timeout', $1, true)", PATIENCE).fetch_one(&mut *tx).await?;
    let ids = select(&mut tx, actor, selection, i32::MAX as u32).await?;
    let keys: Vec<String> = heads.iter().map(|head| head.key.to_string()).collect();
    let fields: Vec<&str> = std::iter::once(format).chain(keys.iter().map(String::as_str)).collect();
    audit::append(&mut tx, actor, "export", "client", Uuid::nil(), &fields).await?;
    tx.commit().await?;
    let wanted = known.wanted(&heads);
    let (pool, actor, ahead) = (pool.clone(), actor.clone(), JoinSet::new());
    Ok(Export { heads, pool, actor, ids: ids.into_iter(), wanted, ahead })
}

impl Export {
    /// The next clients, as they were when the piece before them was asked for;
    /// `None` at the end. The people the actor does not see any more are left out.
    pub async fn next(&mut self) -> Result<Option<Vec<ClientRecord>>> {
        if self.ahead.is_empty() {
            self.read_ahead();
        }
        let Some(piece) = self.ahead.join_next().await else { return Ok(None) };
        self.read_ahead();
        piece.map_err(|_| sqlx::Error::WorkerCrashed)?.map(Some)
    }

    fn read_ahead(&mut self) {
        let piece: Vec<ClientId> = self.ids.by_ref().take(PIECE).collect();
        if piece.is_empty() {
            return;
        }
        let (pool, actor, wanted) = (self.pool.clone(), self.actor.clone(), self.wanted.clone());
        self.ahead.spawn(async move {
            let mut conn = pool.acquire().await?;
            records(&mut conn, &actor, Who::Ids(&piece), &wanted).await
        });
    }

    /// The cells of a client, in the order of the heads.
    pub fn cells<'a>(&'a self, record: &'a ClientRecord) -> impl Iterator<Item = std::borrow::Cow<'a, str>> {
        self.heads.iter().map(|head| record.text(head.key))
    }
}
