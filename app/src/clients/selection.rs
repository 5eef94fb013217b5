//! The selection of a list, kept from page to page until something is done
//! with it. Ticks are checkboxes of the bar's form; this adds ranges, keys,
//! and the ticks of other pages.

#[cfg(feature = "ssr")]
use leptos::prelude::*;

#[cfg(feature = "hydrate")]
pub use browser::{forget, start};

/// The names of the islands.
pub const SELECT: &str = "select-rows";
pub const FORGET: &str = "forget-selection";
/// The form of the selection, and the name of its checkboxes.
pub const SELECTION: &str = "selection";
pub const NUMBERS: &str = "form[numbers][]";
/// Starts a change of the selected clients.
pub const START: &str = "/fn/bulk/start";
/// Takes the selection to the page that makes a couple, family or group of it.
pub const GATHER: &str = "/clients/gather";
/// Where the browser keeps the selection.
pub const BAR: &str = "selected-clients";

/// Shift-click ticks a range; `x` ticks the row with the focus, `j` and `k` go
/// from row to row, `b` to the bar with what can be done, `Esc` clears.
#[cfg(feature = "ssr")]
#[component]
pub fn SelectRows() -> impl IntoView {
    crate::ui::staff_island::staff_island(SELECT, ())
}

/// On the page where the selection has arrived: the next list starts afresh.
#[cfg(feature = "ssr")]
#[component]
pub fn ForgetSelection() -> impl IntoView {
    crate::ui::staff_island::staff_island(FORGET, ())
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::{BAR, NUMBERS, SELECTION};
    use crate::clients::live::RESULTS;
    use crate::ui::browser::{all, by_id, first, is_typing, listen, single_keys, source};
    use crate::ui::storage::Kept;
    use leptos::prelude::{document, window};
    use std::cell::RefCell;
    use std::rc::Rc;
    use wasm_bindgen::JsCast;
    use web_sys::{Element, Event, HtmlElement, HtmlInputElement, KeyboardEvent, MouseEvent};

    /// Client numbers in the order of ticking.
    type Selected = Rc<RefCell<Vec<String>>>;

    pub fn forget() {
        keep(&[]);
    }

    pub fn start() {
        let Some(results) = by_id::<Element>(RESULTS) else { return };
        let selected: Selected = Rc::new(RefCell::new(kept()));
        // The row ticked last: the other end of a range.
        let last = Rc::new(RefCell::new(None::<String>));
        show(&results, &selected);

        let renewed = {
            let (results, selected) = (results.clone(), selected.clone());
            move |_| show(&results, &selected)
        };
        listen(&results, "renewed", renewed.clone());
        listen(&window(), "pageshow", renewed);

        let clicked = {
            let (results, selected) = (results.clone(), selected.clone());
            move |event: Event| {
                let Some(tick) = source::<HtmlInputElement>(&event, "input[type=checkbox]") else { return };
                if tick.has_attribute("data-all") {
                    boxes(&results).iter().for_each(|row| set(&selected, &row.value(), tick.checked()));
                } else if tick.name() == NUMBERS {
                    let shift = event.dyn_ref::<MouseEvent>().is_some_and(MouseEvent::shift_key);
                    let from = last.borrow().clone().filter(|_| shift);
                    for value in range(&results, from, &tick.value()) {
                        set(&selected, &value, tick.checked());
                    }
                    *last.borrow_mut() = Some(tick.value());
                } else if !tick.has_attribute("data-everybody") {
                    return;
                }
                show(&results, &selected);
            }
        };
        listen(&results, "click", clicked);

        let cleared = {
            let (results, selected) = (results.clone(), selected.clone());
            move || {
                selected.borrow_mut().clear();
                if let Some(everybody) = first::<HtmlInputElement>(&results, "[data-everybody]") {
                    everybody.set_checked(false);
                }
                show(&results, &selected);
            }
        };
        listen(&results, "reset", {
            let cleared = cleared.clone();
            move |_| cleared()
        });
        listen(&document(), "keydown", move |event| {
            let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
            if key.ctrl_key() || key.meta_key() || key.alt_key() || event.default_prevented() {
                return;
            }
            match key.key().as_str() {
                // An open menu is closed first.
                "Escape" if first::<Element>(&results, "details.menu[open]").is_none() && !is_typing() => cleared(),
                _ if !single_keys() => {}
                "x" if !is_typing_text() => {
                    if let Some(tick) = row().and_then(|row| first::<HtmlInputElement>(&row, "td.tick input")) {
                        event.prevent_default();
                        tick.click();
                    }
                }
                "b" if !is_typing_text() => {
                    let bar = by_id::<Element>(SELECTION);
                    if let Some(first) = bar.and_then(|bar| first::<HtmlElement>(&bar, "summary")) {
                        event.prevent_default();
                        let _ = first.focus();
                    }
                }
                "j" if !is_typing_text() => step(&results, true),
                "k" if !is_typing_text() => step(&results, false),
                _ => {}
            }
        });
    }

    /// A checkbox is an input in which nothing is typed.
    fn is_typing_text() -> bool {
        let active = document().active_element();
        let is_box = active
            .and_then(|element| element.dyn_into::<HtmlInputElement>().ok())
            .is_some_and(|input| input.type_() == "checkbox");
        is_typing() && !is_box
    }

    /// The row with the focus.
    fn row() -> Option<Element> {
        document().active_element()?.closest("tbody tr").ok()?
    }

    /// To the next row, or the one before; to the first from anywhere else.
    fn step(results: &Element, down: bool) {
        let rows = all::<Element>(results, "tbody tr");
        let at = row().and_then(|row| rows.iter().position(|other| *other == row));
        let to = match (at, down) {
            (None, _) => 0,
            (Some(at), true) => (at + 1).min(rows.len().saturating_sub(1)),
            (Some(at), false) => at.saturating_sub(1),
        };
        if let Some(link) = rows.get(to).and_then(|row| first::<HtmlElement>(row, ".row-link")) {
            let _ = link.focus();
        }
    }

    fn boxes(results: &Element) -> Vec<HtmlInputElement> {
        all(results, "td.tick input[value]")
    }

    /// The values from one box to another, both included; without the one, the other.
    fn range(results: &Element, from: Option<String>, to: &str) -> Vec<String> {
        let values: Vec<String> = boxes(results).iter().map(HtmlInputElement::value).collect();
        let at = |value: &str| values.iter().position(|other| other == value);
        match (from.as_deref().and_then(at), at(to)) {
            (Some(from), Some(to)) => values[from.min(to)..=from.max(to)].to_vec(),
            _ => vec![to.to_owned()],
        }
    }

    fn set(selected: &Selected, value: &str, on: bool) {
        let mut selected = selected.borrow_mut();
        selected.retain(|other| other != value);
        if on {
            selected.push(value.to_owned());
        }
    }

    /// Brings boxes, bar and store in line with what is selected.
    fn show(results: &Element, selected: &Selected) {
        let selected = selected.borrow();
        keep(&selected);
        let boxes = boxes(results);
        let mut here = 0;
        for tick in &boxes {
            let on = selected.contains(&tick.value());
            tick.set_checked(on);
            here += usize::from(on);
        }
        if let Some(all) = first::<HtmlInputElement>(results, "[data-all]") {
            all.set_checked(here > 0 && here == boxes.len());
            all.set_indeterminate(here > 0 && here < boxes.len());
        }
        let Some(bar) = by_id::<Element>(SELECTION) else { return };
        let values: Vec<String> = boxes.iter().map(HtmlInputElement::value).collect();
        let elsewhere: Vec<&str> =
            selected.iter().filter(|value| !values.contains(value)).map(String::as_str).collect();
        if let Some(input) = first::<HtmlInputElement>(&bar, "[data-elsewhere]") {
            input.set_value(&elsewhere.join(","));
        }
        let _ = bar.toggle_attribute_with_force("data-any", !selected.is_empty());
        let everybody = first::<HtmlInputElement>(&bar, "[data-everybody]").is_some_and(|all| all.checked());
        let words = match (everybody, elsewhere.len()) {
            (true, _) => "All are selected".to_owned(),
            (false, 0) => format!("{here} selected"),
            (false, others) => format!("{} selected, {others} of them on other pages", selected.len()),
        };
        if let Some(count) = first::<Element>(&bar, "[data-count]") {
            count.set_text_content(Some(&words));
        }
    }

    fn kept() -> Vec<String> {
        let stored = Kept::in_tab().and_then(|store| store.get(BAR)).unwrap_or_default();
        stored.split(',').filter(|value| !value.is_empty()).map(str::to_owned).collect()
    }

    /// Keeps a selection for later pages.
    fn keep(selected: &[String]) {
        if let Some(store) = Kept::in_tab() {
            match selected {
                [] => store.remove(BAR),
                some => store.set(BAR, &some.join(",")),
            }
        }
    }
}
