//! The profile of a couple, family or group.

use crate::error::AppError;
use crate::memberships::panel::members_panel;
use crate::ui::page::Page;
use leptos::prelude::*;
use shared::clients::{ClientProfile, Kind};

/// What stands in place of a person's facts: the members, and what is kept of
/// the whole.
pub async fn profile(
    page: &Page,
    conn: &mut db::PgConnection,
    readable: &db::authz::ReadableClient,
    client: &ClientProfile,
) -> Result<AnyView, AppError> {
    let group = db::memberships::profile(conn, &page.actor, readable).await?;
    let members = members_panel(page, conn, readable, client.number, !client.erased).await?;
    let blank = || view! { <span class="muted">"–"</span> }.into_any();
    let age = match &group.age_range {
        Some((_, label)) => label.clone().into_any(),
        None => blank(),
    };
    let tags = match group.tags.is_empty() {
        true => blank(),
        false => {
            let tag = |(_, name): &(shared::TagId, String)| view! { <span class="tag">{name.clone()}</span>" " };
            group.tags.iter().map(tag).collect_view().into_any()
        }
    };
    let since = db::time::Zone::stored(&page.practice.zone).long_date(client.created_at);
    Ok(view! {
        {members}
        <section class="panel" aria-labelledby="details">
            <div class="panel-head"><h2 id="details">"Details"</h2></div>
            <dl class="facts">
                <div><dt>"Type"</dt><dd>{group.kind.label()}<span class="hint">{group.kind.definition()}</span></dd></div>
                {(group.kind == Kind::Group).then(|| view! { <div><dt>"Age range"</dt><dd>{age}</dd></div> })}
                <div><dt>"Tags"</dt><dd>{tags}</dd></div>
                <div><dt>"With us since"</dt><dd>{since}</dd></div>
            </dl>
        </section>
    }
    .into_any())
}
