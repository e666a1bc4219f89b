//! The tensors of a `.safetensors` file: a header that gives kind, shape and offset of each, then
//! the values.

use safetensors::Dtype;
use safetensors::tensor::Metadata;

use super::entry::{Entry, Kind};
use super::flaw::{Flaw, Result};
use super::reader::Reader;

/// # Errors
/// Says what is wrong with the header.
pub(super) fn entries(file: &[u8]) -> Result<Vec<(String, Entry)>> {
    let mut reader = Reader::new(file);
    let length = reader.u64()?;
    let header = reader.run(length).map_err(|_| "its header is longer than the file")?;
    // The library makes sure that ranges follow each other without gaps, and are as long as shape
    // and kind want.
    let header: Metadata =
        serde_json::from_slice(header).map_err(|err| Flaw::part("header", err))?;
    let n_stored = reader.n_left();
    if header.data_len() != n_stored {
        let n_told = header.data_len();
        return Err(Flaw::Length { n_stored, n_told });
    }
    let mut entries = Vec::new();
    for (name, info) in header.tensors() {
        // Values of other kinds (complex ones, say) are no weights.
        let Some(kind) = kind_of(info.dtype) else { continue };
        let start = file.len() - n_stored + info.data_offsets.0;
        let entry = Entry::new(kind, info.shape.clone(), start, file)
            .map_err(|flaw| flaw.in_tensor(&name))?;
        entries.push((name, entry));
    }
    Ok(entries)
}

fn kind_of(kind: Dtype) -> Option<Kind> {
    Some(match kind {
        Dtype::F64 => Kind::F64,
        Dtype::F32 => Kind::F32,
        Dtype::F16 => Kind::F16,
        Dtype::BF16 => Kind::BF16,
        Dtype::I64 => Kind::I64,
        Dtype::I32 => Kind::I32,
        Dtype::I16 => Kind::I16,
        Dtype::I8 => Kind::I8,
        Dtype::U8 | Dtype::BOOL => Kind::U8,
        _ => return None,
    })
}
