//! What a client edits of their own record in the portal. Each part of it is edited, shown or hidden
//! as the practice says; their email address has a form of its own, and consents another.

use super::form::phones;
use super::{Phone, PhoneForm};
use crate::parse::{self, Fields};
use crate::permissions::{Detail, OwnSettings};
use crate::{Problem, Refusal};
use serde::{Deserialize, Serialize};

/// As typed. What may not be edited, or was not in the form, is not read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnRecordForm {
    pub first_name: String,
    pub last_name: String,
    pub preferred_name: String,
    pub mobile: String,
    pub phones: Vec<PhoneForm>,
    pub address: String,
    pub address_unit: String,
    pub language: String,
    pub zone: String,
    /// The details that the form had, by their words: what became editable meanwhile was not shown.
    pub edits: Vec<String>,
    pub version: String,
}

/// The part of a record that its client may see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnRecord {
    pub first_name: String,
    pub last_name: String,
    pub preferred_name: String,
    pub mobile: Option<String>,
    pub phones: Vec<Phone>,
    pub address: String,
    pub address_unit: String,
    /// A tag.
    pub language: String,
    pub zone: String,
}

impl OwnRecord {
    /// As the form shows it.
    pub fn form(&self, version: i32) -> OwnRecordForm {
        let phone = |phone: &Phone| PhoneForm { label: phone.label.clone(), number: phone.number.clone() };
        OwnRecordForm {
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            preferred_name: self.preferred_name.clone(),
            mobile: self.mobile.clone().unwrap_or_default(),
            phones: self.phones.iter().map(phone).collect(),
            address: self.address.clone(),
            address_unit: self.address_unit.clone(),
            language: self.language.clone(),
            zone: self.zone.clone(),
            edits: Detail::ALL.iter().map(|detail| detail.as_str().to_owned()).collect(),
            version: version.to_string(),
        }
    }

    /// The names of the fields in which this differs.
    pub fn changes(&self, new: &OwnRecord) -> Vec<&'static str> {
        [
            ("first_name", self.first_name != new.first_name),
            ("last_name", self.last_name != new.last_name),
            ("preferred_name", self.preferred_name != new.preferred_name),
            ("mobile", self.mobile != new.mobile),
            ("phones", self.phones != new.phones),
            ("address", self.address != new.address),
            ("address_unit", self.address_unit != new.address_unit),
            ("language", self.language != new.language),
            ("zone", self.zone != new.zone),
        ]
        .into_iter()
        .filter_map(|(name, differs)| differs.then_some(name))
        .collect()
    }
}

impl OwnRecordForm {
    /// What was typed of what may be edited, and for the rest what is `stored`. `texts`: they agreed
    /// to text messages, which need a mobile number.
    pub fn parse(&self, settings: &OwnSettings, stored: &OwnRecord, texts: bool) -> Result<OwnRecord, Refusal> {
        let mut fields = Fields::default();
        let mut new = stored.clone();
        let edits = |detail: Detail| settings.edits(detail) && self.edits.iter().any(|one| one == detail.as_str());
        if edits(Detail::Name) {
            new.first_name = fields.take("first_name", parse::line(&self.first_name, 80));
            new.last_name = fields.take("last_name", parse::line(&self.last_name, 80));
            if new.first_name.is_empty() && new.last_name.is_empty() {
                fields.note("first_name", Problem::Required);
            }
        }
        if edits(Detail::PreferredName) {
            new.preferred_name = fields.take("preferred_name", parse::line(&self.preferred_name, 80));
        }
        if edits(Detail::Mobile) {
            new.mobile = fields.take("mobile", parse::optional(&self.mobile, parse::phone));
            if new.mobile.is_none() && texts {
                fields.note("mobile", Problem::MobileForSms);
            }
        }
        if edits(Detail::Phones) {
            new.phones = phones(&self.phones, &mut fields);
        }
        if edits(Detail::Address) {
            new.address = fields.take("address", parse::lines(&self.address, 300));
            new.address_unit = fields.take("address_unit", parse::line(&self.address_unit, 40));
        }
        if edits(Detail::Language) {
            new.language = fields.take("language", parse::required(&self.language, 35));
        }
        if edits(Detail::Zone) {
            new.zone = fields.take("zone", parse::required(&self.zone, 60));
        }
        fields.finish()?;
        Ok(new)
    }
}

/// How the practice may write and call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnConsentsForm {
    pub email: bool,
    pub sms: bool,
    pub voice: bool,
    pub version: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions::DetailSetting;

    fn edits(details: &[Detail]) -> Vec<String> {
        details.iter().map(|detail| detail.as_str().to_owned()).collect()
    }

    fn stored() -> OwnRecord {
        OwnRecord {
            first_name: "Ana".to_owned(),
            last_name: "Okafor".to_owned(),
            mobile: Some("416 555 0100".to_owned()),
            language: "en".to_owned(),
            zone: "America/Toronto".to_owned(),
            ..OwnRecord::default()
        }
    }

    #[test]
    fn what_may_not_be_edited_stays_whatever_is_sent() {
        let form = OwnRecordForm {
            first_name: "Eve".to_owned(),
            mobile: "911".to_owned(),
            edits: edits(Detail::ALL),
            ..OwnRecordForm::default()
        };
        for setting in [DetailSetting::Hidden, DetailSetting::Shown] {
            let settings = OwnSettings(Detail::ALL.iter().map(|detail| (*detail, setting)).collect());
            assert_eq!(form.parse(&settings, &stored(), false).unwrap(), stored());
        }
        assert_eq!(form.parse(&OwnSettings::default(), &stored(), false).unwrap(), stored(), "nothing is said of it");
    }

    #[test]
    fn what_became_editable_after_the_form_was_shown_stays() {
        let settings = OwnSettings(Detail::ALL.iter().map(|detail| (*detail, DetailSetting::Editable)).collect());
        let form = OwnRecordForm {
            preferred_name: "Mimi".to_owned(),
            edits: edits(&[Detail::PreferredName]),
            ..OwnRecordForm::default()
        };
        let expected = OwnRecord { preferred_name: "Mimi".to_owned(), ..stored() };
        assert_eq!(form.parse(&settings, &stored(), true).unwrap(), expected);
    }

    #[test]
    fn a_mobile_number_stays_while_text_messages_are_agreed_to() {
        let settings = OwnSettings(vec![(Detail::Mobile, DetailSetting::Editable)]);
        let form = OwnRecordForm { edits: edits(&[Detail::Mobile]), ..OwnRecordForm::default() };
        assert_eq!(
            form.parse(&settings, &stored(), true).unwrap_err(),
            Refusal::field("mobile", Problem::MobileForSms)
        );
        assert_eq!(form.parse(&settings, &stored(), false).unwrap().mobile, None);
    }
}
