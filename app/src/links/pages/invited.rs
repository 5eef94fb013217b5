//! The page of an invitation: who asks, and what they may do for the one who accepts.

use crate::links::editor::GrantChecks;
use crate::links::words::GrantList;
use crate::ui::page::{Shown, page};
use crate::ui::{FormState, PostForm};
use db::Actor;
use leptos::prelude::*;
use shared::Refusal;
use shared::accounts::Secret;
use shared::links::Grants;

const ACCEPT: &str = "/fn/links/accept";

#[component]
pub fn InvitedPage() -> impl IntoView {
    page(|page| async move {
        let token = leptos_router::hooks::use_params_map().get_untracked().get("token").unwrap_or_default();
        let Actor::Client(me) = page.actor.clone() else { return Err(Refusal::NotFound.into()) };
        let asked = db::links::invited(page.pool(), &me, &Secret(token.clone())).await?;
        let state = FormState::of(ACCEPT);
        let name = asked.name;
        let checks = asked.decides.then(|| {
            view! {
                <GrantChecks
                    field="may" legend=format!("What {name} can do for you") subject="you" may=Grants::default() state=state.clone()
                />
            }
        });
        Ok(Shown::new(
            format!("{name} would like to be linked with you"),
            view! {
                <div class="page-head"><div>
                    <h1>{format!("{name} would like to be linked with you")}</h1>
                    <p class="sub">"Nothing is shared unless you accept. You can change your choices later."</p>
                </div></div>
                <PostForm action=ACCEPT page=page.here.clone() state=state.clone() class="panel form">
                    <input type="hidden" name="token" value=token/>
                    <GrantList holder="You" subject=name.clone() may=asked.may level=3/>
                    {checks}
                    <div class="form-actions">
                        <button class="button primary" type="submit">"Accept"</button>
                        <a class="button quiet" href="/my/people">"Not now"</a>
                    </div>
                </PostForm>
            },
        )
        .narrow())
    })
}
