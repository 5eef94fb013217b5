//! Ids that someone made up: in every path that has one.

use super::table::PAGES;
use super::world::World;
use db::PgPool;
use uuid::Uuid;

/// In place of an id or a number that there is; nothing of what is neither.
fn made_up(world: &World, word: &str) -> Vec<String> {
    let value = world.fill(word);
    if Uuid::parse_str(&value).is_ok() {
        return vec![Uuid::nil().to_string(), Uuid::from_u128(7).to_string(), "nobody".to_owned()];
    }
    let is_number = value.len() == 4 && value.parse::<u32>().is_ok();
    if is_number { ["0", "-1", "999999", "nobody"].map(str::to_owned).to_vec() } else { Vec::new() }
}

/// The words in braces, each once.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> =
        text.split('{').skip(1).filter_map(|part| Some(format!("{{{}}}", part.split_once('}')?.0))).collect();
    words.sort();
    words.dedup();
    words
}

#[testkit::test]
async fn a_made_up_id_in_any_path_finds_nothing(pool: PgPool) {
    let world = World::new(&pool).await;
    let mut tried = 0;
    for (_, address, _) in PAGES {
        let path = address.split('?').next().unwrap();
        for word in words(path) {
            for forged in made_up(&world, &word) {
                for actor in ["", "granted", "mia", "assigned", "admin"] {
                    let answer = world.get(actor, &path.replace(&word, &forged)).await;
                    let found = answer.status.is_success() || answer.status.is_server_error();
                    assert!(!found, "{path} with {forged} as {actor:?}: {}", answer.status);
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 500, "{tried}");
}
