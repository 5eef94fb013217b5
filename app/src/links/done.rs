//! What a page says after relationships were changed.

/// `None` for the words of other features.
pub fn words(word: &str) -> Option<&'static str> {
    Some(match word {
        "link-created" => "Relationship added.",
        "link-saved" => "Relationship saved.",
        "link-removed" => "Relationship removed. They can no longer act for each other.",
        "safe-contact-saved" => "Safe contact saved.",
        "link-invited" => "Invitation sent. It can be answered for 7 days.",
        "link-invitation-revoked" => "Invitation taken back.",
        "link-accepted" => "You’re linked now.",
        "link-decided" | "link-settings-saved" => "Saved.",
        "link-restored" => {
            "Relationship restored with its permissions. Appointments that were cancelled stay cancelled."
        }
        _ => return None,
    })
}
