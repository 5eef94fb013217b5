//! The day and the week as a grid: a column for each practitioner, location or day.

use super::Calendar;
use super::blocks::{Contents, Free, clock, free_runs, least, pieces, rows_of, spoken};
use super::drawn::drawn;
use super::list::waiting;
use super::words::{self, counted, standing};
use crate::calendar::desk;
use crate::error::AppError;
use crate::ui::page::Shown;
use chrono::NaiveDate;
use db::appointments::BusySpan;
use db::calendar::{Entry, Off, Open, Opening, Range};
use leptos::prelude::*;
use shared::calendar::grid::{Hours, ROWS_PER_DAY};
use shared::calendar::layout::Block;
use shared::calendar::{CalendarQuery, Columns, View};
use shared::slots::Span;
use shared::{LocationId, RoomId, StaffId};

/// What a column is of, beside its day.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Person(StaffId),
    Place(LocationId),
    /// `None`: without a room.
    Room(Option<RoomId>),
    /// A day on which no one works and nothing is booked.
    NoOne,
}

pub(super) struct Column {
    pub date: NaiveDate,
    pub of: Of,
    /// The heading, and what stands under it.
    pub name: String,
    pub sub: Option<String>,
    pub href: String,
    /// The first of its day.
    pub first: bool,
}

/// Everything that a day or a week shows.
pub(super) struct Known {
    pub columns: Vec<Column>,
    pub range: Range,
    pub open: Opening,
    pub days: (NaiveDate, NaiveDate),
}

pub(super) async fn known(calendar: &Calendar) -> Result<Known, AppError> {
    let Calendar { page, query, zone, date, .. } = calendar;
    let (first, last) = query.days(*date);
    let mut conn = page.connection().await?;
    let range = db::calendar::range(&mut conn, &page.actor, zone.days(first, last), &calendar.filter()).await?;
    let people = people(calendar, &range);
    let ids: Vec<StaffId> = people.iter().map(|(id, _)| *id).collect();
    let open = db::calendar::open(&mut conn, &page.actor, zone, (first, last), &ids).await?;
    let columns = columns(calendar, &people, &range, &open.open, (first, last));
    Ok(Known { columns, range, open, days: (first, last) })
}

/// How many appointments there are, in words.
pub(super) fn summary(calendar: &Calendar, range: &Range) -> String {
    counted(standing(&range.entries), range.busy.len(), calendar.own_clients())
}

/// Who waits, on the day itself.
pub(super) fn waiting_room(calendar: &Calendar, range: &Range) -> Option<AnyView> {
    waiting(calendar, range).filter(|_| calendar.query.view == View::Day)
}

pub(super) async fn show(calendar: &Calendar) -> Result<Shown, AppError> {
    let Calendar { query, date, .. } = calendar;
    let known = known(calendar).await?;
    let (first, last) = known.days;
    let heading = match query.view {
        View::Week => week_heading(first, last),
        _ => date.format("%A %-d %B %Y").to_string(),
    };
    let sub = summary(calendar, &known.range);
    let view = if known.columns.is_empty() { nothing(calendar) } else { drawn(calendar, &known, &[]).view };
    let waiting = waiting_room(calendar, &known.range);
    let more = known.range.more.then(|| view! {
        <div class="notice warn">"There are more appointments than fit here. Choose fewer days or practitioners."</div>
    });
    let view = view! {
        {more}
        <div id=desk::WAITING>{waiting}</div>
        {desk::desk()}
        {view}
    };
    calendar.shown(heading, sub, view).await
}

fn week_heading(first: NaiveDate, last: NaiveDate) -> String {
    let from = match (
        first.format("%Y").to_string() == last.format("%Y").to_string(),
        first.format("%m").to_string() == last.format("%m").to_string(),
    ) {
        (true, true) => "%-d",
        (true, false) => "%-d %B",
        _ => "%-d %B %Y",
    };
    format!("{} – {}", first.format(from), last.format("%-d %B %Y"))
}

/// Those who are asked for, and anyone else who has appointments: those of a person who
/// left are still to be dealt with.
fn people(calendar: &Calendar, range: &Range) -> Vec<(StaffId, String)> {
    let chosen = calendar.people();
    let mut people: Vec<(StaffId, String)> = calendar
        .practitioners
        .iter()
        .filter(|person| chosen.is_empty() || chosen.contains(&person.id))
        .map(|person| (person.id, person.name.clone()))
        .collect();
    for entry in &range.entries {
        if people.iter().all(|(id, _)| *id != entry.practitioner_id) {
            people.push((entry.practitioner_id, entry.practitioner_name.clone()));
        }
    }
    people
}

fn columns(
    calendar: &Calendar,
    people: &[(StaffId, String)],
    range: &Range,
    open: &[Open],
    (first, last): (NaiveDate, NaiveDate),
) -> Vec<Column> {
    let Calendar { query, zone, today, .. } = calendar;
    let week = query.view == View::Week;
    let mut columns = Vec::new();
    for date in first.iter_days().take_while(|date| *date <= last) {
        let day = zone.day(date);
        let dated = |words: Option<String>| {
            let parts: Vec<String> = [words, zone.day_note(date)].into_iter().flatten().collect();
            (!parts.is_empty()).then(|| parts.join(" · "))
        };
        let short = if date == *today { "Today".to_owned() } else { date.format("%a %-d %b").to_string() };
        let on_day = query.on(date).with_view(View::Day);
        let before = columns.len();
        if query.by == Columns::Location {
            for place in calendar.locations.iter().filter(|place| query.location.is_none_or(|only| only == place.id)) {
                let href = CalendarQuery { location: Some(place.id), ..on_day.clone() }.address();
                let sub = if week { dated(Some(short.clone())) } else { dated(None) };
                columns.push(Column {
                    date,
                    of: Of::Place(place.id),
                    name: place.name.clone(),
                    sub,
                    href,
                    first: false,
                });
            }
        } else if query.by == Columns::Room {
            let rooms = calendar.rooms.iter().filter(|room| {
                query.room.is_none_or(|only| only == room.id)
                    && query.location.is_none_or(|only| only == room.location_id)
            });
            let several = rooms.clone().count() != 1;
            let mut add = |room: Option<RoomId>, name: &str| {
                let href = CalendarQuery { room, view: if week { View::Day } else { View::Week }, ..query.on(date) };
                let (name, sub) = match (week, several) {
                    (true, false) => (short.clone(), dated(None)),
                    (true, true) => (name.to_owned(), dated(Some(short.clone()))),
                    (false, _) => (name.to_owned(), dated(None)),
                };
                columns.push(Column { date, of: Of::Room(room), name, sub, href: href.address(), first: false });
            };
            for room in rooms {
                add(Some(room.id), &room.name);
            }
            let roomless = |one: &Entry| one.room_id.is_none() && span(one).overlaps(day);
            if query.room.is_none() && range.entries.iter().any(roomless) {
                add(None, "No room");
            }
        } else if let ([(id, _)], true) = (people, week) {
            let sub = dated(None);
            columns.push(Column { date, of: Of::Person(*id), name: short, sub, href: on_day.address(), first: false });
        } else {
            for (id, name) in people {
                // In a week only those who are there that day.
                let works = open.iter().any(|one| one.practitioner == *id && one.span.overlaps(day));
                let has = range.entries.iter().any(|one| one.practitioner_id == *id && span(one).overlaps(day))
                    || range.busy.iter().any(|one| one.practitioner_id == *id && busy_span(one).overlaps(day));
                if week && !works && !has {
                    continue;
                }
                let sub = match week {
                    true => dated(Some(short.clone())),
                    false if !works && !has => dated(Some("Not working".to_owned())),
                    false => dated(None),
                };
                let one = CalendarQuery { people: vec![*id], everyone: false, ..query.on(date) };
                let href = one.with_view(if week { View::Day } else { View::Week }).address();
                columns.push(Column { date, of: Of::Person(*id), name: name.clone(), sub, href, first: false });
            }
            if week && columns.len() == before && !people.is_empty() {
                let sub = dated(Some("No one works".to_owned()));
                columns.push(Column { date, of: Of::NoOne, name: short, sub, href: on_day.address(), first: false });
            }
        }
        if let Some(column) = columns.get_mut(before) {
            column.first = week;
        }
    }
    columns
}

pub(super) fn span(entry: &Entry) -> Span {
    Span { starts: entry.starts_at, ends: entry.ends_at }
}

fn busy_span(busy: &BusySpan) -> Span {
    Span { starts: busy.starts_at, ends: busy.ends_at }
}

impl Column {
    pub fn holds(&self, entry: &Entry) -> bool {
        match self.of {
            Of::Person(id) => entry.practitioner_id == id,
            Of::Place(id) => entry.location_id == id,
            Of::Room(room) => entry.room_id == room,
            Of::NoOne => false,
        }
    }

    fn holds_busy(&self, busy: &BusySpan) -> bool {
        matches!(self.of, Of::Person(id) if busy.practitioner_id == id)
    }

    /// What keeps those of the column away that day.
    pub fn off<'a>(&self, calendar: &Calendar, all: &'a [Off]) -> Vec<(&'a Off, Block)> {
        let concerns = |off: &Off| match self.of {
            Of::Person(id) => off.practitioner.is_none_or(|one| one == id),
            Of::Place(id) => off.practitioner.is_none() && off.location.is_none_or(|one| one == id),
            Of::Room(_) | Of::NoOne => false,
        };
        let own = all.iter().filter(|off| concerns(off));
        own.filter_map(|off| Some((off, rows_of(&calendar.zone, self.date, off.span)?))).collect()
    }

    /// The rows in which the practitioner works; of a place nothing is known.
    pub fn open(&self, calendar: &Calendar, open: &[Open]) -> Option<Vec<Block>> {
        let rows = |id: StaffId| {
            let own = open.iter().filter(|one| one.practitioner == id);
            own.filter_map(|one| rows_of(&calendar.zone, self.date, one.span)).collect()
        };
        match self.of {
            Of::Person(id) => Some(rows(id)),
            Of::NoOne => Some(Vec::new()),
            Of::Place(_) | Of::Room(_) => None,
        }
    }
}

/// The hours in which anyone works or has appointments.
pub(super) fn hours(calendar: &Calendar, columns: &[Column], range: &Range, open: &[Open]) -> Hours {
    let mut blocks = Vec::new();
    for column in columns {
        let spans = range.entries.iter().filter(|one| column.holds(one)).map(span);
        let busy = range.busy.iter().filter(|one| column.holds_busy(one)).map(busy_span);
        blocks.extend(spans.chain(busy).filter_map(|span| rows_of(&calendar.zone, column.date, span)));
        blocks.extend(column.open(calendar, open).unwrap_or_default());
    }
    Hours::around(blocks)
}

pub(super) fn contents<'a>(
    calendar: &Calendar,
    column: &Column,
    range: &'a Range,
    open: Option<&[Block]>,
    now_row: u16,
    detailed: bool,
) -> Contents<'a> {
    let Calendar { zone, today, .. } = calendar;
    let day = zone.day(column.date);
    let entries: Vec<&Entry> =
        range.entries.iter().filter(|one| column.holds(one) && span(one).overlaps(day)).collect();
    let busy: Vec<Span> =
        range.busy.iter().filter(|one| column.holds_busy(one)).map(busy_span).filter(|one| one.overlaps(day)).collect();
    let (col_name, practitioner, room) = match column.of {
        Of::Person(id) => {
            let known = calendar.practitioners.iter().find(|person| person.id == id);
            (known.map_or("", |person| &person.name), Some(id), None)
        }
        Of::Room(Some(id)) => (column.name.as_str(), None, Some(id)),
        Of::Place(_) | Of::Room(None) | Of::NoOne => return Contents { entries, busy, free: Vec::new() },
    };
    if !calendar.books || column.date < *today {
        return Contents { entries, busy, free: Vec::new() };
    }
    let standing = entries.iter().filter(|one| !words::is_cancelled(one)).map(|one| span(one));
    let taken: Vec<Block> =
        standing.chain(busy.iter().copied()).filter_map(|span| rows_of(zone, column.date, span)).collect();
    let not_before = if column.date == *today { (now_row + 1).min(ROWS_PER_DAY) } else { 0 };
    let least = least(calendar.query.density);
    let mut free = Vec::new();
    for run in free_runs(open.unwrap_or_default(), &taken, not_before, least) {
        let cut = if detailed { pieces(run, least) } else { vec![run] };
        for (nth, block) in cut.into_iter().enumerate() {
            let label =
                (nth == 0).then(|| format!("Book {}, free {} to {}", col_name, spoken(run.starts), spoken(run.ends)));
            let mut href = calendar.new_appointment(column.date, practitioner, Some(&clock(block.starts)));
            if let Some(room) = room {
                href.push_str(&format!("&room={room}"));
            }
            free.push(Free { block, href, label, clock: spoken(block.starts) });
        }
    }
    Contents { entries, busy, free }
}

/// There is no one whose day could be shown.
fn nothing(calendar: &Calendar) -> AnyView {
    let may_add = calendar.page.actor.administrator().is_ok();
    view! {
        <div class="empty">
            <h2>"No practitioners yet"</h2>
            <p>"The calendar has a column for each practitioner. Add the first one to your team, and set their hours."</p>
            {may_add.then(|| view! { <a class="button primary" href="/settings/team/new">"Add team member"</a> })}
        </div>
    }
    .into_any()
}
