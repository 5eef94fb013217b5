//! The four permissions in plain words, and what each person may do for the other.

use leptos::prelude::*;
use shared::links::{Grants, Permission, Standing, unusable};
use shared::practice::Practice;

/// A blocker of all permissions is shown once, not for each.
pub fn standing(practice: &Practice, standing: Standing) -> Standing {
    Standing {
        has_login: standing.has_login || !practice.invites(),
        gets_mail: standing.gets_mail || practice.code_only,
        ..standing
    }
}

/// Why nothing that is granted can be used here at all, or only a part.
pub fn at_rest(practice: &Practice) -> Option<String> {
    let plural = &practice.client_word_plural;
    if practice.code_only {
        return Some(format!(
            "Here {plural} are known by their codes alone: none of them logs in or gets email, and what they may do for each other rests."
        ));
    }
    (!practice.client_login).then(|| {
        format!("Portal login is off for {plural}, so booking for each other is paused. Email copies are still sent.")
    })
}

/// "Book and manage appointments".
pub fn title(permission: Permission) -> String {
    let mut letters = permission.label().chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What the permission shows and does not show of `subject`.
pub fn explanation(permission: Permission, subject: &str) -> String {
    match permission {
        Permission::Book => {
            "Can book, cancel and see upcoming appointments. Not past visits, notes or forms.".to_owned()
        }
        Permission::Forms => {
            format!("Can fill in and sign the forms that we ask {subject} for. Not past answers or documents.")
        }
        Permission::Copies => "Gets confirmations and cancellations. Never login or password emails.".to_owned(),
        Permission::Packages => format!("Not in use yet: there are no packages to buy for {subject}."),
    }
}

/// What `holder` may do for `subject`, and what not.
#[component]
pub fn GrantList(
    #[prop(into)] holder: String,
    #[prop(into)] subject: String,
    may: Grants,
    /// The level of its heading, 3 or 4.
    level: u8,
) -> impl IntoView {
    let heading = format!("{holder} can, for {subject}");
    let items = Permission::ALL
        .iter()
        .filter(|_| may.any())
        .map(|permission| {
            let on = may.has(*permission);
            let no = (!on).then(|| view! { <span class="sr-only">" (no)"</span> });
            let unused = (on && !permission.is_in_use()).then_some(" (not in use yet)");
            view! { <li class=if on { "on" } else { "off" }><span>{title(*permission)}{no}{unused}</span></li> }
        })
        .collect_view();
    view! {
        <div>
            {if level == 3 { view! { <h3>{heading}</h3> }.into_any() } else { view! { <h4>{heading}</h4> }.into_any() }}
            <ul class="grant-list">
                {items}
                {(!may.any()).then(|| view! { <li class="off">"Nothing"</li> })}
            </ul>
        </div>
    }
}

/// Why what `holder` was granted rests, if it does.
#[component]
pub fn RestingNotice(#[prop(into)] holder: String, standing: Standing, may: Grants) -> impl IntoView {
    let reasons = unusable(standing, may);
    (!reasons.is_empty()).then(|| {
        view! {
            <div class="notice warn">
                {reasons.into_iter().map(|reason| view! { <p>{format!("{holder} {reason}")}</p> }).collect_view()}
            </div>
        }
    })
}
