//! Finding the next times: wishes, and two persons one after the other or at the same time.

use crate::slots::Start;
use crate::vocabulary::vocabulary;
use crate::{ClientId, ServiceId, StaffId};
use chrono::{Datelike, NaiveDateTime, TimeDelta, Timelike};

/// How many times are found.
pub const FOUND_MAX: usize = 5;
/// How far is looked: window by window, in days from the first, until enough is found.
pub const WINDOWS: [(u64, u64); 4] = [(0, 7), (7, 21), (21, 60), (60, 90)];

vocabulary! {
    PartOfDay {
        Morning = "morning", "Mornings";
        Afternoon = "afternoon", "Afternoons";
        Evening = "evening", "Evenings";
    }
}

impl PartOfDay {
    /// Afternoons begin at noon, evenings at 5 pm.
    pub fn of(local: NaiveDateTime) -> PartOfDay {
        match local.hour() {
            ..12 => PartOfDay::Morning,
            12..17 => PartOfDay::Afternoon,
            _ => PartOfDay::Evening,
        }
    }
}

vocabulary! {
    /// How two persons come.
    #[derive(Default)]
    Together {
        #[default]
        After = "after", "One after the other, same practitioner";
        AtOnce = "at_once", "At the same time, two practitioners";
    }
}

/// What suits those who come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Empty: any.
    pub parts: Vec<PartOfDay>,
    /// Weekdays on which they cannot come; 1 is Monday.
    pub not_on: Vec<u32>,
}

impl Wishes {
    /// Of a start on the venue's clocks.
    pub fn suit(&self, local: NaiveDateTime) -> bool {
        (self.parts.is_empty() || self.parts.contains(&PartOfDay::of(local)))
            && !self.not_on.contains(&local.weekday().number_from_monday())
    }
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub service: ServiceId,
    pub practitioner: Option<StaffId>,
    pub client: ClientId,
    /// A second person, and how the two come.
    pub also: Option<(ClientId, Together)>,
    pub wishes: Wishes,
}

/// Pairs of starts with one practitioner, the second as soon after the first as it may be and
/// at most `step` later. Both are in order; the first takes `minutes`, and `buffer` stays free.
pub fn one_after_the_other(
    first: &[Start],
    second: &[Start],
    minutes: i32,
    buffer: i32,
    step: i16,
) -> Vec<(Start, Start)> {
    let gap = TimeDelta::minutes((minutes + buffer).into());
    let step = TimeDelta::minutes(step.into());
    let follow = |one: &Start| {
        let earliest = one.at + gap;
        let from = second.partition_point(|other| other.at < earliest);
        second
            .get(from)
            .filter(|other| other.at - earliest < step && other.place == one.place)
            .map(|other| (*one, *other))
    };
    first.iter().filter_map(follow).collect()
}

/// Pairs of starts at the same time with two practitioners; with `needs_room` two rooms are
/// free.
pub fn at_once(one: &[Start], other: &[Start], needs_room: bool) -> Vec<(Start, Start)> {
    let meet = |a: &Start| {
        let index = other.binary_search_by_key(&a.at, |b| b.at).ok()?;
        let b = other[index];
        let rooms = !needs_room || (a.rooms | b.rooms).count_ones() >= 2;
        rooms.then_some((*a, b))
    };
    one.iter().filter_map(meet).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LocationId;
    use chrono::{DateTime, NaiveDate, Utc};
    use uuid::Uuid;

    fn at(minutes: i64, rooms: u64) -> Start {
        let at = DateTime::<Utc>::from_timestamp(1_772_962_800 + minutes * 60, 0).unwrap();
        Start { at, ask: false, place: LocationId(Uuid::from_u128(1)), rooms }
    }

    #[test]
    fn mornings_end_at_noon_and_evenings_begin_at_five() {
        let local = |day, hour| NaiveDate::from_ymd_opt(2026, 3, day).unwrap().and_hms_opt(hour, 0, 0).unwrap();
        let wishes = Wishes { parts: vec![PartOfDay::Morning, PartOfDay::Evening], not_on: vec![2] };
        // The 9th of March 2026 is a Monday.
        let suits: Vec<bool> =
            [(9, 11), (9, 12), (9, 16), (9, 17), (10, 11)].map(|(day, hour)| wishes.suit(local(day, hour))).into();
        assert_eq!(suits, [true, false, false, true, false]);
        assert!(Wishes::default().suit(local(10, 3)));
    }

    #[test]
    fn the_second_follows_the_first_as_soon_as_the_buffer_allows() {
        let (first, second) = ([at(0, 0), at(30, 0), at(60, 0)], [at(0, 0), at(75, 0), at(240, 0)]);
        assert_eq!(one_after_the_other(&first, &second, 60, 10, 15), [(at(0, 0), at(75, 0))]);
        assert_eq!(one_after_the_other(&first, &second, 60, 20, 15), []);
    }

    #[test]
    fn two_at_once_need_two_rooms() {
        let times = |rooms: [u64; 3]| [at(0, rooms[0]), at(30, rooms[1]), at(60, rooms[2])];
        let (one, other) = (times([1, 1, 2]), times([1, 3, 4]));
        assert_eq!(at_once(&one, &other, true), [(at(30, 1), at(30, 3)), (at(60, 2), at(60, 4))]);
        assert_eq!(at_once(&one, &other, false).len(), 3);
        assert_eq!(at_once(&one, &[at(45, 3)], false), []);
    }
}
