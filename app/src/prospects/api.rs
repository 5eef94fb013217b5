//! Server functions of the pipeline.

use crate::error::AppError;
use leptos::prelude::*;
use shared::ClientNumber;
use shared::clients::{EntryForm, ProspectForm};

/// Saves a card and comes back to the pipeline.
#[server(prefix = "/fn", endpoint = "prospects/save")]
pub async fn save_prospect(number: ClientNumber, form: ProspectForm) -> Result<(), AppError> {
    use crate::context::{actor, pool, practice};
    let today = db::time::Zone::stored(&practice().await?.zone).date(chrono::Utc::now());
    db::clients::save_prospect(&pool(), &actor()?, number, &form, today).await?;
    leptos_axum::redirect("/clients/prospects?done=prospect-saved");
    Ok(())
}

/// Keeps a note or a call, or writes an email, and comes back to the pipeline.
#[server(prefix = "/fn", endpoint = "prospects/add_entry")]
pub async fn add_entry(number: ClientNumber, form: EntryForm) -> Result<(), AppError> {
    use crate::context::{actor, pool, practice};
    let today = db::time::Zone::stored(&practice().await?.zone).date(chrono::Utc::now());
    let done = if form.kind == "email" { "prospect-emailed" } else { "prospect-noted" };
    db::clients::add_entry(&pool(), &actor()?, number, &form, today).await?;
    leptos_axum::redirect(&format!("/clients/prospects?done={done}"));
    Ok(())
}
