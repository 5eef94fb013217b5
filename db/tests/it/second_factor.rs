//! The second factor: codes of an app, recovery codes, and who takes them away.

use chrono::{DateTime, TimeDelta, Utc};
use db::accounts::{
    Account, Half, authenticate, begin_second_factor, begin_totp, change_password, codes_are_own, confirm_totp,
    create_admin, factor_policy, factors, forget_ceremonies, give_second_factor, load, new_codes,
    remove_client_factors, remove_login, remove_member_factors, remove_totp, request_reset, reset, reset_factor,
    save_factor_policy, sessions, totp_setup, unopened_secrets,
};
use db::actor::{ClientActor, StaffActor};
use db::messages::expand_next;
use db::sealing::Sealer;
use db::{Actor, PgPool};
use shared::accounts::{FactorPolicyDetails, OwnPasswordForm, PasswordForm, RemoveFactorsForm, Role, Secret};
use shared::{AccountId, ClientId, ClientNumber, Problem, Refusal, StaffId};
use sqlx::query_scalar;
use testkit::{client_actor, refusal, staff_actor, totp::code};
use tokio::task::JoinSet;

const PASSWORD: &str = "correct horse";
const NAME: &str = "ada@elm.test";

fn sealer() -> Sealer {
    Sealer::new(&[[7; 32]])
}

/// An account with an app.
struct Owner {
    pool: PgPool,
    actor: Actor,
    account: AccountId,
    /// As it was typed into the app.
    secret: String,
    codes: Vec<String>,
    /// When the app was set up.
    at: DateTime<Utc>,
}

impl Owner {
    async fn administrator(pool: &PgPool) -> Owner {
        let account = create_admin(pool, "Ada", "Roe", NAME, &Secret(PASSWORD.into())).await.unwrap();
        let actor = Actor::load(pool, account).await.unwrap().unwrap().confirmed_now(true);
        Owner::of(pool, actor, account).await
    }

    /// A client, whose username is `mia`.
    async fn client(pool: &PgPool) -> (Owner, ClientNumber) {
        let actor = client_actor(pool, "Mia").await;
        let account = AccountId(db::new_id());
        sqlx::query("insert into account (id, username, password_hash, client_id) values ($1, 'mia', $2, $3)")
            .bind(account.0)
            .bind(db::accounts::hash_password(PASSWORD).unwrap())
            .bind(actor.id())
            .execute(pool)
            .await
            .unwrap();
        let number = query_scalar("update client set email = 'mia@kin.test' where id = $1 returning number")
            .bind(actor.id())
            .fetch_one(pool)
            .await
            .unwrap();
        (Owner::of(pool, actor, account).await, number)
    }

    async fn of(pool: &PgPool, actor: Actor, account: AccountId) -> Owner {
        begin_totp(pool, &actor, &sealer()).await.unwrap();
        let setup = totp_setup(pool, &actor, &sealer()).await.unwrap().unwrap();
        // In the middle of a step, and long ago enough for later codes.
        let at = DateTime::from_timestamp(1_800_000_015, 0).unwrap();
        let first = code(&setup.secret, at.timestamp());
        let codes = confirm_totp(pool, &actor, &sealer(), &first, b"here", at).await.unwrap().unwrap();
        Owner { pool: pool.clone(), actor, account, secret: setup.secret, codes, at }
    }

    fn code(&self, seconds: i64) -> String {
        code(&self.secret, self.at.timestamp() + seconds)
    }

    /// A login with this code, these seconds after the app was set up.
    async fn log_in(&self, typed: &str, seconds: i64) -> db::Result<Account> {
        let half = begin_second_factor(&self.pool, self.account).await.unwrap().unwrap();
        give_second_factor(&self.pool, &sealer(), &half, typed, self.at + TimeDelta::seconds(seconds)).await
    }

    async fn mailed(&self) -> Vec<String> {
        while expand_next(&self.pool, "http://kindred.test").await.unwrap() {}
        query_scalar("select subject || ': ' || body from message_copy order by created_at, id")
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }
}

fn wrong() -> Refusal {
    Refusal::field("code", Problem::WrongFactor)
}

#[testkit::test]
async fn a_code_works_once_and_one_step_early_or_late(pool: PgPool) {
    let ada = Owner::administrator(&pool).await;
    assert!(ada.secret.len() == 32 && ada.codes.len() == 10);
    assert_eq!(refusal(ada.log_in(&ada.code(0), 0).await), wrong(), "the code that set the app up");
    for (shown, typed, works) in [
        (300, 300, true),
        (300, 300, false),
        (600, 630, true),
        (930, 900, true),
        (1200, 1260, false),
        (1560, 1500, false),
    ] {
        let done = ada.log_in(&ada.code(shown), typed).await;
        assert_eq!(done.is_ok(), works, "shown at {shown}, typed at {typed}");
    }
    // A step before one that was taken is over.
    assert!(ada.log_in(&ada.code(3000), 3000).await.is_ok());
    assert_eq!(refusal(ada.log_in(&ada.code(2970), 3000).await), wrong());
}

#[testkit::test]
async fn of_64_tries_with_one_code_on_two_servers_one_comes_in(pool: PgPool) {
    let ada = Owner::administrator(&pool).await;
    let other = db::connect(&url(&pool), 8).await.unwrap();
    for typed in [ada.code(300), ada.codes[4].clone()] {
        sqlx::query("delete from account_failure").execute(&pool).await.unwrap();
        let mut tries = JoinSet::new();
        for n in 0..64 {
            let server = if n % 2 == 0 { pool.clone() } else { other.clone() };
            let half = begin_second_factor(&pool, ada.account).await.unwrap().unwrap();
            let (typed, at) = (typed.clone(), ada.at + TimeDelta::seconds(300));
            tries.spawn(async move { give_second_factor(&server, &sealer(), &half, &typed, at).await.is_ok() });
        }
        assert_eq!(tries.join_all().await.into_iter().filter(|done| *done).count(), 1, "{typed}");
    }
    other.close().await;
}

fn url(pool: &PgPool) -> String {
    use sqlx::ConnectOptions;
    pool.connect_options().to_url_lossy().to_string()
}

#[testkit::test]
async fn half_a_login_is_completed_once_and_within_ten_minutes(pool: PgPool) {
    let ada = Owner::administrator(&pool).await;
    let begin = async || begin_second_factor(&pool, ada.account).await.unwrap().unwrap();
    let (half, at) = (begin().await, ada.at + TimeDelta::seconds(300));
    let waits = db::accounts::half(&pool, &half, None).await.unwrap();
    assert_eq!(waits, Some(Half { app: true, passkey: false }));
    give_second_factor(&pool, &sealer(), &half, &ada.code(300), at).await.unwrap();
    assert_eq!(db::accounts::half(&pool, &half, None).await.unwrap(), None);
    let again = give_second_factor(&pool, &sealer(), &half, &ada.code(600), at + TimeDelta::seconds(300)).await;
    assert_eq!(refusal(again), Refusal::SignedOut);
    let late = begin().await;
    sqlx::query("update account_ceremony set expires_at = now()").execute(&pool).await.unwrap();
    let late = give_second_factor(&pool, &sealer(), &late, &ada.code(600), at + TimeDelta::seconds(300)).await;
    assert_eq!(refusal(late), Refusal::SignedOut);
    let guessed = give_second_factor(&pool, &sealer(), &Secret("guessed".into()), &ada.code(600), at).await;
    assert_eq!(refusal(guessed), Refusal::SignedOut);
}

#[testkit::test]
async fn a_recovery_code_works_once_and_new_ones_void_the_old(pool: PgPool) {
    let ada = Owner::administrator(&pool).await;
    let typed = ada.codes[3].to_lowercase().replace('-', " ");
    assert!(ada.log_in(&typed, 0).await.is_ok());
    assert_eq!(refusal(ada.log_in(&ada.codes[3], 0).await), wrong());
    assert!(ada.log_in(&ada.codes[9], 0).await.is_ok());
    assert_eq!(factors(&pool, &ada.actor).await.unwrap().codes_left, 8);
    assert!(codes_are_own(&pool, &ada.actor, &ada.codes[0]).await.unwrap());
    assert!(!codes_are_own(&pool, &ada.actor, &ada.codes[3]).await.unwrap());
    let mailed = ada.mailed().await;
    assert!(mailed.iter().any(|mail| mail.contains("Recovery code used") && mail.contains("9 are left")), "{mailed:?}");
    assert!(mailed.iter().any(|mail| mail.contains("8 are left")), "{mailed:?}");

    let fresh = new_codes(&pool, &ada.actor).await.unwrap();
    assert_eq!(refusal(ada.log_in(&ada.codes[0], 0).await), wrong());
    assert!(ada.log_in(&fresh[0], 0).await.is_ok());
    let stored: Vec<String> =
        query_scalar("select code_hash from account_recovery_code").fetch_all(&pool).await.unwrap();
    assert!(stored.iter().all(|hash| hash.starts_with("$argon2id$")));
}

#[testkit::test]
async fn after_five_wrong_codes_the_right_one_waits_and_the_owner_is_told_once(pool: PgPool) {
    let ada = Owner::administrator(&pool).await;
    for _ in 0..5 {
        assert_eq!(refusal(ada.log_in("000000", 300).await), wrong());
    }
    for typed in [ada.code(300), ada.codes[0].clone(), "000000".into()] {
        assert_eq!(refusal(ada.log_in(&typed, 300).await), Refusal::TooMany);
    }
    let told = ada.mailed().await.into_iter().filter(|mail| mail.contains("five wrong codes")).count();
    assert_eq!(told, 1);
    sqlx::query("update account_failure set at = now() - interval '16 minutes'").execute(&pool).await.unwrap();
    assert!(ada.log_in(&ada.code(300), 300).await.is_ok());
}

#[testkit::test]
async fn a_secret_is_sealed_and_a_setup_ends_other_sessions_and_is_mailed(pool: PgPool) {
    let expires_at = Utc::now() + TimeDelta::hours(1);
    let account = create_admin(&pool, "Ada", "Roe", NAME, &Secret(PASSWORD.into())).await.unwrap();
    let actor = Actor::load(&pool, account).await.unwrap().unwrap().confirmed_now(true);
    let session = sessions::Stored { data: serde_json::json!({}), expires_at };
    for id in [b"here", b"away"] {
        sessions::create(&pool, id, Some(account), &session).await.unwrap();
    }
    assert!(begin_second_factor(&pool, account).await.unwrap().is_none(), "the password is enough until then");
    let ada = Owner::of(&pool, actor, account).await;
    assert!(sessions::load(&pool, b"here").await.unwrap().is_some());
    assert!(sessions::load(&pool, b"away").await.unwrap().is_none());
    let sealed: Vec<u8> = query_scalar("select sealed_secret from account_totp").fetch_one(&pool).await.unwrap();
    assert_eq!(sealed.len(), 4 + 12 + 20 + 16);
    let half = begin_second_factor(&pool, account).await.unwrap().unwrap();
    let foreign = give_second_factor(&pool, &Sealer::random(), &half, &ada.code(300), ada.at).await;
    assert_eq!(refusal(foreign), Refusal::Internal);
    let mailed = ada.mailed().await;
    assert!(
        mailed.len() == 1 && mailed[0].contains("Authenticator app set up") && mailed[0].contains(NAME),
        "{mailed:?}"
    );
    // The password alone is still asked for, and still checked.
    assert!(authenticate(&pool, NAME, &Secret("wrong horse".into())).await.unwrap().is_none());
}

#[testkit::test]
async fn a_new_phone_replaces_the_app_only_once_its_code_was_given(pool: PgPool) {
    let ada = Owner::administrator(&pool).await;
    begin_totp(&pool, &ada.actor, &sealer()).await.unwrap();
    assert!(ada.log_in(&ada.code(300), 300).await.is_ok(), "the old one counts until then");
    let setup = totp_setup(&pool, &ada.actor, &sealer()).await.unwrap().unwrap();
    let at = ada.at + TimeDelta::seconds(600);
    let guess = confirm_totp(&pool, &ada.actor, &sealer(), "000000", b"here", at).await;
    assert_eq!(refusal(guess), wrong());
    let codes = confirm_totp(&pool, &ada.actor, &sealer(), &code(&setup.secret, at.timestamp()), b"here", at).await;
    assert_eq!(codes.unwrap(), None, "the recovery codes stay");
    assert_eq!(refusal(ada.log_in(&ada.code(900), 900).await), wrong());
    assert!(ada.log_in(&code(&setup.secret, at.timestamp() + 300), 900).await.is_ok());
}

#[testkit::test]
async fn a_role_that_needs_a_factor_keeps_the_last_one(pool: PgPool) {
    let ada = Owner::administrator(&pool).await;
    let needed = Refusal::field("authenticator", Problem::FactorNeeded);
    assert_eq!(refusal(remove_totp(&pool, &ada.actor, b"here").await), needed);
    sqlx::query("update practice set factor_roles = '{}'").execute(&pool).await.unwrap();
    remove_totp(&pool, &ada.actor, b"here").await.unwrap();
    assert!(begin_second_factor(&pool, ada.account).await.unwrap().is_none());
    assert_eq!(factors(&pool, &ada.actor).await.unwrap().codes_left, 0, "codes without a factor open nothing");
    // And each of these asks for the password.
    let late = ada.actor.clone().confirmed_now(false);
    assert_eq!(refusal(remove_totp(&pool, &late, b"here").await), Refusal::Unconfirmed);
    assert_eq!(refusal(begin_totp(&pool, &late, &sealer()).await), Refusal::Unconfirmed);
    assert_eq!(refusal(new_codes(&pool, &late).await), Refusal::Unconfirmed);
}

#[testkit::test]
async fn the_front_desk_takes_a_clients_factors_away_and_writes_what_they_checked(pool: PgPool) {
    let (mia, number) = Owner::client(&pool).await;
    let desk = staff_actor(&pool, "Dee", &[Role::FrontDesk]).await;
    let form = |checked: &str| RemoveFactorsForm { checked: checked.into() };
    let required = Refusal::field("checked", Problem::Required);
    assert_eq!(refusal(remove_client_factors(&pool, &desk, number, &form(" ")).await), required);
    let other = client_actor(&pool, "Noor").await;
    assert_eq!(refusal(remove_client_factors(&pool, &other, number, &form("x")).await), Refusal::NotFound);
    let late = desk.clone().confirmed_now(false);
    assert_eq!(refusal(remove_client_factors(&pool, &late, number, &form("x")).await), Refusal::Unconfirmed);
    assert!(begin_second_factor(&pool, mia.account).await.unwrap().is_some());

    remove_client_factors(&pool, &desk, number, &form("Passport at the desk")).await.unwrap();
    assert!(begin_second_factor(&pool, mia.account).await.unwrap().is_none());
    let (checked, audited): (String, i64) = sqlx::query_as(
        "select (select checked from account_factor_removal), (select count(*) from audit where action = 'remove-factors')",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!((checked.as_str(), audited), ("Passport at the desk", 1));
    assert!(mia.mailed().await.iter().any(|mail| mail.contains("Second factor removed")));
    let none = Refusal::field("checked", Problem::NoFactor);
    assert_eq!(refusal(remove_client_factors(&pool, &desk, number, &form("again")).await), none);
}

#[testkit::test]
async fn the_last_administrator_gets_in_again_by_the_command_line_or_a_colleague(pool: PgPool) {
    let ada = Owner::administrator(&pool).await;
    assert_eq!(refusal(reset_factor(&pool, "nobody@elm.test").await), Refusal::NotFound);
    reset_factor(&pool, "ADA@elm.test").await.unwrap();
    assert!(begin_second_factor(&pool, ada.account).await.unwrap().is_none());

    let again = Owner::of(&pool, ada.actor.clone(), ada.account).await;
    let form = RemoveFactorsForm { checked: "Spoke on the phone".into() };
    let desk = staff_actor(&pool, "Dee", &[Role::FrontDesk]).await;
    let id = StaffId(ada.actor.id());
    assert_eq!(refusal(remove_member_factors(&pool, &desk, id, &form).await), Refusal::Forbidden);
    let own = Refusal::field("checked", Problem::OwnFactor);
    assert_eq!(refusal(remove_member_factors(&pool, &ada.actor, id, &form).await), own);
    let admin = staff_actor(&pool, "Ben", &[Role::Administrator]).await;
    remove_member_factors(&pool, &admin, id, &form).await.unwrap();
    assert!(begin_second_factor(&pool, again.account).await.unwrap().is_none());
}

#[testkit::test]
async fn a_new_password_or_factor_ends_a_login_that_is_half_done(pool: PgPool) {
    let ada = Owner::administrator(&pool).await;
    let begin = async || begin_second_factor(&pool, ada.account).await.unwrap().unwrap();
    let give = async |half: &Secret, seconds: i64| {
        let at = ada.at + TimeDelta::seconds(seconds);
        give_second_factor(&pool, &sealer(), half, &ada.code(seconds), at).await
    };
    let half = begin().await;
    let form = OwnPasswordForm {
        current: Secret(PASSWORD.into()),
        password: Secret("a whole new one".into()),
        again: Secret("a whole new one".into()),
    };
    change_password(&pool, &ada.actor, &form).await.unwrap();
    assert_eq!(refusal(give(&half, 300).await), Refusal::SignedOut);

    let half = begin().await;
    request_reset(&pool, NAME).await.unwrap();
    let token: String = query_scalar("select secret from message where kind = 'reset'").fetch_one(&pool).await.unwrap();
    let again = Secret("another whole one".into());
    let form = PasswordForm { token: Secret(token), password: again.clone(), again, ..PasswordForm::default() };
    reset(&pool, &form).await.unwrap();
    assert_eq!(refusal(give(&half, 600).await), Refusal::SignedOut);
    assert!(give(&begin().await, 900).await.is_ok());
    let mailed = ada.mailed().await;
    for title in ["Password changed", "Password reset"] {
        assert!(mailed.iter().any(|mail| mail.contains(title)), "{title}: {mailed:?}");
    }
}

#[testkit::test]
async fn a_login_is_not_removed_past_its_second_factor(pool: PgPool) {
    let (mia, number) = Owner::client(&pool).await;
    let desk = staff_actor(&pool, "Dee", &[Role::FrontDesk]).await;
    let first = Refusal::field("login", Problem::HasFactor);
    assert_eq!(refusal(remove_login(&pool, &desk, number).await), first);
    assert!(begin_second_factor(&pool, mia.account).await.unwrap().is_some());
    let form = RemoveFactorsForm { checked: "Passport at the desk".into() };
    remove_client_factors(&pool, &desk, number, &form).await.unwrap();
    assert!(remove_login(&pool, &desk, number).await.unwrap());
}

#[testkit::test]
async fn the_owner_is_told_once_a_day_of_a_login_that_stayed_half_done(pool: PgPool) {
    let ada = Owner::administrator(&pool).await;
    let told = async || {
        forget_ceremonies(&pool).await.unwrap();
        ada.mailed().await.into_iter().filter(|mail| mail.contains("Login attempt with your password")).count()
    };
    let lapse = async || {
        let sql = "update account_ceremony set created_at = now() - interval '12 minutes', expires_at = now() - interval '2 minutes'";
        sqlx::query(sql).execute(&pool).await.unwrap();
    };
    let begin = async || begin_second_factor(&pool, ada.account).await.unwrap().unwrap();
    // Completed; and given up, but logged in another way meanwhile.
    let half = begin().await;
    let at = ada.at + TimeDelta::seconds(300);
    give_second_factor(&pool, &sealer(), &half, &ada.code(300), at).await.unwrap();
    lapse().await;
    assert_eq!(told().await, 0);
    begin().await;
    lapse().await;
    let stored = sessions::Stored { data: serde_json::json!({}), expires_at: Utc::now() + TimeDelta::hours(1) };
    sessions::create(&pool, b"phone", Some(ada.account), &stored).await.unwrap();
    sqlx::query("update session set created_at = now() - interval '11 minutes'").execute(&pool).await.unwrap();
    assert_eq!(told().await, 0);
    sessions::delete(&pool, b"phone").await.unwrap();

    begin().await;
    assert_eq!(told().await, 0, "it may still be completed");
    lapse().await;
    assert_eq!(told().await, 1);
    begin().await;
    lapse().await;
    assert_eq!(told().await, 1);
}

#[testkit::test]
async fn the_days_are_counted_from_when_the_role_needs_a_factor(pool: PgPool) {
    let account = create_admin(&pool, "Ada", "Roe", NAME, &Secret(PASSWORD.into())).await.unwrap();
    let admin = Actor::load(&pool, account).await.unwrap().unwrap().confirmed_now(true);
    let run = async |sql: &'static str| sqlx::query(sql).execute(&pool).await.unwrap();
    let overdue = async || load(&pool, account).await.unwrap().unwrap().overdue;
    let due = async || factors(&pool, &admin).await.unwrap().due;
    // A practitioner of three years is made administrator.
    run("update staff_member set roles = '{practitioner}'").await;
    run("update account set created_at = now() - interval '3 years'").await;
    assert_eq!((overdue().await, due().await), (false, None));
    run("update staff_member set roles = '{practitioner,administrator}'").await;
    assert!(!overdue().await, "there are seven days");
    assert!(due().await.unwrap() > Utc::now() + TimeDelta::days(6));

    // Eight days later another number gives no one new days.
    run("update account set factor_since = now() - interval '8 days'").await;
    assert!(overdue().await);
    let details = |days: i16, roles: &[Role], version: i32| FactorPolicyDetails {
        roles: roles.to_vec(),
        days,
        version: Some(version),
    };
    let version = async || factor_policy(&pool, &admin).await.unwrap().version;
    save_factor_policy(&pool, &admin, &details(6, &[Role::Administrator], version().await)).await.unwrap();
    assert!(overdue().await);
    let all = [Role::Administrator, Role::Practitioner];
    save_factor_policy(&pool, &admin, &details(6, &all, version().await)).await.unwrap();
    assert!(overdue().await, "they needed one before");
    save_factor_policy(&pool, &admin, &details(6, &[], version().await)).await.unwrap();
    assert_eq!((overdue().await, due().await), (false, None));
    save_factor_policy(&pool, &admin, &details(6, &all, version().await)).await.unwrap();
    assert!(!overdue().await);
}

#[testkit::test]
async fn no_one_has_given_their_password_but_in_a_session(pool: PgPool) {
    let ada = Owner::administrator(&pool).await;
    let (mia, number) = Owner::client(&pool).await;
    for account in [ada.account, mia.account] {
        let actor = Actor::load(&pool, account).await.unwrap().unwrap();
        assert_eq!(refusal(begin_totp(&pool, &actor, &sealer()).await), Refusal::Unconfirmed);
    }
    let staff = StaffActor::new(StaffId(ada.actor.id()), "Ada", vec![Role::Administrator], false);
    let form = RemoveFactorsForm { checked: "Passport at the desk".into() };
    let removed = remove_client_factors(&pool, &Actor::Staff(staff.clone()), number, &form).await;
    assert_eq!(refusal(removed), Refusal::Unconfirmed);
    let removed = remove_login(&pool, &Actor::Staff(staff.clone()), number).await;
    assert_eq!(refusal(removed), Refusal::Unconfirmed);
    let reset = db::practice::send_member_reset(&pool, &Actor::Staff(staff), StaffId(ada.actor.id())).await;
    assert_eq!(refusal(reset), Refusal::Unconfirmed);
    let client = Actor::Client(ClientActor::new(ClientId(mia.actor.id()), "Mia"));
    assert_eq!(refusal(new_codes(&pool, &client).await), Refusal::Unconfirmed);
}

#[testkit::test]
async fn a_recovery_code_lets_in_where_the_key_is_lost(pool: PgPool) {
    let ada = Owner::administrator(&pool).await;
    let lost = Sealer::random();
    assert_eq!(unopened_secrets(&pool, &sealer()).await.unwrap(), 0);
    assert_eq!(unopened_secrets(&pool, &lost).await.unwrap(), 1);
    let half = begin_second_factor(&pool, ada.account).await.unwrap().unwrap();
    give_second_factor(&pool, &lost, &half, &ada.codes[5], ada.at).await.unwrap();
}
