//! Pages: the lists, create, profile, edit.

mod edit;
mod facts;
mod list;
mod login;
mod new;
mod profile;
pub mod sheet;

pub use edit::EditClientPage;
pub(crate) use edit::stored_version;
pub use list::{AllClientsPage, MyClientsPage};
pub use new::NewClientPage;
pub use profile::ClientPage;
pub use sheet::CodeSheetPage;

use crate::error::AppError;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::clients::Status;
use shared::{ClientNumber, Refusal};

/// The client number in the address; anything else is nobody's.
pub(crate) fn number() -> Result<ClientNumber, AppError> {
    let params = use_params_map().get_untracked();
    params.get("number").and_then(|text| text.parse().ok()).ok_or(AppError::Refused(Refusal::NotFound))
}

/// The other two statuses, as buttons of a form that comes back to `here` (B7).
#[component]
fn StatusForm(number: ClientNumber, status: Status, #[prop(into)] here: String) -> impl IntoView {
    let others = Status::ALL.iter().filter(|other| **other != status);
    let buttons = others.map(|other| {
        view! {
            <button type="submit" class="menu-item" name="status" value=other.as_str()>
                {format!("Make {}", other.label().to_lowercase())}
            </button>
        }
    });
    view! {
        <form method="post" action=super::SET_STATUS data-once="">
            <input type="hidden" name="_page" value=here.clone()/>
            <input type="hidden" name="next" value=here/>
            <input type="hidden" name="number" value=number.to_string()/>
            {buttons.collect_view()}
        </form>
    }
}
