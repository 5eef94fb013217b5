//! What stands in a column of the grid, and where: appointments, times of which only that
//! they are busy is known, and free times.

use super::Calendar;
use super::rows::may_attend;
use super::words::{attendance, brief, is_cancelled, names};
use chrono::{DateTime, NaiveDate, Timelike, Utc};
use db::calendar::Entry;
use db::time::Zone;
use leptos::prelude::*;
use shared::AppointmentId;
use shared::appointments::{AppointmentStatus, instant_text};
use shared::calendar::grid::{Hours, MINUTES_PER_ROW, ROWS_PER_DAY, ROWS_PER_HOUR, folded, placed, rows};
use shared::calendar::layout::{Block, layout};
use shared::calendar::{ColourBy, Density};
use shared::slots::Span;
use std::collections::HashMap;

/// The colours of the palette that services and practitioners take in turn.
const TINTS: [&str; 8] = ["teal", "blue", "purple", "orange", "green", "pink", "yellow", "red"];

/// Rows of a day, from midnight, that a span covers. They follow the clocks: in an hour
/// that happens twice a block may stand beside the one of the hour before.
pub(super) fn rows_of(zone: &Zone, date: NaiveDate, span: Span) -> Option<Block> {
    let day = zone.day(date);
    if !span.overlaps(day) {
        return None;
    }
    let minute = |at: DateTime<Utc>| {
        let local = zone.local(at);
        (local.hour() * 60 + local.minute()) as u16
    };
    let starts = if span.starts <= day.starts { 0 } else { minute(span.starts) };
    let ends = if span.ends >= day.ends { 24 * 60 } else { minute(span.ends) };
    if ends > starts {
        return Some(rows(starts, ends));
    }
    // The clocks were turned back in between.
    let length = (span.ends.min(day.ends) - span.starts.max(day.starts)).num_minutes();
    Some(rows(starts, starts.saturating_add(length.clamp(0, 24 * 60) as u16).min(24 * 60)))
}

/// Rows that a block takes at least, so that it can be pressed: 24 pixels.
pub(super) fn least(density: Density) -> u16 {
    match density {
        Density::Compact => 6,
        Density::Normal => 4,
        Density::Large => 3,
    }
}

fn at_least(block: Block, rows: u16) -> Block {
    let ends = block.ends.max(block.starts + rows).min(ROWS_PER_DAY);
    Block { starts: block.starts.min(ends.saturating_sub(rows)), ends }
}

/// The id of a service or practitioner.
type Key = [u8; 16];

/// Which colour stands for what.
pub(super) struct Colours {
    by: ColourBy,
    tints: HashMap<Key, &'static str>,
    /// What the colours of the page mean, by name.
    pub legend: Vec<(&'static str, String)>,
}

impl Colours {
    pub fn new(by: ColourBy, entries: &[Entry]) -> Colours {
        let mut known: Vec<(String, Key)> = match by {
            ColourBy::Service => {
                entries.iter().map(|one| (one.service_name.clone(), one.service_id.0.into_bytes())).collect()
            }
            ColourBy::Practitioner => {
                entries.iter().map(|one| (one.practitioner_name.clone(), one.practitioner_id.0.into_bytes())).collect()
            }
            ColourBy::Client | ColourBy::Status => Vec::new(),
        };
        known.sort();
        known.dedup();
        let tints: HashMap<Key, &str> =
            known.iter().zip(TINTS.iter().cycle()).map(|((_, id), tint)| (*id, *tint)).collect();
        let legend = known.into_iter().map(|(name, id)| (tints[&id], name)).collect();
        Colours { by, tints, legend }
    }

    fn class(&self, entry: &Entry) -> Option<&str> {
        match self.by {
            ColourBy::Client => entry.attendees.iter().find_map(|one| one.colour).map(|colour| colour.as_str()),
            ColourBy::Service => self.tints.get(&entry.service_id.0.into_bytes()).copied(),
            ColourBy::Practitioner => self.tints.get(&entry.practitioner_id.0.into_bytes()).copied(),
            ColourBy::Status if is_cancelled(entry) => None,
            ColourBy::Status => Some(match attendance(entry) {
                Some(("no_show", _)) => "red",
                Some(("arrived", _)) => "orange",
                Some(("in_session", _)) => "purple",
                Some(("attended", _)) => "green",
                _ if entry.status == AppointmentStatus::Confirmed => "teal",
                _ => "yellow",
            }),
        }
    }

    /// Where the colour tells the status, a word tells it too.
    fn tells_status(&self) -> bool {
        self.by == ColourBy::Status
    }
}

/// A time to book.
pub(super) struct Free {
    pub block: Block,
    pub href: String,
    /// Of the first of a run, in words; the others are for those who point.
    pub label: Option<String>,
    pub clock: String,
}

/// What a column holds.
#[derive(Default)]
pub(super) struct Contents<'a> {
    pub entries: Vec<&'a Entry>,
    pub busy: Vec<Span>,
    pub free: Vec<Free>,
}

/// How a column is drawn.
pub(super) struct Drawing<'a> {
    pub calendar: &'a Calendar,
    pub zone: &'a Zone,
    pub date: NaiveDate,
    pub hours: Hours,
    pub density: Density,
    pub colours: &'a Colours,
    /// Said in each block, where the column does not.
    pub with_practitioner: bool,
    /// The column is the room.
    pub with_room: bool,
    /// Where the appointments of the day are listed.
    pub list: &'a str,
}

/// The column's items, by time.
pub(super) fn items(contents: Contents<'_>, drawing: &Drawing<'_>) -> AnyView {
    let Drawing { zone, date, hours, .. } = *drawing;
    let least = least(drawing.density);
    let mut blocks: Vec<(Block, Option<AppointmentId>)> = Vec::new();
    let mut what: Vec<Result<&Entry, Span>> = Vec::new();
    let place = |span: Span| rows_of(zone, date, span).map(|block| at_least(block, least));
    for entry in contents.entries {
        if let Some(block) = place(Span { starts: entry.starts_at, ends: entry.ends_at }) {
            blocks.push((block, Some(entry.id)));
            what.push(Ok(entry));
        }
    }
    for span in contents.busy {
        if let Some(block) = place(span) {
            blocks.push((block, None));
            what.push(Err(span));
        }
    }
    let laid = layout(&blocks);
    let mut items: Vec<(u16, AnyView)> = Vec::new();
    for (at, placement) in laid.places.iter().enumerate() {
        let (Some(placement), Some(block)) = (placement, hours.clip(blocks[at].0)) else { continue };
        let classes = placed(block, *placement);
        let item = match what[at] {
            Ok(entry) => appointment(entry, classes, drawing),
            Err(span) => busy(span, classes, drawing),
        };
        items.push((block.starts, item));
    }
    for fold in &laid.folds {
        if let Some(block) = hours.clip(fold.block) {
            let count = fold.hidden.len();
            let label = format!("{count} more appointments, in the list");
            let href = drawing.list.to_owned();
            let item = view! {
                <li class=folded(block)><a class="cal-more" href=href aria-label=label>"+"{count}</a></li>
            };
            items.push((block.starts, item.into_any()));
        }
    }
    items.extend(contents.free.into_iter().filter_map(|free| {
        let block = hours.clip(free.block)?;
        Some((block.starts, free_item(free, block)))
    }));
    items.sort_by_key(|(starts, _)| *starts);
    items.into_iter().map(|(_, item)| item).collect_view().into_any()
}

fn appointment(entry: &Entry, classes: String, drawing: &Drawing<'_>) -> AnyView {
    let colour = drawing.colours.class(entry).map(|colour| format!(" colour-{colour}")).unwrap_or_default();
    let state = if is_cancelled(entry) { " cancelled" } else { "" };
    let (starts, ends) = brief(drawing.zone, entry.starts_at, entry.ends_at);
    let practitioner = drawing.with_practitioner.then(|| view! { " "<span>{entry.practitioner_name.clone()}</span> });
    let in_room = entry.room_name.clone().filter(|_| !drawing.with_room).map(|room| view! { " "<span>{room}</span> });
    let badge = |class: &str, words: String| view! { " "<span class=format!("badge {class}")>{words}</span> };
    let status = match (attendance(entry), entry.status) {
        (Some((class, words)), _) => Some(badge(class, words)),
        (None, AppointmentStatus::Confirmed) if !drawing.colours.tells_status() => None,
        (None, status) => Some(badge(status.as_str(), status.label().to_owned())),
    };
    let seats = (entry.seats > 1 && entry.party.is_none())
        .then(|| view! { " "<span>{format!("{} of {}", entry.seats_taken, entry.seats)}</span> });
    let alert = entry.attendees.iter().find(|one| !one.alert.is_empty());
    let Known { starts: at, minutes, buffer, version, room, instant, people } = Known::of(entry, drawing);
    view! {
        <li class=format!("{classes}{colour}{state}") data-s=at data-l=minutes data-b=buffer data-v=version data-r=room data-at=instant data-p=people><a href=format!("/appointments/{}", entry.id)>
            <span class="t">{starts}<span>{ends}</span></span>" "<b>{names(entry)}</b>" "<span>{entry.service_name.clone()}</span>
            {seats}{practitioner}{in_room}{status}
            {entry.overbooked().then(|| view! { " "<span class="badge overbooked">"Overbooked"</span> })}
            {alert.map(|one| view! { " "<span class="badge warn" title=one.alert.clone()>"Alert"</span> })}
        </a></li>
    }
    .into_any()
}

/// What the browser knows of an appointment, beside what it shows.
#[derive(Default)]
struct Known {
    /// Minutes from midnight, and how many; of what is cancelled neither.
    starts: Option<u16>,
    minutes: Option<u16>,
    /// Minutes to keep free behind it.
    buffer: Option<i32>,
    /// Of one that the viewer may move here.
    version: Option<i32>,
    /// The room of one that may be moved.
    room: Option<String>,
    /// When it starts, on a day on which the clocks change and do not tell.
    instant: Option<String>,
    /// Those whose attendance the viewer may set: `1042 expected Mia Okafor|…`.
    people: Option<String>,
}

impl Known {
    fn of(entry: &Entry, drawing: &Drawing<'_>) -> Known {
        if is_cancelled(entry) {
            return Known::default();
        }
        let span = Span { starts: entry.starts_at, ends: entry.ends_at };
        let day = drawing.zone.day(drawing.date);
        let (starts, minutes) = on_day(drawing, span);
        let whole = day.starts <= span.starts && span.ends <= day.ends;
        let one = |one: &db::calendar::Attendee| format!("{} {} {}", one.number, one.attendance.as_str(), one.name);
        Known {
            starts: Some(starts),
            minutes: Some(minutes),
            buffer: Some(entry.buffer_minutes).filter(|buffer| *buffer > 0),
            version: (whole && drawing.calendar.books).then_some(entry.version),
            room: entry.room_id.filter(|_| whole && drawing.calendar.books).map(|id| id.to_string()),
            instant: drawing.zone.day_note(drawing.date).map(|_| instant_text(entry.starts_at)),
            people: (may_attend(drawing.calendar, entry) && !entry.attendees.is_empty())
                .then(|| entry.attendees.iter().map(one).collect::<Vec<_>>().join("|")),
        }
    }
}

/// From which minute of the day, and how many minutes of it.
fn on_day(drawing: &Drawing<'_>, span: Span) -> (u16, u16) {
    let day = drawing.zone.day(drawing.date);
    let local = drawing.zone.local(span.starts.max(day.starts));
    let starts = if span.starts <= day.starts { 0 } else { (local.hour() * 60 + local.minute()) as u16 };
    let minutes = (span.ends.min(day.ends) - span.starts.max(day.starts)).num_minutes().clamp(0, 24 * 60) as u16;
    (starts, minutes.min(24 * 60 - starts))
}

fn busy(span: Span, classes: String, drawing: &Drawing<'_>) -> AnyView {
    let (starts, ends) = brief(drawing.zone, span.starts, span.ends);
    let (at, minutes) = on_day(drawing, span);
    view! { <li class=format!("{classes} busy") data-s=at data-l=minutes><span class="t">{starts}<span>{ends}</span></span>" Busy"</li> }
        .into_any()
}

fn free_item(free: Free, block: Block) -> AnyView {
    let classes = format!("{} free", shared::calendar::grid::classes(block));
    let Free { href, label, clock, .. } = free;
    match label {
        Some(label) => view! { <li class=classes><a href=href aria-label=label>{clock}</a></li> }.into_any(),
        // The first of the run is reached by the keyboard, and leads to all of it.
        None => view! { <li class=classes aria-hidden="true"><a href=href tabindex="-1">{clock}</a></li> }.into_any(),
    }
}

/// Rows of `open` that nothing takes, in runs of at least `least` rows.
pub(super) fn free_runs(open: &[Block], taken: &[Block], not_before: u16, least: u16) -> Vec<Block> {
    let mut taken = taken.to_vec();
    taken.sort_by_key(|block| block.starts);
    let mut runs = Vec::new();
    for period in open {
        let mut at = period.starts.max(not_before);
        for block in taken.iter().filter(|block| block.overlaps(*period)) {
            if block.starts > at {
                runs.push(Block { starts: at, ends: block.starts.min(period.ends) });
            }
            at = at.max(block.ends);
        }
        if at < period.ends {
            runs.push(Block { starts: at, ends: period.ends });
        }
    }
    runs.retain(|run| run.starts < run.ends && run.ends - run.starts >= least);
    runs
}

/// A run in pieces of half an hour, on the half hour; what is too short belongs to its neighbour.
pub(super) fn pieces(run: Block, least: u16) -> Vec<Block> {
    let half = ROWS_PER_HOUR / 2;
    let mut cuts: Vec<u16> =
        (run.starts / half + 1..).map(|nth| nth * half).take_while(|cut| *cut < run.ends).collect();
    cuts.retain(|cut| cut - run.starts >= least && run.ends - cut >= least);
    let mut pieces = Vec::new();
    let mut starts = run.starts;
    for cut in cuts.into_iter().chain([run.ends]) {
        pieces.push(Block { starts, ends: cut });
        starts = cut;
    }
    pieces
}

/// `09:30` of a row of the day.
pub(super) fn clock(row: u16) -> String {
    let minute = row * MINUTES_PER_ROW;
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// `9:30 am` of a row of the day.
pub(super) fn spoken(row: u16) -> String {
    shared::calendar::grid::clock(row * MINUTES_PER_ROW)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(starts: u16, ends: u16) -> Block {
        Block { starts, ends }
    }

    fn span(from: &str, to: &str) -> Span {
        Span { starts: from.parse().unwrap(), ends: to.parse().unwrap() }
    }

    #[test]
    fn rows_follow_the_clocks_through_a_change() {
        let zone = Zone::parse("America/Toronto").unwrap();
        let at = |date: &str, span| rows_of(&zone, date.parse().unwrap(), span);
        // 1:30 to 3:30 on the clocks, one hour.
        let spring = span("2026-03-08T06:30:00Z", "2026-03-08T07:30:00Z");
        assert_eq!(at("2026-03-08", spring), Some(rows(90, 210)));
        // 1:30 to 1:15 on the clocks, 45 minutes.
        let autumn = span("2026-11-01T05:30:00Z", "2026-11-01T06:15:00Z");
        assert_eq!(at("2026-11-01", autumn), Some(rows(90, 135)));
        // Over midnight: the end of one day and the start of the next.
        let night = span("2026-12-02T04:30:00Z", "2026-12-02T05:30:00Z");
        assert_eq!(at("2026-12-01", night), Some(rows(23 * 60 + 30, 24 * 60)));
        assert_eq!(at("2026-12-02", night), Some(rows(0, 30)));
        assert_eq!(at("2026-12-03", night), None);
    }

    #[test]
    fn a_block_can_be_pressed_to_the_end_of_the_day() {
        assert_eq!(at_least(block(10, 11), 4), block(10, 14));
        assert_eq!(at_least(block(287, 288), 4), block(284, 288));
    }

    #[test]
    fn free_runs_are_what_is_open_and_not_taken() {
        let open = [block(100, 140), block(150, 160)];
        let taken = [block(130, 145), block(104, 116), block(110, 112)];
        assert_eq!(free_runs(&open, &taken, 0, 4), [block(100, 104), block(116, 130), block(150, 160)]);
        assert_eq!(free_runs(&open, &taken, 120, 4), [block(120, 130), block(150, 160)]);
        assert_eq!(free_runs(&open, &[block(0, 288)], 0, 1), []);
    }

    #[test]
    fn a_run_is_cut_on_the_half_hour() {
        assert_eq!(pieces(block(100, 120), 4), [block(100, 108), block(108, 114), block(114, 120)]);
        assert_eq!(pieces(block(106, 112), 4), [block(106, 112)]);
        assert_eq!(pieces(block(102, 104), 4), [block(102, 104)]);
    }

    #[test]
    fn rows_have_a_time_of_day() {
        assert_eq!((clock(114), spoken(114)), ("09:30".to_owned(), "9:30 am".to_owned()));
        assert_eq!((spoken(0), spoken(144), spoken(287)), ("12:00 am".into(), "12:00 pm".into(), "11:55 pm".into()));
    }
}
