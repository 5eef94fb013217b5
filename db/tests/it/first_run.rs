//! The first start: the set-up link, what a practice begins with, the checklist; and one's own account.

use db::accounts::{
    authenticate, change_password, create_admin, needs_admin, new_setup_link, own, save_own, save_preferences,
    sessions, set_up, setup_open,
};
use db::practice::*;
use db::{Actor, PgPool};
use shared::accounts::{OwnDetailsForm, OwnPasswordForm, Preferences, Role, Secret, Theme};
use shared::practice::{FirstRunForm, SetupForm};
use shared::{Problem, Refusal};
use testkit::{client_actor, refusal, staff_actor};

const PASSWORD: &str = "correct horse";

fn form(token: &Secret, email: &str) -> SetupForm {
    SetupForm {
        token: token.clone(),
        first_name: "Nadia".into(),
        last_name: "Haddad".into(),
        email: email.into(),
        password: Secret(PASSWORD.into()),
        again: Secret(PASSWORD.into()),
    }
}

fn first_run(kind: &str, practitioner: bool) -> shared::practice::FirstRun {
    FirstRunForm {
        kind: kind.into(),
        name: "Elm".into(),
        zone: "America/Vancouver".into(),
        currency: "USD".into(),
        practitioner,
    }
    .parse()
    .unwrap()
}

async fn administrator(pool: &PgPool) -> Actor {
    let account = create_admin(pool, "Ada", "Admin", "ada@elm.test", &Secret(PASSWORD.into())).await.unwrap();
    Actor::load(pool, account).await.unwrap().unwrap().confirmed_now(true)
}

async fn logs_in(pool: &PgPool, password: &str) -> bool {
    authenticate(pool, "ada@elm.test", &Secret(password.into())).await.unwrap().is_some()
}

#[testkit::test]
async fn the_set_up_link_lives_until_the_first_administrator_exists(pool: PgPool) {
    assert!(needs_admin(&pool).await.unwrap());
    let older = new_setup_link(&pool).await.unwrap().unwrap();
    let link = new_setup_link(&pool).await.unwrap().unwrap();
    assert_eq!(refusal(setup_open(&pool, &older).await), Refusal::DeadLink);
    assert_eq!(refusal(setup_open(&pool, &Secret(String::new())).await), Refusal::DeadLink);
    setup_open(&pool, &link).await.unwrap();
    let stored: Vec<u8> = sqlx::query_scalar("select secret_hash from setup_link").fetch_one(&pool).await.unwrap();
    assert!(!String::from_utf8_lossy(&stored).contains(&link.0), "it is stored hashed");

    let different = SetupForm { again: Secret("another horse".into()), ..form(&link, "nadia@elm.test") };
    assert_eq!(refusal(set_up(&pool, &different).await), Refusal::field("again", Problem::PasswordsDiffer));
    let account = set_up(&pool, &form(&link, "nadia@elm.test")).await.unwrap();
    assert!(Actor::load(&pool, account).await.unwrap().unwrap().administrator().is_ok());
    assert_eq!(refusal(set_up(&pool, &form(&link, "eve@elm.test")).await), Refusal::DeadLink);
    assert_eq!(new_setup_link(&pool).await.unwrap().map(|_| ()), None);
}

#[testkit::test]
async fn a_set_up_link_opens_nothing_beside_an_administrator_of_the_command_line(pool: PgPool) {
    let link = new_setup_link(&pool).await.unwrap().unwrap();
    administrator(&pool).await;
    assert_eq!(refusal(setup_open(&pool, &link).await), Refusal::DeadLink);
    assert_eq!(refusal(set_up(&pool, &form(&link, "eve@elm.test")).await), Refusal::DeadLink);
}

#[testkit::test]
async fn of_two_who_use_the_set_up_link_at_once_one_is_made(pool: PgPool) {
    let link = new_setup_link(&pool).await.unwrap().unwrap();
    let (one, other) = (form(&link, "one@elm.test"), form(&link, "other@elm.test"));
    let (one, other) = tokio::join!(set_up(&pool, &one), set_up(&pool, &other));
    assert!(one.is_ok() ^ other.is_ok());
}

#[testkit::test]
async fn a_practice_begins_with_its_words_sections_and_services(pool: PgPool) {
    let ada = administrator(&pool).await;
    assert!(first_run_pending(&pool, &ada).await.unwrap());
    begin(&pool, &ada, &first_run("tutoring", true)).await.unwrap();
    begin(&pool, &ada, &first_run("clinic", true)).await.unwrap();
    assert!(!first_run_pending(&pool, &ada).await.unwrap());
    let stored = practice(&pool).await.unwrap();
    assert_eq!((stored.name.as_str(), stored.currency.as_str()), ("Elm", "USD"));
    assert_eq!((stored.zone.as_str(), stored.client_word.as_str()), ("America/Vancouver", "student"));
    assert!(!stored.shows(shared::practice::Section::Coverage));
    let offered = active_services(&pool).await.unwrap();
    assert_eq!(offered.len(), 3);
    assert!(offered.iter().all(|service| service.practitioners.len() == 1));
    let places = locations(&pool).await.unwrap();
    assert_eq!((places.len(), places[0].name.as_str()), (1, "Elm"));
}

#[testkit::test]
async fn a_first_run_of_someone_who_sees_no_clients_makes_no_practitioner(pool: PgPool) {
    let ada = administrator(&pool).await;
    begin(&pool, &ada, &first_run("counselling", false)).await.unwrap();
    assert!(practitioners(&pool, &ada).await.unwrap().is_empty());
    assert!(active_services(&pool).await.unwrap().iter().all(|service| service.practitioners.is_empty()));
}

#[testkit::test]
async fn the_first_run_is_an_administrators(pool: PgPool) {
    let desk = staff_actor(&pool, "Dee", &[Role::FrontDesk]).await;
    let mia = client_actor(&pool, "Mia").await;
    for (actor, expected) in [(&desk, Refusal::Forbidden), (&mia, Refusal::NotFound)] {
        assert_eq!(refusal(begin(&pool, actor, &first_run("clinic", false)).await), expected);
        assert_eq!(refusal(skip_first_run(&pool, actor).await), expected);
        assert_eq!(refusal(dismiss_checklist(&pool, actor).await), expected);
        let mut conn = pool.acquire().await.unwrap();
        assert_eq!(checklist(&mut conn, actor).await.unwrap(), None);
    }
}

#[testkit::test]
async fn the_checklist_ticks_itself_and_is_dismissed(pool: PgPool) {
    let ada = administrator(&pool).await;
    let list = async || checklist(&mut pool.acquire().await.unwrap(), &ada).await.unwrap();
    let before = list().await.unwrap();
    assert!(!before.practitioner && !before.services && !before.client && !before.details);
    begin(&pool, &ada, &first_run("clinic", true)).await.unwrap();
    client_actor(&pool, "Mia").await;
    sqlx::query("update practice set phone = '416 555 0123'").execute(&pool).await.unwrap();
    let after = list().await.unwrap();
    assert!(after.practitioner && after.services && after.client && after.details);
    assert!(!after.hours && !after.booked && !after.location && !after.invited);
    dismiss_checklist(&pool, &ada).await.unwrap();
    assert_eq!(list().await, None);
}

#[testkit::test]
async fn an_own_address_is_changed_with_the_current_password(pool: PgPool) {
    let ada = administrator(&pool).await;
    let typed = OwnDetailsForm {
        first_name: "Ada".into(),
        last_name: "Lovelace".into(),
        email: "ada@elm.test".into(),
        version: "1".into(),
        ..OwnDetailsForm::default()
    };
    save_own(&pool, &ada, &typed.parse().unwrap()).await.unwrap();
    let moved = OwnDetailsForm { email: "lovelace@elm.test".into(), version: "2".into(), ..typed };
    let wrong = Refusal::field("current", Problem::WrongPassword);
    assert_eq!(refusal(save_own(&pool, &ada, &moved.parse().unwrap()).await), wrong);
    let moved = OwnDetailsForm { current: Secret(PASSWORD.into()), ..moved };
    save_own(&pool, &ada, &moved.parse().unwrap()).await.unwrap();
    assert_eq!(own(&pool, &ada).await.unwrap().email, "lovelace@elm.test");
    let told: Vec<String> = sqlx::query_scalar("select old_address::text from message where kind = 'address_change'")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(told, ["ada@elm.test"]);
    assert!(!logs_in(&pool, PASSWORD).await);
    assert!(authenticate(&pool, "lovelace@elm.test", &Secret(PASSWORD.into())).await.unwrap().is_some());
    assert_eq!(refusal(own(&pool, &client_actor(&pool, "Mia").await).await), Refusal::NotFound);
}

#[testkit::test]
async fn an_own_password_is_changed_with_the_current_one_and_ends_every_session(pool: PgPool) {
    let ada = administrator(&pool).await;
    let account = authenticate(&pool, "ada@elm.test", &Secret(PASSWORD.into())).await.unwrap().unwrap().id;
    let expires_at = chrono::Utc::now() + chrono::TimeDelta::hours(1);
    let session = sessions::Stored { data: serde_json::json!({}), expires_at };
    sessions::create(&pool, b"ada", Some(account), &session).await.unwrap();
    let form = |current: &str| OwnPasswordForm {
        current: Secret(current.into()),
        password: Secret("a whole new one".into()),
        again: Secret("a whole new one".into()),
    };
    let wrong = Refusal::field("current", Problem::WrongPassword);
    assert_eq!(refusal(change_password(&pool, &ada, &form("wrong horse")).await), wrong);
    assert!(sessions::load(&pool, b"ada").await.unwrap().is_some());
    change_password(&pool, &ada, &form(PASSWORD)).await.unwrap();
    assert!(sessions::load(&pool, b"ada").await.unwrap().is_none());
    assert!(logs_in(&pool, "a whole new one").await && !logs_in(&pool, PASSWORD).await);
    sessions::create(&pool, b"ada", Some(account), &session).await.unwrap();
    sessions::create(&pool, b"phone", Some(account), &session).await.unwrap();
    sessions::end_others(&pool, &ada, b"phone").await.unwrap();
    assert!(sessions::load(&pool, b"ada").await.unwrap().is_none());
    assert!(sessions::load(&pool, b"phone").await.unwrap().is_some());
}

#[testkit::test]
async fn preferences_come_with_the_account(pool: PgPool) {
    let ada = administrator(&pool).await;
    let account = async || authenticate(&pool, "ada@elm.test", &Secret(PASSWORD.into())).await.unwrap().unwrap();
    assert_eq!((account().await.theme.as_str(), account().await.single_keys), ("system", true));
    save_preferences(&pool, &ada, &Preferences { theme: Theme::Dark, single_keys: false }).await.unwrap();
    assert_eq!((account().await.theme.as_str(), account().await.single_keys), ("dark", false));
}
