//! Building a couple, family or group: from its form, or from ticked rows of
//! the client list.

use super::{Person, admit, check_age_range, make_people, note, note_made, own, people, set_tags, today};
use crate::clients::{NewClient, already_made, assign, content_key};
use crate::{Actor, Error, Result, new_id};
use shared::clients::Kind;
use shared::memberships::{GroupDetails, GroupForm, SelectedForm, code_stem};
use shared::practice::Practice;
use shared::{ClientId, ClientNumber, Problem, Refusal};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// How often a suggested code is suggested again because another person took it
/// first. Each round someone gets theirs.
const CODE_TRIES: usize = 25;
/// Longest number behind the stem of a suggested code.
const DIGITS_MAX: usize = 4;

/// Makes a couple, family or group with its members, those made in place among
/// them, in one transaction. A practitioner's is assigned to them, and its
/// members are people they see.
pub async fn create(pool: &PgPool, actor: &Actor, form: GroupForm) -> Result<NewClient> {
    build(pool, actor, form, &[]).await
}

/// [`create`], of ticked rows of the client list.
pub async fn create_from(pool: &PgPool, actor: &Actor, form: SelectedForm) -> Result<NewClient> {
    let (numbers, ids) = ticked(&form.clients)?;
    people(&mut *pool.acquire().await?, actor, &numbers, &ids).await.map_err(unseen)?;
    let members = numbers.iter().map(ClientNumber::to_string).collect();
    build(pool, actor, GroupForm { members, ..form.group() }, &ids).await.map_err(unseen)
}

/// Ids and numbers of clients, as the list's form sends them.
pub(super) fn ticked(clients: &[String]) -> Result<(Vec<ClientNumber>, Vec<Uuid>)> {
    let (mut numbers, mut ids) = (Vec::new(), Vec::new());
    for text in clients.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
        match (text.parse(), text.parse()) {
            (Ok(number), _) => numbers.push(number),
            (_, Ok(id)) => ids.push(id),
            _ => return Err(Refusal::NotFound.into()),
        }
    }
    if numbers.is_empty() && ids.is_empty() {
        return Err(Refusal::field("members", Problem::Nobody).into());
    }
    Ok((numbers, ids))
}

/// The person who ticked a row has seen it: one that is not to be seen was forged.
pub(super) fn unseen(error: Error) -> Error {
    match error {
        Error::Refused(Refusal::Invalid(errors)) if errors.get("members") == Some(&Problem::Unknown) => {
            Error::Refused(Refusal::NotFound)
        }
        other => other,
    }
}

async fn build(pool: &PgPool, actor: &Actor, mut form: GroupForm, ids: &[Uuid]) -> Result<NewClient> {
    let staff = actor.staff()?;
    let (practice, today) = today(pool).await?;
    form.version.clear();
    form.status.clear();
    if !staff.sees_all_clients() {
        form.notes.clear();
        form.practitioners = own(actor);
    }
    let mut details = form.parse(today, practice.code_only)?;
    details.members.request_key = details.members.request_key.map(|key| content_key(key, &(actor.id(), &form, ids)));
    let members = &details.members;
    let mut tx = pool.begin().await?;
    if let Some(first) = already_made(&mut tx, members.request_key).await? {
        return Ok(first);
    }
    check_age_range(&mut tx, details.age_range, None).await?;
    let mut who = people(&mut tx, actor, &members.existing, ids).await?;
    let group = insert(&mut tx, &practice, &details).await?;
    assign(&mut tx, group.id, &details.practitioners).await?;
    set_tags(&mut tx, group.id, &details.tags, &details.new_tags).await?;
    let made = make_people(&mut tx, actor, &practice, members, &details.practitioners).await?;
    who.extend(made.iter().map(Person::of));
    let joined = admit(&mut tx, group.id, details.kind, &who, members.joined_on).await?;
    note_made(&mut tx, actor, &made).await?;
    crate::audit::append(&mut tx, actor, "create", "client", group.id, &[]).await?;
    if !joined.is_empty() {
        note(&mut tx, actor, "add-members", group.id, &joined).await?;
    }
    tx.commit().await?;
    Ok(group)
}

async fn insert(conn: &mut PgConnection, practice: &Practice, details: &GroupDetails) -> Result<NewClient> {
    let id = ClientId(new_id());
    for _ in 0..CODE_TRIES {
        let code = match &details.code {
            Some(typed) => typed.as_str().to_owned(),
            None => free_code(conn, details.kind, &details.name).await?,
        };
        let number = sqlx::query_scalar!(
            r#"insert into client (id, kind, code, status, group_name, zone, email_consent, age_range_id, alert, notes, request_key)
               values ($1, $2, $3::text::citext, $4, $5, $6, false, $7, $8, $9, $10)
               on conflict on constraint client_code_key do nothing
               returning number as "number: ClientNumber""#,
            id.0,
            details.kind.as_str(),
            code,
            details.status.as_str(),
            details.name,
            practice.zone,
            details.age_range.map(|id| id.0),
            details.alert,
            details.notes,
            details.members.request_key
        )
        .fetch_optional(&mut *conn)
        .await?;
        match number {
            Some(number) => return Ok(NewClient { id, number }),
            None if details.code.is_some() => break,
            // Taken between the suggestion and now.
            None => {}
        }
    }
    Err(Refusal::field("code", Problem::Taken).into())
}

/// The first free number behind the initials of the name, or behind what it is.
pub(super) async fn free_code(conn: &mut PgConnection, kind: Kind, name: &str) -> Result<String> {
    for stem in [code_stem(kind, name), code_stem(kind, "")] {
        let digits = (kind.code_max() - stem.len()).min(DIGITS_MAX);
        let free = sqlx::query_scalar!(
            r#"select $1 || n as "code!" from generate_series(1, $2::int) n
                where not exists (select from client c where c.code = ($1 || n)::citext)
                limit 1"#,
            stem,
            10_i32.pow(digits as u32) - 1
        )
        .fetch_optional(&mut *conn)
        .await?;
        if let Some(code) = free {
            return Ok(code);
        }
    }
    Err(Refusal::field("code", Problem::Required).into())
}
