//! Offers of times that became free: held, mailed, answered once, and given to the next one.

use crate::appointments::{grant_booking, offered, unlink};
use crate::support::waiting::{List, days_ahead, soon};
use chrono::TimeDelta;
use db::waitlist::{self, Answered};
use db::{Actor, PgPool, appointments, links};
use shared::accounts::Secret;
use shared::appointments::{AppointmentStatus, Booking};
use shared::links::RemovalForm;
use shared::waitlist::{OfferSettingsForm, WaitForm, WaitState};
use shared::{Conflict, Refusal};
use testkit::{client_actor, number, on_threads, refusal, staff_actor};

const ENDED: Refusal = Refusal::Conflict(Conflict::OfferEnded);

async fn waits(list: &List, name: &str) -> (Actor, shared::WaitId) {
    let client = client_actor(&list.pool, name).await;
    list.reachable(&client).await;
    let entry = list.enter(&client).await;
    (client, entry)
}

#[testkit::test]
async fn an_offer_holds_the_time_and_the_link_books_it_once(pool: PgPool) {
    let list = List::new(&pool).await;
    let (mia, entry) = waits(&list, "Mia").await;
    let leo = client_actor(&pool, "Leo").await;
    let id = list.offer(entry, soon()).await.unwrap();
    let one = list.one(entry).await;
    assert_eq!((one.state, one.offer.as_ref().map(|offer| offer.starts_at)), (WaitState::Offered, Some(soon())));
    assert_eq!(
        refusal(list.offer(entry, soon() + TimeDelta::hours(3)).await),
        Refusal::Conflict(Conflict::AlreadyOffered)
    );
    // No one else gets the time meanwhile, and no list shows it.
    assert!(!offered(&list.practice.free(&pool, None, days_ahead()).await, soon()));
    assert!(appointments::book(&pool, &leo, list.practice.booking(&leo, soon())).await.is_err());
    let own = "select count(*)::text from appointment a join waitlist_entry w on w.client_id = a.booked_by";
    assert_eq!(list.text(own).await, "0", "it is no hold of their own");
    let mails = list.mails().await;
    assert_eq!(mails.iter().map(|(to, _)| to.clone()).collect::<Vec<_>>(), [format!("{}@kin.test", mia.id())]);
    let secret = Secret(mails[0].1.clone());
    assert_eq!(list.text("select count(*)::text from waitlist_link where secret_hash is null").await, "0");
    assert_eq!(list.text("select count(*)::text from message where kind = 'offer' and secret is not null").await, "0");
    // Looking answers nothing; a guess opens nothing.
    waitlist::offered_by_link(&pool, &secret).await.unwrap();
    assert_eq!(refusal(waitlist::offered_by_link(&pool, &Secret("guess".into())).await), Refusal::DeadLink);
    assert_eq!(refusal(waitlist::answer(&pool, &leo, id, true).await), Refusal::NotFound);
    assert_eq!(list.one(entry).await.state, WaitState::Offered);

    let Answered::Booked(booked) = waitlist::answer_by_link(&pool, &secret, true).await.unwrap() else {
        panic!("not booked")
    };
    let mine = appointments::mine(&pool, mia.client().unwrap()).await.unwrap();
    assert_eq!(
        mine.iter().map(|one| (one.id, one.status)).collect::<Vec<_>>(),
        [(booked, AppointmentStatus::Confirmed)]
    );
    assert_eq!(list.one(entry).await.state, WaitState::Booked);
    assert_eq!(list.text("select count(*)::text from message where kind = 'confirmation'").await, "1");
    // Sent again it is answered alike; the other answer comes too late.
    assert_eq!(waitlist::answer_by_link(&pool, &secret, true).await.unwrap(), Answered::Booked(booked));
    assert_eq!(refusal(waitlist::answer_by_link(&pool, &secret, false).await), ENDED);
    assert_eq!(list.text("select count(*)::text from appointment").await, "1");
}

#[testkit::test]
async fn a_declined_time_is_free_and_is_not_offered_to_them_again(pool: PgPool) {
    let list = List::new(&pool).await;
    let (mia, entry) = waits(&list, "Mia").await;
    let id = list.offer(entry, soon()).await.unwrap();
    assert_eq!(waitlist::answer(&pool, &mia, id, false).await.unwrap(), Answered::Declined);
    assert_eq!(waitlist::answer(&pool, &mia, id, false).await.unwrap(), Answered::Declined);
    assert_eq!(refusal(waitlist::answer(&pool, &mia, id, true).await), ENDED);
    assert_eq!(list.one(entry).await.state, WaitState::Waiting);
    assert_eq!(list.text("select count(*)::text from appointment").await, "0");
    let span = list.gap(soon());
    let again = waitlist::fitting(&pool, &list.practice.staff, span, 10).await.unwrap();
    assert!(again.iter().all(|fit| fit.starts_at != soon()), "{again:?}");
}

/// Two parents of one child, at one moment: one of them takes it.
#[testkit::test]
async fn of_two_who_take_one_offer_one_does(pool: PgPool) {
    on_threads(&pool, |pool| async move {
        let list = List::new(&pool).await;
        for round in 0..10 {
            let mia = client_actor(&pool, &format!("Mia{round}")).await;
            let (ana, dan) = (client_actor(&pool, "Ana").await, client_actor(&pool, "Dan").await);
            for parent in [&ana, &dan] {
                grant_booking(&pool, parent, &mia).await;
                list.reachable(parent).await;
            }
            let entry = list.enter(&mia).await;
            let id = list.offer(entry, soon()).await.unwrap();
            let (one, other) =
                tokio::join!(waitlist::answer(&pool, &ana, id, true), waitlist::answer(&pool, &dan, id, true));
            let won = [one, other].map(|answer| match answer {
                Ok(Answered::Booked(_)) => true,
                Err(db::Error::Refused(refusal)) if refusal == ENDED => false,
                other => panic!("{other:?}"),
            });
            assert!(won[0] != won[1], "{won:?}");
            assert_eq!(list.text("select count(*)::text from appointment_participant").await, "1");
            list.run("delete from appointment").await;
        }
        assert!(db::audit::verify(&mut pool.acquire().await.unwrap()).await.unwrap());
    })
    .await;
}

/// Answered and lapsed at one moment: it is booked, or it is free and they still wait.
#[testkit::test]
async fn an_offer_taken_while_it_lapses_is_taken_or_lapsed(pool: PgPool) {
    on_threads(&pool, |pool| async move {
        let list = List::new(&pool).await;
        let (mut taken, mut lapsed) = (0, 0);
        for round in 0..16u64 {
            let (mia, entry) = waits(&list, &format!("Mia{round}")).await;
            let id = list.offer(entry, soon()).await.unwrap();
            let sql = "update waitlist_offer set lapses_at = clock_timestamp() + make_interval(secs => $1) where state = 'open'";
            sqlx::query(sql).bind(if round % 2 == 0 { 0.02 } else { 0.0 }).execute(&pool).await.unwrap();
            list.run("update appointment set held_until = (select lapses_at from waitlist_offer where state = 'open') where status = 'held'").await;
            let works = async {
                tokio::time::sleep(std::time::Duration::from_millis(round)).await;
                waitlist::work(&pool).await
            };
            let (answer, worked) = tokio::join!(waitlist::answer(&pool, &mia, id, true), works);
            worked.unwrap();
            let booked = list.text("select count(*)::text from appointment_participant").await;
            match answer {
                Ok(Answered::Booked(_)) => {
                    assert_eq!((booked.as_str(), list.one(entry).await.state), ("1", WaitState::Booked));
                    taken += 1;
                }
                Err(db::Error::Refused(refusal)) if refusal == ENDED => {
                    waitlist::work(&pool).await.unwrap();
                    assert_eq!((booked.as_str(), list.one(entry).await.state), ("0", WaitState::Waiting));
                    lapsed += 1;
                }
                other => panic!("{other:?}"),
            }
            list.run("delete from appointment").await;
        }
        assert!(lapsed > 0 && taken + lapsed == 16, "{taken} taken, {lapsed} lapsed");
    })
    .await;
}

#[testkit::test]
async fn an_offer_that_no_one_answers_lapses_and_frees_the_time(pool: PgPool) {
    let list = List::new(&pool).await;
    let (mia, entry) = waits(&list, "Mia").await;
    let id = list.offer(entry, soon()).await.unwrap();
    assert_eq!(waitlist::work(&pool).await.unwrap(), 0);
    list.run("update waitlist_offer set lapses_at = now() - interval '1 second'").await;
    assert_eq!(refusal(waitlist::answer(&pool, &mia, id, true).await), ENDED);
    assert_eq!(waitlist::work(&pool).await.unwrap(), 1);
    assert_eq!(list.one(entry).await.state, WaitState::Waiting);
    assert_eq!(list.text("select count(*)::text from appointment").await, "0");
    assert!(list.mails().await.is_empty(), "what has lapsed is mailed to no one");
}

#[testkit::test]
async fn an_earlier_time_moves_the_appointment_in_one_go(pool: PgPool) {
    let list = List::new(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    list.reachable(&mia).await;
    let later = soon() + TimeDelta::days(4);
    let has = list.book(&mia, later).await;
    // The policy would not let them move it.
    list.run("update policy set client_may_move = false").await;
    let entry = list.enter_with(&mia, |form| WaitForm { appointment: has.to_string(), ..form }).await;
    let id = list.offer(entry, soon()).await.unwrap();
    assert_eq!(list.text("select count(*)::text from appointment where blocks").await, "2", "both are kept meanwhile");
    assert_eq!(waitlist::answer(&pool, &mia, id, true).await.unwrap(), Answered::Moved(has));
    assert_eq!(waitlist::answer(&pool, &mia, id, true).await.unwrap(), Answered::Moved(has));
    let mine = appointments::mine(&pool, mia.client().unwrap()).await.unwrap();
    assert_eq!(mine.iter().map(|one| (one.id, one.starts_at, one.version)).collect::<Vec<_>>(), [(has, soon(), 2)]);
    assert_eq!(list.text("select count(*)::text from appointment").await, "1");
    assert_eq!(list.text("select count(*)::text from message where kind = 'change'").await, "1");
}

#[testkit::test]
async fn offers_end_with_the_link_through_which_they_came(pool: PgPool) {
    let list = List::new(&pool).await;
    let (ana, mia) = (client_actor(&pool, "Ana").await, client_actor(&pool, "Mia").await);
    grant_booking(&pool, &ana, &mia).await;
    // A child without an address: the parent alone has a link.
    let entry = list.enter(&mia).await;
    assert_eq!(refusal(list.offer(entry, soon()).await), Refusal::Conflict(Conflict::NoOneToOffer));
    assert_eq!(list.text("select count(*)::text from appointment").await, "0", "and nothing is held");
    list.reachable(&ana).await;
    list.offer(entry, soon()).await.unwrap();
    let secret = Secret(list.mails().await[0].1.clone());
    let numbers = (number(&pool, shared::ClientId(mia.id())).await, number(&pool, shared::ClientId(ana.id())).await);
    links::remove(&pool, &list.practice.staff, numbers.0, numbers.1, &RemovalForm::default()).await.unwrap();
    assert_eq!(list.one(entry).await.state, WaitState::Waiting);
    assert_eq!(list.text("select count(*)::text from appointment").await, "0");
    assert_eq!(refusal(waitlist::answer_by_link(&pool, &secret, true).await), Refusal::DeadLink);
    assert_eq!(list.text("select count(*)::text from audit where action = 'withdraw-offer'").await, "1");
}

/// A grant that is taken back ends what was mailed before, and mail that waits is not sent.
#[testkit::test]
async fn without_the_grant_neither_the_link_nor_the_mail_is_left(pool: PgPool) {
    let list = List::new(&pool).await;
    let (ana, mia) = (client_actor(&pool, "Ana").await, client_actor(&pool, "Mia").await);
    grant_booking(&pool, &ana, &mia).await;
    list.reachable(&ana).await;
    let entry = list.enter(&mia).await;
    let id = list.offer(entry, soon()).await.unwrap();
    unlink(&pool).await;
    assert!(list.mails().await.is_empty());
    assert_eq!(refusal(waitlist::answer(&pool, &ana, id, true).await), Refusal::NotFound);
    assert_eq!(list.one(entry).await.state, WaitState::Offered, "the person themself can still take it");
    waitlist::answer(&pool, &mia, id, true).await.unwrap();
}

/// Whose permission to book ends gives back the time that was offered to them: the client takes it away, or
/// comes of age.
#[testkit::test]
async fn an_offer_that_only_a_guardian_could_take_ends_with_their_permission(pool: PgPool) {
    let list = List::new(&pool).await;
    list.run("update practice set quiet_minutes = 0").await;
    for by_age in [false, true] {
        let (ana, mia) = (client_actor(&pool, "Ana").await, client_actor(&pool, "Mia").await);
        grant_booking(&pool, &ana, &mia).await;
        list.run("update client_link set created_at = now() - interval '2 days'").await;
        list.reachable(&ana).await;
        let entry = list.enter(&mia).await;
        list.offer(entry, soon()).await.unwrap();
        let secret = Secret(list.mails().await.pop().unwrap().1);
        if by_age {
            list.run(&format!(
                "update client set birth_date = (now() at time zone (select zone from practice))::date - interval '18 years'
                  where id = '{}'",
                mia.id()
            ))
            .await;
            assert_eq!(links::coming_of_age::work(&pool, chrono::Utc::now()).await.unwrap(), 1);
        } else {
            let link = links::mine(&pool, mia.client().unwrap()).await.unwrap().links.remove(0);
            let form =
                shared::links::GrantsForm { version: link.version.to_string(), ..shared::links::GrantsForm::default() };
            links::decide(&pool, &mia, link.id, &form).await.unwrap();
        }
        assert_eq!(list.one(entry).await.state, WaitState::Waiting, "by age: {by_age}");
        assert_eq!(list.text("select count(*)::text from appointment").await, "0", "by age: {by_age}");
        assert_eq!(refusal(waitlist::answer_by_link(&pool, &secret, true).await), Refusal::DeadLink);
    }
}

#[testkit::test]
async fn offers_by_itself_go_to_one_after_the_other(pool: PgPool) {
    let list = List::new(&pool).await;
    let sam = client_actor(&pool, "Sam").await;
    let booked = list.book(&sam, soon()).await;
    let (mia, first) = waits(&list, "Mia").await;
    let (_, second) = waits(&list, "Leo").await;
    let admin = staff_actor(&pool, "Ada", &[shared::accounts::Role::Administrator]).await;
    let form = OfferSettingsForm { minutes: "30".into(), by_itself: true };
    assert_eq!(refusal(waitlist::save_settings(&pool, &list.practice.staff, &form).await), Refusal::Forbidden);
    waitlist::save_settings(&pool, &admin, &form).await.unwrap();
    appointments::cancel(&pool, &list.practice.staff, booked).await.unwrap();
    assert_eq!(waitlist::work(&pool).await.unwrap(), 0, "staff may still undo it");
    let offers = "select coalesce(string_agg(c.first_name, ',' order by o.offered_at), '') from waitlist_offer o
                   join waitlist_entry w on w.id = o.entry_id join client c on c.id = w.client_id where o.state = 'open'";
    list.run("update waitlist_freed set due_at = now() where due_at is not null").await;
    waitlist::work(&pool).await.unwrap();
    assert_eq!(list.text(offers).await, "Mia");
    let open = list.one(first).await.offer.unwrap();
    assert!(open.lapses_at - chrono::Utc::now() <= TimeDelta::minutes(30));
    waitlist::answer(&pool, &mia, open.id, false).await.unwrap();
    waitlist::work(&pool).await.unwrap();
    assert_eq!(list.text(offers).await, "Leo");
    assert_eq!(list.one(second).await.offer.unwrap().starts_at, open.starts_at);
    // Several servers, and nothing is left: nothing more happens.
    let (one, other) = tokio::join!(waitlist::work(&pool), waitlist::work(&pool));
    assert_eq!((one.unwrap(), other.unwrap()), (0, 0));
}

/// A full session: the seat that is given up is offered, and no one else gets it meanwhile.
#[testkit::test]
async fn a_seat_of_a_full_session_is_offered_like_a_time(pool: PgPool) {
    let list = List::new(&pool).await;
    list.run("update service set seats = 2").await;
    let (sam, zoe, leo) =
        (client_actor(&pool, "Sam").await, client_actor(&pool, "Zoe").await, client_actor(&pool, "Leo").await);
    let session = list.book(&sam, soon()).await;
    assert_eq!(list.book(&zoe, soon()).await, session);
    let (mia, entry) = waits(&list, "Mia").await;
    let full = refusal(appointments::book(&pool, &leo, list.practice.booking(&leo, soon())).await);
    assert_eq!(full, Refusal::Conflict(Conflict::SessionFull));
    assert!(list.fitting(soon()).await.is_empty());
    appointments::cancel(&pool, &zoe, session).await.unwrap();
    let days = list.practice.free(&pool, None, days_ahead()).await;
    let labels: Vec<_> = days.into_iter().flat_map(|day| day.times).map(|time| time.label).collect();
    assert_eq!(labels.iter().filter(|label| label.ends_with(", 1 seat left")).count(), 1, "{labels:?}");
    assert_eq!(waitlist::freed_by(&pool, &list.practice.staff, session).await.unwrap(), [list.gap(soon())]);
    assert_eq!(list.fitting(soon()).await, [entry]);
    let id = list.offer(entry, soon()).await.unwrap();
    assert!(!offered(&list.practice.free(&pool, None, days_ahead()).await, soon()));
    let wants = || Booking { request_key: db::new_id(), ..list.practice.booking(&leo, soon()) };
    for actor in [&leo, &list.practice.staff] {
        let full = refusal(appointments::book(&pool, actor, wants()).await);
        assert_eq!(full, Refusal::Conflict(Conflict::SessionFull));
    }
    assert_eq!(waitlist::answer(&pool, &mia, id, true).await.unwrap(), Answered::Booked(session));
    let seats = "select seats_taken::text || ' ' || (select count(*) from appointment_participant p where p.status = 'booked') from appointment";
    assert_eq!(list.text(seats).await, "2 2");
    // Declined, it is anyone's.
    appointments::cancel(&pool, &mia, session).await.unwrap();
    let (ida, other) = waits(&list, "Ida").await;
    let id = list.offer(other, soon()).await.unwrap();
    waitlist::answer(&pool, &ida, id, false).await.unwrap();
    appointments::book(&pool, &leo, wants()).await.unwrap();
    assert_eq!(list.text(seats).await, "2 2");
}

#[testkit::test]
async fn staff_take_an_offer_back_and_the_entry_with_it(pool: PgPool) {
    let list = List::new(&pool).await;
    let (mia, entry) = waits(&list, "Mia").await;
    let id = list.offer(entry, soon()).await.unwrap();
    let nadia = staff_actor(&pool, "Nadia", &[shared::accounts::Role::Practitioner]).await;
    assert_eq!(refusal(waitlist::withdraw_offer(&pool, &nadia, id).await), Refusal::NotFound);
    waitlist::withdraw_offer(&pool, &list.practice.staff, id).await.unwrap();
    waitlist::withdraw_offer(&pool, &list.practice.staff, id).await.unwrap();
    assert_eq!(list.one(entry).await.state, WaitState::Waiting);
    assert_eq!(refusal(waitlist::answer(&pool, &mia, id, true).await), ENDED);
    list.offer(entry, soon() + TimeDelta::hours(2)).await.unwrap();
    waitlist::withdraw(&pool, &mia, entry).await.unwrap();
    assert_eq!(list.text("select count(*)::text from appointment").await, "0", "what was held is free");
    assert_eq!(refusal(list.offer(entry, soon()).await), Refusal::Conflict(Conflict::NotWaiting));
}

#[testkit::test]
async fn a_seat_is_not_given_at_a_time_that_was_not_offered(pool: PgPool) {
    let list = List::new(&pool).await;
    list.run("update service set seats = 2").await;
    let sam = client_actor(&pool, "Sam").await;
    let session = list.book(&sam, soon()).await;
    let (mia, entry) = waits(&list, "Mia").await;
    let id = list.offer(entry, soon()).await.unwrap();
    let moved = shared::appointments::Move {
        appointment: session,
        version: 1,
        starts_at: soon() + TimeDelta::hours(2),
        practitioner: None,
        room: None,
        over: None,
    };
    appointments::reschedule(&pool, &list.practice.staff, moved, "").await.unwrap();
    assert_eq!(refusal(waitlist::answer(&pool, &mia, id, true).await), ENDED);
    assert_eq!(list.text("select seats_taken::text from appointment").await, "1");
}

/// What a client could not do online by themself, an offer that no one made does not do for them.
#[testkit::test]
async fn offers_by_itself_keep_to_what_is_booked_online(pool: PgPool) {
    let list = List::new(&pool).await;
    list.run("update practice set offers_by_itself = true").await;
    let (sam, mia) = (client_actor(&pool, "Sam").await, client_actor(&pool, "Mia").await);
    list.reachable(&mia).await;
    let open = "select count(*)::text from waitlist_offer where state = 'open'";
    let due = "update waitlist_freed set due_at = now()";
    // The practice confirms each booking.
    let booked = list.book(&sam, soon()).await;
    list.enter(&mia).await;
    list.run("update service set by_request = true").await;
    appointments::cancel(&pool, &list.practice.staff, booked).await.unwrap();
    list.run(due).await;
    waitlist::work(&pool).await.unwrap();
    assert_eq!(list.text(open).await, "0");
    // The policy leaves moving to the practice.
    list.run(
        "update service set by_request = false; update policy set client_may_move = false; delete from waitlist_entry",
    )
    .await;
    let has = list.book(&mia, soon() + TimeDelta::days(4)).await;
    let earlier = list.enter_with(&mia, |form| WaitForm { appointment: has.to_string(), ..form }).await;
    list.run(due).await;
    waitlist::work(&pool).await.unwrap();
    assert_eq!(list.text(open).await, "0");
    assert_eq!(list.fitting(soon()).await, [earlier], "staff may offer it");
    list.run("update policy set client_may_move = true").await;
    list.run(due).await;
    waitlist::work(&pool).await.unwrap();
    assert_eq!(list.text(open).await, "1");
}

#[testkit::test]
async fn what_is_offered_is_held_as_the_service_takes_place(pool: PgPool) {
    let list = List::new(&pool).await;
    list.run("update service set modalities = '{video}'").await;
    let (mia, entry) = waits(&list, "Mia").await;
    let id = list.offer(entry, soon()).await.unwrap();
    waitlist::answer(&pool, &mia, id, true).await.unwrap();
    assert_eq!(list.text("select modality from appointment").await, "video");
}

#[testkit::test]
async fn an_earlier_time_has_the_length_that_was_agreed(pool: PgPool) {
    let list = List::new(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    list.reachable(&mia).await;
    let has = list.book(&mia, soon() + TimeDelta::days(4)).await;
    list.run("update service set duration_minutes = 30").await;
    let entry = list.enter_with(&mia, |form| WaitForm { appointment: has.to_string(), ..form }).await;
    let id = list.offer(entry, soon()).await.unwrap();
    waitlist::answer(&pool, &mia, id, true).await.unwrap();
    assert_eq!(list.text("select (ends_at - starts_at)::text from appointment").await, "01:00:00");
    // The entry is of the appointment's service, whatever a form says.
    let other = shared::ServiceId(db::new_id());
    crate::appointments::add_service(&pool, other, 20, 0, true).await;
    let entry = list.enter_with(&mia, |form| WaitForm { appointment: has.to_string(), ..form }).await;
    let changed = WaitForm { service: other.to_string(), version: "1".into(), ..list.form(&mia) };
    let refused = refusal(waitlist::change(&pool, &list.practice.staff, entry, &changed).await);
    assert_eq!(refused, Refusal::field("appointment", shared::Problem::Unknown));
}
