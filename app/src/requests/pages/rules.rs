//! Settings: forms that services ask for by themselves.

use crate::requests::{ADD_RULE, REMOVE_RULE, SAVE_LINKS};
use crate::ui::page::{Shown, page};
use crate::ui::{CheckField, FormState, PostForm, SelectField};
use leptos::prelude::*;
use shared::requests::Occasion;

#[component]
pub fn RequestRulesPage() -> impl IntoView {
    let (state, links) = (FormState::of(ADD_RULE), FormState::of(SAVE_LINKS));
    page(|page| async move {
        page.actor.front_desk()?;
        let rules = db::requests::rules(page.pool(), &page.actor).await?;
        let may_save = page.actor.administrator().is_ok();
        let services = db::practice::active_services(page.pool()).await?;
        let forms = db::forms::list(page.pool(), &page.actor).await?;
        let sent = db::forms::links_are_sent(page.pool()).await?;
        let links = may_save.then(|| {
            let hint = "Emails about a form carry a link, valid for 14 days, that opens it without logging in. It asks for the date of \
                        birth, and shows nothing but the form. Turned off, links that were sent don’t open any more.";
            view! {
                <section class="panel" aria-labelledby="form-links"><h2 id="form-links">"Forms without logging in"</h2>
                    <PostForm action=SAVE_LINKS page=page.here.clone() state=links.clone()>
                        <CheckField field="form_links" label="Send links that open a form without logging in" state=links checked=sent hint/>
                        <div class="form-actions"><button type="submit" class="button">"Save"</button></div>
                    </PostForm>
                </section>
            }
        });
        let forms: Vec<_> = forms
            .into_iter()
            .filter(|form| form.active && form.published.is_some())
            .map(|form| (form.id.to_string(), form.name))
            .collect();
        let here = page.here.clone();
        let rows = rules.into_iter().map(|rule| {
            let words = format!("{} · {}", rule.form_name, rule.occasion.label().to_lowercase());
            let (id, named) = (rule.id.to_string(), format!(" {} for {}", rule.form_name, rule.service_name));
            let remove = may_save.then(|| {
                view! {
                    <PostForm action=REMOVE_RULE page=here.clone() state=FormState::default() class="row">
                        <input type="hidden" name="id" value=id/>
                        <button type="submit" class="button small quiet">"Remove"<span class="sr-only">{named}</span></button>
                    </PostForm>
                }
            });
            view! { <li><div class="grow"><span class="strong">{rule.service_name.clone()}</span>" "<span class="muted small">{words}</span></div><div class="actions">{remove}</div></li> }
        });
        let rows: Vec<_> = rows.collect();
        let list = match rows.is_empty() {
            true => view! { <p class="muted">"No automatic requests yet."</p> }.into_any(),
            false => view! { <div class="panel flush"><ul class="list">{rows}</ul></div> }.into_any(),
        };
        let services = services.into_iter().map(|one| (one.id.to_string(), one.name)).collect::<Vec<_>>();
        let occasions =
            Occasion::ALL.iter().map(|one| (one.as_str().to_owned(), one.label().to_owned())).collect::<Vec<_>>();
        let add = may_save.then(|| match forms.is_empty() {
            true => view! { <p class="notice info">"Publish a form first, under "<a href="/settings/forms">"Forms"</a>"."</p> }.into_any(),
            false => view! {
                <section class="panel" aria-labelledby="new-rule"><h2 id="new-rule">"New automatic request"</h2>
                    <PostForm action=ADD_RULE page=page.here.clone() state=state.clone()>
                        <SelectField field="service" label="Service" state=state.clone() options=services/>
                        <SelectField field="form" label="Form" state=state.clone() options=forms/>
                        <SelectField field="occasion" label="When" state=state options=occasions/>
                        <p class="hint">"It’s due on the day of the appointment. People get up to three reminders."</p>
                        <div class="form-actions"><button type="submit" class="button primary">"Save"</button></div>
                    </PostForm>
                </section>
            }
            .into_any(),
        });
        Ok(Shown::new(
            "Automatic requests",
            view! {
                <div class="page-head"><div><a class="back" href="/settings">"Settings"</a><h1>"Automatic requests"</h1>
                    <p class="sub">"Forms that a service asks for when an appointment is booked."</p></div></div>
                <div class="stack">{list}{add}{links}</div>
            },
        )
        .narrow())
    })
}
