//! The toast: says what was done, after a write has led to another page.
//! The page's address carries a word from a fixed list (`?done=created`); the
//! server puts it into words if a page of ours led there, and with JavaScript the
//! address is then cleaned.
//! Behind a colon stands what the deed needs to be undone.

use leptos::prelude::*;

/// What was done, in words; `None` for a word that is not on the list.
pub fn done_words(word: &str) -> Option<&'static str> {
    Some(match word {
        "client-created" => "Client created.",
        "client-created-without-email" => "Client created. Email is off, because there’s no address.",
        "client-invited" => "Client created. An invitation to the portal is on its way.",
        "client-saved" => "Changes saved.",
        "group-created" => "Created.",
        "members-added" => "Members added.",
        "membership-ended" => "Membership ended. Past sessions stay in reports.",
        "membership-resumed" => "Membership restarted.",
        "membership-corrected" => "Dates corrected.",
        "membership-removed" => "Membership removed.",
        "view-saved" => "View saved.",
        "view-deleted" => "View deleted.",
        "view-default" => "Default view saved.",
        "status-changed" => "Status changed.",
        "prospect-saved" => "Prospect saved.",
        "availability-saved" => "Availability saved.",
        "colour-saved" => "Colour saved. Only you can see it.",
        "client-deleted" => "Record deleted.",
        "client-erased" => "Personal data erased. Remaining history is anonymous.",
        "hindrance-cleared" => "Done. Anything still linked to this record is listed below.",
        "merged" => "Records merged.",
        "merge-undone" => "Merge undone. Both records are back.",
        "merged-here" => "That record was merged into this one.",
        "told-apart" => "Marked as not duplicates.",
        "not-told-apart" => "Undone. They’re back on the list.",
        "member-added" => "Team member added. They can log in once you send an invitation.",
        "member-invited" => "Invitation sent. The link is valid for 72 hours.",
        "member-saved" => "Team member saved.",
        "member-deactivated" => "Deactivated. They have been logged out.",
        "member-reactivated" => "Reactivated.",
        "begun" => "Your practice is set up.",
        "account-saved" => "Your account is saved.",
        "password-changed" => "Password changed. You’re logged out everywhere else.",
        "preferences-saved" => "Preferences saved.",
        "notes-saved" => "Notes saved.",
        "may-book-saved" => "Booking permission saved.",
        "link-created" => "Relationship added.",
        "link-saved" => "Relationship saved.",
        "link-removed" => "Relationship removed. They can no longer act for each other.",
        "invited" => "Invitation sent. Its link expires in 72 hours. Earlier links no longer work.",
        "invitation-withdrawn" => "Invitation cancelled. Links already sent no longer work.",
        "login-removed" => "Portal account removed. Open sessions have ended.",
        "reset-sent" => "A reset link is on its way.",
        "booked" => "Appointment booked.",
        "cancelled" => "Appointment cancelled.",
        "service-saved" => "Service saved.",
        "hours-saved" => "Working hours saved.",
        "welcome-saved" => "Welcome email saved.",
        "activity-saved" => "Activity saved.",
        "activity-deleted" => "Activity deleted.",
        "activity-restored" => "Activity restored.",
        "practice-saved" => "Practice details saved.",
        "code-only-on" => "Code-only mode is on. Names and contact details are no longer stored.",
        "code-only-off" => "Code-only mode is off. You can enter names and contact details again.",
        "term-saved" | "field-saved" | "choice-saved" | "provider-saved" | "location-saved" => "Saved.",
        "moved" => "Moved.",
        "retired" => "Archived. It’s no longer offered; existing records keep it.",
        "field-retired" => "Field archived. Its answers are kept and come back if you restore it.",
        "brought-back" => "Restored.",
        "tag-saved" => "Tag saved.",
        "tag-merged" => "Tags merged.",
        "tag-removed" => "Tag removed. You can undo this for 24 hours below.",
        "tag-restored" => "Tag restored.",
        "registered" => "You are registered and logged in. Book your first appointment here.",
        "import-discarded" => "File and rows deleted.",
        "password-set" => "Password saved. You are logged in.",
        "logged-out" => "You are logged out.",
        _ => return None,
    })
}

/// What was done, in a box that can be dismissed and goes by itself.
#[component]
pub fn Toast(
    /// A word of [`done_words`], perhaps with what is needed for [`undo`], or empty.
    done: String,
    /// The address of the page.
    here: String,
    /// The practice's word for a client (B14).
    word: String,
) -> impl IntoView {
    let named = |words: &str| words.replacen("Client ", &format!("{} ", super::capital(&word)), 1);
    let (word_done, rest) = done.split_once(':').unwrap_or((&done, ""));
    // An address may say that anything was done: it is believed where a page of
    // ours led here, or where it claims nothing.
    let is_known = crate::context::comes_from_here() || word_done == "merged-here";
    view! {
        <div class="toasts" role="status" id="toasts"></div>
        // Moved into the live region by the page's behaviors: what is in it from the
        // start is not announced.
        <div class="toasts" role="region" aria-label="Notice">
            {done_words(word_done).filter(|_| is_known).map(named).map(|words| view! {
                <div class="toast" id="toast">
                    <span>{words}</span>
                    {undo(word_done, rest, &here)}
                    <button type="button" class="icon-button" aria-label="Dismiss">"×"</button>
                </div>
            })}
        </div>
    }
}

/// The form that takes it back, for what can be taken back right away.
fn undo(done: &str, rest: &str, here: &str) -> Option<impl IntoView + use<>> {
    let (action, inputs) = match done {
        "status-changed" => {
            let (change, set) = rest.rsplit_once(':')?;
            shared::clients::StatusChange::try_from(change.to_owned()).ok()?;
            set.parse::<shared::clients::Status>().ok()?;
            let here = crate::clients::with_params(here, &[("done", "")]);
            let here = here.strip_suffix("done=").unwrap_or(&here).trim_end_matches(['?', '&']).to_owned();
            let change = [("change", change), ("undo", set), ("_page", &here), ("next", &here)];
            (crate::clients::SET_STATUS, change.map(|(name, value)| (name, value.to_owned())).to_vec())
        }
        "activity-deleted" => {
            let id: shared::ActivityId = rest.parse().ok()?;
            (crate::activities::RESTORE, vec![("activity", id.to_string()), ("_page", "/activities".to_owned())])
        }
        "told-apart" => {
            let (one, other) = rest.split_once(':')?;
            let number = |text: &str| text.parse::<shared::ClientNumber>().map(|number| number.to_string()).ok();
            let page = ("_page", "/clients/duplicates".to_owned());
            (crate::merge::NOT_APART, vec![("one", number(one)?), ("other", number(other)?), page])
        }
        _ => return None,
    };
    let inputs = inputs.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    Some(view! {
        <form method="post" action=action data-once="">
            {inputs.collect_view()}
            <button type="submit" class="button small">"Undo"</button>
        </form>
    })
}
