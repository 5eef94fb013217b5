//! Services, weekly hours and the welcome e-mail: who may, and what is kept.

use db::practice::*;
use db::{Actor, PgPool};
use shared::accounts::Role;
use shared::practice::{DayForm, Hours, Pattern, ServiceDetails, ServiceForm, StaffNotesForm, WeekForm, WorkingHours};
use shared::{Problem, Refusal, StaffId};
use testkit::{client_actor, refusal, staff_actor};

struct Team {
    administrator: Actor,
    staff: Actor,
    ana: Actor,
    ben: Actor,
    client: Actor,
}

async fn team(pool: &PgPool) -> Team {
    Team {
        administrator: staff_actor(pool, "Ada", &[Role::Administrator]).await,
        staff: staff_actor(pool, "Sam", &[Role::FrontDesk]).await,
        ana: staff_actor(pool, "Ana", &[Role::Practitioner]).await,
        ben: staff_actor(pool, "Ben", &[Role::Practitioner]).await,
        client: client_actor(pool, "Mia").await,
    }
}

fn id(actor: &Actor) -> StaffId {
    StaffId(actor.id())
}

fn details(name: &str, practitioners: &[&Actor], version: &str) -> ServiceDetails {
    ServiceForm {
        name: name.into(),
        duration_minutes: "50".into(),
        buffer_minutes: "10".into(),
        price: "120.50".into(),
        in_portal: true,
        active: true,
        practitioners: practitioners.iter().map(|actor| actor.id().to_string()).collect(),
        version: version.into(),
        ..ServiceForm::default()
    }
    .parse()
    .unwrap()
}

fn hours(weekday: i16, starts: &str, ends: &str) -> Hours {
    let minute =
        |text: &str| shared::parse::time(text).unwrap().signed_duration_since(chrono::NaiveTime::MIN).num_minutes();
    Hours { weekday, starts: minute(starts) as i16, ends: minute(ends) as i16 }
}

async fn audited(pool: &PgPool, record_kind: &str) -> i64 {
    sqlx::query_scalar("select count(*) from audit where record_kind = $1")
        .bind(record_kind)
        .fetch_one(pool)
        .await
        .unwrap()
}

#[testkit::test]
async fn a_service_is_kept_as_typed_with_its_practitioners(pool: PgPool) {
    let team = team(&pool).await;
    let made = details("Massage 🙂 </textarea><script>", &[&team.ben, &team.ana, &team.ana], "");
    let service_id = save_service(&pool, &team.administrator, None, made.clone()).await.unwrap();

    let stored = service(&pool, &team.staff, service_id).await.unwrap();
    assert_eq!((stored.name, stored.price_cents, stored.duration_minutes), (made.name, 12_050, 50));
    assert_eq!((stored.buffer_minutes, stored.in_portal, stored.active, stored.version), (10, true, true, 1));
    let names: Vec<_> = stored.practitioners.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["Ana Test", "Ben Test"]);
    assert_eq!(practitioners_of(&pool, service_id).await.unwrap(), stored.practitioners);

    // Unticked people and an unticked "active" are gone; the list keeps the rest.
    let changed = ServiceDetails { active: false, ..details("Massage", &[&team.ben], "1") };
    save_service(&pool, &team.administrator, Some(service_id), changed).await.unwrap();
    let all = services(&pool, &team.staff).await.unwrap();
    assert_eq!((all.len(), all[0].version, all[0].practitioners.len()), (1, 2, 1));
    assert!(active_services(&pool).await.unwrap().is_empty());
    assert!(practitioners_of(&pool, service_id).await.unwrap().is_empty());
    assert_eq!(audited(&pool, "service").await, 2);
}

#[testkit::test]
async fn only_administrators_save_services(pool: PgPool) {
    let team = team(&pool).await;
    let made = save_service(&pool, &team.administrator, None, details("Massage", &[], "")).await.unwrap();
    for (actor, expected) in
        [(&team.staff, Refusal::Forbidden), (&team.ana, Refusal::Forbidden), (&team.client, Refusal::NotFound)]
    {
        for id in [None, Some(made)] {
            let answer = save_service(&pool, actor, id, details("Mine", &[], "1")).await;
            assert_eq!(refusal(answer), expected);
        }
    }
    assert_eq!(services(&pool, &team.staff).await.unwrap().len(), 1);
    assert_eq!(refusal(services(&pool, &team.ana).await), Refusal::Forbidden);
    assert_eq!(refusal(services(&pool, &team.client).await), Refusal::NotFound);
    assert_eq!(refusal(service(&pool, &team.client, made).await), Refusal::NotFound);
}

#[testkit::test]
async fn a_name_that_is_taken_is_refused_at_its_field(pool: PgPool) {
    let team = team(&pool).await;
    let taken = Refusal::field("name", Problem::Taken);
    save_service(&pool, &team.administrator, None, details("Massage", &[], "")).await.unwrap();
    let other = save_service(&pool, &team.administrator, None, details("Yoga", &[], "")).await.unwrap();
    let again = details("Massage", &[], "");
    assert_eq!(refusal(save_service(&pool, &team.administrator, None, again).await), taken);
    let renamed = details("Massage", &[], "1");
    assert_eq!(refusal(save_service(&pool, &team.administrator, Some(other), renamed).await), taken);
    assert_eq!(service(&pool, &team.staff, other).await.unwrap().name, "Yoga");
}

#[testkit::test]
async fn a_stale_service_is_refused_and_a_double_submit_is_not(pool: PgPool) {
    let team = team(&pool).await;
    let made = save_service(&pool, &team.administrator, None, details("Massage", &[], "")).await.unwrap();
    let first = details("Massage, long", &[&team.ana], "1");
    save_service(&pool, &team.administrator, Some(made), first.clone()).await.unwrap();
    save_service(&pool, &team.administrator, Some(made), first).await.unwrap();
    for version in ["1", ""] {
        let late = details("Massage, short", &[], version);
        assert_eq!(refusal(save_service(&pool, &team.administrator, Some(made), late).await), Refusal::Stale);
    }
    let stored = service(&pool, &team.staff, made).await.unwrap();
    assert_eq!((stored.name.as_str(), stored.version, stored.practitioners.len()), ("Massage, long", 2, 1));
    assert_eq!(audited(&pool, "service").await, 2);
}

#[testkit::test]
async fn of_two_saves_at_once_one_wins(pool: PgPool) {
    let team = team(&pool).await;
    let made = save_service(&pool, &team.administrator, None, details("Massage", &[], "")).await.unwrap();
    let (one, other) = tokio::join!(
        save_service(&pool, &team.administrator, Some(made), details("One", &[&team.ana], "1")),
        save_service(&pool, &team.administrator, Some(made), details("Other", &[&team.ben], "1")),
    );
    assert!(one.is_ok() ^ other.is_ok());
    let stored = service(&pool, &team.staff, made).await.unwrap();
    let expected = if stored.name == "One" { id(&team.ana) } else { id(&team.ben) };
    assert_eq!(stored.practitioners.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [expected]);
}

#[testkit::test]
async fn only_practitioners_offer_services_and_nothing_is_half_saved(pool: PgPool) {
    let team = team(&pool).await;
    let unknown = Refusal::field("practitioners", Problem::Unknown);
    let wrong = details("Massage", &[&team.ana, &team.staff], "");
    assert_eq!(refusal(save_service(&pool, &team.administrator, None, wrong).await), unknown);
    let forged = details("Massage", &[&team.client], "");
    assert_eq!(refusal(save_service(&pool, &team.administrator, None, forged).await), unknown);
    assert!(services(&pool, &team.staff).await.unwrap().is_empty());
    let missing = Some(shared::ServiceId(db::new_id()));
    let details = details("Massage", &[], "1");
    assert_eq!(refusal(save_service(&pool, &team.administrator, missing, details).await), Refusal::NotFound);
}

#[testkit::test]
async fn inactive_practitioners_are_not_offered_and_keep_what_they_offered(pool: PgPool) {
    let team = team(&pool).await;
    let both = details("Massage", &[&team.ana, &team.ben], "");
    let made = save_service(&pool, &team.administrator, None, both).await.unwrap();
    let set_active = "update staff_member set active = $1 where first_name = 'Ben'";
    sqlx::query(set_active).bind(false).execute(&pool).await.unwrap();
    assert_eq!(practitioners_of(&pool, made).await.unwrap().len(), 1);
    assert_eq!(practitioners(&pool, &team.staff).await.unwrap().len(), 1);
    assert_eq!(refusal(practitioner_hours(&pool, &team.staff, id(&team.ben)).await), Refusal::NotFound);
    save_service(&pool, &team.administrator, Some(made), details("Massage 2", &[&team.ana], "1")).await.unwrap();
    sqlx::query(set_active).bind(true).execute(&pool).await.unwrap();
    assert_eq!(practitioners_of(&pool, made).await.unwrap().len(), 2);
}

#[testkit::test]
async fn the_rules_of_a_service_are_kept_and_a_changed_policy_is_a_new_one(pool: PgPool) {
    use shared::practice::OwnForm;
    let team = team(&pool).await;
    let ana = id(&team.ana);
    let form = ServiceForm {
        name: "Group".into(),
        duration_minutes: "50".into(),
        practitioners: vec![ana.to_string()],
        own: vec![OwnForm { practitioner: ana.to_string(), duration_minutes: "60".into(), price: "99".into() }],
        seats: "8".into(),
        modalities: vec!["video".into(), "in_person".into()],
        notice_hours: "12".into(),
        horizon_days: "60".into(),
        step_minutes: "30".into(),
        by_request: true,
        colour: "teal".into(),
        cutoff_kind: "hours".into(),
        cutoff_hours: "24".into(),
        late: "allowed_as_late".into(),
        client_may_cancel: true,
        late_fee: "40".into(),
        policy_words: "Please call.".into(),
        active: true,
        ..ServiceForm::default()
    };
    let made = save_service(&pool, &team.administrator, None, form.parse().unwrap()).await.unwrap();
    let stored = || async { service_rules(&pool, &team.staff, made).await.unwrap() };
    assert_eq!(stored().await, form.parse().unwrap().rules);
    let policy = || async {
        let of = sqlx::query_scalar::<_, uuid::Uuid>("select policy_id from service where id = $1").bind(made.0);
        of.fetch_one(&pool).await.unwrap()
    };
    let first = policy().await;
    // Anything else leaves the policy alone; its own change makes another, and the first stays.
    let wider = ServiceForm { seats: "9".into(), version: "1".into(), ..form };
    save_service(&pool, &team.administrator, Some(made), wider.parse().unwrap()).await.unwrap();
    assert_eq!((policy().await, stored().await.seats), (first, 9));
    let softer = ServiceForm { cutoff_hours: "12".into(), version: "2".into(), ..wider };
    save_service(&pool, &team.administrator, Some(made), softer.parse().unwrap()).await.unwrap();
    assert_ne!(policy().await, first);
    let hours: i16 =
        sqlx::query_scalar("select cutoff_hours from policy where id = $1").bind(first).fetch_one(&pool).await.unwrap();
    assert_eq!(hours, 24);
    let unknown = ServiceForm { rooms: vec![db::new_id().to_string()], version: "3".into(), ..softer };
    let answer = save_service(&pool, &team.administrator, Some(made), unknown.parse().unwrap()).await;
    assert_eq!(refusal(answer), Refusal::field("rooms", Problem::Unknown));
    assert_eq!(refusal(service_rules(&pool, &team.ana, made).await), Refusal::Forbidden);
}

fn week_form(week: &[Hours], version: &str) -> WeekForm {
    let form = WeekForm::of(Pattern::always(), week, 1);
    WeekForm { version: version.into(), pattern: Pattern::always().key(), ..form }
}

/// The hours of what is stored.
fn hours_of(week: Vec<WorkingHours>) -> Vec<Hours> {
    week.into_iter().map(|one| one.hours).collect()
}

#[testkit::test]
async fn hours_are_replaced_whole(pool: PgPool) {
    let team = team(&pool).await;
    let ana = id(&team.ana);
    let first = vec![hours(1, "09:00", "12:00"), hours(1, "13:00", "17:00"), hours(7, "00:00", "23:59")];
    save_week(&pool, &team.staff, ana, &week_form(&first, "1")).await.unwrap();
    let (staff, week) = practitioner_hours(&pool, &team.ana, ana).await.unwrap();
    assert_eq!((staff.name.as_str(), staff.version), ("Ana Test", 2));
    assert_eq!(hours_of(week), first);
    assert_eq!(locations(&pool).await.unwrap().len(), 1, "a new practice gets its place");

    save_week(&pool, &team.ana, ana, &week_form(&[hours(2, "09:00", "12:00")], "2")).await.unwrap();
    assert_eq!(hours_of(practitioner_hours(&pool, &team.staff, ana).await.unwrap().1), [hours(2, "09:00", "12:00")]);
    save_week(&pool, &team.administrator, ana, &week_form(&[], "3")).await.unwrap();
    assert!(practitioner_hours(&pool, &team.staff, ana).await.unwrap().1.is_empty());
    assert_eq!((audited(&pool, "staff_member").await, locations(&pool).await.unwrap().len()), (3, 1));
}

#[testkit::test]
async fn hours_are_the_front_desks_and_ones_own(pool: PgPool) {
    let team = team(&pool).await;
    let ana = id(&team.ana);
    let week = vec![hours(1, "09:00", "12:00")];
    for (actor, expected) in [(&team.ben, Refusal::Forbidden), (&team.client, Refusal::NotFound)] {
        assert_eq!(refusal(save_week(&pool, actor, ana, &week_form(&week, "1")).await), expected);
        assert_eq!(refusal(practitioner_hours(&pool, actor, ana).await), expected);
    }
    // A person who is no practitioner has no hours, and says so to everyone alike.
    let answer = save_week(&pool, &team.administrator, id(&team.staff), &week_form(&week, "1")).await;
    assert_eq!(refusal(answer), Refusal::NotFound);
    assert_eq!(practitioners(&pool, &team.ben).await.unwrap().len(), 2);
    assert_eq!(refusal(practitioners(&pool, &team.client).await), Refusal::NotFound);
}

#[testkit::test]
async fn an_administrator_says_who_may_book(pool: PgPool) {
    let team = team(&pool).await;
    let ana = id(&team.ana);
    let stored =
        async || practitioners(&pool, &team.staff).await.unwrap().into_iter().find(|one| one.id == ana).unwrap();
    let before = stored().await.may_book;
    for (actor, expected) in
        [(&team.staff, Refusal::Forbidden), (&team.ana, Refusal::Forbidden), (&team.client, Refusal::NotFound)]
    {
        assert_eq!(refusal(save_may_book(&pool, actor, ana, !before).await), expected);
    }
    assert_eq!(stored().await.may_book, before);
    save_may_book(&pool, &team.administrator, ana, !before).await.unwrap();
    assert_eq!(stored().await.may_book, !before);
    let known = audited(&pool, "staff_member").await;
    save_may_book(&pool, &team.administrator, ana, !before).await.unwrap();
    assert_eq!(audited(&pool, "staff_member").await, known, "nothing changed");
    let nobody = save_may_book(&pool, &team.administrator, id(&team.staff), true).await;
    assert_eq!(refusal(nobody), Refusal::NotFound);
}

#[testkit::test]
async fn overlapping_and_backward_hours_are_refused(pool: PgPool) {
    let team = team(&pool).await;
    let ana = id(&team.ana);
    let day = DayForm {
        starts: "09:00".into(),
        ends: "12:00".into(),
        starts_again: "11:59".into(),
        ends_again: "13:00".into(),
    };
    let form = WeekForm { days: vec![DayForm::default(), day], version: "1".into(), ..WeekForm::default() };
    assert_eq!(form.parse(), Err(Refusal::field("days.1.starts_again", Problem::Overlaps)));

    let refused = Refusal::field("days.1.starts_again", Problem::Overlaps);
    assert_eq!(refusal(save_week(&pool, &team.staff, ana, &form).await), refused);
    let backward = week_form(&[hours(2, "12:00", "12:00")], "1");
    let refused = Refusal::field("days.1.ends", Problem::EndBeforeStart);
    assert_eq!(refusal(save_week(&pool, &team.staff, ana, &backward).await), refused);
    // One period may begin when another ends.
    let touching = vec![hours(2, "09:00", "12:00"), hours(2, "12:00", "13:00")];
    save_week(&pool, &team.staff, ana, &week_form(&touching, "1")).await.unwrap();
}

#[testkit::test]
async fn stale_hours_are_refused_and_a_double_submit_is_not(pool: PgPool) {
    let team = team(&pool).await;
    let ana = id(&team.ana);
    let week = vec![hours(1, "09:00", "12:00")];
    save_week(&pool, &team.staff, ana, &week_form(&week, "1")).await.unwrap();
    save_week(&pool, &team.staff, ana, &week_form(&week, "1")).await.unwrap();
    for version in ["1", ""] {
        assert_eq!(refusal(save_week(&pool, &team.ana, ana, &week_form(&[], version)).await), Refusal::Stale);
    }
    assert_eq!(hours_of(practitioner_hours(&pool, &team.staff, ana).await.unwrap().1), week);
    assert_eq!(audited(&pool, "staff_member").await, 1);
}

#[testkit::test]
async fn two_first_weeks_at_once_make_one_place(pool: PgPool) {
    let team = team(&pool).await;
    let week = week_form(&[hours(1, "09:00", "12:00")], "1");
    let (one, other) = tokio::join!(
        save_week(&pool, &team.staff, id(&team.ana), &week),
        save_week(&pool, &team.staff, id(&team.ben), &week),
    );
    one.and(other).unwrap();
    assert_eq!(locations(&pool).await.unwrap().len(), 1);
}

#[testkit::test]
async fn the_welcome_text_is_the_administrators(pool: PgPool) {
    let team = team(&pool).await;
    for (actor, expected) in
        [(&team.staff, Refusal::Forbidden), (&team.ana, Refusal::Forbidden), (&team.client, Refusal::NotFound)]
    {
        assert_eq!(refusal(save_welcome(&pool, actor, "Hello", "{link}", Some(1)).await), expected);
    }
    save_welcome(&pool, &team.administrator, "Hello", "Go to {link}", Some(1)).await.unwrap();
    save_welcome(&pool, &team.administrator, "Hello", "Go to {link}", Some(1)).await.unwrap();
    for version in [Some(1), None] {
        let late = save_welcome(&pool, &team.administrator, "Good day", "{link}", version).await;
        assert_eq!(refusal(late), Refusal::Stale);
    }
    let stored = practice(&pool).await.unwrap();
    assert_eq!(
        (stored.welcome_subject.as_str(), stored.welcome_body.as_str(), stored.version),
        ("Hello", "Go to {link}", 2)
    );
    assert_eq!(audited(&pool, "practice").await, 1);
    assert!(db::audit::verify(&mut pool.acquire().await.unwrap()).await.unwrap());
}

/// What the front desk notes of those who work here it notes for each other alone.
#[testkit::test]
async fn notes_of_staff_are_the_front_desks(pool: PgPool) {
    let team = team(&pool).await;
    let ana = id(&team.ana);
    let typed = |notes: &str, version: &str| StaffNotesForm { notes: notes.into(), version: version.into() };
    for (actor, expected) in
        [(&team.ana, Refusal::Forbidden), (&team.ben, Refusal::Forbidden), (&team.client, Refusal::NotFound)]
    {
        assert_eq!(refusal(staff_notes(&pool, actor, ana).await), expected);
        assert_eq!(refusal(save_staff_notes(&pool, actor, ana, &typed("Mine", "1")).await), expected);
    }
    for _ in 0..2 {
        save_staff_notes(&pool, &team.staff, ana, &typed("Away in May", "1")).await.unwrap();
    }
    for version in ["1", ""] {
        let late = save_staff_notes(&pool, &team.administrator, ana, &typed("Away in June", version)).await;
        assert_eq!(refusal(late), Refusal::Stale);
    }
    assert_eq!(staff_notes(&pool, &team.staff, ana).await.unwrap(), "Away in May");
    save_staff_notes(&pool, &team.administrator, ana, &typed("Away in June", "2")).await.unwrap();
    assert_eq!(staff_notes(&pool, &team.administrator, ana).await.unwrap(), "Away in June");
    // Of anyone who works here, whatever they do.
    let everybody = db::practice::team(&pool, &team.staff).await.unwrap();
    let administrator = everybody.iter().find(|one| one.id == id(&team.administrator)).unwrap();
    save_staff_notes(&pool, &team.staff, administrator.id, &typed("Has the keys", "1")).await.unwrap();
    assert_eq!(staff_notes(&pool, &team.staff, administrator.id).await.unwrap(), "Has the keys");
    for (actor, expected) in [(&team.ana, Refusal::Forbidden), (&team.client, Refusal::NotFound)] {
        assert_eq!(refusal(db::practice::team(&pool, actor).await), expected);
        assert_eq!(refusal(team_member(&pool, actor, administrator.id).await), expected);
    }
    let nobody = StaffId(db::new_id());
    assert_eq!(refusal(team_member(&pool, &team.staff, nobody).await), Refusal::NotFound);
    assert_eq!(refusal(staff_notes(&pool, &team.staff, nobody).await), Refusal::NotFound);
    assert_eq!(refusal(save_staff_notes(&pool, &team.staff, nobody, &typed("", "1")).await), Refusal::NotFound);
    assert_eq!(audited(&pool, "staff_member").await, 3);
}
