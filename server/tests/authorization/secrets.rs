//! What nobody may read: notes, and one parent of the other.

use crate::support::Answer;
use crate::table::{PAGES, SERVER, functions};
use crate::world::{ACTORS, CANARY, World};
use axum::http::{Method, StatusCode};
use db::PgPool;

/// Everything that can be read, as somebody.
async fn read_all(world: &World, actor: &str) -> Vec<(&'static str, Answer)> {
    let mut answers = Vec::new();
    for (_, address, _) in PAGES {
        answers.push((*address, world.get(actor, address).await));
    }
    for (address, _) in SERVER {
        answers.push((*address, world.get(actor, address).await));
    }
    for row in functions().into_iter().filter(|row| row.method == "GET") {
        let address = format!("{}?{}", row.path, row.fields);
        answers.push((row.path, world.ask(actor, Method::GET, &address, "", &[]).await));
    }
    answers
}

/// B9: administrators and staff only.
#[sqlx::test(migrator = "db::MIGRATOR")]
async fn notes_are_the_front_desks(pool: PgPool) {
    let world = World::new(&pool).await;
    for actor in ACTORS {
        let front_desk = matches!(actor, "staff" | "admin");
        for (address, answer) in read_all(&world, actor).await {
            let expected = front_desk
                && matches!(
                    address,
                    "/clients/{mia}"
                        | "/clients/{mia}/edit"
                        | "/clients/merge?keep={mia}&drop={new}"
                        | "/clients/export.csv"
                        | "/clients/export.csv?columns=all"
                        | "/clients/export.csv?columns=first_name,notes"
                );
            assert_eq!(answer.body.contains(CANARY), expected, "{address} as {actor:?}");
        }
    }

    // Nor when a save is refused, where what is stored is shown beside what was
    // typed; nor are they lost when somebody saves who does not see them.
    let record = functions().into_iter().find(|row| row.path == "/fn/clients/save").unwrap();
    let save = async |fields: String| world.post("assigned", record.path, &fields).await;
    let stale =
        save(format!("_page={}&form[notes]=mine&{}", record.page, record.fields).replace("[version]=1", "[version]=7"))
            .await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(!stale.body.contains(CANARY));
    let saved = save(format!("_page={}&form[notes]=mine&{}", record.page, record.fields)).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    let profile = world.get("staff", "/clients/{mia}").await.body;
    assert!(profile.contains(CANARY) && profile.contains("Nuts"));
}

/// Words that must not stand in the other's pages.
fn traces(world: &World, whom: &str) -> Vec<String> {
    let words = match whom {
        "granted" => {
            ["Quillfeather", "Greta", "granted@kin.test", "416 555 1004", "GRE1", "{granted_id}", "{grantedsown}"]
        }
        _ => ["Zuckermandel", "Danil", "danil@kin.test", "416 555 1006", "DAN1", "{other_id}", "{othersown}"],
    };
    words.iter().map(|word| world.fill(word)).collect()
}

/// D13: two parents of one child, both of whom may act for her.
#[sqlx::test(migrator = "db::MIGRATOR")]
async fn parents_of_one_child_see_nothing_of_each_other(pool: PgPool) {
    let world = World::new(&pool).await;
    for (reader, parent) in [("granted", "other"), ("other", "granted")] {
        for (address, answer) in read_all(&world, reader).await {
            for trace in traces(&world, parent) {
                assert!(!answer.body.contains(&trace), "{address} as {reader:?} has {trace}");
            }
        }
        // Both see what either booked for the child, and neither the other's own.
        let list = world.get(reader, "/my/appointments").await.body;
        assert!(list.contains(&world.fill("{visit}")) && list.contains(&world.fill("{other_visit}")));
        let own = if parent == "other" { "{othersown}" } else { "{grantedsown}" };
        let before = world.fingerprint().await;
        let page = format!("/my/appointments/{own}/cancel");
        assert_eq!(world.get(reader, &page).await.status, StatusCode::NOT_FOUND);
        let fields = format!("_page={page}&appointment={own}");
        assert_eq!(world.post(reader, "/fn/portal/cancel", &fields).await.status, StatusCode::NOT_FOUND);
        assert_eq!(world.fingerprint().await, before);
    }
    // Of one's own there is something to find: the traces are the right ones.
    let own = world.get("granted", "/my/appointments").await.body;
    assert!(own.contains("Quillfeather") && own.contains(&world.fill("{grantedsown}")));
}

/// Grants go one way and no further: Mia sees nothing of those who act for her,
/// nor does whoever acts for one of them see Mia's.
#[sqlx::test(migrator = "db::MIGRATOR")]
async fn grants_go_one_way(pool: PgPool) {
    let world = World::new(&pool).await;
    for (address, answer) in read_all(&world, "mia").await {
        for trace in traces(&world, "granted").into_iter().chain(traces(&world, "other")) {
            assert!(!answer.body.contains(&trace), "{address} has {trace}");
        }
    }
    let list = world.get("linked", "/my/appointments").await.body;
    assert!(list.contains("For Greta Quillfeather") && !list.contains("Okafor"));
    assert!(world.get("mia", "/book?service={talk}").await.body.contains("Lena Linked"));
}
