//! What a page says after clients were changed.

use crate::context::local_path;
use crate::ui::Undo;
use shared::clients::{Status, StatusChange};

/// `None` for the words of other features. Without a mail server (`smtp`) nothing has been
/// sent: it waits in the outbox.
pub fn words(word: &str, smtp: bool) -> Option<&'static str> {
    Some(match word {
        "client-invited" if !smtp => "Client created. The invitation is waiting in the outbox: email isn’t set up.",
        "client-created" => "Client created.",
        "client-created-without-email" => "Client created. Email is off, because there’s no address.",
        "client-invited" => "Client created. An invitation to the portal is on its way.",
        "client-saved" => "Changes saved.",
        "view-saved" => "View saved.",
        "view-deleted" => "View deleted.",
        "view-default" => "Default view saved.",
        "status-changed" => "Status changed.",
        "colour-saved" => "Colour saved. Only you can see it.",
        _ => return None,
    })
}

/// The form that takes it back; `rest` is what the address says after the word.
pub fn undo(word: &str, rest: &str, here: &str) -> Option<Undo> {
    if word != "status-changed" {
        return None;
    }
    let (change, set) = rest.rsplit_once(':')?;
    StatusChange::try_from(change.to_owned()).ok()?;
    set.parse::<Status>().ok()?;
    let here = local_path(here)?;
    let change = [("change", change), ("undo", set), ("_page", &here), ("next", &here)];
    Some(Undo { action: super::SET_STATUS, fields: change.map(|(name, value)| (name, value.to_owned())).to_vec() })
}
