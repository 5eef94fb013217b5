//! Why something was not done, in forms that a page can put into words.

use crate::appointments::Conflicts;
use crate::health_card::Province;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why an operation refused. It may travel to the browser: it holds nothing
/// personal but what the one who asked may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "refusal", content = "about", rename_all = "snake_case")]
pub enum Refusal {
    /// No one is logged in, or the session has ended.
    #[error("Please log in to continue.")]
    SignedOut,
    /// It does not exist, or may not be seen: the same answer for both.
    #[error("Not found.")]
    NotFound,
    /// In the portal: the account could book for this person once, and no longer can.
    #[error(
        "You can no longer book or manage appointments for this person. The link between you has ended or changed."
    )]
    LinkEnded,
    /// It may be seen, but this may not be done to it.
    #[error("You don’t have permission to do that.")]
    Forbidden,
    /// It may be done, once the password or another factor was given again.
    #[error("Confirm that it’s you first.")]
    Unconfirmed,
    /// The input will not do; every field's problem at the same time.
    #[error("There is a problem")]
    Invalid(FieldErrors),
    /// Someone saved the same record in the meantime.
    #[error("Someone else changed this while you were editing. Compare the versions below.")]
    Stale,
    /// The person has been erased: what is left of the record is history.
    #[error("This person has been erased. The record is read-only.")]
    Erased,
    /// Something still refers to it, so that it cannot go.
    #[error("This is still in use. See the list below.")]
    InUse,
    /// What was changed since would be lost.
    #[error("This can’t be undone any more because something changed since.")]
    NotUndoable,
    /// The time is not possible.
    #[error("{0}")]
    Conflict(Conflict),
    /// Staff chose a time with conflicts. They may book over exactly these.
    #[error("{0}")]
    Conflicts(Conflicts),
    /// A link from a mail that is used, expired, replaced or was never valid.
    #[error("This link is no longer valid. It may have been used already, replaced by a newer one, or expired.")]
    DeadLink,
    /// The same answer for an unknown user and a wrong password.
    #[error("Wrong email, username or password.")]
    BadCredentials,
    #[error("Too many attempts. Try again in a few minutes.")]
    TooMany,
    /// Another person, or a job, holds what this would change.
    #[error("Someone else is changing this right now. Nothing was saved. Try again in a moment.")]
    Busy,
    /// The server failed; the log says why.
    #[error("Something went wrong on our side. Try again.")]
    Internal,
    /// What was begun took longer than it may, or was finished already.
    #[error("That took too long. Try again.")]
    Lapsed,
}

/// Why a time is not possible, in a form that reveals nothing of other people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    #[error("This time was just booked. Choose another.")]
    PractitionerBusy,
    #[error("This person already has an appointment at this time. Choose another.")]
    ClientBusy,
    /// Of a client who books for themself.
    #[error("You already have an appointment at this time. Choose another.")]
    YouAreBusy,
    /// Of a client: without saying what stands in the way.
    #[error("This time isn’t possible. Choose another.")]
    NotPossible,
    /// Of a service with notice.
    #[error("This is too soon to book online. Choose a later time.")]
    TooSoon,
    #[error("This is too far ahead to book online. Choose an earlier time.")]
    TooFar,
    #[error("This time has already passed. Choose another.")]
    Past,
    /// A client cancels too late.
    #[error("This appointment has already started or is over, so it can’t be cancelled online.")]
    AlreadyStarted,
    /// Of those booked online for the person who attends.
    #[error("You can book at most {max} upcoming appointments online for one person.")]
    TooManyUpcoming { max: i16 },
    #[error("The practitioner doesn’t offer this service.")]
    NotOffered,
    /// Of a series: those dates say what is in the way.
    #[error("Some of the dates can’t be booked. Nothing was booked. Choose for each of them below.")]
    SeriesDates,
    #[error("All dates are left out. Keep at least one.")]
    SeriesEmpty,
    #[error("This person is inactive. Make them active before booking.")]
    ClientInactive,
    #[error("This person is still a prospect. Make them active before booking.")]
    ClientProspect,
    /// Of a client who books: what their status is, the practice tells.
    #[error("This person can’t be booked online right now.")]
    ClientNotOnline,
    #[error("Only individuals can be booked online.")]
    NotAPerson,
    /// Of a group session.
    #[error("This session is full. Choose another.")]
    SessionFull,
    /// Behind the cutoff of the policy.
    #[error("It’s too late to change this appointment online.")]
    TooLate,
    /// The policy leaves it to the practice.
    #[error("This appointment can’t be changed online.")]
    NotChangedOnline,
    #[error("This appointment is already cancelled.")]
    AlreadyCancelled,
    /// Of a request: someone has answered it.
    #[error("This request was answered already.")]
    NotRequested,
    /// Of browsers in which no one is logged in.
    #[error("Many people are choosing a time right now. Log in to book, or try again in a few minutes.")]
    TooManyVisitors,
    /// Of a video visit's link.
    #[error("Too many wrong codes. Log in, or try again in an hour.")]
    VisitLocked,
    /// Times that are kept while someone books.
    #[error("You’re already holding other times. Finish booking one of them, or try again in a few minutes.")]
    TooManyHolds,
    #[error("This couple, family or group has no members on that day. Add members before booking.")]
    NoMembers,
    /// Of the waiting list: answered, withdrawn or past.
    #[error("This entry is no longer on the waiting list.")]
    NotWaiting,
    #[error("Another time is already offered to them. Wait for the answer, or withdraw that offer.")]
    AlreadyOffered,
    /// An offer that would lapse before anyone could answer.
    #[error("This time is too soon to be offered. Call them instead.")]
    TooSoonToOffer,
    #[error("Offers aren’t sent between 9 pm and 8 am unless the time is within 24 hours.")]
    OfferAtNight,
    /// Neither the person nor a linked person who may book has an email that may be used.
    #[error("No one can be emailed about this. Call them instead.")]
    NoOneToOffer,
    /// Answered, withdrawn, or its time to answer has passed.
    #[error("This offer has ended.")]
    OfferEnded,
    /// A client waits for as many things as they may.
    #[error("You’re already waiting for {max} appointments. Withdraw one of them first.")]
    TooManyWaiting { max: i64 },
    #[error("There’s no waiting list for this service.")]
    NoWaitlist,
    /// Of a request: someone did it, or the practice withdrew it.
    #[error("This has been taken care of. There’s nothing more for you to do.")]
    RequestClosed,
    /// Of a form: the page showed another version than the one that was begun, or an old one.
    #[error(
        "This form isn’t the one that you had on this page any more. Your answers are kept. Check them, then send it again."
    )]
    OtherVersion,
    /// Of a form that clients fill in: it was opened under another login.
    #[error("This browser is logged in as someone else now.")]
    OtherLogin,
}

impl Conflict {
    /// Whether the practice can help where the portal cannot: pages then say how to reach it.
    pub const fn needs_practice(self) -> bool {
        matches!(
            self,
            Conflict::ClientNotOnline
                | Conflict::TooManyUpcoming { .. }
                | Conflict::AlreadyStarted
                | Conflict::TooLate
                | Conflict::TooSoon
                | Conflict::NotChangedOnline
                | Conflict::NoWaitlist
        )
    }
}

/// What is wrong with each field, in the order of the form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldErrors(pub Vec<(String, Problem)>);

impl FieldErrors {
    pub fn of(field: &str, problem: Problem) -> Self {
        FieldErrors(vec![(field.to_owned(), problem)])
    }

    pub fn push(&mut self, field: &str, problem: Problem) {
        self.0.push((field.to_owned(), problem));
    }

    pub fn get(&self, field: &str) -> Option<&Problem> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, problem)| problem)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `Err` when anything is wrong.
    pub fn check(self) -> Result<(), Refusal> {
        if self.is_empty() { Ok(()) } else { Err(Refusal::Invalid(self)) }
    }
}

impl Refusal {
    /// One field's problem.
    pub fn field(field: &str, problem: Problem) -> Self {
        Refusal::Invalid(FieldErrors::of(field, problem))
    }
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    Required,
    /// A box that must be ticked.
    NotTicked,
    /// A length of time of no minutes, or of more than a day.
    NotInADay,
    /// A number without a unit that might be either.
    HoursOrMinutes {
        number: i32,
    },
    /// Others belonged to a group on the date than the form showed.
    OtherMembers,
    TooLong {
        max: usize,
    },
    TooShort {
        min: usize,
    },
    NotAnEmail,
    /// There is no address that may be written to.
    NoConsentToEmail,
    NotAPhone,
    NotAWebsite,
    NotJson,
    /// Where video visits are held.
    NotAVisitAddress,
    /// An access code, and how many tries are left.
    WrongCode {
        left: u8,
    },
    NotADate,
    NotATime,
    NotANumber,
    OutOfRange {
        min: i64,
        max: i64,
    },
    InTheFuture,
    /// Neither minutes nor hours.
    NotADuration,
    /// A period is longer than it may be.
    LongerThan {
        years: u32,
    },
    /// A series that would have a single date.
    OneDate,
    TooManyDates {
        max: usize,
    },
    /// A series on the last such weekday of the month that begins on another.
    FirstDateNotInRule,
    /// Not one of the choices.
    Unknown,
    Taken,
    CodeForm,
    CodeLength {
        max: usize,
    },
    UnknownZone,
    /// A local time that the clocks skip, like 2:30 am on the night when they go forward.
    SkippedTime {
        /// The first local time after the gap, like `3:00 am`.
        next: String,
    },
    EmailForConsent,
    EmailForLink,
    MobileForSms,
    OnlyActive,
    /// Client log-in is switched off for the practice.
    LoginOff,
    /// A client of an activity is no prospect.
    StillProspect,
    /// A prospect never used the services.
    NeverUsed,
    PasswordsDiffer,
    EndBeforeStart,
    Overlaps,
    /// An age range and the one that it overlaps.
    OverlapsWith {
        name: String,
    },
    NotALanguageTag,
    NoComma,
    TooMany {
        max: usize,
    },
    /// One of the calendar feeds has to go first.
    TooManyFeeds {
        max: usize,
    },
    /// Someone has it already, so it cannot become something else.
    InUse,
    /// The last one that is left to choose.
    LastOne,
    /// Reports count choices and checkboxes alone.
    NotCounted,
    /// Registering without logging in.
    NeedsClientLogin,
    /// Registering where clients are known by their codes alone.
    NotByCode,
    /// The only administrator who can log in would be gone.
    LastAdministrator,
    /// One's own address, in the form of others.
    OwnAddress,
    /// One's own password, asked before something that matters, is another.
    WrongPassword,
    /// An invitation was accepted already.
    HasAccount,
    /// A staff member is deactivated.
    Deactivated,
    /// A checkbox that says one means it.
    TickToConfirm,
    /// What stands in the way of retiring a location.
    WorkedAt {
        practitioners: i64,
        appointments: i64,
    },
    /// What stands in the way of archiving a room.
    BookedIn {
        appointments: i64,
    },
    /// You can’t link a person to themselves.
    Same,
    AlreadyLinked,
    /// Couples, families and groups are not linked.
    OnlyIndividuals,
    NeedsAccount,
    /// The text of a mail without the link it is for.
    LinkMissing,
    /// Of a text with placeholders: one that there is not.
    UnknownPlaceholder {
        word: String,
    },
    /// The code typed to confirm is not the client's.
    OtherCode,
    /// Control characters and the like.
    Unprintable,
    /// Import: two columns of a file cannot become the same.
    ColumnTwice,
    NoNameColumn,
    /// Something is to be done to a selection, and there is none.
    NobodyTicked,
    NobodyToImport,
    /// Not how this province's health card numbers look.
    CardForm {
        province: Province,
    },
    /// The last digit does not follow from the others.
    CardCheckDigit,
    CardVersion,
    /// A form that adds people names none.
    Nobody,
    /// Only individuals belong to couples, families and groups.
    NotAPerson,
    AlreadyMember,
    MemberThen,
    BeforeJoining,
    CoupleFull {
        /// The first day with three members.
        day: NaiveDate,
    },
    /// A membership of earlier days is history.
    NotToday,
    /// So is one with a session that they attended.
    Attended,
    /// A login depends on this address: the front desk changes it.
    AddressOfLogin,
    /// A username with an @ that is not the address which the link went to.
    NotOwnAddress,
    /// The own address is a username already.
    AddressInUse,
    /// A new address that is the present one.
    SameAddress,
    /// Neither a code of the authenticator app nor a recovery code; or one that was used.
    WrongFactor,
    /// The last second factor of someone whose role needs one.
    FactorNeeded,
    /// Someone without a second factor.
    NoFactor,
    /// A login whose second factor has to be taken away first.
    HasFactor,
    /// One's own second factor, in the form for those of others.
    OwnFactor,
    /// A form that asks nothing.
    NoQuestions,
    /// An item of a form that depends on a question which does not come before it.
    AsksLater {
        item: String,
    },
    /// An item of a form without its text or its choices.
    Unfinished {
        item: String,
    },
    /// A form without a published version.
    NotPublished,
    InThePast,
    /// Something is asked of a couple, a family or a group.
    OnlyPeople,
    /// A passkey that does not fit what was asked of it.
    WrongPasskey,
    /// Browsers make no passkeys for the address of this site.
    NoPasskeys,
    /// The passkey is one of an account already.
    PasskeyKnown,
    /// Without it the account could not be entered any more.
    LastWayIn,
    /// An uploaded file that is none of those that are taken.
    NotAFile,
    FileTooLarge {
        megabytes: usize,
    },
    TooManyFiles {
        max: usize,
    },
    /// Not the date of birth that is known, typed to open a form's link.
    OtherBirthDate,
    /// A number with one bound alone.
    AtLeast {
        min: i64,
    },
    AtMost {
        max: i64,
    },
}

impl Problem {
    /// The words for a practice that calls its clients `one` and `many`.
    pub fn for_practice(&self, one: &str, many: &str) -> String {
        match self {
            Problem::OnlyActive => format!("Only active {many} can be invited."),
            Problem::StillProspect => format!("This {one} is still a prospect. Make them active first."),
            Problem::NeverUsed => format!("This {one} has appointments or activities, so they can’t be a prospect."),
            Problem::Nobody => format!("Choose {} or add a new one.", with_article(one)),
            Problem::NeedsClientLogin => format!("Turn on {one} login first."),
            other => other.to_string(),
        }
    }
}

/// The practice's word with its article: `a client`, `an athlete`.
pub fn with_article(word: &str) -> String {
    let vowel = word.chars().next().is_some_and(|first| "aeiouAEIOUéÉ".contains(first));
    // By the sound: a user, a unit.
    let vowel = vowel
        && !["use", "usu", "unio", "uniq", "unit", "univ"].iter().any(|start| word.to_lowercase().starts_with(start));
    format!("{} {word}", if vowel { "an" } else { "a" })
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use Problem::*;
        match self {
            Required => f.write_str("Enter a value."),
            NotTicked => f.write_str("Tick this box."),
            NotInADay => f.write_str("From 5 minutes to 24 hours, like 50 min, 1:30 or 1.5 h."),
            HoursOrMinutes { number } => write!(f, "Hours or minutes? Enter {number} h or {number} min."),
            OtherMembers => f.write_str(
                "The membership was different on this date. Check who attended.",
            ),
            TooLong { max } => write!(f, "Use at most {max} characters."),
            TooShort { min } => write!(f, "Use at least {min} characters."),
            NotAnEmail => f.write_str("Enter an email like name@example.com."),
            NotAPhone => f.write_str("Enter a phone number like 416 555 0123."),
            NotAVisitAddress => f.write_str(
                "Enter an address like https://meet.example.org/{room}. Behind the host it may hold {room}, {name} and {lang}.",
            ),
            WrongCode { left: 1 } => f.write_str("This code is wrong. You have one more try."),
            WrongCode { left } => write!(f, "This code is wrong. You have {left} more tries."),
            NotJson => f.write_str("Enter JSON that has {to} and {text} within quotation marks."),
            NotAWebsite => f.write_str("Enter a website like www.example.com."),
            NotADate => f.write_str("Enter a date between 1900 and 2199."),
            NotATime => f.write_str("Enter a time like 09:30."),
            NotANumber => f.write_str("Enter a number."),
            OutOfRange { min, max } => write!(f, "Choose a value from {min} to {max}."),
            InTheFuture => f.write_str("This date is in the future."),
            NotADuration => {
                f.write_str("Enter minutes like 50, or hours like 2, 1:30 or 1.5.")
            }
            LongerThan { years } => write!(f, "Choose dates that are at most {years} years apart."),
            OneDate => f.write_str("A series needs at least two dates. Choose a later end."),
            FirstDateNotInRule => f.write_str("The first date isn’t the last such weekday of its month."),
            TooManyDates { max } => write!(f, "A series can have at most {max} dates. Choose an earlier end."),
            Unknown => f.write_str("Choose one of the options."),
            Taken => f.write_str("This is already in use. Choose another."),
            CodeForm => f.write_str("Use letters A–Z and digits only."),
            CodeLength { max } => write!(f, "Use 1 to {max} letters and digits."),
            SkippedTime { next } => {
                write!(f, "The clocks go forward here, so this time doesn’t exist. Use {next} or later.")
            }
            UnknownZone => f.write_str("Choose a time zone from the list."),
            NoConsentToEmail => f.write_str("They have no email address with consent. Choose a note or a call."),
            EmailForConsent => f.write_str("Enter an email, or turn off “Send email”."),
            EmailForLink => f.write_str("Enter an email. The link is sent there."),
            MobileForSms => f.write_str("Enter a mobile number, or turn off “Send text messages”."),
            OnlyActive => f.write_str("Only active people can be invited."),
            LoginOff => f.write_str("Portal login is off for the whole practice. Turn it on before you send a link."),
            StillProspect => f.write_str("This person is still a prospect. Make them active first."),
            NeverUsed => f.write_str("This person has appointments or activities, so they can’t be a prospect."),
            PasswordsDiffer => f.write_str("The two passwords don’t match."),
            EndBeforeStart => f.write_str("The end must be after the start."),
            Overlaps => f.write_str("This overlaps another period on the same day."),
            OverlapsWith { name } => write!(f, "This overlaps “{name}”. Ranges can’t overlap."),
            NotALanguageTag => f.write_str("Enter a language tag like en, fr or pt-BR."),
            NoComma => f.write_str("A name can’t contain a comma."),
            TooMany { max } => write!(f, "Enter at most {max}."),
            TooManyFeeds { max } => write!(f, "You have {max} calendar feeds already. Revoke one first."),
            InUse => f.write_str("This is in use, so it can’t change. Add another instead."),
            LastOne => f.write_str("This is the last one. Add another first."),
            NotCounted => f.write_str("Reports can count choices and checkboxes only."),
            NeedsClientLogin => f.write_str("Turn on client login first."),
            NotByCode => f.write_str("Registration isn’t available in code-only mode because it asks for a name and an email."),
            LastAdministrator => f.write_str("Add another administrator first."),
            OwnAddress => f.write_str("Change your own email under My account."),
            WrongPassword => f.write_str("This is not your current password."),
            HasAccount => f.write_str("They have an account already. Send a reset link instead."),
            Deactivated => f.write_str("This team member is deactivated. Reactivate them first."),
            TickToConfirm => f.write_str("Tick this to confirm."),
            WorkedAt { practitioners, appointments } => {
                let people = match practitioners {
                    1 => "1 practitioner works".to_owned(),
                    n => format!("{n} practitioners work"),
                };
                let booked = match appointments {
                    1 => "1 appointment is".to_owned(),
                    n => format!("{n} appointments are"),
                };
                write!(f, "{people} here and {booked} upcoming. Move them to another location first.")
            }
            BookedIn { appointments: 1 } => f.write_str("1 upcoming appointment is in this room. Move it first."),
            BookedIn { appointments } => {
                write!(f, "{appointments} upcoming appointments are in this room. Move them first.")
            }
            Same => f.write_str("You can’t link a person to themselves."),
            AlreadyLinked => f.write_str("These two are already linked."),
            OnlyIndividuals => f.write_str("Only individuals can be linked."),
            NeedsAccount => f.write_str("No portal account."),
            UnknownPlaceholder { word } => {
                write!(f, "{word} isn’t a placeholder. Use {{first_name}}, {{practice}} and {{link}}.")
            }
            LinkMissing => f.write_str("The text must contain {link}."),
            ColumnTwice => f.write_str("Already used for another column."),
            NobodyToImport => f.write_str("No one is left to import."),
            NoNameColumn => f.write_str("Choose which column holds the first name, the last name or the whole name."),
            OtherCode => f.write_str("This isn’t the code of this record."),
            Unprintable => f.write_str("This contains characters that can’t be shown."),
            NobodyTicked => f.write_str("Select at least one row first."),
            CardForm { province } => write!(f, "A number of {} has {}.", province.label(), province.format()),
            CardCheckDigit => f.write_str("The check digit doesn’t match. Compare the number with the card."),
            CardVersion => f.write_str("The version code is the one or two letters after the number on the card."),
            Nobody => f.write_str("Choose a person or add a new one."),
            NotAPerson => f.write_str("Only individuals can be members."),
            AlreadyMember => f.write_str("They’re already a member."),
            MemberThen => f.write_str("They were already a member on some of these days."),
            BeforeJoining => f.write_str("This is before the day they joined."),
            CoupleFull { day } => write!(
                f,
                "A couple can have two members, but there would be three on {}. End a membership first, or use a family or group.",
                day.format("%-d %B %Y")
            ),
            Attended => f.write_str("They attended a session, so this can’t be removed. End the membership instead."),
            AddressOfLogin => f.write_str("This email is used to log in. Ask the front desk to change it."),
            NotOwnAddress => f.write_str(
                "A username with @ can only be the email address this link was sent to. Choose one without @, like mia.okafor.",
            ),
            NoQuestions => f.write_str("Add at least one question first."),
            AsksLater { item } => {
                write!(f, "“{item}” depends on a question or answer that isn’t there before it. Move it, or edit its conditions.")
            }
            Unfinished { item } if item.is_empty() => f.write_str("An item has no text yet. Edit or delete it."),
            Unfinished { item } => write!(f, "“{item}” has no choices yet. Edit or delete it."),
            NotPublished => f.write_str("Publish this form first."),
            OnlyPeople => f.write_str("Only individuals can be asked."),
            NotAFile => f.write_str("Choose a PDF, PNG or JPEG file. Other files can’t be sent."),
            FileTooLarge { megabytes } => write!(f, "Choose a file of at most {megabytes} MB."),
            OtherBirthDate => f.write_str("This isn’t the date of birth we have. Check it, or call us."),
            AtLeast { min } => write!(f, "Enter {min} or more."),
            AtMost { max } => write!(f, "Enter {max} or less."),
            TooManyFiles { max } => write!(f, "Choose at most {max} files."),
            InThePast => f.write_str("This date has passed."),
            SameAddress => f.write_str("This is your email address already."),
            WrongFactor => f.write_str("This code doesn’t work. Each code works once, and the app shows a new one every 30 seconds."),
            FactorNeeded => f.write_str("Your role needs a second factor. Set up another one first."),
            HasFactor => f.write_str("This account has a second factor. Remove that first."),
            OwnFactor => f.write_str("Change your own second factor under My account."),
            NoFactor => f.write_str("This account has no second factor."),
            WrongPasskey => f.write_str("This passkey wasn’t accepted. Try again, or log in another way."),
            NoPasskeys => f.write_str("Passkeys don’t work at this address. Use an authenticator app."),
            PasskeyKnown => f.write_str("This passkey is in use already."),
            LastWayIn => f.write_str("Nothing else opens this account. Set a password first."),
            AddressInUse => {
                f.write_str("This email can’t be your username here. Choose a username without @, like mia.okafor.")
            }
            NotToday => {
                f.write_str("Only what was entered today can be removed as a mistake. End the membership instead.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_say_the_practices_word() {
        let said = |problem: Problem| problem.for_practice("athlete", "athletes");
        assert_eq!(said(Problem::OnlyActive), "Only active athletes can be invited.");
        assert_eq!(said(Problem::Nobody), "Choose an athlete or add a new one.");
        assert!(said(Problem::NeverUsed).starts_with("This athlete has appointments"));
        assert_eq!(said(Problem::NotADate), Problem::NotADate.to_string());
    }
}
