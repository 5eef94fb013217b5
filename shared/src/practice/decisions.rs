//! What an administrator decides about the practice, its locations and who
//! sends clients to it.

use super::Practice;
use crate::parse::{self, Fields};
use crate::{LocationId, Problem, Refusal};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What practices call a client, one and many; their own words are possible too.
pub const CLIENT_WORDS: [(&str, &str); 6] = [
    ("client", "clients"),
    ("patient", "patients"),
    ("student", "students"),
    ("member", "members"),
    ("customer", "customers"),
    ("mentee", "mentees"),
];

/// Currencies of a hundred cents (ISO 4217).
pub const CURRENCIES: [&str; 16] =
    ["CAD", "USD", "EUR", "GBP", "AUD", "NZD", "CHF", "DKK", "NOK", "SEK", "PLN", "INR", "ZAR", "BRL", "MXN", "SGD"];

/// The practice, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PracticeForm {
    pub name: String,
    pub zone: String,
    pub currency: String,
    /// One of [`CLIENT_WORDS`], or `own`.
    pub word: String,
    pub own_word: String,
    pub own_word_plural: String,
    pub client_login: bool,
    pub client_registration: bool,
    pub portal_bookings_max: String,
    pub phone: String,
    pub email: String,
    pub website: String,
    pub address: String,
    pub version: String,
}

/// That the zone exists only the database's side can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PracticeDetails {
    pub name: String,
    pub zone: String,
    pub currency: String,
    pub client_word: String,
    pub client_word_plural: String,
    pub client_login: bool,
    pub client_registration: bool,
    /// How many upcoming appointments can be booked online for one person.
    pub portal_bookings_max: i16,
    pub phone: String,
    pub email: String,
    pub website: String,
    pub address: String,
    pub version: Option<i32>,
}

impl PracticeForm {
    pub fn parse(&self) -> Result<PracticeDetails, Refusal> {
        let mut fields = Fields::default();
        let name = fields.take("name", parse::required(&self.name, 120));
        let zone = fields.take("zone", parse::required(&self.zone, 60));
        let currency = self.currency.trim().to_owned();
        if !CURRENCIES.contains(&currency.as_str()) {
            fields.note("currency", Problem::Unknown);
        }
        let known = CLIENT_WORDS.iter().find(|(one, _)| *one == self.word);
        let (client_word, client_word_plural) = match known {
            Some((one, many)) => ((*one).to_owned(), (*many).to_owned()),
            None if self.word == "own" => (
                fields.take("own_word", parse::required(&self.own_word, 30)),
                fields.take("own_word_plural", parse::required(&self.own_word_plural, 30)),
            ),
            None => {
                fields.note("word", Problem::Unknown);
                Default::default()
            }
        };
        if self.client_registration && !self.client_login {
            fields.note("client_registration", Problem::NeedsClientLogin);
        }
        let portal_bookings_max =
            fields.take("portal_bookings_max", parse::whole(&self.portal_bookings_max, 1, 200)) as i16;
        let phone = fields.take("phone", parse::optional(&self.phone, parse::phone)).unwrap_or_default();
        let email = fields.take("email", parse::optional(&self.email, parse::email)).unwrap_or_default();
        let website = fields.take("website", parse::optional(&self.website, parse::website)).unwrap_or_default();
        let address = fields.take("address", parse::lines(&self.address, 300));
        let version = parse::version(&mut fields, &self.version);
        fields.finish()?;
        Ok(PracticeDetails {
            name,
            zone,
            currency,
            client_word,
            client_word_plural,
            client_login: self.client_login,
            client_registration: self.client_registration,
            portal_bookings_max,
            phone,
            email,
            website,
            address,
            version,
        })
    }
}

impl Practice {
    /// The form filled with what is stored.
    pub fn form(&self) -> PracticeForm {
        let words = (self.client_word.as_str(), self.client_word_plural.as_str());
        let known = CLIENT_WORDS.contains(&words);
        let own = |word: &str| if known { String::new() } else { word.to_owned() };
        PracticeForm {
            name: self.name.clone(),
            zone: self.zone.clone(),
            currency: self.currency.clone(),
            word: if known { words.0.to_owned() } else { "own".to_owned() },
            own_word: own(words.0),
            own_word_plural: own(words.1),
            client_login: self.client_login,
            client_registration: self.client_registration,
            portal_bookings_max: self.portal_bookings_max.to_string(),
            phone: self.phone.clone(),
            email: self.email.clone(),
            website: self.website.clone(),
            address: self.address.clone(),
            version: self.version.to_string(),
        }
    }
}

/// Turning code-only mode on or off, as ticked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CodeOnlyForm {
    pub on: bool,
    /// Remove the names and contact details that are stored.
    pub remove: bool,
}

/// A location, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LocationForm {
    pub name: String,
    pub address: String,
    pub zone: String,
    pub version: String,
    /// Made when the form was shown: a double submit carries the same.
    pub request_key: String,
}

/// That the zone exists only the database's side can say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LocationDetails {
    pub name: String,
    pub address: String,
    pub zone: String,
    pub version: Option<i32>,
    pub request_key: Option<Uuid>,
}

impl LocationForm {
    pub fn parse(&self) -> Result<LocationDetails, Refusal> {
        let mut fields = Fields::default();
        let details = LocationDetails {
            name: fields.take("name", parse::required(&self.name, 80)),
            address: fields.take("address", parse::lines(&self.address, 300)),
            zone: fields.take("zone", parse::required(&self.zone, 60)),
            version: parse::version(&mut fields, &self.version),
            request_key: fields.take("request_key", parse::optional(&self.request_key, parse::id)),
        };
        fields.finish()?;
        Ok(details)
    }
}

/// A person who sends clients here, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProviderForm {
    pub name: String,
    pub phone: String,
    pub email: String,
    pub version: String,
    /// Made when the form was shown: a double submit carries the same.
    pub request_key: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProviderDetails {
    pub name: String,
    pub phone: String,
    pub email: String,
    pub version: Option<i32>,
    pub request_key: Option<Uuid>,
}

impl ProviderForm {
    pub fn parse(&self) -> Result<ProviderDetails, Refusal> {
        let mut fields = Fields::default();
        let phone = fields.take("phone", parse::optional(&self.phone, parse::phone));
        let email = fields.take("email", parse::optional(&self.email, parse::email));
        let details = ProviderDetails {
            name: fields.take("name", parse::required(&self.name, 120)),
            phone: phone.unwrap_or_default(),
            email: email.unwrap_or_default(),
            version: parse::version(&mut fields, &self.version),
            request_key: fields.take("request_key", parse::optional(&self.request_key, parse::id)),
        };
        fields.finish()?;
        Ok(details)
    }
}

/// A room, as typed. The location is of a new one alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoomForm {
    pub name: String,
    pub location: String,
    pub version: String,
    /// Made when the form was shown: a double submit carries the same.
    pub request_key: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoomDetails {
    pub name: String,
    pub location: Option<LocationId>,
    pub version: Option<i32>,
    pub request_key: Option<Uuid>,
}

impl RoomForm {
    pub fn parse(&self) -> Result<RoomDetails, Refusal> {
        let mut fields = Fields::default();
        let details = RoomDetails {
            name: fields.take("name", parse::required(&self.name, 60)),
            location: fields.take("location", parse::optional(&self.location, parse::id)),
            version: parse::version(&mut fields, &self.version),
            request_key: fields.take("request_key", parse::optional(&self.request_key, parse::id)),
        };
        fields.finish()?;
        Ok(details)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn practice() -> PracticeForm {
        let text = str::to_owned;
        let (name, zone, currency, word) = (text("Elm"), text("America/Toronto"), text("CAD"), text("patient"));
        let portal_bookings_max = "10".into();
        PracticeForm { name, zone, currency, word, client_login: true, portal_bookings_max, ..PracticeForm::default() }
    }

    #[test]
    fn a_practice_is_reached_by_what_can_reach_it() {
        let website = |typed: &str| PracticeForm { website: typed.into(), ..practice() }.parse().map(|it| it.website);
        assert_eq!(website("elm.example"), Ok("https://elm.example".into()));
        assert_eq!(website(" http://elm.example/visit?a=1 "), Ok("http://elm.example/visit?a=1".into()));
        assert_eq!(website(""), Ok(String::new()));
        for wrong in ["javascript:alert(1)", "https://", "elm", "https://elm.example/a b", "ftp://elm.example", "//x.y"]
        {
            assert!(website(wrong).is_err(), "{wrong}");
        }
        assert!(PracticeForm { phone: "call me".into(), ..practice() }.parse().is_err());
        assert_eq!(practice().parse().unwrap().portal_bookings_max, 10);
        for max in ["", "0", "201", "many"] {
            assert!(PracticeForm { portal_bookings_max: max.into(), ..practice() }.parse().is_err(), "{max}");
        }
        assert!(PracticeForm { email: "elm".into(), ..practice() }.parse().is_err());
    }

    #[test]
    fn a_client_is_called_by_a_known_word_or_ones_own() {
        let words = |form: &PracticeForm| {
            let details = form.parse().unwrap();
            (details.client_word, details.client_word_plural)
        };
        assert_eq!(words(&practice()), ("patient".into(), "patients".into()));
        let own = PracticeForm {
            word: "own".into(),
            own_word: "guest".into(),
            own_word_plural: "guests".into(),
            ..practice()
        };
        assert_eq!(words(&own), ("guest".into(), "guests".into()));
        for wrong in [
            PracticeForm { own_word_plural: " ".into(), ..own.clone() },
            PracticeForm { word: "emperor".into(), ..practice() },
            PracticeForm { currency: "JPY".into(), ..practice() },
            PracticeForm { client_login: false, client_registration: true, ..practice() },
        ] {
            assert!(wrong.parse().is_err(), "{wrong:?}");
        }
    }
}
