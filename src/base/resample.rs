//! Pictures in another number of pixels.

use fast_image_resize::images::{Image, ImageRef};
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
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .use_alpha(kind == PixelKind::Rgba);
    Resizer::new().resize(&source, &mut target, &options).ok()?;
    Some(target.into_vec())
}
