//! Consents to be written to, texted and called: who gave or withdrew them, and through what.

use crate::clients::columns::Column;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// How someone is reached.
    Channel {
        Email = "email", "Email";
        Sms = "sms", "Text messages";
        Voice = "voice", "Phone calls";
    }
}

impl Channel {
    /// The words beside the checkbox on forms.
    pub const fn words(self) -> &'static str {
        match self {
            Channel::Email => Column::EmailConsent.form_label(),
            Channel::Sms => Column::SmsConsent.form_label(),
            Channel::Voice => Column::VoiceConsent.form_label(),
        }
    }
}

vocabulary! {
    /// Through what a consent was given or withdrawn.
    ConsentSource {
        /// Staff noted it: it is not the client's own act.
        Desk = "desk", "front desk";
        Portal = "portal", "portal";
        Registration = "registration", "registration";
        Form = "form", "form";
        Import = "import", "import";
        Stop = "stop_reply", "STOP reply";
        Start = "start_reply", "START reply";
        Unsubscribe = "unsubscribe_link", "unsubscribe link";
        /// The address that it was for is no longer the client's.
        AddressChanged = "address_changed", "change of address";
        Merge = "merge", "merged records";
        System = "system", "system";
    }
}
