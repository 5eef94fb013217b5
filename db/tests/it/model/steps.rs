//! One step in both: what the model expects, and what the program answers.

use super::world::{World, column, form, grants};
use super::{Asked, Model, PEOPLE, PERMISSIONS, SLOTS, State, Visit, pair};
use crate::appointments::at;
use db::{appointments, clients, deletion, links, merge, permissions, requests};
use shared::appointments::Move;
use shared::clients::Status;
use shared::deletion::EraseForm;
use shared::links::RemovalForm;
use shared::merge::MergeForm;
use shared::permissions::{Permission, Setting};
use shared::{AppointmentId, RequestId};
use testkit::Dice;

/// Whether it was done, or why not.
fn told(error: db::Error) -> String {
    match error {
        db::Error::Refused(refusal) => format!("{refusal:?}"),
        db::Error::Database(error) => panic!("{error}"),
    }
}

fn said(trail: &mut Vec<String>, what: String, expected: bool, answer: Result<(), String>) {
    trail.push(format!("{what}: {answer:?}"));
    assert_eq!(answer.is_ok(), expected, "{trail:#?}");
}

pub(super) async fn step(world: &World, model: &mut Model, dice: &mut Dice, trail: &mut Vec<String>) {
    let pool = &world.pool;
    let (one, other) = (dice.roll(PEOPLE), dice.roll(PEOPLE));
    let slot = dice.roll(SLOTS);
    let (actor, numbers) = (&world.people[one], &world.numbers);
    let some: Vec<AppointmentId> = model.visits.keys().copied().collect();
    let visit = (!some.is_empty()).then(|| dice.pick(&some));
    match dice.roll(24) {
        0..=2 => {
            let (theirs, own) = (grants(dice), grants(dice));
            let linked = model.linked.contains(&pair(one, other));
            let expected = one != other && model.is_known(one) && model.is_known(other) && !linked;
            let made =
                links::create(pool, &world.practice.staff, numbers[one], numbers[other], form(theirs, own, "")).await;
            said(trail, format!("link {one} {other} {theirs:?} {own:?}"), expected, made.map(drop).map_err(told));
            if expected {
                model.linked.insert(pair(one, other));
                model.grant(other, one, theirs);
                model.grant(one, other, own);
            }
        }
        3 => {
            let (theirs, own) = (grants(dice), grants(dice));
            if !model.linked.contains(&pair(one, other)) {
                return;
            }
            let version = links::one(pool, &world.practice.staff, numbers[one], numbers[other]).await.unwrap().version;
            let changed = form(theirs, own, &version.to_string());
            let done = links::update(pool, &world.practice.staff, numbers[one], numbers[other], changed).await;
            said(trail, format!("grant {one} {other} {theirs:?} {own:?}"), true, done.map_err(told));
            model.grant(other, one, theirs);
            model.grant(one, other, own);
        }
        4..=6 if model.is(one, State::Active) => {
            let may = model.may_act(one, other) && model.allows(other, Permission::Book);
            let expected = may && model.is(other, State::Active) && model.is_free_for(one, slot);
            let hold = match model.hold {
                Some((holder, held)) if holder == one && held == slot => world.held_by(one).await,
                _ => None,
            };
            let booked = appointments::book(pool, actor, world.booking(other, slot, hold)).await;
            let id = booked.as_ref().ok().copied();
            said(trail, format!("book {one} for {other} at {slot}"), expected, booked.map(drop).map_err(told));
            if let Some(id) = id {
                model.visits.insert(id, Visit { subject: other, slot, cancelled: false });
                model.hold = model.hold.filter(|_| hold.is_none());
            }
        }
        7 if model.is(one, State::Active) && model.hold.is_none() => {
            let expected = model.books(one) && !model.is_taken(slot);
            let held = appointments::hold(pool, actor, world.booking(one, slot, None)).await;
            said(trail, format!("hold {one} at {slot}"), expected, held.map(drop).map_err(told));
            if expected {
                model.hold = Some((one, slot));
            }
        }
        8 if visit.is_some() => {
            let id = visit.unwrap();
            let stands = model.visits[&id];
            // By staff, or by a client who may have nothing to do with it.
            let by_staff = dice.roll(3) == 0;
            let (who, may) = match by_staff {
                true => (&world.practice.staff, true),
                false => (actor, model.is(one, State::Active) && model.may_act(one, stands.subject)),
            };
            if !model.is(stands.subject, State::Active) || (!by_staff && !model.is(one, State::Active)) {
                return;
            }
            let free = !model.is_taken(slot) && model.hold.is_none_or(|(_, held)| held != slot);
            let expected = may && !stands.cancelled && (free || stands.slot == slot);
            let version = world.version(id).await;
            let wanted = Move {
                appointment: id,
                version,
                starts_at: at(2 + slot as u64),
                practitioner: None,
                room: None,
                over: None,
            };
            let moved = appointments::reschedule(pool, who, wanted, "").await;
            let by = if by_staff { "staff".to_owned() } else { one.to_string() };
            said(trail, format!("move {stands:?} to {slot} by {by}"), expected, moved.map(drop).map_err(told));
            if expected {
                model.visits.insert(id, Visit { slot, ..stands });
            }
        }
        9 if visit.is_some() && model.is(one, State::Active) => {
            let id = visit.unwrap();
            let stands = model.visits[&id];
            let allowed = model.allows(stands.subject, Permission::Cancel);
            if stands.cancelled && !allowed {
                return;
            }
            let expected = model.may_act(one, stands.subject) && allowed;
            let done = appointments::cancel(pool, actor, id).await;
            said(trail, format!("cancel {stands:?} by {one}"), expected, done.map_err(told));
            if expected {
                model.visits.insert(id, Visit { cancelled: true, ..stands });
            }
        }
        10 => {
            let expected = model.linked.contains(&pair(one, other)) && one != other;
            let form = RemovalForm::default();
            let done = links::remove(pool, &world.practice.staff, numbers[one], numbers[other], &form).await;
            said(trail, format!("unlink {one} {other}"), expected, done.map(drop).map_err(told));
            if expected {
                let gone = pair(one, other);
                // A time that one of them keeps, perhaps for the other, is let go.
                model.hold = model.hold.filter(|(holder, _)| {
                    !(0..PEOPLE).any(|who| pair(*holder, who) == gone && model.book.contains(&(*holder, who)))
                });
                for set in [&mut model.linked, &mut model.book, &mut model.copies, &mut model.forms] {
                    set.retain(|(holder, subject)| pair(*holder, *subject) != gone);
                }
            }
        }
        11 if model.is_known(one) => {
            let (status, state) = match model.states[one] {
                State::Active => (Status::Inactive, State::Inactive),
                _ => (Status::Active, State::Active),
            };
            clients::set_status(pool, &world.practice.staff, numbers[one], status).await.unwrap();
            trail.push(format!("{one} is {status:?}"));
            model.states[one] = state;
        }
        12 if model.is_known(one) => {
            let code = column(pool, "select code::text from client where id = $1", actor.id()).await;
            let expected = !model.visits.values().any(|visit| visit.subject == one && !visit.cancelled);
            let done = deletion::erase(pool, &world.admin, numbers[one], &EraseForm { code }).await;
            said(trail, format!("erase {one}"), expected, done.map_err(told));
            if expected {
                model.erase(one);
            }
        }
        13 if model.is_known(one) && model.is_known(other) && one != other => {
            let version = "select version::text from client where id = $1";
            let form = MergeForm {
                keep_version: column(pool, version, actor.id()).await,
                drop_version: column(pool, version, world.people[other].id()).await,
                ..MergeForm::default()
            };
            let done = merge::merge(pool, &world.practice.staff, numbers[one], numbers[other], &form).await;
            said(trail, format!("merge {other} into {one}"), true, done.map(drop).map_err(told));
            // A time that the one who goes kept is kept until the hold lapses.
            model.merge(one, other);
        }
        14..20 => forms(world, model, dice, trail).await,
        20 if model.is_known(one) => {
            let (permission, allowed) = (dice.pick(&PERMISSIONS), dice.pick(&[None, Some(false), Some(true)]));
            let set = permissions::set_exception(pool, &world.practice.staff, numbers[one], permission, allowed).await;
            said(trail, format!("{one} {permission:?} {allowed:?}"), true, set.map_err(told));
            match allowed {
                Some(allowed) => drop(model.exceptions.insert((one, permission.as_str()), allowed)),
                None => drop(model.exceptions.remove(&(one, permission.as_str()))),
            }
        }
        21 => {
            let (permission, setting) = (dice.pick(&PERMISSIONS), dice.pick(Setting::ALL));
            sqlx::query("update portal_permission set setting = $2 where permission = $1")
                .bind(permission.as_str())
                .bind(setting.as_str())
                .execute(pool)
                .await
                .unwrap();
            trail.push(format!("the practice: {permission:?} {setting:?}"));
            model.settings.insert(permission.as_str(), setting);
        }
        22 | 23 if model.is_known(one) && !model.came_of_age[one] => {
            // What there is between them was agreed on before today.
            for sql in [
                "update client_link set created_at = created_at - interval '2 days' where $1 in (client_low, client_high)",
                "update client_link_event set at = at - interval '2 days' where $1 in (client_low, client_high)",
                "update client set birth_date = (now() at time zone (select zone from practice))::date - interval '18 years'
                  where id = $1",
            ] {
                world.run(sql, one).await;
            }
            links::coming_of_age::work(pool, chrono::Utc::now()).await.unwrap();
            // Of someone without a link there was nothing to do.
            let none = "insert into coming_of_age (client_id, on_day, birth_date, done_at)
                        select id, now()::date, birth_date, now() from client where id = $1 on conflict do nothing";
            world.run(none, one).await;
            trail.push(format!("{one} comes of age"));
            model.come_of_age(one);
        }
        _ => {}
    }
}

/// What the practice asks, and what is made of it.
async fn forms(world: &World, model: &mut Model, dice: &mut Dice, trail: &mut Vec<String>) {
    let (office, one) = (&world.office, dice.roll(PEOPLE));
    let asks: Vec<RequestId> = model.asks.keys().copied().collect();
    let actor = &world.people[one];
    if asks.is_empty() || dice.roll(4) == 0 {
        if model.is(one, State::Active) && !model.asks.values().any(|ask| *ask == (one, Asked::Open)) {
            let id = office.ask("form", actor).await;
            trail.push(format!("{one} is asked"));
            model.asks.insert(id, (one, Asked::Open));
        }
        return;
    }
    let id = dice.pick(&asks);
    let (subject, asked) = model.asks[&id];
    let expected = asked == Asked::Open && model.may_fill_in(one, subject);
    let text = format!("said {} by {one}", trail.len());
    match dice.roll(6) {
        0 if asked == Asked::Open => {
            let done = requests::withdraw(&world.pool, &office.admin, id).await;
            said(trail, format!("withdraw what {subject} is asked"), true, done.map_err(told));
            model.close(id, Asked::Withdrawn);
        }
        1 => {
            requests::work(&world.pool).await.unwrap();
            trail.push("drafts are looked through".to_owned());
            let (asks, forms, states) = (&model.asks, &model.forms, &model.states);
            model.drafts.retain(|(id, author), _| {
                let subject = asks[id].0;
                let may = *author == subject || forms.contains(&(*author, subject));
                may && states[*author] == State::Active && states[subject] == State::Active
            });
        }
        2 | 3 if model.is(one, State::Active) => {
            let sent = office.send(actor, id, &text).await;
            said(trail, format!("send {one} for {subject} {asked:?}"), expected, sent.map(drop).map_err(told));
            match expected {
                true => model.close(id, Asked::DoneBy(one)),
                // A person who may no longer fill it in has no draft of it any more.
                false => drop(model.drafts.remove(&(id, one))),
            }
        }
        _ if model.is(one, State::Active) => {
            let kept = office.draft(actor, id, &text).await;
            said(trail, format!("draft {one} for {subject} {asked:?}"), expected, kept.map_err(told));
            match expected {
                true => drop(model.drafts.insert((id, one), text)),
                false => drop(model.drafts.remove(&(id, one))),
            }
        }
        _ => {}
    }
}
