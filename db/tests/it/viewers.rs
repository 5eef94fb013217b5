//! Colours of one's own calendar, weekly availability, and the pipeline of prospects.

use chrono::NaiveDate;
use db::appointments::BusySpan;
use db::clients::{own_availability, prospects, save_availability, save_prospect, set_colour};
use db::{Actor, PgPool};
use shared::accounts::Role;
use shared::clients::{Colour, ProspectForm, Stage};
use shared::practice::{Hours, HoursForm};
use shared::{ClientNumber, Refusal};
use testkit::reads::{availability, colour};
use testkit::{client_actor, refusal, staff_actor};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 8).unwrap()
}

async fn client(pool: &PgPool, first: &str) -> (Actor, ClientNumber) {
    let actor = client_actor(pool, first).await;
    let number = sqlx::query_scalar("select number from client where id = $1").bind(actor.id());
    let number = number.fetch_one(pool).await.unwrap();
    (actor, ClientNumber::new(number))
}

async fn assign(pool: &PgPool, client: &Actor, practitioner: &Actor) {
    sqlx::query("insert into client_practitioner (client_id, practitioner_id) values ($1, $2)")
        .bind(client.id())
        .bind(practitioner.id())
        .execute(pool)
        .await
        .unwrap();
}

fn hours(weekday: i16, starts: &str, ends: &str) -> Hours {
    let minute =
        |text: &str| shared::parse::time(text).unwrap().signed_duration_since(chrono::NaiveTime::MIN).num_minutes();
    Hours { weekday, starts: minute(starts) as i16, ends: minute(ends) as i16 }
}

#[testkit::test]
async fn a_colour_is_the_viewers_own(pool: PgPool) {
    let staff = staff_actor(&pool, "Sam", &[Role::FrontDesk]).await;
    let other = staff_actor(&pool, "Olu", &[Role::Practitioner]).await;
    let (mia, number) = client(&pool, "Mia").await;
    set_colour(&pool, &staff, number, Some(Colour::Teal)).await.unwrap();
    set_colour(&pool, &staff, number, Some(Colour::Red)).await.unwrap();
    assert_eq!(colour(&pool, &staff, number).await.unwrap(), Some(Colour::Red));

    assert_eq!(refusal(colour(&pool, &other, number).await), Refusal::NotFound);
    assert_eq!(refusal(set_colour(&pool, &other, number, Some(Colour::Blue)).await), Refusal::NotFound);
    assign(&pool, &mia, &other).await;
    assert_eq!(colour(&pool, &other, number).await.unwrap(), None);
    assert_eq!(refusal(set_colour(&pool, &mia, number, Some(Colour::Blue)).await), Refusal::NotFound);

    // Nor does the history tell others.
    let colours = async |actor: &Actor| {
        let lines = testkit::reads::history(&pool, actor, number).await.unwrap();
        lines.into_iter().filter(|line| line.action == "colour").count()
    };
    assert_eq!((colours(&staff).await, colours(&other).await), (2, 0));

    set_colour(&pool, &staff, number, None).await.unwrap();
    assert_eq!(colour(&pool, &staff, number).await.unwrap(), None);
}

#[testkit::test]
async fn staff_and_the_client_edit_one_week(pool: PgPool) {
    let staff = staff_actor(&pool, "Sam", &[Role::FrontDesk]).await;
    let stranger = staff_actor(&pool, "Pat", &[Role::Practitioner]).await;
    let (mia, number) = client(&pool, "Mia").await;
    let week = vec![hours(1, "09:00:00", "12:00:00"), hours(3, "15:00:00", "18:00:00")];
    save_availability(&pool, &staff, Some(number), &HoursForm::of(&week, 1)).await.unwrap();
    // The client sees it, changes it, and staff who had the old one open are told.
    let seen = own_availability(&mut pool.acquire().await.unwrap(), &mia).await.unwrap();
    assert_eq!((seen.hours.clone(), seen.version), (week.clone(), 2));
    let own = vec![hours(5, "10:00:00", "11:00:00")];
    save_availability(&pool, &mia, None, &HoursForm::of(&own, 2)).await.unwrap();
    assert_eq!(refusal(save_availability(&pool, &staff, Some(number), &HoursForm::of(&week, 2)).await), Refusal::Stale);
    assert_eq!(availability(&pool, &staff, number).await.unwrap().hours, own);
    // A double submit is answered as the first.
    save_availability(&pool, &mia, None, &HoursForm::of(&own, 2)).await.unwrap();

    assert_eq!(refusal(availability(&pool, &stranger, number).await), Refusal::NotFound);
    assert_eq!(
        refusal(save_availability(&pool, &stranger, Some(number), &HoursForm::of(&[], 3)).await),
        Refusal::NotFound
    );
    // A client has no number to ask by.
    assert_eq!(refusal(availability(&pool, &mia, number).await), Refusal::NotFound);
    let bad = vec![hours(2, "10:00:00", "12:00:00"), hours(2, "11:00:00", "13:00:00")];
    assert!(matches!(
        refusal(save_availability(&pool, &mia, None, &HoursForm::of(&bad, 3)).await),
        Refusal::Invalid(_)
    ));
}

#[testkit::test]
async fn a_prospect_moves_through_the_pipeline(pool: PgPool) {
    let staff = staff_actor(&pool, "Sam", &[Role::FrontDesk]).await;
    let practitioner = staff_actor(&pool, "Pat", &[Role::Practitioner]).await;
    let (pia, number) = client(&pool, "Pia").await;
    let (_, active) = client(&pool, "Ann").await;
    sqlx::query("update client set status = 'prospect' where id = $1").bind(pia.id()).execute(&pool).await.unwrap();
    let form = ProspectForm {
        stage: "contacted".into(),
        last_contact: "2026-03-07".into(),
        next_step: "Ring back".into(),
        next_step_on: "2026-03-10".into(),
        version: "1".into(),
    };
    assert_eq!(refusal(save_prospect(&pool, &practitioner, number, &form, today()).await), Refusal::NotFound);
    assert!(prospects(&pool, &practitioner).await.unwrap().0.is_empty());
    assert_eq!(refusal(save_prospect(&pool, &staff, active, &form, today()).await), Refusal::NotFound);

    save_prospect(&pool, &staff, number, &form, today()).await.unwrap();
    save_prospect(&pool, &staff, number, &form, today()).await.unwrap();
    let (shown, counts) = prospects(&pool, &staff).await.unwrap();
    assert_eq!((shown.len(), shown[0].stage, shown[0].next_step.as_str()), (1, Stage::Contacted, "Ring back"));
    assert_eq!(counts, [(Stage::Contacted, 1)]);
    let late = ProspectForm { stage: "meeting".into(), ..form };
    assert_eq!(refusal(save_prospect(&pool, &staff, number, &late, today()).await), Refusal::Stale);

    assign(&pool, &pia, &practitioner).await;
    assert_eq!(prospects(&pool, &practitioner).await.unwrap().0.len(), 1);
    assert_eq!(refusal(prospects(&pool, &pia).await), Refusal::NotFound);
}

#[testkit::test]
async fn a_long_stage_shows_what_is_due_first(pool: PgPool) {
    let staff = staff_actor(&pool, "Sam", &[Role::FrontDesk]).await;
    sqlx::query(
        "insert into client (id, kind, code, last_name, zone, status, next_step_on)
         select gen_random_uuid(), 'individual', 'P' || n, 'P' || n, 'UTC', 'prospect',
                case when n <= 150 then date '2026-01-01' + n end
           from generate_series(1, 300) n",
    )
    .execute(&pool)
    .await
    .unwrap();
    let (shown, counts) = prospects(&pool, &staff).await.unwrap();
    assert_eq!(shown.len() as i64, db::clients::PROSPECTS_SHOWN_MAX);
    assert!(shown.iter().all(|one| one.next_step_on.is_some()));
    assert!(shown.is_sorted_by_key(|one| one.next_step_on));
    assert_eq!(counts, [(Stage::New, 300)]);
}

/// A confirmed appointment with nothing but what it must have.
async fn appointment(pool: &PgPool, client: &Actor, practitioner: &Actor, starts: &str) {
    sqlx::query(
        "with place as (
             insert into location (id, name, zone) values (gen_random_uuid(), gen_random_uuid()::text, 'America/Toronto')
             returning id),
         offer as (
             insert into service (id, name, duration_minutes) values (gen_random_uuid(), gen_random_uuid()::text, 50)
             returning id)
         insert into visit (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone,
                                  buffer_minutes, price_cents, request_key, booked_by)
         select gen_random_uuid(), offer.id, $1, place.id, $2, $3::timestamptz, $3::timestamptz + interval '50 minutes',
                'America/Toronto', 0, 0, gen_random_uuid(), $1 from place, offer",
    )
    .bind(practitioner.id())
    .bind(client.id())
    .bind(starts)
    .execute(pool)
    .await
    .unwrap();
}

#[testkit::test]
async fn appointments_a_practitioner_may_not_see_are_busy_spans(pool: PgPool) {
    let staff = staff_actor(&pool, "Sam", &[Role::FrontDesk]).await;
    let pat = staff_actor(&pool, "Pat", &[Role::Practitioner]).await;
    let olu = staff_actor(&pool, "Olu", &[Role::Practitioner]).await;
    let (mia, _) = client(&pool, "Mia").await;
    let (noor, _) = client(&pool, "Noor").await;
    assign(&pool, &mia, &pat).await;
    assign(&pool, &noor, &olu).await;
    appointment(&pool, &mia, &pat, "2026-03-09T14:00:00Z").await;
    appointment(&pool, &noor, &olu, "2026-03-09T15:00:00Z").await;
    appointment(&pool, &noor, &olu, "2026-03-09T16:00:00Z").await;
    // Another day, and a cancelled one.
    appointment(&pool, &noor, &olu, "2026-03-10T15:00:00Z").await;
    appointment(&pool, &noor, &olu, "2026-03-09T17:00:00Z").await;
    sqlx::query("update appointment set status = 'cancelled', cancelled_at = now(), cancelled_by = booked_by where starts_at = '2026-03-09T17:00:00Z'")
        .execute(&pool)
        .await
        .unwrap();
    let day = db::time::Zone::parse("America/Toronto").unwrap().day(NaiveDate::from_ymd_opt(2026, 3, 9).unwrap());

    let seen = db::appointments::day(&pool, &pat, day, None).await.unwrap();
    assert_eq!(seen.iter().map(|one| one.client_name.as_str()).collect::<Vec<_>>(), ["Mia Test"]);
    let busy = db::appointments::busy(&pool, &pat, day, None).await.unwrap();
    let spans: Vec<_> = busy
        .into_iter()
        .map(|BusySpan { practitioner_id, starts_at, ends_at }| {
            assert_eq!(practitioner_id.0, olu.id());
            (starts_at.to_rfc3339(), (ends_at - starts_at).num_minutes())
        })
        .collect();
    assert_eq!(spans, [("2026-03-09T15:00:00+00:00".to_owned(), 50), ("2026-03-09T16:00:00+00:00".to_owned(), 50)]);
    let own = shared::StaffId(pat.id());
    assert!(db::appointments::busy(&pool, &pat, day, Some(own)).await.unwrap().is_empty());
    assert!(db::appointments::busy(&pool, &staff, day, None).await.unwrap().is_empty());
    assert_eq!(refusal(db::appointments::busy(&pool, &mia, day, None).await), Refusal::NotFound);
}
