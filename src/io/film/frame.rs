//! One frame of a film: where it differs from the one before, and how long it lasts.

use crate::base::PixelRect;

/// What is shown, and for how long.
pub(super) struct Frame<'a> {
    /// RGB8 values of the whole picture, row by row.
    pub(super) rgb: &'a [u8],
    /// Those shown until then; `None` where this is the first frame.
    pub(super) before: Option<&'a [u8]>,
    /// Of the whole picture.
    pub(super) width: u32,
    /// Outside of it nothing is new.
    pub(super) area: PixelRect,
    pub(super) millis: u32,
}

impl Frame<'_> {
    /// The RGB8 values within an area, row by row.
    pub(super) fn cut(&self, area: PixelRect) -> Vec<u8> {
        rows(self.rgb, self.width, area).flatten().copied().collect()
    }

    /// The same as RGBA8 values, transparent where nothing is new.
    pub(super) fn news(&self, area: PixelRect) -> Vec<[u8; 4]> {
        let after = rows(self.rgb, self.width, area);
        let Some(before) = self.before else {
            return after.flat_map(|row| row.as_chunks().0).map(|&it| opaque(it)).collect();
        };
        let pairs = after.zip(rows(before, self.width, area));
        let pixels =
            pairs.flat_map(|(after, before)| after.as_chunks().0.iter().zip(before.as_chunks().0));
        pixels
            .map(|(&after, &before)| if after == before { [0; 4] } else { opaque(after) })
            .collect()
    }
}

const fn opaque([r, g, b]: [u8; 3]) -> [u8; 4] {
    [r, g, b, u8::MAX]
}

/// What of each row lies within an area.
fn rows(rgb: &[u8], width: u32, area: PixelRect) -> impl Iterator<Item = &[u8]> {
    let rows = rgb.chunks_exact(width as usize * 3);
    let rows = rows.skip(area.top as usize).take(area.height() as usize);
    rows.map(move |row| &row[area.left as usize * 3..area.right as usize * 3])
}

/// The smallest area outside of which two pictures are the same; `None` where they are the same all over.
pub(super) fn changed(before: &[u8], after: &[u8], width: u32) -> Option<PixelRect> {
    let [before, after] = [before, after].map(|it| it.chunks_exact(width as usize * 3));
    let mut area = PixelRect::new(0, 0, 0, 0);
    for (row, (before, after)) in (0..).zip(before.zip(after)) {
        if before == after {
            continue;
        }
        let pixels = before.as_chunks::<3>().0.iter().zip(after.as_chunks().0);
        let mut differ = pixels.map(|(before, after)| before != after);
        let Some(left) = differ.clone().position(|it| it) else { continue };
        let Some(right) = differ.rposition(|it| it) else { continue };
        area = area.union(PixelRect::new(left as u32, row, right as u32 + 1, row + 1));
    }
    (!area.is_empty()).then_some(area)
}

/// Counts time in a format's ticks. What is lost by rounding does not add up.
pub(super) struct Clock {
    ticks_per_second: u64,
    /// For so many a frame is shown, however short it is; those behind it then make up for that.
    least: u64,
    millis: u64,
    ticks: u64,
}

impl Clock {
    pub(super) const fn new(ticks_per_second: u64, least: u64) -> Self {
        Self { ticks_per_second, least, millis: 0, ticks: 0 }
    }

    /// How many ticks the next frame takes.
    pub(super) fn advance(&mut self, millis: u32) -> u64 {
        self.millis += u64::from(millis);
        let until = (self.millis * self.ticks_per_second + 500) / 1000;
        let n_ticks = until.saturating_sub(self.ticks).max(self.least);
        self.ticks += n_ticks;
        n_ticks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_changed_area_is_found_and_cut_out() {
        let before = [0; 7 * 5 * 3];
        assert_eq!(changed(&before, &before, 7), None);
        let mut after = before;
        after[(7 + 5) * 3 + 2] = 1; // in row 1, column 5
        assert_eq!(changed(&before, &after, 7), Some(PixelRect::new(5, 1, 6, 2)));
        after[(3 * 7 + 2) * 3] = 2;
        let area = PixelRect::new(2, 1, 6, 4);
        assert_eq!(changed(&before, &after, 7), Some(area));
        let mut frame = Frame { rgb: &after, before: Some(&before), width: 7, area, millis: 0 };
        let mut values = [[0; 3]; 4 * 3];
        (values[3], values[2 * 4]) = ([0, 0, 1], [2, 0, 0]);
        assert_eq!(frame.cut(area), values.as_flattened());
        let mut news = [[0; 4]; 4 * 3];
        (news[3], news[2 * 4]) = ([0, 0, 1, 255], [2, 0, 0, 255]);
        assert_eq!(frame.news(area), news);
        frame.before = None;
        assert_eq!(frame.news(area), values.map(opaque));
    }

    #[test]
    fn rounding_does_not_add_up_and_short_frames_are_made_up_for() {
        let mut clock = Clock::new(100, 2);
        assert_eq!([33, 33, 34].map(|it| clock.advance(it)), [3, 4, 3]);
        assert_eq!([0, 5, 50].map(|it| clock.advance(it)), [2, 2, 2]);
        let mut clock = Clock::new(25, 1);
        let n_ticks: u64 = (0..300).map(|_| clock.advance(70)).sum();
        assert_eq!(n_ticks, 300 * 70 * 25 / 1000);
    }
}
