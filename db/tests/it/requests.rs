//! What the practice asks of clients: once, who is asked, who is mailed, and what services ask for.

use crate::appointments::practice;
use crate::support::forms::{Office, family, grant_forms, mailed, reachable, unlink};
use crate::support::waiting::soon;
use db::requests::{self, Filter};
use db::{Actor, PgPool, forms};
use shared::accounts::Role;
use shared::requests::{RequestForm, RuleForm};
use shared::{Conflict, Problem, Refusal, RequestId};
use sqlx::{query, query_scalar};
use testkit::{client_actor, refusal, staff_actor};
use uuid::Uuid;

const CLOSED: Refusal = Refusal::Conflict(Conflict::RequestClosed);

fn sorted(people: &[&Actor]) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = people.iter().map(|one| one.id()).collect();
    ids.sort();
    ids
}

async fn open(office: &Office) -> Vec<requests::RequestRow> {
    let mut conn = office.pool.acquire().await.unwrap();
    requests::list(&mut conn, &office.admin, Filter::default()).await.unwrap()
}

#[testkit::test]
async fn a_form_is_asked_of_each_person_once(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    let form = office.request_form("form", &[&mia, &leo]).await;
    let asked = requests::ask(&pool, &office.admin, &form).await.unwrap();
    assert_eq!((asked.asked, asked.open_already), (2, 0));
    // The same form sent again is the same; another one finds them open.
    assert_eq!(requests::ask(&pool, &office.admin, &form).await.unwrap().asked, 2);
    let again = office.request_form("form", &[&mia]).await;
    let asked = requests::ask(&pool, &office.admin, &again).await.unwrap();
    assert_eq!((asked.asked, asked.open_already), (0, 1));
    assert_eq!(open(&office).await.len(), 2);
    assert_eq!(office.count("select count(*) from message where kind = 'form_request'").await, 2);
    // Anything else may be asked beside it, and the form again once it is done.
    office.ask("other", &mia).await;
    let request = open(&office).await.into_iter().find(|one| one.name == "Mia Test" && one.title == "Intake").unwrap();
    office.send(&mia, request.id, "Well").await.unwrap();
    office.ask("form", &mia).await;
    assert_eq!(open(&office).await.len(), 3);
}

#[testkit::test]
async fn a_request_tells_what_is_wrong_at_its_field(pool: PgPool) {
    let office = Office::new(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let form = office.request_form("form", &[&mia]).await;
    let fault = async |form: RequestForm| refusal(requests::ask(&pool, &office.admin, &form).await);
    let unknown = RequestForm { form: Uuid::nil().to_string(), ..form.clone() };
    assert_eq!(fault(unknown).await, Refusal::field("form", Problem::Unknown));
    let draft = shared::forms::FormForm { name: "Draft".into(), ..Default::default() };
    let draft = forms::create(&pool, &office.admin, &draft).await.unwrap();
    let unpublished = RequestForm { form: draft.to_string(), ..form.clone() };
    assert_eq!(fault(unpublished).await, Refusal::field("form", Problem::NotPublished));
    forms::set_active(&pool, &office.admin, office.form, false).await.unwrap();
    assert_eq!(fault(form.clone()).await, Refusal::field("form", Problem::Unknown), "archived");
    assert_eq!(fault(RequestForm { people: "999999".into(), ..form }).await, Refusal::NotFound);
    assert!(open(&office).await.is_empty());
}

#[testkit::test]
async fn practitioners_ask_those_they_see_and_find_no_others(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    let asta = staff_actor(&pool, "Asta", &[Role::Practitioner]).await;
    query("insert into client_practitioner (client_id, practitioner_id) values ($1, $2)")
        .bind(mia.id())
        .bind(asta.id())
        .execute(&pool)
        .await
        .unwrap();
    let both = office.request_form("form", &[&mia, &leo]).await;
    assert_eq!(refusal(requests::ask(&pool, &asta, &both).await), Refusal::NotFound);
    let one = office.request_form("form", &[&mia]).await;
    assert_eq!(requests::ask(&pool, &asta, &one).await.unwrap().asked, 1);
    let of_leo = office.ask("form", &leo).await;
    for answer in [
        requests::remind(&pool, &asta, of_leo).await,
        requests::withdraw(&pool, &asta, of_leo).await,
        requests::mark_done(&pool, &asta, of_leo).await,
    ] {
        assert_eq!(refusal(answer), Refusal::NotFound);
    }
    let mut conn = pool.acquire().await.unwrap();
    let seen = requests::list(&mut conn, &asta, Filter::default()).await.unwrap();
    assert_eq!(seen.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["Mia Test"]);
}

#[testkit::test]
async fn mail_goes_to_the_person_and_each_linked_one_with_forms_as_it_is_when_sent(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ana, dan) = family(&pool).await;
    let booker = client_actor(&pool, "Beth").await;
    // May book, and nothing else.
    grant_forms(&pool, &booker, &mia).await;
    query("update client_link set low_may_forms = false, high_may_forms = false, low_may_book = true, high_may_book = true
            where $1 in (client_low, client_high)")
        .bind(booker.id())
        .execute(&pool)
        .await
        .unwrap();
    for one in [&mia, &ana, &dan, &booker] {
        reachable(&pool, one).await;
    }
    office.ask("form", &mia).await;
    // Queued for three, told to two.
    unlink(&pool, &dan, &mia).await;
    assert_eq!(mailed(&pool).await, sorted(&[&mia, &ana]));
    // Someone's details are their own.
    office.ask("details", &mia).await;
    assert_eq!(mailed(&pool).await, sorted(&[&mia]));
    // Nothing is told of what is withdrawn, and nothing to someone without consent or inactive.
    let other = office.ask("other", &mia).await;
    requests::withdraw(&pool, &office.admin, other).await.unwrap();
    assert!(mailed(&pool).await.is_empty());
    query("update client set email_consent = false where id = $1").bind(mia.id()).execute(&pool).await.unwrap();
    query("update client set status = 'inactive' where id = $1").bind(ana.id()).execute(&pool).await.unwrap();
    office.ask("document", &mia).await;
    assert!(mailed(&pool).await.is_empty());
    assert!(open(&office).await.iter().all(|one| one.reaches_no_one && one.no_email.is_some()));
}

/// The mail says that there is something, never what.
#[testkit::test]
async fn no_mail_names_the_form_or_the_document(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ana, _) = family(&pool).await;
    for one in [&mia, &ana] {
        reachable(&pool, one).await;
    }
    for kind in ["form", "document", "other"] {
        office.ask(kind, &mia).await;
    }
    while db::messages::expand_next(&pool, "https://k.test").await.unwrap() {}
    let texts: Vec<(String, Option<Uuid>)> =
        sqlx::query_as("select subject || body, about_id from message_copy").fetch_all(&pool).await.unwrap();
    assert_eq!(texts.len(), 6);
    for (text, _) in &texts {
        assert!(!text.contains("2026") && !text.contains("2027"), "no date: {text}");
        assert!(!text.contains("Intake") && !text.contains("House rules") && !text.contains("Shoes"), "{text}");
        assert!(text.contains("https://k.test/my/requests"), "{text}");
    }
    assert_eq!(texts.iter().filter(|(_, about)| *about == Some(mia.id())).count(), 3, "the copies for Ana");
}

#[testkit::test]
async fn a_reminder_goes_once_and_of_nothing_that_is_done(pool: PgPool) {
    let office = Office::new(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    reachable(&pool, &mia).await;
    let request = office.ask("form", &mia).await;
    mailed(&pool).await;
    for _ in 0..3 {
        requests::remind(&pool, &office.admin, request).await.unwrap();
    }
    assert_eq!(mailed(&pool).await, [mia.id()]);
    office.send(&mia, request, "Well").await.unwrap();
    assert_eq!(refusal(requests::remind(&pool, &office.admin, request).await), CLOSED);
    assert_eq!(refusal(requests::withdraw(&pool, &office.admin, request).await), CLOSED);
}

#[testkit::test]
async fn withdrawing_deletes_what_was_begun_and_closes_it(pool: PgPool) {
    let office = Office::new(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let request = office.ask("form", &mia).await;
    office.draft(&mia, request, "begun").await.unwrap();
    requests::withdraw(&pool, &office.admin, request).await.unwrap();
    requests::withdraw(&pool, &office.admin, request).await.unwrap();
    assert_eq!(office.count("select count(*) from form_response").await, 0);
    assert_eq!(refusal(office.send(&mia, request, "Well").await), CLOSED);
    assert!(requests::mine(&pool, mia.client().unwrap()).await.unwrap().is_empty());
}

#[testkit::test]
async fn a_document_is_accepted_by_name_and_details_by_the_person_alone(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ana, dan) = family(&pool).await;
    let stranger = client_actor(&pool, "Una").await;
    let document = office.ask("document", &mia).await;
    for (who, name, refused) in [
        (&ana, "", Refusal::field("name", Problem::Required)),
        (&ana, "-", Refusal::field("name", Problem::TooShort { min: 2 })),
        (&stranger, "Una", Refusal::NotFound),
    ] {
        assert_eq!(refusal(requests::complete(&pool, who, document, name).await), refused);
    }
    requests::complete(&pool, &ana, document, "Ana Okafor").await.unwrap();
    requests::complete(&pool, &ana, document, "Ana Okafor").await.unwrap();
    assert_eq!(refusal(requests::complete(&pool, &dan, document, "Dan Okafor").await), CLOSED);
    // Who acts for her does not read it again.
    assert_eq!(refusal(requests::open(&pool, dan.client().unwrap(), document).await), CLOSED);
    for sql in [
        "update request set body = 'Anything.' where state = 'done'",
        "update request set accepted_name = 'Dan' where state = 'done'",
        "update request set state = 'open', closed_at = null, done_by_client = null, done_as = null where state = 'done'",
    ] {
        assert!(query(sql).execute(&pool).await.is_err(), "{sql}");
    }
    let hash = "select count(*) from request where accepted_name = 'Ana Okafor' and done_as = 'linked'
                   and accepted_hash = sha256(convert_to(title, 'UTF8') || '\\x00'::bytea || convert_to(body, 'UTF8'))";
    assert_eq!(office.count(hash).await, 1);
    let read = requests::one(&pool, &office.admin, document).await.unwrap();
    assert_eq!((read.body.as_str(), read.done_by.as_str(), read.intact), ("Shoes off.", "Ana Test", true));
    let details = office.ask("details", &mia).await;
    assert_eq!(refusal(requests::complete(&pool, &ana, details, "").await), Refusal::NotFound);
    assert_eq!(refusal(requests::open(&pool, ana.client().unwrap(), details).await), Refusal::NotFound);
    requests::complete(&pool, &mia, details, "").await.unwrap();
    let other = office.ask("other", &mia).await;
    requests::mark_done(&pool, &office.admin, other).await.unwrap();
    let form = office.ask("form", &mia).await;
    assert_eq!(refusal(requests::mark_done(&pool, &office.admin, form).await), Refusal::Forbidden, "it has answers");
    assert_eq!(refusal(requests::complete(&pool, &mia, form, "Mia").await), Refusal::NotFound);
}

async fn rule(office: &Office, service: shared::ServiceId, occasion: &str) {
    let form = RuleForm { service: service.to_string(), form: office.form.to_string(), occasion: occasion.into() };
    requests::add_rule(&office.pool, &office.admin, &form).await.unwrap();
}

async fn only(office: &Office) -> RequestId {
    let open = open(office).await;
    assert_eq!(open.len(), 1, "{open:?}");
    open[0].id
}

#[testkit::test]
async fn a_service_asks_before_the_first_appointment_and_not_again(pool: PgPool) {
    let practice = practice(&pool).await;
    let office = Office::new(&pool).await;
    rule(&office, practice.service, "first").await;
    let mia = client_actor(&pool, "Mia").await;
    requests::work(&pool).await.unwrap();
    assert!(open(&office).await.is_empty());
    db::appointments::book(&pool, &practice.staff, practice.booking(&mia, soon())).await.unwrap();
    requests::work(&pool).await.unwrap();
    requests::work(&pool).await.unwrap();
    let request = only(&office).await;
    assert!(open(&office).await[0].due_on.is_some());
    office.send(&mia, request, "Well").await.unwrap();
    requests::work(&pool).await.unwrap();
    let later = soon() + chrono::TimeDelta::days(1);
    db::appointments::book(&pool, &practice.staff, practice.booking(&mia, later)).await.unwrap();
    requests::work(&pool).await.unwrap();
    assert!(open(&office).await.is_empty());
}

#[testkit::test]
async fn those_who_come_for_a_service_already_are_not_asked_before_their_first(pool: PgPool) {
    let practice = practice(&pool).await;
    let office = Office::new(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    db::appointments::book(&pool, &practice.staff, practice.booking(&mia, soon())).await.unwrap();
    query("update appointment set starts_at = starts_at - interval '30 days', ends_at = ends_at - interval '30 days'")
        .execute(&pool)
        .await
        .unwrap();
    let later = soon() + chrono::TimeDelta::days(1);
    db::appointments::book(&pool, &practice.staff, practice.booking(&mia, later)).await.unwrap();
    rule(&office, practice.service, "first").await;
    requests::work(&pool).await.unwrap();
    assert!(open(&office).await.is_empty());
}

/// No reminder of a form for an appointment that there is not.
#[testkit::test]
async fn what_a_service_asks_for_goes_with_its_appointment(pool: PgPool) {
    let practice = practice(&pool).await;
    let office = Office::new(&pool).await;
    rule(&office, practice.service, "first").await;
    let mia = client_actor(&pool, "Mia").await;
    let booked = db::appointments::book(&pool, &practice.staff, practice.booking(&mia, soon())).await.unwrap();
    requests::work(&pool).await.unwrap();
    let request = only(&office).await;
    office.draft(&mia, request, "begun").await.unwrap();
    db::appointments::cancel(&pool, &practice.staff, booked).await.unwrap();
    requests::work(&pool).await.unwrap();
    assert!(open(&office).await.is_empty());
    assert_eq!(office.count("select count(*) from form_response").await, 0);
    // Another appointment asks again.
    let later = soon() + chrono::TimeDelta::days(1);
    db::appointments::book(&pool, &practice.staff, practice.booking(&mia, later)).await.unwrap();
    requests::work(&pool).await.unwrap();
    only(&office).await;
}

#[testkit::test]
async fn a_service_asks_before_every_appointment_one_at_a_time(pool: PgPool) {
    let practice = practice(&pool).await;
    let office = Office::new(&pool).await;
    rule(&office, practice.service, "every").await;
    let mia = client_actor(&pool, "Mia").await;
    for days in [0, 1] {
        let at = soon() + chrono::TimeDelta::days(days);
        db::appointments::book(&pool, &practice.staff, practice.booking(&mia, at)).await.unwrap();
    }
    for round in 0..2 {
        requests::work(&pool).await.unwrap();
        let request = only(&office).await;
        office.send(&mia, request, &format!("Well {round}")).await.unwrap();
    }
    requests::work(&pool).await.unwrap();
    assert!(open(&office).await.is_empty(), "there are two appointments");
    // What staff withdraw is not asked again for that appointment.
    let at = soon() + chrono::TimeDelta::days(2);
    db::appointments::book(&pool, &practice.staff, practice.booking(&mia, at)).await.unwrap();
    requests::work(&pool).await.unwrap();
    requests::withdraw(&pool, &office.admin, only(&office).await).await.unwrap();
    requests::work(&pool).await.unwrap();
    assert!(open(&office).await.is_empty());
}

#[testkit::test]
async fn a_service_asks_once_a_year(pool: PgPool) {
    let practice = practice(&pool).await;
    let office = Office::new(&pool).await;
    rule(&office, practice.service, "yearly").await;
    let mia = client_actor(&pool, "Mia").await;
    let request = office.ask("form", &mia).await;
    office.send(&mia, request, "Well").await.unwrap();
    db::appointments::book(&pool, &practice.staff, practice.booking(&mia, soon())).await.unwrap();
    requests::work(&pool).await.unwrap();
    assert!(open(&office).await.is_empty(), "answered this year");
    for sql in [
        "alter table form_response disable trigger form_response_sealed",
        "alter table request disable trigger request_sealed",
        "update form_response set submitted_at = now() - interval '366 days'",
        "update request set created_at = created_at - interval '366 days', closed_at = closed_at - interval '366 days'",
    ] {
        query(sql).execute(&pool).await.unwrap();
    }
    requests::work(&pool).await.unwrap();
    only(&office).await;
}

#[testkit::test]
async fn drafts_are_kept_for_fourteen_days(pool: PgPool) {
    let office = Office::new(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let request = office.ask("form", &mia).await;
    office.draft(&mia, request, "begun").await.unwrap();
    query("update form_response set saved_at = now() - interval '13 days 23 hours'").execute(&pool).await.unwrap();
    requests::work(&pool).await.unwrap();
    assert_eq!(office.count("select count(*) from form_response").await, 1);
    query("update form_response set saved_at = now() - interval '14 days 1 minute'").execute(&pool).await.unwrap();
    requests::work(&pool).await.unwrap();
    assert_eq!(office.count("select count(*) from form_response").await, 0);
}

/// The day on which a reminder goes is kept, so that a round reads no other request.
#[testkit::test]
async fn reminders_go_on_their_days_once_and_follow_a_moved_appointment(pool: PgPool) {
    let practice = practice(&pool).await;
    let office = Office::new(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    reachable(&pool, &mia).await;
    let days = |sql: &'static str| office.count(sql);
    let (in_future, today) = (
        "select count(*) from request where remind_on > now()::date",
        "select count(*) from request where remind_on <= now()::date",
    );
    let form = RequestForm { reminders: "2".into(), ..office.request_form("other", &[&mia]).await };
    requests::ask(&pool, &office.admin, &form).await.unwrap();
    assert_eq!((days(in_future).await, days(today).await), (1, 0));
    mailed(&pool).await;
    // Asked eight days ago: one of two went by, and the next one is ahead.
    for sql in [
        "update request set created_at = now() - interval '8 days', remind_on = now() - interval '1 day'",
        "update request set reminded_at = null",
    ] {
        query(sql).execute(&pool).await.unwrap();
    }
    let sent = db::requests::remind_due(&pool, chrono::Utc::now()).await.unwrap();
    assert_eq!((sent, db::requests::remind_due(&pool, chrono::Utc::now()).await.unwrap()), (1, 0));
    assert_eq!(mailed(&pool).await, [mia.id()]);
    assert_eq!((days(in_future).await, days("select sum(reminded) from request").await), (1, 1));
    // Done, it has none.
    let request = open(&office).await[0].id;
    requests::complete(&pool, &mia, request, "").await.unwrap();
    query("update request set remind_on = '2000-01-01'").execute(&pool).await.unwrap();
    assert_eq!(db::requests::remind_due(&pool, chrono::Utc::now()).await.unwrap(), 0);
    // What a service asked for is due when its appointment is, and so are its reminders.
    rule(&office, practice.service, "every").await;
    let at = soon() + chrono::TimeDelta::days(21);
    db::appointments::book(&pool, &practice.staff, practice.booking(&mia, at)).await.unwrap();
    requests::work(&pool).await.unwrap();
    let before: chrono::NaiveDate =
        query_scalar("select remind_on from request where state = 'open'").fetch_one(&pool).await.unwrap();
    query("update appointment set starts_at = starts_at - interval '7 days', ends_at = ends_at - interval '7 days', starts_local = starts_local - interval '7 days'")
        .execute(&pool)
        .await
        .unwrap();
    requests::work(&pool).await.unwrap();
    db::requests::remind_due(&pool, chrono::Utc::now()).await.unwrap();
    let after: chrono::NaiveDate =
        query_scalar("select remind_on from request where state = 'open'").fetch_one(&pool).await.unwrap();
    assert_eq!(before - after, chrono::TimeDelta::days(7));
}

/// Nothing is mailed that no one can open, and staff see why it stays undone.
#[testkit::test]
async fn staff_see_that_no_one_who_may_do_it_can_log_in(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ana, _) = family(&pool).await;
    reachable(&pool, &mia).await;
    office.ask("form", &mia).await;
    query("delete from account").execute(&pool).await.unwrap();
    let row = open(&office).await.remove(0);
    assert!(!row.reaches_no_one && row.needs_login);
    query("insert into account (id, username, client_id, password_hash) values (gen_random_uuid(), 'ana', $1, 'x')")
        .bind(ana.id())
        .execute(&pool)
        .await
        .unwrap();
    assert!(!open(&office).await[0].needs_login, "her mother may do it");
    let details = office.ask("details", &mia).await;
    let row = open(&office).await.into_iter().find(|one| one.id == details).unwrap();
    assert!(row.needs_login, "her details are her own");
    query("update practice set client_login = false").execute(&pool).await.unwrap();
    assert!(open(&office).await.iter().all(|one| one.reaches_no_one && one.needs_login));
    assert!(mailed(&pool).await.is_empty());
}

/// A list has an end, and more come after it.
#[testkit::test]
async fn what_does_not_fit_on_one_page_is_on_the_next(pool: PgPool) {
    let office = Office::new(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    query("insert into request (id, kind, subject_id, title, request_key) select gen_random_uuid(), 'other', $1, n::text, gen_random_uuid() from generate_series(1, 205) n")
        .bind(mia.id())
        .execute(&pool)
        .await
        .unwrap();
    let mut conn = pool.acquire().await.unwrap();
    let first = requests::list(&mut conn, &office.admin, Filter::default()).await.unwrap();
    let filter = Filter { skip: requests::ROWS_MAX, ..Filter::default() };
    let rest = requests::list(&mut conn, &office.admin, filter).await.unwrap();
    assert_eq!((first.len(), rest.len()), (200, 5));
    assert!(rest.iter().all(|one| first.iter().all(|other| other.id != one.id)));
}

/// What someone began for another ends with the link, and keeps no one from being deleted.
#[testkit::test]
async fn drafts_go_with_the_link_and_keep_no_one_from_being_deleted(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ana, dan) = family(&pool).await;
    let request = office.ask("form", &mia).await;
    for who in [&ana, &dan] {
        office.draft(who, request, "begun").await.unwrap();
    }
    let (number, other) = (
        testkit::number(&pool, mia.client().unwrap().id()).await,
        testkit::number(&pool, dan.client().unwrap().id()).await,
    );
    db::links::remove(&pool, &office.admin, number, other, &shared::links::RemovalForm::default()).await.unwrap();
    assert_eq!(office.count("select count(*) from form_response").await, 1);
    unlink(&pool, &ana, &mia).await;
    let ana = testkit::number(&pool, ana.client().unwrap().id()).await;
    query("delete from account").execute(&pool).await.unwrap();
    assert!(db::deletion::blockers(&pool, &office.admin, ana).await.unwrap().is_empty());
    db::deletion::delete(&pool, &office.admin, ana).await.unwrap();
    assert_eq!(office.count("select count(*) from form_response").await, 0);
    assert_eq!(open(&office).await.len(), 1);
}

/// Sent while the person is erased: one of them is first, and neither fails for the other.
#[testkit::test]
async fn sending_and_erasing_at_once_is_one_after_the_other(pool: PgPool) {
    let office = Office::new(&pool).await;
    for round in 0..testkit::rounds(5, 50) {
        let mia = client_actor(&pool, "Mia").await;
        let request = office.ask("form", &mia).await;
        let number = testkit::number(&pool, mia.client().unwrap().id()).await;
        let code: String = sqlx::query_scalar("select code::text from client where id = $1")
            .bind(mia.id())
            .fetch_one(&pool)
            .await
            .unwrap();
        let form = shared::deletion::EraseForm { code };
        let (sent, erased) =
            tokio::join!(office.send(&mia, request, "Well"), db::deletion::erase(&pool, &office.admin, number, &form));
        erased.unwrap();
        if let Err(error) = sent {
            assert_eq!(error.refusal(), Refusal::NotFound, "round {round}");
        }
        assert_eq!(office.count("select count(*) from form_response").await, 0);
        assert_eq!(office.count("select count(*) from request where state = 'open'").await, 0);
    }
}
