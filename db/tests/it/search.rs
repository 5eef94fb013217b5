//! Search: whatever is stored is found, and so is what was typed with a typo; what is
//! gone is found no more.

use crate::support::list::list;
use db::{Actor, PgPool, clients};
use shared::ClientId;
use shared::accounts::Role;
use shared::clients::ClientQuery;
use std::collections::HashSet;
use testkit::typos::with_typo;
use testkit::{Dice, staff_actor};

const FIRSTS: [&str; 40] = [
    "Anna",
    "Margaret",
    "William",
    "Charlotte",
    "Élodie",
    "Mathieu",
    "Geneviève",
    "François",
    "Simran",
    "Gurpreet",
    "Rajesh",
    "Xiaoling",
    "Zhiming",
    "Fatima",
    "Khalid",
    "Lucía",
    "Joaquín",
    "Guadalupe",
    "Agnieszka",
    "Mykola",
    "Adaeze",
    "Kwabena",
    "Winston",
    "Catherine",
    "Jennifer",
    "Elizabeth",
    "Michael",
    "Robert",
    "Étienne",
    "Océane",
    "Оксана",
    "Богдан",
    "Наталія",
    "Сергій",
    "Keiko",
    "Haruto",
    "Ingrid",
    "Olivia",
    "Beatriz",
    "Santiago",
];
const LASTS: [&str; 50] = [
    "Campbell",
    "Fraser",
    "Sutherland",
    "Pritchard",
    "Gagnon",
    "Bouchard",
    "Lévesque",
    "Thériault",
    "Sharma",
    "Dhillon",
    "Chaudhry",
    "Krishnan",
    "Zhang",
    "Cheung",
    "Mansour",
    "Khoury",
    "Al-Masri",
    "Darwish",
    "Ramírez",
    "Oliveira",
    "Gonçalves",
    "Ibáñez",
    "Shevchenko",
    "Kovalenko",
    "Wiśniewski",
    "Bondarenko",
    "Adeyemi",
    "Owusu",
    "Baptiste",
    "Nakamura",
    "Hernández",
    "Tremblay",
    "Okafor",
    "Whitfield",
    "Macdonald",
    "O'Brien",
    "Шевченко",
    "Коваленко",
    "Мельник",
    "Лисенко",
    "Moretti",
    "Kowalczyk",
    "Ferreira",
    "Ouellet",
    "Desjardins",
    "Patterson",
    "Henderson",
    "Richardson",
    "Crawford",
    "Ferguson",
];

async fn desk(pool: &PgPool) -> Actor {
    staff_actor(pool, "Sam", &[Role::FrontDesk]).await
}

async fn people(pool: &PgPool, rows: &[(&str, &str)]) {
    let (firsts, lasts): (Vec<&str>, Vec<&str>) = rows.iter().copied().unzip();
    sqlx::query(
        "insert into client (id, kind, code, first_name, last_name, zone, email, mobile)
         select gen_random_uuid(), 'individual', 'T' || n, first, last, 'UTC', 'person' || n || '@example.org',
                '613 ' || 200 + n % 700 || ' ' || lpad((n * 37 % 10000)::text, 4, '0')
           from unnest($1::text[], $2::text[]) with ordinality p (first, last, n)",
    )
    .bind(firsts)
    .bind(lasts)
    .execute(pool)
    .await
    .unwrap();
}

async fn found(pool: &PgPool, actor: &Actor, q: &str) -> Vec<String> {
    let rows = clients::search(pool, actor, q, 10).await.unwrap();
    rows.into_iter().map(|row| row.name).collect()
}

async fn listed(pool: &PgPool, actor: &Actor, pairs: &[(&str, &str)]) -> Vec<String> {
    let query = ClientQuery::from_pairs(pairs.iter().copied());
    let page = list(pool, actor, &query, false).await.unwrap();
    page.rows.into_iter().map(|row| row.name).collect()
}

#[testkit::test]
async fn names_with_a_typo_are_among_the_first_five(pool: PgPool) {
    let desk = desk(&pool).await;
    let all: Vec<(&str, &str)> =
        FIRSTS.iter().flat_map(|first| LASTS.iter().map(move |last| (*first, *last))).collect();
    people(&pool, &all).await;
    let names: HashSet<String> = all.iter().map(|(first, last)| format!("{first} {last}").to_lowercase()).collect();
    let (mut dice, mut asked, mut missed) = (Dice::new(2026), 0, Vec::new());
    for (first, last) in all.iter().step_by(2) {
        let name = format!("{first} {last}");
        let turned = if dice.roll(3) == 0 { format!("{last} {first}") } else { name.clone() };
        let typo = with_typo(&turned, &mut dice).filter(|typo| !names.contains(typo));
        let Some(typo) = typo else { continue };
        asked += 1;
        if !found(&pool, &desk, &typo).await.iter().take(5).any(|shown| *shown == name) {
            missed.push(format!("{typo} ({name})"));
        }
    }
    assert!(asked > 700, "{asked}");
    assert!(missed.len() * 100 <= asked, "{} of {asked}: {missed:?}", missed.len());
}

#[testkit::test]
async fn whatever_is_stored_is_found(pool: PgPool) {
    let desk = desk(&pool).await;
    let mut dice = Dice::new(5);
    let mut all: Vec<(&str, &str)> = (0..60).map(|_| (FIRSTS[dice.roll(40)], LASTS[dice.roll(50)])).collect();
    all.extend([("小明", "王"), ("伟", "李"), ("محمد", "المصري"), ("सीता", "शर्मा"), ("Min-Ho", "Kim"), ("Cher", "")]);
    people(&pool, &all).await;
    let stored = sqlx::query!(
        r#"select number, code::text as "code!", first_name, last_name, email::text as "email!", mobile as "mobile!",
                  searchable(first_name || ' ' || last_name) as "plain!"
             from client"#
    );
    for row in stored.fetch_all(&pool).await.unwrap() {
        let name = format!("{} {}", row.first_name, row.last_name).trim().to_owned();
        let digits: String = row.mobile.chars().filter(char::is_ascii_digit).collect();
        for q in [
            name.clone(),
            name.to_uppercase(),
            format!("{} {}", row.last_name, row.first_name),
            row.plain,
            row.code.clone(),
            row.code.to_lowercase(),
            row.number.to_string(),
            row.email.clone(),
            row.email[..row.email.len() - 4].to_owned(),
            digits.clone(),
            row.mobile.clone(),
            digits[3..].to_owned(),
            format!("{} {}", row.first_name, row.code),
            format!("{} {}", row.email, row.last_name),
        ] {
            assert!(found(&pool, &desk, &q).await.contains(&name), "{q}: {name}");
        }
    }
    for (q, name) in
        [("王小", "小明 王"), ("王小明", "小明 王"), ("明", "小明 王"), ("李伟", "伟 李"), ("minho", "Min-Ho Kim")]
    {
        assert!(found(&pool, &desk, q).await.contains(&name.to_owned()), "{q}");
    }
}

#[testkit::test]
async fn changes_are_found_right_away_and_removed_words_are_not(pool: PgPool) {
    let desk = desk(&pool).await;
    let pat = staff_actor(&pool, "Pat", &[Role::Practitioner]).await;
    people(&pool, &[("Quentin", "Zimmermann"), ("Anna", "Schmidt")]).await;
    let assigned = "insert into client_practitioner (client_id, practitioner_id) select id, $1 from client";
    sqlx::query(assigned).bind(pat.id()).execute(&pool).await.unwrap();
    let run = async |sql: &'static str| {
        sqlx::query(sql).execute(&pool).await.unwrap();
    };
    // A practitioner of few finds the same in another way.
    let found = async |q: &str| {
        let by_desk = found(&pool, &desk, q).await;
        assert_eq!(found(&pool, &pat, q).await, by_desk, "{q}");
        by_desk
    };
    // What leads to those of a tag and of a practitioner by their words.
    let marked = async || {
        sqlx::query_scalar!(
            r#"select array(select word from client_word where word ~ '^[+][#~]' order by 1) as "words!""#
        )
        .fetch_one(&pool)
        .await
        .unwrap()
    };
    run("insert into tag (id, name) values ('00000000-0000-0000-0000-0000000000a1', 'Blue')").await;
    run("insert into client_tag (client_id, tag_id) select id, '00000000-0000-0000-0000-0000000000a1' from client")
        .await;
    assert_eq!(marked().await.len(), 8);
    assert_eq!(marked().await[0], "+#0000000000a1 anna");
    run("delete from client_tag where client_id = (select id from client where first_name = 'Anna')").await;
    assert_eq!(marked().await.iter().filter(|word| word.starts_with("+#")).count(), 2);

    assert_eq!(found("quentni").await, ["Quentin Zimmermann"]);
    run("update client set first_name = 'Balthasar', email = 'b@example.net' where first_name = 'Quentin'").await;
    assert!(found("quentin").await.is_empty());
    // Anna's is only close to it.
    assert_eq!(found("person1@").await, ["Anna Schmidt"]);
    assert_eq!(found("baltasar").await, ["Balthasar Zimmermann"]);
    assert_eq!(found("b@example").await, ["Balthasar Zimmermann"]);
    run("insert into client_phone (id, client_id, number) select gen_random_uuid(), id, '(905) 111-2222' from client where first_name = 'Anna'").await;
    assert_eq!(found("905 111").await, ["Anna Schmidt"]);
    run("delete from client_phone").await;
    assert!(found("905 111").await.is_empty());

    // Fields that are searched, by their words and by the labels of choices.
    run("insert into client_field (id, label, kind, in_search) values ('00000000-0000-0000-0000-0000000000f1', 'School', 'text', true),
         ('00000000-0000-0000-0000-0000000000f2', 'House', 'choice', true)").await;
    run("insert into client_field_choice (id, field_id, label) values
         ('00000000-0000-0000-0000-0000000000c1', '00000000-0000-0000-0000-0000000000f2', 'Hufflepuff')")
    .await;
    run("insert into client_field_value (client_id, field_id, words) select id, '00000000-0000-0000-0000-0000000000f1', 'École St-Jean'
           from client where first_name = 'Anna'").await;
    run("insert into client_field_value (client_id, field_id, choice_id) select id, '00000000-0000-0000-0000-0000000000f2',
         '00000000-0000-0000-0000-0000000000c1' from client where first_name = 'Balthasar'").await;
    for (q, name) in [
        ("ecole", "Anna Schmidt"),
        ("st-jean", "Anna Schmidt"),
        ("anna ecole", "Anna Schmidt"),
        ("huffle", "Balthasar Zimmermann"),
        ("zimm huffle", "Balthasar Zimmermann"),
    ] {
        assert_eq!(found(q).await, [name], "{q}");
    }
    run("update client_field_choice set label = 'Ravenclaw'").await;
    assert!(found("huffle").await.is_empty());
    assert_eq!(found("ravenclaw").await, ["Balthasar Zimmermann"]);
    run("update client_field set in_search = false").await;
    assert!(found("ecole").await.is_empty());

    run("update client set first_name = '', last_name = '', email = null, mobile = null, erased_at = now() where first_name = 'Anna'").await;
    assert!(found("schmidt").await.is_empty());
    assert_eq!(marked().await.len(), 4, "only Balthasar's are left");
    run("delete from client_practitioner").await;
    assert_eq!(marked().await.len(), 2);
    run("delete from client_tag").await;
    assert!(marked().await.is_empty());
    run("delete from client where first_name = 'Balthasar'").await;
    let left = sqlx::query_scalar!(
        r#"select (select count(*) from client_word) + (select count(*) from client_key) + (select count(*) from client_field_word)
                + (select count(*) from client_spelling) + (select count(*) from client_misspelling) as "left!""#
    );
    assert_eq!(left.fetch_one(&pool).await.unwrap(), 0);
}

#[testkit::test]
async fn filters_combine(pool: PgPool) {
    let desk = desk(&pool).await;
    let pat = staff_actor(&pool, "Pat", &[Role::Practitioner]).await;
    people(&pool, &[("Ann", "Aye"), ("Ann", "Bee"), ("Ann", "Cee"), ("Bob", "Dee")]).await;
    let tag = "00000000-0000-0000-0000-0000000000a1";
    for sql in [
        "insert into tag (id, name) values ('00000000-0000-0000-0000-0000000000a1', 'Blue')",
        "insert into location (id, name, zone) values ('00000000-0000-0000-0000-0000000000b1', 'North', 'UTC')",
        "insert into client_tag (client_id, tag_id) select id, '00000000-0000-0000-0000-0000000000a1' from client where last_name <> 'Aye'",
        "update client set status = 'inactive' where last_name = 'Cee'",
        "update client set location_id = '00000000-0000-0000-0000-0000000000b1' where last_name in ('Bee', 'Dee')",
    ] {
        sqlx::query(sql).execute(&pool).await.unwrap();
    }
    let place = "00000000-0000-0000-0000-0000000000b1";
    let assigned = "insert into client_practitioner (client_id, practitioner_id) select id, $1 from client where last_name in ('Bee', 'Cee')";
    sqlx::query(assigned).bind(pat.id()).execute(&pool).await.unwrap();
    let pat_id = pat.id().to_string();
    assert_eq!(listed(&pool, &desk, &[("tag", tag)]).await, ["Ann Bee", "Ann Cee", "Bob Dee"]);
    assert_eq!(listed(&pool, &desk, &[("tag", tag), ("sort", "-name")]).await, ["Bob Dee", "Ann Cee", "Ann Bee"]);
    assert_eq!(
        listed(&pool, &desk, &[("tag", tag), ("status", "active"), ("sort", "-number")]).await,
        ["Bob Dee", "Ann Bee"]
    );
    assert_eq!(listed(&pool, &desk, &[("q", "ann"), ("tag", tag), ("status", "active")]).await, ["Ann Bee"]);
    assert_eq!(listed(&pool, &desk, &[("q", "ann"), ("sort", "-name")]).await, ["Ann Cee", "Ann Bee", "Ann Aye"]);
    assert_eq!(listed(&pool, &desk, &[("location", place), ("kind", "individual")]).await, ["Ann Bee", "Bob Dee"]);
    assert_eq!(listed(&pool, &desk, &[("practitioner", &pat_id)]).await, ["Ann Bee", "Ann Cee"]);
    // What a practitioner asks for stays within the clients they see, by any way of finding.
    assert_eq!(listed(&pool, &pat, &[]).await, ["Ann Bee", "Ann Cee"]);
    for q in ["ann", "amn bee", "an", "ann bee", "bee", "an bwe"] {
        let seen = listed(&pool, &pat, &[("q", q)]).await;
        assert!(!seen.is_empty() && seen.iter().all(|name| name == "Ann Bee" || name == "Ann Cee"), "{q}: {seen:?}");
    }
    for q in ["dee", "t4", "person4@", "bob", "bbo", "Aye"] {
        assert!(
            listed(&pool, &pat, &[("q", q)]).await.iter().all(|name| name.starts_with("Ann") && name != "Ann Aye"),
            "{q}"
        );
    }
    sqlx::query("delete from client_practitioner").execute(&pool).await.unwrap();
    assert!(listed(&pool, &pat, &[("q", "ann")]).await.is_empty());
}

#[testkit::test]
async fn close_matches_are_shown_and_not_selected(pool: PgPool) {
    let desk = desk(&pool).await;
    people(&pool, &[("Simran", "Gill"), ("Simrin", "Gill"), ("Keiko", "Tanaka")]).await;
    let matching = async |q: &str| {
        let query = ClientQuery::from_pairs([("q", q)]);
        clients::matching(&mut pool.acquire().await.unwrap(), &desk, &query, false, 100).await.unwrap().len()
    };
    let page = list(&pool, &desk, &ClientQuery::from_pairs([("q", "simran")]), false).await.unwrap();
    assert_eq!((page.total, page.close, page.near_from), (2, 1, Some(1)));
    assert_eq!(matching("simran").await, 1);
    // In an order of one's own those who are only close have no place.
    assert_eq!(listed(&pool, &desk, &[("q", "simran"), ("sort", "-name")]).await, ["Simran Gill"]);
    // No one exactly: all are shown, none is selected.
    let page = list(&pool, &desk, &ClientQuery::from_pairs([("q", "simrn")]), false).await.unwrap();
    assert!(page.total > 0 && page.close == page.total && page.near_from == Some(0), "{page:?}");
    assert_eq!(matching("simrn").await, 0);
}

#[testkit::test]
async fn pages_of_common_words_repeat_no_client(pool: PgPool) {
    let desk = desk(&pool).await;
    let rows: Vec<(String, String)> = (0..7_000)
        .map(|n| (format!("Maria{}", n % 90), if n % 2 == 0 { "Martin".into() } else { "Lee".into() }))
        .collect();
    let rows: Vec<(&str, &str)> = rows.iter().map(|(first, last)| (first.as_str(), last.as_str())).collect();
    people(&pool, &rows).await;
    let (mut seen, mut query) = (HashSet::new(), ClientQuery::from_pairs([("q", "mar mart")]));
    for _ in 0..8 {
        let page = list(&pool, &desk, &query, false).await.unwrap();
        assert_eq!(page.rows.len(), 25);
        for row in page.rows {
            assert!(seen.insert(row.id), "{} stands on two pages", row.number);
        }
        query = ClientQuery { after: page.next.unwrap().to_string(), ..query };
    }
}

#[testkit::test]
async fn pages_of_one_address_repeat_no_client(pool: PgPool) {
    let desk = desk(&pool).await;
    sqlx::query(
        "insert into client (id, kind, code, first_name, last_name, email, mobile, zone, status)
         select gen_random_uuid(), 'individual', 'K' || n, 'Given' || n % 7, 'Family' || (n * 37) % 100,
                'k' || n || '@school.test', '416 555 ' || lpad(n::text, 4, '0'), 'UTC', case when n % 2 = 0 then 'active' else 'inactive' end
           from generate_series(1, 120) n",
    )
    .execute(&pool)
    .await
    .unwrap();
    for (q, status, count) in
        [("school", "", 120), ("416", "", 120), ("school", "active", 60), ("given1 school", "", 18)]
    {
        let (mut seen, mut query) = (HashSet::new(), ClientQuery::from_pairs([("q", q), ("status", status)]));
        let total = loop {
            let page = list(&pool, &desk, &query, false).await.unwrap();
            assert!(page.more || page.total == count, "{q}: {} in all", page.total);
            for row in page.rows {
                assert!(seen.insert(row.id), "{} stands on two pages of {q}", row.number);
            }
            match page.next {
                Some(next) => query = ClientQuery { after: next.to_string(), ..query },
                None => break page.total,
            }
        };
        assert_eq!((seen.len(), total), (count as usize, count), "{q} {status}");
    }
    // Anyone who is found by name and by address is counted once.
    let rows: Vec<(String, String)> = (0..30).map(|n| ("Amyfield".into(), format!("Row{n}"))).collect();
    let rows: Vec<(&str, &str)> = rows.iter().map(|(first, last)| (first.as_str(), last.as_str())).collect();
    people(&pool, &rows).await;
    sqlx::query("update client set email = 'amyfield' || number || '@amy.test' where first_name = 'Amyfield'")
        .execute(&pool)
        .await
        .unwrap();
    let page = list(&pool, &desk, &ClientQuery::from_pairs([("q", "amyfield")]), false).await.unwrap();
    assert_eq!((page.total, page.more), (30, false));
}

/// All clients that the pages of the list show for this query, but for those who are only close.
async fn pages(pool: &PgPool, actor: &Actor, mut query: ClientQuery) -> Vec<ClientId> {
    let mut all = Vec::new();
    loop {
        let page = list(pool, actor, &query, false).await.unwrap();
        let exactly = page.near_from.unwrap_or(page.rows.len());
        all.extend(page.rows.iter().take(exactly).map(|row| row.id));
        match page.next.filter(|_| exactly == page.rows.len()) {
            Some(next) => query = ClientQuery { after: next.to_string(), ..query },
            None => return all,
        }
    }
}

#[testkit::test]
async fn the_very_name_comes_first_under_any_filter(pool: PgPool) {
    let desk = desk(&pool).await;
    let mut rows: Vec<(String, String)> = (0..700).map(|n| ("Kimberley".into(), format!("Able{n}"))).collect();
    rows.push(("Kim".into(), "Zeta".into()));
    let rows: Vec<(&str, &str)> = rows.iter().map(|(first, last)| (first.as_str(), last.as_str())).collect();
    people(&pool, &rows).await;
    // One tag that many have, and one that few have.
    for (tag, of) in [("00000000-0000-0000-0000-0000000000a1", 1), ("00000000-0000-0000-0000-0000000000a2", 50)] {
        sqlx::query("insert into tag (id, name) values ($1::uuid, $1::text)").bind(tag).execute(&pool).await.unwrap();
        let tagged = "insert into client_tag (client_id, tag_id)
                      select id, $1::uuid from client where number % $2 = 0 or first_name = 'Kim'";
        sqlx::query(tagged).bind(tag).bind(of).execute(&pool).await.unwrap();
        for q in ["kim", "ki"] {
            let seen = listed(&pool, &desk, &[("q", q), ("tag", tag)]).await;
            assert_eq!(seen[0], "Kim Zeta", "{q} of a tag of one in {of}: {seen:?}");
            assert!(seen.len() > 5);
        }
    }
    assert_eq!(listed(&pool, &desk, &[("q", "kim")]).await[0], "Kim Zeta");
}

#[testkit::test]
async fn one_of_many_at_an_address_is_found_by_name(pool: PgPool) {
    let desk = desk(&pool).await;
    sqlx::query(
        "insert into client (id, kind, code, first_name, last_name, email, zone)
         select gen_random_uuid(), 'individual', 'K' || n, case when n > 2990 then 'Zelda' else 'Given' || n % 7 end,
                'Family' || n, 'a' || lpad(n::text, 5, '0') || '@school.test', 'UTC' from generate_series(1, 3000) n",
    )
    .execute(&pool)
    .await
    .unwrap();
    sqlx::query("insert into tag (id, name) values ('00000000-0000-0000-0000-0000000000a1', 'Blue')")
        .execute(&pool)
        .await
        .unwrap();
    sqlx::query("insert into client_tag (client_id, tag_id) select id, '00000000-0000-0000-0000-0000000000a1' from client where code::text > 'K24'")
        .execute(&pool)
        .await
        .unwrap();
    // More keys begin so than are looked at of several words.
    assert_eq!(listed(&pool, &desk, &[("q", "zelda school.test")]).await.len(), 10);
    assert_eq!(pages(&pool, &desk, ClientQuery::from_pairs([("q", "given1 school.test")])).await.len(), 428);
    // And than are looked at at first under a filter.
    let tag = ("tag", "00000000-0000-0000-0000-0000000000a1");
    let holders = sqlx::query_scalar!(r#"select count(*) as "n!" from client_tag"#).fetch_one(&pool).await.unwrap();
    assert!(holders > 600, "{holders}");
    assert_eq!(pages(&pool, &desk, ClientQuery::from_pairs([("q", "school"), tag])).await.len() as i64, holders);
}

/// What someone is found by, and whether they have the tag and the practitioner.
struct Known {
    id: ClientId,
    line: String,
    keys: Vec<String>,
    scope: [bool; 3],
}

/// The rule, without any index: all words begin words of the line; a single one
/// may begin a key instead, as may some of several if no one has them all.
fn matching(
    all: &[Known],
    scope: usize,
    tokens: &[(String, Vec<String>)],
    digits: Option<String>,
) -> HashSet<ClientId> {
    let within = || all.iter().filter(|known| known.scope[scope]);
    let named = |known: &Known, words: &[String]| words.iter().all(|word| known.line.contains(&format!(" {word}")));
    let keyed = |known: &Known, text: &str| known.keys.iter().any(|key| key.starts_with(text));
    let names = within().filter(|known| tokens.iter().all(|(_, words)| !words.is_empty() && named(known, words)));
    let names: HashSet<ClientId> = names.map(|known| known.id).collect();
    let by_key = |known: &&Known| match tokens {
        [(text, _)] => keyed(known, text) || digits.as_ref().is_some_and(|digits| keyed(known, digits)),
        many => {
            names.is_empty()
                && many.iter().any(|(text, _)| keyed(known, text))
                && many.iter().all(|(text, words)| named(known, words) || keyed(known, text))
        }
    };
    let keys: HashSet<ClientId> = within().filter(by_key).map(|known| known.id).collect();
    names.union(&keys).copied().collect()
}

#[testkit::test]
async fn every_way_of_finding_finds_the_same(pool: PgPool) {
    let desk = desk(&pool).await;
    let pat = staff_actor(&pool, "Pat", &[Role::Practitioner]).await;
    let mut dice = Dice::new(17);
    let all: Vec<(&str, &str)> = (0..900).map(|_| (FIRSTS[dice.roll(40)], LASTS[dice.roll(50)])).collect();
    people(&pool, &all).await;
    // A tag that many have, and a practitioner of few: each is looked for in another way.
    let tag = "00000000-0000-0000-0000-0000000000a1";
    for sql in [
        "insert into tag (id, name) values ('00000000-0000-0000-0000-0000000000a1', 'Blue')",
        "insert into client_tag (client_id, tag_id) select id, '00000000-0000-0000-0000-0000000000a1' from client where number % 3 > 0",
        "update client set email = 'kim' || number || '@sharma.test' where number % 11 = 0",
        "insert into client_field (id, label, kind, in_search) values ('00000000-0000-0000-0000-0000000000f1', 'School', 'text', true),
                ('00000000-0000-0000-0000-0000000000f2', 'House', 'choice', true)",
        "insert into client_field_choice (id, field_id, label) values
                ('00000000-0000-0000-0000-0000000000c1', '00000000-0000-0000-0000-0000000000f2', 'Robert House')",
        "insert into client_field_value (client_id, field_id, words)
         select id, '00000000-0000-0000-0000-0000000000f1', 'Campbell High' from client where number % 17 = 0",
        "insert into client_field_value (client_id, field_id, choice_id)
         select id, '00000000-0000-0000-0000-0000000000f2', '00000000-0000-0000-0000-0000000000c1' from client where number % 13 = 0",
    ] {
        sqlx::query(sql).execute(&pool).await.unwrap();
    }
    let assigned =
        "insert into client_practitioner (client_id, practitioner_id) select id, $1 from client where number % 5 = 2";
    sqlx::query(assigned).bind(pat.id()).execute(&pool).await.unwrap();
    let rows = sqlx::query!(
        r#"select c.id as "id: ClientId", s.line,
                  s.keys || array(select word from client_field_word w where w.number = s.number)
                         || array(select l from client_field_value v join client_field_choice o on o.id = v.choice_id
                                         cross join unnest(search_words(o.label) || search_fold(o.label)) l
                                   where v.client_id = c.id) as "keys!",
                  c.number % 3 > 0 as "tagged!", c.number % 5 = 2 as "assigned!"
             from client c join client_search s using (number)"#
    );
    let rows = rows.fetch_all(&pool).await.unwrap();
    let known: Vec<Known> = rows
        .into_iter()
        .map(|row| Known { id: row.id, line: row.line, keys: row.keys, scope: [true, row.tagged, row.assigned] })
        .collect();
    let start = |text: &str, length: usize| text.chars().take(length).collect::<String>();
    let mut found_some = [0; 3];
    for round in 0..150 {
        let (first, last) = (FIRSTS[dice.roll(40)], LASTS[dice.roll(50)]);
        let (short, long) = (1 + dice.roll(3), 2 + dice.roll(4));
        let q = match dice.roll(9) {
            0 => start(last, short),
            1 => format!("{} {}", start(first, long), start(last, short)),
            2 => format!("{} {first}", start(last, long)),
            3 => format!("person{}", dice.roll(90)),
            4 => format!("{} sharma.test", start(first, long)),
            5 => format!("6132{}", dice.roll(90)),
            6 => format!("{} campbell", start(first, short)),
            7 => format!("robert {}", start(last, short)),
            _ => format!("{} {} example.org", start(first, short), start(last, short)),
        };
        let tokens = sqlx::query!(
            r#"select search_fold(t) as "text!", search_words(t) as "words!" from unnest(string_to_array($1, ' ')) t"#,
            q
        );
        let tokens = tokens.fetch_all(&pool).await.unwrap();
        let tokens: Vec<_> = tokens.into_iter().map(|row| (row.text, row.words)).collect();
        let digits = q.chars().all(|c| c.is_ascii_digit()).then(|| format!("-{}", q.chars().rev().collect::<String>()));
        for (scope, actor, pairs) in
            [(0, &desk, vec![("q", q.as_str())]), (1, &desk, vec![("q", &q), ("tag", tag)]), (2, &pat, vec![("q", &q)])]
        {
            let query = ClientQuery::from_pairs(pairs);
            let mut conn = pool.acquire().await.unwrap();
            let found = clients::matching(&mut conn, actor, &query, false, 20_000).await.unwrap();
            drop(conn);
            let distinct: HashSet<ClientId> = found.iter().copied().collect();
            assert_eq!(distinct.len(), found.len(), "{q}: somebody comes twice");
            let rule = matching(&known, scope, &tokens, digits.clone());
            assert_eq!(distinct, rule, "{q}, scope {scope}");
            // The pages one after another say the same, in one order.
            if round % 5 == 0 {
                let paged = pages(&pool, actor, query).await;
                assert_eq!(paged, found, "the pages of {q}, scope {scope}");
            }
            found_some[scope] += usize::from(!found.is_empty());
        }
    }
    assert!(found_some.iter().all(|times| *times > 40), "{found_some:?}");
}
