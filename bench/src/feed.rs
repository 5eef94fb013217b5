//! A calendar feed of three hundred appointments: read whole, and asked for again unchanged.

use crate::figures::load;
use crate::http::Session;
use crate::site::Site;
use anyhow::ensure;
use http::StatusCode;

const APPOINTMENTS: i32 = 300;
/// An address is read at most thirty times in a row: each of these fifteen times whole, and
/// fifteen times unchanged.
const FEEDS: usize = 40;
const EACH: usize = 14;

/// Three hundred upcoming appointments of a practitioner.
const ROWS: [&str; 3] = [
    "insert into client (id, kind, code, first_name, last_name, zone)
     select gen_random_uuid(), 'individual', 'F' || n, 'Feed', 'Number ' || n, 'America/Toronto' from generate_series(1, $1::int) n",
    "insert into appointment (id, service_id, practitioner_id, location_id, starts_at, ends_at, starts_local, zone, tzdb,
                              buffer_minutes, price_cents, request_key, booked_by)
     select md5('feed ' || n)::uuid, s.id, p.staff_id, (select id from location limit 1), w.starts, w.starts + interval '1 minute',
            w.starts at time zone 'America/Toronto', 'America/Toronto', 'bench', 0, 0, gen_random_uuid(), p.staff_id
       from generate_series(1, $1::int) n
      cross join (select staff_id from account where username = 'practitioner@demo.test') p
      cross join (select id from service order by name limit 1) s
      cross join lateral (select date_trunc('day', now()) + make_interval(days => n / 5 + 1, mins => n % 5) as starts) w",
    "insert into appointment_participant (id, appointment_id, client_id, starts_at, ends_at, blocks, booked_by)
     select gen_random_uuid(), a.id, c.id, a.starts_at, a.ends_at, a.blocks, a.booked_by
       from generate_series(1, $1::int) n
       join appointment a on a.id = md5('feed ' || n)::uuid join client c on c.code = 'F' || n",
];

pub async fn run(postgres: &str) -> anyhow::Result<()> {
    let site = Site::start(postgres, "feed").await?;
    measure(&site).await?;
    site.stop().await
}

pub async fn measure(site: &Site) -> anyhow::Result<()> {
    for sql in ROWS {
        sqlx::query(sql).bind(APPOINTMENTS).execute(&site.pool).await?;
    }
    sqlx::query("analyze").execute(&site.pool).await?;
    let mut paths = Vec::new();
    for n in 0..FEEDS {
        let secret = format!("{n:043}");
        let made = "insert into feed (id, account_id, secret_hash)
                    select gen_random_uuid(), id, sha256($1::text::bytea) from account where username = 'practitioner@demo.test'
                    returning id";
        sqlx::query(made).bind(&secret).fetch_one(&site.pool).await?;
        paths.push(format!("/feeds/{secret}.ics"));
    }
    let visitor = Session::new(&site.base);
    let whole = visitor.get(&paths[0], "identity").await?;
    let small = visitor.get(&paths[0], "br").await?;
    let events = whole.text().matches("BEGIN:VEVENT").count();
    ensure!(whole.status == StatusCode::OK, "a feed was answered with {}", whole.status);
    let mark = whole.header(http::header::ETAG).to_owned();
    ensure!(!mark.is_empty(), "a feed has no mark");
    println!("a feed of {events} appointments, {} bytes, {} by brotli:", whole.body.len(), small.body.len());
    let (session, all) = (visitor.clone(), paths.clone());
    let figures = load(1, FEEDS * EACH, move |_, time| {
        let (session, path) = (session.clone(), all[time % FEEDS].clone());
        async move { session.page(&path).await }
    })
    .await?;
    println!("  whole                      {figures}");
    let mut marks = Vec::new();
    for path in &paths {
        marks.push((path.clone(), visitor.get(path, "identity").await?.header(http::header::ETAG).to_owned()));
    }
    let figures = load(1, FEEDS * (EACH - 1), move |_, time| {
        let (session, (path, mark)) = (visitor.clone(), marks[time % FEEDS].clone());
        async move {
            let answer = session.get_if(&path, &mark).await?;
            ensure!(answer.status == StatusCode::NOT_MODIFIED, "an unchanged feed was answered with {}", answer.status);
            Ok(())
        }
    })
    .await?;
    println!("  unchanged, 304             {figures}");
    Ok(())
}
