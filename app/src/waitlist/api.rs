//! Server functions of the waiting list.

use crate::error::AppError;
use leptos::prelude::*;
use shared::accounts::Secret;
use shared::waitlist::{OfferSettingsForm, WaitForm};
use shared::{OfferId, WaitId};

/// Days left out would be read as not available, and shift those after them.
#[cfg(feature = "ssr")]
fn whole_week(form: &WaitForm) -> Result<(), AppError> {
    let days = form.days.len();
    if days == 0 || days == shared::practice::WEEKDAYS.len() { Ok(()) } else { Err(AppError::Malformed) }
}

/// Staff enter a client.
#[server(prefix = "/fn", endpoint = "waitlist/enter")]
pub async fn enter_client(form: WaitForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    whole_week(&form)?;
    db::waitlist::enter(&pool, &actor, &form).await?;
    leptos_axum::redirect("/waiting-list?done=waiting");
    Ok(())
}

#[server(prefix = "/fn", endpoint = "waitlist/save")]
pub async fn save_entry(id: WaitId, form: WaitForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    whole_week(&form)?;
    db::waitlist::change(&pool, &actor, id, &form).await?;
    leptos_axum::redirect("/waiting-list?done=waiting-saved");
    Ok(())
}

#[server(prefix = "/fn", endpoint = "waitlist/withdraw")]
pub async fn withdraw_entry(id: WaitId, #[server(default)] next: String) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    db::waitlist::withdraw(&pool, &actor, id).await?;
    leptos_axum::redirect(&with_done(&next, "waiting-withdrawn"));
    Ok(())
}

/// Holds a time and mails the offer. `slot`: `{instant} {practitioner}`.
#[server(prefix = "/fn", endpoint = "waitlist/offer")]
pub async fn offer_time(id: WaitId, slot: String, #[server(default)] next: String) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    db::waitlist::offer(&pool, &actor, id, &slot).await?;
    leptos_axum::redirect(&with_done(&next, "offered"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "waitlist/withdraw_offer")]
pub async fn withdraw_offer(offer: OfferId, #[server(default)] next: String) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    db::waitlist::withdraw_offer(&pool, &actor, offer).await?;
    leptos_axum::redirect(&with_done(&next, "offer-withdrawn"));
    Ok(())
}

/// Back to the page `next`, or else to the list, which says what was done.
#[cfg(feature = "ssr")]
fn with_done(next: &str, done: &str) -> String {
    let path = crate::context::local_path(next).unwrap_or_else(|| "/waiting-list".to_owned());
    let sign = if path.contains('?') { '&' } else { '?' };
    format!("{path}{sign}done={done}")
}

#[server(prefix = "/fn", endpoint = "waitlist/save_settings")]
pub async fn save_offer_settings(form: OfferSettingsForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::waitlist::save_settings(&pool(), &actor()?, &form).await?;
    leptos_axum::redirect("/settings/waiting-list?done=offers-saved");
    Ok(())
}

/// A client enters themself, or someone who grants it.
#[server(prefix = "/fn", endpoint = "waitlist/join")]
pub async fn join_waitlist(form: WaitForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.client()?;
    whole_week(&form)?;
    db::waitlist::enter(&pool, &actor, &form).await?;
    leptos_axum::redirect("/my/appointments?done=joined");
    Ok(())
}

#[server(prefix = "/fn", endpoint = "waitlist/leave")]
pub async fn leave_waitlist(id: WaitId) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.client()?;
    db::waitlist::withdraw(&pool, &actor, id).await?;
    leptos_axum::redirect("/my/appointments?done=left");
    Ok(())
}

/// The answer to an offer, from *My appointments*.
#[server(prefix = "/fn", endpoint = "waitlist/answer")]
pub async fn answer_offer(offer: OfferId, accept: bool) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.client()?;
    let word = answered(db::waitlist::answer(&pool, &actor, offer, accept).await?);
    leptos_axum::redirect(&format!("/my/appointments?done={word}"));
    Ok(())
}

/// The answer by the link in a mail: no one needs to be logged in.
#[server(prefix = "/fn", endpoint = "waitlist/answer_link")]
pub async fn answer_link(token: Secret, accept: bool) -> Result<(), AppError> {
    use crate::context::pool;
    let word = answered(db::waitlist::answer_by_link(&pool(), &token, accept).await?);
    leptos_axum::redirect(&format!("/offers/{}?done={word}", token.0));
    Ok(())
}

#[cfg(feature = "ssr")]
fn answered(answer: db::waitlist::Answered) -> &'static str {
    use db::waitlist::Answered;
    match answer {
        Answered::Booked(_) => "offer-accepted",
        Answered::Moved(_) => "offer-moved",
        Answered::Declined => "offer-declined",
    }
}
