//! The segments of a JPEG file (ITU-T T.81, annex B): how large its picture is, how it is coded, where its data end.

use super::error::Fault;

/// How far a decoder reads ahead.
const READ_AHEAD_BYTES: usize = 16;

/// How the pixels are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// From top to bottom.
    AtOnce,
    /// Several times, each time more exactly.
    InPasses,
}

/// A file that can be decoded, as far as its segments tell.
#[derive(Debug)]
pub(super) struct JpegFile<'a> {
    bytes: &'a [u8],
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) n_components: u8,
    /// Whether the colours of ink are kept as brightness and two differences.
    pub(super) is_ycck: bool,
    pub(super) coding: Coding,
    /// Where the segment with the size begins, at its marker.
    pub(super) frame: usize,
    /// Behind the last data that can be decoded; where the end marker is, if there is one.
    end: usize,
    pub(super) has_end: bool,
    n_scans: usize,
}

/// A marker, and where it is.
struct Marker {
    at: usize,
    kind: u8,
}

impl<'a> JpegFile<'a> {
    /// # Errors
    /// Where the file ends before its pixels, or they are coded in a way that is not supported.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Fault> {
        let too_early = || Fault::Damaged("it ends too early");
        let mut file = Self {
            bytes,
            width: 0,
            height: 0,
            n_components: 0,
            is_ycck: false,
            coding: Coding::AtOnce,
            frame: 0,
            end: bytes.len(),
            has_end: false,
            n_scans: 0,
        };
        let mut place = 2;
        while let Some(Marker { at, kind }) = next_marker(bytes, place) {
            match kind {
                0xD9 => {
                    (file.end, file.has_end) = (at, true);
                    break;
                }
                // Those without a segment.
                0x01 | 0xD0..=0xD8 => place = at + 2,
                0xC0..=0xFE => {
                    let Some(content) = segment(bytes, at) else {
                        file.end = at;
                        break;
                    };
                    file.note(kind, at, content)?;
                    place = at + 4 + content.len();
                }
                // No marker of this format: a trailer begins.
                _ => {
                    file.end = at;
                    break;
                }
            }
        }
        if file.frame == 0 || file.n_scans == 0 { Err(too_early()) } else { Ok(file) }
    }

    fn note(&mut self, kind: u8, at: usize, content: &[u8]) -> Result<(), Fault> {
        match kind {
            // Tables for codes, and for arithmetic.
            0xC4 | 0xC8 | 0xCC => (),
            0xC0..=0xC2 => {
                let &[depth, height_high, height_low, width_high, width_low, n_components, ..] =
                    content
                else {
                    return Err(Fault::Damaged("its data make no sense"));
                };
                if depth != 8 {
                    return Err(Fault::Unsupported("a JPEG file with 12 bits for each value"));
                }
                self.height = u16::from_be_bytes([height_high, height_low]);
                self.width = u16::from_be_bytes([width_high, width_low]);
                (self.n_components, self.frame) = (n_components, at);
                self.coding = if kind == 0xC2 { Coding::InPasses } else { Coding::AtOnce };
            }
            0xC3 => return Err(Fault::Unsupported("a JPEG file without losses")),
            0xC5..=0xC7 | 0xCD..=0xCF | 0xDE => {
                return Err(Fault::Unsupported("a JPEG file in several sizes"));
            }
            0xC9..=0xCB => return Err(Fault::Unsupported("a JPEG file with arithmetic coding")),
            0xDA => self.n_scans += 1,
            0xEE if content.starts_with(b"Adobe") => self.is_ycck = content.get(11) == Some(&2),
            _ => (),
        }
        Ok(())
    }

    /// What decoding it takes: its values, and the coefficients that wait for later passes.
    pub(super) fn bytes_per_pixel(&self) -> u64 {
        let n_components = u64::from(self.n_components.max(3));
        match self.coding {
            Coding::AtOnce if self.n_scans <= 1 => n_components,
            Coding::AtOnce | Coding::InPasses => n_components * 3,
        }
    }

    /// The file up to the end of its data, without an end mark.
    pub(super) fn data(&self) -> &[u8] {
        &self.bytes[..self.end]
    }

    /// The same with an end mark.
    pub(super) fn with_end(&self) -> Vec<u8> {
        let mut bytes = self.data().to_vec();
        // A byte that looks like the beginning of a marker is none.
        if bytes.last() == Some(&0xFF) {
            bytes.push(0);
        }
        bytes.extend([0xFF, 0xD9]);
        bytes
    }

    /// The same with a few bytes in its place: a decoder that reads ahead is not to see the end too early.
    pub(super) fn without_end(&self) -> Vec<u8> {
        let mut bytes = self.data().to_vec();
        bytes.resize(bytes.len() + READ_AHEAD_BYTES, 0);
        bytes
    }
}

/// The next marker from `place` on, in coded data too, where a zero follows each byte that looks like the beginning of
/// one.
fn next_marker(bytes: &[u8], place: usize) -> Option<Marker> {
    let rest = bytes.get(place..)?;
    let mut pairs = rest.windows(2).enumerate();
    let (idx, pair) = pairs.find(|(_, it)| it[0] == 0xFF && it[1] != 0 && it[1] != 0xFF)?;
    Some(Marker { at: place + idx, kind: pair[1] })
}

/// What is in the segment whose marker is at `at`; `None` where the file ends in it.
fn segment(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let len = bytes.get(at + 2..at + 4)?;
    let len = usize::from(u16::from_be_bytes([len[0], len[1]]));
    bytes.get(at + 4..at + 2 + len.max(2))
}
