//! Client information fields: what the practice wants to know of its clients (B13).

use crate::Result;
use shared::fields::{FieldDefinition, FieldKind};
use shared::{ChoiceId, FieldId};
use sqlx::PgConnection;
use sqlx::types::Json;

/// The fields in use, in their order.
pub(crate) async fn active(conn: &mut PgConnection) -> Result<Vec<FieldDefinition>> {
    let rows = sqlx::query!(
        r#"select f.id as "id: FieldId", f.label, f.kind as "kind: FieldKind", f.required, f.for_clients, f.in_quick_add,
                  f.in_search, f.in_reports, f.position, f.active, f.version,
                  coalesce((select jsonb_agg(jsonb_build_array(c.id, c.label, c.active) order by c.position, c.label)
                              from client_field_choice c where c.field_id = f.id), '[]')
                      as "choices!: Json<Vec<(ChoiceId, String, bool)>>"
             from client_field f
            where f.active
            order by f.position, f.label, f.id"#
    )
    .fetch_all(conn)
    .await?;
    let fields = rows.into_iter().map(|row| FieldDefinition {
        id: row.id,
        label: row.label,
        kind: row.kind,
        required: row.required,
        for_clients: row.for_clients,
        in_quick_add: row.in_quick_add,
        in_search: row.in_search,
        in_reports: row.in_reports,
        position: row.position,
        active: row.active,
        version: row.version,
        choices: row.choices.0,
    });
    Ok(fields.collect())
}
