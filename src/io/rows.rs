//! From the rows of a decoder to the pixels of a picture: in sRGB, no larger than can be opened, upright.

use image::metadata::Orientation;
use image::{DynamicImage, RgbaImage};

use super::MAX_SIDE_PIXELS;
use super::colour::{ColourTag, RowFormat, ToSrgb};
use super::error::Fault;
use super::notice::Notice;
use super::shrink::Shrink;
use crate::base::Pixmap;

/// What reading a picture may take beside the pixels that come out, which take at most 256 MiB.
pub(super) const MAX_MEMORY_BYTES: u64 = 1 << 30;

/// Takes rows, top to bottom.
pub(super) struct Rows {
    /// As large as it becomes.
    opened: [u32; 2],
    to_srgb: ToSrgb,
    shrink: Shrink,
    pub(super) notices: Vec<Notice>,
}

/// Whether a picture can be read that takes so many bytes for each pixel, and others beside these.
///
/// # Errors
/// Where it has no pixels, or reading it would take more than [`MAX_MEMORY_BYTES`].
pub(super) fn check_size(
    [width, height]: [u32; 2],
    bytes_per_pixel: u64,
    bytes_beside: u64,
) -> Result<(), Fault> {
    if width == 0 || height == 0 {
        return Err(Fault::Damaged("it has no pixels"));
    }
    let bytes = u64::from(width).saturating_mul(u64::from(height)).saturating_mul(bytes_per_pixel);
    if MAX_MEMORY_BYTES < bytes.saturating_add(bytes_beside) {
        return Err(Fault::TooLarge { width, height, max_bytes: MAX_MEMORY_BYTES });
    }
    Ok(())
}

/// The largest size in proportion that can be opened.
fn opened_size(size: [u32; 2], max_side: u32) -> [u32; 2] {
    let longer = size[0].max(size[1]);
    if longer <= max_side {
        return size;
    }
    size.map(|it| {
        let scaled = u64::from(it) * u64::from(max_side) + u64::from(longer / 2);
        (scaled / u64::from(longer)).max(1) as u32
    })
}

impl Rows {
    /// For rows of `size` (checked before) and `format`, whose colours are what `tag` says.
    pub(super) fn new(size: [u32; 2], format: RowFormat, tag: &ColourTag) -> Self {
        Self::up_to(MAX_SIDE_PIXELS, size, format, tag)
    }

    /// The same, scaled down only where it is longer than `max_side`.
    pub(super) fn up_to(max_side: u32, size: [u32; 2], format: RowFormat, tag: &ColourTag) -> Self {
        let to = opened_size(size, max_side);
        let mut notices = Vec::new();
        let to_srgb = ToSrgb::new(tag, format).unwrap_or_else(|flaw| {
            notices.push(Notice::ProfileIgnored(flaw));
            ToSrgb::keep(format)
        });
        if to != size {
            notices.push(Notice::ScaledDown { from: size, to });
        }
        Self { opened: to, to_srgb, shrink: Shrink::new(size, to), notices }
    }

    /// Whether all rows are to be shown to [`Self::measure`] before the first is pushed.
    pub(super) const fn wants_to_measure(&self) -> bool {
        self.to_srgb.wants_to_measure()
    }

    pub(super) fn measure(&mut self, row: &[u8]) {
        self.to_srgb.measure(row);
    }

    pub(super) fn push(&mut self, row: &[u8]) {
        self.shrink.push(&self.to_srgb.convert(row));
    }

    /// All rows at once, which are whole.
    pub(super) fn push_all(&mut self, rows: &[u8], row_bytes: usize) {
        let rows = rows.chunks_exact(row_bytes.max(1));
        if self.wants_to_measure() {
            rows.clone().for_each(|it| self.measure(it));
        }
        rows.for_each(|it| self.push(it));
    }

    /// # Errors
    /// Where rows are missing.
    pub(super) fn finish(self, turn: Orientation) -> Result<(Pixmap, Vec<Notice>), Fault> {
        let missing = || Fault::Damaged("pixels are missing");
        let [width, height] = self.opened;
        let image = RgbaImage::from_raw(width, height, self.shrink.into_rgba());
        let mut image = DynamicImage::ImageRgba8(image.ok_or_else(missing)?);
        image.apply_orientation(turn);
        let pixels = Pixmap::from_rgba(image.width(), image.height(), image.as_bytes());
        Ok((pixels.ok_or_else(missing)?, self.notices))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_scaled_down_in_proportion() {
        assert_eq!(opened_size([8192, 1], MAX_SIDE_PIXELS), [8192, 1]);
        assert_eq!(opened_size([12_000, 9000], MAX_SIDE_PIXELS), [8192, 6144]);
        assert_eq!(opened_size([9000, 12_000], MAX_SIDE_PIXELS), [6144, 8192]);
        assert_eq!(opened_size([8193, 100], MAX_SIDE_PIXELS), [8192, 100]);
        assert_eq!(opened_size([100_000, 1], MAX_SIDE_PIXELS), [8192, 1]);
    }

    #[test]
    fn a_size_is_limited_by_the_memory_that_it_takes() {
        assert!(check_size([12_000, 9000], 9, 32 << 20).is_ok());
        let message = check_size([20_000, 20_000], 4, 0).unwrap_err().to_string();
        assert!(message.contains("20000 × 20000 pixels"), "{message}");
        assert!(message.contains("1024 MiB"), "{message}");
        assert!(check_size([u32::MAX, u32::MAX], u64::MAX, u64::MAX).is_err());
        assert!(check_size([9, 9], 4, MAX_MEMORY_BYTES).is_err());
        assert!(check_size([0, 7], 4, 0).is_err());
    }
}
