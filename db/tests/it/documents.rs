//! Documents and reports: who may read them, and what stays.

use crate::support::forms::{mailed, reachable, unlink};
use db::{Actor, PgPool, documents};
use shared::accounts::Role;
use shared::documents::DocumentForm;
use shared::{ClientId, DocumentId, Problem, Refusal};
use sqlx::{query, query_scalar};
use testkit::{client_actor, number, refusal, staff_actor};
use uuid::Uuid;

fn id(actor: &Actor) -> ClientId {
    ClientId(actor.id())
}

fn form(title: &str, body: &str, version: &str) -> DocumentForm {
    DocumentForm {
        title: title.into(),
        body: body.into(),
        version: version.into(),
        request_key: db::new_id().to_string(),
    }
}

/// Any link, without a grant: none of the four covers documents.
async fn link(pool: &PgPool, one: &Actor, other: &Actor) {
    let sql = "insert into client_link (id, client_low, client_high, low_label, high_label, low_may_book, low_may_forms,
                    low_gets_copies, low_may_packages, high_may_book, high_may_forms, high_gets_copies, high_may_packages)
               values (gen_random_uuid(), least($1, $2), greatest($1, $2), 'other', 'other', true, true, true, true, true, true, true, true)";
    query(sql).bind(one.id()).bind(other.id()).execute(pool).await.unwrap();
}

struct Room {
    pool: PgPool,
    asta: Actor,
    mia: Actor,
    ana: Actor,
    dan: Actor,
}

impl Room {
    /// Asta is assigned to Mia; Ana and Dan are linked to her with every grant.
    async fn new(pool: &PgPool) -> Room {
        let asta = staff_actor(pool, "Asta", &[Role::Practitioner]).await;
        let (mia, ana, dan) =
            (client_actor(pool, "Mia").await, client_actor(pool, "Ana").await, client_actor(pool, "Dan").await);
        for one in [&mia, &ana, &dan] {
            reachable(pool, one).await;
        }
        for parent in [&ana, &dan] {
            link(pool, parent, &mia).await;
        }
        for client in [&mia, &ana, &dan] {
            query("insert into client_practitioner (client_id, practitioner_id) values ($1, $2)")
                .bind(client.id())
                .bind(asta.id())
                .execute(pool)
                .await
                .unwrap();
        }
        Room { pool: pool.clone(), asta, mia, ana, dan }
    }

    async fn write(&self) -> DocumentId {
        let number = number(&self.pool, id(&self.mia)).await;
        documents::create(&self.pool, &self.asta, number, &form("Report", "# Canary", "")).await.unwrap()
    }

    async fn reads(&self, who: &Actor, document: DocumentId) -> bool {
        let me = who.client().unwrap();
        let listed = documents::mine(&self.pool, me).await.unwrap().iter().any(|one| one.id == document);
        let read = match documents::open(&self.pool, me, document).await {
            Ok(text) => text.body.contains("Canary"),
            Err(db::Error::Refused(Refusal::NotFound)) => false,
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(listed, read);
        read
    }
}

#[testkit::test]
async fn a_document_is_the_clients_alone_once_it_is_shared_and_until_it_is_withdrawn(pool: PgPool) {
    let room = Room::new(&pool).await;
    let document = room.write().await;
    assert!(!room.reads(&room.mia, document).await, "a draft");
    documents::share(&pool, &room.asta, document).await.unwrap();
    documents::share(&pool, &room.asta, document).await.unwrap();
    assert!(room.reads(&room.mia, document).await);
    assert!(!room.reads(&room.ana, document).await && !room.reads(&room.dan, document).await, "no grant covers it");
    assert_eq!(mailed(&pool).await, [room.mia.id()]);
    documents::withdraw(&pool, &room.asta, document).await.unwrap();
    assert!(!room.reads(&room.mia, document).await);
    assert!(mailed(&pool).await.is_empty());
}

#[testkit::test]
async fn staff_choose_linked_clients_for_one_document_and_unlinking_ends_it(pool: PgPool) {
    let room = Room::new(&pool).await;
    let (document, other) = (room.write().await, room.write().await);
    documents::set_readers(&pool, &room.asta, document, &[id(&room.ana), id(&room.dan)]).await.unwrap();
    documents::set_readers(&pool, &room.asta, document, &[id(&room.ana)]).await.unwrap();
    for one in [document, other] {
        documents::share(&pool, &room.asta, one).await.unwrap();
    }
    assert!(room.reads(&room.ana, document).await && !room.reads(&room.dan, document).await);
    assert!(!room.reads(&room.ana, other).await);
    let stranger = client_actor(&pool, "Una").await;
    let refused = documents::set_readers(&pool, &room.asta, document, &[id(&stranger)]).await;
    assert_eq!(refusal(refused), Refusal::field("readers", Problem::Unknown));
    unlink(&pool, &room.ana, &room.mia).await;
    assert!(!room.reads(&room.ana, document).await);
    // Linked again, they are not chosen again by that.
    link(&pool, &room.ana, &room.mia).await;
    assert!(!room.reads(&room.ana, document).await);
}

#[testkit::test]
async fn what_was_shared_stays_as_an_earlier_version(pool: PgPool) {
    let room = Room::new(&pool).await;
    let document = room.write().await;
    documents::revise(&pool, &room.asta, document, &form("Report", "# Canary 2", "1")).await.unwrap();
    assert_eq!(documents::one(&pool, &room.asta, document).await.unwrap().versions.len(), 1, "a draft has no history");
    documents::share(&pool, &room.asta, document).await.unwrap();
    let stale = documents::revise(&pool, &room.asta, document, &form("Report", "# Canary 3", "2")).await;
    assert_eq!(refusal(stale), Refusal::Stale);
    documents::revise(&pool, &room.asta, document, &form("Report", "# Canary 3", "3")).await.unwrap();
    let one = documents::one(&pool, &room.asta, document).await.unwrap();
    assert_eq!(one.versions.iter().map(|one| one.body.as_str()).collect::<Vec<_>>(), ["# Canary 3", "# Canary 2"]);
    let text = documents::open(&pool, room.mia.client().unwrap(), document).await.unwrap();
    assert_eq!(text.body, "# Canary 3");
    assert!(query("update document_version set body = 'else'").execute(&pool).await.is_err());
}

#[testkit::test]
async fn the_first_opening_is_recorded_and_no_later_one(pool: PgPool) {
    let room = Room::new(&pool).await;
    let document = room.write().await;
    documents::set_readers(&pool, &room.asta, document, &[id(&room.ana)]).await.unwrap();
    documents::share(&pool, &room.asta, document).await.unwrap();
    assert!(documents::one(&pool, &room.asta, document).await.unwrap().opened.is_none());
    for who in [&room.ana, &room.mia] {
        documents::open(&pool, who.client().unwrap(), document).await.unwrap();
    }
    assert_eq!(documents::one(&pool, &room.asta, document).await.unwrap().opened.unwrap().1, "Ana Test");
}

#[testkit::test]
async fn no_one_else_finds_a_document(pool: PgPool) {
    let room = Room::new(&pool).await;
    let document = room.write().await;
    let nadia = staff_actor(&pool, "Nadia", &[Role::Practitioner]).await;
    assert_eq!(refusal(documents::one(&pool, &nadia, document).await), Refusal::NotFound);
    for answer in [
        documents::share(&pool, &nadia, document).await,
        documents::withdraw(&pool, &nadia, document).await,
        documents::set_readers(&pool, &nadia, document, &[]).await,
        documents::revise(&pool, &nadia, document, &form("x", "y", "1")).await,
        documents::share(&pool, &room.asta, DocumentId(Uuid::nil())).await,
    ] {
        assert_eq!(refusal(answer), Refusal::NotFound);
    }
    documents::share(&pool, &room.asta, document).await.unwrap();
    query("update client set status = 'inactive' where id = $1").bind(room.mia.id()).execute(&pool).await.unwrap();
    assert!(!room.reads(&room.mia, document).await);
    let told: Vec<String> = query_scalar("select subject || body from message_copy").fetch_all(&pool).await.unwrap();
    assert!(told.is_empty());
}
