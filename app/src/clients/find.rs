//! The search in the top bar: finds any client from any page. Without JavaScript it
//! is a form that leads to the list; with it, the clients opened last and those found
//! appear beneath it.

use leptos::ev::KeyboardEvent;
use leptos::html::Input;
use leptos::prelude::*;
use shared::clients::PickerRow;

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

/// `action`: the list that the form leads to. `label`: "Find a client", in the
/// practice's word.
#[island]
pub fn FindClient(action: String, label: String) -> impl IntoView {
    const INPUT: &str = "find-client";
    const LIST: &str = "find-client-list";
    let input = NodeRef::<Input>::new();
    let found = RwSignal::new(Vec::<PickerRow>::new());
    let active = RwSignal::new(None::<usize>);
    let open = RwSignal::new(false);
    // Those opened last are shown, nothing was typed.
    let is_recent = RwSignal::new(true);
    let words = RwSignal::new(String::new());
    let latest = lookup::Latest::new();

    let close = move || {
        lookup::stop(latest);
        open.set(false);
        active.set(None);
    };
    let look = move || {
        let typed = input.get_untracked().map(|input| input.value()).unwrap_or_default();
        let nothing_typed = typed.trim().is_empty();
        lookup::later(latest, typed, move |clients: Option<Vec<PickerRow>>| {
            let Some(clients) = clients else { return };
            is_recent.set(nothing_typed);
            words.set(match (nothing_typed, clients.len()) {
                (true, 0) => String::new(),
                (true, _) => "Recently opened: use the arrow keys".to_owned(),
                (false, 0) => "No matches".to_owned(),
                (false, 1) => "1 match".to_owned(),
                (false, count) => format!("{count} matches: use the arrow keys"),
            });
            active.set((!nothing_typed && !clients.is_empty()).then_some(0));
            open.set(!clients.is_empty() || !nothing_typed);
            found.set(clients);
        });
    };
    let option_id = |index: usize| format!("find-client-{index}");
    let on_key = move |event: KeyboardEvent| {
        let count = found.with_untracked(Vec::len);
        let at = active.get_untracked();
        match event.key().as_str() {
            "Escape" if open.get_untracked() => {
                event.prevent_default();
                close();
            }
            "Enter" if open.get_untracked() => {
                if let Some(client) = at.and_then(|at| found.with_untracked(|all| all.get(at).cloned())) {
                    event.prevent_default();
                    lookup::go(&To::of(&event).address(&client.number));
                }
            }
            "ArrowDown" if !open.get_untracked() => {
                event.prevent_default();
                look();
            }
            "ArrowDown" if count > 0 => {
                event.prevent_default();
                active.set(Some(at.map_or(0, |at| (at + 1) % count)));
            }
            "ArrowUp" if count > 0 => {
                event.prevent_default();
                active.set(Some(at.map_or(count - 1, |at| (at + count - 1) % count)));
            }
            _ => {}
        }
    };
    let options = move || {
        let now = active.get();
        let option = |(index, client): (usize, PickerRow)| {
            let address = To::Profile.address(&client.number);
            let class = format!("badge {}", client.status);
            let badge =
                (!client.status.is_empty()).then(|| view! { <span class=class>{client.status_label.clone()}</span> });
            view! {
                <li id=option_id(index) role="option" aria-selected=if now == Some(index) { "true" } else { "false" }
                    on:mousedown=|event| event.prevent_default()
                    on:click=move |_| lookup::go(&address)>
                    <span class="picker-main">{client.name}</span>
                    <span class="picker-note">{client.note}</span>
                    {badge}
                </li>
            }
        };
        let clients = found.get();
        let none = (clients.is_empty() && open.get()).then(|| {
            view! { <li class="picker-empty" role="option" aria-disabled="true" aria-selected="false">"No matches"</li> }
        });
        (none, clients.into_iter().enumerate().map(option).collect_view())
    };
    let active_id = move || active.get().filter(|_| open.get()).map(option_id);
    view! {
        <form class="find" role="search" action=action aria-label=label.clone()>
            <label class="sr-only" for=INPUT>{label.clone()}</label>
            <input id=INPUT type="search" name="q" node_ref=input role="combobox" autocomplete="off" spellcheck="false"
                maxlength="200" placeholder=label.clone() aria-keyshortcuts="Control+K" aria-autocomplete="list"
                aria-controls=LIST aria-expanded=move || if open.get() { "true" } else { "false" }
                aria-activedescendant=active_id
                on:input=move |_| look() on:focus=move |_| look() on:keydown=on_key on:blur=move |_| close()/>
            <kbd class="key-hint" aria-hidden="true">"Ctrl K"</kbd>
            <div class="find-list" hidden=move || !open.get()>
                <p class="find-head" hidden=move || !is_recent.get()>"Recently opened"</p>
                <ul class="picker-list" id=LIST role="listbox" aria-label="Found">{options}</ul>
                <p class="find-foot"><kbd>"Enter"</kbd>" open · "<kbd>"Ctrl Enter"</kbd>" new appointment · "<kbd>"Alt Enter"</kbd>" edit"</p>
            </div>
            <p class="sr-only" role="status">{move || words.get()}</p>
        </form>
    }
}

#[cfg(feature = "hydrate")]
mod lookup {
    use crate::ui::browser::Asking;
    use leptos::prelude::{LocalStorage, StoredValue, WithValue, window};
    use shared::clients::PickerRow;

    /// The question on its way; it belongs to the browser's one thread.
    #[derive(Clone, Copy)]
    pub struct Latest(StoredValue<Asking, LocalStorage>);

    impl Latest {
        pub fn new() -> Latest {
            Latest(StoredValue::new_local(Asking::default()))
        }
    }

    pub fn stop(latest: Latest) {
        latest.0.with_value(Asking::stop);
    }

    /// Nothing typed is asked for right away: the ones opened last.
    pub fn later(latest: Latest, typed: String, show: impl FnOnce(Option<Vec<PickerRow>>) + 'static) {
        let pause = if typed.trim().is_empty() { 0 } else { 150 };
        let url = format!("/fn/clients/find?q={}", js_sys::encode_uri_component(typed.trim()));
        let show = move |answer: Option<String>| show(answer.and_then(|text| serde_json::from_str(&text).ok()));
        latest.0.with_value(|latest| latest.ask(url, pause, Box::new(show)));
    }

    pub fn go(address: &str) {
        let _ = window().location().assign(address);
    }
}

/// On the server nothing is typed, and nothing may belong to one of its threads.
#[cfg(not(feature = "hydrate"))]
mod lookup {
    use shared::clients::PickerRow;

    #[derive(Clone, Copy)]
    pub struct Latest;

    impl Latest {
        pub fn new() -> Latest {
            Latest
        }
    }

    pub fn stop(_: Latest) {}

    pub fn later(_: Latest, _: String, _: impl FnOnce(Option<Vec<PickerRow>>) + 'static) {}

    pub fn go(_: &str) {}
}

/// What the browser shows of a client: the age, the code, the number to call, and
/// when they come next.
#[cfg(feature = "ssr")]
pub fn row(client: db::clients::FoundClient, today: chrono::NaiveDate) -> PickerRow {
    use shared::clients::{Kind, Status};
    let status = Some(client.status).filter(|status| *status != Status::Active);
    let age = client.birth_date.and_then(|born| shared::terms::age_on(born, today));
    let next = client.next_appointment.map(|at| format!("next {}", at.format("%a %-d %b, %-I:%M %P")));
    let kind = (client.kind != Kind::Individual).then(|| client.kind.label().to_lowercase());
    let is_named = !client.name.is_empty();
    let parts =
        [kind, age.map(|years| format!("{years} y")), is_named.then(|| client.code.clone()), client.mobile, next];
    PickerRow {
        number: client.number.to_string(),
        name: if is_named { client.name } else { client.code },
        note: parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
        status: status.map_or("", Status::as_str).to_owned(),
        status_label: status.map_or("", Status::label).to_owned(),
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
            number: ClientNumber(1001),
            name: "Mia Okafor".to_owned(),
            code: "MO1".to_owned(),
            kind: Kind::Individual,
            status: Status::Active,
            birth_date: Some(day(2018, 12, 1)),
            mobile: Some("416 555 0100".to_owned()),
            next_appointment: day(2026, 12, 1).and_hms_opt(9, 30, 0),
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
