//! Couples, families and groups as pages show them: a practitioner sees those
//! assigned to them, and of the members only people assigned to them.

use super::create::ticked;
use crate::authz::ReadableClient;
use crate::practice::{fields, practice_zone, tags, terms};
use crate::{Actor, Error, Result, clients};
use chrono::Utc;
use shared::clients::{Kind, Status};
use shared::fields::FieldDefinition;
use shared::links::Label;
use shared::memberships::{
    Belonging, GroupMembers, GroupProfile, GroupRow, MemberLink, MemberRow, MembershipView, Period,
};
use shared::terms::Vocabulary;
use shared::{ClientId, ClientNumber, MembershipId, Refusal, StaffId, TagId, TermId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// The number of couples, families and groups offered to add members to.
const GROUPS_MAX: i64 = 20;
/// The number looked at of each kind, for some are inactive.
const GROUPS_FOUND: u32 = 100;

/// What a couple, family or group has of its own; notes to those who may see them.
pub async fn profile(conn: &mut PgConnection, actor: &Actor, client: &ReadableClient) -> Result<GroupProfile> {
    load(conn, *client, actor.staff()?.sees_notes()).await
}

pub(super) async fn load(conn: &mut PgConnection, client: ReadableClient, notes: bool) -> Result<GroupProfile> {
    let id = client.id();
    let row = sqlx::query!(
        r#"select c.number as "number!: ClientNumber", c.kind as "kind!: Kind", c.group_name as "group_name!",
                  c.code::text as "code!", c.status as "status!: Status", c.alert as "alert!", c.version as "version!", t.id as "age_id?: TermId", t.label as "age?",
                  case when $2 then c.notes end as "notes?"
             from client c left join term t on t.id = c.age_range_id
            where c.id = $1 and c.kind <> 'individual'"#,
        id.0,
        notes
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    let tags = sqlx::query!(
        r#"select t.id as "id: TagId", t.name::text as "name!" from client_tag c join tag t on t.id = c.tag_id
            where c.client_id = $1 order by t.name"#,
        id.0
    )
    .fetch_all(&mut *conn)
    .await?;
    let practitioners = sqlx::query!(
        r#"select s.id as "id: StaffId", s.first_name || ' ' || s.last_name as "name!"
             from client_practitioner p join staff_member s on s.id = p.practitioner_id
            where p.client_id = $1
            order by s.last_name, s.first_name, s.id"#,
        id.0
    )
    .fetch_all(conn)
    .await?;
    Ok(GroupProfile {
        id,
        number: row.number,
        kind: row.kind,
        group_name: row.group_name,
        code: row.code,
        status: row.status,
        age_range: row.age_id.zip(row.age),
        tags: tags.into_iter().map(|row| (row.id, row.name)).collect(),
        alert: row.alert,
        notes: row.notes,
        practitioners: practitioners.into_iter().map(|row| (row.id, row.name)).collect(),
        version: row.version,
    })
}

/// Who belongs and has belonged: by name the people the actor may see.
pub async fn members(conn: &mut PgConnection, actor: &Actor, group: &ReadableClient) -> Result<GroupMembers> {
    let group = group.id();
    let scope = actor.staff()?.scope();
    let rows = sqlx::query!(
        r#"select m.id as "id: MembershipId", c.id as "client: ClientId", c.number as "number: ClientNumber",
                  c.code::text as "code!", c.status as "status: Status", client_name(c) as "name!",
                  c.erased_at is not null as "erased!", m.joined_on, m.left_on
             from client_membership m join client c on c.id = m.member_id
            where m.group_id = $1
              and exists (select from client_in_scope(c.id, $2))
            order by m.left_on desc nulls first, m.joined_on, c.sort_name, m.id"#,
        group.0,
        scope
    )
    .fetch_all(&mut *conn)
    .await?;
    let unseen = sqlx::query!(
        r#"select count(distinct m.member_id) filter (where m.left_on is null) as "now!",
                  count(distinct m.member_id) filter (where m.left_on is not null) as "past!"
             from client_membership m
            where m.group_id = $1 and not exists (select from client_in_scope(m.member_id, $2))"#,
        group.0,
        scope
    )
    .fetch_one(&mut *conn)
    .await?;
    let rows = rows.into_iter().map(|row| MemberRow {
        membership: row.id,
        client: row.client,
        number: row.number,
        name: row.name,
        code: row.code,
        status: row.status,
        erased: row.erased,
        period: Period { joined_on: row.joined_on, left_on: row.left_on },
    });
    let (now, past): (Vec<_>, Vec<_>) = rows.partition(|row: &MemberRow| row.period.left_on.is_none());
    let links = links(conn, &now).await?;
    Ok(GroupMembers { now, past, unseen_now: unseen.now as u32, unseen_past: unseen.past as u32, links })
}

/// What the members are to one another.
async fn links(conn: &mut PgConnection, members: &[MemberRow]) -> Result<Vec<MemberLink>> {
    let ids: Vec<Uuid> = members.iter().map(|member| member.client.0).collect();
    let rows = sqlx::query!(
        r#"select client_low as "low: ClientId", client_high as "high: ClientId", low_label as "low_label: Label",
                  high_label as "high_label: Label"
             from client_link where client_low = any ($1) and client_high = any ($1)"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    let link = |from: ClientId, to: ClientId, label: Label| {
        let to = members.iter().find(|member| member.client == to)?;
        Some(MemberLink { from, to_name: to.name.clone(), to_number: to.number, label })
    };
    let both = |low, high, low_label, high_label| [link(low, high, high_label), link(high, low, low_label)];
    Ok(rows.into_iter().flat_map(|row| both(row.low, row.high, row.low_label, row.high_label)).flatten().collect())
}

/// What a client belongs and has belonged to, of what the actor may see; the
/// present first.
pub async fn belongings(conn: &mut PgConnection, actor: &Actor, member: &ReadableClient) -> Result<Vec<Belonging>> {
    let rows = sqlx::query!(
        r#"select m.id as "id: MembershipId", g.number as "number: ClientNumber", g.kind as "kind: Kind",
                  coalesce(nullif(g.group_name, ''), g.code::text) as "name!", m.joined_on, m.left_on
             from client_membership m join client g on g.id = m.group_id
            where m.member_id = $1
              and exists (select from client_in_scope(g.id, $2))
            order by m.left_on desc nulls first, m.joined_on, m.id"#,
        member.id().0,
        actor.staff()?.scope()
    )
    .fetch_all(conn)
    .await?;
    let rows = rows.into_iter().map(|row| Belonging {
        membership: row.id,
        number: row.number,
        name: row.name,
        kind: row.kind,
        period: Period { joined_on: row.joined_on, left_on: row.left_on },
    });
    Ok(rows.collect())
}

/// One membership, for those who see both the group and the member.
pub async fn membership(pool: &PgPool, actor: &Actor, id: MembershipId) -> Result<MembershipView> {
    let mut conn = pool.acquire().await?;
    let scope = actor.staff()?.scope();
    let today = practice_zone(&mut conn).await?.day_of(Utc::now());
    let row = sqlx::query!(
        r#"select g.number as "group_number: ClientNumber", g.kind as "kind: Kind", g.status as "status: Status",
                  coalesce(nullif(g.group_name, ''), g.code::text) as "group_name!", g.code::text as "group_code!",
                  (select count(*) from client_membership o where o.group_id = g.id and o.left_on is null) as "size!",
                  c.number as "number: ClientNumber", c.code::text as "code!", client_name(c) as "name!",
                  m.joined_on, m.left_on,
                  m.created_at >= $3 and m.created_at < $4 as "removable!",
                  exists (select from client_membership o
                           where o.group_id = m.group_id and o.member_id = m.member_id and o.left_on is null) as "belongs!"
             from client_membership m
             join client g on g.id = m.group_id
             join client c on c.id = m.member_id
            where m.id = $1
              and exists (select from client_in_scope(g.id, $2)) and exists (select from client_in_scope(c.id, $2))"#,
        id.0,
        scope,
        today.starts,
        today.ends
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    Ok(MembershipView {
        id,
        group: GroupRow {
            number: row.group_number,
            name: row.group_name,
            code: row.group_code,
            kind: row.kind,
            status: row.status,
            size: row.size as u32,
        },
        member_number: row.number,
        member_name: row.name,
        period: Period { joined_on: row.joined_on, left_on: row.left_on },
        removable: row.removable,
        belongs: row.belongs,
    })
}

/// Couples, families and groups in use the actor may see and `q` finds,
/// by name.
pub async fn groups(pool: &PgPool, actor: &Actor, q: &str) -> Result<Vec<GroupRow>> {
    let mut conn = pool.acquire().await?;
    let found = clients::groups(&mut conn, actor, q, GROUPS_FOUND).await?;
    let found: Vec<Uuid> = found.into_iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select c.number as "number: ClientNumber", coalesce(nullif(c.group_name, ''), c.code::text) as "name!",
                  c.code::text as "code!", c.kind as "kind: Kind", c.status as "status: Status",
                  (select count(*) from client_membership m where m.group_id = c.id and m.left_on is null) as "size!"
             from client c
            where c.id = any ($1) and c.status <> 'inactive'
            order by c.sort_name, c.id limit $2"#,
        &found,
        GROUPS_MAX
    )
    .fetch_all(&mut *conn)
    .await?;
    let rows = rows.into_iter().map(|row| GroupRow {
        number: row.number,
        name: row.name,
        code: row.code,
        kind: row.kind,
        status: row.status,
        size: row.size as u32,
    });
    Ok(rows.collect())
}

/// A ticked row of the client list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    pub number: ClientNumber,
    pub kind: Kind,
    pub name: String,
    pub code: String,
}

/// Who of the ticked the actor may see, by name; others are not told of. With
/// a code to suggest for each kind.
pub async fn selected(pool: &PgPool, actor: &Actor, clients: &[String]) -> Result<Vec<Selected>> {
    let scope = actor.staff()?.scope();
    let known: Vec<String> =
        clients.iter().filter(|text| ticked(std::slice::from_ref(text)).is_ok()).cloned().collect();
    let Ok((numbers, ids)) = ticked(&known) else { return Ok(Vec::new()) };
    let numbers: Vec<i64> = numbers.into_iter().map(|number| number.get()).collect();
    let rows = sqlx::query!(
        r#"select c.number as "number: ClientNumber", c.kind as "kind: Kind", c.code::text as "code!", client_name(c) as "name!"
             from client c
            where (c.number = any ($1) or c.id = any ($2)) and c.erased_at is null
              and exists (select from client_in_scope(c.id, $3))
            order by c.sort_name, c.id"#,
        &numbers,
        &ids,
        scope
    )
    .fetch_all(pool)
    .await?;
    let rows =
        rows.into_iter().map(|row| Selected { number: row.number, kind: row.kind, name: row.name, code: row.code });
    Ok(rows.collect())
}

/// What the form of a couple, family or group offers to choose from.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    /// In their order; retired ones are not offered.
    pub age_ranges: Vec<(TermId, String)>,
    pub tags: Vec<(TagId, String)>,
    /// Practitioners who work here, by name.
    pub practitioners: Vec<(StaffId, String)>,
    /// A free code for each kind of [`Kind::GROUPS`].
    pub codes: Vec<(Kind, String)>,
}

pub async fn choices(pool: &PgPool, actor: &Actor) -> Result<Choices> {
    actor.staff()?;
    let mut conn = pool.acquire().await?;
    let terms = terms::active(&mut conn, &[Vocabulary::AgeRange]).await?;
    let tags = tags::names(&mut conn).await?;
    let practitioners = sqlx::query!(
        r#"select id as "id: StaffId", first_name || ' ' || last_name as "name!"
             from staff_member
            where active and 'practitioner' = any (roles)
            order by last_name, first_name, id"#
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut codes = Vec::new();
    for kind in Kind::GROUPS {
        codes.push((kind, super::create::free_code(&mut conn, kind, "").await?));
    }
    Ok(Choices {
        age_ranges: terms.0.into_iter().map(|term| (term.id, term.label)).collect(),
        tags,
        practitioners: practitioners.into_iter().map(|row| (row.id, row.name)).collect(),
        codes,
    })
}

/// The client information fields without which no one can be made.
pub async fn required_fields(pool: &PgPool, actor: &Actor) -> Result<Vec<FieldDefinition>> {
    actor.staff()?;
    let mut all = fields::active(&mut *pool.acquire().await?).await?;
    all.retain(|field| field.required);
    Ok(all)
}
