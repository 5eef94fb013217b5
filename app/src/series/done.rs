//! What a page says after a series was changed.

/// `None` for the words of other features.
pub fn words(word: &str) -> Option<&'static str> {
    Some(match word {
        "series-booked" => "Series booked.",
        "series-extended" => "Dates added.",
        "series-moved" => "Appointments moved.",
        "series-cancelled" => "Appointments cancelled.",
        _ => return None,
    })
}
