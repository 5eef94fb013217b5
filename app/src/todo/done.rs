//! What the page says after a line was ticked off, and how that is undone.

use super::TICK;
use crate::ui::Undo;

/// `None` for the words of other features.
pub fn words(word: &str) -> Option<&'static str> {
    Some(match word {
        "ticked" => "Ticked off.",
        "unticked" => "It’s back on the list.",
        _ => return None,
    })
}

/// Puts a line back; `rest` is its kind and record.
pub fn undo(done: &str, rest: &str) -> Option<Undo> {
    let (kind, record) = rest.split_once('.').filter(|_| done == "ticked")?;
    let field = |value: &str| value.to_owned();
    Some(Undo {
        action: TICK,
        fields: vec![
            ("kind", field(kind)),
            ("record", field(record)),
            ("back", field("true")),
            ("_page", field("/todo")),
        ],
    })
}
