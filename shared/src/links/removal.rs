//! Removing a link: what is open between the two, and what is decided about each of it.

use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{ClientId, Problem, Refusal};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

vocabulary! {
    /// Something that is open between two linked clients.
    MatterKind {
        /// An upcoming appointment, or the request for one.
        Appointment = "appointment", "Appointment";
        /// A place on the waiting list that the one has taken for the other.
        Waiting = "waiting", "Waiting list";
        /// A time that the one keeps while they book, perhaps for the other.
        Hold = "hold", "Held time";
        /// Something that the practice asks of the one, and that the other may do for them.
        Request = "request", "Form or request";
    }
}

vocabulary! {
    /// What becomes of a matter.
    Choice {
        /// It stays the person's; others linked to them manage it as before.
        Keep = "keep", "Keep";
        /// It stays the person's, and they alone manage it.
        Own = "own", "Keep for the person alone";
        End = "end", "Cancel";
    }
}

impl Choice {
    /// The choices there are, the one that is meant unless another is made first. A time that is
    /// kept for some minutes is let go, seen or not.
    pub const fn of(kind: MatterKind) -> &'static [Choice] {
        match kind {
            MatterKind::Appointment => &[Choice::Keep, Choice::Own, Choice::End],
            MatterKind::Waiting | MatterKind::Request => &[Choice::Keep, Choice::End],
            MatterKind::Hold => &[Choice::End],
        }
    }
}

/// What the other has to do with an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Via {
    Booked,
    /// Staff let them manage it.
    Assigned,
    Pays,
}

/// A matter that the removal of a link decides on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenMatter {
    /// Of the appointment, the place on the waiting list or the request.
    pub id: Uuid,
    pub kind: MatterKind,
    /// Of the appointment or of the place on the waiting list. What is asked stays as it was asked: 1.
    pub version: i32,
    /// The service, or the name of what is asked.
    pub service: String,
    /// Empty: any.
    pub practitioner: String,
    /// Of an appointment and of a time that is kept.
    pub starts_at: Option<DateTime<Utc>>,
    /// Of the venue.
    pub zone: String,
    /// Of a place on the waiting list: the first and last day.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// It waits for an answer: an appointment for the practice's, a place on the list for theirs to an offer.
    pub waits: bool,
    pub via: Via,
    /// The person it is for; of a kept time the one who keeps it.
    pub attendee_id: ClientId,
    pub attendee: String,
    /// The other of the two.
    pub proxy: String,
}

/// The removal of a link, as posted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RemovalForm {
    /// `{choice}:{id}:{version}`, one for each matter that was shown.
    pub choices: Vec<String>,
    /// The version of the link that was shown. Empty: nothing was shown, and all that can be kept is.
    pub version: String,
}

/// What is decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decisions {
    /// With the version of the matter that was shown.
    pub choices: BTreeMap<Uuid, (Choice, Option<i32>)>,
    pub version: Option<i32>,
}

impl RemovalForm {
    pub fn parse(&self) -> Result<Decisions, Refusal> {
        let mut fields = Fields::default();
        let mut choices = BTreeMap::new();
        for text in &self.choices {
            let mut parts = text.split(':');
            let (choice, id, version) = (parts.next(), parts.next(), parts.next());
            let version = version.map(str::parse::<i32>).transpose();
            let pair =
                id.and_then(|id| id.parse().ok()).zip(choice.and_then(|choice| choice.parse().ok())).zip(version.ok());
            match pair {
                Some(((id, choice), version)) => drop(choices.insert(id, (choice, version))),
                None => fields.note("choices", Problem::Unknown),
            }
        }
        let version =
            fields.take("version", parse::optional(&self.version, |text| parse::whole(text, 1, i32::MAX.into())));
        fields.finish()?;
        Ok(Decisions { choices, version: version.map(|version| version as i32) })
    }
}

impl Decisions {
    /// What is decided about this one; `None` where that was left open,
    /// or where it has changed since it was shown.
    pub fn about(&self, kind: MatterKind, id: Uuid, version: i32) -> Option<Choice> {
        match (Choice::of(kind), self.choices.get(&id)) {
            ([only], _) => Some(*only),
            (choices, Some((choice, shown))) => {
                // What a page showed was shown in a version.
                let as_shown = shown.map_or(self.version.is_none(), |shown| shown == version);
                (choices.contains(choice) && as_shown).then_some(*choice)
            }
            (_, None) => self.version.is_none().then_some(Choice::Keep),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_shown_is_decided_and_what_was_not_is_left_open() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let form = RemovalForm { choices: vec![format!("end:{one}:1")], version: "3".into() };
        let decided = form.parse().unwrap();
        assert_eq!(decided.version, Some(3));
        assert_eq!(decided.about(MatterKind::Appointment, one, 1), Some(Choice::End));
        assert_eq!(decided.about(MatterKind::Appointment, other, 1), None);
        assert_eq!(decided.about(MatterKind::Hold, other, 1), Some(Choice::End));
        let unseen = RemovalForm::default().parse().unwrap();
        assert_eq!(unseen.about(MatterKind::Waiting, one, 1), Some(Choice::Keep));
        // A page says which version of each it showed.
        let form = RemovalForm { choices: vec![format!("end:{one}")], version: "3".into() };
        assert_eq!(form.parse().unwrap().about(MatterKind::Appointment, one, 1), None);
    }

    #[test]
    fn a_choice_that_a_matter_does_not_have_decides_nothing() {
        let id = Uuid::from_u128(1);
        let form = RemovalForm { choices: vec![format!("own:{id}:1")], version: "1".into() };
        let decided = form.parse().unwrap();
        assert_eq!(decided.about(MatterKind::Waiting, id, 1), None);
        assert_eq!(decided.about(MatterKind::Appointment, id, 1), Some(Choice::Own));
        let moved = RemovalForm { choices: vec![format!("end:{id}:2")], version: "1".into() }.parse().unwrap();
        assert_eq!(moved.about(MatterKind::Appointment, id, 2), Some(Choice::End));
        assert_eq!(moved.about(MatterKind::Appointment, id, 3), None, "it is another by now");
        for forged in ["", "end", "end:", "destroy:00000000-0000-0000-0000-000000000001", "end:1"] {
            let form = RemovalForm { choices: vec![forged.into()], version: String::new() };
            assert!(form.parse().is_err(), "{forged}");
        }
    }
}
