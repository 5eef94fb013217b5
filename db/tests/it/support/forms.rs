//! A published form, someone who is asked to fill it in, and who may act for them.

use db::forms::Signing;
use db::{Actor, PgPool, forms, requests};
use shared::accounts::Role;
use shared::forms::{Edit, Filled, FormForm, ItemForm, ItemKind};
use shared::requests::RequestForm;
use shared::{FormId, FormVersionId, RequestId, ResponseId};
use sqlx::query_scalar;
use testkit::{client_actor, number, staff_actor};
use uuid::Uuid;

pub struct Office {
    pub pool: PgPool,
    pub admin: Actor,
    pub form: FormId,
}

/// With a signature as `q2`.
pub const SIGNED: &str = "q2";

impl Office {
    /// A form of a required text and a required signature.
    pub async fn new(pool: &PgPool) -> Office {
        let admin = staff_actor(pool, "Ada", &[Role::Administrator]).await;
        let form = FormForm { name: "Intake".into(), ..FormForm::default() };
        let form = forms::create(pool, &admin, &form).await.unwrap();
        let office = Office { pool: pool.clone(), admin, form };
        office.add(ItemKind::Short, "How are you?").await;
        office.add(ItemKind::Signature, "This is true.").await;
        office.publish().await;
        office
    }

    async fn version(&self) -> i32 {
        forms::one(&self.pool, &self.admin, self.form).await.unwrap().version
    }

    /// Adds a required item to the draft.
    pub async fn add(&self, kind: ItemKind, text: &str) -> String {
        let seen = Some(self.version().await);
        let item = forms::edit(&self.pool, &self.admin, self.form, seen, &Edit::Add(kind)).await.unwrap();
        let form = ItemForm { text: text.into(), required: true, ..ItemForm::default() };
        let save = Edit::Save(item.clone(), Box::new(form));
        let seen = Some(self.version().await);
        forms::edit(&self.pool, &self.admin, self.form, seen, &save).await.unwrap();
        item
    }

    pub async fn publish(&self) {
        forms::publish(&self.pool, &self.admin, self.form, Some(self.version().await)).await.unwrap();
    }

    pub async fn newest(&self) -> FormVersionId {
        forms::one(&self.pool, &self.admin, self.form).await.unwrap().published.unwrap().id
    }

    /// What staff send for these people.
    pub async fn request_form(&self, kind: &str, people: &[&Actor]) -> RequestForm {
        let mut numbers = Vec::new();
        for one in people {
            numbers.push(number(&self.pool, one.client().unwrap().id()).await.to_string());
        }
        RequestForm {
            people: numbers.join(","),
            kind: kind.into(),
            form: self.form.to_string(),
            title: "House rules".into(),
            body: "Shoes off.".into(),
            request_key: db::new_id().to_string(),
            ..RequestForm::default()
        }
    }

    pub async fn ask(&self, kind: &str, one: &Actor) -> RequestId {
        let form = self.request_form(kind, &[one]).await;
        requests::ask(&self.pool, &self.admin, &form).await.unwrap();
        let newest = "select id from request where subject_id = $1 order by created_at desc, id desc limit 1";
        RequestId(query_scalar::<_, Uuid>(newest).bind(one.id()).fetch_one(&self.pool).await.unwrap())
    }

    pub async fn draft(&self, who: &Actor, request: RequestId, text: &str) -> db::Result<()> {
        let version = self.newest().await;
        forms::save_draft(&self.pool, who, request, version, &answers(text, "", "")).await
    }

    /// Sends the form on, signed for oneself or as a parent.
    pub async fn send(&self, who: &Actor, request: RequestId, text: &str) -> db::Result<ResponseId> {
        let own = "select subject_id = $2 from request where id = $1";
        let own = query_scalar(own).bind(request.0).bind(who.id()).fetch_optional(&self.pool).await.unwrap();
        let capacity = if own == Some(true) { "self" } else { "parent" };
        let version = self.newest().await;
        let filled = answers(text, who.name(), capacity);
        forms::submit(&self.pool, who, request, version, &filled, &signing()).await
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        query_scalar(sql).fetch_one(&self.pool).await.unwrap()
    }
}

pub fn signing() -> Signing {
    Signing { logged_in_by: vec!["password".into()], agent: "A browser".into() }
}

pub fn answers(text: &str, name: &str, capacity: &str) -> Filled {
    let mut filled = Filled::default();
    filled.text.insert("q1".into(), text.into());
    filled.text.insert(SIGNED.into(), name.into());
    filled.other.insert(SIGNED.into(), capacity.into());
    filled
}

/// A child, and two who may fill in forms for them.
pub async fn family(pool: &PgPool) -> (Actor, Actor, Actor) {
    let (mia, ana, dan) =
        (client_actor(pool, "Mia").await, client_actor(pool, "Ana").await, client_actor(pool, "Dan").await);
    for parent in [&ana, &dan] {
        grant_forms(pool, parent, &mia).await;
    }
    (mia, ana, dan)
}

pub async fn grant_forms(pool: &PgPool, holder: &Actor, subject: &Actor) {
    let sql =
        "insert into client_link (id, client_low, client_high, low_label, high_label, low_may_forms, high_may_forms)
               values (gen_random_uuid(), least($1, $2), greatest($1, $2), 'other', 'other', $1 < $2, $1 > $2)";
    sqlx::query(sql).bind(holder.id()).bind(subject.id()).execute(pool).await.unwrap();
}

pub async fn unlink(pool: &PgPool, one: &Actor, other: &Actor) {
    let sql = "delete from client_link where client_low = least($1, $2) and client_high = greatest($1, $2)";
    sqlx::query(sql).bind(one.id()).bind(other.id()).execute(pool).await.unwrap();
}

/// Someone who can be mailed.
pub async fn reachable(pool: &PgPool, client: &Actor) {
    sqlx::query("update client set email = $1::text || '@kin.test', email_consent = true where id = $1")
        .bind(client.id())
        .execute(pool)
        .await
        .unwrap();
}

/// Everyone who is mailed about what waits, by their ids, sorted.
pub async fn mailed(pool: &PgPool) -> Vec<Uuid> {
    while db::messages::expand_next(pool, "https://k.test").await.unwrap() {}
    query_scalar("with gone as (delete from message_copy returning client_id) select client_id from gone order by 1")
        .fetch_all(pool)
        .await
        .unwrap()
}
