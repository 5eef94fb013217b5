//! What a page says after duplicates and merges were changed.

use crate::ui::Undo;
use shared::ClientNumber;

/// It leads from an old address, and claims nothing that was done.
pub const MERGED_HERE: &str = "merged-here";

/// `None` for the words of other features.
pub fn words(word: &str) -> Option<&'static str> {
    Some(match word {
        "merged" => "Records merged.",
        "merge-undone" => "Merge undone. Both records are back.",
        MERGED_HERE => "That record was merged into this one.",
        "not-duplicates" => "Marked as not duplicates.",
        "duplicates-again" => "Undone. They’re back on the list.",
        _ => return None,
    })
}

/// The form that takes it back; `rest` is what the address says after the word.
pub fn undo(word: &str, rest: &str) -> Option<Undo> {
    if word != "not-duplicates" {
        return None;
    }
    let (one, other) = rest.split_once(':')?;
    let number = |text: &str| text.parse::<ClientNumber>().map(|number| number.to_string()).ok();
    let page = ("_page", "/clients/duplicates".to_owned());
    Some(Undo { action: super::NOT_APART, fields: vec![("one", number(one)?), ("other", number(other)?), page] })
}
