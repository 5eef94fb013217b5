//! Staff correct the answers of a form: a new response, signed by who makes it.

use super::fill::typed;
use super::param;
use super::questions::{self, Asked};
use crate::forms::AMEND;
use crate::ui::page::{Shown, page};
use crate::ui::{FormState, PostForm};
use leptos::prelude::*;
use shared::Refusal;
use shared::forms::{Filled, ResponseState};

#[component]
pub fn AmendFormPage() -> impl IntoView {
    let id = param("id");
    let state = FormState::of(AMEND);
    page(|page| async move {
        page.actor.staff()?;
        let id = id.parse().map_err(|_| Refusal::NotFound)?;
        let response = db::forms::response(page.pool(), &page.actor, id).await?;
        if response.state != ResponseState::Submitted && !state.was_posted() {
            return Err(Refusal::NotFound.into());
        }
        let later = response.amended_by.map(|id| {
            view! { <p class="notice info">"Someone else amended this meanwhile. "<a href=format!("/forms/{id}")>"See their answers"</a></p> }
        });
        let definition = response.definition.unsigned();
        let stored = match state.was_posted() {
            true => typed(&state, &definition),
            false => Filled::of(&response.answers, &definition),
        };
        // All of them: what an answer hides is not kept.
        let items: Vec<_> = definition.items.iter().collect();
        let state = questions::labelled(state, &items);
        let asked = Asked { items: &items, stored: &stored, offered: &[], name: "", conditions: Some(&definition) };
        let fields = questions::fields(&state, &asked);
        let back = format!("/forms/{id}");
        Ok(Shown::new(
            "Amend answers",
            view! {
                <div class="page-head"><div><a class="back" href=back.clone()>{response.form_name.clone()}</a><h1>"Amend answers"</h1>
                    <p class="sub">{response.client.clone()}". The earlier answers, and what was signed, are kept beside the new ones."</p></div></div>
                {later}
                <PostForm action=AMEND page=page.here.clone() state=state.clone() class="panel form" long=true>
                    <input type="hidden" name="id" value=id.to_string()/>
                    {fields}
                    <div class="form-actions">
                        <button type="submit" class="button primary">"Save as a new response"</button>
                        <a class="button quiet" href=back>"Cancel"</a>
                    </div>
                </PostForm>
            },
        )
        .narrow())
    })
}
