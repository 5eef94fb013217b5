//! Forms and their versions.

use db::{Actor, PgPool, forms};
use shared::accounts::Role;
use shared::forms::{Edit, FormForm, ItemForm, ItemKind};
use shared::{FormId, Problem, Refusal};
use testkit::{refusal, staff_actor};

async fn admin(pool: &PgPool) -> Actor {
    staff_actor(pool, "Ada", &[Role::Administrator]).await
}

fn form(name: &str) -> FormForm {
    FormForm { name: name.into(), request_key: db::new_id().to_string(), ..FormForm::default() }
}

/// A published form of one question.
async fn published(pool: &PgPool, admin: &Actor) -> FormId {
    let id = forms::create(pool, admin, &form("Intake")).await.unwrap();
    let item = forms::edit(pool, admin, id, Some(1), &Edit::Add(ItemKind::Short)).await.unwrap();
    let text = ItemForm { text: "How are you?".into(), ..ItemForm::default() };
    forms::edit(pool, admin, id, Some(2), &Edit::Save(item, Box::new(text))).await.unwrap();
    forms::publish(pool, admin, id, Some(3)).await.unwrap();
    id
}

#[testkit::test]
async fn a_published_version_stays_as_it_is_and_the_next_change_begins_a_draft(pool: PgPool) {
    let admin = admin(&pool).await;
    let id = published(&pool, &admin).await;
    let before = forms::version(&pool, &admin, id, 1).await.unwrap();
    forms::edit(&pool, &admin, id, Some(4), &Edit::Duplicate("q1".into())).await.unwrap();
    let view = forms::one(&pool, &admin, id).await.unwrap();
    assert_eq!((view.version, view.has_draft, view.definition.items.len(), view.can_undo), (5, true, 2, true));
    assert_eq!(view.published.unwrap().definition, before);
    assert_eq!(forms::version(&pool, &admin, id, 1).await.unwrap(), before);
    assert_eq!(refusal(forms::version(&pool, &admin, id, 2).await), Refusal::NotFound, "a draft is no version");
    for sql in [
        "update form_version set definition = '{\"item\": []}' where number = 1",
        "delete from form_version where number = 1",
        "update form_version set published_at = null, content_hash = null where number = 1",
    ] {
        let error = sqlx::query(sql).execute(&pool).await.unwrap_err();
        let constraint = error.as_database_error().and_then(|error| error.constraint().map(str::to_owned));
        assert_eq!(constraint.as_deref(), Some("form_version_published"), "{sql}");
    }
    forms::publish(&pool, &admin, id, Some(5)).await.unwrap();
    let view = forms::one(&pool, &admin, id).await.unwrap();
    assert_eq!(view.versions.iter().map(|one| one.number).collect::<Vec<_>>(), [2, 1]);
    assert_eq!((view.version, view.has_draft), (6, false));
}

#[testkit::test]
async fn a_change_made_from_an_older_draft_is_refused_as_stale(pool: PgPool) {
    let admin = admin(&pool).await;
    let id = forms::create(&pool, &admin, &form("Intake")).await.unwrap();
    forms::edit(&pool, &admin, id, Some(1), &Edit::Add(ItemKind::Date)).await.unwrap();
    for seen in [None, Some(0), Some(1), Some(3)] {
        let refused = refusal(forms::edit(&pool, &admin, id, seen, &Edit::Add(ItemKind::Date)).await);
        assert_eq!(refused, Refusal::Stale, "{seen:?}");
        assert_eq!(refusal(forms::publish(&pool, &admin, id, seen).await), Refusal::Stale, "{seen:?}");
        assert_eq!(refusal(forms::undo(&pool, &admin, id, seen).await), Refusal::Stale, "{seen:?}");
    }
    assert_eq!(forms::one(&pool, &admin, id).await.unwrap().definition.items.len(), 1);
}

/// A page from before a publication neither overwrites nor publishes what came after it.
#[testkit::test]
async fn no_number_of_a_draft_comes_twice(pool: PgPool) {
    let admin = admin(&pool).await;
    let id = published(&pool, &admin).await;
    let before = forms::one(&pool, &admin, id).await.unwrap().version;
    forms::edit(&pool, &admin, id, Some(before), &Edit::Duplicate("q1".into())).await.unwrap();
    let draft = forms::one(&pool, &admin, id).await.unwrap().version;
    forms::publish(&pool, &admin, id, Some(draft)).await.unwrap();
    let after = forms::one(&pool, &admin, id).await.unwrap().version;
    forms::edit(&pool, &admin, id, Some(after), &Edit::Add(ItemKind::Date)).await.unwrap();
    for seen in [before, draft, after] {
        assert_eq!(
            refusal(forms::edit(&pool, &admin, id, Some(seen), &Edit::Delete("q1".into())).await),
            Refusal::Stale
        );
        assert_eq!(refusal(forms::publish(&pool, &admin, id, Some(seen)).await), Refusal::Stale);
    }
}

#[testkit::test]
async fn what_was_deleted_comes_back_by_undo(pool: PgPool) {
    let admin = admin(&pool).await;
    let id = published(&pool, &admin).await;
    let before = forms::one(&pool, &admin, id).await.unwrap().definition;
    assert_eq!(refusal(forms::undo(&pool, &admin, id, Some(4)).await), Refusal::NotUndoable);
    forms::edit(&pool, &admin, id, Some(4), &Edit::Delete("q1".into())).await.unwrap();
    assert!(forms::one(&pool, &admin, id).await.unwrap().definition.items.is_empty());
    forms::undo(&pool, &admin, id, Some(5)).await.unwrap();
    let view = forms::one(&pool, &admin, id).await.unwrap();
    assert_eq!(view.definition, before);
    assert_eq!(view.version, 6);
    forms::undo(&pool, &admin, id, Some(6)).await.unwrap();
    assert!(forms::one(&pool, &admin, id).await.unwrap().definition.items.is_empty(), "once more: it is gone again");
}

#[testkit::test]
async fn a_form_sent_twice_is_one_and_a_name_is_given_once(pool: PgPool) {
    let admin = admin(&pool).await;
    let first = form("Intake");
    let id = forms::create(&pool, &admin, &first).await.unwrap();
    assert_eq!(forms::create(&pool, &admin, &first).await.unwrap(), id);
    let taken = Refusal::field("name", Problem::Taken);
    assert_eq!(refusal(forms::create(&pool, &admin, &form("intake")).await), taken);
    let other = forms::create(&pool, &admin, &form("Other")).await.unwrap();
    assert_eq!(refusal(forms::rename(&pool, &admin, other, &form("INTAKE")).await), taken);
    let starter = FormForm { starter: "telehealth".into(), ..form("") };
    let made = forms::create(&pool, &admin, &starter).await.unwrap();
    let view = forms::one(&pool, &admin, made).await.unwrap();
    assert_eq!(view.name, "Consent to telehealth");
    assert!(view.definition.items.len() > 5 && view.published.is_none());
    assert_eq!(forms::list(&pool, &admin).await.unwrap().len(), 3);
}

#[testkit::test]
async fn only_administrators_change_forms(pool: PgPool) {
    let admin = admin(&pool).await;
    let id = published(&pool, &admin).await;
    let desk = staff_actor(&pool, "Stef", &[Role::FrontDesk]).await;
    assert!(forms::one(&pool, &desk, id).await.is_ok());
    assert_eq!(refusal(forms::create(&pool, &desk, &form("Mine")).await), Refusal::Forbidden);
    assert_eq!(refusal(forms::edit(&pool, &desk, id, Some(0), &Edit::Delete("q1".into())).await), Refusal::Forbidden);
    assert_eq!(refusal(forms::publish(&pool, &desk, id, Some(0)).await), Refusal::Forbidden);
    assert_eq!(refusal(forms::set_active(&pool, &desk, id, false).await), Refusal::Forbidden);
    let practitioner = staff_actor(&pool, "Nadia", &[Role::Practitioner]).await;
    assert_eq!(refusal(forms::one(&pool, &practitioner, id).await), Refusal::Forbidden);
}
