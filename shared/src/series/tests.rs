use super::*;
use crate::{Problem, Refusal};
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn dates(frequency: Frequency, every: u8, weekdays: &[Weekday], first: &str, count: u8) -> Vec<String> {
    let rule = Rule { frequency, every, weekdays: weekdays.to_vec(), first_on: day(first) };
    rule.until(End::After(count)).iter().map(NaiveDate::to_string).collect()
}

#[test]
fn a_week_is_counted_from_its_monday() {
    // From a Thursday: its Monday is in the past, the next is in the week after next.
    let days = [Weekday::Mon, Weekday::Thu];
    assert_eq!(
        dates(Frequency::Weekly, 2, &days, "2026-12-03", 5),
        ["2026-12-03", "2026-12-14", "2026-12-17", "2026-12-28", "2026-12-31"]
    );
}

#[test]
fn months_without_the_day_are_skipped() {
    assert_eq!(
        dates(Frequency::MonthlyDay, 1, &[], "2026-10-31", 4),
        ["2026-10-31", "2026-12-31", "2027-01-31", "2027-03-31"]
    );
    assert_eq!(dates(Frequency::MonthlyDay, 12, &[], "2024-02-29", 2), ["2024-02-29"]);
}

#[test]
fn the_fifth_weekday_skips_months_and_the_last_does_not() {
    // 29 and 30 January 2027 are the fifth Friday and the last Saturday.
    assert_eq!(dates(Frequency::MonthlyWeekday, 1, &[], "2027-01-29", 3), ["2027-01-29", "2027-04-30", "2027-07-30"]);
    assert_eq!(
        dates(Frequency::MonthlyLastWeekday, 1, &[], "2027-01-30", 3),
        ["2027-01-30", "2027-02-27", "2027-03-27"]
    );
}

#[test]
fn the_last_weekday_begins_with_the_next_one_if_the_first_date_is_none() {
    assert_eq!(dates(Frequency::MonthlyLastWeekday, 1, &[], "2026-12-01", 2), ["2026-12-29", "2027-01-26"]);
}

#[test]
fn a_series_is_said_in_words() {
    let form =
        SeriesForm { frequency: "weekly".into(), every: "2".into(), weekdays: "th,mo".into(), ..SeriesForm::default() };
    let series = form.parse(day("2026-12-03")).unwrap().unwrap();
    assert_eq!(series.words(), "Every 2 weeks on Monday and Thursday, 10 times");
    assert_eq!(series.rule.rrule(), "FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY=MO,TH");
    let form = SeriesForm {
        frequency: "monthly_weekday".into(),
        ends: "date".into(),
        last_on: "2027-06-30".into(),
        ..SeriesForm::default()
    };
    assert_eq!(
        form.parse(day("2026-12-08")).unwrap().unwrap().words(),
        "Every month on the second Tuesday, until 30 June 2027"
    );
    assert_eq!(SeriesForm::default().parse(day("2026-12-08")), Ok(None));
}

#[test]
fn each_field_says_its_problem() {
    let weekly = SeriesForm { frequency: "weekly".into(), ..SeriesForm::default() };
    let refused = |form: SeriesForm, field: &str| match form.parse(day("2026-12-03")) {
        Err(Refusal::Invalid(errors)) => errors.get(field).cloned(),
        other => panic!("{other:?}"),
    };
    let range = Some(Problem::OutOfRange { min: 2, max: 200 });
    assert_eq!(refused(SeriesForm { count: "1".into(), ..weekly.clone() }, "count"), range);
    assert_eq!(refused(SeriesForm { count: "201".into(), ..weekly.clone() }, "count"), range);
    assert_eq!(
        refused(SeriesForm { every: "0".into(), ..weekly.clone() }, "every"),
        Some(Problem::OutOfRange { min: 1, max: 99 })
    );
    assert_eq!(refused(SeriesForm { weekdays: "xx".into(), ..weekly.clone() }, "weekdays"), Some(Problem::Unknown));
    assert_eq!(
        refused(SeriesForm { frequency: "hourly".into(), ..weekly.clone() }, "frequency"),
        Some(Problem::Unknown)
    );
    let last = SeriesForm { frequency: "monthly_last_weekday".into(), ..weekly.clone() };
    assert_eq!(refused(last, "frequency"), Some(Problem::FirstDateNotInRule));
    let until = |day: &str| SeriesForm { ends: "date".into(), last_on: day.into(), ..weekly.clone() };
    assert_eq!(refused(until(""), "last_on"), Some(Problem::Required));
    assert_eq!(refused(until("2026-12-03"), "last_on"), Some(Problem::EndBeforeStart));
    assert_eq!(refused(until("2026-12-09"), "last_on"), Some(Problem::OneDate));
    assert_eq!(refused(until("2029-01-01"), "last_on"), Some(Problem::LongerThan { years: 2 }));
    let daily = SeriesForm { frequency: "daily".into(), ..until("2027-12-03") };
    assert_eq!(refused(daily, "last_on"), Some(Problem::TooManyDates { max: 200 }));
    // Two hundred weeks are nearly four years.
    assert_eq!(refused(SeriesForm { count: "200".into(), ..weekly }, "count"), Some(Problem::LongerThan { years: 2 }));
}

#[test]
fn an_extension_goes_on_with_the_rhythm() {
    let rule =
        Rule { frequency: Frequency::Weekly, every: 2, weekdays: vec![Weekday::Mon], first_on: day("2026-12-07") };
    let more = |end| rule.more(day("2027-01-04"), end);
    assert_eq!(more(End::After(2)), Ok(vec![day("2027-01-18"), day("2027-02-01")]));
    assert_eq!(more(End::On(day("2027-02-14"))), Ok(vec![day("2027-01-18"), day("2027-02-01")]));
    assert_eq!(more(End::On(day("2027-01-17"))), Err(Refusal::field("last_on", Problem::EndBeforeStart)));
    assert_eq!(more(End::After(60)), Err(Refusal::field("count", Problem::LongerThan { years: 2 })));
    let daily = Rule { frequency: Frequency::Daily, every: 1, weekdays: Vec::new(), ..rule.clone() };
    let many = daily.more(day("2026-12-31"), End::After(180));
    assert_eq!(many, Err(Refusal::field("count", Problem::TooManyDates { max: 200 })));
}

#[test]
fn an_extension_says_each_problem_at_its_field() {
    let id = uuid::Uuid::from_u128(1).to_string();
    let form = SeriesMoreForm {
        appointment: id.clone(),
        after: "2027-01-04".into(),
        request_key: id,
        ..SeriesMoreForm::default()
    };
    assert_eq!(form.parse().unwrap().end, End::After(10));
    let count = SeriesMoreForm { count: "0".into(), ..form.clone() };
    assert_eq!(count.parse(), Err(Refusal::field("count", Problem::OutOfRange { min: 1, max: 200 })));
    let date = SeriesMoreForm { ends: "date".into(), ..form };
    assert_eq!(date.parse(), Err(Refusal::field("last_on", Problem::Required)));
    let early = SeriesMoreForm { last_on: "2027-01-04".into(), ..date };
    assert_eq!(early.parse(), Err(Refusal::field("last_on", Problem::EndBeforeStart)));
}

prop_compose! {
    fn rules()(frequency in prop::sample::select(Frequency::ALL), every in 1u8..20, days in prop::collection::btree_set(0u8..7, 1..7),
               first in 0i64..3000) -> Rule {
        let weekly = frequency == Frequency::Weekly;
        let weekdays = days.into_iter().filter(|_| weekly).map(|day| Weekday::try_from(day).unwrap()).collect();
        Rule { frequency, every, weekdays, first_on: day("2025-01-01") + chrono::TimeDelta::days(first) }
    }
}

proptest! {
    /// Against the plain reading of each rule, asked day by day.
    #[test]
    fn the_dates_are_those_that_fit_the_rule(rule in rules()) {
        let last = rule.first_on + Months::new(24);
        let every = i64::from(rule.every);
        let months = |date: NaiveDate| i64::from(date.year() * 12 + date.month0() as i32);
        let apart = |date: NaiveDate| months(date) - months(rule.first_on);
        let monday = |date: NaiveDate| date - chrono::TimeDelta::days(date.weekday().num_days_from_monday().into());
        let fits = |date: &NaiveDate| match rule.frequency {
            Frequency::Daily => (*date - rule.first_on).num_days() % every == 0,
            Frequency::Weekly => {
                rule.weekdays.contains(&date.weekday()) && (monday(*date) - monday(rule.first_on)).num_weeks() % every == 0
            }
            Frequency::MonthlyDay => date.day() == rule.first_on.day() && apart(*date) % every == 0,
            Frequency::MonthlyWeekday => {
                date.weekday() == rule.first_on.weekday()
                    && (date.day() - 1) / 7 == (rule.first_on.day() - 1) / 7
                    && apart(*date) % every == 0
            }
            Frequency::MonthlyLastWeekday => {
                date.weekday() == rule.first_on.weekday()
                    && (*date + chrono::TimeDelta::days(7)).month() != date.month()
                    && apart(*date) % every == 0
            }
        };
        let slow: Vec<NaiveDate> =
            rule.first_on.iter_days().take_while(|date| *date <= last).filter(fits).take(DATES_MAX).collect();
        prop_assert_eq!(rule.until(End::On(last)), slow);
    }

    /// A later part of a series is a series of its own: *this and later* keeps the rhythm.
    #[test]
    fn a_rule_that_begins_at_one_of_its_weekly_dates_gives_the_same_later_dates(rule in rules(), at in 0usize..20) {
        prop_assume!(rule.frequency == Frequency::Weekly || rule.frequency == Frequency::Daily);
        let dates: Vec<NaiveDate> = rule.dates().take(40).collect();
        let later = Rule { first_on: dates[at], ..rule.clone() };
        prop_assert_eq!(later.dates().take(40 - at).collect::<Vec<_>>(), &dates[at..]);
    }
}
