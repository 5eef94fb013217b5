//! Pages: add a relationship, set it up, change it, remove it.

mod add;
mod edit;
mod invited;
mod mine;
mod remove;
mod settings;

pub use add::AddLinkPage;
pub use edit::{EditLinkPage, SetUpLinkPage};
pub use invited::InvitedPage;
pub use mine::{DecidePage, MyPeoplePage};
pub use remove::RemoveLinkPage;
pub use settings::LinkSettingsPage;

use crate::error::AppError;
use db::links::LinkPair;
use leptos::prelude::*;
use shared::{ClientNumber, Refusal};

/// A client number in the address.
fn number(name: &str) -> Result<ClientNumber, AppError> {
    let params = leptos_router::hooks::use_params_map().get_untracked();
    params.get(name).and_then(|text| text.parse().ok()).ok_or(AppError::Refused(Refusal::NotFound))
}

/// What to call the two: their names, with numbers if both have the same.
fn names(pair: &LinkPair) -> (String, String) {
    let (own, other) = (&pair.own, &pair.other);
    if own.name == other.name {
        (format!("{} (no. {})", own.name, own.number), format!("{} (no. {})", other.name, other.number))
    } else {
        (own.name.clone(), other.name.clone())
    }
}
