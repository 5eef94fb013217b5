//! Finding clients: the list, and the search behind every picker.
//!
//! Every client has one line of what they are found by, and each word of it
//! leads there, and each two, and each with a tag or a practitioner (migration
//! A list without search
//! is read in its order from a cursor ([`keyset`]); a search reads the
//! postings of two of its words or of the rarest ([`words`]), then codes,
//! addresses and telephone numbers ([`identifiers`]), then forgives typos in names
//! ([`fuzzy_names`]) and, where no one is found, in the others ([`fuzzy_identifiers`]).
//! Of few, a practitioner's or a tag's, all that is read once ([`small_set`]).
//! How many statements that takes depends on what is typed, not on how many
//! clients there are.
//!
//! Where a statement says `(select $1)` for `$1`, Postgres estimates the same
//! whatever was typed: so it plans the statement once, not each time, which
//! takes longer than finding does.
//!
//! The tables of the search are kept by statement triggers in the transaction of the change.
//! A word leads to its clients in the order of the list, so the first page of a common name
//! is an index scan with a limit. Two words of a name have an entry of their own, by their
//! first three letters (`+gar mar`), so that Maria Garcia is not looked for among all Marias;
//! so has each word with each tag or practitioner. A cursor holds a client number and nothing
//! personal.
mod filter;
mod fuzzy_identifiers;
mod fuzzy_names;
mod identifiers;
mod keyset;
mod rows;
mod small_set;
mod typed;
mod words;

use crate::{Actor, Result};
use filter::Filter;
use shared::ClientId;
use shared::clients::{ClientPage, ClientQuery, ClientSummary, Cursor, Kind};
use sqlx::{PgConnection, PgPool};

/// Rows on a page of the list.
const PAGE_SIZE: u32 = 50;
/// Rows on a page of a search, which is made again with every letter: anyone who is
/// not among the first is found by typing on.
const FOUND_SIZE: u32 = 25;
/// The last client that pages of a search reach: more words find sooner.
const DEPTH_MAX: u32 = 10_000;

/// The numbers of those on a page of the list, in its order. Their records say
/// who of them the actor may see: see [`crate::clients::list::page`].
pub(crate) async fn page(
    conn: &mut PgConnection,
    actor: &Actor,
    query: &ClientQuery,
    mine: bool,
) -> Result<ClientPage<i64>> {
    let filter = Filter::of(actor, query, mine)?;
    if filter.typed.is_empty() {
        keyset::page(conn, &filter, query).await
    } else {
        searched(conn, &filter, query).await
    }
}

/// All who match this query, on whichever page of the list, in its order; at
/// most `max`. Clients the actor may not see are not among them, nor is anyone
/// who is only close to what was typed.
pub async fn matching(
    conn: &mut PgConnection,
    actor: &Actor,
    query: &ClientQuery,
    mine: bool,
    max: u32,
) -> Result<Vec<ClientId>> {
    let filter = Filter::of(actor, query, mine)?;
    let numbers = if filter.typed.is_empty() {
        keyset::all(conn, &filter, max).await?
    } else {
        let mut found = words::find(conn, &filter, max, max).await?;
        found.numbers.truncate(found.exactly());
        found.numbers
    };
    filter.ids(conn, &numbers).await
}

/// Couples, families and groups the actor may see and `q` finds: all of
/// them if it is empty. At most `max` of each kind.
pub(crate) async fn groups(conn: &mut PgConnection, actor: &Actor, q: &str, max: u32) -> Result<Vec<ClientId>> {
    let mut groups = Vec::new();
    for kind in [Kind::Couple, Kind::Family, Kind::Group] {
        let filter = Filter::picker(actor, q, Some(kind))?;
        let numbers = if filter.typed.is_empty() {
            keyset::all(conn, &filter, max).await?
        } else {
            words::find(conn, &filter, max, max).await?.numbers
        };
        groups.extend(filter.ids(conn, &numbers).await?);
    }
    Ok(groups)
}

/// People the actor may see, for pickers; nothing for an empty search.
pub async fn search(pool: &PgPool, actor: &Actor, q: &str, limit: u32) -> Result<Vec<ClientSummary>> {
    search_kind(pool, actor, q, limit, Some(Kind::Individual)).await
}

/// As [`search`], with couples, families and groups.
pub async fn search_all_kinds(pool: &PgPool, actor: &Actor, q: &str, limit: u32) -> Result<Vec<ClientSummary>> {
    search_kind(pool, actor, q, limit, None).await
}

async fn search_kind(
    pool: &PgPool,
    actor: &Actor,
    q: &str,
    limit: u32,
    kind: Option<Kind>,
) -> Result<Vec<ClientSummary>> {
    let filter = Filter::picker(actor, q, kind)?;
    if filter.typed.is_empty() {
        return Ok(Vec::new());
    }
    let mut conn = pool.acquire().await?;
    let limit = limit.min(PAGE_SIZE);
    let found = words::find(&mut conn, &filter, limit, limit).await?;
    rows::summaries(&mut conn, &filter, &found.numbers).await
}

/// As [`search_all_kinds`], numbers alone.
pub(in crate::clients) async fn search_numbers(
    conn: &mut PgConnection,
    actor: &Actor,
    q: &str,
    limit: u32,
) -> Result<Vec<i64>> {
    let filter = Filter::picker(actor, q, None)?;
    match filter.typed.is_empty() {
        true => Ok(Vec::new()),
        false => Ok(words::find(conn, &filter, limit, limit).await?.numbers),
    }
}

/// A page of what a search found. Its cursors count places: a search is short
/// enough to be made again for every page.
async fn searched(conn: &mut PgConnection, filter: &Filter, query: &ClientQuery) -> Result<ClientPage<i64>> {
    let place = |cursor: &str| cursor.parse::<Cursor>().ok().and_then(|cursor| cursor.place);
    let from = match (place(&query.after), place(&query.before)) {
        (Some(place), _) => place,
        (None, Some(place)) => place.saturating_sub(FOUND_SIZE),
        (None, None) => 0,
    };
    let from = from.min(DEPTH_MAX);
    let need = from + FOUND_SIZE + 1;
    let found = words::find(conn, filter, need, need.max(words::COUNTED)).await?;
    let total = found.numbers.len() as u32;
    // Of more than were counted whole pages are told.
    let told = if found.more && total > FOUND_SIZE { total / FOUND_SIZE * FOUND_SIZE } else { total };
    // Beyond these an order of one's own is not made.
    let depth = if filter.sort.is_some() { words::SORTED_MAX - FOUND_SIZE } else { DEPTH_MAX };
    let from = if query.before == ClientQuery::END { total.saturating_sub(1) / FOUND_SIZE * FOUND_SIZE } else { from };
    let to = (from + FOUND_SIZE).min(total);
    let rows: Vec<i64> = found.numbers.get(from as usize..to as usize).unwrap_or_default().to_vec();
    let at = |row: Option<&i64>, place| row.map(|number| Cursor { number: *number, place: Some(place) });
    Ok(ClientPage {
        previous: if from > 0 { Some(Cursor { number: 0, place: Some(from) }) } else { None },
        next: at(rows.last(), to).filter(|_| to < total && to <= depth),
        last: !found.more,
        skipped: Some(from),
        close: found.numbers.len().saturating_sub(found.exactly()) as u32,
        near_from: found.near_from.and_then(|near| near.checked_sub(from as usize)).filter(|near| *near < rows.len()),
        total: told,
        more: found.more,
        rows,
    })
}
