//! In the portal: what is shared with oneself.

use super::file_link;
use super::param;
use super::text::text;
use crate::ui::page::{Shown, page};
use db::time::Zone;
use leptos::prelude::*;
use shared::Refusal;

#[component]
pub fn MyDocumentsPage() -> impl IntoView {
    page(|page| async move {
        let me = page.actor.client()?.clone();
        let zone = Zone::stored(&page.practice.zone);
        let all = db::documents::mine(page.pool(), &me).await?;
        let list = match all.is_empty() {
            true => view! { <div class="panel empty"><h2>"No documents yet"</h2><p>"Reports and other documents that the practice shares with you appear here."</p></div> }.into_any(),
            false => {
                let lines = all.into_iter().map(|one| {
                    let for_name = one.for_name.map(|name| view! { " "<span class="badge for">"About "{name}</span> });
                    view! {
                        <li><div class="grow"><a class="strong" href=format!("/my/documents/{}", one.id)>{one.title}</a>{for_name}
                            " "<span class="muted small">{zone.short_date(one.shared_at)}</span></div></li>
                    }
                });
                view! { <div class="panel flush"><ul class="list">{lines.collect_view()}</ul></div> }.into_any()
            }
        };
        Ok(Shown::new(
            "Documents",
            view! {
                <div class="page-head"><div><h1>"Documents"</h1><p class="sub">"What the practice has shared with you."</p></div></div>
                {list}
            },
        )
        .narrow())
    })
}

#[component]
pub fn MyDocumentPage() -> impl IntoView {
    let id = param("id");
    page(|page| async move {
        let me = page.actor.client()?.clone();
        let id = id.parse().map_err(|_| Refusal::NotFound)?;
        let zone = Zone::stored(&page.practice.zone);
        let one = db::documents::open(page.pool(), &me, id).await?;
        let for_name = one.for_name.map(|name| view! { <p><span class="badge for">"About "{name}</span></p> });
        let sub = format!("{}, {}", one.author, zone.long_date(one.shared_at));
        let (what, print) = match &one.file {
            Some(file) => (file_link(file, &one.title), None),
            None => {
                let print = view! { <button type="button" class="button needs-script" data-print="">"Print"</button> };
                (text(&one.body), Some(print))
            }
        };
        Ok(Shown::new(
            one.title.clone(),
            view! {
                <div class="page-head"><div><a class="back" href="/my/documents">"Documents"</a><h1>{one.title.clone()}</h1>{for_name}
                    <p class="sub">{sub}</p></div>
                    <div class="actions">{print}</div></div>
                <article class="panel">{what}</article>
            },
        )
        .narrow())
    })
}
