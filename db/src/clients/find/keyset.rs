//! A list without search, read in its own order from a cursor, so that the
//! ten-thousandth page costs what the first does.

use super::PAGE_SIZE;
use super::filter::{Filter, pattern};
use crate::Result;
use shared::clients::{ClientPage, ClientQuery, Cursor, Sort};
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

/// The number of clients of a rare mark that are sorted rather than looked for along the list.
const SORTED_MAX: i64 = 3_000;
const COUNT_MAX: i64 = ClientPage::<()>::COUNT_MAX as i64;

/// Where a scan begins.
enum Position {
    First,
    After(Cursor),
    Before(Cursor),
    End,
}

impl Position {
    fn of(query: &ClientQuery) -> Position {
        match (query.after.parse(), query.before.parse()) {
            (Ok(cursor), _) => Position::After(cursor),
            (_, Ok(cursor)) => Position::Before(cursor),
            _ if query.before == ClientQuery::END => Position::End,
            _ => Position::First,
        }
    }

    fn cursor(&self) -> Option<Cursor> {
        match self {
            Position::After(cursor) | Position::Before(cursor) => Some(*cursor),
            Position::First | Position::End => None,
        }
    }

    fn is_backwards(&self) -> bool {
        matches!(self, Position::Before(_) | Position::End)
    }
}

/// What the list is scanned along.
#[derive(Clone)]
enum Scan {
    /// The list of all, with the filter asked of each row.
    Clients,
    /// The lines that one mark leads to; they are in the order of names.
    Mark(String),
    /// As many as have the mark, sorted.
    Sorted(String),
}

pub async fn page(conn: &mut PgConnection, filter: &Filter, query: &ClientQuery) -> Result<ClientPage<i64>> {
    let scan = choose(conn, filter).await?;
    let counted = count(conn, filter, &scan).await?;
    let (total, more) = (counted.min(COUNT_MAX) as u32, counted > COUNT_MAX);
    let mut position = Position::of(query);
    let mut key = SortKey::default();
    if let Some(cursor) = position.cursor() {
        match SortKey::of(conn, cursor.number).await? {
            Some(found) => key = found,
            // Anyone who stood there is gone.
            None => position = Position::First,
        }
    }
    // The last page has what the pages before it leave over.
    let left_over = if more || total % PAGE_SIZE == 0 { PAGE_SIZE } else { total % PAGE_SIZE };
    let size = if matches!(position, Position::End) { left_over } else { PAGE_SIZE };
    let mut rows = numbers(conn, filter, &scan, &position, &key, size + 1).await?;
    if matches!(position, Position::Before(_)) && rows.len() <= PAGE_SIZE as usize {
        position = Position::First;
        rows = numbers(conn, filter, &scan, &position, &key, size + 1).await?;
    }
    let beyond = rows.len() > size as usize;
    rows.truncate(size as usize);
    if position.is_backwards() {
        rows.reverse();
    }
    let shown = rows.len() as u32;
    let skipped = match position {
        Position::First => Some(0),
        Position::After(cursor) => cursor.place,
        Position::Before(cursor) => cursor.place.and_then(|place| place.checked_sub(shown)),
        Position::End => (!more).then(|| total.saturating_sub(shown)),
    };
    let (before, behind) = match position {
        Position::First => (false, beyond),
        Position::After(_) => (true, beyond),
        Position::Before(_) => (beyond, true),
        Position::End => (beyond, false),
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

/// Everyone in the list's order.
pub async fn all(conn: &mut PgConnection, filter: &Filter, max: u32) -> Result<Vec<i64>> {
    let scan = choose(conn, filter).await?;
    numbers(conn, filter, &scan, &Position::First, &SortKey::default(), max).await
}

async fn choose(conn: &mut PgConnection, filter: &Filter) -> Result<Scan> {
    let marks = filter.rare_marks();
    let by_name = matches!(filter.sort, None | Some(Sort::Name | Sort::NameDown));
    if marks.is_empty() {
        return Ok(Scan::Clients);
    }
    // Without names lines are in no order that anyone knows.
    let by_line = by_name && !sqlx::query_scalar!("select code_only from practice").fetch_one(&mut *conn).await?;
    if let [only] = marks.as_slice()
        && by_line
    {
        return Ok(Scan::Mark(only.clone()));
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
        _ if by_line => Scan::Mark(rarest.mark),
        ..=SORTED_MAX => Scan::Sorted(rarest.mark),
        _ => Scan::Clients,
    })
}

/// How many there are, counted up to [`ClientPage::COUNT_MAX`] and one more.
async fn count(conn: &mut PgConnection, filter: &Filter, scan: &Scan) -> Result<i64> {
    // Of a large whole Postgres knows by itself that it is beyond counting.
    if filter.is_everybody() {
        let about = sqlx::query_scalar!(r#"select reltuples as "about!" from pg_class where oid = 'client'::regclass"#);
        if about.fetch_one(&mut *conn).await? > 2.0 * COUNT_MAX as f32 {
            return Ok(COUNT_MAX + 1);
        }
    }
    let mut sql = QueryBuilder::new("select count(*) from (select");
    match scan {
        Scan::Clients => {
            sql.push(" from client c");
            filter.push_where(&mut sql);
        }
        Scan::Mark(mark) | Scan::Sorted(mark) => push_mark(&mut sql, mark, filter),
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

/// Where someone stands in each of the orders.
#[derive(Default)]
struct SortKey {
    number: i64,
    id: Uuid,
    sort_name: String,
    code: String,
    contact: String,
    line: String,
}

impl SortKey {
    async fn of(conn: &mut PgConnection, number: i64) -> Result<Option<SortKey>> {
        let key = sqlx::query_as!(
            SortKey,
            r#"select c.number, c.id, c.sort_name as "sort_name!", c.code::text as "code!",
                      coalesce(c.last_contact, date '-infinity')::text as "contact!", coalesce(s.line, '') as "line!"
                 from client c left join client_search s on s.number = c.number where c.number = $1"#,
            number
        );
        Ok(key.fetch_optional(conn).await?)
    }
}

/// At most `limit` client numbers from a position; backwards in the opposite order.
async fn numbers(
    conn: &mut PgConnection,
    filter: &Filter,
    scan: &Scan,
    position: &Position,
    key: &SortKey,
    limit: u32,
) -> Result<Vec<i64>> {
    let sort = filter.sort.unwrap_or(Sort::Name);
    let is_down = matches!(sort, Sort::NameDown | Sort::CodeDown | Sort::NumberDown | Sort::ContactDown);
    let (sign, direction) = if is_down != position.is_backwards() { (" < ", " desc") } else { (" > ", "") };
    let (first, second) = match (scan, sort) {
        (Scan::Mark(_), _) => ("w.line", "w.number"),
        (_, Sort::Name | Sort::NameDown) => ("c.sort_name", "c.id"),
        (_, Sort::Code | Sort::CodeDown) => ("c.code", ""),
        (_, Sort::Number | Sort::NumberDown) => ("c.number", ""),
        (_, Sort::Contact | Sort::ContactDown) => ("coalesce(c.last_contact, date '-infinity')", "c.number"),
    };
    let mut sql = QueryBuilder::new(if matches!(scan, Scan::Mark(_)) { "select w.number" } else { "select c.number" });
    match scan {
        Scan::Clients => {
            sql.push(" from client c");
            filter.push_where(&mut sql);
        }
        Scan::Mark(mark) => push_mark(&mut sql, mark, filter),
        Scan::Sorted(mark) => {
            sql.push(" from (select w.number");
            push_mark(&mut sql, mark, filter);
            sql.push(" offset 0) w join client c on c.number = w.number");
            filter.push_where(&mut sql);
        }
    }
    if position.cursor().is_some() {
        sql.push(" and (").push(first);
        if !second.is_empty() {
            sql.push(", ").push(second);
        }
        sql.push(")").push(sign).push("(");
        match (scan, sort) {
            (Scan::Mark(_), _) => sql.push_bind(key.line.clone()).push(", ").push_bind(key.number),
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
