//! Mouse and touch: drag to move, drag the lower edge to make longer or shorter. A finger rests on
//! the appointment first, so that a swipe still scrolls.

use super::browser::Shared;
use super::carry;
use crate::ui::browser::{first, listen, listen_early, source};
use leptos::prelude::{TimeoutHandle, document, set_timeout, set_timeout_with_handle};
use shared::calendar::carry::Carried;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, PointerEvent};

const LONG_PRESS: Duration = Duration::from_millis(500);
/// How far a mouse goes before it drags, and a finger before it scrolls, in pixels.
const MOUSE_SLACK: f64 = 5.0;
const TOUCH_SLACK: f64 = 10.0;
/// So near to the edge of the grid it scrolls.
const EDGE: f64 = 28.0;

/// A button or finger that is down on an appointment.
struct Press {
    item: Element,
    x: f64,
    y: f64,
    id: i32,
    touch: bool,
    /// On the lower edge.
    stretches: bool,
    waits: Option<TimeoutHandle>,
}

#[derive(Default)]
struct Hand {
    press: RefCell<Option<Press>>,
    /// Minutes from the start of what is carried to where it was taken hold of.
    hold: Cell<i32>,
    stretches: Cell<bool>,
    /// The press that ended was no click.
    dropped: Cell<bool>,
}

pub fn attach(desk: &Shared) {
    let hand = Rc::new(Hand::default());
    let (on, held) = (desk.clone(), hand.clone());
    listen(&desk.grid, "pointerdown", move |event| {
        if let Some(pointer) = event.dyn_ref::<PointerEvent>() {
            down(&on, &held, pointer);
        }
    });
    let (on, held) = (desk.clone(), hand.clone());
    listen(&document(), "pointermove", move |event| {
        if let Some(pointer) = event.dyn_ref::<PointerEvent>() {
            moved(&on, &held, pointer);
        }
    });
    let (on, held) = (desk.clone(), hand.clone());
    listen(&document(), "pointerup", move |_| {
        release(&held);
        if is_dragging(&on) {
            no_click(&held);
            carry::drop(&on);
        }
    });
    let (on, held) = (desk.clone(), hand.clone());
    listen(&document(), "pointercancel", move |_| {
        release(&held);
        if is_dragging(&on) {
            carry::leave(&on);
        }
    });
    // Escape gives up a drag wherever the focus is.
    let (on, held) = (desk.clone(), hand.clone());
    listen(&document(), "keydown", move |event| {
        if event.dyn_ref::<KeyboardEvent>().is_some_and(|key| key.key() == "Escape") && is_dragging(&on) {
            event.prevent_default();
            release(&held);
            no_click(&held);
            carry::leave(&on);
            on.status.say("Left where it was.");
        }
    });
    let held = hand.clone();
    listen_early(&desk.grid, "click", move |event| {
        if held.dropped.take() {
            event.prevent_default();
            event.stop_propagation();
        }
    });
    // The page does not scroll under a finger that carries, nor does it offer to drag a link or
    // a menu for it.
    let on = desk.clone();
    listen(&desk.grid, "touchmove", move |event| {
        if is_dragging(&on) {
            event.prevent_default();
        }
    });
    listen(&desk.grid, "dragstart", |event| {
        if source::<Element>(&event, "li[data-v]").is_some() {
            event.prevent_default();
        }
    });
    let (on, held) = (desk.clone(), hand);
    listen(&desk.grid, "contextmenu", move |event| {
        if is_dragging(&on) || held.press.borrow().as_ref().is_some_and(|press| press.touch) {
            event.prevent_default();
        }
    });
}

fn is_dragging(desk: &Shared) -> bool {
    desk.carrying.borrow().as_ref().is_some_and(|carrying| carrying.pointer)
}

fn release(hand: &Hand) {
    if let Some(waits) = hand.press.take().and_then(|press| press.waits) {
        waits.clear();
    }
}

/// The click that comes with the end of a drag opens nothing.
fn no_click(hand: &Rc<Hand>) {
    hand.dropped.set(true);
    let hand = hand.clone();
    set_timeout(move || hand.dropped.set(false), Duration::from_millis(50));
}

fn down(desk: &Shared, hand: &Rc<Hand>, pointer: &PointerEvent) {
    let Some(item) = source::<Element>(pointer, "li[data-v]") else { return };
    if pointer.button() != 0 || !pointer.is_primary() || desk.carrying.borrow().is_some() {
        return;
    }
    let touch = pointer.pointer_type() == "touch";
    // The handle at the lower edge is the item's own, beside its link.
    let on_handle = pointer.target().is_some_and(|target| target.dyn_ref::<Element>() == Some(&item));
    let (x, y) = (f64::from(pointer.client_x()), f64::from(pointer.client_y()));
    let waits = touch.then(|| {
        let (desk, hand) = (desk.clone(), hand.clone());
        set_timeout_with_handle(move || begin(&desk, &hand), LONG_PRESS).ok()
    });
    let press =
        Press { item, x, y, id: pointer.pointer_id(), touch, stretches: on_handle && !touch, waits: waits.flatten() };
    hand.press.replace(Some(press));
}

fn begin(desk: &Shared, hand: &Hand) {
    let Some(press) = hand.press.take() else { return };
    if !carry::begin(desk, &press.item, true) {
        return;
    }
    let _ = desk.grid.set_pointer_capture(press.id);
    hand.stretches.set(press.stretches);
    let carrying = desk.carrying.borrow();
    if let Some(carrying) = carrying.as_ref() {
        let at = minute(&carrying.columns[carrying.at.lane], desk, press.y);
        hand.hold.set(at.unwrap_or_default() - i32::from(carrying.from.starts));
    }
}

fn moved(desk: &Shared, hand: &Rc<Hand>, pointer: &PointerEvent) {
    let (x, y) = (f64::from(pointer.client_x()), f64::from(pointer.client_y()));
    let far = hand.press.borrow().as_ref().map(|press| ((press.x - x).hypot(press.y - y), press.touch));
    match far {
        Some((far, true)) if far > TOUCH_SLACK => release(hand),
        Some((far, false)) if far > MOUSE_SLACK => begin(desk, hand),
        _ => {}
    }
    if !is_dragging(desk) {
        return;
    }
    scroll(&desk.grid, x, y);
    let (hold, stretches) = (hand.hold.get(), hand.stretches.get());
    carry::to(desk, |carrying| {
        let at = carrying.at;
        let over = carrying.columns.iter().position(|column| {
            let area = column.get_bounding_client_rect();
            area.left() <= x && x < area.right()
        });
        let lane = if stretches { at.lane } else { over.unwrap_or(at.lane) };
        let Some(minute) = minute(&carrying.columns[lane], desk, y) else { return at };
        if stretches {
            carrying.board.stretched(at, minute)
        } else {
            let there = carrying.board.put(at, lane, minute - hold);
            // Within a step of where it was it is there, also when that is no time of the step.
            let from = carrying.from;
            let is_near = (minute - hold - i32::from(from.starts)).unsigned_abs() < u32::from(carrying.board.step) / 2;
            if there.lane == from.lane && is_near { Carried { starts: from.starts, ..there } } else { there }
        }
    });
}

/// The minute of the day at this height of a column.
fn minute(column: &Element, desk: &Shared, y: f64) -> Option<i32> {
    let hour = |name: &str| desk.grid.get_attribute(name)?.parse::<f64>().ok();
    let (start, end) = (hour("data-first")?, hour("data-last")?);
    let area = first::<Element>(column, ".cal-body")?.get_bounding_client_rect();
    Some(((y - area.top()) / area.height().max(1.0) * (end - start) * 60.0 + start * 60.0) as i32)
}

fn scroll(grid: &Element, x: f64, y: f64) {
    let area = grid.get_bounding_client_rect();
    let by = |low: f64, at: f64, high: f64| {
        if at < low + EDGE {
            -14
        } else if at > high - EDGE {
            14
        } else {
            0
        }
    };
    // The names at the top stay in sight, and the hours on the left.
    grid.set_scroll_top(grid.scroll_top() + by(area.top() + 52.0, y, area.bottom()));
    grid.set_scroll_left(grid.scroll_left() + by(area.left() + 60.0, x, area.right()));
}
