//! What this installation is: versions, and whose clocks it goes by.

use crate::ui::page::{Shown, page};
use chrono::Utc;
use db::appointments::Clash;
use db::time::Zone;
use leptos::prelude::*;

#[component]
pub fn AboutPage() -> impl IntoView {
    page(|page| async move {
        page.actor.front_desk()?;
        let zones = db::time::in_use();
        let postgres = db::pool::server_version(page.pool()).await.map_err(db::Error::from)?;
        let skewed = db::time::skew(page.pool(), Utc::now()).await?;
        let clashes = db::appointments::clashes(page.pool(), &page.actor, Utc::now()).await?;
        let newer = zones.newer().map(|newer| {
            let words = format!(
                "Version {newer} of the time zone database is available here but isn’t used. \
                 Start Kindred with --tzdb=newest to use it."
            );
            view! { <p class="notice warn">{words}</p> }
        });
        let clocks = match skewed.is_empty() {
            true => view! { "Same clocks as Kindred for the next five years" }.into_any(),
            false => {
                let lines = skewed.iter().map(|skew| view! { <li>{skew.to_string()}</li> }).collect_view();
                view! { <p>"Other clocks than Kindred:"</p><ul>{lines}</ul> }.into_any()
            }
        };
        let warning = (!skewed.is_empty()).then(|| {
            view! {
                <p class="notice warn">
                    "Postgres has older time zone data. Kindred’s own times are right. \
                     Reports that you write in SQL can be an hour off. Update the time zone data of the database server."
                </p>
            }
        });
        let system = db::time::system_version().unwrap_or_else(|| "none".to_owned());
        let others = format!("Built in: {}. This computer: {system}.", db::time::bundled_version());
        Ok(Shown::new(
            "About",
            view! {
                <div class="page-head">
                    <div><a class="back" href="/settings">"Settings"</a><h1>"About"</h1></div>
                </div>
                {newer}
                {warning}
                {(!clashes.is_empty()).then(|| clash_list(clashes))}
                <div class="panel">
                    <dl class="facts">
                        <dt>"Kindred"</dt><dd class="tnum">{env!("CARGO_PKG_VERSION")}</dd>
                        <dt>"Time zone database"</dt>
                        <dd class="tnum">{format!("{} ({})", zones.version, zones.source)}<p class="muted small">{others}</p></dd>
                        <dt>"Postgres"</dt><dd class="tnum">{postgres}</dd>
                        <dt>"Clocks of Postgres"</dt><dd>{clocks}</dd>
                    </dl>
                </div>
            },
        )
        .narrow())
    })
}

/// The appointments that could not keep their time when the clocks were changed.
fn clash_list(clashes: Vec<Clash>) -> impl IntoView {
    let row = |one: Clash| {
        let zone = Zone::stored(&one.zone);
        let agreed = one.agreed.format("%A %-d %B %Y, %-I:%M %P").to_string();
        let now = format!("Now at {}. {} with {}.", zone.exact_clock(one.starts_at), one.service, one.practitioner);
        view! { <li><a href=format!("/appointments/{}", one.id)>{agreed}</a><p class="muted small">{now}</p></li> }
    };
    view! {
        <section class="panel" aria-labelledby="clashes">
            <h2 id="clashes">"Appointments to move by hand"</h2>
            <p>"The rules for the clocks have changed. These appointments can’t keep the time that was agreed, because something else is booked then."</p>
            <ul>{clashes.into_iter().map(row).collect_view()}</ul>
        </section>
    }
}
