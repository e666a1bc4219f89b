//! What a PNG file says beside its pixels: texts, colours, how it was held. Found before the pixels and behind them,
//! and without the pixels being decoded.

use std::io::{self, BufRead, Cursor, Read as _, Seek};

use png::{ColorType, Decoder, DecodingError, Info, Limits, ScaledFloat};

use super::colour::{ColourTag, MAX_PROFILE_BYTES};
use super::error::Fault;

/// One text of this size is read, a larger one is not.
pub(super) const MAX_TEXT_BYTES: usize = 8 << 20;

/// All that is read beside the pixels of one file may take no more.
const MAX_MEMORY_BYTES: usize = 32 << 20;

const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";

/// The chunks of a PNG file, but for its pixels.
#[derive(Debug)]
pub(super) struct Chunks {
    /// A PNG file by itself, without pixels.
    png: Vec<u8>,
    /// Whether there is a colour profile, be it readable or not.
    has_profile: bool,
}

/// Whether a file begins as a PNG file does.
pub(super) fn is_png(start: &[u8]) -> bool {
    start.starts_with(SIGNATURE)
}

/// The packed pixels of a PNG file of our own.
pub(super) fn idat(png: &[u8]) -> Vec<u8> {
    let mut rest = &png[SIGNATURE.len().min(png.len())..];
    let mut packed = Vec::with_capacity(png.len());
    while let Some((head, behind)) = rest.split_first_chunk::<8>() {
        let len = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let Some((data, behind)) = behind.split_at_checked(len) else { break };
        if &head[4..] == b"IDAT" {
            packed.extend(data);
        }
        rest = behind.get(4..).unwrap_or_default(); // its checksum
    }
    packed
}

impl Chunks {
    /// Reads all chunks, and passes over the pixels.
    ///
    /// # Errors
    /// Where the file cannot be read, or ends before its pixels.
    pub(super) fn read(mut file: impl BufRead + Seek) -> Result<Self, Fault> {
        let mut it = Self { png: Vec::new(), has_profile: false };
        let mut head = [0; 8];
        if file.read_exact(&mut head).is_err() || !is_png(&head) {
            return Err(Fault::OtherFormat { expected: "PNG" });
        }
        it.png.extend(head);
        let mut has_pixels = false;
        while file.read_exact(&mut head).is_ok() {
            let kind = [head[4], head[5], head[6], head[7]];
            let len = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
            match &kind {
                b"CgBI" => return Err(Fault::AppleVariant),
                b"IEND" => break,
                b"IDAT" | b"fdAT" => has_pixels = true,
                _ if it.wants(kind, len, has_pixels) => {
                    if !it.take(&mut file, head, len)? {
                        break;
                    }
                    continue;
                }
                _ => (),
            }
            file.seek_relative(i64::from(len) + 4)?;
        }
        if !has_pixels {
            return Err(Fault::Damaged("it ends too early"));
        }
        it.png.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
        Ok(it)
    }

    /// What stands behind the pixels may tell of the picture, not of how its pixels are to be understood.
    fn wants(&mut self, kind: [u8; 4], len: u32, is_behind: bool) -> bool {
        let is_text = matches!(&kind, b"tEXt" | b"zTXt" | b"iTXt" | b"eXIf");
        self.has_profile |= &kind == b"iCCP" && !is_behind;
        let len = len as usize;
        len <= MAX_TEXT_BYTES && self.png.len() + len <= MAX_MEMORY_BYTES && (is_text || !is_behind)
    }

    /// Takes a chunk over; `false` where the file ends in it.
    fn take(&mut self, file: &mut impl BufRead, head: [u8; 8], len: u32) -> io::Result<bool> {
        let start = self.png.len();
        self.png.extend(head);
        let n_bytes = u64::from(len) + 4; // and its checksum
        let is_whole = file.take(n_bytes).read_to_end(&mut self.png)? as u64 == n_bytes;
        if !is_whole {
            self.png.truncate(start);
        }
        Ok(is_whole)
    }

    fn info(&self, with_texts: bool, max_bytes: usize) -> Result<Info<'static>, Fault> {
        let limits = Limits { bytes: max_bytes };
        let mut decoder = Decoder::new_with_limits(Cursor::new(&self.png), limits);
        decoder.set_ignore_text_chunk(!with_texts);
        decoder.set_ignore_iccp_chunk(with_texts);
        Ok(decoder.read_info().map_err(fault)?.info().clone())
    }

    /// How the picture was held: an Exif record, where there is one.
    pub(super) fn exif(&self) -> Option<Vec<u8>> {
        Some(self.info(false, MAX_MEMORY_BYTES).ok()?.exif_metadata?.into_owned())
    }

    /// What the file says of its colours, by the precedence that the format lays down.
    pub(super) fn colours(&self) -> ColourTag {
        // What is unpacked counts too.
        let Ok(info) = self.info(false, MAX_PROFILE_BYTES * 2) else {
            return if self.has_profile { ColourTag::UnreadableIcc } else { ColourTag::Srgb };
        };
        if let Some(it) = info.coding_independent_code_points {
            return ColourTag::Cicp {
                primaries: it.color_primaries,
                transfer: it.transfer_function,
            };
        }
        match info.icc_profile {
            Some(profile) => return ColourTag::Icc(profile.into_owned()),
            None if self.has_profile => return ColourTag::UnreadableIcc,
            None => (),
        }
        if info.srgb.is_some() {
            return ColourTag::Srgb;
        }
        let gamma = info.gama_chunk.map(ScaledFloat::into_value).filter(|&it| 0.0 < it);
        let is_grey = matches!(info.color_type, ColorType::Grayscale | ColorType::GrayscaleAlpha);
        let places = info.chrm_chunk.filter(|_| !is_grey).map(|it| {
            [it.white, it.red, it.green, it.blue].map(|(x, y)| [x.into_value(), y.into_value()])
        });
        match (gamma, places) {
            (None, None) => ColourTag::Srgb,
            (gamma, places) => ColourTag::Measured { gamma, places },
        }
    }

    /// All texts, each with its keyword, whichever of PNG's three ways of keeping text it is in.
    ///
    /// # Errors
    /// Where one is damaged or too large.
    pub(super) fn texts(&self) -> Result<Texts, Fault> {
        let info = self.info(true, MAX_MEMORY_BYTES)?;
        let mut texts = Vec::new();
        for mut it in info.utf8_text {
            it.decompress_text_with_limit(MAX_TEXT_BYTES).map_err(fault)?;
            let text = it.get_text().map_err(fault)?;
            texts.push((it.keyword, text));
        }
        for mut it in info.compressed_latin1_text {
            it.decompress_text_with_limit(MAX_TEXT_BYTES).map_err(fault)?;
            let text = it.get_text().map_err(fault)?;
            texts.push((it.keyword, text));
        }
        texts.extend(info.uncompressed_latin1_text.into_iter().map(|it| (it.keyword, it.text)));
        Ok(Texts(texts))
    }
}

/// Keywords and their texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Texts(pub(super) Vec<(String, String)>);

impl Texts {
    /// The first text under `keyword`.
    pub(super) fn get(&self, keyword: &str) -> Option<&str> {
        self.0.iter().find(|(it, _)| it == keyword).map(|(_, text)| text.as_str())
    }
}

/// What is wrong with a PNG file, as far as it concerns whoever wants to open it.
pub(super) fn fault(err: DecodingError) -> Fault {
    match err {
        DecodingError::IoError(err) if err.kind() == io::ErrorKind::UnexpectedEof => {
            Fault::Damaged("it ends too early")
        }
        DecodingError::IoError(err) => Fault::Read(err),
        DecodingError::LimitsExceeded => {
            Fault::TooMuchMemory { max_bytes: MAX_MEMORY_BYTES as u64 }
        }
        err @ (DecodingError::Format(_) | DecodingError::Parameter(_)) => {
            log::info!("A PNG file cannot be decoded: {err}");
            Fault::Damaged("its data make no sense")
        }
    }
}

#[cfg(test)]
mod tests {
    use png::Encoder;

    use super::*;

    /// A one-pixel picture with the given texts, one in each way.
    fn png(texts: &[(&str, &str)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, 1, 1);
        for (idx, (keyword, text)) in texts.iter().enumerate() {
            let (keyword, text) = ((*keyword).to_owned(), (*text).to_owned());
            match idx {
                0 => encoder.add_text_chunk(keyword, text),
                1 => encoder.add_ztxt_chunk(keyword, text),
                _ => encoder.add_itxt_chunk(keyword, text),
            }
            .unwrap();
        }
        encoder.write_header().unwrap().write_image_data(&[0]).unwrap();
        bytes
    }

    /// A chunk with its checksum.
    fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let body = [&kind[..], content].concat();
        let checksum = crc32fast::hash(&body).to_be_bytes();
        [&(content.len() as u32).to_be_bytes()[..], &body, &checksum].concat()
    }

    /// The picture, with a chunk before its end mark.
    fn with_chunk_behind(png: &[u8], chunk: &[u8]) -> Vec<u8> {
        let end = png.len() - 12;
        [&png[..end], chunk, &png[end..]].concat()
    }

    fn read(bytes: &[u8]) -> Chunks {
        Chunks::read(Cursor::new(bytes)).unwrap()
    }

    #[test]
    fn text_is_found_in_each_of_the_three_ways_and_behind_the_pixels() {
        let texts = [("a", "plain"), ("b", "compressed"), ("c", "unicode: 湖")];
        let bytes = png(&texts);
        let behind = with_chunk_behind(&bytes, &chunk(b"tEXt", b"d\0behind"));
        for (keyword, text) in texts.into_iter().chain([("d", "behind")]) {
            assert_eq!(read(&behind).texts().unwrap().get(keyword), Some(text));
        }
        assert_eq!(read(&bytes).texts().unwrap().get("d"), None);
    }

    #[test]
    fn how_it_was_held_is_found_behind_the_pixels() {
        let exif = b"MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let bytes = with_chunk_behind(&png(&[]), &chunk(b"eXIf", exif));
        assert_eq!(read(&bytes).exif().as_deref(), Some(&exif[..]));
        assert_eq!(read(&png(&[])).exif(), None);
    }

    #[test]
    fn a_text_that_swells_beyond_all_bounds_is_refused() {
        let bytes = png(&[("a", ""), ("b", &"0".repeat(MAX_TEXT_BYTES + 1))]);
        assert!(bytes.len() < 100_000);
        assert!(read(&bytes).texts().is_err());
    }

    #[test]
    fn a_file_that_is_cut_off_behind_its_texts_still_tells_them() {
        let bytes = png(&[("a", "plain")]);
        let chunks = read(&bytes[..bytes.len() - 20]);
        assert_eq!(chunks.texts().unwrap().get("a"), Some("plain"));
        let before_the_pixels = Chunks::read(Cursor::new(&bytes[..40]));
        assert!(before_the_pixels.unwrap_err().to_string().contains("ends too early"));
    }

    #[test]
    fn colours_are_told_by_the_rank_of_their_chunks() {
        let with = |chunks: &[Vec<u8>]| {
            let bytes = png(&[]);
            read(&[&bytes[..33], &chunks.concat(), &bytes[33..]].concat()).colours()
        };
        let (gamma, srgb) = (chunk(b"gAMA", &[0, 1, 0x86, 0xA0]), chunk(b"sRGB", &[0]));
        let linear = ColourTag::Measured { gamma: Some(1.0), places: None };
        assert_eq!(with(&[]), ColourTag::Srgb);
        assert_eq!(with(std::slice::from_ref(&gamma)), linear);
        assert_eq!(with(&[gamma.clone(), srgb.clone()]), ColourTag::Srgb);
        let profile = chunk(b"iCCP", b"a\0\0broken");
        assert_eq!(with(&[profile.clone(), srgb]), ColourTag::UnreadableIcc);
        let hdr = ColourTag::Cicp { primaries: 9, transfer: 16 };
        assert_eq!(with(&[chunk(b"cICP", &[9, 16, 0, 1]), profile, gamma]), hdr);
    }
}
