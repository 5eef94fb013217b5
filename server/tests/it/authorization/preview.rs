//! What an address says is no text of a message: a preview is posted.

use super::world::World;
use axum::http::StatusCode;
use db::PgPool;

const PAGE: &str = "/settings/messages/declined/email/fr";

#[testkit::test]
async fn a_preview_is_posted_and_no_address_fills_in_a_text(pool: PgPool) {
    let world = World::new(&pool).await;
    let linked = world.get("admin", &format!("{PAGE}?form[subject]=Foreign&form[body]=Foreign+words")).await;
    assert!(linked.status == StatusCode::OK && !linked.body.contains("Foreign"), "{}", linked.status);
    let before = world.fingerprint().await;
    let words = "text=declined&channel=email&language=fr&form[subject]=Objet&form[body]=Bonjour {first_name}, un mot.";
    let fields = format!("_page={PAGE}&{words}&form[version]=0&client=&look=true");
    let shown = world.post("admin", "/fn/settings/save_text", &fields).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.body);
    assert!(shown.body.contains("Bonjour Mia, un mot.") && shown.body.contains("Bonjour {first_name}, un mot."));
    assert_eq!(world.fingerprint().await, before, "nothing is saved by looking at it");
    let refused = world.post("staff", "/fn/settings/save_text", &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
