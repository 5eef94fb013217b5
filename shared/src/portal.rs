//! What the portal's home page says is to be done next.

use crate::vocabulary::vocabulary;
use chrono::{DateTime, Utc};

vocabulary! {
    /// What a client is asked to do.
    TodoKind {
        /// A time on the waiting list is offered.
        Offer = "offer", "Answer the offer of a time";
        /// A time is kept while they book.
        Hold = "hold", "Finish booking";
        /// A new address counts once its link is followed.
        Address = "address", "Confirm your new email address";
        /// The practice noted consents that the client has not given themselves yet.
        Consents = "consents", "Confirm how we may contact you";
        /// A form is asked for.
        Form = "form", "Fill in";
        /// Something else is.
        Request = "request", "Open";
    }
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TodoItem {
    pub kind: TodoKind,
    /// What it is about, such as the name of a service; may be empty.
    pub about: String,
    /// `None`: for themselves.
    pub for_name: Option<String>,
    /// Until when, with the zone in which that is said.
    pub due: Option<(DateTime<Utc>, String)>,
    /// Where it is done.
    pub href: String,
}
