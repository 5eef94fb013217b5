//! A list without search: walked in its own order from a cursor, so that the
//! ten-thousandth page costs what the first does.

use super::PAGE_SIZE;
use super::filter::{Filter, pattern};
use crate::Result;
use shared::clients::{ClientPage, ClientQuery, Cursor, Sort};
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

/// Of a rare mark so many are sorted rather than looked for along the list.
const SORTED_MAX: i64 = 3_000;
const COUNT_MAX: i64 = ClientPage::<()>::COUNT_MAX as i64;

/// Where a walk begins.
enum Start {
    First,
    After(Cursor),
    Before(Cursor),
    End,
}

impl Start {
    fn of(query: &ClientQuery) -> Start {
        match (query.after.parse(), query.before.parse()) {
            (Ok(cursor), _) => Start::After(cursor),
            (_, Ok(cursor)) => Start::Before(cursor),
            _ if query.before == ClientQuery::END => Start::End,
            _ => Start::First,
        }
    }

    fn cursor(&self) -> Option<Cursor> {
        match self {
            Start::After(cursor) | Start::Before(cursor) => Some(*cursor),
            Start::First | Start::End => None,
        }
    }

    fn is_backwards(&self) -> bool {
        matches!(self, Start::Before(_) | Start::End)
    }
}

/// What the list is walked along.
#[derive(Clone)]
enum Path {
    /// The list of all, with the filter asked of each row.
    Clients,
    /// The lines that one mark leads to; they are in the order of names.
    Mark(String),
    /// As many as have the mark, sorted.
    Sorted(String),
}

pub async fn page(conn: &mut PgConnection, filter: &Filter, query: &ClientQuery) -> Result<ClientPage<i64>> {
    let path = path(conn, filter).await?;
    let counted = count(conn, filter, &path).await?;
    let (total, more) = (counted.min(COUNT_MAX) as u32, counted > COUNT_MAX);
    let mut start = Start::of(query);
    let mut key = Key::default();
    if let Some(cursor) = start.cursor() {
        match Key::of(conn, cursor.number).await? {
            Some(found) => key = found,
            // Whoever stood there is gone.
            None => start = Start::First,
        }
    }
    // The last page has what the pages before it leave over.
    let left_over = if more || total % PAGE_SIZE == 0 { PAGE_SIZE } else { total % PAGE_SIZE };
    let size = if matches!(start, Start::End) { left_over } else { PAGE_SIZE };
    let mut rows = walk(conn, filter, &path, &start, &key, size + 1).await?;
    if matches!(start, Start::Before(_)) && rows.len() <= PAGE_SIZE as usize {
        start = Start::First;
        rows = walk(conn, filter, &path, &start, &key, size + 1).await?;
    }
    let beyond = rows.len() > size as usize;
    rows.truncate(size as usize);
    if start.is_backwards() {
        rows.reverse();
    }
    let shown = rows.len() as u32;
    let skipped = match start {
        Start::First => Some(0),
        Start::After(cursor) => cursor.place,
        Start::Before(cursor) => cursor.place.and_then(|place| place.checked_sub(shown)),
        Start::End => (!more).then(|| total.saturating_sub(shown)),
    };
    let (before, behind) = match start {
        Start::First => (false, beyond),
        Start::After(_) => (true, beyond),
        Start::Before(_) => (beyond, true),
        Start::End => (beyond, false),
    };
    let cursor = |row: Option<&i64>, place| row.map(|number| Cursor { number: *number, place });
    Ok(ClientPage {
        previous: cursor(rows.first(), skipped).filter(|_| before),
        next: cursor(rows.last(), skipped.map(|place| place.saturating_add(shown))).filter(|_| behind),
        last: true,
        skipped,
        close: 0,
        near_from: None,
        total,
        more,
        rows,
    })
}

/// Everybody in the list's order.
pub async fn all(conn: &mut PgConnection, filter: &Filter, max: u32) -> Result<Vec<i64>> {
    let path = path(conn, filter).await?;
    walk(conn, filter, &path, &Start::First, &Key::default(), max).await
}

async fn path(conn: &mut PgConnection, filter: &Filter) -> Result<Path> {
    let marks = filter.rare_marks();
    let by_name = matches!(filter.sort, None | Some(Sort::Name | Sort::NameDown));
    if marks.is_empty() {
        return Ok(Path::Clients);
    }
    // Without names lines are in no order that anybody knows (A9).
    let by_line = by_name && !sqlx::query_scalar!("select code_only from practice").fetch_one(&mut *conn).await?;
    if let [only] = marks.as_slice()
        && by_line
    {
        return Ok(Path::Mark(only.clone()));
    }
    let rarest = sqlx::query!(
        r#"select mark as "mark!", count as "count!"
             from unnest($1::text[]) mark cross join lateral (
                  select count(*) from (select from client_word w where w.word = mark limit $2) n) counted
            order by count limit 1"#,
        &marks,
        SORTED_MAX + 1
    );
    let rarest = rarest.fetch_one(conn).await?;
    Ok(match rarest.count {
        _ if by_line => Path::Mark(rarest.mark),
        ..=SORTED_MAX => Path::Sorted(rarest.mark),
        _ => Path::Clients,
    })
}

/// How many there are, counted up to [`ClientPage::COUNT_MAX`] and one more.
async fn count(conn: &mut PgConnection, filter: &Filter, path: &Path) -> Result<i64> {
    // Of a large whole Postgres knows by itself that it is beyond counting.
    if filter.is_everybody() {
        let about = sqlx::query_scalar!(r#"select reltuples as "about!" from pg_class where oid = 'client'::regclass"#);
        if about.fetch_one(&mut *conn).await? > 2.0 * COUNT_MAX as f32 {
            return Ok(COUNT_MAX + 1);
        }
    }
    let mut sql = QueryBuilder::new("select count(*) from (select");
    match path {
        Path::Clients => {
            sql.push(" from client c");
            filter.push_where(&mut sql);
        }
        Path::Mark(mark) | Path::Sorted(mark) => push_mark(&mut sql, mark, filter),
    }
    sql.push(" limit ").push_bind(COUNT_MAX + 1).push(") n");
    Ok(sql.build_query_scalar().fetch_one(conn).await?)
}

/// The lines that have the mark, and every other that the filter asks for.
fn push_mark(sql: &mut QueryBuilder<Postgres>, mark: &str, filter: &Filter) {
    sql.push(" from client_word w where w.word = ").push_bind(mark.to_owned());
    let others = filter.marks().into_iter().filter(|other| other != mark);
    let others: Vec<String> = others.map(|other| pattern(&other)).collect();
    if !others.is_empty() {
        sql.push(" and w.line like all (").push_bind(others).push(")");
    }
}

/// Where somebody stands in each of the orders.
#[derive(Default)]
struct Key {
    number: i64,
    id: Uuid,
    sort_name: String,
    code: String,
    contact: String,
    line: String,
}

impl Key {
    async fn of(conn: &mut PgConnection, number: i64) -> Result<Option<Key>> {
        let key = sqlx::query_as!(
            Key,
            r#"select c.number, c.id, c.sort_name as "sort_name!", c.code::text as "code!",
                      coalesce(c.last_contact, date '-infinity')::text as "contact!", coalesce(s.line, '') as "line!"
                 from client c left join client_search s on s.number = c.number where c.number = $1"#,
            number
        );
        Ok(key.fetch_optional(conn).await?)
    }
}

/// So many numbers from a start; backwards ones in the opposite order.
async fn walk(
    conn: &mut PgConnection,
    filter: &Filter,
    path: &Path,
    start: &Start,
    key: &Key,
    limit: u32,
) -> Result<Vec<i64>> {
    let sort = filter.sort.unwrap_or(Sort::Name);
    let is_down = matches!(sort, Sort::NameDown | Sort::CodeDown | Sort::NumberDown | Sort::ContactDown);
    let (sign, direction) = if is_down != start.is_backwards() { (" < ", " desc") } else { (" > ", "") };
    let (first, second) = match (path, sort) {
        (Path::Mark(_), _) => ("w.line", "w.number"),
        (_, Sort::Name | Sort::NameDown) => ("c.sort_name", "c.id"),
        (_, Sort::Code | Sort::CodeDown) => ("c.code", ""),
        (_, Sort::Number | Sort::NumberDown) => ("c.number", ""),
        (_, Sort::Contact | Sort::ContactDown) => ("coalesce(c.last_contact, date '-infinity')", "c.number"),
    };
    let mut sql = QueryBuilder::new(if matches!(path, Path::Mark(_)) { "select w.number" } else { "select c.number" });
    match path {
        Path::Clients => {
            sql.push(" from client c");
            filter.push_where(&mut sql);
        }
        Path::Mark(mark) => push_mark(&mut sql, mark, filter),
        Path::Sorted(mark) => {
            sql.push(" from (select w.number");
            push_mark(&mut sql, mark, filter);
            sql.push(" offset 0) w join client c on c.number = w.number");
            filter.push_where(&mut sql);
        }
    }
    if start.cursor().is_some() {
        sql.push(" and (").push(first);
        if !second.is_empty() {
            sql.push(", ").push(second);
        }
        sql.push(")").push(sign).push("(");
        match (path, sort) {
            (Path::Mark(_), _) => sql.push_bind(key.line.clone()).push(", ").push_bind(key.number),
            (_, Sort::Name | Sort::NameDown) => sql.push_bind(key.sort_name.clone()).push(", ").push_bind(key.id),
            (_, Sort::Code | Sort::CodeDown) => sql.push_bind(key.code.clone()).push("::citext"),
            (_, Sort::Number | Sort::NumberDown) => sql.push_bind(key.number),
            (_, Sort::Contact | Sort::ContactDown) => {
                sql.push_bind(key.contact.clone()).push("::date, ").push_bind(key.number)
            }
        };
        sql.push(")");
    }
    sql.push(" order by ").push(first).push(direction);
    if !second.is_empty() {
        sql.push(", ").push(second).push(direction);
    }
    sql.push(" limit ").push_bind(i64::from(limit));
    Ok(sql.build_query_scalar().fetch_all(conn).await?)
}

/// These numbers in the list's order.
pub async fn sorted(conn: &mut PgConnection, numbers: &[i64], sort: Sort) -> Result<Vec<i64>> {
    let mut sql = QueryBuilder::new("select c.number from client c where c.number = any (");
    sql.push_bind(numbers.to_vec()).push(") order by ").push(match sort {
        Sort::Name => "c.sort_name, c.id",
        Sort::NameDown => "c.sort_name desc, c.id desc",
        Sort::Code => "c.code",
        Sort::CodeDown => "c.code desc",
        Sort::Number => "c.number",
        Sort::NumberDown => "c.number desc",
        Sort::Contact => "coalesce(c.last_contact, date '-infinity'), c.number",
        Sort::ContactDown => "coalesce(c.last_contact, date '-infinity') desc, c.number desc",
    });
    Ok(sql.build_query_scalar().fetch_all(conn).await?)
}
