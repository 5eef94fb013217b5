//! Pictures without what a camera or a program noted beside them: place, time, device, comments.
//! How a photo is to be turned stays, or it would lie on its side.

/// Everything but text and Exif, up to the end of the picture; `None` for what is no whole PNG.
pub(super) fn of_png(bytes: &[u8]) -> Option<Vec<u8>> {
    let (signature, mut rest) = bytes.split_at_checked(8)?;
    let mut kept = signature.to_vec();
    loop {
        let length = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?) as usize;
        let kind = rest.get(4..8)?;
        let (chunk, after) = rest.split_at_checked(length.checked_add(12)?)?;
        if !matches!(kind, b"tEXt" | b"zTXt" | b"iTXt" | b"eXIf" | b"tIME") {
            kept.extend_from_slice(chunk);
        }
        if kind == b"IEND" {
            return Some(kept);
        }
        rest = after;
    }
}

/// The segments that the picture needs; `None` for what is no JPEG.
pub(super) fn of_jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let (start, mut rest) = bytes.split_at_checked(2)?;
    let (mut kept, mut turned) = (start.to_vec(), None);
    loop {
        let marker = match rest {
            // Bytes that fill up before a marker.
            [0xff, 0xff, ..] => {
                rest = &rest[1..];
                continue;
            }
            [0xff, marker, ..] => *marker,
            _ => return None,
        };
        let length = usize::from(u16::from_be_bytes(rest.get(2..4)?.try_into().ok()?));
        let (segment, after) = rest.split_at_checked(length.checked_add(2)?)?;
        match marker {
            // The picture itself, to its end.
            0xda => {
                kept.extend_from_slice(rest);
                return Some(kept);
            }
            0xe1 => {
                if let Some(orientation) = segment.get(4..).and_then(orientation)
                    && turned.is_none()
                {
                    kept.extend_from_slice(&exif(orientation));
                    turned = Some(orientation);
                }
            }
            // Comments and programs' notes; not 0xe0, 0xe2 and 0xee, which decoders need.
            0xe3..=0xed | 0xef | 0xfe => {}
            _ => kept.extend_from_slice(segment),
        }
        rest = after;
    }
}

/// What Exif says of how the picture lies: 1 to 8.
fn orientation(exif: &[u8]) -> Option<u8> {
    let tiff = exif.strip_prefix(b"Exif\0\0")?;
    let big = tiff.starts_with(b"MM");
    let short = |at: usize| {
        let two: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if big { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) })
    };
    let four: [u8; 4] = tiff.get(4..8)?.try_into().ok()?;
    let list = if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) } as usize;
    let entries = usize::from(short(list)?);
    (0..entries.min(200)).find_map(|entry| {
        let at = list.checked_add(2 + entry * 12)?;
        let value = u8::try_from(short(at.checked_add(8)?)?).ok()?;
        (short(at)? == 0x0112 && (1..=8).contains(&value)).then_some(value)
    })
}

/// A segment that says that alone.
fn exif(orientation: u8) -> [u8; 36] {
    let mut segment = *b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
    segment[29] = orientation;
    segment
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(marker: u8, words: &[u8]) -> Vec<u8> {
        [&[0xff, marker][..], &(words.len() as u16 + 2).to_be_bytes(), words].concat()
    }

    fn jpeg(segments: &[Vec<u8>]) -> Vec<u8> {
        [&[0xff, 0xd8][..], &segments.concat(), &segment(0xda, b"scan"), b"picture\xff\xd9"].concat()
    }

    fn chunk(kind: &[u8], words: &[u8]) -> Vec<u8> {
        [&(words.len() as u32).to_be_bytes()[..], kind, words, b"crc4"].concat()
    }

    const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

    #[test]
    fn a_photo_keeps_its_picture_and_how_it_lies_and_not_where_it_was_taken() {
        // Little-endian, with a make before the orientation.
        let place = b"Exif\0\0II\x2a\0\x08\0\0\0\x02\0\x0f\x01\x02\0\x04\0\0\0cam\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0 43.65N";
        let photo =
            jpeg(&[segment(0xe0, b"JFIF\0"), segment(0xe1, place), segment(0xfe, b"at home"), segment(0xdb, b"table")]);
        let kept = of_jpeg(&photo).unwrap();
        let expected = jpeg(&[segment(0xe0, b"JFIF\0"), exif(6).to_vec(), segment(0xdb, b"table")]);
        assert_eq!(kept, expected);
        assert_eq!(orientation(&exif(6)[4..]), Some(6));
        assert_eq!(of_jpeg(&kept).as_ref(), Some(&kept), "again it is the same");
    }

    #[test]
    fn a_png_keeps_no_text_and_nothing_after_its_end() {
        let whole = [
            SIGNATURE,
            &chunk(b"IHDR", b"13 bytes here"),
            &chunk(b"tEXt", b"Author\0Mia"),
            &chunk(b"IDAT", b"picture"),
            &chunk(b"IEND", b""),
        ]
        .concat();
        let expected =
            [SIGNATURE, &chunk(b"IHDR", b"13 bytes here"), &chunk(b"IDAT", b"picture"), &chunk(b"IEND", b"")].concat();
        assert_eq!(of_png(&[&whole[..], b"<script>"].concat()), Some(expected));
    }

    #[test]
    fn what_is_cut_off_or_made_up_is_no_picture() {
        let photo = jpeg(&[segment(0xe0, b"JFIF\0")]);
        for end in 0..8 {
            assert_eq!(of_jpeg(&photo[..end]), None, "{end}");
        }
        assert_eq!(of_jpeg(b"\xff\xd8\xff\xe1\xff\xff"), None);
        assert_eq!(of_jpeg(b"\xff\xd8<html>"), None);
        assert_eq!(of_png(&[SIGNATURE, b"\xff\xff\xff\xffIHDR"].concat()), None);
        assert_eq!(of_png(SIGNATURE), None);
        assert_eq!(orientation(b"Exif\0\0MM\0\x2a\xff\xff\xff\xff"), None);
    }
}
