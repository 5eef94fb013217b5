//! The list of clients: its columns, a page of it with the records of those on it, and who a
//! selection of it means. Files and bulk changes are made from the same.

mod options;
mod records;
mod rows;

pub use options::{Choices, Frame, frame};
pub use records::{Wanted, Who, records};

use super::find;
use crate::actor::StaffActor;
use crate::time::Zone;
use crate::{Actor, Result, practice};
use shared::bulk::Selection;
use shared::clients::columns::{self, ClientRecord, ColumnHead};
use shared::clients::{ClientPage, ClientQuery};
use shared::practice::Practice;
use shared::{ClientId, ClientNumber, FieldId};
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

/// The columns that the actor may see, in the practice's words.
#[derive(Debug, Clone)]
pub struct Heads {
    pub all: Vec<ColumnHead>,
    /// The practice's: today is there, and times are shown in it.
    zone: Zone,
    /// Code-only mode: what tells who someone is is not read at all.
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

/// A page of the clients the actor may see, with those of their columns;
/// `mine`: of those assigned to them.
pub async fn page(
    conn: &mut PgConnection,
    actor: &Actor,
    query: &ClientQuery,
    mine: bool,
    wanted: &Wanted,
) -> Result<ClientPage<ClientRecord>> {
    let page = find::page(&mut *conn, actor, query, mine).await?;
    let records = records(conn, actor, Who::Numbers(&page.rows), wanted).await?;
    Ok(page.with(records))
}

/// The clients of a selection the actor may see: in the list's order, or
/// by name.
pub async fn select(conn: &mut PgConnection, actor: &Actor, selection: &Selection, max: u32) -> Result<Vec<ClientId>> {
    match selection {
        Selection::Matching { query, mine } => find::matching(conn, actor, query, *mine, max).await,
        Selection::Numbers(numbers) => {
            let numbers: Vec<i64> = numbers.iter().map(|number| number.get()).collect();
            let ids = sqlx::query_scalar!(
                r#"select c.id as "id: ClientId" from client c
                    where c.number = any ($1)
                      and exists (select from client_in_scope(c.id, $2))
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
pub async fn numbers(pool: &PgPool, actor: &Actor, selection: &Selection, max: u32) -> Result<Vec<ClientNumber>> {
    let mut conn = pool.acquire().await?;
    let mut tx = conn.begin().await?;
    let ids = select(&mut tx, actor, selection, max).await?;
    let ids: Vec<Uuid> = ids.into_iter().map(Uuid::from).collect();
    Ok(sqlx::query_scalar!(
        r#"select c.number as "number: ClientNumber"
             from unnest($1::uuid[]) with ordinality as wanted (id, place) join client c on c.id = wanted.id
            order by wanted.place"#,
        &ids
    )
    .fetch_all(&mut *tx)
    .await?)
}
