//! What the client form offers to choose from.

use crate::practice::{fields, terms};
use crate::{Actor, Result};
use shared::fields::FieldDefinition;
use shared::terms::{Terms, Vocabulary};
use shared::{LocationId, ProviderId, StaffId, TagId};
use sqlx::PgPool;
use sqlx::types::Json;

/// Nothing in it is private; retired ones are not on offer.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    /// Practitioners who work here, by name.
    pub practitioners: Vec<(StaffId, String)>,
    /// IANA zones, by name.
    pub zones: Vec<String>,
    /// Every vocabulary's terms, in their order.
    pub terms: Terms,
    pub providers: Vec<(ProviderId, String)>,
    pub locations: Vec<(LocationId, String)>,
    pub tags: Vec<(TagId, String)>,
    /// The client information fields.
    pub fields: Vec<FieldDefinition>,
}

pub async fn choices(pool: &PgPool, actor: &Actor) -> Result<Choices> {
    actor.staff()?;
    let mut conn = pool.acquire().await?;
    let row = sqlx::query!(
        r#"select coalesce((select jsonb_agg(jsonb_build_array(id, first_name || ' ' || last_name)
                                             order by last_name, first_name, id)
                              from staff_member where active and 'practitioner' = any (roles)), '[]')
                      as "practitioners!: Json<Vec<(StaffId, String)>>",
                  coalesce((select jsonb_agg(jsonb_build_array(id, name) order by lower(name))
                              from referring_provider where active), '[]')
                      as "providers!: Json<Vec<(ProviderId, String)>>",
                  coalesce((select jsonb_agg(jsonb_build_array(id, name) order by name, id)
                              from location where active), '[]') as "locations!: Json<Vec<(LocationId, String)>>",
                  coalesce((select jsonb_agg(jsonb_build_array(id, name) order by name) from tag), '[]')
                      as "tags!: Json<Vec<(TagId, String)>>""#
    )
    .fetch_one(&mut *conn)
    .await?;
    Ok(Choices {
        practitioners: row.practitioners.0,
        zones: crate::time::zones(),
        terms: terms::active(&mut conn, Vocabulary::ALL).await?,
        providers: row.providers.0,
        locations: row.locations.0,
        tags: row.tags.0,
        fields: fields::active(&mut conn).await?,
    })
}
