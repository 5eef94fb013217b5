//! Server functions of the pipeline.

use crate::error::AppError;
use leptos::prelude::*;
use shared::ClientNumber;
use shared::clients::ProspectForm;

/// Saves a card and comes back to the pipeline.
#[server(prefix = "/fn", endpoint = "prospects/save")]
pub async fn save_prospect(number: ClientNumber, form: ProspectForm) -> Result<(), AppError> {
    use crate::context::{actor, pool, practice};
    let today = db::time::Zone::stored(&practice().await?.zone).date(chrono::Utc::now());
    db::clients::save_prospect(&pool(), &actor()?, number, &form, today).await?;
    leptos_axum::redirect("/clients/prospects?done=prospect-saved");
    Ok(())
}
