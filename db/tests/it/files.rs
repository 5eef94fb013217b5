//! Files: attached to documents and sent by clients, who may download them, and what stays.

use crate::support::forms::{Office, family, mailed, reachable, unlink};
use crate::support::merging::chosen;
use db::{Actor, PgPool, documents, files, merge, requests};
use shared::accounts::Role;
use shared::documents::DocumentForm;
use shared::files::{FILES_MAX, FileKind, Upload};
use shared::requests::RequestState;
use shared::{ClientId, Conflict, DocumentId, FileId, Problem, Refusal, RequestId};
use sqlx::{query, query_scalar};
use testkit::{client_actor, number, refusal, staff_actor};

const CLOSED: Refusal = Refusal::Conflict(Conflict::RequestClosed);

fn pdf(words: &str) -> Upload {
    Upload::new(format!("%PDF-1.7\n{words}").into_bytes()).unwrap()
}

fn form(title: &str, version: &str) -> DocumentForm {
    DocumentForm {
        title: title.into(),
        body: "not this".into(),
        version: version.into(),
        request_key: db::new_id().to_string(),
    }
}

async fn downloads(pool: &PgPool, who: &Actor, file: FileId) -> bool {
    let read = files::read(pool, who, file).await;
    let found = read.is_ok();
    assert!(found || refusal(read) == Refusal::NotFound);
    found
}

async fn attach(office: &Office, client: &Actor, words: &str) -> (DocumentId, FileId) {
    let number = number(&office.pool, ClientId(client.id())).await;
    let id =
        documents::attach(&office.pool, &office.admin, number, &form("Report", ""), Some(&pdf(words))).await.unwrap();
    (id, newest(office, id).await)
}

async fn newest(office: &Office, document: DocumentId) -> FileId {
    documents::one(&office.pool, &office.admin, document).await.unwrap().versions[0].file.unwrap().id
}

async fn of_request(office: &Office, request: RequestId) -> Vec<FileId> {
    let sent = requests::files(&office.pool, &office.admin, request).await.unwrap();
    sent.into_iter().map(|file| file.id).collect()
}

#[testkit::test]
async fn an_attached_document_is_read_by_those_it_is_shared_with_and_no_one_else(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ana, dan) = family(&pool).await;
    for one in [&mia, &ana, &dan] {
        reachable(&pool, one).await;
    }
    let nadia = staff_actor(&pool, "Nadia", &[Role::Practitioner]).await;
    let (document, file) = attach(&office, &mia, "canary").await;
    assert!(downloads(&pool, &office.admin, file).await, "the team sees a draft");
    assert!(!downloads(&pool, &mia, file).await, "a draft");
    assert!(!downloads(&pool, &nadia, file).await, "not hers");
    documents::set_readers(&pool, &office.admin, document, &[ClientId(ana.id())]).await.unwrap();
    documents::share(&pool, &office.admin, document).await.unwrap();
    assert!(documents::one(&pool, &office.admin, document).await.unwrap().opened.is_none());
    let read = files::read(&pool, &ana, file).await.unwrap();
    assert_eq!((read.kind, read.bytes), (FileKind::Pdf, b"%PDF-1.7\ncanary".to_vec()));
    assert!(read.name.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c)), "{}", read.name);
    let opened = documents::one(&pool, &office.admin, document).await.unwrap().opened.unwrap();
    assert_eq!(opened.1, "Ana Test", "a download is an opening");
    assert!(downloads(&pool, &mia, file).await && !downloads(&pool, &dan, file).await);
    let told: Vec<String> = {
        while db::messages::expand_next(&pool, "https://k.test").await.unwrap() {}
        query_scalar("select subject || body from message_copy").fetch_all(&pool).await.unwrap()
    };
    assert!(told.len() == 2 && told.iter().all(|mail| !mail.contains("Report")), "{told:?}");
    unlink(&pool, &ana, &mia).await;
    assert!(!downloads(&pool, &ana, file).await);
    documents::withdraw(&pool, &office.admin, document).await.unwrap();
    assert!(!downloads(&pool, &mia, file).await && downloads(&pool, &office.admin, file).await);
}

#[testkit::test]
async fn another_file_replaces_a_shared_one_which_stays_for_the_team(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ..) = family(&pool).await;
    let (document, draft) = attach(&office, &mia, "draft").await;
    documents::replace(&pool, &office.admin, document, &form("Report", "1"), &pdf("first")).await.unwrap();
    assert!(!downloads(&pool, &office.admin, draft).await, "what was never shared is gone");
    let first = newest(&office, document).await;
    documents::share(&pool, &office.admin, document).await.unwrap();
    let stale = documents::replace(&pool, &office.admin, document, &form("Report", "2"), &pdf("second")).await;
    assert_eq!(refusal(stale), Refusal::Stale);
    // The same file under the same title is no change, whatever version was seen.
    documents::replace(&pool, &office.admin, document, &form("Report", "2"), &pdf("first")).await.unwrap();
    documents::replace(&pool, &office.admin, document, &form("Report", "3"), &pdf("second")).await.unwrap();
    documents::revise(&pool, &office.admin, document, &form("Second report", "4")).await.unwrap();
    let versions = documents::one(&pool, &office.admin, document).await.unwrap().versions;
    let titles: Vec<_> = versions.iter().map(|one| (one.title.as_str(), one.body.as_str())).collect();
    assert_eq!(titles, [("Second report", ""), ("Report", ""), ("Report", "")]);
    assert_eq!(versions[0].file, versions[1].file, "a new title keeps the file");
    let second = versions[0].file.unwrap().id;
    assert!(downloads(&pool, &mia, second).await && !downloads(&pool, &mia, first).await);
    assert!(downloads(&pool, &office.admin, first).await);
    for sql in [
        "update document_version set file_id = null",
        "update file set kind = 'png'",
        "update file_content set bytes = 'x'",
        "insert into file_content (file_id, bytes) values (gen_random_uuid(), 'x')",
    ] {
        assert!(query(sql).execute(&pool).await.is_err(), "{sql}");
    }
}

#[testkit::test]
async fn attaching_needs_a_title_and_a_file_and_twice_is_once(pool: PgPool) {
    let office = Office::new(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let number = number(&pool, ClientId(mia.id())).await;
    let none = refusal(documents::attach(&pool, &office.admin, number, &form(" ", ""), None).await);
    let Refusal::Invalid(errors) = none else { panic!("{none:?}") };
    assert_eq!((errors.get("title"), errors.get("file")), (Some(&Problem::Required), Some(&Problem::Required)));
    let (once, file) = (form("Report", ""), pdf("x"));
    let made = documents::attach(&pool, &office.admin, number, &once, Some(&file)).await.unwrap();
    assert_eq!(documents::attach(&pool, &office.admin, number, &once, Some(&file)).await.unwrap(), made);
    // With another file it is another.
    assert_ne!(documents::attach(&pool, &office.admin, number, &once, Some(&pdf("y"))).await.unwrap(), made);
    assert_eq!(office.count("select count(*) from file").await, 2);
    assert_eq!(refusal(documents::attach(&pool, &mia, number, &once, Some(&file)).await), Refusal::NotFound);
}

#[testkit::test]
async fn files_are_sent_once_by_the_person_or_who_may_act_for_them(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ana, dan) = family(&pool).await;
    let stranger = client_actor(&pool, "Una").await;
    for one in [&mia, &ana, &dan, &stranger] {
        reachable(&pool, one).await;
    }
    let request = office.ask("file", &mia).await;
    let mut told = vec![mia.id(), ana.id(), dan.id()];
    told.sort();
    assert_eq!(mailed(&pool).await, told);
    let card = [pdf("front"), pdf("back")];
    assert_eq!(refusal(requests::send_files(&pool, &stranger, request, &card).await), Refusal::NotFound);
    assert_eq!(refusal(requests::send_files(&pool, &office.admin, request, &card).await), Refusal::NotFound);
    let none = requests::send_files(&pool, &ana, request, &[]).await;
    assert_eq!(refusal(none), Refusal::field("file", Problem::Required));
    let many = vec![pdf("x"); FILES_MAX + 1];
    let many = requests::send_files(&pool, &ana, request, &many).await;
    assert_eq!(refusal(many), Refusal::field("file", Problem::TooManyFiles { max: FILES_MAX }));
    // It is not ticked off without a file.
    assert_eq!(refusal(requests::complete(&pool, &ana, request, "").await), Refusal::NotFound);
    requests::send_files(&pool, &ana, request, &card).await.unwrap();
    requests::send_files(&pool, &ana, request, &card).await.unwrap();
    assert_eq!(refusal(requests::send_files(&pool, &dan, request, &card).await), CLOSED);
    let sent = of_request(&office, request).await;
    assert_eq!(sent.len(), 2);
    assert_eq!(files::read(&pool, &office.admin, sent[1]).await.unwrap().bytes, b"%PDF-1.7\nback");
    let one = requests::one(&pool, &office.admin, request).await.unwrap();
    assert_eq!(
        (one.state, one.done_by.as_str(), one.done_as.as_deref()),
        (RequestState::Done, "Ana Test", Some("linked"))
    );
    // Who acted for her does not see it again, and neither does anyone else in the portal.
    for who in [&mia, &ana, &dan, &stranger] {
        assert!(!downloads(&pool, who, sent[0]).await, "{}", who.name());
    }
}

#[testkit::test]
async fn what_one_sent_about_oneself_one_may_read_again(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ana, _) = family(&pool).await;
    let request = office.ask("file", &mia).await;
    requests::send_files(&pool, &mia, request, &[pdf("own")]).await.unwrap();
    let open = requests::open(&pool, mia.client().unwrap(), request).await.unwrap();
    assert_eq!((open.state, open.files.len()), (RequestState::Done, 1));
    assert!(downloads(&pool, &mia, open.files[0].id).await && !downloads(&pool, &ana, open.files[0].id).await);
    assert_eq!(refusal(requests::open(&pool, ana.client().unwrap(), request).await), CLOSED);
}

#[testkit::test]
async fn an_unlinked_or_inactive_person_sends_nothing(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ana, dan) = family(&pool).await;
    let request = office.ask("file", &mia).await;
    unlink(&pool, &ana, &mia).await;
    query("update client set status = 'inactive' where id = $1").bind(dan.id()).execute(&pool).await.unwrap();
    for who in [&ana, &dan] {
        assert_eq!(refusal(requests::send_files(&pool, who, request, &[pdf("x")]).await), Refusal::NotFound);
    }
    requests::withdraw(&pool, &office.admin, request).await.unwrap();
    assert_eq!(refusal(requests::send_files(&pool, &mia, request, &[pdf("x")]).await), CLOSED);
    assert_eq!(office.count("select count(*) from file_content").await, 0);
}

/// A merge moves files and its undo puts them back, without their bytes in any journal.
#[testkit::test]
async fn files_follow_a_merge_and_its_undo(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (kept, dropped) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Mio").await);
    let request = office.ask("file", &dropped).await;
    requests::send_files(&pool, &dropped, request, &[pdf("canary")]).await.unwrap();
    let (_, file) = attach(&office, &dropped, "canary").await;
    let owner = "select count(*) from file where client_id = $1 and uploaded_by_client is distinct from $2";
    let owned = async |who: &Actor, not: &Actor| -> i64 {
        query_scalar(owner).bind(who.id()).bind(not.id()).fetch_one(&pool).await.unwrap()
    };
    query("delete from account").execute(&pool).await.unwrap();
    let (keep, drop) = (number(&pool, ClientId(kept.id())).await, number(&pool, ClientId(dropped.id())).await);
    let merged = merge::merge(&pool, &office.admin, keep, drop, &chosen(&[])).await.unwrap();
    assert_eq!(owned(&kept, &dropped).await, 2);
    assert!(downloads(&pool, &office.admin, file).await);
    let journal: String =
        query_scalar("select journal::text from client_merge limit 1").fetch_one(&pool).await.unwrap();
    assert!(!journal.contains("63616e617279") && !journal.contains("canary"), "{journal}");
    merge::undo(&pool, &office.admin, keep, merged).await.unwrap();
    assert_eq!((owned(&kept, &dropped).await, owned(&dropped, &kept).await), (0, 2));
}
