//! Convolutions on a part of a picture: only what is wanted is computed, from as much as is there.
//! Off the edge of the picture there are zeros, as the network was trained.

use candle_core::{Device, Result, Storage, Tensor, bail};
use rayon::prelude::*;

use super::linear::Matrix;
use super::silu::silu;
use super::sums::add;

/// A rectangle of positions in a feature map: `top ≤ row < bottom`, `left ≤ col < right`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    pub top: usize,
    pub left: usize,
    pub bottom: usize,
    pub right: usize,
}

impl Area {
    pub const fn rows(self) -> usize {
        self.bottom - self.top
    }

    pub const fn cols(self) -> usize {
        self.right - self.left
    }

    /// Grown on each side, as far as the map `within` goes.
    pub fn grown(self, margin: usize, within: Self) -> Self {
        Self {
            top: self.top.saturating_sub(margin).max(within.top),
            left: self.left.saturating_sub(margin).max(within.left),
            bottom: (self.bottom + margin).min(within.bottom),
            right: (self.right + margin).min(within.right),
        }
    }

    /// The same positions in a map `factor` times as fine.
    pub const fn times(self, factor: usize) -> Self {
        Self {
            top: self.top * factor,
            left: self.left * factor,
            bottom: self.bottom * factor,
            right: self.right * factor,
        }
    }
}

/// A part of a feature map.
#[derive(Clone, Debug)]
pub struct Part {
    pub x: Tensor, // [rows, cols, channels]
    pub area: Area,
    /// The whole map, of which `area` is a part.
    pub map: Area,
}

impl Part {
    /// The positions in `want`, all of which must be there.
    pub fn crop(&self, want: Area) -> Result<Tensor> {
        let x = self.x.narrow(0, want.top - self.area.top, want.rows())?;
        x.narrow(1, want.left - self.area.left, want.cols())
    }
}

/// A convolution of 1 × 1 or 3 × 3 positions, as one matrix multiplication per band of rows.
#[derive(Clone, Debug)]
pub struct Conv {
    weight: Matrix, // [out, kernel² · in]
    bias: Vec<f32>, // [out]
    reach: usize,
}

/// Positions in a band, about: what is gathered for it stays in a core's cache.
const BAND_POSITIONS: usize = 128;

impl Conv {
    /// `weight` is [out, in, kernel, kernel].
    pub fn new(weight: &Tensor, bias: &Tensor) -> Result<Self> {
        let kernel = weight.dim(3)?;
        let weight = weight.permute((0, 2, 3, 1))?.flatten_from(1)?;
        Ok(Self { weight: Matrix::new(&weight)?, bias: bias.to_vec1()?, reach: kernel / 2 })
    }

    /// How far it sees, in positions.
    pub const fn reach(&self) -> usize {
        self.reach
    }

    /// The positions in `want`; `pre_activation` is applied to what goes in.
    pub fn forward(&self, part: &Part, want: Area, pre_activation: PreActivation) -> Result<Part> {
        self.add_to(None, part, want, pre_activation)
    }

    /// The same, added to `base` where there is one, which must hold the positions in `want`.
    pub fn add_to(
        &self,
        base: Option<&Part>,
        part: &Part,
        want: Area,
        pre_activation: PreActivation,
    ) -> Result<Part> {
        let n_out = self.bias.len();
        let base = base.map(|it| it.crop(want)?.flatten_all()?.to_vec1::<f32>()).transpose()?;
        let depth = part.x.dim(2)?;
        let x = part.x.contiguous()?;
        let (storage, layout) = x.storage_and_layout();
        let Storage::Cpu(values) = &*storage else {
            bail!("a convolution runs on the processor only");
        };
        let values = &values.as_slice::<f32>()?[layout.start_offset()..];
        let reach = self.reach;
        let source =
            Source { values, depth, area: part.area, map: part.map, pre_activation, reach };

        let n_positions = want.rows() * want.cols();
        let n_bands =
            n_positions.div_ceil(BAND_POSITIONS).next_multiple_of(rayon::current_num_threads());
        let step = want.rows().div_ceil(n_bands);
        let mut y = vec![0.0; n_positions * n_out];
        let bands = y.par_chunks_mut(step * want.cols() * n_out).enumerate();
        bands.for_each(|(idx, y)| {
            let top = want.top + idx * step;
            let band = Area { top, bottom: (top + step).min(want.bottom), ..want };
            self.weight.some_rows(&source.around(band), y); // [positions, out]
            for y in y.chunks_exact_mut(n_out) {
                add(y, &self.bias);
            }
            if let Some(base) = &base {
                add(y, &base[idx * step * want.cols() * n_out..][..y.len()]);
            }
        });
        let y = Tensor::from_vec(y, (want.rows(), want.cols(), n_out), &Device::Cpu)?;
        Ok(Part { x: y, area: want, map: part.map })
    }
}

/// What happens to values on their way into a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreActivation {
    None,
    Silu,
}

/// What a convolution reads.
struct Source<'a> {
    /// The values of `area`, row by row.
    values: &'a [f32],
    depth: usize,
    area: Area,
    map: Area,
    pre_activation: PreActivation,
    reach: usize,
}

impl Source<'_> {
    /// Each position of `band` with those around it: [positions, kernel² · depth].
    fn around(&self, band: Area) -> Vec<f32> {
        let kernel = 2 * self.reach + 1;
        let width = (band.cols() + 2 * self.reach) * self.depth;
        let mut lines = vec![0.0; (band.rows() + 2 * self.reach) * width];
        for (idx, line) in lines.chunks_exact_mut(width).enumerate() {
            // The first lines are those above the band.
            let row = (band.top + idx).checked_sub(self.reach);
            if let Some(row) = row.filter(|&it| it < self.map.bottom) {
                self.line(row, band, line);
            }
        }
        let n_values = band.rows() * band.cols() * kernel * kernel * self.depth;
        let mut around = Vec::with_capacity(n_values);
        for row in 0..band.rows() {
            for col in 0..band.cols() {
                for line in row..row + kernel {
                    let start = line * width + col * self.depth;
                    around.extend_from_slice(&lines[start..start + kernel * self.depth]);
                }
            }
        }
        around
    }

    /// One row, reaching beyond both sides of `band`. Off the map there are zeros; where
    /// the part ends and the map does not, the part's last positions stand for those beyond.
    fn line(&self, row: usize, band: Area, line: &mut [f32]) {
        let Self { depth, area, map, reach, .. } = *self;
        let row = row.clamp(area.top, area.bottom - 1) - area.top;
        let row = &self.values[row * area.cols() * depth..(row + 1) * area.cols() * depth];
        for (idx, position) in line.chunks_exact_mut(depth).enumerate() {
            if let Some(col) = (band.left + idx).checked_sub(reach).filter(|&it| it < map.right) {
                let col = col.clamp(area.left, area.right - 1) - area.left;
                let values = &row[col * depth..(col + 1) * depth];
                match self.pre_activation {
                    PreActivation::None => position.copy_from_slice(values),
                    PreActivation::Silu => {
                        position.iter_mut().zip(values).for_each(|(y, &x)| *y = silu(x));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn a_part_is_convolved_like_the_whole() {
        check_parts(1);
        check_parts(3);
    }

    fn check_parts(kernel: usize) {
        let device = &Device::Cpu;
        let whole = Area { top: 0, left: 0, bottom: 9, right: 7 };
        let x = Tensor::randn(0.0_f32, 1.0, (9, 7, 5), device).unwrap();
        let weight = Tensor::randn(0.0_f32, 1.0, (4, 5, kernel, kernel), device).unwrap();
        let bias = Tensor::randn(0.0_f32, 1.0, 4, device).unwrap();
        let map = Part { x: x.clone(), area: whole, map: whole };
        let conv = Conv::new(&weight, &bias).unwrap();

        let reference = x.silu().unwrap().permute((2, 0, 1)).unwrap().unsqueeze(0).unwrap();
        let reference = reference.conv2d(&weight, kernel / 2, 1, 1, 1).unwrap();
        let reference = reference.squeeze(0).unwrap().permute((1, 2, 0)).unwrap();
        let reference = reference.broadcast_add(&bias).unwrap();
        let reference = Part { x: reference, area: whole, map: whole };
        for (top, left, bottom, right) in [(0, 0, 9, 7), (3, 2, 5, 6), (0, 4, 2, 7), (8, 0, 9, 1)] {
            let want = Area { top, left, bottom, right };
            let margin = want.grown(1, whole);
            let part = Part {
                x: map.crop(margin).unwrap().contiguous().unwrap(),
                area: margin,
                map: whole,
            };
            let y = conv.forward(&part, want, PreActivation::Silu).unwrap().x;
            let error = (y - reference.crop(want).unwrap()).unwrap().abs().unwrap();
            assert!(error.max_all().unwrap().to_scalar::<f32>().unwrap() < 1e-4);
        }
    }
}
