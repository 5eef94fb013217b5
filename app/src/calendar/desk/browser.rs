//! Starts the island: what a key does while the grid has the focus.

use super::carry::{self, Carrying, Pending};
use super::{GRID, attend, feed, pointer, roving};
use crate::ui::browser::{Status, by_id, first, listen, single_keys, source};
use gloo_net::http::Request;
use leptos::prelude::{TimeoutHandle, document, window};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement, KeyboardEvent, UrlSearchParams};

/// What the parts of the island share.
pub struct Desk {
    pub grid: Element,
    pub status: Status,
    pub carrying: RefCell<Option<Carrying>>,
    /// A move that was refused, and may be made over what is in its way.
    pub pending: RefCell<Option<Pending>>,
    /// Waits for the ghost to rest.
    pub resting: RefCell<Option<TimeoutHandle>>,
    /// What the page shows, by its tag.
    pub shown: RefCell<String>,
    /// Counts what was asked of the feed: an answer to an older question is none.
    pub asked: Cell<u32>,
}

pub type Shared = Rc<Desk>;

pub fn start(island: &HtmlElement) {
    let (Some(grid), Some(status)) = (by_id::<Element>(GRID), Status::within(island)) else { return };
    let desk = Rc::new(Desk {
        grid,
        status,
        carrying: RefCell::default(),
        pending: RefCell::default(),
        resting: RefCell::default(),
        shown: RefCell::default(),
        asked: Cell::default(),
    });
    roving::prepare(&desk.grid);
    roving::follow(&desk.grid);
    let keys = desk.clone();
    listen(&desk.grid, "keydown", move |event| {
        if let Some(key) = event.dyn_ref::<KeyboardEvent>()
            && !key.is_composing()
            && pressed(&keys, key)
        {
            event.prevent_default();
        }
    });
    carry::attach(&desk);
    pointer::attach(&desk);
    feed::attach(&desk);
    // Says that moving works: until then nothing invites to it.
    let _ = desk.grid.class_list().add_1("live");
}

/// Whether the key was for the grid.
fn pressed(desk: &Shared, key: &KeyboardEvent) -> bool {
    let name = key.key();
    if desk.carrying.borrow().is_some() {
        return carry::pressed(desk, key);
    }
    if key.ctrl_key() || key.meta_key() || key.alt_key() || key.shift_key() {
        return false;
    }
    let link = source::<HtmlElement>(key, "ol > li > a");
    match name.as_str() {
        "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight" | "Home" | "End" => {
            roving::go(&desk.grid, link.as_ref(), &name)
        }
        "PageUp" => click("[rel=prev]"),
        "PageDown" => click("[rel=next]"),
        _ if !single_keys() => false,
        "n" => {
            let _ = window().location().assign(&new_appointment(&desk.grid, link.as_ref()));
            true
        }
        "/" => find(),
        "m" => link.is_some_and(|link| carry::pick_up(desk, &link)),
        "a" | "s" | "f" | "x" => link.is_some_and(|link| attend::pressed(desk, &link, &name)),
        _ => false,
    }
}

fn click(selector: &str) -> bool {
    let root = document().document_element();
    let target = root.and_then(|root| first::<HtmlElement>(&root, selector));
    if let Some(target) = &target {
        target.click();
    }
    target.is_some()
}

/// To the search in the top bar, which a phone shows behind a button.
fn find() -> bool {
    let Some(field) = by_id::<HtmlElement>("find-client") else { return false };
    if let Ok(Some(around)) = field.closest(".find") {
        let _ = around.set_attribute("data-open", "");
    }
    field.focus().is_ok()
}

/// At the time that has the focus, or else on its day with its practitioner.
fn new_appointment(grid: &Element, link: Option<&HtmlElement>) -> String {
    let href = link.and_then(|link| link.get_attribute("href")).unwrap_or_default();
    if href.starts_with("/appointments/new") {
        return href;
    }
    let column = link.and_then(|link| link.closest(".cal-column").ok().flatten());
    let column = column.or_else(|| first(grid, ".cal-column"));
    let of = |name: &str| column.as_ref().and_then(|column| column.get_attribute(name)).unwrap_or_default();
    let mut address = format!("/appointments/new?from={}", of("data-date"));
    if let Some(id) = of("data-to").strip_prefix("practitioner ") {
        address.push_str("&practitioner=");
        address.push_str(id);
    }
    address
}

/// Posts a form, and hears the answer; nothing where it was no good one.
pub async fn post(path: &str, pairs: &[(&str, String)]) -> Option<String> {
    let params = UrlSearchParams::new().ok()?;
    for (name, value) in pairs {
        params.append(name, value);
    }
    let body: String = params.to_string().into();
    let request = Request::post(path)
        .header("accept", "application/json")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(JsValue::from_str(&body));
    let response = request.ok()?.send().await.ok()?;
    if response.ok() { response.text().await.ok() } else { None }
}
