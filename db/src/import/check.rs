//! The dry run: every row is read and validated as the form would validate it, and
//! compared with those who are here and with the rows above. Clients are not
//! touched. What it finds is stored with the rows.

use super::plan::{CHUNK, Folded, Plan, digits, sort_name};
use super::validator::{RowValidator, stored};
use super::view::{self, Import};
use super::work::{End, progress};
use super::{households, match_households};
use crate::merge::{Sharing, may_be_one};
use crate::{PgPool, Result, practice};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use shared::ClientId;
use shared::clients::columns::Column;
use shared::clients::{ClientDetails, Kind};
use shared::import::{CellProblem, Person, Target};
use sqlx::PgConnection;
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

/// The number of possible duplicates stored of a row.
const MATCHES_MAX: usize = 3;

pub(super) async fn run(pool: &PgPool, import: &Import) -> Result<End> {
    let mut validator = RowValidator::load(pool, import).await?;
    let mut conn = pool.acquire().await?;
    let began = now(&mut conn).await?;
    let (mut after, mut done, mut plan, mut reached) = (0, 0, Plan::default(), Reached::default());
    loop {
        let rows = view::rows(&mut conn, import.id, after, CHUNK).await?;
        let Some(last) = rows.last() else { break };
        after = last.line as i32;
        done += rows.len() as i32;
        let rows = rows.iter().map(|row| (row.line as i32, row.cells.as_slice()));
        let mut findings = findings(&mut validator, rows);
        compare(&mut conn, &mut findings, None).await?;
        keep(&mut conn, import, &findings).await?;
        let people = findings.iter().filter_map(|finding| finding.validated.as_ref().ok());
        let folded = Folded::of(&mut conn, people).await?;
        for finding in &findings {
            if let (Ok(person), None) = (&finding.validated, finding.here) {
                plan.note(ClientId(Uuid::nil()), finding.line, person, &folded);
                reached.note(finding.line, person);
            }
        }
        if progress(pool, import.id, done).await? {
            return Ok(End::Stopped);
        }
    }
    let code_column = validator.mapping.column(&[Target::of(Column::Code)]);
    compare_within(&mut conn, import, code_column).await?;
    reached.compare(&mut conn, import).await?;
    let today = practice::today(pool).await?;
    let mut aside = match_households::aside(&mut conn, import).await?;
    plan.without(&aside);
    match_households::within(&mut conn, import, &mut plan).await?;
    let here = match_households::here(&mut conn, today, &plan).await?;
    let crowded = match_households::crowded(&mut conn, today, &plan, &here, &aside).await?;
    if !crowded.is_empty() {
        match_households::mark(pool, import, &validator, &crowded).await?;
        aside.extend(crowded.into_keys().map(|line| (line, false)));
        plan.without(&aside);
    }
    let found: Vec<Value> = plan
        .families
        .iter()
        .filter_map(|family| {
            let id = here.get(&family.key)?;
            Some(json!([family.name, id.0, family.members.len()]))
        })
        .collect();
    let like = households::parents_like(&mut conn, &plan.parents).await?;
    let ended = sqlx::query!(
        "update import
            set state = 'checked', checked_at = $2, family_count = $3, parent_count = $4, attempts = 0, version = version + 1,
                families_here = $5, families_found = $6, families = 'join', parents_like = $7
          where id = $1 and state = 'checking' and not stopping",
        import.id.0,
        began,
        plan.families.iter().filter(|family| family.within.is_none()).count() as i32,
        plan.parents_named() as i32,
        found.len() as i32,
        Value::from(found),
        json!(like)
    )
    .execute(&mut *conn)
    .await?;
    Ok(if ended.rows_affected() == 1 { End::Done } else { End::Stopped })
}

/// Compares the rows that are wanted with those who are new since the dry run:
/// the same file may have been imported by another person. How the import ends
/// when any is here now, or may be; the rows say so, and are not wanted any more.
pub(super) async fn again(pool: &PgPool, import: &Import, validator: &mut RowValidator) -> Result<Option<End>> {
    let mut conn = pool.acquire().await?;
    let began = now(&mut conn).await?;
    let since = sqlx::query_scalar!(
        r#"select i.checked_at as "since!" from import i
            where i.id = $1 and exists (select from client c where c.created_at >= i.checked_at)"#,
        import.id.0
    );
    let Some(since) = since.fetch_optional(&mut *conn).await? else { return Ok(None) };
    let (mut after, mut changed) = (0, false);
    loop {
        let rows = view::wanted(&mut conn, import, after).await?;
        let Some((last, _)) = rows.last() else { break };
        after = *last;
        let mut findings = findings(validator, rows.iter().map(|(line, cells)| (*line, cells.as_slice())));
        compare(&mut conn, &mut findings, Some(since)).await?;
        findings.retain(|finding| finding.here.is_some() || !finding.matches.is_empty());
        if !findings.is_empty() {
            changed = true;
            findings.iter_mut().for_each(|finding| finding.matches.clear());
            compare(&mut conn, &mut findings, None).await?;
            keep(&mut conn, import, &findings).await?;
        }
        if progress(pool, import.id, 0).await? {
            return Ok(Some(End::Stopped));
        }
    }
    sqlx::query!("update import set checked_at = $2 where id = $1", import.id.0, began).execute(&mut *conn).await?;
    Ok(changed.then_some(End::Changed))
}

/// As the database's clock has it, by which clients are dated.
async fn now(conn: &mut PgConnection) -> Result<DateTime<Utc>> {
    Ok(sqlx::query_scalar!(r#"select now() as "now!""#).fetch_one(conn).await?)
}

fn findings<'a>(validator: &mut RowValidator, rows: impl Iterator<Item = (i32, &'a [String])>) -> Vec<Finding> {
    rows.map(|(line, cells)| {
        let reading = validator.read(cells);
        Finding { line, validated: validator.validate(reading), here: None, matches: Vec::new() }
    })
    .collect()
}

struct Finding {
    line: i32,
    validated: std::result::Result<Person, Vec<CellProblem>>,
    /// The number of the client who has the row's code.
    here: Option<i64>,
    /// Why, and the number of the client.
    matches: Vec<(String, i64)>,
}

/// The name by which two are compared: a person's, or a group's.
fn compared_name(person: &Person) -> String {
    match person.kind {
        Kind::Individual => sort_name(&person.details.first_name, &person.details.last_name),
        _ => person.group_name.clone(),
    }
}

/// The province and number of a health card.
fn card(details: &ClientDetails) -> Option<String> {
    let province = details.card_province.filter(|_| !details.card_number.is_empty())?;
    Some(format!("{} {}", province.as_str(), details.card_number))
}

/// Finds who is here already, by code; and who may be: by the number of a health
/// card, which is one person's; by name, unless they were
/// born on different days; by e-mail and telephone, if their names and dates of
/// birth agree too. An address alone makes no one the same: families share one.
/// `since`: of those who are alike only clients made then or later.
async fn compare(conn: &mut PgConnection, findings: &mut [Finding], since: Option<DateTime<Utc>>) -> Result<()> {
    let (mut places, mut codes) = (Vec::new(), Vec::new());
    let (mut names, mut births, mut emails) = (Vec::new(), Vec::new(), Vec::new());
    let mut cards = Vec::new();
    let (mut people, mut of, mut phones) = (Vec::new(), Vec::new(), Vec::new());
    for finding in findings.iter() {
        let person = finding.validated.as_ref().ok();
        let details = person.map(|person| &person.details);
        places.push(places.len() as i32);
        codes.push(person.and_then(|person| person.code.as_ref()).map(|code| code.as_str().to_owned()));
        names.push(person.map(compared_name));
        people.push(person.is_none_or(|person| person.kind == Kind::Individual));
        births.push(details.and_then(|details| details.birth_date));
        emails.push(details.and_then(|details| details.email.clone()));
        cards.push(details.and_then(card));
        for phone in details
            .into_iter()
            .flat_map(|details| details.mobile.iter().chain(details.phones.iter().map(|phone| &phone.number)))
        {
            of.push(places.len() as i32 - 1);
            phones.push(phone.clone());
        }
    }
    let here = sqlx::query!(
        r#"select r.place as "place!", c.number
             from unnest($1::int[], $2::text[]) as r (place, code) join client c on c.code = r.code::citext"#,
        &places,
        &codes as &[Option<String>]
    )
    .fetch_all(&mut *conn)
    .await?;
    for row in here {
        findings[row.place as usize].here = Some(row.number);
    }
    let alike = sqlx::query!(
        r#"with r as (
               select place, searchable(name) as name, born, email::citext as email, person, card
                 from unnest($1::int[], $2::text[], $3::date[], $4::text[], $5::bool[], $9::text[])
                      as r (place, name, born, email, person, card)),
           dialled as (
               select place, phone_key(phone) as phone from unnest($6::int[], $7::text[]) as p (place, phone)),
           alike as (
               select r.place, 5 as how, c.id
                 from r join client c on c.card_number <> '' and c.card_number = split_part(r.card, ' ', 2)
                                     and c.card_province = split_part(r.card, ' ', 1)
               union all
               select r.place, case when c.birth_date = r.born then 1 else 4 end as how, c.id
                 from r join client c on c.sort_name = r.name where r.name <> ''
               union all
               -- What a crowd shares tells nothing: a few of them are looked at.
               select r.place, 2, c.id
                 from r join lateral (select id from client where client.email = r.email limit 31) c on true where r.person
               union all
               select d.place, 3, c.id
                 from dialled d join lateral (select id from client where phone_key(mobile) = d.phone limit 31) c on true
               union all
               select d.place, 3, x.client_id from dialled d join client_phone x on phone_key(x.number) = d.phone
                where length(d.phone) >= 7)
           select a.place as "place!", (array['birth', 'email', 'phone', 'name', 'card'])[a.how] as "why!", c.number as "number!",
                  c.first_name, c.last_name, c.birth_date
             from alike a join r using (place) join client c on c.id = a.id
            where c.erased_at is null and ($8::timestamptz is null or c.created_at >= $8) and (c.kind = 'individual') = r.person
              and (c.birth_date is null or r.born is null or c.birth_date = r.born or a.how in (2, 3, 5))
              and (r.person or a.how not in (2, 3))
            order by a.place, a.how % 5, c.number"#,
        &places,
        &names as &[Option<String>],
        &births as &[Option<NaiveDate>],
        &emails as &[Option<String>],
        &people,
        &of,
        &phones,
        since,
        &cards as &[Option<String>]
    )
    .fetch_all(&mut *conn)
    .await?;
    let shares = |why: &str| matches!(why, "email" | "phone");
    let (mut pairs, mut of_pair) = (Vec::new(), Vec::new());
    for (index, row) in alike.iter().enumerate().filter(|(_, row)| shares(&row.why)) {
        let Ok(person) = &findings[row.place as usize].validated else { continue };
        of_pair.push(index);
        pairs.push(Sharing {
            first: [&person.details.first_name, &row.first_name],
            last: [&person.details.last_name, &row.last_name],
            birth_date: [person.details.birth_date, row.birth_date],
        });
    }
    let agree = may_be_one(conn, &pairs).await?;
    let one: HashSet<usize> = of_pair.into_iter().zip(agree).filter_map(|(index, one)| one.then_some(index)).collect();
    let alike = alike.into_iter().enumerate().filter(|(index, row)| !shares(&row.why) || one.contains(index));
    for (_, row) in alike {
        let matches = &mut findings[row.place as usize].matches;
        if matches.len() < MATCHES_MAX && matches.iter().all(|(_, number)| *number != row.number) {
            matches.push((row.why, row.number));
        }
    }
    Ok(())
}

/// Stores what was found of a chunk. The person who was made from a row by hand and is
/// still here stays that row's client, however it is read now.
async fn keep(conn: &mut PgConnection, import: &Import, findings: &[Finding]) -> Result<()> {
    let mut columns: HashMap<&str, Vec<Option<String>>> = HashMap::new();
    let mut lines = Vec::new();
    let mut births = Vec::new();
    for finding in findings {
        lines.push(finding.line);
        let person = finding.validated.as_ref().ok();
        let details = person.map(|person| &person.details);
        births.push(details.and_then(|details| details.birth_date));
        let outcome = match (&finding.validated, finding.here, finding.matches.is_empty()) {
            (Err(_), ..) => "bad",
            (Ok(_), Some(_), _) => "here",
            (Ok(_), None, false) => "duplicate",
            (Ok(_), None, true) => "ok",
        };
        let code = person.and_then(|person| person.code.as_ref()).map(|code| code.as_str().to_owned());
        let matches: Vec<Value> = match finding.here {
            Some(number) => vec![json!(["code", number, null])],
            None => finding.matches.iter().map(|(why, number)| json!([why, number, null])).collect(),
        };
        // A family is not the person of its name.
        let name = person
            .filter(|person| !compared_name(person).is_empty())
            .map(|person| format!("{}|{}", person.kind.has_members(), compared_name(person)));
        for (column, value) in [
            ("outcome", Some(outcome.to_owned())),
            ("problems", finding.validated.as_ref().err().map(|problems| stored(problems).to_string())),
            ("matches", (!matches.is_empty()).then(|| Value::from(matches).to_string())),
            ("name", name),
            ("email", details.and_then(|details| details.email.as_ref()).map(|email| email.to_lowercase())),
            ("phone", details.and_then(|details| details.mobile.as_ref()).map(|phone| digits(phone))),
            ("card", details.and_then(card)),
            ("code", code.filter(|_| finding.here.is_none())),
        ] {
            columns.entry(column).or_default().push(value);
        }
    }
    let mut take = |column: &str| columns.remove(column).unwrap_or_default();
    let mut tx = sqlx::Connection::begin(conn).await?;
    // The chunk is compared with its own rows alone, and as a whole: what Postgres
    // knows of the file's rows is of an earlier one.
    sqlx::query!("set local enable_nestloop = off").execute(&mut *tx).await?;
    sqlx::query!(
        "update import_row r
            set outcome = f.outcome, problems = f.problems::json, matches = f.matches::json,
                same_name = split_part(f.name, '|', 1) || '|' || nullif(searchable(substr(f.name, strpos(f.name, '|') + 1)), ''),
                same_email = f.email, same_phone = f.phone, same_card = f.card, born = f.born, code = f.code::citext, wanted = null
           from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::date[], $10::text[], $11::text[])
                as f (line, outcome, problems, matches, name, email, phone, born, code, card)
          where r.import_id = $1 and r.line = f.line
            and r.line between $12 and $13
            and not (r.outcome = 'here' and r.matches::jsonb -> 0 ->> 0 = 'made' and exists (
                select from client c where c.number = (r.matches::jsonb -> 0 ->> 1)::bigint and c.erased_at is null))",
        import.id.0,
        &lines,
        &take("outcome") as &[Option<String>],
        &take("problems") as &[Option<String>],
        &take("matches") as &[Option<String>],
        &take("name") as &[Option<String>],
        &take("email") as &[Option<String>],
        &take("phone") as &[Option<String>],
        &births as &[Option<NaiveDate>],
        &take("code") as &[Option<String>],
        &take("card") as &[Option<String>],
        lines.first(),
        lines.last()
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Compares each row with those above it: a code twice is wrong, the same
/// person twice a likely duplicate. One statement each, whatever the size.
async fn compare_within(conn: &mut PgConnection, import: &Import, code_column: Option<usize>) -> Result<()> {
    let mut tx = sqlx::Connection::begin(conn).await?;
    // Of rows that were just written Postgres knows no number: taking them for
    // one it would compare each with each.
    sqlx::query!("set local enable_nestloop = off").execute(&mut *tx).await?;
    sqlx::query!("set local statement_timeout = '60s'").execute(&mut *tx).await?;
    sqlx::query!(
        "update import_row r
            set outcome = 'bad',
                problems = (coalesce(r.problems::jsonb, '[]') || jsonb_build_array(jsonb_build_array(
                    $2::int, 'Line ' || d.first || ' has the same code.')))::json
           from (select line, min(line) over (partition by code) as first from import_row
                  where import_id = $1 and code is not null) d
          where r.import_id = $1 and r.line = d.line and d.line > d.first",
        import.id.0,
        code_column.map(|column| column as i32)
    )
    .execute(&mut *tx)
    .await?;
    for (why, key) in [("card", "same_card"), ("name", "same_name")] {
        // The first above that may be the same: of the same date of birth, or
        // where either has none. A card is one person's, whatever the other fields say.
        let born = if why == "card" { "null::date" } else { "born" };
        let sql = format!(
            "update import_row r
                set outcome = 'duplicate',
                    matches = (coalesce(r.matches::jsonb, '[]') || jsonb_build_array(jsonb_build_array(
                        '{why}', null, d.first)))::json
               from (select line, outcome,
                            case when {born} is null then min(line) over (partition by {key})
                                 else least(min(line) over (partition by {key}, born),
                                            min(line) filter (where born is null) over (partition by {key})) end as first
                       from import_row
                      where import_id = $1 and {key} is not null and outcome in ('ok', 'duplicate')) d
              where r.import_id = $1 and r.line = d.line and d.first < d.line"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(import.id.0).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// More people than these share an address or a number only as a crowd does: a
/// placeholder, or the practice's own.
const CROWD: usize = 30;
/// The number of pairs compared by one statement.
const PAIRS: usize = 5_000;

/// The people of a file who have an address or a number, by it.
#[derive(Default)]
struct Reached {
    people: Vec<Named>,
    by: HashMap<(&'static str, String), Vec<usize>>,
}

struct Named {
    line: i32,
    first: String,
    last: String,
    birth_date: Option<NaiveDate>,
}

impl Reached {
    fn note(&mut self, line: i32, person: &Person) {
        if person.kind != Kind::Individual {
            return;
        }
        let details = &person.details;
        let email = details.email.as_ref().map(|email| ("email", email.to_lowercase()));
        let phone = details.mobile.as_ref().map(|phone| ("phone", digits(phone)));
        let place = self.people.len();
        for key in email.into_iter().chain(phone) {
            self.by.entry(key).or_default().push(place);
        }
        let (first, last) = (details.first_name.clone(), details.last_name.clone());
        self.people.push(Named { line, first, last, birth_date: details.birth_date });
    }

    /// Compares each with those above who have the same address or number: a likely
    /// duplicate is the row whose name and date of birth agree as well.
    async fn compare(self, conn: &mut PgConnection, import: &Import) -> Result<()> {
        let mut pairs: Vec<(&'static str, usize, usize)> = Vec::new();
        for ((why, _), places) in self.by.iter().filter(|(_, places)| (2..=CROWD).contains(&places.len())) {
            for (index, one) in places.iter().enumerate() {
                pairs.extend(places[index + 1..].iter().map(|other| (*why, *one, *other)));
            }
        }
        // The first above, by address before by number.
        let mut found: BTreeMap<(i32, &'static str), i32> = BTreeMap::new();
        for pairs in pairs.chunks(PAIRS) {
            let of = |place: usize| &self.people[place];
            let sharing: Vec<Sharing> = pairs
                .iter()
                .map(|(_, one, other)| Sharing {
                    first: [&of(*one).first, &of(*other).first],
                    last: [&of(*one).last, &of(*other).last],
                    birth_date: [of(*one).birth_date, of(*other).birth_date],
                })
                .collect();
            for ((why, one, other), agree) in pairs.iter().zip(may_be_one(conn, &sharing).await?) {
                if agree {
                    let first = found.entry((of(*other).line, *why)).or_insert(i32::MAX);
                    *first = (*first).min(of(*one).line);
                }
            }
        }
        let mut said: BTreeMap<i32, Vec<Value>> = BTreeMap::new();
        for ((line, why), first) in found {
            said.entry(line).or_default().push(json!([why, null, first]));
        }
        let (lines, matches): (Vec<i32>, Vec<String>) =
            said.into_iter().map(|(line, said)| (line, Value::from(said).to_string())).unzip();
        sqlx::query!(
            "update import_row r
                set outcome = 'duplicate', matches = (coalesce(r.matches::jsonb, '[]') || f.matches::jsonb)::json
               from unnest($2::int[], $3::text[]) as f (line, matches)
              where r.import_id = $1 and r.line = f.line and r.line = any ($2) and r.outcome in ('ok', 'duplicate')",
            import.id.0,
            &lines,
            &matches
        )
        .execute(conn)
        .await?;
        Ok(())
    }
}
