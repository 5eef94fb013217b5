//! Invitations to be linked tell nothing of who is a client, and the one who accepts chooses.

use db::actor::ClientActor;
use db::messages::{claim_copy, expand_next};
use db::{Actor, PgPool, links};
use shared::accounts::{Role, Secret};
use shared::links::{Grants, InvitationForm};
use shared::{ClientId, Problem, Refusal};
use sqlx::AssertSqlSafe;
use testkit::{client_actor, refusal, staff_actor};

const BOOK: Grants = Grants { book: true, forms: false, copies: false, packages: false };
const COPIES: Grants = Grants { book: false, forms: false, copies: true, packages: false };

async fn run(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

async fn text(pool: &PgPool, sql: &str) -> String {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.unwrap()
}

fn to(email: &str, may: Grants) -> InvitationForm {
    InvitationForm { email: email.into(), may }
}

fn me(actor: &Actor) -> ClientActor {
    ClientActor::new(ClientId(actor.id()), "x")
}

/// Address and text of all that is sent now.
async fn mails(pool: &PgPool) -> Vec<(String, String)> {
    while expand_next(pool, "https://kin.test").await.unwrap() {}
    let mut told = Vec::new();
    while let Some(copy) = claim_copy(pool).await.unwrap() {
        run(pool, &format!("update message_copy set state = 'sent' where id = '{}'", copy.id)).await;
        told.push((copy.address.clone(), format!("{}\n{}", copy.subject, copy.body)));
    }
    told.sort();
    told
}

fn secret(body: &str) -> Secret {
    Secret(body.split("https://kin.test/invitations/").nth(1).unwrap().split_whitespace().next().unwrap().to_owned())
}

/// Ana and Ben, clients with an address each.
async fn two(pool: &PgPool) -> (Actor, Actor) {
    let two = (client_actor(pool, "Ana").await, client_actor(pool, "Ben").await);
    run(pool, "update client set email = lower(first_name) || '@kin.test', email_consent = true; update practice set quiet_minutes = 0; update portal_permission set setting = 'on' where permission = 'invite_links'").await;
    two
}

#[testkit::test]
async fn an_invitation_tells_nothing_of_who_is_a_client(pool: PgPool) {
    let (ana, _) = two(&pool).await;
    links::invite(&pool, &ana, &to("ben@kin.test", BOOK)).await.unwrap();
    let known = mails(&pool).await;
    links::invite(&pool, &ana, &to("nobody@kin.test", BOOK)).await.unwrap();
    let unknown = mails(&pool).await;
    let plain = |mails: Vec<(String, String)>| {
        assert_eq!(mails.len(), 1);
        let body = mails[0].1.clone();
        body.replace(&secret(&body).0, "")
    };
    assert!(known[0].1.contains("Ana would like to be linked with you") && !known[0].1.contains("Ben"));
    assert_eq!(plain(known), plain(unknown));
    // Someone who is inactive, or wants no mail, has the address all the same.
    run(&pool, "update client set status = 'inactive', email_consent = false where first_name = 'Ben'").await;
    links::invite(&pool, &ana, &to("BEN@kin.test", BOOK)).await.unwrap();
    assert_eq!(mails(&pool).await.len(), 1);
    assert_eq!(text(&pool, "select count(*)::text from message_copy where client_id is not null").await, "0");
}

/// Nor does the time that it takes: alternately to an address of a client and to one of no one.
#[testkit::test]
async fn an_invitation_takes_as_long_whoever_has_the_address(pool: PgPool) {
    let (ana, _) = two(&pool).await;
    let mut took = [Vec::new(), Vec::new()];
    for round in 0..30 {
        for (which, email) in ["ben@kin.test", "nobody@kin.test"].into_iter().enumerate() {
            let began = std::time::Instant::now();
            links::invite(&pool, &ana, &to(email, BOOK)).await.unwrap();
            mails(&pool).await;
            if round > 4 {
                took[which].push(began.elapsed());
            }
            run(&pool, "delete from link_invitation; delete from message").await;
        }
    }
    took.iter_mut().for_each(|all| all.sort());
    let middle = |all: &[std::time::Duration]| all[all.len() / 2].as_micros();
    let (known, unknown) = (middle(&took[0]), middle(&took[1]));
    // A password that is hashed, or a mail that is made, takes many times as long.
    assert!(known.abs_diff(unknown) < known.max(unknown) / 2, "{known} and {unknown} microseconds");
}

#[testkit::test]
async fn the_other_accepts_and_chooses_once(pool: PgPool) {
    let (ana, ben) = two(&pool).await;
    links::invite(&pool, &ana, &to("ben@kin.test", BOOK)).await.unwrap();
    let token = secret(&mails(&pool).await[0].1);
    let asked = links::invited(&pool, &me(&ben), &token).await.unwrap();
    assert_eq!((asked.name.as_str(), asked.may, asked.decides), ("Ana", BOOK, true));
    // A mail that was forwarded is of no use.
    let sam = client_actor(&pool, "Sam").await;
    assert_eq!(refusal(links::invited(&pool, &me(&sam), &token).await), Refusal::DeadLink);
    assert_eq!(refusal(links::accept(&pool, &sam, &token, BOOK).await), Refusal::DeadLink);
    // Looking links no one, and one's own is not for oneself.
    assert_eq!(text(&pool, "select count(*)::text from client_link").await, "0");
    assert_eq!(refusal(links::accept(&pool, &ana, &token, BOOK).await), Refusal::DeadLink);
    links::accept(&pool, &ben, &token, COPIES).await.unwrap();
    let link = links::mine(&pool, &me(&ana)).await.unwrap().links.remove(0);
    assert_eq!((link.other_may, link.own_may), (BOOK, COPIES));
    // Sent twice it is as once.
    links::accept(&pool, &ben, &token, BOOK).await.unwrap();
    assert_eq!(links::mine(&pool, &me(&ana)).await.unwrap().links[0].own_may, COPIES);
    assert_eq!(mails(&pool).await.len(), 2, "both are told");
    // Once linked, a second invitation changes nothing.
    links::invite(&pool, &ana, &to("ben@kin.test", Grants::default())).await.unwrap();
    let again = secret(&mails(&pool).await[0].1);
    let refused = refusal(links::accept(&pool, &ben, &again, Grants::default()).await);
    assert_eq!(refused, Refusal::field("other", Problem::AlreadyLinked));
}

#[testkit::test]
async fn an_invitation_expires_and_is_taken_back_by_its_sender_alone(pool: PgPool) {
    let (ana, ben) = two(&pool).await;
    for end in ["expire", "revoke", "leave"] {
        links::invite(&pool, &ana, &to("ben@kin.test", BOOK)).await.unwrap();
        let token = secret(&mails(&pool).await[0].1);
        let open = links::open_invitations(&pool, &me(&ana)).await.unwrap();
        assert_eq!((open.len(), open[0].email.as_str()), (1, "ben@kin.test"));
        match end {
            "expire" => run(&pool, "update link_invitation set expires_at = now() - interval '1 second'").await,
            "revoke" => {
                assert_eq!(refusal(links::revoke(&pool, &ben, open[0].id).await), Refusal::NotFound);
                links::revoke(&pool, &ana, open[0].id).await.unwrap();
                links::revoke(&pool, &ana, open[0].id).await.unwrap();
            }
            _ => run(&pool, "update client set status = 'inactive' where first_name = 'Ana'").await,
        }
        assert_eq!(refusal(links::invited(&pool, &me(&ben), &token).await), Refusal::DeadLink, "{end}");
        assert_eq!(refusal(links::accept(&pool, &ben, &token, BOOK).await), Refusal::DeadLink, "{end}");
    }
    assert_eq!(text(&pool, "select count(*)::text from client_link").await, "0");
}

#[testkit::test]
async fn invitations_are_few_in_a_day_and_minors_send_none(pool: PgPool) {
    let (ana, ben) = two(&pool).await;
    let desk = staff_actor(&pool, "Dora", &[Role::FrontDesk]).await;
    assert_eq!(refusal(links::invite(&pool, &desk, &to("x@kin.test", BOOK)).await), Refusal::NotFound);
    assert_eq!(refusal(links::invite(&pool, &ana, &to("", BOOK)).await), Refusal::field("email", Problem::Required));
    for _ in 0..3 {
        links::invite(&pool, &ana, &to("x@kin.test", BOOK)).await.unwrap();
    }
    // The address gets no more; that others have written to it is not told.
    links::invite(&pool, &ben, &to("x@kin.test", BOOK)).await.unwrap();
    assert_eq!(mails(&pool).await.len(), 3);
    for _ in 0..2 {
        links::invite(&pool, &ana, &to("y@kin.test", BOOK)).await.unwrap();
    }
    assert_eq!(refusal(links::invite(&pool, &ana, &to("z@kin.test", BOOK)).await), Refusal::TooMany);
    run(&pool, "update portal_permission set setting = 'never' where permission = 'invite_links'").await;
    assert_eq!(refusal(links::invite(&pool, &ben, &to("z@kin.test", BOOK)).await), Refusal::Forbidden);
    run(&pool, "update portal_permission set setting = 'on' where permission = 'invite_links'").await;
    run(&pool, "update client set birth_date = current_date - 3650").await;
    assert_eq!(refusal(links::invite(&pool, &ben, &to("z@kin.test", BOOK)).await), Refusal::Forbidden);
}
