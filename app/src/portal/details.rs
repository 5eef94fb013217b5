//! *Me*: how the practice reaches someone, what they agreed to, and the information fields that are
//! for them; as far as the practice shows it.

use crate::ui::page::{Page, Shown, page};
use crate::ui::stale::version_input;
use crate::ui::{CheckField, FormState, PostForm};
use db::clients::OwnDetails;
use leptos::prelude::*;
use shared::clients::columns::Column;
use shared::permissions::{Detail, Permission};
use shared::practice::{Section, phone_link, phone_words};

const HERE: &str = "/my/details";
const CONSENTS: &str = "/fn/portal/save_consents";

#[component]
pub fn MyDetailsPage() -> impl IntoView {
    page(|page| async move {
        let own = db::clients::own(page.pool(), &page.actor).await?;
        let code_only = page.practice.code_only;
        let log = crate::consents::own(&page).await?;
        let name = page.practice.name.clone();
        let sub = view! {
            "Your contact details at "{name}". Something wrong? "{crate::ui::contact::call(&page.practice, "Contact")}". "
            <a href="/my/people">"People linked to me"</a>
        };
        let edits = !code_only && own.settings.edits_any();
        Ok(Shown::new(
            "My details",
            view! {
                <div class="page-head">
                    <div><h1>"My details"</h1><p class="sub">{sub}</p></div>
                    {edits.then(|| view! { <div class="actions"><a class="button" href="/my/details/edit">"Edit my details"</a></div> })}
                </div>
                <div class="cols-2">
                    {(!code_only).then(|| contact(&own))}
                    {(!code_only).then(|| consents(&own))}
                    {log}
                    {known_as(&own)}
                    {information(&own)}
                </div>
                {elsewhere(&page)}
            },
        ))
    })
}

fn panel(id: &'static str, title: &'static str, facts: Vec<(String, AnyView)>, below: Option<AnyView>) -> AnyView {
    let fact = |(name, value): (String, AnyView)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> };
    view! {
        <section class="panel" aria-labelledby=id>
            <h2 id=id>{title}</h2>
            <dl class="facts">{facts.into_iter().map(fact).collect_view()}</dl>
            {below}
        </section>
    }
    .into_any()
}

fn text(text: &str) -> AnyView {
    let text = if text.is_empty() { "–" } else { text };
    text.to_owned().into_any()
}

fn phone(number: &str) -> AnyView {
    match number {
        "" => text(""),
        number => view! { <a href=phone_link(number)>{phone_words(number)}</a> }.into_any(),
    }
}

fn contact(own: &OwnDetails) -> AnyView {
    let (record, settings) = (&own.record, &own.settings);
    let address = [record.address_unit.as_str(), record.address.as_str()];
    let address = address.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let mut facts = Vec::new();
    if settings.shows(Detail::Email) {
        facts.push((Column::Email.label().to_owned(), text(&own.email)));
    }
    if settings.shows(Detail::Mobile) {
        facts.push((Column::Mobile.label().to_owned(), phone(record.mobile.as_deref().unwrap_or_default())));
    }
    facts.extend(record.phones.iter().map(|one| {
        let label = if one.label.is_empty() { "Phone" } else { &one.label };
        (label.to_owned(), phone(&one.number))
    }));
    if settings.shows(Detail::Address) {
        facts.push((Column::Address.label().to_owned(), text(&address)));
    }
    let change = settings
        .edits(Detail::Email)
        .then(|| view! { <p><a href="/account#email">"Change your email address"</a></p> }.into_any());
    panel("contact", "Contact details", facts, change)
}

/// Theirs to change at any time.
fn consents(own: &OwnDetails) -> AnyView {
    let state = FormState::of(CONSENTS);
    let version = version_input(&state, own.version);
    let (email, sms, voice) = (own.email_consent, own.sms_consent, own.voice_consent);
    let stale = state.is_stale().then(|| {
        let now = [("Email", email), ("Text messages", sms), ("Phone calls", voice)];
        let now = now.map(|(name, on)| format!("{name}: {}", if on { "on" } else { "off" })).join(" · ");
        view! { <p class="notice info">{format!("What is saved now: {now}. Save again to replace it.")}</p> }
    });
    view! {
        <section class="panel" aria-labelledby="consents">
            <h2 id="consents">"Communication preferences"</h2>
            <PostForm action=CONSENTS page=HERE state=state.clone()>
                {stale}
                {version}
                <CheckField field="email" label=Column::EmailConsent.form_label() state=state.clone() checked=email/>
                <CheckField field="sms" label=Column::SmsConsent.form_label() state=state.clone() checked=sms/>
                <CheckField field="voice" label=Column::VoiceConsent.form_label() state checked=voice/>
                <p class="hint">"You can change this at any time. Emails about your login are always sent."</p>
                <div class="row"><button class="button" type="submit">"Save preferences"</button></div>
            </PostForm>
        </section>
    }
    .into_any()
}

fn known_as(own: &OwnDetails) -> AnyView {
    let mut facts = Vec::new();
    if own.settings.shows(Detail::Name) {
        facts.push(("Name".to_owned(), text(&own.name)));
    }
    facts.push(("Number".to_owned(), text(&own.number.to_string())));
    facts.push((Column::Code.label().to_owned(), text(&own.code)));
    if own.settings.shows(Detail::Language) {
        facts.push((Column::Language.label().to_owned(), text(&own.language)));
    }
    if own.settings.shows(Detail::Zone) {
        facts.push((Column::Zone.label().to_owned(), text(&own.record.zone.replace('_', " "))));
    }
    panel("known-as", "Your record", facts, None)
}

fn information(own: &OwnDetails) -> Option<AnyView> {
    let facts = own.fields.iter().map(|(label, value)| (label.clone(), text(value))).collect::<Vec<_>>();
    (!facts.is_empty()).then(|| panel("information", "Other information", facts, None))
}

/// What else is theirs.
fn elsewhere(page: &Page) -> AnyView {
    let availability = page.practice.shows(Section::Availability) && page.offered.own(Permission::EditAvailability);
    let card = |href: &'static str, title: &'static str, note: &'static str| {
        view! { <li><a class="service-card" href=href><span>{title}</span><span>{note}</span></a></li> }
    };
    view! {
        <nav aria-label="More about you"><ul class="service-list roomy">
            {availability.then(|| card("/my/availability", "Availability", "When you can usually come."))}
            {card("/account", "Login and security", "Your username, password and email address.")}
        </ul></nav>
    }
    .into_any()
}
