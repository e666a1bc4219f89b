//! Texts in an Exif record, which cameras write into JPEG and WebP files, and programs for generated pictures too.
//! A small part of Exif 2.32: two directories, texts and the user's comment.

/// The texts in which something is said of how a picture was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ExifTexts {
    pub(super) comment: Option<String>,
    /// Of camera, maker and software, and what the picture shows: some programs keep their record in one of them.
    pub(super) others: Vec<String>,
}

const DESCRIPTION: u16 = 0x010E;
const MAKER: u16 = 0x010F;
const CAMERA: u16 = 0x0110;
const DIRECTORY: u16 = 0x8769;
const COMMENT: u16 = 0x9286;
const X_RESOLUTION: u16 = 0x011A;
const Y_RESOLUTION: u16 = 0x011B;
const RESOLUTION_UNIT: u16 = 0x0128;
const SOFTWARE: u16 = 0x0131;

// Kinds of values.
const ASCII: u16 = 2;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const RATIONAL: u16 = 5;
const UNDEFINED: u16 = 7;

/// Entries of one directory that are looked at.
const MAX_ENTRIES: u16 = 512;

/// The record's bytes, read in its own byte order.
#[derive(Clone, Copy)]
struct Record<'a> {
    bytes: &'a [u8],
    is_little: bool,
}

impl Record<'_> {
    fn u16(self, at: usize) -> Option<u16> {
        let bytes = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    fn u32(self, at: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    /// Tag, and where its value begins and ends, of each entry in the directory at `at` whose value is bytes or text.
    fn entries(self, at: usize) -> Vec<(u16, usize, usize)> {
        let n_entries = self.u16(at).unwrap_or(0).min(MAX_ENTRIES);
        let entry = |idx: u16| {
            let at = at + 2 + usize::from(idx) * 12;
            let (tag, kind, count) = (self.u16(at)?, self.u16(at + 2)?, self.u32(at + 4)? as usize);
            // A pointer to another directory is taken for its four bytes.
            let len = if kind == 4 { 4 } else { count };
            let start = if len <= 4 { at + 8 } else { self.u32(at + 8)? as usize };
            Some((tag, start, start.checked_add(len)?))
        };
        (0..n_entries).filter_map(entry).collect()
    }
}

/// The texts of a record; none where it makes no sense.
pub(super) fn texts(exif: &[u8]) -> ExifTexts {
    let exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    let is_little = exif.starts_with(b"II");
    let record = Record { bytes: exif, is_little };
    let mut found = ExifTexts::default();
    let Some(first) = record.u32(4) else { return found };
    let mut entries = record.entries(first as usize);
    let pointers = entries.iter().filter(|it| it.0 == DIRECTORY);
    let inner: Vec<u32> = pointers.filter_map(|it| record.u32(it.1)).collect();
    for at in inner {
        entries.extend(record.entries(at as usize));
    }
    for (tag, start, end) in entries {
        let Some(value) = exif.get(start..end) else { continue };
        match tag {
            COMMENT => found.comment = Some(comment(value, is_little)),
            DESCRIPTION | MAKER | CAMERA => {
                let text = String::from_utf8_lossy(value);
                found.others.push(text.trim_end_matches('\0').to_owned());
            }
            _ => (),
        }
    }
    found
}

/// The user's comment: eight bytes for its encoding, then the text.
fn comment(value: &[u8], is_little: bool) -> String {
    let text = value.get(8..).unwrap_or_default();
    if value.starts_with(b"UNICODE\0") {
        return utf16(text, is_little);
    }
    String::from_utf8_lossy(text).trim_end_matches('\0').to_owned()
}

/// Some programs write the other byte order than the record's: a prompt begins with a letter of ours, whose higher byte is
/// zero.
fn utf16(text: &[u8], is_little: bool) -> String {
    let (pairs, _) = text.as_chunks::<2>();
    let n_zeros = |idx: usize| pairs.iter().filter(|it| it[idx] == 0).count();
    let is_little = match n_zeros(0).cmp(&n_zeros(1)) {
        std::cmp::Ordering::Less => true,
        std::cmp::Ordering::Equal => is_little,
        std::cmp::Ordering::Greater => false,
    };
    let units = pairs
        .iter()
        .map(|&it| if is_little { u16::from_le_bytes(it) } else { u16::from_be_bytes(it) });
    let text: String =
        char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.trim_matches(['\0', '\u{feff}']).to_owned()
}

/// A record with the resolution, the program's name, and a comment, where programs for generated pictures write how they came
/// about; an empty one is left out.
pub(super) fn record(dpi: u16, text: &str) -> Vec<u8> {
    let resolution = [u32::from(dpi), 1].map(u32::to_be_bytes).concat();
    let software = concat!("Alla Prima ", env!("CARGO_PKG_VERSION"), "\0").as_bytes();
    let mut entries = vec![
        (X_RESOLUTION, RATIONAL, 1, resolution.clone()),
        (Y_RESOLUTION, RATIONAL, 1, resolution),
        (RESOLUTION_UNIT, SHORT, 1, vec![0, 2, 0, 0]), // inches
        (SOFTWARE, ASCII, software.len(), software.to_vec()),
    ];
    let mut comment = Vec::new();
    if !text.is_empty() {
        comment.extend(b"UNICODE\0");
        comment.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
        // Known once it is known how long the first directory is.
        entries.push((DIRECTORY, LONG, 1, vec![0; 4]));
    }
    let inner_at = HEADER.len() + directory(&entries, 0).len();
    if let Some(pointer) = entries.iter_mut().find(|it| it.0 == DIRECTORY) {
        pointer.3 = (inner_at as u32).to_be_bytes().to_vec();
    }
    let mut exif = HEADER.to_vec();
    exif.extend(directory(&entries, HEADER.len()));
    if !comment.is_empty() {
        exif.extend(directory(&[(COMMENT, UNDEFINED, comment.len(), comment)], inner_at));
    }
    exif
}

/// Big-endian; the first directory follows.
const HEADER: &[u8] = b"MM\0\x2A\0\0\0\x08";

/// Tag, kind of value, how many, and their bytes.
type Entry = (u16, u16, usize, Vec<u8>);

/// A directory that begins at `at`, and behind it the values that are longer than four bytes.
fn directory(entries: &[Entry], at: usize) -> Vec<u8> {
    let mut values = Vec::new();
    let values_at = at + 2 + entries.len() * 12 + 4;
    let mut bytes = (entries.len() as u16).to_be_bytes().to_vec();
    for (tag, kind, count, value) in entries {
        bytes.extend(tag.to_be_bytes());
        bytes.extend(kind.to_be_bytes());
        bytes.extend((*count as u32).to_be_bytes());
        if value.len() <= 4 {
            bytes.extend(value);
        } else {
            bytes.extend(((values_at + values.len()) as u32).to_be_bytes());
            values.extend(value);
            // Values begin at even places.
            values.resize(values.len().next_multiple_of(2), 0);
        }
    }
    bytes.extend([0; 4]); // no other directory
    bytes.extend(values);
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_comment_is_found_in_either_byte_order() {
        let record = record(300, "a lake, 湖");
        assert_eq!(texts(&record).comment.as_deref(), Some("a lake, 湖"));
        let text = record.len() - 2 * "a lake, 湖".encode_utf16().count();
        let swapped: Vec<u8> = record[text..].chunks(2).flat_map(|it| [it[1], it[0]]).collect();
        let swapped = [&record[..text], &swapped].concat();
        assert_eq!(texts(&swapped).comment.as_deref(), Some("a lake, 湖"));
        let with_head = [&b"Exif\0\0"[..], &record].concat();
        assert_eq!(texts(&with_head).comment.as_deref(), Some("a lake, 湖"));
    }

    #[test]
    fn what_the_picture_shows_is_found() {
        let record = b"II\x2A\0\x08\0\0\0\x01\0\x0E\x01\x02\0\x06\0\0\0\x1A\0\0\0\0\0\0\0lakes\0";
        assert_eq!(texts(record).others, ["lakes"]);
    }

    #[test]
    fn without_a_comment_there_is_none() {
        assert_eq!(texts(&record(72, "")), ExifTexts::default());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..99)) {
            texts(&bytes);
            texts(&[b"MM\0\x2A\0\0\0\x08", &bytes[..]].concat());
        }
    }
}
