//! The team: who adds, invites, changes and deactivates, and that an administrator always stays.

use db::accounts::{authenticate, claim, claimable, create_admin, load, needs_admin, reset, sessions};
use db::practice::*;
use db::{Actor, PgPool};
use shared::accounts::{PasswordForm, Role, Secret};
use shared::practice::{MemberDetails, MemberForm, MemberState, ServiceForm};
use shared::{AccountId, Problem, Refusal, StaffId};
use testkit::{client_actor, refusal, staff_actor};

const PASSWORD: &str = "correct horse";

/// An administrator who can log in.
async fn administrator(pool: &PgPool, email: &str) -> (Actor, AccountId) {
    let account = create_admin(pool, "Ada", "Admin", email, &Secret(PASSWORD.into())).await.unwrap();
    (Actor::load(pool, account).await.unwrap().unwrap().confirmed_now(true), account)
}

fn details(email: &str, roles: &[Role]) -> MemberDetails {
    MemberForm {
        first_name: "Ana".into(),
        last_name: "Silva".into(),
        email: email.into(),
        roles: roles.iter().map(|role| role.as_str().to_owned()).collect(),
        ..MemberForm::default()
    }
    .parse()
    .unwrap()
}

/// What is stored, as a form would send it.
async fn stored(pool: &PgPool, actor: &Actor, id: StaffId) -> MemberDetails {
    team_member(pool, actor, id).await.unwrap().form().parse().unwrap()
}

async fn mailed(pool: &PgPool, kind: &str) -> Secret {
    let newest = "select secret from message where kind = $1 order by id desc limit 1";
    Secret(sqlx::query_scalar(newest).bind(kind).fetch_one(pool).await.unwrap())
}

fn choose(token: &Secret) -> PasswordForm {
    let password = Secret(PASSWORD.into());
    PasswordForm { token: token.clone(), again: password.clone(), password, username: "somebody-else".into() }
}

async fn logs_in(pool: &PgPool, username: &str) -> bool {
    authenticate(pool, username, &Secret(PASSWORD.into())).await.unwrap().is_some()
}

/// Invited, and with a password.
async fn member(pool: &PgPool, actor: &Actor, email: &str, roles: &[Role]) -> (StaffId, AccountId) {
    let id = add_member(pool, actor, &MemberDetails { invite: true, ..details(email, roles) }).await.unwrap();
    let account = claim(pool, &choose(&mailed(pool, "invitation").await)).await.unwrap();
    (id, account)
}

#[testkit::test]
async fn an_invited_team_member_chooses_a_password_once_and_logs_in_with_their_work_email(pool: PgPool) {
    let (ada, _) = administrator(&pool, "ada@elm.test").await;
    let wanted = MemberDetails { invite: true, ..details("ana@elm.test", &[Role::Practitioner]) };
    let id = add_member(&pool, &ada, &wanted).await.unwrap();
    assert!(matches!(team_member(&pool, &ada, id).await.unwrap().state, MemberState::Invited { .. }));

    let token = mailed(&pool, "invitation").await;
    let view = claimable(&pool, &token).await.unwrap();
    assert!(view.team && view.username == "ana@elm.test" && view.first_name == "Ana");
    claim(&pool, &choose(&token)).await.unwrap();
    assert!(logs_in(&pool, "ana@elm.test").await && !logs_in(&pool, "somebody-else").await);
    assert_eq!(team_member(&pool, &ada, id).await.unwrap().state, MemberState::Active);
    assert_eq!(refusal(claim(&pool, &choose(&token)).await), Refusal::DeadLink);
    let has_account = Refusal::field("invite", Problem::HasAccount);
    assert_eq!(refusal(invite_member(&pool, &ada, id).await), has_account);
}

#[testkit::test]
async fn a_newer_invitation_replaces_the_older_and_one_that_expired_opens_nothing(pool: PgPool) {
    let (ada, _) = administrator(&pool, "ada@elm.test").await;
    let id = add_member(&pool, &ada, &details("ana@elm.test", &[Role::FrontDesk])).await.unwrap();
    assert_eq!(team_member(&pool, &ada, id).await.unwrap().state, MemberState::NotInvited);
    invite_member(&pool, &ada, id).await.unwrap();
    let first = mailed(&pool, "invitation").await;
    invite_member(&pool, &ada, id).await.unwrap();
    let second = mailed(&pool, "invitation").await;
    assert_eq!(refusal(claimable(&pool, &first).await), Refusal::DeadLink);
    assert!(claimable(&pool, &second).await.is_ok());
    sqlx::query("update account_link set expires_at = now()").execute(&pool).await.unwrap();
    assert_eq!(refusal(claim(&pool, &choose(&second)).await), Refusal::DeadLink);
    assert_eq!(team_member(&pool, &ada, id).await.unwrap().state, MemberState::NotInvited);
}

#[testkit::test]
async fn the_team_is_the_administrators_to_change_and_the_front_desks_to_read(pool: PgPool) {
    let (ada, _) = administrator(&pool, "ada@elm.test").await;
    let id = add_member(&pool, &ada, &details("ana@elm.test", &[Role::Practitioner])).await.unwrap();
    let desk = staff_actor(&pool, "Dee", &[Role::FrontDesk]).await;
    let practitioner = staff_actor(&pool, "Ben", &[Role::Practitioner]).await;
    let client = client_actor(&pool, "Mia").await;
    assert_eq!(team(&pool, &desk).await.unwrap().len(), 4);
    for (actor, expected) in
        [(&desk, Refusal::Forbidden), (&practitioner, Refusal::Forbidden), (&client, Refusal::NotFound)]
    {
        let other = details("eve@elm.test", &[Role::Administrator]);
        assert_eq!(refusal(add_member(&pool, actor, &other).await), expected);
        assert_eq!(refusal(save_member(&pool, actor, id, &other).await), expected);
        assert_eq!(refusal(invite_member(&pool, actor, id).await), expected);
        assert_eq!(refusal(send_member_reset(&pool, actor, id).await), expected);
        assert_eq!(refusal(set_member_active(&pool, actor, id, false).await), expected);
    }
    assert_eq!(refusal(team(&pool, &practitioner).await), Refusal::Forbidden);
    assert_eq!(refusal(team_member(&pool, &client, id).await), Refusal::NotFound);
}

#[testkit::test]
async fn a_double_submit_adds_one_member_and_an_address_belongs_to_one(pool: PgPool) {
    let (ada, _) = administrator(&pool, "ada@elm.test").await;
    let ana = MemberDetails {
        request_key: Some(db::new_id()),
        invite: true,
        ..details("ana@elm.test", &[Role::Practitioner])
    };
    let (one, other) = tokio::join!(add_member(&pool, &ada, &ana), add_member(&pool, &ada, &ana));
    assert_eq!(one.unwrap(), other.unwrap());
    let messages: i64 = sqlx::query_scalar("select count(*) from message").fetch_one(&pool).await.unwrap();
    assert_eq!((team(&pool, &ada).await.unwrap().len(), messages), (2, 1));
    let taken = Refusal::field("email", Problem::Taken);
    let again = details("ANA@elm.test", &[Role::Practitioner]);
    assert_eq!(refusal(add_member(&pool, &ada, &again).await), taken);
    // So does the username of a client.
    let mia = client_actor(&pool, "Mia").await;
    sqlx::query("insert into account (id, username, client_id) values ($1, 'mia@kin.test', $2)")
        .bind(db::new_id())
        .bind(mia.id())
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(refusal(add_member(&pool, &ada, &details("mia@kin.test", &[Role::FrontDesk])).await), taken);
}

#[testkit::test]
async fn deactivating_ends_sessions_and_links_right_away(pool: PgPool) {
    let (ada, _) = administrator(&pool, "ada@elm.test").await;
    let (id, account) = member(&pool, &ada, "ana@elm.test", &[Role::FrontDesk]).await;
    let expires_at = chrono::Utc::now() + chrono::TimeDelta::hours(1);
    let session = sessions::Stored { data: serde_json::json!({}), expires_at };
    assert!(sessions::create(&pool, b"ana", Some(account), &session).await.unwrap());
    send_member_reset(&pool, &ada, id).await.unwrap();
    let link = mailed(&pool, "reset").await;

    set_member_active(&pool, &ada, id, false).await.unwrap();
    assert_eq!(sessions::load(&pool, b"ana").await.unwrap().map(|_| ()), None);
    assert!(load(&pool, account).await.unwrap().is_none() && !logs_in(&pool, "ana@elm.test").await);
    assert_eq!(refusal(reset(&pool, &choose(&link)).await), Refusal::DeadLink);
    let off = Refusal::field("login", Problem::Deactivated);
    assert_eq!(refusal(send_member_reset(&pool, &ada, id).await), off);
    assert_eq!(team_member(&pool, &ada, id).await.unwrap().state, MemberState::Deactivated);

    set_member_active(&pool, &ada, id, true).await.unwrap();
    assert!(logs_in(&pool, "ana@elm.test").await);
    assert_eq!(refusal(reset(&pool, &choose(&link)).await), Refusal::DeadLink);
}

#[testkit::test]
async fn an_invitation_of_someone_deactivated_opens_nothing(pool: PgPool) {
    let (ada, _) = administrator(&pool, "ada@elm.test").await;
    let ana = MemberDetails { invite: true, ..details("ana@elm.test", &[Role::FrontDesk]) };
    let id = add_member(&pool, &ada, &ana).await.unwrap();
    let token = mailed(&pool, "invitation").await;
    set_member_active(&pool, &ada, id, false).await.unwrap();
    set_member_active(&pool, &ada, id, true).await.unwrap();
    assert_eq!(refusal(claim(&pool, &choose(&token)).await), Refusal::DeadLink);
}

#[testkit::test]
async fn the_last_administrator_who_can_log_in_is_neither_demoted_nor_deactivated(pool: PgPool) {
    let (ada, _) = administrator(&pool, "ada@elm.test").await;
    let id = StaffId(ada.id());
    // Invited is not yet able to log in.
    let ben = MemberDetails { invite: true, ..details("ben@elm.test", &[Role::Administrator]) };
    let other = add_member(&pool, &ada, &ben).await.unwrap();
    let token = mailed(&pool, "invitation").await;
    let demoted = MemberDetails { roles: vec![Role::FrontDesk], ..stored(&pool, &ada, id).await };
    let last = |field| Refusal::field(field, Problem::LastAdministrator);
    assert_eq!(refusal(save_member(&pool, &ada, id, &demoted).await), last("roles"));
    assert_eq!(refusal(set_member_active(&pool, &ada, id, false).await), last("active"));
    assert_eq!(stored(&pool, &ada, id).await.roles, [Role::Administrator]);

    claim(&pool, &choose(&token)).await.unwrap();
    save_member(&pool, &ada, id, &demoted).await.unwrap();
    let desk =
        Actor::Staff(db::actor::StaffActor::new(other, "Ben", vec![Role::Administrator], false)).confirmed_now(true);
    assert_eq!(refusal(set_member_active(&pool, &desk, other, false).await), last("active"));
}

#[testkit::test]
async fn of_two_administrators_who_deactivate_each_other_at_once_one_stays(pool: PgPool) {
    let (ada, _) = administrator(&pool, "ada@elm.test").await;
    let (bea, _) = administrator(&pool, "bea@elm.test").await;
    let (one, other) = (StaffId(ada.id()), StaffId(bea.id()));
    for _ in 0..20 {
        let (first, second) =
            tokio::join!(set_member_active(&pool, &ada, other, false), set_member_active(&pool, &bea, one, false));
        assert!(first.is_ok() ^ second.is_ok(), "{first:?} {second:?}");
        assert!(!needs_admin(&pool).await.unwrap());
        sqlx::query("update staff_member set active = true").execute(&pool).await.unwrap();
    }
}

#[testkit::test]
async fn a_practitioner_offers_services_from_their_own_page_and_a_service_form_made_before_is_stale(pool: PgPool) {
    let (ada, _) = administrator(&pool, "ada@elm.test").await;
    let form = ServiceForm {
        name: "Talk".into(),
        duration_minutes: "50".into(),
        active: true,
        version: "1".into(),
        ..ServiceForm::default()
    };
    let talk = save_service(&pool, &ada, None, form.parse().unwrap()).await.unwrap();
    let ana = MemberDetails { services: vec![talk], ..details("ana@elm.test", &[Role::Practitioner]) };
    let id = add_member(&pool, &ada, &ana).await.unwrap();
    assert_eq!(practitioners_of(&pool, talk).await.unwrap(), [(id, "Ana Silva".to_owned())]);
    let renamed = ServiceForm { name: "Long talk".into(), ..form };
    assert_eq!(refusal(save_service(&pool, &ada, Some(talk), renamed.parse().unwrap()).await), Refusal::Stale);

    let without = MemberDetails { services: Vec::new(), ..stored(&pool, &ada, id).await };
    save_member(&pool, &ada, id, &without).await.unwrap();
    assert!(practitioners_of(&pool, talk).await.unwrap().is_empty());
    let unknown = MemberDetails { services: vec![shared::ServiceId(db::new_id())], ..stored(&pool, &ada, id).await };
    let problem = Refusal::field("services", Problem::Unknown);
    assert_eq!(refusal(save_member(&pool, &ada, id, &unknown).await), problem);
}

#[testkit::test]
async fn a_member_is_saved_from_what_is_stored_and_a_new_address_is_the_one_to_log_in_with(pool: PgPool) {
    let (ada, _) = administrator(&pool, "ada@elm.test").await;
    let (id, _) = member(&pool, &ada, "ana@elm.test", &[Role::FrontDesk]).await;
    send_member_reset(&pool, &ada, id).await.unwrap();
    let link = mailed(&pool, "reset").await;
    let seen = stored(&pool, &ada, id).await;
    let moved = MemberDetails { email: "silva@elm.test".into(), ..seen.clone() };
    save_member(&pool, &ada, id, &moved).await.unwrap();
    save_member(&pool, &ada, id, &moved).await.unwrap();
    assert!(logs_in(&pool, "silva@elm.test").await && !logs_in(&pool, "ana@elm.test").await);
    assert_eq!(refusal(reset(&pool, &choose(&link)).await), Refusal::DeadLink);
    let late = MemberDetails { first_name: "Anne".into(), ..seen };
    assert_eq!(refusal(save_member(&pool, &ada, id, &late).await), Refusal::Stale);
    let own = StaffId(ada.id());
    let mine = MemberDetails { email: "me@elm.test".into(), ..stored(&pool, &ada, own).await };
    assert_eq!(refusal(save_member(&pool, &ada, own, &mine).await), Refusal::field("email", Problem::OwnAddress));
}
