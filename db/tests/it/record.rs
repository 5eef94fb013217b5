//! The whole record of an individual: what is stored, who may set it, what is
//! refused; and a practice that knows its clients by code alone.

use crate::support::list::list;
use db::clients;
use db::{Actor, PgPool};
use shared::accounts::Role;
use shared::clients::{ClientForm, ContactForm, PhoneForm};
use shared::{ClientNumber, Problem, Refusal};
use std::collections::BTreeMap;
use testkit::{client_actor, refusal, staff_actor};
use uuid::Uuid;

async fn desk(pool: &PgPool) -> Actor {
    staff_actor(pool, "Dana", &[Role::FrontDesk]).await
}

fn form() -> ClientForm {
    ClientForm {
        first_name: "Mia".into(),
        last_name: "Okafor".into(),
        zone: "America/Toronto".into(),
        language: "en".into(),
        ..Default::default()
    }
}

async fn insert(pool: &PgPool, sql: &'static str) -> String {
    let id: Uuid = sqlx::query_scalar(sql).fetch_one(pool).await.unwrap();
    id.to_string()
}

async fn term(pool: &PgPool, vocabulary: &str) -> String {
    let id: Uuid = sqlx::query_scalar("select id from term where vocabulary = $1 order by position limit 1")
        .bind(vocabulary)
        .fetch_one(pool)
        .await
        .unwrap();
    id.to_string()
}

/// A field and, of a choice, what it offers.
async fn field(pool: &PgPool, label: &str, kind: &str, required: bool, choices: &[&str]) -> (String, Vec<String>) {
    let id = db::new_id();
    sqlx::query("insert into client_field (id, label, kind, required) values ($1, $2, $3, $4)")
        .bind(id)
        .bind(label)
        .bind(kind)
        .bind(required)
        .execute(pool)
        .await
        .unwrap();
    let mut made = Vec::new();
    for choice in choices {
        let choice_id = db::new_id();
        sqlx::query("insert into client_field_choice (id, field_id, label) values ($1, $2, $3)")
            .bind(choice_id)
            .bind(id)
            .bind(choice)
            .execute(pool)
            .await
            .unwrap();
        made.push(choice_id.to_string());
    }
    (id.to_string(), made)
}

/// Every field filled in, with words that can be looked for.
async fn full(pool: &PgPool) -> ClientForm {
    sqlx::query("insert into term (id, vocabulary, label) values (gen_random_uuid(), 'fee_programme', 'Plan')")
        .execute(pool)
        .await
        .unwrap();
    let (school, _) = field(pool, "School", "text", false, &[]).await;
    let (story, _) = field(pool, "Story", "long_text", false, &[]).await;
    let (height, _) = field(pool, "Height", "number", false, &[]).await;
    let (since, _) = field(pool, "Since", "date", false, &[]).await;
    let (grade, grades) = field(pool, "Grade", "choice", false, &["Junior", "Senior"]).await;
    let (bus, _) = field(pool, "Bus", "checkbox", false, &[]).await;
    let place = "insert into location (id, name, zone) values (gen_random_uuid(), 'Annex', 'UTC') returning id";
    let provider = "insert into referring_provider (id, name) values (gen_random_uuid(), 'Dr. Low') returning id";
    let tag = "insert into tag (id, name) values (gen_random_uuid(), 'Pilot') returning id";
    ClientForm {
        first_name: "canaryfirst".into(),
        last_name: "canarylast".into(),
        preferred_name: "canarypreferred".into(),
        pronouns: "she/her".into(),
        salutation: term(pool, "salutation").await,
        gender: term(pool, "gender").await,
        sex_at_birth: "In own words".into(),
        birth_date: "2015-03-09".into(),
        code: "FULL1".into(),
        status: "prospect".into(),
        language: "fr".into(),
        email: "canarymail@example.com".into(),
        email_consent: true,
        mobile: "416 555 0188".into(),
        sms_consent: true,
        mobile_is_primary: true,
        voice_consent: true,
        address: "12 canaryroad\nToronto".into(),
        address_unit: "canaryunit".into(),
        referring_provider: insert(pool, provider).await,
        qualified: "no".into(),
        veteran_id: "canaryveteran".into(),
        location: insert(pool, place).await,
        alert: "Nuts".into(),
        phones: vec![
            PhoneForm { label: "Home".into(), number: "416 555 0177".into() },
            PhoneForm::default(),
            PhoneForm { label: String::new(), number: "416 555 0166".into() },
        ],
        contacts: vec![
            ContactForm {
                name: "canarymother".into(),
                relationship: "Mother".into(),
                phone: "416 555 0155".into(),
                email: "canaryparent@example.com".into(),
            },
            ContactForm::default(),
        ],
        card_province: "QC".into(),
        card_number: "CANA 1503 0911".into(),
        card_expires: "2020-01-01".into(),
        fee_programme: term(pool, "fee_programme").await,
        fee_programme_number: "F-1".into(),
        province: "ON".into(),
        billing_authorisation: "B-1".into(),
        case_number: "C-1".into(),
        sessions_needed: "12".into(),
        billing_notes: "Twice\na month".into(),
        tags: vec![insert(pool, tag).await],
        new_tags: "Winter, pilot , 🙂".into(),
        fields: BTreeMap::from([
            (school, "Hill".into()),
            (story, "One\nTwo".into()),
            (height, "1,50".into()),
            (since, "2024-09-01".into()),
            (grade, grades[0].clone()),
            (bus, "true".into()),
        ]),
        prospect_stage: "contacted".into(),
        last_contact: "2026-01-02".into(),
        next_step: "Call".into(),
        next_step_on: "2026-12-01".into(),
        notes: "Noted".into(),
        ..form()
    }
}

async fn stored(pool: &PgPool, actor: &Actor, number: ClientNumber) -> ClientForm {
    testkit::reads::profile(pool, actor, number).await.unwrap().form()
}

fn problem<T: std::fmt::Debug>(answer: db::Result<T>, field: &str) -> Option<Problem> {
    match refusal(answer) {
        Refusal::Invalid(errors) => errors.get(field).cloned(),
        other => panic!("{other:?}"),
    }
}

#[testkit::test]
async fn every_field_is_stored_and_read_back(pool: PgPool) {
    let desk = desk(&pool).await;
    let typed = full(&pool).await;
    let client = clients::create(&pool, &desk, typed.clone()).await.unwrap();
    let profile = testkit::reads::profile(&pool, &desk, client.number).await.unwrap();
    let read = profile.form();
    let tags: Vec<&str> = profile.tags.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(tags, ["Pilot", "Winter", "🙂"], "a tag there is already is not made again");
    let height = typed.fields.iter().find(|(_, value)| *value == "1,50").unwrap().0.clone();
    let mut fields = typed.fields.clone();
    fields.insert(height, "1.5".into());
    let expected = ClientForm {
        phones: typed.phones.iter().filter(|phone| !phone.number.is_empty()).cloned().collect(),
        contacts: typed.contacts[..1].to_vec(),
        card_number: "CANA15030911".into(),
        tags: read.tags.clone(),
        new_tags: String::new(),
        fields,
        version: "1".into(),
        ..typed
    };
    assert_eq!(read, expected);
    assert!(profile.shown_age_range.is_some());
    // What is read back can be saved, and changes nothing.
    clients::update(&pool, &desk, client.number, read).await.unwrap();
    assert_eq!(testkit::reads::profile(&pool, &desk, client.number).await.unwrap().version, 1);
}

#[testkit::test]
async fn an_edit_changes_rows_and_names_what_changed(pool: PgPool) {
    let desk = desk(&pool).await;
    let client = clients::create(&pool, &desk, full(&pool).await).await.unwrap();
    let mut form = stored(&pool, &desk, client.number).await;
    form.phones[0] = PhoneForm::default();
    form.contacts[0].name = "Grace".into();
    form.tags.pop();
    form.fields_shown = form.fields.keys().cloned().collect();
    form.fields.retain(|_, value| value == "Hill");
    clients::update(&pool, &desk, client.number, form).await.unwrap();
    let profile = testkit::reads::profile(&pool, &desk, client.number).await.unwrap();
    assert_eq!(profile.phones.len(), 1);
    assert_eq!((profile.contacts[0].name.as_str(), profile.tags.len(), profile.fields.len()), ("Grace", 2, 1));
    let history = testkit::reads::history(&pool, &desk, client.number).await.unwrap();
    let mut changed = history[0].fields.clone();
    changed.sort();
    assert_eq!(changed, ["Bus", "Grade", "Height", "Since", "Story", "contacts", "phones", "tags"]);
    let fields_shown = profile.fields.iter().map(|(field, _)| field.id.to_string()).collect();
    let blank = ClientForm { version: "2".into(), code: "FULL1".into(), fields_shown, ..form_of_nobody() };
    clients::update(&pool, &desk, client.number, blank).await.unwrap();
    let profile = testkit::reads::profile(&pool, &desk, client.number).await.unwrap();
    assert!(profile.phones.is_empty() && profile.contacts.is_empty() && profile.tags.is_empty());
    assert!(profile.fields.is_empty() && profile.gender.is_none() && profile.card_number.is_empty());
    assert_eq!(profile.next_step, "Call", "what is asked of prospects alone rests");
}

fn form_of_nobody() -> ClientForm {
    ClientForm { first_name: "Mia".into(), ..form() }
}

#[testkit::test]
async fn what_is_forged_or_retired_is_unknown_at_its_field(pool: PgPool) {
    let desk = desk(&pool).await;
    let full = full(&pool).await;
    let nobody = db::new_id().to_string();
    let nobody_id = nobody.clone();
    let forged = ClientForm {
        salutation: full.gender.clone(),
        gender: nobody.clone(),
        age_range: full.salutation.clone(),
        language: "tlh".into(),
        referring_provider: nobody.clone(),
        location: nobody.clone(),
        fee_programme: nobody.clone(),
        tags: vec![nobody],
        ..form()
    };
    let Refusal::Invalid(errors) = refusal(clients::create(&pool, &desk, forged).await) else { panic!() };
    for field in
        ["salutation", "gender", "age_range", "language", "referring_provider", "location", "fee_programme", "tags"]
    {
        assert_eq!(errors.get(field), Some(&Problem::Unknown), "{field}");
    }
    let not_ids = ClientForm { gender: "'; drop table client".into(), tags: vec!["x".into()], ..form() };
    assert_eq!(problem(clients::create(&pool, &desk, not_ids).await, "gender"), Some(Problem::Unknown));
    assert_eq!(sqlx::query_scalar::<_, i64>("select count(*) from client").fetch_one(&pool).await.unwrap(), 0);

    // A field that there is not takes nothing, whatever its id; a choice of another field is none.
    let (text, _) = field(&pool, "Mine", "text", false, &[]).await;
    let (choice, _) = field(&pool, "One of", "choice", false, &["Yes"]).await;
    let (_, others) = field(&pool, "One of others", "choice", false, &["No"]).await;
    let forged_fields = |pairs: &[(&str, &str)]| ClientForm {
        fields: pairs.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned())).collect(),
        ..form()
    };
    let strange = [(nobody_id.as_str(), "x"), ("'; drop table client", "x"), ("", "x"), (text.as_str(), "written")];
    let forged = clients::create(&pool, &desk, forged_fields(&strange)).await.unwrap();
    let kept = testkit::reads::profile(&pool, &desk, forged.number).await.unwrap().fields;
    assert_eq!(kept.iter().map(|(field, _)| field.label.as_str()).collect::<Vec<_>>(), ["Mine"]);
    let other_choice = clients::create(&pool, &desk, forged_fields(&[(choice.as_str(), others[0].as_str())])).await;
    assert_eq!(problem(other_choice, &format!("fields.{choice}")), Some(Problem::Unknown));

    let client = clients::create(&pool, &desk, full.clone()).await.unwrap();
    for table in ["term", "location", "referring_provider", "client_field_choice"] {
        sqlx::query(sqlx::AssertSqlSafe(format!("update {table} set active = false"))).execute(&pool).await.unwrap();
    }
    let kept = ClientForm { alert: "Cats".into(), ..stored(&pool, &desk, client.number).await };
    clients::update(&pool, &desk, client.number, kept).await.unwrap();
    let (grade, _) = full.fields.iter().find(|(_, value)| value.parse::<Uuid>().is_ok()).unwrap();
    let other = ClientForm {
        gender: full.gender.clone(),
        location: full.location.clone(),
        fields: BTreeMap::from([(grade.clone(), full.fields[grade].clone())]),
        ..form()
    };
    let Refusal::Invalid(errors) = refusal(clients::create(&pool, &desk, other).await) else { panic!() };
    for field in ["gender".to_owned(), "location".to_owned(), format!("fields.{grade}")] {
        assert_eq!(errors.get(&field), Some(&Problem::Unknown), "{field}");
    }
}

#[testkit::test]
async fn what_the_practice_requires_is_required(pool: PgPool) {
    let desk = desk(&pool).await;
    let before = clients::create(&pool, &desk, form()).await.unwrap();
    let (school, _) = field(&pool, "School", "text", true, &[]).await;
    let name = format!("fields.{school}");
    assert_eq!(problem(clients::create(&pool, &desk, form()).await, &name), Some(Problem::Required));
    let edited = stored(&pool, &desk, before.number).await;
    assert_eq!(problem(clients::update(&pool, &desk, before.number, edited).await, &name), Some(Problem::Required));
    let given = ClientForm { fields: BTreeMap::from([(school.clone(), "Hill".into())]), ..form() };
    let client = clients::create(&pool, &desk, given).await.unwrap();
    // Retired, it is neither asked for nor shown, and what was stored stays.
    sqlx::query("update client_field set active = false").execute(&pool).await.unwrap();
    let shown = stored(&pool, &desk, client.number).await;
    assert!(shown.fields.is_empty());
    clients::update(&pool, &desk, client.number, ClientForm { alert: "x".into(), ..shown }).await.unwrap();
    let kept: String = sqlx::query_scalar("select words from client_field_value").fetch_one(&pool).await.unwrap();
    assert_eq!(kept, "Hill");
}

/// What a form did not show it does not empty.
#[testkit::test]
async fn a_field_brought_back_meanwhile_keeps_its_value(pool: PgPool) {
    let desk = desk(&pool).await;
    let (school, _) = field(&pool, "School", "text", false, &[]).await;
    let (grade, _) = field(&pool, "Grade", "text", false, &[]).await;
    let fields = BTreeMap::from([(school.clone(), "Hill".to_owned()), (grade.clone(), "Junior".to_owned())]);
    let client = clients::create(&pool, &desk, ClientForm { fields, ..form() }).await.unwrap();
    sqlx::query("update client_field set active = false where label = 'School'").execute(&pool).await.unwrap();
    let opened = stored(&pool, &desk, client.number).await;
    assert_eq!(opened.fields.keys().collect::<Vec<_>>(), [&grade]);
    sqlx::query("update client_field set active = true").execute(&pool).await.unwrap();
    let saved = ClientForm { fields: BTreeMap::new(), fields_shown: vec![grade], alert: "Nuts".into(), ..opened };
    clients::update(&pool, &desk, client.number, saved).await.unwrap();
    let now = stored(&pool, &desk, client.number).await;
    assert_eq!((now.alert.as_str(), now.fields), ("Nuts", BTreeMap::from([(school, "Hill".to_owned())])));
}

#[testkit::test]
async fn a_practitioner_sets_all_but_the_front_desks(pool: PgPool) {
    let pat = staff_actor(&pool, "Pat", &[Role::Practitioner]).await;
    let desk = desk(&pool).await;
    let typed = ClientForm { status: "active".into(), ..full(&pool).await };
    let client = clients::create(&pool, &pat, typed).await.unwrap();
    let own = stored(&pool, &pat, client.number).await;
    let forged = ClientForm {
        gender: String::new(),
        status: "inactive".into(),
        notes: "forged".into(),
        practitioners: Vec::new(),
        ..own
    };
    clients::update(&pool, &pat, client.number, forged).await.unwrap();
    let now = stored(&pool, &desk, client.number).await;
    assert_eq!((now.gender.as_str(), now.status.as_str(), now.notes.as_str()), ("", "active", ""));
    assert_eq!(now.practitioners, [pat.id().to_string()]);
    let mia = client_actor(&pool, "Mia").await;
    assert_eq!(refusal(clients::update(&pool, &mia, client.number, form()).await), Refusal::NotFound);
}

#[testkit::test]
async fn a_card_is_checked_by_its_province(pool: PgPool) {
    let desk = desk(&pool).await;
    let card = |province: &str, number: &str, version: &str| ClientForm {
        card_province: province.into(),
        card_number: number.into(),
        card_version: version.into(),
        ..form()
    };
    assert_eq!(
        problem(clients::create(&pool, &desk, card("ON", "1234-567-890", "")).await, "card_number"),
        Some(Problem::CardCheckDigit)
    );
    assert_eq!(
        problem(clients::create(&pool, &desk, card("", "1234-567-897", "")).await, "card_province"),
        Some(Problem::Required)
    );
    assert_eq!(
        problem(clients::create(&pool, &desk, card("ON", "", "AB")).await, "card_number"),
        Some(Problem::Required)
    );
    let client = clients::create(&pool, &desk, card("ON", "1234-567-897 ab", "")).await.unwrap();
    let stored = stored(&pool, &desk, client.number).await;
    assert_eq!((stored.card_number.as_str(), stored.card_version.as_str()), ("1234567897", "AB"));
}

/// Every text of every table, to look for words in.
async fn everything(pool: &PgPool) -> String {
    let tables: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let mut all = String::new();
    for table in tables {
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select t::text from \"{table}\" t")))
            .fetch_all(pool)
            .await
            .unwrap();
        all.push_str(&rows.join("\n"));
    }
    all.to_lowercase()
}

const SECRETS: [&str; 5] = ["canary", "cana15030911", "555 01", "55501", "cana 1503"];

#[testkit::test]
async fn a_practice_of_codes_alone_stores_no_person(pool: PgPool) {
    let desk = desk(&pool).await;
    let typed = full(&pool).await;
    // With names kept, the words are found: the search works.
    let known = clients::create(&pool, &desk, ClientForm { code: "KNOWN".into(), ..typed.clone() }).await.unwrap();
    let all = everything(&pool).await;
    assert!(["canary", "cana15030911", "555 01"].iter().all(|secret| all.contains(secret)));

    sqlx::query("update practice set code_only = true").execute(&pool).await.unwrap();
    // An edit forgets, whatever is posted.
    let posted = ClientForm { version: "1".into(), code: "KNOWN".into(), ..typed.clone() };
    clients::update(&pool, &desk, known.number, posted).await.unwrap();
    let new =
        clients::create(&pool, &desk, ClientForm { invite: true, status: "active".into(), ..typed }).await.unwrap();
    let suggested = clients::create(&pool, &desk, ClientForm { code: String::new(), ..form() }).await.unwrap();
    let all = everything(&pool).await;
    for secret in SECRETS {
        assert!(!all.contains(secret), "{secret}");
    }
    assert_eq!(sqlx::query_scalar::<_, i64>("select count(*) from message").fetch_one(&pool).await.unwrap(), 0);
    let profile = testkit::reads::profile(&pool, &desk, new.number).await.unwrap();
    assert_eq!((profile.name.as_str(), profile.fields.len()), ("FULL1", 6));
    let profile = testkit::reads::profile(&pool, &desk, suggested.number).await.unwrap();
    assert!(profile.name == profile.code && !profile.name.is_empty());
    let list = list(&pool, &desk, &Default::default(), false).await.unwrap();
    let names: Vec<&str> = list.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["C1", "FULL1", "KNOWN"], "by code, in its order");
}
