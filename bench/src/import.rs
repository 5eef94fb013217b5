//! Clients from a file of 100,000 rows: uploaded, checked, imported.

use crate::http::Session;
use crate::site::Site;
use anyhow::{Context, bail, ensure};
use http::StatusCode;
use std::time::{Duration, Instant};

const ROWS: usize = 100_000;

pub async fn run(postgres: &str) -> anyhow::Result<()> {
    let site = Site::start(postgres, "import").await?;
    let desk = Session::log_in(&site.base, "staff@demo.test").await?;
    let idle = site.memory("VmRSS");
    let file = file();
    println!("  the file                   {ROWS} rows, {:.1} MB", file.len() as f64 / 1e6);

    let asked = Instant::now();
    let key = db::new_id().to_string();
    let answer = desk.upload("/fn/import/upload", &key, &file).await?;
    ensure!(answer.status == StatusCode::SEE_OTHER, "upload: {}", answer.status);
    let page = answer.location().to_owned();
    let uploaded = asked.elapsed();
    println!("  upload                     {:.1} s", uploaded.as_secs_f64());

    let id = page.rsplit('/').next().unwrap_or_default().to_owned();
    let columns = ["first_name", "last_name", "birth_date", "email", "mobile", "tags", "phone"];
    let mut fields = vec![("id".to_owned(), id.clone()), ("_page".to_owned(), page.clone())];
    fields.extend(columns.iter().enumerate().map(|(n, word)| (format!("form[columns][{n}]"), (*word).to_owned())));
    fields
        .extend([("form[version]".to_owned(), "1".to_owned()), ("form[email_consent]".to_owned(), "true".to_owned())]);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let checked = post(&site, &desk, "/fn/import/map", &fields, &page, "checked").await?;
    println!("  dry run                    {:.1} s", checked.as_secs_f64());
    let fields = [("id", id.as_str()), ("_page", page.as_str()), ("form[sure]", "1")];
    let imported = post(&site, &desk, "/fn/import/start", &fields, &page, "done").await?;
    println!("  import, one transaction    {:.1} s", imported.as_secs_f64());
    println!("  together                   {:.1} s", (uploaded + checked + imported).as_secs_f64());
    println!("  the server's memory, peak  {} (idle before: {idle})", site.memory("VmHWM"));
    let fields = [("id", id.as_str()), ("_page", page.as_str())];
    let undone = post(&site, &desk, "/fn/import/undo", &fields, &page, "undone").await?;
    println!("  undoing it                 {:.1} s", undone.as_secs_f64());
    site.stop().await
}

/// Posts, and waits until the import is in this state.
async fn post(
    site: &Site,
    desk: &Session,
    path: &str,
    fields: &[(&str, &str)],
    page: &str,
    state: &str,
) -> anyhow::Result<Duration> {
    let asked = Instant::now();
    let answer = desk.post(path, fields).await?;
    ensure!(answer.status == StatusCode::SEE_OTHER, "{path}: {} {}", answer.status, answer.text());
    loop {
        let now: (String, String) = sqlx::query_as("select state, trouble from import").fetch_one(&site.pool).await?;
        if now.0 == state {
            return Ok(asked.elapsed());
        }
        if !now.1.is_empty() {
            bail!("it ended without success: {} {}", now.0, now.1);
        }
        // Someone watches it.
        desk.page(page).await.context("the progress")?;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn file() -> Vec<u8> {
    let firsts =
        ["Anna", "Mia", "Leo", "Zoé", "Minh", "Harpreet", "Elena", "Keiko", "Layla", "Kwame", "Carmen", "River"];
    let lasts = [
        "Okafor",
        "Tremblay",
        "Nguyen",
        "Singh",
        "Moretti",
        "Nakamura",
        "Al-Masri",
        "Kowalczyk",
        "Hernández",
        "Larsen",
        "Cohen",
    ];
    let mut file = String::from("First name,Last name,Date of birth,E-mail,Mobile,Tags,Home phone\r\n");
    for n in 0..ROWS {
        let (first, last) = (firsts[n % firsts.len()], lasts[n / 7 % lasts.len()]);
        let (year, month, day) = (1940 + n % 80, 1 + n / 80 % 12, 1 + n / 960 % 28);
        file += &format!(
            "{first},{last},{year}-{month:02}-{day:02},person{n}@example.com,416 5{:02} {:04},\"Group {}\",905 5{:02} {:04}\r\n",
            n / 10_000,
            n % 10_000,
            n % 20,
            n / 10_000,
            n % 10_000
        );
    }
    file.into_bytes()
}
