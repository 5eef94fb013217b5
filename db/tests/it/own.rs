//! *My details*: a client's own record, and of the information fields
//! those that are for clients.

use db::Actor;
use db::PgPool;
use db::clients::{own, save_own_consents, save_own_record};
use shared::accounts::Role;
use shared::clients::own::{OwnConsentsForm, OwnRecordForm};
use shared::{Problem, Refusal};
use testkit::{client_actor, refusal, staff_actor};

#[testkit::test]
async fn a_client_sees_their_own_and_what_is_for_them(pool: PgPool) {
    let (mia, noor) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Noor").await);
    sqlx::raw_sql(
        "update client set email = first_name || '@example.com', notes = 'canary', alert = 'canary', language = 'fr';
         insert into client_phone (id, client_id, label, number) select gen_random_uuid(), id, 'Work', '416 555 0100' from client;
         insert into client_contact (id, client_id, name) select gen_random_uuid(), id, 'canary' from client;
         insert into client_field (id, label, kind, for_clients, active)
             select gen_random_uuid(), label, 'text', seen, active
               from (values ('School', true, true), ('Hunch', false, true), ('Old', true, false)) f (label, seen, active);
         insert into client_field_value (client_id, field_id, words)
             select c.id, f.id, case f.label when 'School' then 'School of ' || c.first_name else 'canary' end
               from client c, client_field f",
    )
    .execute(&pool)
    .await
    .unwrap();
    for (client, first) in [(&mia, "Mia"), (&noor, "Noor")] {
        let shown = own(&pool, client).await.unwrap();
        assert_eq!((shown.name, shown.email), (format!("{first} Test"), format!("{first}@example.com")));
        assert_eq!((shown.language.as_str(), shown.record.phones.len()), ("Français", 1));
        assert_eq!(shown.fields, [("School".to_owned(), format!("School of {first}"))]);
    }
    let shown = format!("{:?}", own(&pool, &mia).await.unwrap());
    assert!(!shown.contains("canary") && !shown.contains("Noor"));
    for role in [Role::Administrator, Role::FrontDesk, Role::Practitioner] {
        let staff = staff_actor(&pool, "Sam", &[role]).await;
        assert_eq!(refusal(own(&pool, &staff).await), Refusal::NotFound);
    }
}

async fn run(pool: &PgPool, sql: &'static str) {
    sqlx::raw_sql(sql).execute(pool).await.unwrap();
}

/// The form of someone's own record, as it is shown.
async fn form(pool: &PgPool, client: &Actor) -> OwnRecordForm {
    let shown = own(pool, client).await.unwrap();
    shown.record.form(shown.version)
}

#[testkit::test]
async fn what_the_practice_lets_be_edited_is_saved_and_nothing_else(pool: PgPool) {
    let mia = client_actor(&pool, "Mia").await;
    let wanted = OwnRecordForm {
        first_name: "Eve".into(),
        preferred_name: "Mimi".into(),
        mobile: "416 555 0142".into(),
        address: "1 Elm Street".into(),
        ..form(&pool, &mia).await
    };
    save_own_record(&pool, &mia, &wanted).await.unwrap();
    let shown = own(&pool, &mia).await.unwrap();
    assert_eq!(shown.record.first_name, "Mia", "the name is shown, and not edited");
    assert_eq!((shown.record.preferred_name.as_str(), shown.record.address.as_str()), ("Mimi", "1 Elm Street"));
    assert_eq!(shown.record.mobile.as_deref(), Some("416 555 0142"));
    let fields: Vec<String> =
        sqlx::query_scalar("select fields from audit where action = 'update'").fetch_one(&pool).await.unwrap();
    assert_eq!(fields, ["preferred_name", "mobile", "address"]);
    // The same again writes nothing.
    save_own_record(&pool, &mia, &form(&pool, &mia).await).await.unwrap();
    assert_eq!(own(&pool, &mia).await.unwrap().version, shown.version);
}

#[testkit::test]
async fn what_is_hidden_is_neither_shown_nor_changed(pool: PgPool) {
    let mia = client_actor(&pool, "Mia").await;
    run(&pool, "update client set mobile = '416 555 0100', address = 'canary', email = 'canary@kin.test'").await;
    run(&pool, "update portal_detail set setting = 'hidden' where detail in ('mobile', 'address', 'email')").await;
    let shown = own(&pool, &mia).await.unwrap();
    assert!(!format!("{shown:?}").contains("canary") && shown.record.mobile.is_none());
    let wanted =
        OwnRecordForm { preferred_name: "Mimi".into(), address: "Elsewhere".into(), ..form(&pool, &mia).await };
    save_own_record(&pool, &mia, &wanted).await.unwrap();
    let kept: (Option<String>, String) =
        sqlx::query_as("select mobile, address from client").fetch_one(&pool).await.unwrap();
    assert_eq!(kept, (Some("416 555 0100".to_owned()), "canary".to_owned()));
}

#[testkit::test]
async fn without_the_permission_details_are_read_and_not_edited(pool: PgPool) {
    let mia = client_actor(&pool, "Mia").await;
    let wanted = OwnRecordForm { preferred_name: "Mimi".into(), ..form(&pool, &mia).await };
    run(&pool, "update portal_permission set setting = 'off' where permission = 'edit_details'").await;
    assert!(!own(&pool, &mia).await.unwrap().settings.edits_any());
    assert_eq!(refusal(save_own_record(&pool, &mia, &wanted).await), Refusal::Forbidden);
    // How they may be reached stays theirs to say.
    let consents = OwnConsentsForm { voice: true, version: "1".into(), ..OwnConsentsForm::default() };
    save_own_consents(&pool, &mia, &consents).await.unwrap();
    assert!(own(&pool, &mia).await.unwrap().voice_consent);
}

#[testkit::test]
async fn a_stale_save_of_own_details_changes_nothing(pool: PgPool) {
    let mia = client_actor(&pool, "Mia").await;
    let wanted = OwnRecordForm { preferred_name: "Mimi".into(), ..form(&pool, &mia).await };
    run(&pool, "update client set address = 'By staff', version = version + 1").await;
    assert_eq!(refusal(save_own_record(&pool, &mia, &wanted).await), Refusal::Stale);
    let consents = OwnConsentsForm { voice: true, version: "1".into(), ..OwnConsentsForm::default() };
    assert_eq!(refusal(save_own_consents(&pool, &mia, &consents).await), Refusal::Stale);
    assert_eq!(own(&pool, &mia).await.unwrap().record.preferred_name, "");
}

#[testkit::test]
async fn a_consent_needs_the_address_that_it_is_for(pool: PgPool) {
    let mia = client_actor(&pool, "Mia").await;
    let all = |version: &str| OwnConsentsForm { email: true, sms: true, voice: true, version: version.into() };
    match refusal(save_own_consents(&pool, &mia, &all("1")).await) {
        Refusal::Invalid(errors) => {
            assert_eq!(errors.get("email"), Some(&Problem::EmailForConsent));
            assert_eq!(errors.get("sms"), Some(&Problem::MobileForSms));
        }
        other => panic!("{other:?}"),
    }
    run(&pool, "update client set email = 'mia@kin.test', mobile = '416 555 0100', email_consent = false").await;
    save_own_consents(&pool, &mia, &all("1")).await.unwrap();
    let shown = own(&pool, &mia).await.unwrap();
    assert!(shown.email_consent && shown.sms_consent && shown.voice_consent);
    let log: Vec<(String, bool, String)> =
        sqlx::query_as("select channel, given, source from consent_event where source = 'portal' order by channel")
            .fetch_all(&pool)
            .await
            .unwrap();
    let said = |channel: &str| (channel.to_owned(), true, "portal".to_owned());
    assert_eq!(log, [said("email"), said("sms"), said("voice")], "with its source, for the present addresses");
    // The number stays while text messages are agreed to.
    let wanted = OwnRecordForm { mobile: String::new(), ..form(&pool, &mia).await };
    assert_eq!(refusal(save_own_record(&pool, &mia, &wanted).await), Refusal::field("mobile", Problem::MobileForSms));
}

#[testkit::test]
async fn no_one_edits_the_details_of_those_they_act_for_nor_do_staff_here(pool: PgPool) {
    let (mia, ana) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Ana").await);
    crate::appointments::grant_booking(&pool, &ana, &mia).await;
    let wanted = OwnRecordForm { preferred_name: "Mimi".into(), ..form(&pool, &ana).await };
    save_own_record(&pool, &ana, &wanted).await.unwrap();
    assert_eq!(own(&pool, &mia).await.unwrap().record.preferred_name, "", "only ever one's own");
    let desk = staff_actor(&pool, "Dora", &[Role::FrontDesk]).await;
    assert_eq!(refusal(save_own_record(&pool, &desk, &wanted).await), Refusal::NotFound);
    assert_eq!(refusal(save_own_consents(&pool, &desk, &OwnConsentsForm::default()).await), Refusal::NotFound);
}

#[testkit::test]
async fn a_consent_that_staff_noted_is_confirmed_once(pool: PgPool) {
    let mia = client_actor(&pool, "Mia").await;
    run(&pool, "update client set email = 'mia@kin.test', email_consent = true").await;
    let todo = async || {
        let all = db::portal::todo(&pool, mia.client().unwrap()).await.unwrap();
        all.iter().filter(|item| item.kind == shared::portal::TodoKind::Consents).count()
    };
    assert_eq!(todo().await, 1);
    let version = own(&pool, &mia).await.unwrap().version.to_string();
    let same = OwnConsentsForm { email: true, version, ..OwnConsentsForm::default() };
    save_own_consents(&pool, &mia, &same).await.unwrap();
    assert_eq!(todo().await, 0, "they have said so themselves");
    let said = "select count(*) from consent_event where source = 'portal' and given";
    let first: i64 = sqlx::query_scalar(said).fetch_one(&pool).await.unwrap();
    let version = own(&pool, &mia).await.unwrap().version.to_string();
    save_own_consents(&pool, &mia, &OwnConsentsForm { version, ..same }).await.unwrap();
    let again: i64 = sqlx::query_scalar(said).fetch_one(&pool).await.unwrap();
    assert_eq!((first, again), (1, 1));
}
