//! Referring providers: who sends clients here.

use super::{changed, id_of, same_version};
use crate::{Actor, Error, OnConstraint, Result, audit};
use shared::practice::ProviderDetails;
use shared::{Problem, ProviderId, Refusal};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// A provider as the settings show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    pub id: ProviderId,
    pub name: String,
    pub phone: String,
    pub email: String,
    /// A retired one is not offered; anyone who has them keeps them.
    pub active: bool,
    pub version: i32,
    /// How many clients they sent.
    pub clients: i64,
}

/// Every provider by name, retired ones last. Administrators and staff.
pub async fn list(pool: &PgPool, actor: &Actor) -> Result<Vec<Provider>> {
    actor.front_desk()?;
    Ok(sqlx::query_as!(
        Provider,
        r#"select p.id as "id: ProviderId", p.name, p.phone, p.email, p.active, p.version,
                  coalesce(sent.clients, 0) as "clients!"
             from referring_provider p
             left join (select referring_provider_id, count(*) as clients from client
                         where referring_provider_id is not null group by 1) sent on sent.referring_provider_id = p.id
            order by p.active desc, searchable(p.name), p.id"#
    )
    .fetch_all(pool)
    .await?)
}

/// Adds a provider, or changes one. Administrators only. A double submit
/// carries the same `request_key` and adds nothing more. Refused at `name`
/// when taken.
pub async fn save(
    pool: &PgPool,
    actor: &Actor,
    id: Option<ProviderId>,
    details: &ProviderDetails,
) -> Result<ProviderId> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    let made_by_form = id_of(details.request_key, actor, details);
    let wanted = id.map(Uuid::from).or(made_by_form);
    let stored = sqlx::query!(
        r#"select id as "id: ProviderId", name, phone, email, active, version from referring_provider where id = $1 for update"#,
        wanted
    )
    .fetch_optional(&mut *tx)
    .await?;
    let (id, action, fields) = match (id, stored) {
        (Some(_), None) => return Err(Refusal::NotFound.into()),
        (None, Some(again)) if again.active => return Ok(again.id),
        (None, again) => {
            let id = ProviderId(made_by_form.filter(|_| again.is_none()).unwrap_or_else(crate::new_id));
            match insert(&mut tx, id, details).await? {
                // Of two posts of one form at the same time, the other was first.
                None => return Ok(id),
                Some(id) => (id, "create", Vec::new()),
            }
        }
        (Some(id), Some(stored)) => {
            let fields = changed(&[
                ("name", stored.name != details.name),
                ("phone", stored.phone != details.phone),
                ("email", stored.email != details.email),
            ]);
            if fields.is_empty() {
                return Ok(id);
            }
            same_version(stored.version, details.version)?;
            sqlx::query!(
                "update referring_provider set name = $2, phone = $3, email = $4, version = version + 1 where id = $1",
                id.0,
                details.name,
                details.phone,
                details.email
            )
            .execute(&mut *tx)
            .await
            .on_constraint("referring_provider_name_key", name_taken)?;
            (id, "change", fields)
        }
    };
    audit::append(&mut tx, actor, action, "referring_provider", id, &fields).await?;
    tx.commit().await?;
    Ok(id)
}

async fn insert(conn: &mut PgConnection, id: ProviderId, details: &ProviderDetails) -> Result<Option<ProviderId>> {
    let made = sqlx::query!(
        "insert into referring_provider (id, name, phone, email) values ($1, $2, $3, $4) on conflict (id) do nothing",
        id.0,
        details.name,
        details.phone,
        details.email
    )
    .execute(conn)
    .await
    .on_constraint("referring_provider_name_key", name_taken)?;
    Ok((made.rows_affected() == 1).then_some(id))
}

/// Retires a provider, or brings them back. Administrators only.
pub async fn set_active(pool: &PgPool, actor: &Actor, id: ProviderId, active: bool) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    let stored = sqlx::query_scalar!("select active from referring_provider where id = $1 for update", id.0)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::Refused(Refusal::NotFound))?;
    if stored == active {
        return Ok(());
    }
    sqlx::query!("update referring_provider set active = $2, version = version + 1 where id = $1", id.0, active)
        .execute(&mut *tx)
        .await?;
    audit::append(&mut tx, actor, if active { "bring-back" } else { "retire" }, "referring_provider", id, &[]).await?;
    tx.commit().await?;
    Ok(())
}

fn name_taken() -> Refusal {
    Refusal::field("name", Problem::Taken)
}
