//! Reports as a file for spreadsheets. It begins with a byte order mark,
//! without which Excel takes UTF-8 for an old code page; cells that would be
//! calculated are marked ([`shared::cells`]).

use app::context::{AppContext, CurrentActor, url_encode, url_params};
use app::error::AppError;
use app::reports::Asked;
use axum::extract::{Extension, RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use csv::{Terminator, WriterBuilder};
use shared::Refusal;

const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

/// The page's parameters, and `table` for one table only.
pub async fn csv(
    State(app): State<AppContext>,
    Extension(actor): Extension<CurrentActor>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    match file(&app, &actor, &query).await {
        Ok(response) => response,
        Err(AppError::Refused(Refusal::SignedOut)) => {
            let here = format!("{}?{query}", app::reports::CSV);
            Redirect::to(&format!("/login?next={}", url_encode(&here))).into_response()
        }
        Err(error) => (error.status(), error.to_string()).into_response(),
    }
}

async fn file(app: &AppContext, actor: &CurrentActor, query: &str) -> Result<Response, AppError> {
    let actor = actor.0.as_ref().ok_or(AppError::Refused(Refusal::SignedOut))?;
    actor.staff()?;
    let params = url_params(query);
    let value =
        |name: &str| params.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default();
    let asked = Asked::read(value, Some(actor)).query(db::activities::today(&app.pool).await?)?;
    let report = db::reports::report(&app.pool, actor, &asked).await?;
    let rows = report.cells(&value("table")).ok_or(Refusal::NotFound)?;
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(BYTE_ORDER_MARK.to_vec());
    for row in rows {
        writer.write_record(row).map_err(|error| broken(&error))?;
    }
    let body = writer.into_inner().map_err(|error| broken(&error))?;
    let name = format!("attachment; filename=\"report-{}-{}.csv\"", asked.period.first, asked.period.last);
    let headers = [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)];
    Ok((headers, body).into_response())
}

fn broken(error: &dyn std::fmt::Display) -> AppError {
    tracing::error!(%error, "a report could not be written");
    Refusal::Internal.into()
}
