//! How the practice is reached, where someone is told to get in touch.

use leptos::prelude::*;
use shared::practice::Practice;

/// `Call Elm at 416 555 0123` in the middle of a sentence, with what there is: the phone number, or
/// else the email address, or else the name alone.
pub fn call(practice: &Practice, verb: &'static str) -> AnyView {
    let name = practice.name.clone();
    if !practice.phone.is_empty() {
        let (href, phone) = (practice.phone_link(), practice.phone.clone());
        return view! { {verb}" "{name}" at "<a class="nowrap" href=href>{phone}</a> }.into_any();
    }
    if !practice.email.is_empty() {
        let (href, email) = (format!("mailto:{}", practice.email), practice.email.clone());
        return view! { {verb}" "{name}" at "<a href=href>{email}</a> }.into_any();
    }
    view! { {verb}" "{name} }.into_any()
}

/// The practice's name and every way to reach it, for footers and below the words of an error.
pub fn contact(practice: &Practice) -> AnyView {
    let phone = (!practice.phone.is_empty())
        .then(|| view! { <a class="nowrap" href=practice.phone_link()>{practice.phone.clone()}</a> });
    let email = (!practice.email.is_empty())
        .then(|| view! { <a href=format!("mailto:{}", practice.email)>{practice.email.clone()}</a> });
    let website = (!practice.website.is_empty()).then(|| {
        let shown = practice.website.trim_start_matches("https://").trim_start_matches("http://");
        let shown = shown.trim_end_matches('/').to_owned();
        view! { <a href=practice.website.clone() rel="noreferrer">{shown}</a> }
    });
    let address = practice.address.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>();
    let address = (!address.is_empty()).then(|| view! { <span>{address.join(", ")}</span> });
    view! {
        <address class="contact">
            <span class="strong">{practice.name.clone()}</span>
            {phone}
            {email}
            {website}
            {address}
        </address>
    }
    .into_any()
}
