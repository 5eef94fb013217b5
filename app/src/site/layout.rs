//! The frame of every page: top bar with navigation by role, main, footer.

use super::behaviors::PageBehaviors;
use super::keys::ShortcutsDialog;
use super::navigation::navigation;
use super::toast::Toast;
use crate::clients::find::FindClient;
use crate::clients::window::CreateWindow;
use crate::context;
use crate::ui::page::Frame;
use crate::ui::staff_island::PreloadStaffIslands;
use crate::ui::{a, contact};
use db::Actor;
use leptos::prelude::*;
use shared::accounts::Role;

/// The page around its contents.
pub fn layout(frame: Frame, class: &'static str, contents: AnyView) -> AnyView {
    let here = context::here();
    let path = here.split('?').next().unwrap_or_default().to_owned();
    let done = context::query("done");
    let word = frame.practice.client_word.clone();
    let menu = frame.actor.as_ref();
    let menu = menu.and_then(|actor| navigation(actor, &frame.practice, &frame.offered, &path));
    let own_hours = match &frame.actor {
        Some(Actor::Staff(staff)) if staff.is(Role::Practitioner) => {
            Some(format!("/settings/practitioners/{}", staff.id()))
        }
        _ => None,
    };
    // Clients, and those who are not logged in, are told how to reach the practice.
    let footer = match &frame.actor {
        Some(Actor::Staff(_)) => {
            view! { <span>"Kindred"</span><span class="muted">"Free software for practices"</span> }.into_any()
        }
        _ => contact::contact(&frame.practice),
    };
    let staff = match &frame.actor {
        Some(Actor::Staff(staff)) => Some(staff.clone()),
        _ => None,
    };
    let (is_staff, books) = (staff.is_some(), staff.as_ref().is_some_and(|staff| staff.books()));
    let find = staff.map(|staff| {
        let list = if staff.sees_all_clients() { "/clients" } else { "/clients/mine" };
        let label = format!("Find {}", a(&word));
        view! { <FindClient action=list.to_owned() label/> }
    });
    let new_client = format!("New {word}");
    let word_named = word.clone();
    let name = frame.actor.as_ref().map(|actor| actor.name().to_owned());
    view! {
        <a class="skip-link" href="#main">"Skip to content"</a>
        <header class="topbar">
            <a class="brand" href="/"><img src="/favicon.svg" alt="" width="24" height="24"/><span>{frame.practice.name.clone()}</span></a>
            {menu}
            {find}
            {name.map(|name| view! {
                <div class="topbar-end">
                    // For someone who must not be seen here: it leaves immediately and logs out.
                    {(!is_staff).then(|| view! { <a class="button small quick-exit" href="/exit" rel="nofollow noreferrer" data-exit="">"Quick exit"</a> })}
                    {is_staff.then(|| view! {
                        <a class="find-open" href="#find-client" aria-label=format!("Find {}", a(&word_named))>
                            <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><circle cx="6.5" cy="6.5" r="4.5"/><path d="m10 10 4.5 4.5"/></svg>
                        </a>
                        <a class="quick-add" href="/clients/new?quick=1" data-window="" aria-keyshortcuts="n">
                            <span aria-hidden="true">"+"</span>" Quick add "<kbd class="key-hint" aria-hidden="true">"n"</kbd>
                        </a>
                    })}
                    <details class="menu" name="menu">
                        <summary>{name}</summary>
                        <div class="menu-list">
                            <a class="menu-item" href="/account">"My account"</a>
                            {is_staff.then(|| view! { <a class="menu-item narrow-only" href="/clients/new?quick=1" data-window="">{new_client}</a> })}
                            {own_hours.map(|href| view! { <a class="menu-item" href=href>"My working hours"</a> })}
                            {is_staff.then(|| view! {
                                <button class="menu-item needs-script" type="button" data-opens=super::keys::DIALOG aria-keyshortcuts="?">"Keyboard shortcuts"</button>
                            })}
                            <form method="post" action="/fn/accounts/logout">
                                <button class="menu-item" type="submit">"Log out"</button>
                            </form>
                        </div>
                    </details>
                </div>
            })}
        </header>
        <main id="main" class=class tabindex="-1">{contents}</main>
        <footer class="footer">{footer}</footer>
        {is_staff.then(|| view! {
            <PreloadStaffIslands/>
            <CreateWindow/>
            <ShortcutsDialog word=word.clone() books/>
        })}
        <Toast done here word=word.clone() notice=frame.notice smtp=context::app().settings.smtp/>
        <PageBehaviors/>
    }
    .into_any()
}
