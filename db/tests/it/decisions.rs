//! What an administrator decides about the practice: its word for a client,
//! who may log in, code-only mode; locations and referring providers.

use db::practice::*;
use db::{Actor, PgPool};
use shared::accounts::Role;
use shared::bulk::BulkForm;
use shared::practice::*;
use shared::{AccountId, LocationId, Problem, ProviderId, Refusal};
use testkit::{client_actor, refusal, staff_actor};

async fn administrator(pool: &PgPool) -> Actor {
    staff_actor(pool, "Ada", &[Role::Administrator]).await
}

async fn run(pool: &PgPool, sql: &'static str) {
    sqlx::raw_sql(sql).execute(pool).await.unwrap();
}

async fn number(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

/// As it is stored, with changes.
async fn changed(pool: &PgPool, change: impl FnOnce(&mut PracticeForm)) -> PracticeDetails {
    let mut form = practice(pool).await.unwrap().form();
    change(&mut form);
    form.parse().unwrap()
}

/// Gives every client a log-in, `{number}@example.com`, and a session.
const LOG_INS: &str =
    "insert into account (id, username, client_id) select id, number || '@example.com', id from client;
    insert into session (id_hash, account_id, data, expires_at)
        select sha256(id::text::bytea), id, '{}', now() + interval '1 day' from account";

#[testkit::test]
async fn only_administrators_decide(pool: PgPool) {
    let details = changed(&pool, |form| form.name = "Mine".into()).await;
    let place = LocationForm { name: "Annex".into(), zone: "America/Toronto".into(), ..LocationForm::default() };
    let place = place.parse().unwrap();
    let provider = ProviderForm { name: "Dr. Who".into(), ..ProviderForm::default() }.parse().unwrap();
    let ada = administrator(&pool).await;
    let location = save_location(&pool, &ada, None, &place).await.unwrap();
    let sender = providers::save(&pool, &ada, None, &provider).await.unwrap();
    let on = CodeOnlyForm { on: true, remove: true };
    for (actor, expected) in [
        (staff_actor(&pool, "Sam", &[Role::FrontDesk]).await, Refusal::Forbidden),
        (staff_actor(&pool, "Ana", &[Role::Practitioner]).await, Refusal::Forbidden),
        (client_actor(&pool, "Mia").await, Refusal::NotFound),
    ] {
        assert_eq!(refusal(save_practice(&pool, &actor, &details).await), expected);
        assert_eq!(refusal(named(&pool, &actor).await), expected);
        assert_eq!(refusal(set_code_only(&pool, &actor, &on).await), expected);
        assert_eq!(refusal(save_location(&pool, &actor, None, &place).await), expected);
        assert_eq!(refusal(set_location_active(&pool, &actor, location, false).await), expected);
        assert_eq!(refusal(set_main_location(&pool, &actor, location).await), expected);
        assert_eq!(refusal(providers::save(&pool, &actor, Some(sender), &provider).await), expected);
        assert_eq!(refusal(providers::set_active(&pool, &actor, sender, false).await), expected);
    }
    let (nowhere, nobody) = (LocationId(uuid::Uuid::nil()), ProviderId(uuid::Uuid::nil()));
    assert_eq!(refusal(save_location(&pool, &ada, Some(nowhere), &place).await), Refusal::NotFound);
    assert_eq!(refusal(set_location_active(&pool, &ada, nowhere, false).await), Refusal::NotFound);
    assert_eq!(refusal(set_main_location(&pool, &ada, nowhere).await), Refusal::NotFound);
    assert_eq!(refusal(providers::save(&pool, &ada, Some(nobody), &provider).await), Refusal::NotFound);
    assert_eq!(refusal(providers::set_active(&pool, &ada, nobody, false).await), Refusal::NotFound);
}

#[testkit::test]
async fn the_practice_is_saved_from_what_was_seen(pool: PgPool) {
    let ada = administrator(&pool).await;
    let details = changed(&pool, |form| form.word = "patient".into()).await;
    save_practice(&pool, &ada, &details).await.unwrap();
    save_practice(&pool, &ada, &details).await.unwrap();
    let stored = practice(&pool).await.unwrap();
    assert_eq!((stored.client_word_plural.as_str(), stored.version), ("patients", 2));
    let stale = PracticeDetails { name: "Other".into(), ..details.clone() };
    assert_eq!(refusal(save_practice(&pool, &ada, &stale).await), Refusal::Stale);
    let lost = PracticeDetails { zone: "Atlantis/Capital".into(), version: Some(2), ..details };
    assert_eq!(refusal(save_practice(&pool, &ada, &lost).await), Refusal::field("zone", Problem::UnknownZone));
}

/// Switched off, no one is logged in any more; switched on again, no one is still.
#[testkit::test]
async fn switching_login_off_ends_sessions_right_away(pool: PgPool) {
    let ada = administrator(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    run(&pool, LOG_INS).await;
    let account = AccountId(mia.id());
    assert!(Actor::load(&pool, account).await.unwrap().is_some());
    let off = changed(&pool, |form| form.client_login = false).await;
    save_practice(&pool, &ada, &off).await.unwrap();
    assert!(Actor::load(&pool, account).await.unwrap().is_none());
    assert_eq!(number(&pool, "select count(*) from session").await, 0);
    let on = changed(&pool, |form| form.client_login = true).await;
    save_practice(&pool, &ada, &on).await.unwrap();
    assert_eq!(number(&pool, "select count(*) from session").await, 0);
    assert_eq!(number(&pool, "select count(*) from account").await, 1, "the log-in is kept");
}

#[testkit::test]
async fn code_only_mode_removes_what_names_a_client(pool: PgPool) {
    let ada = administrator(&pool).await;
    let (mia, noor) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Noor").await);
    let on = |remove| CodeOnlyForm { on: true, remove };
    run(&pool, LOG_INS).await;
    run(
        &pool,
        "update client set email = 'a@example.com', mobile = '4165550123', sms_consent = true, address = '1 Elm', alert = 'Nuts';
         update account set username = 'noor' where client_id = (select id from client where first_name = 'Noor');
         insert into client_phone (id, client_id, number) select gen_random_uuid(), id, '4165550124' from client;
         insert into client_contact (id, client_id, name) select gen_random_uuid(), id, 'Ana Okafor' from client;
         insert into message (id, kind, client_id) select gen_random_uuid(), 'welcome', id from client;
         insert into message_copy (id, message_id, address, client_id, subject, body)
             select gen_random_uuid(), id, 'a@example.com', client_id, 'Hello', 'Hello Mia' from message;
         insert into client_view (id, owner_id, name, query)
             select gen_random_uuid(), id, 'Mine', 'status=active&q=mia+okafor&sort=name' from staff_member limit 1;
         insert into bulk_change (id, staff_id, action, status, back, request_key, digest)
             select gen_random_uuid(), id, 'status', 'active', '/clients?q=mia+okafor&status=active', id, ''
               from staff_member limit 1;
         insert into import (id, staff_id, request_key, file_name, encoding, headings, looks, row_count, families_found)
             select gen_random_uuid(), id, id, 'new.csv', 'UTF-8', '{}', '[]', 0, '[[\"Okafor\", \"\", 1]]'
               from staff_member limit 1",
    )
    .await;
    let found = named(&pool, &ada).await.unwrap();
    assert_eq!(found, Named { clients: 2, logins: 2, mails: 2, imports: 0, merges: 0 });

    let asked = set_code_only(&pool, &ada, &on(false)).await;
    assert_eq!(refusal(asked), Refusal::field("remove", Problem::TickToConfirm));
    assert_eq!(number(&pool, "select count(*) from client c where client_is_named(c)").await, 2, "nothing is gone");
    assert!(!practice(&pool).await.unwrap().code_only);

    set_code_only(&pool, &ada, &on(true)).await.unwrap();
    set_code_only(&pool, &ada, &on(true)).await.unwrap();
    assert!(named(&pool, &ada).await.unwrap().is_nothing());
    let words = "select count(*) from client_word w, client_spelling s where w.word || s.word ~ 'mia|noor|test'";
    assert_eq!(number(&pool, words).await, 0, "nor is anybody found by name");
    let view: String = sqlx::query_scalar("select query from client_view").fetch_one(&pool).await.unwrap();
    assert_eq!(view, "status=active&sort=name");
    assert_eq!(number(&pool, "select count(*) from import where families_found <> '[]'").await, 0);
    let left = "select (select count(*) from client_phone) + (select count(*) from client_contact)
        + (select count(*) from message_copy) + (select count(*) from client where sms_consent or email_consent)";
    assert_eq!(number(&pool, left).await, 0);
    let text = "select count(*) from client where client::text ~* 'mia|noor|example|4165550'";
    assert_eq!(number(&pool, text).await, 0);
    assert_eq!(number(&pool, "select count(*) from client where alert = 'Nuts' and version = 2").await, 2);
    assert!(Actor::load(&pool, AccountId(mia.id())).await.unwrap().is_none(), "her username was an address");
    assert!(Actor::load(&pool, AccountId(noor.id())).await.unwrap().is_none(), "hers was her name");
    assert_eq!(number(&pool, "select count(*) from audit where 'code_only' = any(fields)").await, 1);

    // No matter who writes: nothing that names someone is stored.
    client_actor(&pool, "Liv").await;
    run(
        &pool,
        "update client set last_name = 'Okafor', email = 'b@example.com', mobile = '4165550125', sms_consent = true;
         insert into client_phone (id, client_id, number) select gen_random_uuid(), id, '4165550124' from client;
         insert into client_contact (id, client_id, name) select gen_random_uuid(), id, 'Ana Okafor' from client",
    )
    .await;
    assert_eq!(named(&pool, &ada).await.unwrap().clients, 0);
    // Nor what was searched for, before and since.
    let bulk = BulkForm {
        action: "status".into(),
        status: "inactive".into(),
        numbers: vec![number(&pool, "select min(number) from client").await.to_string()],
        query: "q=okafor&status=active".into(),
        request_key: db::new_id().to_string(),
        ..BulkForm::default()
    };
    db::bulk::start(&pool, &ada, &bulk).await.unwrap();
    let back: Vec<String> = sqlx::query_scalar("select back from bulk_change").fetch_all(&pool).await.unwrap();
    assert_eq!(back, ["/clients?&status=active"; 2]);

    let registering = changed(&pool, |form| form.client_registration = true).await;
    let answer = save_practice(&pool, &ada, &registering).await;
    assert_eq!(refusal(answer), Refusal::field("client_registration", Problem::NotByCode));

    set_code_only(&pool, &ada, &CodeOnlyForm::default()).await.unwrap();
    client_actor(&pool, "Ida").await;
    assert_eq!(named(&pool, &ada).await.unwrap().clients, 1);
}

/// Code-only mode: what someone searches for may be a name, and is not kept with a view.
#[testkit::test]
async fn where_codes_are_all_a_view_keeps_no_words(pool: PgPool) {
    let ada = administrator(&pool).await;
    let queries = async || {
        let sql = "select string_agg(query, ' ' order by id) from client_view";
        sqlx::query_scalar::<_, String>(sql).fetch_one(&pool).await.unwrap()
    };
    let view = db::clients::saved_views::save(&pool, &ada, false, "One", "q=mia&status=active", false).await.unwrap();
    assert_eq!(queries().await, "q=mia&status=active");
    set_code_only(&pool, &ada, &CodeOnlyForm { on: true, remove: true }).await.unwrap();
    db::clients::saved_views::overwrite(&pool, &ada, view, "status=inactive&q=mia+okafor&sort=code").await.unwrap();
    db::clients::saved_views::save(&pool, &ada, false, "Two", "q=noor", false).await.unwrap();
    assert_eq!(queries().await, "status=inactive&sort=code ");
}

/// A client saved at the very moment has no name afterwards either.
#[testkit::test]
async fn no_name_is_stored_while_code_only_mode_is_turned_on(pool: PgPool) {
    let ada = administrator(&pool).await;
    let writers = (0..8).map(|n| {
        let pool = pool.clone();
        tokio::spawn(async move {
            for _ in 0..10 {
                client_actor(&pool, &format!("Mia{n}")).await;
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    set_code_only(&pool, &ada, &CodeOnlyForm { on: true, remove: true }).await.unwrap();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(number(&pool, "select count(*) from client").await, 80);
    assert_eq!(named(&pool, &ada).await.unwrap().clients, 0);
}

fn place(name: &str, version: &str) -> LocationDetails {
    let (name, zone, version) = (name.into(), "America/Vancouver".into(), version.into());
    LocationForm { name, zone, version, ..LocationForm::default() }.parse().unwrap()
}

#[testkit::test]
async fn appointments_stay_where_they_are_held(pool: PgPool) {
    let ada = administrator(&pool).await;
    let ana = staff_actor(&pool, "Ana", &[Role::Practitioner]).await;
    let hours = [Hours { weekday: 1, starts: 540, ends: 720 }];
    let ana = shared::StaffId(ana.id());
    save_week(&pool, &ada, ana, &WeekForm::of(Pattern::always(), &hours, 1)).await.unwrap();
    let zone = || async { db::appointments::free_times::venue_zone(&pool).await.unwrap().name().to_owned() };
    assert_eq!(zone().await, "America/Toronto");

    // Another that comes before it by name is not where people work.
    let new = LocationDetails { request_key: Some(db::new_id()), ..place("Annex", "") };
    let annex = save_location(&pool, &ada, None, &new).await.unwrap();
    assert_eq!(save_location(&pool, &ada, None, &new).await.unwrap(), annex, "a double submit");
    let all = list_locations(&pool, &ada).await.unwrap();
    assert_eq!((all.len(), all[0].main, all[1].location.id), (2, true, annex));
    let first = all[0].location.id;
    assert_eq!((zone().await, locations(&pool).await.unwrap()[0].id), ("America/Toronto".into(), first));
    let taken = save_location(&pool, &ada, None, &place("ANNEX", "")).await;
    assert_eq!(refusal(taken), Refusal::field("name", Problem::Taken));
    let renamed = save_location(&pool, &ada, Some(annex), &place("Aardvark", "1")).await;
    assert_eq!(renamed.unwrap(), annex);
    assert_eq!(refusal(save_location(&pool, &ada, Some(annex), &place("Other", "1")).await), Refusal::Stale);

    // People work at the first, so it stays; moved, it may go.
    let busy = Refusal::field("active", Problem::WorkedAt { practitioners: 1, appointments: 0 });
    assert_eq!(refusal(set_location_active(&pool, &ada, first, false).await), busy);
    for _ in 0..2 {
        set_main_location(&pool, &ada, annex).await.unwrap();
    }
    assert_eq!(zone().await, "America/Vancouver");
    for active in [false, false, true, false] {
        set_location_active(&pool, &ada, first, active).await.unwrap();
    }
    assert_eq!(refusal(set_main_location(&pool, &ada, first).await), Refusal::NotFound, "retired");
    let version = practitioner_hours(&pool, &ada, ana).await.unwrap().0.version;
    save_week(
        &pool,
        &ada,
        ana,
        &WeekForm { pattern: Pattern::always().key(), ..WeekForm::of(Pattern::always(), &[], version) },
    )
    .await
    .unwrap();
    set_location_active(&pool, &ada, annex, false).await.unwrap();
    assert_eq!(number(&pool, "select count(*) from location where active or main").await, 0);
}

#[testkit::test]
async fn a_location_with_upcoming_appointments_is_not_retired(pool: PgPool) {
    let ada = administrator(&pool).await;
    let ana = staff_actor(&pool, "Ana", &[Role::Practitioner]).await;
    let mia = client_actor(&pool, "Mia").await;
    let annex = save_location(&pool, &ada, None, &place("Annex", "")).await.unwrap();
    sqlx::query(
        "with made as (insert into service (id, name, duration_minutes) values (gen_random_uuid(), 'Talk', 50) returning id)
         insert into visit (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone,
                                  buffer_minutes, price_cents, request_key, booked_by)
         select gen_random_uuid(), made.id, $1, $2, $3, now() + days * interval '1 day', now() + days * interval '1 day' + interval '1 hour',
                'UTC', 0, 0, gen_random_uuid(), $3 from made, unnest(array[-2, 2]) days",
    )
    .bind(ana.id())
    .bind(annex.0)
    .bind(mia.id())
    .execute(&pool)
    .await
    .unwrap();
    let busy = Refusal::field("active", Problem::WorkedAt { practitioners: 0, appointments: 1 });
    assert_eq!(refusal(set_location_active(&pool, &ada, annex, false).await), busy);
    run(&pool, "update appointment set status = 'cancelled', cancelled_at = now() where starts_at > now()").await;
    set_location_active(&pool, &ada, annex, false).await.unwrap();
}

#[testkit::test]
async fn a_referring_provider_stays_with_the_clients_they_referred(pool: PgPool) {
    let ada = administrator(&pool).await;
    let form = |name: &str, version: &str| {
        let (phone, email) = ("416 555 0199".into(), "who@example.com".into());
        ProviderForm { name: name.into(), phone, email, version: version.into(), ..ProviderForm::default() }
    };
    let new = ProviderDetails { request_key: Some(db::new_id()), ..form("Dr. Who", "").parse().unwrap() };
    let id = providers::save(&pool, &ada, None, &new).await.unwrap();
    assert_eq!(providers::save(&pool, &ada, None, &new).await.unwrap(), id, "a double submit");
    client_actor(&pool, "Mia").await;
    run(&pool, "update client set referring_provider_id = (select id from referring_provider)").await;
    let taken = providers::save(&pool, &ada, None, &form("dr. who", "").parse().unwrap()).await;
    assert_eq!(refusal(taken), Refusal::field("name", Problem::Taken));
    providers::save(&pool, &ada, Some(id), &form("Dr. Why", "1").parse().unwrap()).await.unwrap();
    let stale = providers::save(&pool, &ada, Some(id), &form("Dr. How", "1").parse().unwrap()).await;
    assert_eq!(refusal(stale), Refusal::Stale);
    for active in [false, false] {
        providers::set_active(&pool, &ada, id, active).await.unwrap();
    }
    let stored = providers::list(&pool, &ada).await.unwrap().remove(0);
    assert_eq!((stored.name.as_str(), stored.active, stored.version, stored.clients), ("Dr. Why", false, 3, 1));
}
