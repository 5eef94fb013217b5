//! What an import makes once all rows are in: households, and the parents that
//! rows name, linked to their children.
//!
//! Names are compared folded (`Folded`): case, accents, apostrophes, hyphens and spacing make
//! no difference. A parent is the client who has the name and the address or number, or else
//! the name in the child's household. A parent is linked only to those who are known to be
//! minors.

use super::codes::Codes;
use super::match_households::Here;
use super::plan::{CHUNK, Child, Family, Plan, sort_name};
use super::rows::{self, New};
use super::validator::RowValidator;
use super::view::Import;
use crate::{Actor, PgPool, Result, new_id};
use chrono::NaiveDate;
use shared::ClientId;
use shared::clients::{Kind, code_stem};
use shared::import::Parent;
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// One family for each household that is neither a row of the file nor someone
/// here: see [`super::match_households`]. Everyone joins today.
#[expect(clippy::too_many_arguments, reason = "one step of the import, with all that it goes on with")]
pub(super) async fn make_families(
    pool: &PgPool,
    conn: &mut PgConnection,
    import: &Import,
    validator: &RowValidator,
    codes: &mut Codes,
    plan: &Plan,
    here: &Here,
    today: NaiveDate,
    tag: Option<Uuid>,
) -> Result<i32> {
    let plain = validator.nobody()?;
    let mut made = 0;
    let known = |family: &Family| family.within.map(|row| row.id).or_else(|| here.get(&family.key).copied());
    for families in plan.families.chunks(CHUNK as usize) {
        let stems: Vec<String> = families
            .iter()
            .filter(|family| known(family).is_none())
            .map(|family| code_stem(&family.name, ""))
            .collect();
        let mut suggested = codes.take(pool, import.id, &stems).await?.into_iter();
        let (mut new, mut groups, mut members) = (Vec::new(), Vec::new(), Vec::new());
        for family in families {
            let id = known(family).unwrap_or_else(|| {
                let id = ClientId(new_id());
                let details = plain.clone();
                let group_name = if validator.rules.code_only { String::new() } else { family.name.clone() };
                let code = suggested.next().unwrap_or_default();
                let (stem, tags) = (Some(code_stem(&family.name, "")), tag.into_iter().collect());
                new.push(New { id, kind: Kind::Family, group_name, code, stem, details, tags });
                id
            });
            for (member, _) in &family.members {
                groups.push(id.0);
                members.push(member.0);
            }
        }
        rows::insert(pool, conn, import.id, codes, &mut new).await?;
        made += new.len() as i32;
        let ids: Vec<Uuid> = members.iter().map(|_| new_id()).collect();
        sqlx::query!(
            "insert into client_membership (id, group_id, member_id, joined_on)
             select id, group_id, member_id, $4 from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as m (id, group_id, member_id)",
            &ids,
            &groups,
            &members,
            today
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(made)
}

/// Every parent once, linked to each of their children. A parent who is in the
/// file, or here already, is that client: see [`here_already`].
#[expect(clippy::too_many_arguments, reason = "one step of the import, with all that it goes on with")]
pub(super) async fn make_parents(
    pool: &PgPool,
    conn: &mut PgConnection,
    import: &Import,
    validator: &RowValidator,
    codes: &mut Codes,
    children: Vec<Child>,
    tag: Option<Uuid>,
    actor: &Actor,
) -> Result<i32> {
    let plain = validator.nobody()?;
    let mut known: HashMap<String, ClientId> = HashMap::new();
    let mut made = 0;
    // A no in the row of any of their children is a parent's no.
    let refusing: HashSet<String> =
        children.iter().filter(|child| !child.parent.email_consent).map(|child| child.key.clone()).collect();
    for children in children.chunks(CHUNK as usize) {
        let mut strangers: Vec<(&String, &Parent)> = Vec::new();
        for Child { parent, key, .. } in children {
            if !known.contains_key(key) && strangers.iter().all(|(other, _)| *other != key) {
                strangers.push((key, parent));
            }
        }
        let found = here_already(conn, &strangers, children).await?;
        let new: Vec<(&String, &Parent)> =
            strangers.iter().filter(|(key, _)| !found.contains_key(*key)).copied().collect();
        known.extend(found);
        let stems: Vec<String> =
            new.iter().map(|(_, parent)| code_stem(&parent.first_name, &parent.last_name)).collect();
        let suggested = codes.take(pool, import.id, &stems).await?;
        let mut clients = Vec::with_capacity(new.len());
        for ((key, parent), code) in new.into_iter().zip(suggested) {
            let id = ClientId(new_id());
            known.insert(key.clone(), id);
            let mut details = plain.clone();
            details.first_name.clone_from(&parent.first_name);
            details.last_name.clone_from(&parent.last_name);
            details.email.clone_from(&parent.email);
            details.email_consent = parent.email_consent && !refusing.contains(key);
            details.mobile.clone_from(&parent.mobile);
            let stem = Some(code_stem(&parent.first_name, &parent.last_name));
            let (group_name, tags) = (String::new(), tag.into_iter().collect());
            clients.push(New { id, kind: Kind::Individual, group_name, code, stem, details, tags });
        }
        made += clients.len() as i32;
        rows::insert(pool, conn, import.id, codes, &mut clients).await?;
        let pairs: Vec<(ClientId, ClientId)> =
            children.iter().filter_map(|child| Some((child.id, *known.get(&child.key)?))).collect();
        link(conn, validator, &pairs, actor).await?;
    }
    Ok(made)
}

/// Anyone who has a parent's name and address or number; or else the name, and belongs
/// to the child's household, is older, and has no other address or number. A child
/// is not their own parent, however alike the two are.
async fn here_already(
    conn: &mut PgConnection,
    parents: &[(&String, &Parent)],
    children: &[Child],
) -> Result<HashMap<String, ClientId>> {
    let (child_keys, child_ids): (Vec<String>, Vec<Uuid>) =
        children.iter().map(|child| (child.key.clone(), child.id.0)).unzip();
    let keys: Vec<String> = parents.iter().map(|(key, _)| (*key).clone()).collect();
    let names: Vec<String> =
        parents.iter().map(|(_, parent)| sort_name(&parent.first_name, &parent.last_name)).collect();
    let emails: Vec<Option<String>> = parents.iter().map(|(_, parent)| parent.email.clone()).collect();
    let phones: Vec<Option<String>> = parents.iter().map(|(_, parent)| parent.mobile.clone()).collect();
    let rows = sqlx::query!(
        r#"with p as materialized (
               select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as p (key, name, email, phone)
           ), x as materialized (
               select * from unnest($5::text[], $6::uuid[]) as x (key, child)
           ), found as (
               select p.key, 1 as how, c.number, c.id
                 from p join client c on c.sort_name = searchable(normalize(p.name, nfkc)) and c.kind = 'individual' and c.erased_at is null
                  and (c.email = p.email::citext or phone_key(c.mobile) = phone_key(p.phone))
               union all
               select p.key, 2, c.number, c.id
                 from p join x using (key)
                 join client child on child.id = x.child
                 join client_membership m on m.member_id = x.child and m.left_on is null
                 join client g on g.id = m.group_id and g.kind in ('couple', 'family')
                 join client_membership n on n.group_id = g.id and n.left_on is null
                 join client c on c.id = n.member_id and c.sort_name = searchable(normalize(p.name, nfkc))
                  and (c.email is null or p.email is null or c.email = p.email::citext)
                  and (c.mobile is null or p.phone is null or phone_key(c.mobile) = phone_key(p.phone))
                  and (c.birth_date is null or child.birth_date is null or c.birth_date < child.birth_date - interval '12 years')
           )
           select distinct on (f.key) f.key as "key!", f.id as "id!: ClientId"
             from found f
            where not exists (select from x where x.key = f.key and x.child = f.id)
            order by f.key, f.how, f.number"#,
        &keys,
        &names,
        &emails as &[Option<String>],
        &phones as &[Option<String>],
        &child_keys,
        &child_ids
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.key, row.id)).collect())
}

/// The number of parents with a client's name that are stored.
const LIKE_MAX: usize = 500;

/// Parents who would be made and are called as a client is, with neither the same
/// address nor the same number: by the line that names them first, the client.
pub(super) async fn parents_like(conn: &mut PgConnection, children: &[Child]) -> Result<Vec<(i32, i64)>> {
    let mut seen = HashSet::new();
    let parents: Vec<&Child> = children.iter().filter(|child| seen.insert(&child.key)).collect();
    let mut like = Vec::new();
    for parents in parents.chunks(CHUNK as usize) {
        let lines: Vec<i32> = parents.iter().map(|child| child.line).collect();
        let names: Vec<String> =
            parents.iter().map(|child| sort_name(&child.parent.first_name, &child.parent.last_name)).collect();
        let emails: Vec<Option<String>> = parents.iter().map(|child| child.parent.email.clone()).collect();
        let phones: Vec<Option<String>> = parents.iter().map(|child| child.parent.mobile.clone()).collect();
        let rows = sqlx::query!(
            r#"select p.line as "line!", min(c.number) as "number!"
                 from unnest($1::int[], $2::text[], $3::text[], $4::text[]) as p (line, name, email, phone)
                 join client c on c.sort_name = searchable(normalize(p.name, nfkc)) and c.kind = 'individual' and c.erased_at is null
                group by p.line
               having not bool_or(coalesce(c.email = p.email::citext, false)
                                  or coalesce(phone_key(c.mobile) = phone_key(p.phone), false))
                order by p.line"#,
            &lines,
            &names,
            &emails as &[Option<String>],
            &phones as &[Option<String>]
        );
        like.extend(rows.fetch_all(&mut *conn).await?.into_iter().map(|row| (row.line, row.number)));
        if like.len() >= LIKE_MAX {
            break;
        }
    }
    like.truncate(LIKE_MAX);
    Ok(like)
}

/// Links children (first) to parents, with the labels and grants that were
/// chosen for all. Two who are linked already stay as they are.
async fn link(
    conn: &mut PgConnection,
    validator: &RowValidator,
    pairs: &[(ClientId, ClientId)],
    actor: &Actor,
) -> Result<()> {
    let pairs = pairs.iter().filter(|(child, parent)| child != parent);
    let (children, parents): (Vec<Uuid>, Vec<Uuid>) = pairs.map(|(child, parent)| (child.0, parent.0)).unzip();
    let ids: Vec<Uuid> = children.iter().map(|_| new_id()).collect();
    let events: Vec<Uuid> = children.iter().map(|_| new_id()).collect();
    let details = &validator.mapping.details;
    let may = details.parent_may;
    sqlx::query!(
        "with made as (
             insert into client_link (id, client_low, client_high, low_label, high_label,
                 low_may_book, low_may_forms, low_gets_copies, low_may_packages,
                 high_may_book, high_may_forms, high_gets_copies, high_may_packages)
             select id, least(child, parent), greatest(child, parent),
                    case when parent < child then $4 else $5 end, case when parent < child then $5 else $4 end,
                    parent < child and $6, parent < child and $7, parent < child and $8, parent < child and $9,
                    parent > child and $6, parent > child and $7, parent > child and $8, parent > child and $9
               from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as p (id, child, parent)
             on conflict do nothing
             returning *
         )
         insert into client_link_event (id, client_low, client_high, kind, state, actor_id, actor_name, at)
         select e.event, l.client_low, l.client_high, 'created',
                to_jsonb(l) - array['id', 'client_low', 'client_high', 'version', 'created_at'], $11, $12, clock_timestamp()
           from made l join unnest($1::uuid[], $10::uuid[]) as e (id, event) on e.id = l.id",
        &ids,
        &children,
        &parents,
        details.parent_label.as_str(),
        details.child_label.as_str(),
        may.book,
        may.forms,
        may.copies,
        may.packages,
        &events,
        actor.id(),
        actor.name()
    )
    .execute(conn)
    .await?;
    Ok(())
}
