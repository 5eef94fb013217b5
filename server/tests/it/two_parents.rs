//! Long forms, empty ones, and two parents who answer for one child: nothing typed is lost, it is filed once
//! and under the name of the person who typed it, and neither reads what the other wrote.

use crate::support::site;
use axum::Router;
use axum::http::StatusCode;
use db::{Actor, PgPool, forms, requests};
use shared::accounts::Role;
use shared::forms::{Edit, FormForm, ItemForm, ItemKind};
use shared::requests::RequestForm;
use shared::{FormId, RequestId};
use sqlx::{AssertSqlSafe, query, query_scalar};
use testkit::{Session, client_actor, number, on_threads, staff_actor};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Lena; Rosa and Emil may each fill in her forms; the two are not linked.
struct Family {
    pool: PgPool,
    site: Router,
    admin: Actor,
    lena: Actor,
    rosa: Actor,
    emil: Actor,
    form: FormId,
    version: Uuid,
    questions: usize,
}

impl Family {
    /// With a form of that many required texts and a required signature.
    async fn new(pool: &PgPool, questions: usize) -> Family {
        let admin = staff_actor(pool, "Ada", &[Role::Administrator]).await;
        let (lena, rosa, emil) =
            (client_actor(pool, "Lena").await, client_actor(pool, "Rosa").await, client_actor(pool, "Emil").await);
        let (hash, site) = (db::accounts::hash_password(demo::PASSWORD).unwrap(), site(pool.clone()));
        for (who, username) in [(&rosa, "rosa"), (&emil, "emil")] {
            query("insert into account (id, username, password_hash, client_id) values ($1, $2, $3, $1)")
                .bind(who.id())
                .bind(username)
                .bind(&hash)
                .execute(pool)
                .await
                .unwrap();
            query(
                "insert into client_link (id, client_low, client_high, low_label, high_label, low_may_forms, high_may_forms)
                 values (gen_random_uuid(), least($1, $2), greatest($1, $2), 'other', 'other', $1 < $2, $1 > $2)",
            )
            .bind(who.id())
            .bind(lena.id())
            .execute(pool)
            .await
            .unwrap();
        }
        query("insert into account (id, username, password_hash, staff_id) values ($1, 'ada', $2, $1)")
            .bind(admin.id())
            .bind(&hash)
            .execute(pool)
            .await
            .unwrap();
        let form = forms::create(pool, &admin, &FormForm { name: "About Lena".into(), ..FormForm::default() }).await;
        let form = form.unwrap();
        let kinds = std::iter::repeat_n(ItemKind::Short, questions).chain([ItemKind::Signature]);
        let seen = async || Some(forms::one(pool, &admin, form).await.unwrap().version);
        for (index, kind) in kinds.enumerate() {
            let item = forms::edit(pool, &admin, form, seen().await, &Edit::Add(kind)).await.unwrap();
            assert_eq!(item, format!("q{}", index + 1));
            let words = ItemForm { text: format!("Item {item}?"), required: true, ..ItemForm::default() };
            forms::edit(pool, &admin, form, seen().await, &Edit::Save(item, Box::new(words))).await.unwrap();
        }
        forms::publish(pool, &admin, form, seen().await).await.unwrap();
        let version = forms::one(pool, &admin, form).await.unwrap().published.unwrap().id.0;
        Family { pool: pool.clone(), site, admin, lena, rosa, emil, form, version, questions }
    }

    async fn ask(&self) -> RequestId {
        let form = RequestForm {
            people: number(&self.pool, self.lena.client().unwrap().id()).await.to_string(),
            kind: "form".into(),
            form: self.form.to_string(),
            request_key: db::new_id().to_string(),
            ..RequestForm::default()
        };
        requests::ask(&self.pool, &self.admin, &form).await.unwrap();
        let id = query_scalar("select id from request where state = 'open'").fetch_one(&self.pool).await.unwrap();
        RequestId(id)
    }

    async fn log_in(&self, username: &str) -> Session<Router> {
        Session::log_in(&self.site, "", username).await
    }

    /// What the page of `author` sends, with an answer to each of the first questions.
    fn filled(&self, request: RequestId, author: &Actor, answers: usize, answer: &str) -> Vec<(String, String)> {
        let mut fields = vec![
            ("_page".to_owned(), format!("/my/forms/{request}")),
            ("request".to_owned(), request.to_string()),
            ("version".to_owned(), self.version.to_string()),
            ("author".to_owned(), author.id().to_string()),
        ];
        fields.extend((1..=self.questions + 1).map(|n| ("shown[]".to_owned(), format!("q{n}"))));
        fields.extend((1..=answers).map(|n| (format!("form[text][q{n}]"), format!("{answer} {n}."))));
        fields
    }

    /// All answers, and the signature as a parent.
    fn signed(&self, request: RequestId, author: &Actor, answer: &str) -> Vec<(String, String)> {
        let mut fields = self.filled(request, author, self.questions, answer);
        let signature = format!("q{}", self.questions + 1);
        fields.push((format!("form[text][{signature}]"), author.name().to_owned()));
        fields.push((format!("form[other][{signature}]"), "parent".to_owned()));
        fields
    }

    async fn text(&self, sql: &str) -> String {
        query_scalar(AssertSqlSafe(sql)).fetch_one(&self.pool).await.unwrap()
    }

    /// Who sent on what, by name.
    async fn filed(&self) -> String {
        self.text(
            "select coalesce(string_agg(c.first_name || ' ' || r.acted_as || ' ' || r.state, ', ' order by r.submitted_at), '')
               from form_response r join client c on c.id = r.author_client_id where r.state <> 'draft'",
        )
        .await
    }
}

/// What the form of a page sends: all of it is hidden.
fn hidden(body: &str) -> Vec<(String, String)> {
    let form = body.split("action=\"/fn/forms/submit\"").nth(1).unwrap().split("</form>").next().unwrap();
    let value = |input: &str, name: &str| {
        let (_, rest) = input.split_once(&format!("{name}=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    form.split("<input").skip(1).map(|input| (value(input, "name"), value(input, "value"))).collect()
}

const SUBMIT: &str = "/fn/forms/submit";

#[testkit::test]
async fn a_login_that_ends_in_the_middle_of_a_long_form_loses_nothing_and_files_nothing_under_another(pool: PgPool) {
    let family = Family::new(&pool, 60).await;
    let request = family.ask().await;
    let rosa = family.log_in("rosa").await;
    let page = format!("/my/forms/{request}");
    let body = rosa.get(&page).await.body;
    assert!(body.contains(&format!("name=\"author\" value=\"{}\"", family.rosa.id())));
    let half = family.filled(request, &family.rosa, 40, "Rosa wrote");
    assert_eq!(rosa.post("/fn/forms/save_draft", &half).await.status, StatusCode::SEE_OTHER);
    query("delete from session").execute(&pool).await.unwrap();

    // Sent all the same: the page that comes holds all of it, and says what to do.
    let whole = family.signed(request, &family.rosa, "Rosa wrote");
    let answer = rosa.post(SUBMIT, &whole).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
    assert!(answer.body.contains("You were logged out before this was sent."), "{}", answer.body);
    let kept = hidden(&answer.body);
    assert_eq!(kept, whole, "as it was typed");
    assert_eq!(family.filed().await, "");

    // Emil logs in, in another tab of the same browser: it is not sent under his name, nor is it his draft.
    let emil = family.log_in("emil").await;
    for path in [SUBMIT, "/fn/forms/save_draft"] {
        let answer = emil.post(path, &kept).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{path}");
        assert!(answer.body.contains("logged in as someone else"), "{path}");
        assert_eq!(hidden(&answer.body), whole, "{path}");
    }
    assert_eq!(family.filed().await, "");
    assert_eq!(family.text("select count(*)::text from form_response").await, "1", "the draft of question 40");
    assert!(!emil.get(&page).await.body.contains("Rosa wrote"));

    // She is logged in again: what was saved is on the form, and what was kept is sent, once.
    let rosa = family.log_in("rosa").await;
    let body = rosa.get(&page).await.body;
    assert!(body.contains("Rosa wrote 40.") && !body.contains("Rosa wrote 41."));
    for _ in 0..2 {
        let answer = rosa.post(SUBMIT, &kept).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/my/requests?done=form-sent"));
    }
    assert_eq!(family.filed().await, "Rosa linked submitted");
    let signed = "select signer_name || ', ' || capacity from form_signature";
    assert_eq!(family.text(signed).await, "Rosa Test, parent");
    // The page by itself has nothing to send.
    assert_eq!(rosa.get("/login/again").await.location(), "/login");
}

#[testkit::test]
async fn an_empty_or_unsigned_form_is_refused_on_the_server_and_sixty_four_sendings_are_one(pool: PgPool) {
    on_threads(&pool, |pool| async move {
        let family = Family::new(&pool, 2).await;
        let request = family.ask().await;
        let rosa = family.log_in("rosa").await;
        let mut spaces = family.signed(request, &family.rosa, "Well");
        spaces
            .iter_mut()
            .filter(|(name, _)| name.starts_with("form[text]"))
            .for_each(|(_, value)| *value = "  ".into());
        let unsigned = family.filled(request, &family.rosa, 2, "Well");
        for fields in [family.filled(request, &family.rosa, 0, ""), spaces, unsigned] {
            let answer = rosa.post(SUBMIT, &fields).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
            assert_eq!(family.filed().await, "");
        }
        let whole = family.signed(request, &family.rosa, "Well");
        // Another server of the same practice.
        let mut other = Session::new(&site(pool.clone()), "");
        other.cookie = rosa.cookie.clone();
        let mut tasks = JoinSet::new();
        for index in 0..64 {
            let (session, whole) = (if index % 2 == 0 { rosa.clone() } else { other.clone() }, whole.clone());
            tasks.spawn(async move { session.post(SUBMIT, &whole).await.status });
        }
        while let Some(status) = tasks.join_next().await {
            assert_eq!(status.unwrap(), StatusCode::SEE_OTHER);
        }
        assert_eq!(family.filed().await, "Rosa linked submitted");
        assert_eq!(family.text("select count(*)::text from form_signature").await, "1");
    })
    .await;
}

#[testkit::test]
async fn two_parents_who_answer_otherwise_both_stand_and_neither_reads_the_other(pool: PgPool) {
    let family = Family::new(&pool, 1).await;
    let (rosa, emil, ada) = (family.log_in("rosa").await, family.log_in("emil").await, family.log_in("ada").await);
    let first = family.ask().await;
    // Emil has begun; Rosa is first.
    let begun = family.filled(first, &family.emil, 1, "Emil says no");
    assert_eq!(emil.post("/fn/forms/save_draft", &begun).await.status, StatusCode::SEE_OTHER);
    let yes = family.signed(first, &family.rosa, "Rosa says yes");
    assert_eq!(rosa.post(SUBMIT, &yes).await.status, StatusCode::SEE_OTHER);
    let late = emil.post(SUBMIT, &family.signed(first, &family.emil, "Emil says no")).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(!late.body.contains("Rosa"), "{}", late.body);
    // The practice asks again, for a second answer.
    let second = family.ask().await;
    let no = family.signed(second, &family.emil, "Emil says no");
    assert_eq!(emil.post(SUBMIT, &no).await.status, StatusCode::SEE_OTHER);
    assert_eq!(family.filed().await, "Rosa linked submitted, Emil linked submitted", "none takes the other's place");

    // Staff read both, with who and when, and that they differ.
    let number = number(&pool, family.lena.client().unwrap().id()).await;
    let list = ada.get(&format!("/clients/{number}/forms")).await.body;
    assert!(list.contains("Rosa Test") && list.contains("Emil Test"), "{list}");
    let of = async |name: &str| {
        family.text(&format!("select r.id::text from form_response r join client c on c.id = r.author_client_id where c.first_name = '{name}'")).await
    };
    let page = ada.get(&format!("/forms/{}", of("Emil").await)).await.body.replace("<!>", "");
    for said in ["Emil says no 1.", "Rosa says yes 1.", "1 answer is different", "Filled in by Emil Test for Lena Test"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    // Neither parent reads what the other wrote, nor that it was they.
    for (session, me, other) in [(&rosa, "Rosa", "Emil"), (&emil, "Emil", "Rosa")] {
        let mut pages = vec!["/my".to_owned(), "/my/requests".to_owned(), "/my/people".to_owned()];
        for request in [first, second] {
            pages.extend([format!("/my/forms/{request}"), format!("/my/requests/{request}")]);
        }
        for response in [of("Rosa").await, of("Emil").await] {
            pages.extend([format!("/forms/{response}"), format!("/forms/{response}/amend")]);
        }
        for page in pages {
            let body = session.get(&page).await.body;
            assert!(!body.contains(other), "{page} as {me}: {body}");
            // Someone who answered for another does not read that again either.
            assert!(!body.contains("says yes") && !body.contains("says no"), "{page} as {me}");
        }
    }

    // Emil's permission ends while he types.
    let third = family.ask().await;
    let begun = family.filled(third, &family.emil, 1, "Emil says no");
    assert_eq!(emil.post("/fn/forms/save_draft", &begun).await.status, StatusCode::SEE_OTHER);
    query("update client_link set low_may_forms = false, high_may_forms = false where $1 in (client_low, client_high)")
        .bind(family.emil.id())
        .execute(&pool)
        .await
        .unwrap();
    let refused = emil.post(SUBMIT, &family.signed(third, &family.emil, "Emil says no")).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert!(!refused.body.contains("Lena") && !refused.body.contains("Rosa"), "{}", refused.body);
    assert_eq!(family.text("select count(*)::text from form_response where state = 'draft'").await, "0");
    assert_eq!(family.filed().await, "Rosa linked submitted, Emil linked submitted");
}
