//! What a page says after prospects were changed.

/// `None` for the words of other features.
pub fn words(word: &str) -> Option<&'static str> {
    Some(match word {
        "prospect-noted" => "Note saved.",
        "prospect-emailed" => "Email to the prospect on its way.",
        "prospect-saved" => "Prospect saved.",
        _ => return None,
    })
}
