//! What a page says after a record was deleted or erased.

/// `None` for the words of other features.
pub fn words(word: &str) -> Option<&'static str> {
    Some(match word {
        "client-deleted" => "Record deleted.",
        "client-erased" => "Personal data erased. Remaining history is anonymous.",
        "blocker-cleared" => "Done. Anything still linked to this record is listed below.",
        _ => return None,
    })
}
