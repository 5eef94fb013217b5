//! Bulk changes of clients: started with a list of clients, worked
//! through row by row in the background, every row answered, and taken back
//! where that can be.
//!
//! What cannot be undone, all that match, and more than 50 rows are confirmed on the change's
//! page first. Undoing runs the same operations and leaves what was decided since, even if it
//! is the same again. A client who was selected and is gone, or may not be seen, is a row
//! too, refused like any other.

mod read;
mod work;

pub use read::{BulkRow, BulkView, Counts, progress, show};
pub use work::{work_next, work_on};

use crate::clients::list;
use crate::locks::{self, Purpose};
use crate::practice::tags;
use crate::{Actor, Error, Result, audit, new_id};
use sha2::{Digest, Sha256};
use shared::bulk::{BULK_MAX, BulkAction, BulkForm, BulkState, Change, Selection, UNASKED_MAX};
use shared::clients::Status;
use shared::{BulkId, ClientId, ClientNumber, Problem, Refusal, StaffId, TagId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Who is meant is found out within this time.
const PATIENCE: &str = "30s";

/// Stores the change and its clients. It begins right away when it can be
/// undone, its clients were selected one by one, and none of them is known to be
/// refused; else it waits to be confirmed. The same order sent twice is one.
pub async fn start(pool: &PgPool, actor: &Actor, form: &BulkForm) -> Result<BulkId> {
    let staff = actor.staff()?;
    let order = match form.parse() {
        Ok(order) => order,
        Err(refusal) => {
            // Of clients that the actor does not see nothing else is said.
            if let Ok(selection @ Selection::Numbers(_)) = form.selection()
                && list::select(&mut *pool.acquire().await?, actor, &selection, 1).await?.is_empty()
            {
                return Err(Error::Refused(Refusal::NotFound));
            }
            return Err(refusal.into());
        }
    };
    let action = order.change.action();
    if action.is_front_desks() {
        actor.front_desk()?;
    }
    if action.asks_for_proof() {
        actor.confirmed()?;
    }
    let mut tx = pool.begin().await?;
    sqlx::query_scalar!("select set_config('statement_timeout', $1, true)", PATIENCE).fetch_one(&mut *tx).await?;
    // The second of two at the same time waits here, then finds the first.
    locks::lock(&mut tx, Purpose::Form, [order.request_key]).await?;
    let digest = Sha256::digest(format!("{:?} {:?}", order.change, order.selection)).to_vec();
    let first = sqlx::query_scalar!(
        r#"select id as "id: BulkId" from bulk_change where staff_id = $1 and request_key = $2 and digest = $3"#,
        staff.id().0,
        order.request_key,
        digest
    );
    if let Some(first) = first.fetch_optional(&mut *tx).await? {
        return Ok(first);
    }
    let ids = list::select(&mut tx, actor, &order.selection, BULK_MAX).await?;
    if ids.is_empty() {
        return Err(match form.all {
            true => Refusal::field("numbers", Problem::NobodyTicked).into(),
            false => Error::Refused(Refusal::NotFound),
        });
    }
    let what = resolve(&mut tx, &order.change).await?;
    // Names what would be refused to some before it is tried.
    let is_free = match order.change {
        Change::Status(Status::Prospect) => used_among(&mut tx, &ids).await? == 0,
        _ => true,
    };
    let at_once = is_free && action.can_be_undone() && !form.all && ids.len() <= UNASKED_MAX;
    let id = BulkId(new_id());
    sqlx::query!(
        "insert into bulk_change (id, staff_id, action, status, tag_id, practitioner_id, label, back, request_key, digest,
                                  state, started_at)
         select $1, $2, $3, $4, $5, $6, $7,
                -- What was searched for may be a name.
                case when code_only then regexp_replace($8, '([?&])q=[^&]*', '\\1', 'g') else $8 end,
                $9, $10, $11, case when $11 = 'running' then now() end
           from practice",
        id.0,
        staff.id().0,
        action.as_str(),
        what.status,
        what.tag.map(|tag| tag.0),
        what.practitioner.map(|practitioner| practitioner.0),
        what.label,
        order.back,
        order.request_key,
        digest,
        if at_once { BulkState::Running } else { BulkState::Draft }.as_str()
    )
    .execute(&mut *tx)
    .await?;
    if at_once {
        make_tag(&mut tx, id).await?;
    }
    let ids: Vec<Uuid> = ids.into_iter().map(Uuid::from).collect();
    sqlx::query!(
        "insert into bulk_target (bulk_id, position, number)
         select $1, wanted.place, c.number from unnest($2::uuid[]) with ordinality as wanted (id, place)
           join client c on c.id = wanted.id",
        id.0,
        &ids
    )
    .execute(&mut *tx)
    .await?;
    if let Selection::Numbers(numbers) = &order.selection {
        answer_for_all(&mut tx, id, numbers).await?;
    }
    audit::append(&mut tx, actor, "start", "bulk_change", id, &[action.as_str()]).await?;
    tx.commit().await?;
    Ok(id)
}

/// How many of these can be no prospects any more.
async fn used_among(conn: &mut PgConnection, ids: &[ClientId]) -> Result<i64> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let used = sqlx::query_scalar!(
        r#"select count(*) as "count!" from client c
            where c.id = any ($1) and c.status <> 'prospect' and client_was_used(c.id)"#,
        &ids
    );
    Ok(used.fetch_one(conn).await?)
}

/// The person who was ticked and is not there any more, or not to be seen, is a row as
/// well, to be refused like any other.
async fn answer_for_all(conn: &mut PgConnection, id: BulkId, numbers: &[ClientNumber]) -> Result<()> {
    let numbers: Vec<i64> = numbers.iter().map(|number| number.get()).collect();
    sqlx::query!(
        "insert into bulk_target (bulk_id, position, number)
         select $1, last.place + row_number() over (order by n.number), n.number
           from (select distinct number from unnest($2::bigint[]) as t (number)) n,
                (select count(*) as place from bulk_target where bulk_id = $1) last
          where n.number not in (select number from bulk_target where bulk_id = $1)",
        id.0,
        &numbers
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Which status, tag or practitioner, with its name.
#[derive(Default)]
struct What {
    status: Option<&'static str>,
    tag: Option<TagId>,
    practitioner: Option<StaffId>,
    label: String,
}

async fn resolve(conn: &mut PgConnection, change: &Change) -> Result<What> {
    Ok(match change {
        Change::Status(status) => {
            What { status: Some(status.as_str()), label: status.label().to_owned(), ..What::default() }
        }
        Change::AddTag(tag) | Change::RemoveTag(tag) => {
            let name = sqlx::query_scalar!(r#"select name::text as "name!" from tag where id = $1"#, tag.0);
            let name = name.fetch_optional(conn).await?;
            let label = name.ok_or_else(|| Refusal::field("tag", Problem::Unknown))?;
            What { tag: Some(*tag), label, ..What::default() }
        }
        // The tag is made when it begins.
        Change::AddNewTag(name) => What { label: name.clone(), ..What::default() },
        Change::Assign(practitioner) | Change::Unassign(practitioner) => {
            let name = sqlx::query_scalar!(
                r#"select first_name || ' ' || last_name as "name!" from staff_member
                    where id = $1 and 'practitioner' = any (roles) and (active or not $2)"#,
                practitioner.0,
                matches!(change, Change::Assign(_))
            );
            let name = name.fetch_optional(conn).await?;
            let label = name.ok_or_else(|| Refusal::field("practitioner", Problem::Unknown))?;
            What { practitioner: Some(*practitioner), label, ..What::default() }
        }
        Change::SendReset | Change::Delete => What::default(),
    })
}

/// The new tag that a change is to add.
async fn make_tag(conn: &mut PgConnection, id: BulkId) -> Result<()> {
    let name = sqlx::query_scalar!(
        "select label from bulk_change where id = $1 and action = 'add_tag' and tag_id is null",
        id.0
    );
    let Some(name) = name.fetch_optional(&mut *conn).await? else { return Ok(()) };
    let tag = tags::ensure(conn, std::slice::from_ref(&name)).await?.first().copied();
    sqlx::query!("update bulk_change set tag_id = $2 where id = $1", id.0, tag.map(|tag| tag.0)).execute(conn).await?;
    Ok(())
}

/// Begins what waited to be confirmed. The person who started it.
pub async fn confirm(pool: &PgPool, actor: &Actor, id: BulkId) -> Result<()> {
    let mut tx = pool.begin().await?;
    let change = held(&mut tx, actor, id).await?;
    if !change.own {
        return Err(Error::Refused(Refusal::Forbidden));
    }
    if change.state == BulkState::Draft {
        if change.action.asks_for_proof() {
            actor.confirmed()?;
        }
        make_tag(&mut tx, id).await?;
        sqlx::query!("update bulk_change set state = 'running', started_at = now() where id = $1", id.0)
            .execute(&mut *tx)
            .await?;
        audit::append(&mut tx, actor, "confirm", "bulk_change", id, &[]).await?;
    }
    Ok(tx.commit().await?)
}

/// Takes back what was done, row by row. The person who started it, and administrators;
/// what they may not do to a client stays as it is.
pub async fn undo(pool: &PgPool, actor: &Actor, id: BulkId) -> Result<()> {
    let mut tx = pool.begin().await?;
    let change = held(&mut tx, actor, id).await?;
    if !change.action.can_be_undone() {
        return Err(Error::Refused(Refusal::Forbidden));
    }
    if change.state == BulkState::Done {
        sqlx::query!(
            "update bulk_change set state = 'undoing', undo_by = $2, finished_at = null where id = $1",
            id.0,
            actor.staff()?.id().0
        )
        .execute(&mut *tx)
        .await?;
        audit::append(&mut tx, actor, "undo", "bulk_change", id, &[]).await?;
    }
    Ok(tx.commit().await?)
}

struct Held {
    own: bool,
    action: BulkAction,
    state: BulkState,
}

/// Holds a change that the actor may see: their own, or as an administrator.
async fn held(conn: &mut PgConnection, actor: &Actor, id: BulkId) -> Result<Held> {
    let staff = actor.staff()?;
    sqlx::query_as!(
        Held,
        r#"select staff_id = $2 as "own!", action as "action: BulkAction", state as "state: BulkState"
             from bulk_change where id = $1 and (staff_id = $2 or $3) for update"#,
        id.0,
        staff.id().0,
        actor.administrator().is_ok()
    )
    .fetch_optional(conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))
}
