//! The import: all that is wanted, or nothing, in one transaction. Rows are
//! judged once more, for the practice may have changed since the dry run.

use super::check;
use super::codes::Codes;
use super::households;
use super::match_households;
use super::plan::{Folded, Plan};
use super::rows::{self, New};
use super::validator::{RowValidator, stored};
use super::view::{self, Import};
use super::words::{self, LISTS};
use super::work::{End, progress};
use crate::practice::{self, tags};
use crate::{Actor, Error, PgPool, Result, audit, consents, new_id};
use shared::clients::{Kind, code_stem};
use shared::consents::ConsentSource;
use shared::import::{CellProblem, Households, Person, Reading};
use shared::{ClientId, Refusal, StaffId};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

pub(super) async fn run(pool: &PgPool, tx: &mut PgConnection, import: &Import) -> Result<End> {
    let actor = starter(&mut *pool.acquire().await?, import).await?;
    let mut validator = RowValidator::load(pool, import).await?;
    if let Some(end) = check::again(pool, import, &mut validator).await? {
        return Ok(end);
    }
    reserve(pool, import).await?;
    consents::through(&mut *tx, &actor, ConsentSource::Import).await?;
    let tag = match validator.mapping.details.tag.clone() {
        Some(name) => tags::ensure(&mut *tx, &[name]).await?.first().copied(),
        None => None,
    };
    let (mut codes, mut plan) = (Codes::default(), Plan::default());
    let (mut after, mut count) = (0, 0);
    loop {
        let read = view::wanted(&mut *tx, import, after).await?;
        let Some((last, _)) = read.last() else { break };
        after = *last;
        let mut people = Vec::with_capacity(read.len());
        for (line, cells) in &read {
            let mut reading = validator.read(cells);
            if !reading.new_terms.is_empty() {
                add_terms(&mut *tx, &mut validator, &reading).await?;
                reading = validator.read(cells);
            }
            match validator.validate(reading) {
                Ok(person) => people.push((*line, person)),
                Err(problems) => return changed(pool, import, *line, &problems).await,
            }
        }
        if let Some((line, problems)) = taken(&mut *tx, &validator, &people).await? {
            return changed(pool, import, line, &problems).await;
        }
        count += people.len() as i32;
        let mut new = prepare(pool, &mut *tx, import, &mut codes, people, tag.map(|tag| tag.0), &mut plan).await?;
        rows::insert(pool, &mut *tx, import.id, &mut codes, &mut new).await?;
        if progress(pool, import.id, count).await? {
            return Ok(End::Stopped);
        }
    }
    let today = practice::today(pool).await?;
    match_households::within(&mut *tx, import, &mut plan).await?;
    let here = match import.families {
        Households::Join => match_households::shown(&mut *tx, import).await?,
        Households::New => HashMap::new(),
    };
    let crowded = match_households::crowded(&mut *tx, today, &plan, &here, &HashMap::new()).await?;
    if !crowded.is_empty() {
        match_households::mark(pool, import, &validator, &crowded).await?;
        return Ok(End::Changed);
    }
    let tagged = tag.map(|tag| tag.0);
    let families =
        households::make_families(pool, &mut *tx, import, &validator, &mut codes, &plan, &here, today, tagged).await?;
    let parents = households::make_parents(
        pool,
        &mut *tx,
        import,
        &validator,
        &mut codes,
        plan.parents,
        tag.map(|tag| tag.0),
        &actor,
    )
    .await?;
    finish(tx, import, &actor, tag.map(|tag| tag.0), [count, families, parents]).await
}

/// The person who started it; they must still be of the front desk.
async fn starter(conn: &mut PgConnection, import: &Import) -> Result<Actor> {
    let staff = sqlx::query_scalar!(
        r#"select coalesce(started_by, staff_id) as "id!: StaffId" from import where id = $1"#,
        import.id.0
    )
    .fetch_one(&mut *conn)
    .await?;
    let actor = Actor::of_staff(conn, staff).await?.ok_or(Error::Refused(Refusal::Forbidden))?;
    actor.front_desk()?;
    if import.setup.as_ref().is_some_and(|setup| setup.new_terms) {
        actor.administrator()?;
    }
    Ok(actor)
}

/// Keeps the codes that the file brings from being suggested to anyone.
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

/// The first whose code has become another person's.
async fn taken(
    conn: &mut PgConnection,
    validator: &RowValidator,
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
    Ok(line.map(|line| (line, vec![CellProblem { column: validator.mapping.column_of("code"), words }])))
}

/// Adds words to their lists: an administrator asked for it.
async fn add_terms(conn: &mut PgConnection, validator: &mut RowValidator, reading: &Reading) -> Result<()> {
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
        validator.words.add(*column, label, id.to_string());
    }
    Ok(())
}

/// Gives everyone of a chunk an id, a code and their tags.
async fn prepare(
    pool: &PgPool,
    conn: &mut PgConnection,
    import: &Import,
    codes: &mut Codes,
    people: Vec<(i32, Person)>,
    tag: Option<Uuid>,
    plan: &mut Plan,
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
    let folded = Folded::of(conn, people.iter().map(|(_, person)| person)).await?;
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
        plan.note(id, line, &person, &folded);
        let Person { kind, group_name, details, .. } = person;
        new.push(New { id, kind, group_name, code, stem, details, tags });
    }
    Ok(new)
}

/// Deletes the file's rows, unless someone stopped it meanwhile.
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
