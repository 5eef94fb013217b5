//! What the columns of a file may become in this practice.

use crate::{Actor, Result, practice};
use shared::FieldId;
use shared::clients::columns::heads;
use shared::import::{Choice, Target, choices};
use sqlx::PgPool;

/// By group, as the page lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered(pub Vec<(&'static str, Vec<Choice>)>);

impl Offered {
    pub fn targets(&self) -> Vec<Target> {
        self.labelled().into_iter().map(|(target, _)| target).collect()
    }

    pub fn labelled(&self) -> Vec<(Target, String)> {
        self.0.iter().flat_map(|(_, choices)| choices).map(|choice| (choice.target, choice.label.clone())).collect()
    }
}

/// A practice that knows its clients by code alone is offered no names and no
/// contact details (A9).
pub async fn offered(pool: &PgPool, actor: &Actor) -> Result<Offered> {
    actor.front_desk()?;
    all(pool).await
}

pub(super) async fn all(pool: &PgPool) -> Result<Offered> {
    let code_only = practice::practice(pool).await?.code_only;
    let fields = sqlx::query!(
        r#"select id as "id: FieldId", label from client_field where active order by position, label, id"#
    )
    .fetch_all(pool)
    .await?;
    let fields: Vec<(FieldId, String)> = fields.into_iter().map(|field| (field.id, field.label)).collect();
    Ok(Offered(choices(&heads(&fields, true, code_only), code_only)))
}
