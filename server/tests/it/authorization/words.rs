//! The practice's own word for a client: no page says another.

use super::table::{PAGES, functions};
use super::world::{ACTORS, World};
use db::PgPool;
use shared::clients::columns::Column;
use std::collections::BTreeSet;

/// Attributes that people read or hear.
const READ: [&str; 6] = ["aria-label", "alt", "content", "data-summary", "placeholder", "title"];

/// The texts of a page, and the attributes that are read.
fn texts(html: &str) -> Vec<String> {
    let (mut texts, mut rest) = (Vec::new(), html);
    while let Some(open) = rest.find('<') {
        texts.push(rest[..open].to_owned());
        let close = rest[open..].find('>').map_or(rest.len(), |at| open + at);
        let tag = &rest[open..close];
        for name in READ {
            let value = tag.split_once(&format!(" {name}=\"")).and_then(|(_, value)| value.split('"').next());
            texts.extend(value.map(str::to_owned));
        }
        rest = rest.get(close + 1..).unwrap_or_default();
        for unread in ["script", "style"] {
            if tag.starts_with(&format!("<{unread}")) {
                rest = rest.split_once(&format!("</{unread}>")).map_or("", |(_, behind)| behind);
            }
        }
    }
    texts.push(rest.to_owned());
    texts
}

/// The words themselves, where the practice chooses one.
const OFFERED: &str = "client, clients";

/// Pages of the matrix as they are when no one is found.
const EMPTY: [&str; 6] = [
    "/clients?q=Xqzwvy",
    "/clients/mine?q=Xqzwvy",
    "/activities?client=1",
    "/activities?client_q=Xqzwvy",
    "/appointments/new?client_q=Xqzwvy",
    "/clients/prospects?q=Xqzwvy",
];

/// Whether someone is called a client, or clients are.
fn says_client(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    words.into_iter().any(|word| word == "client" || word == "clients")
}

#[test]
fn what_is_read_is_found() {
    let html = "<head><title>A client</title><style>.client{}</style></head><p class=\"client\" title=\"All Clients\">Clientele</p>tail";
    let texts = texts(html);
    assert_eq!(texts.iter().filter(|text| says_client(text)).collect::<Vec<_>>(), ["A client", "All Clients"]);
    assert!(texts.contains(&"Clientele".to_owned()) && texts.contains(&"tail".to_owned()));
}

#[testkit::test]
async fn every_page_says_the_practices_word(pool: PgPool) {
    let world = World::new(&pool).await;
    let pupils = async || {
        let sql = "update practice set client_word = 'pupil', client_word_plural = 'pupils'";
        sqlx::query(sql).execute(&pool).await.unwrap();
    };
    pupils().await;
    let mut said = BTreeSet::new();
    let mut listen = |what: &str, body: &str| {
        let texts = texts(body).into_iter().filter(|text| says_client(text) && text != OFFERED);
        said.extend(texts.map(|text| format!("{what}: {}", text.trim())));
    };
    for actor in ACTORS {
        for address in PAGES.iter().map(|(_, address, _)| *address).chain(EMPTY) {
            listen(address, &world.get(actor, address).await.body);
        }
    }
    // What a form is answered that is sent empty.
    for row in functions().into_iter().filter(|row| row.method == "POST" && !row.page.is_empty()) {
        for actor in ["", "mia", "assigned", "admin"] {
            world.put_back().await;
            pupils().await;
            listen(row.path, &world.post(actor, row.path, &format!("_page={}", row.page)).await.body);
        }
    }
    assert!(said.is_empty(), "{said:#?}");
}

/// The label of the input with this id: a checkbox stands inside its label, before the words.
fn label_of<'a>(html: &'a str, id: &str) -> Option<&'a str> {
    let (_, label) = html.split_once(&format!("for=\"{id}\""))?;
    let (_, words) = label.split_once('>')?;
    let words =
        words.strip_prefix("<input").and_then(|rest| rest.split_once("<span>")).map_or(words, |(_, words)| words);
    words.split('<').next()
}

/// The list, files, the profile and the comparison of a merge use [`Column::label`] itself; the form names its
/// inputs by their ids.
#[testkit::test]
async fn every_field_of_a_client_has_one_label(pool: PgPool) {
    let world = World::new(&pool).await;
    let body = world.get("admin", "/clients/{mia}/edit").await.body;
    let mut seen = 0;
    for column in Column::ALL.iter().filter(|column| **column != Column::Code) {
        let id = format!("f-{}", column.as_str().replace('_', "-"));
        if let Some(label) = label_of(&body, &id) {
            assert_eq!(label.replace("&#39;", "'"), column.form_label(), "{id}");
            seen += 1;
        }
    }
    assert!(seen > 25, "the form has {seen} of the columns");
    for group in db::merge::GROUPS {
        if let Ok(column) = group.name.parse::<Column>()
            && group.columns.len() == 1
        {
            assert_eq!(group.label, column.label());
        }
    }
}
