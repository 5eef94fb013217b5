//! What waits for the front desk: each line is a query of its own (`migrations/0034_todo.sql`),
//! and what is counted beside the calendar is what the page lists.

use crate::actor::StaffActor;
use crate::links::coming_of_age::{Task, tasks};
use crate::messages::{Reach, reach};
use crate::practice::practice_zone;
use crate::{Actor, Error, PgPool, Result, audit, calls};
use chrono::{DateTime, NaiveDate, Utc};
use shared::todo::TodoKind;
use shared::{AppointmentId, ClientId, ClientNumber, MessageCopyId, Refusal, TodoId};

/// How many of a kind are listed; the count goes on.
const SHOWN: i64 = 20;

/// Who is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub number: ClientNumber,
    pub name: String,
    /// The first of their telephone numbers; empty if there is none.
    pub phone: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancelled {
    /// What is ticked off.
    pub participant: TodoId,
    pub appointment: AppointmentId,
    pub person: Person,
    pub service: String,
    pub starts_at: DateTime<Utc>,
    /// An IANA zone.
    pub zone: String,
    /// The people that mail reaches now, and why it does not reach the client themself.
    pub reach: Reach,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedMail {
    pub copy: MessageCopyId,
    /// `None` of mail to staff.
    pub person: Option<Person>,
    pub subject: String,
    pub error: String,
    pub at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minor {
    pub id: ClientId,
    pub person: Person,
    pub birth_date: NaiveDate,
}

/// All that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Todo {
    pub counts: Counts,
    pub not_told: Vec<Cancelled>,
    pub failed_mail: Vec<FailedMail>,
    pub minors: Vec<Minor>,
    pub of_age: Vec<Task>,
}

/// How many there are of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub requests: i64,
    pub not_told: i64,
    pub failed_mail: i64,
    pub freed: i64,
    pub minors: i64,
    pub doubles: i64,
    pub calls: i64,
    pub overdue: i64,
    pub of_age: i64,
}

impl Counts {
    pub fn of(&self, kind: TodoKind) -> i64 {
        match kind {
            TodoKind::Requests => self.requests,
            TodoKind::NotTold => self.not_told,
            TodoKind::FailedMail => self.failed_mail,
            TodoKind::Freed => self.freed,
            TodoKind::MinorAlone => self.minors,
            TodoKind::Doubles => self.doubles,
            TodoKind::Calls => self.calls,
            TodoKind::Overdue => self.overdue,
            TodoKind::OfAge => self.of_age,
        }
    }

    pub fn total(&self) -> i64 {
        TodoKind::ALL.iter().map(|kind| self.of(*kind)).sum()
    }
}

/// How many things wait for the front desk; the front desk alone.
pub async fn counts(pool: &PgPool, actor: &Actor, now: DateTime<Utc>) -> Result<Counts> {
    actor.front_desk()?;
    let calls = calls::left(pool, now).await?;
    let today = today(pool, now).await?;
    let counts = sqlx::query_as!(
        Counts,
        r#"select (select count(*) from appointment a where a.status = 'requested' and a.starts_at > $1) as "requests!",
                  (select count(*) from todo_not_told()) as "not_told!",
                  (select count(*) from todo_failed_mail()) as "failed_mail!",
                  (select count(*) from todo_freed()) as "freed!",
                  (select count(*) from todo_minors_alone($3)) as "minors!",
                  (select count(*) from todo_doubles()) as "doubles!",
                  (select count(*) from todo_overdue($3)) as "overdue!",
                  (select count(*) from todo_of_age()) as "of_age!",
                  $2::bigint as "calls!""#,
        now,
        calls,
        today
    )
    .fetch_one(pool)
    .await?;
    Ok(counts)
}

/// What waits for the front desk, the most pressing or newest first within each kind; the front desk alone.
pub async fn todo(pool: &PgPool, actor: &Actor, now: DateTime<Utc>) -> Result<Todo> {
    let counts = counts(pool, actor, now).await?;
    let staff = actor.staff()?;
    Ok(Todo {
        counts,
        not_told: not_told(pool, staff).await?,
        failed_mail: failed_mail(pool).await?,
        minors: minors(pool, today(pool, now).await?).await?,
        of_age: match counts.of_age {
            0 => Vec::new(),
            _ => tasks(&mut *pool.acquire().await?).await?,
        },
    })
}

async fn not_told(pool: &PgPool, staff: &StaffActor) -> Result<Vec<Cancelled>> {
    let rows = sqlx::query!(
        r#"select t.participant_id as "participant!: TodoId", t.appointment_id as "appointment!: AppointmentId",
                  t.starts_at as "starts_at!", t.client_id as "client!: ClientId", a.zone, s.name as service,
                  c.number as "number: ClientNumber", client_name(c) as "name!",
                  coalesce(c.mobile, (select number from client_phone p where p.client_id = c.id order by position limit 1), '') as "phone!"
             from todo_not_told() t
             join appointment a on a.id = t.appointment_id join service s on s.id = a.service_id
             join client c on c.id = t.client_id
            order by t.starts_at, t.participant_id limit $1"#,
        SHOWN
    )
    .fetch_all(pool)
    .await?;
    let mut conn = pool.acquire().await?;
    let mut list = Vec::with_capacity(rows.len());
    for row in rows {
        list.push(Cancelled {
            participant: row.participant,
            appointment: row.appointment,
            person: Person { number: row.number, name: row.name, phone: row.phone },
            service: row.service,
            starts_at: row.starts_at,
            zone: row.zone,
            reach: reach(&mut conn, row.client, None, staff.scope(), Some(row.appointment)).await?,
        });
    }
    Ok(list)
}

async fn failed_mail(pool: &PgPool) -> Result<Vec<FailedMail>> {
    let rows = sqlx::query!(
        r#"select f.copy_id as "copy!: MessageCopyId", f.subject as "subject!", f.error as "error!", f.created_at as "at!",
                  c.number as "number?: ClientNumber", client_name(c) as "name", coalesce(c.mobile, '') as "phone!"
             from todo_failed_mail() f left join client c on c.id = f.client_id
            order by f.created_at desc, f.copy_id limit $1"#,
        SHOWN
    )
    .fetch_all(pool)
    .await?;
    let mail = rows.into_iter().map(|row| FailedMail {
        copy: row.copy,
        person: row.number.map(|number| Person { number, name: row.name.unwrap_or_default(), phone: row.phone }),
        subject: row.subject,
        error: row.error,
        at: row.at,
    });
    Ok(mail.collect())
}

/// What day it is at the practice.
async fn today(pool: &PgPool, now: DateTime<Utc>) -> Result<NaiveDate> {
    Ok(practice_zone(&mut *pool.acquire().await?).await?.date(now))
}

async fn minors(pool: &PgPool, today: NaiveDate) -> Result<Vec<Minor>> {
    let rows = sqlx::query!(
        r#"select c.id as "id: ClientId", c.number as "number: ClientNumber", client_name(c) as "name!",
                  coalesce(c.mobile, '') as "phone!", c.birth_date as "birth_date!"
             from todo_minors_alone($2) t join client c on c.id = t.client_id
            order by c.created_at desc, c.id limit $1"#,
        SHOWN,
        today
    )
    .fetch_all(pool)
    .await?;
    let minors = rows.into_iter().map(|row| Minor {
        id: row.id,
        person: Person { number: row.number, name: row.name, phone: row.phone },
        birth_date: row.birth_date,
    });
    Ok(minors.collect())
}

/// Ticks a line off, or puts it back. Twice is once. Front desk only.
pub async fn tick(pool: &PgPool, actor: &Actor, kind: TodoKind, record: TodoId, done: bool) -> Result<()> {
    actor.front_desk()?;
    let staff = actor.staff()?;
    if !kind.is_ticked() {
        return Err(Error::Refused(Refusal::NotFound));
    }
    let mut tx = pool.begin().await?;
    let client = match kind {
        TodoKind::NotTold => {
            sqlx::query_scalar!("select client_id from appointment_participant where id = $1", record.0)
                .fetch_optional(&mut *tx)
                .await?
        }
        _ => sqlx::query_scalar!("select id from client where id = $1", record.0).fetch_optional(&mut *tx).await?,
    };
    let client = client.ok_or(Error::Refused(Refusal::NotFound))?;
    let changed = match done {
        true => {
            sqlx::query!(
                "insert into todo_done (kind, record_id, done_by) values ($1, $2, $3) on conflict do nothing",
                kind.as_str(),
                record.0,
                staff.id().0
            )
            .execute(&mut *tx)
            .await?
        }
        false => {
            sqlx::query!("delete from todo_done where kind = $1 and record_id = $2", kind.as_str(), record.0)
                .execute(&mut *tx)
                .await?
        }
    };
    if changed.rows_affected() > 0 {
        let action = if done { "tick" } else { "untick" };
        audit::append(&mut tx, actor, action, "client", client, &[kind.as_str()]).await?;
        tx.commit().await?;
    }
    Ok(())
}
