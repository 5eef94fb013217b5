//! What a page says after a calendar feed was made or revoked.

/// `None` for the words of other features.
pub fn words(word: &str) -> Option<&'static str> {
    Some(match word {
        "feed-created" => "Calendar feed created. Copy its address now.",
        "feed-revoked" => "Calendar feed revoked. Its address no longer works.",
        _ => return None,
    })
}
