//! Reading CSV (RFC 4180) piece by piece. Stricter than spreadsheets are: a
//! quotation mark that is never closed would swallow the rest of the file, so
//! it is named with its line instead.

use std::fmt;

/// Longest cell, in bytes.
pub const CELL_MAX: usize = 100_000;
/// Most columns of a file.
pub const COLUMNS_MAX: usize = 250;
/// Most rows of a file, without its headings.
pub const ROWS_MAX: u32 = 200_000;

/// Why a file cannot be read at all. Lines count from 1, as editors do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFault {
    /// No file was chosen.
    Missing,
    TooLarge {
        megabytes: usize,
    },
    /// A spreadsheet, an archive, a picture.
    NotText,
    Spreadsheet,
    /// A quotation mark that begins a cell, and no end of the cell.
    BrokenQuote {
        line: u32,
    },
    CellTooLong {
        line: u32,
        column: usize,
    },
    TooManyColumns {
        line: u32,
    },
    TooManyRows,
    /// Not even headings.
    Empty,
    /// Headings, and nothing beneath them.
    NoRows,
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileFault::Missing => f.write_str("Choose a file first."),
            FileFault::TooLarge { megabytes } => {
                write!(f, "The file is larger than {megabytes} MB. Divide it and import the parts.")
            }
            FileFault::NotText => f.write_str("This is not a text file. Save the list as CSV and choose that file."),
            FileFault::Spreadsheet => f.write_str(
                "This is a spreadsheet, not a CSV file. In the spreadsheet program choose “Save as” or “Download”, and there CSV.",
            ),
            FileFault::BrokenQuote { line } => write!(
                f,
                "Line {line}: a cell begins with a quotation mark, and it is not closed where the cell ends. \
                 Quotation marks inside a cell are written twice."
            ),
            FileFault::CellTooLong { line, column } => write!(
                f,
                "Line {line}: the cell in column {column} is longer than {CELL_MAX} characters. \
                 A quotation mark may be missing there."
            ),
            FileFault::TooManyColumns { line } => write!(f, "Line {line} has more than {COLUMNS_MAX} columns."),
            FileFault::TooManyRows => {
                write!(f, "The file has more than {ROWS_MAX} rows. Divide it and import the parts.")
            }
            FileFault::Empty => f.write_str("The file is empty."),
            FileFault::NoRows => f.write_str("The file has headings but no rows beneath them."),
        }
    }
}

/// A row and the line it begins on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub line: u32,
    pub cells: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing of the cell has been read.
    Start,
    Bare,
    Quoted,
    /// After a quotation mark inside a quoted cell: its end, or half of a pair.
    Quote,
}

/// Takes text in pieces and gives rows. Rows whose cells are all empty are left out.
#[derive(Debug)]
pub struct Reader {
    separator: char,
    state: State,
    /// The line being read, that on which the row began, and the quoted cell.
    line: u32,
    row_line: u32,
    quote_line: u32,
    after_return: bool,
    cell: String,
    cells: Vec<String>,
}

impl Reader {
    pub fn new(separator: char) -> Reader {
        Reader {
            separator,
            state: State::Start,
            line: 1,
            row_line: 1,
            quote_line: 1,
            after_return: false,
            cell: String::new(),
            cells: Vec::new(),
        }
    }

    /// Reads on; whole rows are added to `rows`.
    pub fn push(&mut self, text: &str, rows: &mut Vec<Row>) -> Result<(), FileFault> {
        for c in text.chars() {
            // `\r\n` is one end of a line, and so is either alone.
            let ends_line = c == '\r' || c == '\n';
            let after_return = std::mem::replace(&mut self.after_return, c == '\r');
            let second_half = c == '\n' && after_return;
            match self.state {
                State::Quoted if c == '"' => self.state = State::Quote,
                State::Quoted => self.keep(c)?,
                State::Quote if c == '"' => {
                    self.state = State::Quoted;
                    self.keep('"')?;
                }
                State::Start if c == '"' => {
                    self.state = State::Quoted;
                    self.quote_line = self.line;
                }
                _ if second_half => {}
                _ if c == self.separator => self.end_cell()?,
                _ if ends_line => self.end_row(rows)?,
                State::Quote => return Err(FileFault::BrokenQuote { line: self.quote_line }),
                State::Start | State::Bare => {
                    self.state = State::Bare;
                    self.keep(c)?;
                }
            }
            if ends_line && !second_half {
                self.line = self.line.saturating_add(1);
            }
            if self.cells.is_empty() && self.state == State::Start {
                self.row_line = self.line;
            }
        }
        Ok(())
    }

    /// The end of the file: its last row may have no line end.
    pub fn finish(mut self, rows: &mut Vec<Row>) -> Result<(), FileFault> {
        match self.state {
            State::Quoted => Err(FileFault::BrokenQuote { line: self.quote_line }),
            _ => self.end_row(rows),
        }
    }

    fn keep(&mut self, c: char) -> Result<(), FileFault> {
        if self.cell.len() >= CELL_MAX {
            return Err(FileFault::CellTooLong { line: self.row_line, column: self.cells.len() + 1 });
        }
        self.cell.push(c);
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), FileFault> {
        if self.cells.len() >= COLUMNS_MAX {
            return Err(FileFault::TooManyColumns { line: self.row_line });
        }
        self.cells.push(std::mem::take(&mut self.cell));
        self.state = State::Start;
        Ok(())
    }

    fn end_row(&mut self, rows: &mut Vec<Row>) -> Result<(), FileFault> {
        self.end_cell()?;
        let cells = std::mem::take(&mut self.cells);
        // Spreadsheet programs write their separator into a first line of its own.
        let is_separator = self.row_line == 1
            && cells.concat().trim_start_matches('\u{feff}').starts_with("sep=")
            && cells.concat().len() < 9;
        if !is_separator && cells.iter().any(|cell| !cell.trim().is_empty()) {
            rows.push(Row { line: self.row_line, cells });
        }
        Ok(())
    }
}

/// The separator that cuts the beginning of a file into most columns alike:
/// comma, semicolon or tab.
pub fn sniff_separator(beginning: &str) -> char {
    let width = |separator: char| {
        let (mut reader, mut rows) = (Reader::new(separator), Vec::new());
        // What is broken is told when the whole file is read.
        if let Err(FileFault::TooManyColumns { .. }) = reader.push(beginning, &mut rows)
            && rows.is_empty()
        {
            return (1, COLUMNS_MAX);
        }
        if rows.is_empty() {
            let _ = reader.finish(&mut rows);
        }
        let Some(first) = rows.first().map(|row| row.cells.len()) else { return (0, 0) };
        let alike = rows.iter().take(20).filter(|row| row.cells.len() == first).count();
        (if first > 1 { alike } else { 0 }, first)
    };
    let [comma, semicolon, tab] = [',', ';', '\t'].map(width);
    match (comma, semicolon, tab) {
        (c, s, t) if c >= s && c >= t => ',',
        (_, s, t) if s >= t => ';',
        _ => '\t',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Vec<Row>, FileFault> {
        let (mut reader, mut rows) = (Reader::new(','), Vec::new());
        reader.push(text, &mut rows)?;
        reader.finish(&mut rows)?;
        Ok(rows)
    }

    fn row(line: u32, cells: &[&str]) -> Row {
        Row { line, cells: cells.iter().map(|cell| (*cell).to_owned()).collect() }
    }

    #[test]
    fn rows_know_the_line_they_begin_on() {
        let text = "a,b\r\n\"1\n2\",x\r\n\r\n,\r\n\"say \"\"hi\"\"\",5\" pipe\n";
        let rows = [row(1, &["a", "b"]), row(2, &["1\n2", "x"]), row(6, &["say \"hi\"", "5\" pipe"])];
        assert_eq!(read(text).unwrap(), rows);
        assert_eq!(read("a,b\rc,d\r").unwrap(), [row(1, &["a", "b"]), row(2, &["c", "d"])]);
    }

    #[test]
    fn a_broken_quote_is_named_with_its_line() {
        assert_eq!(read("a,b\n1,\"two\n3,4\n"), Err(FileFault::BrokenQuote { line: 2 }));
        assert_eq!(read("a,b\n1,2\n3,\"four\" more\n"), Err(FileFault::BrokenQuote { line: 3 }));
        assert_eq!(read("a\n\"x\ny\n\"z,\n"), Err(FileFault::BrokenQuote { line: 2 }));
    }

    #[test]
    fn a_cell_of_ten_megabytes_is_named_and_not_kept() {
        let long = "x".repeat(10 << 20);
        assert_eq!(read(&format!("a,b\n1,2\n3,{long}")), Err(FileFault::CellTooLong { line: 3, column: 2 }));
        assert_eq!(read(&",".repeat(COLUMNS_MAX)), Err(FileFault::TooManyColumns { line: 1 }));
        assert!(read(&format!("a,{}", "x".repeat(CELL_MAX))).is_ok());
    }

    #[test]
    fn the_separator_is_seen() {
        assert_eq!(sniff_separator("Name;Note\nAna;a,b,c\nBo;d,e\n"), ';');
        assert_eq!(sniff_separator("Name\tBorn, where\nAna\t1\n"), '\t');
        assert_eq!(sniff_separator("Name,Note\nAna,\"x;y;z\"\n"), ',');
        assert_eq!(sniff_separator("Name"), ',');
        assert_eq!(sniff_separator(&",".repeat(300)), ',');
        assert_eq!(sniff_separator(""), ',');
    }

    proptest! {
        #[test]
        fn nothing_makes_reading_panic(text in "[\\PC\r\n\",;\t]{0,300}") {
            let _ = (read(&text), sniff_separator(&text));
        }

        #[test]
        fn pieces_read_as_the_whole(text in "[ab\r\n\",]{0,60}", at in 0usize..60) {
            let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let (mut reader, mut rows) = (Reader::new(','), Vec::new());
            let pieces = reader
                .push(&text[..at], &mut rows)
                .and_then(|()| reader.push(&text[at..], &mut rows))
                .and_then(|()| reader.finish(&mut rows))
                .map(|()| rows);
            prop_assert_eq!(pieces, read(&text));
        }

        #[test]
        fn what_is_written_quoted_is_read(cells in prop::collection::vec(prop::collection::vec("[a\\PC\r\n\",]{0,12}", 3), 1..8)) {
            let quote = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
            let text: String = cells.iter().map(|row| row.iter().map(quote).collect::<Vec<_>>().join(",") + "\r\n").collect();
            let read: Vec<Vec<String>> = read(&text).unwrap().into_iter().map(|row| row.cells).collect();
            let filled: Vec<Vec<String>> =
                cells.into_iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty())).collect();
            prop_assert_eq!(read, filled);
        }
    }
}
