//! The search in the top bar: finds any client from any page. Without JavaScript it
//! is a form that leads to the list; with it, the clients opened last and those found
//! appear beneath it.

#[cfg(feature = "ssr")]
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use shared::clients::PickerRow;

#[cfg(feature = "hydrate")]
pub use browser::start;

/// The name of the island.
pub const NAME: &str = "find-client";

/// `action`: the list that the form leads to. `label`: "Find a client", in the
/// practice's word.
#[cfg(feature = "ssr")]
#[component]
pub fn FindClient(action: String, label: String) -> impl IntoView {
    const INPUT: &str = "find-client";
    const LIST: &str = "find-client-list";
    let form = view! {
        <form class="find" role="search" action=action aria-label=label.clone()>
            <label class="sr-only" for=INPUT>{label.clone()}</label>
            <input id=INPUT type="search" name="q" role="combobox" autocomplete="off" spellcheck="false"
                maxlength="200" placeholder=label.clone() aria-keyshortcuts="Control+K" aria-autocomplete="list"
                aria-controls=LIST aria-expanded="false"/>
            <kbd class="key-hint" aria-hidden="true">"Ctrl K"</kbd>
            <div class="find-list" data-panel="" hidden>
                <p class="find-head">"Recently opened"</p>
                <ul class="picker-list" id=LIST role="listbox" aria-label="Found"></ul>
                <p class="find-foot"><kbd>"Enter"</kbd>" open · "<kbd>"Ctrl Enter"</kbd>" new appointment · "<kbd>"Alt Enter"</kbd>" edit"</p>
            </div>
            <p class="sr-only" role="status"></p>
        </form>
    };
    crate::ui::staff_island::staff_island(NAME, form)
}

#[cfg(feature = "hydrate")]
mod browser {
    use crate::clients::options::{Options, read};
    use crate::ui::browser::{Asking, first, listen};
    use leptos::prelude::window;
    use shared::clients::PickerRow;
    use std::rc::Rc;
    use wasm_bindgen::JsCast;
    use web_sys::{HtmlElement, KeyboardEvent};

    /// Where a chosen client leads.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum To {
        Profile,
        NewAppointment,
        Edit,
    }

    impl To {
        /// By the key held down with Enter.
        fn of(event: &KeyboardEvent) -> To {
            match (event.ctrl_key() || event.meta_key(), event.alt_key()) {
                (true, _) => To::NewAppointment,
                (false, true) => To::Edit,
                (false, false) => To::Profile,
            }
        }

        fn address(self, number: &str) -> String {
            match self {
                To::Profile => format!("/clients/{number}"),
                To::NewAppointment => format!("/appointments/new?client={number}"),
                To::Edit => format!("/clients/{number}/edit"),
            }
        }
    }

    pub fn start(island: &HtmlElement) {
        let (Some(options), Some(recent)) = (Options::within(island), first::<HtmlElement>(island, ".find-head"))
        else {
            return;
        };
        let asking = Asking::default();
        let look: Rc<dyn Fn()> = Rc::new({
            let (options, asking) = (options.clone(), asking.clone());
            move || look(&options, &recent, &asking)
        });
        for event in ["input", "focus"] {
            let look = look.clone();
            listen(&options.input, event, move |_| look());
        }
        let close = {
            let (options, asking) = (options.clone(), asking.clone());
            move || {
                asking.stop();
                options.close();
            }
        };
        let left = close.clone();
        listen(&options.input, "blur", move |_| left());
        options.on_click(|client| go(To::Profile, &client));
        listen(&options.input.clone(), "keydown", move |event| {
            let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
            match key.key().as_str() {
                "Escape" if options.is_open() => {
                    event.prevent_default();
                    close();
                }
                "Enter" => {
                    if let Some(client) = options.chosen() {
                        event.prevent_default();
                        go(To::of(key), &client);
                    }
                }
                "ArrowDown" if !options.is_open() => {
                    event.prevent_default();
                    look();
                }
                key => {
                    if options.step(key).is_some() {
                        event.prevent_default();
                    }
                }
            }
        });
    }

    /// Nothing typed is asked for right away: the ones opened last.
    fn look(options: &Rc<Options>, recent: &HtmlElement, asking: &Asking) {
        let typed = options.typed().trim().to_owned();
        let pause = if typed.is_empty() { 0 } else { 150 };
        let url = format!("/fn/clients/find?q={}", js_sys::encode_uri_component(&typed));
        let (options, recent) = (options.clone(), recent.clone());
        let show = move |answer: Option<String>| {
            let Some(clients) = read(answer) else { return };
            let nothing_typed = typed.is_empty();
            recent.set_hidden(!nothing_typed);
            let words = match (nothing_typed, clients.len()) {
                (true, 0) => String::new(),
                (true, _) => "Recently opened: use the arrow keys".to_owned(),
                (false, 0) => "No matches".to_owned(),
                (false, 1) => "1 match".to_owned(),
                (false, count) => format!("{count} matches: use the arrow keys"),
            };
            options.status.say(&words);
            if nothing_typed && clients.is_empty() {
                options.close();
            } else {
                let active = (!nothing_typed && !clients.is_empty()).then_some(0);
                options.show(clients, active);
            }
        };
        asking.ask(url, pause, Box::new(show));
    }

    fn go(to: To, client: &PickerRow) {
        let _ = window().location().assign(&to.address(&client.number));
    }
}

/// What the browser shows of a client: the age, the code, the number to call, and
/// when they come next.
#[cfg(feature = "ssr")]
pub fn row(client: db::clients::FoundClient, today: chrono::NaiveDate) -> PickerRow {
    use shared::clients::Kind;
    let (status, status_label) = super::options::unusual(client.status);
    let age = client.birth_date.and_then(|born| shared::terms::age_on(born, today));
    let next = client.next_appointment.map(|at| format!("next {at}"));
    let kind = (client.kind != Kind::Individual).then(|| client.kind.label().to_lowercase());
    let is_named = !client.name.is_empty();
    let parts =
        [kind, age.map(|years| format!("{years} y")), is_named.then(|| client.code.clone()), client.mobile, next];
    PickerRow {
        number: client.number.to_string(),
        name: if is_named { client.name } else { client.code },
        note: parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
        status,
        status_label,
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::row;
    use chrono::NaiveDate;
    use db::clients::FoundClient;
    use shared::ClientNumber;
    use shared::clients::{Kind, Status};

    #[test]
    fn a_row_tells_age_code_number_and_next_appointment() {
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let mut client = FoundClient {
            number: ClientNumber::new(1001),
            name: "Mia Okafor".to_owned(),
            code: "MO1".to_owned(),
            kind: Kind::Individual,
            status: Status::Active,
            birth_date: Some(day(2018, 12, 1)),
            mobile: Some("416 555 0100".to_owned()),
            next_appointment: Some("Tue 1 Dec, 9:30 am".to_owned()),
        };
        let shown = row(client.clone(), day(2026, 11, 30));
        assert_eq!(shown.note, "7 y · MO1 · 416 555 0100 · next Tue 1 Dec, 9:30 am");
        assert_eq!(shown.status, "");
        client = FoundClient {
            name: String::new(),
            mobile: None,
            next_appointment: None,
            status: Status::Inactive,
            ..client
        };
        let shown = row(client, day(2026, 11, 30));
        assert_eq!((shown.name.as_str(), shown.note.as_str(), shown.status_label.as_str()), ("MO1", "7 y", "Inactive"));
    }
}
