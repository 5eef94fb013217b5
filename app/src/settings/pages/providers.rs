//! Referring providers: who sends clients here.

use super::arranged::{Entry, KEPT, List, arranged, not_set, retired};
use super::{clients, key_input, saved_now, version_input};
use crate::context::query;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm, TextField};
use db::practice::providers::Provider;
use leptos::prelude::*;

const SAVE: &str = "/fn/settings/save_provider";
const SET_ACTIVE: &str = "/fn/settings/set_provider_active";
const HERE: &str = "/settings/providers";

#[component]
pub fn ProvidersPage() -> impl IntoView {
    page(|page| async move {
        let (edit, state) = (query("edit"), FormState::of(SAVE));
        let may_save = page.actor.administrator().is_ok();
        let list = List { page: HERE.to_owned(), place: None, set_active: SET_ACTIVE, may_save };
        let refused = not_set(&list);
        let providers = db::practice::providers::list(page.pool(), &page.actor).await?;
        let stored = providers.iter().find(|provider| provider.id.to_string() == edit).cloned();
        let (active, gone): (Vec<_>, Vec<_>) = providers.into_iter().partition(|provider| provider.active);
        let entries = |providers: Vec<Provider>| providers.into_iter().map(|one| entry(one, &page)).collect::<Vec<_>>();
        let table = match active.is_empty() {
            true => empty(&page).into_any(),
            false => view! { <div class="panel flush">{arranged(&list, entries(active))}</div> }.into_any(),
        };
        let aside = match may_save {
            true => form(state, stored),
            false => view! { <p class="notice info">"Only administrators change referring providers."</p> }.into_any(),
        };
        let add = may_save.then(|| view! { <a class="button" href="#change">"Add a provider"</a> });
        let sub = format!("Physicians, agencies and others who send you {}.", page.practice.client_word_plural);
        Ok(Shown::new(
            "Referring providers",
            view! {
                <div class="page-head">
                    <div><a class="back" href="/settings">"Settings"</a><h1>"Referring providers"</h1><p class="sub">{sub}</p></div>
                    <div class="actions">{add}</div>
                </div>
                <div class="split">
                    <div class="stack">{refused}{table}{retired(&list, entries(gone), KEPT)}</div>
                    {aside}
                </div>
            },
        ))
    })
}

fn entry(provider: Provider, page: &Page) -> Entry {
    Entry {
        id: provider.id.to_string(),
        change: format!("{HERE}?edit={}#change", provider.id),
        notes: vec![provider.phone, provider.email, clients(provider.clients, &page.practice)],
        label: provider.name,
    }
}

fn empty(page: &Page) -> impl IntoView + use<> {
    let words = format!(
        "Add the people who refer {} to you, so you can record who referred each one.",
        crate::ui::a(&page.practice.client_word)
    );
    view! { <div class="panel empty"><h2>"No referring providers yet"</h2><p>{words}</p></div> }
}

fn form(state: FormState, stored: Option<Provider>) -> AnyView {
    let id = stored.as_ref().map(|provider| provider.id.to_string()).unwrap_or_default();
    let (title, here) = match &stored {
        Some(provider) => (format!("Edit “{}”", provider.name), format!("{HERE}?edit={id}")),
        None => ("Add a provider".to_owned(), HERE.to_owned()),
    };
    let beside = stored.as_ref().and_then(|provider| saved_now(&state, &here, facts(provider)));
    let hidden = match &stored {
        Some(provider) => version_input(&state, provider.version).into_any(),
        None => key_input(&state).into_any(),
    };
    let cancel = stored.is_some().then(|| view! { <a class="button quiet" href=HERE>"Cancel"</a> });
    let (name, phone, email) = stored.map(|one| (one.name, one.phone, one.email)).unwrap_or_default();
    view! {
        <div class="stack" id="change">
            {beside}
            <section class="panel" aria-labelledby="change-title">
                <h2 id="change-title">{title}</h2>
                <PostForm action=SAVE page=here state=state.clone()>
                    <input type="hidden" name="id" value=id/>
                    {hidden}
                    <TextField field="name" label="Name" state=state.clone() value=name required=true/>
                    <TextField field="phone" label="Phone" kind="tel" state=state.clone() value=phone optional=true/>
                    <TextField field="email" label="Email" kind="email" state=state.clone() value=email optional=true/>
                    <div class="form-actions"><button class="button primary" type="submit">"Save"</button>{cancel}</div>
                </PostForm>
            </section>
        </div>
    }
    .into_any()
}

fn facts(provider: &Provider) -> Vec<(&'static str, String)> {
    vec![("Name", provider.name.clone()), ("Phone", provider.phone.clone()), ("Email", provider.email.clone())]
}
