//! TIFF files (Adobe, "TIFF, revision 6.0", 1992), deflated.

use std::io::{Cursor, Seek, Write};

use tiff::TiffResult;
use tiff::encoder::colortype::{ColorType, RGB8, RGB16, RGBA8, RGBA16};
use tiff::encoder::{Compression, DeflateLevel, Predictor, Rational, TiffEncoder, TiffValue};
use tiff::tags::{ExtraSamples, ResolutionUnit, Tag};

use super::Artwork;
use crate::base::Samples;
use crate::io::error::Fault;

/// Adobe, "XMP specification, part 3", 1.1.3.2.
const XMP: Tag = Tag::Unknown(700);

pub(super) fn encode(artwork: &Artwork<'_>) -> Result<Vec<u8>, Fault> {
    let mut file = Cursor::new(Vec::new());
    let is_opaque = artwork.is_opaque();
    let encoded = match artwork.samples {
        Samples::Sixteen(it) if artwork.is_deep() && is_opaque => {
            write::<RGB16>(&mut file, artwork, &opaque(it))
        }
        Samples::Sixteen(it) if artwork.is_deep() => write::<RGBA16>(&mut file, artwork, it),
        it if is_opaque => write::<RGB8>(&mut file, artwork, &opaque(&it.eight())),
        it => write::<RGBA8>(&mut file, artwork, &it.eight()),
    };
    encoded.map_err(|err| Fault::Tiff(err.to_string()))?;
    Ok(file.into_inner())
}

fn opaque<T: Copy>(rgba: &[T]) -> Vec<T> {
    rgba.as_chunks().0.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect()
}

fn write<C: ColorType>(
    file: &mut (impl Write + Seek),
    artwork: &Artwork<'_>,
    values: &[C::Inner],
) -> TiffResult<()>
where
    [C::Inner]: TiffValue,
{
    let [width, height] = artwork.size;
    let mut encoder = TiffEncoder::new(file)?
        .with_compression(Compression::Deflate(DeflateLevel::Balanced))
        .with_predictor(Predictor::Horizontal);
    let mut image = encoder.new_image::<C>(width, height)?;
    image.resolution(ResolutionUnit::Inch, Rational { n: u32::from(artwork.options.dpi), d: 1 });
    let directory = image.encoder();
    if C::BITS_PER_SAMPLE.len() == 4 {
        directory.write_tag(Tag::ExtraSamples, &[ExtraSamples::UnassociatedAlpha.to_u16()][..])?;
    }
    directory.write_tag(Tag::Software, concat!("Alla Prima ", env!("CARGO_PKG_VERSION")))?;
    if let Some(profile) = &artwork.profile {
        directory.write_tag(Tag::IccProfile, &profile[..])?;
    }
    if !artwork.xmp.is_empty() {
        directory.write_tag(XMP, artwork.xmp.as_bytes())?;
    }
    image.write_data(values)
}
