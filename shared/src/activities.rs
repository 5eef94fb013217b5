//! Activities: the form, how a length of time is read, who attended, and
//! how old someone was on a day.
//!
//! Attendees of a couple, family or group are a row for each person, at first all who are
//! members on the activity's date ([`attends`]). They stay when someone leaves. Saved for a
//! date on which others belonged, the form comes back with those, so that no one is recorded
//! unseen.

use crate::clients::Kind;
use crate::parse::{self, Fields};
use crate::{ActivityId, AppointmentId, ClientNumber, Problem, Refusal, StaffId, TermId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::hash::Hash;
use std::str::FromStr;
use uuid::Uuid;

/// The shortest and the longest activity, in minutes.
pub const MINUTES: (i32, i32) = (5, 1_440);

/// The maximum number of clients of one activity.
pub const CLIENTS_MAX: usize = 60;

/// The form, as typed. Clients are named by their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ActivityForm {
    /// Whose hours; only administrators choose.
    pub staff: String,
    pub activity_type: String,
    pub date: String,
    /// As [`minutes`] reads it.
    pub hours: String,
    pub setting: String,
    pub supervisor: String,
    pub title: String,
    pub description: String,
    pub clients: Vec<String>,
    /// Every member the form showed, as [`Attendee`] writes it.
    pub members: Vec<String>,
    /// Those of them who are ticked.
    pub attended: Vec<String>,
    /// The form showed who could have been there: no one else is saved unseen.
    pub lists_members: bool,
    /// Couples, families and groups, by number, of whose members the form may not
    /// show some and asks whether they count as there; unasked they do.
    pub unseen_asked: Vec<String>,
    /// Those of them whose do.
    pub unseen: Vec<String>,
    /// The appointment it records; empty when none.
    pub appointment: String,
    /// The version that was edited; empty when creating.
    pub version: String,
    pub request_key: String,
}

/// An activity that makes sense by itself; whether what it names exists only
/// the database can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityDetails {
    pub staff: Option<StaffId>,
    pub activity_type: Option<TermId>,
    pub date: NaiveDate,
    pub minutes: i32,
    pub setting: Option<TermId>,
    pub supervisor: Option<StaffId>,
    pub title: String,
    pub description: String,
    pub clients: Vec<ClientNumber>,
    pub members: Vec<Attendee>,
    pub attended: Vec<Attendee>,
    pub lists_members: bool,
    /// Groups whose unseen members do not count as there.
    pub without_unseen: Vec<ClientNumber>,
    /// Groups whose unseen members do, though some may not have before.
    pub with_unseen: Vec<ClientNumber>,
    pub appointment: Option<AppointmentId>,
    pub version: Option<i32>,
    pub request_key: Uuid,
}

/// A member of a couple, family or group: `1020-1003`, both by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attendee {
    pub group: ClientNumber,
    pub member: ClientNumber,
}

impl FromStr for Attendee {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        let (group, member) = text.split_once('-').ok_or(Problem::Unknown)?;
        let number = |text: &str| text.parse().map_err(|_| Problem::Unknown);
        Ok(Attendee { group: number(group)?, member: number(member)? })
    }
}

impl std::fmt::Display for Attendee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.group, self.member)
    }
}

impl ActivityForm {
    /// `today` is the practice's: what is in the future is an appointment.
    pub fn parse(&self, today: NaiveDate) -> Result<ActivityDetails, Refusal> {
        let mut fields = Fields::default();
        let details = ActivityDetails {
            staff: fields.take("staff", parse::optional(&self.staff, parse::id)),
            activity_type: fields.take("activity_type", parse::id(&self.activity_type).map(Some)),
            date: fields.take(
                "date",
                match self.date.trim() {
                    "" => Err(Problem::Required),
                    text => parse::date(text)
                        .and_then(|date| if date > today { Err(Problem::InTheFuture) } else { Ok(date) }),
                },
            ),
            minutes: fields.take("hours", minutes(&self.hours)),
            setting: fields.take("setting", parse::optional(&self.setting, parse::id)),
            supervisor: fields.take("supervisor", parse::optional(&self.supervisor, parse::id)),
            title: fields.take("title", parse::line(&self.title, 120)),
            description: fields.take("description", parse::lines(&self.description, 4_000)),
            clients: fields.take("clients", list(&self.clients, CLIENTS_MAX)),
            members: fields.take("clients", list(&self.members, 100 * CLIENTS_MAX)),
            attended: fields.take("clients", list(&self.attended, 100 * CLIENTS_MAX)),
            lists_members: self.lists_members,
            without_unseen: fields.take("clients", list(&self.without_unseen(), CLIENTS_MAX)),
            with_unseen: fields.take("clients", list(&self.unseen, CLIENTS_MAX)),
            appointment: fields.take("appointment", parse::optional(&self.appointment, parse::id)),
            version: fields
                .take("version", parse::optional(&self.version, |text| parse::whole(text, 1, i32::MAX.into())))
                .map(|version| version as i32),
            request_key: fields.take("request_key", parse::id(&self.request_key)),
        };
        fields.finish()?;
        Ok(details)
    }

    /// Groups, by number, whose unseen members do not count as there.
    pub fn without_unseen(&self) -> Vec<String> {
        let counted: HashSet<&String> = self.unseen.iter().collect();
        self.unseen_asked.iter().filter(|number| !counted.contains(number)).cloned().collect()
    }

    /// With this client, once.
    pub fn add(&mut self, client: ClientNumber) {
        let number = client.to_string();
        if !self.clients.contains(&number) {
            self.clients.push(number);
        }
    }

    /// Without this client, and without those who attended as its members.
    pub fn remove(&mut self, client: ClientNumber) {
        let of_it = |text: &String| text.parse::<Attendee>().is_ok_and(|attendee| attendee.group == client);
        self.clients.retain(|number| *number != client.to_string());
        self.members.retain(|member| !of_it(member));
        self.attended.retain(|member| !of_it(member));
        self.unseen_asked.retain(|number| *number != client.to_string());
        self.unseen.retain(|number| *number != client.to_string());
    }
}

/// Each once, in order.
fn list<T: FromStr + Copy + Eq + Hash>(texts: &[String], max: usize) -> Result<Vec<T>, Problem> {
    let (mut values, mut known) = (Vec::new(), HashSet::new());
    for text in texts {
        let value = text.trim().parse().map_err(|_| Problem::Unknown)?;
        if known.insert(value) {
            values.push(value);
        }
        // No more is read of a list that is too long.
        if values.len() > max {
            return Err(Problem::TooMany { max });
        }
    }
    Ok(values)
}

/// A number without a unit up to this is hours, above a day's hours minutes;
/// between them it might be either, and is asked.
pub const HOURS_MEANT_MAX: i32 = 12;
const HOURS_OF_DAY: i32 = 24;

/// Reads a length of time: minutes such as `50` or `50 min`, hours and minutes
/// such as `1:30`, `1h 30` or `1 hour 30 minutes`, hours such as `2`, `1.5`, `1,5` or `2 h`.
pub fn minutes(text: &str) -> Result<i32, Problem> {
    let text: String = text.to_lowercase().split_whitespace().collect();
    if text.is_empty() {
        return Err(Problem::Required);
    }
    let mut text = text.replace(',', ".");
    for (short, words) in [("h", ["hours", "hour", "hrs", "hr"]), ("m", ["minutes", "minute", "mins", "min"])] {
        words.iter().for_each(|word| text = text.replace(word, short));
    }
    let (hours, plain) = (text.strip_suffix('h'), text.strip_suffix('m'));
    if hours.is_none()
        && plain.is_none()
        && let Some(number) = whole(&text).filter(|n| *n > HOURS_MEANT_MAX && *n <= HOURS_OF_DAY)
    {
        return Err(Problem::HoursOrMinutes { number });
    }
    let total = match (hours, plain) {
        (Some(hours), _) => of_hours(hours),
        (None, plain) => {
            let text = plain.unwrap_or(&text);
            // `1:5` might be five minutes or fifty: after a colon there are two digits.
            match text.split_once(['h', ':']) {
                Some((hours, minutes)) => match (whole(hours), whole(minutes)) {
                    (Some(hours), Some(more)) if more < 60 && (minutes.len() == 2 || text.contains('h')) => {
                        Some(hours * 60 + more)
                    }
                    _ => None,
                },
                None if text.contains('.') && plain.is_none() => of_hours(text),
                None => whole(text).map(|number| match number {
                    hours if plain.is_none() && hours <= HOURS_MEANT_MAX => hours * 60,
                    minutes => minutes,
                }),
            }
        }
    };
    match total {
        None => Err(Problem::NotADuration),
        Some(total) if (MINUTES.0..=MINUTES.1).contains(&total) => Ok(total),
        Some(_) => Err(Problem::NotInADay),
    }
}

/// At most four digits, nothing else.
fn whole(text: &str) -> Option<i32> {
    let fits = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

/// Hours with at most four decimals, to the nearest minute.
fn of_hours(text: &str) -> Option<i32> {
    let (hours, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let hours = if hours.is_empty() && text.contains('.') { 0 } else { whole(hours)? };
    // At most four digits.
    let part = whole(fraction)?;
    let parts = 10_i32.pow(fraction.len() as u32);
    Some(hours * 60 + (part * 60 + parts / 2) / parts)
}

/// `1:30`; what [`minutes`] reads back.
pub fn hours_text(minutes: i64) -> String {
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

/// Whether a member counts as there. `shown` and `ticked` are the form's.
/// Members the form did not show stay as before; in a group that is new to
/// the activity, or on another date, anyone who is a member on that date.
pub const fn attends(shown: bool, ticked: bool, settled: bool, before: bool, member_then: bool) -> bool {
    match (shown, settled) {
        (true, _) => ticked,
        (false, true) => before,
        (false, false) => member_then,
    }
}

/// A client in an activity, as they are now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityClient {
    pub number: ClientNumber,
    pub kind: Kind,
    pub code: String,
    /// Empty where clients are known by their codes alone.
    pub name: String,
    /// Of a couple, family or group: how many were there.
    pub attended: u32,
}

impl ActivityClient {
    /// The name, or else the code.
    pub fn called(&self) -> &str {
        if self.name.is_empty() { &self.code } else { &self.name }
    }
}

/// An activity, for those who may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityView {
    pub id: ActivityId,
    pub staff: (StaffId, String),
    pub activity_type: (TermId, String),
    pub setting: Option<(TermId, String)>,
    pub supervisor: Option<(StaffId, String)>,
    pub appointment: Option<AppointmentId>,
    /// Local date of the practice.
    pub date: NaiveDate,
    pub minutes: i32,
    pub title: String,
    /// Empty in lists.
    pub description: String,
    pub clients: Vec<ActivityClient>,
    /// Clients the viewer does not see.
    pub hidden: u32,
    pub version: i32,
    pub may_edit: bool,
}

/// Whose activities a list holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Whose {
    #[default]
    Own,
    /// Those that name the viewer as supervisor.
    Supervised,
    /// All that the viewer may see.
    All,
    Of(StaffId),
}

impl FromStr for Whose {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        match text {
            "own" => Ok(Whose::Own),
            "supervised" => Ok(Whose::Supervised),
            "all" => Ok(Whose::All),
            id => id.parse().map(Whose::Of).map_err(|_| Problem::Unknown),
        }
    }
}

impl std::fmt::Display for Whose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Whose::Own => f.write_str("own"),
            Whose::Supervised => f.write_str("supervised"),
            Whose::All => f.write_str("all"),
            Whose::Of(id) => id.fmt(f),
        }
    }
}

/// What a list is asked for; the address holds it all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActivityQuery {
    pub whose: Whose,
    pub activity_type: Option<TermId>,
    pub supervisor: Option<StaffId>,
    /// Themself, or as a member who attended.
    pub client: Option<ClientNumber>,
    pub first: Option<NaiveDate>,
    pub last: Option<NaiveDate>,
    /// The last activity of the page before.
    pub after: Option<Cursor>,
}

/// A place in the lists' order: newest date first, then the last made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub date: NaiveDate,
    pub id: ActivityId,
}

impl FromStr for Cursor {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        let (date, id) = text.split_once('_').ok_or(Problem::Unknown)?;
        Ok(Cursor { date: parse::date(date)?, id: id.parse().map_err(|_| Problem::Unknown)? })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}_{}", self.date, self.id)
    }
}

/// A page of the list, and the sums of all that the filters let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityPage {
    pub rows: Vec<ActivityView>,
    pub count: i64,
    pub minutes: i64,
    /// Where the next page begins.
    pub next: Option<Cursor>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn lengths_are_read_as_people_write_them() {
        for (text, expected) in [
            ("50", 50),
            (" 50 min", 50),
            ("90 minutes", 90),
            ("1:30", 90),
            ("01:05", 65),
            ("0:45", 45),
            ("1.5", 90),
            ("1,5", 90),
            (".75", 45),
            ("1.33", 80),
            ("1.3333", 80),
            ("1 hour 30 minutes", 90),
            ("2h", 120),
            ("1 hour", 60),
            ("1.25 hrs", 75),
            ("1h30", 90),
            ("1 h 5 min", 65),
            ("24:00", 1_440),
        ] {
            assert_eq!(minutes(text), Ok(expected), "{text:?}");
        }
    }

    #[test]
    fn what_could_mean_two_things_is_refused() {
        assert_eq!(minutes(""), Err(Problem::Required));
        for text in ["1:5", "1:60", "1:300", "abc", "-5", "1:30:00", "h", ":", "1.5:30", "99999", "½", "1.5 min", "."]
        {
            assert_eq!(minutes(text), Err(Problem::NotADuration), "{text:?}");
        }
        for text in ["13", "15", "24"] {
            assert!(matches!(minutes(text), Err(Problem::HoursOrMinutes { .. })), "{text:?}");
        }
        assert_eq!(
            (minutes("12"), minutes("25"), minutes("15 min"), minutes("15 h")),
            (Ok(720), Ok(25), Ok(15), Ok(900))
        );
        // Two minutes were meant to be two hours.
        for text in ["0", "2 min", "4m", "0:04", "1441", "25h", "24:01"] {
            assert_eq!(minutes(text), Err(Problem::NotInADay), "{text:?}");
        }
    }

    #[test]
    fn a_form_reports_every_problem_together() {
        let form = ActivityForm {
            hours: "0".into(),
            date: "2026-03-09".into(),
            clients: vec!["1001".into(), "x".into()],
            request_key: Uuid::nil().to_string(),
            ..ActivityForm::default()
        };
        let Err(Refusal::Invalid(errors)) = form.parse(day("2026-03-08")) else { panic!() };
        assert_eq!(errors.get("activity_type"), Some(&Problem::Required));
        assert_eq!(errors.get("date"), Some(&Problem::InTheFuture));
        assert!(errors.get("hours").is_some());
        assert_eq!(errors.get("clients"), Some(&Problem::Unknown));
        assert!(errors.get("setting").is_none());
    }

    #[test]
    fn removing_a_group_forgets_who_was_there() {
        let mut form = ActivityForm {
            clients: vec!["1".into(), "12".into()],
            members: vec!["1-5".into(), "12-5".into()],
            attended: vec!["1-5".into(), "12-5".into()],
            ..ActivityForm::default()
        };
        form.remove(ClientNumber::new(1));
        form.add(ClientNumber::new(12));
        assert_eq!((form.clients.as_slice(), form.members.len()), (["12".to_owned()].as_slice(), 1));
        assert_eq!(form.attended, ["12-5"]);
    }

    proptest! {
        #[test]
        fn a_length_written_is_read_again(total in MINUTES.0..=MINUTES.1) {
            prop_assert_eq!(minutes(&hours_text(total.into())), Ok(total));
            prop_assert_eq!(minutes(&format!("{total} min")), Ok(total));
            prop_assert_eq!(minutes(&format!("{}h {}", total / 60, total % 60)), Ok(total));
        }

        #[test]
        fn no_text_makes_reading_panic(text in "\\PC{0,30}") {
            if let Ok(total) = minutes(&text) {
                prop_assert!((MINUTES.0..=MINUTES.1).contains(&total));
            }
        }

        #[test]
        fn any_mix_of_digits_and_signs_is_read_or_refused(text in "[0-9.,:hm ]{0,8}") {
            let _ = minutes(&text);
        }

        #[test]
        fn shown_members_attend_as_selected(ticked: bool, settled: bool, before: bool, member: bool) {
            prop_assert_eq!(attends(true, ticked, settled, before, member), ticked);
            prop_assert_eq!(attends(false, ticked, true, before, member), before);
            prop_assert_eq!(attends(false, ticked, false, before, member), member);
        }

        #[test]
        fn an_attendee_written_is_read_again(group in 1i64.., member in 1i64..) {
            let attendee = Attendee { group: ClientNumber::new(group), member: ClientNumber::new(member) };
            prop_assert_eq!(attendee.to_string().parse(), Ok(attendee));
        }
    }
}
