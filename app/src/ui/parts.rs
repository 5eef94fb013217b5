//! Small pieces of pages: badges, avatars, pagers.

use leptos::prelude::*;
use shared::appointments::AppointmentStatus;
use shared::clients::{ClientPage, ClientQuery, Page, Status};

#[component]
pub fn StatusBadge(status: Status) -> impl IntoView {
    view! { <span class=format!("badge {}", status.as_str())>{status.label()}</span> }
}

#[component]
pub fn AppointmentBadge(status: AppointmentStatus) -> impl IntoView {
    view! { <span class=format!("badge {}", status.as_str())>{status.label()}</span> }
}

/// A person's initials; the name stands beside it.
#[component]
pub fn Avatar(#[prop(into)] name: String) -> impl IntoView {
    let initials: String = name.split_whitespace().filter_map(|word| word.chars().next()).take(2).collect();
    view! { <span class="avatar" aria-hidden="true">{initials.to_uppercase()}</span> }
}

/// "1–50 of 1,234", with previous and next. `link` makes the address of a page.
pub fn pager<T>(page: &Page<T>, link: impl Fn(u32) -> String) -> AnyView {
    let more = page.total > Page::<T>::COUNT_MAX;
    let total = if more { format!("more than {}", thousands(Page::<T>::COUNT_MAX)) } else { thousands(page.total) };
    let has_next = more && page.rows.len() as u32 == page.page_size || page.last() < page.total;
    let words =
        (!page.rows.is_empty()).then(|| format!("{}–{} of {total}", thousands(page.first()), thousands(page.last())));
    let previous = (page.page > 1).then(|| link(page.page - 1));
    let next = has_next.then(|| link(page.page + 1));
    view! {
        <nav class="pager" aria-label="Pages">
            <span class="tnum">{words}</span>
            {previous.map(|href| view! { <a class="button small" href=href rel="prev">"Previous"</a> })}
            {next.map(|href| view! { <a class="button small" href=href rel="next">"Next"</a> })}
        </nav>
    }
    .into_any()
}

/// "1–50 of more than 5,000", with the first, previous, next and last page of
/// the list of `query`; `address` makes the address of a page.
pub fn client_pager<T>(page: &ClientPage<T>, address: impl Fn(ClientQuery) -> String, query: &ClientQuery) -> AnyView {
    let total = if page.more { format!("more than {}", thousands(page.total)) } else { thousands(page.total) };
    let words = match page.skipped {
        _ if page.rows.is_empty() => None,
        Some(skipped) => {
            let last = skipped + page.rows.len() as u32;
            // No further than this was looked.
            let total =
                if page.more && last + 1 >= page.total { format!("more than {}", thousands(last)) } else { total };
            Some(format!("{}–{} of {total}", thousands(skipped + 1), thousands(last)))
        }
        None => Some(format!("{} of {total}", page.rows.len())),
    };
    let link = |to: Option<ClientQuery>, label: &'static str, rel: Option<&'static str>| {
        to.map(|to| view! { <a class="button small" href=address(to) rel=rel>{label}</a> })
    };
    let first = page.previous.map(|_| query.first_page());
    let last = page.next.filter(|_| page.last).map(|_| query.last_page());
    view! {
        <nav class="pager" aria-label="Pages">
            <span class="tnum">{words}</span>
            {link(first, "First", None)}
            {link(page.previous.map(|cursor| query.before(cursor)), "Previous", Some("prev"))}
            {link(page.next.map(|cursor| query.after(cursor)), "Next", Some("next"))}
            {link(last, "Last", None)}
        </nav>
    }
    .into_any()
}

/// `12,345`.
pub fn thousands(number: u32) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// What a service is, as the practice describes it: plain text with its line ends.
#[component]
pub fn Description(words: String) -> impl IntoView {
    (!words.is_empty()).then(|| view! { <p class="description small muted">{words}</p> })
}
