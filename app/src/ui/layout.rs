//! The frame of every page: top bar with navigation by role, main, footer.

use super::toast::{Awake, Toast};
use crate::context;
use db::Actor;
use leptos::prelude::*;
use shared::accounts::Role;
use shared::practice::Practice;

#[derive(Clone)]
pub struct Frame {
    pub practice: Practice,
    pub actor: Option<Actor>,
}

/// What stands in the navigation, by role.
fn navigation(actor: &Actor, practice: &Practice) -> Vec<(&'static str, String)> {
    let words = |text: &str| text.to_owned();
    match actor {
        Actor::Client(_) => vec![
            ("/my/appointments", words("My appointments")),
            ("/book", words("Book")),
            ("/my/availability", words("Availability")),
            ("/my/details", words("My details")),
        ],
        Actor::Staff(staff) => {
            let mut items = vec![("/calendar", words("Calendar"))];
            if staff.sees_all_clients() {
                items.push(("/clients", format!("All {}", practice.client_word_plural)));
            }
            if staff.is(Role::Practitioner) {
                items.push(("/clients/mine", format!("My {}", practice.client_word_plural)));
            }
            items.push(("/activities", words("Activities")));
            items.push(("/reports", words("Reports")));
            if staff.sees_all_clients() {
                items.push(("/settings", words("Settings")));
            }
            items
        }
    }
}

#[component]
pub fn Layout(frame: Frame, class: &'static str, children: Children) -> impl IntoView {
    let here = context::here();
    let path = here.split('?').next().unwrap_or_default().to_owned();
    let done = context::query("done");
    let word = frame.practice.client_word.clone();
    let items = frame.actor.as_ref().map(|actor| navigation(actor, &frame.practice)).unwrap_or_default();
    // The longest address that leads here is the one we are at.
    let current =
        items.iter().map(|(href, _)| *href).filter(|href| path.starts_with(href)).max_by_key(|href| href.len());
    let own_hours = match &frame.actor {
        Some(Actor::Staff(staff)) if staff.is(Role::Practitioner) => {
            Some(format!("/settings/practitioners/{}", staff.id))
        }
        _ => None,
    };
    // Clients, and those who are not logged in, are told how to reach the practice.
    let footer = match &frame.actor {
        Some(Actor::Staff(_)) => {
            view! { <span>"Kindred"</span><span class="muted">"Free software for practices"</span> }.into_any()
        }
        _ => super::contact::contact(&frame.practice),
    };
    let staff = matches!(frame.actor, Some(Actor::Staff(_)));
    let name = frame.actor.as_ref().map(|actor| actor.name().to_owned());
    view! {
        <a class="skip-link" href="#main">"Skip to content"</a>
        <header class="topbar">
            <a class="brand" href="/"><img src="/favicon.svg" alt="" width="24" height="24"/><span>{frame.practice.name.clone()}</span></a>
            {(!items.is_empty()).then(|| view! {
                <nav class="nav" aria-label="Main">
                    <ul>
                        {items.into_iter().map(|(href, words)| view! {
                            <li><a href=href aria-current=(Some(href) == current).then_some("page")>{words}</a></li>
                        }).collect_view()}
                    </ul>
                </nav>
            })}
            {name.map(|name| view! {
                <div class="topbar-end">
                    {staff.then(|| view! {
                        <a class="quick-add" href="/clients/new?quick=1" data-window="" aria-keyshortcuts="n">
                            <span aria-hidden="true">"+"</span>" "<span class="wide-only">"Quick add"</span>
                        </a>
                    })}
                    <details class="menu">
                        <summary>{name}</summary>
                        <div class="menu-list">
                            {staff.then(|| view! { <a class="menu-item" href="/account">"My account"</a> })}
                            {own_hours.map(|href| view! { <a class="menu-item" href=href>"My working hours"</a> })}
                            <form method="post" action="/fn/accounts/logout">
                                <button class="menu-item" type="submit">"Log out"</button>
                            </form>
                        </div>
                    </details>
                </div>
            })}
        </header>
        <main id="main" class=class tabindex="-1">{children()}</main>
        <footer class="footer">{footer}</footer>
        {staff.then(|| view! { <crate::clients::window::CreateWindow/> })}
        <Toast done here word/>
        <Awake/>
    }
}
