//! Video visits: a room for each appointment, and a link for each reader of a mail about it.
//!
//! The room's address is in no mail, calendar or history: a mail carries a link of ours and an
//! access code. At every opening the reader's right, the appointment's status, the time and the
//! code are asked again; so a visit that is moved keeps its link, and a link is dead once the
//! visit is cancelled or the reader may not know of it any more. Secrets are kept as SHA-256,
//! the code with the secret of its link.

use crate::accounts::secret;
use crate::actor::ClientActor;
use crate::{Actor, Error, Result, audit, new_id};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use shared::accounts::Secret;
use shared::appointments::AppointmentStatus;
use shared::visits::{CODE_DIGITS, PlaceForm, TRIES_MAX, Template, Window};
use shared::{AppointmentId, ClientId, Conflict, Problem, Refusal, ServiceId, StaffId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// What a mail carries.
pub struct Invitation {
    pub secret: Secret,
    pub code: String,
}

/// A link for a reader of a mail about a participant's appointment: the participant, or someone
/// who may book and manage for them. Nothing where it is not by video, or is held at no address.
pub(crate) async fn invite(
    conn: &mut PgConnection,
    participant: Uuid,
    reader: ClientId,
    address: &str,
) -> Result<Option<Invitation>> {
    let appointment = sqlx::query_scalar!(
        r#"select a.id as "id: AppointmentId" from appointment_participant v join appointment a on a.id = v.appointment_id
            where v.id = $1 and a.modality = 'video'
              and (v.client_id = $2
                   or exists (select from client_grant g where g.holder = $2 and g.subject = v.client_id and g.may_book))"#,
        participant,
        reader.0
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(appointment) = appointment else { return Ok(None) };
    if template(&mut *conn, appointment).await?.is_none() {
        return Ok(None);
    }
    let invitation = Invitation { secret: secret::new(), code: new_code() };
    sqlx::query!(
        "insert into visit_link (id, participant_id, reader_id, secret_hash, code_hash, address) values ($1, $2, $3, $4, $5, $6)",
        new_id(),
        participant,
        reader.0,
        secret::hash(&invitation.secret),
        code_hash(&invitation.secret, &invitation.code),
        address
    )
    .execute(conn)
    .await?;
    Ok(Some(invitation))
}

fn new_code() -> String {
    let code = rand::random_range(0..10_u32.pow(CODE_DIGITS as u32));
    format!("{code:0width$}", width = CODE_DIGITS)
}

/// Without the secret, which is not kept, a code cannot be found from its hash.
fn code_hash(secret: &Secret, code: &str) -> Vec<u8> {
    Sha256::digest(format!("visit code {} {code}", secret.0)).to_vec()
}

/// Tells one link from another in the browser: its secret cannot be found from it.
pub fn mark(secret: &Secret) -> String {
    let digest = Sha256::digest(format!("visit mark {}", secret.0));
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// What a link shows at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The access code is asked for.
    Code,
    /// Too many wrong codes: only those who are logged in come further.
    Locked,
    /// It opens then.
    Early(DateTime<Utc>),
    Over,
    /// The practitioner has not opened the visit yet.
    Waiting,
    Ready,
}

/// A visit as its link shows it; what it is about only beyond the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    pub state: State,
    pub starts_at: DateTime<Utc>,
    pub zone: String,
    pub practitioner: String,
    appointment: AppointmentId,
    /// The person who comes in, as the room may show them.
    name: String,
}

/// A link that is alive.
struct Link {
    id: Uuid,
    reader: ClientId,
    code_hash: Vec<u8>,
    /// Wrong codes of the last hour.
    tries: i16,
    /// While it counts.
    pass_hash: Option<Vec<u8>>,
    visit: Visit,
}

/// [`Refusal::DeadLink`] where the link opens nothing: it never was, the appointment is cancelled
/// or not by video any more, or the reader may not know of it any more.
async fn link(conn: &mut PgConnection, secret: &Secret) -> Result<Link> {
    let row = sqlx::query!(
        r#"select y.id, y.reader_id as "reader: ClientId", y.code_hash,
                  case when y.tried_at > now() - interval '1 hour' then y.tries else 0 end as "tries!",
                  case when y.pass_at > now() - interval '12 hours' then y.pass_hash end as pass_hash,
                  a.id as "appointment: AppointmentId", a.starts_at, a.ends_at, a.zone,
                  m.first_name || ' ' || m.last_name as "practitioner!", client_short_name(c) as "name!",
                  coalesce(r.opened_at >= a.timed_at, false) as "opened!", p.visit_before_minutes as before, p.visit_after_minutes as after
             from visit_link y
             join appointment_participant v on v.id = y.participant_id and v.status = 'booked'
             join appointment a on a.id = v.appointment_id and a.status in ('requested', 'confirmed') and a.modality = 'video'
             join staff_member m on m.id = a.practitioner_id
             join client c on c.id = y.reader_id and c.status = 'active' and c.erased_at is null
                          and lower(trim(c.email::text)) = y.address
             cross join practice p
             left join visit_room r on r.appointment_id = a.id
            where y.secret_hash = $1
              and (v.client_id = c.id
                   or (v.assigned = 'everyone' or v.assigned_to = c.id)
                      and exists (select from client_grant g
                                   where g.holder = c.id and g.subject = v.client_id and g.may_book))"#,
        secret::hash(secret)
    )
    .fetch_optional(conn)
    .await?
    .ok_or(Error::Refused(Refusal::DeadLink))?;
    let window = Window { before: row.before, after: row.after };
    let visit = Visit {
        state: by_time(row.starts_at, row.ends_at, window, row.opened),
        starts_at: row.starts_at,
        zone: row.zone,
        practitioner: row.practitioner,
        appointment: row.appointment,
        name: row.name,
    };
    Ok(Link {
        id: row.id,
        reader: row.reader,
        code_hash: row.code_hash,
        tries: row.tries as i16,
        pass_hash: row.pass_hash,
        visit,
    })
}

fn by_time(starts: DateTime<Utc>, ends: DateTime<Utc>, window: Window, opened: bool) -> State {
    let now = Utc::now();
    let opens = starts - TimeDelta::minutes(window.before.into());
    if now < opens {
        State::Early(opens)
    } else if now >= ends + TimeDelta::minutes(window.after.into()) {
        State::Over
    } else if opened {
        State::Ready
    } else {
        State::Waiting
    }
}

impl Link {
    /// What it shows to someone who is logged in, or whose browser has given the code before.
    fn shown(self, actor: Option<&Actor>, pass: Option<&Secret>) -> Visit {
        let is_reader = matches!(actor, Some(Actor::Client(me)) if me.id() == self.reader);
        let has_pass = pass.is_some_and(|pass| self.pass_hash.is_some_and(|hash| hash == secret::hash(pass)));
        if is_reader || has_pass {
            self.visit
        } else if self.tries >= TRIES_MAX {
            Visit { state: State::Locked, ..self.visit }
        } else {
            Visit { state: State::Code, ..self.visit }
        }
    }
}

/// What a link shows.
pub async fn look(pool: &PgPool, secret: &Secret, actor: Option<&Actor>, pass: Option<&Secret>) -> Result<Visit> {
    Ok(link(&mut *pool.begin().await?, secret).await?.shown(actor, pass))
}

/// Takes an access code: a pass for the browser that gave it. Wrong ones are counted, and
/// [`TRIES_MAX`] of them lock the link.
pub async fn enter(pool: &PgPool, secret: &Secret, code: &str) -> Result<Secret> {
    let mut tx = pool.begin().await?;
    // Of several codes at the same time each is counted.
    sqlx::query_scalar!("select 1 from visit_link where secret_hash = $1 for update", secret::hash(secret))
        .fetch_optional(&mut *tx)
        .await?;
    let link = link(&mut tx, secret).await?;
    if link.tries >= TRIES_MAX {
        return Err(Refusal::Conflict(Conflict::VisitLocked).into());
    }
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    let is_right = code_hash(secret, &digits) == link.code_hash;
    let pass = secret::new();
    sqlx::query!(
        "update visit_link
            set tries = case when $2 then 0 else $4 + 1 end, tried_at = now(),
                pass_hash = case when $2 then $3 else pass_hash end, pass_at = case when $2 then now() else pass_at end
          where id = $1",
        link.id,
        is_right,
        secret::hash(&pass),
        i32::from(link.tries)
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    match is_right {
        true => Ok(pass),
        false if link.tries + 1 >= TRIES_MAX => Err(Refusal::Conflict(Conflict::VisitLocked).into()),
        false => Err(Refusal::field("code", Problem::WrongCode { left: (TRIES_MAX - link.tries - 1) as u8 }).into()),
    }
}

/// Where the visit of a link is held; nothing unless it is [`State::Ready`].
pub async fn room(
    pool: &PgPool,
    secret: &Secret,
    actor: Option<&Actor>,
    pass: Option<&Secret>,
) -> Result<Option<String>> {
    let mut tx = pool.begin().await?;
    let visit = link(&mut tx, secret).await?.shown(actor, pass);
    match visit.state {
        State::Ready => address(&mut tx, visit.appointment, &visit.name).await,
        _ => Ok(None),
    }
}

/// What a client sees of the visit of an appointment in *My appointments*; nothing where it is
/// not by video.
pub async fn of_mine(pool: &PgPool, me: &ClientActor, id: AppointmentId) -> Result<Option<Visit>> {
    let shown = crate::appointments::mine_one(pool, me, id).await?;
    let row = sqlx::query!(
        r#"select coalesce(r.opened_at >= a.timed_at, false) as "opened!", p.visit_before_minutes as before, p.visit_after_minutes as after
             from appointment a cross join practice p left join visit_room r on r.appointment_id = a.id
            where a.id = $1 and a.modality = 'video'"#,
        id.0
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row.filter(|_| shown.status != AppointmentStatus::Cancelled) else { return Ok(None) };
    let window = Window { before: row.before, after: row.after };
    Ok(Some(Visit {
        state: by_time(shown.starts_at, shown.ends_at, window, row.opened),
        starts_at: shown.starts_at,
        zone: shown.zone,
        practitioner: shown.practitioner_name,
        appointment: id,
        name: me.name().to_owned(),
    }))
}

/// Where a client's own visit is held; nothing unless it is [`State::Ready`].
pub async fn room_of_mine(pool: &PgPool, me: &ClientActor, id: AppointmentId) -> Result<Option<String>> {
    match of_mine(pool, me, id).await? {
        Some(visit) if visit.state == State::Ready => address(&mut *pool.acquire().await?, id, &visit.name).await,
        _ => Ok(None),
    }
}

/// What staff see of an appointment's visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaffVisit {
    /// It has an address: of its service or its practitioner.
    pub has_place: bool,
    pub opened_at: Option<DateTime<Utc>>,
}

/// For staff who may see the appointment; nothing where it is not by video.
pub async fn of_staff(pool: &PgPool, actor: &Actor, id: AppointmentId) -> Result<Option<StaffVisit>> {
    crate::appointments::one(pool, actor, id).await?;
    let mut conn = pool.acquire().await?;
    let row = sqlx::query!(
        r#"select case when r.opened_at >= a.timed_at then r.opened_at end as opened_at
             from appointment a left join visit_room r on r.appointment_id = a.id
            where a.id = $1 and a.modality = 'video' and a.status in ('requested', 'confirmed')"#,
        id.0
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let has_place = template(&mut conn, id).await?.is_some();
    Ok(Some(StaffVisit { has_place, opened_at: row.opened_at }))
}

/// Staff open the visit: from then on those who were invited come in. Its practitioner, or staff
/// who book.
pub async fn open(pool: &PgPool, actor: &Actor, id: AppointmentId) -> Result<()> {
    may_open(pool, actor, id).await?;
    let mut tx = pool.begin().await?;
    let stands = sqlx::query_scalar!(
        r#"select status in ('requested', 'confirmed') and modality = 'video' as "stands!" from appointment
            where id = $1 for update"#,
        id.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    if stands != Some(true) {
        return Err(Refusal::NotFound.into());
    }
    let now_open = sqlx::query!(
        "insert into visit_room (appointment_id, room, opened_at, opened_by) values ($1, $2, now(), $3)
         on conflict (appointment_id) do update set room = excluded.room, opened_at = now(), opened_by = $3
          where visit_room.opened_at is null
             or visit_room.opened_at < (select timed_at from appointment where id = $1)",
        id.0,
        new_room(),
        actor.id()
    )
    .execute(&mut *tx)
    .await?;
    if now_open.rows_affected() > 0 {
        audit::append(&mut tx, actor, "open_visit", "appointment", id, &[]).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn may_open(pool: &PgPool, actor: &Actor, id: AppointmentId) -> Result<()> {
    let one = crate::appointments::one(pool, actor, id).await?;
    match actor.staff()?.books() || actor.id() == one.practitioner_id.0 {
        true => Ok(()),
        false => Err(Refusal::Forbidden.into()),
    }
}

/// Where staff go to, once the visit is open.
pub async fn room_of_staff(pool: &PgPool, actor: &Actor, id: AppointmentId) -> Result<Option<String>> {
    may_open(pool, actor, id).await?;
    let visit = of_staff(pool, actor, id).await?.ok_or(Error::Refused(Refusal::NotFound))?;
    match visit.opened_at {
        Some(_) => address(&mut *pool.acquire().await?, id, actor.name()).await,
        None => Ok(None),
    }
}

/// 128 random bits: nothing about the appointment can be found from them.
fn new_room() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>())
}

async fn address(conn: &mut PgConnection, id: AppointmentId, name: &str) -> Result<Option<String>> {
    let Some(template) = template(&mut *conn, id).await? else { return Ok(None) };
    let room = sqlx::query_scalar!("select room from visit_room where appointment_id = $1", id.0);
    let room = room.fetch_optional(conn).await?;
    Ok(room.map(|room| template.address(&room, name, "en")))
}

/// The address of the service's visits, or else of the practitioner's.
async fn template(conn: &mut PgConnection, id: AppointmentId) -> Result<Option<Template>> {
    let text = sqlx::query_scalar!(
        r#"select coalesce(nullif(s.visit_template, ''), m.visit_template) as "template!"
             from appointment a join service s on s.id = a.service_id join staff_member m on m.id = a.practitioner_id
            where a.id = $1"#,
        id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(text.and_then(|text| Template::parse(&text).ok().flatten()))
}

/// What is set for video visits, for administrators.
pub struct Settings {
    pub window: Window,
    pub services: Vec<(ServiceId, String, String)>,
    pub practitioners: Vec<(StaffId, String, String)>,
}

/// The window, and the address of each service and practitioner.
pub async fn settings(pool: &PgPool, actor: &Actor) -> Result<Settings> {
    actor.administrator()?;
    let mut conn = pool.acquire().await?;
    let window =
        sqlx::query_as!(Window, r#"select visit_before_minutes as before, visit_after_minutes as after from practice"#);
    let window = window.fetch_one(&mut *conn).await?;
    let services = sqlx::query!(
        r#"select id as "id: ServiceId", name, visit_template as template from service where active order by name, id"#
    );
    let services = services.fetch_all(&mut *conn).await?;
    let practitioners = sqlx::query!(
        r#"select id as "id: StaffId", first_name || ' ' || last_name as "name!", visit_template as template
             from staff_member where active and 'practitioner' = any (roles) order by last_name, id"#
    );
    let practitioners = practitioners.fetch_all(&mut *conn).await?;
    Ok(Settings {
        window,
        services: services.into_iter().map(|row| (row.id, row.name, row.template)).collect(),
        practitioners: practitioners.into_iter().map(|row| (row.id, row.name, row.template)).collect(),
    })
}

pub async fn save_window(pool: &PgPool, actor: &Actor, window: Window) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    let changed = sqlx::query!(
        "update practice set visit_before_minutes = $1, visit_after_minutes = $2
          where visit_before_minutes <> $1 or visit_after_minutes <> $2",
        window.before,
        window.after
    )
    .execute(&mut *tx)
    .await?;
    if changed.rows_affected() > 0 {
        let fields = ["visit_before_minutes", "visit_after_minutes"];
        audit::append(&mut tx, actor, "change", "practice", Uuid::nil(), &fields).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Says where video visits of a service or practitioner are held; nowhere, when it is empty.
pub async fn save_place(pool: &PgPool, actor: &Actor, form: &PlaceForm) -> Result<()> {
    actor.administrator()?;
    let template = Template::parse(&form.template).map_err(|problem| Refusal::field("template", problem))?;
    let template = template.as_ref().map_or("", Template::as_str);
    let id: Uuid = form.id.parse().map_err(|_| Refusal::NotFound)?;
    let mut tx = pool.begin().await?;
    let (kind, changed) = match form.of.as_str() {
        "service" => {
            let sql = sqlx::query!("update service set visit_template = $2 where id = $1", id, template);
            ("service", sql.execute(&mut *tx).await?.rows_affected())
        }
        "practitioner" => {
            let sql = sqlx::query!("update staff_member set visit_template = $2 where id = $1", id, template);
            ("staff_member", sql.execute(&mut *tx).await?.rows_affected())
        }
        _ => return Err(Refusal::NotFound.into()),
    };
    if changed == 0 {
        return Err(Refusal::NotFound.into());
    }
    audit::append(&mut tx, actor, "change", kind, id, &["visit_template"]).await?;
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_six_digits_and_its_hash_depends_on_the_link() {
        let (one, other) = (secret::new(), secret::new());
        assert!(
            (0..100)
                .map(|_| new_code())
                .all(|code| code.len() == CODE_DIGITS && code.bytes().all(|c| c.is_ascii_digit()))
        );
        assert_ne!(code_hash(&one, "123456"), code_hash(&other, "123456"));
        assert_eq!(new_room().len(), 22);
        assert_ne!(new_room(), new_room());
    }

    #[test]
    fn a_link_opens_minutes_before_the_start_and_closes_minutes_after_the_end() {
        let now = Utc::now();
        let window = Window { before: 10, after: 15 };
        let at = |starts: i64, ends: i64| {
            by_time(now + TimeDelta::minutes(starts), now + TimeDelta::minutes(ends), window, true)
        };
        assert!(matches!(at(11, 60), State::Early(_)));
        assert_eq!([at(9, 60), at(-60, -14), at(-60, -16)], [State::Ready, State::Ready, State::Over]);
        assert_eq!(by_time(now, now, window, false), State::Waiting);
    }
}
