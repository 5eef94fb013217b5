//! Dates as files have them. `2010-03-12` and `12 March 2010` say what they
//! mean; of `3/12/2010` only all rows together can say which number is the day.

use crate::vocabulary::vocabulary;
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// How dates that are three numbers are to be read.
    DateFormat {
        YearFirst = "iso", "Year, month, day (2010-03-31)";
        DayFirst = "dmy", "Day, month, year (31/03/2010)";
        MonthFirst = "mdy", "Month, day, year (03/31/2010)";
    }
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A date in words or numbers; `None` when it is none. Years have four digits,
/// and a time after the date is let be.
pub fn read_date(text: &str, format: DateFormat) -> Option<NaiveDate> {
    let text = text.trim();
    let text = match text.split_once('T') {
        Some((date, time)) if time.starts_with(|c: char| c.is_ascii_digit()) => date,
        _ => text,
    };
    let parts: Vec<&str> = text.split(['-', '/', '.', ' ', ',']).filter(|part| !part.is_empty()).collect();
    let [a, b, c] = *parts.get(..3)? else { return None };
    // Anything further is a time of day.
    if parts[3..].iter().any(|part| !part.contains(':') && !matches!(*part, "AM" | "PM" | "am" | "pm" | "00" | "0")) {
        return None;
    }
    if c.contains(':') || text.len() > 40 {
        return None;
    }
    let year = |text: &str| (text.len() == 4).then(|| text.parse::<i32>().ok()).flatten();
    let small = |text: &str| (text.len() <= 2).then(|| text.parse::<u32>().ok()).flatten();
    let month = |text: &str| {
        let start = text.get(..3)?.to_ascii_lowercase();
        MONTHS.iter().position(|name| *name == start).map(|index| index as u32 + 1)
    };
    let (year, month, day) = if let Some(year) = year(a) {
        (year, small(b).or_else(|| month(b))?, small(c)?)
    } else if let Some(month) = month(b) {
        (year(c)?, month, small(a)?)
    } else if let Some(month) = month(a) {
        (year(c)?, month, small(b.trim_end_matches(|c: char| c.is_ascii_alphabetic()))?)
    } else {
        match format {
            DateFormat::YearFirst => return None,
            DateFormat::DayFirst => (year(c)?, small(b)?, small(a)?),
            DateFormat::MonthFirst => (year(c)?, small(a)?, small(b)?),
        }
    };
    NaiveDate::from_ymd_opt(year, month, day).filter(|date| (1900..2200).contains(&date.year()))
}

/// How many of a column's filled cells are dates in each format.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateLook {
    pub filled: u32,
    pub iso: u32,
    pub dmy: u32,
    pub mdy: u32,
    /// Cells that are dates with the day first and with the month first.
    #[serde(default)]
    pub both: u32,
}

impl DateLook {
    pub fn see(&mut self, cell: &str) {
        if cell.trim().is_empty() {
            return;
        }
        self.filled += 1;
        self.iso += u32::from(read_date(cell, DateFormat::YearFirst).is_some());
        let day_first = read_date(cell, DateFormat::DayFirst).is_some();
        let month_first = read_date(cell, DateFormat::MonthFirst).is_some();
        self.dmy += u32::from(day_first);
        self.mdy += u32::from(month_first);
        self.both += u32::from(day_first && month_first);
    }

    /// Both columns together.
    pub fn and(self, other: DateLook) -> DateLook {
        DateLook {
            filled: self.filled + other.filled,
            iso: self.iso + other.iso,
            dmy: self.dmy + other.dmy,
            mdy: self.mdy + other.mdy,
            both: self.both + other.both,
        }
    }

    /// The format that fits most rows, and how sure that is.
    pub fn guess(self) -> DateGuess {
        let best = self.iso.max(self.dmy).max(self.mdy);
        let format = if self.iso == best {
            DateFormat::YearFirst
        } else if self.mdy == best {
            DateFormat::MonthFirst
        } else {
            DateFormat::DayFirst
        };
        let (day_first, month_first) = self.only();
        let ambiguous = self.iso < best && day_first == 0 && month_first == 0;
        let mixed = day_first > 0 && month_first > 0;
        DateGuess { format, ambiguous, mixed, misfits: self.filled - best }
    }

    /// How many are dates only with the day first, and how many only with the month first.
    pub(super) fn only(self) -> (u32, u32) {
        (self.dmy.saturating_sub(self.both), self.mdy.saturating_sub(self.both))
    }

    /// Whether all filled cells are dates in one format or another.
    pub(super) fn is_dates(self) -> bool {
        self.filled > 0 && self.iso.max(self.dmy).max(self.mdy) == self.filled
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateGuess {
    pub format: DateFormat,
    /// Every date can be read with the day first and with the month first.
    pub ambiguous: bool,
    /// Some are dates only with the day first, and others only with the month first.
    pub mixed: bool,
    /// Filled cells that are no date in this format.
    pub misfits: u32,
}

impl DateGuess {
    /// Only a person can say in which order the dates are.
    pub const fn is_open(self) -> bool {
        self.ambiguous || self.mixed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_way_to_write_the_last_of_march() {
        let last = NaiveDate::from_ymd_opt(2010, 3, 31);
        for text in [
            "2010-03-31",
            "2010/3/31",
            "2010-03-31T00:00:00",
            "2010-03-31 00:00",
            "31 March 2010",
            "Mar 31, 2010",
            "31-Mar-2010",
            "March 31st 2010",
        ] {
            for format in DateFormat::ALL {
                assert_eq!(read_date(text, *format), last, "{text}");
            }
        }
        assert_eq!(read_date("31/03/2010", DateFormat::DayFirst), last);
        assert_eq!(read_date("3/31/2010", DateFormat::MonthFirst), last);
        for text in
            ["31/03/2010", "31/3/10", "2010", "03-31", "", "yesterday", "2010-02-30", "1/1/1/2010", "éé/éé/2010"]
        {
            assert_eq!(read_date(text, DateFormat::MonthFirst), None, "{text}");
        }
    }

    fn look(cells: &[&str]) -> DateGuess {
        let mut look = DateLook::default();
        cells.iter().for_each(|cell| look.see(cell));
        look.guess()
    }

    #[test]
    fn all_rows_decide_together() {
        assert_eq!(look(&["3/4/2010", "", "25/12/2009"]).format, DateFormat::DayFirst);
        assert_eq!(look(&["3/4/2010", "12/25/2009"]).format, DateFormat::MonthFirst);
        assert_eq!(look(&["2010-03-04", "2009-12-25"]).format, DateFormat::YearFirst);
        assert!(look(&["3/4/2010", "5/6/2011"]).ambiguous);
        assert!(!look(&["3/4/2010", "13/6/2011"]).ambiguous);
        assert_eq!(look(&["13/4/2010", "4/13/2010", "n/a"]).misfits, 2);
        let mixed = look(&["12/25/2001", "25/12/2002", "3/4/2010"]);
        assert!(mixed.mixed && !mixed.ambiguous && mixed.is_open());
        assert!(!look(&["2010-03-04", "3/14/2010"]).is_open());
    }

    proptest! {
        #[test]
        fn nothing_makes_reading_a_date_panic(text in "\\PC{0,20}") {
            for format in DateFormat::ALL {
                let _ = read_date(&text, *format);
            }
        }

        #[test]
        fn a_date_written_in_a_format_is_read_in_it(year in 1900i32..2200, month in 1u32..=12, day in 1u32..=28) {
            let date = NaiveDate::from_ymd_opt(year, month, day);
            prop_assert_eq!(read_date(&format!("{year}-{month:02}-{day:02}"), DateFormat::YearFirst), date);
            prop_assert_eq!(read_date(&format!("{day}.{month}.{year}"), DateFormat::DayFirst), date);
            prop_assert_eq!(read_date(&format!("{month:02}/{day}/{year}"), DateFormat::MonthFirst), date);
        }
    }
}
