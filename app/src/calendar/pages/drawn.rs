//! The grid as HTML: a column is drawn by itself and wears a tag of what it shows, so that a page
//! that is open asks only for those that changed.

use super::Calendar;
use super::blocks::{Colours, Contents, Drawing, free_runs, items, rows_of, spoken};
use super::grid::{Column, Known, Of, contents, hours, summary, waiting_room};
use super::words;
use crate::calendar::desk;
use crate::error::AppError;
use chrono::NaiveDate;
use db::calendar::{Off, Open, Range};
use leptos::prelude::*;
use shared::calendar::carry::Period;
use shared::calendar::grid::{Hours, MINUTES_PER_ROW, ROWS_PER_HOUR, classes};
use shared::calendar::layout::Block;
use shared::calendar::{CalendarQuery, Density, View};
use shared::slots::Span;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Up to as many columns offer each half hour; more offer their free runs.
const DETAILED_MAX: usize = 16;

/// The grid, and what tells whether another one shows the same.
pub(super) struct Drawn {
    pub view: AnyView,
    pub tag: String,
}

fn tag(of: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// What a page that is open puts in place: the grid without the columns that it has, what stands
/// above it, and the tag of all. `have`: the tags of its columns.
pub(super) async fn renewed(calendar: &Calendar, have: &[&str]) -> Result<(String, String), AppError> {
    let known = super::grid::known(calendar).await?;
    let Drawn { view, tag: shown } = drawn(calendar, &known, have);
    let sub = summary(calendar, &known.range);
    let waiting = waiting_room(calendar, &known.range).map(|strip| strip.to_html()).unwrap_or_default();
    let whole = tag(&(&shown, &sub, &waiting));
    let html = view! {
        <p id=desk::SUMMARY>{sub}</p>
        <div id=desk::WAITING inner_html=waiting></div>
        {view}
    };
    Ok((html.to_html(), whole))
}

pub(super) fn drawn(calendar: &Calendar, known: &Known, have: &[&str]) -> Drawn {
    let Calendar { query, zone, today, now, .. } = calendar;
    let Known { columns, range, open: opening, .. } = known;
    let open = &opening.open;
    let mut tags: Vec<String> = Vec::new();
    let hours = hours(calendar, columns, range, open);
    let colours = Colours::new(query.colour, &range.entries);
    let detailed = columns.len() <= DETAILED_MAX;
    let now_row = {
        let starts = zone.local(*now);
        use chrono::Timelike;
        ((starts.hour() * 60 + starts.minute()) / 5) as u16
    };
    let line = hours.clip(Block { starts: now_row, ends: now_row + 1 });
    let shows_today = columns.iter().any(|column| column.date == *today);
    let sections = columns
        .iter()
        .enumerate()
        .map(|(nth, column)| {
            let id = format!("column-{nth}");
            let open_rows = column.open(calendar, open);
            let works = open_rows.as_ref().map(|open| periods(open));
            // A room is free while anyone works who could use it.
            let bookable = match column.of {
                Of::Room(_) => Some(anyone_open(calendar, open, column.date)),
                _ => open_rows.clone(),
            };
            let contents = contents(calendar, column, range, bookable.as_deref(), now_row, detailed);
            let closed = open_rows.map(|open| closed(&open, hours)).unwrap_or_default();
            let ask = column.open(calendar, &opening.ask).unwrap_or_default();
            let ask: Vec<Block> = ask.into_iter().filter_map(|block| hours.clip(block)).collect();
            let off = column.off(calendar, &opening.off);
            let away: Vec<String> = off.iter().map(|(off, _)| named(off)).collect();
            let list = CalendarQuery { view: View::List, ..query.on(column.date) }.address();
            let count = standing_in(&contents);
            let drawing = Drawing {
                calendar,
                zone,
                date: column.date,
                hours,
                density: query.density,
                colours: &colours,
                with_practitioner: matches!(column.of, Of::Place(_) | Of::Room(_)),
                with_room: matches!(column.of, Of::Room(_)),
                list: &list,
            };
            let is_today = column.date == *today;
            let class = format!(
                "cal-column{}{}",
                if column.first { " day-begins" } else { "" },
                if is_today && query.view == View::Week { " today" } else { "" }
            );
            let items = items(contents, &drawing);
            // Of several columns of one name each is told by its day as well.
            let same = columns.iter().filter(|other| other.name == column.name).count() > 1;
            let day = same.then(|| column.date.format(", %A %-d %B").to_string());
            let buffers = buffers(calendar, column, range, hours);
            let inside = view! {
                <div class="cal-name">
                    <h2 id=id.clone()><a href=column.href.clone()>{column.name.clone()}{day.map(|day| view! { <span class="sr-only">{day}</span> })}</a></h2>
                    <p>{under(column, count, &away)}</p>
                </div>
                <div class="cal-body">
                    <div class="cal-back" aria-hidden="true">
                        {closed.into_iter().map(|block| view! { <i class=format!("{} closed", classes(block))></i> }).collect_view()}
                        {ask.into_iter().map(|block| view! { <i class=format!("{} ask", classes(block))></i> }).collect_view()}
                        {off.into_iter().filter_map(|(off, rows)| {
                            let class = format!("{} off", classes(hours.clip(rows)?));
                            Some(view! { <i class=class data-off=periods(&[rows])>{named(off)}</i> })
                        }).collect_view()}
                        {buffers.into_iter().map(|block| view! { <i class=format!("{} buffer", classes(block))></i> }).collect_view()}
                        {line.filter(|_| is_today).map(|block| view! { <i class=format!("{} now", classes(block))></i> })}
                    </div>
                    <ol>{items}</ol>
                </div>
            };
            let inside = inside.to_html();
            let to = column.target();
            let own = tag(&(&class, &to, column.date, &works, &inside));
            let kept = have.contains(&own.as_str());
            tags.push(own.clone());
            view! {
                <section class=class aria-labelledby=id data-date=column.date.to_string() data-to=to data-open=works data-tag=own
                    data-kept=kept.then_some("") inner_html=if kept { String::new() } else { inside }></section>
            }
        })
        .collect_view();
    let marks = (hours.first..hours.last)
        .map(|hour| {
            let block =
                Block { starts: (hour - hours.first) * ROWS_PER_HOUR, ends: (hour - hours.first + 1) * ROWS_PER_HOUR };
            let words = spoken(hour * ROWS_PER_HOUR).replace(":00", "");
            view! { <span class=classes(block)>{words}</span> }
        })
        .collect_view();
    let mark_now = line.filter(|_| shows_today).map(|block| {
        view! { <span class=format!("{} now", classes(block))>{zone.clock(*now)}</span> }
    });
    let density = match query.density {
        Density::Normal => String::new(),
        other => format!(" {}", other.as_str()),
    };
    let few = if columns.len() <= 2 { " few" } else { "" };
    let class = format!("cal h{}{density}{few}", hours.last - hours.first);
    let hours_line = view! { <div class="cal-name"></div><div class="cal-body">{marks}{mark_now}</div> }.to_html();
    let tag = tag(&(&class, &tags, &hours_line));
    let location = query.location.map(|id| id.to_string());
    let view = view! {
        <div class=class id=desk::GRID role="region" aria-label="Calendar" tabindex="0" data-step=calendar.page.practice.slot_step_minutes.to_string()
            data-first=hours.first.to_string() data-last=hours.last.to_string() data-location=location>
            <div class="cal-hours" aria-hidden="true" inner_html=hours_line></div>
            {sections}
        </div>
        {legend(&colours)}
    };
    Drawn { view: view.into_any(), tag }
}

impl Column {
    /// Where an appointment is put that is moved here; `None`: nothing can be.
    fn target(&self) -> Option<String> {
        match self.of {
            Of::Person(id) => Some(format!("practitioner {id}")),
            Of::Room(Some(id)) => Some(format!("room {id}")),
            Of::Place(id) => Some(format!("location {id}")),
            Of::Room(None) | Of::NoOne => None,
        }
    }
}

/// The rows in which at least one practitioner works.
fn anyone_open(calendar: &Calendar, open: &[Open], date: NaiveDate) -> Vec<Block> {
    let mut rows: Vec<Block> = open.iter().filter_map(|one| rows_of(&calendar.zone, date, one.span)).collect();
    rows.sort_by_key(|block| block.starts);
    let mut merged: Vec<Block> = Vec::new();
    for block in rows {
        match merged.last_mut().filter(|last| block.starts <= last.ends) {
            Some(last) => last.ends = last.ends.max(block.ends),
            None => merged.push(block),
        }
    }
    merged
}

/// Rows of the day as minutes: `540-720 780-1020`.
fn periods(rows: &[Block]) -> String {
    let period = |block: &Block| Period { starts: block.starts * MINUTES_PER_ROW, ends: block.ends * MINUTES_PER_ROW };
    rows.iter().map(|block| period(block).to_string()).collect::<Vec<_>>().join(" ")
}

/// What stands under a column's name.
fn under(column: &Column, count: String, away: &[String]) -> String {
    let count = Some(count).filter(|count| count != "0" || (column.sub.is_none() && away.is_empty()));
    column.sub.iter().chain(away).cloned().chain(count).collect::<Vec<_>>().join(" · ")
}

/// What time off is called.
fn named(off: &Off) -> String {
    match (off.reason.as_str(), off.practitioner) {
        ("", None) => "Closed".to_owned(),
        ("", Some(_)) => "Time off".to_owned(),
        (reason, _) => reason.to_owned(),
    }
}

fn standing_in(contents: &Contents<'_>) -> String {
    let seen = contents.entries.iter().filter(|entry| !words::is_cancelled(entry)).count();
    match (seen, contents.busy.len()) {
        (seen, 0) => seen.to_string(),
        (0, busy) => format!("{busy} busy"),
        (seen, busy) => format!("{seen}, {busy} busy"),
    }
}

fn legend(colours: &Colours) -> Option<AnyView> {
    let rows = colours.legend.iter().map(|(tint, name)| {
        view! { <li class=format!("colour-{tint}")>{name.clone()}</li> }
    });
    (!colours.legend.is_empty())
        .then(|| view! { <ul class="legend" aria-label="Colours">{rows.collect_view()}</ul> }.into_any())
}

/// What is not open, as rows of the grid.
fn closed(open: &[Block], hours: Hours) -> Vec<Block> {
    let whole = Block { starts: hours.first * ROWS_PER_HOUR, ends: hours.last * ROWS_PER_HOUR };
    free_runs(&[whole], open, 0, 1).into_iter().filter_map(|block| hours.clip(block)).collect()
}

/// The minutes to keep free after each appointment.
fn buffers(calendar: &Calendar, column: &Column, range: &Range, hours: Hours) -> Vec<Block> {
    let kept =
        range.entries.iter().filter(|one| column.holds(one) && one.buffer_minutes > 0 && !words::is_cancelled(one));
    kept.filter_map(|one| {
        let ends = one.ends_at + chrono::TimeDelta::minutes(one.buffer_minutes.into());
        hours.clip(rows_of(&calendar.zone, column.date, Span { starts: one.ends_at, ends })?)
    })
    .collect()
}
