//! The team: who works here, what they may do, what they offer, whether they can log in.
//!
//! Someone must be able to log in as an administrator. What could leave no one locks every
//! administrator's row first, in the order of their ids, so that of two at the same time the second sees what
//! the first has left.

use super::{changed, id_of, same_version};
use crate::accounts::{Owner, address_changed, invite_staff_in, reach, send_staff_reset_in, void_links};
use crate::actor::Administrator;
use crate::time::Zone;
use crate::{Actor, Error, OnConstraint, Result, audit};
use chrono::{DateTime, Utc};
use shared::accounts::Role;
use shared::practice::{MemberDetails, MemberState, TeamMember};
use shared::{Problem, Refusal, ServiceId, StaffId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Everyone who works here or did, by name; those who are deactivated last. The front desk only.
pub async fn team(pool: &PgPool, actor: &Actor) -> Result<Vec<TeamMember>> {
    actor.front_desk()?;
    select(&mut *pool.acquire().await?, None).await
}

/// One of them. The front desk only.
pub async fn team_member(pool: &PgPool, actor: &Actor, id: StaffId) -> Result<TeamMember> {
    actor.front_desk()?;
    one(&mut *pool.acquire().await?, id).await
}

/// Adds a staff member, with an invitation if it is wanted. Administrators only. A double submit
/// carries the same `request_key` and adds nothing more.
pub async fn add_member(pool: &PgPool, actor: &Actor, details: &MemberDetails) -> Result<StaffId> {
    let administrator = actor.administrator()?;
    actor.confirmed()?;
    let mut tx = pool.begin().await?;
    let id = StaffId(id_of(details.request_key, actor, details).unwrap_or_else(crate::new_id));
    free_address(&mut tx, id, &details.email).await?;
    let made = sqlx::query!(
        "insert into staff_member (id, first_name, last_name, email, roles, may_book)
         values ($1, $2, $3, $4::text::citext, $5, $6) on conflict (id) do nothing",
        id.0,
        details.first_name,
        details.last_name,
        details.email,
        &words(&details.roles),
        details.may_book
    )
    .execute(&mut *tx)
    .await
    .on_constraint("staff_member_email_key", taken)?;
    if made.rows_affected() == 0 {
        // Who was deactivated since is no answer.
        let active = sqlx::query_scalar!("select active from staff_member where id = $1", id.0);
        return if active.fetch_one(&mut *tx).await? { Ok(id) } else { Err(taken().into()) };
    }
    if details.roles.contains(&Role::Practitioner) {
        offer(&mut tx, id, &details.services).await?;
    }
    if details.invite {
        invite_staff_in(&mut tx, administrator, id).await?;
    }
    audit::append(&mut tx, actor, "create", "staff_member", id, &[]).await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes a staff member. Administrators only. One's own address is changed with the password, on
/// the page of one's own account.
pub async fn save_member(pool: &PgPool, actor: &Actor, id: StaffId, details: &MemberDetails) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    lock_with_administrators(&mut tx, id).await?;
    let stored = one(&mut tx, id).await?;
    let practitioner = details.roles.contains(&Role::Practitioner);
    let mut services = details.services.clone();
    services.sort_unstable();
    services.dedup();
    let mut offered = stored.services.clone();
    offered.sort_unstable();
    let fields = changed(&[
        ("first_name", stored.first_name != details.first_name),
        ("last_name", stored.last_name != details.last_name),
        ("email", stored.email != details.email),
        ("roles", stored.roles != details.roles),
        ("may_book", stored.may_book != details.may_book),
        ("services", practitioner && offered != services),
    ]);
    if fields.is_empty() {
        return Ok(());
    }
    same_version(stored.version, details.version)?;
    if ["email", "roles", "may_book"].iter().any(|field| fields.contains(field)) {
        actor.confirmed()?;
    }
    if fields.contains(&"email") && actor.id() == id.0 {
        return Err(Refusal::field("email", Problem::OwnAddress).into());
    }
    free_address(&mut tx, id, &details.email).await?;
    let before = reach(&mut tx, Owner::Staff(id)).await?;
    sqlx::query!(
        "update staff_member
            set first_name = $2, last_name = $3, email = $4::text::citext, roles = $5, may_book = $6, version = version + 1
          where id = $1",
        id.0,
        details.first_name,
        details.last_name,
        details.email,
        &words(&details.roles),
        details.may_book
    )
    .execute(&mut *tx)
    .await
    .on_constraint("staff_member_email_key", taken)?;
    if stored.roles.contains(&Role::Administrator) && !details.roles.contains(&Role::Administrator) {
        administrator_left(&mut tx, "roles").await?;
    }
    if fields.contains(&"email") {
        address_changed(&mut tx, before, Owner::Staff(id)).await?;
        sqlx::query!(
            "update account set username = $2::text::citext where staff_id = $1 and username = $3::text::citext",
            id.0,
            details.email,
            stored.email
        )
        .execute(&mut *tx)
        .await
        .on_constraint("account_username_key", taken)?;
    }
    if practitioner {
        offer(&mut tx, id, &services).await?;
    }
    audit::append(&mut tx, actor, "change", "staff_member", id, &fields).await?;
    tx.commit().await?;
    Ok(())
}

/// Mails a new invitation; those before end. Administrators only.
pub async fn invite_member(pool: &PgPool, actor: &Actor, id: StaffId) -> Result<()> {
    let administrator = actor.administrator()?;
    let mut tx = active_for(pool, administrator, id).await?;
    invite_staff_in(&mut tx, administrator, id).await?;
    audit::append(&mut tx, actor, "invite", "staff_member", id, &[]).await?;
    Ok(tx.commit().await?)
}

/// Mails a link for choosing a new password. Administrators only, after fresh proof.
pub async fn send_member_reset(pool: &PgPool, actor: &Actor, id: StaffId) -> Result<()> {
    let administrator = actor.administrator()?;
    let mut tx = active_for(pool, administrator, id).await?;
    actor.confirmed()?;
    send_staff_reset_in(&mut tx, administrator, id).await?;
    audit::append(&mut tx, actor, "send-reset", "staff_member", id, &[]).await?;
    Ok(tx.commit().await?)
}

/// A transaction of an administrator's that holds an active staff member.
async fn active_for<'a>(pool: &PgPool, _: Administrator<'_>, id: StaffId) -> Result<sqlx::PgTransaction<'a>> {
    let mut tx = pool.begin().await?;
    let active = sqlx::query_scalar!("select active from staff_member where id = $1 for no key update", id.0)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::Refused(Refusal::NotFound))?;
    if active { Ok(tx) } else { Err(Refusal::field("login", Problem::Deactivated).into()) }
}

/// Deactivates a staff member, or brings them back. Administrators only. Deactivated, they are logged
/// out right away, links they were sent end, and they can be booked no more; their appointments,
/// notes and hours stay. The last administrator who can log in stays.
pub async fn set_member_active(pool: &PgPool, actor: &Actor, id: StaffId, active: bool) -> Result<()> {
    actor.administrator()?;
    actor.confirmed()?;
    let mut tx = pool.begin().await?;
    lock_with_administrators(&mut tx, id).await?;
    let stored = sqlx::query!("select active, roles from staff_member where id = $1", id.0)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::Refused(Refusal::NotFound))?;
    if stored.active == active {
        return Ok(());
    }
    sqlx::query!("update staff_member set active = $2, version = version + 1 where id = $1", id.0, active)
        .execute(&mut *tx)
        .await?;
    if !active {
        if stored.roles.iter().any(|role| role == Role::Administrator.as_str()) {
            administrator_left(&mut tx, "active").await?;
        }
        void_links(&mut tx, Owner::Staff(id)).await?;
        sqlx::query!("delete from session s using account a where a.id = s.account_id and a.staff_id = $1", id.0)
            .execute(&mut *tx)
            .await?;
    }
    audit::append(&mut tx, actor, if active { "reactivate" } else { "deactivate" }, "staff_member", id, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// Locks the staff member and every active administrator.
async fn lock_with_administrators(conn: &mut PgConnection, id: StaffId) -> Result<()> {
    sqlx::query_scalar!(
        "select 1 from staff_member
          where id = $1 or (active and 'administrator' = any(roles)) order by id for no key update",
        id.0
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

/// [`Problem::LastAdministrator`] when no one could log in as one any more.
async fn administrator_left(conn: &mut PgConnection, field: &str) -> Result<()> {
    let left = sqlx::query_scalar!(
        r#"select exists (
               select from staff_member s join account a on a.staff_id = s.id
                where s.active and 'administrator' = any(s.roles) and a.password_hash is not null) as "left!""#
    )
    .fetch_one(conn)
    .await?;
    if left { Ok(()) } else { Err(Refusal::field(field, Problem::LastAdministrator).into()) }
}

/// An address with which another person logs in leads to their account, not to this one.
async fn free_address(conn: &mut PgConnection, id: StaffId, email: &str) -> Result<()> {
    let others = sqlx::query_scalar!(
        r#"select exists (select from account where username = $2::text::citext and staff_id is distinct from $1) as "others!""#,
        id.0,
        email
    )
    .fetch_one(conn)
    .await?;
    if others { Err(taken().into()) } else { Ok(()) }
}

fn taken() -> Refusal {
    Refusal::field("email", Problem::Taken)
}

fn words(roles: &[Role]) -> Vec<String> {
    roles.iter().map(|role| role.as_str().to_owned()).collect()
}

/// Lets the practitioner offer exactly these services. Whose list changes gets a new version: a form
/// made before would put the list back.
async fn offer(conn: &mut PgConnection, id: StaffId, services: &[ServiceId]) -> Result<()> {
    let wanted: Vec<Uuid> = services.iter().map(|service| service.0).collect();
    let known = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (select id from service where id = any($1) order by id for update) known"#,
        &wanted
    )
    .fetch_one(&mut *conn)
    .await?;
    if known != wanted.len() as i64 {
        return Err(Refusal::field("services", Problem::Unknown).into());
    }
    sqlx::query!(
        "with gone as (
             delete from service_practitioner where practitioner_id = $1 and service_id <> all($2) returning service_id
         ), added as (
             insert into service_practitioner (service_id, practitioner_id) select unnest($2::uuid[]), $1
             on conflict do nothing returning service_id
         )
         update service set version = version + 1
          where id in (select service_id from gone union all select service_id from added)",
        id.0,
        &wanted
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn one(conn: &mut PgConnection, id: StaffId) -> Result<TeamMember> {
    select(conn, Some(id)).await?.pop().ok_or(Error::Refused(Refusal::NotFound))
}

async fn select(conn: &mut PgConnection, id: Option<StaffId>) -> Result<Vec<TeamMember>> {
    let rows = sqlx::query!(
        r#"select s.id as "id: StaffId", s.first_name, s.last_name, s.email::text as "email!", s.roles, s.may_book, s.active, s.version,
                  exists (select from account a where a.staff_id = s.id and a.password_hash is not null) as "has_account!",
                  (select max(l.expires_at) from account_link l
                    where l.staff_id = s.id and l.kind = 'claim' and l.used_at is null and l.voided_at is null
                      and l.expires_at > now()) as invited_until,
                  (select coalesce(array_agg(o.service_id), '{}') from service_practitioner o
                    where o.practitioner_id = s.id) as "services!: Vec<ServiceId>",
                  (select count(*) from appointment b
                    where b.practitioner_id = s.id and b.status <> 'cancelled' and b.starts_at > now()) as "upcoming!",
                  p.zone
             from staff_member s cross join practice p
            where $1::uuid is null or s.id = $1
            order by s.active desc, searchable(s.first_name || ' ' || s.last_name), s.id"#,
        id.map(Uuid::from)
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| TeamMember {
            id: row.id,
            first_name: row.first_name,
            last_name: row.last_name,
            email: row.email,
            roles: row.roles.iter().filter_map(|role| role.parse().ok()).collect(),
            may_book: row.may_book,
            state: state(row.active, row.has_account, row.invited_until, &row.zone),
            services: row.services,
            upcoming: row.upcoming,
            version: row.version,
        })
        .collect())
}

fn state(active: bool, has_account: bool, invited_until: Option<DateTime<Utc>>, zone: &str) -> MemberState {
    match (active, has_account, invited_until) {
        (false, ..) => MemberState::Deactivated,
        (true, true, _) => MemberState::Active,
        (true, false, Some(until)) => {
            let zone = Zone::stored(zone);
            MemberState::Invited { until: format!("{}, {}", zone.short_date(until), zone.clock(until)) }
        }
        (true, false, None) => MemberState::NotInvited,
    }
}
