//! RandAR: LlamaGen's transformer in any order. Before each code stands an instruction that says
//! where it goes; what comes of the instruction answers for the cell
//! (Pang et al., <https://arxiv.org/abs/2412.01827>; names as in `RandAR/model/randar_gpt.py` of
//! <https://github.com/ziqipang/RandAR>).

use std::sync::Arc;

use candle_core::{Result, Tensor};

use super::attention::Aside;
use super::decoder::DecoderCache;
use super::llamagen::{Condition, Config, Transformer, class_row, class_table};
use super::outcomes::Outcomes;
use super::weights::Weights;
use crate::base::{Cell, Code, Grid, Needs, Precision};
use crate::model::check::check;
use crate::model::rotary::Rope;
use crate::model::{self, Ask, Logits};

/// One vector, turned to say a cell.
pub(super) const INSTRUCTION: &str = "pos_instruct_embeddings";

/// Entries per cell: its instruction, its code.
const PER_CELL: usize = 2;

/// From a class, in any order.
#[derive(Debug)]
pub struct RandAr {
    transformer: Transformer,
    classes: Tensor,       // [classes + 1, dim]
    instruction: Vec<f32>, // [dim]
}

impl RandAr {
    /// `grid` is how many cells it was trained for: its tensors do not tell.
    ///
    /// # Errors
    /// Where a tensor is missing, or does not fit the others.
    pub fn load(weights: &dyn Weights, grid: Grid, precision: Precision) -> model::Result<Self> {
        let transformer = Transformer::load(weights, grid, precision)?;
        let dim = transformer.config.dim;
        let instruction = weights.load(INSTRUCTION, &[1, dim])?;
        Ok(Self {
            transformer,
            classes: class_table(weights, dim)?,
            instruction: instruction.flatten_all()?.to_vec1()?,
        })
    }

    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.transformer.config
    }

    /// How many classes there are.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.classes.dim(0).unwrap_or(1) - 1
    }

    pub(super) const fn grid(&self) -> Grid {
        self.transformer.grid
    }

    /// What a guided context takes in memory.
    pub(super) fn context_bytes(&self) -> u64 {
        let (dim, n_cells) = (self.transformer.config.dim, self.grid().n_cells());
        let caches = self.transformer.decoder.bytes_for(1 + PER_CELL * n_cells);
        Needs::TEXTS * (caches + Outcomes::bytes_for(dim, n_cells))
    }

    /// Reads classes side by side.
    ///
    /// # Errors
    /// Where there is no such class.
    pub fn begin(
        self: &Arc<Self>,
        conditions: &[Condition],
    ) -> model::Result<Box<dyn model::Context>> {
        let n_later = PER_CELL * self.grid().n_cells();
        let mut caches = Vec::new();
        for condition in conditions {
            let class = self.transformer.condition(&class_row(&self.classes, condition)?)?;
            caches.push(self.transformer.decoder.begin(class, n_later)?.0);
        }
        let (dim, n_cells) = (self.transformer.config.dim, self.grid().n_cells());
        let outcomes = caches.iter().map(|_| Outcomes::new(dim, n_cells)).collect();
        Ok(Box::new(Context { network: Arc::clone(self), caches, outcomes, read: Vec::new() }))
    }

    /// The instruction to paint a cell, [dim].
    fn instruction(&self, rope: &Rope) -> Vec<f32> {
        let mut instruction = self.instruction.clone();
        rope.apply(&mut instruction);
        instruction
    }
}

/// What was read of one picture.
struct Context {
    network: Arc<RandAr>,
    /// Per text. Invariant: `caches` hold the class and two entries per read cell, `outcomes` what
    /// came of each cell's instruction.
    caches: Vec<DecoderCache>,
    outcomes: Vec<Outcomes>,
    read: Vec<Cell>,
}

impl Context {
    /// Reads cells, and asks beside them; returns what came of the questions, for each text
    /// [asks, dim].
    fn pass(&mut self, placed: &[(Cell, Code)], asides: &[Ask]) -> Result<Vec<Vec<f32>>> {
        let network = &self.network;
        let (mut x, mut ropes) = (Vec::new(), Vec::new());
        for &(cell, code) in placed {
            let rope = network.transformer.rope(cell);
            x.extend([network.instruction(&rope), network.transformer.embed(&[code])]);
            ropes.extend([rope.clone(), rope]);
        }
        for ask in asides {
            let rope = network.transformer.rope(ask.cell);
            x.push(network.instruction(&rope));
            ropes.push(rope);
        }
        let n_texts = self.caches.len();
        let of_text = x.len() * network.transformer.config.dim;
        let x = x.concat().repeat(n_texts); // [texts, rows, dim]
        let seen = asides.iter().map(|ask| Aside { seen: 1 + PER_CELL * ask.after });
        let (ropes, seen) = (vec![ropes; n_texts], seen.collect::<Vec<_>>());
        let rows = network.transformer.decoder.forward(x, &ropes, &seen, &mut self.caches)?;
        let dim = network.transformer.config.dim;
        let mut beside = Vec::new();
        let texts = rows.chunks_exact(of_text).zip(&mut self.outcomes);
        for (rows, outcomes) in texts {
            let (read, asked) = rows.split_at(PER_CELL * placed.len() * dim);
            // What came of the instructions.
            read.chunks_exact(dim).step_by(PER_CELL).for_each(|row| outcomes.push(row));
            beside.push(asked.to_vec());
        }
        self.read.extend(placed.iter().map(|it| it.0));
        Ok(beside)
    }
}

impl model::Context for Context {
    fn len(&self) -> usize {
        self.read.len()
    }

    fn bytes(&self) -> u64 {
        let outcomes = self.outcomes.iter().map(Outcomes::bytes).sum::<u64>();
        self.caches.iter().map(DecoderCache::bytes).sum::<u64>() + outcomes
    }

    fn rewind(&mut self, len: usize) {
        self.read.truncate(len);
        let len = self.read.len();
        self.caches.iter_mut().for_each(|it| it.truncate(1 + PER_CELL * len));
        self.outcomes.iter_mut().for_each(|it| it.truncate(len));
    }

    fn read(&mut self, placed: &[(Cell, Code)], ask: &[Ask]) -> model::Result<Logits> {
        let Transformer { config, grid, .. } = &self.network.transformer;
        let (grid, dim, n_codes) = (*grid, config.dim, config.n_codes);
        check(grid, n_codes, self.read.len(), placed, ask)?;
        // The instruction to paint a cell that was read next has been answered already, or will be.
        let placed_cells = placed.iter().map(|it| it.0);
        let read: Vec<Cell> = self.read.iter().copied().chain(placed_cells).collect();
        let is_aside = |it: &&Ask| read.get(it.after) != Some(&it.cell);
        let asides: Vec<Ask> = ask.iter().filter(is_aside).copied().collect();
        let n_texts = self.caches.len();
        let mut beside: Vec<Vec<f32>> = vec![Vec::new(); n_texts];
        if !placed.is_empty() || !asides.is_empty() {
            beside = self.pass(placed, &asides)?;
        }
        if ask.is_empty() {
            return Ok(Logits::new(n_texts, 0, n_codes, Vec::new()));
        }
        let rows = self.outcomes.iter().zip(&beside).flat_map(|(outcomes, beside)| {
            let mut beside = beside.chunks_exact(dim);
            ask.iter().filter_map(move |it| {
                if is_aside(&it) { beside.next() } else { Some(outcomes.of(it.after)) }
            })
        });
        let rows = rows.collect::<Vec<_>>().concat(); // [texts · asks, dim]
        let values = self.network.transformer.logits(&rows)?;
        Ok(Logits::new(n_texts, ask.len(), n_codes, values))
    }
}
