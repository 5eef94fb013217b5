//! The grid of a day in rows of five minutes, as classes: the policy of the pages allows
//! no inline style. `style/calendar-grid.css` has a rule for each, written by the test here.

use super::layout::{Block, LANES_MAX, Place};

pub const MINUTES_PER_ROW: u16 = 5;
pub const ROWS_PER_HOUR: u16 = 60 / MINUTES_PER_ROW;
pub const ROWS_PER_DAY: u16 = 24 * ROWS_PER_HOUR;

/// The hours that a grid shows, `[first, last)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    pub first: u16,
    pub last: u16,
}

impl Hours {
    /// Shown where nothing says otherwise.
    pub const USUAL: Hours = Hours { first: 8, last: 18 };

    /// Whole hours around all blocks of a day, whose rows count from midnight.
    pub fn around(blocks: impl IntoIterator<Item = Block>) -> Hours {
        let all = blocks.into_iter().fold(None, |all: Option<Block>, one| {
            let all = all.unwrap_or(one);
            Some(Block { starts: all.starts.min(one.starts), ends: all.ends.max(one.ends) })
        });
        let Some(all) = all else { return Hours::USUAL };
        let first = (all.starts / ROWS_PER_HOUR).min(23);
        Hours { first, last: all.ends.div_ceil(ROWS_PER_HOUR).clamp(first + 1, 24) }
    }

    pub fn rows(self) -> u16 {
        (self.last - self.first) * ROWS_PER_HOUR
    }

    /// Rows of the day as rows of the grid; nothing where they lie outside it.
    pub fn clip(self, block: Block) -> Option<Block> {
        let (top, end) = (self.first * ROWS_PER_HOUR, self.last * ROWS_PER_HOUR);
        let (starts, ends) = (block.starts.max(top), block.ends.min(end));
        (starts < ends).then(|| Block { starts: starts - top, ends: ends - top })
    }
}

/// The rows from minute to minute of a day. What begins within a row begins with it.
pub fn rows(starts_minute: u16, ends_minute: u16) -> Block {
    let starts = (starts_minute / MINUTES_PER_ROW).min(ROWS_PER_DAY - 1);
    Block { starts, ends: ends_minute.div_ceil(MINUTES_PER_ROW).clamp(starts + 1, ROWS_PER_DAY) }
}

/// `9:30 am` of a minute of the day.
pub fn clock(minute: u16) -> String {
    let hour = (minute / 60) % 24;
    format!("{}:{:02} {}", (hour + 11) % 12 + 1, minute % 60, if hour < 12 { "am" } else { "pm" })
}

/// Of what spans the column: `s12 l10`.
pub fn classes(block: Block) -> String {
    format!("s{} l{}", block.starts, block.ends - block.starts)
}

/// `s12 l10`, and beside others `w3-1 x2`: lane 1 of 3, over two of them.
pub fn placed(block: Block, place: Place) -> String {
    let Place { lane, lanes, wide } = place;
    match (lanes, wide) {
        (1, _) => classes(block),
        (_, 1) => format!("{} w{lanes}-{lane}", classes(block)),
        _ => format!("{} w{lanes}-{lane} x{wide}", classes(block)),
    }
}

/// Of the last lane, where others are folded.
pub fn folded(block: Block) -> String {
    placed(block, Place { lane: LANES_MAX - 1, lanes: LANES_MAX, wide: 1 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    fn stylesheet() -> String {
        let mut css =
            "/* Written by the test `the_stylesheet_has_every_class` of shared/src/calendar/grid.rs. */\n".to_owned();
        for row in 0..ROWS_PER_DAY {
            writeln!(css, ".s{row} {{ grid-row-start: {}; }}", row + 1).unwrap();
        }
        for length in 1..=ROWS_PER_DAY {
            writeln!(css, ".l{length} {{ grid-row-end: span {length}; }}").unwrap();
        }
        for hours in 1..=24 {
            writeln!(css, ".h{hours} {{ --hours: {hours}; }}").unwrap();
        }
        for lanes in 2..=LANES_MAX {
            for lane in 0..lanes {
                writeln!(css, ".w{lanes}-{lane} {{ --lanes: {lanes}; --lane: {lane}; }}").unwrap();
            }
        }
        for wide in 2..LANES_MAX {
            writeln!(css, ".x{wide} {{ --wide: {wide}; }}").unwrap();
        }
        css
    }

    /// A run that finds it changed writes it, and fails.
    #[test]
    fn the_stylesheet_has_every_class() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../style/calendar-grid.css");
        let css = stylesheet();
        if std::fs::read_to_string(path).unwrap_or_default() != css {
            std::fs::write(path, css).unwrap();
            panic!("style/calendar-grid.css was out of date and is written again");
        }
    }

    #[test]
    fn rows_take_in_what_begins_and_ends_within_them() {
        assert_eq!(rows(9 * 60, 9 * 60 + 50), Block { starts: 108, ends: 118 });
        assert_eq!(rows(9 * 60 + 2, 9 * 60 + 3), Block { starts: 108, ends: 109 });
        assert_eq!(rows(23 * 60 + 59, 25 * 60), Block { starts: 287, ends: 288 });
    }

    #[test]
    fn the_hours_shown_take_in_everything() {
        assert_eq!(Hours::around([]), Hours::USUAL);
        let hours = Hours::around([rows(9 * 60 + 30, 10 * 60), rows(16 * 60, 17 * 60 + 5)]);
        assert_eq!(hours, Hours { first: 9, last: 18 });
        assert_eq!(Hours::around([rows(23 * 60 + 50, 24 * 60)]), Hours { first: 23, last: 24 });
        assert_eq!(hours.clip(rows(9 * 60 + 30, 10 * 60)), Some(Block { starts: 6, ends: 12 }));
        assert_eq!(hours.clip(rows(0, 8 * 60)), None);
        assert_eq!(hours.clip(rows(8 * 60, 9 * 60 + 5)), Some(Block { starts: 0, ends: 1 }));
    }

    #[test]
    fn classes_say_where_a_block_stands() {
        let block = rows(60, 110);
        assert_eq!(placed(block, Place { lane: 0, lanes: 1, wide: 1 }), "s12 l10");
        assert_eq!(placed(block, Place { lane: 1, lanes: 3, wide: 2 }), "s12 l10 w3-1 x2");
        assert_eq!(folded(block), "s12 l10 w8-7");
    }
}
