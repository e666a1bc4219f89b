//! A painter's weights in the form in which they are multiplied, kept for the next start: to pack
//! those of a large network takes longer than to read them.

use std::cell::RefCell;
use std::sync::Arc;

use candle_core::{DType, Device, Tensor};
use serde_json::{Value, json};

use super::weights::Weights;
use crate::base::Precision;
use crate::model::Result;
use crate::model::checkpoint::Checkpoint;
use crate::model::checkpoint::cache::{Cache, Kept, Key, Writer};
use crate::model::kernels::{Linear, PACKING, Shared};

/// A checkpoint, and what is kept of it or will be.
pub(super) struct KeptWeights<'a> {
    checkpoint: &'a Checkpoint,
    kept: Option<Kept>,
    /// Where nothing is kept yet.
    writer: RefCell<Option<Writer<'a>>>,
}

impl<'a> KeptWeights<'a> {
    /// Weights as trained are not kept: they are in the checkpoint. Nor are any where there is no
    /// cache.
    pub(super) fn new(
        checkpoint: &'a Checkpoint,
        cache: Option<&'a Cache>,
        precision: Precision,
    ) -> Self {
        let cache = cache.filter(|_| precision != Precision::F32);
        let form = format!("{}, packing {PACKING}", precision.name());
        let key = Key::new(checkpoint.files(), &form).ok();
        let (kept, writer) = match (cache, key) {
            (Some(cache), Some(key)) => match cache.load(&key) {
                Some(kept) => (Some(kept), None),
                None => (None, cache.store(&key).map_err(|err| warn(&err)).ok()),
            },
            _ => (None, None),
        };
        Self { checkpoint, kept, writer: RefCell::new(writer) }
    }

    fn keep(&self, name: &str, bytes: &[u8], note: Value) {
        let mut writer = self.writer.borrow_mut();
        if let Some(Err(err)) = writer.as_mut().map(|it| it.add(name, bytes, note)) {
            warn(&err);
            *writer = None;
        }
    }

    fn kept_linear(
        &self,
        name: &str,
        precision: Precision,
        [n_out, n_in]: [usize; 2],
    ) -> Option<Linear> {
        let (bytes, _) = self.kept.as_ref()?.get(name)?;
        let all = 0..bytes.len();
        let bytes = Shared::new(Arc::new(bytes), all)?;
        Linear::from_bytes(bytes, precision, n_out, n_in).ok()
    }

    fn kept_table(&self, name: &str) -> Option<Tensor> {
        let (bytes, note) = self.kept.as_ref()?.get(name)?;
        let shape: [usize; 2] = serde_json::from_value(note.clone()).ok()?;
        let n_bytes = shape[0].checked_mul(shape[1])?.checked_mul(DType::F16.size_in_bytes())?;
        let is_whole = n_bytes == bytes.len();
        is_whole
            .then(|| Tensor::from_raw_buffer(&bytes, DType::F16, &shape, &Device::Cpu).ok())
            .flatten()
    }
}

/// Without a cache the next start is slow, nothing else.
fn warn(err: &std::io::Error) {
    log::warn!("Weights could not be kept for the next start: {err}");
}

impl Weights for KeptWeights<'_> {
    fn shape(&self, name: &str) -> Option<&[usize]> {
        self.checkpoint.shape(name)
    }

    fn load(&self, name: &str, shape: &[usize]) -> Result<Tensor> {
        self.checkpoint.load(name, shape)
    }

    fn linear(
        &self,
        parts: &[(String, usize)],
        n_in: usize,
        precision: Precision,
    ) -> Result<Linear> {
        let names: Vec<&str> = parts.iter().map(|it| it.0.as_str()).collect();
        let (name, n_out) = (names.join(" "), parts.iter().map(|it| it.1).sum());
        if let Some(linear) = self.kept_linear(&name, precision, [n_out, n_in]) {
            return Ok(linear);
        }
        let linear = Weights::linear(self.checkpoint, parts, n_in, precision)?;
        if let Some(bytes) = linear.bytes() {
            self.keep(&name, bytes, Value::Null);
        }
        Ok(linear)
    }

    fn table(&self, name: &str, make: &dyn Fn() -> Result<Tensor>) -> Result<Tensor> {
        if let Some(table) = self.kept_table(name) {
            return Ok(table);
        }
        let table = make()?.to_dtype(DType::F16)?;
        if self.writer.borrow().is_some() {
            let values: Vec<half::f16> = table.flatten_all()?.to_vec1()?;
            let bytes: Vec<u8> = values.into_iter().flat_map(half::f16::to_le_bytes).collect();
            self.keep(name, &bytes, json!(table.dims()));
        }
        Ok(table)
    }

    fn finish(&self) {
        let finished = self.writer.take().map_or(Ok(()), Writer::finish);
        finished.unwrap_or_else(|err| warn(&err));
    }
}
