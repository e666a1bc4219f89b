//! JPEG files.

use image::codecs::jpeg::{JpegEncoder, PixelDensity};
use image::{ExtendedColorType, ImageEncoder};

use super::{Artwork, on_white};
use crate::io::error::Fault;

const XMP_MARK: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

/// So much room a segment has for an XMP packet, beside its length and the mark.
pub(in crate::io) const MAX_PACKET: usize = 0xFFFF - 2 - XMP_MARK.len();

pub(super) fn encode(artwork: &Artwork<'_>) -> Result<Vec<u8>, Fault> {
    let [width, height] = artwork.size;
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, artwork.options.quality);
    encoder.set_pixel_density(PixelDensity::dpi(artwork.options.dpi));
    describe(&mut encoder, artwork)?;
    let rgba = artwork.samples.eight();
    let rgb: Vec<u8> = rgba.as_chunks().0.iter().flat_map(|&it| on_white(it)).collect();
    let written = encoder.write_image(&rgb, width, height, ExtendedColorType::Rgb8);
    written.map_err(Fault::Encode)?;
    Ok(with_packet(bytes, artwork.xmp.as_bytes()))
}

/// Profile and Exif record.
pub(super) fn describe(
    encoder: &mut impl ImageEncoder,
    artwork: &Artwork<'_>,
) -> Result<(), Fault> {
    let unsupported = |err| Fault::Encode(image::ImageError::Unsupported(err));
    if let Some(profile) = artwork.profile.clone() {
        encoder.set_icc_profile(profile).map_err(unsupported)?;
    }
    encoder.set_exif_metadata(artwork.exif.clone()).map_err(unsupported)
}

/// In a segment behind the first one, which says that this is JFIF (Adobe, "XMP specification, part 3", 1.1.3).
fn with_packet(jpeg: Vec<u8>, packet: &[u8]) -> Vec<u8> {
    let first = match jpeg.get(2..6) {
        Some(&[0xFF, 0xE0, high, low]) => 4 + usize::from(u16::from_be_bytes([high, low])),
        Some(_) | None => 2,
    };
    let Ok(len) = u16::try_from(2 + XMP_MARK.len() + packet.len()) else { return jpeg };
    if packet.is_empty() {
        return jpeg;
    }
    let (head, tail) = jpeg.split_at(first.min(jpeg.len()));
    [head, &[0xFF, 0xE1], &len.to_be_bytes(), XMP_MARK, packet, tail].concat()
}
