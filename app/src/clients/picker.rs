//! The client picker: an input that finds clients while one types. Without
//! JavaScript it is a plain input, and the page around it lists the matches.

use leptos::ev::KeyboardEvent;
use leptos::html::{Button, Input};
use leptos::prelude::*;
use shared::clients::PickerRow;
#[cfg(feature = "ssr")]
use shared::clients::{ClientSummary, Kind, Status};

/// Finds one client; people only, unless `all_kinds`. The hidden input `name`
/// holds the chosen client's number; what is typed and not chosen is sent as
/// `{name}_q`. `many`: finds one after another; they are ticks of the form's
/// list `name`, and what is typed and not chosen is the form's `find`.
/// `at_once`: whoever is chosen is added by the button `[data-add-client]` of the
/// form around.
#[island]
pub fn ClientPicker(
    name: String,
    label: String,
    hint: String,
    #[prop(optional)] all_kinds: Option<bool>,
    #[prop(optional)] many: Option<bool>,
    #[prop(optional)] at_once: Option<bool>,
    /// The only field of its page: it has the focus from the start.
    #[prop(optional)]
    focus: Option<bool>,
) -> impl IntoView {
    let (all_kinds, many) = (all_kinds.unwrap_or_default(), many.unwrap_or_default());
    let at_once = at_once.unwrap_or_default();
    let list_name = format!("form[{name}][]");
    let typed_name = if many { "form[find]".to_owned() } else { format!("{name}_q") };
    let id = format!("picker-{name}");
    let (list_id, hint_id) = (format!("{id}-list"), format!("{id}-hint"));
    let option_id = {
        let id = id.clone();
        move |index: usize| format!("{id}-{index}")
    };
    let input = NodeRef::<Input>::new();
    let remove = NodeRef::<Button>::new();
    let chosen = RwSignal::new(None::<PickerRow>);
    let ticked = RwSignal::new(Vec::<PickerRow>::new());
    let found = Found::default();
    let latest = lookup::Latest::new();

    let look = move || {
        let typed = input.get_untracked().map(|input| input.value()).unwrap_or_default();
        lookup::later(latest, typed, all_kinds, found);
    };
    let choose = move |client: PickerRow| {
        found.clear();
        lookup::stop(latest);
        if let Some(input) = input.get_untracked() {
            input.set_value("");
            if at_once {
                return lookup::add(&input, &client.number);
            }
        }
        if many {
            let known = ticked.with_untracked(|all| all.iter().any(|one| one.number == client.number));
            if !known {
                ticked.update(|all| all.push(client));
            }
            found.words.set("Selected");
            // The form changes though nobody typed into it.
            focus_next(move || input.get_untracked().map(|input| lookup::changed(&input)));
            return;
        }
        chosen.set(Some(client));
        // Enter again goes on; Tab leads back to what removes the choice.
        focus_next(move || remove.get_untracked().map(|button| lookup::go_on(&button)));
    };
    let remove_chosen = move || {
        chosen.set(None);
        focus_next(move || input.get_untracked().map(|input| input.focus()));
    };
    let forget = move |_| remove_chosen();
    let on_key = {
        let option_id = option_id.clone();
        move |event: KeyboardEvent| {
            let count = found.clients.with_untracked(Vec::len);
            let at = found.active.get_untracked();
            let to = match event.key().as_str() {
                "Escape" => return found.clear(),
                "Enter" if found.open.get_untracked() => {
                    if let Some(client) = at.and_then(|at| found.clients.with_untracked(|all| all.get(at).cloned())) {
                        event.prevent_default();
                        choose(client);
                    }
                    return;
                }
                "ArrowDown" if !found.open.get_untracked() => {
                    event.prevent_default();
                    return look();
                }
                "ArrowDown" if count > 0 => at.map_or(0, |at| (at + 1) % count),
                "ArrowUp" if count > 0 => at.map_or(count - 1, |at| (at + count - 1) % count),
                _ => return,
            };
            event.prevent_default();
            found.active.set(Some(to));
            lookup::scroll_to(&option_id(to));
        }
    };
    // What was typed before the page woke up is looked for now.
    Effect::new(move |_| {
        if input.get().is_some_and(|input| !input.value().is_empty()) {
            look();
        }
    });

    let options = {
        let option_id = option_id.clone();
        move || {
            let active = found.active.get();
            let clients = found.clients.get();
            let nobody = clients.is_empty().then(|| {
                view! { <li class="picker-empty" role="option" aria-disabled="true" aria-selected="false">"No one found"</li> }
            });
            let option = |(index, client): (usize, PickerRow)| {
                let picked = client.clone();
                view! {
                    <li id=option_id(index) role="option" aria-selected=if active == Some(index) { "true" } else { "false" }
                        on:mousedown=|event| event.prevent_default()
                        on:click=move |_| choose(picked.clone())>
                        <span class="picker-main">{client.name.clone()}</span>
                        <span class="picker-note">{client.note.clone()}</span>
                        {badge(&client)}
                    </li>
                }
            };
            (nobody, clients.into_iter().enumerate().map(option).collect_view())
        }
    };
    let active_id = move || found.active.get().filter(|_| found.open.get()).map(&option_id);
    let is_chosen = move || chosen.with(Option::is_some);
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id.clone()>{hint.clone()}</p> })}
            <input type="hidden" name=name.clone() value=move || chosen.with(|client| client.as_ref().map(|client| client.number.clone()))
                disabled=move || !is_chosen()/>
            <div class="picker">
                <input id=id type="text" name=typed_name node_ref=input role="combobox" autocomplete="off" spellcheck="false"
                    maxlength="200" autofocus=focus.unwrap_or_default() aria-autocomplete="list" aria-controls=list_id.clone()
                    aria-expanded=move || if found.open.get() { "true" } else { "false" }
                    aria-activedescendant=active_id aria-describedby=(!hint.is_empty()).then_some(hint_id)
                    hidden=is_chosen disabled=is_chosen
                    on:input=move |_| look() on:keydown=on_key on:blur=move |_| found.open.set(false)/>
                <ul class="picker-list" id=list_id role="listbox" aria-label="Found" hidden=move || !found.open.get()>
                    {options}
                </ul>
            </div>
            {move || {
                let tick = |client: PickerRow| view! {
                    <label class="check">
                        <input type="checkbox" name=list_name.clone() value=client.number checked=true/>
                        <span>{client.name}" · "{client.note}</span>
                    </label>
                };
                view! { <div>{ticked.get().into_iter().map(tick).collect_view()}</div> }
            }}
            {move || chosen.get().map(|client| view! {
                <div class="chosen">
                    <span>{client.name.clone()}</span>
                    <span class="picker-note">{client.note.clone()}</span>
                    {badge(&client)}
                    <button type="button" class="icon-button" node_ref=remove aria-label=format!("Remove {}", client.name)
                        on:click=forget on:keydown=move |event| {
                            if matches!(event.key().as_str(), "Backspace" | "Delete") {
                                event.prevent_default();
                                remove_chosen();
                            }
                        }>"×"</button>
                </div>
            })}
            <p class="sr-only" role="status">{move || found.words.get()}</p>
        </div>
    }
}

/// What the search has answered so far.
#[derive(Clone, Copy)]
struct Found {
    clients: RwSignal<Vec<PickerRow>>,
    /// The option that Enter chooses.
    active: RwSignal<Option<usize>>,
    open: RwSignal<bool>,
    /// For those who hear the page.
    words: RwSignal<&'static str>,
}

impl Default for Found {
    fn default() -> Self {
        Found {
            clients: RwSignal::new(Vec::new()),
            active: RwSignal::new(None),
            open: RwSignal::new(false),
            words: RwSignal::new(""),
        }
    }
}

impl Found {
    fn clear(self) {
        self.open.set(false);
        self.active.set(None);
        self.clients.set(Vec::new());
        self.words.set("");
    }

    #[cfg(feature = "hydrate")]
    fn show(self, clients: Vec<PickerRow>) {
        self.words.set(match clients.len() {
            0 => "No one found",
            1 => "One found",
            _ => "Several found: use the arrow keys",
        });
        self.active.set((!clients.is_empty()).then_some(0));
        self.clients.set(clients);
        self.open.set(true);
    }
}

/// Only what is out of the ordinary.
fn badge(client: &PickerRow) -> Option<impl IntoView + use<>> {
    let class = format!("badge {}", client.status);
    (!client.status.is_empty()).then(|| view! { <span class=class>{client.status_label.clone()}</span> })
}

/// Once the page has changed: what is to have the focus may not be there yet.
fn focus_next<T>(focus: impl FnOnce() -> T + 'static) {
    request_animation_frame(move || {
        focus();
    });
}

/// Asks the server, only for what was typed last.
#[cfg(feature = "hydrate")]
mod lookup {
    use super::Found;
    use crate::ui::browser::{Asking, add_client, by_id, first};
    use leptos::prelude::{LocalStorage, Set, StoredValue, WithValue};
    use web_sys::{Element, Event, HtmlElement};

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

    pub fn later(latest: Latest, typed: String, all_kinds: bool, found: Found) {
        if typed.trim().is_empty() {
            stop(latest);
            return found.clear();
        }
        let kinds = if all_kinds { "&kinds=all" } else { "" };
        let url = format!("/fn/clients/search?q={}{kinds}", js_sys::encode_uri_component(&typed));
        let show = move |answer: Option<String>| match answer.and_then(|text| serde_json::from_str(&text).ok()) {
            Some(clients) => found.show(clients),
            None => {
                found.clear();
                found.words.set("The search is not available. Press Enter to search by page.");
            }
        };
        latest.0.with_value(|latest| latest.ask(url, 150, Box::new(show)));
    }

    pub fn add(input: &Element, number: &str) {
        add_client(input, number);
    }

    /// To the button that goes on with the choice, or else to the one that removes it.
    pub fn go_on(remove: &HtmlElement) {
        let form = remove.closest("form").ok().flatten();
        let next = form.and_then(|form| first::<HtmlElement>(&form, ".button.primary"));
        let _ = next.as_ref().unwrap_or(remove).focus();
    }

    /// Tells the form around.
    pub fn changed(input: &Element) {
        if let (Ok(Some(form)), Ok(event)) = (input.closest("form"), Event::new("change")) {
            let _ = form.dispatch_event(&event);
        }
    }

    pub fn scroll_to(id: &str) {
        if let Some(option) = by_id::<Element>(id) {
            option.scroll_into_view_with_bool(false);
        }
    }
}

/// On the server nothing is typed. A page is rendered by several threads one
/// after another, so nothing here may belong to one of them.
#[cfg(not(feature = "hydrate"))]
mod lookup {
    use super::Found;

    #[derive(Clone, Copy)]
    pub struct Latest;

    impl Latest {
        pub fn new() -> Latest {
            Latest
        }
    }

    pub fn stop(_: Latest) {}

    pub fn later(_: Latest, _: String, _: bool, _: Found) {}

    pub fn add(_: &leptos::web_sys::Element, _: &str) {}

    pub fn go_on(_: &leptos::web_sys::HtmlElement) {}

    pub fn changed(_: &leptos::web_sys::Element) {}

    pub fn scroll_to(_: &str) {}
}

/// What tells two of one name apart.
#[cfg(feature = "ssr")]
pub fn note(client: &ClientSummary) -> String {
    let mut parts = vec![client.code.clone(), format!("no. {}", client.number)];
    parts.extend((client.kind != Kind::Individual).then(|| client.kind.label().to_lowercase()));
    parts.extend(client.birth_date.map(|date| date.format("born %-d %b %Y").to_string()));
    parts.extend(client.email.clone());
    parts.join(" · ")
}

/// What the browser shows of a client.
#[cfg(feature = "ssr")]
pub fn row(client: &ClientSummary) -> PickerRow {
    let status = Some(client.status).filter(|status| *status != Status::Active);
    PickerRow {
        number: client.number.to_string(),
        // Known by the code alone.
        name: if client.name.is_empty() { client.code.clone() } else { client.name.clone() },
        note: note(client),
        status: status.map_or("", Status::as_str).to_owned(),
        status_label: status.map_or("", Status::label).to_owned(),
    }
}

/// Without JavaScript: the matches of a search as links.
#[cfg(feature = "ssr")]
pub fn picker_results(found: Vec<ClientSummary>, link: impl Fn(&ClientSummary) -> String) -> AnyView {
    if found.is_empty() {
        return view! { <p class="muted">"No matches. Check the spelling or try the client number."</p> }.into_any();
    }
    let item = |client: ClientSummary| {
        let href = link(&client);
        let client = row(&client);
        let badge = badge(&client);
        view! {
            <li>
                <a class="strong" href=href>{client.name}</a>
                <span class="muted small">{client.note}</span>
                {badge}
            </li>
        }
    };
    view! { <ul class="list" aria-label="Found">{found.into_iter().map(item).collect_view()}</ul> }.into_any()
}
