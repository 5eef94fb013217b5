//! What reacts in the relationship editor: the notes beneath the ticks, and
//! the suggested label.

#[cfg(feature = "ssr")]
use leptos::prelude::*;

#[cfg(feature = "hydrate")]
pub use browser::start;

/// The name of the island.
pub const NAME: &str = "relationship-editor";

/// Keeps each side's notes true to its ticks; suggests the reverse of a label
/// while no one has chosen the other one.
#[cfg(feature = "ssr")]
#[component]
pub fn RelationshipEditorBehavior() -> impl IntoView {
    crate::ui::staff_island::staff_island(NAME, ())
}

#[cfg(feature = "hydrate")]
mod browser {
    use crate::ui::browser::{all, first, listen, source};
    use leptos::prelude::document;
    use shared::links::Label;
    use web_sys::{Element, HtmlInputElement, HtmlSelectElement};

    pub fn start() {
        let Some(editor) = document().document_element().and_then(|root| first::<Element>(&root, ".relation")) else {
            return;
        };
        let sides: Vec<Element> = all(&editor, ".relation-side");
        // The browser may have ticked again what was ticked before a reload.
        for side in &sides {
            if all::<HtmlInputElement>(side, "input").iter().any(|input| input.checked() != input.default_checked()) {
                show_notes(side);
            }
        }
        listen(&editor, "change", move |event| {
            let Some(this) = source::<Element>(&event, ".relation-side") else { return };
            match source::<HtmlSelectElement>(&event, "select") {
                Some(label) => {
                    set_suggested(&this, false);
                    sides.iter().filter(|side| **side != this).for_each(|that| suggest(&label, that));
                }
                None => show_notes(&this),
            }
        });
    }

    /// The notes that fit what is ticked: those of one of the ticked inputs, or
    /// that of none.
    fn show_notes(side: &Element) {
        let ticked: Vec<String> = all::<Element>(side, "input:checked").iter().map(Element::id).collect();
        let fits = |note: &Element| match note.get_attribute("data-when").unwrap_or_default().as_str() {
            "" => ticked.is_empty(),
            ids => ids.split(' ').any(|id| ticked.iter().any(|ticked| ticked == id)),
        };
        let mut notes: String =
            all::<Element>(side, "template").iter().filter(|note| fits(note)).map(Element::inner_html).collect();
        if !ticked.is_empty() && !notes.is_empty() {
            notes = ["<div class=\"notice warn\">", &notes, "</div>"].concat();
        }
        if let Some(shown) = first::<Element>(side, "[data-notes]")
            && shown.inner_html() != notes
        {
            shown.set_inner_html(&notes);
        }
    }

    /// Chooses the other side's label, unless a person has.
    fn suggest(label: &HtmlSelectElement, that: &Element) {
        let (Ok(label), Some(other)) = (label.value().parse::<Label>(), first::<HtmlSelectElement>(that, "select"))
        else {
            return;
        };
        if other.value().is_empty() || is_suggested(that) {
            other.set_value(label.suggested_reverse().as_str());
            set_suggested(that, true);
        }
    }

    fn is_suggested(side: &Element) -> bool {
        first::<Element>(side, "[data-suggested] p").is_some()
    }

    fn set_suggested(side: &Element, suggested: bool) {
        let words = "<p class=\"hint\">Suggested from the other side. Change it if it is not right.</p>";
        if let Some(shown) = first::<Element>(side, "[data-suggested]") {
            shown.set_inner_html(if suggested { words } else { "" });
        }
    }
}
