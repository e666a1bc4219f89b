//! LlamaGen: a Llama over the codes of VQ-16, row by row, from a class or from a text
//! (Sun et al., <https://arxiv.org/abs/2406.06525>; names and sizes as in
//! `autoregressive/models/gpt.py` of <https://github.com/FoundationVision/LlamaGen>).

use std::sync::Arc;

use candle_core::{Result, Tensor};

use super::attention::Heads;
use super::block::{Block, RmsNorm, SwiGlu};
use super::decoder::{Decoder, Prompt};
use super::rows::{self, RowsContext, RowsNetwork};
use super::weights::Weights;
use crate::base::{Cell, Code, Grid, Precision};
use crate::model::kernels::Linear;
use crate::model::rotary::{BASE, Pairs, Rope};
use crate::model::{self, Context, Error};

const EPS: f32 = 1e-5;

/// Widths whose heads are not of 64 values: the 3B network's, and the 7B text network's.
const HEADS_OF_DIM: [(usize, usize); 2] = [(3200, 32), (4096, 32)];

/// What all networks of this make have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    pub dim: usize,
    pub n_layers: usize,
    pub n_codes: usize,
    /// Width of the SwiGLU's middle.
    pub hidden: usize,
    heads: Heads,
}

impl Config {
    /// As the tensors say.
    ///
    /// # Errors
    /// Where there are none of this make.
    pub fn of(weights: &dyn Weights) -> model::Result<Self> {
        let [n_codes, dim] = shape(weights, "tok_embeddings.weight")?;
        let [hidden, _] = shape(weights, "layers.0.feed_forward.w1.weight")?;
        let n_layers = weights.count(&|idx| format!("layers.{idx}.attention.wo.weight"));
        Ok(Self { dim, n_layers, n_codes, hidden, heads: heads_of(dim)? })
    }

    /// Rows and columns where nothing says how many: the largest ones were published for 384 pixels
    /// only.
    pub(super) const fn usual_side(&self) -> u16 {
        if self.dim < 1536 { 16 } else { 24 }
    }

    pub(super) const fn head_dim(&self) -> usize {
        self.heads.dim
    }
}

/// How LlamaGen and its kin divide their width among heads.
pub(super) fn heads_of(dim: usize) -> model::Result<Heads> {
    let special = HEADS_OF_DIM.iter().find(|it| it.0 == dim).map(|it| it.1);
    let n = special.unwrap_or(dim / 64);
    if 0 < n && dim.is_multiple_of(n) && (dim / n).is_multiple_of(4) {
        Ok(Heads { n, n_kv: n, dim: dim / n })
    } else {
        Err(Error::Damaged(format!("{dim} values cannot be divided among heads")))
    }
}

/// The shape of a matrix.
pub(super) fn shape(weights: &dyn Weights, name: &str) -> model::Result<[usize; 2]> {
    let found = weights.shape(name).and_then(|it| <[usize; 2]>::try_from(it).ok());
    found
        .filter(|it| !it.contains(&0))
        .ok_or_else(|| Error::Damaged(format!("tensor {name} is missing, empty, or no matrix")))
}

/// Blocks over codes, without a condition.
#[derive(Debug)]
pub(super) struct Transformer {
    pub(super) config: Config,
    pub(super) grid: Grid,
    codes: Vec<f32>, // [codes, dim]
    pub(super) decoder: Decoder,
    output: Linear, // [codes, dim]
}

impl Transformer {
    pub(super) fn load(
        weights: &dyn Weights,
        grid: Grid,
        precision: Precision,
    ) -> model::Result<Self> {
        let config = Config::of(weights)?;
        let Config { dim, n_codes, n_layers, .. } = config;
        let blocks = (0..n_layers).map(|idx| load_block(weights, idx, config, precision));
        let blocks = blocks.collect::<model::Result<Vec<Block>>>()?;
        Ok(Self {
            config,
            grid,
            codes: weights
                .load("tok_embeddings.weight", &[n_codes, dim])?
                .flatten_all()?
                .to_vec1()?,
            decoder: Decoder::new(blocks, norm(weights, "norm", dim)?),
            output: weights.linear(&[("output.weight".to_owned(), n_codes)], dim, precision)?,
        })
    }

    /// [codes, dim]
    pub(super) fn embed(&self, codes: &[Code]) -> Vec<f32> {
        let dim = self.config.dim;
        let row = |&code: &Code| &self.codes[code as usize * dim..][..dim];
        codes.iter().map(row).collect::<Vec<_>>().concat()
    }

    pub(super) fn rope(&self, cell: Cell) -> Rope {
        Rope::in_cell(Pairs::Adjacent, self.config.head_dim(), BASE, cell)
    }

    /// A condition [entries, dim], all of whose queries and keys vanish.
    pub(super) fn condition(&self, x: &Tensor) -> Result<Prompt> {
        let ropes = vec![Rope::vanishing(self.config.head_dim()); x.dim(0)?];
        Ok(Prompt { x: x.flatten_all()?.to_vec1()?, ropes })
    }

    /// [rows, dim] → [rows, codes]
    pub(super) fn logits(&self, rows: &[f32]) -> Result<Vec<f32>> {
        self.output.rows(rows)
    }
}

fn load_block(
    weights: &dyn Weights,
    idx: usize,
    config: Config,
    precision: Precision,
) -> model::Result<Block> {
    let Config { dim, hidden, heads, .. } = config;
    let name = |part: &str| format!("layers.{idx}.{part}");
    let weight = |part: &str| format!("layers.{idx}.{part}.weight");
    let linear = |parts: &[(&str, usize)], n_in: usize| {
        let parts: Vec<_> = parts.iter().map(|&(part, n_out)| (weight(part), n_out)).collect();
        weights.linear(&parts, n_in, precision)
    };
    Ok(Block {
        heads,
        norm: norm(weights, &name("attention_norm"), dim)?,
        qkv: linear(&[("attention.wqkv", 3 * dim)], dim)?,
        out: linear(&[("attention.wo", dim)], dim)?,
        swiglu: SwiGlu {
            norm: norm(weights, &name("ffn_norm"), dim)?,
            up_gate: linear(&[("feed_forward.w3", hidden), ("feed_forward.w1", hidden)], dim)?,
            down: linear(&[("feed_forward.w2", dim)], hidden)?,
        },
    })
}

pub(super) fn norm(weights: &dyn Weights, name: &str, dim: usize) -> model::Result<RmsNorm> {
    RmsNorm::load(weights, &format!("{name}.weight"), dim, EPS)
}

/// What a picture is painted from.
#[derive(Clone, Debug)]
pub enum Condition {
    /// Of the class table.
    Class(u32),
    /// What the text encoder made of a text, [entries, width]; at most as many as there are text
    /// slots.
    Features(Tensor),
    /// Nothing: what stands for no text is read, as many entries of it as the text beside it has.
    Nothing,
}

/// From a class or from a text.
#[derive(Debug)]
pub struct LlamaGen {
    transformer: Transformer,
    conditioner: Conditioner,
}

#[derive(Debug)]
enum Conditioner {
    Class {
        /// The last row stands for no class.
        table: Tensor, // [classes + 1, dim]
    },
    Text {
        fc1: Tensor,  // [dim, width]
        fc2: Tensor,  // [dim, dim]
        none: Tensor, // [slots, width]
    },
}

const CLASS_TABLE: &str = "cls_embedding.embedding_table.weight";
/// What is read where there is no text, in networks that paint from texts.
pub(super) const NO_TEXT: &str = "cls_embedding.uncond_embedding";

impl LlamaGen {
    /// `grid` is how many cells it was trained for: its tensors do not tell.
    ///
    /// # Errors
    /// Where a tensor is missing, or does not fit the others.
    pub fn load(weights: &dyn Weights, grid: Grid, precision: Precision) -> model::Result<Self> {
        let transformer = Transformer::load(weights, grid, precision)?;
        let dim = transformer.config.dim;
        let conditioner = if weights.has(CLASS_TABLE) {
            Conditioner::Class { table: class_table(weights, dim)? }
        } else {
            let [n_slots, width] = shape(weights, NO_TEXT)?;
            if n_slots == 0 {
                return Err(Error::Damaged("there is no room for a text".to_owned()));
            }
            Conditioner::Text {
                fc1: weights.load("cls_embedding.cap_proj.fc1.weight", &[dim, width])?,
                fc2: weights.load("cls_embedding.cap_proj.fc2.weight", &[dim, dim])?,
                none: weights.load(NO_TEXT, &[n_slots, width])?,
            }
        };
        Ok(Self { transformer, conditioner })
    }

    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.transformer.config
    }

    /// How many classes there are; none for a network that paints from texts.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        match &self.conditioner {
            Conditioner::Class { table } => table.dim(0).unwrap_or(1) - 1,
            Conditioner::Text { .. } => 0,
        }
    }

    /// How many entries a text may have; `None` for a network that paints from classes.
    #[must_use]
    pub fn max_tokens(&self) -> Option<usize> {
        match &self.conditioner {
            Conditioner::Class { .. } => None,
            Conditioner::Text { none, .. } => none.dim(0).ok(),
        }
    }

    /// What a guided context takes in memory.
    pub(super) fn context_bytes(&self) -> u64 {
        rows::context_bytes(self, self.max_tokens().unwrap_or(1))
    }

    /// Reads conditions side by side.
    ///
    /// # Errors
    /// Where one of them is not for this network.
    pub fn begin(self: &Arc<Self>, conditions: &[Condition]) -> model::Result<Box<dyn Context>> {
        let x: Vec<Tensor> = match &self.conditioner {
            Conditioner::Class { table } => {
                conditions.iter().map(|it| class_row(table, it)).collect::<model::Result<_>>()?
            }
            Conditioner::Text { fc1, fc2, none } => texts(fc1, fc2, none, conditions)?,
        };
        let prompts = x.iter().map(|x| self.transformer.condition(x));
        let prompts = prompts.collect::<Result<Vec<_>>>()?;
        Ok(Box::new(RowsContext::new(Arc::clone(self), prompts)?))
    }
}

/// Checks that the rows are those of classes, and of none at the end.
pub(super) fn class_table(weights: &dyn Weights, dim: usize) -> model::Result<Tensor> {
    match shape(weights, CLASS_TABLE)? {
        [n_rows, _] if 1 < n_rows => weights.load(CLASS_TABLE, &[n_rows, dim]),
        [n_rows, _] => Err(Error::Damaged(format!("{n_rows} rows hold no class and none"))),
    }
}

/// [1, dim]
pub(super) fn class_row(table: &Tensor, condition: &Condition) -> model::Result<Tensor> {
    let none = table.dim(0)? - 1;
    let row = match condition {
        Condition::Class(class) => *class as usize,
        Condition::Nothing => none,
        Condition::Features(_) => none + 1,
    };
    if row <= none {
        Ok(table.narrow(0, row, 1)?)
    } else {
        Err(Error::NoSuchClass(format!("{condition:?}")))
    }
}

/// Features stand at the end of the slots, and the slots before them are hidden from all that
/// follows. As the condition has no positions, that is the same as reading the features alone.
/// Beside a text of n entries, the last n of what stands for none are seen.
fn texts(
    fc1: &Tensor,
    fc2: &Tensor,
    none: &Tensor,
    conditions: &[Condition],
) -> model::Result<Vec<Tensor>> {
    let (n_slots, width) = none.dims2()?;
    let lengths = conditions.iter().filter_map(|it| match it {
        Condition::Features(x) => x.dim(0).ok(),
        _ => None,
    });
    let n_none = lengths.reduce(usize::max).unwrap_or(n_slots).min(n_slots);
    let project = |features: &Tensor| -> Result<Tensor> {
        features.matmul(&fc1.t()?)?.gelu()?.matmul(&fc2.t()?)
    };
    let one = |condition: &Condition| -> model::Result<Tensor> {
        match condition {
            Condition::Features(x) => match x.dims2()? {
                (n, w) if w == width && (1..=n_slots).contains(&n) => Ok(project(x)?),
                (n, w) => Err(Error::Damaged(format!(
                    "a text of {n} entries of {w} values does not fit {n_slots} of {width}"
                ))),
            },
            Condition::Nothing => Ok(project(&none.narrow(0, n_slots - n_none, n_none)?)?),
            Condition::Class(class) => Err(Error::NoSuchClass(class.to_string())),
        }
    };
    conditions.iter().map(one).collect()
}

impl RowsNetwork for LlamaGen {
    fn grid(&self) -> Grid {
        self.transformer.grid
    }

    fn n_codes(&self) -> usize {
        self.transformer.config.n_codes
    }

    fn decoder(&self) -> &Decoder {
        &self.transformer.decoder
    }

    fn embed(&self, codes: &[Code]) -> Result<Vec<f32>> {
        Ok(self.transformer.embed(codes))
    }

    fn rope(&self, _n_entries: usize, cell: Cell) -> Rope {
        self.transformer.rope(cell)
    }

    fn logits(&self, rows: &[f32]) -> Result<Vec<f32>> {
        self.transformer.logits(rows)
    }
}
