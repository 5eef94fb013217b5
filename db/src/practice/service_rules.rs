//! How a service is booked: seats, rooms, places, notice, policy, and each practitioner's own terms.

use crate::{Actor, Error, Result};
use shared::appointments::Modality;
use shared::clients::Colour;
use shared::policy::{Cutoff, LateRule, Policy};
use shared::practice::{OwnTerms, ServiceRules};
use shared::{LocationId, Problem, Refusal, RoomId, ServiceId, StaffId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// The rules of a service. Administrators and the front desk.
pub async fn service_rules(pool: &PgPool, actor: &Actor, id: ServiceId) -> Result<ServiceRules> {
    actor.front_desk()?;
    load(&mut *pool.acquire().await?, id).await
}

pub(super) async fn load(conn: &mut PgConnection, id: ServiceId) -> Result<ServiceRules> {
    let row = sqlx::query!(
        r#"select s.seats, s.modalities, s.needs_room, s.notice_minutes, s.horizon_days, s.step_minutes, s.by_request,
                  s.colour as "colour: Colour", p.cutoff_hours, p.cutoff_at, p.late as "late: LateRule",
                  p.client_may_cancel, p.client_may_move, p.late_fee_cents, p.no_show_fee_cents, p.words,
                  array(select room_id from service_room where service_id = s.id order by room_id) as "rooms!: Vec<RoomId>",
                  array(select location_id from service_location where service_id = s.id order by location_id)
                      as "locations!: Vec<LocationId>"
             from service s join policy p on p.id = s.policy_id where s.id = $1"#,
        id.0
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    let own = sqlx::query_as!(
        OwnTerms,
        r#"select sp.practitioner_id as "practitioner: StaffId", sp.duration_minutes, sp.price_cents
             from service_practitioner sp join staff_member m on m.id = sp.practitioner_id
            where sp.service_id = $1 and (sp.duration_minutes is not null or sp.price_cents is not null)
              and m.active and 'practitioner' = any (m.roles)
            order by sp.practitioner_id"#,
        id.0
    )
    .fetch_all(conn)
    .await?;
    let mut modalities: Vec<Modality> = row.modalities.iter().filter_map(|word| word.parse().ok()).collect();
    modalities.sort_unstable();
    Ok(ServiceRules {
        seats: row.seats,
        modalities,
        needs_room: row.needs_room,
        rooms: row.rooms,
        locations: row.locations,
        notice_minutes: row.notice_minutes,
        horizon_days: row.horizon_days,
        step_minutes: row.step_minutes,
        by_request: row.by_request,
        colour: row.colour,
        policy: Policy {
            cutoff: match (row.cutoff_at, row.cutoff_hours) {
                (Some(at), _) => Cutoff::DayBefore(at),
                (None, hours) => Cutoff::Hours(hours.unwrap_or(0)),
            },
            late: row.late,
            client_may_cancel: row.client_may_cancel,
            client_may_move: row.client_may_move,
            late_fee_cents: row.late_fee_cents,
            no_show_fee_cents: row.no_show_fee_cents,
            words: row.words,
        },
        own,
    })
}

/// Whether nothing but the policy differs.
pub(super) fn same_but_policy(stored: &ServiceRules, wanted: &ServiceRules) -> bool {
    *stored == ServiceRules { policy: stored.policy.clone(), ..wanted.clone() }
}

/// Writes the rules of a service that is locked. Policies never change: another one is a new row,
/// and appointments keep the one that they were booked under.
pub(super) async fn write(conn: &mut PgConnection, id: ServiceId, wanted: &ServiceRules) -> Result<()> {
    if load(&mut *conn, id).await?.policy != wanted.policy {
        let policy = insert_policy(&mut *conn, wanted).await?;
        sqlx::query!("update service set policy_id = $2 where id = $1", id.0, policy).execute(&mut *conn).await?;
    }
    let modalities: Vec<String> = wanted.modalities.iter().map(|one| one.as_str().to_owned()).collect();
    sqlx::query!(
        "update service set seats = $2, modalities = $3, needs_room = $4, notice_minutes = $5, horizon_days = $6,
                step_minutes = $7, by_request = $8, colour = $9
          where id = $1",
        id.0,
        wanted.seats,
        &modalities,
        wanted.needs_room,
        wanted.notice_minutes,
        wanted.horizon_days,
        wanted.step_minutes,
        wanted.by_request,
        wanted.colour.map(|colour| colour.as_str())
    )
    .execute(&mut *conn)
    .await?;
    places(&mut *conn, id, wanted).await?;
    let own: Vec<Uuid> = wanted.own.iter().map(|one| one.practitioner.0).collect();
    sqlx::query!(
        "update service_practitioner sp set duration_minutes = o.minutes, price_cents = o.cents
           from staff_member m
           left join unnest($2::uuid[], $3::integer[], $4::bigint[]) o (id, minutes, cents) on o.id = m.id
          where sp.service_id = $1 and m.id = sp.practitioner_id and m.active and 'practitioner' = any (m.roles)",
        id.0,
        &own,
        &wanted.own.iter().map(|one| one.duration_minutes).collect::<Vec<_>>() as &[Option<i32>],
        &wanted.own.iter().map(|one| one.price_cents).collect::<Vec<_>>() as &[Option<i64>]
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn insert_policy(conn: &mut PgConnection, wanted: &ServiceRules) -> Result<Uuid> {
    let (id, policy) = (crate::new_id(), &wanted.policy);
    let (kind, hours, at) = match policy.cutoff {
        Cutoff::Hours(hours) => ("hours", Some(hours), None),
        Cutoff::DayBefore(at) => ("day_before", None, Some(at)),
    };
    sqlx::query!(
        "insert into policy (id, cutoff_kind, cutoff_hours, cutoff_at, late, client_may_cancel, client_may_move,
                             late_fee_cents, no_show_fee_cents, words)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        id,
        kind,
        hours,
        at,
        policy.late.as_str(),
        policy.client_may_cancel,
        policy.client_may_move,
        policy.late_fee_cents,
        policy.no_show_fee_cents,
        policy.words
    )
    .execute(conn)
    .await?;
    Ok(id)
}

/// Exactly these rooms and locations.
async fn places(conn: &mut PgConnection, id: ServiceId, wanted: &ServiceRules) -> Result<()> {
    let rooms: Vec<Uuid> = wanted.rooms.iter().map(|room| room.0).collect();
    let locations: Vec<Uuid> = wanted.locations.iter().map(|location| location.0).collect();
    sqlx::query!("delete from service_room where service_id = $1 and room_id <> all ($2)", id.0, &rooms)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("delete from service_location where service_id = $1 and location_id <> all ($2)", id.0, &locations)
        .execute(&mut *conn)
        .await?;
    let known = sqlx::query!(
        r#"with r as (insert into service_room select $1, id from room where id = any ($2) on conflict do nothing),
                l as (insert into service_location select $1, id from location where id = any ($3) on conflict do nothing)
           select (select count(*) from room where id = any ($2)) as "rooms!",
                  (select count(*) from location where id = any ($3)) as "locations!""#,
        id.0,
        &rooms,
        &locations
    )
    .fetch_one(conn)
    .await?;
    match (known.rooms == rooms.len() as i64, known.locations == locations.len() as i64) {
        (false, _) => Err(Refusal::field("rooms", Problem::Unknown).into()),
        (_, false) => Err(Refusal::field("locations", Problem::Unknown).into()),
        _ => Ok(()),
    }
}
