//! Lists of activities, and one of them.
//!
//! Three statements show a page, whatever its size: its rows, their clients,
//! the sums of all that the filters let through.

use crate::actor::StaffActor;
use crate::authz::{self, ReadableClient};
use crate::{Actor, Error, Result};
use chrono::NaiveDate;
use shared::accounts::Role;
use shared::activities::{ActivityClient, ActivityPage, ActivityQuery, ActivityView, Cursor, Whose};
use shared::clients::Kind;
use shared::{ActivityId, AppointmentId, ClientId, ClientNumber, Refusal, StaffId, TermId};
use sqlx::{PgConnection, PgPool, Postgres, QueryBuilder};
use std::collections::HashMap;
use uuid::Uuid;

/// Rows on a page of the list.
pub const PAGE_SIZE: u32 = 50;

/// The activities that the actor may see and the query asks for, newest first.
/// A client the actor does not see is not found.
pub async fn list(pool: &PgPool, actor: &Actor, query: &ActivityQuery) -> Result<ActivityPage> {
    let mut conn = pool.acquire().await?;
    let client = match query.client {
        Some(number) => Some(authz::readable(&mut conn, actor, number).await?),
        None => None,
    };
    page(&mut conn, actor, query, client.as_ref(), PAGE_SIZE).await
}

/// A client's newest activities and the sums of all, as the actor may see them.
pub async fn of_client(
    conn: &mut PgConnection,
    actor: &Actor,
    client: &ReadableClient,
    limit: u32,
) -> Result<ActivityPage> {
    let query = ActivityQuery { whose: Whose::All, ..ActivityQuery::default() };
    page(conn, actor, &query, Some(client), limit).await
}

/// One activity, with its description.
pub async fn one(pool: &PgPool, actor: &Actor, id: ActivityId) -> Result<ActivityView> {
    let me = actor.staff()?;
    let mut conn = pool.acquire().await?;
    let mut sql = select("a.description");
    push_visible(&mut sql, me);
    sql.push(" and a.id = ").push_bind(id.0);
    let row = sql.build_query_as::<Row>().fetch_optional(&mut *conn).await?.ok_or(Error::Refused(Refusal::NotFound))?;
    let views = with_clients(&mut conn, me, vec![row]).await?;
    views.into_iter().next().ok_or(Error::Refused(Refusal::NotFound))
}

/// `client` is the one that the query names, once the actor may read them.
async fn page(
    conn: &mut PgConnection,
    actor: &Actor,
    query: &ActivityQuery,
    client: Option<&ReadableClient>,
    limit: u32,
) -> Result<ActivityPage> {
    let me = actor.staff()?;
    let client = client.map(ReadableClient::id);
    let mut sql = select("''");
    push_filter(&mut sql, me, query, client);
    if let Some(Cursor { date, id }) = query.after {
        sql.push(" and (a.held_on, a.id) < (").push_bind(date).push(", ").push_bind(id.0).push(")");
    }
    sql.push(" order by a.held_on desc, a.id desc limit ").push_bind(i64::from(limit) + 1);
    let mut rows: Vec<Row> = sql.build_query_as().persistent(false).fetch_all(&mut *conn).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|last| Cursor { date: last.held_on, id: last.id });

    let mut sql = QueryBuilder::new("select count(*), coalesce(sum(a.minutes), 0) from activity a");
    push_filter(&mut sql, me, query, client);
    let (count, minutes) = sql.build_query_as::<(i64, i64)>().persistent(false).fetch_one(&mut *conn).await?;
    let rows = with_clients(conn, me, rows).await?;
    Ok(ActivityPage { rows, count, minutes, next })
}

#[derive(sqlx::FromRow)]
struct Row {
    id: ActivityId,
    staff_id: StaffId,
    staff_name: String,
    type_id: TermId,
    type_label: String,
    setting_id: Option<TermId>,
    setting_label: Option<String>,
    supervisor_id: Option<StaffId>,
    supervisor_name: Option<String>,
    appointment_id: Option<AppointmentId>,
    held_on: NaiveDate,
    minutes: i32,
    title: String,
    description: String,
    version: i32,
}

fn select(description: &str) -> QueryBuilder<Postgres> {
    QueryBuilder::new(format!(
        "select a.id, a.staff_id, o.first_name || ' ' || o.last_name as staff_name, a.type_id, t.label as type_label,
                a.setting_id, s.label as setting_label,
                a.supervisor_id, v.first_name || ' ' || v.last_name as supervisor_name,
                a.appointment_id, a.held_on, a.minutes, a.title, {description} as description, a.version
           from activity a
           join staff_member o on o.id = a.staff_id
           join term t on t.id = a.type_id
           left join term s on s.id = a.setting_id
           left join staff_member v on v.id = a.supervisor_id"
    ))
}

/// Appends `where` and what the actor may see.
pub(crate) fn push_visible(sql: &mut QueryBuilder<Postgres>, me: &StaffActor) {
    if me.sees_all_clients() {
        sql.push(" where true");
    } else {
        sql.push(" where (a.staff_id = ")
            .push_bind(me.id().0)
            .push(" or a.supervisor_id = ")
            .push_bind(me.id().0)
            .push(")");
    }
}

fn push_filter(sql: &mut QueryBuilder<Postgres>, me: &StaffActor, query: &ActivityQuery, client: Option<ClientId>) {
    push_visible(sql, me);
    match query.whose {
        Whose::All => {}
        Whose::Own => _ = sql.push(" and a.staff_id = ").push_bind(me.id().0),
        Whose::Supervised => _ = sql.push(" and a.supervisor_id = ").push_bind(me.id().0),
        Whose::Of(id) => _ = sql.push(" and a.staff_id = ").push_bind(id.0),
    }
    if let Some(id) = query.activity_type {
        sql.push(" and a.type_id = ").push_bind(id.0);
    }
    if let Some(id) = query.supervisor {
        sql.push(" and a.supervisor_id = ").push_bind(id.0);
    }
    if let Some(first) = query.first {
        sql.push(" and a.held_on >= ").push_bind(first);
    }
    if let Some(last) = query.last {
        sql.push(" and a.held_on <= ").push_bind(last);
    }
    if let Some(client) = client {
        sql.push(" and a.id in (select activity_id from activity_client where client_id = ").push_bind(client.0);
        // Of whose family someone was who is erased is told nowhere.
        sql.push(" union all select y.activity_id from activity_attendee y join client m on m.id = y.member_id")
            .push(" where m.erased_at is null and y.member_id = ")
            .push_bind(client.0)
            .push(")");
    }
}

/// The rows with their clients, read as they are now.
async fn with_clients(conn: &mut PgConnection, me: &StaffActor, rows: Vec<Row>) -> Result<Vec<ActivityView>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.0).collect();
    // What is not seen does not leave the database.
    let found = sqlx::query!(
        r#"select x.activity_id as "activity_id: ActivityId", c.number as "number?: ClientNumber", c.kind as "kind?: Kind",
                  c.code::text as "code?", client_name(c) as "name?",
                  (select count(*) from activity_attendee y
                    where y.activity_id = x.activity_id and y.group_id = x.client_id) as "attended!"
             from activity_client x
             left join client c on c.id = x.client_id
              and exists (select from client_in_scope(c.id, $2))
            where x.activity_id = any($1)
            order by c.sort_name, c.id"#,
        &ids,
        me.scope()
    )
    .fetch_all(conn)
    .await?;
    let mut clients: HashMap<ActivityId, (Vec<ActivityClient>, u32)> = HashMap::new();
    for row in found {
        let (seen, hidden) = clients.entry(row.activity_id).or_default();
        match (row.number, row.kind) {
            (Some(number), Some(kind)) => {
                let (name, code) = (row.name.unwrap_or_default(), row.code.unwrap_or_default());
                seen.push(ActivityClient { number, kind, code, name, attended: row.attended as u32 });
            }
            _ => *hidden += 1,
        }
    }
    let administrator = me.is(Role::Administrator);
    let view = |row: Row| {
        let (seen, hidden) = clients.remove(&row.id).unwrap_or_default();
        ActivityView {
            may_edit: administrator || row.staff_id == me.id(),
            id: row.id,
            staff: (row.staff_id, row.staff_name),
            activity_type: (row.type_id, row.type_label),
            setting: row.setting_id.zip(row.setting_label),
            supervisor: row.supervisor_id.zip(row.supervisor_name),
            appointment: row.appointment_id,
            date: row.held_on,
            minutes: row.minutes,
            title: row.title,
            description: row.description,
            clients: seen,
            hidden,
            version: row.version,
        }
    };
    Ok(rows.into_iter().map(view).collect())
}
