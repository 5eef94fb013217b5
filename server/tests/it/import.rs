//! Uploading files as browsers do, and what is not a file of ours.

use crate::support::site;
use axum::Router;
use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE, COOKIE};
use axum::http::{Method, Request, StatusCode};
use db::PgPool;
use http_body_util::BodyExt;
use testkit::{Answer, Demo, Dice, Session, on_threads, rounds, seed};
use tower::ServiceExt;

const UPLOAD: &str = "/fn/import/upload";
const EDGE: &str = "----edge";

/// The form, as a browser sends it.
fn body(key: &str, file: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{EDGE}\r\nContent-Disposition: form-data; name=\"request_key\"\r\n\r\n{key}\r\n\
         --{EDGE}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\people.csv\"\r\n\
         Content-Type: text/csv\r\n\r\n"
    );
    [head.as_bytes(), file, format!("\r\n--{EDGE}--\r\n").as_bytes()].concat()
}

async fn send(site: &Router, cookie: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(UPLOAD)
        .header(ACCEPT, "text/html")
        .header(CONTENT_TYPE, format!("multipart/form-data; boundary={EDGE}"))
        .header(COOKIE, cookie);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = site.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
}

struct Desk {
    site: Router,
    session: Session<Router>,
}

impl Desk {
    async fn open(pool: &PgPool, username: &str) -> Desk {
        let site = site(pool.clone());
        let session = Session::log_in(&site, "", username).await;
        Desk { site, session }
    }

    async fn upload(&self, file: &[u8]) -> Answer {
        let key = db::new_id().to_string();
        send(&self.site, &self.session.cookie, &[("sec-fetch-site", "same-origin")], body(&key, file)).await
    }
}

async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

#[testkit::test]
async fn files_of_every_encoding_arrive(pool: PgPool) {
    Demo::load(&pool).await;
    let desk = Desk::open(&pool, "staff@demo.test").await;
    let utf16: Vec<u8> = "\u{feff}Name;Ort\nZoé;Köln\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (file, words) in [
        (&b"Name;Ort\nZo\xe9;K\xf6ln\n"[..], "It was read as Windows-1252"),
        ("\u{feff}Name;Ort\r\nZoé;Köln\r\n".as_bytes(), "Columns of the file"),
        (&utf16, "Columns of the file"),
    ] {
        let answer = desk.upload(file).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let page = desk.session.get(answer.location()).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains(words) && page.body.contains("Zoé") && page.body.contains("Köln"));
        assert!(page.body.contains("people.csv") && !page.body.contains("C:\\"));
    }
}

#[testkit::test]
async fn what_cannot_be_read_is_refused_with_words_and_leaves_nothing(pool: PgPool) {
    Demo::load(&pool).await;
    let desk = Desk::open(&pool, "staff@demo.test").await;
    let long_cell = [b"Name,Note\nMia,".as_slice(), &vec![b'x'; 10 << 20], b"\n"].concat();
    let too_large = b"Name,Note\nMia,x\n".repeat((65 << 20) / 16);
    let many = format!("Name\n{}", "Mia\n".repeat(200_001));
    let wide = ",".repeat(300);
    // Of a hundred thousand rows one of the last has a quotation mark that nothing closes.
    let broken: String = (2..100_002)
        .map(|line| if line == 99_992 { "Mia,\"open\n".to_owned() } else { format!("Mia,\"a\"\"{line}\"\n") })
        .collect();
    let broken = format!("Name,Note\n{broken}");
    let cases: [(&[u8], StatusCode, &str); 10] = [
        (broken.as_bytes(), StatusCode::UNPROCESSABLE_ENTITY, "Line 99992: a cell begins with a quotation mark"),
        (b"", StatusCode::UNPROCESSABLE_ENTITY, "The file is empty."),
        (b"Name\n", StatusCode::UNPROCESSABLE_ENTITY, "no rows beneath"),
        (b"Name\n\"Mia\nLeo\n", StatusCode::UNPROCESSABLE_ENTITY, "Line 2: a cell begins with a quotation mark"),
        (&long_cell, StatusCode::UNPROCESSABLE_ENTITY, "Line 2: the cell in column 2 is longer"),
        (b"PK\x03\x04 a spreadsheet", StatusCode::UNPROCESSABLE_ENTITY, "This is a spreadsheet"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", StatusCode::UNPROCESSABLE_ENTITY, "This is not a text file"),
        (many.as_bytes(), StatusCode::UNPROCESSABLE_ENTITY, "more than 200000 rows"),
        (wide.as_bytes(), StatusCode::UNPROCESSABLE_ENTITY, "more than 250 columns"),
        (&too_large, StatusCode::PAYLOAD_TOO_LARGE, "larger than 64 MB"),
    ];
    for (file, status, words) in cases {
        let answer = desk.upload(file).await;
        assert_eq!(answer.status, status, "{words}");
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
    }
    for malformed in [b"".to_vec(), b"no form".to_vec(), body("not a key", b"Name\nMia\n"), body("", b"Name\nMia\n")] {
        let answer = send(&desk.site, &desk.session.cookie, &[("sec-fetch-site", "same-origin")], malformed).await;
        assert!(answer.status.is_client_error(), "{}", answer.status);
    }
    assert_eq!(count(&pool, "select count(*) from import").await, 0);
    assert_eq!(count(&pool, "select count(*) from import_row").await, 0);
}

#[testkit::test]
async fn only_the_front_desk_and_only_from_our_own_pages(pool: PgPool) {
    Demo::load(&pool).await;
    let file = b"Name\nMia\n";
    for (username, status) in [
        ("practitioner@demo.test", StatusCode::FORBIDDEN),
        ("parent@demo.test", StatusCode::NOT_FOUND),
        ("staff@demo.test", StatusCode::SEE_OTHER),
        ("admin@demo.test", StatusCode::SEE_OTHER),
    ] {
        assert_eq!(Desk::open(&pool, username).await.upload(file).await.status, status, "{username}");
    }
    let desk = Desk::open(&pool, "staff@demo.test").await;
    let key = db::new_id().to_string();
    let nobody = send(&desk.site, "", &[("sec-fetch-site", "same-origin")], body(&key, file)).await;
    assert!(nobody.location().starts_with("/login"), "{}", nobody.status);
    for foreign in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.test")] {
        let headers = [foreign, ("host", "kindred.test")];
        let answer = send(&desk.site, &desk.session.cookie, &headers, body(&key, file)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{foreign:?}");
    }
    assert_eq!(count(&pool, "select count(*) from import").await, 2);
}

#[testkit::test]
async fn a_double_submit_is_one_upload(pool: PgPool) {
    Demo::load(&pool).await;
    on_threads(&pool, |pool| async move {
        let desk = Desk::open(&pool, "staff@demo.test").await;
        let key = db::new_id().to_string();
        let file = format!("Name\n{}", "Mia\n".repeat(5_000));
        let submit = || {
            send(&desk.site, &desk.session.cookie, &[("sec-fetch-site", "same-origin")], body(&key, file.as_bytes()))
        };
        let (one, other) = tokio::join!(submit(), submit());
        assert_eq!((one.status, other.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
        assert_eq!(one.location(), other.location());
        assert_eq!(count(&pool, "select count(*) from import").await, 1);
        assert_eq!(count(&pool, "select count(*) from import_row").await, 5_000);
    })
    .await;
}

#[testkit::test]
async fn the_rows_with_problems_come_back_as_a_harmless_file(pool: PgPool) {
    Demo::load(&pool).await;
    let desk = Desk::open(&pool, "staff@demo.test").await;
    let file =
        b"First name,E-mail,=Note\nMia,=cmd(),\"a \"\"b\"\"\"\nLeo,leo@example.com,'+1\nleo,leo@example.com,=1+1\n";
    let page = desk.upload(file).await.location().to_owned();
    let id = page.rsplit('/').next().unwrap();
    let fields = [
        ("_page", page.as_str()),
        ("id", id),
        ("form[columns][0]", "first_name"),
        ("form[columns][1]", "email"),
        ("form[columns][2]", "notes"),
        ("form[version]", "1"),
    ];
    assert_eq!(desk.session.post("/fn/import/map", &fields).await.status, StatusCode::SEE_OTHER);
    while db::import::work(&pool).await.unwrap() {}
    let answer = desk.session.get(&format!("{page}/rows.csv?rows=bad")).await;
    assert!(answer.headers[CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment"));
    assert_eq!(
        answer.body,
        "\u{feff}First name,E-mail,'=Note,Problem\r\nMia,'=cmd(),\"a \"\"b\"\"\",Line 2. E-mail: Enter an email like \
         name@example.com.\r\n"
    );
    // Those who look alike are a file of their own, and others are none.
    let answer = desk.session.get(&format!("{page}/rows.csv?rows=duplicate")).await;
    assert!(answer.headers[CONTENT_DISPOSITION].to_str().unwrap().contains("likely-duplicates.csv"));
    assert_eq!(
        answer.body,
        "\u{feff}First name,E-mail,'=Note,Looks like\r\nleo,leo@example.com,'=1+1,Line 4. Line 3: the same \
         name. Line 3: the same email address.\r\n"
    );
    for none in ["?rows=ok", "?rows=", ""] {
        assert_eq!(desk.session.get(&format!("{page}/rows.csv{none}")).await.status, StatusCode::NOT_FOUND);
    }
    // The page shows the same, and nothing in it runs.
    let review = desk.session.get(&page).await.body;
    assert!(review.contains("Leave out the 1 row with problems") && review.contains("=cmd()"));
}

/// Files as people have them: text in several encodings, a spreadsheet, and what is none.
fn real_files() -> Vec<Vec<u8>> {
    let table = "First name,Last name,Date of birth,E-mail,Mobile,Parent,Household\r\n\
                 Zoé,\"O'Malley, Jr\",2016-03-31,zoe@example.org,416 555 0100,Ana O’Malley,O'Malley\r\n\
                 Total,,,,,,\r\nMia,\"a \"\"b\"\"\nc\",3/4/2010,mia@bücher.example,1.23457E+15,,\r\n";
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let mut workbook = rust_xlsxwriter::Workbook::new();
    workbook.add_worksheet().write_string(0, 0, "Name").unwrap();
    vec![
        table.into(),
        table.replace(',', "\t").into(),
        table.replace(',', ";").into(),
        format!("\u{feff}{table}").into(),
        utf16(&format!("\u{feff}{table}")),
        utf16(table),
        table.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(0x92)).collect(),
        workbook.save_to_buffer().unwrap(),
        b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\n\0\0\xff".to_vec(),
        b"BEGIN:VCARD\nVERSION:3.0\nN:Okonjo;Mira;;;\nEND:VCARD\n".to_vec(),
        b"<html><body><table><tr><th>First name</th></tr></table></body></html>".to_vec(),
        ",".repeat(8_000).into(),
        "a,\"".repeat(2_000).into(),
        "\"".repeat(8_000).into(),
        "Name\n".repeat(1_500).into(),
    ]
}

fn generated(random: &mut Dice, real: &[Vec<u8>]) -> Vec<u8> {
    let mut file = match random.roll(8) {
        0 => random.bytes(8_000),
        1 => {
            let signs = [
                "\"", ",", ";", "\t", "\n", "\r\n", "\0", "Name", "é", "1", "\u{fffd}", "\u{202e}", "'=", "#REF!",
                "Total",
            ];
            let many = random.roll(1_200);
            (0..many).flat_map(|_| signs[random.roll(signs.len())].bytes()).collect()
        }
        _ => real[random.roll(real.len())].clone(),
    };
    for _ in 0..random.roll(6) {
        let at = random.roll(file.len() + 1);
        match random.roll(5) {
            0 => file.truncate(at),
            1 => file.insert(at, random.roll(256) as u8),
            2 => file.splice(at..at, random.bytes(60)).for_each(drop),
            3 => file.splice(at..at, std::iter::repeat_n(b'"', random.roll(300))).for_each(drop),
            _ => {
                let end = (at + random.roll(400)).min(file.len());
                let again = file[at..end].to_vec();
                file.splice(at..at, again).for_each(drop);
            }
        }
    }
    file.truncate(8 << 10);
    file
}

/// No panic and no 5xx, from the upload to the review of its rows. `KINDRED_SEED`
/// repeats a run that failed.
#[testkit::test]
async fn a_file_of_any_bytes_ends_in_an_answer(pool: PgPool) {
    Demo::load(&pool).await;
    let seed = seed();
    let mut random = Dice::new(seed);
    let real = real_files();
    let desk = Desk::open(&pool, "staff@demo.test").await;
    let mut taken = 0;
    for index in 0..rounds(500, 20_000) {
        let file = generated(&mut random, &real);
        let answer = desk.upload(&file).await;
        assert!(!answer.status.is_server_error(), "file {index} of seed {seed}: {}", answer.status);
        if answer.status != StatusCode::SEE_OTHER {
            assert!(answer.status.is_client_error() && !answer.body.is_empty(), "file {index} of seed {seed}");
            continue;
        }
        taken += 1;
        // Every fourth is read to its end.
        if taken % 4 != 0 {
            continue;
        }
        let page = answer.location().to_owned();
        let shown = desk.session.get(&page).await;
        assert_eq!(shown.status, StatusCode::OK, "file {index} of seed {seed}");
        let id = page.rsplit('/').next().unwrap();
        let fields = [
            ("_page", page.as_str()),
            ("id", id),
            ("form[columns][0]", "full_name"),
            ("form[columns][1]", "notes"),
            ("form[columns][2]", "birth_date"),
            ("form[email_consent]", "true"),
            ("form[date_format]", "dmy"),
            ("form[version]", "1"),
        ];
        let mapped = desk.session.post("/fn/import/map", &fields).await;
        assert!(!mapped.status.is_server_error(), "file {index} of seed {seed}: {}", mapped.status);
        while db::import::work(&pool).await.unwrap() {}
        let shown = desk.session.get(&page).await;
        assert_eq!(shown.status, StatusCode::OK, "file {index} of seed {seed}");
    }
    assert!(taken > 50, "{taken} of seed {seed} were files at all");
    assert_eq!(count(&pool, "select count(*) from import where trouble = 'failed'").await, 0, "seed {seed}");
}
