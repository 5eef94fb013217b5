//! Clients who can come against practitioners who work, by the half hour of a week; and
//! how well two weeks fit. Minutes are counted from Monday 0:00 of the venue's wall clock.

/// Minutes of a half hour.
pub const STEP: i32 = 30;
/// Half hours of a day.
pub const STEPS: usize = 48;
/// Minutes of a day.
pub const DAY: i32 = 24 * 60;

/// `[starts, ends)`, in minutes from Monday 0:00; within the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WeekSpan {
    pub starts: i32,
    pub ends: i32,
}

impl WeekSpan {
    /// Of a weekday, 1 for Monday, and minutes of that day.
    pub fn of_day(weekday: i16, starts: i32, ends: i32) -> WeekSpan {
        let day = (i32::from(weekday) - 1) * DAY;
        WeekSpan { starts: day + starts, ends: day + ends }
    }
}

/// One half hour of the week.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell {
    /// Clients who are available for the whole half hour.
    pub clients: u32,
    /// Practitioners who work for the whole half hour.
    pub working: u32,
    /// Practitioners of these who have an appointment in some of it.
    pub booked: u32,
}

impl Cell {
    /// Practitioners who work and have no appointment.
    pub fn free(self) -> u32 {
        self.working.saturating_sub(self.booked)
    }

    /// Clients could come, and none of the practitioners works.
    pub fn is_gap(self) -> bool {
        self.clients > 0 && self.working == 0
    }
}

/// The week's half hours, from Monday 0:00: [`STEPS`] for each day. Each element of the
/// arguments is one person's week, in any order and overlapping as it may.
pub fn staffing(clients: &[Vec<WeekSpan>], practitioners: &[(Vec<WeekSpan>, Vec<WeekSpan>)]) -> Vec<Cell> {
    let mut cells = vec![Cell::default(); 7 * STEPS];
    for week in clients {
        for (cell, whole) in cells.iter_mut().zip(whole(week)) {
            cell.clients += u32::from(whole);
        }
    }
    for (hours, booked) in practitioners {
        let touched = touched(booked);
        for ((cell, whole), touched) in cells.iter_mut().zip(whole(hours)).zip(touched) {
            cell.working += u32::from(whole);
            cell.booked += u32::from(whole && touched);
        }
    }
    cells
}

/// The spans in order, those that meet as one.
pub fn joined(spans: &[WeekSpan]) -> Vec<WeekSpan> {
    let mut spans = spans.to_vec();
    spans.sort_unstable();
    let mut joined: Vec<WeekSpan> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.starts <= last.ends => last.ends = last.ends.max(span.ends),
            _ => joined.push(span),
        }
    }
    joined
}

/// What both have, in order.
pub fn common(one: &[WeekSpan], other: &[WeekSpan]) -> Vec<WeekSpan> {
    let (one, other) = (joined(one), joined(other));
    let mut common = Vec::new();
    let (mut i, mut j) = (0, 0);
    while let (Some(a), Some(b)) = (one.get(i), other.get(j)) {
        let both = WeekSpan { starts: a.starts.max(b.starts), ends: a.ends.min(b.ends) };
        if both.starts < both.ends {
            common.push(both);
        }
        if a.ends <= b.ends { i += 1 } else { j += 1 }
    }
    common
}

/// Minutes of a week that two people have in common.
pub fn minutes_in_common(one: &[WeekSpan], other: &[WeekSpan]) -> i32 {
    common(one, other).iter().map(|span| span.ends - span.starts).sum()
}

/// Half hours that lie whole in the spans.
fn whole(spans: &[WeekSpan]) -> Vec<bool> {
    let mut steps = vec![false; 7 * STEPS];
    for span in joined(spans) {
        let first = (span.starts + STEP - 1).div_euclid(STEP).max(0);
        let end = span.ends.div_euclid(STEP).min((7 * STEPS) as i32);
        for step in first..end {
            steps[step as usize] = true;
        }
    }
    steps
}

/// Half hours that a span touches.
fn touched(spans: &[WeekSpan]) -> Vec<bool> {
    let mut steps = vec![false; 7 * STEPS];
    for span in spans.iter().filter(|span| span.starts < span.ends) {
        let first = span.starts.div_euclid(STEP).max(0);
        let end = (span.ends + STEP - 1).div_euclid(STEP).min((7 * STEPS) as i32);
        for step in first..end {
            steps[step as usize] = true;
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_half_hour_counts_who_can_for_the_whole_of_it() {
        // Monday 9:00 to 10:15, and 10:00 to 11:00.
        let clients = [vec![WeekSpan::of_day(1, 540, 615)], vec![WeekSpan::of_day(1, 600, 660)]];
        let working = (vec![WeekSpan::of_day(1, 570, 630)], vec![WeekSpan::of_day(1, 610, 625)]);
        let cells = staffing(&clients, &[working]);
        let at = |minutes: usize| cells[minutes / 30];
        assert_eq!(at(540), Cell { clients: 1, working: 0, booked: 0 });
        assert!(at(540).is_gap());
        assert_eq!(at(570), Cell { clients: 1, working: 1, booked: 0 });
        assert_eq!(at(600), Cell { clients: 1, working: 1, booked: 1 });
        assert_eq!(at(600).free(), 0);
        assert_eq!(at(630), Cell { clients: 1, working: 0, booked: 0 });
        assert_eq!(at(660), Cell::default());
    }

    #[test]
    fn hours_in_common_count_overlapping_periods_once() {
        let one = [WeekSpan::of_day(2, 540, 720), WeekSpan::of_day(2, 600, 780)];
        let other = [WeekSpan::of_day(2, 660, 900), WeekSpan::of_day(3, 540, 600)];
        assert_eq!(minutes_in_common(&one, &other), 120);
        assert_eq!(common(&one, &other), [WeekSpan::of_day(2, 660, 780)]);
        assert_eq!(minutes_in_common(&one, &[]), 0);
    }

    prop_compose! {
        fn weeks()(spans in prop::collection::vec((0i32..7 * DAY, 1i32..600), 0..6)) -> Vec<WeekSpan> {
            spans.into_iter().map(|(starts, length)| WeekSpan { starts, ends: (starts + length).min(7 * DAY) }).collect()
        }
    }

    proptest! {
        /// Against minute by minute.
        #[test]
        fn it_agrees_with_counting_minutes(one in weeks(), other in weeks()) {
            let has = |week: &[WeekSpan], minute: i32| week.iter().any(|span| span.starts <= minute && minute < span.ends);
            let slow = (0..7 * DAY).filter(|minute| has(&one, *minute) && has(&other, *minute)).count();
            prop_assert_eq!(minutes_in_common(&one, &other), slow as i32);
            let cells = staffing(std::slice::from_ref(&one), &[(one.clone(), other.clone())]);
            for (step, cell) in cells.iter().enumerate() {
                let minutes = step as i32 * STEP..(step as i32 + 1) * STEP;
                let whole = minutes.clone().all(|minute| has(&one, minute));
                let touched = minutes.clone().any(|minute| has(&other, minute));
                prop_assert_eq!(*cell, Cell { clients: whole.into(), working: whole.into(), booked: (whole && touched).into() });
            }
        }
    }
}
