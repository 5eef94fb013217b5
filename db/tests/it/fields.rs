//! Client information fields: who may define them, and that nothing stored is lost.

use db::practice::fields::*;
use db::{Actor, PgPool};
use shared::accounts::Role;
use shared::fields::{FieldDetails, FieldForm};
use shared::{ChoiceId, FieldId, Problem, Refusal};
use testkit::{client_actor, refusal, staff_actor};

async fn administrator(pool: &PgPool) -> Actor {
    staff_actor(pool, "Ada", &[Role::Administrator]).await
}

fn details(label: &str, kind: &str, version: &str) -> FieldDetails {
    let choices = if kind == "choice" { "Junior\nSenior" } else { "" };
    let (label, kind, version, choices) = (label.into(), kind.into(), version.into(), choices.into());
    FieldForm { label, kind, version, choices, ..FieldForm::default() }.parse().unwrap()
}

async fn labels(pool: &PgPool, actor: &Actor) -> Vec<String> {
    list(pool, actor).await.unwrap().into_iter().map(|used| used.field.label).collect()
}

/// Label and whether it is offered.
async fn choices(pool: &PgPool, actor: &Actor, id: FieldId) -> Vec<(String, bool)> {
    let field = one(pool, actor, id).await.unwrap().field;
    field.choices.into_iter().map(|(_, label, active)| (label, active)).collect()
}

async fn choice(pool: &PgPool, actor: &Actor, id: FieldId, label: &str) -> ChoiceId {
    let field = one(pool, actor, id).await.unwrap().field;
    field.choices.into_iter().find(|(_, other, _)| other == label).unwrap().0
}

async fn fill(pool: &PgPool, client: &Actor, field: FieldId, column: &str, value: &str) {
    let sql = format!("insert into client_field_value (client_id, field_id, {column}) values ($1, $2, {value})");
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(client.id()).bind(field.0).execute(pool).await.unwrap();
}

#[testkit::test]
async fn only_administrators_define_fields(pool: PgPool) {
    let ada = administrator(&pool).await;
    let staff = staff_actor(&pool, "Sam", &[Role::FrontDesk]).await;
    let practitioner = staff_actor(&pool, "Ana", &[Role::Practitioner]).await;
    let client = client_actor(&pool, "Mia").await;
    let id = save(&pool, &ada, None, &details("Grade", "choice", "")).await.unwrap();
    let junior = choice(&pool, &ada, id, "Junior").await;
    for (actor, expected) in
        [(&staff, Refusal::Forbidden), (&practitioner, Refusal::Forbidden), (&client, Refusal::NotFound)]
    {
        assert_eq!(refusal(save(&pool, actor, None, &details("Mine", "text", "")).await), expected);
        assert_eq!(refusal(save(&pool, actor, Some(id), &details("Mine", "choice", "1")).await), expected);
        assert_eq!(refusal(place(&pool, actor, id, None).await), expected);
        assert_eq!(refusal(set_active(&pool, actor, id, false).await), expected);
        assert_eq!(refusal(rename_choice(&pool, actor, junior, "Mine", "Junior").await), expected);
        assert_eq!(refusal(place_choice(&pool, actor, junior, None).await), expected);
        assert_eq!(refusal(set_choice_active(&pool, actor, junior, false).await), expected);
    }
    assert!(list(&pool, &staff).await.is_ok() && one(&pool, &staff, id).await.is_ok());
    assert_eq!(refusal(list(&pool, &practitioner).await), Refusal::Forbidden);
    assert_eq!(refusal(one(&pool, &client, id).await), Refusal::NotFound);
    let (nobody, no_choice) = (FieldId(uuid::Uuid::nil()), ChoiceId(uuid::Uuid::nil()));
    assert_eq!(refusal(save(&pool, &ada, Some(nobody), &details("Mine", "text", "1")).await), Refusal::NotFound);
    assert_eq!(refusal(place(&pool, &ada, id, Some(nobody)).await), Refusal::NotFound);
    assert_eq!(refusal(set_active(&pool, &ada, nobody, false).await), Refusal::NotFound);
    assert_eq!(refusal(rename_choice(&pool, &ada, no_choice, "Mine", "").await), Refusal::NotFound);
    assert_eq!(refusal(place_choice(&pool, &ada, junior, Some(no_choice)).await), Refusal::NotFound);
    assert_eq!(refusal(set_choice_active(&pool, &ada, no_choice, false).await), Refusal::NotFound);
}

#[testkit::test]
async fn a_field_is_added_once_and_changed_by_one_at_a_time(pool: PgPool) {
    let ada = administrator(&pool).await;
    let new = FieldDetails { request_key: Some(db::new_id()), ..details("School </b>🙂", "text", "") };
    let id = save(&pool, &ada, None, &new).await.unwrap();
    assert_eq!(save(&pool, &ada, None, &new).await.unwrap(), id, "a double submit");
    let again = save(&pool, &ada, None, &details("SCHOOL </b>🙂", "text", "")).await;
    assert_eq!(refusal(again), Refusal::field("label", Problem::Taken));

    let changed = FieldDetails { required: true, for_clients: true, ..details("School", "long_text", "1") };
    save(&pool, &ada, Some(id), &changed).await.unwrap();
    save(&pool, &ada, Some(id), &changed).await.unwrap();
    let stored = one(&pool, &ada, id).await.unwrap().field;
    assert_eq!((stored.version, stored.required, stored.for_clients, stored.in_search), (2, true, true, false));
    assert_eq!(refusal(save(&pool, &ada, Some(id), &details("Mine", "text", "1")).await), Refusal::Stale);
    let named = |label: &str| FieldDetails { label: label.into(), version: Some(2), ..changed.clone() };
    let (one, other) = (named("One"), named("Other"));
    let (one, other) = tokio::join!(save(&pool, &ada, Some(id), &one), save(&pool, &ada, Some(id), &other));
    assert_ne!(one.is_ok(), other.is_ok());
}

#[testkit::test]
async fn the_kind_of_a_field_is_fixed_once_it_has_a_value(pool: PgPool) {
    let ada = administrator(&pool).await;
    let client = client_actor(&pool, "Mia").await;
    let id = save(&pool, &ada, None, &details("Size", "text", "")).await.unwrap();
    save(&pool, &ada, Some(id), &details("Size", "number", "1")).await.unwrap();
    fill(&pool, &client, id, "number", "42").await;
    let answer = save(&pool, &ada, Some(id), &details("Size", "date", "2")).await;
    assert_eq!(refusal(answer), Refusal::field("kind", Problem::InUse));
    save(&pool, &ada, Some(id), &details("Shoe size", "number", "2")).await.unwrap();
    assert_eq!(one(&pool, &ada, id).await.unwrap().clients, 1);
}

#[testkit::test]
async fn retired_fields_and_choices_keep_their_values(pool: PgPool) {
    let ada = administrator(&pool).await;
    let client = client_actor(&pool, "Mia").await;
    let id = save(&pool, &ada, None, &details("Grade", "choice", "")).await.unwrap();
    let junior = choice(&pool, &ada, id, "Junior").await;
    fill(&pool, &client, id, "choice_id", &format!("'{junior}'")).await;
    let values = || async {
        let sql = "select count(*) from client_field_value where choice_id is not null";
        sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool).await.unwrap()
    };
    for active in [false, false, true] {
        set_choice_active(&pool, &ada, junior, active).await.unwrap();
        assert_eq!((choices(&pool, &ada, id).await[0].1, values().await), (active, 1));
        set_active(&pool, &ada, id, active).await.unwrap();
        assert_eq!((one(&pool, &ada, id).await.unwrap().field.active, values().await), (active, 1));
    }
    assert_eq!(choice_counts(&pool, &ada, id).await.unwrap(), [(junior, 1)]);
    let senior = choice(&pool, &ada, id, "Senior").await;
    set_choice_active(&pool, &ada, senior, false).await.unwrap();
    let last = set_choice_active(&pool, &ada, junior, false).await;
    assert_eq!(refusal(last), Refusal::field("active", Problem::LastOne));
}

#[testkit::test]
async fn choices_are_added_renamed_and_put_in_order(pool: PgPool) {
    let ada = administrator(&pool).await;
    let none = FieldDetails { choices: Vec::new(), ..details("Grade", "choice", "") };
    assert_eq!(refusal(save(&pool, &ada, None, &none).await), Refusal::field("choices", Problem::Required));
    let id = save(&pool, &ada, None, &details("Grade", "choice", "")).await.unwrap();
    let (junior, senior) = (choice(&pool, &ada, id, "Junior").await, choice(&pool, &ada, id, "Senior").await);
    set_choice_active(&pool, &ada, junior, false).await.unwrap();

    // One that is there, one that was retired, one that is new.
    let version = one(&pool, &ada, id).await.unwrap().field.version;
    let more = |version| FieldDetails {
        choices: vec!["SENIOR".into(), "junior".into(), "Alumnus".into()],
        version: Some(version),
        ..details("Grade", "choice", "")
    };
    save(&pool, &ada, Some(id), &more(version)).await.unwrap();
    save(&pool, &ada, Some(id), &more(version)).await.unwrap();
    let shown: Vec<String> = choices(&pool, &ada, id).await.into_iter().map(|(label, _)| label).collect();
    assert_eq!(shown, ["Junior", "Senior", "Alumnus"]);
    assert!(choices(&pool, &ada, id).await.iter().all(|(_, active)| *active));

    for _ in 0..2 {
        assert_eq!(place_choice(&pool, &ada, senior, None).await.unwrap(), id);
        assert_eq!(rename_choice(&pool, &ada, senior, "Elder", "Senior").await.unwrap(), id);
    }
    assert_eq!(refusal(rename_choice(&pool, &ada, senior, "Other", "Senior").await), Refusal::Stale);
    let taken = rename_choice(&pool, &ada, senior, "JUNIOR", "Elder").await;
    assert_eq!(refusal(taken), Refusal::field("choice", Problem::Taken));
    assert_eq!(choices(&pool, &ada, id).await[0].0, "Elder");
}

#[testkit::test]
async fn fields_are_put_in_order(pool: PgPool) {
    let ada = administrator(&pool).await;
    let mut ids = Vec::new();
    for label in ["One", "Two", "Three"] {
        ids.push(save(&pool, &ada, None, &details(label, "text", "")).await.unwrap());
    }
    for _ in 0..2 {
        place(&pool, &ada, ids[2], None).await.unwrap();
    }
    assert_eq!(labels(&pool, &ada).await, ["Three", "One", "Two"]);
    place(&pool, &ada, ids[2], Some(ids[0])).await.unwrap();
    set_active(&pool, &ada, ids[0], false).await.unwrap();
    assert_eq!(labels(&pool, &ada).await, ["Three", "Two", "One"], "retired ones last");
    set_active(&pool, &ada, ids[0], true).await.unwrap();
    assert_eq!(labels(&pool, &ada).await, ["One", "Three", "Two"], "and back where they were");
}
