//! What a status lets a client do (B7), whichever way it came about.

#[expect(dead_code, reason = "these tests need a part of what tests share")]
mod support;

use db::{Actor, PgPool, accounts, clients};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use shared::accounts::Role;
use shared::clients::{ClientForm, Status};
use shared::{AccountId, Problem, Refusal};
use support::{refusal, staff_actor};

/// The status, and nothing else, decides: log-in, invitations, sessions.
#[sqlx::test(migrator = "db::MIGRATOR")]
async fn whatever_came_before_the_status_decides(pool: PgPool) {
    let desk = staff_actor(&pool, "Dana", &[Role::Staff]).await;
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
            let stored = clients::profile(&pool, &desk, client.number).await.unwrap().form();
            let edited = ClientForm { status: next.as_str().to_owned(), ..stored };
            clients::update(&pool, &desk, client.number, edited).await.unwrap();
        } else {
            assert_eq!(clients::set_status(&pool, &desk, client.number, *next).await.unwrap(), is, "{steps:?}");
        }
        let sessions: i64 = sqlx::query_scalar("select count(*) from session").fetch_one(&pool).await.unwrap();
        // Whoever leaves Active is logged out; who was out of it already had no session but ours.
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
