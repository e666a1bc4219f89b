//! VQ-16 and VQ-8: pixels ↔ codes by the codec of LlamaGen, which ARPG, RandAR and Janus share
//! (names as in `tokenizer/tokenizer_image/vq_model.py` of
//! <https://github.com/FoundationVision/LlamaGen>, and as Hugging Face's port of Janus has them).

use candle_core::{D, Device, Result, Tensor};

use super::convolution::{Attention, ResBlock, Resize, conv, norm};
use super::llamagen::shape;
use super::weights::Weights;
use crate::base::{Cell, CellRect, Code, Grid, PixelRect};
use crate::model::check::{check_area, check_window};
use crate::model::colour::{bytes_of, floats_of};
use crate::model::kernels::{Conv2d, GroupNorm, in_pool};
use crate::model::{self, Codec, Codes, Decoded, Error, Quality};

/// How many cells around a window take part in a preview. Norms and attention see the window in
/// place of the picture then, so it is near the exact one, but not equal.
const PREVIEW_MARGIN: u16 = 2;

/// Every pixel takes part in every code.
pub(super) const ENCODE_MARGIN: u16 = Grid::MAX_SIDE;

/// The most levels there may be: cells of 128 pixels.
const MAX_LEVELS: usize = 8;

/// By what the code for a cell is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nearest {
    /// The code of the nearest direction, as LlamaGen learned it.
    Direction,
    /// The code at the smallest distance, as Janus's port to `transformers` has it.
    Distance,
}

/// Where the tensors of a network are found.
#[derive(Clone, Copy)]
struct Names<'a> {
    weights: &'a dyn Weights,
    prefix: &'a str,
    is_ported: bool,
}

impl Names<'_> {
    fn at(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// "conv_blocks" are "down" or "up" in the port.
    fn level(&self, half: &str, idx: usize) -> String {
        if !self.is_ported {
            self.at(&format!("{half}.conv_blocks.{idx}"))
        } else if half == "encoder" {
            self.at(&format!("{half}.down.{idx}"))
        } else {
            self.at(&format!("{half}.up.{idx}"))
        }
    }

    fn block(&self, level: &str, idx: usize) -> String {
        format!("{level}.{}.{idx}", if self.is_ported { "block" } else { "res" })
    }

    /// Each block has it.
    fn first_conv(&self, level: &str, idx: usize) -> String {
        format!("{}.conv1.weight", self.block(level, idx))
    }

    fn mid(&self, half: &str) -> [String; 3] {
        let parts = if self.is_ported { ["block_1", "attn_1", "block_2"] } else { ["0", "1", "2"] };
        parts.map(|it| self.at(&format!("{half}.mid.{it}")))
    }

    fn has(&self, name: &str) -> bool {
        self.weights.has(name)
    }
}

/// Blocks at one resolution, and the way to the next.
#[derive(Debug)]
struct Level {
    blocks: Vec<(ResBlock, Option<Attention>)>,
    resize: Option<Resize>,
}

impl Level {
    /// Returns how many channels come out, too.
    fn load(
        names: &Names<'_>,
        half: &str,
        idx: usize,
        n_in: usize,
    ) -> model::Result<(Self, usize)> {
        let level = names.level(half, idx);
        let (mut n, mut blocks) = (n_in, Vec::new());
        for idx in 0..names.weights.count(&|idx| names.first_conv(&level, idx)) {
            let block = ResBlock::load(names.weights, &names.block(&level, idx), n)?;
            n = block.n_out();
            let attention = format!("{level}.attn.{idx}");
            let attention = names
                .has(&format!("{attention}.q.weight"))
                .then(|| Attention::load(names.weights, &attention, n))
                .transpose()?;
            blocks.push((block, attention));
        }
        let (halve, double) =
            (format!("{level}.downsample.conv"), format!("{level}.upsample.conv"));
        let resize = if names.has(&format!("{halve}.weight")) {
            Some(Resize::Halve(conv(names.weights, &halve, n, 2)?))
        } else if names.has(&format!("{double}.weight")) {
            Some(Resize::Double(conv(names.weights, &double, n, 1)?))
        } else {
            None
        };
        Ok((Self { blocks, resize }, n))
    }

    fn load_all(names: &Names<'_>, half: &str, n_in: usize) -> model::Result<(Vec<Self>, usize)> {
        let (mut n, mut levels) = (n_in, Vec::new());
        for idx in 0..names.weights.count(&|idx| names.first_conv(&names.level(half, idx), 0)) {
            let (level, n_out) = Self::load(names, half, idx, n)?;
            levels.push(level);
            n = n_out;
        }
        Ok((levels, n))
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let mut x = x.clone();
        for (block, attention) in &self.blocks {
            x = block.forward(&x)?;
            if let Some(attention) = attention {
                x = attention.forward(&x)?;
            }
        }
        match &self.resize {
            Some(resize) => resize.forward(&x),
            None => Ok(x),
        }
    }
}

/// At the lowest resolution: a block, attention, a block.
#[derive(Debug)]
struct Mid(ResBlock, Attention, ResBlock);

impl Mid {
    fn load(names: &Names<'_>, half: &str, n: usize) -> model::Result<Self> {
        let [first, attention, second] = names.mid(half);
        Ok(Self(
            ResBlock::load(names.weights, &first, n)?,
            Attention::load(names.weights, &attention, n)?,
            ResBlock::load(names.weights, &second, n)?,
        ))
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.2.forward(&self.1.forward(&self.0.forward(x)?)?)
    }
}

/// The codec.
#[derive(Debug)]
pub struct Vq {
    cell_pixels: u16,
    encoder_in: Conv2d,
    encoder: Vec<Level>,
    encoder_mid: Mid,
    encoder_out: (GroupNorm, Conv2d),
    quant: Conv2d,
    nearest: Nearest,
    /// What the encoder's latents are compared with, and half the square of each one's length.
    compared: (Tensor, Tensor), // [latent_dim, codes], [codes]
    /// What the decoder reads: of length 1, each.
    codebook: Tensor, // [codes, latent_dim]
    post_quant: Conv2d,
    decoder_in: Conv2d,
    decoder_mid: Mid,
    decoder: Vec<Level>,
    decoder_out: (GroupNorm, Conv2d),
}

impl Vq {
    /// All names begin with `prefix`.
    ///
    /// # Errors
    /// Where a tensor is missing, or does not fit the others.
    pub fn load(weights: &dyn Weights, prefix: &str, nearest: Nearest) -> model::Result<Self> {
        let is_ported = weights.has(&format!("{prefix}encoder.down.0.block.0.conv1.weight"));
        let names = Names { weights, prefix, is_ported };
        let conv = |name: &str, n_in: usize| conv(weights, &names.at(name), n_in, 1);
        let norm = |name: &str, n: usize| norm(weights, &names.at(name), n);

        let encoder_in = conv("encoder.conv_in", 3)?;
        let (encoder, n) = Level::load_all(&names, "encoder", encoder_in.n_out())?;
        let encoder_mid = Mid::load(&names, "encoder", n)?;
        let encoder_out = (norm("encoder.norm_out", n)?, conv("encoder.conv_out", n)?);
        let quant = conv("quant_conv", encoder_out.1.n_out())?;

        let [n_codes, latent_dim] = shape(weights, &names.at("quantize.embedding.weight"))?;
        let codebook =
            weights.load(&names.at("quantize.embedding.weight"), &[n_codes, latent_dim])?;
        let directions = normalised(&codebook)?;
        let compared = if nearest == Nearest::Direction { &directions } else { &codebook };
        let halves = (compared.sqr()?.sum(D::Minus1)? * 0.5)?;
        let compared = (compared.t()?.contiguous()?, halves);
        let post_quant = conv("post_quant_conv", latent_dim)?;

        let decoder_in = conv("decoder.conv_in", post_quant.n_out())?;
        let decoder_mid = Mid::load(&names, "decoder", decoder_in.n_out())?;
        let (decoder, n) = Level::load_all(&names, "decoder", decoder_in.n_out())?;
        let decoder_out = (norm("decoder.norm_out", n)?, conv("decoder.conv_out", n)?);
        let n_halved = encoder.iter().filter(|it| it.resize.is_some()).count();
        let n_doubled = decoder.iter().filter(|it| it.resize.is_some()).count();
        let is_sound = n_halved == n_doubled
            && n_halved < MAX_LEVELS
            && quant.n_out() == latent_dim
            && decoder_out.1.n_out() == 3;
        if !is_sound {
            return Err(Error::Damaged("the codec's two halves do not fit together".to_owned()));
        }
        Ok(Self {
            cell_pixels: 1 << n_halved,
            encoder_in,
            encoder,
            encoder_mid,
            encoder_out,
            quant,
            nearest,
            compared,
            codebook: directions,
            post_quant,
            decoder_in,
            decoder_mid,
            decoder,
            decoder_out,
        })
    }

    /// Width and height of a cell.
    #[must_use]
    pub const fn cell_pixels(&self) -> u16 {
        self.cell_pixels
    }

    #[must_use]
    pub fn n_codes(&self) -> usize {
        self.codebook.dims()[0]
    }

    /// The codes of all cells of a picture [height, width, 3], within -1 and 1, row by row.
    ///
    /// # Errors
    /// Where it is not made of whole cells.
    pub fn encode_floats(&self, pixels: &Tensor) -> Result<Vec<Code>> {
        let mut x = self.encoder_in.forward(pixels)?;
        for level in &self.encoder {
            x = level.forward(&x)?;
        }
        let (norm, conv) = &self.encoder_out;
        let x = conv.forward(&norm.forward_silu(&self.encoder_mid.forward(&x)?)?)?;
        let latents = self.quant.forward(&x)?.to_device(&Device::Cpu)?;
        let latents = latents.flatten_to(1)?; // [cells, latent_dim]
        let latents = match self.nearest {
            Nearest::Direction => normalised(&latents)?,
            Nearest::Distance => latents,
        };
        // ‖z − e‖² = ‖z‖² + ‖e‖² − 2 z · e, and all codes share the first part.
        let (codes, halves) = &self.compared;
        let near = latents.matmul(codes)?.broadcast_sub(halves)?; // [cells, codes]
        near.argmax(D::Minus1)?.to_vec1()
    }

    /// A picture [height, width, 3] of about -1 to 1, from the latents of its cells
    /// [rows, cols, latent_dim].
    ///
    /// # Errors
    /// Where the network cannot be run.
    pub fn decode_floats(&self, latents: &Tensor) -> Result<Tensor> {
        let x = self.decoder_in.forward(&self.post_quant.forward(latents)?)?;
        let mut x = self.decoder_mid.forward(&x)?;
        for level in &self.decoder {
            x = level.forward(&x)?;
        }
        let (norm, conv) = &self.decoder_out;
        conv.forward(&norm.forward_silu(&x)?)?.to_device(&Device::Cpu)
    }

    /// The latents of a list of codes, [cells, latent_dim]; open cells are zeros, in the middle of
    /// all codes.
    ///
    /// # Errors
    /// Where a code does not exist.
    pub fn latents(&self, codes: &[Option<Code>]) -> model::Result<Tensor> {
        let beyond = codes.iter().flatten().find(|&&it| self.n_codes() <= it as usize);
        if let Some(&code) = beyond {
            return Err(Error::NoSuchCode(code));
        }
        let ids: Vec<Code> = codes.iter().map(|it| it.unwrap_or(0)).collect();
        let is_settled: Vec<f32> =
            codes.iter().map(|it| if it.is_some() { 1.0 } else { 0.0 }).collect();
        let latents = self.codebook.index_select(&Tensor::new(ids, &Device::Cpu)?, 0)?;
        let is_settled = Tensor::from_vec(is_settled, (codes.len(), 1), &Device::Cpu)?;
        Ok(latents.broadcast_mul(&is_settled)?)
    }

    /// Decodes `window` from the latents of all cells.
    fn paint(
        &self,
        grid: Grid,
        latents: &Tensor, // [cells, latent_dim]
        window: CellRect,
        quality: Quality,
    ) -> Result<Decoded> {
        let seen = match quality {
            Quality::Final => grid.all(),
            Quality::Preview => window.grown(PREVIEW_MARGIN, grid),
        };
        let shape = (usize::from(grid.rows), usize::from(grid.cols), latents.dim(1)?);
        let latents = latents.reshape(shape)?;
        let latents = latents.narrow(0, usize::from(seen.top), usize::from(seen.rows()))?;
        let latents = latents.narrow(1, usize::from(seen.left), usize::from(seen.cols()))?;
        let size = usize::from(self.cell_pixels);
        let pixels = self.decode_floats(&latents)?; // [height, width, 3]
        let top = usize::from(window.top - seen.top) * size;
        let left = usize::from(window.left - seen.left) * size;
        let pixels = pixels.narrow(0, top, usize::from(window.rows()) * size)?;
        let pixels = pixels.narrow(1, left, usize::from(window.cols()) * size)?;
        let rgb: Vec<f32> = pixels.flatten_all()?.to_vec1()?;
        Ok(Decoded { window, rgb: bytes_of(&rgb), labels: Vec::new() })
    }
}

impl Codec for Vq {
    fn encode(&self, rgb: &[u8], area: PixelRect, cells: CellRect) -> model::Result<Vec<Code>> {
        let held = check_area(self.cell_pixels, rgb.len(), area, cells)?;
        let [width, height] = [area.width(), area.height()].map(|it| it as usize);
        let values = floats_of(rgb);
        let pixels = Tensor::from_vec(values, (height, width, 3), &Device::Cpu)?;
        let codes = in_pool(|| self.encode_floats(&pixels))?;
        Ok(cells.cells().map(|cell| codes[held.idx(cell)]).collect())
    }

    fn decode(
        &self,
        codes: Codes<'_>,
        window: CellRect,
        quality: Quality,
    ) -> model::Result<Decoded> {
        check_window(self.cell_pixels, codes, window)?;
        let latents = self.latents(codes.of_cells)?;
        Ok(in_pool(|| self.paint(codes.grid, &latents, window, quality))?)
    }

    fn underpaint(
        &self,
        codes: Codes<'_>,
        probs: &[(Cell, &[f32])],
        window: CellRect,
    ) -> model::Result<Decoded> {
        check_window(self.cell_pixels, codes, window)?;
        let mut latents: Vec<Vec<f32>> = self.latents(codes.of_cells)?.to_vec2()?;
        for (cell, probs) in probs {
            let probs = Tensor::new(*probs, &Device::Cpu)?.unsqueeze(0)?;
            latents[codes.grid.idx(*cell)] = probs.matmul(&self.codebook)?.squeeze(0)?.to_vec1()?;
        }
        let latents = Tensor::new(latents, &Device::Cpu)?;
        Ok(in_pool(|| self.paint(codes.grid, &latents, window, Quality::Preview))?)
    }
}

/// Rows of length 1.
fn normalised(rows: &Tensor) -> Result<Tensor> {
    let length = rows.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?;
    rows.broadcast_div(&length.maximum(1e-12)?)
}
