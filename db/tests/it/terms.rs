//! Vocabularies: who may change them, what is kept, and ages that never overlap.

use db::practice::terms::*;
use db::{Actor, PgPool};
use shared::accounts::Role;
use shared::terms::{Ages, TermDetails, TermForm, Vocabulary};
use shared::{Problem, Refusal, TermId};
use testkit::{client_actor, refusal, staff_actor};

async fn administrator(pool: &PgPool) -> Actor {
    staff_actor(pool, "Ada", &[Role::Administrator]).await
}

fn form(label: &str) -> TermForm {
    TermForm { label: label.into(), ..TermForm::default() }
}

fn word(vocabulary: Vocabulary, label: &str, version: &str) -> TermDetails {
    TermForm { version: version.into(), ..form(label) }.parse(vocabulary).unwrap()
}

fn ages(label: &str, from: &str, to: &str, version: &str) -> TermDetails {
    let form = TermForm { age_from: from.into(), age_to: to.into(), version: version.into(), ..form(label) };
    form.parse(Vocabulary::AgeRange).unwrap()
}

async fn labels(pool: &PgPool, actor: &Actor, vocabulary: Vocabulary) -> Vec<String> {
    list(pool, actor, vocabulary).await.unwrap().into_iter().map(|used| used.term.label).collect()
}

async fn named(pool: &PgPool, actor: &Actor, vocabulary: Vocabulary, label: &str) -> TermUse {
    let found = list(pool, actor, vocabulary).await.unwrap().into_iter().find(|used| used.term.label == label);
    found.unwrap_or_else(|| panic!("no {label}"))
}

async fn run(pool: &PgPool, sql: &'static str) {
    sqlx::raw_sql(sql).execute(pool).await.unwrap();
}

#[testkit::test]
async fn only_administrators_change_words(pool: PgPool) {
    let ada = administrator(&pool).await;
    let staff = staff_actor(&pool, "Sam", &[Role::FrontDesk]).await;
    let practitioner = staff_actor(&pool, "Ana", &[Role::Practitioner]).await;
    let client = client_actor(&pool, "Mia").await;
    let id = named(&pool, &ada, Vocabulary::Gender, "Woman").await.term.id;
    for (actor, expected) in
        [(&staff, Refusal::Forbidden), (&practitioner, Refusal::Forbidden), (&client, Refusal::NotFound)]
    {
        let details = word(Vocabulary::Gender, "Mine", "1");
        assert_eq!(refusal(save(&pool, actor, None, &details).await), expected);
        assert_eq!(refusal(save(&pool, actor, Some(id), &details).await), expected);
        assert_eq!(refusal(place(&pool, actor, id, None).await), expected);
        assert_eq!(refusal(set_active(&pool, actor, id, false).await), expected);
    }
    assert!(list(&pool, &staff, Vocabulary::Gender).await.is_ok() && counts(&pool, &staff).await.is_ok());
    assert_eq!(refusal(list(&pool, &practitioner, Vocabulary::Gender).await), Refusal::Forbidden);
    assert_eq!(refusal(counts(&pool, &client).await), Refusal::NotFound);
    // An id of no one's, and one of another vocabulary.
    let nobody = TermId(uuid::Uuid::nil());
    let details = word(Vocabulary::Pronouns, "Mine", "1");
    for id in [nobody, id] {
        assert_eq!(refusal(save(&pool, &ada, Some(id), &details).await), Refusal::NotFound);
    }
    assert_eq!(refusal(place(&pool, &ada, nobody, None).await), Refusal::NotFound);
    assert_eq!(refusal(set_active(&pool, &ada, nobody, false).await), Refusal::NotFound);
    let other = named(&pool, &ada, Vocabulary::Pronouns, "she/her").await.term.id;
    assert_eq!(refusal(place(&pool, &ada, id, Some(other)).await), Refusal::NotFound);
}

#[testkit::test]
async fn a_term_is_added_once_and_renamed_everywhere(pool: PgPool) {
    let ada = administrator(&pool).await;
    let key = db::new_id();
    let first = TermDetails { request_key: Some(key), ..word(Vocabulary::Gender, "Agender </b>🙂", "") };
    let id = save(&pool, &ada, None, &first).await.unwrap();
    assert_eq!(save(&pool, &ada, None, &first).await.unwrap(), id, "a double submit");
    let second = TermDetails { label: "Fluid".into(), ..first.clone() };
    assert_ne!(save(&pool, &ada, None, &second).await.unwrap(), id, "the old form with another word in it");
    assert_eq!(labels(&pool, &ada, Vocabulary::Gender).await[6..], ["Agender </b>🙂", "Fluid"]);

    let taken = Refusal::field("label", Problem::Taken);
    assert_eq!(refusal(save(&pool, &ada, None, &word(Vocabulary::Gender, "WOMAN", "")).await), taken);
    assert_eq!(refusal(save(&pool, &ada, Some(id), &word(Vocabulary::Gender, "woman", "1")).await), taken);
    // The same word in another vocabulary is another word.
    save(&pool, &ada, None, &word(Vocabulary::Salutation, "Woman", "")).await.unwrap();

    let renamed = word(Vocabulary::Gender, "Agender", "1");
    save(&pool, &ada, Some(id), &renamed).await.unwrap();
    save(&pool, &ada, Some(id), &renamed).await.unwrap();
    assert_eq!(refusal(save(&pool, &ada, Some(id), &word(Vocabulary::Gender, "Other", "1")).await), Refusal::Stale);
    assert_eq!(named(&pool, &ada, Vocabulary::Gender, "Agender").await.term.version, 2);
}

/// Where clients keep the words themselves they get the new ones.
#[testkit::test]
async fn a_rename_reaches_the_clients_and_uses_are_counted(pool: PgPool) {
    let ada = administrator(&pool).await;
    for first in ["Mia", "Noor", "Liv"] {
        client_actor(&pool, first).await;
    }
    run(
        &pool,
        "update client set pronouns = 'she/her', language = 'fr' where first_name <> 'Liv';
         update client set gender_id = (select id from term where label = 'Woman') where first_name = 'Mia';
         update client set sex_at_birth = 'own words' where first_name = 'Mia'",
    )
    .await;
    let she = named(&pool, &ada, Vocabulary::Pronouns, "she/her").await;
    assert_eq!(she.uses, 2);
    assert_eq!(named(&pool, &ada, Vocabulary::Gender, "Woman").await.uses, 1);
    assert_eq!(named(&pool, &ada, Vocabulary::Language, "Français").await.uses, 2);
    assert_eq!(named(&pool, &ada, Vocabulary::SexAtBirth, "Female").await.uses, 0);
    assert_eq!(named(&pool, &ada, Vocabulary::ActivityType, "Assessment").await.uses, 0);

    save(&pool, &ada, Some(she.term.id), &word(Vocabulary::Pronouns, "elle", "1")).await.unwrap();
    assert_eq!(named(&pool, &ada, Vocabulary::Pronouns, "elle").await.uses, 2);
    let untouched: i64 = sqlx::query_scalar(
        "select count(*) from client where first_name = 'Liv' and version = 1 and pronouns = ''
            or first_name = 'Mia' and version = 2 and pronouns = 'elle' and sex_at_birth = 'own words'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(untouched, 2);

    // A language that someone has keeps its tag; the word for it may change.
    let french = named(&pool, &ada, Vocabulary::Language, "Français").await.term;
    let details = |label: &str, tag: &str| {
        TermForm { tag: tag.into(), version: "1".into(), ..form(label) }.parse(Vocabulary::Language).unwrap()
    };
    let answer = save(&pool, &ada, Some(french.id), &details("Français", "fr-CA")).await;
    assert_eq!(refusal(answer), Refusal::field("tag", Problem::InUse));
    save(&pool, &ada, Some(french.id), &details("French", "fr")).await.unwrap();
    let taken = save(&pool, &ada, None, &details("Anglais", "EN")).await;
    assert_eq!(refusal(taken), Refusal::field("tag", Problem::Taken));
}

#[testkit::test]
async fn a_retired_term_is_not_offered_and_stays_with_clients_who_have_it(pool: PgPool) {
    let ada = administrator(&pool).await;
    let client = client_actor(&pool, "Mia").await;
    let man = named(&pool, &ada, Vocabulary::Gender, "Man").await.term.id;
    run(&pool, "update client set gender_id = (select id from term where label = 'Man')").await;
    for _ in 0..2 {
        assert_eq!(set_active(&pool, &ada, man, false).await.unwrap(), Vocabulary::Gender);
    }
    let mut conn = pool.acquire().await.unwrap();
    let wanted = [Vocabulary::Gender, Vocabulary::Pronouns];
    let offer = active(&mut conn, &wanted).await.unwrap();
    assert!(offer.get(Vocabulary::Gender, man).is_none());
    assert_eq!((offer.of(Vocabulary::Gender).count(), offer.of(Vocabulary::Pronouns).count()), (5, 3));
    assert_eq!(offer.of(Vocabulary::Salutation).count(), 0);
    let last = list(&pool, &ada, Vocabulary::Gender).await.unwrap().pop().unwrap();
    assert_eq!((last.term.id, last.uses, last.term.active), (man, 1, false));
    let kept: Option<TermId> = sqlx::query_scalar("select gender_id from client where id = $1")
        .bind(client.id())
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(kept, Some(man));
    set_active(&pool, &ada, man, true).await.unwrap();
    assert_eq!(labels(&pool, &ada, Vocabulary::Gender).await[..2], ["Woman", "Man"], "where it was");
}

#[testkit::test]
async fn the_last_language_stays(pool: PgPool) {
    let ada = administrator(&pool).await;
    let all = list(&pool, &ada, Vocabulary::Language).await.unwrap();
    let (last, others) = all.split_last().unwrap();
    for other in others {
        set_active(&pool, &ada, other.term.id, false).await.unwrap();
    }
    let answer = set_active(&pool, &ada, last.term.id, false).await;
    assert_eq!(refusal(answer), Refusal::field("active", Problem::LastOne));
}

#[testkit::test]
async fn words_are_put_in_order(pool: PgPool) {
    let ada = administrator(&pool).await;
    let id = |label: &'static str| {
        let (pool, ada) = (pool.clone(), ada.clone());
        async move { named(&pool, &ada, Vocabulary::SexAtBirth, label).await.term.id }
    };
    let (female, male, intersex) = (id("Female").await, id("Male").await, id("Intersex").await);
    for _ in 0..2 {
        assert_eq!(place(&pool, &ada, intersex, None).await.unwrap(), Vocabulary::SexAtBirth);
    }
    assert_eq!(labels(&pool, &ada, Vocabulary::SexAtBirth).await, ["Intersex", "Female", "Male"]);
    place(&pool, &ada, female, Some(male)).await.unwrap();
    assert_eq!(labels(&pool, &ada, Vocabulary::SexAtBirth).await, ["Intersex", "Male", "Female"]);
    // Two at the same time: both orders are possible, a broken one is not.
    let (one, other) = tokio::join!(place(&pool, &ada, female, None), place(&pool, &ada, intersex, Some(male)));
    assert!(one.is_ok() && other.is_ok());
    let mut after = labels(&pool, &ada, Vocabulary::SexAtBirth).await;
    after.sort();
    assert_eq!(after, ["Female", "Intersex", "Male"]);
    let audited: i64 =
        sqlx::query_scalar("select count(*) from audit where record_kind = 'term' and 'position' = any(fields)")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert!((3..=4).contains(&audited), "{audited}");
}

#[testkit::test]
async fn age_ranges_never_overlap(pool: PgPool) {
    let ada = administrator(&pool).await;
    let overlaps = |field: &str, name: &str| Refusal::field(field, Problem::OverlapsWith { name: name.into() });
    let answer = save(&pool, &ada, None, &ages("Teens", "12", "19", "")).await;
    assert_eq!(refusal(answer), overlaps("age_from", "6 to 12"));
    let seniors = named(&pool, &ada, Vocabulary::AgeRange, "65 and over").await.term;
    let answer = save(&pool, &ada, Some(seniors.id), &ages("60 and over", "60", "", "1")).await;
    assert_eq!(refusal(answer), overlaps("age_from", "45 to 64"));

    // Retired, its years are free; taken meanwhile, it cannot come back.
    set_active(&pool, &ada, seniors.id, false).await.unwrap();
    let key = Some(db::new_id());
    let older = TermDetails { request_key: key, ..ages("65 to 79", "65", "79", "") };
    let made = save(&pool, &ada, None, &older).await.unwrap();
    assert_eq!(save(&pool, &ada, None, &older).await.unwrap(), made, "a double submit overlaps nothing");
    assert_eq!(refusal(set_active(&pool, &ada, seniors.id, true).await), overlaps("active", "65 to 79"));
    save(&pool, &ada, Some(seniors.id), &ages("80 and over", "80", "", "2")).await.unwrap();
    set_active(&pool, &ada, seniors.id, true).await.unwrap();

    let mut conn = pool.acquire().await.unwrap();
    let offer = active(&mut conn, &[Vocabulary::AgeRange]).await.unwrap();
    for years in 0..=Ages::MAX {
        let holding = offer.0.iter().filter(|term| term.ages.is_some_and(|ages| ages.contains(years))).count();
        assert_eq!(holding, 1, "{years}");
        assert!(offer.age_range(years).is_some());
    }
}

/// Two administrators add ranges that overlap at the same moment: one is refused.
#[testkit::test]
async fn age_ranges_do_not_overlap_in_a_race(pool: PgPool) {
    let ada = administrator(&pool).await;
    run(&pool, "delete from term where vocabulary = 'age_range'").await;
    let tries = (0..6).map(|n| {
        let (pool, ada) = (pool.clone(), ada.clone());
        tokio::spawn(async move { save(&pool, &ada, None, &ages(&format!("Range {n}"), "0", "20", "")).await.is_ok() })
    });
    let mut won = 0;
    for attempt in tries.collect::<Vec<_>>() {
        won += usize::from(attempt.await.unwrap());
    }
    assert_eq!((won, labels(&pool, &ada, Vocabulary::AgeRange).await.len()), (1, 1));
    // And the database would not let anyone else.
    let forced = sqlx::query(
        "insert into term (id, vocabulary, label, age_from) values (gen_random_uuid(), 'age_range', 'Forced', 20)",
    );
    let error = forced.execute(&pool).await.unwrap_err();
    assert_eq!(error.as_database_error().and_then(|error| error.constraint()), Some("term_ages_apart"));
}
