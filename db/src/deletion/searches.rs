//! Searches that are kept: saved views of the client list, and the list that a
//! change of many clients came from. Those for an erased person go.

use crate::Result;
use shared::ClientId;
use sqlx::PgConnection;
use uuid::Uuid;

/// Takes the search out of each kept address that shares a word, or the
/// beginning of one, with what the client is found by. An address is encoded, so
/// it is read here and compared as the search itself compares.
pub(super) async fn forget(conn: &mut PgConnection, client: ClientId) -> Result<()> {
    let words = words_of(conn, client).await?;
    let views = sqlx::query!("select id, query from client_view where query ~ '(^|[?&])q=[^&]'");
    let views: Vec<(Uuid, String)> = views.fetch_all(&mut *conn).await?.into_iter().map(|v| (v.id, v.query)).collect();
    for (id, query) in named(conn, views, &words).await? {
        sqlx::query!("update client_view set query = $2 where id = $1", id, query).execute(&mut *conn).await?;
    }
    let changes = sqlx::query!("select id, back from bulk_change where back ~ '[?&]q=[^&]'");
    let changes: Vec<(Uuid, String)> =
        changes.fetch_all(&mut *conn).await?.into_iter().map(|change| (change.id, change.back)).collect();
    for (id, back) in named(conn, changes, &words).await? {
        sqlx::query!("update bulk_change set back = $2 where id = $1", id, back).execute(&mut *conn).await?;
    }
    Ok(())
}

/// What the client is found by, folded as the search folds it: each word, and
/// each text without what stands between its words.
async fn words_of(conn: &mut PgConnection, client: ClientId) -> Result<Vec<String>> {
    let texts = sqlx::query_scalar!(
        r#"select search_fold(said) as "said!"
             from client c,
                  lateral (select unnest(array[c.first_name, c.last_name, c.preferred_name, c.group_name, c.code::text, split_part(c.email::text, '@', 1),
                                               regexp_replace(c.email::text, '[^[:alnum:]]', '', 'g'),
                                               c.mobile, c.card_number, c.veteran_id, c.case_number, c.fee_programme_number,
                                               c.first_name || ' ' || c.last_name, c.last_name || ' ' || c.first_name])
                           union all select number from client_phone where client_id = c.id
                           union all select name from client_contact where client_id = c.id
                           union all select phone from client_contact where client_id = c.id
                           union all select split_part(email, '@', 1) from client_contact where client_id = c.id) all_of_it (said)
            where c.id = $1 and said is not null"#,
        client.0
    );
    let texts = texts.fetch_all(conn).await?;
    let mut words: Vec<String> = texts.iter().flat_map(|text| pieces(text)).collect();
    words.sort();
    words.dedup();
    Ok(words)
}

/// The addresses that search for one of the words, without their searches.
async fn named(conn: &mut PgConnection, kept: Vec<(Uuid, String)>, words: &[String]) -> Result<Vec<(Uuid, String)>> {
    let searches: Vec<String> = kept.iter().map(|(_, address)| search_in(address)).collect();
    let folded = sqlx::query_scalar!(
        r#"select search_fold(replace(q, chr(65533), ' ')) as "q!" from unnest($1::text[]) with ordinality as t (q, n) order by n"#,
        &searches
    );
    let folded = folded.fetch_all(conn).await?;
    let meant = kept.into_iter().zip(folded).filter(|(_, q)| is_for(q, words));
    Ok(meant.map(|((id, address), _)| (id, without_search(&address))).collect())
}

/// The words of a folded text, and the whole of it in one.
fn pieces(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let whole: String = words.clone().collect();
    words.map(str::to_owned).chain((!whole.is_empty()).then_some(whole.clone())).collect()
}

/// Whether a search may be for someone with these words: as it was typed to its
/// end, or only as far as it was.
fn is_for(search: &str, words: &[String]) -> bool {
    let begins = |typed: &String, word: &String| {
        typed == word || typed.chars().count() > 1 && (word.starts_with(typed) || is_number_in(typed, word))
    };
    pieces(search).iter().any(|typed| words.iter().any(|word| begins(typed, word)))
}

/// Numbers are looked for by their ends as well.
fn is_number_in(typed: &str, word: &str) -> bool {
    typed.len() > 3 && typed.bytes().all(|byte| byte.is_ascii_digit()) && word.contains(typed)
}

/// An address or a query string in its parts: what stands before the pairs, and
/// the pairs.
fn parts(address: &str) -> (&str, &str) {
    match address.split_once('?') {
        Some((path, query)) => (&address[..path.len() + 1], query),
        None => ("", address),
    }
}

fn search_in(address: &str) -> String {
    let (_, query) = parts(address);
    let pairs = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "q");
    pairs.map(|(_, q)| q.replace('\0', " ")).collect::<Vec<_>>().join(" ")
}

fn without_search(address: &str) -> String {
    let (before, query) = parts(address);
    let is_search = |pair: &&str| form_urlencoded::parse(pair.as_bytes()).any(|(name, _)| name == "q");
    let rest = query.split('&').filter(|pair| !is_search(pair)).collect::<Vec<_>>().join("&");
    match rest.is_empty() {
        true => before.trim_end_matches('?').to_owned(),
        false => format!("{before}{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_search_is_read_and_taken_out() {
        for (address, search, rest) in [
            ("q=Zo%C3%A9&status=active", "Zoé", "status=active"),
            ("/clients?q=O%27Brien", "O'Brien", "/clients"),
            ("/clients?tag=1&q=Anna+Maria&sort=name", "Anna Maria", "/clients?tag=1&sort=name"),
            ("%71=Bell", "Bell", ""),
        ] {
            assert_eq!((search_in(address).as_str(), without_search(address).as_str()), (search, rest));
        }
    }

    #[test]
    fn a_word_shared_or_begun_is_theirs() {
        let words: Vec<String> =
            ["o'brien", "zoe", "zoe.ob", "zoeobkintest", "416 555 0123"].iter().flat_map(|w| pieces(w)).collect();
        for search in [
            "zoe",
            "zo",
            "obrien",
            "o'brien",
            "brien",
            "zoe okafor",
            "zoe.ob@kin.test",
            "zoe.ob@ki",
            "4165550123",
            "0123",
            "555-0123",
        ] {
            assert!(is_for(search, &words), "{search}");
        }
        for search in ["", "okafor", "z", "mia", "12", "zoetrope", "kin.test"] {
            assert!(!is_for(search, &words), "{search}");
        }
    }
}
