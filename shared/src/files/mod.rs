//! Files that the team attaches and that clients send: what they may be, told by their bytes.

mod metadata;

use crate::Problem;
use crate::vocabulary::vocabulary;

/// The largest file, in megabytes.
pub const FILE_MEGABYTES: usize = 10;
/// The same in bytes.
pub const FILE_MAX: usize = FILE_MEGABYTES << 20;
/// The most files that are sent together.
pub const FILES_MAX: usize = 5;
/// What a browser offers to choose.
pub const ACCEPTED: &str = "application/pdf,image/png,image/jpeg,.pdf,.png,.jpg,.jpeg";

vocabulary! {
    FileKind {
        Pdf = "pdf", "PDF";
        Png = "png", "PNG image";
        Jpeg = "jpeg", "JPEG image";
    }
}

impl FileKind {
    /// By the first bytes. What a name or a header says counts for nothing.
    pub fn of(bytes: &[u8]) -> Option<FileKind> {
        match bytes {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(FileKind::Pdf),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(FileKind::Png),
            [0xff, 0xd8, 0xff, ..] => Some(FileKind::Jpeg),
            _ => None,
        }
    }

    pub const fn mime(self) -> &'static str {
        match self {
            FileKind::Pdf => "application/pdf",
            FileKind::Png => "image/png",
            FileKind::Jpeg => "image/jpeg",
        }
    }

    pub const fn extension(self) -> &'static str {
        match self {
            FileKind::Jpeg => "jpg",
            other => other.as_str(),
        }
    }
}

/// A file that is one of those that are taken. Of a photo, what the camera noted beside the
/// picture, like the place, is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    kind: FileKind,
    bytes: Vec<u8>,
}

impl Upload {
    /// # Errors
    /// [`Problem::FileTooLarge`] and [`Problem::NotAFile`].
    pub fn new(bytes: Vec<u8>) -> Result<Upload, Problem> {
        if bytes.len() > FILE_MAX {
            return Err(Problem::FileTooLarge { megabytes: FILE_MEGABYTES });
        }
        let kind = FileKind::of(&bytes).ok_or(Problem::NotAFile)?;
        let bytes = match kind {
            FileKind::Pdf => bytes,
            FileKind::Png => metadata::of_png(&bytes).ok_or(Problem::NotAFile)?,
            FileKind::Jpeg => metadata::of_jpeg(&bytes).ok_or(Problem::NotAFile)?,
        };
        Ok(Upload { kind, bytes })
    }

    pub const fn kind(&self) -> FileKind {
        self.kind
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// A size as people read it: `340 KB`, `1.2 MB`.
pub fn size_words(bytes: usize) -> String {
    match bytes {
        0..=1023 => format!("{bytes} bytes"),
        1024..=1_048_575 => format!("{} KB", bytes.div_ceil(1024)),
        _ => format!("{:.1} MB", bytes as f64 / 1_048_576.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_bytes_alone() {
        assert_eq!(FileKind::of(b"%PDF-1.7\n"), Some(FileKind::Pdf));
        assert_eq!(FileKind::of(b"\x89PNG\r\n\x1a\n..."), Some(FileKind::Png));
        assert_eq!(FileKind::of(b"\xff\xd8\xff\xe0"), Some(FileKind::Jpeg));
        for other in [&b""[..], b" %PDF-1.7", b"<html>", b"<svg xmlns=", b"MZ\x90", b"PK\x03\x04", b"\xff\xd8"] {
            assert_eq!(FileKind::of(other), None, "{other:?}");
        }
        assert_eq!(Upload::new(b"<script>alert(1)</script>".to_vec()), Err(Problem::NotAFile));
        let large = [b"%PDF-1.7".to_vec(), vec![0; FILE_MAX]].concat();
        assert_eq!(Upload::new(large), Err(Problem::FileTooLarge { megabytes: 10 }));
    }

    #[test]
    fn sizes_are_read_by_people() {
        let words = [12, 1024, 340_000, 1_258_291].map(size_words);
        assert_eq!(words, ["12 bytes", "1 KB", "333 KB", "1.2 MB"]);
    }
}
