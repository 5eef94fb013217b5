//! Generated sequences of linking, granting, booking, moving, holding, cancelling, unlinking,
//! deactivating, erasing and merging, of forms that are asked for, begun, sent and withdrawn, of portal
//! permissions and of coming of age, beside a model of a few lines that says who may see and do what.
//! After each step it is read back through *My appointments*, *Forms and requests*, a feed, the calendar,
//! the day's list and the recipients of what is mailed.

mod look;
mod steps;
mod world;

use crate::appointments::{Practice, practice};
use crate::support::forms::Office;
use db::PgPool;
use look::{look, look_at_the_calendar, look_at_the_mail};
use shared::accounts::Role;
use shared::links::Grants;
use shared::permissions::{Permission, Setting, effective};
use shared::{AppointmentId, RequestId};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use steps::step;
use testkit::{Dice, rounds, seed, staff_actor};
use world::World;

const PEOPLE: usize = 4;
const STEPS: usize = 14;
/// Each on a day of its own, so that no buffer matters.
const SLOTS: usize = 5;
/// Those that a sequence changes; the others are on.
const PERMISSIONS: [Permission; 3] = [Permission::Book, Permission::Cancel, Permission::CompleteForms];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Active,
    Inactive,
    Erased,
    /// Merged into another.
    Gone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Visit {
    subject: usize,
    slot: usize,
    cancelled: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Open,
    Withdrawn,
    DoneBy(usize),
}

#[derive(Debug, Clone)]
struct Model {
    states: [State; PEOPLE],
    linked: BTreeSet<(usize, usize)>,
    /// What the first may do for the second.
    book: BTreeSet<(usize, usize)>,
    copies: BTreeSet<(usize, usize)>,
    visits: BTreeMap<AppointmentId, Visit>,
    /// Who keeps which slot.
    hold: Option<(usize, usize)>,
    /// Pairs: who may fill in forms for the other.
    forms: BTreeSet<(usize, usize)>,
    /// Of the one form: the person it is about, and what became of it.
    asks: BTreeMap<RequestId, (usize, Asked)>,
    /// By request and author.
    drafts: BTreeMap<(RequestId, usize), String>,
    settings: BTreeMap<&'static str, Setting>,
    exceptions: BTreeMap<(usize, &'static str), bool>,
    came_of_age: [bool; PEOPLE],
}

fn pair(one: usize, other: usize) -> (usize, usize) {
    (one.min(other), one.max(other))
}

impl Model {
    fn new() -> Model {
        Model {
            states: [State::Active; PEOPLE],
            linked: BTreeSet::new(),
            book: BTreeSet::new(),
            copies: BTreeSet::new(),
            visits: BTreeMap::new(),
            hold: None,
            forms: BTreeSet::new(),
            asks: BTreeMap::new(),
            drafts: BTreeMap::new(),
            settings: BTreeMap::new(),
            exceptions: BTreeMap::new(),
            came_of_age: [false; PEOPLE],
        }
    }

    /// Whether the portal opens this for the record.
    fn allows(&self, who: usize, permission: Permission) -> bool {
        let word = permission.as_str();
        let setting = self.settings.get(word).copied().unwrap_or(Setting::On);
        effective(setting, self.exceptions.get(&(who, word)).copied())
    }

    /// Whether there is anyone they may book.
    fn books(&self, who: usize) -> bool {
        (0..PEOPLE).any(|subject| self.may_act(who, subject) && self.allows(subject, Permission::Book))
    }

    fn may_fill_in(&self, who: usize, subject: usize) -> bool {
        (who == subject || self.forms.contains(&(who, subject)))
            && self.is(who, State::Active)
            && self.is(subject, State::Active)
            && self.allows(subject, Permission::CompleteForms)
    }

    /// What *Forms and requests* of the person holds: which, whether it is open, and whether they have begun it.
    fn listed(&self, who: usize) -> BTreeSet<(RequestId, bool, bool)> {
        let seen = self.asks.iter().filter(|(_, (subject, asked))| {
            let theirs = self.forms.contains(&(who, *subject)) && self.is(*subject, State::Active);
            (who == *subject || theirs) && (*asked == Asked::Open || *asked == Asked::DoneBy(who))
        });
        seen.map(|(id, (_, asked))| (*id, *asked == Asked::Open, self.drafts.contains_key(&(*id, who)))).collect()
    }

    /// Who is mailed that it is asked for.
    fn asked_by_mail(&self, id: RequestId) -> BTreeSet<usize> {
        let (subject, asked) = self.asks[&id];
        let may = |who: &usize| *who == subject || self.forms.contains(&(*who, subject));
        let open = asked == Asked::Open && self.is(subject, State::Active);
        (0..PEOPLE).filter(|who| open && may(who) && self.is(*who, State::Active)).collect()
    }

    fn close(&mut self, id: RequestId, asked: Asked) {
        self.asks.entry(id).and_modify(|one| one.1 = asked);
        self.drafts.retain(|(request, _), _| *request != id);
    }

    /// What others might do for them ends, once.
    fn come_of_age(&mut self, who: usize) {
        self.came_of_age[who] = true;
        for set in [&mut self.book, &mut self.copies, &mut self.forms] {
            set.retain(|(_, subject)| *subject != who);
        }
    }

    /// Nothing is left of what was asked of them, or of what they began.
    fn erase(&mut self, who: usize) {
        self.states[who] = State::Erased;
        self.forget_links(who);
        self.asks.retain(|_, (subject, _)| *subject != who);
        let asks = &self.asks;
        self.drafts.retain(|(id, author), _| *author != who && asks.contains_key(id));
        self.exceptions.retain(|(whose, _), _| *whose != who);
    }

    fn is(&self, who: usize, state: State) -> bool {
        self.states[who] == state
    }

    /// There, and no one's blank.
    fn is_known(&self, who: usize) -> bool {
        self.is(who, State::Active) || self.is(who, State::Inactive)
    }

    fn is_taken(&self, slot: usize) -> bool {
        self.visits.values().any(|visit| visit.slot == slot && !visit.cancelled)
    }

    /// Whether it is free for a client, and whose hold it may be.
    fn is_free_for(&self, who: usize, slot: usize) -> bool {
        !self.is_taken(slot) && self.hold.is_none_or(|(holder, held)| held != slot || holder == who)
    }

    fn may_act(&self, who: usize, subject: usize) -> bool {
        who == subject || self.book.contains(&(who, subject))
    }

    /// What *My appointments* of the person holds.
    fn mine(&self, who: usize) -> BTreeSet<(AppointmentId, usize, bool)> {
        let seen = self.visits.iter().filter(|(_, visit)| self.may_act(who, visit.subject));
        seen.map(|(id, visit)| (*id, visit.subject, visit.cancelled)).collect()
    }

    fn recipients(&self, subject: usize) -> BTreeSet<usize> {
        let copied = (0..PEOPLE).filter(|who| self.copies.contains(&(*who, subject)) && self.is(*who, State::Active));
        copied.chain(Some(subject).filter(|who| self.is_known(*who))).collect()
    }

    fn forget_links(&mut self, who: usize) {
        for set in [&mut self.linked, &mut self.book, &mut self.copies, &mut self.forms] {
            set.retain(|(one, other)| *one != who && *other != who);
        }
    }

    fn grant(&mut self, holder: usize, subject: usize, grants: Grants) {
        let sets = [(&mut self.book, grants.book), (&mut self.copies, grants.copies), (&mut self.forms, grants.forms)];
        for (set, granted) in sets {
            if granted {
                set.insert((holder, subject));
            } else {
                set.remove(&(holder, subject));
            }
        }
    }

    /// No one may do for the whole what they could not do for both parts.
    fn merge(&mut self, keep: usize, drop: usize) {
        for third in (0..PEOPLE).filter(|third| *third != keep && *third != drop) {
            if self.linked.contains(&pair(third, drop)) {
                self.linked.insert(pair(third, keep));
            }
            for set in [&mut self.book, &mut self.copies, &mut self.forms] {
                for (one, other) in [((third, keep), (third, drop)), ((keep, third), (drop, third))] {
                    if !set.contains(&other) {
                        set.remove(&one);
                    }
                }
            }
        }
        self.forget_links(drop);
        self.states[drop] = State::Gone;
        self.merge_forms(keep, drop);
        // What one denies is denied, what one allows only if both did.
        for permission in PERMISSIONS.map(Permission::as_str) {
            let answers = [keep, drop].map(|who| self.exceptions.remove(&(who, permission)));
            let joined = match answers {
                [Some(true), Some(true)] => Some(true),
                [Some(false), _] | [_, Some(false)] => Some(false),
                _ => None,
            };
            self.exceptions.extend(joined.map(|answer| ((keep, permission), answer)));
        }
        for visit in self.visits.values_mut().filter(|visit| visit.subject == drop) {
            visit.subject = keep;
        }
    }

    /// Asked of both, the form is asked once; of two drafts the one of the record that stays is left.
    fn merge_forms(&mut self, keep: usize, drop: usize) {
        let (theirs, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
            std::mem::take(&mut self.drafts).into_iter().partition(|((_, author), _)| *author == drop);
        self.drafts = others;
        for ((id, _), text) in theirs {
            self.drafts.entry((id, keep)).or_insert(text);
        }
        let open = |asks: &BTreeMap<RequestId, (usize, Asked)>, who: usize| {
            asks.iter().find(|(_, one)| **one == (who, Asked::Open)).map(|(id, _)| *id)
        };
        if let (Some(_), Some(twice)) = (open(&self.asks, keep), open(&self.asks, drop)) {
            self.close(twice, Asked::Withdrawn);
        }
        for (subject, asked) in self.asks.values_mut() {
            *subject = if *subject == drop { keep } else { *subject };
            *asked = if *asked == Asked::DoneBy(drop) { Asked::DoneBy(keep) } else { *asked };
        }
    }
}

#[testkit::test]
async fn who_may_see_and_do_what_is_what_the_model_says(pool: PgPool) {
    let mut dice = Dice::new(seed());
    let base = practice(&pool).await;
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let other = staff_actor(&pool, "Olu", &[Role::Practitioner]).await;
    let office = Rc::new(Office::new(&pool).await);
    for _ in 0..rounds(100, 10_000) {
        let own = Practice { staff: base.staff.clone(), ..base };
        let world = World::new(&pool, own, admin.clone(), other.clone(), office.clone()).await;
        let (mut model, mut trail) = (Model::new(), Vec::new());
        for _ in 0..STEPS {
            step(&world, &mut model, &mut dice, &mut trail).await;
            look(&world, &model, dice.roll(PEOPLE), &trail).await;
            look_at_the_calendar(&world, &model, &trail).await;
            look_at_the_mail(&world, &model, &trail).await;
        }
        for who in 0..PEOPLE {
            look(&world, &model, who, &trail).await;
        }
    }
}
