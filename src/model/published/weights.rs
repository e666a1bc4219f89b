//! Named tensors from the files as published: safetensors and torch pickles.
//! Stands in for the checkpoint reader; knows nothing of networks.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use candle_core::pickle::PthTensors;
use candle_core::{DType, Device, Tensor};

use crate::model::{Error, Result};

/// Where a network finds its tensors.
pub trait Weights: Send + Sync {
    fn has(&self, name: &str) -> bool {
        self.shape(name).is_some()
    }

    fn shape(&self, name: &str) -> Option<&[usize]>;

    /// The tensor `name` as 32-bit numbers.
    ///
    /// # Errors
    /// Where it is missing, of another shape, or holds values that are no numbers.
    fn load(&self, name: &str, shape: &[usize]) -> Result<Tensor>;
}

/// One file of tensors, with the configuration that lies beside it.
pub struct Files {
    path: PathBuf,
    tensors: Tensors,
    config: Option<serde_json::Value>,
}

enum Tensors {
    Safe(HashMap<String, Tensor>),
    Pickled(PthTensors),
}

/// Under which key a pickle may hold its tensors.
const OUTER_KEYS: [Option<&str>; 4] = [None, Some("model"), Some("state_dict"), Some("module")];

/// Under which names the checkpoint lies in a folder.
const IN_A_FOLDER: [&str; 2] = ["model.safetensors", "pytorch_model.bin"];

impl Files {
    /// `path`: a file, or a folder that holds one.
    ///
    /// # Errors
    /// Where there is none, or it cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        let refused = |why: String| {
            Error::Damaged(format!("the file cannot be read: {why}\n{}", path.display()))
        };
        let folder = if path.is_dir() { Some(path) } else { path.parent() };
        let file = match path.is_dir() {
            true => IN_A_FOLDER.iter().map(|it| path.join(it)).find(|it| it.is_file()),
            false => Some(path.to_owned()),
        };
        let file =
            file.ok_or_else(|| refused("there is no checkpoint in the folder".to_owned()))?;
        let tensors = match file.extension().and_then(|it| it.to_str()) {
            Some("safetensors") => {
                let tensors = candle_core::safetensors::load(&file, &Device::Cpu);
                Tensors::Safe(tensors.map_err(|err| refused(err.to_string()))?)
            }
            _ => Tensors::Pickled(unpickle(&file).map_err(|err| refused(err.to_string()))?),
        };
        let config = folder.map(|it| it.join("config.json")).filter(|it| it.is_file());
        let config = config.map(|it| -> Result<serde_json::Value> {
            let text = std::fs::read(it).map_err(|err| refused(err.to_string()))?;
            serde_json::from_slice(&text).map_err(|err| refused(format!("config.json: {err}")))
        });
        Ok(Self { path: file, tensors, config: config.transpose()? })
    }

    /// What `config.json` says, where there is one.
    #[must_use]
    pub const fn config(&self) -> Option<&serde_json::Value> {
        self.config.as_ref()
    }

    /// The file that was read.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn unpickle(file: &Path) -> candle_core::Result<PthTensors> {
    let mut pickled = PthTensors::new(file, None)?;
    for key in OUTER_KEYS.into_iter().skip(1) {
        if pickled.tensor_infos().is_empty()
            && let Ok(under_key) = PthTensors::new(file, key)
        {
            pickled = under_key;
        }
    }
    Ok(pickled)
}

impl Weights for Files {
    fn shape(&self, name: &str) -> Option<&[usize]> {
        match &self.tensors {
            Tensors::Safe(tensors) => tensors.get(name).map(Tensor::dims),
            Tensors::Pickled(tensors) => {
                tensors.tensor_infos().get(name).map(|it| it.layout.dims())
            }
        }
    }

    fn load(&self, name: &str, shape: &[usize]) -> Result<Tensor> {
        let damaged =
            |why: &str| Error::Damaged(format!("tensor {name} {why}\n{}", self.path.display()));
        let found = self.shape(name).ok_or_else(|| damaged("is missing"))?;
        if found != shape {
            return Err(damaged(&format!("is of shape {found:?}, not {shape:?}")));
        }
        let tensor = match &self.tensors {
            Tensors::Safe(tensors) => tensors.get(name).cloned(),
            Tensors::Pickled(tensors) => tensors.get(name)?,
        };
        let tensor = tensor.ok_or_else(|| damaged("is missing"))?;
        let tensor = tensor.to_dtype(DType::F32)?.contiguous()?;
        // A sum is finite only where all its parts are.
        match tensor.abs()?.sum_all()?.to_scalar::<f32>()?.is_finite() {
            true => Ok(tensor),
            false => Err(damaged("holds values that are no numbers")),
        }
    }
}
