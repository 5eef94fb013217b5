//! Requests of clients: the list of those that wait, and the answer to one.

use super::book::{book_anyway, told};
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm, TextField};
use chrono::Utc;
use db::time::Zone;
use leptos::prelude::*;
use shared::appointments::StaffAppointment;

const ACCEPT: &str = "/fn/appointments/accept";
const DECLINE: &str = "/fn/appointments/decline";

#[component]
pub fn RequestsPage() -> impl IntoView {
    page(|page| async move {
        let requests = db::appointments::requests(page.pool(), &page.actor, Utc::now()).await?;
        let list = if requests.is_empty() {
            let words =
                "Bookings that you confirm first appear here: those of services by request, and in hours by request.";
            view! { <div class="panel empty"><h2>"No requests"</h2><p>{words}</p></div> }.into_any()
        } else {
            let rows = requests.into_iter().map(row).collect_view();
            view! { <div class="panel flush"><ul class="list arranged">{rows}</ul></div> }.into_any()
        };
        Ok(Shown::new(
            "Requests",
            view! {
                <div class="page-head"><div>
                    <a class="back" href="/calendar">"Calendar"</a>
                    <h1>"Requests"</h1>
                    <p class="sub">"Each keeps its time until it’s answered."</p>
                </div></div>
                {list}
            },
        )
        .narrow())
    })
}

fn row(one: StaffAppointment) -> impl IntoView {
    let zone = Zone::stored(&one.zone);
    let when = format!("{}, {}", zone.long_date(one.starts_at), zone.exact_clock(one.starts_at));
    let what = format!("{} with {}", one.service_name, one.practitioner_name);
    let name = one.client_name.clone();
    view! {
        <li>
            <div class="grow">
                <a class="strong" href=format!("/clients/{}", one.client_number)>{one.client_name}</a>
                <span class="small tnum">{when}</span>
                <span class="muted small">{what}</span>
            </div>
            <div class="actions">
                <a class="button small" href=format!("/appointments/{}", one.id)>"Answer"<span class="sr-only">" "{name}</span></a>
            </div>
        </li>
    }
}

/// Accept or decline, on the page of a request.
pub(super) fn answer(page: &Page, id: &str, version: i32) -> AnyView {
    let (accept, decline) = (FormState::of(ACCEPT), FormState::of(DECLINE));
    let conflicts = accept.conflicts().cloned();
    let (summary, anyway) =
        (conflicts.clone().map(told), conflicts.map(|conflicts| book_anyway(conflicts, "Accept anyway", &accept)));
    let shown = if summary.is_some() { accept.without_error() } else { accept };
    let (open, id, again) = (decline.was_posted(), id.to_owned(), id.to_owned());
    view! {
        <section class="panel" aria-labelledby="answer">
            <h2 id="answer">"Answer the request"</h2>
            <p>"The time is kept until you answer. We’ll email your answer."</p>
            <PostForm action=ACCEPT page=page.here.clone() state=shown>
                {summary}
                <input type="hidden" name="appointment" value=id/>
                <input type="hidden" name="form[version]" value=version.to_string()/>
                {anyway}
                <div class="form-actions"><button type="submit" class="button primary">"Accept"</button></div>
            </PostForm>
            <details class="section" open=open>
                <summary>"Decline"</summary>
                <PostForm action=DECLINE page=page.here.clone() state=decline.clone()>
                    <input type="hidden" name="appointment" value=again/>
                    <input type="hidden" name="form[version]" value=version.to_string()/>
                    <TextField field="reason" label="Reason" state=decline hint="Only the team sees it." optional=true/>
                    <div class="form-actions"><button type="submit" class="button danger">"Decline request"</button></div>
                </PostForm>
            </details>
        </section>
    }
    .into_any()
}
