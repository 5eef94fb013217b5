//! Views of the client list that people save: their own, and those that an
//! administrator shares with everyone who works here.

use crate::actor::StaffActor;
use crate::locks::{self, Purpose};
use crate::{Actor, Error, OnConstraint, Result, audit, new_id};
use serde::Deserialize;
use shared::accounts::Role;
use shared::{Problem, Refusal, ViewId, parse};
use sqlx::{PgConnection, PgPool};

/// The maximum number of views of one account.
const VIEWS_MAX: i64 = 50;

/// A saved view, for someone who may use it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct View {
    pub id: ViewId,
    pub name: String,
    /// What stands behind the question mark.
    pub query: String,
    pub shared: bool,
    /// Whether their list opens with it.
    pub is_default: bool,
    /// Whether they may change it.
    pub may_change: bool,
}

/// Saves a view under a name. Sharing is an administrator's.
pub async fn save(pool: &PgPool, actor: &Actor, mine: bool, name: &str, query: &str, shared: bool) -> Result<ViewId> {
    let staff = actor.staff()?;
    may_share(staff, shared)?;
    let name = checked(name)?;
    let mut tx = pool.begin().await?;
    // Of two at the same time the second counts the first.
    locks::lock(&mut tx, Purpose::Staff, [staff.id().0]).await?;
    let kept = sqlx::query_scalar!(r#"select count(*) as "n!" from client_view where owner_id = $1"#, staff.id().0)
        .fetch_one(&mut *tx)
        .await?;
    if kept >= VIEWS_MAX {
        return Err(Refusal::field("name", Problem::TooMany { max: VIEWS_MAX as usize }).into());
    }
    let id = ViewId(new_id());
    let inserted = sqlx::query!(
        // Where there are codes alone, what was searched for may be a name.
        "insert into client_view (id, owner_id, mine, name, query, shared)
         select $1, $2, $3, $4, case when code_only then regexp_replace($5, '(^|&)q=[^&]*', '', 'g') else $5 end, $6 from practice",
        id.0,
        staff.id().0,
        mine,
        name,
        query,
        shared
    )
    .execute(&mut *tx)
    .await;
    named_once(inserted)?;
    audit::append(&mut tx, actor, "create", "client_view", id, &[]).await?;
    tx.commit().await?;
    Ok(id)
}

/// Puts another query under a view's name.
pub async fn overwrite(pool: &PgPool, actor: &Actor, id: ViewId, query: &str) -> Result<()> {
    let mut tx = pool.begin().await?;
    changeable(&mut tx, actor, id).await?;
    sqlx::query!(
        "update client_view
            set query = case when code_only then regexp_replace($2, '(^|&)q=[^&]*', '', 'g') else $2 end
           from practice where id = $1",
        id.0,
        query
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, actor, "update", "client_view", id, &["query"]).await?;
    Ok(tx.commit().await?)
}

/// Names a view again, and shares it or not any more. Answers its query.
pub async fn rename(pool: &PgPool, actor: &Actor, id: ViewId, name: &str, shared: bool) -> Result<String> {
    let staff = actor.staff()?;
    let mut tx = pool.begin().await?;
    let was_shared = changeable(&mut tx, actor, id).await?;
    may_share(staff, shared && !was_shared)?;
    let name = checked(name)?;
    // What is shared no more is the property of anyone who takes it back.
    let renamed = sqlx::query_scalar!(
        "update client_view set name = $2, shared = $3, owner_id = case when $3 then owner_id else $4 end where id = $1
         returning query",
        id.0,
        name,
        shared,
        staff.id().0
    )
    .fetch_one(&mut *tx)
    .await;
    let query = named_once(renamed)?;
    sqlx::query!(
        "delete from client_view_default where view_id = $1 and not $2 and staff_id <> $3",
        id.0,
        shared,
        staff.id().0
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, actor, "update", "client_view", id, &["name", "shared"]).await?;
    tx.commit().await?;
    Ok(query)
}

pub async fn delete(pool: &PgPool, actor: &Actor, id: ViewId) -> Result<()> {
    let mut tx = pool.begin().await?;
    changeable(&mut tx, actor, id).await?;
    sqlx::query!("delete from client_view where id = $1", id.0).execute(&mut *tx).await?;
    audit::append(&mut tx, actor, "delete", "client_view", id, &[]).await?;
    Ok(tx.commit().await?)
}

/// Lets the actor's list open with this view, or with everyone again. Answers
/// the query.
pub async fn set_default(pool: &PgPool, actor: &Actor, mine: bool, id: Option<ViewId>) -> Result<String> {
    let staff = actor.staff()?;
    let mut tx = pool.begin().await?;
    sqlx::query!("delete from client_view_default where staff_id = $1 and mine = $2", staff.id().0, mine)
        .execute(&mut *tx)
        .await?;
    let mut query = String::new();
    if let Some(id) = id {
        let set = sqlx::query_scalar!(
            r#"with chosen as (
                   select id, query from client_view where id = $2 and mine = $3 and (owner_id = $1 or shared)),
               kept as (insert into client_view_default (staff_id, mine, view_id) select $1, $3, id from chosen)
               select query from chosen"#,
            staff.id().0,
            id.0,
            mine
        );
        query = set.fetch_optional(&mut *tx).await?.ok_or(Error::Refused(Refusal::NotFound))?;
    }
    audit::append(&mut tx, actor, "update", "staff", staff.id(), &["default_view"]).await?;
    tx.commit().await?;
    Ok(query)
}

/// Holds a view that the actor may change; says whether it is shared.
async fn changeable(conn: &mut PgConnection, actor: &Actor, id: ViewId) -> Result<bool> {
    let staff = actor.staff()?;
    let row = sqlx::query!(
        r#"select shared, owner_id = $2 as "own!" from client_view where id = $1 and (owner_id = $2 or shared) for update"#,
        id.0,
        staff.id().0
    )
    .fetch_optional(conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    if row.shared && !staff.is(Role::Administrator) {
        return Err(Error::Refused(Refusal::Forbidden));
    }
    Ok(row.shared)
}

fn may_share(staff: &StaffActor, shared: bool) -> Result<()> {
    if shared && !staff.is(Role::Administrator) { Err(Error::Refused(Refusal::Forbidden)) } else { Ok(()) }
}

fn checked(name: &str) -> Result<String> {
    parse::required(name, 60).map_err(|problem| Refusal::field("name", problem).into())
}

fn named_once<T>(written: std::result::Result<T, sqlx::Error>) -> Result<T> {
    let taken = || Refusal::field("name", Problem::Taken);
    written.on_constraint("client_view_name_key", taken).on_constraint("client_view_shared_name_key", taken)
}
