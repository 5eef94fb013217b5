//! New client: a page of its own, and the same form inside a new appointment.

use crate::clients::CREATE;
use crate::clients::form::{ClientFields, Fields, blank};
use crate::context;
use crate::error::AppError;
use crate::memberships::KindLinks;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm};
use leptos::prelude::*;
use shared::clients::Kind;

#[component]
pub fn NewClientPage() -> impl IntoView {
    page(|page| async move {
        page.actor.staff()?;
        let state = FormState::of(CREATE);
        let next = match state.plain("next") {
            Some(next) => next.to_owned(),
            None => context::query("next"),
        };
        let (back, list) = match page.actor.front_desk() {
            Ok(_) => ("/clients", format!("All {}", page.practice.client_word_plural)),
            Err(_) => ("/clients/mine", format!("My {}", page.practice.client_word_plural)),
        };
        let title = format!("New {}", page.practice.client_word);
        let kind = context::query("kind").parse().unwrap_or(Kind::Individual);
        let kinds = view! { <KindLinks chosen=kind next=next.clone()/> };
        let form = match kind.has_members() {
            true => crate::memberships::pages::new(&page, kind, next).await?,
            false => form(&page, state, "form panel", next, Some(back)).await?,
        };
        Ok(Shown::new(
            title.clone(),
            view! {
                <div class="page-head"><div><a class="back" href=back>{list}</a><h1>{title}</h1></div></div>
                {kinds}
                {form}
            },
        )
        .narrow())
    })
}

/// The create form inside another page. Done, it goes to `next` with the new
/// client's number as `client`; refused, it comes back to the page it is on.
pub async fn quick_form(page: &Page, state: FormState, next: String) -> Result<AnyView, AppError> {
    form(page, state, "form", next, None).await
}

async fn form(
    page: &Page,
    state: FormState,
    class: &'static str,
    next: String,
    cancel: Option<&'static str>,
) -> Result<AnyView, AppError> {
    let fields = Fields::new(page, true).await?;
    let state = fields.label(state);
    let key = state.value("request_key", &db::new_id().to_string());
    let (stored, words) = (blank(page), format!("Create {}", page.practice.client_word));
    Ok(view! {
        <PostForm action=CREATE page=page.here.clone() state=state.clone() class>
            <input type="hidden" name="next" value=next/>
            <input type="hidden" name=FormState::name("request_key") value=key/>
            <ClientFields state stored fields/>
            <div class="form-actions">
                <button type="submit" class="button primary">{words}</button>
                {cancel.map(|href| view! { <a class="button quiet" href=href>"Cancel"</a> })}
            </div>
        </PostForm>
    }
    .into_any())
}
