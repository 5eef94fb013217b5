//! The call list: who agreed to calls and has an appointment tomorrow, and who was reached.

use crate::practice::practice_zone;
use crate::{Actor, PgPool, Result, audit};
use chrono::{DateTime, Days, NaiveDate, Utc};
use shared::{AppointmentId, ClientId, ClientNumber, Conflict, Refusal};
use uuid::Uuid;

/// Someone to call, about all of tomorrow that they are told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callee {
    pub client: ClientId,
    pub number: ClientNumber,
    pub name: String,
    pub phone: String,
    /// They asked that no messages are left.
    pub leave_none: bool,
    pub calls: Vec<Call>,
}

/// An appointment that someone is called about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub participant: Uuid,
    pub appointment: AppointmentId,
    pub starts_at: DateTime<Utc>,
    /// Of the venue.
    pub zone: String,
    /// Who attends.
    pub person: String,
    pub practitioner: String,
    /// They said by a link that they come.
    pub is_confirmed: bool,
    /// Whether they were reached, by the name of who called; `None`: not called yet.
    pub reached: Option<(bool, String)>,
}

/// The day after today at the practice, and who is called about it, by the first appointment:
/// the person, if they agreed to calls at a number that they have still; otherwise active linked
/// clients who get copies and agreed. Front desk only.
pub async fn tomorrow(pool: &PgPool, actor: &Actor, now: DateTime<Utc>) -> Result<(NaiveDate, Vec<Callee>)> {
    actor.front_desk()?;
    let mut conn = pool.acquire().await?;
    let zone = practice_zone(&mut conn).await?;
    let date = zone.date(now) + Days::new(1);
    let day = zone.day(date);
    let rows = sqlx::query!(
        r#"with visit_of as (
               select v.id, v.client_id, v.appointment_id, a.starts_at, a.zone, v.confirmed_start, a.practitioner_id,
                      v.assigned, v.assigned_to
                 from appointment a
                cross join lateral (select * from appointment_participant p
                                     where p.appointment_id = a.id and p.status = 'booked' offset 0) v
                where a.status = 'confirmed' and a.starts_at >= $1 and a.starts_at < $2),
              called as (
               select x.*, c.phone as own_phone, client_name(c.client) as person, c.sort_name
                 from visit_of x
                cross join lateral (select k as client, k.sort_name, voice_number(k) as phone
                                      from client k where k.id = x.client_id limit 1) c),
              callee as (
               select x.id, x.client_id as callee from called x where x.own_phone is not null
               union all
               select x.id, g.holder
                 from called x
                 join client_grant g on g.subject = x.client_id and g.gets_copies
                where x.own_phone is null and (x.assigned = 'everyone' or x.assigned_to = g.holder))
           select h.id as "client!: ClientId", h.number as "number!: ClientNumber", h.name as "name!", h.phone as "phone!",
                  exists (select from safe_contact f where f.client_id = h.id and f.rule = 'no_messages') as "leave_none!",
                  x.id as "participant!", x.appointment_id as "appointment!: AppointmentId", x.starts_at as "starts_at!", x.zone as "zone!",
                  x.person as "person!", trim(s.first_name || ' ' || s.last_name) as "practitioner!",
                  coalesce(x.confirmed_start = x.starts_at, false) as "is_confirmed!",
                  k.reached as "reached?", b.first_name || ' ' || b.last_name as "by?"
             from callee y
             join called x on x.id = y.id
            cross join lateral (select k.id, k.number, client_name(k) as name, k.sort_name, k.status, voice_number(k) as phone
                                  from client k where k.id = y.callee limit 1) h
             join staff_member s on s.id = x.practitioner_id
             left join appointment_call k on k.participant_id = x.id and k.starts_at = x.starts_at and k.callee_id = h.id
             left join staff_member b on b.id = k.called_by
            where h.phone is not null and (h.id = x.client_id or h.status = 'active')
            order by x.starts_at, h.sort_name, h.id, x.sort_name"#,
        day.starts,
        day.ends
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut callees: Vec<Callee> = Vec::new();
    for row in rows {
        let call = Call {
            participant: row.participant,
            appointment: row.appointment,
            starts_at: row.starts_at,
            zone: row.zone,
            person: row.person,
            practitioner: row.practitioner,
            is_confirmed: row.is_confirmed,
            reached: row.reached.map(|reached| (reached, row.by.unwrap_or_default())),
        };
        match callees.iter_mut().find(|one| one.client == row.client) {
            Some(callee) => callee.calls.push(call),
            None => callees.push(Callee {
                client: row.client,
                number: row.number,
                name: row.name,
                phone: row.phone,
                leave_none: row.leave_none,
                calls: vec![call],
            }),
        }
    }
    Ok((date, callees))
}

/// How many appointments of tomorrow are left to call about.
pub(crate) async fn left(pool: &PgPool, now: DateTime<Utc>) -> Result<i64> {
    let zone = practice_zone(&mut *pool.acquire().await?).await?;
    let day = zone.day(zone.date(now) + Days::new(1));
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!"
             from appointment a
            cross join lateral (select * from appointment_participant p
                                 where p.appointment_id = a.id and p.status = 'booked' offset 0) v
            cross join lateral (select voice_number(k) as phone from client k where k.id = v.client_id limit 1) s
            where a.status = 'confirmed' and a.starts_at >= $1 and a.starts_at < $2
              and not exists (select from appointment_call k where k.participant_id = v.id and k.starts_at = a.starts_at and k.reached)
              and exists (select from (select v.client_id as id, false as linked
                                       union all
                                       select g.holder, true from client_grant g
                                        where g.subject = v.client_id and g.gets_copies and s.phone is null) may
                           cross join lateral (select k.id, k.status, voice_number(k) as phone
                                                 from client k where k.id = may.id limit 1) c
                           where (not may.linked or c.status = 'active' and (v.assigned = 'everyone' or v.assigned_to = c.id))
                             and c.phone is not null
                             and not exists (select from appointment_call k
                                              where k.participant_id = v.id and k.starts_at = a.starts_at and k.callee_id = c.id))"#,
        day.starts,
        day.ends
    )
    .fetch_one(pool)
    .await?)
}

/// Notes whether `callee` was reached about the appointment at the time that was shown; once it was
/// moved, that is [`Refusal::Stale`]: it is told with another call. Front desk only.
pub async fn note(
    pool: &PgPool,
    actor: &Actor,
    participant: Uuid,
    callee: ClientId,
    starts_at: DateTime<Utc>,
    reached: Option<bool>,
) -> Result<()> {
    let staff = actor.front_desk()?.staff().id();
    let mut tx = pool.begin().await?;
    let row = sqlx::query!(
        r#"select a.id as "id: AppointmentId", v.status = 'booked' and a.status = 'confirmed' as "stands!",
                  a.starts_at = $2 as "is_then!"
             from appointment_participant v join appointment a on a.id = v.appointment_id
            where v.id = $1
              and (v.client_id = $3 or exists (select from client_grant g
                                                where g.subject = v.client_id and g.holder = $3 and g.gets_copies))
              for share of v"#,
        participant,
        starts_at,
        callee.0
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Refusal::NotFound)?;
    if !row.stands {
        return Err(Refusal::Conflict(Conflict::AlreadyCancelled).into());
    }
    if !row.is_then {
        return Err(Refusal::Stale.into());
    }
    match reached {
        Some(reached) => {
            sqlx::query!(
                "insert into appointment_call (participant_id, starts_at, reached, called_by, callee_id) values ($1, $2, $3, $4, $5)
                 on conflict (participant_id, starts_at, callee_id) do update
                    set reached = excluded.reached, called_by = excluded.called_by, called_at = now()",
                participant,
                starts_at,
                reached,
                staff.0,
                callee.0
            )
            .execute(&mut *tx)
            .await?
        }
        None => {
            sqlx::query!(
                "delete from appointment_call where participant_id = $1 and starts_at = $2 and callee_id = $3",
                participant,
                starts_at,
                callee.0
            )
            .execute(&mut *tx)
            .await?
        }
    };
    audit::append(&mut tx, actor, "call", "appointment", row.id, &["reached"]).await?;
    Ok(tx.commit().await?)
}
