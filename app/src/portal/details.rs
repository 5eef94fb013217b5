//! *My details*: how the practice reaches somebody, what they agreed to, and
//! the information fields that are for them (F4, B13).

use crate::ui::page::{Shown, page};
use db::clients::OwnDetails;
use leptos::prelude::*;

#[component]
pub fn MyDetailsPage() -> impl IntoView {
    page(|page| async move {
        let own = db::clients::own(page.pool(), &page.actor).await?;
        let code_only = page.practice.code_only;
        let sub = view! { "Is something wrong? "{crate::ui::contact::call(&page.practice, "Contact")}"." };
        Ok(Shown::new(
            "My details",
            view! {
                <div class="page-head"><div><h1>"My details"</h1><p class="sub">{sub}</p></div></div>
                <div class="cols-2">
                    {(!code_only).then(|| contact(&own))}
                    {(!code_only).then(|| consents(&own))}
                    {known_as(&own)}
                    {information(&own)}
                </div>
            },
        ))
    })
}

fn panel(id: &'static str, title: &'static str, facts: Vec<(String, String)>) -> AnyView {
    let fact = |(name, text): (String, String)| {
        let text = if text.is_empty() { "–".to_owned() } else { text };
        view! { <div><dt>{name}</dt><dd>{text}</dd></div> }
    };
    view! {
        <section class="panel" aria-labelledby=id>
            <h2 id=id>{title}</h2>
            <dl class="facts">{facts.into_iter().map(fact).collect_view()}</dl>
        </section>
    }
    .into_any()
}

fn contact(own: &OwnDetails) -> AnyView {
    let address = [own.address_unit.as_str(), own.address.as_str()];
    let address = address.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let mut facts = vec![("Email".to_owned(), own.email.clone()), ("Mobile".to_owned(), own.mobile.clone())];
    facts.extend(own.phones.iter().map(|(label, number)| {
        let label = if label.is_empty() { "Phone" } else { label };
        (label.to_owned(), number.clone())
    }));
    facts.push(("Address".to_owned(), address));
    panel("contact", "Contact details", facts)
}

fn consents(own: &OwnDetails) -> AnyView {
    let given = |given: bool| if given { "You agreed" } else { "Off" }.to_owned();
    let facts = [("Email", own.email_consent), ("Text messages", own.sms_consent), ("Phone calls", own.voice_consent)];
    panel("consents", "Communication preferences", facts.map(|(name, it)| (name.to_owned(), given(it))).to_vec())
}

fn known_as(own: &OwnDetails) -> AnyView {
    let facts = [
        ("Name", own.name.clone()),
        ("Number", own.number.to_string()),
        ("Code", own.code.clone()),
        ("Language", own.language.clone()),
        ("Time zone", own.zone.replace('_', " ")),
    ];
    panel("known-as", "Your record", facts.map(|(name, text)| (name.to_owned(), text)).to_vec())
}

fn information(own: &OwnDetails) -> Option<AnyView> {
    (!own.fields.is_empty()).then(|| panel("information", "Other information", own.fields.clone()))
}
