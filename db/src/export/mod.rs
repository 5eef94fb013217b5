//! Exporting clients: who is asked for, by number or by the list's query, read
//! in pieces, so that a file of any length takes the memory of a few.

mod records;
mod rows;

pub use records::{Wanted, Who, records};

use crate::actor::StaffActor;
use crate::time::Zone;
use crate::{Actor, Result, audit, clients, practice};
use shared::bulk::Selection;
use shared::clients::columns::{self, ClientRecord, ColumnHead};
use shared::clients::{ClientPage, ClientQuery};
use shared::practice::Practice;
use shared::{ClientId, FieldId, Problem, Refusal};
use sqlx::{Connection, PgConnection, PgPool};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Clients in a piece: a few milliseconds' reading.
const PIECE: usize = 1_000;

/// Finding out who matches may take longer than a page does.
const PATIENCE: &str = "60s";

/// The columns that the actor may see, in the practice's words.
#[derive(Debug, Clone)]
pub struct Heads {
    pub all: Vec<ColumnHead>,
    /// The practice's: today is there, and times are shown in it.
    zone: Zone,
    /// A9: what tells who somebody is is not read at all.
    code_only: bool,
}

impl Heads {
    pub(crate) fn of(staff: &StaffActor, practice: &Practice, fields: &[(FieldId, String)]) -> Heads {
        Heads {
            all: columns::heads(fields, staff.sees_notes(), practice.code_only),
            zone: Zone::stored(&practice.zone),
            code_only: practice.code_only,
        }
    }
}

/// Staff only.
pub async fn heads(pool: &PgPool, actor: &Actor) -> Result<Heads> {
    let staff = actor.staff()?;
    let practice = practice::practice(pool).await?;
    let fields = sqlx::query!(
        r#"select id as "id: FieldId", label from client_field where active order by position, label, id"#
    )
    .fetch_all(pool)
    .await?;
    let fields: Vec<_> = fields.into_iter().map(|row| (row.id, row.label)).collect();
    Ok(Heads::of(staff, &practice, &fields))
}

/// A file under way: a piece is read while the one before it is written.
#[derive(Debug)]
pub struct Export {
    pub heads: Vec<ColumnHead>,
    pool: PgPool,
    actor: Actor,
    ids: std::vec::IntoIter<ClientId>,
    wanted: Wanted,
    /// The next piece; broken off when nobody waits for it any more.
    ahead: JoinSet<Result<Vec<ClientRecord>>>,
}

/// Begins a file with the columns named in `keys` (see [`columns::chosen`]);
/// all that there are for `all` and for nothing. Without a column that is known
/// [`Problem::Unknown`]: a link to a field that is gone does not lead to
/// everything. Of a selection by number those whom
/// the actor does not see are left out. That it was done is on record: `format`
/// and the columns.
pub async fn begin(pool: &PgPool, actor: &Actor, selection: &Selection, keys: &str, format: &str) -> Result<Export> {
    let known = heads(pool, actor).await?;
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
    /// `None` at the end. Those whom the actor does not see any more are left out.
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

/// A page of the clients whom the actor may see, with those of their columns;
/// `mine`: of those assigned to them.
pub async fn page(
    conn: &mut PgConnection,
    actor: &Actor,
    query: &ClientQuery,
    mine: bool,
    wanted: &Wanted,
) -> Result<ClientPage<ClientRecord>> {
    let page = clients::page(&mut *conn, actor, query, mine).await?;
    let records = records(conn, actor, Who::Numbers(&page.rows), wanted).await?;
    Ok(page.with(records))
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
