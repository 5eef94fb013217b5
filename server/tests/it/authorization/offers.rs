//! What is offered can be done: no button leads to a refusal that was known before.

use super::world::{World, main_part};
use axum::http::StatusCode;
use db::PgPool;

#[testkit::test]
async fn new_appointments_are_offered_to_those_who_book(pool: PgPool) {
    let world = World::new(&pool).await;
    let pages = [
        "/clients/{mia}",
        "/appointments/{visit}",
        "/calendar?date={day}",
        "/calendar?view=list&date={day}",
        "/calendar?view=week&date={day}&practitioner=all",
    ];
    for page in pages {
        for (actor, books) in [("watcher", false), ("assigned", true), ("staff", true)] {
            let body = world.get(actor, page).await.body;
            assert_eq!(main_part(&body).contains("/appointments/new"), books, "{page} as {actor}");
        }
    }
    let cancels = |body: &str| main_part(body).contains("Cancel this appointment");
    assert!(!cancels(&world.get("watcher", "/appointments/{visit}").await.body));
    assert!(cancels(&world.get("assigned", "/appointments/{visit}").await.body));
}

#[testkit::test]
async fn make_prospect_is_offered_to_those_who_can_become_one(pool: PgPool) {
    let world = World::new(&pool).await;
    // Mia has appointments, Noor has none.
    for (number, offered) in [("{mia}", false), ("{new}", true)] {
        let change = world.fill(&format!("value=\"{number}:prospect\""));
        for page in [&format!("/clients/{number}"), "/clients"] {
            let body = world.get("staff", page).await.body;
            assert!(body.contains(&world.fill(&format!("value=\"{number}:inactive\""))), "{page} of {number}");
            assert_eq!(body.contains(&change), offered, "{page} of {number}");
        }
    }
}

#[testkit::test]
async fn a_change_of_many_says_first_how_many_it_is_refused_to(pool: PgPool) {
    let world = World::new(&pool).await;
    let fields = "_page=/clients&form[action]=status&form[status]=prospect&form[numbers][]={mia}&form[numbers][]={new}\
        &form[numbers][]={other}&form[request_key]=00000000-0000-7000-8000-000000009901";
    let answer = world.post("staff", "/fn/bulk/start", fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = world.get("staff", answer.location()).await.body;
    assert!(page.contains("Nothing has changed yet."), "{page}");
    // Mia has appointments, and so has Danil.
    assert!(page.contains("2 of 3 can’t be made prospects"), "{page}");
    assert_eq!(main_part(&page).matches("so they can’t be a prospect").count(), 2);
}
