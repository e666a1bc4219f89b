//! Bytes that several may hold: memory of our own, or a part of a file that somebody has mapped.

use std::ops::{Deref, DerefMut, Range};
use std::sync::Arc;
use std::{fmt, io};

use memmap2::MmapMut;

/// A range of somebody's bytes, kept alive together with them.
#[derive(Clone)]
pub struct Shared {
    owner: Arc<dyn AsRef<[u8]> + Send + Sync>,
    /// Invariant: lies within what the owner holds.
    range: Range<usize>,
}

impl Shared {
    /// `None` where `owner` does not hold that range.
    #[must_use]
    pub fn new(owner: Arc<dyn AsRef<[u8]> + Send + Sync>, range: Range<usize>) -> Option<Self> {
        (*owner).as_ref().get(range.clone())?;
        Some(Self { owner, range })
    }
}

/// Memory of our own, all 0 at first, in pages as large as the system has them, which are read a
/// little faster.
pub(super) struct Pages(MmapMut);

impl Pages {
    /// # Errors
    /// Where there is not enough memory.
    pub(super) fn new(n_bytes: usize) -> io::Result<Self> {
        let map = MmapMut::map_anon(n_bytes)?;
        #[cfg(target_os = "linux")]
        if let Err(err) = map.advise(memmap2::Advice::HugePage) {
            log::debug!("There are no large pages: {err}");
        }
        Ok(Self(map))
    }
}

impl DerefMut for Pages {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl Deref for Pages {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Pages {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl From<Pages> for Shared {
    fn from(pages: Pages) -> Self {
        let range = 0..pages.len();
        Self { owner: Arc::new(pages), range }
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
