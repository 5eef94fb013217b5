//! A form as clients see it.

use super::param;
use super::questions::{self, Asked};
use crate::context::query;
use crate::ui::FormState;
use crate::ui::page::{Shown, page};
use leptos::prelude::*;
use shared::Refusal;
use shared::forms::{Capacity, Filled};

#[component]
pub fn FormPreviewPage() -> impl IntoView {
    let (id, version) = (param("id"), query("version"));
    page(|page| async move {
        page.actor.front_desk()?;
        let id = id.parse().map_err(|_| Refusal::NotFound)?;
        let form = db::forms::one(page.pool(), &page.actor, id).await?;
        let (definition, words) = match version.parse::<i32>() {
            Ok(number) => {
                let definition = db::forms::version(page.pool(), &page.actor, id, number).await?;
                (definition, format!("Version {number}"))
            }
            Err(_) if !form.has_draft => {
                let words = form.published.as_ref().map(|one| format!("Version {}", one.number)).unwrap_or_default();
                (form.definition, words)
            }
            Err(_) => (form.definition, "Draft".to_owned()),
        };
        let items: Vec<_> = definition.items.iter().collect();
        let asked = Asked {
            items: &items,
            stored: &Filled::default(),
            offered: Capacity::offered(true),
            name: "",
            conditions: Some(&definition),
        };
        let fields = questions::fields(&FormState::default(), &asked);
        Ok(Shown::new(
            "Preview",
            view! {
                <div class="page-head"><div><a class="back" href=format!("/settings/forms/{id}")>{form.name.clone()}</a><h1>{form.name.clone()}</h1>
                    <p class="sub">{format!("Preview · {words}. Nothing that you enter here is saved.")}</p></div></div>
                <div class="panel form">{fields}</div>
            },
        )
        .narrow())
    })
}
