//! *Where you’re logged in*, in one's own account.

use crate::context;
use crate::error::AppError;
use crate::ui::page::Page;
use db::accounts::sessions::{self, OpenSession};
use db::time::Zone;
use leptos::prelude::*;
use shared::accounts::browser;

const END: &str = "/fn/account/end_session";
const OTHERS: &str = "/fn/account/end_other_sessions";
const HERE: &str = "/account";

/// The panel of the account that asks for the page.
pub async fn panel(page: &Page) -> Result<AnyView, AppError> {
    let open = sessions::open(page.pool(), &page.actor, &context::session_id().unwrap_or_default()).await?;
    let zone = Zone::stored(&page.practice.zone);
    let others = open.iter().any(|session| !session.here);
    let rows = open.into_iter().map(|session| row(session, &zone)).collect_view();
    let all = others.then(|| {
        view! {
            <form method="post" action=OTHERS data-once="">
                <input type="hidden" name="_page" value=HERE/>
                <button class="button" type="submit">"Log out everywhere else"</button>
            </form>
        }
    });
    Ok(view! {
        <section class="panel" aria-labelledby="sessions">
            <h2 id="sessions">"Where you’re logged in"</h2>
            <table class="table cards">
                <thead><tr>
                    <th scope="col">"Browser"</th>
                    <th scope="col">"Logged in"</th>
                    <th scope="col">"Last seen"</th>
                    <th scope="col"><span class="sr-only">"Actions"</span></th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="hint">"A session ends after 8 hours without use, and 7 days after login. Times are in the practice’s time zone."</p>
            {all}
        </section>
    }
    .into_any())
}

fn row(session: OpenSession, zone: &Zone) -> impl IntoView + use<> {
    let OpenSession { id, agent, first_seen, last_seen, here } = session;
    let name = browser(&agent);
    let when = |at| format!("{}, {}", zone.short_date(at), zone.exact_clock(at));
    let act = match here {
        true => view! { <span class="badge">"This one"</span> }.into_any(),
        false => view! {
            <form method="post" action=END data-once="">
                <input type="hidden" name="_page" value=HERE/>
                <input type="hidden" name="session" value=id.to_string()/>
                <button class="button small" type="submit">"Log out"<span class="sr-only">{format!(" {name}")}</span></button>
            </form>
        }
        .into_any(),
    };
    view! {
        <tr>
            <th scope="row">{name.clone()}</th>
            <td data-label="Logged in">{when(first_seen)}</td>
            <td data-label="Last seen">{when(last_seen)}</td>
            <td>{act}</td>
        </tr>
    }
}
