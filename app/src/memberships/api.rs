//! Server functions of couples, families and groups.

use crate::error::AppError;
use leptos::prelude::*;
use shared::memberships::{DatesForm, GroupForm, MembersForm, SelectedForm};
use shared::{ClientNumber, MembershipId};

/// Makes a couple, family or group. `next`: a page of this site that goes on
/// with it; `client={number}` is added to its address.
#[server(prefix = "/fn", endpoint = "memberships/create")]
pub async fn create_group(form: GroupForm, next: Option<String>) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let actor = actor()?;
    ask_again(form.asks())?;
    let made = db::memberships::create(&pool(), &actor, form).await?;
    made_group(made.number, next.as_deref());
    Ok(())
}

/// The same of ticked rows of the client list.
#[server(prefix = "/fn", endpoint = "memberships/create_from")]
pub async fn create_from_selected(form: SelectedForm, next: Option<String>) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let made = db::memberships::create_from(&pool(), &actor()?, form).await?;
    made_group(made.number, next.as_deref());
    Ok(())
}

#[server(prefix = "/fn", endpoint = "memberships/save")]
pub async fn save_group(number: ClientNumber, form: GroupForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::memberships::update(&pool(), &actor()?, number, form).await?;
    leptos_axum::redirect(&format!("/clients/{number}?done=client-saved"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "memberships/add")]
pub async fn add_members(number: ClientNumber, form: MembersForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let actor = actor()?;
    ask_again(form.asks())?;
    db::memberships::add(&pool(), &actor, number, form).await?;
    leptos_axum::redirect(&format!("/clients/{number}?done=members-added"));
    Ok(())
}

/// Adds ticked rows of the client list to what exists.
#[server(prefix = "/fn", endpoint = "memberships/add_many")]
pub async fn add_selected(form: SelectedForm, next: Option<String>) -> Result<(), AppError> {
    use crate::context::{actor, local_path, pool};
    let number = db::memberships::add_many(&pool(), &actor()?, form).await?;
    let profile = format!("/clients/{number}");
    let next = next.as_deref().and_then(local_path).unwrap_or(profile);
    leptos_axum::redirect(&crate::clients::with_params(&next, &[("done", "members-added")]));
    Ok(())
}

/// Ends a membership, today if no date is given.
#[server(prefix = "/fn", endpoint = "memberships/end")]
pub async fn end_membership(membership: MembershipId, #[server(default)] form: DatesForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let group = db::memberships::end(&pool(), &actor()?, membership, &form.left_on).await?;
    leptos_axum::redirect(&format!("/clients/{group}?done=membership-ended"));
    Ok(())
}

/// Anyone who has left belongs again, from today if no date is given.
#[server(prefix = "/fn", endpoint = "memberships/come_back")]
pub async fn resume_membership(membership: MembershipId, #[server(default)] form: DatesForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let group = db::memberships::come_back(&pool(), &actor()?, membership, &form.joined_on).await?;
    leptos_axum::redirect(&format!("/clients/{group}?done=membership-resumed"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "memberships/correct")]
pub async fn correct_membership(membership: MembershipId, form: DatesForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let group = db::memberships::correct(&pool(), &actor()?, membership, form).await?;
    leptos_axum::redirect(&format!("/clients/{group}?done=membership-corrected"));
    Ok(())
}

/// Takes out what was entered by mistake today.
#[server(prefix = "/fn", endpoint = "memberships/remove")]
pub async fn remove_membership(membership: MembershipId) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let group = db::memberships::remove(&pool(), &actor()?, membership).await?;
    leptos_axum::redirect(&format!("/clients/{group}?done=membership-removed"));
    Ok(())
}

/// The form wants to be shown again, with more rows or with what it searched for.
#[cfg(feature = "ssr")]
fn ask_again(asks: bool) -> Result<(), AppError> {
    if asks { Err(AppError::ShowAgain) } else { Ok(()) }
}

#[cfg(feature = "ssr")]
fn made_group(number: ClientNumber, next: Option<&str>) {
    let number = number.to_string();
    let to = match next.and_then(crate::context::local_path) {
        Some(next) => crate::clients::with_params(&next, &[("client", &number), ("done", "group-created")]),
        None => format!("/clients/{number}?done=group-created"),
    };
    leptos_axum::redirect(&to);
}
