//! Booking and cancelling: who may, what stands in the way, and that nothing
//! is booked twice.

use chrono::{DateTime, Days, Duration, TimeDelta, Utc};
use db::{Actor, PgPool, appointments, clients};
use shared::accounts::Role;
use shared::appointments::{AppointmentStatus, Assigning, Booking, BookingForm, FreeDay, Modality, TimeConflict};
use shared::clients::ClientForm;
use shared::{AppointmentId, ClientId, ClientNumber, Conflict, Problem, Refusal, ServiceId, StaffId};
use testkit::{client_actor, refusal, staff_actor};
use uuid::Uuid;

/// A practice with one service of 60 minutes (buffer 15), one practitioner who
/// works every day round the clock but for the last hour, and one location.
pub struct Practice {
    pub service: ServiceId,
    pub practitioner: StaffId,
    pub staff: Actor,
}

pub async fn practice(pool: &PgPool) -> Practice {
    let service = ServiceId(db::new_id());
    let staff = staff_actor(pool, "Owen", &[Role::FrontDesk]).await;
    let practitioner = StaffId(staff_actor(pool, "Priya", &[Role::Practitioner]).await.id());
    let location = db::new_id();
    sqlx::query("insert into location (id, name, zone) values ($1, 'Main', 'America/Toronto')")
        .bind(location)
        .execute(pool)
        .await
        .unwrap();
    add_service(pool, service, 60, 15, true).await;
    offer(pool, service, practitioner).await;
    for weekday in 1..=7i16 {
        sqlx::query(
            "insert into weekly_hours (id, practitioner_id, location_id, weekday, starts, ends) values ($1, $2, $3, $4, 0, 1380)",
        )
        .bind(db::new_id())
        .bind(practitioner.0)
        .bind(location)
        .bind(weekday)
        .execute(pool)
        .await
        .unwrap();
    }
    Practice { service, practitioner, staff }
}

pub async fn add_service(pool: &PgPool, id: ServiceId, minutes: i32, buffer: i32, in_portal: bool) {
    sqlx::query(
        "insert into service (id, name, duration_minutes, buffer_minutes, in_portal) values ($1, $1::text, $2, $3, $4)",
    )
    .bind(id.0)
    .bind(minutes)
    .bind(buffer)
    .bind(in_portal)
    .execute(pool)
    .await
    .unwrap();
}

pub async fn offer(pool: &PgPool, service: ServiceId, practitioner: StaffId) {
    sqlx::query("insert into service_practitioner values ($1, $2)")
        .bind(service.0)
        .bind(practitioner.0)
        .execute(pool)
        .await
        .unwrap();
}

/// `holder` may book for `subject`.
pub async fn grant_booking(pool: &PgPool, holder: &Actor, subject: &Actor) {
    let (low, high) = (holder.id().min(subject.id()), holder.id().max(subject.id()));
    sqlx::query(
        "insert into client_link (id, client_low, client_high, low_label, high_label, low_may_book, high_may_book)
         values ($1, $2, $3, 'other', 'other', $4, $5)",
    )
    .bind(db::new_id())
    .bind(low)
    .bind(high)
    .bind(low == holder.id())
    .bind(high == holder.id())
    .execute(pool)
    .await
    .unwrap();
}

pub async fn unlink(pool: &PgPool) {
    sqlx::query("delete from client_link").execute(pool).await.unwrap();
}

/// 10:00 in Toronto, `days` from now.
pub fn at(days: u64) -> DateTime<Utc> {
    let zone = db::time::Zone::parse("America/Toronto").unwrap();
    let date = zone.date(Utc::now()) + Days::new(days);
    zone.instant(date.and_hms_opt(10, 0, 0).unwrap())
}

impl Practice {
    pub fn booking(&self, client: &Actor, starts_at: DateTime<Utc>) -> Booking {
        Booking {
            service: self.service,
            practitioner: self.practitioner,
            starts_at,
            client: ClientId(client.id()),
            proxy: None,
            assigned: Assigning::Everyone,
            room: None,
            modality: Modality::InPerson,
            anyone: false,
            over: None,
            hold: None,
            request_key: db::new_id(),
        }
    }

    pub async fn free(&self, pool: &PgPool, client: Option<&Actor>, days: u64) -> Vec<FreeDay> {
        let zone = db::appointments::free_times::venue_zone(pool).await.unwrap();
        let date = zone.date(at(days));
        let query = db::appointments::free_times::FreeQuery {
            service: self.service,
            practitioner: None,
            client: client.map(|client| ClientId(client.id())),
            first: date,
            last: date,
            portal: true,
        };
        db::appointments::free_times::free_days(pool, query, Utc::now()).await.unwrap()
    }
}

pub fn offered(days: &[FreeDay], at: DateTime<Utc>) -> bool {
    let text = shared::appointments::instant_text(at);
    days.iter().any(|day| day.times.iter().any(|time| time.starts_at == text))
}

async fn count(pool: &PgPool, table: &str) -> i64 {
    sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {table}"))).fetch_one(pool).await.unwrap()
}

#[testkit::test]
async fn a_booking_tells_assigns_and_is_audited(pool: PgPool) {
    let practice = practice(&pool).await;
    let ana = client_actor(&pool, "Ana").await;
    let id = appointments::book(&pool, &ana, practice.booking(&ana, at(2))).await.unwrap();
    let one = appointments::one(&pool, &practice.staff, id).await.unwrap();
    assert_eq!((one.status, one.overbooked, one.proxy_name), (AppointmentStatus::Confirmed, false, None));
    assert_eq!(one.ends_at - one.starts_at, Duration::minutes(60));
    assert_eq!(
        (count(&pool, "message").await, count(&pool, "client_practitioner").await, count(&pool, "audit").await),
        (1, 1, 1)
    );
    assert!(!offered(&practice.free(&pool, None, 2).await, at(2)));
}

/// Saved over it, a record that was opened before would take the practitioner off again.
#[testkit::test]
async fn a_booking_that_assigns_makes_open_records_stale(pool: PgPool) {
    let practice = practice(&pool).await;
    let ana = client_actor(&pool, "Ana").await;
    let number = sqlx::query_scalar("select number from client where id = $1").bind(ana.id());
    let number = ClientNumber::new(number.fetch_one(&pool).await.unwrap());
    let profile = async || testkit::reads::profile(&pool, &practice.staff, number).await.unwrap();
    let opened = profile().await.form();
    appointments::book(&pool, &ana, practice.booking(&ana, at(2))).await.unwrap();
    let now = profile().await;
    let assigned: Vec<StaffId> = now.practitioners.iter().map(|(id, _)| *id).collect();
    assert_eq!((now.version, assigned), (2, vec![practice.practitioner]));
    let late = ClientForm { alert: "Nuts".into(), email_consent: false, ..opened };
    assert_eq!(refusal(clients::update(&pool, &practice.staff, number, late).await), Refusal::Stale);
    appointments::book(&pool, &ana, practice.booking(&ana, at(3))).await.unwrap();
    assert_eq!(profile().await.version, 2, "assigned already");
}

#[testkit::test]
async fn a_parent_books_for_a_child_only_while_it_is_granted(pool: PgPool) {
    let practice = practice(&pool).await;
    let (ana, mia) = (client_actor(&pool, "Ana").await, client_actor(&pool, "Mia").await);
    let stranger = appointments::book(&pool, &ana, practice.booking(&mia, at(2))).await;
    assert_eq!(refusal(stranger), Refusal::NotFound);

    grant_booking(&pool, &ana, &mia).await;
    let id = appointments::book(&pool, &ana, practice.booking(&mia, at(2))).await.unwrap();
    let mine = appointments::mine(&pool, ana.client().unwrap()).await.unwrap();
    assert_eq!(mine.len(), 1);
    assert_eq!(mine[0].for_name.as_deref(), Some("Mia Test"));
    // The child's grant to the parent is none to the child.
    assert_eq!(refusal(appointments::book(&pool, &mia, practice.booking(&ana, at(3))).await), Refusal::NotFound);
    assert_eq!(appointments::mine(&pool, mia.client().unwrap()).await.unwrap()[0].for_name, None);

    unlink(&pool).await;
    assert!(appointments::mine(&pool, ana.client().unwrap()).await.unwrap().is_empty());
    assert_eq!(refusal(appointments::mine_one(&pool, ana.client().unwrap(), id).await), Refusal::NotFound);
    assert_eq!(refusal(appointments::cancel(&pool, &ana, id).await), Refusal::NotFound);
    assert_eq!(refusal(appointments::book(&pool, &ana, practice.booking(&mia, at(4))).await), Refusal::NotFound);
    assert_eq!(appointments::mine(&pool, mia.client().unwrap()).await.unwrap().len(), 1);
}

#[testkit::test]
async fn a_person_cannot_be_in_two_places(pool: PgPool) {
    let practice = practice(&pool).await;
    let other = StaffId(staff_actor(&pool, "Grace", &[Role::Practitioner]).await.id());
    offer(&pool, practice.service, other).await;
    sqlx::query(
        "insert into weekly_hours select gen_random_uuid(), $1, location_id, weekday, starts, ends from weekly_hours",
    )
    .bind(other.0)
    .execute(&pool)
    .await
    .unwrap();
    let mia = client_actor(&pool, "Mia").await;
    appointments::book(&pool, &mia, practice.booking(&mia, at(2))).await.unwrap();
    // Another practitioner is free, the person is not.
    let twice = Booking { practitioner: other, ..practice.booking(&mia, at(2) + TimeDelta::minutes(30)) };
    assert_eq!(refusal(appointments::book(&pool, &mia, twice).await), Refusal::Conflict(Conflict::YouAreBusy));
    // No buffer lies between a person's own appointments with two practitioners.
    let next = Booking { practitioner: other, ..practice.booking(&mia, at(2) + TimeDelta::minutes(60)) };
    assert!(offered(&practice.free(&pool, Some(&mia), 2).await, next.starts_at));
    appointments::book(&pool, &mia, next).await.unwrap();
}

#[testkit::test]
async fn the_larger_buffer_of_two_neighbours_is_kept(pool: PgPool) {
    let practice = practice(&pool).await;
    let (ana, mia) = (client_actor(&pool, "Ana").await, client_actor(&pool, "Mia").await);
    let wide = ServiceId(db::new_id());
    add_service(&pool, wide, 60, 30, true).await;
    offer(&pool, wide, practice.practitioner).await;
    appointments::book(&pool, &ana, practice.booking(&ana, at(2))).await.unwrap();
    for (minutes, service, fits) in [(60, practice.service, false), (75, wide, false), (90, wide, true)] {
        let booking = Booking { service, ..practice.booking(&mia, at(2) + TimeDelta::minutes(minutes)) };
        let answer = appointments::book(&pool, &mia, booking).await;
        assert_eq!(answer.is_ok(), fits, "{minutes}");
    }
}

#[testkit::test]
async fn conflicts_are_reported(pool: PgPool) {
    let practice = practice(&pool).await;
    let (ana, staff) = (client_actor(&pool, "Ana").await, practice.staff.clone());
    let conflict =
        async |actor: &Actor, booking: Booking| match refusal(appointments::book(&pool, actor, booking).await) {
            Refusal::Conflict(conflict) => conflict,
            other => panic!("{other:?}"),
        };
    let past = practice.booking(&ana, at(2) - TimeDelta::days(3));
    assert_eq!(conflict(&ana, past).await, Conflict::Past);
    let late = practice.booking(&ana, at(2) + TimeDelta::hours(12) + TimeDelta::minutes(30));
    assert_eq!(conflict(&ana, late).await, Conflict::NotPossible);
    let unoffered = ServiceId(db::new_id());
    add_service(&pool, unoffered, 60, 0, true).await;
    assert_eq!(
        conflict(&ana, Booking { service: unoffered, ..practice.booking(&ana, at(2)) }).await,
        Conflict::NotOffered
    );
    let hidden = ServiceId(db::new_id());
    add_service(&pool, hidden, 60, 0, false).await;
    offer(&pool, hidden, practice.practitioner).await;
    let booking = Booking { service: hidden, ..practice.booking(&ana, at(2)) };
    assert_eq!(conflict(&ana, booking).await, Conflict::NotOffered);
    appointments::book(&pool, &staff, Booking { request_key: db::new_id(), ..booking }).await.unwrap();
    for (status, expected) in [("inactive", Conflict::ClientInactive), ("prospect", Conflict::ClientProspect)] {
        sqlx::query("update client set status = $1 where id = $2")
            .bind(status)
            .bind(ana.id())
            .execute(&pool)
            .await
            .unwrap();
        // Not even knowingly.
        let booking = Booking { over: Some(db::new_id()), ..practice.booking(&ana, at(3)) };
        assert_eq!(conflict(&staff, booking).await, expected);
    }
    assert_eq!(count(&pool, "appointment").await, 1);
}

#[testkit::test]
async fn staff_may_overbook_knowingly_and_the_portal_never(pool: PgPool) {
    let practice = practice(&pool).await;
    let (ana, mia) = (client_actor(&pool, "Ana").await, client_actor(&pool, "Mia").await);
    appointments::book(&pool, &ana, practice.booking(&ana, at(2))).await.unwrap();
    let portal = Booking { over: Some(db::new_id()), ..practice.booking(&mia, at(2)) };
    assert_eq!(refusal(appointments::book(&pool, &mia, portal).await), Refusal::Conflict(Conflict::PractitionerBusy));
    let first = practice.booking(&mia, at(2));
    let seen = conflicts(appointments::book(&pool, &practice.staff, first).await).seen;
    let id = appointments::book(&pool, &practice.staff, Booking { over: Some(seen), ..first }).await.unwrap();
    assert!(appointments::one(&pool, &practice.staff, id).await.unwrap().overbooked);
    // With nothing in the way the same box changes nothing.
    let free = Booking { over: Some(seen), ..practice.booking(&mia, at(5)) };
    let id = appointments::book(&pool, &practice.staff, free).await.unwrap();
    assert!(!appointments::one(&pool, &practice.staff, id).await.unwrap().overbooked);
}

#[testkit::test]
async fn staff_book_over_the_conflicts_they_were_shown_and_no_others(pool: PgPool) {
    let practice = practice(&pool).await;
    let (ana, mia) = (client_actor(&pool, "Ana").await, client_actor(&pool, "Mia").await);
    // Outside hours alone is no overlap: the constraints go on guarding the time.
    let evening = at(2) + TimeDelta::minutes(750);
    let outside = practice.booking(&ana, evening);
    let shown = conflicts(appointments::book(&pool, &practice.staff, outside).await);
    assert!(matches!(shown.all[..], [TimeConflict::OutsideHours { .. }]), "{:?}", shown.all);
    let id = appointments::book(&pool, &practice.staff, Booking { over: Some(shown.seen), ..outside }).await.unwrap();
    assert!(!appointments::one(&pool, &practice.staff, id).await.unwrap().overbooked);
    // The next one there is told of both, and what was shown for another time does not count.
    let second = practice.booking(&mia, evening);
    let both =
        conflicts(appointments::book(&pool, &practice.staff, Booking { over: Some(shown.seen), ..second }).await);
    assert!(
        matches!(both.all[..], [TimeConflict::OutsideHours { .. }, TimeConflict::PractitionerBusy { .. }]),
        "{:?}",
        both.all
    );
    let id = appointments::book(&pool, &practice.staff, Booking { over: Some(both.seen), ..second }).await.unwrap();
    assert!(appointments::one(&pool, &practice.staff, id).await.unwrap().overbooked);
}

#[testkit::test]
async fn a_request_key_answers_the_same_contents_alone(pool: PgPool) {
    let practice = practice(&pool).await;
    let ana = client_actor(&pool, "Ana").await;
    let first = practice.booking(&ana, at(2));
    let id = appointments::book(&pool, &ana, first).await.unwrap();
    assert_eq!(appointments::book(&pool, &ana, first).await.unwrap(), id);
    // The page that the browser went back to holds the key of the first.
    let later = appointments::book(&pool, &ana, Booking { starts_at: at(3), ..first }).await.unwrap();
    assert_ne!(later, id);
    // What was cancelled is no answer: the same form books again.
    appointments::cancel(&pool, &ana, id).await.unwrap();
    let again = appointments::book(&pool, &ana, first).await.unwrap();
    assert_ne!(again, id);
    assert_eq!(count(&pool, "appointment where status = 'confirmed'").await, 2);
}

#[testkit::test]
async fn clients_book_only_what_free_times_offer(pool: PgPool) {
    let practice = practice(&pool).await;
    let ana = client_actor(&pool, "Ana").await;
    let refused = async |starts_at| {
        let answer = appointments::book(&pool, &ana, practice.booking(&ana, starts_at)).await;
        match refusal(answer) {
            Refusal::Conflict(conflict) => matches!(conflict, Conflict::NotPossible | Conflict::TooFar),
            other => other == Refusal::field("starts_at", shared::Problem::NotATime),
        }
    };
    assert!(refused(at(2) + TimeDelta::minutes(7)).await, "off the grid");
    assert!(refused(at(2) + TimeDelta::seconds(33)).await, "with seconds");
    assert!(refused(at(400)).await, "beyond the horizon");
    assert_eq!(count(&pool, "appointment").await, 0);
    for days in 2..12 {
        appointments::book(&pool, &ana, practice.booking(&ana, at(days))).await.unwrap();
    }
    let eleventh = appointments::book(&pool, &ana, practice.booking(&ana, at(12))).await;
    assert_eq!(refusal(eleventh), Refusal::Conflict(Conflict::TooManyUpcoming { max: 10 }));
    // The front desk is not bound by it.
    appointments::book(&pool, &practice.staff, practice.booking(&ana, at(12))).await.unwrap();
}

fn conflicts<T: std::fmt::Debug>(answer: db::Result<T>) -> shared::appointments::Conflicts {
    match refusal(answer) {
        Refusal::Conflicts(conflicts) => conflicts,
        other => panic!("{other:?}"),
    }
}

#[testkit::test]
async fn a_double_submit_is_answered_with_the_first_result(pool: PgPool) {
    let practice = practice(&pool).await;
    let (ana, mia) = (client_actor(&pool, "Ana").await, client_actor(&pool, "Mia").await);
    let booking = practice.booking(&ana, at(2));
    let (one, two) = tokio::join!(appointments::book(&pool, &ana, booking), appointments::book(&pool, &ana, booking));
    let one_id = one.unwrap();
    assert_eq!(one_id, two.unwrap());
    assert_eq!((count(&pool, "appointment").await, count(&pool, "message").await), (1, 1));
    // The key of another account is not answered with that account's appointment.
    let stolen = Booking { request_key: booking.request_key, ..practice.booking(&mia, at(3)) };
    assert_ne!(appointments::book(&pool, &mia, stolen).await.unwrap(), one_id);
}

#[testkit::test]
async fn a_practitioner_books_assigned_clients_with_permission(pool: PgPool) {
    let practice = practice(&pool).await;
    let ana = client_actor(&pool, "Ana").await;
    let Actor::Staff(actor) = staff_actor(&pool, "Tomas", &[Role::Practitioner]).await else { unreachable!() };
    let book = async |actor: &db::actor::StaffActor, days| {
        appointments::book(&pool, &Actor::Staff(actor.clone()), practice.booking(&ana, at(days))).await
    };
    assert_eq!(refusal(book(&actor, 2).await), Refusal::NotFound);
    sqlx::query("insert into client_practitioner values ($1, $2)")
        .bind(ana.id())
        .bind(actor.id().0)
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(refusal(book(&actor, 2).await), Refusal::Forbidden);
    let actor = db::actor::StaffActor::new(actor.id(), "Tomas Test", vec![Role::Practitioner], true);
    book(&actor, 2).await.unwrap();
}

#[testkit::test]
async fn a_chosen_linked_client_must_be_linked(pool: PgPool) {
    let practice = practice(&pool).await;
    let (ana, mia) = (client_actor(&pool, "Ana").await, client_actor(&pool, "Mia").await);
    let with_proxy = |days| Booking { proxy: Some(ClientId(ana.id())), ..practice.booking(&mia, at(days)) };
    assert!(matches!(refusal(appointments::book(&pool, &practice.staff, with_proxy(2)).await), Refusal::Invalid(_)));
    grant_booking(&pool, &ana, &mia).await;
    let id = appointments::book(&pool, &practice.staff, with_proxy(2)).await.unwrap();
    assert_eq!(appointments::one(&pool, &practice.staff, id).await.unwrap().proxy_name.as_deref(), Some("Ana Test"));
    // A practitioner who does not see the linked client is not told of them.
    let Actor::Staff(assigned) = staff_actor(&pool, "Tomas", &[Role::Practitioner]).await else { unreachable!() };
    sqlx::query("insert into client_practitioner values ($1, $2)")
        .bind(mia.id())
        .bind(assigned.id().0)
        .execute(&pool)
        .await
        .unwrap();
    let assigned =
        Actor::Staff(db::actor::StaffActor::new(assigned.id(), "Tomas Test", vec![Role::Practitioner], true));
    let seen = appointments::one(&pool, &assigned, id).await.unwrap();
    assert_eq!((seen.client_name.as_str(), seen.proxy_name), ("Mia Test", None));
    // Nor may they name them.
    let forged = appointments::book(&pool, &assigned, with_proxy(4)).await;
    assert_eq!(refusal(forged), Refusal::NotFound);
    // In the portal no one names a proxy but themself.
    let forged = Booking { proxy: Some(ClientId(ana.id())), ..practice.booking(&mia, at(3)) };
    let id = appointments::book(&pool, &mia, forged).await.unwrap();
    assert_eq!(appointments::one(&pool, &practice.staff, id).await.unwrap().proxy_name, None);
}

/// Of two guardians who may book and get copies only the assigned one sees the appointment,
/// manages it and is told of it; with no one assigned neither does.
#[testkit::test]
async fn the_permissions_of_those_who_are_not_assigned_do_not_count(pool: PgPool) {
    let practice = practice(&pool).await;
    let (ana, dan, mia) =
        (client_actor(&pool, "Ana").await, client_actor(&pool, "Dan").await, client_actor(&pool, "Mia").await);
    for guardian in [&ana, &dan] {
        grant_booking(&pool, guardian, &mia).await;
        sqlx::query("update client set email = first_name || '@example.com', email_consent = true where id = $1")
            .bind(guardian.id())
            .execute(&pool)
            .await
            .unwrap();
    }
    sqlx::query("update client_link set low_gets_copies = true, high_gets_copies = true").execute(&pool).await.unwrap();
    let book = async |days, assigned| {
        let booking = Booking { assigned, ..practice.booking(&mia, at(days)) };
        appointments::book(&pool, &practice.staff, booking).await.unwrap()
    };
    let sees = async |who: &Actor, id| {
        let Actor::Client(who) = who else { unreachable!() };
        appointments::mine(&pool, who).await.unwrap().iter().any(|one| one.id == id)
    };
    let copies = async |id| match appointments::notice(&pool, &practice.staff, id).await.unwrap().audience {
        appointments::Audience::Staff { reach, .. } => reach.copies,
        appointments::Audience::Client { .. } => unreachable!(),
    };

    let open = book(2, Assigning::Everyone).await;
    assert!(sees(&ana, open).await && sees(&dan, open).await);
    assert_eq!(copies(open).await.len(), 2);

    let one = book(3, Assigning::One(ClientId(ana.id()))).await;
    assert!(sees(&ana, one).await && !sees(&dan, one).await);
    assert_eq!(copies(one).await, ["Ana Test"]);
    assert_eq!(refusal(appointments::cancel(&pool, &dan, one).await), Refusal::NotFound);
    // Who booked it is another fact.
    assert_eq!(appointments::one(&pool, &practice.staff, one).await.unwrap().proxy_name, None);
    appointments::cancel(&pool, &ana, one).await.unwrap();

    let none = book(4, Assigning::Nobody).await;
    assert!(!sees(&ana, none).await && !sees(&dan, none).await);
    assert!(copies(none).await.is_empty());
    assert_eq!(refusal(appointments::cancel(&pool, &ana, none).await), Refusal::NotFound);
    assert!(sees(&mia, none).await);
    appointments::cancel(&pool, &mia, none).await.unwrap();

    // Only someone linked is assigned.
    let stranger = client_actor(&pool, "Sam").await;
    let forged = Booking { assigned: Assigning::One(ClientId(stranger.id())), ..practice.booking(&mia, at(5)) };
    assert!(matches!(refusal(appointments::book(&pool, &practice.staff, forged).await), Refusal::Invalid(_)));
}

#[testkit::test]
async fn cancelling_frees_the_time_and_tells_once(pool: PgPool) {
    let practice = practice(&pool).await;
    let ana = client_actor(&pool, "Ana").await;
    let id = appointments::book(&pool, &ana, practice.booking(&ana, at(2))).await.unwrap();
    appointments::cancel(&pool, &ana, id).await.unwrap();
    appointments::cancel(&pool, &ana, id).await.unwrap();
    assert_eq!(count(&pool, "message").await, 2);
    assert!(offered(&practice.free(&pool, Some(&ana), 2).await, at(2)));
    appointments::book(&pool, &ana, practice.booking(&ana, at(2))).await.unwrap();
    assert_eq!(refusal(appointments::cancel(&pool, &ana, AppointmentId(Uuid::nil())).await), Refusal::NotFound);
}

#[testkit::test]
async fn an_appointment_that_has_started_is_not_cancelled_online(pool: PgPool) {
    let practice = practice(&pool).await;
    let ana = client_actor(&pool, "Ana").await;
    let id = appointments::book(&pool, &ana, practice.booking(&ana, at(2))).await.unwrap();
    sqlx::query("update appointment set starts_at = now() - interval '1 hour', ends_at = now() + interval '1 minute'")
        .execute(&pool)
        .await
        .unwrap();
    let late = appointments::cancel(&pool, &ana, id).await;
    assert_eq!(refusal(late), Refusal::Conflict(Conflict::AlreadyStarted));
    appointments::cancel(&pool, &practice.staff, id).await.unwrap();
}

#[testkit::test]
async fn weeks_without_a_free_time_say_how_many_were_searched(pool: PgPool) {
    let practice = practice(&pool).await;
    let first = db::appointments::free_times::venue_zone(&pool).await.unwrap().date(at(2));
    let query = db::appointments::free_times::FreeQuery {
        service: practice.service,
        practitioner: None,
        client: None,
        first,
        last: first,
        portal: true,
    };
    assert_eq!(db::appointments::free_times::free_week(&pool, query, Utc::now()).await.unwrap().none_for_weeks, None);
    sqlx::query("delete from weekly_hours").execute(&pool).await.unwrap();
    let week = db::appointments::free_times::free_week(&pool, query, Utc::now()).await.unwrap();
    assert_eq!((week.first_free, week.none_for_weeks), (None, Some(7)));
}

#[testkit::test]
async fn a_typed_time_is_local_to_the_venue(pool: PgPool) {
    practice(&pool).await;
    let form = |local: &str| BookingForm { local: local.into(), ..BookingForm::default() };
    let instant = appointments::with_instant(&pool, form("2027-03-14T03:30")).await.unwrap();
    assert_eq!(instant.starts_at, "2027-03-14T07:30:00Z");
    // The clocks go from 2 to 3 am that night.
    let skipped = Refusal::field("local", Problem::SkippedTime { next: "3:00 am".into() });
    assert_eq!(refusal(appointments::with_instant(&pool, form("2027-03-14T02:30")).await), skipped);
    assert!(matches!(refusal(appointments::with_instant(&pool, form("tomorrow")).await), Refusal::Invalid(_)));
    assert!(matches!(refusal(appointments::with_instant(&pool, form("9999-01-01T10:00")).await), Refusal::Invalid(_)));
}

#[testkit::test]
async fn rivals_for_one_time_have_one_winner(pool: PgPool) {
    let practice = practice(&pool).await;
    let mut rivals = Vec::new();
    for number in 0..12 {
        rivals.push(client_actor(&pool, &format!("R{number}")).await);
    }
    let tries = rivals.iter().map(|rival| {
        let (pool, rival, booking) = (pool.clone(), rival.clone(), practice.booking(rival, at(2)));
        tokio::spawn(async move { appointments::book(&pool, &rival, booking).await })
    });
    let mut won = 0;
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            Ok(_) => won += 1,
            Err(error) => assert_eq!(error.refusal(), Refusal::Conflict(Conflict::PractitionerBusy)),
        }
    }
    assert_eq!(won, 1);
}

#[testkit::test]
async fn the_database_itself_refuses_an_overlap(pool: PgPool) {
    let practice = practice(&pool).await;
    let ana = client_actor(&pool, "Ana").await;
    appointments::book(&pool, &ana, practice.booking(&ana, at(2))).await.unwrap();
    let copy = sqlx::query(
        "insert into visit (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone, buffer_minutes, price_cents, request_key, booked_by)
         select gen_random_uuid(), service_id, practitioner_id, location_id, client_id, starts_at + interval '59 minutes', ends_at + interval '59 minutes', zone, 0, 0, gen_random_uuid(), booked_by from visit",
    )
    .execute(&pool)
    .await;
    assert!(copy.unwrap_err().as_database_error().unwrap().constraint().unwrap().ends_with("_free"));
}

#[testkit::test]
async fn the_audit_is_append_only_and_its_chains_hold(pool: PgPool) {
    let practice = practice(&pool).await;
    let ana = client_actor(&pool, "Ana").await;
    for days in 2..6 {
        appointments::book(&pool, &ana, practice.booking(&ana, at(days))).await.unwrap();
    }
    let mut conn = pool.acquire().await.unwrap();
    assert!(db::audit::verify(&mut conn).await.unwrap());
    assert!(sqlx::query("update audit set action = 'x'").execute(&mut *conn).await.is_err());
    assert!(sqlx::query("delete from audit").execute(&mut *conn).await.is_err());
}
