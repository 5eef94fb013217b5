//! The pipeline of prospects: who might become a client, when the
//! practice last spoke with them, and what is to be done next.

use crate::practice::{self, same_version};
use crate::{Actor, Error, Result, audit, authz};
use chrono::NaiveDate;
use shared::clients::{Prospect, ProspectForm, Stage, Status};
use shared::practice::Section;
use shared::{ClientNumber, Refusal};
use sqlx::PgPool;

/// The number shown of each stage.
pub const SHOWN_MAX: i64 = 100;

/// The prospects the actor may see, at most [`SHOWN_MAX`] of each stage,
/// what is due first; and how many each stage has in all.
pub async fn prospects(pool: &PgPool, actor: &Actor) -> Result<(Vec<Prospect>, Vec<(Stage, i64)>)> {
    let scope = actor.staff()?.scope();
    let mut conn = pool.acquire().await?;
    let shown = sqlx::query_as!(
        Prospect,
        r#"select c.number as "number!: ClientNumber", c.code::text as "code!", c.prospect_stage as "stage!: Stage",
                  c.name as "name!",
                  c.last_contact, c.next_step as "next_step!", c.next_step_on, c.version as "version!"
             from unnest(array['new', 'contacted', 'meeting', 'waiting', 'declined']) stage
            cross join lateral (
                select c.*, client_name(c) as name from client c
                 where c.status = 'prospect' and c.prospect_stage = stage
                   and ($1::uuid is null or exists (
                       select 1 from client_practitioner a where a.client_id = c.id and a.practitioner_id = $1))
                 order by c.next_step_on nulls last, c.sort_name, c.id
                 limit $2) c
            order by c.prospect_stage, c.next_step_on nulls last, c.sort_name, c.id"#,
        scope,
        SHOWN_MAX
    )
    .fetch_all(&mut *conn)
    .await?;
    let counts = sqlx::query!(
        r#"select c.prospect_stage as "stage: Stage", count(*) as "count!" from client c
            where c.status = 'prospect'
              and ($1::uuid is null or exists (
                  select 1 from client_practitioner a where a.client_id = c.id and a.practitioner_id = $1))
            group by c.prospect_stage"#,
        scope
    )
    .fetch_all(&mut *conn)
    .await?;
    Ok((shown, counts.into_iter().map(|row| (row.stage, row.count)).collect()))
}

/// Saves stage, last contact and next step over the version that was shown.
/// Anyone who is no prospect any more has none of these: [`Refusal::NotFound`].
pub async fn save_prospect(
    pool: &PgPool,
    actor: &Actor,
    number: ClientNumber,
    form: &ProspectForm,
    today: NaiveDate,
) -> Result<()> {
    let mut tx = pool.begin().await?;
    let client = authz::editable(&mut tx, actor, number).await?.id();
    practice::needs(&mut tx, Section::Prospects).await?;
    let details = form.parse(today)?;
    let stored = sqlx::query!(
        r#"select status as "status: Status", prospect_stage as "stage: Stage", last_contact, next_step, next_step_on, version
             from client where id = $1 for no key update"#,
        client.0
    )
    .fetch_one(&mut *tx)
    .await?;
    if stored.status != Status::Prospect {
        return Err(Error::Refused(Refusal::NotFound));
    }
    let fields = [
        ("prospect_stage", stored.stage != details.stage),
        ("last_contact", stored.last_contact != details.last_contact),
        ("next_step", stored.next_step != details.next_step),
        ("next_step_on", stored.next_step_on != details.next_step_on),
    ];
    let changed: Vec<&str> = fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect();
    if changed.is_empty() {
        return Ok(());
    }
    same_version(stored.version, details.version)?;
    sqlx::query!(
        "update client set prospect_stage = $2, last_contact = $3, next_step = $4, next_step_on = $5,
                version = version + 1, updated_at = now() where id = $1",
        client.0,
        details.stage.as_str(),
        details.last_contact,
        details.next_step,
        details.next_step_on
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, actor, "update", "client", client, &changed).await?;
    tx.commit().await?;
    Ok(())
}
