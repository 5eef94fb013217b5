//! Reports as a file for spreadsheets, with cells marked that would be
//! calculated ([`shared::cells`]).

use crate::files::{BYTE_ORDER_MARK, lines, refused};
use app::context::{AppContext, CurrentActor, file_name, url_params};
use app::error::AppError;
use app::reports::ReportParams;
use axum::extract::{Extension, RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use shared::Refusal;

/// The page's parameters, and `table` for one table only.
pub async fn csv(
    State(app): State<AppContext>,
    Extension(actor): Extension<CurrentActor>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    match file(&app, &actor, &query).await {
        Ok(response) => response,
        Err(error) => refused(error, &format!("{}?{query}", app::reports::CSV)),
    }
}

async fn file(app: &AppContext, actor: &CurrentActor, query: &str) -> Result<Response, AppError> {
    let actor = actor.0.as_ref().ok_or(AppError::Refused(Refusal::SignedOut))?;
    actor.staff()?;
    let params = url_params(query);
    let value =
        |name: &str| params.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default();
    let params = ReportParams::read(value, Some(actor));
    let query = params.query(db::practice::today(&app.pool).await?)?;
    let report = db::reports::report(&app.pool, actor, &query).await?;
    let rows = report.cells(&value("table")).ok_or(Refusal::NotFound)?;
    let body = [BYTE_ORDER_MARK.as_bytes(), &lines(rows).map_err(|error| broken(&error))?].concat();
    // A name in any script, and for old programs (RFC 6266) none.
    let whom = params.whom(actor, &db::activities::filters(&app.pool, actor).await?);
    let dates = format!("{}-{}", query.period.first, query.period.last);
    let named = file_name(&format!("report-{whom}-{dates}.csv").replace([' ', '/'], "-"));
    let name = format!("attachment; filename=\"report-{dates}.csv\"; filename*=UTF-8''{named}");
    let headers = [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)];
    Ok((headers, body).into_response())
}

fn broken(error: &dyn std::fmt::Display) -> AppError {
    tracing::error!(%error, "a report could not be written");
    Refusal::Internal.into()
}
