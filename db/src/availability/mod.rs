//! When practitioners are open: weekly hours and extra hours, without time off and closed days.

mod exceptions;

pub use exceptions::{Affected, Exception, add, affected, exceptions, remove};

use crate::Result;
use crate::time::Zone;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use shared::availability::Kind;
use shared::practice::{Hours, Offered, Pattern, WorkingHours, local, without};
use shared::slots::{Period, Span};
use shared::{LocationId, StaffId};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// Who looks for free times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Clients book what is offered to them, and ask for what is offered as such.
    Portal,
    /// Staff see all hours.
    Staff,
}

/// The weekly hours of several practitioners, and what differs from them in a window.
#[derive(Debug, Default)]
pub(crate) struct Opening {
    weekly: Vec<(StaffId, WorkingHours)>,
    exceptions: Vec<Change>,
    /// Hours are on the clocks of their place.
    zones: HashMap<LocationId, Zone>,
}

/// Why a practitioner is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Away {
    /// Time off or a closed day, until then.
    Off(DateTime<Utc>),
    /// Nothing that they work; again from then on, if that is on the same day.
    Closed(Option<DateTime<Utc>>),
}

#[derive(Debug)]
struct Change {
    kind: Kind,
    practitioner: Option<StaffId>,
    location: Option<LocationId>,
    span: Span,
}

impl Change {
    fn is_of(&self, practitioner: StaffId, location: Option<LocationId>) -> bool {
        self.practitioner.is_none_or(|one| one == practitioner)
            && (self.location.is_none() || location.is_none() || self.location == location)
    }
}

/// Reads the hours of these practitioners, and what differs from them in the window: one statement.
pub(crate) async fn opening(conn: &mut PgConnection, practitioners: &[Uuid], window: Span) -> Result<Opening> {
    let rows = sqlx::query!(
        r#"select w.practitioner_id as "practitioner: StaffId", w.location_id as "location: LocationId", l.zone,
                  w.weekday, w.starts, w.ends, w.valid_from, w.valid_until, w.every_weeks, w.offered as "offered: Offered",
                  null::text as "kind: Kind", null::timestamptz as starts_at, null::timestamptz as ends_at
             from weekly_hours w join location l on l.id = w.location_id where w.practitioner_id = any ($1)
           union all
           select practitioner_id, location_id, null, null, null, null, null, null, null, null, kind, starts_at, ends_at
             from availability_exception
            where ends_at > $2 and starts_at < $3 and (practitioner_id is null or practitioner_id = any ($1))
            order by weekday, starts"#,
        practitioners,
        window.starts,
        window.ends
    )
    .fetch_all(conn)
    .await?;
    let mut opening = Opening::default();
    for row in rows {
        if let (Some(kind), Some(starts), Some(ends)) = (row.kind, row.starts_at, row.ends_at) {
            let span = Span { starts, ends };
            let (practitioner, location) = (row.practitioner, row.location);
            opening.exceptions.push(Change { kind, practitioner, location, span });
        } else if let (Some(practitioner), Some(location), Some(weekday), Some(starts), Some(ends)) =
            (row.practitioner, row.location, row.weekday, row.starts, row.ends)
        {
            let always = Pattern::always();
            let pattern = Pattern {
                valid_from: row.valid_from.unwrap_or(always.valid_from),
                valid_until: row.valid_until,
                every_weeks: row.every_weeks.unwrap_or(always.every_weeks),
                offered: row.offered.unwrap_or(always.offered),
            };
            let hours = WorkingHours { hours: Hours { weekday, starts, ends }, location, pattern };
            if let Some(zone) = row.zone {
                opening.zones.entry(location).or_insert_with(|| Zone::stored(&zone));
            }
            opening.weekly.push((practitioner, hours));
        }
    }
    Ok(opening)
}

/// A week of hours as instants, for every day of the window.
pub(crate) fn week_spans(zone: &Zone, hours: &[Hours], first: NaiveDate, last: NaiveDate) -> Vec<Span> {
    let mut spans = Vec::new();
    for date in first.iter_days().take_while(|date| *date <= last) {
        let weekday = date.weekday().number_from_monday() as i16;
        let periods = hours.iter().filter(|period| period.weekday == weekday);
        spans.extend(periods.filter_map(|period| on_day(zone, date, *period)));
    }
    spans
}

/// A period of a day; none if a clock change swallows it whole.
fn on_day(zone: &Zone, date: NaiveDate, period: Hours) -> Option<Span> {
    let span = Span { starts: zone.instant(local(date, period.starts)), ends: zone.instant(local(date, period.ends)) };
    (span.starts < span.ends).then_some(span)
}

impl Opening {
    /// When a practitioner is open for the audience, for every day of the window; in order.
    pub fn spans(
        &self,
        zone: &Zone,
        practitioner: StaffId,
        first: NaiveDate,
        last: NaiveDate,
        audience: Audience,
    ) -> Vec<Span> {
        let nowhere = LocationId(Uuid::nil());
        let open = self.periods(zone, practitioner, (first, last), audience, nowhere);
        open.into_iter().map(|period| period.span).collect()
    }

    /// As [`Opening::spans`], with where each is and whether it is asked for. `zone` is the
    /// venue's; extra hours that say nothing else are at `place`.
    pub fn periods(
        &self,
        zone: &Zone,
        practitioner: StaffId,
        (first, last): (NaiveDate, NaiveDate),
        audience: Audience,
        place: LocationId,
    ) -> Vec<Period> {
        let offered = |hours: &WorkingHours| audience == Audience::Staff || hours.pattern.offered != Offered::Staff;
        let own = self.weekly.iter().filter(|(owner, hours)| *owner == practitioner && offered(hours));
        let own: Vec<&WorkingHours> = own.map(|(_, hours)| hours).collect();
        let mut open: Vec<Period> = Vec::new();
        let has_off = self.exceptions.iter().any(|one| one.kind == Kind::Off);
        for date in first.iter_days().take_while(|date| *date <= last) {
            for period in own.iter().filter(|period| period.holds_on(date)) {
                let zone = self.zones.get(&period.location).unwrap_or(zone);
                if let Some(span) = on_day(zone, date, period.hours) {
                    let ask = audience == Audience::Portal && period.pattern.offered == Offered::Ask;
                    let whole = Period { span, place: period.location, ask };
                    if !has_off {
                        open.push(whole);
                        continue;
                    }
                    let spans = without(&[span], &self.off(practitioner, Some(period.location)));
                    open.extend(spans.into_iter().map(|span| Period { span, ..whole }));
                }
            }
        }
        let days = zone.days(first, last);
        let extra =
            self.exceptions.iter().filter(|one| one.kind == Kind::Open && one.practitioner == Some(practitioner));
        for one in extra {
            let span = Span { starts: one.span.starts.max(days.starts), ends: one.span.ends.min(days.ends) };
            if span.starts < span.ends {
                let spans = without(&[span], &self.off(practitioner, one.location));
                let place = one.location.unwrap_or(place);
                open.extend(spans.into_iter().map(|span| Period { span, place, ask: false }));
            }
        }
        open.sort_by_key(|period| (period.span.starts, period.span.ends));
        open
    }

    /// Why a practitioner is not open for the whole of a span, of which `open` says when
    /// they are on that day.
    pub fn away(&self, practitioner: StaffId, span: Span, open: &[Period], day: Span) -> Away {
        let off = self.exceptions.iter().filter(|one| one.kind == Kind::Off && one.is_of(practitioner, None));
        let mut until: Option<DateTime<Utc>> = None;
        let mut off: Vec<Span> = off.map(|one| one.span).collect();
        off.sort_by_key(|off| off.starts);
        for off in off {
            match until {
                None if off.overlaps(span) => until = Some(off.ends),
                Some(end) if off.starts <= end => until = Some(end.max(off.ends)),
                _ => {}
            }
        }
        let again = open.iter().map(|period| period.span.starts).find(|at| *at > span.starts && *at < day.ends);
        match until {
            Some(until) => Away::Off(until),
            None => Away::Closed(again),
        }
    }

    fn off(&self, practitioner: StaffId, location: Option<LocationId>) -> Vec<Span> {
        let off = self.exceptions.iter().filter(|one| one.kind == Kind::Off && one.is_of(practitioner, location));
        off.map(|one| one.span).collect()
    }
}
