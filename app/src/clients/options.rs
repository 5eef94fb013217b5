//! The clients that a search found, as the options of a combobox: what the picker of
//! a form and the search in the top bar have in common.

#[cfg(feature = "ssr")]
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use shared::clients::PickerRow;

#[cfg(feature = "hydrate")]
pub use browser::{Options, badge_of, read};

/// The status, where it is out of the ordinary.
#[cfg(feature = "ssr")]
pub fn badge(client: &PickerRow) -> Option<impl IntoView + use<>> {
    let class = format!("badge {}", client.status);
    (!client.status.is_empty()).then(|| view! { <span class=class>{client.status_label.clone()}</span> })
}

/// The word and the label of a status that is out of the ordinary; empty for *Active*.
#[cfg(feature = "ssr")]
pub fn unusual(status: shared::clients::Status) -> (String, String) {
    use shared::clients::Status;
    match status {
        Status::Active => Default::default(),
        status => (status.as_str().to_owned(), status.label().to_owned()),
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use crate::ui::browser::{Json, Status, element, first, listen, source};
    use shared::clients::PickerRow;
    use std::cell::{Cell, RefCell};
    use std::rc::Rc;
    use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

    /// A combobox with what the search has answered so far.
    pub struct Options {
        pub input: HtmlInputElement,
        pub status: Status,
        list: Element,
        /// What is shown while the list is open.
        panel: HtmlElement,
        clients: RefCell<Vec<PickerRow>>,
        /// The option that Enter chooses.
        active: Cell<Option<usize>>,
    }

    impl Options {
        /// The combobox of an island.
        pub fn within(island: &Element) -> Option<Rc<Options>> {
            Some(Rc::new(Options {
                input: first(island, "[role=combobox]")?,
                status: Status::within(island)?,
                list: first(island, "[role=listbox]")?,
                panel: first(island, "[data-panel]")?,
                clients: RefCell::default(),
                active: Cell::new(None),
            }))
        }

        pub fn typed(&self) -> String {
            self.input.value()
        }

        pub fn is_open(&self) -> bool {
            !self.panel.hidden()
        }

        /// Shows what was found: `active` is what Enter chooses.
        pub fn show(&self, clients: Vec<PickerRow>, active: Option<usize>) {
            self.list.set_inner_html("");
            for (index, client) in clients.iter().enumerate() {
                let _ = self.option(index, client).and_then(|option| self.list.append_child(&option).ok());
            }
            if let Some(none) = element("li", "picker-empty", "No matches").filter(|_| clients.is_empty()) {
                for (name, value) in [("role", "option"), ("aria-disabled", "true"), ("aria-selected", "false")] {
                    let _ = none.set_attribute(name, value);
                }
                let _ = self.list.append_child(&none);
            }
            self.clients.replace(clients);
            self.set_open(true);
            self.set_active(active);
        }

        pub fn close(&self) {
            self.set_open(false);
            self.set_active(None);
        }

        /// Forgets what was found.
        pub fn clear(&self) {
            self.close();
            self.clients.take();
            self.status.say("");
        }

        /// The client that Enter chooses now.
        pub fn chosen(&self) -> Option<PickerRow> {
            let at = self.active.get().filter(|_| self.is_open())?;
            self.clients.borrow().get(at).cloned()
        }

        /// The arrow keys go round the options; answers where they led, if they are open.
        pub fn step(&self, key: &str) -> Option<Element> {
            let count = self.clients.borrow().len();
            if count == 0 || !self.is_open() {
                return None;
            }
            let at = self.active.get();
            let to = match key {
                "ArrowDown" => at.map_or(0, |at| (at + 1) % count),
                "ArrowUp" => at.map_or(count - 1, |at| (at + count - 1) % count),
                _ => return None,
            };
            self.set_active(Some(to));
            self.list.children().item(u32::try_from(to).ok()?)
        }

        /// What happens to the option that is clicked.
        pub fn on_click(self: &Rc<Self>, choose: impl Fn(PickerRow) + 'static) {
            // The input keeps the focus.
            listen(&self.list, "mousedown", |event| event.prevent_default());
            let options = self.clone();
            listen(&self.list, "click", move |event: Event| {
                let client = source::<Element>(&event, "[role=option]").and_then(|option| {
                    let all = options.list.children();
                    let at = (0..all.length()).find(|at| all.item(*at).as_ref() == Some(&option))?;
                    options.clients.borrow().get(usize::try_from(at).ok()?).cloned()
                });
                if let Some(client) = client {
                    choose(client);
                }
            });
        }

        fn set_open(&self, open: bool) {
            self.panel.set_hidden(!open);
            let _ = self.input.set_attribute("aria-expanded", if open { "true" } else { "false" });
        }

        fn set_active(&self, active: Option<usize>) {
            self.active.set(active);
            let _ = self.input.remove_attribute("aria-activedescendant");
            let all = self.list.children();
            for index in 0..all.length() {
                let Some(option) = all.item(index) else { continue };
                let is_active = active == usize::try_from(index).ok();
                let _ = option.set_attribute("aria-selected", if is_active { "true" } else { "false" });
                if is_active && self.is_open() {
                    let _ = self.input.set_attribute("aria-activedescendant", &option.id());
                }
            }
        }

        fn option(&self, index: usize, client: &PickerRow) -> Option<Element> {
            let option = element("li", "", "")?;
            option.set_id(&format!("{}-{index}", self.input.id()));
            let _ = option.set_attribute("role", "option");
            let name = element("span", "picker-main", &client.name);
            let note = element("span", "picker-note", &client.note);
            for part in [name, note, badge_of(client)].into_iter().flatten() {
                let _ = option.append_child(&part);
            }
            Some(option)
        }
    }

    /// The status, where it is out of the ordinary.
    pub fn badge_of(client: &PickerRow) -> Option<Element> {
        element("span", &format!("badge {}", client.status), &client.status_label).filter(|_| !client.status.is_empty())
    }

    /// The clients of an answer.
    pub fn read(answer: Option<String>) -> Option<Vec<PickerRow>> {
        let row = |row: Json| PickerRow {
            number: row.text("number"),
            name: row.text("name"),
            note: row.text("note"),
            status: row.text("status"),
            status_label: row.text("status_label"),
        };
        Some(Json::parse(&answer?)?.items()?.into_iter().map(row).collect())
    }
}
