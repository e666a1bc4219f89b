//! Small pictures of how a painting came about: what a film is made of. Each keeps what differs from the one before, as a JPEG.

use std::io::Cursor;

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::{ExtendedColorType, ImageDecoder as _, ImageEncoder as _};

use super::artwork::on_white;
use super::error::Fault;
use super::picture::fault;
use crate::base::{EntryId, PixelKind, PixelRect, resampled};
use crate::document::{Look, Moment, Picture, Recording, Still};

/// The longer side of a still is no longer than this.
const MAX_SIDE_PIXELS: u32 = 768;

const QUALITY: u8 = 90;

/// What differs is kept in whole blocks, as a JPEG has them.
const BLOCK_PIXELS: u32 = 16;

/// An opaque picture of RGB8 values, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub size: [u32; 2],
    pub rgb: Vec<u8>,
}

impl Frame {
    /// Nothing but paper.
    #[must_use]
    pub fn blank(size: [u32; 2]) -> Self {
        Self { size, rgb: vec![u8::MAX; size[0] as usize * size[1] as usize * 3] }
    }

    /// What a picture looks like, no larger than a still is; on white where it is transparent.
    fn of(picture: &Picture) -> Option<Self> {
        let from = [picture.canvas.width(), picture.canvas.height()];
        let shrink = (MAX_SIDE_PIXELS as f32 / from[0].max(from[1]) as f32).min(1.0);
        let size = from.map(|it| ((it as f32 * shrink).round() as u32).max(1));
        let rgba = picture.composite(picture.canvas);
        let rgba = if size == from { rgba } else { resampled(&rgba, PixelKind::Rgba, from, size)? };
        Some(Self { size, rgb: rgba.as_chunks().0.iter().flat_map(|&it| on_white(it)).collect() })
    }

    fn area(&self) -> PixelRect {
        PixelRect::new(0, 0, self.size[0], self.size[1])
    }

    /// One row of `area`.
    fn row(&self, area: PixelRect, y: u32) -> &[u8] {
        let start = (y as usize * self.size[0] as usize + area.left as usize) * 3;
        &self.rgb[start..start + area.width() as usize * 3]
    }

    /// The same to be changed; `area` lies within the frame.
    pub fn row_mut(&mut self, area: PixelRect, y: u32) -> &mut [u8] {
        let start = (y as usize * self.size[0] as usize + area.left as usize) * 3;
        &mut self.rgb[start..start + area.width() as usize * 3]
    }

    /// Puts what `other`, of the same size, has at `area` there.
    pub fn copy(&mut self, other: &Self, area: PixelRect) {
        let area = area.intersection(self.area()).intersection(other.area());
        for y in area.top..area.bottom {
            self.row_mut(area, y).copy_from_slice(other.row(area, y));
        }
    }

    /// Puts values at `area`, which lies within the frame: as many as it has, row by row.
    pub fn put(&mut self, area: PixelRect, rgb: &[u8]) {
        for (y, row) in (area.top..area.bottom).zip(rgb.chunks(area.width() as usize * 3)) {
            self.row_mut(area, y).copy_from_slice(row);
        }
    }

    /// What differs from `before`, in whole blocks.
    fn unlike(&self, before: Option<&Self>) -> PixelRect {
        let Some(before) = before.filter(|it| it.size == self.size) else { return self.area() };
        let [width, height] = self.size;
        let mut found = PixelRect::default();
        for top in (0..height).step_by(BLOCK_PIXELS as usize) {
            for left in (0..width).step_by(BLOCK_PIXELS as usize) {
                let (right, bottom) = (left + BLOCK_PIXELS, top + BLOCK_PIXELS);
                let block = PixelRect::new(left, top, right, bottom).intersection(self.area());
                let mut rows = block.top..block.bottom;
                if rows.any(|y| self.row(block, y) != before.row(block, y)) {
                    found = found.union(block);
                }
            }
        }
        found
    }

    fn still(&self, before: Option<&Self>) -> Result<Still, Fault> {
        let area = self.unlike(before);
        let mut jpeg = Vec::new();
        if !area.is_empty() {
            let rows = (area.top..area.bottom).flat_map(|y| self.row(area, y));
            let rgb: Vec<u8> = rows.copied().collect();
            let encoder = JpegEncoder::new_with_quality(&mut jpeg, QUALITY);
            encoder
                .write_image(&rgb, area.width(), area.height(), ExtendedColorType::Rgb8)
                .map_err(Fault::Encode)?;
        }
        Ok(Still { size: self.size, area, jpeg: jpeg.into() })
    }

    /// What a still shows, where this was before it.
    ///
    /// # Errors
    /// Where it is damaged.
    pub fn then(&self, still: &Still) -> Result<Self, Fault> {
        let damaged = || Fault::DamagedProject("a moment of its film makes no sense".to_owned());
        if !is_still_size(still.size) {
            return Err(damaged());
        }
        let mut next = if self.size == still.size { self.clone() } else { Self::blank(still.size) };
        if still.area.is_empty() {
            return Ok(next);
        }
        let decoder = JpegDecoder::new(Cursor::new(&still.jpeg[..])).map_err(fault)?;
        let (width, height) = decoder.dimensions();
        let Still { area, .. } = *still;
        let is_in = area.intersection(next.area()) == area;
        let is_sound = is_in && [width, height] == [area.width(), area.height()];
        if !is_sound || decoder.total_bytes() != u64::from(width) * u64::from(height) * 3 {
            return Err(damaged());
        }
        let mut rgb = vec![0; decoder.total_bytes() as usize];
        decoder.read_image(&mut rgb).map_err(fault)?;
        next.put(area, &rgb);
        Ok(next)
    }
}

pub(super) fn is_still_size(size: [u32; 2]) -> bool {
    size.iter().all(|it| (1..=MAX_SIDE_PIXELS).contains(it))
}

/// Looks at all moments that were not looked at yet; what has come of them. Takes its time.
///
/// # Errors
/// Where a picture cannot be kept.
pub fn stills(recording: &Recording) -> Result<Vec<(EntryId, Still)>, Fault> {
    let mut found = Vec::new();
    let mut before: Option<(Frame, Picture)> = None;
    for Moment { entry, look, .. } in recording.moments() {
        let (Look::Picture(picture), Some(entry)) = (look, entry) else {
            before = None;
            continue;
        };
        // As it was seen when all of its layers were finished; what is finished alike is taken over from the moment before.
        let picture = match &before {
            Some((_, older)) => picture.with_finishes_from(older),
            None => picture.with_finishes(),
        };
        let Some(frame) = Frame::of(&picture) else { continue };
        found.push((*entry, frame.still(before.as_ref().map(|it| &it.0))?));
        before = Some((frame, picture));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shade(size: [u32; 2], area: PixelRect, value: u8) -> Frame {
        let mut frame = Frame::blank(size);
        let other = Frame { size, rgb: vec![value; frame.rgb.len()] };
        frame.copy(&other, area);
        frame
    }

    #[test]
    fn a_still_keeps_what_differs() {
        let size = [100, 70];
        let before = Frame::blank(size);
        let after = shade(size, PixelRect::new(20, 20, 30, 40), 60);
        let still = after.still(Some(&before)).unwrap();
        assert_eq!(still.area, PixelRect::new(16, 16, 32, 48));
        let found = before.then(&still).unwrap();
        let apart = found.rgb.iter().zip(&after.rgb).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(apart < 40, "{apart}");
        assert!(after.still(Some(&after)).unwrap().jpeg.is_empty());
        assert_eq!(after.still(None).unwrap().area, PixelRect::new(0, 0, 100, 70));
        // One of another size begins anew.
        assert_eq!(Frame::blank([9, 9]).then(&after.still(None).unwrap()).unwrap().size, size);
    }

    #[test]
    fn a_still_that_makes_no_sense_says_so() {
        let sound = shade([50, 50], PixelRect::new(0, 0, 9, 9), 0).still(None).unwrap();
        let blank = Frame::blank([50, 50]);
        let unsound = [
            Still { size: [0, 50], ..sound.clone() },
            Still { size: [1 << 30, 1 << 30], ..sound.clone() },
            Still { area: PixelRect::new(1, 1, 51, 51), ..sound.clone() },
            Still { area: PixelRect::new(0, 0, 49, 50), ..sound.clone() },
            Still { jpeg: sound.jpeg[..sound.jpeg.len() / 2].into(), ..sound.clone() },
            Still { jpeg: (*b"no picture").into(), ..sound },
        ];
        for still in unsound {
            let is_told = blank.then(&still).is_err();
            assert!(is_told || still.jpeg.len() > 100, "{still:?}");
        }
    }
}
