//! When a client can come, week by week, in their own zone. Staff and
//! the client edit the same hours.

use super::write::lock;
use crate::authz::{self, ReadableClient};
use crate::practice::{self, same_version};
use crate::{Actor, Result, audit, permissions};
use shared::permissions::Permission;
use shared::practice::{Hours, HoursForm, Section};
use shared::{ClientId, ClientNumber};
use sqlx::{PgConnection, PgPool};

/// A client's week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Availability {
    pub name: String,
    /// IANA zone of the client: the hours are local to it.
    pub zone: String,
    /// Empty: nothing is known.
    pub hours: Vec<Hours>,
    pub version: i32,
}

/// The week of a client that staff may see.
pub async fn availability(conn: &mut PgConnection, client: &ReadableClient) -> Result<Availability> {
    load(conn, client.id()).await
}

/// The actor's own week, in the portal.
pub async fn own_availability(conn: &mut PgConnection, actor: &Actor) -> Result<Availability> {
    let client = actor.client()?.id();
    permissions::require(&mut *conn, client, Permission::EditAvailability).await?;
    load(conn, client).await
}

/// Replaces the whole week; [`shared::Refusal::Stale`] when it has changed
/// since the form was shown. Appointments that are booked stay as they are.
pub async fn save_availability(
    pool: &PgPool,
    actor: &Actor,
    number: Option<ClientNumber>,
    form: &HoursForm,
) -> Result<()> {
    let mut tx = pool.begin().await?;
    let client = match number {
        Some(number) => authz::editable(&mut tx, actor, number).await?.id(),
        None => {
            let client = actor.client()?.id();
            permissions::require(&mut tx, client, Permission::EditAvailability).await?;
            client
        }
    };
    practice::needs(&mut tx, Section::Availability).await?;
    let hours = form.parse()?;
    lock(&mut tx, client).await?;
    let stored = load(&mut tx, client).await?;
    if stored.hours == hours {
        return Ok(());
    }
    same_version(stored.version, form.version.parse().ok())?;
    sqlx::query!("delete from client_availability where client_id = $1", client.0).execute(&mut *tx).await?;
    sqlx::query!(
        "insert into client_availability (client_id, weekday, starts, ends)
         select $1, * from unnest($2::smallint[], $3::smallint[], $4::smallint[])",
        client.0,
        &hours.iter().map(|period| period.weekday).collect::<Vec<i16>>(),
        &hours.iter().map(|period| period.starts).collect::<Vec<i16>>(),
        &hours.iter().map(|period| period.ends).collect::<Vec<i16>>()
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("update client set availability_version = availability_version + 1 where id = $1", client.0)
        .execute(&mut *tx)
        .await?;
    audit::append(&mut tx, actor, "update", "client", client, &["availability"]).await?;
    tx.commit().await?;
    Ok(())
}

async fn load(conn: &mut PgConnection, client: ClientId) -> Result<Availability> {
    let row = sqlx::query!(
        r#"select client_name(client) as "name!",
                  zone, availability_version
             from client where id = $1"#,
        client.0
    )
    .fetch_one(&mut *conn)
    .await?;
    let hours = sqlx::query_as!(
        Hours,
        "select weekday, starts, ends from client_availability where client_id = $1 order by weekday, starts",
        client.0
    )
    .fetch_all(conn)
    .await?;
    Ok(Availability { name: row.name, zone: row.zone, hours, version: row.availability_version })
}
