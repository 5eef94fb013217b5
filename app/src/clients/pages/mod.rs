//! Pages: the lists, and what they share with the pages of one client.

mod list;
pub mod sheet;

pub use list::{AllClientsPage, MyClientsPage, renewed};
pub use sheet::CodeSheetPage;

use crate::error::AppError;
use crate::ui::page::Page;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::clients::{ClientProfile, Status, StatusChange};
use shared::{ClientNumber, Refusal};

/// The client number in the address; anything else is no one's.
pub(crate) fn number() -> Result<ClientNumber, AppError> {
    let params = use_params_map().get_untracked();
    params.get("number").and_then(|text| text.parse().ok()).ok_or(AppError::Refused(Refusal::NotFound))
}

/// The record of the client with this number.
pub(crate) async fn record(page: &Page, number: ClientNumber) -> Result<ClientProfile, AppError> {
    let mut conn = page.connection().await?;
    let client = db::authz::readable(&mut conn, &page.actor, number).await?;
    Ok(db::clients::profile(&mut conn, &page.actor, &client).await?)
}

/// What sends the buttons of [`status_buttons`], and comes back to `here`.
const STATUS_FORM: &str = "status-form";

pub(crate) fn status_form(here: String) -> impl IntoView {
    view! {
        <form method="post" action=super::SET_STATUS id=STATUS_FORM data-once="">
            <input type="hidden" name="_page" value=here.clone()/>
            <input type="hidden" name="next" value=here/>
        </form>
    }
}

/// The other statuses, wherever they stand on a page that has the form. Not
/// *Prospect* for a client who has had an appointment or an activity: it is refused.
pub(crate) fn status_buttons(number: ClientNumber, status: Status, was_used: bool) -> impl IntoView {
    let others =
        Status::ALL.iter().filter(move |other| **other != status && !(was_used && **other == Status::Prospect));
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
