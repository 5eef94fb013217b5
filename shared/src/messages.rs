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
    }
}

impl MessageKind {
    /// Whether it holds a link that lets somebody in: never copied to linked
    /// clients, and the link is removed once the mail is sent.
    pub const fn is_security(self) -> bool {
        matches!(self, MessageKind::Welcome | MessageKind::Reset | MessageKind::Registration | MessageKind::Invitation)
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
