//! One request, for staff: what was asked, and who did it.

use super::param;
use crate::documents::pages::file_link;
use crate::ui::page::{Shown, page};
use db::time::Zone;
use leptos::prelude::*;
use shared::Refusal;
use shared::requests::{RequestKind, RequestState};

#[component]
pub fn RequestPage() -> impl IntoView {
    let id = param("id");
    page(|page| async move {
        page.actor.staff()?;
        let id = id.parse().map_err(|_| Refusal::NotFound)?;
        let one = db::requests::one(page.pool(), &page.actor, id).await?;
        let files = match one.kind {
            RequestKind::File => db::requests::files(page.pool(), &page.actor, id).await?,
            _ => Vec::new(),
        };
        let files = (!files.is_empty()).then(|| {
            let each =
                files.iter().enumerate().map(|(at, file)| file_link(file, &format!("file {}", at + 1))).collect_view();
            view! { <section class="panel" aria-labelledby="files"><h2 id="files">"Files"</h2>{each}</section> }
        });
        let zone = Zone::stored(&page.practice.zone);
        let at = |at| format!("{}, {}", zone.long_date(at), zone.exact_clock(at));
        let mut facts = vec![("Type", one.kind.label().to_owned()), ("Asked", at(one.created_at))];
        facts.extend(one.due_on.map(|due| ("Due", due.format("%-d %B %Y").to_string())));
        facts.push(("Status", one.state.label().to_owned()));
        facts.extend(one.closed_at.map(|closed| (one.state.label(), at(closed))));
        if one.state == RequestState::Done {
            let by = match one.done_as.as_deref() {
                Some("self") => format!("{}, for themselves", one.done_by),
                Some("linked") => format!("{}, for {}", one.done_by, one.name),
                _ => format!("{}, at the practice", one.done_by),
            };
            facts.push(("By", by));
        }
        facts.extend(one.accepted_name.clone().map(|name| ("Accepted under the name", name)));
        let hash =
            one.accepted_hash.as_ref().map(|hash| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        facts.extend(hash.map(|hash| ("SHA-256 of title and text", hash)));
        let facts =
            facts.into_iter().map(|(name, words)| view! { <div><dt>{name}</dt><dd>{words}</dd></div> }).collect_view();
        let broken = (!one.intact).then(|| {
            view! { <p class="notice error" role="alert">"The text isn’t the one that was accepted. Tell an administrator."</p> }
        });
        let text = (!one.body.is_empty()).then(|| crate::forms::pages::paragraphs(&one.body));
        let answers = one.response.map(|id| view! { <a class="button" href=format!("/forms/{id}")>"Answers"</a> });
        Ok(Shown::new(
            format!("{}: {}", one.title, one.name),
            view! {
                <div class="page-head"><div><a class="back" href=format!("/clients/{}/forms", one.number)>{one.name.clone()}</a>
                    <h1>{one.title.clone()}</h1></div>
                    <div class="actions">{answers}<button type="button" class="button needs-script" data-print="">"Print"</button></div></div>
                {broken}
                <section class="panel" aria-label="What became of it"><dl class="facts">{facts}</dl></section>
                {files}
                {text.map(|text| view! { <section class="panel" aria-labelledby="asked"><h2 id="asked">"What was asked"</h2>{text}</section> })}
            },
        )
        .narrow())
    })
}
