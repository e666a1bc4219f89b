//! Reads the bytes of a file from front to end, and never beyond it.

/// What was read, or what is wrong with the file.
pub(super) type Result<T> = std::result::Result<T, &'static str>;

/// What is left to read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

const BREAKS_OFF: &str = "it breaks off";

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) const fn n_left(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(BREAKS_OFF)?;
        self.rest = rest;
        Ok(*bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32> {
        self.bytes().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64> {
        self.bytes().map(u64::from_le_bytes)
    }

    pub(super) fn run(&mut self, n_bytes: u64) -> Result<&'a [u8]> {
        let n_bytes = usize::try_from(n_bytes).unwrap_or(usize::MAX);
        let (run, rest) = self.rest.split_at_checked(n_bytes).ok_or(BREAKS_OFF)?;
        self.rest = rest;
        Ok(run)
    }

    /// Up to the next line feed, which is read but not part of it.
    pub(super) fn line(&mut self) -> Result<&'a [u8]> {
        let length = self.rest.iter().position(|&it| it == b'\n').ok_or(BREAKS_OFF)?;
        let line = self.run(length as u64)?;
        self.bytes::<1>()?;
        Ok(line)
    }
}
