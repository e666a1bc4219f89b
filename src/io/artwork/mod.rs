//! Finished pictures to files, each format with what it can hold beside the pixels: a profile (sRGB), a resolution, and how the
//! picture came about.

mod jpeg;
mod pdf;
mod tiff;
mod webp;

use std::io::Write as _;
use std::path::Path;

use moxcms::ColorProfile;
use serde::{Deserialize, Serialize};

pub(super) use self::jpeg::MAX_PACKET as MAX_JPEG_PACKET;
use super::error::{Fault, Result};
use super::file::write_whole;
use super::metadata::Metadata;
use super::{exif, png};
use crate::base::{Depth, Samples};

/// Of a file that is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Png,
    /// Smaller, with some loss; what is transparent is laid on white.
    Jpeg,
    /// Without loss.
    WebP,
    /// Without loss, as printers like it.
    Tiff,
    /// A page as large as the picture.
    Pdf,
}

impl Format {
    pub const ALL: [Self; 5] = [Self::Png, Self::Jpeg, Self::WebP, Self::Tiff, Self::Pdf];

    /// Of a file with such a name; `None` where its ending is none of them.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        Self::ALL.into_iter().find(|it| has_ending(path, it.endings()))
    }

    /// The usual one first.
    #[must_use]
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::WebP => &["webp"],
            Self::Tiff => &["tif", "tiff"],
            Self::Pdf => &["pdf"],
        }
    }

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::WebP => "WebP",
            Self::Tiff => "TIFF",
            Self::Pdf => "PDF",
        }
    }

    /// Whether a file can hold values of sixteen bits.
    #[must_use]
    pub const fn can_be_deep(self) -> bool {
        matches!(self, Self::Png | Self::Tiff | Self::Pdf)
    }
}

/// Whether a file's name ends in one of these, in whatever letters.
pub(super) fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|it| endings.iter().any(|ending| it.eq_ignore_ascii_case(ending)))
}

/// RGB values laid on white.
pub(super) fn on_white([r, g, b, alpha]: [u8; 4]) -> [u8; 3] {
    let laid = |it: u8| {
        let (it, alpha) = (u16::from(it), u16::from(alpha));
        ((it * alpha + 255 * (255 - alpha) + 127) / 255) as u8
    };
    [r, g, b].map(laid)
}

/// How files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileOptions {
    /// Of a JPEG, from 1 to 100.
    pub quality: u8,
    /// Formats without so many bits get eight.
    pub depth: Depth,
    /// Pixels per inch on paper.
    pub dpi: u16,
    pub tells: Tells,
}

/// What is told beside the pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tells {
    /// The prompts.
    pub prompt: bool,
    /// Seed, settings and plan: all that it takes to paint it once more, beside the prompts.
    pub recipe: bool,
    /// Which models have painted in it, and whether a human has, in the terms of the IPTC.
    pub origin: bool,
}

impl Default for FileOptions {
    fn default() -> Self {
        // At 92 a JPEG is nearly as good as it gets, and half as large as at 97.
        Self { quality: 92, depth: Depth::Eight, dpi: 300, tells: Tells::default() }
    }
}

impl Default for Tells {
    fn default() -> Self {
        Self { prompt: true, recipe: true, origin: true }
    }
}

/// A picture that is to become a file.
struct Artwork<'a> {
    size: [u32; 2],
    samples: &'a Samples,
    options: &'a FileOptions,
    /// sRGB.
    profile: Option<Vec<u8>>,
    exif: Vec<u8>,
    /// Empty where there is nothing to tell.
    xmp: String,
}

impl Artwork<'_> {
    /// Whether values of sixteen bits are there, and wanted.
    fn is_deep(&self) -> bool {
        self.options.depth == Depth::Sixteen && self.samples.depth() == Depth::Sixteen
    }

    /// Whether every pixel is opaque.
    fn is_opaque(&self) -> bool {
        match self.samples {
            Samples::Eight(it) => it.as_chunks::<4>().0.iter().all(|it| it[3] == u8::MAX),
            Samples::Sixteen(it) => it.as_chunks::<4>().0.iter().all(|it| it[3] == u16::MAX),
        }
    }
}

/// Writes a picture with how it came about, in the format that its name says.
///
/// # Errors
/// Where the file cannot be written or is not named as a picture, the number of values does not fit the size, or there is no
/// text for how it came about; what was there before stays.
pub fn write_artwork(
    path: &Path,
    size: [u32; 2],
    samples: &Samples,
    options: &FileOptions,
    metadata: &Metadata,
) -> Result<()> {
    let format = Format::of(path).ok_or(Fault::OtherName).map_err(|fault| fault.at(path))?;
    let bytes = encode(format, size, samples, options, metadata).map_err(|fault| fault.at(path))?;
    write_whole(path, |file| file.write_all(&bytes))
}

/// How many bytes the file of such a picture has, without writing it; `None` where it cannot be written.
#[must_use]
pub fn artwork_bytes(
    format: Format,
    size: [u32; 2],
    samples: &Samples,
    options: &FileOptions,
    metadata: &Metadata,
) -> Option<usize> {
    encode(format, size, samples, options, metadata).ok().map(|it| it.len())
}

fn encode(
    format: Format,
    size: [u32; 2],
    samples: &Samples,
    options: &FileOptions,
    metadata: &Metadata,
) -> std::result::Result<Vec<u8>, Fault> {
    let beside = metadata.beside(size, format, options.tells)?;
    let texts = beside.texts();
    let artwork = Artwork {
        size,
        samples,
        options,
        profile: ColorProfile::new_srgb().encode().ok(),
        exif: exif::record(options.dpi, &beside.parameters),
        xmp: beside.xmp,
    };
    match format {
        Format::Png => encode_png(&artwork, &texts),
        Format::Jpeg => jpeg::encode(&artwork),
        Format::WebP => webp::encode(&artwork),
        Format::Tiff => tiff::encode(&artwork),
        Format::Pdf => pdf::encode(&artwork),
    }
}

fn encode_png(artwork: &Artwork<'_>, texts: &[png::Text]) -> std::result::Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let encoding = png::Encoding { dpi: Some(artwork.options.dpi), ..png::Encoding::default() };
    let written = match artwork.samples {
        Samples::Sixteen(it) if artwork.is_deep() => {
            png::encode_deep(&mut bytes, artwork.size, it, texts, &encoding)
        }
        it => png::encode(&mut bytes, artwork.size, &it.eight(), texts, &encoding),
    };
    written.map_err(|err| Fault::Write(err.into()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_transparent_is_laid_on_white() {
        assert_eq!(on_white([9, 8, 7, 255]), [9, 8, 7]);
        assert_eq!(on_white([9, 8, 7, 0]), [255; 3]);
        assert_eq!(on_white([0, 0, 255, 128]), [127, 127, 255]);
    }

    #[test]
    fn the_name_says_the_format() {
        let of = |name: &str| Format::of(Path::new(name));
        assert_eq!(of("a.PNG"), Some(Format::Png));
        assert_eq!([of("a.jpg"), of("a.JPEG")], [Some(Format::Jpeg); 2]);
        assert_eq!([of("a.webp"), of("a"), of("a.ora")], [Some(Format::WebP), None, None]);
        assert_eq!([of("a.tif"), of("a.TIFF")], [Some(Format::Tiff); 2]);
    }
}
