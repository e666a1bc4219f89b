//! The codec: pixels ↔ codes, around its two networks.

use candle_core::{Device, Tensor};
use rayon::prelude::*;

use super::config::Config;
use super::decoder::Decoder;
use super::encoder::Encoder;
use super::fsq::Fsq;
use super::weights::Weights;
use crate::base::{Cell, CellRect, Code, Grid, PixelRect};
use crate::model::check::{check_area, check_window};
use crate::model::colour::{bytes_of, floats_of};
use crate::model::kernels::Area;
use crate::model::{self, Codes, Decoded, Error, Quality, Result};

/// Everything that can make a difference takes part.
const FINAL: &[usize] = &[];

/// For looking: a row of cells is to cost no more than a fifth of a full decode (`./dev bench`).
/// What is wrong with it, a level of colour here and there, the last and exact decode mends.
const PREVIEW: &[usize] = &[3, 4, 4, 2];

#[derive(Debug)]
pub struct Codec {
    cell_pixels: u16,
    pub(super) fsq: Fsq,
    /// The latents of all codes, [codes, latent_dim].
    codebook: Vec<f32>,
    encoder: Encoder,
    /// Width and height in pixels of a patch that the encoder reads, and of one that the decoder
    /// writes.
    reads: usize,
    writes: usize,
    decoder: Decoder,
}

/// A decoded window before rounding.
#[derive(Clone, Debug)]
pub struct Floats {
    /// 3 values per pixel, row by row, about -1 to 1.
    pub rgb: Vec<f32>,
    /// Per cell the logits of each label.
    pub labels: Vec<f32>,
}

impl Codec {
    pub(super) fn load(weights: &Weights<'_>, config: &Config) -> Result<Self> {
        let fsq = Fsq::new(config.codec.levels.clone());
        Ok(Self {
            codebook: fsq.table()?.flatten_all()?.to_vec1()?,
            cell_pixels: config.cell_pixels,
            fsq,
            encoder: Encoder::load(weights, &config.codec)?,
            reads: config.codec.unshuffle,
            writes: config.codec.shuffle,
            decoder: Decoder::load(weights, &config.codec)?,
        })
    }

    /// How many cells around a cell take part in its code.
    pub(super) fn encode_margin(&self) -> u16 {
        self.encoder.margin() as u16
    }

    /// [`model::Codec::encode`] of pixels within -1 and 1.
    ///
    /// # Errors
    /// Where `area` does not hold whole cells, the wanted ones among them, or `rgb` not its pixels.
    pub fn encode_floats(
        &self,
        rgb: &[f32],
        area: PixelRect,
        cells: CellRect,
    ) -> Result<Vec<Code>> {
        let held = check_area(self.cell_pixels, rgb.len(), area, cells)?;
        let side = self.reads;
        let [rows, cols] = [area.height(), area.width()].map(|it| it as usize / side);
        let x = Tensor::from_slice(rgb, (rows, side, cols, side * 3), &Device::Cpu)?;
        let x = x.transpose(1, 2)?.reshape((rows, cols, ()))?;
        let latents: Vec<Vec<f32>> = self.encoder.forward(x)?.to_vec2()?;
        Ok(cells.cells().map(|cell| self.fsq.code(&latents[held.idx(cell)])).collect())
    }

    /// [`model::Codec::decode`] before rounding.
    ///
    /// # Errors
    /// As there.
    pub fn decode_floats(
        &self,
        codes: Codes<'_>,
        window: CellRect,
        quality: Quality,
    ) -> Result<Floats> {
        self.paint(codes.grid, self.values(codes, window)?, window, quality)
    }

    /// The latents of each cell; open ones are zeros. Fails where there is no such window.
    fn values(&self, codes: Codes<'_>, window: CellRect) -> Result<Vec<f32>> {
        check_window(self.cell_pixels, codes, window)?;
        let of_cells = codes.of_cells;
        let mut values = Vec::with_capacity(of_cells.len() * self.fsq.latent_dim());
        for code in of_cells {
            match *code {
                Some(code) if self.fsq.n_codes() <= code as usize => {
                    return Err(Error::NoSuchCode(code));
                }
                Some(code) => values.extend(self.fsq.values(code)),
                None => values.resize(values.len() + self.fsq.latent_dim(), 0.0),
            }
        }
        Ok(values)
    }

    /// The expected latents under the probability of each code.
    fn mean(&self, probs: &[f32]) -> Vec<f32> {
        let mut mean = vec![0.0; self.fsq.latent_dim()];
        for (prob, latents) in probs.iter().zip(self.codebook.chunks_exact(mean.len())) {
            mean.iter_mut().zip(latents).for_each(|(mean, it)| *mean += prob * it);
        }
        mean
    }

    /// The latents of the whole grid, as the decoder takes them: [rows, cols, latent_dim].
    fn latent_map(&self, grid: Grid, values: Vec<f32>) -> Result<Tensor> {
        let shape = (usize::from(grid.rows), usize::from(grid.cols), self.fsq.latent_dim());
        Ok(Tensor::from_vec(values, shape, &Device::Cpu)?)
    }

    /// From the latents of the whole grid.
    fn paint(
        &self,
        grid: Grid,
        values: Vec<f32>,
        window: CellRect,
        quality: Quality,
    ) -> Result<Floats> {
        let cells = self.latent_map(grid, values)?;
        let CellRect { left, top, right, bottom } = window;
        let [top, left, bottom, right] = [top, left, bottom, right].map(usize::from);
        let window = Area { top, left, bottom, right };
        let margins = match quality {
            Quality::Final => FINAL,
            Quality::Preview => PREVIEW,
        };
        let painted = self.decoder.forward(cells, window, margins)?;
        // Channels become pixels: [rows, cols, row, col · colour] →
        // [rows, row, cols, col · colour].
        let (rows, cols, _) = painted.pixels.dims3()?;
        let pixels = painted.pixels.reshape((rows, cols, self.writes, self.writes * 3))?;
        Ok(Floats {
            rgb: pixels.transpose(1, 2)?.flatten_all()?.to_vec1()?,
            labels: painted.labels.flatten_all()?.to_vec1()?,
        })
    }
}

impl model::Codec for Codec {
    fn encode(&self, rgb: &[u8], area: PixelRect, cells: CellRect) -> Result<Vec<Code>> {
        self.encode_floats(&floats_of(rgb), area, cells)
    }

    fn decode(&self, codes: Codes<'_>, window: CellRect, quality: Quality) -> Result<Decoded> {
        Ok(rounded(&self.decode_floats(codes, window, quality)?, window))
    }

    fn label(&self, codes: &[Code], cells: CellRect) -> Result<Vec<u8>> {
        let grid = Grid { rows: cells.rows(), cols: cells.cols(), cell_pixels: self.cell_pixels };
        let codes: Vec<Option<Code>> = codes.iter().copied().map(Some).collect();
        let values = self.values(Codes { grid, of_cells: &codes }, grid.all())?;
        let logits = self.decoder.label(self.latent_map(grid, values)?)?;
        Ok(likeliest(&logits.flatten_all()?.to_vec1()?))
    }

    fn underpaint(
        &self,
        codes: Codes<'_>,
        probs: &[(Cell, &[f32])],
        window: CellRect,
    ) -> Result<Decoded> {
        let n = self.fsq.latent_dim();
        let mut values = self.values(codes, window)?;
        let mean = |(cell, probs): &(Cell, &[f32])| (*cell, self.mean(probs));
        let means: Vec<(Cell, Vec<f32>)> = probs.par_iter().map(mean).collect();
        for (cell, mean) in means {
            values[codes.grid.idx(cell) * n..][..n].copy_from_slice(&mean);
        }
        Ok(rounded(&self.paint(codes.grid, values, window, Quality::Preview)?, window))
    }
}

fn rounded(Floats { rgb, labels }: &Floats, window: CellRect) -> Decoded {
    Decoded { window, rgb: bytes_of(rgb), labels: likeliest(labels) }
}

/// The label of each cell, from the logits of all of them.
fn likeliest(labels: &[f32]) -> Vec<u8> {
    let likeliest = |logits: &[f32]| {
        let best = (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b]));
        best.unwrap_or(0) as u8
    };
    labels.chunks(super::LABELS.len()).map(likeliest).collect()
}
