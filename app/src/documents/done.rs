//! What a page says after a document was changed.

/// `None` for the words of other features. Without a mail server (`smtp`) nothing has been sent:
/// it waits in the outbox.
pub fn words(word: &str, smtp: bool) -> Option<&'static str> {
    Some(match word {
        "document-written" => "Saved as a draft. Only the team sees it.",
        "document-revised" => "Saved.",
        "document-shared" if smtp => "Shared. We’re emailing them that there’s something to read.",
        "document-shared" => "Shared. The email is waiting in the outbox: email isn’t set up.",
        "document-withdrawn" => "Withdrawn. Only the team sees it now.",
        "document-readers" => "Saved: who else can read it.",
        _ => return None,
    })
}
