//! What the demo practice has made its own: tags, referring providers and client
//! information fields, and who has what.

use crate::column;
use chrono::NaiveDate;
use db::{Result, new_id};
use sqlx::PgConnection;
use uuid::Uuid;

/// Name, and who has it: of this many active clients, the one at this place.
const TAGS: [(&str, i64, i64); 5] = [
    ("Evening appointments", 5, 1),
    ("Interpreter", 17, 4),
    ("School referral", 9, 2),
    ("Sliding scale", 7, 3),
    ("Telehealth", 6, 5),
];
/// Name, telephone number, e-mail.
const PROVIDERS: [(&str, &str, &str); 3] = [
    ("Dr. Helen Marsh, Lakeside Family Health", "416 555 0171", "referrals@lakeside.demo.test"),
    ("Dr. Sunil Rao, Rao Paediatrics", "416 555 0172", "office@raopaediatrics.demo.test"),
    ("Northview School Board, student services", "416 555 0173", ""),
];
const SCHOOLS: [&str; 4] = ["Humber Valley Public School", "King Edward", "Oakridge", "St. Clement"];
const HEARD: [&str; 4] = ["A friend or relative", "Family doctor", "School", "The web site"];

/// A practice that has any of these already keeps what it has.
pub async fn insert(conn: &mut PgConnection, today: NaiveDate) -> Result<()> {
    let has_own = sqlx::query_scalar!(
        r#"select exists (select from tag) or exists (select from client_field) or exists (select from referring_provider) as "own!""#
    );
    if has_own.fetch_one(&mut *conn).await? {
        return Ok(());
    }
    tags(conn).await?;
    providers(conn).await?;
    fields(conn, today).await
}

async fn tags(conn: &mut PgConnection) -> Result<()> {
    sqlx::query!(
        "with made as (
             insert into tag (id, name) select id, name from unnest($1::uuid[], $2::text[]) t (id, name) returning id, name)
         insert into client_tag (client_id, tag_id)
         select one.id, made.id
           from (select id, row_number() over (order by number) as place
                   from client where status = 'active' and kind = 'individual') one
           join unnest($2::text[], $3::bigint[], $4::bigint[]) had (name, each, at) on one.place % had.each = had.at
           join made on made.name = had.name",
        &column(&TAGS, |_| new_id()),
        &column(&TAGS, |(name, ..)| (*name).to_owned()),
        &column(&TAGS, |(_, each, _)| *each),
        &column(&TAGS, |(.., at)| *at)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Every fourth client was referred.
async fn providers(conn: &mut PgConnection) -> Result<()> {
    let ids = column(&PROVIDERS, |_| new_id());
    sqlx::query!(
        "insert into referring_provider (id, name, phone, email) select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[])",
        &ids,
        &column(&PROVIDERS, |(name, ..)| (*name).to_owned()),
        &column(&PROVIDERS, |(_, phone, _)| (*phone).to_owned()),
        &column(&PROVIDERS, |(.., email)| (*email).to_owned())
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update client c set referring_provider_id = ($1::uuid[])[1 + one.place / 4 % cardinality($1)]
           from (select id, row_number() over (order by number) as place from client where kind = 'individual') one
          where c.id = one.id and one.place % 4 = 0",
        &ids
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A school, which children have; where they heard of the practice; whether
/// photographs may be taken.
async fn fields(conn: &mut PgConnection, today: NaiveDate) -> Result<()> {
    let (school, heard, photographs) = (new_id(), new_id(), new_id());
    sqlx::query!(
        "insert into client_field (id, label, kind, for_clients, in_quick_add, in_search, in_reports, position) values
             ($1, 'School', 'text', true, false, true, false, 1),
             ($2, 'How they heard of us', 'choice', false, false, false, true, 2),
             ($3, 'May be photographed', 'checkbox', true, false, false, false, 3)",
        school,
        heard,
        photographs
    )
    .execute(&mut *conn)
    .await?;
    let choices: Vec<Uuid> = column(&HEARD, |_| new_id());
    sqlx::query!(
        "insert into client_field_choice (id, field_id, label, position)
         select id, $1, label, place from unnest($2::uuid[], $3::text[]) with ordinality c (id, label, place)",
        heard,
        &choices,
        &HEARD.map(str::to_owned)
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "with one as (
             select id, birth_date, row_number() over (order by number) as place from client where kind = 'individual')
         insert into client_field_value (client_id, field_id, words, choice_id, ticked)
         select id, $1::uuid, ($2::text[])[1 + place % cardinality($2)], null::uuid, null::boolean
           from one where birth_date > $6::date - interval '18 years'
          union all
         select id, $3::uuid, null, ($4::uuid[])[1 + place % cardinality($4)], null from one where place % 3 = 0
          union all
         select id, $5::uuid, null, null, true from one where place % 5 = 0",
        school,
        &SCHOOLS.map(str::to_owned),
        heard,
        &choices,
        photographs,
        today
    )
    .execute(conn)
    .await?;
    Ok(())
}
