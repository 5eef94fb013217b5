//! What pickers show of clients.

use super::filter::Filter;
use crate::Result;
use shared::clients::{ClientSummary, Kind, Status};
use shared::{ClientId, ClientNumber};
use sqlx::PgConnection;

/// These clients in this order. Marks are tails of ids: who may be seen is asked
/// once more of the record itself.
pub async fn summaries(conn: &mut PgConnection, filter: &Filter, numbers: &[i64]) -> Result<Vec<ClientSummary>> {
    let rows = sqlx::query_as!(
        ClientSummary,
        r#"select c.id as "id: ClientId", c.number as "number: ClientNumber", c.kind as "kind: Kind",
                  client_name(c) as "name!", c.code::text as "code!", c.status as "status: Status", c.birth_date,
                  c.email::text as email
             from unnest((select $1::bigint[])) with ordinality as wanted (number, place)
             join client c on c.number = wanted.number
            where (select $2::uuid) is null or exists (
                  select from client_practitioner a where a.client_id = c.id and a.practitioner_id = (select $2::uuid))
            order by wanted.place"#,
        numbers,
        filter.scope
    );
    Ok(rows.fetch_all(conn).await?)
}
