//! One client of the demo.

use chrono::{DateTime, NaiveDate, Utc};
use shared::clients::Status;
use uuid::Uuid;

pub struct Person {
    pub id: Uuid,
    pub code: String,
    pub status: Status,
    pub first_name: String,
    pub last_name: String,
    pub preferred_name: String,
    pub language: &'static str,
    pub zone: &'static str,
    pub email: Option<String>,
    pub email_consent: bool,
    pub mobile: Option<String>,
    pub sms_consent: bool,
    pub voice_consent: bool,
    pub mobile_is_primary: bool,
    pub pronouns: &'static str,
    pub birth_date: NaiveDate,
    pub alert: &'static str,
    pub notes: &'static str,
    pub created_at: DateTime<Utc>,
    pub age: u32,
    pub login: Option<&'static str>,
    /// Positions in the team.
    pub practitioners: Vec<usize>,
    pub proxy: Option<Uuid>,
}

impl Person {
    pub fn is_called(&self, first: &str, last: &str) -> bool {
        self.first_name == first && self.last_name == last
    }

    pub fn is_child(&self) -> bool {
        self.age < 16
    }
}
