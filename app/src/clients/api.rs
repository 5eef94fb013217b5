//! Server functions of clients.

use crate::error::AppError;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
#[cfg(feature = "ssr")]
use shared::clients::LikelyRow;
use shared::clients::{ClientForm, Likely, LikelyForm, PickerRow, Status, StatusChange};
use shared::{ClientNumber, ImportId};

/// How many clients a picker offers.
#[cfg(feature = "ssr")]
const PICKED_MAX: u32 = 10;

/// How many likely duplicates are told of.
#[cfg(feature = "ssr")]
const LIKELY_MAX: usize = 3;

/// Makes a client. `next`: a page of this site that goes on with the new one;
/// `client={number}` is added to its address. `import` and `line`: the row of a
/// file that is put right so. `look`: [`AppError::ShowAgain`] where
/// someone here may be the same person: a page without JavaScript tells of them then.
/// `without_email`: the browser turned email off, because there is no address.
#[server(prefix = "/fn", endpoint = "clients/create")]
pub async fn create_client(
    form: ClientForm,
    next: Option<String>,
    import: Option<ImportId>,
    line: Option<i32>,
    #[server(default)] look: bool,
    #[server(default)] without_email: bool,
) -> Result<(), AppError> {
    use crate::context::{actor, local_path, pool};
    let actor = actor()?;
    if look && !likely_rows(&actor, &LikelyForm::of(&form)).await?.is_empty() {
        return Err(AppError::ShowAgain);
    }
    let invited = form.invite && actor.front_desk().is_ok() && db::practice::practice(&pool()).await?.invites();
    let done = match (invited, without_email) {
        (true, _) => "client-invited",
        (false, true) => "client-created-without-email",
        (false, false) => "client-created",
    };
    let made = match import.zip(line) {
        Some((import, line)) => db::import::create_from_row(&pool(), &actor, import, line, form).await?,
        None => db::clients::create(&pool(), &actor, form).await?,
    };
    let number = made.number.to_string();
    let to = match next.as_deref().and_then(local_path) {
        Some(next) => super::with_params(&next, &[("client", &number), ("done", done)]),
        None => format!("/clients/{number}?done={done}"),
    };
    leptos_axum::redirect(&to);
    Ok(())
}

#[server(prefix = "/fn", endpoint = "clients/save")]
pub async fn save_client(number: ClientNumber, form: ClientForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::clients::update(&pool(), &actor()?, number, form).await?;
    leptos_axum::redirect(&format!("/clients/{number}?done=client-saved"));
    Ok(())
}

/// Changes the status from a list or the profile, and goes back there. `undo`:
/// what is put back was changed to this, and is that still.
#[server(prefix = "/fn", endpoint = "clients/set_status")]
pub async fn set_client_status(
    change: StatusChange,
    undo: Option<Status>,
    next: Option<String>,
) -> Result<(), AppError> {
    use crate::context::{actor, local_path, pool};
    let StatusChange { number, status } = change;
    let was = match undo {
        Some(set) => {
            db::clients::undo_status(&pool(), &actor()?, number, status, set).await?;
            status
        }
        None => db::clients::set_status(&pool(), &actor()?, number, status).await?,
    };
    let profile = format!("/clients/{number}");
    let next = next.as_deref().and_then(local_path).unwrap_or(profile);
    let done = match was == status {
        true => "status-changed".to_owned(),
        false => format!("status-changed:{}:{}", StatusChange { number, status: was }, status.as_str()),
    };
    leptos_axum::redirect(&super::with_params(&next, &[("done", &done)]));
    Ok(())
}

/// Who may be the same person as someone who is being made, of the people the
/// viewer may see; and the code to suggest. By post, so that names stand in no
/// address.
#[server(prefix = "/fn", endpoint = "clients/likely")]
pub async fn likely_clients(form: LikelyForm) -> Result<Likely, AppError> {
    let rows = likely_rows(&crate::context::actor()?, &form).await?;
    let pool = crate::context::pool();
    let code = db::clients::suggest_code(&pool, form.first_name.trim(), form.last_name.trim()).await?;
    Ok(Likely { rows, code })
}

/// The likeliest of them.
#[cfg(feature = "ssr")]
pub async fn likely_rows(actor: &db::Actor, form: &LikelyForm) -> Result<Vec<LikelyRow>, AppError> {
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let likeness = db::merge::Likeness {
        first: form.first_name.trim().to_owned(),
        last: form.last_name.trim().to_owned(),
        birth_date: shared::parse::date(&form.birth_date).ok(),
        email: some(&form.email),
        phone: some(&form.mobile),
    };
    let found = db::merge::likely(&crate::context::pool(), actor, &likeness).await?;
    let row = |one: db::merge::Match| shared::clients::LikelyRow {
        number: one.client.number.to_string(),
        name: one.client.name.clone(),
        note: super::picker::note(&one.client),
        reason: one.reasons.iter().map(|reason| reason.label().to_lowercase()).collect::<Vec<_>>().join(", "),
    };
    Ok(found.into_iter().take(LIKELY_MAX).map(row).collect())
}

/// The results of the list at this query, as HTML: what a page that is open puts
/// in place as someone types. `mine`: of those assigned to them.
#[server(prefix = "/fn", endpoint = "clients/results", input = GetUrl)]
pub async fn client_results(#[server(default)] mine: bool) -> Result<String, AppError> {
    let visit = crate::ui::page::Page::here().await?;
    super::pages::renewed(&visit, mine).await
}

/// For the search in the top bar: clients of every kind the viewer may see;
/// without `q`, those whose records they opened last.
#[server(prefix = "/fn", endpoint = "clients/find", input = GetUrl)]
pub async fn find_clients(#[server(default)] q: String) -> Result<Vec<PickerRow>, AppError> {
    use crate::context::{actor, pool};
    let (pool, actor) = (pool(), actor()?);
    let _permit = db::pool::list_permit().await;
    let found = db::clients::quick_find(&pool, &actor, &q, PICKED_MAX).await?;
    let zone = db::time::Zone::stored(&crate::context::practice().await?.zone);
    let today = zone.date(chrono::Utc::now());
    Ok(found.into_iter().map(|client| super::find::row(client, today)).collect())
}

/// The people the viewer may see, for the picker; with `kinds=all` couples,
/// families and groups too.
#[server(prefix = "/fn", endpoint = "clients/search", input = GetUrl)]
pub async fn search_clients(q: String, kinds: Option<String>) -> Result<Vec<PickerRow>, AppError> {
    use crate::context::{actor, pool};
    let (pool, actor) = (pool(), actor()?);
    let _permit = db::pool::list_permit().await;
    let found = match kinds.as_deref() {
        Some("all") => db::clients::search_all_kinds(&pool, &actor, &q, PICKED_MAX).await?,
        _ => db::clients::search(&pool, &actor, &q, PICKED_MAX).await?,
    };
    Ok(found.iter().map(super::picker::row).collect())
}
