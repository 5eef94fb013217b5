//! The calendar's reads: who sees what, nothing twice and nothing left out, local days.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use db::calendar::{Filter, agenda, month, range};
use db::time::Zone;
use db::{Actor, PgPool};
use shared::accounts::Role;
use shared::calendar::AgendaCursor;
use shared::slots::Span;
use shared::{Refusal, StaffId};
use testkit::{client_actor, refusal, staff_actor};
use uuid::Uuid;

fn toronto() -> Zone {
    Zone::parse("America/Toronto").unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

async fn assign(pool: &PgPool, client: &Actor, practitioner: &Actor) {
    sqlx::query("insert into client_practitioner (client_id, practitioner_id) values ($1, $2)")
        .bind(client.id())
        .bind(practitioner.id())
        .execute(pool)
        .await
        .unwrap();
}

/// A confirmed appointment with nothing but what it must have.
async fn visit(pool: &PgPool, client: Uuid, practitioner: Uuid, starts: DateTime<Utc>, minutes: i32) {
    sqlx::query(
        "with place as (
             insert into location (id, name, zone) values (gen_random_uuid(), gen_random_uuid()::text, 'America/Toronto')
             returning id),
         offer as (
             insert into service (id, name, duration_minutes) values (gen_random_uuid(), gen_random_uuid()::text, 50)
             returning id)
         insert into visit (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone,
                                  buffer_minutes, price_cents, request_key, booked_by)
         select gen_random_uuid(), offer.id, $1, place.id, $2, $3, $3 + make_interval(mins => $4),
                'America/Toronto', 0, 0, gen_random_uuid(), $1 from place, offer",
    )
    .bind(practitioner)
    .bind(client)
    .bind(starts)
    .bind(minutes)
    .execute(pool)
    .await
    .unwrap();
}

/// Of 50 minutes.
async fn appointment(pool: &PgPool, client: &Actor, practitioner: &Actor, starts: &str) {
    visit(pool, client.id(), practitioner.id(), at(starts), 50).await;
}

async fn cancel(pool: &PgPool, starts: &str) {
    sqlx::query("update appointment set status = 'cancelled', cancelled_at = now(), cancelled_by = booked_by where starts_at = $1")
        .bind(at(starts))
        .execute(pool)
        .await
        .unwrap();
}

#[testkit::test]
async fn what_a_practitioner_may_not_see_is_busy_in_the_calendar(pool: PgPool) {
    let staff = staff_actor(&pool, "Sam", &[Role::FrontDesk]).await;
    let pat = staff_actor(&pool, "Pat", &[Role::Practitioner]).await;
    let olu = staff_actor(&pool, "Olu", &[Role::Practitioner]).await;
    let (mia, noor) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Noor").await);
    assign(&pool, &mia, &pat).await;
    assign(&pool, &noor, &olu).await;
    appointment(&pool, &mia, &pat, "2026-03-09T14:00:00Z").await;
    appointment(&pool, &noor, &olu, "2026-03-09T15:00:00Z").await;
    // Another day, and a cancelled one.
    appointment(&pool, &noor, &olu, "2026-03-10T15:00:00Z").await;
    appointment(&pool, &noor, &olu, "2026-03-09T17:00:00Z").await;
    cancel(&pool, "2026-03-09T17:00:00Z").await;
    let day = toronto().day(date("2026-03-09"));
    let mut conn = pool.acquire().await.unwrap();

    let seen = range(&mut conn, &pat, day, &Filter::default()).await.unwrap();
    assert_eq!(seen.entries.iter().map(|one| one.attendees[0].name.as_str()).collect::<Vec<_>>(), ["Mia Test"]);
    let busy: Vec<_> = seen.busy.iter().map(|one| (one.practitioner_id.0, one.starts_at, one.ends_at)).collect();
    assert_eq!(busy, [(olu.id(), at("2026-03-09T15:00:00Z"), at("2026-03-09T15:50:00Z"))]);
    let own = Filter { people: vec![StaffId(pat.id())], ..Filter::default() };
    assert!(range(&mut conn, &pat, day, &own).await.unwrap().busy.is_empty());

    let all = range(&mut conn, &staff, day, &Filter::default()).await.unwrap();
    assert_eq!((all.entries.len(), all.busy.len()), (2, 0));
    let cancelled = Filter { cancelled: true, ..Filter::default() };
    assert_eq!(range(&mut conn, &staff, day, &cancelled).await.unwrap().entries.len(), 3);
    assert_eq!(refusal(range(&mut conn, &mia, day, &Filter::default()).await), Refusal::NotFound);

    let (zone, days, anyone) = (toronto(), (date("2026-03-08"), date("2026-03-11")), Filter::default());
    let counts = month(&mut conn, &pat, &zone, days, &anyone).await.unwrap();
    let counts: Vec<_> =
        counts.into_iter().map(|one| (one.date, one.practitioner_id.0, one.booked, one.busy)).collect();
    let (monday, tuesday) = (date("2026-03-09"), date("2026-03-10"));
    let mut expected = [(monday, pat.id(), 1, 0), (monday, olu.id(), 0, 1), (tuesday, olu.id(), 0, 1)];
    expected.sort_by_key(|(date, id, ..)| (*date, *id == pat.id()));
    let mut counts = counts;
    counts.sort_by_key(|(date, id, ..)| (*date, *id == pat.id()));
    assert_eq!(counts, expected);
}

#[testkit::test]
async fn a_day_is_the_practices_and_what_reaches_into_it_is_there(pool: PgPool) {
    let staff = staff_actor(&pool, "Sam", &[Role::FrontDesk]).await;
    let pat = staff_actor(&pool, "Pat", &[Role::Practitioner]).await;
    let mia = client_actor(&pool, "Mia").await;
    // 11:30 pm in Toronto until 12:20 am; by UTC it is the next day.
    appointment(&pool, &mia, &pat, "2026-03-10T03:30:00Z").await;
    let mut conn = pool.acquire().await.unwrap();
    for day in ["2026-03-09", "2026-03-10"] {
        let found = range(&mut conn, &staff, toronto().day(date(day)), &Filter::default()).await.unwrap();
        assert_eq!(found.entries.len(), 1, "{day}");
    }
    let counts =
        month(&mut conn, &staff, &toronto(), (date("2026-03-08"), date("2026-03-12")), &Filter::default()).await;
    let dates: Vec<_> = counts.unwrap().into_iter().map(|one| (one.date, one.booked)).collect();
    assert_eq!(dates, [(date("2026-03-09"), 1)]);
}

/// Many begin at the same instant: the pages still hold each once.
#[testkit::test]
async fn the_agenda_has_each_appointment_once_both_ways(pool: PgPool) {
    let staff = staff_actor(&pool, "Sam", &[Role::FrontDesk]).await;
    let first = at("2026-03-09T14:00:00Z");
    for nth in 0..130 {
        let (who, with) = (client_actor(&pool, "Ann").await, staff_actor(&pool, "Pat", &[Role::Practitioner]).await);
        let starts = first + TimeDelta::hours(i64::from(nth / 60));
        visit(&pool, who.id(), with.id(), starts, 50).await;
    }
    let mut conn = pool.acquire().await.unwrap();
    let (mut pages, mut cursor): (Vec<Vec<_>>, Option<AgendaCursor>) = (Vec::new(), None);
    loop {
        let page = agenda(&mut conn, &staff, first, cursor, &Filter::default()).await.unwrap();
        pages.push(page.entries.iter().map(|one| one.id).collect());
        match page.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    let forwards: Vec<_> = pages.iter().flatten().copied().collect();
    let mut each = forwards.clone();
    each.sort();
    each.dedup();
    assert_eq!((forwards.len(), each.len(), pages.len()), (130, 130, 3));

    let last = agenda(&mut conn, &staff, first, cursor, &Filter::default()).await.unwrap();
    let before = agenda(&mut conn, &staff, first, last.previous, &Filter::default()).await.unwrap();
    assert_eq!(before.entries.iter().map(|one| one.id).collect::<Vec<_>>(), pages[1]);
    let start = agenda(&mut conn, &staff, first, before.previous, &Filter::default()).await.unwrap();
    assert_eq!(start.entries.iter().map(|one| one.id).collect::<Vec<_>>(), pages[0]);
    assert_eq!(start.previous, None);

    // Nothing before the first: the way back is still there.
    let page = agenda(&mut conn, &staff, first - TimeDelta::days(1), None, &Filter::default()).await.unwrap();
    let nothing = agenda(&mut conn, &staff, first, page.previous, &Filter::default()).await.unwrap();
    assert!(nothing.entries.is_empty());
    let back = agenda(&mut conn, &staff, first, nothing.next, &Filter::default()).await.unwrap();
    assert!(!back.entries.is_empty());
}

#[testkit::test]
async fn a_span_without_appointments_is_empty(pool: PgPool) {
    let staff = staff_actor(&pool, "Sam", &[Role::FrontDesk]).await;
    let mut conn = pool.acquire().await.unwrap();
    let span = Span { starts: at("2026-03-09T14:00:00Z"), ends: at("2026-03-09T15:00:00Z") };
    let found = range(&mut conn, &staff, span, &Filter::default()).await.unwrap();
    assert!(found.entries.is_empty() && !found.more);
}
