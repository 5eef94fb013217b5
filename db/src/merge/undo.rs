//! Undoing a merge: exactly as it was, or not at all. What was edited since
//! and the merge had not touched stays as it is now, with the record that was kept.

use super::fields::GROUPS;
use super::journal::{Journal, Overtaken, VERSION};
use crate::accounts::{self, Owner};
use crate::{Actor, Error, Result, appointments, audit, authz, clients, consents};
use chrono::{DateTime, Utc};
use shared::clients::Status;
use shared::consents::ConsentSource;
use shared::{ClientId, ClientNumber, MergeId, Refusal};
use sqlx::{Connection, PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

/// A merge into a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    pub id: MergeId,
    pub number: ClientNumber,
    pub code: String,
    pub at: DateTime<Utc>,
    pub by: String,
    /// Why it cannot be undone any more; empty when it can.
    pub reasons: Vec<String>,
    /// The record was saved since, in what the merge did not touch: that stays.
    pub saved_since: bool,
    /// Appointments booked since: they stay as well.
    pub booked_since: i64,
}

/// The merges into a client, the newest first, for those who may undo them.
pub async fn merges_of(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<Vec<Merged>> {
    let mut conn = pool.acquire().await?;
    let client = authz::administrable(&mut conn, actor, number).await?.id();
    let rows = sqlx::query!(
        r#"select m.id as "id: MergeId", m.dropped_number as "number: ClientNumber", m.dropped_code::text as "code!",
                  m.merged_at, coalesce(s.first_name || ' ' || s.last_name, '') as "by!", m.journal,
                  c.updated_at > m.merged_at as "saved_since!",
                  (select count(*) from visit a where a.client_id = c.id and a.booked_at > m.merged_at) as "booked_since!"
             from client_merge m join client c on c.id = m.kept_id left join staff_member s on s.id = m.merged_by
            where m.kept_id = $1 order by m.merged_at desc, m.id desc limit 50"#,
        client.0
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut merges = Vec::new();
    for row in rows {
        // Only the newest can be undone, and is looked into.
        let reasons = match row.journal {
            None => vec!["The merge was made final.".to_owned()],
            Some(_) if !merges.is_empty() => vec![LATER.to_owned()],
            Some(journal) => reasons(&mut conn, row.id, &Journal::read(journal)?).await?,
        };
        merges.push(Merged {
            id: row.id,
            number: row.number,
            code: row.code,
            at: row.merged_at,
            by: row.by,
            reasons,
            saved_since: row.saved_since,
            booked_since: row.booked_since,
        });
    }
    Ok(merges)
}

/// Restores both records as they were before the merge; [`Refusal::NotUndoable`] when
/// something that it touched has changed since, or another record was merged in later:
/// its grants were cut to what this merge had left. What came later stays with the
/// record that was kept. Of two at the same time, and of one pressed twice, the second finds it
/// done. Front desk only.
pub async fn undo(pool: &PgPool, actor: &Actor, number: ClientNumber, id: MergeId) -> Result<()> {
    let mut tx = pool.begin().await?;
    let client = authz::administrable(&mut tx, actor, number).await?.id();
    let dropped = sqlx::query_scalar!(
        r#"select dropped_id as "id: ClientId" from client_merge where id = $1 and kept_id = $2"#,
        id.0,
        client.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(dropped) = dropped else { return undone(&mut tx, client, id).await };
    appointments::lock(&mut tx, &[client.0, dropped.0]).await?;
    sqlx::query_scalar!(
        "select 1 from client_link where client_low = $1 or client_high = $1 order by id for update",
        client.0
    )
    .fetch_all(&mut *tx)
    .await?;
    crate::deletion::lock(&mut tx, client).await?;
    let row = sqlx::query!(
        r#"delete from client_merge m where m.id = $1 and m.kept_id = $2
           returning m.journal, exists (select from client_merge l where l.kept_id = m.kept_id
                                         and (l.merged_at, l.id) > (m.merged_at, m.id)) as "later!""#,
        id.0,
        client.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else { return undone(&mut tx, client, id).await };
    let Some(journal) = row.journal.filter(|_| !row.later) else { return Err(Refusal::NotUndoable.into()) };
    let journal = Journal::read(journal)?;
    if !journal.overtaken(&mut tx).await?.is_empty() {
        return Err(Refusal::NotUndoable.into());
    }
    let reach = accounts::reach(&mut tx, Owner::Client(client)).await?;
    consents::quietly(&mut tx).await?;
    journal.put_back(&mut tx).await.map_err(Error::or_not_undoable)?;
    // What the merge ended has not ended.
    sqlx::query!(
        "delete from message m
          where m.kind = 'link_change' and m.state = 'queued' and m.subject_kind = 'link_event'
            and not exists (select from client_link_event e where e.id = m.subject_id)"
    )
    .execute(&mut *tx)
    .await?;
    consents::through(&mut tx, actor, ConsentSource::Merge).await?;
    consents::settle(&mut tx, &[client, dropped]).await?;
    count_seats(&mut tx, client, dropped).await.map_err(Error::or_not_undoable)?;
    accounts::ask_proof(&mut tx, actor, &reach).await?;
    accounts::address_changed(&mut tx, reach, Owner::Client(client)).await?;
    let restored = sqlx::query!(
        r#"select id as "id: ClientId", status as "status: Status" from client where id in ($1, $2)"#,
        client.0,
        dropped.0
    )
    .fetch_all(&mut *tx)
    .await?;
    for one in restored {
        match clients::ensure_never_used(&mut tx, one.id, one.status).await {
            Err(Error::Refused(_)) => return Err(Refusal::NotUndoable.into()),
            checked => checked?,
        }
        clients::revoke_access_if_inactive(&mut tx, one.id, one.status).await?;
    }
    audit::append(&mut tx, actor, "merge-undone", "client", client, &[&format!("merge {id}")]).await?;
    audit::append(&mut tx, actor, "restored", "client", dropped, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// No such merge is left: all is well if it has been undone.
async fn undone(conn: &mut PgConnection, client: ClientId, id: MergeId) -> Result<()> {
    let is_undone = sqlx::query_scalar!(
        r#"select exists (select from audit where record_id = $1 and action = 'merge-undone' and fields = array[$2]) as "is!""#,
        client.0,
        format!("merge {id}")
    );
    if is_undone.fetch_one(conn).await? { Ok(()) } else { Err(Refusal::NotFound.into()) }
}

/// The client that the number of a merged record leads to, for those who may see them.
pub async fn kept_for(conn: impl PgExecutor<'_>, actor: &Actor, number: ClientNumber) -> Result<Option<ClientNumber>> {
    let scope = actor.staff()?.scope();
    Ok(sqlx::query_scalar!(
        r#"select c.number as "number: ClientNumber"
             from client_merge m join client c on c.id = m.kept_id
            where m.dropped_number = $1
              and exists (select from client_in_scope(c.id, $2))"#,
        number.get(),
        scope as Option<Uuid>
    )
    .fetch_optional(conn)
    .await?)
}

const LATER: &str = "Another record was merged in later, and that would have to be undone first.";

/// What stands in the way, in sentences: each of them once.
async fn reasons(conn: &mut PgConnection, id: MergeId, journal: &Journal) -> Result<Vec<String>> {
    let overtaken = journal.overtaken(conn).await?;
    let mut edited: Vec<String> = GROUPS
        .iter()
        .filter(|group| is_edited(group.columns, &overtaken))
        .map(|group| group.label.to_owned())
        .collect();
    edited.extend(edited_fields(conn, &overtaken).await?);
    let mut reasons = Vec::new();
    if !edited.is_empty() {
        reasons.push(format!("Edited since, where the merge had changed something: {}.", edited.join(", ")));
    }
    if reasons.is_empty() && is_edited(&[VERSION], &overtaken) {
        reasons.push("The record has been edited since.".to_owned());
    }
    for row in &overtaken {
        let words = words(&row.table, !row.columns.is_empty());
        if !words.is_empty() && !reasons.iter().any(|reason| reason == words) {
            reasons.push(words.to_owned());
        }
    }
    if reasons.is_empty() {
        reasons.extend(would_refuse(conn, id, journal).await?);
    }
    Ok(reasons)
}

/// What came since and leaves no room for what would be put back: it is tried.
/// In a session that both attend again each has a seat.
async fn count_seats(conn: &mut PgConnection, one: ClientId, other: ClientId) -> Result<()> {
    sqlx::query!(
        "update appointment a set seats_taken = n.booked
           from (select p.appointment_id, count(*) filter (where p.status = 'booked')::smallint as booked
                   from appointment_participant p
                  where p.appointment_id in (select appointment_id from appointment_participant where client_id in ($1, $2))
                  group by 1) n
          where n.appointment_id = a.id and a.seats_taken <> n.booked and a.status <> 'cancelled'",
        one.0,
        other.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn would_refuse(conn: &mut PgConnection, id: MergeId, journal: &Journal) -> Result<Option<String>> {
    let mut tx = conn.begin().await?;
    sqlx::query!("delete from client_merge where id = $1", id.0).execute(&mut *tx).await?;
    let tried = journal.put_back(&mut tx).await;
    tx.rollback().await?;
    let constraint = match tried {
        Err(Error::Database(sqlx::Error::Database(cause)))
            if cause.code().is_some_and(|code| code.starts_with("23")) =>
        {
            cause.constraint().unwrap_or_default().to_owned()
        }
        // Undoing will tell.
        _ => return Ok(None),
    };
    let words = match constraint.as_str() {
        "client_membership_couple" => {
            "A couple that one of them was of has got another member since: one has to leave it first."
        }
        "client_code_key" => "Someone else has this code now.",
        _ => "Something that came since is in the way.",
    };
    Ok(Some(words.to_owned()))
}

fn is_edited(columns: &[&str], overtaken: &[Overtaken]) -> bool {
    let client = overtaken.iter().filter(|row| row.table == "client");
    client.flat_map(|row| &row.columns).any(|edited| columns.contains(&edited.as_str()))
}

/// Labels of the information fields that are no longer as the merge left them.
async fn edited_fields(conn: &mut PgConnection, overtaken: &[Overtaken]) -> Result<Vec<String>> {
    let rows = overtaken.iter().filter(|row| row.table == "client_field_value");
    let ids: Vec<Uuid> = rows.filter_map(|row| row.key.get("field_id")?.as_str()?.parse().ok()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let labels =
        sqlx::query_scalar!("select label from client_field where id = any($1) order by position, label", &ids);
    Ok(labels.fetch_all(conn).await?)
}

/// Nothing for what is named field by field.
fn words(table: &str, still_there: bool) -> &'static str {
    match table {
        "client" if still_there => "",
        "client" => "The record was merged into another one.",
        "client_field_value" => "",
        "account"
        | "account_link"
        | "account_totp"
        | "account_passkey"
        | "account_recovery_code"
        | "account_factor_removal" => "The login has changed since.",
        "client_link" | "client_link_event" => "A relationship has changed since.",
        "client_membership" => "A membership has changed since.",
        "client_phone" => "The further phone numbers have changed since.",
        "client_contact" => "The contacts have changed since.",
        "client_availability" => "The weekly availability has changed since.",
        "client_portal_permission" => "A portal permission has changed since.",
        "client_colour" => "A colour in someone’s calendar has changed since.",
        "appointment" | "appointment_participant" => "An appointment has been moved to someone else or removed since.",
        "activity_client" | "activity_attendee" => "An activity has changed since.",
        "client_practitioner" => "Assignments have changed since.",
        "client_tag" => "A tag has been added or taken away since.",
        "consent_event" => "A consent has changed since.",
        "message" | "message_copy" => "Emails have been removed since.",
        _ => "Something that followed has been changed or removed since.",
    }
}
