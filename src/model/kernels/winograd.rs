//! Convolutions of 3 × 3 positions with a quarter of the multiplications, Winograd's F(4 × 4, 3 ×
//! 3): <https://arxiv.org/abs/1509.09308>. A tile of 4 × 4 results is made of the 6 × 6 positions
//! that it sees.

use candle_core::{Result, Tensor};
use rayon::prelude::*;
use wide::f32x16;

use super::conv2d::{Source, Start};
use super::linear::Matrix;

/// Positions of a tile in one direction: results, and what they see.
const OUT: usize = 4;
const IN: usize = 6;

/// Tiles that are worked on together: what is made of them stays near a core.
const TILES: usize = 32;

/// Channels in a vector.
const LANES: usize = 16;

/// What becomes of a kernel's three positions in one direction.
const KERNEL: [[f32; 3]; IN] = [
    [1.0 / 4.0, 0.0, 0.0],
    [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
    [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
    [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
    [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
    [0.0, 0.0, 1.0],
];

#[derive(Clone, Debug)]
pub(super) struct Winograd {
    n_in: usize,
    n_out: usize,
    /// For each position that a tile sees, row by row: [out, in]
    weights: Vec<Matrix>,
}

impl Winograd {
    /// `weight` is [out, in, 3, 3].
    pub(super) fn new(weight: &Tensor) -> Result<Self> {
        let (n_out, n_in, _, _) = weight.dims4()?;
        let kernels: Vec<f32> = weight.flatten_all()?.to_vec1()?;
        let of_position = |idx: usize| {
            let (row, col) = (KERNEL[idx / IN], KERNEL[idx % IN]);
            let factors: [f32; 9] = std::array::from_fn(|it| row[it / 3] * col[it % 3]);
            let sum = |kernel: &[f32; 9]| kernel.iter().zip(factors).map(|(a, b)| a * b).sum();
            let values: Vec<f32> = kernels.as_chunks().0.iter().map(sum).collect();
            Matrix::from_values(&values, n_in)
        };
        let weights = (0..IN * IN).into_par_iter().map(of_position).collect();
        Ok(Self { n_in, n_out, weights })
    }

    /// The convolution of `x`, added to `start`, is put into `y` [height, width, out].
    pub(super) fn forward(&self, x: &Source<'_>, start: &Start<'_>, y: &mut [f32]) {
        let tiles_per_row = x.width.div_ceil(OUT);
        let tile_rows = x.height.div_ceil(OUT);
        let n_bands = (tile_rows * tiles_per_row).div_ceil(TILES);
        let rows = tile_rows.div_ceil(n_bands.next_multiple_of(rayon::current_num_threads()));
        let room = |n: usize| vec![0.0; IN * IN * TILES * n];
        let rooms = || (room(self.n_in), room(self.n_out));
        let bands = y.par_chunks_mut(rows * OUT * x.width * self.n_out).enumerate();
        bands.for_each_init(rooms, |(seen, products), (band, y)| {
            start.put(band * rows * OUT * x.width, y);
            let n_tiles = y.len().div_ceil(OUT * x.width * self.n_out) * tiles_per_row;
            let corner = |tile: usize| [tile / tiles_per_row * OUT, tile % tiles_per_row * OUT];
            for first in (0..n_tiles).step_by(TILES) {
                let n = TILES.min(n_tiles - first);
                for tile in 0..n {
                    let [row, col] = corner(first + tile);
                    self.gather(x, band * rows * OUT + row, col, tile, seen);
                }
                let seen = seen.chunks_exact(TILES * self.n_in);
                let parts = products.chunks_exact_mut(TILES * self.n_out);
                for ((weight, seen), products) in self.weights.iter().zip(seen).zip(parts) {
                    weight.some_rows(&seen[..n * self.n_in], &mut products[..n * self.n_out]);
                }
                for tile in 0..n {
                    self.put(products, tile, corner(first + tile), x.width, y);
                }
            }
        });
    }

    /// What the tile at this corner sees, transformed: [6 · 6, tiles, in]
    fn gather(&self, x: &Source<'_>, row: usize, col: usize, tile: usize, seen: &mut [f32]) {
        let mut positions = [[None; IN]; IN];
        for (i, positions) in positions.iter_mut().enumerate() {
            for (j, position) in positions.iter_mut().enumerate() {
                *position = x.channels_at((row + i).checked_sub(1), (col + j).checked_sub(1));
            }
        }
        for first in (0..self.n_in).step_by(LANES) {
            let mut half = [[f32x16::ZERO; IN]; IN];
            for col in 0..IN {
                let mut values = [f32x16::ZERO; IN];
                for (value, positions) in values.iter_mut().zip(&positions) {
                    if let Some(channels) = positions[col] {
                        *value = load(&channels[first..]);
                    }
                }
                for (half, value) in half.iter_mut().zip(transform_input(values)) {
                    half[col] = value;
                }
            }
            for (row, half) in half.into_iter().enumerate() {
                for (col, value) in transform_input(half).into_iter().enumerate() {
                    let of_tile = ((row * IN + col) * TILES + tile) * self.n_in;
                    store(value, &mut seen[of_tile + first..of_tile + self.n_in]);
                }
            }
        }
    }

    /// Adds a tile's results, as far as the map goes.
    fn put(
        &self,
        products: &[f32],
        tile: usize,
        [row, col]: [usize; 2],
        width: usize,
        y: &mut [f32],
    ) {
        let n_rows = OUT.min(y.len() / (width * self.n_out) - row);
        let n_cols = OUT.min(width - col);
        for first in (0..self.n_out).step_by(LANES) {
            let mut half = [[f32x16::ZERO; IN]; OUT];
            for col in 0..IN {
                let mut values = [f32x16::ZERO; IN];
                for (row, value) in values.iter_mut().enumerate() {
                    let of_tile = ((row * IN + col) * TILES + tile) * self.n_out;
                    *value = load(&products[of_tile + first..of_tile + self.n_out]);
                }
                for (half, value) in half.iter_mut().zip(transform_output(values)) {
                    half[col] = value;
                }
            }
            for (i, half) in half.into_iter().enumerate().take(n_rows) {
                for (j, value) in transform_output(half).into_iter().enumerate().take(n_cols) {
                    let position = ((row + i) * width + col + j) * self.n_out;
                    let y = &mut y[position + first..position + self.n_out];
                    store(value + load(y), y);
                }
            }
        }
    }
}

/// One direction of what a tile sees.
#[inline]
fn transform_input(x: [f32x16; IN]) -> [f32x16; IN] {
    let [two, four, five] = [2.0, 4.0, 5.0].map(f32x16::splat);
    let (even, odd) = (x[4] - four * x[2], x[3] - four * x[1]);
    let (even_2, odd_2) = (x[4] - x[2], two * (x[3] - x[1]));
    [
        four * x[0] - five * x[2] + x[4],
        even + odd,
        even - odd,
        even_2 + odd_2,
        even_2 - odd_2,
        four * x[1] - five * x[3] + x[5],
    ]
}

/// One direction of a tile's results.
#[inline]
fn transform_output(x: [f32x16; IN]) -> [f32x16; OUT] {
    let [two, four, eight] = [2.0, 4.0, 8.0].map(f32x16::splat);
    let (sum, difference) = (x[1] + x[2], x[1] - x[2]);
    let (sum_2, difference_2) = (x[3] + x[4], x[3] - x[4]);
    [
        x[0] + sum + sum_2,
        difference + two * difference_2,
        sum + four * sum_2,
        difference + eight * difference_2 + x[5],
    ]
}

/// The first values; zeros where there are too few.
#[inline]
fn load(values: &[f32]) -> f32x16 {
    match values.first_chunk() {
        Some(values) => f32x16::new(*values),
        None => {
            let mut some = [0.0; LANES];
            some[..values.len()].copy_from_slice(values);
            f32x16::new(some)
        }
    }
}

/// As many values as there is room for.
#[inline]
fn store(values: f32x16, to: &mut [f32]) {
    match to.first_chunk_mut() {
        Some(to) => *to = values.to_array(),
        None => to.copy_from_slice(&values.to_array()[..to.len()]),
    }
}
