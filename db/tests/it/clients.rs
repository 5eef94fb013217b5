//! Clients: codes, required contact, who sees what, stale saves, search.

use crate::support::list::list;
use db::clients::{self, NewClient};
use db::{Actor, PgPool};
use shared::accounts::Role;
use shared::clients::{ClientForm, ClientQuery, Status};
use shared::{ClientNumber, Problem, Refusal};
use testkit::{client_actor, refusal, staff_actor};

fn form(first: &str, last: &str) -> ClientForm {
    ClientForm {
        first_name: first.into(),
        last_name: last.into(),
        zone: "America/Toronto".into(),
        ..Default::default()
    }
}

async fn desk(pool: &PgPool) -> Actor {
    staff_actor(pool, "Dana", &[Role::FrontDesk]).await
}

async fn practitioner(pool: &PgPool) -> Actor {
    staff_actor(pool, "Pat", &[Role::Practitioner]).await
}

async fn make(pool: &PgPool, actor: &Actor, form: ClientForm) -> NewClient {
    clients::create(pool, actor, form).await.unwrap()
}

fn problem<T: std::fmt::Debug>(answer: db::Result<T>, field: &str) -> Option<Problem> {
    match refusal(answer) {
        Refusal::Invalid(errors) => errors.get(field).cloned(),
        other => panic!("{other:?}"),
    }
}

async fn count(pool: &PgPool) -> i64 {
    sqlx::query_scalar("select count(*) from client").fetch_one(pool).await.unwrap()
}

/// The names found by a search, in order.
async fn found(pool: &PgPool, actor: &Actor, q: &str) -> Vec<String> {
    let query = ClientQuery { q: q.into(), ..Default::default() };
    let page = list(pool, actor, &query, false).await.unwrap();
    assert_eq!(page.total as usize, page.rows.len(), "{q}");
    page.rows.into_iter().map(|row| row.name).collect()
}

#[testkit::test]
async fn a_code_is_unique_whatever_its_case(pool: PgPool) {
    let desk = desk(&pool).await;
    make(&pool, &desk, ClientForm { code: "mia1".into(), ..form("Mia", "Okafor") }).await;
    let again = clients::create(&pool, &desk, ClientForm { code: "MIA1".into(), ..form("Mia", "Other") }).await;
    assert_eq!(problem(again, "code"), Some(Problem::Taken));
    let other = make(&pool, &desk, form("Ana", "Silva")).await;
    let stored = testkit::reads::profile(&pool, &desk, other.number).await.unwrap().form();
    let renamed = clients::update(&pool, &desk, other.number, ClientForm { code: "MiA1".into(), ..stored }).await;
    assert_eq!(problem(renamed, "code"), Some(Problem::Taken));
    assert_eq!(count(&pool).await, 2);
}

#[testkit::test]
async fn two_clients_suggested_the_same_code_both_get_one(pool: PgPool) {
    let desk = desk(&pool).await;
    let (one, two, three) = tokio::join!(
        clients::create(&pool, &desk, form("Mia", "Okafor")),
        clients::create(&pool, &desk, form("Max", "Olsen")),
        clients::create(&pool, &desk, form("Mo", "Orr")),
    );
    let mut codes = Vec::new();
    for client in [one, two, three] {
        codes.push(testkit::reads::profile(&pool, &desk, client.unwrap().number).await.unwrap().code);
    }
    codes.sort();
    assert_eq!(codes, ["MO1", "MO2", "MO3"]);
    assert_eq!(clients::suggest_code(&pool, "Mel", "Otis").await.unwrap(), "MO4");
}

#[testkit::test]
async fn a_suggested_code_reads_accents(pool: PgPool) {
    for (first, last, code) in [("Émile", "Évil", "EE1"), ("Øyvind", "Łuczak", "OL1"), ("王", "小明", "C1")] {
        assert_eq!(clients::suggest_code(&pool, first, last).await.unwrap(), code, "{first} {last}");
    }
}

#[testkit::test]
async fn a_client_who_used_the_services_cannot_be_a_prospect(pool: PgPool) {
    let desk = desk(&pool).await;
    let client = make(&pool, &desk, form("Mia", "Okafor")).await;
    clients::set_status(&pool, &desk, client.number, Status::Prospect).await.unwrap();
    assert_eq!(clients::set_status(&pool, &desk, client.number, Status::Active).await.unwrap(), Status::Prospect);
    for sql in [
        "insert into activity (id, staff_id, type_id, held_on, minutes, request_key)
         select gen_random_uuid(), s.id, t.id, now(), 50, gen_random_uuid()
           from staff_member s, term t where t.vocabulary = 'activity_type' limit 1",
        "insert into activity_client select a.id, c.id from activity a, client c",
    ] {
        sqlx::query(sql).execute(&pool).await.unwrap();
    }
    let refused = clients::set_status(&pool, &desk, client.number, Status::Prospect).await;
    assert_eq!(problem(refused, "status"), Some(Problem::NeverUsed));
    let stored = testkit::reads::profile(&pool, &desk, client.number).await.unwrap().form();
    let edited = ClientForm { status: "prospect".into(), ..stored };
    assert_eq!(problem(clients::update(&pool, &desk, client.number, edited).await, "status"), Some(Problem::NeverUsed));
    clients::set_status(&pool, &desk, client.number, Status::Inactive).await.unwrap();
}

#[testkit::test]
async fn a_suggestion_is_found_when_all_of_its_kind_are_taken(pool: PgPool) {
    sqlx::query(
        "insert into client (id, kind, code, first_name, zone)
         select gen_random_uuid(), 'individual', 'MO' || n, 'x', 'UTC' from generate_series(1, 9999) n",
    )
    .execute(&pool)
    .await
    .unwrap();
    assert_eq!(clients::suggest_code(&pool, "Mia", "Okafor").await.unwrap(), "M1");
}

#[testkit::test]
async fn a_refused_form_stores_nothing_and_tells_every_problem(pool: PgPool) {
    let desk = desk(&pool).await;
    let bad =
        ClientForm { email_consent: true, sms_consent: true, zone: "Mars/Olympus".into(), ..form("Mia", "Okafor") };
    let Refusal::Invalid(errors) = refusal(clients::create(&pool, &desk, bad).await) else { panic!() };
    assert_eq!(errors.get("email"), Some(&Problem::EmailForConsent));
    assert_eq!(errors.get("mobile"), Some(&Problem::MobileForSms));
    assert_eq!(errors.get("zone"), Some(&Problem::UnknownZone));
    let unknown = ClientForm { practitioners: vec![db::new_id().to_string()], ..form("Mia", "Okafor") };
    assert_eq!(problem(clients::create(&pool, &desk, unknown).await, "practitioners"), Some(Problem::Unknown));
    let staff_only = ClientForm { practitioners: vec![desk.id().to_string()], ..form("Mia", "Okafor") };
    assert_eq!(problem(clients::create(&pool, &desk, staff_only).await, "practitioners"), Some(Problem::Unknown));
    assert_eq!(count(&pool).await, 0);
}

#[testkit::test]
async fn notes_are_for_the_front_desk_alone(pool: PgPool) {
    let (desk, pat) = (desk(&pool).await, practitioner(&pool).await);
    let assigned = vec![pat.id().to_string()];
    let client =
        make(&pool, &desk, ClientForm { notes: "owes us".into(), practitioners: assigned, ..form("Mia", "Okafor") })
            .await;
    assert_eq!(testkit::reads::profile(&pool, &desk, client.number).await.unwrap().notes.as_deref(), Some("owes us"));
    let seen = testkit::reads::profile(&pool, &pat, client.number).await.unwrap();
    assert_eq!(seen.notes, None);
    let forged = ClientForm { notes: "forged".into(), status: "inactive".into(), practitioners: vec![], ..seen.form() };
    clients::update(&pool, &pat, client.number, ClientForm { pronouns: "she/her".into(), ..forged }).await.unwrap();
    let stored = testkit::reads::profile(&pool, &desk, client.number).await.unwrap();
    assert_eq!(stored.notes.as_deref(), Some("owes us"));
    assert_eq!((stored.status, stored.pronouns.as_str(), stored.practitioners.len()), (Status::Active, "she/her", 1));
    let noted = testkit::reads::profile(&pool, &desk, client.number).await.unwrap().form();
    clients::update(&pool, &desk, client.number, ClientForm { notes: "owes us more".into(), ..noted }).await.unwrap();
    let told =
        |lines: Vec<db::audit::AuditLine>| lines.into_iter().any(|line| line.fields.contains(&"notes".to_owned()));
    assert!(told(testkit::reads::history(&pool, &desk, client.number).await.unwrap()));
    let seen = testkit::reads::history(&pool, &pat, client.number).await.unwrap();
    // Made, and changed by themself; that the front desk wrote something is not told.
    assert_eq!(seen.len(), 2);
    assert!(!told(seen));
    let own = make(&pool, &pat, ClientForm { notes: "mine".into(), ..form("Ana", "Silva") }).await;
    assert_eq!(testkit::reads::profile(&pool, &desk, own.number).await.unwrap().notes.as_deref(), Some(""));
}

#[testkit::test]
async fn a_practitioner_sees_and_makes_only_their_own(pool: PgPool) {
    let (desk, pat, kim) = (desk(&pool).await, practitioner(&pool).await, practitioner(&pool).await);
    let other = make(&pool, &desk, form("Ana", "Silva")).await;
    let own =
        make(&pool, &pat, ClientForm { practitioners: vec![kim.id().to_string()], ..form("Mia", "Okafor") }).await;
    assert_eq!(refusal(testkit::reads::profile(&pool, &pat, other.number).await), Refusal::NotFound);
    assert_eq!(refusal(testkit::reads::history(&pool, &pat, other.number).await), Refusal::NotFound);
    assert_eq!(refusal(clients::update(&pool, &pat, other.number, form("Eve", "Silva")).await), Refusal::NotFound);
    assert_eq!(refusal(clients::set_status(&pool, &pat, other.number, Status::Inactive).await), Refusal::NotFound);
    assert_eq!(refusal(clients::set_status(&pool, &pat, own.number, Status::Inactive).await), Refusal::Forbidden);
    assert_eq!(found(&pool, &pat, "").await, ["Mia Okafor"]);
    assert!(found(&pool, &pat, "silva").await.is_empty());
    assert!(clients::search(&pool, &pat, "silva", 10).await.unwrap().is_empty());
    assert!(found(&pool, &kim, "").await.is_empty());
    assert_eq!(list(&pool, &desk, &ClientQuery::default(), true).await.unwrap().total, 0);
    let somebody = client_actor(&pool, "Zed").await;
    assert_eq!(refusal(list(&pool, &somebody, &ClientQuery::default(), false).await), Refusal::NotFound);
    assert_eq!(refusal(clients::create(&pool, &somebody, form("A", "B")).await), Refusal::NotFound);
}

#[testkit::test]
async fn a_stale_save_changes_nothing(pool: PgPool) {
    let desk = desk(&pool).await;
    let client = make(&pool, &desk, form("Mia", "Okafor")).await;
    let opened = testkit::reads::profile(&pool, &desk, client.number).await.unwrap().form();
    let first = ClientForm { alert: "Allergic to cats".into(), ..opened.clone() };
    clients::update(&pool, &desk, client.number, first).await.unwrap();
    let second = ClientForm { alert: "Afraid of dogs".into(), ..opened.clone() };
    assert_eq!(refusal(clients::update(&pool, &desk, client.number, second).await), Refusal::Stale);
    let unversioned = ClientForm { version: String::new(), ..opened };
    assert_eq!(refusal(clients::update(&pool, &desk, client.number, unversioned).await), Refusal::Stale);
    let stored = testkit::reads::profile(&pool, &desk, client.number).await.unwrap();
    assert_eq!((stored.alert.as_str(), stored.version), ("Allergic to cats", 2));
    let history = testkit::reads::history(&pool, &desk, client.number).await.unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!((history[0].action.as_str(), history[0].fields.as_slice()), ("update", ["alert".to_owned()].as_slice()));
}

/// Gives the client a log-in with an open session, and a claim link.
async fn let_in(pool: &PgPool, client: NewClient) {
    let (account, id) = (db::new_id(), client.id.0);
    for statement in [
        "insert into account (id, username, client_id) values ($1, $1::text, $2)",
        "insert into session (id_hash, account_id, data, expires_at)
         select uuid_send($2), $1, '{}', now() + interval '1 hour'",
        "insert into account_link (id, kind, secret_hash, client_id, expires_at)
         select $1, 'claim', uuid_send($1), $2, now() + interval '1 hour'",
    ] {
        sqlx::query(statement).bind(account).bind(id).execute(pool).await.unwrap();
    }
}

async fn sessions(pool: &PgPool) -> i64 {
    sqlx::query_scalar("select count(*) from session").fetch_one(pool).await.unwrap()
}

#[testkit::test]
async fn leaving_active_ends_sessions_and_claim_links(pool: PgPool) {
    let desk = desk(&pool).await;
    for by_form in [true, false] {
        let client = make(&pool, &desk, form("Mia", "Okafor")).await;
        let_in(&pool, client).await;
        let stored = testkit::reads::profile(&pool, &desk, client.number).await.unwrap();
        assert!(stored.invited_until.is_some() && stored.username.is_some());
        if by_form {
            let form = ClientForm { status: "inactive".into(), ..stored.form() };
            clients::update(&pool, &desk, client.number, form).await.unwrap();
        } else {
            clients::set_status(&pool, &desk, client.number, Status::Prospect).await.unwrap();
        }
        assert_eq!(sessions(&pool).await, 0);
        assert_eq!(testkit::reads::profile(&pool, &desk, client.number).await.unwrap().invited_until, None);
    }
}

#[testkit::test]
async fn a_corrected_address_voids_the_claim_link_sent_to_the_old_one(pool: PgPool) {
    let desk = desk(&pool).await;
    let client = make(&pool, &desk, ClientForm { email: "old@example.com".into(), ..form("Mia", "Okafor") }).await;
    let_in(&pool, client).await;
    let stored = testkit::reads::profile(&pool, &desk, client.number).await.unwrap();
    clients::update(&pool, &desk, client.number, ClientForm { email: "new@example.com".into(), ..stored.form() })
        .await
        .unwrap();
    assert_eq!(testkit::reads::profile(&pool, &desk, client.number).await.unwrap().invited_until, None);
    assert_eq!(sessions(&pool).await, 1);
}

#[testkit::test]
async fn a_client_is_found_by_anything_the_front_desk_hears(pool: PgPool) {
    let desk = desk(&pool).await;
    let jose = ClientForm {
        email: "j.garcia@example.com".into(),
        mobile: "+1 (416) 555-0123".into(),
        code: "JG77".into(),
        preferred_name: "Pepe".into(),
        ..form("José", "García")
    };
    let jose = make(&pool, &desk, jose).await;
    make(&pool, &desk, form("Shauna", "O'Brien de la Cruz")).await;
    make(&pool, &desk, form("Katherine", "Shevchenko")).await;
    make(&pool, &desk, form("Wei", "Li")).await;
    let number = jose.number.to_string();
    for q in [
        "garcia",
        "GARCÍA",
        "garcia jose",
        "  jose   gar ",
        "jo",
        "ga",
        "j",
        "pepe",
        "jg77",
        "JG",
        "j.garcia@ex",
        "garcia@",
        &number,
        "#1001",
        "416 555 0123",
        "14165550123",
        "+1-416-555-0123",
        "5550123",
        "0123",
        "garcai",
        "jose garcai",
    ] {
        assert_eq!(found(&pool, &desk, q).await, ["Pepe García"], "{q}");
    }
    for q in ["obrien", "de la cruz", "o'brien", "cruz sh", "shona obrien"] {
        assert_eq!(found(&pool, &desk, q).await, ["Shauna O'Brien de la Cruz"], "{q}");
    }
    for q in ["shevhenko", "Catherine", "katharine"] {
        assert_eq!(found(&pool, &desk, q).await, ["Katherine Shevchenko"], "{q}");
    }
    assert_eq!(found(&pool, &desk, "li").await, ["Wei Li"]);
    for q in [
        "%%%",
        "_____",
        "\\",
        "0'; drop table client",
        "99999999999999999999",
        "\u{0}xyzzy",
        "🙂",
        "</textarea><script>",
    ] {
        assert!(found(&pool, &desk, q).await.is_empty(), "{q}");
    }
    found(&pool, &desk, &"long ".repeat(2_000)).await;
    let picked = clients::search(&pool, &desk, "g", 10).await.unwrap();
    assert_eq!(picked.len(), 1);
    assert!(clients::search(&pool, &desk, "  ", 10).await.unwrap().is_empty());
}

#[testkit::test]
async fn the_very_code_or_number_comes_first(pool: PgPool) {
    let desk = desk(&pool).await;
    make(&pool, &desk, ClientForm { mobile: "416 100 2555".into(), ..form("Aaron", "Abbot") }).await;
    make(&pool, &desk, ClientForm { code: "ZZ9".into(), ..form("Zoe", "Zuckerman") }).await;
    make(&pool, &desk, ClientForm { email: "zz9@example.com".into(), ..form("Bo", "Berg") }).await;
    assert_eq!(found(&pool, &desk, "1002").await, ["Zoe Zuckerman", "Aaron Abbot"]);
    assert_eq!(found(&pool, &desk, "zz9").await, ["Zoe Zuckerman", "Bo Berg"]);
}

#[testkit::test]
async fn the_list_is_ordered_filtered_and_in_pages(pool: PgPool) {
    let desk = desk(&pool).await;
    sqlx::query(
        "insert into client (id, kind, code, first_name, last_name, zone, status)
         select gen_random_uuid(), 'individual', 'A' || n, 'Ann', 'N' || lpad(n::text, 3, '0'), 'UTC',
                case when n % 2 = 0 then 'active' else 'inactive' end
           from generate_series(1, 120) n",
    )
    .execute(&pool)
    .await
    .unwrap();
    let query = |q: &str, status: &str| ClientQuery { q: q.into(), status: status.into(), ..Default::default() };
    for q in ["", "ann"] {
        // Forwards to the end, and back again, every row once.
        let (mut names, mut asked, mut back) = (Vec::new(), query(q, ""), Vec::new());
        let last = loop {
            let page = list(&pool, &desk, &asked, false).await.unwrap();
            assert_eq!((page.total, page.more, page.skipped), (120, false, Some(names.len() as u32)), "{q}");
            names.extend(page.rows.iter().map(|row| row.name.clone()));
            match page.next {
                Some(cursor) => asked = asked.after(cursor),
                None => break page,
            }
        };
        assert_eq!((names.len(), names[100].as_str()), (120, "Ann N101"));
        assert!(names.is_sorted());
        let end = list(&pool, &desk, &asked.last_page(), false).await.unwrap();
        assert_eq!((end.rows.len(), end.skipped, &end.rows), (20, Some(100), &last.rows), "{q}");
        let mut page = end;
        loop {
            back.splice(0..0, page.rows.iter().map(|row| row.name.clone()));
            let Some(cursor) = page.previous else { break };
            page = list(&pool, &desk, &asked.before(cursor), false).await.unwrap();
        }
        assert_eq!((back, page.skipped), (names, Some(0)), "{q}");
        let active = list(&pool, &desk, &query(q, "active"), false).await.unwrap();
        assert_eq!((active.total, active.rows[0].name.as_str()), (60, "Ann N002"));
    }
    // A cursor at someone who is gone, and a status that is none, ask for nothing.
    let gone = ClientQuery { after: "99999.50".into(), ..Default::default() };
    assert_eq!(list(&pool, &desk, &gone, false).await.unwrap().skipped, Some(0));
    assert_eq!(list(&pool, &desk, &query("", "sleeping"), false).await.unwrap().total, 120);
    let mut conn = pool.acquire().await.unwrap();
    assert_eq!(clients::matching(&mut conn, &desk, &query("", "active"), false, 50).await.unwrap().len(), 50);
}

/// A couple without a name stands by its code, also where a tag leads to it.
#[testkit::test]
async fn couples_without_a_name_stand_among_the_names(pool: PgPool) {
    let desk = desk(&pool).await;
    sqlx::raw_sql(
        "insert into client (id, kind, code, group_name, first_name, last_name, zone) values
             (gen_random_uuid(), 'individual', 'ZZ1', '', 'Ada', 'Adams', 'UTC'),
             (gen_random_uuid(), 'couple', 'MMM1', '', '', '', 'UTC'),
             (gen_random_uuid(), 'family', 'AAA1', 'Young', '', '', 'UTC');
         insert into tag (id, name) values (gen_random_uuid(), 'Team');
         insert into client_tag select c.id, t.id from client c, tag t;",
    )
    .execute(&pool)
    .await
    .unwrap();
    let tag: uuid::Uuid = sqlx::query_scalar("select id from tag").fetch_one(&pool).await.unwrap();
    for query in [ClientQuery::default(), ClientQuery { tag: tag.to_string(), ..ClientQuery::default() }] {
        let page = list(&pool, &desk, &query, false).await.unwrap();
        let names: Vec<_> = page.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["Ada Adams", "MMM1", "Young"], "{}", query.tag);
    }
    assert_eq!(found(&pool, &desk, "mmm1").await, ["MMM1"]);
}

#[testkit::test]
async fn nothing_is_saved_when_nothing_changed(pool: PgPool) {
    let desk = desk(&pool).await;
    let client = make(&pool, &desk, form("Mia", "Okafor")).await;
    let stored = testkit::reads::profile(&pool, &desk, client.number).await.unwrap();
    clients::update(&pool, &desk, client.number, stored.form()).await.unwrap();
    clients::set_status(&pool, &desk, client.number, Status::Active).await.unwrap();
    assert_eq!(testkit::reads::profile(&pool, &desk, client.number).await.unwrap().version, 1);
    assert_eq!(testkit::reads::history(&pool, &desk, client.number).await.unwrap().len(), 1);
    let unknown = ClientNumber::new(99_999);
    assert_eq!(refusal(testkit::reads::profile(&pool, &desk, unknown).await), Refusal::NotFound);
}

#[testkit::test]
async fn zones_to_choose_from_all_exist(pool: PgPool) {
    let choices = clients::choices(&pool, &desk(&pool).await).await.unwrap();
    assert!(choices.zones.len() > 300 && choices.zones.iter().any(|zone| zone == "America/Toronto"));
    assert!(choices.zones.iter().all(|zone| db::time::Zone::parse(zone).is_ok()));
}

#[testkit::test]
async fn a_double_submit_makes_one_client(pool: PgPool) {
    let desk = desk(&pool).await;
    let once = ClientForm { request_key: db::new_id().to_string(), ..form("Mia", "Okafor") };
    let (one, two) =
        tokio::join!(clients::create(&pool, &desk, once.clone()), clients::create(&pool, &desk, once.clone()));
    let made = one.unwrap();
    assert_eq!(made, two.unwrap());
    assert_eq!(count(&pool).await, 1);
    // Another person, typed into the page that the browser went back to.
    let other = ClientForm { first_name: "Leo".into(), ..once };
    assert_ne!(make(&pool, &desk, other.clone()).await, made);
    make(&pool, &desk, other).await;
    assert_eq!(count(&pool).await, 2);
}
