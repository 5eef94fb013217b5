//! Couples, families and groups: who belongs to them and when, and the forms
//! that build and change them.
//!
//! A membership has dates of the practice's calendar. No one is in one couple,
//! family or group twice on a day, and a couple never has three members on any
//! day, past ones included; nothing else limits who belongs.

mod form;
mod views;

pub use form::{DatesForm, GroupDetails, GroupForm, Members, MembersForm, NewMember, NewMemberForm, SelectedForm};
pub use views::{Belonging, GroupMembers, GroupProfile, GroupRow, MemberLink, MemberRow, MembershipView};

use crate::clients::{Code, Kind};
use crate::{Problem, Refusal};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

impl Kind {
    /// The kinds that have members.
    pub const GROUPS: [Kind; 3] = [Kind::Couple, Kind::Family, Kind::Group];

    /// What the choice of a kind says of it.
    pub const fn definition(self) -> &'static str {
        match self {
            Kind::Individual => "One person.",
            Kind::Couple => "Two people seen together",
            Kind::Family => "Two or more relatives",
            Kind::Group => "Unrelated people; members can change",
        }
    }

    /// Most members on one day.
    pub const fn members_max(self) -> Option<usize> {
        match self {
            Kind::Couple => Some(2),
            _ => None,
        }
    }

    /// An individual has no members, and never becomes another kind.
    pub const fn has_members(self) -> bool {
        !matches!(self, Kind::Individual)
    }

    /// A kind with members, from its word.
    pub fn parse_group(word: &str) -> Result<Kind, Problem> {
        match word.trim() {
            "" => Err(Problem::Required),
            word => word.parse::<Kind>().ok().filter(|kind| kind.has_members()).ok_or(Problem::Unknown),
        }
    }
}

/// The days of a membership. Joining and leaving on one day is no day at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The first day.
    pub joined_on: NaiveDate,
    /// The first day that is none any more; `None` while they belong.
    pub left_on: Option<NaiveDate>,
}

impl Period {
    pub fn holds(self, day: NaiveDate) -> bool {
        self.joined_on <= day && self.left_on.is_none_or(|left| day < left)
    }

    pub fn is_empty(self) -> bool {
        !self.holds(self.joined_on)
    }

    /// The dates as text, for the form that corrects them to carry along.
    pub fn seen(self) -> String {
        let left = self.left_on.map(|day| day.to_string()).unwrap_or_default();
        format!("{}/{left}", self.joined_on)
    }

    /// Whether some day is in both.
    pub fn overlaps(self, other: Period) -> bool {
        let last_start = self.joined_on.max(other.joined_on);
        self.holds(last_start) && other.holds(last_start)
    }
}

/// What becomes of someone who joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joining {
    /// A membership of its own.
    Anew,
    /// They left that very day: the membership at this position goes on.
    Again(usize),
}

/// Whether someone may join on this day who has belonged in these periods.
pub fn join(periods: &[Period], day: NaiveDate) -> Result<Joining, Problem> {
    if periods.iter().any(|period| period.left_on.is_none()) {
        return Err(Problem::AlreadyMember);
    }
    let from_then = Period { joined_on: day, left_on: None };
    if periods.iter().any(|period| period.overlaps(from_then)) {
        return Err(Problem::MemberThen);
    }
    let ended = periods.iter().enumerate().filter(|(_, period)| period.left_on == Some(day));
    Ok(ended.min_by_key(|(_, period)| period.joined_on).map_or(Joining::Anew, |(at, _)| Joining::Again(at)))
}

/// Whether a membership may have these dates beside the same person's others.
pub fn may_be(period: Period, others: &[Period], today: NaiveDate) -> Result<(), Refusal> {
    if period.joined_on > today {
        return Err(Refusal::field("joined_on", Problem::InTheFuture));
    }
    if let Some(left) = period.left_on {
        if left > today {
            return Err(Refusal::field("left_on", Problem::InTheFuture));
        }
        if left < period.joined_on {
            return Err(Refusal::field("left_on", Problem::BeforeJoining));
        }
    }
    if others.iter().any(|other| period.overlaps(*other)) {
        return Err(Refusal::field("joined_on", Problem::MemberThen));
    }
    Ok(())
}

/// The first day on which more than `most` belong.
pub fn crowded(periods: &[Period], most: usize) -> Option<NaiveDate> {
    let count = |day| periods.iter().filter(|period| period.holds(day)).count();
    // The number grows on a day of joining only.
    periods.iter().map(|period| period.joined_on).filter(|day| count(*day) > most).min()
}

/// [`Problem::CoupleFull`] when there are more than the kind allows.
pub fn check_size(kind: Kind, periods: &[Period]) -> Result<(), Problem> {
    match kind.members_max().and_then(|most| crowded(periods, most)) {
        Some(day) => Err(Problem::CoupleFull { day }),
        None => Ok(()),
    }
}

/// What stands in the way of a change of kind: the fields of the form, each
/// with its problem. `periods`: of all who belong or have belonged.
pub fn obstacles(from: Kind, to: Kind, code: &str, periods: &[Period]) -> Vec<(&'static str, Problem)> {
    if !from.has_members() || !to.has_members() {
        return vec![("kind", Problem::Unknown)];
    }
    let code = Code::parse(code, to).err().map(|problem| ("code", problem));
    let size = check_size(to, periods).err().map(|problem| ("kind", problem));
    size.into_iter().chain(code).collect()
}

/// The stem of a suggested code: the initials of a name in any script, or what
/// it is. The database appends the first number that is free.
pub fn code_stem(kind: Kind, name: &str) -> String {
    let most = if kind == Kind::Group { 6 } else { 3 };
    let words = name.split(|c: char| !c.is_alphanumeric());
    let initials = words.filter_map(|word| word.chars().find(char::is_ascii_alphanumeric));
    let stem: String = initials.take(most).map(|c| c.to_ascii_uppercase()).collect();
    match (stem.is_empty(), kind) {
        (false, _) => stem,
        (true, Kind::Couple) => "CPL".to_owned(),
        (true, Kind::Family) => "FAM".to_owned(),
        (true, Kind::Group) => "GRP".to_owned(),
        (true, Kind::Individual) => "C".to_owned(),
    }
}

#[cfg(test)]
mod tests;
