//! The text encoder of LlamaGen's text networks: the reading half of Flan-T5
//! (Raffel et al., <https://arxiv.org/abs/1910.10683>; names as in Hugging Face's `transformers`).

use std::path::Path;

use candle_core::{D, DType, Device, Module as _, Tensor};
use candle_nn::RmsNorm;
use candle_nn::ops::softmax;
use serde::Deserialize;
use serde_json::Value;
use tokenizers::Tokenizer;

use super::llamagen::shape;
use super::prompts::read_tokenizer;
use super::weights::Weights;
use crate::base::Precision;
use crate::model::kernels::Linear;
use crate::model::{Error, Result};

pub(super) const EMBEDDING: &str = "shared.weight";

/// What the tensors do not tell.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Config {
    num_heads: usize,
    #[serde(default = "usual_distance")]
    relative_attention_max_distance: usize,
    layer_norm_epsilon: f32,
    eos_token_id: u32,
}

const fn usual_distance() -> usize {
    128
}

impl Config {
    fn parse(json: &Value) -> Result<Self> {
        Self::deserialize(json)
            .map_err(|err| Error::Damaged(format!("the text encoder's config.json: {err}")))
    }
}

/// A tokenizer and a network that makes features of tokens.
#[derive(Debug)]
pub(super) struct TextEncoder {
    tokenizer: Tokenizer,
    /// The id that ends a text.
    end: u32,
    network: T5,
}

impl TextEncoder {
    /// `config` is the `config.json` beside the weights, and `tokenizer` is the path of
    /// `tokenizer.json`.
    pub(super) fn load(
        weights: &dyn Weights,
        config: Option<&Value>,
        tokenizer: &Path,
        precision: Precision,
    ) -> Result<Self> {
        let no_config = || Error::Damaged("the text encoder has no config.json".to_owned());
        let config = Config::parse(config.ok_or_else(no_config)?)?;
        Ok(Self {
            tokenizer: read_tokenizer(tokenizer)?,
            end: config.eos_token_id,
            network: T5::load(weights, config, precision)?,
        })
    }

    /// The features of a text, [tokens, dim], cut to `max_tokens`, at least 1.
    pub(super) fn features(&self, text: &str, max_tokens: usize) -> Result<Tensor> {
        let encoded = self.tokenizer.encode_fast(cleaned(text), false);
        let encoded =
            encoded.map_err(|err| Error::Damaged(format!("the prompt cannot be read: {err}")))?;
        let mut ids = encoded.get_ids().to_vec();
        ids.truncate(max_tokens - 1);
        ids.push(self.end);
        self.network.features(&ids)
    }
}

/// LlamaGen's texts were in small letters, with single blanks.
fn cleaned(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The encoder half.
#[derive(Debug)]
pub struct T5 {
    n_heads: usize,
    max_distance: usize,
    embedding: Tensor, // [vocabulary, dim]
    /// What heads add to the score of one token for another, by how far and on which side that
    /// lies.
    biases: Tensor, // [buckets, heads]
    blocks: Vec<Block>,
    norm: RmsNorm,
}

/// Attention, then a gated layer.
#[derive(Debug)]
struct Block {
    attention_norm: RmsNorm,
    qkv: Linear, // [3 · heads · head_dim, dim]
    out: Linear, // [dim, heads · head_dim]
    gated_norm: RmsNorm,
    gate_up: Linear, // [2 · hidden, dim]
    down: Linear,    // [dim, hidden]
}

impl T5 {
    /// `config` is that of `config.json`.
    ///
    /// # Errors
    /// Where it is none of this kind, or a tensor is missing or does not fit the others.
    pub fn open(weights: &dyn Weights, config: &Value, precision: Precision) -> Result<Self> {
        Self::load(weights, Config::parse(config)?, precision)
    }

    fn load(weights: &dyn Weights, config: Config, precision: Precision) -> Result<Self> {
        let n_heads = config.num_heads;
        let [n_tokens, dim] = shape(weights, EMBEDDING)?;
        let biases = format!("{}.relative_attention_bias.weight", attention(0));
        let [n_buckets, _] = shape(weights, &biases)?;
        let n_blocks = weights.count(&|idx| format!("{}.q.weight", attention(idx)));
        let eps = config.layer_norm_epsilon;
        let blocks = (0..n_blocks).map(|idx| {
            let block = Block::load(weights, idx, dim, eps, precision)?;
            if block.0.is_multiple_of(n_heads.max(1)) {
                Ok(block.1)
            } else {
                Err(Error::Damaged("config.json does not fit the tensors".to_owned()))
            }
        });
        let blocks = blocks.collect::<Result<Vec<Block>>>()?;
        if n_heads == 0 || n_buckets < 4 || config.relative_attention_max_distance <= n_buckets / 4
        {
            return Err(Error::Damaged("the text encoder's config.json makes no sense".to_owned()));
        }
        let embedding = || weights.load(EMBEDDING, &[n_tokens, dim]);
        Ok(Self {
            n_heads,
            max_distance: config.relative_attention_max_distance,
            embedding: if precision == Precision::F32 {
                embedding()?
            } else {
                weights.table(EMBEDDING, &embedding)?
            },
            biases: weights.load(&biases, &[n_buckets, n_heads])?,
            blocks,
            norm: norm(weights, "encoder.final_layer_norm", dim, eps)?,
        })
    }

    /// The features of the tokens with these ids: [tokens, dim].
    ///
    /// # Errors
    /// Where an id does not exist.
    pub fn features(&self, ids: &[u32]) -> Result<Tensor> {
        let n_tokens = self.embedding.dim(0)?;
        if let Some(id) = ids.iter().find(|&&id| n_tokens <= id as usize) {
            return Err(Error::Damaged(format!("the text encoder has no word {id}")));
        }
        let ids = Tensor::new(ids, &Device::Cpu)?;
        let mut x = self.embedding.index_select(&ids, 0)?.to_dtype(DType::F32)?; // [tokens, dim]
        let bias = self.bias(ids.elem_count())?;
        for block in &self.blocks {
            x = block.forward(&x, self.n_heads, &bias)?;
        }
        Ok(self.norm.forward(&x)?)
    }

    /// For each head, from each of `n` tokens to each other: [heads, n, n].
    fn bias(&self, n: usize) -> Result<Tensor> {
        let (n_buckets, n_heads) = self.biases.dims2()?;
        let pairs = (0..n).flat_map(|from| (0..n).map(move |to| (from, to)));
        let buckets: Vec<u32> =
            pairs.map(|(from, to)| bucket(from, to, n_buckets, self.max_distance)).collect();
        let of_pairs = self.biases.index_select(&Tensor::new(buckets, &Device::Cpu)?, 0)?;
        Ok(of_pairs.t()?.contiguous()?.reshape((n_heads, n, n))?)
    }
}

/// Near tokens have a bucket each, farther ones have more and more of them in common; half of all
/// buckets are for tokens to come.
fn bucket(from: usize, to: usize, n_buckets: usize, max_distance: usize) -> u32 {
    let on_a_side = n_buckets / 2;
    let n_exact = on_a_side / 2;
    let (distance, first) = if from < to { (to - from, on_a_side) } else { (from - to, 0) };
    let within = if distance < n_exact {
        distance
    } else {
        let [far, max_far] = [distance, max_distance].map(|it| (it as f32 / n_exact as f32).ln());
        (n_exact + (far / max_far * (on_a_side - n_exact) as f32) as usize).min(on_a_side - 1)
    };
    (first + within) as u32
}

/// What the names of a layer's attention begin with.
fn attention(idx: usize) -> String {
    format!("encoder.block.{idx}.layer.0.SelfAttention")
}

fn norm(weights: &dyn Weights, name: &str, dim: usize, eps: f32) -> Result<RmsNorm> {
    Ok(RmsNorm::new(weights.load(&format!("{name}.weight"), &[dim])?, f64::from(eps)))
}

impl Block {
    /// Returns the width of all heads together, too.
    fn load(
        weights: &dyn Weights,
        idx: usize,
        dim: usize,
        eps: f32,
        precision: Precision,
    ) -> Result<(usize, Self)> {
        let layer = |part: usize| format!("encoder.block.{idx}.layer.{part}");
        let attention = |part: &str| format!("{}.{part}.weight", attention(idx));
        let dense = |part: &str| format!("{}.DenseReluDense.{part}.weight", layer(1));
        let [inner, _] = shape(weights, &attention("q"))?;
        // Older networks of this family have no gate; none of them was used here.
        let [hidden, _] = shape(weights, &dense("wi_0"))?;
        let qkv = ["q", "k", "v"].map(|part| (attention(part), inner));
        let gate_up = ["wi_0", "wi_1"].map(|part| (dense(part), hidden));
        let block = Self {
            attention_norm: norm(weights, &format!("{}.layer_norm", layer(0)), dim, eps)?,
            qkv: weights.linear(&qkv, dim, precision)?,
            out: weights.linear(&[(attention("o"), dim)], inner, precision)?,
            gated_norm: norm(weights, &format!("{}.layer_norm", layer(1)), dim, eps)?,
            gate_up: weights.linear(&gate_up, dim, precision)?,
            down: weights.linear(&[(dense("wo"), dim)], hidden, precision)?,
        };
        Ok((inner, block))
    }

    /// `x` is [tokens, dim], `bias` [heads, tokens, tokens]. Scores are not scaled: that was
    /// trained in.
    fn forward(&self, x: &Tensor, n_heads: usize, bias: &Tensor) -> candle_core::Result<Tensor> {
        let n_tokens = x.dim(0)?;
        let qkv = self.qkv.forward(&self.attention_norm.forward(x)?)?;
        let qkv = qkv.reshape((n_tokens, 3, n_heads, ()))?.permute((1, 2, 0, 3))?.contiguous()?;
        let (q, k, v) = (qkv.get(0)?, qkv.get(1)?, qkv.get(2)?); // [heads, tokens, head_dim]
        let scores = (q.matmul(&k.t()?)? + bias)?; // [heads, tokens, tokens]
        let y = softmax(&scores, D::Minus1)?.matmul(&v)?; // [heads, tokens, head_dim]
        let y = y.transpose(0, 1)?.contiguous()?.flatten_from(1)?;
        let x = (x + self.out.forward(&y)?)?;
        let y = self.gate_up.forward(&self.gated_norm.forward(&x)?)?.chunk(2, D::Minus1)?;
        let y = (y[0].gelu()? * &y[1])?; // [tokens, hidden]
        x + self.down.forward(&y.contiguous()?)?
    }
}
