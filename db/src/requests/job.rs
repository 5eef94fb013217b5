//! What happens without anyone asking: services ask for their forms, reminders go, and drafts that
//! were left are forgotten.

use super::ask::queue;
use crate::audit::{self, By};
use crate::locks::{self, Purpose};
use crate::practice::practice_zone;
use crate::{PgPool, Result, clients, new_id};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use shared::requests::{REMINDERS_MAX, next_reminder, reminders_due};
use shared::{ClientId, RequestId};
use sqlx::PgConnection;
use uuid::Uuid;

/// When reminders go, on the clocks of the practice.
const MORNING: NaiveTime = NaiveTime::from_hms_opt(8, 0, 0).unwrap();
const EVENING: NaiveTime = NaiveTime::from_hms_opt(20, 0, 0).unwrap();
/// No round asks for more.
const ROUND_MAX: i64 = 200;

/// Does what is due; answers how many requests and reminders were made. Any number of servers may.
pub async fn work(pool: &PgPool) -> Result<usize> {
    let mut tx = pool.begin().await?;
    if !locks::try_lock(&mut tx, Purpose::Settings, "requests").await? {
        return Ok(0);
    }
    let zone = practice_zone(&mut tx).await?;
    let local = zone.local(Utc::now());
    let mut done = follow_appointments(&mut tx, local.date()).await?;
    done.extend(ask_by_rules(&mut tx, local.date()).await?);
    if (MORNING..EVENING).contains(&local.time()) {
        done.extend(remind(&mut tx, &zone, local.date()).await?);
    }
    forget_drafts(&mut tx).await?;
    let count = done.len();
    // Last: the chain stays locked from here.
    for (action, client) in done {
        audit::append(&mut tx, By::System, action, "client", client, &[]).await?;
    }
    tx.commit().await?;
    Ok(count)
}

/// Reminders that are due at this time, whatever the hour: the part of [`work`] that waits for the morning.
pub async fn remind_due(pool: &PgPool, now: DateTime<Utc>) -> Result<usize> {
    let mut tx = pool.begin().await?;
    let zone = practice_zone(&mut tx).await?;
    let done = remind(&mut tx, &zone, zone.date(now)).await?;
    for (action, client) in &done {
        audit::append(&mut tx, By::System, action, "client", *client, &[]).await?;
    }
    tx.commit().await?;
    Ok(done.len())
}

/// What was done, and the client it was about.
type Deeds = Vec<(&'static str, ClientId)>;

/// What a rule asked for goes with its appointment, and is due when that is.
async fn follow_appointments(conn: &mut PgConnection, today: NaiveDate) -> Result<Deeds> {
    let gone = sqlx::query_scalar!(
        r#"update request r set state = 'withdrawn', closed_at = now()
            where r.state = 'open' and r.rule_id is not null
              and not exists (select from appointment a join appointment_participant p on p.appointment_id = a.id
                               where a.id = r.appointment_id and p.client_id = r.subject_id and p.status = 'booked'
                                 and a.status in ('requested', 'confirmed'))
           returning r.subject_id as "subject: ClientId""#
    )
    .fetch_all(&mut *conn)
    .await?;
    sqlx::query!(
        "delete from form_response d using request r where r.id = d.request_id and r.state <> 'open' and d.state = 'draft'"
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update request r
            set due_on = a.starts_local::date,
                -- Which day it is from now on, this round says.
                remind_on = case when r.reminded < r.reminders then $1::date end
           from appointment a
          where a.id = r.appointment_id and r.state = 'open' and r.rule_id is not null and a.starts_at > now()
            and r.due_on is distinct from a.starts_local::date",
        today
    )
    .execute(conn)
    .await?;
    Ok(gone.into_iter().map(|client| ("withdraw-request", client)).collect())
}

struct Due {
    rule: Uuid,
    form: Uuid,
    appointment: Uuid,
    subject: ClientId,
    due_on: Option<NaiveDate>,
}

/// Upcoming appointments of a service that asks for a form, one request for each person who
/// attends: before the first, before every one, or if there is no answer of the last year.
async fn ask_by_rules(conn: &mut PgConnection, today: NaiveDate) -> Result<Deeds> {
    let due = sqlx::query_as!(
        Due,
        r#"select distinct on (r.id, p.client_id) r.id as "rule!", r.form_id as "form!", a.id as "appointment!",
                  p.client_id as "subject!: ClientId", a.starts_local::date as due_on
             from request_rule r
             join form f on f.id = r.form_id and f.active
             join appointment a on a.service_id = r.service_id and a.status = 'confirmed' and a.starts_at > now()
             join appointment_participant p on p.appointment_id = a.id and p.status = 'booked'
             join client c on c.id = p.client_id and c.kind = 'individual' and c.erased_at is null
            where not exists (select from request o where o.subject_id = p.client_id and o.form_id = r.form_id
                                 and (o.state = 'open' or o.appointment_id = a.id))
              and case r.occasion
                      when 'first' then not exists (select from request o where o.form_id = r.form_id and o.subject_id = p.client_id
                                                                         and o.state <> 'withdrawn')
                          -- They come for this already.
                          and not exists (select from appointment e join appointment_participant q on q.appointment_id = e.id
                                           where e.service_id = r.service_id and e.starts_at <= now() and e.status = 'confirmed'
                                             and q.client_id = p.client_id and q.status = 'booked')
                          and not exists (select from form_response s join form_version v on v.id = s.form_version_id
                                           where s.subject_id = p.client_id and v.form_id = r.form_id and s.state = 'submitted')
                      when 'yearly' then not exists (select from form_response s join form_version v on v.id = s.form_version_id
                                           where s.subject_id = p.client_id and v.form_id = r.form_id and s.state = 'submitted'
                                             and s.submitted_at > now() - interval '1 year')
                          and not exists (select from request o where o.form_id = r.form_id and o.subject_id = p.client_id
                                             and o.state <> 'withdrawn' and o.created_at > now() - interval '1 year'
                                             and (o.closed_at is null or o.closed_at > now() - interval '1 year'))
                      else true end
            order by r.id, p.client_id, a.starts_at limit $1"#,
        ROUND_MAX
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut asked = Deeds::new();
    for one in due {
        let key = clients::content_key(one.rule, &one.appointment);
        let due_on = one.due_on.map(|due| due.max(today));
        let made = sqlx::query_scalar!(
            r#"insert into request (id, kind, subject_id, form_id, due_on, reminders, rule_id, appointment_id, request_key, remind_on)
               values ($1, 'form', $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning id as "id: RequestId""#,
            new_id(),
            one.subject.0,
            one.form,
            due_on,
            REMINDERS_MAX,
            one.rule,
            one.appointment,
            key,
            next_reminder(today, due_on, REMINDERS_MAX, 0)
        );
        if let Some(id) = made.fetch_optional(&mut *conn).await? {
            queue(&mut *conn, id, "form_request").await?;
            asked.push(("request", one.subject));
        }
    }
    Ok(asked)
}

async fn remind(conn: &mut PgConnection, zone: &crate::time::Zone, today: NaiveDate) -> Result<Deeds> {
    let rows = sqlx::query!(
        r#"select id as "id: RequestId", subject_id as "subject: ClientId", due_on, created_at, reminders, reminded
             from request where state = 'open' and remind_on <= $1
              and (reminded_at is null or reminded_at < now() - interval '20 hours')
            order by remind_on, created_at, id limit $2"#,
        today,
        ROUND_MAX
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut reminded = Deeds::new();
    for row in rows {
        let asked = zone.date(row.created_at);
        let due = reminders_due(asked, row.due_on, row.reminders, today);
        let goes = due > row.reminded;
        // Of days that passed together one reminder goes.
        let gone = due.max(row.reminded);
        sqlx::query!(
            "update request
                set reminded = $2, reminded_at = case when $3 then now() else reminded_at end, remind_on = $4
              where id = $1",
            row.id.0,
            gone,
            goes,
            next_reminder(asked, row.due_on, row.reminders, gone)
        )
        .execute(&mut *conn)
        .await?;
        if goes {
            queue(&mut *conn, row.id, "request_reminder").await?;
            reminded.push(("remind", row.subject));
        }
    }
    Ok(reminded)
}

/// Those that were left for [`shared::forms::DRAFT_DAYS`], and those of someone who may no longer
/// fill them in.
async fn forget_drafts(conn: &mut PgConnection) -> Result<()> {
    sqlx::query!(
        "delete from form_response d
          where d.state = 'draft'
            and (d.saved_at < now() - make_interval(days => $1)
                 or exists (select from client c where c.id in (d.author_client_id, d.subject_id) and c.status <> 'active')
                 or d.author_client_id <> d.subject_id
                    and not exists (select from client_grant g
                                     where g.holder = d.author_client_id and g.subject = d.subject_id and g.may_forms))",
        shared::forms::DRAFT_DAYS
    )
    .execute(conn)
    .await?;
    Ok(())
}
