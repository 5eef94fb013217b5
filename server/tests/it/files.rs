//! Files as browsers send and get them, without JavaScript.

use crate::authorization::world::World;
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use db::PgPool;
use sqlx::query_scalar;
use testkit::Answer;

const ATTACH: &str = "/fn/documents/attach";
const NEW: &str = "_page=/clients/{mia}/documents/new?attach=1&number={mia}&form[title]=Scan of 2026\
    &form[request_key]=00000000-0000-7000-8000-000000008498";
const SEND: &str = "_page=/my/requests/{asked_file}&id={asked_file}";

fn header(answer: &Answer, name: axum::http::HeaderName) -> &str {
    answer.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

async fn files(world: &World) -> i64 {
    query_scalar("select count(*) from file").fetch_one(&world.pool).await.unwrap()
}

#[testkit::test]
async fn a_file_is_attached_and_comes_back_as_a_download_that_runs_nothing(pool: PgPool) {
    let world = World::new(&pool).await;
    // Whatever the browser calls it.
    let name = "../../\"><script>alert(1)</script>\r\nX-Evil: 1.html";
    let pdf = b"%PDF-1.7\n\xff\x00 <script>alert(2)</script>";
    let answer = world.upload("assigned", ATTACH, NEW, &[(name, pdf)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = answer.location().split('?').next().unwrap().to_owned();
    let page = world.get("assigned", &page).await;
    assert!(page.body.contains("Scan of 2026") && !page.body.contains("alert(1)"), "{}", page.body);
    let href = page.body.split("href=\"/files/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let file = world.get("assigned", &format!("/files/{href}")).await;
    assert_eq!(file.status, StatusCode::OK);
    assert_eq!(header(&file, CONTENT_TYPE), "application/pdf");
    assert_eq!(header(&file, X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(header(&file, CACHE_CONTROL), "private, no-store");
    assert!(header(&file, CONTENT_SECURITY_POLICY).contains("sandbox"));
    let given = header(&file, CONTENT_DISPOSITION);
    let generated = given.strip_prefix("attachment; filename=\"file-").unwrap().strip_suffix(".pdf\"").unwrap();
    assert!(generated.chars().all(|c| c.is_ascii_hexdigit() || c == '-'), "{given}");
    assert!(!file.headers.contains_key("x-evil"));
    let stored: Vec<u8> = query_scalar("select bytes from file_content where file_id = $1::text::uuid")
        .bind(&href)
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(stored, pdf);
    for other in ["mia", "granted", "unassigned"] {
        assert_eq!(world.get(other, &format!("/files/{href}")).await.status, StatusCode::NOT_FOUND, "{other}");
    }
    assert!(world.get("", &format!("/files/{href}")).await.location().starts_with("/login?next=%2Ffiles%2F"));
}

#[testkit::test]
async fn a_file_that_is_refused_says_so_at_its_field_and_loses_nothing_typed(pool: PgPool) {
    let world = World::new(&pool).await;
    let before = files(&world).await;
    let large = [b"%PDF-1.7".to_vec(), vec![b' '; 10 << 20]].concat();
    let larger = [b"%PDF-1.7".to_vec(), vec![b' '; 25 << 20]].concat();
    for (file, words) in [
        (&b"<html><script>alert(1)</script>"[..], "Choose a PDF, PNG or JPEG file."),
        (&b"\xff\xd8\xff"[..], "Choose a PDF, PNG or JPEG file."),
        (&large[..], "Choose a file of at most 10 MB."),
        (&larger[..], "Choose a file of at most 10 MB."),
        (&b""[..], "Choose a file."),
    ] {
        let answer = world.upload("assigned", ATTACH, NEW, &[("report.pdf", file)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{words}: {}", answer.body);
        assert!(answer.body.contains("id=\"f-file-error\"") && answer.body.contains(words), "{words}: {}", answer.body);
        assert!(answer.body.contains("value=\"Scan of 2026\""), "{words}: the title is lost");
    }
    let untitled = NEW.replace("Scan of 2026", " ");
    let answer = world.upload("assigned", ATTACH, &untitled, &[]).await;
    for error in ["id=\"f-title-error\"", "id=\"f-file-error\""] {
        assert!(answer.body.contains(error), "{error}");
    }
    assert_eq!(files(&world).await, before);
}

#[testkit::test]
async fn a_client_sends_several_files_and_staff_download_them(pool: PgPool) {
    let world = World::new(&pool).await;
    let png = [&b"\x89PNG\r\n\x1a\n"[..], b"\0\0\0\x04tEXtHOME", b"crc4", b"\0\0\0\0IENDcrc4"].concat();
    let page = world.get("granted", "/my/requests/{asked_file}").await;
    assert!(page.body.contains("multipart/form-data") && page.body.contains("multiple"), "{}", page.body);
    let none = world.upload("granted", "/fn/requests/send_files", SEND, &[("", b"")]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.body.contains("Choose at least one file."));
    let many: Vec<(&str, &[u8])> = vec![("a.pdf", b"%PDF-1"); 6];
    let many = world.upload("granted", "/fn/requests/send_files", SEND, &many).await;
    assert!(many.body.contains("Choose at most 5 files."), "{}", many.body);
    let sent =
        world.upload("granted", "/fn/requests/send_files", SEND, &[("a.pdf", b"%PDF-1 a"), ("b.png", &png)]).await;
    assert_eq!((sent.status, sent.location()), (StatusCode::SEE_OTHER, "/my/requests?done=files-sent"));
    let again = world.upload("granted", "/fn/requests/send_files", SEND, &[("a.pdf", b"%PDF-1 a")]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "twice is as once");
    let late = world.upload("mia", "/fn/requests/send_files", SEND, &[("a.pdf", b"%PDF-1 a")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    let page = world.get("assigned", "/requests/{asked_file}").await;
    let links: Vec<_> =
        page.body.split("href=\"/files/").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
    assert_eq!(links.len(), 2, "{}", page.body);
    let picture = world.get("assigned", &format!("/files/{}", links[1])).await;
    assert_eq!(header(&picture, CONTENT_TYPE), "image/png");
    assert!(!picture.body.contains("HOME"), "what a program noted is left out");
}

/// Another site's page posts nothing here in someone's name.
#[testkit::test]
async fn no_other_site_sends_files_in_someones_name(pool: PgPool) {
    let world = World::new(&pool).await;
    let before = files(&world).await;
    let answer =
        world.upload_from("granted", "/fn/requests/send_files", SEND, &[("a.pdf", b"%PDF-1")], "cross-site").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(files(&world).await, before);
}
