//! What the calendar's island asks the server. The same operations as the pages behind the plain
//! forms, with answers that it can say.

use crate::error::AppError;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};
use shared::appointments::MoveForm;
use shared::{AppointmentId, LocationId};

/// The grid at this query, as HTML without the columns that the page has (`have`: their tags,
/// with dots between); 304 where nothing changed since `If-None-Match`.
#[server(prefix = "/fn", endpoint = "calendar/columns", input = GetUrl)]
pub async fn columns() -> Result<String, AppError> {
    use axum::http::header::{ETAG, IF_NONE_MATCH};
    use axum::http::{HeaderValue, StatusCode};
    use shared::calendar::CalendarQuery;
    let page = crate::ui::page::Page::here().await?;
    page.actor.staff()?;
    let (query, known) = crate::context::of_request(|parts| {
        let known = parts.headers.get(IF_NONE_MATCH).and_then(|known| known.to_str().ok());
        let known = known.unwrap_or_default().trim_matches('"').to_owned();
        (CalendarQuery::from_query_string(parts.uri.query().unwrap_or_default()), known)
    });
    let response = expect_context::<leptos_axum::ResponseOptions>();
    let answer = |tag: &str| {
        response
            .insert_header(ETAG, HeaderValue::try_from(format!("\"{tag}\"")).unwrap_or(HeaderValue::from_static("")));
    };
    // Nothing was written since, and the clock says the same: nothing is read or drawn.
    let writes = db::calendar::stamp(&mut *page.connection().await?, &page.actor).await?;
    let stamp = format!("{writes}.{}.", chrono::Utc::now().timestamp() / MINUTE);
    if known.starts_with(&stamp) {
        answer(&known);
        response.set_status(StatusCode::NOT_MODIFIED);
        return Ok(String::new());
    }
    let _permit = db::pool::list_permit().await;
    let have = crate::context::query("have");
    let have: Vec<&str> = have.split('.').collect();
    let Some((html, tag)) = super::pages::renewed(page, query, &have).await? else { return Ok(String::new()) };
    answer(&format!("{stamp}{tag}"));
    if known.rsplit('.').next() == Some(&tag) {
        response.set_status(StatusCode::NOT_MODIFIED);
        return Ok(String::new());
    }
    Ok(html)
}

/// Seconds for which the calendar shows the same while nothing is written: who waits is told in minutes.
#[cfg(feature = "ssr")]
const MINUTE: i64 = 60;

/// What became of a move.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// It was moved, or it could be.
    pub done: bool,
    pub words: String,
    /// The version that it has now.
    pub version: i32,
    /// What is in the way; over exactly this it may be moved, where `seen` says what that is.
    pub why: Vec<String>,
    pub seen: String,
    /// Someone else changed it in the meantime.
    pub stale: bool,
}

/// Moves an appointment, or with `check` answers whether it could be. Local times are those of the
/// calendar of `location`.
#[server(prefix = "/fn", endpoint = "calendar/move")]
pub async fn carry(
    form: MoveForm,
    #[server(default)] location: Option<LocationId>,
    #[server(default)] check: bool,
) -> Result<Carried, AppError> {
    let page = crate::ui::page::Page::here().await?;
    page.actor.staff()?;
    let zone = super::pages::zone(&page, location).await?;
    match super::moved::moved(&page, &zone, form, check).await {
        Err(AppError::Refused(refusal)) => super::moved::refused(refusal),
        answer => answer,
    }
}

/// Sets who came, of one appointment: `1042 expected arrived|1043 arrived expected`, from what the
/// page shows to what is to be. Answers what is to be said where someone else was first.
#[server(prefix = "/fn", endpoint = "calendar/attend")]
pub async fn attend(appointment: AppointmentId, people: String) -> Result<String, AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    let one = |text: &str| {
        let mut parts = text.split(' ');
        let (number, from, to) = (parts.next()?, parts.next()?, parts.next()?);
        Some((number.parse().ok()?, from.parse().ok()?, to.parse().ok()?))
    };
    let people: Option<Vec<_>> = people.split('|').map(one).collect();
    let people = people.ok_or(AppError::Malformed)?;
    match db::appointments::set_attendance_of(&pool, &actor, appointment, &people).await {
        Err(db::Error::Refused(shared::Refusal::Stale)) => {
            Ok("Someone else changed the attendance. The calendar now shows it as it is.".to_owned())
        }
        answer => Ok(answer.map(|()| String::new())?),
    }
}
