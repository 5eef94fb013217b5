//! What a status lets a client do, whichever way it came about.

use db::{Actor, PgPool, accounts, activities, clients, merge};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use shared::accounts::Role;
use shared::activities::ActivityForm;
use shared::clients::{ClientForm, Status};
use shared::merge::MergeForm;
use shared::{AccountId, ClientNumber, Problem, Refusal};
use sqlx::PgConnection;
use testkit::{client_actor, refusal, staff_actor};
use uuid::Uuid;

/// The status, and nothing else, decides: log-in, invitations, sessions.
#[testkit::test]
async fn the_current_status_decides(pool: PgPool) {
    let desk = staff_actor(&pool, "Dana", &[Role::FrontDesk]).await;
    let form = ClientForm {
        first_name: "Mia".into(),
        last_name: "Okafor".into(),
        zone: "America/Toronto".into(),
        email: "mia@example.com".into(),
        ..ClientForm::default()
    };
    let client = clients::create(&pool, &desk, form).await.unwrap();
    let account = AccountId(client.id.0);
    sqlx::query("insert into account (id, username, client_id) values ($1, 'mia', $1)")
        .bind(client.id.0)
        .execute(&pool)
        .await
        .unwrap();
    let steps = proptest::collection::vec((proptest::sample::select(Status::ALL.to_vec()), any::<bool>()), 40);
    let steps = steps.new_tree(&mut TestRunner::default()).unwrap().current();
    let mut is = Status::Active;
    for (next, by_form) in &steps {
        sqlx::query(
            "insert into session (id_hash, account_id, data, expires_at)
             values ('\\x01', $1, '{}', now() + interval '1 day') on conflict do nothing",
        )
        .bind(account.0)
        .execute(&pool)
        .await
        .unwrap();
        if *by_form {
            let stored = testkit::reads::profile(&pool, &desk, client.number).await.unwrap().form();
            let edited = ClientForm { status: next.as_str().to_owned(), ..stored };
            clients::update(&pool, &desk, client.number, edited).await.unwrap();
        } else {
            assert_eq!(clients::set_status(&pool, &desk, client.number, *next).await.unwrap(), is, "{steps:?}");
        }
        let sessions: i64 = sqlx::query_scalar("select count(*) from session").fetch_one(&pool).await.unwrap();
        // Anyone who leaves Active is logged out; who was out of it already had no session but ours.
        let left = is == Status::Active && *next != Status::Active;
        assert!(!left || sessions == 0, "{is:?} to {next:?} of {steps:?}");
        is = *next;
        let active = is == Status::Active;
        assert_eq!(Actor::load(&pool, account).await.unwrap().is_some(), active, "{is:?} of {steps:?}");
        match accounts::invite(&pool, &desk, client.number).await {
            Ok(()) => assert!(active, "{is:?} of {steps:?}"),
            refused => {
                assert!(!active, "{is:?} of {steps:?}");
                let Refusal::Invalid(errors) = refusal(refused) else { panic!() };
                assert_eq!(errors.get("invite"), Some(&Problem::OnlyActive));
            }
        }
        let open = "select count(*) from account_link where used_at is null and voided_at is null";
        let open: i64 = sqlx::query_scalar(open).fetch_one(&pool).await.unwrap();
        assert_eq!(open, i64::from(active), "{is:?} of {steps:?}");
    }
}

async fn number(pool: &PgPool, client: Uuid) -> ClientNumber {
    ClientNumber::new(
        sqlx::query_scalar("select number from client where id = $1").bind(client).fetch_one(pool).await.unwrap(),
    )
}

/// An appointment tomorrow, as a booking writes it.
async fn book(conn: &mut PgConnection, client: Uuid, practitioner: Uuid) {
    sqlx::query(
        "with service as (insert into service (id, name, duration_minutes) values (gen_random_uuid(), 'Talk', 50) returning id),
              place as (insert into location (id, name, zone) values (gen_random_uuid(), 'Here', 'UTC') returning id)
         insert into visit (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone,
                                  buffer_minutes, price_cents, request_key, booked_by)
         select gen_random_uuid(), service.id, $2, place.id, $1, now() + interval '1 day', now() + interval '25 hours',
                'UTC', 0, 0, gen_random_uuid(), $1 from service, place",
    )
    .bind(client)
    .bind(practitioner)
    .execute(conn)
    .await
    .unwrap();
}

/// Undo puts back what was there, unless another person has changed it since.
#[testkit::test]
async fn a_status_is_put_back_while_it_is_what_it_was_set_to(pool: PgPool) {
    use Status::{Active, Inactive, Prospect};
    let desk = staff_actor(&pool, "Dana", &[Role::FrontDesk]).await;
    let mia = number(&pool, client_actor(&pool, "Mia").await.id()).await;
    let is = async || testkit::reads::profile(&pool, &desk, mia).await.unwrap().status;
    clients::set_status(&pool, &desk, mia, Inactive).await.unwrap();
    clients::undo_status(&pool, &desk, mia, Active, Inactive).await.unwrap();
    clients::undo_status(&pool, &desk, mia, Active, Inactive).await.unwrap();
    assert_eq!(is().await, Active, "twice is once");
    clients::set_status(&pool, &desk, mia, Inactive).await.unwrap();
    clients::set_status(&pool, &desk, mia, Prospect).await.unwrap();
    let late = clients::undo_status(&pool, &desk, mia, Active, Inactive).await;
    assert_eq!((refusal(late), is().await), (Refusal::NotUndoable, Prospect));
}

/// Anyone who is being booked does not become a prospect meanwhile.
#[testkit::test]
async fn a_booking_and_a_prospect_wait_for_each_other(pool: PgPool) {
    let desk = staff_actor(&pool, "Dana", &[Role::FrontDesk]).await;
    let pat = staff_actor(&pool, "Pat", &[Role::Practitioner]).await.id();
    let mia = client_actor(&pool, "Mia").await.id();
    let mia_number = number(&pool, mia).await;
    let mut booking = pool.begin().await.unwrap();
    // The lock that every booking takes.
    let digest = <sha2::Sha256 as sha2::Digest>::digest(mia);
    let key = i32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]]);
    sqlx::query("select pg_advisory_xact_lock($1, $2)")
        .bind(0x6b69_0001_i32)
        .bind(key)
        .execute(&mut *booking)
        .await
        .unwrap();
    let deciding = {
        let pool = pool.clone();
        tokio::spawn(async move { clients::set_status(&pool, &desk, mia_number, Status::Prospect).await })
    };
    let waits = "select exists (select from pg_locks where locktype = 'advisory' and not granted
                                   and database = (select oid from pg_database where datname = current_database()))";
    while !sqlx::query_scalar::<_, bool>(waits).fetch_one(&pool).await.unwrap() {
        assert!(!deciding.is_finished(), "it did not wait");
        tokio::task::yield_now().await;
    }
    book(&mut booking, mia, pat).await;
    booking.commit().await.unwrap();
    assert_eq!(refusal(deciding.await.unwrap()), Refusal::field("status", Problem::NeverUsed));
}

/// Whichever record stays: with appointments no one is a prospect.
#[testkit::test]
async fn a_merge_makes_no_prospect_of_a_booked_client(pool: PgPool) {
    let desk = staff_actor(&pool, "Dana", &[Role::FrontDesk]).await;
    let pat = staff_actor(&pool, "Pat", &[Role::Practitioner]).await.id();
    let (booked, prospect) = (client_actor(&pool, "Mia").await.id(), client_actor(&pool, "Mia").await.id());
    book(&mut pool.acquire().await.unwrap(), booked, pat).await;
    sqlx::query("update client set status = 'prospect' where id = $1").bind(prospect).execute(&pool).await.unwrap();
    let (booked, prospect) = (number(&pool, booked).await, number(&pool, prospect).await);
    let form = |status: &str| MergeForm {
        choices: [("status".to_owned(), status.to_owned())].into(),
        keep_version: "1".into(),
        drop_version: "1".into(),
        ..MergeForm::default()
    };
    for (keep, drop, status) in [(prospect, booked, "keep"), (booked, prospect, "drop")] {
        let merged = merge::merge(&pool, &desk, keep, drop, &form(status)).await;
        assert_eq!(refusal(merged), Refusal::field("status", Problem::NeverUsed));
    }
    merge::merge(&pool, &desk, prospect, booked, &form("drop")).await.unwrap();
    assert_eq!(testkit::reads::profile(&pool, &desk, prospect).await.unwrap().status, Status::Active);
}

/// Anyone who is not active after a merge has neither a session nor a claim link.
#[testkit::test]
async fn a_merge_that_makes_inactive_logs_out(pool: PgPool) {
    let desk = staff_actor(&pool, "Dana", &[Role::FrontDesk]).await;
    let (keep, drop) = (client_actor(&pool, "Mia").await.id(), client_actor(&pool, "Mia").await.id());
    for sql in [
        "update client set status = 'inactive' where id = $2 and $1 <> $2",
        "insert into account (id, username, password_hash, client_id) select $1, 'mia', 'x', $1 where $1 <> $2",
        "insert into account_link (id, kind, secret_hash, client_id, expires_at)
         select $1, 'claim', sha256('x'), $1, now() + interval '1 hour' where $1 <> $2",
        "insert into session (id_hash, account_id, data, expires_at)
         select 'x', $1, '{}', now() + interval '1 day' where $1 <> $2",
    ] {
        sqlx::query(sql).bind(keep).bind(drop).execute(&pool).await.unwrap();
    }
    let form = MergeForm {
        choices: [("status".to_owned(), "drop".to_owned())].into(),
        keep_version: "1".into(),
        drop_version: "1".into(),
        ..MergeForm::default()
    };
    merge::merge(&pool, &desk, number(&pool, keep).await, number(&pool, drop).await, &form).await.unwrap();
    let open = "select (select count(*) from session) + (select count(*) from account_link where voided_at is null)";
    assert_eq!(sqlx::query_scalar::<_, i64>(open).fetch_one(&pool).await.unwrap(), 0);
}

/// An activity is recorded with anyone who uses the services; nor is one put back
/// with someone who has become a prospect since.
#[testkit::test]
async fn no_activity_is_with_a_prospect(pool: PgPool) {
    let ada = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let mia = number(&pool, client_actor(&pool, "Mia").await.id()).await;
    let kind = "select id::text from term where vocabulary = 'activity_type' limit 1";
    let form = ActivityForm {
        activity_type: sqlx::query_scalar(kind).fetch_one(&pool).await.unwrap(),
        date: "2024-03-05".into(),
        hours: "1:00".into(),
        clients: vec![mia.to_string()],
        request_key: db::new_id().to_string(),
        ..ActivityForm::default()
    };
    clients::set_status(&pool, &ada, mia, Status::Prospect).await.unwrap();
    let early = activities::save(&pool, &ada, None, &form).await;
    assert_eq!(refusal(early), Refusal::field("clients", Problem::StillProspect));
    clients::set_status(&pool, &ada, mia, Status::Active).await.unwrap();
    let id = activities::save(&pool, &ada, None, &form).await.unwrap();
    activities::delete(&pool, &ada, id).await.unwrap();
    clients::set_status(&pool, &ada, mia, Status::Prospect).await.unwrap();
    assert_eq!(refusal(activities::restore(&pool, &ada, id).await), Refusal::NotUndoable);
    clients::set_status(&pool, &ada, mia, Status::Active).await.unwrap();
    activities::restore(&pool, &ada, id).await.unwrap();
}
