//! What came of the entries that were read: the rows from which answers are computed, kept so that
//! a question about something read long ago costs no second pass.

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
    pub(super) fn push(&mut self, rows: &[f32]) {
        self.rows.extend_from_slice(rows);
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.rows.truncate(len * self.dim);
    }

    /// Of entry `idx`, [dim].
    pub(super) fn of(&self, idx: usize) -> &[f32] {
        &self.rows[idx * self.dim..][..self.dim]
    }
}
