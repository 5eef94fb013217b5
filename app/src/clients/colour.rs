//! The colour that the viewer gives a client in their own calendar.

use crate::error::AppError;
use leptos::prelude::*;
use shared::ClientNumber;

pub const SET_COLOUR: &str = "/fn/clients/set_colour";

/// `colour` is a word of the palette, or empty for none.
#[server(prefix = "/fn", endpoint = "clients/set_colour")]
pub async fn set_client_colour(number: ClientNumber, colour: String) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let colour = match colour.as_str() {
        "" => None,
        word => Some(word.parse().map_err(|problem| shared::Refusal::field("colour", problem))?),
    };
    db::clients::set_colour(&pool(), &actor()?, number, colour).await?;
    leptos_axum::redirect(&format!("/clients/{number}?done=colour-saved"));
    Ok(())
}

/// On the profile: the palette.
#[cfg(feature = "ssr")]
pub async fn panel(
    page: &crate::ui::page::Page,
    conn: &mut db::PgConnection,
    client: &db::authz::ReadableClient,
    number: ClientNumber,
) -> db::Result<AnyView> {
    use shared::clients::Colour;
    let chosen = db::clients::colour(conn, &page.actor, client).await?;
    let swatch = |colour: Option<Colour>| {
        let (word, label) = colour.map_or(("", "None"), |colour| (colour.as_str(), colour.label()));
        let class = if word.is_empty() { "swatch".to_owned() } else { format!("swatch colour-{word}") };
        view! {
            <button type="submit" class=class name="colour" value=word aria-pressed=if chosen == colour { "true" } else { "false" }>
                {label}
            </button>
        }
    };
    let swatches = std::iter::once(None).chain(Colour::ALL.iter().copied().map(Some)).map(swatch).collect_view();
    Ok(view! {
        <section class="panel" aria-labelledby="colour">
            <div class="panel-head"><h2 id="colour">"Colour in my calendar"</h2></div>
            <form method="post" action=SET_COLOUR class="swatches" data-once="">
                <input type="hidden" name="_page" value=format!("/clients/{number}")/>
                <input type="hidden" name="number" value=number.to_string()/>
                {swatches}
            </form>
            <p class="hint">"Only you see it."</p>
        </section>
    }
    .into_any())
}
