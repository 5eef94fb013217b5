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
    /// Nobody is logged in, or the session has ended.
    #[error("Please log in to continue.")]
    SignedOut,
    /// It does not exist, or may not be seen: the same answer for both.
    #[error("Not found.")]
    NotFound,
    /// It may be seen, but this may not be done to it.
    #[error("You don’t have permission to do that.")]
    Forbidden,
    /// The input will not do; every field's problem at once.
    #[error("There is a problem")]
    Invalid(FieldErrors),
    /// Nothing is done: the form asked to be shown again, with more rows or with
    /// what it searched for.
    #[error("Fill in the rest, then go on.")]
    Again,
    /// Somebody saved the same record in the meantime.
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
    /// Somebody else, or a job, holds what this would change.
    #[error("Someone else is changing this right now. Nothing was saved. Try again in a moment.")]
    Busy,
    /// The server failed; the log says why.
    #[error("Something went wrong on our side. Try again.")]
    Internal,
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
    #[error("The practitioner doesn’t work at this time. Choose another.")]
    OutsideHours,
    #[error("This time has already passed. Choose another.")]
    Past,
    /// Clients book what free times show: on the step grid, within the horizon.
    #[error("This time can’t be booked online. Choose one of the available times.")]
    NotAnOnlineTime,
    /// Of those booked online for the person who attends.
    #[error(
        "You can book at most {max} upcoming appointments online for one person. Contact the practice to book more."
    )]
    TooManyUpcoming { max: i16 },
    #[error("The practitioner doesn’t offer this service.")]
    NotOffered,
    #[error("This person is inactive. Make them active before booking.")]
    ClientInactive,
    #[error("This person is still a prospect. Make them active before booking.")]
    ClientProspect,
    /// Of a client who books: what their status is, the practice tells.
    #[error("This person can’t be booked online right now. Call the practice.")]
    ClientNotOnline,
    #[error("Only individuals can be booked.")]
    NotAPerson,
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
    NotAPhone,
    NotAWebsite,
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
    /// Not one of the choices.
    Unknown,
    Taken,
    CodeForm,
    CodeLength {
        max: usize,
    },
    UnknownZone,
    EmailForConsent,
    EmailForLink,
    MobileForSms,
    OnlyActive,
    /// Client log-in is switched off for the practice (B8).
    LoginOff,
    /// Whom an activity is recorded with is no prospect (B7).
    StillProspect,
    /// A prospect never used the services (B7).
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
    /// Somebody has it already, so it cannot become something else.
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
            Unknown => f.write_str("Choose one of the options."),
            Taken => f.write_str("This is already in use. Choose another."),
            CodeForm => f.write_str("Use letters A–Z and digits only."),
            CodeLength { max } => write!(f, "Use 1 to {max} letters and digits."),
            UnknownZone => f.write_str("Choose a time zone from the list."),
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
            AddressInUse => {
                f.write_str("This email can’t be your username here. Choose a username without @, like mia.okafor.")
            }
            NotToday => {
                f.write_str("Only what was entered today can be removed as a mistake. End the membership instead.")
            }
        }
    }
}
