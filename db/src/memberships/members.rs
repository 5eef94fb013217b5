//! Members come, go, and come back; dates are corrected; what was entered by
//! mistake today is taken out again.

use super::create::{ticked, unseen};
use super::{
    Person, Stored, admit, lock, make_people, note, note_made, people, periods, row_key, stored, today, wait_for,
};
use crate::authz::{self, EditableClient};
use crate::clients::content_key;
use crate::practice::practice_zone;
use crate::{Actor, Error, Result, appointments};
use chrono::{NaiveDate, Utc};
use shared::clients::Kind;
use shared::memberships::{DatesForm, Members, MembersForm, Period, SelectedForm, check_size, may_be};
use shared::{ClientId, ClientNumber, MembershipId, Problem, Refusal, StaffId, parse};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Adds members, existing ones and new ones; who belongs already stays as they
/// are. Answers how many joined.
pub async fn add(pool: &PgPool, actor: &Actor, group: ClientNumber, form: MembersForm) -> Result<usize> {
    let (practice, today) = today(pool).await?;
    let mut tx = pool.begin().await?;
    let group = authz::editable(&mut tx, actor, group).await?;
    let mut members = form.parse(today, practice.code_only)?;
    members.request_key = members.request_key.map(|key| content_key(key, &(actor.id(), &form)));
    wait_for(&mut tx, &members.existing, &[]).await?;
    let kind = lock(&mut tx, group.id()).await?;
    if made_before(&mut tx, &members).await? {
        return Ok(0);
    }
    let mut who = people(&mut tx, actor, &members.existing, &[]).await?;
    let practitioners = assigned(&mut tx, group.id()).await?;
    let made = make_people(&mut tx, actor, &practice, &members, &practitioners).await?;
    who.extend(made.iter().map(Person::of));
    let joined = admit(&mut tx, group.id(), kind, &who, members.joined_on).await?;
    note_made(&mut tx, actor, &made).await?;
    if !joined.is_empty() {
        note(&mut tx, actor, "add-members", group.id(), &joined).await?;
    }
    tx.commit().await?;
    Ok(joined.len())
}

/// Who of those who work here has the group.
async fn assigned(conn: &mut PgConnection, group: ClientId) -> Result<Vec<StaffId>> {
    Ok(sqlx::query_scalar!(
        r#"select s.id as "id: StaffId" from client_practitioner p join staff_member s on s.id = p.practitioner_id
            where p.client_id = $1 and s.active and 'practitioner' = any (s.roles)"#,
        group.0
    )
    .fetch_all(conn)
    .await?)
}

/// Adds ticked rows of the client list. Answers the group's number.
pub async fn add_many(pool: &PgPool, actor: &Actor, form: SelectedForm) -> Result<ClientNumber> {
    let (_, today) = today(pool).await?;
    let number: ClientNumber = parse::id(&form.group).map_err(|problem| Refusal::field("group", problem))?;
    let (numbers, ids) = ticked(&form.clients)?;
    let mut tx = pool.begin().await?;
    let group = authz::editable(&mut tx, actor, number).await?;
    wait_for(&mut tx, &numbers, &ids).await?;
    let kind = lock(&mut tx, group.id()).await?;
    let who = people(&mut tx, actor, &numbers, &ids).await.map_err(unseen)?;
    let joined_on = form.joined_on(today)?;
    let joined = admit(&mut tx, group.id(), kind, &who, joined_on).await?;
    if !joined.is_empty() {
        note(&mut tx, actor, "add-members", group.id(), &joined).await?;
    }
    tx.commit().await?;
    Ok(number)
}

/// Ends a membership on a date, today if none is given; the days before stay
/// in every report. One that has ended that day already stays as it is.
pub async fn end(pool: &PgPool, actor: &Actor, id: MembershipId, left_on: &str) -> Result<ClientNumber> {
    let (_, today) = today(pool).await?;
    let mut tx = pool.begin().await?;
    let held = hold(&mut tx, actor, id, Beside::Activities).await?;
    let left_on = date("left_on", left_on)?.unwrap_or(today);
    let Period { joined_on, left_on: before } = held.own.period;
    if before == Some(left_on) {
        return Ok(held.number);
    }
    if before.is_some() {
        return Err(Refusal::Stale.into());
    }
    held.change(&mut tx, actor, "end-membership", Period { joined_on, left_on: Some(left_on) }, today).await?;
    tx.commit().await?;
    Ok(held.number)
}

/// Anyone who has left comes back: a new membership, or, on the day they left, the
/// old one again.
pub async fn come_back(pool: &PgPool, actor: &Actor, id: MembershipId, joined_on: &str) -> Result<ClientNumber> {
    let (_, today) = today(pool).await?;
    let mut tx = pool.begin().await?;
    let held = hold(&mut tx, actor, id, Beside::Activities).await?;
    let joined_on = date("joined_on", joined_on)?.unwrap_or(today);
    if joined_on > today {
        return Err(Refusal::field("joined_on", Problem::InTheFuture).into());
    }
    let who = people(&mut tx, actor, &[], &[held.own.member.0]).await?;
    let joined = admit(&mut tx, held.group.id(), held.kind, &who, joined_on).await?;
    if !joined.is_empty() {
        note(&mut tx, actor, "resume-membership", held.group.id(), &joined).await?;
    }
    tx.commit().await?;
    Ok(held.number)
}

/// Corrects both dates; no date of leaving means that they belong.
/// [`Refusal::Stale`] when they have changed since the form was shown.
pub async fn correct(pool: &PgPool, actor: &Actor, id: MembershipId, form: DatesForm) -> Result<ClientNumber> {
    let (_, today) = today(pool).await?;
    let mut tx = pool.begin().await?;
    let held = hold(&mut tx, actor, id, Beside::Activities).await?;
    let joined_on =
        date("joined_on", &form.joined_on)?.ok_or_else(|| Refusal::field("joined_on", Problem::Required))?;
    let period = Period { joined_on, left_on: date("left_on", &form.left_on)? };
    if held.own.period == period {
        return Ok(held.number);
    }
    if held.own.period.seen() != form.seen {
        return Err(Refusal::Stale.into());
    }
    held.change(&mut tx, actor, "correct-membership", period, today).await?;
    tx.commit().await?;
    Ok(held.number)
}

/// Takes out what was entered by mistake, on the day it was entered. Later, or
/// with a session attended, a membership is history: it is ended, not removed.
pub async fn remove(pool: &PgPool, actor: &Actor, id: MembershipId) -> Result<ClientNumber> {
    let mut tx = pool.begin().await?;
    let held = hold(&mut tx, actor, id, Beside::Nothing).await?;
    let attended = sqlx::query_scalar!(
        r#"select exists (
               select from client_membership m
                 join activity_attendee t on t.group_id = m.group_id and t.member_id = m.member_id
                 join activity a on a.id = t.activity_id
                where m.id = $1 and a.held_on >= m.joined_on and (m.left_on is null or a.held_on <= m.left_on)) as "attended!""#,
        id.0
    )
    .fetch_one(&mut *tx)
    .await?;
    if attended {
        return Err(Refusal::field("membership", Problem::Attended).into());
    }
    let today = practice_zone(&mut tx).await?.day_of(Utc::now());
    let gone = sqlx::query!(
        "delete from client_membership where id = $1 and created_at >= $2 and created_at < $3",
        id.0,
        today.starts,
        today.ends
    )
    .execute(&mut *tx)
    .await?;
    if gone.rows_affected() == 0 {
        return Err(Refusal::field("membership", Problem::NotToday).into());
    }
    note(&mut tx, actor, "remove-membership", held.group.id(), &[held.own.member]).await?;
    tx.commit().await?;
    Ok(held.number)
}

/// A membership whose group is locked.
struct Held {
    group: EditableClient,
    number: ClientNumber,
    kind: Kind,
    own: Stored,
    all: Vec<Stored>,
}

/// What may be saved for the group while it is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    Activities,
    /// No one is recorded as there meanwhile.
    Nothing,
}

/// Locks the group of a membership whose group and member the actor both sees.
async fn hold(conn: &mut PgConnection, actor: &Actor, id: MembershipId, beside: Beside) -> Result<Held> {
    let not_found = || Error::Refused(Refusal::NotFound);
    actor.staff()?;
    let found = sqlx::query!(
        r#"select g.number as "number: ClientNumber", m.member_id as "member: ClientId"
             from client_membership m join client g on g.id = m.group_id where m.id = $1"#,
        id.0
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(not_found)?;
    let group = authz::editable(&mut *conn, actor, found.number).await?;
    authz::readable_by_id(&mut *conn, actor, found.member).await?;
    appointments::lock(&mut *conn, &[found.member.0]).await?;
    if beside == Beside::Nothing {
        // From the start: who waits for a stronger lock than they have may be waited for by those who save.
        sqlx::query!("select id from client where id = $1 for update", group.id().0).fetch_optional(&mut *conn).await?;
    }
    let kind = lock(&mut *conn, group.id()).await?;
    let all = stored(&mut *conn, group.id()).await?;
    // Removed before the group was locked.
    let own = *all.iter().find(|one| one.id == id).ok_or_else(not_found)?;
    Ok(Held { group, number: found.number, kind, own, all })
}

impl Held {
    async fn change(
        &self,
        conn: &mut PgConnection,
        actor: &Actor,
        action: &str,
        period: Period,
        today: NaiveDate,
    ) -> Result<()> {
        let others: Vec<Stored> = self.all.iter().filter(|one| one.id != self.own.id).copied().collect();
        let same: Vec<Stored> = others.iter().filter(|one| one.member == self.own.member).copied().collect();
        may_be(period, &periods(&same), today)?;
        let after: Vec<Period> = periods(&others).into_iter().chain([period]).collect();
        check_size(self.kind, &after).map_err(|problem| Refusal::field("joined_on", problem))?;
        sqlx::query!(
            "update client_membership set joined_on = $2, left_on = $3 where id = $1",
            self.own.id.0,
            period.joined_on,
            period.left_on
        )
        .execute(&mut *conn)
        .await?;
        note(conn, actor, action, self.group.id(), &[self.own.member]).await
    }
}

/// Whether this very form has made its new people before.
async fn made_before(conn: &mut PgConnection, members: &Members) -> Result<bool> {
    let Some(key) = members.request_key else { return Ok(false) };
    let keys: Vec<Uuid> = members.new.iter().map(|member| row_key(key, member.row)).collect();
    Ok(sqlx::query_scalar!(r#"select exists (select from client where request_key = any ($1)) as "made!""#, &keys)
        .fetch_one(conn)
        .await?)
}

fn date(field: &str, text: &str) -> Result<Option<NaiveDate>> {
    Ok(parse::optional(text, parse::date).map_err(|problem| Refusal::field(field, problem))?)
}
