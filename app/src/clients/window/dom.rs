//! What the parts of the window ask of its elements.

use crate::ui::browser::all;
use web_sys::{Element, HtmlFormElement};

/// Where a link leads; the page whose form a button opens.
pub fn address(opener: &Element) -> String {
    opener.get_attribute("href").or_else(|| opener.get_attribute("data-href")).unwrap_or_default()
}

/// Whether a form was refused: what it holds is newer than any draft.
pub fn is_refused(form: &HtmlFormElement) -> bool {
    !all::<Element>(form, ".error-summary").is_empty()
}
