//! Mail: what is told, and what became of it.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// What a message tells.
    MessageKind {
        Confirmation = "confirmation", "Confirmation";
        Cancellation = "cancellation", "Cancellation";
        /// Carries a claim link.
        Welcome = "welcome", "Welcome";
        /// Carries a link that sets a new password.
        Reset = "reset", "New password";
        /// Carries the link with which somebody becomes a client.
        Registration = "registration", "Registration";
        /// Carries the link with which a staff member chooses a password.
        Invitation = "invitation", "Team invitation";
        /// Tells the old address of an account that another one has taken its place.
        AddressChange = "address_change", "Email changed";
    }
}

impl MessageKind {
    /// Whether it is about logging in: never copied to linked clients, and a link
    /// that lets somebody in is removed once the mail is sent.
    pub const fn is_security(self) -> bool {
        match self {
            MessageKind::Confirmation | MessageKind::Cancellation => false,
            MessageKind::Welcome
            | MessageKind::Reset
            | MessageKind::Registration
            | MessageKind::Invitation
            | MessageKind::AddressChange => true,
        }
    }
}

vocabulary! {
    /// What became of one copy of a message.
    CopyState {
        Queued = "queued", "Waiting";
        Sent = "sent", "Sent";
        /// There is no SMTP: administrators read it in the outbox.
        Kept = "kept", "Kept here";
        /// Whoever it was for may no longer get it.
        Withdrawn = "withdrawn", "Withdrawn";
        Failed = "failed", "Failed";
    }
}
