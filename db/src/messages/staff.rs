//! Notices to the practitioner and the front desk: what clients booked, moved and cancelled
//! online. Each of the team switches them off in *My account*. None is sent at night, but
//! of what begins before the morning.

use super::Message;
use super::compose::{self, Mail, Sender};
use super::phrases::phrases;
use super::recipients::{Recipient, Row};
use super::text::one_line;
use crate::time::{Beside, Zone};
use crate::{Result, new_id};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use shared::messages::{MessageKind, WhyNot};
use shared::texts::{Language, Placeholder, Text};
use shared::{AppointmentId, StaffId};
use sqlx::PgConnection;
use uuid::Uuid;

/// When notices begin, and when they end, on the clocks of the place.
pub(super) const MORNING: NaiveTime = NaiveTime::from_hms_opt(8, 0, 0).unwrap();
pub(super) const EVENING: NaiveTime = NaiveTime::from_hms_opt(20, 0, 0).unwrap();

/// Where an appointment was before it was moved.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before {
    pub starts_at: DateTime<Utc>,
    pub practitioner: StaffId,
}

/// Queues the notice of what a client did. A further change meanwhile is told instead of it;
/// what was booked and cancelled meanwhile is not told.
pub(super) async fn queue(
    conn: &mut PgConnection,
    kind: MessageKind,
    appointment: AppointmentId,
    participant: Uuid,
    version: i32,
    before: Option<Before>,
) -> Result<()> {
    sqlx::query!(
        "with before as (
             update message m set state = 'done', finished_at = now()
               from practice q
              where q.quiet_minutes > 0 and m.participant_id = $4 and m.state = 'queued' and m.staff_id is null
                and m.kind in ('staff_booked', 'staff_moved', 'staff_cancelled')
             returning m.kind, m.about_starts_at, m.first_at),
              was as (select coalesce(bool_or(kind = 'staff_booked'), false) as is_new, min(about_starts_at) as starts_at,
                             min(first_at) as first_at from before)
         insert into message (id, kind, appointment_id, participant_id, subject_version, about_starts_at, first_at, due_at)
         select $1, case when w.is_new then 'staff_booked' else $2 end, $3, $4, $5,
                case when not w.is_new and $2 = 'staff_moved' then coalesce(w.starts_at, $6) end,
                coalesce(w.first_at, now()),
                least(now() + make_interval(mins => q.quiet_minutes), coalesce(w.first_at, now()) + interval '15 minutes')
           from was w cross join practice q
          where not ($2 = 'staff_cancelled' and w.is_new)
            and exists (select from account c join staff_member s on s.id = c.staff_id and s.active
                         where case $2 when 'staff_booked' then c.mail_booked when 'staff_moved' then c.mail_moved
                                       else c.mail_cancelled end
                           and (s.id = (select practitioner_id from appointment where id = $3)
                                or 'front_desk' = any (s.roles)))
         on conflict on constraint message_once do nothing",
        new_id(),
        kind.as_str(),
        appointment.0,
        participant,
        version,
        before.map(|before| before.starts_at)
    )
    .execute(&mut *conn)
    .await?;
    Ok(())
}

/// Tells the practitioner that a client moved an appointment to a colleague.
pub(super) async fn queue_left(
    conn: &mut PgConnection,
    appointment: AppointmentId,
    participant: Uuid,
    version: i32,
    before: Before,
) -> Result<()> {
    sqlx::query!(
        "insert into message (id, kind, appointment_id, participant_id, staff_id, subject_version, about_starts_at, due_at)
         select $1, 'staff_moved', $2, $3, $4, $5, $6, now() + make_interval(mins => q.quiet_minutes)
           from practice q
          where exists (select from account where staff_id = $4 and mail_moved)
         on conflict on constraint message_once do nothing",
        new_id(),
        appointment.0,
        participant,
        before.practitioner.0,
        version,
        before.starts_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The practitioner and the front desk, as they chose; while the appointment stands as told.
pub(super) async fn of_notice(conn: &mut PgConnection, message: &Message) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select null::uuid as "client?: _", false as "linked!", s.email::text as "address!", s.first_name,
                  null::text as "zone?", true as "has_login!", null::text as "language?", null::text as "withheld?: WhyNot"
             from appointment_participant v
             join appointment a on a.id = v.appointment_id
             join staff_member s on s.active
              and case when $2::uuid is not null then s.id = $2
                       else s.id = a.practitioner_id or 'front_desk' = any (s.roles) end
             join account c on c.staff_id = s.id
            where v.id = $1
              and exists (select from client_in_scope(v.client_id,
                              case when s.roles && '{administrator,front_desk}' then null else s.id end))
              and case $3 when 'staff_booked' then c.mail_booked when 'staff_moved' then c.mail_moved
                          else c.mail_cancelled end
              and case when $3 = 'staff_cancelled' then v.status <> 'booked' or a.status = 'cancelled'
                       else v.status = 'booked' and a.status in ('requested', 'confirmed') and a.version = $4 end
            order by s.id <> a.practitioner_id, s.id"#,
        message.participant,
        message.staff,
        message.kind.as_str(),
        message.version
    )
    .fetch_all(conn)
    .await?)
}

/// What a notice tells.
#[derive(Debug, Clone)]
pub(super) struct StaffNotice {
    kind: MessageKind,
    /// It waits for an answer.
    is_requested: bool,
    appointment: Uuid,
    person: String,
    service: String,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    /// Moved: where it was.
    was: Option<DateTime<Utc>>,
    zone: Zone,
    practitioner: String,
    place: String,
}

pub(super) async fn notice(conn: &mut PgConnection, message: &Message) -> Result<Option<StaffNotice>> {
    let row = sqlx::query!(
        r#"select a.id, a.status = 'requested' as "is_requested!", client_name(c) as "person!", s.name as service, a.starts_at, a.ends_at, a.zone,
                  trim(p.first_name || ' ' || p.last_name) as "practitioner!",
                  l.name || coalesce(', ' || r.name, '') as "place!"
             from appointment_participant v
             join appointment a on a.id = v.appointment_id
             join service s on s.id = a.service_id
             join staff_member p on p.id = a.practitioner_id
             join location l on l.id = a.location_id
             join client c on c.id = v.client_id
             left join room r on r.id = a.room_id
            where v.id = $1"#,
        message.participant
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| StaffNotice {
        kind: message.kind,
        is_requested: row.is_requested,
        appointment: row.id,
        person: row.person,
        service: row.service,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        was: message.starts_at,
        zone: Zone::stored(&row.zone),
        practitioner: row.practitioner,
        place: row.place,
    }))
}

impl StaffNotice {
    /// When it may go: at night the next morning, unless the appointment begins before that.
    pub(super) fn waits_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = self.zone.local(now);
        let morning = match local.time() {
            time if time < MORNING => local.date().and_time(MORNING),
            time if time > EVENING => (local.date() + Days::new(1)).and_time(MORNING),
            _ => return None,
        };
        let morning = self.zone.instant(morning);
        (self.starts_at > morning + TimeDelta::hours(1)).then_some(morning)
    }

    pub(super) fn mail(&self, practice: &Sender, to: &Recipient, base_url: &str) -> Mail {
        let text = match self.kind {
            MessageKind::StaffMoved => Text::StaffMoved,
            MessageKind::StaffCancelled => Text::StaffCancelled,
            _ if self.is_requested => Text::StaffRequested,
            _ => Text::StaffBooked,
        };
        let (language, words) = (to.language, phrases(to.language));
        let date = |at| format!("{}, {}", self.zone.date_in(language, at), self.zone.exact_clock_in(language, at));
        let span = self.zone.span_in(language, self.starts_at, self.ends_at, Beside::Venue);
        let when = date(self.starts_at);
        let values = [(Placeholder::FirstName, to.first_name.as_str()), (Placeholder::When, &when)];
        let mail = compose::of(practice, text, language, &values);
        let mut lines = vec![
            format!("{}{}", words.person, one_line(&self.person)),
            format!("{}{}", words.what, one_line(&self.service)),
            format!("{}{}, {span}", words.when, self.zone.date_in(language, self.starts_at)),
        ];
        lines.extend(self.was.map(|at| format!("{}{}", words.before, date(at))));
        lines.push(self.zone.note_in(language));
        lines.push(format!("{}{}", words.with, one_line(&self.practitioner)));
        lines.push(format!("{}{}", words.place, one_line(&self.place)));
        lines.push(String::new());
        lines.push(format!("{}{base_url}/appointments/{}", words.open, self.appointment));
        lines.push(off(language, base_url));
        Mail { body: format!("{}\n{}\n", mail.body, lines.join("\n")), ..mail }
    }
}

/// Where mails to staff are switched off.
pub(super) fn off(language: Language, base_url: &str) -> String {
    format!("{}{base_url}/account", phrases(language).off)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn no_notice_goes_at_night_but_of_what_begins_early() {
        let notice = |starts: &str| StaffNotice {
            kind: MessageKind::StaffBooked,
            is_requested: false,
            appointment: Uuid::nil(),
            person: "Mia\r\nBcc: x <b>".into(),
            service: "Physio".into(),
            starts_at: at(starts),
            ends_at: at(starts) + TimeDelta::minutes(50),
            was: None,
            zone: Zone::parse("America/Toronto").unwrap(),
            practitioner: "Sam Chen".into(),
            place: "Main".into(),
        };
        let later = notice("2026-12-09T15:00:00Z");
        // 11 pm, 5 am and 10 am in Toronto.
        assert_eq!(later.waits_until(at("2026-12-07T04:00:00Z")), Some(at("2026-12-07T13:00:00Z")));
        assert_eq!(later.waits_until(at("2026-12-07T10:00:00Z")), Some(at("2026-12-07T13:00:00Z")));
        assert_eq!(later.waits_until(at("2026-12-07T15:00:00Z")), None);
        let early = notice("2026-12-07T13:30:00Z");
        assert_eq!(early.waits_until(at("2026-12-07T04:00:00Z")), None);
        let to = Recipient {
            address: "sam@elm.test".into(),
            client: None,
            linked: false,
            first_name: "Sam".into(),
            zone: None,
            has_login: true,
            language: Language::English,
        };
        let practice = Sender {
            name: "Elm".into(),
            texts: Default::default(),
            phone: String::new(),
            email: String::new(),
            website: String::new(),
            address: String::new(),
        };
        let mail = later.mail(&practice, &to, "https://k.test");
        assert_eq!(mail.subject, "Booked online: Wednesday 9 December 2026, 10:00 am");
        assert!(mail.body.contains("For: Mia Bcc: x <b>\nWhat: Physio\n"), "{}", mail.body);
    }
}
