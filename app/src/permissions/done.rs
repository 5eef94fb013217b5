//! What a page says after permissions were changed.

/// `None` for the words of other features.
pub fn words(word: &str) -> Option<&'static str> {
    Some(match word {
        "permissions-saved" => "Portal permissions saved.",
        "permission-set" => "Portal permission saved. It applies right away.",
        _ => return None,
    })
}
