//! Bytes that several may hold: memory of our own, or a part of a file that somebody has mapped.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

use bytemuck::{Pod, Zeroable};

/// A range of somebody's bytes, kept alive together with them.
#[derive(Clone)]
pub struct Shared {
    owner: Arc<dyn AsRef<[u8]> + Send + Sync>,
    /// Invariant: lies within what the owner holds.
    range: Range<usize>,
}

impl Shared {
    /// `None` where `owner` does not hold so many bytes.
    #[must_use]
    pub fn new(owner: Arc<dyn AsRef<[u8]> + Send + Sync>, range: Range<usize>) -> Option<Self> {
        (*owner).as_ref().get(range.clone())?;
        Some(Self { owner, range })
    }
}

/// 64 bytes that lie in one line of the processor's cache: no vector is read from two.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
pub(super) struct Line([u8; 64]);

struct Lines(Vec<Line>);

impl AsRef<[u8]> for Lines {
    fn as_ref(&self) -> &[u8] {
        bytemuck::cast_slice(&self.0)
    }
}

impl From<Vec<Line>> for Shared {
    fn from(lines: Vec<Line>) -> Self {
        let range = 0..size_of_val(lines.as_slice());
        Self { owner: Arc::new(Lines(lines)), range }
    }
}

impl Deref for Shared {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &(*self.owner).as_ref()[self.range.clone()]
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.range.len())
    }
}
