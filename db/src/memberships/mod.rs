//! Couples, families and groups, and the dated memberships of individuals.
//!
//! A change of memberships waits for its people, then locks the group's row, and then
//! looks, so that of two who add at the same time the second sees what the first has added. The
//! triggers of the schema refuse what no check saw.
//!
//! `left_on` is the first day on which someone is no longer a member. An individual never
//! becomes another kind, nor another kind an individual.

mod change;
mod create;
mod members;
mod views;

pub use change::{obstacles, update};
pub use create::{create, create_from};
pub use members::{add, add_many, come_back, correct, end, remove};
pub use views::{
    Choices, Selected, belongings, choices, groups, members, membership, profile, required_fields, selected,
};

use crate::clients::Made;
use crate::clients::check::rules;
use crate::practice::{tags, terms};
use crate::time::Zone;
use crate::{Actor, Error, Result, appointments, audit, clients, new_id, practice};
use chrono::{NaiveDate, Utc};
use shared::clients::{ClientForm, Kind};
use shared::memberships::{Joining, Members, Period, check_size, join};
use shared::practice::Practice;
use shared::terms::Vocabulary;
use shared::{ClientId, ClientNumber, FieldErrors, MembershipId, Problem, Refusal, StaffId, TagId, TermId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// A membership as it is stored.
#[derive(Debug, Clone, Copy)]
struct Stored {
    id: MembershipId,
    member: ClientId,
    period: Period,
}

/// A person who may be made a member.
#[derive(Debug, Clone, Copy)]
struct Person {
    id: ClientId,
}

impl Person {
    fn of(made: &Made) -> Person {
        Person { id: made.client.id }
    }
}

/// The practice, and its date: no one joins or leaves after it.
async fn today(pool: &PgPool) -> Result<(Practice, NaiveDate)> {
    let practice = practice::practice(pool).await?;
    let today = Zone::stored(&practice.zone).date(Utc::now());
    Ok((practice, today))
}

/// Holds the group's row until the transaction ends; answers its kind.
async fn lock(conn: &mut PgConnection, group: ClientId) -> Result<Kind> {
    let kind = sqlx::query_scalar!(
        r#"select kind as "kind: Kind" from client where id = $1 and erased_at is null for no key update"#,
        group.0
    )
    .fetch_optional(conn)
    .await?
    .ok_or(Refusal::NotFound)?;
    if kind.has_members() { Ok(kind) } else { Err(Error::Refused(Refusal::NotFound)) }
}

/// Every membership of the group, of the people the actor does not see too.
async fn stored(conn: &mut PgConnection, group: ClientId) -> Result<Vec<Stored>> {
    let rows = sqlx::query!(
        r#"select id as "id: MembershipId", member_id as "member_id: ClientId", joined_on, left_on
             from client_membership where group_id = $1 order by joined_on, id"#,
        group.0
    )
    .fetch_all(conn)
    .await?;
    let rows = rows.into_iter().map(|row| Stored {
        id: row.id,
        member: row.member_id,
        period: Period { joined_on: row.joined_on, left_on: row.left_on },
    });
    Ok(rows.collect())
}

fn periods(stored: &[Stored]) -> Vec<Period> {
    stored.iter().map(|one| one.period).collect()
}

/// The individuals with these numbers or ids, if the actor may see every one.
async fn people(conn: &mut PgConnection, actor: &Actor, numbers: &[ClientNumber], ids: &[Uuid]) -> Result<Vec<Person>> {
    let numbers: Vec<i64> = numbers.iter().map(|number| number.get()).collect();
    let rows = sqlx::query!(
        r#"select id as "id: ClientId", number, kind as "kind: Kind" from client c
            where (number = any ($1) or id = any ($2)) and erased_at is null
              and exists (select from client_in_scope(c.id, $3))
            order by number
              -- Nobody is erased or merged away meanwhile.
              for key share"#,
        &numbers,
        ids,
        actor.staff()?.scope()
    )
    .fetch_all(conn)
    .await?;
    let found = |number: &i64| rows.iter().any(|row| row.number == *number);
    if !numbers.iter().all(found) || !ids.iter().all(|id| rows.iter().any(|row| row.id.0 == *id)) {
        return Err(Refusal::field("members", Problem::Unknown).into());
    }
    if rows.iter().any(|row| row.kind != Kind::Individual) {
        return Err(Refusal::field("members", Problem::NotAPerson).into());
    }
    Ok(rows.into_iter().map(|row| Person { id: row.id }).collect())
}

/// Makes the new individuals of a form, assigned to the `practitioners` of those
/// they join; problems stand at their rows. The audit is told of them last: [`note_made`].
async fn make_people(
    conn: &mut PgConnection,
    actor: &Actor,
    practice: &Practice,
    members: &Members,
    practitioners: &[StaffId],
) -> Result<Vec<Made>> {
    let (new, key) = (&members.new, members.request_key);
    let mut made = Vec::new();
    if new.is_empty() {
        return Ok(made);
    }
    let rules = rules(&mut *conn).await?;
    for member in new {
        let form = ClientForm {
            first_name: member.first_name.clone(),
            last_name: member.last_name.clone(),
            birth_date: member.birth_date.map(|date| date.to_string()).unwrap_or_default(),
            code: member.code.as_ref().map(|code| code.as_str().to_owned()).unwrap_or_default(),
            zone: practice.zone.clone(),
            fields: member.fields.clone(),
            practitioners: practitioners.iter().map(StaffId::to_string).collect(),
            request_key: key.map(|key| row_key(key, member.row).to_string()).unwrap_or_default(),
            ..ClientForm::default()
        };
        made.push(
            clients::create_in(&mut *conn, actor, form, &rules).await.map_err(|error| at_row(error, member.row))?,
        );
    }
    Ok(made)
}

/// What a practitioner makes is assigned to them.
fn own(actor: &Actor) -> Vec<String> {
    match actor {
        Actor::Staff(staff) if !staff.sees_all_clients() => vec![staff.id().to_string()],
        _ => Vec::new(),
    }
}

/// The key of one new member, from the form's: the same form makes no one twice.
fn row_key(key: Uuid, row: usize) -> Uuid {
    Uuid::from_u128(key.as_u128().wrapping_add(row as u128 + 1))
}

fn at_row(error: Error, row: usize) -> Error {
    match error {
        Error::Refused(Refusal::Invalid(FieldErrors(errors))) => {
            let errors = errors.into_iter().map(|(field, problem)| (format!("new_members.{row}.{field}"), problem));
            Refusal::Invalid(FieldErrors(errors.collect())).into()
        }
        other => other,
    }
}

/// Makes people members from a day on; who is one already stays one. The group
/// is locked, or new. Answers who joined.
async fn admit(
    conn: &mut PgConnection,
    group: ClientId,
    kind: Kind,
    people: &[Person],
    joined_on: NaiveDate,
) -> Result<Vec<ClientId>> {
    let mut all = stored(&mut *conn, group).await?;
    let (mut again, mut anew) = (Vec::new(), Vec::new());
    for person in people {
        let own: Vec<usize> = (0..all.len()).filter(|at| all[*at].member == person.id).collect();
        let periods: Vec<Period> = own.iter().map(|at| all[*at].period).collect();
        match join(&periods, joined_on) {
            Err(Problem::AlreadyMember) => {}
            Err(problem) => return Err(Refusal::field("members", problem).into()),
            Ok(Joining::Again(at)) => {
                all[own[at]].period.left_on = None;
                again.push(all[own[at]]);
            }
            Ok(Joining::Anew) => {
                let period = Period { joined_on, left_on: None };
                anew.push(Stored { id: MembershipId(new_id()), member: person.id, period });
                all.extend(anew.last());
            }
        }
    }
    check_size(kind, &periods(&all)).map_err(|problem| Refusal::field("members", problem))?;
    let ids = |rows: &[Stored]| rows.iter().map(|row| row.id.0).collect::<Vec<_>>();
    sqlx::query!("update client_membership set left_on = null where id = any ($1)", &ids(&again))
        .execute(&mut *conn)
        .await?;
    sqlx::query!(
        "insert into client_membership (id, group_id, member_id, joined_on)
         select new.id, $1, new.member, $2 from unnest($3::uuid[], $4::uuid[]) new (id, member)",
        group.0,
        joined_on,
        &ids(&anew),
        &anew.iter().map(|row| row.member.0).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    Ok(again.iter().chain(&anew).map(|row| row.member).collect())
}

/// The first line in the history of everyone who was made.
async fn note_made(conn: &mut PgConnection, actor: &Actor, made: &[Made]) -> Result<()> {
    for one in made {
        one.note(&mut *conn, actor).await?;
    }
    Ok(())
}

/// Waits for everyone who books, merges or erases these people, before the group's row
/// is locked: a merge has its people first, and then the groups that they belong to.
async fn wait_for(conn: &mut PgConnection, numbers: &[ClientNumber], ids: &[Uuid]) -> Result<()> {
    let numbers: Vec<i64> = numbers.iter().map(|number| number.get()).collect();
    let mut people =
        sqlx::query_scalar!("select id from client where number = any ($1)", &numbers).fetch_all(&mut *conn).await?;
    people.extend_from_slice(ids);
    appointments::lock(conn, &people).await
}

/// One line in the history of the group, and one in each person's.
async fn note(
    conn: &mut PgConnection,
    actor: &Actor,
    action: &str,
    group: ClientId,
    people: &[ClientId],
) -> Result<()> {
    for id in people {
        let action = if action == "add-members" { "join" } else { action };
        audit::append(&mut *conn, actor, action, "client", *id, &[]).await?;
    }
    audit::append(conn, actor, action, "client", group, &[]).await
}

/// Which tags a client has; new names are made.
async fn set_tags(conn: &mut PgConnection, client: ClientId, ids: &[TagId], names: &[String]) -> Result<()> {
    let mut wanted: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    wanted.sort();
    wanted.dedup();
    let known = sqlx::query_scalar!(r#"select count(*) as "known!" from tag where id = any ($1)"#, &wanted)
        .fetch_one(&mut *conn)
        .await?;
    if known != wanted.len() as i64 {
        return Err(Refusal::field("tags", Problem::Unknown).into());
    }
    wanted.extend(tags::ensure(&mut *conn, names).await?.into_iter().map(Uuid::from));
    sqlx::query!("delete from client_tag where client_id = $1 and tag_id <> all ($2)", client.0, &wanted)
        .execute(&mut *conn)
        .await?;
    sqlx::query!(
        "insert into client_tag (client_id, tag_id) select $1, unnest($2::uuid[]) on conflict do nothing",
        client.0,
        &wanted
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// An age range that is offered, or is what the client has already.
async fn check_age_range(conn: &mut PgConnection, wanted: Option<TermId>, kept: Option<TermId>) -> Result<()> {
    let Some(id) = wanted.filter(|_| wanted != kept) else { return Ok(()) };
    let offered = terms::active(conn, &[Vocabulary::AgeRange]).await?;
    match offered.get(Vocabulary::AgeRange, id) {
        Some(_) => Ok(()),
        None => Err(Refusal::field("age_range", Problem::Unknown).into()),
    }
}
