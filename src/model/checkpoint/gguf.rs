//! The tensors of a GGUF file: counts, notes about the model, then kind, shape and offset of each
//! tensor, then the values. The format is described in `docs/gguf.md` of ggml; versions 2 and 3 are
//! read, and the notes passed over.

use std::collections::BTreeMap;

use candle_core::quantized::GgmlDType;

use super::entry::{Entry, Kind};
use super::flaw::{self, Flaw};
use super::reader::{Reader, Result};

/// No tensor of ggml has more.
const MAX_DIMS: u32 = 4;

/// Lists of lists of lists: real notes hold lists of values.
const MAX_DEPTH: usize = 4;

/// Where nothing else is noted, offsets are multiples of this.
const ALIGNMENT: u32 = 32;

/// # Errors
/// Says what is wrong with the header.
pub(super) fn entries(file: &[u8]) -> flaw::Result<Vec<(String, Entry)>> {
    let mut header = Header { file: Reader::new(file), alignment: ALIGNMENT };
    let tensors = header.tensors()?;
    let start = file.len() - header.file.n_left();
    let start = start.next_multiple_of(header.alignment as usize);
    let mut entries = Vec::new();
    for (name, TensorInfo { kind, shape, offset }) in tensors {
        let entry = usize::try_from(offset).ok().and_then(|it| start.checked_add(it));
        let entry = entry.ok_or(Flaw::Rule("it begins beyond the file"));
        let entry = entry.and_then(|start| Entry::new(kind, shape, start, file));
        let entry = entry.map_err(|flaw| flaw.in_tensor(name))?;
        entries.push((name.to_owned(), entry));
    }
    Ok(entries)
}

/// A tensor, with the offset of its first byte behind the header.
struct TensorInfo {
    kind: Kind,
    shape: Vec<usize>,
    offset: u64,
}

/// What is left to read of a header. Counts are never believed: each thing counted takes some
/// bytes, and these end.
struct Header<'a> {
    file: Reader<'a>,
    alignment: u32,
}

impl<'a> Header<'a> {
    fn tensors(&mut self) -> Result<BTreeMap<&'a str, TensorInfo>> {
        let (magic, version) = (self.file.bytes::<4>()?, self.file.u32()?);
        if magic != *b"GGUF" || ![2, 3].contains(&version) {
            return Err("it is of a version of GGUF other than 2 and 3");
        }
        let (n_tensors, n_notes) = (self.file.u64()?, self.file.u64()?);
        for _ in 0..n_notes {
            self.note()?;
        }
        let mut tensors = BTreeMap::new();
        for _ in 0..n_tensors {
            let name = self.text()?;
            if tensors.insert(name, self.tensor_info()?).is_some() {
                return Err("two of its tensors have the same name");
            }
        }
        Ok(tensors)
    }

    fn tensor_info(&mut self) -> Result<TensorInfo> {
        let n_dims = self.file.u32()?;
        if MAX_DIMS < n_dims {
            return Err("a tensor has more than 4 dimensions");
        }
        let mut shape = Vec::new();
        for _ in 0..n_dims {
            shape.push(usize::try_from(self.file.u64()?).map_err(|_| "a tensor is too large")?);
        }
        shape.reverse(); // the fastest comes first in the file
        let kind =
            kind_of(self.file.u32()?).ok_or("a tensor is of a kind that is not known here")?;
        Ok(TensorInfo { kind, shape, offset: self.file.u64()? })
    }

    /// Passes over one, unless it is the alignment of offsets.
    fn note(&mut self) -> Result<()> {
        const U32: u32 = 4;
        let (name, kind) = (self.text()?, self.file.u32()?);
        if (name, kind) != ("general.alignment", U32) {
            return self.skip(kind, 0);
        }
        self.alignment = self.file.u32()?;
        let is_sound = self.alignment.is_power_of_two() && self.alignment <= 1 << 16;
        if is_sound { Ok(()) } else { Err("its alignment is no power of 2, or too large") }
    }

    fn skip(&mut self, kind: u32, depth: usize) -> Result<()> {
        const TEXT: u32 = 8;
        const LIST: u32 = 9;
        match kind {
            TEXT => self.text().map(|_| ()),
            LIST if depth < MAX_DEPTH => {
                let (kind, n) = (self.file.u32()?, self.file.u64()?);
                match size_of_note(kind) {
                    Some(size) => self.file.run(n.saturating_mul(size)).map(|_| ()),
                    None => (0..n).try_for_each(|_| self.skip(kind, depth + 1)),
                }
            }
            _ => {
                let size =
                    size_of_note(kind).ok_or("a note is of a kind that is not known here")?;
                self.file.run(size).map(|_| ())
            }
        }
    }

    fn text(&mut self) -> Result<&'a str> {
        let length = self.file.u64()?;
        std::str::from_utf8(self.file.run(length)?).map_err(|_| "a name is no text")
    }
}

/// Of notes that always take the same bytes.
const fn size_of_note(kind: u32) -> Option<u64> {
    match kind {
        0 | 1 | 7 => Some(1), // bytes, truth
        2 | 3 => Some(2),
        4..=6 => Some(4),
        10..=12 => Some(8),
        _ => None,
    }
}

const fn kind_of(number: u32) -> Option<Kind> {
    Some(match number {
        0 => Kind::F32,
        1 => Kind::F16,
        2 => Kind::Blocks(GgmlDType::Q4_0),
        3 => Kind::Blocks(GgmlDType::Q4_1),
        6 => Kind::Blocks(GgmlDType::Q5_0),
        7 => Kind::Blocks(GgmlDType::Q5_1),
        8 => Kind::Blocks(GgmlDType::Q8_0),
        10 => Kind::Blocks(GgmlDType::Q2K),
        11 => Kind::Blocks(GgmlDType::Q3K),
        12 => Kind::Blocks(GgmlDType::Q4K),
        13 => Kind::Blocks(GgmlDType::Q5K),
        14 => Kind::Blocks(GgmlDType::Q6K),
        24 => Kind::I8,
        25 => Kind::I16,
        26 => Kind::I32,
        27 => Kind::I64,
        28 => Kind::F64,
        30 => Kind::BF16,
        _ => return None,
    })
}
