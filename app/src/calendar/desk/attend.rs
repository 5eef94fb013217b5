//! Who came: one key each on the appointment that has the focus, for each person of it.

use super::browser::{Shared, post};
use super::{PEOPLE, feed, toast};
use crate::ui::browser::{by_id, element, first, listen};
use leptos::task::spawn_local;
use shared::attendance::Attendance;
use web_sys::{Element, HtmlDialogElement, HtmlElement};

/// One who attends, as the page has it.
#[derive(Clone)]
struct Person {
    number: String,
    attendance: Attendance,
    name: String,
}

fn people(item: &Element) -> Vec<Person> {
    let text = item.get_attribute("data-p").unwrap_or_default();
    let one = |text: &str| {
        let mut parts = text.splitn(3, ' ');
        let (number, attendance, name) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Person { number: number.to_owned(), attendance: attendance.parse().ok()?, name: name.to_owned() })
    };
    text.split('|').filter_map(one).collect()
}

/// What the key sets; pressed again, it takes back that step and no other.
fn next(key: &str, now: Attendance) -> Attendance {
    match (key, now) {
        ("a", Attendance::Arrived) | ("x", Attendance::NoShow) => Attendance::Expected,
        ("a", _) => Attendance::Arrived,
        ("s", Attendance::InSession) => Attendance::Arrived,
        ("s", _) => Attendance::InSession,
        ("f", Attendance::Attended) => Attendance::InSession,
        ("f", _) => Attendance::Attended,
        _ => Attendance::NoShow,
    }
}

/// Whether the key was for this link: of free times it is not.
pub fn pressed(desk: &Shared, link: &HtmlElement, key: &str) -> bool {
    let href = link.get_attribute("href").unwrap_or_default();
    let Some(id) = href.strip_prefix("/appointments/").filter(|rest| !rest.starts_with("new")) else { return false };
    let people = link.parent_element().map(|item| people(&item)).unwrap_or_default();
    match people.as_slice() {
        [] => toast::show("Attendance can be set once the day of the appointment has come.", None),
        [one] => set(desk, id, vec![(one.clone(), next(key, one.attendance))]),
        several => ask(desk, id, several, key),
    }
    true
}

/// Of several: asks which of them it is about.
fn ask(desk: &Shared, id: &str, people: &[Person], key: &str) {
    let Some(dialog) = by_id::<HtmlDialogElement>(PEOPLE) else { return };
    let Some(body) = first::<Element>(&dialog, ".dialog-body") else { return };
    body.set_text_content(None);
    let each = people.iter().map(|one| {
        let next = next(key, one.attendance);
        (format!("{}: {}", one.name, next.label()), vec![(one.clone(), next)])
    });
    // All of them the same, as the key says of one who is not there yet.
    let same = next(key, Attendance::Expected);
    let everyone = (format!("Everyone: {}", same.label()), people.iter().map(|one| (one.clone(), same)).collect());
    for (words, steps) in each.chain([everyone]) {
        let Some(button) = element("button", "button", &words) else { return };
        let _ = button.set_attribute("type", "button");
        let (desk, id, dialog) = (desk.clone(), id.to_owned(), dialog.clone());
        listen(&button, "click", move |_| {
            dialog.close();
            set(&desk, &id, steps.clone());
        });
        let _ = body.append_child(&button);
    }
    let _ = dialog.show_modal();
}

fn set(desk: &Shared, id: &str, steps: Vec<(Person, Attendance)>) {
    let (desk, id) = (desk.clone(), id.to_owned());
    spawn_local(async move {
        let there: Vec<Step> = steps.iter().map(|(one, to)| (one.number.clone(), one.attendance, *to)).collect();
        let back: Vec<Step> = there.iter().map(|(number, from, to)| (number.clone(), *to, *from)).collect();
        let said: Vec<String> = steps.iter().map(|(one, to)| format!("{}: {}", one.name, to.label())).collect();
        let (undoing, same) = (desk.clone(), id.clone());
        let undo = move || {
            spawn_local(async move {
                if send(&same, &back).await {
                    toast::show("Undone.", None);
                }
                feed::refresh(&undoing, || {});
            });
        };
        if send(&id, &there).await {
            toast::show(&format!("{}.", said.join(", ")), Some(Box::new(undo)));
        }
        feed::refresh(&desk, || {});
    });
}

/// The number of a person, what the page showed, and what is to be.
type Step = (String, Attendance, Attendance);

/// Whether it was done; what else there is to say is said.
async fn send(id: &str, steps: &[Step]) -> bool {
    let one = |(number, from, to): &Step| format!("{number} {} {}", from.as_str(), to.as_str());
    let people: Vec<String> = steps.iter().map(one).collect();
    let pairs = [("appointment", id.to_owned()), ("people", people.join("|"))];
    let answer = post("/fn/calendar/attend", &pairs).await;
    let Some(answer) = answer.and_then(|text| js_sys::JSON::parse(&text).ok()?.as_string()) else {
        toast::failed();
        return false;
    };
    if !answer.is_empty() {
        toast::show(&answer, None);
    }
    answer.is_empty()
}
