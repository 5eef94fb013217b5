//! Text messages: in how many parts and to which numbers they are sent, and by which sender.

use crate::accounts::Secret;
use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{Problem, Refusal};
use serde::{Deserialize, Serialize};

/// The 7-bit alphabet of GSM 03.38; those of its extension count twice.
const GSM: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENSION: &str = "^{}\\[~]|€\u{c}";

/// How a text is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segments {
    pub parts: usize,
    /// Every letter is in the 7-bit alphabet; otherwise a part holds less than half as much.
    pub is_gsm: bool,
}

/// 160 characters, or 153 in each of several parts; with other letters 70, or 67. No
/// character is cut in two.
pub fn segments(text: &str) -> Segments {
    let is_gsm = text.chars().all(|c| GSM.contains(c) || EXTENSION.contains(c));
    let size = |c: char| match is_gsm {
        true => 1 + usize::from(EXTENSION.contains(c)),
        false => c.len_utf16(),
    };
    let (single, of_several) = if is_gsm { (160, 153) } else { (70, 67) };
    let whole: usize = text.chars().map(size).sum();
    let parts = match whole {
        0 => 0,
        _ if whole <= single => 1,
        _ => {
            let (mut parts, mut room) = (1, of_several);
            for needed in text.chars().map(size) {
                if needed > room {
                    (parts, room) = (parts + 1, of_several);
                }
                room -= needed;
            }
            parts
        }
    };
    Segments { parts, is_gsm }
}

/// Plain quotation marks, dashes and spaces for those of print, and letters without the accents that
/// the alphabet of text messages lacks, so that no single one of them halves what a part holds. Where
/// other letters are left, as of another script, the accents stay.
pub fn plain(text: &str) -> String {
    let text = printed(text);
    let folded: String = text.chars().map(|c| without_accent(c).unwrap_or(c)).collect();
    if segments(&folded).is_gsm { folded } else { text }
}

/// The French letters that the alphabet lacks; it has à, é, è and ù.
const fn without_accent(c: char) -> Option<char> {
    Some(match c {
        'ç' => 'c',
        'â' => 'a',
        'ê' | 'ë' => 'e',
        'î' | 'ï' => 'i',
        'ô' => 'o',
        'û' => 'u',
        'ÿ' => 'y',
        'À' | 'Â' => 'A',
        'È' | 'Ê' | 'Ë' => 'E',
        'Î' | 'Ï' => 'I',
        'Ô' => 'O',
        'Ù' | 'Û' => 'U',
        _ => return None,
    })
}

fn printed(text: &str) -> String {
    let replaced = |c: char| match c {
        '‘' | '’' | 'ʼ' => "'".to_owned(),
        '“' | '”' | '«' | '»' => "\"".to_owned(),
        '–' | '—' | '−' => "-".to_owned(),
        '…' => "...".to_owned(),
        'œ' => "oe".to_owned(),
        'Œ' => "OE".to_owned(),
        '\u{a0}' | '\u{202f}' | '\u{2009}' => " ".to_owned(),
        other => other.to_string(),
    };
    text.chars().map(replaced).collect()
}

/// A number as networks dial it, `+14165550123`: ten digits are North American.
pub fn dialled(number: &str) -> Option<String> {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    if number.contains(['x', 'X']) {
        return None;
    }
    let whole = match (number.trim_start().starts_with('+'), digits.len()) {
        (true, 8..=15) => digits,
        (false, 10) => format!("1{digits}"),
        (false, 11) if digits.starts_with('1') => digits,
        _ => return None,
    };
    Some(format!("+{whole}"))
}

/// What a person answered to a text message, if it is about getting more of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyword {
    Stop,
    Start,
}

/// Whole answers alone, in English and French: *stop by at noon* is none.
pub fn keyword(answer: &str) -> Option<Keyword> {
    let word: String =
        answer.chars().filter(|c| c.is_alphanumeric() || *c == ' ').collect::<String>().trim().to_uppercase();
    match word.as_str() {
        "STOP" | "STOPALL" | "STOP ALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" | "OPTOUT" | "REVOKE" | "ARRET"
        | "ARRÊT" | "DESABONNER" | "DÉSABONNER" => Some(Keyword::Stop),
        "START" | "UNSTOP" | "YES" | "OUI" | "REPRENDRE" | "COMMENCER" => Some(Keyword::Start),
        _ => None,
    }
}

vocabulary! {
    /// How text messages are sent.
    SenderKind {
        None = "none", "Not sent: kept in the outbox";
        Http = "http", "A gateway by HTTP";
        Twilio = "twilio", "Twilio";
    }
}

/// How text messages are sent, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SmsForm {
    pub sender: String,
    pub url: String,
    pub header: String,
    pub template: String,
    pub account: String,
    pub from_number: String,
    /// Empty: the stored one stays.
    pub secret: Secret,
    pub daily_cap: String,
    pub version: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsDetails {
    pub sender: SenderKind,
    pub url: String,
    pub header: String,
    pub template: String,
    pub account: String,
    pub from_number: String,
    pub secret: Option<Secret>,
    pub daily_cap: i32,
    pub version: i32,
}

impl SmsForm {
    /// What the chosen sender needs is asked for; `has_secret`: one is stored.
    pub fn parse(&self, has_secret: bool) -> Result<SmsDetails, Refusal> {
        let mut fields = Fields::default();
        let sender = fields.take_or("sender", self.sender.parse(), || SenderKind::None);
        let (is_http, is_twilio) = (sender == SenderKind::Http, sender == SenderKind::Twilio);
        let url = fields.take("url", parse::line(&self.url, 500));
        if (is_http || !url.is_empty()) && !is_address(&url) {
            fields.note("url", if url.is_empty() { Problem::Required } else { Problem::NotAWebsite });
        }
        let header = fields.take("header", parse::line(&self.header, 100));
        if !header.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            fields.note("header", Problem::Unprintable);
        }
        let template = fields.take("template", parse::lines(&self.template, 2_000));
        if is_http && !(template.contains("{to}") && template.contains("{text}")) {
            fields.note("template", Problem::NotJson);
        }
        let account = fields.take("account", parse::line(&self.account, 100));
        let from_number = fields.take("from_number", parse::line(&self.from_number, 40));
        if is_twilio && !(account.starts_with("AC") && account.chars().all(|c| c.is_ascii_alphanumeric())) {
            fields.note("account", if account.is_empty() { Problem::Required } else { Problem::Unknown });
        }
        if is_twilio && !from_number.starts_with("MG") && dialled(&from_number).is_none() {
            fields.note("from_number", if from_number.is_empty() { Problem::Required } else { Problem::NotAPhone });
        }
        let secret = Some(self.secret.clone()).filter(|secret| !secret.0.trim().is_empty());
        if secret
            .as_ref()
            .is_some_and(|secret| secret.0.len() > 500 || !secret.0.chars().all(|c| c.is_ascii_graphic() || c == ' '))
        {
            fields.note("secret", Problem::Unprintable);
        }
        if is_twilio && secret.is_none() && !has_secret {
            fields.note("secret", Problem::Required);
        }
        let daily_cap = fields.take_or("daily_cap", parse::whole(&self.daily_cap, 1, 100_000), || 1) as i32;
        let version = fields.take_or("version", parse::whole(&self.version, 1, i32::MAX.into()), || 1) as i32;
        fields.finish()?;
        Ok(SmsDetails { sender, url, header, template, account, from_number, secret, daily_cap, version })
    }
}

fn is_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !url.contains(char::is_whitespace) && !rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_follow_the_alphabet() {
        let of = |text: &str| {
            let found = segments(text);
            (found.parts, found.is_gsm)
        };
        assert_eq!(of(""), (0, true));
        assert_eq!(of(&"a".repeat(160)), (1, true));
        assert_eq!(of(&"a".repeat(161)), (2, true));
        assert_eq!(of(&"a".repeat(306)), (2, true));
        assert_eq!(of(&"a".repeat(307)), (3, true));
        // A euro sign takes two places, and none is cut in two.
        assert_eq!(of(&"€".repeat(80)), (1, true));
        assert_eq!(of(&"€".repeat(81)), (2, true));
        assert_eq!(of(&"€".repeat(153)), (3, true), "76 fit into 153");
        assert_eq!(of(&"ж".repeat(70)), (1, false));
        assert_eq!(of(&"ж".repeat(71)), (2, false));
        assert_eq!(of(&"😀".repeat(35)), (1, false));
        assert_eq!(of(&"😀".repeat(67)), (3, false), "33 fit into 67");
        assert_eq!(of("à é è ù Ç"), (1, true));
        assert_eq!(of("ê"), (1, false));
    }

    #[test]
    fn marks_of_print_do_not_halve_a_message() {
        assert_eq!(plain("« We’re – here… »"), "\" We're - here... \"");
        assert!(segments(&plain("Elm : l’heure – 9 h 30")).is_gsm);
        assert_eq!(
            plain("Élise, reçue le 3 août à Orléans, tôt, cœur"),
            "Élise, recue le 3 aout à Orléans, tot, coeur"
        );
        assert_eq!(plain("Жанна, août"), "Жанна, août", "nothing is won");
    }

    #[test]
    fn numbers_are_dialled_with_their_country() {
        for (number, expected) in [
            ("416 555 0123", Some("+14165550123")),
            ("(416) 555-0123", Some("+14165550123")),
            ("1 416 555 0123", Some("+14165550123")),
            ("+44 20 7946 0018", Some("+442079460018")),
            ("555 0123", None),
            ("416 555 0123 x5", None),
            ("", None),
        ] {
            assert_eq!(dialled(number).as_deref(), expected, "{number}");
        }
    }

    #[test]
    fn stop_and_start_are_whole_answers() {
        for stop in ["STOP", " stop. ", "Stop!", "ARRET", "arrêt", "Unsubscribe"] {
            assert_eq!(keyword(stop), Some(Keyword::Stop), "{stop}");
        }
        assert_eq!(keyword("start"), Some(Keyword::Start));
        for other in ["stop by at noon", "please start", "", "non"] {
            assert_eq!(keyword(other), None, "{other}");
        }
    }

    #[test]
    fn a_gateway_needs_a_body_with_number_and_text() {
        for bad in ["", "{to}", "{text}"] {
            let form = SmsForm {
                sender: "http".into(),
                url: "http://192.168.1.4:8080/send".into(),
                template: bad.into(),
                daily_cap: "10".into(),
                version: "1".into(),
                ..SmsForm::default()
            };
            let Err(Refusal::Invalid(errors)) = form.parse(false) else { panic!("refused") };
            assert_eq!(errors.get("template"), Some(&Problem::NotJson), "{bad}");
        }
    }

    #[test]
    fn twilio_needs_account_number_and_secret() {
        let form =
            SmsForm { sender: "twilio".into(), daily_cap: "10".into(), version: "1".into(), ..SmsForm::default() };
        let Err(Refusal::Invalid(errors)) = form.parse(false) else { panic!("refused") };
        for field in ["account", "from_number", "secret"] {
            assert_eq!(errors.get(field), Some(&Problem::Required), "{field}");
        }
    }
}
