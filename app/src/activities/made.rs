//! A client whom the create window has just made is added to the activity, by
//! the same step that *Add* takes.

use leptos::prelude::*;

/// The activity form.
pub const FORM: &str = "activity-form";

#[island]
pub fn AddMade() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(|_| browser::watch());
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::FORM;
    use crate::clients::window::MADE;
    use crate::ui::browser::{by_id, first, listen};
    use shared::clients::PickerRow;
    use wasm_bindgen::JsCast;
    use web_sys::{CustomEvent, Element, HtmlElement};

    pub fn watch() {
        let Some(form) = by_id::<Element>(FORM) else { return };
        listen(&form.clone(), MADE, move |event| {
            let client = event.dyn_ref::<CustomEvent>().and_then(|event| event.detail().as_string());
            let client = client.and_then(|client| serde_json::from_str::<PickerRow>(&client).ok());
            if let (Some(client), Some(button)) = (client, first::<HtmlElement>(&form, "[data-add-client]")) {
                let _ = button.set_attribute("value", &format!("add:{}", client.number));
                button.click();
            }
        });
    }
}
