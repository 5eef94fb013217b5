//! What a list offers before it is known who is on it, read by one statement: columns, filters,
//! saved views.

use super::Heads;
use crate::clients::saved_views::View;
use crate::{Actor, Result};
use shared::FieldId;
use shared::accounts::Role;
use shared::practice::Practice;
use sqlx::PgConnection;
use sqlx::types::Json;

/// What the list's filters and bulk actions offer, by id and name.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    pub tags: Vec<(String, String)>,
    /// Those who work here.
    pub practitioners: Vec<(String, String)>,
    pub locations: Vec<(String, String)>,
}

/// What a list says before it is known who is on it.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Shared ones first.
    pub views: Vec<View>,
    pub choices: Choices,
    pub heads: Heads,
}

/// The frame of a list, or of that of those assigned to the actor.
pub async fn frame(conn: &mut PgConnection, actor: &Actor, practice: &Practice, mine: bool) -> Result<Frame> {
    let staff = actor.staff()?;
    let row = sqlx::query!(
        r#"select coalesce((select jsonb_agg(jsonb_build_array(id, name) order by name) from tag), '[]')
                      as "tags!: Json<Vec<(String, String)>>",
                  coalesce((select jsonb_agg(jsonb_build_array(id, first_name || ' ' || last_name)
                                             order by last_name, first_name, id)
                              from staff_member where active and 'practitioner' = any (roles)), '[]')
                      as "practitioners!: Json<Vec<(String, String)>>",
                  coalesce((select jsonb_agg(jsonb_build_array(id, name) order by name, id)
                              from location where active), '[]') as "locations!: Json<Vec<(String, String)>>",
                  coalesce((select jsonb_agg(jsonb_build_array(id, label) order by position, label, id)
                              from client_field where active), '[]') as "fields!: Json<Vec<(FieldId, String)>>",
                  coalesce((select jsonb_agg(jsonb_build_object('id', v.id, 'name', v.name, 'query', v.query,
                                'shared', v.shared, 'is_default', d.view_id is not null,
                                'may_change', (v.owner_id = $1 and not v.shared) or (v.shared and $3))
                                             order by v.shared desc, lower(v.name), v.id)
                              from client_view v
                              left join client_view_default d on d.view_id = v.id and d.staff_id = $1 and d.mine = v.mine
                             where v.mine = $2 and (v.owner_id = $1 or v.shared)), '[]') as "views!: Json<Vec<View>>""#,
        staff.id().0,
        mine,
        staff.is(Role::Administrator)
    )
    .fetch_one(conn)
    .await?;
    Ok(Frame {
        views: row.views.0,
        choices: Choices { tags: row.tags.0, practitioners: row.practitioners.0, locations: row.locations.0 },
        heads: Heads::of(staff, practice, &row.fields.0),
    })
}
