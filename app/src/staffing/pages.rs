//! The week's grid, with the filters in its address.

use crate::context::{query, url_encode};
use crate::ui::capital;
use crate::ui::page::{Page, Shown, page};
use chrono::{Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use db::staffing::{StaffingQuery, StaffingWeek};
use leptos::prelude::*;
use shared::parse;
use shared::practice::{ServiceView, StaffView, WEEKDAYS};
use shared::staffing::{Cell, STEPS};

/// Shown even when nothing is in them: from 8 am to 6 pm.
const USUAL: std::ops::Range<usize> = 16..36;

#[component]
pub fn StaffingPage() -> impl IntoView {
    let params = StaffingQuery {
        day: parse::date(&query("week")).ok(),
        practitioner: query("practitioner").parse().ok(),
        service: query("service").parse().ok(),
    };
    page(move |page| async move {
        let week = db::staffing::week(page.pool(), &page.actor, params, Utc::now()).await?;
        let practitioners = db::practice::practitioners(page.pool(), &page.actor).await?;
        let services = db::practice::active_services(page.pool()).await?;
        let sub = heading(week.monday);
        Ok(Shown::new(
            "Staffing",
            view! {
                <div class="page-head">
                    <div><a class="back" href="/calendar">"Calendar"</a><h1>"Staffing"</h1><p class="sub tnum">{sub}</p></div>
                    <div class="actions">
                        <a class="button" rel="prev" href=link(week.monday - Days::new(7), &params)>"Previous week"</a>
                        <a class="button" href=link_now(&params)>"This week"</a>
                        <a class="button" rel="next" href=link(week.monday + Days::new(7), &params)>"Next week"</a>
                    </div>
                </div>
                {filters(&week, &params, &practitioners, &services)}
                {counted(&page, &week)}
                {grid(&page, &week)}
            },
        )
        .wide())
    })
}

fn heading(monday: NaiveDate) -> String {
    let sunday = monday + Days::new(6);
    format!("{} – {}", monday.format("%-d %B"), sunday.format("%-d %B %Y"))
}

fn link(monday: NaiveDate, params: &StaffingQuery) -> String {
    format!("/staffing?week={monday}{}", rest(params))
}

fn link_now(params: &StaffingQuery) -> String {
    format!("/staffing?{}", rest(params).trim_start_matches('&'))
}

fn rest(params: &StaffingQuery) -> String {
    let parts = [
        ("practitioner", params.practitioner.map(|id| id.to_string())),
        ("service", params.service.map(|id| id.to_string())),
    ];
    let parts = parts.into_iter().filter_map(|(name, value)| Some(format!("&{name}={}", url_encode(&value?))));
    parts.collect()
}

fn filters(
    week: &StaffingWeek,
    params: &StaffingQuery,
    practitioners: &[StaffView],
    services: &[ServiceView],
) -> impl IntoView + use<> {
    let people = practitioners.iter().filter(|person| person.active).map(|person| {
        view! { <option value=person.id.to_string() selected=params.practitioner == Some(person.id)>{person.name.clone()}</option> }
    });
    let services = services.iter().map(|service| {
        view! { <option value=service.id.to_string() selected=params.service == Some(service.id)>{service.name.clone()}</option> }
    });
    view! {
        <form class="filters" method="get" action="/staffing">
            <div class="field"><label for="week">"Week of"</label>
                <input id="week" type="date" name="week" value=week.monday.to_string()/></div>
            <div class="field"><label for="practitioner">"Practitioner"</label>
                <select id="practitioner" name="practitioner"><option value="">"Everyone"</option>{people.collect_view()}</select></div>
            <div class="field"><label for="service">"Service"</label>
                <select id="service" name="service"><option value="">"Any service"</option>{services.collect_view()}</select></div>
            <button type="submit" class="button">"Show"</button>
        </form>
    }
}

/// Whose weeks are in the grid, and who is not.
fn counted(page: &Page, week: &StaffingWeek) -> AnyView {
    let many = &page.practice.client_word_plural;
    let count = |number: i64| if number == 1 { page.practice.client_word.clone() } else { many.clone() };
    if week.clients == 0 {
        let words = format!(
            "No active {} has entered availability yet. Add it on a profile, under Availability, or let {many} enter it in the portal.",
            page.practice.client_word
        );
        return view! { <div class="notice info">{words}</div> }.into_any();
    }
    let practitioners = match week.practitioners {
        1 => "1 practitioner".to_owned(),
        number => format!("{number} practitioners"),
    };
    let unknown = match week.clients_unknown {
        0 => String::new(),
        number => {
            format!(" {number} more without availability {} not counted.", if number == 1 { "is" } else { "are" })
        }
    };
    let words = format!(
        "{} {} with availability and {practitioners}.{unknown} Times are in {} time.",
        week.clients,
        count(week.clients),
        week.place
    );
    view! { <p class="zone-note">{words}</p> }.into_any()
}

fn grid(page: &Page, week: &StaffingWeek) -> impl IntoView + use<> {
    let used = |step: usize| (0..7).any(|day| week.cells[day * STEPS + step] != Cell::default());
    let first = (0..STEPS).find(|step| used(*step)).unwrap_or(USUAL.start).min(USUAL.start);
    let last = (0..STEPS).rev().find(|step| used(*step)).unwrap_or(USUAL.end - 1).max(USUAL.end - 1);
    let many = page.practice.client_word_plural.clone();
    let heads = (0..7).map(|day| {
        let date = week.monday + Days::new(day);
        view! { <th scope="col"><span class="sr-only">{WEEKDAYS[day as usize]}" "</span><span aria-hidden="true">{date.format("%a").to_string()}</span>{date.format(" %-d %b").to_string()}</th> }
    });
    let rows = (first..=last).map(|step| {
        let cells = (0..7).map(|day| cell(week.cells[day * STEPS + step], &many)).collect_view();
        let class = if step % 2 == 0 { "hour" } else { "half" };
        view! { <tr class=class><th scope="row" class="tnum">{clock(step)}</th>{cells}</tr> }
    });
    let legend = format!("{} available · practitioners free of those working", capital(&many));
    view! {
        <div class="panel flush">
            <div class="table-wrap" tabindex="0" role="region" aria-label="Staffing by half hour">
                <table class="table staffing">
                    <caption>{legend}". "<span class="staffing-key gap">"✕ no practitioner works"</span>" "
                        <span class="staffing-key full">"■ all practitioners booked"</span></caption>
                    <thead><tr><th scope="col"><span class="sr-only">"Time"</span></th>{heads.collect_view()}</tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        </div>
    }
}

fn cell(cell: Cell, many: &str) -> AnyView {
    if cell == Cell::default() {
        return view! { <td class="none"><span class="sr-only">"closed"</span></td> }.into_any();
    }
    let words = format!("{} {many} available, {} of {} practitioners free", cell.clients, cell.free(), cell.working);
    let (class, mark) = match cell {
        cell if cell.is_gap() => ("gap", " ✕"),
        Cell { working: 0, .. } => ("none", ""),
        cell if cell.free() == 0 => ("full", " ■"),
        _ => ("open", ""),
    };
    let practitioners = if cell.working > 0 { format!("{}/{}", cell.free(), cell.working) } else { String::new() };
    view! {
        <td class=class title=words.clone()><span class="sr-only">{words.clone()}</span>
            <span aria-hidden="true"><b>{cell.clients}</b>" "{practitioners}{mark}</span></td>
    }
    .into_any()
}

/// `9:30 am`, of a half hour of the day.
fn clock(step: usize) -> String {
    let time = NaiveTime::MIN + TimeDelta::minutes(step as i64 * 30);
    time.format("%-I:%M %P").to_string()
}
