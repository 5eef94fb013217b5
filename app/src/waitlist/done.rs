//! What a page says after the waiting list was changed.

/// `None` for the words of other features. Without a mail server (`smtp`) nothing has been
/// sent: it waits in the outbox.
pub fn words(word: &str, smtp: bool) -> Option<&'static str> {
    Some(match word {
        "waiting" => "Added to the waiting list.",
        "waiting-saved" => "Entry saved.",
        "waiting-withdrawn" => "Removed from the waiting list.",
        "offered" if smtp => "Offered. We’re holding the time until they answer.",
        "offered" => "The time is held. The offer is waiting in the outbox: email isn’t set up.",
        "offer-withdrawn" => "Offer withdrawn. The time is free again.",
        "offers-saved" => "Saved.",
        "joined" => "You’re on the waiting list. We’ll email you when a time is free.",
        "left" => "You’re no longer on the waiting list.",
        "offer-accepted" => "Booked. A confirmation is on its way.",
        "offer-moved" => "Your appointment was moved to the earlier time.",
        "offer-declined" => "Declined. You’re still on the waiting list.",
        _ => return None,
    })
}
