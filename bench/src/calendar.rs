//! The week of fifteen practitioners with three hundred appointments: how long the page takes and
//! how large it is.

use crate::figures::load;
use crate::http::Session;
use crate::site::Site;
use anyhow::ensure;
use http::StatusCode;

const PRACTITIONERS: i32 = 15;
/// Of each practitioner on each of five days.
const A_DAY: i32 = 4;
const TIMES: usize = 400;

pub async fn run(postgres: &str) -> anyhow::Result<()> {
    let site = Site::start(postgres, "calendar").await?;
    measure(&site).await?;
    site.stop().await
}

pub async fn measure(site: &Site) -> anyhow::Result<()> {
    for sql in ROWS {
        sqlx::query(sql).bind(PRACTITIONERS).bind(A_DAY).execute(&site.pool).await?;
    }
    sqlx::query("analyze").execute(&site.pool).await?;
    let desk = Session::log_in(&site.base, "staff@demo.test").await?;
    println!("{} appointments of {PRACTITIONERS} practitioners in a week far ahead:", PRACTITIONERS * A_DAY * 5);
    for (name, path) in [
        ("week", "/calendar?view=week&date=2030-06-05"),
        ("day", "/calendar?date=2030-06-05"),
        ("list of a day", "/calendar?view=list&date=2030-06-05"),
        ("month", "/calendar?view=month&date=2030-06-05"),
        ("agenda", "/calendar?view=agenda&date=2030-06-03"),
    ] {
        let plain = desk.get(path, "identity").await?;
        let small = desk.get(path, "br").await?;
        ensure!(plain.status == StatusCode::OK && small.encoding() == "br", "{path}: {}", plain.status);
        for connections in [1, 8] {
            let session = desk.clone();
            let figures = load(connections, TIMES / connections, move |_, _| {
                let session = session.clone();
                async move { session.page(path).await }
            })
            .await?;
            println!("  {name:14} {connections} at a time   {figures}");
        }
        println!("  {name:14} {} bytes, {} by brotli", plain.body.len(), small.body.len());
    }
    Ok(())
}

/// Practitioners, their hours, and what they have booked; `$1` practitioners, `$2` a day.
const ROWS: [&str; 5] = [
    "insert into staff_member (id, first_name, last_name, email, roles)
     select gen_random_uuid(), 'Bench', 'Practitioner ' || n, 'bench' || n || '@example.com', '{practitioner}'
       from generate_series(1, $1::int) n where $2::int > 0",
    "insert into weekly_hours (id, practitioner_id, location_id, weekday, starts, ends)
     select gen_random_uuid(), m.id, (select id from location limit 1), d, 480, 1020
       from staff_member m, generate_series(1, 5) d where m.first_name = 'Bench' and $1::int > 0 and $2::int > 0",
    "insert into client (id, kind, code, first_name, last_name, zone)
     select gen_random_uuid(), 'individual', 'W' || n, 'Person', 'Number ' || n, 'America/Toronto'
       from generate_series(1, $1::int * $2::int * 5) n",
    "insert into appointment (id, service_id, practitioner_id, location_id, starts_at, ends_at, starts_local, zone, tzdb,
                              buffer_minutes, price_cents, request_key, booked_by)
     select md5('bench ' || n)::uuid, s.id, p.id, (select id from location limit 1), w.starts, w.starts + interval '50 minutes',
            timestamp '2030-06-03 08:00' + (w.starts - timestamptz '2030-06-03 12:00Z'), 'America/Toronto', 'bench',
            10, 0, gen_random_uuid(), p.id
       from generate_series(0, $1::int * $2::int * 5 - 1) n
       join (select id, row_number() over (order by id) - 1 as nth from staff_member where first_name = 'Bench') p on p.nth = n % $1::int
       cross join (select id from service order by name limit 1) s
       cross join lateral (select timestamptz '2030-06-03 12:00Z' + make_interval(days => n / $1::int / $2::int, mins => (n / $1::int % $2::int) * 120 + n % 3 * 15) as starts) w",
    "insert into appointment_participant (id, appointment_id, client_id, starts_at, ends_at, blocks, booked_by)
     select gen_random_uuid(), a.id, c.id, a.starts_at, a.ends_at, a.blocks, a.booked_by
       from generate_series(0, $1::int * $2::int * 5 - 1) n
       join appointment a on a.id = md5('bench ' || n)::uuid join client c on c.code = 'W' || (n + 1)",
];
