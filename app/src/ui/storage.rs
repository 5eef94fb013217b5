//! What the browser keeps belongs to the account that typed it: every key begins
//! with the account's mark, and what other accounts left is deleted.

use leptos::prelude::{document, window};
use web_sys::Storage;

/// Written by `session.js`: which account this browser saw last.
const ACCOUNT: &str = "account";

pub struct Kept {
    storage: Storage,
    prefix: String,
}

/// The mark of the account that this page was made for; empty when no one is logged in.
fn account() -> String {
    document().document_element().and_then(|root| root.get_attribute("data-account")).unwrap_or_default()
}

impl Kept {
    /// Until the tab is closed.
    pub fn in_tab() -> Option<Kept> {
        Kept::of(window().session_storage().ok()??)
    }

    /// In every tab of this browser.
    pub fn in_browser() -> Option<Kept> {
        Kept::of(window().local_storage().ok()??)
    }

    /// Nothing is kept for a page without an account.
    fn of(storage: Storage) -> Option<Kept> {
        let account = account();
        (!account.is_empty()).then(|| Kept { storage, prefix: format!("{account}:") })
    }

    pub fn get(&self, key: &str) -> Option<String> {
        self.storage.get_item(&format!("{}{key}", self.prefix)).ok()?
    }

    pub fn set(&self, key: &str, value: &str) {
        let _ = self.storage.set_item(&format!("{}{key}", self.prefix), value);
    }

    pub fn remove(&self, key: &str) {
        let _ = self.storage.remove_item(&format!("{}{key}", self.prefix));
    }
}

/// Deletes what other accounts left in this browser; without an account, everything.
pub fn purge() {
    let account = account();
    let own = |key: &str| !account.is_empty() && key.strip_prefix(&account).is_some_and(|rest| rest.starts_with(':'));
    let stores = [window().session_storage(), window().local_storage()];
    for storage in stores.into_iter().filter_map(|storage| storage.ok()?) {
        let keys: Vec<String> = (0..storage.length().unwrap_or(0)).filter_map(|at| storage.key(at).ok()?).collect();
        for key in keys.iter().filter(|key| *key != ACCOUNT && !own(key)) {
            let _ = storage.remove_item(key);
        }
    }
}
