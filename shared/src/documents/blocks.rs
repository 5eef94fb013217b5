//! The parts of a text: a line that begins with `#` is a heading, with `-` or a number an item of a
//! list, with `|` a row of a table; blank lines part paragraphs. Every text has a meaning.

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Of the first or the second level.
    Heading(u8, String),
    /// Its lines.
    Paragraph(Vec<String>),
    List {
        numbered: bool,
        items: Vec<String>,
    },
    /// The first row is the head.
    Table(Vec<Vec<String>>),
}

pub fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    // A blank line ends what was begun.
    let mut open = false;
    for line in text.lines().map(str::trim) {
        if line.is_empty() {
            open = false;
            continue;
        }
        let last = found.last_mut().filter(|_| open);
        open = true;
        if let Some(heading) = line.strip_prefix("## ") {
            found.push(Block::Heading(2, heading.trim().to_owned()));
            open = false;
        } else if let Some(heading) = line.strip_prefix("# ") {
            found.push(Block::Heading(1, heading.trim().to_owned()));
            open = false;
        } else if let Some((numbered, item)) = item(line) {
            match last {
                Some(Block::List { numbered: same, items }) if *same == numbered => items.push(item),
                _ => found.push(Block::List { numbered, items: vec![item] }),
            }
        } else if let Some(cells) = row(line) {
            match (last, cells) {
                (_, cells) if cells.iter().all(|cell| is_rule(cell)) => {}
                (Some(Block::Table(rows)), cells) => rows.push(cells),
                (_, cells) => found.push(Block::Table(vec![cells])),
            }
        } else {
            match last {
                Some(Block::Paragraph(lines)) => lines.push(line.to_owned()),
                // A line that goes on with an item.
                Some(Block::List { items, .. }) => {
                    if let Some(item) = items.last_mut() {
                        item.push(' ');
                        item.push_str(line);
                    }
                }
                _ => found.push(Block::Paragraph(vec![line.to_owned()])),
            }
        }
    }
    // All rows of a table are as long as the longest.
    for block in &mut found {
        if let Block::Table(rows) = block {
            let width = rows.iter().map(Vec::len).max().unwrap_or_default();
            rows.iter_mut().for_each(|row| row.resize(width, String::new()));
        }
    }
    found
}

fn item(line: &str) -> Option<(bool, String)> {
    if let Some(item) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return Some((false, item.trim().to_owned()));
    }
    let (number, item) = line.split_once(". ")?;
    let is_number = (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| (true, item.trim().to_owned()))
}

fn row(line: &str) -> Option<Vec<String>> {
    let inside = line.strip_prefix('|')?;
    let inside = inside.strip_suffix('|').unwrap_or(inside);
    Some(inside.split('|').map(|cell| cell.trim().to_owned()).collect())
}

/// The line below the head that other programs want.
fn is_rule(cell: &str) -> bool {
    cell.contains("--") && cell.chars().all(|c| matches!(c, '-' | ':'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(all: &[&str]) -> Vec<String> {
        all.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn headings_lists_tables_and_paragraphs_are_told_apart() {
        let text = "# Report\n\nFirst line\nsecond line\n\n- one\n- two\n  goes on\n1. first\n2. second\n\n\
                    | Test | Result |\n|------|:--:|\n| Reading | 12 |\n| Maths\n## Next";
        assert_eq!(
            blocks(text),
            [
                Block::Heading(1, "Report".into()),
                Block::Paragraph(words(&["First line", "second line"])),
                Block::List { numbered: false, items: words(&["one", "two goes on"]) },
                Block::List { numbered: true, items: words(&["first", "second"]) },
                Block::Table(vec![words(&["Test", "Result"]), words(&["Reading", "12"]), words(&["Maths", ""])]),
                Block::Heading(2, "Next".into()),
            ]
        );
    }

    #[test]
    fn what_looks_like_html_is_text() {
        assert_eq!(blocks("<b>bold</b>"), [Block::Paragraph(words(&["<b>bold</b>"]))]);
    }

    proptest! {
        #[test]
        fn every_text_has_blocks_and_every_table_is_square(text in "[#\\-|0-9. a\n]{0,200}") {
            for block in blocks(&text) {
                if let Block::Table(rows) = block {
                    prop_assert!(rows.iter().all(|row| row.len() == rows[0].len()));
                }
            }
        }
    }
}
