//! New client: a page of its own; the create window shows what is in [`CONTENTS`].

use crate::clients::CREATE;
use crate::clients::form::{ClientFields, Fields, blank};
use crate::clients::window::{CONTENTS, HEADING, LIKELY};
use crate::context;
use crate::error::AppError;
use crate::memberships::KindLinks;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm};
use leptos::prelude::*;
use shared::clients::{Kind, Status};

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
            false => form(&page, state, next, back).await?,
        };
        Ok(Shown::new(
            title.clone(),
            view! {
                <div class="page-head"><div><a class="back" href=back>{list}</a><h1 id=HEADING>{title}</h1></div></div>
                <div id=CONTENTS class="stack">{kinds}{form}</div>
            },
        )
        .narrow())
    })
}

async fn form(page: &Page, state: FormState, next: String, cancel: &'static str) -> Result<AnyView, AppError> {
    let fields = Fields::new(page, true).await?;
    let state = fields.label(state);
    let key = state.value("request_key", &db::new_id().to_string());
    let (mut stored, words) = (blank(page), format!("Create {}", page.practice.client_word));
    if let Ok(status) = context::query("status").parse::<Status>() {
        stored.status = status.as_str().to_owned();
    }
    Ok(view! {
        <PostForm action=CREATE page=page.here.clone() state=state.clone() class="form panel">
            <input type="hidden" name="next" value=next/>
            <input type="hidden" name=FormState::name("request_key") value=key/>
            <div id=LIKELY aria-live="polite"></div>
            <ClientFields state stored fields/>
            <div class="form-actions">
                <button type="submit" class="button primary">{words}</button>
                <a class="button quiet" href=cancel data-cancel="">"Cancel"</a>
            </div>
        </PostForm>
    }
    .into_any())
}
