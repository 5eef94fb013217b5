//! One appointment as its page shows it to staff: who attends and who came, the note, the
//! history.

use crate::{Actor, Error, Result, audit, authz};
use shared::appointments::{AppointmentStatus, Modality};
use shared::attendance::{AppointmentFacts, Assigned, Attendance, DetailsForm, HistoryLine, Part, Participant, Person};
use shared::{AppointmentId, ClientId, ClientNumber, ParticipantId, Refusal, RoomId, StaffId, parse};
use sqlx::{PgConnection, PgPool};

/// The longest note about an appointment, in characters.
const NOTE_MAX: usize = 4000;

/// Whether the viewer sees the appointment: they see one of those who attend.
async fn seen(conn: &mut PgConnection, actor: &Actor, id: AppointmentId) -> Result<()> {
    let seen = sqlx::query_scalar!(
        r#"select exists (select from appointment_participant p
                         where p.appointment_id = $1 and exists (select from client_in_scope(p.client_id, $2))) as "seen!""#,
        id.0,
        actor.staff()?.scope()
    )
    .fetch_one(conn)
    .await?;
    if seen { Ok(()) } else { Err(Refusal::NotFound.into()) }
}

/// Everyone who attends or did, in the order of booking. Of a person that the viewer does
/// not see only that someone attends.
pub async fn participants(pool: &PgPool, actor: &Actor, id: AppointmentId) -> Result<Vec<Participant>> {
    let mut conn = pool.acquire().await?;
    seen(&mut conn, actor, id).await?;
    let rows = sqlx::query!(
        r#"select p.id as "id: ParticipantId", p.status as "part: Part", p.attendance as "attendance: Attendance",
                  p.arrived_at, p.seen_at, p.left_at, p.overbooked, p.price_cents, p.assigned as "assigned: Assigned",
                  coalesce(p.confirmed_start = p.starts_at, false) as "confirmed!",
                  c.id as "client: ClientId", c.number as "number: ClientNumber", client_name(c) as "name!", c.alert,
                  exists (select from client_in_scope(c.id, $2)) as "seen!",
                  g.number as "party_number?: ClientNumber", client_name(g) as party_name, g.alert as "party_alert?",
                  client_name(payer) as payer, client_name(proxy) as proxy, client_name(chosen) as assigned_to
             from appointment_participant p
             join client c on c.id = p.client_id
             left join client g on g.id = p.party_id and exists (select from client_in_scope(g.id, $2))
             left join client payer on payer.id = p.payer_id and exists (select from client_in_scope(payer.id, $2))
             left join client proxy on proxy.id = p.proxy_id and exists (select from client_in_scope(proxy.id, $2))
             left join client chosen on chosen.id = p.assigned_to and exists (select from client_in_scope(chosen.id, $2))
            where p.appointment_id = $1
            order by p.booked_at, p.id"#,
        id.0,
        actor.staff()?.scope()
    )
    .fetch_all(&mut *conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Participant {
            id: row.id,
            client: row.client,
            person: row.seen.then_some(Person { number: row.number, name: row.name, alert: row.alert }),
            party: row.party_number.zip(row.party_name).map(|(number, name)| Person {
                number,
                name,
                alert: row.party_alert.unwrap_or_default(),
            }),
            part: row.part,
            attendance: row.attendance,
            arrived_at: row.arrived_at,
            seen_at: row.seen_at,
            left_at: row.left_at,
            overbooked: row.overbooked,
            confirmed: row.confirmed,
            price_cents: row.price_cents,
            payer: row.payer.filter(|_| row.seen),
            proxy: row.proxy.filter(|_| row.seen),
            assigned: row.assigned,
            assigned_to: row.assigned_to.filter(|_| row.seen),
        })
        .collect())
}

/// What its page shows beside who attends.
pub async fn details(pool: &PgPool, actor: &Actor, id: AppointmentId) -> Result<AppointmentFacts> {
    let mut conn = pool.acquire().await?;
    seen(&mut conn, actor, id).await?;
    let row = sqlx::query!(
        r#"select a.status as "status: AppointmentStatus", a.modality as "modality: Modality", r.id as "room_id?: RoomId",
                  r.name as "room_name?", a.seats, a.seats_taken, a.staff_note, a.overbook_reason, a.cancel_reason,
                  a.booked_at, s.first_name || ' ' || s.last_name as staff, client_name(c) as client,
                  p.client_word
             from appointment a cross join practice p
             left join room r on r.id = a.room_id
             left join staff_member s on s.id = a.booked_by
             left join client c on c.id = a.booked_by and exists (select from client_in_scope(c.id, $2))
            where a.id = $1"#,
        id.0,
        actor.staff()?.scope()
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    Ok(AppointmentFacts {
        status: row.status,
        modality: row.modality,
        room: row.room_id.zip(row.room_name),
        seats: row.seats,
        seats_taken: row.seats_taken,
        staff_note: row.staff_note,
        overbook_reason: row.overbook_reason,
        cancel_reason: row.cancel_reason,
        booked_by: row.staff.or(row.client).unwrap_or_else(|| format!("a {}", row.client_word)),
        booked_at: row.booked_at,
    })
}

/// What was done to it, newest first. Values are not kept, and so not shown.
pub async fn history(pool: &PgPool, actor: &Actor, id: AppointmentId) -> Result<Vec<HistoryLine>> {
    let mut conn = pool.acquire().await?;
    seen(&mut conn, actor, id).await?;
    let rows = sqlx::query!(
        r#"select a.at, a.action, a.fields,
                  coalesce(s.first_name || ' ' || s.last_name, client_name(c),
                           case a.actor_kind when 'client' then 'A ' || p.client_word else 'Kindred' end) as "actor!"
             from audit a cross join practice p
             left join staff_member s on a.actor_kind = 'staff' and s.id = a.actor_id
             left join client c on a.actor_kind = 'client' and c.id = a.actor_id
                                and exists (select from client_in_scope(c.id, $2))
            where a.record_id = $1 and a.record_kind = 'appointment'
            order by a.at desc limit 50"#,
        id.0,
        actor.staff()?.scope()
    )
    .fetch_all(&mut *conn)
    .await?;
    let words = |action: &str, fields: &[String]| match action {
        "book" => "Booked".to_owned(),
        "hold" => "Time held".to_owned(),
        "move" => "Moved".to_owned(),
        "cancel" => "Cancelled".to_owned(),
        "restore" => "Restored".to_owned(),
        "attend" => "Attendance changed".to_owned(),
        "update" if fields == ["proxy_id"] => "Linked person removed".to_owned(),
        "update" => "Details changed".to_owned(),
        other => other.to_owned(),
    };
    Ok(rows
        .into_iter()
        .map(|row| HistoryLine { at: row.at, actor: row.actor, words: words(&row.action, &row.fields) })
        .collect())
}

/// Sets who came, one person at a time: those who may book the person, and the
/// practitioner whose appointment it is. Of an appointment that does not stand nothing is
/// set. Back to *expected* forgets when they arrived, and nothing else.
pub async fn set_attendance(
    pool: &PgPool,
    actor: &Actor,
    participant: ParticipantId,
    attendance: Attendance,
) -> Result<AppointmentId> {
    actor.staff()?;
    let mut tx = pool.begin().await?;
    let appointment = set_in(&mut tx, actor, participant, attendance).await?;
    audit::append(&mut tx, actor, "attend", "appointment", appointment, &["attendance"]).await?;
    tx.commit().await?;
    Ok(appointment)
}

/// [`set_attendance`] of several of an appointment, known by their numbers, from what was shown to
/// what is to be: where one of them is not as shown, nothing is set ([`Refusal::Stale`]).
pub async fn set_attendance_of(
    pool: &PgPool,
    actor: &Actor,
    appointment: AppointmentId,
    wanted: &[(ClientNumber, Attendance, Attendance)],
) -> Result<()> {
    actor.staff()?;
    let mut tx = pool.begin().await?;
    seen(&mut tx, actor, appointment).await?;
    let numbers: Vec<i64> = wanted.iter().map(|(number, ..)| number.get()).collect();
    let found = sqlx::query!(
        r#"select p.id as "id: ParticipantId", c.number as "number: ClientNumber", p.attendance as "attendance: Attendance"
             from appointment_participant p join client c on c.id = p.client_id
            where p.appointment_id = $1 and c.number = any ($2) order by p.booked_at desc, p.id for update of p"#,
        appointment.0,
        &numbers
    )
    .fetch_all(&mut *tx)
    .await?;
    for (number, shown, attendance) in wanted {
        let one = found.iter().find(|row| row.number == *number).ok_or(Error::Refused(Refusal::NotFound))?;
        if one.attendance != *shown {
            return Err(Refusal::Stale.into());
        }
        set_in(&mut tx, actor, one.id, *attendance).await?;
    }
    audit::append(&mut tx, actor, "attend", "appointment", appointment, &["attendance"]).await?;
    tx.commit().await?;
    Ok(())
}

/// [`set_attendance`] within a transaction; the audit is the caller's.
async fn set_in(
    conn: &mut PgConnection,
    actor: &Actor,
    participant: ParticipantId,
    attendance: Attendance,
) -> Result<AppointmentId> {
    let staff = actor.staff()?;
    let row = sqlx::query!(
        r#"select p.appointment_id as "appointment: AppointmentId", p.client_id as "client: ClientId",
                  a.practitioner_id as "practitioner: StaffId", p.status as "part: Part",
                  a.status as "status: AppointmentStatus"
             from appointment_participant p join appointment a on a.id = p.appointment_id where p.id = $1"#,
        participant.0
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    authz::readable_by_id(&mut *conn, actor, row.client).await?;
    if !staff.books() && row.practitioner != staff.id() {
        return Err(Refusal::Forbidden.into());
    }
    if row.part != Part::Booked || row.status != AppointmentStatus::Confirmed {
        return Err(Refusal::Conflict(shared::Conflict::AlreadyCancelled).into());
    }
    sqlx::query!(
        "update appointment_participant
            set attendance = $2,
                arrived_at = case $2 when 'expected' then null when 'no_show' then null
                                     else coalesce(arrived_at, now()) end,
                seen_at = case when $2 = 'in_session' then coalesce(seen_at, now())
                               when $2 in ('expected', 'arrived', 'no_show') then null else seen_at end,
                left_at = case when $2 = 'attended' then coalesce(left_at, now()) end
          where id = $1",
        participant.0,
        attendance.as_str()
    )
    .execute(&mut *conn)
    .await?;
    Ok(row.appointment)
}

/// The note of staff, and how client and practitioner meet. Neither is mailed.
pub async fn save_details(pool: &PgPool, actor: &Actor, id: AppointmentId, form: &DetailsForm) -> Result<()> {
    let staff = actor.staff()?;
    let mut tx = pool.begin().await?;
    seen(&mut tx, actor, id).await?;
    let own = sqlx::query_scalar!(
        r#"select practitioner_id as "id: StaffId" from appointment where id = $1 for update"#,
        id.0
    )
    .fetch_one(&mut *tx)
    .await?;
    if !staff.books() && own != staff.id() {
        return Err(Refusal::Forbidden.into());
    }
    let note = parse::lines(&form.note, NOTE_MAX).map_err(|problem| Refusal::field("note", problem))?;
    let modality: Modality = form.modality.trim().parse().map_err(|problem| Refusal::field("modality", problem))?;
    let erased = sqlx::query_scalar!(
        r#"select not exists (select from appointment_participant p join client c on c.id = p.client_id
                             where p.appointment_id = $1 and c.erased_at is null) as "erased!""#,
        id.0
    )
    .fetch_one(&mut *tx)
    .await?;
    if erased {
        return Err(Refusal::Erased.into());
    }
    sqlx::query!("update appointment set staff_note = $2, modality = $3 where id = $1", id.0, note, modality.as_str())
        .execute(&mut *tx)
        .await?;
    audit::append(&mut tx, actor, "update", "appointment", id, &["staff_note", "modality"]).await?;
    tx.commit().await?;
    Ok(())
}
