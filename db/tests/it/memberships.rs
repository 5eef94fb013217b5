//! Couples, families and groups: who belongs, when, and who may see and change it.

use chrono::{Days, NaiveDate};
use db::clients::NewClient;
use db::practice::fields;
use db::{Actor, PgPool, clients, memberships};
use shared::accounts::Role;
use shared::clients::{ClientForm, Kind};
use shared::fields::FieldForm;
use shared::memberships::{DatesForm, GroupForm, MembersForm, NewMemberForm, SelectedForm};
use shared::{ClientNumber, MembershipId, Problem, Refusal};
use testkit::{client_actor, refusal, staff_actor};

async fn desk(pool: &PgPool) -> Actor {
    staff_actor(pool, "Dana", &[Role::FrontDesk]).await
}

async fn practitioner(pool: &PgPool, first: &str) -> Actor {
    staff_actor(pool, first, &[Role::Practitioner]).await
}

/// A new individual `actor` makes.
async fn person(pool: &PgPool, actor: &Actor, first: &str) -> NewClient {
    let form = ClientForm {
        first_name: first.into(),
        last_name: "Test".into(),
        zone: "America/Toronto".into(),
        ..Default::default()
    };
    clients::create(pool, actor, form).await.unwrap()
}

fn form(kind: &str, members: &[NewClient]) -> GroupForm {
    GroupForm {
        kind: kind.into(),
        members: members.iter().map(|member| member.number.to_string()).collect(),
        ..Default::default()
    }
}

async fn group(pool: &PgPool, actor: &Actor, kind: &str, members: &[NewClient]) -> NewClient {
    memberships::create(pool, actor, form(kind, members)).await.unwrap()
}

fn adding(members: &[NewClient]) -> MembersForm {
    MembersForm { members: form("", members).members, ..Default::default() }
}

fn problem<T: std::fmt::Debug>(answer: db::Result<T>, field: &str) -> Option<Problem> {
    match refusal(answer) {
        Refusal::Invalid(errors) => errors.get(field).cloned(),
        other => panic!("{other:?}"),
    }
}

/// First names of those who belong, and of those who belonged.
async fn names(pool: &PgPool, actor: &Actor, group: NewClient) -> (Vec<String>, Vec<String>) {
    let members = testkit::reads::members(pool, actor, group.number).await.unwrap();
    let first = |row: shared::memberships::MemberRow| row.name.split(' ').next().unwrap().to_owned();
    (members.now.into_iter().map(first).collect(), members.past.into_iter().map(first).collect())
}

async fn membership(pool: &PgPool, group: NewClient, member: NewClient) -> MembershipId {
    let query = "select id from client_membership where group_id = $1 and member_id = $2
                  order by left_on desc nulls first limit 1";
    let id = sqlx::query_scalar(query).bind(group.id.0).bind(member.id.0).fetch_one(pool).await.unwrap();
    MembershipId(id)
}

async fn dates(pool: &PgPool, group: NewClient, member: NewClient) -> Vec<(NaiveDate, Option<NaiveDate>)> {
    let query = "select joined_on, left_on from client_membership where group_id = $1 and member_id = $2 order by 1";
    sqlx::query_as(query).bind(group.id.0).bind(member.id.0).fetch_all(pool).await.unwrap()
}

async fn today(pool: &PgPool) -> NaiveDate {
    sqlx::query_scalar("select (now() at time zone zone)::date from practice").fetch_one(pool).await.unwrap()
}

async fn ago(pool: &PgPool, days: u64) -> NaiveDate {
    today(pool).await - Days::new(days)
}

async fn count(pool: &PgPool, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(pool).await.unwrap()
}

#[testkit::test]
async fn a_group_is_made_of_existing_and_new_people(pool: PgPool) {
    let desk = desk(&pool).await;
    let ana = person(&pool, &desk, "Ana").await;
    let new = NewMemberForm {
        first_name: "Mia".into(),
        last_name: "Test".into(),
        birth_date: "2017-03-08".into(),
        ..Default::default()
    };
    let wanted = GroupForm {
        group_name: "Okafor family".into(),
        new_tags: "Siblings, Evening".into(),
        alert: "Side entrance".into(),
        notes: "Owes us".into(),
        new_members: vec![NewMemberForm::default(), new],
        ..form("family", &[ana])
    };
    let made = memberships::create(&pool, &desk, wanted).await.unwrap();
    assert_eq!(names(&pool, &desk, made).await, (vec!["Ana".to_owned(), "Mia".to_owned()], vec![]));
    let stored = testkit::reads::group(&pool, &desk, made.number).await.unwrap();
    assert_eq!((stored.name(), stored.code.as_str(), stored.kind), ("Okafor family", "OF1", Kind::Family));
    let tags: Vec<_> = stored.tags.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(tags, ["Evening", "Siblings"]);
    assert_eq!((stored.alert.as_str(), stored.notes.as_deref()), ("Side entrance", Some("Owes us")));
    let born = count(&pool, "select count(*) from client where first_name = 'Mia' and birth_date = '2017-03-08'").await;
    assert_eq!(born, 1);
    let of_ana = testkit::reads::belongings(&pool, &desk, ana.number).await.unwrap();
    assert_eq!(of_ana.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["Okafor family"]);
    // Each history tells of it: the group's, Ana's and Mia's.
    assert_eq!(count(&pool, "select count(*) from audit where action in ('add-members', 'join')").await, 3);
}

#[testkit::test]
async fn new_members_are_asked_for_what_is_required(pool: PgPool) {
    let ada = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let field = |label: &str, required| {
        FieldForm { label: label.into(), kind: "number".into(), required, ..FieldForm::default() }.parse().unwrap()
    };
    let grade = fields::save(&pool, &ada, None, &field("Grade", true)).await.unwrap().to_string();
    fields::save(&pool, &ada, None, &field("Shoe size", false)).await.unwrap();
    let asked = memberships::required_fields(&pool, &ada).await.unwrap();
    assert_eq!(asked.iter().map(|field| field.label.as_str()).collect::<Vec<_>>(), ["Grade"]);

    let mia = |typed: &[&str]| NewMemberForm {
        first_name: "Mia".into(),
        fields: typed.iter().map(|typed| (grade.clone(), (*typed).to_owned())).collect(),
        ..Default::default()
    };
    let at = format!("new_members.0.fields.{grade}");
    for (typed, expected) in
        [(&[][..], Problem::Required), (&[" "], Problem::Required), (&["two"], Problem::NotANumber)]
    {
        let made = memberships::create(&pool, &ada, GroupForm { new_members: vec![mia(typed)], ..form("family", &[]) });
        assert_eq!(problem(made.await, &at), Some(expected));
    }
    assert_eq!(count(&pool, "select count(*) from client").await, 0);
    let family = GroupForm { new_members: vec![mia(&["2"])], ..form("family", &[]) };
    let family = memberships::create(&pool, &ada, family).await.unwrap();
    let more = |typed| MembersForm { new_members: vec![NewMemberForm::default(), mia(typed)], ..Default::default() };
    let refused = memberships::add(&pool, &ada, family.number, more(&[])).await;
    assert_eq!(problem(refused, &at.replacen('0', "1", 1)), Some(Problem::Required));
    memberships::add(&pool, &ada, family.number, more(&["3.5"])).await.unwrap();
    let grades: Vec<String> = sqlx::query_scalar("select number::text from client_field_value order by number")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(grades, ["2", "3.5"]);
}

#[testkit::test]
async fn empty_ones_and_a_family_of_two_are_allowed(pool: PgPool) {
    let desk = desk(&pool).await;
    let (ana, mia) = (person(&pool, &desk, "Ana").await, person(&pool, &desk, "Mia").await);
    for kind in ["couple", "family", "group"] {
        group(&pool, &desk, kind, &[]).await;
    }
    group(&pool, &desk, "family", &[ana, mia]).await;
    let codes: Vec<String> = sqlx::query_scalar("select code::text from client where kind <> 'individual' order by 1")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(codes, ["CPL1", "FAM1", "FAM2", "GRP1"]);
    for kind in ["individual", "", "crowd"] {
        assert!(problem(memberships::create(&pool, &desk, form(kind, &[])).await, "kind").is_some(), "{kind}");
    }
}

#[testkit::test]
async fn a_refused_form_creates_no_client(pool: PgPool) {
    let desk = desk(&pool).await;
    let ana = person(&pool, &desk, "Ana").await;
    let taken = testkit::reads::profile(&pool, &desk, ana.number).await.unwrap().code;
    let before = count(&pool, "select count(*) from client").await;
    let new = |code: &str| NewMemberForm { first_name: "Mia".into(), code: code.into(), ..Default::default() };
    let bad = GroupForm { new_members: vec![new("MIA1"), new(&taken)], ..form("family", &[ana]) };
    assert_eq!(problem(memberships::create(&pool, &desk, bad).await, "new_members.1.code"), Some(Problem::Taken));
    let three = GroupForm { new_members: vec![new(""), new("")], ..form("couple", &[ana]) };
    let full = Problem::CoupleFull { day: today(&pool).await };
    assert_eq!(problem(memberships::create(&pool, &desk, three).await, "members"), Some(full));
    for code in ["TOOLONG", "A-1", &taken.to_lowercase()] {
        let bad = GroupForm { code: code.into(), ..form("family", &[]) };
        assert!(problem(memberships::create(&pool, &desk, bad).await, "code").is_some(), "{code}");
    }
    let long = GroupForm { code: "MINDFULNESSONTUESDAYS2026".into(), ..form("group", &[]) };
    memberships::create(&pool, &desk, long).await.unwrap();
    assert_eq!(count(&pool, "select count(*) from client").await, before + 1);
    assert_eq!(count(&pool, "select count(*) from client_membership").await, 0);
}

#[testkit::test]
async fn a_double_submit_builds_once(pool: PgPool) {
    let desk = desk(&pool).await;
    let key = db::new_id().to_string();
    let new = vec![NewMemberForm { first_name: "Mia".into(), ..Default::default() }];
    let wanted = GroupForm { request_key: key, new_members: new.clone(), ..form("family", &[]) };
    let make = || memberships::create(&pool, &desk, wanted.clone());
    let (one, two) = tokio::join!(make(), make());
    let (one, two, three) = (one.unwrap(), two.unwrap(), make().await.unwrap());
    assert_eq!((one, one), (two, three));
    assert_eq!(count(&pool, "select count(*) from client").await, 2);
    // Another person, typed into the page that the browser went back to.
    let leo = vec![NewMemberForm { first_name: "Leo".into(), ..Default::default() }];
    let other = GroupForm { new_members: leo, ..wanted.clone() };
    let another = memberships::create(&pool, &desk, other.clone()).await.unwrap();
    assert_eq!(memberships::create(&pool, &desk, other).await.unwrap(), another);
    assert_ne!(another, one);
    assert_eq!(count(&pool, "select count(*) from client").await, 4);
    // The same for people who are made while they are added.
    let wanted = MembersForm { request_key: db::new_id().to_string(), new_members: new, ..Default::default() };
    let add = || memberships::add(&pool, &desk, one.number, wanted.clone());
    let (first, second) = tokio::join!(add(), add());
    assert_eq!(first.unwrap() + second.unwrap() + add().await.unwrap(), 1);
    assert_eq!(count(&pool, "select count(*) from client").await, 5);
}

#[testkit::test]
async fn a_couple_never_has_a_third(pool: PgPool) {
    let desk = desk(&pool).await;
    let (ana, daniel, ruth) =
        (person(&pool, &desk, "Ana").await, person(&pool, &desk, "Daniel").await, person(&pool, &desk, "Ruth").await);
    let couple = group(&pool, &desk, "couple", &[ana, daniel]).await;
    let third = memberships::add(&pool, &desk, couple.number, adding(&[ruth])).await;
    assert_eq!(problem(third, "members"), Some(Problem::CoupleFull { day: today(&pool).await }));
    // Adding who is there already changes nothing, and is no third.
    assert_eq!(memberships::add(&pool, &desk, couple.number, adding(&[ana, daniel])).await.unwrap(), 0);
    // Once one has left, the other day is free.
    let left = membership(&pool, couple, daniel).await;
    memberships::end(&pool, &desk, left, "").await.unwrap();
    memberships::add(&pool, &desk, couple.number, adding(&[ruth])).await.unwrap();
    let back = memberships::come_back(&pool, &desk, left, "").await;
    assert_eq!(problem(back, "members"), Some(Problem::CoupleFull { day: today(&pool).await }));
    let now = today(&pool).await;
    let form = DatesForm { joined_on: now.to_string(), left_on: String::new(), seen: format!("{now}/{now}") };
    let moved = memberships::correct(&pool, &desk, left, form).await;
    assert_eq!(problem(moved, "joined_on"), Some(Problem::CoupleFull { day: today(&pool).await }));
    assert_eq!(names(&pool, &desk, couple).await.0, ["Ana", "Ruth"]);
}

/// Two who each add someone to a couple of one: only one of them is in time.
#[testkit::test]
async fn two_at_once_do_not_make_three(pool: PgPool) {
    let desk = desk(&pool).await;
    for round in 0..5 {
        let (ana, one, other) =
            (person(&pool, &desk, "Ana").await, person(&pool, &desk, "One").await, person(&pool, &desk, "Other").await);
        let couple = group(&pool, &desk, "couple", &[ana]).await;
        let (first, second) = tokio::join!(
            memberships::add(&pool, &desk, couple.number, adding(&[one])),
            memberships::add(&pool, &desk, couple.number, adding(&[other])),
        );
        assert!(first.is_ok() ^ second.is_ok(), "{round}: {first:?} {second:?}");
        assert_eq!(names(&pool, &desk, couple).await.0.len(), 2);
    }
}

/// What no operation of ours does, the schema refuses, races included.
#[testkit::test]
async fn the_schema_refuses_what_no_check_saw(pool: PgPool) {
    let desk = desk(&pool).await;
    let (ana, daniel, ruth) =
        (person(&pool, &desk, "Ana").await, person(&pool, &desk, "Daniel").await, person(&pool, &desk, "Ruth").await);
    let couple = group(&pool, &desk, "couple", &[ana]).await;
    let family = group(&pool, &desk, "family", &[ana, daniel, ruth]).await;
    let insert = async |group: NewClient, member: NewClient| {
        sqlx::query("insert into client_membership (id, group_id, member_id, joined_on) values (gen_random_uuid(), $1, $2, now())")
            .bind(group.id.0)
            .bind(member.id.0)
            .execute(&pool)
            .await
    };
    let constraint = |answer: Result<sqlx::postgres::PgQueryResult, sqlx::Error>| match answer {
        Err(sqlx::Error::Database(error)) => error.constraint().unwrap_or_default().to_owned(),
        other => panic!("{other:?}"),
    };
    let (first, second) = tokio::join!(insert(couple, daniel), insert(couple, ruth));
    let refused = if first.is_ok() { second } else { first };
    assert_eq!(constraint(refused), "client_membership_couple");
    assert_eq!(constraint(insert(ana, daniel).await), "client_membership_group");
    assert_eq!(constraint(insert(couple, family).await), "client_membership_person");
    assert_eq!(constraint(insert(family, ana).await), "client_membership_once");
    for (kind, of, expected) in [
        ("couple", family, "client_membership_couple"),
        ("individual", family, "client_kind_stays"),
        ("family", ana, "client_kind_stays"),
    ] {
        let answer =
            sqlx::query("update client set kind = $1 where id = $2").bind(kind).bind(of.id.0).execute(&pool).await;
        assert_eq!(constraint(answer), expected);
    }
}

#[testkit::test]
async fn a_member_who_left_stays_listed_and_may_return(pool: PgPool) {
    let desk = desk(&pool).await;
    let (ana, mia) = (person(&pool, &desk, "Ana").await, person(&pool, &desk, "Mia").await);
    let (start, middle) = (ago(&pool, 30).await, ago(&pool, 10).await);
    let wanted = GroupForm { joined_on: start.to_string(), ..form("group", &[ana, mia]) };
    let made = memberships::create(&pool, &desk, wanted).await.unwrap();
    let first = membership(&pool, made, mia).await;
    memberships::end(&pool, &desk, first, &middle.to_string()).await.unwrap();
    memberships::end(&pool, &desk, first, &middle.to_string()).await.expect("twice is once");
    assert_eq!(refusal(memberships::end(&pool, &desk, first, "").await), Refusal::Stale);
    assert_eq!(names(&pool, &desk, made).await, (vec!["Ana".into()], vec!["Mia".into()]));
    // On the day of leaving the same membership goes on; later it is a new one.
    memberships::come_back(&pool, &desk, first, &middle.to_string()).await.unwrap();
    assert_eq!(dates(&pool, made, mia).await, [(start, None)]);
    memberships::come_back(&pool, &desk, first, "").await.expect("twice is once");
    memberships::end(&pool, &desk, first, &middle.to_string()).await.unwrap();
    memberships::come_back(&pool, &desk, first, "").await.unwrap();
    assert_eq!(dates(&pool, made, mia).await, [(start, Some(middle)), (today(&pool).await, None)]);
    let of_mia = testkit::reads::belongings(&pool, &desk, mia.number).await.unwrap();
    assert_eq!(of_mia.iter().map(|one| one.period.left_on).collect::<Vec<_>>(), [None, Some(middle)]);
    // Today in and out again is no day at all.
    let again = membership(&pool, made, mia).await;
    memberships::end(&pool, &desk, again, "").await.unwrap();
    let now = today(&pool).await;
    assert_eq!(dates(&pool, made, mia).await, [(start, Some(middle)), (now, Some(now))]);
}

#[testkit::test]
async fn dates_stay_in_order_and_apart(pool: PgPool) {
    let desk = desk(&pool).await;
    let mia = person(&pool, &desk, "Mia").await;
    let day = async |days| ago(&pool, days).await.to_string();
    let wanted = GroupForm { joined_on: day(30).await, ..form("group", &[mia]) };
    let made = memberships::create(&pool, &desk, wanted).await.unwrap();
    let first = membership(&pool, made, mia).await;
    let tomorrow = (today(&pool).await + Days::new(1)).to_string();
    let end = async |on: &str| problem(memberships::end(&pool, &desk, first, on).await, "left_on");
    assert_eq!(end(&day(31).await).await, Some(Problem::BeforeJoining));
    assert_eq!(end(&tomorrow).await, Some(Problem::InTheFuture));
    assert_eq!(end("soon").await, Some(Problem::NotADate));
    memberships::end(&pool, &desk, first, &day(20).await).await.unwrap();
    memberships::come_back(&pool, &desk, first, &day(10).await).await.unwrap();
    let second = membership(&pool, made, mia).await;
    let back = memberships::come_back(&pool, &desk, first, &tomorrow).await;
    assert_eq!(problem(back, "joined_on"), Some(Problem::InTheFuture));

    let seen = format!("{}/{}", day(30).await, day(20).await);
    let correct = async |id, joined: u64, left: &str, seen: &str| {
        let form = DatesForm { joined_on: day(joined).await, left_on: left.into(), seen: seen.into() };
        memberships::correct(&pool, &desk, id, form).await
    };
    assert_eq!(problem(correct(first, 30, &day(5).await, &seen).await, "joined_on"), Some(Problem::MemberThen));
    assert_eq!(problem(correct(first, 30, "", &seen).await, "joined_on"), Some(Problem::MemberThen));
    assert_eq!(problem(correct(first, 10, &day(12).await, &seen).await, "left_on"), Some(Problem::BeforeJoining));
    assert_eq!(refusal(correct(first, 28, &day(12).await, "something else").await), Refusal::Stale);
    correct(first, 28, &day(12).await, &seen).await.unwrap();
    correct(first, 28, &day(12).await, &seen).await.expect("twice is once");
    assert_eq!(dates(&pool, made, mia).await[0], (ago(&pool, 28).await, Some(ago(&pool, 12).await)));
    let joining_within =
        memberships::add(&pool, &desk, made.number, MembersForm { joined_on: day(15).await, ..adding(&[mia]) }).await;
    assert_eq!(joining_within.unwrap(), 0, "a member already");
    memberships::end(&pool, &desk, second, "").await.unwrap();
    let within =
        memberships::add(&pool, &desk, made.number, MembersForm { joined_on: day(15).await, ..adding(&[mia]) }).await;
    assert_eq!(problem(within, "members"), Some(Problem::MemberThen));
}

#[testkit::test]
async fn a_mistake_is_taken_out_on_its_day_only(pool: PgPool) {
    let desk = desk(&pool).await;
    let (ana, mia) = (person(&pool, &desk, "Ana").await, person(&pool, &desk, "Mia").await);
    let made = group(&pool, &desk, "group", &[ana, mia]).await;
    let mistake = membership(&pool, made, mia).await;
    memberships::remove(&pool, &desk, mistake).await.unwrap();
    assert_eq!(refusal(memberships::remove(&pool, &desk, mistake).await), Refusal::NotFound);
    // What they attended keeps it, even today.
    sqlx::query(
        "with made as (
             insert into activity (id, staff_id, type_id, held_on, minutes, request_key)
             select gen_random_uuid(), s.id, t.id, $3, 60, gen_random_uuid() from staff_member s, term t
              where t.vocabulary = 'activity_type' limit 1 returning id),
         whole as (insert into activity_client select id, $1 from made returning activity_id)
         insert into activity_attendee select activity_id, $1, $2 from whole",
    )
    .bind(made.id.0)
    .bind(ana.id.0)
    .bind(today(&pool).await)
    .execute(&pool)
    .await
    .unwrap();
    let attended = membership(&pool, made, ana).await;
    assert_eq!(problem(memberships::remove(&pool, &desk, attended).await, "membership"), Some(Problem::Attended));
    sqlx::query("delete from activity").execute(&pool).await.unwrap();
    sqlx::query("update client_membership set created_at = now() - interval '25 hours'").execute(&pool).await.unwrap();
    let history = membership(&pool, made, ana).await;
    assert_eq!(problem(memberships::remove(&pool, &desk, history).await, "membership"), Some(Problem::NotToday));
    assert_eq!(names(&pool, &desk, made).await.0, ["Ana"]);
}

#[testkit::test]
async fn a_kind_changes_when_nothing_stands_in_the_way(pool: PgPool) {
    let desk = desk(&pool).await;
    let people =
        [person(&pool, &desk, "Ana").await, person(&pool, &desk, "Mia").await, person(&pool, &desk, "Leo").await];
    let age: uuid::Uuid =
        sqlx::query_scalar("select id from term where vocabulary = 'age_range' order by position limit 1")
            .fetch_one(&pool)
            .await
            .unwrap();
    let wanted = GroupForm { code: "MINDFULNESS".into(), age_range: age.to_string(), ..form("group", &people) };
    let made = memberships::create(&pool, &desk, wanted).await.unwrap();
    let stored = async || testkit::reads::group(&pool, &desk, made.number).await.unwrap();
    let save = async |kind: &str, code: &str| {
        let form = GroupForm { kind: kind.into(), code: code.into(), ..stored().await.form() };
        memberships::update(&pool, &desk, made.number, form).await
    };
    let Refusal::Invalid(errors) = refusal(save("couple", "MINDFULNESS").await) else { panic!() };
    assert_eq!(errors.get("kind"), Some(&Problem::CoupleFull { day: today(&pool).await }));
    assert_eq!(errors.get("code"), Some(&Problem::CodeLength { max: 6 }));
    assert_eq!(problem(save("family", "MINDFULNESS").await, "code"), Some(Problem::CodeLength { max: 6 }));
    assert_eq!(problem(save("individual", "MIND").await, "kind"), Some(Problem::Unknown));
    save("family", "MIND").await.unwrap();
    assert_eq!((stored().await.kind, stored().await.age_range), (Kind::Family, None), "an age range is a group's");
    // A past of three stands in the way as much as a present.
    let left = membership(&pool, made, people[2]).await;
    sqlx::query("update client_membership set joined_on = joined_on - 7").execute(&pool).await.unwrap();
    memberships::end(&pool, &desk, left, "").await.unwrap();
    let full = Problem::CoupleFull { day: ago(&pool, 7).await };
    assert_eq!(problem(save("couple", "MIND").await, "kind"), Some(full));
    memberships::remove(&pool, &desk, left).await.unwrap();
    save("couple", "MIND").await.unwrap();
    save("group", "MINDFULNESS").await.unwrap();
    // People have a form of their own.
    let of_a_person = memberships::update(&pool, &desk, people[0].number, stored().await.form()).await;
    assert_eq!(refusal(of_a_person), Refusal::NotFound);
}

#[testkit::test]
async fn a_save_over_a_newer_version_is_refused(pool: PgPool) {
    let desk = desk(&pool).await;
    let made = group(&pool, &desk, "family", &[]).await;
    let opened = testkit::reads::group(&pool, &desk, made.number).await.unwrap().form();
    let save = async |name: &str, version: &str| {
        let form = GroupForm { group_name: name.into(), version: version.into(), ..opened.clone() };
        memberships::update(&pool, &desk, made.number, form).await
    };
    save("Okafor", "1").await.unwrap();
    for version in ["1", "", "7"] {
        assert_eq!(refusal(save("Silva", version).await), Refusal::Stale, "{version}");
    }
    save("Silva", "2").await.unwrap();
    assert_eq!(testkit::reads::group(&pool, &desk, made.number).await.unwrap().name(), "Silva");
}

#[testkit::test]
async fn a_practitioner_sees_and_changes_their_own(pool: PgPool) {
    let (desk, pat, other) = (desk(&pool).await, practitioner(&pool, "Pat").await, practitioner(&pool, "Olu").await);
    let (mia, leo) = (person(&pool, &pat, "Mia").await, person(&pool, &pat, "Leo").await);
    let hidden = person(&pool, &desk, "Hidden").await;
    // Of people they do not see they make nothing, whatever the form says.
    let forged = memberships::create(&pool, &pat, form("family", &[mia, hidden])).await;
    assert_eq!(problem(forged, "members"), Some(Problem::Unknown));
    let wanted = GroupForm {
        notes: "forged".into(),
        practitioners: vec![other.id().to_string()],
        new_members: vec![NewMemberForm { first_name: "New".into(), last_name: "Test".into(), ..Default::default() }],
        ..form("family", &[mia])
    };
    let made = memberships::create(&pool, &pat, wanted).await.unwrap();
    let stored = testkit::reads::group(&pool, &pat, made.number).await.unwrap();
    assert_eq!((stored.notes.as_deref(), stored.practitioners[0].1.as_str()), (None, "Pat Test"));
    assert_eq!(count(&pool, "select count(*) from client where notes <> ''").await, 0);
    assert_eq!(names(&pool, &pat, made).await.0, ["Mia", "New"]);

    memberships::add(&pool, &desk, made.number, adding(&[hidden])).await.unwrap();
    let members = testkit::reads::members(&pool, &pat, made.number).await.unwrap();
    assert_eq!((members.now.len(), members.unseen_now, members.unseen_past), (2, 1, 0));
    let unseen = membership(&pool, made, hidden).await;
    for answer in [
        memberships::end(&pool, &pat, unseen, "").await,
        memberships::remove(&pool, &pat, unseen).await,
        memberships::come_back(&pool, &pat, unseen, "").await,
        memberships::correct(&pool, &pat, unseen, DatesForm { joined_on: "2026-01-01".into(), ..Default::default() })
            .await,
    ] {
        assert_eq!(refusal(answer), Refusal::NotFound);
    }
    assert!(memberships::membership(&pool, &pat, unseen).await.is_err());
    memberships::end(&pool, &desk, unseen, "").await.unwrap();
    let members = testkit::reads::members(&pool, &pat, made.number).await.unwrap();
    assert_eq!((members.unseen_now, members.unseen_past), (0, 1));

    // Nothing of it exists for another practitioner, or for a client.
    let client = client_actor(&pool, "Cleo").await;
    let seen = membership(&pool, made, mia).await;
    for stranger in [&other, &client] {
        assert_eq!(refusal(testkit::reads::group(&pool, stranger, made.number).await), Refusal::NotFound);
        assert_eq!(refusal(testkit::reads::members(&pool, stranger, made.number).await), Refusal::NotFound);
        assert_eq!(refusal(memberships::membership(&pool, stranger, seen).await), Refusal::NotFound);
        assert_eq!(refusal(memberships::end(&pool, stranger, seen, "").await), Refusal::NotFound);
        assert_eq!(refusal(memberships::update(&pool, stranger, made.number, stored.form()).await), Refusal::NotFound);
        let add = memberships::add(&pool, stranger, made.number, adding(&[leo])).await;
        assert_eq!(refusal(add), Refusal::NotFound);
    }
    // A member's memberships in what a practitioner does not see are not told.
    group(&pool, &desk, "group", &[mia]).await;
    assert_eq!(testkit::reads::belongings(&pool, &pat, mia.number).await.unwrap().len(), 1);
    assert_eq!(testkit::reads::belongings(&pool, &desk, mia.number).await.unwrap().len(), 2);
    assert_eq!(memberships::groups(&pool, &pat, "").await.unwrap().len(), 1);
    assert_eq!(memberships::groups(&pool, &desk, "").await.unwrap().len(), 2);
    assert!(memberships::groups(&pool, &other, "").await.unwrap().is_empty());
}

#[testkit::test]
async fn selected_rows_become_a_group_or_join_one(pool: PgPool) {
    let (desk, pat) = (desk(&pool).await, practitioner(&pool, "Pat").await);
    let (ana, mia, leo) =
        (person(&pool, &desk, "Ana").await, person(&pool, &pat, "Mia").await, person(&pool, &desk, "Leo").await);
    // Ids as the list sends them, numbers as the address holds them, one twice.
    let clients = vec![ana.id.to_string(), mia.number.to_string(), mia.id.to_string()];
    let wanted =
        SelectedForm { kind: "couple".into(), code: "AM1".into(), clients: clients.clone(), ..Default::default() };
    let couple = memberships::create_from(&pool, &desk, wanted.clone()).await.unwrap();
    assert_eq!(names(&pool, &desk, couple).await.0, ["Ana", "Mia"]);
    let again = memberships::create_from(&pool, &desk, wanted).await;
    assert_eq!(problem(again, "code"), Some(Problem::Taken));
    let ids = |all: &[NewClient]| all.iter().map(|one| one.id.to_string()).collect::<Vec<_>>();
    let add = async |group: NewClient, clients: Vec<String>| {
        let form = SelectedForm { group: group.number.to_string(), clients, ..Default::default() };
        memberships::add_many(&pool, &desk, form).await
    };
    let family = group(&pool, &desk, "family", &[mia]).await;
    for _ in 0..2 {
        assert_eq!(add(family, ids(&[ana, mia, leo])).await.unwrap(), family.number);
        assert_eq!(names(&pool, &desk, family).await.0, ["Ana", "Leo", "Mia"]);
    }
    let third = add(couple, ids(&[leo])).await;
    assert_eq!(problem(third, "members"), Some(Problem::CoupleFull { day: today(&pool).await }));
    let nowhere = memberships::add_many(&pool, &desk, SelectedForm { clients, ..Default::default() }).await;
    assert_eq!(problem(nowhere, "group"), Some(Problem::Required));

    let wrong = |problem| Refusal::field("members", problem);
    for (clients, expected) in [
        (vec![], wrong(Problem::Nobody)),
        (vec![ClientNumber::new(999_999).to_string()], Refusal::NotFound),
        (vec![db::new_id().to_string()], Refusal::NotFound),
        (vec!["1; drop table client".to_owned()], Refusal::NotFound),
        (vec![couple.id.to_string()], wrong(Problem::NotAPerson)),
    ] {
        let form = SelectedForm { kind: "group".into(), clients: clients.clone(), ..Default::default() };
        assert_eq!(refusal(memberships::create_from(&pool, &desk, form).await), expected);
        assert_eq!(refusal(add(family, clients).await), expected);
    }
    // A practitioner can neither group nor learn of clients they do not see.
    let form = SelectedForm { kind: "group".into(), clients: ids(&[ana, mia]), ..Default::default() };
    assert_eq!(refusal(memberships::create_from(&pool, &pat, form).await), Refusal::NotFound);
    let seen = memberships::selected(&pool, &pat, &ids(&[ana, mia])).await.unwrap();
    assert_eq!(seen.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["Mia Test"]);
}

#[testkit::test]
async fn selected_rows_can_join_from_a_past_day(pool: PgPool) {
    let desk = desk(&pool).await;
    let (ana, mia) = (person(&pool, &desk, "Ana").await, person(&pool, &desk, "Mia").await);
    let (day, to_come) = (ago(&pool, 40).await, today(&pool).await + Days::new(1));
    let ticked = |group: &str, joined_on: NaiveDate, who: NewClient| SelectedForm {
        kind: "family".into(),
        group: group.into(),
        joined_on: joined_on.to_string(),
        clients: vec![who.id.to_string()],
        ..Default::default()
    };
    let family = memberships::create_from(&pool, &desk, ticked("", day, ana)).await.unwrap();
    let number = family.number.to_string();
    let early = memberships::add_many(&pool, &desk, ticked(&number, to_come, mia)).await;
    assert_eq!(problem(early, "joined_on"), Some(Problem::InTheFuture));
    let early = memberships::create_from(&pool, &desk, ticked("", to_come, mia)).await;
    assert_eq!(problem(early, "joined_on"), Some(Problem::InTheFuture));
    memberships::add_many(&pool, &desk, ticked(&number, day, mia)).await.unwrap();
    for member in [ana, mia] {
        assert_eq!(dates(&pool, family, member).await, [(day, None)]);
    }
    assert_eq!(count(&pool, "select count(*) from client where kind = 'family'").await, 1);
}

/// Anyone who has the family has those who are made with it; of others nothing is decided.
#[testkit::test]
async fn a_member_created_in_place_has_the_practitioners_of_the_family(pool: PgPool) {
    let (desk, pat) = (desk(&pool).await, practitioner(&pool, "Pat").await);
    let ana = person(&pool, &desk, "Ana").await;
    let wanted = GroupForm {
        practitioners: vec![pat.id().to_string()],
        new_members: vec![NewMemberForm { first_name: "New".into(), last_name: "Test".into(), ..Default::default() }],
        ..form("family", &[ana])
    };
    let made = memberships::create(&pool, &desk, wanted).await.unwrap();
    assert_eq!(names(&pool, &desk, made).await.0, ["Ana", "New"]);
    assert_eq!(names(&pool, &pat, made).await.0, ["New"]);
    let later = MembersForm {
        new_members: vec![NewMemberForm { first_name: "Nora".into(), last_name: "Test".into(), ..Default::default() }],
        ..MembersForm::default()
    };
    memberships::add(&pool, &desk, made.number, later).await.unwrap();
    assert_eq!(names(&pool, &pat, made).await.0, ["New", "Nora"]);
}

#[testkit::test]
async fn what_is_chosen_from_lists_exists(pool: PgPool) {
    let desk = desk(&pool).await;
    let unknown = db::new_id().to_string();
    let gender: uuid::Uuid =
        sqlx::query_scalar("select id from term where vocabulary = 'gender' limit 1").fetch_one(&pool).await.unwrap();
    let create = async |form: GroupForm, field: &str| problem(memberships::create(&pool, &desk, form).await, field);
    let group = || form("group", &[]);
    let bad = GroupForm { age_range: unknown.clone(), ..group() };
    assert_eq!(create(bad, "age_range").await, Some(Problem::Unknown));
    let bad = GroupForm { age_range: gender.to_string(), ..group() };
    assert_eq!(create(bad, "age_range").await, Some(Problem::Unknown));
    let bad = GroupForm { tags: vec![unknown.clone()], ..group() };
    assert_eq!(create(bad, "tags").await, Some(Problem::Unknown));
    let bad = GroupForm { practitioners: vec![unknown], ..group() };
    assert_eq!(create(bad, "practitioners").await, Some(Problem::Unknown));
    assert_eq!(count(&pool, "select count(*) from client").await, 0);
}

/// Code-only mode: neither names nor anything made of them is kept.
#[testkit::test]
async fn by_codes_alone_no_name_is_kept(pool: PgPool) {
    let desk = desk(&pool).await;
    sqlx::query("update practice set code_only = true").execute(&pool).await.unwrap();
    let wanted = GroupForm { group_name: "Okafor family".into(), code: "X77".into(), ..form("family", &[]) };
    let made = memberships::create(&pool, &desk, wanted).await.unwrap();
    assert_eq!(testkit::reads::group(&pool, &desk, made.number).await.unwrap().name(), "X77");
    assert_eq!(count(&pool, "select count(*) from client_search where line like '%okafor%'").await, 0);
}
