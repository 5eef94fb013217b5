//! Which couple, family or group a household of the file is: one that is a row
//! of the same file, or one that is here. [`super::households`] makes the rest.
//!
//! A household whose words are the code, or else the only name, of a couple, family or group
//! in the same file is that one, and a third member of a couple is a row with a problem. One
//! that was here at the dry run is shown, and the person who imports decides whether the
//! household joins it; a couple by its name only if it has room. The dry run and the import
//! ask the same functions.

use super::plan::{CHUNK, Family, Plan, Within};
use super::validator::{RowValidator, stored};
use super::view::Import;
use crate::{PgPool, Result};
use chrono::NaiveDate;
use shared::ClientId;
use shared::clients::Kind;
use shared::import::{CellProblem, Extra, Target};
use sqlx::PgConnection;
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

/// By the folded name of the household.
pub(super) type Here = HashMap<String, ClientId>;

/// Rows that are not simply taken, by line: `true` for likely duplicates, `false`
/// for those with problems.
pub(super) async fn aside(conn: &mut PgConnection, import: &Import) -> Result<HashMap<i32, bool>> {
    let rows = sqlx::query!(
        r#"select line, outcome = 'duplicate' as "duplicate!" from import_row
            where import_id = $1 and outcome in ('bad', 'duplicate')"#,
        import.id.0
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(|row| (row.line, row.duplicate)).collect())
}

/// A household that a row's code, or else the name of one row alone, says is that
/// couple, family or group, wherever in the file it stands. A row that is left out
/// is none; yet one with a code of its own makes its name ambiguous all the same.
pub(super) async fn within(conn: &mut PgConnection, import: &Import, plan: &mut Plan) -> Result<()> {
    if plan.groups.is_empty() {
        return Ok(());
    }
    let taken: HashSet<i32> = plan.groups.iter().map(|group| group.row.line).collect();
    // `same_name` says of a row whether it has members, and its name, searchable.
    let coded = sqlx::query!(
        r#"select line, substr(same_name, 6) as "name!" from import_row
            where import_id = $1 and code is not null and same_name like 'true|%' and outcome in ('ok', 'duplicate')"#,
        import.id.0
    );
    let coded = coded.fetch_all(&mut *conn).await?;
    let left_out = coded.into_iter().filter(|row| !taken.contains(&row.line));
    let mut by_name: HashMap<String, Option<Within>> = left_out.map(|row| (row.name, None)).collect();
    let mut by_code = HashMap::new();
    for groups in plan.groups.chunks(CHUNK as usize) {
        let names: Vec<String> = groups.iter().map(|group| group.name.clone()).collect();
        for (group, (_, name)) in groups.iter().zip(compared(conn, &names).await?) {
            if !group.code.is_empty() {
                by_code.insert(group.code.to_lowercase(), group.row);
            }
            by_name.entry(name).and_modify(|one| *one = None).or_insert(Some(group.row));
        }
    }
    by_name.remove("");
    for families in plan.families.chunks_mut(CHUNK as usize) {
        let words: Vec<String> = families.iter().map(|family| family.name.clone()).collect();
        for (family, (code, name)) in families.iter_mut().zip(compared(conn, &words).await?) {
            family.within = by_code.get(&code).copied().or_else(|| by_name.get(&name).copied().flatten());
        }
    }
    Ok(())
}

/// Words as codes are compared, and as names are.
async fn compared(conn: &mut PgConnection, words: &[String]) -> Result<Vec<(String, String)>> {
    let rows = sqlx::query!(
        r#"select searchable(normalize(w.word, nfkc)) as "name!" from unnest($1::text[]) with ordinality as w (word, place) order by w.place"#,
        words
    );
    let names = rows.fetch_all(conn).await?.into_iter().map(|row| row.name);
    Ok(words.iter().map(|word| word.to_lowercase()).zip(names).collect())
}

/// The couples, families and groups here that the other households mean: the one
/// of that code; or else the only family of that name, or the only couple or group,
/// if it is no couple that would have more than two members.
pub(super) async fn here(conn: &mut PgConnection, today: NaiveDate, plan: &Plan) -> Result<Here> {
    let mut here = Here::new();
    for families in plan.families.chunks(CHUNK as usize) {
        let others = families.iter().filter(|family| family.within.is_none());
        let rows: HashMap<&str, &Family> = others.map(|family| (family.name.as_str(), family)).collect();
        let words: Vec<String> = rows.keys().map(|&words| words.to_owned()).collect();
        let known = sqlx::query!(
            r#"select w.word as "word!", coalesce(coded.id, family.id, other.id) as "id: ClientId", coded.id is not null as "coded!"
                 from unnest($1::text[]) as w (word)
                 left join client coded on coded.code = w.word::citext and coded.kind <> 'individual' and coded.erased_at is null
                 left join lateral (
                      select (array_agg(c.id))[1] as id from client c
                       where c.sort_name = searchable(normalize(w.word, nfkc)) and c.group_name <> '' and c.kind = 'family' and c.erased_at is null
                      having count(*) = 1) family on true
                 left join lateral (
                      select (array_agg(c.id))[1] as id from client c
                       where c.sort_name = searchable(normalize(w.word, nfkc)) and c.group_name <> '' and c.kind <> 'individual' and c.erased_at is null
                      having count(*) = 1) other on true"#,
            &words
        );
        let known: Vec<(String, ClientId, bool)> = known
            .fetch_all(&mut *conn)
            .await?
            .into_iter()
            .filter_map(|row| Some((row.word, row.id?, row.coded)))
            .collect();
        let ids: Vec<_> = known.iter().map(|(_, id, _)| id.0).collect();
        let couples = couples(conn, today, &ids).await?;
        here.extend(known.into_iter().filter_map(|(words, id, coded)| {
            let family = rows[words.as_str()];
            let fits = couples.get(&id).is_none_or(|couple| couple.members + family.members.len() as i64 <= 2);
            (coded || fits).then(|| (family.key.clone(), id))
        }));
    }
    Ok(here)
}

struct Couple {
    /// Problems of rows say this: a name would outlive its erasure.
    number: i64,
    /// Today or later.
    members: i64,
}

/// Those of the clients that are couples; until the transaction ends no one else
/// joins them.
async fn couples(conn: &mut PgConnection, today: NaiveDate, ids: &[Uuid]) -> Result<HashMap<ClientId, Couple>> {
    sqlx::query!(
        "select count(*) as many from (
             select id from client where id = any ($1) and kind = 'couple' order by id for no key update) locked",
        ids
    )
    .fetch_one(&mut *conn)
    .await?;
    let rows = sqlx::query!(
        r#"select c.id as "id: ClientId", c.number,
                  (select count(*) from client_membership m
                    where m.group_id = c.id and (m.left_on is null or m.left_on > $2)) as "members!"
             from client c where c.id = any ($1) and c.kind = 'couple'"#,
        ids,
        today
    );
    let couple = |number, members| Couple { number, members };
    Ok(rows.fetch_all(conn).await?.into_iter().map(|row| (row.id, couple(row.number, row.members))).collect())
}

/// Anyone who would be one too many in a couple, by line, with why: likely duplicates
/// count last.
pub(super) async fn crowded(
    conn: &mut PgConnection,
    today: NaiveDate,
    plan: &Plan,
    here: &Here,
    aside: &HashMap<i32, bool>,
) -> Result<BTreeMap<i32, String>> {
    let ids: Vec<_> = here.values().map(|id| id.0).collect();
    let there = couples(conn, today, &ids).await?;
    // Some may say its code, and others its name.
    let mut couples: BTreeMap<Joined, Vec<(bool, i32)>> = BTreeMap::new();
    for family in &plan.families {
        let row = family.within.filter(|row| row.kind == Kind::Couple).map(|row| Joined::Row(row.line));
        let known = || here.get(&family.key).filter(|id| family.within.is_none() && there.contains_key(id));
        let Some(couple) = row.or_else(|| known().map(|id| Joined::Here(*id))) else { continue };
        let rows = family.members.iter().map(|(_, line)| (aside.contains_key(line), *line));
        couples.entry(couple).or_default().extend(rows);
    }
    let mut crowded = BTreeMap::new();
    for (couple, mut rows) in couples {
        rows.sort_unstable();
        let before = match couple {
            Joined::Row(_) => 0,
            Joined::Here(id) => there[&id].members.clamp(0, 2) as usize,
        };
        let (fit, rest) = rows.split_at(rows.len().min(2 - before));
        let lines: Vec<String> = fit.iter().map(|(_, line)| line.to_string()).collect();
        let words = match (couple, lines.as_slice()) {
            (Joined::Row(couple), _) => {
                format!("A couple has two members: lines {} are those of line {couple}.", lines.join(" and "))
            }
            (Joined::Here(id), []) => format!("A couple has two members: no. {} has them already.", there[&id].number),
            (Joined::Here(id), _) if before == 0 => {
                format!(
                    "A couple has two members: lines {} are those of no. {}.",
                    lines.join(" and "),
                    there[&id].number
                )
            }
            (Joined::Here(id), _) => {
                format!(
                    "A couple has two members: no. {} has one already, and gets line {}.",
                    there[&id].number,
                    lines.concat()
                )
            }
        };
        crowded.extend(rest.iter().map(|(_, line)| (*line, words.clone())));
    }
    Ok(crowded)
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Joined {
    Row(i32),
    Here(ClientId),
}

/// Stores of rows that they cannot be in their household, with why.
pub(super) async fn mark(
    pool: &PgPool,
    import: &Import,
    validator: &RowValidator,
    crowded: &BTreeMap<i32, String>,
) -> Result<()> {
    let column = validator.mapping.column(&[Target::Extra(Extra::Family)]);
    let problem = |words: &String| stored(&[CellProblem { column, words: words.clone() }]).to_string();
    let (lines, problems): (Vec<i32>, Vec<String>) =
        crowded.iter().map(|(line, words)| (*line, problem(words))).unzip();
    sqlx::query!(
        "update import_row r set outcome = 'bad', problems = f.problems::json
           from unnest($2::int[], $3::text[]) as f (line, problems)
          where r.import_id = $1 and r.line = f.line and r.line = any ($2)",
        import.id.0,
        &lines,
        &problems
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// The people the review showed; anyone who has no members any more is none.
pub(super) async fn shown(conn: &mut PgConnection, import: &Import) -> Result<Here> {
    let rows = sqlx::query!(
        r#"select searchable(normalize(f.said ->> 0, nfkc)) as "key!", c.id as "id: ClientId"
             from import i cross join jsonb_array_elements(i.families_found) as f (said)
             join client c on c.id = (f.said ->> 1)::uuid and c.kind <> 'individual' and c.erased_at is null
            where i.id = $1"#,
        import.id.0
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(|row| (row.key, row.id)).collect())
}
