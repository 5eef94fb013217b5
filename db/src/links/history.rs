//! The history of links: every change, kept for both, also when the link is gone.

use super::side;
use super::sides::Stored;
use crate::audit::By;
use crate::authz::ReadableClient;
use crate::{Actor, Result, new_id};
use chrono::{DateTime, Utc};
use shared::ClientId;
use shared::LinkId;
use shared::links::{EventKind, LinkDetails, LinkEvent, changes};
use sqlx::PgConnection;
use uuid::Uuid;

/// A change as it is stored, seen from one of the two.
pub(crate) struct Entry {
    pub at: DateTime<Utc>,
    pub kind: EventKind,
    pub other: ClientId,
    pub own_name: String,
    pub other_name: String,
    pub actor_id: Uuid,
    pub actor_name: String,
    pub before: Option<LinkDetails>,
    /// `None` of a removal, and of what cannot be read.
    pub after: Option<LinkDetails>,
}

/// The newest 100 changes of a client's links, removed ones among them, each
/// with what it changed in words.
pub async fn history(conn: &mut PgConnection, actor: &Actor, own: &ReadableClient) -> Result<Vec<LinkEvent>> {
    let entries = entries(conn, own.id(), actor.staff()?.scope(), false).await?;
    Ok(entries
        .into_iter()
        .map(|entry| LinkEvent {
            at: entry.at,
            kind: entry.kind,
            // A state that cannot be read has no words; when and who remain.
            changes: entry
                .after
                .map(|after| changes(entry.before.as_ref(), &after, &entry.own_name, &entry.other_name))
                .unwrap_or_default(),
            other_name: entry.other_name,
            actor_name: entry.actor_name,
        })
        .collect())
}

/// The newest 100; `live`: of links that there are still. `scope` is that of a practitioner.
pub(crate) async fn entries(
    conn: &mut PgConnection,
    own: ClientId,
    scope: Option<Uuid>,
    live: bool,
) -> Result<Vec<Entry>> {
    let rows = sqlx::query!(
        r#"select e.at, e.kind as "kind: EventKind", e.actor_id, e.actor_name, e.state,
                  lag(case when e.kind <> 'removed' then e.state end)
                      over (partition by e.client_low, e.client_high order by e.at, e.id) as before,
                  e.client_low = $1 as "own_is_low!",
                  c.id as "other: ClientId", client_name(c) as "other_name!", client_name(me) as "own_name!"
             from client_link_event e
             join client c on c.id = case when e.client_low = $1 then e.client_high else e.client_low end
             join client me on me.id = $1
            where (e.client_low = $1 or e.client_high = $1)
              and (not $3 or exists (select from client_link l
                                      where (l.client_low, l.client_high) = (e.client_low, e.client_high)))
              and exists (select from client_in_scope(c.id, $2))
            order by e.at desc, e.id desc limit 100"#,
        own.0,
        scope,
        live
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let own = side(row.own_is_low);
            let state = |json: Option<serde_json::Value>| {
                let stored: Stored = serde_json::from_value(json?).ok()?;
                Some(stored.seen_from(own, None))
            };
            let after = if row.kind == EventKind::Removed { None } else { state(row.state) };
            Entry {
                at: row.at,
                kind: row.kind,
                other: row.other,
                own_name: row.own_name,
                other_name: row.other_name,
                actor_id: row.actor_id,
                actor_name: row.actor_name,
                before: state(row.before),
                after,
            }
        })
        .collect())
}

/// Writes the link as it stands into the history of both: of a removal as it stood.
pub(crate) async fn record<'a>(
    conn: &mut PgConnection,
    by: impl Into<By<'a>>,
    id: LinkId,
    kind: EventKind,
) -> Result<Uuid> {
    let (actor, name) = match by.into() {
        By::Actor(actor) => (actor.id(), actor.name()),
        By::Staff(id) => (id.0, ""),
        By::Link(id) => (id, ""),
        By::System => (Uuid::nil(), ""),
    };
    let event = new_id();
    sqlx::query!(
        "insert into client_link_event (id, client_low, client_high, kind, state, actor_id, actor_name, at)
         select $1, client_low, client_high, $2,
                to_jsonb(l) - array['id', 'client_low', 'client_high', 'version', 'created_at'],
                $3, $4, clock_timestamp()
           from client_link l where id = $5",
        event,
        kind.as_str(),
        actor,
        name,
        id.0
    )
    .execute(conn)
    .await?;
    Ok(event)
}
