//! In the portal: filling in a form that is asked for.

use super::param;
use super::questions::{self, Asked};
use super::response::answers;
use crate::context::query;
use crate::error::AppError;
use crate::forms::{SAVE_DRAFT, SUBMIT};
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm};
use db::forms::{OpenForm, OwnCopy};
use db::time::Zone;
use leptos::prelude::*;
use shared::forms::{Capacity, Definition, Filled, ItemKind};
use shared::{Conflict, Refusal, RequestId};

#[component]
pub fn FillFormPage() -> impl IntoView {
    let (id, more) = (param("id"), !query("more").is_empty());
    let state = match FormState::of(SUBMIT) {
        state if state.was_posted() => state,
        _ => FormState::of(SAVE_DRAFT),
    };
    page(move |page| async move {
        let me = page.actor.client()?.clone();
        let id: RequestId = id.parse().map_err(|_| Refusal::NotFound)?;
        match db::forms::open(page.pool(), &me, id, None).await.map_err(AppError::from) {
            Ok(open) => {
                let hidden = view! {
                    <input type="hidden" name="request" value=open.request.to_string()/>
                    <input type="hidden" name="author" value=me.id().to_string()/>
                };
                let hidden = hidden.into_any();
                let back = view! { <a class="back" href="/my/requests">"Forms and requests"</a> }.into_any();
                let target = Target { submit: SUBMIT, save: SAVE_DRAFT, here: page.here.clone(), hidden, back };
                Ok(fill(target, open, state, more, me.name()))
            }
            Err(AppError::Refused(Refusal::Conflict(Conflict::RequestClosed))) => {
                let own = db::forms::own_copy(page.pool(), &me, id).await?;
                Ok(own.map_or_else(closed, |own| copy(&page, &own)))
            }
            Err(error) => Err(error),
        }
    })
}

/// Nothing is said of the person who did it, nor of the answers.
pub fn closed() -> Shown {
    Shown::new(
        "Nothing more to do",
        view! {
            <div class="panel empty"><h1>"Nothing more to do"</h1><p>{Conflict::RequestClosed.to_string()}</p>
                <a class="button" href="/my/requests">"Back to forms and requests"</a></div>
        },
    )
    .narrow()
}

/// What one sent about oneself.
fn copy(page: &Page, own: &OwnCopy) -> Shown {
    let at = Zone::stored(&page.practice.zone).long_date(own.submitted_at);
    Shown::new(
        own.form.clone(),
        view! {
            <div class="page-head"><div><a class="back" href="/my/requests">"Forms and requests"</a><h1>{own.form.clone()}</h1>
                <p class="sub">{format!("You sent this on {at}.")}</p></div>
                <div class="actions"><button type="button" class="button needs-script" data-print="">"Print"</button></div></div>
            <section class="panel" aria-label="Your answers">{answers(&own.definition, &own.answers, None)}</section>
        },
    )
    .narrow()
}

/// What a refused post brought, as it was typed.
pub(super) fn typed(state: &FormState, definition: &Definition) -> Filled {
    let mut filled = Filled::default();
    for item in definition.items.iter().filter(|item| item.kind.is_question()) {
        let name = item.link_id.clone();
        filled.text.insert(name.clone(), state.value(&format!("text.{name}"), ""));
        filled.other.insert(name.clone(), state.value(&format!("other.{name}"), ""));
        filled.many.insert(name.clone(), state.list(&format!("many.{name}"), &[]));
    }
    filled
}

/// Where a form that is filled in goes.
pub(super) struct Target {
    pub submit: &'static str,
    pub save: &'static str,
    /// The page that shows it.
    pub here: String,
    /// What names it beside its version.
    pub hidden: AnyView,
    pub back: AnyView,
}

/// `name`: who is logged in; empty: no one.
pub(super) fn fill(target: Target, open: OpenForm, state: FormState, more: bool, name: &str) -> Shown {
    let stored = match state.was_posted() {
        true => typed(&state, &open.definition),
        false => open.draft.clone().unwrap_or_default(),
    };
    let items = open.definition.visible_so_far(&stored);
    let depends = open.definition.items.iter().any(|item| !item.when.is_empty());
    let state = questions::labelled(state, &items);
    let asked = Asked {
        items: &items,
        stored: &stored,
        offered: Capacity::offered(open.for_name.is_none()),
        name,
        conditions: None,
    };
    let shown = items.iter().filter(|item| item.kind != ItemKind::Section);
    let shown = shown.map(|item| view! { <input type="hidden" name="shown[]" value=item.link_id.clone()/> });
    let shown = shown.collect_view();
    let fields = questions::fields(&state, &asked);
    let due = open.due_on.map(|due| format!("Please send it by {}.", due.format("%-d %B %Y")));
    let more = (more && !state.was_posted()).then(|| {
        view! { <p class="notice info" role="status">"Your answers are saved. Because of them there are a few more questions below. Answer them, then send the form."</p> }
    });
    let depends = depends.then(|| {
        view! { <p class="hint">"Some questions appear only after certain answers. Saving updates them."</p> }
    });
    let for_name = open.for_name.filter(|name| !name.is_empty());
    Shown::new(
        open.name.clone(),
        view! {
            <div class="page-head"><div>{target.back}<h1>{open.name.clone()}</h1>
                {for_name.map(|name| view! { <p><span class="badge for">"For "{name}</span></p> })}
                {due.map(|due| view! { <p class="sub">{due}</p> })}</div></div>
            {more}
            <PostForm action=target.submit page=target.here state=state.clone() class="panel form" long=true>
                {target.hidden}
                <input type="hidden" name="version" value=open.version.to_string()/>
                {shown}
                {fields}
                {depends}
                <div class="form-actions">
                    <button type="submit" class="button primary">"Send"</button>
                    <button type="submit" class="button" formaction=target.save>"Save for later"</button>
                </div>
            </PostForm>
        },
    )
    .narrow()
}
