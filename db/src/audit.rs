//! The audit: a row for every write, chained by hash. Record, fields, actor
//! and time; never a value.
//!
//! There are sixteen chains, and the connection decides which one is appended to, so that
//! writers rarely wait for each other. Each hash covers chain, place and every field, and the
//! last row of a chain is its head: `kindred verify-audit` recomputes all of them.

use crate::{Actor, Result};
use shared::StaffId;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

/// Who did it, for the audit: a person, or the server itself.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    Actor(&'a Actor),
    /// A job that this staff member began.
    Staff(StaffId),
    /// Someone with a link from a mail; the id of the client or account.
    Link(Uuid),
    System,
}

impl By<'_> {
    /// How a row names them: the kind, and the id.
    pub(crate) fn parts(self) -> (&'static str, Option<Uuid>) {
        match self {
            By::Actor(actor @ Actor::Staff(_)) => ("staff", Some(actor.id())),
            By::Actor(actor @ Actor::Client(_)) => ("client", Some(actor.id())),
            By::Staff(id) => ("staff", Some(id.0)),
            By::Link(id) => ("link", Some(id)),
            By::System => ("system", None),
        }
    }
}

impl<'a> From<&'a Actor> for By<'a> {
    fn from(actor: &'a Actor) -> Self {
        By::Actor(actor)
    }
}

/// Appends one row. Call it last before commit: the chain stays locked until then.
pub async fn append(
    conn: &mut PgConnection,
    by: impl Into<By<'_>>,
    action: &str,
    record_kind: &str,
    record: impl Into<Uuid>,
    fields: &[&str],
) -> Result<()> {
    let (kind, id) = by.into().parts();
    let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
    sqlx::query!("select audit_append($1, $2, $3, $4, $5, $6)", kind, id, action, record_kind, record.into(), &fields)
        .execute(conn)
        .await?;
    Ok(())
}

/// A line of a record's history.
#[derive(Debug, Clone)]
pub struct AuditLine {
    pub at: chrono::DateTime<chrono::Utc>,
    pub actor: String,
    pub action: String,
    pub fields: Vec<String>,
}

/// The newest 50 changes of a client, for those who may read the record. Of
/// notes no one hears who may not read them, and a colour is its viewer's.
pub async fn of_client(
    conn: &mut PgConnection,
    client: &crate::authz::ReadableClient,
    actor: &Actor,
) -> Result<Vec<AuditLine>> {
    Ok(sqlx::query_as!(
        AuditLine,
        r#"select a.at, a.action, case when $2 then a.fields else array_remove(a.fields, 'notes') end as "fields!",
                  coalesce(s.first_name || ' ' || s.last_name,
                           case a.actor_kind when 'client' then 'the ' || p.client_word || ' or a linked ' || p.client_word
                                             when 'link' then 'the ' || p.client_word || ', by a link'
                                             else 'Kindred' end) as "actor!"
             from audit a cross join practice p left join staff_member s on a.actor_kind = 'staff' and s.id = a.actor_id
            where (a.record_id = $1
               -- Those whom an import made have its row in common.
               or a.action = 'import' and a.record_id = (select import_id from client where id = $1))
              and ($2 or a.fields <> '{notes}')
              and (a.action <> 'colour' or a.actor_id = $3)
            order by a.at desc limit 50"#,
        client.id().0,
        actor.front_desk().is_ok(),
        actor.id()
    )
    .fetch_all(conn)
    .await?)
}

/// Whether every chain still holds: each hash follows from its predecessor, no
/// place is empty, and the last row is the chain's head.
pub async fn verify(conn: &mut PgConnection) -> Result<bool> {
    let broken = sqlx::query_scalar!(
        r#"with linked as (
               select a.*, lag(hash, 1, '\x00'::bytea) over w as before, row_number() over w as place
                 from audit a window w as (partition by chain order by position))
           select (select count(*) from linked
                    where position <> place
                       or hash <> case version
                              when 1 then audit_hash(before, at, actor_kind, actor_id, action, record_kind, record_id, fields)
                              else audit_hash_in_full(before, chain, position, at, actor_kind, actor_id, action,
                                                      record_kind, record_id, fields) end)
                + (select count(*) from audit_chain c
                    where c.length <> (select count(*) from audit a where a.chain = c.chain)
                       or c.head <> coalesce((select a.hash from audit a where a.chain = c.chain order by position desc limit 1),
                                             '\x00'::bytea)) as "count!""#
    )
    .fetch_one(conn)
    .await?;
    Ok(broken == 0)
}

/// [`verify`] of an audit of any length: without the time limit of a page.
pub async fn verify_in_full(conn: &mut PgConnection) -> Result<bool> {
    let mut tx = conn.begin().await?;
    sqlx::query_scalar!("select set_config('statement_timeout', '0', true)").fetch_one(&mut *tx).await?;
    verify(&mut tx).await
}
