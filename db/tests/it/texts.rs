//! The words of messages: which are sent, in which language, and who may write them.

use db::messages::edit::{self, Previewed};
use db::messages::{claim_copy, expand_next};
use db::{Actor, PgPool};
use shared::accounts::Role;
use shared::texts::{Language, Text, TextChannel, TextForm, Words};
use shared::{ClientNumber, Problem, Refusal};
use sqlx::{query, query_scalar};
use testkit::{client_actor, refusal, staff_actor};

const BASE: &str = "https://k.test";
const EMAIL: TextChannel = TextChannel::Email;

async fn admin(pool: &PgPool) -> Actor {
    staff_actor(pool, "Ada", &[Role::Administrator]).await
}

fn form(subject: &str, body: &str, version: i64) -> TextForm {
    TextForm { subject: subject.into(), body: body.into(), version: version.to_string() }
}

#[testkit::test]
async fn every_kind_channel_and_language_renders_with_no_raw_placeholder(pool: PgPool) {
    let admin = admin(&pool).await;
    let mia = client_actor(&pool, "Mia").await.client().unwrap().id();
    let number: i64 =
        query_scalar("select number from client where id = $1").bind(mia.0).fetch_one(&pool).await.unwrap();
    let mut seen = 0;
    for row in edit::texts(&pool, &admin).await.unwrap() {
        if row.text == Text::Welcome && row.language == Language::English {
            continue;
        }
        let stored = edit::text(&pool, &admin, row.text, row.channel, row.language).await.unwrap();
        for client in [None, Some(ClientNumber::new(number))] {
            let (text, channel, language, words) = (row.text, row.channel, row.language, stored.words.clone());
            let of = Previewed { text, channel, language, words, client };
            let (subject, body) = edit::preview(&pool, &admin, &of, BASE).await.unwrap();
            assert!(!subject.contains(['{', '}', '\n']) && !body.contains(['{', '}']), "{of:?}: {subject}\n{body}");
            assert_eq!(subject.is_empty(), channel == TextChannel::Sms, "{of:?}");
            if language == Language::French {
                for word in ["Hello", " am", " pm", "What:", "Where:", "Monday", " appointment"] {
                    assert!(!body.contains(word) && !subject.contains(word), "{of:?} has {word}: {subject}\n{body}");
                }
            }
            if channel == TextChannel::Sms {
                let parts = shared::sms::segments(&body);
                assert!(parts.parts <= 3 && !body.contains("Mia"), "{body}");
            }
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
}

#[testkit::test]
async fn versions_are_kept_and_an_earlier_one_or_the_original_comes_back(pool: PgPool) {
    let admin = admin(&pool).await;
    let save = async |body: &str, version| {
        edit::save_text(
            &pool,
            &admin,
            Text::Confirmed,
            EMAIL,
            Language::English,
            &form("Booked: {when}", body, version),
        )
        .await
    };
    let text = async || edit::text(&pool, &admin, Text::Confirmed, EMAIL, Language::English).await.unwrap();
    let original = text().await;
    assert!(!original.is_own && original.version() == 0);
    save("Hi {first_name}, see you.", 0).await.unwrap();
    let first = text().await.version();
    // From what was shown before the other save.
    assert_eq!(refusal(save("Hello {first_name}", 0).await), Refusal::Stale);
    save("Hello {first_name}, see you soon.", first).await.unwrap();
    // The same again is no version.
    save("Hello {first_name}, see you soon.", first).await.unwrap();
    let second = text().await;
    assert_eq!((second.versions.len(), second.versions[1].by.as_str()), (2, "Ada Test"));
    let restore = async |version, seen| {
        edit::restore_text(&pool, &admin, Text::Confirmed, EMAIL, Language::English, version, seen).await
    };
    assert_eq!(refusal(restore(first, first).await), Refusal::Stale, "another was saved since");
    restore(first, second.version()).await.unwrap();
    assert_eq!(text().await.words.body, "Hi {first_name}, see you.");
    restore(0, text().await.version()).await.unwrap();
    let back = text().await;
    assert!(!back.is_own && back.words == original.original && back.versions.len() == 4);
    assert_eq!(refusal(restore(999_999, back.version()).await), Refusal::NotFound);
    let changed = query("update message_text set body = 'x'").execute(&pool).await;
    assert!(changed.unwrap_err().to_string().contains("stays as it is"));
}

#[testkit::test]
async fn only_administrators_write_texts_and_security_mail_stays_as_it_is(pool: PgPool) {
    let admin = admin(&pool).await;
    let words = form("Yes", "Hello {first_name}", 0);
    let save = async |actor: &Actor, text, channel, language| {
        edit::save_text(&pool, actor, text, channel, language, &words).await
    };
    for (role, expected) in [(Role::FrontDesk, Refusal::Forbidden), (Role::Practitioner, Refusal::Forbidden)] {
        let staff = staff_actor(&pool, "Sam", &[role]).await;
        assert_eq!(refusal(save(&staff, Text::Confirmed, EMAIL, Language::French).await), expected);
        assert_eq!(refusal(edit::texts(&pool, &staff).await), expected);
    }
    let mia = client_actor(&pool, "Mia").await;
    assert_eq!(refusal(save(&mia, Text::Confirmed, EMAIL, Language::French).await), Refusal::NotFound);
    for text in [Text::Reset, Text::Registration, Text::Invitation, Text::AddressChange, Text::AddressConfirmation] {
        assert_eq!(refusal(save(&admin, text, EMAIL, Language::French).await), Refusal::NotFound, "{text:?}");
    }
    assert_eq!(refusal(save(&admin, Text::DayAhead, TextChannel::Sms, Language::French).await), Refusal::NotFound);
    let unknown = form("Yes", "Hello {name}", 0);
    let refused = edit::save_text(&pool, &admin, Text::Confirmed, EMAIL, Language::French, &unknown).await;
    let problem = Problem::UnknownPlaceholder { word: "{name}".into() };
    assert_eq!(refusal(refused), Refusal::field("body", problem));
}

#[testkit::test]
async fn a_preview_with_a_client_is_filled_in_with_them(pool: PgPool) {
    let admin = admin(&pool).await;
    let noor = client_actor(&pool, "Noor").await.client().unwrap().id();
    let number: i64 =
        query_scalar("select number from client where id = $1").bind(noor.0).fetch_one(&pool).await.unwrap();
    let words = Words { subject: "For {person}".into(), body: "Hi {first_name}".into() };
    let of = |client| Previewed {
        text: Text::Confirmed,
        channel: EMAIL,
        language: Language::English,
        words: words.clone(),
        client,
    };
    let (subject, body) = edit::preview(&pool, &admin, &of(Some(ClientNumber::new(number))), BASE).await.unwrap();
    assert!(
        subject == "For Noor" && body.starts_with("Hi Noor\n") && body.contains("For: Noor Test"),
        "{subject}\n{body}"
    );
    let (subject, _) = edit::preview(&pool, &admin, &of(None), BASE).await.unwrap();
    assert_eq!(subject, "For Mia");
    let none = edit::preview(&pool, &admin, &of(Some(ClientNumber::new(999_999))), BASE).await;
    assert_eq!(refusal(none), Refusal::field("client", Problem::Unknown));
}

#[testkit::test]
async fn a_test_goes_to_the_administrator_who_asks(pool: PgPool) {
    let admin = admin(&pool).await;
    query("update staff_member set email = 'ada@elm.test' where id = $1")
        .bind(admin.id())
        .execute(&pool)
        .await
        .unwrap();
    for _ in 0..2 {
        edit::send_test(&pool, &admin, Text::Reminder, Language::French, BASE).await.unwrap();
    }
    assert!(!expand_next(&pool, BASE).await.unwrap());
    let copy = claim_copy(&pool).await.unwrap().unwrap();
    assert_eq!(copy.address, "ada@elm.test");
    assert!(copy.subject.starts_with("Rappel de rendez-vous : ") && copy.body.contains("Avec : "), "{}", copy.body);
    query("update staff_member set active = false where id = $1").bind(admin.id()).execute(&pool).await.unwrap();
    query("update message_copy set claimed_until = null where id = $1").bind(copy.id.0).execute(&pool).await.unwrap();
    assert!(claim_copy(&pool).await.unwrap().is_none(), "not to those who left");
}

/// Subject and text of the mail to one address.
async fn mailed(pool: &PgPool, address: &str) -> (String, String) {
    sqlx::query_as(
        "select subject, body from message_copy where address = $1::citext order by created_at desc, id desc limit 1",
    )
    .bind(address)
    .fetch_one(pool)
    .await
    .unwrap()
}

#[testkit::test]
async fn a_copy_is_in_the_language_of_its_reader_and_about_the_person(pool: PgPool) {
    let mia = client_actor(&pool, "Mia").await.client().unwrap().id();
    let ana = client_actor(&pool, "Ana").await.client().unwrap().id();
    for (id, email, language) in [(mia, "mia@kin.test", "en"), (ana, "ana@kin.test", "fr-CA")] {
        query("update client set email = $2, email_consent = true, language = $3 where id = $1")
            .bind(id.0)
            .bind(email)
            .bind(language)
            .execute(&pool)
            .await
            .unwrap();
    }
    query(
        "insert into client_link (id, client_low, client_high, low_label, high_label, low_gets_copies, high_gets_copies)
         values ($1, least($2, $3), greatest($2, $3), 'other', 'other', $3 < $2, $3 > $2)",
    )
    .bind(db::new_id())
    .bind(mia.0)
    .bind(ana.0)
    .execute(&pool)
    .await
    .unwrap();
    let appointment = crate::support::deletion::visit(&pool, mia.0, 3).await;
    query(
        "insert into message (id, kind, appointment_id, participant_id, subject_version)
         select $1, 'confirmation', $2, id, 1 from appointment_participant where appointment_id = $2",
    )
    .bind(db::new_id())
    .bind(appointment)
    .execute(&pool)
    .await
    .unwrap();
    let admin = admin(&pool).await;
    let words = form("C’est noté pour {person} : {when}", "Bonjour {first_name}, chez {practice}.", 0);
    edit::save_text(&pool, &admin, Text::ConfirmedFor, EMAIL, Language::French, &words).await.unwrap();
    assert!(expand_next(&pool, BASE).await.unwrap());
    let (subject, body) = mailed(&pool, "mia@kin.test").await;
    assert!(subject.starts_with("Appointment confirmed: ") && body.contains("When: "), "{subject}\n{body}");
    let (subject, body) = mailed(&pool, "ana@kin.test").await;
    assert!(subject.starts_with("C’est noté pour Mia : "), "{subject}");
    assert!(body.starts_with("Bonjour Ana, chez My practice.\n") && body.contains("Quand : "), "{body}");
    assert!(body.contains("Ceci est une copie") && !body.contains("Mia Test"), "{body}");
}

#[testkit::test]
async fn who_has_no_language_of_ours_reads_that_of_the_practice(pool: PgPool) {
    let admin = admin(&pool).await;
    edit::save_mail_language(&pool, &admin, Language::French).await.unwrap();
    let mia = client_actor(&pool, "Mia").await.client().unwrap().id();
    query("update client set email = 'mia@kin.test', email_consent = true, language = 'pt' where id = $1")
        .bind(mia.0)
        .execute(&pool)
        .await
        .unwrap();
    let appointment = crate::support::deletion::visit(&pool, mia.0, 3).await;
    query(
        "insert into message (id, kind, appointment_id, participant_id, subject_version)
         select $1, 'confirmation', $2, id, 1 from appointment_participant where appointment_id = $2",
    )
    .bind(db::new_id())
    .bind(appointment)
    .execute(&pool)
    .await
    .unwrap();
    assert!(expand_next(&pool, BASE).await.unwrap());
    let (subject, _) = mailed(&pool, "mia@kin.test").await;
    assert!(subject.starts_with("Rendez-vous confirmé : "), "{subject}");
}

#[testkit::test]
async fn mail_about_logins_has_the_greeting_and_signature_of_the_practice_in_each_language(pool: PgPool) {
    let admin = admin(&pool).await;
    for (language, greeting, signature) in [
        (Language::English, "Good day {first_name}!", "Warmly,\nthe desk of {practice}"),
        (Language::French, "Bien le bonjour {first_name} !", "Chaleureusement"),
    ] {
        let form = TextForm { subject: greeting.into(), body: signature.into(), version: "0".into() };
        edit::save_text(&pool, &admin, Text::Login, EMAIL, language, &form).await.unwrap();
    }
    let unknown = form("Hi {username}", "Bye", 0);
    let refused = edit::save_text(&pool, &admin, Text::Login, EMAIL, Language::English, &unknown).await;
    let problem = Problem::UnknownPlaceholder { word: "{username}".into() };
    assert_eq!(refusal(refused), Refusal::field("subject", problem));
    query("update practice set name = 'Elm'").execute(&pool).await.unwrap();
    for (first, language) in [("Mia", "en"), ("Zoé", "fr-CA")] {
        let id = client_actor(&pool, first).await.id();
        query("update client set email = $2::text::citext, language = $3 where id = $1")
            .bind(id)
            .bind(format!("{language}@kin.test"))
            .bind(language)
            .execute(&pool)
            .await
            .unwrap();
        query("insert into account (id, username, password_hash, client_id) values ($1, $2, 'x', $1)")
            .bind(id)
            .bind(language)
            .execute(&pool)
            .await
            .unwrap();
        db::accounts::request_reset(&pool, language).await.unwrap();
    }
    while db::messages::expand_next(&pool, "https://k.test").await.unwrap() {}
    let bodies: Vec<String> =
        sqlx::query_scalar("select body from message_copy order by address").fetch_all(&pool).await.unwrap();
    let [english, french] = bodies.as_slice() else { panic!("{bodies:?}") };
    assert!(english.starts_with("Good day Mia!\n\nWe got a request"), "{english}");
    assert!(english.contains("won’t change.\n\nWarmly,\nthe desk of Elm\n\n-- \nElm"), "{english}");
    assert!(french.starts_with("Bien le bonjour Zoé !\n\nNous avons"), "{french}");
    assert!(french.contains("\n\nChaleureusement\n\n-- \nElm"), "{french}");
}

#[testkit::test]
async fn the_calendar_file_of_a_french_mail_is_french(pool: PgPool) {
    let zoe = client_actor(&pool, "Zoé").await.id();
    query("update client set email = 'zoe@kin.test', email_consent = true, language = 'fr-CA' where id = $1")
        .bind(zoe)
        .execute(&pool)
        .await
        .unwrap();
    let appointment = crate::support::deletion::visit(&pool, zoe, 3).await;
    query(
        "insert into message (id, kind, appointment_id, participant_id, subject_version)
         select $1, 'confirmation', $2, id, 1 from appointment_participant where appointment_id = $2",
    )
    .bind(db::new_id())
    .bind(appointment)
    .execute(&pool)
    .await
    .unwrap();
    assert!(expand_next(&pool, BASE).await.unwrap());
    let copy = claim_copy(&pool).await.unwrap().unwrap();
    let (_, file) = copy.invitations[0].file("desk@k.test", "k.test");
    assert!(file.contains("SUMMARY:Rendez-vous") && !file.contains("Appointment"), "{file}");
}
