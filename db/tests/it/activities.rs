//! Activities: who may see and change them, who was there of a group, and what
//! becomes of them when people leave, change or are forged.

use crate::support::activities::{assign, client, count, form, member, practitioner, problem, term, today};
use chrono::Days;
use db::activities::{self, Draft, Recorded, Start};
use db::{Actor, PgPool};
use shared::accounts::Role;
use shared::activities::{ActivityForm, ActivityQuery, Whose};
use shared::{AppointmentId, ClientId, ClientNumber, Problem, Refusal};
use testkit::{refusal, staff_actor};
use uuid::Uuid;

#[testkit::test]
async fn an_erased_client_stays_and_cannot_be_added_again(pool: PgPool) {
    let ada = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let ((_, mia), (_, leo)) = (client(&pool, "individual", "Mia").await, client(&pool, "individual", "Leo").await);
    let with = form(&pool, &[mia, leo]).await;
    let id = activities::save(&pool, &ada, None, &with).await.unwrap();
    sqlx::query("update client set erased_at = now() where number = $1").bind(mia.get()).execute(&pool).await.unwrap();
    let again = ActivityForm { hours: "2:00".into(), version: "1".into(), ..with };
    activities::save(&pool, &ada, Some(id), &again).await.unwrap();
    assert_eq!(count(&pool, "select count(*) from activity_client").await, 2);
    let refused = refusal(activities::save(&pool, &ada, None, &form(&pool, &[mia]).await).await);
    assert_eq!(problem(&refused, "clients"), Some(Problem::Unknown));
}

#[testkit::test]
async fn owner_and_administrators_change_supervisor_and_front_desk_read(pool: PgPool) {
    let owner = practitioner(&pool, "Olga").await;
    let supervisor = practitioner(&pool, "Sven").await;
    let stranger = practitioner(&pool, "Stan").await;
    let desk = staff_actor(&pool, "Dora", &[Role::FrontDesk]).await;
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let mut given = form(&pool, &[]).await;
    given.supervisor = supervisor.id().to_string();
    let id = activities::save(&pool, &owner, None, &given).await.unwrap();

    for (who, may_edit) in [(&owner, true), (&supervisor, false), (&desk, false), (&admin, true)] {
        assert_eq!(activities::one(&pool, who, id).await.unwrap().may_edit, may_edit, "{}", who.name());
    }
    assert_eq!(refusal(activities::one(&pool, &stranger, id).await), Refusal::NotFound);

    given.version = "1".into();
    let mut save = given.clone();
    for (who, expected) in
        [(&stranger, Refusal::NotFound), (&supervisor, Refusal::Forbidden), (&desk, Refusal::Forbidden)]
    {
        save.request_key = db::new_id().to_string();
        let draft = Draft { form: save.clone(), q: String::new() };
        assert_eq!(refusal(activities::save(&pool, who, Some(id), &save).await), expected, "{}", who.name());
        assert_eq!(refusal(activities::delete(&pool, who, id).await), expected);
        assert_eq!(refusal(activities::keep(&pool, who, Some(id), &draft).await), expected);
    }
    given.hours = "2h".into();
    activities::save(&pool, &admin, Some(id), &given).await.unwrap();
    let one = activities::one(&pool, &owner, id).await.unwrap();
    assert_eq!((one.minutes, one.version, one.staff.0.0), (120, 2, owner.id()));
    // What was read before that is stale now.
    assert_eq!(refusal(activities::save(&pool, &owner, Some(id), &given).await), Refusal::Stale);

    let whose = |whose| ActivityQuery { whose, ..ActivityQuery::default() };
    let seen = async |who: &Actor, query| activities::list(&pool, who, &query).await.unwrap().count;
    assert_eq!(seen(&supervisor, whose(Whose::Own)).await, 0);
    assert_eq!(seen(&supervisor, whose(Whose::Supervised)).await, 1);
    assert_eq!(seen(&stranger, whose(Whose::All)).await, 0);
    assert_eq!(seen(&stranger, whose(Whose::Of(one.staff.0))).await, 0);
    assert_eq!(seen(&desk, whose(Whose::Of(one.staff.0))).await, 1);
    let mia = testkit::client_actor(&pool, "Mia").await;
    assert_eq!(refusal(activities::list(&pool, &mia, &whose(Whose::All)).await), Refusal::NotFound);
    activities::delete(&pool, &owner, id).await.unwrap();
    assert_eq!(refusal(activities::one(&pool, &owner, id).await), Refusal::NotFound);
    // Anyone who may not delete may not put back.
    for who in [&supervisor, &stranger, &desk] {
        assert_eq!(refusal(activities::restore(&pool, who, id).await), Refusal::NotFound);
    }
}

#[testkit::test]
async fn what_was_deleted_can_be_put_back_for_a_day(pool: PgPool) {
    let olga = practitioner(&pool, "Olga").await;
    let desk = staff_actor(&pool, "Dora", &[Role::FrontDesk]).await;
    let (mine, mine_number) = client(&pool, "individual", "Mine").await;
    let (gone, gone_number) = client(&pool, "individual", "Gone").await;
    for client in [mine, gone] {
        assign(&pool, &olga, client).await;
    }
    let id = activities::save(&pool, &olga, None, &form(&pool, &[mine_number, gone_number]).await).await.unwrap();
    let before = activities::one(&pool, &olga, id).await.unwrap();
    activities::delete(&pool, &olga, id).await.unwrap();
    activities::restore(&pool, &olga, id).await.unwrap();
    let after = activities::one(&pool, &olga, id).await.unwrap();
    assert_eq!(format!("{before:?}"), format!("{after:?}"));
    activities::restore(&pool, &olga, id).await.unwrap();

    // Of its clients those who are still here.
    activities::delete(&pool, &olga, id).await.unwrap();
    db::deletion::delete(&pool, &desk, gone_number).await.unwrap();
    activities::restore(&pool, &olga, id).await.unwrap();
    let left: Vec<Uuid> = sqlx::query_scalar("select client_id from activity_client").fetch_all(&pool).await.unwrap();
    assert_eq!(left, [mine.0]);

    activities::delete(&pool, &olga, id).await.unwrap();
    sqlx::query("update activity_removal set removed_at = now() - interval '25 hours'").execute(&pool).await.unwrap();
    assert_eq!(refusal(activities::restore(&pool, &olga, id).await), Refusal::NotFound);
}

#[testkit::test]
async fn a_practitioner_adds_only_clients_they_see(pool: PgPool) {
    let olga = practitioner(&pool, "Olga").await;
    let (mine, mine_number) = client(&pool, "individual", "Mine").await;
    let (_, foreign) = client(&pool, "individual", "Foreign").await;
    assign(&pool, &olga, mine).await;
    for numbers in [vec![foreign], vec![mine_number, foreign], vec![ClientNumber::new(999_999)]] {
        let answer = activities::save(&pool, &olga, None, &form(&pool, &numbers).await).await;
        assert_eq!(problem(&refusal(answer), "clients"), Some(Problem::Unknown));
    }
    assert_eq!(count(&pool, "select count(*) from activity").await, 0);
    let given = form(&pool, &[mine_number]).await;
    let id = activities::save(&pool, &olga, None, &given).await.unwrap();

    // No longer assigned: the session stays, the person is not named, and
    // saving it again loses no one.
    sqlx::query("delete from client_practitioner").execute(&pool).await.unwrap();
    let one = activities::one(&pool, &olga, id).await.unwrap();
    assert_eq!((one.clients.len(), one.hidden), (0, 1));
    assert!(activities::chosen(&pool, &olga, &given, Some(id)).await.unwrap().is_empty());
    let of_client = ActivityQuery { client: Some(mine_number), ..ActivityQuery::default() };
    assert_eq!(refusal(activities::list(&pool, &olga, &of_client).await), Refusal::NotFound);
    assert_eq!(refusal(activities::start(&pool, &olga, None, Some(mine_number)).await), Refusal::NotFound);
    let again = ActivityForm { clients: Vec::new(), version: "1".into(), ..given };
    activities::save(&pool, &olga, Some(id), &again).await.unwrap();
    assert_eq!(count(&pool, "select count(*) from activity_client").await, 1);
}

#[testkit::test]
async fn forged_ids_are_refused_at_their_fields(pool: PgPool) {
    let olga = practitioner(&pool, "Olga").await;
    let good = form(&pool, &[]).await;
    let setting = term(&pool, "setting", "School").await;
    let nobody = db::new_id().to_string();
    let me = olga.id().to_string();
    let cases = [
        ("activity_type", ActivityForm { activity_type: setting.clone(), ..good.clone() }),
        ("activity_type", ActivityForm { activity_type: nobody.clone(), ..good.clone() }),
        ("setting", ActivityForm { setting: good.activity_type.clone(), ..good.clone() }),
        ("supervisor", ActivityForm { supervisor: nobody.clone(), ..good.clone() }),
        ("supervisor", ActivityForm { supervisor: me, ..good.clone() }),
        ("appointment", ActivityForm { appointment: nobody.clone(), ..good.clone() }),
    ];
    for (field, form) in cases {
        let answer = activities::save(&pool, &olga, None, &form).await;
        assert_eq!(problem(&refusal(answer), field), Some(Problem::Unknown), "{field}");
    }
    // Whose hours: only administrators choose, and only people who work here.
    let other = practitioner(&pool, "Otto").await;
    let theirs = ActivityForm { staff: other.id().to_string(), setting, ..good.clone() };
    let id = activities::save(&pool, &olga, None, &theirs).await.unwrap();
    assert_eq!(activities::one(&pool, &olga, id).await.unwrap().staff.0.0, olga.id());
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let for_other = ActivityForm { request_key: db::new_id().to_string(), ..theirs };
    let id = activities::save(&pool, &admin, None, &for_other).await.unwrap();
    assert_eq!(activities::one(&pool, &other, id).await.unwrap().staff.0.0, other.id());
    let for_nobody = ActivityForm { staff: nobody, request_key: db::new_id().to_string(), ..good };
    assert_eq!(
        problem(&refusal(activities::save(&pool, &admin, None, &for_nobody).await), "staff"),
        Some(Problem::Unknown)
    );
}

#[testkit::test]
async fn a_retired_word_stays_where_it_is_and_is_not_offered_again(pool: PgPool) {
    let olga = practitioner(&pool, "Olga").await;
    let mut given = form(&pool, &[]).await;
    let id = activities::save(&pool, &olga, None, &given).await.unwrap();
    sqlx::query("update term set active = false where label = 'Individual session'").execute(&pool).await.unwrap();
    given.version = "1".into();
    activities::save(&pool, &olga, Some(id), &given).await.unwrap();
    let one = activities::one(&pool, &olga, id).await.unwrap();
    let offered = activities::choices(&pool, &olga, Some(&one)).await.unwrap();
    assert!(offered.types.contains(&one.activity_type));
    assert!(!activities::choices(&pool, &olga, None).await.unwrap().types.contains(&one.activity_type));
    given.request_key = db::new_id().to_string();
    assert_eq!(
        problem(&refusal(activities::save(&pool, &olga, None, &given).await), "activity_type"),
        Some(Problem::Unknown)
    );
}

#[testkit::test]
async fn a_double_submit_makes_one(pool: PgPool) {
    let olga = practitioner(&pool, "Olga").await;
    let given = form(&pool, &[]).await;
    let (one, two) =
        tokio::join!(activities::save(&pool, &olga, None, &given), activities::save(&pool, &olga, None, &given));
    assert_eq!(one.unwrap(), two.unwrap());
    assert_eq!(count(&pool, "select count(*) from activity").await, 1);
    // The key of a colleague is not answered with the colleague's activity.
    let stan = practitioner(&pool, "Stan").await;
    let own = activities::save(&pool, &stan, None, &given).await.unwrap();
    assert_eq!(count(&pool, "select count(*) from activity").await, 2);
    activities::delete(&pool, &stan, own).await.unwrap();
    // Put right while the first answer was on its way, nothing of it is lost.
    let corrected = ActivityForm { hours: "2:00".into(), ..given.clone() };
    let other = activities::save(&pool, &olga, None, &corrected).await.unwrap();
    assert_eq!(activities::one(&pool, &olga, other).await.unwrap().minutes, 120);
    // Deleted twice is deleted; no one else is told that it ever was.
    activities::delete(&pool, &olga, other).await.unwrap();
    activities::delete(&pool, &olga, other).await.unwrap();
    assert_eq!(refusal(activities::delete(&pool, &stan, other).await), Refusal::NotFound);
    assert_eq!(count(&pool, "select count(*) from activity").await, 1);
}

/// Lists and reports of the past are narrowed by what is past.
#[testkit::test]
async fn who_has_left_and_what_is_retired_stays_a_filter_while_there_are_activities(pool: PgPool) {
    let (olga, stan) = (practitioner(&pool, "Olga").await, practitioner(&pool, "Stan").await);
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let id = activities::save(&pool, &olga, None, &form(&pool, &[]).await).await.unwrap();
    let kind = activities::one(&pool, &olga, id).await.unwrap().activity_type;
    sqlx::query("update staff_member set active = false where id in ($1, $2)")
        .bind(olga.id())
        .bind(stan.id())
        .execute(&pool)
        .await
        .unwrap();
    sqlx::query("update term set active = false where vocabulary = 'activity_type'").execute(&pool).await.unwrap();
    let filters = activities::filters(&pool, &admin).await.unwrap();
    assert_eq!(filters.types, [(kind.0, format!("{} (retired)", kind.1))]);
    let left: Vec<_> = filters.staff.iter().filter(|(_, name)| name.ends_with(" (left)")).map(|(id, _)| id.0).collect();
    assert_eq!(left, [olga.id()], "nobody without hours");
    let offered = activities::choices(&pool, &admin, None).await.unwrap();
    assert!(offered.types.is_empty() && offered.staff.len() == 1);
}

/// An activity shows a client as they are now.
#[testkit::test]
async fn an_edited_client_shows_right_away(pool: PgPool) {
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let (_, number) = client(&pool, "individual", "Before").await;
    let id = activities::save(&pool, &admin, None, &form(&pool, &[number]).await).await.unwrap();
    sqlx::query("update client set preferred_name = 'After', code = 'NEW1'").execute(&pool).await.unwrap();
    let one = activities::one(&pool, &admin, id).await.unwrap();
    assert_eq!((one.clients[0].name.as_str(), one.clients[0].code.as_str()), ("After", "NEW1"));
    // Known by the code alone.
    sqlx::query("update client set preferred_name = '', first_name = ''").execute(&pool).await.unwrap();
    assert_eq!(activities::one(&pool, &admin, id).await.unwrap().clients[0].called(), "NEW1");
}

#[testkit::test]
async fn a_client_with_activities_is_not_deleted(pool: PgPool) {
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let (group, group_number) = client(&pool, "group", "Monday").await;
    let (person, _) = client(&pool, "individual", "Person").await;
    member(&pool, group, person, today(), None).await;
    activities::save(&pool, &admin, None, &form(&pool, &[group_number]).await).await.unwrap();
    for id in [group, person] {
        let refused = sqlx::query("delete from client where id = $1").bind(id.0).execute(&pool).await.unwrap_err();
        assert_eq!(refused.as_database_error().unwrap().code().as_deref(), Some("23503"));
    }
}

async fn appointment(pool: &PgPool, practitioner: &Actor, client: ClientId, hours: i32) -> AppointmentId {
    let (service, location, id) = (db::new_id(), db::new_id(), db::new_id());
    sqlx::query(
        "with s as (insert into service (id, name, duration_minutes) values ($1, $1::text, 50) returning id),
              l as (insert into location (id, name, zone) values ($2, $2::text, 'Asia/Tokyo') returning id)
         insert into visit (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone,
                                  buffer_minutes, price_cents, request_key, booked_by)
         select $3, s.id, $4, l.id, $5, now() + make_interval(hours => $6), now() + make_interval(hours => $6, mins => 50),
                'Asia/Tokyo', 0, 0, $3, $4 from s, l",
    )
    .bind(service)
    .bind(location)
    .bind(id)
    .bind(practitioner.id())
    .bind(client.0)
    .bind(hours)
    .execute(pool)
    .await
    .unwrap();
    AppointmentId(id)
}

#[testkit::test]
async fn a_past_appointment_becomes_one_activity(pool: PgPool) {
    let olga = practitioner(&pool, "Olga").await;
    let otto = practitioner(&pool, "Otto").await;
    let desk = staff_actor(&pool, "Dora", &[Role::FrontDesk]).await;
    let (mia, number) = client(&pool, "individual", "Mia").await;
    assign(&pool, &olga, mia).await;
    assign(&pool, &otto, mia).await;
    let past = appointment(&pool, &olga, mia, -72).await;
    let to_come = appointment(&pool, &olga, mia, 72).await;

    assert_eq!(activities::recorded(&pool, &olga, past).await.unwrap(), Recorded::May);
    for (who, which) in [(&olga, to_come), (&otto, past), (&desk, past)] {
        assert_eq!(activities::recorded(&pool, who, which).await.unwrap(), Recorded::Not);
        assert_eq!(refusal(activities::start(&pool, who, Some(which), None).await), Refusal::Forbidden);
    }
    let Start::With(mut given) = activities::start(&pool, &olga, Some(past), None).await.unwrap() else { panic!() };
    assert_eq!((given.hours.as_str(), given.clients.as_slice()), ("0:50", [number.to_string()].as_slice()));
    given.activity_type = term(&pool, "activity_type", "Assessment").await;

    // No one else's hours, and none of what is in the future.
    let theirs = ActivityForm { request_key: db::new_id().to_string(), ..(*given).clone() };
    assert!(problem(&refusal(activities::save(&pool, &otto, None, &theirs).await), "appointment").is_some());
    let early = ActivityForm { appointment: to_come.to_string(), ..theirs.clone() };
    assert!(problem(&refusal(activities::save(&pool, &olga, None, &early).await), "appointment").is_some());

    let id = activities::save(&pool, &olga, None, &given).await.unwrap();
    assert_eq!(activities::one(&pool, &olga, id).await.unwrap().appointment, Some(past));
    assert_eq!(activities::recorded(&pool, &olga, past).await.unwrap(), Recorded::As(id));
    assert_eq!(activities::start(&pool, &olga, Some(past), None).await.unwrap(), Start::Recorded(id));
    let again = activities::save(&pool, &olga, None, &theirs).await;
    assert_eq!(problem(&refusal(again), "appointment"), Some(Problem::Taken));

    // The next appointment for the same service begins as this one was.
    let next = appointment(&pool, &olga, mia, -48).await;
    sqlx::query("update appointment set service_id = (select service_id from appointment where id = $1) where id = $2")
        .bind(past.0)
        .bind(next.0)
        .execute(&pool)
        .await
        .unwrap();
    let Start::With(next) = activities::start(&pool, &olga, Some(next), None).await.unwrap() else { panic!() };
    assert_eq!(next.activity_type, given.activity_type);

    activities::delete(&pool, &olga, id).await.unwrap();
    assert_eq!(activities::recorded(&pool, &olga, past).await.unwrap(), Recorded::May);
}

#[testkit::test]
async fn a_draft_is_ones_own_and_goes_when_saved(pool: PgPool) {
    let (olga, stan) = (practitioner(&pool, "Olga").await, practitioner(&pool, "Stan").await);
    let given = form(&pool, &[]).await;
    let draft = Draft {
        form: ActivityForm { description: "</textarea><script>🙂".into(), ..given.clone() },
        q: "Mia".into(),
    };
    let key = activities::keep(&pool, &olga, None, &draft).await.unwrap();
    assert_eq!(activities::kept(&pool, &olga, key).await.unwrap(), Some(draft.clone()));
    assert_eq!(activities::kept(&pool, &stan, key).await.unwrap(), None);
    assert_eq!(refusal(activities::keep(&pool, &stan, None, &draft).await), Refusal::NotFound);
    sqlx::query("update activity_draft set kept_at = now() - interval '15 days'").execute(&pool).await.unwrap();
    let other = Draft { form: form(&pool, &[]).await, q: String::new() };
    let other_key = activities::keep(&pool, &stan, None, &other).await.unwrap();
    assert_eq!(activities::kept(&pool, &olga, key).await.unwrap(), None);
    activities::save(&pool, &stan, None, &other.form).await.unwrap();
    assert_eq!(activities::kept(&pool, &stan, other_key).await.unwrap(), None);
}

#[testkit::test]
async fn pages_follow_one_another_without_gap_or_repeat(pool: PgPool) {
    let olga = practitioner(&pool, "Olga").await;
    let many = i64::from(activities::PAGE_SIZE) * 2 + 7;
    sqlx::query(
        "insert into activity (id, staff_id, type_id, held_on, minutes, request_key)
         select gen_random_uuid(), $1, (select id from term where vocabulary = 'activity_type' limit 1),
                $2::date - (n / 3)::int, 30, gen_random_uuid() from generate_series(1, $3) n",
    )
    .bind(olga.id())
    .bind(today())
    .bind(many)
    .execute(&pool)
    .await
    .unwrap();
    let mut query = ActivityQuery::default();
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let page = activities::list(&pool, &olga, &query).await.unwrap();
        assert_eq!((page.count, page.minutes), (many, many * 30));
        seen.extend(page.rows.into_iter().map(|row| (row.date, row.id)));
        pages += 1;
        query.after = page.next;
        if page.next.is_none() {
            break;
        }
    }
    assert_eq!((seen.len() as i64, pages), (many, 3));
    assert!(seen.is_sorted_by(|a, b| a > b));
    let days = ActivityQuery { first: Some(today() - Days::new(1)), last: Some(today()), ..ActivityQuery::default() };
    assert_eq!(activities::list(&pool, &olga, &days).await.unwrap().count, 5);
}
