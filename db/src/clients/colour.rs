//! The colour that a staff member gives a client in their own calendar.

use crate::authz::{self, ReadableClient};
use crate::{Actor, Result, audit};
use shared::ClientNumber;
use shared::clients::Colour;
use sqlx::{PgConnection, PgPool};

/// The viewer's own colour of a client.
pub async fn colour(conn: &mut PgConnection, actor: &Actor, client: &ReadableClient) -> Result<Option<Colour>> {
    Ok(sqlx::query_scalar!(
        r#"select colour as "colour: Colour" from client_colour where client_id = $1 and staff_id = $2"#,
        client.id().0,
        actor.staff()?.id().0
    )
    .fetch_optional(conn)
    .await?)
}

/// Sets or, with `None`, removes it. No one else's calendar changes.
pub async fn set_colour(pool: &PgPool, actor: &Actor, number: ClientNumber, colour: Option<Colour>) -> Result<()> {
    let mut tx = pool.begin().await?;
    let client = authz::editable(&mut tx, actor, number).await?.id();
    let staff = actor.staff()?.id();
    let changed = match colour {
        Some(colour) => {
            sqlx::query!(
                "insert into client_colour (staff_id, client_id, colour) values ($1, $2, $3)
                 on conflict (staff_id, client_id) do update set colour = excluded.colour
                    where client_colour.colour <> excluded.colour",
                staff.0,
                client.0,
                colour.as_str()
            )
            .execute(&mut *tx)
            .await?
        }
        None => {
            sqlx::query!("delete from client_colour where staff_id = $1 and client_id = $2", staff.0, client.0)
                .execute(&mut *tx)
                .await?
        }
    };
    if changed.rows_affected() > 0 {
        audit::append(&mut tx, actor, "colour", "client", client, &[]).await?;
        tx.commit().await?;
    }
    Ok(())
}
