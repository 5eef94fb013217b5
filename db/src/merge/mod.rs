//! Duplicates and merging: who may be one person twice, both records side
//! by side, one transaction that makes them one, and its undoing.
//!
//! Merging moves what refers to one record to the other. Grants intersect, a link between the
//! two goes, links that were mailed to either no longer open anything, and the journal holds
//! the rows as they were.
//!
//! An undo is refused, with the fields named, once something that the merge had changed is no
//! longer as it left it, and while a later merge into the same record stands, for that one
//! cut its grants to what this one had left. Erasing either record destroys the journal.

mod duplicates;
mod fields;
mod follow;
mod journal;
mod links;
mod preview;
mod undo;

pub use duplicates::{
    Duplicate, Likeness, Match, Reason, duplicates, likely, likely_many, maybe_duplicate, not_duplicate,
};
pub(crate) use duplicates::{Sharing, may_be_one};
pub use fields::{GROUPS, Group, KEPT};
pub use preview::{Compared, LinkOutcome, Preview, Side, preview};
pub use undo::{Merged, kept_for, merges_of, undo};

use crate::accounts::{self, Owner};
use crate::{Actor, Error, OnConstraint, Result, appointments, audit, authz, clients, consents, new_id};
use fields::NOTES_MAX;
use serde_json::Value;
use shared::clients::Kind;
use shared::consents::ConsentSource;
use shared::merge::{Choice, MergeDetails, MergeForm};
use shared::{ClientId, ClientNumber, Conflict, MergeId, Problem, Refusal};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};

/// The record that stays and the one that goes.
#[derive(Debug, Clone, Copy)]
struct Two {
    keep: ClientId,
    drop: ClientId,
}

/// Makes two records one: everything that refers to the second follows to the
/// first, and the second is gone; its number and code lead to the first. Front
/// desk only. [`Refusal::Stale`] when either has changed since it was looked
/// at; [`Conflict::ClientBusy`] when both have appointments at one time.
pub async fn merge(
    pool: &PgPool,
    actor: &Actor,
    keep: ClientNumber,
    drop: ClientNumber,
    form: &MergeForm,
) -> Result<MergeId> {
    let mut tx = pool.begin().await?;
    let two = both(&mut tx, actor, keep, drop).await?;
    let details = form.parse()?;
    lock(&mut tx, two).await?;
    check(&mut tx, two, &details).await?;

    let before = journal::snapshot(&mut tx, &[two.keep, two.drop], None).await?;
    let dropped: Value = sqlx::query_scalar!(r#"select to_jsonb(c) as "row!" from client c where id = $1"#, two.drop.0)
        .fetch_one(&mut *tx)
        .await?;
    let codes = sqlx::query!(
        r#"select k.code::text as "keep!", d.code::text as "drop!" from client k, client d where k.id = $1 and d.id = $2"#,
        two.keep.0,
        two.drop.0
    )
    .fetch_one(&mut *tx)
    .await?;
    let imported =
        sqlx::query_scalar!("select import_id from client where id = $1", two.drop.0).fetch_one(&mut *tx).await?;
    let reaches = [
        accounts::reach(&mut tx, Owner::Client(two.keep)).await?,
        accounts::reach(&mut tx, Owner::Client(two.drop)).await?,
    ];
    consents::through(&mut tx, actor, ConsentSource::Merge).await?;
    links::join(&mut tx, actor, two).await?;
    follow::everything(&mut tx, two, &details).await?;
    sqlx::query!("delete from client where id = $1", two.drop.0).execute(&mut *tx).await?;
    take_over(&mut tx, two, &details, &dropped).await?;
    consents::settle(&mut tx, &[two.keep]).await?;
    let status = clients::lock(&mut tx, two.keep).await?;
    clients::ensure_never_used(&mut tx, two.keep, status).await?;
    clients::revoke_access_if_inactive(&mut tx, two.keep, status).await?;
    let after = journal::snapshot(&mut tx, &[two.keep], Some(&before)).await?;
    let journal = journal::difference(before, after);

    let id = MergeId(new_id());
    let given_up = if details.choices.get("code") == Some(&Choice::Drop) { codes.keep } else { codes.drop };
    sqlx::query!(
        "insert into client_merge (id, kept_id, dropped_id, dropped_number, dropped_code, merged_by, journal, dropped_import_id)
         values ($1, $2, $3, $4, $5::text::citext, $6, $7, $8)",
        id.0,
        two.keep.0,
        two.drop.0,
        drop.get(),
        given_up,
        actor.id(),
        journal.write()?,
        imported
    )
    .execute(&mut *tx)
    .await?;
    // Of no concern to the journal: a mail that was sent stays sent.
    for reach in reaches {
        accounts::ask_proof(&mut tx, actor, &reach).await?;
        accounts::address_changed(&mut tx, reach, Owner::Client(two.keep)).await?;
    }
    let chosen: Vec<&str> = GROUPS
        .iter()
        .filter(|group| details.choices.get(group.name).is_some_and(|choice| *choice != Choice::Keep))
        .map(|group| group.name)
        .collect();
    audit::append(&mut tx, actor, "merged-away", "client", two.drop, &[]).await?;
    audit::append(&mut tx, actor, "merge", "client", two.keep, &chosen).await?;
    tx.commit().await?;
    Ok(id)
}

/// Two different people's records, both of individuals, the front desk
/// may change.
async fn both(conn: &mut PgConnection, actor: &Actor, keep: ClientNumber, drop: ClientNumber) -> Result<Two> {
    let keep = authz::administrable(conn, actor, keep).await?.id();
    let drop = authz::administrable(conn, actor, drop).await?.id();
    if keep == drop {
        return Err(Refusal::field("drop", Problem::Same).into());
    }
    let people = sqlx::query!(
        r#"select kind as "kind: Kind", erased_at is not null as "erased!" from client where id in ($1, $2)"#,
        keep.0,
        drop.0
    )
    .fetch_all(conn)
    .await?;
    if people.iter().any(|person| person.kind != Kind::Individual || person.erased) {
        return Err(Refusal::field("drop", Problem::OnlyIndividuals).into());
    }
    Ok(Two { keep, drop })
}

/// In the order that holds everywhere: bookings, links, clients, appointments.
/// Of two who merge the same record the second finds it gone.
async fn lock(conn: &mut PgConnection, two: Two) -> Result<()> {
    appointments::lock(conn, &[two.keep.0, two.drop.0]).await?;
    let ids = [two.keep.0, two.drop.0];
    sqlx::query_scalar!(
        "select 1 from client_link where client_low = any($1) or client_high = any($1) order by id for update",
        &ids
    )
    .fetch_all(&mut *conn)
    .await?;
    let there = sqlx::query_scalar!("select 1 from client where id = any($1) order by id for update", &ids)
        .fetch_all(&mut *conn)
        .await?;
    if there.len() != 2 {
        return Err(Error::Refused(Refusal::NotFound));
    }
    sqlx::query_scalar!(
        "select 1 from appointment a
          where exists (select from appointment_participant p where p.appointment_id = a.id and p.client_id = any($1))
          order by a.id for update",
        &ids
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

async fn check(conn: &mut PgConnection, two: Two, details: &MergeDetails) -> Result<()> {
    let now = sqlx::query!(
        r#"select k.version as "keep!", d.version as "drop!",
                  exists (select from visit a join visit b
                              on a.id <> b.id and tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)
                           where a.client_id = k.id and b.client_id = d.id
                             and a.blocks and b.blocks
                             and not a.overbooked and not b.overbooked) as "busy!",
                  length(k.notes) + length(d.notes) + 2 as "notes!",
                  length(k.billing_notes) + length(d.billing_notes) + 2 as "billing_notes!"
             from client k, client d where k.id = $1 and d.id = $2"#,
        two.keep.0,
        two.drop.0
    )
    .fetch_one(conn)
    .await?;
    if details.versions != (now.keep, now.drop) {
        return Err(Refusal::Stale.into());
    }
    if now.busy {
        return Err(Refusal::Conflict(Conflict::ClientBusy).into());
    }
    for (name, length) in [("notes", now.notes), ("billing_notes", now.billing_notes)] {
        if details.choices.get(name) == Some(&Choice::Both) && length as usize > NOTES_MAX {
            return Err(Refusal::field(name, Problem::TooLong { max: NOTES_MAX }).into());
        }
    }
    Ok(())
}

/// Writes what was chosen of the record that went into the one that stays.
async fn take_over(conn: &mut PgConnection, two: Two, details: &MergeDetails, dropped: &Value) -> Result<()> {
    let mut set = vec!["version = c.version + 1".to_owned(), "updated_at = now()".to_owned()];
    for group in GROUPS {
        match details.choices.get(group.name) {
            Some(Choice::Drop) => set.extend(group.columns.iter().map(|column| format!("{column} = d.{column}"))),
            Some(Choice::Both) if group.both => set.extend(group.columns.iter().map(|column| {
                format!("{column} = concat_ws(E'\\n\\n', nullif(c.{column}, ''), nullif(d.{column}, ''))")
            })),
            _ => {}
        }
    }
    let sql = format!(
        "update client c set {} from jsonb_populate_record(null::client, $2) d where c.id = $1",
        set.join(", ")
    );
    sqlx::query(AssertSqlSafe(sql))
        .bind(two.keep.0)
        .bind(dropped)
        .execute(conn)
        .await
        .on_constraint("client_code_key", || Refusal::field("code", Problem::Taken))?;
    Ok(())
}
