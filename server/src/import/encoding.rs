//! Which encoding a file has. A byte order mark says it, and text that is valid
//! UTF-8 is UTF-8; anything else is assumed to be Windows-1252, as spreadsheet
//! programs in the West write it, and people are told so.

use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use shared::import::FileFault;

/// Looks at a file's bytes as they come.
#[derive(Debug, Default)]
pub struct Looking {
    /// The first bytes.
    head: Vec<u8>,
    has_zero: bool,
    not_utf8: bool,
    /// The beginning of a character whose end was not read yet.
    carried: Vec<u8>,
}

impl Looking {
    pub fn see(&mut self, bytes: &[u8]) {
        let missing = 8_usize.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..missing]);
        self.has_zero |= bytes.contains(&0);
        if self.not_utf8 {
            return;
        }
        let mut rest = bytes;
        while !self.carried.is_empty()
            && let Some((first, others)) = rest.split_first()
        {
            self.carried.push(*first);
            rest = others;
            match std::str::from_utf8(&self.carried) {
                Ok(_) => self.carried.clear(),
                Err(error) if error.error_len().is_some() => self.not_utf8 = true,
                Err(_) => continue,
            }
            break;
        }
        if let Err(error) = std::str::from_utf8(rest)
            && !self.not_utf8
        {
            match error.error_len() {
                Some(_) => self.not_utf8 = true,
                None => self.carried = rest[error.valid_up_to()..].to_vec(),
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    /// After the last byte: how the file is to be decoded.
    pub fn judge(self) -> Result<Text, FileFault> {
        let begins = |bytes: &[u8]| self.head.starts_with(bytes);
        if self.is_empty() {
            return Err(FileFault::Empty);
        }
        // ZIP, of which XLSX and ODS are made, and the container of XLS.
        if begins(b"PK\x03\x04") || begins(&[0xd0, 0xcf, 0x11, 0xe0]) {
            return Err(FileFault::Spreadsheet);
        }
        let encoding = match Encoding::for_bom(&self.head) {
            Some((encoding, _)) => encoding,
            None if self.has_zero => return Err(FileFault::NotText),
            None if self.not_utf8 || !self.carried.is_empty() => WINDOWS_1252,
            None => UTF_8,
        };
        if self.has_zero && encoding == UTF_8 {
            return Err(FileFault::NotText);
        }
        Ok(Text { encoding, decoder: encoding.new_decoder_with_bom_removal() })
    }
}

/// Decodes a file piece by piece.
pub struct Text {
    encoding: &'static Encoding,
    decoder: Decoder,
}

impl Text {
    /// As people call it.
    pub fn label(&self) -> &'static str {
        match self.encoding {
            it if it == WINDOWS_1252 => "Windows-1252",
            it if it == UTF_16LE || it == UTF_16BE => "UTF-16",
            _ => "UTF-8",
        }
    }

    /// Adds the text of the next bytes to `text`; `last`: there are no more.
    /// What is no character becomes U+FFFD, and so does a zero.
    pub fn decode(&mut self, bytes: &[u8], last: bool, text: &mut String) {
        let most = self.decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len() * 3 + 16);
        text.reserve(most);
        let _ = self.decoder.decode_to_string(bytes, text, last);
        if text.contains('\0') {
            *text = text.replace('\0', "\u{fffd}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text and the encoding, read in pieces of a fixed number of bytes.
    fn read(bytes: &[u8], piece: usize) -> Result<(String, &'static str), FileFault> {
        let mut looking = Looking::default();
        bytes.chunks(piece).for_each(|piece| looking.see(piece));
        let mut text = looking.judge()?;
        let mut decoded = String::new();
        bytes.chunks(piece).for_each(|piece| text.decode(piece, false, &mut decoded));
        text.decode(&[], true, &mut decoded);
        Ok((decoded, text.label()))
    }

    #[test]
    fn encodings_are_recognised_however_the_bytes_arrive() {
        let words = "Zoé;Ünal;王小明;🦊";
        let utf16 = |big: bool| {
            let bom = if big { [0xfe, 0xff] } else { [0xff, 0xfe] };
            let units = words.encode_utf16();
            let bytes = units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
            bom.into_iter().chain(bytes).collect::<Vec<u8>>()
        };
        for piece in [1, 2, 3, 5, 100] {
            assert_eq!(read(words.as_bytes(), piece), Ok((words.to_owned(), "UTF-8")));
            assert_eq!(read(format!("\u{feff}{words}").as_bytes(), piece), Ok((words.to_owned(), "UTF-8")));
            for big in [false, true] {
                assert_eq!(read(&utf16(big), piece), Ok((words.to_owned(), "UTF-16")));
            }
            assert_eq!(read(b"Zo\xe9, \x93Ana\x94", piece), Ok(("Zoé, “Ana”".to_owned(), "Windows-1252")));
            // Half a character at the very end is no UTF-8 either.
            assert_eq!(read(b"Zo\xc3", piece).unwrap().1, "Windows-1252");
        }
    }

    #[test]
    fn binary_content_is_reported_as_not_text() {
        assert_eq!(read(b"", 9), Err(FileFault::Empty));
        assert_eq!(read(b"PK\x03\x04 and more", 3), Err(FileFault::Spreadsheet));
        assert_eq!(read(b"\x89PNG\r\n\x1a\n\0\0", 4), Err(FileFault::NotText));
        assert_eq!(read(b"\xef\xbb\xbfa\0b", 4), Err(FileFault::NotText));
    }
}
