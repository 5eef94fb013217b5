//! Charts of a report, for those who see: each names its numbers, and the table
//! under it has all of them. Drawn on the server, without script.

use chrono::{Datelike, NaiveDate};
use leptos::prelude::*;
use shared::activities::hours_text;
use shared::reports::{Measure, Row, percent};

/// The maximum number of bars; of more, the largest are drawn.
const BARS_MAX: usize = 15;
/// The number of distinct colours; the rest share one.
const SERIES_MAX: usize = 7;
const OTHERS: &str = "Other types";
/// In this order neighbours differ most. Names of the viewer's colours.
const COLOURS: [&str; SERIES_MAX + 1] = ["teal", "orange", "blue", "yellow", "purple", "green", "pink", "red"];

/// What is read instead.
fn told(title: &str) -> String {
    format!("Chart: {title}. The table below has its numbers.")
}

/// A bar for each row, beside its name and its number.
pub fn bars(title: &str, measure: Measure, rows: &[Row], words: impl Fn(&Row) -> String) -> AnyView {
    let most = rows.iter().map(|row| row.size(measure)).max().unwrap_or_default();
    let shown = largest(rows, measure);
    let note = (shown.len() < rows.len())
        .then(|| view! { <p class="hint">{format!("The {BARS_MAX} largest; the table has all.")}</p> });
    let bar = |row: &Row| {
        let width = percent(row.size(measure), most).to_string();
        view! {
            <span class="bar-name">{row.label.clone()}</span>
            <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" focusable="false">
                <rect width=width height="10"></rect>
            </svg>
            <span class="bar-value tnum">{words(row)}</span>
        }
    };
    view! {
        <div class="plot">
            <div class="bars" role="img" aria-label=told(title)>{shown.into_iter().map(bar).collect_view()}</div>
            {note}
        </div>
    }
    .into_any()
}

/// In the order they have.
fn largest(rows: &[Row], measure: Measure) -> Vec<&Row> {
    let sizes: Vec<i64> = rows.iter().map(|row| row.size(measure)).collect();
    first(&sizes, BARS_MAX).into_iter().map(|place| &rows[place]).collect()
}

/// The places of the largest, in order; of those alike the first.
fn first(sizes: &[i64], most: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..sizes.len()).collect();
    places.sort_by_key(|place| std::cmp::Reverse(sizes[*place]));
    places.truncate(most);
    places.sort_unstable();
    places
}

/// What a column is made of: its name, and the minutes of each month.
pub struct Series {
    pub name: String,
    pub minutes: Vec<i64>,
}

impl Series {
    fn sum(&self) -> i64 {
        self.minutes.iter().sum()
    }
}

/// A column for each month, one series upon the other.
pub fn columns(title: &str, months: &[NaiveDate], series: Vec<Series>) -> AnyView {
    let series = few(series);
    let heights: Vec<i64> =
        (0..months.len()).map(|at| series.iter().filter_map(|one| one.minutes.get(at)).sum()).collect();
    let ticks = scale(heights.iter().copied().max().unwrap_or_default());
    let top = ticks.last().copied().unwrap_or(1).max(1);
    let legend = (series.len() > 1).then(|| {
        let name = |(one, colour): (&Series, &&str)| {
            view! { <li class=format!("colour-{colour}")><span class="patch"></span>{one.name.clone()}</li> }
        };
        view! { <ul class="legend" aria-hidden="true">{series.iter().zip(&COLOURS).map(name).collect_view()}</ul> }
    });
    let lines = ticks.iter().map(|tick| {
        let y = height(top - tick, top);
        view! { <line x1="0" x2=(months.len() * 10).to_string() y1=y.clone() y2=y vector-effect="non-scaling-stroke"></line> }
    });
    let column = |(at, month): (usize, &NaiveDate)| {
        let mut below = 0;
        let parts = series.iter().zip(&COLOURS).filter_map(|(one, colour)| {
            let minutes = one.minutes.get(at).copied().filter(|minutes| *minutes > 0)?;
            below += minutes;
            let words = format!("{}, {}: {}", month.format("%B %Y"), one.name, hours_text(minutes));
            Some(view! {
                <rect class=format!("colour-{colour}") x=format!("{}.5", at * 10 + 1) width="7"
                    y=height(top - below, top) height=height(minutes, top)><title>{words}</title></rect>
            })
        });
        parts.collect_view()
    };
    let columns = months.iter().enumerate().map(column).collect_view();
    let ticks = ticks.iter().map(|tick| view! { <span>{hours_text(*tick)}</span> }).collect_view();
    let names = months.iter().enumerate().map(|(at, month)| {
        let (name, year) = name(at, *month, months.len());
        view! { <span>{name}<br/>{year}</span> }
    });
    view! {
        <div class="plot">
            {legend}
            <div class="columns" role="img" aria-label=told(title)>
                <div class="ticks tnum">{ticks}</div>
                <svg viewBox=format!("0 0 {} 100", months.len() * 10) preserveAspectRatio="none" focusable="false">
                    {lines.collect_view()}
                    {columns}
                </svg>
                <div class="months">{names.collect_view()}</div>
            </div>
        </div>
    }
    .into_any()
}

/// Round numbers of minutes from nothing to no less than `most`, evenly, at most five.
fn scale(most: i64) -> Vec<i64> {
    let hours = (0..).flat_map(|power| [1, 2, 5].map(|digit| digit * 60 * 10_i64.saturating_pow(power)));
    let step = [15, 30].into_iter().chain(hours).find(|step| step.saturating_mul(4) >= most).unwrap_or(60);
    (0..=(most + step - 1) / step).map(|at| at * step).collect()
}

/// Of a hundred, with two decimals.
fn height(part: i64, whole: i64) -> String {
    let hundredths = part * 10_000 / whole.max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// The most hours first have colours of their own, in the order they had.
fn few(mut series: Vec<Series>) -> Vec<Series> {
    series.retain(|one| one.sum() > 0);
    if series.len() <= COLOURS.len() {
        return series;
    }
    let sums: Vec<i64> = series.iter().map(Series::sum).collect();
    let places = first(&sums, SERIES_MAX);
    let mut kept = Vec::new();
    let mut others = Series { name: OTHERS.to_owned(), minutes: Vec::new() };
    for (place, one) in series.into_iter().enumerate() {
        if places.contains(&place) {
            kept.push(one);
            continue;
        }
        others.minutes.resize(one.minutes.len(), 0);
        others.minutes.iter_mut().zip(&one.minutes).for_each(|(sum, minutes)| *sum += minutes);
    }
    kept.push(others);
    kept
}

/// As many names as there is room for: each month of a year, each quarter of
/// three, and years alone of more.
fn name(at: usize, month: NaiveDate, count: usize) -> (String, String) {
    let every = match count {
        ..=12 => 1,
        13..=36 => 3,
        _ => 12,
    };
    let year = if at == 0 && every < 12 || month.month0() == 0 { month.year().to_string() } else { String::new() };
    let named = every < 12 && month.month0().is_multiple_of(every);
    (if named { month.format("%b").to_string() } else { String::new() }, year)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &str, minutes: &[i64]) -> Series {
        Series { name: name.to_owned(), minutes: minutes.to_vec() }
    }

    #[test]
    fn what_is_little_is_put_together_and_nothing_is_lost() {
        let all: Vec<_> = (1..=10).map(|n| series(&n.to_string(), &[n * 10, 1])).collect();
        let whole: i64 = all.iter().map(Series::sum).sum();
        let few = few(all);
        let names: Vec<_> = few.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["4", "5", "6", "7", "8", "9", "10", OTHERS]);
        assert_eq!(few.iter().map(Series::sum).sum::<i64>(), whole);
        assert_eq!(few[7].minutes, [60, 3]);
        // Of those alike the first, and the largest whatever comes before it.
        let alike = (0..9).map(|n| series(&n.to_string(), &[if n == 8 { 100 } else { 5 }])).collect();
        let names: Vec<_> = super::few(alike).into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["0", "1", "2", "3", "4", "5", "8", OTHERS]);
    }

    #[test]
    fn a_scale_is_round_and_reaches_the_top() {
        assert_eq!(scale(0), [0]);
        assert_eq!(scale(50), [0, 15, 30, 45, 60]);
        assert_eq!(scale(61), [0, 30, 60, 90]);
        assert_eq!(scale(1_000), [0, 300, 600, 900, 1_200]);
        for most in 1..20_000 {
            let ticks = scale(most);
            assert!(ticks.len() <= 5 && ticks[ticks.len() - 1] >= most && ticks[ticks.len() - 2] < most, "{most}");
        }
    }

    #[test]
    fn of_many_rows_the_largest_are_shown_in_their_order() {
        let rows: Vec<_> = (0..20).map(|n| Row { label: n.to_string(), count: (n * 7) % 20, minutes: 0 }).collect();
        let shown = largest(&rows, Measure::People);
        assert_eq!(shown.len(), BARS_MAX);
        assert!(shown.iter().all(|row| row.count >= 5));
        assert!(shown.is_sorted_by_key(|row| row.label.parse::<u8>().unwrap()));
    }

    #[test]
    fn months_are_named_where_there_is_room() {
        let month = |year, month| NaiveDate::from_ymd_opt(year, month, 1).unwrap();
        let named = |at, date, count| {
            let (name, year) = name(at, date, count);
            format!("{name} {year}")
        };
        assert_eq!(named(0, month(2026, 3), 4), "Mar 2026");
        assert_eq!(named(1, month(2026, 4), 4), "Apr ");
        assert_eq!(named(1, month(2026, 2), 24), " ");
        assert_eq!(named(2, month(2026, 4), 24), "Apr ");
        assert_eq!(named(5, month(2027, 1), 120), " 2027");
        assert_eq!(named(0, month(2026, 3), 120), " ");
    }
}
