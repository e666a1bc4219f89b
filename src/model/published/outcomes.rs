//! What came of the entries that were read: the rows from which answers are computed, kept so that
//! a question about something read long ago costs no second pass.

/// Rows of one text.
#[derive(Debug)]
pub(super) struct Outcomes {
    dim: usize,
    rows: Vec<f32>, // [entries, dim]
}

impl Outcomes {
    /// With room for `room` rows.
    pub(super) fn new(dim: usize, room: usize) -> Self {
        Self { dim, rows: Vec::with_capacity(dim * room) }
    }

    /// What they take in memory.
    pub(super) fn bytes(&self) -> u64 {
        (self.rows.capacity() * size_of::<f32>()) as u64
    }

    /// What one would take that [`Self::new`] made of this.
    pub(super) const fn bytes_for(dim: usize, room: usize) -> u64 {
        (dim * room * size_of::<f32>()) as u64
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
