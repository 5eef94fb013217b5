//! The import: all that is wanted, or nothing, in one transaction. Rows are
//! judged once more, for the practice may have changed since the dry run.

use super::check::{self, digits, sort_name};
use super::codes::Codes;
use super::households;
use super::joined;
use super::judge::{Judge, stored};
use super::rows::{self, New};
use super::view::{self, Import};
use super::words::{self, LISTS};
use super::work::{End, progress};
use crate::actor::StaffActor;
use crate::practice::{self, tags};
use crate::{Actor, Error, PgPool, Result, audit, new_id};
use shared::accounts::Role;
use shared::clients::{Kind, code_stem};
use shared::import::{CellProblem, Households, Parent, Person, Reading};
use shared::{ClientId, Refusal, StaffId};
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// A household, in the file's words, and who belongs to it, with their lines.
pub(super) struct Family {
    pub name: String,
    pub members: Vec<(ClientId, i32)>,
    /// The couple, family or group that is a row of the same file.
    pub within: Option<Within>,
}

/// A row of the file that has members.
#[derive(Clone, Copy)]
pub(super) struct Within {
    pub id: ClientId,
    pub line: i32,
    pub kind: Kind,
}

/// What households may call it; empty: nothing.
pub(super) struct Group {
    pub row: Within,
    pub code: String,
    pub name: String,
}

/// A row that names a parent.
pub(super) struct Child {
    pub id: ClientId,
    pub line: i32,
    pub parent: Parent,
    /// The same for all children of one parent.
    pub key: String,
}

/// What is made once all rows are in.
#[derive(Default)]
pub(super) struct Later {
    pub families: Vec<Family>,
    /// By the words in lower case.
    known: HashMap<String, usize>,
    /// Rows that are couples, families or groups.
    pub groups: Vec<Group>,
    pub parents: Vec<Child>,
}

pub(super) async fn run(pool: &PgPool, tx: &mut PgConnection, import: &Import) -> Result<End> {
    let actor = starter(pool, import).await?;
    let mut judge = Judge::load(pool, import).await?;
    if let Some(end) = check::again(pool, import, &mut judge).await? {
        return Ok(end);
    }
    reserve(pool, import).await?;
    let tag = match judge.mapping.details.tag.clone() {
        Some(name) => tags::ensure(&mut *tx, &[name]).await?.first().copied(),
        None => None,
    };
    let (mut codes, mut later) = (Codes::default(), Later::default());
    let (mut after, mut count) = (0, 0);
    loop {
        let read = view::wanted(&mut *tx, import, after).await?;
        let Some((last, _)) = read.last() else { break };
        after = *last;
        let mut people = Vec::with_capacity(read.len());
        for (line, cells) in &read {
            let mut reading = judge.read(cells);
            if !reading.new_terms.is_empty() {
                add_terms(&mut *tx, &mut judge, &reading).await?;
                reading = judge.read(cells);
            }
            match judge.judge(reading) {
                Ok(person) => people.push((*line, person)),
                Err(problems) => return changed(pool, import, *line, &problems).await,
            }
        }
        if let Some((line, problems)) = taken(&mut *tx, &judge, &people).await? {
            return changed(pool, import, line, &problems).await;
        }
        count += people.len() as i32;
        let mut new = prepare(pool, &mut *tx, import, &mut codes, people, tag.map(|tag| tag.0), &mut later).await?;
        rows::insert(pool, &mut *tx, import.id, &mut codes, &mut new).await?;
        if progress(pool, import.id, count).await? {
            return Ok(End::Stopped);
        }
    }
    let today = practice::today(pool).await?;
    joined::within(&mut *tx, import, &mut later).await?;
    let here = match import.families {
        Households::Join => joined::shown(&mut *tx, import).await?,
        Households::New => HashMap::new(),
    };
    let crowded = joined::crowded(&mut *tx, today, &later, &here, &HashMap::new()).await?;
    if !crowded.is_empty() {
        joined::mark(pool, import, &judge, &crowded).await?;
        return Ok(End::Changed);
    }
    let tagged = tag.map(|tag| tag.0);
    let families =
        households::make_families(pool, &mut *tx, import, &judge, &mut codes, &later, &here, today, tagged).await?;
    let parents = households::make_parents(
        pool,
        &mut *tx,
        import,
        &judge,
        &mut codes,
        later.parents,
        tag.map(|tag| tag.0),
        &actor,
    )
    .await?;
    finish(tx, import, &actor, tag.map(|tag| tag.0), [count, families, parents]).await
}

/// Whoever started it; they must still be of the front desk.
async fn starter(pool: &PgPool, import: &Import) -> Result<Actor> {
    let row = sqlx::query!(
        r#"select s.id as "id: StaffId", s.first_name || ' ' || s.last_name as "name!", s.roles, s.may_book
             from import i join staff_member s on s.id = coalesce(i.started_by, i.staff_id)
            where i.id = $1 and s.active"#,
        import.id.0
    )
    .fetch_optional(pool)
    .await?
    .ok_or(Error::Refused(Refusal::Forbidden))?;
    let roles: Vec<Role> = row.roles.iter().filter_map(|role| role.parse().ok()).collect();
    let actor = Actor::Staff(StaffActor { id: row.id, name: row.name, roles, may_book: row.may_book });
    actor.front_desk()?;
    if import.setup.as_ref().is_some_and(|setup| setup.new_terms) {
        actor.administrator()?;
    }
    Ok(actor)
}

/// Keeps the codes that the file brings from being suggested to anybody.
async fn reserve(pool: &PgPool, import: &Import) -> Result<()> {
    let mut tx = pool.begin().await?;
    sqlx::query!("select set_config('statement_timeout', '60s', true)").fetch_one(&mut *tx).await?;
    sqlx::query!("delete from import_code where import_id = $1", import.id.0).execute(&mut *tx).await?;
    sqlx::query!(
        "insert into import_code (code, import_id)
         select code, import_id from import_row where import_id = $1 and code is not null on conflict do nothing",
        import.id.0
    )
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}

/// Something is not as the dry run found it: the row is told, and nothing is imported.
async fn changed(pool: &PgPool, import: &Import, line: i32, problems: &[CellProblem]) -> Result<End> {
    sqlx::query!(
        "update import_row set outcome = 'bad', problems = $3::text::json where import_id = $1 and line = $2",
        import.id.0,
        line,
        stored(problems).to_string()
    )
    .execute(pool)
    .await?;
    Ok(End::Changed)
}

/// The first whose code has become somebody else's.
async fn taken(
    conn: &mut PgConnection,
    judge: &Judge,
    people: &[(i32, Person)],
) -> Result<Option<(i32, Vec<CellProblem>)>> {
    let (mut lines, mut codes) = (Vec::new(), Vec::new());
    for (line, person) in people {
        if let Some(code) = &person.code {
            lines.push(*line);
            codes.push(code.as_str().to_owned());
        }
    }
    let line = sqlx::query_scalar!(
        r#"select r.line as "line!" from unnest($1::int[], $2::text[]) as r (line, code) join client c on c.code = r.code::citext
            order by 1 limit 1"#,
        &lines,
        &codes
    )
    .fetch_optional(conn)
    .await?;
    let words = "Someone else has this code since the check.".to_owned();
    Ok(line.map(|line| (line, vec![CellProblem { column: judge.mapping.column_of("code"), words }])))
}

/// Adds words to their lists: an administrator asked for it.
async fn add_terms(conn: &mut PgConnection, judge: &mut Judge, reading: &Reading) -> Result<()> {
    for (column, label) in &reading.new_terms {
        let Some((_, list)) = LISTS.iter().find(|(of, _)| of == column) else { continue };
        // A retired word is taken up again.
        let id = sqlx::query_scalar!(
            "insert into term (id, vocabulary, label, position)
             values ($1, $2, $3, (select coalesce(max(position), 0) + 1 from term where vocabulary = $2))
             on conflict (vocabulary, lower(label)) do update set active = true returning id",
            new_id(),
            list.as_str(),
            label
        )
        .fetch_one(&mut *conn)
        .await?;
        judge.words.add(*column, label, id.to_string());
    }
    Ok(())
}

/// Gives everybody of a chunk an id, a code and their tags.
async fn prepare(
    pool: &PgPool,
    conn: &mut PgConnection,
    import: &Import,
    codes: &mut Codes,
    people: Vec<(i32, Person)>,
    tag: Option<Uuid>,
    later: &mut Later,
) -> Result<Vec<New>> {
    let stem = |person: &Person| match person.kind {
        Kind::Individual => code_stem(&person.details.first_name, &person.details.last_name),
        _ => code_stem(&person.group_name, ""),
    };
    let wanting = people.iter().filter(|(_, person)| person.code.is_none());
    let stems: Vec<String> = wanting.map(|(_, person)| stem(person)).collect();
    let mut suggested = codes.take(pool, import.id, &stems).await?.into_iter();
    let mut names: Vec<String> = people.iter().flat_map(|(_, person)| person.details.new_tags.clone()).collect();
    names.sort();
    names.dedup();
    let made = words::tags_named(conn, &names).await?;
    let mut new = Vec::with_capacity(people.len());
    for (line, person) in people {
        let id = ClientId(new_id());
        let stem = person.code.is_none().then(|| stem(&person));
        let code = match &person.code {
            Some(code) => code.as_str().to_owned(),
            None => suggested.next().unwrap_or_default(),
        };
        let is_new = |(_, name): &&(shared::TagId, String)| {
            person.details.new_tags.iter().any(|new| new.to_lowercase() == name.to_lowercase())
        };
        let new_tags = made.iter().filter(is_new).map(|(id, _)| id.0);
        let tags = person.details.tags.iter().map(|tag| tag.0).chain(new_tags).chain(tag).collect();
        later.note(id, line, &person);
        let Person { kind, group_name, details, .. } = person;
        new.push(New { id, kind, group_name, code, stem, details, tags });
    }
    Ok(new)
}

impl Later {
    /// How many different parents the rows name.
    pub(super) fn parents_named(&self) -> usize {
        self.parents.iter().map(|child| &child.key).collect::<HashSet<_>>().len()
    }

    /// Only what may be imported: `aside` says of rows whether they are likely
    /// duplicates, and else they have problems. Nothing is noted after this.
    pub(super) fn without(&mut self, aside: &HashMap<i32, bool>) {
        self.groups.retain(|group| !aside.contains_key(&group.row.line));
        for family in &mut self.families {
            family.members.retain(|(_, line)| aside.get(line) != Some(&false));
        }
        self.families.retain(|family| !family.members.is_empty());
    }

    /// Remembers the household and the parent of a row, and who has members.
    pub(super) fn note(&mut self, client: ClientId, line: i32, person: &Person) {
        if person.kind.has_members() {
            let code = person.code.as_ref().map(|code| code.as_str().to_owned()).unwrap_or_default();
            let row = Within { id: client, line, kind: person.kind };
            self.groups.push(Group { row, code, name: person.group_name.clone() });
        }
        let family = person.family.as_deref().unwrap_or_default();
        if !family.is_empty() {
            let place = *self.known.entry(family.to_lowercase()).or_insert_with(|| {
                self.families.push(Family { name: family.to_owned(), members: vec![], within: None });
                self.families.len() - 1
            });
            self.families[place].members.push((client, line));
        }
        if let Some(parent) = &person.parent {
            // Without an address or number only the household, or else the row, says who it is.
            let who = match (&parent.email, &parent.mobile) {
                (Some(email), _) => email.to_lowercase(),
                (None, Some(mobile)) => digits(mobile),
                (None, None) if !family.is_empty() => format!("in {}", family.to_lowercase()),
                (None, None) => format!("line {line}"),
            };
            let name = sort_name(&parent.first_name, &parent.last_name).to_lowercase();
            let key = format!("{name}\u{1f}{who}");
            self.parents.push(Child { id: client, line, parent: parent.clone(), key });
        }
    }
}

/// Deletes the file's rows, unless somebody stopped it meanwhile.
async fn finish(
    tx: &mut PgConnection,
    import: &Import,
    actor: &Actor,
    tag: Option<Uuid>,
    [clients, families, parents]: [i32; 3],
) -> Result<End> {
    let ended = sqlx::query!(
        "update import
            set state = 'done', client_count = $2, family_count = $3, parent_count = $4, tag_id = $5, headings = '{}',
                looks = '[]', setup = null, parents_like = '[]', trouble = '', attempts = 0, finished_at = now(), version = version + 1
          where id = $1 and state = 'importing' and not stopping",
        import.id.0,
        clients,
        families,
        parents,
        tag
    )
    .execute(&mut *tx)
    .await?;
    if ended.rows_affected() == 0 {
        return Ok(End::Stopped);
    }
    sqlx::query!("delete from import_row where import_id = $1", import.id.0).execute(&mut *tx).await?;
    sqlx::query!("delete from import_code where import_id = $1", import.id.0).execute(&mut *tx).await?;
    let counts = [format!("clients {clients}"), format!("families {families}"), format!("parents {parents}")];
    audit::append(&mut *tx, actor, "import", "import", import.id, &counts.each_ref().map(String::as_str)).await?;
    Ok(End::Done)
}
