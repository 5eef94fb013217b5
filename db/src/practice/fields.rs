//! Client information fields: what the practice wants to know of its clients.
//! Nothing is deleted: retired, a field or a choice keeps its values.

use super::order::placed;
use super::{changed, id_of, same_version};
use crate::locks::{self, Purpose};
use crate::{Actor, Error, OnConstraint, Result, audit};
use shared::fields::{FieldDefinition, FieldDetails, FieldKind};
use shared::{ChoiceId, FieldId, Problem, Refusal};
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// What is locked while fields change.
const LOCK: &str = "client_field";

/// The fields in use, in their order.
pub(crate) async fn active(conn: &mut PgConnection) -> Result<Vec<FieldDefinition>> {
    select(conn, None, true).await
}

/// A field and how many clients have something in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldUse {
    pub field: FieldDefinition,
    pub clients: i64,
}

/// Every field in its order, retired ones last. Administrators and staff.
pub async fn list(pool: &PgPool, actor: &Actor) -> Result<Vec<FieldUse>> {
    actor.front_desk()?;
    let mut conn = pool.acquire().await?;
    let mut fields = select(&mut conn, None, false).await?;
    fields.sort_by_key(|field| !field.active);
    let counts = sqlx::query!(
        r#"select field_id as "field: FieldId", count(*) as "count!" from client_field_value group by field_id"#
    )
    .fetch_all(&mut *conn)
    .await?;
    let clients = |id| counts.iter().find(|row| row.field == id).map_or(0, |row| row.count);
    Ok(fields.into_iter().map(|field| FieldUse { clients: clients(field.id), field }).collect())
}

/// One field. Administrators and staff.
pub async fn one(pool: &PgPool, actor: &Actor, id: FieldId) -> Result<FieldUse> {
    actor.front_desk()?;
    let mut conn = pool.acquire().await?;
    let field = select(&mut conn, Some(id), false).await?.pop().ok_or(Error::Refused(Refusal::NotFound))?;
    let clients =
        sqlx::query_scalar!(r#"select count(*) as "count!" from client_field_value where field_id = $1"#, id.0)
            .fetch_one(&mut *conn)
            .await?;
    Ok(FieldUse { field, clients })
}

/// How many clients have each of a field's choices. Administrators and staff.
pub async fn choice_counts(pool: &PgPool, actor: &Actor, id: FieldId) -> Result<Vec<(ChoiceId, i64)>> {
    actor.front_desk()?;
    let rows = sqlx::query!(
        r#"select choice_id as "choice!: ChoiceId", count(*) as "count!"
             from client_field_value where field_id = $1 and choice_id is not null group by choice_id"#,
        id.0
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| (row.choice, row.count)).collect())
}

/// Adds a field at the end, or changes one. Administrators only. A double
/// submit carries the same `request_key` and adds nothing more. Refused at
/// `label` when taken, at `kind` when clients have something in it that would
/// not fit, at `choices` when there would be none to choose.
pub async fn save(pool: &PgPool, actor: &Actor, id: Option<FieldId>, details: &FieldDetails) -> Result<FieldId> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    lock(&mut tx).await?;
    let made_by_form = id_of(details.request_key, actor, details);
    let stored = match id.or(made_by_form.map(FieldId)) {
        Some(id) => select(&mut tx, Some(id), false).await?.pop(),
        None => None,
    };
    let (id, action, fields) = match (id, stored) {
        (Some(_), None) => return Err(Refusal::NotFound.into()),
        (None, Some(again)) if again.active => return Ok(again.id),
        // What was archived since is no answer.
        (None, Some(_)) => (insert(&mut tx, crate::new_id(), details).await?, "create", Vec::new()),
        (None, None) => {
            let id = made_by_form.unwrap_or_else(crate::new_id);
            (insert(&mut tx, id, details).await?, "create", Vec::new())
        }
        (Some(id), Some(stored)) => match update(&mut tx, &stored, details).await? {
            fields if fields.is_empty() => return Ok(id),
            fields => (id, "change", fields),
        },
    };
    audit::append(&mut tx, actor, action, "client_field", id, &fields).await?;
    tx.commit().await?;
    Ok(id)
}

async fn insert(conn: &mut PgConnection, id: Uuid, details: &FieldDetails) -> Result<FieldId> {
    if details.kind == FieldKind::Choice && details.choices.is_empty() {
        return Err(Refusal::field("choices", Problem::Required).into());
    }
    sqlx::query!(
        "insert into client_field (id, label, kind, required, for_clients, in_quick_add, in_search, in_reports, position)
         values ($1, $2, $3, $4, $5, $6, $7, $8, (select coalesce(max(position), 0) + 1 from client_field))",
        id,
        details.label,
        details.kind.as_str(),
        details.required,
        details.for_clients,
        details.in_quick_add,
        details.in_search,
        details.in_reports
    )
    .execute(&mut *conn)
    .await
    .on_constraint("client_field_label_key", label_taken)?;
    offer(conn, FieldId(id), &details.choices).await?;
    Ok(FieldId(id))
}

/// Writes the details; answers with what changed.
async fn update(
    conn: &mut PgConnection,
    stored: &FieldDefinition,
    details: &FieldDetails,
) -> Result<Vec<&'static str>> {
    // A client who is being given a value holds this row until they have it.
    sqlx::query!("select id from client_field where id = $1 for update", stored.id.0).fetch_one(&mut *conn).await?;
    let offered = |label: &String| {
        stored.choices.iter().any(|(_, choice, active)| *active && choice.to_lowercase() == label.to_lowercase())
    };
    let new: Vec<String> = details.choices.iter().filter(|label| !offered(label)).cloned().collect();
    let fields = changed(&[
        ("label", stored.label != details.label),
        ("kind", stored.kind != details.kind),
        ("required", stored.required != details.required),
        ("for_clients", stored.for_clients != details.for_clients),
        ("in_quick_add", stored.in_quick_add != details.in_quick_add),
        ("in_search", stored.in_search != details.in_search),
        ("in_reports", stored.in_reports != details.in_reports),
        ("choices", !new.is_empty()),
    ]);
    if fields.is_empty() {
        return Ok(fields);
    }
    same_version(stored.version, details.version)?;
    if fields.contains(&"kind") {
        let used = sqlx::query_scalar!(
            r#"select exists (select from client_field_value where field_id = $1) as "used!""#,
            stored.id.0
        );
        if used.fetch_one(&mut *conn).await? {
            return Err(Refusal::field("kind", Problem::InUse).into());
        }
    }
    let none_left = !stored.choices.iter().any(|(.., active)| *active) && new.is_empty();
    if details.kind == FieldKind::Choice && none_left {
        return Err(Refusal::field("choices", Problem::Required).into());
    }
    sqlx::query!(
        "update client_field
            set label = $2, kind = $3, required = $4, for_clients = $5, in_quick_add = $6, in_search = $7,
                in_reports = $8, version = version + 1
          where id = $1",
        stored.id.0,
        details.label,
        details.kind.as_str(),
        details.required,
        details.for_clients,
        details.in_quick_add,
        details.in_search,
        details.in_reports
    )
    .execute(&mut *conn)
    .await
    .on_constraint("client_field_label_key", label_taken)?;
    offer(conn, stored.id, &new).await?;
    Ok(fields)
}

/// Adds choices at the end; one that was retired comes back instead.
async fn offer(conn: &mut PgConnection, field: FieldId, labels: &[String]) -> Result<()> {
    let ids: Vec<Uuid> = labels.iter().map(|_| crate::new_id()).collect();
    sqlx::query!(
        "insert into client_field_choice (id, field_id, label, position)
         select new.id, $1, new.label, new.place + (
                    select coalesce(max(position), 0) from client_field_choice where field_id = $1)
           from unnest($2::uuid[], $3::text[]) with ordinality new (id, label, place)
         on conflict (field_id, lower(label)) do update set active = true",
        field.0,
        &ids,
        labels
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Puts a field right behind another, or first. Administrators only.
pub async fn place(pool: &PgPool, actor: &Actor, id: FieldId, after: Option<FieldId>) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    lock(&mut tx).await?;
    let list: Vec<Uuid> = select(&mut tx, None, false).await?.into_iter().map(|field| field.id.0).collect();
    let placed = placed(&list, id.0, after.map(|id| id.0))?;
    if placed == list {
        return Ok(());
    }
    sqlx::query!(
        "update client_field set position = placed.position
           from unnest($1::uuid[]) with ordinality placed (id, position) where client_field.id = placed.id",
        &placed
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, actor, "change", "client_field", id, &["position"]).await?;
    tx.commit().await?;
    Ok(())
}

/// Retires a field, with all that clients have in it, or brings it back.
/// Administrators only.
pub async fn set_active(pool: &PgPool, actor: &Actor, id: FieldId, active: bool) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    lock(&mut tx).await?;
    let stored = select(&mut tx, Some(id), false).await?.pop().ok_or(Error::Refused(Refusal::NotFound))?;
    if stored.active == active {
        return Ok(());
    }
    sqlx::query!("update client_field set active = $2, version = version + 1 where id = $1", id.0, active)
        .execute(&mut *tx)
        .await?;
    audit::append(&mut tx, actor, if active { "bring-back" } else { "retire" }, "client_field", id, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives a choice another label; `was` is the one that the form showed.
/// Administrators only. Refused at `choice` when another has it.
pub async fn rename_choice(pool: &PgPool, actor: &Actor, id: ChoiceId, label: &str, was: &str) -> Result<FieldId> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    lock(&mut tx).await?;
    let field = field_of(&mut tx, id).await?;
    let stored = field.choices.iter().find(|(choice, ..)| *choice == id).map(|(_, label, _)| label.as_str());
    if stored == Some(label) {
        return Ok(field.id);
    }
    if stored != Some(was) {
        return Err(Refusal::Stale.into());
    }
    sqlx::query!("update client_field_choice set label = $2 where id = $1", id.0, label)
        .execute(&mut *tx)
        .await
        .on_constraint("client_field_choice_label_key", || Refusal::field("choice", Problem::Taken))?;
    touch(&mut tx, actor, field.id).await?;
    tx.commit().await?;
    Ok(field.id)
}

/// Puts a choice right behind another of its field, or first. Administrators only.
pub async fn place_choice(pool: &PgPool, actor: &Actor, id: ChoiceId, after: Option<ChoiceId>) -> Result<FieldId> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    lock(&mut tx).await?;
    let field = field_of(&mut tx, id).await?;
    let list: Vec<Uuid> = field.choices.iter().map(|(choice, ..)| choice.0).collect();
    let placed = placed(&list, id.0, after.map(|id| id.0))?;
    if placed == list {
        return Ok(field.id);
    }
    sqlx::query!(
        "update client_field_choice choice set position = placed.position
           from unnest($1::uuid[]) with ordinality placed (id, position) where choice.id = placed.id",
        &placed
    )
    .execute(&mut *tx)
    .await?;
    touch(&mut tx, actor, field.id).await?;
    tx.commit().await?;
    Ok(field.id)
}

/// Retires a choice, which stays with anyone who has it, or brings it back.
/// Administrators only. The last one is refused at `active`.
pub async fn set_choice_active(pool: &PgPool, actor: &Actor, id: ChoiceId, active: bool) -> Result<FieldId> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    lock(&mut tx).await?;
    let field = field_of(&mut tx, id).await?;
    if !field.choices.iter().any(|(choice, _, was)| *choice == id && *was != active) {
        return Ok(field.id);
    }
    if !active && field.choices.iter().filter(|(.., active)| *active).count() == 1 {
        return Err(Refusal::field("active", Problem::LastOne).into());
    }
    sqlx::query!("update client_field_choice set active = $2 where id = $1", id.0, active).execute(&mut *tx).await?;
    touch(&mut tx, actor, field.id).await?;
    tx.commit().await?;
    Ok(field.id)
}

/// The choices are part of the field: its version tells of their changes too.
async fn touch(conn: &mut PgConnection, actor: &Actor, id: FieldId) -> Result<()> {
    sqlx::query!("update client_field set version = version + 1 where id = $1", id.0).execute(&mut *conn).await?;
    audit::append(conn, actor, "change", "client_field", id, &["choices"]).await
}

async fn field_of(conn: &mut PgConnection, choice: ChoiceId) -> Result<FieldDefinition> {
    let field =
        sqlx::query_scalar!(r#"select field_id as "id: FieldId" from client_field_choice where id = $1"#, choice.0)
            .fetch_optional(&mut *conn)
            .await?
            .ok_or(Error::Refused(Refusal::NotFound))?;
    select(conn, Some(field), false).await?.pop().ok_or(Error::Refused(Refusal::NotFound))
}

fn label_taken() -> Refusal {
    Refusal::field("label", Problem::Taken)
}

/// Anyone who changes fields waits here for anyone who is changing them.
async fn lock(conn: &mut PgConnection) -> Result<()> {
    locks::lock(conn, Purpose::Settings, [LOCK]).await
}

/// The fields stay as they are until the transaction ends: anyone who gives clients
/// values does so by what a field is now.
pub(crate) async fn hold(conn: &mut PgConnection) -> Result<()> {
    locks::share(conn, Purpose::Settings, LOCK).await
}

/// One statement, the choices within it.
async fn select(conn: &mut PgConnection, id: Option<FieldId>, only_active: bool) -> Result<Vec<FieldDefinition>> {
    let rows = sqlx::query!(
        r#"select f.id as "id: FieldId", f.label, f.kind as "kind: FieldKind", f.required, f.for_clients, f.in_quick_add,
                  f.in_search, f.in_reports, f.position, f.active, f.version,
                  coalesce((select jsonb_agg(jsonb_build_array(c.id, c.label, c.active) order by c.position, c.label)
                              from client_field_choice c where c.field_id = f.id), '[]')
                      as "choices!: Json<Vec<(ChoiceId, String, bool)>>"
             from client_field f
            where ($1::uuid is null or f.id = $1) and (f.active or not $2)
            order by f.position, f.label, f.id"#,
        id.map(Uuid::from),
        only_active
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
