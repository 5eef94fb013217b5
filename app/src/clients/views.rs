//! Server functions of saved views.

use crate::error::AppError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use shared::ViewId;

/// A view's name, and whether everyone who works here sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ViewForm {
    pub name: String,
    pub shared: bool,
}

/// Saves the list as it is shown under a name.
#[server(prefix = "/fn", endpoint = "views/save")]
pub async fn save_view(form: ViewForm, query: String, mine: bool) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let query = cleaned(&query);
    let id = db::clients::saved_views::save(&pool(), &actor()?, mine, &form.name, &query, form.shared).await?;
    go(mine, &query, &id.to_string(), "view-saved");
    Ok(())
}

#[server(prefix = "/fn", endpoint = "views/change")]
pub async fn change_view(view: ViewId, form: ViewForm, mine: bool) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let query = db::clients::saved_views::rename(&pool(), &actor()?, view, &form.name, form.shared).await?;
    go(mine, &query, &view.to_string(), "view-saved");
    Ok(())
}

/// Keeps the list as it is shown now under the view's name.
#[server(prefix = "/fn", endpoint = "views/overwrite")]
pub async fn overwrite_view(view: ViewId, query: String, mine: bool) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let query = cleaned(&query);
    db::clients::saved_views::overwrite(&pool(), &actor()?, view, &query).await?;
    go(mine, &query, &view.to_string(), "view-saved");
    Ok(())
}

#[server(prefix = "/fn", endpoint = "views/delete")]
pub async fn delete_view(view: ViewId, mine: bool) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::clients::saved_views::delete(&pool(), &actor()?, view).await?;
    go(mine, "", "all", "view-deleted");
    Ok(())
}

/// Lets one's list open with a view; with none, with everyone.
#[server(prefix = "/fn", endpoint = "views/default")]
pub async fn set_default_view(view: String, mine: bool) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let id = match view.as_str() {
        "" => None,
        view => Some(view.parse().map_err(|_| AppError::Refused(shared::Refusal::NotFound))?),
    };
    let query = db::clients::saved_views::set_default(&pool(), &actor()?, mine, id).await?;
    go(mine, &query, if view.is_empty() { "all" } else { &view }, "view-default");
    Ok(())
}

/// What the list understands of a query string, from its first page.
#[cfg(feature = "ssr")]
fn cleaned(query: &str) -> String {
    shared::clients::ClientQuery::from_query_string(query).first_page().query_string()
}

#[cfg(feature = "ssr")]
fn go(mine: bool, query: &str, view: &str, done: &str) {
    let path = if mine { "/clients/mine" } else { "/clients" };
    let query = if query.is_empty() { String::new() } else { format!("{query}&") };
    leptos_axum::redirect(&format!("{path}?{query}view={view}&done={done}"));
}
