//! Free times as arithmetic on ranges of instants: no clock, no zones, no I/O.
//! Working hours have been turned into instants before they come here.

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
}

/// A time that is taken, and the minutes to keep free beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy {
    pub span: Span,
    /// `None` for a person's own times: whoever attends needs no distance,
    /// only not to be in two places at once.
    pub buffer_minutes: Option<i32>,
}

impl Busy {
    /// Whether an appointment at `span` with its own buffer would come too
    /// near. Between neighbours the larger of the two buffers holds.
    pub fn hinders(self, span: Span, buffer_minutes: i32) -> bool {
        let apart = self.buffer_minutes.map_or(0, |own| own.max(buffer_minutes));
        let apart = TimeDelta::minutes(apart.into());
        span.starts < self.span.ends + apart && self.span.starts < span.ends + apart
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub duration_minutes: i32,
    pub buffer_minutes: i32,
    /// Times are offered every so many minutes from the start of a working period.
    pub step_minutes: i16,
    /// No time before this instant.
    pub not_before: DateTime<Utc>,
}

/// Every start at which the appointment fits whole into a working period and
/// comes near nothing that is taken. `open` and `busy` may be in any order and
/// may overlap; the answer is sorted and holds no instant twice.
pub fn free_starts(open: &[Span], busy: &[Busy], wanted: Wanted) -> Vec<DateTime<Utc>> {
    let duration = TimeDelta::minutes(wanted.duration_minutes.into());
    let step = TimeDelta::minutes(wanted.step_minutes.max(1).into());
    let mut busy = busy.to_vec();
    busy.sort_by_key(|taken| taken.span.starts);
    // How far back a taken time may begin and still reach a given start.
    let longest = busy.iter().map(|taken| taken.span.ends - taken.span.starts).max().unwrap_or_default();
    let widest = busy.iter().filter_map(|taken| taken.buffer_minutes).max().unwrap_or(0).max(wanted.buffer_minutes);
    let reach = longest + TimeDelta::minutes(widest.into());

    let mut starts = Vec::new();
    for period in open {
        let mut start = period.starts;
        while start + duration <= period.ends {
            let span = Span { starts: start, ends: start + duration };
            let from = busy.partition_point(|taken| taken.span.starts < start - reach);
            let near = busy[from..]
                .iter()
                .take_while(|taken| taken.span.starts < span.ends + TimeDelta::minutes(widest.into()));
            if start >= wanted.not_before && !near.into_iter().any(|taken| taken.hinders(span, wanted.buffer_minutes)) {
                starts.push(start);
            }
            start += step;
        }
    }
    starts.sort_unstable();
    starts.dedup();
    starts
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_962_800 + minute * 60, 0).unwrap()
    }

    fn span(starts: i64, ends: i64) -> Span {
        Span { starts: at(starts), ends: at(ends) }
    }

    const HOUR: Wanted =
        Wanted { duration_minutes: 60, buffer_minutes: 0, step_minutes: 30, not_before: DateTime::<Utc>::MIN_UTC };

    #[test]
    fn an_appointment_may_begin_when_another_ends() {
        let busy = [Busy { span: span(60, 120), buffer_minutes: Some(0) }];
        assert_eq!(free_starts(&[span(0, 240)], &busy, HOUR), [at(0), at(120), at(150), at(180)]);
    }

    #[test]
    fn the_larger_buffer_of_two_neighbours_holds() {
        let busy = [Busy { span: span(120, 180), buffer_minutes: Some(30) }];
        let wanted = Wanted { buffer_minutes: 10, ..HOUR };
        assert_eq!(free_starts(&[span(0, 300)], &busy, wanted), [at(0), at(30), at(210), at(240)]);
    }

    #[test]
    fn nothing_is_offered_before_its_time_or_past_the_end() {
        let wanted = Wanted { not_before: at(45), ..HOUR };
        assert_eq!(free_starts(&[span(0, 150)], &[], wanted), [at(60), at(90)]);
        assert!(free_starts(&[span(0, 59)], &[], HOUR).is_empty());
    }

    #[test]
    fn turns_are_shared_over_the_days() {
        let people = [Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3)];
        let mut first = [0; 3];
        for day in NaiveDate::from_ymd_opt(2026, 1, 1).unwrap().iter_days().take(300) {
            let next = (0..3).min_by_key(|index| turn(people[*index], day)).unwrap();
            first[next] += 1;
        }
        assert!(first.iter().all(|days| (60..=140).contains(days)), "{first:?}");
    }

    prop_compose! {
        fn spans(max: usize)(pairs in prop::collection::vec((0i64..2000, 1i64..300), 0..max)) -> Vec<Span> {
            pairs.into_iter().map(|(starts, length)| span(starts, starts + length)).collect()
        }
    }

    proptest! {
        /// Against the plain reading of the rule, minute by minute.
        #[test]
        fn it_agrees_with_the_slow_way(
            open in spans(5), taken in spans(12), buffers in prop::collection::vec(prop::option::of(0i32..60), 12),
            duration in 5i32..120, buffer in 0i32..60, step in 5i16..60, not_before in 0i64..500,
        ) {
            let busy: Vec<_> = taken.iter().zip(buffers).map(|(span, buffer_minutes)| Busy { span: *span, buffer_minutes }).collect();
            let wanted = Wanted { duration_minutes: duration, buffer_minutes: buffer, step_minutes: step, not_before: at(not_before) };
            let mut slow = Vec::new();
            for period in &open {
                let mut start = period.starts;
                while start < period.ends {
                    let span = Span { starts: start, ends: start + TimeDelta::minutes(duration.into()) };
                    if span.ends <= period.ends && start >= wanted.not_before && !busy.iter().any(|taken| taken.hinders(span, buffer)) {
                        slow.push(start);
                    }
                    start += TimeDelta::minutes(step.into());
                }
            }
            slow.sort_unstable();
            slow.dedup();
            prop_assert_eq!(free_starts(&open, &busy, wanted), slow);
        }

        /// Whatever is offered can be booked beside what is there.
        #[test]
        fn what_is_offered_overlaps_nothing(open in spans(5), taken in spans(12)) {
            let busy: Vec<_> = taken.iter().map(|span| Busy { span: *span, buffer_minutes: Some(0) }).collect();
            for start in free_starts(&open, &busy, HOUR) {
                let offered = Span { starts: start, ends: start + TimeDelta::minutes(60) };
                prop_assert!(!taken.iter().any(|span| span.overlaps(offered)));
                prop_assert!(open.iter().any(|period| period.starts <= offered.starts && offered.ends <= period.ends));
            }
        }
    }
}
