//! Free times as arithmetic on ranges of instants: no clock, no zones, no I/O.
//! Working hours have been turned into instants before they come here. What is offered
//! ([`Times::free`]) and why a time is not ([`Times::judge`]) come from the same rules.

use crate::LocationId;
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

/// `[starts, ends)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub starts: DateTime<Utc>,
    pub ends: DateTime<Utc>,
}

impl Span {
    pub fn overlaps(self, other: Span) -> bool {
        self.starts < other.ends && other.starts < self.ends
    }

    fn holds(self, other: Span) -> bool {
        self.starts <= other.starts && other.ends <= self.ends
    }
}

/// A time that is taken, and the minutes to keep free beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy {
    pub span: Span,
    /// `None` for a person's own times: anyone who attends needs no distance,
    /// only not to be in two places at the same time.
    pub buffer_minutes: Option<i32>,
}

impl Busy {
    /// Whether an appointment at `span` with its own buffer would come too
    /// near. Between neighbours the larger of the two buffers holds.
    pub fn conflicts_with(self, span: Span, buffer_minutes: i32) -> bool {
        let apart = self.buffer_minutes.map_or(0, |own| own.max(buffer_minutes));
        let apart = TimeDelta::minutes(apart.into());
        span.starts < self.span.ends + apart && self.span.starts < span.ends + apart
    }
}

/// A period in which a practitioner works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub span: Span,
    pub place: LocationId,
    /// A booking in it is a request.
    pub ask: bool,
}

/// A room, and when it is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomTimes {
    pub place: LocationId,
    pub taken: Vec<Span>,
}

/// A room whose taken times are in order.
#[derive(Debug)]
struct RoomBusy {
    place: LocationId,
    taken: Vec<Span>,
    longest: TimeDelta,
}

impl RoomBusy {
    fn new(room: &RoomTimes) -> RoomBusy {
        let mut taken = room.taken.clone();
        taken.sort_by_key(|span| span.starts);
        let longest = taken.iter().map(|span| span.ends - span.starts).max().unwrap_or_default();
        RoomBusy { place: room.place, taken, longest }
    }

    fn is_taken(&self, span: Span) -> bool {
        let from = self.taken.partition_point(|taken| taken.starts < span.starts - self.longest);
        let near = self.taken[from..].iter().take_while(|taken| taken.starts < span.ends);
        near.into_iter().any(|taken| taken.overlaps(span))
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub duration_minutes: i32,
    pub buffer_minutes: i32,
    /// Times are offered every given number of minutes from the start of a working period.
    pub step_minutes: i16,
    /// No start before this instant.
    pub not_before: DateTime<Utc>,
    /// No start from this instant on.
    pub until: DateTime<Utc>,
}

/// The most rooms that are looked at: one bit for each.
pub const ROOMS_MAX: usize = 64;

/// One practitioner's times for what is wanted. Periods, taken times and rooms may come in
/// any order and overlap as they may.
#[derive(Debug)]
pub struct Times<'a> {
    open: &'a [Period],
    /// By start, each with its place in what was given.
    busy: Vec<(usize, Busy)>,
    /// When no appointment can begin: in order and apart, without the instants at their edges.
    blocked: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    /// `None`: no room is needed.
    rooms: Option<Vec<RoomBusy>>,
    wanted: Wanted,
    /// How far back a taken time may begin and still reach a given start.
    reach: TimeDelta,
    widest: TimeDelta,
}

/// A start that is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Start {
    pub at: DateTime<Utc>,
    pub ask: bool,
    pub place: LocationId,
    /// A bit for each room that is free, in the order given; 0 where none is needed.
    pub rooms: u64,
}

/// One reason why a time is not possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    TooSoon,
    TooFar,
    /// It does not lie whole in a working period.
    Closed,
    /// The taken time at this place of those given is in the way.
    Busy(usize),
    NoRoom,
}

/// What holds of one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// All of them; none: it is possible.
    pub why: Vec<Why>,
    /// Whether it is one of the starts that are offered, were nothing in the way.
    pub on_grid: bool,
    pub ask: bool,
    pub place: LocationId,
    pub rooms: u64,
}

impl<'a> Times<'a> {
    pub fn new(open: &'a [Period], busy: &[Busy], rooms: Option<&'a [RoomTimes]>, wanted: Wanted) -> Times<'a> {
        let mut busy: Vec<(usize, Busy)> = busy.iter().copied().enumerate().collect();
        busy.sort_by_key(|(_, taken)| taken.span.starts);
        let longest = busy.iter().map(|(_, taken)| taken.span.ends - taken.span.starts).max().unwrap_or_default();
        let widest = busy.iter().filter_map(|(_, taken)| taken.buffer_minutes).max().unwrap_or(0);
        let widest = TimeDelta::minutes(widest.max(wanted.buffer_minutes).into());
        let rooms = rooms.map(|rooms| rooms.iter().take(ROOMS_MAX).map(RoomBusy::new).collect());
        let blocked = blocked(&busy, wanted);
        Times { open, busy, blocked, rooms, wanted, reach: longest + widest, widest }
    }

    /// Every start that is offered, in order and none twice. Of one that two periods offer,
    /// the one that needs no request, and then the one with a free room.
    pub fn free(&self) -> Vec<Start> {
        let step = TimeDelta::minutes(self.wanted.step_minutes.max(1).into());
        let mut starts = Vec::new();
        for period in self.open {
            let mut at = period.span.starts;
            let mut blocked = &self.blocked[self.blocked.partition_point(|(_, until)| *until <= at)..];
            while self.span(at).ends <= period.span.ends && at < self.wanted.until {
                while let [(_, until), rest @ ..] = blocked
                    && *until <= at
                {
                    blocked = rest;
                }
                // The next start at which neither what is taken nor the notice is in the way.
                let until = match blocked.first() {
                    Some((from, until)) if *from < at => (*until).max(self.wanted.not_before),
                    _ => self.wanted.not_before,
                };
                if at < until {
                    let seconds = step.num_seconds();
                    let steps = ((until - at).num_seconds() + seconds - 1) / seconds;
                    at += TimeDelta::seconds(steps.max(1) * seconds);
                    continue;
                }
                let rooms = self.rooms_at(self.span(at), period.place);
                if rooms != Some(0) {
                    let rooms = rooms.unwrap_or_default();
                    starts.push(Start { at, ask: period.ask, place: period.place, rooms });
                }
                at += step;
            }
        }
        starts.sort_unstable();
        starts.dedup_by_key(|start| start.at);
        starts
    }

    /// Everything that is in the way of one start. Outside of all periods it would be at `place`.
    pub fn judge(&self, at: DateTime<Utc>, place: LocationId) -> Verdict {
        let span = self.span(at);
        let step = i64::from(self.wanted.step_minutes.max(1)) * 60;
        let on_grid = |period: &Period| (at - period.span.starts).num_seconds() % step == 0;
        let mut around: Vec<(bool, bool, bool, LocationId, Option<u64>)> = self
            .open
            .iter()
            .filter(|period| period.span.holds(span))
            .map(|period| {
                let rooms = self.rooms_at(span, period.place);
                (rooms == Some(0), !on_grid(period), period.ask, period.place, rooms)
            })
            .collect();
        around.sort_unstable();
        let within = around.first().copied();
        let (rooms, place) = match within {
            Some((.., place, rooms)) => (rooms, place),
            None => (self.rooms_at(span, place), place),
        };
        let mut why = Vec::new();
        let mut note = |is_so: bool, reason: Why| {
            if is_so {
                why.push(reason);
            }
        };
        note(at < self.wanted.not_before, Why::TooSoon);
        note(at >= self.wanted.until, Why::TooFar);
        note(within.is_none(), Why::Closed);
        for index in self.near(span) {
            note(true, Why::Busy(index));
        }
        note(rooms == Some(0), Why::NoRoom);
        let (on_grid, ask) = within.map_or((false, false), |(_, off_grid, ask, ..)| (!off_grid, ask));
        Verdict { why, on_grid, ask, place, rooms: rooms.unwrap_or_default() }
    }

    fn span(&self, at: DateTime<Utc>) -> Span {
        Span { starts: at, ends: at + TimeDelta::minutes(self.wanted.duration_minutes.into()) }
    }

    /// The taken times that come too near, by start.
    fn near(&self, span: Span) -> impl Iterator<Item = usize> + '_ {
        let from = self.busy.partition_point(|(_, taken)| taken.span.starts < span.starts - self.reach);
        let until = span.ends + self.widest;
        self.busy[from..]
            .iter()
            .take_while(move |(_, taken)| taken.span.starts < until)
            .filter(move |(_, taken)| taken.conflicts_with(span, self.wanted.buffer_minutes))
            .map(|(index, _)| *index)
    }

    fn rooms_at(&self, span: Span, place: LocationId) -> Option<u64> {
        let rooms = self.rooms.as_ref()?.iter().enumerate();
        let free = rooms.filter(|(_, room)| room.place == place && !room.is_taken(span));
        Some(free.fold(0, |bits, (index, _)| bits | 1 << index))
    }
}

/// When nothing that is wanted can begin for what is taken. `busy` is by start.
fn blocked(busy: &[(usize, Busy)], wanted: Wanted) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let duration = TimeDelta::minutes(wanted.duration_minutes.into());
    let mut all: Vec<_> = busy
        .iter()
        .map(|(_, taken)| {
            let apart = taken.buffer_minutes.map_or(0, |own| own.max(wanted.buffer_minutes));
            let apart = TimeDelta::minutes(apart.into());
            (taken.span.starts - duration - apart, taken.span.ends + apart)
        })
        .collect();
    all.sort_unstable();
    let mut apart: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::with_capacity(all.len());
    for (from, until) in all {
        match apart.last_mut() {
            // Between two that only touch there is an instant at which one may begin.
            Some(last) if from < last.1 => last.1 = last.1.max(until),
            _ => apart.push((from, until)),
        }
    }
    apart
}

/// Whose turn it is among practitioners who are equally booked on a day: the
/// lowest. Stable for a practitioner and day, and different from day to day.
pub fn turn(practitioner: Uuid, day: NaiveDate) -> u64 {
    // FNV-1a, and a finisher so that neighbouring days differ in every bit.
    let bytes = practitioner.into_bytes().into_iter().chain(day.num_days_from_ce().to_le_bytes());
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests;
