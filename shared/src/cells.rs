//! Cells of a spreadsheet file that another person will open: text that the
//! program would take for a formula gets a leading apostrophe, and import takes
//! it away again.
//!
//! A telephone number such as `+1-416-555-0123` is such a text: unmarked,
//! Excel would show -1093.

use std::borrow::Cow;

/// What makes a spreadsheet calculate, or hides what does (OWASP, CSV
/// injection); with the wide forms that Asian keyboards type.
fn calculates(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// Whether the text is a formula behind any number of apostrophes.
pub fn begins_formula(text: &str) -> bool {
    calculates(text.trim_start_matches('\''))
}

/// What a program splits a line at that expects another separator than the
/// comma, as Excel does in French Canada; quotes in the middle do not keep it
/// from doing so.
const SEPARATORS: [char; 2] = [';', '\t'];

/// Whether a formula begins here, behind any number of apostrophes.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

/// The text as it may stand in a file: an apostrophe before each formula, at the
/// beginning and behind what may be taken for a separator.
pub fn neutral(text: &str) -> Cow<'_, str> {
    if !begins_formula(text) && !text.contains(SEPARATORS) {
        return Cow::Borrowed(text);
    }
    let mut cell = String::with_capacity(text.len() + 1);
    if begins_formula(text) {
        cell.push('\'');
    }
    for piece in text.split_inclusive(SEPARATORS) {
        if cell.ends_with(SEPARATORS) && is_formula(piece) {
            cell.push('\'');
        }
        cell.push_str(piece);
    }
    Cow::Owned(cell)
}

/// The text behind what stands in a file: the reverse of [`neutral`].
pub fn plain(cell: &str) -> Cow<'_, str> {
    let unmarked = match cell.strip_prefix('\'') {
        Some(text) if begins_formula(text) => text,
        _ => cell,
    };
    if !unmarked.contains(SEPARATORS) {
        return Cow::Borrowed(unmarked);
    }
    let mut text = String::with_capacity(unmarked.len());
    for piece in unmarked.split_inclusive(SEPARATORS) {
        let marked = piece.strip_prefix('\'').filter(|rest| text.ends_with(SEPARATORS) && is_formula(rest));
        text.push_str(marked.unwrap_or(piece));
    }
    Cow::Owned(text)
}

/// Several texts in one cell, with `between` them a sign and spaces. A backslash
/// stands before the sign, before one of `also` and before a backslash where a
/// text itself has them.
pub fn join(texts: impl IntoIterator<Item = String>, between: &str, also: &[char]) -> String {
    let sign = between.trim();
    let marked = |text: String| {
        let mut marked = String::with_capacity(text.len());
        for c in text.chars() {
            if sign.starts_with(c) || c == '\\' || also.contains(&c) {
                marked.push('\\');
            }
            marked.push(c);
        }
        marked
    };
    texts.into_iter().map(marked).collect::<Vec<_>>().join(between)
}

/// The texts of a cell: the reverse of [`join`]. Marks before other signs stay.
pub fn split(cell: &str, sign: char) -> Vec<String> {
    let (mut texts, mut text) = (Vec::new(), String::new());
    let mut chars = cell.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.push(chars.next_if(|next| *next == sign || *next == '\\').unwrap_or('\\')),
            c if c == sign => texts.push(std::mem::take(&mut text)),
            c => text.push(c),
        }
    }
    texts.push(text);
    texts.iter_mut().for_each(|text| *text = text.trim().to_owned());
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_marked_and_the_rest_is_left_alone() {
        for formula in ["=1+1", "+1 416 555 0123", "-2", "@SUM(A1)", "\r=1", "＝1", "'=1", "''@x"] {
            assert_eq!(neutral(formula), format!("'{formula}"), "{formula:?}");
        }
        for text in ["", "Mia", "'Tis", "O'Neil", "416 555 0123", "a=1", " =1", "'", "x@y.z"] {
            assert_eq!(neutral(text), text);
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn a_formula_behind_a_separator_is_marked_too() {
        for (text, cell) in [
            ("x;=HYPERLINK(\"a\")", "x;'=HYPERLINK(\"a\")"),
            ("x\t@y", "x\t'@y"),
            ("=1;-1;'+1", "'=1;'-1;''+1"),
            ("\t=1", "'\t'=1"),
            ("a; =b", "a; =b"),
        ] {
            assert_eq!(neutral(text), cell);
            assert_eq!(plain(cell), text);
        }
    }

    proptest! {
        #[test]
        fn no_piece_of_a_cell_is_a_formula(text in "[a;'=+@\t -]{0,12}") {
            let cell = neutral(&text);
            prop_assert_eq!(plain(&cell), text.as_str());
            prop_assert!(cell.split(SEPARATORS).skip(1).all(|piece| !piece.starts_with(['=', '+', '-', '@'])));
        }

        #[test]
        fn what_is_read_is_what_was_written(text in "['=+@\t\r-]{0,4}\\PC{0,12}") {
            let cell = neutral(&text);
            prop_assert_eq!(plain(&cell), text.as_str());
            prop_assert!(!calculates(&cell));
        }

        #[test]
        fn texts_in_a_cell_are_read_as_written(texts in prop::collection::vec(r"[a-z\\;|,]([a-z\\;|, ]{0,6}[a-z\\;|,])?", 1..4)) {
            prop_assert_eq!(&split(&join(texts.clone(), "; ", &[]), ';'), &texts);
            let inner = join(texts.clone(), " | ", &[]);
            prop_assert_eq!(split(&join([inner.clone(), inner.clone()], "; ", &[]), ';'), [inner.clone(), inner]);
        }

        #[test]
        fn any_text_survives(text in any::<String>()) {
            let cell = neutral(&text);
            prop_assert_eq!(plain(&cell), text.as_str());
        }
    }
}
