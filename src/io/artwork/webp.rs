//! WebP files, without loss.

use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder as _};

use super::Artwork;
use super::jpeg::describe;
use crate::io::error::Fault;

pub(super) fn encode(artwork: &Artwork<'_>) -> Result<Vec<u8>, Fault> {
    let [width, height] = artwork.size;
    let mut bytes = Vec::new();
    let mut encoder = WebPEncoder::new_lossless(&mut bytes);
    describe(&mut encoder, artwork)?;
    let rgba = artwork.samples.eight();
    let written = encoder.write_image(&rgba, width, height, ExtendedColorType::Rgba8);
    written.map_err(Fault::Encode)?;
    Ok(with_packet(bytes, artwork.xmp.as_bytes()))
}

/// In a chunk at the end, which the first one announces (RFC 9649, 2.7).
fn with_packet(mut webp: Vec<u8>, packet: &[u8]) -> Vec<u8> {
    const HAS_XMP: u8 = 0x04;
    const FLAGS: usize = 20;
    if packet.is_empty() || webp.get(12..16) != Some(b"VP8X") || webp.len() <= FLAGS {
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
