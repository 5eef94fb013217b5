//! What the address of the calendar holds: a link opens the same thing for everyone who may see it.

use crate::vocabulary::vocabulary;
use crate::{AppointmentId, LocationId, RoomId, StaffId, parse};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use std::fmt;
use std::str::FromStr;

vocabulary! {
    View {
        Day = "day", "Day";
        /// The day as lists.
        List = "list", "List";
        Week = "week", "Week";
        Month = "month", "Month";
        Agenda = "agenda", "Agenda";
        /// The day on paper.
        Print = "print", "Print";
    }
}

vocabulary! {
    /// What a column of the grid is.
    Columns {
        Practitioner = "practitioner", "Practitioner";
        Room = "room", "Room";
        Location = "location", "Location";
    }
}

vocabulary! {
    Density {
        Compact = "compact", "Compact";
        Normal = "normal", "Normal";
        Large = "large", "Large";
    }
}

vocabulary! {
    /// What the colour of a block tells; words tell it as well.
    ColourBy {
        Client = "client", "My colours";
        Service = "service", "Service";
        Practitioner = "practitioner", "Practitioner";
        Status = "status", "Status";
    }
}

/// How the day is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Print {
    /// Codes in place of names.
    pub codes: bool,
    pub no_alerts: bool,
    /// A page for each practitioner.
    pub apart: bool,
    /// Blank lines for those who walk in.
    pub blank: u8,
}

impl Print {
    pub const BLANK_MAX: u8 = 20;
}

/// The place in the agenda after or before which it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgendaCursor {
    pub starts_at: DateTime<Utc>,
    pub id: AppointmentId,
    /// The page that ends before it, rather than begins after it.
    pub before: bool,
}

impl AgendaCursor {
    fn read(text: &str, before: bool) -> Option<AgendaCursor> {
        let (seconds, id) = text.split_once('.')?;
        // Of years that every zone can place.
        let starts_at =
            DateTime::from_timestamp(seconds.parse().ok()?, 0).filter(|at| (1900..2200).contains(&at.year()))?;
        Some(AgendaCursor { starts_at, id: id.parse().ok()?, before })
    }
}

impl fmt::Display for AgendaCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.starts_at.timestamp(), self.id)
    }
}

/// `Default` is today, of the people that the viewer usually looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarQuery {
    pub view: View,
    /// `None`: today.
    pub date: Option<NaiveDate>,
    pub by: Columns,
    /// All practitioners, also for one of them.
    pub everyone: bool,
    /// These practitioners; sorted, none twice. Empty unless chosen.
    pub people: Vec<StaffId>,
    pub room: Option<RoomId>,
    pub location: Option<LocationId>,
    pub density: Density,
    pub colour: ColourBy,
    /// Cancelled appointments are shown as well.
    pub cancelled: bool,
    /// The list in one column, by time.
    pub merged: bool,
    pub print: Print,
    pub cursor: Option<AgendaCursor>,
}

impl Default for CalendarQuery {
    fn default() -> CalendarQuery {
        CalendarQuery {
            view: View::Day,
            date: None,
            by: Columns::Practitioner,
            everyone: false,
            people: Vec::new(),
            room: None,
            location: None,
            density: Density::Normal,
            colour: ColourBy::Client,
            cancelled: false,
            merged: false,
            print: Print::default(),
            cursor: None,
        }
    }
}

/// The value of *All practitioners*.
pub const ALL: &str = "all";

impl CalendarQuery {
    pub const PATH: &str = "/calendar";
    /// Practitioners that an address names at most.
    const PEOPLE_MAX: usize = 100;

    /// From the decoded pairs of a query string. Other names are not ours, and values that
    /// mean nothing are dropped.
    pub fn from_pairs<K: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (K, V)>) -> CalendarQuery {
        let mut query = CalendarQuery::default();
        for (name, value) in pairs {
            let value = value.as_ref().trim();
            match name.as_ref() {
                "view" => set(&mut query.view, value),
                "date" => query.date = parse::date(value).ok(),
                "by" => set(&mut query.by, value),
                "practitioner" if value == ALL => query.everyone = true,
                "practitioner" => query.people.extend(value.parse::<StaffId>()),
                "room" => query.room = value.parse().ok(),
                "location" => query.location = value.parse().ok(),
                "density" => set(&mut query.density, value),
                "colour" => set(&mut query.colour, value),
                "cancelled" => query.cancelled = value == "1",
                "merged" => query.merged = value == "1",
                "codes" => query.print.codes = value == "1",
                "alerts" => query.print.no_alerts = value == "0",
                "apart" => query.print.apart = value == "1",
                "blank" => {
                    query.print.blank = value.parse::<u16>().map_or(0, |lines| lines.min(Print::BLANK_MAX.into()) as u8)
                }
                "after" => query.cursor = AgendaCursor::read(value, false),
                "before" => query.cursor = AgendaCursor::read(value, true),
                _ => {}
            }
        }
        query.people.sort_unstable();
        query.people.dedup();
        query.people.truncate(CalendarQuery::PEOPLE_MAX);
        if query.everyone {
            query.people.clear();
        }
        query
    }

    /// From what [`CalendarQuery::query_string`] makes.
    pub fn from_query_string(text: &str) -> CalendarQuery {
        CalendarQuery::from_pairs(form_urlencoded::parse(text.as_bytes()))
    }

    /// What differs from the usual, as pairs.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let usual = CalendarQuery::default();
        let mut pairs: Vec<(&'static str, String)> = Vec::new();
        let mut add = |is: bool, name: &'static str, value: &dyn fmt::Display| {
            if is {
                pairs.push((name, value.to_string()));
            }
        };
        add(self.view != usual.view, "view", &self.view.as_str());
        if let Some(date) = self.date {
            add(true, "date", &date);
        }
        add(self.by != usual.by, "by", &self.by.as_str());
        add(self.everyone, "practitioner", &ALL);
        for person in &self.people {
            add(!self.everyone, "practitioner", person);
        }
        if let Some(room) = self.room {
            add(true, "room", &room);
        }
        if let Some(location) = self.location {
            add(true, "location", &location);
        }
        add(self.density != usual.density, "density", &self.density.as_str());
        add(self.colour != usual.colour, "colour", &self.colour.as_str());
        add(self.cancelled, "cancelled", &1);
        add(self.merged, "merged", &1);
        add(self.print.codes, "codes", &1);
        add(self.print.no_alerts, "alerts", &0);
        add(self.print.apart, "apart", &1);
        add(self.print.blank > 0, "blank", &self.print.blank);
        if let Some(cursor) = self.cursor {
            add(true, if cursor.before { "before" } else { "after" }, &cursor);
        }
        pairs
    }

    /// `view=week&date=2026-12-01`, encoded, without what is as usual.
    pub fn query_string(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(self.pairs()).finish()
    }

    pub fn address(&self) -> String {
        match self.query_string() {
            query if query.is_empty() => CalendarQuery::PATH.to_owned(),
            query => format!("{}?{query}", CalendarQuery::PATH),
        }
    }

    pub fn with_view(&self, view: View) -> CalendarQuery {
        CalendarQuery { view, cursor: None, ..self.clone() }
    }

    /// Another day, from the first page of its agenda.
    pub fn on(&self, date: NaiveDate) -> CalendarQuery {
        CalendarQuery { date: Some(date), cursor: None, ..self.clone() }
    }

    /// First and last day of what the view shows around a day; the agenda is not limited by days.
    pub fn days(&self, date: NaiveDate) -> (NaiveDate, NaiveDate) {
        match self.view {
            View::Day | View::List | View::Print | View::Agenda => (date, date),
            View::Week => {
                let first = monday(date);
                (first, later(first, 6))
            }
            View::Month => {
                let first = date.with_day(1).unwrap_or(date);
                let last = first.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt()).unwrap_or(first);
                (monday(first), later(monday(last), 6))
            }
        }
    }

    /// The same days, weeks or months earlier or later; nothing beyond what an address can hold.
    pub fn beside(&self, date: NaiveDate) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let (earlier, later) = match self.view {
            View::Day | View::List | View::Print | View::Agenda => {
                (date.checked_sub_days(Days::new(1)), date.checked_add_days(Days::new(1)))
            }
            View::Week => (date.checked_sub_days(Days::new(7)), date.checked_add_days(Days::new(7))),
            View::Month => (date.checked_sub_months(Months::new(1)), date.checked_add_months(Months::new(1))),
        };
        let holds = |date: &NaiveDate| parse::date(&date.to_string()).is_ok();
        (earlier.filter(holds), later.filter(holds))
    }
}

fn monday(date: NaiveDate) -> NaiveDate {
    date - Days::new(date.weekday().num_days_from_monday().into())
}

fn later(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days)).unwrap_or(date)
}

/// A word that is known, and otherwise what was there.
fn set<T: FromStr>(field: &mut T, word: &str) {
    if let Ok(known) = word.parse() {
        *field = known;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_without_anything_is_today() {
        assert_eq!(CalendarQuery::from_query_string(""), CalendarQuery::default());
        assert_eq!(CalendarQuery::default().address(), "/calendar");
    }

    #[test]
    fn what_means_nothing_is_dropped() {
        let query = CalendarQuery::from_query_string(
            "view=year&date=+262142-12-31&practitioner=x&by=x&blank=999&after=1.2&colour=&room=1",
        );
        assert_eq!(query, CalendarQuery { print: Print { blank: 20, ..Print::default() }, ..CalendarQuery::default() });
    }

    #[test]
    fn all_practitioners_are_more_than_some() {
        let one = StaffId(Uuid::from_u128(1));
        let query = CalendarQuery::from_query_string(&format!("practitioner={one}&practitioner=all"));
        assert!(query.everyone && query.people.is_empty());
    }

    #[test]
    fn a_week_begins_on_monday_and_a_month_is_whole_weeks() {
        let query = |view| CalendarQuery { view, ..CalendarQuery::default() };
        assert_eq!(query(View::Week).days(day("2026-12-02")), (day("2026-11-30"), day("2026-12-06")));
        assert_eq!(query(View::Month).days(day("2026-12-31")), (day("2026-11-30"), day("2027-01-03")));
        assert_eq!(query(View::Day).days(day("2026-12-02")), (day("2026-12-02"), day("2026-12-02")));
        let (before, after) = query(View::Month).beside(day("2026-03-31"));
        assert_eq!((before, after), (Some(day("2026-02-28")), Some(day("2026-04-30"))));
        assert_eq!(query(View::Day).beside(day("1900-01-01")).0, None);
        assert_eq!(query(View::Week).beside(day("2199-12-31")).1, None);
    }

    fn pick<T: Copy + fmt::Debug>(all: &'static [T]) -> impl Strategy<Value = T> {
        prop::sample::select(all)
    }

    prop_compose! {
        fn print()(codes in any::<bool>(), no_alerts in any::<bool>(), apart in any::<bool>(), blank in 0..=Print::BLANK_MAX) -> Print {
            Print { codes, no_alerts, apart, blank }
        }
    }

    prop_compose! {
        fn cursor()(seconds in 0i64..4_000_000_000, id in any::<u128>(), before in any::<bool>()) -> AgendaCursor {
            let starts_at = DateTime::from_timestamp(seconds, 0).unwrap();
            AgendaCursor { starts_at, id: AppointmentId(Uuid::from_u128(id)), before }
        }
    }

    prop_compose! {
        fn queries()(
            (view, by, density, colour) in (pick(View::ALL), pick(Columns::ALL), pick(Density::ALL), pick(ColourBy::ALL)),
            days in prop::option::of(0u64..100_000),
            (everyone, cancelled, merged) in any::<(bool, bool, bool)>(),
            mut people in prop::collection::vec(any::<u128>(), 0..5),
            room in prop::option::of(any::<u128>()),
            location in prop::option::of(any::<u128>()),
            print in print(),
            cursor in prop::option::of(cursor()),
        ) -> CalendarQuery {
            people.sort_unstable();
            people.dedup();
            let people = if everyone { Vec::new() } else { people };
            CalendarQuery {
                view, by, density, colour, everyone, cancelled, merged, print, cursor,
                date: days.map(|days| day("1900-01-01") + Days::new(days)),
                people: people.into_iter().map(|id| StaffId(Uuid::from_u128(id))).collect(),
                room: room.map(|id| RoomId(Uuid::from_u128(id))),
                location: location.map(|id| LocationId(Uuid::from_u128(id))),
            }
        }
    }

    proptest! {
        #[test]
        fn an_address_opens_the_same_thing(query in queries()) {
            prop_assert_eq!(CalendarQuery::from_query_string(&query.query_string()), query);
        }

        #[test]
        fn any_address_is_read(text in "[a-z=&%0-9.]{0,80}") {
            let query = CalendarQuery::from_query_string(&text);
            prop_assert_eq!(CalendarQuery::from_query_string(&query.query_string()), query);
        }
    }
}
