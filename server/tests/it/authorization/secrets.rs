//! What no one may read: notes, and one parent of the other.

use super::table::{PAGES, SERVER, functions};
use super::world::{ACTORS, CANARY, World, main_part};
use axum::http::{Method, StatusCode};
use db::PgPool;
use testkit::Answer;

/// Everything that can be read, as someone.
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

/// Administrators and staff only.
#[testkit::test]
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
    // typed; nor are they lost when someone saves who does not see them.
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

/// Two parents of one child, who may both act for her.
#[testkit::test]
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

/// Nor does any answer to what the one sends: done or refused, as it was meant or spoilt.
#[testkit::test]
async fn no_answer_to_a_form_names_one_parent_to_the_other(pool: PgPool) {
    let world = World::new(&pool).await;
    for (reader, parent) in [("granted", "other"), ("other", "granted")] {
        let taken = if parent == "other" { "{soon}" } else { "{day}T18:00:00Z" };
        for row in functions().into_iter().filter(|row| row.method == "POST") {
            // At a time when the other parent is somewhere, too.
            for fields in [row.fields.to_owned(), row.fields.replace("{free}", taken)] {
                let answer = world.post(reader, row.path, &format!("_page={}&{fields}", row.page)).await;
                for trace in traces(&world, parent) {
                    assert!(!answer.body.contains(&trace), "{} as {reader:?} has {trace}: {fields}", row.path);
                    assert!(!answer.location().contains(&trace), "{} as {reader:?} leads to {trace}", row.path);
                }
                if answer.status == StatusCode::SEE_OTHER {
                    world.put_back().await;
                }
            }
        }
    }
}

/// Scope creep: to book and to fill in forms for someone shows nothing of what was, and none of their record.
#[testkit::test]
async fn acting_for_someone_shows_no_history_no_answers_and_no_record(pool: PgPool) {
    let world = World::new(&pool).await;
    let traces = ["{past_visit}", "{response}", "{draft_document}", "{mia_mail}", "416 555 1001", "MIA1", CANARY];
    for (address, answer) in read_all(&world, "granted").await {
        for trace in traces.map(|trace| world.fill(trace)) {
            assert!(!answer.body.contains(&trace), "{address} has {trace}");
        }
    }
    // What Mia reads of it herself: the traces are the right ones.
    assert!(world.get("mia", "/my/details").await.body.contains(&world.fill("{mia_mail}")));
    assert!(world.get("assigned", "/clients/{mia}/forms").await.body.contains(&world.fill("{response}")));
}

/// Grants go one way and no further: Mia sees nothing of those who act for her,
/// nor does the person who acts for one of them see Mia's.
#[testkit::test]
async fn grants_go_one_way(pool: PgPool) {
    let world = World::new(&pool).await;
    for (address, answer) in read_all(&world, "mia").await {
        // Both sides read who may do what: the names, and nothing else of them.
        let names = if address.starts_with("/my/people") { 2 } else { 0 };
        for trace in ["granted", "other"].into_iter().flat_map(|who| traces(&world, who).into_iter().skip(names)) {
            assert!(!answer.body.contains(&trace), "{address} has {trace}");
        }
    }
    let list = world.get("linked", "/my/appointments").await.body;
    assert!(list.contains("For Greta Quillfeather") && !list.contains("Okafor"));
    assert!(world.get("mia", "/book?service={talk}").await.body.contains("Lena Linked"));
}

/// Of appointments with clients of others a practitioner learns when a colleague
/// is busy, and nothing else; nor are they told that the colleague is free.
#[testkit::test]
async fn a_full_colleague_is_busy_and_not_free(pool: PgPool) {
    let world = World::new(&pool).await;
    let day = world.get("unassigned", "/calendar?view=list&date={day}&practitioner={assigned_id}").await.body;
    assert!(day.contains("No appointments with your clients") && day.contains("3 busy"), "{day}");
    assert_eq!(day.matches("slot-row busy").count(), 3);
    let hidden = ["Mia", "Okafor", "MIA1", "{mia_id}", "{visit}", "{former_visit}", "{talk}", "Talk", "Former"];
    for trace in hidden.map(|trace| world.fill(trace)) {
        assert!(!main_part(&day).contains(&trace), "{trace}");
    }
    // Their own lane comes first; a lane without any appointment says so.
    let own = world.get("watcher", "/calendar?view=list&date={day}").await.body;
    assert!(main_part(&own).contains("Wim Watcher</h2>") || main_part(&own).contains("<h2>Wim Watcher"));
    assert!(!main_part(&own).contains("<h2>Asta Assigned"));
    assert!(own.contains("No appointments."));
    let all = world.get("staff", "/calendar?view=list&date={day}").await.body;
    assert!(main_part(&all).contains("<h2>Asta Assigned") && !all.contains("slot-row busy"));
}

/// A practitioner reads the same whether or not there are relationships that
/// they may not see; the front desk is told that there are none.
#[testkit::test]
async fn hidden_relationships_are_not_denied(pool: PgPool) {
    let world = World::new(&pool).await;
    // Linked to granted and other; Asta sees neither of them; Pippa is linked to no one.
    for number in ["{mia}", "{prospect}"] {
        let profile = world.get("assigned", &format!("/clients/{number}")).await.body;
        assert!(profile.contains("No relationships with your clients"), "{number}");
        assert!(!profile.contains("No relationships yet"), "{number}");
    }
    let profile = world.get("staff", "/clients/{prospect}").await.body;
    assert!(profile.contains("No relationships yet"));
}
