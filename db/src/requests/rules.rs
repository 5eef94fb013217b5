//! Forms that services ask for by themselves.

use super::ask::published;
use crate::{Actor, Error, OnConstraint, PgPool, Result, audit, new_id};
use shared::requests::{Occasion, RuleForm};
use shared::{FormId, Problem, Refusal, ServiceId};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRow {
    pub id: Uuid,
    pub service: ServiceId,
    pub service_name: String,
    pub form: FormId,
    pub form_name: String,
    pub occasion: Occasion,
}

/// By service and form. Administrators and the front desk.
pub async fn rules(pool: &PgPool, actor: &Actor) -> Result<Vec<RuleRow>> {
    actor.front_desk()?;
    Ok(sqlx::query_as!(
        RuleRow,
        r#"select r.id, r.service_id as "service: ServiceId", s.name as service_name, r.form_id as "form: FormId",
                  f.name as form_name, r.occasion as "occasion: Occasion"
             from request_rule r join service s on s.id = r.service_id join form f on f.id = r.form_id
            order by lower(s.name), lower(f.name), r.id"#
    )
    .fetch_all(pool)
    .await?)
}

/// For appointments that are upcoming and those booked later. Administrators only.
pub async fn add_rule(pool: &PgPool, actor: &Actor, form: &RuleForm) -> Result<()> {
    actor.administrator()?;
    let (service, form, occasion) = form.parse()?;
    let mut tx = pool.begin().await?;
    published(&mut tx, form).await?;
    let id = new_id();
    sqlx::query!(
        "insert into request_rule (id, service_id, form_id, occasion) values ($1, $2, $3, $4)",
        id,
        service.0,
        form.0,
        occasion.as_str()
    )
    .execute(&mut *tx)
    .await
    .on_constraint("request_rule_once", || Refusal::field("form", Problem::Taken))
    .map_err(unknown_service)?;
    audit::append(&mut tx, actor, "create", "request_rule", id, &[]).await?;
    tx.commit().await?;
    Ok(())
}

fn unknown_service(error: Error) -> Error {
    Err::<(), _>(error)
        .on_constraint("request_rule_service_id_fkey", || Refusal::field("service", Problem::Unknown))
        .err()
        .unwrap_or(Error::Refused(Refusal::Internal))
}

/// What was asked for by it stays. Twice is as once. Administrators only.
pub async fn remove_rule(pool: &PgPool, actor: &Actor, id: Uuid) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    if sqlx::query!("delete from request_rule where id = $1", id).execute(&mut *tx).await?.rows_affected() == 0 {
        return Ok(());
    }
    audit::append(&mut tx, actor, "delete", "request_rule", id, &[]).await?;
    tx.commit().await?;
    Ok(())
}
