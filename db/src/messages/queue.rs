//! Queueing mail about an appointment: when it goes, and when nothing is to be told.
//!
//! What staff change is told a few minutes later (the practice's *quiet minutes*), and each
//! further change within them waits as long again, up to [`LONGEST`] after the first. What
//! clients do is told right away, and a further change within the quiet minutes waits. Only the
//! newest of what waits is told; what is then equal to what was told last (`appointment_told`)
//! is told to no one.

use super::staff::{self, Before};
use crate::audit::{self, By};
use crate::{Actor, Result, new_id, practice};
use shared::messages::{MessageKind, QuietForm};
use shared::{AppointmentId, StaffId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// The longest that further changes hold mail back, in minutes from the first.
pub(super) const LONGEST: i32 = 15;

/// Queues mail about an appointment as it stands at `version` (`confirmation`, `change` or
/// `cancellation`), one message for each of the participants given. Part of the caller's
/// transaction; asking twice for the same queues it once. Cancelling what no one was told of
/// yet queues nothing.
pub(crate) async fn queue_appointment(
    conn: &mut PgConnection,
    by: impl Into<By<'_>>,
    kind: &str,
    appointment: AppointmentId,
    participants: &[Uuid],
    version: i32,
) -> Result<()> {
    let by = by.into();
    let by_client = matches!(by, By::Actor(Actor::Client(_)));
    let ids: Vec<Uuid> = participants.iter().map(|_| new_id()).collect();
    let queued = sqlx::query!(
        "with quiet as (select make_interval(mins => quiet_minutes) as wait, quiet_minutes > 0 as is_on from practice),
              before as (
                  update message m set state = 'done', finished_at = now()
                    -- Each by itself: for `any` the planner reads every confirmation there ever was.
                    from quiet q cross join unnest($5::uuid[]) u (participant)
                   where q.is_on and m.participant_id = u.participant and m.state = 'queued'
                     and m.kind in ('confirmation', 'change', 'cancellation')
                  returning m.participant_id, m.kind, m.first_at),
              one as (
                  select p.id, p.participant, w.first_at, w.was_new and t.status is distinct from 'booked' as is_new,
                         t.status as told, t.told_at
                    from unnest($1::uuid[], $5::uuid[]) p (id, participant)
                    left join (select participant_id, min(first_at) as first_at, bool_or(kind = 'confirmation') as was_new
                                 from before group by participant_id) w on w.participant_id = p.participant
                    left join appointment_told t on t.participant_id = p.participant)
         insert into message (id, kind, appointment_id, participant_id, subject_version, first_at, due_at)
         select o.id, case when $2 = 'change' and o.is_new then 'confirmation' else $2 end, $3, o.participant, $4,
                coalesce(o.first_at, now()),
                case when $6 or o.first_at is not null or o.told_at > now() - q.wait
                     then least(now() + q.wait, coalesce(o.first_at, now()) + make_interval(mins => $7)) else now() end
           from one o cross join quiet q
          where not ($2 = 'cancellation' and q.is_on and coalesce(o.told, 'cancelled') = 'cancelled'
                     and (o.first_at is not null
                          or o.told is null and exists (
                             -- The mail that lists it with the rest of its series waits still.
                             select from appointment_participant p
                               join appointment a on a.id = p.appointment_id
                               join appointment b on b.series_id = a.series_id
                               join appointment_participant w on w.appointment_id = b.id and w.client_id = p.client_id
                               join message m on m.participant_id = w.id and m.state = 'queued' and m.kind = 'confirmation'
                              where p.id = o.participant)))
         on conflict on constraint message_once do nothing",
        &ids,
        kind,
        appointment.0,
        version,
        participants,
        !by_client,
        LONGEST
    )
    .execute(&mut *conn)
    .await?;
    if let Some(&first) = participants.first().filter(|_| by_client) {
        let notice = match kind {
            "confirmation" => Some(MessageKind::StaffBooked),
            "cancellation" => Some(MessageKind::StaffCancelled),
            _ => None,
        };
        if let Some(notice) = notice {
            staff::queue(&mut *conn, notice, appointment, first, version, None).await?;
        }
    }
    if kind == "cancellation" && (queued.rows_affected() as usize) < participants.len() {
        pass_on(conn, participants).await?;
    }
    Ok(())
}

/// [`queue_appointment`] of a change, and the notice of where it was before.
pub(crate) async fn queue_move(
    conn: &mut PgConnection,
    actor: &Actor,
    appointment: AppointmentId,
    participants: &[Uuid],
    version: i32,
    before: Before,
    practitioner: StaffId,
) -> Result<()> {
    queue_appointment(&mut *conn, actor, "change", appointment, participants, version).await?;
    if let (Actor::Client(_), Some(&first)) = (actor, participants.first()) {
        staff::queue(&mut *conn, MessageKind::StaffMoved, appointment, first, version, Some(before)).await?;
        if before.practitioner != practitioner {
            staff::queue_left(&mut *conn, appointment, first, version, before).await?;
        }
    }
    Ok(())
}

/// One mail tells of a series, that of its first date. If that is cancelled before it was
/// told, the next date tells of the rest.
async fn pass_on(conn: &mut PgConnection, participants: &[Uuid]) -> Result<()> {
    let ids: Vec<Uuid> = participants.iter().map(|_| new_id()).collect();
    sqlx::query!(
        "insert into message (id, kind, appointment_id, participant_id, subject_version, due_at)
         select x.id, 'confirmation', n.appointment, n.id, n.version, now() + make_interval(mins => q.quiet_minutes)
           from unnest($1::uuid[], $2::uuid[]) x (id, participant)
           join appointment_participant p on p.id = x.participant
           join appointment a on a.id = p.appointment_id and a.series_id is not null
          cross join lateral (
                select w.id, b.id as appointment, b.version
                  from appointment b
                  join appointment_participant w on w.appointment_id = b.id and w.client_id = p.client_id and w.status = 'booked'
                 where b.series_id = a.series_id and b.status = 'confirmed' and b.starts_at > now()
                   and not exists (select from appointment_told t where t.participant_id = w.id)
                 order by b.starts_at limit 1) n
          cross join practice q
          where not exists (select from message m where m.participant_id = p.id and m.kind = 'cancellation' and m.state = 'queued')
            and not exists (
                select from message m
                  join appointment_participant w on w.id = m.participant_id and w.client_id = p.client_id
                  join appointment b on b.id = w.appointment_id and b.series_id = a.series_id
                 where m.state = 'queued' and m.kind = 'confirmation')
            -- Only of a mail that waited and was taken back here.
            and exists (select from message m where m.participant_id = p.id and m.kind = 'confirmation' and m.finished_at = now())
         on conflict on constraint message_once do nothing",
        &ids,
        participants
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// How many minutes mail about what staff changed waits.
pub async fn quiet_minutes(pool: &PgPool) -> Result<i16> {
    Ok(sqlx::query_scalar!("select quiet_minutes from practice").fetch_one(pool).await?)
}

/// Saves the quiet minutes. Administrators only.
pub async fn save_quiet(pool: &PgPool, actor: &Actor, form: &QuietForm) -> Result<()> {
    actor.administrator()?;
    let (minutes, version) = form.parse()?;
    let mut tx = pool.begin().await?;
    let stored = sqlx::query!("select quiet_minutes, version from practice for update").fetch_one(&mut *tx).await?;
    if stored.quiet_minutes == minutes {
        return Ok(());
    }
    practice::same_version(stored.version, version)?;
    sqlx::query!("update practice set quiet_minutes = $1, version = version + 1", minutes).execute(&mut *tx).await?;
    audit::append(&mut tx, actor, "change", "practice", Uuid::nil(), &["quiet_minutes"]).await?;
    tx.commit().await?;
    Ok(())
}
