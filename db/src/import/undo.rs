//! Undoing an import: the people it made are deleted again, while no one has
//! changed or used any of them.
//!
//! All that the import made goes, or nothing. Which tables may refer to them is asked of the
//! database's catalogue, so that a new table counts. A client who was merged into another
//! record is part of that (`client_merge.dropped_import_id`). Where it cannot be undone, the
//! page names the clients that prevent it.

use super::view::Import;
use super::work::{End, progress};
use crate::audit::{self, By};
use crate::{Actor, PgPool, Result};
use shared::{ClientNumber, ImportId, StaffId};
use sqlx::{AssertSqlSafe, PgConnection};

/// The number of clients deleted at a time.
const CHUNK: i64 = 2_000;

/// What an import itself writes beside clients; each is looked at by hand. And who
/// looked at them last, which is no use of them.
const OWN: [&str; 9] = [
    "client_contact",
    "client_field_value",
    "client_link",
    "client_link_event",
    "client_membership",
    "client_phone",
    "client_practitioner",
    "client_tag",
    "recent_client",
];

pub(super) async fn run(pool: &PgPool, tx: &mut PgConnection, import: &Import) -> Result<End> {
    // Anyone who is about to refer to one of them is waited for.
    sqlx::query!(
        "select count(*) as many from (select id from client where import_id = $1 order by id for update) locked",
        import.id.0
    )
    .fetch_one(&mut *tx)
    .await?;
    if is_used(&mut *tx, import).await? {
        return Ok(End::Changed);
    }
    let mut done = 0;
    loop {
        let gone = sqlx::query!(
            "delete from client where id in (select id from client where import_id = $1 limit $2)",
            import.id.0,
            CHUNK
        )
        .execute(&mut *tx)
        .await?;
        if gone.rows_affected() == 0 {
            break;
        }
        done += gone.rows_affected() as i32;
        if progress(pool, import.id, done).await? {
            return Ok(End::Stopped);
        }
    }
    let staff = sqlx::query_scalar!(
        r#"update import i set state = 'undone', file_name = '', attempts = 0, done_rows = $2, trouble = '', version = i.version + 1
             from staff_member s
            where i.id = $1 and i.state = 'undoing' and not i.stopping and s.id = coalesce(i.started_by, i.staff_id)
        returning s.id as "id: StaffId""#,
        import.id.0,
        done
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(staff) = staff else { return Ok(End::Stopped) };
    audit::append(&mut *tx, By::Staff(staff), "undo", "import", import.id, &[&format!("clients {done}")]).await?;
    Ok(End::Done)
}

/// The number of blockers that are named.
const USED_SHOWN: i64 = 10;

/// Who stands in the way of undoing the import, the first ten: the clients it made
/// that were changed or used since, and the records that any of them was merged into.
pub async fn used(pool: &PgPool, actor: &Actor, id: ImportId) -> Result<Vec<(ClientNumber, String)>> {
    actor.front_desk()?;
    let mut conn = pool.acquire().await?;
    let used = sql_of_used(&mut conn).await?;
    let sql = format!(
        "select c.number, client_name(c) from client c where c.id in (select id from ({used}) u limit 100) order by c.number limit $2"
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql)).bind(id.0).bind(USED_SHOWN).fetch_all(&mut *conn).await?)
}

async fn is_used(conn: &mut PgConnection, import: &Import) -> Result<bool> {
    let sql = format!("select exists ({})", sql_of_used(conn).await?);
    Ok(sqlx::query_scalar(AssertSqlSafe(sql)).bind(import.id.0).fetch_one(conn).await?)
}

/// The ids of those of import `$1` who were changed, or are referred to by anything
/// that the import did not write. Tables are asked of the database: one that is new
/// some day counts too.
async fn sql_of_used(conn: &mut PgConnection) -> Result<String> {
    let own: Vec<String> = OWN.map(str::to_owned).to_vec();
    let references = sqlx::query!(
        r#"select c.conrelid::regclass::text as "table!", quote_ident(a.attname) as "column!"
             from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
            where c.contype = 'f' and c.confrelid = 'client'::regclass and c.conrelid::regclass::text <> all ($1)
            order by 1, 2"#,
        &own
    )
    .fetch_all(conn)
    .await?;
    let references = references.into_iter().map(|reference| {
        format!(
            " union all select c.id from {} r join client c on c.id = r.{} where c.import_id = $1",
            reference.table, reference.column
        )
    });
    // Everything that the import wrote has the time of its transaction.
    let changed = "
        select id from client where import_id = $1 and (version > 1 or updated_at > created_at)
        union all
        select kept_id from client_merge where dropped_import_id = $1
        union all
        select c.id from client c join client_membership m on c.id in (m.group_id, m.member_id)
         where c.import_id = $1 and (m.created_at <> c.created_at or m.left_on is not null)
        union all
        -- A day that was corrected leaves nothing in the membership itself.
        select c.id from client c join client_membership m on c.id in (m.group_id, m.member_id)
          join audit a on a.record_id = m.member_id and a.action = 'correct-membership'
         where c.import_id = $1";
    let links = ["client_low", "client_high"].map(|side| {
        format!(
            " union all select c.id from client c join client_link l on l.{side} = c.id
               where c.import_id = $1 and (l.created_at <> c.created_at or l.version > 1)
              union all select c.id from client c join client_link_event e on e.{side} = c.id
               where c.import_id = $1 and e.kind <> 'created'"
        )
    });
    Ok(std::iter::once(changed.to_owned()).chain(links).chain(references).collect())
}
