//! A move in the grid, answered in words.

use super::api::Carried;
use crate::error::AppError;
use crate::ui::page::Page;
use db::time::Zone;
use shared::Refusal;
use shared::appointments::MoveForm;

pub async fn moved(page: &Page, zone: &Zone, form: MoveForm, check: bool) -> Result<Carried, AppError> {
    if check {
        db::appointments::check_move(page.pool(), &page.actor, form, zone).await?;
        return Ok(Carried { done: true, ..Carried::default() });
    }
    let id = db::appointments::submit_move_by(page.pool(), &page.actor, form, zone).await?;
    let one = db::appointments::one(page.pool(), &page.actor, id).await?;
    let at = format!("{}, {}", zone.long_date(one.starts_at), zone.clock_span(one.starts_at, one.ends_at));
    let words = format!("Moved: {}, {at}, with {}.", one.client_name, one.practitioner_name);
    Ok(Carried { done: true, words, version: one.version, ..Carried::default() })
}

/// What the one who moved may be told; anything else stays an error.
pub fn refused(refusal: Refusal) -> Result<Carried, AppError> {
    let why = |why: Vec<String>| Ok(Carried { why, ..Carried::default() });
    match refusal {
        Refusal::Conflicts(conflicts) => {
            let why = conflicts.all.iter().map(ToString::to_string).collect();
            Ok(Carried { why, seen: conflicts.seen.to_string(), ..Carried::default() })
        }
        Refusal::Conflict(conflict) => why(vec![conflict.to_string()]),
        Refusal::Invalid(problems) => why(problems.0.into_iter().map(|(_, problem)| problem.to_string()).collect()),
        Refusal::Stale => {
            let words = "Someone else changed this appointment. The calendar now shows it as it is.";
            Ok(Carried { stale: true, words: words.to_owned(), ..Carried::default() })
        }
        other => Err(other.into()),
    }
}
