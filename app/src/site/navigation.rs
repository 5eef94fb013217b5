//! What stands in the navigation: for staff by role; for clients by what the portal offers them, on
//! a phone as a bar at the bottom.

use db::Actor;
use db::permissions::Offered;
use leptos::prelude::*;
use shared::accounts::Role;
use shared::permissions::Permission;
use shared::practice::Practice;

/// A way to a page.
struct Item {
    href: &'static str,
    words: String,
    /// The path of a line icon of 16 by 16, for the bar of a phone; empty for staff.
    icon: &'static str,
    /// Other addresses that belong to it.
    also: &'static [&'static str],
}

impl Item {
    fn of_staff(href: &'static str, words: impl Into<String>) -> Item {
        Item { href, words: words.into(), icon: "", also: &[] }
    }

    fn of_client(href: &'static str, words: &str, icon: &'static str, also: &'static [&'static str]) -> Item {
        Item { href, words: words.to_owned(), icon, also }
    }

    /// How much of the path leads here; `None`: another page.
    fn fits(&self, path: &str) -> Option<usize> {
        let within =
            |start: &&str| path == *start || path.strip_prefix(*start).is_some_and(|rest| rest.starts_with('/'));
        // Every page of the portal is below its home.
        if self.href == "/my" {
            return (path == "/my").then_some(self.href.len());
        }
        std::iter::once(self.href).chain(self.also.iter().copied()).filter(within).map(str::len).max()
    }
}

const HOME: &str = "M2 7.5 8 2.5l6 5M3.5 6.5v7h9v-7";
const BOOK: &str = "M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 2v3M10.5 2v3M8 8.5v3M6.5 10h3";
const LIST: &str = "M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 2v3M10.5 2v3M5 9h6M5 11.5h4";
const ME: &str = "M8 8a2.75 2.75 0 1 0 0-5.5A2.75 2.75 0 0 0 8 8ZM2.5 14c.5-3 2.75-4.5 5.5-4.5s5 1.5 5.5 4.5";

fn items(actor: &Actor, practice: &Practice, offered: &Offered) -> Vec<Item> {
    let mut items = match actor {
        Actor::Client(_) => of_client(offered),
        Actor::Staff(staff) => {
            let mut items = vec![Item::of_staff("/calendar", "Calendar")];
            if staff.sees_all_clients() {
                items.push(Item::of_staff("/clients", format!("All {}", practice.client_word_plural)));
            }
            if staff.is(Role::Practitioner) {
                items.push(Item::of_staff("/clients/mine", format!("My {}", practice.client_word_plural)));
            }
            items.push(Item::of_staff("/activities", "Activities"));
            items.push(Item::of_staff("/reports", "Reports"));
            if staff.sees_all_clients() {
                items.push(Item::of_staff("/settings", "Settings"));
            }
            items
        }
    };
    items.retain(|item| practice.has_page(item.href));
    items
}

/// Five at most: more do not fit on a phone.
fn of_client(offered: &Offered) -> Vec<Item> {
    let mut items = vec![Item::of_client("/my", "Home", HOME, &[])];
    if offered.any(Permission::Book) {
        items.push(Item::of_client("/book", "Book", BOOK, &[]));
    }
    if offered.any(Permission::SeeAppointments) || offered.own(Permission::SeeHistory) {
        items.push(Item::of_client("/my/appointments", "Appointments", LIST, &["/my/history"]));
    }
    items.push(Item::of_client("/my/details", "Me", ME, &["/my/availability", "/my/practitioners", "/account"]));
    items
}

/// The navigation of the page at this path.
pub fn navigation(actor: &Actor, practice: &Practice, offered: &Offered, path: &str) -> Option<AnyView> {
    let items = items(actor, practice, offered);
    let at = items.iter().filter_map(|item| Some((item.fits(path)?, item.href))).max().map(|(_, href)| href);
    let class = match actor {
        Actor::Client(_) => "nav nav-portal",
        Actor::Staff(_) => "nav",
    };
    let link = |item: Item| {
        let icon = (!item.icon.is_empty()).then(|| {
            view! { <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d=item.icon/></svg> }
        });
        let current = (Some(item.href) == at).then_some("page");
        view! { <li><a href=item.href aria-current=current>{icon}{item.words}</a></li> }
    };
    (!items.is_empty()).then(|| {
        view! { <nav class=class aria-label="Main"><ul>{items.into_iter().map(link).collect_view()}</ul></nav> }
            .into_any()
    })
}
