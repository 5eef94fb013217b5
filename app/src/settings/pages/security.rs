//! *Login security*: which roles need a second factor.

use crate::ui::page::{Shown, page};
use crate::ui::stale::version_input;
use crate::ui::{FormState, PostForm, TextField};
use leptos::prelude::*;
use shared::accounts::Role;

const SAVE: &str = "/fn/settings/save_factor_policy";
const HERE: &str = "/settings/security";

#[component]
pub fn LoginSecurityPage() -> impl IntoView {
    page(|page| async move {
        let policy = db::accounts::factor_policy(page.pool(), &page.actor).await?;
        let state = FormState::of(SAVE);
        let version = version_input(&state, policy.version);
        let boxes = Role::ALL.iter().map(|role| {
            let checked = state.includes("roles", role.as_str(), policy.roles.contains(role));
            view! {
                <label class="check"><input type="checkbox" name="form[roles][]" value=role.as_str() checked=checked/>{role.label()}</label>
            }
        });
        let boxes = boxes.collect_view();
        let without = match policy.without.as_slice() {
            [] => "Everyone who needs a second factor has one.".to_owned(),
            names => format!("Not set up yet: {}.", names.join(", ")),
        };
        let view = view! {
            <div class="page-head"><div>
                <a class="back" href="/settings">"Settings"</a>
                <h1>"Login security"</h1>
                <p class="sub">"A second factor is an authenticator app. Anyone can set one up under My account."</p>
            </div></div>
            <section class="panel">
                <PostForm action=SAVE page=HERE state=state.clone()>
                    {version}
                    <fieldset class="field">
                        <legend>"Roles that need a second factor"</legend>
                        {boxes}
                    </fieldset>
                    <TextField field="days" label="Days to set it up" state value=policy.days.to_string() inputmode="numeric"
                        hint="After that, they can only set it up when they log in."/>
                    <p>{without}</p>
                    <div class="row"><button class="button primary" type="submit">"Save"</button></div>
                </PostForm>
            </section>
        };
        Ok(Shown::new("Login security", view))
    })
}
