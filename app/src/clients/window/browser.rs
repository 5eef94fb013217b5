//! Opens the window, fills it with the create page's form, posts that form and
//! hands over the person who was made.

use super::dom::address;
use super::{BODY, CONTENTS, HEADING, HERE, TITLE, WINDOW, again, consent, draft, likely};
use crate::ui::browser::{Status, add_client, all, by_id, first, listen, part, source};
use gloo_net::http::Request;
use leptos::prelude::{document, window};
use leptos::task::spawn_local;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Element, Event, FormData, HtmlDialogElement, HtmlElement, HtmlFormElement, MouseEvent, SubmitEvent, Url,
    UrlSearchParams,
};

/// A form that has been sent and is not answered yet.
const SENDING: &str = "data-sending";

/// The link that opened the window.
type Opener = Rc<RefCell<Option<Element>>>;

/// Why nothing was saved, where the form itself does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    Offline,
    LoggedOut,
    Refused,
}

impl Trouble {
    /// Of the notice in the window that says so.
    const NOTICE: &str = "data-trouble";

    fn show(self, island: &Element) {
        let name = match self {
            Trouble::None => None,
            Trouble::Offline => Some("offline"),
            Trouble::LoggedOut => Some("logged-out"),
            Trouble::Refused => Some("refused"),
        };
        for notice in all::<HtmlElement>(island, &format!("[{}]", Trouble::NOTICE)) {
            notice.set_hidden(notice.get_attribute(Trouble::NOTICE).as_deref() != name);
        }
    }
}

pub fn start(island: &HtmlElement) {
    let (Some(root), Some(words)) = (document().document_element(), Status::within(island)) else { return };
    let opener = Opener::default();
    // The create page itself has the form from the start.
    match by_id::<Element>(CONTENTS).and_then(|contents| form_in(&contents)) {
        Some(form) => {
            likely::watch(&form, false);
            consent::watch(&form);
            draft::keep(&form);
            draft::sending(&form);
        }
        None if window().location().href().is_ok_and(|here| number_in(&here).is_some()) => draft::made(),
        None => {}
    }
    let opened_by = opener.clone();
    let said = words.clone();
    listen(&root, "click", move |event| clicked(&event, &opened_by, &said));
    if let Some(here) = by_id::<HtmlDialogElement>(WINDOW) {
        listen(&here, "close", |_| again::closed());
    }
    if let Some((link, shown)) = again::before() {
        open_by(&link, shown, &opener, &words);
    }
    let island = island.clone();
    let Some(body) = by_id::<Element>(BODY) else { return };
    listen(&body, "submit", move |event| {
        let Some(form) = source::<HtmlFormElement>(&event, "form") else { return };
        event.prevent_default();
        // Pressed again, it is on its way.
        if form.has_attribute(SENDING) {
            return;
        }
        let _ = form.set_attribute(SENDING, "");
        let pressed = event.dyn_ref::<SubmitEvent>().and_then(SubmitEvent::submitter);
        let (opener, words, island) = (opener.clone(), words.clone(), island.clone());
        spawn_local(async move {
            Trouble::None.show(&island);
            submit(form.clone(), pressed, opener, words).await.show(&island);
            let _ = form.remove_attribute(SENDING);
        });
    });
}

fn clicked(event: &Event, opener: &Opener, words: &Status) {
    // With a key held down, or by the wheel, the link is opened elsewhere.
    let plain = event.dyn_ref::<MouseEvent>().is_none_or(|mouse| {
        mouse.button() == 0 && !mouse.ctrl_key() && !mouse.meta_key() && !mouse.shift_key() && !mouse.alt_key()
    });
    if !plain || event.default_prevented() {
        return;
    }
    // Anyone who is here already is taken instead: no one is made of what was typed.
    if let Some(form) = source::<Element>(event, "[data-choose]").and_then(|link| link.closest("form").ok()?)
        && let Ok(form) = form.dyn_into::<HtmlFormElement>()
    {
        draft::forget(&form);
    }
    if let Some(link) = source::<Element>(event, "[data-window]") {
        event.prevent_default();
        open_by(&link, address(&link), opener, words);
    } else if source::<Element>(event, &format!("#{BODY}")).is_some()
        && let Some(link) = source::<Element>(event, "a")
    {
        let href = link.get_attribute("href").unwrap_or_default();
        if link.has_attribute("data-cancel") {
            event.prevent_default();
            close();
        } else if let Some(number) = link.get_attribute("data-choose")
            && opener.borrow().as_ref().is_some_and(wants_here)
        {
            event.prevent_default();
            if let Some(opener) = opener.take() {
                hand_over(&opener, &number);
            }
        } else if href.starts_with("/clients/new") {
            // Another kind of client, in the same window.
            event.prevent_default();
            let opened_by = opener.borrow().as_ref().map(address).unwrap_or_default();
            again::opened(&opened_by, &href);
            load(href, None, words);
        }
    }
}

/// Opens the window with the form of the page `shown`.
fn open_by(link: &Element, shown: String, opener: &Opener, words: &Status) {
    if let Some(body) = by_id::<Element>(BODY) {
        let _ = body.toggle_attribute_with_force(HERE, wants_here(link));
    }
    opener.replace(Some(link.clone()));
    again::opened(&address(link), &shown);
    load(shown, Some(link.clone()), words);
}

/// Shows the create page's form in the window. If that fails, the page itself,
/// or what the button does without the window.
fn load(href: String, opener: Option<Element>, words: &Status) {
    let words = words.clone();
    spawn_local(async move {
        let page = match Request::get(&href).send().await {
            Ok(answer) if answer.ok() => answer.text().await.ok(),
            _ => None,
        };
        match page.as_deref().and_then(show) {
            Some(form) => {
                draft::keep(&form);
                open(&form);
                words.say("");
            }
            None => match opener.and_then(|opener| opener.dyn_into::<HtmlElement>().ok()) {
                Some(button) if button.has_attribute("data-href") => {
                    let _ = button.remove_attribute("data-window");
                    button.click();
                }
                _ => _ = window().location().assign(&href),
            },
        }
    });
}

fn form_in(contents: &Element) -> Option<HtmlFormElement> {
    first(contents, "form")
}

/// Puts the form of a page, and what stands around it, into the window.
fn show(page: &str) -> Option<HtmlFormElement> {
    let contents = part(page, CONTENTS)?;
    let form = form_in(&contents)?;
    let body = by_id::<Element>(BODY)?;
    let here = by_id::<HtmlDialogElement>(WINDOW)?;
    if let (Some(title), Some(heading)) = (by_id::<Element>(TITLE), part(page, HEADING)) {
        title.set_text_content(heading.text_content().as_deref());
    }
    // The form has its place on the page, its panel and its heading; here it has the window's.
    let _ = form.class_list().remove_1("panel");
    body.replace_children_with_node_1(&contents);
    // What finds as one types was asleep in the page that was fetched.
    let hydrate = js_sys::Reflect::get(&window(), &"__hydrateIsland".into()).ok();
    if let Some(hydrate) = hydrate.and_then(|hydrate| hydrate.dyn_into::<js_sys::Function>().ok()) {
        for island in all::<HtmlElement>(&contents, "leptos-island") {
            let name = island.get_attribute("data-component").unwrap_or_default();
            let _ = hydrate.call2(&JsValue::NULL, &island, &name.into());
        }
    }
    if !here.open() {
        let _ = here.show_modal();
    }
    body.set_scroll_top(0);
    likely::watch(&form, true);
    consent::watch(&form);
    draft::sections(&form);
    Some(form)
}

fn open(form: &HtmlFormElement) {
    let field = first::<HtmlElement>(form, "input:not([type=hidden]):not([type=radio])");
    if let Some(field) = field {
        let _ = field.focus();
    }
}

fn close() {
    if let Some(here) = by_id::<HtmlDialogElement>(WINDOW) {
        here.close();
    }
}

/// Answers what the form does not say itself.
async fn submit(form: HtmlFormElement, pressed: Option<HtmlElement>, opener: Opener, words: Status) -> Trouble {
    let Some(body) = body_of(&form, pressed.as_ref()) else { return Trouble::Refused };
    words.say("Saving");
    let own = pressed.and_then(|button| button.get_attribute("formaction"));
    let action = own.or_else(|| form.get_attribute("action")).unwrap_or_default();
    let request = Request::post(&action)
        .header("accept", "text/html")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    let answer = match request {
        Ok(request) => request.send().await.ok(),
        Err(_) => None,
    };
    let Some(answer) = answer else {
        let _ = form.remove_attribute("aria-busy");
        words.say("");
        return Trouble::Offline;
    };
    if answer.redirected()
        && answer.ok()
        && let Some(number) = number_in(&answer.url())
    {
        draft::forget(&form);
        made(&answer.url(), &number, &opener);
        return Trouble::None;
    }
    // Anyone who is not logged in is led to do it.
    let logged_out = answer.status() == 401 || (answer.redirected() && answer.url().contains("/login"));
    let page = answer.text().await.unwrap_or_default();
    match show(&page) {
        Some(form) => {
            draft::keep(&form);
            let summary = first::<HtmlElement>(&form, ".error-summary");
            // Without a summary someone was looked for, or a row was asked for.
            words.say(if summary.is_some() { "Something is not right yet" } else { "" });
            if let Some(to) = summary.or_else(|| first::<HtmlElement>(&form, "[autofocus]")) {
                let _ = to.focus();
            }
            Trouble::None
        }
        None => {
            let _ = form.remove_attribute("aria-busy");
            words.say("");
            if logged_out { Trouble::LoggedOut } else { Trouble::Refused }
        }
    }
}

/// Every field, and the button that was pressed, as a browser would send them.
fn body_of(form: &HtmlFormElement, pressed: Option<&HtmlElement>) -> Option<JsValue> {
    let data = FormData::new_with_form(form).ok()?;
    if let Some(name) = pressed.and_then(|button| button.get_attribute("name")) {
        let value = pressed.and_then(|button| button.get_attribute("value")).unwrap_or_default();
        data.append_with_str(&name, &value).ok()?;
    }
    let params = UrlSearchParams::new_with_str_sequence_sequence(&js_sys::Array::from(&data)).ok()?;
    Some(params.to_string().into())
}

/// Hands the new client to what opened the window, or goes where the form leads.
fn made(address: &str, number: &str, opener: &Opener) {
    match opener.take() {
        Some(opener) if wants_here(&opener) => hand_over(&opener, number),
        _ => {
            let _ = window().location().assign(address);
        }
    }
}

fn wants_here(opener: &Element) -> bool {
    opener.get_attribute("data-window").as_deref() == Some("here")
}

fn hand_over(opener: &Element, number: &str) {
    close();
    add_client(opener, number);
}

/// `/clients/1234` or `…?client=1234`.
fn number_in(address: &str) -> Option<String> {
    let url = Url::new(address).ok()?;
    let number = url.search_params().get("client").or_else(|| url.pathname().rsplit('/').next().map(str::to_owned))?;
    (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some(number)
}
