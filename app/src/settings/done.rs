//! What a page says after settings were changed.

/// `None` for the words of other features. Without a mail server (`smtp`) nothing has been
/// sent: it waits in the outbox.
pub fn words(word: &str, smtp: bool) -> Option<&'static str> {
    Some(match word {
        "member-invited" if !smtp => "The invitation is waiting in the outbox: email isn’t set up.",
        "member-added" => "Team member added. They can log in once you send an invitation.",
        "member-invited" => "We’re sending the invitation. Its link expires in 72 hours.",
        "member-saved" => "Team member saved.",
        "member-deactivated" => "Deactivated. They have been logged out.",
        "member-reactivated" => "Reactivated.",
        "begun" => "Your practice is set up.",
        "notes-saved" => "Notes saved.",
        "staff-public-saved" => "Saved. Clients see it right away.",
        "may-book-saved" => "Booking permission saved.",
        "service-saved" => "Service saved.",
        "hours-saved" => "Working hours saved.",
        "sms-saved" => "Text message settings saved.",
        "text-saved" => "Text saved. Messages use it from now on.",
        "text-restored" => "Earlier text restored.",
        "test-sent" => "Test email on its way to you.",
        "mail-language-saved" => "Default language saved.",
        "welcome-saved" => "Welcome email saved.",
        "sections-saved" => "Sections saved.",
        "practice-saved" => "Practice details saved.",
        "code-only-on" => "Code-only mode is on. Names and contact details are no longer stored.",
        "code-only-off" => "Code-only mode is off. You can enter names and contact details again.",
        "term-saved" | "field-saved" | "choice-saved" | "provider-saved" | "location-saved" | "room-saved"
        | "quiet-saved" => "Saved.",
        "time-off-added" => "Time off added. These appointments are booked during it.",
        "extra-hours-added" => "Extra hours added.",
        "time-off-removed" => "Removed. The weekly hours apply again.",
        "moved" => "Moved.",
        "retired" => "Archived. It’s no longer offered; existing records keep it.",
        "field-retired" => "Field archived. Its answers are kept and come back if you restore it.",
        "brought-back" => "Restored.",
        "visits-saved" => "Video visits saved.",
        "reminder-added" => "Reminder added.",
        "reminder-removed" => "Reminder removed.",
        "tag-saved" => "Tag saved.",
        "tag-merged" => "Tags merged.",
        "tag-removed" => "Tag removed. You can undo this for 24 hours below.",
        "tag-restored" => "Tag restored.",
        _ => return None,
    })
}
