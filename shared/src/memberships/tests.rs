use super::*;
use chrono::Days;
use proptest::prelude::*;

/// Days of the model; nothing happens after the last.
const DAYS: u64 = 14;

fn day(number: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 2, 25).unwrap() + Days::new(number)
}

fn period() -> impl Strategy<Value = Period> {
    (0..DAYS, prop::option::of(0..DAYS)).prop_map(|(joined, length)| Period {
        joined_on: day(joined),
        left_on: length.map(|length| day((joined + length).min(DAYS))),
    })
}

fn periods() -> impl Strategy<Value = Vec<Period>> {
    prop::collection::vec(period(), 0..6)
}

/// The model: a membership is the set of its days.
fn days(period: Period) -> Vec<NaiveDate> {
    let ends = period.left_on.unwrap_or(day(DAYS + 1));
    (0..=DAYS).map(day).filter(|day| period.joined_on <= *day && *day < ends).collect()
}

fn count(periods: &[Period], on: NaiveDate) -> usize {
    periods.iter().filter(|period| days(**period).contains(&on)).count()
}

/// What one person's memberships may be: no day twice.
fn one_persons() -> impl Strategy<Value = Vec<Period>> {
    periods().prop_map(|periods| {
        let mut kept: Vec<Period> = Vec::new();
        for period in periods {
            if (0..=DAYS).all(|number| count(&kept, day(number)) + count(&[period], day(number)) < 2) {
                kept.push(period);
            }
        }
        kept
    })
}

proptest! {
    #[test]
    fn two_overlap_when_they_share_a_day(one in period(), other in period()) {
        let shared = days(one).iter().any(|day| days(other).contains(day));
        prop_assert_eq!(one.overlaps(other), shared);
        prop_assert_eq!(one.is_empty(), days(one).is_empty());
    }

    #[test]
    fn a_crowd_is_found_on_its_first_day(periods in periods(), most in 0..4_usize) {
        let first = (0..=DAYS).map(day).find(|day| count(&periods, *day) > most);
        prop_assert_eq!(crowded(&periods, most), first);
    }

    #[test]
    fn a_couple_never_has_three(periods in periods()) {
        let three = (0..=DAYS).any(|number| count(&periods, day(number)) > 2);
        prop_assert_eq!(check_size(Kind::Couple, &periods).is_err(), three);
        for kind in [Kind::Family, Kind::Group] {
            prop_assert_eq!(check_size(kind, &periods), Ok(()));
        }
    }

    /// Joining adds exactly the days from then on, and never a day twice.
    #[test]
    fn who_joins_belongs_from_that_day(before in one_persons(), at in 0..DAYS) {
        let mut after = before.clone();
        match join(&before, day(at)) {
            Ok(Joining::Anew) => after.push(Period { joined_on: day(at), left_on: None }),
            Ok(Joining::Again(position)) => after[position].left_on = None,
            Err(problem) => {
                let later = (at..=DAYS).any(|number| count(&before, day(number)) > 0);
                prop_assert!(later, "{problem:?} although they do not belong from day {at} on");
                let open = before.iter().any(|period| period.left_on.is_none());
                prop_assert_eq!(problem == Problem::AlreadyMember, open);
                return Ok(());
            }
        }
        for number in 0..=DAYS {
            let expected = usize::from(number >= at) + count(&before, day(number));
            prop_assert_eq!(count(&after, day(number)), expected);
        }
        prop_assert!(after.iter().all(|period| period.left_on.is_none_or(|left| left >= period.joined_on)));
    }

    /// Anyone who left on a day and joins on it again has not been away.
    #[test]
    fn a_return_on_the_same_day_leaves_no_gap(joined in 0..DAYS, length in 0..DAYS) {
        let left = Period { joined_on: day(joined), left_on: Some(day(joined + length)) };
        prop_assert_eq!(join(&[left], day(joined + length)), Ok(Joining::Again(0)));
        prop_assert_eq!(join(&[left], day(joined + length + 1)), Ok(Joining::Anew));
    }

    #[test]
    fn corrected_dates_stay_in_order_and_apart(
        joined in 0..DAYS, left in prop::option::of(0..DAYS), others in one_persons(), today in 0..DAYS
    ) {
        let period = Period { joined_on: day(joined), left_on: left.map(day) };
        let model = joined <= today
            && left.is_none_or(|left| joined <= left && left <= today)
            && days(period).iter().all(|day| count(&others, *day) == 0);
        prop_assert_eq!(may_be(period, &others, day(today)).is_ok(), model);
    }

    #[test]
    fn a_kind_is_changed_when_code_and_size_allow(
        from in prop::sample::select(Kind::ALL), to in prop::sample::select(Kind::ALL),
        code in "[A-Z0-9-]{0,32}", periods in periods()
    ) {
        let three = (0..=DAYS).any(|number| count(&periods, day(number)) > 2);
        let fits = !code.is_empty() && !code.contains('-') && code.len() <= if to == Kind::Group { 30 } else { 6 };
        let model = from != Kind::Individual && to != Kind::Individual && fits && !(three && to == Kind::Couple);
        prop_assert_eq!(obstacles(from, to, &code, &periods).is_empty(), model);
    }

    #[test]
    fn a_suggested_stem_leaves_room_for_a_number(name in "\\PC{0,40}", kind in prop::sample::select(&Kind::GROUPS[..])) {
        let code = format!("{}999", code_stem(kind, &name));
        prop_assert!(Code::parse(&code, kind).is_ok(), "{}", code);
    }
}

#[test]
fn every_obstacle_is_reported_together() {
    let open = Period { joined_on: day(0), left_on: None };
    let told = obstacles(Kind::Group, Kind::Couple, "MINDFULNESS", &[open, open, open]);
    assert_eq!(told, [("kind", Problem::CoupleFull { day: day(0) }), ("code", Problem::CodeLength { max: 6 })]);
    assert_eq!(obstacles(Kind::Group, Kind::Family, "MIND1", &[open, open, open]), []);
    assert_eq!(obstacles(Kind::Family, Kind::Individual, "A", &[]), [("kind", Problem::Unknown)]);
}

#[test]
fn a_stem_is_made_of_initials() {
    assert_eq!(code_stem(Kind::Family, "The Tremblay family of Laval"), "TTF");
    assert_eq!(code_stem(Kind::Group, "Mindfulness, Tuesdays 9 o’clock"), "MT9OC");
    assert_eq!(code_stem(Kind::Couple, ""), "CPL");
    assert_eq!(code_stem(Kind::Group, "王家"), "GRP");
}
