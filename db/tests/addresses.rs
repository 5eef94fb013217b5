//! The address that leads to a login: who may change it, and who is told.

#[expect(dead_code, reason = "shared by all tests")]
mod support;

use db::clients::{self, NewClient};
use db::deletion;
use db::messages::expand_next;
use db::{Actor, PgPool, accounts, merge, practice};
use shared::accounts::Role;
use shared::clients::ClientForm;
use shared::deletion::EraseForm;
use shared::merge::MergeForm;
use shared::practice::MemberDetails;
use shared::{Problem, Refusal, StaffId};
use support::{refusal, staff_actor};

const OLD: &str = "old@example.com";

async fn desk(pool: &PgPool) -> Actor {
    staff_actor(pool, "Dana", &[Role::FrontDesk]).await
}

/// An active client of this address, assigned to Pat.
async fn client(pool: &PgPool, pat: &Actor, first: &str, email: &str) -> NewClient {
    let form = ClientForm {
        first_name: first.into(),
        last_name: "Okafor".into(),
        zone: "America/Toronto".into(),
        email: email.into(),
        ..Default::default()
    };
    clients::create(pool, pat, form).await.unwrap()
}

async fn pat(pool: &PgPool) -> Actor {
    staff_actor(pool, "Pat", &[Role::Practitioner]).await
}

async fn give_account(pool: &PgPool, client: NewClient) {
    sqlx::query("insert into account (id, username, client_id) values ($1, $1::text, $2)")
        .bind(db::new_id())
        .bind(client.id.0)
        .execute(pool)
        .await
        .unwrap();
}

async fn readdress(pool: &PgPool, actor: &Actor, client: NewClient, email: &str) -> db::Result<()> {
    let stored = clients::profile(pool, actor, client.number).await.unwrap();
    clients::update(pool, actor, client.number, ClientForm { email: email.into(), ..stored.form() }).await
}

/// The addresses that are told, in order, of mails that are made now.
async fn told(pool: &PgPool) -> Vec<String> {
    while expand_next(pool, "https://k.test").await.unwrap() {}
    sqlx::query_scalar(
        "select y.address::text from message_copy y join message m on m.id = y.message_id
          where m.kind = 'address_change' order by m.subject_version",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn a_practitioner_does_not_change_the_address_of_an_account(pool: PgPool) {
    let (pat, desk) = (pat(&pool).await, desk(&pool).await);
    let of_login = Refusal::field("email", Problem::AddressOfLogin);
    for by_invitation in [false, true] {
        let client = client(&pool, &pat, "Mia", OLD).await;
        readdress(&pool, &pat, client, "typo@example.com").await.unwrap();
        readdress(&pool, &pat, client, OLD).await.unwrap();
        match by_invitation {
            true => accounts::invite(&pool, &desk, client.number).await.unwrap(),
            false => give_account(&pool, client).await,
        }
        for mine in ["me@evil.example", ""] {
            assert_eq!(refusal(readdress(&pool, &pat, client, mine).await), of_login, "{mine}");
        }
        assert_eq!(clients::profile(&pool, &pat, client.number).await.unwrap().email.as_deref(), Some(OLD));
        // It is the same mailbox, and everything else is theirs to change.
        readdress(&pool, &pat, client, "Old@Example.com").await.unwrap();
        let stored = clients::profile(&pool, &pat, client.number).await.unwrap();
        let form = ClientForm { pronouns: "she".into(), ..stored.form() };
        clients::update(&pool, &pat, client.number, form).await.unwrap();
        readdress(&pool, &desk, client, "new@example.com").await.unwrap();
    }
    // An account that no address leads to yet is not given one either.
    let client = client(&pool, &pat, "Leo", "").await;
    give_account(&pool, client).await;
    assert_eq!(refusal(readdress(&pool, &pat, client, "me@evil.example").await), of_login);
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn the_old_address_is_told_of_a_change_and_nobody_else(pool: PgPool) {
    let (pat, desk) = (pat(&pool).await, desk(&pool).await);
    let mia = client(&pool, &pat, "Mia", OLD).await;
    readdress(&pool, &desk, mia, "first@example.com").await.unwrap();
    assert!(told(&pool).await.is_empty(), "nothing depends on it");

    give_account(&pool, mia).await;
    let parent = client(&pool, &pat, "Ana", "parent@example.com").await;
    sqlx::query(
        "insert into client_link (id, client_low, client_high, low_label, high_label, low_gets_copies, high_gets_copies)
         values ($1, least($2, $3), greatest($2, $3), 'other', 'other', true, true)",
    )
    .bind(db::new_id())
    .bind(mia.id.0)
    .bind(parent.id.0)
    .execute(&pool)
    .await
    .unwrap();
    for next in ["second@example.com", "", "third@example.com", "Third@example.com"] {
        readdress(&pool, &desk, mia, next).await.unwrap();
    }
    assert_eq!(told(&pool).await, ["first@example.com", "second@example.com"]);
    let body: String = sqlx::query_scalar("select body from message_copy where address = 'first@example.com'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert!(body.contains("was changed") && !body.contains("second@") && !body.contains("Mia"), "{body}");
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn a_merge_and_its_undoing_tell_the_address_that_an_account_loses(pool: PgPool) {
    let (pat, desk) = (pat(&pool).await, desk(&pool).await);
    let keep = client(&pool, &pat, "Mia", "keep@example.com").await;
    let drop = client(&pool, &pat, "Mia", "drop@example.com").await;
    give_account(&pool, drop).await;
    let version =
        async |client: NewClient| clients::profile(&pool, &desk, client.number).await.unwrap().version.to_string();
    let form =
        MergeForm { keep_version: version(keep).await, drop_version: version(drop).await, ..MergeForm::default() };
    let id = merge::merge(&pool, &desk, keep.number, drop.number, &form).await.unwrap();
    assert_eq!(told(&pool).await, ["drop@example.com"], "whose resets go to keep@ now");
    merge::undo(&pool, &desk, keep.number, id).await.unwrap();
    assert_eq!(told(&pool).await, ["drop@example.com", "keep@example.com"]);
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn a_staff_members_old_address_is_told(pool: PgPool) {
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let sam = StaffId(staff_actor(&pool, "Sam", &[Role::FrontDesk]).await.id());
    let save = async |email: &str| {
        let stored = practice::team_member(&pool, &admin, sam).await.unwrap();
        let details = MemberDetails {
            first_name: stored.first_name,
            last_name: stored.last_name,
            email: email.into(),
            roles: stored.roles,
            may_book: stored.may_book,
            services: stored.services,
            invite: false,
            version: Some(stored.version),
            request_key: None,
        };
        practice::save_member(&pool, &admin, sam, &details).await.unwrap();
    };
    save("sam@example.com").await;
    assert!(told(&pool).await.is_empty());
    practice::invite_member(&pool, &admin, sam).await.unwrap();
    save("sam@work.example").await;
    assert_eq!(told(&pool).await, ["sam@example.com"], "an invitation had been sent there");
    let live = "select count(*) from account_link where used_at is null and voided_at is null";
    assert_eq!(sqlx::query_scalar::<_, i64>(live).fetch_one(&pool).await.unwrap(), 0);
}

/// The account goes with the person, so there is nothing to warn of; and an erased
/// person's address is kept nowhere.
#[sqlx::test(migrator = "db::MIGRATOR")]
async fn erasing_tells_nobody_and_forgets_what_was_told(pool: PgPool) {
    let (pat, desk) = (pat(&pool).await, desk(&pool).await);
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let mia = client(&pool, &pat, "Mia", OLD).await;
    give_account(&pool, mia).await;
    readdress(&pool, &desk, mia, "new@example.com").await.unwrap();
    let code = clients::profile(&pool, &desk, mia.number).await.unwrap().code;
    deletion::erase(&pool, &admin, mia.number, &EraseForm { code: code.to_string() }).await.unwrap();
    assert!(told(&pool).await.is_empty());
    let left = "select count(*) from message where old_address is not null";
    assert_eq!(sqlx::query_scalar::<_, i64>(left).fetch_one(&pool).await.unwrap(), 0);
}
