//! Saving an activity.

use super::{Editable, editable};
use crate::actor::StaffActor;
use crate::clients::content_key;
use crate::locks::{self, Purpose};
use crate::{Actor, OnConstraint, Result, audit, new_id, practice};
use shared::accounts::Role;
use shared::activities::{ActivityDetails, ActivityForm, Attendee, attends};
use shared::clients::Kind;
use shared::practice::Section;
use shared::{ActivityId, ClientId, ClientNumber, Problem, Refusal, StaffId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Makes an activity, or changes one. [`Refusal::Stale`] when another person
/// saved in between. Clients the actor does not see stay as they are.
pub async fn save(pool: &PgPool, actor: &Actor, id: Option<ActivityId>, form: &ActivityForm) -> Result<ActivityId> {
    let me = actor.staff()?;
    if let Some(id) = id {
        // Asked by itself, for clients are held before the activity is.
        editable(&mut *pool.begin().await?, actor, id).await?;
    }
    let details = form.parse(practice::today(pool).await?)?;
    // The same form with other contents is another activity.
    let key = content_key(details.request_key, &(me.id(), form));
    let mut tx = pool.begin().await?;
    practice::needs(&mut tx, Section::Activities).await?;
    hold_clients(&mut tx, id, &details.clients).await?;
    let stored = match id {
        Some(id) => Some(editable(&mut tx, actor, id).await?),
        None => match already_made(&mut tx, me, key).await? {
            Some(first) => return Ok(first),
            None => None,
        },
    };
    if let Some(stored) = &stored
        && details.version != Some(stored.version)
    {
        return Err(Refusal::Stale.into());
    }
    let owner = owner(&mut tx, me, stored.as_ref(), &details).await?;
    check(&mut tx, me, stored.as_ref(), owner, &details).await?;
    let clients = with_whom(&mut tx, me, stored.as_ref(), &details).await?;
    let id = match &stored {
        Some(stored) => update(&mut tx, stored.id, owner, &details).await?,
        None => insert(&mut tx, owner, &details, key).await?,
    };
    put_clients(&mut tx, id, &clients).await?;
    put_attendees(&mut tx, me, id, stored.as_ref(), &clients, &details).await?;
    if has_prospects(&mut tx, id).await? {
        return Err(Refusal::field("clients", Problem::StillProspect).into());
    }
    sqlx::query!("delete from activity_draft where id = $1 and staff_id = $2", details.request_key, me.id().0)
        .execute(&mut *tx)
        .await?;
    audit::append(&mut tx, actor, if stored.is_some() { "update" } else { "create" }, "activity", id, &[]).await?;
    tx.commit().await?;
    Ok(id)
}

/// Holds everyone the activity is or was with, members of groups among them,
/// before the activity itself: clients come before what refers to them, as everywhere.
/// None of them is erased or merged away meanwhile.
async fn hold_clients(conn: &mut PgConnection, id: Option<ActivityId>, clients: &[ClientNumber]) -> Result<()> {
    let numbers: Vec<i64> = clients.iter().map(|number| number.get()).collect();
    sqlx::query_scalar!(
        r#"with chosen as (
               select id from client where number = any($1)
               union
               select client_id from activity_client where activity_id = $2)
           select 1 as "held!" from client c
            where c.id in (select id from chosen
                            union select m.member_id from client_membership m where m.group_id in (select id from chosen)
                            union select member_id from activity_attendee where activity_id = $2)
            order by c.id for key share of c"#,
        &numbers,
        id.map(|id| id.0)
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

/// The result of an earlier submit of the same form; one under way is waited for.
async fn already_made(conn: &mut PgConnection, me: &StaffActor, key: Uuid) -> Result<Option<ActivityId>> {
    locks::lock(conn, Purpose::Form, [key]).await?;
    let first = sqlx::query!(
        r#"select id as "id: ActivityId", staff_id as "staff_id: StaffId" from activity where request_key = $1"#,
        key
    )
    .fetch_optional(conn)
    .await?;
    match first {
        None => Ok(None),
        Some(first) if first.staff_id == me.id() || me.is(Role::Administrator) => Ok(Some(first.id)),
        Some(_) => Err(Refusal::NotFound.into()),
    }
}

/// Whose hours. Administrators choose someone who works here; for everyone
/// else it is the actor's own.
async fn owner(
    conn: &mut PgConnection,
    me: &StaffActor,
    stored: Option<&Editable>,
    details: &ActivityDetails,
) -> Result<StaffId> {
    let as_it_is = stored.map_or(me.id(), |stored| stored.staff);
    match details.staff.filter(|staff| me.is(Role::Administrator) && *staff != as_it_is) {
        None => Ok(as_it_is),
        Some(staff) => works_here(conn, staff, "staff").await.map(|()| staff),
    }
}

async fn works_here(conn: &mut PgConnection, staff: StaffId, field: &str) -> Result<()> {
    sqlx::query_scalar!("select 1 as one from staff_member where id = $1 and active", staff.0)
        .fetch_optional(conn)
        .await?
        .map_or_else(|| Err(Refusal::field(field, Problem::Unknown).into()), |_| Ok(()))
}

/// What the form names exists and is on offer; what the activity has already stays.
async fn check(
    conn: &mut PgConnection,
    me: &StaffActor,
    stored: Option<&Editable>,
    owner: StaffId,
    details: &ActivityDetails,
) -> Result<()> {
    let known = sqlx::query!(
        r#"select exists (select from term t where t.id = $2 and t.vocabulary = 'activity_type'
                             and (t.active or t.id = a.type_id)) as "activity_type!",
                  $3::uuid is null or exists (select from term t where t.id = $3 and t.vocabulary = 'setting'
                             and (t.active or t.id = a.setting_id)) as "setting!",
                  $4::uuid is null or exists (select from staff_member s where s.id = $4
                             and (s.active or s.id = a.supervisor_id)) as "supervisor!",
                  $5::uuid is null or a.id is not null or exists (select from appointment p where p.id = $5
                             and p.practitioner_id = $6 and p.status = 'confirmed' and p.starts_at <= now()
                             and exists (select from appointment_participant v
                                          where v.appointment_id = p.id
                                            and exists (select from client_in_scope(v.client_id, $7)))) as "appointment!"
             from (select 1) one left join activity a on a.id = $1"#,
        stored.map(|stored| stored.id.0),
        details.activity_type.map(|id| id.0),
        details.setting.map(|id| id.0),
        details.supervisor.map(|id| id.0),
        details.appointment.map(|id| id.0),
        owner.0,
        me.scope()
    )
    .fetch_one(conn)
    .await?;
    let fields = [
        ("activity_type", known.activity_type),
        ("setting", known.setting),
        ("supervisor", known.supervisor && details.supervisor != Some(owner)),
        ("appointment", known.appointment),
    ];
    match fields.into_iter().find(|(_, known)| !known) {
        Some((field, _)) => Err(Refusal::field(field, Problem::Unknown).into()),
        None => Ok(()),
    }
}

struct With {
    id: ClientId,
    number: ClientNumber,
    kind: Kind,
    /// By the actor.
    seen: bool,
}

/// The clients of the form, which the actor must all see, and the people the
/// activity has and the actor does not see. Who has been erased stays where they
/// are named, and is not named again.
async fn with_whom(
    conn: &mut PgConnection,
    me: &StaffActor,
    stored: Option<&Editable>,
    details: &ActivityDetails,
) -> Result<Vec<With>> {
    let numbers: Vec<i64> = details.clients.iter().map(|number| number.get()).collect();
    let found = sqlx::query_as!(
        With,
        r#"with seen as (
               select c.id, c.number, c.kind, exists (select from client_in_scope(c.id, $2)) as seen
                 from client c
                where (c.number = any($1) and c.erased_at is null)
                   or c.id in (select client_id from activity_client where activity_id = $3)
                  -- Nobody is erased or merged away meanwhile.
                  for key share of c)
           select id as "id: ClientId", number as "number: ClientNumber", kind as "kind: Kind", seen as "seen!"
             from seen
            where (seen and number = any($1))
               or (not seen and id in (select client_id from activity_client where activity_id = $3))"#,
        &numbers,
        me.scope(),
        stored.map(|stored| stored.id.0)
    )
    .fetch_all(conn)
    .await?;
    if numbers.iter().all(|number| found.iter().any(|with| with.number.get() == *number)) {
        Ok(found)
    } else {
        Err(Refusal::field("clients", Problem::Unknown).into())
    }
}

/// Whether someone the activity is with is still a prospect. No one becomes
/// one until the transaction ends.
pub(super) async fn has_prospects(conn: &mut PgConnection, activity: ActivityId) -> Result<bool> {
    let found = sqlx::query_scalar!(
        r#"with met as (
               select c.status from client c
                where c.id in (select client_id from activity_client where activity_id = $1
                               union select member_id from activity_attendee where activity_id = $1)
                order by c.id for share)
           select exists (select from met where status = 'prospect') as "found!""#,
        activity.0
    );
    Ok(found.fetch_one(conn).await?)
}

async fn insert(conn: &mut PgConnection, owner: StaffId, details: &ActivityDetails, key: Uuid) -> Result<ActivityId> {
    let id = ActivityId(new_id());
    sqlx::query!(
        "insert into activity (id, staff_id, type_id, setting_id, supervisor_id, appointment_id, held_on, minutes,
                               title, description, request_key)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        id.0,
        owner.0,
        details.activity_type.map(|id| id.0),
        details.setting.map(|id| id.0),
        details.supervisor.map(|id| id.0),
        details.appointment.map(|id| id.0),
        details.date,
        details.minutes,
        details.title,
        details.description,
        key
    )
    .execute(conn)
    .await
    .on_constraint("activity_appointment_key", || Refusal::field("appointment", Problem::Taken))?;
    Ok(id)
}

/// The appointment that it records does not change.
async fn update(
    conn: &mut PgConnection,
    id: ActivityId,
    owner: StaffId,
    details: &ActivityDetails,
) -> Result<ActivityId> {
    sqlx::query!(
        "update activity
            set staff_id = $2, type_id = $3, setting_id = $4, supervisor_id = $5, held_on = $6, minutes = $7, title = $8,
                description = $9, version = version + 1, updated_at = now()
          where id = $1",
        id.0,
        owner.0,
        details.activity_type.map(|id| id.0),
        details.setting.map(|id| id.0),
        details.supervisor.map(|id| id.0),
        details.date,
        details.minutes,
        details.title,
        details.description
    )
    .execute(conn)
    .await?;
    Ok(id)
}

async fn put_clients(conn: &mut PgConnection, id: ActivityId, clients: &[With]) -> Result<()> {
    let mut ids: Vec<Uuid> = clients.iter().map(|with| with.id.0).collect();
    ids.sort();
    sqlx::query!("delete from activity_client where activity_id = $1 and client_id <> all($2)", id.0, &ids)
        .execute(&mut *conn)
        .await?;
    sqlx::query!(
        "insert into activity_client (activity_id, client_id) select $1, unnest($2::uuid[]) on conflict do nothing",
        id.0,
        &ids
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Who was there of couples, families and groups: see [`attends`]. No one
/// counts who neither is a member on that date nor was there before, but for
/// anyone who leaves on it and is ticked.
async fn put_attendees(
    conn: &mut PgConnection,
    me: &StaffActor,
    id: ActivityId,
    stored: Option<&Editable>,
    clients: &[With],
    details: &ActivityDetails,
) -> Result<()> {
    let groups: Vec<Uuid> = clients.iter().filter(|with| with.kind != Kind::Individual).map(|with| with.id.0).collect();
    let rows = sqlx::query!(
        r#"with candidate as (
               select group_id, member_id, bool_or(member_then) as member_then, bool_or(before) as before from (
                   select m.group_id, m.member_id, m.left_on is null or m.left_on > $3 as member_then, false as before
                     from client_membership m
                    where m.group_id = any($2) and m.joined_on <= $3 and (m.left_on is null or m.left_on >= $3)
                    union all
                   select t.group_id, t.member_id, false, true
                     from activity_attendee t
                    where t.activity_id = $1 and t.group_id = any($2)) both_kinds
                group by group_id, member_id)
           select a.group_id as "group_id!: ClientId", a.member_id as "member_id!: ClientId",
                  c.number as "number: ClientNumber", a.member_then as "member_then!", a.before as "before!",
                  c.erased_at is not null as "erased!", exists (select from client_in_scope(c.id, $4)) as "seen!"
             from candidate a join client c on c.id = a.member_id"#,
        id.0,
        &groups,
        details.date,
        me.scope()
    )
    .fetch_all(&mut *conn)
    .await?;
    let had = match stored {
        Some(stored) if stored.date == details.date => Some(stored),
        _ => None,
    };
    let mut there: (Vec<Uuid>, Vec<Uuid>) = Default::default();
    let mut could: Vec<Attendee> = Vec::new();
    // Ticked where no one unseen was there before, they all were.
    let some_before: Vec<ClientId> =
        rows.iter().filter(|row| !row.seen && !row.erased && row.before).map(|row| row.group_id).collect();
    for row in rows {
        let Some(group) = clients.iter().find(|with| with.id == row.group_id) else { continue };
        let attendee = Attendee { group: group.number, member: row.number };
        if row.erased {
            // An erased person is neither shown nor asked about.
            if row.before {
                there.0.push(row.group_id.0);
                there.1.push(row.member_id.0);
            }
            continue;
        }
        let listed = group.seen && row.seen;
        let shown = listed && details.members.contains(&attendee);
        let anew = !listed && details.with_unseen.contains(&group.number) && !some_before.contains(&group.id);
        let settled = !anew && had.is_some_and(|had| had.groups.contains(&group.id));
        if listed {
            could.push(attendee);
        } else if group.seen && details.without_unseen.contains(&group.number) {
            continue;
        }
        if attends(shown, details.attended.contains(&attendee), settled, row.before, row.member_then) {
            there.0.push(row.group_id.0);
            there.1.push(row.member_id.0);
        }
    }
    // The date, or the members, are others than when the form was shown.
    let is_shown = |attendee: &Attendee| details.members.contains(attendee);
    let of_these = |attendee: &&Attendee| clients.iter().any(|with| with.seen && with.number == attendee.group);
    if details.lists_members
        && (!could.iter().all(is_shown)
            || details.attended.iter().filter(of_these).any(|attendee| !could.contains(attendee)))
    {
        return Err(Refusal::field("clients", Problem::OtherMembers).into());
    }
    sqlx::query!("delete from activity_attendee where activity_id = $1", id.0).execute(&mut *conn).await?;
    sqlx::query!(
        "insert into activity_attendee (activity_id, group_id, member_id)
         select $1, g, m from unnest($2::uuid[], $3::uuid[]) as there (g, m) order by g, m",
        id.0,
        &there.0,
        &there.1
    )
    .execute(conn)
    .await?;
    Ok(())
}
