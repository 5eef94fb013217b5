//! What a page says after something was asked for or done.

/// `None` for the words of other features. Without a mail server (`smtp`) nothing has been sent:
/// it waits in the outbox.
pub fn words(word: &str, smtp: bool) -> Option<&'static str> {
    Some(match word {
        "asked" if smtp => "Requested. We’re emailing those who can be reached.",
        "asked" => "Requested. The emails are waiting in the outbox: email isn’t set up.",
        "asked-some" if smtp => "Requested. Some people had this form already, and aren’t asked again.",
        "asked-some" => {
            "Requested. Some people had this form already. The emails are waiting in the outbox: email isn’t set up."
        }
        "asked-already" => "This form is already requested from everyone you chose. Nothing was sent.",
        "reminded" if smtp => "Reminder sent.",
        "reminded" => "The reminder is waiting in the outbox: email isn’t set up.",
        "request-withdrawn" => "Withdrawn. It’s no longer asked for.",
        "request-done" => "Done.",
        "request-completed" => "Thank you. The practice can see that it’s done.",
        "files-sent" => "Sent. Thank you. The practice can see it now.",
        "links-saved" => "Saved.",
        "rule-added" => "Saved. Upcoming appointments are included.",
        "rule-removed" => "Removed. Requests that were already made stay.",
        _ => return None,
    })
}
