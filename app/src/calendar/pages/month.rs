//! A month: how many appointments each day has.

use super::Calendar;
use super::words::counted;
use crate::error::AppError;
use crate::ui::page::Shown;
use chrono::{Datelike, NaiveDate};
use db::calendar::DayCount;
use leptos::prelude::*;
use shared::calendar::{CalendarQuery, View};
use shared::practice::WEEKDAYS;

/// Practitioners named on a day; the others are counted.
const NAMED_MAX: usize = 3;

pub(super) async fn show(calendar: &Calendar) -> Result<Shown, AppError> {
    let Calendar { page, query, zone, date, .. } = calendar;
    let days = query.days(*date);
    let mut conn = page.connection().await?;
    let counts = db::calendar::month(&mut conn, &page.actor, zone, days, &calendar.filter()).await?;
    drop(conn);
    let within: Vec<&DayCount> = counts.iter().filter(|one| is_in(*date, one.date)).collect();
    let (booked, busy) = sums(&within);
    let sub = counted(booked, busy, calendar.own_clients());
    let weeks: Vec<Vec<NaiveDate>> = {
        let dates: Vec<NaiveDate> = days.0.iter_days().take_while(|day| *day <= days.1).collect();
        dates.chunks(7).map(<[NaiveDate]>::to_vec).collect()
    };
    let rows = weeks.into_iter().map(|week| {
        let cells = week.into_iter().map(|day| cell(calendar, day, &counts)).collect_view();
        view! { <tr>{cells}</tr> }
    });
    let head = WEEKDAYS.iter().map(|day| view! { <th scope="col"><abbr title=*day>{&day[..3]}</abbr></th> });
    let view = view! {
        <div class="month-wrap"><table class="month">
            <thead><tr>{head.collect_view()}</tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table></div>
    };
    calendar.shown(date.format("%B %Y").to_string(), sub, view).await
}

fn is_in(month: NaiveDate, day: NaiveDate) -> bool {
    (month.year(), month.month()) == (day.year(), day.month())
}

fn sums(counts: &[&DayCount]) -> (usize, usize) {
    counts.iter().fold((0, 0), |(booked, busy), one| (booked + one.booked as usize, busy + one.busy as usize))
}

fn cell(calendar: &Calendar, day: NaiveDate, counts: &[DayCount]) -> AnyView {
    let own: Vec<&DayCount> = counts.iter().filter(|one| one.date == day).collect();
    let (booked, busy) = sums(&own);
    let href = CalendarQuery { view: View::Day, ..calendar.query.on(day) }.address();
    let is_today = day == calendar.today;
    let class = match (is_in(calendar.date, day), is_today) {
        (_, true) => "today",
        (false, _) => "outside",
        _ => "",
    };
    let count = match (booked, busy) {
        (0, 0) => None,
        (booked, 0) => Some(booked.to_string()),
        (0, busy) => Some(format!("{busy} busy")),
        (booked, busy) => Some(format!("{booked}, {busy} busy")),
    };
    let label = format!("{}, {}", day.format("%A %-d %B"), counted(booked, busy, calendar.own_clients()));
    // Of one practitioner the name is known.
    let named = if calendar.people().len() == 1 { Vec::new() } else { own };
    let rest = named.len().saturating_sub(NAMED_MAX);
    let names = named.iter().take(NAMED_MAX).map(|one| {
        view! { <li>{one.practitioner_name.clone()}<span class="tnum">{one.booked + one.busy}</span></li> }
    });
    let list = (!named.is_empty()).then(|| {
        view! {
            <ul aria-hidden="true">{names.collect_view()}{(rest > 0).then(|| view! { <li>"+"{rest}" more"</li> })}</ul>
        }
    });
    view! {
        <td class=class>
            <a href=href aria-label=label aria-current=is_today.then_some("date")>
                <span class="day-number">{day.day()}</span>
                {count.map(|count| view! { <span class="day-count">{count}</span> })}
                {list}
            </a>
        </td>
    }
    .into_any()
}
