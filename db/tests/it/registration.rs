//! Registering: nothing is made until the link is followed, and nothing says who is known.

use db::PgPool;
use db::accounts::{authenticate, finish_registration, forget_registrations, register, registrable};
use shared::accounts::{FinishForm, RegistrationForm, Secret};
use shared::clients::{ContactForm, PhoneForm};
use shared::terms::Vocabulary;
use shared::{Problem, Refusal};
use testkit::refusal;

const PASSWORD: &str = "correct horse battery";

async fn allow(pool: &PgPool, on: bool) {
    sqlx::query("update practice set client_registration = $1").bind(on).execute(pool).await.unwrap();
}

fn form(email: &str) -> RegistrationForm {
    RegistrationForm { first_name: "Mia".into(), last_name: "Okafor".into(), email: email.into(), ..Default::default() }
}

async fn secret(pool: &PgPool) -> Secret {
    let row =
        sqlx::query_scalar("select secret from message where kind = 'registration' order by created_at desc limit 1");
    Secret(row.fetch_one(pool).await.unwrap())
}

fn password(token: &Secret, username: &str) -> FinishForm {
    FinishForm {
        first_name: "Mia".into(),
        last_name: "Okafor".into(),
        zone: "America/Toronto".into(),
        token: token.clone(),
        username: username.into(),
        password: Secret(PASSWORD.into()),
        again: Secret(PASSWORD.into()),
        ..FinishForm::default()
    }
}

async fn count(pool: &PgPool) -> i64 {
    sqlx::query_scalar("select count(*) from client").fetch_one(pool).await.unwrap()
}

#[testkit::test]
async fn a_client_is_made_by_the_link_and_once(pool: PgPool) {
    allow(&pool, true).await;
    register(&pool, &form("mia@example.com")).await.unwrap();
    assert_eq!(count(&pool).await, 0);
    let token = secret(&pool).await;
    assert_eq!(registrable(&pool, &token).await.unwrap().username, "mia@example.com");
    let (own, chosen) = (password(&token, ""), password(&token, "mia2"));
    let (one, other) = tokio::join!(finish_registration(&pool, own), finish_registration(&pool, chosen));
    let refused = if one.is_ok() { refusal(other) } else { refusal(one) };
    assert_eq!(refused, Refusal::DeadLink);
    assert_eq!(count(&pool).await, 1);
    assert_eq!(refusal(registrable(&pool, &token).await), Refusal::DeadLink);
}

#[testkit::test]
async fn a_person_who_asks_twice_registers_once(pool: PgPool) {
    allow(&pool, true).await;
    let leo = RegistrationForm { first_name: "Leo".into(), ..form("family@example.com") };
    register(&pool, &leo).await.unwrap();
    let brother = secret(&pool).await;
    register(&pool, &form("family@example.com")).await.unwrap();
    let first = secret(&pool).await;
    register(&pool, &form("family@example.com")).await.unwrap();
    let second = secret(&pool).await;
    finish_registration(&pool, password(&second, "")).await.unwrap();
    assert_eq!(refusal(finish_registration(&pool, password(&first, "mia2")).await), Refusal::DeadLink);
    // Another person of the address goes on.
    finish_registration(&pool, password(&brother, "leo")).await.unwrap();
    assert_eq!(count(&pool).await, 2);
}

#[testkit::test]
async fn a_known_address_claims_nothing(pool: PgPool) {
    allow(&pool, true).await;
    register(&pool, &form("family@example.com")).await.unwrap();
    let first = secret(&pool).await;
    let account = finish_registration(&pool, password(&first, "")).await.unwrap();
    // The second of the family is told nothing, and needs a name of their own.
    register(&pool, &form("family@example.com")).await.unwrap();
    let second = secret(&pool).await;
    assert_eq!(registrable(&pool, &second).await.unwrap().username, "");
    let in_use = Refusal::field("username", Problem::AddressInUse);
    for own in ["", "Family@example.com"] {
        assert_eq!(refusal(finish_registration(&pool, password(&second, own)).await), in_use);
    }
    let other = finish_registration(&pool, password(&second, "leo.okafor")).await.unwrap();
    assert_ne!(account, other);
    let logged_in = authenticate(&pool, "leo.okafor", &Secret(PASSWORD.into())).await.unwrap();
    assert_eq!(logged_in.map(|account| account.id), Some(other.account));
    assert_eq!(count(&pool).await, 2);
}

/// Of the information fields those that clients see, and that the practice
/// asks of everyone new.
#[testkit::test]
async fn what_must_be_known_is_asked(pool: PgPool) {
    allow(&pool, true).await;
    sqlx::raw_sql(
        "insert into client_field (id, label, kind, required, for_clients, in_quick_add, active, position) values
             ('00000000-0000-0000-0000-0000000000a1', 'School', 'text', true, true, false, true, 1),
             ('00000000-0000-0000-0000-0000000000a2', 'Agrees', 'checkbox', true, true, false, true, 2),
             ('00000000-0000-0000-0000-0000000000a3', 'Grade', 'number', false, true, true, true, 3),
             ('00000000-0000-0000-0000-0000000000b1', 'Of staff', 'text', true, false, true, true, 4),
             ('00000000-0000-0000-0000-0000000000b2', 'Shown', 'text', false, true, false, true, 5),
             ('00000000-0000-0000-0000-0000000000b3', 'Archived', 'text', true, true, true, false, 6)",
    )
    .execute(&pool)
    .await
    .unwrap();
    register(&pool, &form("mia@example.com")).await.unwrap();
    let token = secret(&pool).await;
    let asked = registrable(&pool, &token).await.unwrap().choices.fields;
    assert_eq!(asked.iter().map(|field| field.label.as_str()).collect::<Vec<_>>(), ["School", "Agrees", "Grade"]);

    let mut typed = password(&token, "mia");
    let Refusal::Invalid(errors) = refusal(finish_registration(&pool, typed.clone()).await) else { panic!() };
    assert_eq!(errors.get(&asked[0].name()), Some(&Problem::Required));
    assert_eq!(errors.get(&asked[1].name()), Some(&Problem::NotTicked));
    assert_eq!(errors.0.len(), 2);
    assert_eq!(count(&pool).await, 0);
    for (id, text) in [
        (asked[0].id.to_string(), "North"),
        (asked[1].id.to_string(), "true"),
        ("00000000-0000-0000-0000-0000000000b1".into(), "forged"),
    ] {
        typed.fields.insert(id, text.into());
    }
    finish_registration(&pool, typed).await.unwrap();
    let stored: Vec<(String, Option<String>, Option<bool>)> = sqlx::query_as(
        "select f.label, v.words, v.ticked from client_field_value v join client_field f on f.id = v.field_id
          order by f.position",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(stored, [("School".into(), Some("North".into()), None), ("Agrees".into(), None, Some(true))]);
}

/// What the create window asks of a client is asked, and refused at its
/// field together with the password; what staff decide is not theirs to say.
#[testkit::test]
async fn the_window_is_filled_in_by_the_client(pool: PgPool) {
    allow(&pool, true).await;
    register(&pool, &form("mia@example.com")).await.unwrap();
    let token = secret(&pool).await;
    let seen = registrable(&pool, &token).await.unwrap();
    assert_eq!((seen.first_name.as_str(), seen.last_name.as_str()), ("Mia", "Okafor"));
    let choices = &seen.choices;
    assert!(choices.tags.is_empty() && choices.practitioners.is_empty() && choices.providers.is_empty());
    let mut typed = FinishForm {
        birth_date: "3000-01-01".into(),
        gender: db::new_id().to_string(),
        sms_consent: true,
        zone: "Nowhere/Else".into(),
        again: Secret("something else".into()),
        first_name: "x".repeat(10_000),
        ..password(&token, "mia")
    };
    let Refusal::Invalid(errors) = refusal(finish_registration(&pool, typed.clone()).await) else { panic!() };
    let mut wrong: Vec<&str> = errors.0.iter().map(|(field, _)| field.as_str()).collect();
    wrong.sort_unstable();
    assert_eq!(wrong, ["again", "birth_date", "first_name", "gender", "mobile", "zone"]);
    assert_eq!(count(&pool).await, 0);

    let gender = choices.terms.of(Vocabulary::Gender).next().unwrap().id;
    typed = FinishForm {
        first_name: "Mía</textarea>".into(),
        birth_date: "2011-02-03".into(),
        gender: gender.to_string(),
        mobile: "416 555 0123".into(),
        sms_consent: true,
        phones: vec![PhoneForm { label: "Home".into(), number: "416 555 0199".into() }],
        contacts: vec![ContactForm { name: "Ana".into(), phone: "416 555 0100".into(), ..ContactForm::default() }],
        ..password(&token, "mia")
    };
    finish_registration(&pool, typed).await.unwrap();
    let row: (String, Option<String>, bool, String, bool, i64, i64, i64) = sqlx::query_as(
        "select first_name, mobile, sms_consent, status, email_consent,
                (select count(*) from client_phone), (select count(*) from client_contact),
                (select count(*) from client_practitioner)
           from client where birth_date = '2011-02-03' and gender_id is not null",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!((row.0.as_str(), row.2, row.3.as_str(), row.4), ("Mía</textarea>", true, "active", false));
    assert_eq!((row.1.is_some(), row.5, row.6, row.7), (true, 1, 1, 0));
}

/// Where they were going, and whether they agree to be written to.
#[testkit::test]
async fn what_was_said_on_the_way_is_kept(pool: PgPool) {
    allow(&pool, true).await;
    let long = format!("/book?{}", "x".repeat(1_000));
    for (email, next, kept, consent) in [
        ("mia@example.com", "/book?service=1&at=2", "/book?service=1&at=2", true),
        ("leo@example.com", long.as_str(), "", false),
    ] {
        register(&pool, &RegistrationForm { next: next.into(), ..form(email) }).await.unwrap();
        let token = secret(&pool).await;
        let typed = FinishForm { email_consent: consent, ..password(&token, "") };
        assert_eq!(finish_registration(&pool, typed).await.unwrap().next, kept);
        let stored = sqlx::query_scalar("select email_consent from client where email::text = $1").bind(email);
        let stored: bool = stored.fetch_one(&pool).await.unwrap();
        assert_eq!(stored, consent, "{email}");
    }
}

#[testkit::test]
async fn the_practice_decides(pool: PgPool) {
    assert_eq!(refusal(register(&pool, &form("a@example.com")).await), Refusal::NotFound);
    allow(&pool, true).await;
    register(&pool, &form("a@example.com")).await.unwrap();
    let token = secret(&pool).await;
    // Switched off meanwhile: the link is dead; on again, it works; late, it is gone.
    allow(&pool, false).await;
    assert_eq!(refusal(finish_registration(&pool, password(&token, "")).await), Refusal::DeadLink);
    allow(&pool, true).await;
    assert!(registrable(&pool, &token).await.is_ok());
    sqlx::query("update registration set expires_at = now()").execute(&pool).await.unwrap();
    assert_eq!(refusal(registrable(&pool, &token).await), Refusal::DeadLink);
    forget_registrations(&pool).await.unwrap();
    let left: i64 = sqlx::query_scalar("select count(*) from registration").fetch_one(&pool).await.unwrap();
    assert_eq!(left, 0);
    let bad = RegistrationForm {
        first_name: " ".into(),
        last_name: "x".repeat(100),
        email: "a@".into(),
        ..Default::default()
    };
    let Refusal::Invalid(errors) = refusal(register(&pool, &bad).await) else { panic!() };
    assert_eq!(errors.0.len(), 3);
}

/// Anyone who has a mailbox and a link learns nothing of other addresses, and takes none.
#[testkit::test]
async fn a_username_tells_nothing_of_other_addresses(pool: PgPool) {
    allow(&pool, true).await;
    register(&pool, &form("known@example.com")).await.unwrap();
    finish_registration(&pool, password(&secret(&pool).await, "")).await.unwrap();
    testkit::staff_actor(&pool, "Sam", &[shared::accounts::Role::Practitioner]).await;
    sqlx::query("update staff_member set email = 'sam@example.com'").execute(&pool).await.unwrap();

    register(&pool, &form("eve@example.com")).await.unwrap();
    let token = secret(&pool).await;
    let not_own = Refusal::field("username", Problem::NotOwnAddress);
    for other in ["known@example.com", "sam@example.com", "unknown@example.com", "KNOWN@example.com"] {
        assert_eq!(refusal(finish_registration(&pool, password(&token, other)).await), not_own, "{other}");
    }
    assert_eq!(count(&pool).await, 1);
    assert!(finish_registration(&pool, password(&token, "Eve@example.com")).await.is_ok());
    let stored: Vec<String> =
        sqlx::query_scalar("select username::text from account order by 1").fetch_all(&pool).await.unwrap();
    assert_eq!(stored, ["eve@example.com", "known@example.com"]);
}

#[testkit::test]
async fn an_address_is_mailed_five_links_a_day_and_older_ones_work(pool: PgPool) {
    allow(&pool, true).await;
    let queued = async || -> i64 {
        sqlx::query_scalar("select count(*) from message where kind = 'registration'").fetch_one(&pool).await.unwrap()
    };
    register(&pool, &form("mia@example.com")).await.unwrap();
    let first = secret(&pool).await;
    for _ in 0..3 {
        register(&pool, &form("Mia@example.com")).await.unwrap();
    }
    let (one, other) = (form("mia@example.com"), form("mia@example.com"));
    let (one, other) = tokio::join!(register(&pool, &one), register(&pool, &other));
    assert!(one.is_ok() && other.is_ok(), "the answer is the same");
    assert_eq!(queued().await, 5);
    register(&pool, &form("leo@example.com")).await.unwrap();
    assert_eq!(queued().await, 6, "another address is another matter");
    sqlx::query("update registration set created_at = now() - interval '25 hours'").execute(&pool).await.unwrap();
    register(&pool, &form("mia@example.com")).await.unwrap();
    assert_eq!(queued().await, 7);
    assert!(finish_registration(&pool, password(&first, "")).await.is_ok());
}

/// A registration that is under way while the practice turns to codes stores no name.
#[testkit::test]
async fn registering_waits_for_code_only_mode_and_stores_nothing(pool: PgPool) {
    allow(&pool, true).await;
    let mut turning = pool.begin().await.unwrap();
    sqlx::query("update practice set code_only = true, client_registration = false")
        .execute(&mut *turning)
        .await
        .unwrap();
    let waiting = tokio::spawn({
        let pool = pool.clone();
        async move { register(&pool, &form("mia@example.com")).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(!waiting.is_finished());
    turning.commit().await.unwrap();
    assert_eq!(refusal(waiting.await.unwrap()), Refusal::NotFound);
    let stored: i64 = sqlx::query_scalar("select count(*) from registration").fetch_one(&pool).await.unwrap();
    assert_eq!(stored, 0);
}
