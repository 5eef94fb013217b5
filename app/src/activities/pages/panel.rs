//! What a profile shows of a client's activities.

use super::list::rows;
use crate::error::AppError;
use crate::ui::page::Page;
use crate::ui::parts::thousands;
use leptos::prelude::*;
use shared::ClientNumber;
use shared::activities::hours_text;
use shared::practice::Section;

/// The number shown; the list has the rest.
const NEWEST: u32 = 5;

/// How many, how long, the newest of them: those that the viewer may see. For
/// a person also those of the groups in which they attended.
pub async fn client_activities(
    page: &Page,
    conn: &mut db::PgConnection,
    client: &db::authz::ReadableClient,
    number: ClientNumber,
    may_add: bool,
) -> Result<AnyView, AppError> {
    if !page.practice.shows(Section::Activities) {
        return Ok(().into_any());
    }
    let found = db::activities::of_client(conn, &page.actor, client, NEWEST).await?;
    let all = format!("/activities?whose=all&client={number}");
    let body = if found.rows.is_empty() {
        view! { <p class="panel-foot small muted">"Nothing logged yet."</p> }.into_any()
    } else {
        let count = thousands(u32::try_from(found.count).unwrap_or(u32::MAX));
        let words = format!("{count} in all, {} hours", hours_text(found.minutes));
        view! {
            {rows(found.rows, true)}
            <p class="panel-foot small muted tnum">{words}" · "<a href=all>"Show all"</a></p>
        }
        .into_any()
    };
    Ok(view! {
        <section class="panel flush" id="activities" aria-labelledby="activities-title">
            <div class="panel-head">
                <h2 id="activities-title">"Activities"</h2>
                {may_add.then(|| view! {
                    <div class="actions"><a class="button small" href=format!("/activities/new?client={number}")>"New activity"</a></div>
                })}
            </div>
            {body}
        </section>
    }
    .into_any())
}
