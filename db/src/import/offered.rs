//! What the columns of a file may become in this practice.

use crate::{Actor, Result, practice};
use shared::FieldId;
use shared::clients::columns::heads;
use shared::import::{Choice, Target, choices, guess};
use sqlx::{PgConnection, PgPool};

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

/// Where clients are known by code alone (A9), which columns of a file are not
/// even stored: those that by their headings hold names, addresses, numbers of
/// cards, and those without a heading. `None` where names are kept.
pub(super) async fn not_kept(conn: &mut PgConnection, headings: &[String]) -> Result<Option<Vec<bool>>> {
    if !sqlx::query_scalar!("select code_only from practice").fetch_one(conn).await? {
        return Ok(None);
    }
    let everything = Offered(choices(&heads(&[], true, false), false));
    let everything = everything.labelled();
    // Each by itself: a second column of names holds names as well.
    let identifies = |heading: &String| {
        let guessed = guess(std::slice::from_ref(heading), &everything).into_iter().flatten().next();
        heading.trim().is_empty() || guessed.is_some_and(Target::identifies)
    };
    Ok(Some(headings.iter().map(identifies).collect()))
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
