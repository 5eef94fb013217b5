//! Finds records that may be of the same person. Candidates share a key that an
//! index or a hash finds: records are never compared each with each.
//!
//! Points: the same name 50, a similar name 30, a similar first name alone 5; the
//! same date of birth 40, and 40 less if both dates are known and differ. If the
//! names are the same and the dates differ, 50 less (a son can have his father's
//! name), or 20 less if they share an address or number and the year of birth (a
//! typo). Health card 150, phone 25, email 20: families share those. Two first
//! names that are not similar mean two people, whatever else is shared: twins.
//! Two similar first names of at most four letters (Mia and Mila) are as often
//! siblings as a typo: without the same date of birth, a shared address or number
//! counts nothing for them, unless one begins with the other (Al and Alan).

use crate::{Actor, Result, audit, authz};
use chrono::NaiveDate;
use shared::clients::{ClientSummary, Kind, Page, Status};
use shared::{ClientId, ClientNumber, Problem, Refusal};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Pairs on a page.
const PAGE_SIZE: u32 = 25;
/// Two records with at least these points are shown as a pair.
const PAIR: i32 = 50;
/// A new person with at least these points is a possible match: a name is enough.
const LIKELY: i32 = 40;
/// The number of possible matches shown for a new person.
const LIKELY_MAX: i64 = 5;

/// What two have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    SameName,
    SimilarName,
    BirthDate,
    HealthCard,
    Phone,
    Email,
}

impl Reason {
    pub const fn label(self) -> &'static str {
        match self {
            Reason::SameName => "Same name",
            Reason::SimilarName => "Similar name",
            Reason::BirthDate => "Same date of birth",
            Reason::HealthCard => "Same health card number",
            Reason::Phone => "Same phone number",
            Reason::Email => "Same email",
        }
    }
}

/// Two who may be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    pub one: ClientSummary,
    pub other: ClientSummary,
    pub reasons: Vec<Reason>,
    pub points: i32,
}

/// What is known of someone new; empty where nothing is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Likeness {
    pub first: String,
    pub last: String,
    pub birth_date: Option<NaiveDate>,
    pub email: Option<String>,
    pub phone: Option<String>,
}

/// A person who is here, and may be the one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    pub client: ClientSummary,
    pub reasons: Vec<Reason>,
}

/// The pairs that may be one person, the likeliest first, 25 a page. Front desk
/// only.
pub async fn duplicates(pool: &PgPool, actor: &Actor, page: u32) -> Result<Page<Duplicate>> {
    actor.front_desk()?;
    let page = page.clamp(1, 10_000);
    let mut tx = pool.begin().await?;
    // Of a hundred thousand it takes a second or so.
    sqlx::query!("set local statement_timeout = '20s'").execute(&mut *tx).await?;
    sqlx::query!("set local work_mem = '64MB'").execute(&mut *tx).await?;
    let rows = sqlx::query!(
        r#"with person as (
               select id, searchable(first_name) as first, searchable(last_name) as last, sort_name, birth_date,
                      lower(email::text) as email, phone_key(mobile) as phone, nullif(card_number, '') as card
                 from client where kind = 'individual' and erased_at is null and first_name || last_name <> ''),
           keyed as (
               select id, 'l' || birth_date || left(last, 1) as key from person where birth_date is not null and last <> ''
               union all
               select id, 'f' || birth_date || left(first, 1) from person where birth_date is not null and first <> ''
               union all
               select id, 'n' || sort_name from person
               union all
               select id, 'e' || email from person where email is not null
               union all
               select id, 'p' || phone from person where length(phone) >= 7
               union all
               select client_id, 'p' || phone_key(number) from client_phone where length(phone_key(number)) >= 7
               union all
               select id, 'c' || card from person where card is not null),
           -- A key that a crowd shares, such as the practice's own number, tells nothing.
           crowd as (
               select left(key, 1) as kind, array_agg(distinct id) as ids from keyed
                group by key having count(*) between 2 and 30),
           pair as (
               select low, high, bool_or(kind = 'c') as card, bool_or(kind = 'p') as rings, bool_or(kind = 'e') as mail
                 from crowd, unnest(ids) low, unnest(ids) high where low < high
                group by low, high),
           -- Few are left of those who share a birthday, before names are looked at closely.
           named as materialized (
               select p.*, a.sort_name, a.birth_date = b.birth_date as born,
                      extract(year from a.birth_date) = extract(year from b.birth_date) as slip,
                      searchable(a.first_name) as first, searchable(b.first_name) as first_too,
                      searchable(a.last_name) as last, searchable(b.last_name) as last_too
                 from pair p join client a on a.id = p.low join client b on b.id = p.high
                where (p.card or similarity(a.sort_name, b.sort_name) >= 0.3)
                  and a.kind = 'individual' and b.kind = 'individual' and a.erased_at is null and b.erased_at is null
                  and not exists (select from client_not_duplicate n where n.client_low = p.low and n.client_high = p.high)),
           weighed as materialized (
               select *, first = first_too and last = last_too as same,
                      similarity(first, first_too) >= 0.25 or '' in (first, first_too) as alike,
                      similarity(last, last_too) >= 0.5 as kin,
                      born is not true and greatest(length(first), length(first_too)) <= 4
                      and not starts_with(first, first_too) and not starts_with(first_too, first) as short
                 from named),
           pointed as (
               select *, case when same then 50 when alike and kin then 30 when alike then 5 else -100 end
                       + case when born then 40 when not born then case when same and slip and (rings or mail) then -20 when same then -50 else -40 end else 0 end
                       + case when card then 150 else 0 end
                       + case when rings and not short then 25 else 0 end + case when mail and not short then 20 else 0 end as points
                 from weighed)
           select low as "low: ClientId", high as "high: ClientId", points as "points!", same as "same!",
                  (alike and kin) as "similar!", coalesce(born, false) as "born!", card as "card!",
                  rings as "rings!", mail as "mail!", count(*) over () as "total!"
             from pointed where points >= $1
            order by points desc, sort_name, low, high
            limit $2 offset $3"#,
        PAIR,
        i64::from(PAGE_SIZE),
        i64::from((page - 1) * PAGE_SIZE)
    )
    .fetch_all(&mut *tx)
    .await?;
    let total = rows.first().map_or(0, |row| row.total) as u32;
    let ids: Vec<Uuid> = rows.iter().flat_map(|row| [row.low, row.high]).flatten().map(|id| id.0).collect();
    let people = summaries(&mut tx, &ids).await?;
    let find = |id: Option<ClientId>| people.iter().find(|person| Some(person.id) == id).cloned();
    let pairs = rows.into_iter().filter_map(|row| {
        let (one, other) = (find(row.low)?, find(row.high)?);
        // The older record is the one to keep, as a rule.
        let (one, other) = if one.number <= other.number { (one, other) } else { (other, one) };
        let reasons = reasons(row.same, row.similar, row.born, row.card, row.rings, row.mail);
        Some(Duplicate { one, other, reasons, points: row.points })
    });
    Ok(Page { rows: pairs.collect(), page, page_size: PAGE_SIZE, total })
}

fn reasons(same: bool, similar: bool, born: bool, card: bool, rings: bool, mail: bool) -> Vec<Reason> {
    let all = [
        (Reason::SameName, same),
        (Reason::SimilarName, similar && !same),
        (Reason::BirthDate, born),
        (Reason::HealthCard, card),
        (Reason::Phone, rings),
        (Reason::Email, mail),
    ];
    all.into_iter().filter_map(|(reason, so)| so.then_some(reason)).collect()
}

/// Remembers that two are not one person. Front desk only.
pub async fn not_duplicate(pool: &PgPool, actor: &Actor, one: ClientNumber, other: ClientNumber) -> Result<()> {
    let mut tx = pool.begin().await?;
    let one = authz::administrable(&mut tx, actor, one).await?.id();
    let other = authz::administrable(&mut tx, actor, other).await?.id();
    if one == other {
        return Err(Refusal::field("other", Problem::Same).into());
    }
    sqlx::query!(
        "insert into client_not_duplicate (client_low, client_high, said_by)
         values (least($1::uuid, $2), greatest($1::uuid, $2), $3) on conflict do nothing",
        one.0,
        other.0,
        actor.id()
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, actor, "not-duplicate", "client", one, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes [`not_duplicate`] back: the two are compared again. Front desk only.
pub async fn maybe_duplicate(pool: &PgPool, actor: &Actor, one: ClientNumber, other: ClientNumber) -> Result<()> {
    let mut tx = pool.begin().await?;
    let one = authz::administrable(&mut tx, actor, one).await?.id();
    let other = authz::administrable(&mut tx, actor, other).await?.id();
    let gone = sqlx::query!(
        "delete from client_not_duplicate where client_low = least($1::uuid, $2) and client_high = greatest($1::uuid, $2)",
        one.0,
        other.0
    );
    if gone.execute(&mut *tx).await?.rows_affected() > 0 {
        audit::append(&mut tx, actor, "maybe-duplicate", "client", one, &[]).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Who of the people the actor may see may be the one about to be made, the
/// likeliest first, at most five. Anyone who only shares an email address or a phone
/// number, as families do, is not named.
pub async fn likely(pool: &PgPool, actor: &Actor, likeness: &Likeness) -> Result<Vec<Match>> {
    let mut conn = pool.acquire().await?;
    let found = likely_many(&mut conn, actor, std::slice::from_ref(likeness)).await?;
    Ok(found.into_iter().map(|(_, found)| found).collect())
}

/// [`likely`] of many: each match with the place, from 0, of the person it
/// resembles.
pub async fn likely_many(conn: &mut PgConnection, actor: &Actor, people: &[Likeness]) -> Result<Vec<(usize, Match)>> {
    let scope = actor.staff()?.scope();
    let column =
        |of: fn(&Likeness) -> &str| people.iter().map(|person| of(person).trim().to_owned()).collect::<Vec<_>>();
    let (first, last) = (column(|person| &person.first), column(|person| &person.last));
    let email = column(|person| person.email.as_deref().unwrap_or_default());
    let phone = column(|person| person.phone.as_deref().unwrap_or_default());
    let born: Vec<Option<NaiveDate>> = people.iter().map(|person| person.birth_date).collect();
    let rows = sqlx::query!(
        r#"with wanted as (
               select place, searchable(first) as first, searchable(last) as last,
                      searchable(trim(last || ' ' || first)) as whole, born, nullif(email, '')::citext as email,
                      case when length(phone_key(phone)) >= 7 then phone_key(phone) end as phone
                 from unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::text[])
                      with ordinality as w (first, last, born, email, phone, place)),
           found as (
               select w.place, c.id from wanted w join client c on c.birth_date = w.born
               union
               select w.place, c.id from wanted w join client c on c.email = w.email
               union
               select w.place, c.id from wanted w join client c on c.mobile is not null and phone_key(c.mobile) = w.phone
               union
               select w.place, p.client_id from wanted w join client_phone p on phone_key(p.number) = w.phone
               union
               -- Nobody typed yet is not everybody without a name.
               select w.place, c.id from wanted w join client c on c.sort_name = w.whole and w.whole <> ''),
           weighed as (
               select f.place, c.id, c.sort_name,
                      searchable(c.first_name) = w.first and searchable(c.last_name) = w.last as same,
                      similarity(searchable(c.first_name), w.first) >= 0.25 or '' in (c.first_name, w.first) as alike,
                      similarity(searchable(c.last_name), w.last) >= 0.5 as kin,
                      (c.birth_date = w.born) is not true and greatest(length(c.first_name), length(w.first)) <= 4
                      and not starts_with(searchable(c.first_name), w.first)
                      and not starts_with(w.first, searchable(c.first_name)) as short,
                      c.birth_date = w.born as born,
                      extract(year from c.birth_date) = extract(year from w.born) as slip,
                      c.email = w.email as mail,
                      phone_key(c.mobile) = w.phone or exists (
                          select from client_phone x where x.client_id = c.id and phone_key(x.number) = w.phone) as rings
                 from found f join wanted w using (place) join client c on c.id = f.id
                where c.kind = 'individual' and c.erased_at is null
                  and ($6::uuid is null or exists (
                      select from client_practitioner a where a.client_id = c.id and a.practitioner_id = $6))),
           pointed as (
               select *, case when same then 50 when alike and kin then 30 when alike then 5 else -100 end
                       + case when born then 40 when not born then case when same and slip and (rings or mail) then -20 when same then -50 else -40 end else 0 end
                       + case when rings and not short then 25 else 0 end + case when mail and not short then 20 else 0 end as points
                 from weighed),
           ranked as (
               select *, row_number() over (partition by place order by points desc, sort_name, id) as rank
                 from pointed where points >= $7)
           select place as "place!", id as "id!: ClientId", same as "same!", (alike and kin) as "similar!",
                  coalesce(born, false) as "born!", coalesce(rings, false) as "rings!", coalesce(mail, false) as "mail!"
             from ranked where rank <= $8 order by place, rank"#,
        &first,
        &last,
        &born as &[Option<NaiveDate>],
        &email,
        &phone,
        scope as Option<Uuid>,
        LIKELY,
        LIKELY_MAX
    )
    .fetch_all(&mut *conn)
    .await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.0).collect();
    let clients = summaries(conn, &ids).await?;
    let matches = rows.into_iter().filter_map(|row| {
        let client = clients.iter().find(|client| client.id == row.id)?.clone();
        let reasons = reasons(row.same, row.similar, row.born, false, row.rings, row.mail);
        Some((row.place as usize - 1, Match { client, reasons }))
    });
    Ok(matches.collect())
}

/// Two who share an email address or a phone number.
pub(crate) struct Sharing<'a> {
    pub first: [&'a str; 2],
    pub last: [&'a str; 2],
    pub birth_date: [Option<NaiveDate>; 2],
}

/// Of each two, whether they may be one person: with the same points as
/// [`duplicates`], those of an email address among them.
pub(crate) async fn may_be_one(conn: &mut PgConnection, pairs: &[Sharing<'_>]) -> Result<Vec<bool>> {
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let texts = |of: fn(&Sharing) -> String| pairs.iter().map(of).collect::<Vec<_>>();
    let dates = |side: usize| pairs.iter().map(|pair| pair.birth_date[side]).collect::<Vec<_>>();
    let rows = sqlx::query_scalar!(
        r#"with pair as (
               select place, searchable(a.first) as first, searchable(a.first_too) as first_too,
                      searchable(a.last) as last, searchable(a.last_too) as last_too, a.born = a.born_too as born,
                      extract(year from a.born) = extract(year from a.born_too) as slip
                 from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::date[], $6::date[]) with ordinality
                      as a (first, first_too, last, last_too, born, born_too, place)),
           weighed as (
               select *, first = first_too and last = last_too as same,
                      similarity(first, first_too) >= 0.25 or '' in (first, first_too) as alike,
                      similarity(last, last_too) >= 0.5 as kin,
                      born is not true and greatest(length(first), length(first_too)) <= 4
                      and not starts_with(first, first_too) and not starts_with(first_too, first) as short
                 from pair)
           select case when short then 0 else 20 end + case when same then 50 when alike and kin then 30 when alike then 5 else -100 end
                  + case when born then 40 when not born then case when same and slip then -20 when same then -50 else -40 end else 0 end
                  >= $7 as "one!"
             from weighed order by place"#,
        &texts(|pair| pair.first[0].to_owned()),
        &texts(|pair| pair.first[1].to_owned()),
        &texts(|pair| pair.last[0].to_owned()),
        &texts(|pair| pair.last[1].to_owned()),
        &dates(0) as &[Option<NaiveDate>],
        &dates(1) as &[Option<NaiveDate>],
        PAIR
    );
    Ok(rows.fetch_all(conn).await?)
}

async fn summaries(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<ClientSummary>> {
    let rows = sqlx::query!(
        r#"select c.id as "id: ClientId", c.number as "number: ClientNumber", client_name(c) as "name!",
                  c.code::text as "code!", c.kind as "kind: Kind", c.status as "status: Status", c.birth_date, c.email::text as email
             from client c where c.id = any($1)"#,
        ids
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ClientSummary {
            id: row.id,
            number: row.number,
            kind: row.kind,
            name: row.name,
            code: row.code,
            status: row.status,
            birth_date: row.birth_date,
            email: row.email,
        })
        .collect())
}
