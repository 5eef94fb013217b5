//! The facts of a profile, in groups; what is blank is not shown.

use chrono::{Datelike, NaiveDate, Utc};
use db::time::Zone;
use leptos::prelude::*;
use shared::clients::columns::Column;
use shared::clients::{ClientProfile, Contact};
use shared::fields::FieldKind;
use shared::health_card::HealthCard;

/// A label and what stands beside it.
type Fact = (String, AnyView);

/// The facts that are known.
#[derive(Default)]
struct Facts(Vec<Fact>);

impl Facts {
    fn add(&mut self, label: impl Into<String>, value: impl IntoView + 'static) {
        self.0.push((label.into(), value.into_any()));
    }

    fn text(&mut self, label: &str, text: &str) {
        if !text.is_empty() {
            self.add(label, lines(text));
        }
    }

    fn list(self) -> Option<AnyView> {
        let fact = |(label, value): Fact| view! { <div><dt>{label}</dt><dd>{value}</dd></div> };
        (!self.0.is_empty())
            .then(|| view! { <dl class="facts">{self.0.into_iter().map(fact).collect_view()}</dl> }.into_any())
    }

    fn panel(self, id: &'static str, title: &'static str) -> Option<AnyView> {
        self.list().map(|list| {
            view! {
                <section class="panel" aria-labelledby=id>
                    <div class="panel-head"><h2 id=id>{title}</h2></div>
                    {list}
                </section>
            }
            .into_any()
        })
    }
}

/// All groups. `practice`: its zone; its date is today's.
pub fn groups(client: &ClientProfile, practice: &Zone, code_only: bool) -> AnyView {
    let today = practice.date(Utc::now());
    view! {
        {details(client, practice, today)}
        {(!code_only).then(|| contact(client))}
        {coverage(client, today)}
        {information(client)}
        {prospect(client)}
    }
    .into_any()
}

fn details(client: &ClientProfile, practice: &Zone, today: NaiveDate) -> Option<AnyView> {
    let mut facts = Facts::default();
    let name = [label(&client.salutation), &client.first_name, &client.last_name];
    if !client.preferred_name.is_empty() || client.salutation.is_some() {
        let words: Vec<&str> = name.into_iter().filter(|word| !word.is_empty()).collect();
        facts.text("Full name", &words.join(" "));
    }
    facts.text(Column::Pronouns.label(), &client.pronouns);
    facts.text(Column::Gender.label(), label(&client.gender));
    facts.text(Column::SexAtBirth.label(), &client.sex_at_birth);
    if let Some(born) = client.birth_date {
        facts.add(Column::BirthDate.label(), format!("{} ({})", day(born), age(born, today)));
    }
    facts.text(Column::AgeRange.label(), client.shown_age_range.as_deref().unwrap_or_default());
    facts.text(Column::Language.label(), &client.language_label);
    let there = Zone::stored(&client.zone);
    facts.add(Column::Zone.label(), format!("{} (now {})", client.zone.replace('_', " "), there.clock(Utc::now())));
    facts.text(Column::Location.label(), label(&client.location));
    facts.text(Column::ReferringProvider.label(), label(&client.referring_provider));
    if let Some(qualified) = client.qualified {
        facts.add(Column::Qualified.label(), yes_or_no(qualified));
    }
    facts.text(Column::VeteranId.label(), &client.veteran_id);
    if !client.tags.is_empty() {
        let tag = |(id, name): &(shared::TagId, String)| {
            view! { <li><a class="badge" href=format!("/clients?tag={id}")>{name.clone()}</a></li> }
        };
        facts.add(
            Column::Tags.label(),
            view! { <ul class="tag-list">{client.tags.iter().map(tag).collect_view()}</ul> },
        );
    }
    facts.add(Column::CreatedOn.label(), practice.long_date(client.created_at));
    facts.panel("details", "Details")
}

fn contact(client: &ClientProfile) -> AnyView {
    let mut facts = Facts::default();
    if let Some(email) = &client.email {
        facts.add(Column::Email.label(), mail_to(email));
    }
    facts.add(Column::EmailConsent.label(), yes_or_no(client.email_consent));
    if let Some(mobile) = &client.mobile {
        let primary = client.mobile_is_primary.then_some(" (primary)");
        facts.add(Column::Mobile.label(), view! { {call(mobile)}{primary} });
    }
    facts.add(Column::SmsConsent.label(), yes_or_no(client.sms_consent));
    facts.add(Column::VoiceConsent.label(), yes_or_no(client.voice_consent));
    for phone in &client.phones {
        let label = if phone.label.is_empty() { "Phone" } else { &phone.label };
        facts.add(label, call(&phone.number));
    }
    let mut address = client.address.clone();
    if !client.address_unit.is_empty() {
        address = format!("{address}\nUnit {}", client.address_unit);
    }
    facts.text(Column::Address.label(), address.trim());
    let contacts = client.contacts.iter().map(emergency).collect_view();
    view! {
        <section class="panel" aria-labelledby="contact">
            <div class="panel-head"><h2 id="contact">"Contact"</h2></div>
            {facts.list()}
            {(!client.contacts.is_empty()).then(|| view! { <h3>"Emergency contacts"</h3><ul class="list">{contacts}</ul> })}
        </section>
    }
    .into_any()
}

fn emergency(contact: &Contact) -> AnyView {
    let who = match contact.relationship.as_str() {
        "" => contact.name.clone(),
        relationship => format!("{} ({relationship})", contact.name),
    };
    view! {
        <li>
            <div>{who}</div>
            {(!contact.phone.is_empty()).then(|| view! { <div>{call(&contact.phone)}</div> })}
            {(!contact.email.is_empty()).then(|| view! { <div>{mail_to(&contact.email)}</div> })}
        </li>
    }
    .into_any()
}

fn coverage(client: &ClientProfile, today: NaiveDate) -> Option<AnyView> {
    let mut facts = Facts::default();
    if let Some(province) = client.card_province {
        facts.add(Column::CardProvince.label(), province.label());
        if let Ok(card) = HealthCard::parse(province, &client.card_number, &client.card_version) {
            facts.add(
                Column::CardNumber.label(),
                view! { <span class="tnum">{card.shown(province)}</span>" "<span class="badge">{card.checked.words()}</span> },
            );
        } else {
            facts.text(Column::CardNumber.label(), &format!("{} {}", client.card_number, client.card_version));
        }
    }
    if let Some(expires) = client.card_expires {
        let expired = (expires < today).then(|| view! { " "<span class="badge warn">"Expired"</span> });
        facts.add(Column::CardExpires.label(), view! { {day(expires)}{expired} });
    }
    facts.text(Column::FeeProgramme.label(), label(&client.fee_programme));
    facts.text(Column::FeeProgrammeNumber.label(), &client.fee_programme_number);
    facts.text(Column::Province.label(), client.province.map(|province| province.label()).unwrap_or_default());
    facts.text(Column::BillingAuthorisation.label(), &client.billing_authorisation);
    facts.text(Column::CaseNumber.label(), &client.case_number);
    if let Some(sessions) = client.sessions_needed {
        facts.add(Column::SessionsNeeded.label(), sessions.to_string());
    }
    facts.text(Column::BillingNotes.label(), &client.billing_notes);
    facts.panel("coverage", "Coverage")
}

fn information(client: &ClientProfile) -> Option<AnyView> {
    let mut facts = Facts::default();
    for (field, value) in &client.fields {
        let shown = value.shown(field);
        match (field.kind, shown.parse::<NaiveDate>()) {
            (FieldKind::Date, Ok(date)) => facts.add(field.label.clone(), day(date)),
            _ => facts.text(&field.label, &shown),
        }
    }
    facts.panel("information", "Information")
}

fn prospect(client: &ClientProfile) -> Option<AnyView> {
    if client.status != shared::clients::Status::Prospect {
        return None;
    }
    let mut facts = Facts::default();
    facts.text(Column::ProspectStage.label(), client.prospect_stage.label());
    if let Some(date) = client.last_contact {
        facts.add(Column::LastContact.label(), day(date));
    }
    facts.text(Column::NextStep.label(), &client.next_step);
    if let Some(date) = client.next_step_on {
        facts.add(Column::NextStepOn.label(), day(date));
    }
    facts.panel("prospect", "Prospect")
}

fn label<T>(chosen: &Option<(T, String)>) -> &str {
    chosen.as_ref().map_or("", |(_, label)| label.as_str())
}

fn yes_or_no(given: bool) -> &'static str {
    if given { "Yes" } else { "No" }
}

fn day(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}

fn mail_to(email: &str) -> AnyView {
    view! { <a href=format!("mailto:{email}")>{email.to_owned()}</a> }.into_any()
}

fn call(number: &str) -> AnyView {
    let dialled: String = number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    view! { <a class="tnum" href=format!("tel:{dialled}")>{number.to_owned()}</a> }.into_any()
}

/// Text with its line breaks.
pub fn lines(text: &str) -> AnyView {
    let line = |(index, line): (usize, &str)| view! { {(index > 0).then(|| view! { <br/> })}{line.to_owned()} };
    text.lines().enumerate().map(line).collect_view().into_any()
}

/// Whole years; months for the smallest.
fn age(born: NaiveDate, today: NaiveDate) -> String {
    let months = (today.year() - born.year()) * 12 + today.month() as i32
        - born.month() as i32
        - i32::from(today.day() < born.day());
    match months.max(0) {
        1 => "1 month".to_owned(),
        months @ ..24 => format!("{months} months"),
        months => format!("{} years", months / 12),
    }
}

#[cfg(test)]
mod tests {
    use super::age;

    #[test]
    fn an_age_changes_on_the_birthday() {
        let age = |born: &str, today: &str| age(born.parse().unwrap(), today.parse().unwrap());
        assert_eq!(age("2015-03-09", "2026-03-08"), "10 years");
        assert_eq!(age("2015-03-09", "2026-03-09"), "11 years");
        assert_eq!(age("2026-01-31", "2026-03-01"), "1 month");
        assert_eq!(age("2024-02-29", "2026-02-28"), "23 months");
    }
}
