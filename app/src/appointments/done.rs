//! What a page says after an appointment was changed, and how a cancellation is undone.

use crate::ui::Undo;

/// `None` for the words of other features.
pub fn words(word: &str) -> Option<&'static str> {
    Some(match word {
        "appointment-saved" => "Appointment saved.",
        "appointments-moved" => "Appointments moved. Everyone affected is told.",
        "appointments-kept" => "Nothing was moved.",
        _ => return None,
    })
}

/// Staff put a cancelled appointment back while its time is free.
pub fn undo(done: &str, id: &str, here: &str) -> Option<Undo> {
    (done == "cancelled" && here.starts_with("/appointments/") && !id.is_empty()).then(|| Undo {
        action: "/fn/appointments/restore",
        fields: vec![("_page", here.to_owned()), ("appointment", id.to_owned())],
    })
}
