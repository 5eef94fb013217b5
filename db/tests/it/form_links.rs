//! Forms that are filled in by the link of a mail, without a login.

use crate::support::forms::{Office, SIGNED, answers, family, reachable, unlink};
use db::forms::{self, LinkStep};
use db::{Actor, PgPool, requests};
use shared::accounts::Secret;
use shared::{Problem, Refusal, RequestId};
use sqlx::{query, query_scalar};
use testkit::{client_actor, refusal};

const BORN: &str = "2016-05-03";

struct Room {
    office: Office,
    mia: Actor,
    ana: Actor,
    request: RequestId,
}

impl Room {
    /// Mia is a child; she and Ana are asked by mail, and the practice sends links.
    async fn new(pool: &PgPool) -> Room {
        let office = Office::new(pool).await;
        let (mia, ana, _) = family(pool).await;
        for one in [&mia, &ana] {
            reachable(pool, one).await;
        }
        query("update client set birth_date = $2::text::date where id = $1")
            .bind(mia.id())
            .bind(BORN)
            .execute(pool)
            .await
            .unwrap();
        forms::set_links_sent(pool, &office.admin, true).await.unwrap();
        let request = office.ask("form", &mia).await;
        Room { office, mia, ana, request }
    }

    /// The secrets in the mails to someone, the newest first.
    async fn mailed(&self, to: &Actor) -> Vec<Secret> {
        while db::messages::expand_next(&self.office.pool, "https://k.test").await.unwrap() {}
        let bodies: Vec<String> =
            query_scalar("select body from message_copy where client_id = $1 order by created_at desc, id desc")
                .bind(to.id())
                .fetch_all(&self.office.pool)
                .await
                .unwrap();
        let secret = |body: &String| {
            Some(body.split("https://k.test/form-links/").nth(1)?.split_whitespace().next()?.to_owned())
        };
        bodies.iter().filter_map(secret).map(Secret).collect()
    }

    async fn step(&self, link: &Secret, pass: Option<&Secret>) -> Result<LinkStep, Refusal> {
        forms::look_at_link(&self.office.pool, link, pass).await.map_err(|error| error.refusal())
    }

    async fn unlock(&self, link: &Secret) -> Secret {
        forms::unlock_link(&self.office.pool, link, BORN).await.unwrap()
    }

    async fn send(&self, link: &Secret, pass: Option<&Secret>, capacity: &str) -> db::Result<shared::ResponseId> {
        let filled = answers("By link", "Ana Okafor", capacity);
        let version = self.office.newest().await;
        forms::submit_by_link(&self.office.pool, link, pass, version, &filled, "A browser".into()).await
    }
}

#[testkit::test]
async fn a_form_is_filled_in_by_a_link_after_the_date_of_birth(pool: PgPool) {
    let room = Room::new(&pool).await;
    let link = room.mailed(&room.ana).await.remove(0);
    assert_eq!(room.step(&link, None).await, Ok(LinkStep::BirthDate));
    for (typed, problem) in
        [("", Problem::Required), ("soon", Problem::NotADate), ("2016-05-04", Problem::OtherBirthDate)]
    {
        assert_eq!(refusal(forms::unlock_link(&pool, &link, typed).await), Refusal::field("birth_date", problem));
    }
    // Without what a browser keeps that was let in, nothing is shown or taken.
    for pass in [None, Some(&Secret("guessed".into()))] {
        assert_eq!(refusal(forms::open_by_link(&pool, &link, pass, None).await), Refusal::Forbidden);
        assert_eq!(refusal(room.send(&link, pass, "parent").await), Refusal::Forbidden);
    }
    let pass = room.unlock(&link).await;
    assert_eq!(room.step(&link, Some(&pass)).await, Ok(LinkStep::Open));
    assert_eq!(room.step(&link, None).await, Ok(LinkStep::BirthDate), "another browser");
    let id = room.send(&link, Some(&pass), "parent").await.unwrap();
    let response = forms::response(&pool, &room.office.admin, id).await.unwrap();
    assert!(response.intact);
    assert_eq!((response.author.as_str(), response.acted_as.as_str()), ("Ana Test", "linked"));
    assert_eq!(response.signatures[0].item, SIGNED);
    assert_eq!(response.signatures[0].logged_in_by, ["emailed link", "date of birth"]);
    // Of a single use.
    assert_eq!(room.step(&link, Some(&pass)).await, Err(Refusal::DeadLink));
    assert_eq!(refusal(room.send(&link, Some(&pass), "parent").await), Refusal::DeadLink);
}

/// Never anything of the record, of earlier answers or of a draft that was typed otherwise.
#[testkit::test]
async fn a_link_shows_the_form_and_its_own_draft_alone(pool: PgPool) {
    let room = Room::new(&pool).await;
    let (link, of_mia) = (room.mailed(&room.ana).await.remove(0), room.mailed(&room.mia).await.remove(0));
    room.office.draft(&room.ana, room.request, "canary logged in").await.unwrap();
    query("update request set due_on = '2031-07-09'").execute(&pool).await.unwrap();
    let (pass, other) = (room.unlock(&link).await, room.unlock(&of_mia).await);
    let open = forms::open_by_link(&pool, &link, Some(&pass), None).await.unwrap();
    let seen = format!("{open:?}");
    assert!(
        open.draft.is_none() && !seen.contains("canary") && !seen.contains("Mia") && !seen.contains("2031"),
        "{seen}"
    );
    forms::save_draft_by_link(&pool, &link, Some(&pass), open.version, &answers("canary by link", "", ""))
        .await
        .unwrap();
    let again = format!("{:?}", forms::open_by_link(&pool, &link, Some(&pass), None).await.unwrap());
    assert!(again.contains("canary by link") && !again.contains("canary logged in"), "{again}");
    let elsewhere = format!("{:?}", forms::open_by_link(&pool, &of_mia, Some(&other), None).await.unwrap());
    assert!(!elsewhere.contains("canary"), "{elsewhere}");
    let logged_in = forms::open(&pool, room.ana.client().unwrap(), room.request, None).await.unwrap();
    assert!(format!("{logged_in:?}").contains("canary logged in"));
    // Whichever is sent ends the others.
    room.send(&link, Some(&pass), "parent").await.unwrap();
    assert_eq!(room.office.count("select count(*) from form_response where state = 'draft'").await, 0);
    assert_eq!(room.step(&of_mia, Some(&other)).await, Err(Refusal::DeadLink));
}

#[testkit::test]
async fn five_wrong_dates_end_a_link_also_at_once(pool: PgPool) {
    let room = Room::new(&pool).await;
    let link = room.mailed(&room.ana).await.remove(0);
    let tries = (0..8).map(|day| {
        let (pool, link) = (pool.clone(), link.clone());
        async move {
            forms::unlock_link(&pool, &link, &format!("2016-06-0{}", day + 1)).await.map_err(|error| error.refusal())
        }
    });
    let mut wrong = 0;
    let tries: Vec<_> = tries.map(tokio::spawn).collect();
    for one in tries {
        match one.await.unwrap() {
            Err(Refusal::Invalid(_)) => wrong += 1,
            other => assert_eq!(other, Err(Refusal::DeadLink)),
        }
    }
    assert_eq!(wrong, 5);
    assert_eq!(refusal(forms::unlock_link(&pool, &link, BORN).await), Refusal::DeadLink);
    // A reminder brings another one.
    requests::remind(&pool, &room.office.admin, room.request).await.unwrap();
    let next = room.mailed(&room.ana).await.remove(0);
    room.unlock(&next).await;
}

#[testkit::test]
async fn a_link_opens_nothing_once_its_reader_may_not(pool: PgPool) {
    let room = Room::new(&pool).await;
    let link = room.mailed(&room.ana).await.remove(0);
    let pass = room.unlock(&link).await;
    let ana = room.ana.id();
    for (end, back) in [
        (
            "update client set email = 'other@kin.test' where id = $1",
            "update client set email = $1::text || '@kin.test' where id = $1",
        ),
        ("update client set status = 'inactive' where id = $1", "update client set status = 'active' where id = $1"),
        ("update practice set form_links = $1 is null", "update practice set form_links = $1 is not null"),
        (
            "update form_link set expires_at = now() - interval '1 minute' where client_id = $1",
            "update form_link set expires_at = now() + interval '1 day' where client_id = $1",
        ),
    ] {
        query(end).bind(ana).execute(&pool).await.unwrap();
        assert_eq!(room.step(&link, Some(&pass)).await, Err(Refusal::DeadLink), "{end}");
        assert_eq!(refusal(room.send(&link, Some(&pass), "parent").await), Refusal::DeadLink, "{end}");
        query(back).bind(ana).execute(&pool).await.unwrap();
        assert_eq!(room.step(&link, Some(&pass)).await, Ok(LinkStep::Open), "{back}");
    }
    unlink(&pool, &room.ana, &room.mia).await;
    assert_eq!(room.step(&link, Some(&pass)).await, Err(Refusal::DeadLink));
    assert_eq!(room.step(&Secret("guessed".into()), None).await, Err(Refusal::DeadLink));
}

#[testkit::test]
async fn links_are_sent_where_the_practice_wants_them_and_for_forms_alone(pool: PgPool) {
    let room = Room::new(&pool).await;
    assert_eq!(room.mailed(&room.ana).await.len(), 1);
    let stored: Vec<Vec<u8>> = query_scalar("select secret_hash from form_link").fetch_all(&pool).await.unwrap();
    assert!(stored.iter().all(|hash| hash.len() == 32));
    let leo = client_actor(&pool, "Leo").await;
    reachable(&pool, &leo).await;
    room.office.ask("other", &leo).await;
    assert!(room.mailed(&leo).await.is_empty());
    assert_eq!(refusal(forms::set_links_sent(&pool, &leo, false).await), Refusal::NotFound);
    forms::set_links_sent(&pool, &room.office.admin, false).await.unwrap();
    room.office.ask("form", &leo).await;
    assert!(room.mailed(&leo).await.is_empty());
    // Of someone whose date of birth is not known a press of the button is asked for.
    forms::set_links_sent(&pool, &room.office.admin, true).await.unwrap();
    let nia = client_actor(&pool, "Nia").await;
    reachable(&pool, &nia).await;
    query("update client set birth_date = null where id = $1").bind(nia.id()).execute(&pool).await.unwrap();
    room.office.ask("form", &nia).await;
    let link = room.mailed(&nia).await.remove(0);
    assert_eq!(room.step(&link, None).await, Ok(LinkStep::Button));
    let pass = forms::unlock_link(&pool, &link, "").await.unwrap();
    room.send(&link, Some(&pass), "self").await.unwrap();
}
