//! What a notice says after booking and cancelling: the service, the person, the time, and who
//! is told. Nothing is claimed that is not so.

use crate::context;
use crate::error::AppError;
use crate::ui::page::Page;
use db::appointments::{Audience, Notice, notice};
use db::messages::{Reach, Unwritten};
use db::time::Zone;
use shared::AppointmentId;
use shared::appointments::AppointmentStatus;
use shared::messages::WhyNot;

/// How many appointments of one act are named at most.
pub const NAMED_MAX: usize = 20;

/// What the address of this page says was done, if that is in words of its own.
/// Nothing where the viewer may not see it, or where it is no longer so.
pub async fn of_request(page: &Page) -> Option<String> {
    let done = context::query("done");
    let (word, ids) = done.split_once(':')?;
    if !context::was_done(&done) {
        return None;
    }
    words(page, word, ids).await.ok().flatten()
}

async fn words(page: &Page, word: &str, ids: &str) -> Result<Option<String>, AppError> {
    let (lead, wanted) = match word {
        "booked" | "moved" | "restored" | "accepted" => ("", AppointmentStatus::Confirmed),
        "cancelled" | "declined" => ("", AppointmentStatus::Cancelled),
        "link-removed" => {
            ("Relationship removed. They can no longer act for each other. ", AppointmentStatus::Cancelled)
        }
        _ => return Ok(None),
    };
    let mut all = Vec::new();
    for id in ids.split('.').take(NAMED_MAX) {
        let id: AppointmentId = id.parse().map_err(|_| shared::Refusal::NotFound)?;
        all.push(notice(page.pool(), &page.actor, id).await?);
    }
    // What was booked may be a request.
    let as_wanted = |status| match (status, word) {
        (AppointmentStatus::Requested, "booked" | "moved") => true,
        _ => status == wanted,
    };
    if !all.iter().all(|notice| as_wanted(notice.status)) {
        return Ok(None);
    }
    let smtp = page.app.settings.smtp;
    let mut sentences: Vec<String> = all.iter().filter_map(|notice| told(notice, smtp)).collect();
    sentences.dedup();
    let what = match all.as_slice() {
        [one] => named(word, one),
        many if word == "booked" => format!("Booked: {} appointments.", many.len()),
        many => format!("Cancelled: {} appointments.", many.len()),
    };
    sentences.insert(0, format!("{lead}{what}"));
    Ok(Some(sentences.join(" ")))
}

/// `Booked: Reading tutoring for Leo Okafor, Tue 1 Dec, 12:45 pm.`
fn named(word: &str, notice: &Notice) -> String {
    let verb = match (word, notice.status) {
        ("declined", AppointmentStatus::Cancelled) => "Declined",
        (_, AppointmentStatus::Cancelled) => "Cancelled",
        ("booked", AppointmentStatus::Requested) => "Requested",
        ("accepted", _) => "Accepted",
        ("moved", _) => "Moved",
        ("restored", _) => "Restored",
        _ => "Booked",
    };
    let name = notice.name.as_ref().map(|name| format!(" for {name}")).unwrap_or_default();
    let zone = Zone::stored(&notice.zone);
    let at = notice.starts_at;
    format!("{verb}: {}{name}, {}, {}.", notice.service, zone.short_date(at), zone.exact_clock(at))
}

/// Who is told.
fn told(notice: &Notice, smtp: bool) -> Option<String> {
    let mail = match notice.status {
        AppointmentStatus::Requested => "note of the request",
        AppointmentStatus::Held | AppointmentStatus::Confirmed => "confirmation",
        AppointmentStatus::Cancelled => "cancellation notice",
    };
    match &notice.audience {
        Audience::Staff { .. } if !notice.is_mailed && notice.starts_at > chrono::Utc::now() => {
            Some("The booking was not emailed yet, so no email is sent.".to_owned())
        }
        Audience::Staff { .. } if !notice.is_mailed => Some("It’s in the past, so no email is sent.".to_owned()),
        Audience::Staff { reach, scoped } => Some(told_staff(reach, *scoped, mail, smtp)),
        // Without a mail server nothing is claimed: whether the practice passes it on is not known.
        Audience::Client { .. } if !notice.is_mailed || !smtp => None,
        Audience::Client { is_me: true, .. } => Some(format!("We’re emailing you a {mail}.")),
        Audience::Client { reach: Some(Reach { person: Some(WhyNot::NoAddress), .. }), .. } => {
            Some(format!("You won’t get a {mail}: we have no email address for you."))
        }
        Audience::Client { reach: Some(_), .. } => {
            Some(format!("You won’t get a {mail}: email is off in your details."))
        }
        Audience::Client { reach: None, .. } => Some("You won’t get an email about it.".to_owned()),
    }
}

fn told_staff(reach: &Reach, scoped: bool, mail: &str, smtp: bool) -> String {
    let names = names(reach);
    let texts = match reach.texts.is_empty() {
        true => String::new(),
        false => format!(" We’re texting {}.", list(&reach.texts)),
    };
    let mailed = match (names.is_empty(), smtp) {
        (false, true) => format!("We’re emailing a {mail} to {}.", list(&names)),
        (false, false) => format!("The {mail} for {} is waiting in the outbox.", list(&names)),
        // People that a practitioner does not see may be told as well.
        (true, _) if scoped => format!("{} gets no email: {}.", reach.name, reason(reach)),
        (true, _) => format!("No one can be told by email: {} for {}.", reason(reach), reach.name),
    };
    mailed + &texts
}

/// Everyone that mail reaches, the person first.
pub fn names(reach: &Reach) -> Vec<String> {
    let own = reach.person.is_none().then(|| reach.name.clone());
    own.into_iter().chain(reach.copies.iter().cloned()).collect()
}

/// Why mail does not reach the person themself.
pub fn reason(reach: &Reach) -> &'static str {
    reach.person.unwrap_or(WhyNot::NoAddress).label()
}

/// `Ana gets no email: email is off.`
pub fn gets_none(one: &Unwritten) -> String {
    format!("{} gets no email: {}.", one.name, one.why())
}

/// Who would get mail about an appointment of this person, and who would not: `We’ll email Mia. Ana gets
/// no email: email is off.`
pub fn who_would(reach: &Reach, smtp: bool) -> String {
    let names = names(reach);
    let mut sentences = Vec::new();
    sentences.extend(match (names.is_empty(), smtp) {
        (false, true) => Some(format!("We’ll email {}.", list(&names))),
        (false, false) => Some(format!("The message to {} will wait in the outbox.", list(&names))),
        (true, _) => None,
    });
    sentences.extend((!reach.texts.is_empty()).then(|| format!("We’ll text {}.", list(&reach.texts))));
    sentences.extend(reach.withheld.iter().map(gets_none));
    sentences.join(" ")
}

/// `Ana, Leo and Mia`.
pub fn list(names: &[String]) -> String {
    match names {
        [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        names => names.join(""),
    }
}
