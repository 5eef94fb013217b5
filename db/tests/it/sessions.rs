//! A session of several: everyone must be free, everyone has their own part in it.

use crate::appointments::{Practice, at, grant_booking, practice};
use crate::support::activities::{assign, client, member};
use chrono::{TimeDelta, Utc};
use db::{Actor, PgPool, appointments};
use shared::accounts::Role;
use shared::appointments::{AppointmentStatus, Booking, CancelForm, TimeConflict};
use shared::attendance::{Attendance, DetailsForm, Part, Participant};
use shared::{AppointmentId, ClientId, ClientNumber, Conflict, Refusal};
use sqlx::AssertSqlSafe;
use testkit::{client_actor, refusal, staff_actor};

/// A couple of Ana and Ben, with log-ins.
struct Couple {
    practice: Practice,
    id: ClientId,
    number: ClientNumber,
    ana: Actor,
    ben: Actor,
}

async fn couple(pool: &PgPool) -> Couple {
    let practice = practice(pool).await;
    let (id, number) = client(pool, "couple", "The Okafors").await;
    let (ana, ben) = (client_actor(pool, "Ana").await, client_actor(pool, "Ben").await);
    let long_ago = Utc::now().date_naive() - chrono::Days::new(100);
    for one in [&ana, &ben] {
        member(pool, id, ClientId(one.id()), long_ago, None).await;
    }
    Couple { practice, id, number, ana, ben }
}

impl Couple {
    fn booking(&self, days: u64) -> Booking {
        Booking { client: self.id, ..self.practice.booking(&self.ana, at(days)) }
    }

    async fn booked(&self, pool: &PgPool, days: u64) -> AppointmentId {
        appointments::book(pool, &self.practice.staff, self.booking(days)).await.unwrap()
    }

    async fn people(&self, pool: &PgPool, id: AppointmentId) -> Vec<Participant> {
        appointments::participants(pool, &self.practice.staff, id).await.unwrap()
    }
}

async fn text(pool: &PgPool, sql: &str) -> String {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.unwrap()
}

#[testkit::test]
async fn a_couple_is_one_session_with_one_price_and_one_payer(pool: PgPool) {
    let couple = couple(&pool).await;
    sqlx::query("update service set price_cents = 9000").execute(&pool).await.unwrap();
    let id = couple.booked(&pool, 2).await;
    let one = appointments::one(&pool, &couple.practice.staff, id).await.unwrap();
    assert_eq!((one.client_number, one.price_cents), (couple.number, 9000));
    let people = couple.people(&pool, id).await;
    let names: Vec<_> = people.iter().map(|one| one.person.clone().unwrap().name).collect();
    assert_eq!(
        names,
        ["Ana Test", "Ben Test"].map(|name| names.iter().find(|n| n.starts_with(&name[..3])).unwrap().clone())
    );
    assert_eq!(people.iter().map(|one| one.price_cents).collect::<Vec<_>>(), [9000, 0]);
    assert_eq!((people[0].payer.clone(), people[1].payer.clone()), (None, people[0].person.clone().map(|p| p.name)));
    assert!(people.iter().all(|one| one.party.clone().unwrap().number == couple.number));
    // One message for each of them.
    assert_eq!(text(&pool, "select count(distinct participant_id)::text from message").await, "2");
    // A later booking of the couple names it to either one's practitioner.
    let seats = text(&pool, "select seats || ' ' || seats_taken from appointment").await;
    assert_eq!(seats, "2 2");
}

#[testkit::test]
async fn each_member_of_a_couple_must_be_free(pool: PgPool) {
    let couple = couple(&pool).await;
    let other = staff_actor(&pool, "Omar", &[Role::Practitioner]).await;
    crate::appointments::offer(&pool, couple.practice.service, shared::StaffId(other.id())).await;
    let elsewhere =
        Booking { practitioner: shared::StaffId(other.id()), ..couple.practice.booking(&couple.ben, at(2)) };
    // Ben is with someone else at that time; that practitioner has no hours, so staff pass over it.
    let Refusal::Conflicts(seen) = refusal(appointments::book(&pool, &couple.practice.staff, elsewhere).await) else {
        panic!("outside hours")
    };
    appointments::book(&pool, &couple.practice.staff, Booking { over: Some(seen.seen), ..elsewhere }).await.unwrap();

    let Refusal::Conflicts(conflicts) =
        refusal(appointments::book(&pool, &couple.practice.staff, couple.booking(2)).await)
    else {
        panic!("a couple was booked over one of its members")
    };
    assert!(matches!(&conflicts.all[..], [TimeConflict::ClientBusy { client, .. }] if client.starts_with("Ben")));
    // Knowingly it is possible, and of the couple only Ben stands outside the constraint.
    let over = Booking { over: Some(conflicts.seen), ..couple.booking(2) };
    let id = appointments::book(&pool, &couple.practice.staff, over).await.unwrap();
    let flags: Vec<_> = couple.people(&pool, id).await.iter().map(|one| one.overbooked).collect();
    assert_eq!(flags, [false, true]);
    let practitioner = "select practitioner_overbooked::text from appointment order by booked_at desc limit 1";
    assert_eq!(text(&pool, practitioner).await, "false", "the practitioner is free then, and stays guarded");
    // And a member cannot be booked over the session of the couple.
    let twice = refusal(appointments::book(&pool, &couple.ana, couple.practice.booking(&couple.ana, at(2))).await);
    assert_eq!(twice, Refusal::Conflict(Conflict::YouAreBusy));
}

#[testkit::test]
async fn a_group_without_members_is_not_booked_and_online_no_group_is(pool: PgPool) {
    let couple = couple(&pool).await;
    let (empty, _) = client(&pool, "family", "None yet").await;
    let booking = Booking { client: empty, ..couple.booking(2) };
    let refused = refusal(appointments::book(&pool, &couple.practice.staff, booking).await);
    assert_eq!(refused, Refusal::Conflict(Conflict::NoMembers));
    let online = refusal(appointments::book(&pool, &couple.ana, couple.booking(2)).await);
    assert_eq!(online, Refusal::NotFound, "in the portal the couple does not exist");
}

#[testkit::test]
async fn cancelling_for_one_ends_that_part_and_the_last_one_cancels(pool: PgPool) {
    let couple = couple(&pool).await;
    sqlx::query("update service set price_cents = 9000").execute(&pool).await.unwrap();
    let id = couple.booked(&pool, 2).await;
    appointments::cancel(&pool, &couple.ana, id).await.unwrap();
    let people = couple.people(&pool, id).await;
    assert_eq!(people.iter().map(|one| one.part).collect::<Vec<_>>(), [Part::Cancelled, Part::Booked]);
    assert_eq!(people.iter().map(|one| one.price_cents).collect::<Vec<_>>(), [0, 9000], "whoever stays owes it");
    assert_eq!(text(&pool, "select status || seats_taken from appointment").await, "confirmed1");
    // Ana is free again, and told; Ben is told nothing.
    appointments::book(
        &pool,
        &couple.practice.staff,
        couple.practice.booking(&couple.ana, at(2) + TimeDelta::hours(2)),
    )
    .await
    .unwrap();
    let cancellations = "select count(*)::text from message where kind = 'cancellation'";
    assert_eq!(text(&pool, cancellations).await, "1");
    let mine = appointments::mine(&pool, couple.ana.client().unwrap()).await.unwrap();
    assert_eq!(mine.iter().find(|one| one.id == id).unwrap().status, AppointmentStatus::Cancelled);
    let bens = appointments::mine(&pool, couple.ben.client().unwrap()).await.unwrap();
    assert_eq!(bens.iter().map(|one| one.status).collect::<Vec<_>>(), [AppointmentStatus::Confirmed]);

    appointments::cancel(&pool, &couple.ben, id).await.unwrap();
    let one = appointments::one(&pool, &couple.practice.staff, id).await.unwrap();
    assert_eq!(one.status, AppointmentStatus::Cancelled);
    assert_eq!(text(&pool, cancellations).await, "2");
}

#[testkit::test]
async fn staff_cancel_for_one_or_for_everyone_with_a_reason(pool: PgPool) {
    let couple = couple(&pool).await;
    let id = couple.booked(&pool, 2).await;
    let staff = &couple.practice.staff;
    let one = CancelForm { client: couple.ben.id().to_string(), late: true, ..CancelForm::default() };
    appointments::cancel_with(&pool, staff, id, &one).await.unwrap();
    let parts: Vec<_> = couple.people(&pool, id).await.iter().map(|one| one.part).collect();
    assert_eq!(parts, [Part::Booked, Part::LateCancelled]);
    let rest = CancelForm { reason: "The practitioner is ill".into(), ..CancelForm::default() };
    appointments::cancel_with(&pool, staff, id, &rest).await.unwrap();
    let details = appointments::details(&pool, staff, id).await.unwrap();
    assert_eq!(
        (details.status, details.cancel_reason.as_str()),
        (AppointmentStatus::Cancelled, "The practitioner is ill")
    );
    // Restored is what ended with the appointment: not who had cancelled before.
    appointments::restore(&pool, staff, id).await.unwrap();
    let parts: Vec<_> = couple.people(&pool, id).await.iter().map(|one| one.part).collect();
    assert_eq!(parts, [Part::Booked, Part::LateCancelled]);
    assert_eq!(text(&pool, "select status || seats_taken || cancel_reason from appointment").await, "confirmed1");
}

#[testkit::test]
async fn a_cancelled_appointment_is_restored_while_its_time_is_free(pool: PgPool) {
    let couple = couple(&pool).await;
    let Couple { practice, ana, ben, .. } = &couple;
    let id = appointments::book(&pool, ana, practice.booking(ana, at(3))).await.unwrap();
    appointments::cancel(&pool, ana, id).await.unwrap();
    let other = appointments::book(&pool, ben, practice.booking(ben, at(3))).await.unwrap();
    let taken = refusal(appointments::restore(&pool, &practice.staff, id).await);
    assert_eq!(taken, Refusal::Conflict(Conflict::PractitionerBusy));
    appointments::cancel(&pool, ben, other).await.unwrap();
    appointments::restore(&pool, &practice.staff, id).await.unwrap();
    // Again changes nothing; a client does not restore.
    appointments::restore(&pool, &practice.staff, id).await.unwrap();
    assert!(appointments::restore(&pool, ana, id).await.is_err());
    assert_eq!(text(&pool, "select count(*)::text from appointment where status = 'confirmed'").await, "1");
    assert!(db::audit::verify(&mut pool.acquire().await.unwrap()).await.unwrap());
}

#[testkit::test]
async fn a_participant_sees_themself_and_those_they_may_act_for_alone(pool: PgPool) {
    let couple = couple(&pool).await;
    let id = couple.booked(&pool, 2).await;
    let seen = async |actor: &Actor| -> Vec<Option<String>> {
        let all = appointments::mine(&pool, actor.client().unwrap()).await.unwrap();
        all.into_iter().map(|one| one.for_name).collect()
    };
    assert_eq!(seen(&couple.ana).await, [None]);
    assert_eq!(seen(&couple.ben).await, [None]);
    // With a grant Ana sees Ben's part too, and ends it without ending hers.
    grant_booking(&pool, &couple.ana, &couple.ben).await;
    assert_eq!(seen(&couple.ana).await.len(), 2);
    let his = CancelForm { client: couple.ben.id().to_string(), ..CancelForm::default() };
    appointments::cancel_with(&pool, &couple.ana, id, &his).await.unwrap();
    assert_eq!(text(&pool, "select status || seats_taken from appointment").await, "confirmed1");
    let stranger = client_actor(&pool, "Noor").await;
    assert_eq!(refusal(appointments::cancel(&pool, &stranger, id).await), Refusal::NotFound);
}

#[testkit::test]
async fn several_of_a_session_arrive_in_one_step_or_none_of_them(pool: PgPool) {
    let couple = couple(&pool).await;
    let staff = &couple.practice.staff;
    let id = couple.booked(&pool, 2).await;
    let numbers: Vec<_> = couple.people(&pool, id).await.iter().map(|one| one.person.clone().unwrap().number).collect();
    use Attendance::{Arrived, Attended, Expected, NoShow};
    let set = async |wanted: &[(shared::ClientNumber, Attendance, Attendance)]| {
        appointments::set_attendance_of(&pool, staff, id, wanted).await
    };
    set(&[(numbers[0], Expected, Arrived), (numbers[1], Expected, NoShow)]).await.unwrap();
    let states = async || couple.people(&pool, id).await.iter().map(|one| one.attendance).collect::<Vec<_>>();
    assert_eq!(states().await, [Arrived, NoShow]);
    let stranger = shared::ClientNumber::new(999_999);
    let refused = set(&[(numbers[0], Arrived, Attended), (stranger, Expected, Arrived)]).await;
    assert_eq!(refusal(refused), Refusal::NotFound);
    // What another desk has set meanwhile is not written over.
    let refused = set(&[(numbers[0], Arrived, Attended), (numbers[1], Expected, Arrived)]).await;
    assert_eq!(refusal(refused), Refusal::Stale);
    assert_eq!(states().await, [Arrived, NoShow]);
}

#[testkit::test]
async fn each_of_them_has_an_attendance_of_their_own(pool: PgPool) {
    let couple = couple(&pool).await;
    let staff = &couple.practice.staff;
    let id = couple.booked(&pool, 2).await;
    let [ana, ben] = couple.people(&pool, id).await.iter().map(|one| one.id).collect::<Vec<_>>()[..] else { panic!() };
    appointments::set_attendance(&pool, staff, ana, Attendance::Arrived).await.unwrap();
    appointments::set_attendance(&pool, staff, ben, Attendance::NoShow).await.unwrap();
    let people = couple.people(&pool, id).await;
    let states: Vec<_> = people.iter().map(|one| one.attendance).collect();
    assert_eq!(states, [Attendance::Arrived, Attendance::NoShow]);
    assert!(people[0].arrived_at.is_some() && people[1].arrived_at.is_none());
    let before = text(&pool, "select (to_jsonb(p) - 'attendance' - 'arrived_at')::text from appointment_participant p order by booked_at, id limit 1").await;
    // Un-arriving undoes nothing else, and the version that mail tells of stays.
    appointments::set_attendance(&pool, staff, ana, Attendance::Expected).await.unwrap();
    let after = text(&pool, "select (to_jsonb(p) - 'attendance' - 'arrived_at')::text from appointment_participant p order by booked_at, id limit 1").await;
    assert_eq!(before, after);
    assert_eq!(couple.people(&pool, id).await[0].arrived_at, None);
    assert_eq!(text(&pool, "select version::text from appointment").await, "1");

    // The practitioner whose it is sets it, without permission to book; another one does not see it.
    let priya = Actor::Staff(db::actor::StaffActor::new(
        couple.practice.practitioner,
        "Priya",
        vec![Role::Practitioner],
        false,
    ));
    appointments::set_attendance(&pool, &priya, ana, Attendance::InSession).await.unwrap();
    let omar = staff_actor(&pool, "Omar", &[Role::Practitioner]).await;
    assert_eq!(refusal(appointments::set_attendance(&pool, &omar, ana, Attendance::Arrived).await), Refusal::NotFound);
    assign(&pool, &omar, ClientId(couple.ana.id())).await;
    let omar =
        Actor::Staff(db::actor::StaffActor::new(shared::StaffId(omar.id()), "Omar", vec![Role::Practitioner], false));
    assert_eq!(refusal(appointments::set_attendance(&pool, &omar, ana, Attendance::Arrived).await), Refusal::Forbidden);
    // Of the other he sees that someone attends, and not who.
    let seen = appointments::participants(&pool, &omar, id).await.unwrap();
    assert_eq!(seen.iter().map(|one| one.person.is_some()).collect::<Vec<_>>(), [true, false]);
}

#[testkit::test]
async fn a_note_and_the_modality_change_nothing_that_is_mailed(pool: PgPool) {
    let couple = couple(&pool).await;
    let id = couple.booked(&pool, 2).await;
    let form = DetailsForm { note: "Bring the scans".into(), modality: "video".into() };
    appointments::save_details(&pool, &couple.practice.staff, id, &form).await.unwrap();
    let details = appointments::details(&pool, &couple.practice.staff, id).await.unwrap();
    assert_eq!((details.staff_note.as_str(), details.modality.as_str()), ("Bring the scans", "video"));
    assert_eq!(
        text(&pool, "select a.version || ' ' || (select count(*) from message) from appointment a").await,
        "1 2"
    );
    let wrong = DetailsForm { modality: "carrier pigeon".into(), ..form };
    assert!(matches!(
        refusal(appointments::save_details(&pool, &couple.practice.staff, id, &wrong).await),
        Refusal::Invalid(_)
    ));
    assert!(appointments::save_details(&pool, &couple.ana, id, &DetailsForm::default()).await.is_err());
}

#[testkit::test]
async fn merging_two_of_one_session_leaves_one_seat_and_what_both_owe(pool: PgPool) {
    let couple = couple(&pool).await;
    sqlx::query("update service set price_cents = 9000").execute(&pool).await.unwrap();
    let id = couple.booked(&pool, 2).await;
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let ana = testkit::number(&pool, ClientId(couple.ana.id())).await;
    let ben = testkit::number(&pool, ClientId(couple.ben.id())).await;
    let versions = |id: i32| id.to_string();
    let version = async |client: &Actor| -> i32 {
        sqlx::query_scalar("select version from client where id = $1").bind(client.id()).fetch_one(&pool).await.unwrap()
    };
    let form = shared::merge::MergeForm {
        keep_version: versions(version(&couple.ben).await),
        drop_version: versions(version(&couple.ana).await),
        ..shared::merge::MergeForm::default()
    };
    let merge = db::merge::merge(&pool, &admin, ben, ana, &form).await.unwrap();
    let people = appointments::participants(&pool, &admin, id).await.unwrap();
    assert_eq!(people.len(), 1);
    assert_eq!((people[0].price_cents, people[0].payer.clone()), (9000, None));
    assert_eq!(text(&pool, "select seats_taken::text from appointment").await, "1");
    // Undone, each has their seat and their part of the price again.
    db::merge::undo(&pool, &admin, ben, merge).await.unwrap();
    let people = appointments::participants(&pool, &admin, id).await.unwrap();
    assert_eq!(people.iter().map(|one| one.price_cents).collect::<Vec<_>>(), [9000, 0]);
    assert_eq!(text(&pool, "select seats_taken::text from appointment").await, "2");
}

/// The service becomes one of group sessions.
async fn in_group(pool: &PgPool, seats: i16) {
    sqlx::query("update service set seats = $1, price_cents = 4000").bind(seats).execute(pool).await.unwrap();
}

#[testkit::test]
async fn a_group_session_has_seats_each_with_its_price(pool: PgPool) {
    let couple = couple(&pool).await;
    let Couple { practice, ana, ben, .. } = &couple;
    in_group(&pool, 3).await;
    let mia = client_actor(&pool, "Mia").await;
    let first = appointments::book(&pool, &mia, practice.booking(&mia, at(2))).await.unwrap();
    // Its start is still offered, to those who are not in it; the times beside it are not.
    use crate::appointments::offered;
    assert!(offered(&practice.free(&pool, Some(ana), 2).await, at(2)));
    assert!(!offered(&practice.free(&pool, Some(&mia), 2).await, at(2)));
    assert!(!offered(&practice.free(&pool, Some(ana), 2).await, at(2) + TimeDelta::minutes(15)));
    // A couple takes two seats of the same session.
    let second = appointments::book(&pool, &practice.staff, couple.booking(2)).await.unwrap();
    assert_eq!(second, first);
    let people = couple.people(&pool, first).await;
    assert_eq!(people.iter().map(|one| one.price_cents).collect::<Vec<_>>(), [4000; 3]);
    assert_eq!(text(&pool, "select seats || ' ' || seats_taken from appointment").await, "3 3");
    // Sent again, the form is answered with the seat that there is.
    assert_eq!(appointments::book(&pool, &mia, practice.booking(&mia, at(2))).await.unwrap(), first);
    let leo = client_actor(&pool, "Leo").await;
    let full = refusal(appointments::book(&pool, &leo, practice.booking(&leo, at(2))).await);
    assert_eq!(full, Refusal::Conflict(Conflict::SessionFull));
    assert!(!offered(&practice.free(&pool, Some(&leo), 2).await, at(2)));
    // A seat that is given up is free for the next, and its owner may come back.
    appointments::cancel(&pool, ben, first).await.unwrap();
    appointments::book(&pool, &leo, practice.booking(&leo, at(2))).await.unwrap();
    appointments::cancel(&pool, &leo, first).await.unwrap();
    appointments::book(&pool, ben, practice.booking(ben, at(2))).await.unwrap();
    assert_eq!(text(&pool, "select count(*) || ' ' || sum(seats_taken) from appointment").await, "1 3");
    // Each of them is told of their own seat alone.
    let told = "select count(*)::text from message m join appointment_participant p on p.id = m.participant_id
                 where m.kind = 'confirmation' and p.client_id = (select id from client where first_name = 'Mia')";
    assert_eq!(text(&pool, told).await, "1");
}

#[testkit::test]
async fn a_seat_is_not_taken_by_someone_who_is_elsewhere_then(pool: PgPool) {
    let couple = couple(&pool).await;
    let Couple { practice, ana, ben, .. } = &couple;
    in_group(&pool, 5).await;
    let other = shared::StaffId(staff_actor(&pool, "Omar", &[Role::Practitioner]).await.id());
    crate::appointments::offer(&pool, practice.service, other).await;
    sqlx::query(
        "insert into weekly_hours (id, practitioner_id, location_id, weekday, starts, ends)
         select gen_random_uuid(), $1, location_id, weekday, starts, ends from weekly_hours",
    )
    .bind(other.0)
    .execute(&pool)
    .await
    .unwrap();
    appointments::book(&pool, ana, practice.booking(ana, at(2))).await.unwrap();
    let elsewhere = Booking { practitioner: other, ..practice.booking(ben, at(2) + TimeDelta::minutes(30)) };
    appointments::book(&pool, ben, elsewhere).await.unwrap();
    let refused = refusal(appointments::book(&pool, ben, practice.booking(ben, at(2))).await);
    assert_eq!(refused, Refusal::Conflict(Conflict::YouAreBusy));
}
