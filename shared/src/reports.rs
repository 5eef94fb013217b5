//! Reports: what period they are of, and what they hold.

use crate::activities::Whose;
use crate::cells;
use crate::clients::Kind;
use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{Problem, Refusal};
use chrono::{Datelike, Days, Months, NaiveDate};

vocabulary! {
    /// The periods that are one click away, and own dates.
    Preset {
        ThisMonth = "this-month", "This month";
        LastMonth = "last-month", "Last month";
        ThisYear = "this-year", "This year";
        LastYear = "last-year", "Last year";
        Dates = "dates", "Own dates";
    }
}

/// Own dates span no more than this.
pub const YEARS_MAX: u32 = 10;

/// Local dates of the practice, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub first: NaiveDate,
    pub last: NaiveDate,
}

impl Preset {
    /// `from` and `to` count for own dates only. What has not ended yet ends today.
    pub fn period(self, today: NaiveDate, from: &str, to: &str) -> Result<Period, Refusal> {
        let month = first_of_month(today);
        let year = today.with_ordinal(1).unwrap_or(today);
        Ok(match self {
            Preset::ThisMonth => Period { first: month, last: today },
            Preset::LastMonth => Period { first: month - Months::new(1), last: month - Days::new(1) },
            Preset::ThisYear => Period { first: year, last: today },
            Preset::LastYear => Period { first: year - Months::new(12), last: year - Days::new(1) },
            Preset::Dates => own(from, to)?,
        })
    }
}

fn own(from: &str, to: &str) -> Result<Period, Refusal> {
    let mut fields = Fields::default();
    let date = |text: &str| match text.trim() {
        "" => Err(Problem::Required),
        text => parse::date(text),
    };
    let (first, last) = (date(from), date(to));
    match (&first, &last) {
        (Ok(first), Ok(last)) if last < first => fields.note("to", Problem::EndBeforeStart),
        (Ok(first), Ok(last)) if *last >= *first + Months::new(12 * YEARS_MAX) => {
            fields.note("to", Problem::LongerThan { years: YEARS_MAX });
        }
        _ => {}
    }
    let period = Period { first: fields.take("from", first), last: fields.take("to", last) };
    fields.finish()?;
    Ok(period)
}

fn first_of_month(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap_or(date)
}

impl Period {
    /// The first days of its months, in order.
    pub fn months(self) -> Vec<NaiveDate> {
        let start = first_of_month(self.first);
        (0..).map(|count| start + Months::new(count)).take_while(|month| *month <= self.last).collect()
    }

    pub fn contains(self, date: NaiveDate) -> bool {
        (self.first..=self.last).contains(&date)
    }
}

/// What a report is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportQuery {
    pub whose: Whose,
    pub period: Period,
}

/// The sums of a period, and its tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub activities: i64,
    pub minutes: i64,
    /// How many different clients of each kind. Individuals: with those who
    /// attended as members.
    pub seen: Vec<(Kind, i64)>,
    /// How many individuals the tables of people leave out: the reader may not
    /// open their records.
    pub uncounted: i64,
    pub tables: Vec<Table>,
    /// Of a period of several months.
    pub by_month_and_type: Option<Cross>,
}

/// A table of two ways to divide, with minutes and activities in each cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cross {
    pub key: &'static str,
    pub title: &'static str,
    /// The headings of the columns.
    pub heads: Vec<String>,
    /// A label, and a cell under each heading.
    pub rows: Vec<(String, Vec<Row>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Rows have activities and their minutes.
    Hours,
    /// Rows have people.
    People,
    /// Rows have groups.
    Groups,
}

/// The key of the table whose rows are the months of the period.
pub const MONTHS: &str = "months";

/// A table, and the chart above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// For addresses and ids: letters, digits and hyphens.
    pub key: String,
    pub title: String,
    /// How it is counted, where that is not plain.
    pub note: &'static str,
    pub measure: Measure,
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    pub label: String,
    /// Activities or people.
    pub count: i64,
    /// Of the activities.
    pub minutes: i64,
}

impl Row {
    /// How long its bar is, compared with others of its table.
    pub fn size(&self, measure: Measure) -> i64 {
        match measure {
            Measure::Hours => self.minutes,
            Measure::People | Measure::Groups => self.count,
        }
    }
}

impl Report {
    pub fn seen(&self, kind: Kind) -> i64 {
        self.seen.iter().find(|(seen, _)| *seen == kind).map_or(0, |(_, count)| *count)
    }

    /// The rows of a file for spreadsheets, under their headings; of one table
    /// or, for an empty key, of the whole report. `None` for a key that is no table's.
    pub fn cells(&self, key: &str) -> Option<Vec<[String; 6]>> {
        let mut all = vec![["Table", "Row", "Activities", "Minutes", "Hours", "Seen"].map(str::to_owned)];
        if key.is_empty() {
            all.push(hours_cells("All", "All", self.activities, self.minutes));
            all.extend(Kind::ALL.iter().map(|kind| seen_cells("All", kind.plural(), self.seen(*kind))));
        }
        for table in self.tables.iter().filter(|table| key.is_empty() || table.key == key) {
            all.extend(table.rows.iter().map(|row| match table.measure {
                Measure::Hours => hours_cells(&table.title, &row.label, row.count, row.minutes),
                Measure::People | Measure::Groups => seen_cells(&table.title, &row.label, row.count),
            }));
        }
        for cross in self.by_month_and_type.iter().filter(|cross| key.is_empty() || cross.key == key) {
            for (label, cells) in &cross.rows {
                let cell = |(head, cell): (&String, &Row)| {
                    hours_cells(cross.title, &format!("{label}, {head}"), cell.count, cell.minutes)
                };
                all.extend(cross.heads.iter().zip(cells).map(cell));
            }
        }
        (all.len() > 1).then_some(all)
    }
}

fn hours_cells(table: &str, row: &str, activities: i64, minutes: i64) -> [String; 6] {
    let [table, row] = [table, row].map(|text| cells::neutral(text).into_owned());
    [table, row, activities.to_string(), minutes.to_string(), decimal_hours(minutes), String::new()]
}

fn seen_cells(table: &str, row: &str, seen: i64) -> [String; 6] {
    let [table, row] = [table, row].map(|text| cells::neutral(text).into_owned());
    [table, row, String::new(), String::new(), String::new(), seen.to_string()]
}

/// Hours with two decimals; what adds up exactly are minutes.
pub fn decimal_hours(minutes: i64) -> String {
    let hundredths = (minutes * 100 + 30) / 60;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Hundredths of a whole; nothing of nothing.
pub fn percent(part: i64, whole: i64) -> i64 {
    if whole == 0 { 0 } else { (part * 100 + whole / 2) / whole }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(preset: Preset, today: &str) -> (String, String) {
        let period = preset.period(day(today), "", "").unwrap();
        (period.first.to_string(), period.last.to_string())
    }

    #[test]
    fn presets_are_calendar_months_and_years() {
        let of = |first: &str, last: &str| (first.to_owned(), last.to_owned());
        assert_eq!(period(Preset::ThisMonth, "2024-02-29"), of("2024-02-01", "2024-02-29"));
        assert_eq!(period(Preset::LastMonth, "2024-03-31"), of("2024-02-01", "2024-02-29"));
        assert_eq!(period(Preset::LastMonth, "2026-01-01"), of("2025-12-01", "2025-12-31"));
        assert_eq!(period(Preset::ThisYear, "2026-01-01"), of("2026-01-01", "2026-01-01"));
        assert_eq!(period(Preset::LastYear, "2024-12-31"), of("2023-01-01", "2023-12-31"));
    }

    #[test]
    fn own_dates_say_what_is_wrong() {
        let refused = |from: &str, to: &str| match Preset::Dates.period(day("2026-03-08"), from, to) {
            Err(Refusal::Invalid(errors)) => errors,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused("", "2026-01-01").get("from"), Some(&Problem::Required));
        assert_eq!(refused("2026-01-02", "2026-01-01").get("to"), Some(&Problem::EndBeforeStart));
        assert_eq!(refused("x", "y").0.len(), 2);
        assert_eq!(refused("2000-01-01", "2010-01-01").get("to"), Some(&Problem::LongerThan { years: 10 }));
        assert!(Preset::Dates.period(day("2026-03-08"), "2000-01-01", "2009-12-31").is_ok());
    }

    #[test]
    fn a_file_holds_no_formula() {
        let row = Row { label: "=1+1".into(), count: 2, minutes: 95 };
        let table = |key: &str, measure| Table {
            key: key.into(),
            title: "@Title".into(),
            note: "",
            measure,
            rows: vec![row.clone()],
        };
        let tables = vec![table("a", Measure::Hours), table("b", Measure::People)];
        let by_month_and_type = Some(Cross {
            key: "cross",
            title: "Both",
            heads: vec!["+Talk".into(), "Rest".into()],
            rows: vec![("-May".into(), vec![row.clone(), Row::default()])],
        });
        let seen = vec![(Kind::Couple, 3)];
        let report = Report { activities: 2, minutes: 95, seen, uncounted: 0, tables, by_month_and_type };
        let all = report.cells("").unwrap();
        assert_eq!(all[1], ["All", "All", "2", "95", "1.58", ""]);
        assert_eq!(all[3], ["All", "Couples", "", "", "", "3"]);
        assert_eq!(all[6], ["'@Title", "'=1+1", "2", "95", "1.58", ""]);
        assert_eq!(all[7], ["'@Title", "'=1+1", "", "", "", "2"]);
        assert_eq!(all[8], ["Both", "'-May, +Talk", "2", "95", "1.58", ""]);
        assert_eq!(all.len(), 10);
        assert_eq!(report.cells("b").unwrap().len(), 2);
        assert_eq!(report.cells("cross").unwrap().len(), 3);
        assert_eq!(report.cells("c"), None);
    }

    proptest! {
        #[test]
        fn every_day_of_a_period_is_in_one_of_its_months(first in 0u64..20_000, length in 0u64..3_000, at in 0u64..3_000) {
            let first = day("1990-01-01") + Days::new(first);
            let period = Period { first, last: first + Days::new(length) };
            let date = first + Days::new(at % (length + 1));
            let months = period.months();
            prop_assert!(period.contains(date));
            prop_assert_eq!(months.iter().filter(|month| **month == first_of_month(date)).count(), 1);
            prop_assert!(months.iter().all(|month| *month + Months::new(1) > period.first && *month <= period.last));
        }

        #[test]
        fn presets_hold_no_future_day(offset in 0u64..50_000, preset in prop::sample::select(&Preset::ALL[..4])) {
            let today = day("1950-01-01") + Days::new(offset);
            let period = preset.period(today, "", "").unwrap();
            prop_assert!(period.first <= period.last && period.last <= today);
        }

        #[test]
        fn shares_are_hundredths(part in 0i64..100_000, more in 0i64..100_000) {
            prop_assert!((0..=100).contains(&percent(part, part + more)));
        }

        #[test]
        fn decimal_hours_are_within_half_a_hundredth(minutes in 0i64..1_000_000) {
            let told: f64 = decimal_hours(minutes).parse().unwrap();
            prop_assert!((told - minutes as f64 / 60.0).abs() < 0.00501);
        }
    }
}
