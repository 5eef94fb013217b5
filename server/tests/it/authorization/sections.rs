//! A section that is turned off is nowhere: not in the navigation, not at its
//! addresses, not in what can be posted.

use super::world::{World, main_part};
use axum::http::StatusCode;
use db::PgPool;
use testkit::Answer;

/// A page of each section, who may see it while the section is on, and the link that leads there.
const PAGES: [(&str, &str, Option<&str>); 8] = [
    ("staff", "/activities", Some("href=\"/activities\"")),
    ("assigned", "/activities/{activity}", None),
    ("assigned", "/activities/new?client={mia}", None),
    ("admin", "/reports", Some("href=\"/reports\"")),
    ("admin", "/reports.csv", None),
    ("staff", "/clients/prospects", None),
    ("staff", "/clients/{mia}/availability", None),
    ("mia", "/my/availability", Some("href=\"/my/availability\"")),
];

const WEEK: &str = "form[days][0][starts]=09:00&form[days][0][ends]=12:00&form[days][1][starts]=&form[days][2][starts]=\
    &form[days][3][starts]=&form[days][4][starts]=&form[days][5][starts]=&form[days][6][starts]=&form[version]=1";

async fn turn(world: &World, shown: &str) {
    let version: i32 = sqlx::query_scalar("select version from practice").fetch_one(&world.pool).await.unwrap();
    let fields = format!("_page=/settings/sections&form[version]={version}{shown}");
    let answer = world.post("admin", "/fn/settings/save_sections", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

#[testkit::test]
async fn a_section_that_is_off_has_no_page_and_no_link(pool: PgPool) {
    let world = World::new(&pool).await;
    for (actor, page, _) in PAGES {
        assert_eq!(world.get(actor, page).await.status, StatusCode::OK, "{page} while it is on");
    }
    turn(&world, "").await;
    for (actor, page, link) in PAGES {
        assert_eq!(world.get(actor, page).await.status, StatusCode::NOT_FOUND, "{page}");
        let home = if actor == "mia" { "/my" } else { "/calendar" };
        let home = world.get(actor, home).await;
        assert_eq!(home.status, StatusCode::OK);
        assert!(link.is_none_or(|link| !home.body.contains(link)), "a link to {page}");
    }
    let profile = world.get("staff", "/clients/{mia}").await.body;
    for trace in ["/activities", "/availability", "id=\"availability\""] {
        assert!(!main_part(&profile).contains(trace), "{trace}");
    }
    assert!(!world.get("staff", "/clients").await.body.contains("/clients/prospects"));
    assert!(!world.get("admin", "/appointments/{past_visit}").await.body.contains("/activities"));
    assert!(!world.get("staff", "/clients/new").await.body.contains("Coverage and insurance"));

    let all =
        ["coverage", "availability", "prospects", "activities", "reports"].map(|it| format!("&form[shown][]={it}"));
    turn(&world, &all.concat()).await;
    for (actor, page, link) in PAGES {
        let answer = world.get(actor, page).await;
        assert_eq!(answer.status, StatusCode::OK, "{page} once it is on again");
        assert!(link.is_none_or(|link| answer.body.contains(link)), "{page}");
    }
}

#[testkit::test]
async fn nothing_is_written_to_a_section_that_is_off(pool: PgPool) {
    let world = World::new(&pool).await;
    turn(&world, "").await;
    let before = world.fingerprint().await;
    let posts = [
        ("assigned", "/fn/availability/save", format!("_page=/clients/{{mia}}&number={{mia}}&{WEEK}")),
        ("mia", "/fn/availability/save_mine", format!("_page=/my/appointments&{WEEK}")),
        ("assigned", "/fn/activities/delete", "_page=/calendar&activity={activity}".to_owned()),
        ("admin", "/fn/activities/restore", "_page=/calendar&activity={removed}".to_owned()),
        (
            "assigned",
            "/fn/prospects/save",
            "_page=/calendar&number={prospect}&form[stage]=contacted&form[version]=1".to_owned(),
        ),
    ];
    for (actor, path, fields) in posts {
        let Answer { status, .. } = world.post(actor, path, &fields).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(world.fingerprint().await, before);
}

/// A version that was not read, and a section that there is not.
#[testkit::test]
async fn sections_are_saved_over_the_version_that_was_read(pool: PgPool) {
    let world = World::new(&pool).await;
    let stale = world.post("admin", "/fn/settings/save_sections", "_page=/settings/sections&form[version]=7").await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.body.contains("What is saved now"), "{}", stale.body);
    let fields = "_page=/settings/sections&form[version]=1&form[shown][]=billing";
    let unknown = world.post("admin", "/fn/settings/save_sections", fields).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    let off: Vec<String> = sqlx::query_scalar("select sections_off from practice").fetch_one(&pool).await.unwrap();
    assert!(off.is_empty(), "{off:?}");
}
