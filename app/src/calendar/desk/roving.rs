//! One stop of the Tab key in each column; the arrows lead to all that is in it.

use crate::ui::browser::{all, first, listen, source};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

const LINKS: &str = "ol > li > a";

pub fn columns(grid: &Element) -> Vec<Element> {
    all(grid, ".cal-column")
}

fn links(column: &Element) -> Vec<HtmlElement> {
    all(column, LINKS)
}

/// The first of each column is its stop.
pub fn prepare(grid: &Element) {
    for column in columns(grid) {
        let links = links(&column);
        let stop = links.iter().position(|link| link.tab_index() == 0).unwrap_or_default();
        for (at, link) in links.iter().enumerate() {
            link.set_tab_index(if at == stop { 0 } else { -1 });
        }
        if let Some(link) = links.get(stop) {
            reveal(link);
        }
    }
}

/// Wherever the focus goes becomes the stop of its column.
pub fn follow(grid: &Element) {
    listen(grid, "focusin", |event| {
        let Some(link) = source::<HtmlElement>(&event, LINKS) else { return };
        let column = link.closest(".cal-column").ok().flatten();
        for other in column.iter().flat_map(links) {
            other.set_tab_index(if other == link { 0 } else { -1 });
        }
    });
}

/// Whether there was somewhere to go.
pub fn go(grid: &Element, from: Option<&HtmlElement>, key: &str) -> bool {
    let columns = columns(grid);
    let Some(from) = from else {
        // From the grid itself to what comes first in it; its other keys scroll.
        let to = columns.iter().flat_map(links).next().filter(|_| matches!(key, "ArrowDown" | "ArrowRight"));
        return to.is_some_and(|to| focus(&to));
    };
    let Some(at) = columns.iter().position(|column| column.contains(Some(from.unchecked_ref()))) else { return false };
    let own = links(&columns[at]);
    let place = own.iter().position(|link| link == from).unwrap_or_default();
    let to = match key {
        "ArrowUp" => place.checked_sub(1).and_then(|place| own.get(place)).cloned(),
        "ArrowDown" => own.get(place + 1).cloned(),
        "Home" => own.first().cloned(),
        "End" => own.last().cloned(),
        "ArrowLeft" => columns[..at].iter().rev().find_map(|column| beside(column, from)),
        _ => columns[at + 1..].iter().find_map(|column| beside(column, from)),
    };
    // At the edge the arrow is still the grid's.
    to.is_none_or(|to| focus(&to))
}

/// What stands nearest to it in another column.
fn beside(column: &Element, from: &HtmlElement) -> Option<HtmlElement> {
    let top = |link: &HtmlElement| link.get_bounding_client_rect().top();
    let wanted = top(from);
    links(column).into_iter().min_by(|a, b| (top(a) - wanted).abs().total_cmp(&(top(b) - wanted).abs()))
}

pub fn focus(link: &HtmlElement) -> bool {
    reveal(link);
    link.focus().is_ok()
}

/// A free time behind the first of its run was for those who point; now it is heard as well.
fn reveal(link: &HtmlElement) {
    let Some(item) = link.parent_element().filter(|item| item.has_attribute("aria-hidden")) else { return };
    let column = link.closest(".cal-column").ok().flatten();
    let name = column.and_then(|column| first::<Element>(&column, "h2"));
    let name = name.and_then(|name| name.text_content()).unwrap_or_default();
    let time = link.text_content().unwrap_or_default();
    let _ = link.set_attribute("aria-label", &format!("Book {name}, {time}"));
    let _ = item.remove_attribute("aria-hidden");
}

/// The link of this address, wherever it stands now.
pub fn to_address(grid: &Element, href: &str) {
    let link =
        all::<HtmlElement>(grid, LINKS).into_iter().find(|link| link.get_attribute("href").as_deref() == Some(href));
    if let Some(link) = link {
        focus(&link);
    }
}

/// The address of the link that has the focus.
pub fn address(grid: &Element) -> Option<String> {
    let active = leptos::prelude::document().active_element()?;
    grid.contains(Some(active.unchecked_ref())).then(|| active.get_attribute("href")).flatten()
}
