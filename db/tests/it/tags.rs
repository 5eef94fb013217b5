//! Tags: made in place, renamed, merged, removed and put back.

use db::practice::tags::*;
use db::{Actor, PgPool};
use shared::accounts::Role;
use shared::{Problem, Refusal, TagId};
use testkit::{client_actor, refusal, staff_actor};

async fn administrator(pool: &PgPool) -> Actor {
    staff_actor(pool, "Ada", &[Role::Administrator]).await
}

async fn tagged(pool: &PgPool, client: &Actor, tags: &[TagId]) {
    for tag in tags {
        sqlx::query("insert into client_tag (client_id, tag_id) values ($1, $2)")
            .bind(client.id())
            .bind(tag.0)
            .execute(pool)
            .await
            .unwrap();
    }
}

async fn all(pool: &PgPool, actor: &Actor) -> Vec<(String, i64)> {
    list(pool, actor).await.unwrap().into_iter().map(|tag| (tag.name, tag.clients)).collect()
}

fn is(name: &str, clients: i64) -> (String, i64) {
    (name.to_owned(), clients)
}

#[testkit::test]
async fn only_administrators_tidy_tags(pool: PgPool) {
    let ada = administrator(&pool).await;
    let staff = staff_actor(&pool, "Sam", &[Role::FrontDesk]).await;
    let client = client_actor(&pool, "Mia").await;
    let (one, two) = (create(&pool, &ada, "One").await.unwrap(), create(&pool, &ada, "Two").await.unwrap());
    for (actor, expected) in [(&staff, Refusal::Forbidden), (&client, Refusal::NotFound)] {
        assert_eq!(refusal(create(&pool, actor, "Mine").await), expected);
        assert_eq!(refusal(rename(&pool, actor, one, "Mine", "One").await), expected);
        assert_eq!(refusal(merge(&pool, actor, one, two).await), expected);
        assert_eq!(refusal(remove(&pool, actor, one).await), expected);
        assert_eq!(refusal(restore(&pool, actor, one).await), expected);
        assert_eq!(refusal(removed(&pool, actor).await), expected);
    }
    assert_eq!(list(&pool, &staff).await.unwrap().len(), 2);
    assert_eq!(refusal(list(&pool, &client).await), Refusal::NotFound);
    let nobody = TagId(uuid::Uuid::nil());
    assert_eq!(refusal(rename(&pool, &ada, nobody, "Mine", "").await), Refusal::NotFound);
    assert_eq!(refusal(merge(&pool, &ada, nobody, one).await), Refusal::NotFound);
    assert_eq!(refusal(merge(&pool, &ada, one, nobody).await), Refusal::field("into", Problem::Unknown));
    assert_eq!(refusal(merge(&pool, &ada, one, one).await), Refusal::field("into", Problem::Unknown));
    assert_eq!(refusal(remove(&pool, &ada, nobody).await), Refusal::NotFound);
    assert_eq!(refusal(restore(&pool, &ada, nobody).await), Refusal::NotFound);
}

#[testkit::test]
async fn tags_are_made_in_place_once(pool: PgPool) {
    let ada = administrator(&pool).await;
    let vip = create(&pool, &ada, "VIP").await.unwrap();
    assert_eq!(create(&pool, &ada, "vip").await.unwrap(), vip);
    let mut conn = pool.acquire().await.unwrap();
    let names = ["vip".to_owned(), "Sliding scale 🙂".to_owned()];
    let made = ensure(&mut conn, &names).await.unwrap();
    assert!(made.len() == 2 && made.contains(&vip));
    assert_eq!(ensure(&mut conn, &names).await.unwrap(), made);
    assert_eq!(db::practice::tags::names(&mut conn).await.unwrap().len(), 2);
}

#[testkit::test]
async fn a_rename_to_a_name_that_exists_is_refused_and_a_merge_is_not(pool: PgPool) {
    let ada = administrator(&pool).await;
    let (mia, noor) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Noor").await);
    let (old, vip) = (create(&pool, &ada, "v.i.p.").await.unwrap(), create(&pool, &ada, "VIP").await.unwrap());
    tagged(&pool, &mia, &[old, vip]).await;
    tagged(&pool, &noor, &[old]).await;
    assert_eq!(create(&pool, &ada, "vip").await.unwrap(), vip, "a double submit");
    let answer = rename(&pool, &ada, old, "vip", "v.i.p.").await;
    assert_eq!(refusal(answer), Refusal::field("name", Problem::Taken));
    merge(&pool, &ada, old, vip).await.unwrap();
    assert_eq!(all(&pool, &ada).await, [is("VIP", 2)]);
    assert_eq!(refusal(merge(&pool, &ada, old, vip).await), Refusal::NotFound);

    rename(&pool, &ada, vip, "vip", "VIP").await.unwrap();
    rename(&pool, &ada, vip, "vip", "VIP").await.unwrap();
    assert_eq!(refusal(rename(&pool, &ada, vip, "Guest", "VIP").await), Refusal::Stale);
    assert_eq!(all(&pool, &ada).await, [is("vip", 2)]);
}

#[testkit::test]
async fn a_removed_tag_is_put_back_for_a_day(pool: PgPool) {
    let ada = administrator(&pool).await;
    let (mia, noor) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Noor").await);
    let vip = create(&pool, &ada, "VIP").await.unwrap();
    tagged(&pool, &mia, &[vip]).await;
    tagged(&pool, &noor, &[vip]).await;
    for _ in 0..2 {
        remove(&pool, &ada, vip).await.unwrap();
    }
    assert!(all(&pool, &ada).await.is_empty());
    assert_eq!(removed(&pool, &ada).await.unwrap(), [RemovedTag { id: vip, name: "VIP".into(), clients: 2 }]);

    // Noor has gone meanwhile, and someone has made the tag again for no one.
    sqlx::query("delete from client where id = $1").bind(noor.id()).execute(&pool).await.unwrap();
    let anew = create(&pool, &ada, "vip").await.unwrap();
    restore(&pool, &ada, vip).await.unwrap();
    assert_eq!(all(&pool, &ada).await, [is("vip", 1)]);
    assert!(removed(&pool, &ada).await.unwrap().is_empty());
    assert_eq!(refusal(restore(&pool, &ada, vip).await), Refusal::NotFound);

    remove(&pool, &ada, anew).await.unwrap();
    for _ in 0..2 {
        restore(&pool, &ada, anew).await.unwrap();
    }
    assert_eq!(all(&pool, &ada).await, [is("vip", 1)]);

    remove(&pool, &ada, anew).await.unwrap();
    sqlx::query("update tag_removal set removed_at = now() - interval '25 hours'").execute(&pool).await.unwrap();
    assert_eq!(refusal(restore(&pool, &ada, anew).await), Refusal::NotFound);
    assert!(removed(&pool, &ada).await.unwrap().is_empty());
}

#[testkit::test]
async fn one_of_two_merges_wins(pool: PgPool) {
    let ada = administrator(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let (one, two) = (create(&pool, &ada, "One").await.unwrap(), create(&pool, &ada, "Two").await.unwrap());
    tagged(&pool, &mia, &[one]).await;
    let (first, second) = tokio::join!(merge(&pool, &ada, one, two), merge(&pool, &ada, two, one));
    assert_ne!(first.is_ok(), second.is_ok());
    let left = all(&pool, &ada).await;
    assert_eq!((left.len(), left[0].1), (1, 1));
}
