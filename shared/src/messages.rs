//! Mail: what is told, and what became of it.

use crate::Refusal;
use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use serde::{Deserialize, Serialize};

vocabulary! {
    /// What a message tells.
    MessageKind {
        Confirmation = "confirmation", "Confirmation";
        /// The appointment has another time, practitioner or room.
        Change = "change", "Change";
        Cancellation = "cancellation", "Cancellation";
        Reminder = "reminder", "Reminder";
        /// Offers a time to someone on the waiting list; carries a link that answers.
        Offer = "offer", "Offer";
        /// Carries a claim link.
        Welcome = "welcome", "Welcome";
        /// Carries a link that sets a new password.
        Reset = "reset", "New password";
        /// Carries the link with which someone becomes a client.
        Registration = "registration", "Registration";
        /// Carries the link with which a staff member chooses a password.
        Invitation = "invitation", "Team invitation";
        /// Tells the old address of an account that another one has taken its place.
        AddressChange = "address_change", "Email changed";
        /// Carries the link with which a client confirms a new address.
        AddressConfirmation = "address_confirmation", "Confirm email";
        /// To the practitioner and the front desk: what a client did online.
        StaffBooked = "staff_booked", "Booked online";
        StaffMoved = "staff_moved", "Moved online";
        StaffCancelled = "staff_cancelled", "Cancelled online";
        /// To a practitioner, in the evening.
        DayAhead = "day_ahead", "Day tomorrow";
        /// A text as administrators see it before clients do.
        Test = "test", "Test";
        /// Words of a member of the team to one client.
        Letter = "letter", "Personal email";
        /// To STOP and START.
        Answer = "answer", "Answer to a text message";
        /// To two linked clients: what changed in what they may do for each other.
        LinkChange = "link_change", "Linked clients changed";
        /// To two linked clients, a month before what the one may do for the other ends.
        ComingOfAge = "coming_of_age", "Coming of age";
        /// To the owner of a login: what happened to it.
        SecurityNotice = "security_notice", "Login security";
        /// Asks the reader of an address to be linked; carries the link that answers.
        LinkInvitation = "link_invitation", "Invitation to be linked";
        /// Something to fill in, to read or to do.
        FormRequest = "form_request", "Request";
        RequestReminder = "request_reminder", "Reminder of a request";
        /// Something to read is shared.
        Document = "document", "Document shared";
    }
}

impl MessageKind {
    /// Whether it is about logging in: never copied to linked clients, and a link
    /// that lets someone in is removed once the mail is sent.
    pub const fn is_security(self) -> bool {
        match self {
            MessageKind::Confirmation
            | MessageKind::Change
            | MessageKind::Cancellation
            | MessageKind::Reminder
            | MessageKind::StaffBooked
            | MessageKind::StaffMoved
            | MessageKind::StaffCancelled
            | MessageKind::DayAhead
            | MessageKind::Test
            | MessageKind::Letter
            | MessageKind::Answer
            | MessageKind::LinkChange
            | MessageKind::ComingOfAge
            | MessageKind::FormRequest
            | MessageKind::RequestReminder
            | MessageKind::Document => false,
            MessageKind::Welcome
            | MessageKind::Reset
            | MessageKind::Offer
            | MessageKind::LinkInvitation
            | MessageKind::Registration
            | MessageKind::Invitation
            | MessageKind::AddressChange
            | MessageKind::AddressConfirmation
            | MessageKind::SecurityNotice => true,
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
        /// Its recipient may no longer get it.
        Withdrawn = "withdrawn", "Withdrawn";
        Failed = "failed", "Failed";
        /// Told in another copy to the same address.
        Joined = "joined", "In another email";
        /// Never written: someone who was to hear of it gets no mail.
        Withheld = "withheld", "Not written";
    }
}

vocabulary! {
    /// Why someone who is to hear of something gets no copy.
    WhyNot {
        NoAddress = "no_address", "no email address";
        NoConsent = "no_consent", "email is off";
        NoNumber = "no_number", "no mobile number";
        TextsOff = "texts_off", "text messages are off";
        /// They answered STOP.
        Stopped = "stopped", "text messages were stopped";
        NoWriting = "no_writing", "do not write";
        Inactive = "inactive", "not active";
        /// The practice's portal does not show it to them.
        NotPermitted = "not_permitted", "not shown in their portal";
        /// The practice has client login switched off.
        NoLogin = "no_login", "client login is off";
        /// A linked client that staff did not assign to the appointment.
        NotAssigned = "not_assigned", "not assigned to the appointment";
        /// Another reader's mail goes there.
        SameAddress = "same_address", "same address as another reader";
        /// Mail about a link does not go where another linked client reads it.
        SharedMailbox = "shared_mailbox", "another linked person has the same address";
        AddressChanged = "address_changed", "the address has changed";
        GrantEnded = "grant_ended", "no longer gets copies";
        LinkEnded = "link_ended", "no longer linked";
        /// What it tells is no longer so.
        Outdated = "outdated", "no longer current";
    }
}

/// The longest that mail about what staff changed waits for a further change, in minutes.
pub const QUIET_MAX: i64 = 15;

/// How long mail waits, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct QuietForm {
    pub minutes: String,
    pub version: String,
}

impl QuietForm {
    pub fn parse(&self) -> Result<(i16, Option<i32>), Refusal> {
        let mut fields = Fields::default();
        let minutes = fields.take_or("minutes", parse::whole(&self.minutes, 0, QUIET_MAX), || 0) as i16;
        let version =
            fields.take("version", parse::optional(&self.version, |text| parse::whole(text, 1, i32::MAX.into())));
        fields.finish()?;
        Ok((minutes, version.map(|version| version as i32)))
    }
}
