//! What a page says after accounts and log-ins were changed.

/// `None` for the words of other features. Without a mail server (`smtp`) nothing has been
/// sent: it waits in the outbox.
pub fn words(word: &str, smtp: bool) -> Option<&'static str> {
    Some(match word {
        "invited" if !smtp => {
            "The invitation is waiting in the outbox: email isn’t set up. Its link expires in 72 hours."
        }
        "address-requested" if !smtp => "We can’t send emails right now, so no link was sent. Contact the practice.",
        "reset-sent" if !smtp => "The reset link is waiting in the outbox: email isn’t set up.",
        "account-saved" => "Your account is saved.",
        "address-requested" => "We emailed a link to the new address. It expires in 2 hours.",
        "address-back" => "Your address is back. We emailed you a link to choose a new password.",
        "address-changed" => "Email address changed.",
        "password-changed" => "Password changed. You’re logged out everywhere else.",
        "factor-added" => "Authenticator app set up. You’re logged out everywhere else.",
        "factor-removed" => "Authenticator app removed.",
        "passkey-added" => "Passkey added. You’re logged out everywhere else.",
        "passkey-renamed" => "Passkey renamed.",
        "passkey-removed" => "Passkey removed. You’re logged out everywhere else.",
        "factors-removed" => "Second factor removed. The owner is notified by email.",
        "factor-policy-saved" => "Login security saved.",
        "session-ended" => "That session has ended.",
        "sessions-ended" => "You’re logged out everywhere else.",
        "preferences-saved" => "Preferences saved.",
        "mail-saved" => "Email choices saved.",
        "invited" => "We’re sending the invitation. Its link expires in 72 hours.",
        "invitation-withdrawn" => "Invitation cancelled. Links already sent no longer work.",
        "login-removed" => "Portal account removed. Open sessions have ended.",
        "reset-sent" => "A reset link is on its way.",
        "registered" => "You are registered and logged in. Book your first appointment here.",
        "password-set" => "Password saved. You are logged in.",
        "logged-out" => "You are logged out.",
        _ => return None,
    })
}
