//! Free times against the plain reading of their rules, minute by minute.

use super::*;
use proptest::prelude::*;

const HERE: LocationId = LocationId(Uuid::from_u128(1));
const THERE: LocationId = LocationId(Uuid::from_u128(2));

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_962_800 + minute * 60, 0).unwrap()
}

fn span(starts: i64, ends: i64) -> Span {
    Span { starts: at(starts), ends: at(ends) }
}

fn open(starts: i64, ends: i64) -> Period {
    Period { span: span(starts, ends), place: HERE, ask: false }
}

const HOUR: Wanted = Wanted {
    duration_minutes: 60,
    buffer_minutes: 0,
    step_minutes: 30,
    not_before: DateTime::<Utc>::MIN_UTC,
    until: DateTime::<Utc>::MAX_UTC,
};

fn starts(open: &[Period], busy: &[Busy], rooms: Option<&[RoomTimes]>, wanted: Wanted) -> Vec<DateTime<Utc>> {
    Times::new(open, busy, rooms, wanted).free().into_iter().map(|start| start.at).collect()
}

#[test]
fn an_appointment_may_begin_when_another_ends() {
    let busy = [Busy { span: span(60, 120), buffer_minutes: Some(0) }];
    assert_eq!(starts(&[open(0, 240)], &busy, None, HOUR), [at(0), at(120), at(150), at(180)]);
}

#[test]
fn the_larger_buffer_of_two_neighbours_holds() {
    let busy = [Busy { span: span(120, 180), buffer_minutes: Some(30) }];
    let wanted = Wanted { buffer_minutes: 10, ..HOUR };
    assert_eq!(starts(&[open(0, 300)], &busy, None, wanted), [at(0), at(30), at(210), at(240)]);
}

#[test]
fn nothing_is_offered_before_its_time_or_past_the_end() {
    let wanted = Wanted { not_before: at(45), until: at(90), ..HOUR };
    assert_eq!(starts(&[open(0, 150)], &[], None, wanted), [at(60)]);
    let times = [open(0, 150)];
    let times = Times::new(&times, &[], None, wanted);
    assert_eq!(times.judge(at(30), HERE).why, [Why::TooSoon]);
    assert_eq!(times.judge(at(90), HERE).why, [Why::TooFar]);
    assert!(starts(&[open(0, 59)], &[], None, HOUR).is_empty());
}

#[test]
fn a_room_at_another_place_is_of_no_use() {
    let rooms = [
        RoomTimes { place: THERE, taken: Vec::new() },
        RoomTimes { place: HERE, taken: vec![span(0, 90)] },
        RoomTimes { place: HERE, taken: vec![span(0, 60)] },
    ];
    let open = [open(0, 180)];
    let times = Times::new(&open, &[], Some(&rooms), HOUR);
    let free: Vec<_> = times.free().iter().map(|start| (start.at, start.rooms)).collect();
    assert_eq!(free, [(at(60), 0b100), (at(90), 0b110), (at(120), 0b110)]);
    assert_eq!(times.judge(at(30), HERE).why, [Why::NoRoom]);
    assert!(starts(&open, &[], Some(&[]), HOUR).is_empty(), "a service that needs a room where there is none");
}

#[test]
fn a_time_that_two_periods_offer_is_no_request() {
    let ask = Period { ask: true, ..open(0, 120) };
    let open = [ask, open(60, 120)];
    let free = Times::new(&open, &[], None, HOUR).free();
    assert_eq!(free.iter().map(|start| start.ask).collect::<Vec<_>>(), [true, true, false]);
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
    fn spans(max: usize)(pairs in prop::collection::vec((0i64..600, 1i64..200), 0..max)) -> Vec<Span> {
        pairs.into_iter().map(|(starts, length)| span(starts, starts + length)).collect()
    }
}

prop_compose! {
    fn periods(max: usize)(
        spans in spans(max), flags in prop::collection::vec((any::<bool>(), any::<bool>()), max)
    ) -> Vec<Period> {
        spans.into_iter().zip(flags)
            .map(|(span, (here, ask))| Period { span, place: if here { HERE } else { THERE }, ask }).collect()
    }
}

prop_compose! {
    fn rooms()(rooms in prop::option::of(prop::collection::vec((any::<bool>(), spans(6)), 0..4))) -> Option<Vec<RoomTimes>> {
        rooms.map(|rooms| rooms.into_iter()
            .map(|(here, taken)| RoomTimes { place: if here { HERE } else { THERE }, taken }).collect())
    }
}

/// Whether every minute of an appointment is one that it may take, asked minute by minute.
fn naive(open: &Period, busy: &[Busy], rooms: Option<&[RoomTimes]>, wanted: Wanted, start: DateTime<Utc>) -> bool {
    let minutes =
        |span: Span| (0..(span.ends - span.starts).num_minutes()).map(move |n| span.starts + TimeDelta::minutes(n));
    let own = Span { starts: start, ends: start + TimeDelta::minutes(wanted.duration_minutes.into()) };
    let within = minutes(own).all(|minute| open.span.starts <= minute && minute < open.span.ends);
    let apart = |taken: &Busy| {
        let apart = taken.buffer_minutes.map_or(0, |other| other.max(wanted.buffer_minutes));
        let guarded = Span {
            starts: own.starts - TimeDelta::minutes(apart.into()),
            ends: own.ends + TimeDelta::minutes(apart.into()),
        };
        !minutes(guarded).any(|minute| taken.span.starts <= minute && minute < taken.span.ends)
    };
    let room = |room: &RoomTimes| {
        room.place == open.place
            && minutes(own).all(|minute| !room.taken.iter().any(|taken| taken.starts <= minute && minute < taken.ends))
    };
    within
        && (start - open.span.starts).num_minutes() % i64::from(wanted.step_minutes) == 0
        && wanted.not_before <= start
        && start < wanted.until
        && busy.iter().all(apart)
        && rooms.is_none_or(|rooms| rooms.iter().any(room))
}

proptest! {
    /// What is offered is what a clock that asks minute by minute finds; what is judged agrees.
    /// A failure prints what made it; `PROPTEST_CASES` has it tried longer.
    #[test]
    fn it_agrees_with_asking_minute_by_minute(
        open in periods(5), taken in spans(12), buffers in prop::collection::vec(prop::option::of(0i32..40), 12),
        rooms in rooms(), duration in 5i32..90, buffer in 0i32..40, step in 5i16..60, not_before in 0i64..200, until in 200i64..900,
    ) {
        let busy: Vec<_> = taken.iter().zip(buffers).map(|(span, buffer_minutes)| Busy { span: *span, buffer_minutes }).collect();
        let wanted = Wanted { duration_minutes: duration, buffer_minutes: buffer, step_minutes: step, not_before: at(not_before), until: at(until) };
        let times = Times::new(&open, &busy, rooms.as_deref(), wanted);
        let found = times.free();
        for minute in 0..800 {
            let start = at(minute);
            let offering: Vec<&Period> = open.iter().filter(|period| naive(period, &busy, rooms.as_deref(), wanted, start)).collect();
            let offered = found.iter().find(|one| one.at == start);
            prop_assert_eq!(offered.is_some(), !offering.is_empty(), "minute {}", minute);
            let verdict = times.judge(start, HERE);
            prop_assert_eq!(verdict.why.is_empty() && verdict.on_grid, !offering.is_empty(), "minute {}: {:?}", minute, verdict);
            if let Some(offered) = offered {
                prop_assert_eq!(offered.ask, offering.iter().all(|period| period.ask));
                prop_assert!(offering.iter().any(|period| period.place == offered.place && period.ask == offered.ask));
                prop_assert_eq!(offered.rooms != 0, rooms.is_some());
            }
        }
    }
}
