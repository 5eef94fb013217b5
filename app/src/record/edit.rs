//! Edit a client. A save that another person's has overtaken shows both
//! versions: what was typed in the form, what is stored beside it.

use crate::clients::SAVE;
use crate::clients::form::{ClientFields, Fields, differences};
use crate::clients::pages::number;
use crate::ui::page::{Shown, page};
use crate::ui::{FormState, PostForm, stale};
use leptos::prelude::*;
use shared::Refusal;

#[component]
pub fn EditClientPage() -> impl IntoView {
    let number = number();
    page(|page| async move {
        let number = number?;
        let state = FormState::of(SAVE);
        let client = crate::clients::pages::record(&page, number).await?;
        if client.kind.has_members() {
            return crate::memberships::pages::edit(&page, number).await;
        }
        if client.erased {
            return Err(Refusal::Erased.into());
        }
        let fields = Fields::new(&page, false).await?.keeping(&client);
        let state = fields.label(state);
        let stored = client.form();
        let state = if state.is_stale() { stale::merged(state, &stored) } else { state };
        let overtaken = state.is_stale().then(|| differences(&state, &client, &fields));
        // Saving again after a stale save means: over what is stored now.
        let version =
            if overtaken.is_some() { stored.version.clone() } else { state.value("version", &stored.version) };
        let profile = format!("/clients/{number}");
        Ok(Shown::new(format!("Edit {}", client.name), view! {
            <div class="page-head">
                <div><a class="back" href=profile.clone()>{client.name.clone()}</a><h1>{format!("Edit {}", client.name)}</h1></div>
            </div>
            {overtaken.map(|fields| stale::stored_version(fields, profile.clone()))}
            <PostForm action=SAVE page=page.here.clone() state=state.clone() class="form panel" long=true>
                <input type="hidden" name="number" value=number.to_string()/>
                <input type="hidden" name="form[version]" value=version autocomplete="off"/>
                {stale::original(&state, &stored)}
                <ClientFields state stored fields/>
                <div class="form-actions">
                    <button type="submit" class="button primary">"Save"</button>
                    <a class="button quiet" href=profile>"Cancel"</a>
                </div>
            </PostForm>
        })
        .narrow())
    })
}
