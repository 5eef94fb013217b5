//! Passkeys, with an authenticator in software: what logs in, what does not, and what stays a way in.

use db::accounts::{
    Account, Half, RelyingParty, add_passkey, begin_passkey, begin_passkey_login, begin_passkey_step,
    begin_second_factor, begin_totp, confirm_totp, create_admin, factors, half, load, new_codes, passkey_login,
    passkey_step, passkeys, passkeys_elsewhere, remove_client_factors, remove_passkey, remove_totp, rename_passkey,
    reset_factor, sessions, totp_setup,
};
use db::messages::expand_next;
use db::sealing::Sealer;
use db::{Actor, PgPool};
use serde_json::{Value, json};
use shared::accounts::{PasskeyForm, PasskeyLoginForm, PasskeyNameForm, RemoveFactorsForm, Role, Secret};
use shared::{AccountId, ClientNumber, PasskeyId, Problem, Refusal};
use sqlx::query_scalar;
use testkit::passkeys::Authenticator;
use testkit::totp::code;
use testkit::{Dice, client_actor, database_url, refusal, staff_actor};
use tokio::task::JoinSet;

const ORIGIN: &str = "https://kin.example";
const HERE: &[u8] = b"here";
const NAME: &str = "ada@elm.test";

fn site() -> RelyingParty {
    RelyingParty::of(ORIGIN).unwrap()
}

fn made(options: &Value, credential: String) -> PasskeyForm {
    let ceremony = options["ceremony"].as_str().unwrap().to_owned();
    PasskeyForm { name: "My phone".into(), ceremony, credential }
}

fn given(options: &Value, credential: String) -> PasskeyLoginForm {
    let ceremony = options["ceremony"].as_str().unwrap().to_owned();
    PasskeyLoginForm { ceremony, credential, next: String::new() }
}

fn wrong() -> Refusal {
    Refusal::field("credential", Problem::WrongPasskey)
}

/// Someone with a password, and perhaps with passkeys.
struct Owner {
    pool: PgPool,
    actor: Actor,
    account: AccountId,
}

impl Owner {
    async fn administrator(pool: &PgPool) -> Owner {
        let account = create_admin(pool, "Ada", "Roe", NAME, &Secret("correct horse".into())).await.unwrap();
        let actor = Actor::load(pool, account).await.unwrap().unwrap().confirmed_now(true);
        Owner { pool: pool.clone(), actor, account }
    }

    async fn client(pool: &PgPool, name: &str) -> (Owner, ClientNumber) {
        let actor = client_actor(pool, name).await;
        let account = AccountId(db::new_id());
        sqlx::query("insert into account (id, username, password_hash, client_id) values ($1, $2, 'x', $3)")
            .bind(account.0)
            .bind(name)
            .bind(actor.id())
            .execute(pool)
            .await
            .unwrap();
        let number = query_scalar("update client set email = $2 || '@kin.test' where id = $1 returning number")
            .bind(actor.id())
            .bind(name)
            .fetch_one(pool)
            .await
            .unwrap();
        (Owner { pool: pool.clone(), actor, account }, number)
    }

    async fn add(&self) -> (Authenticator, Option<Vec<String>>) {
        let options = begin_passkey(&self.pool, &self.actor, &site(), HERE).await.unwrap();
        let (authenticator, answer) = Authenticator::make(ORIGIN, &options);
        let form = made(&options, answer);
        let codes = add_passkey(&self.pool, &self.actor, &site(), &form, HERE).await.unwrap();
        (authenticator, codes)
    }

    async fn ids(&self) -> Vec<PasskeyId> {
        passkeys(&self.pool, &self.actor).await.unwrap().into_iter().map(|passkey| passkey.id).collect()
    }

    async fn mailed(&self) -> Vec<String> {
        while expand_next(&self.pool, "http://kindred.test").await.unwrap() {}
        query_scalar("select subject || ': ' || body from message_copy order by created_at, id")
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }
}

/// A question to a browser in which no one is logged in.
async fn asked(pool: &PgPool) -> (Value, Secret) {
    begin_passkey_login(pool, &site(), None).await.unwrap()
}

async fn log_in(pool: &PgPool, authenticator: &Authenticator) -> db::Result<Account> {
    let (options, browser) = asked(pool).await;
    passkey_login(pool, &site(), &browser, &given(&options, authenticator.answer(&options))).await
}

#[testkit::test]
async fn a_passkey_logs_in_without_a_name_and_is_both_factors(pool: PgPool) {
    let ada = Owner::administrator(&pool).await;
    let stored = sessions::Stored { data: json!({}), expires_at: chrono::Utc::now() + chrono::TimeDelta::hours(1) };
    for id in [HERE, b"elsewhere"] {
        assert!(sessions::create(&pool, id, Some(ada.account), &stored).await.unwrap());
    }
    let options = begin_passkey(&pool, &ada.actor, &site(), HERE).await.unwrap();
    let public = &options["publicKey"];
    assert_eq!(public["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(public["authenticatorSelection"]["userVerification"], "required");
    assert_eq!((&public["rp"]["id"], &public["user"]["name"]), (&json!("kin.example"), &json!(NAME)));
    assert!(!public.to_string().contains(&ada.actor.id().to_string()), "the handle says nothing of its owner");

    let (mut phone, answer) = Authenticator::make(ORIGIN, &options);
    let codes = add_passkey(&pool, &ada.actor, &site(), &made(&options, answer), HERE).await.unwrap();
    assert_eq!(codes.unwrap().len(), 10, "the first factor comes with recovery codes");
    assert!(sessions::load(&pool, HERE).await.unwrap().is_some());
    assert!(sessions::load(&pool, b"elsewhere").await.unwrap().is_none(), "every other session ends");
    assert!(ada.mailed().await.iter().any(|mail| mail.contains("Passkey added") && mail.contains(NAME)));

    assert!(begin_second_factor(&pool, ada.account).await.unwrap().is_some(), "the password alone is half");
    phone.counter = 1;
    assert_eq!(log_in(&pool, &phone).await.unwrap().id, ada.account);
    let own = passkeys(&pool, &ada.actor).await.unwrap();
    assert!(own.len() == 1 && own[0].name == "My phone" && own[0].last_used.is_some() && own[0].rp_id == "kin.example");
    let (_, again) = ada.add().await;
    assert_eq!(again, None, "the codes stay");
    let options = begin_passkey(&pool, &ada.actor, &site(), HERE).await.unwrap();
    assert!(phone.is_excluded(&options));
}

#[testkit::test]
async fn a_passkey_that_answers_something_else_logs_no_one_in(pool: PgPool) {
    let ada = Owner::administrator(&pool).await;
    let (mut phone, _) = ada.add().await;
    phone.counter = 5;
    let (options, browser) = asked(&pool).await;
    let answer = phone.answer(&options);
    passkey_login(&pool, &site(), &browser, &given(&options, answer.clone())).await.unwrap();

    // Replayed, to this question and to the next.
    let again = passkey_login(&pool, &site(), &browser, &given(&options, answer.clone())).await;
    assert_eq!(refusal(again), Refusal::Lapsed);
    let (next, browser) = asked(&pool).await;
    assert_eq!(refusal(passkey_login(&pool, &site(), &browser, &given(&next, answer)).await), wrong());
    phone.counter = 6;
    let late = passkey_login(&pool, &site(), &browser, &given(&next, phone.answer(&next))).await;
    assert_eq!(refusal(late), Refusal::Lapsed, "the question was taken by the wrong answer");

    // Another browser's, over, and what no one began.
    let (options, _) = asked(&pool).await;
    let (_, other) = asked(&pool).await;
    let form = given(&options, phone.answer(&options));
    assert_eq!(refusal(passkey_login(&pool, &site(), &other, &form).await), Refusal::Lapsed);
    let (options, browser) = asked(&pool).await;
    sqlx::query("update account_ceremony set expires_at = now()").execute(&pool).await.unwrap();
    let form = given(&options, phone.answer(&options));
    assert_eq!(refusal(passkey_login(&pool, &site(), &browser, &form).await), Refusal::Lapsed);
    let lives: bool = query_scalar(
        "select bool_and(expires_at - created_at <= interval '5 minutes') from account_ceremony where used_at is not null",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert!(lives);

    // Another origin, another site, no finger, no owner, a counter that stands still or went back.
    let origins = ["https://evil.example", "https://sub.kin.example", "https://kin.example:8443", "http://kin.example"];
    for origin in origins {
        phone.origin = origin.into();
        assert_eq!(refusal(log_in(&pool, &phone).await), wrong(), "{origin}");
    }
    phone.origin = ORIGIN.into();
    phone.verifies = false;
    assert_eq!(refusal(log_in(&pool, &phone).await), wrong());
    (phone.verifies, phone.tells_owner) = (true, false);
    assert_eq!(refusal(log_in(&pool, &phone).await), wrong());
    phone.tells_owner = true;
    for counter in [5, 4, 0] {
        phone.counter = counter;
        assert_eq!(refusal(log_in(&pool, &phone).await), wrong(), "{counter}");
    }
    let (options, browser) = asked(&pool).await;
    for nonsense in ["", "{}", "null", "{\"id\":\"x\"}"] {
        let form = given(&options, nonsense.into());
        assert!(passkey_login(&pool, &site(), &browser, &form).await.is_err());
    }
    phone.counter = 6;
    assert!(log_in(&pool, &phone).await.is_ok());
    let elsewhere = RelyingParty::of("https://other.example").unwrap();
    let (options, browser) = begin_passkey_login(&pool, &elsewhere, None).await.unwrap();
    let form = given(&options, phone.answer(&options));
    assert_eq!(refusal(passkey_login(&pool, &elsewhere, &browser, &form).await), wrong());
    assert_eq!(passkeys_elsewhere(&pool, "other.example").await.unwrap(), 1);
    assert_eq!(passkeys_elsewhere(&pool, "kin.example").await.unwrap(), 0);
}

#[testkit::test]
async fn of_64_answers_at_the_same_time_on_two_servers_one_comes_in(pool: PgPool) {
    let ada = Owner::administrator(&pool).await;
    let (mut phone, _) = ada.add().await;
    let other = db::connect(&database_url(&pool), 8).await.unwrap();
    let server = |n: usize| if n.is_multiple_of(2) { pool.clone() } else { other.clone() };

    let (options, browser) = asked(&pool).await;
    let form = given(&options, phone.answer(&options));
    let mut tries = JoinSet::new();
    for n in 0..64 {
        let (server, browser, form) = (server(n), browser.clone(), form.clone());
        tries.spawn(async move { passkey_login(&server, &site(), &browser, &form).await.is_ok() });
    }
    assert_eq!(tries.join_all().await.into_iter().filter(|done| *done).count(), 1, "one question");

    // A copy of the device answers as often as it is asked, with one counter.
    phone.counter = 9;
    let mut tries = JoinSet::new();
    for n in 0..64 {
        let (options, browser) = asked(&pool).await;
        let (server, form) = (server(n), given(&options, phone.answer(&options)));
        tries.spawn(async move { passkey_login(&server, &site(), &browser, &form).await.is_ok() });
    }
    assert_eq!(tries.join_all().await.into_iter().filter(|done| *done).count(), 1, "one counter");

    let options = begin_passkey(&pool, &ada.actor, &site(), HERE).await.unwrap();
    let (_, answer) = Authenticator::make(ORIGIN, &options);
    let form = made(&options, answer);
    let mut tries = JoinSet::new();
    for n in 0..64 {
        let (server, actor, form) = (server(n), ada.actor.clone(), form.clone());
        tries.spawn(async move { add_passkey(&server, &actor, &site(), &form, HERE).await.is_ok() });
    }
    assert_eq!(tries.join_all().await.into_iter().filter(|done| *done).count(), 1, "one registration");
    other.close().await;
}

#[testkit::test]
async fn after_the_password_only_a_passkey_of_that_account_completes_the_login(pool: PgPool) {
    let ada = Owner::administrator(&pool).await;
    let (mia, _) = Owner::client(&pool, "mia").await;
    let (mut phone, _) = ada.add().await;
    let (mut others, _) = mia.add().await;
    (phone.counter, others.counter) = (1, 1);
    let begin = async || begin_second_factor(&pool, ada.account).await.unwrap().unwrap();
    let step = async |secret: &Secret, authenticator: &Authenticator| {
        let options = begin_passkey_step(&pool, &site(), secret).await?;
        passkey_step(&pool, &site(), secret, &given(&options, authenticator.answer(&options))).await
    };
    let secret = begin().await;
    assert_eq!(half(&pool, &secret, Some(&site())).await.unwrap(), Some(Half { app: false, passkey: true }));
    assert_eq!(half(&pool, &secret, None).await.unwrap(), Some(Half { app: false, passkey: false }));
    assert_eq!(refusal(step(&secret, &others).await), wrong(), "of someone else");
    // What one question was for, does not answer the other.
    let (options, browser) = asked(&pool).await;
    let form = given(&options, phone.answer(&options));
    assert_eq!(refusal(passkey_step(&pool, &site(), &secret, &form).await), Refusal::Lapsed);
    let options = begin_passkey_step(&pool, &site(), &secret).await.unwrap();
    assert_eq!(options["publicKey"]["allowCredentials"].as_array().unwrap().len(), 1);
    let form = given(&options, phone.answer(&options));
    assert_eq!(refusal(passkey_login(&pool, &site(), &browser, &form).await), Refusal::Lapsed);
    assert_eq!(refusal(passkey_login(&pool, &site(), &secret, &form).await), Refusal::Lapsed);

    phone.tells_owner = false;
    assert_eq!(step(&secret, &phone).await.unwrap().id, ada.account);
    phone.counter = 2;
    assert_eq!(refusal(step(&secret, &phone).await), Refusal::SignedOut, "it is completed once");
    let late = begin().await;
    sqlx::query("update account_ceremony set expires_at = now()").execute(&pool).await.unwrap();
    assert_eq!(refusal(step(&late, &phone).await), Refusal::SignedOut);
    assert_eq!(refusal(step(&Secret("guessed".into()), &phone).await), Refusal::SignedOut);
}

#[testkit::test]
async fn a_passkey_is_made_with_fresh_proof_in_the_session_that_began(pool: PgPool) {
    let ada = Owner::administrator(&pool).await;
    let (mia, _) = Owner::client(&pool, "mia").await;
    let late = ada.actor.clone().confirmed_now(false);
    assert_eq!(refusal(begin_passkey(&pool, &late, &site(), HERE).await), Refusal::Unconfirmed);
    let begin = async || begin_passkey(&pool, &ada.actor, &site(), HERE).await.unwrap();
    let add = async |actor: &Actor, form: &PasskeyForm, here: &[u8]| {
        add_passkey(&pool, actor, &site(), form, here).await.map(|_| ())
    };
    let options = begin().await;
    let form = made(&options, Authenticator::make(ORIGIN, &options).1);
    assert_eq!(refusal(add(&late, &form, HERE).await), Refusal::Unconfirmed);
    assert_eq!(refusal(add(&ada.actor, &form, b"elsewhere").await), Refusal::Lapsed, "another session");
    assert_eq!(refusal(add(&mia.actor, &form, HERE).await), Refusal::Lapsed, "another account");
    let options = begin().await;
    let form = made(&options, Authenticator::make("https://evil.example", &options).1);
    let refused = Refusal::field("name", Problem::WrongPasskey);
    assert_eq!(refusal(add(&ada.actor, &form, HERE).await), refused);
    let options = begin().await;
    let form = made(&options, Authenticator::make(ORIGIN, &options).1);
    sqlx::query("update account_ceremony set expires_at = now()").execute(&pool).await.unwrap();
    assert_eq!(refusal(add(&ada.actor, &form, HERE).await), Refusal::Lapsed);
    assert!(ada.ids().await.is_empty());

    let options = begin().await;
    let (phone, answer) = Authenticator::make(ORIGIN, &options);
    let form = PasskeyForm { name: " ".into(), ..made(&options, answer) };
    add(&ada.actor, &form, HERE).await.unwrap();
    assert_eq!(passkeys(&pool, &ada.actor).await.unwrap()[0].name, "Passkey");
    assert_eq!(refusal(add(&ada.actor, &form, HERE).await), Refusal::Lapsed);
    assert!(log_in(&pool, &phone).await.is_ok());
}

#[testkit::test]
async fn one_renames_and_removes_ones_own_and_keeps_the_last_way_in(pool: PgPool) {
    let ada = Owner::administrator(&pool).await;
    let (mia, _) = Owner::client(&pool, "mia").await;
    let (phone, _) = ada.add().await;
    let id = ada.ids().await[0];
    let name = |name: &str| PasskeyNameForm { name: name.into() };
    rename_passkey(&pool, &ada.actor, id, &name("Old phone")).await.unwrap();
    assert_eq!(passkeys(&pool, &ada.actor).await.unwrap()[0].name, "Old phone");
    assert_eq!(refusal(rename_passkey(&pool, &mia.actor, id, &name("Mine")).await), Refusal::NotFound);
    let empty = Refusal::field("name", Problem::Required);
    assert_eq!(refusal(rename_passkey(&pool, &ada.actor, id, &name(" ")).await), empty);
    assert_eq!(refusal(remove_passkey(&pool, &mia.actor, id, HERE).await), Refusal::NotFound);
    let late = ada.actor.clone().confirmed_now(false);
    assert_eq!(refusal(remove_passkey(&pool, &late, id, HERE).await), Refusal::Unconfirmed);

    // Her role needs one.
    let needed = Refusal::field("passkey", Problem::FactorNeeded);
    assert_eq!(refusal(remove_passkey(&pool, &ada.actor, id, HERE).await), needed);
    ada.add().await;
    remove_passkey(&pool, &ada.actor, id, HERE).await.unwrap();
    assert_eq!(refusal(log_in(&pool, &phone).await), wrong());
    assert!(ada.mailed().await.iter().any(|mail| mail.contains("Passkey removed")));

    // Of someone without a password.
    mia.add().await;
    sqlx::query("update account set password_hash = null where id = $1")
        .bind(mia.account.0)
        .execute(&pool)
        .await
        .unwrap();
    let id = mia.ids().await[0];
    let last = Refusal::field("passkey", Problem::LastWayIn);
    assert_eq!(refusal(remove_passkey(&pool, &mia.actor, id, HERE).await), last);
    sqlx::query("update account set password_hash = 'x' where id = $1")
        .bind(mia.account.0)
        .execute(&pool)
        .await
        .unwrap();
    remove_passkey(&pool, &mia.actor, id, HERE).await.unwrap();
    let left = factors(&pool, &mia.actor).await.unwrap();
    assert!(left.codes_left == 0 && !left.any, "codes without a factor open nothing");
}

#[testkit::test]
async fn a_passkey_of_someone_who_may_not_log_in_opens_nothing(pool: PgPool) {
    let (mia, number) = Owner::client(&pool, "mia").await;
    let (mut phone, _) = mia.add().await;
    phone.counter = 1;
    sqlx::query("update client set status = 'inactive' where number = $1").bind(number).execute(&pool).await.unwrap();
    assert_eq!(refusal(log_in(&pool, &phone).await), wrong());
    let used: bool =
        query_scalar("select last_used_at is not null from account_passkey").fetch_one(&pool).await.unwrap();
    assert!(!used);
    sqlx::query("update client set status = 'active' where number = $1").bind(number).execute(&pool).await.unwrap();
    assert!(log_in(&pool, &phone).await.is_ok());
    sqlx::query("update practice set client_login = false").execute(&pool).await.unwrap();
    phone.counter = 2;
    assert_eq!(refusal(log_in(&pool, &phone).await), wrong());
    sqlx::query("update practice set client_login = true").execute(&pool).await.unwrap();

    // The front desk takes passkeys away with all else.
    let desk = staff_actor(&pool, "Dee", &[Role::FrontDesk]).await;
    let form = RemoveFactorsForm { checked: "Passport at the desk".into() };
    remove_client_factors(&pool, &desk, number, &form).await.unwrap();
    assert!(mia.ids().await.is_empty());
    phone.counter = 3;
    assert_eq!(refusal(log_in(&pool, &phone).await), wrong());
}

#[testkit::test]
async fn a_login_that_was_under_way_ends_with_the_change_of_a_factor(pool: PgPool) {
    let ada = Owner::administrator(&pool).await;
    // The password was given, and its session is not made yet.
    let under_way = load(&pool, ada.account).await.unwrap().unwrap().auth_hash;
    ada.add().await;
    let now = load(&pool, ada.account).await.unwrap().unwrap().auth_hash;
    assert_ne!(under_way, now, "a session that holds the former one has ended");
    ada.add().await;
    let later = load(&pool, ada.account).await.unwrap().unwrap().auth_hash;
    assert_ne!(now, later);
    remove_passkey(&pool, &ada.actor, ada.ids().await[0], HERE).await.unwrap();
    assert_ne!(later, load(&pool, ada.account).await.unwrap().unwrap().auth_hash);
}

/// Whatever is done in whatever order: the account has a way in, and no second factor is without recovery codes.
#[testkit::test]
async fn an_account_always_has_a_way_in_and_a_factor_always_recovery_codes(pool: PgPool) {
    let sealer = Sealer::new(&[[7; 32]]);
    let mut dice = Dice::new(testkit::seed());
    for round in 0..testkit::rounds(3, 100) {
        let name = format!("client{round}");
        let (owner, number) = Owner::client(&pool, &name).await;
        let desk = staff_actor(&pool, &format!("Desk{round}"), &[Role::FrontDesk]).await;
        let mut done = Vec::new();
        for _ in 0..25 {
            let what = dice.roll(8);
            let outcome = match what {
                0 => {
                    owner.add().await;
                    Ok(())
                }
                1 | 2 => match owner.ids().await.first() {
                    Some(id) => remove_passkey(&pool, &owner.actor, *id, HERE).await,
                    None => Ok(()),
                },
                3 => {
                    begin_totp(&pool, &owner.actor, &sealer).await.unwrap();
                    let setup = totp_setup(&pool, &owner.actor, &sealer).await.unwrap().unwrap();
                    let now = chrono::Utc::now();
                    let typed = code(&setup.secret, now.timestamp());
                    confirm_totp(&pool, &owner.actor, &sealer, &typed, HERE, now).await.map(|_| ())
                }
                4 => remove_totp(&pool, &owner.actor, HERE).await,
                5 => new_codes(&pool, &owner.actor).await.map(|_| ()),
                6 => match dice.roll(2) {
                    0 => reset_factor(&pool, &name).await,
                    _ => {
                        let form = RemoveFactorsForm { checked: "Passport".into() };
                        remove_client_factors(&pool, &desk, number, &form).await
                    }
                },
                // The password goes where something else opens the account, and comes back.
                _ => {
                    let sql = "update account a set password_hash = case when password_hash is null then 'x'
                        when exists (select from account_passkey k where k.account_id = a.id) then null else 'x' end
                         where id = $1";
                    sqlx::query(sql).bind(owner.account.0).execute(&pool).await.unwrap();
                    Ok(())
                }
            };
            done.push((what, outcome.is_ok()));
            let (way_in, factor, codes): (bool, bool, i64) = sqlx::query_as(
                "select a.password_hash is not null or exists (select from account_passkey k where k.account_id = a.id),
                        account_has_factor(a.id), (select count(*) from account_recovery_code c where c.account_id = a.id)
                   from account a where a.id = $1",
            )
            .bind(owner.account.0)
            .fetch_one(&pool)
            .await
            .unwrap();
            assert!(way_in, "no way in after {done:?}");
            assert!(!factor || codes > 0, "a factor without codes after {done:?}");
        }
    }
}
