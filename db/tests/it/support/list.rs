//! The client list as its page reads it, for the tests of lists.

use db::{Actor, PgPool};
use shared::clients::columns::ClientRecord;
use shared::clients::{ClientPage, ClientQuery};

/// A page of the list, with every column that the actor may see.
pub async fn list(
    pool: &PgPool,
    actor: &Actor,
    query: &ClientQuery,
    mine: bool,
) -> db::Result<ClientPage<ClientRecord>> {
    let heads = db::clients::list::heads(pool, actor).await?;
    let mut conn = db::pool::acquire(pool).await?;
    db::clients::list::page(&mut conn, actor, query, mine, &heads.wanted(&heads.all)).await
}
