//! Moves an appointment, and makes it longer or shorter: the same for keys, mouse and touch.
//! At each step the page says whether the time is free; the server is asked once it rests, and
//! decides on drop.

use super::browser::{Desk, Shared, post};
use super::{REFUSED, feed, roving, toast};
use crate::ui::browser::{Json, all, by_id, element, first, listen, source};
use leptos::prelude::set_timeout_with_handle;
use leptos::task::spawn_local;
use shared::calendar::carry::{Board, Carried, Lane, Period, Taken, Turn};
use shared::calendar::grid::{Hours, classes, clock, rows};
use std::time::Duration;
use web_sys::{Element, HtmlDialogElement, HtmlElement, HtmlInputElement, KeyboardEvent};

const RESTS_AFTER: Duration = Duration::from_millis(350);

/// An appointment that is off the ground.
pub struct Carrying {
    pub board: Board,
    pub from: Carried,
    pub at: Carried,
    pub columns: Vec<Element>,
    pub pointer: bool,
    item: Element,
    ghost: Element,
    /// What it is, for the server.
    subject: Subject,
    /// Minutes to keep free beside it.
    buffer: u16,
    /// The instant at which it starts, where the clocks do not tell: on a day on which they change.
    instant: Option<String>,
    /// The room that it has, in a column of a practitioner.
    room: Option<String>,
}

#[derive(Clone)]
struct Subject {
    id: String,
    version: String,
    name: String,
}

type Pairs = Vec<(&'static str, String)>;

/// A move as it is sent.
#[derive(Clone)]
pub struct Pending {
    subject: Subject,
    pairs: Pairs,
    /// The way back, without the version; `None`: it is the way back.
    back: Option<Pairs>,
}

fn attribute(of: &Element, name: &str) -> String {
    of.get_attribute(name).unwrap_or_default()
}

fn number(of: &Element, name: &str) -> Option<u16> {
    attribute(of, name).parse().ok()
}

fn text(of: &Element, selector: &str) -> Option<String> {
    first::<Element>(of, selector)?.text_content()
}

/// Picks up the appointment of this link; `false` where there is none.
pub fn pick_up(desk: &Shared, link: &HtmlElement) -> bool {
    let Some(item) = link.parent_element() else { return false };
    let is_one = attribute(link, "href").starts_with("/appointments/") && !item.class_list().contains("free");
    match begin(desk, &item, false) {
        true => {
            say(desk);
            true
        }
        false if is_one => {
            toast::show("This appointment can’t be moved here. Open it to move it.", None);
            true
        }
        false => false,
    }
}

/// Whether it may be moved here.
pub fn begin(desk: &Shared, item: &Element, pointer: bool) -> bool {
    let Some(carrying) = carrying(desk, item, pointer) else { return false };
    let _ = item.class_list().add_1("carried");
    let _ = desk.grid.class_list().add_1("carrying");
    desk.carrying.replace(Some(carrying));
    draw(desk);
    true
}

fn carrying(desk: &Desk, item: &Element, pointer: bool) -> Option<Carrying> {
    let grid = &desk.grid;
    let version = item.get_attribute("data-v")?;
    let link = first::<Element>(item, "a")?;
    let id = attribute(&link, "href").strip_prefix("/appointments/")?.to_owned();
    let columns = roving::columns(grid);
    let lane = columns.iter().position(|column| column.contains(Some(item)))?;
    let to = attribute(&columns[lane], "data-to");
    let kind = to.split(' ').next().unwrap_or_default().to_owned();
    let lanes = columns.iter().map(|column| read(column, &kind, &to, &link)).collect();
    let hours = Hours { first: number(grid, "data-first")?, last: number(grid, "data-last")? };
    let board = Board { lanes, step: number(grid, "data-step").filter(|step| *step > 0)?, hours };
    let from = Carried { lane, starts: number(item, "data-s")?, minutes: number(item, "data-l")? };
    let name = text(item, "b").unwrap_or_default();
    let buffer = if kind == "practitioner" { number(item, "data-b").unwrap_or(0) } else { 0 };
    let ghost = element("div", "cal-ghost", "")?;
    for class in ["t", "why"] {
        let _ = ghost.append_child(&*element("span", class, "")?);
    }
    let subject = Subject { id, version, name };
    let (instant, room) = (item.get_attribute("data-at"), item.get_attribute("data-r"));
    Some(Carrying {
        board,
        from,
        at: from,
        columns,
        pointer,
        item: item.clone(),
        ghost,
        subject,
        buffer,
        instant,
        room,
    })
}

/// What the page knows of a column. `kind` and `to`: what the appointment's own column is.
fn read(column: &Element, kind: &str, to: &str, link: &Element) -> Lane {
    let own = attribute(column, "data-to");
    let takes = !own.is_empty() && own.split(' ').next() == Some(kind) && (kind != "location" || own == to);
    let periods = |text: String| text.split(' ').filter_map(Period::read).collect::<Vec<_>>();
    let mut taken = Vec::new();
    // In the column of a location several are there at the same time.
    if kind != "location" {
        let href = link.get_attribute("href");
        for item in all::<Element>(column, "ol > li[data-s]") {
            let is_it = first::<Element>(&item, "a").is_some_and(|link| link.get_attribute("href") == href);
            if let (Some(starts), Some(minutes), false) = (number(&item, "data-s"), number(&item, "data-l"), is_it) {
                taken.push(Taken {
                    period: Period { starts, ends: starts + minutes },
                    buffer: (kind == "practitioner").then(|| number(&item, "data-b").unwrap_or(0)),
                    what: text(&item, "b").unwrap_or_else(|| "busy".to_owned()),
                });
            }
        }
    }
    let off = all::<Element>(column, "i[data-off]")
        .into_iter()
        .filter_map(|off| Some((Period::read(&attribute(&off, "data-off"))?, off.text_content().unwrap_or_default())));
    Lane {
        name: text(column, "h2").unwrap_or_default(),
        takes,
        open: column.get_attribute("data-open").map(periods),
        off: off.collect(),
        taken,
    }
}

/// Whether the key was for what is carried.
pub fn pressed(desk: &Shared, key: &KeyboardEvent) -> bool {
    let beside = key.alt_key();
    let turn = match (key.key().as_str(), key.shift_key()) {
        ("Enter", _) => {
            drop(desk);
            return true;
        }
        ("Escape", _) => {
            leave(desk);
            desk.status.say("Left where it was.");
            return true;
        }
        // The focus stays with what is carried.
        ("Tab", _) => return true,
        ("ArrowUp", true) => Turn::Shorter,
        ("ArrowDown", true) => Turn::Longer,
        ("ArrowLeft", false) if beside => Turn::Before,
        ("ArrowRight", false) if beside => Turn::Behind,
        ("ArrowLeft" | "ArrowUp", false) => Turn::Earlier,
        ("ArrowRight" | "ArrowDown", false) => Turn::Later,
        (other, _) => return other.chars().count() == 1 && !key.ctrl_key() && !key.meta_key(),
    };
    to(desk, |carrying| carrying.board.turned(carrying.at, turn));
    true
}

/// Takes it somewhere else, and says how it is there.
pub fn to(desk: &Shared, place: impl FnOnce(&Carrying) -> Carried) {
    let moved = desk.carrying.borrow_mut().as_mut().is_some_and(|carrying| {
        let at = place(carrying);
        std::mem::replace(&mut carrying.at, at) != at
    });
    let by_pointer = desk.carrying.borrow().as_ref().is_some_and(|carrying| carrying.pointer);
    if moved {
        draw(desk);
        rest(desk);
    }
    if moved || !by_pointer {
        say(desk);
    }
}

fn say(desk: &Desk) {
    if let Some(carrying) = desk.carrying.borrow().as_ref() {
        let Carrying { board, at, buffer, subject, from, .. } = carrying;
        let words = board.words(*at, *buffer);
        let words = if at == from {
            format!("Moving {}. {words}. Arrows move, Enter drops, Escape leaves.", subject.name)
        } else {
            words
        };
        desk.status.say(&words);
    }
}

/// The ghost at its time, with what is to be said of it.
fn draw(desk: &Desk) {
    let carrying = desk.carrying.borrow();
    let Some(Carrying { board, at, buffer, ghost, columns, from, .. }) = carrying.as_ref() else { return };
    let free = at == from || board.hindrance(*at, *buffer).is_none();
    let Some(block) = board.hours.clip(rows(at.starts, at.starts + at.minutes)) else { return };
    ghost.set_class_name(&format!("cal-ghost {}{}", classes(block), if free { "" } else { " not-free" }));
    let words = [
        (".t", format!("{} – {}", clock(at.starts), clock(at.starts + at.minutes))),
        (".why", if at == from { "here now".to_owned() } else { board.state(*at, *buffer) }),
    ];
    for (selector, words) in words {
        if let Some(part) = first::<Element>(ghost, selector) {
            part.set_text_content(Some(&words));
        }
    }
    let Some(body) = first::<Element>(&columns[at.lane], ".cal-body") else { return };
    let front = first::<Element>(&body, ".cal-front").or_else(|| {
        let front = element("div", "cal-front", "")?;
        let _ = front.set_attribute("aria-hidden", "true");
        body.append_child(&front).is_ok().then_some(front)
    });
    if let Some(front) = front
        && ghost.parent_element().as_ref() != Some(&front)
    {
        let _ = front.append_child(ghost);
    }
    if !carrying.as_ref().is_some_and(|carrying| carrying.pointer) {
        into_sight(&desk.grid, ghost);
    }
}

fn into_sight(grid: &Element, ghost: &Element) {
    let (window, ghost) = (grid.get_bounding_client_rect(), ghost.get_bounding_client_rect());
    // Below the names, and right of the hours.
    let (top, left) = (window.top() + 60.0, window.left() + 64.0);
    let by = |low: f64, high: f64, from: f64, to: f64| if from < low { from - low } else { (to - high).max(0.0) };
    let down = by(top, window.bottom(), ghost.top(), ghost.bottom());
    let along = by(left, window.right(), ghost.left(), ghost.right());
    grid.set_scroll_top(grid.scroll_top() + down as i32);
    grid.set_scroll_left(grid.scroll_left() + along as i32);
}

/// Asks the server, which knows more than the page, once it stays where it is.
fn rest(desk: &Shared) {
    stop(desk);
    let resting = desk.clone();
    let ask = move || {
        let desk = resting;
        let Some((at, mut pairs, known)) = desk.carrying.borrow().as_ref().map(|carrying| {
            let known = carrying.board.hindrance(carrying.at, carrying.buffer).is_some();
            (carrying.at, carrying.pairs(), known)
        }) else {
            return;
        };
        pairs.push(("check", "true".to_owned()));
        spawn_local(async move {
            let Some(answer) = post("/fn/calendar/move", &pairs).await.and_then(|text| Json::parse(&text)) else {
                return;
            };
            let why = answer.texts("why");
            if let Some(carrying) = desk.carrying.borrow().as_ref()
                && carrying.at == at
                && let Some(why) = why.first()
                && let Some(part) = first::<Element>(&carrying.ghost, ".why")
            {
                let _ = carrying.ghost.class_list().add_1("not-free");
                part.set_text_content(Some(why));
                if !known {
                    desk.status.say(why);
                }
            }
        });
    };
    *desk.resting.borrow_mut() = set_timeout_with_handle(ask, RESTS_AFTER).ok();
}

fn stop(desk: &Desk) {
    if let Some(resting) = desk.resting.take() {
        resting.clear();
    }
}

/// Back to where it was.
pub fn leave(desk: &Desk) -> Option<Carrying> {
    stop(desk);
    let carrying = desk.carrying.take()?;
    carrying.ghost.remove();
    let _ = carrying.item.class_list().remove_1("carried");
    let _ = desk.grid.class_list().remove_1("carrying");
    Some(carrying)
}

impl Carrying {
    fn to_pairs(&self, at: Carried, beside: Carried, version: &str) -> Pairs {
        let column = &self.columns[at.lane];
        let mut pairs = vec![("form[appointment]", self.subject.id.clone()), ("form[version]", version.to_owned())];
        let is_there = (at.lane, at.starts) == (self.from.lane, self.from.starts);
        match &self.instant {
            Some(instant) if is_there => pairs.push(("form[starts_at]", instant.clone())),
            _ => {
                let date = attribute(column, "data-date");
                pairs.push(("form[local]", format!("{date}T{:02}:{:02}", at.starts / 60, at.starts % 60)));
            }
        }
        let (to, was) = (attribute(column, "data-to"), attribute(&self.columns[beside.lane], "data-to"));
        match to.split_once(' ') {
            Some(("practitioner", id)) if to != was => pairs.push(("form[practitioner]", id.to_owned())),
            Some(("room", id)) if to != was => pairs.push(("form[room]", id.to_owned())),
            _ => {}
        }
        if at.minutes != beside.minutes {
            pairs.push(("form[minutes]", at.minutes.to_string()));
        }
        let location = column.closest(".cal").ok().flatten().and_then(|grid| grid.get_attribute("data-location"));
        pairs.extend(location.map(|location| ("location", location)));
        pairs
    }

    fn pairs(&self) -> Pairs {
        self.to_pairs(self.at, self.from, &self.subject.version)
    }
}

/// Puts it where it is.
pub fn drop(desk: &Shared) {
    let Some(carrying) = leave(desk) else { return };
    if carrying.at == carrying.from {
        return desk.status.say("Left where it was.");
    }
    let mut back = carrying.to_pairs(carrying.from, carrying.at, "");
    back.retain(|(name, _)| *name != "form[version]");
    // What it had, whatever the server chose meanwhile.
    if let Some(room) = carrying.room.clone().filter(|_| back.iter().all(|(name, _)| *name != "form[room]")) {
        back.push(("form[room]", room));
    }
    send(desk, Pending { subject: carrying.subject.clone(), pairs: carrying.pairs(), back: Some(back) });
}

/// Has the server do it, and says what came of it.
fn send(desk: &Shared, wanted: Pending) {
    let desk = desk.clone();
    desk.status.say("");
    spawn_local(async move {
        let Some(answer) = post("/fn/calendar/move", &wanted.pairs).await.and_then(|text| Json::parse(&text)) else {
            // What was typed is still there, and can be sent again.
            if desk.pending.borrow().is_some()
                && let Some(dialog) = by_id::<HtmlDialogElement>(REFUSED)
            {
                let _ = dialog.show_modal();
            }
            return toast::failed();
        };
        let href = format!("/appointments/{}", wanted.subject.id);
        let (words, why, seen) = (answer.text("words"), answer.texts("why"), answer.text("seen"));
        if !seen.is_empty() {
            return refused(&desk, wanted, &why, seen);
        }
        forget(&desk);
        if answer.is("done") {
            let (undoing, version) = (desk.clone(), answer.count("version").to_string());
            match wanted.back {
                Some(mut pairs) => {
                    pairs.push(("form[version]", version));
                    let back = Pending { subject: wanted.subject, pairs, back: None };
                    toast::show(&words, Some(Box::new(move || send(&undoing, back))));
                }
                None => toast::show("Undone.", None),
            }
            shown_again(&desk, href);
        } else if answer.is("stale") {
            toast::show(&words, None);
            shown_again(&desk, href);
        } else {
            toast::show(&why.join(" "), None);
        }
    });
}

fn shown_again(desk: &Shared, href: String) {
    let grid = desk.grid.clone();
    feed::refresh(desk, move || roving::to_address(&grid, &href));
}

/// It went back; staff may still want it, and say why.
fn refused(desk: &Shared, wanted: Pending, why: &[String], seen: String) {
    let Some(dialog) = by_id::<HtmlDialogElement>(REFUSED) else { return };
    let Some(list) = first::<Element>(&dialog, "ul") else { return };
    list.set_text_content(None);
    for words in why {
        if let Some(item) = element("li", "", words) {
            let _ = list.append_child(&item);
        }
    }
    let mut pairs = wanted.pairs.clone();
    pairs.retain(|(name, _)| !["form[overbook]", "form[seen]", "form[reason]"].contains(name));
    pairs.push(("form[overbook]", "true".to_owned()));
    pairs.push(("form[seen]", seen));
    desk.pending.replace(Some(Pending { pairs, ..wanted }));
    let _ = dialog.show_modal();
}

fn reason() -> Option<HtmlInputElement> {
    first(&by_id::<Element>(REFUSED)?, "input")
}

/// Nothing waits to be made over what is in its way.
fn forget(desk: &Desk) {
    desk.pending.take();
    if let Some(field) = reason() {
        field.set_value("");
    }
}

/// What the dialog does.
pub fn attach(desk: &Shared) {
    let Some(dialog) = by_id::<HtmlDialogElement>(REFUSED) else { return };
    let on = desk.clone();
    listen(&dialog, "submit", move |_| {
        let pending = on.pending.borrow().clone();
        if let Some(mut pending) = pending {
            let reason = reason().map(|field| field.value()).unwrap_or_default();
            pending.pairs.push(("form[reason]", reason));
            send(&on, pending);
        }
    });
    // Left by its buttons or by Escape.
    let on = desk.clone();
    listen(&dialog, "cancel", move |_| forget(&on));
    let on = desk.clone();
    listen(&dialog, "click", move |event| {
        if source::<Element>(&event, "[data-closes]").is_some() {
            forget(&on);
        }
    });
}
