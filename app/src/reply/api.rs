//! What a reader of a mail does by its link. Who they are, and of which appointment it is,
//! the link says, and nothing in the form.

use crate::error::AppError;
use leptos::prelude::*;
use shared::accounts::Secret;
use shared::appointments::MoveForm;

/// The person comes.
#[server(prefix = "/fn", endpoint = "reply/confirm")]
pub async fn confirm(token: Secret) -> Result<(), AppError> {
    use crate::context::pool;
    db::messages::reply::confirm(&pool(), &token).await?;
    leptos_axum::redirect(&super::pages::address(&token, ""));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "reply/cancel")]
pub async fn cancel(token: Secret) -> Result<(), AppError> {
    use crate::context::pool;
    use shared::appointments::CancelForm;
    let pool = pool();
    let opened = db::messages::reply::open(&pool, &token).await?;
    let form = CancelForm { client: opened.person.to_string(), ..CancelForm::default() };
    db::appointments::cancel_with(&pool, &opened.reader, opened.appointment, &form).await?;
    leptos_axum::redirect(&super::pages::address(&token, ""));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "reply/move")]
pub async fn reschedule(token: Secret, form: MoveForm) -> Result<(), AppError> {
    use crate::context::pool;
    let pool = pool();
    let opened = db::messages::reply::open(&pool, &token).await?;
    let form = MoveForm { appointment: opened.appointment.to_string(), ..form };
    db::appointments::submit_move(&pool, &opened.reader, form).await?;
    leptos_axum::redirect(&super::pages::address(&token, "?moved=1"));
    Ok(())
}
