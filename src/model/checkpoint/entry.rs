//! Where in a file a tensor's values lie, of which kind they are, and how they become 32-bit
//! numbers. Whatever is said of offsets is held against the file's length before anything is read
//! or taken.

use std::borrow::Cow;
use std::ops::Range;

use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use candle_core::{Device, Tensor};
use half::{bf16, f16};
use rayon::prelude::*;

use super::flaw::{Flaw, Result};

/// How a value is stored, all of them with the lowest byte first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    F64,
    F32,
    F16,
    BF16,
    I64,
    I32,
    I16,
    I8,
    U8,
    /// Some values together, quantised as GGUF has them.
    Blocks(GgmlDType),
}

impl Kind {
    /// The bytes of `n_values` values; `None` where they fill no whole blocks, or more than there
    /// can be.
    fn n_bytes(self, n_values: usize) -> Option<usize> {
        let (n_values_each, n_bytes_each) = self.block();
        let is_whole = n_values.is_multiple_of(n_values_each);
        is_whole.then(|| (n_values / n_values_each).checked_mul(n_bytes_each)).flatten()
    }

    /// How many values are stored together, and in how many bytes.
    fn block(self) -> (usize, usize) {
        match self {
            Self::F64 | Self::I64 => (1, 8),
            Self::F32 | Self::I32 => (1, 4),
            Self::F16 | Self::BF16 | Self::I16 => (1, 2),
            Self::I8 | Self::U8 => (1, 1),
            Self::Blocks(kind) => (kind.block_size(), kind.type_size()),
        }
    }
}

/// A tensor in a file.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    kind: Kind,
    shape: Vec<usize>,
    /// `None` where the values lie row by row.
    strides: Option<Vec<usize>>,
    /// Invariant: within the file, and as long as shape, strides and kind want it.
    range: Range<usize>,
}

impl Entry {
    /// A tensor whose values lie row by row from byte `start` of a file on.
    ///
    /// # Errors
    /// Says so where it does not fit into the file.
    pub(super) fn new(kind: Kind, shape: Vec<usize>, start: usize, file: &[u8]) -> Result<Self> {
        let n_bytes = count(&shape).and_then(|it| kind.n_bytes(it));
        let end = n_bytes.and_then(|it| start.checked_add(it)).filter(|&it| it <= file.len());
        match end {
            Some(end) => Ok(Self { kind, shape, strides: None, range: start..end }),
            None => Err(Flaw::BeyondFile(shape)),
        }
    }

    /// A tensor of some of the values at `storage`, a byte range of the file: it begins with value
    /// `offset`, and the next one in each dimension lies `strides` behind.
    ///
    /// # Errors
    /// Says so where it does not fit into the storage, or has more values than that.
    pub(super) fn view(
        kind: Kind,
        storage: Range<usize>,
        offset: usize,
        shape: Vec<usize>,
        strides: Vec<usize>,
    ) -> Result<Self> {
        let (_, size) = kind.block();
        let n_stored = storage.len() / size;
        if shape.len() != strides.len() {
            return Err(Flaw::Strides { shape, strides });
        }
        let n_values = count(&shape).filter(|&it| it <= n_stored);
        let end = n_values
            .and_then(|n| if n == 0 { Some(0) } else { reach(&shape, &strides) })
            .and_then(|reach| offset.checked_add(reach))
            .filter(|&end| end <= n_stored);
        let Some(end) = end else {
            return Err(Flaw::BeyondStorage(shape));
        };
        let range = storage.start + offset * size..storage.start + end * size;
        let is_dense = n_values == Some(0) || is_row_by_row(&shape, &strides);
        let strides = (!is_dense).then_some(strides);
        Ok(Self { kind, shape, strides, range })
    }

    pub(super) fn shape(&self) -> &[usize] {
        &self.shape
    }

    pub(super) fn n_values(&self) -> usize {
        self.shape.iter().product()
    }

    /// As stored.
    pub(super) fn n_bytes(&self) -> usize {
        self.kind.n_bytes(self.n_values()).unwrap_or(self.range.len())
    }

    /// The tensor, read out of its file.
    ///
    /// # Errors
    /// Says so where a value is no number.
    pub(super) fn read(&self, file: &[u8]) -> Result<Tensor> {
        let bytes = &file[self.range.clone()];
        let stored = match self.kind {
            Kind::F64 => floats(bytes, |it| f64::from_le_bytes(it) as f32),
            Kind::F32 => floats(bytes, f32::from_le_bytes),
            Kind::F16 => floats(bytes, |it| f16::from_le_bytes(it).to_f32()),
            Kind::BF16 => floats(bytes, |it| bf16::from_le_bytes(it).to_f32()),
            Kind::I64 => floats(bytes, |it| i64::from_le_bytes(it) as f32),
            Kind::I32 => floats(bytes, |it| i32::from_le_bytes(it) as f32),
            Kind::I16 => floats(bytes, |it| i16::from_le_bytes(it).into()),
            Kind::I8 => floats(bytes, |it| i8::from_le_bytes(it).into()),
            Kind::U8 => floats(bytes, |[it]| it.into()),
            Kind::Blocks(kind) => dequantised(bytes, kind, self.n_values())?,
        };
        let values = match &self.strides {
            Some(strides) => gathered(&stored, &self.shape, strides),
            None => stored,
        };
        let are_finite = |some: &[f32]| some.iter().fold(true, |all, it| all & it.is_finite());
        if !values.par_chunks(CHUNK).all(are_finite) {
            return Err("some of its values are no numbers".into());
        }
        Ok(Tensor::from_vec(values, self.shape.as_slice(), &Device::Cpu)?)
    }
}

/// Fewer values are not worth a turn of a thread.
const CHUNK: usize = 1 << 15;

fn floats<const N: usize>(bytes: &[u8], value: impl Fn([u8; N]) -> f32 + Sync) -> Vec<f32> {
    let (stored, _) = bytes.as_chunks::<N>();
    stored.par_iter().with_min_len(CHUNK).map(|&it| value(it)).collect()
}

fn dequantised(bytes: &[u8], kind: GgmlDType, n_values: usize) -> Result<Vec<f32>> {
    // candle wants its blocks in whole words; what is copied begins with one, what is mapped may
    // not.
    let words: Vec<u64> = bytes.chunks(8).map(word).collect();
    let bytes = &bytemuck::cast_slice(&words)[..bytes.len()];
    let storage = QStorage::from_data(Cow::Borrowed(bytes), &Device::Cpu, kind)?;
    Ok(QTensor::new(storage, n_values)?.dequantize(&Device::Cpu)?.to_vec1()?)
}

fn word(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    u64::from_ne_bytes(word)
}

/// Row by row what lies `strides` apart.
fn gathered(stored: &[f32], shape: &[usize], strides: &[usize]) -> Vec<f32> {
    let mut offsets = vec![0];
    for (&size, &stride) in shape.iter().zip(strides) {
        let along = |offset: usize| (0..size).map(move |idx| offset + idx * stride);
        offsets = offsets.into_iter().flat_map(along).collect();
    }
    offsets.into_iter().map(|offset| stored[offset]).collect()
}

/// The number of values; `None` where it overflows, or the sizes beside a 0 do.
fn count(shape: &[usize]) -> Option<usize> {
    let n_values = shape.iter().try_fold(1_usize, |n, &size| n.checked_mul(size.max(1)));
    n_values.map(|n| if shape.contains(&0) { 0 } else { n })
}

/// How many values lie from the first to the last one, both with them, of a tensor that has some.
fn reach(shape: &[usize], strides: &[usize]) -> Option<usize> {
    shape.iter().zip(strides).try_fold(1_usize, |reach, (&size, &stride)| {
        reach.checked_add((size - 1).checked_mul(stride)?)
    })
}

fn is_row_by_row(shape: &[usize], strides: &[usize]) -> bool {
    let mut expected = 1;
    shape.iter().zip(strides).rev().all(|(&size, &stride)| {
        let fits = size <= 1 || stride == expected;
        expected *= size.max(1);
        fits
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: Kind, shape: &[usize], bytes: &[u8]) -> Vec<f32> {
        let entry = Entry::new(kind, shape.to_vec(), 0, bytes).unwrap();
        assert_eq!(entry.n_bytes(), bytes.len());
        let tensor = entry.read(bytes).unwrap();
        assert_eq!(tensor.dims(), shape);
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn every_kind_of_number_is_read() {
        let expected = [1.0, -2.0];
        assert_eq!(read(Kind::F64, &[2], bytemuck::bytes_of(&[1.0_f64, -2.0])), expected);
        assert_eq!(read(Kind::F32, &[2, 1], bytemuck::bytes_of(&[1.0_f32, -2.0])), expected);
        assert_eq!(read(Kind::F16, &[2], &[0, 0x3c, 0, 0xc0]), expected);
        assert_eq!(read(Kind::BF16, &[1, 2], &[0x80, 0x3f, 0, 0xc0]), expected);
        assert_eq!(read(Kind::I64, &[2], bytemuck::bytes_of(&[1_i64, -2])), expected);
        assert_eq!(read(Kind::I32, &[2], bytemuck::bytes_of(&[1_i32, -2])), expected);
        assert_eq!(read(Kind::I16, &[2], bytemuck::bytes_of(&[1_i16, -2])), expected);
        assert_eq!(read(Kind::I8, &[2], &[1, 0xfe]), expected);
        assert_eq!(read(Kind::U8, &[], &[200]), [200.0]);
        assert!(read(Kind::F32, &[3, 0], &[]).is_empty());
    }

    #[test]
    fn blocks_are_read_wherever_they_begin() {
        // Q8_0: a factor of 16 bits, 2, and 32 levels.
        let mut file = vec![0; 100];
        for start in 0..9 {
            file[start..start + 34].copy_from_slice(&[[0, 0x40].as_slice(), &[3; 32]].concat());
            let kind = Kind::Blocks(GgmlDType::Q8_0);
            let entry = Entry::new(kind, vec![2, 16], start, &file).unwrap();
            assert_eq!((entry.n_bytes(), entry.n_values()), (34, 32));
            let values = entry.read(&file).unwrap().flatten_all().unwrap();
            assert_eq!(values.to_vec1::<f32>().unwrap(), [6.0; 32]);
            assert!(Entry::new(kind, vec![33], start, &file).is_err());
        }
    }

    #[test]
    fn views_are_gathered_row_by_row() {
        let file: Vec<u8> = (0..20).collect();
        let view = |offset, shape: &[usize], strides: &[usize]| {
            let view = Entry::view(Kind::U8, 4..16, offset, shape.to_vec(), strides.to_vec())?;
            let values = view.read(&file)?.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            Result::Ok(values)
        };
        assert_eq!(view(0, &[3], &[1]).unwrap(), [4.0, 5.0, 6.0]);
        assert_eq!(view(1, &[2, 3], &[1, 2]).unwrap(), [5.0, 7.0, 9.0, 6.0, 8.0, 10.0]);
        assert_eq!(view(0, &[2, 2, 1], &[8, 3, 99]).unwrap(), [4.0, 7.0, 12.0, 15.0]);
        assert_eq!(view(11, &[], &[]).unwrap(), [15.0]);
        assert!(view(12, &[0, 5], &[5, 1]).unwrap().is_empty());
        assert!(view(0, &[1 << 50, 0], &[7, 1]).unwrap().is_empty());
        assert_eq!(view(3, &[4], &[0]).unwrap(), [7.0; 4]);
        for (offset, shape, strides) in [
            (12, &[1][..], &[1][..]),
            (0, &[13], &[0]),
            (10, &[3], &[1]),
            (0, &[2], &[12]),
            (0, &[2], &[1, 1]),
            (1, &[2, 2], &[usize::MAX, 1]),
            (usize::MAX, &[2], &[1]),
            (0, &[usize::MAX, 2], &[0, 0]),
            (0, &[0, usize::MAX, usize::MAX], &[0, 0, 0]),
        ] {
            assert!(view(offset, shape, strides).is_err(), "{offset} {shape:?} {strides:?}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for value in [f64::NAN, f64::INFINITY, 1e300] {
            let file = value.to_le_bytes();
            let entry = Entry::new(Kind::F64, vec![1], 0, &file).unwrap();
            let flaw = entry.read(&file).unwrap_err();
            assert_eq!(flaw.to_string(), "some of its values are no numbers", "{value}");
        }
    }
}
