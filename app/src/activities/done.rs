//! What a page says after activities were changed.

use crate::ui::Undo;
use shared::ActivityId;

/// `None` for the words of other features.
pub fn words(word: &str) -> Option<&'static str> {
    Some(match word {
        "activity-saved" => "Activity saved.",
        "activity-deleted" => "Activity deleted.",
        "activity-restored" => "Activity restored.",
        _ => return None,
    })
}

/// The form that takes it back; `rest` is what the address says after the word.
pub fn undo(word: &str, rest: &str) -> Option<Undo> {
    if word != "activity-deleted" {
        return None;
    }
    let id: ActivityId = rest.parse().ok()?;
    let fields = vec![("activity", id.to_string()), ("_page", "/activities".to_owned())];
    Some(Undo { action: super::RESTORE, fields })
}
