//! What came of the entries that were read: the rows from which answers are computed, kept so that a question
//! about something read long ago costs no second pass.

use candle_core::{Device, Result, Tensor};

/// Rows of one text.
#[derive(Clone, Debug)]
pub(super) struct Outcomes {
    dim: usize,
    rows: Vec<f32>, // [entries, dim]
}

impl Outcomes {
    pub(super) const fn new(dim: usize) -> Self {
        Self { dim, rows: Vec::new() }
    }

    /// Adds `rows`, [entries, dim].
    pub(super) fn push(&mut self, rows: &Tensor) -> Result<()> {
        self.rows.extend(rows.flatten_all()?.to_vec1::<f32>()?);
        Ok(())
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.rows.truncate(len * self.dim);
    }

    /// Of entry `idx`, [dim].
    pub(super) fn of(&self, idx: usize) -> &[f32] {
        &self.rows[idx * self.dim..][..self.dim]
    }
}

/// Rows one below the other, [rows, dim].
pub(super) fn stacked<'a>(rows: impl Iterator<Item = &'a [f32]>, dim: usize) -> Result<Tensor> {
    let rows: Vec<f32> = rows.flatten().copied().collect();
    let n_rows = rows.len() / dim;
    Tensor::from_vec(rows, (n_rows, dim), &Device::Cpu)
}
