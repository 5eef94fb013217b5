//! Words to choose from: vocabularies that an administrator edits,
//! and which age range someone belongs to.

use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{Problem, Refusal, TermId};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

vocabulary! {
    /// A list of words.
    Vocabulary {
        Gender = "gender", "Genders";
        Pronouns = "pronouns", "Pronouns";
        Salutation = "salutation", "Salutations";
        SexAtBirth = "sex_at_birth", "Sex assigned at birth";
        Language = "language", "Languages";
        AgeRange = "age_range", "Age ranges";
        FeeProgramme = "fee_programme", "Fee programmes";
        ActivityType = "activity_type", "Activity types";
        Setting = "setting", "Settings of activities";
    }
}

impl Vocabulary {
    /// One of its words, as in "Add a gender".
    pub const fn one(self) -> &'static str {
        match self {
            Vocabulary::Gender => "a gender",
            Vocabulary::Pronouns => "a set of pronouns",
            Vocabulary::Salutation => "a salutation",
            Vocabulary::SexAtBirth => "a sex assigned at birth",
            Vocabulary::Language => "a language",
            Vocabulary::AgeRange => "an age range",
            Vocabulary::FeeProgramme => "a fee programme",
            Vocabulary::ActivityType => "an activity type",
            Vocabulary::Setting => "a setting",
        }
    }

    /// What it is for, in a sentence.
    pub const fn purpose(self) -> &'static str {
        match self {
            Vocabulary::Gender => "Asked of individuals, and counted in reports.",
            Vocabulary::Pronouns => "Offered in the record; own words can be typed as well.",
            Vocabulary::Salutation => "Used in letters and emails.",
            Vocabulary::SexAtBirth => "Offered in the record; own words can be typed as well.",
            Vocabulary::Language => "Preferred language.",
            Vocabulary::AgeRange => {
                "For individuals whose date of birth is not known, for the members of groups, and for reports."
            }
            Vocabulary::FeeProgramme => "Who pays: public insurance, a benefits plan, a fund. Chosen under coverage.",
            Vocabulary::ActivityType => "What was done: an assessment, a session, supervision.",
            Vocabulary::Setting => "Where the work is done: a practice, a school, a hospital.",
        }
    }

    /// Chosen for activities, not for clients.
    pub const fn is_of_activities(self) -> bool {
        matches!(self, Vocabulary::ActivityType | Vocabulary::Setting)
    }

    /// Clients keep the words themselves, so that own words are possible too.
    pub const fn is_kept_as_words(self) -> bool {
        matches!(self, Vocabulary::Pronouns | Vocabulary::SexAtBirth)
    }
}

/// Whole years, both included; no end is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ages {
    pub from: i16,
    pub to: Option<i16>,
}

impl Ages {
    /// No one is older.
    pub const MAX: i16 = 150;

    pub fn contains(self, years: i16) -> bool {
        years >= self.from && self.to.is_none_or(|to| years <= to)
    }

    pub fn overlaps(self, other: Ages) -> bool {
        self.to.is_none_or(|to| other.from <= to) && other.to.is_none_or(|to| self.from <= to)
    }

    /// `6 to 12 years`, `65 years and over`.
    pub fn words(self) -> String {
        match self.to {
            Some(to) if to == self.from => format!("{to} years"),
            Some(to) => format!("{} to {to} years", self.from),
            None => format!("{} years and over", self.from),
        }
    }
}

/// Whole years lived on that day; `None` before the birth. Someone born on 29
/// February has their day on 1 March when there is no such day.
pub fn age_on(born: NaiveDate, day: NaiveDate) -> Option<i16> {
    let birthday_to_come = (day.month(), day.day()) < (born.month(), born.day());
    let years = day.year() - born.year() - i32::from(birthday_to_come);
    i16::try_from(years).ok().filter(|_| day >= born)
}

/// One word of a vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    pub id: TermId,
    pub vocabulary: Vocabulary,
    pub label: String,
    /// Languages: what is stored with a client, as `fr`. Else empty.
    pub tag: String,
    /// Age ranges only.
    pub ages: Option<Ages>,
    /// A retired term is not offered; anyone who has it keeps it.
    pub active: bool,
    pub version: i32,
}

/// The words of several vocabularies, each in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Terms(pub Vec<Term>);

impl Terms {
    pub fn of(&self, vocabulary: Vocabulary) -> impl Iterator<Item = &Term> {
        self.0.iter().filter(move |term| term.vocabulary == vocabulary)
    }

    pub fn get(&self, vocabulary: Vocabulary, id: TermId) -> Option<&Term> {
        self.of(vocabulary).find(|term| term.id == id)
    }

    /// The range that someone of this age belongs to.
    pub fn age_range(&self, years: i16) -> Option<&Term> {
        self.of(Vocabulary::AgeRange).find(|term| term.active && term.ages.is_some_and(|ages| ages.contains(years)))
    }
}

/// A term, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TermForm {
    pub label: String,
    pub tag: String,
    pub age_from: String,
    pub age_to: String,
    pub version: String,
    /// Made when the form was shown: a double submit carries the same.
    pub request_key: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TermDetails {
    pub vocabulary: Vocabulary,
    pub label: String,
    pub tag: String,
    pub ages: Option<Ages>,
    pub version: Option<i32>,
    pub request_key: Option<Uuid>,
}

impl TermForm {
    pub fn parse(&self, vocabulary: Vocabulary) -> Result<TermDetails, Refusal> {
        let mut fields = Fields::default();
        let label = fields.take("label", parse::required(&self.label, 60));
        let tag = match vocabulary {
            Vocabulary::Language => fields.take("tag", language_tag(&self.tag)),
            _ => String::new(),
        };
        let ages = (vocabulary == Vocabulary::AgeRange).then(|| self.ages(&mut fields));
        let details = TermDetails {
            vocabulary,
            label,
            tag,
            ages,
            version: parse::version(&mut fields, &self.version),
            request_key: fields.take("request_key", parse::optional(&self.request_key, parse::id)),
        };
        fields.finish()?;
        Ok(details)
    }

    fn ages(&self, fields: &mut Fields) -> Ages {
        let years = |text: &str| parse::whole(text, 0, Ages::MAX.into()).map(|years| years as i16);
        let from = fields.take("age_from", parse::optional(&self.age_from, years));
        let to = fields.take("age_to", parse::optional(&self.age_to, years));
        if from.is_none() {
            fields.note("age_from", Problem::Required);
        }
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            fields.note("age_to", Problem::EndBeforeStart);
        }
        Ages { from: from.unwrap_or(0), to }
    }
}

/// A language tag such as `fr` or `pt-BR` (RFC 5646), in its usual case.
fn language_tag(text: &str) -> Result<String, Problem> {
    let text = parse::required(text, 35)?;
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    if !(2..=3).contains(&language.len()) || !language.chars().all(|c| c.is_ascii_alphabetic()) {
        return Err(Problem::NotALanguageTag);
    }
    let mut tag = language.to_ascii_lowercase();
    for part in parts {
        if !(2..=8).contains(&part.len()) || !part.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(Problem::NotALanguageTag);
        }
        let part = part.to_ascii_lowercase();
        tag.push('-');
        match part.len() {
            2 => tag.push_str(&part.to_ascii_uppercase()),
            // A script: `zh-Hant`.
            4 if part.chars().all(|c| c.is_ascii_alphabetic()) => {
                tag.push_str(&part[..1].to_ascii_uppercase());
                tag.push_str(&part[1..]);
            }
            _ => tag.push_str(&part),
        }
    }
    Ok(tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn form(label: &str) -> TermForm {
        TermForm { label: label.into(), ..TermForm::default() }
    }

    fn problem(form: &TermForm, vocabulary: Vocabulary, field: &str) -> Option<Problem> {
        match form.parse(vocabulary) {
            Err(Refusal::Invalid(errors)) => errors.get(field).cloned(),
            Ok(_) => None,
            Err(other) => panic!("{other:?}"),
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn range(label: &str, ages: Ages) -> Term {
        let (id, vocabulary) = (TermId(Uuid::nil()), Vocabulary::AgeRange);
        Term { id, vocabulary, label: label.into(), tag: String::new(), ages: Some(ages), active: true, version: 1 }
    }

    #[test]
    fn each_vocabulary_asks_for_what_it_needs() {
        assert!(form("Woman").parse(Vocabulary::Gender).is_ok());
        assert_eq!(problem(&form(" "), Vocabulary::Gender, "label"), Some(Problem::Required));
        assert_eq!(problem(&form(&"x".repeat(61)), Vocabulary::Gender, "label"), Some(Problem::TooLong { max: 60 }));
        assert_eq!(problem(&form("English"), Vocabulary::Language, "tag"), Some(Problem::Required));
        assert_eq!(problem(&form("Teens"), Vocabulary::AgeRange, "age_from"), Some(Problem::Required));
        // What belongs to another vocabulary is passed over.
        let forged = TermForm { tag: "en".into(), age_from: "5".into(), ..form("Woman") };
        let details = forged.parse(Vocabulary::Gender).unwrap();
        assert_eq!((details.tag.as_str(), details.ages), ("", None));
    }

    #[test]
    fn ages_are_whole_and_in_order() {
        let ages = |from: &str, to: &str| TermForm { age_from: from.into(), age_to: to.into(), ..form("Range") };
        assert_eq!(ages("13", "17").parse(Vocabulary::AgeRange).unwrap().ages, Some(Ages { from: 13, to: Some(17) }));
        assert_eq!(ages("65", "").parse(Vocabulary::AgeRange).unwrap().ages, Some(Ages { from: 65, to: None }));
        assert_eq!(problem(&ages("17", "13"), Vocabulary::AgeRange, "age_to"), Some(Problem::EndBeforeStart));
        for bad in ["-1", "151", "1.5", "old"] {
            assert!(problem(&ages(bad, ""), Vocabulary::AgeRange, "age_from").is_some(), "{bad}");
        }
    }

    #[test]
    fn language_tags_have_their_usual_case() {
        for (typed, tag) in [("FR", "fr"), ("pt-br", "pt-BR"), ("zh-hant-tw", "zh-Hant-TW"), ("cnr", "cnr")] {
            assert_eq!(language_tag(typed).as_deref(), Ok(tag));
        }
        for bad in ["e", "english", "en-", "e1", "en_CA", "<b>", "-"] {
            assert_eq!(language_tag(bad), Err(Problem::NotALanguageTag), "{bad}");
        }
    }

    #[test]
    fn an_age_is_whole_years() {
        let leap = day("2004-02-29");
        assert_eq!(age_on(leap, day("2026-02-28")), Some(21));
        assert_eq!(age_on(leap, day("2026-03-01")), Some(22));
        assert_eq!(age_on(leap, day("2024-02-28")), Some(19));
        assert_eq!(age_on(leap, day("2024-02-29")), Some(20));
        assert_eq!(age_on(leap, leap), Some(0));
        assert_eq!(age_on(leap, day("2004-02-28")), None);
    }

    fn ages() -> impl Strategy<Value = Ages> {
        (0..=Ages::MAX, prop::option::of(0..=40_i16))
            .prop_map(|(from, more)| Ages { from, to: more.map(|more| from + more) })
    }

    proptest! {
        #[test]
        fn ranges_overlap_exactly_when_an_age_is_in_both(one in ages(), other in ages()) {
            let shared = (0..=400).any(|years| one.contains(years) && other.contains(years));
            prop_assert_eq!(one.overlaps(other), shared);
            prop_assert_eq!(other.overlaps(one), shared);
        }

        #[test]
        fn an_age_is_in_at_most_one_of_ranges_that_do_not_overlap(all in prop::collection::vec(ages(), 0..8), years in 0..=200_i16) {
            let mut apart: Vec<Ages> = Vec::new();
            for range in all {
                if apart.iter().all(|other| !other.overlaps(range)) {
                    apart.push(range);
                }
            }
            let holding = apart.iter().filter(|range| range.contains(years)).count();
            prop_assert!(holding <= 1);
            let terms = Terms(apart.iter().map(|ages| range("Range", *ages)).collect());
            prop_assert_eq!(terms.age_range(years).is_some(), holding == 1);
        }

        #[test]
        fn an_age_is_between_two_birthdays(born in 0..40_000_u64, later in 0..40_000_u64) {
            let born = day("1920-01-01") + chrono::Days::new(born);
            let then = born + chrono::Days::new(later);
            let age = age_on(born, then).unwrap();
            // The last birthday has been, the next has not.
            let birthday = |age: i16| {
                let year = born.year() + i32::from(age);
                NaiveDate::from_ymd_opt(year, born.month(), born.day()).unwrap_or_else(|| NaiveDate::from_ymd_opt(year, 3, 1).unwrap())
            };
            prop_assert!(birthday(age) <= then && then < birthday(age + 1));
        }

        #[test]
        fn a_birthday_makes_one_older_and_no_other_day_does(born in 0..20_000_u64, later in 0..20_000_u64) {
            let start = day("1950-01-01");
            let born = start + chrono::Days::new(born);
            let one = born + chrono::Days::new(later);
            let next = one + chrono::Days::new(1);
            let grew = age_on(born, next).unwrap() - age_on(born, one).unwrap();
            let birthday = (next.month(), next.day()) == (born.month(), born.day());
            let leap = (born.month(), born.day()) == (2, 29) && (next.month(), next.day()) == (3, 1) && !next.leap_year();
            prop_assert_eq!(grew, i16::from(birthday || leap));
        }
    }
}
