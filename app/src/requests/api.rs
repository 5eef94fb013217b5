//! Server functions of the requests.

use crate::error::AppError;
use leptos::prelude::*;
use shared::RequestId;
use shared::requests::{RequestForm, RuleForm};

/// Staff ask one or several clients.
#[server(prefix = "/fn", endpoint = "requests/ask")]
pub async fn ask(form: RequestForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let done = db::requests::ask(&pool(), &actor()?, &form).await?;
    let word = match (done.asked, done.open_already) {
        (0, _) => "asked-already",
        (_, 0) => "asked",
        _ => "asked-some",
    };
    leptos_axum::redirect(&match form.people.split(',').map(str::trim).collect::<Vec<_>>().as_slice() {
        [number] => format!("/clients/{number}/forms?done={word}"),
        _ => format!("/requests?done={word}"),
    });
    Ok(())
}

/// Back to the page `next`, or else to the list, which says what was done.
#[cfg(feature = "ssr")]
fn with_done(next: &str, done: &str) -> String {
    let path = crate::context::local_path(next).unwrap_or_else(|| "/requests".to_owned());
    let sign = if path.contains('?') { '&' } else { '?' };
    format!("{path}{sign}done={done}")
}

#[server(prefix = "/fn", endpoint = "requests/remind")]
pub async fn remind(id: RequestId, #[server(default)] next: String) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::requests::remind(&pool(), &actor()?, id).await?;
    leptos_axum::redirect(&with_done(&next, "reminded"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "requests/withdraw")]
pub async fn withdraw(id: RequestId, #[server(default)] next: String) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::requests::withdraw(&pool(), &actor()?, id).await?;
    leptos_axum::redirect(&with_done(&next, "request-withdrawn"));
    Ok(())
}

/// Staff tick what was done at the desk.
#[server(prefix = "/fn", endpoint = "requests/mark_done")]
pub async fn mark_done(id: RequestId, #[server(default)] next: String) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::requests::mark_done(&pool(), &actor()?, id).await?;
    leptos_axum::redirect(&with_done(&next, "request-done"));
    Ok(())
}

/// In the portal: done, or accepted under the name that is typed.
#[server(prefix = "/fn", endpoint = "requests/complete")]
pub async fn complete(id: RequestId, #[server(default)] form: CompleteForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::requests::complete(&pool(), &actor()?, id, &form.name).await?;
    leptos_axum::redirect("/my/requests?done=request-completed");
    Ok(())
}

/// The name under which a document is accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct CompleteForm {
    pub name: String,
}

/// Whether mail about a form carries a link that opens it without a login.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct LinksForm {
    pub form_links: bool,
}

#[server(prefix = "/fn", endpoint = "requests/save_links")]
pub async fn save_links(#[server(default)] form: LinksForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::forms::set_links_sent(&pool(), &actor()?, form.form_links).await?;
    leptos_axum::redirect("/settings/requests?done=links-saved");
    Ok(())
}

#[server(prefix = "/fn", endpoint = "requests/add_rule")]
pub async fn add_rule(form: RuleForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::requests::add_rule(&pool(), &actor()?, &form).await?;
    leptos_axum::redirect("/settings/requests?done=rule-added");
    Ok(())
}

#[server(prefix = "/fn", endpoint = "requests/remove_rule")]
pub async fn remove_rule(id: String) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let actor = actor()?;
    actor.administrator()?;
    let id = id.parse().map_err(|_| shared::Refusal::NotFound)?;
    db::requests::remove_rule(&pool(), &actor, id).await?;
    leptos_axum::redirect("/settings/requests?done=rule-removed");
    Ok(())
}
