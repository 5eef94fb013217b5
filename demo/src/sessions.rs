//! The sessions of a couple, of families and of the group: each with everyone who belongs
//! to it.

use crate::diary::Session;
use crate::person::Person;
use crate::team::{self, SERVICES, Team};
use crate::{ZONE, column, groups};
use chrono::{DateTime, TimeDelta, Utc};
use db::time::Zone;
use db::{Result, new_id};
use sqlx::PgConnection;
use uuid::Uuid;

pub async fn insert(
    conn: &mut PgConnection,
    team: &Team,
    people: &[Person],
    zone: &Zone,
    now: DateTime<Utc>,
    sessions: &[Session],
) -> Result<()> {
    for session in sessions {
        let Session { code, practitioner, service, span } = session;
        let members = groups::members(code, people);
        if members.is_empty() {
            continue;
        }
        let offer = &SERVICES[*service];
        let prices: Vec<i64> =
            (0..members.len()).map(|n| if n == 0 || offer.seats > 1 { offer.cents } else { 0 }).collect();
        let booked_at = span.starts.min(now) - TimeDelta::days(1);
        let attendance = if span.ends < now { "attended" } else { "expected" };
        let ids: Vec<Uuid> = column(&members, |member| member.id);
        sqlx::query!(
            "with party as (select id from client where code = $1),
                  made as (
                      insert into appointment (id, service_id, practitioner_id, location_id, room_id, starts_at, ends_at, starts_local,
                                               zone, tzdb, buffer_minutes, price_cents, seats, seats_taken, request_key, booked_by, booked_at)
                      values ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $2, $16, $17) returning id, blocks),
                  assigned as (
                      insert into client_practitioner (client_id, practitioner_id)
                      select who, $4 from (select id from party union select unnest($19::uuid[])) p (who) on conflict do nothing)
             insert into appointment_participant (id, appointment_id, client_id, party_id, payer_id, price_cents, starts_at, ends_at,
                                                  blocks, booked_by, booked_at, attendance, arrived_at, seen_at, left_at)
             select m.id, made.id, m.client, party.id, case when $22 then nullif(($19::uuid[])[1], m.client) end, m.price, $7, $8, made.blocks, $16, $17, $21,
                    case when $21 = 'attended' then $7::timestamptz - interval '4 minutes' end,
                    case when $21 = 'attended' then $7 end, case when $21 = 'attended' then $8 end
               from made, party, unnest($18::uuid[], $19::uuid[], $20::bigint[]) m (id, client, price)",
            *code as _,
            new_id(),
            team.services[*service],
            team.practitioner(*practitioner),
            team.location,
            team.room(team::own_room(*practitioner)),
            span.starts,
            span.ends,
            zone.local(span.starts),
            ZONE,
            db::time::version(),
            offer.buffer,
            offer.cents,
            offer.seats.max(members.len() as i16),
            members.len() as i16,
            team.front_desk(),
            booked_at,
            &column(&members, |_| new_id()),
            &ids,
            &prices,
            attendance,
            offer.seats == 1
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}
