//! What the words of a file mean in this practice.

use crate::clients::check::rules;
use crate::practice::{practice, tags, terms};
use crate::{PgPool, Result};
use shared::TagId;
use shared::clients::ClientFormRules;
use shared::clients::columns::Column;
use shared::import::Words;
use shared::terms::Vocabulary;
use sqlx::PgConnection;

/// The lists that an import may add words to.
pub(super) const LISTS: [(Column, Vocabulary); 3] = [
    (Column::Gender, Vocabulary::Gender),
    (Column::Salutation, Vocabulary::Salutation),
    (Column::FeeProgramme, Vocabulary::FeeProgramme),
];

/// Everything that rows are judged by, as it is now.
pub(super) async fn load(pool: &PgPool) -> Result<(Words, ClientFormRules)> {
    let mut words = Words::of(practice(pool).await?.zone);
    let mut conn = pool.acquire().await?;
    let rules = rules(&mut conn).await?;
    words.kinds = rules.fields.iter().map(|field| (field.id, field.kind)).collect();
    let vocabularies = [
        Vocabulary::Gender,
        Vocabulary::Salutation,
        Vocabulary::FeeProgramme,
        Vocabulary::AgeRange,
        Vocabulary::Language,
    ];
    for term in terms::active(&mut conn, &vocabularies).await?.0 {
        match term.vocabulary {
            Vocabulary::Language => {
                words.add(Column::Language, &term.label, term.tag.clone());
                words.add(Column::Language, &term.tag, term.tag.clone());
            }
            Vocabulary::AgeRange => words.add(Column::AgeRange, &term.label, term.id.to_string()),
            other => {
                let column = LISTS.iter().find(|(_, vocabulary)| *vocabulary == other).map(|(column, _)| *column);
                if let Some(column) = column {
                    words.add(column, &term.label, term.id.to_string());
                }
            }
        }
    }
    for (id, name) in tags::names(&mut conn).await? {
        words.add(Column::Tags, &name, id.to_string());
    }
    let places = sqlx::query!(
        r#"select 'location' as "what!", id as "id!", name as "name!" from location where active
           union all select 'provider', id, name from referring_provider where active
           union all select 'practitioner', id, first_name || ' ' || last_name from staff_member
                      where active and 'practitioner' = any (roles)
           union all select 'practitioner', id, email::text from staff_member
                      where active and 'practitioner' = any (roles)
            order by 1, 3, 2"#
    )
    .fetch_all(&mut *conn)
    .await?;
    for place in places {
        let column = match place.what.as_str() {
            "location" => Column::Location,
            "provider" => Column::ReferringProvider,
            _ => Column::Practitioners,
        };
        words.add(column, &place.name, place.id.to_string());
    }
    Ok((words, rules))
}

/// The tags of these names, made where there are none.
pub(super) async fn tags_named(conn: &mut PgConnection, names: &[String]) -> Result<Vec<(TagId, String)>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    tags::ensure(conn, names).await?;
    let rows = sqlx::query!(
        r#"select id as "id: TagId", name::text as "name!" from tag where name = any ($1::text[]::citext[])"#,
        names
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(|row| (row.id, row.name)).collect())
}
