//! The words of the vocabularies: what forms offer, and what administrators
//! change. A term is never deleted: retired, it stays with anyone who has it.

use super::order::placed;
use super::{changed, id_of, practice_zone, same_version};
use crate::locks::{self, Purpose};
use crate::{Actor, Error, OnConstraint, Result, audit};
use chrono::Utc;
use shared::terms::{Ages, Term, TermDetails, Terms, Vocabulary};
use shared::{Problem, Refusal, TermId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// The words to choose from, of several vocabularies, in one statement.
pub async fn active(conn: &mut PgConnection, vocabularies: &[Vocabulary]) -> Result<Terms> {
    let words: Vec<String> = vocabularies.iter().map(|vocabulary| vocabulary.as_str().to_owned()).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: TermId", vocabulary as "vocabulary: Vocabulary", label, tag, age_from, age_to, active, version
             from term where vocabulary = any($1) and active order by vocabulary, position, label"#,
        &words
    )
    .fetch_all(conn)
    .await?;
    Ok(Terms(rows.into_iter().map(Term::from).collect()))
}

/// How many words each vocabulary offers. Administrators and staff.
pub async fn counts(pool: &PgPool, actor: &Actor) -> Result<Vec<(Vocabulary, i64)>> {
    actor.front_desk()?;
    let rows = sqlx::query!(
        r#"select vocabulary as "vocabulary: Vocabulary", count(*) as "count!" from term where active group by vocabulary"#
    )
    .fetch_all(pool)
    .await?;
    let found = |wanted| rows.iter().find(|row| row.vocabulary == wanted).map_or(0, |row| row.count);
    Ok(Vocabulary::ALL.iter().map(|vocabulary| (*vocabulary, found(*vocabulary))).collect())
}

/// A term and how many clients, or activities, have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermUse {
    pub term: Term,
    pub uses: i64,
}

/// A vocabulary in its order, retired terms last. Administrators and staff.
pub async fn list(pool: &PgPool, actor: &Actor, vocabulary: Vocabulary) -> Result<Vec<TermUse>> {
    actor.front_desk()?;
    let mut conn = pool.acquire().await?;
    let mut terms = load(&mut conn, vocabulary).await?;
    terms.sort_by_key(|term| !term.active);
    let rows = uses(&mut conn, vocabulary).await?;
    let uses = |term: &Term| {
        let key = key(term);
        rows.iter().find(|(used, _)| *used == key).map_or(0, |(_, count)| *count)
    };
    Ok(terms.into_iter().map(|term| TermUse { uses: uses(&term), term }).collect())
}

async fn uses(conn: &mut PgConnection, vocabulary: Vocabulary) -> Result<Vec<(String, i64)>> {
    if vocabulary.is_of_activities() {
        let rows = sqlx::query!(
            r#"select coalesce(case when $1 then type_id else setting_id end::text, '') as "key!", count(*) as "count!"
                 from activity group by 1"#,
            vocabulary == Vocabulary::ActivityType
        );
        return Ok(rows.fetch_all(conn).await?.into_iter().map(|row| (row.key, row.count)).collect());
    }
    let today = practice_zone(conn).await?.date(Utc::now());
    let rows = sqlx::query!(
        r#"select key as "key!", count(*) as "count!"
             from (select case $1
                          when 'gender' then gender_id::text
                          when 'salutation' then salutation_id::text
                          when 'age_range' then (case when birth_date is null then age_range_id else (
                              select t.id from term t
                               where t.vocabulary = 'age_range'
                                 and extract(year from age($2::date, birth_date)) between t.age_from and coalesce(t.age_to, 200)
                               order by t.active desc, t.position, t.id limit 1) end)::text
                          when 'fee_programme' then fee_programme_id::text
                          when 'pronouns' then pronouns
                          when 'sex_at_birth' then sex_at_birth
                          when 'language' then language end as key
                     from client where erased_at is null) used
            where key <> '' group by key"#,
        vocabulary.as_str(),
        today
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(|row| (row.key, row.count)).collect())
}

/// What a client's record holds of a term.
fn key(term: &Term) -> String {
    match term.vocabulary {
        Vocabulary::Language => term.tag.clone(),
        vocabulary if vocabulary.is_kept_as_words() => term.label.clone(),
        _ => term.id.to_string(),
    }
}

/// Adds a term at the end of its vocabulary, or changes one. Administrators
/// only. A double submit carries the same `request_key` and adds nothing more.
/// Refused at `label` or `tag` when taken, at `age_from` when ages overlap, at
/// `tag` when clients have that language.
pub async fn save(pool: &PgPool, actor: &Actor, id: Option<TermId>, details: &TermDetails) -> Result<TermId> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    lock(&mut tx, details.vocabulary).await?;
    let terms = load(&mut tx, details.vocabulary).await?;
    let (id, action, fields) = match id {
        None => {
            let made_by_form = id_of(details.request_key, actor, details);
            let again = terms.iter().find(|term| Some(term.id.0) == made_by_form);
            match again {
                Some(term) if term.active => return Ok(term.id),
                // What was archived since is no answer.
                Some(_) => (insert(&mut tx, &terms, crate::new_id(), details).await?, "create", Vec::new()),
                None => {
                    let id = made_by_form.unwrap_or_else(crate::new_id);
                    (insert(&mut tx, &terms, id, details).await?, "create", Vec::new())
                }
            }
        }
        Some(id) => {
            let stored = terms.iter().find(|term| term.id == id).ok_or(Error::Refused(Refusal::NotFound))?;
            match update(&mut tx, &terms, stored, details).await? {
                fields if fields.is_empty() => return Ok(id),
                fields => (id, "change", fields),
            }
        }
    };
    audit::append(&mut tx, actor, action, "term", id, &fields).await?;
    tx.commit().await?;
    Ok(id)
}

async fn insert(conn: &mut PgConnection, terms: &[Term], id: Uuid, details: &TermDetails) -> Result<TermId> {
    if let Some(ages) = details.ages {
        apart(terms, None, ages, "age_from")?;
    }
    let inserted = sqlx::query!(
        "insert into term (id, vocabulary, label, tag, age_from, age_to, position)
         values ($1, $2, $3, $4, $5, $6, (select coalesce(max(position), 0) + 1 from term where vocabulary = $2))",
        id,
        details.vocabulary.as_str(),
        details.label,
        details.tag,
        details.ages.map(|ages| ages.from),
        details.ages.and_then(|ages| ages.to)
    )
    .execute(conn)
    .await
    .on_constraint("term_pkey", || Refusal::NotFound);
    taken(inserted)?;
    Ok(TermId(id))
}

/// Writes the details; answers with the fields that changed. Where clients keep
/// the words themselves, they get the new ones.
async fn update(
    conn: &mut PgConnection,
    terms: &[Term],
    stored: &Term,
    details: &TermDetails,
) -> Result<Vec<&'static str>> {
    let fields = changed(&[
        ("label", stored.label != details.label),
        ("tag", stored.tag != details.tag),
        ("ages", stored.ages != details.ages),
    ]);
    if fields.is_empty() {
        return Ok(fields);
    }
    same_version(stored.version, details.version)?;
    // A retired range may be anything until it is brought back.
    if let Some(ages) = details.ages.filter(|_| stored.active) {
        apart(terms, Some(stored.id), ages, "age_from")?;
    }
    if fields.contains(&"tag") {
        let used =
            sqlx::query_scalar!(r#"select exists (select from client where language = $1) as "used!""#, stored.tag);
        if used.fetch_one(&mut *conn).await? {
            return Err(Refusal::field("tag", Problem::InUse).into());
        }
    }
    let updated = sqlx::query!(
        "update term set label = $2, tag = $3, age_from = $4, age_to = $5, version = version + 1 where id = $1",
        stored.id.0,
        details.label,
        details.tag,
        details.ages.map(|ages| ages.from),
        details.ages.and_then(|ages| ages.to)
    )
    .execute(&mut *conn)
    .await;
    taken(updated)?;
    if stored.vocabulary.is_kept_as_words() && fields.contains(&"label") {
        rename_kept(conn, stored, &details.label).await?;
    }
    Ok(fields)
}

/// The clients who have exactly the old words get the new ones.
async fn rename_kept(conn: &mut PgConnection, stored: &Term, label: &str) -> Result<()> {
    // A common word may stand in very many records.
    sqlx::query!("set local statement_timeout = '60s'").execute(&mut *conn).await?;
    let pronouns = stored.vocabulary == Vocabulary::Pronouns;
    sqlx::query!(
        "update client
            set pronouns = case when $3 then $2 else pronouns end,
                sex_at_birth = case when $3 then sex_at_birth else $2 end,
                version = version + 1, updated_at = now()
          where case when $3 then pronouns else sex_at_birth end = $1",
        stored.label,
        label,
        pronouns
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Puts a term right behind another of its vocabulary, or first. Administrators only.
pub async fn place(pool: &PgPool, actor: &Actor, id: TermId, after: Option<TermId>) -> Result<Vocabulary> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    let vocabulary = vocabulary_of(&mut tx, id).await?;
    lock(&mut tx, vocabulary).await?;
    let list: Vec<Uuid> = load(&mut tx, vocabulary).await?.into_iter().map(|term| term.id.0).collect();
    let placed = placed(&list, id.0, after.map(|id| id.0))?;
    if placed == list {
        return Ok(vocabulary);
    }
    sqlx::query!(
        "update term set position = placed.position
           from unnest($1::uuid[]) with ordinality placed (id, position) where term.id = placed.id",
        &placed
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, actor, "change", "term", id, &["position"]).await?;
    tx.commit().await?;
    Ok(vocabulary)
}

/// Retires a term or brings it back. Administrators only. Refused at `active`
/// when it is the last language, or its ages would overlap again.
pub async fn set_active(pool: &PgPool, actor: &Actor, id: TermId, active: bool) -> Result<Vocabulary> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    let vocabulary = vocabulary_of(&mut tx, id).await?;
    lock(&mut tx, vocabulary).await?;
    let terms = load(&mut tx, vocabulary).await?;
    let Some(term) = terms.iter().find(|term| term.id == id && term.active != active) else { return Ok(vocabulary) };
    if let Some(ages) = term.ages.filter(|_| active) {
        apart(&terms, Some(id), ages, "active")?;
    }
    let others = terms.iter().filter(|other| other.active && other.id != id).count();
    if vocabulary == Vocabulary::Language && others == 0 && !active {
        return Err(Refusal::field("active", Problem::LastOne).into());
    }
    sqlx::query!("update term set active = $2, version = version + 1 where id = $1", id.0, active)
        .execute(&mut *tx)
        .await?;
    audit::append(&mut tx, actor, if active { "bring-back" } else { "retire" }, "term", id, &[]).await?;
    tx.commit().await?;
    Ok(vocabulary)
}

/// Age ranges in use do not overlap. Refused at `field`, with the name of the
/// first that does.
fn apart(terms: &[Term], id: Option<TermId>, ages: Ages, field: &str) -> Result<()> {
    let mut others = terms.iter().filter(|term| term.active && Some(term.id) != id);
    match others.find(|term| term.ages.is_some_and(|other| other.overlaps(ages))) {
        Some(term) => Err(Refusal::field(field, Problem::OverlapsWith { name: term.label.clone() }).into()),
        None => Ok(()),
    }
}

fn taken<T>(written: std::result::Result<T, impl Into<Error>>) -> Result<T> {
    written
        .on_constraint("term_label_key", || Refusal::field("label", Problem::Taken))
        .on_constraint("term_tag_key", || Refusal::field("tag", Problem::Taken))
        .on_constraint("term_ages_apart", || Refusal::field("age_from", Problem::Overlaps))
}

/// Anyone who changes a vocabulary waits here for anyone who is changing it.
async fn lock(conn: &mut PgConnection, vocabulary: Vocabulary) -> Result<()> {
    locks::lock(conn, Purpose::Settings, [format!("term {}", vocabulary.as_str())]).await
}

async fn vocabulary_of(conn: &mut PgConnection, id: TermId) -> Result<Vocabulary> {
    sqlx::query_scalar!(r#"select vocabulary as "vocabulary: Vocabulary" from term where id = $1"#, id.0)
        .fetch_optional(conn)
        .await?
        .ok_or(Error::Refused(Refusal::NotFound))
}

async fn load(conn: &mut PgConnection, vocabulary: Vocabulary) -> Result<Vec<Term>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: TermId", vocabulary as "vocabulary: Vocabulary", label, tag, age_from, age_to, active, version
             from term where vocabulary = $1 order by position, label"#,
        vocabulary.as_str()
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Term::from).collect())
}

struct Row {
    id: TermId,
    vocabulary: Vocabulary,
    label: String,
    tag: String,
    age_from: Option<i16>,
    age_to: Option<i16>,
    active: bool,
    version: i32,
}

impl From<Row> for Term {
    fn from(row: Row) -> Term {
        Term {
            id: row.id,
            vocabulary: row.vocabulary,
            label: row.label,
            tag: row.tag,
            ages: row.age_from.map(|from| Ages { from, to: row.age_to }),
            active: row.active,
            version: row.version,
        }
    }
}
