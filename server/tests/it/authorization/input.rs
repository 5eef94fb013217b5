//! Bad input by plain form posts: it is refused, shown again as it was typed,
//! and nothing is stored.

use super::table::PAGES;
use super::world::{ACTORS, World};
use axum::http::{Method, StatusCode};
use db::PgPool;
use sqlx::query_scalar;
use testkit::Answer;
use uuid::Uuid;

const CREATE: &str = "/fn/clients/create";
const SCRIPT: &str = "</textarea><script>alert(1)</script>";
const SCRIPT_SHOWN: &str = "&lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;";

/// Posts the create form; what is not in `fields` is as the page has it.
async fn create(world: &World, fields: &[(&str, &str)]) -> Answer {
    let mut all = vec![("_page", "/clients/new"), ("form[zone]", "America/Toronto")];
    all.retain(|(name, _)| fields.iter().all(|(other, _)| name != other));
    all.extend(fields);
    world.session("staff").post(CREATE, &all).await
}

#[testkit::test]
async fn a_refused_client_is_shown_as_typed(pool: PgPool) {
    let world = World::new(&pool).await;
    let before = world.fingerprint().await;
    let long = "x".repeat(10_000);
    let emoji = "🦊👩‍👧".to_owned();
    let notes_too_long = "y".repeat(10_001);
    let ids = [Uuid::nil().to_string(), Uuid::from_u128(7).to_string()];
    // What is typed into which field, and the words that say what is wrong.
    let cases: Vec<(Vec<(&str, &str)>, &str)> = vec![
        (vec![], "Enter first name."),
        (vec![("form[first_name]", " \t ")], "Enter first name."),
        (vec![("form[first_name]", &long)], "at most 80 characters"),
        (vec![("form[last_name]", &long)], "at most 80 characters"),
        (vec![("form[first_name]", "A"), ("form[alert]", &long)], "at most 300 characters"),
        (vec![("form[first_name]", "A"), ("form[notes]", &notes_too_long)], "at most 10000 characters"),
        (vec![("form[first_name]", "A"), ("form[email]", &long)], "Enter an email like name@example.com"),
        (vec![("form[first_name]", "A"), ("form[code]", &long)], "1 to 6 letters and digits"),
        (vec![("form[first_name]", &emoji), ("form[code]", &emoji)], "letters A–Z and digits only"),
        (vec![("form[first_name]", &emoji), ("form[email]", &emoji)], "Enter an email like name@example.com"),
        (
            vec![("form[first_name]", SCRIPT), ("form[notes]", SCRIPT), ("form[code]", "-")],
            "letters A–Z and digits only",
        ),
        (
            vec![("form[last_name]", SCRIPT), ("form[alert]", SCRIPT), ("form[code]", SCRIPT)],
            "letters A–Z and digits only",
        ),
        (vec![("form[first_name]", "A"), ("form[mobile]", SCRIPT)], "Enter a phone number like"),
        (vec![("form[first_name]", "A"), ("form[birth_date]", "2150-01-01")], "date is in the future"),
        (vec![("form[first_name]", "A"), ("form[birth_date]", SCRIPT)], "Enter a date between 1900 and 2199"),
        (vec![("form[first_name]", "A\u{0}B")], "can’t be shown"),
        (vec![("form[first_name]", "A\u{202E}B")], "can’t be shown"),
        (vec![("form[first_name]", "A"), ("form[code]", "mia1")], "already in use"),
        (vec![("form[first_name]", "A"), ("form[zone]", "Atlantis/Capital")], "time zone from the list"),
        (vec![("form[first_name]", "A"), ("form[zone]", &long)], "at most 60 characters"),
        (vec![("form[first_name]", "A"), ("form[status]", "emperor")], "one of the options"),
        (vec![("form[first_name]", "A"), ("form[language]", "tlh")], "one of the options"),
        (vec![("form[first_name]", "A"), ("form[email_consent]", "true")], "Enter an email, or turn off"),
        (vec![("form[first_name]", "A"), ("form[sms_consent]", "true")], "Enter a mobile number, or turn off"),
        (vec![("form[first_name]", "A"), ("form[invite]", "true")], "The link is sent there"),
        (vec![("form[first_name]", "A"), ("form[practitioners][]", &ids[0])], "one of the options"),
        (vec![("form[first_name]", "A"), ("form[practitioners][]", &ids[1])], "one of the options"),
        (vec![("form[first_name]", "A"), ("form[practitioners][]", "nobody")], "one of the options"),
    ];
    for (typed, words) in cases {
        let answer = create(&world, &typed).await;
        let case = typed.iter().map(|(name, value)| format!("{name}={:.40}", value)).collect::<Vec<_>>().join(" ");
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{case}");
        assert!(answer.body.contains(words), "{case}: {words}");
        assert!(!answer.body.contains("<script>alert"), "{case}");
        for (name, value) in typed {
            // What is chosen from a list cannot be shown unless it is in the list.
            let chosen = ["zone", "status", "language", "practitioners", "consent", "invite"]
                .iter()
                .any(|part| name.contains(part));
            let shown = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            assert!(chosen || answer.body.contains(&shown) || value.contains('\0'), "{case}: {name} is lost");
        }
    }
    assert_eq!(world.fingerprint().await, before);
}

#[testkit::test]
async fn a_client_is_stored_as_typed(pool: PgPool) {
    let world = World::new(&pool).await;
    let typed = [
        ("form[first_name]", SCRIPT),
        ("form[last_name]", "🦊 O’Hara & Söhne"),
        ("form[notes]", SCRIPT),
        ("form[code]", "SCRIPT"),
    ];
    let answer = create(&world, &typed).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let profile = answer.location().split('?').next().unwrap();
    let edit = world.get("staff", &format!("{profile}/edit")).await.body;
    let profile = world.get("staff", profile).await.body;
    assert!(profile.contains(SCRIPT_SHOWN) && profile.contains("🦊 O’Hara &amp; Söhne"));
    assert!(edit.contains(&format!("\n{SCRIPT_SHOWN}</textarea>")), "the notes, in their box");
    let stored: String = query_scalar("select notes from client where code = 'script'").fetch_one(&pool).await.unwrap();
    assert_eq!(stored, SCRIPT);
}

/// Whatever is stored is text, on every page that anyone may see.
#[testkit::test]
async fn what_looks_like_html_is_text_everywhere(pool: PgPool) {
    let world = World::new(&pool).await;
    sqlx::raw_sql(include_str!("html.sql")).execute(&pool).await.unwrap();
    let mut escaped = 0;
    for actor in ACTORS {
        for (_, address, _) in PAGES {
            let body = world.get(actor, address).await.body;
            for raw in ["<script>alert", "</title></script", "<b onclick", "'><"] {
                let before = body.split_once(raw).map(|(before, _)| before.chars().rev().take(80).collect::<String>());
                let before = before.map(|before| before.chars().rev().collect::<String>());
                assert_eq!(before, None, "{address} as {actor:?}: {raw}");
            }
            escaped += body.matches("&lt;script&gt;alert").count();
        }
    }
    assert!(escaped > 200, "{escaped}");
}

#[testkit::test]
async fn a_stale_save_shows_both_and_stores_neither(pool: PgPool) {
    let world = World::new(&pool).await;
    let form = |first: &str, version: &str| {
        format!(
            "_page=/clients/{{mia}}/edit&number={{mia}}&form[version]={version}&form[first_name]={first}&form[last_name]=Okafor\
             &form[code]=MIA1&form[zone]=America/Toronto&form[practitioners][]={{assigned_id}}"
        )
    };
    let save = async |fields: String| world.post("staff", "/fn/clients/save", &fields).await;
    assert_eq!(save(form("Maria", "1")).await.status, StatusCode::SEE_OTHER);
    let before = world.fingerprint().await;
    let stale = save(form("Mimi<i>", "1")).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(
        stale.body.contains("value=\"Mimi&lt;i&gt;\"") || stale.body.contains("value=\"Mimi<i>\""),
        "what was typed"
    );
    assert!(stale.body.contains("Maria") && stale.body.contains("name=\"form[version]\" value=\"2\""));
    for version in ["", "0", "-1", "99", "2147483648", "x"] {
        let status = save(form("Mimi", version)).await.status;
        assert!(matches!(status, StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY), "{version:?}: {status}");
    }
    assert_eq!(world.fingerprint().await, before);
    assert_eq!(save(form("Mimi", "2")).await.status, StatusCode::SEE_OTHER);
}

#[testkit::test]
async fn forged_ids_find_nothing(pool: PgPool) {
    let world = World::new(&pool).await;
    let before = world.fingerprint().await;
    let nil = Uuid::nil().to_string();
    let unknown = Uuid::from_u128(7).to_string();
    let booking = |client: &str, service: &str, practitioner: &str, key: &str| {
        format!(
            "_page=/book?service={{talk}}&form[client]={client}&form[service]={service}&form[practitioner]={practitioner}\
             &form[starts_at]={{free}}&form[request_key]={key}"
        )
    };
    let key = Uuid::from_u128(8).to_string();
    let mut cases: Vec<(&str, &str, String)> = Vec::new();
    for id in [nil.as_str(), &unknown, "nobody", ""] {
        cases.push(("mia", "/fn/portal/book", booking(id, "{talk}", "{assigned_id}", &key)));
        cases.push(("mia", "/fn/portal/book", booking("{mia_id}", id, "{assigned_id}", &key)));
        cases.push(("mia", "/fn/portal/book", booking("{mia_id}", "{talk}", id, &key)));
        cases.push(("mia", "/fn/portal/cancel", format!("_page=/my/appointments&appointment={id}")));
        cases.push(("admin", "/fn/appointments/cancel", format!("_page=/calendar&appointment={id}")));
        cases.push(("admin", "/fn/settings/save_hours", format!("_page=/settings&practitioner={id}")));
    }
    for key in ["nobody", ""] {
        cases.push(("mia", "/fn/portal/book", booking("{mia_id}", "{talk}", "{assigned_id}", key)));
    }
    // Not in the portal, no matter who asks; someone who is no practitioner.
    cases.push(("mia", "/fn/portal/book", booking("{mia_id}", "{desk}", "{assigned_id}", &key)));
    cases.push(("mia", "/fn/portal/book", booking("{mia_id}", "{talk}", "{admin_id}", &key)));
    for number in ["0", "-1", "999999", "99999999999999999999", "nobody", ""] {
        cases.push(("admin", "/fn/clients/set_status", format!("_page=/clients&change={number}:inactive")));
        cases.push(("admin", "/fn/accounts/remove_login", format!("_page=/clients&number={number}")));
        cases.push(("admin", "/fn/links/remove", format!("_page=/clients&number={{mia}}&other={number}")));
        let link =
            format!("_page=/clients&number={{mia}}&other={number}&form[other_label]=parent&form[own_label]=child");
        cases.push(("admin", "/fn/links/create", link));
    }
    // Oneself, twice, and a removal that names an appointment of no one's.
    for other in ["{mia}", "{granted}"] {
        let link =
            format!("_page=/clients&number={{mia}}&other={other}&form[other_label]=parent&form[own_label]=child");
        cases.push(("admin", "/fn/links/create", link));
    }
    for id in [&nil, &unknown, "{visit}", "{othersown}"] {
        let fields = format!("_page=/clients&number={{mia}}&other={{granted}}&form[choices][]=end:{id}");
        cases.push(("admin", "/fn/links/remove", fields));
    }
    cases.push(("admin", "/fn/clients/set_status", "_page=/clients&change={mia}:emperor".to_owned()));
    for (actor, path, fields) in cases {
        let answer = world.post(actor, path, &fields).await;
        assert!(answer.status.is_client_error(), "{path} {fields}: {}", answer.status);
    }
    assert_eq!(world.fingerprint().await, before);
}

#[testkit::test]
async fn bodies_that_are_no_forms_are_refused(pool: PgPool) {
    let world = World::new(&pool).await;
    let before = world.fingerprint().await;
    let huge = format!("form[first_name]={}", "x".repeat(300 * 1024));
    let html = [("accept", "text/html")];
    let cases: [(&str, &[(&str, &str)]); 6] = [
        (&huge, &html),
        ("", &html),
        ("form=nothing", &html),
        ("form[first_name][deeper]=A", &html),
        ("form[email_consent]=perhaps&form[first_name]=A&form[zone]=UTC", &html),
        ("form[first_name]=A", &[("content-type", "application/json")]),
    ];
    for (body, headers) in cases {
        let answer = world.ask("staff", Method::POST, CREATE, body, headers).await;
        assert!(answer.status.is_client_error(), "{body:.40} {headers:?}: {} {}", answer.status, answer.location());
    }
    assert_eq!(world.fingerprint().await, before);
}

#[testkit::test]
async fn a_double_submit_books_once(pool: PgPool) {
    let world = World::new(&pool).await;
    let count = "select count(*) from appointment where starts_at = $1::timestamptz and status = 'confirmed'";
    let fields = "_page=/book?service={talk}&form[client]={mia_id}&form[service]={talk}&form[practitioner]={assigned_id}\
        &form[starts_at]={free}&form[request_key]=00000000-0000-7000-8000-000000007001";
    let book = || world.post("granted", "/fn/portal/book", fields);
    let (first, second) = tokio::join!(book(), book());
    let third = book().await;
    for answer in [&first, &second, &third] {
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert!(answer.location().contains("?done=booked:"), "{}", answer.location());
        assert_eq!(answer.location(), first.location());
    }
    let booked: i64 = query_scalar(count).bind(world.fill("{free}")).fetch_one(&pool).await.unwrap();
    assert_eq!(booked, 1);
    // Another person's key is no key to their appointment.
    let other = world.post("mia", "/fn/portal/book", fields).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    let mails: i64 = query_scalar("select count(*) from message where kind = 'confirmation' and state = 'queued'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(mails, 1);
}
