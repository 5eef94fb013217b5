//! What a page says after a call was noted.

/// `None` for the words of other features.
pub fn words(word: &str) -> Option<&'static str> {
    Some(match word {
        "call-noted" => "Call noted.",
        _ => return None,
    })
}
