//! What the columns of a file may become in this practice.

use crate::{Actor, Result, practice};
use shared::FieldId;
use shared::clients::columns::heads;
use shared::import::{Choice, Target, choices, guess};
use sqlx::{PgConnection, PgPool};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Targets {
    /// By group, as the page lists them.
    pub groups: Vec<(&'static str, Vec<Choice>)>,
    /// The practice's word for a client.
    pub word: String,
}

impl Targets {
    pub fn all(&self) -> Vec<Target> {
        self.labelled().into_iter().map(|(target, _)| target).collect()
    }

    pub fn labelled(&self) -> Vec<(Target, String)> {
        self.groups
            .iter()
            .flat_map(|(_, choices)| choices)
            .map(|choice| (choice.target, choice.label.clone()))
            .collect()
    }
}

/// A practice that knows its clients by code alone is offered no names and no
/// contact details.
pub async fn targets(pool: &PgPool, actor: &Actor) -> Result<Targets> {
    actor.front_desk()?;
    all(pool).await
}

/// Where clients are known by code alone, which columns of a file are not
/// even stored: those that by their headings hold names, addresses, numbers of
/// cards, and those without a heading. `None` where names are kept.
pub(super) async fn not_kept(conn: &mut PgConnection, headings: &[String]) -> Result<Option<Vec<bool>>> {
    let practice = sqlx::query!("select code_only, client_word from practice").fetch_one(conn).await?;
    if !practice.code_only {
        return Ok(None);
    }
    let groups = choices(&heads(&[], true, false), false);
    let everything = Targets { groups, word: practice.client_word };
    let (word, everything) = (&everything.word, everything.labelled());
    // Each by itself: a second column of names holds names as well.
    let identifies = |heading: &String| {
        let guessed = guess(std::slice::from_ref(heading), &everything, word).into_iter().flatten().next();
        heading.trim().is_empty() || guessed.is_some_and(Target::identifies)
    };
    Ok(Some(headings.iter().map(identifies).collect()))
}

pub(super) async fn all(pool: &PgPool) -> Result<Targets> {
    let practice = practice::practice(pool).await?;
    let fields = sqlx::query!(
        r#"select id as "id: FieldId", label from client_field where active order by position, label, id"#
    )
    .fetch_all(pool)
    .await?;
    let fields: Vec<(FieldId, String)> = fields.into_iter().map(|field| (field.id, field.label)).collect();
    let groups = choices(&heads(&fields, true, practice.code_only), practice.code_only);
    Ok(Targets { groups, word: practice.client_word })
}
