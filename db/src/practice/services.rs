//! Services, and who offers them.

use super::service_rules as rules;
use super::{changed, same_version};
use crate::{Actor, Error, OnConstraint, Result, audit};
use shared::practice::{ServiceDetails, ServiceView};
use shared::{Problem, Refusal, ServiceId, StaffId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// All services, those in use first. Administrators and staff.
pub async fn services(pool: &PgPool, actor: &Actor) -> Result<Vec<ServiceView>> {
    actor.front_desk()?;
    select(&mut *pool.acquire().await?, None, false).await
}

/// One service. Administrators and staff.
pub async fn service(pool: &PgPool, actor: &Actor, id: ServiceId) -> Result<ServiceView> {
    actor.front_desk()?;
    one(&mut *pool.acquire().await?, id).await
}

/// The services in use. Leaving out those not in the portal is the caller's.
pub async fn active_services(pool: &PgPool) -> Result<Vec<ServiceView>> {
    select(&mut *pool.acquire().await?, None, true).await
}

/// How client and practitioner may meet.
pub async fn modalities(pool: &PgPool, id: ServiceId) -> Result<Vec<shared::appointments::Modality>> {
    let words = sqlx::query_scalar!("select modalities from service where id = $1", id.0).fetch_optional(pool).await?;
    Ok(words.unwrap_or_default().iter().filter_map(|word| word.parse().ok()).collect())
}

/// Who offers a service, by name.
pub async fn practitioners_of(pool: &PgPool, id: ServiceId) -> Result<Vec<(StaffId, String)>> {
    let found = select(&mut *pool.acquire().await?, Some(id), true).await?;
    Ok(found.into_iter().flat_map(|service| service.practitioners).collect())
}

/// Makes a service, or changes one. Administrators only. A name that is taken
/// is refused at `name`, someone who is no practitioner at `practitioners`.
pub async fn save_service(
    pool: &PgPool,
    actor: &Actor,
    id: Option<ServiceId>,
    details: ServiceDetails,
) -> Result<ServiceId> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    let (id, action, fields) = match id {
        None => (insert(&mut tx, &details).await?, "create", Vec::new()),
        Some(id) => match update(&mut tx, id, &details).await? {
            fields if fields.is_empty() => return Ok(id),
            fields => (id, "change", fields),
        },
    };
    offer(&mut tx, id, &details.practitioners).await?;
    rules::write(&mut tx, id, &details.rules).await?;
    audit::append(&mut tx, actor, action, "service", id, &fields).await?;
    tx.commit().await?;
    Ok(id)
}

async fn insert(conn: &mut PgConnection, details: &ServiceDetails) -> Result<ServiceId> {
    let id = ServiceId(crate::new_id());
    sqlx::query!(
        "insert into service (id, name, description, duration_minutes, buffer_minutes, price_cents, in_portal, active)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        id.0,
        details.name,
        details.description,
        details.duration_minutes,
        details.buffer_minutes,
        details.price_cents,
        details.in_portal,
        details.active
    )
    .execute(conn)
    .await
    .on_constraint("service_name_key", name_taken)?;
    Ok(id)
}

/// Writes the details; answers with the fields that changed, none for a save
/// of what is stored.
async fn update(conn: &mut PgConnection, id: ServiceId, details: &ServiceDetails) -> Result<Vec<&'static str>> {
    sqlx::query!("select id from service where id = $1 for update", id.0).fetch_optional(&mut *conn).await?;
    let stored = one(&mut *conn, id).await?;
    let known = rules::load(&mut *conn, id).await?;
    let offered = ids(stored.practitioners.iter().map(|(id, _)| *id));
    let changed = changed(&[
        ("name", stored.name != details.name),
        ("description", stored.description != details.description),
        ("duration_minutes", stored.duration_minutes != details.duration_minutes),
        ("buffer_minutes", stored.buffer_minutes != details.buffer_minutes),
        ("price_cents", stored.price_cents != details.price_cents),
        ("in_portal", stored.in_portal != details.in_portal),
        ("active", stored.active != details.active),
        ("policy", known.policy != details.rules.policy),
        ("booking_rules", !rules::same_but_policy(&known, &details.rules)),
        ("practitioners", offered != ids(details.practitioners.iter().copied())),
    ]);
    if changed.is_empty() {
        return Ok(changed);
    }
    same_version(stored.version, details.version)?;
    sqlx::query!(
        "update service
            set name = $2, description = $3, duration_minutes = $4, buffer_minutes = $5, price_cents = $6,
                in_portal = $7, active = $8, version = version + 1
          where id = $1",
        id.0,
        details.name,
        details.description,
        details.duration_minutes,
        details.buffer_minutes,
        details.price_cents,
        details.in_portal,
        details.active
    )
    .execute(conn)
    .await
    .on_constraint("service_name_key", name_taken)?;
    Ok(changed)
}

/// Lets exactly these practitioners offer the service. Those who are inactive
/// were not on the form: they keep what they offered.
async fn offer(conn: &mut PgConnection, id: ServiceId, practitioners: &[StaffId]) -> Result<()> {
    let wanted = ids(practitioners.iter().copied());
    sqlx::query!(
        "delete from service_practitioner sp using staff_member p
          where sp.service_id = $1 and p.id = sp.practitioner_id
            and p.active and 'practitioner' = any(p.roles) and p.id <> all($2)",
        id.0,
        &wanted
    )
    .execute(&mut *conn)
    .await?;
    let known = sqlx::query_scalar!(
        r#"with known as (
               select id from staff_member where id = any($2) and active and 'practitioner' = any(roles)
           ), added as (
               insert into service_practitioner (service_id, practitioner_id)
               select $1, id from known on conflict do nothing
           )
           select count(*) as "count!" from known"#,
        id.0,
        &wanted
    )
    .fetch_one(conn)
    .await?;
    if known == wanted.len() as i64 { Ok(()) } else { Err(Refusal::field("practitioners", Problem::Unknown).into()) }
}

/// The ids, sorted, each once.
fn ids(practitioners: impl Iterator<Item = StaffId>) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = practitioners.map(Uuid::from).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn name_taken() -> Refusal {
    Refusal::field("name", Problem::Taken)
}

async fn one(conn: &mut PgConnection, id: ServiceId) -> Result<ServiceView> {
    select(conn, Some(id), false).await?.pop().ok_or(Error::Refused(Refusal::NotFound))
}

/// One statement for all of it: a service has two lists beside it, the ids of
/// its practitioners and their names, in the same order.
async fn select(conn: &mut PgConnection, id: Option<ServiceId>, only_active: bool) -> Result<Vec<ServiceView>> {
    let rows = sqlx::query!(
        r#"select s.id as "id: ServiceId", s.name, s.description, s.duration_minutes, s.buffer_minutes, s.price_cents,
                  s.in_portal, s.active, s.version,
                  coalesce(who.ids, '{}') as "ids!: Vec<StaffId>", coalesce(who.names, '{}') as "names!: Vec<String>"
             from service s
             cross join lateral (
                 select array_agg(p.id order by p.first_name, p.last_name, p.id) as ids,
                        array_agg(p.first_name || ' ' || p.last_name order by p.first_name, p.last_name, p.id) as names
                   from service_practitioner sp join staff_member p on p.id = sp.practitioner_id
                  where sp.service_id = s.id and p.active and 'practitioner' = any(p.roles)) who
            where ($1::uuid is null or s.id = $1) and (s.active or not $2)
            order by s.active desc, searchable(s.name), s.id"#,
        id.map(Uuid::from),
        only_active
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ServiceView {
            id: row.id,
            name: row.name,
            description: row.description,
            duration_minutes: row.duration_minutes,
            buffer_minutes: row.buffer_minutes,
            price_cents: row.price_cents,
            in_portal: row.in_portal,
            active: row.active,
            version: row.version,
            practitioners: row.ids.into_iter().zip(row.names).collect(),
        })
        .collect())
}
