//! `/requests`: who has not done what.

use super::table::{refused, summaries, table};
use crate::context::query;
use crate::ui::page::{Shown, page};
use chrono::Utc;
use db::requests::Filter;
use db::time::Zone;
use leptos::prelude::*;
use shared::requests::RequestKind;

#[component]
pub fn RequestedPage() -> impl IntoView {
    let (kind, form, show) =
        (query("kind").parse::<RequestKind>().ok(), query("form").parse::<shared::FormId>().ok(), query("show"));
    let skip: i64 = query("skip").parse().unwrap_or_default();
    let states = refused();
    page(move |page| async move {
        page.actor.staff()?;
        let zone = Zone::stored(&page.practice.zone);
        let today = zone.date(Utc::now());
        let filter = Filter {
            kind,
            form,
            closed: show == "all",
            due_before: (show == "overdue").then_some(today),
            skip,
            ..Filter::default()
        };
        let forms = db::forms::list(page.pool(), &page.actor).await?;
        let rows = {
            let mut conn = page.connection().await?;
            db::requests::list(&mut conn, &page.actor, filter).await?
        };
        let kinds = RequestKind::ALL.iter().map(|one| {
            view! { <option value=one.as_str() selected=kind == Some(*one)>{one.label()}</option> }
        });
        let forms = forms.into_iter().filter(|one| one.published.is_some()).map(|one| {
            view! { <option value=one.id.to_string() selected=form == Some(one.id)>{one.name}</option> }
        });
        let shows = [("", "Open"), ("overdue", "Overdue"), ("all", "All, done ones too")].map(|(value, words)| {
            view! { <option value=value selected=show == value>{words}</option> }
        });
        let more = (rows.len() as i64 == db::requests::ROWS_MAX).then(|| {
            let (kind, form) = (kind.map(RequestKind::as_str).unwrap_or_default(), form.map(|id| id.to_string()));
            let form = form.unwrap_or_default();
            let href = format!("/requests?show={show}&kind={kind}&form={form}&skip={}", skip + db::requests::ROWS_MAX);
            view! { <p><a class="button" href=href>"Next page"</a></p> }
        });
        let body = match rows.is_empty() {
            true => view! {
                <div class="panel empty"><h2>"Nothing here"</h2>
                    <p>"Ask for a form, a signature or anything else. It appears here until it’s done."</p></div>
            }
            .into_any(),
            false => table(&page, rows, &zone, today, true),
        };
        let rules = page.actor.front_desk().is_ok().then(|| {
            view! { <a class="button" href="/settings/requests">"Automatic requests"</a> }
        });
        Ok(Shown::new(
            "Requests",
            view! {
                <div class="page-head"><div><h1>"Requests"</h1><p class="sub">"What you’ve asked for and who hasn’t done it yet."</p></div>
                    <div class="actions">{rules}<a class="button primary" href="/requests/new">"New request"</a></div></div>
                {summaries(states)}
                <form class="filters" method="get" action="/requests" data-submits="">
                    <div class="field"><label for="show">"Show"</label><select id="show" name="show">{shows.collect_view()}</select></div>
                    <div class="field"><label for="kind">"Type"</label><select id="kind" name="kind">
                        <option value="">"All types"</option>{kinds.collect_view()}</select></div>
                    <div class="field"><label for="form">"Form"</label><select id="form" name="form">
                        <option value="">"All forms"</option>{forms.collect_view()}</select></div>
                    <button type="submit" class="button">"Filter"</button>
                </form>
                {body}
                {more}
            },
        ))
    })
}
