//! Exporting clients: who is asked for, by number or by the list's query, read
//! in pieces, so that a file of any length takes the memory of one piece.

mod records;
mod rows;

pub use records::{Wanted, records};

use crate::time::Zone;
use crate::{Actor, Result, audit, clients, practice};
use shared::bulk::Selection;
use shared::clients::columns::{self, ClientRecord, ColumnHead, ColumnKey};
use shared::clients::{ClientPage, ClientQuery};
use shared::{ClientId, FieldId};
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

/// Clients in a piece: a few milliseconds' reading.
const PIECE: usize = 1_000;

/// Finding out who matches may take longer than a page does.
const PATIENCE: &str = "60s";

/// The columns that the actor may see, in the practice's words. Staff only.
pub async fn heads(pool: &PgPool, actor: &Actor, code_only: bool) -> Result<Vec<ColumnHead>> {
    let staff = actor.staff()?;
    let fields = sqlx::query!(
        r#"select id as "id: FieldId", label from client_field where active order by position, label, id"#
    )
    .fetch_all(pool)
    .await?;
    let fields: Vec<_> = fields.into_iter().map(|row| (row.id, row.label)).collect();
    Ok(columns::heads(&fields, staff.sees_notes(), code_only))
}

/// A file under way.
#[derive(Debug)]
pub struct Export {
    pub heads: Vec<ColumnHead>,
    pool: PgPool,
    actor: Actor,
    ids: std::vec::IntoIter<ClientId>,
    wanted: Wanted,
}

/// Begins a file with the columns named in `keys` (see [`columns::chosen`]);
/// all that there are when none is named. Of a selection by number those whom
/// the actor does not see are left out. That it was done is on record: `format`
/// and the columns.
pub async fn begin(pool: &PgPool, actor: &Actor, selection: &Selection, keys: &str, format: &str) -> Result<Export> {
    let practice = practice::practice(pool).await?;
    let all = heads(pool, actor, practice.code_only).await?;
    let heads = match columns::chosen(&all, keys) {
        none if none.is_empty() => all,
        some => some,
    };
    let mut tx = pool.begin().await?;
    sqlx::query_scalar!("select set_config('statement_timeout', $1, true)", PATIENCE).fetch_one(&mut *tx).await?;
    let ids = select(&mut tx, actor, selection, i32::MAX as u32).await?;
    let keys: Vec<String> = heads.iter().map(|head| head.key.to_string()).collect();
    let fields: Vec<&str> = std::iter::once(format).chain(keys.iter().map(String::as_str)).collect();
    audit::append(&mut tx, actor, "export", "client", Uuid::nil(), &fields).await?;
    tx.commit().await?;
    let wanted = Wanted {
        keys: heads.iter().map(|head| head.key).collect(),
        zone: Zone::stored(&practice.zone),
        code_only: practice.code_only,
    };
    Ok(Export { heads, pool: pool.clone(), actor: actor.clone(), ids: ids.into_iter(), wanted })
}

impl Export {
    /// The next clients, as they are at this moment; `None` at the end. Those
    /// whom the actor does not see any more are left out.
    pub async fn next(&mut self) -> Result<Option<Vec<ClientRecord>>> {
        let piece: Vec<ClientId> = self.ids.by_ref().take(PIECE).collect();
        if piece.is_empty() {
            return Ok(None);
        }
        let mut conn = self.pool.acquire().await?;
        records(&mut conn, &self.actor, &piece, &self.wanted).await.map(Some)
    }

    /// The cells of a client, in the order of the heads.
    pub fn cells<'a>(&'a self, record: &'a ClientRecord) -> impl Iterator<Item = std::borrow::Cow<'a, str>> {
        self.heads.iter().map(|head| record.text(head.key))
    }
}

/// A page of the list, and what is shown of the clients on it.
pub async fn page(
    pool: &PgPool,
    actor: &Actor,
    query: &ClientQuery,
    mine: bool,
    wanted: &Wanted,
) -> Result<(ClientPage<ClientId>, Vec<ClientRecord>)> {
    let mut conn = pool.acquire().await?;
    let page = clients::page(&mut conn, actor, query, mine).await?;
    let records = records(&mut conn, actor, &page.rows, wanted).await?;
    Ok((page, records))
}

/// The clients of a selection whom the actor may see: in the list's order, or
/// by name.
pub async fn select(conn: &mut PgConnection, actor: &Actor, selection: &Selection, max: u32) -> Result<Vec<ClientId>> {
    match selection {
        Selection::Matching { query, mine } => clients::matching(conn, actor, query, *mine, max).await,
        Selection::Numbers(numbers) => {
            let numbers: Vec<i64> = numbers.iter().map(|number| number.0).collect();
            let ids = sqlx::query_scalar!(
                r#"select c.id as "id: ClientId" from client c
                    where c.number = any ($1)
                      and ($2::uuid is null or exists (
                          select from client_practitioner a where a.client_id = c.id and a.practitioner_id = $2))
                    order by c.sort_name, c.id limit $3"#,
                &numbers,
                actor.staff()?.scope(),
                i64::from(max)
            );
            Ok(ids.fetch_all(conn).await?)
        }
    }
}

/// The numbers of a selection, for what goes on with them by address.
pub async fn numbers(
    pool: &PgPool,
    actor: &Actor,
    selection: &Selection,
    max: u32,
) -> Result<Vec<shared::ClientNumber>> {
    let mut conn = pool.acquire().await?;
    let mut tx = conn.begin().await?;
    let ids = select(&mut tx, actor, selection, max).await?;
    let ids: Vec<Uuid> = ids.into_iter().map(Uuid::from).collect();
    Ok(sqlx::query_scalar!(
        r#"select c.number as "number: shared::ClientNumber"
             from unnest($1::uuid[]) with ordinality as wanted (id, place) join client c on c.id = wanted.id
            order by wanted.place"#,
        &ids
    )
    .fetch_all(&mut *tx)
    .await?)
}

/// Whether any of the columns is `key`.
fn wants(keys: &[ColumnKey], column: columns::Column) -> bool {
    keys.contains(&ColumnKey::Of(column))
}
