//! The same again with 1,000,000 appointments of 20,000 clients stored.

use crate::site::Site;
use crate::{bookings, calendar, feed, free_times, portal};
use std::time::Instant;

/// Clients and practitioners of their own; an hour each, four a day of every practitioner, nine in
/// ten of them past. No trigger and no exclusion constraint looks at each row while they are
/// written: what is written here overlaps nowhere.
const ROWS: [&str; 5] = [
    "insert into client (id, kind, code, first_name, last_name, zone, email)
     select md5('million ' || n)::uuid, 'individual', 'M' || n, 'Stored', 'Number ' || n, 'America/Toronto', 'stored' || n || '@example.com'
       from generate_series(0, 19999) n",
    "insert into staff_member (id, first_name, last_name, email, roles)
     select md5('million staff ' || n)::uuid, 'Stored', 'Practitioner ' || n, 'stored' || n || '@practice.example', '{practitioner}'
       from generate_series(0, 49) n",
    "set session_replication_role = replica",
    "insert into appointment (id, service_id, practitioner_id, location_id, starts_at, ends_at, starts_local, zone, tzdb,
                              buffer_minutes, price_cents, request_key, booked_by)
     select md5('million at ' || n)::uuid, v.id, md5('million staff ' || n % 50)::uuid, l.id, w.starts, w.starts + interval '1 hour',
            w.starts at time zone 'America/Toronto', 'America/Toronto', 'bench', 0, 0, md5('million key ' || n)::uuid, l.id
       from generate_series(0, 999999) n
      cross join lateral (select date_trunc('hour', now()) + (n / 50 - 18000) * interval '6 hours' as starts) w
      cross join (select id from service order by name limit 1) v
      cross join (select id from location order by name limit 1) l",
    "insert into appointment_participant (id, appointment_id, client_id, starts_at, ends_at, blocks, booked_by)
     select md5('million part ' || n)::uuid, a.id, md5('million ' || n % 20000)::uuid, a.starts_at, a.ends_at, a.blocks, a.booked_by
       from generate_series(0, 999999) n join appointment a on a.id = md5('million at ' || n)::uuid",
];

const CONSTRAINTS: &str = "
    select format('alter table %s drop constraint %I', conrelid::regclass, conname),
           format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
      from pg_constraint where contype = 'x' and conrelid in ('appointment'::regclass, 'appointment_participant'::regclass)";

pub async fn run(postgres: &str) -> anyhow::Result<()> {
    let mut site = Site::start(postgres, "million").await?;
    let began = Instant::now();
    fill(&site).await?;
    println!("1,000,000 appointments stored in {} s", began.elapsed().as_secs());
    free_times::measure(&site.url, &site.pool).await?;
    portal::measure(&site).await?;
    calendar::measure(&site).await?;
    feed::measure(&site).await?;
    println!("  the server's peak memory    {}", site.memory("VmHWM"));
    bookings::measure(&mut site).await?;
    site.stop().await
}

async fn fill(site: &Site) -> anyhow::Result<()> {
    let mut conn = site.pool.acquire().await?.detach();
    let constraints: Vec<(String, String)> = sqlx::query_as(CONSTRAINTS).fetch_all(&mut conn).await?;
    for (drop, _) in &constraints {
        sqlx::raw_sql(sqlx::AssertSqlSafe(drop.as_str())).execute(&mut conn).await?;
    }
    for sql in ROWS {
        sqlx::raw_sql(sql).execute(&mut conn).await?;
    }
    for (_, add) in &constraints {
        sqlx::raw_sql(sqlx::AssertSqlSafe(add.as_str())).execute(&mut conn).await?;
    }
    sqlx::raw_sql("vacuum analyze").execute(&mut conn).await?;
    Ok(())
}
