//! What a client agrees to by booking: until when they cancel and move online, and what
//! becomes of a late cancellation. Frozen on the appointment.

use crate::vocabulary::vocabulary;
use chrono::NaiveTime;

vocabulary! {
    /// What happens behind the cutoff.
    LateRule {
        Refused = "refused", "Not online: they contact the practice";
        AllowedAsLate = "allowed_as_late", "Allowed, counted as a late cancellation";
    }
}

/// Until when cancelling and moving are in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cutoff {
    /// Elapsed hours before the start; 0: until it starts.
    Hours(i16),
    /// A local time of the day before.
    DayBefore(NaiveTime),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub cutoff: Cutoff,
    pub late: LateRule,
    pub client_may_cancel: bool,
    pub client_may_move: bool,
    pub late_fee_cents: i64,
    pub no_show_fee_cents: i64,
    /// The practice's own words; may be empty.
    pub words: String,
}

impl Policy {
    /// What it says of clients who change their appointment online.
    pub fn sentence(&self) -> String {
        let what = match (self.client_may_cancel, self.client_may_move) {
            (true, true) => "Cancel or move",
            (true, false) => "Cancel",
            (false, true) => "Move",
            (false, false) => return "To change this appointment, contact the practice.".to_owned(),
        };
        let until = match self.cutoff {
            Cutoff::Hours(0) => "until it starts".to_owned(),
            Cutoff::Hours(1) => "up to 1 hour before the start".to_owned(),
            Cutoff::Hours(hours) => format!("up to {hours} hours before the start"),
            Cutoff::DayBefore(at) => format!("until {} the day before", at.format("%-I:%M %P")),
        };
        let late = match self.late {
            LateRule::Refused => "",
            LateRule::AllowedAsLate => " Later cancellations count as late.",
        };
        format!("{what} online {until}.{late}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_says_what_it_is_in_words() {
        let policy = Policy {
            cutoff: Cutoff::Hours(24),
            late: LateRule::AllowedAsLate,
            client_may_cancel: true,
            client_may_move: true,
            late_fee_cents: 0,
            no_show_fee_cents: 0,
            words: String::new(),
        };
        assert_eq!(
            policy.sentence(),
            "Cancel or move online up to 24 hours before the start. Later cancellations count as late."
        );
        let day_before = Cutoff::DayBefore(NaiveTime::from_hms_opt(17, 0, 0).unwrap());
        let strict = Policy { cutoff: day_before, late: LateRule::Refused, client_may_move: false, ..policy.clone() };
        assert_eq!(strict.sentence(), "Cancel online until 5:00 pm the day before.");
        let closed = Policy { client_may_cancel: false, client_may_move: false, ..policy };
        assert_eq!(closed.sentence(), "To change this appointment, contact the practice.");
    }
}
