//! The demo practice is what its documentation says it is.

use chrono::{DateTime, TimeDelta, Utc};
use demo::{LOGINS, PASSWORD, seed};
use sqlx::PgPool;

/// A Wednesday, four days before the clocks change.
fn now() -> DateTime<Utc> {
    "2026-03-04T15:00:00Z".parse().unwrap()
}

async fn count(pool: &PgPool, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(pool).await.unwrap()
}

#[testkit::test]
async fn it_is_loaded_once(pool: PgPool) {
    assert!(seed(&pool, now()).await.unwrap());
    let rows = "select (select count(*) from client) + (select count(*) from appointment)
                     + (select count(*) from account) + (select count(*) from audit)";
    let before = count(&pool, rows).await;
    assert!(!seed(&pool, now()).await.unwrap());
    assert_eq!(count(&pool, rows).await, before);
    assert_eq!(count(&pool, "select count(*) from audit where action = 'seed'").await, 1);
}

#[testkit::test]
async fn two_at_once_load_it_once(pool: PgPool) {
    let (one, other) = tokio::join!(seed(&pool, now()), seed(&pool, now()));
    assert!(one.unwrap() ^ other.unwrap());
}

#[testkit::test]
async fn it_writes_nothing_beside_a_client(pool: PgPool) {
    let insert = "insert into client (id, kind, code, first_name, zone)
                  values (gen_random_uuid(), 'individual', 'X1', 'X', 'UTC')";
    sqlx::query(insert).execute(&pool).await.unwrap();
    assert!(!seed(&pool, now()).await.unwrap());
    assert_eq!(count(&pool, "select count(*) from staff_member").await, 0);
}

#[testkit::test]
async fn it_writes_nothing_beside_an_account_that_is_not_its_own(pool: PgPool) {
    let password = shared::accounts::Secret("correct horse".into());
    db::accounts::create_admin(&pool, "Ada", "Admin", "ada@elm.test", &password).await.unwrap();
    assert!(!seed(&pool, now()).await.unwrap());
    assert!(!demo::is_loaded(&pool).await.unwrap());
    assert_eq!(count(&pool, "select count(*) from account").await, 1);
}

#[testkit::test]
async fn a_demo_with_added_people_is_recognised(pool: PgPool) {
    seed(&pool, now()).await.unwrap();
    let password = shared::accounts::Secret("correct horse".into());
    db::accounts::create_admin(&pool, "Ada", "Admin", "ada@elm.test", &password).await.unwrap();
    assert!(demo::is_loaded(&pool).await.unwrap());
}

#[testkit::test]
async fn the_log_ins_exist(pool: PgPool) {
    seed(&pool, now()).await.unwrap();
    let mut found: Vec<String> = sqlx::query_scalar(
        "select username::text from account a
           left join client c on c.id = a.client_id
           left join staff_member s on s.id = a.staff_id
          where password_hash like '$argon2id$%' and a.username = coalesce(c.email, s.email)
            and (c.status = 'active' or s.active)",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let mut told: Vec<&str> = LOGINS.iter().map(|(address, _)| *address).collect();
    found.sort();
    told.sort();
    assert_eq!(found, told);
    assert!(PASSWORD.len() >= shared::accounts::PASSWORD_MIN);
    let may_book = "select count(*) from staff_member
                     where email = 'practitioner@demo.test' and may_book and roles = '{practitioner}'";
    assert_eq!(count(&pool, may_book).await, 1);
}

#[testkit::test]
async fn the_okafors_have_the_grants_that_the_demo_describes(pool: PgPool) {
    seed(&pool, now()).await.unwrap();
    let grants: Vec<(String, String, String, String, Vec<bool>)> = sqlx::query_as(
        "select h.first_name, s.first_name, g.holder_label, g.subject_label,
                array[g.may_book, g.may_forms, g.gets_copies, g.may_packages]
           from client_grant g join client h on h.id = g.holder join client s on s.id = g.subject
          where h.last_name = 'Okafor' or s.last_name = 'Okafor'
          order by 1, 2",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let told: Vec<_> = grants
        .iter()
        .map(|(holder, subject, label, reverse, may)| {
            let letters: String =
                "bfcp".chars().zip(may).map(|(letter, may)| if *may { letter } else { '-' }).collect();
            format!("{holder} {subject} {label} {reverse} {letters}")
        })
        .collect();
    let expected = [
        "Ana Daniel partner partner --c-",
        "Ana Leo parent child bfcp",
        "Ana Mia parent child bfcp",
        "Daniel Ana partner partner --c-",
        "Daniel Leo parent child b---",
        "Daniel Mia parent child --c-",
        "Leo Ana child parent ----",
        "Leo Daniel child parent ----",
        "Leo Ruth other grandparent ----",
        "Mia Ana child parent ----",
        "Mia Daniel child parent ----",
        "Mia Ruth other grandparent ----",
        "Ruth Leo grandparent other ----",
        "Ruth Mia grandparent other ----",
    ];
    assert_eq!(told, expected);
    let unrecorded = "select count(*) from client_link l where not exists (
        select from client_link_event e
         where (e.client_low, e.client_high, e.kind) = (l.client_low, l.client_high, 'created'))";
    assert_eq!(count(&pool, unrecorded).await, 0);
    let sam =
        "select count(*) from client_grant g join client c on c.id = g.holder where c.email = 'unlinked@demo.test'";
    assert_eq!(count(&pool, sam).await, 0);
}

#[testkit::test]
async fn the_crowd_has_the_size_that_the_demo_describes(pool: PgPool) {
    seed(&pool, now()).await.unwrap();
    assert_eq!(count(&pool, "select count(*) from client where kind = 'individual'").await, 200);
    let status = async |word: &str| -> i64 {
        let query = "select count(*) from client where status = $1";
        sqlx::query_scalar(query).bind(word).fetch_one(&pool).await.unwrap()
    };
    assert!((20..=30).contains(&status("inactive").await));
    assert!((15..=25).contains(&status("prospect").await));
    let twins = "select count(*) - count(distinct (first_name, last_name)) from client where kind = 'individual'";
    assert_eq!(count(&pool, twins).await, 0);
    let mail = "select count(*) from client
                 where (email_consent and email is null) or email !~ '^[a-z]+([.][a-z]+)?@(demo[.]test|example[.]com)$'
                    or mobile !~ '^[0-9]{3} 555 01[0-9]{2}$'";
    assert_eq!(count(&pool, mail).await, 0);
    let ages =
        "select count(*) from client where (first_name, last_name, date_part('year', age('2026-03-04', birth_date)))
                    in (('Mia', 'Okafor', 9), ('Leo', 'Okafor', 6))";
    assert_eq!(count(&pool, ages).await, 2);
}

/// A couple, two families and two groups, each of which someone sees; people have left some, and one came back.
#[testkit::test]
async fn couples_families_and_a_group_have_members(pool: PgPool) {
    seed(&pool, now()).await.unwrap();
    let told: Vec<(String, i64, i64, bool)> = sqlx::query_as(
        "select g.kind, count(*) filter (where m.left_on is null), count(*) filter (where m.left_on is not null),
                exists (select from client_practitioner p where p.client_id = g.id)
           from client g join client_membership m on m.group_id = g.id group by g.id order by g.kind, g.code",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let told: Vec<_> = told.iter().map(|(kind, now, past, seen)| (kind.as_str(), *now, *past, *seen)).collect();
    let groups = [("group", 3, 4, true), ("group", 5, 1, true)];
    let others = [("couple", 2, 0, true), ("family", 2, 0, true), ("family", 3, 1, true)];
    assert_eq!(told, [&others[..], &groups].concat());
}

/// Around the year, so that days off and clock changes come everywhere.
#[testkit::test]
async fn the_diary_keeps_every_rule(pool: PgPool) {
    for days in [0, 5, 100, 241] {
        let now = now() + TimeDelta::days(days);
        assert!(seed(&pool, now).await.unwrap());
        check_diary(&pool, now).await;
        let empty = "truncate client, staff_member, service, location, form cascade";
        sqlx::query(empty).execute(&pool).await.unwrap();
    }
}

async fn check_diary(pool: &PgPool, now: DateTime<Utc>) {
    let near = "select count(*) from visit a join visit b
                    on a.practitioner_id = b.practitioner_id and a.id < b.id and not a.overbooked and not b.overbooked
                   and a.starts_at < b.ends_at + make_interval(mins => greatest(a.buffer_minutes, b.buffer_minutes))
                   and b.starts_at < a.ends_at + make_interval(mins => greatest(a.buffer_minutes, b.buffer_minutes))";
    assert_eq!(count(pool, near).await, 0);
    let twice = "select count(*) from visit a join visit b
                     on a.client_id = b.client_id and a.id < b.id and a.starts_at < b.ends_at and b.starts_at < a.ends_at";
    assert_eq!(count(pool, twice).await, 0);
    let outside = "select count(*) from appointment a where not exists (
        select from weekly_hours h
         where h.practitioner_id = a.practitioner_id
           and h.weekday = extract(isodow from a.starts_at at time zone a.zone)
           and (a.starts_at at time zone a.zone)::date between h.valid_from and coalesce(h.valid_until, 'infinity')
           and h.starts <= extract(hour from a.starts_at at time zone a.zone) * 60 + extract(minute from a.starts_at at time zone a.zone)
           and h.ends >= extract(hour from a.ends_at at time zone a.zone) * 60 + extract(minute from a.ends_at at time zone a.zone))";
    assert_eq!(count(pool, outside).await, 0);
    let stranger = "select count(*) from visit a
        join client c on c.id = a.client_id
        join service s on s.id = a.service_id
       where c.status <> 'active' or a.booked_at < c.created_at or a.cancelled_at < a.booked_at
          or a.ends_at <> a.starts_at + make_interval(mins => s.duration_minutes)
          or not exists (select from service_practitioner o
                          where (o.service_id, o.practitioner_id) = (a.service_id, a.practitioner_id))
          or not exists (select from client_practitioner p
                          where (p.client_id, p.practitioner_id) = (a.client_id, a.practitioner_id))
          or (a.proxy_id is not null and not exists (
              select from client_grant g where g.holder = a.proxy_id and g.subject = a.client_id and g.may_book))";
    assert_eq!(count(pool, stranger).await, 0);
    assert!(count(pool, "select count(*) from appointment where status = 'cancelled'").await > 5);
    assert!(count(pool, "select count(*) from appointment").await > 180);

    let okafors: Vec<(String, bool, i64)> = sqlx::query_as(
        "select c.first_name, a.starts_at > $1, count(*) from visit a
           join client c on c.id = a.client_id left join client p on p.id = a.proxy_id
          where c.last_name = 'Okafor' and (c.first_name = 'Ana') = (p.id is null)
            and (p.id is null or p.email = 'parent@demo.test')
          group by 1, 2 order by 1, 2",
    )
    .bind(now)
    .fetch_all(pool)
    .await
    .unwrap();
    let expected = [("Ana", true, 1), ("Leo", false, 2), ("Leo", true, 3), ("Mia", false, 2), ("Mia", true, 2)];
    assert_eq!(okafors, expected.map(|(name, ahead, count)| (name.to_owned(), ahead, count)));
}

/// From Monday to Sunday around any day of the week, for a look at a practice at work.
#[testkit::test]
async fn a_week_of_the_demo_is_a_full_one(pool: PgPool) {
    for days in 0..7 {
        let now = now() + TimeDelta::days(days);
        let began = std::time::Instant::now();
        assert!(seed(&pool, now).await.unwrap());
        println!("loaded in {} ms", began.elapsed().as_millis());
        // 2 March 2026 is a Monday; the days before the 9th are its week.
        let monday = if days < 5 { "2026-03-02" } else { "2026-03-09" };
        let week = format!(
            "from appointment a where a.status <> 'cancelled' and a.starts_local >= '{monday}'
                and a.starts_local < '{monday}'::timestamp + interval '7 days'"
        );
        let count = async |what: &str, and: &str| -> i64 {
            let sql = format!("select count({what}) {week} {and}");
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&pool).await.unwrap()
        };
        assert!(count("*", "").await >= 120, "{days}: {}", count("*", "").await);
        assert_eq!(count("distinct practitioner_id", "").await, 6);
        assert_eq!(count("distinct room_id", "").await, 3);
        assert_eq!(count("distinct modality", "").await, 3);
        assert_eq!(count("*", "and a.series_id is not null").await, 1);
        // A group, a couple and a family have a session in three weeks at least.
        let parties = "select count(distinct g.kind) from appointment_participant p join client g on g.id = p.party_id";
        assert_eq!(self::count(&pool, parties).await, 3);
        let overbooked = "select count(*) from appointment a join appointment b
                              on a.practitioner_id = b.practitioner_id and a.starts_at = b.starts_at and a.id <> b.id
                           where a.practitioner_overbooked and a.overbook_reason <> '' and not b.practitioner_overbooked";
        assert_eq!(self::count(&pool, overbooked).await, 1);
        let off =
            "select count(*) from availability_exception e join appointment a on a.practitioner_id = e.practitioner_id
                    where e.kind = 'off' and a.blocks and a.starts_at < e.ends_at and a.ends_at > e.starts_at";
        assert_eq!(self::count(&pool, off).await, 0);
        assert_eq!(self::count(&pool, "select count(*) from availability_exception").await, 2);
        let empty = "truncate client, staff_member, service, location, appointment_series, form cascade";
        sqlx::query(empty).execute(&pool).await.unwrap();
    }
}

/// The attendance of a day in the middle of it.
#[testkit::test]
async fn some_have_been_some_are_there_and_some_are_expected(pool: PgPool) {
    let noon = "2026-03-04T16:50:00Z".parse().unwrap();
    assert!(seed(&pool, noon).await.unwrap());
    let found: Vec<String> = sqlx::query_scalar(
        "select distinct attendance from appointment_participant
          where status = 'booked' and starts_at >= '2026-03-04T05:00:00Z' and starts_at < '2026-03-05T05:00:00Z' order by 1",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    for one in ["attended", "expected", "in_session"] {
        assert!(found.iter().any(|word| word == one), "{one} in {found:?}");
    }
    let wrong = "select count(*) from appointment_participant
                  where (arrived_at > now() or arrived_at > seen_at or seen_at > left_at)
                     or (attendance in ('arrived', 'in_session', 'attended')) <> (arrived_at is not null)";
    assert_eq!(count(&pool, wrong).await, 0);
}

#[testkit::test]
async fn the_trainee_has_a_year_of_hours(pool: PgPool) {
    assert!(seed(&pool, now()).await.unwrap());
    let logged = "select count(*) from activity a join staff_member s on s.id = a.staff_id
                   where s.email = 'trainee@demo.test' and a.held_on < '2026-03-05' and a.supervisor_id is not null";
    assert!((220..400).contains(&count(&pool, logged).await));
    assert_eq!(count(&pool, "select count(distinct date_trunc('month', held_on)) from activity").await, 13);
    // Every attendee was a member then; and one of them has left since.
    let strangers = "select count(*) from activity_attendee t join activity a on a.id = t.activity_id
        where not exists (select from client_membership m
                           where (m.group_id, m.member_id) = (t.group_id, t.member_id)
                             and a.held_on >= m.joined_on and (m.left_on is null or a.held_on < m.left_on))";
    assert_eq!(count(&pool, strangers).await, 0);
    let left = "select count(distinct member_id) from activity_attendee t
        where exists (select from client_membership m
                       where (m.group_id, m.member_id) = (t.group_id, t.member_id) and m.left_on is not null)";
    assert_eq!(count(&pool, left).await, 1);
    let unseen = "select count(*) from activity_client x join activity a on a.id = x.activity_id
        where not exists (select from client_practitioner p
                           where (p.client_id, p.practitioner_id) = (x.client_id, a.staff_id))";
    assert_eq!(count(&pool, unseen).await, 0);
}

#[testkit::test]
async fn the_call_list_is_not_empty_and_two_children_come_alone(pool: PgPool) {
    assert!(seed(&pool, now()).await.unwrap());
    let staff: uuid::Uuid = sqlx::query_scalar("select id from staff_member where email = 'staff@demo.test'")
        .fetch_one(&pool)
        .await
        .unwrap();
    let desk =
        db::actor::StaffActor::new(shared::StaffId(staff), "Desk", vec![shared::accounts::Role::FrontDesk], true);
    let counts = db::todo::counts(&pool, &db::Actor::Staff(desk), now()).await.unwrap();
    assert_eq!(counts.minors, 2);
    assert!((1..40).contains(&counts.calls), "{}", counts.calls);
}
