//! What a new practice begins with, and the checklist that leads it to its first booking.

use super::changed;
use super::locations::workplace;
use crate::time::Zone;
use crate::{Actor, Result, audit};
use shared::Refusal;
use shared::practice::{Checklist, FirstRun};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Whether the first-run page is still to be answered. Administrators only.
pub async fn first_run_pending(pool: &PgPool, actor: &Actor) -> Result<bool> {
    actor.administrator()?;
    Ok(sqlx::query_scalar!("select not first_run_done as \"pending!\" from practice").fetch_one(pool).await?)
}

/// Sets the practice up: its name, zone, currency, word for a client, the sections shown, three
/// services; and the person as practitioner if they see clients. Administrators only. A practice
/// that has begun is left as it is, so that a double submit is answered as the first.
pub async fn begin(pool: &PgPool, actor: &Actor, first_run: &FirstRun) -> Result<()> {
    let administrator = actor.administrator()?.staff();
    Zone::parse(&first_run.zone).map_err(|problem| Refusal::field("zone", problem))?;
    let mut tx = pool.begin().await?;
    let stored = sqlx::query!(
        "select name, zone, currency, client_word, client_word_plural, sections_off, first_run_done from practice for update"
    )
    .fetch_one(&mut *tx)
    .await?;
    if stored.first_run_done {
        return Ok(());
    }
    let (word, plural) = first_run.kind.words();
    let sections: Vec<String> =
        first_run.kind.sections_off().iter().map(|section| section.as_str().to_owned()).collect();
    let fields = changed(&[
        ("name", stored.name != first_run.name),
        ("zone", stored.zone != first_run.zone),
        ("currency", stored.currency != first_run.currency),
        ("client_word", stored.client_word != word || stored.client_word_plural != plural),
        ("sections_off", stored.sections_off != sections),
    ]);
    sqlx::query!(
        "update practice
            set name = $1, zone = $2, currency = $3, client_word = $4, client_word_plural = $5, sections_off = $6,
                first_run_done = true, version = version + 1",
        first_run.name,
        first_run.zone,
        first_run.currency,
        word,
        plural,
        &sections
    )
    .execute(&mut *tx)
    .await?;
    workplace(&mut tx).await?;
    if first_run.practitioner {
        sqlx::query!(
            "update staff_member set roles = array_append(roles, 'practitioner'), may_book = true, version = version + 1
              where id = $1 and not 'practitioner' = any(roles)",
            administrator.id().0
        )
        .execute(&mut *tx)
        .await?;
    }
    for service in first_run.kind.services() {
        let id = sqlx::query_scalar!(
            "insert into service (id, name, description, duration_minutes, buffer_minutes, price_cents)
             values ($1, $2, $3, $4, $5, $6) on conflict on constraint service_name_key do nothing returning id",
            crate::new_id(),
            service.name,
            service.description,
            service.duration_minutes,
            service.buffer_minutes,
            service.price_cents
        )
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(id) = id.filter(|_| first_run.practitioner) {
            sqlx::query!(
                "insert into service_practitioner (service_id, practitioner_id) values ($1, $2)",
                id,
                administrator.id().0
            )
            .execute(&mut *tx)
            .await?;
        }
    }
    audit::append(&mut tx, actor, "begin", "practice", Uuid::nil(), &fields).await?;
    tx.commit().await?;
    Ok(())
}

/// Passes over the first-run page. Administrators only.
pub async fn skip_first_run(pool: &PgPool, actor: &Actor) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    let done =
        sqlx::query!("update practice set first_run_done = true where not first_run_done").execute(&mut *tx).await?;
    if done.rows_affected() > 0 {
        audit::append(&mut tx, actor, "skip-first-run", "practice", Uuid::nil(), &[]).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// What is done of the checklist; `None` once it is complete or was dismissed, and for those who are
/// no administrators.
pub async fn checklist(conn: &mut PgConnection, actor: &Actor) -> Result<Option<Checklist>> {
    if actor.administrator().is_err() {
        return Ok(None);
    }
    let list = sqlx::query_as!(
        Checklist,
        r#"select p.phone <> '' or p.email <> '' as "details!",
                  exists (select from location where active and address <> '') as "location!",
                  exists (select from staff_member s where s.active and 'practitioner' = any(s.roles)
                      and (exists (select from account where staff_id = s.id)
                           or exists (select from account_link where staff_id = s.id and voided_at is null))) as "practitioner!",
                  exists (select from weekly_hours h join staff_member s on s.id = h.practitioner_id
                           where s.active and 'practitioner' = any(s.roles)) as "hours!",
                  exists (select from service v join service_practitioner o on o.service_id = v.id
                            join staff_member s on s.id = o.practitioner_id
                           where v.active and s.active and 'practitioner' = any(s.roles)) as "services!",
                  exists (select from client) as "client!",
                  exists (select from account where client_id is not null)
                      or exists (select from account_link where client_id is not null) as "invited!",
                  exists (select from appointment) as "booked!"
             from practice p where not p.checklist_off"#
    )
    .fetch_optional(conn)
    .await?;
    Ok(list.filter(|list| !list.is_complete()))
}

/// The checklist is shown no more. Administrators only.
pub async fn dismiss_checklist(pool: &PgPool, actor: &Actor) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    let done =
        sqlx::query!("update practice set checklist_off = true where not checklist_off").execute(&mut *tx).await?;
    if done.rows_affected() > 0 {
        audit::append(&mut tx, actor, "dismiss-checklist", "practice", Uuid::nil(), &[]).await?;
    }
    tx.commit().await?;
    Ok(())
}
