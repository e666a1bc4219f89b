//! Janus and Janus-Pro: a Llama that has read text, and paints by a second table of codes and a
//! second head (Chen et al., <https://arxiv.org/abs/2501.17811>; names as in
//! <https://github.com/deepseek-ai/Janus>, and as in its port to Hugging Face's `transformers`).

use std::sync::Arc;

use candle_core::{DType, Device, Result, Tensor};
use serde_json::Value;

use super::attention::Heads;
use super::block::{Block, RmsNorm, SwiGlu};
use super::decoder::{Decoder, Prompt};
use super::llamagen::shape;
use super::rows::{self, RowsContext, RowsNetwork};
use super::weights::Weights;
use crate::base::{Cell, Code, Grid, Precision};
use crate::model::kernels::{Linear, add};
use crate::model::rotary::{BASE, Rope};
use crate::model::{self, Context, Error};

/// Rows and columns of a picture: it has learned no others.
pub(super) const SIDE: u16 = 24;

/// Of a prompt, about, with what stands around it.
pub(super) const PROMPT_TOKENS: usize = 128;

/// How the tensors are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Naming {
    language: &'static str,
    gen_embed: &'static str,
    aligner: [&'static str; 2],
    head: [&'static str; 2],
    /// What stands before the codec's names.
    pub(super) codec: &'static str,
}

const ORIGINAL: Naming = Naming {
    language: "language_model.model.",
    gen_embed: "gen_embed.weight",
    aligner: ["gen_aligner.layers.0", "gen_aligner.layers.2"],
    head: ["gen_head.output_mlp_projector", "gen_head.vision_head"],
    codec: "gen_vision_model.",
};

const PORTED: Naming = Naming {
    language: "model.language_model.",
    gen_embed: "model.generation_embeddings.weight",
    aligner: ["model.generation_aligner.fc1", "model.generation_aligner.hidden_layers.0"],
    head: ["model.generation_head.proj_out", "model.generation_head.vision_head"],
    codec: "model.vqmodel.",
};

impl Naming {
    /// The one that a file follows, if it holds a Janus.
    pub(super) fn of(weights: &dyn Weights) -> Option<Self> {
        [ORIGINAL, PORTED].into_iter().find(|it| weights.has(it.gen_embed))
    }
}

/// What the tensors do not tell.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Config {
    /// Of keys and queries; where it is not said, heads have 128 values.
    n_heads: usize,
    n_kv_heads: usize,
    eps: f32,
    rope_theta: f32,
}

impl Config {
    /// From `config.json`, as published either way.
    fn read(config: Option<&Value>, dim: usize) -> model::Result<Self> {
        let text = config.and_then(|it| it.get("text_config").or(it.get("language_config")));
        let number = |name: &str| text.and_then(|it| it.get(name)).and_then(Value::as_f64);
        let count = |name: &str| number(name).map(|it| it as usize);
        let rope = text.and_then(|it| it.get("rope_parameters")?.get("rope_theta")?.as_f64());
        let n_heads = count("num_attention_heads").unwrap_or(dim / 128);
        let config = Self {
            n_heads,
            n_kv_heads: count("num_key_value_heads").unwrap_or(n_heads),
            eps: number("rms_norm_eps").map_or(1e-6, |it| it as f32),
            rope_theta: rope.or(number("rope_theta")).map_or(BASE, |it| it as f32),
        };
        let Self { n_heads, n_kv_heads, eps, rope_theta } = config;
        let is_sound = 0 < n_heads && 0 < n_kv_heads && dim.is_multiple_of(2 * n_heads);
        if is_sound && n_heads.is_multiple_of(n_kv_heads) && 0.0 < eps && 1.0 <= rope_theta {
            Ok(config)
        } else {
            Err(Error::Damaged("config.json does not fit the tensors".to_owned()))
        }
    }
}

/// From a text, row by row.
#[derive(Debug)]
pub struct Janus {
    pub(super) grid: Grid,
    pub(super) n_codes: usize,
    pub(super) dim: usize,
    head_dim: usize,
    rope_theta: f32,
    embedding: Tensor, // [vocabulary, dim]
    /// What the decoder reads for each code: `gen_embed` behind the aligner.
    codes: Tensor, // [codes, dim]
    decoder: Decoder,
    head: [Affine; 2], // [dim, dim], [codes, dim]
}

impl Janus {
    /// `config` is the `config.json` beside the weights.
    ///
    /// # Errors
    /// Where a tensor is missing, or does not fit the others.
    pub fn load(
        weights: &dyn Weights,
        config: Option<&Value>,
        grid: Grid,
        precision: Precision,
    ) -> model::Result<Self> {
        let no_janus = || Error::Damaged("there are no codes of a Janus in it".to_owned());
        let names = Naming::of(weights).ok_or_else(no_janus)?;
        let embedding = format!("{}embed_tokens.weight", names.language);
        let [n_tokens, dim] = shape(weights, &embedding)?;
        let [n_codes, latent_dim] = shape(weights, names.gen_embed)?;
        let config = Config::read(config, dim)?;
        let heads = Heads { n: config.n_heads, n_kv: config.n_kv_heads, dim: dim / config.n_heads };
        let name_of = |idx: usize| format!("{}layers.{idx}", names.language);
        let n_layers = weights.count(&|idx| format!("{}.mlp.up_proj.weight", name_of(idx)));
        let blocks = (0..n_layers)
            .map(|idx| load_block(weights, &name_of(idx), heads, config.eps, precision));
        let blocks = blocks.collect::<model::Result<Vec<Block>>>()?;
        let norm =
            RmsNorm::load(weights, &format!("{}norm.weight", names.language), dim, config.eps)?;
        let affine = |name: &str, n_out: usize, n_in: usize| {
            Affine::load(weights, name, [n_out, n_in], precision)
        };
        // They are read behind the aligner, a row each: halves keep both tables small.
        let codes = || -> model::Result<Tensor> {
            let codes = weights.load(names.gen_embed, &[n_codes, latent_dim])?;
            let codes: Vec<f32> = codes.flatten_all()?.to_vec1()?;
            let codes = gelu(affine(names.aligner[0], dim, latent_dim)?.rows(&codes)?)?;
            let codes = affine(names.aligner[1], dim, dim)?.rows(&codes)?;
            Ok(Tensor::from_vec(codes, (n_codes, dim), &Device::Cpu)?)
        };
        let load_embedding = || weights.load(&embedding, &[n_tokens, dim]);
        let (codes, embedding) = match precision {
            Precision::F32 => (codes()?, load_embedding()?),
            _ => {
                let codes = weights.table("aligned codes", &codes)?;
                (codes, weights.table(&embedding, &load_embedding)?)
            }
        };
        Ok(Self {
            grid,
            n_codes,
            dim,
            head_dim: heads.dim,
            rope_theta: config.rope_theta,
            embedding,
            codes,
            decoder: Decoder::new(blocks, norm),
            head: [affine(names.head[0], dim, dim)?, affine(names.head[1], n_codes, dim)?],
        })
    }

    /// What a guided context takes in memory, under prompts of the usual length.
    pub(super) fn context_bytes(&self) -> u64 {
        rows::context_bytes(self, PROMPT_TOKENS)
    }

    /// Reads prompts side by side, given as token ids.
    ///
    /// # Errors
    /// Where an id does not exist.
    pub fn begin(self: &Arc<Self>, prompts: &[Vec<u32>]) -> model::Result<Box<dyn Context>> {
        let n_tokens = self.embedding.dim(0)?;
        let is_sound =
            |it: &Vec<u32>| !it.is_empty() && it.iter().all(|&id| (id as usize) < n_tokens);
        if !prompts.iter().all(is_sound) {
            let why = format!("a prompt is empty, or holds words past the {n_tokens} known ones");
            return Err(Error::Damaged(why));
        }
        let prompts = prompts.iter().map(|ids| -> Result<Prompt> {
            let ropes = (0..ids.len()).map(|position| self.rope_at(position)).collect();
            Ok(Prompt { x: rows_of(&self.embedding, ids)?, ropes })
        });
        let prompts = prompts.collect::<Result<Vec<_>>>()?;
        Ok(Box::new(RowsContext::new(Arc::clone(self), prompts)?))
    }

    fn rope_at(&self, position: usize) -> Rope {
        Rope::in_line(self.head_dim, self.rope_theta, position)
    }
}

/// Of a table [entries, dim] these rows, [ids, dim].
fn rows_of(table: &Tensor, ids: &[u32]) -> Result<Vec<f32>> {
    let rows = table.index_select(&Tensor::new(ids, &Device::Cpu)?, 0)?;
    rows.to_dtype(DType::F32)?.flatten_all()?.to_vec1()
}

fn load_block(
    weights: &dyn Weights,
    name: &str,
    heads: Heads,
    eps: f32,
    precision: Precision,
) -> model::Result<Block> {
    let [hidden, dim] = shape(weights, &format!("{name}.mlp.up_proj.weight"))?;
    let linear = |parts: &[(&str, usize)], n_in: usize| {
        let weight = |part: &str| format!("{name}.{part}_proj.weight");
        let parts: Vec<_> = parts.iter().map(|&(part, n_out)| (weight(part), n_out)).collect();
        weights.linear(&parts, n_in, precision)
    };
    let norm = |part: &str| RmsNorm::load(weights, &format!("{name}.{part}.weight"), dim, eps);
    let (q_dim, kv_dim) = (heads.q_dim(), heads.kv_dim());
    let qkv = [("self_attn.q", q_dim), ("self_attn.k", kv_dim), ("self_attn.v", kv_dim)];
    Ok(Block {
        heads,
        norm: norm("input_layernorm")?,
        qkv: linear(&qkv, dim)?,
        out: linear(&[("self_attn.o", dim)], q_dim)?,
        swiglu: SwiGlu {
            norm: norm("post_attention_layernorm")?,
            up_gate: linear(&[("mlp.up", hidden), ("mlp.gate", hidden)], dim)?,
            down: linear(&[("mlp.down", dim)], hidden)?,
        },
    })
}

/// A linear map with bias.
#[derive(Debug)]
struct Affine {
    weight: Linear, // [out, in]
    bias: Vec<f32>, // [out]
}

impl Affine {
    fn load(
        weights: &dyn Weights,
        name: &str,
        shape: [usize; 2],
        precision: Precision,
    ) -> model::Result<Self> {
        let [n_out, n_in] = shape;
        Ok(Self {
            weight: weights.linear(&[(format!("{name}.weight"), n_out)], n_in, precision)?,
            bias: weights.load(&format!("{name}.bias"), &[n_out])?.to_vec1()?,
        })
    }

    /// [rows, in] → [rows, out]
    fn rows(&self, x: &[f32]) -> Result<Vec<f32>> {
        let mut y = self.weight.rows(x)?;
        y.chunks_exact_mut(self.bias.len()).for_each(|y| add(y, &self.bias));
        Ok(y)
    }
}

fn gelu(x: Vec<f32>) -> Result<Vec<f32>> {
    Tensor::new(x, &Device::Cpu)?.gelu_erf()?.to_vec1()
}

impl RowsNetwork for Janus {
    fn grid(&self) -> Grid {
        self.grid
    }

    fn n_codes(&self) -> usize {
        self.n_codes
    }

    fn decoder(&self) -> &Decoder {
        &self.decoder
    }

    fn embed(&self, codes: &[Code]) -> Result<Vec<f32>> {
        rows_of(&self.codes, codes)
    }

    fn rope(&self, n_entries: usize, cell: Cell) -> Rope {
        self.rope_at(n_entries + self.grid.idx(cell))
    }

    fn logits(&self, rows: &[f32]) -> Result<Vec<f32>> {
        let [inner, outer] = &self.head;
        outer.rows(&gelu(inner.rows(rows)?)?)
    }
}
