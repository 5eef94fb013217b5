//! What a page says after groups and their members were changed.

/// `None` for the words of other features.
pub fn words(word: &str) -> Option<&'static str> {
    Some(match word {
        "group-created" => "Created.",
        "members-added" => "Members added.",
        "membership-ended" => "Membership ended. Past sessions stay in reports.",
        "membership-resumed" => "Membership restarted.",
        "membership-corrected" => "Dates corrected.",
        "membership-removed" => "Membership removed.",
        _ => return None,
    })
}
