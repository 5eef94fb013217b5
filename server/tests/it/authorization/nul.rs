//! NUL, which no text of the database can hold, in every field and address.

use super::table::{PAGES, functions};
use super::world::World;
use axum::http::Method;
use db::PgPool;

fn permitted(path: &str) -> &'static str {
    if path.starts_with("/fn/portal/") { "mia" } else { "admin" }
}

#[testkit::test]
async fn a_nul_in_any_field_is_refused_at_the_field(pool: PgPool) {
    let world = World::new(&pool).await;
    let before = world.fingerprint().await;
    let mut wrong = Vec::new();
    for row in functions() {
        let fields = world.fields(row.fields);
        for spoilt in 0..fields.len() {
            let mut fields = fields.clone();
            fields[spoilt].1.push('\0');
            let name = fields[spoilt].0.clone();
            let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
            let answer = if row.method == "GET" {
                world.session(permitted(row.path)).get(&format!("{}?{encoded}", row.path)).await
            } else {
                let page = world.fill(row.page);
                fields.push(("_page".to_owned(), page.clone()));
                world.session(permitted(row.path)).post(row.path, &fields).await
            };
            if !answer.status.is_client_error() {
                wrong.push(format!("{} {} {name}: {}", row.method, row.path, answer.status));
            }
        }
        // A field that no form of ours has.
        let answer = world.session("admin").post(row.path, &[("form[nobody\0]", "x"), ("_page", "/clients")]).await;
        if !answer.status.is_client_error() {
            wrong.push(format!("{} a name with a NUL: {}", row.path, answer.status));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(world.fingerprint().await, before);

    let typed = [("form[first_name]", "Zo\0e"), ("form[last_name]", "Bell"), ("_page", "/clients/new")];
    let answer = world.session("staff").post("/fn/clients/create", &typed).await;
    assert_eq!(answer.status, axum::http::StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("can’t be shown") && answer.body.contains("value=\"Bell\""), "at the field");
}

#[testkit::test]
async fn a_nul_in_any_address_is_an_answer(pool: PgPool) {
    let world = World::new(&pool).await;
    for (_, address, _) in PAGES {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let spoilt =
            [format!("{path}%00"), format!("{path}?{query}&q=%00&page=a%00b&next=%00"), format!("{path}?%00=1")];
        for address in spoilt {
            for actor in ["", "admin", "mia"] {
                let answer = world.ask(actor, Method::GET, &address, "", &[("accept", "text/html")]).await;
                assert!(answer.status.is_client_error(), "{address} as {actor:?}: {}", answer.status);
            }
        }
    }
    for query in ["form[numbers][]=all&query=q%3D%00", "numbers=%00"] {
        for path in ["/clients/gather", "/clients/export.csv", "/clients/export.xlsx"] {
            let answer = world.ask("admin", Method::POST, path, query, &[("accept", "text/html")]).await;
            assert!(!answer.status.is_server_error(), "{path}: {}", answer.status);
        }
    }
}
