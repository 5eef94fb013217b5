//! Forms over HTTP, as a browser without JavaScript sends them: built, asked for, filled in, read.

use crate::support::site;
use axum::Router;
use axum::http::StatusCode;
use db::PgPool;
use shared::forms::{Definition, ItemKind};
use sqlx::query_scalar;
use sqlx::types::Json;
use testkit::{Answer, Demo, Session, number};
use uuid::Uuid;

struct Desk {
    pool: PgPool,
    admin: Session<Router>,
    parent: Session<Router>,
    mia: String,
}

impl Desk {
    async fn new(pool: &PgPool) -> Desk {
        let demo = Demo::load(pool).await;
        sqlx::query("update client_link set low_may_forms = true, high_may_forms = true").execute(pool).await.unwrap();
        let site = site(pool.clone());
        Desk {
            pool: pool.clone(),
            admin: Session::log_in(&site, "", "admin@demo.test").await,
            parent: Session::log_in(&site, "", "parent@demo.test").await,
            mia: number(pool, demo.mia).await.to_string(),
        }
    }

    /// Creates a form from a starter and publishes it; its id.
    async fn published(&self, starter: &str) -> Uuid {
        let key = db::new_id().to_string();
        let fields = [("form[starter]", starter), ("form[name]", "Canary form"), ("form[request_key]", &key)];
        let answer = self.admin.post("/fn/forms/create", &fields).await;
        let id: Uuid = answer.location()["/settings/forms/".len()..][..36].parse().unwrap();
        let answer = self.admin.post("/fn/forms/publish", &[("id", id.to_string().as_str()), ("version", "1")]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        id
    }

    /// Mia is asked for it; the request's id.
    async fn asked(&self, form: Uuid) -> Uuid {
        let (form, key) = (form.to_string(), db::new_id().to_string());
        let fields = [
            ("form[people]", self.mia.as_str()),
            ("form[kind]", "form"),
            ("form[form]", &form),
            ("form[request_key]", &key),
        ];
        let answer = self.admin.post("/fn/requests/ask", &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        query_scalar("select id from request where form_id = $1::uuid and state = 'open'")
            .bind(form)
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    async fn definition(&self, form: Uuid) -> Definition {
        let sql = "select definition from form_version where form_id = $1 and published_at is not null";
        let Json(definition) = query_scalar(sql).bind(form).fetch_one(&self.pool).await.unwrap();
        definition
    }

    async fn version(&self, form: Uuid) -> String {
        let sql = "select id::text from form_version where form_id = $1 and published_at is not null";
        query_scalar(sql).bind(form).fetch_one(&self.pool).await.unwrap()
    }
}

/// An answer to every item, each with a canary where there is room for words.
fn answered(definition: &Definition) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for item in &definition.items {
        let name = &item.link_id;
        let text = format!("form[text][{name}]");
        match item.kind {
            ItemKind::YesNo => fields.push((text, "yes".to_owned())),
            ItemKind::Scale => fields.push((text, "7".to_owned())),
            ItemKind::Number => fields.push((text, "12".to_owned())),
            ItemKind::Date => fields.push((text, "2026-05-03".to_owned())),
            ItemKind::Phone => fields.push((text, "416 555 0123".to_owned())),
            ItemKind::Email => fields.push((text, format!("canary-{name}@kin.test"))),
            ItemKind::Consent => fields.push((text, "yes".to_owned())),
            ItemKind::Choice if !item.other => fields.push((text, item.options[0].clone())),
            ItemKind::Choice => {
                fields.push((text, "__other".to_owned()));
                fields.push((format!("form[other][{name}]"), format!("Canary-{name}.")));
            }
            ItemKind::Choices => {
                fields.extend(item.options.iter().map(|option| (format!("form[many][{name}][]"), option.clone())));
                if item.other {
                    fields.push((format!("form[many][{name}][]"), "__other".to_owned()));
                    fields.push((format!("form[other][{name}]"), format!("Canary-{name}.")));
                }
            }
            ItemKind::Signature => {
                fields.push((text, format!("Canary {name} Okafor")));
                fields.push((format!("form[other][{name}]"), "parent".to_owned()));
            }
            ItemKind::Section | ItemKind::Display => {}
            _ => fields.push((text, format!("Canary-{name}."))),
        }
        fields.push(("shown[]".to_owned(), name.clone()));
    }
    fields
}

fn with(fields: &[(String, String)], more: &[(&str, &str)]) -> Vec<(String, String)> {
    more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).chain(fields.iter().cloned()).collect()
}

async fn submit(desk: &Desk, request: Uuid, form: Uuid, fields: &[(String, String)]) -> Answer {
    let (page, request, version) = (format!("/my/forms/{request}"), request.to_string(), desk.version(form).await);
    let all = with(fields, &[("_page", &page), ("request", &request), ("version", &version)]);
    desk.parent.post("/fn/forms/submit", &all).await
}

/// What staff see and print has every answer: of each starter form, filled in whole.
#[testkit::test]
async fn every_answer_of_every_starter_form_is_on_the_page_that_is_printed(pool: PgPool) {
    let desk = Desk::new(&pool).await;
    for starter in shared::forms::Starter::ALL {
        let form = desk.published(starter.as_str()).await;
        let definition = desk.definition(form).await;
        let request = desk.asked(form).await;
        // Whatever depends on "no" is not shown, and is not kept.
        let fields = answered(&definition);
        let answer = submit(&desk, request, form, &fields).await;
        assert_eq!(answer.location(), "/my/requests?done=form-sent", "{starter:?}: {}", answer.body);
        let id: Uuid = query_scalar("select id from form_response where request_id = $1")
            .bind(request)
            .fetch_one(&pool)
            .await
            .unwrap();
        let page = desk.admin.get(&format!("/forms/{id}")).await;
        assert_eq!(page.status, StatusCode::OK);
        let body = page.body.replace("<!>", "").replace("&amp;", "&").replace("&#x27;", "'");
        let stored: Json<shared::forms::Answers> =
            query_scalar("select answers from form_response where id = $1").bind(id).fetch_one(&pool).await.unwrap();
        assert!(
            stored.0.len()
                >= definition
                    .items
                    .iter()
                    .filter(|item| item.required && item.when.is_empty() && item.kind != ItemKind::Signature)
                    .count()
        );
        for item in definition.items.iter().filter(|item| item.kind == ItemKind::Signature) {
            assert!(!stored.0.contains_key(&item.link_id), "a name stands with its signature alone");
            assert!(body.contains(&format!("Canary {} Okafor", item.link_id)), "{starter:?} {}", item.link_id);
        }
        for (name, answer) in &stored.0 {
            let item = definition.item(name).unwrap();
            let words = item.words(answer);
            assert!(body.contains(&words), "{starter:?} {name}: {words}");
            assert!(body.contains(item.text.lines().next().unwrap()), "{starter:?} {name}: {}", item.text);
        }
        let signed = definition.items.iter().any(|item| item.kind == ItemKind::Signature);
        assert!(body.contains("Filled in by Ana Okafor for Mia Okafor"), "{starter:?}");
        assert_eq!(body.contains("signing as: parent"), signed, "{starter:?}");
        sqlx::query("update form set name = id::text where id = $1").bind(form).execute(&pool).await.unwrap();
    }
}

#[testkit::test]
async fn what_is_wrong_stands_at_its_question_and_what_was_typed_is_shown_again(pool: PgPool) {
    let desk = Desk::new(&pool).await;
    let form = desk.published("telehealth").await;
    let request = desk.asked(form).await;
    let mut fields = answered(&desk.definition(form).await);
    let phone = fields.iter().position(|(_, value)| value == "416 555 0123").unwrap();
    fields[phone].1 = "12 <b>".to_owned();
    let answer = submit(&desk, request, form, &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("There’s a problem") && answer.body.contains("Enter a phone number like"));
    assert!(answer.body.contains("value=\"12 &lt;b&gt;\"") || answer.body.contains("value=\"12 <b>\""));
    // What is asked after another answer than the one that was given is not shown.
    let shown = fields.iter().filter(|(name, value)| value.starts_with("Canary") && !name.contains("q11"));
    for (_, value) in shown {
        assert!(answer.body.contains(value), "{value} is lost");
    }
    // It is a draft: another day it is there still, and no one else has it.
    let page = desk.parent.get(&format!("/my/forms/{request}")).await;
    assert!(page.body.contains("Canary") && page.body.contains("12 &lt;b&gt;") || page.body.contains("12 <b>"));
    fields.retain(|(name, _)| name == "shown[]");
    let answer = submit(&desk, request, form, &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "an empty form is not complete");
    assert!(answer.body.contains("Sign here: type your full name."));
}

#[testkit::test]
async fn an_answer_that_asks_for_more_shows_the_form_again_with_it(pool: PgPool) {
    let desk = Desk::new(&pool).await;
    let form = desk.published("adult").await;
    let definition = desk.definition(form).await;
    let request = desk.asked(form).await;
    let first = desk.parent.get(&format!("/my/forms/{request}")).await;
    let hidden = definition.items.iter().find(|item| !item.when.is_empty() && item.required).unwrap();
    assert!(!first.body.contains(&hidden.text), "it is asked only after yes");
    let unseen = definition.items.iter().filter(|item| item.when.is_empty()).map(|item| item.link_id.clone());
    let unseen: Vec<String> = unseen.collect();
    let mut fields = answered(&definition);
    fields.retain(|(name, value)| {
        let of_shown = unseen.iter().any(|id| name.contains(&format!("[{id}]")));
        if name == "shown[]" { unseen.contains(value) } else { of_shown }
    });
    let answer = submit(&desk, request, form, &fields).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::SEE_OTHER, format!("/my/forms/{request}?more=1").as_str())
    );
    let again = desk.parent.get(answer.location()).await;
    assert!(again.body.contains(&hidden.text) && again.body.contains("a few more questions"));
    let answer = submit(&desk, request, form, &answered(&definition)).await;
    assert_eq!(answer.location(), "/my/requests?done=form-sent");
    // The page that was open says that it is done, and shows nothing of it.
    let late = submit(&desk, request, form, &with(&[], &[])).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("Nothing more to do") && !late.body.contains("Canary"));
    let page = desk.parent.get(&format!("/my/forms/{request}")).await;
    assert!(page.body.contains("Nothing more to do") && !page.body.contains("Canary"));
    let list = desk.parent.get("/my/requests").await.body.replace("<!>", "");
    assert!(list.contains("You sent this on"));
}

#[testkit::test]
async fn a_form_is_built_without_javascript(pool: PgPool) {
    let desk = Desk::new(&pool).await;
    let answer = desk.admin.post("/fn/forms/create", &[("_page", "/settings/forms"), ("form[name]", " ")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = desk.admin.post("/fn/forms/create", &[("_page", "/settings/forms"), ("form[name]", "Own")]).await;
    let id = answer.location()["/settings/forms/".len()..][..36].to_owned();
    let page = format!("/settings/forms/{id}");
    let answer = desk.admin.post("/fn/forms/publish", &[("_page", page.as_str()), ("id", &id), ("version", "1")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("Add at least one question first."), "{}", answer.body);
    let add = |kind: &'static str, version: &'static str| {
        let fields =
            [("_page", page.clone()), ("id", id.clone()), ("version", version.to_owned()), ("kind", kind.to_owned())];
        async {
            let fields = fields;
            desk.admin.post("/fn/forms/add_item", &fields).await
        }
    };
    let answer = add("boolean", "1").await;
    assert_eq!(answer.location(), format!("{page}/items/q1?done=item-added"));
    assert_eq!(add("boolean", "1").await.status, StatusCode::CONFLICT, "made from an older draft");
    let save = |item: &'static str, version: &'static str, more: Vec<(&'static str, &'static str)>| {
        let mut fields = vec![
            ("_page".to_owned(), format!("{page}/items/{item}")),
            ("id".to_owned(), id.clone()),
            ("item".to_owned(), item.to_owned()),
            ("version".to_owned(), version.to_owned()),
        ];
        fields.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
        async {
            let fields = fields;
            desk.admin.post("/fn/forms/save_item", &fields).await
        }
    };
    let refused = save("q1", "2", vec![("form[text]", ""), ("form[help]", "Kept <i>")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Kept &lt;i&gt;"));
    assert_eq!(save("q1", "2", vec![("form[text]", "Any allergies?")]).await.status, StatusCode::SEE_OTHER);
    add("text", "3").await;
    let saved = save("q2", "4", vec![("form[text]", "Which?"), ("form[when][0][holds]", "q1 = yes")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let builder = desk.admin.get(&page).await.body.replace("<!>", "");
    assert!(builder.contains("only if “Any allergies?” is Yes"), "{builder}");
    let preview = desk.admin.get(&format!("{page}/preview")).await.body;
    assert!(preview.contains("Any allergies?") && preview.contains("only if “Any allergies?” is Yes"));
    let change = |deed: &'static str, item: &'static str, version: &'static str| {
        let fields = [
            ("_page", page.clone()),
            ("id", id.clone()),
            ("version", version.to_owned()),
            ("item", item.to_owned()),
            ("deed", deed.to_owned()),
        ];
        async {
            let fields = fields;
            desk.admin.post("/fn/forms/change_item", &fields).await
        }
    };
    change("delete", "q1", "5").await;
    let answer = desk.admin.post("/fn/forms/publish", &[("_page", page.as_str()), ("id", &id), ("version", "6")]).await;
    assert!(answer.body.contains("depends on a question"), "{}", answer.body);
    desk.admin.post("/fn/forms/undo", &[("_page", page.as_str()), ("id", &id), ("version", "6")]).await;
    let answer = desk.admin.post("/fn/forms/publish", &[("_page", page.as_str()), ("id", &id), ("version", "7")]).await;
    assert_eq!(answer.location(), format!("{page}?done=form-published"));
    change("duplicate", "q1", "8").await;
    let builder = desk.admin.get(&page).await.body.replace("<!>", "");
    assert!(builder.contains("Changes since version 1:") && builder.contains("Added: Any allergies?"), "{builder}");
}
