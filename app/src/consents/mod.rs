//! The log of consents on a profile, and one's own in the portal.

use crate::error::AppError;
use crate::ui::page::Page;
use db::PgConnection;
use db::authz::ReadableClient;
use db::consents::ConsentLine;
use db::time::Zone;
use leptos::prelude::*;
use shared::consents::ConsentSource;

/// The number of lines shown; the earlier ones unfold.
const NEWEST: usize = 3;

/// On a profile; nothing in code-only mode, where no address is kept.
pub async fn panel(page: &Page, conn: &mut PgConnection, client: &ReadableClient) -> Result<Option<AnyView>, AppError> {
    if page.practice.code_only {
        return Ok(None);
    }
    let lines = db::consents::of_client(conn, client).await?;
    let unconfirmed = db::consents::unconfirmed(conn, client).await?;
    let note = (!unconfirmed.is_empty()).then(|| {
        let word = &page.practice.client_word;
        let channels: Vec<&str> = unconfirmed.iter().map(|channel| channel.label()).collect();
        format!("Not yet confirmed by the {word}: {}. They are asked in the portal.", channels.join(", "))
    });
    Ok(Some(section(lines, note, &Zone::stored(&page.practice.zone))))
}

/// One's own, without the names of the team, for *My details*.
pub async fn own(page: &Page) -> Result<Option<AnyView>, AppError> {
    if page.practice.code_only {
        return Ok(None);
    }
    let lines = db::consents::own(page.pool(), &page.actor).await?;
    Ok(Some(section(lines, None, &Zone::stored(&page.practice.zone))))
}

fn section(lines: Vec<ConsentLine>, note: Option<String>, zone: &Zone) -> AnyView {
    let nothing = lines.is_empty();
    let line = |line: ConsentLine| {
        let at = format!("{}, {}", zone.short_date(line.at), zone.clock(line.at));
        let did = if line.given { "on" } else { "off" };
        let what = match line.source {
            ConsentSource::System => format!("{} {did}: recorded automatically", line.channel.label()),
            source => format!("{} {did}: by {}, {}", line.channel.label(), line.by, source.label()),
        };
        let words =
            (!line.words.is_empty()).then(|| view! { <div class="small muted">{format!("“{}”", line.words)}</div> });
        let earlier =
            (!line.current).then(|| view! { <div class="small muted">"For an earlier address or number"</div> });
        view! {
            <li><time datetime=line.at.to_rfc3339()>{at}</time><div>{what}{words}{earlier}</div></li>
        }
    };
    let mut lines = lines.into_iter().map(line);
    let newest = lines.by_ref().take(NEWEST).collect_view();
    let earlier: Vec<_> = lines.collect();
    view! {
        <section class="panel" aria-labelledby="consent-log">
            <div class="panel-head"><h2 id="consent-log">"Consent history"</h2></div>
            {note.map(|note| view! { <p class="small"><span class="badge pending">"Not confirmed"</span>" "{note}</p> })}
            {nothing.then(|| view! { <p class="muted">"No consents recorded yet."</p> })}
            <ul class="timeline">{newest}</ul>
            {(!earlier.is_empty()).then(|| view! {
                <details class="section"><summary>"Earlier consents"</summary><ul class="timeline">{earlier}</ul></details>
            })}
        </section>
    }
    .into_any()
}
