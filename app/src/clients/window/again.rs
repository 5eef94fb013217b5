//! A window that stood open is open again when its page is loaded anew.

use super::draft::DRAFTS;
use crate::ui::browser::all;
use leptos::prelude::{document, window};
use web_sys::{Element, PerformanceNavigation, Storage};

/// Goes with the drafts.
const OPEN: &str = "open-window";

fn storage() -> Option<(Storage, String)> {
    Some((window().session_storage().ok()??, format!("{DRAFTS}{OPEN}")))
}

/// `opener` leads to `address`; the window shows `shown`, which may be another
/// kind of client by now.
pub fn opened(address: &str, shown: &str) {
    if let (Some((storage, key)), Ok(here)) = (storage(), window().location().href()) {
        let _ = storage.set_item(&key, &[here.as_str(), address, shown].join("\n"));
    }
}

pub fn closed() {
    if let Some((storage, key)) = storage() {
        let _ = storage.remove_item(&key);
    }
}

/// What had opened the window before this page was loaded anew, and the address
/// that it showed. Asked once.
pub fn before() -> Option<(Element, String)> {
    let (storage, key) = storage()?;
    let kept = storage.get_item(&key).ok()??;
    closed();
    let [here, address, shown] = kept.lines().collect::<Vec<_>>().try_into().ok()?;
    let anew = window().performance()?.navigation().type_() == PerformanceNavigation::TYPE_RELOAD;
    if !anew || window().location().href().is_ok_and(|now| now != here) {
        return None;
    }
    let openers = all::<Element>(&document().document_element()?, "[data-window]");
    let opener = openers.into_iter().find(|opener| super::browser::address(opener) == address)?;
    Some((opener, shown.to_owned()))
}
