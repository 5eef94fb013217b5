//! The client picker: an input that finds clients while one types. Without
//! JavaScript it is a plain input, and the page around it lists the matches.

#[cfg(feature = "ssr")]
use super::options::badge;
#[cfg(feature = "ssr")]
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use shared::clients::{ClientSummary, Kind, PickerRow};

#[cfg(feature = "hydrate")]
pub use browser::start;

/// The name of the island.
pub const NAME: &str = "client-picker";

/// Finds one client; people only, unless `all_kinds`. The hidden input `name`
/// holds the chosen client's number; what is typed and not chosen is sent as
/// `{name}_q`. `many`: finds one after another; they are ticks of the form's
/// list `name`, and what is typed and not chosen is the form's `find`.
/// `at_once`: the person who is chosen is added by the button `[data-add-client]` of the
/// form around.
#[cfg(feature = "ssr")]
#[component]
pub fn ClientPicker(
    name: String,
    label: String,
    hint: String,
    #[prop(optional)] all_kinds: bool,
    #[prop(optional)] many: bool,
    #[prop(optional)] at_once: bool,
    /// The only field of its page: it has the focus from the start.
    #[prop(optional)]
    focus: bool,
) -> impl IntoView {
    let list_name = many.then(|| format!("form[{name}][]"));
    let typed_name = if many { "form[find]".to_owned() } else { format!("{name}_q") };
    let id = format!("picker-{name}");
    let (list_id, hint_id) = (format!("{id}-list"), format!("{id}-hint"));
    let described_by = (!hint.is_empty()).then(|| hint_id.clone());
    let picker = view! {
        <div class="field" data-picker=list_name.unwrap_or_default() data-all-kinds=all_kinds.then_some("") data-at-once=at_once.then_some("")>
            <label for=id.clone()>{label}</label>
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id>{hint}</p> })}
            <input type="hidden" name=name disabled/>
            <div class="picker">
                <input id=id type="text" name=typed_name role="combobox" autocomplete="off" spellcheck="false"
                    maxlength="200" autofocus=focus aria-autocomplete="list" aria-controls=list_id.clone()
                    aria-expanded="false" aria-describedby=described_by/>
                <ul class="picker-list" id=list_id role="listbox" aria-label="Found" data-panel="" hidden></ul>
            </div>
            <div data-ticked=""></div>
            <p class="sr-only" role="status"></p>
        </div>
    };
    crate::ui::staff_island::staff_island(NAME, picker)
}

#[cfg(feature = "hydrate")]
mod browser {
    use crate::clients::options::{Options, badge_of, read};
    use crate::ui::browser::{Asking, add_client, all, element, first, listen};
    use shared::clients::PickerRow;
    use std::rc::Rc;
    use wasm_bindgen::JsCast;
    use web_sys::{Element, Event, HtmlElement, HtmlInputElement, KeyboardEvent};

    struct Picker {
        options: Rc<Options>,
        asking: Asking,
        root: Element,
        /// Holds the number of the one who was chosen.
        number: HtmlInputElement,
        /// The name of the ticks, if one after another is found.
        ticks: Option<String>,
        all_kinds: bool,
        at_once: bool,
    }

    pub fn start(island: &HtmlElement) {
        let Some(picker) = Picker::within(island) else { return };
        let (looking, choosing) = (picker.clone(), picker.clone());
        let input = &picker.options.input;
        listen(input, "input", move |_| looking.look());
        picker.options.on_click(move |client| choosing.choose(client));
        let left = picker.options.clone();
        listen(input, "blur", move |_| left.close());
        let pressed = picker.clone();
        listen(input, "keydown", move |event| pressed.key(&event));
        // What was typed before the page woke up is looked for now.
        if !picker.options.typed().is_empty() {
            picker.look();
        }
    }

    impl Picker {
        fn within(island: &Element) -> Option<Rc<Picker>> {
            let root = first::<Element>(island, "[data-picker]")?;
            Some(Rc::new(Picker {
                options: Options::within(island)?,
                asking: Asking::default(),
                number: first(island, "input[type=hidden]")?,
                ticks: root.get_attribute("data-picker").filter(|name| !name.is_empty()),
                all_kinds: root.has_attribute("data-all-kinds"),
                at_once: root.has_attribute("data-at-once"),
                root,
            }))
        }

        fn look(self: &Rc<Self>) {
            let typed = self.options.typed();
            if typed.trim().is_empty() {
                self.asking.stop();
                return self.options.clear();
            }
            let kinds = if self.all_kinds { "&kinds=all" } else { "" };
            let url = format!("/fn/clients/search?q={}{kinds}", js_sys::encode_uri_component(&typed));
            let options = self.options.clone();
            let show = move |answer: Option<String>| match read(answer) {
                Some(clients) => {
                    options.status.say(match clients.len() {
                        0 => "No matches",
                        1 => "One found",
                        _ => "Several found: use the arrow keys",
                    });
                    let active = (!clients.is_empty()).then_some(0);
                    options.show(clients, active);
                }
                None => {
                    options.clear();
                    options.status.say("The search is not available. Press Enter to search by page.");
                }
            };
            self.asking.ask(url, 150, Box::new(show));
        }

        fn key(self: &Rc<Self>, event: &Event) {
            let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
            match key.key().as_str() {
                "Escape" => self.options.clear(),
                "Enter" => {
                    if let Some(client) = self.options.chosen() {
                        event.prevent_default();
                        self.choose(client);
                    }
                }
                "ArrowDown" if !self.options.is_open() => {
                    event.prevent_default();
                    self.look();
                }
                key => {
                    if let Some(option) = self.options.step(key) {
                        event.prevent_default();
                        option.scroll_into_view_with_bool(false);
                    }
                }
            }
        }

        fn choose(self: &Rc<Self>, client: PickerRow) {
            let input = &self.options.input;
            self.options.clear();
            self.asking.stop();
            input.set_value("");
            if self.at_once {
                return add_client(input, &client.number);
            }
            if let Some(name) = &self.ticks {
                self.tick(name, &client);
                self.options.status.say("Selected");
                // The form changes though no one typed into it.
                if let (Ok(Some(form)), Ok(event)) = (input.closest("form"), Event::new("change")) {
                    let _ = form.dispatch_event(&event);
                }
                return;
            }
            let Some(remove) = self.show_chosen(&client) else { return };
            self.set_number(&client.number);
            // Enter again goes on; Tab leads back to what removes the choice.
            let form = remove.closest("form").ok().flatten();
            let next = form.and_then(|form| first::<HtmlElement>(&form, ".button.primary"));
            let _ = next.as_ref().unwrap_or(&remove).focus();
        }

        /// Without a number, the input is there to find one.
        fn set_number(&self, number: &str) {
            let is_chosen = !number.is_empty();
            self.number.set_value(number);
            self.number.set_disabled(!is_chosen);
            self.options.input.set_hidden(is_chosen);
            self.options.input.set_disabled(is_chosen);
        }

        /// A tick of the form's list, unless there is one.
        fn tick(&self, name: &str, client: &PickerRow) -> Option<()> {
            let ticked = first::<Element>(&self.root, "[data-ticked]")?;
            if all::<HtmlInputElement>(&ticked, "input").iter().any(|tick| tick.value() == client.number) {
                return None;
            }
            let label = element("label", "check", "")?;
            let tick = element("input", "", "")?;
            for (name, value) in [("type", "checkbox"), ("name", name), ("value", &client.number), ("checked", "")] {
                let _ = tick.set_attribute(name, value);
            }
            let words = element("span", "", &format!("{} · {}", client.name, client.note))?;
            let _ = label.append_child(&tick);
            let _ = label.append_child(&words);
            let _ = ticked.append_child(&label);
            Some(())
        }

        /// Who was chosen, and the button that removes the choice.
        fn show_chosen(self: &Rc<Self>, client: &PickerRow) -> Option<HtmlElement> {
            let chosen = element("div", "chosen", "")?;
            let remove = element("button", "icon-button", "×")?.dyn_into::<HtmlElement>().ok()?;
            let _ = remove.set_attribute("type", "button");
            let _ = remove.set_attribute("aria-label", &format!("Remove {}", client.name));
            let (name, note) = (element("span", "", &client.name), element("span", "picker-note", &client.note));
            for part in [name, note, badge_of(client), Some(remove.clone().into())].into_iter().flatten() {
                let _ = chosen.append_child(&part);
            }
            first::<Element>(&self.root, "[data-ticked]")?.after_with_node_1(&chosen).ok()?;
            let forget = {
                let (picker, chosen) = (self.clone(), chosen.clone());
                move || {
                    chosen.remove();
                    picker.set_number("");
                    let _ = picker.options.input.focus();
                }
            };
            let forgotten = forget.clone();
            listen(&remove, "click", move |_| forgotten());
            listen(&remove, "keydown", move |event| {
                let key = event.dyn_ref::<KeyboardEvent>().map(KeyboardEvent::key).unwrap_or_default();
                if matches!(key.as_str(), "Backspace" | "Delete") {
                    event.prevent_default();
                    forget();
                }
            });
            Some(remove)
        }
    }
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
    let (status, status_label) = super::options::unusual(client.status);
    PickerRow {
        number: client.number.to_string(),
        // Known by the code alone.
        name: if client.name.is_empty() { client.code.clone() } else { client.name.clone() },
        note: note(client),
        status,
        status_label,
    }
}

/// Without JavaScript: the matches of a search as links.
#[cfg(feature = "ssr")]
pub fn picker_results(found: Vec<ClientSummary>, word: &str, link: impl Fn(&ClientSummary) -> String) -> AnyView {
    if found.is_empty() {
        let words = format!("No matches. Check the spelling or try the {word} number.");
        return view! { <p class="muted">{words}</p> }.into_any();
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
