//! Reading back what the model says.

use super::world::{World, column};
use super::{Asked, Model, SLOTS, State};
use crate::appointments::at;
use db::calendar::{Filter, range};
use db::{Actor, appointments, feeds, forms, requests};
use shared::accounts::Role;
use shared::requests::RequestState;
use shared::slots::Span;
use shared::{AppointmentId, ClientId, RequestId};
use std::collections::BTreeSet;
use uuid::Uuid;

pub(super) async fn look(world: &World, model: &Model, who: usize, trail: &[String]) {
    let (pool, actor) = (&world.pool, &world.people[who]);
    if model.is(who, State::Active) {
        let me = actor.client().unwrap();
        let mine = appointments::mine(pool, me).await.unwrap();
        let number = |id: ClientId| world.people.iter().position(|one| one.id() == id.0).unwrap();
        let found: BTreeSet<_> = mine
            .iter()
            .map(|one| {
                let cancelled = one.status == shared::appointments::AppointmentStatus::Cancelled;
                (one.id, number(one.client_id), cancelled)
            })
            .collect();
        assert_eq!(found, model.mine(who), "my appointments of {who}: {trail:#?}");
        for (id, visit) in &model.visits {
            let seen = appointments::mine_one(pool, me, *id).await.is_ok();
            assert_eq!(seen, model.may_act(who, visit.subject), "{visit:?} by {who}: {trail:#?}");
        }
    }
    look_at_the_forms(world, model, who, trail).await;
    let file = feeds::read(pool, &world.feeds[who], "kin.example").await;
    assert_eq!(file.is_ok(), model.is(who, State::Active), "feed of {who}: {trail:#?}");
    if let Ok(file) = file {
        let mut events = BTreeSet::new();
        let (mut id, mut status) = (String::new(), String::new());
        for line in file.body.lines() {
            if let Some(uid) = line.strip_prefix("UID:") {
                id = uid.split('@').next().unwrap().to_owned();
            }
            status = line.strip_prefix("STATUS:").map_or(status, str::to_owned);
            if line == "END:VEVENT" {
                let id: Uuid = id.parse().unwrap();
                let of = "select appointment_id from appointment_participant where id = $1";
                events.insert((AppointmentId(column(pool, of, id).await), status == "CANCELLED"));
            }
        }
        let expected = model.mine(who).into_iter().map(|(id, _, cancelled)| (id, cancelled)).collect();
        assert_eq!(events, expected, "feed of {who}: {trail:#?}");
    }
}

/// What they can read of anyone's forms: what is asked, what they did, and their own draft.
async fn look_at_the_forms(world: &World, model: &Model, who: usize, trail: &[String]) {
    if !model.is(who, State::Active) {
        return;
    }
    let (pool, me) = (&world.pool, world.people[who].client().unwrap());
    let mine = requests::mine(pool, me).await.unwrap();
    let found: BTreeSet<_> = mine.iter().map(|one| (one.id, one.state == RequestState::Open, one.begun)).collect();
    assert_eq!(found, model.listed(who), "forms and requests of {who}: {trail:#?}");
    for (id, (subject, asked)) in &model.asks {
        let opened =
            forms::open(pool, me, *id, None).await.ok().map(|form| form.draft.map(|draft| draft.text["q1"].clone()));
        let opens = *asked == Asked::Open && model.may_fill_in(who, *subject);
        let expected = opens.then(|| model.drafts.get(&(*id, who)).cloned());
        assert_eq!(opened, expected, "form of {subject} opened by {who}: {trail:#?}");
    }
}

pub(super) async fn look_at_the_calendar(world: &World, model: &Model, trail: &[String]) {
    let span = Span { starts: at(1), ends: at(4 + SLOTS as u64) };
    let mut conn = world.pool.acquire().await.unwrap();
    let own = Filter { people: vec![world.practice.practitioner], ..Filter::default() };
    let practitioner =
        db::actor::StaffActor::new(world.practice.practitioner, "Priya Test", vec![Role::Practitioner], false);
    let stands = || model.visits.iter().filter(|(_, visit)| !visit.cancelled);
    let expected: BTreeSet<_> =
        stands().map(|(id, visit)| (*id, at(2 + visit.slot as u64), format!("P{} Test", visit.subject))).collect();
    // The front desk and the practitioner see who it is, a colleague that it is busy.
    for viewer in [world.practice.staff.clone(), Actor::Staff(practitioner)] {
        let seen = range(&mut conn, &viewer, span, &own).await.unwrap();
        let found: BTreeSet<_> =
            seen.entries.iter().map(|one| (one.id, one.starts_at, one.attendees[0].name.clone())).collect();
        assert_eq!(found, expected, "calendar: {trail:#?}");
    }
    let seen = range(&mut conn, &world.other, span, &own).await.unwrap();
    assert!(seen.entries.is_empty(), "{trail:#?}");
    let mut busy: BTreeSet<_> = stands().map(|(_, visit)| at(2 + visit.slot as u64)).collect();
    busy.extend(model.hold.map(|(_, slot)| at(2 + slot as u64)));
    let found: BTreeSet<_> = seen.busy.iter().map(|one| one.starts_at).collect();
    assert_eq!(found, busy, "colleague: {trail:#?}");
    let day = appointments::day(&world.pool, &world.practice.staff, span, Some(world.practice.practitioner)).await;
    let found: BTreeSet<_> = day
        .unwrap()
        .iter()
        .map(|one| (one.id, one.status == shared::appointments::AppointmentStatus::Cancelled))
        .collect();
    let all: BTreeSet<_> = model.visits.iter().map(|(id, visit)| (*id, visit.cancelled)).collect();
    assert_eq!(found, all, "list: {trail:#?}");
}

/// The mail about the step goes to the recipients that the model names, and to no others.
pub(super) async fn look_at_the_mail(world: &World, model: &Model, trail: &[String]) {
    let pool = &world.pool;
    sqlx::query("update message set due_at = now()").execute(pool).await.unwrap();
    while db::messages::expand_next(pool, "https://kin.test").await.unwrap() {}
    let told: Vec<(Uuid, Vec<String>)> = sqlx::query_as(
        "select p.client_id, array(select y.address::text from message_copy y
                                    where y.message_id = m.id and y.client_id is not null order by 1)
           from message m join appointment_participant p on p.id = m.participant_id",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    for (subject, addresses) in told {
        let Some(subject) = world.people.iter().position(|one| one.id() == subject) else { continue };
        let wanted: BTreeSet<String> =
            model.recipients(subject).into_iter().map(|who| format!("{}@kin.test", world.people[who].id())).collect();
        assert_eq!(addresses.into_iter().collect::<BTreeSet<_>>(), wanted, "mail about {subject}: {trail:#?}");
    }
    let asked: Vec<(Uuid, Vec<String>)> = sqlx::query_as(
        "select m.subject_id, array(select y.address::text from message_copy y where y.message_id = m.id order by 1)
           from message m where m.subject_kind = 'request'",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    for (id, addresses) in asked.into_iter().filter(|(id, _)| model.asks.contains_key(&RequestId(*id))) {
        let wanted: BTreeSet<String> = model
            .asked_by_mail(RequestId(id))
            .into_iter()
            .map(|who| format!("{}@kin.test", world.people[who].id()))
            .collect();
        assert_eq!(addresses.into_iter().collect::<BTreeSet<_>>(), wanted, "mail about a form: {trail:#?}");
    }
    sqlx::query("delete from message").execute(pool).await.unwrap();
}
