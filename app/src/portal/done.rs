//! What a page says after a client changed their own record.

/// `None` for the words of other features.
pub fn words(word: &str) -> Option<&'static str> {
    Some(match word {
        "details-saved" => "Your details are saved.",
        "consents-saved" => "Your preferences are saved.",
        _ => return None,
    })
}
