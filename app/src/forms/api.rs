//! Server functions of the forms.

use crate::error::AppError;
use leptos::prelude::*;
use shared::accounts::Secret;
use shared::forms::{Filled, FormForm, ItemForm};
use shared::{ClientId, FormVersionId, RequestId, ResponseId};

/// The administrator who asks, and the form. Said before what was typed is read: what is wrong in
/// it is nothing to anyone else.
#[cfg(feature = "ssr")]
fn of(id: &str) -> Result<(db::Actor, db::PgPool, shared::FormId), AppError> {
    let actor = crate::context::actor()?;
    actor.administrator()?;
    let id = id.parse().map_err(|_| shared::Refusal::NotFound)?;
    Ok((actor, crate::context::pool(), id))
}

/// The version of the draft that a page showed.
#[cfg(feature = "ssr")]
fn seen(version: &str) -> Option<i32> {
    version.trim().parse().ok()
}

#[server(prefix = "/fn", endpoint = "forms/create")]
pub async fn create_form(form: FormForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let id = db::forms::create(&pool(), &actor()?, &form).await?;
    leptos_axum::redirect(&format!("/settings/forms/{id}?done=form-made"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "forms/rename")]
pub async fn rename_form(id: String, form: FormForm) -> Result<(), AppError> {
    let (actor, pool, id) = of(&id)?;
    db::forms::rename(&pool, &actor, id, &form).await?;
    leptos_axum::redirect(&format!("/settings/forms/{id}?done=form-renamed"));
    Ok(())
}

/// Archives a form, or restores it.
#[server(prefix = "/fn", endpoint = "forms/set_active")]
pub async fn set_form_active(id: String, active: bool) -> Result<(), AppError> {
    let (actor, pool, id) = of(&id)?;
    db::forms::set_active(&pool, &actor, id, active).await?;
    let done = if active { "form-restored" } else { "form-archived" };
    leptos_axum::redirect(&format!("/settings/forms?done={done}"));
    Ok(())
}

/// Adds an item at the end; its page is next.
#[server(prefix = "/fn", endpoint = "forms/add_item")]
pub async fn add_item(id: String, kind: String, version: String) -> Result<(), AppError> {
    use shared::forms::{Edit, ItemKind};
    let (actor, pool, id) = of(&id)?;
    let kind: ItemKind = kind.parse().map_err(|problem| shared::Refusal::field("kind", problem))?;
    let item = db::forms::edit(&pool, &actor, id, seen(&version), &Edit::Add(kind)).await?;
    leptos_axum::redirect(&format!("/settings/forms/{id}/items/{item}?done=item-added"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "forms/save_item")]
pub async fn save_item(
    id: String,
    item: String,
    version: String,
    #[server(default)] form: ItemForm,
) -> Result<(), AppError> {
    use shared::forms::Edit;
    let (actor, pool, id) = of(&id)?;
    let item = db::forms::edit(&pool, &actor, id, seen(&version), &Edit::Save(item, Box::new(form))).await?;
    leptos_axum::redirect(&format!("/settings/forms/{id}?done=item-saved&at={item}#item-{item}"));
    Ok(())
}

/// `deed`: `up`, `down`, `duplicate` or `delete`.
#[server(prefix = "/fn", endpoint = "forms/change_item")]
pub async fn change_item(id: String, item: String, deed: String, version: String) -> Result<(), AppError> {
    use shared::forms::Edit;
    let (actor, pool, id) = of(&id)?;
    let (edit, done) = match deed.as_str() {
        "up" => (Edit::Up(item), "item-moved"),
        "down" => (Edit::Down(item), "item-moved"),
        "duplicate" => (Edit::Duplicate(item), "item-copied"),
        "delete" => (Edit::Delete(item), "item-deleted"),
        _ => return Err(AppError::Malformed),
    };
    let item = db::forms::edit(&pool, &actor, id, seen(&version), &edit).await?;
    let anchor = if item.is_empty() { "undo".to_owned() } else { format!("item-{item}") };
    leptos_axum::redirect(&format!("/settings/forms/{id}?done={done}&at={item}&went={deed}#{anchor}"));
    Ok(())
}

/// Takes the last change of the draft back.
#[server(prefix = "/fn", endpoint = "forms/undo")]
pub async fn undo_form(id: String, version: String) -> Result<(), AppError> {
    let (actor, pool, id) = of(&id)?;
    db::forms::undo(&pool, &actor, id, seen(&version)).await?;
    leptos_axum::redirect(&format!("/settings/forms/{id}?done=form-undone"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "forms/publish")]
pub async fn publish_form(id: String, version: String) -> Result<(), AppError> {
    let (actor, pool, id) = of(&id)?;
    db::forms::publish(&pool, &actor, id, seen(&version)).await?;
    leptos_axum::redirect(&format!("/settings/forms/{id}?done=form-published"));
    Ok(())
}

/// What was typed under one login is not kept or sent under another, as when a second tab logs someone else in.
#[cfg(feature = "ssr")]
fn own_page(actor: &db::Actor, author: Option<ClientId>) -> Result<(), AppError> {
    let me = actor.client()?.id();
    match author.is_none_or(|author| author == me) {
        true => Ok(()),
        false => Err(shared::Refusal::Conflict(shared::Conflict::OtherLogin).into()),
    }
}

/// Keeps what was typed so far. `author` is whose page it was typed on.
#[server(prefix = "/fn", endpoint = "forms/save_draft")]
pub async fn save_draft(
    request: RequestId,
    version: FormVersionId,
    #[server(default)] author: Option<ClientId>,
    #[server(default)] form: Filled,
) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let actor = actor()?;
    own_page(&actor, author)?;
    db::forms::save_draft(&pool(), &actor, request, version, &form).await?;
    leptos_axum::redirect(&format!("/my/forms/{request}?done=draft-saved"));
    Ok(())
}

/// Sends the form on. Where an answer asks for more than the page showed (`shown`), it is kept and
/// shown again.
#[server(prefix = "/fn", endpoint = "forms/submit")]
pub async fn submit_form(
    request: RequestId,
    version: FormVersionId,
    #[server(default)] author: Option<ClientId>,
    #[server(default)] shown: Vec<String>,
    #[server(default)] form: Filled,
) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    own_page(&actor, author)?;
    // Texts too: what is signed was read.
    if let Ok(open) = db::forms::open(&pool, actor.client()?, request, Some(version)).await
        && asks_more(&open.definition, &form, &shown)
    {
        db::forms::save_draft(&pool, &actor, request, version, &form).await?;
        leptos_axum::redirect(&format!("/my/forms/{request}?more=1"));
        return Ok(());
    }
    db::forms::submit(&pool, &actor, request, version, &form, &signing().await).await?;
    leptos_axum::redirect("/my/requests?done=form-sent");
    Ok(())
}

/// Opens the link of an email to a browser that knows the date of birth.
#[server(prefix = "/fn", endpoint = "forms/unlock_link")]
pub async fn unlock_link(form: UnlockForm) -> Result<(), AppError> {
    crate::accounts::session::not_too_often()?;
    let pass = db::forms::unlock_link(&crate::context::pool(), &form.secret, &form.birth_date).await?;
    crate::visits::pass::remember(&form.secret, &pass);
    leptos_axum::redirect(&format!("/form-links/{}", form.secret.0));
    Ok(())
}

/// The date of birth that a link asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct UnlockForm {
    pub secret: Secret,
    pub birth_date: String,
}

/// Keeps what was typed so far by a link.
#[server(prefix = "/fn", endpoint = "forms/save_by_link")]
pub async fn save_by_link(
    secret: Secret,
    version: FormVersionId,
    #[server(default)] form: Filled,
) -> Result<(), AppError> {
    let pass = crate::visits::pass::pass(&secret);
    db::forms::save_draft_by_link(&crate::context::pool(), &secret, pass.as_ref(), version, &form).await?;
    leptos_axum::redirect(&format!("/form-links/{}?done=draft-saved", secret.0));
    Ok(())
}

/// Sends a form on by a link; see [`submit_form`].
#[server(prefix = "/fn", endpoint = "forms/submit_by_link")]
pub async fn submit_by_link(
    secret: Secret,
    version: FormVersionId,
    #[server(default)] shown: Vec<String>,
    #[server(default)] form: Filled,
) -> Result<(), AppError> {
    let (pool, pass) = (crate::context::pool(), crate::visits::pass::pass(&secret));
    let open = db::forms::open_by_link(&pool, &secret, pass.as_ref(), Some(version)).await?;
    if asks_more(&open.definition, &form, &shown) {
        db::forms::save_draft_by_link(&pool, &secret, pass.as_ref(), version, &form).await?;
        leptos_axum::redirect(&format!("/form-links/{}?more=1", secret.0));
        return Ok(());
    }
    db::forms::submit_by_link(&pool, &secret, pass.as_ref(), version, &form, agent()).await?;
    leptos_axum::redirect("/form-links/sent");
    Ok(())
}

/// Whether the page did not show all that an answer asks for; texts too: what is signed was read.
#[cfg(feature = "ssr")]
fn asks_more(definition: &shared::forms::Definition, form: &Filled, shown: &[String]) -> bool {
    let asked = definition.visible_so_far(form);
    asked.iter().any(|item| item.kind != shared::forms::ItemKind::Section && !shown.contains(&item.link_id))
}

/// With what the one who asks came.
#[cfg(feature = "ssr")]
fn agent() -> String {
    crate::context::of_request(|parts| {
        let agent = parts.headers.get(axum::http::header::USER_AGENT);
        agent.and_then(|agent| agent.to_str().ok()).unwrap_or_default().to_owned()
    })
}

/// How the one who asks was logged in, and with what.
#[cfg(feature = "ssr")]
async fn signing() -> db::forms::Signing {
    let agent = agent();
    db::forms::Signing { logged_in_by: crate::context::logged_in_by().await, agent }
}

#[server(prefix = "/fn", endpoint = "forms/entered_in_error")]
pub async fn entered_in_error(id: ResponseId) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let number = db::forms::entered_in_error(&pool(), &actor()?, id).await?;
    leptos_axum::redirect(&format!("/clients/{number}/forms?done=form-in-error"));
    Ok(())
}

/// Staff correct answers: a new response takes the place of the one that it names.
#[server(prefix = "/fn", endpoint = "forms/amend")]
pub async fn amend_form(id: ResponseId, #[server(default)] form: Filled) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let made = db::forms::amend(&pool(), &actor()?, id, &form).await?;
    leptos_axum::redirect(&format!("/forms/{made}?done=form-amended"));
    Ok(())
}
