//! A client's own past appointments, by year: what became of each, its calendar file, and to print.

use super::booking::link;
use crate::context::query;
use crate::ui::page::{Shown, page};
use db::appointments::{PAST_MAX, PastAppointment};
use db::time::Zone;
use leptos::prelude::*;
use shared::appointments::{Modality, instant_text};
use shared::practice::price;

const HERE: &str = "/my/history";

#[component]
pub fn HistoryPage() -> impl IntoView {
    let asked = query("year");
    page(move |page| async move {
        let me = page.actor.client()?.clone();
        let years = db::appointments::past_years(page.pool(), &me).await?;
        let year = asked.parse().ok().filter(|year| years.contains(year));
        let past = db::appointments::past_of_own(page.pool(), &me, year, PAST_MAX).await?;
        let name = page.actor.name().to_owned();
        let pick = |of: Option<i32>, words: String| {
            let href = link(HERE, &[("year", &of.map(|year| year.to_string()).unwrap_or_default())]);
            view! { <li><a class="pick" href=href aria-current=(of == year).then_some("true")>{words}</a></li> }
        };
        let picks = (years.len() > 1).then(|| {
            let each = years.iter().map(|year| pick(Some(*year), year.to_string())).collect_view();
            view! { <nav aria-label="Year"><ul class="picks">{pick(None, "All".to_owned())}{each}</ul></nav> }
        });
        let none = past.is_empty();
        let cut = past.len() as i64 == PAST_MAX;
        let rows = table(past, Some(&page.practice.currency));
        let cut = cut.then(|| {
            view! { <p class="notice info">{format!("These are the newest {PAST_MAX}. Choose a year to see older ones.")}</p> }
        });
        Ok(Shown::new(
            "Past appointments",
            view! {
                <div class="page-head">
                    <div><a class="back" href="/my/appointments">"My appointments"</a><h1>"Past appointments"</h1><p class="sub">{name}</p></div>
                    <div class="actions"><button type="button" class="button needs-script" data-print="">"Print"</button></div>
                </div>
                {picks}
                {cut}
                {match none {
                    true => view! { <div class="panel empty"><h2>"Nothing yet"</h2><p>"Your past appointments will appear here."</p></div> }.into_any(),
                    false => rows,
                }}
            },
        ))
    })
}

/// Newest first. With the practice's currency: in full, with place, price and calendar file.
pub fn table(past: Vec<PastAppointment>, currency: Option<&str>) -> AnyView {
    let full = currency.is_some();
    let currency = currency.unwrap_or_default().to_owned();
    let row = move |one: PastAppointment| {
        let zone = Zone::stored(&one.zone);
        let when = format!("{}, {}", zone.long_date(one.starts_at), zone.exact_clock(one.starts_at));
        let place = match one.modality {
            Modality::InPerson => one.location,
            other => other.label().to_owned(),
        };
        let file = format!("/my/appointments/{}/calendar.ics", one.id);
        let day = zone.long_date(one.starts_at);
        view! {
            <tr>
                <td class="tnum"><time datetime=instant_text(one.starts_at)>{when}</time></td>
                <td data-label="Service">{one.service}</td>
                <td data-label="With">{one.practitioner}</td>
                {full.then(|| view! {
                    <td data-label="Where">{place}</td>
                    <td data-label="Price" class="tnum">{format!("{} {currency}", price(one.price_cents))}</td>
                })}
                <td data-label="Status"><span class=format!("badge {}", one.outcome.as_str())>{one.outcome.label()}</span></td>
                {full.then(|| view! {
                    <td class="actions"><a class="button small" href=file download="appointment.ics">"Calendar file"<span class="sr-only">" of "{day}</span></a></td>
                })}
            </tr>
        }
    };
    view! {
        <div class="panel flush"><div class="table-wrap"><table class="table cards">
            <thead><tr>
                <th scope="col">"Date"</th><th scope="col">"Service"</th><th scope="col">"With"</th>
                {full.then(|| view! { <th scope="col">"Where"</th><th scope="col">"Price"</th> })}
                <th scope="col">"Status"</th>
                {full.then(|| view! { <th scope="col"><span class="sr-only">"Calendar file"</span></th> })}
            </tr></thead>
            <tbody>{past.into_iter().map(row).collect_view()}</tbody>
        </table></div></div>
    }
    .into_any()
}
