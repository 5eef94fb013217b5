//! Who may do what: every cell of the table is asked for.

use super::table::{Function, PAGES, POSTS, SERVER, UPLOADS, functions};
use super::world::{ACTORS, World, main_part};
use crate::support::site;
use axum::http::{Method, StatusCode};
use db::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::collections::BTreeSet;
use std::time::Duration;
use testkit::Answer;

/// Whether there is anything of Mia's in what is shown.
fn has_mia(world: &World, body: &str) -> bool {
    let traces =
        ["Mia Okafor", "value=\"mia\"", "{mia_mail}", "{mia_id}", "{visit}", "{former_visit}", "{other_visit}"];
    traces.iter().any(|trace| main_part(body).contains(&world.fill(trace)))
}

/// The code of a refusal, or of being sent elsewhere.
fn refused(answer: &Answer) -> Option<char> {
    let to = answer.location();
    match answer.status {
        StatusCode::UNAUTHORIZED => Some('L'),
        StatusCode::NOT_FOUND => Some('N'),
        StatusCode::FORBIDDEN => Some('F'),
        StatusCode::GONE => Some('G'),
        _ if to == "/login" || to.starts_with("/login?next=") => Some('L'),
        _ => None,
    }
}

fn shown(world: &World, answer: &Answer) -> char {
    match refused(answer) {
        Some(code) => code,
        None if matches!(answer.location(), "/calendar" | "/my") => 'H',
        None if answer.status == StatusCode::OK => {
            if has_mia(world, &answer.body) {
                'Y'
            } else {
                'y'
            }
        }
        None => '?',
    }
}

/// What differs from the table.
#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn check(&mut self, what: &str, actor: &str, expected: char, answer: &Answer, got: char) {
        if expected != got {
            let (status, to) = (answer.status, answer.location());
            self.note(format!("{what} as {actor:?}: {got}, not {expected} ({status} {to})"));
        }
    }

    fn note(&mut self, words: String) {
        self.0.push(words);
    }

    fn none(self) {
        assert!(self.0.is_empty(), "\n{}\n", self.0.join("\n"));
    }
}

/// The codes of a row by actor.
fn cells(expected: &str) -> impl Iterator<Item = (&'static str, char)> + use<> {
    let codes: Vec<char> = expected.chars().filter(|code| !code.is_whitespace()).collect();
    assert_eq!(codes.len(), ACTORS.len(), "{expected}");
    ACTORS.into_iter().zip(codes)
}

fn same<T: Ord + std::fmt::Debug>(real: BTreeSet<T>, table: BTreeSet<T>) {
    let missing: Vec<_> = real.difference(&table).collect();
    let gone: Vec<_> = table.difference(&real).collect();
    assert!(missing.is_empty() && gone.is_empty(), "missing from the table: {missing:?}; in it still: {gone:?}");
}

#[test]
fn the_table_has_every_server_function() {
    let real = leptos::server_fn::axum::server_fn_paths().map(|(path, method)| (path.to_owned(), method.to_string()));
    let table = functions().iter().map(|row| (row.path.to_owned(), row.method.to_owned())).collect::<Vec<_>>();
    let distinct: BTreeSet<_> = table.iter().cloned().collect();
    assert_eq!(distinct.len(), table.len(), "a function stands in the table twice");
    same(real.collect(), distinct);
}

#[testkit::test]
async fn the_table_has_every_page(_pool: PgPool) {
    let routes = leptos_axum::generate_route_list(app::App);
    let functions: BTreeSet<_> = functions().iter().map(|row| row.path).collect();
    // Leptos writes `{number}`, the app `:number`.
    let path = |path: &str| path.replace('{', ":").replace('}', "");
    let real = routes.iter().map(|route| path(route.path())).filter(|path| !functions.contains(path.as_str()));
    same(real.collect(), PAGES.iter().map(|(route, ..)| (*route).to_owned()).collect());
}

/// A page that takes a second connection while it holds one waits for itself.
#[testkit::test]
async fn no_page_takes_a_second_connection_while_it_holds_one(pool: PgPool) {
    let options = PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(2));
    let one = options.connect_with((*pool.connect_options()).clone()).await.unwrap();
    let world = World::with_site(&pool, site(one)).await;
    let mut findings = Findings::default();
    for (_, address, expected) in PAGES {
        for (actor, expected) in cells(expected) {
            let answer = world.get(actor, address).await;
            findings.check(address, actor, expected, &answer, shown(&world, &answer));
        }
    }
    findings.none();
}

#[testkit::test]
async fn every_page_answers_as_the_table_says(pool: PgPool) {
    let world = World::new(&pool).await;
    let (before, mut findings) = (world.fingerprint().await, Findings::default());
    let rows = PAGES.iter().map(|(_, address, expected)| (*address, *expected)).chain(SERVER.iter().copied());
    for (address, expected) in rows {
        for (actor, expected) in cells(expected) {
            let answer = world.get(actor, address).await;
            let got = shown(&world, &answer);
            findings.check(address, actor, expected, &answer, got);
            if "LNF".contains(got) && has_mia(&world, &answer.body) {
                findings.note(format!("{address} as {actor:?}: refused, with something of Mia's in it"));
            }
        }
    }
    findings.none();
    assert_eq!(world.fingerprint().await, before, "looking at a page wrote something");
}

#[testkit::test]
async fn every_post_to_the_server_answers_as_the_table_says(pool: PgPool) {
    let world = World::new(&pool).await;
    let mut findings = Findings::default();
    for (path, fields, expected) in POSTS {
        for (actor, expected) in cells(expected) {
            let answer = world.post(actor, path, fields).await;
            let onwards = answer.location().ends_with(&world.fill("/clients/groups/new?clients={mia}"));
            let got = match refused(&answer) {
                Some(code) => code,
                None if answer.status == StatusCode::BAD_REQUEST => 'M',
                None if onwards || has_mia(&world, &answer.body) => 'Y',
                None if matches!(answer.status, StatusCode::OK | StatusCode::SEE_OTHER) => 'y',
                None => '?',
            };
            findings.check(path, actor, expected, &answer, got);
        }
    }
    findings.none();
}

#[testkit::test]
async fn every_form_with_a_file_answers_as_the_table_says(pool: PgPool) {
    let world = World::new(&pool).await;
    let mut findings = Findings::default();
    for (path, page, fields, expected) in UPLOADS {
        let fields = format!("_page={page}&{fields}");
        for (actor, expected) in cells(expected) {
            let before = world.fingerprint().await;
            // What is not theirs is not there, also for a file that would be refused.
            for file in [&b"no such file"[..], b"%PDF-1.7 new"] {
                let answer = world.upload(actor, path, &fields, &[("new.pdf", file)]).await;
                let got = match refused(&answer) {
                    Some(code) => code,
                    None if answer.status == StatusCode::SEE_OTHER => 'Y',
                    None if answer.status == StatusCode::UNPROCESSABLE_ENTITY && file[0] == b'n' => 'Y',
                    None => '?',
                };
                findings.check(path, actor, expected, &answer, got);
            }
            let wrote = world.fingerprint().await != before;
            if wrote != (expected == 'Y') {
                findings.note(format!("{path} as {actor:?}: wrote {wrote}"));
            }
            if wrote {
                world.put_back().await;
            }
        }
    }
    findings.none();
}

#[testkit::test]
async fn every_server_function_answers_as_the_table_says(pool: PgPool) {
    let world = World::new(&pool).await;
    let mut findings = Findings::default();
    for row in functions() {
        for (actor, expected) in cells(row.expected) {
            let before = world.fingerprint().await;
            let (answer, got) = ask(&world, &row, actor).await;
            let after = world.fingerprint().await;
            let tables: Vec<_> = after.difference(&before).map(|(table, _)| table.as_str()).collect();
            let wrote = !tables.is_empty();
            findings.check(row.path, actor, expected, &answer, got);
            // Logging out is all that can be done without anything to write; and asking for
            // likely duplicates is a post only so that names stand in no address.
            let asks = row.path == "/fn/clients/likely" || (row.path == "/fn/accounts/logout" && actor.is_empty());
            let writes = got == 'Y' && row.method == "POST" && !asks;
            if wrote != writes {
                findings.note(format!("{} as {actor:?}: {got}, and wrote: {tables:?}", row.path));
            }
            if wrote {
                world.put_back().await;
            } else if got != 'Y' && row.method == "POST" {
                // The same from a script, where no page hides the answer.
                let answer = world.ask(actor, Method::POST, row.path, row.fields, &[]).await;
                findings.check(row.path, actor, expected, &answer, refused(&answer).unwrap_or('Y'));
            }
        }
    }
    findings.none();
}

/// The fields with what no form takes in place of what was typed; ids and numbers stay.
fn spoilt(fields: &str) -> String {
    let pairs = fields.split('&').filter_map(|pair| pair.split_once('='));
    let spoil = |(name, value): (&str, &str)| {
        let names_something = value.starts_with('{') && value.ends_with('}');
        let stays = !name.starts_with("form[") || names_something || matches!(value, "true" | "false");
        format!("{name}={}", if stays { value } else { "\u{202e}no such thing" })
    };
    pairs.map(spoil).collect::<Vec<_>>().join("&")
}

/// Else the answer to a form would say that someone is there.
#[testkit::test]
async fn an_invalid_form_on_what_is_not_theirs_is_not_found_or_forbidden(pool: PgPool) {
    let world = World::new(&pool).await;
    let mut findings = Findings::default();
    for row in functions().iter().filter(|row| row.method == "POST") {
        let fields = spoilt(row.fields);
        for (actor, expected) in cells(row.expected).filter(|(_, expected)| "NF".contains(*expected)) {
            let answer = world.ask(actor, Method::POST, row.path, &fields, &[]).await;
            let malformed = answer.status == StatusCode::BAD_REQUEST;
            if !malformed {
                findings.check(row.path, actor, expected, &answer, refused(&answer).unwrap_or('?'));
            }
        }
    }
    findings.none();
}

async fn ask(world: &World, row: &Function, actor: &str) -> (Answer, char) {
    if row.method == "GET" {
        let answer = world.ask(actor, Method::GET, &format!("{}?{}", row.path, row.fields), "", &[]).await;
        let got = shown(world, &answer);
        return (answer, got);
    }
    let answer = world.post(actor, row.path, &format!("_page={}&{}", row.page, row.fields)).await;
    let got = match refused(&answer) {
        Some(code) => code,
        None if answer.status == StatusCode::SEE_OTHER => 'Y',
        None => '?',
    };
    (answer, got)
}

/// Assigned, but without permission to book.
#[testkit::test]
async fn a_practitioner_books_only_with_permission(pool: PgPool) {
    let world = World::new(&pool).await;
    let before = world.fingerprint().await;
    for row in functions().iter().filter(|row| row.path.starts_with("/fn/appointments/")) {
        let (answer, got) = ask(&world, row, "watcher").await;
        assert_eq!(got, 'F', "{}: {}", row.path, answer.status);
    }
    assert_eq!(world.get("watcher", "/clients/{mia}").await.status, StatusCode::OK);
    assert_eq!(world.fingerprint().await, before);
}

/// What a linked client has open when the link goes is of no use to them.
#[testkit::test]
async fn a_removed_link_ends_everything_right_away(pool: PgPool) {
    let world = World::new(&pool).await;
    let list = world.get("granted", "/my/appointments").await;
    assert!(list.body.contains(&world.fill("{visit}")) && list.body.contains("For Mia Okafor"));
    assert!(world.get("granted", "/book?service={talk}").await.body.contains("Mia Okafor"));
    assert_eq!(world.get("granted", "/my/appointments/{visit}/cancel").await.status, StatusCode::OK);

    world.unlink("granted").await;
    let after = world.fingerprint().await;
    for page in ["/my/appointments", "/book?service={talk}"] {
        let answer = world.get("granted", page).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(!has_mia(&world, &answer.body), "{page}");
    }
    assert_eq!(world.get("granted", "/my/appointments/{visit}/cancel").await.status, StatusCode::NOT_FOUND);
    for row in functions().iter().filter(|row| matches!(row.path, "/fn/portal/book" | "/fn/portal/cancel")) {
        assert_eq!(ask(&world, row, "granted").await.1, 'N', "{}", row.path);
    }
    assert_eq!(world.fingerprint().await, after);
}

/// A grant that is taken back, the link staying, ends as much.
#[testkit::test]
async fn a_grant_taken_back_ends_right_away(pool: PgPool) {
    let world = World::new(&pool).await;
    let fields = "_page=/clients/{mia}&number={mia}&other={granted}&form[other_label]=parent&form[own_label]=child&form[version]=1";
    assert_eq!(world.post("staff", "/fn/links/save", fields).await.status, StatusCode::SEE_OTHER);
    assert!(!has_mia(&world, &world.get("granted", "/my/appointments").await.body));
    assert_eq!(world.get("granted", "/my/appointments/{visit}/cancel").await.status, StatusCode::NOT_FOUND);
    for row in functions().iter().filter(|row| matches!(row.path, "/fn/portal/book" | "/fn/portal/cancel")) {
        assert_eq!(ask(&world, row, "granted").await.1, 'N', "{}", row.path);
    }
}
