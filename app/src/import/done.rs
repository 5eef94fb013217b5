//! What a page says after an import was changed.

/// `None` for the words of other features.
pub fn words(word: &str) -> Option<&'static str> {
    Some(match word {
        "import-discarded" => "File and rows deleted.",
        _ => return None,
    })
}
