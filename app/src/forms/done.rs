//! What a page says after a form was changed.

/// `None` for the words of other features.
pub fn words(word: &str) -> Option<&'static str> {
    Some(match word {
        "form-made" => "Form created. It’s a draft until you publish it.",
        "form-renamed" => "Name saved.",
        "form-archived" => "Archived. It can’t be requested any more; answers are kept.",
        "form-restored" => "Restored.",
        "item-added" => "Added. Fill it in, then save.",
        "item-saved" => "Saved in the draft.",
        "item-moved" => "Moved.",
        "item-copied" => "Duplicated.",
        "item-deleted" => "Deleted. You can undo this below.",
        "form-undone" => "Last change undone.",
        "form-published" => "Published. New requests use this version.",
        "draft-saved" => "Saved. You can come back to it for 14 days.",
        "form-sent" => "Sent. Thank you.",
        "form-in-error" => "Marked as entered in error.",
        "form-amended" => "Amended. The earlier answers are kept.",
        _ => return None,
    })
}
