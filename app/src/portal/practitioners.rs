//! A client's practitioners, and how to reach them at work.

use crate::ui::page::{Shown, page};
use crate::ui::parts::Avatar;
use db::portal::MyPractitioner;
use leptos::prelude::*;
use shared::Refusal;
use shared::permissions::Permission;
use shared::practice::{phone_link, phone_words};

#[component]
pub fn PractitionersPage() -> impl IntoView {
    page(|page| async move {
        let me = page.actor.client()?.clone();
        if !page.offered.any(Permission::SeePractitioners) {
            return Err(Refusal::NotFound.into());
        }
        let all = db::portal::practitioners(page.pool(), &me).await?;
        let body = match all.is_empty() {
            true => view! {
                <div class="panel empty"><h2>"No practitioner yet"</h2>
                    <p>"The people who work with you appear here once they are assigned to you or you have an appointment with them."</p></div>
            }
            .into_any(),
            false => view! { <ul class="cards-list">{all.into_iter().map(card).collect_view()}</ul> }.into_any(),
        };
        Ok(Shown::new(
            "Practitioners",
            view! {
                <div class="page-head"><div><a class="back" href="/my">"Home"</a><h1>"Practitioners"</h1></div></div>
                {body}
            },
        )
        .narrow())
    })
}

fn card(one: MyPractitioner) -> AnyView {
    let MyPractitioner { name, title, phone, email, languages, own, others } = one;
    let whose = (!others.is_empty()).then(|| {
        let who = if own { format!("you and {}", others.join(", ")) } else { others.join(", ") };
        view! { <span class="badge for">"For "{who}</span> }
    });
    let facts = phone.is_some() || email.is_some() || languages.is_some();
    view! {
        <li class="panel">
            <div class="row">
                <Avatar name=name.clone()/>
                <div><h2>{name}</h2>{(!title.is_empty()).then(|| view! { <p class="muted">{title}</p> })}</div>
                {whose}
            </div>
            {facts.then(|| view! {
                <dl class="facts">
                    {phone.map(|phone| view! { <div><dt>"Work phone"</dt><dd><a href=phone_link(&phone)>{phone_words(&phone)}</a></dd></div> })}
                    {email.map(|email| view! { <div><dt>"Work email"</dt><dd><a href=format!("mailto:{email}")>{email.clone()}</a></dd></div> })}
                    {languages.map(|languages| view! { <div><dt>"Languages"</dt><dd>{languages}</dd></div> })}
                </dl>
            })}
        </li>
    }
    .into_any()
}
