//! A picture as the model reads it: at the model's own size, whatever the canvas's, and without holes.

use super::blend;
use super::picture::Picture;
use crate::base::{Grid, PixelRect, PixelSource};

/// What transparent parts of a picture are read on: middle grey.
const PAPER: [u8; 3] = [128; 3];

/// A picture at one moment; see the module.
#[derive(Debug)]
pub struct ModelView {
    picture: Picture,
    /// The picture's own, with cells as large as the model's.
    grid: Grid,
}

impl ModelView {
    /// `picture` as read by a model whose cells are `cell_pixels` large: a whole fraction of those on the canvas.
    #[must_use]
    pub fn new(picture: Picture, cell_pixels: u16) -> Self {
        let grid = Grid { cell_pixels, ..picture.grid };
        Self { picture, grid }
    }
}

impl PixelSource for ModelView {
    fn grid(&self) -> Grid {
        self.grid
    }

    /// Each pixel is the mean of those that it stands for.
    fn rgb(&self, area: PixelRect) -> Vec<u8> {
        let scale = u32::from(self.picture.grid.cell_pixels / self.grid.cell_pixels.max(1)).max(1);
        let PixelRect { left, top, right, bottom } = area;
        let on_canvas = PixelRect::new(left * scale, top * scale, right * scale, bottom * scale);
        let rgba = self.picture.read().rgba(on_canvas);
        let pixels = rgba.as_chunks::<4>().0.iter();
        let rgb: Vec<u8> = pixels.flat_map(|&it| blend::on_paper(PAPER, it)).collect();
        if scale == 1 { rgb } else { shrunk(&rgb, on_canvas.width() as usize, scale as usize) }
    }
}

/// Means of blocks of `scale` × `scale` pixels of RGB8 values, `width` pixels to a row.
fn shrunk(rgb: &[u8], width: usize, scale: usize) -> Vec<u8> {
    let n_cols = width / scale;
    let n = (scale * scale) as u32;
    let mut values = Vec::with_capacity(rgb.len() / (scale * scale));
    let mut sums = vec![0_u32; n_cols * 3];
    for rows in rgb.chunks_exact(width * 3 * scale) {
        sums.fill(0);
        for row in rows.chunks_exact(width * 3) {
            for (sum, block) in
                sums.as_chunks_mut::<3>().0.iter_mut().zip(row.chunks_exact(3 * scale))
            {
                for pixel in block.as_chunks::<3>().0 {
                    sum.iter_mut().zip(pixel).for_each(|(sum, &it)| *sum += u32::from(it));
                }
            }
        }
        values.extend(sums.iter().map(|it| ((it + n / 2) / n) as u8));
    }
    values
}

#[cfg(test)]
mod tests {
    use super::super::picture::tests::{GRID, sheet};
    use super::*;

    #[test]
    fn a_pixel_is_the_mean_of_those_that_it_stands_for() {
        let mut picture = sheet();
        picture
            .model_layer
            .update(GRID.area(), |x, y, _| [(x % 2 * 200) as u8, (y % 2 * 9) as u8, 7, 255]);
        let view = ModelView::new(picture.clone(), GRID.cell_pixels / 2);
        assert_eq!(view.grid().width(), GRID.width() / 2);
        assert_eq!(view.rgb(PixelRect::new(3, 2, 5, 3)), [100, 5, 7, 100, 5, 7]);
        let same = ModelView::new(picture, GRID.cell_pixels);
        assert_eq!(same.rgb(PixelRect::new(3, 2, 5, 3)), [200, 0, 7, 0, 0, 7]);
    }

    #[test]
    fn what_is_transparent_is_read_on_grey() {
        let view = ModelView::new(sheet(), 4);
        assert_eq!(view.rgb(PixelRect::new(0, 0, 1, 1)), PAPER);
    }
}
