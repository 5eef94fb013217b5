//! An appointment that is being moved in the grid: where it goes at each step, and what of
//! the page stands in its way. The same for keys, mouse and touch; the server decides on drop.
//!
//! Minutes count from midnight by the clocks of the venue.

use super::grid::{Hours, MINUTES_PER_ROW, clock};
use crate::slots::{Busy, Span};
use chrono::{DateTime, Utc};
use std::fmt;

/// From minute to minute of a day, `[starts, ends)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub starts: u16,
    pub ends: u16,
}

impl Period {
    /// From what [`fmt::Display`] writes; nothing of what is not one.
    pub fn read(text: &str) -> Option<Period> {
        let (starts, ends) = text.split_once('-')?;
        let period = Period { starts: starts.parse().ok()?, ends: ends.parse().ok()? };
        (period.starts < period.ends && period.ends <= 24 * 60).then_some(period)
    }

    fn overlaps(self, other: Period) -> bool {
        self.starts < other.ends && other.starts < self.ends
    }

    /// On a day without a date: only the distances count.
    fn span(self) -> Span {
        let at = |minute: u16| DateTime::<Utc>::UNIX_EPOCH + chrono::TimeDelta::minutes(minute.into());
        Span { starts: at(self.starts), ends: at(self.ends) }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.starts, self.ends)
    }
}

/// A time of a column that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub period: Period,
    /// Minutes to keep free beside it; `None` of a room, which needs none.
    pub buffer: Option<u16>,
    /// Who attends, or that it is busy.
    pub what: String,
}

/// What the page knows of a column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lane {
    /// Its heading.
    pub name: String,
    /// The appointment may be put here.
    pub takes: bool,
    /// When the practitioner works; `None`: nothing is known of it.
    pub open: Option<Vec<Period>>,
    /// Time off, and what it is called.
    pub off: Vec<(Period, String)>,
    pub taken: Vec<Taken>,
}

/// Where the appointment would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carried {
    pub lane: usize,
    pub starts: u16,
    pub minutes: u16,
}

impl Carried {
    pub fn period(self) -> Period {
        Period { starts: self.starts, ends: self.starts + self.minutes }
    }
}

/// One step with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    Earlier,
    Later,
    /// To the column before or behind.
    Before,
    Behind,
    Shorter,
    Longer,
}

/// The columns of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Board {
    pub lanes: Vec<Lane>,
    /// Minutes of a step.
    pub step: u16,
    pub hours: Hours,
}

/// What stands in the way of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance<'a> {
    Off(&'a Period, &'a str),
    Closed,
    Taken(&'a Taken),
    TooClose(&'a Taken, u16),
}

impl Board {
    fn edges(&self) -> (u16, u16) {
        (self.hours.first * 60, self.hours.last * 60)
    }

    /// A step further; where it would leave the page, it stays.
    pub fn turned(&self, at: Carried, turn: Turn) -> Carried {
        let (first, last) = self.edges();
        let step = self.step.max(1);
        match turn {
            // To the next time of the step: from 9:50 to 10:00, not to 10:20.
            Turn::Later => self.kept(Carried { starts: (at.starts / step + 1) * step, ..at }).unwrap_or(at),
            Turn::Earlier => {
                let starts = (at.starts.saturating_sub(1) / step) * step;
                if at.starts > first && starts >= first { Carried { starts, ..at } } else { at }
            }
            Turn::Before => {
                (0..at.lane).rev().find(|lane| self.lanes[*lane].takes).map_or(at, |lane| Carried { lane, ..at })
            }
            Turn::Behind => {
                let found = (at.lane + 1..self.lanes.len()).find(|lane| self.lanes[*lane].takes);
                found.map_or(at, |lane| Carried { lane, ..at })
            }
            Turn::Shorter => {
                // Down to a step, however short it was before.
                let minutes = at.minutes.saturating_sub(step);
                if minutes >= step.min(at.minutes) && minutes > 0 { Carried { minutes, ..at } } else { at }
            }
            Turn::Longer => {
                Carried { minutes: (at.minutes + step).min((last.saturating_sub(at.starts)).max(at.minutes)), ..at }
            }
        }
    }

    /// In a column at a minute, as a pointer says: at the nearest time of the step that the page shows.
    pub fn put(&self, at: Carried, lane: usize, minute: i32) -> Carried {
        let (first, last) = self.edges();
        let lane = if self.lanes.get(lane).is_some_and(|lane| lane.takes) { lane } else { at.lane };
        let latest = i32::from(last.saturating_sub(at.minutes).max(first));
        let starts = nearest(minute, self.step).clamp(first.into(), latest) as u16;
        Carried { lane, starts, ..at }
    }

    /// As long as a pointer says: to the nearest time of the step, and for a step at least.
    pub fn stretched(&self, at: Carried, end: i32) -> Carried {
        let (_, last) = self.edges();
        let shortest = i32::from(at.starts + self.step.max(MINUTES_PER_ROW));
        let ends = nearest(end, self.step).clamp(shortest, i32::from(last).max(shortest)) as u16;
        Carried { minutes: ends - at.starts, ..at }
    }

    fn kept(&self, at: Carried) -> Option<Carried> {
        (at.starts + at.minutes <= self.edges().1).then_some(at)
    }

    /// What of the page is in the way, the weightiest first; `buffer`: of the appointment itself.
    pub fn hindrance(&self, at: Carried, buffer: u16) -> Option<Hindrance<'_>> {
        let (lane, period) = (&self.lanes[at.lane], at.period());
        if let Some(taken) = lane.taken.iter().find(|taken| taken.period.overlaps(period)) {
            return Some(Hindrance::Taken(taken));
        }
        if let Some((off, name)) = lane.off.iter().find(|(off, _)| off.overlaps(period)) {
            return Some(Hindrance::Off(off, name));
        }
        let works =
            |open: &Vec<Period>| open.iter().any(|open| open.starts <= period.starts && period.ends <= open.ends);
        if lane.open.as_ref().is_some_and(|open| !works(open)) {
            return Some(Hindrance::Closed);
        }
        let near = lane.taken.iter().find(|taken| {
            let busy = Busy { span: taken.period.span(), buffer_minutes: taken.buffer.map(i32::from) };
            busy.conflicts_with(period.span(), buffer.into())
        });
        near.map(|taken| Hindrance::TooClose(taken, taken.buffer.unwrap_or(0).max(buffer)))
    }

    /// `9:30 am to 10:20 am, Dr. Roy: free`, or why not. `buffer`: of the appointment itself.
    pub fn words(&self, at: Carried, buffer: u16) -> String {
        let Carried { starts, minutes, lane } = at;
        let lane = &self.lanes[lane].name;
        let state = self.state(at, buffer);
        format!("{} to {}, {lane}: {state}", clock(starts), clock(starts + minutes))
    }

    /// `free`, or why not.
    pub fn state(&self, at: Carried, buffer: u16) -> String {
        self.hindrance(at, buffer).map_or_else(|| "free".to_owned(), |why| why.to_string())
    }
}

fn nearest(minute: i32, step: u16) -> i32 {
    let step = i32::from(step.max(1));
    (minute + step / 2).div_euclid(step) * step
}

impl fmt::Display for Hindrance<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hindrance::Off(period, name) => write!(f, "{name} until {}", clock(period.ends)),
            Hindrance::Closed => f.write_str("outside working hours"),
            Hindrance::Taken(taken) => write!(f, "{} until {}", taken.what, clock(taken.period.ends)),
            Hindrance::TooClose(taken, minutes) => {
                write!(f, "{minutes} minutes beside {} should stay free", taken.what)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn period(starts: u16, ends: u16) -> Period {
        Period { starts, ends }
    }

    fn taken(starts: u16, ends: u16, what: &str) -> Taken {
        Taken { period: period(starts, ends), buffer: Some(10), what: what.to_owned() }
    }

    /// Nine to five with lunch, and a column that takes nothing in the middle.
    fn board() -> Board {
        let roy = Lane {
            name: "Dr. Roy".to_owned(),
            takes: true,
            open: Some(vec![period(540, 720), period(780, 1020)]),
            off: vec![(period(720, 780), "Lunch".to_owned())],
            taken: vec![taken(600, 650, "Mia Okafor")],
        };
        let other = Lane { name: "No one".to_owned(), ..Lane::default() };
        let room = Lane { name: "Room 2".to_owned(), takes: true, open: None, ..roy.clone() };
        Board { lanes: vec![roy, other, room], step: 15, hours: Hours { first: 8, last: 18 } }
    }

    fn carried(starts: u16) -> Carried {
        Carried { lane: 0, starts, minutes: 50 }
    }

    #[test]
    fn a_step_leads_to_the_next_time_of_the_step() {
        let board = board();
        assert_eq!(board.turned(carried(540), Turn::Later).starts, 555);
        assert_eq!(board.turned(carried(550), Turn::Later).starts, 555);
        assert_eq!(board.turned(carried(550), Turn::Earlier).starts, 540);
        assert_eq!(board.turned(carried(540), Turn::Earlier).starts, 525);
        assert_eq!(board.turned(carried(480), Turn::Earlier).starts, 480);
        assert_eq!(board.turned(carried(1030), Turn::Later).starts, 1030);
    }

    #[test]
    fn columns_that_take_nothing_are_passed() {
        let board = board();
        let there = board.turned(carried(540), Turn::Behind);
        assert_eq!((there.lane, board.turned(there, Turn::Behind).lane), (2, 2));
        assert_eq!(board.turned(there, Turn::Before).lane, 0);
        assert_eq!(board.put(carried(540), 1, 600), Carried { lane: 0, starts: 600, minutes: 50 });
        assert_eq!(board.put(carried(540), 2, 607).starts, 600);
        assert_eq!(board.put(carried(540), 2, 608).starts, 615);
        assert_eq!(board.put(carried(540), 2, 2000).starts, 1030);
    }

    #[test]
    fn it_is_a_step_long_at_least() {
        let board = board();
        assert_eq!(board.turned(carried(540), Turn::Longer).minutes, 65);
        let short = Carried { minutes: 20, ..carried(540) };
        assert_eq!(board.turned(short, Turn::Shorter).minutes, 20);
        assert_eq!(board.turned(carried(540), Turn::Shorter).minutes, 35);
        assert_eq!(board.stretched(carried(540), 100).minutes, 15);
        assert_eq!(board.stretched(carried(540), 598).minutes, 60);
    }

    #[test]
    fn each_step_says_free_or_why_not() {
        let board = board();
        let at = |starts: u16| board.words(carried(starts), 0);
        assert_eq!(at(540), "9:00 am to 9:50 am, Dr. Roy: free");
        assert_eq!(at(555), "9:15 am to 10:05 am, Dr. Roy: Mia Okafor until 10:50 am");
        assert_eq!(at(655), "10:55 am to 11:45 am, Dr. Roy: 10 minutes beside Mia Okafor should stay free");
        assert_eq!(at(700), "11:40 am to 12:30 pm, Dr. Roy: Lunch until 1:00 pm");
        assert_eq!(at(1000), "4:40 pm to 5:30 pm, Dr. Roy: outside working hours");
        // Of a room no hours are known.
        assert_eq!(board.words(Carried { lane: 2, ..carried(1000) }, 0), "4:40 pm to 5:30 pm, Room 2: free");
        // The larger of the two buffers holds.
        assert_eq!(board.state(carried(665), 30), "30 minutes beside Mia Okafor should stay free");
    }

    #[test]
    fn periods_are_read_as_they_are_written() {
        assert_eq!(Period::read(&period(540, 720).to_string()), Some(period(540, 720)));
        for not in ["", "540", "720-540", "0-1441", "a-b"] {
            assert_eq!(Period::read(not), None, "{not}");
        }
    }

    proptest! {
        /// However it is turned, it stays on the page and in a column that takes it.
        #[test]
        fn it_never_leaves_the_page(turns in prop::collection::vec(0usize..6, 0..60), starts in 480u16..1000, minutes in 5u16..80) {
            let (board, all) = (board(), [Turn::Earlier, Turn::Later, Turn::Before, Turn::Behind, Turn::Shorter, Turn::Longer]);
            let mut at = Carried { lane: 0, starts, minutes };
            for turn in turns {
                at = board.turned(at, all[turn]);
                prop_assert!(board.lanes[at.lane].takes && at.minutes > 0);
                prop_assert!(at.starts >= 480 && at.starts + at.minutes <= 1080, "{at:?}");
            }
        }

        /// Free is what overlaps nothing, lies in working hours and keeps the buffers.
        #[test]
        fn free_is_what_the_rule_says(starts in 480u16..1030, buffer in 0u16..40) {
            let (board, at) = (board(), carried(starts));
            let near = 600 < at.starts + 50 + buffer.max(10) && at.starts < 650 + buffer.max(10);
            let open = (540..=670).contains(&starts) || (780..=970).contains(&starts);
            prop_assert_eq!(board.hindrance(at, buffer).is_none(), open && !near);
        }
    }
}
