//! What a page says after availability was changed.

/// `None` for the words of other features.
pub fn words(word: &str) -> Option<&'static str> {
    Some(match word {
        "availability-saved" => "Availability saved.",
        _ => return None,
    })
}
