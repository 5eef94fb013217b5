//! A window that stood open is open again when its page is loaded again.

use super::dom;
use crate::ui::browser::all;
use crate::ui::storage::Kept;
use leptos::prelude::{document, window};
use web_sys::{Element, PerformanceNavigation};

const OPEN: &str = "open-window";

/// `opener` leads to `address`; the window shows `shown`, which may be another
/// kind of client by now.
pub fn opened(address: &str, shown: &str) {
    if let (Some(storage), Ok(here)) = (Kept::in_tab(), window().location().href()) {
        storage.set(OPEN, &[here.as_str(), address, shown].join("\n"));
    }
}

pub fn closed() {
    if let Some(storage) = Kept::in_tab() {
        storage.remove(OPEN);
    }
}

/// What had opened the window before this page was loaded again, and the address
/// that it showed. Asked once.
pub fn before() -> Option<(Element, String)> {
    let kept = Kept::in_tab()?.get(OPEN)?;
    closed();
    let [here, address, shown] = kept.lines().collect::<Vec<_>>().try_into().ok()?;
    let anew = window().performance()?.navigation().type_() == PerformanceNavigation::TYPE_RELOAD;
    if !anew || window().location().href().is_ok_and(|now| now != here) {
        return None;
    }
    let openers = all::<Element>(&document().document_element()?, "[data-window]");
    let opener = openers.into_iter().find(|opener| dom::address(opener) == address)?;
    Some((opener, shown.to_owned()))
}
