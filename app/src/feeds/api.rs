//! Server functions of calendar feeds.

use crate::error::AppError;
use leptos::prelude::*;
use shared::FeedId;
use shared::feeds::FeedForm;

/// Makes a feed of one’s own; the page that follows shows its address once. A form with nothing
/// ticked sends no field.
#[server(prefix = "/fn", endpoint = "feeds/create")]
pub async fn create_feed(#[server(default)] form: FeedForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let actor = actor()?;
    let secret = db::feeds::create(&pool(), &actor, form.parse()?).await?;
    super::shown_once::hand_over(super::shown_once::FEED, &secret);
    leptos_axum::redirect("/account/feeds?done=feed-created");
    Ok(())
}

/// Ends a feed of one's own.
#[server(prefix = "/fn", endpoint = "feeds/revoke")]
pub async fn revoke_feed(feed: FeedId) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::feeds::revoke(&pool(), &actor()?, feed).await?;
    leptos_axum::redirect("/account/feeds?done=feed-revoked");
    Ok(())
}
