//! A client's own email address, from the page of the account to the link's.

use super::world::World;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use db::PgPool;

#[testkit::test]
async fn a_client_changes_their_address_by_a_link_that_went_there(pool: PgPool) {
    let world = World::new(&pool).await;
    let page = world.get("mia", "/account").await.body;
    assert!(page.contains(&world.fill("{mia_mail}")) && page.contains("Current password"));

    let ask = async |current: &str| {
        let fields = format!("_page=/account&form[email]=other@kin.test&form[current]={current}");
        world.post("mia", "/fn/account/request_address", &fields).await
    };
    let refused = ask("a wrong one").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("value=\"other@kin.test\"") && refused.body.contains("not your current password"));
    assert!(!refused.body.contains("a wrong one"));
    assert_eq!(ask("{password}").await.location(), "/account?done=address-requested");
    let pending = world.get("mia", "/account").await.body;
    assert!(pending.contains("Waiting for confirmation: other@kin.test"));

    let newest = "select secret from message where kind = 'address_confirmation'";
    let secret: String = sqlx::query_scalar(newest).fetch_one(&pool).await.unwrap();
    let path = format!("/confirm-email/{secret}");
    let address = async || {
        let address = sqlx::query_scalar::<_, String>("select email::text from client where number = 1001");
        address.fetch_one(&pool).await.unwrap()
    };
    for _ in 0..2 {
        assert!(world.get("", &path).await.body.contains("other@kin.test"));
    }
    assert_eq!(address().await, world.fill("{mia_mail}"), "what opens the links of a mail changes nothing");
    // The mail may be read where no one is logged in; no one is afterwards.
    let form = |password: &str| format!("_page={path}&form[token]={secret}&form[current]={password}");
    let refused = world.post("", "/fn/account/confirm_address", &form("a wrong one")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!refused.body.contains("a wrong one"));
    assert_eq!(address().await, world.fill("{mia_mail}"), "a stranger's mailbox does not have the password");
    let form = form("{password}");
    let done = world.post("", "/fn/account/confirm_address", &form).await;
    assert_eq!(done.location(), "/login?done=address-changed");
    let logs_in = |cookie: &axum::http::HeaderValue| cookie.to_str().is_ok_and(|text| text.starts_with("kindred="));
    assert!(!done.headers.get_all(SET_COOKIE).iter().any(logs_in));
    assert_eq!(address().await, "other@kin.test");
    assert_eq!(world.get("", &path).await.status, StatusCode::GONE);
    assert_eq!(world.post("", "/fn/account/confirm_address", &form).await.status, StatusCode::GONE);
    // Staff change theirs in another way.
    assert!(world.get("staff", "/account").await.body.contains("Work email"));
}
