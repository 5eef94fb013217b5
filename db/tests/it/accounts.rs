//! Log-ins: claiming, resetting, removing, and who may use one.

use argon2::{Argon2, PasswordHasher};
use db::accounts::{
    authenticate, claim, claimable, create_admin, hash_password, invite, load, remove_login, request_reset, reset,
    resettable, send_reset, sessions,
};
use db::clients::set_status;
use db::{Actor, PgPool, audit};
use shared::accounts::{PasswordForm, Role, Secret};
use shared::clients::Status;
use shared::{AccountId, ClientNumber, FieldErrors, Problem, Refusal};
use testkit::{client_actor, refusal, staff_actor};

const PASSWORD: &str = "correct horse";

/// An active client of this name, `{name}@example.com`.
async fn client(pool: &PgPool, name: &str) -> ClientNumber {
    let actor = client_actor(pool, name).await;
    sqlx::query_scalar("update client set email = $2 where id = $1 returning number")
        .bind(actor.id())
        .bind(format!("{name}@example.com"))
        .fetch_one(pool)
        .await
        .unwrap()
}

async fn desk(pool: &PgPool) -> Actor {
    staff_actor(pool, "Dee", &[Role::FrontDesk]).await
}

/// The secret in the newest mail of this kind.
async fn mailed(pool: &PgPool, kind: &str) -> Secret {
    let newest = "select secret from message where kind = $1 order by id desc limit 1";
    Secret(sqlx::query_scalar(newest).bind(kind).fetch_one(pool).await.unwrap())
}

fn form(token: &Secret, username: &str, password: &str) -> PasswordForm {
    let password = Secret(password.into());
    PasswordForm { token: token.clone(), username: username.into(), again: password.clone(), password }
}

/// Invited and claimed.
async fn with_login(pool: &PgPool, name: &str) -> (ClientNumber, AccountId) {
    let number = client(pool, name).await;
    invite(pool, &desk(pool).await, number).await.unwrap();
    let token = mailed(pool, "welcome").await;
    (number, claim(pool, &form(&token, "", PASSWORD)).await.unwrap())
}

async fn logs_in(pool: &PgPool, username: &str, password: &str) -> bool {
    authenticate(pool, username, &Secret(password.into())).await.unwrap().is_some()
}

async fn run(pool: &PgPool, sql: &'static str) {
    sqlx::query(sql).execute(pool).await.unwrap();
}

async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

fn field(refusal: Refusal) -> FieldErrors {
    match refusal {
        Refusal::Invalid(errors) => errors,
        other => panic!("{other:?}"),
    }
}

#[testkit::test]
async fn a_claim_link_works_once(pool: PgPool) {
    let number = client(&pool, "mia").await;
    invite(&pool, &desk(&pool).await, number).await.unwrap();
    let token = mailed(&pool, "welcome").await;
    for _ in 0..2 {
        let view = claimable(&pool, &token).await.unwrap();
        assert_eq!(
            (view.first_name.as_str(), view.username.as_str(), view.address_taken),
            ("mia", "mia@example.com", false)
        );
    }
    let account = claim(&pool, &form(&token, "", PASSWORD)).await.unwrap();
    assert_eq!(refusal(claim(&pool, &form(&token, "", "another horse")).await), Refusal::DeadLink);
    assert_eq!(refusal(claimable(&pool, &token).await), Refusal::DeadLink);

    let found = authenticate(&pool, " MIA@Example.com ", &Secret(PASSWORD.into())).await.unwrap().unwrap();
    assert_eq!(found.id, account);
    assert_eq!(found.actor.name(), "mia Test");
    assert!(!logs_in(&pool, "mia@example.com", "another horse").await);
    assert!(audit::verify(&mut pool.acquire().await.unwrap()).await.unwrap());
}

#[testkit::test]
async fn of_two_claims_at_once_one_wins(pool: PgPool) {
    let number = client(&pool, "mia").await;
    invite(&pool, &desk(&pool).await, number).await.unwrap();
    let token = mailed(&pool, "welcome").await;
    let (one, other) = (form(&token, "", "the first password"), form(&token, "", "the second password"));
    let (one, other) = tokio::join!(claim(&pool, &one), claim(&pool, &other));
    assert_ne!(one.is_ok(), other.is_ok());
    let first = logs_in(&pool, "mia@example.com", "the first password").await;
    assert_eq!((first, !first), (one.is_ok(), logs_in(&pool, "mia@example.com", "the second password").await));
    assert_eq!(refusal(if first { other } else { one }), Refusal::DeadLink);
}

#[testkit::test]
async fn a_claim_link_ends_by_time_by_another_and_by_leaving_active(pool: PgPool) {
    let number = client(&pool, "mia").await;
    let desk = desk(&pool).await;
    invite(&pool, &desk, number).await.unwrap();
    let first = mailed(&pool, "welcome").await;
    invite(&pool, &desk, number).await.unwrap();
    let second = mailed(&pool, "welcome").await;
    assert_eq!(refusal(claim(&pool, &form(&first, "", PASSWORD)).await), Refusal::DeadLink, "replaced");
    assert!(claimable(&pool, &second).await.is_ok());

    let hours = "select extract(epoch from max(expires_at - created_at))::bigint / 3600 from account_link";
    assert_eq!(count(&pool, hours).await, 72);
    run(&pool, "update account_link set expires_at = now() - interval '1 second'").await;
    assert_eq!(refusal(claim(&pool, &form(&second, "", PASSWORD)).await), Refusal::DeadLink, "expired");

    invite(&pool, &desk, number).await.unwrap();
    let third = mailed(&pool, "welcome").await;
    run(&pool, "update practice set client_login = false").await;
    assert_eq!(refusal(claim(&pool, &form(&third, "", PASSWORD)).await), Refusal::DeadLink, "switched off");
    run(&pool, "update practice set client_login = true").await;
    for status in [Status::Inactive, Status::Active] {
        set_status(&pool, &desk, number, status).await.unwrap();
        assert_eq!(refusal(claim(&pool, &form(&third, "", PASSWORD)).await), Refusal::DeadLink, "{status} again");
    }
    assert_eq!(count(&pool, "select count(*) from account").await, 0);
}

#[testkit::test]
async fn only_the_front_desk_invites_and_only_active_clients_with_an_address(pool: PgPool) {
    let number = client(&pool, "mia").await;
    let desk = desk(&pool).await;
    let practitioner = staff_actor(&pool, "Pat", &[Role::Practitioner]).await;
    assert_eq!(refusal(invite(&pool, &practitioner, number).await), Refusal::NotFound);
    sqlx::query("insert into client_practitioner (client_id, practitioner_id) select id, $1 from client")
        .bind(practitioner.id())
        .execute(&pool)
        .await
        .unwrap();
    for refused in [
        invite(&pool, &practitioner, number).await,
        send_reset(&pool, &practitioner, number).await,
        remove_login(&pool, &practitioner, number).await.map(drop),
    ] {
        assert_eq!(refusal(refused), Refusal::Forbidden);
    }
    let another = client_actor(&pool, "Eve").await;
    assert_eq!(refusal(invite(&pool, &another, number).await), Refusal::NotFound);
    assert_eq!(refusal(invite(&pool, &desk, ClientNumber::new(7)).await), Refusal::NotFound);

    for status in ["prospect", "inactive"] {
        sqlx::query("update client set status = $1").bind(status).execute(&pool).await.unwrap();
        let errors = field(refusal(invite(&pool, &desk, number).await));
        assert_eq!(errors.get("invite"), Some(&Problem::OnlyActive));
    }
    run(&pool, "update client set status = 'active'").await;
    let (known, _) = with_login(&pool, "known").await;
    run(&pool, "delete from message").await;
    run(&pool, "update practice set client_login = false, client_registration = false").await;
    let errors = field(refusal(invite(&pool, &desk, number).await));
    assert_eq!(errors.get("invite"), Some(&Problem::LoginOff));
    let errors = field(refusal(send_reset(&pool, &desk, known).await));
    assert_eq!(errors.get("login"), Some(&Problem::LoginOff));
    run(&pool, "update practice set client_login = true").await;
    run(&pool, "update client set email = null").await;
    let errors = field(refusal(invite(&pool, &desk, number).await));
    assert_eq!(errors.get("email"), Some(&Problem::EmailForLink));
    assert_eq!(count(&pool, "select count(*) from message").await, 0);
}

#[testkit::test]
async fn a_family_of_one_address_has_two_usernames(pool: PgPool) {
    let (_, parent) = with_login(&pool, "ana").await;
    let child = client(&pool, "mia").await;
    run(&pool, "update client set email = 'ana@example.com'").await;
    invite(&pool, &desk(&pool).await, child).await.unwrap();
    let token = mailed(&pool, "welcome").await;
    let view = claimable(&pool, &token).await.unwrap();
    assert_eq!((view.username.as_str(), view.address_taken), ("", true));
    for own in ["", "ANA@example.com"] {
        let errors = field(refusal(claim(&pool, &form(&token, own, "another horse")).await));
        assert_eq!(errors.get("username"), Some(&Problem::AddressInUse));
    }
    let account = claim(&pool, &form(&token, "mia.okafor", "another horse")).await.unwrap();
    assert_ne!(parent, account);
    assert!(logs_in(&pool, "ana@example.com", PASSWORD).await && logs_in(&pool, "Mia.Okafor", "another horse").await);

    // Either may have forgotten: each gets a link of their own.
    request_reset(&pool, "ana@example.com").await.unwrap();
    assert_eq!(count(&pool, "select count(distinct account_id) from message where kind = 'reset'").await, 2);
}

#[testkit::test]
async fn a_staff_members_address_cannot_be_taken(pool: PgPool) {
    create_admin(&pool, "Sam", "Roe", "sam@example.com", &Secret(PASSWORD.into())).await.unwrap();
    let number = client(&pool, "mia").await;
    run(&pool, "update account set username = 'sam'").await;
    assert!(logs_in(&pool, "sam", PASSWORD).await && logs_in(&pool, "SAM@example.com", PASSWORD).await);
    invite(&pool, &desk(&pool).await, number).await.unwrap();
    let token = mailed(&pool, "welcome").await;
    for (username, problem) in [("sam", Problem::Taken), ("sam@example.com", Problem::NotOwnAddress)] {
        let errors = field(refusal(claim(&pool, &form(&token, username, PASSWORD)).await));
        assert_eq!(errors.get("username"), Some(&problem));
    }
    let again = create_admin(&pool, "Sam", "Roe", "Sam@example.com", &Secret(PASSWORD.into())).await;
    assert_eq!(field(refusal(again)).get("email"), Some(&Problem::Taken));
    let weak = create_admin(&pool, "", "", "x", &Secret("short".into())).await;
    assert_eq!(field(refusal(weak)).0.len(), 3);
}

#[testkit::test]
async fn an_account_that_may_not_log_in_gets_the_answer_of_a_stranger(pool: PgPool) {
    let (_, account) = with_login(&pool, "mia").await;
    for (change, back) in [
        ("update client set status = 'inactive'", "update client set status = 'active'"),
        ("update client set status = 'prospect'", "update client set status = 'active'"),
        ("update practice set client_login = false", "update practice set client_login = true"),
    ] {
        run(&pool, change).await;
        assert!(!logs_in(&pool, "mia@example.com", PASSWORD).await, "{change}");
        assert!(load(&pool, account).await.unwrap().is_none(), "open sessions rest");
        request_reset(&pool, "mia@example.com").await.unwrap();
        assert_eq!(count(&pool, "select count(*) from message where kind = 'reset'").await, 0);
        run(&pool, back).await;
        assert!(logs_in(&pool, "mia@example.com", PASSWORD).await);
    }
    create_admin(&pool, "Sam", "Roe", "sam@example.com", &Secret(PASSWORD.into())).await.unwrap();
    assert!(logs_in(&pool, "sam@example.com", PASSWORD).await);
    run(&pool, "update staff_member set active = false").await;
    assert!(!logs_in(&pool, "sam@example.com", PASSWORD).await);
    for name in ["", "nobody", "mia@example.com\0", "🙂", &"x".repeat(10_000)] {
        assert!(!logs_in(&pool, name, PASSWORD).await);
        request_reset(&pool, name).await.unwrap();
    }
}

async fn audited(pool: &PgPool, action: &str) -> i64 {
    sqlx::query_scalar("select count(*) from audit where action = $1").bind(action).fetch_one(pool).await.unwrap()
}

#[testkit::test]
async fn removing_the_login_ends_it_right_away(pool: PgPool) {
    let (number, account) = with_login(&pool, "mia").await;
    let desk = desk(&pool).await;
    session(&pool, b"open", account).await;
    request_reset(&pool, "mia@example.com").await.unwrap();
    invite(&pool, &desk, number).await.unwrap();
    let (reset_link, claim_link) = (mailed(&pool, "reset").await, mailed(&pool, "welcome").await);

    assert!(remove_login(&pool, &desk, number).await.unwrap());
    assert!(!remove_login(&pool, &desk, number).await.unwrap(), "there is none any more");
    assert_eq!(audited(&pool, "remove-login").await, 1);
    assert!(!logs_in(&pool, "mia@example.com", PASSWORD).await);
    assert!(sessions::load(&pool, b"open").await.unwrap().is_none());
    assert_eq!(refusal(reset(&pool, &form(&reset_link, "", PASSWORD)).await), Refusal::DeadLink);
    assert_eq!(refusal(claim(&pool, &form(&claim_link, "", PASSWORD)).await), Refusal::DeadLink);
    let errors = field(refusal(send_reset(&pool, &desk, number).await));
    assert_eq!(errors.get("login"), Some(&Problem::NeedsAccount));

    // They may be invited again, and that be withdrawn.
    invite(&pool, &desk, number).await.unwrap();
    assert!(!remove_login(&pool, &desk, number).await.unwrap());
    assert_eq!(audited(&pool, "withdraw-invitation").await, 1);
    let withdrawn = form(&mailed(&pool, "welcome").await, "", PASSWORD);
    assert_eq!(refusal(claim(&pool, &withdrawn).await), Refusal::DeadLink);
    invite(&pool, &desk, number).await.unwrap();
    claim(&pool, &form(&mailed(&pool, "welcome").await, "", "another horse")).await.unwrap();
    assert!(logs_in(&pool, "mia@example.com", "another horse").await);
}

async fn session(pool: &PgPool, id: &[u8], account: AccountId) {
    let expires_at = load_time(pool).await;
    let stored = sessions::Stored { data: serde_json::json!({}), expires_at };
    assert!(sessions::create(pool, id, Some(account), &stored).await.unwrap());
}

async fn load_time(pool: &PgPool) -> chrono::DateTime<chrono::Utc> {
    sqlx::query_scalar("select now() + interval '1 hour'").fetch_one(pool).await.unwrap()
}

#[testkit::test]
async fn a_reset_works_once_and_ends_sessions(pool: PgPool) {
    let (number, account) = with_login(&pool, "mia").await;
    session(&pool, b"open", account).await;
    let before = load(&pool, account).await.unwrap().unwrap().auth_hash;
    request_reset(&pool, "mia@example.com").await.unwrap();
    let first = mailed(&pool, "reset").await;
    send_reset(&pool, &desk(&pool).await, number).await.unwrap();
    let second = mailed(&pool, "reset").await;
    assert!(resettable(&pool, &first).await.is_ok(), "a younger link ends no older one");
    assert_eq!(resettable(&pool, &second).await.unwrap().username, "mia@example.com");
    assert_eq!(refusal(claim(&pool, &form(&second, "", PASSWORD)).await), Refusal::DeadLink, "no claim link");

    let errors = field(refusal(reset(&pool, &form(&second, "", "short")).await));
    assert_eq!(errors.get("password"), Some(&Problem::TooShort { min: 10 }));
    assert_eq!(reset(&pool, &form(&second, "", "another horse")).await.unwrap(), account);
    assert_eq!(refusal(reset(&pool, &form(&first, "", PASSWORD)).await), Refusal::DeadLink, "one is used");
    assert_eq!(refusal(reset(&pool, &form(&second, "", "a third horse")).await), Refusal::DeadLink, "used");
    assert!(logs_in(&pool, "mia@example.com", "another horse").await);
    assert!(!logs_in(&pool, "mia@example.com", PASSWORD).await);
    assert!(sessions::load(&pool, b"open").await.unwrap().is_none());
    assert_ne!(load(&pool, account).await.unwrap().unwrap().auth_hash, before);

    request_reset(&pool, "mia@example.com").await.unwrap();
    let third = mailed(&pool, "reset").await;
    run(&pool, "update account_link set expires_at = now()").await;
    assert_eq!(refusal(reset(&pool, &form(&third, "", PASSWORD)).await), Refusal::DeadLink, "expired");
}

#[testkit::test]
async fn of_64_uses_of_one_link_on_two_servers_one_sets_a_password(pool: PgPool) {
    let other = db::connect(&testkit::database_url(&pool), 8).await.unwrap();
    let (_, account) = with_login(&pool, "mia").await;
    request_reset(&pool, "mia@example.com").await.unwrap();
    let token = mailed(&pool, "reset").await;
    let number = client(&pool, "noor").await;
    invite(&pool, &desk(&pool).await, number).await.unwrap();
    let welcome = mailed(&pool, "welcome").await;
    let (mut resets, mut claims) = (tokio::task::JoinSet::new(), tokio::task::JoinSet::new());
    for n in 0..32 {
        for server in [pool.clone(), other.clone()] {
            let password = format!("a whole new one {n}");
            // A limited number wait for their turn to hash. The rest try again.
            let (reset_form, claim_form) = (form(&token, "", &password), form(&welcome, "", &password));
            let again = server.clone();
            resets.spawn(async move {
                loop {
                    match reset(&server, &reset_form).await {
                        Err(db::Error::Refused(Refusal::Busy)) => tokio::task::yield_now().await,
                        answer => break answer.is_ok(),
                    }
                }
            });
            claims.spawn(async move {
                loop {
                    match claim(&again, &claim_form).await {
                        Err(db::Error::Refused(Refusal::Busy)) => tokio::task::yield_now().await,
                        answer => break answer.is_ok(),
                    }
                }
            });
        }
    }
    assert_eq!(resets.join_all().await.into_iter().filter(|done| *done).count(), 1);
    assert_eq!(claims.join_all().await.into_iter().filter(|done| *done).count(), 1);
    assert!(load(&pool, account).await.unwrap().is_some());
    other.close().await;
}

#[testkit::test]
async fn a_request_for_an_unknown_name_looks_the_same(pool: PgPool) {
    with_login(&pool, "mia").await;
    let mut took = Vec::new();
    for name in ["mia@example.com", "nobody@example.com"] {
        let started = std::time::Instant::now();
        request_reset(&pool, name).await.unwrap();
        took.push(started.elapsed().as_millis());
    }
    assert!(took[0].abs_diff(took[1]) < 100, "{took:?} ms");
    assert_eq!(count(&pool, "select count(*) from message where kind = 'reset'").await, 1);
}

#[testkit::test]
async fn no_secret_of_a_link_is_kept_beside_it(pool: PgPool) {
    with_login(&pool, "mia").await;
    request_reset(&pool, "mia@example.com").await.unwrap();
    let clear = count(
        &pool,
        "select count(*) from account_link l join message m on l.secret_hash = convert_to(m.secret, 'UTF8')",
    );
    let hashed = count(
        &pool,
        "select count(*) from account_link l join message m on l.secret_hash = sha256(convert_to(m.secret, 'UTF8'))",
    );
    assert_eq!((clear.await, hashed.await), (0, 2));
    let hashes: Vec<String> = sqlx::query_scalar("select password_hash from account").fetch_all(&pool).await.unwrap();
    assert!(hashes.iter().all(|hash| hash.starts_with("$argon2id$")));
    assert_ne!(hash_password(PASSWORD).unwrap(), hash_password(PASSWORD).unwrap());
}

#[testkit::test]
async fn a_session_that_was_ended_is_not_saved_again(pool: PgPool) {
    let (_, account) = with_login(&pool, "mia").await;
    session(&pool, b"open", account).await;
    let (stored, _) = sessions::load(&pool, b"open").await.unwrap().unwrap();
    assert!(!sessions::create(&pool, b"open", None, &stored).await.unwrap(), "ids are not shared");
    assert_eq!(count(&pool, "select count(*) from session where id_hash = 'open'").await, 0, "hashed");
    sessions::delete(&pool, b"open").await.unwrap();
    sessions::save(&pool, b"open", Some(account), &stored).await.unwrap();
    assert!(sessions::load(&pool, b"open").await.unwrap().is_none());
}

#[testkit::test]
async fn an_account_is_mailed_three_resets_an_hour_and_each_link_works(pool: PgPool) {
    let (number, _) = with_login(&pool, "mia").await;
    let mut links = Vec::new();
    for _ in 0..3 {
        request_reset(&pool, "mia@example.com").await.unwrap();
        links.push(mailed(&pool, "reset").await);
    }
    let queued = "select count(*) from message where kind = 'reset'";
    for _ in 0..3 {
        request_reset(&pool, "mia@example.com").await.unwrap();
    }
    assert_eq!(count(&pool, queued).await, 3);
    for link in &links {
        assert!(resettable(&pool, link).await.is_ok());
    }
    // A stranger who used them up keeps no one from being helped at the desk.
    send_reset(&pool, &desk(&pool).await, number).await.unwrap();
    assert_eq!(count(&pool, queued).await, 4);
    run(&pool, "update account_link set created_at = now() - interval '61 minutes'").await;
    request_reset(&pool, "mia@example.com").await.unwrap();
    assert_eq!(count(&pool, queued).await, 5);
    reset(&pool, &form(&links[0], "", "another horse")).await.unwrap();
    for link in &links[1..] {
        assert_eq!(refusal(resettable(&pool, link).await), Refusal::DeadLink);
    }
}

/// A school's mailbox: all that have it get a mail, and each says whose it is.
#[testkit::test]
async fn one_mailbox_reaches_every_account_and_mails_say_which(pool: PgPool) {
    let clients: Vec<(uuid::Uuid, String)> = (0..12).map(|n| (db::new_id(), format!("pupil{n:02}"))).collect();
    for (n, (id, username)) in clients.iter().enumerate() {
        sqlx::query(
            "with c as (insert into client (id, kind, code, first_name, zone, email)
                        values ($1, 'individual', $2, 'Pupil', 'UTC', 'school@example.com') returning id)
             insert into account (id, username, client_id) select $1, $3, id from c",
        )
        .bind(id)
        .bind(format!("PU{n}"))
        .bind(username)
        .execute(&pool)
        .await
        .unwrap();
    }
    request_reset(&pool, "school@example.com").await.unwrap();
    while db::messages::expand_next(&pool, "https://k.test").await.unwrap() {}
    let bodies: Vec<String> = sqlx::query_scalar("select body from message_copy where address = 'school@example.com'")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(bodies.len(), 12);
    for (_, username) in &clients {
        assert!(bodies.iter().any(|body| body.contains(&format!("username {username}."))), "{username}");
    }
}

#[testkit::test]
async fn a_password_opens_from_every_keyboard_and_an_old_hash_still(pool: PgPool) {
    let (whole, pieces) = ("Gr\u{fc}\u{df}e-f\u{fc}r-Zo\u{eb}-1", "Gru\u{308}\u{df}e-fu\u{308}r-Zoe\u{308}-1");
    let number = client(&pool, "mia").await;
    invite(&pool, &desk(&pool).await, number).await.unwrap();
    let account = claim(&pool, &form(&mailed(&pool, "welcome").await, "", pieces)).await.unwrap();
    assert!(logs_in(&pool, "mia@example.com", whole).await && logs_in(&pool, "mia@example.com", pieces).await);

    // The password in pieces, as it was hashed before.
    let old = Argon2::default().hash_password(pieces.as_bytes()).unwrap().to_string();
    sqlx::query("update account set password_hash = $1 where id = $2")
        .bind(old)
        .bind(account.0)
        .execute(&pool)
        .await
        .unwrap();
    session(&pool, b"open", account).await;
    assert!(!logs_in(&pool, "mia@example.com", "wrong horse \u{eb}").await);
    assert!(logs_in(&pool, "mia@example.com", pieces).await, "as it was typed then");
    assert!(logs_in(&pool, "mia@example.com", whole).await, "hashed again");
    assert_eq!(audited(&pool, "renew-password-hash").await, 1);
}

#[testkit::test]
async fn a_username_is_read_without_invisible_marks(pool: PgPool) {
    with_login(&pool, "mia").await;
    for typed in
        ["\u{FEFF}mia@example.com\u{200B}", "\u{202A}MIA@exam\u{AD}ple.com\u{202C}", "\u{A0}mia@example.com\u{A0}"]
    {
        assert!(logs_in(&pool, typed, PASSWORD).await, "{typed:?}");
    }
    request_reset(&pool, "\u{200E}mia@example.com\u{A0}").await.unwrap();
    assert_eq!(count(&pool, "select count(*) from message where kind = 'reset'").await, 1);
}
