//! What others changed: asked for while the page is looked at, and put in place column by column.

use super::browser::Shared;
use super::{GRID, SUMMARY, WAITING, roving};
use crate::ui::browser::{by_id, first, listen};
use gloo_net::http::Request;
use leptos::prelude::{document, set_interval, window};
use leptos::task::spawn_local;
use std::time::Duration;
use web_sys::{Element, Node};

const EVERY: Duration = Duration::from_secs(20);

pub fn attach(desk: &Shared) {
    let looks = desk.clone();
    set_interval(move || look(&looks), EVERY);
    let looks = desk.clone();
    listen(&document(), "visibilitychange", move |_| look(&looks));
}

fn look(desk: &Shared) {
    if !document().hidden() {
        refresh(desk, || {});
    }
}

/// Shows what is now, and then goes on.
pub fn refresh(desk: &Shared, then: impl FnOnce() + 'static) {
    let desk = desk.clone();
    let asked = desk.asked.get() + 1;
    desk.asked.set(asked);
    spawn_local(async move {
        if let Some((html, tag)) = ask(&desk).await
            && desk.asked.get() == asked
            // What is being carried counts on what it stands on.
            && desk.carrying.borrow().is_none()
        {
            show(&desk, &html);
            desk.shown.replace(tag);
        }
        then();
    });
}

async fn ask(desk: &Shared) -> Option<(String, String)> {
    let search = window().location().search().unwrap_or_default();
    let tags: Vec<String> =
        roving::columns(&desk.grid).iter().filter_map(|column| column.get_attribute("data-tag")).collect();
    let query = if search.is_empty() { "?".to_owned() } else { format!("{search}&") };
    let mut request = Request::get(&format!("/fn/calendar/columns{query}have={}", tags.join(".")));
    let shown = desk.shown.borrow().clone();
    if !shown.is_empty() {
        request = request.header("if-none-match", &shown);
    }
    let response = request.send().await.ok()?;
    let tag = response.headers().get("etag").unwrap_or_default();
    if response.status() == 304 {
        // The same is shown, and is known by another name.
        desk.shown.replace(tag);
        return None;
    }
    if response.status() != 200 {
        return None;
    }
    let html = js_sys::JSON::parse(&response.text().await.ok()?).ok()?.as_string()?;
    Some((html, tag))
}

fn show(desk: &Shared, html: &str) {
    let Ok(holder) = document().create_element("div") else { return };
    holder.set_inner_html(html);
    for id in [SUMMARY, WAITING] {
        if let (Some(old), Some(new)) = (by_id::<Element>(id), first::<Element>(&holder, &format!("#{id}"))) {
            let new = new.inner_html();
            if old.inner_html() != new {
                old.set_inner_html(&new);
            }
        }
    }
    let Some(grid) = first::<Element>(&holder, &format!("#{GRID}")) else { return };
    let focused = roving::address(&desk.grid);
    let (old, new) = (roving::columns(&desk.grid), roving::columns(&grid));
    if let (Some(old), Some(new)) = (first::<Element>(&desk.grid, ".cal-hours"), first::<Element>(&grid, ".cal-hours"))
    {
        old.set_inner_html(&new.inner_html());
    }
    for name in ["data-first", "data-last"] {
        let _ = desk.grid.set_attribute(name, &grid.get_attribute(name).unwrap_or_default());
    }
    desk.grid.set_class_name(&format!("{} live", grid.class_name()));
    let tag = |column: &Element| column.get_attribute("data-tag");
    let is_kept = |column: &Element| column.has_attribute("data-kept");
    // Each where it was: then only what changed is put in place.
    let in_place =
        old.len() == new.len() && old.iter().zip(&new).all(|(old, new)| !is_kept(new) || tag(old) == tag(new));
    if in_place {
        for (old, new) in old.iter().zip(&new).filter(|(_, new)| !is_kept(new)) {
            let _ = old.replace_with_with_node_1(new);
        }
    } else {
        for column in &new {
            // It is as it was: the page has it.
            if let Some(same) = old.iter().find(|old| is_kept(column) && tag(old) == tag(column)) {
                column.set_inner_html(&same.inner_html());
            }
            let _ = column.remove_attribute("data-kept");
        }
        old.iter().for_each(Element::remove);
        for column in &new {
            let _ = desk.grid.append_child(column.as_ref() as &Node);
        }
    }
    roving::prepare(&desk.grid);
    let is_gone = roving::address(&desk.grid).is_none();
    if let Some(href) = focused.filter(|_| is_gone) {
        roving::to_address(&desk.grid, &href);
    }
}
