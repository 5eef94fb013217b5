//! What people linked to one another read, and what they cannot learn of others.

use crate::support::site;
use axum::http::StatusCode;
use db::PgPool;
use testkit::{Demo, Session, number};

#[testkit::test]
async fn the_quick_exit_logs_out_and_leads_elsewhere(pool: PgPool) {
    Demo::load(&pool).await;
    let site = site(pool.clone());
    let parent = Session::log_in(&site, "", "parent@demo.test").await;
    let page = parent.get("/my/appointments").await;
    assert_eq!((page.status, page.body.contains("href=\"/exit\"")), (StatusCode::OK, true));
    let answer = parent.get("/exit").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(
        answer.location().starts_with("https://") && !answer.location().contains("kindred"),
        "{}",
        answer.location()
    );
    // Back shows nothing: the session is gone.
    assert!(parent.get("/my/appointments").await.location().starts_with("/login"));
    // Staff are not offered it.
    let desk = Session::log_in(&site, "", "staff@demo.test").await;
    assert!(!desk.get("/calendar").await.body.contains("href=\"/exit\""));
}

#[testkit::test]
async fn an_invitation_is_answered_alike_whoever_has_the_address(pool: PgPool) {
    Demo::load(&pool).await;
    let site = site(pool.clone());
    let parent = Session::log_in(&site, "", "parent@demo.test").await;
    let on = "update portal_permission set setting = 'on' where permission = 'invite_links'";
    sqlx::query(on).execute(&pool).await.unwrap();
    let mut answers = Vec::new();
    for email in ["unlinked@demo.test", "someone.else@demo.test"] {
        let fields = [("_page", "/my/people"), ("form[email]", email), ("form[may][book]", "true")];
        let answer = parent.post("/fn/links/invite", &fields).await;
        answers.push((answer.status, answer.location().to_owned(), answer.body));
    }
    assert_eq!(answers[0], answers[1]);
    let queued = "select count(*) from message where kind = 'link_invitation'";
    assert_eq!(sqlx::query_scalar::<_, i64>(queued).fetch_one(&pool).await.unwrap(), 2);
}

#[testkit::test]
async fn the_profile_has_a_table_for_each_household(pool: PgPool) {
    let demo = Demo::load(&pool).await;
    let desk = Session::log_in(&site(pool.clone()), "", "staff@demo.test").await;
    let (mia, ana) = (number(&pool, demo.mia).await, number(&pool, demo.ana).await);
    let page = desk.get(&format!("/clients/{mia}")).await.body;
    assert!(
        page.contains("Household: Mia Okafor, Ana Okafor and Daniel Okafor"),
        "those who are linked to one another"
    );
    assert!(page.contains("Household: Mia Okafor and Ruth"), "the grandmother is linked to the children alone");
    assert!(!desk.get(&format!("/clients/{ana}")).await.body.contains("Ruth"));
}

#[testkit::test]
async fn people_linked_to_me_says_permissions_and_no_labels(pool: PgPool) {
    Demo::load(&pool).await;
    let parent = Session::log_in(&site(pool.clone()), "", "parent@demo.test").await;
    let page = parent.get("/my/people").await.body;
    for said in
        ["You can, for Mia Okafor", "Mia Okafor can, for you", "You may book and manage appointments for Mia Okafor."]
    {
        assert!(page.contains(said), "{said}");
    }
    // The scripts of the document have words like these too.
    let main = page.split_once("<main").unwrap().1.split_once("</main>").unwrap().0;
    for label in ["Child", "child", "Parent"] {
        assert!(!main.contains(label), "{label}");
    }
}

#[testkit::test]
async fn a_removal_is_restored_from_the_profile(pool: PgPool) {
    let demo = Demo::load(&pool).await;
    let desk = Session::log_in(&site(pool.clone()), "", "staff@demo.test").await;
    let (mia, ana) = (number(&pool, demo.mia).await, number(&pool, demo.ana).await);
    let remove = format!("/clients/{mia}/links/{ana}/remove");
    let page = desk.get(&remove).await.body;
    let version = page.split_once("name=\"form[version]\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let mut fields = vec![("_page", remove.clone()), ("number", mia.to_string()), ("other", ana.to_string())];
    fields.push(("form[version]", version));
    for choice in page.split("<option value=\"keep:").skip(1) {
        fields.push(("form[choices][]", format!("keep:{}", choice.split('"').next().unwrap())));
    }
    // A tab that shows another version of the link.
    let mut stale = fields.clone();
    stale[3].1 = "77".to_owned();
    let answer = desk.post("/fn/links/remove", &stale).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.body.contains("Nothing was done"));
    let answer = desk.post("/fn/links/remove", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let profile = desk.get(&format!("/clients/{mia}")).await.body;
    assert!(profile.contains("Restore relationship"));
    let back = [("_page", format!("/clients/{mia}")), ("number", mia.to_string()), ("other", ana.to_string())];
    assert_eq!(desk.post("/fn/links/undo", &back).await.status, StatusCode::SEE_OTHER);
    assert!(!desk.get(&format!("/clients/{mia}")).await.body.contains("Restore relationship"));
}

/// Someone who may act for others and is made inactive: session, feed, mail and login, all of them.
#[testkit::test]
async fn an_inactive_proxy_sees_and_does_nothing(pool: PgPool) {
    let demo = Demo::load(&pool).await;
    let site = site(pool.clone());
    let parent = Session::log_in(&site, "", "parent@demo.test").await;
    let desk = Session::log_in(&site, "", "staff@demo.test").await;
    let me = db::Actor::Client(db::actor::ClientActor::new(demo.ana, "Ana")).confirmed_now(true);
    let wish = shared::feeds::FeedWish { names: shared::feeds::Names::Codes, others: true };
    let feed = db::feeds::create(&pool, &me, wish).await.unwrap();
    let feed = format!("/feeds/{}.ics", feed.0);
    let stranger = Session::new(&site, "");
    assert_eq!(stranger.get(&feed).await.status, StatusCode::OK);
    let times = testkit::apart(&testkit::free_times(&pool, demo.family_session, demo.priya).await, 180);
    let wish = |staff: bool, time: usize| testkit::Wish {
        staff,
        service: demo.family_session,
        practitioner: demo.priya,
        client: demo.leo,
        starts_at: times[time],
        key: db::new_id(),
    };
    let booked = wish(false, 0);
    assert_eq!(parent.post(booked.action(), &booked.fields()).await.status, StatusCode::SEE_OTHER);
    let visits = "select count(*) from visit where client_id = $1 and status = 'confirmed' and starts_at > now()";
    let count = async || sqlx::query_scalar::<_, i64>(visits).bind(demo.leo.0).fetch_one(&pool).await.unwrap();
    let before = count().await;

    let ana = number(&pool, demo.ana).await;
    let fields = [("_page", format!("/clients/{ana}")), ("change", format!("{ana}:inactive"))];
    assert_eq!(desk.post("/fn/clients/set_status", &fields).await.status, StatusCode::SEE_OTHER);
    for page in ["/my", "/my/appointments", "/my/requests", "/my/people", "/my/documents", "/account"] {
        assert!(parent.get(page).await.location().starts_with("/login"), "{page}");
    }
    let again = wish(false, 1);
    assert!(parent.post(again.action(), &again.fields()).await.location().starts_with("/login"));
    let id: uuid::Uuid = sqlx::query_scalar("select id from visit where client_id = $1 and starts_at = $2")
        .bind(demo.leo.0)
        .bind(booked.starts_at)
        .fetch_one(&pool)
        .await
        .unwrap();
    let fields = [("_page", "/my/appointments".to_owned()), ("appointment", id.to_string())];
    assert!(parent.post("/fn/portal/cancel", &fields).await.location().starts_with("/login"));
    assert_eq!(count().await, before);
    let fields = [("form[username]", "parent@demo.test"), ("form[password]", demo::PASSWORD)];
    assert_ne!(stranger.post("/fn/accounts/login", &fields).await.status, StatusCode::SEE_OTHER);
    assert_eq!(stranger.get(&feed).await.status, StatusCode::NOT_FOUND);
    // Mail about the child goes to others, or to no one.
    sqlx::query("delete from message").execute(&pool).await.unwrap();
    let by_staff = wish(true, 2);
    assert_eq!(desk.post(by_staff.action(), &by_staff.fields()).await.status, StatusCode::SEE_OTHER);
    sqlx::query("update message set due_at = now()").execute(&pool).await.unwrap();
    while db::messages::expand_next(&pool, "http://kindred.test").await.unwrap() {}
    let told = "select count(*) from message_copy y join client c on c.email = y.address where c.id = $1";
    assert_eq!(sqlx::query_scalar::<_, i64>(told).bind(demo.ana.0).fetch_one(&pool).await.unwrap(), 0);
}
