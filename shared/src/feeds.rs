//! Calendar feeds: what someone wishes for in one.

use crate::vocabulary::vocabulary;
use crate::{FeedId, Refusal};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The number of feeds that an account may have.
pub const FEEDS_MAX: usize = 10;

vocabulary! {
    /// What stands for clients in a staff member's feed.
    Names {
        Codes = "codes", "Codes";
        Names = "names", "Names";
    }
}

/// A new feed, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedForm {
    /// A word of [`Names`]; clients send none.
    pub names: String,
    pub others: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedWish {
    pub names: Names,
    /// Also the appointments of the people that a client may book for.
    pub others: bool,
}

impl FeedForm {
    pub fn parse(&self) -> Result<FeedWish, Refusal> {
        let names = match self.names.as_str() {
            "" => Names::Codes,
            word => word.parse().map_err(|problem| Refusal::field("names", problem))?,
        };
        Ok(FeedWish { names, others: self.others })
    }
}

/// One of one's own feeds. Its address is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    pub id: FeedId,
    pub names: Names,
    pub others: bool,
    pub made_at: DateTime<Utc>,
    /// When a calendar program fetched it last, to ten minutes.
    pub read_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Problem;

    #[test]
    fn a_feed_shows_codes_unless_names_are_asked_for() {
        let wish = |names: &str| FeedForm { names: names.into(), others: true }.parse();
        assert_eq!(wish(""), Ok(FeedWish { names: Names::Codes, others: true }));
        assert_eq!(wish("names"), Ok(FeedWish { names: Names::Names, others: true }));
        assert_eq!(wish("notes"), Err(Refusal::field("names", Problem::Unknown)));
    }
}
