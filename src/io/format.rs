//! The formats that pictures are exported in, and the files that are no PNG: JPEG, and WebP without loss. Each has a profile
//! (sRGB), an Exif record with what most programs read, and an XMP packet with our own.

use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder};
use moxcms::ColorProfile;

use super::error::Fault;
use super::exif;
use super::metadata::Beside;

/// Nearly as good as it gets; half as large as at 97.
const JPEG_QUALITY: u8 = 92;

/// A segment of a JPEG file has so much room for an XMP packet.
pub(super) const MAX_JPEG_PACKET: usize = 0xFFFF - 2 - XMP_MARK.len();

const XMP_MARK: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

/// Of a file that is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Png,
    /// Smaller, with some loss; what is transparent is laid on white.
    Jpeg,
    /// Without loss.
    WebP,
}

impl Format {
    pub const ALL: [Self; 3] = [Self::Png, Self::Jpeg, Self::WebP];

    /// Of a file with such a name; `None` where its ending is none of them.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_lowercase();
        Self::ALL.into_iter().find(|it| it.endings().contains(&ending.as_str()))
    }

    #[must_use]
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::WebP => &["webp"],
        }
    }

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::WebP => "WebP",
        }
    }
}

/// A whole file of RGBA8 values, straight alpha. As PNG it is written elsewhere.
pub(super) fn encode(
    format: Format,
    [width, height]: [u32; 2],
    rgba: &[u8],
    beside: &Beside,
) -> Result<Vec<u8>, Fault> {
    let profile = ColorProfile::new_srgb().encode().ok();
    let exif = exif::record_with_comment(&beside.parameters);
    let mut bytes = Vec::new();
    match format {
        Format::Jpeg => {
            let mut encoder = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
            describe(&mut encoder, profile, exif)?;
            let rgb: Vec<u8> = rgba.as_chunks().0.iter().flat_map(|&it| on_white(it)).collect();
            let written = encoder.write_image(&rgb, width, height, ExtendedColorType::Rgb8);
            written.map_err(Fault::Encode)?;
            Ok(with_packet_in_jpeg(bytes, beside.xmp.as_bytes()))
        }
        Format::Png | Format::WebP => {
            let mut encoder = WebPEncoder::new_lossless(&mut bytes);
            describe(&mut encoder, profile, exif)?;
            let written = encoder.write_image(rgba, width, height, ExtendedColorType::Rgba8);
            written.map_err(Fault::Encode)?;
            Ok(with_packet_in_webp(bytes, beside.xmp.as_bytes()))
        }
    }
}

fn describe(
    encoder: &mut impl ImageEncoder,
    profile: Option<Vec<u8>>,
    exif: Vec<u8>,
) -> Result<(), Fault> {
    let unsupported = |err| Fault::Encode(image::ImageError::Unsupported(err));
    if let Some(profile) = profile {
        encoder.set_icc_profile(profile).map_err(unsupported)?;
    }
    encoder.set_exif_metadata(exif).map_err(unsupported)
}

fn on_white([r, g, b, alpha]: [u8; 4]) -> [u8; 3] {
    let laid = |it: u8| {
        let (it, alpha) = (u16::from(it), u16::from(alpha));
        ((it * alpha + 255 * (255 - alpha) + 127) / 255) as u8
    };
    [r, g, b].map(laid)
}

/// In a segment behind the first one, which says that this is JFIF (Adobe, "XMP specification, part 3", 1.1.3).
fn with_packet_in_jpeg(jpeg: Vec<u8>, packet: &[u8]) -> Vec<u8> {
    let first = match jpeg.get(2..6) {
        Some(&[0xFF, 0xE0, high, low]) => 4 + usize::from(u16::from_be_bytes([high, low])),
        Some(_) | None => 2,
    };
    let Ok(len) = u16::try_from(2 + XMP_MARK.len() + packet.len()) else { return jpeg };
    let (head, tail) = jpeg.split_at(first.min(jpeg.len()));
    [head, &[0xFF, 0xE1], &len.to_be_bytes(), XMP_MARK, packet, tail].concat()
}

/// In a chunk at the end, which the first one announces (RFC 9649, 2.7).
fn with_packet_in_webp(mut webp: Vec<u8>, packet: &[u8]) -> Vec<u8> {
    const HAS_XMP: u8 = 0x04;
    const FLAGS: usize = 20;
    if webp.get(12..16) != Some(b"VP8X") || webp.len() <= FLAGS {
        return webp;
    }
    let Ok(len) = u32::try_from(packet.len()) else { return webp };
    webp[FLAGS] |= HAS_XMP;
    webp.extend(b"XMP ");
    webp.extend(len.to_le_bytes());
    webp.extend(packet);
    webp.resize(webp.len().next_multiple_of(2), 0);
    let whole = (webp.len() - 8) as u32;
    webp[4..8].copy_from_slice(&whole.to_le_bytes());
    webp
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_says_the_format() {
        let of = |name: &str| Format::of(Path::new(name));
        assert_eq!(of("a.PNG"), Some(Format::Png));
        assert_eq!([of("a.jpg"), of("a.JPEG")], [Some(Format::Jpeg); 2]);
        assert_eq!([of("a.webp"), of("a"), of("a.ora")], [Some(Format::WebP), None, None]);
    }

    #[test]
    fn what_is_transparent_is_laid_on_white() {
        assert_eq!(on_white([9, 8, 7, 255]), [9, 8, 7]);
        assert_eq!(on_white([9, 8, 7, 0]), [255; 3]);
        assert_eq!(on_white([0, 0, 255, 128]), [127, 127, 255]);
    }
}
