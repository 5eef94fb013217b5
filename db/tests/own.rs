//! *My details* (F4): a client's own record, and of the information fields
//! those that are for clients (B13).

mod support;

use db::PgPool;
use db::clients::own;
use shared::Refusal;
use shared::accounts::Role;
use support::{client_actor, refusal, staff_actor};

#[sqlx::test(migrator = "db::MIGRATOR")]
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
        assert_eq!((shown.language.as_str(), shown.phones.len()), ("Français", 1));
        assert_eq!(shown.fields, [("School".to_owned(), format!("School of {first}"))]);
    }
    let shown = format!("{:?}", own(&pool, &mia).await.unwrap());
    assert!(!shown.contains("canary") && !shown.contains("Noor"));
    for role in [Role::Administrator, Role::FrontDesk, Role::Practitioner] {
        let staff = staff_actor(&pool, "Sam", &[role]).await;
        assert_eq!(refusal(own(&pool, &staff).await), Refusal::NotFound);
    }
}
