//! What a form makes, it makes once; with anything else in it, it makes another.

use db::import::{Begun, ContentHash, FileInfo, Upload, discard};
use db::practice::{self, fields, providers, terms};
use db::{Actor, PgPool};
use shared::accounts::Role;
use shared::fields::{FieldDetails, FieldForm};
use shared::import::Row;
use shared::practice::{LocationDetails, LocationForm, MemberDetails, ProviderDetails};
use shared::terms::{Ages, TermDetails, Vocabulary};
use shared::{ImportId, Problem, Refusal};
use testkit::{refusal, staff_actor};
use uuid::Uuid;

async fn admin(pool: &PgPool) -> Actor {
    staff_actor(pool, "Ada", &[Role::Administrator]).await
}

fn taken(field: &str) -> Refusal {
    Refusal::field(field, Problem::Taken)
}

#[testkit::test]
async fn a_key_of_settings_answers_the_same_contents_alone(pool: PgPool) {
    let (ada, key) = (admin(&pool).await, Some(db::new_id()));
    // Told as saved, what was changed on the page that the browser went back to would be lost.
    let provider = |name: &str, phone: &str| ProviderDetails {
        name: name.into(),
        phone: phone.into(),
        email: String::new(),
        version: None,
        request_key: key,
    };
    let save = async |details: ProviderDetails| providers::save(&pool, &ada, None, &details).await;
    let (one, other) = tokio::join!(save(provider("Dr. Who", "1")), save(provider("Dr. Who", "1")));
    let first = one.unwrap();
    assert_eq!(other.unwrap(), first, "of two at once");
    assert_eq!(save(provider("Dr. Who", "1")).await.unwrap(), first);
    assert_eq!(refusal(save(provider("Dr. Who", "2")).await), taken("name"));
    assert_ne!(save(provider("Dr. Why", "1")).await.unwrap(), first);
    providers::set_active(&pool, &ada, first, false).await.unwrap();
    assert_ne!(save(provider("Dr. Who", "1")).await.ok(), Some(first), "what was archived is no answer");

    let location = |address: &str| LocationDetails {
        request_key: key,
        ..LocationForm {
            name: "Annex".into(),
            address: address.into(),
            zone: "America/Toronto".into(),
            ..LocationForm::default()
        }
        .parse()
        .unwrap()
    };
    let save = async |details: LocationDetails| practice::save_location(&pool, &ada, None, &details).await;
    let first = save(location("1 King Street")).await.unwrap();
    assert_eq!(save(location("1 King Street")).await.unwrap(), first);
    assert_eq!(refusal(save(location("2 King Street")).await), taken("name"));

    let field = |required: bool| FieldDetails {
        request_key: key,
        required,
        ..FieldForm { label: "School".into(), kind: "text".into(), ..FieldForm::default() }.parse().unwrap()
    };
    let save = async |details: FieldDetails| fields::save(&pool, &ada, None, &details).await;
    let first = save(field(false)).await.unwrap();
    assert_eq!(save(field(false)).await.unwrap(), first);
    assert_eq!(refusal(save(field(true)).await), taken("label"));

    sqlx::query("delete from term where vocabulary = 'age_range'").execute(&pool).await.unwrap();
    let term = |to: i16| TermDetails {
        vocabulary: Vocabulary::AgeRange,
        label: "Young".into(),
        tag: String::new(),
        ages: Some(Ages { from: 0, to: Some(to) }),
        version: None,
        request_key: key,
    };
    let save = async |details: TermDetails| terms::save(&pool, &ada, None, &details).await;
    let first = save(term(17)).await.unwrap();
    assert_eq!(save(term(17)).await.unwrap(), first);
    assert!(save(term(15)).await.is_err(), "it overlaps the first");

    let person = |email: &str| MemberDetails {
        first_name: "Tia".into(),
        last_name: "Team".into(),
        email: email.into(),
        roles: vec![Role::FrontDesk],
        may_book: false,
        services: Vec::new(),
        invite: false,
        version: None,
        request_key: key,
    };
    let save = async |details: MemberDetails| practice::add_member(&pool, &ada, &details).await;
    let first = save(person("tia@elm.test")).await.unwrap();
    assert_eq!(save(person("tia@elm.test")).await.unwrap(), first);
    assert_ne!(save(person("tom@elm.test")).await.unwrap(), first);
    practice::set_member_active(&pool, &ada, first, false).await.unwrap();
    assert_eq!(refusal(save(person("tia@elm.test")).await), taken("email"));
    let names = "select count(*) from staff_member where first_name = 'Tia'";
    assert_eq!(sqlx::query_scalar::<_, i64>(names).fetch_one(&pool).await.unwrap(), 2);
    // The key of another account is another.
    let eve = staff_actor(&pool, "Eve", &[Role::Administrator]).await;
    assert_eq!(refusal(practice::add_member(&pool, &eve, &person("tom@elm.test")).await), taken("email"));
}

/// Whether it was begun before, and the import.
async fn upload(pool: &PgPool, actor: &Actor, key: Uuid, text: &str) -> (bool, ImportId) {
    let mut contents = ContentHash::default();
    contents.see(text.as_bytes());
    let file = FileInfo { request_key: key, name: "people.csv".into(), encoding: "UTF-8".into(), contents };
    match Upload::begin(pool, actor, &file).await.unwrap() {
        Begun::Before(id) => (true, id),
        Begun::Now(mut upload) => {
            let cells = |text: &str| vec![text.to_owned()];
            let mut rows = vec![Row { line: 1, cells: cells("Name") }, Row { line: 2, cells: cells(text) }];
            upload.rows(&mut rows).await.unwrap().unwrap();
            (false, upload.finish().await.unwrap().unwrap())
        }
    }
}

#[testkit::test]
async fn a_key_of_an_upload_answers_the_same_file_alone(pool: PgPool) {
    let (ada, key) = (admin(&pool).await, db::new_id());
    let (before, first) = upload(&pool, &ada, key, "Mia").await;
    assert!(!before);
    assert_eq!(upload(&pool, &ada, key, "Mia").await, (true, first));
    let (before, other) = upload(&pool, &ada, key, "Leo").await;
    assert!(!before && other != first, "another file of the same name");
    // What was discarded since is no answer.
    discard(&pool, &ada, first).await.unwrap();
    let (before, again) = upload(&pool, &ada, key, "Mia").await;
    assert!(!before && again != first);
}
