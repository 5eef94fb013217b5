//! The address that leads to a login: who may change it, and who is told.

use db::clients::{self, NewClient};
use db::deletion;
use db::messages::expand_next;
use db::{Actor, PgPool, accounts, merge, practice};
use shared::accounts::{ConfirmAddressForm, OwnAddressForm, Role, Secret};
use shared::clients::ClientForm;
use shared::deletion::EraseForm;
use shared::merge::MergeForm;
use shared::practice::MemberDetails;
use shared::{AccountId, Problem, Refusal, StaffId};
use testkit::{refusal, staff_actor};

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
    let stored = testkit::reads::profile(pool, actor, client.number).await.unwrap();
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

#[testkit::test]
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
        assert_eq!(testkit::reads::profile(&pool, &pat, client.number).await.unwrap().email.as_deref(), Some(OLD));
        // It is the same mailbox, and everything else is theirs to change.
        readdress(&pool, &pat, client, "Old@Example.com").await.unwrap();
        let stored = testkit::reads::profile(&pool, &pat, client.number).await.unwrap();
        let form = ClientForm { pronouns: "she".into(), ..stored.form() };
        clients::update(&pool, &pat, client.number, form).await.unwrap();
        readdress(&pool, &desk, client, "new@example.com").await.unwrap();
    }
    // An account that no address leads to yet is not given one either.
    let client = client(&pool, &pat, "Leo", "").await;
    give_account(&pool, client).await;
    assert_eq!(refusal(readdress(&pool, &pat, client, "me@evil.example").await), of_login);
}

#[testkit::test]
async fn only_the_old_address_is_notified_of_a_change(pool: PgPool) {
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

#[testkit::test]
async fn a_merge_and_its_undoing_tell_the_address_that_an_account_loses(pool: PgPool) {
    let (pat, desk) = (pat(&pool).await, desk(&pool).await);
    let keep = client(&pool, &pat, "Mia", "keep@example.com").await;
    let drop = client(&pool, &pat, "Mia", "drop@example.com").await;
    give_account(&pool, drop).await;
    let version = async |client: NewClient| {
        testkit::reads::profile(&pool, &desk, client.number).await.unwrap().version.to_string()
    };
    let form =
        MergeForm { keep_version: version(keep).await, drop_version: version(drop).await, ..MergeForm::default() };
    let id = merge::merge(&pool, &desk, keep.number, drop.number, &form).await.unwrap();
    assert_eq!(told(&pool).await, ["drop@example.com"], "whose resets go to keep@ now");
    merge::undo(&pool, &desk, keep.number, id).await.unwrap();
    assert_eq!(told(&pool).await, ["drop@example.com", "keep@example.com"]);
}

#[testkit::test]
async fn a_staff_members_old_address_is_notified(pool: PgPool) {
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
#[testkit::test]
async fn erasing_notifies_no_one_and_deletes_earlier_notices(pool: PgPool) {
    let (pat, desk) = (pat(&pool).await, desk(&pool).await);
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let mia = client(&pool, &pat, "Mia", OLD).await;
    give_account(&pool, mia).await;
    readdress(&pool, &desk, mia, "new@example.com").await.unwrap();
    let code = testkit::reads::profile(&pool, &desk, mia.number).await.unwrap().code;
    deletion::erase(&pool, &admin, mia.number, &EraseForm { code: code.to_string() }).await.unwrap();
    assert!(told(&pool).await.is_empty());
    let left = "select count(*) from message where old_address is not null";
    assert_eq!(sqlx::query_scalar::<_, i64>(left).fetch_one(&pool).await.unwrap(), 0);
}

const NEW: &str = "new@example.com";
const PASSWORD: &str = "correct horse";

/// An active client whose username is their address, and who they are when logged in.
async fn owner(pool: &PgPool, pat: &Actor, first: &str, email: &str) -> (NewClient, Actor) {
    let client = client(pool, pat, first, email).await;
    let id = db::new_id();
    sqlx::query("insert into account (id, username, password_hash, client_id) values ($1, $2::citext, $3, $4)")
        .bind(id)
        .bind(email)
        .bind(accounts::hash_password(PASSWORD).unwrap())
        .bind(client.id.0)
        .execute(pool)
        .await
        .unwrap();
    (client, Actor::load(pool, AccountId(id)).await.unwrap().unwrap().confirmed_now(true))
}

fn new_address(email: &str, current: &str) -> OwnAddressForm {
    OwnAddressForm { email: email.into(), current: Secret(current.into()) }
}

/// The secrets of the links that were asked for, the newest last.
async fn secrets(pool: &PgPool) -> Vec<Secret> {
    let secrets: Vec<String> = sqlx::query_scalar(
        "select m.secret from message m where kind = 'address_confirmation' and secret is not null order by created_at",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    secrets.into_iter().map(Secret).collect()
}

async fn confirm(pool: &PgPool, token: &Secret, username: &str) -> db::Result<()> {
    confirm_with(pool, token, username, PASSWORD).await
}

async fn confirm_with(pool: &PgPool, token: &Secret, username: &str, password: &str) -> db::Result<()> {
    let (token, current) = (token.clone(), Secret(password.into()));
    accounts::confirm_address(pool, &ConfirmAddressForm { token, username: username.into(), current }).await
}

/// Address on the record, and username.
async fn names(pool: &PgPool, client: NewClient) -> (String, String) {
    let names =
        "select c.email::text, a.username::text from client c join account a on a.client_id = c.id where c.id = $1";
    sqlx::query_as(names).bind(client.id.0).fetch_one(pool).await.unwrap()
}

#[testkit::test]
async fn a_clients_own_new_address_counts_once_it_is_confirmed(pool: PgPool) {
    let pat = pat(&pool).await;
    let (mia, actor) = owner(&pool, &pat, "Mia", OLD).await;
    let wrong = accounts::request_address(&pool, &actor, &new_address(NEW, "wrong horse")).await;
    assert_eq!(refusal(wrong), Refusal::field("current", Problem::WrongPassword));
    let same = accounts::request_address(&pool, &actor, &new_address(OLD, PASSWORD)).await;
    assert_eq!(refusal(same), Refusal::field("email", Problem::SameAddress));

    // A reset that was mailed to the old address must not open the account afterwards.
    accounts::request_reset(&pool, OLD).await.unwrap();
    accounts::request_address(&pool, &actor, &new_address("typo@example.com", PASSWORD)).await.unwrap();
    accounts::request_address(&pool, &actor, &new_address(NEW, PASSWORD)).await.unwrap();
    let [typo, token] = &secrets(&pool).await[..] else { panic!("two links") };
    assert_eq!(names(&pool, mia).await, (OLD.to_owned(), OLD.to_owned()), "nothing changes yet");
    assert_eq!(accounts::own_address(&pool, &actor).await.unwrap().pending.as_deref(), Some(NEW));
    for _ in 0..2 {
        assert_eq!(accounts::confirmable_address(&pool, token).await.unwrap().email, NEW, "looking uses nothing");
    }
    assert!(told(&pool).await.is_empty());
    let sent = "select array_agg(y.address::text || ' ' || y.body order by y.address)
                  from message_copy y join message m on m.id = y.message_id where m.kind = 'address_confirmation'";
    let sent: Vec<String> = sqlx::query_scalar(sent).fetch_one(&pool).await.unwrap();
    assert!(sent[0].starts_with(NEW) && sent[0].contains(&format!("/confirm-email/{}", token.0)), "{sent:?}");
    assert!(sent.iter().all(|copy| !copy.contains("Mia")), "the address may be a stranger's: {sent:?}");

    // Who gets the mail to a mistyped address confirms nothing: the link has ended, and
    // without the password none is used.
    assert_eq!(refusal(confirm(&pool, typo, "").await), Refusal::DeadLink);
    for password in ["wrong horse", ""] {
        let refused = refusal(confirm_with(&pool, token, "", password).await);
        let problem = if password.is_empty() { Problem::Required } else { Problem::WrongPassword };
        assert_eq!(refused, Refusal::field("current", problem));
    }
    confirm(&pool, token, "").await.unwrap();
    assert_eq!(names(&pool, mia).await, (NEW.to_owned(), NEW.to_owned()), "the username was the address");
    assert_eq!(told(&pool).await, [OLD]);
    assert!(accounts::authenticate(&pool, NEW, &Secret(PASSWORD.into())).await.unwrap().is_some());
    assert!(accounts::authenticate(&pool, OLD, &Secret(PASSWORD.into())).await.unwrap().is_none());
    for used in [typo, token] {
        assert_eq!(refusal(confirm(&pool, used, "").await), Refusal::DeadLink);
    }
    let live = "select count(*) from account_link where used_at is null and voided_at is null";
    assert_eq!(sqlx::query_scalar::<_, i64>(live).fetch_one(&pool).await.unwrap(), 0, "the reset ended too");
    let kept = "select count(*) from account_link where new_email is not null";
    assert_eq!(sqlx::query_scalar::<_, i64>(kept).fetch_one(&pool).await.unwrap(), 0);
}

#[testkit::test]
async fn a_username_stays_or_is_the_address_that_was_confirmed(pool: PgPool) {
    let pat = pat(&pool).await;
    let (mia, actor) = owner(&pool, &pat, "Mia", OLD).await;
    let (ana, anas) = owner(&pool, &pat, "Ana", "ana@example.com").await;
    // Asking says nothing of who is known; the owner of the mailbox is told.
    accounts::request_address(&pool, &actor, &new_address("ana@example.com", PASSWORD)).await.unwrap();
    let token = secrets(&pool).await.remove(0);
    let view = accounts::confirmable_address(&pool, &token).await.unwrap();
    assert!(view.needs_username);
    assert_eq!(refusal(confirm(&pool, &token, "").await), Refusal::field("username", Problem::AddressInUse));
    let other = refusal(confirm(&pool, &token, "victim@example.com").await);
    assert_eq!(other, Refusal::field("username", Problem::NotOwnAddress));
    assert_eq!(names(&pool, mia).await, (OLD.to_owned(), OLD.to_owned()));
    confirm(&pool, &token, "mia.okafor").await.unwrap();
    assert_eq!(names(&pool, mia).await, ("ana@example.com".to_owned(), "mia.okafor".to_owned()));

    accounts::request_address(&pool, &actor, &new_address(NEW, PASSWORD)).await.unwrap();
    confirm(&pool, &secrets(&pool).await[1], "").await.unwrap();
    assert_eq!(names(&pool, mia).await, (NEW.to_owned(), "mia.okafor".to_owned()));

    // What the front desk decides meanwhile counts.
    accounts::request_address(&pool, &anas, &new_address("ana@work.example", PASSWORD)).await.unwrap();
    let desk = desk(&pool).await;
    readdress(&pool, &desk, ana, "ana@desk.example").await.unwrap();
    assert_eq!(refusal(confirm(&pool, &secrets(&pool).await[2], "").await), Refusal::DeadLink);
}

#[testkit::test]
async fn an_own_address_is_asked_for_three_times_an_hour_and_by_clients(pool: PgPool) {
    let pat = pat(&pool).await;
    let (_, actor) = owner(&pool, &pat, "Mia", OLD).await;
    let (_, ana) = owner(&pool, &pat, "Ana", "ana@example.com").await;
    let ask = async |actor: &Actor| accounts::request_address(&pool, actor, &new_address(NEW, PASSWORD)).await;
    for _ in 0..3 {
        ask(&actor).await.unwrap();
    }
    assert_eq!(refusal(ask(&actor).await), Refusal::TooMany);
    assert_eq!(refusal(ask(&pat).await), Refusal::NotFound);
    // A mailbox is sent five a day, no matter who asks; the answer is the same.
    for _ in 0..3 {
        ask(&ana).await.unwrap();
    }
    assert_eq!(secrets(&pool).await.len(), 5);
    sqlx::query("update account_link set expires_at = now()").execute(&pool).await.unwrap();
    assert_eq!(refusal(confirm(&pool, &secrets(&pool).await[0], "").await), Refusal::DeadLink);
}

#[testkit::test]
async fn of_two_who_confirm_one_link_at_once_one_finds_it_used(pool: PgPool) {
    let pat = pat(&pool).await;
    let (_, actor) = owner(&pool, &pat, "Mia", OLD).await;
    accounts::request_address(&pool, &actor, &new_address(NEW, PASSWORD)).await.unwrap();
    let token = secrets(&pool).await.remove(0);
    let (one, other) = tokio::join!(confirm(&pool, &token, ""), confirm(&pool, &token, ""));
    assert_eq!([one.is_ok(), other.is_ok()].into_iter().filter(|done| *done).count(), 1);
    assert_eq!(told(&pool).await, [OLD]);
}

/// The link to undo a change, in the newest mail to an address.
async fn not_me(pool: &PgPool, address: &str) -> Option<Secret> {
    while expand_next(pool, "https://k.test").await.unwrap() {}
    let body: String = sqlx::query_scalar(
        "select y.body from message_copy y join message m on m.id = y.message_id
          where m.kind = 'address_change' and y.address = $1 order by m.subject_version desc limit 1",
    )
    .bind(address)
    .fetch_one(pool)
    .await
    .unwrap();
    let (_, rest) = body.split_once("https://k.test/not-me/")?;
    Some(Secret(rest.split_whitespace().next().unwrap().to_owned()))
}

#[testkit::test]
async fn the_old_address_undoes_a_change_that_its_owner_did_not_make(pool: PgPool) {
    let pat = pat(&pool).await;
    let (mia, actor) = owner(&pool, &pat, "Mia", OLD).await;
    accounts::request_address(&pool, &actor, &new_address(NEW, PASSWORD)).await.unwrap();
    let token = secrets(&pool).await.pop().unwrap();
    confirm(&pool, &token, "").await.unwrap();
    let undo = not_me(&pool, OLD).await.expect("a link in the mail to the old address");
    accounts::undoable_address(&pool, &undo).await.unwrap();
    assert_eq!(names(&pool, mia).await.1, NEW, "looking at it changes nothing");

    accounts::undo_address(&pool, &undo).await.unwrap();
    let email: String = sqlx::query_scalar("select email::text from client where id = $1")
        .bind(mia.id.0)
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(email, OLD);
    let (closed, sessions, resets): (bool, i64, i64) = sqlx::query_as(
        "select a.password_hash is null, (select count(*) from session s where s.account_id = a.id),
                (select count(*) from account_link l where l.account_id = a.id and l.kind = 'reset' and l.voided_at is null)
           from account a where a.client_id = $1",
    )
    .bind(mia.id.0)
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!((closed, sessions, resets), (true, 0, 1), "the password that was known counts no more");
    // Once, and nothing else opens it.
    for used in [undo, Secret("forged".to_owned())] {
        assert_eq!(refusal(accounts::undo_address(&pool, &used).await), Refusal::DeadLink);
        assert_eq!(refusal(accounts::undoable_address(&pool, &used).await), Refusal::DeadLink);
    }
}

#[testkit::test]
async fn a_change_by_staff_has_no_link_to_undo_it(pool: PgPool) {
    let (pat, desk) = (pat(&pool).await, desk(&pool).await);
    let client = client(&pool, &pat, "Mia", OLD).await;
    give_account(&pool, client).await;
    readdress(&pool, &desk, client, NEW).await.unwrap();
    assert!(not_me(&pool, OLD).await.is_none());
}

#[testkit::test]
async fn an_address_that_the_practice_keeps_is_not_changed_by_its_client(pool: PgPool) {
    let pat = pat(&pool).await;
    let (mia, actor) = owner(&pool, &pat, "Mia", OLD).await;
    accounts::request_address(&pool, &actor, &new_address(NEW, PASSWORD)).await.unwrap();
    let token = secrets(&pool).await.pop().unwrap();
    for (denies, allows) in [
        (
            "update portal_permission set setting = 'never' where permission = 'edit_details'",
            "update portal_permission set setting = 'on' where permission = 'edit_details'",
        ),
        (
            "update portal_detail set setting = 'shown' where detail = 'email'",
            "update portal_detail set setting = 'editable' where detail = 'email'",
        ),
    ] {
        sqlx::raw_sql(denies).execute(&pool).await.unwrap();
        let asked = accounts::request_address(&pool, &actor, &new_address("other@example.com", PASSWORD)).await;
        assert_eq!(refusal(asked), Refusal::Forbidden);
        assert_eq!(refusal(confirm(&pool, &token, "").await), Refusal::Forbidden, "a link from before");
        sqlx::raw_sql(allows).execute(&pool).await.unwrap();
    }
    confirm(&pool, &token, "").await.unwrap();
    assert_eq!(names(&pool, mia).await.1, NEW);
}

#[testkit::test]
async fn the_address_of_a_login_is_changed_after_fresh_proof(pool: PgPool) {
    let desk = desk(&pool).await;
    let late = desk.clone().confirmed_now(false);
    let client = client(&pool, &desk, "Mia", OLD).await;
    // No one logs in by it yet.
    readdress(&pool, &late, client, "typo@example.com").await.unwrap();
    give_account(&pool, client).await;
    for email in ["me@evil.example", ""] {
        assert_eq!(refusal(readdress(&pool, &late, client, email).await), Refusal::Unconfirmed, "{email}");
    }
    readdress(&pool, &late, client, "Typo@Example.com").await.unwrap();
    readdress(&pool, &desk, client, "").await.unwrap();
    // The first address of a login opens it as well.
    assert_eq!(refusal(readdress(&pool, &late, client, "me@evil.example").await), Refusal::Unconfirmed);
    readdress(&pool, &desk, client, OLD).await.unwrap();
    // So does a record that is merged into theirs.
    let other = self::client(&pool, &desk, "Mia", "me@evil.example").await;
    let version =
        async |of: NewClient| testkit::reads::profile(&pool, &desk, of.number).await.unwrap().version.to_string();
    let form = MergeForm {
        choices: [("email".to_owned(), "drop".to_owned())].into(),
        keep_version: version(client).await,
        drop_version: version(other).await,
        ..MergeForm::default()
    };
    let merged = merge::merge(&pool, &late, client.number, other.number, &form).await;
    assert_eq!(refusal(merged), Refusal::Unconfirmed);
    merge::merge(&pool, &desk, client.number, other.number, &form).await.unwrap();
}
