//! What the activity form offers, and what it begins with.

use crate::time::Zone;
use crate::{Actor, Error, Result, appointments, authz, practice};
use chrono::Utc;
use shared::accounts::Role;
use shared::activities::{ActivityClient, ActivityForm, ActivityView, Attendee, attends, hours_text};
use shared::appointments::AppointmentStatus;
use shared::clients::Kind;
use shared::{ActivityId, AppointmentId, ClientNumber, Refusal, StaffId, TermId, parse};
use sqlx::PgPool;

/// What the form and the list's filters choose from.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    pub types: Vec<(TermId, String)>,
    pub settings: Vec<(TermId, String)>,
    /// Everyone who works here, by name.
    pub staff: Vec<(StaffId, String)>,
}

/// What is on offer; what an activity has already stays on offer for it.
pub async fn choices(pool: &PgPool, actor: &Actor, keeping: Option<&ActivityView>) -> Result<Choices> {
    actor.staff()?;
    let mut offered = offered(pool, false).await?;
    if let Some(activity) = keeping {
        keep(&mut offered.types, Some(&activity.activity_type));
        keep(&mut offered.settings, activity.setting.as_ref());
        keep(&mut offered.staff, activity.supervisor.as_ref());
        keep(&mut offered.staff, Some(&activity.staff));
    }
    Ok(offered)
}

/// What lists and reports are narrowed by: also what is not on offer any more, and
/// who has left, where there are activities of it.
pub async fn filters(pool: &PgPool, actor: &Actor) -> Result<Choices> {
    actor.staff()?;
    offered(pool, true).await
}

async fn offered(pool: &PgPool, past: bool) -> Result<Choices> {
    let mut conn = pool.acquire().await?;
    let terms = sqlx::query!(
        r#"select id as "id: TermId", vocabulary, case when active then label else label || ' (retired)' end as "label!"
             from term t
            where vocabulary in ('activity_type', 'setting')
              and (active or $1 and (exists (select from activity where type_id = t.id)
                                     or exists (select from activity where setting_id = t.id)))
            order by vocabulary, active desc, position, t.label"#,
        past
    )
    .fetch_all(&mut *conn)
    .await?;
    let staff = sqlx::query!(
        r#"select id as "id: StaffId", first_name || ' ' || last_name || case when active then '' else ' (left)' end as "name!"
             from staff_member s
            where active or $1 and (exists (select from activity where staff_id = s.id)
                                    or exists (select from activity where supervisor_id = s.id))
            order by active desc, searchable(first_name || ' ' || last_name), id"#,
        past
    )
    .fetch_all(conn.as_mut())
    .await?;
    let mut offered =
        Choices { staff: staff.into_iter().map(|row| (row.id, row.name)).collect(), ..Choices::default() };
    for term in terms {
        let list = if term.vocabulary == "setting" { &mut offered.settings } else { &mut offered.types };
        list.push((term.id, term.label));
    }
    Ok(offered)
}

fn keep<T: Clone + PartialEq>(list: &mut Vec<T>, one: Option<&T>) {
    if let Some(one) = one.filter(|one| !list.contains(one)) {
        list.push(one.clone());
    }
}

/// A client in the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenClient {
    pub client: ActivityClient,
    /// Of a couple, family or group: who may be ticked.
    pub members: Vec<Member>,
    /// Members the actor does not see and who could have been there.
    pub hidden: u32,
    /// Whether they count as there: as the form says, or else whether any does.
    pub unseen: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub number: ClientNumber,
    pub name: String,
    pub code: String,
    pub ticked: bool,
}

/// The clients of a form, in its order; the people the actor does not see are
/// left out. Members are those of the form's date, and people who attended.
pub async fn chosen(
    pool: &PgPool,
    actor: &Actor,
    form: &ActivityForm,
    id: Option<ActivityId>,
) -> Result<Vec<ChosenClient>> {
    let scope = actor.staff()?.scope();
    let date = match parse::date(&form.date) {
        Ok(date) => date,
        Err(_) => practice::today(pool).await?,
    };
    let numbers: Vec<i64> = form.clients.iter().filter_map(|number| number.parse().ok()).collect();
    let mut conn = pool.acquire().await?;
    let clients = sqlx::query!(
        r#"select c.number as "number!: ClientNumber", c.kind as "kind: Kind", c.code::text as "code!", client_name(c) as "name!"
             from unnest($1::bigint[]) with ordinality as wanted (number, place)
             join client c on c.number = wanted.number
            where exists (select from client_in_scope(c.id, $2))
            order by wanted.place"#,
        &numbers,
        scope
    )
    .fetch_all(&mut *conn)
    .await?;
    let members = sqlx::query!(
        r#"with candidate as (
               select group_id, member_id, bool_or(member_then) as member_then, bool_or(before) as before from (
                   select m.group_id, m.member_id, m.left_on is null or m.left_on > $2 as member_then, false as before
                     from client_membership m join client g on g.id = m.group_id
                    where g.number = any($1) and m.joined_on <= $2 and (m.left_on is null or m.left_on >= $2)
                    union all
                   select t.group_id, t.member_id, false, true
                     from activity_attendee t where t.activity_id = $3) both_kinds
                group by group_id, member_id)
           select g.number as "group: ClientNumber", c.number as "number: ClientNumber", c.code::text as "code!",
                  client_name(c) as "name!", a.member_then as "member_then!", a.before as "before!",
                  exists (select from activity b join activity_client x on x.activity_id = b.id
                           where b.id = $3 and b.held_on = $2 and x.client_id = a.group_id) as "settled!",
                  exists (select from client_in_scope(c.id, $4)) as "seen!"
             from candidate a join client g on g.id = a.group_id join client c on c.id = a.member_id
            where c.erased_at is null
            order by c.sort_name, c.id"#,
        &numbers,
        date,
        id.map(|id| id.0),
        scope
    )
    .fetch_all(conn.as_mut())
    .await?;
    let mut chosen: Vec<ChosenClient> = clients
        .into_iter()
        .map(|row| ChosenClient {
            unseen: form.unseen.contains(&row.number.to_string()),
            client: ActivityClient { number: row.number, kind: row.kind, code: row.code, name: row.name, attended: 0 },
            members: Vec::new(),
            hidden: 0,
        })
        .collect();
    for row in members {
        let Some(group) = chosen.iter_mut().find(|one| one.client.number == row.group) else { continue };
        let written = Attendee { group: row.group, member: row.number }.to_string();
        let shown = row.seen && form.members.contains(&written);
        let ticked = attends(shown, form.attended.contains(&written), row.settled, row.before, row.member_then);
        if row.seen {
            group.members.push(Member { number: row.number, name: row.name, code: row.code, ticked });
        } else if row.before || row.member_then {
            group.hidden += 1;
            group.unseen |= ticked && !form.unseen_asked.contains(&row.group.to_string());
        }
    }
    Ok(chosen)
}

/// What a new activity begins with: the setting and supervisor of the
/// last one; a client; or all that an appointment says.
pub async fn start(
    pool: &PgPool,
    actor: &Actor,
    appointment: Option<AppointmentId>,
    client: Option<ClientNumber>,
) -> Result<Start> {
    let me = actor.staff()?;
    let mut form = ActivityForm {
        staff: me.id().to_string(),
        date: practice::today(pool).await?.to_string(),
        request_key: crate::new_id().to_string(),
        ..ActivityForm::default()
    };
    let mut service = None;
    if let Some(id) = appointment {
        let booked = appointments::one(pool, actor, id).await?;
        match recorded(pool, actor, id).await? {
            Recorded::As(activity) => return Ok(Start::Recorded(activity)),
            Recorded::May => {}
            Recorded::Not => return Err(Refusal::Forbidden.into()),
        }
        form.staff = booked.practitioner_id.to_string();
        form.date = Zone::stored(&booked.zone).date(booked.starts_at).to_string();
        form.hours = hours_text((booked.ends_at - booked.starts_at).num_minutes());
        form.appointment = id.to_string();
        form.add(booked.client_number);
        service = Some(booked.service_id.0);
    } else if let Some(number) = client {
        authz::editable(&mut *pool.acquire().await?, actor, number).await?;
        form.add(number);
    }
    let owner: StaffId = form.staff.parse().unwrap_or(me.id());
    let usual = sqlx::query!(
        r#"select usual.setting_id as "setting?: TermId", usual.supervisor_id as "supervisor?: StaffId",
                  (select a.type_id from activity a join appointment p on p.id = a.appointment_id
                     join term t on t.id = a.type_id and t.active
                    where a.staff_id = $1 and p.service_id = $2
                    order by a.held_on desc, a.id desc limit 1) as "activity_type?: TermId"
             from (select 1) one
             left join lateral (
                  select s.id as setting_id, v.id as supervisor_id
                    from activity a
                    left join term s on s.id = a.setting_id and s.active
                    left join staff_member v on v.id = a.supervisor_id and v.active
                   where a.staff_id = $1
                   order by a.held_on desc, a.id desc limit 1) usual on true"#,
        owner.0,
        service
    )
    .fetch_one(pool)
    .await?;
    let word = |id: Option<String>| id.unwrap_or_default();
    form.setting = word(usual.setting.map(|id| id.to_string()));
    form.supervisor = word(usual.supervisor.map(|id| id.to_string()));
    form.activity_type = word(usual.activity_type.map(|id| id.to_string()));
    Ok(Start::With(Box::new(form)))
}

/// How a new activity begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    With(Box<ActivityForm>),
    /// The appointment is recorded already.
    Recorded(ActivityId),
}

/// Whether an appointment has become an activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    As(ActivityId),
    /// It has not, and the actor may record it.
    May,
    /// It has not: in the future, cancelled, or another person's.
    Not,
}

/// For the appointment's page.
pub async fn recorded(pool: &PgPool, actor: &Actor, appointment: AppointmentId) -> Result<Recorded> {
    let me = actor.staff()?;
    let row = sqlx::query!(
        r#"select a.id as "activity?: ActivityId", p.practitioner_id as "practitioner: StaffId", p.starts_at,
                  p.status as "status: AppointmentStatus", c.erased_at is not null as "erased!"
             from appointment p
             join lateral (select k.erased_at from appointment_participant v join client k on k.id = v.client_id
                            where v.appointment_id = p.id order by k.erased_at nulls first limit 1) c on true
             left join activity a on a.appointment_id = p.id
            where p.id = $1"#,
        appointment.0
    )
    .fetch_optional(pool)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    let is_theirs = row.practitioner == me.id() || me.is(Role::Administrator);
    let has_been = row.status == AppointmentStatus::Confirmed && row.starts_at <= Utc::now();
    Ok(match row.activity {
        Some(activity) if is_theirs || me.sees_all_clients() => Recorded::As(activity),
        None if is_theirs && has_been && !row.erased => Recorded::May,
        _ => Recorded::Not,
    })
}
