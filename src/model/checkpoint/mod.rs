//! Weights as they are published: `.safetensors` files, in one or in many parts, what PyTorch
//! saves, GGUF. Trusts no file: damage of any kind is an error that names the file and the reason,
//! and no more memory is taken than the file is large. Knows nothing of networks: what the weights
//! mean is for those to say who load them.

pub mod cache;
mod entry;
mod flaw;
mod folder;
mod gguf;
mod map;
mod pickle;
mod reader;
mod safetensors;
mod torch;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use candle_core::Tensor;

use self::entry::Entry;
pub use self::folder::read_file;
use self::folder::{Files, Index};
use self::map::Map;
use super::{Error, Result};
use crate::base::GIT_LFS_POINTER;

/// Named tensors on disk, read when they are asked for.
#[derive(Debug)]
pub struct Checkpoint {
    path: PathBuf,
    files: Vec<WeightFile>,
    /// Each with the index of its file.
    tensors: BTreeMap<String, (usize, Entry)>,
    config: Option<serde_json::Value>,
}

#[derive(Debug)]
struct WeightFile {
    path: PathBuf,
    bytes: Map,
}

impl Checkpoint {
    /// Opens a `.safetensors` file, what PyTorch has saved (`.pt`, `.pth`, `.bin`), a `.gguf` file,
    /// an index (`.index.json`) of files beside it, or a folder that holds one of these or several
    /// with different weights. Of what kind a file is, its first bytes tell, not its name.
    ///
    /// The dictionary of weights in what PyTorch has saved may be the outermost one, or lie in it
    /// as `model`, `state_dict` or `module`; all else in it is passed over.
    ///
    /// # Errors
    /// Where a file is missing or damaged, or two files hold a weight of the same name.
    pub fn open(path: &Path) -> Result<Self> {
        let Files { weights, index, config } = Files::find(path)?;
        let (mut files, mut tensors) = (Vec::new(), BTreeMap::new());
        for path in weights {
            let bytes = Map::open(&path).map_err(|err| Error::unreadable(err, &path))?;
            let entries =
                entries(&bytes).map_err(|flaw| Error::damaged(&flaw.to_string(), &path))?;
            for (name, entry) in entries {
                if let Some((_, twin)) = tensors.insert(name, (files.len(), entry)) {
                    let _: Entry = twin;
                    let reason = "a file beside it has weights of the same names";
                    return Err(Error::damaged(reason, &path));
                }
            }
            files.push(WeightFile { path, bytes });
        }
        let checkpoint = Self { path: path.to_owned(), files, tensors, config };
        index.map_or(Ok(()), |index| checkpoint.check_index(&index))?;
        Ok(checkpoint)
    }

    fn check_index(&self, index: &Index) -> Result<()> {
        let astray = index.files.iter().find(|&(name, path)| {
            self.tensors.get(name).is_none_or(|&(file, _)| self.files[file].path != *path)
        });
        let Some((name, path)) = astray else { return Ok(()) };
        let file = path.file_name().unwrap_or_default().display();
        Err(Error::damaged(&format!("{name} is not in {file}"), &index.path))
    }

    /// As it was given to [`Self::open`].
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The files with weights.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|it| it.path.as_path())
    }

    /// The bytes of each of [`Self::files`].
    pub(super) fn contents(&self) -> impl Iterator<Item = &[u8]> {
        self.files.iter().map(|it| &*it.bytes)
    }

    /// In alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    #[must_use]
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.tensors.get(name).map(|(_, entry)| entry.shape())
    }

    /// A tensor in 32 bits on the processor, which is to be of this shape.
    ///
    /// # Errors
    /// Where it is missing, has another shape, or values that are no numbers.
    pub fn load(&self, name: &str, shape: &[usize]) -> Result<Tensor> {
        let Some((file, entry)) = self.tensors.get(name) else {
            return Err(Error::damaged(&format!("{name} is missing"), &self.path));
        };
        let WeightFile { path, bytes } = &self.files[*file];
        if entry.shape() != shape {
            let found = entry.shape();
            let reason = format!("{name} has the shape {found:?} where {shape:?} is needed");
            return Err(Error::damaged(&reason, path));
        }
        entry.read(bytes).map_err(|flaw| Error::damaged(&format!("{name}: {flaw}"), path))
    }

    /// What `config.json` beside the weights says, if there is one.
    #[must_use]
    pub const fn config(&self) -> Option<&serde_json::Value> {
        self.config.as_ref()
    }

    /// Bytes of all tensors as stored.
    #[must_use]
    pub fn n_bytes(&self) -> u64 {
        self.sum(Entry::n_bytes)
    }

    /// Numbers in all tensors.
    #[must_use]
    pub fn n_values(&self) -> u64 {
        self.sum(Entry::n_values)
    }

    /// Saturates: tensors may have values in common, so the sum has no bound.
    fn sum(&self, of: impl Fn(&Entry) -> usize) -> u64 {
        self.tensors.values().fold(0, |sum: u64, (_, entry)| sum.saturating_add(of(entry) as u64))
    }
}

/// The tensors of a file of any kind that is known here.
fn entries(file: &[u8]) -> flaw::Result<Vec<(String, Entry)>> {
    /// How PyTorch before 1.6 began, and what it writes still where it is asked to.
    const OLD_TORCH: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
    match file {
        [b'P', b'K', ..] => torch::entries(file),
        [b'G', b'G', b'U', b'F', ..] => gguf::entries(file),
        _ if file.starts_with(OLD_TORCH) => {
            Err("it is in the format of PyTorch before 1.6: save it anew with a later one".into())
        }
        _ if file.starts_with(GIT_LFS_POINTER) => Err(
            "it is only a pointer that Git LFS keeps in its place: fetch it with \"git lfs pull\""
                .into(),
        ),
        _ => safetensors::entries(file),
    }
}
