//! Repeating appointments: a rule over local dates, and the dates that follow from it.
//!
//! A rule knows no zone and no clock; the local time of each date is resolved on the
//! server, date by date. Every date becomes an appointment of its own, so a series is
//! bounded: at most [`DATES_MAX`] dates within [`YEARS_MAX`] years.

mod form;
#[cfg(test)]
mod tests;

pub use form::{
    DateChoice, DateForm, End, Series, SeriesBooking, SeriesBookingForm, SeriesForm, SeriesMore, SeriesMoreForm,
    SeriesMove, SeriesMoveForm, SeriesScope,
};

use crate::vocabulary::vocabulary;
use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

/// The most dates of one series.
pub const DATES_MAX: usize = 200;
/// The longest time from the first date to the last.
pub const YEARS_MAX: u32 = 2;

vocabulary! {
    /// How a series repeats; what is not said follows from its first date.
    Frequency {
        Daily = "daily", "Days";
        /// On the weekdays of the rule.
        Weekly = "weekly", "Weeks";
        /// On the same day of the month. Months without that day are skipped.
        MonthlyDay = "monthly_day", "Months, on the same date";
        /// On the same weekday by its place in the month, such as the second Tuesday.
        /// Months without a fifth are skipped.
        MonthlyWeekday = "monthly_weekday", "Months, on the same weekday";
        /// On the last such weekday of the month.
        MonthlyLastWeekday = "monthly_last_weekday", "Months, on the last such weekday";
    }
}

/// When a series takes place. Its dates are those from `first_on` on that fit it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub frequency: Frequency,
    /// The number of days, weeks or months from one turn to the next. Weeks are counted from the Monday of `first_on`.
    pub every: u8,
    /// Of a weekly rule alone, from Monday; never empty there.
    pub weekdays: Vec<Weekday>,
    pub first_on: NaiveDate,
}

impl Rule {
    /// All dates of the rule without end, in order.
    pub fn dates(&self) -> impl Iterator<Item = NaiveDate> + '_ {
        let every = u32::from(self.every.max(1));
        // Each turn of the rule gives no date, one, or in a week several.
        (0u32..)
            .map_while(move |turn| self.turn(turn.checked_mul(every)?))
            .flatten()
            .filter(|date| *date >= self.first_on)
    }

    /// The dates until the end. Empty if the rule has none before it.
    pub fn until(&self, end: End) -> Vec<NaiveDate> {
        let last = self.first_on + Months::new(12 * YEARS_MAX);
        let (last, most) = match end {
            End::On(day) => (day.min(last), DATES_MAX),
            End::After(count) => (last, usize::from(count).min(DATES_MAX)),
        };
        self.dates().take_while(|date| *date <= last).take(most).collect()
    }

    /// The dates of the period that begins `offset` days, weeks or months after the first.
    /// `None` beyond the calendar.
    fn turn(&self, offset: u32) -> Option<Vec<NaiveDate>> {
        let first = self.first_on;
        match self.frequency {
            Frequency::Daily => Some(vec![first.checked_add_days(Days::new(offset.into()))?]),
            Frequency::Weekly => {
                let monday = first.checked_sub_days(Days::new(first.weekday().num_days_from_monday().into()))?;
                let monday = monday.checked_add_days(Days::new(u64::from(offset) * 7))?;
                let day = |weekday: &Weekday| monday.checked_add_days(Days::new(weekday.num_days_from_monday().into()));
                let mut days: Vec<NaiveDate> = self.weekdays.iter().filter_map(day).collect();
                days.sort_unstable();
                days.dedup();
                Some(days)
            }
            Frequency::MonthlyDay | Frequency::MonthlyWeekday | Frequency::MonthlyLastWeekday => {
                let month = first.with_day(1)?.checked_add_months(Months::new(offset))?;
                Some(self.in_month(month).into_iter().collect())
            }
        }
    }

    fn in_month(&self, month: NaiveDate) -> Option<NaiveDate> {
        let weekday = self.first_on.weekday();
        let (year, month) = (month.year(), month.month());
        match self.frequency {
            Frequency::MonthlyWeekday => {
                NaiveDate::from_weekday_of_month_opt(year, month, weekday, place_in_month(self.first_on))
            }
            Frequency::MonthlyLastWeekday => NaiveDate::from_weekday_of_month_opt(year, month, weekday, 5)
                .or_else(|| NaiveDate::from_weekday_of_month_opt(year, month, weekday, 4)),
            _ => NaiveDate::from_ymd_opt(year, month, self.first_on.day()),
        }
    }

    /// The rule in the form of RFC 5545, without its end.
    pub fn rrule(&self) -> String {
        let every = match self.every {
            0 | 1 => String::new(),
            every => format!(";INTERVAL={every}"),
        };
        let weekday = self.first_on.weekday();
        match self.frequency {
            Frequency::Daily => format!("FREQ=DAILY{every}"),
            Frequency::Weekly => {
                let days: Vec<&str> = self.weekdays.iter().map(|day| two_letters(*day)).collect();
                format!("FREQ=WEEKLY{every};WKST=MO;BYDAY={}", days.join(","))
            }
            Frequency::MonthlyDay => format!("FREQ=MONTHLY{every};BYMONTHDAY={}", self.first_on.day()),
            Frequency::MonthlyWeekday => {
                format!("FREQ=MONTHLY{every};BYDAY={}{}", place_in_month(self.first_on), two_letters(weekday))
            }
            Frequency::MonthlyLastWeekday => format!("FREQ=MONTHLY{every};BYDAY=-1{}", two_letters(weekday)),
        }
    }

    /// The same rhythm from another first date: weekdays move along with it.
    pub fn from(&self, first_on: NaiveDate) -> Rule {
        let days = (first_on - self.first_on).num_days().rem_euclid(7) as u8;
        let shifted = |day: &Weekday| Weekday::try_from((day.num_days_from_monday() as u8 + days) % 7).ok();
        let mut weekdays: Vec<Weekday> = self.weekdays.iter().filter_map(shifted).collect();
        weekdays.sort_by_key(Weekday::num_days_from_monday);
        Rule { weekdays, first_on, ..self.clone() }
    }

    /// Such as `every 2 weeks on Monday and Thursday`.
    pub fn words(&self) -> String {
        let every = |one: &str, many: &str| match self.every {
            0 | 1 => format!("every {one}"),
            every => format!("every {every} {many}"),
        };
        let weekday = long_name(self.first_on.weekday());
        match self.frequency {
            Frequency::Daily => every("day", "days"),
            Frequency::Weekly => {
                let days: Vec<&str> = self.weekdays.iter().map(|day| long_name(*day)).collect();
                format!("{} on {}", every("week", "weeks"), listed(&days))
            }
            Frequency::MonthlyDay => format!("{} on day {}", every("month", "months"), self.first_on.day()),
            Frequency::MonthlyWeekday => {
                let place =
                    ["first", "second", "third", "fourth", "fifth"][usize::from(place_in_month(self.first_on)) - 1];
                format!("{} on the {place} {weekday}", every("month", "months"))
            }
            Frequency::MonthlyLastWeekday => format!("{} on the last {weekday}", every("month", "months")),
        }
    }
}

/// 1 to 5: the how manieth such weekday of its month a date is.
fn place_in_month(date: NaiveDate) -> u8 {
    ((date.day() - 1) / 7 + 1) as u8
}

fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn two_letters(day: Weekday) -> &'static str {
    ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][day.num_days_from_monday() as usize]
}

pub(crate) fn long_name(day: Weekday) -> &'static str {
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"][day.num_days_from_monday() as usize]
}
