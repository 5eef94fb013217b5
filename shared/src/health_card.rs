//! Health card numbers of the thirteen provinces and territories: the
//! format that each publishes, and its check digit where that is published.
//! A number that passes is well formed; whether it was ever issued, and whether
//! it covers anything today, only the province can say.
//!
//! Sources: the formats, Health Canada's poster *Valid Insured Health Services
//! Plan Cards* (July 2019, with Ontario's INFOBulletin 210203); Nunavut's first
//! digit, Ontario Health Bulletin 4334; Ontario's check digit, *Technical
//! Specifications: Interface to Health Care Systems*, "MOD 10 Check Digit";
//! British Columbia's, *Professional and Software Compliance Standards*,
//! Appendix D, "PHN Check Digit Number Routine". The others' check digits are
//! not published, so none is checked: a valid card must never be turned away.

use crate::Problem;
use crate::vocabulary::vocabulary;
use chrono::NaiveDate;

vocabulary! {
    /// Who issues health cards, by the letters of Canada Post.
    Province {
        Alberta = "AB", "Alberta";
        BritishColumbia = "BC", "British Columbia";
        Manitoba = "MB", "Manitoba";
        NewBrunswick = "NB", "New Brunswick";
        Newfoundland = "NL", "Newfoundland and Labrador";
        NovaScotia = "NS", "Nova Scotia";
        NorthwestTerritories = "NT", "Northwest Territories";
        Nunavut = "NU", "Nunavut";
        Ontario = "ON", "Ontario";
        PrinceEdwardIsland = "PE", "Prince Edward Island";
        Quebec = "QC", "Quebec";
        Saskatchewan = "SK", "Saskatchewan";
        Yukon = "YT", "Yukon";
    }
}

/// What could be checked of a number that passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    Format,
    FormatAndCheckDigit,
}

impl Checked {
    /// For the label beside the number.
    pub const fn words(self) -> &'static str {
        match self {
            Checked::Format => "Format checked",
            Checked::FormatAndCheckDigit => "Format and check digit checked",
        }
    }
}

/// A well-formed health card number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCard {
    /// Capital letters and digits alone.
    pub number: String,
    /// Ontario's version code, in capitals; else empty.
    pub version: String,
    pub checked: Checked,
}

impl HealthCard {
    /// Checks what was typed, spaces and hyphens aside. The problem is with the
    /// number, except [`Problem::CardVersion`].
    pub fn parse(province: Province, number: &str, version: &str) -> Result<HealthCard, Problem> {
        let number = compact(number);
        let version = compact(version);
        // The version is often written behind the number, as it stands on the card.
        let (number, version) = match province {
            Province::Ontario if version.is_empty() && number.len() > 10 && number.is_char_boundary(10) => {
                let (number, version) = number.split_at(10);
                (number.to_owned(), version.to_owned())
            }
            _ => (number, version),
        };
        if !province.is_form(&number) {
            return Err(Problem::CardForm { province });
        }
        let checked = match province.is_check_digit_right(&number) {
            Some(false) => return Err(Problem::CardCheckDigit),
            Some(true) => Checked::FormatAndCheckDigit,
            None => Checked::Format,
        };
        // Ontario: two letters, one on early cards, none on red and white ones. Others have none,
        // but what is printed there is not ours to refuse.
        let is_version = match province {
            Province::Ontario => version.len() <= 2 && version.bytes().all(|b| b.is_ascii_uppercase()),
            _ => version.len() <= 4 && version.bytes().all(|b| b.is_ascii_alphanumeric()),
        };
        if !is_version {
            return Err(Problem::CardVersion);
        }
        Ok(HealthCard { number, version, checked })
    }

    /// As it is printed on the card: `1234-567-897 AB`.
    pub fn shown(&self, province: Province) -> String {
        let (sizes, between): (&[usize], &str) = match province {
            Province::Ontario => (&[4, 3, 3], "-"),
            Province::BritishColumbia | Province::NovaScotia => (&[4, 3, 3], " "),
            Province::Alberta => (&[5, 4], "-"),
            Province::Quebec => (&[4, 4, 4], " "),
            Province::Newfoundland => (&[3, 3, 3, 3], " "),
            Province::Manitoba
            | Province::NewBrunswick
            | Province::Saskatchewan
            | Province::Nunavut
            | Province::Yukon => (&[3, 3, 3], " "),
            Province::NorthwestTerritories | Province::PrinceEdwardIsland => (&[8], ""),
        };
        let mut rest = self.number.as_str();
        let mut parts = Vec::new();
        for size in sizes {
            let (part, more) = rest.split_at_checked(*size).unwrap_or((rest, ""));
            parts.push(part);
            rest = more;
        }
        let number = parts.join(between);
        if self.version.is_empty() { number } else { format!("{number} {}", self.version) }
    }
}

impl Province {
    /// The format in words, for a hint or an error.
    pub const fn format(self) -> &'static str {
        match self {
            Province::Alberta => "9 digits, like 12345-6789",
            Province::BritishColumbia => "10 digits beginning with 9, like 9698 658 215",
            Province::Manitoba => "9 digits, like 123 456 789",
            Province::NewBrunswick => "9 digits, like 123 456 789",
            Province::Newfoundland => "12 digits, like 123 456 789 012",
            Province::NovaScotia => "10 digits, like 1234 567 890",
            Province::NorthwestTerritories => "N, D, M or T and 7 digits, like N1234567",
            Province::Nunavut => "9 digits beginning with 1, like 123 456 789",
            Province::Ontario => "10 digits and a version of two letters, like 1234-567-897 AB",
            Province::PrinceEdwardIsland => "8 digits, like 12345678",
            Province::Quebec => "4 letters and 8 digits, like TREM 8512 1519",
            Province::Saskatchewan => "9 digits, like 123 456 789",
            Province::Yukon => "9 digits beginning with 002, like 002 123 456",
        }
    }

    fn is_form(self, number: &str) -> bool {
        let digits = |count: usize| number.len() == count && number.bytes().all(|b| b.is_ascii_digit());
        match self {
            Province::Alberta | Province::Manitoba | Province::NewBrunswick | Province::Saskatchewan => digits(9),
            Province::BritishColumbia => digits(10) && number.starts_with('9'),
            Province::Newfoundland => digits(12),
            Province::NovaScotia => digits(10),
            Province::NorthwestTerritories => {
                number.len() == 8
                    && number.starts_with(['N', 'D', 'M', 'T'])
                    && number.bytes().skip(1).all(|b| b.is_ascii_digit())
            }
            Province::Nunavut => digits(9) && number.starts_with('1'),
            Province::Ontario => digits(10) && !number.starts_with('0'),
            Province::PrinceEdwardIsland => digits(8),
            Province::Quebec => is_quebec(number),
            Province::Yukon => digits(9) && number.starts_with("002"),
        }
    }

    /// `None` where no check digit is published. The number has the right form.
    fn is_check_digit_right(self, number: &str) -> Option<bool> {
        let digits: Vec<u32> = number.bytes().filter(u8::is_ascii_digit).map(|b| u32::from(b - b'0')).collect();
        match self {
            Province::Ontario => Some(luhn(&digits)),
            Province::BritishColumbia => Some(british_columbia(&digits)),
            _ => None,
        }
    }
}

/// Letters and digits, in capitals. Anything else that was typed stays, to be refused.
fn compact(text: &str) -> String {
    let text = crate::parse::visible(text);
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect()
}

/// Four letters of the name, the date of birth as `YYMMDD` with 50 added to a
/// woman's month, and two digits.
fn is_quebec(number: &str) -> bool {
    let bytes = number.as_bytes();
    if bytes.len() != 12 || !bytes[..4].iter().all(u8::is_ascii_uppercase) || !bytes[4..].iter().all(u8::is_ascii_digit)
    {
        return false;
    }
    let pair = |at: usize| u32::from(bytes[at] - b'0') * 10 + u32::from(bytes[at + 1] - b'0');
    let (year, month, day) = (pair(4) as i32, pair(6), pair(8));
    let month = if month > 50 { month - 50 } else { month };
    // The century is not in the number: 29 February needs one of them to be a leap year.
    [1900, 2000].into_iter().any(|century| NaiveDate::from_ymd_opt(century + year, month, day).is_some())
}

/// MOD 10: every second digit from the left doubled, the digits added up.
fn luhn(digits: &[u32]) -> bool {
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let sum: u32 =
        digits.iter().rev().enumerate().map(|(n, digit)| if n % 2 == 1 { doubled(*digit) } else { *digit }).sum();
    sum.is_multiple_of(10)
}

/// MOD 11 over the second to the ninth digit. A remainder that would need a
/// check "digit" of 10 or 11 is never issued.
fn british_columbia(digits: &[u32]) -> bool {
    const WEIGHTS: [u32; 8] = [2, 4, 8, 5, 10, 9, 7, 3];
    let [_, middle @ .., check] = digits else { return false };
    let sum: u32 = middle.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight % 11).sum();
    11 - sum % 11 == *check
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(province: Province, number: &str) -> Result<HealthCard, Problem> {
        HealthCard::parse(province, number, "")
    }

    #[test]
    fn every_province_takes_its_own_and_refuses_the_rest() {
        use Province::*;
        let cards: [(Province, &[&str], &[&str]); 13] = [
            (Alberta, &["12345-6789", "123456789"], &["12345678", "1234567890", "12345678A"]),
            (
                BritishColumbia,
                &["9698 658 215", "9876543225"],
                &["9698648215", "5736504210", "9736A04212", "969865821"],
            ),
            (Manitoba, &["123 456 789"], &["1234567890", "A23456789"]),
            (NewBrunswick, &["123-456-789"], &["12345678", "12345678٩"]),
            (Newfoundland, &["123456789012"], &["12345678901", "1234567890123"]),
            (NovaScotia, &["1234 567 890"], &["123456789"]),
            (
                NorthwestTerritories,
                &["N1234567", "d1234567", "M 1234567", "T1234567"],
                &["A1234567", "N123456", "12345678"],
            ),
            (Nunavut, &["123456789"], &["223456789", "12345678"]),
            (Ontario, &["9876-543-217", "1234567897"], &["9876543210", "0876543217", "987654321", "9A76543217"]),
            (PrinceEdwardIsland, &["12345678"], &["1234567", "123456789"]),
            (
                Quebec,
                &["TREM 8512 1519", "aaaa 0101 0112", "AAAA01510117"],
                &["TREM 8513 1519", "TRE8 5121 5190", "TREM 8502 3019"],
            ),
            (Saskatchewan, &["123 456 789"], &["12345678"]),
            (Yukon, &["002123456"], &["123456789", "00212345"]),
        ];
        for (province, valid, invalid) in cards {
            for number in valid {
                assert!(parse(province, number).is_ok(), "{province:?} {number}");
            }
            for number in invalid {
                assert!(parse(province, number).is_err(), "{province:?} {number}");
            }
        }
    }

    #[test]
    fn invalid_numbers_are_reported() {
        assert_eq!(parse(Province::Ontario, "9876543210"), Err(Problem::CardCheckDigit));
        assert_eq!(parse(Province::Ontario, "98765"), Err(Problem::CardForm { province: Province::Ontario }));
        assert_eq!(HealthCard::parse(Province::Ontario, "9876543217", "A1"), Err(Problem::CardVersion));
        assert_eq!(HealthCard::parse(Province::Ontario, "9876543217", "ABC"), Err(Problem::CardVersion));
    }

    #[test]
    fn a_version_may_stand_behind_the_number() {
        let card = parse(Province::Ontario, "9876-543-217-ab").unwrap();
        assert_eq!((card.number.as_str(), card.version.as_str()), ("9876543217", "AB"));
        assert_eq!(card.shown(Province::Ontario), "9876-543-217 AB");
        assert!(parse(Province::Ontario, "9876543217é").is_err());
    }

    #[test]
    fn an_example_in_words_is_an_example() {
        for province in Province::ALL {
            let (_, example) = province.format().split_once("like ").unwrap();
            let card = parse(*province, example).unwrap_or_else(|problem| panic!("{province:?}: {problem}"));
            assert_eq!(card.shown(*province), example);
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "\\PC{0,20}", version in "\\PC{0,4}", province in prop::sample::select(Province::ALL)) {
            let _ = HealthCard::parse(province, &text, &version);
        }

        #[test]
        fn what_is_stored_passes_again(text in "[A-Z]{0,4}[0-9]{8,12}", province in prop::sample::select(Province::ALL)) {
            if let Ok(card) = parse(province, &text) {
                prop_assert_eq!(HealthCard::parse(province, &card.number, &card.version), Ok(card.clone()));
                prop_assert_eq!(HealthCard::parse(province, &card.shown(province), ""), Ok(card));
            }
        }

        /// A single wrong digit and two neighbours exchanged are what check digits are for.
        #[test]
        fn one_wrong_digit_is_found(stem in 100_000_000_u64..999_999_999, at in 0_usize..10, by in 1_u8..10) {
            let number = (0..10).map(|check| format!("{stem}{check}")).find(|number| parse(Province::Ontario, number).is_ok());
            let mut wrong = number.unwrap().into_bytes();
            wrong[at] = b'0' + (wrong[at] - b'0' + by) % 10;
            prop_assert!(parse(Province::Ontario, std::str::from_utf8(&wrong).unwrap()).is_err());
        }

        #[test]
        fn one_wrong_digit_is_found_in_british_columbia(stem in 0_u64..99_999_999, at in 1_usize..10, by in 1_u8..10) {
            let number = (0..10).map(|check| format!("9{stem:08}{check}"))
                .find(|number| parse(Province::BritishColumbia, number).is_ok());
            if let Some(number) = number {
                let mut wrong = number.into_bytes();
                wrong[at] = b'0' + (wrong[at] - b'0' + by) % 10;
                prop_assert!(parse(Province::BritishColumbia, std::str::from_utf8(&wrong).unwrap()).is_err());
            }
        }
    }
}
