//! Rows of pixels, scaled down as they come: each new pixel is the mean of the area that it covers. No more of what
//! comes in is held than one row.

/// Takes RGBA8 rows of one size, top to bottom, and holds those of another, which is no larger.
#[derive(Debug)]
pub(super) struct Shrink {
    from: [u32; 2],
    to: [u32; 2],
    /// Rows taken so far, and rows that came of them.
    n_taken: u32,
    n_made: u32,
    /// The new row that is being summed up: straight colours times alpha, and alpha.
    sum: Vec<[f32; 4]>,
    rgba: Vec<u8>,
}

/// Where the new pixel `idx` begins and ends, in old ones.
fn span(idx: u32, [from, to]: [u32; 2]) -> (f64, f64) {
    let edge = |idx: u32| f64::from(idx) * f64::from(from) / f64::from(to);
    (edge(idx), edge(idx + 1))
}

/// The old pixels from `start` to `end`, each with the share of it that lies between.
fn shares((start, end): (f64, f64)) -> impl Iterator<Item = (usize, f32)> {
    (start as u32..end.ceil() as u32).map(move |it| {
        let (left, right) = (f64::from(it), f64::from(it) + 1.0);
        (it as usize, (right.min(end) - left.max(start)).max(0.0) as f32)
    })
}

impl Shrink {
    /// From and to width and height, each above 0.
    pub(super) fn new(from: [u32; 2], to: [u32; 2]) -> Self {
        let rgba = Vec::with_capacity(to[0] as usize * to[1] as usize * 4);
        Self { from, to, n_taken: 0, n_made: 0, sum: vec![[0.0; 4]; to[0] as usize], rgba }
    }

    /// Takes the next row.
    pub(super) fn push(&mut self, row: &[u8]) {
        if self.from == self.to {
            self.rgba.extend_from_slice(row);
            return;
        }
        let narrow = self.narrowed(row);
        let (top, bottom) = (f64::from(self.n_taken), f64::from(self.n_taken) + 1.0);
        self.n_taken += 1;
        // A row lies in one new row, or in two.
        while self.n_made < self.to[1] {
            let (start, end) = span(self.n_made, [self.from[1], self.to[1]]);
            self.add(&narrow, (bottom.min(end) - top.max(start)).max(0.0) as f32);
            if end <= bottom {
                self.finish_row();
            }
            if bottom <= end {
                break;
            }
        }
    }

    /// One old row, as wide as the new ones.
    fn narrowed(&self, row: &[u8]) -> Vec<[f32; 4]> {
        let (pixels, _) = row.as_chunks::<4>();
        let horizontal = [self.from[0], self.to[0]];
        let sum = |idx: u32| {
            let mut sum = [0.0; 4];
            for (x, share) in shares(span(idx, horizontal)) {
                let Some(&[red, green, blue, alpha]) = pixels.get(x) else { break };
                let weight = share * f32::from(alpha);
                let parts = [f32::from(red), f32::from(green), f32::from(blue), 1.0];
                for (sum, part) in sum.iter_mut().zip(parts) {
                    *sum += part * weight;
                }
            }
            sum
        };
        (0..self.to[0]).map(sum).collect()
    }

    fn add(&mut self, row: &[[f32; 4]], share: f32) {
        for (sum, value) in self.sum.iter_mut().zip(row) {
            for (sum, value) in sum.iter_mut().zip(value) {
                *sum += value * share;
            }
        }
    }

    fn finish_row(&mut self) {
        let area = (f64::from(self.from[0]) / f64::from(self.to[0]) * f64::from(self.from[1])
            / f64::from(self.to[1])) as f32;
        for [red, green, blue, alpha] in &mut self.sum {
            let straight = |it: f32| if 0.0 < *alpha { (it / *alpha).round() as u8 } else { 0 };
            let colours = [straight(*red), straight(*green), straight(*blue)];
            self.rgba.extend(colours);
            self.rgba.push((*alpha / area).round() as u8);
        }
        self.sum.fill([0.0; 4]);
        self.n_made += 1;
    }

    /// The new rows.
    pub(super) fn into_rgba(self) -> Vec<u8> {
        self.rgba
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shrunk(from: [u32; 2], to: [u32; 2], at: impl Fn(u32, u32) -> [u8; 4]) -> Vec<[u8; 4]> {
        let mut shrink = Shrink::new(from, to);
        for y in 0..from[1] {
            let row: Vec<u8> = (0..from[0]).flat_map(|x| at(x, y)).collect();
            shrink.push(&row);
        }
        shrink.into_rgba().as_chunks::<4>().0.to_vec()
    }

    #[test]
    fn each_pixel_is_the_mean_of_what_it_covers() {
        let quarters = |x: u32, y: u32| [(x / 2 * 100) as u8, (y / 2 * 50) as u8, 7, 255];
        let halves = shrunk([4, 4], [2, 2], quarters);
        assert_eq!(halves, [[0, 0, 7, 255], [100, 0, 7, 255], [0, 50, 7, 255], [100, 50, 7, 255]]);
        // The middle pixel of three belongs to both.
        let thirds = shrunk([3, 1], [2, 1], |x, _| [[0, 90, 180][x as usize], 0, 0, 255]);
        assert_eq!(thirds, [[30, 0, 0, 255], [150, 0, 0, 255]]);
    }

    #[test]
    fn any_size_comes_out_whole_and_an_even_colour_stays() {
        for from in [[7, 5], [100, 3], [9, 64], [8193, 2]] {
            for to in [[1, 1], [2, 2], [7, 2], [from[0] - 1, from[1]]] {
                let to = [to[0].min(from[0]), to[1].min(from[1])];
                let pixels = shrunk(from, to, |_, _| [10, 200, 30, 128]);
                assert_eq!(pixels.len(), (to[0] * to[1]) as usize, "{from:?} to {to:?}");
                assert!(pixels.iter().all(|it| *it == [10, 200, 30, 128]), "{from:?} to {to:?}");
            }
        }
    }

    #[test]
    fn the_colour_of_what_is_transparent_does_not_bleed() {
        let pixels = shrunk([2, 1], [1, 1], |x, _| [[200, 0, 0, 255], [0, 255, 0, 0]][x as usize]);
        assert_eq!(pixels, [[200, 0, 0, 128]]);
    }
}
