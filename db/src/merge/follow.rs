//! Everything that refers to the record that goes follows to the one that
//! stays: by the list in `db::deletion`, and by hand where that says so.

use super::Two;
use crate::Result;
use crate::deletion::{OnMerge, REFERENCES};
use chrono::NaiveDate;
use shared::Refusal;
use shared::merge::{Choice, MergeDetails};
use sqlx::{AssertSqlSafe, PgConnection};
use std::collections::BTreeMap;
use uuid::Uuid;

pub(super) async fn everything(conn: &mut PgConnection, two: Two, details: &MergeDetails) -> Result<()> {
    proxies(conn, two).await?;
    logins(conn, two, details.login).await?;
    field_values(conn, two, details).await?;
    memberships(conn, two).await?;
    not_duplicates(conn, two).await?;
    numbers(conn, two, details).await?;
    permissions(conn, two).await?;
    requests(conn, two).await?;
    for reference in REFERENCES {
        let (table, column) = (reference.table, reference.column);
        let move_all = format!("update {table} set {column} = $1 where {column} = $2");
        let statements = match reference.merge {
            OnMerge::ByHand => continue,
            OnMerge::Moves => vec![move_all],
            OnMerge::Unites(columns) => {
                let same: Vec<_> = columns.iter().map(|column| format!("k.{column} = t.{column}")).collect();
                let same = same.join(" and ");
                vec![
                    format!(
                        "delete from {table} t where t.{column} = $2 and exists (
                            select from {table} k where k.{column} = $1 and {same})"
                    ),
                    move_all,
                ]
            }
            OnMerge::FillsIn => vec![
                format!(
                    "delete from {table} t where t.{column} = $2 and exists (select from {table} k where k.{column} = $1)"
                ),
                move_all,
            ],
        };
        for sql in statements {
            sqlx::query(AssertSqlSafe(sql)).bind(two.keep.0).bind(two.drop.0).execute(&mut *conn).await?;
        }
    }
    nothing_left(conn, two).await
}

/// What one of the two records denies, the one that stays denies; what one allows, only if both did.
async fn permissions(conn: &mut PgConnection, two: Two) -> Result<()> {
    sqlx::query!(
        "delete from client_portal_permission k
          where k.client_id = $1 and k.allowed
            and not exists (select from client_portal_permission d
                             where d.client_id = $2 and d.permission = k.permission and d.allowed)",
        two.keep.0,
        two.drop.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "delete from client_portal_permission d
          where d.client_id = $2 and d.allowed
            and not exists (select from client_portal_permission k where k.client_id = $1 and k.permission = d.permission)",
        two.keep.0,
        two.drop.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The person who acted for the other acted for themself.
async fn proxies(conn: &mut PgConnection, two: Two) -> Result<()> {
    sqlx::query!(
        "update appointment_participant
            set proxy_id = case when client_id in ($1, $2) and proxy_id in ($1, $2) then null
                                when proxy_id = $2 then $1 else proxy_id end,
                payer_id = case when client_id in ($1, $2) and payer_id in ($1, $2) then null
                                when payer_id = $2 then $1 else payer_id end,
                assigned = case when client_id in ($1, $2) and assigned_to in ($1, $2) then 'everyone' else assigned end,
                assigned_to = case when client_id in ($1, $2) and assigned_to in ($1, $2) then null
                                   when assigned_to = $2 then $1 else assigned_to end
          where $2 in (proxy_id, payer_id, assigned_to)
             or client_id = $2 and $1 in (proxy_id, payer_id, assigned_to)",
        two.keep.0,
        two.drop.0
    )
    .execute(&mut *conn)
    .await?;
    seats(conn, two).await
}

/// In a session that both attend the one who stays has one seat, with what both owe.
async fn seats(conn: &mut PgConnection, two: Two) -> Result<()> {
    sqlx::query!(
        "with twice as (
             select k.id, k.appointment_id, d.price_cents, d.status as other
               from appointment_participant k join appointment_participant d on d.appointment_id = k.appointment_id
              where k.client_id = $1 and d.client_id = $2),
         owed as (
             update appointment_participant p set price_cents = p.price_cents + t.price_cents
               from twice t where t.id = p.id)
         update appointment a set seats_taken = seats_taken - 1
           from twice t where t.appointment_id = a.id and t.other = 'booked' and a.seats_taken > 0",
        two.keep.0,
        two.drop.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// One log-in survives; the sessions of the other end with it. Links that were
/// mailed to either work no more: the address that stays may be another.
async fn logins(conn: &mut PgConnection, two: Two, survives: Choice) -> Result<()> {
    let loser = if survives == Choice::Drop { two.keep } else { two.drop };
    sqlx::query!(
        "delete from account a
          where a.client_id = $1 and exists (select from account o where o.client_id in ($2, $3) and o.id <> a.id)",
        loser.0,
        two.keep.0,
        two.drop.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("update account set client_id = $1 where client_id = $2", two.keep.0, two.drop.0)
        .execute(&mut *conn)
        .await?;
    sqlx::query!(
        "update account_link
            set client_id = case when client_id = $2 then $1 else client_id end,
                voided_at = case when used_at is null then coalesce(voided_at, now()) else voided_at end
          where client_id in ($1, $2) or account_id in (select id from account where client_id = $1)",
        two.keep.0,
        two.drop.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Field by field as chosen; what only one has stays.
async fn field_values(conn: &mut PgConnection, two: Two, details: &MergeDetails) -> Result<()> {
    let theirs: Vec<Uuid> = details
        .fields
        .iter()
        .filter(|(_, choice)| **choice == Choice::Drop)
        .filter_map(|(field, _)| field.parse().ok())
        .collect();
    sqlx::query!(
        "delete from client_field_value v
          where v.client_id = case when v.field_id = any($3) then $1::uuid else $2 end
            and exists (select from client_field_value o where o.field_id = v.field_id
                         and o.client_id = case when v.field_id = any($3) then $2::uuid else $1 end)",
        two.keep.0,
        two.drop.0,
        &theirs
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("update client_field_value set client_id = $1 where client_id = $2", two.keep.0, two.drop.0)
        .execute(conn)
        .await?;
    Ok(())
}

struct Membership {
    id: Uuid,
    group: Uuid,
    kept: bool,
    joined: NaiveDate,
    left: Option<NaiveDate>,
}

/// Times in the same couple, family or group that overlap become one.
async fn memberships(conn: &mut PgConnection, two: Two) -> Result<()> {
    let rows = sqlx::query_as!(
        Membership,
        r#"select id, group_id as "group", member_id = $1 as "kept!", joined_on as joined, left_on as left
             from client_membership where member_id in ($1, $2) order by joined_on, id"#,
        two.keep.0,
        two.drop.0
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut by_group: BTreeMap<Uuid, Vec<Vec<Membership>>> = BTreeMap::new();
    for row in rows {
        let spans = by_group.entry(row.group).or_default();
        let ends = |span: &[Membership]| span.iter().map(|m| m.left.unwrap_or(NaiveDate::MAX)).max();
        match spans.last_mut() {
            Some(span) if ends(span).is_some_and(|end| row.joined < end) => span.push(row),
            _ => spans.push(vec![row]),
        }
    }
    for span in by_group.into_values().flatten() {
        let Some(stays) = span.iter().find(|m| m.kept).or(span.first()) else { continue };
        let gone: Vec<Uuid> = span.iter().map(|m| m.id).filter(|id| *id != stays.id).collect();
        let joined = span.iter().map(|m| m.joined).min().unwrap_or(stays.joined);
        let left = if span.iter().any(|m| m.left.is_none()) { None } else { span.iter().filter_map(|m| m.left).max() };
        sqlx::query!("delete from client_membership where id = any($1)", &gone).execute(&mut *conn).await?;
        sqlx::query!(
            "update client_membership set member_id = $2, joined_on = $3, left_on = $4
              where id = $1 and (member_id, joined_on, left_on) is distinct from ($2, $3, $4)",
            stays.id,
            two.keep.0,
            joined,
            left
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Asked of both, a form is asked of the one who stays once; of two drafts theirs stays.
async fn requests(conn: &mut PgConnection, two: Two) -> Result<()> {
    sqlx::query!(
        "delete from form_response d
          where d.state = 'draft' and d.author_client_id = $2
            and exists (select from form_response k where k.request_id = d.request_id and k.author_client_id = $1 and k.state = 'draft')",
        two.keep.0,
        two.drop.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("update form_response set author_client_id = $1 where author_client_id = $2", two.keep.0, two.drop.0)
        .execute(&mut *conn)
        .await?;
    // Drafts of what is withdrawn below.
    sqlx::query!(
        "delete from form_response d using request r
          where d.request_id = r.id and d.state = 'draft' and r.subject_id = $2 and r.state = 'open' and r.form_id is not null
            and exists (select from request k where k.subject_id = $1 and k.form_id = r.form_id and k.state = 'open')",
        two.keep.0,
        two.drop.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update request d
            set subject_id = $1,
                state = case when twice.it then 'withdrawn' else d.state end,
                closed_at = case when twice.it then now() else d.closed_at end,
                request_key = case when exists (select from request k where k.subject_id = $1 and k.request_key = d.request_key)
                                   then gen_random_uuid() else d.request_key end
           from (select r.id, r.state = 'open' and r.form_id is not null and exists (
                            select from request k where k.subject_id = $1 and k.form_id = r.form_id and k.state = 'open') as it
                   from request r where r.subject_id = $2) twice
          where d.id = twice.id",
        two.keep.0,
        two.drop.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Anyone who is not the one is not the other.
async fn not_duplicates(conn: &mut PgConnection, two: Two) -> Result<()> {
    sqlx::query!(
        "with gone as (delete from client_not_duplicate where client_low = $2 or client_high = $2 returning *),
              others as (select case when client_low = $2 then client_high else client_low end as other, said_by, said_at
                           from gone)
         insert into client_not_duplicate (client_low, client_high, said_by, said_at)
         select least($1, other), greatest($1, other), said_by, said_at from others where other <> $1
         on conflict do nothing",
        two.keep.0,
        two.drop.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Further numbers are united; a mobile number that is given up becomes one of
/// them. Contacts that say the same stand once.
async fn numbers(conn: &mut PgConnection, two: Two, details: &MergeDetails) -> Result<()> {
    let (stays, goes) = match details.choices.get("mobile") {
        Some(Choice::Drop) => (two.drop, two.keep),
        _ => (two.keep, two.drop),
    };
    sqlx::query!(
        "insert into client_phone (id, client_id, label, number, position)
         select gen_random_uuid(), $1, 'Mobile', g.mobile, 0
           from client g join client s on s.id = $3
          where g.id = $4 and g.mobile is not null and phone_key(g.mobile) is distinct from phone_key(s.mobile)
            and not exists (select from client_phone p where p.client_id in ($1, $2) and phone_key(p.number) = phone_key(g.mobile))",
        two.keep.0,
        two.drop.0,
        stays.0,
        goes.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "delete from client_phone p
          where p.client_id = $2
            and (exists (select from client_phone k where k.client_id = $1 and phone_key(k.number) = phone_key(p.number))
                 or exists (select from client s where s.id = $3 and phone_key(s.mobile) = phone_key(p.number)))",
        two.keep.0,
        two.drop.0,
        stays.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "delete from client_contact p
          where p.client_id = $2
            and exists (select from client_contact k
                         where k.client_id = $1 and searchable(k.name) = searchable(p.name) and k.phone = p.phone
                           and k.email = p.email and k.relationship = p.relationship)",
        two.keep.0,
        two.drop.0
    )
    .execute(&mut *conn)
    .await?;
    for table in ["client_phone", "client_contact"] {
        let sql = format!(
            "update {table} set position = least(32000, position + 1 +
                    (select coalesce(max(position), 0) from {table} where client_id = $1))
              where client_id = $2"
        );
        sqlx::query(AssertSqlSafe(sql)).bind(two.keep.0).bind(two.drop.0).execute(&mut *conn).await?;
    }
    Ok(())
}

/// Nothing may go with the record unseen.
async fn nothing_left(conn: &mut PgConnection, two: Two) -> Result<()> {
    for reference in REFERENCES {
        let sql = format!("select exists (select from {} where {} = $1)", reference.table, reference.column);
        let left: bool = sqlx::query_scalar(AssertSqlSafe(sql)).bind(two.drop.0).fetch_one(&mut *conn).await?;
        if left {
            tracing::error!(reference.table, reference.column, "a merge left something behind");
            return Err(Refusal::Internal.into());
        }
    }
    Ok(())
}
