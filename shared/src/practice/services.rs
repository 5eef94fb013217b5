//! Services: what can be booked, with which practitioners, where, and under which rules.

use crate::appointments::Modality;
use crate::clients::Colour;
use crate::parse::{self, Fields};
use crate::policy::{Cutoff, LateRule, Policy};
use crate::{LocationId, Problem, Refusal, RoomId, ServiceId, StaffId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceView {
    pub id: ServiceId,
    pub name: String,
    pub description: String,
    pub duration_minutes: i32,
    pub buffer_minutes: i32,
    pub price_cents: i64,
    pub in_portal: bool,
    pub active: bool,
    pub version: i32,
    /// Who offers it, by name.
    pub practitioners: Vec<(StaffId, String)>,
}

/// How a service is booked, beside its duration and price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRules {
    /// 1, or the seats of a group session.
    pub seats: i16,
    pub modalities: Vec<Modality>,
    pub needs_room: bool,
    /// Empty: any room.
    pub rooms: Vec<RoomId>,
    /// Empty: everywhere.
    pub locations: Vec<LocationId>,
    /// Online: the latest time to book, in minutes before the start.
    pub notice_minutes: i32,
    /// Online: no further ahead.
    pub horizon_days: i16,
    /// `None`: the practice's.
    pub step_minutes: Option<i16>,
    /// Online bookings are requests that staff confirm.
    pub by_request: bool,
    pub colour: Option<Colour>,
    pub policy: Policy,
    /// What differs for single practitioners, by id.
    pub own: Vec<OwnTerms>,
}

/// A practitioner's own duration or price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnTerms {
    pub practitioner: StaffId,
    pub duration_minutes: Option<i32>,
    pub price_cents: Option<i64>,
}

/// A service, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceForm {
    pub name: String,
    pub description: String,
    pub duration_minutes: String,
    pub buffer_minutes: String,
    pub price: String,
    pub in_portal: bool,
    pub active: bool,
    pub practitioners: Vec<String>,
    pub own: Vec<OwnForm>,
    pub seats: String,
    pub modalities: Vec<String>,
    pub needs_room: bool,
    pub rooms: Vec<String>,
    pub locations: Vec<String>,
    pub notice_hours: String,
    pub horizon_days: String,
    pub step_minutes: String,
    pub by_request: bool,
    pub colour: String,
    /// `hours` or `day_before`.
    pub cutoff_kind: String,
    pub cutoff_hours: String,
    pub cutoff_at: String,
    pub late: String,
    pub client_may_cancel: bool,
    pub client_may_move: bool,
    pub late_fee: String,
    pub no_show_fee: String,
    pub policy_words: String,
    pub version: String,
}

/// A practitioner's own duration and price, as typed; blank: the service's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnForm {
    pub practitioner: String,
    pub duration_minutes: String,
    pub price: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceDetails {
    pub name: String,
    pub description: String,
    pub duration_minutes: i32,
    pub buffer_minutes: i32,
    pub price_cents: i64,
    pub in_portal: bool,
    pub active: bool,
    pub practitioners: Vec<StaffId>,
    pub rules: ServiceRules,
    pub version: Option<i32>,
}

/// The furthest that a service may be booked ahead online, in days.
pub const HORIZON_MAX: i64 = 1_000;
/// What a new service begins with.
pub const HORIZON_USUAL: i16 = 366;

impl ServiceForm {
    pub fn parse(&self) -> Result<ServiceDetails, Refusal> {
        let mut fields = Fields::default();
        let details = ServiceDetails {
            name: fields.take("name", parse::required(&self.name, 80)),
            description: fields.take("description", parse::lines(&self.description, 1_000)),
            duration_minutes: fields.take("duration_minutes", parse::whole(&self.duration_minutes, 5, 720)) as i32,
            buffer_minutes: fields
                .take("buffer_minutes", parse::optional(&self.buffer_minutes, |text| parse::whole(text, 0, 240)))
                .unwrap_or(0) as i32,
            price_cents: fields.take("price", parse::optional(&self.price, parse::cents)).unwrap_or(0),
            in_portal: self.in_portal,
            active: self.active,
            practitioners: fields
                .take("practitioners", self.practitioners.iter().map(|text| parse::id(text)).collect()),
            rules: self.rules(&mut fields),
            version: fields
                .take("version", parse::optional(&self.version, |text| parse::whole(text, 1, i32::MAX.into())))
                .map(|version| version as i32),
        };
        fields.finish()?;
        Ok(details)
    }

    fn rules(&self, fields: &mut Fields) -> ServiceRules {
        let number = |fields: &mut Fields, field: &str, text: &str, min, max| {
            fields.take(field, parse::optional(text, |text| parse::whole(text, min, max)))
        };
        let mut modalities: Vec<Modality> =
            fields.take("modalities", self.modalities.iter().map(|text| text.parse()).collect());
        modalities.sort_unstable();
        modalities.dedup();
        if modalities.is_empty() {
            modalities.push(Modality::InPerson);
        }
        let mut rooms: Vec<RoomId> = fields.take("rooms", self.rooms.iter().map(|text| parse::id(text)).collect());
        rooms.sort_unstable();
        rooms.dedup();
        let mut locations: Vec<LocationId> =
            fields.take("locations", self.locations.iter().map(|text| parse::id(text)).collect());
        locations.sort_unstable();
        locations.dedup();
        let policy = self.policy(fields);
        ServiceRules {
            seats: number(fields, "seats", &self.seats, 1, 200).unwrap_or(1) as i16,
            modalities,
            needs_room: self.needs_room,
            rooms,
            locations,
            notice_minutes: number(fields, "notice_hours", &self.notice_hours, 0, 8_760).unwrap_or(0) as i32 * 60,
            horizon_days: number(fields, "horizon_days", &self.horizon_days, 1, HORIZON_MAX)
                .map_or(HORIZON_USUAL, |days| days as i16),
            step_minutes: number(fields, "step_minutes", &self.step_minutes, 5, 720).map(|step| step as i16),
            by_request: self.by_request,
            colour: fields.take("colour", parse::optional(&self.colour, |text| text.parse())),
            policy,
            own: self.own(fields),
        }
    }

    fn policy(&self, fields: &mut Fields) -> Policy {
        let hours = parse::optional(&self.cutoff_hours, |text| parse::whole(text, 0, 720));
        let cutoff = match self.cutoff_kind.as_str() {
            "day_before" => {
                let at = fields.take("cutoff_at", parse::optional(&self.cutoff_at, parse::time));
                if at.is_none() {
                    fields.note("cutoff_at", Problem::Required);
                }
                Cutoff::DayBefore(at.unwrap_or_default())
            }
            "" | "hours" => Cutoff::Hours(fields.take("cutoff_hours", hours).unwrap_or(0) as i16),
            _ => {
                fields.note("cutoff_kind", Problem::Unknown);
                Cutoff::Hours(0)
            }
        };
        let late = fields.take("late", parse::optional(&self.late, |text| text.parse()));
        let cents = |fields: &mut Fields, field: &str, text: &str| {
            fields.take(field, parse::optional(text, parse::cents)).unwrap_or(0)
        };
        Policy {
            cutoff,
            late: late.unwrap_or(LateRule::Refused),
            client_may_cancel: self.client_may_cancel,
            client_may_move: self.client_may_move,
            late_fee_cents: cents(fields, "late_fee", &self.late_fee),
            no_show_fee_cents: cents(fields, "no_show_fee", &self.no_show_fee),
            words: fields.take("policy_words", parse::lines(&self.policy_words, 1_000)),
        }
    }

    /// Of those who offer the service alone; problems stand at `own.{row}.duration_minutes` and `own.{row}.price`.
    fn own(&self, fields: &mut Fields) -> Vec<OwnTerms> {
        let mut own = Vec::new();
        for (row, form) in self.own.iter().enumerate() {
            let duration = parse::optional(&form.duration_minutes, |text| parse::whole(text, 5, 720));
            let duration = fields.take(&format!("own.{row}.duration_minutes"), duration);
            let price_cents = fields.take(&format!("own.{row}.price"), parse::optional(&form.price, parse::cents));
            let offers = self.practitioners.contains(&form.practitioner);
            let Ok(practitioner) = form.practitioner.parse::<StaffId>() else { continue };
            if offers && (duration.is_some() || price_cents.is_some()) {
                own.push(OwnTerms { practitioner, duration_minutes: duration.map(|it| it as i32), price_cents });
            }
        }
        own.sort_by_key(|one| one.practitioner);
        own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> ServiceForm {
        ServiceForm { name: "Talk".into(), duration_minutes: "50".into(), ..ServiceForm::default() }
    }

    #[test]
    fn a_service_that_says_little_has_the_usual_rules() {
        let rules = form().parse().unwrap().rules;
        assert_eq!((rules.seats, rules.notice_minutes, rules.horizon_days), (1, 0, 366));
        assert_eq!(rules.modalities, [Modality::InPerson]);
        assert_eq!((rules.policy.cutoff, rules.policy.late), (Cutoff::Hours(0), LateRule::Refused));
    }

    #[test]
    fn a_policy_of_the_day_before_needs_its_time() {
        let form = ServiceForm { cutoff_kind: "day_before".into(), ..form() };
        assert_eq!(form.parse(), Err(Refusal::field("cutoff_at", Problem::Required)));
        let form = ServiceForm { cutoff_at: "17:00".into(), ..form };
        assert!(matches!(form.parse().unwrap().rules.policy.cutoff, Cutoff::DayBefore(_)));
    }

    #[test]
    fn own_terms_are_of_those_who_offer_it() {
        let (ana, ben) = ("00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002");
        let own = |practitioner: &str, minutes: &str| OwnForm {
            practitioner: practitioner.into(),
            duration_minutes: minutes.into(),
            price: String::new(),
        };
        let form = ServiceForm { practitioners: vec![ana.into()], own: vec![own(ana, "60"), own(ben, "30")], ..form() };
        let terms = form.parse().unwrap().rules.own;
        assert_eq!(terms.iter().map(|one| one.duration_minutes).collect::<Vec<_>>(), [Some(60)]);
        let bad = ServiceForm { own: vec![own(ana, "3")], ..form };
        assert_eq!(
            bad.parse(),
            Err(Refusal::field("own.0.duration_minutes", Problem::OutOfRange { min: 5, max: 720 }))
        );
    }
}
