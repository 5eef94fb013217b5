//! The To do page of the front desk: what it lists.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// A kind of thing that waits for the front desk.
    TodoKind {
        /// Bookings that staff confirm first.
        Requests = "requests", "Booking requests";
        /// Cancelled, and no email reached anyone.
        NotTold = "not_told", "Cancelled, and no one was told";
        /// Mail that could not be delivered.
        FailedMail = "failed_mail", "Email that couldn’t be delivered";
        /// Times that became free while someone waits.
        Freed = "freed", "Times that became free, with people waiting";
        /// Under age, and linked to no adult.
        MinorAlone = "minor_alone", "Minors without a linked adult";
        /// New records with the name and birth date of another one.
        Doubles = "doubles", "New records that may be duplicates";
        /// Who agreed to calls, has an appointment tomorrow, and was not called yet.
        Overdue = "overdue", "Forms and requests past their date";
        OfAge = "of_age", "Coming of age";
        Calls = "calls", "Calls to make about tomorrow";
    }
}

impl TodoKind {
    /// Whether one line is ticked off by hand; the others go when what they name is done.
    pub const fn is_ticked(self) -> bool {
        matches!(self, TodoKind::NotTold | TodoKind::MinorAlone | TodoKind::OfAge)
    }
}
