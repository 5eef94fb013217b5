//! Filling in forms: who may, what they see, and what becomes of what they typed.

use crate::support::forms::{Office, answers, family, grant_forms, signing, unlink};
use db::{Actor, PgPool, forms};
use shared::forms::{Filled, ItemKind, ResponseState};
use shared::{Conflict, FormVersionId, Problem, Refusal, RequestId};
use sqlx::{query, query_scalar};
use testkit::{client_actor, on_threads, refusal};
use uuid::Uuid;

const CLOSED: Refusal = Refusal::Conflict(Conflict::RequestClosed);
const OTHER_VERSION: Refusal = Refusal::Conflict(Conflict::OtherVersion);

fn me(actor: &Actor) -> &db::actor::ClientActor {
    actor.client().unwrap()
}

#[testkit::test]
async fn a_form_is_filed_with_the_person_it_is_about_and_who_signed(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ana, _) = family(&pool).await;
    let request = office.ask("form", &mia).await;
    let id = office.send(&ana, request, "Well").await.unwrap();
    let response = forms::response(&pool, &office.admin, id).await.unwrap();
    assert_eq!(
        (response.client.as_str(), response.author.as_str(), response.acted_as.as_str()),
        ("Mia Test", "Ana Test", "linked")
    );
    assert_eq!(response.answers["q1"].values, ["Well"]);
    let signature = &response.signatures[0];
    assert_eq!((signature.name.as_str(), signature.capacity.as_str()), ("Ana Test", "parent"));
    assert_eq!(
        (signature.statement.as_str(), signature.logged_in_by.as_slice()),
        ("This is true.", &["password".to_owned()][..])
    );
    assert!(response.intact);
    assert_eq!(office.count("select count(*) from request where state = 'done' and done_as = 'linked'").await, 1);
}

/// Scope creep: filling in shows an empty form, and nothing that was answered before.
#[testkit::test]
async fn completing_a_form_shows_no_past_answers_and_no_one_elses_draft(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ana, dan) = family(&pool).await;
    let first = office.ask("form", &mia).await;
    office.send(&mia, first, "Canary of the past").await.unwrap();
    let second = office.ask("form", &mia).await;
    office.draft(&mia, second, "Canary of Mia").await.unwrap();
    office.draft(&ana, second, "Canary of Ana").await.unwrap();
    let seen = |open: forms::OpenForm| format!("{open:?}");
    let of_dan = seen(forms::open(&pool, me(&dan), second, None).await.unwrap());
    assert!(!of_dan.contains("Canary"), "{of_dan}");
    let of_ana = seen(forms::open(&pool, me(&ana), second, None).await.unwrap());
    assert!(
        of_ana.contains("Canary of Ana") && !of_ana.contains("Canary of Mia") && !of_ana.contains("past"),
        "{of_ana}"
    );
    // What is done is closed to all of them.
    for who in [&mia, &ana, &dan] {
        assert_eq!(refusal(forms::open(&pool, me(who), first, None).await), CLOSED);
    }
    let listed = db::requests::mine(&pool, me(&dan)).await.unwrap();
    assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), [second], "what another did is not listed");
}

#[testkit::test]
async fn of_two_proxies_the_first_counts_and_the_second_is_told_no_more_than_that(pool: PgPool) {
    on_threads(&pool, |pool| async move {
        let office = Office::new(&pool).await;
        for _ in 0..8 {
            let (mia, ana, dan) = family(&pool).await;
            let request = office.ask("form", &mia).await;
            office.draft(&dan, request, "begun").await.unwrap();
            let (one, other) = tokio::join!(office.send(&ana, request, "of Ana"), office.send(&dan, request, "of Dan"));
            let won = [one, other].map(|sent| match sent {
                Ok(_) => true,
                Err(db::Error::Refused(refusal)) if refusal == CLOSED => false,
                other => panic!("{other:?}"),
            });
            assert!(won[0] != won[1], "{won:?}");
        }
        assert_eq!(office.count("select count(*) from form_response where state = 'draft'").await, 0);
        assert_eq!(office.count("select count(*) from form_response").await, 8);
    })
    .await;
}

#[testkit::test]
async fn a_stale_tab_after_unlinking_is_refused_and_its_draft_deleted(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ana, dan) = family(&pool).await;
    let request = office.ask("form", &mia).await;
    office.draft(&ana, request, "begun").await.unwrap();
    office.draft(&dan, request, "begun too").await.unwrap();
    unlink(&pool, &ana, &mia).await;
    assert_eq!(refusal(office.send(&ana, request, "Well").await), Refusal::NotFound);
    assert_eq!(office.count("select count(*) from form_response").await, 1, "Dan's is left");
    assert_eq!(refusal(office.draft(&ana, request, "again").await), Refusal::NotFound);
    assert_eq!(refusal(forms::open(&pool, me(&ana), request, None).await), Refusal::NotFound);
    assert!(db::requests::mine(&pool, me(&ana)).await.unwrap().is_empty());
    // A grant that is taken back, the link staying, ends as much.
    query("update client_link set low_may_forms = false, high_may_forms = false").execute(&pool).await.unwrap();
    assert_eq!(refusal(office.send(&dan, request, "Well").await), Refusal::NotFound);
    assert_eq!(office.count("select count(*) from form_response").await, 0);
    // Those who never come back leave nothing either.
    grant_forms(&pool, &ana, &mia).await;
    office.draft(&ana, request, "begun").await.unwrap();
    unlink(&pool, &ana, &mia).await;
    db::requests::work(&pool).await.unwrap();
    assert_eq!(office.count("select count(*) from form_response").await, 0);
}

#[testkit::test]
async fn no_one_fills_in_a_form_for_or_as_someone_inactive(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ana, _) = family(&pool).await;
    let request = office.ask("form", &mia).await;
    for inactive in [&mia, &ana] {
        office.draft(&ana, request, "begun").await.unwrap();
        query("update client set status = 'inactive' where id = $1").bind(inactive.id()).execute(&pool).await.unwrap();
        assert_eq!(refusal(office.send(&ana, request, "Well").await), Refusal::NotFound);
        assert_eq!(office.count("select count(*) from form_response").await, 0);
        query("update client set status = 'active'").execute(&pool).await.unwrap();
    }
    office.send(&ana, request, "Well").await.unwrap();
}

/// Opened on the eve, sent after midnight: it is the new adult's to fill in.
#[testkit::test]
async fn a_form_opened_before_someone_came_of_age_is_refused_after_and_its_draft_deleted(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ana, _) = family(&pool).await;
    query("update client_link set created_at = now() - interval '2 days'").execute(&pool).await.unwrap();
    let born =
        "update client set birth_date = (now() at time zone (select zone from practice))::date - interval '18 years'
                 where id = $1";
    let request = office.ask("form", &mia).await;
    assert!(forms::open(&pool, me(&ana), request, None).await.is_ok());
    office.draft(&ana, request, "begun").await.unwrap();
    query(born).bind(mia.id()).execute(&pool).await.unwrap();
    db::links::coming_of_age::work(&pool, chrono::Utc::now()).await.unwrap();
    assert_eq!(refusal(office.send(&ana, request, "Well").await), Refusal::NotFound);
    assert_eq!(office.count("select count(*) from form_response").await, 0);
    assert!(db::requests::mine(&pool, me(&ana)).await.unwrap().is_empty());
    office.send(&mia, request, "Well").await.unwrap();
}

#[testkit::test]
async fn forged_ids_find_no_form(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ana, _) = family(&pool).await;
    let stranger = client_actor(&pool, "Una").await;
    let request = office.ask("form", &mia).await;
    let other = office.ask("other", &mia).await;
    for (who, id) in [(&stranger, request), (&ana, RequestId(Uuid::nil())), (&ana, other), (&mia, other)] {
        assert_eq!(refusal(forms::open(&pool, me(who), id, None).await), Refusal::NotFound);
        assert_eq!(refusal(office.draft(who, id, "x").await), Refusal::NotFound);
        assert_eq!(refusal(office.send(who, id, "x").await), Refusal::NotFound);
    }
    // A version of another form, one that is a draft, one that there is not.
    let unpublished: Uuid = {
        office.add(ItemKind::Date, "When?").await;
        query_scalar("select id from form_version where published_at is null").fetch_one(&pool).await.unwrap()
    };
    let elsewhere = Office { pool: pool.clone(), admin: office.admin.clone(), form: other_form(&office).await };
    for version in [unpublished, Uuid::nil(), elsewhere.newest().await.0] {
        let filled = answers("x", "Ana Test", "parent");
        let sent = forms::submit(&pool, &ana, request, FormVersionId(version), &filled, &signing()).await;
        assert_eq!(refusal(sent), OTHER_VERSION);
    }
    assert_eq!(office.count("select count(*) from form_response where state <> 'draft'").await, 0);
    // For a proxy no signature as the person, and none as a practitioner.
    for capacity in ["self", "practitioner", "emperor"] {
        let filled = answers("x", "Ana Test", capacity);
        let sent = forms::submit(&pool, &ana, request, office.newest().await, &filled, &signing()).await;
        assert_eq!(refusal(sent), Refusal::field("other.q2", Problem::Unknown), "{capacity}");
    }
}

async fn other_form(office: &Office) -> shared::FormId {
    let form = shared::forms::FormForm { starter: "cancellation".into(), ..Default::default() };
    let id = forms::create(&office.pool, &office.admin, &form).await.unwrap();
    forms::publish(&office.pool, &office.admin, id, Some(1)).await.unwrap();
    id
}

#[testkit::test]
async fn what_was_begun_stays_on_its_version_and_nothing_typed_is_lost(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ..) = family(&pool).await;
    let request = office.ask("form", &mia).await;
    let begun = office.newest().await;
    // Refused for the signature, it is kept as it was typed.
    let filled = answers("  Well, “so so” ", "", "");
    let refused = refusal(forms::submit(&pool, &mia, request, begun, &filled, &signing()).await);
    assert_eq!(refused, Refusal::field("text.q2", Problem::Required));
    office.add(ItemKind::Date, "Since when?").await;
    office.publish().await;
    let open = forms::open(&pool, me(&mia), request, None).await.unwrap();
    assert_eq!((open.version, open.definition.items.len()), (begun, 2));
    assert_eq!(open.draft.unwrap().text["q1"], "  Well, “so so” ");
    // Of a version that the person did not see, nothing is signed.
    assert_eq!(refusal(office.send(&mia, request, "Well").await), Refusal::Conflict(Conflict::OtherVersion));
    let signed = answers("Well", mia.name(), "self");
    let id = forms::submit(&pool, &mia, request, begun, &signed, &signing()).await.unwrap();
    assert_eq!(forms::response(&pool, &office.admin, id).await.unwrap().version, 1);
    // A request not begun is of the new version.
    let next = office.ask("form", &mia).await;
    assert_eq!(forms::open(&pool, me(&mia), next, None).await.unwrap().definition.items.len(), 3);
    // What no form asks is not kept.
    let mut stuffed = answers("x", "", "");
    stuffed.text.insert("q99".into(), "smuggled".into());
    forms::save_draft(&pool, &mia, next, office.newest().await, &stuffed).await.unwrap();
    assert!(!forms::open(&pool, me(&mia), next, None).await.unwrap().draft.unwrap().text.contains_key("q99"));
}

#[testkit::test]
async fn a_form_sent_twice_is_one_response(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ana, _) = family(&pool).await;
    let request = office.ask("form", &mia).await;
    let (one, other) = tokio::join!(office.send(&ana, request, "Well"), office.send(&ana, request, "Well"));
    let sent: Vec<_> = [one, other].into_iter().filter_map(Result::ok).collect();
    assert!(!sent.is_empty());
    assert_eq!(office.send(&ana, request, "Well").await.unwrap(), sent[0]);
    assert_eq!(refusal(office.send(&ana, request, "Otherwise").await), CLOSED);
    assert_eq!(office.count("select count(*) from form_response").await, 1);
    assert_eq!(office.count("select count(*) from form_signature").await, 1);
}

#[testkit::test]
async fn a_changed_byte_breaks_the_seal_and_no_statement_changes_one(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ..) = family(&pool).await;
    let request = office.ask("form", &mia).await;
    let id = office.send(&mia, request, "Well").await.unwrap();
    for sql in [
        "update form_response set answers = '{}'",
        "update form_response set submitted_at = now() - interval '1 day'",
        "update form_response set state = 'draft', submitted_at = null, content_hash = null",
        "update form_signature set statement = 'Anything.'",
        "update form_signature set signer_name = 'Someone else'",
        "update form_signature set signed_hash = sha256('x')",
        "delete from form_response",
        "delete from form_signature",
    ] {
        assert!(query(sql).execute(&pool).await.is_err(), "{sql}");
    }
    assert!(forms::response(&pool, &office.admin, id).await.unwrap().intact);
    query("alter table form_response disable trigger form_response_sealed").execute(&pool).await.unwrap();
    query("update form_response set answers = jsonb_set(answers, '{q1,values,0}', '\"Unwell\"')")
        .execute(&pool)
        .await
        .unwrap();
    assert!(!forms::response(&pool, &office.admin, id).await.unwrap().intact);
}

#[testkit::test]
async fn an_amendment_is_a_new_response_beside_the_one_that_it_names(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ..) = family(&pool).await;
    let request = office.ask("form", &mia).await;
    let first = office.send(&mia, request, "Well").await.unwrap();
    let stranger = testkit::staff_actor(&pool, "Nadia", &[shared::accounts::Role::Practitioner]).await;
    let corrected = answers("Unwell", "Mia Test", "self");
    assert_eq!(refusal(forms::amend(&pool, &stranger, first, &corrected).await), Refusal::NotFound);
    assert_eq!(refusal(forms::response(&pool, &stranger, first).await), Refusal::NotFound);
    let second = forms::amend(&pool, &office.admin, first, &corrected).await.unwrap();
    let now = forms::response(&pool, &office.admin, second).await.unwrap();
    assert_eq!((now.amends, now.acted_as.as_str(), now.state), (Some(first), "desk", ResponseState::Submitted));
    assert!(now.signatures.is_empty(), "staff sign for no one");
    assert_eq!(now.previous.unwrap().1["q1"].values, ["Well"]);
    let was = forms::response(&pool, &office.admin, first).await.unwrap();
    assert_eq!(
        (was.state, was.amended_by, was.answers["q1"].values[0].as_str()),
        (ResponseState::Amended, Some(second), "Well")
    );
    assert!(was.intact && now.intact);
    assert_eq!(refusal(forms::amend(&pool, &office.admin, first, &corrected).await), Refusal::Stale);

    forms::entered_in_error(&pool, &office.admin, second).await.unwrap();
    forms::entered_in_error(&pool, &office.admin, second).await.unwrap();
    let wrong = forms::response(&pool, &office.admin, second).await.unwrap();
    assert_eq!(wrong.state, ResponseState::EnteredInError);
    assert_eq!(refusal(forms::amend(&pool, &office.admin, second, &Filled::default()).await), Refusal::Stale);
}

/// Two devices: what was read and signed on the one is not what the other saved.
#[testkit::test]
async fn no_one_signs_a_version_that_their_page_did_not_show(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ana, _) = family(&pool).await;
    let request = office.ask("form", &mia).await;
    let phone = office.newest().await;
    office.add(ItemKind::Date, "Since when?").await;
    office.publish().await;
    let laptop = office.newest().await;
    forms::save_draft(&pool, &ana, request, laptop, &answers("of the laptop", "", "")).await.unwrap();
    let filled = answers("of the phone", "Ana Test", "parent");
    let sent = forms::submit(&pool, &ana, request, phone, &filled, &signing()).await;
    assert_eq!(refusal(sent), OTHER_VERSION);
    let open = forms::open(&pool, me(&ana), request, None).await.unwrap();
    assert_eq!(
        (open.version, open.draft.unwrap().text["q1"].as_str()),
        (laptop, "of the phone"),
        "what was typed is kept"
    );
    assert_eq!(office.count("select count(*) from form_signature").await, 0);
}

#[testkit::test]
async fn a_version_from_before_the_request_is_not_sent_and_one_from_since_is(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ..) = family(&pool).await;
    let old = office.newest().await;
    office.add(ItemKind::Signature, "And this, too.").await;
    office.publish().await;
    let request = office.ask("form", &mia).await;
    let since = office.newest().await;
    let filled = answers("Well", "Mia Test", "self");
    let sent = forms::submit(&pool, &mia, request, old, &filled, &signing()).await;
    assert_eq!(refusal(sent), OTHER_VERSION);
    query("delete from form_response").execute(&pool).await.unwrap();
    office.add(ItemKind::Date, "Since when?").await;
    office.publish().await;
    let mut filled = filled;
    filled.text.insert("q3".into(), "Mia Test".into());
    filled.other.insert("q3".into(), "self".into());
    forms::submit(&pool, &mia, request, since, &filled, &signing()).await.unwrap();
}

/// What a mother signed for her child stays signed when she is erased, and her name goes.
#[testkit::test]
async fn erasing_who_signed_takes_their_name_and_leaves_the_seal(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ana, _) = family(&pool).await;
    let request = office.ask("form", &mia).await;
    let id = office.send(&ana, request, "Well").await.unwrap();
    let number = testkit::number(&pool, me(&ana).id()).await;
    let code: String =
        query_scalar("select code::text from client where id = $1").bind(ana.id()).fetch_one(&pool).await.unwrap();
    db::deletion::erase(&pool, &office.admin, number, &shared::deletion::EraseForm { code }).await.unwrap();
    let left: i64 = query_scalar(
        "select count(*) from (select r::text as words from form_response r union all select g::text from form_signature g) all_of_it
          where words ilike '%ana test%'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(left, 0);
    let response = forms::response(&pool, &office.admin, id).await.unwrap();
    assert!(response.intact && response.signatures[0].name.is_empty());
}

#[testkit::test]
async fn a_changed_question_and_a_missing_signature_break_the_seal(pool: PgPool) {
    let office = Office::new(&pool).await;
    let (mia, ..) = family(&pool).await;
    let request = office.ask("form", &mia).await;
    let id = office.send(&mia, request, "Well").await.unwrap();
    query("alter table form_version disable trigger form_version_sealed").execute(&pool).await.unwrap();
    let reword =
        "update form_version set definition = replace(definition::text, 'How are you?', 'Are you ill?')::jsonb";
    query(reword).execute(&pool).await.unwrap();
    assert!(!forms::response(&pool, &office.admin, id).await.unwrap().intact);
    query("update form_version set definition = replace(definition::text, 'Are you ill?', 'How are you?')::jsonb")
        .execute(&pool)
        .await
        .unwrap();
    assert!(forms::response(&pool, &office.admin, id).await.unwrap().intact);
    query("alter table form_signature disable trigger form_signature_sealed").execute(&pool).await.unwrap();
    query("delete from form_signature").execute(&pool).await.unwrap();
    assert!(!forms::response(&pool, &office.admin, id).await.unwrap().intact);
}
