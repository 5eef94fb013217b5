//! A million clients: search as one types, names with a typo, and the list page
//! by page. `KINDRED_BENCH_CLIENTS` makes it fewer, to try.

use crate::figures::{Figures, load};
use crate::http::Session;
use crate::site::Site;
use anyhow::{Context, ensure};
use db::PgPool;
use shared::clients::PickerRow;
use std::sync::Arc;
use std::time::Instant;
use testkit::{Dice, typos::with_typo};

pub mod seed;

const CLIENTS: i32 = 1_000_000;
const CONNECTIONS: usize = 8;
const TIMES: usize = 250;
/// Misspelt names whose people must be among the first five found.
const SLIPS: usize = 2_000;
const PAGES: usize = 10_000;

pub async fn run(postgres: &str) -> anyhow::Result<()> {
    let clients = match std::env::var("KINDRED_BENCH_CLIENTS") {
        Ok(number) => number.parse().context("KINDRED_BENCH_CLIENTS is a number")?,
        Err(_) => CLIENTS,
    };
    let site = Site::start(postgres, "clients").await?;
    let started = Instant::now();
    seed::clients(&site.pool, clients).await?;
    println!("{clients} clients were made and indexed in {:.0} s", started.elapsed().as_secs_f32());
    let tag = seed::tag(&site.pool).await?;
    seed::assign(&site.pool, "practitioner@demo.test", 200).await?;
    sizes(&site.pool).await?;

    let samples = samples(&site.pool).await?;
    let desk = Session::log_in(&site.base, "staff@demo.test").await?;
    let practitioner = Session::log_in(&site.base, "practitioner@demo.test").await?;
    println!(
        "As one types: what the list asks for with each letter, {CONNECTIONS} connections kept alive, whole answer:"
    );
    for (who, session) in [("staff", &desk), ("practitioner of 200", &practitioner)] {
        for (name, asked) in &samples {
            measure(&format!("{who}, {name}"), session, asked.iter().map(|q| typed(q, ""))).await?;
        }
    }
    let first = samples.iter().flat_map(|(_, asked)| asked).take(80);
    let filtered = first.map(|q| typed(q, &format!("&tag={tag}&status=active")));
    measure("staff, of a tag and a status", &desk, filtered).await?;
    measure("staff, a tag alone", &desk, [format!("/clients?tag={tag}"), format!("/clients?tag={tag}&status=active")])
        .await?;
    measure("staff, the first page", &desk, ["/clients".to_owned(), "/clients?status=inactive".to_owned()]).await?;
    let everything = || samples.iter().flat_map(|(_, asked)| asked);
    let picker = everything().map(|q| format!("/fn/clients/search?q={}", encoded(q)));
    measure("staff, in a picker", &desk, picker).await?;
    let whole = everything().map(|q| format!("/clients?q={}", encoded(q)));
    measure("staff, whole pages of all these", &desk, whole).await?;

    recall(&site.pool, &desk).await?;
    pages(&desk).await?;
    println!("  memory of the server       {}, peak {}", site.memory("VmRSS"), site.memory("VmHWM"));
    site.stop().await
}

/// What the list asks for as one types.
fn typed(q: &str, filters: &str) -> String {
    format!("/fn/clients/results?q={}{filters}", encoded(q))
}

async fn measure(name: &str, session: &Session, paths: impl IntoIterator<Item = String>) -> anyhow::Result<()> {
    let paths: Arc<Vec<String>> = Arc::new(paths.into_iter().collect());
    let work = {
        let (session, paths) = (session.clone(), paths.clone());
        move |connection: usize, time: usize| {
            let (session, paths) = (session.clone(), paths.clone());
            async move {
                let path = &paths[(connection * 31 + time) % paths.len()];
                if path.starts_with("/fn/") { session.data(path).await.map(drop) } else { session.page(path).await }
            }
        }
    };
    load(CONNECTIONS, 10, work.clone()).await?;
    println!("  {name:<38} {}", load(CONNECTIONS, TIMES, work).await?);
    Ok(())
}

/// What is typed, by its kind, from the records of some.
async fn samples(pool: &PgPool) -> anyhow::Result<Vec<(&'static str, Vec<String>)>> {
    let mut dice = Dice::new(7);
    let people = people(pool, 100).await?;
    let keys: Vec<(String, String)> = sqlx::query_as(
        "select email::text, right(regexp_replace(mobile, '[^0-9]', '', 'g'), 10) from client
          where email is not null and mobile is not null and number % 9973 = 0 order by number limit 100",
    )
    .fetch_all(pool)
    .await?;
    let start = |text: &str, length: usize| text.chars().take(length).collect::<String>();
    let typed = |name: &String| [1, 2, 3, 4].map(|length| start(name, length));
    let two = |name: &String| {
        let (first, last) = name.split_once(' ').unwrap_or((name, ""));
        format!("{first} {}", start(last, 3))
    };
    Ok(vec![
        ("first letters", people.iter().take(25).flat_map(typed).collect()),
        ("a first name and three letters", people.iter().map(two).collect()),
        ("a name with a typo", people.iter().filter_map(|name| with_typo(name, &mut dice)).collect()),
        ("an email with a typo", keys.iter().filter_map(|(email, _)| with_typo(email, &mut dice)).collect()),
        ("an e-mail", keys.iter().flat_map(|(email, _)| [start(email, 6), email.clone()]).collect()),
        (
            "digits of a telephone",
            keys.iter().flat_map(|(_, digits)| [start(digits, 6), digits[3..].to_owned()]).collect(),
        ),
    ])
}

/// Names as they are shown.
async fn people(pool: &PgPool, count: usize) -> anyhow::Result<Vec<String>> {
    let sql = "select first_name || ' ' || last_name from client
                where kind = 'individual' and preferred_name = '' and status = 'active'
                order by hashint8(number), number limit $1";
    Ok(sqlx::query_scalar(sql).bind(count as i64).fetch_all(pool).await?)
}

/// How many of the names with a typo are among the first five. A typo that makes
/// another person's very name is none.
async fn recall(pool: &PgPool, desk: &Session) -> anyhow::Result<()> {
    let (mut dice, mut asked, mut found, mut missed) = (Dice::new(11), 0, 0, Vec::new());
    let mut each = Vec::new();
    let started = Instant::now();
    for name in people(pool, SLIPS * 2).await? {
        let Some(typo) = with_typo(&name, &mut dice).filter(|typo| *typo != name.to_lowercase()) else { continue };
        let sql = "select exists (
            select from search_words($1) w (typed), client_search s
             where s.line >= ' ' || array_to_string(typed[2:] || typed[1], ' ') || ' '
               and s.line < search_end(' ' || array_to_string(typed[2:] || typed[1], ' ') || ' '))";
        if sqlx::query_scalar(sql).bind(&typo).fetch_one(pool).await? {
            continue;
        }
        asked += 1;
        let since = Instant::now();
        let answer = desk.data(&format!("/fn/clients/search?q={}", encoded(&typo))).await?;
        each.push(since.elapsed());
        let rows: Vec<PickerRow> = serde_json::from_slice(&answer.body)?;
        // Anyone who prefers another name is shown by it.
        let numbers: Vec<i64> = rows.iter().take(5).filter_map(|row| row.number.parse().ok()).collect();
        let sql = "select exists (select from client where number = any ($1) and first_name || ' ' || last_name = $2)";
        if sqlx::query_scalar(sql).bind(numbers).bind(&name).fetch_one(pool).await? {
            found += 1;
        } else if missed.len() < 12 {
            missed.push(format!("{typo} ({name})"));
        }
        if asked == SLIPS {
            break;
        }
    }
    let percent = 100.0 * f64::from(found) / asked as f64;
    println!("  recall of the first five   {percent:.2} % of {asked} names with a typo, one after another:");
    println!("  {:<38} {}", "", Figures::new(each, started.elapsed()));
    println!("  missed, for example        {}", missed.join(", "));
    Ok(())
}

/// From page to page, as a browser without JavaScript follows "Next".
async fn pages(desk: &Session) -> anyhow::Result<()> {
    let (mut path, mut each, started) = ("/clients".to_owned(), Vec::new(), Instant::now());
    while each.len() < PAGES {
        let since = Instant::now();
        let answer = desk.get(&path, "identity").await?;
        each.push(since.elapsed());
        ensure!(answer.status == 200, "{path}: {}", answer.status);
        let page = answer.text();
        let Some(end) = page.find("rel=\"next\"") else { break };
        let link = page[..end].rfind("href=\"").map(|at| &page[at + 6..end]).unwrap_or_default();
        path = link.split('"').next().unwrap_or_default().replace("&amp;", "&");
    }
    let (count, last) = (each.len(), each.last().copied().unwrap_or_default());
    println!("  page by page to the {count}th: {}", Figures::new(each, started.elapsed()));
    println!("  the last of them           {:.2} ms", last.as_secs_f64() * 1000.0);
    Ok(())
}

async fn sizes(pool: &PgPool) -> anyhow::Result<()> {
    let sql = "select string_agg(relname || ' ' || pg_size_pretty(pg_total_relation_size(oid)), ', ' order by relname)
                 from pg_class where relname in ('client', 'client_search', 'client_word', 'client_key', 'client_misspelling')";
    println!("  on disk                    {}", sqlx::query_scalar::<_, String>(sql).fetch_one(pool).await?);
    Ok(())
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
