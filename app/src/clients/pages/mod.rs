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
pub use list::{AllClientsPage, MyClientsPage, renewed};
pub use new::NewClientPage;
pub use profile::ClientPage;
pub use sheet::CodeSheetPage;

use crate::error::AppError;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::clients::{Status, StatusChange};
use shared::{ClientNumber, Refusal};

/// The client number in the address; anything else is nobody's.
pub(crate) fn number() -> Result<ClientNumber, AppError> {
    let params = use_params_map().get_untracked();
    params.get("number").and_then(|text| text.parse().ok()).ok_or(AppError::Refused(Refusal::NotFound))
}

/// What sends the buttons of [`status_buttons`], and comes back to `here`.
const STATUS_FORM: &str = "status-form";

fn status_form(here: String) -> impl IntoView {
    view! {
        <form method="post" action=super::SET_STATUS id=STATUS_FORM data-once="">
            <input type="hidden" name="_page" value=here.clone()/>
            <input type="hidden" name="next" value=here/>
        </form>
    }
}

/// The other two statuses (B7), wherever they stand on a page that has the form.
fn status_buttons(number: ClientNumber, status: Status) -> impl IntoView {
    let others = Status::ALL.iter().filter(|other| **other != status);
    let buttons = others.map(|other| {
        let words = match other {
            Status::Active => "Make active",
            Status::Inactive => "Make inactive",
            Status::Prospect => "Make prospect",
        };
        let change = StatusChange { number, status: *other };
        view! {
            <button class="menu-item" form=STATUS_FORM name="change" value=change.to_string()>{words}</button>
        }
    });
    buttons.collect_view()
}
