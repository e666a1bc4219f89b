//! Pictures in another number of pixels.

use fast_image_resize::images::{Image, ImageRef, TypedImage, TypedImageRef};
use fast_image_resize::pixels::U16x4;
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

/// What the values of a pixel are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PixelKind {
    Rgb,
    /// Straight alpha; what is transparent does not tint.
    Rgba,
}

/// Eight-bit values, row by row, of a picture as wide and high as `from`, in as many pixels as `to` says (Lanczos). `None` where
/// there are not as many values as pixels, or no pixels.
#[must_use]
pub fn resampled(values: &[u8], kind: PixelKind, from: [u32; 2], to: [u32; 2]) -> Option<Vec<u8>> {
    let pixel_type = match kind {
        PixelKind::Rgb => PixelType::U8x3,
        PixelKind::Rgba => PixelType::U8x4,
    };
    let source = ImageRef::new(from[0], from[1], values, pixel_type).ok()?;
    let mut target = Image::new(to[0], to[1], pixel_type);
    Resizer::new().resize(&source, &mut target, &lanczos(kind)).ok()?;
    Some(target.into_vec())
}

/// The same of RGBA values of sixteen bits.
#[must_use]
pub fn resampled_deep(values: &[u16], from: [u32; 2], to: [u32; 2]) -> Option<Vec<u16>> {
    let pixels: Vec<U16x4> = values.as_chunks().0.iter().map(|&it| U16x4::new(it)).collect();
    let source = TypedImageRef::new(from[0], from[1], &pixels).ok()?;
    let mut target = TypedImage::<U16x4>::new(to[0], to[1]);
    Resizer::new().resize_typed(&source, &mut target, &lanczos(PixelKind::Rgba)).ok()?;
    Some(target.pixels().iter().flat_map(|it| it.0).collect())
}

fn lanczos(kind: PixelKind) -> ResizeOptions {
    ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .use_alpha(kind == PixelKind::Rgba)
}
