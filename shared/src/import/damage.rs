//! Cells that a program has spoilt before the file came here: a spreadsheet that cut
//! a long number, or a text that was read in the wrong encoding and saved again.
//! What they said cannot be known for certain, so they are never stored.

use super::row::short;

/// What is wrong with a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Damage {
    pub words: String,
    /// What it probably was; only for a person to confirm.
    pub probably: Option<String>,
}

/// Whether an import refuses this cell as spoilt. A person may type such a text in a
/// form (`é¥»` could be 饻 encoded twice); in a file it has to be confirmed.
pub fn is_damaged(cell: &str) -> bool {
    damage(cell).is_some()
}

pub(super) fn damage(cell: &str) -> Option<Damage> {
    let cell = cell.trim();
    let say = |words: String| Some(Damage { words, probably: None });
    if is_cut_number(cell) {
        return say(format!(
            "“{cell}” is a number that a spreadsheet shortened: digits are lost. Type the whole number, or format the column as text before exporting."
        ));
    }
    if cell.len() >= 3 && cell.chars().all(|c| c == '#') {
        return say("A spreadsheet wrote ###### here because the column was too narrow.".to_owned());
    }
    if let Some(word) = cell.split_whitespace().find(|word| is_spreadsheet_error(word)) {
        return say(format!("“{}” is an error of a spreadsheet formula, not a value.", short(word)));
    }
    if cell.contains('\u{fffd}') {
        return say(format!("“{}” has characters that could not be read (�).", short(cell)));
    }
    let probably = once_decoded(cell)?;
    let words = format!(
        "“{}” is text in the wrong encoding (encoded twice). It is probably “{}”.",
        short(cell),
        short(&probably)
    );
    Some(Damage { words, probably: Some(probably) })
}

/// `1.23457E+15`, also with a decimal comma.
fn is_cut_number(cell: &str) -> bool {
    let cell = cell.strip_prefix('-').unwrap_or(cell);
    let Some((number, exponent)) = cell.split_once(['E', 'e']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = match number.split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (number, None),
    };
    whole.len() == 1
        && digits(whole)
        && fraction.is_none_or(digits)
        && exponent.strip_prefix('+').is_some_and(|exponent| exponent.len() <= 3 && digits(exponent))
}

/// `#REF!`, `#NAME?`, `#DIV/0!`, `#N/A`.
fn is_spreadsheet_error(word: &str) -> bool {
    let Some(rest) = word.strip_prefix('#') else { return false };
    if matches!(rest, "N/A" | "NV" | "GETTING_DATA") {
        return true;
    }
    let name = rest.strip_suffix(['!', '?']).unwrap_or_default();
    name.len() >= 3 && name.chars().all(|c| c.is_ascii_uppercase() || matches!(c, '/' | '0' | '_'))
}

/// The text whose UTF-8 bytes were taken for Windows-1252, if this looks like one.
fn once_decoded(cell: &str) -> Option<String> {
    let (mut plain, mut found) = (String::with_capacity(cell.len()), false);
    let mut run = Vec::new();
    let mut end = |run: &mut Vec<(char, Option<u8>)>, plain: &mut String| {
        match decoded(run) {
            Some(text) => {
                found = true;
                plain.push_str(&text);
            }
            None => plain.extend(run.iter().map(|(c, _)| *c)),
        }
        run.clear();
    };
    for c in cell.chars() {
        if c.is_ascii() {
            end(&mut run, &mut plain);
            plain.push(c);
        } else {
            run.push((c, windows_byte(c)));
        }
    }
    end(&mut run, &mut plain);
    found.then_some(plain)
}

fn decoded(run: &[(char, Option<u8>)]) -> Option<String> {
    let bytes: Option<Vec<u8>> = run.iter().map(|(_, byte)| *byte).collect();
    let text = String::from_utf8(bytes?).ok().filter(|text| !text.is_empty())?;
    // What people write: `É’` of *RENÉ’S* would be a letter of phonetics.
    let certain = |c: char| {
        matches!(c, '\u{a0}'..='\u{17f}' | '\u{2010}'..='\u{2044}' | '€' | '™' | '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7a3}' | '\u{1f300}'..='\u{1faff}')
    };
    let common = |c: char| matches!(c, '\u{370}'..='\u{52f}' | '\u{5d0}'..='\u{6ff}');
    let several = text.chars().count() > 1;
    text.chars().all(|c| certain(c) || several && common(c)).then_some(text)
}

/// The byte of a character in Windows-1252, as the web reads it.
fn windows_byte(c: char) -> Option<u8> {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match u32::from(c) {
        byte @ 0x80..=0xff => Some(byte as u8),
        _ => HIGH.iter().position(|high| *high == c).map(|place| 0x80 + place as u8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_spreadsheet_spoilt_is_named() {
        for cell in [
            "1.23457E+15",
            "4.16555E+09",
            "1,23457E+15",
            "1E+05",
            "-4.5e+08",
            "#REF!",
            "#N/A",
            "#NAME?",
            "#VALUE!",
            "#DIV/0!",
            "######",
            "see #REF! here",
            "Zo\u{fffd}",
        ] {
            assert!(damage(cell).is_some(), "{cell}");
        }
        for cell in
            ["1E5", "MAR1", "E+5", "1.5", "12E+5", "#12", "# 4", "Unit #3", "#hash", "##", "416 555 0100", "", "A#REF"]
        {
            assert_eq!(damage(cell), None, "{cell}");
        }
    }

    #[test]
    fn text_that_was_encoded_twice_is_named_with_what_it_was() {
        let twice = |text: &str| -> String {
            let read = |byte: u8| (0..=0x2122).filter_map(char::from_u32).find(|c| windows_byte(*c) == Some(byte));
            text.bytes().map(|byte| if byte.is_ascii() { char::from(byte) } else { read(byte).unwrap() }).collect()
        };
        for text in ["Zoé", "Müller", "François", "Łucja", "Мария", "D’Arcy", "王小明", "Ana 🙂", "Ångström Øre"]
        {
            let found = damage(&twice(text)).unwrap_or_else(|| panic!("{text}: {}", twice(text)));
            assert_eq!(found.probably.as_deref(), Some(text));
            assert_eq!(damage(text), None, "{text}");
        }
        assert!(damage("ZoÃ©").unwrap().words.contains("“Zoé”"));
        for text in ["JOÃO", "SÃO PAULO", "RENÉ’S", "CAFÉ…", "Ångström", "Ünal", "Đặng", "Ñuñoa", "naïve – déjà"]
        {
            assert_eq!(damage(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "\\PC{0,40}") {
            let _ = damage(&text);
        }
    }
}
