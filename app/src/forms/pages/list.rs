//! Settings → Forms: every form, and how a new one begins.

use crate::forms::{CREATE, SET_ACTIVE};
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm, SelectField, TextField};
use db::forms::FormRow;
use db::time::Zone;
use leptos::prelude::*;
use shared::forms::Starter;

const HERE: &str = "/settings/forms";

#[component]
pub fn FormsPage() -> impl IntoView {
    let state = FormState::of(CREATE);
    page(|page| async move {
        page.actor.front_desk()?;
        let zone = Zone::stored(&page.practice.zone);
        let forms = db::forms::list(page.pool(), &page.actor).await?;
        let may_save = page.actor.administrator().is_ok();
        let (active, archived): (Vec<_>, Vec<_>) = forms.into_iter().partition(|form| form.active);
        let rows = |forms: Vec<FormRow>| forms.into_iter().map(|form| row(&page, form, &zone, may_save)).collect_view();
        let list = match active.is_empty() {
            true => view! {
                <div class="panel empty"><h2>"No forms yet"</h2>
                    <p>"Start with one of the ready-made forms, or with a blank one. You can change everything before you publish it."</p></div>
            }
            .into_any(),
            false => view! { <section class="panel flush" aria-label="Forms"><ul class="list arranged">{rows(active)}</ul></section> }.into_any(),
        };
        let gone = (!archived.is_empty()).then(|| {
            view! {
                <section class="panel flush" aria-labelledby="archived">
                    <div class="panel-head"><h2 id="archived">"Archived"</h2></div>
                    <ul class="list arranged">{rows(archived)}</ul>
                </section>
            }
        });
        Ok(Shown::new(
            "Forms",
            view! {
                <div class="page-head"><div><a class="back" href="/settings">"Settings"</a><h1>"Forms"</h1>
                    <p class="sub">"Intake forms, consents and other questions to fill in online."</p></div></div>
                <div class="split">
                    <div class="stack">{list}{gone}</div>
                    <div class="stack">{may_save.then(|| new(&page, state))}</div>
                </div>
            },
        ))
    })
}

fn row(page: &Page, form: FormRow, zone: &Zone, may_save: bool) -> AnyView {
    let published = form.published.map(|(number, at)| format!("Version {number}, published {}", zone.short_date(at)));
    let state = match (published, form.has_draft) {
        (None, _) => "Draft, not published yet".to_owned(),
        (Some(words), true) => format!("{words} · Unpublished changes"),
        (Some(words), false) => words,
    };
    let (id, href, name) = (form.id.to_string(), format!("{HERE}/{}", form.id), form.name);
    let words = if form.active { "Archive" } else { "Restore" };
    let named = name.clone();
    let archive = may_save.then(|| {
        view! {
            <PostForm action=SET_ACTIVE page=page.here.clone() state=FormState::default() class="row">
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="active" value=(!form.active).to_string()/>
                <button type="submit" class="button small quiet">{words}<span class="sr-only">" "{named}</span></button>
            </PostForm>
        }
    });
    view! {
        <li>
            <div class="grow"><a class="strong" href=href>{name}</a><span class="muted small">{state}</span></div>
            <div class="actions">{archive}</div>
        </li>
    }
    .into_any()
}

fn new(page: &Page, state: FormState) -> AnyView {
    let mut starters = vec![(String::new(), "Blank form".to_owned())];
    starters.extend(Starter::ALL.iter().map(|one| (one.as_str().to_owned(), one.label().to_owned())));
    let key = if state.was_posted() { state.value("request_key", "") } else { db::new_id().to_string() };
    view! {
        <section class="panel" aria-labelledby="new-form">
            <h2 id="new-form">"New form"</h2>
            <PostForm action=CREATE page=page.here.clone() state=state.clone()>
                <input type="hidden" name="form[request_key]" value=key autocomplete="off"/>
                <SelectField field="starter" label="Start with" state=state.clone() options=starters
                    hint="Ready-made forms are examples. Check them against the rules of your profession."/>
                <TextField field="name" label="Name" state=state hint="Leave blank to use the ready-made form’s name."/>
                <div class="form-actions"><button type="submit" class="button primary">"Create form"</button></div>
            </PostForm>
        </section>
    }
    .into_any()
}
