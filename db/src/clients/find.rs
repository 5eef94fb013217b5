//! Finding clients: the list, and the search behind every picker.
//!
//! Two or three statements find and show a page, whatever its size: the ids in
//! order, how many there are, the rows. Two more forgive typos when nothing was
//! found. Statements are planned for the words at hand, so that the
//! trigram index is used for rare words and passed over for common ones.

use crate::{Actor, Result};
use shared::clients::{ClientQuery, ClientRow, ClientSummary, Kind, Page, Sort, Status, display_name};
use shared::{ClientId, ClientNumber, LocationId, StaffId, TagId};
use sqlx::{Connection, PgConnection, PgPool, Postgres, QueryBuilder};
use uuid::Uuid;

/// Rows on a page of the list.
const PAGE_SIZE: u32 = 50;
/// Pages beyond this are not asked for: a million clients.
const PAGE_MAX: u32 = 20_000;
/// Each word costs an index search; more than these tell nothing.
const WORDS_MAX: usize = 6;
/// How near a word must come, of 1: near first, and then what begins alike.
const NEAR: [&str; 2] = ["0.5", "0.3"];
/// Of misspelt words so many candidates are ranked.
const NEAR_MAX: u32 = 1_000;

/// A page of the clients whom the actor may see; `mine`: of those assigned to them.
pub async fn list(pool: &PgPool, actor: &Actor, query: &ClientQuery, mine: bool) -> Result<Page<ClientRow>> {
    let filter = Filter::of(actor, query, mine)?;
    let page = query.page.unwrap_or(1).clamp(1, PAGE_MAX);
    let mut conn = pool.acquire().await?;
    let found = find(&mut conn, &filter, PAGE_SIZE, (page - 1) * PAGE_SIZE).await?;
    let rows = rows(&mut conn, &found.ids).await?;
    Ok(Page { rows, page, page_size: PAGE_SIZE, total: found.total as u32 })
}

/// All whom the list shows for this query, on whichever page, in its order; at
/// most `max`. Whoever the actor may not see is not among them.
pub async fn matching(
    conn: &mut PgConnection,
    actor: &Actor,
    query: &ClientQuery,
    mine: bool,
    max: u32,
) -> Result<Vec<ClientId>> {
    let filter = Filter::of(actor, query, mine)?;
    Ok(find(conn, &filter, max, 0).await?.ids)
}

/// People whom the actor may see, for pickers; nothing for an empty search.
pub async fn search(pool: &PgPool, actor: &Actor, q: &str, limit: u32) -> Result<Vec<ClientSummary>> {
    search_kind(pool, actor, q, limit, Some(Kind::Individual)).await
}

/// As [`search`], with couples, families and groups.
pub async fn search_all_kinds(pool: &PgPool, actor: &Actor, q: &str, limit: u32) -> Result<Vec<ClientSummary>> {
    search_kind(pool, actor, q, limit, None).await
}

async fn search_kind(
    pool: &PgPool,
    actor: &Actor,
    q: &str,
    limit: u32,
    kind: Option<Kind>,
) -> Result<Vec<ClientSummary>> {
    let typed = Typed::read(q);
    let filter = Filter { scope: actor.staff()?.scope(), kind, typed, ..Filter::default() };
    if filter.typed.words.is_empty() {
        return Ok(Vec::new());
    }
    let mut conn = pool.acquire().await?;
    let found = find(&mut conn, &filter, limit.min(PAGE_SIZE), 0).await?;
    summaries(&mut conn, &found.ids).await
}

/// What was typed into a search box.
#[derive(Default)]
struct Typed {
    words: Vec<String>,
    /// The digits, when there is nothing but a number or a telephone number.
    digits: Option<String>,
}

impl Typed {
    fn read(text: &str) -> Typed {
        let words = text
            .split_whitespace()
            .take(WORDS_MAX)
            .map(|word| word.trim_start_matches('#').chars().filter(|c| !c.is_control()).take(60).collect())
            .filter(|word: &String| !word.is_empty())
            .collect::<Vec<_>>();
        let joined = words.concat();
        let dialled = joined.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | '.' | '/'));
        let mut digits: String = joined.chars().filter(char::is_ascii_digit).collect();
        // North American numbers are stored with and without their country's 1.
        if digits.len() == 11 && digits.starts_with('1') {
            digits.remove(0);
        }
        Typed { words, digits: (dialled && !digits.is_empty()).then_some(digits) }
    }

    /// One word may be the very code, or the number: that client comes first.
    fn single(&self) -> Option<&str> {
        match self.words.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

/// Who is asked for: of a page, and of all that match.
#[derive(Default)]
struct Filter {
    /// Only those assigned to this practitioner may be seen, or are wanted.
    scope: Option<Uuid>,
    practitioner: Option<StaffId>,
    kind: Option<Kind>,
    status: Option<Status>,
    tag: Option<TagId>,
    location: Option<LocationId>,
    typed: Typed,
    sort: Option<Sort>,
}

/// How the words typed must be met.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    /// Each stands somewhere in name, code, e-mail or telephone number.
    Literal,
    /// Each long one resembles something there.
    Near,
}

impl Filter {
    fn of(actor: &Actor, query: &ClientQuery, mine: bool) -> Result<Filter> {
        let staff = actor.staff()?;
        Ok(Filter {
            scope: if mine { Some(staff.id.0) } else { staff.scope() },
            practitioner: query.practitioner(),
            kind: query.kind(),
            status: query.status(),
            tag: query.tag(),
            location: query.location(),
            typed: Typed::read(&query.q),
            sort: query.sort(),
        })
    }

    fn is_everybody(&self) -> bool {
        let Filter { scope, practitioner, kind, status, tag, location, typed, sort: _ } = self;
        scope.is_none()
            && practitioner.is_none()
            && kind.is_none()
            && status.is_none()
            && tag.is_none()
            && location.is_none()
            && typed.words.is_empty()
    }

    /// Appends `from client c where …`.
    fn push(&self, sql: &mut QueryBuilder<Postgres>, how: Match) {
        sql.push(" from client c where true");
        if let Some(status) = self.status {
            sql.push(" and c.status = ").push_bind(status.as_str());
        }
        if let Some(kind) = self.kind {
            sql.push(" and c.kind = ").push_bind(kind.as_str());
        }
        if let Some(location) = self.location {
            sql.push(" and c.location_id = ").push_bind(location.0);
        }
        if let Some(tag) = self.tag {
            sql.push(" and exists (select from client_tag t where t.client_id = c.id and t.tag_id = ")
                .push_bind(tag.0)
                .push(")");
        }
        for practitioner in [self.scope, self.practitioner.map(Uuid::from)].into_iter().flatten() {
            sql.push(
                " and exists (select from client_practitioner a where a.client_id = c.id and a.practitioner_id = ",
            )
            .push_bind(practitioner)
            .push(")");
        }
        match (how, &self.typed.digits) {
            (Match::Near, _) => {
                for word in &self.typed.words {
                    if is_long(word) {
                        sql.push(" and searchable(").push_bind(word.clone()).push(") <% c.search");
                    } else {
                        sql.push(" and (");
                        push_word(sql, word);
                        sql.push(")");
                    }
                }
            }
            (Match::Literal, Some(digits)) => {
                sql.push(" and (");
                push_word(sql, digits);
                if let Ok(number) = digits.parse::<i64>() {
                    sql.push(" or c.number = ").push_bind(number);
                }
                sql.push(")");
            }
            (Match::Literal, None) => {
                for word in &self.typed.words {
                    sql.push(" and (");
                    push_word(sql, word);
                    sql.push(")");
                }
            }
        }
    }

    /// Appends the order of a list without search.
    fn push_order(&self, sql: &mut QueryBuilder<Postgres>) {
        sql.push(match self.sort.unwrap_or(Sort::Name) {
            Sort::Name => " order by c.sort_name, c.id",
            Sort::NameDown => " order by c.sort_name desc, c.id desc",
            Sort::Code => " order by c.code",
            Sort::CodeDown => " order by c.code desc",
            Sort::Number => " order by c.number",
            Sort::NumberDown => " order by c.number desc",
            Sort::Contact => " order by coalesce(c.last_contact, date '-infinity'), c.number",
            Sort::ContactDown => " order by coalesce(c.last_contact, date '-infinity') desc, c.number desc",
        });
    }

    /// Appends an expression: whether this is the very client asked for.
    fn push_exact(&self, sql: &mut QueryBuilder<Postgres>) {
        sql.push("(false");
        if let Some(word) = self.typed.single() {
            sql.push(" or c.code = ").push_bind(word.to_owned()).push("::citext");
        }
        if let Some(number) = self.typed.digits.as_ref().and_then(|digits| digits.parse::<i64>().ok()) {
            sql.push(" or c.number = ").push_bind(number);
        }
        sql.push(")");
    }

    /// Appends an expression: how near the words come.
    fn push_nearness(&self, sql: &mut QueryBuilder<Postgres>) {
        sql.push("(0.0");
        for word in &self.typed.words {
            sql.push(" + word_similarity(searchable(").push_bind(word.clone()).push("), c.search)");
        }
        sql.push(")");
    }
}

/// Shorter words hold too little to be searched for anywhere, or misspelt.
fn is_long(word: &str) -> bool {
    word.chars().count() >= 3
}

/// Three letters and more may stand anywhere; one or two begin a word, which
/// the trigram index finds as well.
fn push_word(sql: &mut QueryBuilder<Postgres>, word: &str) {
    let pattern = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    if is_long(word) {
        sql.push("c.search like '%' || searchable(").push_bind(pattern).push(") || '%'");
    } else {
        sql.push("c.search like searchable(").push_bind(pattern.clone()).push(") || '%'");
        sql.push(" or c.search like '% ' || searchable(").push_bind(pattern).push(") || '%'");
    }
}

/// The ids of one page in order, and how many there are: counted up to
/// [`Page::COUNT_MAX`] and one more.
#[derive(sqlx::FromRow)]
struct Found {
    ids: Vec<ClientId>,
    total: i64,
}

const COUNT_MAX: u32 = Page::<ClientRow>::COUNT_MAX + 1;

async fn find(conn: &mut PgConnection, filter: &Filter, limit: u32, offset: u32) -> Result<Found> {
    if filter.typed.words.is_empty() {
        let total = count(conn, filter).await?;
        return Ok(Found { ids: walk(conn, filter, limit, offset).await?, total });
    }
    let found = pick(conn, filter, Match::Literal, limit, offset).await?;
    if found.total >= COUNT_MAX.into() {
        // So common that the first of them stand close together in the list.
        return Ok(Found { ids: walk(conn, filter, limit, offset).await?, ..found });
    }
    if found.total > 0 || filter.typed.digits.is_some() || !filter.typed.words.iter().any(|word| is_long(word)) {
        return Ok(found);
    }
    forgive(conn, filter, limit, offset).await
}

/// Collects all that match, then sorts: for words that few have. No ids when
/// there are too many.
async fn pick(conn: &mut PgConnection, filter: &Filter, how: Match, limit: u32, offset: u32) -> Result<Found> {
    let mut sql = QueryBuilder::new("with hits as materialized (select c.id, c.sort_name, ");
    match how {
        Match::Literal => filter.push_exact(&mut sql),
        Match::Near => filter.push_nearness(&mut sql),
    }
    sql.push(" as rank");
    filter.push(&mut sql, how);
    sql.push(" limit ").push_bind(i64::from(if how == Match::Near { NEAR_MAX } else { COUNT_MAX }));
    sql.push("), n as (select count(*) as total from hits) select total, case when total < ")
        .push_bind(i64::from(COUNT_MAX));
    sql.push(" then array(select id from hits order by rank desc, sort_name, id limit ").push_bind(i64::from(limit));
    sql.push(" offset ").push_bind(i64::from(offset)).push(") else '{}' end as ids from n");
    Ok(sql.build_query_as().persistent(false).fetch_one(conn).await?)
}

async fn count(conn: &mut PgConnection, filter: &Filter) -> Result<i64> {
    // Of a large whole Postgres knows by itself that it is beyond counting.
    if filter.is_everybody() {
        let about = sqlx::query_scalar!(r#"select reltuples as "about!" from pg_class where oid = 'client'::regclass"#);
        if about.fetch_one(&mut *conn).await? > 2.0 * COUNT_MAX as f32 {
            return Ok(COUNT_MAX.into());
        }
    }
    let mut sql = QueryBuilder::new("select count(*) from (select");
    filter.push(&mut sql, Match::Literal);
    sql.push(" limit ").push_bind(i64::from(COUNT_MAX)).push(") n");
    Ok(sql.build_query_scalar().persistent(false).fetch_one(conn).await?)
}

/// Follows the list's own order until the page is full.
async fn walk(conn: &mut PgConnection, filter: &Filter, limit: u32, offset: u32) -> Result<Vec<ClientId>> {
    let mut sql = QueryBuilder::new("select c.id");
    filter.push(&mut sql, Match::Literal);
    filter.push_order(&mut sql);
    sql.push(" limit ").push_bind(i64::from(limit));
    sql.push(" offset ").push_bind(i64::from(offset));
    Ok(sql.build_query_scalar().persistent(false).fetch_all(conn).await?)
}

/// What resembles the words, the nearest first.
async fn forgive(conn: &mut PgConnection, filter: &Filter, limit: u32, offset: u32) -> Result<Found> {
    let mut found = Found { ids: Vec::new(), total: 0 };
    for near in NEAR {
        let mut tx = conn.begin().await?;
        sqlx::query_scalar!("select set_config('pg_trgm.word_similarity_threshold', $1, true)", near)
            .fetch_one(&mut *tx)
            .await?;
        found = pick(&mut tx, filter, Match::Near, limit, offset).await?;
        tx.commit().await?;
        if found.total > 0 {
            break;
        }
    }
    Ok(found)
}

async fn rows(conn: &mut PgConnection, ids: &[ClientId]) -> Result<Vec<ClientRow>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select c.id as "id: ClientId", c.number as "number: ClientNumber", c.code::text as "code!", c.kind as "kind: Kind",
                  c.status as "status: Status", c.first_name, c.preferred_name, c.last_name, c.group_name,
                  c.email::text as email, c.mobile, c.birth_date, c.alert <> '' as "has_alert!",
                  exists (select from account a where a.client_id = c.id) as "has_login!",
                  (select min(p.starts_at) from appointment p
                    where p.client_id = c.id and p.status = 'confirmed' and p.starts_at > now()) as next_appointment
             from unnest($1::uuid[]) with ordinality as wanted (id, place)
             join client c on c.id = wanted.id
            order by wanted.place"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    let rows = rows.into_iter().map(|row| ClientRow {
        id: row.id,
        number: row.number,
        code: row.code,
        kind: row.kind,
        status: row.status,
        name: name(row.kind, &row.first_name, &row.preferred_name, &row.last_name, row.group_name),
        email: row.email,
        mobile: row.mobile,
        birth_date: row.birth_date,
        has_login: row.has_login,
        has_alert: row.has_alert,
        next_appointment: row.next_appointment,
    });
    Ok(rows.collect())
}

async fn summaries(conn: &mut PgConnection, ids: &[ClientId]) -> Result<Vec<ClientSummary>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select c.id as "id: ClientId", c.number as "number: ClientNumber", c.code::text as "code!", c.kind as "kind: Kind",
                  c.status as "status: Status", c.first_name, c.preferred_name, c.last_name, c.group_name,
                  c.email::text as email, c.birth_date
             from unnest($1::uuid[]) with ordinality as wanted (id, place)
             join client c on c.id = wanted.id
            order by wanted.place"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    let rows = rows.into_iter().map(|row| ClientSummary {
        id: row.id,
        number: row.number,
        kind: row.kind,
        name: name(row.kind, &row.first_name, &row.preferred_name, &row.last_name, row.group_name),
        code: row.code,
        status: row.status,
        birth_date: row.birth_date,
        email: row.email,
    });
    Ok(rows.collect())
}

/// How a client of any kind is called.
pub(crate) fn name(kind: Kind, first: &str, preferred: &str, last: &str, group: String) -> String {
    match kind {
        Kind::Individual => display_name(first, preferred, last),
        Kind::Couple | Kind::Family | Kind::Group => group,
    }
}
