//! The second factor of someone else's login: whether there is one, and how it is taken away from someone who
//! has lost it.

use crate::ui::{FormState, PostForm, TextField};
use db::accounts::FactorRemoval;
use db::time::Zone;
use leptos::prelude::*;

/// The server function that takes it away, and what it calls the id of the owner.
pub type Of = (&'static str, &'static str);

pub const OF_CLIENT: Of = ("/fn/accounts/remove_factors", "number");
pub const OF_MEMBER: Of = ("/fn/settings/remove_member_factors", "id");

/// Nothing for someone who never had one.
pub fn panel((action, name): Of, owner: String, here: &str, found: FactorRemoval, zone: &Zone) -> AnyView {
    let FactorRemoval { has_factor, last } = found;
    let last = last.map(|(at, by, checked)| {
        let words = format!("Second factor removed {} by {by}. Checked: {checked}", zone.short_date(at));
        view! { <p class="small muted">{words}</p> }
    });
    let state = FormState::of(action);
    let (here, open) = (here.to_owned(), state.was_posted());
    let form = has_factor.then(|| {
        view! {
            <p class="small">"Second factor: on"</p>
            <details class="section" open=open>
                <summary>"Remove second factor"</summary>
                <p>"For someone who has lost their phone and recovery codes. Their password alone then logs them in, and we email them."</p>
                <PostForm action page=here state=state.clone()>
                    <input type="hidden" name=name value=owner/>
                    <TextField field="checked" label="How you checked who is asking" state required=true
                        hint="Like a call back to the number on file, or ID shown at the desk."/>
                    <div class="row"><button type="submit" class="button small danger">"Remove second factor"</button></div>
                </PostForm>
            </details>
        }
    });
    view! { <div class="stack tight">{last}{form}</div> }.into_any()
}
