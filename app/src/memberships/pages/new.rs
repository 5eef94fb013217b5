//! A new couple, family or group, with its members.

use super::back_to_list;
use crate::context::local_path;
use crate::error::AppError;
use crate::memberships::CREATE;
use crate::memberships::choose::{Choosing, MemberFields, SendsByEnter};
use crate::memberships::form::{Fields, GroupFields};
use crate::ui::page::Page;
use crate::ui::{FormState, PostForm};
use db::Actor;
use leptos::prelude::*;
use shared::accounts::Role;
use shared::clients::Kind;
use shared::memberships::GroupForm;

/// The form of the page for new clients, once this kind is chosen.
pub async fn new(page: &Page, kind: Kind, next: String) -> Result<AnyView, AppError> {
    let state = FormState::of(CREATE);
    let next = match state.plain("next") {
        Some(next) => local_path(next).unwrap_or_default(),
        None => next,
    };
    let fields = Fields::creating(page, kind).await?;
    let choosing = Choosing::new(page, &state).await?;
    let state = choosing.labelled(state);
    let key = state.value("request_key", &db::new_id().to_string());
    let own = match &page.actor {
        Actor::Staff(staff) if staff.is(Role::Practitioner) => vec![staff.id().to_string()],
        _ => Vec::new(),
    };
    let stored = GroupForm { practitioners: own, ..GroupForm::default() };
    let members = view! { <MemberFields state=state.clone() choosing/> }.into_any();
    let (cancel, _) = back_to_list(page);
    Ok(view! {
        <PostForm action=CREATE page=page.here.clone() state=state.clone() class="form panel" long=true>
            <SendsByEnter/>
            <input type="hidden" name="next" value=next/>
            <input type="hidden" name="form[kind]" value=kind.as_str()/>
            <input type="hidden" name="form[request_key]" value=key/>
            <GroupFields state stored fields members/>
            <div class="form-actions">
                <button type="submit" class="button primary">{format!("Create {}", crate::memberships::words::kind(kind))}</button>
                <a class="button quiet" href=cancel data-cancel="">"Cancel"</a>
            </div>
        </PostForm>
    }
    .into_any())
}
