//! Published networks with random weights: names and shapes as the files have them.

use std::cell::RefCell;
use std::collections::HashMap;

use alla_prima::model::published::weights::Weights;
use alla_prima::model::{Error, Result};
use candle_core::{DType, Device, Tensor};

/// Channels of VQ-16 by resolution, the finest first.
const WIDTHS: [usize; 5] = [128, 128, 256, 256, 512];
const LATENT: usize = 256;
pub(crate) const DIGITS: usize = 8;
const CODES: usize = 16384;
const CLASSES: usize = 1000;

/// Rows of a table are looked up, not multiplied: their number does not matter.
pub(crate) const WORDS: usize = 1024;

/// Names with shapes; tensors of the same shape hold the same values.
pub(crate) struct Random {
    shapes: HashMap<String, Vec<usize>>,
    made: RefCell<HashMap<Vec<usize>, Tensor>>,
}

impl Weights for Random {
    fn shape(&self, name: &str) -> Option<&[usize]> {
        self.shapes.get(name).map(Vec::as_slice)
    }

    fn load(&self, name: &str, shape: &[usize]) -> Result<Tensor> {
        if self.shape(name) != Some(shape) {
            return Err(Error::Damaged(format!("{name} is not of shape {shape:?}")));
        }
        if let Some(tensor) = self.made.borrow().get(shape) {
            return Ok(tensor.clone());
        }
        let tensor = match shape {
            [n] if name.ends_with("bias") => Tensor::zeros(*n, DType::F32, &Device::Cpu)?,
            [n] => return Ok(Tensor::ones(*n, DType::F32, &Device::Cpu)?),
            // What comes out is about as large as what goes in.
            [_, inputs @ ..] => {
                let n_in: usize = inputs.iter().product();
                let values = Tensor::rand(-1.0_f32, 1.0, shape, &Device::Cpu)?;
                (values * (3.0 / n_in as f64).sqrt())?
            }
            [] => return Err(Error::Damaged(format!("{name} has no shape"))),
        };
        if 1 < shape.len() {
            self.made.borrow_mut().insert(shape.to_vec(), tensor.clone());
        }
        Ok(tensor)
    }
}

impl Random {
    fn new() -> Self {
        Self { shapes: HashMap::new(), made: RefCell::default() }
    }

    fn add(&mut self, name: &str, shape: &[usize]) {
        self.shapes.insert(name.to_owned(), shape.to_vec());
    }

    fn weight(&mut self, name: &str, shape: &[usize]) {
        self.add(&format!("{name}.weight"), shape);
    }

    /// A norm, a convolution or a linear map with bias.
    fn with_bias(&mut self, name: &str, shape: &[usize]) {
        self.weight(name, shape);
        self.add(&format!("{name}.bias"), &shape[..1]);
    }

    /// LlamaGen-B, from classes.
    pub(crate) fn llamagen_b() -> Self {
        let (mut all, dim, hidden) = (Self::new(), 768, 2048);
        all.weight("tok_embeddings", &[CODES, dim]);
        all.weight("cls_embedding.embedding_table", &[CLASSES + 1, dim]);
        for idx in 0..12 {
            let name = |part: &str| format!("layers.{idx}.{part}");
            all.weight(&name("attention.wqkv"), &[3 * dim, dim]);
            all.weight(&name("attention.wo"), &[dim, dim]);
            all.weight(&name("feed_forward.w1"), &[hidden, dim]);
            all.weight(&name("feed_forward.w3"), &[hidden, dim]);
            all.weight(&name("feed_forward.w2"), &[dim, hidden]);
            all.weight(&name("attention_norm"), &[dim]);
            all.weight(&name("ffn_norm"), &[dim]);
        }
        all.weight("norm", &[dim]);
        all.weight("output", &[CODES, dim]);
        all
    }

    /// Janus-Pro-1B, as far as it paints.
    pub(crate) fn janus_1b() -> Self {
        let (mut all, dim, hidden) = (Self::new(), 2048, 5632);
        all.weight("gen_embed", &[CODES, DIGITS]);
        all.with_bias("gen_aligner.layers.0", &[dim, DIGITS]);
        all.with_bias("gen_aligner.layers.2", &[dim, dim]);
        all.with_bias("gen_head.output_mlp_projector", &[dim, dim]);
        all.with_bias("gen_head.vision_head", &[CODES, dim]);
        all.weight("language_model.model.embed_tokens", &[WORDS, dim]);
        all.weight("language_model.model.norm", &[dim]);
        for idx in 0..24 {
            let name = |part: &str| format!("language_model.model.layers.{idx}.{part}");
            for part in ["q", "k", "v", "o"] {
                all.weight(&name(&format!("self_attn.{part}_proj")), &[dim, dim]);
            }
            all.weight(&name("mlp.gate_proj"), &[hidden, dim]);
            all.weight(&name("mlp.up_proj"), &[hidden, dim]);
            all.weight(&name("mlp.down_proj"), &[dim, hidden]);
            all.weight(&name("input_layernorm"), &[dim]);
            all.weight(&name("post_attention_layernorm"), &[dim]);
        }
        all
    }

    /// VQ-16.
    pub(crate) fn vq16() -> Self {
        let mut all = Self::new();
        let coarsest = WIDTHS[WIDTHS.len() - 1];
        let mut upwards = WIDTHS;
        upwards.reverse();
        all.conv("encoder.conv_in", 3, WIDTHS[0], 3);
        all.half("encoder", (WIDTHS[0], WIDTHS), 2, "downsample");
        all.conv("encoder.conv_out", coarsest, LATENT, 3);
        all.conv("quant_conv", LATENT, DIGITS, 1);
        all.weight("quantize.embedding", &[CODES, DIGITS]);
        all.conv("post_quant_conv", DIGITS, LATENT, 1);
        all.conv("decoder.conv_in", LATENT, coarsest, 3);
        all.half("decoder", (coarsest, upwards), 3, "upsample");
        all.conv("decoder.conv_out", WIDTHS[0], 3, 3);
        all
    }

    /// Levels with `n_blocks` blocks each, the middle, and the last norm.
    fn half(
        &mut self,
        half: &str,
        (mut n, widths): (usize, [usize; 5]),
        n_blocks: usize,
        resize: &str,
    ) {
        let coarsest = WIDTHS[WIDTHS.len() - 1];
        for (level, width) in widths.into_iter().enumerate() {
            let name = format!("{half}.conv_blocks.{level}");
            for block in 0..n_blocks {
                self.residual(&format!("{name}.res.{block}"), n, width);
                n = width;
                if n == coarsest {
                    self.attention(&format!("{name}.attn.{block}"), n);
                }
            }
            if level + 1 < widths.len() {
                self.conv(&format!("{name}.{resize}.conv"), n, n, 3);
            }
        }
        self.residual(&format!("{half}.mid.0"), coarsest, coarsest);
        self.attention(&format!("{half}.mid.1"), coarsest);
        self.residual(&format!("{half}.mid.2"), coarsest, coarsest);
        self.with_bias(&format!("{half}.norm_out"), &[n]);
    }

    fn conv(&mut self, name: &str, n_in: usize, n_out: usize, kernel: usize) {
        self.with_bias(name, &[n_out, n_in, kernel, kernel]);
    }

    fn residual(&mut self, name: &str, n_in: usize, n_out: usize) {
        self.with_bias(&format!("{name}.norm1"), &[n_in]);
        self.conv(&format!("{name}.conv1"), n_in, n_out, 3);
        self.with_bias(&format!("{name}.norm2"), &[n_out]);
        self.conv(&format!("{name}.conv2"), n_out, n_out, 3);
        if n_in != n_out {
            self.conv(&format!("{name}.nin_shortcut"), n_in, n_out, 1);
        }
    }

    fn attention(&mut self, name: &str, n: usize) {
        self.with_bias(&format!("{name}.norm"), &[n]);
        ["q", "k", "v", "proj_out"]
            .iter()
            .for_each(|it| self.conv(&format!("{name}.{it}"), n, n, 1));
    }
}
