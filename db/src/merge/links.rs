//! What becomes of the links of two who are one.

use super::Two;
use crate::links::sides::{Pair, Side, Stored, stored};
use crate::links::{record, write};
use crate::{Actor, Result, messages};
use serde_json::{Map, Value};
use shared::links::{EventKind, Label, LinkDetails};
use shared::merge::joined;
use shared::{ClientId, LinkId};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// A link of one of the two to a third.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tie {
    pub id: LinkId,
    /// As seen from the one of the two.
    pub details: LinkDetails,
}

/// The links of the two to every third: of the one that stays, of the one that goes.
pub(super) type Ties = BTreeMap<ClientId, (Option<Tie>, Option<Tie>)>;

pub(super) async fn ties(conn: &mut PgConnection, two: Two) -> Result<Ties> {
    let rows = sqlx::query!(
        r#"select id as "id: LinkId", client_low as "low: ClientId", client_high as "high: ClientId",
                  low_label as "low_label: Label", high_label as "high_label: Label",
                  low_may_book, low_may_forms, low_gets_copies, low_may_packages,
                  high_may_book, high_may_forms, high_gets_copies, high_may_packages
             from client_link where client_low in ($1, $2) or client_high in ($1, $2)"#,
        two.keep.0,
        two.drop.0
    )
    .fetch_all(conn)
    .await?;
    let mut ties = Ties::new();
    for row in rows {
        let own_is_low = row.low == two.keep || row.low == two.drop;
        let (own, other) = if own_is_low { (row.low, row.high) } else { (row.high, row.low) };
        if other == two.keep || other == two.drop {
            continue;
        }
        let stored = stored!(row);
        let side = if own_is_low { Side::Low } else { Side::High };
        let tie = Some(Tie { id: row.id, details: stored.seen_from(side, None) });
        let both = ties.entry(other).or_default();
        if own == two.keep { both.0 = tie } else { both.1 = tie }
    }
    Ok(ties)
}

/// Joins the links of both to each third; the one between the two disappears.
/// Both sides read it in their history.
pub(super) async fn join(conn: &mut PgConnection, actor: &Actor, two: Two) -> Result<()> {
    sqlx::query!(
        "delete from client_link where client_low = least($1::uuid, $2) and client_high = greatest($1::uuid, $2)",
        two.keep.0,
        two.drop.0
    )
    .execute(&mut *conn)
    .await?;
    let ties = ties(conn, two).await?;
    events(conn, two).await?;
    for (third, (keep, drop)) in ties {
        let Some(after) = joined(keep.map(|tie| tie.details).as_ref(), drop.map(|tie| tie.details).as_ref()) else {
            continue;
        };
        if let (Some(_), Some(drop)) = (keep, drop) {
            sqlx::query!("delete from client_link where id = $1", drop.id.0).execute(&mut *conn).await?;
        }
        let Some(stays) = keep.or(drop) else { continue };
        if drop.is_none() && keep.is_some_and(|tie| tie.details == after) {
            continue;
        }
        // What ends is told against how the link of the one that stays stood, whatever came last in both histories.
        let ends = keep.is_some_and(|tie| tie.details != after);
        if ends {
            record(&mut *conn, actor, stays.id, EventKind::Changed).await?;
        }
        if let Some(pair) = Pair::of(two.keep, third) {
            write(conn, stays.id, pair, Stored::of(pair.own, &after)).await?;
        }
        let event = record(&mut *conn, actor, stays.id, EventKind::Changed).await?;
        if ends {
            messages::queue_link_change(conn, event).await?;
        }
    }
    Ok(())
}

/// The history of the links of the one that goes becomes that of the one that
/// stays. What it tells of the two themselves goes.
async fn events(conn: &mut PgConnection, two: Two) -> Result<()> {
    sqlx::query!(
        "delete from client_link_event where client_low = least($1::uuid, $2) and client_high = greatest($1::uuid, $2)",
        two.keep.0,
        two.drop.0
    )
    .execute(&mut *conn)
    .await?;
    let rows = sqlx::query!(
        r#"select id, client_low as "low: ClientId", client_high as "high: ClientId", state
             from client_link_event where client_low = $1 or client_high = $1"#,
        two.drop.0
    )
    .fetch_all(&mut *conn)
    .await?;
    for row in rows {
        let was_low = row.low == two.drop;
        let third = if was_low { row.high } else { row.low };
        let Some(pair) = Pair::of(two.keep, third) else { continue };
        let turned = was_low != (pair.own == Side::Low);
        let state = if turned { row.state.map(turn) } else { row.state };
        sqlx::query!(
            "update client_link_event set client_low = $2, client_high = $3, state = $4 where id = $1",
            row.id,
            pair.low.0,
            pair.high.0,
            state
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// The state with low and high exchanged.
fn turn(state: Value) -> Value {
    let Value::Object(state) = state else { return state };
    let turned = state.into_iter().map(|(key, value)| {
        let key = match (key.strip_prefix("low_"), key.strip_prefix("high_")) {
            (Some(rest), _) => format!("high_{rest}"),
            (_, Some(rest)) => format!("low_{rest}"),
            _ => key,
        };
        (key, value)
    });
    Value::Object(turned.collect::<Map<_, _>>())
}
